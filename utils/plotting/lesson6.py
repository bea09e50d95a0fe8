"""Lesson 6's figures: how a change travels, how a gradient comes back, and descent."""

import itertools

import numpy as np
from matplotlib.patches import FancyBboxPatch

from utils.plotting.base import (
    WHITE_GROUND,
    arrow,
    canvas,
    counted,
    disc,
    no_scale,
    note,
    picture,
    rectangle,
    write,
)
from utils.plotting.colours import BLACK, BLUE, GREY, ORANGE, PALE, SKY

FACTOR = {"color": ORANGE, "fontweight": "bold"}


@picture
def training_loop():
    """The deck's six points of training: a loop inside a loop."""
    figure, axes = canvas(10, 4.9)
    loop = {"facecolor": "none", "linestyle": "--", "lw": 1.2, "corner": 0.3}
    _box(axes, 7.3, 1.4, 4.55, 3.15, GREY, **loop)
    _box(axes, 7.3, 1.65, 4.2, 2.55, GREY, **loop)
    for x, y, number, text, colour in (
        (1.05, 3, "1", "first weights,\nat random", GREY),
        (4.8, 3, "2", "a batch of images\ngoes forward", BLUE),
        (9.8, 3, "3", "compute the\ntotal error", BLUE),
        (9.8, 0.55, "4 a", "backpropagation:\ncompute gradients", BLUE),
        (4.8, 0.55, "4 b", "gradient descent:\nupdate weights", ORANGE),
    ):
        _box(axes, x, y, 1.4 if number != "1" else 1.05, 0.72, colour)
        write(axes, x, y + 0.42, number, color=colour)
        write(axes, x, y - 0.2, text)
    arrow(axes, (2.1, 3), (3.38, 3))
    arrow(axes, (6.2, 3), (8.38, 3))
    arrow(axes, (9.8, 2.28), (9.8, 1.29))
    arrow(axes, (8.4, 0.55), (6.22, 0.55))
    arrow(axes, (4.8, 1.27), (4.8, 2.26))
    write(axes, 5.0, 1.77, "the next batch", ha="left")
    write(axes, 9.6, 1.77, "the error", ha="right")
    write(axes, 7.3, 0.77, "gradients", va="bottom")
    for y, text in (
        (3.22, "predictions"),
        (-0.56, "5   until all images have passed: one epoch"),
        (-1.42, "6   repeat for a few more epochs"),
    ):
        write(axes, 7.3, y, text, va="baseline")
    axes.set(xlim=(-0.1, 12), ylim=(-1.85, 4.65))
    axes.axis("off")
    return figure, (
        "What happens in training, as a loop: 1 first weights at random; 2 a batch "
        "of images goes forward; 3 compute the total error; 4a backpropagation "
        "computes the gradients, 4b gradient descent updates the weights; 5 the next "
        "batch, until all images have passed, one epoch; 6 a few more epochs."
    )


@picture
def chain_rule(names, values, slopes, nudge=0.001):
    """Quantities in a row, each made from the one before, and how a nudge travels.

    names: at least two, in mathtext, without $; values: one a name; slopes: one for
    each arrow. Raises ValueError for other lengths.
    """
    names, values, slopes = list(names), list(values), list(slopes)
    if not 1 < len(names) == len(values) == len(slopes) + 1:
        raise ValueError(
            f"{len(names)} names, {len(values)} values and {len(slopes)} slopes; "
            "wanted two names or more, a value for each, and one slope fewer"
        )
    figure, axes = canvas(10, 2.4)
    gap = 9.0 / (len(names) - 1)
    moves = nudge * np.cumprod([1, *slopes])
    for number, name in enumerate(names):
        x = number * gap
        _box(axes, x, 0, 0.85, 0.36, BLUE, f"${name}$ = {_short(values[number])}")
        write(axes, x, -0.62, f"moves by {_plain(moves[number])}", color=ORANGE)
    for number, slope in enumerate(slopes):
        x = number * gap
        arrow(axes, (x + 0.87, 0), (x + gap - 0.87, 0))
        write(
            axes, x + gap / 2, 0.12, f"$\\times$ {_short(slope)}", va="bottom", **FACTOR
        )
    product = " $\\times$ ".join(_short(slope) for slope in slopes)
    whole = _short(np.prod(slopes))
    write(axes, 4.5, -1.2, f"from ${names[0]}$ to ${names[-1]}$:   {product} = {whole}")
    axes.set(xlim=(-0.95, 9.95), ylim=(-1.45, 0.6))
    axes.axis("off")
    said = ", so ".join(
        f"{_words(name)} moves by {_plain(move)}"
        for name, move in zip(names, moves, strict=True)
    )
    times = " times ".join(_short(slope) for slope in slopes)
    return figure, f"{said}: {times} is {whole} times as much."


@picture
def two_paths(names, values, slopes, nudge=0.001):
    """One quantity that reaches another on two paths: multiply along, add up.

    names, values: first, upper middle, lower middle, last; slopes: two pairs, the
    upper path and the lower path, each in the order of the arrows.
    """
    figure, axes = canvas(10, 3.1)
    places = [(0, 0), (4.2, 0.85), (4.2, -0.85), (8.4, 0)]
    totals = [first * second for first, second in slopes]
    moves = nudge * np.array([1, slopes[0][0], slopes[1][0], sum(totals)])
    for name, value, move, (x, y) in zip(names, values, moves, places, strict=True):
        _box(axes, x, y, 0.85, 0.3, BLUE, f"${name}$ = {_short(value)}")
        write(axes, x, y - 0.5, f"moves by {_plain(move)}", color=ORANGE)
    for (first, second), (x, y) in zip(slopes, places[1:3], strict=True):
        for start, end, slope in (
            ((0.87, np.sign(y) * 0.12), (x - 0.87, y), first),
            ((x + 0.87, y), (8.4 - 0.87, np.sign(y) * 0.12), second),
        ):
            arrow(axes, start, end)
            middle, text = np.add(start, end) / 2, f"$\\times$ {_short(slope)}"
            write(axes, *middle, text, bbox=WHITE_GROUND, **FACTOR)
    products = [f"{_short(a)} $\\times$ {_short(b)}" for a, b in slopes]
    text = f"  {products[0]}\n+ {products[1]}\n= {_short(sum(totals))}"
    write(axes, 9.45, 0, text, ha="left")
    axes.set(xlim=(-0.95, 11), ylim=(-1.6, 1.3))
    axes.axis("off")
    first, upper, lower, last = (_words(name) for name in names)
    return figure, (
        f"{first} reaches {last} on two paths: over {upper} {_short(slopes[0][0])} "
        f"times {_short(slopes[0][1])} is {_short(totals[0])}, over {lower} "
        f"{_short(slopes[1][0])} times {_short(slopes[1][1])} is {_short(totals[1])}; "
        f"together {_short(sum(totals))}."
    )


@picture
def slope_at(curve, at, slope, name, zoom=0.5):
    """A curve and its straight line at one point, from far away and from near.

    curve: a function of one number; slope: its slope at `at`; zoom: how far the view
    from near goes to each side.
    """
    figure, ((far, near),) = canvas(10, 3.5, 1, 2)
    here = float(curve(at))
    for panel, width in ((far, 6.0), (near, zoom)):
        x = np.linspace(at - width, at + width, 201)
        panel.plot(x, [curve(place) for place in x], color=BLUE, lw=3)
        panel.plot(at, here, "o", color=BLACK, markersize=8, zorder=5)
        panel.set(xlabel=f"${name}$", xlim=(x[0], x[-1]))
    far.set(ylabel="total error", ylim=(0, None), title="the whole curve")
    note(far, f"here: ${name}$ = {at:g}", (at, here), (8, -18))
    near.set(title="from near: almost a straight line")
    low, high = here - 1.6 * zoom * abs(slope), here + 1.6 * zoom * abs(slope)
    near.set_ylim(low, high)
    run = 0.6 * zoom
    rise = run * slope
    near.plot([at, at + run, at + run], [here, here, here + rise], color=ORANGE)
    away, va, word = (-1, "bottom", "down") if rise < 0 else (1, "top", "up")
    y, text = here - away * 0.05 * (high - low), f"{run:g} to the right"
    write(near, at + run / 2, y, text, va=va, color=ORANGE)
    text = f"{abs(rise):.4f} {word}"
    write(near, at + run, here + rise / 2, f" {text}", ha="left", color=ORANGE)
    y, result = here + 0.72 * (high - here), f"{rise:.4f} / {run:g} = {slope:.3f}"
    write(near, at - 0.92 * zoom, y, f"slope = {result}", ha="left")
    return figure, (
        f"The total error, a curve over {_words(name)}; at {_words(name)} = {at:g} it "
        f"is {here:.4f} and its slope is {slope:.3f}: {run:g} to the right is {text}."
    )


@picture
def small_network(x, t, W1, W2, b1, b2):
    """The 2-2-2 network with its numbers, from the inputs to the total error."""
    none = ["", ""]
    targets = [f"target {value:.2f}" for value in t]
    notes = {"x": _texts(x, 2), "h": none, "o": none, "E": targets, "T": "total"}
    weights = ", ".join(_texts(np.ravel([W1.T, W2.T]), 2))
    return _network(notes, W1, W2, b1, b2), (
        f"A network of two inputs ({x[0]:.2f} and {x[1]:.2f}), two hidden units and "
        f"two outputs; weights w1 to w8: {weights}; biases {b1:.2f} and {b2:.2f}; "
        f"targets {t[0]:.2f} and {t[1]:.2f}."
    )


@picture
def weight_paths(x, t, W1, W2, b1, b2, number):
    """The 2-2-2 network with its activations, and the paths of one weight lit.

    number: 1 to 8, the weight. Raises ValueError for others.
    """
    if number not in range(1, 9):
        raise ValueError(f"number is {number}; wanted a weight from 1 to 8")
    h, o = _forward(x, W1, W2, b1, b2)
    errors = (o - t) ** 2 / 2
    total = f"{errors.sum():.4f}"
    notes = {"x": _texts(x, 2), "h": _texts(h, 3), "o": _texts(o, 3)}
    notes |= {"E": _texts(errors, 4), "T": total}
    reached = [0, 1] if number <= 4 else [(number - 5) // 2]
    through = " and ".join(f"o{k + 1} = {o[k]:.3f}" for k in reached)
    return _network(notes, W1, W2, b1, b2, number), (
        f"The 2-2-2 network; weight w{number} reaches the total error {total} through "
        f"{through}: {counted(len(reached), 'path')}."
    )


def _network(notes, W1, W2, b1, b2, number=None):
    """Draw the 2-2-2 network; with the number of a weight, only its paths are lit.

    notes: {"x": two lines of text, "h": two, "o": two, "E": two, "T": one}.
    """
    figure, axes = canvas(10, 4.5)
    column = {"x": 0, "h": 4, "o": 8, "E": 10.9, "T": 13.5}
    row = (2.1, -2.1)
    lit = _lit(number)
    lit_units = {("xho"[layer], source) for layer, source, _ in lit}
    lit_units |= {("xho"[layer + 1], unit) for layer, _, unit in lit}

    def colour(on, normal=BLACK):
        return normal if number is None else ORANGE if on else PALE

    for layer, source, unit in np.ndindex(2, 2, 2):
        name = 1 + 4 * layer + 2 * unit + source
        on = (layer, source, unit) in lit
        start, end = "xho"[layer], "xho"[layer + 1]
        a = np.array([column[start] + 0.74, row[source]])
        b = np.array([column[end] - 0.74, row[unit] + 0.25 * (unit - source)])
        arrow(axes, a, b, colour(on, GREY), lw=2.5 if on else 1.5)
        if on or number is None:
            # Crossing arrows carry their numbers near their sources.
            x, y = a + (0.5 if source == unit else 0.25) * (b - a)
            text = f"$w_{name}$ = {(W1, W2)[layer][source, unit]:.2f}"
            ink = ORANGE if name == number else BLACK
            write(axes, x, y, text, color=ink, bbox=WHITE_GROUND)
    for k, y in enumerate(row):
        for name in "xho":
            text = f"${name}_{k + 1}$\n{notes[name][k]}".strip()
            disc(axes, column[name], y, 0.72, text, colour((name, k) in lit_units))
        on = ("o", k) in lit_units
        arrow(axes, (8.74, y), (9.93, y), colour(on, GREY))
        text = f"$E_{{o{k + 1}}}$\n{notes['E'][k]}"
        _box(axes, column["E"], y, 0.95, 0.65, colour(on), text)
        arrow(axes, (11.87, y), (13.2, 0.7 * np.sign(y)), colour(on, GREY))
    _box(axes, column["T"], 0, 0.8, 0.65, colour(True), f"$E_T$\n{notes['T']}")
    write(axes, column["h"], 0, f"bias $b_1$ = {b1:.2f}", bbox=WHITE_GROUND)
    write(axes, column["o"], 0, f"bias $b_2$ = {b2:.2f}", bbox=WHITE_GROUND)
    heads = {"x": "inputs", "h": "hidden units", "o": "outputs", "E": "errors"}
    for name, text in heads.items():
        write(axes, column[name], 3.15, text, color=GREY)
    axes.set(xlim=(-0.8, 14.4), ylim=(-2.9, 3.4), aspect="equal")
    axes.axis("off")
    return figure


def _lit(number):
    """The arrows (layer, source, unit) from weight `number`, if any, to the outputs."""
    if number is None:
        return set()
    layer, unit, source = np.unravel_index(number - 1, (2, 2, 2))
    onward = {(1, unit, 0), (1, unit, 1)} if layer == 0 else set()
    return {(layer, source, unit)} | onward


def _texts(values, decimals):
    return [f"{value:.{decimals}f}" for value in values]


@picture
def there_and_back(x, t, W1, W2, b1, b2):
    """The forward pass with its activations, and the backward pass with its signals."""
    h, o = _forward(x, W1, W2, b1, b2)
    delta_o = (o - t) * o * (1 - o)
    delta_h = (W2 @ delta_o) * h * (1 - h)
    gradient = h[0] * delta_o[0]
    figure, ((left, right),) = canvas(10, 4.1, 1, 2)
    column, row = (0, 3.2, 6.4), (1.5, -1.5)
    for layer, source, unit in np.ndindex(2, 2, 2):
        lean = 0.25 * (unit - source)
        a = column[layer] + 0.82, row[source] - lean
        b = column[layer + 1] - 0.82, row[unit] + lean
        marked = (layer, source, unit) == (1, 0, 0)
        ink, lw = (BLACK, 3) if marked else (GREY, 1.3)
        arrow(left, a, b, ink, lw=lw)
        if layer == 1:
            arrow(right, b, a, ink, lw=lw)
        else:  # the inputs need no signal
            right.plot(*zip(a, b, strict=True), color=PALE, lw=1.3)
    for k, y in enumerate(row):
        for panel, column_, text, colour in (
            (left, 0, f"$x_{k + 1}$\n{x[k]:.2f}", BLUE),
            (left, 1, f"$h_{k + 1}$\n{h[k]:.3f}", BLUE),
            (left, 2, f"$o_{k + 1}$\n{o[k]:.3f}", BLUE),
            (right, 0, f"$x_{k + 1}$\n{x[k]:.2f}", PALE),
            (right, 1, f"$\\delta_{{h{k + 1}}}$\n{delta_h[k]:.4f}", ORANGE),
            (right, 2, f"$\\delta_{{o{k + 1}}}$\n{delta_o[k]:+.3f}", ORANGE),
        ):
            disc(panel, column[column_], y, 0.8, text, colour)
    left.set_title("forward: compute and keep the activations", color=BLUE)
    right.set_title("backward: compute the error signals", color=ORANGE)
    below = {"x": 3.2, "y": -3.0, "va": "baseline"}
    write(left, text=f"kept: $h_1$ = {h[0]:.4f}", color=BLUE, **below)
    product = f"{h[0]:.4f} $\\times$ {delta_o[0]:.4f} = {gradient:.4f}"
    text = f"slope of $E_T$ in $w_5$ = $h_1 \\times \\delta_{{o1}}$ = {product}"
    write(right, text=text, **below)
    for panel in (left, right):
        write(panel, 4.8, row[0] + 0.2, "$w_5$", va="bottom")
        panel.set(xlim=(-0.95, 7.35), ylim=(-3.3, 2.5), aspect="equal")
        panel.axis("off")
    return figure, (
        f"Forward, the activations are kept: h {h[0]:.3f} and {h[1]:.3f}, o "
        f"{o[0]:.3f} and {o[1]:.3f}. Backward, the error signals come: "
        f"{delta_o[0]:+.3f} and {delta_o[1]:+.3f} at the outputs, {delta_h[0]:.4f} and "
        f"{delta_h[1]:.4f} at the hidden units. The slope in w5 is {h[0]:.4f} times "
        f"{delta_o[0]:.4f}, {gradient:.4f}."
    )


@picture
def value_graph(result):
    """The graph behind an autograd Value: data | grad on every node.

    An arrow carries the slope of the operation there. Children stand left of the
    values that were made from them. Call result.backward() first.
    """
    order = result.graph()
    if not 1 < len(order) <= 16:
        raise ValueError(f"{len(order)} values; wanted 2 to 16 in one picture")
    place = _layout(result)
    columns = 1 + max(x for x, _ in place.values())
    rows = 1 + max(-y for _, y in place.values())
    figure, axes = canvas(min(10.5, 1.75 * columns), 0.75 + 1.0 * rows)
    lowest = 0.5 - rows
    for value in order:
        children = value.children
        for number, (child, slope) in enumerate(value.edges):
            (a, b), (x, y) = place[child], place[value]
            start, end = np.array([a + 0.33, b]), np.array([x - 0.33, y])
            # a second arrow between the same two, or one past a box, is bent
            again = children.index(child) != number
            bend = 1.0 if again else 0.65 if x - a > 1 and b == y else 0.0
            arrow(axes, start, end, connectionstyle=f"arc3,rad={bend}")
            middle = (start + end) / 2 - [0, 0.9 * bend * (end - start)[0]]
            ground = {**WHITE_GROUND, "pad": 0.8}
            write(axes, *middle, f"{slope:g}", color=ORANGE, bbox=ground)
            lowest = min(lowest, y - 1.2 * bend)
    for value in order:
        x, y = place[value]
        colour = BLUE if value.edges else BLACK
        box = {"facecolor": "white", "edgecolor": colour, "lw": 2}
        rectangle(axes, x - 0.33, y - 0.33, 0.66, 0.66, **box)
        op = {"*": "$\\times$", "**2": "square"}.get(value.op, value.op)
        head = value.name + (f" ({op})" if value.name and op else op)
        write(axes, x, y + 0.16, head, color=colour)
        axes.plot([x - 0.33, x + 0.33], [y, y], color=PALE, lw=1)
        write(axes, x - 0.05, y - 0.17, f"{value.data:g}", ha="right")
        write(axes, x - 0.02, y - 0.17, "|", color=GREY)
        write(axes, x + 0.01, y - 0.17, f"{value.grad:g}", ha="left", color=ORANGE)
    x, y = place[result]
    write(axes, x, y + 0.42, "data | grad", va="bottom", color=GREY)
    axes.set(xlim=(-0.4, columns - 0.6), ylim=(lowest, 0.75))
    axes.axis("off")
    said = [f"{v.name} {v.data:g} | {v.grad:g}" for v in order if v.name]
    return figure, f"A graph of {len(order)} values, data | grad: {'; '.join(said)}."


@picture
def descents(loss, slope, start, learning_rates, steps=8, reach=(-2, 8), marks=None):
    """Gradient descent on a loss of one weight, one panel a learning rate.

    loss, slope: functions of the weight; learning_rates: {what to say: rate};
    reach: the weights shown; marks: {name: weight}, places to name on the curve.
    Raises ValueError for a start that is not shown.
    """
    x = np.linspace(*reach, 301)
    y = np.array([loss(place) for place in x])
    top, wide = 1.08 * y.max(), reach[1] - reach[0]

    def shown(w):
        return reach[0] <= w <= reach[1] and loss(w) <= top

    if not shown(start):
        raise ValueError(
            f"start is {start:g}, outside of the picture; wanted a weight from "
            f"{reach[0]:g} to {reach[1]:g}"
        )
    count = len(learning_rates)
    figure, (axes,) = canvas(max(4.6, 3.35 * count), 3.8, 1, count, sharey=True)
    said = []
    for panel, (word, rate) in zip(axes, learning_rates.items(), strict=True):
        path = [start]
        while shown(path[-1]) and len(path) <= steps:
            path.append(path[-1] - rate * slope(path[-1]))
        gone = not shown(path[-1])
        points = np.array([(w, loss(w)) for w in path[: len(path) - gone]])
        panel.plot(x, y, color=BLUE, lw=2)
        panel.scatter(*points.T, color=ORANGE, s=30, zorder=4, lw=0)
        for before, after in itertools.pairwise(points):
            if np.hypot(*(after - before) / [wide, top]) > 0.07:
                arrow(panel, before, after, ORANGE, lw=1.4)
        panel.plot(*points[0], "o", color=BLACK, markersize=8, zorder=5)
        if start < sum(reach) / 2:
            note(panel, "start", points[0], (-9, -9), ha="right", va="top")
        else:
            note(panel, "start", points[0], (-8, 8), ha="right")
        for name, w in (marks or {}).items():
            note(panel, name, (w, loss(w)), (0, -9), ha="center", va="top")
        if gone:
            edge = np.clip(path[-1], *reach), min(top, loss(path[-1]))
            arrow(panel, points[-1], edge, ORANGE, lw=1.4)
            end = f"leaves the picture at step {len(path) - 1}"
        else:
            ring = {"markeredgecolor": BLACK, "markeredgewidth": 2, "markersize": 9}
            panel.plot(*points[-1], "o", color="white", zorder=6, **ring)
            end = f"after {steps} steps: $w$ = {path[-1]:.2f}"
        panel.set_title(f"$\\lambda$ = {rate:g}: {word}\n{end}")
        panel.set(xlabel="weight $w$", xlim=reach, ylim=(-0.17 * top, top))
        panel.set_yticks([])
        end = end if gone else f"ends at {path[-1]:.2f}"
        said.append(f"{rate:g}, {word}, {end}")
    axes[0].set_ylabel("loss")
    return figure, (
        f"Gradient descent from {start:g}, {steps} steps; learning rate "
        f"{'; '.join(said)}."
    )


@picture
def valley_paths(loss, paths, reach=(-5, 5), height=(-2, 2)):
    """Paths through a valley, a loss of two weights, seen from above: a dot a step.

    loss: a function of an array (2, ...); paths: {name: array (steps + 1, 2)}.
    """
    figure, (axes,) = canvas(max(4.6, 3.35 * len(paths)), 3.6, 1, len(paths))
    ground = np.meshgrid(np.linspace(*reach, 201), np.linspace(*height, 121))
    levels = loss(np.array(ground))
    lines = levels.max() * np.linspace(0.05, 1, 7) ** 2
    said = []

    def shown(w):
        return reach[0] <= w[0] <= reach[1] and height[0] <= w[1] <= height[1]

    for panel, (name, path) in zip(axes, paths.items(), strict=True):
        path = np.asarray(path, float)
        # of the steps outside of the picture the first is drawn, to its edge
        last = next((n for n, w in enumerate(path) if not shown(w)), len(path))
        end = f"after {len(path) - 1} steps: loss {loss(path[-1]):.2f}"
        if last < len(path):
            end = f"leaves the picture at step {last}"
        panel.contour(*ground, levels, lines, colors=SKY, linewidths=1)
        panel.plot(0, 0, "*", color=BLUE, markersize=13, zorder=3)
        look = {"color": BLUE, "bbox": {**WHITE_GROUND, "pad": 0.5}}
        note(panel, "minimum", (0, 0), (0, -10), ha="center", va="top", **look)
        panel.plot(*path[: last + 1].T, "o-", color=ORANGE, lw=1.5, ms=4, zorder=4)
        panel.plot(*path[0], "o", color=BLACK, markersize=8, zorder=5)
        panel.set_title(f"{name}\n{end}")
        panel.set(xlim=reach, ylim=height, xlabel="weight $w_a$", xticks=[], yticks=[])
        panel.spines[:].set_visible(True)
        said.append(f"{_plain_text(name)}, {end}")
    axes[0].set_ylabel("weight $w_b$")
    x, y = next(iter(paths.values()))[0]
    alt = f"Paths through a valley with its minimum at 0, 0, from {x:g}, {y:g}: "
    return figure, f"{alt}{'; '.join(said)}."


# --- epochs, and where the time goes --------------------------------------------


@picture
def epoch_of_batches(images, batch_size, shown=3):
    """Images cut into batches: each gives one step, all together one epoch."""
    steps = -(-images // batch_size)
    if steps < shown + 2:
        raise ValueError(
            f"{images} images in batches of {batch_size} are {steps} steps; "
            f"wanted {shown + 2} or more"
        )
    rest = images - (steps - 1) * batch_size
    figure, axes = canvas(10, 3.9)
    width, gap = 1.75, 0.12
    columns = [*range(shown), None, -1]
    for epoch, y in ((1, 0), (2, -2.7)):
        left = 0.0
        for number in columns:
            if number is None:
                write(axes, left + 0.45, y + 0.35, "...")
                left += 0.9 + gap
                continue
            size = batch_size if number >= 0 else rest
            step = (epoch - 1) * steps + (number + 1 if number >= 0 else steps)
            wide = width * max(0.55, size / batch_size)
            rectangle(axes, left, y, wide, 0.7, fc=SKY, ec=BLUE, lw=1.5)
            text = f"{size} images" if wide > 0.9 * width else f"{size}"
            middle = left + wide / 2
            write(axes, middle, y + 0.35, text)
            arrow(axes, (middle, y - 0.06), (middle, y - 0.55))
            write(axes, middle, y - 0.82, f"step {step:,}", color=ORANGE)
            left += wide + gap
        what = "all images, shuffled" if epoch == 1 else "all images, shuffled anew"
        right, y = left - gap, y + 0.95
        look = {"arrowstyle": "<->", "lw": 1.2, "shrinkA": 2, "shrinkB": 2}
        arrow(axes, (right, y), (0, y), **look)
        write(axes, right / 2, y, f"epoch {epoch}: {what}", bbox=WHITE_GROUND)
    text = f"{images:,} images\nin batches of {batch_size}:\n{steps:,} steps an epoch"
    write(axes, left + 0.25, -1.7, text, ha="left")
    axes.set(xlim=(-0.1, left + 2.7), ylim=(-3.75, 1.25))
    axes.axis("off")
    return figure, (
        f"{images:,} images in batches of {batch_size}: {steps:,} steps are one epoch, "
        f"and the last batch has {rest} images. Epoch 2 begins with step {steps + 1:,}."
    )


@picture
def batch_gradients(batches, mean):
    """The slope in each bias: a dot for each batch, a bar for all images.

    batches: (batches, biases), mean: (biases,), the gradients.
    """
    figure, axes = canvas(10, 3.8)
    places = np.arange(len(mean))
    axes.bar(places, mean, width=0.8, color=SKY)
    for shift, batch in zip(np.linspace(-0.3, 0.3, len(batches)), batches, strict=True):
        axes.plot(places + shift, batch, "o", color=ORANGE, markersize=4)
    axes.axhline(0, color=GREY, lw=1)
    axes.set(xlabel="bias of output", ylabel="slope of the loss", xticks=places)
    axes.set_title(f"bar: all images; dots: {len(batches)} batches", loc="left")
    off = np.sqrt(np.mean((batches - mean) ** 2))
    mean_off = np.sqrt(np.mean((batches.mean(axis=0) - mean) ** 2))
    return figure, (
        f"The slope of the loss in each of {len(mean)} biases: dots for "
        f"{len(batches)} batches lie around the bar of all images, {off:.3f} off; the "
        f"mean of the dots is {mean_off:.3f} off."
    )


@picture
def time_by_layer(names, forward, backward):
    """The share of each layer in the time of one training step.

    forward, backward: seconds, one a layer.
    """
    forward, backward = np.asarray(forward, float), np.asarray(backward, float)
    total = forward.sum() + backward.sum()
    forward, backward = 100 * forward / total, 100 * backward / total
    both = forward + backward
    figure, axes = canvas(9, 0.9 + 0.42 * len(names))
    rows = range(len(names))
    axes.barh(rows, forward, color=BLUE, height=0.65)
    axes.barh(rows, backward, left=forward, color=ORANGE, height=0.65)
    axes.set_yticks(rows, names)
    for row, share in enumerate(both):
        write(axes, share, row, f"  {share:.0f} %", ha="left")
    most = int(both.argmax())
    if forward[most] > 8:
        write(axes, forward[most] / 2, most, "forward", color="white")
    if backward[most] > 8:
        middle = forward[most] + backward[most] / 2
        write(axes, middle, most, "backward", color="white")
    axes.set(xlim=(0, both.max() * 1.15))
    axes.invert_yaxis()
    no_scale(axes, "bottom")
    axes.tick_params(left=False)
    axes.set_title("share of the time of one training step", loc="left")
    return figure, (
        f"{both[most]:.0f} % of the time of a training step is in {names[most]}; "
        f"forward {forward.sum():.0f} %, backward {backward.sum():.0f} %."
    )


# --- helpers --------------------------------------------------------------------


def _forward(x, W1, W2, b1, b2):
    h = 1 / (1 + np.exp(-(x @ W1 + b1)))
    return h, 1 / (1 + np.exp(-(h @ W2 + b2)))


def _layout(result):
    """A place (column, row) for each value: a row for each input, parents between."""
    order = result.graph()
    depth, rows = {}, {}
    for value in order:  # children come before their parents
        depth[value] = 1 + max((depth[child] for child in value.children), default=-1)

    def settle(value):
        for child in value.children:
            if child not in rows:
                settle(child)
        below = [rows[child] for child in value.children]
        inputs = sum(not known.edges for known in rows)
        rows[value] = np.mean(below) if below else -float(inputs)

    settle(result)
    place = {value: (depth[value], rows[value]) for value in order}
    for value in order:  # an input stands just before its first use
        if not value.edges:
            users = [depth[user] for user in order if value in user.children]
            place[value] = min(users) - 1, rows[value]
    return place


def _box(axes, x, y, half_width, half_height, colour, text="", corner=0.12, **style):
    """A white box with round corners, its middle at (x, y), and a text in it."""
    style = {"facecolor": "white", "edgecolor": colour, "lw": 2, **style}
    style["boxstyle"] = f"round,pad=0,rounding_size={corner}"
    place = x - half_width, y - half_height
    axes.add_patch(FancyBboxPatch(place, 2 * half_width, 2 * half_height, **style))
    write(axes, x, y, text, color=GREY if colour == PALE else BLACK)


def _short(value):
    """Three digits, never an exponent: 36, 0.593, 0.0822."""
    text = f"{float(value):.3g}"
    return text if "e" not in text else _plain(value)


def _plain(value, decimals=6):
    """A number without exponent and without zeros at its end."""
    text = f"{float(value):.{decimals}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _plain_text(mathtext):
    """ "$\\lambda$ = 0.1" as "lambda = 0.1"."""
    return mathtext.replace("$", "").replace("\\", "")


def _words(name):
    """mathtext as plain text: w_5 is w5, E_T stays E_T, z_{o1} is z_o1."""
    head, _, tail = name.replace("{", "").replace("}", "").partition("_")
    return f"{head}{tail}" if tail.isdigit() else (f"{head}_{tail}" if tail else head)
