"""Nothing from outside, no pickles, nobody's secrets, and a lab of one's own.

That downloads are verified is tested in test_data.py; the `page` fixture of conftest.py
refuses whatever a page asks of another machine.
"""

import json
import os
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import nbformat
import psutil
import pytest

import start
from tools.notebooks import NOTEBOOKS
from utils import device
from utils.project import load_model

ROOT = Path(__file__).resolve().parent.parent
OURS = [
    path
    for folder in ("utils", "lessons")
    for path in (ROOT / folder).rglob("*.py")
    if "node_modules" not in path.parts
]
every_notebook = pytest.mark.parametrize(
    "path", NOTEBOOKS, ids=lambda path: path.relative_to(ROOT / "notebooks").as_posix()
)

# What a browser fetches without being asked to. A link (<a href>) is not among it.
LOADS = re.compile(
    r"""<(script|iframe|link|object|embed)\b    # code and frames, wherever from
    | \bsrc(set)?\s*=\s*["']?\s*(https?:)?//    # <img src="https://...">
    | !\[[^]]*\]\((https?:)?//                  # ![a picture](https://...)
    | url\(\s*["']?(https?:)?// | @import       # styles and fonts
    """,
    re.VERBOSE | re.IGNORECASE,
)

SECRETS = {
    "a home folder": r"/(home|Users|root)/\w|[A-Z]:\\+Users",
    "an e-mail address": r"[\w.]+@[\w-]+\.(com|org|net|edu|tn|fr)\b",
    "a token": r"\b(token|api[_-]?key|password|secret)\s*[=:]\s*['\"]?[\w-]{8,}"
    r"|\bgh[pousr]_\w{20,}|\bhf_\w{20,}|\bsk-\w{20,}|\bAKIA[0-9A-Z]{16}\b"
    r"|-----BEGIN [A-Z ]*PRIVATE KEY",
}


def texts(path):
    """All that a notebook says: its sources, and its outputs but for the pictures."""
    for cell in nbformat.read(path, as_version=4).cells:
        yield cell.source
        for output in cell.get("outputs", []):
            yield output.get("text", "")
            for kind, content in output.get("data", {}).items():
                if not kind.startswith("image/"):
                    yield str(content)


@every_notebook
def test_notebook_loads_nothing_from_outside(path):
    for text in texts(path):
        assert not LOADS.search(text), LOADS.search(text)


@pytest.mark.parametrize(
    "text",
    [
        '<img alt="x" src="https://example.org/x.png">',
        "<script>1</script>",
        "![x](//example.org/x.png)",
        "<style>@import 'x'</style>",
        "background: url(http://example.org/x)",
    ],
)
def test_loads_are_recognised(text):
    assert LOADS.search(text)


@every_notebook
def test_notebook_tells_no_secrets(path):
    notebook = nbformat.read(path, as_version=4)
    assert set(notebook.metadata) <= {"kernelspec", "language_info"}
    for cell in notebook.cells:
        assert set(cell.metadata) <= {"tags", "lines_to_next_cell"}
    for text in texts(path):
        for what, pattern in SECRETS.items():
            found = re.search(pattern, text, re.IGNORECASE)
            assert not found, f"{what}: {found}"


@pytest.mark.parametrize("path", OURS, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_no_pickle_is_loaded(path):
    """NumPy, Keras and torch run whatever code a file brings only if told so."""
    forbidden = (
        r"allow_pickle\s*=\s*True|\b(import|from) (pickle|joblib|dill|shelve)\b"
        r"|pickle\.loads?\(|safe_mode\s*=\s*False|weights_only\s*=\s*False"
        r"|torch\.load\((?!.*weights_only\s*=\s*True)"
    )
    found = re.search(forbidden, path.read_text("utf-8"))
    assert not found, found


def test_a_saved_model_with_code_in_it_is_refused(tmp_path):
    device.setup()
    import keras

    layers = [keras.Input((784,)), keras.layers.Lambda(lambda x: x)]
    keras.Sequential(layers).save(tmp_path / "model.keras")
    with pytest.raises(ValueError, match=r"model\.keras cannot be read .*Lambda"):
        load_model(tmp_path / "model.keras")


# --- `python start.py` --------------------------------------------------------------


# JupyterLab writes its file first, and opens its port when its loop comes to it: here
# a second later, as on a busy machine.
BUSY = """
import time
from tornado.ioloop import IOLoop
IOLoop.current().add_callback(time.sleep, 1)
"""


def listening(pid):
    """The addresses, such as {"127.0.0.1"}, at which a process waits for others."""
    return {
        connection.laddr.ip
        for connection in psutil.Process(pid).net_connections("inet")
        if connection.status == psutil.CONN_LISTEN
    }


@pytest.fixture
def lab(tmp_path):
    """What JupyterLab says of itself, started as by start.py but for the browser."""
    (tmp_path / "jupyter_server_config.py").write_text(BUSY, "utf-8")
    folders = {f"JUPYTER_{name}_DIR": str(tmp_path) for name in ("RUNTIME", "CONFIG")}
    process = subprocess.Popen(
        [sys.executable, *start.lab_words(), "--no-browser"],
        cwd=ROOT,
        env={**os.environ, **folders},
        stderr=(tmp_path / "log").open("w"),
    )
    try:
        for _ in range(600):
            time.sleep(0.1)
            for file in tmp_path.glob("jpserver-*.json"):
                text = file.read_text("utf-8")
                if text and listening(json.loads(text)["pid"]):
                    yield json.loads(text)
                    return
            assert process.poll() is None, (tmp_path / "log").read_text("utf-8")
        pytest.fail("JupyterLab did not start within a minute")
    finally:
        process.terminate()
        process.wait(timeout=30)


def test_lab_is_for_this_machine_and_wants_a_token(lab):
    assert len(lab["token"]) >= 32
    address = f"http://127.0.0.1:{lab['port']}/api/contents"
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(address, timeout=30)
    allowed = {"Authorization": f"token {lab['token']}"}
    request = urllib.request.Request(address, headers=allowed)
    with urllib.request.urlopen(request, timeout=30) as answer:
        assert json.load(answer)["type"] == "directory"
    addresses = listening(lab["pid"])
    assert "127.0.0.1" in addresses
    assert addresses <= {"127.0.0.1", "::1"}
