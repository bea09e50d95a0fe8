"""The shared weights of the deck's CNN, and the layouts that frameworks want.

One file of float16 numbers; everybody reads the same rounded numbers as float32, in
TensorFlow's layout: kernels [height, width, channels in, channels out], dense kernels
[inputs, outputs], images [batch, height, width, channels] ("channels last").

    python -m tools.recipes    trains them anew (real MNIST, one minute)
"""

from pathlib import Path

import numpy as np

FILE = Path(__file__).with_name("weights.npz")

SHAPES = {
    "conv_1/kernel": (3, 3, 1, 32),
    "conv_1/bias": (32,),
    "conv_2/kernel": (3, 3, 32, 64),
    "conv_2/bias": (64,),
    "dense/kernel": (9216, 128),
    "dense/bias": (128,),
    "output/kernel": (128, 10),
    "output/bias": (10,),
}
CONVOLUTIONS = "conv_1/kernel", "conv_2/kernel"
DENSE = "dense/kernel", "output/kernel"
POOLED = 12, 12, 64  # height, width, channels of what `flatten` makes a row of


def load():
    """Return {name: float32 array}, as in SHAPES."""
    with np.load(FILE) as arrays:
        return {name: arrays[name].astype("float32") for name in SHAPES}


def channels_first(weights, dense="outputs, inputs"):
    """Return the weights for a framework whose images are [batch, channels, h, w].

    dense: "outputs, inputs" (PyTorch, MXNet, Caffe) or "inputs, outputs" (Paddle,
    Theano). Kernels become [out, in, height, width]. `flatten` now writes channel
    after channel, so the rows of the first dense kernel change places, too.
    """
    new = dict(weights)
    for name in CONVOLUTIONS:
        new[name] = weights[name].transpose(3, 2, 0, 1)
    rows = weights["dense/kernel"].reshape(*POOLED, -1)
    new["dense/kernel"] = rows.transpose(2, 0, 1, 3).reshape(9216, -1)
    if dense == "outputs, inputs":
        for name in DENSE:
            new[name] = new[name].T
    return {name: np.ascontiguousarray(array) for name, array in new.items()}


def channels_last(weights, dense="outputs, inputs"):
    """The way back: weights (or gradients) of such a framework, in our layout."""
    new = dict(weights)
    for name in CONVOLUTIONS:
        new[name] = weights[name].transpose(2, 3, 1, 0)
    if dense == "outputs, inputs":
        for name in DENSE:
            new[name] = weights[name].T
    height, width, channels = POOLED
    rows = new["dense/kernel"].reshape(channels, height, width, -1)
    new["dense/kernel"] = rows.transpose(1, 2, 0, 3).reshape(9216, -1)
    return {name: np.ascontiguousarray(array) for name, array in new.items()}
