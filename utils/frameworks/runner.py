"""Run a framework in a process of its own, so that none can harm another.

    answer = runner.run("pytorch", images, labels)    # arrays, or FrameworkError

A framework runs in its own environment, .venv-frameworks/NAME, if `make frameworks`
has made it, else in the workshop's environment if it is installed there. A process
that fails, dies or hangs gives a FrameworkError of one line, which names the framework
and the next step.
"""

import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from utils.frameworks import FOLDER, get
from utils.frameworks.reference import without_ties

ROOT = FOLDER.parents[1]
ENVIRONMENTS = ROOT / ".venv-frameworks"
TIMEOUT = 180  # seconds; Theano compiles for half a minute


class FrameworkError(RuntimeError):
    """One line: the framework, what is wrong, the next step."""

    def __init__(self, framework, problem, step=None):
        usual = "python -m pip install -r requirements.txt"
        if framework.environment:
            usual = f"make frameworks NAME={framework.environment}"
        super().__init__(f"{framework.name}: {problem}. Next step: {step or usual}")


class NotInstalled(FrameworkError):
    """It is not here, or a program that it needs; nothing is broken."""


def executable(environment):
    """Where the Python of an environment is, or will be."""
    path = "Scripts/python.exe" if os.name == "nt" else "bin/python"
    return ENVIRONMENTS / environment / path


def python_of(framework):
    """The Python that has this framework; NotInstalled where there is none."""
    if framework.key == "theano" and not shutil.which("g++"):
        problem = "needs the program g++, which is not here"
        raise NotInstalled(framework, problem, "install g++")
    # The committed notebooks show what someone with TensorFlow alone sees.
    hidden = os.environ.get("WORKSHOP_FRAMEWORKS") == "none"
    if framework.environment and not hidden:
        python = executable(framework.environment)
        if python.exists():
            return python
    if importlib.util.find_spec(framework.package):
        return Path(sys.executable)
    raise NotInstalled(framework, "not installed here")


def settings(framework):
    """The environment variables of the framework's process.

    All compute on the CPU: a GPU may round the factors of a product to ten bits (TF32),
    and its memory belongs to the notebook that is open.
    """
    values = {**os.environ, "PYTHONPATH": str(ROOT), "TF_CPP_MIN_LOG_LEVEL": "2"}
    values |= {"CUDA_VISIBLE_DEVICES": "-1", "JAX_PLATFORMS": "cpu"}
    values["KERAS_TORCH_DEVICE"] = "cpu"
    if framework.backend:
        values["KERAS_BACKEND"] = framework.backend
    if framework.key == "theano":
        compiled = ENVIRONMENTS / "theano-compiled"
        flags = f"floatX=float32,blas.ldflags=,base_compiledir={compiled}"
        values["THEANO_FLAGS"] = flags
    return values


def run(key, images, labels, timed=False, timeout=TIMEOUT):
    """Let a framework predict, differentiate and train one step; return {name: array}.

    images: float32 (n, 28, 28, 1), from 0 to 1; labels: (n,). The gradients and the
    step are those of the first 64 images, with a little noise against pooling ties.
    timed: whether to measure its speed; timeout: when to give up. What comes back:
    probabilities (n, 10); loss; gradient/NAME, as the shared weight; after_step, the
    first 100 images' probabilities after one training step; about, see child.py. Caffe
    has the first and last.
    """
    framework = get(key)
    python = python_of(framework)
    with tempfile.TemporaryDirectory() as folder:
        job, answer = Path(folder, "job.npz"), Path(folder, "answer.npz")
        np.savez(
            job,
            images=np.asarray(images, "float32"),
            labels=np.asarray(labels[:64], "int64"),
            images_without_ties=without_ties(images[:64]),
            timed=timed,
        )
        command = [python, "-m", "utils.frameworks.child", key, job, answer]
        call(framework, command, timeout)
        with np.load(answer) as arrays:
            return dict(arrays)


def call(framework, command, timeout):
    """What the command prints; FrameworkError where it fails, dies or hangs."""
    options = {"cwd": ROOT, "capture_output": True, "text": True, "errors": "replace"}
    try:
        done = subprocess.run(
            command, env=settings(framework), timeout=timeout, **options
        )
    except subprocess.TimeoutExpired:
        problem = f"no answer after {timeout:g} seconds, stopped"
        raise FrameworkError(framework, problem, "try again, with more time") from None
    if done.returncode < 0:
        name = signal.Signals(-done.returncode).name
        raise FrameworkError(framework, f"its process died ({name})")
    if done.returncode:
        last = (done.stderr.strip() or "no message").splitlines()[-1].rstrip(".")
        raise FrameworkError(framework, f"its process failed: {last[:200]}")
    return done.stdout
