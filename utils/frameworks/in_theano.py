"""The deck's CNN in Theano: formulas first, then functions compiled from them."""

import numpy as np
import theano
import theano.tensor as T
from theano.tensor.nnet import conv2d
from theano.tensor.signal.pool import pool_2d

from utils.frameworks.weights import SHAPES, channels_first, channels_last

LAYOUT = "inputs, outputs"  # of dense kernels


# --- network
def convolution(x, W, b):
    x = conv2d(x, W, filter_flip=False)
    return T.nnet.relu(x + b.dimshuffle("x", 0, "x", "x"))


class Network:
    def __init__(self, weights):
        self.params = []
        for name, array in weights.items():
            self.params.append(theano.shared(array, name=name))
        W1, b1, W2, b2, W3, b3, W4, b4 = self.params
        self.x, self.y = T.tensor4("x"), T.lvector("y")
        x = convolution(self.x, W1, b1)
        x = convolution(x, W2, b2)
        x = pool_2d(x, ws=(2, 2), ignore_border=True).flatten(2)
        x = T.nnet.relu(T.dot(x, W3) + b3)
        q = T.nnet.softmax(T.dot(x, W4) + b4)
        losses = T.nnet.categorical_crossentropy(q, self.y)
        self.loss = losses.mean()
        self.predict = theano.function([self.x], q)


# --- training
def make_optimizer(model, learning_rate):
    slopes = T.grad(model.loss, model.params)
    updates = [
        (param, param - np.float32(learning_rate) * slope)
        for param, slope in zip(model.params, slopes)  # noqa: B905
    ]
    inputs = [model.x, model.y]
    return theano.function(inputs, model.loss, updates=updates)


def train_step(model, train, images, labels):
    return float(train(channels(images), labels))


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
    """[batch, height, width, channels] -> [batch, channels, height, width]."""
    return np.ascontiguousarray(images.transpose(0, 3, 1, 2))


def build(weights):
    return Network(channels_first(weights, dense=LAYOUT))


def predict(model, images):
    return model.predict(channels(images))


def get_weights(model):
    found = [parameter.get_value() for parameter in model.params]
    return channels_last(dict(zip(SHAPES, found)), dense=LAYOUT)  # noqa: B905
