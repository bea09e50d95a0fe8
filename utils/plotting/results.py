"""Figures that every training lesson needs: data, learning curves, mistakes."""

import numpy as np

from utils.plotting.base import (
    BLACK,
    BLUE,
    GREY,
    ORANGE,
    PALE,
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
def learning_curve(curves, x_label="epoch", y_label="loss", x=None, log=False):
    """Curves over training time, each named where it ends.

    curves: {name: values}; x: the places of the values (default 1, 2, 3, ...).
    """
    figure, axes = canvas(7.5, 3.6)
    said = []
    for (name, values), colour in zip(
        curves.items(), [ORANGE, BLUE, BLACK, GREY], strict=False
    ):
        places = np.arange(1, len(values) + 1) if x is None else np.asarray(x)
        axes.plot(places, values, color=colour, marker="o", markersize=4)
        axes.annotate(
            f" {name} {values[-1]:.3f}",
            (places[-1], values[-1]),
            color=colour,
            va="center",
            annotation_clip=False,
        )
        said.append(f"{name} goes from {values[0]:.3f} to {values[-1]:.3f}")
    axes.set(xlabel=x_label, ylabel=y_label)
    if log:
        axes.set_yscale("log")
    axes.grid(axis="y", color=PALE, lw=0.8)
    return figure, f"{y_label} over {x_label}: {'; '.join(said)}."


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
        panel.set_title(f"{truth}, read as {read} ({sure[number]:.0%})")
        said.append(f"{truth} read as {read}")
    return figure, f"The surest mistakes: {', '.join(said) or 'none'}."


@picture
def network_race(rows):
    """Networks side by side: error, parameters, seconds; shorter bars are better.

    rows: [{"name": ..., "error %": ..., "parameters": ..., "seconds": ...}, ...]
    """
    measures = [key for key in rows[0] if key != "name"]
    names = [row["name"] for row in rows]
    figure, axes = canvas(10, 0.6 + 0.5 * len(rows), 1, len(measures), sharey=True)
    for panel, measure in zip(axes, measures, strict=True):
        values = [row[measure] for row in rows]
        panel.barh(names, values, height=0.6, color=[PALE, BLUE, ORANGE][: len(rows)])
        for number, value in enumerate(values):
            text = f" {value:,}" if isinstance(value, int) else f" {value:.2f}"
            panel.text(value, number, text, va="center")
        panel.set_title(measure)
        panel.set(xlim=(0, max(values) * 1.4), xticks=[])
        panel.spines["bottom"].set_visible(False)
        panel.tick_params(left=False)
    axes[0].invert_yaxis()
    said = "; ".join(
        f"{row['name']}: " + ", ".join(f"{row[m]:,} {m}" for m in measures)
        for row in rows
    )
    return figure, f"{said}."
