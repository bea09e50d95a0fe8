import os
from pathlib import Path

import pytest

# Read before any test changes it: the path of a real mnist.npz, if there is one.
MNIST = os.environ.get("WORKSHOP_DATA", "")


@pytest.fixture(scope="session")
def mnist_file():
    """The path of a real mnist.npz: WORKSHOP_DATA names it, else Keras's cache."""
    from utils.data import cache_path

    for path in (Path(MNIST), cache_path()):
        if path.suffix == ".npz" and path.exists():
            return path
    pytest.skip("no real MNIST here; WORKSHOP_DATA=/path/to/mnist.npz names one")
