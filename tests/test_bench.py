"""tools/bench.py: the figures of memory and of a step, tried in a small way."""

import re
import sys
from pathlib import Path

import nbformat
import pytest

from tools import bench
from tools.notebooks import NOTEBOOKS
from utils import device
from utils.records.measured import machine, measured

ROOT = Path(__file__).resolve().parent.parent


def test_a_step_is_measured_beside_keras():
    device.setup()
    times = bench.bench_nn([], batch=4, rounds=2)
    assert times["ratio"] == pytest.approx(times["numpy_ms"] / times["keras_ms"], 0.05)
    assert (times["batch"], times["rounds"]) == (4, 2)


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
