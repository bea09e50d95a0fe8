"""Write what is made from the lessons without running a cell: python -m tools.guide

The instructor's lists in guide/ (run sheet, usual mistakes, errata, glossary), and the
README's table of lessons with its links. Says what in guide/plan.toml does not add up.
"""

import json
import re

from tools import glossary, lessons, runsheet
from tools.lessons import LESSONS, MARK, ROOT, WORKSHOP, exercises, read, tags, title
from tools.lite.build import IN_PART
from tools.markdown import between, table
from tools.notebooks import EDITIONS, UNTOLD, colab_link, tab_link, told
from utils.exercises.core import SOLUTIONS, brief

MADE = "<!-- Made by `make texts`, mostly from lessons/: edit there. -->\n\n"
LINKS = """\
[ask]: https://github.com/{repository}/issues/new/choose
[Binder]: https://mybinder.org/v2/gh/{repository}/{branch}?labpath=notebooks
[ZIP]: https://github.com/{repository}/archive/refs/heads/{branch}.zip"""
BADGE = "https://colab.research.google.com/assets/colab-badge.svg"


def contents_table():
    """The README's table of lessons: a badge of Colab for each notebook, and a tab.

    The badge is Colab's own picture, from its server: GitHub passes it on. Where it
    does not come, without a network, its alt text stands there as an ordinary link.
    """
    rows = []
    for lesson in LESSONS:
        cells = [f"[{title(lesson)}](notebooks/{lesson.stem}.ipynb)"]
        for name, (folder, *_) in EDITIONS.items():
            solved = ", solved" if name == "solved" else ""
            alt = f"Open in Colab: lesson {int(lesson.stem[:2])}{solved}"
            link = colab_link(f"{folder}/{lesson.stem}.ipynb")
            cells.append(f"[![{alt}]({BADGE})]({link})")
        much = "In part" if lesson.stem in IN_PART else "Run"
        cells.append(f"[{much}]({tab_link(f'notebooks/{lesson.stem}.ipynb')})")
        rows.append(cells)
    return table(["Lesson", "In Colab", "In Colab, solved", "In a tab"], rows)


def with_contents(readme):
    """Return the README with title, date, table and links made of [tool.workshop]."""
    when = lessons.date_in_words(WORKSHOP["date"])
    who = WORKSHOP["club"] + (f"; next on {when}" if when else "")
    note = "" if told() else UNTOLD + "\n\n"
    readme = between(readme, "lessons", f"By {who}.\n\n{note}{contents_table()}")
    readme = between(readme, "links", LINKS.format(**WORKSHOP))
    readme = re.sub(r"\A# .*", lambda _: f"# {WORKSHOP['title']}", readme)
    clone = f"git clone https://github.com/{WORKSHOP['repository']}.git workshop"
    return re.sub(r"git clone \S+ workshop\b", lambda _: clone, readme)


def usual_mistakes():
    """The instructor's list of usual mistakes, from the exercises themselves."""
    parts = [
        "# Usual mistakes, and what the checks say",
        "From `utils/exercises`. Each of these answers is fed to its check by a test,\n"
        "which wants the message beside it.",
    ]
    for lesson in LESSONS:
        parts.append(f"## {title(lesson)}")
        for name, exercise in exercises(lesson).items():
            parts.append(f"**{name}: {exercise.task}**  \n({exercise.objective})")
            rows = [
                (m.name, _code(m.answer), m.message.replace("|", "\\|"))
                for m in exercise.mistakes
            ]
            parts.append(table(["mistake", "answer", "what the check says"], rows))
    return "\n\n".join(parts) + "\n"


def _code(answer):
    if isinstance(answer, (int, float)):
        answer = brief(answer)
    return f"`{answer}`" if isinstance(answer, (str, list, tuple)) else "its code"


def errata():
    """The deck's errors, collected from the lessons' boxes "The slide says"."""
    parts = [
        "# Where the slides are wrong",
        "From the lessons. In each lesson the cell after the box shows it.",
    ]
    for lesson in LESSONS:
        text = MARK.sub("", lesson.read_text("utf-8"))
        boxes = re.findall(r"(?m)^# > \*\*The slide says.*(?:\n# ?>.*)*", text)
        if boxes:
            parts.append(f"## {title(lesson)}")
        parts += [re.sub(r"(?m)^# > ?", "", box) for box in boxes]
    return "\n\n".join(parts) + "\n"


def solutions():
    """The code of all solutions as JSON, {lesson: {exercise: code}}."""
    found = {}
    for lesson in LESSONS:
        cells = [cell for _, cell in read(lesson) if "solution" in tags(cell)]
        found[lesson.name] = {cell.metadata["tags"][1]: cell.source for cell in cells}
    return json.dumps(found, indent=1, ensure_ascii=False) + "\n"


# What one reads beside the lessons, made from the lessons.
GUIDES = {
    "run-sheet.md": runsheet.run_sheet,
    "glossary.md": lambda: glossary.page(LESSONS),
    "mistakes.md": usual_mistakes,
    "errata.md": errata,
}


def texts():
    """{path: text} of every text that is made of the lessons and of [tool.workshop]."""
    readme = (ROOT / "README.md").read_text("utf-8")
    made = {ROOT / "guide" / name: MADE + make() for name, make in GUIDES.items()}
    return made | {ROOT / "README.md": with_contents(readme), SOLUTIONS: solutions()}


def main():
    for path, text in texts().items():
        path.write_text(text, "utf-8")
    found, titles = runsheet.all_lessons()
    for fault in runsheet.faults(found, titles):
        print(fault)
    bare = [s.name for ours in found.values() for s in ours if s.seconds is None]
    if bare:
        print(
            f"guide/run-sheet.md: no seconds yet for {len(bare)} sections, the first "
            f"is {bare[0]!r}. That may wait for python -m tools.bench lessons."
        )


if __name__ == "__main__":
    main()
