import functools
from decimal import Decimal
from fractions import Fraction

import numpy as np

# --- q2 ---------------------------------------------------------------------------


def dense_by_loops(x, W, b):
    """Nothing but Python: lists out."""
    return [
        [
            sum(row[i] * W[i][unit] for i in range(len(row))) + b[unit]
            for unit in range(len(b))
        ]
        for row in x
    ]


def dense_by_einsum(x, W, b):
    return (np.einsum("ni,iu->nu", x, W) + b).astype("float32")


def dense_with_bias_as_weight(x, W, b):
    """The bias is the weight of an input that is always 1."""
    ones = np.ones((len(x), 1))
    return np.hstack([x, ones]) @ np.vstack([W, b])


def dense_by_keras(x, W, b):
    from keras import layers

    layer = layers.Dense(len(b))
    layer.build((None, x.shape[1]))
    layer.set_weights([W, b])
    return layer(x)


def dense_by_tensorflow(x, W, b):
    import tensorflow as tf

    return tf.matmul(x, W) + b


def dense_by_tensordot(x, W, b):
    return np.tensordot(x, W, axes=1) + b[None, :]


def dense_by_columns(x, W, b):
    return np.column_stack([x @ W[:, unit] + b[unit] for unit in range(len(b))])


def dense_in_place(x, W, b):
    z = np.matmul(x, W)
    z += b
    return z


# --- q4 ---------------------------------------------------------------------------


def bias_by_dot(b1, W2, b2):
    return np.dot(W2.T, b1) + b2


def bias_as_row(b1, W2, b2):
    return (b1[np.newaxis] @ W2)[0] + b2


def bias_by_running_zeros(b1, W2, b2):
    """What comes out where x W1 is 0."""
    return [float(sum(b1 * column) + b) for column, b in zip(W2.T, b2, strict=True)]


def bias_as_column(b1, W2, b2):
    return ((W2.T @ b1.reshape(-1, 1)) + b2.reshape(-1, 1)).ravel()


def bias_by_einsum(b1, W2, b2):
    return np.einsum("i,ij->j", b1, W2) + b2


def bias_by_broadcasting(b1, W2, b2):
    return (b1[:, None] * W2).sum(axis=0) + b2


def bias_by_the_two_layers(b1, W2, b2):
    zeros = np.zeros((1, len(b1)))
    return ((zeros @ np.eye(len(b1)) + b1) @ W2 + b2)[0]


def bias_by_inner(b1, W2, b2):
    return tuple(np.inner(W2.T, b1) + b2)


# --- q6 ---------------------------------------------------------------------------


def softmax_by_rows(z):
    rows = []
    for row in z:
        powers = np.exp(row - max(row))
        rows.append(powers / sum(powers))
    return rows


def softmax_by_logarithms(z):
    """exp(z - log(sum(exp(z)))), with NumPy's own stable log-sum-exp."""
    return np.exp(z - np.logaddexp.reduce(z, axis=-1, keepdims=True))


def softmax_by_scipy(z):
    from scipy.special import softmax

    return softmax(z, axis=1).astype("float32")


def softmax_by_keras(z):
    from keras import ops

    return ops.softmax(ops.convert_to_tensor(z.astype("float32")), axis=-1)


def softmax_of_differences(z):
    """1 / sum_j exp(z_j - z_i): infinity in the sum gives the right 0."""
    differences = z[:, np.newaxis, :] - z[:, :, np.newaxis]
    return 1 / np.exp(differences).sum(axis=2)


def softmax_with_a_little_more(z):
    """Nobody divides by 0: not needed here, and no mistake."""
    powers = np.exp(z - z.max(axis=1, keepdims=True))
    return powers / (powers.sum(axis=1, keepdims=True) + 1e-12)


def softmax_in_columns(z):
    powers = np.exp(z.T - z.T.max(axis=0))
    return (powers / powers.sum(axis=0)).T


def softmax_by_apply(z):
    def one(row):
        return np.exp(row - row.max()) / np.exp(row - row.max()).sum()

    return np.apply_along_axis(one, 1, z)


def softmax_with_new_axes(z):
    powers = np.exp(z - z.max(1)[:, None])
    return powers / powers.sum(1)[:, None]


# --- q7: trained on the lesson's training images -------------------------------------


def trained(build):
    """A function that gives a guess and what `build` makes, trained in 150 steps.

    build gives (a compiled network, the shape that it reads, whether it wants one-hot
    labels).
    """

    @functools.cache
    def answer():
        from utils import data

        (images, labels), _ = data.load_mnist()
        (x, y), aside = data.split_validation(data.prepare(images), labels)
        model, shape, one_hot = build()
        if one_hot:
            y = np.eye(10)[y]
        batch = min(250, len(x) // 12)
        epochs = 150 * batch // len(x) + 1
        model.fit(x.reshape(-1, *shape), y, batch, epochs, verbose=0)
        answers = model.predict(aside[0].reshape(-1, *shape), verbose=0).argmax(axis=1)
        return round(float((answers == aside[1]).mean()), 2), model

    return answer


def sequential(*hidden, last=None, shape=(28, 28, 1), rate=0.01, loss=None, hot=False):
    """What `trained` wants, of a Sequential with these hidden layers (by functions)."""

    def build():
        import keras
        from keras import layers

        keras.utils.set_random_seed(0)
        model = keras.Sequential([keras.Input(shape)])
        if shape != (784,):
            model.add(layers.Flatten())
        for layer in hidden:
            model.add(layer(layers))
        model.add(layers.Dense(10, activation=last))
        losses = keras.losses.SparseCategoricalCrossentropy
        model.compile(
            keras.optimizers.Adam(rate), loss or losses(from_logits=last is None)
        )
        return model, shape, hot

    return build


def functional():
    import keras
    from keras import layers

    keras.utils.set_random_seed(0)
    images = x = keras.Input((28, 28))
    x = layers.Reshape((784,))(x)
    x = layers.ReLU()(layers.Dense(32)(x))
    x = layers.Dense(32, activation=keras.activations.gelu, use_bias=False)(x)
    model = keras.Model(images, keras.activations.softmax(layers.Dense(10)(x)))
    model.compile(keras.optimizers.Adam(0.01), "sparse_categorical_crossentropy")
    return model, (28, 28), False


def subclassed():
    import keras
    from keras import layers

    class Reader(keras.Model):
        def __init__(self):
            super().__init__()
            self.flat, self.out = layers.Flatten(), layers.Dense(10)
            self.hidden = layers.Dense(24, activation="tanh")

        def call(self, x):
            return self.out(self.hidden(self.flat(x)))

    keras.utils.set_random_seed(0)
    model = Reader()
    losses = keras.losses.SparseCategoricalCrossentropy
    model.compile(
        keras.optimizers.RMSprop(0.01), losses(from_logits=True), metrics=["accuracy"]
    )
    return model, (28, 28, 1), False


def nested():
    import keras
    from keras import layers

    model, *others = sequential()()
    inner = keras.Sequential([layers.Flatten(), layers.Dense(32, activation="relu")])
    model = keras.Sequential([keras.Input((28, 28, 1)), inner, layers.Dense(10)])
    losses = keras.losses.SparseCategoricalCrossentropy
    model.compile(keras.optimizers.SGD(0.1, momentum=0.9), losses(from_logits=True))
    return model, *others


TRAINED = [
    sequential(lambda layers: layers.Dense(32, activation="relu")),
    sequential(
        lambda layers: layers.Dense(30, activation="tanh"),
        lambda layers: layers.Dense(30, activation="sigmoid"),
        shape=(784,),
    ),
    sequential(
        lambda layers: layers.Dense(32, activation="elu"),
        last="softmax",
        loss="categorical_crossentropy",
        hot=True,
    ),
    sequential(
        lambda layers: layers.Rescaling(2.0, offset=-1),
        lambda layers: layers.Dense(16, activation="relu"),
        lambda layers: layers.BatchNormalization(momentum=0.9),
        lambda layers: layers.Dropout(0.1),
        lambda layers: layers.Dense(300, activation="elu"),
        last="softmax",
    ),
    sequential(
        lambda layers: layers.Dense(20),
        lambda layers: layers.LeakyReLU(),
        lambda layers: layers.Dense(20, activation="swish"),
    ),
    functional,
    subclassed,
    nested,
]

ORDER = ["epochs", "optimizer", "batch_size", "metrics", "loss", "validation_data"]

ANSWERS = {
    "q1": [
        *(2.5, np.float32(2.5), [2.5], np.array([[2.5]]), 5 / 2),
        *(
            Fraction(5, 2),
            Decimal("2.5"),
            (2.5,),
            max(0, np.dot([2, 1, -1], [0.5, -1, -3]) - 0.5),
        ),
    ],
    "q2": [
        dense_by_loops,
        dense_by_einsum,
        dense_with_bias_as_weight,
        dense_by_keras,
        dense_by_tensorflow,
        dense_by_tensordot,
        dense_by_columns,
        dense_in_place,
    ],
    "q3": [
        *(50_890, 50_890.0, np.int64(50_890), (784 + 1) * 64 + (64 + 1) * 10),
        *([50_890], Fraction(50_890), Decimal(50_890), np.array(50_890.0)),
    ],
    "q4": [
        bias_by_dot,
        bias_as_row,
        bias_by_running_zeros,
        bias_as_column,
        bias_by_einsum,
        bias_by_broadcasting,
        bias_by_the_two_layers,
        bias_by_inner,
    ],
    "q5": [
        ORDER,
        tuple(ORDER),
        np.array(ORDER),
        ", ".join(ORDER),
        " ".join(ORDER),
        [word.upper() for word in ORDER],
        [word.replace("_", " ") for word in ORDER],
        [f"{word}=" for word in ORDER],
    ],
    "q6": [
        softmax_by_rows,
        softmax_by_logarithms,
        softmax_by_scipy,
        softmax_by_keras,
        softmax_of_differences,
        softmax_with_a_little_more,
        softmax_in_columns,
        softmax_by_apply,
        softmax_with_new_axes,
    ],
    "q7": [trained(build) for build in TRAINED],
    "q8": [
        *(0.25, 1 / 4, np.float32(0.251), [0.25], np.array(0.25)),
        *(Fraction(1, 4), Decimal("0.25"), 0.2504),
    ],
    "q9": [
        *("about the same", "About the same.", " about the same ", "ABOUT THE SAME"),
        *(["about the same"], np.array("about the same"), "about-the-same"),
        '"about the same"',
    ],
}


def exchanged(one, other):
    places = {one: other, other: one}
    return [places.get(word, word) for word in ORDER]


def largest_only(z):
    return np.eye(z.shape[1])[z.argmax(axis=1)]


def shares(powers):
    return powers / powers.sum(axis=1, keepdims=True)


WRONG = {
    "q1": [
        (3, "have you not used yet"),
        (3.5, "You took the bias away"),
        (0, "-1 times -3"),
        (-3.5, "ReLU"),
        (1.5, "multiplied by its weight"),
        (0.924, "its sigmoid"),
        ((2, 5), "a comma makes two"),
        ("2.5 or 3", "numbers are wanted"),
        ([1, -1, 3], "one number is wanted"),
        (-2.5, ""),
    ],
    "q2": [
        (lambda x, W, b: x @ W, "Something is added"),
        (lambda x, W, b: W @ x + b, "on the left"),
        (lambda x, W, b: x * W + b, "cell by cell"),
        (lambda x, W, b: np.maximum(0, x @ W + b), "without an activation"),
        (lambda x, W, b: max(0, x @ W + b), "compares two numbers"),
        (lambda x, W, b: x @ np.array([0.5, -1.0, 1.0]) + b, "capital letter"),
        (lambda x, W, b: x @ (W + b), "to the weights"),
        (lambda x, W, b: x @ W - b, "the sign"),
        (lambda x, W, b: (x @ W).sum() + b, "whole batch"),
        (lambda x, W, b: x[0] @ W + b, "first example"),
        (lambda x, W, b: print(x @ W + b), "returns nothing"),
        (lambda x, W, b: (x @ W + b).sum(axis=1), ""),
    ],
    "q3": [
        (784 * 64 + 64 * 10, "one more parameter"),
        (784 * 64 + 64, "second layer has"),
        (784 * 64, "weights of the first layer"),
        (784 * 64 * 10, "You multiplied"),
        (784 * 64 + 10, "each of the 64 units"),
        (784 + 64 + 10, "circles"),
        (74, "You counted the units"),
        (7850, "without the layer of 64"),
        (50.89, "begins the decimals"),
        ((50, 890), "a comma makes two"),
        (51_000, ""),
    ],
    "q4": [
        (lambda b1, W2, b2: b1 + b2, ""),
        (lambda b1, W2, b2: b1 @ W2, ""),
        (lambda b1, W2, b2: b1 * W2 + b2, ""),
        (lambda b1, W2, b2: W2 @ b1 + b2, ""),
        (lambda b1, W2, b2: b2, ""),
        (lambda b1, W2, b2: b1 @ W2 - b2, ""),
        (lambda b1, W2, b2: (b1 + b2) @ W2, ""),
        (lambda b1, W2, b2: None, "returns nothing"),
    ],
    "q5": [
        (exchanged("epochs", "batch_size"), ""),
        (exchanged("loss", "optimizer"), ""),
        (exchanged("metrics", "loss"), ""),
        (exchanged("metrics", "validation_data"), ""),
        (["epochs"] * 6, "stands there twice"),
        (ORDER[::-1], "stand where they belong"),
        (ORDER[:5], "6 words are wanted"),
        ([*ORDER[:5], "validation"], "none of the words"),
        ("epochs", "6 words are wanted"),
        (1, "6 words are wanted"),
    ],
    "q6": [
        (lambda z: shares(np.exp(z)), ""),
        (lambda z: np.exp(z - z.max(axis=1, keepdims=True)), "not divided"),
        (lambda z: np.exp(z), "not divided"),
        (lambda z: z / z.sum(axis=1, keepdims=True), "the logits themselves"),
        (lambda z: 1 / (1 + np.exp(-z)), "sigmoid"),
        (lambda z: shares(np.exp(z - z.max(axis=0))), "axis"),
        (
            lambda z: np.exp(z - z.max()) / np.exp(z - z.max()).sum(),
            "numbers of the batch",
        ),
        (lambda z: np.exp(z - z.max(axis=1)) / 1, ""),
        (lambda z: shares(np.exp(z.max(axis=1, keepdims=True) - z)), "sign"),
        (largest_only, ""),
        (lambda z: np.log(softmax_by_rows(z)), "logarithm"),
    ],
    "q7": [
        ([0.95, None], "gives nothing back"),
        (0.95, "two things are wanted"),
        ([0.95], "two things are wanted"),
        ([0.9, 0.95], "a Keras model is wanted"),
        (functools.cache(lambda: (0.5, trained(TRAINED[0])()[1])), "is more than"),
        (functools.cache(lambda: (93, trained(TRAINED[0])()[1])), "percent"),
        (functools.cache(lambda: (0.95, sequential()()[0])), "no hidden layer"),
        (functools.cache(lambda: (0.95, TRAINED[0]()[0])), "Did `fit` run"),
        (functools.cache(lambda: trained(TRAINED[0])()[::-1]), "first your guess"),
    ],
    "q8": [
        (1, "very *small* temperature"),
        (0.99, "a *small* temperature"),
        (0.33, "at T = 5"),
        (0.64, "at T = 1"),
        (0, "add up to 1"),
        (0.5, "Two classes"),
        (0.4, "Softmax divides exponentials"),
        (25, "percent"),
        ((0, 25), "a comma makes two"),
        (0.3, ""),
    ],
    "q9": [
        ("much lower", "order matter for a sum"),
        ("much higher", "nothing to gain"),
        ("lower", "none of the words"),
        ("the same", "none of the words"),
        ("about", "none of the words"),
        (0.96, "one word is wanted"),
        (["much", "lower"], "one word is wanted"),
        (None, "one word is wanted"),
    ],
}
