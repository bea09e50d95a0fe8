"""The deck's CNN in Keras 3, on whichever backend KERAS_BACKEND names."""

import keras
from keras import layers

from utils.frameworks.weights import SHAPES


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
    logits = model.predict(images, verbose=0)
    return keras.ops.convert_to_numpy(keras.ops.softmax(logits))


def get_weights(model):
    return dict(zip(SHAPES, model.get_weights(), strict=True))
