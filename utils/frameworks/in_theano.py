"""The deck's CNN in Theano: formulas first, then functions compiled from them."""

import numpy as np
import theano
import theano.tensor as T
from theano.tensor.nnet import conv2d
from theano.tensor.signal.pool import pool_2d

from utils.frameworks.weights import channels_first, channels_last

VERSION = theano.__version__
LAYOUT = "inputs, outputs"  # of dense kernels


# --- network
def logits(w, x):
    x = conv2d(x, w["conv_1/kernel"], filter_flip=False)
    x = T.nnet.relu(x + w["conv_1/bias"].dimshuffle("x", 0, "x", "x"))
    x = conv2d(x, w["conv_2/kernel"], filter_flip=False)
    x = T.nnet.relu(x + w["conv_2/bias"].dimshuffle("x", 0, "x", "x"))
    x = pool_2d(x, ws=(2, 2), ignore_border=True).flatten(2)
    x = T.nnet.relu(T.dot(x, w["dense/kernel"]) + w["dense/bias"])
    return T.dot(x, w["output/kernel"]) + w["output/bias"]


class Network:
    def __init__(self, weights):
        self.w = {}
        for name, array in weights.items():
            self.w[name] = theano.shared(array, name)
        x, y = T.tensor4("x"), T.lvector("y")
        q = T.nnet.softmax(logits(self.w, x))
        loss = T.nnet.categorical_crossentropy(q, y).mean()
        self.predict = theano.function([x], q)
        self.train = compile_training(self.w, x, y, loss)
        slopes = T.grad(loss, list(self.w.values()))
        self.gradients = theano.function([x, y], [loss, *slopes])


# --- training
def compile_training(w, x, y, loss):
    rate = T.scalar("rate")
    updates = {}
    for weight in w.values():
        updates[weight] = weight - rate * T.grad(loss, weight)
    return theano.function([x, y, rate], loss, updates=updates)


def train_step(model, images, labels, learning_rate):
    rate = np.float32(learning_rate)
    return float(model.train(channels(images), labels, rate))


# --- derivative
def derivative(x):
    symbol = T.dscalar("x")
    y = symbol**2 * T.sin(symbol)
    slope = theano.function([symbol], T.grad(y, symbol))
    return float(slope(x))


# --- tie
def tie():
    x = T.tensor4("x")
    y = pool_2d(x, ws=(2, 2), ignore_border=True).sum()
    slope = theano.function([x], T.grad(y, x))
    return slope(np.ones((1, 1, 2, 2), "float32")).ravel().tolist()


# --- shared by all
def channels(images):
    return np.ascontiguousarray(images.transpose(0, 3, 1, 2))


def build(weights):
    return Network(channels_first(weights, dense=LAYOUT))


def predict(model, images):
    parts = [images[i : i + 100] for i in range(0, len(images), 100)]
    return np.concatenate([model.predict(channels(part)) for part in parts])


def gradients(model, images, labels):
    loss, *found = model.gradients(channels(images), labels)
    found = {name: np.array(g) for name, g in zip(model.w, found)}  # noqa: B905
    return float(loss), channels_last(found, dense=LAYOUT)
