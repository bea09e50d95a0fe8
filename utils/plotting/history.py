"""Lesson 1's figures: a timeline, the perceptron's lines, a game, errors by year."""

import numpy as np

from utils.plotting.base import (
    BLACK,
    BLUE,
    GREY,
    ORANGE,
    PALE,
    PINK,
    SKY,
    canvas,
    picture,
)

# Each kind of program has a colour and a shape: one of the two is enough to see it.
KINDS = {
    "learning": (BLUE, "o"),
    "search": (ORANGE, "s"),
    "rules": (PINK, "D"),
    "other": (GREY, "x"),
}


@picture
def timeline(events, eras):
    """The events from top to bottom, with booms and winters shaded behind them.

    events: facts with year, label and kinds; eras: facts with year, until, label
    and winter (see utils.facts).
    """
    figure, axes = canvas(6.6, 9.2)
    first, last = 1940, 2027
    for era in eras:
        colour = PALE if era["winter"] else SKY
        axes.fill_between(
            [0, 0.27],
            era["year"],
            era["until"],
            color=colour,
            alpha=1 if era["winter"] else 0.4,
            lw=0,
        )
        axes.text(
            0.01,
            (era["year"] + era["until"]) / 2,
            era["label"] if era["winter"] else era["label"].replace(" ", "\n", 1),
            va="center",
            linespacing=1.05,
            style="italic" if era["winter"] else "normal",
        )
    places = _spread([event["year"] for event in events], 3.75, first + 2, last - 2)
    for event, place in zip(events, places, strict=True):
        year = event["year"]
        axes.plot([0.27, 0.30, 0.335], [year, year, place], color=GREY, lw=0.9)
        for number, kind in enumerate(event["kinds"] or ["other"]):
            colour, shape = KINDS[kind]
            axes.plot(
                0.355 + 0.035 * number, place, marker=shape, color=colour, markersize=8
            )
        axes.text(0.42, place, f"{year}  {event['label']}", va="center")
    axes.plot([0.27, 0.27], [first, last], color=GREY, lw=2)
    axes.set(xlim=(0, 1), ylim=(last, first - 6.5), xticks=[], yticks=[])
    axes.spines[:].set_visible(False)
    for decade in range(1950, 2030, 10):
        axes.plot([0.262, 0.278], [decade, decade], color=GREY, lw=2)
        axes.text(0.252, decade, decade, ha="right", va="center")
    for x, kind in zip((0.02, 0.27, 0.49, 0.68), KINDS, strict=True):
        colour, shape = KINDS[kind]
        axes.plot(x, first - 4, marker=shape, color=colour, markersize=9)
        name = "none of these" if kind == "other" else kind
        axes.text(x + 0.03, first - 4, name, va="center")
    winters = [f"{era['year']} to {era['until']}" for era in eras if era["winter"]]
    count = {
        kind: sum(kind in event["kinds"] for event in events)
        for kind in ("learning", "search", "rules")
    }
    return figure, (
        f"A timeline of {len(events)} events from {events[0]['year']} to "
        f"{events[-1]['year']}: {count['learning']} with learning, {count['search']} "
        f"with search, {count['rules']} with rules; winters about "
        f"{' and about '.join(winters)}."
    )


def _spread(years, gap, lowest, highest):
    """Places as near to the years as a distance of `gap` between them allows."""
    places = np.array(years, float)
    for _ in range(2000):
        for one in range(len(places) - 1):
            short = gap - (places[one + 1] - places[one])
            if short > 1e-6:
                places[one] -= short / 2
                places[one + 1] += short / 2
        places[0] = max(places[0], lowest)
        places[-1] = min(places[-1], highest)
    return places


@picture
def perceptron_lines(inputs, targets, steps, columns=4):
    """Where a neuron with two inputs fires, after each change of its weights.

    inputs: (4, 2); targets: 0 or 1 for each; steps: (w, b) after each change.
    The neuron fires in the shaded half; a cross marks a wrong answer.
    """
    rows = -(-len(steps) // columns)
    figure, panels = canvas(
        10, (10 / columns + 0.45) * rows, rows, columns, squeeze=False
    )
    said = []
    for panel in panels.ravel()[len(steps) :]:
        panel.axis("off")
    grid = np.linspace(-0.6, 1.6, 221)
    mesh = np.stack(np.meshgrid(grid, grid), axis=-1)
    for number, (panel, (w, b)) in enumerate(zip(panels.ravel(), steps, strict=False)):
        sums = mesh @ np.asarray(w, float) + b
        fires = sums > 0
        panel.contourf(
            grid, grid, fires.astype(float), levels=[0.5, 1.5], colors=[SKY], alpha=0.4
        )
        if fires.any() and not fires.all():
            panel.contour(grid, grid, sums, levels=[1e-9], colors=[BLUE])
        wrong = _points(panel, inputs, targets, inputs @ np.asarray(w) + b > 0)
        panel.set_title(f"step {number}: {wrong} wrong")
        said.append(str(wrong))
        _frame_unit(panel)
    return figure, (
        f"Where the neuron fires after each of {len(steps) - 1} weight changes; "
        f"wrong answers among the {len(inputs)} points: {', '.join(said)}."
    )


@picture
def two_layers(inputs, targets, forward, stages):
    """Where a network with two inputs answers above 0.5, at stages of its training.

    forward: (inputs, W1, b1, W2, b2) -> (hidden, output); stages: {title: the four
    weights}. Each hidden unit has its line, dashed.
    """
    figure, panels = canvas(10, 3.1, 1, len(stages))
    grid = np.linspace(-0.6, 1.6, 221)
    mesh = np.stack(np.meshgrid(grid, grid), axis=-1)
    said = []
    for panel, (title, weights) in zip(panels, stages.items(), strict=True):
        output = forward(mesh, *weights)[1]
        panel.contourf(grid, grid, output, levels=[0.5, 1.01], colors=[SKY], alpha=0.4)
        for w, b in zip(weights[0].T, weights[1], strict=True):
            sums = mesh @ w + b
            if sums.min() < 0 < sums.max():
                panel.contour(
                    grid, grid, sums, levels=[0], colors=[BLUE], linestyles="--"
                )
        wrong = _points(panel, inputs, targets, forward(inputs, *weights)[1] > 0.5)
        panel.set_title(f"{title}: {wrong} wrong")
        _frame_unit(panel)
        said.append(f"{title} {wrong}")
    return figure, (
        "Where a network of two layers answers 1, with the lines of its hidden "
        f"units; wrong answers: {', '.join(said)}."
    )


def _points(panel, inputs, targets, answers):
    """Draw the points, cross out the wrong ones, and return how many are wrong."""
    wrong = np.asarray(answers, bool) != np.asarray(targets, bool)
    for (x, y), target, mistake in zip(inputs, targets, wrong, strict=True):
        panel.plot(
            x,
            y,
            "o",
            markersize=17,
            color=BLACK if target else "white",
            markeredgecolor=BLACK,
        )
        panel.text(
            x,
            y - 0.01,
            int(target),
            ha="center",
            va="center",
            color="white" if target else BLACK,
        )
        if mistake:
            panel.plot(
                x + 0.24, y + 0.24, "x", color=ORANGE, markersize=10, markeredgewidth=3
            )
    return int(wrong.sum())


def _frame_unit(panel):
    panel.set(
        xlim=(-0.6, 1.6),
        ylim=(-0.6, 1.6),
        aspect="equal",
        xticks=[0, 1],
        yticks=[0, 1],
        xlabel="$x_1$",
        ylabel="$x_2$",
    )
    panel.spines[:].set_visible(True)


@picture
def noughts_and_crosses(board, values):
    """A position, and what each free field is worth to X, who moves next.

    board: nine characters, "X", "O" or " "; values: {field: 1, 0 or -1}.
    """
    figure, axes = canvas(4.4, 4.2)
    words = {1: ("X wins", BLUE), 0: ("draw", GREY), -1: ("O wins", ORANGE)}
    for line in (1, 2):
        axes.plot([line, line], [0, 3], color=BLACK)
        axes.plot([0, 3], [line, line], color=BLACK)
    for field, mark in enumerate(board):
        row, column = divmod(field, 3)
        x, y = column + 0.5, 2.5 - row
        if mark == "X":
            axes.plot([x - 0.22, x + 0.22], [y - 0.22, y + 0.22], color=BLACK, lw=4)
            axes.plot([x - 0.22, x + 0.22], [y + 0.22, y - 0.22], color=BLACK, lw=4)
        elif mark == "O":
            axes.plot(
                x,
                y,
                "o",
                markersize=34,
                markerfacecolor="none",
                markeredgecolor=BLACK,
                markeredgewidth=4,
            )
        else:
            word, colour = words[values[field]]
            axes.text(x, y + 0.12, word, ha="center", va="center", color=colour)
            axes.text(
                x,
                y - 0.15,
                f"{values[field]:+d}" if values[field] else "0",
                ha="center",
                va="center",
                color=colour,
            )
    axes.set(xlim=(-0.05, 3.05), ylim=(-0.05, 3.05), aspect="equal")
    axes.axis("off")
    count = {
        word: sum(values[f] == v for f in values) for v, (word, _) in words.items()
    }
    said = ", ".join(f"{word} after {n}" for word, n in count.items())
    return figure, f"Nine fields; of the {len(values)} moves that X can make: {said}."


@picture
def error_by_year(networks):
    """The measured error of each network against the year of its newest idea.

    networks: dictionaries with year, name, error (in per cent) and parameters.
    """
    figure, axes = canvas(9, 4.6)
    years = [network["year"] for network in networks]
    errors = [network["error"] for network in networks]
    axes.plot(years, errors, color=SKY, lw=2, zorder=1)
    axes.plot(years, errors, "o", color=BLUE, markersize=10)
    said = []
    for network in networks:
        axes.annotate(
            f"{network['name']}\n{network['error']:.1f} %\n"
            f"{network['parameters']:,} parameters",
            (network["year"], network["error"]),
            xytext=(7, 5),
            textcoords="offset points",
            va="bottom",
            linespacing=1.15,
        )
        said.append(f"{network['year']} {network['name']} {network['error']:.1f} %")
    axes.set(
        xlim=(1954, 2034),
        ylim=(0, max(errors) * 1.42),
        xticks=years,
        xlabel="year of the newest idea in it",
        ylabel="error on test images, %",
    )
    return figure, f"Error on the same test images: {'; '.join(said)}."


# Where a label stands beside its mark: (offset in points, ha, va).
SIDES = {
    "right": ((11, -3), "left", "top"),
    "left": ((-11, 6), "right", "center"),
    "below": ((0, -10), "center", "top"),
}
# Marks that are close to each other need their labels on other sides.
SIDE_OF = {
    "ASCI Red, fastest of its time": "left",
    "GTX 580, a gamer's card": "below",
    "V100": "right",
    "H100": "left",
    "postcode digits": "left",
    "ImageNet contest": "left",
    "LAION-5B, from the web": "left",
}


@picture
def growth(machines, datasets):
    """Operations a second and sizes of data sets by year, on logarithmic axes.

    machines: facts with year, label and flops; datasets: with year, label and size.
    """
    figure, panels = canvas(9, 8.6, 2, 1)
    said = []
    for panel, rows, key, title, colour, shape in (
        (panels[0], machines, "flops", "operations a second", BLUE, "o"),
        (panels[1], datasets, "size", "examples in a data set", ORANGE, "s"),
    ):
        years = [row["year"] for row in rows]
        values = [row[key] for row in rows]
        panel.plot(years, values, color=colour, lw=1, alpha=0.4)
        panel.plot(years, values, shape, color=colour, markersize=9)
        for row in rows:
            offset, ha, va = SIDES[SIDE_OF.get(row["label"], "right")]
            panel.annotate(
                f"{row['label']}\n{_power_words(row[key])}",
                (row["year"], row[key]),
                xytext=offset,
                textcoords="offset points",
                ha=ha,
                va=va,
            )
        panel.set_yscale("log")
        panel.set(xlim=(1932, 2032), title=title)
        panel.set_ylim(min(values) / 30, max(values) * 12)
        panel.grid(axis="y", color=PALE, lw=0.8)
        said.append(
            f"{title} grow from {_power_words(values[0])} in {years[0]} to "
            f"{_power_words(values[-1])} in {years[-1]}"
        )
    return figure, f"On logarithmic axes: {'; '.join(said)}."


def _power_words(value):
    """12000 -> "12 thousand", 1.581e12 -> "1.58 trillion"."""
    for size, word in (
        (1e12, " trillion"),
        (1e9, " billion"),
        (1e6, " million"),
        (1e3, " thousand"),
    ):
        if value >= size:
            return f"{value / size:.3g}{word}"
    return f"{value:g}"
