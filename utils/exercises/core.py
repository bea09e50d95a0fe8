"""Exercises that answer back: check, hint, solution.

An exercise compares *behaviour*. What the learner gives, a number, an array, a
function or a Keras model, is turned into plain results by `behaviour` (the value
itself, a function's outputs on probe inputs, a model's shapes), and these results are
compared with those of the right answer and of the mistakes that students really make.
A mistake is written down as the wrong answer itself, so the bank of mistakes is at once
what `check` recognises, what the tests feed in, and what the instructor reads.

`check` never raises, and a loop that never ends is stopped after a second or two.
"""

import copy
import ctypes
import html
import linecache
import numbers
import re
import sys
import threading
import time
import traceback
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

LESSONS = Path(__file__).resolve().parents[2] / "lessons"
SECONDS = 1.0  # how long a learner's own code may take
SHOWN = 12  # numbers of an array that a message shows; of a larger one, its shape

# The four verdicts: (words that come first, sign, colour of the border).
CORRECT = ("Correct.", "✓", "#009E73")
WRONG = ("Not yet.", "✗", "#D55E00")
NOT_ATTEMPTED = ("Not attempted.", "…", "#767676")
BLUE = "#0072B2"
ERROR = ("Your code raised an error.", "!", "#CC79A7")


class Wrong(Exception):
    """What a `behaviour` raises to say what is wrong with an answer."""


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
    message: str
    name: str = ""  # for the instructor's guide: "forgot the bias"


@dataclass
class Exercise:
    """One exercise.

    task: what is asked, in one line. objective: the lesson's objective it serves.
    right: the right answer. behaviour: turns an answer into results that can be
    compared (default: one number). mistakes: the bank. hints: from a nudge to nearly
    the answer. praise: what to say when it is right: one sentence that adds something.
    """

    task: str
    objective: str
    right: Any
    hints: list
    mistakes: list = field(default_factory=list)
    behaviour: Any = None
    praise: str = ""
    tolerance: float = 1e-4
    name: str = ""  # "q1", set by `Lesson`
    lesson: Any = None
    _hints_shown: int = 0

    def check(self, answer=...):
        """Show the verdict on an answer."""
        verdict, text = self.verdict(answer)
        if verdict is CORRECT:
            self.lesson.done.add(self.name)
        return Message(verdict, f"{self.name}: {text}" if text else self.name)

    def verdict(self, answer=...):
        """Return (verdict, text) without showing anything."""
        if answer is ... or (isinstance(answer, str) and answer.strip() in ("", "...")):
            return NOT_ATTEMPTED, "replace the ... by your answer and run the cell."
        outcome = _within(SECONDS, lambda: self._results(answer))
        if outcome is None:
            return WRONG, (
                f"your code did not finish within {SECONDS:g} seconds. "
                "Is there a loop that never ends?"
            )
        results, error = outcome
        if isinstance(error, _NotAttempted) or _stumbled_on_placeholder(answer, error):
            return NOT_ATTEMPTED, "your code still has the placeholder `...`."
        if isinstance(error, Wrong):
            return WRONG, str(error)
        if error is not None:
            return ERROR, _short(error)
        # A count is right or wrong; only a measured number may be a little off.
        tolerance = 1e-9 if isinstance(self.right, int) else self.tolerance
        if _same(results, self._results(self.right), tolerance):
            return CORRECT, self.praise
        for mistake in self.mistakes:
            try:
                usual = self._results(mistake.answer)
            except Wrong as wrong:  # recognised by the behaviour itself
                usual = wrong
            except Exception:
                continue
            if _same(results, usual, tolerance):
                return WRONG, mistake.message
        return WRONG, self._difference(results)

    def hint(self):
        """Show the next hint; the last one stays."""
        shown = min(self._hints_shown, len(self.hints) - 1)
        self._hints_shown += 1
        words = (f"Hint {shown + 1} of {len(self.hints)}.", "?", BLUE)
        return Message(words, self.hints[shown])

    def solution(self):
        """Show the solution, as the solved notebook has it."""
        return Message(("A solution.", "→", BLUE), self.solution_source(), True)

    def solution_source(self):
        """Return the code of the lesson's cell tagged "solution" and with our name."""
        text = self.lesson.source.read_text("utf-8")
        for cell in re.split(r"^# %%", text, flags=re.MULTILINE):
            head, _, body = cell.partition("\n")
            if '"solution"' in head and f'"{self.name}"' in head:
                return body.strip()
        raise LookupError(f"{self.lesson.source.name} has no solution of {self.name}")

    def _results(self, answer):
        behaviour = self.behaviour or number
        results = behaviour(answer)
        if _holds_placeholder(results):
            raise _NotAttempted
        return results

    def _difference(self, results):
        """A first difference that gives the learner something to work on."""
        expected = self._results(self.right)
        if isinstance(expected, dict) and isinstance(results, dict):
            for key, value in expected.items():
                yours = results.get(key)
                if _same(yours, value, self.tolerance):
                    continue
                if np.size(value) > SHOWN and np.shape(yours) == np.shape(value):
                    off = ~np.isclose(yours, value, self.tolerance, self.tolerance)
                    return (
                        f"{key}: the shape is right, but {off.sum()} of {off.size} "
                        "numbers are not."
                    )
                if brief(yours) == brief(value):
                    gap = np.abs(np.subtract(yours, value)).max()
                    return f"{key}: your result is wrong by up to {gap:.1g}."
                return f"{key}: expected {brief(value)}, you have {brief(yours)}"
        return f"{brief(results)} is not the answer. Try {self.name}.hint()."


class Lesson:
    """The exercises of one lesson: lesson.q1, lesson.q2, ... and lesson.progress().

    source: the name of the lesson's file, which holds the solutions.
    """

    def __init__(self, source, **exercises):
        self.source = LESSONS / source
        self.exercises, self.done = exercises, set()
        for name, exercise in exercises.items():
            exercise.name, exercise.lesson = name, self
            setattr(self, name, exercise)

    def progress(self):
        """Show how many exercises are done. Kept for this session only."""
        todo = [name for name in self.exercises if name not in self.done]
        words = f"{len(self.done)} of {len(self.exercises)} exercises done."
        text = f"Still open: {', '.join(todo)}." if todo else "All of them!"
        return Message((words, "→", BLUE), text)


class Message:
    """A verdict, a hint or a solution, as text and as HTML."""

    def __init__(self, words, text, code=False):
        (self.words, self.sign, self.colour), self.text = words, text
        self.code = code

    def __repr__(self):
        between = "\n\n" if self.code else " "
        return f"{self.sign} {self.words}{between}{self.text}"

    def _repr_html_(self):
        body = html.escape(self.text)
        body = f"<pre>{body}</pre>" if self.code else _backticks(body)
        return (
            f'<div role="status" style="border-left: 4px solid {self.colour}; '
            f'padding: 0.2em 0.8em; max-width: 46em">{self.sign} '
            f"<b>{self.words}</b> {body}</div>"
        )


def _backticks(text):
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", text)


# --- behaviours: from an answer to results that can be compared -----------------


def number(answer):
    """One number: 26, 26.0, np.float32(26), a tensor, an array of one."""
    if isinstance(answer, tuple) and len(answer) > 1:
        raise Wrong(
            "one number is wanted; a comma makes two of it. Python writes 0.5 with a "
            "point, and 1000 without a comma."
        )
    array = as_array(answer)
    if array.size != 1:
        raise Wrong(f"one number is wanted; yours has shape {array.shape}.")
    return array.reshape(())


def array(answer):
    """An array of numbers, its shape included."""
    return as_array(answer)


def choice(*options):
    """One of several words, in any case: choice("search", "rules", "learning")."""

    def behaviour(answer):
        if not isinstance(answer, str):
            raise Wrong(f"one of these words is wanted, in quotes: {_or(options)}.")
        word = _letters(answer)
        if word not in [_letters(option) for option in options]:
            raise Wrong(f"{brief(answer)} is none of the words: {_or(options)}.")
        return word

    return behaviour


def _letters(word):
    """A word without what is written in several ways: "Cross_entropy." """
    return re.sub(r"[^a-z0-9]", "", word.lower())


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
                results[name] = result if result is ... else as_array(result)
            except Wrong as wrong:
                if results:
                    raise type(wrong)(f"{name}: {wrong}") from None
                raise
            except Exception as error:
                if results:  # what came before was without an error
                    error.add_note(name)
                raise
        return results

    return behaviour


def keras_model(answer):
    """A learner's Keras model: the answer itself, or what a function of them builds."""
    model = answer() if callable(answer) and not hasattr(answer, "layers") else answer
    if model is None:
        raise ReturnsNothing
    if not hasattr(model, "count_params"):
        raise Wrong(f"a Keras model is wanted; you have a {type(model).__name__}.")
    return model


def as_array(value):
    """Numbers in any form (list, NumPy, TensorFlow, torch, JAX) as a float64 array."""
    if value is ...:
        raise _NotAttempted
    if callable(value) and not hasattr(value, "shape"):
        raise Wrong("you gave a function itself. Call it, or give the number.")
    if hasattr(value, "detach"):  # a torch tensor
        value = value.detach().cpu()
    try:
        # object, not numbers: None, strings, ragged lists
        if isinstance(value, numbers.Real):
            value = float(value)  # a Fraction, too
        result = np.asarray(value)
        if result.dtype.kind not in "biuf":
            raise TypeError
    except Exception:
        parts = value if isinstance(value, (list, tuple)) else []
        if any(isinstance(part, np.ndarray) and part.ndim for part in parts):
            raise Wrong(
                "a part of your list is a whole array: is a `.sum()` missing?"
            ) from None
        if any(callable(part) and not hasattr(part, "shape") for part in parts):
            raise Wrong(
                "a part of your list is a function itself: are the brackets `()` "
                "missing?"
            ) from None
        raise Wrong(f"numbers are wanted; you have {brief(value)}.") from None
    result = result.astype("float64")
    if not np.isfinite(result).all():
        raise NotFinite
    return result


# --- helpers --------------------------------------------------------------------


class _NotAttempted(Exception):
    pass


def _holds_placeholder(results):
    values = results.values() if isinstance(results, dict) else [results]
    return any(value is ... for value in values)


def _stumbled_on_placeholder(answer, error):
    """True where a function failed because of a `...` that is left in its code."""
    code = getattr(answer, "__code__", None)
    return (
        error is not None
        and code is not None
        and any(constant is ... for constant in code.co_consts)
        and "ellipsis" in str(error).lower()
    )


def _same(one, other, tolerance):
    """True where two results agree: shapes exactly, numbers within the tolerance."""
    if isinstance(one, Wrong) or isinstance(other, Wrong):
        return False
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


def _within(seconds, work):
    """Return (result, None) or (None, exception) of work(); None if it takes longer.

    What counts is the time in the learner's own code; a library that is busy (Keras
    builds a model on a slow laptop, say) may take ten times as long. Where the machine
    is busy with other programs, it is the processor's time, but at least a fifth of
    what has passed: sleep() needs no processor.

    The work runs in a thread of its own, since signals do not exist on Windows and
    would not reach a notebook's other threads. A thread that is late is told to stop.
    """
    outcome = []

    def target():
        try:
            outcome.append((work(), None))
        except BaseException as error:
            outcome.append((None, error))

    thread = threading.Thread(target=target, daemon=True)
    thread.start()
    started = last = time.monotonic()
    last_cpu = time.process_time()
    own = 0.0
    while own < seconds and last - started < 10 * seconds:
        thread.join(0.02)
        if not thread.is_alive():
            return outcome[0]
        now, cpu = time.monotonic(), time.process_time()
        if not _in_library(thread):
            own += min(now - last, max(cpu - last_cpu, (now - last) / 5))
        last, last_cpu = now, cpu
    ctypes.pythonapi.PyThreadState_SetAsyncExc(
        ctypes.c_ulong(thread.ident), ctypes.py_object(TimeoutError)
    )
    return None


def _in_library(thread):
    """True where the thread is, at this moment, in Python's or a package's own code."""
    frame = sys._current_frames().get(thread.ident)
    file = frame.f_code.co_filename if frame else ""
    return file.startswith((sys.prefix, sys.base_prefix, "<frozen"))


def first_line(error):
    """What an error says first, without Keras's heading and TensorFlow's addresses."""
    text = re.sub(r"\x1b\[\d*m|{{.*?}} ?", "", str(error))
    text = re.sub(r"^Exception encountered when calling .*\n", "", text)
    return text.strip().split("\n")[0].strip()


def _short(error):
    """An error in one line: its type, its message, and the learner's line."""
    text = f"{type(error).__name__}: {first_line(error)[:200] or 'no message'}"
    probe = "".join(
        f" (tried with: {note})" for note in getattr(error, "__notes__", [])
    )
    here = Path(__file__).parents[1]  # utils: none of it is the learner's
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        path = Path(frame.filename)
        if "site-packages" in path.parts or here in path.parents:
            continue
        line = frame.line or linecache.getline(frame.filename, frame.lineno).strip()
        if line:
            return f"{text}, in line {frame.lineno}: `{line}`{probe}"
    return text + probe


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


def _or(options):
    quoted = [f'"{option}"' for option in options]
    return ", ".join(quoted[:-1]) + " or " + quoted[-1]
