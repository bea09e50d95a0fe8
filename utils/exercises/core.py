"""Exercises that answer back: check, hint, solution, ask.

An exercise compares *behaviour*. What the learner gives, a number, an array, a
function or a Keras model, is turned into plain results by `behaviour` (the value
itself, a function's outputs on probe inputs, a model's shapes), and these results are
compared with those of the right answer and of the mistakes that students really make.
A mistake is written down as the wrong answer itself, so the bank of mistakes is at once
what `check` recognises, what the tests feed in, and what the instructor reads.
"""

import functools
import html
import inspect
import json
import linecache
import re
import traceback
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from IPython.display import display

from utils.exercises import behaviours, guard
from utils.exercises.behaviours import NotAttempted, Wrong, brief, same

UTILS = Path(__file__).resolve().parents[1]
SOLUTIONS = UTILS / "records" / "solutions.json"  # made from lessons/
TIGHT = 1e-6  # what the rounding of float32 changes, and no mistake

# The verdicts: (words that come first, sign, colour of the border).
CORRECT = ("Correct.", "✓", "#009E73")
WRONG = ("Not yet.", "✗", "#D55E00")
NOT_ATTEMPTED = ("Not attempted.", "…", "#767676")
NOT_FINISHED = ("Not finished.", "…", "#CC79A7")
ERROR = ("Your code raised an error.", "!", "#CC79A7")
BLUE = "#0072B2"

OPEN = "replace the `...` by your answer and run the cell."
YOURS = "your answer to {}."
OURS = "the course's own answer to {}, until yours is right."
HAT = r"(?i)bitwise_?xor| for \^"  # what NumPy, TensorFlow and Python say of x ^ 2
NO_POWER = (
    "in Python `^` is not a power: it compares two whole numbers bit by bit. A power "
    "has two stars."
)
BROKEN = (
    "something in the notebook keeps the check from working. Is one of Python's own "
    "names used for something else? Restart the kernel and run the cells again."
)
TUTOR = """\
Be my tutor, not my solver: I learn deep learning with a notebook, and one of its
exercises has me stuck. Ask me one question at a time, and wait for my reply. Do not
write the missing line, number or word, even if I ask for it. Start from what I have;
where an idea of mine is wrong, let me find it in a small example. Use plain English.

The exercise: {}.
What it is for: {}.
My answer as it stands:

{}

What the notebook's check says of it: {}
"""


class Mistake(NamedTuple):
    """A wrong answer that students really give, and what to tell them."""

    answer: Any
    name: str  # for the instructor's guide: "forgot the bias"
    message: str


@dataclass
class Exercise:
    """One exercise: check(answer), hint(), solution(), ask().

    A cell that does not end, and that *Stop* does not stop: restart the kernel.
    """

    task: str  # what is asked, in one line
    objective: str  # that it serves: the lesson's own words
    right: Any  # the right answer
    hints: list  # from a nudge to nearly the answer
    mistakes: dict = field(default_factory=dict)  # {answer: "its name | what to tell"}
    slips: dict = field(default_factory=dict)  # {pattern of an error: what to tell}
    behaviour: Any = behaviours.number  # from an answer to results
    probes: dict = None  # where this is a `function`: {what is tried: the arguments}
    praise: str = ""  # when it is right: one sentence that adds something
    # How far off a right number may be, relative and absolute. A count (an int) is
    # exact; another single number may always be rounded to three digits.
    tolerance: float = 1e-4
    seconds: float = 5  # that the learner's code may take
    name: str = ""  # "q1", set by `Lesson`
    lesson: Any = None
    _hints_shown: int = 0
    _checked: tuple = (..., "nothing yet.")  # the last answer, and what was said

    def __post_init__(self):
        if self.probes:
            self.behaviour = behaviours.function(self.probes)
        bank = self.mistakes.items()
        self.mistakes = [Mistake(answer, *said.split(" | ")) for answer, said in bank]

    def __repr__(self):
        return f"{self.name}: {self.task}. ex.{self.name}.check(...), .hint()"

    def check(self, answer=...):
        """Show the verdict on an answer."""
        verdict, text = self.verdict(answer)
        if verdict is CORRECT:
            self.lesson.done.add(self.name)
        self._checked = answer, f"{verdict[0]} {text}"
        display(Message(verdict, f"{self.name}: {text}" if text else self.name))

    def use(self, answer=...):
        """Return the learner's answer where it is right, else our own; say which."""
        checked, said = self._checked
        if checked is not answer:  # else what was said holds: the code runs once
            said = self.verdict(answer)[0][0]
        right = said.startswith(CORRECT[0])
        print("From here on:", (YOURS if right else OURS).format(self.name))
        return answer if right else self.right

    def verdict(self, answer=...):
        """Return (verdict, text). Nothing is raised or shown, but KeyboardInterrupt."""
        try:
            with guard.as_before():
                _ = self._expected  # known before the learner's code runs
                read, why = guard.run(lambda: self._read(answer), self.seconds)
                if why:
                    return NOT_FINISHED, why
                return read if read[0] else self._compare(read[1])
        except Exception:
            return ERROR, BROKEN

    def hint(self):
        """Show the next hint; the last one stays."""
        shown = min(self._hints_shown, len(self.hints) - 1)
        self._hints_shown += 1
        words = (f"Hint {shown + 1} of {len(self.hints)}.", "?", BLUE)
        display(Message(words, self.hints[shown]))

    def solution(self):
        """Show the solution, as the solved notebook has it."""
        display(Message(("A solution.", "→", BLUE), self.solution_source(), True))

    def solution_source(self):
        """Return the code of the lesson's cell tagged "solution" and with our name."""
        return json.loads(SOLUTIONS.read_text("utf-8"))[self.lesson.source][self.name]

    def ask(self):
        """Show a text that makes any AI assistant a tutor; it has no solution in it."""
        answer, said = self._checked
        code, _ = guard.run(lambda: _source(answer), self.seconds)
        text = TUTOR.format(self.task, self.objective, code, said)
        display(Message(("Copy this to an assistant.", "→", BLUE), text, True))

    def _read(self, answer):
        """(None, the answer's results), or the (verdict, text) if there are none."""
        try:
            _refuse_placeholder(answer)
            return None, self.behaviour(answer)
        except (KeyboardInterrupt, guard.Stopped):
            raise
        except BaseException as error:
            return _explained(error, self.slips)

    @functools.cached_property
    def _expected(self):
        return self.behaviour(self.right)

    @functools.cached_property
    def _usual(self):
        """(results, message) of each mistake that `behaviour` does not tell itself."""
        read = [(self._read(m.answer), m.message) for m in self.mistakes]
        return [(results, text) for (verdict, results), text in read if not verdict]

    def _compare(self, results):
        own = 1e-9 if isinstance(self.right, int) else self.tolerance
        # Twice: a mistake may lie within what a right number may be off.
        for tolerance in (min(TIGHT, own), own):
            if same(results, self._expected, tolerance):
                return CORRECT, self.praise
            for usual, message in self._usual:
                if same(results, usual, tolerance):
                    return WRONG, message
        digits = (3, 4) if isinstance(self.right, float) else ()
        if any(same(results, float(f"{self.right:.{n}g}"), TIGHT) for n in digits):
            return CORRECT, self.praise
        return WRONG, self._difference(results)

    def _difference(self, results):
        """The first result of several that differs; of one alone, nothing."""
        expected = self._expected
        if self.right == str(expected).split(", "):  # several words
            given = results.split(", ")
            right = sum(map(str.__eq__, given, self.right))
            twice = len(set(given)) < len(set(self.right)) == len(given)
            some = f"{right} of your {len(given)} words stand where they belong."
            return some + " A word stands there twice." * twice
        if not isinstance(expected, dict) or not isinstance(results, dict):
            return f"{brief(results)} is not the answer. Try ex.{self.name}.hint()."
        for key, right in expected.items():
            yours = results.get(key)
            if not same(yours, right, self.tolerance):
                break
        if np.size(right) > behaviours.SHOWN and np.shape(yours) == np.shape(right):
            off = (~np.isclose(yours, right, self.tolerance, self.tolerance)).sum()
            some = f"{off} of {right.size} numbers are not."
            return f"{key}: the shape is right, but {some}"
        if brief(yours) == brief(right):
            gap = np.abs(np.subtract(yours, right)).max()
            return f"{key}: your result is wrong by up to {gap:.1g}."
        return f"{key}: expected {brief(right)}, you have {brief(yours)}"


class Lesson:
    """The exercises among `names`, {"q1": ...}, of the lesson "04_cnn.py"."""

    def __init__(self, source, names):
        self.source, self.exercises, self.done = source, {}, set()
        for name, exercise in names.items():
            if isinstance(exercise, Exercise):
                exercise.name, exercise.lesson = name, self
                self.exercises[name] = exercise

    def progress(self):
        """Show how many exercises are done. Kept for this session only."""
        todo = [name for name in self.exercises if name not in self.done]
        words = f"{len(self.done)} of {len(self.exercises)} exercises done."
        text = f"Still open: {', '.join(todo)}." if todo else "All of them!"
        display(Message((words, "→", BLUE), text))


class Message:
    """A verdict, a hint or a solution, as text and as HTML."""

    def __init__(self, words, text, code=False):
        first, sign, colour = words
        self.plain = f"{sign} {first}" + ("\n\n" if code else " ") + text
        body = html.escape(text)
        marked = re.sub(r"`([^`]+)`", r"<code>\1</code>", body)
        self.html = (
            f'<div role="status" style="border-left: 4px solid {colour}; '
            f'padding: 0.2em 0.8em; max-width: 46em">{sign} <b>{first}</b> '
            f"{f'<pre>{body}</pre>' if code else marked}</div>"
        )

    def __repr__(self):
        return self.plain

    def _repr_html_(self):
        return self.html


# --- helpers --------------------------------------------------------------------


def _refuse_placeholder(answer):
    """Raise NotAttempted where an answer, or a part of it, is still `...`."""
    if isinstance(answer, np.ndarray) and answer.dtype.kind in "OU":
        answer = answer.tolist()
    many = isinstance(answer, (list, tuple))
    for place, part in enumerate(answer if many else [answer], 1):
        if part is ... or (isinstance(part, str) and part.strip() in ("", "...")):
            still = f"part {place} of your answer is still `...`."
            raise NotAttempted(still if many else OPEN)


def _explained(error, slips):
    """The (verdict, text) on an error: what it means, or its text and its line."""
    try:
        whole, said = str(error), behaviours.first_line(error)[:200] or "no message"
        probes = "".join(f" (tried with: {n})" for n in getattr(error, "__notes__", []))
    except Exception:
        whole, said, probes = "", "no message", ""
    for pattern, text in {**slips, HAT: NO_POWER}.items():
        if match := re.search(pattern, whole + probes):
            return WRONG, match.expand(text)
    if isinstance(error, Wrong):
        return NOT_ATTEMPTED if isinstance(error, NotAttempted) else WRONG, whole
    line = ""
    for frame, number in traceback.walk_tb(error.__traceback__):
        file = frame.f_code.co_filename
        if "site-packages" in file or UTILS in Path(file).parents:
            continue
        if "ellipsis" in said.lower() and ... in frame.f_code.co_consts:
            return NOT_ATTEMPTED, behaviours.STILL_OPEN
        if code := linecache.getline(file, number).strip():
            line = f", in line {number}: `{code}`"
    return ERROR, f"{type(error).__name__}: {said}{line}{probes}"


def _source(answer):
    """A learner's code, or the value where it has none."""
    try:
        return inspect.getsource(answer).strip()
    except (TypeError, OSError):
        return "(nothing yet)" if answer is ... else brief(answer)
