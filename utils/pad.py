"""A pad to draw a digit on, in the notebook; the network answers while one draws."""

from pathlib import Path

import numpy as np
import traitlets

from utils import drawing, reader

try:
    from anywidget import AnyWidget
except ImportError:  # then the pad holds drawings from Python, and says why
    AnyWidget = None

FOLDER = Path(__file__).parent


class DigitPad(AnyWidget or traitlets.HasTraits):
    """A drawing pad with the probabilities of a network beside it.

        pad = DigitPad(model)
        pad                     # shows it; draw with the mouse or a finger

    model: a Keras model with input (n, 28, 28, 1), (n, 28, 28) or (n, 784), from 0
    to 1, and an output for each class, logits or probabilities; or any function of
    (n, 28, 28, 1). None: only draw. names: what the outputs mean (default: numbers
    from 0). Raises ValueError for other shapes, or other names than it has outputs.

    Afterwards `pad.drawing` is the drawing, uint8, shape (84, 84); `pad.image` what
    the network saw, MNIST's form, uint8, shape (28, 28); `pad.probabilities` its
    answer, a number for each class. Works where ipywidgets work: JupyterLab, Notebook
    7, VS Code, Colab.
    """

    _esm = "\n".join(
        (FOLDER / name).read_text("utf-8")
        for name in ("touch/touch.js", "sketch.js", "pad.js")
    )
    _css = (FOLDER / "sketch.css").read_text("utf-8")

    # Lists of numbers, row by row: traitlets.Bytes would not tell Python of a change.
    pixels = traitlets.List(traitlets.Int()).tag(sync=True)
    seen = traitlets.List(traitlets.Int()).tag(sync=True)
    chances = traitlets.List(traitlets.Float()).tag(sync=True)
    trouble = traitlets.Unicode().tag(sync=True)
    side = traitlets.Int(drawing.PAD).tag(sync=True)
    pen = traitlets.Float(drawing.PEN).tag(sync=True)
    names = traitlets.List(traitlets.Unicode()).tag(sync=True)

    def __init__(self, model=None, names=None):
        self.model = model
        self.input_shape, outputs = (28, 28, 1), 10
        if callable(model) and not hasattr(model, "layers"):  # a function: try it once
            shape = np.shape(model(np.zeros((1, 28, 28, 1), "float32")))
            if len(shape) != 2:
                raise ValueError(f"the output has shape {shape}; wanted (1, classes)")
            outputs = shape[1]
        elif model is not None:
            self.input_shape, outputs = reader.shapes(model)
        super().__init__(names=reader.class_names(names, outputs))
        self.observe(self._answer, "pixels")

    def draw(self, picture):
        """Put a drawing on the pad from Python: an array of shape (84, 84).

        Integers from 0 to 255, or floats from 0 to 1. Raises ValueError for others.
        """
        ink = drawing.check(picture)
        if ink.shape != (self.side, self.side):
            raise ValueError(
                f"the drawing has shape {ink.shape}; wanted ({self.side}, {self.side})"
            )
        self.pixels = ink.round().astype(int).ravel().tolist()

    @property
    def drawing(self):
        """uint8, shape (84, 84): 0 is paper, 255 is ink."""
        flat = self.pixels or [0] * self.side**2
        return np.array(flat, "uint8").reshape(self.side, self.side)

    @property
    def image(self):
        """The drawing in MNIST's form, uint8, shape (28, 28).

        Raises ValueError while nothing is drawn.
        """
        return drawing.to_mnist(self.drawing)

    @property
    def probabilities(self):
        """float64, shape (classes,); all 0 without a drawing or without a model."""
        return np.array(self.chances or [0.0] * len(self.names))

    def _answer(self, change):
        seen, chances, trouble = [], [], ""
        if any(self.pixels):
            image = self.image
            seen = image.ravel().tolist()
            try:
                if self.model is not None:
                    chances = reader.probabilities(self.model, image, self.input_shape)
            except Exception as error:  # no cell is running that could show it
                trouble = f"No answer: {error}"
        self.seen, self.chances, self.trouble = seen, chances, trouble

    def __repr__(self):
        if AnyWidget is None:
            return (
                "No pad to draw on: the package anywidget is missing. "
                "`pip install anywidget` brings it; a saved drawing serves until then."
            )
        return "A pad to draw a digit on. It appears in a running notebook."
