"""Lesson 4: what its text says of the outputs, and networks that are really trained."""

import re
from pathlib import Path
from types import SimpleNamespace

import nbformat
import numpy as np
import pytest

from utils import data, device
from utils.exercises import lesson4
from utils.exercises.behaviours import Wrong
from utils.exercises.core import CORRECT, WRONG

NOTEBOOK = "notebooks/solutions/04_cnn.ipynb"
LESSON = Path("lessons/04_cnn.py").read_text("utf-8")


@pytest.fixture
def digits(monkeypatch):
    """(images, labels) of the embedded digits, which the checks read, too."""
    device.setup()
    monkeypatch.setenv("WORKSHOP_DATA", "digits")
    return data.split_validation(
        data.prepare(data.load_mnist()[0][0]), data.load_mnist()[0][1], 1 / 12
    )


def test_a_trained_network_passes_and_an_untrained_one_does_not(digits):
    import keras

    (x, y), (x_val, y_val) = digits
    keras.utils.set_random_seed(0)
    model = lesson4.small_model(lambda layers: layers.MaxPooling2D(2))()
    verdict, text = lesson4.q8.verdict([0.2, model])
    assert verdict is WRONG
    assert "it is not compiled" in text
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizer="adam", loss=loss, metrics=["accuracy"])
    assert "it has not been trained" in lesson4.q8.verdict([0.2, model])[1]
    model.fit(x, y, verbose=0)
    _, accuracy = model.evaluate(x_val, y_val, verbose=0)
    assert lesson4.reads(model) == pytest.approx(accuracy)  # as the bar says
    assert lesson4.q8.verdict([accuracy - 0.15, model])[0] is CORRECT
    assert lesson4.q8.verdict([accuracy - 0.25, model])[0] is WRONG
    assert lesson4.q9.verdict([accuracy, model])[0] is WRONG  # 0.001


def test_exercise_9_wants_another_network_than_exercise_8(monkeypatch):
    network, other = (SimpleNamespace(optimizer=None) for _ in range(2))
    monkeypatch.setattr(lesson4.q8, "_checked", ([0.9, network], "right"))
    with pytest.raises(Wrong, match="this is the network of exercise 8"):
        lesson4.hasty(network, reached=0.1)
    with pytest.raises(Wrong, match="it is not compiled"):
        lesson4.hasty(other, reached=0.1)


def test_the_same_network_with_large_steps_learns_nothing(digits):
    """On this the last sentence of exercise 9 stands."""
    import keras

    (x, y), _ = digits
    keras.utils.set_random_seed(0)
    model = lesson4.small_model(lambda layers: layers.MaxPooling2D(2))()
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(0.1), loss)
    model.fit(x, y, verbose=0)
    assert lesson4.q9.verdict([0.1, model])[0] is CORRECT
    assert lesson4.q9.verdict([0.99, model])[0] is WRONG


def test_what_is_asked_for_fits_the_data(digits, monkeypatch, mnist_file):
    assert lesson4.wanted()[1:] == (0.6, 0.2)
    monkeypatch.setenv("WORKSHOP_DATA", str(mnist_file))
    for fast, wanted, size in (("1", 0.85, 500), ("0", 0.95, 5000)):
        monkeypatch.setenv("WORKSHOP_FAST", fast)
        (images, _), *asked = lesson4.wanted()
        assert asked == [wanted, 0.1]
        assert len(images) == size


def test_the_figure_comes_after_the_exercise_whose_answer_it_shows():
    assert 0 < LESSON.index("ex.q1.check(") < LESSON.index("SlidingKernel(image")


@pytest.mark.parametrize("count", [55_000, 5_500, 1_317])
def test_one_cycle_has_as_many_steps_as_there_are_batches(count):
    line = next(line for line in LESSON.splitlines() if line.startswith("steps = "))
    names = {"pixels": range(count)}
    exec(line, names)
    assert names["steps"] == -(-3 * (count // 6) // 32)


@pytest.fixture(scope="module")
def said():
    """All texts of the solved notebook's outputs."""
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    return "\n".join(
        output.get("text", "") or output.get("data", {}).get("text/plain", "")
        for output in outputs
    )


def test_the_cnn_beats_the_dense_network_with_fewer_images(said):
    dense, cnn = map(
        float, re.search(r"error, %: dense (.*?), CNN (.*?);", said).groups()
    )
    assert cnn < dense < 5
    assert "dense 75,000, CNN 30,000" in said


def test_the_running_accuracy_is_below_the_validation_accuracy(said):
    lines = re.findall(r" accuracy: (\S+).* val_accuracy: (\S+)", said)
    assert len(lines) == 7
    first, second, small, hasty, _, hard, again = np.array(lines, float)
    assert first[0] < first[1] - 0.02  # a mean since the start
    assert second[0] > first[0] + 0.02  # it starts with what it has learned
    assert first[1] - 0.015 < small[1] < first[1] + 0.015  # "nearly as well"
    assert hasty[1] < 0.15
    assert hard[0] < hard[1] - 0.03  # hard images only
    assert hard[0] < again[0]
    assert again[1] > 0.985


def test_pooling_keeps_what_the_text_says(said):
    pooled = re.search(
        r"feature map: largest (\S+), mean (\S+); max: largest (\S+), mean (\S+); "
        r"mean: largest (\S+), mean (\S+)\.",
        said,
    ).groups()
    largest, mean = np.array(pooled, float).reshape(3, 2).T
    assert largest[0] == largest[1] > largest[2]
    assert mean[0] == mean[2] < mean[1]
