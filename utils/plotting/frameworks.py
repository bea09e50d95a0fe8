"""Figures of lesson 2: the frameworks' lives, Keras's backends, flatten's orders."""

import re

import numpy as np

from utils.plotting.base import (
    GREY,
    ORANGE,
    PALE,
    SKY,
    YELLOW,
    canvas,
    picture,
)

TODAY = 2026.9

# (child, parent, year, words): who came from whom.
DESCENT = [
    ("PyTorch", "Caffe", 2018, "through Caffe2, into PyTorch (2018)"),
]

# Keras's backends: (name, from, until or None). Keras's release notes: TensorFlow
# beside Theano since November 2015, CNTK since June 2017, only TensorFlow from 2.4
# (June 2020), JAX and PyTorch since 3.0 (November 2023).
BACKENDS = [
    ("Theano", 2015.2, 2020.5),
    ("TensorFlow", 2015.9, None),
    ("CNTK", 2017.5, 2020.5),
    ("JAX", 2023.9, None),
    ("PyTorch", 2023.9, None),
]


def life(fact):
    """(first year, last year or None) of a framework, from its fact."""
    first = int(re.search(r"\d{4}", fact["date"])[0])
    ended = re.match(r"(?:end announced|last release|retired)\D*", fact["status"])
    last = re.search(r"\b20\d\d\b", fact["status"]) if ended else None
    return first, int(last[0]) if last else None


def family(facts):
    """The facts by first year, but each child right below its parent."""
    order = sorted(facts, key=lambda fact: life(fact)[0])
    names = [fact["name"] for fact in order]
    for child, parent, *_ in DESCENT:
        names.remove(child)
        names.insert(names.index(parent) + 1, child)
    return sorted(order, key=lambda fact: names.index(fact["name"]))


@picture
def framework_lives(facts):
    """A bar for each framework, from its first year to its last.

    facts: dictionaries with name, by, date, status, as in lessons/facts.toml.
    """
    facts = family(facts)
    figure, axes = canvas(10, 0.8 + 0.48 * len(facts))
    place, alive, ended = {}, [], []
    for row, fact in enumerate(facts):
        first, last = life(fact)
        place[fact["name"]] = row
        colour, end = (SKY, TODAY) if last is None else (PALE, last + 0.9)
        axes.barh(row, end - first, left=first, height=0.62, color=colour)
        axes.text(first + 0.1, row, f"{fact['name']}, {first}", va="center")
        axes.text(first - 0.15, row, fact["by"], va="center", ha="right", color=GREY)
        if last is None:
            axes.plot(TODAY, row, ">", color=SKY, markersize=15, clip_on=False)
            alive.append(fact["name"])
            continue
        words = f"ended {last}"
        if later := re.search(r"lives on as (.+)", fact["status"]):
            words += f"; then {later[1].replace(', then', ',')}"
        axes.text(end + 0.1, row, words, va="center")
        ended.append(f"{fact['name']} {last}")
    for child, parent, year, words in DESCENT:
        above, below = place[parent] + 0.31, place[child] - 0.31
        axes.annotate(
            "",
            (year, below + 0.12),
            (year - 0.3, above - 0.05),
            arrowprops={"arrowstyle": "-|>", "color": ORANGE, "lw": 2},
        )
        between = (above + below) / 2
        axes.text(year + 0.15, between, words, color=ORANGE, va="center")
    axes.invert_yaxis()
    axes.set(yticks=[], xlim=(2004.5, TODAY + 0.4), xticks=range(2010, 2027, 2))
    axes.spines["left"].set_visible(False)
    said = "; ".join(f"{parent}, {words}" for _, parent, _, words in DESCENT)
    return figure, (
        f"Frameworks by first year. Still developed: {', '.join(alive)}. "
        f"Ended: {', '.join(ended)}. {said}."
    )


@picture
def keras_backends():
    """Which libraries did Keras's computing, and when."""
    figure, axes = canvas(10, 3.1)
    said = []
    for row, (name, first, last) in enumerate(BACKENDS):
        colour = PALE if last else SKY
        axes.barh(row, (last or TODAY) - first, left=first, height=0.6, color=colour)
        axes.text(first + 0.1, row, name, va="center")
        if last is None:
            axes.plot(TODAY, row, ">", color=SKY, markersize=14, clip_on=False)
        said.append(f"{name} {int(first)} to {int(last) if last else 'today'}")
    for year, words in ((2020.5, "2.4: TensorFlow only"), (2023.9, "3.0")):
        axes.axvline(year, color=ORANGE, lw=1.5, ls="--")
        axes.text(year + 0.1, -0.75, words, color=ORANGE, va="center")
    axes.set(yticks=[], xlim=(2014.8, TODAY + 0.3), ylim=(len(BACKENDS) - 0.5, -1.1))
    axes.set_xticks(range(2015, 2027, 2))
    axes.spines["left"].set_visible(False)
    return figure, f"Keras's backends: {'; '.join(said)}."


@picture
def flatten_orders(height=2, width=3, channels=2):
    """The same small maps, flattened with the channels last and first."""
    colours = [SKY, YELLOW, PALE]
    maps = np.arange(height * width * channels).reshape(channels, height, width)
    names = np.array(
        [
            [[f"{'abc'[c]}{r}{k}" for k in range(width)] for r in range(height)]
            for c in range(channels)
        ]
    )
    figure, axes = canvas(10, 3.9)
    left = 0.5

    def cell(x, y, channel, text):
        axes.add_patch(_square(x, y, colours[channel]))
        axes.text(x + 0.5, y + 0.5, text, ha="center", va="center")

    for channel in range(channels):
        for row in range(height):
            for column in range(width):
                x = left + 3.4 + channel * (width + 0.8) + column
                cell(x, row, channel, names[channel, row, column])
        axes.text(
            left + 3.2 + channel * (width + 0.8) + width + 0.3,
            -0.35,
            f"map {'ab'[channel]}",
            ha="right",
            va="center",
        )
    last = names.transpose(1, 2, 0).ravel()
    first = names.ravel()
    for y, words, order in (
        (3.4, "channels last: Keras, TensorFlow, JAX", last),
        (5.5, "channels first: PyTorch, Paddle, MXNet, Theano, Caffe", first),
    ):
        axes.text(left, y - 0.35, words, va="center")
        for place, name in enumerate(order):
            cell(left + place, y, "abc".index(name[0]), name)
            axes.text(
                left + place + 0.5,
                y + 1.25,
                place,
                ha="center",
                va="center",
                color=GREY,
            )
    axes.set(xlim=(0, 13.5), ylim=(7.0, -0.9), aspect="equal")
    axes.axis("off")
    return figure, (
        f"{channels} maps of {height} x {width}, {maps.size} numbers. Channels last "
        f"begins {', '.join(last[:4])}; channels first begins {', '.join(first[:4])}."
    )


def _square(x, y, colour):
    from matplotlib.patches import Rectangle

    return Rectangle((x, y), 1, 1, facecolor=colour, edgecolor="white", lw=2)
