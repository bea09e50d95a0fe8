"""Is this machine ready for the workshop? A line for each check, and what to do.

    make doctor                                  in a terminal, also before `make lab`
    python -m utils.doctor                       the same
    from utils import doctor; doctor.check()     in a notebook

A check is a small function that returns an `ok`, a `warning` or a `problem`. They run
side by side, and none keeps the others waiting. A broken machine may lack anything, so
this file needs only the standard library, and runs on Python 3.8 to say that it is old.
"""

import errno
import html
import importlib.metadata
import importlib.util
import os
import platform
import re
import shlex
import shutil
import socket
import subprocess
import sys
import tempfile
import textwrap
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
PORT = 8888  # where JupyterLab listens, if it can
PACKAGES_FIRST = "First put the packages right: see the line `packages`."
COLAB = "Use Google Colab: see README.md."
PORTAL_URL = "http://www.gstatic.com/generate_204"  # answers 204 and nothing else
CONTAINER_LIMIT = Path("/sys/fs/cgroup/memory.max")  # bytes, or "max"
GB = 1e9
INSTALLATION = 3  # GB on disk
NETWORK_SECONDS, CHILD_SECONDS, ALL_SECONDS = 3, 8.5, 9

# The (system, processor) that TensorFlow has releases for.
PLATFORMS = [("Linux", "x86_64"), ("Linux", "aarch64")]
PLATFORMS += [("Darwin", "arm64"), ("Windows", "AMD64")]


class Line(NamedTuple):
    """What one check found. todo: what to do; its indented lines are commands."""

    status: str  # "ok", "warning" or "problem"
    found: str
    todo: str = ""
    what: str = ""  # the name of the check, if it has not chosen another


def ok(found, what=""):
    return Line("ok", found, what=what)


def warning(found, todo):
    return Line("warning", found, todo)


def problem(found, todo):
    return Line("problem", found, todo)


# --- the checks: Python and packages ----------------------------------------------


def python():
    found = platform.python_version()
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    low, high = re.search(r'requires-python = ">=([\d.]+),<([\d.]+)"', text).groups()
    if _older(found, low) or not _older(found, high):
        return problem(
            f"this is Python {found}; wanted is {low} or newer, and older than {high}",
            f"Install Python {low} from python.org, then:\n{anew(low)}",
        )
    here = platform.system(), platform.machine()
    if here not in PLATFORMS or sys.maxsize < 2**32:
        bits = "64" if sys.maxsize > 2**32 else "32"
        return problem(
            f"TensorFlow has no release for {bits}-bit Python on {' '.join(here)}",
            "On Windows install the 64-bit Python from python.org. Any other machine, "
            f"an Intel Mac for example: {COLAB}",
        )
    return ok(found)


def environment():
    if on_colab():
        return ok("Google Colab")
    if in_another_environment():
        start = "make lab"
        if not shutil.which("make"):
            start = r".venv\Scripts\python -m jupyter lab notebooks"
        return warning(
            f"this is {sys.executable}, but the workshop has a Python of its own, "
            f"in {ROOT / '.venv'}",
            f"Use that one: start with `{start}`. If it does not start any more, "
            f"make it anew:\n{anew()}",
        )
    return ok(sys.prefix)


def packages():
    """The packages of requirements.txt, and no older than it says."""
    missing, old = [], []
    for name, wanted in requirements():
        try:
            found = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            missing.append(name)
            continue
        if _older(found, wanted):
            old.append(f"{name} {found} (wanted: {wanted} or newer)")
    if missing:
        return problem(f"missing: {', '.join(missing)}", install())
    if old:
        return problem(f"too old: {', '.join(old)}", install())
    return ok(f"all {len(requirements())} of requirements.txt")


def requirements():
    """The (name, lowest version) of each line of requirements.txt that has both."""
    text = (ROOT / "requirements.txt").read_text("utf-8")
    found = re.findall(r"^([\w.-]+)>=([\d.]+)", text, re.MULTILINE)
    # Colab shows notebooks with a program of its own.
    return [pair for pair in found if not (on_colab() and pair[0] == "jupyterlab")]


def workshop():
    """The folder is whole, and a notebook in it finds this `utils` and no other."""
    missing = [n for n in ("lessons", "notebooks") if not (ROOT / n).is_dir()]
    if missing:
        return problem(
            f"{ROOT} has no folder {' and no '.join(missing)}",
            "Fetch the workshop again, and unpack all of it: see README.md.",
        )
    if on_colab():
        return ok(str(ROOT))
    code = "import utils; print(utils.__file__)"
    answer = run_python(code, cwd=ROOT / "notebooks").stdout.strip()
    if not answer:
        return problem("notebooks cannot import `utils`", install())
    if Path(answer).resolve().parent.parent != ROOT:
        return problem(
            f"notebooks here would import {answer}, from another copy of the workshop",
            f"Work there, or in the folder {ROOT} run:\n"
            f"    {this_python()} -m pip install -e .",
        )
    return ok(str(ROOT))


def keras():
    """Keras starts, in a process of its own: it may be slow, or take Python down."""
    for name in ("tensorflow", "keras"):
        if importlib.util.find_spec(name) is None:
            return problem(f"{name} is not installed", install())
    code = "from utils import device as d; d.mend_backend(); print(d.describe())"
    try:
        done = run_python(code)
    except subprocess.TimeoutExpired:
        return warning(
            f"not started after {CHILD_SECONDS} seconds",
            "The first start after an installation is slow, and so is a machine with "
            "much to do. Run the doctor again.",
        )
    if done.returncode < 0 or done.returncode > 255:  # by a signal; on Windows
        return problem(
            f"Keras ends Python at once (exit status {done.returncode})",
            f"This happens on a processor without AVX, from about 2011. {COLAB}",
        )
    if done.returncode:
        last = (done.stderr.strip() or "no message").splitlines()[-1]
        return problem(
            f"Keras does not start: {last[:200]}",
            "On Windows install the Microsoft Visual C++ Redistributable. Elsewhere, "
            f"or if that does not help, make the environment anew:\n{anew()}",
        )
    *said, last = done.stdout.strip().splitlines()
    versions, _, device = last.partition(", ")
    unused = [] if device.startswith("GPU") else nvidia_gpus()
    if unused:
        device += f"; not used: {', '.join(unused)}. The workshop needs no GPU"
    line = ok(versions)
    if said:  # a setting that mend_backend has put aside
        line = warning(said[0], "The lessons run. Correct this setting, or remove it.")
    return [line, ok(device, "device")]


def nvidia_gpus():
    """The names of NVIDIA's GPUs in this machine, whether they are used or not."""
    try:
        listed = subprocess.run(
            ["nvidia-smi", "-L"], capture_output=True, text=True, timeout=3, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return []
    return re.findall(r"^GPU \d+: (.+?) \(", listed.stdout, re.MULTILINE)


# --- the checks: the machine ------------------------------------------------------


def memory():
    try:
        import psutil  # JupyterLab brings it
    except ImportError:
        return warning("not measured: no psutil", PACKAGES_FIRST)
    free = psutil.virtual_memory().available
    try:
        container = CONTAINER_LIMIT.read_text("utf-8").strip()
    except OSError:
        container = ""
    for limit in (container, os.environ.get("MEM_LIMIT", "")):  # JupyterHub sets it
        if limit.isdigit():
            free = min(free, int(limit))
    found = f"{free / GB:.1f} GB free"
    if free < 1 * GB:
        return problem(
            f"{found}; a lesson takes up to 2 GB",
            f"Close other programs and browser tabs. Not enough? {COLAB}",
        )
    if free < 2.5 * GB:
        return warning(
            f"{found}; a lesson takes up to 2 GB",
            "Close other programs and browser tabs, and one lesson before you open "
            "the next (Kernel, Shut Down Kernel). WORKSHOP_FAST=1 helps, too.",
        )
    return ok(found)


def disk():
    needed = 0.2 if importlib.util.find_spec("tensorflow") else INSTALLATION
    free = shutil.disk_usage(str(ROOT)).free / GB
    found = f"{free:.1f} GB free"
    if free < needed:
        return problem(
            f"{found}; wanted: {needed} GB",
            f"Delete something, or move the workshop from {ROOT} to a larger disk.",
        )
    return ok(found)


def writing():
    """The places that the workshop, Jupyter and Keras write to."""
    reason = why_not_writable(ROOT / "notebooks")
    if reason:
        return problem(
            f"your notebooks cannot be saved: {reason}",
            "Copy the workshop into a folder of your own, in Documents for example.",
        )
    reason = why_not_writable(Path.home())
    if reason:
        return problem(
            f"Jupyter cannot start without your home folder: {reason}",
            f"Ask whoever manages this computer. Or: {COLAB} Or, where there is `make`:"
            '\n    HOME="$(mktemp -d)" make lab',
        )
    reason = why_not_writable(keras_home() / "datasets")
    if reason:
        return warning(
            f"MNIST cannot be kept: {reason}",
            "Set the environment variable KERAS_HOME to a folder of your own; "
            "otherwise every lesson downloads it again.",
        )
    return ok(f"{ROOT}, {keras_home()}")


def why_not_writable(folder):
    """None where a file can be written in the folder, else the reason in words."""
    # os.path: Path.exists raises an error below a folder that is closed to us.
    while not os.path.exists(str(folder)) and folder != folder.parent:
        folder = folder.parent  # it will be made when it is needed
    try:
        with tempfile.TemporaryFile(dir=str(folder)):
            return None
    except OSError as error:
        return f"{folder}: {error.strerror}"


def port():
    if in_notebook():
        return ok("Jupyter has one: this is a notebook")
    try:
        with socket.socket() as probe:
            if os.name == "posix":  # as Jupyter does: a port just closed is free
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", PORT))
    except OSError as error:
        if error.errno in (errno.EADDRINUSE, errno.EACCES):
            return warning(
                f"{PORT} is taken, perhaps by another Jupyter",
                "JupyterLab will take the next port by itself. Open the address that "
                "it prints, not an old one.",
            )
        return problem(
            f"no program may listen on 127.0.0.1: {error.strerror}",
            "A firewall forbids it, and Jupyter needs it. Ask whoever manages this "
            f"computer. Or: {COLAB}",
        )
    return ok(f"{PORT} is free")


# --- the checks: network and data -------------------------------------------------


def network():
    try:
        status, _ = ask(PORTAL_URL)
    except Exception as error:
        return warning(
            f"none: {reason_of(error)}",
            "For the installation and for MNIST you need one. After that, all lessons "
            "run without.",
        )
    if status != 204:
        return warning(
            "somebody else answers: a page to log in, or a proxy",
            "Open any page in your browser and log in. Then run the doctor again.",
        )
    return ok("there")


def data():
    """The data that the lessons will load, verified, as `load_mnist` finds it."""
    try:
        from utils import data as loader
    except Exception as error:
        return warning(f"not checked, NumPy does not start: {error}", PACKAGES_FIRST)
    source = loader.chosen_source()
    if source == "digits":
        return ok("the small digits, as WORKSHOP_DATA says")
    if source in ("auto", "mnist"):
        return cached_data(loader, wanted=source == "mnist")
    if not source.lower().endswith(".npz"):
        return problem(
            f"WORKSHOP_DATA is {source!r}, which names no data",
            "Set it to mnist, digits, or the path of an mnist.npz. Or remove it.",
        )
    try:
        loader.read_mnist(source)
    except (loader.NotMNIST, OSError) as error:
        return problem(
            f"WORKSHOP_DATA is {source}: {reason_of(error)}",
            "Give the path of a good mnist.npz. Or remove WORKSHOP_DATA.",
        )
    return ok(f"MNIST, verified: {source}")


def cached_data(loader, wanted):
    """MNIST in Keras's cache, or a download; wanted: nothing else will do."""
    cache = loader.cache_path()
    try:
        loader.read_mnist(cache)
        return ok(f"MNIST, verified: {cache}")
    except OSError:
        found = "MNIST is not here yet"
    except loader.NotMNIST as error:
        found = f"MNIST is damaged ({error})"
    try:
        status, length = ask(loader.MNIST_URL, method="HEAD")
        reason = None if status == 200 and length > 1e7 else "somebody else answers"
    except Exception as error:
        reason = reason_of(error)
    if reason is None:
        code = "from utils import data; data.load_mnist('mnist')"
        return warning(
            f"{found}; the first lesson will download it (11 MB)",
            "Better now, on a good network, in the folder of the workshop:\n"
            f"    {this_python()} -c {typed(code)}",
        )
    if "CERTIFICATE_VERIFY_FAILED" in reason:
        return warning(
            f"{found}, and secure connections fail: {reason}",
            "Is the date of this computer right? On a Mac: open Applications, Python, "
            "and run Install Certificates.command.",
        )
    if wanted:
        return problem(
            f"{found} and cannot be downloaded ({reason}), but WORKSHOP_DATA wants it",
            f"Copy mnist.npz from another computer to {cache}. Or remove "
            "WORKSHOP_DATA: small digits will do.",
        )
    return warning(
        f"{found} and cannot be downloaded ({reason}): the lessons use small digits",
        f"That works. For MNIST, copy mnist.npz from another computer to {cache}.",
    )


def ask(url, method="GET"):
    """Return the (status, length in bytes) of an answer; raises where none comes."""

    def work():
        request = urllib.request.Request(url, method=method)
        try:
            answer = urllib.request.urlopen(request, timeout=NETWORK_SECONDS)
        except urllib.error.HTTPError as error:  # an answer, too
            answer = error
        with answer:
            return answer.getcode(), int(answer.headers.get("Content-Length") or 0)

    # Looking up a host's name cannot be timed out; leaving a thread behind can.
    worker = Worker(work)
    worker.join(NETWORK_SECONDS + 0.5)
    return worker.outcome()


# --- helpers ----------------------------------------------------------------------


class Worker(threading.Thread):
    """A function at work in a thread; one that hangs does not keep Python alive."""

    def __init__(self, work):
        super().__init__(daemon=True)
        self.work, self.result, self.error = work, None, None
        self.start()

    def run(self):
        try:
            self.result = self.work()
        except BaseException as error:
            self.error = error

    def outcome(self):
        """What the function returned or raised; TimeoutError where it is not done."""
        if self.is_alive():
            raise TimeoutError("no answer")
        if self.error is not None:
            raise self.error
        return self.result


def run_python(code, cwd=ROOT):
    """Run code in a Python of its own; return the process with its output."""
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=str(cwd),
        capture_output=True,
        # A path may have letters that Windows' own encoding does not know.
        env={**os.environ, "PYTHONUTF8": "1"},
        encoding="utf-8",
        errors="replace",
        timeout=CHILD_SECONDS,
        check=False,
    )


def install():
    """What to do where a package is missing."""
    if in_another_environment():
        return "Use the workshop's own Python: see the line `environment`."
    if on_colab():
        return "Choose Runtime, Disconnect and delete runtime. Then begin again."
    if sys.prefix != sys.base_prefix:
        commands = f"    {this_python()} -m pip install -r requirements.txt"
    else:
        commands = anew()
    return f"In the folder of the workshop run:\n{commands}"


def anew(version=""):
    """The commands that make the environment from nothing, with this Python."""
    if shutil.which("make"):
        return f"    make {f'PYTHON=python{version} ' if version else ''}clean lab"
    return (
        f"    py {f'-{version} ' if version else ''}-m venv --clear .venv\n"
        "    .venv\\Scripts\\python -m pip install -r requirements.txt"
    )


def in_another_environment():
    """True where the workshop has its own environment, and this is none of its."""
    own = ROOT / ".venv"
    return own.exists() and Path(sys.prefix).resolve() != own.resolve()


def this_python():
    """The Python that runs this, as one types it in the folder of the workshop.

    On Windows without quotes if it can be: PowerShell takes a quoted program for text.
    """
    path = Path(sys.executable)
    if os.name == "nt" and ROOT in path.parents:
        path = path.relative_to(ROOT)
    return typed(str(path))


def typed(*words):
    """Words as one types them in this machine's terminal, with quotes where needed."""
    if os.name == "nt":
        return subprocess.list2cmdline(words)
    return " ".join(shlex.quote(word) for word in words)


def keras_home():
    return Path(os.environ.get("KERAS_HOME") or Path.home() / ".keras")


def on_colab():
    return "google.colab" in sys.modules


def in_notebook():
    ipython = sys.modules.get("IPython")
    return ipython is not None and hasattr(ipython.get_ipython(), "kernel")


def reason_of(error):
    """An error in a few words."""
    reason = getattr(error, "reason", error)  # urllib wraps what the system said
    return getattr(reason, "strerror", None) or str(reason) or type(reason).__name__


def _older(found, wanted):
    """True where version "2.9.1" is older than "2.20"; endings as in 2.20rc1 apart."""
    return _release(found) < _release(wanted)


def _release(version):
    numbers = re.match(r"\d+(\.\d+)*", version)[0].split(".")
    return [int(number) for number in [*numbers, 0, 0, 0]][:4]


# --- the report -------------------------------------------------------------------

CHECKS = [python, environment, packages, workshop, keras]
CHECKS += [memory, disk, writing, port, network, data]


def check():
    """Run all checks, in less than ten seconds; return a Report. Never raises."""
    started, lines = time.monotonic(), []
    workers = [Worker(function) for function in CHECKS]
    for worker in workers:
        worker.join(max(0.0, started + ALL_SECONDS - time.monotonic()))
        lines += _lines(worker)
    return Report(lines)


def _lines(worker):
    """The lines of a check that is done, or one that says why there are none."""
    try:
        lines = worker.outcome()
    except (TimeoutError, subprocess.TimeoutExpired):
        lines = warning(
            f"no answer after {ALL_SECONDS} seconds",
            "Run the doctor again when the machine has less to do.",
        )
    except BaseException as error:
        lines = problem(
            f"this check does not work here: {type(error).__name__}: {error}",
            "Is the folder of the workshop complete? If so, tell its maintainers.",
        )
    name = worker.work.__name__
    lines = lines if isinstance(lines, list) else [lines]
    return [line._replace(what=line.what or name) for line in lines]


class Report:
    """The lines of all checks, as text and as HTML."""

    def __init__(self, lines):
        self.lines = lines
        statuses = [line.status for line in lines]
        self.problems, self.warnings = map(statuses.count, ("problem", "warning"))

    def summary(self):
        if self.problems:
            be = "is" if self.problems == 1 else "are"
            found = f"{self.problems} of {len(self.lines)} lines {be} a PROBLEM"
            return f"{found}. Begin with the first one, then run the doctor again."
        if self.warnings:
            return "No problem. The workshop runs, but read the warnings."
        return "All is well."

    def __repr__(self):
        rows, left = [], " " * 22
        for line in self.lines:
            word = "PROBLEM" if line.status == "problem" else line.status
            rows += _wrapped(line.found, f"{word:8} {line.what:12} ", left)
            for part in f"To do: {line.todo}".splitlines() if line.todo else []:
                command = part.startswith("    ")  # stays in one piece
                rows += [left + part] if command else _wrapped(part, left, left)
        return "\n".join([*rows, "", self.summary()])

    def _repr_html_(self):
        rows = []
        for line in self.lines:
            sign, colour = SIGNS[line.status]
            text = html.escape(line.found)
            for number, part in enumerate(line.todo.splitlines()):
                tag = "code" if part.startswith("    ") else "span"
                begin = "" if number else "<b>To do:</b> "
                text += f"<br>{begin}<{tag}>{html.escape(part.strip())}</{tag}>"
            rows.append(
                f'<tr><td style="{LEFT}; border-left: 4px solid {colour}">{sign}&nbsp;'
                f'{line.status}</td><th scope="row" style="{LEFT}">{line.what}</th>'
                f'<td style="{LEFT}; overflow-wrap: anywhere">{text}</td></tr>'
            )
        head = f'<p role="status"><b>{html.escape(self.summary())}</b></p>'
        return f"{head}<table><tbody>{''.join(rows)}</tbody></table>"


SIGNS = {
    "ok": ("✓", "#009E73"),
    "warning": ("!", "#E69F00"),
    "problem": ("✗", "#D55E00"),
}
LEFT = "text-align: left; vertical-align: top"


def _wrapped(text, first, left):
    """Lines of 79 columns; a path or an address is never cut in two."""
    return textwrap.wrap(
        text,
        79,
        initial_indent=first,
        subsequent_indent=left,
        break_long_words=False,
        break_on_hyphens=False,
    )


def main():
    """Print the report; return the exit status: 1 if there is a problem, else 0."""
    print("Checking this machine, for ten seconds at most ...", flush=True)
    report = check()
    # An old Windows console cannot show every letter of a path.
    encoding = sys.stdout.encoding or "ascii"
    print(repr(report).encode(encoding, "replace").decode(encoding))
    return 1 if report.problems else 0


if __name__ == "__main__":
    sys.exit(main())
