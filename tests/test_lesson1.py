"""Lesson 1: every date has a source, the programs do what the prose says."""

import re
import subprocess
import sys
from pathlib import Path

import jupytext
import numpy as np
import pytest

from utils import cnn, facts, plotting
from utils.exercises import lesson1

ROOT = Path(__file__).resolve().parent.parent
LESSON = jupytext.read(ROOT / "lessons" / "01_history.py")
GROUPS = ["event", "era", "machine", "dataset", "reference", "framework"]
ALL = [fact for group in GROUPS for fact in facts.load(group)]
YEAR = re.compile(r"(?<![\d,.])(?:18|19|20)\d\d(?!\d|,\d|s)")  # not "the 1980s"


def cells_before(text):
    """The lesson's cells up to the first one whose code contains the text."""
    for number, cell in enumerate(LESSON.cells):
        if cell.cell_type == "code" and text in cell.source:
            return LESSON.cells[:number]
    raise LookupError(text)


@pytest.fixture(scope="module")
def programs():
    """What the lesson's cells define before the first Keras model, as solved."""
    names = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WORKSHOP_DATA", "digits")
        for cell in cells_before("device.setup"):
            if cell.cell_type == "code" and "exercise" not in cell.metadata.get(
                "tags", []
            ):
                exec(cell.source, names)
    return names


# --- facts ------------------------------------------------------------------------


@pytest.mark.parametrize("fact", ALL, ids=lambda fact: fact["claim"][:40])
def test_every_fact_has_a_date_and_a_source(fact):
    assert fact["claim"]
    assert YEAR.search(fact["date"])
    assert len(fact["source"]) > 5
    assert fact["sure"] in ("seen", "cited", "conventional")
    assert fact.get("link", "") == "" or fact["link"].startswith("https://")
    if "year" in fact:
        assert str(fact["year"]) in fact["date"]
    if fact["sure"] == "conventional":
        assert "about" in fact["date"] or fact["label"] == "deep learning"


def test_events_are_in_order_and_of_a_known_kind():
    for group in ("event", "era", "machine", "dataset"):
        years = [fact["year"] for fact in facts.load(group)]
        assert years == sorted(years)
    kinds = {kind for event in facts.load("event") for kind in event["kinds"]}
    assert kinds == {"search", "rules", "learning"}


def test_every_year_of_the_lesson_is_in_the_facts():
    known = {year for fact in ALL for year in YEAR.findall(fact["date"])}
    for cell in LESSON.cells:
        unknown = set(YEAR.findall(cell.source)) - known
        assert not unknown, (unknown, cell.source)


def test_the_decks_events_are_there():
    text = " ".join(f"{event['year']} {event['label']}" for event in ALL[:20])
    for said in ("1997 Deep Blue", "2006 deep", "2011 Watson", "2016 AlphaGo"):
        assert said in text


def test_an_unknown_group_is_named():
    with pytest.raises(ValueError, match="no facts 'gossip'"):
        facts.load("gossip")


def test_sources_are_links_and_nothing_else_is_html():
    fact = {"date": "<b>", "claim": "a & b", "source": "c", "sure": "cited"}
    shown = facts.Sources([fact | {"link": "https://doi.org/x"}])
    assert '<a href="https://doi.org/x">c</a>' in shown._repr_html_()
    assert "<b>" not in shown._repr_html_()
    assert "a & b. [c https://doi.org/x; cited]" in repr(shown)


# --- the programs -----------------------------------------------------------------


def test_no_tensorflow_before_the_first_keras_model():
    code = "\n".join(
        cell.source
        for cell in cells_before("from utils import device")
        if cell.cell_type == "code" and "exercise" not in cell.metadata.get("tags", [])
    )
    code += "\nimport sys; print('tensorflow' in sys.modules, 'keras' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={"WORKSHOP_DATA": "digits", "PATH": "", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split("\n")[-2] == "False False"


def test_the_perceptron_learns_what_one_line_can_part(programs):
    X, train = programs["X"], programs["perceptron"]
    for number in range(16):
        targets = [int(digit) for digit in f"{number:04b}"]
        w, b = train(X, targets, passes=20)[-1]
        right = [programs["fires"](x, w, b) for x in X] == targets
        assert right == (targets not in ([0, 1, 1, 0], [1, 0, 0, 1]))


def test_backward_is_the_gradient_of_the_squared_error(programs):
    X, xor, forward = (programs[name] for name in ("X", "xor", "forward"))
    rng = np.random.default_rng(seed=1)
    weights = [rng.normal(size=s) for s in ((2, 2), (2,), (2,), ())]

    def loss(weights):
        return ((forward(X, *weights)[1] - xor) ** 2).sum() / 2

    moved = programs["backward"](*weights, rate=1)
    for number, (before, after) in enumerate(zip(weights, moved, strict=True)):
        for place in np.ndindex(before.shape):
            changed = [np.copy(w) for w in weights]
            changed[number][place] += 1e-6
            slope = (loss(changed) - loss(weights)) / 1e-6
            assert np.subtract(before, after)[place] == pytest.approx(slope, abs=1e-5)


def test_two_layers_solve_xor(programs):
    output = programs["forward"](programs["X"], *programs["weights"])[1]
    assert abs(output - programs["xor"]).max() < 0.1
    stages = programs["stages"]
    assert plotting.two_layers(
        programs["X"], programs["xor"], programs["forward"], stages
    ).alt.endswith("step 0 2, step 200 1, step 400 0, step 3000 0.")


def test_minimax_never_loses(programs):
    ends, value = programs["ends"], programs["value"]
    assert value(" " * 9) == 0
    for program, other in ("XO", "OX"):
        counts = ends(" " * 9, program)
        assert counts[other] == 0
        assert counts[program] > 0
    # A known trap: O must answer a corner with the middle.
    answers = programs["moves"]("X        ")
    assert [field for field in answers if value(answers[field]) == 0] == [4]


def test_winner_sees_every_line(programs):
    winner = programs["winner"]
    for line in programs["ROWS"]:
        board = "".join("O" if str(field) in line else " " for field in range(9))
        assert winner(board) == "O"
    assert winner("XOXXOOOXX") is None
    assert winner(" " * 9) is None


def test_the_rules_beat_guessing(programs):
    assert 0.5 < programs["by_rules"] < 0.65  # they were written for MNIST
    assert programs["by_learning"] > 0.85


def test_rules_on_real_mnist(programs, mnist_file):
    """The lesson says of MNIST: not bad, and that learning does better."""
    from utils import data

    _, test = data.load_mnist(str(mnist_file))
    images, labels = data.stratified_part(*test, size=2000)
    pair = np.isin(labels, [4, 9])
    answers = [programs["expert"](image) for image in images[pair]]
    assert 0.85 < np.mean(answers == labels[pair]) < 0.95


def test_the_rules_cope_with_any_ink(programs):
    for image in (np.full((28, 28), 255), np.eye(28) * 255):
        assert programs["expert"](image) in (4, 9)
    dot = np.zeros((28, 28))
    dot[3, 4] = 255
    assert programs["cut_out"](dot).shape == (1, 1)


def test_six_days_in_1998():
    deck = cnn.deck_cnn()
    work = 3 * 2 * sum(cnn.multiply_adds(layer) for layer in deck.layers)
    assert work == pytest.approx(72e6, rel=0.001)
    days = lesson1.WORK / 100e6 / 86_400
    assert days == pytest.approx(6, abs=0.01)
    card = next(m for m in facts.load("machine") if m["year"] == 2010)
    assert card["flops"] == lesson1.PEAK == pytest.approx(512 * 1.544e9 * 2, rel=1e-3)


# --- the figures ------------------------------------------------------------------


def test_timeline_counts_what_it_shows():
    events, eras = facts.load("event"), facts.load("era")
    alt = plotting.timeline(events, eras).alt
    assert f"{len(events)} events from 1943 to 2024" in alt
    assert "winters about 1974 to 1980 and about 1987 to 1993" in alt


def test_timeline_labels_keep_their_distance():
    from utils.plotting.history import _spread

    places = _spread([event["year"] for event in facts.load("event")], 3.75, 1942, 2025)
    assert np.diff(places).min() > 3.7
    assert 1941 < places[0] < places[-1] < 2026


def test_noughts_and_crosses_counts_the_moves(programs):
    board = programs["board"]
    alt = plotting.noughts_and_crosses(board, programs["worth"]).alt
    numbers = [int(n) for n in re.findall(r"after (\d)", alt)]
    assert sum(numbers) == len(programs["worth"]) == board.count(" ")


def test_error_by_year_says_the_errors():
    rows = [
        {"year": 1958, "name": "one", "error": 13.94, "parameters": 7850},
        {"year": 1998, "name": "two", "error": 4.5, "parameters": 61706},
    ]
    assert plotting.error_by_year(rows).alt == (
        "Error on the same test images: 1958 one 13.9 %; 1998 two 4.5 %."
    )
