"""Lesson 1's figures: a timeline, the perceptron's lines, a game, errors by year."""

import html

import numpy as np

from utils.plotting import base as draw
from utils.plotting.colours import BLACK, BLUE, ORANGE, PALE, SKY

# Each kind of program has a sign, a colour (dark, since it is text), and its word.
SIGNS = {
    "learning": ("●", "#00507D"),
    "search": ("■", "#8A3D00"),
    "rules": ("◆", "#7A2F5E"),
}
BOOM, WINTER, BETWEEN = "#C4E3F6", PALE, "#FFFFFF"
CELL = "text-align: left; vertical-align: top; padding: 2px 8px"


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

    def __repr__(self):
        winters = [f"{e['year']} to {e['until']}" for e in self.eras if e["winter"]]
        kinds = [kind for event in self.events for kind in event["kinds"]]
        said = ", ".join(f"{kinds.count(kind)} with {kind}" for kind in SIGNS)
        first, *_, last = (event["year"] for event in self.events)
        return (
            f"A timeline of {len(self.events)} events from {first} to {last}: {said}; "
            f"winters about {' and about '.join(winters)}."
        )

    def _repr_html_(self):
        rows = sorted(self._rows(), key=lambda row: row[0])  # stable: eras come first
        years = [year for year, *_ in rows[1:]] + [rows[-1][0]]
        body = ""
        for (year, tag, *cells), following in zip(rows, years, strict=True):
            style = f'style="{CELL} {2 + self.PIXELS * (following - year):g}px"'
            row = "".join(f"<{tag} {style}>{cell}</{tag[:2]}>" for cell in cells)
            colour = f"background: {self._colour(year)}; line-height: 1.35"
            body += f'<tr style="{colour}">{row}</tr>'
        return (
            f'<table aria-label="{html.escape(repr(self))}" style="margin: 0; color: '
            f'{BLACK}; border-collapse: collapse; font-size: 1em">{body}</table>'
        )

    def _rows(self):
        """(year, tag of its cells, what they hold) of each row."""
        starts = {era["year"] for era in self.eras}
        for era in self.eras:
            label, date = html.escape(era["label"]), html.escape(era["date"])
            words = f"{label} <span style='font-weight: normal'>({date})</span>"
            yield era["year"], 'th colspan="3" scope="colgroup"', words
            if era["until"] not in starts and era is not self.eras[-1]:
                yield era["until"], 'td colspan="3"', ""
        for event in self.events:
            source = f"{event['claim']}. Source: {event['source']} ({event['sure']})"
            link = (
                f'<a href="{html.escape(event["link"])}" title="{html.escape(source)}" '
                f'style="color: {BLACK}; text-decoration: underline">'
                f"{html.escape(event['label'])}</a>"
            )
            kinds = ", ".join(
                f'<span style="color: {SIGNS[kind][1]}; white-space: nowrap">'
                f"{SIGNS[kind][0]} {kind}</span>"
                for kind in event["kinds"]
            )
            yield event["year"], "td", event["year"], link, kinds

    def _colour(self, year):
        for era in self.eras:
            if era["year"] <= year < era["until"]:
                return WINTER if era["winter"] else BOOM
        return BETWEEN


GRID = np.linspace(-0.6, 1.6, 221)
UNIT_SQUARE = np.stack(np.meshgrid(GRID, GRID), axis=-1)  # and a little around it


@draw.picture
def perceptron_lines(inputs, targets, steps, first=0):
    """Where a neuron with two inputs fires, after each change of its weights.

    inputs: (4, 2); targets: 0 or 1 for each; steps: (w, b), one or after each change;
    first: the number of the first step.
    The neuron fires in the shaded half; a cross marks a wrong answer.
    """
    rows, columns = -(-len(steps) // 3), min(len(steps), 3)
    size = 2.1 * columns + 0.5, 1.95 * rows + 0.5
    figure, panels = draw.canvas(*size, rows, columns, sharex=True, sharey=True)
    wrong = []
    for panel in panels.ravel()[len(steps) :]:
        panel.axis("off")
    pairs = zip(panels.ravel(), steps, strict=False)
    for number, (panel, (w, b)) in enumerate(pairs, first):
        w, b = np.asarray(w, float), float(b)
        draw.unit_line(panel, w, b, color=BLUE)
        ground, fires = UNIT_SQUARE @ w + b > 0, inputs @ w + b > 0
        wrong.append(_points(panel, inputs, targets, ground, fires))
        step = f"step {number}: " if len(steps) > 1 else ""
        panel.set_title(f"{step}{wrong[-1]} wrong")
    changes = draw.counted(len(steps) - 1, "weight change")
    when = f" after each of {changes}" if len(steps) > 1 else ""
    return figure, (
        f"Where the neuron fires{when}; wrong answers among the "
        f"{len(inputs)} points: {', '.join(map(str, wrong))}."
    )


@draw.picture
def two_layers(inputs, targets, forward, stages):
    """Where a network with two inputs answers above 0.5, at stages of its training.

    forward: (inputs, W1, b1, W2, b2) -> (hidden, output); stages: {title: the four
    weights}. Each hidden unit has its line, dashed.
    """
    shape = -(-len(stages) // 2), min(len(stages), 2)
    share = {"sharex": True, "sharey": True}
    figure, panels = draw.canvas(4.6, 0.3 + 2 * shape[0], *shape, **share)
    said = []
    for panel, (title, weights) in zip(panels.flat, stages.items(), strict=True):
        for w, b in zip(weights[0].T, weights[1], strict=True):
            draw.unit_line(panel, w, b, color=BLUE, ls="--")
        ground, answers = (forward(x, *weights)[1] for x in (UNIT_SQUARE, inputs))
        wrong = _points(panel, inputs, targets, ground, answers > 0.5)
        panel.set_title(f"{title}: {wrong} wrong")
        said.append(f"{title} {wrong}")
    return figure, (
        "Where a network of two layers answers 1, with the lines of its hidden "
        f"units; wrong answers: {', '.join(said)}."
    )


def _points(panel, inputs, targets, ground, answers):
    """Shade where the ground (221, 221) is above 0.5, draw the points, cross out those
    with wrong answers, and return how many these are."""
    panel.contourf(GRID, GRID, ground, levels=[0.5, 1.5], colors=[SKY], alpha=0.4)
    disc = {"markersize": 17, "markeredgecolor": BLACK}
    cross = {"color": ORANGE, "markersize": 10, "markeredgewidth": 3}
    wrong = np.asarray(answers, bool) != np.asarray(targets, bool)
    for (x, y), target, mistake in zip(inputs, targets, wrong, strict=True):
        panel.plot(x, y, "o", color=BLACK if target else "white", **disc)
        draw.write(panel, x, y - 0.01, int(target), color="white" if target else BLACK)
        if mistake:
            panel.plot(x + 0.24, y + 0.24, "x", **cross)
    panel.set(xlim=(-0.6, 1.6), ylim=(-0.6, 1.6), aspect="equal")
    panel.set(xticks=[0, 1], yticks=[0, 1], xlabel="$x_1$", ylabel="$x_2$")
    panel.label_outer()
    panel.spines[:].set_visible(True)
    return int(wrong.sum())


@draw.picture
def noughts_and_crosses(board, values):
    """A position, and what each free field is worth to X, who moves next.

    board: nine characters, "X", "O" or " "; values: {field: 1, 0 or -1}.
    """
    figure, axes = draw.canvas(4, 3.9)
    words = {1: ("X wins", BLUE), 0: ("draw", BLACK), -1: ("O wins", ORANGE)}
    axes.vlines([1, 2], 0, 3, color=BLACK)
    axes.hlines([1, 2], 0, 3, color=BLACK)
    mark = {"color": BLACK, "fillstyle": "none", "markersize": 36, "markeredgewidth": 4}
    for field, player in enumerate(board):
        row, column = divmod(field, 3)
        x, y = column + 0.5, 2.5 - row
        if player != " ":
            axes.plot(x, y, player.lower(), **mark)
            continue
        word, colour = words[values[field]]
        text = f"{word}\n{values[field]:+d}" if values[field] else f"{word}\n0"
        draw.write(axes, x, y, text, color=colour, fontsize=16)
    draw.blank(axes, (-0.05, 3.05), (-0.05, 3.05), "equal")
    worths = list(values.values())
    said = ", ".join(f"{words[n][0]} after {worths.count(n)}" for n in words)
    return figure, f"Nine fields; of the {len(values)} moves that X can make: {said}."


@draw.picture
def error_by_year(networks):
    """The measured error of each network against the year of its newest idea.

    networks: dictionaries with year, name, error (in per cent), parameters, and the
    seconds that the training took.
    """
    figure, axes = draw.canvas(draw.WIDE, 4.3)
    years = [network["year"] for network in networks]
    errors = [network["error"] for network in networks]
    axes.plot(years, errors, "o-", color=SKY, mfc=BLUE, mec=BLUE, markersize=10)
    # The second and the third are near to each other and to the fourth.
    beside = {1: ((-7, 0), "right", "top"), 2: ((4, 32), "left", "bottom")}
    said = []
    for number, network in enumerate(networks):
        seconds, error = max(round(network["seconds"]), 1), f"{network['error']:.1f} %"
        name, parameters = network["name"], f"{network['parameters']:,} parameters"
        text = f"{name}: {error}\n{parameters}\ntrained in {seconds} s"
        place = network["year"], network["error"]
        offset, ha, va = beside.get(number, ((7, 5), "left", "bottom"))
        draw.note(axes, text, place, offset, ha=ha, va=va, linespacing=1.1)
        said.append(f"{network['year']} {name} {error} ({parameters}, {seconds} s)")
    axes.set(xlim=(1954, 2034), ylim=(0, max(errors) * 1.5), xticks=years)
    axes.set_xlabel("year of the newest idea in the network")
    axes.set_ylabel("error on test images, %")
    return figure, f"Error on the same test images: {'; '.join(said)}."


# Where a label stands beside its mark: (offset in points, ha, va, after its comma).
SIDES = {
    "right": ((11, -3), "left", "top", ", "),
    "left": ((-8, 3), "right", "bottom", ", "),
    "below": ((-8, -18), "left", "top", ",\n"),
}


@draw.picture
def growth(rows, key, title):
    """A number by year, on a logarithmic axis.

    rows: facts with year, label and the key. Where marks are close to each other, a
    fact's side says where its label stands.
    """
    figure, axes = draw.canvas(draw.WIDE, 4.3)
    years, values = [row["year"] for row in rows], [row[key] for row in rows]
    axes.plot(years, values, "o-", color=BLUE, lw=1, markersize=9, zorder=4)
    for row in rows:
        offset, ha, va, gap = SIDES[row.get("side", "right")]
        text = f"{row['label'].replace(', ', gap)}\n{_power_words(row[key])}"
        style = {"ha": ha, "va": va, "bbox": {**draw.WHITE_GROUND, "pad": 0.5}}
        draw.note(axes, text, (row["year"], row[key]), offset, **style)
    axes.set_yscale("log")
    axes.set(xlim=(1932, 2036), ylim=(min(values) / 300, max(values) * 99), title=title)
    return figure, (
        f"On a logarithmic axis, {title}: from {_power_words(values[0])} in {years[0]} "
        f"to {_power_words(values[-1])} in {years[-1]}."
    )


def _power_words(value):
    """12000 -> "12 thousand", 1.581e12 -> "1.58 trillion"."""
    sizes = {1e12: "trillion", 1e9: "billion", 1e6: "million", 1e3: "thousand"}
    for size, word in sizes.items():
        if value >= size:
            return f"{value / size:.3g} {word}"
    return f"{value:g}"
