"""Answers to lesson 2's exercises: right ones, written differently, and wrong ones."""

import os
from collections import OrderedDict
from decimal import Decimal
from fractions import Fraction

import numpy as np


def slope_with_the_product_rule(x):
    return 2 * x * np.sin(x) + x**2 * np.cos(x)


def slope_with_a_tape(x):
    import tensorflow as tf

    x = tf.Variable(x)
    with tf.GradientTape() as tape:
        y = x**2 * tf.sin(x)
    return tape.gradient(y, x)


def slope_of_a_constant(x):
    import tensorflow as tf

    x = tf.constant(x, dtype="float64")
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = tf.math.multiply(tf.square(x), tf.math.sin(x))
    return tape.gradient(y, x).numpy()


def slope_by_trying(x, step=1e-6):
    def y(x):
        return x * x * np.sin(x)

    return [(y(x + step) - y(x - step)) / (2 * step)]


def slope_as_a_float(x):
    return float(slope_by_trying(x)[0])


def slope_by_complex_numbers(x):
    z = x + 1e-20j
    return (z * z * np.sin(z)).imag / 1e-20


def slope_by_keras_operations(x):
    import keras
    import tensorflow as tf

    x = tf.Variable([x])
    with tf.GradientTape(persistent=True) as tape:
        y = keras.ops.sin(x) * keras.ops.power(x, 2)
    return tape.gradient(y, x)


def slope_with_pow(x):
    import tensorflow as tf

    x = tf.Variable(x)
    with tf.GradientTape() as tape:
        y = pow(x, 2) * tf.math.sin(x)
    (slope,) = tape.gradient(y, [x])
    return slope


def slope_outside_the_tape(x):
    """A tape that is asked for two terms."""
    import tensorflow as tf

    x = tf.Variable(x)
    with tf.GradientTape() as tape:
        square, sine = x * x, tf.sin(x)
        y = square * sine
    return tape.gradient(y, x) + 0


def net_in_a_list(nn):
    layers = [nn.Conv2d(1, 32, 3), nn.ReLU(), nn.MaxPool2d(kernel_size=2, stride=2)]
    layers += [nn.Conv2d(32, 64, 3), nn.ReLU(), nn.MaxPool2d(2, 2)]
    layers += [nn.Flatten(1, -1), nn.Linear(1600, 10)]
    return nn.Sequential(*layers)


def net_in_blocks(nn):
    features = nn.Sequential(
        nn.Conv2d(1, 32, kernel_size=3, bias=True),
        nn.MaxPool2d(2),  # the largest of positive numbers is positive: the order
        nn.ReLU(),  # of pooling and ReLU does not matter
        nn.Conv2d(32, 64, kernel_size=(3, 3), padding="valid"),
        nn.MaxPool2d((2, 2)),
        nn.ReLU(),
    )
    head = nn.Sequential(nn.Flatten(start_dim=1), nn.Linear(64 * 5 * 5, 10, bias=True))
    return nn.Sequential(features, head)


def net_with_all_settings(nn):
    return nn.Sequential(
        nn.Conv2d(1, 32, (3, 3), stride=1, padding=0, dilation=1, groups=1, bias=True),
        nn.ReLU(inplace=True),
        nn.MaxPool2d(2, stride=2),
        nn.Conv2d(in_channels=32, out_channels=64, kernel_size=3, dilation=(1, 1)),
        nn.ReLU(),
        nn.MaxPool2d((2, 2)),
        nn.Flatten(start_dim=1, end_dim=-1),
        nn.Linear(in_features=1600, out_features=10),
    )


def net_with_names(nn):
    return nn.Sequential(
        OrderedDict(
            conv1=nn.Conv2d(1, 32, 3),
            relu1=nn.ReLU(),
            pool1=nn.MaxPool2d(2),
            conv2=nn.Conv2d(32, 64, 3, padding=(0, 0)),
            relu2=nn.ReLU(),
            pool2=nn.MaxPool2d(2),
            flatten=nn.Flatten(),
            output=nn.Linear(1600, 10),
        )
    )


def net_as_a_class(nn):
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv1 = nn.Conv2d(1, 32, 3)
            self.conv2 = nn.Conv2d(32, 64, 3)
            self.fc = nn.Linear(5 * 5 * 64, 10)

        def forward(self, x):
            x = nn.functional.relu(self.conv1(x))
            x = nn.functional.max_pool2d(x, 2)
            x = nn.functional.relu(self.conv2(x))
            x = nn.functional.max_pool2d(x, kernel_size=2, stride=2)
            x = x.reshape(len(x), -1)
            return self.fc(x)

    return Net()


def net_in_any_order(nn):
    """The layers are made from the last to the first; one pooling serves twice."""

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.output = nn.Linear(1600, 10)
            self.second = nn.Conv2d(32, 64, 3)
            self.first = nn.Conv2d(1, 32, 3)
            self.pool = nn.MaxPool2d(2)

        def forward(self, x):
            x = self.pool(self.first(x).relu())
            x = self.pool(self.second(x).relu())
            x = x.view(x.size(0), -1)
            return self.output(x)

    return Net  # the class, not an instance of it


def net_with_shapes(nn):
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.features = nn.Sequential(
                nn.Conv2d(1, 32, 3), nn.ReLU(), nn.MaxPool2d(2),
                nn.Conv2d(32, 64, 3), nn.ReLU(), nn.MaxPool2d(2),
            )  # fmt: skip
            self.head = nn.Linear(1600, 10)

        def forward(self, x):
            x = self.features(x)
            return self.head(x.view(x.shape[0], 64 * 5 * 5))

    return Net()


def net_with_flatten_of_the_tensor(nn):
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.a, self.b = nn.Conv2d(1, 32, 3), nn.Conv2d(32, 64, 3)
            self.c, self.relu = nn.Linear(1600, 10), nn.ReLU()

        def forward(self, x):
            for layer in (self.a, self.b):
                x = nn.functional.max_pool2d(self.relu(layer(x)), (2, 2))
            return self.c(x.flatten(1))

    return Net()


def kernel_by_einsum(kernel):
    return np.einsum("hwio->oihw", kernel)


def kernel_by_moveaxis(kernel):
    return np.moveaxis(kernel, [3, 2], [0, 1]).tolist()


def kernel_by_tensorflow(kernel):
    import tensorflow as tf

    return tf.transpose(kernel, [3, 2, 0, 1])


def kernel_by_swaps(kernel):
    return np.swapaxes(np.swapaxes(kernel.transpose(2, 3, 0, 1), 0, 1), 2, 3).swapaxes(
        2, 3
    )


def kernel_by_negative_axes(kernel):
    return np.transpose(kernel, axes=(-1, -2, 0, 1)).copy()


def kernel_by_rollaxis(kernel):
    return np.rollaxis(np.rollaxis(kernel, 3), 3, 1)


def kernel_by_stack(kernel):
    channels, outputs = kernel.shape[2:]
    return np.stack(
        [[kernel[:, :, i, o] for i in range(channels)] for o in range(outputs)]
    )


def kernel_in_a_loop(kernel):
    height, width, channels, outputs = np.shape(kernel)
    moved = np.zeros((outputs, channels, height, width))
    for place in np.ndindex(height, width, channels, outputs):
        row, column, i, o = place
        moved[o, i, row, column] = kernel[place]
    return moved


def kernel_with_a_tuple(kernel):
    return kernel.transpose((3, 2, 0, 1)).astype("float32")


def rows_in_two_steps(kernel, height, width, channels):
    maps = kernel.reshape(height, width, channels, -1).transpose(2, 0, 1, 3)
    return maps.reshape(channels * height * width, -1).T


def rows_by_index(kernel, height, width, channels):
    places = np.arange(height * width * channels).reshape(height, width, channels)
    return kernel[places.transpose(2, 0, 1).ravel()].T.astype("float32")


def rows_in_a_loop(kernel, height, width, channels):
    return [
        [
            column[(row * width + place) * channels + channel]
            for channel in range(channels)
            for row in range(height)
            for place in range(width)
        ]
        for column in kernel.T
    ]


def rows_as_in_exercise_6(kernel, height, width, channels):
    maps = np.reshape(kernel, (height, width, channels, -1))
    return maps.transpose(3, 2, 0, 1).reshape(maps.shape[-1], -1)


def rows_by_einsum(kernel, height, width, channels):
    maps = kernel.reshape(height, width, channels, kernel.shape[-1])
    return np.einsum("hwco->ochw", maps).reshape(kernel.shape[-1], -1)


def rows_by_tensorflow(kernel, height, width, channels):
    import tensorflow as tf

    maps = tf.reshape(kernel, (height, width, channels, -1))
    return tf.reshape(tf.transpose(maps, (3, 2, 0, 1)), (-1, channels * height * width))


def rows_from_the_transpose(kernel, height, width, channels):
    maps = kernel.T.reshape(-1, height, width, channels)
    return np.moveaxis(maps, -1, 1).reshape(len(maps), -1)


def rows_by_ravel(kernel, height, width, channels):
    maps = [np.reshape(one, (height, width, channels)) for one in kernel.T]
    return [one.transpose(2, 0, 1).ravel() for one in maps]


# --- wrong answers ----------------------------------------------------------------


def slope_of(formula):
    """What the learner's function becomes with this formula in it."""

    def answer(x):
        import tensorflow as tf

        x = tf.Variable(x)
        with tf.GradientTape() as tape:
            y = formula(x, tf)
        return tape.gradient(y, x)

    return answer


def slope_without_return(x):
    slope_with_a_tape(x)


def value(x):
    import tensorflow as tf

    return x**2 * tf.sin(x)


def net_of(*change, drop=(), add=()):
    """The right network: layers replaced by (place, name, *sizes), dropped, added."""

    def answer(nn):
        layers = [
            ("Conv2d", 1, 32, 3), ("ReLU",), ("MaxPool2d", 2),
            ("Conv2d", 32, 64, 3), ("ReLU",), ("MaxPool2d", 2),
            ("Flatten",), ("Linear", 1600, 10),
        ]  # fmt: skip
        for place, *layer in change:
            layers[place] = layer
        layers = [layer for n, layer in enumerate(layers) if n not in drop]
        layers += add
        return nn.Sequential(*[getattr(nn, name)(*size) for name, *size in layers])

    return answer


def net_with_keras_arguments(nn):
    return nn.Sequential(nn.Conv2d(1, 32, 3, activation="relu"))


def net_with_pool_size(nn):
    layers = nn.Conv2d(1, 32, 3), nn.Conv2d(32, 64, 3), nn.Linear(1600, 10)
    return nn.Sequential(nn.MaxPool2d(pool_size=2), *layers)


def net_with_one_number(nn):
    return nn.Sequential(nn.Conv2d(32, kernel_size=3), nn.ReLU())


def net_without_brackets(nn):
    return nn.Sequential(nn.Conv2d(1, 32, 3), nn.ReLU)


def net_half_done(nn):
    return nn.Sequential(nn.Conv2d(1, 32, kernel_size=3), nn.ReLU(), ...)


def net_without_return(nn):
    net_in_a_list(nn)


def moved(*axes):
    return lambda kernel: kernel.transpose(*axes)


def rows_moved(*axes):
    return lambda kernel, h, w, c: (
        kernel.reshape(h, w, c, -1).transpose(*axes).reshape(-1, c * h * w)
    )


ANSWERS = {
    "q1": [
        *("PaddlePaddle", "paddlepaddle", " PaddlePaddle. ", "Paddle Paddle"),
        *("PADDLEPADDLE", "Paddle-Paddle", ["PaddlePaddle"], np.str_("PaddlePaddle")),
    ],
    "q2": [
        *("error", "Error", "ERROR ", "error!", "'error'", ["error"], ("error",)),
        np.array("error"),
    ],
    "q3": [
        slope_with_the_product_rule,
        slope_with_a_tape,
        slope_of_a_constant,
        slope_as_a_float,
        slope_by_complex_numbers,
        slope_by_keras_operations,
        slope_with_pow,
        slope_outside_the_tape,
        slope_of(lambda x, tf: tf.sin(x) * x * x),
    ],
    "q4": [
        *(96, 96.0, [96], np.int64(96), np.array([[96]]), Fraction(192, 2)),
        *(3 * -(-1000 // 32), 3 * int(np.ceil(1000 / 32)), Decimal(96)),
    ],
    "q5": [
        net_in_a_list,
        net_in_blocks,
        net_with_all_settings,
        net_with_names,
        net_as_a_class,
        net_in_any_order,
        net_with_shapes,
        net_with_flatten_of_the_tensor,
    ],
    "q6": [
        kernel_by_einsum,
        kernel_by_moveaxis,
        kernel_by_tensorflow,
        kernel_by_negative_axes,
        kernel_by_rollaxis,
        kernel_by_stack,
        kernel_in_a_loop,
        kernel_with_a_tuple,
        kernel_by_swaps,
    ],
    "q7": [
        *(303, 303.0, np.int64(303), np.ravel_multi_index((2, 1, 3), (64, 12, 12))),
        *(
            [303],
            np.array(303),
            Decimal(303),
            np.arange(9216).reshape(64, 12, 12)[2, 1, 3],
        ),
    ],
    "q8": [
        rows_in_two_steps,
        rows_by_index,
        rows_in_a_loop,
        rows_as_in_exercise_6,
        rows_by_einsum,
        rows_by_tensorflow,
        rows_from_the_transpose,
        rows_by_ravel,
    ],
}

if os.environ.get("KERAS_BACKEND", "tensorflow") != "tensorflow":
    # Keras's operations are then those of JAX or PyTorch: no tape of TensorFlow's sees
    # them, and the answer is wrong.
    ANSWERS["q3"].remove(slope_by_keras_operations)

WRONG = {
    "q1": [
        ("Theano", "2017"),
        ("theano ", "2017"),
        ("Caffe", "Caffe2"),
        ("MXNet", "retired"),
        ("mxnet", "retired"),
        ("Paddle", "none of the words"),
        ("Caffe2", "none of the words"),
        ("PyTorch", "none of the words"),
        (4, "one word is wanted"),
        (["MXNet", "PaddlePaddle"], "one word is wanted"),
    ],
    "q2": [
        ("doubles", "above 0"),
        ("Doubles", "above 0"),
        ("halves", "not above 0"),
        ("double", "none of the words"),
        ("TypeError", "none of the words"),
        ("nothing", "none of the words"),
        (True, "one word is wanted"),
        (None, "one word is wanted"),
        (6, "one word is wanted"),
    ],
    "q3": [
        (slope_of(lambda x, tf: x**2 * np.sin(x)), "the sine"),
        (slope_of(lambda x, tf: x ^ 2 * tf.sin(x)), "not a power"),
        (slope_of(lambda x, tf: (x ^ 2) * tf.sin(x)), "not a power"),
        (slope_of(lambda x, tf: 2 * x * tf.sin(x) + x**2 * tf.cos(x)), "derivative"),
        (slope_of(lambda x, tf: 2 * x * tf.cos(x)), "derivative"),
        (slope_of(lambda x, tf: x**2 + tf.sin(x)), "multiplied"),
        (slope_of(lambda x, tf: x * tf.sin(x)), "square"),
        (slope_of(lambda x, tf: 2 * x * tf.sin(x)), "twice"),
        (slope_of(lambda x, tf: x**2 * tf.cos(x)), "Which function"),
        (slope_of(lambda x, tf: tf.sin(x) ** 2), "squared"),
        (slope_of(lambda x, tf: tf.sin(x**2)), "sine of the square"),
        (slope_of(lambda x, tf: x**3 * tf.sin(x)), "third power"),
        (slope_of(lambda x, tf: float(x) ** 2 * tf.sin(x)), "square"),
        (slope_without_return, "return"),
        (value, "the value"),
    ],
    "q4": [
        (93, "last batch"),
        (93.75, "no part of a step"),
        (94, "round up before"),
        (32, "one epoch"),
        (31, "one epoch"),
        (31.25, "not rounded"),
        (3, "the epochs"),
        (3000, "for each image"),
        (1000, "the images"),
        (96000, "fewer"),
        (3072, "all batches together"),
        ("96 steps", "numbers are wanted"),
    ],
    "q5": [
        (net_of((3, "Conv2D", 32, 64, 3)), "not PyTorch's word"),
        (net_of((7, "Dense", 10)), "not PyTorch's word"),
        (net_of((2, "MaxPooling2D", 2)), "not PyTorch's word"),
        (net_with_keras_arguments, "layer of its own"),
        (net_with_pool_size, "no `pool_size=`"),
        (net_with_one_number, "how many come in"),
        (net_without_brackets, "brackets"),
        (net_without_return, "return"),
        (net_half_done, ""),
        (net_of(drop=(1, 4)), "two layers say"),
        (net_of(drop=(4,)), "second convolution"),
        (net_of(drop=(1,)), "first convolution"),
        (net_of(drop=(5,)), "dense"),
        (net_of(drop=(6,)), "rows of maps"),
        (net_of((7, "Linear", 64, 10)), "Follow the image"),
        (net_of((7, "Linear", 9216, 10)), "Follow the image"),
        (net_of((7, "Linear", 10, 1600)), "Follow the image"),
        (net_of((3, "Conv2d", 1, 64, 3)), "what comes in"),
        (net_of((3, "Conv2d", 64, 32, 3)), "what comes in"),
        (net_of((0, "Conv2d", 1, 32, 5)), "size of the kernel"),
        (net_of((0, "Conv2d", 1, 32, 3, 1, 1)), "dense"),
        (net_of(add=[("Softmax", 1)]), "probabilities"),
        (net_of(add=[("ReLU",)]), "negative"),
        (lambda nn: [nn.Conv2d(1, 32, 3)], "a list"),
    ],
    "q6": [
        (moved(3, 2, 1, 0), "mirrored"),
        (lambda kernel: kernel.T, "mirrored"),
        (moved(2, 3, 0, 1), "out first"),
        (moved(2, 3, 1, 0), "way back"),
        (lambda kernel: kernel, "still in Keras's order"),
        (moved(0, 1, 2, 3), "still in Keras's order"),
        (
            lambda kernel: kernel.reshape(kernel.shape[3:1:-1] + kernel.shape[:2]),
            "cuts",
        ),
        (moved(0, 1, 3, 2), "two channels"),
        (moved(3, 0, 1, 2), "channels in"),
        (lambda kernel: None, "return"),
        (lambda kernel: kernel.transpose(3, 2, 1), "axes"),
        (lambda kernel: (3, 2, 0, 1), "numbers of the axes"),
    ],
    "q7": [
        (962, "Keras"),
        (325, "Row and column"),
        (39, "12 rows of 12 numbers"),
        (15, "own map"),
        (304, "from 1"),
        (447, "Three maps"),
        (288 + 12, "column"),
        (288 + 3, "row"),
        (288, "begins"),
        (159, "One map before"),
        (435, ""),
    ],
    "q8": [
        (lambda kernel, h, w, c: kernel.T, "Keras's order"),
        (lambda kernel, h, w, c: kernel, "as it was"),
        (rows_moved(2, 0, 1, 3), "outputs"),
        (rows_moved(3, 2, 1, 0), "Height and width"),
        (rows_moved(3, 0, 1, 2), "Keras's order"),
        (rows_moved(0, 1, 2, 3), "mixes"),
        (rows_moved(2, 3, 0, 1), "outputs"),
        (rows_moved(3, 1, 0, 2), "outputs come first"),
        (
            lambda kernel, h, w, c: rows_in_two_steps(kernel, h, w, c).T,
            "[outputs, inputs]",
        ),
        (lambda kernel, h, w, c: kernel.reshape(-1, c * h * w), "mixes"),
        (lambda kernel, h, w, c: None, "return"),
    ],
}
