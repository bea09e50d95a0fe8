"""Every limit of the checks, of tries, rubric and data: just inside, just outside.

The limits are typed here once more, on purpose: one that moves is a decision. Those of
the doctor are in test_doctor.py, those of a day in test_runsheet.py.
"""

import math
import zipfile
from types import SimpleNamespace

import numpy as np
import pytest
from test_attack import EXERCISES, changed
from test_attack import FUNCTIONS as ALL_FUNCTIONS

from utils import project, tries
from utils.exercises import behaviours, core, guard, lesson1, lesson3, lesson4
from utils.exercises.core import CORRECT, WRONG

pytestmark = pytest.mark.usefixtures("keras")

# --- how far off a right answer may be --------------------------------------------

# Relative and absolute, where it is not the usual 1e-4.
TOLERANCES = {
    "lesson1-q7": 0.02,
    "lesson2-q5": 1e-5,
    "lesson3-q8": 5e-3,
    "lesson5-q2": 1e-3,
    "lesson5-q4": 5e-3,
    "lesson5-q5": 5e-3,
    "lesson6-q1": 1e-6,
    "lesson6-q3": 1e-7,
    "lesson6-q9": 1e-6,
}
NUMBERS = [
    name
    for name, exercise in EXERCISES.items()
    if isinstance(exercise.right, float) and name != "lesson6-q7"  # see below
]
COUNTS = [name for name, one in EXERCISES.items() if isinstance(one.right, int)]
FUNCTIONS = (  # all results with fractions; no networks, no steps that add errors up
    *("lesson2-q3", "lesson3-q2", "lesson3-q4", "lesson3-q6", "lesson4-q4"),
    *("lesson5-q3", "lesson5-q6", "lesson5-q8"),
    *("lesson6-q3", "lesson6-q4", "lesson6-q5", "lesson6-q9"),
)


@pytest.mark.parametrize("name", NUMBERS)
def test_a_number_within_its_tolerance_is_right(name):
    exercise, most = EXERCISES[name], TOLERANCES.get(name, 1e-4)
    most *= 1 + abs(exercise.right)
    for sign in (1, -1):
        assert exercise.verdict(exercise.right + 0.95 * sign * most)[0] is CORRECT
        assert exercise.verdict(exercise.right + 1.05 * sign * most)[0] is WRONG


@pytest.mark.parametrize("name", COUNTS)
def test_a_count_is_exact(name):
    exercise = EXERCISES[name]
    assert exercise.verdict(exercise.right * (1 + 1e-10))[0] is CORRECT
    for off in (0.5, 1, -1):
        assert exercise.verdict(exercise.right + off)[0] is WRONG


@pytest.mark.every_lesson
def test_no_function_with_fractions_is_forgotten():
    """Found when tests run, not while they are collected: it starts TensorFlow."""
    found = {
        name
        for name in ALL_FUNCTIONS
        for results in [EXERCISES[name]._expected.values()]
        if all(np.size(r) and np.any(r % 1) for r in results)
    }
    assert found - {"lesson2-q5", "lesson6-q10"} == set(FUNCTIONS)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_results_within_their_tolerance_are_right(name):
    exercise, most = EXERCISES[name], TOLERANCES.get(name, 1e-4)
    for part, right in ((0.9, True), (1.1, False)):
        answer = changed(exercise, lambda x, p=part: x + p * most * (1 + abs(x)))
        assert (exercise.verdict(answer)[0] is CORRECT) == right, part


def test_a_learning_rate_ends_near_the_minimum():
    """Lesson 6: where the loss is below 0.01, within 0.1414 of it."""
    q7 = EXERCISES["lesson6-q7"]
    for rate, right in ((0.965, 1), (1.035, 1), (0.964, 0), (1.036, 0)):
        assert (q7.verdict(rate)[0] is CORRECT) == right, rate


def an_exercise(right, **settings):
    made = core.Exercise("a task", "an objective", right, hints=["hint"], **settings)
    return core.Lesson("04_cnn.py", {"q1": made}).exercises["q1"]


def test_a_mistake_beside_the_right_number_is_met_to_a_millionth():
    mistakes = {0.2501: "bank | the sum of the bank"}
    quarter = an_exercise(0.25, tolerance=0.005, mistakes=mistakes)
    assert quarter.verdict(0.2501 + 1.2e-6) == (WRONG, "the sum of the bank")
    assert quarter.verdict(0.2501 + 1.3e-6)[0] is CORRECT


def test_an_answer_has_as_many_seconds_as_it_needs():
    """5; 20 where it builds networks; 60 where they read the validation images."""
    assert an_exercise(1).seconds == 5
    longer = {name: e.seconds for name, e in EXERCISES.items() if e.seconds != 5}
    assert longer == {"lesson2-q5": 20, "lesson4-q7": 20} | dict.fromkeys(
        ("lesson3-q7", "lesson4-q8", "lesson4-q9"), 60
    )


def test_a_guess_is_a_share():
    network = SimpleNamespace(count_params=int)
    for guess in (0, 1):
        assert behaviours.guess_and_network([guess, network]) == (guess, network)
    for guess in (-0.001, 1.001):
        with pytest.raises(behaviours.Wrong, match="a share of all images"):
            behaviours.guess_and_network([guess, network])


def test_what_a_message_shows_whole():
    """Twelve numbers, sixty letters, fifteen digits."""
    assert behaviours.brief(np.zeros(12)).count("0.") == 12
    assert behaviours.brief(np.zeros(13)) == "an array of shape (13,)"
    assert behaviours.brief("x" * 58) == f"'{'x' * 58}'"
    assert behaviours.brief("x" * 59) == f"'{'x' * 56}..."
    assert behaviours.brief(10.0**15 - 1) == "999999999999999"
    assert behaviours.brief(10.0**15) == "1e+15"
    assert behaviours.brief(1.25e15 + 0.5) == "1.25e+15"


def test_200_lines_of_80_letters_may_be_printed(capsys):
    for text in ("x\n" * 195, "x" * 80 * 200):
        assert guard.run(lambda text=text: print(text, end=""), 5) == (None, "")
    for text in ("x\n" * 196, "x" * (80 * 200 + 1)):
        assert "200 printed lines" in guard.run(lambda t=text: print(t, end=""), 5)[1]


# --- networks ---------------------------------------------------------------------


def which_reads(right, of, monkeypatch, module):
    """A network, of sorts, that reads so many of the validation images."""
    labels, read = np.zeros(of, int), np.arange(of) >= right
    monkeypatch.setattr(module, "validation", lambda share: ((None, labels), 0))
    monkeypatch.setattr(lesson3, "structure", lambda model: "")
    monkeypatch.setattr(lesson3, "_try", lambda *_: np.eye(2)[read.astype(int)])
    return SimpleNamespace(count_params=int)


@pytest.mark.parametrize(
    ("right", "of", "guess", "words"),
    [
        (199, 1000, 0.2, "as many as by guessing"),
        (200, 1000, 0.2, "at least 80% is wanted"),
        (799, 1000, 0.8, "at least 80% is wanted"),
        (800, 1000, 0.8, ""),
        (4000, 5000, 0.8, ""),  # fewer images to train on, too
        (4250, 5001, 0.85, "at least 85% is wanted"),
        (4251, 5001, 0.85, ""),
        (900, 1000, 0.949, ""),
        (900, 1000, 0.851, ""),
        (900, 1000, 0.951, "more than 5% away"),
        (900, 1000, 0.849, "more than 5% away"),
    ],
)
def test_lesson_3_judges_a_trained_network(right, of, guess, words, monkeypatch):
    model = which_reads(right, of, monkeypatch, lesson3)
    if words:
        with pytest.raises(behaviours.Wrong, match=words):
            lesson3.trained_behaviour((guess, model))
    else:
        assert lesson3.trained_behaviour((guess, model)) == "nothing"


def test_lesson_3_allows_30_000_parameters():
    """37 units are 29,425, and 38 are 30,220: there is nothing in between."""
    build = {units: lesson3.network(units, loss=True)()[1] for units in (37, 38)}
    assert lesson3.structure(build[37]) == ""
    with pytest.raises(behaviours.Wrong, match=r"30,220 parameters, more than 30,000"):
        lesson3.structure(build[38])


def dense_network(*layers_after, hidden="relu"):
    import keras
    from keras import layers

    keras.utils.set_random_seed(0)
    inside = [layers.Dense(20), hidden] if callable(hidden) else []
    inside = inside or [layers.Dense(20, activation=hidden)]
    return keras.Sequential(
        [keras.Input((28, 28, 1)), layers.Flatten(), *inside, *layers_after]
    )


@pytest.mark.parametrize(
    ("share", "said"), [(0.9995, ""), (0.998, "sigmoid at the end")]
)
def test_probabilities_add_up_to_1_within_a_thousandth(share, said):
    from keras import layers

    model = dense_network(layers.Dense(10, "softmax"), layers.Rescaling(share))
    assert lesson3.structure(model) == said


@pytest.mark.parametrize(("slope", "said"), [(0.9998, "no activation"), (0.999, "")])
def test_an_activation_is_one_where_it_bends(slope, said):
    from keras import layers

    bend = layers.LeakyReLU(negative_slope=slope)
    assert lesson3.structure(dense_network(layers.Dense(10), hidden=bend)) == said


def test_lesson_4_asks_for_less_where_there_are_few_images(monkeypatch):
    for seen, wanted in {
        20_000: (0.95, 0.1),
        19_999: (0.85, 0.1),
        5_000: (0.85, 0.1),
        4_999: (0.6, 0.2),
    }.items():
        monkeypatch.setattr(lesson4, "validation", lambda share, n=seen: (None, n))
        assert lesson4.wanted()[1:] == wanted


@pytest.mark.parametrize(
    ("parameters", "reached", "guess", "words"),
    [
        (400_000, 0.95, 0.95, ""),
        (400_001, 0.95, 0.95, "400,001 parameters, more than 400,000"),
        (1, 0.249, 0.249, "Were its images `x_part`"),
        (1, 0.251, 0.251, "95% are wanted"),
        (1, 0.949, 0.949, "95% are wanted"),
        (1, 0.95, 0.851, ""),
        (1, 0.95, 0.849, "Your guess was 0.849"),
        (1, 0.951, 1, ""),
        (1, 0.96, 0.859, "Your guess was 0.859"),
    ],
)
def test_lesson_4_judges_a_trained_network(
    parameters, reached, guess, words, monkeypatch
):
    monkeypatch.setattr(lesson4, "validation", lambda share: (None, 20_000))
    monkeypatch.setattr(lesson4, "reads", lambda model: reached)
    model = SimpleNamespace(
        count_params=lambda: parameters, optimizer=SimpleNamespace(iterations=1)
    )
    if words:
        with pytest.raises(behaviours.Wrong, match=words):
            lesson4.q8.behaviour([guess, model])
    else:
        assert lesson4.q8.behaviour([guess, model]) == "trained"


class Adam(SimpleNamespace):
    """As Keras's, for a check that reads its rate and its steps."""


@pytest.mark.parametrize(
    ("rate", "steps", "words"),
    [
        (0.10009, 1, ""),
        (0.09991, 1, ""),
        (0.10011, 1, "the learning rate is 0.1"),
        (0.09989, 1, "the learning rate is 0.0999"),
        (0.1, 0, "it has not been trained"),
    ],
)
def test_lesson_4_wants_a_learning_rate_of_a_tenth(rate, steps, words):
    model = SimpleNamespace(optimizer=Adam(learning_rate=rate, iterations=steps))
    if words:
        with pytest.raises(behaviours.Wrong, match=words):
            lesson4.hasty(model, 0.1)
    else:
        lesson4.hasty(model, 0.1)


def test_lesson_4_s_small_network_has_400_000_parameters():
    class Small:
        layers, weights = (), [np.zeros((3, 3, 1, 32)), np.zeros((3, 3, 32, 64))]
        weights += [np.zeros((9, 128))]

        def __call__(self, images):
            return np.zeros((len(images), 10))

        def count_params(self):
            return self.parameters

    model = Small()
    model.parameters = 400_000
    assert lesson4.q7.behaviour(model) == "small enough"
    model.parameters = 400_001
    with pytest.raises(behaviours.Wrong, match="the model has 400,001 parameters"):
        lesson4.q7.behaviour(model)


# --- tries and rubric -------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (0, 5, "better"),  # luck is 4.47
        (0, 4, "inside"),  # luck is 4: more than luck is wanted
        (4, 0, "inside"),
        (5, 0, "worse"),
        (100, 128, "inside"),  # 30.2
        (100, 131, "better"),  # 30.4
    ],
)
def test_a_try_is_kept_where_it_is_better_by_more_than_luck(
    old, new, said, tmp_path, capsys
):
    import keras

    model = keras.Sequential([keras.Input((784,)), keras.layers.Dense(10)])
    mine = tries.Tries(tmp_path, np.zeros((10, 784)), np.arange(10))
    mine.attempt(model, "first")
    model.set_weights([weight + 1 for weight in model.get_weights()])
    mine.attempt(model, "second", lambda *_: (old, new))
    assert mine.lines[1]["kept"] == (said == "better")
    assert said in capsys.readouterr().out.splitlines()[-2]


def test_a_network_needs_an_output_for_each_class(tmp_path, capsys):
    import keras

    mine = tries.Tries(tmp_path, np.zeros((10, 784)), np.arange(10))
    for outputs in (9, 10):
        model = keras.Sequential([keras.Input((784,)), keras.layers.Dense(outputs)])
        if outputs == 9:
            with pytest.raises(ValueError, match="9 outputs for 10 classes"):
                mine.attempt(model, "too few")
        else:
            mine.attempt(model, "enough")


@pytest.fixture
def rubric(tmp_path):
    """A function: the third of the rubric's marks, or another, for these accuracies."""

    def mark(place, baseline, validation, test, images=10_000):
        mine = SimpleNamespace(folder=tmp_path, lines=[], kept=lambda: True)
        results = {"baseline": baseline, "validation": validation, "test": test}
        return project.rubric(mine, results, images).rows[place][""][0]

    return mark


def test_the_baseline_is_beaten_by_any_better_network(rubric):
    assert rubric(1, 0.8, 0.8001, 0.8) == "✓"
    assert rubric(1, 0.8, 0.8, 0.8) == "✗"
    assert rubric(1, 0.8, 0.7, 0.8) == "✗"


def test_test_and_validation_agree_within_three_standard_errors(rubric):
    error = math.sqrt(0.98 * 0.02 / 10_000)  # 0.14 %
    for side in (1, -1):
        assert rubric(2, 0.8, 0.98 + 2.95 * side * error, 0.98) == "✓"
        assert rubric(2, 0.8, 0.98 + 3.05 * side * error, 0.98) == "✗"


# --- data and models of one's own -------------------------------------------------


@pytest.fixture
def folder(tmp_path):
    """Two classes of three images each, the fewest that will do."""
    for name in "ab":
        (tmp_path / name).mkdir()
        for number in range(3):
            write(tmp_path / name / f"{number}.png")
    return tmp_path


def write(path, colour=0, size=(28, 28), dot=200):
    from PIL import Image

    pixels = np.zeros((size[1], size[0], 3), "uint8")
    pixels[9:12, 9:12] = dot
    pixels[9:12, 9:12, 0] += np.uint8(colour)
    Image.fromarray(pixels).save(path)


def test_two_classes_of_three_images_are_enough(folder):
    (train, _), (test, _) = project.load_folder(folder)
    assert (len(train), len(test)) == (4, 2)
    (folder / "b" / "0.png").unlink()
    with pytest.raises(ValueError, match="b: 2 images; wanted at least 3"):
        project.load_folder(folder)
    for path in (folder / "b").iterdir():
        path.unlink()
    (folder / "b").rmdir()
    with pytest.raises(ValueError, match="holds 1 folders"):
        project.load_folder(folder)


def test_a_fifth_is_for_the_test(folder):
    for name in "ab":
        for number in range(3, 20):
            write(folder / name / f"{number}.png")
    (train, _), (test, _) = project.load_folder(folder)
    assert (len(train), len(test)) == (32, 8)


def test_ten_bad_files_are_named(folder):
    for number in range(10):
        write(folder / "a" / f"bad{number}.png", dot=0)
    with pytest.raises(ValueError, match="blank") as ten:
        project.load_folder(folder)
    assert str(ten.value).count("it is blank") == 10
    assert "more" not in str(ten.value)
    write(folder / "a" / "bad10.png", dot=0)
    with pytest.raises(ValueError, match=r"\n  \.\.\. and 1 more") as eleven:
        project.load_folder(folder)
    assert str(eleven.value).count("it is blank") == 10


def test_grey_is_grey_within_16_of_255(tmp_path):
    write(tmp_path / "grey.png", colour=16)
    assert project.read_image(tmp_path / "grey.png").max() == 205
    write(tmp_path / "red.png", colour=17)
    with pytest.raises(ValueError, match="it is in colour"):
        project.read_image(tmp_path / "red.png")


@pytest.mark.parametrize("size", [(27, 28), (28, 29)])
def test_28_pixels_are_wanted_on_each_side(size, tmp_path):
    write(tmp_path / "a.png", size=size)
    with pytest.raises(ValueError, match=f"it is {size[0]} x {size[1]} pixels"):
        project.read_image(tmp_path / "a.png")


def test_ink_has_a_quarter_of_the_darkest(tmp_path):
    """What is paler is paper: without it the digit would fill less of its box."""
    from PIL import Image

    wide = {}
    for name, pale in (("paper", 0.2), ("ink", 0.3)):
        sheet = np.full((112, 112), 250.0)
        sheet[50:62, 20:92] -= 200 * pale
        sheet[20:92, 50:62] = 50
        Image.fromarray(sheet.astype("uint8")).save(tmp_path / f"{name}.png")
        found = project.read_image(tmp_path / f"{name}.png", convert=True)
        wide[name] = int(found.any(axis=0).sum())
    assert wide["paper"] < 8
    assert wide["ink"] > 15


def test_a_model_may_have_50_million_parameters(tmp_path, monkeypatch):
    """And not one more; each parameter 16 bytes on the disk, at most."""
    import keras

    path = tmp_path / "model.keras"
    keras.Sequential([keras.Input((3,)), keras.layers.Dense(4)]).save(path)  # 16
    assert project.PARAMETERS == 50_000_000
    with zipfile.ZipFile(path) as file:
        size = sum(part.file_size for part in file.infolist())
    monkeypatch.setattr(project, "PARAMETERS", -(-size // 16))
    assert project.load_model(path).count_params() == 16
    monkeypatch.setattr(project, "PARAMETERS", size // 16 - 1)
    with pytest.raises(ValueError, match="it is too large"):
        project.load_model(path)
    # Weights are counted one by one, whatever the file's size is.
    monkeypatch.setattr(zipfile.ZipFile, "infolist", lambda file: [])
    for most, good in ((16, True), (15, False)):
        monkeypatch.setattr(project, "PARAMETERS", most)
        if good:
            assert project.load_model(path).count_params() == 16
        else:
            with pytest.raises(ValueError, match="more than 15 parameters"):
                project.load_model(path)


def test_seconds_of_an_old_machine_are_at_least_one():
    assert lesson1.seconds(1) == 1
    with pytest.raises(behaviours.Wrong, match="Less than one second"):
        lesson1.seconds(0.999)
