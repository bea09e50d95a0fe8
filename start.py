"""Set the workshop up and open it: python start.py (on Windows: py -3.13 start.py)

Makes an environment in .venv, installs what the lessons need into it, and opens them in
JupyterLab. The second time it opens them at once; only where the folder was moved, or
the list of packages has changed, it installs again.

    python start.py requirements.txt        only install
    python start.py requirements-dev.txt    only install, what a maintainer needs, too

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
    print(f"Installing {requirements} (3 GB on disk; a minute or two) ...", flush=True)
    # uv installs several times faster than pip; where it cannot, pip does the same.
    # Compiled once here, Keras starts with 4 s of work instead of 10 in each notebook.
    pip = ["-m", "pip", "install", "--disable-pip-version-check"]
    uv = ["-m", "uv", "pip", "install", "--quiet", "--compile-bytecode"]
    run(*pip, "--quiet", "uv<1")
    if not run(*uv, "--python", PYTHON, "-r", requirements) and not run(
        *pip, "-r", requirements
    ):
        sys.exit(
            "Not installed: the lines above say why. It needs a network, and 3 GB of "
            "disk. Start again, or open the lessons in Google Colab (see README.md)."
        )
    run("-m", "jupyterlab.labextensions", "disable", NEWS, quiet=True)


def lab_words():
    """What opens JupyterLab; as root (in a container, say) it wants to be told so."""
    root = hasattr(os, "getuid") and os.getuid() == 0
    return ["-m", "jupyterlab", *["--allow-root"] * root, "notebooks"]


if __name__ == "__main__":
    main(sys.argv[1:])
