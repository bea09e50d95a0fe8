"""What the figures of the lessons draw: arrows, colours, labels and axes, not words."""

from itertools import pairwise

import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.text import Text

from utils import plotting
from utils.autograd import Value
from utils.plotting.base import STYLE, WIDE
from utils.plotting.colours import BLACK, BLUE, GREY, ORANGE, PALE, SKY
from utils.records import facts

CORNERS = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
W1, W2 = np.array([[0.15, 0.25], [0.20, 0.30]]), np.array([[0.40, 0.50], [0.45, 0.55]])
P = np.array([[0.9, 0.1], [0.2, 0.8]])
NETWORK = np.array([0.05, 0.10]), np.array([0.01, 0.99]), W1, W2, 0.35, 0.60


def panels(picture):
    """The axes of a picture, none of whose letters is too small for the back row, or
    for a phone, which makes it smaller."""
    sizes = [text.get_fontsize() for text in picture.figure.findobj(Text)]
    assert min(sizes) >= STYLE["font.size"]
    assert picture.figure.get_figwidth() <= WIDE
    return picture.figure.axes


def bars(axes):
    """(length, colour) of each bar, upright or not."""
    upright = len({bar.get_width() for bar in axes.patches}) == 1
    size = "get_height" if upright else "get_width"
    return [
        (getattr(b, size)(), to_hex(b.get_facecolor()).upper()) for b in axes.patches
    ]


def texts(axes):
    return [text.get_text() for text in axes.texts if text.get_text()]


def text(axes, begin):
    """The one text that is this, or else begins so."""
    found = [one for one in axes.texts if one.get_text() == begin]
    found = found or [t for t in axes.texts if t.get_text().startswith(begin)]
    assert len(found) == 1, f"{len(found)} texts {begin!r}"
    return found[0]


def place(axes, begin):
    """Where a text stands; of a note, the point it belongs to."""
    found = text(axes, begin)
    return getattr(found, "xy", None) or found.get_position()


def colour(axes, begin):
    return text(axes, begin).get_color()


def arrows(axes):
    """(start, end, colour) of each arrow; its head is at its end."""
    drawn = [text for text in axes.texts if getattr(text, "arrow_patch", None)]
    drawn = [one for one in drawn if one.arrowprops["arrowstyle"] == "-|>"]
    return [(one.xyann, one.xy, one.arrowprops["color"]) for one in drawn]


def links(axes):
    """{what stands at its start: [what stands at its end, ...]} of all arrows."""
    names = {t.get_position(): t.get_text() for t in axes.texts if t.get_bbox_patch()}
    found = {}
    for start, end, _ in arrows(axes):
        found.setdefault(names.get(start), []).append(names.get(end))
    return found


def ticks(axis):
    """What stands at the ticks of an axis, its own or one that it shares."""
    return axis.get_major_formatter().format_ticks(axis.get_majorticklocs())


def label_of(axes, start, end):
    """The text on the arrow between two nodes, known by how their texts begin."""
    a, b = np.array(place(axes, start)), np.array(place(axes, end))
    assert (tuple(a), tuple(b)) in [arrow[:2] for arrow in arrows(axes)], "no arrow"
    found = []
    for text in axes.texts:
        share = (np.array(text.get_position()) - a) @ (b - a) / ((b - a) @ (b - a))
        on_it = np.allclose(a + share * (b - a), text.get_position())
        if 0.05 < share < 0.95 and on_it and text.get_text():
            found.append(text.get_text())
    (label,) = found
    return label


# --- lesson 1 -----------------------------------------------------------------------


@pytest.mark.parametrize("w", [[1, -1], [-1, 1], [1, 1]])
def test_the_shaded_half_is_where_the_neuron_fires(w):
    (axes,) = panels(plotting.perceptron_lines(CORNERS, [0, 0, 1, 0], [(w, -0.5)]))
    fires = CORNERS @ w - 0.5 > 0
    (shade,) = axes.collections
    inside = [shade.get_paths()[0].contains_point(corner) for corner in CORNERS]
    assert inside == fires.tolist()
    crosses = [line.get_xydata()[0] for line in axes.lines if line.get_marker() == "x"]
    wrong = CORNERS[fires != [0, 0, 1, 0]]
    assert np.allclose(np.reshape(crosses, (-1, 2)) - 0.24, wrong)
    line = next(line for line in axes.lines if hasattr(line, "_slope") or line._xy2)
    assert np.allclose(np.array([line.get_xy1(), line.get_xy2()]) @ w, 0.5)


def test_noughts_and_crosses_shows_the_board():
    picture = plotting.noughts_and_crosses("XO OXX   ", {2: 0, 6: 1, 7: 0, 8: -1})
    (axes,) = panels(picture)
    marks = {(*line.get_xydata()[0], line.get_marker()) for line in axes.lines}
    wanted = {(0.5, 2.5, "x"), (1.5, 2.5, "o"), (0.5, 1.5, "o"), (1.5, 1.5, "x")}
    assert marks == wanted | {(2.5, 1.5, "x")}
    said = {t.get_position(): (t.get_text(), t.get_color()) for t in axes.texts}
    assert said == {
        (2.5, 2.5): ("draw\n0", BLACK),
        (0.5, 0.5): ("X wins\n+1", BLUE),
        (1.5, 0.5): ("draw\n0", BLACK),
        (2.5, 0.5): ("O wins\n-1", ORANGE),
    }


def test_growth_labels_each_mark_on_axes_that_are_logarithmic():
    for kind, key in {"machine": "flops", "dataset": "size"}.items():
        rows = facts.load(kind)
        (axes,) = panels(plotting.growth(rows, key, "growth"))
        assert axes.get_yscale() == "log"
        marks = [(row["year"], row[key]) for row in rows]
        assert axes.lines[0].get_xydata().tolist() == np.array(marks, float).tolist()
        for row, mark in zip(rows, marks, strict=True):
            assert place(axes, row["label"].partition(",")[0]) == mark


def test_two_layers_shade_where_the_network_answers_1():
    def forward(x, W1, b1, W2, b2):
        return x @ W1, x[..., 0] * 0.6 + x[..., 1] * 0.3  # above 0.5 at two corners

    weights = np.array([[1.0], [0.0]]), np.array([-0.5]), None, None
    picture = plotting.two_layers(CORNERS, [0, 0, 1, 0], forward, {"step 0": weights})
    (axes,) = panels(picture)
    (shade,) = axes.collections
    inside = [shade.get_paths()[0].contains_point(corner) for corner in CORNERS]
    assert inside == [False, False, True, True]
    assert axes.get_title() == "step 0: 1 wrong"
    unit = next(line for line in axes.lines if hasattr(line, "get_xy1"))
    assert (unit.get_xy1()[0], unit.get_xy2()[0]) == (0.5, 0.5)


def test_errors_stand_at_their_years():
    rows = [
        {"year": 1958, "name": "one", "error": 13.9, "parameters": 7850, "seconds": 2},
        {"year": 1998, "name": "two", "error": 4.5, "parameters": 9, "seconds": 1},
    ]
    (axes,) = panels(plotting.error_by_year(rows))
    assert axes.lines[0].get_xydata().tolist() == [[1958, 13.9], [1998, 4.5]]
    assert (place(axes, "one"), place(axes, "two")) == ((1958, 13.9), (1998, 4.5))


# --- lesson 2 -----------------------------------------------------------------------


def test_lives_last_as_the_facts_say_and_arrows_lead_to_what_became_of_them():
    every = [*facts.load("framework"), *facts.load("relative")]
    (axes,) = panels(plotting.framework_lives(every))
    row = {}
    for fact in every:
        label = next(
            text for text in axes.texts if f"{fact['name']}, " in text.get_text()
        )
        row[fact["name"]] = label.get_position()[1]
        bar = axes.patches[row[fact["name"]]]
        assert bar.get_x() == fact["year"]
        assert ("until" in fact) == (to_hex(bar.get_facecolor()).upper() == PALE)
        if "until" in fact:
            assert bar.get_x() + bar.get_width() == fact["until"]
    became = {(row[f["name"]], row[f["next"]]) for f in every if "next" in f}
    assert {(round(a[1]), round(b[1])) for a, b, _ in arrows(axes)} == became
    assert axes.yaxis_inverted()


def test_backends_that_ended_are_pale():
    backends = facts.load("backend")
    (axes,) = panels(plotting.keras_backends(backends))
    for row, (fact, bar) in enumerate(zip(backends, axes.patches, strict=True)):
        assert place(axes, fact["name"])[1] == row
        assert to_hex(bar.get_facecolor()).upper() == (PALE if "end" in fact else SKY)


def test_flatten_orders_are_numpys():
    (axes,) = panels(plotting.flatten_orders())
    maps = np.array([[[f"{c}{r}{k}" for k in "012"] for r in "01"] for c in "ab"])
    for words, wanted in (
        ("channels last", np.moveaxis(maps, 0, -1).ravel()),
        ("channels first", maps.ravel()),
    ):
        below = place(axes, words)[1] + 0.85
        row = [t for t in axes.texts if np.isclose(t.get_position()[1], below)]
        row.sort(key=lambda text: text.get_position())
        assert [text.get_text() for text in row] == list(wanted)


def test_the_line_is_w_x_plus_b():
    (axes,) = panels(plotting.points_and_line([1.0, 3.0], [5.0, 6.0], 2.0, 1.0))
    points, line = axes.lines
    assert points.get_xydata().tolist() == [[1, 5], [3, 6]]
    assert line.get_xydata().tolist() == [[1, 3], [3, 7]]


# --- lesson 3 -----------------------------------------------------------------------


def test_neuron_has_each_weight_on_the_arrow_of_its_input():
    picture = plotting.neuron(np.array([1.0, 2.0]), np.array([0.5, -3.0]), 0.25)
    (axes,) = panels(picture)
    assert label_of(axes, "1", "add up") == "$\\times$ 0.5"
    assert label_of(axes, "2", "add up") == "$\\times$ -3"
    assert "add up:\n$z$ = -5.25" in texts(axes)
    assert links(axes)["add up:\n$z$ = -5.25"] == ["$a$ = 0"]


def test_layer_is_drawn_twice_with_the_same_numbers():
    x, b = np.array([1.0, 2.0, 3.0]), np.array([10.0, 20.0])
    W = np.array([[4.0, 5.0], [6.0, 7.0], [8.0, 9.0]])
    left, right = panels(plotting.layer_drawings(x, W, b))
    sums = [f"{z:g}" for z in x @ W + b]
    for (row, unit), weight in np.ndenumerate(W):
        assert label_of(left, f"{x[row]:g}", sums[unit]) == f"{weight:g}"
    columns = {place(right, "4")[0]: BLUE, place(right, "5")[0]: ORANGE}
    for values in ("468", "579"):
        assert len({place(right, value)[0] for value in values}) == 1
    for cell in right.patches[3:]:
        if cell.get_x() + 0.46 in columns:
            assert to_hex(cell.get_edgecolor()).upper() == columns[cell.get_x() + 0.46]
    for name in ("unit 1", "unit 2"):
        assert colour(left, name) == (BLUE if name == "unit 1" else ORANGE)


def test_activations_have_the_curves_of_their_titles():
    for axes, (name, f) in zip(
        panels(plotting.activations()),
        {
            "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
            "tanh": np.tanh,
            "ReLU": lambda z: np.maximum(z, 0),
        }.items(),
        strict=True,
    ):
        assert axes.get_title().startswith(name)
        curve = axes.lines[-1]
        assert np.allclose(curve.get_ydata(), f(curve.get_xdata()))


def test_boundaries_colour_the_ground_as_the_points():
    points, classes = np.array([[-1.0, 0.0], [1.0, 0.5]]), np.array([0, 1])
    picture = plotting.decision_boundaries(
        {"right": lambda p: p[:, 0] > 0}, points, classes
    )
    (axes,) = panels(picture)
    ground, *marks = axes.collections[:3]
    assert [to_hex(mark.get_facecolor()).upper() for mark in marks] == [BLUE, ORANGE]
    for mark, point, paths, tint in zip(
        marks, points, ground.get_paths(), ground.get_facecolor(), strict=True
    ):
        assert mark.get_offsets().tolist() == [point.tolist()]
        assert paths.contains_point(point)
        assert (tint[0] > tint[2]) == (point[0] > 0)  # warm where class 1 is


def test_softmax_shows_its_three_steps_in_order():
    z = np.array([2.0, 1.0, -2.0])
    steps = z, np.exp(z), np.exp(z) / np.exp(z).sum()
    for axes, values in zip(panels(plotting.softmax_steps(z)), steps, strict=True):
        assert [bar.get_height() for bar in axes.patches] == pytest.approx(values)
        assert texts(axes) == [f"{value:.2f}" for value in values]


def test_a_shifted_digit_is_shifted_and_its_wrong_bars_are_orange():
    image, p = np.arange(784.0).reshape(28, 28), np.eye(10)[[3, 8]]
    drawn = panels(plotting.shifted_digit(image, p, [0, 2]))
    for above, below, shift, read in zip(
        drawn[:2], drawn[2:], (0, 2), (3, 8), strict=True
    ):
        shown = above.images[0].get_array()
        assert np.array_equal(shown, np.roll(image, shift, axis=1))
        lengths, colours = zip(*bars(below), strict=True)
        assert np.argmax(lengths) == read
        assert colours == tuple(BLUE if k == 3 else ORANGE for k in range(10))
        assert texts(below) == ["100%"]


# --- lesson 4 -----------------------------------------------------------------------


def test_sliding_kernel_frames_the_window_and_its_sum():
    image, kernel = np.arange(20.0).reshape(4, 5), np.array([[1, 2], [3, 4]])
    first, middle, last = panels(plotting.sliding_kernel(image, kernel, place=(1, 2)))
    assert first.patches[0].get_xy() == (1.5, 0.5)  # column 2, row 1
    assert last.patches[0].get_xy() == (1.5, 0.5)
    window = image[1:3, 2:4]
    for (row, column), weight in np.ndenumerate(kernel):
        product = (
            f"{window[row, column]:g} x {weight}\n= {window[row, column] * weight:g}"
        )
        assert place(middle, product) == (column, row)
    assert last.get_xlabel() == f"sum = {(window * kernel).sum():g}"
    assert last.images[0].get_array()[1, 2] == (window * kernel).sum()


def test_pooling_makes_the_largest_bold():
    features = np.array([[1, 3, 0, 2], [5, 2, 1, 1]])
    left, right = panels(plotting.pooling(features))
    bold = {text.get_position() for text in left.texts if text.get_weight() == "bold"}
    assert bold == {(0, 1), (3, 0)}
    assert texts(right) == ["5", "2"]
    faces = [
        [to_hex(patch.get_facecolor()) for patch in axes.patches]
        for axes in (left, right)
    ]
    assert faces[0][:2] == faces[0][4:6] == [faces[1][0]] * 2
    assert faces[0][2:4] == faces[0][6:] == [faces[1][1]] * 2


def test_parameters_and_work_stand_in_their_panels():
    picture = plotting.parameters_and_work(["first", "second"], [1, 3], [16, 4])
    for axes, numbers, what, ink in zip(
        panels(picture),
        ([1, 3], [16, 4]),
        ("4 parameters", "20 multiply-adds"),
        (ORANGE, BLUE),
        strict=True,
    ):
        assert axes.get_title().startswith(what)
        assert bars(axes) == [(number, ink) for number in numbers]
        assert ticks(axes.yaxis) == [
            "first",
            "second",
        ]
        assert axes.yaxis_inverted()  # the first is on top
        for row, number in enumerate(numbers):
            assert place(axes, f"{number}  (")[1] == row


def test_an_architectures_boxes_are_as_tall_as_its_maps():
    table = [
        {"Layer": "Conv_1", "Depth": 24, "Width": 26, "Height": 26},
        {"Layer": "Output", "Depth": 16, "Width": 1, "Height": 1},
    ]
    (axes,) = panels(plotting.architecture(table))
    assert [patch.get_height() for patch in axes.patches] == [26, 26, 12]
    assert place(axes, "Conv_1\n26 x 26\nx 24")[0] < place(axes, "Output\n16")[0]


def test_kernels_stand_above_what_they_find():
    image, kernels = np.eye(3), {"a": np.array([[1, 2], [3, 4]]), "b": np.eye(2)}
    picture = plotting.edge_kernels(image, kernels, lambda image, kernel: 2 * kernel)
    _, above_a, above_b, first, below_a, below_b = panels(picture)
    assert np.array_equal(first.images[0].get_array(), image)
    for above, below, name in ((above_a, below_a, "a"), (above_b, below_b, "b")):
        assert above.get_title() == name
        assert np.array_equal(below.images[0].get_array(), 2 * kernels[name])
        for (row, column), weight in np.ndenumerate(kernels[name]):
            written = [t for t in above.texts if t.get_position() == (column, row)]
            assert [t.get_text() for t in written] == [f"{weight:.0f}"]


def test_feature_maps_carry_their_numbers():
    maps = np.stack([np.full((4, 4), 1.0 + n) for n in range(3)], axis=-1)
    for axes in panels(plotting.feature_maps({"Conv": maps}, shown=3)):
        number = int(axes.get_xlabel().removeprefix("map "))
        assert (axes.images[0].get_array() == number + 1).all()


# --- lesson 5 -----------------------------------------------------------------------


def test_the_bar_of_the_right_class_is_blue():
    named = {"A": [0.1, 0.7, 0.2], "B": [0.5, 0.2, 0.3]}
    picture = plotting.predictions(named, truth=1)
    for axes, (name, q) in zip(panels(picture), named.items(), strict=True):
        assert axes.get_title() == name
        assert bars(axes) == [(q[0], PALE), (q[1], BLUE), (q[2], PALE)]
        assert texts(axes) == [f"{value:.2f}" for value in q]
        assert ticks(axes.xaxis) == ["class 0", "class 1\n(right)", "class 2"]


def test_every_probability_has_as_many_coins_as_bits():
    (axes,) = panels(plotting.surprise_in_coins(most=3))
    across = [text.get_position()[0] for text in axes.texts if text.get_text() == "H"]
    for coins, fraction in enumerate(["1", "1/2", "1/4", "1/8"]):
        column = [t for t in axes.texts if t.get_position()[0] == 2.2 * coins]
        said = {t.get_position()[1]: t.get_text() for t in column}
        assert across.count(2.2 * coins) == coins
        assert (said[0], said[-0.7]) == (fraction, str(coins))


def test_entropy_is_blue_and_what_a_network_adds_is_orange():
    p, q = np.array([0.7, 0.2, 0.1]), np.array([0.3, 0.6, 0.1])
    (axes,) = panels(plotting.entropy_parts(p, {"far": q}))
    entropy, cross = -(p * np.log(p)).sum(), -(p * np.log(q)).sum()
    (blue, first), (orange, second) = bars(axes)
    assert (first, second) == (BLUE, ORANGE)
    assert (blue, blue + orange) == pytest.approx((entropy, cross))
    assert axes.patches[1].get_x() == blue
    assert texts(axes)[0] == f"entropy {entropy:.3f}"
    assert place(axes, f"cross-entropy {cross:.3f}\n(KL {cross - entropy:.3f})")
    assert place(axes, f"cross-entropy {cross:.3f}")[0] == pytest.approx(cross)


def test_loss_curve_marks_points_on_it():
    (axes,) = panels(plotting.loss_curve(marked=[0.6, 0.1]))
    curve, marks = axes.lines
    assert np.allclose(curve.get_ydata(), -np.log(curve.get_xdata()))
    assert np.allclose(marks.get_xydata(), [(0.6, -np.log(0.6)), (0.1, -np.log(0.1))])
    assert place(axes, "$q$ = 0.1: loss 2.303") == (0.1, -np.log(0.1))


def test_slopes_stand_in_their_panels():
    z = np.array([4.0, -2.0, 1.0])
    cross, squared = panels(plotting.loss_slopes(z, right=1))
    q = np.exp(z) / np.exp(z).sum()
    assert cross.get_title() == "cross-entropy"
    assert squared.get_title() == "squared error"
    assert place(cross, "slope") == pytest.approx((z[1], q[1] - 1), abs=1e-3)
    assert place(cross, "slope")[1] < -0.5 < place(squared, "slope")[1]
    assert "learns fast" in texts(cross)[1]
    assert "hardly learns" in texts(squared)[1]


def test_gradient_is_blue_below_zero_and_orange_above():
    p, q = np.eye(4)[1], np.array([0.5, 0.1, 0.1, 0.3])
    above, below = panels(plotting.gradient_bars(p, q))
    grey, sky = above.patches[:4], above.patches[4:]
    assert [bar.get_height() for bar in grey] == p.tolist()
    assert [bar.get_height() for bar in sky] == q.tolist()
    assert {to_hex(bar.get_facecolor()).upper() for bar in grey} == {GREY}
    assert [ink for _, ink in bars(below)] == [BLUE if g < 0 else ORANGE for g in q - p]
    assert [height for height, _ in bars(below)] == (q - p).tolist()
    assert texts(below)[:4] == [f"{g:+.2f}" for g in q - p]
    assert colour(below, "above 0: lower") == ORANGE
    assert place(above, "truth")[0] < 1
    assert place(above, "prediction") == (0, 0.54)  # on its largest bar


# --- lesson 6 -----------------------------------------------------------------------


def test_the_loop_of_training_runs_forward():
    (axes,) = panels(plotting.training_loop())
    steps = {
        a.split("\n")[0]: [b.split("\n")[0] for b in to]
        for a, to in links(axes).items()
    }
    assert steps == {"1": ["2"], "2": ["3"], "3": ["4a"], "4a": ["4b"], "4b": ["2"]}
    assert label_of(axes, "2\n", "3\n") == "predictions"
    assert label_of(axes, "4a", "4b") == "gradients"


def test_a_chain_has_its_slopes_on_their_arrows():
    (axes,) = panels(plotting.chain_rule(["x", "u", "y"], [2, 6, 36], [3, 12]))
    assert label_of(axes, "$x$", "$u$") == "$\\times$ 3"
    assert label_of(axes, "$u$", "$y$") == "$\\times$ 12"
    for name, move in (("x", "0.001"), ("u", "0.003"), ("y", "0.036")):
        assert place(axes, f"moves by\n{move}")[0] == place(axes, f"${name}$")[0]


def test_two_paths_have_their_slopes_on_their_arrows():
    slopes = [(3, 4), (5, 6)]
    (axes,) = panels(plotting.two_paths(["x", "u", "v", "y"], [2, 6, 3, 18], slopes))
    for middle, pair in zip("uv", slopes, strict=True):
        ends = pairwise(["$x$", f"${middle}$", "$y$"])
        assert [label_of(axes, *two) for two in ends] == [
            f"$\\times$ {s}" for s in pair
        ]


def weight(number):
    layer, unit, source = np.unravel_index(number - 1, (2, 2, 2))
    names = "$xho"[layer + 1], "$xho"[layer + 2]
    return (
        f"${names[0]}_{source + 1}$",
        f"${names[1]}_{unit + 1}$",
        (W1, W2)[layer][source, unit],
    )


@pytest.mark.parametrize("number", range(1, 9))
def test_each_weight_is_on_its_arrow(number):
    (axes,) = panels(plotting.small_network(*NETWORK))
    start, end, value = weight(number)
    assert label_of(axes, start, end) == f"$w_{number}$ = {value:.2f}"


@pytest.mark.parametrize("number", range(1, 9))
def test_lit_are_the_arrows_on_a_weights_paths(number):
    (axes,) = panels(plotting.weight_paths(*NETWORK, number))
    start, end, _ = weight(number)
    outputs = ["$o_1$", "$o_2$"] if number <= 4 else [end]
    wanted = {(start, end)}
    wanted |= {(end, output) for output in outputs if number <= 4}
    wanted |= {(output, f"$E_{{o{output[3]}}}$") for output in outputs}
    wanted |= {(f"$E_{{o{output[3]}}}$", "$E_T$") for output in outputs}
    names = {
        t.get_position(): t.get_text().split("\n")[0]
        for t in axes.texts
        if "\n" in t.get_text()
    }
    lit = {(names[a], names[b]) for a, b, ink in arrows(axes) if ink == ORANGE}
    assert lit == wanted
    assert {ink for *_, ink in arrows(axes)} == {ORANGE, PALE}


def test_error_signals_stand_below_their_units():
    (axes,) = panels(plotting.there_and_back(*NETWORK))
    x, t, W1, W2, b1, b2 = NETWORK
    h = 1 / (1 + np.exp(-(x @ W1 + b1)))
    o = 1 / (1 + np.exp(-(h @ W2 + b2)))
    at_o = (o - t) * o * (1 - o)
    at_h = W2 @ at_o * h * (1 - h)
    for k in (0, 1):
        for name, value, signal in (
            ("h", h[k], f"{at_h[k]:.4f}"),
            ("o", o[k], f"{at_o[k]:+.3f}"),
        ):
            across, up = place(axes, f"${name}_{k + 1}$\n{value:.3f}")
            beside = place(axes, f"$\\delta_{{{name}{k + 1}}}$ = {signal}")
            assert beside[0] == across
            assert 0.5 < (beside[1] - up) * np.sign(up) < 1.5


def test_the_slope_goes_up_where_the_curve_does():
    for sign in (1, -1):
        picture = plotting.slope_at(lambda w, s=sign: s * w, 0.0, sign, name="w")
        for axes in panels(picture):
            curve, point = axes.lines[:2]
            assert np.allclose(curve.get_ydata(), sign * curve.get_xdata())
            assert point.get_xydata().tolist() == [[0, 0]]
        assert axes.get_xlim() == (-0.5, 0.5)
        steps = axes.lines[2].get_xydata()
        assert np.allclose(steps, [(0, 0), (0.3, 0), (0.3, 0.3 * sign)])


def test_the_bar_is_the_mean_of_all_and_a_dot_is_a_batch():
    batches, mean = np.array([[1.0, -2.0], [3.0, 0.0]]), np.array([2.0, -1.0])
    (axes,) = panels(plotting.batch_gradients(batches, mean))
    assert [height for height, _ in bars(axes)] == mean.tolist()
    dots = [line for line in axes.lines if line.get_marker() == "o"]
    assert [dot.get_ydata().tolist() for dot in dots] == batches.tolist()


def test_a_graph_has_data_before_grad_and_slopes_on_its_arrows():
    w, x = Value(2.0, "w"), Value(5.0, "x")
    y = w * x
    y.name = "y"
    y.backward()
    (axes,) = panels(plotting.value_graph(y))
    assert {"w\n2 | 5", "x\n5 | 2", "y ($\\times$)\n10 | 1"} <= set(texts(axes))
    assert label_of(axes, "w\n", "y (") == "5"
    assert label_of(axes, "x\n", "y (") == "2"


def test_descent_draws_each_step_from_where_it_is_to_where_it_goes():
    rates = {"one": 0.1, "two": 0.3}
    picture = plotting.descents(np.square, lambda w: 2 * w, 4.0, rates, steps=3)
    for axes, (word, rate) in zip(panels(picture), rates.items(), strict=True):
        assert axes.get_title().startswith(f"$\\lambda$ = {rate}: {word}\n")
        path = 4 * (1 - 2 * rate) ** np.arange(4)
        (steps,) = [c for c in axes.collections if hasattr(c, "U")]
        assert np.allclose(steps.X, path[:-1])
        assert np.allclose(steps.U, np.diff(path))
        assert np.allclose(steps.V, np.diff(path**2))
        start = [line for line in axes.lines if line.get_color() == BLACK]
        assert [line.get_xydata().tolist() for line in start] == [[[4, 16]]]
        assert place(axes, "start") == (4, 16)


def test_valley_begins_at_the_black_mark():
    path = np.array([[-4.0, 1.5], [-2.0, -1.0], [0.5, 0.2]])
    shown = plotting.valley_path(lambda w: w[0] ** 2 + w[1] ** 2, path, "SGD")
    (axes,) = panels(shown)
    (start,) = [line for line in axes.lines if line.get_color() == BLACK]
    assert start.get_xydata().tolist() == [[-4, 1.5]]
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("weight $w_a$", "weight $w_b$")
    assert axes.get_title() == "SGD\nafter 2 steps: loss 0.29"


def test_an_epochs_steps_stand_below_their_batches():
    (axes,) = panels(plotting.epoch_of_batches(986, 128))  # 7 of 128, and 90
    for epoch, y in ((1, 0), (2, -2.7)):
        row = [patch for patch in axes.patches if patch.get_y() == y]
        middles = [patch.get_x() + patch.get_width() / 2 for patch in row]
        sizes = [t.get_text() for t in axes.texts if t.get_position()[1] == y + 0.35]
        assert sizes == [*["128"] * 3, "...", "90"]
        for middle, step in zip(middles, (1, 2, 3, 8), strict=True):
            assert place(axes, f"step {step + 8 * (epoch - 1)}")[0] == middle


def test_times_forward_are_blue_and_backward_orange():
    (axes,) = panels(plotting.time_by_layer(["a", "b"], [10, 20], [20, 50]))
    assert bars(axes) == [(10, BLUE), (20, BLUE), (20, ORANGE), (50, ORANGE)]
    assert texts(axes) == ["forward", "backward", "30 %", "70 %"]
    for word, bar in (("forward", axes.patches[1]), ("backward", axes.patches[3])):
        drawn = text(axes, word).get_window_extent()
        assert bar.contains_point((drawn.x0, drawn.y0))
        assert bar.contains_point((drawn.x1, drawn.y1))
    assert ticks(axes.yaxis) == ["a", "b"]


# --- lesson 7 -----------------------------------------------------------------------


def test_each_class_has_its_number_on_its_bar():
    (axes,) = panels(plotting.class_counts(np.array([0, 1, 1, 2, 2, 2])))
    assert [bar.get_height() for bar in axes.patches] == [1, 2, 3]
    assert texts(axes) == ["1", "2", "3"]
    assert ticks(axes.xaxis) == ["0", "1", "2"]


@pytest.mark.parametrize("validation", [[2.1, 1.5], [2.1, 0.95], [2.1, 0.4]])
def test_training_and_validation_are_named_at_their_ends(validation):
    (axes,) = panels(plotting.fits({"A": {"loss": [2.0, 1.0], "val_loss": validation}}))
    for line, name, end, ink in zip(
        axes.lines,
        ("training", "validation"),
        (1.0, validation[-1]),
        (ORANGE, BLUE),
        strict=True,
    ):
        assert line.get_ydata()[-1] == end
        assert line.get_color() == colour(axes, name) == ink
        assert place(axes, name) == (2, end)


def test_the_band_is_what_luck_can_do():
    (axes,) = panels(plotting.disagreement({"better": (10, 30), "worse": (50, 14)}))
    for row, (band, noise, difference) in enumerate(
        zip(axes.patches, (2 * 40**0.5, 16), (20, -36), strict=True)
    ):
        assert (band.get_x(), band.get_width()) == pytest.approx((-noise, 2 * noise))
        assert place(axes, f"{difference:+}") == (difference, row)


def test_digits_of_a_photo_have_their_frames_numbers():
    images = np.zeros((11, 28, 28))
    images[10] = 255
    boxes = [(10 + n, 40 + n, 30 * n, 30 * n + 20) for n in range(11)]
    photo = np.full((100, 400), 200, "uint8")
    above, below = panels(plotting.found_digits(photo, boxes, images))
    frame = above.patches[10]
    assert (*frame.get_xy(), frame.get_width(), frame.get_height()) == (300, 20, 20, 30)
    assert place(above, "11") == (300, 20)
    assert place(below, "11") == (0, 34)
    tiles = below.images[0].get_array()
    assert tiles.shape == (64, 320)
    assert (tiles[34:62, 2:30] == 255).all()
    assert tiles.sum() == 255 * 784


def test_four_images_have_their_own_titles():
    images = [np.full((28, 28), 1.0 + n) for n in range(4)]
    drawn = panels(plotting.to_convention(*images))
    for axes, n, word in zip(
        drawn, range(4), ("drew", "smaller", "MNIST", "training"), strict=True
    ):
        assert word in axes.get_title()
        assert (axes.images[0].get_array() == n + 1).all()


def test_blue_is_as_they_are_and_orange_is_moved():
    (axes,) = panels(
        plotting.with_and_without({"one": (0.5, 0.75), "two": (0.25, 1.0)})
    )
    assert bars(axes) == [(0.5, SKY), (0.25, SKY), (0.75, ORANGE), (1.0, ORANGE)]
    assert set(texts(axes)) == {
        "50.0%  as they are",
        "25.0%",
        "75.0%  moved to the middle",
        "100.0%",
    }
    for text, length in (("50.0%", 0.5), ("75.0%", 0.75)):
        assert place(axes, text)[0] == length


# --- of every lesson ----------------------------------------------------------------


def test_a_confusion_matrix_has_the_truth_on_its_rows():
    (axes,) = panels(plotting.confusion_matrix([0, 1, 1, 2], [0, 2, 2, 2], classes=3))
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("read as", "really is")
    written = {t.get_position(): (t.get_text(), t.get_color()) for t in axes.texts}
    assert written == {(0, 0): ("1", GREY), (2, 1): ("2", BLACK), (2, 2): ("1", GREY)}
    assert axes.images[0].get_array()[1, 2] == 2


def test_curves_are_named_where_they_end():
    curves = {"training": [0.5, 0.9], "validation": [0.6, 0.8]}
    (axes,) = panels(plotting.learning_curve(curves, x=[10, 20]))
    for line, (name, values) in zip(axes.lines, curves.items(), strict=True):
        assert line.get_xydata().tolist() == [[10, values[0]], [20, values[1]]]
        assert place(axes, name) == (20, values[-1])
        assert colour(axes, name) == line.get_color()


def test_a_right_answer_is_blue_and_a_wrong_one_orange():
    p = np.array([[0.2, 0.8], [0.7, 0.3]])
    logits = np.log(p) + 3
    drawn = panels(plotting.read_digits(np.ones((2, 5, 5)), p, [1, 1], logits))
    for axes, values, read, ink in zip(
        np.array(drawn)[[1, 2, 4, 5]],
        (logits[0], p[0], logits[1], p[1]),
        (1, 1, 0, 0),
        (BLUE, BLUE, ORANGE, ORANGE),
        strict=True,
    ):
        wanted = [(v, ink if k == read else SKY) for k, v in enumerate(values)]
        assert bars(axes) == wanted
    assert [drawn[n].get_xlabel() for n in (4, 5)] == ["logits", "probabilities"]


def test_a_race_has_a_panel_for_each_measure():
    measures = {"error, %": [2.0, 0.9], "parameters": [10, 2000]}
    drawn = panels(plotting.network_race(["dense", "CNN"], measures))
    for axes, (title, values) in zip(drawn, measures.items(), strict=True):
        assert axes.get_title() == title
        assert bars(axes) == [(values[0], SKY), (values[1], ORANGE)]
        assert ticks(axes.yaxis) == ["dense", "CNN"]
        assert axes.yaxis_inverted()


def test_learning_rates_stand_at_their_steps():
    picture = plotting.learning_rate(lambda step: min(step, 100 - step) / 50 + 0.1, 100)
    (axes,) = panels(picture)
    assert place(axes, "1.10000") == (50, 1.1)
    ends = [t.xy for t in axes.texts if t.get_text() == "0.10000"]
    assert ends == [(0, 0.1), (100, 0.1)]


@pytest.mark.parametrize(
    ("draw", "shown"),
    [
        (lambda x: plotting.digits(x, ["a", "b"]), ["a", "b"]),
        (
            lambda x: plotting.weights_as_images(x.reshape(2, 784).T),
            ["unit 1", "unit 2"],
        ),
        (lambda x: plotting.kernels(np.moveaxis(x, 0, -1)[:, :, None]), ["", ""]),
        (lambda x: plotting.worst_predictions(x, [1, 1], P), ["1 read as 0\n(90.0%)"]),
        (lambda x: plotting.read_digits(x, P, [1, 0]), ["label: 1", "label: 0"]),
        (lambda x: plotting.pooled_maps(x[0], {"b": x[1]}), ["feature map, 28 x 28"]),
    ],
)
def test_each_image_is_shown_with_its_title(draw, shown):
    images = np.arange(2 * 784.0).reshape(2, 28, 28)
    drawn = [axes for axes in panels(draw(images)) if axes.images]
    for axes, image, title in zip(drawn, images, shown, strict=False):
        assert np.array_equal(axes.images[0].get_array(), image)
        assert axes.get_title() == title
        assert axes.images[0].get_cmap()(1.0)[:3] != (1, 1, 1)  # ink is not white
