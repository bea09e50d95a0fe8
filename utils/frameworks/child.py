"""What runs in a framework's own process.

    python -m utils.frameworks.child KEY JOB ANSWER

JOB and ANSWER are .npz files, which every NumPy since 2010 reads. The job holds
`images`, `labels`, `images_without_ties` and `timed`, whether to measure the speed; the
answer `probabilities`, `loss`, `gradient/...`, `after_step` and `about`, as JSON.
"""

import functools
import importlib.metadata
import json
import re
import sys
import timeit

import numpy as np

from utils.frameworks import get, weights

LEARNING_RATE = 0.1
# A step of plain gradient descent takes rate times gradient from each weight. With a
# rate as large as this one, rounding is lost in it, and the step shows the gradients.
LARGE_RATE = 1000.0
PROBE = 2.0  # where the derivative of x^2 sin x is taken
# What `pip install` wants, where it is not what `import` wants.
DISTRIBUTIONS = {"paddle": "paddlepaddle", "cv2": "opencv-python-headless"}


def main(key, job_file, answer_file):
    framework, job, about = get(key), dict(np.load(job_file)), {}
    module = importlib.import_module(f"utils.frameworks.{framework.module}")
    library = sys.modules["keras" if framework.backend else framework.package]
    about["version"] = getattr(module, "VERSION", library.__version__)
    about["megabytes"] = round(size_of(framework) / 1e6)
    answer = work(framework, module, job, about)
    np.savez(answer_file, about=json.dumps(about), **answer)


def work(framework, module, job, about):
    """Do the job; return the answer's arrays, and write the rest into `about`."""
    given, images = weights.load(), job["images"]
    model = module.build(given)
    # 100 at a time: the maps of more would fill the memory
    parts = [images[i : i + 100] for i in range(0, len(images), 100)]
    found = [module.predict(model, part) for part in parts]
    answer = {"probabilities": np.concatenate(found)}
    if hasattr(module, "derivative"):
        about["derivative"] = module.derivative(PROBE)
    if hasattr(module, "tie"):
        about["tie"] = module.tie()
    if framework.trains:
        batch = job["images_without_ties"], job["labels"]
        model, step = trainer(module, LARGE_RATE)
        answer["loss"] = step(*batch)
        for name, array in module.get_weights(model).items():
            answer[f"gradient/{name}"] = (given[name] - array) / LARGE_RATE
        model, step = trainer(module, LEARNING_RATE)
        step(*batch)
        answer["after_step"] = module.predict(model, images[:100])
        if job["timed"]:
            about["images_per_second"] = speed(step, batch)
    return answer


def trainer(module, rate):
    """A new model with the shared weights, and the function that trains it a step."""
    model = module.build(weights.load())
    optimizer = module.make_optimizer(model, rate)
    return model, functools.partial(module.train_step, model, optimizer)


def speed(step, batch):
    """Training images a second; the fastest of ten measurements."""
    timer = timeit.Timer(lambda: step(*batch))
    steps, _ = timer.autorange()  # as many as take 0.2 s
    return steps * len(batch[0]) / min(timer.repeat(10, steps))


def size_of(framework):
    """Bytes of a framework, its backend, and all that they need."""
    names = [DISTRIBUTIONS.get(framework.package, framework.package)]
    if framework.backend:
        names.append("keras")
    seen = set()
    return sum(install_size(name, seen) for name in names)


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
