"""Measure the figures that the lessons quote: make bench, or

    python -m tools.bench ablation --seeds 5

Writes utils/records/measured.json: one entry a benchmark, with machine, date, versions
and seeds. Needs real MNIST: a network once, or WORKSHOP_DATA=/path/to/mnist.npz.
"""

import argparse
import contextlib
import datetime
import json
import os
import shutil
import statistics
import sys
import tempfile
import time

import nbformat
import numpy as np
import psutil
from nbclient import NotebookClient

from tools import recipes, runsheet
from tools.lessons import LESSONS, ROOT, tags
from tools.notebooks import NOTEBOOKS, assemble
from tools.recipes import TRICKS
from utils import data, deck_cnn, device, nn
from utils.frameworks import reference, weights
from utils.records.measured import FILE, machine, measured

SOLVED_ONLY = {"solution", "after-solution"}


def bench_ablation(seeds):
    """Lesson 4's fast recipe, one trick at a time.

    All train on the same 55,000 images, as in the lesson. The test set is read once,
    afterwards. Only training counts, the choice of images included, and in processor
    time, all cores together: other programs hardly disturb it.
    """
    (images, labels), (images_test, labels_test) = data.load_mnist(fast=False)
    x_test, y_test = data.prepare(images_test), data.check_labels(labels_test)
    (x, y), _ = data.split_validation(data.prepare(images), labels, 1 / 12)
    recipes.fast(x[:6400], y[:6400], seed=0)  # warm up: libraries, clock, memory

    runs = {}
    for seed in seeds:
        for count, name in enumerate(["plain", *(f"+ {trick}" for trick in TRICKS)]):
            started = time.process_time()
            model = recipes.fast(x, y, seed, TRICKS[:count])
            seconds = time.process_time() - started
            found = accuracy(model, x_test, y_test)
            runs.setdefault(name, []).append((seconds, found))
            print(f"seed {seed}: {name:16} {found:.2%} in {seconds:.1f} s")
    images = {"images": 3 * (len(x) // 6)}  # that each of them sees
    ways = {name: summarise(results) | images for name, results in runs.items()}
    return {"ways": ways, "seeds": list(seeds)}


def bench_nn(_seeds, batch=128, rounds=15):
    """Milliseconds of a training step, utils.nn's CNN against Keras's.

    Both start from the same weights and take the same float32 batches in turn, with
    plain SGD: a machine's speed changes from run to run. The first two steps of each
    are not counted.
    """
    import keras

    model = deck_cnn.build()
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.SGD(0.01), loss)
    same = dict(zip(weights.SHAPES, model.get_weights(), strict=True))
    ours = reference.build(same, dtype="float32")
    loss, optimizer = nn.CrossEntropy(), nn.SGD(ours, learning_rate=0.01)
    seconds = []
    rng = np.random.default_rng(0)
    for _ in range(rounds + 2):
        x = rng.random((batch, 28, 28, 1), dtype="float32")
        y = rng.integers(0, 10, batch)
        started = time.perf_counter()
        numpy_loss = ours.train_step(x, y, loss, optimizer)
        between = time.perf_counter()
        keras_loss = model.train_on_batch(x, y)
        seconds.append((between - started, time.perf_counter() - between))
        np.testing.assert_allclose(numpy_loss, keras_loss, rtol=1e-3)
    ours, keras_own = np.median(seconds[2:], axis=0)
    return {
        "numpy_ms": round(1000 * ours, 1),
        "keras_ms": round(1000 * keras_own, 1),
        "ratio": round(ours / keras_own, 2),
        "batch": batch,
        "rounds": rounds,
    }


def bench_lessons(seeds):
    """Seconds of each section of the attendee's notebooks; see runsheet.py.

    Runs each from top to bottom, on all images, at most three times; medians.
    """
    os.environ["WORKSHOP_FAST"] = "0"
    runs = min(3, len(seeds))
    sections = {}
    for lesson in LESSONS:
        found = [section_seconds(lesson) for _ in range(runs)]
        names = [section.name for section in runsheet.sections(lesson)]
        medians = [round(float(value), 1) for value in np.median(found, axis=0)]
        sections[lesson.stem] = dict(zip(names, medians, strict=False))
        print(f"{lesson.stem}: {sum(medians):.0f} s", flush=True)
    return {"runs": runs, "sections": sections}


def section_seconds(lesson):
    """Run what attendees have; the seconds of each section, and of what follows."""
    cells = [c for c in assemble(lesson).cells if not tags(c) & SOLVED_ONLY]
    notebook = nbformat.v4.new_notebook(cells=cells)
    client = NotebookClient(notebook, timeout=1200)
    seconds = [0.0]
    folder = tempfile.TemporaryDirectory()  # not a learner's
    with folder as cwd, client.setup_kernel(cwd=cwd):
        for number, cell in enumerate(cells):
            started = time.perf_counter()
            client.execute_cell(cell, number)
            seconds[-1] += time.perf_counter() - started
            if "instructor" in tags(cell):
                seconds.append(0.0)
    return seconds


def bench_memory(_seeds):
    """The most memory that each notebook takes, in MB.

    Each runs on all images. Ten times a second the resident memory of its kernel, and
    of all processes that the kernel has started, is added up; the largest sum counts.
    """
    os.environ["WORKSHOP_FAST"] = "0"
    megabytes = {}
    for path in NOTEBOOKS:
        name = path.relative_to(ROOT / "notebooks").with_suffix("").as_posix()
        with tempfile.TemporaryDirectory() as folder:  # not a learner's
            peak = peak_memory(shutil.copy(path, folder))
        megabytes[name] = round(peak / 1e6)
        print(f"{name}: {megabytes[name]:,} MB")
    return {"megabytes": megabytes}


def peak_memory(path):
    """Run a notebook; return the most bytes that its processes held together.

    A process of its own starts them, and is not counted: what is started here is for a
    moment, on Linux, a copy of this process, as large as it is.
    """
    jupyter = [sys.executable, "-m", "jupyter"]
    process = psutil.Popen([*jupyter, "execute", "--timeout=1200", path])
    peak = 0
    while process.poll() is None:
        total = 0
        for child in process.children(recursive=True):
            with contextlib.suppress(psutil.Error):  # it is gone
                total += child.memory_info().rss
        peak = max(peak, total)
        time.sleep(0.1)
    if process.returncode:
        raise RuntimeError(f"{path} does not run: see above")
    return peak


def summarise(results):
    """The medians of pairs (seconds, accuracy), with their ranges."""
    seconds, accuracies = zip(*results, strict=True)
    return {
        "accuracy": round(statistics.median(accuracies), 4),
        "accuracy_range": [round(min(accuracies), 4), round(max(accuracies), 4)],
        "seconds": round(statistics.median(seconds), 1),
        "seconds_range": [round(min(seconds), 1), round(max(seconds), 1)],
    }


def accuracy(model, x, y):
    outputs = model.predict(x, batch_size=500, verbose=0)
    return float((outputs.argmax(axis=1) == y).mean())


BENCHMARKS = {
    "ablation": bench_ablation,
    "nn": bench_nn,
    "lessons": bench_lessons,
    "memory": bench_memory,
}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("names", nargs="*", choices=[[], *BENCHMARKS])
    parser.add_argument("--seeds", type=int, default=5, help="how many (default: 5)")
    options = parser.parse_args()
    os.environ.setdefault("WORKSHOP_DATA", "mnist")
    source = data.chosen_source()
    if source in ("auto", "digits"):
        wanted = "real MNIST: mnist, or the path of an mnist.npz"
        parser.error(f"WORKSHOP_DATA is {source!r}; wanted {wanted}")
    device.setup()
    for name in options.names or BENCHMARKS:
        measured[name] = {
            "date": datetime.date.today().isoformat(),
            "machine": machine(),
            "software": device.describe(),
            **BENCHMARKS[name](range(options.seeds)),
        }
        FILE.write_text(json.dumps(measured, indent=1) + "\n", "utf-8")
        print(f"written: {FILE.name}, {name}")


if __name__ == "__main__":
    main()
