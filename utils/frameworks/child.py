"""What runs in a framework's own process.

    python -m utils.frameworks.child KEY JOB ANSWER

JOB and ANSWER are .npz files, which every NumPy since 2010 reads. The job holds
`images`, `labels`, `images_without_ties` and `seconds` (of timing, 0 for none); the
answer `probabilities`, `loss`, `gradient/...`, `after_step` and `about`, as JSON.
"""

import functools
import importlib
import importlib.metadata
import json
import re
import sys
import time

import numpy as np

from utils.frameworks import get, weights

LEARNING_RATE = 0.1
PROBE = 2.0  # where the derivative of x^2 sin x is taken


def main(key, job_file, answer_file):
    framework = get(key)
    job = dict(np.load(job_file))
    began = time.perf_counter()
    module = importlib.import_module(f"utils.frameworks.{framework.module}")
    about = {
        "version": module.VERSION,
        "import_seconds": time.perf_counter() - began,
        "megabytes": round(size_of(framework) / 1e6),
    }
    answer = work(framework, module, job, about)
    np.savez(answer_file, about=json.dumps(about), **answer)


def work(framework, module, job, about):
    """Do the job; return the answer's arrays, and write the rest into `about`."""
    model = module.build(weights.load())
    answer = {"probabilities": module.predict(model, job["images"])}
    if hasattr(module, "derivative"):
        about["derivative"] = module.derivative(PROBE)
    if hasattr(module, "tie"):
        about["tie"] = module.tie()
    if framework.gradients:
        batch = job["images_without_ties"], job["labels"]
        answer["loss"], gradients = module.gradients(model, *batch)
        answer.update({f"gradient/{name}": g for name, g in gradients.items()})
        optimizer = module.make_optimizer(model, LEARNING_RATE)
        step = functools.partial(module.train_step, model, optimizer)
        step(*batch)
        answer["after_step"] = module.predict(model, job["images"][:100])
        if job["seconds"] > 0:
            about["images_per_second"] = speed(step, batch, job["seconds"])
    return answer


def speed(step, batch, seconds):
    """Training images a second; the fastest of five measurements."""
    rate = 0.0
    for _ in range(3):
        step(*batch)
    for _ in range(5):
        steps, began = 0, time.perf_counter()
        while time.perf_counter() - began < seconds / 5:
            step(*batch)
            steps += 1
        passed = time.perf_counter() - began
        rate = max(rate, steps * len(batch[0]) / passed)
    return rate


def size_of(framework):
    """Bytes of a framework, its backend, and all that they need."""
    seen = set()
    names = [framework.distribution, framework.backend]
    return sum(install_size(name, seen) for name in names if name)


def install_size(name, seen):
    """Bytes of an installed distribution and of all that it needs; not those `seen`."""
    name = re.sub(r"[-_.]+", "-", name).lower()
    if name in seen:
        return 0
    seen.add(name)
    try:
        found = importlib.metadata.distribution(name)
    except importlib.metadata.PackageNotFoundError:
        return 0  # for another platform
    files = [file.locate() for file in found.files or []]
    size = sum(file.stat().st_size for file in files if file.exists())
    for line in found.requires or []:
        if "extra ==" not in line:
            size += install_size(re.match(r"[\w.-]+", line)[0], seen)
    return size


if __name__ == "__main__":
    main(*sys.argv[1:])
