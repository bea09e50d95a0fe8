"""Figures that every training lesson needs: data, learning curves, mistakes."""

import numpy as np
from matplotlib.ticker import MaxNLocator

from utils.plotting import base as draw
from utils.plotting.colours import BLACK, BLUE, GREEN, GREY, ORANGE, PALE, PINK, SKY


def _flat(images):
    """(n, height, width), whatever the shape of a pixel."""
    return np.reshape(images, (len(images), *np.shape(images)[1:3]))


@draw.picture
def digits(images, labels=None, columns=10):
    """Images in a grid, each with its label above. images: (n, height, width)."""
    images = _flat(images)
    rows = -(-len(images) // columns)
    figure, axes = draw.canvas(0.72 * columns, rows, rows, columns)
    titles = None if labels is None else [str(label) for label in labels]
    draw.show_images(axes, images, titles, limit=images.max())
    named = ": " + " ".join(titles) if titles else ", shown without labels"
    return figure, f"{draw.counted(len(images), 'image')}{named}."


@draw.picture
def read_digits(images, probabilities, labels=None, logits=None):
    """How a network reads images, one a row: the image, ten logits, ten probabilities.

    images: (n, height, width[, 1]); probabilities and logits (if wanted): (n, classes);
    labels: the right answers, if known. The bar of the answer is blue, of a wrong one
    orange. Raises ValueError where there are not as many of one as of the other.
    """
    images = _flat(images)
    labels = [None] * len(images) if labels is None else labels
    values = {} if logits is None else {"logits": np.asarray(logits)}
    values["probabilities"] = np.asarray(probabilities)
    size = 1.6 + 2.8 * len(values), 0.5 + 1.45 * len(images)
    widths = [1, *[1.75] * len(values)]
    figure, axes = draw.canvas(*size, len(images), len(widths), width_ratios=widths)
    said = []
    rows = zip(axes, images, labels, *values.values(), strict=True)
    for (first, *panels), image, label, *heights in rows:
        read, sure = int(heights[-1].argmax()), float(heights[-1].max())
        wrong = label is not None and read != label
        draw.show_matrix(first, image)
        first.set_title("" if label is None else f"label: {label}")
        for panel, numbers in zip(panels, heights, strict=True):
            colours, texts = [SKY] * len(numbers), [""] * len(numbers)
            colours[read] = ORANGE if wrong else BLUE
            last = panel is panels[-1]
            texts[read] = f"{sure:.1%}" if last else f"{numbers[read]:.1f}"
            draw.columns(panel, numbers, texts, colours)
        panels[-1].set_ylim(0, 1.3)
        panels[-1].set_title(f"reads a {read}" + (": wrong" if wrong else ""))
        name = "an image" if label is None else f"a {label}"
        score = "" if logits is None else f"largest logit {heights[0].max():.1f}, "
        said.append(f"{name} is read as {read} ({score}probability {sure:.3f})")
    for panel, name in zip(axes[-1, 1:], values, strict=True):
        panel.set_xlabel(name)
    return figure, f"How the network reads: {'; '.join(said)}."


@draw.picture
def learning_curve(curves, x_label="epoch", y_label="loss", x=None):
    """Curves over training time, each named where it ends.

    curves: {name: values}, at most six; x: the places of the values (default 1, 2,
    3, ...). Raises ValueError for more curves.
    """
    colours = [ORANGE, BLUE, BLACK, GREY, GREEN, PINK]
    if len(curves) > len(colours):
        raise ValueError(f"there are {len(curves)} curves; wanted at most six")
    figure, axes = draw.canvas(draw.WIDE, 3.6)
    lowest = min(curves, key=lambda name: curves[name][-1])
    said = []
    for (name, values), colour in zip(curves.items(), colours, strict=False):
        places = np.arange(1, len(values) + 1) if x is None else np.asarray(x)
        axes.plot(places, values, color=colour, marker="o", markersize=4)
        # Two curves often end close to each other: their names step aside.
        style = {"color": colour, "va": "top" if name == lowest else "bottom"}
        end, text = (places[-1], values[-1]), f"{name} {values[-1]:.3f}"
        draw.note(axes, text, end, (8, 0), annotation_clip=False, **style)
        said.append(f"{name} goes from {values[0]:.3f} to {values[-1]:.3f}")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set(xlabel=x_label, ylabel=y_label)
    axes.grid(axis="y", color=PALE, lw=0.8)
    return figure, f"{y_label} over {x_label}: {'; '.join(said)}."


@draw.picture
def learning_rate(schedule, steps):
    """The learning rate at every step. schedule: a function of the step."""
    places = np.arange(0, steps + 1, max(1, steps // 200))
    rates = np.array([float(schedule(int(step))) for step in places])
    figure, axes = draw.canvas(draw.WIDE, 2.8)
    axes.plot(places, rates, color=BLUE)
    top = int(rates.argmax())
    for place, y in ((0, 0), (top, 9), (-1, 0)):
        point, text = (places[place], rates[place]), f"{rates[place]:.5f}"
        axes.plot(*point, "o", color=BLUE)
        draw.note(axes, text, point, (10, y), va="center", annotation_clip=False)
    axes.set(xlabel="step", ylabel="learning rate", ylim=(0, rates.max() * 1.2))
    return figure, (
        f"The learning rate rises from {rates[0]:.5f} to {rates[top]:.5f} at step "
        f"{places[top]}, and falls to {rates[-1]:.5f} at step {places[-1]}."
    )


@draw.picture
def confusion_matrix(labels, predictions, classes=10):
    """How often each class (row) was read as each class (column).

    labels, predictions: class numbers, shape (n,). Right answers are grey, so that
    colour shows mistakes only.
    """
    counts = np.zeros((classes, classes), int)
    np.add.at(counts, (np.asarray(labels), np.asarray(predictions)), 1)
    wrong = counts * (1 - np.eye(classes, dtype=int))
    figure, axes = draw.canvas(draw.WIDE, 4.3)
    wide = {"aspect": "auto"}  # a cell has room for 1,114
    axes.imshow(wrong, cmap="Oranges", vmax=max(wrong.max(), 1) * 1.6, **wide)
    right = np.where(np.eye(classes), 0.14, np.nan)
    axes.imshow(right, cmap="gray_r", vmin=0, vmax=1, **wide)
    for row, column in np.argwhere(counts):
        colour = GREY if row == column else BLACK
        draw.write(axes, column, row, counts[row, column], color=colour)
    axes.set(xlabel="read as", ylabel="really is")
    axes.set(xticks=range(classes), yticks=range(classes))
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0)
    row, column = np.unravel_index(wrong.argmax(), wrong.shape)
    mistakes = draw.counted(wrong.sum(), "mistake")
    alt = f"{mistakes} in {draw.counted(counts.sum(), 'image')}"
    if wrong.sum():
        times = draw.counted(wrong.max(), "time")
        alt += f"; the most common: {row} read as {column}, {times}"
    return figure, alt + "."


@draw.picture
def worst_predictions(images, labels, probabilities, count=10):
    """The images on which the network was surest of a wrong answer.

    images: (n, height, width[, 1]); probabilities: (n, classes).
    """
    images = _flat(images)
    predictions = probabilities.argmax(axis=1)
    sure = np.where(predictions == labels, 0, probabilities.max(axis=1))
    worst = np.argsort(-sure, kind="stable")[: min(count, int((sure > 0).sum()))]
    rows = max(1, -(-len(worst) // 5))
    figure, axes = draw.canvas(draw.WIDE, 1.9 * rows, rows, 5)
    names = [f"{labels[number]} read as {predictions[number]}" for number in worst]
    sure_of = zip(names, sure[worst], strict=True)
    draw.show_images(axes, images[worst], [f"{name}\n({p:.1%})" for name, p in sure_of])
    said = ", ".join(names) or "none"
    return figure, f"The surest mistakes: {said}."
