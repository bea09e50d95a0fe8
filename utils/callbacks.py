"""While training runs: saves, and a bar for a loop of one's own."""

import sys
import time

from IPython.display import Pretty, display

from utils.project import save_model


class Bar:
    """A bar for a training loop of one's own: for batch in Bar(batches, steps, "...").

    batches: what to hand out, one after the other; steps: how many there are. In a
    browser's tab, many times slower, it hands out no more after SECONDS, and says so.
    """

    WIDTH = 30  # characters
    SECONDS = 5 if sys.platform == "emscripten" else float("inf")

    def __init__(self, batches, steps, name):
        self.batches, self.steps, self.name = batches, steps, name

    def __iter__(self):
        self.area, drawn = display(Pretty("starting ..."), display_id=True), 0.0
        began = time.monotonic()
        for step, batch in enumerate(self.batches, start=1):
            yield batch
            if time.monotonic() - began > self.SECONDS:
                self.name += f": {step} of {self.steps:.0f} steps, then time was over"
                break
            if time.monotonic() - drawn > 0.2:  # five times a second is enough
                drawn, done = time.monotonic(), min(1, step / self.steps)
                full = round(self.WIDTH * done)
                bar = "━" * full + "·" * (self.WIDTH - full)
                self._show(f"{self.name}  {bar}  {done:4.0%}")
        self._show(self.name)

    def _show(self, text):
        self.text = text
        if self.area:  # None outside a notebook
            self.area.update(Pretty(text))


def SaveBest(path):
    """A callback: save the network after each epoch with the lowest validation loss.

    As keras.callbacks.ModelCheckpoint(path, save_best_only=True), which can leave half
    a file over the good one. fit needs validation data: else KeyError.
    """
    import keras  # here, because a Bar needs none of it

    class SaveBest(keras.callbacks.Callback):
        def on_train_begin(self, logs=None):
            self.lowest, self.began = float("inf"), time.monotonic()

        def on_train_end(self, logs=None):
            before = getattr(self.model, "seconds", 0)
            self.model.seconds = before + time.monotonic() - self.began

        def on_epoch_end(self, epoch, logs):
            if logs["val_loss"] < self.lowest:
                self.lowest = logs["val_loss"]
                save_model(self.model, path)

    return SaveBest()
