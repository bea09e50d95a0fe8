"""`python start.py`: one start for every system, from a clone or from a ZIP."""

import ast
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

import start

ROOT = Path(__file__).resolve().parent.parent
TEXT = {"capture_output": True, "encoding": "utf-8", "errors": "replace"}


def run(folder, *words, before="", **settings):
    """Run the folder's start.py, with some Python before it, as on another machine."""
    code = (
        f"import platform, runpy, sys; sys.argv[:] = ['start.py', *{words}]\n{before}"
    )
    code += f"\nrunpy.run_path({str(folder / 'start.py')!r}, run_name='__main__')"
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=folder.parent,
        env={**os.environ, **settings},
        timeout=600,
        **TEXT,
    )


@pytest.fixture
def bare(tmp_path):
    """A folder with what start.py reads, in which no installation can succeed."""
    for name in ("start.py", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path)
    for name in start.STAMPS:
        (tmp_path / name).write_text("./not-there\n")
    (tmp_path / "utils").mkdir()
    return tmp_path


def test_an_old_python_can_read_it():
    tree = ast.parse((ROOT / "start.py").read_text("utf-8"), feature_version=(3, 6))
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            assert {name.name for name in node.names} <= sys.stdlib_module_names
        if isinstance(node, ast.ImportFrom):
            assert node.module in sys.stdlib_module_names


@pytest.mark.parametrize("version", [(3, 6, 15), (3, 10, 13), (3, 14, 0), (4, 0, 0)])
def test_another_python_is_told_which_one_to_take(bare, version):
    done = run(bare, before=f"sys.version_info = {version}")
    command = "py -3.13" if os.name == "nt" else "python3.13"
    assert done.returncode == 1
    assert done.stderr.endswith(
        "; wanted: 3.11 to 3.13. Install 3.13 from python.org, then run: "
        f"{command} start.py\n"
    )
    assert done.stderr.count("\n") == 1
    assert not (bare / ".venv").exists()


@pytest.mark.parametrize(
    ("before", "words"),
    [
        (("Darwin", "x86_64"), "64-bit Python on Darwin x86_64"),
        (("Windows", "ARM64"), "64-bit Python on Windows ARM64"),
        (("Windows", "AMD64", "sys.maxsize = 2**31 - 1"), "32-bit Python on Windows"),
    ],
)
def test_a_machine_without_tensorflow_is_sent_to_colab(bare, before, words):
    system, processor, *more = before
    before = f"platform.system = lambda: {system!r}\n{''.join(more)}\n"
    done = run(bare, before=before + f"platform.machine = lambda: {processor!r}")
    assert done.returncode == 1
    assert f"TensorFlow has no release for {words}" in done.stderr
    assert "Google Colab" in done.stderr
    assert not (bare / ".venv").exists()


def test_what_is_not_understood_changes_nothing(bare):
    done = run(bare, "--help")
    assert "python start.py requirements.txt" in done.stderr
    assert not (bare / ".venv").exists()


def test_opened_inside_a_zip_it_says_so(bare):
    """Windows unpacks only the file that is clicked."""
    (bare / "requirements.txt").unlink()
    done = run(bare)
    assert done.stderr == (
        "requirements.txt is missing: unpack all of the ZIP, then start again.\n"
    )


def test_a_broken_environment_is_made_anew_and_a_failed_installation_says_so(bare):
    """As after an upgrade of the system's Python, and then without a network."""
    python = bare / Path(start.PYTHON).relative_to(ROOT)
    python.parent.mkdir(parents=True)
    python.symlink_to("gone") if os.name != "nt" else python.write_text("gone")
    done = run(bare, PIP_NO_INDEX="1")
    assert done.returncode == 1
    assert "Not installed: the lines above say why." in done.stderr
    assert "Traceback" not in done.stderr
    assert subprocess.run([python, "-c", "import pip"]).returncode == 0
    assert not (python.parent.parent / "attendee").exists()


# --- all of it, in a folder with spaces and a new home -------------------------------


@pytest.fixture(scope="session")
def room(copy_workshop, tmp_path_factory, packages):
    """(folder, settings): the workshop without .git, installed by start.py.

    Of its packages only JupyterLab and NumPy: `make test` itself begins with all.
    """
    folder = copy_workshop(tmp_path_factory.mktemp("room") / "Mes élèves, 2026")
    lines = (folder / "requirements.txt").read_text("utf-8").splitlines()
    few = [line for line in lines if re.match("jupyterlab|numpy|-e", line)]
    (folder / "requirements.txt").write_text("\n".join(few) + "\n", "utf-8")
    home = str(tmp_path_factory.mktemp("home"))
    settings = {"HOME": home, "USERPROFILE": home, "PYTHONUTF8": "1"}
    settings["JUPYTER_CONFIG_DIR"] = f"{home}/config"
    (Path(home) / "config").mkdir()
    # What was downloaded once need not be downloaded for this.
    cache = subprocess.run([sys.executable, "-m", "uv", "cache", "dir"], **TEXT)
    settings |= {"UV_CACHE_DIR": cache.stdout.strip()} if cache.stdout else {}
    quiet = {"ServerApp": {"open_browser": False}}
    (Path(home) / "config" / "jupyter_server_config.json").write_text(json.dumps(quiet))
    done = run(folder, "requirements.txt", **settings)
    assert done.returncode == 0, done.stderr
    assert "Installing requirements.txt from the network" in done.stdout
    yield folder, settings
    shutil.rmtree(folder / ".venv")


@pytest.fixture
def python(room):
    """The Python of the new environment."""
    return room[0] / Path(start.PYTHON).relative_to(ROOT)


def test_everything_is_there_and_compiled(room, python):
    code = "import numpy, pathlib, utils; print(utils.__file__); print(numpy)"
    code += "; print(*pathlib.Path(numpy.__path__[0]).glob('f2py/__pycache__/*.pyc'))"
    code += "; import sys, jupyterlab.labapp; print('rfc3987_syntax' in sys.modules)"
    done = subprocess.run(
        [python, "-c", code],
        cwd=room[0].parent,
        env={**os.environ, **room[1]},
        **TEXT,
    )
    ours, _, compiled, slow = done.stdout.splitlines()
    assert Path(ours).is_relative_to(room[0])
    assert ".pyc" in compiled
    assert slow == "False"
    settings = room[0] / ".venv" / "etc" / "jupyter" / "labconfig" / "page_config.json"
    assert start.NEWS in json.loads(settings.read_text("utf-8"))["disabledExtensions"]


def test_the_second_time_nothing_is_installed(room):
    folder, settings = room
    began = time.monotonic()
    done = run(folder, "requirements.txt", **settings)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert time.monotonic() - began < 5


def test_newly_required_packages_are_installed(room):
    folder, settings = room
    file = folder / "requirements.txt"
    before = file.read_text("utf-8")
    try:
        file.write_text(before + "./not-there\n", "utf-8")
        done = run(folder, "requirements.txt", **settings)
        assert "Installing requirements.txt from the network" in done.stdout
        assert "Not installed" in done.stderr
    finally:
        file.write_text(before, "utf-8")
    assert run(folder, "requirements.txt", **settings).stdout == ""


def test_it_opens_the_lessons_and_ctrl_c_is_for_jupyterlab(room, python, tmp_path):
    """The first Ctrl-C is a question, which nobody answers here; the second ends it."""
    folder, settings = room
    own = {}
    if os.name == "posix":  # only in a terminal does JupyterLab ask
        own = {"start_new_session": True, "stdin": os.openpty()[1]}
    log = (tmp_path / "log").open("w+", encoding="utf-8")
    process = subprocess.Popen(
        [sys.executable, folder / "start.py"],
        cwd=folder.parent,
        env={**os.environ, **settings, "JUPYTER_RUNTIME_DIR": str(tmp_path)},
        stdout=log,
        stderr=log,
        **own,
    )
    lab = None
    try:
        end = time.monotonic() + 90
        while lab is None:
            time.sleep(0.2)
            assert time.monotonic() < end, said(log)
            assert process.poll() is None, said(log)
            found = re.search(r"http://127\.0\.0\.1:(\d+)/lab\?token=(\w+)", said(log))
            if found and answers(int(found[1])):  # it says its address earlier
                (file,) = tmp_path.glob("jpserver-*.json")
                lab = json.loads(file.read_text("utf-8"))
        address = f"http://127.0.0.1:{found[1]}/api/contents?token={found[2]}"
        with urllib.request.urlopen(address, timeout=30) as answer:
            names = {entry["name"] for entry in json.load(answer)["content"]}
        assert "04_cnn.ipynb" in names
        if os.name == "posix":
            for _ in range(2):
                assert process.poll() is None
                os.killpg(process.pid, signal.SIGINT)
                time.sleep(1)
            process.wait(timeout=30)
            assert "Traceback" not in said(log)
    finally:
        if process.poll() is None:
            for pid in filter(None, (lab and lab["pid"], process.pid)):
                os.kill(pid, signal.SIGTERM)
        process.wait(timeout=30)


def answers(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def said(log):
    log.flush()
    return Path(log.name).read_text("utf-8", errors="replace")
