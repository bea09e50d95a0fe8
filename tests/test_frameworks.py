"""One CNN in every framework: parity, layouts, isolation, bad input.

TensorFlow and Keras always run; the others where WORKSHOP_FRAMEWORKS=all says so, as
`make test-frameworks` does. Then all must run that this machine can have: a recorded
row satisfies nothing, and what it cannot have is skipped, with the reason.
"""

import os
import re
import shutil
import signal
import subprocess
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


def skip_impossible(framework):
    name = framework.environment
    if name and install.python_for(name) is None:
        pytest.skip(f"{framework.name} needs Python 3.8 to 3.11, and none was found")
    if framework.key == "theano" and not shutil.which("g++"):
        pytest.skip("Theano needs g++, which is not here")


@pytest.mark.parametrize("key", KEYS)
def test_parity(truth, key):
    skip_impossible(get(key))
    row = truth.run(key, timeout=SLOW)
    assert row["probabilities"] <= parity.PROBABILITIES
    assert row["same_classes"]
    if get(key).trains:
        assert row["gradients"] <= parity.GRADIENTS
        assert row["after_step"] <= parity.PROBABILITIES
    if get(key).trains and not get(key).backend:  # Keras has none of its own
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
        assert len(row["speed"]) == (stored["rounds"] if get(key).trains else 0), key
        assert row["same_classes"], key
        assert row["probabilities"] <= parity.PROBABILITIES, key
        assert row.get("gradients", 0) <= parity.GRADIENTS, key
        assert ("gradients" in row) == get(key).trains, key
        assert row["lines"] == parity.lines_of_code(get(key)), "record again"


def test_summary_keeps_the_worst_difference_and_all_speeds():
    runs = {
        "tensorflow": [
            {"images_per_second": 100.0, "probabilities": 1e-7, "same_classes": True},
            {"images_per_second": 50.0, "probabilities": 3e-7, "same_classes": True},
        ],
        "jax": [
            {"images_per_second": 25.0, "probabilities": 4e-7, "same_classes": False},
            {"images_per_second": 50.0, "probabilities": 1e-7, "same_classes": True},
        ],
    }
    row = parity.summary("jax", runs)
    assert row["speed"] == [0.25, 1.0]
    assert row["probabilities"] == 4e-7
    assert not row["same_classes"]
    assert parity._with_spread(row["speed"]) == "0.62 (0.25 to 1.00)"
    assert parity._with_spread([]) == "none"


def test_costs_name_their_rounds_and_their_day():
    table = parity.cost_table()
    assert f"median of {parity.recorded()['rounds']} rounds" in table.caption
    assert "Recorded on 20" in table.caption
    assert "2 CPU cores, of one small network" in table.caption
    assert table.rows[0]["training speed (higher is faster)"] == "1.00 (1.00 to 1.00)"
    for row, stored in zip(table.rows, parity.recorded()["rows"].values(), strict=True):
        assert row["disk, MB"] == stored["megabytes"]
        assert row["lines: network, training"] == stored["lines"]


def test_table_tells_recorded_rows_from_live_ones():
    stored = parity.recorded()["rows"]
    table = parity.table({"keras": {**stored["keras"], "version": "9.9"}})
    said = {row["framework"]: row["ran"] for row in table.rows}
    assert said.pop("Keras on TensorFlow") == "here, now"
    assert set(said.values()) == {"recorded, not run here"}
    for row, values in zip(table.rows, stored.values(), strict=True):
        assert float(row["largest difference"]) == pytest.approx(
            values["probabilities"], rel=0.5
        )
        gradients = row["of the gradients"].replace("none", "0")
        assert float(gradients) == pytest.approx(values.get("gradients", 0), rel=0.5)
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
    arrays = list(shared.channels_first(ours).values())
    layers = [part for part in network.modules() if hasattr(part, "weight")]
    for layer, weight, bias in zip(layers, arrays[::2], arrays[1::2], strict=True):
        assert layer.weight.shape == weight.shape
        layer.weight, layer.bias = weight, bias
    images = np.random.default_rng(0).random((3, 28, 28, 1))
    expected = reference.predict(reference.build(ours), images)
    assert np.allclose(network(images.transpose(0, 3, 1, 2)), expected, atol=1e-12)


def test_exercise_5_is_the_network_that_the_lesson_shows_in_keras():
    """The learner's logits are compared with our own; these must be Keras's."""
    import keras
    from keras import layers  # noqa: F401  (the lesson's lines want it)

    from utils.exercises import lesson2

    lesson = (runner.ROOT / "lessons" / "02_frameworks.py").read_text("utf-8")
    lines = re.search(r"# ```python\n(.+?)# ```", lesson, re.DOTALL)[1]
    lines = re.sub("^# ", "", lines, flags=re.MULTILINE)
    model = keras.Sequential(eval(f"[{lines}]"))
    arrays, images = lesson2._arrays()
    for layer, (weight, bias) in zip(
        [layer for layer in model.layers if layer.weights], arrays.values(), strict=True
    ):
        if weight.ndim == 4:
            weight = weight.transpose(2, 3, 1, 0)
        else:  # from PyTorch's order of flatten to Keras's
            weight = weight.reshape(10, 64, 5, 5).transpose(2, 3, 1, 0).reshape(-1, 10)
        layer.set_weights([weight, bias])
    logits = model.predict(images.transpose(0, 2, 3, 1), verbose=0)
    (expected,) = lesson2.q5._expected.values()
    assert np.allclose(logits, expected, atol=1e-4)


@pytest.mark.parametrize("padding", ["same", 2, (2, 2)])
def test_torch_words_know_padding_and_dilation(padding):
    layer = nn.Conv2d(1, 1, 3, padding=padding, dilation=2, bias=False)
    layer.weight[0, 0, 0, 2] = 1  # two up, two to the right
    image = np.arange(30.0).reshape(1, 1, 5, 6)
    moved = np.zeros((5, 6))
    moved[2:, :-2] = image[0, 0, :-2, 2:]
    assert np.array_equal(layer(image)[0, 0], moved)


def test_pytorchs_loop_is_recorded_and_says_so(no_environments, capsys):
    parity.pytorch_loop()
    first, *epochs, line = capsys.readouterr().out.splitlines()
    assert re.fullmatch(
        r"PyTorch 2\.\d+\.\d+, recorded on 20\d\d-\d\d-\d\d, not run here", first
    )
    assert [words.split(":")[0] for words in epochs] == [
        f"Epoch {n}" for n in range(1, 6)
    ]
    w, b = map(float, re.findall(r"\d\.\d\d", line))
    assert abs(w - 2) < 0.1
    assert abs(b - 1) < 0.1


@pytest.mark.skipif(not ALL, reason="PyTorch comes with `make test-frameworks`")
def test_pytorchs_loop_prints_what_is_recorded():
    assert parity.run_loop()["printed"] == parity.recorded()["loop"]["printed"]


def test_what_is_not_installed_is_said_once(no_environments, capsys):
    truth = parity.Truth.__new__(parity.Truth)  # nothing is compared with it
    truth.images, truth.labels = np.zeros((64, 28, 28, 1)), np.zeros(64)
    assert parity.run_here(truth) == {}
    (said,) = capsys.readouterr().out.splitlines()
    assert said.startswith(f"{len(FRAMEWORKS)} others are not installed here")
    assert f"recorded on {parity.recorded()['date']}" in said


@pytest.mark.skipif(not ALL, reason="PyTorch comes with `make test-frameworks`")
def test_exercise_5_gives_the_same_verdicts_with_pytorch_itself():
    program = """if True:
        from utils.exercises import lesson2 as ex
        print(ex.torch_nn().__name__)
        print(ex.q5.verdict(ex.q5.right)[1] == ex.q5.praise)
        for mistake in ex.q5.mistakes:
            print(ex.q5.verdict(mistake.answer)[1] == mistake.message)"""
    done = subprocess.run(
        [runner.python_of(get("pytorch")), "-c", program],
        cwd=runner.ROOT,
        capture_output=True,
        text=True,
        timeout=SLOW,
    )
    assert done.returncode == 0, done.stderr
    name, *same = done.stdout.split()
    assert name == "torch.nn"
    assert len(same) >= 7
    assert set(same) == {"True"}


def test_every_network_can_be_read():
    for key in FRAMEWORKS:
        longest = 90 if key == "caffe" else 30
        assert 8 <= len(part(key, "network").splitlines()) <= longest, key
    shown = SideBySide("network", "keras", "caffe")
    assert "# Keras\n" in repr(shown)
    assert 'type: "InnerProduct"' in repr(shown)
    assert 'type: "InnerProduct"' in shown._repr_html_()
    with pytest.raises(ValueError, match="PyTorch has no part"):
        part("pytorch", "poetry")
    with pytest.raises(ValueError, match="no framework 'chainer'; there are tensor"):
        get("chainer")


def test_what_the_lesson_shows_side_by_side_stands_side_by_side(page):
    """On a page as wide as a notebook's cells on a small laptop, and not cut off."""
    lesson = (runner.ROOT / "lessons" / "02_frameworks.py").read_text("utf-8")
    shown = re.findall(r"^SideBySide\((.+)\)$", lesson, re.MULTILINE)
    assert len(shown) >= 7
    page.set_viewport_size({"width": 940, "height": 800})
    for arguments in shown:
        html = SideBySide(*re.findall(r'"(.+?)"', arguments))._repr_html_()
        page.set_content(f'<body style="margin: 0">{html}</body>')
        tops = page.locator("b").evaluate_all(
            "all => all.map(one => one.getBoundingClientRect().top)"
        )
        assert len(set(tops)) == 1, arguments
        cut = page.locator("pre").evaluate_all(
            "all => all.filter(one => one.scrollWidth > one.clientWidth + 1).length"
        )
        assert cut == 0, arguments


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


def test_an_environment_serves_unless_it_is_hidden(no_environments, monkeypatch):
    python = runner.executable("paddle")
    python.parent.mkdir(parents=True)
    python.touch()
    assert runner.python_of(get("paddle")) == python
    monkeypatch.setenv("WORKSHOP_FRAMEWORKS", "none")  # as tools.notebooks does
    with pytest.raises(runner.NotInstalled):
        runner.python_of(get("paddle"))


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


@pytest.mark.skipif(sys.platform == "win32", reason="a shell script acts as Python")
def test_one_half_built_one_dead_one_hanging_and_the_others_run(
    truth, tmp_path, monkeypatch, capsys
):
    """Four environments: one good, three bad, each in its own way."""

    def environment(name, script):
        python = tmp_path / name / "bin" / "python"
        python.parent.mkdir(parents=True)
        python.write_text(f"#!/bin/sh\n{script}\n")
        python.chmod(0o755)

    monkeypatch.setattr(runner, "ENVIRONMENTS", tmp_path)
    environment("paddle", f'exec {sys.executable} "$@"')  # without paddle in it
    environment("jax", "kill -SEGV $$")
    environment("pytorch", "exec sleep 60")
    keys = ["paddle", "jax", "pytorch", "keras"]
    monkeypatch.setattr(parity, "FRAMEWORKS", {key: get(key) for key in keys})
    run = truth.run
    monkeypatch.setattr(
        truth, "run", lambda key: run(key, timeout=1 if key == "pytorch" else SLOW)
    )
    live = parity.run_here(truth)
    assert list(live) == ["keras"]
    assert live["keras"]["same_classes"]
    assert capsys.readouterr().out.splitlines() == [
        "PaddlePaddle: its process failed: ModuleNotFoundError: No module named "
        "'paddle'. Next step: make frameworks NAME=paddle",
        "JAX: its process died (SIGSEGV). Next step: make frameworks NAME=jax",
        "PyTorch: no answer after 1 seconds, stopped. "
        "Next step: try again, with more time",
        "Keras on TensorFlow: ran here, now",
    ]


def test_install_says_what_cannot_be_had(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(install, "ENVIRONMENTS", tmp_path)
    monkeypatch.setattr(runner, "ENVIRONMENTS", tmp_path)
    monkeypatch.setattr(install, "python_for", lambda name: None)
    assert install.main(["theano"]) == 0  # nothing failed: it cannot be here
    assert capsys.readouterr().out == (
        "theano: not on this machine: needs Python 3.8, 3.9, 3.10 or 3.11, "
        "and none was found\n"
    )
    assert install.main(["chainer"]) == 1
    assert "chainer: unknown; there are " in capsys.readouterr().out


def test_theano_without_a_compiler_says_so(monkeypatch):
    monkeypatch.setattr(runner.shutil, "which", lambda name: None)
    with pytest.raises(runner.FrameworkError) as caught:
        runner.python_of(get("theano"))
    assert str(caught.value) == (
        "Theano: needs the program g++, which is not here. Next step: install g++"
    )


def test_an_installation_that_fails_does_not_stop_the_next(
    tmp_path, monkeypatch, capsys
):
    monkeypatch.setattr(install, "ENVIRONMENTS", tmp_path)
    monkeypatch.setattr(runner, "ENVIRONMENTS", tmp_path)
    tried = []

    def run(command, **kwargs):
        tried.append(command)
        failed = "-r" in command and command[-1].stem == "jax"
        error = "noise\nERROR: No matching distribution found for jax\n"
        return subprocess.CompletedProcess(command, int(failed), None, error)

    monkeypatch.setattr(install.subprocess, "run", run)
    assert install.main(["jax", "caffe"]) == 1
    said = capsys.readouterr().out.splitlines()
    assert said[1] == "jax: ERROR: No matching distribution found for jax"
    assert said[-1] == "caffe: ready"
    assert len(tried) == 4
    assert install.main(["caffe"]) == 0  # once more: the list may be another one
    assert len(tried) == 6


# --- figures --------------------------------------------------------------------


def test_lives_come_from_the_facts():
    from utils import plotting
    from utils.records import facts

    frameworks, relatives = facts.load("framework"), facts.load("relative")
    names = {fact["name"] for fact in frameworks}
    assert {f.fact for f in FRAMEWORKS.values()} == names
    for fact in frameworks:
        if "until" in fact:  # the table beside the picture says the same
            assert str(fact["until"]) in fact["status"]
        assert ("until" in fact) == bool(re.match("end|last|retired", fact["status"]))
    alt = plotting.framework_lives(frameworks, relatives).alt
    assert "Ended: Theano 2017, Caffe 2017, MXNet 2023." in alt
    for line in ("Theano to Aesara", "Caffe to Caffe2", "Caffe2 to PyTorch"):
        assert line in alt


def test_family_stands_below_its_ancestors():
    from utils.plotting.lesson2 import family
    from utils.records import facts

    facts = family([*facts.load("framework"), *facts.load("relative")])
    order = [fact["name"] for fact in facts]
    assert len(order) == len(set(order)) == 15
    for fact in facts:
        if "next" in fact:
            assert order.index(fact["name"]) < order.index(fact["next"])


def test_backends_come_from_the_facts():
    from utils import plotting
    from utils.records import facts

    assert plotting.keras_backends(facts.load("backend")).alt == (
        "Keras's backends: Theano 2015 to 2020; TensorFlow 2015 to today; "
        "CNTK 2017 to 2020; JAX 2023 to today; PyTorch 2023 to today."
    )
