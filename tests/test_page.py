"""The page to take home: the same numbers as Keras, read from disk, for everybody."""

import datetime
import json
import os
import re
from pathlib import Path

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe

from utils import data, deck_cnn, drawing
from utils.page import RUNTIME, TFJS, export_page, network
from utils.page.layers import ACTIVATIONS, IDLE, LAYERS, describe

ROOT = Path(__file__).resolve().parent.parent


pytestmark = pytest.mark.usefixtures("keras")


@pytest.fixture
def page(tab):
    """One tab for all tests here; each opens a page from disk in it."""
    return tab


@pytest.fixture(scope="module")
def images():
    """20 test images, uint8: MNIST's own where it is at hand, else the digits."""
    source = os.environ.get("WORKSHOP_DATA")
    _, (images, _) = data.load_mnist(source if source else "digits", fast=False)
    return images[:20]


def many_layers(keras):
    """A functional model with a residual, and most layers that a student may use."""
    layers = keras.layers
    keras.utils.set_random_seed(1)
    image = keras.Input((28, 28, 1))
    augment = keras.Sequential(
        [layers.RandomRotation(0.1), layers.RandomTranslation(0.1, 0.1)]
    )
    x = layers.Rescaling(2.0, offset=-1.0)(augment(image))
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
    return shaken(model)


def shaken(model):
    """A model with moving means and scales that are not 0 and 1."""
    rng = np.random.default_rng(2)
    model.set_weights(
        [w + rng.uniform(-0.05, 0.05, w.shape) for w in model.get_weights()]
    )
    return model


def dense(keras):
    layers = keras.layers
    inner = keras.Sequential([layers.Dense(30, activation="sigmoid")])
    return keras.Sequential([keras.Input((784,)), inner, layers.Dense(10, "softmax")])


def flat_image(keras):
    layers = keras.layers
    return keras.Sequential(
        [keras.Input((28, 28)), layers.Flatten(), layers.Dense(10, "sigmoid")]
    )


MODELS = {
    "the deck's CNN": lambda keras: deck_cnn.build(),
    "many layers": many_layers,
    "dense, nested": dense,
    "sigmoid": flat_image,
}


def outputs(keras, model, images):
    x = data.prepare(images).reshape(-1, *model.input_shape[1:])
    return keras.ops.convert_to_numpy(model(x, training=False)).astype("float64")


def keras_probabilities(keras, model, images):
    found = outputs(keras, model, images)
    last = getattr(model.layers[-1], "activation", None)
    if last is keras.activations.softmax or isinstance(
        model.layers[-1], keras.layers.Softmax
    ):
        return found
    e = np.exp(found - found.max(axis=1, keepdims=True))
    if last is keras.activations.sigmoid:
        e = found
    return e / e.sum(axis=1, keepdims=True)


def export(model, folder, **settings):
    return export_page(model, folder / "page", **settings)


def opened(tab, path):
    errors = []
    tab.on("pageerror", lambda error: errors.append(str(error)))
    tab.goto(path.resolve().as_uri())
    tab.evaluate("ready")
    assert not errors
    assert tab.locator("#state").count() == 0, tab.locator("#state").inner_text()
    return tab


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
            tab.mouse.move(*place)
        tab.mouse.up()


def answers(tab, words, timeout=5000):
    """Wait so many ms until the pad shows this sentence; None: any sentence."""
    tab.wait_for_function(
        """words => {
          const shown = document.querySelector(".sketch-answer").innerText;
          return words === null ? shown : shown === words;
        }""",
        arg=words,
        timeout=timeout,
    )


# --- the same numbers -----------------------------------------------------------------


def difference(keras, tab, model, images):
    """The largest difference between the page's probabilities and Keras's."""
    read = tab.evaluate(
        "images => probabilities(images)", images.reshape(len(images), 784).tolist()
    )
    return np.abs(np.array(read) - keras_probabilities(keras, model, images)).max()


@pytest.mark.parametrize("name", MODELS)
def test_page_computes_what_keras_computes(keras, page, images, tmp_path, name):
    model = MODELS[name](keras)
    path = export(model, tmp_path)
    tab = opened(page, path)
    for runtime in ("wasm", "cpu"):
        assert tab.evaluate("runtime => tf.setBackend(runtime)", runtime)
        tab.evaluate("() => { network = build(saved); }")
        assert difference(keras, tab, model, images) < 1e-4
    assert path.stat().st_size < 9e6


def every_case(keras):
    """{layer or setting: what it makes of an image (n, 28, 28, 1)}."""
    layers = keras.layers

    def after_a_convolution(layer):  # 6 maps of 13 x 13
        return lambda image: layer(layers.Conv2D(6, 3, strides=2)(image))

    def of_two(merge):
        return lambda image: merge([layers.Conv2D(3, 9)(image) for _ in range(2)])

    def twice(image):
        layer = layers.Conv2D(1, 3, padding="same")
        return layer(layer(image))

    def nested(image):
        inner = keras.Input((28, 28, 1))
        sum_of_both = layers.Add()([layers.Conv2D(1, 3, padding="same")(inner), inner])
        block = keras.Model(inner, sum_of_both)
        return block(keras.Sequential([layers.RandomFlip(), block])(image))

    one = {
        "Conv2D": layers.Conv2D(4, (3, 2), strides=(2, 1)),
        "dilated": layers.Conv2D(4, 3, dilation_rate=2, padding="same"),
        "SeparableConv2D": layers.SeparableConv2D(4, 3, depth_multiplier=2),
        "DepthwiseConv2D": layers.DepthwiseConv2D(3, 2, depth_multiplier=2),
        "Conv2DTranspose": layers.Conv2DTranspose(4, 3, strides=2, padding="same"),
        "MaxPooling2D": layers.MaxPooling2D(3, strides=2, padding="same"),
        "AveragePooling2D": layers.AveragePooling2D((3, 2), padding="same"),
        "GlobalMaxPooling2D": layers.GlobalMaxPooling2D(),
        "GlobalAveragePooling2D": layers.GlobalAveragePooling2D(),
        "keepdims": layers.GlobalAveragePooling2D(keepdims=True),
        "ZeroPadding2D": layers.ZeroPadding2D(((1, 0), (2, 3))),
        "Cropping2D": layers.Cropping2D(((1, 0), (2, 3))),
        "UpSampling2D": layers.UpSampling2D((2, 3)),
        "Dense": layers.Dense(3, use_bias=False),
        "Flatten": layers.Flatten(),
        "Reshape": layers.Reshape((169, -1)),
        "Permute": layers.Permute((3, 1, 2)),
        "BatchNormalization": layers.BatchNormalization(),
        "LayerNormalization": layers.LayerNormalization(),
        "over all axes": layers.LayerNormalization(axis=(1, 2, 3), scale=False),
        "Rescaling": layers.Rescaling(0.5, offset=-0.1),
        "Activation": layers.Activation("tanh"),
        "ReLU": layers.ReLU(max_value=0.2),
        "LeakyReLU": layers.LeakyReLU(negative_slope=0.2),
        "PReLU": layers.PReLU(shared_axes=[1, 2]),
        "ELU": layers.ELU(),
        "Softmax": layers.Softmax(),
        "a layer as activation": layers.Conv2D(4, 3, activation=layers.ReLU(0.2)),
    }
    for name in (*ACTIVATIONS, "leaky_relu"):
        one[name] = layers.Conv2D(4, 3, activation=name)
    two = {
        name: getattr(layers, name)()
        for name in ("Add", "Multiply", "Average", "Maximum", "Minimum", "Concatenate")
    }
    two |= {"x + y": lambda both: both[0] + both[1]}
    return {
        **{name: after_a_convolution(layer) for name, layer in one.items()},
        **{name: of_two(merge) for name, merge in two.items()},
        "flat already": lambda image: layers.Flatten()(layers.Flatten()(image)),
        "a layer called twice": twice,
        "models in a model": nested,
    }


def test_every_layer_that_may_be_used(keras, page, images, tmp_path):
    """All in one network, ten numbers of each: TensorFlow.js starts once."""
    keras.utils.set_random_seed(0)
    cases, layers = every_case(keras), keras.layers
    assert LAYERS.keys() <= cases.keys()
    image = keras.Input((28, 28, 1))
    ends = [
        layers.Dense(10)(layers.Flatten()(features(image)))
        for features in cases.values()
    ]
    model = keras.Model(image, layers.Dense(10)(layers.Concatenate()(ends)))
    model = shaken(model)
    tab = opened(page, export(model, tmp_path))
    found = tab.evaluate(
        """images => {
          const outputs = run(images);
          return saved.steps.at(-2).before.map((end) => outputs[end - 1].arraySync());
        }""",
        images[:2].reshape(2, 784).tolist(),
    )
    wanted = keras.Model(image, ends)(data.prepare(images[:2]), training=False)
    wanted = map(keras.ops.convert_to_numpy, wanted)
    wrong = {
        name: np.abs(np.subtract(*both)).max()
        for name, *both in zip(cases, found, wanted, strict=True)
    }
    assert not {n: v for n, v in wrong.items() if not v < 1e-4}  # nor NaN


def test_layers_that_are_left_out_do_nothing(keras):
    layers = keras.layers
    settings = {"RandomTranslation": (0.2, 0.2), "RandomBrightness": (0.2, (0, 1))}
    none = "Identity", "ActivityRegularization", "RandomFlip", "RandomErasing"
    none += "RandomElasticTransform", "RandomGaussianBlur"
    x = np.random.default_rng(0).random((2, 28, 28, 3), "float32")
    for name in IDLE:
        if not hasattr(layers, name):  # newer than this Keras
            continue
        layer = getattr(layers, name)(
            *settings.get(name, () if name in none else (0.3,))
        )
        given = x[0] if name == "SpatialDropout1D" else x
        image = keras.Input(given.shape[1:])
        model = keras.Model(image, layer(image))
        assert describe(model) == ([], [])
        found = keras.ops.convert_to_numpy(model(given, training=False))
        assert np.allclose(found, given, atol=1e-6), name


# --- inside the network ---------------------------------------------------------------


@pytest.fixture(scope="module")
def inside(keras, tmp_path_factory):
    """The page of a CNN as the deck's, with few maps, and the model."""
    keras.utils.set_random_seed(0)
    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(4, 3, activation="relu"),
            layers.Conv2D(6, 3, activation="relu"),
            layers.MaxPooling2D(2),
            layers.Flatten(),
            layers.Dense(16, activation="relu"),
            layers.Dense(10),
        ]
    )
    return export(model, tmp_path_factory.mktemp("inside")), model


def see(tab, image):
    tab.evaluate("i => { image = i; see(); }", image.ravel().tolist())


def seen(keras, model, image):
    """The image, and all that Keras makes of it, layer after layer."""
    image = data.prepare(image[None]).reshape(1, *model.input_shape[1:])
    layers = [layer.output for layer in model.layers]
    outputs = keras.Model(model.inputs[0], layers)(image)
    return [image[0], *(keras.ops.convert_to_numpy(o)[0] for o in outputs)]


def test_inside_are_keras_numbers(keras, page, images, inside):
    """Of every layer, to 1e-5, and 1e-5 of the largest where they are larger than 1."""
    path, model = inside
    tab = opened(page, path)
    for image in images[:2]:
        see(tab, image)
        found = tab.evaluate("stages.map(({ values }) => Array.from(values))")
        wanted = seen(keras, model, image)
        assert len(found) == len(wanted) == 7
        for ours, keras_s in zip(found, wanted, strict=True):
            near = 1e-5 * max(1, np.abs(keras_s).max())
            np.testing.assert_allclose(ours, keras_s.ravel(), rtol=0, atol=near)
    assert difference(keras, tab, model, images) < 1e-5
    assert tab.locator("#maps h3").all_inner_texts() == [
        "The drawing: 28 \u00d7 28",
        "Conv2D: 26 \u00d7 26 \u00d7 4",
        "Conv2D: 24 \u00d7 24 \u00d7 6",
        "MaxPooling2D: 12 \u00d7 12 \u00d7 6",
        *("Flatten: 864", "Dense: 16", "Dense: 10"),
    ]


def painted(tab, where):
    """How dark each pixel of these canvases is, 0 to 255."""
    return tab.evaluate(
        """(where) => [...document.querySelectorAll(where)].map((canvas) => {
            const { width, height } = canvas;
            const copy = new OffscreenCanvas(width, height).getContext("2d");
            copy.drawImage(canvas, 0, 0);
            const data = Array.from(copy.getImageData(0, 0, width, height).data);
            return data.filter((_, i) => i % 4 === 3);
        })""",
        where,
    )


def test_all_maps_are_painted(keras, page, images, inside):
    """White is 0, black the layer's largest number."""
    path, model = inside
    tab = opened(page, path)
    see(tab, images[0])
    maps = seen(keras, model, images[0])
    drawn = painted(tab, "#maps section:nth-child(1) canvas")
    assert np.abs(np.subtract(drawn, 255 * maps[0].ravel())).max() <= 1
    for place, count in (2, 4), (3, 6), (4, 6):
        drawn = painted(tab, f"#maps section:nth-child({place}) .small canvas")
        wanted = 255 * maps[place - 1] / maps[place - 1].max()
        assert len(drawn) == count
        difference = np.array(drawn) - wanted.reshape(-1, count).T
        assert np.abs(difference).max() <= 1


LAYERS_WITH_WINDOWS = {
    "3 x 3": lambda layers: layers.Conv2D(1, 3),
    "same, stride 2": lambda layers: layers.Conv2D(
        1, (3, 4), strides=2, padding="same"
    ),
    "dilated": lambda layers: layers.Conv2D(1, 3, dilation_rate=(2, 3)),
    "strides": lambda layers: layers.Conv2D(1, (2, 5), strides=(3, 1)),
    "apart": lambda layers: layers.DepthwiseConv2D(3, padding="same"),
    "separable": lambda layers: layers.SeparableConv2D(1, 5, padding="same"),
    "largest": lambda layers: layers.MaxPooling2D(2),
    "largest, same": lambda layers: layers.MaxPooling2D(3, strides=2, padding="same"),
    "mean": lambda layers: layers.AveragePooling2D((2, 3)),
    "global": lambda layers: layers.GlobalMaxPooling2D(),
    "each on its own": lambda layers: layers.ReLU(),
    "flat": lambda layers: layers.Flatten(),
    "dense": lambda layers: layers.Dense(2),
}


def test_a_frame_is_around_all_pixels_that_count(keras, page, tmp_path):
    """Keras is asked: an image with one pixel above 0 gives a number above 0 exactly
    where that pixel lies in the window. (A dilated window has gaps, its frame
    has none.)"""
    tab = opened(page, export(dense(keras), tmp_path))
    rows, columns = 11, 9
    single = np.eye(rows * columns, dtype="float32").reshape(-1, rows, columns, 1)
    for name, make in LAYERS_WITH_WINDOWS.items():
        image = keras.Input((rows, columns, 1))
        features = keras.layers.Flatten()(image) if name == "dense" else image
        model = keras.Model(image, make(keras.layers)(features))
        model.set_weights([np.ones_like(w) * (w.ndim > 1) for w in model.get_weights()])
        counts = keras.ops.convert_to_numpy(model(single)) > 0
        if counts.ndim == 2:  # a row of numbers
            counts = counts[:, None, :, None]
        step, after = describe(model)[0][-1], counts.shape[1:]
        before = [1, rows * columns, 1] if name == "dense" else [rows, columns, 1]
        places = list(np.ndindex(after))
        found = tab.evaluate(
            "([places, step, ...shapes]) => places.map((place) =>"
            "source(step, place.map((n) => [n, n]), ...shapes))",
            [places, step, before, list(after)],
        )
        for place, part in zip(places, found, strict=True):
            counted = counts[(slice(None), *place)].reshape(before).nonzero()
            assert part == [[min(axis), max(axis)] for axis in counted], (name, place)


def test_frames_go_back_through_the_whole_network(page, images, inside):
    tab = opened(page, inside[0])
    see(tab, images[0])
    pixel = [3, 5, 4]
    parts = tab.evaluate(
        "place => { choose(stages[3], ...place); return stages.map((s) => s.part); }",
        pixel,
    )
    assert parts[:5] == [
        [[6, 11], [10, 15], [0, 0]],
        [[6, 9], [10, 13], [0, 3]],  # of all maps
        [[6, 7], [10, 11], [4, 4]],  # of the same map
        [[3, 3], [5, 5], [4, 4]],
        None,
    ]
    number = int(np.ravel_multi_index(pixel, (12, 12, 6)))
    tab.evaluate("number => choose(stages[4], 0, number, 0)", number)
    again = tab.evaluate("stages.map((s) => s.part)")
    assert again[:4] == parts[:4]
    tab.locator(".sketch-bars li").nth(7).click()
    parts = tab.evaluate("stages.map((s) => s.part)")
    assert parts[6] == [[0, 0], [7, 7], [0, 0]]
    assert parts[4] == [[0, 0], [0, 863], [0, 0]]  # a dense layer sees all
    assert parts[3] == [[0, 11], [0, 11], [0, 5]]
    assert tab.locator(".sketch-bars .framed").inner_text().startswith("7")


def test_a_path_beside_counts_too_and_what_is_not_known_is_not_framed(
    keras, page, images, tmp_path
):
    layers = keras.layers
    image = keras.Input((28, 28, 1))
    x = layers.Conv2D(4, 3, padding="same")(image)
    x = layers.Add()([x, layers.Conv2D(4, 5, padding="same")(x)])
    x = layers.Conv2D(4, 3)(layers.ZeroPadding2D(1)(layers.ReLU()(x)))
    model = keras.Model(image, layers.Dense(10)(layers.Flatten()(x)))
    tab = opened(page, export(model, tmp_path))
    see(tab, images[0])
    parts = tab.evaluate(
        "() => { choose(stages[4], 9, 9, 2); return stages.map((s) => s.part); }"
    )
    assert parts[:5] == [
        [[6, 12], [6, 12], [0, 0]],
        [[7, 11], [7, 11], [0, 3]],
        [[9, 9], [9, 9], [2, 2]],
        [[9, 9], [9, 9], [2, 2]],
        [[9, 9], [9, 9], [2, 2]],
    ]
    parts = tab.evaluate(
        "() => { choose(stages[6], 9, 9, 2); return stages.map((s) => s.part); }"
    )
    assert parts[5] == [[9, 11], [9, 11], [0, 3]]
    assert parts[:5] == [None] * 5


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
    assert tab.evaluate("[SIDE, PEN]") == [drawing.PAD, drawing.PEN]


def large(tab, number):
    """The large map of stage `number`; 0 is the drawing."""
    return tab.locator("#maps .large").nth(number)


def test_inside_with_keys_alone(page, images, inside):
    tab = opened(page, inside[0])
    see(tab, images[0])
    tab.evaluate("choose(stages[3], 6, 6, 0)")
    pooled = large(tab, 3)
    pooled.focus()
    for key in ("ArrowUp", "ArrowLeft", "Enter", "Enter", "Shift+Enter"):
        tab.keyboard.press(key)
    said = pooled.get_attribute("aria-valuetext")
    assert re.fullmatch(
        r"row 5, column 5, map 1: [\d.]+, from row 10.11, column 10.11, map 1", said
    )
    assert tab.locator("#maps section").nth(3).locator("p").last.inner_text() == said
    assert (
        tab.evaluate("getComputedStyle(document.activeElement).outlineWidth") == "3px"
    )
    framed = tab.locator("#maps section").nth(1).locator(".small .framed")
    assert framed.count() == 4
    tab.keyboard.press("Tab")  # the row, and its next one: one stop for each layer
    tab.keyboard.press("Tab")
    for _ in range(3):
        tab.keyboard.press("ArrowRight")
    assert large(tab, 5).get_attribute("aria-valuenow") == "11"
    assert large(tab, 5).get_attribute("aria-valuetext").endswith("number 0\u2013863")
    tab.keyboard.press("Tab")
    tab.keyboard.press("ArrowLeft")
    assert tab.locator(".sketch-bars .framed").inner_text().startswith("4")


def test_inside_with_a_mouse_and_a_finger(page, images, inside):
    page.set_viewport_size({"width": 360, "height": 740})
    tab = opened(page, inside[0])
    see(tab, images[0])
    section = tab.locator("#maps section").nth(2)
    section.locator(".small > span").nth(4).click()
    said = large(tab, 2).get_attribute("aria-valuetext")
    assert re.match(r"row 1[12], column 1[12], map 4: ", said)
    box = large(tab, 2).bounding_box()
    place = box["x"] + box["width"] * 3.5 / 24, box["y"] + box["height"] * 20.5 / 24
    tab.mouse.click(*place)
    assert "row 20, column 3, map 4:" in section.locator("p").last.inner_text()
    session = tab.context.new_cdp_session(tab)
    for kind, right in [("touchStart", 0), ("touchMove", 2), ("touchMove", 4)]:
        point = {"x": place[0] + box["width"] * right / 24, "y": place[1]}
        event = {"type": kind, "touchPoints": [point]}
        session.send("Input.dispatchTouchEvent", event)
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    assert "row 20, column 7, map 4:" in section.locator("p").last.inner_text()


def test_inside_follows_the_drawing(page, inside):
    tab = opened(page, inside[0])
    draw(tab, 1)
    answers(tab, None)
    one = painted(tab, "#maps canvas")
    tab.get_by_role("button", name="Clear").click()
    tab.locator("#maps").wait_for(state="hidden")
    draw(tab, 8)
    answers(tab, None)
    assert len(one) == len(painted(tab, "#maps canvas")) == 7 + 4 + 6 + 6
    assert one != painted(tab, "#maps canvas")


# --- in use ---------------------------------------------------------------------------


def test_page_reads_what_one_draws(page, reader, tmp_path):
    tab = opened(
        page,
        export(
            reader,
            tmp_path,
            title="My <reader> & {{me}}",
            author="<Ada>",
            accuracy=0.5,
        ),
    )
    assert tab.title() == tab.locator("h1").inner_text() == "My <reader> & {{me}}"
    assert tab.locator("#author").inner_text() == "by <Ada>"
    facts = tab.locator("#facts").inner_text()
    day = f"{datetime.date.today():%B %Y}"
    for fact in ("50.00 %", f"{reader.count_params():,}", day):
        assert fact in facts
    for digit, key in [(1, "Escape"), (3, "Enter"), (7, "Escape")]:
        draw(tab, digit)
        answers(tab, f"It reads {digit}.")
        bars = tab.locator(".sketch-bars").aria_snapshot()  # what a screen reader gets
        percents = re.findall(r"listitem: (\d) ([\d.]+) %", bars)
        assert [name for name, _ in percents] == list("0123456789")
        assert sum(float(percent) for _, percent in percents) == pytest.approx(
            100, 0.01
        )
        tab.locator(".sketch-clear").first.focus()
        tab.keyboard.press(key)
        answers(tab, "")
    assert not tab.locator("#maps").is_visible()


def test_a_house_is_answered_and_the_page_says_that_it_always_answers(
    page, reader, tmp_path
):
    tab = opened(page, export(reader, tmp_path))
    tab.evaluate(
        "points => points.slice(1).forEach((end, i) => pad.line(points[i], end))",
        [[0.2, 0.5], [0.5, 0.15], [0.8, 0.5], [0.8, 0.85], [0.2, 0.85], [0.2, 0.5]],
    )
    tab.wait_for_function(
        "() => document.querySelector('.sketch-answer').innerText.includes('reads')"
    )
    answer, always = (
        tab.locator(name).bounding_box() for name in (".sketch-answer", ".always")
    )
    assert "always answers, even to a house" in tab.locator(".always").inner_text()
    assert 0 <= always["y"] - answer["y"] - answer["height"] < 10


def test_what_the_author_says_is_on_the_page(keras, tmp_path):
    model = dense(keras)
    text = export(model, tmp_path, author="Ada", fails_on="open <fours>").read_text()
    assert "<b>Where it fails.</b> Open &lt;fours&gt;.</p>" in text
    assert "by Ada" in text
    text = export(model, tmp_path, author="...", fails_on="...").read_text()
    assert "<h1>My digit reader</h1>" in text
    for words in ('id="author"', 'id="fails"'):
        assert words not in text


def test_page_writes_an_example_itself(page, reader, tmp_path):
    page.emulate_media(reduced_motion="reduce")
    tab = opened(page, export(reader, tmp_path))
    tab.get_by_role("button", name="Example").focus()
    for digit in (3, 0, 7):
        tab.keyboard.press("Space")
        answers(tab, f"It reads {digit}.")


def test_page_fits_the_screen(page, reader, tmp_path):
    """And is accessible, light and dark: only its colours are others then."""
    tab = opened(page, export(reader, tmp_path, author="A", accuracy=0.9))
    draw(tab, 3)
    answers(tab, "It reads 3.")
    tab.locator("#maps").wait_for()
    for width, scheme in (360, "light"), (1280, "dark"):
        page.set_viewport_size({"width": width, "height": 740})
        page.emulate_media(color_scheme=scheme)
        bars = tab.locator(".sketch-bars").bounding_box()
        assert bars["y"] + bars["height"] < 740, "the bars are out of sight"
        tab.locator("summary").click()
        assert tab.evaluate("document.documentElement.scrollWidth") <= width
        found = Axe().run(tab).response["violations"]
        assert [rule["help"] for rule in found] == []  # not even a small one
        tab.locator("summary").click()


def test_answer_and_buttons_on_a_slide(page, reader, tmp_path):
    """The answer has one line in the window of slides.css; the buttons are in line."""
    page.set_viewport_size({"width": 717, "height": 360})
    tab = opened(page, export(reader, tmp_path))
    draw(tab, 3)
    answers(tab, "It reads 3.")
    lines = """e => e.getBoundingClientRect().height
      / parseFloat(getComputedStyle(e).lineHeight)"""
    assert tab.locator(".sketch-answer").evaluate(lines) < 1.5
    clear, example = (
        button.bounding_box() for button in tab.get_by_role("button").all()
    )
    assert clear["x"] == example["x"] or clear["y"] == example["y"]


# Every pair of a row's name, bar and number with something else of the ten rows that
# covers it, and whatever lies outside the card. Text is where its letters are.
TANGLED = """() => {
  const box = (node) => {
    const range = document.createRange();
    range.selectNodeContents(node);
    return (node.innerText ? range : node).getBoundingClientRect();
  };
  const boxes = [...document.querySelectorAll(".sketch-bars li > *")].map(
    (node) => ({ name: node.innerText || node.className, ...box(node).toJSON() }));
  const card = document.getElementById("pad").getBoundingClientRect();
  const found = boxes.filter((a) => a.left < card.left || a.right > card.right
    || a.top < card.top || a.bottom > card.bottom).map((a) => `${a.name} is outside`);
  boxes.forEach((a, i) => boxes.slice(i + 1).forEach((b) => {
    if (a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom) {
      found.push(`${a.name} covers ${b.name}`);
    }
  }));
  return [boxes.length, found];
}"""


@pytest.mark.parametrize("name", [None, "ankle boot", "the things that one can wear:"])
def test_no_row_covers_another(keras, page, tmp_path, name):
    """Also where the network is sure: "100.0 %" is the widest number."""
    given = name and [f"{name} {i}" for i in range(10)]
    tab = opened(page, export(dense(keras), tmp_path, names=given))
    for width in 360, 1280:
        page.set_viewport_size({"width": width, "height": 740})
        for sure in range(10):
            tab.evaluate(
                "i => pad.show(saved.names.map((_, j) => +(i === j)), [])", sure
            )
            assert tab.locator(".sketch-percent").nth(sure).inner_text() == "100.0 %"
            assert tab.evaluate(TANGLED) == [30, []]
        tracks = [box.bounding_box() for box in tab.locator(".sketch-track").all()]
        assert min(track["width"] for track in tracks) > 40, "a bar has no room"
        assert tab.evaluate("document.documentElement.scrollWidth") <= width


def test_names_that_are_words(keras, page, tmp_path, serious):
    page.set_viewport_size({"width": 360, "height": 740})
    names = ["T-shirt", "Trousers", "Ankle <boot>"]
    model = keras.Sequential([keras.Input((784,)), keras.layers.Dense(3)])
    tab = opened(page, export(model, tmp_path, names=names))
    assert "Draw one of these: T-shirt, Trousers, Ankle <boot>." in tab.inner_text(
        "main"
    )
    assert tab.get_by_role("button", name="Example").count() == 0
    draw(tab, 3)
    answers(tab, None)
    assert tab.locator(".sketch-bars b").all_inner_texts() == names
    left = [box.bounding_box()["x"] for box in tab.locator(".sketch-track").all()]
    assert len(set(left)) == 1, "the bars do not stand one below the other"
    assert tab.evaluate("document.documentElement.scrollWidth") <= 360
    assert serious(tab) == []


def test_without_webassembly(alone, reader, tmp_path):
    alone.add_init_script("delete globalThis.WebAssembly")
    tab = opened(alone, export(reader, tmp_path))
    assert tab.evaluate("tf.getBackend()") == "cpu"
    draw(tab, 3)
    answers(tab, "It reads 3.")


def test_browser_lets_the_page_ask_nobody(keras, alone, tmp_path):
    tab = opened(alone, export(dense(keras), tmp_path))
    for asks in ("fetch('https://example.org/')", "fetch('other.html')"):
        assert tab.evaluate(f"{asks}.then(() => 'sent', () => 'refused')") == "refused"
    tab.evaluate("document.head.append(document.createElement('base'))")
    tab.evaluate("document.querySelector('base').href = 'https://example.org/'")
    assert tab.evaluate("document.baseURI").startswith("file:")
    refused = """new Promise((answer) => {
        document.addEventListener("securitypolicyviolation", (broken) =>
            answer(broken.effectiveDirective));
        setTimeout(() => answer("nothing"), 2000);
        const form = document.body.appendChild(document.createElement("form"));
        form.action = "data:text/plain,sent";
        form.target = "_blank";
        form.submit();
    })"""
    assert tab.evaluate(refused) == "form-action"


# --- bad input ------------------------------------------------------------------------


def small(keras, *layers, shape=(28, 28, 1)):
    return keras.Sequential(
        [keras.Input(shape), *layers, keras.layers.Flatten(), keras.layers.Dense(10)]
    )


def functional(keras, features):
    image = keras.Input((784,))
    return keras.Model([image], [keras.layers.Dense(10)(features(image))])


def of_nan(keras):
    model = small(keras)
    model.set_weights([weight * np.nan for weight in model.get_weights()])
    return model


def two_inputs(keras):
    inputs = [keras.Input((784,)), keras.Input((784,))]
    return keras.Model(inputs, keras.layers.Dense(10)(keras.layers.Add()(inputs)))


def subclassed(keras):
    class Mine(keras.Model):
        def __init__(self):
            super().__init__()
            self.inner = dense(keras)
            self.input_shape, self.output_shape = (None, 784), (None, 10)

        def call(self, x):
            return self.inner(x)

    model = Mine()
    model(np.zeros((1, 784), "float32"))
    return model


def test_a_model_that_the_page_cannot_run_is_named(keras, tmp_path):
    layers = keras.layers
    for model, words in [
        (small(keras, shape=(32, 32, 3)), "input has shape (n, 32, 32, 3); wanted"),
        (keras.Sequential([keras.Input((784,)), layers.Dense(1)]), "output has shape"),
        (keras.Sequential([layers.Dense(10)]), "the model has no weights yet"),
        ("a string", "you gave str"),
        (two_inputs(keras), "one input and one output is wanted; you gave Functional"),
        (subclassed(keras), "only Sequential and functional"),
        (of_nan(keras), "NaN"),
        (small(keras, layers.Lambda(lambda x: x, name="mine")), "'mine' is a Lambda"),
        (small(keras, layers.Lambda(lambda x: x)), "it knows Conv2D, SeparableConv2D"),
        (small(keras, layers.Conv2D(4, 3, activation="hard_silu")), "hard_silu"),
        (small(keras, layers.Dense(4, activation=lambda x: x)), "<lambda>"),
        (small(keras, layers.Conv2D(4, 3), layers.Conv2D(4, 3, groups=2)), "groups=2"),
        (
            small(keras, layers.ReLU(threshold=0.5)),
            "threshold=0.5; the page can only run threshold=0",
        ),
        (small(keras, layers.ELU(alpha=0.5)), "alpha=0.5"),
        (small(keras, layers.Softmax(axis=1)), "axis=1"),
        (small(keras, layers.UpSampling2D(interpolation="bilinear")), "bilinear"),
        (functional(keras, lambda x: x[:, :10]), "not a layer"),
        (functional(keras, lambda x: x - 1), "not a layer"),
    ]:
        with pytest.raises(ValueError, match=re.escape(words)):
            export(model, tmp_path)
        assert not list(tmp_path.iterdir()), "something was written"


def test_names_are_as_many_as_outputs(keras):
    model = keras.Sequential([keras.Input((784,)), keras.layers.Dense(3)])
    assert network(model)["names"] == ["0", "1", "2"]
    assert network(model, ["cat", "dog", "<!--<script>"])["names"][1] == "dog"
    with pytest.raises(ValueError, match="there are 2 names for 3 outputs"):
        network(model, ["cat", "dog"])


def test_figures_that_cannot_be(keras, tmp_path):
    for settings in (
        *({"accuracy": 99.1}, {"accuracy": -1}),
        *({"title": None}, {"title": 7}, {"author": ["A", "B"]}),
    ):
        (name,) = settings
        with pytest.raises(ValueError, match=f"{name} is .*; wanted"):
            export(dense(keras), tmp_path, **settings)
    assert not list(tmp_path.iterdir())


def fails(number, words):
    def failing(*args, **settings):
        raise OSError(number, words)

    return failing


def test_a_failed_export_leaves_the_old_page(keras, tmp_path, monkeypatch):
    path = export(dense(keras), tmp_path, title="the old one")
    monkeypatch.setattr(os, "replace", fails(28, "No space left on device"))
    with pytest.raises(OSError, match="No space left on device"):
        export(dense(keras), tmp_path, title="the new one")
    assert "the old one" in path.read_text("utf-8")
    assert [path] == list(path.parent.iterdir())


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="may write everywhere"
)
def test_a_folder_that_one_may_not_write(keras, tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(PermissionError, match=r"Permission denied: .*page"):
        export(dense(keras), tmp_path)
    tmp_path.chmod(0o700)
    assert not list(tmp_path.iterdir())


def test_what_is_in_the_way_stays(keras, tmp_path):
    (tmp_path / "page").write_text("mine")
    for folder in (tmp_path / "page", tmp_path / "page" / "inside"):
        with pytest.raises(OSError, match=r"(File exists|Not a directory): .*page"):
            export_page(dense(keras), folder)
    assert (tmp_path / "page").read_text() == "mine"

    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "index.html").write_text("<h1>My club</h1>")
    with pytest.raises(FileExistsError, match="another program; give another folder"):
        export_page(dense(keras), tmp_path / "site")
    assert (tmp_path / "site" / "index.html").read_text() == "<h1>My club</h1>"
    assert len(list(tmp_path.iterdir())) == 2


# --- TensorFlow.js --------------------------------------------------------------------


def test_tensorflow_js_is_the_published_one():
    """What is kept in utils/page/tfjs is npm's file, byte for byte."""
    modules = ROOT / "tools" / "web" / "node_modules" / "@tensorflow"
    if not modules.exists():
        pytest.skip("npm's packages are not installed here; `make .venv/web` does it")
    published = {path.name: path for path in modules.glob("*/dist/*") if path.is_file()}
    kept = [*TFJS.glob("*.js"), *TFJS.glob("*.wasm")]
    assert len(kept) == len(RUNTIME) + 1
    for path in kept:
        assert path.read_bytes() == published[path.name].read_bytes()


def test_tensorflow_js_has_its_version_and_licences():
    lock = json.loads((ROOT / "tools" / "web" / "package-lock.json").read_text())
    version = lock["packages"]["node_modules/@tensorflow/tfjs-core"]["version"]
    core = (TFJS / "tf-core.es2017.min.js").read_text("utf-8")
    assert f'"{version}"' in core
    for name in ("README.md", "LICENSES.txt"):
        assert f"TensorFlow.js {version}" in (TFJS / name).read_text("utf-8")
    assert "Apache License\n                           Version 2.0" in (
        TFJS / "LICENSES.txt"
    ).read_text("utf-8")


def test_tensorflow_js_can_stand_in_a_page():
    for name in RUNTIME:
        text = (TFJS / f"{name}.es2017.min.js").read_text("utf-8").lower()
        for words in ("</script", "<!--", "npmjs", "unpkg", "jsdelivr"):
            assert words not in text
