"""The lessons' sources: which there are, and what stands in one.

lessons/README.md says how one is written, and what the tags of its cells mean.

    python -m tools.lessons 4 5    prints "lesson4 or lesson5", for pytest -k
"""

import datetime
import importlib
import re
import sys
import tomllib
from pathlib import Path

import jupytext

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
WORKSHOP = PROJECT["tool"]["workshop"]
LESSONS = sorted((ROOT / "lessons").glob("[0-9][0-9]_*.py"))

TAGS = "exercise solution check progress instructor live slide tensorflow"
TAGS += " nbval-ignore-output"
PARTS = {"exercise", "solution", "check"}
KNOWN = {"tags", "lines_to_next_cell"}  # the last is jupytext's own
NAME = re.compile(r"q\d+")  # of an exercise
MARK = re.compile("</?(?:define|slide)>")


class LessonError(SystemExit):
    """What an author has to mend: one sentence, with which a command ends."""


def refuse(lesson, line, what):
    raise LessonError(f"lessons/{lesson.name}, line {line}: {what}.")


def key(lesson):
    """What all that belongs to a lesson is called: "lesson4"."""
    return f"lesson{int(lesson.name[:2])}"


def title(lesson):
    """The lesson's title: its first heading, "4. The full CNN"."""
    return re.search(r"^# # (.+)$", lesson.read_text("utf-8"), re.MULTILINE)[1]


def date_in_words(date):
    """A date of pyproject.toml in words: "2026-12-05" is "5 December 2026"."""
    if not date:
        return ""
    date = datetime.date.fromisoformat(date)
    return f"{date.day} {date:%B %Y}"


def choose(words):
    """The lessons that words as "5" or "lesson5" name; without a word all."""
    known = {key(lesson): lesson for lesson in LESSONS}
    for word in words:
        if f"lesson{word.removeprefix('lesson')}" not in known:
            raise LessonError(f"{word!r} is no lesson; wanted 1 to {len(known)}.")
    return [known[f"lesson{word.removeprefix('lesson')}"] for word in words] or LESSONS


def tags(cell):
    return set(cell.metadata.get("tags", []))


def read(lesson):
    """The cells of a lesson, as pairs (line in the file, cell).

    Raises LessonError for an unknown tag, and for an exercise that lacks a part.
    """
    text = lesson.read_text("utf-8")
    heads = [n for n, line in enumerate(text.split("\n"), 1) if line.startswith("# %%")]
    cells = jupytext.reads(text, "py:percent").cells
    if len(heads) != len(cells):
        refuse(lesson, 1, 'a lesson begins with "# %% [markdown]"')
    cells = list(zip(heads, cells, strict=True))
    for line, cell in cells:
        for other in cell.metadata.keys() - KNOWN:
            refuse(lesson, line, f'{other!r} is unknown; wanted tags=["..."]')
        for tag in sorted(tags(cell) - set(TAGS.split())):
            if not NAME.fullmatch(tag):
                refuse(lesson, line, f"tag {tag!r} is unknown; known are {TAGS}")
    _exercises_are_whole(lesson, cells)
    return cells


def _exercises_are_whole(lesson, cells):
    """Each is a starter, a solution with its name, a check of this name."""
    missing, began, name = [], 0, None
    found = [(line, tag, cell) for line, cell in cells for tag in tags(cell) & PARTS]
    for line, tag, cell in [*found, (0, "exercise", None)]:
        if missing and tag != missing[0]:
            refuse(lesson, began, f"wanted a {missing[0]} after this exercise")
        if not missing and tag != "exercise":
            refuse(lesson, line, f"wanted an exercise, the starter, before this {tag}")
        if tag == "exercise":
            missing, began = ["solution", "check"], line
            continue
        missing.pop(0)
        name = next(filter(NAME.fullmatch, tags(cell)), name)
        if tag == "solution" and name not in tags(cell):
            refuse(lesson, line, 'wanted its name, too: tags=["solution", "q3"]')
        if tag == "check" and f"ex.{name}.check(" not in cell.source:
            refuse(
                lesson, line, f"wanted ex.{name}.check(...), as the solution is named"
            )


def exercises(lesson):
    """{name: exercise} of utils.exercises for a lesson.

    Raises LessonError unless the lesson asks each of them, and no other.
    """
    known = importlib.import_module(f"utils.exercises.{key(lesson)}").lesson.exercises
    file = f"utils/exercises/{key(lesson)}.py"
    asked = {
        re.search(r"ex\.(q\d+)\.check", cell.source)[1]: line
        for line, cell in read(lesson)
        if "check" in tags(cell)
    }
    for name in asked.keys() - known:
        refuse(lesson, asked[name], f"wanted an exercise {name} in {file}")
    for name in sorted(known.keys() - asked):
        before = (ROOT / file).read_text("utf-8").partition(f"\n{name} = ")[0]
        raise LessonError(
            f"{file}, line {before.count(chr(10)) + 2}: {name} has no check in "
            f"lessons/{lesson.name}; write one there, or take {name} out here."
        )
    return known


if __name__ == "__main__":
    print(" or ".join(map(key, choose(sys.argv[1:]))))
