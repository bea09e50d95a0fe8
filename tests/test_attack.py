"""Our own attack on the checks: answers that are right, wrong, hostile, nearly right.

`make test` runs a part of it, `make attack` all. The answers stand in answers/: in
lessonN.py beside each other

    ANSWERS = {"q1": [27, 27.0, ...]}                      right, however written
    WRONG = {"q1": [(28, "a part of the message"), ...]}   a beginner's; "" for any

at least eight of each; of a lesson's wrong ones at most a third may get the sentence
"... is not the answer". Beside them hostile.py. A test is made of each exercise, so a
lesson's author adds data only.
"""

import builtins
import functools
import importlib
import itertools
import os
import random
import re
import signal
import sys
import threading
import time
import warnings
from pathlib import Path

import jupytext
import matplotlib
import numpy as np
import pytest
from answers import hostile
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from conftest import FAST
from utils.exercises import behaviours
from utils.exercises.core import CORRECT, NOT_ATTEMPTED, NOT_FINISHED, WRONG

ROOT = Path(__file__).resolve().parents[1]
LESSONS = sorted(path.stem for path in (ROOT / "tests/answers").glob("lesson[0-9].py"))
DATA = {name: importlib.import_module(f"answers.{name}") for name in LESSONS}
CHECKS = {name: importlib.import_module(f"utils.exercises.{name}") for name in LESSONS}
EXERCISES = {
    f"{lesson}-{name}": exercise
    for lesson, module in CHECKS.items()
    for name, exercise in module.lesson.exercises.items()
}
# One where a number is wanted, a function, words, an array, a network.
KINDS = ("lesson4-q1", "lesson4-q2", "lesson1-q7", "lesson5-q1", "lesson3-q7")
GENERIC = "is not the answer. Try"
# For networks: to make one takes 50 ms.
FEW = settings(max_examples=5 if FAST else 30, deadline=None, derandomize=True)
EXAMPLES = settings(max_examples=10 if FAST else 200, deadline=None, derandomize=True)


def of_data(table):
    """(exercise, its part of the table) of each exercise that has one."""
    return [
        pytest.param(
            exercise, getattr(DATA[lesson], table)[name], id=f"{lesson}-{name}"
        )
        for lesson, module in CHECKS.items()
        for name, exercise in module.lesson.exercises.items()
        if name in getattr(DATA[lesson], table, {})
    ]


def made(answer):
    """The answer; where it is a trained network (a cached function), trained now."""
    return answer() if hasattr(answer, "cache_clear") else answer


def named(exercises):
    return [pytest.param(EXERCISES[name], id=name) for name in exercises]


@pytest.fixture(scope="module", autouse=True)
def keras_is_there():
    from utils import device

    device.setup()


@functools.cache
def starters(source):
    """The cells that the learner begins with: {"q1": its code, ...}."""
    found, starter = {}, ""
    for cell in jupytext.read(ROOT / "lessons" / source).cells:
        tags = cell.metadata.get("tags", [])
        if "exercise" in tags:
            starter = cell.source
        elif "solution" in tags:
            found |= dict.fromkeys(tags, starter)
    return found


def squeezed(text):
    return re.sub(r"\s|`", "", text)


def secrets(exercise):
    """What no message may contain: the code that the solution adds, and the number."""
    starter = starters(exercise.lesson.source)[exercise.name]
    given = {line.strip() for line in starter.splitlines()}
    for line in exercise.solution_source().splitlines():
        code = re.sub(r"#.*", "", line).strip()
        if code and line.strip() not in given:
            code = re.sub(r"^(return|\w+(, \w+)* [-+*]?=) ", "", code)
            if not re.fullmatch(r'\w*|"[^"]*",?', code) and len(squeezed(code)) > 4:
                yield squeezed(code)
    if isinstance(exercise.right, (int, float)) and exercise.right not in range(11):
        yield f"{exercise.right:.6g}"
        yield f"{exercise.right:,}"


TOLD = "a hint or message has a line of the solution in it: write one of them otherwise"


def leaks(exercise, text, answer=None):
    """The secrets in a text that the answer itself does not have."""
    return [
        secret
        for secret in secrets(exercise)
        if contains(text, secret) and not contains(behaviours.brief(answer), secret)
    ]


def contains(text, secret):
    if re.fullmatch(r"[-\d.,e]+", secret):
        return re.search(rf"(?<![\w.]){re.escape(secret)}(?!\w|[.,]\d)", text)
    return secret in squeezed(text)


@pytest.mark.parametrize(("exercise", "answers"), of_data("ANSWERS"))
def test_right_answers_pass(exercise, answers):
    assert len(answers) >= 3
    refused = [
        (answer, verdict)
        for answer in map(made, answers)
        if (verdict := exercise.verdict(answer))[0] is not CORRECT
    ]
    assert not refused


@pytest.mark.parametrize(("exercise", "answers"), of_data("ANSWERS"))
def test_a_right_answer_passes_whatever_was_left_on(exercise, answers):
    with np.errstate(all="raise"), warnings.catch_warnings():
        assert exercise.verdict(made(answers[0]))[0] is CORRECT


@pytest.mark.parametrize(("exercise", "answers"), of_data("WRONG"))
def test_wrong_answers_get_their_message(exercise, answers):
    others = []
    for one, words in answers:
        answer = made(one)
        verdict, text = exercise.verdict(answer)
        if verdict is CORRECT or words not in text or leaks(exercise, text, answer):
            others.append((answer, words, verdict[0], text))
    assert not others


@pytest.mark.parametrize("lesson", LESSONS)
def test_few_wrong_answers_get_a_generic_sentence(lesson):
    said = []
    for name, exercise in CHECKS[lesson].lesson.exercises.items():
        said += [exercise.verdict(made(a))[1] for a, _ in DATA[lesson].WRONG[name]]
    assert sum(GENERIC in text for text in said) <= len(said) / 3


@pytest.mark.parametrize("exercise", named(EXERCISES))
def test_no_message_gives_the_answer(exercise):
    for mistake in exercise.mistakes:
        _, text = exercise.verdict(mistake.answer)
        assert not leaks(exercise, text, mistake.answer), TOLD
    for nothing in (0, -1, 10**6, "word", [0, 0], lambda *_: 0, lambda *_: [[0.0]]):
        assert not leaks(exercise, exercise.verdict(nothing)[1], nothing), TOLD


@pytest.mark.parametrize("exercise", named(EXERCISES))
def test_no_hint_is_the_answer(exercise):
    assert not [hint for hint in exercise.hints if leaks(exercise, hint)], TOLD


@pytest.mark.parametrize("exercise", named(EXERCISES))
def test_a_leak_would_be_found(exercise):
    """The secrets are those of the solution, and not of the task."""
    assert all(leaks(exercise, f"Write {secret}.") for secret in secrets(exercise))
    assert set(leaks(exercise, exercise.solution_source())) <= set(secrets(exercise))


def test_most_exercises_have_a_secret():
    assert sum(bool(list(secrets(exercise))) for exercise in EXERCISES.values()) >= 40


@pytest.mark.parametrize("exercise", named(EXERCISES))
def test_a_tutor_is_not_told_the_answer(exercise, capsys):
    exercise._checked = (..., "nothing yet.")
    exercise.ask()
    for answer in (0, "word", no_answer):
        exercise.check(answer)
        exercise.ask()
    told = capsys.readouterr().out
    assert exercise.task in told
    assert exercise.objective in told
    assert "one question at a time" in told
    assert "def no_answer(*_):\n" in told
    assert not leaks(exercise, told), TOLD


def no_answer(*_):
    return 0


def state():
    """What a check must leave as it was."""
    numpys = np.random.get_state()  # noqa: NPY002
    return {
        "random": random.getstate(),
        "np.random": (*numpys[:1], tuple(numpys[1]), *numpys[2:]),
        "np.geterr": np.geterr(),
        "warnings": list(warnings.filters),
        "folder": os.getcwd(),
        "matplotlib": dict(matplotlib.rcParams),
        "stdout": sys.stdout,
        "SIGALRM": hasattr(signal, "SIGALRM") and signal.getsignal(signal.SIGALRM),
        "timer": hasattr(signal, "setitimer") and signal.getitimer(signal.ITIMER_REAL),
        "threads": set(threading.enumerate()),
    }


@pytest.mark.parametrize("name", EXERCISES)
def test_hostile_answers(name, monkeypatch, capsys):
    exercise = EXERCISES[name]
    exact = {"lesson4-q1": hostile.VALUES, "lesson4-q2": hostile.FUNCTIONS}.get(
        name, ()
    )
    monkeypatch.setattr(exercise, "seconds", 1 if exact else 0.3)
    monkeypatch.setattr(sys, "stdin", None)
    # Where Stopped comes inside a destructor, Python reports it and goes on.
    monkeypatch.setattr(sys, "unraisablehook", lambda *_: None)
    exercise.verdict(0)  # what is known once, is known
    ours = [(each, getattr(builtins, each)) for each in ("len", "isinstance")]
    for case in hostile.VALUES + hostile.FUNCTIONS:
        what, answer, wanted = case
        if FAST and name not in KINDS and wanted is NOT_FINISHED:
            continue
        before, began = state(), time.monotonic()
        with warnings.catch_warnings():  # a coroutine that nobody waits for
            warnings.simplefilter("ignore")
            verdict, text = exercise.verdict(answer)
        for each, value in ours:
            setattr(builtins, each, value)
        assert len(capsys.readouterr().out) < 20_000, what
        assert time.monotonic() - began < 5, what
        assert verdict is not CORRECT, what
        assert 0 < len(text) < 400, what
        if any(case is each for each in exact):
            assert verdict is wanted, (what, verdict, text)
        for thread in set(threading.enumerate()) - before["threads"]:
            thread.join(1)  # the learner's own
        after = state()
        after["threads"] &= before["threads"]
        before["threads"] &= after["threads"]
        assert after == before, what


# --- property tests: near the right answer ---------------------------------------


# The right answer is a function with numbers as results; lesson4-q7 makes a network.
FUNCTIONS = [
    name
    for name, exercise in EXERCISES.items()
    if callable(exercise.right) and name != "lesson4-q7"
]


def changed(exercise, change):
    """The right function, its results changed."""

    def answer(*arguments):
        result = exercise.right(*arguments)
        if isinstance(result, tuple):
            return tuple(change(np.asarray(part, "float64")) for part in result)
        return change(np.asarray(result, "float64"))

    return answer


factors = st.floats(-3, 3).filter(lambda factor: abs(factor - 1) > 0.02)
offsets = st.floats(-100, 100).filter(lambda offset: abs(offset) > 0.02)


@pytest.mark.parametrize("exercise", named(FUNCTIONS))
@given(factor=factors, offset=offsets, power=st.sampled_from([2, 0.5]))
@EXAMPLES
def test_changed_results_are_refused(exercise, factor, offset, power):
    for change in (
        lambda x: x * factor,
        lambda x: x + offset,
        lambda x: np.sign(x) * abs(x) ** power,
        lambda x: x.sum() + offset,
    ):
        expected = exercise._expected
        same = {k: change(np.asarray(v, "float64")) for k, v in expected.items()}
        if not behaviours.same(same, expected, 1e-2):  # 0 and 1 have their own squares
            verdict, text = exercise.verdict(changed(exercise, change))
            assert verdict is not CORRECT
            assert verdict is not NOT_ATTEMPTED, text


@pytest.mark.parametrize("exercise", named(FUNCTIONS))
@given(place=st.integers(0, 10**6), axis=st.integers(0, 3))
@EXAMPLES
def test_a_part_left_out_is_refused(exercise, place, axis):
    def without_one(x):
        x = x.copy()
        x.flat[place % x.size] = 0
        return x

    def swapped(x):
        return np.swapaxes(x, axis % x.ndim, -1) if x.ndim > 1 else x[::-1]

    def turned(x):
        return np.flip(x, axis % x.ndim) if x.ndim else -x

    for change in (without_one, swapped, turned):
        answer = changed(exercise, change)
        try:
            results = (exercise.behaviour or behaviours.number)(answer)
        except Exception:
            assert exercise.verdict(answer)[0] is not CORRECT
            continue
        if not behaviours.same(results, exercise._expected, 1e-2):
            assert exercise.verdict(answer)[0] is not CORRECT


NUMBERS = [name for name, e in EXERCISES.items() if isinstance(e.right, (int, float))]


@pytest.mark.parametrize("exercise", named(NUMBERS))
@given(factor=factors, count=st.integers(-(10**6), 10**6))
@EXAMPLES
def test_other_numbers_are_refused(exercise, factor, count):
    close = 0.01 if isinstance(exercise.right, float) else 0
    close = max(close, 3 * exercise.tolerance if close else 0)
    if exercise is EXERCISES["lesson6-q7"]:
        close = 0.04  # a loss below 0.01 is good: 4 * (1 - rate) below 0.141
    for answer in (exercise.right * factor, exercise.right + count, count):
        if abs(answer - exercise.right) > close * max(1, abs(exercise.right)):
            assert exercise.verdict(answer)[0] is WRONG, answer


ARRAYS = [
    name
    for name, exercise in EXERCISES.items()
    if isinstance(exercise.right, list) and len(exercise.right) > 1
]


@pytest.mark.parametrize("exercise", named(ARRAYS))
@given(data=st.data())
@EXAMPLES
def test_other_lists_are_refused(exercise, data):
    """Other numbers are, where their results are others; other words always."""
    right = exercise.right
    if isinstance(right[0], str):
        answer = data.draw(st.permutations(right))
    else:
        answer = data.draw(st.lists(st.integers(-5, 5), max_size=len(right) + 1))
    try:
        results = exercise.behaviour(answer)
    except behaviours.Wrong:
        results = None
    assume(not behaviours.same(results, exercise._expected, 1e-2))
    assert exercise.verdict(answer)[0] is not CORRECT
    assert exercise.verdict(tuple(itertools.chain(answer, answer)))[0] is not CORRECT


WORDS = [
    name for name, exercise in EXERCISES.items() if isinstance(exercise.right, str)
]


@pytest.mark.parametrize("exercise", named(WORDS))
@given(place=st.integers(0, 20), letter=st.sampled_from("aeinrst "), data=st.data())
@EXAMPLES
def test_other_words_are_refused(exercise, place, letter, data):
    """A letter too few, too many, or another one; and the letters in another order."""
    right = exercise.right
    place %= len(right)
    for answer in (
        right[:place] + right[place + 1 :],
        right[:place] + letter + right[place:],
        right[:place] + letter + right[place + 1 :],
        "".join(data.draw(st.permutations(right))),
    ):
        if re.sub(r"\W", "", answer.lower()) != re.sub(r"\W", "", right.lower()):
            assert exercise.verdict(answer)[0] is not CORRECT, answer


LAYERS = (
    *(("Conv2d", 1, 32, 3), ("ReLU",), ("MaxPool2d", 2)),
    *(("Conv2d", 32, 64, 3), ("ReLU",), ("MaxPool2d", 2), ("Flatten",)),
    ("Linear", 1600, 10),
)


@given(
    place=st.integers(0, len(LAYERS) - 1),
    size=st.integers(0, 2),
    more=st.sampled_from([None, 1, -1, 2]),
)
@EXAMPLES
def test_other_networks_in_pytorchs_words_are_refused(place, size, more):
    """A layer left out; or one of its numbers, a little larger or smaller."""
    layers = [list(layer) for layer in LAYERS]
    if more is None or len(layers[place]) == 1:
        del layers[place]
    else:
        layers[place][1 + size % (len(layers[place]) - 1)] += more

    def answer(nn):
        return nn.Sequential(*(getattr(nn, name)(*sizes) for name, *sizes in layers))

    assert EXERCISES["lesson2-q5"].verdict(answer)[0] is not CORRECT


@given(
    units=st.lists(st.integers(8, 30), min_size=1, max_size=3),
    activation=st.sampled_from(["relu", "tanh", "sigmoid", "elu", "gelu", "softmax"]),
    place=st.integers(0, 2),
)
@FEW
def test_a_layer_without_activation_is_found(units, activation, place):
    from utils.exercises import lesson3

    wanted = {None: "", place % len(units): "activation"}
    for linear, words in wanted.items():
        _, model = lesson3.network(*units, activation=activation, linear=linear)()
        found = lesson3.structure(model)
        assert words in found if words else not found


@given(
    what=st.sampled_from(["filters", "dense", "units"]),
    size=st.integers(1, 200),
    pool=st.integers(1, 3),
)
@FEW
def test_other_small_networks_are_refused(what, size, pool):
    from utils.exercises import lesson4

    right = size == {"filters": 64, "dense": 128, "units": 10}[what] and pool > 1
    build = lesson4.small_model(
        lambda layers: layers.MaxPooling2D(pool), **{what: size}
    )
    assert (lesson4.q7.verdict(build)[0] is CORRECT) == right


@pytest.mark.parametrize("name", ["lesson3-q7", "lesson4-q8", "lesson4-q9"])
@given(guess=st.floats(0, 1))
@FEW
def test_a_guess_far_off_is_refused(name, guess):
    lesson, q = name.split("-")
    near, model = made(DATA[lesson].ANSWERS[q][0])
    assume(abs(guess - near) > 0.4)  # twice the widest band
    assert EXERCISES[name].verdict([guess, model])[0] is not CORRECT
