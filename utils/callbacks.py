"""While training runs: saves, and a bar for a loop of one's own."""

import time

import keras
from IPython.display import display

from utils.project import save_model


class Bar:
    """A bar for a training loop of one's own, and one line when it has ended.

    bar = Bar(steps), and at the end of each step: bar.step(loss=0.25)
    """

    WIDTH = 30  # characters

    def __init__(self, steps):
        self.steps, self.done, self.drawn = steps, 0, 0.0
        self.area = display(_Text("starting ..."), display_id=True)

    def step(self, **figures):
        """One more step is done; figures: what to show beside the bar."""
        self.done += 1
        now = time.monotonic()
        said = "  ".join(f"{name} {value:.4f}" for name, value in figures.items())
        if self.done == self.steps:
            self._show(f"training  {said}")
        elif now - self.drawn > 0.2:  # five times a second is enough for the eye
            self.drawn, done = now, self.done / self.steps
            full = round(self.WIDTH * done)
            bar = "━" * full + "·" * (self.WIDTH - full)
            self._show(f"training  {bar}  {done:4.0%}  {said}")

    def _show(self, text):
        self.text = text
        if self.area:  # None outside a notebook
            self.area.update(_Text(text))


class SaveBest(keras.callbacks.Callback):
    """Save the network after each epoch that has the lowest validation loss so far.

    As keras.callbacks.ModelCheckpoint(path, save_best_only=True), which can leave half
    a file over the good one. fit needs validation data: else KeyError.
    """

    def __init__(self, path):
        super().__init__()
        self.path = path

    def on_train_begin(self, logs=None):
        self.lowest, self.began = float("inf"), time.monotonic()

    def on_train_end(self, logs=None):
        before = getattr(self.model, "seconds", 0)
        self.model.seconds = before + time.monotonic() - self.began

    def on_epoch_end(self, epoch, logs):
        if logs["val_loss"] < self.lowest:
            self.lowest = logs["val_loss"]
            save_model(self.model, self.path)


class _Text:
    def __init__(self, text):
        self.text = text

    def __repr__(self):
        return self.text
