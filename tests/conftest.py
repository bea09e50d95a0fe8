import os
import shutil
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlparse

import pytest

# Read before any test changes it: the path of a real mnist.npz, if there is one.
MNIST = os.environ.get("WORKSHOP_DATA", "")
FAST = os.environ.get("WORKSHOP_FAST", "0") not in ("", "0")

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
SIZE = {"width": 1280, "height": 720}
HERE = ("127.0.0.1", "localhost")
QUIET = ["--disable-quic", "--disable-background-networking", "--disable-sync"]


@pytest.fixture(scope="session")
def mnist_file():
    """The path of a real mnist.npz: WORKSHOP_DATA names it, else Keras's cache."""
    from utils.data import cache_path

    for path in (Path(MNIST), cache_path()):
        if path.suffix == ".npz" and path.exists():
            return path
    pytest.skip("no real MNIST here; WORKSHOP_DATA=/path/to/mnist.npz names one")


@pytest.fixture(scope="session")
def packages(tmp_path_factory):
    """Skips where pip reaches no packages; in CI these tests always run."""
    probe = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "uv", "-d"]
    probe.append(str(tmp_path_factory.mktemp("probe")))
    if "CI" not in os.environ and subprocess.run(probe).returncode:
        pytest.skip("pip reaches no packages here; the hosted CI always runs this")


@pytest.fixture(scope="session")
def long_training(mnist_file):
    """As mnist_file, for tests that train for a minute: `make test-full` runs them."""
    if FAST:
        pytest.skip("trains for a minute or more; `make test-full` runs it")
    return mnist_file


@pytest.fixture(scope="session")
def copy_workshop():
    """A function: copy the working tree, without what git ignores, to a new folder."""
    root = Path(__file__).resolve().parent.parent
    if shutil.which("git") is None or not (root / ".git").exists():
        pytest.skip("needs git and a clone: git knows which files are ours")

    def copy(folder):
        ours = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        listed = subprocess.run(ours, cwd=root, stdout=subprocess.PIPE, check=True)
        for name in filter(None, listed.stdout.decode().split("\0")):
            if (root / name).exists():  # not deleted since the last commit
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(root / name, folder / name)
        return folder

    return copy


@pytest.fixture(scope="session")
def chromium():
    """A headless Chromium, one a test process, driven by playwright."""
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        pytest.skip("no Chromium or Chrome on the PATH; .ci/run installs one")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        root = hasattr(os, "geteuid") and os.geteuid() == 0
        browser = playwright.chromium.launch(
            executable_path=path, chromium_sandbox=not root, args=QUIET
        )
        yield browser
        browser.close()


@contextmanager
def new_tab(chromium):
    """An empty tab, 1280 x 720, that may speak to this machine only.

    What it asks of any other host is refused, and fails the test at its end.
    """
    outside = []

    def only_here(route):
        url = urlparse(route.request.url)
        if url.scheme in ("file", "data", "blob") or url.hostname in HERE:
            return route.continue_()
        outside.append(route.request.url)
        return route.abort()

    with chromium.new_context(viewport=SIZE) as context:
        context.route("**/*", only_here)
        yield context.new_page()
    assert not outside, f"the page asked another machine for {outside}"


@pytest.fixture
def alone(chromium):
    """A new_tab for one test."""
    with new_tab(chromium) as page:
        yield page


@pytest.fixture
def page(alone):
    """The same; a file whose tests share one tab says so."""
    return alone


@pytest.fixture(scope="module")
def _kept(chromium):
    with new_tab(chromium) as page:
        yield page


@pytest.fixture
def tab(_kept):
    """A new_tab for all tests of a file, each of which opens a page from disk first.

    A tab of its own costs each a second: a process, and all scripts compiled anew.
    At the end no script may have failed, nor the console have got an error or warning.
    """
    complaints = []
    listen = {
        "pageerror": lambda error: complaints.append(str(error)),
        "console": lambda said: (
            said.type in ("error", "warning") and complaints.append(said.text)
        ),
    }
    for event, hear in listen.items():
        _kept.on(event, hear)
    _kept.set_viewport_size(SIZE)
    _kept.emulate_media(
        media="screen", color_scheme="light", reduced_motion="no-preference"
    )
    yield _kept
    for event, hear in listen.items():
        _kept.remove_listener(event, hear)
    assert not complaints


@pytest.fixture
def serious():
    """A function: axe-core's serious and critical findings about a tab, as lines.

    serious(page, ".sketch") looks only at what this selector names.
    """
    from axe_playwright_python.sync_playwright import Axe

    def findings(page, selector=None):
        # Twice as fast as with all else; no rule here needs the styles' files again.
        options = {"resultTypes": ["violations"], "preload": False}
        found = Axe().run(page, selector, options).response["violations"]
        return [
            f"{rule['id']}: {rule['help']}: {rule['nodes'][0]['html'][:200]}"
            for rule in found
            if rule["impact"] in ("serious", "critical")
        ]

    return findings


@pytest.fixture(scope="session")
def keras():
    """Keras, set up as in a notebook."""
    from utils import device

    device.setup()
    import keras

    return keras


@pytest.fixture(scope="session")
def reader(keras):
    """A small reader of drawings, trained for some seconds on the embedded digits."""
    import numpy as np

    from utils import data, drawing

    (images, labels), _ = data.load_mnist("digits")
    keras.utils.set_random_seed(0)
    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(16, 5, strides=2, activation="relu"),
            layers.Conv2D(32, 3, strides=2, activation="relu"),
            layers.Flatten(),
            layers.Dropout(0.2),
            layers.Dense(10),
        ]
    )
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(0.003), loss)
    converted = np.array([drawing.to_mnist(image) for image in images])
    model.fit(data.prepare(converted), labels, batch_size=32, epochs=6, verbose=0)
    return model
