import os
from pathlib import Path

import pytest

# Read before any test changes it: the path of a real mnist.npz, if there is one.
MNIST = os.environ.get("WORKSHOP_DATA", "")
FAST = os.environ.get("WORKSHOP_FAST", "0") not in ("", "0")


@pytest.fixture(scope="session")
def mnist_file():
    """The path of a real mnist.npz: WORKSHOP_DATA names it, else Keras's cache."""
    from utils.data import cache_path

    for path in (Path(MNIST), cache_path()):
        if path.suffix == ".npz" and path.exists():
            return path
    pytest.skip("no real MNIST here; WORKSHOP_DATA=/path/to/mnist.npz names one")


@pytest.fixture(scope="session")
def long_training(mnist_file):
    """As mnist_file, for tests that train for a minute: `make test-full` runs them."""
    if FAST:
        pytest.skip("trains for a minute or more; `make test-full` runs it")
    return mnist_file
