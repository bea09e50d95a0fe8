"""Lesson 3's exercises: what beginners write, trained networks, perturbed answers."""

import re

import numpy as np
import pytest
from answers.lesson3 import ORDER, sequential, trained
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from utils import device, plotting
from utils.exercises import lesson3
from utils.exercises.core import CORRECT, ERROR, WRONG


@pytest.fixture(scope="module", autouse=True)
def keras_is_there():
    device.setup()


@pytest.fixture(autouse=True)
def embedded_digits(monkeypatch):
    """What is trained here is trained on them: a second or two each."""
    monkeypatch.setenv("WORKSHOP_DATA", "digits")


def dense(layers, units=24, **settings):
    return layers.Dense(units, **settings)


# Beginners' wrong answers that are in no bank, and a part of what they should read.
WRONG_ANSWERS = [
    ("q1", -2.5, "is not the answer"),
    ("q1", (2, 5), "a comma makes two of it"),
    ("q1", [1, -1, 3], "one number is wanted"),
    ("q1", "2.5", "numbers are wanted"),
    ("q1", 6.5, "is not the answer"),
    ("q2", lambda x, W, b: x.dot(W).sum(axis=1) + b, "expected"),
    ("q2", lambda x, W, b: None, "returns nothing"),
    ("q2", lambda x, W, b: (x @ W + b)[0], "Only the first example"),
    ("q3", "50,890", "numbers are wanted"),
    ("q3", (50, 890), "a comma makes two of it"),
    ("q3", 50_891, "is not the answer"),
    ("q4", lambda b1, W2, b2: b1 @ b2, "expected"),
    ("q4", lambda b1, W2, b2: print(b1 @ W2 + b2), "returns nothing"),
    ("q5", "epochs", "6 words are wanted"),
    ("q5", ORDER[:5], "6 words are wanted"),
    ("q5", [*ORDER[:5], "validation"], "none of the words"),
    ("q5", ["loss"] * 6, "1 of your 6 words stand where they belong. A word stands"),
    ("q5", [*ORDER[1:], ORDER[0]], "0 of your 6 words"),
    ("q5", [1, 2, 3, 4, 5, 6], "in quotes"),
    ("q6", lambda z: np.exp(z - np.max(z)), "expected"),
    ("q6", lambda z: z.argmax(axis=1), "expected"),
    ("q6", lambda z: np.exp(z - z.max(axis=1)), "expected"),
    ("q7", 0.95, "two things are wanted"),
    ("q7", ["0.95", None], "numbers are wanted"),
    ("q7", [0.95, None], "`compile` gives nothing back"),
    ("q7", [0.95, "my_model"], "a Keras model is wanted"),
    ("q7", lambda: (-1, None), "a share of all images"),
    ("q8", "1/4", "numbers are wanted"),
    ("q8", (0, 25), "a comma makes two of it"),
    ("q8", 2.5, "is not the answer"),
    ("q9", "lower", "none of the words"),
    ("q9", "same", "none of the words"),
    ("q9", 0.98, "one word is wanted"),
    ("q9", True, "one word is wanted"),
    ("q9", ["much lower", "much higher"], "one word is wanted"),
    ("q9", "", ""),
]

# Those of the bank, each with words of its own message: none has another's.
OF_THE_BANK = [
    ("q1", 3, "have you not used yet"),
    ("q1", 3.5, "You took the bias away"),
    ("q1", 0, "would be right for a negative sum"),
    ("q1", -3.5, "Two things"),
    ("q1", 1.5, "You added the inputs and the bias"),
    ("q2", lambda x, W, b: x @ W, "Something is added to each unit's sum"),
    ("q2", lambda x, W, b: x * W + b, "`*` multiplies cell by cell"),
    ("q2", lambda x, W, b: (x + b) @ W, "You added the bias to the inputs"),
    ("q2", lambda x, W, b: x @ W - b, "Has the bias the sign"),
    ("q2", lambda x, W, b: x @ (W + b), "You added the bias to the weights"),
    ("q2", lambda x, W, b: x @ W + b[0], "the bias of the first one"),
    ("q3", 50_816, "These are all the weights"),
    ("q3", 50_818, "one bias for each layer"),
    ("q3", 51_674, "You gave the inputs a bias"),
    ("q3", 74, "You counted the units"),
    ("q3", 858, "You counted the circles"),
    ("q3", 50_240, "The second layer has parameters as well"),
    ("q3", 58_090, "It reads the outputs of the first layer"),
    ("q3", 50_880, "The first layer is right"),
    ("q3", 50_826, "The second layer is right"),
    ("q4", lambda b1, W2, b2: b1 @ W2, "The second layer also adds something"),
    ("q4", lambda b1, W2, b2: b2, "the first bias also reaches the output"),
    ("q4", lambda b1, W2, b2: b1, "the bias of the first layer"),
    ("q4", lambda b1, W2, b2: b1 @ W2 - b2, "Look at the sign between them"),
    ("q6", lambda z: np.exp(z), "These are the exponentials"),
    ("q6", lambda z: lesson3.shares(np.exp(z)), "the exponential overflows"),
    ("q6", lambda z: lesson3.shares(z), "You divided the logits themselves"),
    ("q6", lambda z: lesson3.stable_softmax(-z), "The smallest logit gets"),
    ("q6", lambda z: lesson3.stable_softmax(z.T).T, "for the maximum and for the sum"),
    ("q6", lambda z: np.log(lesson3.stable_softmax(z)), "These are the logarithms"),
    ("q8", 1, "a very *small* temperature"),
    ("q8", 0.64, "at T = 1"),
    ("q8", 0.5, "Two classes would get this"),
    ("q8", 0.004, "the largest logit after the division"),
    ("q8", 25, "Did you mean percent?"),
    ("q9", "much lower", "our eyes need neighbours"),
    ("q9", "much higher", "Mixing adds no information"),
]


@pytest.mark.parametrize(("name", "answer", "words"), WRONG_ANSWERS + OF_THE_BANK)
def test_what_beginners_write_is_refused_and_named(name, answer, words):
    verdict, text = lesson3.lesson.exercises[name].verdict(answer)
    assert verdict is not CORRECT
    assert not words or verdict in (WRONG, ERROR)
    assert words in text


def test_most_wrong_answers_are_explained():
    """At most a third end in a sentence that would fit any answer."""
    said = [
        exercise.verdict(mistake.answer)[1]
        for exercise in lesson3.lesson.exercises.values()
        for mistake in exercise.mistakes
    ]
    for name, answer, _ in WRONG_ANSWERS:
        said.append(lesson3.lesson.exercises[name].verdict(answer)[1])
    generic = [text for text in said if "is not the answer" in text]
    generic += [text for text in said if ": expected " in text]
    assert len(said) > 110
    assert len(generic) < len(said) / 10


# --- a network of one's own: judged by what it does, trained as it is ---------------


def softmax_inside(layers):
    return dense(layers, activation="softmax")


TRAINED_WRONG = {
    "no activation function": sequential(dense, dense),
    "One of your hidden layers": sequential(
        lambda layers: dense(layers, activation="relu"), dense
    ),
    "together are only one layer": sequential(dense, dense, last="softmax"),
    "There is no hidden layer": sequential(),
    "at least 80% is wanted": sequential(softmax_inside, softmax_inside, rate=1e-3),
    "as many as by guessing": sequential(softmax_inside, rate=0.0),
    "NaN or infinite": sequential(
        lambda layers: dense(layers, activation="relu"), rate=float("nan")
    ),
}


@pytest.mark.parametrize("words", TRAINED_WRONG)
def test_a_trained_network_is_judged_too(words):
    verdict, text = lesson3.q7.verdict(trained(TRAINED_WRONG[words])())
    assert verdict is WRONG
    assert words in text


@pytest.fixture(scope="module")
def good():
    """(its validation accuracy, a network that reads)"""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WORKSHOP_DATA", "digits")
        return trained(sequential(lambda layers: dense(layers, activation="relu")))()


def test_a_guess_far_off_is_told_what_came_out(good):
    accuracy, model = good
    for off in (-0.04, 0.0, 0.03):
        assert lesson3.q7.verdict([min(accuracy + off, 1), model])[0] is CORRECT
    verdict, text = lesson3.q7.verdict([accuracy - 0.1, model])
    assert verdict is WRONG
    measured = float(re.search(r"the network is right: it reads ([\d.]+)%", text)[1])
    assert measured == pytest.approx(100 * accuracy, abs=0.51)  # `accuracy` is rounded
    assert "do you mean percent?" in lesson3.q7.verdict([95, model])[1]


def test_a_check_leaves_a_network_as_it_was(good):
    accuracy, model = good
    before = model.get_weights()
    lesson3.q7.verdict([accuracy, model])
    assert all(map(np.array_equal, before, model.get_weights()))


def test_ours_is_used_until_a_network_is_right(good, capsys):
    """`ex.q7.use(mine)[1] or model`, as the lesson has it."""
    assert lesson3.q7.use([..., ...])[1] is None
    assert lesson3.q7.use([0.95, None])[1] is None
    assert lesson3.q7.use(list(good))[1] is good[1]
    assert "your answer" in capsys.readouterr().out


# --- answers around the right one ---------------------------------------------------

FACTOR = st.floats(-3, 3).filter(lambda c: abs(c - 1) > 0.01)


@given(FACTOR, st.sampled_from(["product", "bias"]))
@settings(deadline=None, max_examples=30)
def test_a_perturbed_layer_is_refused(c, where):
    p, b = (c, 1) if where == "product" else (1, c)
    assert lesson3.q2.verdict(lambda x, W, bias: p * (x @ W) + b * bias)[0] is WRONG
    assert lesson3.q4.verdict(lambda b1, W2, b2: p * (b1 @ W2) + b * b2)[0] is WRONG


@given(FACTOR)
@settings(deadline=None, max_examples=30)
def test_a_perturbed_softmax_is_refused(c):
    right = lesson3.stable_softmax
    assert lesson3.q6.verdict(lambda z: right(c * z))[0] is WRONG
    assert lesson3.q6.verdict(lambda z: c * right(z))[0] is WRONG


@given(st.permutations(ORDER))
@settings(deadline=None, max_examples=40)
def test_another_order_of_the_words_is_refused(words):
    assume(words != ORDER)
    assert lesson3.q5.verdict(words)[0] is WRONG


# --- figures ------------------------------------------------------------------------


def test_activation_functions_have_one_scale():
    axes = plotting.activations().figure.axes
    assert len({panel.get_ylim() for panel in axes}) == 1
