"""The scalar engine against TensorFlow in float64, and what it refuses."""

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from utils.autograd import Value

SETTINGS = settings(max_examples=60, deadline=None, derandomize=True)

# each pair: the engine's operation, TensorFlow's; safe for every real number
ONE = {
    "neg": (lambda a: -a, lambda a: -a),
    "tanh": (Value.tanh, tf.tanh),
    "sigmoid": (Value.sigmoid, tf.sigmoid),
    "relu": (Value.relu, tf.nn.relu),
    "exp": (lambda a: a.tanh().exp(), lambda a: tf.exp(tf.tanh(a))),
    "log": (lambda a: (a**2 + 0.5).log(), lambda a: tf.math.log(a**2 + 0.5)),
    "square": (lambda a: a**2, lambda a: a**2),
    "power": (lambda a: (a**2 + 1) ** -1.5, lambda a: (a**2 + 1) ** -1.5),
    "from 2": (lambda a: 2 - 3 * a, lambda a: 2 - 3 * a),
    "over": (lambda a: 2 / (1 + a * a), lambda a: 2 / (1 + a * a)),
}
TWO = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / (b * b + 1),
}
NUMBERS = st.floats(-2, 2).map(lambda number: round(number, 3))
STEPS = st.tuples(st.sampled_from([*ONE, *TWO]), st.integers(0, 99), st.integers(0, 99))


def compute(inputs, steps, which):
    """Apply the steps; each may use any earlier result, so nodes are used again."""
    values = list(inputs)
    for op, first, second in steps:
        a, b = values[first % len(values)], values[second % len(values)]
        values.append(TWO[op](a, b) if op in TWO else ONE[op][which](a))
    return values[-1] + values[0] * values[-1]


def test_exp_of_the_largest_whole_number_is_a_float():
    assert 8e307 < Value(709).exp().data < np.inf


@SETTINGS
@given(st.lists(NUMBERS, min_size=1, max_size=4), st.lists(STEPS, max_size=8))
def test_random_expressions_agree_with_tensorflow(numbers, steps):
    inputs = [Value(number) for number in numbers]
    result = compute(inputs, steps, 0)
    result.backward()

    variables = [tf.constant(number, tf.float64) for number in numbers]
    with tf.GradientTape() as tape:
        tape.watch(variables)
        wanted = compute(variables, steps, 1)
    slopes = tape.gradient(
        wanted, variables, unconnected_gradients=tf.UnconnectedGradients.ZERO
    )
    np.testing.assert_allclose(result.data, wanted.numpy(), rtol=1e-10, atol=1e-12)
    for value, slope in zip(inputs, slopes, strict=True):
        np.testing.assert_allclose(value.grad, slope.numpy(), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize(
    ("make", "slope"),
    [
        (lambda x: x + 2, 1),
        (lambda x: 2 + x, 1),
        (lambda x: x - 2, 1),
        (lambda x: 2 - x, -1),
        (lambda x: 3 * x, 3),
        (lambda x: x * 3, 3),
        (lambda x: x / 4, 0.25),
        (lambda x: 8 / x, -2),
        (lambda x: x**3, 12),
        (lambda x: x**0, 0),
        (lambda x: np.float64(3) * x, 3),
        (lambda x: np.float64(3) - x, -1),
        (lambda x: -x, -1),
        (lambda x: x.log(), 0.5),
    ],
)
def test_the_slope_at_two(make, slope):
    x = Value(2.0)
    make(x).backward()
    assert x.grad == pytest.approx(slope, rel=1e-14, abs=0)


def test_reused_values_add_up_and_a_second_backward_changes_nothing():
    a = Value(3.0)
    b = a * a + a  # a three times
    for _ in range(2):
        b.backward()
        assert a.grad == 7.0
        assert b.grad == 1.0


def test_each_result_has_its_own_gradients():
    a = Value(3.0)
    double, triple = 2 * a, 3 * a
    double.backward()
    triple.backward()
    assert a.grad == 3.0


@pytest.mark.parametrize(("x", "slope"), [(-2.0, 0.0), (0.0, 0.0), (2.0, 1.0)])
def test_the_slope_of_relu_is_that_of_tensorflow_at_zero_too(x, slope):
    value = Value(x)
    out = value.relu()
    out.backward()
    assert (out.data, value.grad) == (max(x, 0), slope)


@pytest.mark.parametrize(("power", "slope"), [(0, 0), (1, 1), (1.5, 0), (2, 0)])
def test_powers_of_zero(power, slope):
    value = Value(0.0)
    out = value**power
    out.backward()
    assert (out.data, value.grad) == (float(power == 0), slope)


@pytest.mark.parametrize("x", [-800.0, -40.0, 40.0, 800.0])
def test_sigmoid_far_from_zero(x):
    value = Value(x)
    out = value.sigmoid()
    out.backward()
    assert out.data == pytest.approx(np.exp(-np.logaddexp(0, -x)), rel=1e-12)
    assert value.grad == pytest.approx(np.exp(-abs(x)), rel=1e-12)


def test_a_chain_of_ten_thousand():
    x = Value(1.0)
    y = x
    for _ in range(10_000):
        y = y * 1.0001
    y.backward()
    assert x.grad == pytest.approx(1.0001**10_000, rel=1e-9)
    assert len(y.graph()) == 20_001


def test_every_value_twice_is_visited_once():
    y = x = Value(1.0)
    for _ in range(200):
        y = y + y
    y.backward()
    assert x.grad == 2.0**200
    assert len(y.graph()) == 201


def test_the_graph_can_be_drawn():
    a, b = Value(2.0, "a"), Value(3.0, "b")
    c = a * b
    c.name = "c"
    assert c.graph() == [b, a, c]
    assert (c.op, c.children, c.edges) == ("*", [a, b], [(a, 3.0), (b, 2.0)])
    assert (a.op, a.children) == ("", [])
    assert repr(c) == "Value(c: data=6, grad=0)"


X = Value(2.0)
ZERO = Value(0.0)


@pytest.mark.parametrize(
    ("wrong", "error", "message"),
    [
        (lambda: Value("2"), TypeError, "'2'"),
        (lambda: Value(None), TypeError, "None"),
        (lambda: Value(True), TypeError, "True"),
        (lambda: Value(1j), TypeError, "1j"),
        (lambda: Value(np.ones(3)), TypeError, "array"),
        (lambda: Value(float("nan")), ValueError, "nan"),
        (lambda: Value(float("inf")), ValueError, "inf"),
        (lambda: Value(1e308) * 10, ValueError, r"inf \(\*\)"),
        (lambda: X + "2", TypeError, "'2'"),
        (lambda: "2" * X, TypeError, "'2'"),
        (lambda: np.ones(3) * X, TypeError, "array"),
        (lambda: X**X, TypeError, "power"),
        (lambda: Value(1e200) ** 2, ValueError, r"1e\+200 \*\* 2 is too large"),
        (lambda: X / 0, ZeroDivisionError, "2 / 0"),
        (lambda: 1 / ZERO, ZeroDivisionError, "1 / 0"),
        (lambda: ZERO**-1, ZeroDivisionError, r"0 \*\* -1"),
        (lambda: ZERO**0.5, ZeroDivisionError, r"0 \*\* 0.5"),
        (lambda: (-X) ** 0.5, ValueError, r"-2 \*\* 0.5"),
        (lambda: ZERO.log(), ValueError, "log of 0"),
        (lambda: (-X).log(), ValueError, "log of -2"),
        (lambda: (X * 500).exp(), ValueError, "exp of 1000"),
        (lambda: (X * 355).exp(), ValueError, "exp of 710"),  # 709.78 is the end
    ],
)
def test_bad_input(wrong, error, message):
    with pytest.raises(error, match=message):
        wrong()
