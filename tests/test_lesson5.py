"""Lesson 5's figures say what SciPy says; what is no distribution is refused."""

import re
from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import approx_fprime
from scipy.special import entr, log_softmax, rel_entr, softmax

from utils import data, nn, plotting
from utils.exercises import lesson5

LESSON = Path(__file__).parents[1] / "lessons" / "05_cross_entropy.py"
P, Q = [0.7, 0.2, 0.1], [0.3, 0.6, 0.1]


def numbers(text):
    return [float(number) for number in re.findall(r"[-+]?\d+\.\d+", text)]


def test_predictions_name_the_right_class():
    alt = plotting.predictions({"A": P, "B": Q}, truth=1).alt
    assert alt == "Predicted probability of the right class, class 1: A 0.20, B 0.60."


def test_coins_count_the_bits():
    alt = plotting.surprise_in_coins(most=5).alt
    pairs = re.findall(r"(1|1/\d+) is (\d+)", alt)
    assert len(pairs) == 6
    for fraction, bits in pairs:
        assert eval(fraction) == 2.0 ** -int(bits)


def test_entropy_and_kl_are_scipys():
    alt = plotting.entropy_parts(P, {"far": Q, "equal": P}).alt
    entropy, kl = entr(P).sum(), rel_entr(P, Q).sum()
    far, equal = alt.split(": ", 1)[1].split("; ")
    assert numbers(far) == [round(x, 3) for x in (entropy + kl, entropy, kl)]
    assert numbers(equal) == [round(entropy, 3), round(entropy, 3), 0]


def test_entropy_of_a_one_hot_truth_is_0():
    alt = plotting.entropy_parts([0, 1, 0], {"B": Q}).alt
    assert "cross-entropy 0.511 = entropy 0.000 + KL 0.511" in alt


@pytest.mark.parametrize("q", [0.9, 0.6, 0.1, 0.003])
def test_loss_curve_is_the_integral_of_one_over_q(q):
    """The natural logarithm by its definition, without np.log."""
    x = np.linspace(q, 1, 200_001)
    alt = plotting.loss_curve(marked=[q]).alt
    assert numbers(alt)[0] == pytest.approx(np.trapezoid(1 / x, x), abs=6e-4)
    assert f"at {q:g};" in alt


@pytest.mark.parametrize(
    "z", [[7.0, 0, 0], [0, -6.0, 0], [1, 1.5, 2], [4.0, *[0.0] * 9]]
)
def test_slopes_are_those_that_one_measures(z):
    p = np.eye(len(z))[1]
    losses = (lambda z: -log_softmax(z)[1], lambda z: ((softmax(z) - p) ** 2).sum())
    measured = [approx_fprime(z, loss, 1e-6)[1] for loss in losses]
    alt = plotting.loss_slopes(z, right=1).alt
    assert numbers(alt.split("surely wrong: ")[1]) == pytest.approx(measured, abs=6e-5)


def test_gradient_bars_show_the_measured_gradient():
    z = np.array([-2, -1, 0.5, 2, -3, 3, -1.5, 0, 1, -0.5])
    measured = approx_fprime(z, lambda z: -log_softmax(z)[3], 1e-7)
    alt = plotting.gradient_bars(np.eye(10)[3], softmax(z)).alt
    assert f"{measured[3]:+.2f} for the right class, 3" in alt
    assert f"is {measured.max():+.2f}, for class {measured.argmax()}" in alt
    assert alt.endswith("add up to 0.00.")


def test_q8s_right_answer_is_the_measured_gradient():
    labels = np.array([0, 2, 3])

    def loss(flat):
        rows = log_softmax(flat.reshape(3, 4), axis=1)
        return -rows[np.arange(3), labels].mean()

    measured = approx_fprime(lesson5.Z.ravel(), loss, 1e-7).reshape(3, 4)
    assert np.allclose(lesson5.q8.right(lesson5.Z, labels), measured, atol=1e-6)


@pytest.mark.parametrize(
    ("q", "said"),
    [
        ([0.3, 0.6, 0.3], "adds up to 1.200"),
        ([-0.1, 1.0, 0.1], "numbers from 0 to 1"),
        ([np.nan, 0.5, 0.5], "numbers from 0 to 1"),
        ([[0.5, 0.5]], r"shape \(1, 2\)"),
    ],
)
def test_figures_refuse_what_is_no_distribution(q, said):
    for draw in (
        lambda: plotting.predictions({"A": q}, truth=1),
        lambda: plotting.entropy_parts(P, {"A": q}),
        lambda: plotting.gradient_bars(P, q),
    ):
        with pytest.raises(ValueError, match=said):
            draw()


def test_figures_refuse_what_does_not_fit():
    with pytest.raises(ValueError, match="2 probabilities, p has 3"):
        plotting.entropy_parts(P, {"A": [0.5, 0.5]})
    with pytest.raises(ValueError, match="2 probabilities, p has 3"):
        plotting.gradient_bars(P, [0.5, 0.5])
    with pytest.raises(ValueError, match="infinite"):
        plotting.entropy_parts(P, {"A": [0.0, 0.9, 0.1]})
    for marked in ([0.0], [1.2], [np.nan]):
        with pytest.raises(ValueError, match="wanted probabilities"):
            plotting.loss_curve(marked=marked)
    with pytest.raises(ValueError, match="truth is 3"):
        plotting.predictions({"A": P}, truth=3)


@pytest.mark.parametrize("seed", range(3))
def test_a_network_that_knows_nothing_has_loss_ln_10(seed):
    """As the lesson says, "near 2.30": before training, on any data, with any seed.

    The deck's CNN of lesson 6, whose first weights are drawn as Keras draws them.
    """
    rng = np.random.default_rng(seed)
    net = nn.Sequential(
        [
            *(nn.Conv2D(1, 32, 3, rng), nn.ReLU()),
            *(nn.Conv2D(32, 64, 3, rng), nn.ReLU(), nn.MaxPool2D(2), nn.Flatten()),
            *(nn.Dense(9216, 128, rng), nn.ReLU(), nn.Dense(128, 10, rng)),
        ]
    )
    _, (images, labels) = data.load_mnist(source="digits")
    logits = net.forward(data.prepare(images))
    loss = -log_softmax(logits, axis=1)[np.arange(len(labels)), labels].mean()
    assert abs(loss - np.log(10)) < 0.1


def test_the_surely_wrong_network_is_sure_and_wrong():
    """The lesson's own logits: what it says of them, and the 270-fold slope."""
    text = LESSON.read_text("utf-8")
    z = np.array(
        eval(re.search(r"surely wrong.*?z = np\.array\((.*?)\)", text, re.S)[1])
    )
    q = softmax(z)
    assert q.argmax() != 1
    assert q.max() > 0.99
    cross, squared = numbers(plotting.loss_slopes(z, right=1).alt)
    assert 270 < cross / squared < 280
    said = "more than 270 times steeper"
    assert said in " ".join(text.replace("\n#", "").split()), (
        f"lesson 5 no longer says {said!r}, which is true. Changed on purpose? "
        "Then change tests/test_lesson5.py, too"
    )


def test_one_notation_for_the_logarithm():
    """After the box on bases log is the natural one; ln is only the key of a phone."""
    text = LESSON.read_text("utf-8")
    before, after = text.split("is the natural", 1)[0], text.split("*ln*", 1)[1]
    figures = Path(plotting.lesson5.__file__).read_text("utf-8")
    assert "\\ln" not in text + figures, "write \\log: one notation in this lesson"
    assert "\\log_2" in before
    assert not re.findall(r"\bln\b(?! *\")", after.replace('(key "ln")', ""))
