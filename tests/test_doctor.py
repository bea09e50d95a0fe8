"""utils.doctor: each check on both sides of its limit, and the report as a whole."""

import ast
import importlib.util
import io
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import venv
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest
from IPython.lib.pretty import pretty
from packaging.version import Version

from utils import data, doctor
from utils.doctor import Line

PYTHON = ".venv/" + ("Scripts" if os.name == "nt" else "bin") + "/python"


@pytest.fixture
def machine(monkeypatch, tmp_path):
    """A machine to break. It has no MNIST, and no check may ask the network."""
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    monkeypatch.setattr(socket, "socket", None)
    return monkeypatch


# A function named like a check makes the machine that this check looks at.


def packages(machine, folder, requirements):
    (folder / "requirements.txt").write_text(requirements, "utf-8")
    machine.setattr(doctor, "ROOT", folder)


def keras(machine, folder, code, seconds=9):
    machine.setattr(doctor, "KERAS", code)
    machine.setattr(doctor, "SECONDS", seconds)


def space(machine, folder, disk, memory=None):
    """In GB; memory=None: before the installation, when nothing measures it."""
    sizes = SimpleNamespace(free=disk * 1e9, available=(memory or 0) * 1e9)
    machine.setattr(shutil, "disk_usage", lambda path: sizes)
    machine.setattr(psutil, "virtual_memory", lambda: sizes)
    if memory is None:
        machine.setattr(importlib.util, "find_spec", lambda name: None)
        machine.setitem(sys.modules, "psutil", None)  # its import now fails


def saving(machine, folder, closed=""):
    """Nobody can write into a file in place of a folder, not even root."""
    for name in ("notebooks", "home"):
        (folder / name).touch() if name == closed else (folder / name).mkdir()
    machine.setattr(doctor, "ROOT", folder)
    machine.setattr(Path, "home", lambda: folder / "home")


@pytest.mark.parametrize(
    ("make", "settings", "status", "words"),
    [
        (packages, ["# a\nnumpy>=1.0  # b\n-e .\n"], "ok", "all 1 of .*, Python 3"),
        (packages, ["numpy>=999.1"], "PROBLEM", r"\(wanted: 999.1 or.*start.py"),
        (packages, ["nor>=1\nno_no.1>=2"], "PROBLEM", "nor is missing, no_no.1 is"),
        (keras, ["print('noise'); print('Keras 3')"], "ok", "Keras 3"),
        (keras, ["raise OSError('DLL')"], "PROBLEM", "start: OSError: DLL.*Visual C"),
        (keras, ["import os; os._exit(9)"], "PROBLEM", "status 9.*before 2012"),
        (
            keras,
            ["import time; time.sleep(60)", 1],
            "warning",
            "not start in 1 sec.*again",
        ),
        (space, [0.21, 2.51], "ok", "0.2 GB of disk free, 2.5 GB of memory"),
        (space, [0.19, 2.6], "PROBLEM", "disk free; wanted: 0.2 GB.*Delete"),
        (space, [3.01], "ok", "3.0 GB of disk free"),
        (space, [2.99], "PROBLEM", "disk free; wanted: 3 GB.*larger disk"),
        (space, [3.1, 2.49], "warning", "2.5 GB of memory; .*WORKSHOP_FAST=1"),
        (space, [3.1, 1.01], "warning", "1.0 GB of memory; .*Google Colab"),
        (space, [3.1, 0.99], "PROBLEM", "1.0 GB of memory; .*Google Colab"),
        (saving, [], "ok", "notebooks"),
        (saving, ["notebooks"], "PROBLEM", "notebooks: Not a dir.*Documents"),
        (saving, ["home"], "PROBLEM", "home: Not a dir.* start.py"),
    ],
)
def test_check(make, settings, status, words, machine, tmp_path):
    name = make.__name__
    make(machine, tmp_path, *settings)
    machine.setattr(doctor, "CHECKS", {name: doctor.CHECKS[name]})
    line = doctor.check()[name]
    assert line.status == status
    assert re.search(words, f"{line.text} {line.todo}", re.DOTALL)
    assert bool(line.todo) == (status != "ok")
    assert all(len(part) < 62 for part in line.todo.splitlines() if part[0] == " ")


@pytest.mark.parametrize(
    ("source", "status", "text"),
    [
        ("digits", "ok", "the small digits"),
        ('"{}/MNIST.NPZ"', "ok", "MNIST, verified"),  # as Windows' prompt gives it
        ("{}/mnist.copy", "PROBLEM", "names no data"),  # the loader goes by the ending
        ("{}/wrong.npz", "PROBLEM", "no .npz file at all"),
        ("{}/missing.npz", "PROBLEM", "No such file"),
    ],
)
def test_data_is_good_if_it_loads(source, status, text, machine, mnist_file, tmp_path):
    for name in ("MNIST.NPZ", "mnist.copy"):
        shutil.copy(mnist_file, tmp_path / name)
    (tmp_path / "wrong.npz").write_text("no data")
    machine.setenv("WORKSHOP_DATA", source.format(tmp_path))
    line = doctor.check_data()
    assert line.status == status
    assert text in line.text
    refused = pytest.raises(ValueError, match=source[-5:])
    with refused if status == "PROBLEM" else nullcontext():
        data.load_mnist()


def test_mnist_missing_damaged_and_there(machine, mnist_file):
    cache = data.cache_path()
    missing = doctor.check_data()
    assert missing.status == "warning"
    assert str(cache) in missing.todo
    cache.parent.mkdir(parents=True)
    cache.write_bytes(b"PK half a file")
    assert doctor.check_data() == missing
    shutil.copy(mnist_file, cache)
    assert doctor.check_data() == Line("ok", f"MNIST, verified: {cache}")


def test_a_disk_is_full_where_an_empty_file_still_fits(machine, tmp_path):
    """Of 4,096 bytes, the usual block, one is left for a name, not for a notebook."""

    class Full(io.BytesIO):
        def write(self, content):
            if len(content) > 4096:
                raise OSError(28, "No space left on device")

    saving(machine, tmp_path)
    machine.setattr(tempfile, "TemporaryFile", lambda dir: Full())
    line = doctor.check_saving()
    assert line.status == "PROBLEM"
    assert line.text.endswith("notebooks: No space left on device")


def test_every_requirement_is_understood():
    """A line in another form, numpy~=2.0 say, would be a package nobody checks."""
    lines = (doctor.ROOT / "requirements.txt").read_text("utf-8").splitlines()
    count = sum(bool(line) and line[0] != "#" and line != "-e ." for line in lines)
    assert doctor.check_packages().text.startswith(f"all {count} of")


@pytest.mark.parametrize("version", ["2.20", "2.20.0", "2.20.0rc1", "2.21.1", "10.0"])
@pytest.mark.parametrize("lowest", ["2.20", "2.9", "3", "2.20.1"])
def test_versions_compare_as_pip_compares_them(version, lowest):
    final = Version(Version(version).base_version)  # for us, 2.20.0rc1 is 2.20.0
    older = doctor.release(version) < doctor.release(lowest)
    assert older == (final < Version(lowest))


def test_colab_needs_no_jupyterlab(machine, tmp_path):
    machine.setitem(sys.modules, "google.colab", doctor)
    packages(machine, tmp_path, "jupyterlab>=999")
    assert doctor.check_packages().status == "ok"


def test_report():
    """Narrow, the same in a notebook; its end follows the worst line."""
    fine, poor = Line("ok", "3.12.1"), Line("warning", "a b " * 40, "aa-bbb " * 40)
    report = doctor.Report(python=fine, data=poor, keras=Line("PROBLEM", "no"))
    assert repr(report).startswith("ok      python    3.12.1\nwarning data      a b a")
    assert pretty(report) == repr(report)
    assert "aa-\n" not in repr(report)
    assert max(map(len, repr(report).splitlines())) < 80
    assert repr(report).endswith("the first PROBLEM, then run the doctor again.")
    assert repr(doctor.Report(python=fine, data=poor)).endswith("read the warnings.")
    assert repr(doctor.Report(python=fine)).endswith("\n\nAll is well.")


def test_a_check_that_breaks(machine):
    machine.setattr(doctor, "CHECKS", {"breaks": lambda: [][0]})
    status, text, _ = doctor.check()["breaks"]
    assert (status, text[:23]) == ("PROBLEM", "not checked: IndexError")


def run(*command, cwd=doctor.ROOT, **settings):
    options = {"capture_output": True, "text": True, "timeout": 60}
    return subprocess.run(command, cwd=cwd, env=os.environ | settings, **options)


def test_the_command_on_this_machine():
    done = run(sys.executable, "-m", "utils.doctor")
    assert (done.returncode, done.stderr) == (0, "")
    assert re.findall(r"^[a-zA-Z]+ +(\w+)  ", done.stdout, re.M) == [*doctor.CHECKS]
    assert "for ten seconds at most" in done.stdout
    assert 6 <= doctor.SECONDS <= 9  # a slow laptop's Keras; all else takes one


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not here")
def test_make_doctor_before_anything_is_installed(tmp_path):
    venv.create(tmp_path / ".venv")  # a Python without any package
    done = run("make", "doctor", "BIN=nowhere", f"PYTHON={tmp_path / PYTHON}")
    assert done.returncode != 0
    assert "tensorflow is missing" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr


def test_the_command_where_nothing_else_is_left(tmp_path):
    """On a console that shows no letter beyond ASCII, too."""
    folder = tmp_path / "Zoë"
    (folder / "utils").mkdir(parents=True)
    shutil.copy(doctor.__file__, folder / "utils")
    venv.create(folder / ".venv")
    command = [folder / PYTHON, "-m", "utils.doctor"]
    done = run(*command, cwd=folder, PYTHONIOENCODING="ascii")
    assert (done.returncode, done.stderr) == (1, "")
    assert "Is the workshop's folder complete?" in done.stdout
    assert "Zo?" in done.stdout


def test_python_3_8_can_read_it():
    """An old Python has to get as far as saying that it is old."""
    ast.parse(Path(doctor.__file__).read_text("utf-8"), feature_version=(3, 8))
