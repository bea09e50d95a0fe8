"""The deck's CNN in TensorFlow's own operations, without Keras."""

import tensorflow as tf


# --- network
class Network(tf.Module):
    def __init__(self, weights):
        super().__init__()
        self.w = {k: tf.Variable(w) for k, w in weights.items()}

    @tf.function
    def __call__(self, images):
        w = self.w
        x = tf.nn.conv2d(images, w["conv_1/kernel"], 1, "VALID")
        x = tf.nn.relu(x + w["conv_1/bias"])
        x = tf.nn.conv2d(x, w["conv_2/kernel"], 1, "VALID")
        x = tf.nn.relu(x + w["conv_2/bias"])
        x = tf.nn.max_pool2d(x, 2, strides=2, padding="VALID")
        x = tf.reshape(x, [-1, 12 * 12 * 64])
        x = tf.nn.relu(x @ w["dense/kernel"] + w["dense/bias"])
        return x @ w["output/kernel"] + w["output/bias"]


# --- training
@tf.function
def loss_and_gradients(model, images, labels):
    with tf.GradientTape() as tape:
        losses = tf.nn.sparse_softmax_cross_entropy_with_logits(
            labels=labels, logits=model(images)
        )
        loss = tf.reduce_mean(losses)
    return loss, tape.gradient(loss, model.w)


def train_step(model, learning_rate, images, labels):
    loss, found = loss_and_gradients(model, images, labels)
    for name, gradient in found.items():
        model.w[name].assign_sub(learning_rate * gradient)
    return float(loss)


# --- derivative
def derivative(x):
    x = tf.Variable(x)
    with tf.GradientTape() as tape:
        y = x**2 * tf.sin(x)
    return float(tape.gradient(y, x))


# --- shared by all
def build(weights):
    return Network(weights)


def make_optimizer(model, learning_rate):
    return learning_rate  # plain gradient descent needs no more


def predict(model, images):
    return tf.nn.softmax(model(tf.constant(images))).numpy()


def get_weights(model):
    return {name: variable.numpy() for name, variable in model.w.items()}
