"""DigitPad: in Python, and in a real JupyterLab with a real mouse."""

import json
import os
import re
import socket
import subprocess
import sys
import time
import urllib.request

import numpy as np
import pytest
from test_page import draw

import utils
from utils import data, device, drawing
from utils.pad import DigitPad


@pytest.fixture(scope="module")
def keras():
    device.setup()
    import keras

    return keras


@pytest.fixture(scope="module")
def reader(keras):
    """A small network, trained for some seconds on the embedded digits."""
    (images, labels), _ = data.load_mnist("digits")
    keras.utils.set_random_seed(0)
    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.RandomTranslation(0.1, 0.1, fill_mode="constant"),
            layers.Conv2D(16, 5, strides=2, activation="relu"),
            layers.Conv2D(32, 3, strides=2, activation="relu"),
            layers.Flatten(),
            layers.Dropout(0.2),
            layers.Dense(10),
        ]
    )
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(0.002), loss)
    converted = np.array([drawing.to_mnist(image) for image in images])
    model.fit(data.prepare(converted), labels, batch_size=32, epochs=15, verbose=0)
    return model


def test_pad_answers_a_drawing(reader):
    pad = utils.DigitPad(reader)
    assert pad.probabilities.sum() == 0
    for digit in (1, 3, 7):
        pad.draw(drawing.example(digit))
        assert pad.probabilities.argmax() == digit
        assert pad.probabilities.sum() == pytest.approx(1)
        assert np.array_equal(pad.drawing, drawing.example(digit))
        assert np.array_equal(pad.image, drawing.to_mnist(drawing.example(digit)))
        assert pad.seen == pad.image.ravel().tolist()
    pad.draw(np.zeros((84, 84)))
    assert pad.chances == []
    assert pad.seen == []
    with pytest.raises(ValueError, match="empty"):
        pad.image  # noqa: B018
    with pytest.raises(ValueError, match=r"shape \(28, 28\); wanted \(84, 84\)"):
        pad.draw(np.zeros((28, 28)))


def test_a_new_pad_is_empty_and_quiet():
    pad = DigitPad()
    assert not pad.drawing.any()
    assert repr(pad) == "A pad to draw a digit on. It appears in a running notebook."
    pad.draw(drawing.example(2))  # no model: nothing to answer
    assert pad.probabilities.shape == (10,)


def test_without_anywidget_the_lesson_goes_on():
    code = (
        "import sys; sys.modules['anywidget'] = None\n"
        "from utils import DigitPad, drawing\n"
        "pad = DigitPad(); print(pad); pad.draw(drawing.example(7))\n"
        "print(pad.image.shape)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert "the package anywidget is missing" in done.stdout, done.stderr
    assert "(28, 28)" in done.stdout


@pytest.mark.parametrize("shape", [(28, 28), (784,), (28, 28, 1)])
@pytest.mark.parametrize("activation", [None, "softmax"])
def test_logits_and_probabilities_are_told_apart(keras, shape, activation):
    keras.utils.set_random_seed(0)
    layers = keras.layers
    model = keras.Sequential(
        [keras.Input(shape), layers.Flatten(), layers.Dense(10, activation)]
    )
    pad = DigitPad(model)
    pad.draw(drawing.example(4))
    x = data.prepare(pad.image).reshape(1, *shape)
    outputs = keras.ops.convert_to_numpy(model(x))[0].astype("float64")
    if activation is None:
        outputs = np.exp(outputs) / np.exp(outputs).sum()
    assert np.allclose(pad.probabilities, outputs, atol=1e-6)


def test_other_models_are_refused(keras):
    layers = keras.layers
    colour = keras.Sequential(
        [keras.Input((32, 32, 3)), layers.Flatten(), layers.Dense(10)]
    )
    two = keras.Sequential([keras.Input((784,)), layers.Dense(2)])
    for model, words in [
        (colour, r"input has shape \(n, 32, 32, 3\); wanted"),
        (two, r"output has shape \(n, 2\); wanted \(n, 10\)"),
        ("model.keras", "you gave str"),
        (keras.Sequential([layers.Dense(10)]), "Sequential"),
    ]:
        with pytest.raises(ValueError, match=words):
            DigitPad(model)


# --- in JupyterLab --------------------------------------------------------------------

NOTEBOOK = """\
import keras
from utils import DigitPad
pad = DigitPad(keras.models.load_model("reader.keras"))
pad"""


@pytest.fixture
def lab(tmp_path, reader):
    """The address of a JupyterLab with one notebook; ended afterwards."""
    reader.save(tmp_path / "reader.keras")
    cell = {"cell_type": "code", "execution_count": None, "id": "pad", "outputs": []}
    notebook = {
        "cells": [{**cell, "metadata": {}, "source": NOTEBOOK}],
        "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    (tmp_path / "pad.ipynb").write_text(json.dumps(notebook), "utf-8")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "jupyter", "lab", "--no-browser", f"--port={port}"]
    command += ["--ip=127.0.0.1", "--IdentityProvider.token=drawn-in-a-test"]
    command += [f"--ServerApp.root_dir={tmp_path}", "--LabApp.news_url="]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.append("--allow-root")
    home = tmp_path / "home"
    home.mkdir()
    places = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR")
    settings = {**os.environ, **{name: str(home / name) for name in places}}
    log = (tmp_path / "lab.log").open("w")
    server = subprocess.Popen(command, env=settings, stdout=log, stderr=log)
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(300):
            assert server.poll() is None, (tmp_path / "lab.log").read_text()[-2000:]
            try:
                urllib.request.urlopen(f"{address}/api", timeout=1).close()
                break
            except OSError:
                time.sleep(0.2)
        yield f"{address}/lab/tree/pad.ipynb?token=drawn-in-a-test"
    finally:
        server.terminate()
        server.wait(30)
        log.close()


def test_pad_in_jupyterlab(page, lab, serious, tmp_path):
    page.goto(lab)
    page.locator(".jp-Notebook .jp-CodeCell").first.wait_for(timeout=60_000)
    # The status bar knows; the notebook's own sign is idle before there is a kernel,
    # and a cell that is run then does nothing.
    idle = page.get_by_role("button", name="Python 3 (ipykernel) | Idle")
    idle.wait_for(timeout=60_000)
    # A question about news may lie on top.
    for button in page.locator(".jp-toast-button, .Toastify__close-button").all():
        button.click(timeout=2000)
    page.locator(".jp-Notebook .jp-CodeCell").first.click()
    page.keyboard.press("Control+Enter")
    page.locator(".sketch-canvas").wait_for(timeout=60_000)
    page.locator(".sketch-canvas").scroll_into_view_if_needed()
    answer = page.locator(".sketch-answer")
    for digit in (1, 3, 7):
        draw(page, digit)
        page.wait_for_function(
            "digit => document.querySelector('.sketch-answer').innerText"
            " === `It reads ${digit}.`",
            arg=digit,
            timeout=10_000,
        )
        shown = page.locator(".sketch-percent").all_inner_texts()
        assert sum(float(text.split()[0]) for text in shown) == pytest.approx(
            100, abs=1
        )
        page.locator(".sketch-clear").focus()
        page.keyboard.press("Enter")
        page.wait_for_function(
            "document.querySelector('.sketch-answer').innerText === ''", timeout=10_000
        )
    assert answer.inner_text() == ""
    draw(page, 3)
    page.screenshot(path=tmp_path / "pad.png")
    ours = re.compile("sketch")
    assert [line for line in serious(page) if ours.search(line)] == []
