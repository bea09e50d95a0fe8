"""Lesson 2's exercises: frameworks old and new, gradients, layouts, PyTorch."""

import functools

import numpy as np

from utils.exercises.behaviours import Wrong, array, call, choice
from utils.exercises.core import Exercise, Lesson

q1 = Exercise(
    task="which of Theano, Caffe, MXNet, PaddlePaddle is still developed",
    objective="say who made each framework, and which ones are still developed",
    behaviour=choice("Theano", "Caffe", "MXNet", "PaddlePaddle"),
    right="PaddlePaddle",
    hints=[
        "Two of the four ended in 2017, one was retired in 2023.",
        "The one that is left comes from a large search company in China, Baidu.",
    ],
    praise="Baidu goes on developing it, and many people in China use it.",
    mistakes={
        "Theano": "Theano | Theano's end was announced in 2017. A part of it lives on "
        "under other names, but not as a framework for neural networks.",
        "Caffe": "Caffe | Caffe's last release is from April 2017. Its successor "
        "Caffe2 became a part of another framework.",
        "MXNet": "MXNet | MXNet lived for a long time: Apache retired it in 2023.",
    },
)

q2 = Exercise(
    task="what an `if` does with a placeholder",
    objective="tell define-and-run from define-by-run",
    behaviour=choice("doubles", "halves", "error"),
    right="error",
    hints=[
        "The `if` runs now. The number comes later. What can `x > 0` be now?",
        "Python's `if` wants True or False. A formula is neither of them.",
    ],
    praise="There is no number yet, so Python cannot choose a branch.",
    mistakes={
        "doubles": "thinks that a placeholder counts as true | To double, Python must "
        "know that x is above 0. Does a placeholder have a value at this moment?",
        "halves": "thinks that a placeholder counts as false | To halve, Python must "
        "know that x is not above 0. A placeholder is not 0; does it have any value at "
        "this moment?",
    },
)

q3 = Exercise(
    task="the slope of x^2 sin x with GradientTape",
    objective="get the gradient of a formula from a framework",
    probes={"x = 2": (2.0,), "x = -1": (-1.0,), "x = 0.5": (0.5,)},
    slips={
        "returns nothing": "your function returns None. Is `return` missing, or `y =`? "
        "Or the tape did not see how y is made from x: the formula stands inside "
        "`with`, x is a `tf.Variable`, and all functions are TensorFlow's."
    },
    right=lambda x: 2 * x * np.sin(x) + x**2 * np.cos(x),
    hints=[
        "Only the formula is missing. The tape records it, and computes the slope.",
        "In TensorFlow the sine is `tf.sin`. Python's sign for powers is two stars.",
        "Two factors, and a star between them: the square of x, and its sine.",
    ],
    praise="You wrote the formula only. The framework found the slope.",
    mistakes={
        (lambda x: 2 * x * np.cos(x)): "product of the two slopes | This multiplies "
        "the slope of x^2 by the slope of sin x. The slope of a product is a sum of "
        "two terms. Let the tape find it.",
        (lambda x: 2 * x * np.sin(x)): "np.sin instead of tf.sin | A part of the slope "
        "is missing: the tape saw x^2, but not the sine. Did you write `np.sin`? The "
        "tape records TensorFlow's functions only.",
        (lambda x: 2 * x + np.cos(x)): "sum instead of product | This is the slope of "
        "x^2 + sin x. The two parts are multiplied here.",
        (lambda x: np.sin(x) + x * np.cos(x)): "forgot the square | This is the slope "
        "of x sin x. Is the square missing?",
        (lambda x: x**2 * np.sin(x)): "the value instead of the slope | This is the "
        "value of the formula, not its slope. What does `tape.gradient(y, x)` return?",
        (lambda x: 2 * x * np.sin(x) - x**2 * np.cos(x)): "wrong sign | Nearly: the "
        "second term has the wrong sign. The slope of the sine is plus the cosine.",
        (lambda x: 2 * x * np.cos(x) - x**2 * np.sin(x)): "cosine instead of sine | "
        "This is the slope of x^2 cos x. Which function does the task name?",
        (lambda x: (2 - x**2) * np.sin(x) + 4 * x * np.cos(x)): "wrote the derivative "
        "as the formula | This is the slope of the slope. Write the formula itself, "
        "not its derivative: the tape takes the derivative for you.",
        (lambda x: 2 * np.cos(x) - 2 * x * np.sin(x)): "wrote a wrong derivative as "
        "the formula | You wrote a derivative as the formula, and the tape took "
        "another one. Write the formula of the task.",
        (lambda x: 2 * np.sin(x) * np.cos(x)): "squared the sine | This is the slope "
        "of (sin x) squared. What is squared in the task?",
        (lambda x: 2 * x * np.cos(x**2)): "sine of the square | This is the slope of "
        "the sine of the square. The task multiplies.",
        (lambda x: x**2 * np.cos(x)): "the square was not recorded | One of the two "
        "terms is missing: the tape saw the sine, but not the square. Is x a "
        "`tf.Variable` in both factors?",
        (lambda x: 2 * np.sin(x) + 2 * x * np.cos(x)): "2 x instead of the square | "
        "This is the slope of 2 x sin x: twice a number is not its square.",
        (lambda x: 3 * x**2 * np.sin(x) + x**3 * np.cos(x)): "third power | This is "
        "the slope of the third power times the sine.",
    },
)

q4 = Exercise(
    task="steps of 3 epochs over 1,000 images in batches of 32",
    objective="say what a training loop does with a model, a loss, batches and epochs",
    right=3 * 32,
    hints=[
        "One step for each batch. How many batches are there in one epoch?",
        "1,000 is not a multiple of 32. The images that are left make a batch, too.",
        "Batches of one epoch: divide, and round up. Then: how many epochs?",
    ],
    praise="After each of these steps the weights are a little better, we hope.",
    mistakes={
        3 * 31: "without the last batch | In each epoch a few images are left out: the "
        "last batch is smaller than the others, but it is a batch.",
        1000 / 32 * 3: "did not round | There is no part of a step: a smaller last "
        "batch is one whole step.",
        94: "rounded after the product | You rounded at the end. Each epoch has its "
        "own smaller last batch, so round up before you count the epochs.",
        32: "one epoch | These are the steps of one epoch. There are more.",
        31: "one epoch, without the last batch | This is one epoch, without its last "
        "batch, which is smaller.",
        1000 / 32: "one epoch, not rounded | This is one epoch, and not rounded: a "
        "smaller last batch is a step, too.",
        3: "one step an epoch | These are the epochs. Each of them has many steps.",
        3000: "one step an image | This counts one step for each image. The images of "
        "a batch share one.",
        1000: "counted images | These are the images. How many of them share one step?",
        3 * 32000: "multiplied | You multiplied images and the size of a batch. A "
        "larger batch means fewer steps.",
        3072: "counted places in batches | This is the size of all batches together. "
        "How many batches are they?",
    },
)

# --- q5: the network in PyTorch ---------------------------------------------------


@functools.cache
def torch_nn():
    """PyTorch's `torch.nn` where it is installed, else our stand-in for it."""
    try:
        import torch.nn
    except Exception:  # not installed, or installed and broken: both happen
        from utils.frameworks import torch_words

        return torch_words
    return torch.nn


def as_tensor(values):
    """An array as the layers of `torch_nn()` want it."""
    if torch_nn().__name__ != "torch.nn":
        return values
    import torch

    return torch.from_numpy(values)


@functools.cache
def _arrays():
    """({shape of a layer's weights: (weights, bias)}, images), from a fixed seed."""
    rng = np.random.default_rng(0)
    arrays = {
        shape: (
            rng.normal(0, np.prod(shape[1:]) ** -0.5, shape),
            rng.normal(size=shape[0]),
        )
        for shape in [(32, 1, 3, 3), (64, 32, 3, 3), (10, 1600)]
    }
    return arrays, rng.normal(0, 1, (3, 1, 28, 28))


def parity(answer):
    """The logits of a network written in PyTorch's words, with weights of ours."""
    nn = torch_nn()
    network = call(answer, nn)
    if isinstance(network, type) and issubclass(network, nn.Module):
        network = network()
    if not isinstance(network, nn.Module):
        kind = type(network).__name__
        raise Wrong(f"a network is wanted, made of nn's layers; this is a {kind}.")
    arrays, images = _arrays()
    left, layers = dict(arrays), [m for m in network.modules() if hasattr(m, "weight")]
    for layer in layers:
        kind, shape = type(layer).__name__, tuple(layer.weight.shape)
        if shape not in left:
            size = SIZES["Linear" if kind == "Linear" else "Conv2d"]
            raise Wrong(f"your {kind} has weights of shape {shape}. {size}")
        weight, bias = map(as_tensor, left.pop(shape))
        layer.weight = nn.Parameter(weight)
        layer.bias = layer.bias if layer.bias is None else nn.Parameter(bias)
    if left:
        raise Wrong(
            f"{len(layers)} of your layers have weights. How many have some in Keras's "
            "network?"
        )
    return {"the logits of three images": array(network.eval()(as_tensor(images)))}


SIZES = {
    "Linear": "Keras's has another one. Follow the image: a 3 x 3 kernel without "
    "padding takes 2 from height and width, a pooling halves them and drops the rest. "
    "How many numbers go into flatten, and how many classes are there?",
    "Conv2d": "Keras's network has none like this, or you have it twice. PyTorch wants "
    "what comes in, what goes out, and the size of the kernel.",
}
SLIPS = {  # of someone who knows Keras
    "no attribute '(Conv2D|Dense|MaxPool(?:ing)?2D|[Rr]elu)'": r"`\1` is not PyTorch's "
    "word. Where Keras has `Conv2D`, `MaxPooling2D` and `Dense`, PyTorch writes "
    "`Conv2d`, `MaxPool2d` and `Linear`.",
    ".*(?<!ellipsis) is not a Module subclass": r"\g<0>: are its brackets missing? "
    "Each layer is a call, as `nn.ReLU()`.",
    "argument '(pool_size|filters|units)'": r"PyTorch has no `\1=`: write the number.",
    "'activation'": "PyTorch has no `activation=`: it is a layer of its own.",
    "missing.*_(channels|features)": "a layer lacks a number. PyTorch wants to know "
    "how many come in and how many go out; Keras finds out the first of them itself.",
    "mat1 and mat2": "the numbers that reach your dense layer are not as many as it "
    "wants. A dense layer wants one row for each image: what makes rows of maps?",
}


def _without(*left_out, last=None, **settings):
    """Wrong networks: the right one with layers left out, or with other settings."""

    def build(nn):
        layers = {
            "conv1": nn.Conv2d(1, 32, kernel_size=3),
            "relu1": nn.ReLU(),
            "pool1": nn.MaxPool2d(2),
            "conv2": nn.Conv2d(32, 64, kernel_size=3, **settings),
            "relu2": nn.ReLU(),
            "pool2": nn.MaxPool2d(2),
            "flatten": nn.Flatten(),
            "fc": nn.Linear(5 * 5 * 64, 10),
        }
        kept = [layer for name, layer in layers.items() if name not in left_out]
        more = {"Softmax": [nn.Softmax(dim=1)], "ReLU": [nn.ReLU()]}
        return nn.Sequential(*kept, *more.get(last, []))

    return build


q5 = Exercise(
    task="a CNN with two poolings, from Keras to PyTorch",
    objective="read the same CNN in several frameworks, and write it in a second one",
    behaviour=parity,
    slips=SLIPS,
    seconds=20,  # it builds networks
    right=_without(),
    tolerance=1e-5,
    hints=[
        "Go through the Keras version line by line. An activation is a layer of its "
        "own in PyTorch, and stands after the layer that it belongs to.",
        "PyTorch wants to know how many numbers come in, too. For a convolution these "
        "are the channels of the layer before.",
        "Write the size behind each layer: 28, 26, 13, ... The dense layer gets height "
        "times width times channels.",
    ],
    praise="Same weights, same logits as Keras: your PyTorch network has parity.",
    mistakes={
        _without("relu1", "relu2"): "no activation at all | The shapes are right, the "
        'logits are not. In Keras two layers say `activation="relu"`. In PyTorch '
        "nothing is added for you.",
        _without("relu2"): "forgot the activation of the second convolution | The "
        "shapes are right. But the second convolution has no activation.",
        _without("relu1"): "forgot the activation of the first convolution | The "
        "shapes are right. But the first convolution has no activation.",
        _without(last="Softmax"): "softmax at the end | Your network ends with "
        "probabilities. Keras's ends with logits, and PyTorch's loss `cross_entropy` "
        "wants logits, too.",
        _without(last="ReLU"): "ReLU after the last layer | Your last layer has a "
        "ReLU, so no logit is negative. Keras's has no activation.",
        _without(bias=False): "no bias in the second convolution | The second "
        "convolution has no bias. Keras's layers have one each.",
        _without("relu1", "relu2", last="ReLU"): "ReLU in the wrong place | The shapes "
        "are right, the logits are not. There is one ReLU, after the last layer; in "
        "Keras the convolutions have one, and the last layer none.",
    },
)

# --- q6: the axes of a kernel -----------------------------------------------------

KERNELS = np.arange(120.0).reshape(2, 3, 4, 5)

q6 = Exercise(
    task="a Keras kernel in PyTorch's order of axes",
    objective="carry weights from one framework to another",
    probes={
        "kernels of shape (2, 3, 4, 5)": (KERNELS,),
        "kernels of shape (3, 3, 1, 2)": (KERNELS.ravel()[:18].reshape(3, 3, 1, 2),),
    },
    right=lambda kernel: kernel.transpose(3, 2, 0, 1),
    hints=[
        "Keras's axes are 0: height, 1: width, 2: channels in, 3: channels out.",
        "`transpose` wants the old numbers in the new order. What comes first in "
        "PyTorch? Which number has it in Keras?",
        "First channels out, then channels in, then height, then width. Write the "
        "four old numbers in this order.",
    ],
    praise="No number changed, each only moved to another place.",
    mistakes={
        (lambda kernel: kernel.transpose(3, 2, 1, 0)): "all axes turned around | "
        "Height and width changed places: every kernel is now mirrored at its "
        "diagonal. With 3 x 3 kernels nobody would see it in the shape.",
        (lambda kernel: kernel.transpose(2, 3, 0, 1)): "in before out | Channels in "
        "and channels out changed places. PyTorch wants out first.",
        (lambda kernel: kernel.transpose(2, 3, 1, 0)): "the way back | This is the "
        "order for the way back, from PyTorch to Keras.",
        (lambda kernel: kernel.reshape([kernel.shape[n] for n in (3, 2, 0, 1)])): (
            "reshape instead of transpose | The shape is right, but the numbers are in "
            "the wrong places. `reshape` cuts the row of numbers anew; `transpose` "
            "moves axes."
        ),
        (lambda kernel: kernel): "nothing changed | The kernel is still in Keras's "
        "order.",
        (lambda kernel: kernel.transpose(3, 0, 1, 2)): "channels in last | Channels "
        "out come first, this is right. But in PyTorch the channels in stand next to "
        "them, before height and width.",
        (lambda kernel: kernel.transpose(0, 1, 3, 2)): "channels still last | Only the "
        "two channels changed places. In PyTorch both stand before height and width.",
        (lambda kernel: np.array([3.0, 2.0, 0.0, 1.0])): "returned the order, not the "
        "kernel | You return the numbers of the axes. They belong into "
        "`kernel.transpose(...)`.",
    },
)

q7 = Exercise(
    task="place of map 2, row 1, column 3 after PyTorch's flatten",
    objective="carry weights from one framework to another",
    right=2 * 144 + 1 * 12 + 3,
    hints=[
        "PyTorch writes map 0 first, all of it. How many numbers has a map?",
        "Maps 0 and 1 come before, with all their numbers. Then row 0 of map 2.",
        "Three parts: the maps before, the rows before in this map, the columns "
        "before in this row. Add them.",
    ],
    praise="In Keras the same number stands at place 962.",
    mistakes={
        (1 * 12 + 3) * 64 + 2: "Keras's order | 962 is its place in Keras, where the "
        "64 maps of one pixel stand together. PyTorch writes map after map.",
        2 * 144 + 3 * 12 + 1: "row and column exchanged | Row and column changed "
        "places. A row of 12 numbers is written first.",
        2 * 12
        + 1 * 12
        + 3: "a map counted as a row | A map has 12 rows of 12 numbers: "
        "how many numbers are there in the two maps before?",
        1 * 12 + 3: "forgot the maps before | This is its place in its own map. Two "
        "maps come before.",
        2 * 144 + 1 * 12 + 3 + 1: "counted from 1 | Nearly: you counted from 1. The "
        "first place is place 0.",
        3 * 144 + 1 * 12 + 3: "one map too many | Three maps before map 2? No, two.",
        1 * 144 + 1 * 12 + 3: "one map too few | One map before map 2? No, two.",
        2 * 144 + 1 * 12: "forgot the column | This is the place where the row begins. "
        "Which column is wanted?",
        2 * 144 + 3: "forgot the row | This is a place in row 0. Which row is wanted?",
        2 * 144: "forgot row and column | This is the place where map 2 begins. Row "
        "and column are missing.",
    },
)

# --- q8: the rows of the first dense layer ----------------------------------------

ROWS = np.arange(2 * 3 * 4 * 5.0).reshape(24, 5)


def rows(*axes):
    """Rows of the kernel, its axes in another order: height 0, width, maps, outputs."""

    def reorder(kernel, height, width, channels):
        maps = np.reshape(kernel, (height, width, channels, -1))
        return maps.transpose(axes).reshape(-1, channels * height * width)

    return reorder


q8 = Exercise(
    task="the first dense kernel in PyTorch's order",
    objective="carry weights from one framework to another",
    probes={
        "2 x 3 pixels, 4 maps, 5 outputs": (ROWS, 2, 3, 4),
        "4 x 2 pixels, 3 maps, 5 outputs": (ROWS, 4, 2, 3),
    },
    right=rows(3, 2, 0, 1),
    hints=[
        "`maps` has four axes: height, width, maps, outputs. Where must each go, so "
        "that one output's numbers stand map after map?",
        "PyTorch: outputs first, then maps, then height, then width. This is the order "
        "of exercise 6.",
        "The new order begins with the axis of the outputs. `reshape` then makes a row "
        "for each of them.",
    ],
    praise="This is the step that most people forget when they carry weights over.",
    mistakes={
        (lambda kernel, *sizes: kernel.T): "transposed only | The shape is right, but "
        "the inputs still stand in Keras's order. The network would run and give wrong "
        "answers, without any error.",
        (lambda kernel, *sizes: rows(3, 2, 0, 1)(kernel, *sizes).T): "inputs before "
        "outputs | The order of the inputs is right. But PyTorch keeps a dense kernel "
        "as [outputs, inputs].",
        rows(2, 0, 1, 3): "outputs last | Maps, height, width: this order is right. "
        "But the outputs still come last, so `reshape` mixes the numbers of different "
        "outputs. Where does PyTorch want the outputs?",
        rows(3, 2, 1, 0): "height and width exchanged | Height and width changed "
        "places: the maps are mirrored at their diagonal.",
        (lambda kernel, *sizes: kernel.reshape(kernel.shape[::-1])): "reshape only | "
        "`reshape` alone mixes the numbers of different outputs. Move the axes first, "
        "with `transpose`.",
        (lambda kernel, *sizes: kernel): "nothing changed | The kernel is as it was, "
        "in Keras's order.",
        rows(3, 1, 0, 2): "maps last, height and width exchanged | The outputs come "
        "first, this is right. What comes next in PyTorch: the maps, or the pixels of "
        "a map?",
    },
)

lesson = Lesson("02_frameworks.py", globals())
progress = lesson.progress
