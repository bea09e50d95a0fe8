"""The instructor's run sheet, guide/run-sheet.md, from the lessons themselves.

Every `instructor` cell closes a section and begins with its minutes, "Talk 10 min,
exercises 8 min, must."; the machine's seconds come from measured.json (`make bench`).
`python -m tools.runsheet` estimates how long each lesson takes alone.
"""

import datetime
import re
from dataclasses import dataclass
from pathlib import Path

from tools.lessons import LESSONS, read, refuse, tags
from tools.markdown import table
from utils.records.measured import measured

TEMPLATE = Path(__file__).with_name("run-sheet.md")
TIMES = re.compile(
    r"\*\*Instructor\.\*\* Talk (\d+) min, exercises (\d+) min, (must|should|could)"
)
EXERCISE = re.compile(r"^\*\*Exercise \d+\*\* \((\d+) minutes?\b", re.MULTILINE)
# What the day can do without, first to last: the later lessons lean on 3 and 4.
CUT_ORDER = (2, 1, 6, 5, 3, 4, 7)
LUNCH, BREAK = 45, 10  # minutes
WITHOUT_BREAK = 75  # minutes that people can sit

EDITIONS = {
    # name: (minutes of teaching, lessons of each day, start or [tool.workshop]'s)
    "A full day": (430, [[1, 2, 3, 4, 5, 6, 7]], None),
    "Half a day": (240, [[3, 4, 7]], None),
    "Five evenings": (110, [[1, 2], [3], [4], [5, 6], [7]], "18:30"),
}


@dataclass(frozen=True)
class Section:
    """What one instructor cell closes. Minutes; seconds None if not measured."""

    lesson: int
    name: str
    talk: int
    exercises: int
    level: str
    seconds: float | None

    @property
    def minutes(self):
        return self.talk + self.exercises


def sections(path):
    """The sections of a lesson's source, in order.

    Raises LessonError for an instructor cell that does not begin with its minutes, or
    that gives its exercises fewer minutes than they want themselves.
    """
    seconds = measured.get("lessons", {}).get("sections", {}).get(path.stem, {})
    found, headings, wanted = [], [], 0
    for line, cell in read(path):
        if "instructor" not in tags(cell):
            if cell.cell_type == "markdown":
                headings += re.findall(r"^## (.+)$", cell.source, re.MULTILINE)
                wanted += sum(map(int, EXERCISE.findall(cell.source)))
            continue
        times = TIMES.match(cell.source)
        if not times:
            begin = '"**Instructor.** Talk 5 min, exercises 3 min, must."'
            refuse(path, line, f"an instructor cell wants to begin with {begin}")
        if wanted > int(times[2]):
            minutes = f"{wanted} minutes of exercises, but {times[2]} in these notes"
            refuse(path, line, f"the section has {minutes}: change one of them")
        # A cell in the middle of a section goes on with the section's name.
        name = (
            " … ".join(dict.fromkeys([headings[0], headings[-1]]))
            if headings
            else found[-1].name + ", continued"
        )
        talk, exercises, level = int(times[1]), int(times[2]), times[3]
        lesson = int(path.name[:2])
        found.append(Section(lesson, name, talk, exercises, level, seconds.get(name)))
        headings, wanted = [], 0
    return found


def alone(path):
    """Estimated minutes of one who reads alone: (a lesson, its optional sections).

    120 words a minute, the exercises' own minutes, and the machine's seconds.
    """
    seconds = measured["lessons"]["sections"].get(path.stem, {}).values()
    minutes, optional, section = sum(seconds) / 60, 0, 0
    for _, cell in read(path):
        if "instructor" in tags(cell):
            if TIMES.match(cell.source)[3] == "could":
                optional += section
            else:
                minutes += section
            section = 0
        elif cell.cell_type == "markdown":
            section += len(cell.source.split()) / 120
            section += sum(map(int, EXERCISE.findall(cell.source)))
    return minutes + section, optional


def fit(chosen, minutes):
    """Leave out sections until the rest fits; return (kept, left out).

    First what could be there, then what should, lesson by lesson in CUT_ORDER and
    the later ones first. What must be there stays.
    """
    kept = list(chosen)
    optional = sorted(
        (s for s in chosen if s.level != "must"),
        key=lambda s: (s.level != "could", CUT_ORDER.index(s.lesson), -chosen.index(s)),
    )
    for section in optional:
        if total(kept) <= minutes:
            break
        kept.remove(section)
    return kept, [s for s in chosen if s not in kept]


def total(chosen):
    return sum(section.minutes for section in chosen)


def clock(minutes):
    """Minutes after midnight as "13:05"; after the next midnight from 0:00 again."""
    return f"{minutes // 60 % 24}:{minutes % 60:02}"


def timetable(kept, titles, start):
    """Rows (time, what, talk, exercises) of one day, with its breaks.

    start: "9:00", a ValueError for no time of the day. Times are minutes after
    midnight. Lunch is between 11:30 and 14:00; a day without these hours has none.
    """
    begin = datetime.datetime.strptime(start, "%H:%M")
    now = last_break = 60 * begin.hour + begin.minute
    rows, eaten = [], total(kept) < 300  # half a day has no lunch
    for lesson in dict.fromkeys(section.lesson for section in kept):
        ours = [section for section in kept if section.lesson == lesson]
        if rows and not eaten and 12 * 60 - 30 <= now <= 14 * 60:
            rows.append((now, "lunch", LUNCH, 0))
            now, eaten = now + LUNCH, True
            last_break = now
        elif rows and now - last_break + total(ours) > WITHOUT_BREAK:
            rows.append((now, "break", BREAK, 0))
            now += BREAK
            last_break = now
        talk = sum(section.talk for section in ours)
        rows.append((now, titles[lesson], talk, total(ours) - talk))
        now += total(ours)
    return [*rows, (now, "end", 0, 0)]


def late_plan(kept, minutes):
    """What to leave out after lunch to win so many minutes: (lines, minutes won)."""
    optional = [s for s in kept if s.level != "must"]
    order = sorted(
        optional, key=lambda s: (CUT_ORDER.index(s.lesson), s.level, -kept.index(s))
    )
    # Then exercises: the instructor shows the solution, which takes a third.
    exercises = sorted(
        (s for s in kept if s.level == "must" and s.exercises >= 4),
        key=lambda s: (CUT_ORDER.index(s.lesson), -s.exercises),
    )
    plan, won = [], 0
    for section in order:
        if won < minutes:
            won += section.minutes
            plan.append(f"{section.lesson}: {section.name} ({section.minutes} min)")
    for section in exercises:
        if won < minutes:
            gain = section.exercises * 2 // 3
            won += gain
            plan.append(
                f"{section.lesson}: show the solutions of *{section.name}* ({gain} min)"
            )
    return plan, won


def run_sheet(lessons, title_of, workshop):
    """The text of guide/run-sheet.md: run-sheet.md here, filled in.

    lessons: paths of the sources, in order. workshop: [tool.workshop].
    """
    found = {int(path.name[:2]): sections(path) for path in lessons}
    titles = {int(path.name[:2]): title_of(path) for path in lessons}
    days = []
    for name, (minutes, lessons_of_days, start) in EDITIONS.items():
        start = start or workshop["start"]
        days.append(f"### {name}")
        for number, day in enumerate(lessons_of_days, start=1):
            chosen = [s for lesson in day for s in found.get(lesson, [])]
            kept, out = fit(chosen, minutes)
            if len(lessons_of_days) > 1:
                days.append(f"**Evening {number}**")
            rows = [
                (clock(now), what, talk or None, exercises or None)
                for now, what, talk, exercises in timetable(kept, titles, start)
            ]
            days += [table(["from", "what", "talk", "exercises"], rows), _left_out(out)]
            if name == "A full day":
                # Without lunch, late is counted in the middle of the day.
                names = [what for _, what, *_ in rows]
                lunch = "lunch" in names
                middle = names.index("lunch") if lunch else (len(names) - 1) // 2
                afternoon = [s for s in kept if titles[s.lesson] in names[middle:]]
    plans = [(minutes, *late_plan(afternoon, minutes)) for minutes in (10, 20, 40)]
    when = date_in_words(workshop["date"])
    return TEMPLATE.read_text("utf-8").format(
        **workshop,
        on=f", {when}" if when else "",
        counted="at lunch" if lunch else "in the middle",
        days="\n\n".join(days),
        late=table(
            ["late", "leave out"],
            [
                (f"{minutes} min", f"{'; '.join(plan)}: {won} min won")
                for minutes, plan, won in plans
            ],
        ),
        machine=_machine(),
        sections="\n\n".join(
            f"### {titles[lesson]}\n\n{_section_table(ours)}"
            for lesson, ours in found.items()
        ),
    )


def _section_table(ours):
    rows = [(s.name, s.talk, s.exercises or None, _seconds(s), s.level) for s in ours]
    machine = [s.seconds for s in ours if s.seconds is not None]
    exercises = sum(s.exercises for s in ours)
    together = (
        "**together**",
        total(ours) - exercises,
        exercises,
        f"{sum(machine):.0f}" if machine else None,
        None,
    )
    heads = ["section", "talk", "exercises", "machine, s", ""]
    return table(heads, [*rows, together])


def date_in_words(date):
    """A date of pyproject.toml in words: "2026-12-05" is "5 December 2026"."""
    if not date:
        return ""
    date = datetime.date.fromisoformat(date)
    return f"{date.day} {date:%B %Y}"


def _left_out(out):
    if not out:
        return "Nothing is left out."
    names = "; ".join(f"{s.lesson}: {s.name} ({s.minutes} min)" for s in out)
    return f"Left out of the talk; everybody still runs the cells: {names}."


def _seconds(section):
    if section.seconds is None:
        return ""
    return "< 1" if section.seconds < 1 else f"{section.seconds:.0f}"


def _machine():
    entry = measured["lessons"]
    software = entry["software"].split(",")[0]
    return (
        f"the median of {entry['runs']} runs on {entry['date']}\n({entry['machine']}, "
        f"{software})"
    )


if __name__ == "__main__":
    for lesson in LESSONS:
        minutes, optional = alone(lesson)
        print(f"{lesson.stem:19}{minutes:.0f} + {optional:.0f} optional, estimated")
