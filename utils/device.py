"""What this notebook runs on: backend, CPU or GPU; a quiet start; one seed for all."""

import contextlib
import logging
import os
import sys


def setup(seed=0):
    """Start Keras without log noise, set every seed, print one line about the device.

    Call it before anything else imports Keras. On a GPU, memory is taken as it is
    needed instead of the whole card at once.
    """
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
    keras.utils.set_random_seed(seed)
    print(describe())


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
    elif backend == "jax":
        import jax as library

        gpus = [d.device_kind for d in library.devices() if d.platform != "cpu"]
    else:
        return f"Keras {keras.__version__} on {backend}"
    device = f"GPU: {', '.join(gpus)}" if gpus else f"{os.cpu_count()} CPU cores"
    return f"Keras {keras.__version__} on {backend} {library.__version__}, {device}"


@contextlib.contextmanager
def quiet():
    """Drop what C++ code writes to the error stream, as TensorFlow's start does.

    No environment variable silences all of it. Python's own messages, errors
    included, still come through.
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
