"""Lesson 6's figures: how a change travels, how a gradient comes back, and descent."""

import itertools

import numpy as np

from utils.plotting import base as draw
from utils.plotting.colours import BLACK, BLUE, GREY, ORANGE, PALE, SKY


@draw.picture
def training_loop():
    """The deck's six points of training: a loop inside a loop."""
    figure, axes = draw.canvas(draw.WIDE, 4.2)
    loop = {"fill": False, "edgecolor": GREY, "linestyle": "--", "lw": 1.2}
    draw.rectangle(axes, 2.5, -1.75, 9.7, 6.1, **loop)
    draw.rectangle(axes, 2.8, -0.95, 9.1, 5.05, **loop)
    random, batch, error, gradients, update = (
        draw.node(axes, x, y, text, colour)
        for x, y, text, colour in (
            (1.0, 3, "1\nfirst weights,\nat random", GREY),
            (4.5, 3, "2\na batch of images\ngoes forward", BLUE),
            (9.95, 3, "3\ncompute the\ntotal error", BLUE),
            (9.95, 0.3, "4a\nbackpropagation:\ncompute gradients", BLUE),
            (4.5, 0.3, "4b\ngradient descent:\nupdate weights", ORANGE),
        )
    )
    for start, end, text in (
        (random, batch, ""),
        (batch, error, "predictions"),
        (error, gradients, "the error"),
        (gradients, update, "gradients"),
        (update, batch, "the next batch"),
    ):
        draw.arrow(axes, start, end, text=text)
    draw.write(axes, 7.3, -0.7, "5   until all images have passed: one epoch")
    draw.write(axes, 7.3, -1.4, "6   repeat for a few more epochs")
    draw.blank(axes, (-0.3, 12.3), (-1.85, 4.45))
    return figure, (
        "What happens in training, as a loop: 1 first weights at random; 2 a batch "
        "of images goes forward; 3 compute the total error; 4a backpropagation "
        "computes the gradients, 4b gradient descent updates the weights; 5 the next "
        "batch, until all images have passed, one epoch; 6 a few more epochs."
    )


@draw.picture
def chain_rule(names, values, slopes, nudge=0.001):
    """Quantities in a row, each made from the one before, and how a nudge travels.

    names: at least two, in mathtext, without $; values: one a name; slopes: one for
    each arrow. Raises ValueError for other lengths.
    """
    if not 1 < len(names) == len(values) == len(slopes) + 1:
        given = f"{len(names)} names, {len(values)} values and {len(slopes)} slopes"
        raise ValueError(f"{given}; wanted two names or more, and one slope fewer")
    figure, axes = draw.canvas(draw.WIDE, 2.4)
    moves = nudge * np.cumprod([1, *slopes])
    quantities = enumerate(zip(names, values, moves, strict=True))
    nodes = [_moving(axes, number, 0, *quantity) for number, quantity in quantities]
    for ends, slope in zip(itertools.pairwise(nodes), slopes, strict=True):
        draw.arrow(axes, *ends, text=f"$\\times$ {_short(slope)}", ink=ORANGE)
    product = " $\\times$ ".join(_short(slope) for slope in slopes)
    whole, last = _short(np.prod(slopes)), len(names) - 1
    text = f"from ${names[0]}$ to ${names[-1]}$:   {product} = {whole}"
    draw.write(axes, last / 2, -1.4, text)
    draw.blank(axes, (-0.1 * last, 1.1 * last), (-1.7, 0.5))
    pairs = zip(map(_words, names), map(_plain, moves), strict=True)
    said = ", so ".join(f"{name} moves by {move}" for name, move in pairs)
    times = " times ".join(_short(slope) for slope in slopes)
    return figure, f"{said}: {times} is {whole} times as much."


@draw.picture
def two_paths(names, values, slopes, nudge=0.001):
    """One quantity that reaches another on two paths: multiply along, add up.

    names, values: first, upper middle, lower middle, last; slopes: two pairs, the
    upper path and the lower path, each in the order of the arrows.
    """
    figure, axes = draw.canvas(draw.WIDE, 3.7)
    totals = [first * second for first, second in slopes]
    moves = nudge * np.array([1, slopes[0][0], slopes[1][0], sum(totals)])
    places = (0, 0), (1, 1), (1, -1), (2, 0)
    quantities = zip(places, names, values, moves, strict=True)
    start, *middle, end = (_moving(axes, *place, *rest) for place, *rest in quantities)
    for between, pair in zip(middle, slopes, strict=True):
        for ends, slope in zip(((start, between), (between, end)), pair, strict=True):
            draw.arrow(axes, *ends, text=f"$\\times$ {_short(slope)}", ink=ORANGE)
    products = [f"{_short(a)} $\\times$ {_short(b)}" for a, b in slopes]
    text = f"  {products[0]}\n+ {products[1]}\n= {_short(sum(totals))}"
    draw.write(axes, 2.28, 0, text, ha="left")
    draw.blank(axes, (-0.2, 2.7), (-2.1, 1.4))
    first, upper, lower, last = (_words(name) for name in names)
    return figure, (
        f"{first} reaches {last} on two paths: over {upper} {_short(slopes[0][0])} "
        f"times {_short(slopes[0][1])} is {_short(totals[0])}, over {lower} "
        f"{_short(slopes[1][0])} times {_short(slopes[1][1])} is {_short(totals[1])}; "
        f"together {_short(sum(totals))}."
    )


def _moving(axes, x, y, name, value, move):
    """A quantity in a box, and below it how far it moves; returns the box."""
    draw.write(axes, x, y - 0.7, f"moves by\n{_plain(move)}", color=ORANGE)
    return draw.node(axes, x, y, f"${name}$\n{_short(value)}", BLUE)


@draw.picture
def slope_at(curve, at, slope, name, zoom=0.5):
    """A curve and its straight line at one point, from far away and from near.

    curve: a function of one number; slope: its slope at `at`; zoom: how far the view
    from near goes to each side.
    """
    figure, ((far, near),) = draw.canvas(draw.WIDE, 3.5, 1, 2)
    here = float(curve(at))
    for panel, width in ((far, 6.0), (near, zoom)):
        x = np.linspace(at - width, at + width, 201)
        panel.plot(x, [curve(place) for place in x], color=BLUE, lw=3)
        panel.plot(at, here, "o", color=BLACK, markersize=8, zorder=5)
        panel.set(xlabel=f"${name}$", xlim=(x[0], x[-1]))
    far.set(ylabel="total error", ylim=(0, None), title="the whole curve")
    draw.note(far, f"here: ${name}$ = {at:g}", (at, here), (8, -18))
    near.set(title="from near: almost a straight line")
    run, reach = 0.6 * zoom, 1.6 * zoom * abs(slope)
    rise = run * slope
    near.set_ylim(here - reach, here + reach)
    near.plot([at, at + run, at + run], [here, here, here + rise], color=ORANGE)
    text = f"{abs(rise):.4f} {'down' if rise < 0 else 'up'}"
    side, va = (4, "bottom") if rise < 0 else (-4, "top")
    draw.note(near, f"{run:g} to the right", (at, here), (5, side), va=va, color=ORANGE)
    draw.write(near, at + run, here + rise / 2, f" {text}", ha="left", color=ORANGE)
    result = f"slope = {rise:.4f} / {run:g} = {slope:.3f}"
    draw.write(near, at - 0.92 * zoom, here + 0.72 * reach, result, ha="left")
    return figure, (
        f"The total error, a curve over {_words(name)}; at {_words(name)} = {at:g} it "
        f"is {here:.4f} and its slope is {slope:.3f}: {run:g} to the right is {text}."
    )


@draw.picture
def small_network(x, t, W1, W2, b1, b2):
    """The 2-2-2 network with its numbers, from the inputs to the total error."""
    texts = {"x": _texts(x, 2), "E": [f"target {value:.2f}" for value in t]}
    figure, _ = _network(texts | {"T": "total"}, W1, W2, b1, b2)
    weights = ", ".join(_texts(np.ravel([W1.T, W2.T]), 2))
    return figure, (
        f"A network of two inputs ({x[0]:.2f} and {x[1]:.2f}), two hidden units and "
        f"two outputs; weights w1 to w8: {weights}; biases {b1:.2f} and {b2:.2f}; "
        f"targets {t[0]:.2f} and {t[1]:.2f}."
    )


@draw.picture
def weight_paths(x, t, W1, W2, b1, b2, number):
    """The 2-2-2 network with its activations, and the paths of one weight lit.

    number: 1 to 8, the weight. Raises ValueError for others.
    """
    if number not in range(1, 9):
        raise ValueError(f"number is {number}; wanted a weight from 1 to 8")
    texts, _, o = _activations(x, t, W1, W2, b1, b2)
    figure, _ = _network(texts, W1, W2, b1, b2, number)
    reached = [0, 1] if number <= 4 else [(number - 5) // 2]
    through = " and ".join(f"o{k + 1} = {o[k]:.3f}" for k in reached)
    return figure, (
        f"The 2-2-2 network; weight w{number} reaches the total error {texts['T']} "
        f"through {through}: {draw.counted(len(reached), 'path')}."
    )


@draw.picture
def there_and_back(x, t, W1, W2, b1, b2):
    """The 2-2-2 network with its activations, and below them its error signals."""
    texts, h, o = _activations(x, t, W1, W2, b1, b2)
    delta_o = (o - t) * o * (1 - o)
    delta_h = (W2 @ delta_o) * h * (1 - h)
    gradient = h[0] * delta_o[0]
    figure, axes = _network(texts, W1, W2, b1, b2)
    for name, signals in (("h", _texts(delta_h, 4)), ("o", _texts(delta_o, 3, "+"))):
        for k, signal in enumerate(signals):
            text = f"$\\delta_{{{name}{k + 1}}}$ = {signal}"
            draw.write(axes, COLUMN[name], ROW[k] * 1.5, text, color=ORANGE)
    product = f"{h[0]:.4f} $\\times$ {delta_o[0]:.4f} = {gradient:.4f}"
    text = f"slope of $E_T$ in $w_5$ = $h_1 \\times \\delta_{{o1}}$ = {product}"
    draw.write(axes, 6.8, -4.5, text, color=ORANGE)
    axes.set_ylim(-4.8, 4)
    return figure, (
        f"Forward, the activations are kept: h {h[0]:.3f} and {h[1]:.3f}, o "
        f"{o[0]:.3f} and {o[1]:.3f}. Backward, the error signals come: "
        f"{delta_o[0]:+.3f} and {delta_o[1]:+.3f} at the outputs, {delta_h[0]:.4f} and "
        f"{delta_h[1]:.4f} at the hidden units. The slope in w5 is {h[0]:.4f} times "
        f"{delta_o[0]:.4f}, {gradient:.4f}."
    )


# Where the network's inputs, hidden units, outputs, errors and total error stand.
COLUMN = {"x": 0, "h": 4.3, "o": 8.6, "E": 11.6, "T": 14.1}
ROW = 2.1, -2.1


def _network(texts, W1, W2, b1, b2, number=None):
    """Draw the 2-2-2 network; with the number of a weight, only its paths are lit.

    texts: {"x": what two units show, ..., "T": what the total error shows}. Returns
    (figure, axes).
    """
    figure, axes = draw.canvas(draw.WIDE, 4.3)
    lit = _lit(number)

    def colour(on, normal=BLACK):
        return normal if number is None else ORANGE if on else PALE

    nodes = {}
    for name, k in itertools.product("xhoE", (0, 1)):
        head = f"$E_{{o{k + 1}}}$" if name == "E" else f"${name}_{k + 1}$"
        text = "\n".join([head, *texts.get(name, [])[k : k + 1]])
        ink = colour(any((name, k) in ends for ends in lit))
        radius = None if name == "E" else 1.9
        nodes[name, k] = draw.node(axes, COLUMN[name], ROW[k], text, ink, radius)
    total = draw.node(axes, COLUMN["T"], 0, f"$E_T$\n{texts['T']}", colour(True))
    for layer, unit, source in np.ndindex(2, 2, 2):
        name = 1 + 4 * layer + 2 * unit + source
        ends = ("xho"[layer], source), ("xho"[layer + 1], unit)
        on = ends in lit
        # Crossing arrows carry their numbers near their sources.
        style = {"at": 0.5 if source == unit else 0.33, "lw": 2.5 if on else 1.5}
        style["ink"] = ORANGE if name == number else BLACK
        if on or number is None:
            style["text"] = f"$w_{name}$ = {(W1, W2)[layer][source, unit]:.2f}"
        draw.arrow(axes, nodes[ends[0]], nodes[ends[1]], colour(on, GREY), **style)
    for k in (0, 1):
        ink = colour((("o", k), ("E", k)) in lit, GREY)
        draw.arrow(axes, nodes["o", k], nodes["E", k], ink)
        draw.arrow(axes, nodes["E", k], total, ink)
    heads = {"x": "inputs", "h": "hidden units", "o": "outputs", "E": "errors"}
    for name, text in heads.items():
        draw.write(axes, COLUMN[name], 3.75, text, color=GREY)
    for name, text in (("h", f"$b_1$ = {b1:.2f}"), ("o", f"$b_2$ = {b2:.2f}")):
        draw.write(axes, COLUMN[name], 0, f"bias {text}", bbox=draw.WHITE_GROUND)
    draw.blank(axes, (-0.8, 15.2), (-2.9, 4))
    return figure, axes


def _lit(number):
    """The arrows ((name, unit), (name, unit)) from weight `number` to the errors."""
    if number is None:
        return []
    layer, unit, source = map(int, np.unravel_index(number - 1, (2, 2, 2)))
    first = ("xho"[layer], source), ("xho"[layer + 1], unit)
    onward = () if layer else ((("h", unit), ("o", k)) for k in (0, 1))
    errors = ((("o", k), ("E", k)) for k in ([unit] if layer else [0, 1]))
    return [first, *onward, *errors]


def _activations(x, t, W1, W2, b1, b2):
    """(what each unit of the 2-2-2 network shows, hidden units, outputs)."""
    h = 1 / (1 + np.exp(-(x @ W1 + b1)))
    o = 1 / (1 + np.exp(-(h @ W2 + b2)))
    errors = (o - t) ** 2 / 2
    texts = {"x": _texts(x, 2), "h": _texts(h, 3), "o": _texts(o, 3)}
    return texts | {"E": _texts(errors, 4), "T": f"{errors.sum():.4f}"}, h, o


def _texts(values, decimals, sign=""):
    return [f"{value:{sign}.{decimals}f}" for value in values]


@draw.picture
def value_graph(result):
    """The graph behind an autograd Value: data | grad on every node.

    An arrow carries the slope of the operation there. Children stand left of the
    values that were made from them. Call result.backward() first.
    """
    order = result.graph()
    if not 1 < len(order) <= 16:
        raise ValueError(f"{len(order)} values; wanted 2 to 16 in one picture")
    place = _layout(order)
    columns = 1 + max(x for x, _ in place.values())
    figure, axes = draw.canvas(min(10.4, 1.75 * columns), 1)
    nodes, lowest = {}, min(y for _, y in place.values()) - 0.4
    for value, (x, y) in place.items():
        op = {"*": "$\\times$", "**2": "square"}.get(value.op, value.op)
        head = value.name + (f" ({op})" if value.name and op else op)
        text = f"{head}\n{value.data:g} | {value.grad:g}"
        nodes[value] = draw.node(axes, x, y, text, BLUE if value.edges else BLACK)
    for value in order:
        children = value.children
        for number, (child, slope) in enumerate(value.edges):
            (a, b), (x, y) = place[child], place[value]
            # a second arrow between the same two, or one past a box, is bent
            again = children.index(child) != number
            bend = 0.5 if again else 0.6 if x - a > 1 and b == y else 0.0
            bent, depth = {"connectionstyle": f"arc3,rad={bend}"}, bend * (x - a)
            draw.arrow(axes, nodes[child], nodes[value], **bent)
            # above an arrow that is short and level, for it would cover it
            va, ground = "center", draw.WHITE_GROUND
            if b == y and not bend:
                va, ground = "bottom", None
            middle = (a + x) / 2, (b + y) / 2 - depth
            draw.write(axes, *middle, f"{slope:g}", va=va, color=ORANGE, bbox=ground)
            lowest = min(lowest, y - depth - 0.2)
    x, y = place[result]
    draw.write(axes, x, y + 0.42, "data | grad", va="bottom", color=GREY)
    draw.blank(axes, (-0.4, columns - 0.6), (lowest, 0.75))
    figure.set_figheight(0.9 * (0.75 - lowest))
    said = [f"{v.name} {v.data:g} | {v.grad:g}" for v in order if v.name]
    return figure, f"A graph of {len(order)} values, data | grad: {'; '.join(said)}."


@draw.picture
def descents(loss, slope, start, learning_rates, steps=8, reach=(-2, 8), marks=None):
    """Gradient descent on a loss of one weight, one panel a learning rate.

    loss, slope: functions of the weight; learning_rates: {what to say: rate};
    reach: the weights shown; marks: {name: weight}, places to name on the curve.
    Raises ValueError for a start that is not shown.
    """
    x = np.linspace(*reach, 301)
    y = np.array([loss(place) for place in x])
    top = 1.08 * y.max()
    if not reach[0] <= start <= reach[1]:
        low, high = reach
        raise ValueError(f"start is {start:g}; wanted {low:g} to {high:g}")
    count = len(learning_rates)
    width = min(draw.WIDE, 3.35 * count)
    figure, (axes,) = draw.canvas(width, 3.8, 1, count, sharey=True)
    said = []
    for panel, (word, rate) in zip(axes, learning_rates.items(), strict=True):
        path = [start]
        while reach[0] <= path[-1] <= reach[1] and len(path) <= steps:
            path.append(path[-1] - rate * slope(path[-1]))
        gone = not reach[0] <= path[-1] <= reach[1]
        heights = [loss(w) for w in path]
        panel.plot(x, y, color=BLUE)
        look = {"angles": "xy", "scale_units": "xy", "scale": 1, "width": 0.009}
        ends = np.diff(path), np.diff(heights)
        panel.quiver(path[:-1], heights[:-1], *ends, color=ORANGE, zorder=4, **look)
        panel.plot(path, heights, "o", color=ORANGE, markersize=5)
        panel.plot(start, heights[0], "o", color=BLACK, markersize=8, zorder=5)
        left = start < sum(reach) / 2
        offset, va = ((-5, -9), "top") if left else ((-8, 8), "baseline")
        draw.note(panel, "start", (start, heights[0]), offset, ha="right", va=va)
        for name, w in (marks or {}).items():
            text, style = name.replace(" ", "\n"), {"ha": "center", "va": "top"}
            draw.note(panel, text, (w, loss(w)), (0, -9), **style)
        end = f"ends at {path[-1]:.2f}"
        title = f"after {steps} steps:\n$w$ = {path[-1]:.2f}"
        if gone:
            end = f"leaves the picture at step {len(path) - 1}"
            title = end.replace(" at", "\nat")
        else:
            ring = {"markeredgecolor": BLACK, "markeredgewidth": 2, "markersize": 9}
            panel.plot(path[-1], heights[-1], "o", color="white", zorder=6, **ring)
        panel.set_title(f"$\\lambda$ = {rate:g}: {word}\n{title}")
        panel.set(xlabel="weight $w$", xlim=reach, ylim=(-0.4 * top, top), yticks=[])
        said.append(f"{rate:g}, {word}, {end}")
    axes[0].set_ylabel("loss")
    return figure, (
        f"Gradient descent from {start:g}, {steps} steps; learning rate "
        f"{'; '.join(said)}."
    )


@draw.picture
def valley_path(loss, path, name, reach=(-5, 5), height=(-2, 2)):
    """A path through a valley, a loss of two weights, seen from above: a dot a step.

    loss: a function of an array (2, ...); path: an array (steps + 1, 2).
    """
    figure, axes = draw.canvas(6, 3.6)
    ground = np.meshgrid(np.linspace(*reach, 201), np.linspace(*height, 121))
    levels = loss(np.array(ground))
    lines = levels.max() * np.linspace(0.05, 1, 7) ** 2
    path = np.asarray(path, float)
    low, high = np.transpose([reach, height])
    outside = ((path < low) | (path > high)).any(axis=1)
    end = f"after {len(path) - 1} steps: loss {loss(path[-1]):.2f}"
    if outside.any():  # the first step outside is drawn, to the edge
        path = path[: outside.argmax() + 1]
        end = f"leaves the picture at step {len(path) - 1}"
    axes.contour(*ground, levels, lines, colors=SKY, linewidths=1)
    axes.plot(0, 0, "*", color=BLUE, markersize=13, zorder=3)
    look = {"color": BLUE, "bbox": {**draw.WHITE_GROUND, "pad": 0.5}}
    draw.note(axes, "minimum", (0, 0), (0, -10), ha="center", va="top", **look)
    axes.plot(*path.T, "o-", color=ORANGE, lw=1.5, ms=4, zorder=4)
    axes.plot(*path[0], "o", color=BLACK, markersize=8, zorder=5)
    axes.set(xlim=reach, ylim=height, xticks=[], yticks=[])
    axes.set(title=f"{name}\n{end}", xlabel="weight $w_a$", ylabel="weight $w_b$")
    axes.spines[:].set_visible(True)
    plain = name.replace("$", "").replace("\\", "")  # "$\\lambda$" is "lambda"
    return figure, (
        f"A path through a valley with its minimum at 0, 0, from {path[0, 0]:g}, "
        f"{path[0, 1]:g}: {plain}, {end}."
    )


@draw.picture
def epoch_of_batches(images, batch_size, shown=3):
    """Images cut into batches: each gives one step, all together one epoch."""
    steps = -(-images // batch_size)
    if steps < shown + 2:
        raise ValueError(f"{steps} batches; wanted {shown + 2} or more")
    rest = images - (steps - 1) * batch_size
    figure, axes = draw.canvas(draw.WIDE, 3.9)
    sizes = [batch_size] * shown + [None, rest]  # None: those that are not drawn
    for epoch, y, order in ((1, 0, "shuffled"), (2, -2.7, "shuffled anew")):
        left = 0.0
        for number, size in enumerate(sizes, start=1):
            if size is None:
                draw.write(axes, left + 0.45, y + 0.35, "...")
                left += 1
                continue
            step = (epoch - 1) * steps + (number if number <= shown else steps)
            wide = 1.75 * max(0.55, size / batch_size)
            middle = left + wide / 2
            draw.rectangle(axes, left, y, wide, 0.7, size, fc=SKY, ec=BLUE, lw=1.5)
            draw.arrow(axes, (middle, y - 0.06), (middle, y - 0.55))
            draw.write(axes, middle, y - 0.82, f"step {step:,}", color=ORANGE)
            left += wide + 0.12
        text = f"epoch {epoch}: all images, {order}"
        draw.arrow(axes, (0, y + 0.95), (left, y + 0.95), text=text, arrowstyle="<->")
    text = f"{images:,} images\nin batches of {batch_size}:\n{steps:,} steps an epoch"
    draw.write(axes, left + 0.25, -1.7, text, ha="left")
    draw.blank(axes, (-0.1, left + 2.9), (-3.75, 1.4))
    return figure, (
        f"{images:,} images in batches of {batch_size}: {steps:,} steps are one epoch, "
        f"and the last batch has {rest} images. Epoch 2 begins with step {steps + 1:,}."
    )


@draw.picture
def batch_gradients(batches, mean):
    """The slope in each bias: a dot for each batch, a bar for all images.

    batches: (batches, biases), mean: (biases,), the gradients.
    """
    figure, axes = draw.canvas(draw.WIDE, 3.8)
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


@draw.picture
def time_by_layer(names, forward, backward):
    """The share of each layer in the time of one training step.

    forward, backward: seconds, one a layer.
    """
    forward, backward = np.asarray(forward, float), np.asarray(backward, float)
    total = forward.sum() + backward.sum()
    forward, backward = 100 * forward / total, 100 * backward / total
    both = forward + backward
    figure, axes = draw.canvas(draw.WIDE, 0.6 + 0.42 * len(names))
    rows, most = range(len(names)), int(both.argmax())
    parts = ("forward", forward, 0, BLUE), ("backward", backward, forward, ORANGE)
    for word, shares, left, colour in parts:
        drawn = axes.barh(rows, shares, left=left, color=colour, height=0.65)
        named = [word if row == most and shares[row] > 12 else "" for row in rows]
        axes.bar_label(drawn, named, label_type="center", color="white")
    axes.bar_label(drawn, [f"{share:.0f} %" for share in both], padding=4)
    draw.rows(axes, names)
    axes.set_title("share of the time of one training step", loc="left")
    return figure, (
        f"{both[most]:.0f} % of the time of a training step is in {names[most]}; "
        f"forward {forward.sum():.0f} %, backward {backward.sum():.0f} %."
    )


def _layout(order):
    """{value: (column, row)}: values stand right of what they were made from; an input
    stands just before its first use."""
    column, place = {}, {}
    for value in order:  # children come before their parents
        column[value] = 1 + max((column[child] for child in value.children), default=-1)
    for value in sorted(order, key=lambda value: not value.edges):
        if not value.edges:
            users = [user for user in order if value in user.children]
            column[value] = min(column[user] for user in users) - 1
        above = [x for x, _ in place.values()].count(column[value])
        place[value] = column[value], -above
    return place


def _short(value):
    """Three digits, never an exponent: 36, 0.593, 0.0822."""
    text = f"{float(value):.3g}"
    return text if "e" not in text else _plain(value)


def _plain(value):
    """A number without exponent and without zeros at its end, at most six decimals."""
    return np.format_float_positional(value, precision=6, trim="-")


def _words(name):
    """mathtext as plain text: w_5 is w5, E_T stays E_T, z_{o1} is z_o1."""
    head, _, tail = name.replace("{", "").replace("}", "").partition("_")
    return f"{head}{tail}" if tail.isdigit() else (f"{head}_{tail}" if tail else head)
