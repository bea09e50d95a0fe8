"""Lesson 6's figures say what measuring says; its loop trains its networks."""

import itertools
import re
from pathlib import Path

import jupytext
import numpy as np
import pytest
from scipy.optimize import approx_fprime

from utils import data, plotting
from utils.autograd import Value
from utils.exercises import lesson6
from utils.plotting.lesson6 import _layout

LESSON = Path(__file__).resolve().parent.parent / "lessons" / "06_backpropagation.py"
X, T = np.array([0.05, 0.10]), np.array([0.01, 0.99])
W1, W2 = np.array([[0.15, 0.25], [0.20, 0.30]]), np.array([[0.40, 0.50], [0.45, 0.55]])
NETWORK = X, T, W1, W2, 0.35, 0.60


def numbers(text):
    return [float(number) for number in re.findall(r"[-+]?\d+\.?\d*", text)]


def total_error(w, b1=0.35, b2=0.60):
    """The 2-2-2 network unit by unit, in the engine: no matrix, no NumPy."""
    w, b1, b2 = list(w), np.broadcast_to(b1, 2), np.broadcast_to(b2, 2)

    def layer(inputs, weights, biases):
        sums = [
            inputs[0] * weights[2 * k] + inputs[1] * weights[2 * k + 1] + biases[k]
            for k in (0, 1)
        ]
        return [(z if isinstance(z, Value) else Value(z)).sigmoid() for z in sums]

    outputs = layer(layer(list(X), w[:4], b1), w[4:], b2)
    return sum((o - t) ** 2 / 2 for o, t in zip(outputs, T, strict=True))


WEIGHTS = np.array([0.15, 0.20, 0.25, 0.30, 0.40, 0.45, 0.50, 0.55])


def test_chain_rule_moves_as_the_functions_do():
    alt = plotting.chain_rule(["x", "u", "y"], [2, 6, 36], [3, 12], nudge=1e-4).alt
    x, u, y = (float(n) for n in re.findall(r"moves by (\d+\.\d+)", alt))
    assert u == pytest.approx(3 * (2 + x) - 6, rel=1e-3)
    assert y == pytest.approx((3 * (2 + x)) ** 2 - 36, rel=1e-3)
    assert "3 times 12 is 36 times as much" in alt
    with pytest.raises(ValueError, match="3 slopes"):
        plotting.chain_rule(["x", "y"], [1, 2], [1, 2, 3])
    with pytest.raises(ValueError, match=r"1 names, 1 val.*two names or more"):
        plotting.chain_rule(["x"], [2], [])


def test_two_paths_add_up_to_the_measured_slope():
    alt = plotting.two_paths(["x", "u", "v", "y"], [2, 6, 3, 18], [(3, 3), (1, 6)]).alt
    measured = approx_fprime([2.0], lambda x: (3 * x[0]) * (x[0] + 1), 1e-6)[0]
    assert numbers(alt)[-1] == pytest.approx(measured, abs=1e-4)


@pytest.mark.parametrize(("curve", "at"), [(np.sin, 0.3), (np.cos, 1.0)])
def test_slope_at_draws_the_line_of_that_slope(curve, at):
    slope = approx_fprime([at], lambda w: curve(w[0]), 1e-7)[0]
    alt = plotting.slope_at(curve, at, slope, name="w_5").alt
    assert f"at w5 = {at:g} it is {curve(at):.4f} and its slope is {slope:.3f}" in alt
    run, rise = numbers(alt.split(": ")[1])
    assert rise / run == pytest.approx(abs(slope), abs=1e-3)
    assert alt.endswith("up." if slope > 0 else "down.")


@pytest.mark.parametrize("number", range(1, 9))
def test_network_lights_the_outputs_that_the_weight_reaches(number):
    """Those whose output moves when the weight does, and no others."""
    alt = plotting.weight_paths(*NETWORK, number).alt

    def outputs(w):
        A, B = w[:4].reshape(2, 2), w[4:].reshape(2, 2)
        h = 1 / (1 + np.exp(-(A @ X + 0.35)))
        return 1 / (1 + np.exp(-(B @ h + 0.60)))

    nudge = 0.01 * np.eye(8)[number - 1]
    moved = outputs(WEIGHTS + nudge) != outputs(WEIGHTS)
    assert [f"o{k}" in alt for k in (1, 2)] == list(moved)
    assert f"total error {total_error(WEIGHTS).data:.4f}" in alt


def test_network_names_its_weights_in_order():
    alt = plotting.small_network(*NETWORK).alt
    assert ", ".join(f"{w:.2f}" for w in WEIGHTS) in alt
    with pytest.raises(ValueError, match="1 to 8"):
        plotting.weight_paths(*NETWORK, 9)


def test_error_signals_are_the_slopes_of_the_error_in_the_biases():
    alt = plotting.there_and_back(*NETWORK).alt
    at_h = approx_fprime([0.35] * 2, lambda b: total_error(WEIGHTS, b1=b).data, 1e-7)
    at_o = approx_fprime([0.60] * 2, lambda b: total_error(WEIGHTS, b2=b).data, 1e-7)
    for signal in (*(f"{d:+.3f}" for d in at_o), *(f"{d:.4f}" for d in at_h)):
        assert signal in alt
    in_w5 = approx_fprime(WEIGHTS, lambda w: total_error(w).data, 1e-8)[4]
    assert alt.endswith(f"{in_w5:.4f}.")


def neuron():
    w, x, b = Value(2.0, "w"), Value(1.5, "x"), Value(-3.0, "b")
    error = ((w * x + b).sigmoid() - 1.0) ** 2
    error.name = "E"
    error.backward()
    return error


def test_graph_shows_measured_slopes():
    def error(wxb):
        w, x, b = wxb
        return (1 / (1 + np.exp(-(w * x + b))) - 1) ** 2

    alt = plotting.value_graph(neuron()).alt
    for name, at, slope in zip(
        "wxb", (2, 1.5, -3), approx_fprime([2.0, 1.5, -3.0], error, 1e-7), strict=True
    ):
        data, grad = numbers(re.search(rf"\b{name} ([^;]+)", alt)[1].replace("|", " "))
        assert data == at
        assert grad == pytest.approx(slope, abs=1e-5)


def test_graph_gives_each_value_a_place_of_its_own():
    error = neuron()
    place = _layout(error.graph())
    assert len(set(place.values())) == len(place) == len(error.graph())
    for value in place:
        for child in value.children:
            assert place[child][0] < place[value][0], "children stand on the left"


def test_graph_refuses_what_nobody_could_read():
    value = Value(1.0)
    with pytest.raises(ValueError, match="1 values"):
        plotting.value_graph(value)
    with pytest.raises(ValueError, match="2 to 16"):
        plotting.value_graph(sum(Value(k) for k in range(12)))


@pytest.mark.parametrize("rate", [0.02, 0.2, 0.5, 0.52])
def test_descent_ends_where_the_formula_says(rate):
    """On 2 (w - 3)^2 each step multiplies the distance from 3 by 1 - 4 rate."""
    alt = plotting.descents(
        lambda w: 2 * (w - 3) ** 2, lambda w: 4 * (w - 3), 0.5, {"x": rate}
    ).alt
    end = 3 + (0.5 - 3) * (1 - 4 * rate) ** 8
    assert f"ends at {end:.2f}." in alt


def test_descent_that_leaves_the_picture_says_when():
    alt = plotting.descents(np.square, lambda w: 2 * w, 1.0, {"large": 1.5}).alt
    assert "leaves the picture at step 3" in alt  # 1, -2, 4, -8: reach is -2 to 8
    assert "nan" not in alt


def test_descent_that_begins_outside_of_the_picture_is_refused():
    with pytest.raises(ValueError, match=r"start is 9; wanted -2 to 8"):
        plotting.descents(np.square, lambda w: 2 * w, 9, {"small": 0.1})


def valley(w):
    return w[0] ** 2 / 2 + 10 * w[1] ** 2


def path(rate, steps):
    """Closed form: each step multiplies the places by 1 - rate and 1 - 20 rate."""
    n = np.arange(steps + 1)[:, None]
    return np.array([-4.0, 1.5]) * (1 - rate * np.array([1.0, 20.0])) ** n


def test_valley_tells_the_last_loss():
    moving = plotting.valley_path(valley, path(0.05, 20), "$\\lambda$ = 0.05")
    loss = (4 * 0.95**20) ** 2 / 2  # 1 - 20 x 0.05 = 0: the other weight is there
    assert f"1.5: lambda = 0.05, after 20 steps: loss {loss:.2f}." in moving.alt
    wild = plotting.valley_path(valley, path(0.15, 20), "wild")
    # 1 - 20 x 0.15 = -2: 1.5, then -3, below the picture's -2
    assert "wild, leaves the picture at step 1." in wild.alt


def test_valley_draws_a_dot_for_each_step_that_it_shows():
    for drawn in path(0.08, 20), path(0.104, 30):
        (axes,) = plotting.valley_path(valley, drawn, "SGD").figure.axes
        line = max(axes.lines, key=lambda line: len(line.get_xdata()))
        inside = np.all(abs(drawn) <= [5, 2], axis=1)
        shown = len(drawn) if inside.all() else inside.argmin() + 1
        np.testing.assert_array_equal(line.get_xydata(), drawn[:shown])
        assert line.get_marker() == "o"


def test_gradients_of_batches_are_noisy_and_right_on_average():
    """With n of 1 and -1: batches of 4 are 1 / sqrt(4) off, their mean less."""
    rng = np.random.default_rng(0)
    batches = rng.choice([-1.0, 1.0], (400, 4, 10)).mean(axis=1)
    picture = plotting.batch_gradients(batches, np.zeros(10))
    off, mean_off = numbers(picture.alt.split("dots for 400 batches")[1])
    assert off == pytest.approx(1 / np.sqrt(4), rel=0.05)
    assert mean_off == pytest.approx(1 / np.sqrt(4 * 400), rel=0.4)
    dots = [line for line in picture.figure.axes[0].lines if line.get_marker() == "o"]
    np.testing.assert_array_equal([dot.get_ydata() for dot in dots], batches)


@pytest.mark.parametrize(("images", "size"), [(60_000, 128), (50_000, 64), (640, 64)])
def test_epoch_counts_every_image_once(images, size):
    alt = plotting.epoch_of_batches(images, size).alt
    sizes = [
        len(part) for part in np.split(np.zeros(images), range(size, images, size))
    ]
    assert f"{len(sizes):,} steps are one epoch" in alt
    assert f"the last batch has {sizes[-1]} images" in alt
    assert f"begins with step {len(sizes) + 1:,}." in alt


def test_epoch_refuses_fewer_batches_than_it_shows():
    with pytest.raises(ValueError, match="2 batches"):
        plotting.epoch_of_batches(100, 64)


def test_time_by_layer_adds_up_to_everything():
    alt = plotting.time_by_layer(["a", "b", "a"], [1, 6, 0], [1, 12, 0]).alt
    assert alt == (
        "90 % of the time of a training step is in b; forward 35 %, backward 65 %."
    )


def test_bar_ends_with_one_line(capsys):
    from utils.callbacks import Bar

    bar = Bar("abc", 3, "training")
    assert list(bar) == ["a", "b", "c"]
    assert bar.text == "training"


def test_layer_times_end_on_a_slow_machine(monkeypatch):
    """No round begins after ten seconds; one there always is."""
    from utils import nn

    net = nn.Sequential([nn.Dense(4, 3, np.random.default_rng(0))])
    loss, x, labels = nn.CrossEntropy(), np.ones((2, 4), "float32"), np.array([0, 1])
    clock = itertools.count(step=6)
    monkeypatch.setattr(nn.time, "perf_counter", lambda: next(clock))
    forward, backward = nn.layer_times(net, loss, x, labels)
    assert forward.tolist() == backward.tolist() == [6]
    assert next(clock) < 60  # a second round alone begins, not six


def test_each_layer_has_its_own_times(monkeypatch):
    from utils import nn

    now = [0]
    monkeypatch.setattr(nn.time, "perf_counter", lambda: now[0])

    class Slow(nn.ReLU):
        def __init__(self, down, up):
            super().__init__()
            self.down, self.up = down, up

        def forward(self, x):
            now[0] += self.down
            return super().forward(x)

        def backward(self, grad, input_gradient=True):
            now[0] += self.up
            return super().backward(grad, input_gradient)

    layers = [Slow(1, 4), Slow(2, 5), Slow(3, 6)]
    x, labels = np.ones((2, 3), "float32"), np.array([0, 1])
    times = nn.layer_times(nn.Sequential(layers), nn.CrossEntropy(), x, labels, 1)
    assert np.array(times).tolist() == [[1, 2, 3], [4, 5, 6]]


def test_layer_times_leave_the_gradients_as_a_step_does():
    from utils import nn
    from utils.nn import layer_times

    rng = np.random.default_rng(0)
    net = nn.Sequential([nn.Dense(4, 3, rng), nn.ReLU(), nn.Dense(3, 2, rng)])
    x, labels = rng.normal(size=(5, 4)).astype("float32"), np.array([0, 1, 1, 0, 1])
    loss = nn.CrossEntropy()
    forward, backward = layer_times(net, loss, x, labels, rounds=2)
    assert forward.shape == backward.shape == (3,)
    assert (forward > 0).all()
    measured = [grad.copy() for layer in net.layers for grad in layer.gradients]
    loss.forward(net.forward(x), labels)
    net.backward(loss.backward())
    stepped = [grad for layer in net.layers for grad in layer.gradients]
    for one, other in zip(measured, stepped, strict=True):
        np.testing.assert_array_equal(one, other)


def cells_from(heading, until):
    """The code of the solved lesson between two headings."""
    cells = jupytext.read(LESSON).cells
    start, end = (
        next(n for n, cell in enumerate(cells) if cell.source.startswith(text))
        for text in (heading, until)
    )
    assert "On all of MNIST that is about 98 %" in cells[end - 1].source
    return [
        cell.source
        for cell in cells[start:end]
        if cell.cell_type == "code" and "exercise" not in cell.metadata.get("tags", [])
    ]


def test_cnn_from_scratch_reads_98_percent(long_training, monkeypatch):
    """The lesson's own cells, on all of MNIST: about 98 %, as the lesson says."""
    monkeypatch.setenv("WORKSHOP_DATA", str(long_training))
    lesson = {"np": np, "data": data, "plotting": plotting, "show": print}
    lesson["ex"] = lesson6
    for code in cells_from("## Epochs, batches, steps", "### Where the time goes"):
        exec(code, lesson)
    assert lesson["training"] is lesson["my_training"]
    assert lesson["accuracy"](lesson["net"], lesson["x_test"], lesson["y_test"]) > 0.975


@pytest.mark.parametrize("line", ["W2 @ delta_o", "net.backward(", "optimizer.step()"])
def test_the_answers_of_exercises_5_and_9_stand_nowhere_else(line):
    holders = [
        cell.metadata.get("tags", [])
        for cell in jupytext.read(LESSON).cells
        if line in cell.source and "instructor" not in cell.metadata.get("tags", [])
    ]
    assert holders in ([["solution", "q5"]], [["solution", "q9"]])
