"""Right answers to lesson 2's exercises, written differently."""

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


def net_in_a_list(nn):
    layers = [nn.Conv2d(1, 32, 3), nn.ReLU(), nn.Conv2d(32, 64, 3), nn.ReLU()]
    layers += [nn.MaxPool2d(kernel_size=2, stride=2), nn.Flatten()]
    layers += [nn.Linear(9216, 128), nn.ReLU(), nn.Linear(128, 10)]
    return nn.Sequential(*layers)


def net_in_blocks(nn):
    features = nn.Sequential(
        nn.Conv2d(1, 32, kernel_size=3),
        nn.ReLU(),
        nn.Conv2d(32, 64, kernel_size=3),
        nn.MaxPool2d(2),  # the largest of positive numbers is positive: the order
        nn.ReLU(),  # of pooling and ReLU does not matter
    )
    head = nn.Sequential(
        nn.Flatten(), nn.Linear(64 * 12 * 12, 128), nn.ReLU(), nn.Linear(128, 10)
    )
    return nn.Sequential(features, head)


def net_with_all_settings(nn):
    return nn.Sequential(
        nn.Conv2d(1, 32, (3, 3), stride=1, padding=0),
        nn.ReLU(inplace=True),
        nn.Conv2d(32, 64, 3, 1),
        nn.ReLU(),
        nn.MaxPool2d((2, 2)),
        nn.Flatten(start_dim=1),
        nn.Linear(9216, 128),
        nn.ReLU(),
        nn.Linear(128, 10),
    )


def net_as_a_class(nn):
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv1 = nn.Conv2d(1, 32, 3)
            self.conv2 = nn.Conv2d(32, 64, 3)
            self.fc1 = nn.Linear(12 * 12 * 64, 128)
            self.fc2 = nn.Linear(128, 10)

        def forward(self, x):
            x = nn.functional.relu(self.conv1(x))
            x = nn.functional.relu(self.conv2(x))
            x = nn.functional.max_pool2d(x, 2)
            x = x.reshape(len(x), -1)
            return self.fc2(nn.functional.relu(self.fc1(x)))

    return Net()


def kernel_by_einsum(kernel):
    return np.einsum("hwio->oihw", kernel)


def kernel_by_moveaxis(kernel):
    return np.moveaxis(kernel, [3, 2], [0, 1]).tolist()


def kernel_by_tensorflow(kernel):
    import tensorflow as tf

    return tf.transpose(kernel, [3, 2, 0, 1])


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


ANSWERS = {
    "q1": ["PaddlePaddle", "paddlepaddle", " PaddlePaddle. "],
    "q2": ["error", "Error", "ERROR "],
    "q3": [
        slope_with_the_product_rule,
        slope_with_a_tape,
        slope_of_a_constant,
        slope_as_a_float,
    ],
    "q4": [net_in_a_list, net_in_blocks, net_with_all_settings, net_as_a_class],
    "q5": [kernel_by_einsum, kernel_by_moveaxis, kernel_by_tensorflow],
    "q6": [303, 303.0, np.int64(303), np.ravel_multi_index((2, 1, 3), (64, 12, 12))],
    "q7": [rows_in_two_steps, rows_by_index, rows_in_a_loop],
}
