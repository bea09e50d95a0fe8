"""Make the instructor's run sheet, lessons/README.md, from the lessons themselves.

Every `instructor` cell closes a section and begins with its minutes, "Talk 10 min,
exercises 8 min, must."; the machine's seconds come from measured.json (`make bench`).
`make notebooks` writes the file, a test compares it.
"""

import datetime
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

import jupytext

from utils.measured import measured

ROOT = Path(__file__).resolve().parent.parent
TIMES = re.compile(
    r"\*\*Instructor\.\*\* Talk (\d+) min, exercises (\d+) min, (must|should|could)"
)
# What the day can do without, first to last: the later lessons lean on 3 and 4.
CUT_ORDER = (2, 1, 6, 5, 3, 4, 7)
LUNCH, BREAK = 45, 10  # minutes
WITHOUT_BREAK = 75  # minutes that people can sit

EDITIONS = {
    # name: (minutes of teaching, lessons of each day, starting time)
    "A full day": (430, [[1, 2, 3, 4, 5, 6, 7]], "9:00"),
    "Half a day": (230, [[3, 4, 7]], "9:00"),
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

    Raises ValueError for an instructor cell that does not begin with its minutes.
    """
    lesson, seconds = (
        int(path.name[:2]),
        measured.get("lessons", {}).get("sections", {}),
    )
    found, headings = [], []
    for cell in jupytext.read(path).cells:
        if "instructor" not in cell.metadata.get("tags", []):
            if cell.cell_type == "markdown":
                headings += re.findall(
                    r"^## (.+)$", cell.source, re.MULTILINE
                )
            continue
        times = TIMES.match(cell.source)
        if not times:
            raise ValueError(
                f"{path.name}: an instructor cell begins {cell.source[:60]!r}; wanted "
                '"**Instructor.** Talk 5 min, exercises 3 min, must."'
            )
        # A cell in the middle of a section goes on with the section's name.
        name = (
            " … ".join(dict.fromkeys([headings[0], headings[-1]]))
            if headings
            else found[-1].name + ", continued"
        )
        took = seconds.get(path.stem, {}).get(str(len(found)))
        found.append(
            Section(
                lesson,
                name,
                int(times[1]),
                int(times[2]),
                times[3],
                took,
            )
        )
        headings = []
    return found


def fit(chosen, minutes):
    """Leave out sections until the rest fits; return (kept, left out).

    First what could be there, then what should, lesson by lesson in CUT_ORDER and
    the later ones first. What must be there stays.
    """
    kept = list(chosen)
    optional = sorted(
        (s for s in chosen if s.level != "must"),
        key=lambda s: (
            s.level != "could",
            CUT_ORDER.index(s.lesson),
            -chosen.index(s),
        ),
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

    start: "9:00", a ValueError for no time of the day. Times are minutes after midnight.
    Lunch is between 11:30 and 14:00; a day that is not there then has none.
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
    """What to leave out of the lessons in `kept` to win so many minutes: (lines, minutes won)."""
    optional = [s for s in kept if s.level != "must"]
    order = sorted(
        optional,
        key=lambda s: (
            CUT_ORDER.index(s.lesson),
            s.level,
            -kept.index(s),
        ),
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
            plan.append(
                f"{section.lesson}: {section.name} ({section.minutes} min)"
            )
    for section in exercises:
        if won < minutes:
            gain = section.exercises * 2 // 3
            won += gain
            plan.append(
                f"{section.lesson}: show the solutions of *{section.name}* ({gain} min)"
            )
    return plan, won


def run_sheet(lessons, title_of):
    """The text of lessons/README.md. lessons: paths of the sources, in order."""
    found = {int(path.name[:2]): sections(path) for path in lessons}
    titles = {int(path.name[:2]): title_of(path) for path in lessons}
    workshop = tomllib.loads(
        (ROOT / "pyproject.toml").read_text("utf-8")
    )["tool"]["workshop"]
    when = date_in_words(workshop["date"])
    on = f", {when}" if when else ""
    lines = [BEFORE.format(on=on, **workshop)]
    for name, (minutes, days, start) in EDITIONS.items():
        lines += [f"### {name}", ""]
        for number, day in enumerate(days, start=1):
            chosen = [
                s for lesson in day for s in found.get(lesson, [])
            ]
            kept, out = fit(chosen, minutes)
            if len(days) > 1:
                lines += [f"**Evening {number}**", ""]
            lines += [
                "| from | what | talk | exercises |",
                "|---|---|---|---|",
            ]
            rows = timetable(kept, titles, start)
            for now, what, talk, exercises in rows:
                cells = (
                    f"{talk} | {exercises}"
                    if exercises
                    else f"{talk or ''} | "
                )
                lines.append(f"| {clock(now)} | {what} | {cells} |")
            lines += ["", _left_out(out), ""]
            if name == "A full day":
                # Without lunch, late is counted in the middle of the day.
                names = [what for _, what, *_ in rows]
                lunch = "lunch" in names
                middle = (
                    names.index("lunch")
                    if lunch
                    else (len(names) - 1) // 2
                )
                afternoon = [
                    s
                    for s in kept
                    if titles[s.lesson] in names[middle:]
                ]
    lines += ["## When you are late", ""]
    lines += [
        f"Full day, counted {'at lunch' if lunch else 'in the middle'}; "
        "the lessons after it pay for that:",
        "",
    ]
    lines += ["| late | leave out |", "|---|---|"]
    for minutes in (10, 20, 40):
        plan, won = late_plan(afternoon, minutes)
        lines.append(
            f"| {minutes} min | {'; '.join(plan)}: {won} min won |"
        )
    lines += ["", SECTIONS.format(machine=_machine()), ""]
    for lesson, ours in found.items():
        exercises = sum(s.exercises for s in ours)
        lines += [f"### {titles[lesson]}", ""]
        lines += [
            "| section | talk | exercises | machine, s | |",
            "|---|---|---|---|---|",
        ]
        lines += [
            f"| {s.name} | {s.talk} | {s.exercises or ''} | {_seconds(s)} | {s.level} |"
            for s in ours
        ]
        machine = [s.seconds for s in ours if s.seconds is not None]
        all_of_it = f"{sum(machine):.0f}" if machine else ""
        talk = total(ours) - exercises
        lines += [
            f"| **together** | {talk} | {exercises} | {all_of_it} | |",
            "",
        ]
    return "\n".join([*lines, AFTER.format(**workshop)])


def date_in_words(date):
    """A date of pyproject.toml in words: "2026-12-05" is "5 December 2026"."""
    if not date:
        return ""
    date = datetime.date.fromisoformat(date)
    return f"{date.day} {date:%B %Y}"


def _left_out(out):
    if not out:
        return "Nothing is left out."
    names = "; ".join(
        f"{s.lesson}: {s.name} ({s.minutes} min)" for s in out
    )
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


BEFORE = """\
# The run sheet

Made from the lessons by `make notebooks`: the minutes stand in the lessons' notes for
instructors, the machine's seconds are measured. Print it, or keep it open beside the
slides.

**How to read it.** *Must* is what later lessons need. *Should* makes it a good day.
*Could* is for a quick room. Talk and exercises are in minutes, for a room of thirty.
Where a note says BREAK, you may take the nearest break of the timetable there.

## Who comes

| who | knows | needs from you |
|---|---|---|
| the newcomer | loops and functions in Python, no NumPy | time in exercises, a neighbour |
| the maker | has run notebooks from the web | the reasons, the stretch exercises |
| the mathematician | gradients and matrices, little Python | lesson 6, and help with typing |

They need: Python with loops, lists and functions. No mathematics beyond school;
lesson 6 explains the derivative that it uses.

## Before the day

1. A week before: `make retarget REPO=owner/name DATE=2026-12-05`, then commit and push:
   Colab and Binder read GitHub, not your disk. Try one of the links, send the e-mail.
2. The evening before: `git pull`, then `make lab`. It opens, lesson 3 runs to its end.
3. `make slides`, and open them once; key *S* shows your notes.
4. Copy `mnist.npz` (Keras keeps it in `~/.keras/datasets`) to a USB stick, for a room
   without a network: `WORKSHOP_DATA=/path/to/mnist.npz make lab`.
5. `make doctor` on the machine with the projector. In the room: one for everybody.
6. Print this sheet, the [usual mistakes](mistakes.md) and the feedback form below. After
   `make site` they print well from `build/site/run-sheet.html`.

## The e-mail to the attendees

> **{title}** by {club}{on}
>
> Please bring a laptop and its charger. You have two ways to take part:
>
> - *In the browser*, nothing to install: a Google account, and the links on
>   https://github.com/{repository}. Open lesson 1 once and run its first cell.
> - *On your own machine*: Python 3.11 to 3.13, git and 3 GB of disk. (Not on a Mac with
>   an Intel processor, nor on Windows on ARM: TensorFlow has no release for them.)
>   Follow "For attendees" on the same page at home, on a good network. It takes about
>   five minutes. Then open lesson 1 and choose *Run, Run All Cells*: it fetches the data.
>
> You need a little Python: loops, lists, functions. If something does not work, answer
> this e-mail with what the last lines on the screen say.

## The day
"""

SECTIONS = """\
## Section by section

Machine, s: how long the cells of a section run in the attendee's notebook, all of
MNIST; {machine}."""

AFTER = """\
## The feedback form, to print

| {title} | 1 no | 2 | 3 | 4 | 5 yes |
|---|---|---|---|---|---|
| I could follow the explanations | | | | | |
| The exercises helped me to understand | | | | | |
| The speed was right for me | | | | | |
| My computer did what it should | | | | | |
| I want to go on with my project | | | | | |

What was the best moment? What was unclear? What would you leave out?
"""
