"""Right answers to lesson 5's exercises, written differently."""

import math

import numpy as np


def with_a_loop(p, q):
    return sum(-float(a) * math.log2(b) for a, b in zip(p, q, strict=True))


def with_a_dot(p, q):
    return -(p @ np.log2(q)).astype("float32")


def with_keras(p, q):
    import keras

    return keras.losses.categorical_crossentropy(p.astype("float32"), q) / math.log(2)


def with_keras_as_a_batch_of_one(p, q):
    import keras

    loss = keras.losses.categorical_crossentropy(p[None], q[None])
    return keras.ops.convert_to_numpy(loss) / np.log(2)  # shape (1,)


def with_entropy_and_kl(p, q):
    from scipy.special import entr, rel_entr

    return (entr(p).sum() + rel_entr(p, q).sum()) / np.log(2)


def batch_by_loop(labels, q):
    losses = [-math.log(row[label]) for label, row in zip(labels, q, strict=True)]
    return sum(losses) / len(losses)


def batch_by_one_hot(labels, q):
    p = np.eye(q.shape[1])[labels]
    return np.mean(-np.log((p * q).sum(axis=1)))


def batch_by_keras(labels, q):
    import keras

    return keras.losses.SparseCategoricalCrossentropy()(labels, q)


def loss_by_lists(z, label):
    largest = max(z)
    return math.log(sum(math.exp(x - largest) for x in z)) - (z[label] - largest)


def loss_by_logaddexp(z, label):
    return np.logaddexp.reduce(z) - z[label]


def loss_by_scipy(z, label):
    from scipy.special import log_softmax

    return -log_softmax(z.astype("float32"))[label]


def loss_by_keras(z, label):
    import keras

    function = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    return function(np.array([label]), z[None])


def gradient_in_place(z, labels):
    from scipy.special import softmax

    gradient = softmax(z, axis=1)
    gradient[np.arange(len(labels)), labels] -= 1
    return gradient / len(labels)


def gradient_by_rows(z, labels):
    rows = []
    for logits, label in zip(z, labels, strict=True):
        powers = [math.exp(x) for x in logits]
        row = [power / sum(powers) for power in powers]
        row[label] -= 1
        rows.append([x / len(z) for x in row])
    return rows


def gradient_by_keras(z, labels):
    from keras import ops

    p = ops.one_hot(labels, z.shape[1])
    q = ops.softmax(ops.convert_to_tensor(z.astype("float32")))
    return (q - p) / len(labels)


def gradient_by_differences(z, labels):
    """Finite differences of the loss itself: they know nothing about q - p."""
    gradient = np.zeros(z.shape)
    for place in np.ndindex(z.shape):
        change = np.zeros(z.shape)
        change[place] = 1e-5
        up, down = (
            np.mean([loss_by_logaddexp(*pair) for pair in zip(x, labels, strict=True)])
            for x in (z + change, z - change)
        )
        gradient[place] = (up - down) / 2e-5
    return gradient


ANSWERS = {
    "q1": [[0.2, 0.5, 3], (0, 1, 10), np.array([1.0, 2.0, 3.0], "float32"), [0, 2, 99]],
    "q2": [10, 10.0, np.log2(np.float32(1024)), [10], math.log(1024, 2)],
    "q3": [
        with_a_loop,
        with_a_dot,
        with_keras,
        with_keras_as_a_batch_of_one,
        with_entropy_and_kl,
    ],
    "q4": [0.69, 0.693, math.log(2), np.float32(0.7), np.array([0.6931])],
    "q5": ["cross-entropy", "Cross-Entropy", " cross-entropy. ", "cross_entropy"],
    "q6": [batch_by_loop, batch_by_one_hot, batch_by_keras],
    "q7": [loss_by_lists, loss_by_logaddexp, loss_by_scipy, loss_by_keras],
    "q8": [
        gradient_in_place,
        gradient_by_rows,
        gradient_by_keras,
        gradient_by_differences,
    ],
}
