"""Figures that answer when one touches them, from one JavaScript module each.

    figure = SlidingKernel(image=image, kernel=kernel)
    figure                        # shows it; drag, tap, or use the arrow keys
    figure.kernel                 # what the learner has set, as an array
    figure.kernel = np.eye(3)     # and the figure shows it

Each is a widget in a notebook, and from the same file live on the website and on a
slide (`html`). Where no widget can run (GitHub, a PDF, no anywidget), the cell shows a
still picture of the state, with its alt text.
"""

import html as escape
import json
import re
from pathlib import Path

import numpy as np
import traitlets

from utils import plotting
from utils.pad import AnyWidget  # None where it is missing: only the still pictures

FOLDER = Path(__file__).parent


def read(file):
    return (FOLDER / file).read_text("utf-8")


def module(name):
    """A figure's module after what all share, as one text: all that a browser needs."""
    return read("touch.js") + re.sub(r"(?s)^import .*?;\n", "", read(name), flags=re.M)


def html(name, state, png, alt):
    """A live figure for a web page; where no script runs, its still is shown.

    name: its module's file; state: {name: number, text or nested lists}; png: base64.
    """
    saved = json.dumps(state).replace("<", "\\u003c")
    text = module(name).replace("export default", "const shown =")
    still = f'<img src="data:image/png;base64,{png}" alt="{escape.escape(alt)}">'
    return (
        f'<div data-touch="{name}"><noscript>{still}</noscript></div>\n'
        f"<style>{read('touch.css')}</style>\n"
        f'<script type="module">{text}\nmount("{name}", shown, {saved});</script>\n'
    )


def enliven(output):
    """Add the live figure, as HTML, to an output of a notebook that is its still."""
    saved = output.get("metadata", {}).get("image/png", {})
    if "touch" in saved:
        png = output["data"]["image/png"]
        output["data"]["text/html"] = html(**saved["touch"], png=png, alt=saved["alt"])


class Numbers(traitlets.TraitType):
    """An array of finite numbers. shape: for each axis how long it is, or a pair: at
    least, at most (default: the shape of the default value). What comes in is copied,
    and cannot be written to: set the whole."""

    def __init__(self, default, shape=None):
        super().__init__(np.array(default, float))
        shape = shape or self.default_value.shape
        self.ranges = [side if np.iterable(side) else (side, side) for side in shape]
        self.tag(sync=True, to_json=lambda value, _: value.tolist())

    def validate(self, figure, value):
        try:
            array = np.array(value, float)
        except (TypeError, ValueError):
            array = np.array(np.nan)  # no numbers at all
        low, high = np.transpose(self.ranges)
        fits = array.ndim == len(low) and np.all(
            (low <= array.shape) & (array.shape <= high)
        )
        if not fits or not np.isfinite(array).all():
            sides = [f"{a}" if a == b else f"{a}-{b}" for a, b in self.ranges]
            raise traitlets.TraitError(
                f"{self.name}: given shape {array.shape}; "
                f"wanted finite numbers, shape ({', '.join(sides)})"
            )
        array.setflags(write=False)
        return array


class Figure(AnyWidget or traitlets.HasTraits):
    """What all figures are: a state of traits, a module that shows it, a still."""

    module = ""  # its JavaScript file
    lesson = 0  # the first that shows it

    def __init_subclass__(cls, **settings):
        if "module" in vars(cls):  # not the classes that traitlets makes
            cls._esm, cls._css = module(cls.module), read("touch.css")
        super().__init_subclass__(**settings)

    def state(self):
        """{name: value} of what the figure shows and Python can set; for JSON."""
        own = [name for name in self.traits() if name not in Figure.class_traits()]
        return {n: np.array(getattr(self, n)).tolist() for n in own if n[0] != "_"}

    def still(self):
        """The figure as it now stands, as a Picture."""
        raise NotImplementedError

    def html(self):
        """The figure for a web page, live."""
        data, _ = self.still()._repr_mimebundle_()
        return html(self.module, self.state(), data["image/png"], data["text/plain"])

    def _repr_mimebundle_(self, **settings):
        data, metadata = self.still()._repr_mimebundle_()
        touch = {"name": self.module, "state": self.state()}
        metadata["image/png"]["touch"] = touch  # for the website and the slides
        if AnyWidget:
            widget, more = super()._repr_mimebundle_(**settings)
            data, metadata = widget | data, more | metadata
        return data, metadata


class SlidingKernel(Figure):
    """Lesson 4: a kernel slides over an image.

    image, kernel: arrays of two axes, the kernel square; place: the row and the column
    of the output that the window stands for; padding: 0 or 1; stride: 1 to 3.
    """

    module, lesson = "kernel.js", 4
    image = Numbers([[0] * 6, *[[0, 0, 9, 9, 0, 0]] * 4, [0] * 6], shape=[(3, 8)] * 2)
    kernel = Numbers([[-1, 0, 1]] * 3, shape=[(1, 3)] * 2)
    place = Numbers([0, 0])
    padding = traitlets.Int(0, min=0, max=1).tag(sync=True)
    stride = traitlets.Int(1, min=1, max=3).tag(sync=True)

    def still(self):
        return plotting.sliding_kernel(**self.state())


class SmallNetwork(Figure):
    """Lesson 6: the 2-2-2 network, one number at a time, forward and back.

    x, t: inputs and targets, arrays of two; W1, W2: arrays (2, 2), an input is a row;
    b1, b2: a bias for each layer; step: how many of the 20 numbers are computed.
    """

    module, lesson = "network.js", 6
    x, t = Numbers([0.05, 0.10]), Numbers([0.01, 0.99])
    W1 = Numbers([[0.15, 0.25], [0.20, 0.30]])
    W2 = Numbers([[0.40, 0.50], [0.45, 0.55]])
    b1 = traitlets.Float(0.35).tag(sync=True)
    b2 = traitlets.Float(0.60).tag(sync=True)
    learning_rate = traitlets.Float(0.5).tag(sync=True)
    step = traitlets.Int(0, min=0, max=20).tag(sync=True)

    def still(self):
        net = self.x, self.t, self.W1, self.W2, self.b1, self.b2
        return (plotting.there_and_back if self.step else plotting.small_network)(*net)


class Softmax(Figure):
    """Lessons 3 and 5: softmax, its overflow, the surprise of the true class.

    logits: two to ten; temperature: they are divided by it; truth: the true class, or
    None (lesson 3 knows no surprise); shift: is added to all; stable: whether the
    largest is taken away first.
    """

    module, lesson = "softmax.js", 3
    logits = Numbers([2, 1, -2], shape=[(2, 10)])
    temperature = traitlets.Float(1, min=0.1).tag(sync=True)
    truth = traitlets.Int(None, min=0, allow_none=True).tag(sync=True)
    shift = traitlets.Float(0).tag(sync=True)
    stable = traitlets.Bool(False).tag(sync=True)

    @traitlets.validate("truth")
    def _is_a_class(self, proposal):
        if (proposal.value or 0) >= len(self.logits):
            raise traitlets.TraitError(
                f"truth: given {proposal.value}; wanted 0 to {len(self.logits) - 1}"
            )
        return proposal.value

    def still(self):
        logits = self.logits + self.shift
        truth = None if self.truth is None else min(self.truth, len(logits) - 1)
        return plotting.softmax_steps(logits, self.temperature, truth)


class Valley(Figure):
    """Lesson 6: an optimiser's path through a valley, a loss of two weights.

    start: two weights; optimizer: "SGD", "momentum" or "Adam"; momentum: the part of
    the velocity that is kept. `path` has all places, an array (steps + 1, 2).
    """

    module, lesson = "valley.js", 6
    start = Numbers([-4, 1.5])
    optimizer = traitlets.Enum(["SGD", "momentum", "Adam"], "SGD").tag(sync=True)
    learning_rate = traitlets.Float(0.08).tag(sync=True)
    momentum = traitlets.Float(0.6).tag(sync=True)
    steps = traitlets.Int(30, min=1, max=200).tag(sync=True)

    @property
    def path(self):
        w, velocity, square = self.start, np.zeros(2), np.zeros(2)
        places = [w]
        for step in range(1, self.steps + 1):
            if abs(w).max() > 1e6:
                break
            slope = w * [1, 20]
            if self.optimizer == "Adam":
                velocity = velocity + 0.1 * (slope - velocity)
                square = square + 0.001 * (slope**2 - square)
                rate = self.learning_rate * np.sqrt(1 - 0.999**step) / (1 - 0.9**step)
                w = w - rate * velocity / (np.sqrt(square) + 1e-7)
            else:
                kept = self.momentum if self.optimizer == "momentum" else 0
                velocity = kept * velocity - self.learning_rate * slope
                w = w + velocity
            places.append(w)
        return np.array(places)

    def still(self):
        name = f"{self.optimizer}, $\\lambda$ = {self.learning_rate:g}"
        return plotting.valley_path(
            lambda w: w[0] ** 2 / 2 + 10 * w[1] ** 2, self.path, name
        )


def _rings(count=12, noise=0.07):
    """Points on two rings, the inner first, (2 * count, 2)."""
    angle = np.linspace(0, 4 * np.pi, 2 * count, endpoint=False)
    radius = np.repeat([[0.5], [1.1]], count, axis=0)
    points = radius * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return (points + np.random.default_rng(0).normal(0, noise, points.shape)).round(2)


class Playground(Figure):
    """Lesson 3: a network of a few hidden units learns to tell two classes apart.

    points: (n, 2); classes: 0 or 1, (n,); activation: "none", "tanh", "ReLU" or
    "sigmoid"; hidden: a row for each unit, its two weights, its bias and its weight in
    the output; bias: the output's. `predict` as in Keras: the answers as they stand.
    """

    module, lesson = "playground.js", 3
    points = Numbers(_rings(), shape=[(2, 200), 2])
    classes = Numbers([1] * 12 + [0] * 12, shape=[(2, 200)])
    activation = traitlets.Enum(["none", "tanh", "ReLU", "sigmoid"], "tanh")
    activation.tag(sync=True)
    hidden = Numbers(np.random.default_rng(1).normal(size=(2, 4)), shape=[(1, 8), 4])
    bias = traitlets.Float(0).tag(sync=True)

    def predict(self, points, verbose=0):
        """The probability of class 1 at each point, (n, 1)."""
        z = points @ self.hidden[:, :2].T + self.hidden[:, 2]
        a = {
            "none": z,
            "tanh": np.tanh(z),
            "ReLU": np.maximum(z, 0),
            "sigmoid": 1 / (1 + np.exp(-z)),
        }[self.activation]
        return 1 / (1 + np.exp(-(a @ self.hidden[:, 3:] + self.bias)))

    def get_weights(self):
        return [self.hidden[:, :2].T, self.hidden[:, 2]]

    def still(self):
        count = len(self.hidden)
        name = f"{plotting.base.counted(count, 'hidden unit')}, {self.activation}"
        count = min(len(self.points), len(self.classes))
        drawn = self.points[:count], self.classes[:count]
        return plotting.decision_boundaries({name: self}, *drawn)
