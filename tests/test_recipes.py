"""The fast recipe of lesson 4, and the figures that the lesson quotes."""

import numpy as np
import pytest

from tools import recipes
from tools.notebooks import ROOT
from utils import data, device
from utils.records import measured

LESSON = ROOT / "lessons" / "04_cnn.py"


def test_fast_recipe_on_mnist(long_training):
    """The floor is lower than the promised median of 99.0 %: this is one seed."""
    device.setup()
    (images, labels), (images_test, labels_test) = data.load_mnist(long_training)
    model = recipes.fast(data.prepare(images), data.check_labels(labels), seed=0)
    assert model.count_params() == 1_199_882
    outputs = model.predict(data.prepare(images_test), batch_size=500, verbose=0)
    assert (outputs.argmax(axis=1) == labels_test).mean() >= 0.988


def test_hardest_are_those_with_the_least_likely_label():
    class Judge:
        def predict(self, x, **kwargs):
            return np.array([[0, 5], [5, 0], [0, 1], [1000, 0]], "float32")

    x, y = np.zeros((4, 28, 28, 1)), [1, 1, 1, 1]
    assert recipes.hardest(Judge(), x, y, share=0.5).tolist() == [3, 1]


@pytest.mark.parametrize(
    "ingredient",
    [
        "// 6]",
        "initial_learning_rate=0.00025",
        "warmup_target=0.0025",
        "warmup_steps=steps // 5",
        "decay_steps=steps - steps // 5",
        "label_smoothing=0.1",
        "32 is Keras's own batch size",
    ],
)
def test_lesson_builds_the_recipe_that_is_measured(ingredient):
    assert ingredient in LESSON.read_text("utf-8")


def test_measured_recipe_is_the_lessons():
    """What the lesson's text has, seen from the other side: tools.recipes."""
    device.setup()
    model = recipes.cnn(100, peak=0.0025)
    schedule = model.optimizer._learning_rate.get_config()
    assert schedule["initial_learning_rate"] == pytest.approx(0.00025)
    assert schedule["warmup_target"] == 0.0025
    assert (schedule["warmup_steps"], schedule["decay_steps"]) == (20, 80)
    assert model.loss.get_config()["label_smoothing"] == 0.1


def test_tricks_are_added_one_by_one(monkeypatch):
    """Each changes what it says and nothing else; each row sees as many images."""
    device.setup()
    seen = []

    def cnn(steps, peak, smoothing):
        model = recipes.deck_cnn.build()
        model.compile("sgd", "mse")
        seen.append((steps, peak, smoothing))
        model.fit = lambda x, y, **settings: seen.append((len(x), x.ravel()))
        return model

    monkeypatch.setattr(recipes, "cnn", cnn)
    monkeypatch.setattr(recipes, "hardest", lambda *_: np.arange(320))
    x = np.zeros((1920, 28, 28, 1), "float32")
    x[:, 0, 0, 0] = np.arange(1920)
    for count in range(5):
        recipes.fast(x, np.arange(1920) % 10, seed=0, tricks=recipes.TRICKS[:count])
    assert seen[::2] == [
        (7, None, 0.0),
        (30, None, 0.0),
        (30, 0.0025, 0.0),
        (30, 0.0025, 0.1),
        (30, 0.0025, 0.1),
    ]
    orders = [pixels.reshape(960, -1)[:, 0] for _, pixels in seen[1::2]]
    for order in orders[:4]:
        assert len(set(order)) == 960
        np.testing.assert_array_equal(order, orders[0])
    np.testing.assert_array_equal(orders[4][:320], orders[0][:320])
    assert sorted(orders[4][320:]) == sorted([*range(320)] * 2)


def test_the_table_says_what_was_measured(monkeypatch):
    way = {"accuracy": 0.98, "accuracy_range": [0.975, 0.985], "images": 1200}
    found = {"ways": {"plain": way | {"seconds": 34}}, "seeds": [0, 1, 2]}
    found |= {"date": "2026-11-29", "machine": "a laptop"}
    monkeypatch.setitem(measured.measured, "ablation", found)
    table = measured.ablation_table()
    assert table.caption == "Medians of 3 seeds, 2026-11-29, a laptop."
    assert table.rows == [
        {
            "recipe": "plain",
            "test accuracy": "98.00%",
            "from ... to": "97.50% ... 98.50%",
            "images seen": 1200,
            "processor seconds": 34,
        }
    ]


def test_each_trick_of_the_table_brings_something():
    """The lesson says that tricks make it better, with as many images."""
    ways = measured.measured["ablation"]["ways"]
    assert list(ways) == ["plain", *(f"+ {trick}" for trick in recipes.TRICKS)]
    accuracies = [way["accuracy"] for way in ways.values()]
    assert accuracies[-1] >= 0.99  # the goal
    assert accuracies == sorted(accuracies)
    assert {way["images"] for way in ways.values()} == {27_498}
