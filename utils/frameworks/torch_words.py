"""PyTorch's words in NumPy: enough of `torch.nn` to check lesson 2's exercise.

Not PyTorch: it predicts, and does nothing else. Layers have the names, the arguments,
the layouts and nearly the error messages of the real ones, so an exercise written in
PyTorch can be checked where PyTorch is not installed.
"""

import types

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view


class Module:
    """What all layers are: call them, and `forward` does the work."""

    def __call__(self, x):
        return self.forward(x)

    def children(self):
        return [v for v in vars(self).values() if isinstance(v, Module)]

    def layers(self):
        """The layers that have weights, in the order in which they were made."""
        if hasattr(self, "weight"):
            return [self]
        return [layer for child in self.children() for layer in child.layers()]

    def load(self, arrays):
        """Set kernel, bias, kernel, bias, ...; RuntimeError where a shape differs."""
        arrays, layers = list(arrays), self.layers()
        check_fit([(type(layer).__name__, layer.weight) for layer in layers], arrays)
        for layer, weight, bias in zip(layers, arrays[::2], arrays[1::2], strict=True):
            layer.weight, layer.bias = weight, bias


def check_fit(layers, arrays):
    """RuntimeError unless the arrays (kernel, bias, kernel, bias, ...) fit the layers.

    layers: (name, shape of its kernel) for each layer that has weights.
    """
    if len(arrays) != 2 * len(layers):
        wanted = len(arrays) // 2
        raise RuntimeError(
            f"{len(layers)} layers with weights, but {wanted} are wanted"
        )
    for (name, shape), kernel in zip(layers, arrays[::2], strict=True):
        if shape != kernel.shape:
            raise RuntimeError(
                f"size mismatch in {name}: the shared weights have shape "
                f"{kernel.shape}, your layer has {shape}"
            )


class Sequential(Module):
    def __init__(self, *modules):
        for module in modules:
            if not isinstance(module, Module):
                kind = module if isinstance(module, type) else type(module)
                raise TypeError(f"{kind.__name__} is not a Module subclass")
        self.modules = modules

    def children(self):
        return [m for m in self.modules if isinstance(m, Module)]

    def forward(self, x):
        for module in self.modules:
            x = module(x)
        return x


def _pair(number):
    return tuple(number) if isinstance(number, (tuple, list)) else (number, number)


class Conv2d(Module):
    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0):
        self.weight = (out_channels, in_channels, *_pair(kernel_size))
        self.stride, self.padding = _pair(stride), _pair(padding)

    def forward(self, x):
        wanted = self.weight.shape[1]
        if x.ndim != 4 or x.shape[1] != wanted:
            raise RuntimeError(
                f"expected input{list(x.shape)} to have {wanted} channels"
            )
        rows, columns = self.padding
        x = np.pad(x, [(0, 0), (0, 0), (rows, rows), (columns, columns)])
        windows = sliding_window_view(x, self.weight.shape[2:], axis=(2, 3))
        windows = windows[:, :, :: self.stride[0], :: self.stride[1]]
        sums = np.einsum("bchwij,ocij->bohw", windows, self.weight, optimize=True)
        return sums + self.bias[:, None, None]


class Linear(Module):
    def __init__(self, in_features, out_features):
        self.weight = (out_features, in_features)

    def forward(self, x):
        rows, columns = x.shape[-1], self.weight.shape[::-1]
        if rows != columns[0]:
            raise RuntimeError(
                f"mat1 and mat2 shapes cannot be multiplied "
                f"({'x'.join(map(str, x.shape))} and {columns[0]}x{columns[1]})"
            )
        return x @ self.weight.T + self.bias


class MaxPool2d(Module):
    def __init__(self, kernel_size, stride=None):
        self.size, self.stride = _pair(kernel_size), _pair(stride or kernel_size)

    def forward(self, x):
        windows = sliding_window_view(x, self.size, axis=(2, 3))
        return windows[:, :, :: self.stride[0], :: self.stride[1]].max(axis=(4, 5))


class ReLU(Module):
    def __init__(self, inplace=False):
        pass

    def forward(self, x):
        return np.maximum(x, 0)


class Flatten(Module):
    def __init__(self, start_dim=1):
        self.start = start_dim

    def forward(self, x):
        return x.reshape(*x.shape[: self.start], -1)


class Softmax(Module):
    def __init__(self, dim=None):
        self.dim = 1 if dim is None else dim

    def forward(self, x):
        powers = np.exp(x - x.max(axis=self.dim, keepdims=True))
        return powers / powers.sum(axis=self.dim, keepdims=True)


functional = types.SimpleNamespace(
    relu=lambda x: np.maximum(x, 0),
    max_pool2d=lambda x, kernel_size, stride=None: MaxPool2d(kernel_size, stride)(x),
    softmax=lambda x, dim=None: Softmax(dim)(x),
)


def __getattr__(name):
    raise AttributeError(f"our small copy of torch.nn has no {name}")
