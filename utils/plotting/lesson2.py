"""Figures of lesson 2: the frameworks' family, Keras's backends, flatten's orders."""

import numpy as np

from utils.plotting import base as draw
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


def _life(axes, row, first, last, height):
    """A bar from a year to another, or to today; returns the year where it ends."""
    colour, end = (PALE, last) if last else (SKY, TODAY)
    axes.barh(row, end - first, left=first, height=height, color=colour)
    if not last:
        axes.plot(end, row, ">", color=SKY, markersize=20 * height, clip_on=False)
    return end


@draw.picture
def framework_lives(frameworks, relatives=()):
    """A bar for each framework, from its first year to its last; arrows: became.

    Both are lists of facts with name, by, year and, where they have it, until and next;
    the relatives' bars are thinner.
    """
    facts = family([*frameworks, *relatives])
    rows = {fact["name"]: row for row, fact in enumerate(facts)}
    figure, axes = draw.canvas(draw.WIDE, 0.5 + 0.25 * len(facts))
    for row, fact in enumerate(facts):
        first, height = fact["year"], 0.85 if fact in frameworks else 0.6
        end = _life(axes, row, first, fact.get("until"), height)
        name, by = f"{fact['name']}, {first}", fact["by"]
        if end - first <= 4:  # the name would not fit in
            by = f"{by}: {name}"
        else:
            draw.write(axes, first + 0.1, row, name, ha="left")
        draw.write(axes, first - 0.15, row, by, ha="right")
        if "next" in fact:
            below = rows[fact["next"]]
            start = end, row + 0.1
            end = max(facts[below]["year"], end) + 0.05, below - 0.2
            draw.arrow(axes, start, end, ORANGE, lw=2, shrinkA=2, shrinkB=2)
    axes.invert_yaxis()
    axes.set(xlim=(2007.5, TODAY + 0.4), xticks=range(2010, 2027, 2))
    draw.no_scale(axes, "left")
    alive = [fact["name"] for fact in frameworks if "until" not in fact]
    ended = [f"{f['name']} {f['until']}" for f in frameworks if "until" in f]
    became = [f"{fact['name']} to {fact['next']}" for fact in facts if "next" in fact]
    return figure, (
        f"Frameworks by first year. Still developed: {', '.join(alive)}. "
        f"Ended: {', '.join(ended)}. Descent: {', '.join(became)}."
    )


@draw.picture
def points_and_line(x, y, w, b):
    """Points (x, y) and the line w x + b. x, y: one number a point, in any shape."""
    figure, axes = draw.canvas(5, 3)
    axes.plot(np.ravel(x), np.ravel(y), "o", color=SKY, markersize=5)
    ends = np.array([np.min(x), np.max(x)])
    axes.plot(ends, w * ends + b, color=ORANGE)
    axes.set(xlabel="$x$", ylabel="$y$")
    return figure, f"{np.size(x)} points and the line y = {w:.1f} x + {b:.1f}."


@draw.picture
def keras_backends(backends):
    """Which libraries did Keras's computing, and when.

    backends: facts with name, begin and, where it ended, end, as dates.
    """
    figure, axes = draw.canvas(draw.WIDE, 3.1)
    said = []
    for row, fact in enumerate(backends):
        first = _fraction(fact["begin"])
        last = _fraction(fact["end"]) if "end" in fact else None
        _life(axes, row, first, last, 0.7)
        draw.write(axes, first + 0.1, row, fact["name"], ha="left")
        said.append(f"{fact['name']} {int(first)} to {int(last) if last else 'today'}")
    only_one = max(_fraction(fact["end"]) for fact in backends if "end" in fact)
    again = max(_fraction(fact["begin"]) for fact in backends)
    for year, words in ((only_one, "2.4: TensorFlow only "), (again, "3.0 ")):
        axes.axvline(year, color=ORANGE, lw=1.5, ls="--")
        draw.write(axes, year, -0.75, words, ha="right", color=ORANGE)
    axes.set(xlim=(2014.8, TODAY + 0.3), ylim=(len(backends) - 0.5, -1.1))
    axes.set_xticks(range(2015, 2027, 2))
    draw.no_scale(axes, "left")
    return figure, f"Keras's backends: {'; '.join(said)}."


def _fraction(date):
    """A date as years: 1 July 2020 is 2020.5."""
    return date.year + (date.month - 1) / 12


@draw.picture
def flatten_orders():
    """Two maps of 2 x 3, a and b, flattened with the channels last and first."""
    names = np.array([f"{c}{row}{x}" for c in "ab" for row in "01" for x in "012"])
    names = names.reshape(2, 2, 3)
    orders = {
        "channels last: Keras, TensorFlow, JAX": names.transpose(1, 2, 0).ravel(),
        "channels first: PyTorch, Paddle, MXNet, Theano, Caffe": names.ravel(),
    }
    figure, axes = draw.canvas(draw.WIDE, 4.2)

    def cell(x, y, name):
        colour = SKY if name[0] == "a" else YELLOW
        draw.rectangle(axes, x, y, 1, 1, name, fc=colour, ec="white", lw=2)

    for (channel, row, column), name in np.ndenumerate(names):
        cell(3.9 + 3.8 * channel + column, row, name)
    draw.write(axes, 5.4, -0.35, "map a")
    draw.write(axes, 9.2, -0.35, "map b")
    for y, (words, order) in zip((3.4, 6.0), orders.items(), strict=True):
        draw.write(axes, 0.5, y - 0.35, words, ha="left")
        for place, name in enumerate(order):
            cell(0.5 + place, y, name)
            draw.write(axes, 1.0 + place, y + 1.25, place, color=GREY)
    draw.blank(axes, (0, 13.5), (7.5, -0.9), "equal")
    last, first = (", ".join(order[:4]) for order in orders.values())
    return figure, (
        f"2 maps of 2 x 3, 12 numbers. Channels last begins {last}; channels first "
        f"begins {first}."
    )
