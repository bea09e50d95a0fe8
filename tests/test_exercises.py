"""Every exercise of every lesson: right answers, usual mistakes, rubbish."""

import importlib
import math
import re
import tracemalloc
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import scipy.ndimage

from tools import guide
from utils.autograd import Value
from utils.exercises import behaviours, core
from utils.exercises.core import CORRECT, ERROR, NOT_ATTEMPTED, WRONG
from utils.plotting import colours

ROOT = Path(__file__).resolve().parents[1]
FOLDER = Path(core.__file__).parent
LESSONS = sorted(path.stem for path in FOLDER.glob("lesson[0-9].py"))
MODULES = {name: importlib.import_module(f"utils.exercises.{name}") for name in LESSONS}
ANSWERS = {name: importlib.import_module(f"answers.{name}").ANSWERS for name in LESSONS}
EXERCISES = [
    pytest.param(exercise, ANSWERS[lesson].get(name, []), id=f"{lesson}-{name}")
    for lesson, module in MODULES.items()
    for name, exercise in module.lesson.exercises.items()
]
every_exercise = pytest.mark.parametrize(("exercise", "answers"), EXERCISES)


@pytest.mark.parametrize("lesson", LESSONS)
def test_there_are_eight_answers_of_each_kind(lesson):
    tables = importlib.import_module(f"answers.{lesson}")
    for name in MODULES[lesson].lesson.exercises:
        for table in ("ANSWERS", "WRONG"):
            there = len(getattr(tables, table).get(name, ()))
            place = f"tests/answers/{lesson}.py, {table}"
            assert there >= 8, f"{place}: {name} has {there} answers, wanted 8"


@pytest.fixture(autouse=True)
def keras_is_there(request):
    """As in their notebooks: importing Keras takes longer than an answer may."""
    if re.search(r"\[lesson[234]-", request.node.name):
        request.getfixturevalue("keras")


def raises(*args):
    return 1 / 0


@every_exercise
def test_each_usual_mistake_gets_its_own_message(exercise, answers):
    for mistake in exercise.mistakes:
        verdict, text = exercise.verdict(mistake.answer)
        assert verdict is WRONG, (mistake, text)
        assert mistake.message in text
        assert mistake.name, "the instructor's guide prints a name"
    names = [mistake.name for mistake in exercise.mistakes]
    assert len(set(names)) == len(names)


def no_return_at_the_end(losses, patience):
    """Right where training stops early."""
    for epoch in range(1, len(losses) + 1):
        if epoch - 1 - int(np.argmin(losses[:epoch])) >= patience:
            return epoch


def formula_below_the_tape(x):
    import tensorflow as tf

    x = tf.Variable(x)
    with tf.GradientTape() as tape:
        pass
    return tape.gradient(x**2 * tf.sin(x), x)


def relu_without_brackets(nn):
    return nn.Sequential(nn.Conv2d(1, 32, 3), nn.ReLU)


def softmax_with_the_mean(z):
    powers = np.exp(z - z.mean(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def reads_100_numbers():
    import keras

    return keras.Sequential([keras.Input((100,)), keras.layers.Dense(10)])


def wrong_reshape():
    import keras

    return keras.Sequential([keras.Input((28, 28, 1)), keras.layers.Reshape((100,))])


def multiplies_wrong_shapes(x):
    import tensorflow as tf

    return tf.matmul(tf.ones((2, 3)), tf.ones((2, 3)))


# What people write, and a part of what they should read.
SAID = [
    (
        *("lesson1", "q3"),
        lambda w, b, x, target: (w - x, b - 1) if target == 0 else (w + x, b + 1),
        "(w1, w2, b)",
    ),
    ("lesson1", "q7", 163.95 / 86_400, "hours or days"),
    ("lesson2", "q3", formula_below_the_tape, "did not see how y is made from x"),
    ("lesson2", "q3", multiplies_wrong_shapes, "InvalidArgumentError: Matrix size"),
    ("lesson2", "q5", relu_without_brackets, "are its brackets missing?"),
    (
        *("lesson2", "q8"),
        lambda kernel, *sizes: kernel.T[::-1],
        "the shape is right, but",
    ),
    ("lesson3", "q6", softmax_with_the_mean, "one very small logit"),
    ("lesson3", "q7", lambda: (0.9, reads_100_numbers()), "its input has shape (100,)"),
    (
        *("lesson3", "q7", lambda: (0.9, wrong_reshape())),
        "ValueError: The total size of the tensor must",
    ),
    ("lesson4", "q5", 1_245_184, "anew at each pixel"),
    ("lesson4", "q5", 1_245_185, "1245185 is not the answer"),
    ("lesson5", "q1", [2, 0, 1], "'A > B, A > C, B < C' is not the answer"),
    ("lesson5", "q3", lambda p, q: -(q * np.log2(p)).sum(), "p and q are exchanged"),
    ("lesson5", "q4", (0, 69), "a comma makes two of it"),
    (
        *("lesson5", "q7"),
        lambda z, label: math.log(sum(math.exp(x) for x in z)) - z[label],
        "right for small logits",
    ),
    (
        *("lesson6", "q3"),
        lambda f, w: [(f(w) - f(w - row)) / 1e-5 for row in 1e-5 * np.eye(len(w))],
        "to one side only, downwards",
    ),
    ("lesson6", "q4", lambda w, gradient, rate: w - rate ^ gradient, "not a power"),
    ("lesson6", "q6", lambda value: Value(8, "", "", [(value, None)]), "plain number"),
    (
        *("lesson6", "q10"),
        lambda w, v, slope, rate, m: (w + m * v - 0.1 * slope, m * v - 0.1 * slope),
        "momentum 0.9",
    ),
    ("lesson7", "q2", ["test"] * 4, "1 of your 4 words stand where they belong."),
    ("lesson7", "q5", no_return_at_the_end, "losses"),
    (
        *("lesson7", "q6"),
        lambda old, new: [(old & ~new).sum, (~old & new).sum],
        "are the brackets `()` missing?",
    ),
    (
        *("lesson7", "q7"),
        lambda image: [scipy.ndimage.center_of_mass(image)[0], (image * 2).sum(axis=0)],
        "a part of your list is a whole array",
    ),
]


@pytest.mark.parametrize(("lesson", "name", "answer", "words"), SAID)
def test_what_is_said_of_an_answer(lesson, name, answer, words):
    verdict, text = MODULES[lesson].lesson.exercises[name].verdict(answer)
    assert verdict in (WRONG, ERROR)
    assert words in text


@every_exercise
def test_nothing_given_is_not_attempted(exercise, answers):
    for nothing in ((), (...,), ("...",)):
        verdict, _ = exercise.verdict(*nothing)
        assert verdict is NOT_ATTEMPTED


@every_exercise
def test_exercise_is_complete(exercise, answers):
    source = (ROOT / "lessons" / exercise.lesson.source).read_text("utf-8")
    assert f"# - {exercise.objective}\n" in source, "not one of the lesson's objectives"
    assert f"ex.{exercise.name}.check(" in source
    assert len(exercise.hints) >= 2
    assert exercise.solution_source()


@pytest.mark.parametrize("lesson", LESSONS)
def test_lesson_has_exercises_enough(lesson):
    module = MODULES[lesson]
    assert len(module.lesson.exercises) >= 4
    for name, exercise in module.lesson.exercises.items():
        assert getattr(module, name) is exercise


def test_solutions_are_those_of_the_lessons():
    assert core.SOLUTIONS.read_text("utf-8") == guide.solutions(), "make texts"


def test_check_shows_itself(capsys):
    lesson4 = MODULES["lesson4"]
    for answer in (18, 27):
        assert lesson4.q1.check(answer) is None
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith("✗ Not yet. q1: 18 is the sum at row 0")
    assert second.startswith("✓ Correct. q1: ")


def test_use_gives_the_learners_answer_or_ours(capsys):
    q2 = MODULES["lesson4"].q2
    mine = ANSWERS["lesson4"]["q2"][0]
    for _ in range(2):  # as it is, and just after its check
        assert q2.use(mine) is mine
        assert capsys.readouterr().out == "From here on: your answer to q2.\n"
        q2.check(mine)
        capsys.readouterr()
    for wrong in (..., lambda image, kernel: image):
        ours = q2.use(wrong)
        assert q2.verdict(ours)[0] is CORRECT
        said = capsys.readouterr().out
        assert "the course's own answer to q2, until yours is right." in said


def test_use_does_not_run_what_was_just_checked():
    """A loop that never ends is waited for once."""
    q2, runs = MODULES["lesson4"].q2, []

    def wrong(image, kernel):
        runs.append(image)
        return image

    q2.check(wrong)
    before = len(runs)
    assert q2.use(wrong) is q2.right
    assert len(runs) == before > 0


def test_a_verdict_has_its_sign_and_its_colour():
    """As everywhere else: green is right."""
    said = {CORRECT: ("✓", colours.GREEN), WRONG: ("✗", colours.ORANGE)}
    for verdict, (sign, colour) in said.items():
        shown = core.Message(verdict, "")
        assert repr(shown).startswith(f"{sign} {verdict[0]}")
        assert f"solid {colour};" in shown._repr_html_()


def test_an_error_names_the_probe_that_raised_it():
    three = exercise(
        abs, probes={"one": (1,), "none": (0,), "two": (2,)}, behaviour=None
    )
    assert three.verdict(lambda x: 1 / x)[1].endswith("(tried with: none)")
    _, text = three.verdict(lambda x: abs(x) if x < 2 else 3)
    assert text == "two: expected 2, you have 3"


def test_a_message_is_read_aloud_and_escaped():
    shown = core.Message(WRONG, "use `x` <script>")._repr_html_()
    assert 'role="status"' in shown
    assert "<code>x</code> &lt;script&gt;" in shown


def test_error_names_the_learners_line():
    verdict, text = MODULES["lesson4"].q2.verdict(raises)
    assert verdict is ERROR
    line = raises.__code__.co_firstlineno + 1
    assert (
        text == f"ZeroDivisionError: division by zero, in line {line}: `return 1 / 0`"
    )


def test_check_leaks_no_answer():
    for module in MODULES.values():
        for exercise in module.lesson.exercises.values():
            if not isinstance(exercise.right, (int, float)):
                continue
            for rubbish in (None, "a", [7.5, 8.5], 987.654, lambda: 0):
                _, text = exercise.verdict(rubbish)
                answer = rf"(?<![\d.q]){exercise.right:g}(?![\d.]\d)"
                assert not re.search(answer, text), (exercise.name, text)


def test_check_leaks_no_words():
    order, parts = MODULES["lesson1"].q1, MODULES["lesson7"].q2
    assert order.right not in order.verdict(order.right[::-1])[1]
    text = parts.verdict(["test"] * len(parts.right))[1]
    assert not any(f"`{part}`" in text or f"'{part}'" in text for part in parts.right)


def test_hints_lead_from_first_to_last(capsys):
    exercise = core.Exercise("one", "an objective", right=1, hints=["a b", "c", "d"])
    core.Lesson("04_cnn.py", {"q1": exercise})
    last = len(exercise.hints)
    for number in [*range(1, last + 1), last, last]:
        exercise.hint()
        said = capsys.readouterr().out
        assert f"Hint {number} of {last}." in said
        assert exercise.hints[number - 1] in said


def test_words_in_another_order_are_not_there_twice():
    q5 = MODULES["lesson3"].q5
    first, second, *others = q5.right
    text = q5.verdict([second, first, *others])[1]
    assert text == "4 of your 6 words stand where they belong."


def test_a_fault_of_our_own_is_said_and_not_raised():
    broken = core.Exercise("one", "an objective", right=1, hints=["hint"])
    broken.behaviour = None
    assert broken.verdict(1) == (core.ERROR, core.BROKEN)


def test_of_a_large_array_the_wrong_numbers_are_counted():
    right = np.arange(20.0)
    exercise = core.Exercise(
        "one",
        "an objective",
        right=lambda x: right,
        hints=["hint"],
        probes={"20 numbers": (1.0,)},
    )
    said = exercise.verdict(lambda x: right + (right < 3))[1]
    assert "20 numbers: the shape is right, but 3 of 20 numbers are not." in said
    said = exercise.verdict(lambda x: right[:15])[1]
    assert "expected an array of shape (20,), you have an array of shape (15,)" in said


def test_an_assistant_is_told_what_was_answered_or_that_nothing_was(capsys):
    q1 = core.Exercise("one", "an objective", right=1, hints=["hint"])
    core.Lesson("04_cnn.py", {"q1": q1})
    q1.ask()
    assert "(nothing yet)" in capsys.readouterr().out
    q1.check(12345)
    q1.ask()
    said = capsys.readouterr().out
    assert said.rpartition("→")[2].startswith(" Copy this to an assistant.\n\n")
    assert "12345" in said
    assert "(nothing yet)" not in said


def test_progress_counts_each_exercise_once(capsys):
    q1 = core.Exercise("one", "an objective", right=1, hints=["hint"])
    q2 = core.Exercise("two", "an objective", right=2, hints=["hint"])
    lesson = core.Lesson("04_cnn.py", {"q1": q1, "q2": q2})
    lesson.progress()
    assert "0 of 2 exercises done" in capsys.readouterr().out
    q1.check(3)
    lesson.progress()
    assert "0 of 2 exercises done" in capsys.readouterr().out
    for answer in (1, 1.0, 2):
        q1.check(answer)
    lesson.progress()
    assert "1 of 2 exercises done. Still open: q2." in capsys.readouterr().out


def exercise(right, **settings):
    """An exercise of no lesson."""
    made = core.Exercise("a task", "an objective", right, hints=["hint"], **settings)
    return core.Lesson("04_cnn.py", {"q1": made}).exercises["q1"]


@pytest.mark.parametrize(
    "answer",
    [
        *(2.5, Decimal("2.5"), Fraction(5, 2), np.float32(2.5), np.array(2.5), [2.5]),
        *(np.array(Fraction(5, 2), dtype=object), (Decimal("2.5"),), np.array([[2.5]])),
    ],
)
def test_any_real_number_is_read(answer):
    assert exercise(2.5).verdict(answer)[0] is CORRECT
    assert (
        exercise([2.5, 1], behaviour=behaviours.array).verdict(
            [np.squeeze(answer)[()], 1]
        )[0]
        is CORRECT
    )


@pytest.mark.parametrize("answer", ["2.5", None, 2.5j, [None], {2.5}, [2.5, "x"], dict])
def test_what_is_no_number_is_refused(answer):
    assert exercise(2.5).verdict(answer)[0] is WRONG


@pytest.mark.parametrize("name", ["lesson1-q1", "lesson1-q6", "lesson6-q2"])
def test_words_are_not_looked_for_in_a_huge_array(name):
    """No alarm can cut short what NumPy does: four million objects, 160 MB."""
    lesson, q = name.split("-")
    huge = np.zeros((2000, 2000))
    tracemalloc.start()
    verdict, _ = MODULES[lesson].lesson.exercises[q].verdict(huge)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert verdict is WRONG
    assert peak < 10**7


def test_a_number_may_be_rounded_to_three_digits():
    ln4 = exercise(math.log(4))
    for answer in (1.39, 1.386, 1.3863, 1.38629, math.log(4)):
        assert ln4.verdict(answer)[0] is CORRECT, answer
    for answer in (1.4, 1.38, 1.3, 0.0139, -1.39):
        assert ln4.verdict(answer)[0] is WRONG, answer
    assert exercise(2.5).verdict(2.51)[0] is WRONG
    assert exercise(1386).verdict(1390)[0] is WRONG


def test_a_mistake_is_recognised_within_the_tolerance_of_a_right_number():
    mistakes = {0.2501: "bank | the sum of the bank"}
    quarter = exercise(0.25, tolerance=0.005, mistakes=mistakes)
    assert quarter.verdict(0.2501) == (WRONG, "the sum of the bank")
    assert quarter.verdict(0.2503)[0] is CORRECT


@pytest.mark.parametrize(
    ("answer", "place"),
    [
        ([0, 1, ...], 3),
        ((..., 1), 1),
        (["a", "..."], 2),
        (np.array([0, ...]), 2),
    ],
)
def test_a_part_that_is_still_open_is_named(answer, place):
    for module in MODULES.values():
        for asked in module.lesson.exercises.values():
            verdict, text = asked.verdict(answer)
            assert verdict is NOT_ATTEMPTED
            assert f"part {place} of your answer is still" in text


def test_an_open_place_in_a_function_is_found_where_it_fails():
    def helper(x):
        return x + ...

    def open_place(*arguments):
        return [helper(number) for number in (1.0, 2.0)]

    for answer in (open_place, lambda *a: ..., lambda *a: [1, ...]):
        assert MODULES["lesson4"].q2.verdict(answer)[0] is NOT_ATTEMPTED


@pytest.mark.parametrize(
    "answer",
    [
        *(["a b", "c"], ("A-B", "C."), "a b, c", np.array(["a b", "c"])),
        np.array(["a b", "c"], dtype=object),
    ],
)
def test_words_are_read_in_any_form(answer):
    words = behaviours.choice("a b", "c", count=2)
    assert exercise(["a b", "c"], behaviour=words).verdict(answer)[0] is CORRECT
    word = behaviours.choice("error", "none")
    assert exercise("error", behaviour=word).verdict(np.array("Error"))[0] is CORRECT


def test_no_lesson_puts_the_courses_answer_under_the_learners_name():
    """Else a second check of the same cell finds it right."""
    for path in (ROOT / "lessons").glob("[0-9]*.py"):
        pairs = re.findall(r"(\w+) = ex\.\w+\.use\((\w+)\)", path.read_text("utf-8"))
        assert [name for name, given in pairs if name == given] == [], path
    assert pairs


@every_exercise
def test_an_exercise_does_not_show_its_answer(exercise, answers):
    assert repr(exercise) == (
        f"{exercise.name}: {exercise.task}. ex.{exercise.name}.check(...), .hint()"
    )


def test_only_the_images_that_are_held_out_become_floats(mnist_file, monkeypatch):
    """A check reads all of MNIST anew: 55 MB as bytes, four times as much as floats."""
    monkeypatch.setenv("WORKSHOP_DATA", str(mnist_file))
    monkeypatch.setenv("WORKSHOP_FAST", "0")
    tracemalloc.start()
    held_out = behaviours.held_out.__wrapped__
    (images, labels), left = held_out(1 / 12, str(mnist_file), "0")
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (images.shape, len(labels), left) == ((5000, 28, 28, 1), 5000, 55_000)
    assert images.max() == 1
    assert most < 250e6
