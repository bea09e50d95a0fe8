"""What this notebook runs on: backend, CPU or GPU; a quiet start; one seed for all."""

import contextlib
import importlib.util
import logging
import os
import sys

BACKENDS = "tensorflow", "jax", "torch"


def setup(seed=0):
    """Start Keras without log noise, set every seed, print one line about the device.

    Call it before anything else imports Keras. On a GPU, memory is taken as it is
    needed instead of the whole card at once. What an old keras.json in the home folder
    asks for does not count.
    """
    choose_backend()
    # TensorFlow's own allocator keeps what it had once: a second copy of all images.
    os.environ.setdefault("TF_ONEDNN_USE_SYSTEM_ALLOCATOR", "1")
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
    keras.config.set_image_data_format("channels_last")
    keras.config.set_floatx("float32")
    print(describe())


def choose_backend():
    """TensorFlow, or what the variable KERAS_BACKEND asks for, if Keras can have it."""
    asked = os.environ.get("KERAS_BACKEND") or "tensorflow"
    if asked not in BACKENDS or importlib.util.find_spec(asked) is None:
        print(
            f"KERAS_BACKEND asks for {asked!r}, which is not installed or none of "
            f"{', '.join(BACKENDS)}: using tensorflow instead."
        )
        asked = "tensorflow"
    os.environ["KERAS_BACKEND"] = asked


def describe():
    """Return one line, such as "Keras 3.13.2 on tensorflow 2.20.0, 2 CPU cores"."""
    import keras

    backend = keras.backend.backend()
    if backend == "tensorflow":
        import tensorflow as library

        found = library.config.list_physical_devices("GPU")
        details = map(library.config.experimental.get_device_details, found)
        gpus = [detail.get("device_name", "GPU") for detail in details]
    elif backend == "torch":
        import torch as library

        cuda = library.cuda
        gpus = [cuda.get_device_name(i) for i in range(cuda.device_count())]
        if library.backends.mps.is_available():  # Keras takes it before any other
            gpus = ["Apple's (MPS)"]
    else:
        import jax as library

        gpus = [d.device_kind for d in library.devices() if d.platform != "cpu"]
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
