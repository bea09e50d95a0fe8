"""Make the frameworks' environments: python -m utils.frameworks.install [NAME ...]

NAME: a requirements file (old, caffe, jax, pytorch, paddle) or a framework (theano).
Without a name, all. What cannot be installed says so in one line; the others go on.
Once more, it goes on where it stopped, and installs what the files want today.
"""

import shutil
import subprocess
import sys

from utils.frameworks import FOLDER, FRAMEWORKS
from utils.frameworks.runner import ENVIRONMENTS, executable

NAMES = sorted(path.stem for path in (FOLDER / "requirements").glob("*.txt"))


def python_for(name):
    """A Python that this environment can have; None where there is none."""
    if name != "old" or sys.version_info < (3, 12):
        return sys.executable
    for minor in (11, 10, 9, 8):
        found = shutil.which(f"python3.{minor}")
        # pyenv, for one, has commands of versions that do not start
        if found and subprocess.call([found, "-c", ""], stderr=subprocess.DEVNULL) == 0:
            return found
    return None


def install(name):
    """Make one environment; return what went wrong, or None."""
    quiet = "--quiet", "--disable-pip-version-check"
    wanted = FOLDER / "requirements" / f"{name}.txt"
    for command in (
        [python_for(name), "-m", "venv", ENVIRONMENTS / name],
        [executable(name), "-m", "pip", "install", *quiet, "-r", wanted],
    ):
        done = subprocess.run(command, stderr=subprocess.PIPE, text=True)
        if done.returncode:
            lines = done.stderr.strip().splitlines() or ["no message"]
            errors = [line for line in lines if line.startswith("ERROR")]
            return (errors or lines)[-1][:200]
    return None


def main(names):
    """Install; return 1 where something failed that this machine should have."""
    known = {key: f.environment for key, f in FRAMEWORKS.items() if f.environment}
    known.update({name: name for name in NAMES})
    failed = False
    for name in names or NAMES:
        if name not in known:
            problem = f"unknown; there are {', '.join(known)}"
        elif python_for(known[name]) is None:
            needs = "Python 3.8, 3.9, 3.10 or 3.11"
            print(f"{name}: not on this machine: needs {needs}, and none was found")
            continue
        else:
            print(f"{name}: installing ...", flush=True)
            problem = install(known[name])
        failed = failed or bool(problem)
        print(f"{name}: {problem or 'ready'}", flush=True)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
