"""What this notebook runs on: backend, CPU or GPU; a quiet start; one seed for all."""

import contextlib
import importlib.util
import json
import logging
import os
import sys

import numpy as np

from utils.data import cache_path

BACKENDS = "tensorflow", "jax", "torch"


def setup(seed=0):
    """Start Keras without log noise, set every seed, print one line about the device.

    Call it before anything else imports Keras. On a GPU, memory is taken as it is
    needed instead of the whole card at once. What the machine's settings ask for and
    the lessons cannot run with is set aside, with a line that says so.
    """
    check_numpy(np.__version__)
    if "keras" not in sys.modules:
        mend_backend()
    # JAX would take three quarters of the card at once.
    os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")
    with quiet():
        import keras

        if keras.backend.backend() == "tensorflow":
            import tensorflow as tf

            # A notebook builds many networks; TensorFlow wonders aloud whether
            # that is wise.
            logging.getLogger("tensorflow").setLevel(logging.ERROR)
            for gpu in tf.config.list_physical_devices("GPU"):
                # Raises once the GPU has been used: then it is too late to choose,
                # as when the cell runs a second time.
                with contextlib.suppress(RuntimeError):
                    tf.config.experimental.set_memory_growth(gpu, True)
        keras.utils.set_random_seed(seed)  # imports TensorFlow on any backend
    mend_formats(keras.config)
    print(describe())


def check_numpy(version):
    """Say so where NumPy is older than what the lessons are tested with."""
    if int(version.partition(".")[0]) < 2:
        print(
            f"NumPy {version} is older than 2.0: numbers may look different. "
            'Mend it: python -m pip install -U "numpy>=2", then restart the kernel.'
        )


def mend_backend():
    """Choose TensorFlow, and say why, where Keras cannot have the backend asked for.

    The variable KERAS_BACKEND asks for one, else the file keras.json, which a Keras of
    years ago may have left in the home folder.
    """
    where, backend = "KERAS_BACKEND", os.environ.get("KERAS_BACKEND")
    if not backend:
        where, backend = "keras.json", _keras_json().get("backend", "tensorflow")
    if backend == "tensorflow":
        return
    if backend not in BACKENDS:
        problem = "is none of " + ", ".join(BACKENDS)
    elif importlib.util.find_spec(backend) is None:
        problem = "is not installed"
    else:
        return
    os.environ["KERAS_BACKEND"] = "tensorflow"
    print(f"{where} asks for {backend!r}, which {problem}: using tensorflow instead.")


def mend_formats(config):
    """Undo what keras.json may have changed of the defaults that lessons rely on."""
    usual = {"image_data_format": "channels_last", "floatx": "float32"}
    for name, wanted in usual.items():
        found = getattr(config, name)()
        if found != wanted:
            getattr(config, f"set_{name}")(wanted)
            print(f"keras.json asks for {name} {found!r}: using {wanted!r} instead.")


def _keras_json():
    """What Keras's own settings file says; {} where there is none that can be read."""
    try:
        return json.loads((cache_path().parents[1] / "keras.json").read_text("utf-8"))
    except (OSError, ValueError):
        return {}


def describe():
    """Return one line, such as "Keras 3.13.2 on tensorflow 2.20.0, 2 CPU cores"."""
    import keras

    backend = keras.backend.backend()
    if backend == "tensorflow":
        import tensorflow as library

        gpus = [
            library.config.experimental.get_device_details(gpu).get(
                "device_name", "GPU"
            )
            for gpu in library.config.list_physical_devices("GPU")
        ]
    elif backend == "torch":
        import torch as library

        gpus = [
            library.cuda.get_device_name(i) for i in range(library.cuda.device_count())
        ]
        if library.backends.mps.is_available():  # Keras takes it before any other
            gpus = ["Apple's (MPS)"]
    elif backend == "jax":
        import jax as library

        gpus = [d.device_kind for d in library.devices() if d.platform != "cpu"]
    else:
        return f"Keras {keras.__version__} on {backend}"
    device = f"GPU: {', '.join(gpus)}" if gpus else f"{os.cpu_count()} CPU cores"
    return f"Keras {keras.__version__} on {backend} {library.__version__}, {device}"


def steps_at_once(most):
    """How many training steps Keras may hand to its backend in one go.

    `most`, or 1 on PyTorch: there Keras raises a ValueError for more.
    """
    import keras

    return 1 if keras.backend.backend() == "torch" else most


@contextlib.contextmanager
def quiet():
    """Drop what C++ code writes to the error stream, as TensorFlow's start does.

    No environment variable silences all of it. Errors still come through; in a
    notebook Python's other messages, too (a script writes them to the same stream).
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    sys.stderr.flush()
    kept = os.dup(2)
    try:
        with open(os.devnull, "w") as nowhere:
            os.dup2(nowhere.fileno(), 2)
            yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
