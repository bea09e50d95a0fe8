import functools
from decimal import Decimal
from fractions import Fraction

import numpy as np
import scipy.signal

from utils.exercises import lesson4 as ex
from utils.frameworks import weights
from utils.touch import SlidingKernel


def with_loops(image, kernel):
    """Nothing but Python: lists in, lists out."""
    size = len(kernel)
    output = []
    for row in range(len(image) - size + 1):
        line = []
        for column in range(len(image[0]) - size + 1):
            total = 0
            for i in range(size):
                for j in range(size):
                    total += image[row + i][column + j] * kernel[i][j]
            line.append(float(total))
        output.append(line)
    return output


def with_windows(image, kernel):
    windows = np.lib.stride_tricks.sliding_window_view(image, kernel.shape)
    return np.einsum("abij,ij->ab", windows, kernel).astype("float32")


def with_keras(image, kernel):
    from keras import ops

    image = ops.convert_to_tensor(image[None, :, :, None].astype("float32"))
    kernel = ops.convert_to_tensor(kernel[:, :, None, None].astype("float32"))
    return ops.conv(image, kernel, data_format="channels_last")[0, :, :, 0]


def by_matrix_product(image, kernel):
    """All windows as rows of one matrix."""
    windows = np.lib.stride_tricks.sliding_window_view(image, kernel.shape)
    return windows.reshape(*windows.shape[:2], -1) @ kernel.ravel()


def by_shifts(image, kernel):
    """One weight at a time: the whole image, moved, times this weight."""
    size = len(kernel)
    rows, columns = (n - size + 1 for n in image.shape)
    return sum(
        kernel[i, j] * image[i : i + rows, j : j + columns]
        for i in range(size)
        for j in range(size)
    )


def by_scipy(image, kernel):
    return scipy.signal.correlate2d(image, kernel, mode="valid")


def by_scipy_flipped(image, kernel):
    return scipy.signal.convolve(image, kernel[::-1, ::-1], mode="valid")


def with_vdot(image, kernel):
    size = len(kernel)
    places = [
        [
            np.vdot(image[r : r + size, c : c + size], kernel)
            for c in range(image.shape[1] - size + 1)
        ]
        for r in range(image.shape[0] - size + 1)
    ]
    return tuple(map(tuple, places))


def mean_by_slices(features):
    return (
        features[::2, ::2]
        + features[1::2, ::2]
        + features[::2, 1::2]
        + features[1::2, 1::2]
    ) / 4


def mean_by_lists(features):
    return [
        [
            sum(features[r + i][c + j] for i in (0, 1) for j in (0, 1)) / 4
            for c in range(0, len(features[0]), 2)
        ]
        for r in range(0, len(features), 2)
    ]


def mean_by_keras(features):
    import keras

    batch = features[None, :, :, None].astype("float32")
    return keras.layers.AveragePooling2D(2)(batch)[0, :, :, 0]


def mean_twice(features):
    rows, columns = features.shape
    blocks = features.reshape(rows // 2, 2, columns // 2, 2)
    return blocks.mean(3).mean(1)


def mean_by_negative_axes(features):
    rows, columns = features.shape
    return np.reshape(features, (rows // 2, 2, columns // 2, 2)).mean((-3, -1))


def mean_by_einsum(features):
    rows, columns = features.shape
    blocks = features.reshape(rows // 2, 2, columns // 2, 2)
    return np.einsum("aibj->ab", blocks) / 4


def mean_by_convolution(features):
    return scipy.signal.correlate2d(features, np.full((2, 2), 0.25), "valid")[::2, ::2]


def mean_by_sum(features):
    return features.reshape(len(features) // 2, 2, -1, 2).sum(axis=(1, 3)) / 4.0


def mistake_by_fill(labels, predictions):
    counts = np.histogram2d(labels, predictions, bins=range(11))[0]
    np.fill_diagonal(counts, 0)
    return list(np.unravel_index(counts.argmax(), counts.shape))


def mistake_by_counter(labels, predictions):
    from collections import Counter

    pairs = zip(labels.tolist(), predictions.tolist(), strict=True)
    wrong = Counter(pair for pair in pairs if pair[0] != pair[1])
    return wrong.most_common(1)[0][0]


def mistake_by_scikit_learn(labels, predictions):
    from sklearn.metrics import confusion_matrix

    counts = confusion_matrix(labels, predictions, labels=range(10))
    counts = counts - np.diag(np.diag(counts))
    return np.array(divmod(int(counts.argmax()), 10))


def pool_between():
    import keras
    from keras import layers

    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(32, 3, activation="relu"),
            layers.MaxPooling2D(2),
            layers.Conv2D(64, 3, activation="relu"),
            layers.MaxPooling2D(2),
            layers.Flatten(),
            layers.Dense(128, activation="relu"),
            layers.Dense(10),
        ]
    )


def pool_twice_at_the_end():
    import keras
    from keras import layers

    image = x = keras.Input((28, 28, 1))
    x = layers.Conv2D(32, (3, 3))(x)
    x = layers.ReLU()(x)
    x = layers.Conv2D(64, (3, 3), activation="relu")(x)
    x = layers.MaxPool2D()(layers.MaxPool2D()(x))
    x = layers.Flatten()(x)
    x = layers.Dense(128, activation="relu")(x)
    return keras.Model(image, layers.Dense(10)(x))


def third_convolution():
    import keras
    from keras import layers

    model = keras.Sequential([keras.Input((28, 28, 1))])
    model.add(layers.Conv2D(32, 3, activation="relu"))
    model.add(layers.Conv2D(16, 3, strides=2, activation="relu"))
    model.add(layers.Conv2D(64, 3, activation="relu"))
    model.add(layers.MaxPooling2D())
    model.add(layers.Flatten())
    model.add(layers.Dense(128, activation="relu"))
    model.add(layers.Dense(10))
    return model


def larger_pool():
    import keras
    from keras import layers

    model = keras.Sequential([keras.Input((28, 28, 1))])
    model.add(layers.Conv2D(32, 3, padding="same", activation="relu"))
    model.add(layers.AveragePooling2D(3))
    model.add(layers.Conv2D(64, 3, activation="relu"))
    model.add(layers.MaxPooling2D())
    model.add(layers.Flatten())
    model.add(layers.Dense(128, activation="relu"))
    model.add(layers.Dense(10, activation="softmax"))
    return model


def mistake_by_where(labels, predictions):
    wrong = np.where(labels != predictions)[0]
    pairs, counts = np.unique(
        np.stack([labels[wrong], predictions[wrong]]), axis=1, return_counts=True
    )
    return pairs[:, counts.argmax()]


def mistake_by_dictionary(labels, predictions):
    counts = {}
    for pair in zip(labels, predictions, strict=True):
        if pair[0] != pair[1]:
            counts[pair] = counts.get(pair, 0) + 1
    return max(counts, key=counts.get)


def mistake_by_bool(labels, predictions):
    counts = np.zeros((10, 10), dtype=int)
    for truth, read in zip(labels, predictions, strict=True):
        counts[truth, read] += truth != read
    return np.unravel_index(counts.argmax(), counts.shape)


def mistake_by_condition(labels, predictions):
    counts = np.zeros((10, 10), dtype=int)
    for truth, read in zip(labels, predictions, strict=True):
        counts[truth, read] += 0 if truth == read else 1
    return np.array(np.unravel_index(counts.argmax(), counts.shape))


def mistake_by_numbers(labels, predictions):
    codes = (10 * labels + predictions)[labels != predictions]
    return divmod(np.bincount(codes, minlength=100).argmax(), 10)


def pooled_network(*between, filters=64, last=None):
    """The deck's network with layers between its convolutions."""

    def build():
        import keras
        from keras import layers

        model = keras.Sequential([keras.Input((28, 28, 1))])
        model.add(layers.Conv2D(32, 3, activation="relu"))
        for layer, settings in between:
            model.add(getattr(layers, layer)(**settings))
        model.add(layers.Conv2D(filters, 3, activation="relu"))
        model.add(layers.MaxPooling2D(2))
        model.add(layers.Flatten())
        model.add(layers.Dense(128, activation="relu"))
        model.add(layers.Dense(10, activation=last))
        return model

    return build


@functools.cache
def thin(rank=40):
    """The kept weights, the large matrix as a product of two thin ones."""
    *convolutions, matrix, bias, last, last_bias = weights.load().values()
    matrix = matrix.astype("float32")
    strong, v = np.linalg.eigh(matrix.T @ matrix)
    v = v[:, np.argsort(-strong)[:rank]]
    return [*convolutions, matrix @ v, v.T, bias, last, last_bias]


@functools.cache
def good(last=None):
    """A network that reads well, without training here: the kept one, made smaller."""
    import keras
    from keras import layers

    model = keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(32, 3, activation="relu"),
            layers.Conv2D(64, 3, activation="relu"),
            layers.MaxPooling2D(2),
            layers.Flatten(),
            layers.Dense(40, use_bias=False),
            layers.Dense(128, activation="relu"),
            layers.Dense(10, activation=last),
        ]
    )
    model.set_weights(thin())
    return model


@functools.cache
def good_functional():
    import keras

    image = keras.Input((28, 28, 1))
    return keras.Model(image, keras.layers.Activation("softmax")(good()(image)))


def compiled(rate=0.1, optimizer="Adam", steps=1, build=pool_between):
    """A function that gives a network whose optimizer has made so many steps.

    It has learned nothing, as it does with a learning rate of 0.1.
    """

    @functools.cache
    def made():
        import keras

        model = build()
        model.set_weights([0 * array for array in model.get_weights()])
        if rate is not None:
            chosen = getattr(keras.optimizers, optimizer)(rate)
            model.compile(optimizer=chosen, loss="mse")
            chosen.build(model.trainable_variables)
            chosen.iterations.assign(steps)
        return model

    return made


def flat_pixels():
    import keras

    return keras.Sequential([keras.Input((784,)), keras.layers.Dense(10)])


def reads_one_number():
    import keras

    return keras.Sequential(
        [keras.Input((28, 28, 1)), keras.layers.Flatten(), keras.layers.Dense(1)]
    )


def large_network():
    """The kept weights: good, and much too large."""
    model = ex.small_model()()
    model.set_weights(list(weights.load().values()))
    return model


SET = SlidingKernel(padding=1, stride=2)  # as a learner sets the figure

ANSWERS = {
    "q1": [
        27,
        27.0,
        np.float32(27),
        np.array([27]),
        [27],
        Fraction(27),
        Decimal("27"),
        np.array([[27]]),
        (27,),
        np.int8(27),
    ],
    "q2": [
        with_loops,
        with_windows,
        with_keras,
        by_matrix_product,
        by_shifts,
        by_scipy,
        by_scipy_flipped,
        with_vdot,
    ],
    "q3": [
        [1, 2],
        (1, 2),
        np.array([1, 2]),
        np.array([1.0, 2.0], "float32"),
        [True, 2],
        [Fraction(1), Decimal(2)],
        range(1, 3),
        [np.array(1), np.int8(2)],
        [SET.padding, SET.stride],
        np.array([SET.padding, SET.stride], dtype=object),
    ],
    "q4": [
        mean_by_slices,
        mean_by_lists,
        mean_by_keras,
        mean_twice,
        mean_by_negative_axes,
        mean_by_einsum,
        mean_by_convolution,
        mean_by_sum,
    ],
    "q5": [
        1216,
        1216.0,
        np.array(1216),
        (5 * 5 * 3 + 1) * 16,
        [1216],
        (1216,),
        Fraction(1216),
        np.float32(1216),
        Decimal("1216"),
    ],
    "q6": [
        940_800,
        940_800.0,
        5 * 5 * 3 * 28 * 28 * 16,
        np.int64(940_800),
        np.array([940_800]),
        Fraction(940_800),
        [940_800],
        np.float64(940_800),
    ],
    "q7": [
        pool_between,
        pool_twice_at_the_end,
        third_convolution,
        larger_pool,
        pooled_network(("AveragePooling2D", {"pool_size": 2})),
        pooled_network(("MaxPool2D", {"pool_size": (2, 2), "padding": "same"})),
        pooled_network(("MaxPooling2D", {"pool_size": 3}), last="softmax"),
        pooled_network(
            ("Dropout", {"rate": 0.2}), ("MaxPooling2D", {"strides": 2, "pool_size": 2})
        ),
    ],
    # 0.89 is near both: it reads 0.80 of the embedded digits, and 0.98 of MNIST.
    "q8": [
        [0.89, good],
        (0.895, good),
        [Decimal("0.89"), good],
        [np.float32(0.89), lambda: good()],
        [np.array([0.89]), good_functional],
        [Fraction(89, 100), good_functional],
        [0.89, lambda: good("softmax")],
        [[0.885], lambda: good("softmax")],
    ],
    "q9": [
        [0.1, compiled()],
        (0.11, compiled(steps=600)),
        [0.105, compiled(0.1, steps=625)],
        [np.float64(0.09), compiled(steps=3)],
        [0.05, compiled(build=third_convolution)],
        [Fraction(1, 10), compiled(build=larger_pool)],
        [Decimal("0.12"), compiled(build=ex.small_model())],
        [[0.15], compiled(build=pool_twice_at_the_end)],
    ],
    "q10": [
        mistake_by_fill,
        mistake_by_counter,
        mistake_by_scikit_learn,
        mistake_by_where,
        mistake_by_dictionary,
        mistake_by_bool,
        mistake_by_condition,
        mistake_by_numbers,
    ],
}


# --- what beginners get wrong, and a part of what they must read -----------------

window = np.array([[0, 0, 0], [0, 0, 9], [0, 0, 9]])  # as in the lesson's notebook


def slides(combine):
    """The starter of exercise 2 with another line in its middle."""

    def convolve(image, kernel):
        size = len(kernel)
        rows, columns = (n - size + 1 for n in image.shape)
        output = np.zeros((rows, columns))
        for row in range(rows):
            for column in range(columns):
                output[row, column] = combine(image, kernel, row, column, size)
        return output

    return convolve


def window_from_above(image, kernel):
    size = len(kernel)
    output = np.zeros([n - size + 1 for n in image.shape])
    for row, column in np.ndindex(output.shape):
        output[row, column] = (window * kernel).sum()
    return output


def no_return(image, kernel):
    slides(lambda i, k, r, c, s: (i[r : r + s, c : c + s] * k).sum())(image, kernel)


def counting(add):
    """The starter of the last exercise with another line in its middle."""

    def most_common_mistake(labels, predictions):
        counts = np.zeros((10, 10), dtype=int)
        for truth, read in zip(labels, predictions, strict=True):
            counts[truth, read] += add(truth, read)
        return np.unravel_index(counts.argmax(), counts.shape)

    return most_common_mistake


def flat_place(labels, predictions):
    counts = np.zeros((10, 10), dtype=int)
    np.add.at(counts, (labels, predictions), labels != predictions)
    return counts.argmax()


def how_often(labels, predictions):
    return (labels != predictions).sum()


def mean_of(**settings):
    def pool(features):
        rows, columns = features.shape
        blocks = features.reshape(rows // 2, 2, columns // 2, 2)
        return blocks.mean(**settings)

    return pool


WRONG = {
    "q1": [
        (18, "row 0"),
        (-27, "sign"),
        (9, "one row of the window"),
        (0, "left and right"),
        (3, "counted"),
        (36, "four dark rows"),
        (54, "six dark pixels"),
        ((2, 7), "a comma makes two"),
        ("27", "numbers are wanted"),
        ([18, 27], "one number is wanted"),
        (26, ""),
    ],
    "q2": [
        (window_from_above, "is still the one from the cell above"),
        (
            slides(lambda i, k, r, c, s: (i[r : r + 3, c : c + 3] * k).sum()),
            "no error with a kernel of 3 x 3",
        ),
        (
            slides(
                lambda i, k, r, c, s: sum(
                    i[r + a, c + b] * k[a, b] for a in range(3) for b in range(3)
                )
            ),
            "no error with a kernel of 3 x 3",
        ),
        (slides(lambda i, k, r, c, s: i[r, c] * k[r, c]), "or `kernel[row, column]`?"),
        (
            slides(lambda i, k, r, c, s: i[r : r + s, c : c + s] * k),
            "a whole window into one place",
        ),
        (
            slides(lambda i, k, r, c, s: (i[c : c + s, r : r + s] * k).sum()),
            "Rows come first",
        ),
        (
            slides(lambda i, k, r, c, s: (i[r:s, c:s] * k).sum()),
            "Rows come first",
        ),
        (
            slides(lambda i, k, r, c, s: (i[r : r + s, c : c + s] @ k).sum()),
            "matrix product",
        ),
        (
            slides(lambda i, k, r, c, s: (i[:s, :s] * k).sum()),
            "upper left corner",
        ),
        (
            slides(lambda i, k, r, c, s: (i[r : r + s, c : c + s] * k).mean()),
            "Their sum is wanted",
        ),
        (
            slides(lambda i, k, r, c, s: i[r : r + s, c : c + s].sum() * k.sum()),
            "multiply two sums",
        ),
        (slides(lambda i, k, r, c, s: i[r, c] * k.sum()), ""),
        (slides(lambda i, k, r, c, s: i[r, c]), ""),
        (no_return, "returns nothing"),
        (by_scipy(np.eye(5), np.eye(3)), "a function is wanted"),
        (lambda image, kernel: scipy.signal.convolve2d(image, kernel, "valid"), "turn"),
        (lambda image, kernel: scipy.signal.correlate2d(image, kernel, "same"), ""),
    ],
    "q3": [
        ([1, 1], "how the figure begins"),
        ([0, 1], "7 pixels become 5"),
        ((0, 2), "this makes 3 x 3"),
        (np.array([1, 3]), "steps too far"),
        ([0, 3], "2 x 2 is the smallest"),
        ([2, 1], "The padding comes first"),
        ((4, 4), "in the figure the padding is 0 or 1"),
        ([1, 0], "the stride is 1, 2 or 3"),
        ([0.5, 2], "in the figure"),
        (2, "two numbers are wanted"),
        ([[1, 2], [1, 2]], "two numbers are wanted"),
        ("same, 2", "numbers are wanted"),
        ({"padding": 1, "stride": 2}, "numbers are wanted"),
    ],
    "q4": [
        (mean_of(), "one number of the whole map"),
        (mean_of(axis=1), "columns are missing"),
        (mean_of(axis=3), "rows are missing"),
        (mean_of(axis=(0, 2)), "over the blocks"),
        (mean_of(axis=(2, 3)), "whole rows of blocks"),
        (mean_of(axis=(0, 1)), "whole columns of blocks"),
        (lambda features: mean_of(axis=(1, 3))(features).max(), ""),
        (lambda features: mean_of(axis=(1, 3))(features).round(), ""),
        (lambda features: features.mean(), "one number of the whole map"),
        (lambda features: features[::2, ::2], ""),
        (lambda features: features.max(axis=(1, 3)), "out of bounds"),
        (lambda features: print("mean"), "returns nothing"),
        (np.ones((2, 2)), "a function is wanted"),
    ],
    "q5": [
        (1200, "one more parameter"),
        (416, "each of the 3 channels"),
        (400, "Two things"),
        (76, "The layer has 16"),
        (1201, "Each kernel has its own"),
        (1203, "for each kernel"),
        (1248, "one bias is added"),
        (448, "5 x 5"),
        (49168, "dense layer"),
        (953_344, "at each place of the output"),
        (1_245_184, "at each pixel"),
        ((1, 216), "a comma makes two"),
        (1215, ""),
        (32 * 32 * 3 * 16, "A weight for every pixel"),
        (5 * 5 * 3 + 16, "5 x 5 x 3 weights"),
        (5 * 3 * 16 + 16, "5 high"),
    ],
    "q6": [
        (953_344, "biases"),
        (1_228_800, "fewer places"),
        (874_800, "one place"),
        (1_080_000, "3 x 3"),
        (313_600, "grey"),
        (58_800, "one feature map"),
        (19_600, "one kernel on one channel"),
        (12_544, "How many multiplications does one"),
        (1200, "many times"),
        (1216, "many times"),
        (33_600, "one row"),
        (784, "at one place"),
        (811_200, "of a 3 x 3 kernel on 28"),
        (1_881_600, "the additions"),
        ((940, 800), "a comma makes two"),
        (194_688, ""),
    ],
    "q7": [
        (ex.small_model(), "1,199,882"),
        (pooled_network(("MaxPooling2D", {"pool_size": 1})), "1,199,882"),
        (pooled_network(("MaxPooling2D", {"strides": 1})), "Flatten still makes a row"),
        (pooled_network(("Dropout", {"rate": 0.5})), "1,199,882"),
        (pooled_network(("Flatten", {})), ""),
        (
            pooled_network(("MaxPooling2D", {}), filters=32),
            "the two convolutions should stay",
        ),
        (pooled_network(("GlobalMaxPooling2D", {})), ""),
        (pooled_network(("MaxPooling2D", {"pool_size": 40})), ""),
        (lambda: pool_between().add, "a Keras model is wanted"),
        (lambda: print(pool_between().name), "returns nothing"),
        (flat_pixels, "does not read images"),
        (reads_one_number, "(2, 10) logits"),
    ],
    "q8": [
        ([0.5, good], "Your guess was 0.5"),
        ([97, good], "do you mean percent?"),
        ([-0.9, good], "from 0 to 1"),
        ([good, 0.97], "first your guess"),
        (good, "two things are wanted"),
        (0.97, "two things are wanted"),
        ([0.97, pool_between], "it is not compiled"),
        ([0.97, large_network], "parameters, more than 400,000"),
        ([0.97, flat_pixels], "does not read images"),
        ([0.97, reads_one_number], "ten numbers for each image"),
        ([0.97, 0.98], "a Keras model is wanted"),
        (["97 %", good], "numbers are wanted"),
        ([0.97, None], "`compile` gives nothing back"),
        ([0.97, lambda: None], "returns nothing"),
    ],
    "q9": [
        ([0.9, compiled()], "Your guess was 0.9"),
        ([0.1, compiled(0.001)], "the learning rate is 0.001"),
        ([0.1, compiled(0.01)], "the learning rate is 0.01"),
        ([0.1, compiled(100.0)], "the learning rate is 100"),
        ([0.1, compiled(None)], "not compiled"),
        ([0.1, compiled(steps=0)], "has not been trained"),
        ([0.1, compiled(optimizer="SGD")], "the optimizer is SGD"),
        (0.1, "two things are wanted"),
        ([compiled()], "two things are wanted"),
        ([10, compiled()], "do you mean percent?"),
        ([0.1, "0.1"], "a Keras model is wanted"),
    ],
    "q10": [
        (counting(lambda truth, read: 1), "the same digit twice"),
        (counting(lambda truth, read: truth == read), "right answers only"),
        (counting(lambda truth, read: truth - read), "how far apart"),
        (counting(lambda truth, read: 0), "0 read as 0"),
        (counting(lambda truth, read: truth > read), "a smaller one"),
        (counting(lambda truth, read: truth < read), "a larger one"),
        (lambda labels, read: mistake_by_fill(read, labels), "wrong order"),
        (flat_place, ""),
        (how_often, ""),
        (lambda labels, read: None, "returns nothing"),
        ((4, 9), "a function is wanted"),
    ],
}
