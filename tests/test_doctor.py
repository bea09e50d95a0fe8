"""utils.doctor: every warning and every problem that it can report, provoked.

A scenario breaks the machine for one check, as far as possible for real: a server in
place of the network, a file in place of a folder, a process that dies. The last test of
the first part reads the doctor's source and fails if a message was never provoked.
"""

import ast
import errno
import http.server
import importlib.metadata
import importlib.util
import io
import os
import platform
import shutil
import socket
import ssl
import subprocess
import sys
import threading
import time
import types
import urllib.error
from collections import namedtuple
from pathlib import Path

import psutil
import pytest
from jupyter_client.manager import start_new_kernel
from packaging.version import Version

from utils import data, doctor

Scenario = namedtuple("Scenario", "name check status found todo breaks")
SCENARIOS = []


def scenario(check, status, found, todo):
    """Add a scenario: after it, the check gives a line with these words."""

    def add(breaks):
        SCENARIOS.append(Scenario(breaks.__name__, check, status, found, todo, breaks))
        return breaks

    return add


def run(one, folder):
    """Break the machine, run the check; return its line and where that was made.

    The place is the number of the line in utils/doctor.py that called `warning` or
    `problem`.
    """
    places = []

    def noting(make):
        def made(*words):
            places.append(sys._getframe(1).f_lineno)
            return make(*words)

        return made

    with pytest.MonkeyPatch.context() as machine:
        healthy(machine, folder)
        for name in ("warning", "problem"):
            machine.setattr(doctor, name, noting(getattr(doctor, name)))
        one.breaks(machine, folder)
        if one.check is doctor.check:
            (line,) = doctor.check().lines
        else:
            lines = one.check()
            line = lines[0] if isinstance(lines, list) else lines
    return line, places


def healthy(machine, folder):
    """Nothing from outside: no settings, an empty Keras folder, a good network."""
    for name in ("KERAS_BACKEND", "WORKSHOP_DATA", "MEM_LIMIT"):
        machine.delenv(name, raising=False)
    (folder / "keras").mkdir(exist_ok=True)
    machine.setenv("KERAS_HOME", str(folder / "keras"))
    machine.setattr(doctor, "CONTAINER_LIMIT", folder / "no-limit")
    machine.setattr(doctor, "PORTAL_URL", address("/204"))
    machine.setattr(data, "MNIST_URL", address("/mnist.npz"))


# --- a network to break ---------------------------------------------------------------


class Handler(http.server.BaseHTTPRequestHandler):
    """/204 and /mnist.npz as they are, /portal as a hotel's, /hang says nothing."""

    def do_GET(self):
        if self.path == "/hang":
            time.sleep(2)
            return
        status = {"/204": 204, "/to-portal": 302}.get(self.path, 200)
        self.send_response(status)
        self.send_header("Location", "/portal")
        size = "11490434" if self.path == "/mnist.npz" else "0"
        self.send_header("Content-Length", size)
        self.end_headers()

    do_HEAD = do_GET

    def log_message(self, *args):
        pass


SERVER = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
SERVER.daemon_threads = True


@pytest.fixture(scope="module", autouse=True)
def server():
    threading.Thread(target=SERVER.serve_forever, daemon=True).start()
    yield
    SERVER.shutdown()
    SERVER.server_close()


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch):
    monkeypatch.setenv("no_proxy", "127.0.0.1")


def address(path):
    return f"http://127.0.0.1:{SERVER.server_port}{path}"


def nobody():
    """An address at which nothing listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{free.getsockname()[1]}/"


# --- scenarios: Python and packages ---------------------------------------------------


@scenario(doctor.python, "problem", "this is Python 3.9.18", "Install Python 3.11")
def old_python(machine, folder):
    machine.setattr(platform, "python_version", lambda: "3.9.18")


@scenario(doctor.python, "problem", "this is Python 3.14.0rc1", "Install Python 3.11")
def new_python(machine, folder):
    machine.setattr(platform, "python_version", lambda: "3.14.0rc1")


@scenario(doctor.python, "problem", "64-bit Python on Darwin x86_64", "Google Colab")
def intel_mac(machine, folder):
    machine.setattr(platform, "python_version", lambda: "3.12.1")
    machine.setattr(platform, "system", lambda: "Darwin")
    machine.setattr(platform, "machine", lambda: "x86_64")


@scenario(doctor.python, "problem", "32-bit Python", "64-bit Python from python.org")
def python_of_32_bit(machine, folder):
    machine.setattr(sys, "maxsize", 2**31 - 1)


@scenario(doctor.environment, "warning", sys.executable, "make lab")
def another_environment(machine, folder):
    (folder / ".venv").mkdir(exist_ok=True)
    machine.setattr(doctor, "ROOT", folder)


def wants(machine, folder, text):
    """A workshop that wants these packages."""
    (folder / "requirements.txt").write_text(text, "utf-8")
    machine.setattr(doctor, "ROOT", folder)


@scenario(
    doctor.packages, "problem", "missing: no-such, nor_this.one", "-m pip install"
)
def missing_packages(machine, folder):
    wants(machine, folder, "no-such>=1.0\nnumpy>=1.0  # there\nnor_this.one>=2\n-e .\n")
    machine.setattr(sys, "prefix", "/some/environment")


@scenario(doctor.packages, "problem", "(wanted: 999.1 or newer)", "-m pip install")
def old_package(machine, folder):
    wants(machine, folder, "# comment\nnumpy>=999.1\n")
    machine.setattr(sys, "prefix", "/some/environment")


@scenario(doctor.workshop, "problem", "no folder lessons and no notebooks", "README.md")
def half_a_workshop(machine, folder):
    (folder / "half").mkdir(exist_ok=True)
    machine.setattr(doctor, "ROOT", folder / "half")


def child(machine, code):
    """Every Python that the doctor starts runs this code instead."""
    start = doctor.run_python
    machine.setattr(doctor, "run_python", lambda _, **where: start(code, **where))


@scenario(doctor.workshop, "problem", "cannot import `utils`", "-m pip install")
def utils_not_installed(machine, folder):
    machine.setattr(doctor, "in_another_environment", lambda: False)
    machine.setattr(sys, "prefix", "/some/environment")
    child(machine, "import no_such_module")


@scenario(
    doctor.workshop, "problem", "another copy of the workshop", "pip install -e ."
)
def two_workshops(machine, folder):
    for name in ("lessons", "notebooks"):
        (folder / name).mkdir(exist_ok=True)
    machine.setattr(doctor, "ROOT", folder)
    child(machine, f"import sys; sys.path.insert(0, {str(ROOT)!r}); {IMPORT}")


ROOT = doctor.ROOT
IMPORT = "import utils; print(utils.__file__)"


MEND = "from utils import device; device.mend_backend(); "
STARTED = "print('Keras 3.13 on tensorflow 2.20, 2 CPU cores')"


@scenario(doctor.keras, "problem", "tensorflow is not installed", "pip install")
def tensorflow_not_installed(machine, folder):
    machine.setattr(doctor, "in_another_environment", lambda: False)
    machine.setattr(sys, "prefix", "/some/environment")
    machine.setattr(importlib.util, "find_spec", lambda name: None)


@scenario(doctor.keras, "warning", "KERAS_BACKEND asks for 'tensorfow'", "Correct this")
def misspelt_backend(machine, folder):
    machine.setenv("KERAS_BACKEND", "tensorfow")
    child(machine, MEND + STARTED)


@scenario(doctor.keras, "warning", "keras.json asks for 'theano'", "Correct this")
def backend_of_long_ago(machine, folder):
    (folder / "keras" / "keras.json").write_text('{"backend": "theano"}')
    child(machine, MEND + STARTED)


@scenario(doctor.keras, "warning", "not started after 0.2 seconds", "again")
def slow_keras(machine, folder):
    machine.setattr(doctor, "CHILD_SECONDS", 0.2)
    child(machine, "import time; time.sleep(60)")


@scenario(doctor.keras, "problem", "Keras ends Python at once", "AVX")
def deadly_keras(machine, folder):
    child(machine, "import os; os._exit(0xC000001D) if os.name == 'nt' else os.abort()")


@scenario(
    doctor.keras, "problem", "does not start: ImportError: DLL load", "Visual C++"
)
def broken_keras(machine, folder):
    child(machine, "raise ImportError('DLL load failed')")


# --- scenarios: the machine -----------------------------------------------------------


def with_free(machine, gigabytes):
    state = types.SimpleNamespace(available=gigabytes * 1e9)
    machine.setattr(psutil, "virtual_memory", lambda: state)


@scenario(doctor.memory, "warning", "not measured", "packages")
def no_psutil(machine, folder):
    machine.setitem(sys.modules, "psutil", None)  # its import now fails


@scenario(doctor.memory, "problem", "0.9 GB free", "Close other programs")
def no_memory(machine, folder):
    with_free(machine, 0.94)


@scenario(doctor.memory, "warning", "2.4 GB free", "WORKSHOP_FAST=1")
def little_memory(machine, folder):
    with_free(machine, 2.4)


@scenario(doctor.memory, "problem", "0.5 GB free", "Close other programs")
def small_container(machine, folder):
    with_free(machine, 16)
    (folder / "memory.max").write_text("500000000\n")
    machine.setattr(doctor, "CONTAINER_LIMIT", folder / "memory.max")


@scenario(doctor.memory, "warning", "1.0 GB free", "Close other programs")
def small_place_on_a_hub(machine, folder):
    with_free(machine, 16)
    machine.setenv("MEM_LIMIT", "1000000000")


def with_disk(machine, gigabytes):
    free = types.SimpleNamespace(free=gigabytes * 1e9)
    machine.setattr(shutil, "disk_usage", lambda path: free)


@scenario(doctor.disk, "problem", "0.1 GB free; wanted: 0.2 GB", "Delete")
def full_disk(machine, folder):
    with_disk(machine, 0.1)


@scenario(doctor.disk, "problem", "1.0 GB free; wanted: 3 GB", "larger disk")
def disk_too_small_to_install(machine, folder):
    with_disk(machine, 1)
    machine.setattr(importlib.util, "find_spec", lambda name: None)


def file_for_folder(folder):
    """Where a folder is wanted, a file: nobody can write into it, not even root."""
    (folder / "file").write_text("")
    return folder / "file" / "inside"


@scenario(doctor.writing, "problem", "notebooks cannot be saved", "Documents")
def workshop_not_writable(machine, folder):
    machine.setattr(doctor, "ROOT", file_for_folder(folder))


@scenario(doctor.writing, "problem", "without your home folder", " make lab")
def home_not_writable(machine, folder):
    machine.setattr(Path, "home", lambda: file_for_folder(folder))


@scenario(doctor.writing, "warning", "MNIST cannot be kept", "KERAS_HOME")
def cache_not_writable(machine, folder):
    machine.setenv("KERAS_HOME", str(file_for_folder(folder)))


@scenario(doctor.port, "warning", "is taken", "next port")
def taken_port(machine, folder):
    machine.setattr(doctor, "PORT", SERVER.server_port)


@scenario(doctor.port, "problem", "no program may listen", "firewall")
def no_loopback(machine, folder):
    class Refused(socket.socket):
        def bind(self, address):
            raise OSError(errno.EADDRNOTAVAIL, "Cannot assign requested address")

    machine.setattr(socket, "socket", Refused)


# --- scenarios: network and data ------------------------------------------------------


@scenario(doctor.network, "warning", "none: ", "run without")
def no_network(machine, folder):
    machine.setattr(doctor, "PORTAL_URL", nobody())


@scenario(doctor.network, "warning", "none: ", "run without")
def silent_network(machine, folder):
    machine.setattr(doctor, "PORTAL_URL", address("/hang"))
    machine.setattr(doctor, "NETWORK_SECONDS", 0.2)


@scenario(doctor.network, "warning", "none: no answer", "run without")
def silent_name_server(machine, folder):
    machine.setattr(socket, "getaddrinfo", lambda *_, **__: time.sleep(2))
    machine.setattr(doctor, "NETWORK_SECONDS", 0)


@scenario(doctor.network, "warning", "a page to log in", "browser")
def captive_portal(machine, folder):
    machine.setattr(doctor, "PORTAL_URL", address("/portal"))


@scenario(doctor.network, "warning", "a page to log in", "browser")
def captive_portal_elsewhere(machine, folder):
    machine.setattr(doctor, "PORTAL_URL", address("/to-portal"))


@scenario(doctor.data, "warning", "NumPy does not start: no numpy", "packages")
def no_numpy(machine, folder):
    """`from utils import data` fails as it does where NumPy is broken."""
    machine.delitem(sys.modules, "utils.data")
    machine.delattr(sys.modules["utils"], "data")

    def broken(name, *rest):
        if name == "utils.data":
            raise ImportError("no numpy")

    finder = types.SimpleNamespace(find_spec=broken)
    machine.setattr(sys, "meta_path", [finder, *sys.meta_path])


@scenario(doctor.data, "problem", "no .npz file at all", "path of a good mnist.npz")
def wrong_file(machine, folder):
    (folder / "wrong.npz").write_text("no data")
    machine.setenv("WORKSHOP_DATA", str(folder / "wrong.npz"))


@scenario(doctor.data, "problem", "No such file", "path of a good mnist.npz")
def missing_file(machine, folder):
    machine.setenv("WORKSHOP_DATA", str(folder / "missing.npz"))


@scenario(doctor.data, "problem", "'mnits', which names no data", "digits")
def misspelt_data(machine, folder):
    machine.setenv("WORKSHOP_DATA", "mnits")


@scenario(doctor.data, "warning", "not here yet; the first", "load_mnist")
def data_not_yet_there(machine, folder):
    pass


@scenario(doctor.data, "warning", "damaged (it is truncated", "load_mnist")
def damaged_data(machine, folder):
    datasets = folder / "keras" / "datasets"
    datasets.mkdir()
    (datasets / "mnist.npz").write_bytes(b"PK half a file")


@scenario(doctor.data, "warning", "small digits", "mnist.npz from another computer")
def no_data_and_no_network(machine, folder):
    machine.setattr(data, "MNIST_URL", nobody())


@scenario(doctor.data, "warning", "(somebody else answers)", "another computer")
def no_data_and_a_captive_portal(machine, folder):
    machine.setattr(data, "MNIST_URL", address("/to-portal"))


@scenario(doctor.data, "problem", "but WORKSHOP_DATA wants it", "another computer")
def wanted_data_missing(machine, folder):
    machine.setenv("WORKSHOP_DATA", "mnist")
    machine.setattr(data, "MNIST_URL", nobody())


@scenario(doctor.data, "warning", "secure connections fail", "date")
def wrong_clock(machine, folder):
    words = "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: not yet valid"

    def urlopen(*_, **__):
        raise urllib.error.URLError(ssl.SSLCertVerificationError(1, words))

    machine.setattr(doctor.urllib.request, "urlopen", urlopen)


# --- scenarios: the doctor itself -----------------------------------------------------


@scenario(doctor.check, "warning", "no answer after 0.2 seconds", "again")
def a_check_that_hangs(machine, folder):
    def hanging():
        time.sleep(2)

    machine.setattr(doctor, "CHECKS", [hanging])
    machine.setattr(doctor, "ALL_SECONDS", 0.2)


@scenario(doctor.check, "problem", "does not work here: FileNotFoundError", "complete")
def a_check_that_breaks(machine, folder):
    machine.setattr(doctor, "ROOT", folder)  # which has no pyproject.toml
    machine.setattr(doctor, "CHECKS", [doctor.python])


# --- the messages ---------------------------------------------------------------------


@pytest.mark.parametrize("one", SCENARIOS, ids=lambda one: one.name)
def test_message(one, tmp_path):
    line, _ = run(one, tmp_path)
    assert line.status == one.status, line
    assert one.found in line.found
    assert one.todo in line.todo
    # Plain text that any console can show, and a sentence or a command at its end.
    assert line.what.isascii()
    assert line.todo.isascii()
    last = line.todo.splitlines()[-1]
    assert last.endswith(".") or last.startswith("    ")


def test_no_message_is_left_unprovoked(tmp_path):
    source = ast.parse(Path(doctor.__file__).read_text("utf-8"))
    messages = {
        (node.lineno, node.end_lineno)
        for node in ast.walk(source)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in ("warning", "problem")
    }
    assert len(messages) > 25
    provoked = set()
    for number, one in enumerate(SCENARIOS):
        (tmp_path / str(number)).mkdir()
        _, places = run(one, tmp_path / str(number))
        provoked |= {m for place in places for m in messages if m[0] <= place <= m[1]}
    assert messages == provoked


# --- a healthy machine ----------------------------------------------------------------


@pytest.fixture
def machine(monkeypatch, tmp_path):
    healthy(monkeypatch, tmp_path)
    return monkeypatch


@pytest.mark.parametrize(
    "check",
    [doctor.python, doctor.packages, doctor.workshop, doctor.writing, doctor.network],
    ids=lambda check: check.__name__,
)
def test_this_machine(check, machine):
    line = check()
    assert line.status == "ok", line
    assert line.todo == ""


def test_memory_disk_and_port(machine):
    with_free(machine, 7.25)
    with_disk(machine, 3)
    machine.setattr(doctor, "PORT", 0)  # any that is free
    assert doctor.memory().found == "7.2 GB free"
    assert doctor.disk().found == "3.0 GB free"
    assert doctor.port().status == "ok"


def test_keras_and_device(machine):
    child(machine, STARTED)
    machine.setattr(doctor, "nvidia_gpus", list)
    assert doctor.keras() == [
        doctor.Line("ok", "Keras 3.13 on tensorflow 2.20"),
        doctor.Line("ok", "2 CPU cores", what="device"),
    ]


def test_a_gpu_that_is_not_used_is_mentioned(machine):
    """It is no warning: no lesson needs one."""
    machine.setattr(doctor, "nvidia_gpus", lambda: ["NVIDIA T4"])
    with pytest.MonkeyPatch.context() as used:
        child(used, "print('Keras 3.13 on torch 2.9, GPU: NVIDIA T4')")
        assert doctor.keras()[1].found == "GPU: NVIDIA T4"
    child(machine, STARTED)
    _, device = doctor.keras()
    assert device.status == "ok"
    assert device.found == "2 CPU cores; not used: NVIDIA T4. The workshop needs no GPU"


@pytest.mark.skipif(os.name == "nt", reason="the program here is a shell script")
def test_gpus_are_found_as_nvidia_lists_them(monkeypatch, tmp_path):
    program = tmp_path / "nvidia-smi"
    program.write_text('#!/bin/sh\necho "GPU 0: NVIDIA A100-SXM4-40GB (UUID: GPU-1)"\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    assert doctor.nvidia_gpus() == ["NVIDIA A100-SXM4-40GB"]
    program.write_text("#!/bin/sh\necho no driver; exit 9\n")
    assert doctor.nvidia_gpus() == []
    monkeypatch.setenv("PATH", "")
    assert doctor.nvidia_gpus() == []


def test_data_that_is_there(machine, mnist_file, tmp_path):
    quoted = tmp_path / "MNIST.NPZ"  # as Windows' prompt gives it
    shutil.copy(mnist_file, quoted)
    machine.setenv("WORKSHOP_DATA", f'"{quoted}"')
    assert doctor.data() == doctor.Line("ok", f"MNIST, verified: {quoted}")
    machine.setenv("WORKSHOP_DATA", "digits")
    assert doctor.data().status == "ok"
    machine.delenv("WORKSHOP_DATA")
    cache = data.cache_path()
    cache.parent.mkdir()
    shutil.copy(mnist_file, cache)
    assert doctor.data() == doctor.Line("ok", f"MNIST, verified: {cache}")


def test_colab(machine):
    """No JupyterLab there, no environment of ours, and pip must not be used."""
    machine.setitem(sys.modules, "google.colab", types.ModuleType("colab"))
    assert doctor.environment().found == "Google Colab"
    assert doctor.workshop().status == "ok"
    assert "jupyterlab" not in dict(doctor.requirements())
    assert "pip" not in doctor.install()


def test_in_a_notebook(tmp_path):
    """The port is Jupyter's own; the report is a table there."""
    manager, client = start_new_kernel(cwd=str(tmp_path))
    shown = []
    try:
        reply = client.execute_interactive(
            "from utils import doctor\n"
            "doctor.CHECKS = [doctor.port, doctor.python]\n"
            "doctor.check()",
            timeout=60,
            allow_stdin=False,
            output_hook=lambda message: shown.append(message["content"].get("data")),
        )
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    assert reply["content"]["status"] == "ok"
    (formats,) = filter(None, shown)
    assert "this is a notebook" in formats["text/plain"]
    assert "<table>" in formats["text/html"]


# --- requirements and helpers ---------------------------------------------------------


def test_every_requirement_is_understood():
    """A line in another form, numpy~=2.0 say, would be a package nobody checks."""
    text = (ROOT / "requirements.txt").read_text("utf-8")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    lines.remove("-e .")
    assert [f"{name}>={lowest}" for name, lowest in doctor.requirements()] == lines
    assert ("tensorflow", "2.20") in doctor.requirements()


@pytest.mark.parametrize("found", ["2.20", "2.20.0", "2.20.0rc1", "2.21.1", "10.0"])
@pytest.mark.parametrize("wanted", ["2.20", "2.9", "3", "2.20.1"])
def test_versions_compare_as_pip_compares_them(found, wanted):
    release = Version(found).base_version  # for us, 2.20.0rc1 is as good as 2.20.0
    older = doctor._older(found, wanted)
    assert older == (Version(release) < Version(wanted))


def test_home_of_keras_is_that_of_the_data(monkeypatch, tmp_path):
    monkeypatch.delenv("KERAS_HOME", raising=False)
    assert doctor.keras_home() / "datasets" / "mnist.npz" == data.cache_path()
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    assert doctor.keras_home() / "datasets" / "mnist.npz" == data.cache_path()


def test_how_to_install(monkeypatch, tmp_path):
    monkeypatch.setattr(doctor, "in_another_environment", lambda: True)
    assert "line `environment`" in doctor.install()
    monkeypatch.setattr(doctor, "in_another_environment", lambda: False)
    monkeypatch.setattr(sys, "prefix", "/some/environment")
    monkeypatch.setattr(sys, "executable", "/my python/bin/python")
    assert doctor.install().splitlines()[1].startswith("    '/my python/bin/python' -m")
    monkeypatch.setattr(sys, "prefix", sys.base_prefix)
    monkeypatch.setattr(shutil, "which", lambda name: "/usr/bin/make")
    assert doctor.install().endswith("\n    make clean lab")
    assert doctor.anew("3.11") == "    make PYTHON=python3.11 clean lab"
    monkeypatch.setattr(shutil, "which", lambda name: None)  # as on Windows
    assert doctor.anew("3.11").splitlines() == [
        "    py -3.11 -m venv --clear .venv",
        "    .venv\\Scripts\\python -m pip install -r requirements.txt",
    ]


# --- the report -----------------------------------------------------------------------

LINES = [
    doctor.Line("ok", "3.12.1", what="python"),
    doctor.Line("warning", "none: no route", "Nothing, or\n    make lab", "network"),
    doctor.Line(
        "problem",
        "missing: <numpy> in Zoë☃/" + "long" * 20,
        "Install it.\n    " + "python -m pip install " + "x" * 80,
        "packages",
    ),
]


def test_report_is_plain_and_narrow():
    text = repr(doctor.Report(LINES))
    assert "ok       python       3.12.1" in text
    assert "PROBLEM  packages     missing: <numpy> in\n" in text
    assert "                      To do: Nothing, or\n" in text
    assert "python -m pip install " + "x" * 80 in text  # a command in one piece
    assert text.endswith(
        "\n\n1 of 3 lines is a PROBLEM. Begin with the first one, then run the doctor "
        "again."
    )
    wide = [line for line in text.splitlines() if len(line) > 79]
    assert all("xxx" in line or "longlong" in line for line in wide[:-1])


def test_report_as_html():
    text = doctor.Report(LINES)._repr_html_()
    assert "missing: &lt;numpy&gt; in" in text
    assert text.count("<tr>") == 3
    assert "<code>make lab</code>" in text
    for word in ("ok", "warning", "problem"):  # not by colour alone
        assert word in text


def test_summaries():
    assert repr(doctor.Report(LINES[:1])).endswith("\n\nAll is well.")
    assert "No problem" in repr(doctor.Report(LINES[:2]))
    assert "2 of 2 lines are" in repr(doctor.Report(2 * LINES[2:]))


@pytest.mark.parametrize(("lines", "status"), [(LINES[:2], 0), (LINES, 1)])
def test_exit_status_and_an_old_console(lines, status, monkeypatch):
    """A console of Windows that has no snowman shows a question mark."""
    console = io.TextIOWrapper(io.BytesIO(), encoding="cp1252", errors="strict")
    monkeypatch.setattr(sys, "stdout", console)
    monkeypatch.setattr(doctor, "check", lambda: doctor.Report(lines))
    assert doctor.main() == status
    console.flush()
    shown = console.buffer.getvalue().decode("cp1252")
    assert ("Zoë?" in shown) == (status == 1)


def test_all_at_once_take_less_than_ten_seconds(machine):
    """Everything hangs: Keras, the network, the name server."""
    child(machine, "import time; time.sleep(60)")
    machine.setattr(doctor, "PORTAL_URL", address("/hang"))
    machine.setattr(socket, "getaddrinfo", lambda *_, **__: time.sleep(60))
    started = time.monotonic()
    report = doctor.check()
    assert time.monotonic() - started < 10
    named = {line.what: line.status for line in report.lines}
    assert list(named) == [check.__name__ for check in doctor.CHECKS]
    assert {named[name] for name in ("keras", "workshop", "network", "data")} == {
        "warning"
    }


def doctor_in(*options, cwd=ROOT):
    return subprocess.run(
        [sys.executable, *options, "-m", "utils.doctor"],
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_the_command_on_this_machine():
    done = doctor_in()
    assert done.stderr == ""
    assert "PROBLEM" not in done.stdout
    assert done.returncode == 0
    for check in (*doctor.CHECKS, doctor.data):
        assert f" {check.__name__} " in done.stdout


def test_the_command_where_nothing_is_installed():
    """-S: a Python without any package, and without ours."""
    done = doctor_in("-S")
    assert done.returncode == 1
    assert done.stderr == ""
    missing = [name for name, _ in doctor.requirements()]
    assert f"missing: {', '.join(missing[:3])}" in done.stdout
    assert "does not work here" not in done.stdout


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not here")
def test_make_doctor_before_anything_is_installed():
    make = ["make", "--no-print-directory", "doctor", "BIN=nowhere"]
    done = subprocess.run(
        [*make, f"PYTHON={sys.executable} -S"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode != 0
    assert "missing: tensorflow" in done.stdout
    assert "Traceback" not in done.stderr


def test_the_command_in_an_empty_folder(tmp_path):
    """Even when nothing but the doctor is left."""
    (tmp_path / "utils").mkdir()
    for name in ("__init__.py", "doctor.py"):
        shutil.copy(ROOT / "utils" / name, tmp_path / "utils")
    done = doctor_in(cwd=tmp_path)
    assert done.returncode == 1
    assert done.stderr == ""
    assert "has no folder lessons and no notebooks" in done.stdout


def test_python_3_8_can_read_it():
    """An old Python has to get as far as saying that it is old."""
    ast.parse(Path(doctor.__file__).read_text("utf-8"), feature_version=(3, 8))
