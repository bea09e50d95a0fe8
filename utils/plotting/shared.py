"""Figures that every training lesson needs: data, learning curves, mistakes."""

import numpy as np
from matplotlib.ticker import MaxNLocator

from utils.plotting.base import (
    BLACK,
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    PALE,
    PINK,
    SKY,
    canvas,
    picture,
    show_matrix,
)


@picture
def digits(images, labels=None, columns=10):
    """Images in a grid, each with its label above. images: (n, height, width)."""
    images = np.reshape(images, (len(images), *np.shape(images)[1:3]))
    rows = -(-len(images) // columns)
    figure, axes = canvas(columns, 1.25 * rows, rows, columns, squeeze=False)
    for number, panel in enumerate(axes.ravel()):
        panel.axis("off")
        if number < len(images):
            show_matrix(panel, images[number], limit=images.max())
            panel.axis("on")
            if labels is not None:
                panel.set_title(str(labels[number]))
    named = "" if labels is None else ": " + " ".join(str(label) for label in labels)
    return figure, f"{len(images)} images of handwritten digits{named}."


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
        squeeze=False,
    )
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
def learning_curve(curves, x_label="epoch", y_label="loss", x=None, log=False):
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
        axes.annotate(
            f"{name} {values[-1]:.3f}",
            (places[-1], values[-1]),
            xytext=(8, 0),
            textcoords="offset points",
            color=colour,
            # Two curves often end close to each other: their names step aside.
            va="top" if name == lowest else "bottom",
            annotation_clip=False,
        )
        said.append(f"{name} goes from {values[0]:.3f} to {values[-1]:.3f}")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set(xlabel=x_label, ylabel=y_label)
    if log:
        axes.set_yscale("log")
        axes.yaxis.set_major_formatter("{x:g}")
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
    for step, rate, where in (
        (places[0], rates[0], "left"),
        (places[top], rates[top], "left"),
        (places[-1], rates[-1], "right"),
    ):
        axes.plot(step, rate, "o", color=BLUE)
        axes.annotate(
            f"{rate:.5f}",
            (step, rate),
            xytext=(8 if where == "left" else 4, 2 if rate == rates[0] else 9),
            textcoords="offset points",
            ha=where,
        )
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
    for (row, column), count in np.ndenumerate(counts):
        if count:
            axes.text(
                column,
                row,
                count,
                ha="center",
                va="center",
                fontsize=10,
                color=GREY if row == column else BLACK,
            )
    axes.set(xlabel="read as", ylabel="really is")
    axes.set(xticks=range(classes), yticks=range(classes))
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0)
    row, column = np.unravel_index(wrong.argmax(), wrong.shape)
    alt = f"{wrong.sum()} mistakes in {counts.sum():,} images"
    if wrong.sum():
        alt += f"; the most common: {row} read as {column}, {wrong.max()} times"
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
    columns = 5
    rows = max(1, -(-len(worst) // columns))
    figure, axes = canvas(9, 2.15 * rows, rows, columns, squeeze=False)
    for panel in axes.ravel():
        panel.axis("off")
    said = []
    for panel, number in zip(axes.ravel(), worst, strict=False):
        panel.axis("on")
        show_matrix(panel, images[number])
        truth, read = int(labels[number]), int(predictions[number])
        panel.set_title(f"{truth}, read as {read} ({sure[number]:.1%})")
        said.append(f"{truth} read as {read}")
    return figure, f"The surest mistakes: {', '.join(said) or 'none'}."


@picture
def network_race(names, **measures):
    """Networks side by side, a panel for each measure; shorter bars are better.

    names: the networks; measures: what is compared, one number a network: error (in
    per cent), images, work, or any other title, as parameters=[101_770, 1_199_882].
    """
    titles = {
        "error": "error, %",
        "images": "images seen in training",
        "work": "multiply-adds, one image",
    }
    figure, axes = canvas(10, 0.6 + 0.5 * len(names), 1, len(measures), sharey=True)
    said = []
    for panel, (measure, values) in zip(axes, measures.items(), strict=True):
        title = titles.get(measure, measure)
        panel.barh(names, values, height=0.6, color=[SKY, ORANGE, GREY][: len(names)])
        texts = [f"{v:,}" if isinstance(v, int) else f"{v:.2f}" for v in values]
        for row, (value, text) in enumerate(zip(values, texts, strict=True)):
            panel.text(value, row, f" {text}", va="center")
        panel.set_title(title)
        panel.set(xlim=(0, max(values) * 1.4), xticks=[])
        panel.spines["bottom"].set_visible(False)
        panel.tick_params(left=False)
        pairs = zip(names, texts, strict=True)
        said.append(f"{title}: " + ", ".join(f"{n} {text}" for n, text in pairs))
    axes[0].invert_yaxis()
    return figure, "; ".join(said) + "."
