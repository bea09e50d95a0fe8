"""The instructor's run sheet, guide/run-sheet.md: guide/plan.toml, added up.

Every `instructor` cell closes a section and begins with its minutes, "Talk 10 min,
exercises 8 min, must."; the machine's seconds come from measured.json (`make bench`).
"""

import datetime
import re
import tomllib
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from tools import lessons
from tools.lessons import LESSONS, ROOT, WORKSHOP, LessonError, read, refuse, tags
from tools.markdown import table
from utils.records.measured import measured

PLAN = tomllib.loads((ROOT / "guide" / "plan.toml").read_text("utf-8"))
TEMPLATE = Path(__file__).with_name("run-sheet.md")
TIMES = re.compile(
    r"\*\*Instructor\.\*\* Talk (\d+) min, exercises (\d+) min, "
    r"(must|should|could)(?! \(exercises)"  # each by itself: see OPTIONAL
)
EXERCISE = re.compile(r"(?m)^\*\*(?:Exercise (\d+)|Your turn)\*\* \((\d+) minutes?\b")
OPTIONAL = re.compile(r"exercise (\d+): (should|could)")
LEVELS = ("must", "should", "could")
SITTING = 60  # minutes without a break, at most


# --- the sections -----------------------------------------------------------------


@dataclass(frozen=True)
class Section:
    """What one instructor cell closes. Minutes; seconds None if not measured.

    optional: pairs (level, minutes) of exercises that need not be there.
    """

    lesson: int
    headings: tuple
    talk: int
    exercises: int
    level: str
    seconds: float | None = None
    optional: tuple = ()

    @property
    def name(self):
        return " … ".join(dict.fromkeys([self.headings[0], self.headings[-1]]))

    def writing(self, level):
        """The minutes of its exercises, up to this level."""
        most = LEVELS.index(level)
        out = [time for other, time in self.optional if LEVELS.index(other) > most]
        return self.exercises - sum(out)


def sections(path):
    """The sections of a lesson's source, in order.

    Raises LessonError for an instructor cell that does not begin with its minutes, or
    that gives its exercises fewer minutes than they want themselves.
    """
    timed = measured["lessons"]["sections"].get(path.stem, {})
    timed = {name.partition(" … ")[0]: seconds for name, seconds in timed.items()}
    found, headings, wanted = [], [], []
    for line, cell in read(path):
        if "instructor" not in tags(cell):
            if cell.cell_type == "markdown":
                headings += re.findall(r"(?m)^## (.+)$", cell.source)
                wanted += [(n, int(time)) for n, time in EXERCISE.findall(cell.source)]
            continue
        if not (times := TIMES.match(cell.source)):
            begin = "**Instructor.** Talk 5 min, exercises 3 min, must"
            refuse(path, line, f'wanted "{begin}." or "{begin} (exercise 2: could)."')
        talk, exercises = int(times[1]), int(times[2])
        if (asked := sum(time for _, time in wanted)) > exercises:
            minutes = f"{asked} minutes of exercises, but {exercises} in these notes"
            refuse(path, line, f"the section has {minutes}: change one of them")
        if not headings and not found:
            refuse(path, line, "wanted a heading, ## ..., before these notes")
        # A cell in the middle of a section goes on with the section's name.
        names = tuple(headings or [f"{found[-1].headings[-1]}, continued"])
        first, own = cell.source.partition("\n")[0], dict(wanted)
        if far := {*re.findall(r"[Ee]xercise (\d+)", cell.source)} - {*own}:
            refuse(path, line, f"the notes name exercise {min(far)} of another section")
        optional = tuple((a, own[n]) for n, a in OPTIONAL.findall(first))
        about = talk, exercises, times[3], timed.get(names[0]), optional
        found.append(Section(int(path.name[:2]), names, *about))
        headings, wanted = [], []
    return found


def all_lessons():
    """({lesson's number as text: its sections}, {number: its title})."""
    paths = {str(int(path.name[:2])): path for path in LESSONS}
    found = {number: sections(path) for number, path in paths.items()}
    return found, {number: lessons.title(path) for number, path in paths.items()}


def named(name, found):
    """The section that "5: A batch is a mean" names, by any of its headings."""
    lesson, _, heading = name.partition(": ")
    for section in (known := found.get(lesson, [])):
        if heading in section.headings:
            return section
    wanted = "; ".join(other for section in known for other in section.headings)
    raise LessonError(f"guide/plan.toml: {name!r} is no section. Wanted: {wanted}.")


# --- the days ---------------------------------------------------------------------


@dataclass(frozen=True)
class Row:
    """A line of a day: a lesson or a part of one, a pause, or what else takes time."""

    what: str
    talk: int
    exercises: int = 0
    sections: tuple = ()

    @property
    def minutes(self):
        return self.talk + self.exercises


def taught(edition, found):
    """{lesson: the sections that this edition teaches}."""
    keep = [named(name, found) for name in PLAN["keep"]]
    evening = [named(name, found) for name in edition["evening"]]
    levels = LEVELS[: LEVELS.index(edition["level"]) + 1]

    def there(section):
        return section in keep or (section.level in levels and section not in evening)

    return {lesson: [*filter(there, ours)] for lesson, ours in found.items()}


def day_rows(day, left, titles, level):
    """The rows of one day of the plan.

    left: {lesson: sections still to come}. What the day teaches is taken from it.
    """
    rows = []
    for line in day.strip().splitlines():
        if other := re.fullmatch(r"(\d+) (.+)", line):
            rows.append(Row(other[2], int(other[1])))
            continue
        lesson = re.fullmatch(r"lesson (\d+)(?: to (.+))?", line)
        if not lesson or not left.get(lesson[1]):
            wanted = '"10 break", "lesson 3 to HEADING", "lesson 3" with more to come'
            raise LessonError(f"guide/plan.toml: {line!r}. Wanted: {wanted}.")
        number, until = lesson.groups()
        ours, what = left[number], titles[number]
        if any(row.sections and row.sections[0].lesson == int(number) for row in rows):
            what = f"{number}, from *{ours[0].headings[0]}*"
        end = ours.index(named(f"{number}: {until}", left)) if until else len(ours)
        ours, left[number] = ours[:end], ours[end:]
        what += f", to *{ours[-1].headings[-1]}*" if until else ""
        talk = sum(section.talk for section in ours)
        writing = sum(section.writing(level) for section in ours)
        rows.append(Row(what, talk, writing, tuple(ours)))
    return rows


def editions(found, titles):
    """(name, edition, its days as lists of rows) of each edition of the plan."""
    for name, edition in PLAN.items():
        if isinstance(edition, dict):
            left, level = taught(edition, found), edition["level"]
            days = [day_rows(day, left, titles, level) for day in edition["days"]]
            yield name, edition, days


def faults(found, titles):
    """What does not add up in the plan, a sentence each."""
    for name, edition, days in editions(found, titles):
        for day in days:
            minutes, most = sum(row.minutes for row in day), edition["minutes"]
            if minutes > most:
                yield f"{name}: a day of {minutes} minutes; wanted at most {most}."
            pauses = groupby(day, lambda row: row.what.startswith(("break", "lunch")))
            for rows in (list(rows) for pause, rows in pauses if not pause):
                sitting = sum(row.minutes for row in rows)
                if sitting > SITTING:
                    what = " + ".join(row.what for row in rows)
                    yield f"{name}: {sitting} minutes, no `break` or `lunch`: {what}."


def sections_of(days):
    """All sections that these days teach."""
    return {section for day in days for row in day for section in row.sections}


def missing(days, found, titles):
    """The names of what must be there, and is on none of these days."""
    there = sections_of(days)
    names = []
    for lesson, ours in found.items():
        must = [s for s in ours if s.level == "must"]
        left = [s for s in must if s not in there]
        parts = [f"{lesson}: {section.name}" for section in left]
        names += [titles[lesson]] if left == must else parts
    return names


def late_rows(found, titles):
    """(what to leave out, minutes won, won in all) of the plan's first edition.

    Raises LessonError for what is not taught there, or stands in `keep`.
    """
    _, edition, days = next(editions(found, titles))
    there = sections_of(days)
    keep = [named(name, found) for name in PLAN["keep"]]
    rows, together = [], 0
    for line in PLAN["late"]:
        solutions, name = re.fullmatch("(solutions of )?(.+)", line).groups()
        section = named(name, found)
        if section not in there or section in keep:
            raise LessonError(f"guide/plan.toml: late: {line!r} cannot be left out.")
        writing = section.writing(edition["level"])
        won = writing * 2 // 3 if solutions else section.talk + writing
        together += won
        rows.append((line, won, together))
    return rows


# --- the sheet --------------------------------------------------------------------


def timetable(rows, start):
    """A day as a table. start: "9:00"; a ValueError for no time of the day."""
    now, lines = datetime.datetime.strptime(start, "%H:%M"), []
    for row in [*rows, Row("end", 0)]:
        begin = f"{now.hour}:{now:%M}"
        lines.append((begin, row.what, row.talk or None, row.exercises or None))
        now += datetime.timedelta(minutes=row.minutes)
    return table(["from", "what", "talk", "exercises"], lines)


def run_sheet():
    """The text of guide/run-sheet.md: run-sheet.md here, filled in."""
    found, titles = all_lessons()
    parts = []
    for name, edition, days in editions(found, titles):
        parts.append(f"### {name}")
        for number, rows in enumerate(days, start=1):
            parts += [f"**Day {number}**"] if len(days) > 1 else []
            parts.append(timetable(rows, edition.get("start", WORKSHOP["start"])))
        moved = "; ".join(missing(days, found, titles))
        parts += [f"For an evening, or to read at home: {moved}."] if moved else []
    when = lessons.date_in_words(WORKSHOP["date"])
    tables = [f"### {titles[n]}\n\n{section_table(ours)}" for n, ours in found.items()]
    return TEMPLATE.read_text("utf-8").format(
        **WORKSHOP,
        on=f", {when}" if when else "",
        days="\n\n".join(parts),
        late=table(["leave out", "wins, min", "in all"], late_rows(found, titles)),
        machine="{runs} runs on {date}\n({machine})".format(**measured["lessons"]),
        sections="\n\n".join(tables),
    )


def section_table(ours):
    """The minutes of a lesson's sections as a table, with their sum."""

    def whole(seconds):
        return seconds and (f"{seconds:.0f}" if seconds >= 1 else "< 1")

    rows = [(s.name, s.talk, s.exercises or None, s.seconds, s.level) for s in ours]
    sums = [sum(filter(None, column)) for column in list(zip(*rows, strict=True))[1:4]]
    rows.append(("**together**", *sums, None))
    rows = [(*minutes, whole(seconds), level) for *minutes, seconds, level in rows]
    return table(["section", "talk", "exercises", "machine, s", ""], rows)
