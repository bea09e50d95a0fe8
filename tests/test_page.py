"""The page to take home: the same numbers as Keras, read from disk, for everybody."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from utils import cnn, data, device, drawing, page
from utils.project import load_model

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module", autouse=True)
def keras():
    device.setup()
    import keras

    return keras


@pytest.fixture(scope="module")
def images():
    """100 test images, uint8: MNIST's own where it is at hand, else the digits."""
    source = os.environ.get("WORKSHOP_DATA")
    _, (images, _) = data.load_mnist(source if source else "digits", fast=False)
    return images[:100]


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


def many_layers(keras):
    """A functional model with a residual, and most layers that a student may use."""
    layers = keras.layers
    keras.utils.set_random_seed(1)
    image = keras.Input((28, 28, 1))
    x = layers.Rescaling(2.0, offset=-1.0)(image)
    x = layers.ZeroPadding2D(((1, 0), (2, 1)))(x)
    x = layers.Conv2D(8, 3, strides=2, padding="same", activation="gelu")(x)
    x = layers.BatchNormalization()(x)
    y = layers.SeparableConv2D(8, 3, padding="same", activation="silu")(x)
    y = layers.DepthwiseConv2D(3, padding="same", activation="elu")(y)
    x = layers.Add()([x, layers.SpatialDropout2D(0.2)(y)])
    x = layers.Concatenate()([layers.AveragePooling2D(2)(x), layers.MaxPooling2D()(x)])
    x = layers.LayerNormalization()(x)
    x = layers.LeakyReLU(negative_slope=0.2)(x)
    x = layers.Conv2D(6, 2, dilation_rate=2, activation="tanh", use_bias=False)(x)
    x = layers.ReLU(max_value=6)(layers.UpSampling2D(2)(x))
    z = layers.GlobalAveragePooling2D()(x)
    x = layers.Dense(20, activation="selu")(
        layers.Flatten()(layers.GaussianNoise(1)(x))
    )
    x = layers.Dense(6, activation="softplus")(layers.Reshape((20,))(x))
    x = layers.Maximum()([layers.Average()([x, z]), z])
    model = keras.Model(image, layers.Softmax()(layers.Dense(10)(x)))
    rng = np.random.default_rng(2)  # moving means and scales that are not 0 and 1
    model.set_weights([w + 0.1 * rng.random(w.shape) for w in model.get_weights()])
    return model


def dense(keras):
    layers = keras.layers
    inner = keras.Sequential([layers.Dense(30, activation="sigmoid")])
    return keras.Sequential([keras.Input((784,)), inner, layers.Dense(10, "softmax")])


MODELS = {"the deck's CNN": lambda keras: cnn.deck_cnn(), "many layers": many_layers}
MODELS["dense, nested"] = dense


def keras_probabilities(keras, model, images):
    x = data.prepare(images).reshape(-1, *model.input_shape[1:])
    outputs = keras.ops.convert_to_numpy(model.predict(x, verbose=0)).astype("float64")
    if np.allclose(outputs.sum(axis=1), 1, atol=1e-4) and outputs.min() >= 0:
        return outputs
    e = np.exp(outputs - outputs.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def opened(page_tab, path):
    errors = []
    page_tab.on("pageerror", lambda error: errors.append(str(error)))
    page_tab.goto(path.resolve().as_uri())
    assert not errors
    return page_tab


def draw(tab, digit):
    """Draw a saved digit's strokes with the mouse."""
    box = tab.locator(".sketch-canvas").bounding_box()
    for stroke in drawing.STROKES[digit]:
        points = [tuple(map(float, point.split(","))) for point in stroke.split()]
        places = [
            (box["x"] + box["width"] * x / 100, box["y"] + box["height"] * y / 100)
            for x, y in points
        ]
        tab.mouse.move(*places[0])
        tab.mouse.down()
        for place in places[1:]:
            tab.mouse.move(*place, steps=4)
        tab.mouse.up()
    tab.wait_for_timeout(400)


@pytest.mark.parametrize("name", MODELS)
def test_page_computes_what_keras_computes(keras, page, images, tmp_path, name):
    model = MODELS[name](keras)
    path = export(model, tmp_path)
    tab = opened(page, path)
    read = tab.evaluate(
        "images => probabilities(images)", images.reshape(100, 784).tolist()
    )
    expected = keras_probabilities(keras, model, images)
    assert np.abs(np.array(read) - expected).max() < 1e-4
    assert path.stat().st_size < 9e6


def export(model, folder, **settings):
    from utils.page import export_page

    return export_page(model, folder / "page", **settings)


def test_page_reads_what_one_draws(page, reader, tmp_path, serious):
    tab = opened(page, export(reader, tmp_path, title="My <reader> & me", accuracy=0.5))
    assert tab.locator("h1").inner_text() == "My <reader> & me"
    assert "it read 50.00% of the test images" in tab.locator("#facts").inner_text()
    for digit in (1, 3, 7):
        draw(tab, digit)
        assert tab.locator(".sketch-answer").inner_text() == f"It reads {digit}."
        tab.locator(".sketch-clear").focus()
        tab.keyboard.press("Enter")
        tab.wait_for_timeout(300)
        assert tab.locator(".sketch-answer").inner_text() == ""
    draw(tab, 7)
    assert tab.locator("#maps canvas").count() == 0
    tab.locator("summary").click()
    tab.wait_for_timeout(300)
    assert tab.locator("#maps canvas").count() == 16 + 32
    assert serious(tab) == []


def test_feature_maps_are_keras_s(keras, page, reader, images, tmp_path):
    tab = opened(page, export(reader, tmp_path))
    flat = images[:1].reshape(1, 784).tolist()
    shown = tab.evaluate("images => Array.from(run(images)[1].dataSync())", flat)
    first = keras.Model(reader.inputs, reader.layers[1].output)
    expected = keras.ops.convert_to_numpy(
        first(data.prepare(images[:1]), training=False)
    )
    assert np.abs(np.array(shown) - expected.ravel()).max() < 1e-4


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_page_fits_the_screen(page, reader, tmp_path, serious, width, scheme):
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(color_scheme=scheme)
    tab = opened(page, export(reader, tmp_path))
    draw(tab, 3)
    tab.locator("summary").click()
    assert tab.evaluate("document.documentElement.scrollWidth") <= width
    assert serious(tab) == []


def test_javascript_converts_as_python_does(page, reader, tmp_path):
    tab = opened(page, export(reader, tmp_path))
    rng = np.random.default_rng(0)
    drawings = [drawing.example(digit) for digit in range(10)]
    drawings += [np.roll(drawings[3], (9, -11), axis=(0, 1)), drawings[8][::-1]]
    dot, spots = np.zeros((84, 84), "uint8"), rng.integers(0, 256, (84, 84))
    dot[5, 80] = 9
    for image in [*drawings, dot, spots * (spots > 250)]:
        found = tab.evaluate("d => toMnist(d, 84)", image.ravel().tolist())
        expected = drawing.to_mnist(image.astype("uint8")).ravel().astype(int)
        assert np.abs(np.array(found) - expected).max() <= 1
    assert tab.evaluate("toMnist(Array(84 * 84).fill(0), 84)") == []


# --- bad input ------------------------------------------------------------------------


def small(keras, *layers, shape=(28, 28, 1)):
    return keras.Sequential(
        [keras.Input(shape), *layers, keras.layers.Flatten(), keras.layers.Dense(10)]
    )


def with_an_operation(keras):
    image = keras.Input((784,))
    return keras.Model(image, keras.layers.Dense(20)(image)[:, :10])


def used_twice(keras):
    image, twice = keras.Input((784,)), keras.layers.Dense(784)
    return keras.Model(image, keras.layers.Dense(10)(twice(twice(image))))


def test_a_model_that_the_page_cannot_run_is_named(keras, tmp_path):
    layers = keras.layers
    lambdas = layers.Lambda(lambda x: x, name="mine")
    for model, words in [
        (small(keras, shape=(32, 32, 3)), "input has shape (n, 32, 32, 3); wanted"),
        (keras.Sequential([keras.Input((784,)), layers.Dense(5)]), "output has shape"),
        (small(keras, lambdas), "layer 'mine' is a Lambda"),
        (
            small(keras, layers.Conv2D(4, 3, groups=1, activation="hard_silu")),
            "hard_silu",
        ),
        (small(keras, layers.ReLU(threshold=0.5)), "only plain ReLU"),
        (with_an_operation(keras), "not a layer"),
        (used_twice(keras), "used more than once"),
        ("a string", "you gave str"),
    ]:
        with pytest.raises(page.CannotExport) as error:
            export(model, tmp_path)
        assert words in str(error.value)
        assert not list(tmp_path.iterdir()), "something was written"


def test_a_failed_export_leaves_the_old_page(keras, tmp_path, monkeypatch):
    path = export(dense(keras), tmp_path, title="the old one")

    def full(*args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(page.os, "replace", full)
    with pytest.raises(OSError, match="No space"):
        export(dense(keras), tmp_path, title="the new one")
    assert "the old one" in path.read_text("utf-8")
    assert [path] == list(path.parent.iterdir())


def test_a_file_in_the_way_is_said(keras, tmp_path):
    (tmp_path / "page").write_text("mine")
    with pytest.raises(OSError, match="page"):
        export(dense(keras), tmp_path)
    assert (tmp_path / "page").read_text() == "mine"


def test_command_line(keras, tmp_path):
    def command(*arguments):
        return subprocess.run(
            [sys.executable, "-m", "utils.page", *map(str, arguments)],
            capture_output=True,
            text=True,
            cwd=ROOT,
        )

    saved = tmp_path / "model.keras"
    dense(keras).save(saved)
    done = command(saved, tmp_path / "page", "--title", "Mine")
    assert done.returncode == 0, done.stderr
    assert "index.html" in done.stdout
    damaged = tmp_path / "damaged.keras"
    damaged.write_bytes(saved.read_bytes()[:2000])
    for path, words in [(damaged, "damaged"), (tmp_path / "none.keras", "no file")]:
        done = command(path, tmp_path / "other")
        assert done.returncode == 1
        assert done.stderr.startswith("No page was made:")
        assert words in done.stderr
        assert "Traceback" not in done.stderr
        assert not (tmp_path / "other").exists()


def test_load_model_names_what_is_wrong(tmp_path):
    no_model = tmp_path / "zip.keras"
    import zipfile

    with zipfile.ZipFile(no_model, "w") as archive:
        archive.writestr("config.json", json.dumps({"a": 1}))
    with pytest.raises(ValueError, match="cannot be read"):
        load_model(no_model)


def test_tensorflow_js_is_the_published_one():
    """What is kept in utils/page/tfjs is npm's file, byte for byte."""
    modules = ROOT / "lessons" / "web" / "node_modules" / "@tensorflow"
    if not modules.exists():
        pytest.skip("npm's packages are not installed here; `make .venv/web` does it")
    for name in page.TFJS:
        file = f"{name}.es2017.min.js"
        published = modules / name.replace("tf-", "tfjs-") / "dist" / file
        assert (page.FOLDER / "tfjs" / file).read_bytes() == published.read_bytes()
