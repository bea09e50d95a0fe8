"""Figures of lesson 2: the frameworks' family, Keras's backends, flatten's orders."""

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


def family(facts):
    """The facts, each below those that it came from; the oldest family first.

    facts: dictionaries with name, year and, where it became another, next.
    """

    def with_ancestors(fact):
        parents = [one for one in facts if one.get("next") == fact["name"]]
        lines = sorted(map(with_ancestors, parents), key=len, reverse=True)
        return [*(one for line in lines for one in line), fact]

    last = [with_ancestors(fact) for fact in facts if "next" not in fact]
    last.sort(key=lambda line: min(fact["year"] for fact in line))
    return [fact for line in last for fact in line]


@picture
def framework_lives(frameworks, relatives=()):
    """A bar for each framework, from its first year to its last; arrows: became.

    Both are lists of facts with name, by, year and, where they have it, until and next;
    the relatives' bars are thinner.
    """
    facts = family([*frameworks, *relatives])
    rows = {fact["name"]: row for row, fact in enumerate(facts)}
    figure, axes = canvas(8.6, 0.6 + 0.36 * len(facts))
    for row, fact in enumerate(facts):
        first, last = fact["year"], fact.get("until")
        height = 0.62 if fact in frameworks else 0.36
        colour, end = (PALE, last) if last else (SKY, TODAY)
        axes.barh(row, end - first, left=first, height=height, color=colour)
        if not last:
            axes.plot(TODAY, row, ">", color=SKY, markersize=24 * height, clip_on=False)
        short = end - first < 4  # its name would not fit in
        beside = end + 0.2 if short else first + 0.1
        axes.text(beside, row, f"{fact['name']}, {first}", va="center")
        axes.text(first - 0.15, row, fact["by"], va="center", ha="right", color=GREY)
        if "next" in fact:
            below = rows[fact["next"]]
            year = max(facts[below]["year"], last)
            axes.annotate(
                "",
                (year + 0.05, below - 0.2),
                (last, row + 0.1),
                arrowprops={"arrowstyle": "-|>", "color": ORANGE, "lw": 2},
            )
    axes.invert_yaxis()
    axes.set(yticks=[], xlim=(2007.5, TODAY + 0.4), xticks=range(2010, 2027, 2))
    axes.spines["left"].set_visible(False)
    alive = [fact["name"] for fact in frameworks if "until" not in fact]
    ended = [f"{f['name']} {f['until']}" for f in frameworks if "until" in f]
    became = [f"{fact['name']} to {fact['next']}" for fact in facts if "next" in fact]
    return figure, (
        f"Frameworks by first year. Still developed: {', '.join(alive)}. "
        f"Ended: {', '.join(ended)}. Descent: {', '.join(became)}."
    )


@picture
def keras_backends(backends):
    """Which libraries did Keras's computing, and when.

    backends: facts with name, begin and, where it ended, end, as dates.
    """
    figure, axes = canvas(10, 3.1)
    said = []
    for row, fact in enumerate(backends):
        first = _fraction(fact["begin"])
        last = _fraction(fact["end"]) if "end" in fact else None
        colour = PALE if last else SKY
        axes.barh(row, (last or TODAY) - first, left=first, height=0.6, color=colour)
        axes.text(first + 0.1, row, fact["name"], va="center")
        if last is None:
            axes.plot(TODAY, row, ">", color=SKY, markersize=14, clip_on=False)
        said.append(f"{fact['name']} {int(first)} to {int(last) if last else 'today'}")
    only_one = max(_fraction(fact["end"]) for fact in backends if "end" in fact)
    again = max(_fraction(fact["begin"]) for fact in backends)
    for year, words in ((only_one, "2.4: TensorFlow only"), (again, "3.0")):
        axes.axvline(year, color=ORANGE, lw=1.5, ls="--")
        axes.text(year + 0.1, -0.75, words, color=ORANGE, va="center")
    axes.set(yticks=[], xlim=(2014.8, TODAY + 0.3), ylim=(len(backends) - 0.5, -1.1))
    axes.set_xticks(range(2015, 2027, 2))
    axes.spines["left"].set_visible(False)
    return figure, f"Keras's backends: {'; '.join(said)}."


def _fraction(date):
    """A date as years: 1 July 2020 is 2020.5."""
    return date.year + (date.month - 1) / 12


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
