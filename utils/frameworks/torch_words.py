"""PyTorch's words in NumPy: enough of `torch.nn` to check lesson 2's exercise.

Not PyTorch: it predicts, and does nothing else. Layers have the names, the arguments
and the layouts of the real ones, so an exercise written in PyTorch can be checked where
PyTorch is not installed. Reading the text would not do: a network is a list or a class,
its layers stand in any order, and whether ReLU or pooling comes first is the same.
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


def tensor(array):
    return np.ndarray.view(np.asarray(array), Tensor)


class Module:
    """What all layers are: call them, and `forward` does the work."""

    def __call__(self, x):
        return tensor(self.forward(tensor(x)))

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
        self.stride, self.dilation = _pair(stride), _pair(dilation)
        same = np.multiply(self.dilation, np.subtract(_pair(kernel_size), 1)) // 2
        words = {"valid": 0, "same": tuple(same)}
        self.padding = _pair(words[padding] if isinstance(padding, str) else padding)

    def forward(self, x):
        (rows, columns), (down, right) = self.padding, self.dilation
        x = np.pad(x, [(0, 0), (0, 0), (rows, rows), (columns, columns)])
        height, width = self.weight.shape[2:]
        size = down * (height - 1) + 1, right * (width - 1) + 1
        windows = sliding_window_view(np.asarray(x), size, axis=(2, 3))
        windows = windows[:, :, :: self.stride[0], :: self.stride[1], ::down, ::right]
        sums = np.einsum("bchwij,ocij->bohw", windows, self.weight, optimize=True)
        return sums if self.bias is None else sums + self.bias[:, None, None]


class Linear(Module):
    def __init__(self, in_features, out_features, bias=True):
        self.weight = np.zeros((out_features, in_features))
        self.bias = np.zeros(out_features) if bias else None

    def forward(self, x):
        if x.shape[-1] != self.weight.shape[1]:
            raise RuntimeError("mat1 and mat2 shapes cannot be multiplied")
        sums = x @ self.weight.T
        return sums if self.bias is None else sums + self.bias


class MaxPool2d(Module):
    def __init__(self, kernel_size, stride=None):
        self.size, self.stride = _pair(kernel_size), _pair(stride or kernel_size)

    def forward(self, x):
        windows = sliding_window_view(np.asarray(x), self.size, axis=(2, 3))
        return windows[:, :, :: self.stride[0], :: self.stride[1]].max(axis=(4, 5))


class ReLU(Module):
    def __init__(self, inplace=False):
        pass

    def forward(self, x):
        return x.relu()


class Flatten(Module):
    def __init__(self, start_dim=1, end_dim=-1):
        self.dims = start_dim, end_dim

    def forward(self, x):
        return x.flatten(*self.dims)


class Softmax(Module):
    def __init__(self, dim=1):
        self.dim = dim

    def forward(self, x):
        powers = np.exp(x - x.max(axis=self.dim, keepdims=True))
        return powers / powers.sum(axis=self.dim, keepdims=True)


functional = types.SimpleNamespace(
    relu=lambda x: x.relu(),
    max_pool2d=lambda x, *size, **more: MaxPool2d(*size, **more)(x),
    softmax=lambda x, dim=1: Softmax(dim)(x),
)


def __getattr__(name):
    raise AttributeError(f"our small copy of torch.nn has no {name}", name=name)
