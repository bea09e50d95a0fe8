"""utils.device and utils.callbacks: a quiet start, one seed, a progress bar."""

import importlib.util
import os
import random
import subprocess
import sys

import pytest

from utils import device


def python(code, **settings):
    return subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        timeout=120,
        env={**os.environ, **settings},
    )


@pytest.mark.parametrize("backend", device.BACKENDS)
def test_setup_is_quiet_and_says_one_line(backend):
    if importlib.util.find_spec(backend) is None:
        pytest.skip(f"{backend} is not installed")
    code = "from utils import device; device.setup(); device.setup(1)"
    done = python(code, KERAS_BACKEND=backend)
    assert done.returncode == 0
    assert done.stderr == ""
    first, second = done.stdout.splitlines()
    assert first == second
    assert first.startswith("Keras 3.")
    assert f"on {backend} " in first


def test_torch_takes_one_step_at_a_time(monkeypatch):
    for backend, steps in (("tensorflow", 20), ("jax", 20), ("torch", 1)):
        monkeypatch.setattr("keras.backend.backend", lambda name=backend: name)
        assert device.steps_at_once(20) == steps


def test_never_takes_the_whole_gpu():
    """Also where there is none: TensorFlow is made to believe in one."""
    code = """
import os
import tensorflow as tf
asked = []
tf.config.list_physical_devices = lambda kind=None: ["gpu 0"] * (kind == "GPU")
tf.config.experimental.set_memory_growth = lambda *given: asked.append(given)
tf.config.experimental.get_device_details = lambda gpu: {"device_name": "NVIDIA H200"}
from utils import device
device.setup()
print(asked, os.environ["XLA_PYTHON_CLIENT_PREALLOCATE"])
"""
    about, taken = python(code, KERAS_BACKEND="tensorflow").stdout.splitlines()
    assert about.endswith(", GPU: NVIDIA H200")
    assert taken == "[('gpu 0', True)] false"


def test_memory_of_a_tensor_is_given_back():
    """A network that is trained leaves no copy of its images behind."""
    code = """
from utils import device
device.setup()
import numpy as np, psutil, tensorflow as tf
images = np.ones(50_000_000, "float32")  # 200 MB
before = psutil.Process().memory_info().rss
tf.constant(images) + 1
print((psutil.Process().memory_info().rss - before) // 10**6)
"""
    *_, kept = python(code, KERAS_BACKEND="tensorflow").stdout.split()
    assert int(kept) < 100


def test_errors_still_come_through():
    done = python("from utils import device\nwith device.quiet():\n    import nonsense")
    assert "ModuleNotFoundError" in done.stderr


def test_import_is_quick_and_pulls_nothing():
    """A lesson that needs no TensorFlow does not wait for it."""
    done = python(
        "import sys, utils, utils.data, utils.device, utils.exercises.lesson4\n"
        "print([m for m in ('tensorflow', 'keras', 'matplotlib') if m in sys.modules])"
    )
    assert done.stdout == "[]\n"


def test_seed_fixes_everything():
    import keras

    def draw():
        device.setup(seed=3)
        return random.random(), keras.ops.convert_to_numpy(keras.random.normal((2,)))

    (one, first), (other, second) = draw(), draw()
    assert one == other
    assert (first == second).all()


@pytest.fixture
def shown(monkeypatch):
    """What the progress bar displays, instead of a notebook."""
    from utils import callbacks

    texts = []

    class Area:
        def update(self, text):
            texts.append(text.data)

    monkeypatch.setattr(callbacks, "display", lambda text, display_id: Area())
    return texts


def test_bar_ends_when_its_time_is_over_and_says_so(shown, monkeypatch):
    """As in a browser's tab, where a network learns many times slower."""
    from utils.callbacks import Bar

    monkeypatch.setattr(Bar, "SECONDS", -1)
    assert list(Bar("abc", 3, "training")) == ["a"]
    assert shown[-1] == "training: 1 of 3 steps, then time was over"


def test_a_bar_needs_no_keras():
    code = "import sys; sys.modules['keras'] = None; from utils.callbacks import Bar"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_bar_moves_and_leaves_one_line(shown):
    from utils.callbacks import Bar

    assert list(Bar("abc", 3, "training")) == ["a", "b", "c"]
    assert "━" in shown[0]
    assert shown[-1] == "training"
