"""`make mutants`: break the code in small ways; which of them does no test see?

    python -m tests.mutants 300 SEED [utils/nn.py ...]

Cosmic Ray makes the changes: another operator, number, comparison, no `not`, no
decorator. The sample is of places, then of what is changed there. Each mutant is tried
in a copy of the repository, in a fork of this process, which has imported TensorFlow
and used none of it. A survivor is printed with its line; read it: many change nothing.
"""

import contextlib
import importlib
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SLOW = 600  # seconds; what takes longer hangs, and is seen, too
SAID = {True: "survived", False: "killed", None: "killed by time"}
# Each file, and the tests that should see what is wrong in it: the quick ones first.
TESTS = {
    "utils/autograd.py": "autograd",
    "utils/data.py": "data project",
    "utils/drawing.py": "drawing",
    "utils/exercises/core.py": "limits exercises",
    "utils/exercises/guard.py": "limits guard",
    "utils/nn.py": "nn lesson6",
    "utils/project.py": "limits project",
}
IMPORTS = (
    *("tensorflow", "keras", "scipy.ndimage", "sklearn.datasets", "hypothesis"),
    *("matplotlib.pyplot", "PIL.Image", "pytest", "jupytext", "nbclient"),
)
# What takes long and sees nothing of these files that the others do not.
WITHOUT = "not folder_of_three_classes and not hostile and not kernel"


def places(files):
    """{(file, line, column): [(operator's name, its occurrence), ...]}."""
    from cosmic_ray.ast import ast_nodes, get_ast_from_path
    from cosmic_ray.plugins import get_operator, operator_names

    found = {}
    for file in files:
        nodes = list(ast_nodes(get_ast_from_path(ROOT / file)))
        for name in operator_names():
            if get_operator(name).arguments():
                continue
            operator = get_operator(name)()
            positions = [p for n in nodes for p in operator.mutation_positions(n)]
            for occurrence, (start, _) in enumerate(positions):
                found.setdefault((file, *start), []).append((name, occurrence))
    return found


def mutated(file, name, occurrence):
    from cosmic_ray.mutating import mutate_code
    from cosmic_ray.plugins import get_operator

    source = (ROOT / file).read_text("utf-8")
    return mutate_code(source, get_operator(name)(), occurrence)


def copy(folder):
    """The repository's files in a folder of their own, as they are now."""
    names = subprocess.check_output(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
    )
    for name in filter(None, names.decode().split("\0")):
        if (ROOT / name).exists():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)


def preload():
    """Import what tests import, without our own: each fork has it then."""
    os.environ |= {"TF_CPP_MIN_LOG_LEVEL": "3", "MPLBACKEND": "agg"}
    for name in IMPORTS:
        importlib.import_module(name)


def passes(folder, tests, file=None, source=None, log=os.devnull):
    """Whether these tests pass in the copy, where a file has this source.

    None where they end by time.
    """
    if file:
        (folder / file).write_text(source, "utf-8")
    child = os.fork()
    if not child:
        with contextlib.suppress(BaseException):
            os.setsid()
            out = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
            for stream in (1, 2):
                os.dup2(out, stream)
            os.chdir(folder)
            sys.path[:] = [str(folder), *(p for p in sys.path if p != str(ROOT))]
            finders = [f for f in sys.meta_path if "__editable__" not in f.__module__]
            sys.meta_path[:] = finders
            files = [f"tests/test_{name}.py" for name in tests.split()]
            words = ["-x", "-q", "-p", "no:cacheprovider", "-k", WITHOUT, *files]
            os._exit(int(importlib.import_module("pytest").main(words)))
        os._exit(9)
    end, status = time.monotonic() + SLOW, None
    while status is None and time.monotonic() < end:
        time.sleep(0.05)
        done, code = os.waitpid(child, os.WNOHANG)
        status = code if done else None
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)
    if status is None:
        os.waitpid(child, 0)
    if file:
        shutil.copy(ROOT / file, folder / file)
    return None if status is None else os.waitstatus_to_exitcode(status) == 0


def main(count, seed, *files):
    """Try so many mutants; print a line for each, then one for each file."""
    sample, found = random.Random(int(seed)), places(files or TESTS)
    chosen = sample.sample(sorted(found), min(int(count), len(found)))
    print(f"{len(found)} places; {len(chosen)} are tried, seed {seed}.", flush=True)
    preload()
    with tempfile.TemporaryDirectory() as folder:
        folder, tried = Path(folder).resolve(), {}
        copy(folder)
        for file in files or TESTS:
            if not passes(folder, TESTS[file]):
                sys.exit(f"{file}: its tests fail as it is: {TESTS[file]}")
        for place in chosen:
            file, line, _ = place
            name, occurrence = sample.choice(found[place])
            try:
                source = mutated(file, name, occurrence)
            except AttributeError:  # Cosmic Ray's own: `except a.b` it cannot change
                print(f"not made: {file}:{line}: {name}", flush=True)
                continue
            said = SAID[passes(folder, TESTS[file], file, source)]
            tried.setdefault(file, []).append(said != "survived")
            text = source.splitlines()[line - 1].strip()
            what = name.partition("/")[2]
            print(f"{said} {file}:{line}: {what}: {text}", flush=True)
    for file, killed in sorted(tried.items()):
        print(f"{file}: {sum(killed)} of {len(killed)} killed")


if __name__ == "__main__":
    main(*sys.argv[1:])
