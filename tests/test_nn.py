"""utils.nn three ways: finite differences, Keras, and what it must refuse."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from utils import nn

SETTINGS = settings(max_examples=30, deadline=None, derandomize=True)
SMALL = st.integers(1, 3)
SEEDS = st.integers(0, 1000)


def numbers(shape, seed=0, dtype="float64"):
    return np.random.default_rng(seed).normal(size=shape).astype(dtype)


def slope(function, array):
    """Gradient of `function()` with respect to `array`, by central differences."""
    grad, step = np.zeros_like(array), 1e-5
    for index in np.ndindex(array.shape):
        old = array[index]
        array[index] = old + step
        above = function()
        array[index] = old - step
        below = function()
        array[index] = old
        grad[index] = (above - below) / (2 * step)
    return grad


def check_slopes(layer, x, seed=0):
    """Input and weight gradients of sum(out * w), w random: 1e-6 relative."""
    w = numbers(layer.forward(x).shape, seed + 1)
    dx = layer.backward(w)
    assert dx.shape == x.shape
    assert [g.shape for g in layer.gradients] == [a.shape for a in layer.weights]
    gradients = layer.gradients
    for array, grad in [(x, dx), *zip(layer.weights, gradients, strict=True)]:
        wanted = slope(lambda: np.sum(layer.forward(x) * w), array)
        np.testing.assert_allclose(
            grad, wanted, rtol=1e-6, atol=1e-6 * max(1e-3, np.abs(wanted).max())
        )


def check_keras(layer, keras_layer, x, seed=0):
    """Output and gradients are those of the Keras layer with the same weights."""
    keras_layer.build(x.shape)
    keras_layer.set_weights(layer.weights)
    out = layer.forward(x)
    w = numbers(out.shape, seed + 1)
    given_x = tf.constant(x)
    with tf.GradientTape() as tape:
        tape.watch(given_x)
        keras_out = keras_layer(given_x)
        total = tf.reduce_sum(keras_out * w)
    variables = [v.value for v in keras_layer.trainable_variables]
    keras_dx, *keras_gradients = tape.gradient(total, [given_x, *variables])
    np.testing.assert_allclose(out, keras_out.numpy(), rtol=1e-8, atol=1e-10)
    np.testing.assert_allclose(layer.backward(w), keras_dx, rtol=1e-8, atol=1e-10)
    for ours, theirs in zip(layer.gradients, keras_gradients, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-8, atol=1e-10)


# One layer at a time, on random shapes. A batch of one is among them.


@SETTINGS
@given(SMALL, SMALL, SMALL, SEEDS)
def test_dense(batch, inputs, outputs, seed):
    layer = nn.Dense(inputs, outputs, seed, dtype="float64")
    layer.weights[1][:] = numbers(outputs, seed)
    x = numbers((batch, inputs), seed)
    check_slopes(layer, x, seed)
    check_keras(layer, keras.layers.Dense(outputs, dtype="float64"), x, seed)


@SETTINGS
@given(SMALL, st.integers(1, 6), st.integers(1, 6), SMALL, SMALL, SMALL, SMALL, SEEDS)
def test_conv2d(batch, height, width, channels, filters, size, strides, seed):
    assume(size <= min(height, width))
    layer = nn.Conv2D(channels, filters, size, seed, strides, dtype="float64")
    layer.weights[1][:] = numbers(filters, seed)
    x = numbers((batch, height, width, channels), seed)
    check_slopes(layer, x, seed)
    twin = keras.layers.Conv2D(filters, size, strides, dtype="float64")
    check_keras(layer, twin, x, seed)


@SETTINGS
@given(SMALL, st.integers(1, 7), st.integers(1, 7), SMALL, SMALL, SEEDS)
def test_max_pool(batch, height, width, channels, size, seed):
    assume(size <= min(height, width))
    layer = nn.MaxPool2D(size)
    x = numbers((batch, height, width, channels), seed)
    check_slopes(layer, x, seed)
    check_keras(layer, keras.layers.MaxPooling2D(size, dtype="float64"), x, seed)


@SETTINGS
@given(SMALL, st.integers(2, 6), SMALL, st.integers(2, 3), SEEDS)
def test_ties_in_max_pooling_go_to_the_first_as_in_tensorflow(
    batch, height, channels, size, seed
):
    assume(size <= height)
    shape = (batch, height, height, channels)
    x = np.random.default_rng(seed).integers(0, 2, shape).astype("float64")
    twin = keras.layers.MaxPooling2D(size, dtype="float64")
    check_keras(nn.MaxPool2D(size), twin, x, seed)


def test_a_window_of_equals():
    layer = nn.MaxPool2D()
    layer.forward(np.ones((1, 2, 2, 1)))
    dx = layer.backward(np.full((1, 1, 1, 1), 5.0))
    assert dx[0, :, :, 0].tolist() == [[5, 0], [0, 0]]


@SETTINGS
@given(st.lists(SMALL, min_size=1, max_size=4), SEEDS)
def test_relu_and_flatten(shape, seed):
    x = numbers(shape, seed)
    check_slopes(nn.ReLU(), x, seed)
    check_keras(nn.ReLU(), keras.layers.ReLU(dtype="float64"), x, seed)
    check_slopes(nn.Flatten(), x, seed)


def test_relu_at_zero_has_slope_zero_as_in_tensorflow():
    check_keras(nn.ReLU(), keras.layers.ReLU(dtype="float64"), np.zeros((2, 3)))


@SETTINGS
@given(SMALL, st.integers(2, 5), SEEDS)
def test_softmax(batch, classes, seed):
    x = numbers((batch, classes), seed)
    check_slopes(nn.Softmax(), x, seed)
    check_keras(nn.Softmax(), keras.layers.Softmax(dtype="float64"), x, seed)


# The loss.


@SETTINGS
@given(SMALL, st.integers(2, 5), SEEDS, st.booleans())
def test_cross_entropy(batch, classes, seed, whole):
    logits = numbers((batch, classes), seed)
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, classes, batch)
    p = np.eye(classes)[labels] if whole else rng.dirichlet(np.ones(classes), batch)
    loss = nn.CrossEntropy()
    value = loss.forward(logits, labels if whole else p)
    grad = loss.backward()

    wanted = slope(lambda: nn.CrossEntropy().forward(logits, p), logits)
    np.testing.assert_allclose(grad, wanted, rtol=1e-6, atol=1e-9)
    variable = tf.Variable(logits)
    with tf.GradientTape() as tape:
        losses = keras.losses.categorical_crossentropy(p, variable, from_logits=True)
        keras_value = tf.reduce_mean(losses)
    keras_grad = tape.gradient(keras_value, variable)
    np.testing.assert_allclose(value, keras_value, rtol=1e-8, atol=1e-10)
    np.testing.assert_allclose(grad, keras_grad, rtol=1e-8, atol=1e-10)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_large_logits_and_probabilities_of_exactly_zero_and_one(dtype):
    logits = np.array([[1000, 0, -1000], [0, 1000, -1000]], dtype)
    q = nn.Softmax().forward(logits)
    assert q.tolist() == [[1, 0, 0], [0, 1, 0]]
    loss = nn.CrossEntropy()
    assert loss.forward(logits, [0, 1]) == 0.0
    assert loss.backward().tolist() == [[0, 0, 0], [0, 0, 0]]
    assert loss.forward(logits, [2, 0]) == 1500.0
    assert loss.backward().tolist() == [[0.5, 0, -0.5], [-0.5, 0.5, 0]]
    assert loss.backward().dtype == dtype


# The whole network.


def deck_cnn(rng=0, dtype="float32", size=28, filters=(32, 64), hidden=128):
    flat = ((size - 4) // 2) ** 2 * filters[1]
    rng = np.random.default_rng(rng)
    layers = [
        nn.Conv2D(1, filters[0], 3, rng, dtype=dtype),
        nn.ReLU(),
        nn.Conv2D(filters[0], filters[1], 3, rng, dtype=dtype),
        nn.ReLU(),
        nn.MaxPool2D(2),
        nn.Flatten(),
        nn.Dense(flat, hidden, rng, dtype=dtype),
        nn.ReLU(),
        nn.Dense(hidden, 10, rng, dtype=dtype),
    ]
    return nn.Sequential(layers)


def keras_cnn(dtype="float32", size=28, filters=(32, 64), hidden=128):
    conv, dense = keras.layers.Conv2D, keras.layers.Dense
    layers = [
        keras.Input((size, size, 1), dtype=dtype),
        conv(filters[0], 3, activation="relu", dtype=dtype),
        conv(filters[1], 3, activation="relu", dtype=dtype),
        keras.layers.MaxPooling2D(2, dtype=dtype),
        keras.layers.Flatten(dtype=dtype),
        dense(hidden, activation="relu", dtype=dtype),
        dense(10, dtype=dtype),
    ]
    return keras.Sequential(layers)


def test_the_deck_s_cnn_has_its_parameters_and_shapes():
    model = deck_cnn()
    assert sum(weight.size for weight in model.weights) == 1_199_882
    model.forward(numbers((2, 28, 28, 1), dtype="float32"))
    shapes = [layer.out.shape[1:] for layer in model.layers]
    assert shapes[::2] == [(26, 26, 32), (24, 24, 64), (12, 12, 64), (128,), (10,)]
    assert all(layer.out.dtype == "float32" for layer in model.layers)


def test_gradients_of_the_network_are_those_of_finite_differences_and_keras():
    small = {"dtype": "float64", "size": 8, "filters": (2, 3), "hidden": 4}
    model, twin = deck_cnn(1, **small), keras_cnn(**small)
    x, labels = numbers((3, 8, 8, 1), 2), np.array([0, 9, 4])
    twin.set_weights(model.get_weights())
    loss = nn.CrossEntropy()
    loss.forward(model.forward(x), labels)
    model.backward(loss.backward())
    gradients = [grad for layer in model.layers for grad in layer.gradients]

    with tf.GradientTape() as tape:
        keras_loss = tf.reduce_mean(
            keras.losses.sparse_categorical_crossentropy(
                labels, twin(x), from_logits=True
            )
        )
    variables = [v.value for v in twin.trainable_variables]
    for ours, theirs in zip(
        gradients, tape.gradient(keras_loss, variables), strict=True
    ):
        np.testing.assert_allclose(ours, theirs, rtol=1e-8, atol=1e-12)
    for weight, grad in zip(model.weights, gradients, strict=True):
        wanted = slope(lambda: loss.forward(model.forward(x), labels), weight)
        np.testing.assert_allclose(
            grad, wanted, rtol=1e-6, atol=1e-6 * np.abs(wanted).max()
        )


@pytest.fixture
def float64():
    """Keras computes in float64, its optimizer too."""
    keras.config.set_floatx("float64")
    yield
    keras.config.set_floatx("float32")


@pytest.mark.parametrize("momentum", [0.0, 0.9])
@pytest.mark.usefixtures("float64")
def test_ten_steps_follow_keras(momentum):
    small = {"dtype": "float64", "filters": (4, 8), "hidden": 16}
    model, twin = deck_cnn(3, **small), keras_cnn(**small)
    twin.set_weights(model.get_weights())
    twin.compile(
        optimizer=keras.optimizers.SGD(0.05, momentum=momentum),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    )
    x, labels = numbers((80, 28, 28, 1), 4), numbers(80, 5).argsort() % 10
    optimizer, loss = nn.SGD(model, 0.05, momentum), nn.CrossEntropy()
    for start in range(0, 80, 8):
        batch, truth = x[start : start + 8], labels[start : start + 8]
        wanted = twin.train_on_batch(batch, truth)
        ours = model.train_step(batch, truth, loss, optimizer)
        assert ours == pytest.approx(float(wanted), rel=1e-6)


def test_weights_go_to_keras_and_back_unchanged():
    model, twin = deck_cnn(0), keras_cnn()
    model.set_weights(twin.get_weights())
    x = numbers((2, 28, 28, 1), dtype="float32")
    np.testing.assert_allclose(model.forward(x), twin(x), rtol=1e-4, atol=1e-5)
    model.set_weights([-weight for weight in model.get_weights()])
    twin.set_weights(model.get_weights())
    np.testing.assert_allclose(model.forward(x), twin(x), rtol=1e-4, atol=1e-5)


def test_get_weights_gives_copies():
    model = deck_cnn(0)
    model.get_weights()[0][:] = 7
    assert not (model.weights[0] == 7).any()


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_everything_stays_in_the_given_dtype(dtype):
    model = deck_cnn(0, dtype, size=8, filters=(2, 3), hidden=4)
    optimizer, loss = nn.SGD(model, np.float64(0.1), 0.9), nn.CrossEntropy()
    model.train_step(numbers((3, 8, 8, 1), 0, dtype), [1, 2, 3], loss, optimizer)
    for layer in model.layers:
        arrays = [layer.out, *layer.weights, *layer.gradients]
        assert {array.dtype.name for array in arrays} == {dtype}
    assert {velocity.dtype.name for velocity in optimizer.velocities} == {dtype}


def test_the_first_weights_are_glorot_uniform_and_repeatable():
    layer = nn.Conv2D(16, 32, 3, rng=7)
    kernel, bias = layer.weights
    limit = np.sqrt(6 / (9 * 16 + 9 * 32))
    assert abs(kernel).max() <= limit
    assert kernel.std() == pytest.approx(limit / np.sqrt(3), rel=0.05)
    assert not bias.any()
    again = nn.Conv2D(16, 32, 3, np.random.default_rng(7))
    np.testing.assert_array_equal(kernel, again.weights[0])


def test_it_learns():
    """Which quarter of the image is bright? A few steps are enough."""
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 4, 256)
    x = rng.random((256, 8, 8, 1)).astype("float32")
    for image, label in zip(x, labels, strict=True):
        row, column = 4 * (label // 2), 4 * (label % 2)
        image[row : row + 4, column : column + 4] += 1
    model = deck_cnn(0, size=8, filters=(4, 8), hidden=16)
    optimizer, loss = nn.SGD(model, 0.05, 0.9), nn.CrossEntropy()
    for step in range(48):
        part = slice(step % 8 * 32, step % 8 * 32 + 32)
        model.train_step(x[part], labels[part], loss, optimizer)
    assert (model.forward(x).argmax(axis=1) == labels).mean() > 0.95


# Bad input.


@pytest.mark.parametrize("code", [c for c in np.typecodes["All"] if c not in "SUVMm"])
@pytest.mark.parametrize("order", "<>")
def test_layers_compute_in_two_dtypes_only(code, order):
    """Each of NumPy's dtypes, in both byte orders."""
    x = np.ones((1, 3), np.dtype(code).newbyteorder(order))
    if x.dtype.isnative and x.dtype.name in ("float32", "float64"):
        assert nn.ReLU().forward(x).dtype == x.dtype
    else:
        with pytest.raises(ValueError, match=r"ReLU.*wanted .* float32 or float64"):
            nn.ReLU().forward(x)


NAN = numbers((2, 3))
NAN[1, 1] = np.nan
PICTURE = (2, 6, 6, 1)


def dense(dtype="float64"):
    return nn.Dense(3, 2, 0, dtype)


def conv():
    return nn.Conv2D(1, 2, 3, 0, dtype="float64")


def after_forward(layer, x):
    layer.forward(x)
    return layer


def loss(logits, labels):
    return nn.CrossEntropy().forward(logits, labels)


LOGITS = np.zeros((2, 3))
MODEL = nn.Sequential([nn.Dense(3, 2, 0)])


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        # shapes
        (lambda: dense().forward(numbers((2, 4))), r"Dense\(3, 2\).*\(2, 4\).*3"),
        (lambda: dense().forward(numbers(3)), r"Dense.*\(3,\), wanted \('batch', 3\)"),
        (lambda: dense().forward(np.float64(1.0)), "Dense.*wanted a NumPy array"),
        # its dtype is right, and it is no array
        (lambda: dense().forward(tf.zeros((1, 3), "float64")), "input is EagerTensor,"),
        (lambda: conv().forward(numbers((2, 6, 6))), r"Conv2D.*\(2, 6, 6\)"),
        (lambda: conv().forward(numbers((2, 6, 6, 3))), r"Conv2D.*\(2, 6, 6, 3\)"),
        (lambda: conv().forward(numbers((2, 2, 6, 1))), "Conv2D.*smaller than the ker"),
        (lambda: conv().forward(numbers((2, 6, 2, 1))), "Conv2D.*smaller than the ker"),
        (lambda: nn.MaxPool2D(2).forward(numbers((2, 6))), r"MaxPool2D.*\(2, 6\)"),
        (lambda: nn.MaxPool2D(7).forward(numbers(PICTURE)), "MaxPool2D.*smaller than"),
        (lambda: nn.Softmax().forward(numbers(3)), "Softmax.*classes"),
        # a gradient that would broadcast, or has another dtype
        (
            lambda: after_forward(dense(), LOGITS).backward(numbers((1, 2))),
            r"Dense.*gradient.*\(1, 2\), wanted \(2, 2\)",
        ),
        (
            lambda: after_forward(conv(), numbers(PICTURE)).backward(
                numbers((2, 4, 4, 1))
            ),
            r"Conv2D.*gradient.*\(2, 4, 4, 1\)",
        ),
        (
            lambda: after_forward(nn.ReLU(), LOGITS).backward(numbers(3)),
            r"ReLU.*gradient.*\(3,\)",
        ),
        (
            lambda: after_forward(dense(), LOGITS).backward(np.ones((2, 2), "float32")),
            "Dense.*gradient is float32, wanted .* float64",
        ),
        # empty batches
        (lambda: dense().forward(numbers((0, 3))), r"Dense.*\(0, 3\)"),
        (lambda: conv().forward(numbers((0, 6, 6, 1))), r"Conv2D.*\(0, 6, 6, 1\)"),
        (lambda: nn.Flatten().forward(numbers((0, 3))), r"Flatten.*\(0, 3\)"),
        (lambda: loss(numbers((0, 3)), []), r"CrossEntropy.*\(0, 3\)"),
        # NaN and infinity
        (lambda: dense().forward(NAN), "Dense.*NaN"),
        (lambda: conv().forward(np.full(PICTURE, np.nan)), "Conv2D.*NaN"),
        (lambda: conv().forward(np.full(PICTURE, np.inf)), "Conv2D.*infinity"),
        (lambda: nn.ReLU().forward(NAN), "ReLU.*NaN"),
        (lambda: loss(NAN, [0, 1]), "CrossEntropy.*logits.*NaN"),
        (
            lambda: after_forward(nn.ReLU(), LOGITS).backward(NAN),
            "ReLU.*gradient.*NaN",
        ),
        # dtypes
        (lambda: dense("float32").forward(LOGITS), "Dense.*float64, wanted .* float32"),
        (lambda: dense().forward(np.ones((2, 3), int)), "Dense.*int64"),
        (lambda: nn.ReLU().forward([[1.0, 2.0]]), "ReLU.*list"),
        (lambda: dense("int32"), "Dense.*int32"),
        # sizes
        (lambda: nn.Dense(0, 2, 0), r"Dense\(0, 2\).*whole numbers from 1"),
        (lambda: nn.Conv2D(1, 2, 3, 0, strides=0), "Conv2D.*whole numbers from 1"),
        (lambda: nn.Conv2D(1, 2.5, 3, 0), r"Conv2D\(1, 2.5, 3, 1\)"),
        (lambda: nn.MaxPool2D(-2), r"MaxPool2D\(-2\)"),
        # labels
        (lambda: loss(LOGITS, [0, 3]), r"labels are \[0 3\], wanted .* 0 to 2"),
        (lambda: loss(LOGITS, [0, 7]), r"labels are \[0 7\]"),
        (lambda: loss(LOGITS, [0, -1]), r"labels are \[ 0 -1\]"),
        (lambda: loss(LOGITS, [0.0, 1.0]), "labels.*whole numbers"),
        (lambda: loss(LOGITS, [True, False]), "labels.*whole numbers"),
        (lambda: loss(LOGITS, [0, 1, 2]), "labels.*2 whole numbers"),
        (lambda: loss(LOGITS, 1), "labels are 1"),
        (lambda: loss(LOGITS, [[1, 0]] * 2), r"truth.*\(2, 2\), wanted \(2, 3\)"),
        (lambda: loss(LOGITS, [[1, 0, 0]]), r"truth.*\(1, 3\), wanted \(2, 3\)"),
        (lambda: loss(LOGITS, [[0.5, 0.4, 0]] * 2), "(?s)truth.*sum 1"),
        (lambda: loss(LOGITS, [[1.5, -0.5, 0]] * 2), "(?s)truth.*>= 0"),
        (lambda: loss(LOGITS, [[np.nan, 1, 0]] * 2), "truth.*NaN"),
        # the optimizer, and weights that do not fit
        (lambda: nn.SGD(MODEL, 0), "SGD: learning_rate 0"),
        (lambda: nn.SGD(MODEL, -0.1), "SGD: learning_rate -0.1"),
        (lambda: nn.SGD(MODEL, np.nan), "SGD: learning_rate nan"),
        (lambda: nn.SGD(MODEL, np.inf), "SGD: learning_rate inf"),
        (lambda: nn.SGD(MODEL, 0.1, momentum=1), "momentum 1"),
        (lambda: nn.SGD(MODEL, 0.1, momentum=-0.1), "momentum -0.1"),
        (lambda: MODEL.set_weights([np.zeros((3, 2))]), r"given shapes \[\(3, 2\)\]"),
        (lambda: MODEL.set_weights([np.zeros((3, 2)), np.zeros(1)]), "set_weights"),
        (lambda: MODEL.set_weights([np.zeros((9, 9)), np.zeros(9)]), "set_weights"),
    ],
)
def test_bad_input(wrong, message):
    with pytest.raises(ValueError, match=message):
        wrong()


@pytest.mark.parametrize(
    "layer",
    [dense(), conv(), nn.MaxPool2D(2), nn.ReLU(), nn.Flatten(), nn.Softmax()],
    ids=str,
)
def test_backward_before_forward(layer):
    with pytest.raises(RuntimeError, match=f"{type(layer).__name__}.*before forward"):
        layer.backward(LOGITS)


def test_backward_before_forward_of_the_loss():
    with pytest.raises(RuntimeError, match=r"CrossEntropy.*before forward"):
        nn.CrossEntropy().backward()


def test_a_step_before_backward():
    with pytest.raises(RuntimeError, match=r"SGD.*before backward"):
        nn.SGD(MODEL, 0.1).step()
