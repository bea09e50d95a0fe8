"""The run sheet: every section has its minutes, every edition fits its time."""

import itertools
import re
from pathlib import Path

import jupytext
import pytest

from tools import lessons, runsheet

ROOT = Path(__file__).resolve().parent.parent

FOUND = {int(path.name[:2]): runsheet.sections(path) for path in lessons.LESSONS}
START = lessons.WORKSHOP["start"]
every_lesson = pytest.mark.parametrize("path", lessons.LESSONS, ids=lessons.key)


@every_lesson
def test_a_lesson_has_goals_first_and_a_summary_last(path):
    texts = [c.source for c in jupytext.read(path).cells if c.cell_type == "markdown"]
    assert "After this lesson you can\n\n- " in texts[0]
    assert re.search(r"^You need|^Nothing is needed", texts[0], re.MULTILINE)
    assert texts[-1].startswith("## What we have seen\n\n- ")


@every_lesson
def test_the_minutes_at_its_head_are_true(path):
    text = " ".join(path.read_text("utf-8").replace("\n# ", " ").split())
    said = r"Alone about (\d+) minutes(?:, the optional \w+ (\d+) more)?; "
    said += r"in a room (\d+) minutes"
    head = re.search(said, text)
    assert head or path.stem > "05", "the lesson does not say how long it takes alone"
    if head:
        minutes, optional = runsheet.alone(path)
        assert int(head[1]) == pytest.approx(minutes, abs=3.5)
        assert int(head[2] or 0) == pytest.approx(optional, abs=3.5)
        found = runsheet.sections(path)
        assert int(head[3]) == runsheet.total(s for s in found if s.level != "could")


def test_minutes_alone_are_words_exercises_and_the_machine(tmp_path, monkeypatch):
    path = tmp_path / "01_a.py"
    cells = ["word " * 240, "**Exercise 1** (3 minutes). " + "word " * 116]
    notes = '# %% [markdown] tags=["instructor"]\n# **Instructor.** Talk 9 min, '
    source = "".join(f"# %% [markdown]\n# {cell}\n\n" for cell in cells)
    must, could = (
        f"{notes}exercises 3 min, {level}.\n\n" for level in ("must", "could")
    )
    path.write_text(source + must + source + could + "# %% [markdown]\n# " + cells[0])
    seconds = {"sections": {"01_a": {"one": 20.0, "two": 40.0}}}
    monkeypatch.setitem(runsheet.measured, "lessons", seconds)
    assert runsheet.alone(path) == pytest.approx((2 + 4 + 1 + 2, 6))


@every_lesson
def test_notes_say_what_to_ask_and_what_comes_wrong(path):
    notes = [
        cell.source
        for cell in jupytext.read(path).cells
        if "instructor" in cell.metadata.get("tags", [])
    ]
    assert len(notes) == len(FOUND[int(path.name[:2])]) >= 5
    together = "\n".join(notes)
    assert together.count("Ask: ") >= 4
    assert together.count("Expected: ") >= 4
    assert re.search("wrong answer", together)


@pytest.mark.every_lesson
@pytest.mark.parametrize("edition", runsheet.EDITIONS)
def test_every_day_fits(edition):
    minutes, days, start = runsheet.EDITIONS[edition]
    titles = {number: str(number) for number in FOUND}
    for day in days:
        chosen = [section for lesson in day for section in FOUND[lesson]]
        kept, out = runsheet.fit(chosen, minutes)
        assert runsheet.total(kept) <= minutes
        assert len(kept) + len(out) == len(chosen)
        assert all(section.level != "must" for section in out)
        rows = runsheet.timetable(kept, titles, start or START)
        times = [time for time, *_ in rows]
        assert times == sorted(times)
        # Every minute is accounted for.
        assert times[-1] - times[0] == sum(a + b for _, _, a, b in rows)


def full_day(text):
    """The rows of the sheet's full day: (minutes after midnight, what)."""
    table = text.partition("### A full day")[2].partition("###")[0]
    rows = re.findall(r"^\| (\d+):(\d\d) \| ([^|]+) \|", table, re.MULTILINE)
    return [(60 * int(hour) + int(minute), what) for hour, minute, what in rows]


@pytest.mark.parametrize("start", ["9:00", "11:00", "13:30", "14:00", "18:00", "22:00"])
@pytest.mark.parametrize("teaching", [430, 230], ids=["day", "half"])
@pytest.mark.parametrize("day", [[1, 2, 3, 4, 5, 6, 7], [4, 7], [7]], ids=len)
def test_a_day_may_start_at_any_hour(monkeypatch, start, teaching, day):
    """With a lunch and without one, over midnight, too: the sheet is whole."""
    monkeypatch.setitem(runsheet.EDITIONS, "A full day", (teaching, [day], start))
    text = runsheet.run_sheet(lessons.LESSONS, lessons.title, lessons.WORKSHOP)
    rows = full_day(text)
    times, items = zip(*rows, strict=True)
    assert runsheet.clock(times[0]) == start
    assert all(time < 24 * 60 for time in times)
    # Each later than the one before, over midnight, too.
    steps = [(b - a) % (24 * 60) for a, b in itertools.pairwise(times)]
    assert all(0 < step < 180 for step in steps)
    assert items[-1] == "end"
    taught = [what for what in items if what not in ("lunch", "break", "end")]
    assert [int(what[0]) for what in taught] == day
    if start == "9:00" and len(day) == 7:
        assert "lunch" in items
    if start not in ("9:00", "11:00") or len(day) < 7:
        assert "lunch" not in items
    # The plan for being late names lessons that are still to come then.
    still = taught[(len(taught) - 1) // 2 :]
    if "lunch" in items:
        assert 11 * 60 + 30 <= times[items.index("lunch")] <= 14 * 60
        still = items[items.index("lunch") :]
    plan = text.partition("## When you are late")[2].partition("\n## ")[0]
    assert f"counted {'at lunch' if 'lunch' in items else 'in the middle'};" in plan
    shortened = re.findall(r"[|;] (\d): ", plan)
    assert shortened
    assert set(shortened) <= {what[0] for what in still}


@pytest.mark.parametrize("start", ["24:00", "9.30", "nine", ""])
def test_a_start_that_is_no_time_is_named(start):
    with pytest.raises(ValueError, match=rf"'{start}' does not match format '%H:%M'"):
        runsheet.timetable(FOUND[1], {1: "1"}, start)


def test_what_could_be_there_goes_first():
    section = runsheet.Section
    chosen = [
        section(3, "a", 5, 5, "must", None),
        section(3, "b", 5, 5, "should", None),
        section(3, "c", 5, 5, "could", None),
        section(2, "d", 5, 5, "should", None),
    ]

    def left_out(minutes):
        return [s.name for s in runsheet.fit(chosen, minutes)[1]]

    assert left_out(40) == []
    assert left_out(39) == ["c"]
    assert left_out(25) == ["c", "d"]
    assert left_out(1) == ["b", "c", "d"]


@pytest.mark.every_lesson
def test_a_plan_for_being_late_wins_the_time():
    afternoon = [s for lesson in (5, 6, 7) for s in FOUND[lesson]]
    for minutes in (10, 20, 40):
        plan, won = runsheet.late_plan(afternoon, minutes)
        assert won >= minutes
        assert plan


SECTION = """\
# %% [markdown]
# ## {heading}
#
# **Exercise 1** (4 minutes). One.

# %% [markdown]
# **Exercise 2** (3 minutes, a guess). Two.

# %% [markdown] tags=["instructor"]
# **Instructor.** {minutes}
"""


@pytest.fixture
def section(tmp_path):
    """A function: the one section of a lesson with this heading and these minutes."""

    def make(heading="New", minutes="Talk 5 min, exercises 7 min, must."):
        path = tmp_path / "05_cross_entropy.py"
        path.write_text(SECTION.format(heading=heading, minutes=minutes), "utf-8")
        (section,) = runsheet.sections(path)
        return section

    return make


def test_notes_without_minutes_are_named(section):
    with pytest.raises(lessons.LessonError) as refused:
        section(minutes="Talk.")
    assert str(refused.value) == (
        "lessons/05_cross_entropy.py, line 9: an instructor cell wants to begin with "
        '"**Instructor.** Talk 5 min, exercises 3 min, must.".'
    )


def test_exercises_take_no_more_than_their_section_has(section):
    assert section().exercises == 7
    with pytest.raises(lessons.LessonError) as refused:
        section(minutes="Talk 5 min, exercises 6 min, must.")
    assert str(refused.value) == (
        "lessons/05_cross_entropy.py, line 9: the section has 7 minutes of exercises, "
        "but 6 in these notes: change one of them."
    )


def test_a_section_that_was_not_measured_has_an_empty_cell(section):
    assert section("The loss as a curve").seconds is not None
    assert section("New").seconds is None
    rows = runsheet._section_table([section("New")]).splitlines()
    assert rows[2] == "| New | 5 | 7 |  | must |"
