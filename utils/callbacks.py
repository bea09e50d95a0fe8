"""While training runs: a progress bar, and saves."""

import time

import keras
from IPython.display import display

from utils.project import save_model


class Progress(keras.callbacks.Callback):
    """Show a bar for the running epoch and keep one line for each finished one.

    Use it with verbose=0:  model.fit(..., verbose=0, callbacks=[Progress()])
    Keras's own bar writes to the output hundreds of times; a notebook keeps it all.
    """

    WIDTH = 30  # characters of the bar

    def on_train_begin(self, logs=None):
        self.lines = []
        self.area = display(_Text("starting ..."), display_id=True)
        self.drawn = 0.0

    def on_epoch_begin(self, epoch, logs=None):
        self.epoch = epoch + 1

    def on_train_batch_end(self, batch, logs=None):
        now = time.monotonic()
        if now - self.drawn < 0.2:  # five times a second is enough for the eye
            return
        self.drawn = now
        done = (batch + 1) / self.params["steps"] if self.params["steps"] else 0
        full = round(self.WIDTH * done)
        bar = "━" * full + "·" * (self.WIDTH - full)
        self._show(f"{self._name()}  {bar}  {done:4.0%}  {_figures(logs)}")

    def on_epoch_end(self, epoch, logs=None):
        self.lines.append(f"{self._name()}  {_figures(logs)}")
        self._show()

    def _name(self):
        return f"epoch {self.epoch}/{self.params['epochs']}"

    def _show(self, *running):
        if self.area:  # None outside a notebook
            self.area.update(_Text("\n".join([*self.lines, *running])))


class Bar(Progress):
    """Progress for a loop of one's own.

    bar = Bar(steps), and at the end of each step: bar.step(loss=0.25)
    """

    def __init__(self, steps):
        super().__init__()
        self.set_params({"steps": steps})
        self.done = 0
        self.on_train_begin()

    def step(self, **figures):
        """One more step is done; figures: what to show beside the bar."""
        self.on_train_batch_end(self.done, figures)
        self.done += 1
        if self.done == self.params["steps"]:
            self.on_epoch_end(0, figures)

    def _name(self):
        return "training"


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


def _figures(logs):
    """ "loss 0.0512  accuracy 0.984 ..." with readable names."""
    return "  ".join(
        f"{name.replace('val_', 'validation ')} {value:.4f}"
        for name, value in (logs or {}).items()
    )


class _Text:
    def __init__(self, text):
        self.text = text

    def __repr__(self):
        return self.text
