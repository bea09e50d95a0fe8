"""Lesson 7's loop: each try against the kept network, in a table that stays."""

import json
import os
import sys

import numpy as np
import pytest

from utils import tries
from utils.callbacks import SaveBest
from utils.project import load_model
from utils.tries import Tries, differences, settings

N = 700  # images; image i has a single pixel, number i
X, Y = np.eye(N, 784, dtype="float32"), np.arange(N) % 10

pytestmark = pytest.mark.usefixtures("keras")


def network(right, rate=0.001):
    """A network that reads the first so many images right, the others wrong."""
    import keras

    model = keras.Sequential(
        [keras.Input((784,)), keras.layers.Dense(10, use_bias=False)]
    )
    kernel = np.zeros((784, 10))
    kernel[np.arange(N), (Y + (np.arange(N) >= right)) % 10] = 1
    model.set_weights([kernel])
    model.compile(keras.optimizers.Adam(rate), "sparse_categorical_crossentropy")
    return model


@pytest.fixture
def attempt(tmp_path, capsys):
    """A function: one try in a new kernel; returns what is said, and what is kept."""

    def attempt(model, note="a note", mine=None):
        mine = mine or Tries(tmp_path, X, Y)
        capsys.readouterr()
        mine.attempt(model, note)
        kept = load_model(tmp_path / "model.keras")
        right = int((np.argmax(kept(X), axis=1) == Y).sum())
        return capsys.readouterr().out, right

    return attempt


def lines(folder):
    return json.loads((folder / "tries.json").read_text("utf-8"))["tries"]


def test_each_try_is_compared_with_the_network_that_is_kept(attempt, tmp_path):
    said, kept = attempt(network(600), "the first")
    assert said.startswith("Try 1: 85.71% of 700 images.\n")
    assert kept == 600
    said, kept = attempt(network(640, rate=0.01), "faster")
    assert "One thing differs from the kept one: learning_rate: 0.001 → 0.01." in said
    assert "reads 0 images; only this one reads 40: a difference of +40.\n" in said
    assert "Luck reaches 12.6. It is better by more than luck: it is kept.\n" in said
    assert said.endswith("model.keras is try 2.\n")
    assert kept == 640
    # Better than the first network, and not than the kept one.
    said, kept = attempt(network(620), "back again")
    assert "learning_rate: 0.01 → 0.001" in said
    assert "Only try 2, the kept one, reads 20 images; only this one reads 0" in said
    assert "It is worse by more than luck: not kept.\n" in said
    assert kept == 640
    said, kept = attempt(network(643, rate=0.01), "luck")
    assert "No layer and no setting differs" in said
    assert "Luck reaches 3.5. That is inside: not kept.\n" in said
    assert kept == 640
    assert [line["note"] for line in lines(tmp_path)] == [
        *("the first", "faster", "back again", "luck")
    ]
    assert [line["kept"] for line in lines(tmp_path)] == [True, True, False, False]
    rows = Tries(tmp_path, X, Y).table().rows
    assert [row["kept"] for row in rows] == ["yes", "yes, now", "no", "no"]
    assert [row["difference"] for row in rows] == [None, 40, -20, 3]
    assert [row["only the kept one"] for row in rows] == [None, 0, 20, 0]
    assert [row["only this one"] for row in rows] == [None, 40, 0, 3]


def test_the_same_network_again_is_no_new_line(attempt, tmp_path):
    model = network(600)
    attempt(model, "the first")
    for same in (model, network(600), load_model(tmp_path / "model.keras")):
        said, kept = attempt(same, "something else")
        assert "exactly the weights of try 1, which is the kept one" in said
        assert kept == 600
    attempt(network(300), "worse")
    said, _ = attempt(network(300), "worse")
    assert "exactly the weights of try 2, which is not kept" in said
    assert [line["note"] for line in lines(tmp_path)] == ["the first", "worse"]


def test_a_kept_network_that_is_trained_on_is_compared_with_itself_as_saved(
    attempt, tmp_path
):
    model = network(600)
    attempt(model)
    model.set_weights(network(650).get_weights())  # the same object, as fit does it
    said, kept = attempt(model)
    assert "reads 0 images; only this one reads 50" in said
    assert kept == 650


def test_two_notebooks_write_into_one_table(attempt, tmp_path):
    one, other = Tries(tmp_path, X, Y), Tries(tmp_path, X, Y)
    attempt(network(600), "one", mine=one)
    said, kept = attempt(network(500), "other", mine=other)
    assert "Only try 1, the kept one, reads 100 images" in said
    assert kept == 600
    assert [line["note"] for line in lines(tmp_path)] == ["one", "other"]


def test_the_learner_s_own_count_decides(tmp_path, capsys):
    mine = Tries(tmp_path, X, Y)
    mine.attempt(network(600), "first")
    asked = []

    def count(old, new):
        asked.append((old.sum(), new.sum()))
        return np.array([1.0, 50.0])

    mine.attempt(network(600 - 1), "second", count)
    assert asked == [(600, 599)]
    assert mine.comparisons() == {"2: second": [1, 50]}
    assert "reads 1 images; only this one reads 50" in capsys.readouterr().out


def test_a_stop_while_saving_loses_nothing(attempt, tmp_path, monkeypatch):
    """At every moment of a try: the kept network loads, no line is lost."""
    attempt(network(600), "first")
    replace = os.replace
    # Stopped before model.keras has its name, then before tries.json has it.
    for name, kept in (("model.keras", 600), ("tries.json", 650)):

        def stopped(new, path, name=name):
            if path.name == name:
                raise KeyboardInterrupt
            replace(new, path)

        monkeypatch.setattr(os, "replace", stopped)
        with pytest.raises(KeyboardInterrupt):
            Tries(tmp_path, X, Y).attempt(network(650), "better")
        monkeypatch.undo()
        again = Tries(tmp_path, X, Y)
        assert again.lines[again.now - 1]["accuracy"] == kept / N
        assert again.lines[0]["note"] == "first"
    said, kept = attempt(network(650), "better")
    assert "exactly the weights of try 2, which is the kept one" in said
    assert kept == 650


def test_other_images_get_a_table_of_their_own(attempt, tmp_path, capsys):
    attempt(network(600), "first")
    (tmp_path / "card.md").write_text("my card")
    capsys.readouterr()
    mine = Tries(tmp_path, X, (Y + 1) % 10)
    assert f"other images is now in {tmp_path / 'earlier-1'}" in capsys.readouterr().out
    assert mine.lines == []
    mine.attempt(network(10), "on other images")
    assert mine.now == 1
    assert Tries(tmp_path, X, Y).lines == []  # and those are aside now
    assert lines(tmp_path / "earlier-1")[0]["note"] == "first"
    assert (tmp_path / "earlier-1" / "card.md").read_text() == "my card"
    assert lines(tmp_path / "earlier-2")[0]["note"] == "on other images"


@pytest.mark.parametrize("damage", [b"", b"half of {", b"[]", b'{"images": 1}'])
def test_a_damaged_table_is_set_aside(attempt, tmp_path, damage):
    attempt(network(600))
    (tmp_path / "tries.json").write_bytes(damage)
    assert Tries(tmp_path, X, Y).lines == []
    assert (tmp_path / "earlier-1" / "tries.json").read_bytes() == damage
    assert load_model(tmp_path / "earlier-1" / "model.keras")


def test_without_the_kept_network_the_next_one_is_kept(attempt, tmp_path, capsys):
    attempt(network(600))
    (tmp_path / "model.keras").write_bytes(b"damaged")
    capsys.readouterr()
    assert Tries(tmp_path, X, Y).now is None
    assert "No network is kept now: " in capsys.readouterr().out
    with pytest.raises(ValueError, match="damaged"):
        Tries(tmp_path, X, Y).kept()
    said, kept = attempt(network(500))
    assert said.endswith("model.keras is try 2.\n")
    assert kept == 500
    (tmp_path / "model.keras").unlink()
    said, _ = attempt(network(600))  # the weights of try 1 again
    assert "model.keras is gone. Have you a copy?" in said
    assert said.endswith("model.keras is try 3.\n")
    assert Tries(tmp_path, X, Y).now == 3


def test_without_tries_the_table_says_so(tmp_path):
    mine = Tries(tmp_path, X, Y)
    assert repr(mine) == mine._repr_html_() == "No tries yet."


def test_a_model_that_cannot_read_the_images_is_named(keras, tmp_path):
    mine = Tries(tmp_path, X, Y)
    layers = keras.layers
    small = keras.Sequential([keras.Input((784,)), layers.Dense(4)])
    for model, words in ((small, "4 outputs for 10 classes"), (None, "you gave None")):
        with pytest.raises(ValueError, match=words):
            mine.attempt(model, "wrong")
    assert lines(tmp_path) == []


# --- what differs ---------------------------------------------------------------------


def convolutional(first=8, second=16, third=None, drop=0.2, kernel=3, shift=False):
    import keras

    layers = keras.layers
    features = [layers.RandomTranslation(0.1, 0.1)] if shift else []
    features += [layers.Conv2D(first, kernel), layers.MaxPooling2D(2)]
    features += [layers.Conv2D(second, 3, activation="relu")]
    if third:
        features += [layers.Conv2D(third, 3)]
    end = [layers.Flatten(), layers.Dropout(drop), layers.Dense(10)]
    model = keras.Sequential([keras.Input((28, 28, 1)), *features, *end])
    model.compile("adam", "mse")
    return model


def other_optimizer(make):
    def changed():
        import keras

        model = convolutional()
        model.compile(make(keras.optimizers), "mse")
        return model

    return changed


CHANGES = [
    (convolutional, []),
    (lambda: convolutional(16, 32), ["filters of Conv2D: 8 → 16, 16 → 32"]),
    (lambda: convolutional(kernel=5), ["kernel_size of Conv2D: 3 x 3 → 5 x 5"]),
    (lambda: convolutional(third=64), ["one layer more: Conv2D, filters 64"]),
    (lambda: convolutional(drop=0.5), ["rate of Dropout: 0.2 → 0.5"]),
    (lambda: convolutional(shift=True), ["one layer more: RandomTranslation"]),
    (
        lambda: convolutional(drop=0.5, second=20),
        ["filters of Conv2D: 16 → 20", "rate of Dropout: 0.2 → 0.5"],
    ),
    (
        other_optimizer(lambda some: some.Adam(0.003)),
        ["learning_rate: 0.001 → 0.003"],
    ),
    (  # its steps follow from epochs and batches: no thing of their own
        other_optimizer(lambda some: some.Adam(some.schedules.CosineDecay(0.1, 9))),
        ["learning_rate: 0.001 → CosineDecay(initial_learning_rate=0.1)"],
    ),
    (other_optimizer(lambda some: some.SGD(0.001)), ["optimizer: Adam → SGD"]),
    (other_optimizer(lambda some: some.Adam(beta_1=0.8)), ["beta_1: 0.9 → 0.8"]),
]


@pytest.mark.parametrize(("change", "wanted"), CHANGES)
def test_what_differs_is_read_from_the_networks(change, wanted):
    old = json.loads(json.dumps(settings(convolutional())))  # as from the disk
    new = settings(change())
    assert differences(old, new) == wanted
    assert len(differences(new, old)) == len(wanted)


def test_epochs_and_batches_are_read_from_the_training(keras):
    def trained(**fit):
        model = keras.Sequential([keras.Input((784,)), keras.layers.Dense(10)])
        model.compile("adam", "mse")
        model.fit(X, np.zeros((N, 10)), verbose=0, **fit)
        return settings(model)

    before = trained(epochs=1, batch_size=100)
    after = trained(epochs=2, batch_size=50)
    wanted = ["batches in an epoch: 7 → 14", "epochs: 1 → 2"]
    assert differences(before, after) == wanted


def test_two_things_are_said_to_be_two():
    assert tries._told(["a", "b"]) == (
        "2 things differ from the kept one: a; b. Whatever comes out, you do not know "
        "which of them did it."
    )


def test_seconds_of_all_trainings_are_in_the_line(keras, tmp_path, monkeypatch):
    model = network(600)
    now = iter([10.0, 13.0, 20.0, 24.0])
    # Only SaveBest's clock: Keras measures, too.
    clock = type("Clock", (), {"monotonic": lambda: next(now)})
    monkeypatch.setattr(sys.modules[SaveBest.__module__], "time", clock)
    watching = SaveBest(tmp_path / "new.keras")
    for _ in range(2):
        model.fit(X, Y, validation_data=(X, Y), verbose=0, callbacks=[watching])
    mine = Tries(tmp_path, X, Y)
    mine.attempt(model, "twice")
    assert mine.table().rows[0]["seconds"] == 7
    assert "twice" in repr(mine)
    assert "<td" in mine._repr_html_()
