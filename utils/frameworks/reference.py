"""The deck's CNN in float64, with utils.nn: what all frameworks are compared with."""

import numpy as np

from utils import nn
from utils.frameworks.weights import SHAPES


def points():
    """64 points x, y near the line y = 2 x + 1; two float32 arrays [64, 1]."""
    rng = np.random.default_rng(0)
    x = rng.uniform(-1, 1, (64, 1))
    y = 2 * x + 1 + rng.normal(0, 0.1, x.shape)
    return x.astype("float32"), y.astype("float32")


def build(weights, dtype="float64"):
    layers = [
        nn.Conv2D(1, 32, kernel_size=3, rng=0, dtype=dtype),
        nn.ReLU(),
        nn.Conv2D(32, 64, kernel_size=3, rng=0, dtype=dtype),
        nn.ReLU(),
        nn.MaxPool2D(2),
        nn.Flatten(),
        nn.Dense(9216, 128, rng=0, dtype=dtype),
        nn.ReLU(),
        nn.Dense(128, 10, rng=0, dtype=dtype),
    ]
    model = nn.Sequential(layers)
    model.set_weights([weights[name] for name in SHAPES])
    return model


def predict(model, images):
    images = np.asarray(images, "float64")
    # 50 at a time: the patches of more would fill the memory
    parts = [images[i : i + 50] for i in range(0, len(images), 50)]
    return np.concatenate([nn.Softmax().forward(model.forward(part)) for part in parts])


def gradients(model, images, labels):
    loss = nn.CrossEntropy()
    value = loss.forward(model.forward(np.asarray(images, "float64")), labels)
    model.backward(loss.backward())
    found = [array for layer in model.layers for array in layer.gradients]
    return value, dict(zip(SHAPES, found, strict=True))


def train_step(model, images, labels, learning_rate):
    images, optimizer = np.asarray(images, "float64"), nn.SGD(model, learning_rate)
    return model.train_step(images, labels, nn.CrossEntropy(), optimizer)


def without_ties(images, seed=0):
    """Images plus a little fixed noise: no two numbers of a pooling window are equal.

    Where they are, frameworks may send the gradient different ways, and all are right.
    """
    noise = np.random.default_rng(seed).uniform(0, 0.05, np.shape(images))
    return (images + noise).astype("float32")
