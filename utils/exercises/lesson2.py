"""Lesson 2's exercises: frameworks old and new, gradients, layouts, PyTorch."""

import functools

import numpy as np

from utils.exercises.core import (
    Exercise,
    Lesson,
    Mistake,
    ReturnsNothing,
    Wrong,
    as_array,
    choice,
    function,
)

WHO = "say who made each framework, and which ones are still developed"
STYLES = "tell define-and-run from define-by-run"
GRADIENT = "get the gradient of a formula from a framework"
CARRY = "carry weights from one framework to another"
READ = "read the same CNN in several frameworks, and write it in a second one"

# --- q1: who is still there, a guess ----------------------------------------------

q1 = Exercise(
    task="which of Theano, Caffe, MXNet, PaddlePaddle is still developed",
    objective=WHO,
    behaviour=choice("Theano", "Caffe", "MXNet", "PaddlePaddle"),
    right="PaddlePaddle",
    hints=[
        "Two of the four ended in 2017, one was retired in 2023.",
        "The one that is left comes from a large search company in China, Baidu.",
    ],
    praise="Baidu goes on developing it, and many people in China use it.",
    mistakes=[
        Mistake(
            "Theano",
            "Theano's end was announced in 2017. A part of it lives on under other "
            "names, but not as a framework for neural networks.",
            "Theano",
        ),
        Mistake(
            "Caffe",
            "Caffe's last release is from April 2017. Its successor Caffe2 became a "
            "part of another framework.",
            "Caffe",
        ),
        Mistake(
            "MXNet",
            "MXNet was alive for a long time, but Apache retired it in 2023.",
            "MXNet",
        ),
    ],
)

# --- q2: an `if` in a graph, a guess ----------------------------------------------

q2 = Exercise(
    task="what an `if` does with a placeholder",
    objective=STYLES,
    behaviour=choice("doubles", "halves", "error"),
    right="error",
    hints=[
        "The `if` runs now. The number comes later. What can `x > 0` be now?",
        "Python's `if` wants True or False. A formula is neither of them.",
    ],
    praise="There is no number yet, so Python cannot choose a branch.",
    mistakes=[
        Mistake(
            "doubles",
            "To double, Python must know that x is above 0. Does a placeholder have a "
            "value at this moment?",
            "thinks that a placeholder counts as true",
        ),
        Mistake(
            "halves",
            "To halve, Python must know that x is not above 0. A placeholder is not 0; "
            "does it have any value at this moment?",
            "thinks that a placeholder counts as false",
        ),
    ],
)

# --- q3: a gradient ---------------------------------------------------------------


def slopes(answer):
    """The slope at three places; a gradient of None is not a missing return."""
    try:
        return function(**{"x = 2": (2.0,), "x = -1": (-1.0,), "x = 0.5": (0.5,)})(
            answer
        )
    except ReturnsNothing:
        raise Wrong(
            "your function returns None. Either the `return` is missing, or the tape "
            "did not see how y is made from x: the formula stands inside `with`, x is "
            "a `tf.Variable`, and all functions are TensorFlow's."
        ) from None


q3 = Exercise(
    task="the slope of x^2 sin x with GradientTape",
    objective=GRADIENT,
    behaviour=slopes,
    right=lambda x: 2 * x * np.sin(x) + x**2 * np.cos(x),
    hints=[
        "Only the formula is missing. The tape records it, and computes the slope.",
        "In TensorFlow the sine is `tf.sin`, and a square is `x**2`.",
        "`y = x**2 * tf.sin(x)`",
    ],
    praise="You wrote the formula only. The framework found the slope.",
    mistakes=[
        Mistake(
            lambda x: 2 * x * np.cos(x),
            "This multiplies the slope of x^2 by the slope of sin x. The slope of a "
            "product is a sum of two terms. Let the tape find it.",
            "product of the two slopes",
        ),
        Mistake(
            lambda x: 2 * x * np.sin(x),
            "A part of the slope is missing: the tape saw x^2, but not the sine. Did "
            "you write `np.sin`? The tape records TensorFlow's functions only.",
            "np.sin instead of tf.sin",
        ),
        Mistake(
            lambda x: 2 * x + np.cos(x),
            "This is the slope of x^2 + sin x. The two parts are multiplied here.",
            "sum instead of product",
        ),
        Mistake(
            lambda x: np.sin(x) + x * np.cos(x),
            "This is the slope of x sin x. Is the square missing?",
            "forgot the square",
        ),
        Mistake(
            lambda x: x**2 * np.sin(x),
            "This is the value of the formula, not its slope. What does "
            "`tape.gradient(y, x)` return?",
            "the value instead of the slope",
        ),
        Mistake(
            lambda x: 2 * x * np.sin(x) - x**2 * np.cos(x),
            "Nearly: the second term has the wrong sign. The slope of the sine is "
            "plus the cosine.",
            "wrong sign",
        ),
        Mistake(
            lambda x: 2 * x * np.cos(x) - x**2 * np.sin(x),
            "This is the slope of x^2 cos x. Which function does the task name?",
            "cosine instead of sine",
        ),
    ],
)

# --- q4: the network in PyTorch ---------------------------------------------------


@functools.cache
def torch_nn():
    """PyTorch's `torch.nn` where it is installed, else our stand-in for it."""
    try:
        import torch.nn
    except Exception:  # not installed, or installed and broken: both happen
        from utils.frameworks import torch_words

        return torch_words
    return torch.nn


@functools.cache
def _shared():
    """The shared weights and some images, in PyTorch's order of axes, float64."""
    from utils.frameworks import weights

    images = np.random.default_rng(0).uniform(0, 1, (3, 28, 28, 1))
    arrays = weights.channels_first(weights.load()).values()
    doubles = [array.astype("float64") for array in arrays]
    return doubles, np.ascontiguousarray(images.transpose(0, 3, 1, 2))


def parity(answer):
    """The logits of a network written in PyTorch's words, with the shared weights."""
    if not callable(answer):
        raise Wrong("a function is wanted: it takes `nn` and returns the network.")
    nn = torch_nn()
    try:
        network = answer(nn)
    except TypeError as error:
        if "is not a Module subclass" in str(error):
            raise Wrong(f"{error}: are its brackets missing?") from None
        raise
    if network is ...:
        return ...
    if network is None:
        raise ReturnsNothing
    if not isinstance(network, nn.Module):
        kind = type(network).__name__
        raise Wrong(f"a network is wanted, made of nn's layers; this is a {kind}.")
    logits = _logits if nn.__name__ == "torch.nn" else _logits_of_stand_in
    try:
        return {"the logits of three images": as_array(logits(network, *_shared()))}
    except RuntimeError as error:
        raise Wrong(f"{error}. {_question(str(error))}") from None


def _logits(network, arrays, images):
    """Those of a network of PyTorch itself; RuntimeError where it does not fit."""
    import torch

    from utils.frameworks.torch_words import check_fit

    layers = [part for part in network.modules() if hasattr(part, "weight")]
    check_fit([(type(x).__name__, tuple(x.weight.shape)) for x in layers], arrays)
    network = network.double()
    with torch.no_grad():
        for layer, kernel, bias in zip(layers, arrays[::2], arrays[1::2], strict=True):
            layer.weight.copy_(torch.from_numpy(kernel))
            layer.bias.copy_(torch.from_numpy(bias))
        return network(torch.from_numpy(images))


def _logits_of_stand_in(network, arrays, images):
    network.load(arrays)
    return network(images)


def _question(error):
    if "mismatch in Linear" in error:
        return "How many numbers come into this dense layer, and how many go out?"
    if "mat1 and mat2" in error:
        return "A dense layer wants one row for each image. What makes rows of maps?"
    return "Compare your layers with Keras's, one after the other."


def _without(*left_out, last=None):
    """Wrong networks: the right one with some of its layers left out."""

    def build(nn):
        layers = [
            ("conv1", nn.Conv2d(1, 32, kernel_size=3)),
            ("relu1", nn.ReLU()),
            ("conv2", nn.Conv2d(32, 64, kernel_size=3)),
            ("relu2", nn.ReLU()),
            ("pool", nn.MaxPool2d(2)),
            ("flatten", nn.Flatten()),
            ("fc1", nn.Linear(9216, 128)),
            ("relu3", nn.ReLU()),
            ("fc2", nn.Linear(128, 10)),
        ]
        kept = [layer for name, layer in layers if name not in left_out]
        if last:
            kept.append(getattr(nn, last)(**({"dim": 1} if last == "Softmax" else {})))
        return nn.Sequential(*kept)

    return build


q4 = Exercise(
    task="the deck's CNN in PyTorch",
    objective=READ,
    behaviour=parity,
    seconds=20,  # it builds networks
    right=_without(),
    tolerance=1e-5,
    hints=[
        "Go through the Keras version line by line. Flatten gives 12 x 12 x 64.",
        "PyTorch wants to know how many numbers come in: `nn.Conv2d(32, 64, ...)`, "
        "`nn.Linear(in, out)`. An activation is a layer of its own.",
        "`nn.Conv2d(32, 64, kernel_size=3)`, `nn.ReLU()`, `nn.MaxPool2d(2)`; after "
        "flatten `nn.Linear(9216, 128)`, `nn.ReLU()`, `nn.Linear(128, 10)`.",
    ],
    praise="Same weights, same logits as Keras: your PyTorch network has parity.",
    mistakes=[
        Mistake(
            _without("relu1", "relu2", "relu3"),
            "The shapes are right, the logits are not. In Keras three layers say "
            '`activation="relu"`. In PyTorch nothing is added for you.',
            "no activation at all",
        ),
        Mistake(
            _without("relu2", "relu3"),
            "The shapes are right, the logits are not. Two activations are missing: "
            "after the second convolution, and after the first dense layer.",
            "forgot both new activations",
        ),
        Mistake(
            _without("relu2"),
            "The shapes are right, the logits are not. The second convolution has no "
            "activation.",
            "forgot the activation of the second convolution",
        ),
        Mistake(
            _without("relu3"),
            "The shapes are right, the logits are not. The first dense layer has no "
            "activation.",
            "forgot the activation of the dense layer",
        ),
        Mistake(
            _without("relu1"),
            "The shapes are right, the logits are not. The first convolution has no "
            "activation.",
            "forgot the activation of the first convolution",
        ),
        Mistake(
            _without(last="Softmax"),
            "Your network ends with probabilities. Keras's ends with logits, and "
            "PyTorch's loss `cross_entropy` wants logits, too.",
            "softmax at the end",
        ),
        Mistake(
            _without(last="ReLU"),
            "Your network has a ReLU after the last layer, so it has no negative "
            "logits. The last layer has no activation.",
            "ReLU after the last layer",
        ),
    ],
)

# --- q5: the axes of a kernel -----------------------------------------------------

KERNELS = np.arange(120.0).reshape(2, 3, 4, 5)

q5 = Exercise(
    task="a Keras kernel in PyTorch's order of axes",
    objective=CARRY,
    behaviour=function(
        **{
            "kernels of shape (2, 3, 4, 5)": (KERNELS,),
            "kernels of shape (3, 3, 1, 2)": (
                KERNELS.ravel()[:18].reshape(3, 3, 1, 2),
            ),
        }
    ),
    right=lambda kernel: kernel.transpose(3, 2, 0, 1),
    hints=[
        "Keras's axes are 0: height, 1: width, 2: channels in, 3: channels out.",
        "`transpose` wants the old numbers in the new order. What comes first in "
        "PyTorch? Which number has it in Keras?",
        "Channels out (3), channels in (2), height (0), width (1).",
    ],
    praise="No number changed, each only moved to another place.",
    mistakes=[
        Mistake(
            lambda kernel: kernel.transpose(3, 2, 1, 0),
            "Height and width changed places: every kernel is now mirrored at its "
            "diagonal. With 3 x 3 kernels nobody would see it in the shape.",
            "all axes turned around",
        ),
        Mistake(
            lambda kernel: kernel.transpose(2, 3, 0, 1),
            "Channels in and channels out changed places. PyTorch wants out first.",
            "in before out",
        ),
        Mistake(
            lambda kernel: kernel.transpose(2, 3, 1, 0),
            "This is the order for the way back, from PyTorch to Keras.",
            "the way back",
        ),
        Mistake(
            lambda kernel: kernel.reshape(np.shape(kernel.transpose(3, 2, 0, 1))),
            "The shape is right, but the numbers are in the wrong places. `reshape` "
            "cuts the row of numbers anew; `transpose` moves axes.",
            "reshape instead of transpose",
        ),
        Mistake(
            lambda kernel: kernel,
            "The kernel is still in Keras's order.",
            "nothing changed",
        ),
    ],
)

# --- q6: where a number stands after flatten, a guess -----------------------------

q6 = Exercise(
    task="place of map 2, row 1, column 3 after PyTorch's flatten",
    objective=CARRY,
    right=2 * 144 + 1 * 12 + 3,
    hints=[
        "PyTorch writes map 0 first, all of it. How many numbers has a map?",
        "Maps 0 and 1 come before: 2 times 144 numbers. Then row 0 of map 2.",
        "Maps: 2 x 144. Rows: 1 x 12. Columns: 3. Add them.",
    ],
    praise="In Keras the same number stands at place 962.",
    mistakes=[
        Mistake(
            (1 * 12 + 3) * 64 + 2,
            "962 is its place in Keras, where the 64 maps of one pixel stand together. "
            "PyTorch writes map after map.",
            "Keras's order",
        ),
        Mistake(
            2 * 144 + 3 * 12 + 1,
            "Row and column changed places. A row of 12 numbers is written first.",
            "row and column exchanged",
        ),
        Mistake(
            1 * 12 + 3,
            "This is its place in its own map. Two maps come before.",
            "forgot the maps before",
        ),
        Mistake(
            2 * 144 + 1 * 12 + 3 + 1,
            "Nearly: you counted from 1. The first place is place 0.",
            "counted from 1",
        ),
        Mistake(
            3 * 144 + 1 * 12 + 3,
            "You counted three maps before map 2. There are map 0 and map 1.",
            "one map too many",
        ),
    ],
)

# --- q7: the rows of the first dense layer ----------------------------------------

ROWS = np.arange(2 * 3 * 4 * 5.0).reshape(24, 5)


def rows(kernel, height, width, channels):
    maps = np.reshape(kernel, (height, width, channels, -1))
    return maps.transpose(3, 2, 0, 1).reshape(-1, channels * height * width)


q7 = Exercise(
    task="the first dense kernel in PyTorch's order",
    objective=CARRY,
    behaviour=function(
        **{
            "2 x 3 pixels, 4 maps, 5 outputs": (ROWS, 2, 3, 4),
            "4 x 2 pixels, 3 maps, 5 outputs": (ROWS, 4, 2, 3),
        }
    ),
    right=rows,
    hints=[
        "`maps` has four axes: height, width, maps, outputs. Where must each go, so "
        "that one output's numbers stand map after map?",
        "PyTorch: outputs first, then maps, then height, then width. This is the order "
        "of exercise 5.",
        "`maps.transpose(3, 2, 0, 1)`, and then `reshape`: a row for each output.",
    ],
    praise="This is the step that most people forget when they carry weights over.",
    mistakes=[
        Mistake(
            lambda kernel, height, width, channels: kernel.T,
            "The shape is right, but the inputs still stand in Keras's order. The "
            "network would run and give wrong answers, without any error.",
            "transposed only",
        ),
        Mistake(
            lambda kernel, height, width, channels: (
                rows(kernel, height, width, channels).T
            ),
            "The order of the inputs is right. But PyTorch keeps a dense kernel as "
            "[outputs, inputs].",
            "inputs before outputs",
        ),
        Mistake(
            lambda kernel, height, width, channels: (
                kernel.reshape(height, width, channels, -1)
                .transpose(2, 0, 1, 3)
                .reshape(-1, channels * height * width)
            ),
            "Maps, height, width: this order is right. But the outputs still come "
            "last, so `reshape` mixes the numbers of different outputs. Where does "
            "PyTorch want the outputs?",
            "outputs last",
        ),
        Mistake(
            lambda kernel, height, width, channels: (
                kernel.reshape(height, width, channels, -1)
                .transpose(3, 2, 1, 0)
                .reshape(-1, channels * height * width)
            ),
            "Height and width changed places: the maps are mirrored at their diagonal.",
            "height and width exchanged",
        ),
        Mistake(
            lambda kernel, height, width, channels: kernel.reshape(
                -1, channels * height * width
            ),
            "`reshape` alone mixes the numbers of different outputs. Move the axes "
            "first, with `transpose`.",
            "reshape only",
        ),
    ],
)

lesson = Lesson("02_frameworks.py", q1=q1, q2=q2, q3=q3, q4=q4, q5=q5, q6=q6, q7=q7)
progress = lesson.progress
