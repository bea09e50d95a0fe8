"""PyTorch's words in NumPy: enough of `torch.nn` to check lesson 2's exercise.

Not PyTorch: it predicts, and does nothing else. Reading the text would not do: a
network is a list or a class, its layers stand in any order, and whether ReLU or pooling
comes first is the same.
"""

import types

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view


class Tensor(np.ndarray):
    """An array with the methods that a `forward` uses."""

    def view(self, *shape):
        return self.reshape(*shape)

    def size(self, dim=None):
        return self.shape if dim is None else self.shape[dim]

    def flatten(self, start_dim=0, end_dim=-1):
        end = end_dim % self.ndim + 1
        return self.reshape(*self.shape[:start_dim], -1, *self.shape[end:])

    def relu(self):
        return np.maximum(self, 0)


def Parameter(array):
    return np.ndarray.view(np.asarray(array), Tensor)


class Module:
    """What all layers are: call them, and `forward` does the work."""

    def __call__(self, x):
        return Parameter(self.forward(Parameter(x)))

    def eval(self):
        return self

    def modules(self):
        """The layer itself, and all that it is made of."""
        parts = [part for part in vars(self).values() if isinstance(part, Module)]
        return [self, *(inner for part in parts for inner in part.modules())]


class Sequential(Module):
    def __init__(self, *layers):
        if len(layers) == 1 and isinstance(layers[0], dict):  # OrderedDict
            layers = layers[0].values()
        for place, layer in enumerate(layers):
            if not isinstance(layer, Module):
                kind = layer if isinstance(layer, type) else type(layer)
                raise TypeError(f"{kind.__name__} is not a Module subclass")
            setattr(self, str(place), layer)

    def forward(self, x):
        for layer in vars(self).values():
            x = layer(x)
        return x


def _pair(number):
    return tuple(number) if isinstance(number, (tuple, list)) else (number, number)


class Conv2d(Module):
    def __init__(
        self, in_channels, out_channels, kernel_size, stride=1, padding=0, dilation=1,
        groups=1, bias=True,
    ):  # fmt: skip
        self.weight = np.zeros((out_channels, in_channels, *_pair(kernel_size)))
        self.bias = np.zeros(out_channels) if bias else None
        self.steps = *_pair(stride), *_pair(dilation)
        self.reach = np.multiply(_pair(dilation), np.subtract(_pair(kernel_size), 1))
        words = {"valid": 0, "same": tuple(self.reach // 2)}
        self.padding = _pair(words[padding] if isinstance(padding, str) else padding)

    def forward(self, x):
        x = np.pad(x, [(0, 0), (0, 0), *((n, n) for n in self.padding)])
        windows = sliding_window_view(np.asarray(x), self.reach + 1, axis=(2, 3))
        windows = windows[:, :, *(slice(None, None, step) for step in self.steps)]
        sums = np.einsum("bchwij,ocij->bohw", windows, self.weight, optimize=True)
        return sums if self.bias is None else sums + self.bias[:, None, None]


class Linear(Module):
    def __init__(self, in_features, out_features, bias=True):
        self.weight = np.zeros((out_features, in_features))
        self.bias = np.zeros(out_features) if bias else None

    def forward(self, x):
        if x.shape[-1] != self.weight.shape[1]:
            raise RuntimeError("mat1 and mat2 shapes cannot be multiplied")
        return x @ self.weight.T + (0 if self.bias is None else self.bias)


def relu(x, inplace=False):
    return x.relu()


def flatten(x, start_dim=1, end_dim=-1):
    return x.flatten(start_dim, end_dim)


def max_pool2d(x, kernel_size, stride=None):
    down, right = _pair(stride or kernel_size)
    windows = sliding_window_view(np.asarray(x), _pair(kernel_size), axis=(2, 3))
    return Parameter(windows[:, :, ::down, ::right].max(axis=(4, 5)))


def softmax(x, dim=1):
    powers = np.exp(x - x.max(axis=dim, keepdims=True))
    return powers / powers.sum(axis=dim, keepdims=True)


def layer(name, function):
    """A layer without weights: it takes the function's other arguments."""

    def __init__(self, *arguments, **settings):
        self.forward = lambda x: function(x, *arguments, **settings)

    return type(name, (Module,), {"__init__": __init__})


ReLU, Flatten = layer("ReLU", relu), layer("Flatten", flatten)
MaxPool2d, Softmax = layer("MaxPool2d", max_pool2d), layer("Softmax", softmax)
functional = types.SimpleNamespace(relu=relu, max_pool2d=max_pool2d, softmax=softmax)


def __getattr__(name):
    raise AttributeError(f"our small copy of torch.nn has no attribute {name!r}")
