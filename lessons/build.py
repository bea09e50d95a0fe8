"""Build the notebooks from the lessons: python lessons/build.py lessons/04_cnn.py ...

A lesson is a Python file in jupytext's percent format; its cells carry tags:

    (none)        in both editions
    exercise      the attendee's starter; left out of the solved notebook
    solution      in the solved notebook only
    check         follows them; each edition shows its own verdict
    progress      both; its output is saved in the solved notebook only
    instructor    speaker notes: in neither notebook
    live          both; its output (seconds, say) is never saved

and nbval's own tag "nbval-ignore-output" where an output is saved but differs from
machine to machine. jupytext reads the lesson, the whole is executed once, nbconvert
removes what an edition does not have. Own work is only what no tool knows: the set-up
cell and the links, which depend on [tool.workshop] in pyproject.toml, and a second copy
of each check, so that one execution gives the verdict on the starter and the solution.
"""

import copy
import importlib
import json
import os
import re
import sys
import tomllib
from pathlib import Path

import jupytext
import nbformat
from nbconvert.preprocessors import (
    ExecutePreprocessor,
    TagRemovePreprocessor,
)

import glossary
import runsheet
from utils import data
from utils.exercises.core import SOLUTIONS, brief

ROOT = Path(__file__).resolve().parent.parent
WORKSHOP = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))[
    "tool"
]["workshop"]
LESSONS = sorted((ROOT / "lessons").glob("[0-9][0-9]_*.py"))

# edition: (folder, tags of cells left out, tags of outputs left out)
EDITIONS = {
    "attendee": (
        "notebooks",
        {"solution", "instructor", "after-solution"},
        {"progress", "live"},
    ),
    "solved": (
        "notebooks/solutions",
        {"exercise", "instructor", "after-starter"},
        {"live"},
    ),
}

BADGE = "https://colab.research.google.com/assets/colab-badge.svg"

SETUP = """\
# Set-up: on Colab this fetches the workshop, elsewhere it does nothing.
import os
import sys

if "google.colab" in sys.modules:
    workshop = os.path.abspath("workshop")
    !test -d workshop || GIT_TERMINAL_PROMPT=0 git clone --quiet --depth 1 \\
        --branch {branch} https://github.com/{repository} workshop
    if not os.path.exists("workshop/utils"):
        raise RuntimeError("The workshop was not fetched: git says why above.")
    if workshop not in sys.path:
        sys.path.insert(0, workshop)"""


def colab_link(path):
    """The address that opens a notebook of the repository in Colab."""
    return (
        "https://colab.research.google.com/github/{repository}/blob/{branch}/".format(
            **WORKSHOP
        )
        + path
    )


def binder_link():
    """The address that opens the folder of all notebooks in Binder."""
    return "https://mybinder.org/v2/gh/{repository}/{branch}?labpath=notebooks".format(
        **WORKSHOP
    )


def title(lesson):
    """The lesson's title: its first heading, "4. The full CNN"."""
    return re.search(
        r"^# # (.+)$", lesson.read_text("utf-8"), re.MULTILINE
    )[1]


def assemble(lesson):
    """Return the lesson as one unexecuted notebook with the cells of all editions."""
    notebook = jupytext.read(lesson)
    notebook.metadata = {
        "kernelspec": {
            "name": "python3",
            "display_name": "Python 3",
            "language": "python",
        }
    }
    cells = []
    for cell in notebook.cells:
        tags = cell.metadata.get("tags", [])
        cells.append(cell)
        if "exercise" in tags:
            after_starter = len(cells)
        elif "check" in tags:
            first = copy.deepcopy(cell)
            first.metadata["tags"] = [*tags, "after-starter"]
            cell.metadata["tags"] = [*tags, "after-solution"]
            cells.insert(after_starter, first)
    cells.insert(1, nbformat.v4.new_code_cell(SETUP.format(**WORKSHOP)))
    notebook.cells = cells
    return notebook


def edition(notebook, name, lesson):
    """Return the cells and outputs of one edition as a notebook of its own."""
    folder, left_out, without_output = EDITIONS[name]
    remover = TagRemovePreprocessor(
        remove_cell_tags=left_out,
        remove_all_outputs_tags=without_output,
        remove_metadata_fields=[],
        enabled=True,
    )
    # A copy: the preprocessor changes the notebook it is given.
    notebook, _ = remover.preprocess(copy.deepcopy(notebook), {})
    for number, cell in enumerate(notebook.cells):
        cell.id = (
            f"cell-{number:02}"  # the same in every build: quiet diffs
        )
        if cell.cell_type == "code" and not cell.outputs:
            cell.execution_count = None
    link = colab_link(f"{folder}/{lesson.stem}.ipynb")
    notebook.cells[
        0
    ].source += f"\n\n[Open this notebook in Colab]({link})"
    return notebook


def build(lesson):
    """Execute one lesson and write its notebooks; return the paths."""
    notebook = assemble(lesson)
    print(f"{lesson.stem}: running its cells ...", flush=True)
    runner = ExecutePreprocessor(
        timeout=1200,
        record_timing=False,
        coalesce_streams=True,  # where prints are cut depends on the clock
        # Keeps what TensorFlow's C++ code writes out of the saved notebook.
        extra_arguments=["--IPKernelApp.capture_fd_output=False"],
    )
    runner.preprocess(
        notebook, {"metadata": {"path": str(ROOT / "notebooks")}}
    )
    # Sliders leave random names and pictures here; they need a running kernel anyway.
    notebook.metadata.pop("widgets", None)
    paths = []
    for name, (folder, *_) in EDITIONS.items():
        path = ROOT / folder / f"{lesson.stem}.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(edition(notebook, name, lesson), path)
        print(
            f"  {path.relative_to(ROOT)}  {path.stat().st_size / 1e3:.0f} kB"
        )
        paths.append(path)
    return paths


def relink(lesson):
    """Write the link and the set-up cell of a lesson's notebooks anew, run nothing."""
    notebook = assemble(lesson)
    for name, (folder, *_) in EDITIONS.items():
        path = ROOT / folder / f"{lesson.stem}.ipynb"
        committed = nbformat.read(path, as_version=4)
        made = edition(notebook, name, lesson)
        for number in (0, 1):  # the title with the link, the set-up
            committed.cells[number].source = made.cells[number].source
        nbformat.write(committed, path)


def contents_table():
    """The README's table of lessons, with a badge of Colab for each notebook.

    The badge is Colab's own picture, from its server: GitHub passes it on. Where it
    does not come, without a network, its alt text stands there as an ordinary link.
    """
    rows = [
        "| Lesson | In Colab | In Colab, solved |",
        "|---|---|---|",
    ]
    for lesson in LESSONS:
        cells = [f"[{title(lesson)}](notebooks/{lesson.stem}.ipynb)"]
        for name, (folder, *_) in EDITIONS.items():
            solved = ", solved" if name == "solved" else ""
            alt = (
                f"Open in Colab: lesson {int(lesson.stem[:2])}{solved}"
            )
            link = colab_link(f"{folder}/{lesson.stem}.ipynb")
            cells.append(f"[![{alt}]({BADGE})]({link})")
        rows.append("| " + " | ".join(cells) + " |")
    return "\n".join(rows)


def with_contents(readme):
    """Return the README with title, date, table and links made of [tool.workshop]."""
    when = runsheet.date_in_words(WORKSHOP["date"])
    who = WORKSHOP["club"] + (f"; next on {when}" if when else "")
    clone = "https://github.com/{repository}.git".format(**WORKSHOP)
    for pattern, text in (
        (r"\A# .*", f"# {WORKSHOP['title']}"),
        (
            r"(?<=<!-- lessons -->\n)(?s:.*?)(?=<!-- /lessons -->)",
            f"By {who}.\n\n{contents_table()}\n",
        ),
        (r"https://github\.com/[^/\s]+/[^/\s]+\.git", clone),
        (r"https://mybinder\.org/[^)\s]+", binder_link()),
    ):
        readme = re.sub(pattern, lambda _, text=text: text, readme)
    return readme


def write_texts():
    """Write the README's generated parts and the instructor's lists."""
    for name, make in GUIDES.items():
        (ROOT / "lessons" / name).write_text(make(), "utf-8")
    SOLUTIONS.write_text(solutions(), "utf-8")
    readme = ROOT / "README.md"
    readme.write_text(with_contents(readme.read_text("utf-8")), "utf-8")


def solutions():
    """The code of all solutions, which `ex.q1.solution()` shows."""
    found = {}
    for lesson in LESSONS:
        found[lesson.name] = {
            name: cell.source
            for cell in jupytext.read(lesson).cells
            if "solution" in (tags := cell.metadata.get("tags", []))
            for name in tags
            if name != "solution"
        }
    return json.dumps(found, indent=1, ensure_ascii=False) + "\n"


def usual_mistakes():
    """The instructor's list of usual mistakes, from the exercises themselves."""
    lines = [
        "# Usual mistakes, and what the checks say",
        "",
        "Made from `utils/exercises` by `make notebooks`. Each of these answers is fed",
        "to its check by a test, which wants the message beside it.",
    ]
    for lesson in LESSONS:
        module = importlib.import_module(
            f"utils.exercises.lesson{int(lesson.stem[:2])}"
        )
        lines += ["", f"## {title(lesson)}"]
        for name, exercise in module.lesson.exercises.items():
            lines += [
                "",
                f"**{name}: {exercise.task}**  ",
                f"({exercise.objective})",
            ]
            lines += [
                "",
                "| mistake | answer | what the check says |",
                "|---|---|---|",
            ]
            for mistake in exercise.mistakes:
                answer = mistake.answer
                if isinstance(answer, (int, float)):
                    answer = brief(answer)
                plain = isinstance(answer, (str, list, tuple))
                answer = f"`{answer}`" if plain else "its code"
                message = mistake.message.replace("|", "\\|").replace(
                    "\n", " "
                )
                lines.append(
                    f"| {mistake.name} | {answer} | {message} |"
                )
    return "\n".join(lines) + "\n"


def errata():
    """The deck's errors, collected from the lessons' boxes "The slide says"."""
    lines = [
        "# Where the slides are wrong",
        "",
        "Collected from the lessons by `make notebooks`. In each lesson the cell after",
        "the box shows it.",
    ]
    for lesson in LESSONS:
        boxes = [
            re.sub(r"^> ?", "", line_block, flags=re.MULTILINE)
            for cell in jupytext.read(lesson).cells
            if cell.cell_type == "markdown"
            for line_block in re.findall(
                r"^> \*\*The slide says.*(?:\n>.*)*",
                cell.source,
                re.MULTILINE,
            )
        ]
        if boxes:
            lines += ["", f"## {title(lesson)}"]
            lines += [
                part for box in boxes for part in ("", box.strip())
            ]
    return "\n".join(lines) + "\n"


def run_sheet():
    """The instructor's day in minutes."""
    return runsheet.run_sheet(LESSONS, title)


# What one reads beside the lessons, made from the lessons.
GUIDES = {
    "README.md": run_sheet,
    "glossary.md": lambda: glossary.page(LESSONS),
    "mistakes.md": usual_mistakes,
    "errata.md": errata,
}


def main(paths):
    # The committed outputs are those of real MNIST, all of it, and of TensorFlow alone.
    os.environ["WORKSHOP_FAST"] = "0"
    os.environ["WORKSHOP_FRAMEWORKS"] = "none"
    if data.chosen_source() in ("auto", "digits"):
        os.environ["WORKSHOP_DATA"] = "mnist"
    for path in paths or LESSONS:
        build(Path(path).resolve())
    write_texts()


if __name__ == "__main__":
    main(sys.argv[1:])
