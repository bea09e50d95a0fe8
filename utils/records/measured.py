"""The figures that lessons quote: measured.json here, written by `make bench`."""

import json
from pathlib import Path

from utils.table import Table

FILE = Path(__file__).with_name("measured.json")
measured = json.loads(FILE.read_text("utf-8")) if FILE.exists() else {}


def ablation_table():
    """Lesson 4's fast recipe, one trick at a time, beside the usual recipe."""
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
        f"{ablation['machine']}. All four tricks take {ablation['ratio']:.2f} of the "
        "usual recipe's time.",
    )


def step_table():
    """One training step of lesson 6's own network beside Keras's."""
    step = measured["nn"]
    return Table(
        [
            {"computed by": "utils.nn, in NumPy", "milliseconds": step["numpy_ms"]},
            {"computed by": "Keras on TensorFlow", "milliseconds": step["keras_ms"]},
        ],
        "One training step with {} images, medians of {} steps, measured on {} ({}); "
        "NumPy takes {:.1f} times as long".format(
            step["batch"], step["rounds"], step["date"], step["machine"], step["ratio"]
        ),
    )
