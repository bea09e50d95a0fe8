"""What an author may write in a lesson, and what is said where it is wrong."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tools import guide, lessons, notebooks

ROOT = Path(__file__).resolve().parent.parent

# Lines 1, 4, 7 and 10 begin cells.
LESSON = """\
# %% [markdown]
# # 5. A lesson

# %% tags=["exercise"]
x = ...

# %% tags=["solution", "q1"]
x = 1

# %% tags=["check"]
ex.q1.check(x)
"""
EXERCISE = '# %% tags=["exercise"]\nx = ...\n'
SOLUTION = '# %% tags=["solution", "q1"]\nx = 1\n'
BEFORE_CHECK = EXERCISE + "\n" + SOLUTION
BEGIN = "# %% [markdown]\n"
CHECK = '# %% tags=["check"]\nex.q1.check(x)\n'


@pytest.fixture
def refused(tmp_path):
    """A function: what is said of a lesson with this text; None if it is good."""

    def read(text):
        path = tmp_path / "05_new.py"
        path.write_text(text, "utf-8")
        try:
            lessons.read(path)
        except lessons.LessonError as error:
            return str(error)

    return read


def test_a_good_lesson_is_read(refused):
    assert refused(LESSON) is None
    assert refused(LESSON + 2 * (EXERCISE + SOLUTION + CHECK)) is None


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("solution", "soluton", 7, "tag 'soluton' is unknown; known are exercise sol"),
        ("tags=[", "tag=[", 4, "'tag' is unknown; wanted tags="),
        (EXERCISE, "", 5, "wanted an exercise, the starter, before this solution."),
        (BEFORE_CHECK, "", 5, "wanted an exercise, the starter, before this check."),
        (SOLUTION, "", 4, "wanted a solution after this exercise."),
        (CHECK, "", 4, "wanted a check after this exercise."),
        (CHECK, EXERCISE, 4, "wanted a check after this exercise."),
        (', "q1"', "", 7, 'wanted its name, too: tags=["solution", "q3"]'),
        ("ex.q1", "ex.q2", 10, "wanted ex.q1.check(...), as the solution is named."),
        (BEGIN, "import os\n# %%\n", 1, 'a lesson begins with "# %% [markdown]".'),
    ],
)
def test_what_is_wrong_is_named_with_its_line(refused, old, new, line, words):
    said = refused(LESSON.replace(old, new, 1))
    assert said.startswith(f"lessons/05_new.py, line {line}: {words}")
    assert "\n" not in said


def copy_with(tmp_path, old, new):
    """Lesson 5 in a folder of its own, with one text changed everywhere."""
    path = tmp_path / "05_cross_entropy.py"
    source = ROOT / "lessons" / path.name
    path.write_text(source.read_text("utf-8").replace(old, new), "utf-8")
    return path


def test_an_exercise_that_is_not_registered_is_named(tmp_path):
    path = copy_with(tmp_path, "ex.q8.check", "ex.q18.check")
    text = path.read_text("utf-8").replace('"solution", "q8"', '"solution", "q18"')
    path.write_text(text, "utf-8")
    with pytest.raises(
        lessons.LessonError,
        match=r"^lessons/05_cross_entropy\.py, line \d+: wanted an exercise "
        r"q18 in utils/exercises/lesson5\.py\.$",
    ):
        lessons.exercises(path)


def test_an_exercise_that_is_nowhere_checked_is_named(tmp_path):
    path = copy_with(tmp_path, "ex.q8.check", "ex.q7.check")
    text = path.read_text("utf-8").replace('"solution", "q8"', '"solution", "q7"')
    path.write_text(text, "utf-8")
    with pytest.raises(
        lessons.LessonError,
        match=r"^utils/exercises/lesson5\.py, line (\d+): q8 has no check in "
        r"lessons/05_cross_entropy\.py; write one there, or take q8 out here\.$",
    ) as refused:
        lessons.exercises(path)
    line = int(re.search(r"line (\d+)", str(refused.value))[1])
    source = ROOT / "utils" / "exercises" / "lesson5.py"
    assert source.read_text("utf-8").splitlines()[line - 1].startswith("q8 = ")


@pytest.mark.parametrize("word", ["9", "0", "05", "lesson", "cnn", "lessons/04_cnn.py"])
def test_an_unknown_lesson_is_refused(word):
    said = f"{word!r} is no lesson; wanted 1 to {len(lessons.LESSONS)}."
    with pytest.raises(lessons.LessonError, match=f"^{re.escape(said)}$"):
        lessons.choose(["4", word])


@pytest.mark.parametrize("command", ["tools.lessons", "tools.notebooks"])
def test_an_unknown_lesson_ends_the_command(command):
    words = [sys.executable, "-m", command, "4", "9"]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"'9' is no lesson; wanted 1 to {len(lessons.LESSONS)}.\n"


def test_lessons_are_chosen_by_number():
    def chosen(*words):
        return [path.name[:2] for path in lessons.choose(words)]

    assert chosen("5") == chosen("lesson5") == ["05"]
    assert chosen("7", "4") == ["07", "04"]
    assert lessons.choose([]) == lessons.LESSONS


def test_only_the_chosen_lessons_are_built(monkeypatch):
    built = []
    monkeypatch.setattr(notebooks, "build", built.append)
    monkeypatch.setattr(guide, "main", lambda: built.append("the texts"))
    for name in ("WORKSHOP_FAST", "WORKSHOP_FRAMEWORKS", "WORKSHOP_DATA"):
        monkeypatch.setenv(name, "0")  # main sets them for its whole process
    notebooks.main(["5"])
    assert built == [lessons.choose(["5"])[0], "the texts"]


@pytest.mark.parametrize(
    ("end", "words"),
    [
        ("# %% [markdown]\n# A **kernel", "bold text without an end in 'A **kernel'"),
        (
            '# %% [markdown] tags=["instructor"]\n# Notes.',
            'wanted "**Instructor.** Talk',
        ),
    ],
)
def test_what_is_wrong_is_said_before_a_cell_runs(tmp_path, monkeypatch, end, words):
    path = copy_with(tmp_path, "# %% [markdown]", "# %% [markdown]")
    path.write_text(f"{path.read_text('utf-8')}\n{end}\n", "utf-8")
    monkeypatch.setattr(notebooks, "choose", lambda _: [path])
    monkeypatch.setattr(notebooks, "build", lambda _: pytest.fail("it was run"))
    for name in ("WORKSHOP_FAST", "WORKSHOP_FRAMEWORKS", "WORKSHOP_DATA"):
        monkeypatch.setenv(name, "0")  # main sets them for its whole process
    with pytest.raises(lessons.LessonError, match=re.escape(words)) as refused:
        notebooks.main(["5"])
    line = path.read_text("utf-8").count("\n") - 1
    begin = f"lessons/05_cross_entropy.py, line {line}: "
    assert str(refused.value).startswith(begin)


def test_nobody_is_told_to_erase_an_edit():
    path = ROOT / "notebooks" / "05_cross_entropy.ipynb"
    assert notebooks.differs(ROOT / "lessons" / "05_cross_entropy.py", path) == (
        "notebooks/05_cross_entropy.ipynb differs from lessons/05_cross_entropy.py. If "
        "you edited the notebook, carry the change into the lesson first; then make "
        "lesson N=5"
    )


def test_the_key_of_a_lesson_selects_what_it_can_break():
    """Stale notebooks, exercises, figures, notebooks' cells, texts of all lessons."""
    found = subprocess.run(
        [sys.executable, "-m", "pytest", "--collect-only", "-k", "lesson5"]
        + [f"tests/test_{name}.py" for name in ("notebooks", "exercises", "lesson5")]
        + ["tests/test_glossary.py", "tests/test_runsheet.py", "tests/test_slides.py"]
        + [f"notebooks/{name}.ipynb" for name in ("04_cnn", "05_cross_entropy")],
        cwd=ROOT,
        capture_output=True,
        text=True,
    ).stdout
    for name in (
        "test_notebook_is_what_its_lesson_says[lesson5-attendee]",
        "test_guides_and_readme_are_what_the_lessons_say",
        "test_nothing_given_is_not_attempted[lesson5-q3]",
        "test_lesson5.py::",
        "05_cross_entropy.ipynb::",
        "test_an_entry_is_more_than_its_term",
        "test_every_day_fits[A full day]",
        "test_every_slide_of_the_deck[lesson5]",
    ):
        assert name in found
    for name in ("lesson4", "04_cnn", "test_a_line_that_says_nothing_is_named"):
        assert name not in found


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not here")
@pytest.mark.parametrize("words", [[], ["N="], ["N=4 5"]])
def test_make_lesson_wants_a_number(words):
    command = ["make", "-n", "-o", ".venv/maintainer", "lesson", *words]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 2
    assert "wanted: make lesson N=5" in done.stderr


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not here")
def test_make_lesson_takes_the_names_that_the_tools_take():
    command = ["make", "-n", "-o", ".venv/maintainer", "lesson"]
    said = [
        subprocess.run([*command, name], cwd=ROOT, capture_output=True, text=True)
        for name in ("N=5", "N=lesson5")
    ]
    for done in said:
        assert "-k lesson5 tests/test_lesson5.py tests/test_exercises.py" in done.stdout
