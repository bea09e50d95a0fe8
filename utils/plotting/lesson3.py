"""Lesson 3's figures: neurons, dense layers, softmax, and what a dense net learns."""

import numpy as np

from utils.plotting import base as draw
from utils.plotting.colours import BLACK, BLUE, GREY, ORANGE, PALE, SIGNED

UNIT_COLOURS = BLUE, ORANGE  # one colour a unit, in both drawings of a layer


@draw.picture
def neuron(inputs, weights, bias):
    """One neuron with its numbers: inputs, weights, bias, sum, ReLU, activation."""
    total = float(np.dot(inputs, weights) + bias)
    activation = max(0.0, total)
    figure, axes = draw.canvas(draw.WIDE, 3.9)
    names = "inputs $x$", "weights $w$", "weighted sum $z$", "activation $a$"
    for name, x in zip(names, (0, 2.0, 4.5, 7.3), strict=True):
        draw.write(axes, x, 3.2, name, color=GREY)
    sum_ = draw.node(axes, 4.5, 0, f"add up:\n$z$ = {total:g}", BLUE, radius=2.6)
    heights = np.linspace(2, -2, len(inputs))
    trios = zip(inputs, weights, heights, strict=True)
    for number, (value, weight, y) in enumerate(trios, start=1):
        source = draw.node(axes, 0, y, f"{value:g}", radius=1.6)
        draw.write(axes, -0.6, y, f"$x_{number}$", ha="right")
        draw.arrow(axes, source, sum_, text=f"$\\times$ {weight:g}", at=0.45)
    draw.arrow(axes, (4.5, -2.3), sum_)
    draw.write(axes, 4.5, -2.6, f"bias $b$ = {bias:g}")
    output = draw.node(axes, 7.3, 0, f"$a$ = {activation:g}", ORANGE, radius=2.2)
    draw.arrow(axes, sum_, output, text="ReLU")
    draw.blank(axes, (-1.2, 8.3), (-2.9, 3.5))
    pairs = zip(inputs, weights, strict=True)
    products = " + ".join(f"({x:g} x {w:g})" for x, w in pairs)
    return figure, (
        f"A neuron: {products} + bias {bias:g} = {total:g}; "
        f"after ReLU the activation is {activation:g}."
    )


@draw.picture
def layer_drawings(inputs, weights, bias):
    """One layer drawn twice: units and arrows, and a matrix.

    inputs: (3,), weights: (3, 2), bias: (2,). A column of the matrix has the colour
    of its unit.
    """
    sums = inputs @ weights + bias
    size = draw.WIDE, 4.3
    figure, ((left, right),) = draw.canvas(*size, 1, 2, width_ratios=[1, 1.25])
    units = [
        draw.node(left, 5.5, 1.2 * sign, f"{total:g}", colour, radius=1.7)
        for sign, total, colour in zip((1, -1), sums, UNIT_COLOURS, strict=True)
    ]
    heights = np.linspace(2.2, -2.2, len(inputs))
    for number, (value, y) in enumerate(zip(inputs, heights, strict=True)):
        source = draw.node(left, 0, y, f"{value:g}", radius=1.7)
        draw.write(left, -1.1, y, f"$x_{number + 1}$", ha="right")
        row = zip(units, weights[number], UNIT_COLOURS, strict=True)
        for unit, weight, colour in row:
            # near the inputs, where the arrows are well apart
            draw.arrow(left, source, unit, colour, f"{weight:g}", at=0.36, ink=colour)
    for unit, (y, colour) in enumerate(zip((2.3, -2.3), UNIT_COLOURS, strict=True)):
        draw.write(left, 5.2, y, f"unit {unit + 1}, bias {bias[unit]:g}", color=colour)
    draw.blank(left, (-2, 7.2), (-3.2, 3.2))
    left.set_title("units and arrows:\neach arrow is a weight")

    _cells(right, 0, 0.6, [inputs], "x")
    _cells(right, 3.8, 1.6, weights, "W", coloured=True)
    _cells(right, 6.6, 0.6, [bias], "b", coloured=True)
    _cells(right, 3.8, -3.2, [sums], "z", coloured=True)
    for x, y, sign in ((3.4, 0.6, "@"), (6.2, 0.6, "+"), (3.4, -3.2, "=")):
        draw.write(right, x, y, sign)
    draw.blank(right, (-0.2, 8.9), (-4.3, 2.9), "equal")
    right.set_title("a matrix:\neach column is a unit")
    return figure, (
        f"One layer drawn twice, as {weights.shape[0]} inputs with arrows to "
        f"{weights.shape[1]} units and as a {weights.shape[0]} x {weights.shape[1]} "
        f"matrix; both give the sums {_list(sums)}."
    )


@draw.picture
def activations():
    """The curves of sigmoid, tanh and ReLU, on one scale."""
    z = np.linspace(-4, 4, 201)
    curves = {
        "sigmoid": (1 / (1 + np.exp(-z)), "between 0 and 1"),
        "tanh": (np.tanh(z), "between -1 and 1"),
        "ReLU": (np.maximum(0, z), "0, or z itself"),
    }
    figure, (axes,) = draw.canvas(draw.WIDE, 3, 1, 3, sharey=True)
    for panel, (name, (values, range_)) in zip(axes, curves.items(), strict=True):
        panel.axhline(0, color=PALE, lw=1)
        panel.axvline(0, color=PALE, lw=1)
        panel.plot(z, values, color=BLUE, lw=3)
        panel.set_title(f"{name}\n{range_}")
        panel.set(xlabel="weighted sum $z$", xticks=[-4, -2, 0, 2, 4])
    axes[0].set(ylabel="activation $a$", ylim=(-1.3, 4.2))
    middle = ", ".join(f"{name} gives {a[100]:.1f}" for name, (a, _) in curves.items())
    end = ", ".join(f"{values[-1]:.2f}" for values, _ in curves.values())
    return figure, (
        f"Three activation functions from z = -4 to 4. At z = 0, {middle}; "
        f"at z = 4 they give {end}."
    )


@draw.picture
def decision_boundaries(networks, points, classes):
    """Where each network changes its mind between two classes of points.

    networks: {name: Keras model with one output between 0 and 1, or a function of
    points that gives True or False}; points: (n, 2); classes: 0 or 1, shape (n,). A
    dashed line is a hidden unit: there its weighted sum is 0 (for up to four units).
    """
    edge = 1.15 * abs(points).max()
    ticks = np.linspace(-edge, edge, 121)
    grid = np.stack(np.meshgrid(ticks, ticks), axis=-1).reshape(-1, 2)
    side = min(3.6, draw.WIDE / len(networks))
    size = side * len(networks), side + 0.7
    figure, (axes,) = draw.canvas(*size, 1, len(networks))
    said = []
    for panel, (name, network) in zip(axes, networks.items(), strict=True):
        places = np.concatenate([grid, points])
        if hasattr(network, "predict"):
            answers = network.predict(places, verbose=0)[:, 0]
            weights, bias = network.get_weights()[:2]
            for w, b in zip(weights.T, bias, strict=True) if len(bias) <= 4 else ():
                draw.unit_line(panel, w, b, color=BLACK, lw=1.2, ls="--")
        else:
            answers = network(places).astype(float)
        surface = answers[: len(grid)].reshape(len(ticks), len(ticks))
        correct = ((answers[len(grid) :] > 0.5) == classes).mean()
        ground = ["#CFE6F5", "#FBE0CE"]  # a pale blue, a pale orange
        panel.contourf(ticks, ticks, surface, [-1, 0.5, 2], colors=ground)
        for label, marker, colour in ((0, "o", BLUE), (1, "^", ORANGE)):
            x, y = points[classes == label][:100].T
            panel.scatter(x, y, s=9, marker=marker, color=colour, lw=0)
        if surface.min() < 0.5 < surface.max():
            panel.contour(ticks, ticks, surface, [0.5], colors=BLACK, linewidths=2.5)
        panel.set(xticks=[], yticks=[], aspect="equal")
        panel.spines[:].set_visible(True)
        panel.set(xlim=(-edge, edge), ylim=(-edge, edge))
        panel.set_title(f"{name}\n{correct:.0%} right")
        said.append(f"{name}, {correct:.0%} of the points right")
    return figure, f"Decision boundaries: {'; '.join(said)}."


@draw.picture
def softmax_steps(logits, temperature=1, truth=None):
    """Softmax in three steps: logits, their exponentials, probabilities.

    truth: the number of a class whose surprise is told, too, in nats and in bits.
    """
    scaled = np.asarray(logits) / temperature
    largest = max(scaled.max() - 80, 0)  # no overflow
    powers = np.exp(scaled - largest)
    p = powers / powers.sum()
    by = f" / {temperature:g}" if temperature != 1 else ""
    less = f" - {largest:.0f}" if largest else ""
    steps = {
        "logits $z$\nany number": logits,
        f"exponentials\n$\\exp(z{by}{less})$": powers,
        "probabilities $p$\nthey add up to 1": p,
    }
    figure, (axes,) = draw.canvas(draw.WIDE, 3.4, 1, 3)
    for panel, (title, values) in zip(axes, steps.items(), strict=True):
        texts = [f"{v:.2f}" if abs(v) < 1e4 else f"{v:.0e}" for v in values]
        draw.columns(panel, values, texts, rotation=90 if len(values) > 5 else 0)
        panel.set(title=title, xlabel="class")
    said = [f"{name.split()[0]} {_list(steps[name], 2)}" for name in steps]
    if temperature != 1:
        said.append(f"temperature {temperature:g}")
    if truth is not None:
        nats = -np.log(p[truth])
        surprise = f"{nats:.3f} nats = {nats / np.log(2):.3f} bits"
        lines = surprise.replace(" =", "\n=")
        panel.set_xlabel(f"class; surprise of {truth}:\n{lines}")
        panel.patches[truth].set_color(ORANGE)
        said.append(f"the surprise of class {truth} is {surprise}")
    return figure, f"Softmax in three steps: {'; '.join(said)}."


@draw.picture
def weights_as_images(weights, count=16):
    """The weights of the first units, each as an image of 28 x 28.

    weights: (784, units).
    """
    images = weights.T[:count].reshape(-1, 28, 28)
    rows = -(-len(images) // 8)
    figure, axes = draw.canvas(draw.WIDE, 1.15 * rows, rows, 8)
    titles = [f"unit {unit + 1}" for unit in range(len(images))]
    largest = np.quantile(abs(images), 0.995)
    draw.show_images(axes, images, titles, SIGNED, limit=largest)
    return figure, (
        f"The 784 weights of {len(images)} units, each drawn as an image of 28 x 28; "
        f"{(images > 0).mean():.0%} of them are positive."
    )


@draw.picture
def shifted_digit(image, probabilities, shifts):
    """One digit at several places, and what a network reads each time.

    image: (28, 28); probabilities: (len(shifts), 10); shifts: pixels to the right.
    """
    layout = {"height_ratios": [1.5, 1], "sharey": "row"}
    figure, axes = draw.canvas(draw.WIDE, 3.4, 2, len(shifts), **layout)
    said = []
    truth = int(probabilities[0].argmax())
    middle = np.average(np.arange(image.shape[1]), weights=image.sum(axis=0))
    colours = [ORANGE if digit != truth else BLUE for digit in range(10)]
    for above, below, shift, row in zip(*axes, shifts, probabilities, strict=True):
        draw.show_matrix(above, np.roll(image, shift, axis=1))
        # A fixed line, beside which the eye sees the shift.
        above.axvline(middle, color=BLUE, lw=1.2, ls="--")
        above.set_title("as it was" if shift == 0 else f"shifted by {shift}")
        read = int(row.argmax())
        texts = [f"{row[read]:.0%}" if k == read else "" for k in range(10)]
        draw.columns(below, row, texts, colours)
        below.set(ylim=(0, 1.4), xticks=[read], xlabel=f"reads a {read}")
        said.append(f"shifted by {shift} it is read as {read} ({row[read]:.0%})")
    axes[1, 0].set_ylabel("probability", labelpad=12)
    return figure, f"One digit {truth}: {'; '.join(said)}."


def _cells(axes, left, top, rows, name, coloured=False):
    """A matrix of unit cells with its name and shape above, columns 1 wide."""
    rows = np.asarray(rows)
    for (row, column), value in np.ndenumerate(rows):
        x, y = left + column, top - row - 0.5
        colour = UNIT_COLOURS[column] if coloured else BLACK
        look = {"fill": False, "edgecolor": colour, "lw": 1.5}
        draw.rectangle(axes, x + 0.04, y, 0.92, 1, f"{value:g}", **look)
    shape = f"{rows.shape[0]} x {rows.shape[1]}"
    draw.write(axes, left + rows.shape[1] / 2, top + 0.85, f"${name}$  ({shape})")


def _list(values, decimals=None):
    """Numbers in words' company: "1, -1.5 and 2"."""
    texts = [f"{v:g}" if decimals is None else f"{v:.{decimals}f}" for v in values]
    return ", ".join(texts[:-1]) + " and " + texts[-1]
