"""The run sheet: every section has its minutes, the plan's days add up."""

import itertools
import re
from collections import Counter

import jupytext
import pytest

from tools import guide, lessons, runsheet, slides

FOUND, TITLES = runsheet.all_lessons()
EDITIONS = [name for name, value in runsheet.PLAN.items() if isinstance(value, dict)]
every_lesson = pytest.mark.parametrize("path", lessons.LESSONS, ids=lessons.key)


# --- the lessons ------------------------------------------------------------------


@every_lesson
def test_a_lesson_has_goals_first_and_a_summary_last(path):
    texts = [c.source for c in jupytext.read(path).cells if c.cell_type == "markdown"]
    assert "After this lesson you can\n\n- " in texts[0]
    assert re.search(r"^You need|^Nothing is needed", texts[0], re.MULTILINE)
    assert texts[-1].startswith("## What we have seen\n\n- ")


def closed(path):
    """The cells that each instructor cell of a lesson closes, then what is left."""
    cells = []
    for _, cell in lessons.read(path):
        if "instructor" in lessons.tags(cell):
            yield cells
            cells = []
        else:
            cells.append(cell)
    yield cells


def prose(cells):
    return "\n".join(c.source for c in cells if c.cell_type == "markdown")


@every_lesson
def test_the_minutes_at_its_head_are_true(path):
    """Alone: 120 words a minute, the exercises' own minutes, the machine's seconds."""
    text = " ".join(path.read_text("utf-8").replace("\n# ", " ").split())
    said = r"Alone about (\d+) minutes(?:, the optional \w+ (\d+) more)?; "
    said += r"in a room (\d+) minutes"
    head = re.search(said, text)
    assert head or path.stem > "05", "the lesson does not say how long it takes alone"
    if head:
        found, optional = runsheet.sections(path), 0
        seconds = runsheet.measured["lessons"]["sections"].get(path.stem, {})
        minutes = sum(seconds.values()) / 60
        levels = [*(section.level for section in found), "must"]
        for level, cells in zip(levels, closed(path), strict=True):
            alone = len(prose(cells).split()) / 120
            alone += sum(int(m) for _, m in runsheet.EXERCISE.findall(prose(cells)))
            optional += alone * (level == "could")
            minutes += alone * (level != "could")
        wrong = f"lessons/{path.name}: its head says {head[1]} minutes alone and "
        wrong += f"{head[2] or 0} more; about {minutes:.0f} and {optional:.0f} are true"
        assert int(head[1]) == pytest.approx(minutes, abs=3.5), wrong
        assert int(head[2] or 0) == pytest.approx(optional, abs=3.5), wrong
        times = [s.talk + s.exercises for s in found if s.level != "could"]
        wrong = f"lessons/{path.name}: its head says {head[3]} minutes in a room, the "
        wrong += f"notes of its sections have {sum(times)} together"
        assert int(head[3]) == sum(times), wrong


@every_lesson
def test_notes_say_what_to_ask_and_what_comes_wrong(path):
    notes = [
        cell.source
        for cell in jupytext.read(path).cells
        if "instructor" in cell.metadata.get("tags", [])
    ]
    assert len(notes) == len(FOUND[str(int(path.name[:2]))]) >= 5
    together = "\n".join(notes)
    assert together.count("Ask: ") >= 4
    assert together.count("Expected: ") >= 4
    assert re.search("wrong answer", together)


@every_lesson
def test_minutes_are_not_nonsense(path):
    """No talk, no exercise has a third of the minutes that it needs, or less.

    A slide is looked at, asked about and answered in a minute and a half, 150 words are
    said in one; a line of code is written in half a minute.
    """
    shown = Counter(slide.part for slide in slides.deck(path))
    parts = zip(FOUND[str(int(path.name[:2]))], closed(path), strict=False)
    for number, (section, cells) in enumerate(parts):
        lines, starter = 0, ""
        for cell in cells:
            if "exercise" in lessons.tags(cell):
                starter = cell.source
            elif "solution" in lessons.tags(cell):
                written = re.sub(r" *#.*", "", cell.source).split("\n")
                lines += len({*filter(str.strip, written)} - {*starter.split("\n")})
        talk = 1.5 * shown[number] + len(prose(cells).split()) / 150
        assert section.talk >= talk / 3, section.name
        assert section.exercises >= lines / 2 / 3, section.name


# --- the plan ---------------------------------------------------------------------


LUNCH = (
    "guide/plan.toml: the first plan wants a line `60 lunch`: what a late day leaves "
    "out is counted from there. For a start after noon the shorter plans are meant."
)


def sections_of(edition):
    (days,) = [d for name, _, d in runsheet.editions(FOUND, TITLES) if name == edition]
    return [section for rows in days for row in rows for section in row.sections]


@pytest.mark.every_lesson
@pytest.mark.parametrize("edition", EDITIONS)
def test_every_day_fits(edition):
    """In its minutes, and with no hour without a break; the page is in it."""
    wrong = [x for x in runsheet.faults(FOUND, TITLES) if x.startswith(edition)]
    assert not wrong, f"guide/plan.toml: {' '.join(wrong)} Move a break or the minutes."
    page = runsheet.named("7: A page to take home", FOUND)
    assert page in sections_of(edition)


@pytest.mark.every_lesson
def test_the_full_day_is_honest():
    name, edition, (rows,) = next(runsheet.editions(FOUND, TITLES))
    assert name == EDITIONS[0]
    minutes = {}
    for row in rows:
        minutes[row.what] = minutes.get(row.what, 0) + row.minutes
    assert edition["minutes"] <= 8.5 * 60
    assert rows[0].what == "welcome, set-up, doctor"
    assert minutes["welcome, set-up, doctor"] == minutes["slack"] == 20
    assert minutes.get("lunch") == 60, LUNCH
    # What must be there and is not, is named.
    must = {s.name for ours in FOUND.values() for s in ours if s.level == "must"}
    taught = {section.name for section in sections_of(name)}
    moved = runsheet.missing([rows], FOUND, TITLES)
    for section in must - taught:
        (lesson,) = [n for n, o in FOUND.items() if section in [s.name for s in o]]
        assert f"{lesson}: {section}" in moved or TITLES[lesson] in moved


@pytest.mark.every_lesson
def test_half_a_day_has_a_bridge_to_the_loss():
    """Lesson 7 needs the loss; where lesson 5 is not taught its beginning is."""
    taught = sections_of("Half a day")
    numbers = [section.lesson for section in taught]
    assert {3, 4, 7} <= {*numbers}
    assert runsheet.named("5: How bad is a prediction?", FOUND) in taught
    assert numbers.index(5) < numbers.index(7)


@pytest.mark.every_lesson
def test_a_plan_for_being_late_wins_forty_minutes_after_lunch():
    rows = runsheet.late_rows(FOUND, TITLES)
    assert rows[-1][-1] == sum(won for _, won, _ in rows) >= 40
    assert all(won > 0 for _, won, _ in rows)
    _, _, (day,) = next(runsheet.editions(FOUND, TITLES))
    after = itertools.dropwhile(lambda row: row.what != "lunch", day)
    later = {section for row in after for section in row.sections}
    for line, *_ in rows:
        out = runsheet.named(line.removeprefix("solutions of "), FOUND)
        assert out in later, f"{line!r} is not after lunch. {LUNCH}"


def section(lesson=1, name="A", talk=5, exercises=3, level="must", **more):
    return runsheet.Section(lesson, (name,), talk, exercises, level, **more)


@pytest.fixture
def plan(monkeypatch):
    """A function: sets a plan of one day, of these lines and settings."""

    def make(*lines, keep=(), late=(), **edition):
        day = {"minutes": 100, "level": "must", "evening": [], **edition}
        day["days"] = ["\n".join(lines)]
        plan = {"keep": list(keep), "late": list(late), "A day": day}
        monkeypatch.setattr(runsheet, "PLAN", plan)
        return runsheet

    return make


def rows_of(sheet, found):
    ((_, _, (rows,)),) = sheet.editions(found, {"1": "1. One", "2": "2. Two"})
    return [(row.what, row.talk, row.exercises) for row in rows]


def test_lessons_come_in_the_order_of_the_plan_in_parts_too(plan):
    found = {"1": [section(), section(name="B", talk=7), section(name="C", talk=1)]}
    found["2"] = [section(2, "D", talk=2, exercises=0)]
    sheet = plan("5 welcome", "lesson 1 to B", "lesson 2", "lesson 1 to C", "lesson 1")
    assert rows_of(sheet, found) == [
        ("welcome", 5, 0),
        ("1. One, to *A*", 5, 3),
        ("2. Two", 2, 0),
        ("1, from *B*, to *B*", 7, 3),
        ("1, from *C*", 1, 3),
    ]


def test_a_day_teaches_up_to_its_level_without_what_is_moved(plan):
    optional = (("should", 1), ("could", 2))
    found = {
        "1": [
            section(name="A", exercises=4, optional=optional),
            section(name="B"),
            section(name="C", level="should"),
            section(name="D", level="could"),
        ]
    }
    assert rows_of(plan("lesson 1"), found) == [("1. One", 10, 4)]
    assert rows_of(plan("lesson 1", evening=["1: B"]), found) == [("1. One", 5, 1)]
    should = plan("lesson 1", level="should")
    assert rows_of(should, found) == [("1. One", 15, 8)]
    kept = plan("lesson 1", evening=["1: B"], keep=["1: B", "1: D"])
    assert rows_of(kept, found) == [("1. One", 15, 7)]
    ((_, _, days),) = plan("lesson 1", evening=["1: B"]).editions(found, {"1": "One"})
    assert runsheet.missing(days, found, {"1": "One"}) == ["1: B"]
    assert runsheet.missing([], found, {"1": "One"}) == ["One"]


def test_what_does_not_add_up_is_named(plan):
    found = {"1": [section(talk=45, exercises=10)]}

    def faults(*lines, **edition):
        return [*plan(*lines, **edition).faults(found, {"1": "1. One"})]

    assert faults("5 welcome", "lesson 1", "10 break", "30 slack") == []
    assert faults("6 welcome", "lesson 1", "10 lunch", "20 slack") == [
        "A day: 61 minutes, no `break` or `lunch`: welcome + 1. One."
    ]
    assert faults("lesson 1", "46 lunch") == [
        "A day: a day of 101 minutes; wanted at most 100."
    ]


@pytest.mark.parametrize("line", ["lesson 8", "lesson", "break", "lesson 1 to X", ""])
def test_a_line_that_says_nothing_is_named(line, plan):
    sheet = plan("5 welcome", line, "5 end")
    with pytest.raises(lessons.LessonError, match=r"guide/plan.toml: '.*[Ww]anted: "):
        rows_of(sheet, {"1": [section()]})


def test_a_lesson_that_comes_twice_is_named(plan):
    with pytest.raises(lessons.LessonError, match="with more to come"):
        rows_of(plan("lesson 1", "lesson 1"), {"1": [section()]})


def test_what_is_left_out_when_late(plan):
    found = {"1": [section(), section(name="B", exercises=6), section(name="C")]}

    def late(*lines):
        sheet = plan("lesson 1", keep=["1: C"], late=lines, evening=["1: A"])
        return sheet.late_rows(found, {"1": "1. One"})

    assert late("solutions of 1: B") == [("solutions of 1: B", 4, 4)]
    assert late("1: B", "solutions of 1: B")[-1] == ("solutions of 1: B", 4, 15)
    for name in ("1: C", "1: A"):  # the page; what is not taught
        with pytest.raises(lessons.LessonError, match="cannot be left out"):
            late(name)


# --- the sheet --------------------------------------------------------------------


@pytest.mark.parametrize("start", ["0:00", "9:00", "13:30", "18:00", "22:00"])
@pytest.mark.parametrize("place", range(3))
def test_a_day_may_start_at_any_hour_and_have_lunch_at_any(start, place, monkeypatch):
    """Over midnight, too: the sheet is whole, and each line later than the last."""
    lines = ["20 welcome", "lesson 4", "lesson 7"]
    lines.insert(place, "60 lunch")
    day = {**runsheet.PLAN[EDITIONS[0]], "start": start, "days": ["\n".join(lines)]}
    late = ["solutions of 4: A convolution by hand"]
    plan = {**runsheet.PLAN, EDITIONS[0]: day, "late": late}
    monkeypatch.setattr(runsheet, "PLAN", plan)
    text = runsheet.run_sheet()
    text = text.partition(f"### {EDITIONS[0]}")[2].partition("###")[0]
    rows = re.findall(r"^\| (\d+):(\d\d) \| ([^|]+) \|", text, re.MULTILINE)
    times = [60 * int(hour) + int(minute) for hour, minute, _ in rows]
    assert ":".join(rows[0][:2]) == start
    assert all(time < 24 * 60 for time in times)
    steps = [(b - a) % (24 * 60) for a, b in itertools.pairwise(times)]
    assert len(steps) == 4
    assert all(steps)
    assert steps[place] == 60
    assert rows[place][2] == "lunch"
    assert rows[-1][2] == "end"


@pytest.mark.parametrize("start", ["24:00", "9.30", "nine", ""])
def test_a_start_that_is_no_time_is_named(start):
    with pytest.raises(ValueError, match=rf"'{start}' does not match format '%H:%M'"):
        runsheet.timetable([], start)


@pytest.mark.every_lesson
def test_the_email_says_all_that_matters_in_ten_lines():
    text = runsheet.run_sheet()
    lines = re.findall(r"^> ?(.*)$", text, re.MULTILINE)
    assert 8 <= len([*filter(None, lines)]) <= 10
    mail = " ".join(lines)
    for matter in ("Colab", "start.py", "charger", "Python", "3 GB", "loops", "Answer"):
        assert matter in mail


@pytest.mark.every_lesson
def test_the_survey_asks_what_the_lessons_promise():
    """Ten questions; the key's answer is an option, its objective a lesson's own."""
    text = (lessons.ROOT / "guide" / "survey.md").read_text("utf-8")
    asked = re.findall(r"^\*\*(\d+)\.\*\*((?s:.+?))(?=\n\n)", text, re.MULTILINE)
    key = re.findall(r"^\| (\d+) \| ([^|]+) \| (\d) \| ([^|]+) \|$", text, re.MULTILINE)
    assert (
        [n for n, _ in asked] == [n for n, *_ in key] == [str(n + 1) for n in range(10)]
    )
    for (_, question), (_, answer, lesson, objective) in zip(asked, key, strict=True):
        options = [option.strip() for option in question.split("☐")[1:]]
        assert len(options) == 4
        assert options[-1] == "I do not know"
        assert answer.partition(":")[0].removeprefix("the ") in [
            option.removeprefix("the ") for option in options
        ]
        (path,) = lessons.choose([lesson])
        assert f"# - {objective}\n" in path.read_text("utf-8")


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
def written(tmp_path):
    """A function: the one section of a lesson with this heading and these minutes."""

    def make(heading="New", minutes="Talk 5 min, exercises 7 min, must."):
        path = tmp_path / "05_cross_entropy.py"
        path.write_text(SECTION.format(heading=heading, minutes=minutes), "utf-8")
        (section,) = runsheet.sections(path)
        return section

    return make


TOGETHER = "Talk 5 min, exercises 7 min, must (exercises 1, 2: could)."


@pytest.mark.parametrize("minutes", ["Talk.", TOGETHER])
def test_notes_that_nobody_can_read_are_named(written, minutes):
    with pytest.raises(lessons.LessonError) as refused:
        written(minutes=minutes)
    begin = "**Instructor.** Talk 5 min, exercises 3 min, must"
    assert str(refused.value) == (
        f'lessons/05_cross_entropy.py, line 9: wanted "{begin}." or "{begin} '
        '(exercise 2: could).".'
    )


def test_exercises_take_no_more_than_their_section_has(written):
    assert written().exercises == 7
    with pytest.raises(lessons.LessonError) as refused:
        written(minutes="Talk 5 min, exercises 6 min, must.")
    assert str(refused.value) == (
        "lessons/05_cross_entropy.py, line 9: the section has 7 minutes of exercises, "
        "but 6 in these notes: change one of them."
    )


def test_seconds_are_those_of_the_first_heading_and_may_be_missing(written):
    assert written("The loss as a curve").seconds is not None
    assert written("New").seconds is None
    measured = written("How bad is a prediction?").seconds  # with another, by `bench`
    assert measured is not None
    rows = runsheet.section_table([written("New")]).splitlines()
    assert rows[2] == "| New | 5 | 7 |  | must |"


def test_the_sections_of_a_lesson_are_added_up():
    ours = [section(talk=7, exercises=0, seconds=0.4), section(name="B", seconds=20.4)]
    assert runsheet.section_table(ours).splitlines()[0::2] == [
        "| section | talk | exercises | machine, s |  |",
        "| A | 7 |  | < 1 | must |",
        "| **together** | 12 | 3 | 21 |  |",
    ]


def test_optional_exercises(written):
    section = written(minutes="Talk 5 min, exercises 7 min, must (exercise 2: could).")
    times = section.exercises, section.writing("must"), section.writing("could")
    assert times == (7, 4, 7)


@pytest.mark.parametrize(
    "minutes",
    [
        "Talk 5 min, exercises 7 min, must (exercise 3: could).",
        "Talk 5 min, exercises 7 min, must.\n#\n# - Likely wrong in exercise 3: 1.",
    ],
)
def test_an_exercise_of_another_section_has_an_old_number(written, minutes):
    with pytest.raises(lessons.LessonError) as refused:
        written(minutes=minutes)
    assert str(refused.value) == (
        "lessons/05_cross_entropy.py, line 9: the notes name exercise 3 of another "
        "section."
    )


def test_each_your_turn_of_a_section_counts(tmp_path):
    path = tmp_path / "05_cross_entropy.py"
    twice = re.sub("Exercise [12]", "Your turn", SECTION)
    notes = "Talk 5 min, exercises 6 min, must."
    path.write_text(twice.format(heading="New", minutes=notes), "utf-8")
    with pytest.raises(lessons.LessonError, match="has 7 minutes of exercises, but 6"):
        runsheet.sections(path)


def test_notes_before_any_heading_are_named(tmp_path):
    path = tmp_path / "05_cross_entropy.py"
    text = SECTION.format(heading="New", minutes="Talk 5 min, exercises 7 min, must.")
    path.write_text(text.replace("## New", "New"), "utf-8")
    with pytest.raises(lessons.LessonError) as refused:
        runsheet.sections(path)
    assert str(refused.value) == (
        "lessons/05_cross_entropy.py, line 9: wanted a heading, ## ..., before these "
        "notes."
    )


def test_the_texts_say_what_does_not_add_up(monkeypatch, capsys):
    monkeypatch.setattr(guide, "texts", dict)
    monkeypatch.setattr(runsheet, "all_lessons", lambda: ({"1": [timed]}, {}))
    monkeypatch.setattr(runsheet, "faults", lambda *_: ["A day is too long."])
    timed = section(seconds=1.0)
    guide.main()
    assert capsys.readouterr().out == "A day is too long.\n"
    timed = section()
    guide.main()
    said = capsys.readouterr().out
    assert "no seconds yet for 1 sections, the first is 'A'. " in said
