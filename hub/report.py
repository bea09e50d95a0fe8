"""Write the tables of README.md from measured.json: python hub/report.py"""

import json
import math
import re
import statistics
from itertools import groupby
from pathlib import Path

HERE = Path(__file__).resolve().parent
README, RESULTS = HERE / "README.md", HERE / "measured.json"

MACHINE_MB, SYSTEM_MB = 24_000, 2_000  # a machine, and what its system keeps
PATIENT_S = 300  # for everybody's whole lesson, all started at the same moment


def line(rooms, key):
    """Fit key = fixed + each * attendees to some rooms; returns (fixed, each)."""
    each, fixed = statistics.linear_regression(
        [room["attendees"] for room in rooms], [room[key] for room in rooms]
    )
    return fixed, each


def fits(rooms):
    """How many attendees fit in a machine of 24 GB, the system's part left free."""
    fixed, each = line(rooms, "memory_mb")
    return math.floor((MACHINE_MB - SYSTEM_MB - fixed) / each)


def table(head, rows):
    """A table in Markdown; the first column is text, the others are numbers."""
    lines = [head, ["---"] + ["--:"] * (len(head) - 1), *rows]
    return "\n".join("| " + " | ".join(map(str, cells)) + " |" for cells in lines)


MEASURED = [
    "data", "attendees", "failed", "JupyterLab after s", "first output after s",
    "lesson 3 in s", "GB in all", "GB each", "core seconds each",
]  # fmt: skip
PLANNED = [
    "data", "attendees", "GB of memory", "machines of 24 GB", "cores",
    "hub: core seconds", "first pages in GB", "at 1 Gbit/s in s",
]  # fmt: skip


def measured_row(room):
    """One room that was filled."""
    times = (room[key] for key in ("server_s", "first_output_s", "notebook_s"))
    return [
        room["data"],
        room["attendees"],
        room["failures"],
        *(f"{median:.0f} to {slowest:.0f}" for median, slowest in times),
        f"{room['memory_mb'] / 1000:.1f}",
        f"{room['attendee_mb'][0] / 1000:.2f}",
        f"{room['cpu_s'][0]:.0f}",
    ]


def planned_row(n, rooms, page_mb):
    """What n attendees need, calculated from the rooms with the same data."""
    fixed, each = line(rooms, "memory_mb")
    hub_fixed, hub_each = line(rooms, "hub_cpu_s")
    core_s = statistics.median(room["cpu_s"][0] for room in rooms)
    return [
        rooms[0]["data"],
        f"{n:,}",
        f"{(fixed + n * each) / 1000:,.0f}",
        math.ceil(n / fits(rooms)),
        math.ceil(n * core_s / PATIENT_S),
        f"{hub_fixed + n * hub_each:,.0f}",
        f"{n * page_mb / 1000:.2g}",
        f"{n * page_mb * 8 / 1000:.2g}",
    ]


def series(rooms):
    """The rooms as lists, one for each kind of data, by attendees; lists of one out."""
    rooms = sorted(rooms, key=lambda room: (room["data"], room["attendees"]))
    lists = [list(group) for _, group in groupby(rooms, key=lambda room: room["data"])]
    return [rooms for rooms in lists if len(rooms) > 1]


def fit_lines(rooms):
    """How many fit in 24 GB, a line for each kind of data."""
    return "\n".join(
        "- {}: {:.1f} GB + {:.2f} GB for each attendee, so **{} fit** in 24 GB.".format(
            some[0]["data"], *(mb / 1000 for mb in line(some, "memory_mb")), fits(some)
        )
        for some in series(rooms)
    )


def report(results):
    """The generated part of README.md, as Markdown."""
    rooms, page = results["rooms"], results["page"]
    newest = max(rooms, key=lambda room: room["date"])
    versions = ", ".join(f"{name} {v}" for name, v in newest["versions"].items())
    rows = [measured_row(room) for some in series(rooms) for room in some]
    plans = [
        planned_row(n, some, page["first"]["mb"])
        for n in (20, 200, 2000)
        for some in series(rooms)
    ]
    return "\n\n".join(
        [
            "{date}, {machine}; Python {python}, {0}.".format(versions, **newest),
            table(MEASURED, rows),
            fit_lines(rooms),
            "A browser loads {mb} MB in {files} files until lesson 3 is open; ".format(
                **page["first"]
            )
            + f"the next time {page['again']['mb']} MB.",
            table(PLANNED, plans),
        ]
    )


def with_report(readme, results):
    """Return README.md's text with its generated part made anew."""
    return re.sub(
        r"(?<=<!-- measured -->\n).*?(?=<!-- /measured -->)",
        lambda _: report(results) + "\n",
        readme,
        flags=re.DOTALL,
    )


if __name__ == "__main__":
    results = json.loads(RESULTS.read_text("utf-8"))
    README.write_text(with_report(README.read_text("utf-8"), results), "utf-8")
