"""pytest reads this for tests/ and for notebooks/, which nbval runs."""

import pytest


def pytest_collection_modifyitems(items):
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
