import math
from decimal import Decimal
from fractions import Fraction

import numpy as np

from utils.touch import Valley

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


# q10: momentum


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


# q9: the training loop


def loop(net, loss, optimizer, batches):
    losses = []
    for images, labels in batches:
        logits = net.forward(images)
        value = loss.forward(logits, labels)
        signal = loss.backward()
        net.backward(signal)
        optimizer.step()
        losses.append(value)
    return losses


def loop_in_few_lines(net, loss, optimizer, batches):
    losses = []
    for batch in batches:
        losses += [loss.forward(net.forward(batch[0]), batch[1])]
        net.backward(grad=loss.backward())
        optimizer.step()
    return np.array(losses)


def loop_by_train_step(net, loss, optimizer, batches):
    return [net.train_step(x, y, loss, optimizer) for x, y in batches]


def loop_with_a_list(net, loss, optimizer, batches):
    batches = list(batches)
    losses = np.zeros(len(batches))
    for k in range(len(batches)):
        losses[k] = loss.forward(net.forward(batches[k][0]), list(batches[k][1]))
        net.backward(loss.backward())
        optimizer.step()
    return losses


def loop_by_hand(net, loss, optimizer, batches):
    """Layer by layer; the gradient of the loss by its formula, q - p."""
    losses = ()
    for x, y in batches:
        out = x
        for layer in net.layers:
            out = layer.forward(out)
        losses += (loss.forward(out, y),)
        grad = (loss.q - np.eye(out.shape[1])[y]) / len(y)
        for layer in net.layers[::-1]:
            grad = layer.backward(grad)
        optimizer.step()
    return losses


def loop_one_hot(net, loss, optimizer, batches):
    losses = []
    for images, labels in batches:
        logits = net.forward(images.copy())
        losses.append(np.float32(loss.forward(logits, np.eye(4)[labels])))
        signal = loss.backward()
        net.backward(signal)
        optimizer.step()
    return losses


def loop_with_while(net, loss, optimizer, batches):
    losses, more = [], True
    while more:
        try:
            x, y = next(batches)
        except StopIteration:
            return losses
        losses.append(loss.forward(net.forward(x), y))
        net.backward(loss.backward())
        optimizer.step()


def loop_that_yields_then_lists(net, loss, optimizer, batches):
    def steps():
        for x, y in batches:
            value = loss.forward(net.forward(x), y)
            net.backward(loss.backward())
            optimizer.step()
            yield value

    return list(steps())


def in_a_loop(body, keep=lambda value: value):
    """The lesson's loop with another body(net, loss, optimizer, images, labels)."""

    def my_training(net, loss, optimizer, batches):
        losses = []
        for images, labels in batches:
            losses.append(keep(body(net, loss, optimizer, images, labels)))
        return losses

    return my_training


def forward(net, loss, images, labels):
    return loss.forward(net.forward(images), labels)


def no_step(net, loss, optimizer, images, labels):
    value = forward(net, loss, images, labels)
    net.backward(loss.backward())
    return value, optimizer.step


def no_backward(net, loss, optimizer, images, labels):
    value = forward(net, loss, images, labels)
    loss.backward()
    optimizer.step()
    return value


def step_first(net, loss, optimizer, images, labels):
    value = forward(net, loss, images, labels)
    signal = loss.backward()
    optimizer.step()
    net.backward(signal)
    return value


def loss_afterwards(net, loss, optimizer, images, labels):
    forward(net, loss, images, labels)
    net.backward(loss.backward())
    optimizer.step()
    return forward(net, loss, images, labels)


def back_with(what):
    """What goes back through the network: what(value, logits, signal)."""

    def body(net, loss, optimizer, images, labels):
        logits = net.forward(images)
        value = loss.forward(logits, labels)
        net.backward(*what(value, logits, loss.backward()))
        optimizer.step()
        return value

    return body


def as_in_keras(net, loss, optimizer, images, labels):
    return loss.forward(net(images), labels)


def loss_as_in_keras(net, loss, optimizer, images, labels):
    return loss(labels, net.forward(images))


def labels_first(net, loss, optimizer, images, labels):
    return loss.forward(labels, net.forward(images))


def no_loss(net, loss, optimizer, images, labels):
    net.forward(images)
    net.backward(loss.backward())


def signal_to_the_loss(net, loss, optimizer, images, labels):
    value = forward(net, loss, images, labels)
    loss.backward(value)
    return value


def step_of_the_net(net, loss, optimizer, images, labels):
    value = forward(net, loss, images, labels)
    net.backward(loss.backward())
    optimizer.step(net)
    return value


def name_used_twice(net, loss, optimizer, images, labels):
    loss = loss.forward(net.forward(images), labels)
    net.backward(loss.backward())


def images_as_logits(net, loss, optimizer, images, labels):
    return loss.forward(images, labels)


def back_on_the_signal(net, loss, optimizer, images, labels):
    value = forward(net, loss, images, labels)
    loss.backward().backward()
    return value


def all_batches(net, loss, optimizer, batches):
    for _images, _labels in batches:
        net.forward(batches)


def return_too_early(net, loss, optimizer, batches):
    losses = []
    for images, labels in batches:
        losses.append(forward(net, loss, images, labels))
        net.backward(loss.backward())
        optimizer.step()
        return losses


def nothing_kept(net, loss, optimizer, batches):
    loop(net, loss, optimizer, batches)


def one_number(net, loss, optimizer, batches):
    return np.mean(loop(net, loss, optimizer, batches))


def logits_kept(net, loss, optimizer, images, labels):
    forward(net, loss, images, labels)
    net.backward(loss.backward())
    optimizer.step()
    return net.forward(images)


def step_on_the_class(net, loss, optimizer, images, labels):
    value = forward(net, loss, images, labels)
    net.backward(loss.backward())
    optimizer()
    return value


def starter(net, loss, optimizer, batches):
    losses = []
    for _images, _labels in batches:
        logits = ...
        value = ...
        signal = loss.backward()
        losses.append(value)
    return losses, logits, signal


def half_of_it(net, loss, optimizer, batches):
    losses = []
    for images, labels in batches:
        value = loss.forward(net.forward(images), labels)
        loss.backward()
        losses.append(value)
    return losses


def nudged(estimate):
    """The lesson's loop with another estimate(f, w, change, nudge) of one slope."""

    def my_gradient(f, w, nudge=1e-5):
        gradient = np.zeros(len(w))
        for k in range(len(w)):
            change = np.zeros(len(w))
            change[k] = nudge
            gradient[k] = estimate(f, w, change, nudge)
        return gradient

    return my_gradient


def value_with(make_slope, result=lambda x: x**3):
    """The lesson's my_cube with another slope(value)."""

    def my_cube(value):
        from utils.autograd import Value

        return Value(result(value.data), edges=[(value, make_slope(value))])

    return my_cube


def hat(value):
    return 3 * value.data ^ 2


def hat_on_the_value(value):
    return 3 * value ^ 2


def edges_of(make):
    def my_cube(value):
        from utils.autograd import Value

        return Value(value.data**3, edges=make(value, 3 * value.data**2))

    return my_cube


def momentum_by(velocity_of):
    def my_momentum(w, velocity, gradient, learning_rate, momentum):
        velocity = velocity_of(velocity, gradient, learning_rate, momentum)
        return w + velocity, velocity

    return my_momentum


def keeps_the_old_velocity(w, velocity, gradient, learning_rate, momentum):
    return w + momentum * velocity - learning_rate * gradient, velocity


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


ANSWERS = {
    "q1": [
        *(-0.02, 0.01 * -0.5 * 4, np.float32(-0.02), [-0.02], Fraction(-1, 50)),
        *(Decimal("-0.02"), -2e-2, np.array(-0.02), 0.01 / -2 * 4, (-0.02,)),
    ],
    "q2": [
        *("rises", "Rises", " rises. ", "RISES", ["rises"], ("rises",)),
        *(np.array("rises"), np.str_("rises"), "rises!"),
    ],
    "q3": [
        by_loop,
        by_rows,
        by_complex_step,
        nudged(lambda f, w, d, nudge: (f(w + d) - f(w - d)) / (2 * nudge)),
        nudged(lambda f, w, d, nudge: (f(w + d) - f(w - d)) / 2 / nudge),
        nudged(lambda f, w, d, nudge: 0.5 * (f(w + d) - f(w - d)) * nudge**-1),
        nudged(lambda f, w, d, nudge: (f(w + d / 2) - f(w - d / 2)) / nudge),
        nudged(lambda f, w, d, nudge: (f(w + d) - f(w - d)) / (d + d).sum()),
        nudged(
            lambda f, w, d, nudge: (
                (f(w + d) - f(w)) / nudge / 2 + (f(w) - f(w - d)) / nudge / 2
            )
        ),
    ],
    "q4": [
        in_place,
        by_keras_ops,
        by_keras_optimizer,
        as_float32,
        lambda w, gradient, learning_rate: w + -learning_rate * gradient,
        lambda w, gradient, learning_rate: w - gradient * learning_rate,
        lambda w, gradient, learning_rate: -(learning_rate * gradient - w),
        lambda w, gradient, learning_rate: np.subtract(w, learning_rate * gradient),
        lambda w, gradient, learning_rate: [w - learning_rate * gradient][0],
    ],
    "q5": [
        signals_by_loops,
        signals_from_the_left,
        signals_by_einsum,
        signals_by_keras,
        lambda delta_o, W2, h: (W2 * delta_o).sum(axis=1) * h * (1 - h),
        lambda delta_o, W2, h: np.dot(W2, delta_o) * (h - h * h),
        lambda delta_o, W2, h: [
            (row @ delta_o) * x * (1 - x) for row, x in zip(W2, h, strict=True)
        ],
        lambda delta_o, W2, h: -(W2 @ delta_o) * h * (h - 1),
        lambda delta_o, W2, h: (h * (1 - h))[:, None] * W2 @ delta_o,
    ],
    "q6": [
        cube_with_edges,
        cube_by_products,
        cube_by_power,
        cube_with_three_edges,
        value_with(lambda value: 3 * value.data * value.data),
        value_with(lambda value: np.float32(3) * value.data**2),
        value_with(lambda value: np.array(3 * value.data**2)),
        value_with(lambda value: Fraction(3) * Fraction(value.data) ** 2),
        edges_of(lambda value, slope: ([value, slope],)),
        edges_of(lambda value, slope: [(value, slope / 2), (value, slope / 2)]),
    ],
    "q9": [
        loop,
        loop_in_few_lines,
        loop_by_train_step,
        loop_with_a_list,
        loop_by_hand,
        loop_one_hot,
        loop_with_while,
        loop_that_yields_then_lists,
    ],
    "q7": [
        *(1, 1.0, [1.0], (1,), np.float32(1), np.array([[1]]), np.int8(1)),
        *(
            Fraction(1),
            Decimal("1.00"),
            0.97,
            1.03,
            Valley(learning_rate=1).learning_rate,
        ),
    ],
    "q10": [
        velocity_is_a_step,
        velocity_is_a_gradient,
        velocity_in_place,
        velocity_with_signs,
        momentum_by(lambda v, g, rate, m: -(rate * g) + v * m),
        lambda w, v, g, rate, m: np.array([w + m * v - rate * g, m * v - rate * g]),
        lambda w, v, g, rate, m: (w - (rate * g - m * v), -(rate * g - m * v)),
        lambda w, v, g, rate, m: (w - (m * v + rate * g), m * v + rate * g),
    ],
    "q8": [
        *(2346, 3 * math.ceil(50_000 / 64), np.int64(2346), -(-50_000 // 64) * 3),
        *(2346.0, (50_000 // 64 + 1) * 3, [2346], Fraction(2346), Decimal(2346)),
    ],
}

# A beginner's wrong answers, each with a part of what is said of it.
WRONG = {
    "q1": [
        (0.02, "negative"),
        (0.035, "added the slopes"),
        (3.5, ""),
        (-2, "by 0.01 only"),
        (2, ""),
        (-0.005, "change of u"),
        (0.04, "from u to y only"),
        (-0.08, "divided by 0.5"),
        (-0.0201, ""),
        ("-0,02", "numbers are wanted"),
        ((0, 2), "a comma"),
    ],
    "q2": [
        ("falls", "its target"),
        ("Falls.", "its target"),
        ("stays", "Follow the arrows"),
        ("rise", "none of the words"),
        ("up", "none of the words"),
        (0.4, "one word is wanted"),
        (None, "one word is wanted"),
        (["rises", "falls"], "one word is wanted"),
    ],
    "q3": [
        (nudged(lambda f, w, d, n: (f(w + d) - f(w)) / n), "one side only"),
        (nudged(lambda f, w, d, n: (f(w) - f(w - d)) / n), "downwards"),
        (nudged(lambda f, w, d, n: (f(w + d) - f(w - d)) / 2 * n), "brackets"),
        (nudged(lambda f, w, d, n: f(w + d) - f(w - d) / (2 * n)), "difference"),
        (nudged(lambda f, w, d, n: (f(w + d) - f(w - d)) / n), "twice as large"),
        (nudged(lambda f, w, d, n: (f(w + d) - f(w - d)) / d), "`change`"),
        (nudged(lambda f, w, d, n: (f(w + d) - f(w - d)) / (2 * d)), "`change`"),
        (nudged(lambda f, w, d, n: (f(w + n) - f(w - n)) / (2 * n)), "all weights"),
        (nudged(lambda f, w, d, n: f(w + d) - f(w - d)), "very small"),
        (nudged(lambda f, w, d, n: (f(w + d) - f(w)) / (2 * n)), "half as large"),
        (nudged(lambda f, w, d, n: (f(w - d) - f(w + d)) / (2 * n)), "turned around"),
        (nudged(lambda f, w, d, n: (w + d - w - d) / (2 * n)), "one number"),
        (nudged(lambda f, w, d, n: (f(w + d) - f(w - d)) / 2), ""),
    ],
    "q4": [
        (lambda w, gradient, learning_rate: -learning_rate * gradient, "old weight"),
        (lambda w, gradient, learning_rate: w + learning_rate * gradient, "grows"),
        (lambda w, gradient, learning_rate: w - gradient, "takes no part"),
        (lambda w, gradient, learning_rate: w - learning_rate, ""),
        (lambda w, gradient, learning_rate: w - learning_rate + gradient, "multiplied"),
        (lambda w, gradient, learning_rate: (w - learning_rate) * gradient, "brackets"),
        (lambda w, gradient, learning_rate: learning_rate * (w - gradient), "brackets"),
        (lambda w, gradient, learning_rate: w - gradient / learning_rate, "divide"),
        (lambda w, gradient, learning_rate: None, "returns nothing"),
        (lambda w, gradient, learning_rate: w, ""),
        (lambda w, gradient, learning_rate: w - learning_rate * abs(gradient), ""),
        (lambda w, gradient, learning_rate: learning_rate * gradient, ""),
    ],
    "q5": [
        (lambda delta_o, W2, h: W2.T @ delta_o * h * (1 - h), "exchanged"),
        (lambda delta_o, W2, h: delta_o @ W2 * h * (1 - h), "exchanged"),
        (lambda delta_o, W2, h: W2 * delta_o * h * (1 - h), "a matrix"),
        (lambda delta_o, W2, h: W2 @ delta_o, "One factor is missing"),
        (lambda delta_o, W2, h: W2 @ delta_o * h * (h - 1), "turned around"),
        (lambda delta_o, W2, h: W2 @ delta_o * (1 - h**2), "tanh"),
        (lambda delta_o, W2, h: W2 @ delta_o * h * 1 - h, "Brackets"),
        (lambda delta_o, W2, h: W2 @ (delta_o * h * (1 - h)), ""),
        (lambda delta_o, W2, h: (W2 * delta_o).sum() * h * (1 - h), ""),
        (lambda delta_o, W2, h: W2.sum(axis=1) * h * (1 - h), "take no part"),
        (lambda delta_o, W2, h: delta_o * h * (1 - h), "weights between"),
        (
            lambda delta_o, W2, h: W2 @ delta_o * sigmoid(h) * (1 - sigmoid(h)),
            "once more",
        ),
        (lambda delta_o, W2, h: -(W2 @ delta_o) * h * (1 - h), "turned around"),
        (
            lambda delta_o, W2, h: W2 @ delta_o * (h * (1 - h))[: len(delta_o)],
            "could not be broadcast",
        ),
        (
            lambda delta_o, W2, h: [
                sum(W2[i, j] * delta_o[j] for j in range(len(h))) * h[i] * (1 - h[i])
                for i in range(len(h))
            ],
            "",
        ),
    ],
    "q6": [
        (value_with(lambda value: value.data**3), "result once more"),
        (value_with(lambda value: value.data**2), "a third"),
        (value_with(lambda value: 3 * value.data), "Try x = 2"),
        (value_with(lambda value: 2 * value.data), "square"),
        (value_with(lambda value: 3 * value**2), "plain number"),
        (value_with(lambda value: 3), "slope at 2"),
        (value_with(hat), "two stars"),
        (value_with(hat_on_the_value), "two stars"),
        (value_with(lambda value: 3 * value.data**3), "slope at 2"),
        (value_with(lambda value: 3 * value.grad**2), "no gradient comes back"),
        (lambda value: value.data**3, "needs a Value"),
        (lambda value: None, "returns nothing"),
        (edges_of(lambda value, slope: (value, slope)), "list of pairs"),
        (edges_of(lambda value, slope: [(value.data, slope)]), "list of pairs"),
        (edges_of(lambda value, slope: [(slope, value)]), "list of pairs"),
        (value_with(lambda value: 3 * value.data**2, lambda x: x * 3), "x ** 3"),
    ],
    "q9": [
        (in_a_loop(no_step, keep=lambda pair: pair[0]), "never move"),
        (half_of_it, "never move"),
        (in_a_loop(no_backward), "no gradient has come"),
        (in_a_loop(step_first), "no gradient has come"),
        (in_a_loop(loss_afterwards), "*after* the steps"),
        (in_a_loop(back_with(lambda value, logits, signal: [-signal])), "loss grows"),
        (in_a_loop(back_with(lambda value, logits, signal: [])), "what to carry back"),
        (in_a_loop(back_with(lambda value, logits, signal: [value])), "it is the sig"),
        (in_a_loop(back_with(lambda value, logits, signal: [logits])), ""),
        (in_a_loop(as_in_keras), "in Keras"),
        (in_a_loop(loss_as_in_keras), "in Keras"),
        (in_a_loop(labels_first), "in this order"),
        (in_a_loop(no_loss), "Does point 3 call it"),
        (in_a_loop(signal_to_the_loss), "It is the *network*"),
        (in_a_loop(step_on_the_class), "in Keras"),
        (in_a_loop(step_of_the_net), "knows its network"),
        (in_a_loop(name_used_twice), "Is there a number in it"),
        (in_a_loop(logits_kept), "one number in each round"),
        (in_a_loop(images_as_logits), "has the network made them"),
        (in_a_loop(back_on_the_signal), "which of them is next"),
        (all_batches, "one step takes one batch"),
        (return_too_early, "after the loop"),
        (nothing_kept, "returns nothing"),
        (one_number, "after the loop"),
        (lambda net, loss, optimizer, batches: [], "one number in each round"),
    ],
    "q7": [
        (0.2, "how the figure begins"),
        (0.5, "half of the way"),
        (2, "as far away as before"),
        (4, "multiplied by the slope"),
        (0.25, "You divided by the slope"),
        (0, "nothing moves"),
        (-1, "climbs"),
        (0.9, "the end of the first step: expected 0, you have -0.4"),
        (1.1, "you have 0.4"),
        ((0.9, 1.1), "a comma makes two"),
        ("one", "numbers are wanted"),
        ([1, 2], "one number is wanted"),
    ],
    "q10": [
        (momentum_by(lambda v, g, rate, m: m * v + rate * g), "uphill"),
        (momentum_by(lambda v, g, rate, m: -rate * g), "plain update"),
        (momentum_by(lambda v, g, rate, m: v - rate * g), "whole old velocity"),
        (momentum_by(lambda v, g, rate, m: m * v - g), "learning rate"),
        (momentum_by(lambda v, g, rate, m: m * (v - rate * g)), "brackets"),
        (momentum_by(lambda v, g, rate, m: rate * v - m * g), "no momentum"),
        (momentum_by(lambda v, g, rate, m: (1 - m) * v - rate * g), ""),
        (momentum_by(lambda v, g, rate, m: m * v), ""),
        (keeps_the_old_velocity, "plain update"),
        (lambda w, v, g, rate, m: (m * v - rate * g, w + m * v - rate * g), "first"),
        (lambda w, v, g, rate, m: w + m * v - rate * g, "two things"),
        (lambda w, v, g, rate, m: (w - (m * v - rate * g), m * v - rate * g), "added"),
    ],
    "q8": [
        (2343, "left out the last"),
        (2344, "rounded up once"),
        (50_000 / 64 * 3, "three quarters"),
        (782, "one epoch"),
        (781, "one epoch"),
        (150_000, "how many images"),
        (192, "takes no part"),
        (781.25, "no quarter of a step"),
        (2345, ""),
        ("2346 steps", "numbers are wanted"),
    ],
}
