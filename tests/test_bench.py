"""tools/bench.py: the figures of memory and of the GPU, tried in a small way."""

import re
import sys
from pathlib import Path

import nbformat
import pytest

from tools import bench
from tools.notebooks import NOTEBOOKS
from utils import data, device
from utils.records.measured import machine, measured, step_table

ROOT = Path(__file__).resolve().parent.parent


def test_each_warm_training_starts_from_nothing():
    """The same seed twice: nothing is left of the first training in the second."""
    device.setup()
    train, test = data.load_mnist("digits")
    train = data.stratified_part(*train, size=600)
    found = bench.warm_training(train, test, [0, 0], epochs=2, batch_size=64)
    assert found["accuracy"] > 0.8
    assert found["accuracy_range"] == [found["accuracy"]] * 2
    assert found["images"] == 2 * 600


def test_the_search_opens_the_test_set_for_the_best_only(monkeypatch):
    """Chosen on validation images; at most 20,000 images are shown."""
    read, best = [], bench.SEARCHED[1]

    def attempt(train, images, seed, **recipe):
        share = recipe.pop("share")
        assert 19_000 < 3 * int(share * 55_000) <= 20_000
        read.append((images, seed, recipe))
        return 1.0, 0.99 if recipe == best else 0.98

    monkeypatch.setattr(bench, "parts", lambda: ((range(55_000), 0), "aside", "test"))
    monkeypatch.setattr(bench, "attempt", attempt)
    found = bench.bench_search(range(5))
    tested = [(seed, recipe) for images, seed, recipe in read if images == "test"]
    assert tested == [(seed, best) for seed in range(10, 20)]
    assert read.index(("test", 10, best)) == len(read) - 10  # after all the others
    assert found["test"]["accuracy"] == 0.99
    assert found["images"] <= 20_000


def test_a_step_is_measured_against_the_peak():
    times = bench.step_times(batch=4, rounds=2)
    assert times["ratio"] == pytest.approx(times["numpy_ms"] / times["keras_ms"], 0.05)
    for name in ("numpy", "keras"):
        # three products of 12 million multiply-adds for each image, less Conv_1's
        work = 4 * 2 * (3 * 11_992_448 - 26 * 26 * 32 * 9)
        share = work / (times[f"{name}_ms"] / 1000) / (times["peak_gflops"] * 1e9)
        assert times[f"{name}_share"] == pytest.approx(share, abs=0.01)


def test_the_table_of_a_step_says_what_was_measured(monkeypatch):
    step = {"numpy_ms": 30, "keras_ms": 10, "ratio": 3.0, "batch": 8, "rounds": 5}
    step |= {"date": "2026-11-29", "machine": "a laptop"}
    step["older_kernels"] = {"numpy_ms": 60}
    monkeypatch.setitem(measured, "nn", step)
    table = step_table()
    assert [[*row.values()] for row in table.rows] == [
        ["utils.nn, in NumPy", 30],
        ["utils.nn, products as on an older processor", 60],
        ["Keras on TensorFlow", 10],
    ]
    assert "with 8 images, medians of 5 steps, measured on 2026-11-29" in table.caption
    assert table.caption.endswith("(a laptop); NumPy takes 3.0 times as long")


def test_keras_reads_as_numpy_does():
    """What the GPU benchmark looks at first; here, on the CPU, it is much nearer."""
    (images, _), _ = data.load_mnist("digits")
    assert bench.difference_to_numpy(images[:100]) < 1e-5


@pytest.mark.parametrize("source", ["digits", "auto"])
def test_figures_are_of_mnist_only(source, monkeypatch, capsys):
    monkeypatch.setenv("WORKSHOP_DATA", source)
    monkeypatch.setattr(sys, "argv", ["bench.py", "ablation"])
    with pytest.raises(SystemExit):
        bench.main()
    assert f"WORKSHOP_DATA is '{source}'; wanted real MNIST" in capsys.readouterr().err


def test_peak_memory_counts_the_kernel_and_its_children(tmp_path):
    code = (
        "import subprocess, sys, time\n"
        "code = 'import time; x = bytearray(b\"1\") * 100_000_000; time.sleep(1)'\n"
        "child = subprocess.Popen([sys.executable, '-c', code])\n"
        "x = bytearray(b'1') * 200_000_000\n"
        "child.wait()"
    )
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)])
    path = tmp_path / "large.ipynb"
    nbformat.write(notebook, path)
    assert 300e6 < bench.peak_memory(path) < 600e6


def test_gpu_benchmark_says_that_there_is_no_gpu():
    device.setup()
    if "GPU" in device.describe():
        pytest.skip("there is one here: python -m tools.bench gpu")
    with pytest.raises(SystemExit, match="finds no GPU"):
        bench.bench_gpu([0])


def test_the_guide_says_what_a_gpu_was_measured_to_do():
    found = measured["gpu"]
    assert found["difference_to_numpy"] <= bench.GPU_TOLERANCE
    assert found["accuracy"] >= bench.GOAL
    assert (found["epochs"], found["images"]) == (3, 3 * 60_000)
    gpu, seconds = found["software"].rsplit(" ", 1)[1], round(found["seconds"], 1)
    said = " ".join((ROOT / "guide/questions.md").read_text("utf-8").split())
    wanted = (
        f"an {gpu}, went over all of MNIST three times with the deck's CNN "
        f"in {seconds} s, and {100 * found['accuracy']:.1f} % of the test images were "
        f"read (recorded; median of {len(found['seeds'])})"
    )
    assert wanted in said


def test_every_notebook_fits_on_a_small_laptop():
    """A laptop with 4 GB has 2.5 GB left for a notebook."""
    megabytes = measured["memory"]["megabytes"]
    there = {
        path.relative_to(ROOT / "notebooks").with_suffix("").as_posix()
        for path in NOTEBOOKS
    }
    assert set(megabytes) == there, "python -m tools.bench memory"
    for name, peak in megabytes.items():
        assert 50 < peak <= 2500, name


def test_a_figure_says_its_machine_where_linux_tells_more_and_where_not(monkeypatch):
    assert re.fullmatch(r"\S.*\S, \d+ cores", machine())

    def no_such_file(*_):
        raise FileNotFoundError

    monkeypatch.setattr(Path, "read_text", no_such_file)
    assert re.fullmatch(r"\S.*\S, \d+ cores", machine())
