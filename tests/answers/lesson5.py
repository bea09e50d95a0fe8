"""Right answers to lesson 5's exercises, written differently."""

import math
from decimal import Decimal
from fractions import Fraction

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


def softmax(z):
    powers = np.exp(z - z.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def truth(z, labels):
    return np.eye(z.shape[1])[labels]


ANSWERS = {
    "q1": [
        [0.2, 0.5, 3],
        (0, 1, 10),
        np.array([1.0, 2.0, 3.0], "float32"),
        [0, 2, 99],
        [Fraction(1, 5), Decimal("0.5"), 3],
        np.array([0.1, 0.2, 7], object),
        -np.log([0.8, 0.6, 0.05]),
        [np.float32(0), np.int8(1), True + 1],
        range(1, 4),
    ],
    "q2": [
        *(10, 10.0, np.log2(np.float32(1024)), [10], math.log(1024, 2)),
        *(Fraction(10), Decimal("10.0"), np.uint8(10), sum([1] * 10)),
        *(-math.log(1 / 1024) / math.log(2), np.array([[10]]), (10,)),
    ],
    "q3": [
        with_a_loop,
        with_a_dot,
        with_keras,
        with_keras_as_a_batch_of_one,
        with_entropy_and_kl,
        lambda p, q: -np.sum(p * np.log(q)) / np.log(2),
        lambda p, q: np.dot(p, np.log2(1 / q)),
        lambda p, q: -(p * np.log2(q + 1e-12)).sum(),
        lambda p, q: np.float32(sum(-p * np.log2(q))),
        lambda p, q: -(p * np.log2(q)).mean() * len(p),
    ],
    "q4": [
        *(0.69, 0.693, math.log(2), np.float32(0.7), np.array([0.6931])),
        *(Fraction(693, 1000), Decimal("0.6931"), -np.log(0.5), math.log1p(1)),
    ],
    "q5": [
        *(1, 1.0, 0.9996, np.float32(1), [1], (1,), np.array([[1.0]])),
        *(Fraction(1), Decimal("1.00"), 8.0014 - 7.0018, 0.999),
        np.log(np.e),
    ],
    "q6": [
        batch_by_loop,
        batch_by_one_hot,
        batch_by_keras,
        lambda labels, q: np.mean([-np.log(q[i, k]) for i, k in enumerate(labels)]),
        lambda labels, q: -np.log(np.diag(q[:, labels])).sum() / len(q),
        lambda labels, q: -np.log(np.choose(labels, q.T) + 1e-12).mean(),
        lambda labels, q: (
            -np.average(np.log(np.take_along_axis(q, labels[:, None], axis=1)))
        ),
        lambda labels, q: -np.log(picked(labels, q).prod()) / len(labels),
    ],
    "q7": [
        loss_by_lists,
        loss_by_logaddexp,
        loss_by_scipy,
        loss_by_keras,
        lambda z, label: (
            np.log(np.sum(np.exp(z - z[label] - max(z - z[label])))) + max(z - z[label])
        ),
        lambda z, label: -(z - z.max() - np.log(np.exp(z - z.max()).sum()))[label],
        lambda z, label: (
            np.log1p(np.exp(np.delete(z, z.argmax()) - max(z)).sum())
            + max(z)
            - z[label]
        ),
        lambda z, label: [np.logaddexp.reduce(z - z[label])],
    ],
    "q8": [
        gradient_in_place,
        gradient_by_rows,
        gradient_by_keras,
        gradient_by_differences,
        lambda z, labels: -(truth(z, labels) - softmax(z)) / z.shape[0],
        lambda z, labels: softmax(z) / len(z) - truth(z, labels) / len(z),
        lambda z, labels: (softmax(z) - truth(z, labels)) * len(labels) ** -1,
        lambda z, labels: np.divide(
            softmax(z) - truth(z, labels), len(labels)
        ).tolist(),
        lambda z, labels: (
            softmax(z).astype("float32") / len(z)
            - np.float32(truth(z, labels) / len(z))
        ),
    ],
}


def picked(labels, q):
    return q[np.arange(len(labels)), labels]


# A beginner's wrong answers, each with a part of what is said of it.
WRONG = {
    "q1": [
        ([3, 2, 1], "look like scores"),
        ([1, 3, 2], "B pays most"),
        ([2, 1, 3], "A pays more than B"),
        ([0.8, 0.6, 0.05], "look like scores"),
        ([1, 1, 0], ""),
        ([0, 0, 5], "Is B as good as A?"),
        ([5, 5, 5], "All three pay the same"),
        ([0.2, 0.5], "three numbers are wanted"),
        ([0, -1, -3], "below 0"),
        ([0, 3, 3], "B pays as much as C"),
        ([2, 3, 1], "very sure, but of class 0"),
        (["A", "B", "C"], "numbers are wanted"),
        (3, "three numbers are wanted"),
    ],
    "q2": [
        (512, "halved 1024 once"),
        (1024, "far smaller"),
        (0.0009765625, "the probability itself"),
        (6.93, "natural logarithm"),
        (3.01, "base 10"),
        (np.log2(1 / 1024), "negative"),
        (5, ""),
        ("ten", "numbers are wanted"),
        (2**10, "far smaller"),
        (9, "Nine coins"),
        ((10, 1024), "one number is wanted"),
    ],
    "q3": [
        (lambda p, q: -(p * np.log(q)).sum(), "nats"),
        (lambda p, q: -sum(p * np.log10(q)), "slide"),
        (lambda p, q: np.sum(p * np.log2(q)), "minus sign"),
        (lambda p, q: np.mean(-p * np.log2(q)), "number of classes"),
        (lambda p, q: -np.log2(q) * p, "the last step"),
        (lambda p, q: -(q * np.log2(p)).sum(), "exchanged"),
        (lambda p, q: -(q * np.log2(p + 1e-12)).sum(), "exchanged"),
        (lambda p, q: -(p * np.log2(p)).sum(), "entropy of `p`"),
        (lambda p, q: -(p * np.log2(p + 1e-12)).sum(), "entropy of `p`"),
        (lambda p, q: -np.log2(q), "expected 1.69546, you have ["),
        (lambda p, q: -np.log2(q[p.argmax()]), "largest p"),
        (lambda p, q: None, "returns nothing"),
        (lambda p, q: -np.log2(q).sum() * p.sum(), "counts fully"),
        (lambda p, q: ((p - q) ** 2).mean(), ""),
    ],
    "q4": [
        (0, "sure and always right"),
        (1.0, "in bits"),
        (0.3, "base 10"),
        (0.5, "is a probability"),
        (1.386, "both surprises"),
        (0.3466, "one of the two"),
        (-0.69, "never negative"),
        (0.5 * 0.5, "square or a product"),
        ("ln 2", "numbers are wanted"),
        (2, ""),
    ],
    "q5": [
        (1.44, "in bits"),
        (0, "has come to an end"),
        (-1, "The size is right"),
        (7.0018, "before the step"),
        (8.0014, "after the step"),
        (0.0999, "a tenth"),
        (2.718, "many times smaller"),
        (0.37, ""),
        (2, ""),
        ((7, 8), "a comma makes two"),
        ([7.0018, 8.0014], "one number is wanted"),
        ("1 nat", "numbers are wanted"),
        (np.nan, "NaN"),
    ],
    "q6": [
        (lambda labels, q: -np.log(picked(labels, q)).sum(), "You add up"),
        (lambda labels, q: np.log(picked(labels, q)).mean(), "sign is not"),
        (lambda labels, q: -np.mean(np.log(q[labels])), "whole rows"),
        (lambda labels, q: -np.log(q[:, labels]).mean(), "several columns"),
        (lambda labels, q: -np.log(np.mean(picked(labels, q))), "logarithm first"),
        (lambda labels, q: -np.log2(picked(labels, q)).mean(), "in bits"),
        (lambda labels, q: -np.log10(picked(labels, q)).mean(), "base 10"),
        (lambda labels, q: -np.log2(picked(labels, q)).sum(), "Two things"),
        (lambda labels, q: -np.log2(picked(labels, q).mean()), ""),
        (lambda labels, q: -np.log(q).mean(), ""),
        (lambda labels, q: -np.log(picked(labels, q)), "single images"),
        (lambda labels, q: (1 - picked(labels, q)).mean(), ""),
        (lambda labels, q: -np.log(q.max(axis=1)).mean(), "largest probability"),
        (lambda labels, q: -np.log(picked(labels, q)).sum() / 3, ""),
        (lambda labels, q: -np.log(q[[0, 1, 2], labels]).mean(), "labels 2, 2, 0, 1"),
        (lambda labels, q: -np.log(picked(labels, q) + 0.01).mean(), ""),
    ],
    "q7": [
        (
            lambda z, label: np.log((z - z.max()).sum()) - (z - z.max())[label],
            "first exponentials",
        ),
        (
            lambda z, label: z.max() + np.log(np.exp(z).sum()) - z[label],
            "too large by the largest logit",
        ),
        (lambda z, label: -np.log(np.exp(z[label]) / np.exp(z).sum()), "NaN"),
        (lambda z, label: np.log(np.exp(z).sum()) - z[label], "NaN"),
        (lambda z, label: -np.log(softmax(z[None])[0, label]), "NaN"),
        (lambda z, label: -np.log(softmax(z[None])[0, label] + 1e-12), "rounded to 0"),
        (
            lambda z, label: -np.log(softmax(z[None]).clip(1e-9)[0, label]),
            "rounded to 0",
        ),
        (
            lambda z, label: np.log(np.exp(z - z.mean()).sum()) - z[label] + z.mean(),
            "use `shifted`",
        ),
        (
            lambda z, label: np.log(np.exp(np.minimum(z, 700)).sum()) - z[label],
            "right for small",
        ),
        (lambda z, label: np.log(np.exp(z - max(z)).sum()) - z[label], "unshifted"),
        (lambda z, label: np.log(np.exp(z - max(z)).sum()), "right class is missing"),
        (lambda z, label: np.exp(z - max(z)).sum() - z[label] + max(z), "logarithm"),
        (lambda z, label: max(z) - z[label], "only the distance"),
        (
            lambda z, label: np.log2(np.exp(z - max(z)).sum()) - z[label] + max(z),
            "base 2",
        ),
        (
            lambda z, label: np.log(np.exp(z - max(z)).sum()) + z[label] - max(z),
            "",
        ),
    ],
    "q8": [
        (lambda z, labels: softmax(z) - truth(z, labels), "of the *sum*"),
        (lambda z, labels: (truth(z, labels) - softmax(z)) / len(z), "of the step"),
        (lambda z, labels: (softmax(z) - truth(z, labels)).mean(), "shape ()"),
        (lambda z, labels: (softmax(z) - truth(z, labels)).mean(axis=0), "shape (4,)"),
        (lambda z, labels: (softmax(z) - truth(z, labels)).sum(axis=1), "shape (3,)"),
        (lambda z, labels: (softmax(z) - truth(z, labels)) / z.size, "all numbers"),
        (lambda z, labels: (softmax(z) - truth(z, labels)) / 3, "by their number"),
        (lambda z, labels: softmax(z) - truth(z, labels) / len(z), "brackets"),
        (lambda z, labels: (z - truth(z, labels)) / len(z), "from the logits"),
        (lambda z, labels: softmax(z) / len(z), "truth is missing"),
        (
            lambda z, labels: -truth(z, labels) / (softmax(z) + 1e-12) / len(z),
            "with respect to the prob",
        ),
        (
            lambda z, labels: (softmax(z) - truth(z, labels)) / len(z) / np.log(2),
            "in bits",
        ),
        (lambda z, labels: (softmax(z) - truth(z, labels)) / np.log(2), "Two things"),
        (
            lambda z, labels: (softmax(z) - truth(z, labels)) / len(z) / np.log(10),
            "base 10",
        ),
        (lambda z, labels: (softmax(z) - truth(z, labels)).mean(axis=1), "shape (3,)"),
        (lambda z, labels: softmax(z) - labels, ""),
        (lambda z, labels: 2 * (softmax(z) - truth(z, labels)) / len(z), ""),
    ],
}
