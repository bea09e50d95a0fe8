"""Set the workshop up and open it: python start.py (on Windows: py -3.13 start.py)

Makes an environment in .venv, installs what the lessons need into it, and opens them in
JupyterLab. The second time it opens them at once; only where the folder was moved, or
the list of packages has changed, it installs again.

    python start.py requirements.txt        only install
    python start.py requirements-dev.txt    only install, what a maintainer needs, too

Beside a folder `wheels`, as on the instructor's stick, it installs from there and asks
no network; WORKSHOP_WHEELS=http://192.168.1.7:8000/workshop/wheels/ is another place.
Where no NVIDIA driver is, Linux gets TensorFlow's build without GPU, half the download;
with WORKSHOP_GPU=1 it gets the other one.

Needs the standard library only; Python 3.6 can read it, to say that it is too old.
"""

import os
import platform
import re
import signal
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PYTHON = str(VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python"))
# requirements: the file in .venv that says what was installed
STAMPS = {"requirements.txt": "attendee", "requirements-dev.txt": "maintainer"}
# The systems and processors that TensorFlow has releases for.
PLATFORMS = "Linux x86_64", "Linux aarch64", "Darwin arm64", "Windows AMD64"
WHEELS, MNIST = "wheels", "mnist.npz"  # on the instructor's stick, beside this file
DRIVER = Path("/proc/driver/nvidia/version")
# JupyterLab's question whether it may fetch news: not in the middle of a workshop.
NEWS = "@jupyterlab/apputils-extension:announcements"


def main(words):
    if words and words not in [[name] for name in STAMPS]:
        sys.exit(__doc__)
    os.chdir(str(ROOT))
    try:
        *lists, project = (
            Path(n).read_text("utf-8") for n in [*STAMPS, "pyproject.toml"]
        )
    except FileNotFoundError as error:
        sys.exit(
            f"{error.filename} is missing: unpack all of the ZIP, then start again."
        )
    project = project.partition("[tool.")[0]
    if not run("-c", "import pip", quiet=True):  # no environment, or its Python is gone
        refuse_unsupported(project)
        if subprocess.call([sys.executable, "-m", "venv", "--clear", str(VENV)]):
            sys.exit("No environment was made: the lines above say why.")
    requirements = words[0] if words else "requirements.txt"
    stamp, wanted = VENV / STAMPS[requirements], "\n".join([str(ROOT), *lists, project])
    if not stamp.exists() or stamp.read_text("utf-8") != wanted:
        install(requirements)
        stamp.write_text(wanted, "utf-8")
    if not words:
        if (ROOT / MNIST).exists():
            os.environ.setdefault("WORKSHOP_DATA", str(ROOT / MNIST))
        lab = subprocess.Popen([PYTHON, *lab_words()])
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # JupyterLab answers to Ctrl-C
        sys.exit(lab.wait())


def run(*words, quiet=False):
    """Run the environment's Python with these words; return whether all went well."""
    where = subprocess.DEVNULL if quiet else None
    try:
        return subprocess.call([PYTHON, *words], stdout=where, stderr=where) == 0
    except OSError:
        return False


def refuse_unsupported(project):
    """End with one sentence where TensorFlow cannot be installed."""
    low, high = map(int, re.search(r'">=3\.(\d+),<3\.(\d+)"', project).groups())
    if not (3, low) <= sys.version_info[:2] < (3, high):
        newest = f"3.{high - 1}"
        command = f"py -{newest}" if os.name == "nt" else f"python{newest}"
        sys.exit(
            f"This is Python {platform.python_version()}; wanted: 3.{low} to {newest}. "
            f"Install {newest} from python.org, then run: {command} start.py"
        )
    machine = f"{platform.system()} {platform.machine()}"
    bits = 64 if sys.maxsize > 2**32 else 32
    if machine not in PLATFORMS or bits == 32:
        sys.exit(
            f"TensorFlow has no release for {bits}-bit Python on {machine}: "
            "open the lessons in Google Colab, as README.md says."
        )


def install(requirements):
    """Install what this file lists, or end with one sentence."""
    place = os.environ.get("WORKSHOP_WHEELS", str(ROOT / WHEELS))
    offline = ["--no-index", "--find-links", place]
    if "WORKSHOP_WHEELS" not in os.environ and not (ROOT / WHEELS).is_dir():
        place, offline = "the network", []
    if place.startswith("http://"):  # a laptop of this room; pip wants to be told so
        offline += ["--trusted-host", place.split("/")[2].split(":")[0]]
    words = [*packages(requirements), *offline]
    print(f"Installing {requirements} from {place}, 3 GB of disk ...", flush=True)
    # uv installs several times faster than pip; where it cannot, pip does the same.
    # Compiled once here, Keras starts with 4 s of work instead of 10 in each notebook.
    pip = ["-m", "pip", "install", "--disable-pip-version-check"]
    uv = ["-m", "uv", "pip", "install", "--quiet", "--compile-bytecode"]
    run(*pip, "--quiet", "uv<1", *offline)
    if not run(*uv, "--python", PYTHON, *words) and not run(*pip, *words):
        needs = "It needs a network, and 3 GB of disk."
        if offline:
            needs = f"Has {place} what this machine needs? The network is not asked."
        sys.exit(
            f"Not installed: the lines above say why. {needs} Start again, or open the "
            "lessons in Google Colab (see README.md)."
        )
    run("-m", "jupyterlab.labextensions", "disable", NEWS, quiet=True)
    # jsonschema does without; importing it is two thirds of JupyterLab's start.
    run("-m", "pip", "uninstall", "--yes", "rfc3987-syntax", quiet=True)


def packages(requirements):
    """What a list asks for, as words for pip; the longer list builds on the other."""
    text = Path("requirements.txt").read_text("utf-8")
    if requirements != "requirements.txt":
        text += Path(requirements).read_text("utf-8")
    # Two builds of TensorFlow in one environment would write into the same folder.
    has_it = "import importlib.metadata as m; m.version('tensorflow')"
    driver = DRIVER.exists() or "WORKSHOP_GPU" in os.environ
    linux = (platform.system(), platform.machine()) == ("Linux", "x86_64")
    if linux and not driver and not run("-c", has_it, quiet=True):
        print("No NVIDIA driver is here: TensorFlow without GPU, half of the download.")
        text = without_gpu(text)
    lines = [line for line in text.splitlines() if line and line[0] not in "#-"]
    return [*lines, "-e", "."]


def without_gpu(text):
    """A list of requirements with TensorFlow's smaller build, which Linux has."""
    return text.replace("tensorflow>", "tensorflow-cpu>")


def lab_words():
    """What opens JupyterLab; as root (in a container, say) it wants to be told so."""
    root = hasattr(os, "getuid") and os.getuid() == 0
    return ["-m", "jupyterlab", *["--allow-root"] * root, "notebooks"]


if __name__ == "__main__":
    main(sys.argv[1:])
