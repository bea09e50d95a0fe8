"""Figures that every training lesson needs: data, learning curves, mistakes."""

import numpy as np
from matplotlib.ticker import MaxNLocator

from utils.plotting.base import (
    bars,
    canvas,
    counted,
    note,
    picture,
    show_images,
    show_matrix,
    write,
)
from utils.plotting.colours import BLACK, BLUE, GREEN, GREY, ORANGE, PALE, PINK, SKY


@picture
def digits(images, labels=None, columns=10):
    """Images in a grid, each with its label above. images: (n, height, width)."""
    images = np.reshape(images, (len(images), *np.shape(images)[1:3]))
    rows = -(-len(images) // columns)
    figure, axes = canvas(columns, 1.25 * rows, rows, columns)
    titles = None if labels is None else [str(label) for label in labels]
    show_images(axes, images, titles, limit=images.max())
    named = ": " + " ".join(titles) if titles else ", shown without labels"
    return figure, f"{counted(len(images), 'image')}{named}."


@picture
def read_digits(images, probabilities, labels=None, logits=None):
    """How a network reads images, one a row: the image, ten logits, ten probabilities.

    images: (n, height, width[, 1]); probabilities and logits (if wanted): (n, classes);
    labels: the right answers, if known. The bar of the answer is blue, of a wrong one
    orange. Raises ValueError where there are not as many of one as of the other.
    """
    images = np.reshape(images, (len(images), *np.shape(images)[1:3]))
    labels = [None] * len(images) if labels is None else labels
    bars = {} if logits is None else {"logits": np.asarray(logits)}
    bars["probabilities"] = np.asarray(probabilities)
    figure, axes = canvas(
        1.6 + 3.5 * len(bars),
        0.4 + 1.7 * len(images),
        len(images),
        1 + len(bars),
        width_ratios=[1, *[2.2] * len(bars)],
    )
    figure.get_layout_engine().set(h_pad=0.1)
    said = []
    for row, image, label, *values in zip(
        axes, images, labels, *bars.values(), strict=True
    ):
        read, sure = int(values[-1].argmax()), float(values[-1].max())
        wrong = label is not None and read != label
        show_matrix(row[0], image)
        row[0].set_title("" if label is None else f"label: {label}")
        for panel, numbers in zip(row[1:], values, strict=True):
            colours = [SKY] * len(numbers)
            colours[read] = ORANGE if wrong else BLUE
            panel.bar(range(len(numbers)), numbers, color=colours)
            panel.axhline(0, color=GREY, lw=1)
            panel.set(xticks=range(len(numbers)), yticks=[])
            panel.margins(y=0.25)
            panel.spines[["left", "bottom"]].set_visible(False)
            panel.tick_params(length=0)
            top = f"{sure:.1%}" if numbers is values[-1] else f"{numbers[read]:.1f}"
            panel.text(read, max(numbers[read], 0), top, ha="center", va="bottom")
        row[-1].set_ylim(0, 1.25)
        row[-1].set_title(f"reads a {read}" + (": wrong" if wrong else ""))
        name = "an image" if label is None else f"a {label}"
        score = "" if logits is None else f"largest logit {values[0].max():.1f}, "
        said.append(f"{name} is read as {read} ({score}probability {sure:.3f})")
    for panel, name in zip(axes[-1, 1:], bars, strict=True):
        panel.set_xlabel(name)
    return figure, f"How the network reads: {'; '.join(said)}."


@picture
def learning_curve(curves, x_label="epoch", y_label="loss", x=None):
    """Curves over training time, each named where it ends.

    curves: {name: values}, at most six; x: the places of the values (default 1, 2,
    3, ...). Raises ValueError for more curves.
    """
    colours = [ORANGE, BLUE, BLACK, GREY, GREEN, PINK]
    if len(curves) > len(colours):
        raise ValueError(f"there are {len(curves)} curves; wanted at most six")
    figure, axes = canvas(7.5, 3.6)
    lowest = min(curves, key=lambda name: curves[name][-1])
    said = []
    for (name, values), colour in zip(curves.items(), colours, strict=False):
        places = np.arange(1, len(values) + 1) if x is None else np.asarray(x)
        axes.plot(places, values, color=colour, marker="o", markersize=4)
        # Two curves often end close to each other: their names step aside.
        style = {"color": colour, "va": "top" if name == lowest else "bottom"}
        end, text = (places[-1], values[-1]), f"{name} {values[-1]:.3f}"
        note(axes, text, end, (8, 0), annotation_clip=False, **style)
        said.append(f"{name} goes from {values[0]:.3f} to {values[-1]:.3f}")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set(xlabel=x_label, ylabel=y_label)
    axes.grid(axis="y", color=PALE, lw=0.8)
    return figure, f"{y_label} over {x_label}: {'; '.join(said)}."


@picture
def learning_rate(schedule, steps):
    """The learning rate at every step. schedule: a function of the step."""
    places = np.arange(0, steps + 1, max(1, steps // 200))
    rates = np.array([float(schedule(int(step))) for step in places])
    figure, axes = canvas(7.5, 2.8)
    axes.plot(places, rates, color=BLUE)
    top = int(rates.argmax())
    for place, x, ha in ((0, 8, "left"), (top, 8, "left"), (-1, 4, "right")):
        point = places[place], rates[place]
        axes.plot(*point, "o", color=BLUE)
        y = 2 if rates[place] == rates[0] else 9
        note(axes, f"{rates[place]:.5f}", point, (x, y), ha=ha)
    axes.set(xlabel="step", ylabel="learning rate", ylim=(0, rates.max() * 1.2))
    return figure, (
        f"The learning rate rises from {rates[0]:.5f} to {rates[top]:.5f} at step "
        f"{places[top]}, and falls to {rates[-1]:.5f} at step {places[-1]}."
    )


@picture
def confusion_matrix(labels, predictions, classes=10):
    """How often each class (row) was read as each class (column).

    labels, predictions: class numbers, shape (n,). Right answers are grey, so that
    colour shows mistakes only.
    """
    counts = np.zeros((classes, classes), int)
    np.add.at(counts, (np.asarray(labels), np.asarray(predictions)), 1)
    wrong = counts * (1 - np.eye(classes, dtype=int))
    figure, axes = canvas(6.4, 5.6)
    axes.imshow(wrong, cmap="Oranges", vmax=max(wrong.max(), 1) * 1.6)
    axes.imshow(np.where(np.eye(classes), 0.14, np.nan), cmap="gray_r", vmin=0, vmax=1)
    for row, column in np.argwhere(counts):
        colour = GREY if row == column else BLACK
        write(axes, column, row, counts[row, column], fontsize=10, color=colour)
    axes.set(xlabel="read as", ylabel="really is")
    axes.set(xticks=range(classes), yticks=range(classes))
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0)
    row, column = np.unravel_index(wrong.argmax(), wrong.shape)
    alt = f"{counted(wrong.sum(), 'mistake')} in {counted(counts.sum(), 'image')}"
    if wrong.sum():
        times = counted(wrong.max(), "time")
        alt += f"; the most common: {row} read as {column}, {times}"
    return figure, alt + "."


@picture
def worst_predictions(images, labels, probabilities, count=10):
    """The images on which the network was surest of a wrong answer.

    images: (n, height, width[, 1]); probabilities: (n, classes).
    """
    images = np.reshape(images, (len(images), *np.shape(images)[1:3]))
    predictions = probabilities.argmax(axis=1)
    sure = np.where(predictions == labels, 0, probabilities.max(axis=1))
    worst = np.argsort(-sure, kind="stable")[: min(count, int((sure > 0).sum()))]
    rows = max(1, -(-len(worst) // 5))
    figure, axes = canvas(9, 2.15 * rows, rows, 5)
    pairs = [(labels[number], predictions[number]) for number in worst]
    titles = [
        f"{truth}, read as {read} ({sure[number]:.1%})"
        for number, (truth, read) in zip(worst, pairs, strict=True)
    ]
    show_images(axes, images[worst], titles)
    said = ", ".join(f"{truth} read as {read}" for truth, read in pairs) or "none"
    return figure, f"The surest mistakes: {said}."


@picture
def network_race(names, measures):
    """Networks side by side, a panel for each measure; shorter bars are better.

    names: the networks; measures: {title: a number for each network}, such as
    {"error, %": [2.1, 0.9], "parameters": [101_770, 1_199_882]}.
    """
    colours = [SKY, ORANGE, GREY][: len(names)]
    figure, (axes,) = canvas(10, 0.6 + 0.5 * len(names), 1, len(measures), sharey=True)
    said = []
    for panel, (title, values) in zip(axes, measures.items(), strict=True):
        texts = [f" {v:,}" if isinstance(v, int) else f" {v:.2f}" for v in values]
        bars(panel, names, values, texts, room=1.9, colour=colours, height=0.6)
        panel.set_title(title)
        pairs = zip(names, texts, strict=True)
        said.append(f"{title}: " + ", ".join(name + text for name, text in pairs))
    axes[0].invert_yaxis()
    return figure, "; ".join(said) + "."
