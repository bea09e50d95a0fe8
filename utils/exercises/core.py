"""Exercises that answer back: check, hint, solution, ask.

An exercise compares *behaviour*. What the learner gives, a number, an array, a
function or a Keras model, is turned into plain results by `behaviour` (the value
itself, a function's outputs on probe inputs, a model's shapes), and these results are
compared with those of the right answer and of the mistakes that students really make.
A mistake is written down as the wrong answer itself, so the bank of mistakes is at once
what `check` recognises, what the tests feed in, and what the instructor reads.
"""

import contextlib
import copy
import functools
import html
import inspect
import json
import linecache
import numbers
import os
import re
import traceback
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from IPython.display import display

from utils import data
from utils.exercises import guard

UTILS = Path(__file__).resolve().parents[1]
SOLUTIONS = UTILS / "records" / "solutions.json"  # made from lessons/
SHOWN = 12  # numbers of an array that a message shows; of a larger one, its shape
TIGHT = 1e-6  # what the rounding of float32 changes, and no mistake

# The verdicts: (words that come first, sign, colour of the border).
CORRECT = ("Correct.", "✓", "#009E73")
WRONG = ("Not yet.", "✗", "#D55E00")
NOT_ATTEMPTED = ("Not attempted.", "…", "#767676")
NOT_FINISHED = ("Not finished.", "…", "#CC79A7")
ERROR = ("Your code raised an error.", "!", "#CC79A7")
BLUE = "#0072B2"

OPEN = "replace the `...` by your answer and run the cell."
OURS = "the course's own answer to {}, until yours is right."
STILL_OPEN = "your code still has the placeholder `...`."
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


class Wrong(Exception):
    """What a `behaviour` raises to say what is wrong with an answer."""

    verdict = WRONG


class NotAttempted(Wrong):
    verdict = NOT_ATTEMPTED


class ReturnsNothing(Wrong):
    def __init__(self, text="your function returns nothing: is the `return` missing?"):
        super().__init__(text)


class NotFinite(Wrong):
    def __init__(self, text="your result contains NaN or infinity."):
        super().__init__(text)


@dataclass
class Mistake:
    """A wrong answer that students really give, and what to tell them."""

    answer: Any
    name: str  # for the instructor's guide: "forgot the bias"
    message: str


@dataclass(repr=False)
class Exercise:
    """One exercise: check(answer), hint(), solution(), ask().

    A cell that does not end, and that *Stop* does not stop: restart the kernel.

    task: what is asked, in one line. objective: the lesson's objective it serves.
    right: the right answer. behaviour: turns an answer into results that can be
    compared (default: one number). mistakes: the bank, {answer: "its name | what to
    tell"}; afterwards a list of Mistakes. hints: from a nudge to nearly the answer.
    praise: what to say when it is right: one sentence that adds something.
    tolerance: how far off a right number may be, relative and absolute; a count (an
    int) is exact, another single number may always be rounded to three digits.
    seconds: how long the learner's code may take.
    """

    task: str
    objective: str
    right: Any
    hints: list
    mistakes: dict = field(default_factory=dict)
    behaviour: Any = None
    praise: str = ""
    tolerance: float = 1e-4
    seconds: float = 5
    name: str = ""  # "q1", set by `Lesson`
    lesson: Any = None
    _hints_shown: int = 0
    _checked: tuple = (..., "nothing yet.")  # the last answer, and what was said

    def __post_init__(self):
        bank = self.mistakes.items()
        self.mistakes = [Mistake(answer, *said.split(" | ")) for answer, said in bank]

    def __repr__(self):
        return f"{self.name}: {self.task}. {self.name}.check(...), {self.name}.hint()"

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
        whose = "your answer to {}." if right else OURS
        print("From here on:", whose.format(self.name))
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
            return None, (self.behaviour or number)(answer)
        except Wrong as wrong:
            return wrong.verdict, str(wrong)
        except (KeyboardInterrupt, guard.Stopped):
            raise
        except BaseException as error:
            return _error(error)

    @functools.cached_property
    def _expected(self):
        return (self.behaviour or number)(self.right)

    @functools.cached_property
    def _usual(self):
        """(results, message) of each mistake that `behaviour` does not tell itself."""
        read = [(self._read(m.answer), m.message) for m in self.mistakes]
        return [(results, text) for (verdict, results), text in read if not verdict]

    def _compare(self, results):
        own = 1e-9 if isinstance(self.right, int) else self.tolerance
        # Twice: a mistake may lie within what a right number may be off.
        for tolerance in (min(TIGHT, own), own):
            if _same(results, self._expected, tolerance):
                return CORRECT, self.praise
            for usual, message in self._usual:
                if _same(results, usual, tolerance):
                    return WRONG, message
        if isinstance(self.right, float) and any(
            _same(results, float(f"{self.right:.{digits}g}"), TIGHT)
            for digits in (3, 4)
        ):
            return CORRECT, self.praise
        return WRONG, self._difference(results)

    def _difference(self, results):
        """The first result of several that differs; of one alone, nothing."""
        expected = self._expected
        if not isinstance(expected, dict) or not isinstance(results, dict):
            return f"{brief(results)} is not the answer. Try {self.name}.hint()."
        for key, right in expected.items():
            yours = results.get(key)
            if not _same(yours, right, self.tolerance):
                break
        if np.size(right) > SHOWN and np.shape(yours) == np.shape(right):
            off = ~np.isclose(yours, right, self.tolerance, self.tolerance)
            some = f"{off.sum()} of {off.size} numbers are not."
            return f"{key}: the shape is right, but {some}"
        if brief(yours) == brief(right):
            gap = np.abs(np.subtract(yours, right)).max()
            return f"{key}: your result is wrong by up to {gap:.1g}."
        return f"{key}: expected {brief(right)}, you have {brief(yours)}"


class Lesson:
    """The exercises q1, q2, ... of a lesson; source is its file, "04_cnn.py"."""

    def __init__(self, source, **exercises):
        self.source, self.exercises, self.done = source, exercises, set()
        for name, exercise in exercises.items():
            exercise.name, exercise.lesson = name, self
            setattr(self, name, exercise)

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


# --- behaviours: from an answer to results that can be compared -----------------


def number(answer):
    """One number: 26, 26.0, Fraction(26), np.float32(26), a tensor, an array of one."""
    if isinstance(answer, tuple) and len(answer) > 1:
        raise Wrong(
            "one number is wanted; a comma makes two of it. Python writes 0.5 with a "
            "point, and 1000 without a comma."
        )
    result = array(answer)
    if result.size != 1:
        raise Wrong(f"one number is wanted; yours has shape {result.shape}.")
    return result.reshape(())


def array(value):
    """Real numbers in any form (list, NumPy, TensorFlow, torch, JAX) as float64 array.

    Raises Wrong where a part is no finite number, NotAttempted where it is `...`.
    """
    try:
        result = np.asarray(_plain(value))
        if result.dtype.kind == "O":  # Fraction, Decimal; or None, a ragged list
            result = np.vectorize(float, otypes=["float64"])(result)
        if result.dtype.kind not in "biuf":
            raise TypeError
    except Wrong:
        raise
    except Exception:
        parts = value if isinstance(value, (list, tuple)) else []
        if any(isinstance(part, np.ndarray) and part.ndim for part in parts):
            text = "a part of your list is a whole array: is a `.sum()` missing?"
            raise Wrong(text) from None
        raise Wrong(f"numbers are wanted; you have {brief(value)}.") from None
    result = result.astype("float64")
    if not np.isfinite(result).all():
        raise NotFinite
    return result


def _plain(value):
    """A value, or each part of a list, as NumPy reads it: torch's without gradients."""
    if isinstance(value, (list, tuple)):
        return [_plain(part) for part in value]
    if value is ...:
        raise NotAttempted(STILL_OPEN)
    if callable(value) and not hasattr(value, "shape"):
        raise Wrong("a function itself is no number: are the brackets `()` missing?")
    return value.detach().cpu() if hasattr(value, "detach") else value


def choice(*options, count=1):
    """One of several words, in any case; or `count` of them: a list, or with commas."""

    def letters(word):  # without what is written in several ways: "Cross_entropy."
        return re.sub(r"[^a-z0-9]", "", word.lower())

    known = {letters(option): option for option in options}
    quoted = [f'"{option}"' for option in options]
    quoted = ", ".join(quoted[:-1]) + " or " + quoted[-1]
    wanted = "one word is wanted" if count == 1 else f"{count} words are wanted"

    def behaviour(answer):
        if isinstance(answer, str) and count > 1:
            answer = answer.split("," if "," in answer else None)
        words = np.array(answer, dtype=object).ravel().tolist()
        if len(words) != count or not all(isinstance(word, str) for word in words):
            raise Wrong(f"{wanted}, in quotes: {quoted}.")
        for word in words:
            if letters(word) not in known:
                raise Wrong(f"{brief(word)} is none of the words: {quoted}.")
        return ", ".join(known[letters(word)] for word in words)

    return behaviour


def function(**probes):
    """A function's results on probe inputs: function(small=(2, 3), large=(9, 4)).

    Each probe is a tuple of arguments; its name tells the learner which one it was.
    """

    def behaviour(answer):
        if not callable(answer):
            raise Wrong(f"a function is wanted; you have {brief(answer)}.")
        results = {}
        for name, arguments in probes.items():
            try:
                result = answer(*copy.deepcopy(arguments))  # theirs to change
                if result is None:
                    raise ReturnsNothing
                results[name] = array(result)
            except Exception as error:
                if results and isinstance(error, Wrong):  # those before were numbers
                    raise type(error)(f"{name}: {error}") from None
                if results:
                    error.add_note(name)
                raise
        return results

    return behaviour


def keras_model(answer):
    """A learner's Keras model: the answer itself, or what their function builds."""
    model = answer  # a model can be called, too
    if isinstance(answer, type) or (callable(answer) and not hasattr(answer, "layers")):
        model = answer()
    if model is None:
        raise ReturnsNothing
    if not hasattr(model, "count_params"):
        raise Wrong(f"a Keras model is wanted; you have a {type(model).__name__}.")
    return model


def guess_and_network(answer):
    """(guess from 0 to 1, Keras model) of a [guess, network], or a function's."""
    if callable(answer) and not hasattr(answer, "layers"):
        answer = answer()
    if not isinstance(answer, (list, tuple)) or len(answer) != 2:
        raise Wrong("two things are wanted, your guess and your trained network.")
    if callable(answer[0]):
        raise Wrong("first your guess, then the network.")
    guess, model = float(number(answer[0])), answer[1]
    if not 0 <= guess <= 1:
        raise Wrong(
            f"your guess is {guess:g}. An accuracy is a share of all images, from 0 to "
            "1: do you mean percent?"
        )
    if model is None:
        raise Wrong(
            "your network is `None`: `compile` gives nothing back. Give the network "
            "its name first; then call `compile` and `fit` on it."
        )
    if hasattr(model, "history") and not hasattr(model, "count_params"):
        raise Wrong("this is what `fit` gives back. The network is wanted.")
    return guess, keras_model(model)


@functools.cache
def held_out(share, source, fast):
    """((images, labels) set aside of these data, how many are left to train on)."""
    with contextlib.redirect_stdout(None):
        (images, labels), _ = data.load_mnist()
    (seen, _), (held, answers) = data.split_validation(images, labels, share)
    return (data.prepare(held), answers), len(seen)


def validation(share):
    """What `held_out` says of the data that are chosen now."""
    fast = os.environ.get("WORKSHOP_FAST")
    return held_out(share, data.chosen_source(), fast)


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


def _same(one, other, tolerance):
    """True where two results agree: shapes exactly, numbers within the tolerance."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(
            _same(one[key], other[key], tolerance) for key in one
        )
    if isinstance(one, str) or isinstance(other, str):
        return isinstance(one, str) and isinstance(other, str) and one == other
    try:
        one, other = np.asarray(one, "float64"), np.asarray(other, "float64")
    except (TypeError, ValueError):
        return False
    if one.size == other.size == 1:  # 3, [3] and a tensor of shape (1,)
        one, other = one.reshape(()), other.reshape(())
    return one.shape == other.shape and np.allclose(
        one, other, rtol=tolerance, atol=tolerance
    )


def _error(error):
    """The (verdict, text) on an error: its type, its message, the learner's line."""
    try:
        said = first_line(error)[:200] or "no message"
        probes = "".join(f" (tried with: {n})" for n in getattr(error, "__notes__", []))
    except Exception:
        said, probes = "no message", ""
    line = ""
    for frame, number in traceback.walk_tb(error.__traceback__):
        file = frame.f_code.co_filename
        if "site-packages" in file or UTILS in Path(file).parents:
            continue
        if "ellipsis" in said.lower() and ... in frame.f_code.co_consts:
            return NOT_ATTEMPTED, STILL_OPEN
        if code := linecache.getline(file, number).strip():
            line = f", in line {number}: `{code}`"
    return ERROR, f"{type(error).__name__}: {said}{line}{probes}"


def first_line(error):
    """What an error says first, without Keras's heading and TensorFlow's addresses."""
    text = re.sub(r"\x1b\[\d*m|{{.*?}} ?", "", str(error))
    text = re.sub(r"^Exception encountered when calling .*\n", "", text)
    return text.strip().split("\n")[0].strip()


def brief(value):
    """A value in a few words, also when it is huge."""
    if isinstance(value, np.ndarray):
        if value.size == 1:
            return brief(value.item())
        if value.size <= SHOWN:
            return np.array2string(value, precision=4, separator=", ").replace("\n", "")
        return f"an array of shape {value.shape}"
    try:
        if isinstance(value, numbers.Real):
            whole = float(value).is_integer() and abs(value) < 1e15
            return f"{float(value):.0f}" if whole else f"{float(value):.6g}"
        text = repr(value)
    except Exception:
        text = f"a {type(value).__name__}"
    return text if len(text) <= 60 else f"{text[:57]}..."


def _source(answer):
    """A learner's code, or the value where it has none."""
    try:
        return inspect.getsource(answer).strip()
    except (TypeError, OSError):
        return "(nothing yet)" if answer is ... else brief(answer)
