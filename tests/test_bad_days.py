"""Bad days: each ends in one clear sentence, and the lesson goes on.

Those of the network and of the data are in test_data.py, broken frameworks in
test_frameworks.py, rubbish answers in test_exercises.py.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from utils import data, device

ROOT = Path(__file__).resolve().parent.parent
FAST = os.environ.get("WORKSHOP_FAST", "0") not in ("", "0")
NAME = "Mes élèves, été 2026 (日本)"  # of a folder
SOLVED = sorted((ROOT / "notebooks" / "solutions").glob("*.ipynb"))


def python(code, *before, folder=ROOT, **settings):
    """Run code in a new Python; `before`: the command that starts it, if any."""
    return subprocess.run(
        [*before, sys.executable, "-c", code],
        capture_output=True,
        encoding="utf-8",
        timeout=240,
        cwd=folder,
        env={**os.environ, "PYTHONUTF8": "1", **settings},
    )


# --- the machine's own settings ---------------------------------------------------

PREDICT = """
from utils import deck_cnn, device
device.setup()
import numpy as np
print(deck_cnn.build().predict(np.zeros((2, 28, 28, 1)), verbose=0).shape)
"""


def test_wrong_backend_and_the_settings_of_an_old_keras(tmp_path):
    old = {
        "backend": "theano",
        "image_data_format": "channels_first",
        "floatx": "float16",
    }
    (tmp_path / "keras.json").write_text(json.dumps(old))
    done = python(PREDICT, KERAS_HOME=str(tmp_path), KERAS_BACKEND="pytorch")
    sentence, about, shape = done.stdout.splitlines()
    assert sentence == (
        "KERAS_BACKEND asks for 'pytorch', which is not installed or none of "
        "tensorflow, jax, torch: using tensorflow instead."
    )
    assert "on tensorflow" in about
    assert shape == "(2, 10)"


def test_backend_that_is_not_installed(monkeypatch, capsys):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    device.choose_backend()
    assert os.environ["KERAS_BACKEND"] == "tensorflow"
    assert "asks for 'jax', which is not installed" in capsys.readouterr().out


def test_who_asks_for_no_backend_hears_nothing(monkeypatch, capsys):
    monkeypatch.setenv("KERAS_BACKEND", "")
    device.choose_backend()
    assert os.environ["KERAS_BACKEND"] == "tensorflow"
    assert capsys.readouterr().out == ""


# --- the disk ---------------------------------------------------------------------


@pytest.fixture
def mounted(tmp_path):
    """A function: the start of a command that runs with a file system on `tmp_path`.

    It takes the options of a tmpfs, such as "size=1m" or "ro". Linux only.
    """

    def command(options):
        mount = f"mount -t tmpfs -o {options} none '{tmp_path}' && exec \"$@\""
        unshare = ("unshare", "--map-root-user", "--mount", "sh", "-c")
        return *unshare, mount, "sh"

    if not shutil.which("unshare"):
        pytest.skip("no `unshare` here")
    if subprocess.run([*command("ro"), "true"], capture_output=True).returncode:
        pytest.skip("this machine does not let us mount a file system")
    return command


def test_full_disk(mounted, tmp_path, mnist_file):
    """MNIST has 11 MB, the disk one; nothing is left of the half that fitted."""
    code = f"""
import os
from utils import data
data.download = lambda url: open({str(mnist_file)!r}, "rb").read()
(images, _), _ = data.load_mnist("mnist")
print(len(images), os.listdir(data.cache_path().parent))
"""
    done = python(code, *mounted("size=1m"), KERAS_HOME=str(tmp_path))
    sentence, _, found = done.stdout.splitlines()
    assert sentence.startswith("mnist.npz is not kept for next time")
    assert sentence.endswith("No space left on device")
    assert found == "60000 []"


def test_read_only_home(mounted, tmp_path, mnist_file):
    code = f"""
from utils import data, device, plotting
device.setup()
data.download = lambda url: open({str(mnist_file)!r}, "rb").read()
(images, labels), _ = data.load_mnist()
print(plotting.digits(images[:5], labels[:5]))
"""
    home = {"HOME": str(tmp_path), "MPLCONFIGDIR": ""}
    done = python(code, *mounted("ro"), **home)
    assert done.returncode == 0, done.stderr
    assert "Read-only file system" in done.stdout
    assert "60,000 training" in done.stdout
    assert "Traceback" not in done.stderr


SERVER = """
from jupyter_server.serverapp import ServerApp
server = ServerApp()
server.initialize(["--allow-root", "--ip=127.0.0.1", "--port=0"])
print(server.port)
"""


def test_jupyter_needs_a_home_that_can_be_written(mounted, tmp_path, tmp_path_factory):
    """What the doctor says of a read-only home, and what it tells people to do."""
    usual = {"JUPYTER_RUNTIME_DIR": "", "JUPYTER_CONFIG_DIR": ""}
    done = python(SERVER, *mounted("ro"), **usual, HOME=str(tmp_path))
    assert "Read-only file system" in done.stderr
    other = str(tmp_path_factory.mktemp("home"))
    done = python(SERVER, *mounted("ro"), **usual, HOME=other)
    assert int(done.stdout) > 0, done.stderr


# --- where the notebook is ----------------------------------------------------------


def test_workshop_in_a_folder_with_spaces_and_accents(tmp_path, mnist_file):
    """Code, data and cache there: it is what a desktop folder looks like."""
    folder = tmp_path / NAME
    for part in ("utils", "lessons"):
        shutil.copytree(
            ROOT / part, folder / part, ignore=shutil.ignore_patterns("web")
        )
    shutil.copy(mnist_file, folder / "mnist.npz")
    code = """
from pathlib import Path
import utils
from utils import data, plotting
from utils.exercises import lesson4 as ex
from utils.records.measured import ablation_table

print(Path(utils.__file__).parents[1].name)
(images, labels), _ = data.load_mnist()
print(plotting.digits(images[:5], labels[:5]))
print(ex.q1.solution(), ablation_table())
"""
    settings = {
        "WORKSHOP_DATA": str(folder / "mnist.npz"),
        "KERAS_HOME": str(folder),
    }
    done = python(code, folder=folder, **settings)
    assert done.returncode == 0, done.stderr
    name, loaded, *_ = done.stdout.splitlines()
    assert name == folder.name
    assert loaded == "MNIST: 60,000 training and 10,000 test images"


@pytest.mark.parametrize("quote", ['"', "'", ""])
def test_path_as_the_windows_prompt_gives_it(quote, mnist_file, tmp_path):
    """`set WORKSHOP_DATA="D:\\Stick\\MNIST.NPZ"` keeps the quotes, and any case."""
    path = tmp_path / "MNIST.NPZ"
    shutil.copy(mnist_file, path)
    (images, _), _ = data.load_mnist(f"{quote}{path}{quote} ")
    assert len(images) == 60_000


def test_windows_separators_in_a_path_that_is_wrong():
    with pytest.raises(ValueError, match=r"D:\\stick\\mnist\.npz cannot be used"):
        data.load_mnist(r"D:\stick\mnist.npz")


# --- cells in any order -------------------------------------------------------------


QUICK = ("05",)  # which runs in half a minute


@pytest.mark.parametrize("path", SOLVED, ids=lambda path: path.stem)
def test_cells_backwards_and_then_each_twice(path, tmp_path, monkeypatch):
    """As after a restart in the middle, and with an impatient finger.

    From the last cell to the first, nearly all fail, since what they need is not there
    yet: Python names it. Then all cells run from the top, each twice, without an error.
    All that in a folder that is not the workshop's, where a lesson leaves nothing.
    """
    if FAST and path.stem[:2] not in QUICK:
        pytest.skip("takes minutes; `make test-full` runs it")
    monkeypatch.setenv("WORKSHOP_DATA", "digits")
    notebook = nbformat.read(path, as_version=4)
    forwards = [cell for cell in notebook.cells if cell.cell_type == "code"]
    backwards = [nbformat.from_dict({**cell}) for cell in forwards[::-1]]
    for cell in backwards:
        cell.metadata = nbformat.from_dict({"tags": ["raises-exception"]})
    twice = [nbformat.from_dict({**cell}) for cell in forwards for _ in range(2)]
    notebook.cells = [*backwards, *twice]
    for number, cell in enumerate(notebook.cells):
        cell.id = f"run-{number}"
    folder = tmp_path / NAME
    folder.mkdir()
    where = {"metadata": {"path": str(folder)}}
    NotebookClient(notebook, timeout=600, resources=where).execute()
    if "07" not in path.stem:  # which makes a project
        assert list(folder.iterdir()) == []
    for cell in backwards:
        for output in cell.outputs:
            if output.output_type == "error":
                assert output.ename == "NameError", cell.source
                assert "is not defined" in output.evalue
