"""Four networks from six decades, each trained on the same digits, for lesson 1.

    race = [four_networks.run(year, train, test) for year in four_networks.NETWORKS]

Keras's plain `compile` and `fit`; the steps become smaller towards the end. Passes and
rates were chosen on training images that are not used here.
"""

from time import perf_counter

import keras
import numpy as np
from keras import layers
from keras.optimizers import SGD, Adam

from utils import data, deck_cnn


class Perceptrons:
    """1958: ten of them, one a digit; the largest sum wins. Used as a Keras network."""

    def __init__(self):
        self.W, self.b = np.zeros((784, 10)), np.zeros(10)

    def compile(self, optimizer, loss):
        """Nothing: the rule is its optimizer."""

    def fit(self, x, targets, epochs, **_):
        pairs = list(zip(x.reshape(-1, 784), targets.argmax(axis=1), strict=True))
        for pixels, digit in pairs * epochs:
            read = (pixels @ self.W + self.b).argmax()
            if read != digit:
                self.W[:, digit] += pixels
                self.b[digit] += 1
                self.W[:, read] -= pixels
                self.b[read] -= 1

    def predict(self, x, **_):
        return x.reshape(-1, 784) @ self.W + self.b

    def count_params(self):
        return self.W.size + self.b.size


def two_layers():
    """1986: a sigmoid everywhere, and the squared error, as in the paper."""
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Flatten(),
            layers.Dense(units=100, activation="sigmoid"),
            layers.Dense(units=10, activation="sigmoid"),
        ]
    )


def lenet5():
    """1998: as in the paper, without some of its details."""
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.ZeroPadding2D(padding=2),
            layers.Conv2D(filters=6, kernel_size=5, activation="tanh"),
            layers.AveragePooling2D(pool_size=2),
            layers.Conv2D(filters=16, kernel_size=5, activation="tanh"),
            layers.AveragePooling2D(pool_size=2),
            layers.Flatten(),
            layers.Dense(units=120, activation="tanh"),
            layers.Dense(units=84, activation="tanh"),
            layers.Dense(units=10),
        ]
    )


LOSS = keras.losses.CategoricalCrossentropy(from_logits=True)
NETWORKS = {
    # year of its newest idea: name, network, passes over 5,000 images, and how
    1958: ("perceptrons", Perceptrons, 5, SGD, 1.0, None),
    1986: ("two layers", two_layers, 10, SGD, 5.0, "mean_squared_error"),
    1998: ("LeNet-5 style", lenet5, 5, SGD, 0.1, LOSS),
    2014: ("the deck's CNN", deck_cnn.build, 2, Adam, 0.001, LOSS),
}


def run(year, train, test):
    """Train and test the network of a year, and print its error.

    train, test: (images, labels), at most 5,000 images to train on; fewer are read
    more often. Returns {"year", "name", "error" in %, "parameters", "seconds"}.
    """
    name, build, passes, optimizer, rate, loss = NETWORKS[year]
    x, x_test = data.prepare(train[0]), data.prepare(test[0])
    network, passes = build(), passes * (5_000 // len(x))
    rate = keras.optimizers.schedules.CosineDecay(rate, passes * len(x) // 20)
    network.compile(optimizer(rate), loss)
    started = perf_counter()
    network.fit(x, np.eye(10)[train[1]], epochs=passes, batch_size=20, verbose=0)
    seconds = perf_counter() - started
    read = network.predict(x_test, verbose=0).argmax(axis=1)
    error = 100 * float(np.mean(read != test[1]))
    print(f"{year} {name}: {error:.1f} % of {len(read):,} test images are wrong")
    row = {"year": year, "name": name, "error": error, "seconds": seconds}
    return row | {"parameters": network.count_params()}
