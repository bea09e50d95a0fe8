"""The figures that lessons quote: measured.json here, written by `make bench`."""

import contextlib
import json
import os
import platform
import re
from pathlib import Path

from utils.table import Table

FILE = Path(__file__).with_name("measured.json")
measured = json.loads(FILE.read_text("utf-8")) if FILE.exists() else {}


def machine():
    """What a figure was measured on, as text: "AMD EPYC, 2 cores"."""
    name = platform.processor() or platform.machine()
    with contextlib.suppress(OSError):  # only Linux has this file
        text = Path("/proc/cpuinfo").read_text("utf-8")
        if found := re.search(r"model name\s*: (.+)", text):
            name = found[1].strip()
    return f"{name}, {os.cpu_count()} cores"


def memory(processes):
    """Bytes that psutil's processes hold together, as PSS, which only Linux has: a page
    that n of them share counts as 1/n in each."""
    import psutil  # ipykernel brings it

    total = 0
    for process in processes:
        with contextlib.suppress(psutil.Error, OSError):  # it has just ended
            total += process.memory_full_info().pss
    return total


def ablation_table():
    """Lesson 4's fast recipe, one trick at a time, with machine and date."""
    ablation = measured["ablation"]
    rows = [
        {
            "recipe": name,
            "test accuracy": f"{way['accuracy']:.2%}",
            "from ... to": "{:.2%} ... {:.2%}".format(*way["accuracy_range"]),
            "images seen": way["images"],
            "processor seconds": way["seconds"],
        }
        for name, way in ablation["ways"].items()
    ]
    return Table(
        rows,
        f"Medians of {len(ablation['seeds'])} seeds, {ablation['date']}, "
        f"{ablation['machine']}.",
    )


def step_table():
    """One training step of lesson 6's own network beside Keras's."""
    step = measured["nn"]
    older = step["older_kernels"]["numpy_ms"]
    rows = {"utils.nn, in NumPy": step["numpy_ms"]}
    rows["utils.nn, products as on an older processor"] = older
    rows["Keras on TensorFlow"] = step["keras_ms"]
    return Table(
        [{"computed by": name, "milliseconds": time} for name, time in rows.items()],
        "One training step with {} images, medians of {} steps, measured on {} ({}); "
        "NumPy takes {:.1f} times as long".format(
            step["batch"], step["rounds"], step["date"], step["machine"], step["ratio"]
        ),
    )
