"""DigitPad: in Python, and in a real JupyterLab with a real mouse."""

import json
import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from test_page import answers, draw

import utils
from utils import data, drawing
from utils.pad import DigitPad
from utils.reader import shapes


def test_pad_answers_a_drawing(reader):
    pad = DigitPad(reader)
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
    pad.draw(drawing.example(3) / 255)  # floats from 0 to 1, as data.prepare gives
    assert np.array_equal(pad.drawing, drawing.example(3))
    for bad, words in [
        (np.zeros((28, 28)), r"shape \(28, 28\); wanted \(84, 84\)"),
        (np.zeros((84, 84, 3)), r"wanted \(height, width\)"),
        (np.full((84, 84), 300), "wanted 0 to 255"),
        (np.full((84, 84), np.nan), "from nan to nan"),
    ]:
        with pytest.raises(ValueError, match=words):
            pad.draw(bad)
    assert np.array_equal(pad.drawing, drawing.example(3))  # as before


def test_a_new_pad_is_empty_and_quiet():
    pad = DigitPad()
    assert not pad.drawing.any()
    assert repr(pad) == "A pad to draw a digit on. It appears in a running notebook."
    pad.draw(drawing.example(2))  # no model: nothing to answer
    assert pad.probabilities.shape == (10,)


def test_without_anywidget_the_lesson_goes_on():
    code = (
        "import sys; sys.modules['anywidget'] = None\n"
        "from utils import drawing; from utils.pad import DigitPad\n"
        "pad = DigitPad(); print(pad); pad.draw(drawing.example(7))\n"
        "print(pad.image.shape)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert "the package anywidget is missing" in done.stdout, done.stderr
    assert "(28, 28)" in done.stdout


@pytest.mark.parametrize("shape", [(28, 28), (784,), (28, 28, 1)])
@pytest.mark.parametrize("activation", [None, "softmax", "sigmoid"])
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
        outputs = np.exp(outputs)
    assert np.allclose(pad.probabilities, outputs / outputs.sum(), atol=1e-6)


def test_other_models_are_refused(keras):
    layers = keras.layers
    colour = keras.Sequential(
        [keras.Input((32, 32, 3)), layers.Flatten(), layers.Dense(10)]
    )
    one = keras.Sequential([keras.Input((784,)), layers.Dense(1)])
    inputs = [keras.Input((784,)), keras.Input((784,))]
    two = keras.Model(inputs, layers.Dense(10)(layers.Add()(inputs)))
    for model, words in [
        (colour, r"input has shape \(n, 32, 32, 3\); wanted"),
        (one, r"output has shape \(n, 1\); wanted \(n, classes\)"),
        (two, "one input and one output is wanted; you gave Functional"),
        ("model.keras", "you gave str"),
        (keras.Sequential([layers.Dense(10)]), "has no weights yet"),
    ]:
        with pytest.raises(ValueError, match=words):
            DigitPad(model)


def test_a_function_reads_too_without_keras():
    """Lesson 1 begins with the finished CNN in NumPy; TensorFlow starts for seconds."""
    code = (
        "import sys\n"
        "from utils import drawing; from utils.pad import DigitPad\n"
        "from utils.frameworks import reference, weights\n"
        "net = reference.build(weights.load())\n"
        "pad = DigitPad(lambda images: reference.predict(net, images))\n"
        "for digit in (1, 3, 7):\n"
        "    pad.draw(drawing.example(digit))\n"
        "    print(pad.probabilities.argmax(), round(pad.probabilities.sum(), 6))\n"
        "print(pad.trouble, 'keras' in sys.modules, 'tensorflow' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout == "1 1.0\n3 1.0\n7 1.0\n False False\n", done.stderr


def test_a_functions_output_is_tried_before_anybody_draws():
    pad = DigitPad(lambda images: np.zeros((len(images), 3)))
    assert pad.names == ["0", "1", "2"]
    pad.draw(drawing.example(4))
    assert pad.probabilities.tolist() == pytest.approx([1 / 3] * 3)  # equal logits
    with pytest.raises(ValueError, match=r"shape \(10,\); wanted \(1, classes\)"):
        DigitPad(lambda images: np.zeros(10))


def test_an_input_may_be_in_a_list(keras):
    image = keras.Input((784,))
    model = keras.Model([image], [keras.layers.Dense(10)(image)])
    assert shapes(model) == ((784,), 10)


def test_any_classes_may_be_drawn(keras):
    model = keras.Sequential([keras.Input((784,)), keras.layers.Dense(3, "sigmoid")])
    pad = DigitPad(model, names=["cat", "dog", "cow"])
    assert pad.names == ["cat", "dog", "cow"]
    assert pad.probabilities.tolist() == [0, 0, 0]
    pad.draw(drawing.example(4))
    assert pad.probabilities.shape == (3,)
    assert DigitPad(model).names == ["0", "1", "2"]
    with pytest.raises(ValueError, match="2 names for 3 outputs"):
        DigitPad(model, ["cat", "dog"])
    model.set_weights([weight * 0 - 1e4 for weight in model.get_weights()])
    pad.draw(drawing.example(5))
    assert pad.trouble == (
        "No answer: the network's outputs are all 0: it sees no class at all."
    )


def test_probabilities_in_half_precision_are_not_logits(keras):
    """Their sum is 1 to three digits only; softmax would make all ten nearly equal."""
    keras.utils.set_random_seed(0)
    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Flatten(),
            layers.Dense(10, "softmax", dtype="mixed_float16"),
        ]
    )
    pad = DigitPad(model)
    for digit in range(10):
        pad.draw(drawing.example(digit))
        outputs = keras.ops.convert_to_numpy(model(data.prepare(pad.image)))[0]
        assert np.allclose(pad.probabilities, outputs, atol=2e-3)
        assert pad.probabilities.sum() == pytest.approx(1)


def test_trouble_while_one_draws_is_shown_on_the_pad(keras):
    layers = keras.layers
    model = keras.Sequential(
        [keras.Input((28, 28, 1)), layers.Flatten(), layers.Dense(10)]
    )
    weights = model.get_weights()
    pad = DigitPad(model)
    pad.draw(drawing.example(4))
    assert pad.trouble == ""
    model.set_weights([weight * np.nan for weight in weights])
    pad.draw(drawing.example(5))
    assert pad.trouble.startswith("No answer: the network's outputs are NaN")
    assert pad.chances == []
    model.set_weights(weights)
    pad.draw(drawing.example(6))
    assert pad.trouble == ""
    assert pad.probabilities.sum() == pytest.approx(1)


# --- in a browser, without Python -----------------------------------------------------


@pytest.fixture
def sketch(page):
    """A tab with the pad of sketch.js alone."""
    folder = Path(utils.__file__).parent
    page.set_content("<!doctype html><html lang='en'><title>pad</title><main></main>")
    page.add_style_tag(path=folder / "sketch.css")
    for script in "touch/touch.js", "sketch.js":
        text = (folder / script).read_text("utf-8")
        page.add_script_tag(content=re.sub("(?m)^export ", "", text))
    page.evaluate(
        """() => {
          const names = ["0", "1"];
          const changed = (pixels) => { window.pixels = pixels; };
          window.pad = sketch(
            document.querySelector("main"), { side: 84, pen: 6.6, names, changed });
          pad.show([], []);
        }"""
    )
    return page


def ink(tab):
    """What is drawn, uint8, shape (84, 84), when the pad has had time to say it."""
    tab.wait_for_timeout(200)
    pixels = tab.evaluate("() => window.pixels ?? Array(84 * 84).fill(0)")
    return np.array(pixels, "uint8").reshape(84, 84)


def touches(tab):
    """A function that sends a touch event of Chromium's own: kind, places on the pad.

    Places are (x, y), from 0 to 1; one for each finger.
    """
    canvas = tab.locator(".sketch-canvas")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    session = tab.context.new_cdp_session(tab)

    def send(kind, *places):
        points = [
            {
                "x": box["x"] + x * box["width"],
                "y": box["y"] + y * box["height"],
                "id": finger,
            }
            for finger, (x, y) in enumerate(places)
        ]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    return send


def test_second_finger_draws_nothing(sketch):
    """A palm on the screen must not be joined with the drawing finger."""
    touch = touches(sketch)
    touch("touchStart", (0.2, 0.2))
    touch("touchMove", (0.2, 0.5))
    touch("touchStart", (0.2, 0.5), (0.8, 0.5))
    touch("touchMove", (0.2, 0.6), (0.8, 0.6))
    touch("touchMove", (0.2, 0.8), (0.8, 0.8))
    touch("touchEnd")
    drawn = ink(sketch)
    columns = np.flatnonzero(drawn.any(axis=0))
    assert columns.min() >= 0.2 * 84 - 5
    assert columns.max() <= 0.2 * 84 + 5
    assert (drawn[int(0.2 * 84) : int(0.8 * 84), int(0.2 * 84)] > 200).all()


@pytest.mark.parametrize("width", [140, 280, 420])
def test_ink_is_under_the_pen(sketch, width):
    """However large the pad is shown."""
    style = f".sketch-canvas {{ width: {width}px; height: {width}px; }}"
    sketch.add_style_tag(content=style)
    box = sketch.locator(".sketch-canvas").bounding_box()
    sketch.mouse.move(box["x"] + 0.9 * width, box["y"] + 0.75 * width)
    sketch.mouse.down()
    sketch.mouse.up()
    sketch.wait_for_function("() => window.pixels")
    rows, columns = np.nonzero(ink(sketch) > 128)
    assert rows.mean() == pytest.approx(0.75 * 84, abs=2)
    assert columns.mean() == pytest.approx(0.9 * 84, abs=2)


def test_a_drawing_from_python_is_shown(sketch):
    picture = drawing.example(3)
    sketch.evaluate(
        "pixels => { pad.put(pixels); pad.line([0, 0], [0, 0]); }",
        picture.ravel().tolist(),
    )
    sketch.wait_for_function("() => window.pixels")
    shown = ink(sketch)[12:]  # below the dot that asks for an answer
    assert np.corrcoef(shown.ravel(), picture[12:].ravel())[0, 1] > 0.95


def test_only_the_main_button_draws(sketch):
    box = sketch.locator(".sketch-canvas").bounding_box()
    sketch.mouse.move(box["x"] + 50, box["y"] + 50)
    sketch.mouse.down(button="right")
    sketch.mouse.move(box["x"] + 200, box["y"] + 200, steps=5)
    sketch.mouse.up(button="right")
    assert not ink(sketch).any()


def test_answer_is_announced_once(sketch):
    """Bars move at every step; a screen reader hears the sentence when it changes."""
    written = sketch.evaluate(
        """async () => {
          let written = 0;
          const watch = new MutationObserver((list) => { written += list.length; });
          watch.observe(document.querySelector(".sketch-answer"), { childList: true });
          for (const chance of [0.6, 0.7, 0.8]) pad.show([chance, 1 - chance], []);
          pad.show([0.1, 0.9], []);
          pad.show([], [], "No answer: it is broken");
          await Promise.resolve();
          return written;
        }"""
    )
    assert written == 3
    assert sketch.locator(".sketch-answer").inner_text() == "No answer: it is broken"


# --- in JupyterLab --------------------------------------------------------------------

NOTEBOOK = """\
import keras
from utils.pad import DigitPad
pad = DigitPad(keras.models.load_model("reader.keras"))
pad"""
ANSWER = 20_000  # ms: Keras answers from another process
READ = "print(pad.image.shape, pad.probabilities.argmax())"


@contextmanager
def jupyter_lab(tmp_path, *sources):
    """Run a JupyterLab with one notebook of these cells: its address."""
    cell = {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": []}
    notebook = {
        "cells": [
            {**cell, "source": source, "id": f"cell-{number}"}
            for number, source in enumerate(sources)
        ],
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
    command.append("--expose-app-in-browser")  # for its commands
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


@pytest.fixture
def lab(tmp_path, reader):
    reader.save(tmp_path / "reader.keras")
    with jupyter_lab(tmp_path, NOTEBOOK, READ) as address:
        yield address


def open_pad(page, address, shown=".sketch-canvas"):
    """Open the notebook, and run the cell with the pad, or with what is `shown`."""
    page.goto(address)
    # The status bar knows; the notebook's own sign is idle before there is a kernel,
    # and a cell that is run then does nothing.
    idle = page.get_by_role("button", name="Python 3 (ipykernel) | Idle")
    idle.wait_for(timeout=60_000)
    # A question about news may lie on top.
    for button in page.locator(".jp-toast-button, .Toastify__close-button").all():
        button.click(timeout=2000)
    run(page, cell=0)
    # The first start of Keras in a new environment compiles it.
    page.locator(shown).first.wait_for(timeout=60_000)
    page.locator(shown).first.scroll_into_view_if_needed()


def run(page, cell):
    page.locator(".jp-Notebook .jp-CodeCell .cm-content").nth(cell).click()
    page.keyboard.press("Control+Enter")


def test_pad_in_jupyterlab(page, lab, serious, tmp_path):
    open_pad(page, lab)
    clear = page.locator(".sketch-clear")
    for digit in (1, 3, 7):
        draw(page, digit)
        answers(page, f"It reads {digit}.", ANSWER)
        shown = page.locator(".sketch-percent").all_inner_texts()
        assert sum(float(text.split()[0]) for text in shown) == pytest.approx(
            100, abs=1
        )
        # With the keyboard alone; JupyterLab has keys of its own for Tab and Enter.
        page.locator(".sketch-canvas").hover()
        for _ in range(10):
            if clear.evaluate("button => button === document.activeElement"):
                break
            page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        answers(page, "", ANSWER)
        assert page.locator(".jp-mod-editMode").count() == 0
    assert serious(page, ".sketch") == []

    # Python has what is drawn.
    draw(page, 3)
    answers(page, "It reads 3.", ANSWER)
    run(page, cell=1)
    printed = page.locator(".jp-CodeCell").nth(1).locator(".jp-OutputArea-output")
    assert printed.inner_text(timeout=20_000).strip() == "(28, 28) 3"
    page.screenshot(path=tmp_path / "light.png")

    # Another look: JupyterLab's dark theme, and a finger.
    page.evaluate(
        "theme => jupyterapp.commands.execute('apputils:change-theme', { theme })",
        "JupyterLab Dark",
    )
    page.locator("body[data-jp-theme-light=false]").wait_for(state="attached")
    clear.click()
    answers(page, "", ANSWER)
    touch = touches(page)
    touch("touchStart", (0.3, 0.2))
    for place in [(0.7, 0.2), (0.6, 0.4), (0.5, 0.6), (0.45, 0.8)]:
        touch("touchMove", place)
    touch("touchEnd")
    answers(page, "It reads 7.", ANSWER)
    page.screenshot(path=tmp_path / "dark.png")
    assert serious(page, ".sketch") == []
