"""Measure the figures that the lessons quote: make bench, or

    python -m tools.bench ablation --seeds 5
    python -m tools.bench search          on request only: takes ten minutes
    python -m tools.bench gpu             on request only: wants a GPU

Writes utils/records/measured.json: one entry a benchmark, with machine, date, versions
and seeds. Needs real MNIST: a network once, or WORKSHOP_DATA=/path/to/mnist.npz.
"""

import argparse
import datetime
import functools
import json
import os
import shutil
import statistics
import subprocess
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
from utils.records.measured import FILE, machine, measured, memory

SOLVED_ONLY = {"solution", "after-solution"}
GOAL = 0.99  # test accuracy that the GPU benchmark wants
# What the search shows a network, at most, and the ways that it tries.
SHOWN = 20_000
SEARCHED = [
    {"small": small, "peak": peak} for small in (16, 32) for peak in (0.0015, 0.0025)
]
# How far a probability may be from NumPy's on a GPU. Some round the factors of
# a product to ten bits (TF32): to one part in two thousand.
GPU_TOLERANCE = 0.01


def bench_ablation(seeds):
    """Lesson 4's fast recipe, one trick at a time.

    All train on the same 55,000 images, as in the lesson, and read the test set.
    """
    train, _, test = parts()
    runs = {}
    for seed in seeds:
        for count, name in enumerate(["plain", *(f"+ {trick}" for trick in TRICKS)]):
            found = attempt(train, test, seed, tricks=TRICKS[:count])
            runs.setdefault(name, []).append(found)
            print(name)
    images = {"images": 3 * (len(train[0]) // 6)}  # that each of them sees
    ways = {name: summarise(results) | images for name, results in runs.items()}
    return {"ways": ways, "seeds": list(seeds)}


def bench_search(seeds):
    """The best recipe for 20,000 images: three seeds each, on validation images.

    Only the one with the best median reads the test set, with ten seeds of its own.
    """
    train, aside, test = parts()
    share, tried = SHOWN / 3 / len(train[0]), []
    for way in SEARCHED:
        runs = [attempt(train, aside, seed, share=share, **way) for seed in range(3)]
        tried.append(way | summarise(runs))
    best = SEARCHED[int(np.argmax([way["accuracy"] for way in tried]))]
    runs = [attempt(train, test, seed, share=share, **best) for seed in range(10, 20)]
    images = 3 * int(share * len(train[0]))
    return {"images": images, "validation": tried, "test": best | summarise(runs)}


def parts():
    """MNIST prepared: (images, labels) to train on, to choose by, and to test with."""
    (images, labels), (images_test, labels_test) = data.load_mnist(fast=False)
    train, aside = data.split_validation(data.prepare(images), labels, 1 / 12)
    recipes.fast(train[0][:6400], train[1][:6400], seed=0)  # warm up: libraries, clock
    return train, aside, (data.prepare(images_test), data.check_labels(labels_test))


def attempt(train, read, seed, **recipe):
    """Train by a recipe of `fast`; (processor seconds, accuracy on what it reads).

    Only training counts, the choice of images included, and in processor time, all
    cores together: other programs hardly disturb it.
    """
    started = time.process_time()
    model = recipes.fast(*train, seed, **recipe)
    seconds, found = time.process_time() - started, accuracy(model, *read)
    print(f"seed {seed}, {recipe}: {found:.2%} in {seconds:.1f} s", flush=True)
    return seconds, found


def bench_nn(seeds):
    """A training step of utils.nn's CNN against Keras's, with two kinds of kernels.

    Those of this processor, and of an older one, which some machines set. OpenBLAS
    chooses them when NumPy is imported: each is measured in a process of its own.
    """
    code = "import json; from tools import bench; print(json.dumps(bench.step_times()))"
    kinds = {}
    for kind in ("", "Haswell"):
        done = subprocess.run(
            [sys.executable, "-c", code],
            env=os.environ | {"OPENBLAS_CORETYPE": kind},
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        kinds[kind] = times = json.loads(done.stdout.splitlines()[-1])
        print(kind or "own kernels", times)
    return {**kinds[""], "older_kernels": kinds["Haswell"]}


def step_times(batch=128, rounds=15):
    """Milliseconds of a step, and its share of the peak of matrix products.

    Both networks start from the same weights and take the same float32 batches in
    turn, with plain SGD. The first two steps of each are not counted.
    """
    from utils.frameworks import in_keras

    device.setup()
    model = deck_cnn.build()
    in_keras.make_optimizer(model, learning_rate=0.01)
    same = dict(zip(weights.SHAPES, model.get_weights(), strict=True))
    ours = reference.build(same, dtype="float32")
    loss, optimizer = (nn.CrossEntropy(), nn.SGD(ours, learning_rate=0.01))
    seconds = {"numpy": [], "keras": []}
    rng = np.random.default_rng(0)
    for _ in range(rounds + 2):
        x = rng.random((batch, 28, 28, 1), dtype="float32")
        y = rng.integers(0, 10, batch)
        started = time.perf_counter()
        numpy_loss = ours.train_step(x, y, loss, optimizer)
        between = time.perf_counter()
        keras_loss = model.train_on_batch(x, y)
        seconds["numpy"].append(between - started)
        seconds["keras"].append(time.perf_counter() - between)
        np.testing.assert_allclose(numpy_loss, keras_loss, rtol=1e-3)
    medians = {name: statistics.median(times[2:]) for name, times in seconds.items()}
    # Forward, and back to weights and inputs; nobody needs the images' gradient.
    work = [2 * batch * deck_cnn.multiply_adds(layer) for layer in model.layers]
    work, peak = 3 * sum(work) - work[0], matrix_peak()
    shares = {f"{name}_share": round(work / t / peak, 2) for name, t in medians.items()}
    return {
        **{f"{name}_ms": round(1000 * value, 1) for name, value in medians.items()},
        **shares,
        "ratio": round(medians["numpy"] / medians["keras"], 2),
        "peak_gflops": round(peak / 1e9),
        "batch": batch,
        "rounds": rounds,
    }


def matrix_peak(size=2048, rounds=20):
    """The most float32 operations a second of NumPy's matrix product."""
    matrix, seconds = np.ones((size, size), "float32"), []
    for _ in range(rounds):
        started = time.perf_counter()
        matrix @ matrix
        seconds.append(time.perf_counter() - started)
    return 2 * size**3 / min(seconds)


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


def bench_gpu(seeds):
    """Seconds to 99 % on MNIST for the deck's CNN on a GPU.

    Before, it must read 1,000 images as float64 NumPy does: each
    probability within GPU_TOLERANCE.
    """
    if "GPU" not in device.describe():
        sys.exit(
            "Keras finds no GPU here: nothing was measured. (On Linux "
            'TensorFlow wants pip install "tensorflow[and-cuda]".)'
        )
    train, test = data.load_mnist(fast=False)
    difference = difference_to_numpy(test[0][:1000])
    if difference > GPU_TOLERANCE:
        sys.exit(
            f"A probability differs by {difference:.1e} from NumPy's: "
            "nothing was measured."
        )
    found = warm_training(train, test, seeds)
    if found["accuracy"] < GOAL:
        print(f"It did not reach {GOAL:.0%}.")
    return {"difference_to_numpy": difference, **found}


def difference_to_numpy(images):
    """The largest difference of a probability, Keras's here to NumPy's in float64."""
    from utils.frameworks import in_keras, parity

    x = data.prepare(images)
    ours = in_keras.predict(in_keras.build(weights.load()), x)
    truth = reference.predict(reference.build(weights.load()), x)
    return parity.largest(ours - truth)


def warm_training(train, test, seeds, epochs=3, batch_size=256):
    """Train the deck's CNN from a warm start, in large batches, which a GPU likes.

    train, test: (images, labels), as data.load_mnist gives them. Learning rate and loss
    are as in recipes.fast. One training before the clock loads the libraries and
    compiles the step. Then each seed gets new weights and an optimizer that remembers
    nothing, and `fit` runs to its end on images in the computer's main memory: that is
    what is timed. The test set is read once, afterwards.
    """
    import keras

    x, y = data.prepare(train[0]), data.check_labels(train[1])
    x_test, y_test = data.prepare(test[0]), data.check_labels(test[1])
    model = recipes.cnn(epochs * -(-len(x) // batch_size), peak=0.005)
    ten_numbers = keras.utils.to_categorical(y, num_classes=10)
    fit = functools.partial(model.fit, x, ten_numbers, batch_size, epochs, verbose=0)
    fit()
    results = []
    for seed in seeds:
        keras.utils.set_random_seed(seed)
        model.set_weights(deck_cnn.build().get_weights())
        for variable in model.optimizer.variables:
            variable.assign(np.zeros(variable.shape))
        started = time.perf_counter()
        fit()
        seconds = time.perf_counter() - started
        results.append((seconds, accuracy(model, x_test, y_test)))
        print(f"seed {seed}: {results[-1][1]:.2%} in {seconds:.2f} s")
    summary, images = summarise(results, digits=3), epochs * len(x)
    return {
        **summary,
        "images": images,
        "images_per_second": round(images / summary["seconds"]),
        "epochs": epochs,
        "batch": batch_size,
        "seeds": list(seeds),
    }


def bench_memory(_seeds):
    """The most memory that each notebook takes, in MB.

    Each runs on all images. Ten times a second the memory of its kernel, and of all
    processes that the kernel has started, is added up; the largest sum counts.
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
        peak = max(peak, memory(process.children(recursive=True)))
        time.sleep(0.1)
    if process.returncode:
        raise RuntimeError(f"{path} does not run: see above")
    return peak


def summarise(results, digits=1):
    """The medians of pairs (seconds, accuracy), with their ranges."""
    seconds, accuracies = zip(*results, strict=True)
    return {
        "accuracy": round(statistics.median(accuracies), 4),
        "accuracy_range": [round(min(accuracies), 4), round(max(accuracies), 4)],
        "seconds": round(statistics.median(seconds), digits),
        "seconds_range": [round(min(seconds), digits), round(max(seconds), digits)],
    }


def accuracy(model, x, y):
    outputs = model.predict(x, batch_size=500, verbose=0)
    return float((outputs.argmax(axis=1) == y).mean())


BENCHMARKS = {
    "ablation": bench_ablation,
    "search": bench_search,
    "nn": bench_nn,
    "lessons": bench_lessons,
    "memory": bench_memory,
    "gpu": bench_gpu,
}
ON_REQUEST = "search", "gpu"


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
    for name in options.names or [n for n in BENCHMARKS if n not in ON_REQUEST]:
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
