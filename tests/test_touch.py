"""The figures to touch: right numbers; a mouse, keys alone, a finger; in every place.

Each is tried as people use it: from a page on disk, in JupyterLab, on a slide.
"""

import io
import re
import subprocess
import sys

import nbformat
import numpy as np
import pytest
import traitlets
from axe_playwright_python.sync_playwright import Axe
from numpy.lib.stride_tricks import sliding_window_view
from PIL import Image
from test_pad import jupyter_lab, open_pad, run

from tools import site, slides
from tools.lessons import LESSONS, ROOT
from utils import touch
from utils.autograd import Value
from utils.page import export_page
from utils.touch import Playground, SlidingKernel, SmallNetwork, Softmax, Valley

RANDOM = np.random.default_rng(0)
FIGURES = [SlidingKernel, SmallNetwork, Softmax, Valley, Playground]
every_figure = pytest.mark.parametrize("kind", FIGURES, ids=lambda kind: kind.__name__)


@pytest.fixture(autouse=True)
def _same_numbers_whichever_tests_run():
    RANDOM.bit_generator.state = np.random.default_rng(0).bit_generator.state


@pytest.fixture
def page(tab):
    """One tab for all tests here; each opens a page from disk in it."""
    return tab


# --- the numbers ------------------------------------------------------------------


@pytest.fixture(scope="module")
def calculate(chromium):
    """A function: what a figure's module answers, one call for each input.

    calculate("kernel.js", "m.convolve", inputs): inputs are lists of arguments, m is
    the module.
    """

    page = chromium.new_page()

    def answers(file, function, inputs):
        return page.evaluate(
            """async ([text, source, inputs]) => {
              const blob = new Blob([text], { type: "text/javascript" });
              const module = await import(URL.createObjectURL(blob));
              const answer = new Function("m", `return ${source}`)(module);
              return inputs.map((input) => answer(...input));
            }""",
            [touch.module(file), function, inputs],
        )

    yield answers
    page.close()


def convolved(image, kernel, padding, stride):
    windows = sliding_window_view(np.pad(image, padding), kernel.shape)
    return (windows[::stride, ::stride] * kernel).sum(axis=(2, 3))


def test_convolution_is_numpys(calculate):
    inputs = []
    for _ in range(40):
        size = RANDOM.integers(1, 6)
        image = RANDOM.normal(size=RANDOM.integers(size, 12, size=2))
        kernel = RANDOM.normal(size=(size, size))
        inputs.append([image, kernel, *map(int, RANDOM.integers((0, 1), (4, 5)))])
    sent = [[image.tolist(), kernel.tolist(), *rest] for image, kernel, *rest in inputs]
    found = calculate("kernel.js", "m.convolve", sent)
    for output, given in zip(found, inputs, strict=True):
        np.testing.assert_allclose(output, convolved(*given), rtol=0, atol=1e-9)


def by_autograd(net):
    """The total error, and the slopes in W1, W2, b1 and b2: as lesson 6 does it."""
    parts = {name: np.vectorize(Value)(value) for name, value in net.items()}

    def layer(inputs, W, b):
        return [
            (inputs[0] * W[0, k] + inputs[1] * W[1, k] + b).sigmoid() for k in (0, 1)
        ]

    h = layer(parts["x"], parts["W1"], parts["b1"].item())
    o = layer(h, parts["W2"], parts["b2"].item())
    error = sum((o[k] - parts["t"][k]) ** 2 / 2 for k in (0, 1))
    error.backward()
    slopes = [
        np.vectorize(lambda v: v.grad)(parts[n]) for n in ("W1", "W2", "b1", "b2")
    ]
    return [error.data, *slopes]


def test_network_is_autograds(calculate):
    shapes = {"x": 2, "t": 2, "W1": (2, 2), "W2": (2, 2), "b1": (), "b2": ()}
    nets = [
        {name: 2 * RANDOM.normal(size=shape) for name, shape in shapes.items()}
        for _ in range(40)
    ]
    sent = [[{k: np.asarray(v).tolist() for k, v in net.items()}] for net in nets]
    forward = calculate("network.js", "m.forward", sent)
    backward = calculate("network.js", "m.backward", sent)
    after = calculate("network.js", "m.update", [[*net, 0.7] for net in sent])
    for net, there, back, new in zip(nets, forward, backward, after, strict=True):
        error, *slopes = by_autograd(net)
        assert there["total"] == pytest.approx(error, abs=1e-9)
        for name, slope in zip(("W1", "W2", "b1", "b2"), slopes, strict=True):
            np.testing.assert_allclose(back[name], slope, rtol=0, atol=1e-9)
        for name, slope in zip(("W1", "W2"), slopes, strict=False):
            wanted = net[name] - 0.7 * slope
            np.testing.assert_allclose(new[name], wanted, rtol=0, atol=1e-9)


def test_softmax_is_numpys(calculate):
    inputs = [
        (RANDOM.normal(0, 50, size=RANDOM.integers(2, 11)), RANDOM.uniform(0.1, 5))
        for _ in range(40)
    ]
    sent = [[logits.tolist(), temperature] for logits, temperature in inputs]
    stable = calculate("softmax.js", "m.softmax", sent)
    for found, (z, temperature) in zip(stable, inputs, strict=True):
        powers = np.exp((z - z.max()) / temperature)
        np.testing.assert_allclose(found["p"], powers / powers.sum(), rtol=0, atol=1e-9)
    surprises = calculate(
        "softmax.js", "m.surprise", [[q["p"][0]] for q in stable[:20]]
    )
    for found, q in zip(surprises, stable, strict=False):
        with np.errstate(divide="ignore"):  # the surprise of 0 is infinite
            nats, bits = -np.log(q["p"][0]), -np.log2(q["p"][0])
        assert [found["nats"], found["bits"]] == pytest.approx([nats, bits], rel=1e-9)
    plain = calculate("softmax.js", "m.plainSoftmax", sent)
    overflows = 0
    for found, (z, temperature) in zip(plain, inputs, strict=True):
        with np.errstate(all="ignore"):
            powers = np.exp(z / temperature).astype("float32")
            wanted = powers / powers.sum()
        overflows += np.isnan(wanted).any()
        np.testing.assert_allclose(found["p"], wanted, rtol=1e-6, atol=1e-9)
    assert 4 < overflows < 36  # both are tried


def keras_paths(keras, starts, optimizer, steps):
    """The places that Keras visits from all starts, (steps + 1, starts, 2)."""
    w = keras.Variable(starts, dtype="float64")
    places = [starts]
    for _ in range(steps):
        optimizer.apply([keras.ops.convert_to_tensor(places[-1] * [1, 20])], [w])
        places.append(keras.ops.convert_to_numpy(w).copy())
    return np.array(places)


RATES = [(0.003, 0.3), (0.08, 0.6), (0.11, 0.9)]  # with a momentum
OPTIMIZERS = ["SGD", "momentum", "Adam"]


def test_paths_through_the_valley_are_numpys(calculate):
    figures = [
        Valley(
            start=RANDOM.uniform([-5, -2], [5, 2]),
            optimizer=name,
            learning_rate=RANDOM.uniform(0.001, 0.2),
            momentum=RANDOM.uniform(0, 0.98),
            steps=int(RANDOM.integers(1, 100)),
        )
        for name in OPTIMIZERS * 10
    ]
    found = calculate("valley.js", "m.path", [[figure.state()] for figure in figures])
    for places, figure in zip(found, figures, strict=True):
        np.testing.assert_allclose(places, figure.path, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_paths_through_the_valley_are_keras(keras, name):
    """Not to 1e-9: in float64, too, Keras rounds momentum and Adam's betas to float32,
    and one minus 0.999 is then wrong in its fifth digit."""
    near = 1e-4 if name == "Adam" else 1e-6
    before = keras.config.floatx()
    keras.config.set_floatx("float64")  # the learning rate
    try:
        for rate, momentum in RATES:
            optimizer = {
                "SGD": keras.optimizers.SGD(rate),
                "momentum": keras.optimizers.SGD(rate, momentum=momentum),
                "Adam": keras.optimizers.Adam(rate),
            }[name]
            starts = RANDOM.uniform([-5, -2], [5, 2], size=(10, 2))
            wanted = keras_paths(keras, starts, optimizer, steps=30)
            settings = {"optimizer": name, "learning_rate": rate, "momentum": momentum}
            for start, places in zip(starts, np.moveaxis(wanted, 1, 0), strict=True):
                ours = Valley(start=start, **settings).path
                np.testing.assert_allclose(ours, places, rtol=near, atol=near)
    finally:
        keras.config.set_floatx(before)


ACTIVATE = {
    "none": lambda z: z,
    "tanh": lambda z: z.tanh(),
    "ReLU": lambda z: z.relu(),
    "sigmoid": lambda z: z.sigmoid(),
}


def loss_by_autograd(net, points, classes):
    """The mean cross-entropy, and its slopes in the hidden units and the bias."""
    hidden = [[Value(w) for w in row] for row in net["hidden"]]
    bias, losses = Value(net["bias"]), []
    for (x, y), truth in zip(points, classes, strict=True):
        z = bias
        for a, b, c, v in hidden:
            z = z + v * ACTIVATE[net["activation"]](a * x + b * y + c)
        p = z.sigmoid()
        losses.append(-(p if truth else 1 - p).log())
    loss = sum(losses[1:], losses[0]) / len(losses)
    loss.backward()
    return loss.data, [[w.grad for w in row] for row in hidden], bias.grad


def random_networks(count):
    """[net, points, classes], count for each activation."""
    for activation in list(ACTIVATE) * count:
        hidden = RANDOM.normal(size=(RANDOM.integers(1, 9), 4)).tolist()
        points = RANDOM.uniform(-1.5, 1.5, size=(6, 2)).tolist()
        net = {"hidden": hidden, "bias": RANDOM.normal(), "activation": activation}
        yield [net, points, RANDOM.integers(0, 2, size=6).tolist()]


def test_playgrounds_gradient_is_autograds(calculate):
    inputs = list(random_networks(10))
    for found, given in zip(
        calculate("playground.js", "m.gradient", inputs), inputs, strict=True
    ):
        loss, hidden, bias = loss_by_autograd(*given)
        assert found["loss"] == pytest.approx(loss, abs=1e-9)
        assert found["bias"] == pytest.approx(bias, abs=1e-9)
        np.testing.assert_allclose(found["hidden"], hidden, rtol=0, atol=1e-9)


def test_playground_trains_with_adam(calculate):
    """Twenty steps of the page's are twenty of NumPy's, on autograd's slopes."""
    inputs = list(random_networks(3))
    steps = """(net, points, classes) => {
      const after = m.adam(0.05);
      for (let i = 0; i < 20; i++) net = after(net, points, classes);
      return [...net.hidden.flat(), net.bias];
    }"""
    for found, given in zip(
        calculate("playground.js", steps, inputs), inputs, strict=True
    ):
        net, points, classes = given
        w = np.append(np.ravel(net["hidden"]), net["bias"])
        velocity = square = 0
        for step in range(1, 21):
            now = {**net, "hidden": w[:-1].reshape(-1, 4).tolist(), "bias": w[-1]}
            _, hidden, bias = loss_by_autograd(now, points, classes)
            slope = np.append(np.ravel(hidden), bias)
            velocity = 0.9 * velocity + 0.1 * slope
            square = 0.999 * square + 0.001 * slope**2
            mean, size = velocity / (1 - 0.9**step), square / (1 - 0.999**step)
            small = 1e-7 / np.sqrt(1 - 0.999**step)  # where Keras adds its epsilon
            w = w - 0.05 * mean / (np.sqrt(size) + small)
        np.testing.assert_allclose(found, w, rtol=0, atol=1e-9)


def test_playgrounds_answers_are_the_pages(calculate):
    for activation in ACTIVATE:
        figure = Playground(activation=activation)
        sent = [[figure.state(), *point] for point in figure.points.tolist()]
        z = np.array(calculate("playground.js", "m.output", sent))
        answers = figure.predict(figure.points)[:, 0]
        np.testing.assert_allclose(answers, 1 / (1 + np.exp(-z)), rtol=0, atol=1e-9)


def test_the_question_about_the_kernel_has_an_answer():
    """Only the kernel 0 makes all sums 0 here; those of the middle rows others do."""
    windows = sliding_window_view(SlidingKernel().image, (3, 3)).reshape(4, 4, 9)
    assert np.linalg.matrix_rank(windows.reshape(16, 9)) == 9
    assert np.linalg.matrix_rank(windows[1:3].reshape(8, 9)) < 9
    for text in (site.GALLERY[SlidingKernel][1], LESSONS[3].read_text("utf-8")):
        plain = re.sub(r"\s+", " ", text.replace("\n# ", " ").replace("*", ""))
        assert "kernel that is not 0 makes both middle rows of" in plain


# --- in Python --------------------------------------------------------------------


def test_state_is_read_and_set():
    figure = SlidingKernel()
    assert figure.kernel.tolist() == [[-1, 0, 1]] * 3
    figure.kernel = np.eye(2)
    assert figure.state()["kernel"] == [[1, 0], [0, 1]]
    assert "A 2 x 2 kernel" in figure.still().alt
    with pytest.raises(ValueError, match="read-only"):
        figure.kernel[0, 0] = 5  # the picture would not know
    for name, value, words in [
        ("kernel", np.ones((4, 4)), r"kernel: given shape \(4, 4\); wanted"),
        ("kernel", [[np.nan]], r"wanted finite numbers, shape \(1-3, 1-3\)"),
        ("place", [1, 2, 3], r"place: given shape \(3,\); wanted"),
        ("image", "a", "image: given shape"),
        ("stride", 0, "stride.*0"),
    ]:
        with pytest.raises(traitlets.TraitError, match=words):
            setattr(figure, name, value)
    assert figure.kernel.tolist() == [[1, 0], [0, 1]]  # as before


@every_figure
def test_a_cell_shows_the_still_of_the_state(kind):
    """And is live on its slide."""
    figure = kind()
    data, metadata = figure._repr_mimebundle_()
    still = figure.still()
    assert data["text/plain"] == still.alt == metadata["image/png"]["alt"]
    assert data["text/plain"].endswith(".")
    assert "application/vnd.jupyter.widget-view+json" in data
    assert metadata["image/png"]["touch"]["state"] == figure.state()
    with Image.open(io.BytesIO(still.png)) as image:
        assert image.width > 400

    del data["application/vnd.jupyter.widget-view+json"]  # as tools/notebooks.py saves
    shown = nbformat.v4.new_output("execute_result", data=data, metadata=metadata)
    cell = nbformat.v4.new_code_cell("figure", outputs=[shown])
    (piece,) = slides.code_pieces(cell)
    assert f'data-touch="{kind.module}"' in piece.figure
    assert re.search('<noscript><img src="data:.*" alt=".+"', piece.figure)


def test_still_says_its_numbers():
    figure = SlidingKernel(padding=1, stride=2, place=[1, 2])
    assert figure.still().alt == (
        "A 3 x 3 kernel on an image, padding 1, stride 2: the output is 3 x 3. At row "
        "1, column 2 the sum of the 9 products is -27."
    )


def test_softmax_says_its_surprise():
    """Where a true class is given: lesson 3 does not know the word."""
    assert "surprise" not in Softmax().still().alt
    figure = Softmax(temperature=2, truth=1)
    assert figure.still().alt.endswith(
        "and 0.08; temperature 2; the surprise of class 1 is 1.055 nats = 1.522 bits."
    )
    figure.shift = 5000  # nothing overflows here
    assert figure.still().alt.endswith("class 1 is 1.055 nats = 1.522 bits.")
    with pytest.raises(traitlets.TraitError, match="truth: given 3; wanted 0 to 2"):
        figure.truth = 3


def test_valley_says_where_it_ends():
    figure = Valley(learning_rate=0.104, steps=20)
    assert figure.path.shape == (21, 2)
    assert "leaves the picture at step 4" in figure.still().alt
    with pytest.raises(traitlets.TraitError, match="optimizer"):
        figure.optimizer = "adam"


def test_playground_says_how_many_are_right():
    figure = Playground(hidden=[[1, 0, 0, -9]], activation="none")
    right = ((figure.points[:, 0] < 0) == figure.classes).mean()
    assert figure.still().alt == (
        f"Decision boundaries: 1 hidden unit, none, {right:.0%} of the points right."
    )


def test_without_anywidget_there_is_the_still():
    code = (
        "import sys; sys.modules['anywidget'] = None\n"
        "from utils.touch import SlidingKernel\n"
        "figure = SlidingKernel(); figure.stride = 2\n"
        "data, _ = figure._repr_mimebundle_(); print(sorted(data), data['text/plain'])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert "['image/png', 'text/plain'] A 3 x 3 kernel" in done.stdout, done.stderr
    assert "stride 2: the output is 2 x 2" in done.stdout


@every_figure
def test_modules_are_small(kind):
    assert (touch.FOLDER / kind.module).stat().st_size < 25_000


# --- on a page from disk ------------------------------------------------------------


# A page of the plainest kind: what a figure brings itself is all it may rely on.
PAGE = """<!DOCTYPE html><html lang="en" style="color-scheme: light dark">
<meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>A figure</title><main><h1>A figure</h1>{}</main>"""


@pytest.fixture(scope="module")
def still():
    return Softmax().still()


@pytest.fixture
def opened(page, tmp_path, still):
    """A function: a figure's page, opened from disk; `tab` sees that no script fails.

    Its still, which no browser shows that runs scripts, is the same on all: to draw
    one takes as long as the rest of a test.
    """

    def open_figure(figure):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(type(figure), "still", lambda figure: still)
            text = PAGE.format(figure.html())
        (tmp_path / "figure.html").write_text(text, "utf-8")
        page.goto((tmp_path / "figure.html").as_uri())
        return page.locator(".touch")

    return open_figure


@every_figure
def test_page_is_accessible_light_and_dark(opened, page, kind):
    """Not one finding of axe-core, however small, about the figure."""
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        opened(kind())
        found = Axe().run(page, ".touch").response["violations"]
        assert [rule["help"] for rule in found] == []


def test_figure_follows_the_colours_of_its_page(opened, page):
    """Also where nobody has touched it since: they change in the evening, too."""
    figure = opened(SlidingKernel())
    light = figure.evaluate("e => getComputedStyle(e).backgroundColor")
    page.emulate_media(color_scheme="dark")
    page.locator(".touch.dark").wait_for()
    page.evaluate("document.body.style.color = 'black'")
    page.locator(".touch:not(.dark)").wait_for()
    assert figure.evaluate("e => getComputedStyle(e).backgroundColor") == light


@pytest.fixture
def busy(page):
    """A function: for how many milliseconds the page's thread has worked so far.

    The processor's own time: another program at work does not make it longer.
    """
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})

    def milliseconds():
        metrics = session.send("Performance.getMetrics")["metrics"]
        (seconds,) = [m["value"] for m in metrics if m["name"] == "TaskDuration"]
        return 1000 * seconds

    return milliseconds


PAINTED = """performance.getEntriesByName("first-contentful-paint")[0]?.startTime"""


@every_figure
def test_first_paint_takes_less_than_100_ms(opened, page, busy, kind):
    """pytest -s prints what a clock says, too."""
    opened(kind())
    work, clock = [], []
    for _ in range(3):
        page.reload()
        page.wait_for_function(PAINTED)
        work.append(busy())  # a new page counts from 0
        clock.append(page.evaluate(PAINTED))
    print(f"{kind.__name__}: {np.median(work):.0f} ms of work, painted after", end=" ")
    print(f"{np.median(clock):.0f} ms ({min(clock):.0f} to {max(clock):.0f})")
    assert np.median(work) < 100


FRAMES = """async () => {
    const frame = () => new Promise(requestAnimationFrame);
    const begin = await frame();
    for (let i = 0; i < 60; i++) await frame();
    return (await frame() - begin) / 61;
}"""


def test_a_frame_of_the_playground_takes_less_than_16_ms(opened, page, busy):
    """With eight units and all 24 points, while it trains."""
    hidden = RANDOM.normal(size=(8, 4))
    opened(Playground(hidden=hidden)).get_by_role("button", name="Train").click()
    before = busy()
    clock = page.evaluate(FRAMES)
    work = (busy() - before) / 61
    print(f"{work:.1f} ms of work for a frame, one comes every {clock:.1f} ms")
    assert work < 16


# What ends to the right of the window, and letters of less than 14 pixels.
FAULTS = """() => [...document.querySelectorAll(".touch *")].filter((e) => {
  const own = [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim());
  const scale = e.getScreenCTM ? e.getScreenCTM().a : 1;
  const clipped = e.ownerSVGElement && e.tagName !== "text";
  return (!clipped && e.getBoundingClientRect().right > innerWidth + 1)
    || (own && scale * parseFloat(getComputedStyle(e).fontSize) < 13.99);
}).map((e) => e.outerHTML.slice(0, 100))"""


BROKEN = """all => all.filter((e) => e.parentNode.tagName === "P"
  || e.parentNode.getClientRects().length > 1).map((e) => e.outerHTML)"""
BESIDE = {  # a finger is at most so many pixels beside the middle of this
    SlidingKernel: ("weight in row 1, column 1", (14, 12)),
    SmallNetwork: ("weight 5", (0, 12)),
    Valley: ("start: arrow keys move it", (10, 5)),
    Playground: ("point 1 of 24, class 1", (10, 5)),
}
HELD = """([x, y]) => document.elementFromPoint(x, y)
  .closest("[role=slider]")?.getAttribute("aria-label")"""


@every_figure
def test_page_fits_on_a_phone(opened, page, kind):
    """Words stay in one line with what they name; a finger need not be exact.

    Chromium looks around a finger for what it means; Safari does not.
    """
    page.set_viewport_size({"width": 360, "height": 740})
    figure = opened(kind())
    assert page.evaluate(FAULTS) == []
    named = figure.locator("p :is([role=slider], input)")
    assert named.count() or kind is Playground
    assert named.evaluate_all(BROKEN) == []
    if kind in BESIDE:
        name, (right, down) = BESIDE[kind]
        x, y = middle(figure.get_by_role("slider", name=name, exact=True))
        for side in (1, -1):
            place = [x + side * right, y + side * down]
            assert page.evaluate(HELD, place) == name


OVERLAPS = """() => {
  const all = [...document.querySelectorAll(".touch svg text")];
  const texts = all.filter((e) => e.textContent);
  const boxes = texts.map((e) => e.getBoundingClientRect());
  const meet = (a, b) => a.left < b.right && b.left < a.right
    && a.top + 3 < b.bottom && b.top + 3 < a.bottom; // lower than their line
  return texts.flatMap((e, i) => boxes.flatMap((box, j) => (i < j && meet(boxes[i], box)
    ? [`${e.textContent} | ${texts[j].textContent}`] : [])));
}"""


CUT = """() => {
  const { left, right } = document.querySelector(".touch svg").getBoundingClientRect();
  return [...document.querySelectorAll(".touch svg text")].filter((e) => {
    const box = e.getBoundingClientRect();
    return box.width && (box.left < left || box.right > right);
  }).map((e) => e.textContent);
}"""


@pytest.mark.parametrize("step", [7, 19, 20])
def test_no_number_of_the_network_lies_on_another(opened, page, step):
    """Nor is one cut off: with a sign and three digits after the point, all eight."""
    weights = -np.array([[0.151, 0.252], [0.203, 0.304]])
    opened(SmallNetwork(W1=weights, W2=weights, step=step))
    for width, units in (1280, 720), (360, 340):
        page.set_viewport_size({"width": width, "height": 740})
        page.locator(f".touch svg[viewBox^='0 0 {units} ']").wait_for()
        assert page.evaluate(OVERLAPS) == []
        assert page.evaluate(CUT) == []


AIR = """cells => cells.map((e) => {
  const range = document.createRange();
  range.selectNodeContents(e);
  return [e.clientWidth, range.getBoundingClientRect().width];
})"""


@pytest.mark.parametrize("kernel", [SlidingKernel().kernel, np.full((3, 3), -9)])
def test_sums_fit_their_cells(opened, page, kernel):
    """The largest here are three digits and a sign; and the frame is of equal cells."""
    figure = opened(SlidingKernel(kernel=kernel))
    for width in 1280, 360:
        page.set_viewport_size({"width": width, "height": 740})
        cells, texts = np.transpose(figure.locator(".wide td").evaluate_all(AIR))
        assert np.ptp(cells) <= 1
        assert all(texts <= cells)
        tops = [grid.bounding_box()["y"] for grid in figure.locator(".grid").all()]
        assert tops[0] == tops[1]  # the output beside the image: one sees both


def touch_screen(page):
    """A function that sends Chromium's own touch events: kind, place (x, y) or none."""
    session = page.context.new_cdp_session(page)

    def send(kind, *places):
        points = [{"x": x, "y": y} for x, y in places]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    return send


def middle(locator):
    locator.scroll_into_view_if_needed()
    box = locator.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def cell(figure, grid, row, column):
    return (
        figure.locator(".grid")
        .nth(grid)
        .locator("tr")
        .nth(row)
        .locator("td")
        .nth(column)
    )


def plain(locator):
    """Its text, with the signs of a keyboard."""
    return locator.inner_text().translate({0x2212: "-", 0xD7: "x"})


def said(figure):
    return plain(figure.locator("[role=status]"))


def test_kernel_with_a_mouse(opened, page):
    figure = opened(SlidingKernel())
    page.mouse.move(*middle(cell(figure, 0, 3, 2)))  # the window's middle
    assert said(figure) == "row 2, column 1: 9 + 9 + 9 = 27"
    page.mouse.move(*middle(cell(figure, 1, 0, 3)))
    assert said(figure) == "row 0, column 3: -9 - 9 = -18"
    cell(figure, 0, 0, 3).click()  # a pixel
    assert cell(figure, 0, 0, 3).inner_text() == "9"
    assert said(figure).startswith("row 0, column 2: ")
    weight = figure.locator(".knob").nth(2)
    x, y = middle(weight)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 16, y, steps=4)
    page.mouse.up()
    assert weight.inner_text() == "3"
    weight.click()
    assert weight.get_attribute("aria-valuenow") == "4"


def test_kernel_with_keys_alone(opened, page):
    figure = opened(SlidingKernel())
    page.keyboard.press("Tab")  # into the image
    for key in ("ArrowDown", "ArrowDown", "ArrowRight", "ArrowRight"):
        page.keyboard.press(key)
    assert said(figure) == "row 1, column 1: 9 + 9 + 9 = 27"
    page.keyboard.press("5")
    assert cell(figure, 0, 2, 2).inner_text() == "5"
    page.keyboard.press("Tab")  # the first weight
    page.keyboard.press("ArrowUp")
    page.keyboard.press("End")
    assert figure.locator(".knob").nth(0).inner_text() == "9"
    for _ in range(9):
        page.keyboard.press("Tab")  # the output
    page.keyboard.press("ArrowDown")
    assert said(figure).startswith("row 2, column 1:")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    heads = figure.locator(".head")
    assert heads.nth(0).inner_text().endswith(" 6")
    page.keyboard.press("ArrowUp")  # padding
    assert heads.nth(0).inner_text().endswith(" 6, and a border")
    assert "⌊(6 + 2·1 - 3) / 1⌋ + 1 = 6" in plain(figure)
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"


def test_kernel_with_a_finger(opened, page):
    page.set_viewport_size({"width": 360, "height": 740})
    figure = opened(SlidingKernel())
    finger = touch_screen(page)
    finger("touchStart", middle(cell(figure, 0, 1, 1)))
    finger("touchMove", middle(cell(figure, 0, 3, 2)))
    finger("touchEnd")
    assert said(figure) == "row 2, column 1: 9 + 9 + 9 = 27"
    x, y = middle(figure.locator(".knob").nth(0))
    finger("touchStart", (x, y))
    finger("touchMove", (x + 20, y))
    finger("touchMove", (x + 40, y))
    finger("touchEnd")
    assert figure.locator(".knob").nth(0).inner_text() == "4"


def test_the_kernel_slides_by_itself_unless_motion_is_reduced(opened, page):
    figure = opened(SlidingKernel())
    figure.get_by_role("button", name="Slide").click()
    page.wait_for_function(
        "said => said.textContent.startsWith('row 0, column 2')",
        arg=figure.locator("[role=status]").element_handle(),
    )
    page.emulate_media(reduced_motion="reduce")
    figure = opened(SlidingKernel())
    figure.get_by_role("button", name="Slide").click()
    page.wait_for_timeout(1000)
    assert said(figure).startswith("row 0, column 1")


def test_network_number_by_number_with_keys_alone(opened, page):
    figure = opened(SmallNetwork())
    following = figure.get_by_role("button", name="Next")
    following.focus()
    shown = []
    for _ in range(20):
        page.keyboard.press("Enter")
        shown.append(said(figure))
    assert shown[0] == "h\u2081 = sigmoid(0.05 x 0.15 + 0.1 x 0.2 + 0.35) = 0.5933"
    assert shown[6] == "total error = 0.2748 + 0.0236 = 0.298371"
    assert shown[9].endswith("= 0.5933 x 0.1385 = 0.082167")  # the lesson's slope in w5
    assert shown[-1].endswith("from 0.298371 to 0.291028")
    assert following.is_disabled()
    figure.get_by_role("button", name="Take the step").focus()
    page.keyboard.press("Enter")
    assert "total 0.2910" in figure.inner_text()
    weight = figure.get_by_role("slider", name="weight 5")
    assert float(weight.get_attribute("aria-valuenow")) == pytest.approx(0.358916480)
    weight.focus()
    page.keyboard.press("ArrowDown")
    assert weight.text_content() == "w\u2085 0.309"


def test_network_with_a_mouse_and_a_finger(opened, page):
    page.set_viewport_size({"width": 360, "height": 740})
    figure = opened(SmallNetwork(step=7))
    weight = figure.get_by_role("slider", name="weight 5")
    x, y = middle(weight)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x, y - 80, steps=5)
    page.mouse.up()
    assert weight.text_content() == "w\u2085 0.9"
    net = {name: getattr(SmallNetwork(), name) for name in ("x", "t", "W1", "b1", "b2")}
    error, *_ = by_autograd({**net, "W2": np.array([[0.9, 0.5], [0.45, 0.55]])})
    assert f"total {error:.4f}" in figure.inner_text()
    x, y = middle(weight)
    finger = touch_screen(page)
    finger("touchStart", (x, y))
    finger("touchMove", (x, y + 40))
    finger("touchMove", (x, y + 80))
    finger("touchEnd")
    assert weight.text_content() == "w\u2085 0.4"


def test_keys_stay_on_a_button_that_can_do_no_more(opened, page):
    """A button that is disabled would lose them, and the next key turn a slide."""
    here = "document.activeElement.textContent"
    figure = opened(SmallNetwork(step=20))
    figure.get_by_role("button", name="Take the step").focus()
    page.keyboard.press("Enter")
    once = figure.inner_text()
    page.keyboard.press("Enter")
    assert page.evaluate(here) == "Take the step"
    assert figure.inner_text() == once
    figure = opened(Playground())
    figure.get_by_role("button", name="\u2212 unit").focus()
    for _ in range(3):
        page.keyboard.press("Enter")
    assert page.evaluate(here) == "\u2212 unit"
    assert said(figure).startswith("1 hidden unit, ")


def test_softmax_with_keys_alone(opened, page):
    figure = opened(Softmax())
    assert said(figure) == "largest probability: 0.7214, of class 0"
    page.keyboard.press("Tab")  # the true class
    page.keyboard.press("Space")
    assert said(figure) == (
        "surprise of class 0: -ln 0.7214 = 0.3266 nats = 0.4711 bits"
    )
    page.keyboard.press("ArrowDown")
    assert said(figure).startswith("surprise of class 1: -ln 0.2654")
    figure.get_by_role("slider", name="added to all").focus()
    page.keyboard.press("Shift+ArrowUp")
    assert said(figure).startswith("exp(102) is too large for float32")
    figure.get_by_role("checkbox").focus()
    page.keyboard.press("Space")
    assert said(figure).startswith("surprise of class 1: -ln 0.2654")
    figure.get_by_role("slider", name="temperature").focus()
    page.keyboard.press("End")
    assert "0.3336" in figure.inner_text()  # nearly equal


def test_softmax_with_a_mouse_and_a_finger(opened, page):
    page.set_viewport_size({"width": 360, "height": 740})
    figure = opened(Softmax(truth=2))
    logit = figure.get_by_role("slider", name="logit of class 2")
    x, y = middle(logit)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x, y - 240, steps=5)
    page.mouse.up()
    assert logit.inner_text() == "1"
    assert said(figure).startswith("surprise of class 2: -ln 0.2119")
    finger = touch_screen(page)
    x, y = middle(logit)
    finger("touchStart", (x, y))
    finger("touchMove", (x + 40, y))
    finger("touchMove", (x + 80, y))
    finger("touchEnd")
    assert logit.inner_text() == "2"
    figure.get_by_role("radio").first.check()
    assert said(figure).startswith("surprise of class 0: -ln 0.4223")


def test_valley_with_keys_alone(opened, page):
    figure = opened(Valley())
    assert said(figure) == "After 30 steps the loss is 0.054."
    page.keyboard.press("Tab")  # the ball
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowUp")
    ball = figure.get_by_role("slider", name="start")
    assert ball.get_attribute("aria-valuetext") == "\u22123.9, 1.6"
    kept = figure.get_by_role("slider", name="momentum")
    assert not kept.is_visible()
    figure.get_by_role("button", name="momentum").focus()
    page.keyboard.press("Enter")
    assert kept.is_visible()
    assert said(figure) == "The loss is below 0.01 after 15 steps."
    figure.get_by_role("button", name="SGD").focus()
    page.keyboard.press("Enter")
    figure.get_by_role("slider", name="learning rate").focus()
    for _ in range(3):  # ten steps each: 0.09, 0.1, 0.2
        page.keyboard.press("Shift+ArrowUp")
    assert said(figure) == "It leaves the picture at step 1: it diverges."


def test_valley_with_a_mouse_and_a_finger(opened, page):
    page.set_viewport_size({"width": 360, "height": 740})
    figure = opened(Valley())
    ball = figure.get_by_role("slider", name="start")
    box = figure.locator("svg").bounding_box()
    centre = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(*middle(ball))
    page.mouse.down()
    page.mouse.move(*centre, steps=4)
    page.mouse.up()
    assert ball.get_attribute("aria-valuetext") == "0, 0"
    assert said(figure) == "The loss is below 0.01 after 0 steps."
    finger = touch_screen(page)
    finger("touchStart", centre)
    finger("touchMove", (centre[0] + 40, centre[1]))
    finger("touchMove", (centre[0] + 80, centre[1]))
    finger("touchEnd")
    assert float(ball.get_attribute("aria-valuenow")) == pytest.approx(2.6, abs=0.2)


def learned(page, figure):
    page.wait_for_function(
        "said => said.textContent.includes('24 of 24 right')",
        arg=figure.locator("[role=status]").element_handle(),
        timeout=20_000,
    )


def test_playground_with_keys_alone(opened, page):
    hidden = np.random.default_rng(0).normal(size=(3, 4))
    figure = opened(Playground(hidden=hidden))
    page.keyboard.press("Tab")  # the first point
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowRight")
    point = figure.get_by_role("slider", name="point 2 of 24")
    x, _ = Playground().points[1]
    assert float(point.get_attribute("aria-valuenow")) == pytest.approx(x + 0.05)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Train"
    page.keyboard.press("Enter")
    learned(page, figure)
    page.keyboard.press("Enter")
    assert said(figure).startswith("3 hidden units, ")
    figure.get_by_role("button", name="+ unit").focus()
    page.keyboard.press("Enter")
    assert said(figure).startswith("4 hidden units, 0 steps: ")
    figure.get_by_role("button", name="none").focus()
    page.keyboard.press("Enter")
    assert figure.get_by_role("button", name="none").get_attribute("aria-pressed")


def test_playground_with_a_mouse_and_a_finger(opened, page):
    page.set_viewport_size({"width": 360, "height": 740})
    page.emulate_media(reduced_motion="reduce")
    figure = opened(Playground())
    figure.get_by_role("button", name="Train").click()
    assert said(figure).startswith("2 hidden units, 300 steps: ")  # at once
    point = figure.get_by_role("slider", name="point 1 of 24")
    box = figure.locator("svg").bounding_box()
    centre = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(*middle(point))
    page.mouse.down()
    page.mouse.move(*centre, steps=4)
    page.mouse.up()
    assert point.get_attribute("aria-valuetext") == "0, 0"
    finger = touch_screen(page)
    finger("touchStart", centre)
    finger("touchMove", (centre[0], centre[1] - 30))
    finger("touchMove", (centre[0], centre[1] - box["height"] / 3))
    finger("touchEnd")
    assert point.get_attribute("aria-valuetext") == "0, 1"


def test_a_state_that_does_not_fit_yet_is_shown(opened):
    """Between two lines of Python: the logits are fewer, the classes not yet set."""
    figure = Softmax(truth=2)
    figure.logits = [1, 1]
    assert said(opened(figure)).startswith("surprise of class 1: -ln 0.5000")
    figure = Playground()
    figure.points = figure.points[:5]
    assert said(opened(figure)).endswith(" of 5 right")
    figure.points = np.repeat(Playground().points, 2, axis=0)
    assert said(opened(figure)).endswith(" of 24 right")
    assert "of the points right" in figure.still().alt


# --- in the other places ------------------------------------------------------------


SLIDE = """<!doctype html><html lang="en"><title>slide</title><style>{css}</style>
<body class="reveal"><div style="width: {width}px">{figure}</div>"""


@every_figure
def test_a_figure_fits_on_its_slide(page, kind):
    """Below the heading, with letters of 22 pixels or more for the back row.

    Softmax's circles and box are as large, and its sum is in line with its name.
    """
    css = (ROOT / "tools" / "web" / "slides" / "slides.css").read_text("utf-8")
    figure = kind().html()
    page.set_content(SLIDE.format(css=css, width=1184, figure=figure))
    box = page.locator(".touch").bounding_box()
    assert box["height"] <= 570  # of 720, without heading and edges
    assert page.evaluate(FAULTS.replace("13.99", "21.99")) == []
    if kind is not Softmax:
        return
    for choice in page.locator(".touch input").all():
        assert choice.bounding_box()["height"] >= 22
    middles = """cells => cells.filter((e) => e.textContent).map((e) => {
      const range = document.createRange();
      range.selectNodeContents(e);
      const { top, bottom } = range.getBoundingClientRect();
      return (top + bottom) / 2;
    })"""
    name, total = page.locator(".touch tfoot tr > *").evaluate_all(middles)
    assert abs(name - total) < 2


def test_a_figures_keys_turn_no_slide(page):
    """What reaches the document is reveal.js's: of a figure the page keys only."""
    page.set_content(SLIDE.format(css="", width=1160, figure=SlidingKernel().html()))
    page.evaluate(
        "addEventListener('keydown', ({key}) => (window.keys ??= []).push(key))"
    )
    for place in (".touch td", ".touch .knob", ".touch button"):
        page.locator(place).first.focus()
        for key in ("PageDown", "Space"):
            page.keyboard.press(key)
    for place in (".touch td", ".touch .knob"):
        page.locator(place).first.focus()
        for key in ("ArrowRight", "ArrowDown"):
            page.keyboard.press(key)
    assert page.evaluate("keys") == ["PageDown"] * 3


def test_figures_and_page_in_jupyterlab(keras, alone, tmp_path, serious):
    """The learner's state is in Python, and Python's is shown; the page to take home
    is live, too."""
    page, layers = alone, keras.layers
    kernels = [layers.Conv2D(4, 3), layers.Conv2D(6, 3)]
    model = keras.Sequential(
        [keras.Input((28, 28, 1)), *kernels, layers.Flatten(), layers.Dense(10)]
    )
    *others, weights, _ = model.get_weights()
    model.set_weights([*others, 0 * weights, np.eye(10)[3]])  # it always reads 3
    export_page(model, tmp_path / "page")
    live = "from utils.page import Page\nfrom pathlib import Path\n"
    live += "Page(text=Path('page/index.html').read_text('utf-8'))"
    show = "from utils.touch import SlidingKernel, SmallNetwork, Softmax\n"
    show += "figure, net, soft = SlidingKernel(), SmallNetwork(), Softmax()\n"
    show += "display(figure, net, soft)"
    read = "print(figure.kernel[0], figure.place, net.step, net.W1[0])\n"
    read += "figure.stride = 3\nnet.b1 = 1"
    with jupyter_lab(tmp_path, show, read, live) as address:
        open_pad(page, address, ".touch svg")
        page.locator(".touch .plain").wait_for()
        kernel, net, soft = page.locator(".touch").all()
        kernel.locator(".knob").first.focus()
        for key in ("ArrowUp", "ArrowUp", "ArrowUp"):
            page.keyboard.press(key)
        cell(kernel, 1, 0, 0).focus()
        for key in ("ArrowDown", "ArrowRight"):  # Jupyter's own would leave the cell
            page.keyboard.press(key)
        assert "row 1, column 1" in said(kernel)
        net.get_by_role("button", name="Next").focus()
        page.keyboard.press("Enter")
        page.keyboard.press("Enter")
        net.get_by_role("slider", name="weight 1", exact=True).focus()
        page.keyboard.press("ArrowUp")
        assert said(net).startswith("h\u2082 = sigmoid(")
        soft.get_by_role("radio").first.focus()
        for key in ("Space", "ArrowDown", "b"):  # a cell below would be one more
            page.keyboard.press(key)
        assert said(soft).startswith("surprise of class 1")
        assert page.locator(".jp-CodeCell").count() == 3
        assert serious(page, ".touch") == []
        run(page, cell=1)
        printed = page.locator(".jp-CodeCell").nth(1).locator(".jp-OutputArea-output")
        text = printed.inner_text(timeout=20_000).strip()
        assert text == "[2. 0. 1.] [1. 1.] 2 [0.2  0.25]"
        kernel.get_by_text("output 2 \u00d7 2").wait_for()
        net.get_by_text("b\u2081 1").wait_for()

        run(page, cell=2)
        inside = page.frame_locator(".jp-OutputArea iframe")
        inside.get_by_role("button", name="Example").click(timeout=20_000)
        inside.get_by_text("It reads 3.").wait_for()
        inside.locator("#maps .large").nth(2).press("ArrowUp")
        framed = inside.locator("#maps .small .framed")
        assert framed.count() == 4 + 1  # in the maps before, and the pixel itself
