"""The deck's CNN in JAX: functions of the weights, and functions made of functions."""

import types

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.nn import relu


# --- network
def convolution(x, kernel, bias):
    x = lax.conv_general_dilated(
        x,
        kernel,
        window_strides=(1, 1),
        padding="VALID",
        dimension_numbers=("NHWC", "HWIO", "NHWC"),
    )
    return relu(x + bias)


def max_pool(x):
    return lax.reduce_window(
        x,
        init_value=-jnp.inf,
        computation=lax.max,
        window_dimensions=(1, 2, 2, 1),
        window_strides=(1, 2, 2, 1),
        padding="VALID",
    )


@jax.jit
def logits(w, x):
    x = convolution(x, w["conv_1/kernel"], w["conv_1/bias"])
    x = convolution(x, w["conv_2/kernel"], w["conv_2/bias"])
    x = max_pool(x).reshape(len(x), -1)
    x = relu(x @ w["dense/kernel"] + w["dense/bias"])
    return x @ w["output/kernel"] + w["output/bias"]


# --- training
def loss(w, images, labels):
    log_q = jax.nn.log_softmax(logits(w, images))
    return -log_q[jnp.arange(len(labels)), labels].mean()


@jax.jit
def sgd(w, images, labels, rate):
    value, slopes = jax.value_and_grad(loss)(w, images, labels)
    return value, jax.tree.map(lambda w, g: w - rate * g, w, slopes)


def train_step(model, learning_rate, images, labels):
    value, model.weights = sgd(model.weights, images, labels, learning_rate)
    return float(value)


# --- derivative
def derivative(x):
    slope = jax.grad(lambda x: x**2 * jnp.sin(x))
    return float(slope(x))


# --- shared by all
def build(weights):
    """The weights, in a place where a training step can replace them."""
    arrays = {name: jnp.asarray(array) for name, array in weights.items()}
    return types.SimpleNamespace(weights=arrays)


def predict(model, images):
    return np.array(jax.nn.softmax(logits(model.weights, images)))


def get_weights(model):
    return {name: np.array(array) for name, array in model.weights.items()}


def make_optimizer(model, learning_rate):
    return learning_rate  # plain gradient descent needs no more
