"""The deck's CNN in JAX: functions of the weights, and functions made of functions."""

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.nn import relu

VERSION = jax.__version__


# --- network
def convolution(x, kernel):
    return lax.conv_general_dilated(
        x,
        kernel,
        window_strides=(1, 1),
        padding="VALID",
        dimension_numbers=("NHWC", "HWIO", "NHWC"),
    )


def max_pool(x):
    size = (1, 2, 2, 1)
    return lax.reduce_window(x, -jnp.inf, lax.max, size, size, "VALID")


@jax.jit
def logits(w, x):
    x = convolution(x, w["conv_1/kernel"]) + w["conv_1/bias"]
    x = convolution(relu(x), w["conv_2/kernel"]) + w["conv_2/bias"]
    x = max_pool(relu(x)).reshape(len(x), -1)
    x = relu(x @ w["dense/kernel"] + w["dense/bias"])
    return x @ w["output/kernel"] + w["output/bias"]


# --- training
def loss(w, images, labels):
    log_q = jax.nn.log_softmax(logits(w, images))
    return -log_q[jnp.arange(len(labels)), labels].mean()


loss_and_gradients = jax.jit(jax.value_and_grad(loss))


@jax.jit
def sgd(w, images, labels, learning_rate):
    value, gradients = jax.value_and_grad(loss)(w, images, labels)
    return value, jax.tree.map(lambda w, g: w - learning_rate * g, w, gradients)


# --- derivative
def derivative(x):
    slope = jax.grad(lambda x: x**2 * jnp.sin(x))
    return float(slope(x))


# --- shared by all
class Model:
    """The weights, in a place where a training step can replace them."""

    def __init__(self, weights):
        self.weights = {name: jnp.asarray(array) for name, array in weights.items()}


def build(weights):
    return Model(weights)


def predict(model, images):
    parts = [images[i : i + 100] for i in range(0, len(images), 100)]
    found = [jax.nn.softmax(logits(model.weights, part)) for part in parts]
    return np.concatenate([np.array(part) for part in found])


def gradients(model, images, labels):
    value, found = loss_and_gradients(model.weights, images, labels)
    return float(value), {name: np.array(array) for name, array in found.items()}


def train_step(model, images, labels, learning_rate):
    value, model.weights = sgd(model.weights, images, labels, learning_rate)
    return float(value)
