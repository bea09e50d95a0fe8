"""Run a framework in a process of its own, so that none can harm another.

    answer = runner.run("pytorch", images, labels)     # an Answer, or FrameworkError

A framework runs in its own environment, .venv-frameworks/NAME, if `make frameworks`
has made it, else in the workshop's environment if it is installed there. A process
that fails, dies or hangs gives a FrameworkError of one line, which names the framework
and the next step.
"""

import importlib.util
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from utils.frameworks import FOLDER, get, weights
from utils.frameworks.reference import without_ties

ROOT = FOLDER.parents[1]
ENVIRONMENTS = ROOT / ".venv-frameworks"
TIMEOUT = 180  # seconds; Theano compiles for half a minute


class FrameworkError(RuntimeError):
    """One line: the framework, what is wrong, the next step."""

    def __init__(self, framework, problem, step=None):
        if step is None and framework.environment:
            step = f"make frameworks NAME={framework.environment}"
        step = step or "python -m pip install -r requirements.txt"
        super().__init__(f"{framework.name}: {problem}. Next step: {step}")


class NotInstalled(FrameworkError):
    """It is not here, or a program that it needs; nothing is broken."""


@dataclass
class Answer:
    """What a framework's process gave back.

    probabilities (n, 10); after_step (100, 10): after one training step; gradients:
    {name: array}; about: version, seconds, megabytes. Caffe has the first and last.
    """

    probabilities: np.ndarray
    about: dict
    loss: float = None
    gradients: dict = None
    after_step: np.ndarray = None


def python_of(framework):
    """The Python that has this framework; FrameworkError where there is none."""
    if framework.command and not shutil.which(framework.command):
        problem = f"needs the program {framework.command}, which is not here"
        raise NotInstalled(framework, problem, f"install {framework.command}")
    name = framework.environment
    folder = ENVIRONMENTS / str(name)
    # The committed notebooks show what someone with TensorFlow alone sees: build.py.
    hidden = os.environ.get("WORKSHOP_FRAMEWORKS") == "none"
    if name and folder.exists() and not hidden:
        if not is_ready(name):
            raise FrameworkError(
                framework, f"its environment {folder.name} is half built or out of date"
            )
        return executable(folder)
    if importlib.util.find_spec(framework.package):
        return Path(sys.executable)
    raise NotInstalled(framework, "not installed here")


def requirements(name):
    return FOLDER / "requirements" / f"{name}.txt"


def is_ready(name):
    """True where the environment was built to its end, from today's requirements."""
    ready = ENVIRONMENTS / name / "ready.txt"
    wanted = requirements(name).read_text("utf-8")
    return ready.exists() and ready.read_text("utf-8") == wanted


def executable(folder):
    windows = folder / "Scripts" / "python.exe"
    return windows if windows.exists() else folder / "bin" / "python"


def available(key):
    """True where this framework can run here."""
    try:
        python_of(get(key))
    except FrameworkError:
        return False
    return True


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


def run(key, images, labels, seconds=0, timeout=TIMEOUT):
    """Let a framework predict, differentiate and train one step; return an Answer.

    images: float32 (n, 28, 28, 1), from 0 to 1; labels: (n,). The gradients and the
    step are those of the first 64 images, with a little noise against pooling ties.
    seconds: how long to measure its speed; timeout: when to give up.
    """
    framework = get(key)
    python = python_of(framework)
    try:
        weights.load()
    except ValueError as error:
        problem = str(error).removesuffix(f"; {weights.REPAIR}")
        raise FrameworkError(framework, problem, weights.REPAIR) from None
    with tempfile.TemporaryDirectory() as folder:
        job, answer = Path(folder, "job.npz"), Path(folder, "answer.npz")
        np.savez(
            job,
            images=np.asarray(images, "float32"),
            labels=np.asarray(labels[:64], "int64"),
            images_without_ties=without_ties(images[:64]),
            seconds=seconds,
        )
        command = [python, "-m", "utils.frameworks.child", key, job, answer]
        call(framework, command, timeout)
        try:
            with np.load(answer) as arrays:
                found = dict(arrays)
        except (OSError, ValueError):
            raise FrameworkError(framework, "its process gave no answer") from None
    gradients = {
        name.partition("/")[2]: array
        for name, array in found.items()
        if name.startswith("gradient/")
    }
    return Answer(
        found["probabilities"],
        json.loads(str(found["about"])),
        float(found["loss"]) if "loss" in found else None,
        gradients or None,
        found.get("after_step"),
    )


def call(framework, command, timeout):
    """What the command prints; FrameworkError where it fails, dies or hangs."""
    try:
        done = subprocess.run(
            [str(part) for part in command],
            env=settings(framework),
            cwd=ROOT,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=timeout,
            check=False,
        )
    except subprocess.TimeoutExpired:
        problem = f"no answer after {timeout:g} seconds, stopped"
        raise FrameworkError(framework, problem, "try again, with more time") from None
    except OSError as error:
        problem = f"its Python does not start ({error.strerror})"
        raise FrameworkError(framework, problem) from None
    if done.returncode < 0:
        name = signal.Signals(-done.returncode).name
        raise FrameworkError(framework, f"its process died ({name})")
    if done.returncode:
        last = (done.stderr.strip() or "no message").splitlines()[-1].rstrip(".")
        raise FrameworkError(framework, f"its process failed: {last[:200]}")
    return done.stdout
