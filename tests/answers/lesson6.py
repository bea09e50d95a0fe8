import math

import numpy as np

# q3: the gradient by nudging


def by_loop(f, w):
    gradient = []
    for k in range(len(w)):
        up, down = list(w), list(w)
        up[k] += 1e-5
        down[k] -= 1e-5
        gradient.append((f(up) - f(down)) / 2e-5)
    return gradient


def by_rows(f, w):
    nudges = 1e-4 * np.eye(len(w))
    near = np.array([f(w + d) - f(w - d) for d in nudges])
    far = np.array([f(w + 2 * d) - f(w - 2 * d) for d in nudges])
    return (8 * near - far) / 12e-4  # two distances: the next error cancels, too


def by_complex_step(f, w):
    nudges = 1e-30j * np.eye(len(w))
    return np.array([f(w + d).imag / 1e-30 for d in nudges])


# q4: the update


def in_place(w, gradient, learning_rate):
    w -= learning_rate * gradient
    return w


def by_keras_ops(w, gradient, learning_rate):
    from keras import ops

    w = ops.convert_to_tensor(w, "float32")
    return ops.subtract(w, learning_rate * ops.convert_to_tensor(gradient, "float32"))


def by_keras_optimizer(w, gradient, learning_rate):
    import keras

    variable = keras.Variable(w)
    optimizer = keras.optimizers.SGD(learning_rate)
    optimizer.apply([keras.ops.convert_to_tensor(gradient, "float32")], [variable])
    return variable.value


def as_float32(w, gradient, learning_rate):
    return np.float32(w) + np.float32(-learning_rate) * np.float32(gradient)


# q5: the signals of the hidden units


def signals_by_loops(delta_o, W2, h):
    out = []
    for unit, row in enumerate(W2):
        paths = sum(d * w for d, w in zip(delta_o, row, strict=True))
        out.append(paths * h[unit] * (1 - h[unit]))
    return out


def signals_from_the_left(delta_o, W2, h):
    return delta_o @ W2.T * (h - h**2)


def signals_by_einsum(delta_o, W2, h):
    slope = np.diag(h * (1 - h)).astype("float32")
    return slope @ np.einsum("ij,j->i", W2, delta_o)


def signals_by_keras(delta_o, W2, h):
    from keras import ops

    delta_o, W2, h = (ops.convert_to_tensor(a, "float32") for a in (delta_o, W2, h))
    return ops.matmul(W2, delta_o) * h * (1 - h)


# q6: the cube


def cube_with_edges(value):
    from utils.autograd import Value

    return Value(value.data**3, op="cube", edges=[(value, 3.0 * value.data**2)])


def cube_by_products(value):
    return value * value * value


def cube_by_power(value):
    return value**3


def cube_with_three_edges(value):
    from utils.autograd import Value

    edges = [(value, value.data**2) for _ in range(3)]
    return Value(math.pow(value.data, 3), edges=edges)


# q8: momentum


def velocity_is_a_step(w, velocity, gradient, learning_rate, momentum):
    velocity = momentum * velocity - learning_rate * gradient
    return w + velocity, velocity


def velocity_is_a_gradient(w, velocity, gradient, learning_rate, momentum):
    velocity = momentum * velocity + gradient  # as PyTorch writes it
    return [w - learning_rate * velocity, velocity]


def velocity_in_place(w, velocity, gradient, learning_rate, momentum):
    velocity = momentum * velocity - learning_rate * gradient
    w += velocity
    return w, velocity


def velocity_with_signs(w, velocity, gradient, learning_rate, momentum):
    push = np.multiply(-learning_rate, gradient)
    moved = np.multiply(momentum, velocity) + push
    return np.float32(np.add(w, moved)), moved


ANSWERS = {
    "q1": [-0.02, 0.01 * -0.5 * 4, np.float32(-0.02), [-0.02]],
    "q2": ["rises", "Rises", " rises. "],
    "q3": [by_loop, by_rows, by_complex_step],
    "q4": [in_place, by_keras_ops, by_keras_optimizer, as_float32],
    "q5": [
        signals_by_loops,
        signals_from_the_left,
        signals_by_einsum,
        signals_by_keras,
    ],
    "q6": [cube_with_edges, cube_by_products, cube_by_power, cube_with_three_edges],
    "q7": ["jumps", "Jumps", "jumps."],
    "q8": [
        velocity_is_a_step,
        velocity_is_a_gradient,
        velocity_in_place,
        velocity_with_signs,
    ],
    "q9": [2346, 3 * math.ceil(50_000 / 64), np.int64(2346), -(-50_000 // 64) * 3],
}
