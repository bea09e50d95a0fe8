"""Make the frameworks' environments: python -m utils.frameworks.install [NAME ...]

NAME: a requirements file (old, caffe, jax, pytorch, paddle) or a framework (theano).
Without a name, all. What cannot be installed says so in one line; the others go on.
"""

import shutil
import subprocess
import sys

from utils.frameworks import FOLDER, FRAMEWORKS
from utils.frameworks.runner import ENVIRONMENTS, executable, is_ready, requirements

NAMES = sorted(path.stem for path in (FOLDER / "requirements").glob("*.txt"))


def python_for(name):
    """A Python that this environment can have; None where there is none."""
    if name != "old" or sys.version_info < (3, 12):
        return sys.executable
    for minor in (11, 10, 9, 8):
        if found := shutil.which(f"python3.{minor}"):
            return found
    return None


def install(name):
    """Make one environment; return what went wrong, or None."""
    if is_ready(name):
        return None
    python = python_for(name)
    if python is None:
        return "needs Python 3.8, 3.9, 3.10 or 3.11, and none was found"
    folder = ENVIRONMENTS / name
    print(f"{name}: installing ...", flush=True)
    shutil.rmtree(folder, ignore_errors=True)
    quiet = "--quiet", "--disable-pip-version-check"
    commands = [
        [python, "-m", "venv", folder],
        [executable(folder), "-m", "pip", "install", *quiet, "-r", requirements(name)],
    ]
    for command in commands:
        command = [str(part) for part in command]
        done = subprocess.run(command, stderr=subprocess.PIPE, text=True, check=False)
        if done.returncode:
            lines = done.stderr.strip().splitlines() or ["no message"]
            errors = [line for line in lines if line.startswith("ERROR")]
            return (errors or lines)[-1][:200]
    # Written last: without this file the environment counts as half built.
    text = requirements(name).read_text("utf-8")
    (folder / "ready.txt").write_text(text, "utf-8")
    return None


def main(names):
    known = {key: f.environment for key, f in FRAMEWORKS.items() if f.environment}
    known.update({name: name for name in NAMES})
    failed = False
    for name in names or NAMES:
        if name not in known:
            print(f"{name}: unknown; there are {', '.join(known)}")
            failed = True
            continue
        problem = install(known[name])
        failed = failed or bool(problem)
        print(f"{known[name]}: {problem or 'ready'}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
