"""Is this machine ready for the workshop? A line for each check, and what to do.

    make doctor                                  in a terminal, also before start.py
    python -m utils.doctor                       the same
    from utils import doctor; doctor.check()     in a notebook

No check asks the network for anything. This file needs only the standard library, and
runs on Python 3.8, so that it can say what is missing.
"""

import importlib.metadata
import importlib.util
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import textwrap
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
KERAS = "from utils import device; device.choose_backend(); print(device.describe())"
SECONDS = 8  # for Keras to start

# Whatever went wrong with the environment: start.py makes it anew where it is gone.
INSTALL = (
    "In the workshop's folder, delete the folder .venv. Then type there:\n"
    f"    {'py -3.13' if os.name == 'nt' else 'python3'} start.py\n"
    "But on Colab choose Runtime, Disconnect and delete runtime, and begin again."
)
COLAB = "Use Google Colab: see README.md."
PACKAGES_FIRST = "First put the packages right: see the line `packages`."


class Line(NamedTuple):
    """What one check found. todo: what to do; its indented lines are to be typed."""

    status: str  # "ok", "warning" or "PROBLEM"
    text: str
    todo: str = ""


def release(version):
    """The numbers of a version, such as [2, 20, 0, 0] of "2.20" or "2.20.0rc1"."""
    numbers = re.match(r"\d+(\.\d+)*", version)[0].split(".")
    return [int(number) for number in [*numbers, 0, 0, 0]][:4]


# --- the checks -------------------------------------------------------------------


def installed(name):
    """The version of a package; TensorFlow's build without GPU counts as TensorFlow."""
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        if name != "tensorflow":
            raise
        return importlib.metadata.version("tensorflow-cpu")


def check_packages():
    """The packages of requirements.txt, and no older than it says."""
    text, wrong = (ROOT / "requirements.txt").read_text("utf-8"), []
    lowest = dict(re.findall(r"^([\w.-]+)>=([\d.]+)", text, re.MULTILINE))
    if "google.colab" in sys.modules:  # it shows notebooks with a program of its own
        lowest.pop("jupyterlab", None)
    for name in lowest:
        try:
            version = installed(name)
            if release(version) < release(lowest[name]):
                wrong.append(f"{name} is {version} (wanted: {lowest[name]} or newer)")
        except importlib.metadata.PackageNotFoundError:
            wrong.append(f"{name} is missing")
    if wrong:
        return Line("PROBLEM", f"in {sys.executable}: {', '.join(wrong)}", INSTALL)
    python = platform.python_version()
    return Line("ok", f"all {len(lowest)} of requirements.txt, Python {python}")


def check_keras():
    """Keras starts, in a process of its own: it may be slow, or take Python down."""
    command = [sys.executable, "-c", KERAS]
    options = {"cwd": str(ROOT), "capture_output": True, "errors": "replace"}
    try:
        done = subprocess.run(command, timeout=SECONDS, **options)
    except subprocess.TimeoutExpired:
        late = "Is the machine busy, or newly installed? Run the doctor again."
        return Line("warning", f"Keras did not start in {SECONDS} seconds", late)
    if done.returncode == 0:
        return Line("ok", done.stdout.strip().splitlines()[-1])
    reason = done.stderr.strip() or f"Python ended with status {done.returncode}"
    return Line(
        "PROBLEM",
        f"Keras does not start: {reason.splitlines()[-1][:200]}",
        f"{PACKAGES_FIRST} On Windows install the Microsoft Visual C++ Redistributable."
        f" Is the processor from before 2012? {COLAB} Otherwise: {INSTALL}",
    )


def check_space():
    """Room on the disk and, where psutil is there to measure it, in memory."""
    wanted = 0.2 if importlib.util.find_spec("tensorflow") else 3
    disk = shutil.disk_usage(str(ROOT)).free / 1e9
    text = f"{disk:.1f} GB of disk free"
    if disk < wanted:
        todo = f"Delete something, or move the workshop from {ROOT} to a larger disk."
        return Line("PROBLEM", f"{text}; wanted: {wanted} GB", todo)
    try:
        import psutil  # JupyterLab brings it
    except ImportError:
        return Line("ok", text)
    memory = psutil.virtual_memory().available / 1e9
    text += f", {memory:.1f} GB of memory"
    if memory < 2.5:
        return Line(
            "PROBLEM" if memory < 1 else "warning",
            f"{text}; a lesson takes up to 2 GB of memory",
            "Close other programs and browser tabs, and each lesson before the next "
            f"(Kernel, Shut Down Kernel). Not enough? WORKSHOP_FAST=1, or: {COLAB}",
        )
    return Line("ok", text)


def check_saving():
    """Notebooks can be saved, and Jupyter can use the home folder."""
    for folder in (ROOT / "notebooks", Path.home()):
        try:
            with tempfile.TemporaryFile(dir=str(folder)) as file:
                file.write(bytes(100_000))  # an empty file fits on a full disk
        except OSError as error:
            return Line(
                "PROBLEM",
                f"cannot write in {folder}: {error.strerror}",
                "Is the disk full? Delete something. Else fetch the workshop again, to "
                "a folder of your own, in Documents for example. Is your home closed? "
                'Not on Windows, type:\n    HOME="$(mktemp -d)" python3 start.py',
            )
    return Line("ok", str(ROOT / "notebooks"))


def check_data():
    """The data that `load_mnist` will read; verified, where it is MNIST."""
    from utils import data

    source = data.chosen_source()
    if source == "digits":
        return Line("ok", "the small digits, as WORKSHOP_DATA says")
    named = source not in ("auto", "mnist")
    path = Path(source) if named else data.cache_path()
    try:
        if path.suffix.lower() != ".npz":
            raise OSError("this names no data")
        data.read_mnist(path.read_bytes())
        return Line("ok", f"MNIST, verified: {path}")
    except OSError as error:
        if named:
            todo = "Set it to digits, or to the path of a good mnist.npz. Or remove it."
            return Line("PROBLEM", f"WORKSHOP_DATA is {source}: {error}", todo)
        return Line(
            "warning",
            "MNIST is not here yet, or damaged: the first lesson downloads it (11 MB) "
            "or, without a network, takes smaller digits",
            "Better now, on a good network, in a notebook:\n"
            "    from utils import data; data.load_mnist('mnist')\n"
            f"Or copy mnist.npz from another computer to {path}.",
        )


CHECKS = {
    "packages": check_packages,
    "keras": check_keras,
    "space": check_space,
    "saving": check_saving,
    "data": check_data,
}


# --- the report -------------------------------------------------------------------


def check():
    """Run all checks, in about ten seconds; return a Report. Never raises."""
    report = Report()
    for name, run in CHECKS.items():
        try:
            report[name] = run()
        except Exception as error:
            text = f"not checked: {type(error).__name__}: {error}"
            todo = f"{PACKAGES_FIRST} Is the workshop's folder complete?"
            report[name] = Line("PROBLEM", text, todo)
    return report


class Report(dict):
    """The lines of all checks, by name. Its text is at most 79 columns wide."""

    def __repr__(self):
        rows = []
        whole = {"break_long_words": False, "break_on_hyphens": False}  # paths
        for name, line in self.items():
            todo = f"To do: {line.todo}".splitlines() if line.todo else []
            start = f"{line.status:8}{name:10}"
            for part in [line.text, *todo]:
                for row in textwrap.wrap(part, 61, **whole):
                    rows.append(start + row)
                    start = " " * 18
        statuses = {line.status for line in self.values()}
        end = "All is well."
        if "warning" in statuses:
            end = "No problem. The workshop runs, but read the warnings."
        if "PROBLEM" in statuses:
            end = "Begin with the first PROBLEM, then run the doctor again."
        return "\n".join([*rows, "", end])


def main():
    """Print the report; return the exit status: 1 if there is a problem, else 0."""
    print("Checking this machine, for ten seconds at most ...", flush=True)
    report = check()
    sys.stdout.reconfigure(errors="replace")  # an old console lacks some letters
    print(report)
    return int(any(line.status == "PROBLEM" for line in report.values()))


if __name__ == "__main__":
    sys.exit(main())
