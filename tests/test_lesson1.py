"""Lesson 1: every date has a source, the programs do what the prose says."""

import html
import re
import subprocess
import sys
from pathlib import Path

import jupytext
import numpy as np
import pytest

from utils import data, digit_rules, noughts, plotting
from utils.exercises import lesson1
from utils.records import facts

ROOT = Path(__file__).resolve().parent.parent
LESSON = jupytext.read(ROOT / "lessons" / "01_history.py")
ALL = [fact for group in facts.FACTS for fact in facts.load(group)]
YEAR = re.compile(r"(?<![\d,.])(?:18|19|20)\d\d(?!\d|,\d|s)")  # not "the 1980s"
NAME = re.compile(r"[A-Z][\w-]*\w(?: \d+)?")  # Rosenblatt, LeNet-5, GTX 580


# What cannot run without Keras, or takes long.
KERAS = ("device.setup", "networks", "operations(", "ratio:", "q7.", "my_seconds")


def cells_before(text):
    """The lesson's cells up to the first one whose code contains the text."""
    for number, cell in enumerate(LESSON.cells):
        if cell.cell_type == "code" and text in cell.source:
            return LESSON.cells[:number]
    raise LookupError(text)


@pytest.fixture(scope="module")
def programs():
    """What the lesson's cells define without a Keras model, as solved."""
    names = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WORKSHOP_DATA", "digits")
        for cell in LESSON.cells:
            tags = cell.metadata.get("tags", [])
            keras = any(word in cell.source for word in KERAS)
            if cell.cell_type == "code" and "exercise" not in tags and not keras:
                exec(cell.source, names)
    return names


# --- facts ------------------------------------------------------------------------


@pytest.mark.parametrize("fact", ALL, ids=lambda fact: fact["claim"][:40])
def test_every_fact_has_a_date_and_a_source(fact):
    assert fact["claim"]
    assert YEAR.search(fact["date"])
    assert len(fact["source"]) > 5
    assert fact["sure"] in ("seen", "cited", "conventional")
    assert re.match(r"https?://\S+$", fact.get("link", "https://none"))
    if "year" in fact:
        assert str(fact["year"]) in fact["date"]
    if fact["sure"] == "conventional":
        assert "about" in fact["date"] or fact["until"] == 2026


def test_events_are_in_order_and_of_a_known_kind():
    for group in ("event", "era", "machine", "dataset"):
        years = [fact["year"] for fact in facts.load(group)]
        assert years == sorted(years)
    kinds = {kind for event in facts.load("event") for kind in event["kinds"]}
    assert kinds == {"search", "rules", "learning"}


def test_numbers_of_the_facts_are_those_of_their_claims():
    for machine in facts.load("machine"):
        cores = re.search(
            r"([\d,]+) cores, ([\d.]+) GHz, 2 operations", machine["claim"]
        )
        if cores:
            peak = float(cores[1].replace(",", "")) * float(cores[2]) * 1e9 * 2
            assert machine["flops"] == pytest.approx(peak, rel=3e-3)
    from sklearn.datasets import load_iris

    sizes = {fact["label"]: fact["size"] for fact in facts.load("dataset")}
    assert sizes["Iris flowers"] == len(load_iris().data)
    assert sizes["MNIST"] == 60_000 + 10_000
    assert sizes["postcode digits"] == 7_291 + 2_007


def years_of_names():
    """{name: the years of all facts that mention it}."""
    found = {}
    for fact in ALL:
        text = " ".join(
            str(fact.get(key, ""))
            for key in ("name", "label", "claim", "source", "date", "status")
        )
        for name in set(NAME.findall(text)) - {"The", "In"}:
            found.setdefault(name, set()).update(YEAR.findall(text))
    return found


def wrong_years(text):
    """Years of a text that no fact has, or none about what their sentence names."""
    known = years_of_names()
    any_year = set().union(*known.values())
    for sentence in re.split(r"(?<=[.!?;])\s+|(?<=[.!?]\")\s+|\n\n", text):
        named = [known[name] for name in NAME.findall(sentence) if name in known]
        allowed = set().union(*named) if named else any_year
        for year in YEAR.findall(sentence):
            if year not in allowed:
                yield year, sentence


@pytest.mark.parametrize("name", ["01_history", "02_frameworks"])
def test_the_years_of_the_prose_are_those_of_the_facts(name):
    lesson = jupytext.read(ROOT / "lessons" / f"{name}.py")
    for cell in lesson.cells:
        if cell.cell_type == "markdown":
            assert not list(wrong_years(cell.source))


@pytest.mark.parametrize(
    "text", ["In 1957 it rained.", "In 1986 Rosenblatt let the neuron find them."]
)
def test_a_wrong_year_is_found(text):
    assert list(wrong_years(text))


def test_programs_are_named_after_their_papers():
    """Below a heading of a year, and after a bold one, stands that year's paper."""
    paper = re.compile(r"(?:^## (\d{4}): .*\n\n|^\*\*(\d{4})\.\*\* )\*([^*]+)\*", re.M)
    named = [
        (one or other, title.replace("\n", " "))
        for cell in LESSON.cells
        for one, other, title in paper.findall(cell.source)
    ]
    assert len(named) == 10
    for year, title in named:
        facts_of_year = [fact for fact in ALL if year in fact["date"]]
        assert any(title in fact["source"] for fact in facts_of_year), (year, title)


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
    heads = re.findall("<th .*?>(.*?)</th>", shown._repr_html_())
    cells = re.findall("<td .*?>(.*?)</td>", shown._repr_html_())
    assert heads == ["Date", "What", "Source"]
    assert cells[:2] == ["&lt;b&gt;", "a &amp; b"]
    assert "a & b. [c https://doi.org/x; cited]" in repr(shown)


# --- the programs -----------------------------------------------------------------


def test_no_tensorflow_before_the_first_keras_model():
    code = "\n".join(
        cell.source
        for cell in cells_before("device.setup")
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


def test_the_panels_of_xor_show_a_full_circle(programs):
    cell = next(c.source for c in LESSON.cells if "perceptron_lines(X, xor" in c.source)
    shown = re.search(r"steps\[(\d+):(\d+)\], first=(\d+)", cell)
    begin, end, first = map(int, shown.groups())
    steps = programs["perceptron"](programs["X"], programs["xor"], passes=100)
    assert begin == first
    for earlier, later in zip(steps[begin:], steps[begin + 4 : end], strict=False):
        assert [*earlier[0], earlier[1]] == [*later[0], later[1]]
    assert end - begin > 4


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
    value = programs["value"]
    assert value(noughts.tree(" " * 9), True) == 0
    for program, other in ("XO", "OX"):
        counts = noughts.ends(" " * 9, program, value)
        assert counts[other] == 0
        assert counts[program] > 0
    # One that plays its worst is beaten, so the count can be other than 0.
    assert noughts.ends("XX OO    ", "X", lambda *x: -value(*x))["O"] > 0
    # A known trap: O must answer a corner with the middle.
    answers = noughts.moves("X        ")
    good = [f for f in answers if value(noughts.tree(answers[f]), True) == 0]
    assert good == [4]


def test_winner_sees_every_line():
    for line in ["012", "345", "678", "036", "147", "258", "048", "246"]:
        board = "".join("O" if str(field) in line else " " for field in range(9))
        assert noughts.winner(board) == "O"
        assert noughts.moves(board) == {}
        assert noughts.tree(board) == -1
    assert noughts.winner("XOXXOOOXX") is None
    assert noughts.winner(" " * 9) is None


def test_the_rules_beat_guessing(programs):
    assert 0.8 < programs["rules_other"] < 0.95  # they were written for MNIST
    assert programs["by_learning"] > 0.85
    assert programs["by_learning_new"] > 0.85


def test_a_dozen_rules_on_real_mnist(mnist_file):
    """As good as the perceptron, the lesson says; and each rule knows something."""
    train, test = data.load_mnist(str(mnist_file))
    images, labels = data.stratified_part(*test, size=2000)
    pair = np.isin(labels, [4, 9])
    answers = [digit_rules.expert(image) for image in images[pair]]
    assert 0.92 < np.mean(answers == labels[pair]) < 0.96

    images, labels = data.stratified_part(*train, size=5000)
    nine = labels[np.isin(labels, [4, 9])] == 9
    found = [digit_rules.rules(image) for image in images[np.isin(labels, [4, 9])]]
    for_9, for_4 = ({rule: [] for rule in rules} for rules in found[0])
    assert len(for_9) == len(for_4) == 6
    for kind, own in ((0, nine), (1, ~nine)):
        for rule in found[0][kind]:
            holds = np.array([bool(each[kind][rule]) for each in found])
            assert holds[own].mean() > holds[~own].mean() + 0.3, rule


def test_the_rules_cope_with_any_ink():
    for image in (np.full((28, 28), 255), np.eye(28) * 255):
        assert digit_rules.expert(image) in (4, 9)
    dot = np.zeros((28, 28))
    dot[3, 4] = 255
    assert digit_rules.cut_out(dot).shape == (1, 1)


def test_six_weeks_in_1998(keras):
    """The lesson's arithmetic, with its own LeNet-5, and exercise 8's numbers."""
    from utils import four_networks

    names = {"four_networks": four_networks}
    cells = [cell.source for cell in LESSON.cells if cell.cell_type == "code"]
    exec(next(cell for cell in cells if "def operations" in cell), names)
    assert names["work"] == pytest.approx(lesson1.WORK, rel=0.001)
    assert names["lenet_work"] == pytest.approx(lesson1.LENET_WORK, rel=0.001)
    assert 2.5 * names["work"] / names["lenet_work"] == pytest.approx(43, abs=0.5)
    card = next(m for m in facts.load("machine") if m["year"] == 2010)
    assert card["flops"] == lesson1.PEAK


def test_the_neuron_of_1943_counts_and_obeys_a_veto(programs):
    """It had no weights: the excitatory inputs count equally, an inhibitory forbids."""
    fires = programs["fires_1943"]
    assert fires([1, 1, 1], [0], threshold=2) == 1
    assert fires([1, 1, 1], [0, 1], threshold=2) == 0
    assert fires([1, 0, 0], [], threshold=2) == 0


@pytest.mark.parametrize("year", [1958, 1986, 1998, 2014])
def test_a_network_of_each_year_learns(keras, year, capsys, monkeypatch):
    """On the embedded digits, a third of images and passes: more than guessing."""
    from utils import four_networks

    name, build, passes, *how = four_networks.NETWORKS[year]
    fewer = (name, build, -(-passes // 3), *how)
    monkeypatch.setitem(four_networks.NETWORKS, year, fewer)
    train, test = data.load_mnist("digits")
    train = data.stratified_part(*train, size=500)
    row = four_networks.run(year, train, test)
    assert row["error"] < 25
    assert (
        f"{year} {row['name']}: {row['error']:.1f} % of 360" in capsys.readouterr().out
    )
    parameters = {1958: 7_850, 1986: 79_510, 1998: 61_706, 2014: 1_199_882}
    assert row["parameters"] == parameters[year]
    assert row["seconds"] > 0


def test_the_learners_step_is_used_in_any_form(programs):
    """One that changes w in place, or returns lists, or an array for b."""
    from answers.lesson1 import ANSWERS, step_with_tensors

    X, usual = programs["X"], programs["perceptron"](programs["X"], [0, 1, 1, 1], 10)
    cell = next(c.source for c in LESSON.cells if "def perceptron" in c.source)
    # TensorFlow multiplies no float with the lesson's integers.
    for step in set(ANSWERS["q3"]) - {step_with_tensors}:
        names = {"np": np, "fires": programs["fires"], "learn": lesson1.q3.use(step)}
        exec(cell, names)
        steps = names["perceptron"](X, [0, 1, 1, 1], 10)
        for (w, b), (wanted, bias) in zip(steps, usual, strict=True):
            assert [*np.ravel(w), b] == [*wanted, bias]


# --- the figures ------------------------------------------------------------------


def test_timeline_links_each_event_to_its_source():
    events, eras = facts.load("event"), facts.load("era")
    shown = plotting.timeline(events, eras)
    assert f"{len(events)} events from 1943 to 2024" in repr(shown)
    assert "winters about 1974 to 1980 and about 1987 to 1993" in repr(shown)
    text = shown._repr_html_()
    for event in events:
        assert f'<a href="{event["link"]}" title="{html.escape(event["claim"])}' in text
    assert text.count("<a ") == len(events)
    # Each kind is written out, not only coloured.
    for kind in ("learning", "search", "rules"):
        count = sum(kind in event["kinds"] for event in events)
        assert len(re.findall(rf"\S {kind}</span>", text)) == count


def test_timeline_shades_booms_and_winters():
    from utils.plotting import lesson1 as figures

    event = {"kinds": [], "claim": "", "source": "", "sure": "", "link": ""}
    years = (1950, 1972, 1975, 1981, 1990, 1995, 2020)
    events = [event | {"year": year, "label": f"in {year}"} for year in years]
    rows = figures.Timeline(events, facts.load("era"))._repr_html_().split("<tr")
    colours = {
        year: re.search("#......", row)[0]
        for row in rows
        for year in years
        if f"in {year}" in row
    }
    boom, winter, between = figures.BOOM, figures.WINTER, figures.BETWEEN
    assert list(colours.values()) == [
        *(between, boom, winter, boom, winter, between, boom)
    ]


def test_timeline_fits_a_phone_and_can_be_read(page, serious):
    """Nothing is cut off at 360 pixels, no word is smaller than the page's."""
    shown = plotting.timeline(facts.load("event"), facts.load("era"))
    page.set_viewport_size({"width": 360, "height": 740})
    page.set_content(
        '<!doctype html><html lang="en"><head><title>t</title><meta name="viewport" '
        'content="width=device-width"></head><body style="font: 14px sans-serif">'
        f"<main><h1>t</h1>{shown._repr_html_()}</main></body></html>"
    )
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    sizes = page.locator("td, th, a").evaluate_all(
        "all => all.map(one => parseFloat(getComputedStyle(one).fontSize))"
    )
    assert min(sizes) >= 14
    assert serious(page) == []


def test_noughts_and_crosses_counts_the_moves(programs):
    board = programs["board"]
    alt = plotting.noughts_and_crosses(board, programs["worth"]).alt
    numbers = [int(n) for n in re.findall(r"after (\d)", alt)]
    assert sum(numbers) == len(programs["worth"]) == board.count(" ")


def test_error_by_year_says_errors_parameters_and_seconds():
    rows = [
        {"year": 1958, "name": "one", "error": 13.94, "parameters": 7850, "seconds": 2},
        {"year": 1998, "name": "two", "error": 4.5, "parameters": 9, "seconds": 0.1},
    ]
    shown = plotting.error_by_year(rows)
    assert shown.alt == (
        "Error on the same test images: 1958 one 13.9 % (7,850 parameters, 2 s); "
        "1998 two 4.5 % (9 parameters, 1 s)."
    )
    texts = [text.get_text() for text in shown.figure.axes[0].texts]
    assert texts[0] == "one: 13.9 %\n7,850 parameters\ntrained in 2 s"
