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


# --- q4 ---------------------------------------------------------------------------


def bias_by_dot(b1, W2, b2):
    return np.dot(W2.T, b1) + b2


def bias_as_row(b1, W2, b2):
    return (b1[np.newaxis] @ W2)[0] + b2


def bias_by_running_zeros(b1, W2, b2):
    """What comes out where x W1 is 0."""
    return [float(sum(b1 * column) + b) for column, b in zip(W2.T, b2, strict=True)]


# --- q5 ---------------------------------------------------------------------------


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


# --- q7 ---------------------------------------------------------------------------


def sequential_network():
    import keras
    from keras import layers

    model = keras.Sequential([keras.Input((784,))])
    model.add(layers.Dense(30, activation="tanh"))
    model.add(layers.Dense(30, activation="sigmoid"))
    model.add(layers.Dense(10))
    model.add(layers.Softmax())
    return model


def functional_network():
    import keras
    from keras import layers

    images = x = keras.Input((28, 28))
    x = layers.Reshape((784,))(x)
    x = layers.ReLU()(layers.Dense(32)(x))
    x = layers.Dense(32, activation=keras.activations.gelu, use_bias=False)(x)
    return keras.Model(images, keras.activations.softmax(layers.Dense(10)(x)))


def narrow_network():
    """With this seed, the two hidden layers change three images as linear ones do."""
    import keras
    from keras import layers

    keras.utils.set_random_seed(16)
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Flatten(),
            layers.Dense(38, activation="relu"),
            layers.Dense(3, activation="relu"),
            layers.Dense(10, activation="softmax"),
        ]
    )


def network_with_dropout():
    import keras
    from keras import layers

    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Rescaling(1 / 2),
            layers.Flatten(),
            layers.Dense(units=16, activation="relu"),
            layers.BatchNormalization(),
            layers.Dropout(0.2),
            layers.Dense(units=300, activation="elu"),
            layers.Dense(units=10, activation="softmax"),
        ]
    )


ANSWERS = {
    "q1": [2.5, np.float32(2.5), [2.5], np.array([[2.5]]), 5 / 2],
    "q2": [
        dense_by_loops,
        dense_by_einsum,
        dense_with_bias_as_weight,
        dense_by_keras,
        dense_by_tensorflow,
    ],
    "q3": [50_890, 50_890.0, np.int64(50_890), (784 + 1) * 64 + (64 + 1) * 10],
    "q4": [bias_by_dot, bias_as_row, bias_by_running_zeros],
    "q5": [
        softmax_by_rows,
        softmax_by_logarithms,
        softmax_by_scipy,
        softmax_by_keras,
        softmax_of_differences,
    ],
    "q6": [0.25, 1 / 4, np.float32(0.251), [0.25], np.array(0.25)],
    "q7": [
        sequential_network,
        functional_network,
        narrow_network,
        network_with_dropout,
    ],
    "q8": ["about the same", "About the same.", " about the same "],
}
