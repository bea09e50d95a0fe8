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
        found = shutil.which(f"python3.{minor}")
        if found and subprocess.run([found, "-c", ""], capture_output=True).returncode:
            continue  # pyenv, for one, has commands of versions that do not start
        if found:
            return found
    return None


def impossible(name):
    """Why this machine cannot have an environment, in one line; None where it can."""
    if python_for(name) is None:
        return "needs Python 3.8, 3.9, 3.10 or 3.11, and none was found"
    return None


def install(name):
    """Make one environment; return what went wrong, or None."""
    folder = ENVIRONMENTS / name
    shutil.rmtree(folder, ignore_errors=True)
    quiet = "--quiet", "--disable-pip-version-check"
    commands = [
        [python_for(name), "-m", "venv", folder],
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
    """Install; return 1 where something failed that this machine should have."""
    known = {key: f.environment for key, f in FRAMEWORKS.items() if f.environment}
    known.update({name: name for name in NAMES})
    failed = False
    for name in names or NAMES:
        if name not in known:
            print(f"{name}: unknown; there are {', '.join(known)}")
            failed = True
            continue
        name = known[name]
        if reason := impossible(name):
            print(f"{name}: not on this machine: {reason}", flush=True)
        elif is_ready(name):
            print(f"{name}: ready", flush=True)
        else:
            print(f"{name}: installing ...", flush=True)
            problem = install(name)
            failed = failed or bool(problem)
            print(f"{name}: {problem or 'ready'}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
