"""Lesson 1's figures: a timeline, the perceptron's lines, a game, errors by year."""

import html

import numpy as np

from utils.plotting.base import WHITE_GROUND, canvas, counted, note, picture, write
from utils.plotting.colours import BLACK, BLUE, ORANGE, PALE, SKY

# Each kind of program has a sign, a colour (dark, since it is text), and its word.
SIGNS = {
    "learning": ("●", "#00507D"),
    "search": ("■", "#8A3D00"),
    "rules": ("◆", "#7A2F5E"),
}
BOOM, WINTER, BETWEEN = "#C4E3F6", PALE, "#FFFFFF"


class Timeline:
    """Events below each other, booms and winters shaded; each links to its source.

    HTML and no drawing: its text is as large as the page's, wraps on a phone, and can
    be clicked. A row is as tall as the time until the next one is long.

    events: facts with year, label, claim, kinds, source, link and sure; eras: facts
    with year, until, label, date and winter (see utils.records.facts).
    """

    PIXELS = 1.5  # a year

    def __init__(self, events, eras):
        self.events, self.eras = events, eras

    @property
    def alt(self):
        winters = [
            f"{era['year']} to {era['until']}" for era in self.eras if era["winter"]
        ]
        count = {
            kind: sum(kind in event["kinds"] for event in self.events) for kind in SIGNS
        }
        said = ", ".join(f"{number} with {kind}" for kind, number in count.items())
        return (
            f"A timeline of {len(self.events)} events from {self.events[0]['year']} to "
            f"{self.events[-1]['year']}: {said}; winters about "
            f"{' and about '.join(winters)}."
        )

    def __repr__(self):
        return self.alt

    def _repr_html_(self):
        rows = sorted(self._rows(), key=lambda row: row[0])  # stable: eras come first
        years = [year for year, *_ in rows[1:]] + [rows[-1][0]]
        body = "".join(
            draw(fact, self._colour(year), self.PIXELS * (following - year))
            for (year, draw, fact), following in zip(rows, years, strict=True)
        )
        return (
            f'<table aria-label="{html.escape(self.alt)}" style="margin: 0; color: '
            f'{BLACK}; border-collapse: collapse; font-size: 1em">{body}</table>'
        )

    def _rows(self):
        starts = {era["year"] for era in self.eras}
        for era in self.eras:
            yield era["year"], _era_row, era
            if era["until"] not in starts and era is not self.eras[-1]:
                yield era["until"], _empty_row, era
        for event in self.events:
            yield event["year"], _event_row, event

    def _colour(self, year):
        for era in self.eras:
            if era["year"] <= year < era["until"]:
                return WINTER if era["winter"] else BOOM
        return BETWEEN


def timeline(events, eras):
    """A Timeline of the events, with the eras shaded behind them."""
    return Timeline(events, eras)


def _era_row(era, colour, below):
    return _row(
        colour,
        f'<th colspan="3" scope="colgroup" style="text-align: left; padding: 3px 8px '
        f'{3 + below:g}px">{html.escape(era["label"])} <span style="font-weight: '
        f'normal">({html.escape(era["date"])})</span></th>',
    )


def _event_row(event, colour, below):
    source = f"{event['claim']}. Source: {event['source']} ({event['sure']})"
    kinds = ", ".join(
        f'<span style="color: {SIGNS[kind][1]}; white-space: nowrap">'
        f"{SIGNS[kind][0]} {kind}</span>"
        for kind in event["kinds"]
    )
    cell = (
        '<td style="text-align: left; vertical-align: top; '
        f'padding: 1px 8px {1 + below:g}px">'
    )
    return _row(
        colour,
        f"{cell}{event['year']}</td>{cell}"
        f'<a href="{html.escape(event["link"])}" title="{html.escape(source)}" '
        f'style="color: {BLACK}; text-decoration: underline">'
        f"{html.escape(event['label'])}</a></td>{cell}{kinds}</td>",
    )


def _empty_row(era, colour, below):
    return _row(colour, f'<td colspan="3" style="padding: {below:g}px 0 0"></td>')


def _row(colour, cells):
    return f'<tr style="background: {colour}; line-height: 1.35">{cells}</tr>'


GRID = np.linspace(-0.6, 1.6, 221)
UNIT_SQUARE = np.stack(np.meshgrid(GRID, GRID), axis=-1)  # and a little around it


@picture
def perceptron_lines(inputs, targets, steps, first=0):
    """Where a neuron with two inputs fires, after each change of its weights.

    inputs: (4, 2); targets: 0 or 1 for each; steps: (w, b), one or after each change;
    first: the number of the first step.
    The neuron fires in the shaded half; a cross marks a wrong answer.
    """
    rows, columns = -(-len(steps) // 3), min(len(steps), 3)
    figure, panels = canvas(2.6 * columns, 3 * rows, rows, columns)
    said = []
    for panel in panels.ravel()[len(steps) :]:
        panel.axis("off")
    pairs = zip(panels.ravel(), steps, strict=False)
    for number, (panel, (w, b)) in enumerate(pairs, first):
        w, b = np.asarray(w, float), float(b)
        sums = UNIT_SQUARE @ w + b
        fires = sums > 0
        _shade(panel, fires.astype(float))
        if fires.any() and not fires.all():
            panel.contour(GRID, GRID, sums, levels=[1e-9], colors=[BLUE])
        wrong = _points(panel, inputs, targets, inputs @ w + b > 0)
        step = f"step {number}: " if len(steps) > 1 else ""
        panel.set_title(f"{step}{wrong} wrong")
        said.append(str(wrong))
    changes = counted(len(steps) - 1, "weight change")
    when = f" after each of {changes}" if len(steps) > 1 else ""
    return figure, (
        f"Where the neuron fires{when}; wrong answers among the "
        f"{len(inputs)} points: {', '.join(said)}."
    )


@picture
def two_layers(inputs, targets, forward, stages):
    """Where a network with two inputs answers above 0.5, at stages of its training.

    forward: (inputs, W1, b1, W2, b2) -> (hidden, output); stages: {title: the four
    weights}. Each hidden unit has its line, dashed.
    """
    figure, (panels,) = canvas(10, 3.1, 1, len(stages))
    said = []
    for panel, (title, weights) in zip(panels, stages.items(), strict=True):
        _shade(panel, forward(UNIT_SQUARE, *weights)[1])
        for w, b in zip(weights[0].T, weights[1], strict=True):
            sums = UNIT_SQUARE @ w + b
            if sums.min() < 0 < sums.max():
                line = {"levels": [0], "colors": [BLUE], "linestyles": "--"}
                panel.contour(GRID, GRID, sums, **line)
        wrong = _points(panel, inputs, targets, forward(inputs, *weights)[1] > 0.5)
        panel.set_title(f"{title}: {wrong} wrong")
        said.append(f"{title} {wrong}")
    return figure, (
        "Where a network of two layers answers 1, with the lines of its hidden "
        f"units; wrong answers: {', '.join(said)}."
    )


def _shade(panel, answers):
    """Frame the unit square, and shade where the answers (221, 221) are above 0.5."""
    panel.contourf(GRID, GRID, answers, levels=[0.5, 1.5], colors=[SKY], alpha=0.4)
    panel.set(xlim=(-0.6, 1.6), ylim=(-0.6, 1.6), aspect="equal")
    panel.set(xticks=[0, 1], yticks=[0, 1], xlabel="$x_1$", ylabel="$x_2$")
    panel.spines[:].set_visible(True)


def _points(panel, inputs, targets, answers):
    """Draw the points, cross out the wrong ones, and return how many are wrong."""
    disc = {"markersize": 17, "markeredgecolor": BLACK}
    cross = {"color": ORANGE, "markersize": 10, "markeredgewidth": 3}
    wrong = np.asarray(answers, bool) != np.asarray(targets, bool)
    for (x, y), target, mistake in zip(inputs, targets, wrong, strict=True):
        panel.plot(x, y, "o", color=BLACK if target else "white", **disc)
        write(panel, x, y - 0.01, int(target), color="white" if target else BLACK)
        if mistake:
            panel.plot(x + 0.24, y + 0.24, "x", **cross)
    return int(wrong.sum())


@picture
def noughts_and_crosses(board, values):
    """A position, and what each free field is worth to X, who moves next.

    board: nine characters, "X", "O" or " "; values: {field: 1, 0 or -1}.
    """
    figure, axes = canvas(4, 3.9)
    words = {1: ("X wins", BLUE), 0: ("draw", BLACK), -1: ("O wins", ORANGE)}
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
            ring = {"markerfacecolor": "none", "markeredgecolor": BLACK}
            axes.plot(x, y, "o", markersize=36, markeredgewidth=4, **ring)
        else:
            word, colour = words[values[field]]
            write(axes, x, y + 0.12, word, color=colour)
            worth = f"{values[field]:+d}" if values[field] else "0"
            write(axes, x, y - 0.15, worth, color=colour)
    axes.set(xlim=(-0.05, 3.05), ylim=(-0.05, 3.05), aspect="equal")
    axes.axis("off")
    worths = list(values.values())
    said = ", ".join(
        f"{word} after {worths.count(worth)}" for worth, (word, _) in words.items()
    )
    return figure, f"Nine fields; of the {len(values)} moves that X can make: {said}."


@picture
def error_by_year(networks):
    """The measured error of each network against the year of its newest idea.

    networks: dictionaries with year, name, error (in per cent), parameters, and the
    seconds that the training took.
    """
    figure, axes = canvas(9, 4.8)
    years = [network["year"] for network in networks]
    errors = [network["error"] for network in networks]
    axes.plot(years, errors, color=SKY, lw=2, zorder=1)
    axes.plot(years, errors, "o", color=BLUE, markersize=10)
    said = []
    for number, network in enumerate(networks):
        seconds = max(round(network["seconds"]), 1)
        parameters = f"{network['parameters']:,} parameters"
        text = f"{network['name']}\n{network['error']:.1f} % wrong\n{parameters}\n"
        text += f"trained in {seconds} s"
        place = network["year"], network["error"]
        if number == 1:  # the third is near: this one steps aside
            note(axes, text, place, (-7, 0), ha="right", va="top", linespacing=1.15)
        else:
            note(axes, text, place, (7, 5), va="bottom", linespacing=1.15)
        said.append(
            f"{network['year']} {network['name']} {network['error']:.1f} % "
            f"({parameters}, {seconds} s)"
        )
    axes.set(
        xlim=(1954, 2034),
        ylim=(0, max(errors) * 1.5),
        xticks=years,
        xlabel="year of the newest idea in the network",
        ylabel="error on test images, %",
    )
    return figure, f"Error on the same test images: {'; '.join(said)}."


# Where a label stands beside its mark: (offset in points, ha, va).
SIDES = {
    "right": ((11, -3), "left", "top"),
    "left": ((-11, 6), "right", "center"),
    "below": ((36, -12), "right", "top"),
}


@picture
def growth(machines, datasets):
    """Operations a second and sizes of data sets by year, on logarithmic axes.

    machines: facts with year, label and flops; datasets: with year, label and size.
    Where marks are close to each other, a fact's side says where its label stands.
    """
    figure, ((above,), (below,)) = canvas(8, 7.2, 2, 1)
    figure.get_layout_engine().set(hspace=0.12)
    said = []
    for panel, rows, key, title, colour, shape in (
        (above, machines, "flops", "operations a second", BLUE, "o"),
        (below, datasets, "size", "examples in a data set", ORANGE, "s"),
    ):
        years = [row["year"] for row in rows]
        values = [row[key] for row in rows]
        panel.plot(years, values, color=colour, lw=1, alpha=0.4)
        panel.plot(years, values, shape, color=colour, markersize=9, zorder=4)
        for row in rows:
            offset, ha, va = SIDES[row.get("side", "right")]
            text = f"{row['label']}\n{_power_words(row[key])}"
            style = {"ha": ha, "va": va, "bbox": {**WHITE_GROUND, "pad": 0.5}}
            note(panel, text, (row["year"], row[key]), offset, **style)
        panel.set_yscale("log")
        panel.set(xlim=(1932, 2032), title=title)
        panel.set_ylim(min(values) / 300, max(values) * 12)
        said.append(
            f"{title} grow from {_power_words(values[0])} in {years[0]} to "
            f"{_power_words(values[-1])} in {years[-1]}"
        )
    return figure, f"On logarithmic axes: {'; '.join(said)}."


def _power_words(value):
    """12000 -> "12 thousand", 1.581e12 -> "1.58 trillion"."""
    sizes = {1e12: "trillion", 1e9: "billion", 1e6: "million", 1e3: "thousand"}
    for size, word in sizes.items():
        if value >= size:
            return f"{value / size:.3g} {word}"
    return f"{value:g}"
