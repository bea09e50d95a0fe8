"""Run every notebook in every environment that the workshop supports.

    nox --list                               the sessions
    nox -s notebooks                         all of them: hours
    nox -s notebooks-3.13                    one Python: six environments
    nox -s "notebooks-3.13(newest, jax)"     one environment, in four states
    nox -s "notebooks-3.13(newest, jax)" -- digits/offline     in one of them
    nox -s diagonal                          some of every kind

`make matrix ONLY=...` does the same with one name. An environment is a Python with
Colab's package versions or the newest ones, and a backend of Keras; uv makes it anew.
A state is the data (real MNIST or the embedded digits) and the network (there or cut
off). tests/matrix.py keeps what a session finds, so that the table of
tests/WHERE-IT-RUNS.md can be filled piece by piece.

Real MNIST comes from WORKSHOP_DATA=/path/to/mnist.npz, else from Keras's cache or a
download. Only Linux can cut off the network; elsewhere these states are refused.
"""

import os
import shutil
from pathlib import Path

import nox

nox.options.default_venv_backend = "uv"
nox.options.envdir = "build/nox"
nox.options.sessions = ["diagonal"]
nox.options.error_on_missing_interpreters = True  # not a quiet skip

PYTHONS = "3.11", "3.12", "3.13"
VERSIONS = "colab", "newest"
BACKENDS = "tensorflow", "jax", "torch"
STATES = "mnist/online", "mnist/offline", "digits/online", "digits/offline"
# Every value of every axis at least once: what a hosted CI can afford each week.
DIAGONAL = {
    "notebooks-3.11(newest, torch)": "mnist/online",
    "notebooks-3.12(newest, jax)": "digits/offline",
    "notebooks-3.13(colab, tensorflow)": "mnist/offline",
    "notebooks-3.13(newest, tensorflow)": "digits/online",
}
# Runs a command in a network of its own that has only a loopback interface, which
# Jupyter's kernels need.
CUT_OFF = (
    *("unshare", "--map-root-user", "--net", "sh", "-c"),
    *('ip link set lo up && exec "$@"', "sh"),
)


@nox.session(python=PYTHONS)
@nox.parametrize("backend", BACKENDS, ids=BACKENDS)
@nox.parametrize("versions", VERSIONS, ids=VERSIONS)
def notebooks(session, versions, backend):
    """Run all notebooks in a new environment, in each state or in those named."""
    states = session.posargs or STATES
    if unknown := set(states) - set(STATES):
        session.error(f"{', '.join(unknown)}: wanted {', '.join(STATES)}")
    offline = any(state.endswith("offline") for state in states)
    if offline and not (shutil.which("unshare") and shutil.which("ip")):
        session.error("no `unshare` and `ip` here: name a state that is online")
    constraints = ["-c", "tests/versions-colab.txt"] if versions == "colab" else []
    packages = "-r", "requirements-dev.txt", "jax", "torch", *constraints
    session.install("--compile-bytecode", *packages)
    file = os.environ.get("WORKSHOP_DATA", "")
    own = file.endswith(".npz")
    conditions = [f"{session.python}-{versions}/{backend}/{state}" for state in states]
    for condition, state in zip(conditions, states, strict=True):
        data, network = state.split("/")
        session.run(
            *(CUT_OFF if network == "offline" else ()),
            *("python", "-m", "pytest", "-n", "2", "--dist", "loadscope"),
            f"--junitxml=build/matrix/{condition}.xml",
            # Not rglob: JupyterLab keeps copies in .ipynb_checkpoints.
            *sorted(Path("notebooks").glob("[0-9]*.ipynb")),
            *sorted(Path("notebooks/solutions").glob("[0-9]*.ipynb")),
            env={
                "KERAS_BACKEND": backend,
                "WORKSHOP_FAST": "1",
                "WORKSHOP_DATA": file if own and data == "mnist" else data,
            },
            external=True,
            silent=True,
            success_codes=[0, 1],  # 1: a cell is red, as tests/matrix.py will say
        )
    session.run("python", "-m", "tests.matrix", *conditions)


@nox.session(venv_backend="none")
def diagonal(session):
    """Some of every kind."""
    for name, state in DIAGONAL.items():
        session.notify(name, [state])
