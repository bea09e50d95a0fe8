"""The figures that lessons quote: lessons/measured.json, written by `make bench`."""

import json
from pathlib import Path

from utils.table import Table

FILE = Path(__file__).resolve().parent.parent / "lessons" / "measured.json"
measured = json.loads(FILE.read_text("utf-8")) if FILE.exists() else {}


def recipe_table():
    """The two recipes for lesson 4's CNN, side by side, with machine and date."""
    recipe = measured["recipe"]
    names = {"usual": "the usual recipe", "fast": "the recipe above"}
    rows = [
        {
            "recipe": name,
            "test accuracy": f"{recipe[key]['accuracy']:.2%}",
            "from ... to": "{:.2%} ... {:.2%}".format(*recipe[key]["accuracy_range"]),
            "images seen": recipe[key]["images"],
            "seconds": recipe[key]["seconds"],
        }
        for key, name in names.items()
    ]
    return Table(
        rows,
        "Medians of {} seeds, measured on {} ({}); the new recipe takes {:.2f} of the "
        "time".format(
            len(recipe["seeds"]), recipe["date"], recipe["machine"], recipe["ratio"]
        ),
    )
