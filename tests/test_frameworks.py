"""One CNN in every framework: parity, layouts, isolation, bad input.

TensorFlow and Keras always run; the others where WORKSHOP_FRAMEWORKS=all says so, as
`make test-frameworks` does. Then all must run: a recorded row satisfies nothing.
"""

import os
import signal
import sys

import numpy as np
import pytest

from utils.frameworks import FRAMEWORKS, get, install, parity, reference, runner
from utils.frameworks import torch_words as nn
from utils.frameworks import weights as shared
from utils.frameworks.sources import SideBySide, part

ALL = os.environ.get("WORKSHOP_FRAMEWORKS") == "all"
KEYS = list(FRAMEWORKS) if ALL else ["tensorflow", "keras"]
SLOW = 600  # seconds: this machine may be busy


# Read before conftest removes it; where all must run, no MNIST is an error, too.
SOURCE = os.environ.get("WORKSHOP_DATA") or "mnist"


@pytest.fixture(scope="module")
def truth(request):
    from utils import data

    source = SOURCE if ALL else request.getfixturevalue("mnist_file")
    _, (images, labels) = data.load_mnist(source, fast=False)
    count = 1000 if ALL else 200
    return parity.Truth(data.prepare(images[:count]), labels[:count])


# --- parity ---------------------------------------------------------------------


@pytest.mark.parametrize("key", KEYS)
def test_parity(truth, key):
    row = truth.run(key, timeout=SLOW)
    assert row["probabilities"] <= parity.PROBABILITIES
    assert row["same_classes"]
    if get(key).gradients:
        assert row["gradients"] <= parity.GRADIENTS
        assert row["after_step"] <= parity.PROBABILITIES
    if get(key).derivative:
        assert row["derivative"] == pytest.approx(4 * np.sin(2) + 4 * np.cos(2))
    if "tie" in row:
        winners = {"pytorch": [1, 0, 0, 0], "theano": [1, 1, 1, 1]}
        assert row["tie"] == winners[key]


def test_the_shared_weights_read_digits(truth):
    right = truth.probabilities.argmax(axis=1) == truth.labels
    assert right.mean() >= 0.98


def test_what_is_recorded_has_parity():
    stored = parity.recorded()
    assert list(stored["rows"]) == list(FRAMEWORKS)
    assert stored["images"] == 1000
    for key, row in stored["rows"].items():
        assert row["same_classes"], key
        assert row["probabilities"] <= parity.PROBABILITIES, key
        assert row.get("gradients", 0) <= parity.GRADIENTS, key
        assert ("gradients" in row) == get(key).gradients, key
        assert row["lines"] == parity.lines_of_code(get(key)), "record again"


def test_table_tells_recorded_rows_from_live_ones():
    stored = parity.recorded()["rows"]
    table = parity.table({"keras": {**stored["keras"], "version": "9.9"}})
    said = {row["framework"]: row["ran"] for row in table.rows}
    assert said.pop("Keras on TensorFlow") == "here, now"
    assert set(said.values()) == {"recorded, not run here"}
    assert "recorded on 20" in table.caption
    assert "9.9" in repr(table)


# --- layouts --------------------------------------------------------------------


@pytest.mark.parametrize("dense", ["outputs, inputs", "inputs, outputs"])
def test_layouts_lead_there_and_back(dense):
    ours = shared.load()
    theirs = shared.channels_first(ours, dense)
    back = shared.channels_last(theirs, dense)
    for name, array in ours.items():
        assert np.array_equal(back[name], array), name
    assert theirs["conv_2/kernel"].shape == (64, 32, 3, 3)
    rows = theirs["dense/kernel"] if dense == "inputs, outputs" else None
    rows = theirs["dense/kernel"].T if rows is None else rows
    # map 2, row 1, column 3: place 962 in our flatten, 303 in theirs
    assert np.array_equal(rows[303], ours["dense/kernel"][962])


def test_torch_words_compute_what_the_reference_does():
    network = nn.Sequential(
        nn.Conv2d(1, 32, 3),
        nn.ReLU(),
        nn.Conv2d(32, 64, 3),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(9216, 128),
        nn.ReLU(),
        nn.Linear(128, 10),
        nn.Softmax(dim=1),
    )
    ours = shared.load()
    network.load(shared.channels_first(ours).values())
    images = np.random.default_rng(0).random((3, 28, 28, 1))
    expected = reference.predict(reference.build(ours), images)
    assert np.allclose(network(images.transpose(0, 3, 1, 2)), expected, atol=1e-12)


def test_every_network_can_be_read():
    for key in FRAMEWORKS:
        assert 8 <= len(part(key, "network").splitlines()) <= 30, key
    shown = SideBySide("network", "keras", "caffe")
    assert "# Keras on TensorFlow" in repr(shown)
    assert 'type: "InnerProduct"' in repr(shown)
    assert "&quot;InnerProduct&quot;" in shown._repr_html_()
    with pytest.raises(ValueError, match="PyTorch has no part"):
        part("pytorch", "poetry")
    with pytest.raises(ValueError, match="no framework 'chainer'; there are tensor"):
        get("chainer")


# --- bad weights ----------------------------------------------------------------


def changed(path, **arrays):
    """The shared weights with some arrays replaced, or left out where None."""
    new = {**shared.load(), **arrays}
    np.savez(path, **{k: v for k, v in new.items() if v is not None})
    return path


def test_bad_weights_say_what_is_wrong_and_what_to_do(tmp_path):
    file = tmp_path / "weights.npz"
    nan = np.full((10,), np.nan)
    for name, array, words in (
        ("dense/bias", None, "has no array 'dense/bias'"),
        ("dense/kernel", np.zeros((128, 9216)), r"shape \(128, 9216\), wanted"),
        ("output/bias", np.zeros(10, int), "is int64 of shape"),
        ("output/bias", nan, "has NaN or infinity"),
    ):
        with pytest.raises(ValueError, match=words) as caught:
            shared.load(changed(file, **{name: array}))
        assert "python -m utils.frameworks.weights" in str(caught.value)
    file.write_bytes(shared.FILE.read_bytes()[:1000])
    with pytest.raises(ValueError, match="cannot be read"):
        shared.load(file)
    with pytest.raises(ValueError, match="cannot be read"):
        shared.load(tmp_path / "nothing.npz")


# --- isolation ------------------------------------------------------------------


@pytest.fixture
def no_environments(tmp_path, monkeypatch):
    monkeypatch.setattr(runner, "ENVIRONMENTS", tmp_path)
    monkeypatch.setattr(runner.importlib.util, "find_spec", lambda name: None)
    return tmp_path


def test_what_is_not_installed_says_so_in_one_line(no_environments):
    with pytest.raises(runner.FrameworkError) as caught:
        runner.run("theano", np.zeros((64, 28, 28, 1)), np.zeros(64))
    message = "Theano: not installed here. Next step: make frameworks NAME=old"
    assert str(caught.value) == message
    assert not runner.available("theano")


def test_half_built_environment_is_not_used(no_environments):
    folder = no_environments / "paddle"
    folder.mkdir()
    with pytest.raises(runner.FrameworkError, match=r"PaddlePaddle: .* is half built"):
        runner.python_of(get("paddle"))
    ready = folder / "ready.txt"
    ready.write_text(runner.requirements("paddle").read_text("utf-8"), "utf-8")
    assert runner.python_of(get("paddle")) == runner.executable(folder)
    ready.write_text("paddlepaddle==1.0\n", "utf-8")
    assert not runner.available("paddle")


def crash(signal_number):
    return f"import os; os.kill(os.getpid(), {int(signal_number)})"


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("import time; time.sleep(60)", "no answer after 1 seconds, stopped"),
        ("raise ImportError('no libgomp')", "its process failed: ImportError: no li"),
        ("import sys; sys.exit(3)", "its process failed: no message"),
        pytest.param(
            crash(getattr(signal, "SIGSEGV", 11)),
            r"its process died \(SIGSEGV\)",
            marks=pytest.mark.skipif(sys.platform == "win32", reason="no signals"),
        ),
    ],
)
def test_process_that_fails_dies_or_hangs(code, words):
    timeout = 1 if "sleep" in code else 60
    with pytest.raises(runner.FrameworkError, match=f"MXNet: {words}") as caught:
        runner.call(get("mxnet"), [sys.executable, "-c", code], timeout)
    assert "Next step: " in str(caught.value)
    assert "\n" not in str(caught.value)


def test_process_without_an_answer(no_environments, monkeypatch):
    monkeypatch.setattr(runner, "python_of", lambda framework: sys.executable)
    monkeypatch.setattr(runner, "call", lambda *arguments: None)
    with pytest.raises(runner.FrameworkError, match="JAX: its process gave no answer"):
        runner.run("jax", np.zeros((64, 28, 28, 1)), np.zeros(64))


def test_python_that_does_not_start(tmp_path):
    with pytest.raises(runner.FrameworkError, match="JAX: its Python does not start"):
        runner.call(get("jax"), [tmp_path / "python"], 10)


def test_other_frameworks_still_run(monkeypatch, capsys):
    answers = {"keras": "ran"}

    class Truth:
        def run(self, key):
            if key in answers:
                return answers[key]
            raise runner.FrameworkError(get(key), "not installed here")

    assert parity.run_here(Truth()) == answers
    said = capsys.readouterr().out.splitlines()
    assert len(said) == len(FRAMEWORKS)
    assert "Keras on TensorFlow: ran here, now" in said


def test_install_says_what_cannot_be_had(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(install, "ENVIRONMENTS", tmp_path)
    monkeypatch.setattr(runner, "ENVIRONMENTS", tmp_path)
    monkeypatch.setattr(install, "python_for", lambda name: None)
    assert install.main(["theano", "chainer"]) == 1
    said = capsys.readouterr().out
    assert "old: needs Python 3.8, 3.9, 3.10 or 3.11, and none was found" in said
    assert "chainer: unknown; there are " in said


# --- figures --------------------------------------------------------------------


def test_lives_come_from_the_facts():
    from utils import facts
    from utils.plotting import frameworks as figures

    lives = {fact["name"]: figures.life(fact) for fact in facts.load("framework")}
    assert lives["Theano"] == (2010, 2017)
    assert lives["Caffe"] == (2013, 2017)
    assert lives["MXNet"] == (2015, 2023)
    assert lives["Keras"] == (2015, None)
    alive = [name for name, (_, last) in lives.items() if last is None]
    assert sorted(alive) == ["JAX", "Keras", "PaddlePaddle", "PyTorch", "TensorFlow"]
    order = [fact["name"] for fact in figures.family(facts.load("framework"))]
    assert order.index("PyTorch") == order.index("Caffe") + 1
    assert {f.fact or f.name for f in FRAMEWORKS.values()} == set(lives)
