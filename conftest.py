"""pytest reads this for tests/ and for notebooks/, which nbval runs."""

import itertools
import os
import tempfile
from pathlib import Path

import nbval.kernel
import pytest
from jupyter_client.manager import KernelManager

KERNELS = tempfile.TemporaryDirectory(prefix="kernels-", ignore_cleanup_errors=True)
NUMBERS = itertools.count()
# What takes minutes begins first: else one worker has it alone at the end.
LONG = [f"test_{name}" for name in ("attack", "page", "site", "slides", "touch")]

if "PYTEST_XDIST_WORKER" in os.environ:
    # Several at once: threads of NumPy, PyTorch, TensorFlow would wait for each other.
    for threads in "OMP_NUM", "TF_NUM_INTRAOP", "TF_NUM_INTEROP":
        os.environ[f"{threads}_THREADS"] = "1"


class OwnFolder(KernelManager):
    """A manager whose kernel works in a new folder.

    nbval gives the notebook's own, where lesson 7 would write over what a learner made.
    With WORKSHOP_ATTENDEES=digits the notebooks that attendees get run on these data,
    and the solved ones on the room's.
    """

    def start_kernel(self, **settings):
        attendees = Path(settings["cwd"]).name == "notebooks"
        if attendees and (data := os.environ.get("WORKSHOP_ATTENDEES")):
            settings["env"] = os.environ | {"WORKSHOP_DATA": data}
        super().start_kernel(**settings | {"cwd": tempfile.mkdtemp(dir=KERNELS.name)})


def kernel_manager(**settings):
    """A manager whose kernel is reached by files in KERNELS instead of TCP ports.

    A free port is chosen first and opened later. When notebooks run side by side,
    another program takes it in between once in some hundred starts: that kernel dies
    or never answers. Windows has no such files for Jupyter, so ports it is there.
    """
    if os.name != "nt":
        # Short: macOS allows 103 letters for it, of which its folder takes 65.
        name = Path(KERNELS.name, f"{next(NUMBERS)}.json")
        settings |= {"transport": "ipc", "connection_file": str(name)}
    return OwnFolder(**settings)


nbval.kernel.KernelManager = kernel_manager  # what nbval calls


def pytest_itemcollected(item):
    """`-k lesson5` finds all that lesson 5 can break, its notebooks included."""
    if item.path.suffix == ".ipynb":
        item.extra_keyword_matches.add(f"lesson{int(item.path.name[:2])}")
    elif item.get_closest_marker("every_lesson"):
        item.extra_keyword_matches.update(f"lesson{n}" for n in range(1, 100))


def pytest_collection_modifyitems(items):
    items.sort(key=lambda i: (i.path.suffix != ".ipynb", i.path.stem not in LONG))
    for item in items:
        if type(item.parent).__name__ == "IPyNbFile":
            # C++ code writes to the error stream or not, depending on the machine;
            # a Python error fails its cell anyway.
            item.parent.skip_compare = (*item.parent.skip_compare, "stderr")


@pytest.fixture(autouse=True)
def _no_settings_from_outside(request, monkeypatch):
    """Tests choose their data themselves; the notebooks take what the room has set."""
    if request.node.path.suffix == ".py":
        for name in ("WORKSHOP_DATA", "WORKSHOP_FAST", "KERAS_HOME"):
            monkeypatch.delenv(name, raising=False)
