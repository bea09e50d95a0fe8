"""Figures of lesson 2: the frameworks' family, Keras's backends, flatten's orders."""

import numpy as np

from utils.plotting.base import arrow, canvas, no_scale, picture, rectangle, write
from utils.plotting.colours import GREY, ORANGE, PALE, SKY, YELLOW

TODAY = 2026.9


def family(facts):
    """The facts, each below those that it came from, of which the last to end is on
    top: its arrow passes the others. The oldest family comes first.

    facts: dictionaries with name, year and, where it became another, next.
    """

    def with_ancestors(fact):
        parents = [one for one in facts if one.get("next") == fact["name"]]
        parents.sort(key=lambda parent: parent["until"], reverse=True)
        lines = map(with_ancestors, parents)
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
        height = 0.7 if fact in frameworks else 0.5
        colour, end = (PALE, last) if last else (SKY, TODAY)
        axes.barh(row, end - first, left=first, height=height, color=colour)
        if not last:
            axes.plot(TODAY, row, ">", color=SKY, markersize=24 * height, clip_on=False)
        name, by = f"{fact['name']}, {first}", fact["by"]
        if end - first < 4:  # the name would not fit in
            by = f"{by}: {name}"
        else:
            axes.text(first + 0.1, row, name, va="center")
        axes.text(first - 0.15, row, by, va="center", ha="right")
        if "next" in fact:
            below = rows[fact["next"]]
            start = last, row + 0.1
            end = max(facts[below]["year"], last) + 0.05, below - 0.2
            arrow(axes, start, end, ORANGE, lw=2, shrinkA=2, shrinkB=2)
    axes.invert_yaxis()
    axes.set(xlim=(2007.5, TODAY + 0.4), xticks=range(2010, 2027, 2))
    no_scale(axes, "left")
    alive = [fact["name"] for fact in frameworks if "until" not in fact]
    ended = [f"{f['name']} {f['until']}" for f in frameworks if "until" in f]
    became = [f"{fact['name']} to {fact['next']}" for fact in facts if "next" in fact]
    return figure, (
        f"Frameworks by first year. Still developed: {', '.join(alive)}. "
        f"Ended: {', '.join(ended)}. Descent: {', '.join(became)}."
    )


@picture
def points_and_line(x, y, w, b):
    """Points (x, y) and the line w x + b. x, y: one number a point, in any shape."""
    figure, axes = canvas(5, 3)
    axes.plot(np.ravel(x), np.ravel(y), "o", color=SKY, markersize=5)
    ends = np.array([np.min(x), np.max(x)])
    axes.plot(ends, w * ends + b, color=ORANGE)
    axes.set(xlabel="$x$", ylabel="$y$")
    return figure, f"{np.size(x)} points and the line y = {w:.1f} x + {b:.1f}."


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
    axes.set(xlim=(2014.8, TODAY + 0.3), ylim=(len(backends) - 0.5, -1.1))
    axes.set_xticks(range(2015, 2027, 2))
    no_scale(axes, "left")
    return figure, f"Keras's backends: {'; '.join(said)}."


def _fraction(date):
    """A date as years: 1 July 2020 is 2020.5."""
    return date.year + (date.month - 1) / 12


@picture
def flatten_orders():
    """Two maps of 2 x 3, a and b, flattened with the channels last and first."""
    names = np.array(
        [
            [[f"{c}{row}{column}" for column in range(3)] for row in range(2)]
            for c in "ab"
        ]
    )
    orders = {
        "channels last: Keras, TensorFlow, JAX": names.transpose(1, 2, 0).ravel(),
        "channels first: PyTorch, Paddle, MXNet, Theano, Caffe": names.ravel(),
    }
    figure, axes = canvas(10, 4.2)

    def cell(x, y, name):
        colour = SKY if name[0] == "a" else YELLOW
        rectangle(axes, x, y, 1, 1, facecolor=colour, edgecolor="white", lw=2)
        write(axes, x + 0.5, y + 0.5, name)

    for (channel, row, column), name in np.ndenumerate(names):
        cell(3.9 + 3.8 * channel + column, row, name)
    write(axes, 5.4, -0.35, "map a")
    write(axes, 9.2, -0.35, "map b")
    for y, (words, order) in zip((3.4, 6.0), orders.items(), strict=True):
        write(axes, 0.5, y - 0.35, words, ha="left")
        for place, name in enumerate(order):
            cell(0.5 + place, y, name)
            write(axes, 1.0 + place, y + 1.25, place, color=GREY)
    axes.set(xlim=(0, 13.5), ylim=(7.5, -0.9), aspect="equal")
    axes.axis("off")
    last, first = (", ".join(order[:4]) for order in orders.values())
    return figure, (
        f"2 maps of 2 x 3, 12 numbers. Channels last begins {last}; channels first "
        f"begins {first}."
    )
