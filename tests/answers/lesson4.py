import numpy as np


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


ANSWERS = {
    "q1": [27, 27.0, np.float32(27), np.array([27]), [27]],
    "q2": [with_loops, with_windows, with_keras],
    "q3": [24, 24.0, np.int64(24), (24,)],
    "q4": [mean_by_slices, mean_by_lists, mean_by_keras],
    "q5": [1216, 1216.0, np.array(1216), (5 * 5 * 3 + 1) * 16],
    "q7": [mistake_by_fill, mistake_by_counter, mistake_by_scikit_learn],
    "q6": [pool_between, pool_twice_at_the_end, third_convolution, larger_pool],
}
