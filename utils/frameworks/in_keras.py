"""The deck's CNN in Keras 3, on whichever backend KERAS_BACKEND names."""

import keras
import numpy as np
from keras import layers

from utils.frameworks.weights import SHAPES

VERSION = keras.__version__


# --- network
def network():
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(32, kernel_size=3, activation="relu"),
            layers.Conv2D(64, kernel_size=3, activation="relu"),
            layers.MaxPooling2D(pool_size=2),
            layers.Flatten(),
            layers.Dense(128, activation="relu"),
            layers.Dense(10),
        ]
    )


# --- training
loss_function = keras.losses.SparseCategoricalCrossentropy(
    from_logits=True,
)


def make_optimizer(model, learning_rate):
    optimizer = keras.optimizers.SGD(learning_rate)
    model.compile(optimizer, loss=loss_function)
    return optimizer


def train_step(model, optimizer, images, labels):
    return float(model.train_on_batch(images, labels))


# --- loop
def fit_line(x, y):
    model = keras.Sequential([layers.Dense(1)])
    model.compile(keras.optimizers.SGD(0.3), loss="mse")

    model.fit(x, y, batch_size=16, epochs=5)
    return model


# --- shared by all
def build(weights):
    model = network()
    model.set_weights([weights[name] for name in SHAPES])
    return model


def predict(model, images):
    logits = model.predict(images, batch_size=100, verbose=0)
    return keras.ops.convert_to_numpy(keras.ops.softmax(logits))


def gradients(model, images, labels):
    """The loss, and {name: gradient}. Keras has none of its own: see the backends."""
    compute = {"tensorflow": with_tape, "jax": with_grad, "torch": with_backward}
    loss, found = compute[keras.backend.backend()](model, images, labels)
    arrays = [np.array(keras.ops.convert_to_numpy(array)) for array in found]
    return float(loss), dict(zip(SHAPES, arrays, strict=True))


# Each backend's own way to the loss, a scalar, and a gradient for each trainable
# variable, in their order and shape.


def with_tape(model, images, labels):
    """TensorFlow records the forward pass on a tape."""
    import tensorflow as tf

    variables = [v.value for v in model.trainable_variables]
    with tf.GradientTape() as tape:
        loss = loss_function(labels, model(images))
    return loss, tape.gradient(loss, variables)


def with_grad(model, images, labels):
    """JAX wants a function of the variables, and makes another of it."""
    import jax

    def loss_of(variables):
        logits, _ = model.stateless_call(variables, [], images)
        return loss_function(labels, logits)

    variables = [v.value for v in model.trainable_variables]
    return jax.value_and_grad(loss_of)(variables)


def with_backward(model, images, labels):
    """PyTorch leaves each gradient beside its variable."""
    model.zero_grad()
    loss = loss_function(labels, model(images))
    loss.backward()
    return loss, [v.value.grad for v in model.trainable_variables]
