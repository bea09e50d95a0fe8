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


# --- shared by all
def build(weights):
    model = network()
    model.set_weights([weights[name] for name in SHAPES])
    return model


def predict(model, images):
    logits = model.predict(images, batch_size=100, verbose=0)
    return keras.ops.convert_to_numpy(keras.ops.softmax(logits))


def gradients(model, images, labels):
    """Keras has no gradients of its own: each backend brings its way."""
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        with tf.GradientTape() as tape:
            loss = loss_function(labels, model(images))
        found = tape.gradient(loss, [v.value for v in model.trainable_variables])
    elif keras.backend.backend() == "jax":
        import jax

        def loss_of(trainable):
            logits, _ = model.stateless_call(trainable, [], images)
            return loss_function(labels, logits)

        values = [v.value for v in model.trainable_variables]
        loss, found = jax.value_and_grad(loss_of)(values)
    else:
        model.zero_grad()
        loss = loss_function(labels, model(images))
        loss.backward()
        found = [v.value.grad for v in model.trainable_variables]
    arrays = [np.array(keras.ops.convert_to_numpy(array)) for array in found]
    return float(loss), dict(zip(SHAPES, arrays, strict=True))
