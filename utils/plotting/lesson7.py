"""The figures of lesson 7, the project."""

import textwrap

import numpy as np
from PIL import Image

from utils.plotting import base as draw
from utils.plotting.colours import BLUE, GREY, ORANGE, PALE, SKY


@draw.picture
def class_counts(labels):
    """How many images there are of each class. labels: class numbers, shape (n,)."""
    counts = np.bincount(labels)
    figure, axes = draw.canvas(draw.WIDE, 2.6)
    draw.columns(axes, counts, [f"{count:,}" for count in counts], SKY)
    axes.set_ylabel("images")
    most, fewest = counts.argmax(), counts.argmin()
    if most == fewest:  # both find the first of equals
        return figure, f"{counts.sum():,} images, {counts[0]:,} of each class."
    return figure, (
        f"{counts.sum():,} images of {len(counts)} classes; most of class {most} "
        f"({counts[most]:,}), fewest of class {fewest} ({counts[fewest]:,})."
    )


@draw.picture
def fits(histories):
    """Loss curves of several networks, a panel each, all with the same axis.

    histories: {title: {"loss": [...], "val_loss": [...]}}, as Keras's History has them.
    """
    figure, (panels,) = draw.canvas(draw.WIDE, 3.1, 1, len(histories), sharey=True)
    highest = max(max(h["loss"] + h["val_loss"]) for h in histories.values())
    # Room for what a network that knows nothing has (ln 10 = 2.3), and no more.
    top = min(2.6, 1.1 * highest)
    said = []
    for panel, (title, history) in zip(panels, histories.items(), strict=True):
        ends = np.clip([history["loss"][-1], history["val_loss"][-1]], 0, top)
        close = abs(ends[0] - ends[1]) < 0.16 * top
        lines = ("loss", "training", ORANGE), ("val_loss", "validation", BLUE)
        for (key, name, colour), end in zip(lines, ends, strict=True):
            epochs = range(1, len(history[key]) + 1)
            panel.plot(epochs, history[key], color=colour)
            below = close and end < ends.max()
            style = {"ha": "right", "va": "top" if below else "bottom", "color": colour}
            draw.note(panel, name, (epochs[-1], end), (0, -4 if below else 4), **style)
        panel.set(title=title, xlabel="epoch", ylim=(-0.1 * top, top))
        panel.grid(axis="y", color=PALE, lw=0.8)
        said.append(
            f"{title}: training ends at {history['loss'][-1]:.2f}, validation at "
            f"{history['val_loss'][-1]:.2f} (lowest {min(history['val_loss']):.2f})"
        )
    panels[0].set_ylabel("loss")
    return figure, "Loss over epochs. " + "; ".join(said) + "."


@draw.picture
def disagreement(pairs):
    """Images that only one of two networks reads, and how far luck reaches.

    pairs: {name: (only the old one, only the new one)}, a row each. The grey band is
    two times the root of their sum, to both sides of equal.
    """
    figure, axes = draw.canvas(draw.WIDE, 0.9 + 0.5 * len(pairs))
    said, reach = [], 1
    for row, (name, (only_old, only_new)) in enumerate(pairs.items()):
        difference, noise = only_new - only_old, 2 * np.sqrt(only_old + only_new)
        reach = max(reach, 1.25 * noise, 1.25 * abs(difference))
        draw.rectangle(axes, -noise, row - 0.4, 2 * noise, 0.8, color=PALE, lw=0)
        axes.plot(difference, row, "o", color=ORANGE, markersize=9)
        side, ha = (8, "left") if difference >= 0 else (-8, "right")
        text, place = f"{difference:+,}", (difference, row)
        draw.note(axes, text, place, (side, 0), ha=ha, va="center")
        verdict = "beyond" if abs(difference) > noise else "within"
        said.append(
            f"{name}: only the old one reads {only_old:,}, only the new one "
            f"{only_new:,}; {difference:+,} is {verdict} the {noise:.0f} of luck"
        )
    axes.axvline(0, color=GREY, lw=1)
    names = [textwrap.shorten(name, 30, placeholder=" ...") for name in pairs]
    axes.set_yticks(range(len(pairs)), names)
    axes.set(xlim=(-reach, reach), ylim=(len(pairs) - 0.5, -0.5))
    axes.set_xlabel("images more that the new one reads\n(grey: luck reaches this far)")
    axes.tick_params(left=False)
    return figure, "; ".join(said)[:560].rstrip(".; ") + "."


@draw.picture
def found_digits(photo, boxes, images):
    """A photo with a numbered frame around each digit, and the digits in MNIST's form.

    photo: (height, width), larger is brighter; boxes: (top, bottom, left, right) of
    each; images: (n, 28, 28).
    """
    rows, (height, width) = -(-len(images) // 10), photo.shape
    tall = [min(5, draw.WIDE * height / width), 0.8 * rows]
    size = draw.WIDE, sum(tall)
    figure, ((above,), (below,)) = draw.canvas(*size, 2, 1, height_ratios=tall)
    # In blocks, for its noise would make the notebook large.
    step = -(-width // 400)
    blocks = np.asarray(Image.fromarray(photo).reduce(step), float)
    look = {"cmap": "gray", "vmin": 0, "vmax": 255, "extent": (0, width, height, 0)}
    above.imshow(blocks.round(-1) if step > 1 else blocks, **look)
    tiles = np.zeros((10 * rows, 32, 32))
    tiles[: len(images), 2:30, 2:30] = images
    tiles = tiles.reshape(rows, 10, 32, 32).swapaxes(1, 2)
    draw.show_matrix(below, tiles.reshape(32 * rows, 320))
    for number, (top, bottom, left, right) in enumerate(boxes):
        frame = {"fill": False, "edgecolor": ORANGE, "lw": 2}
        draw.rectangle(above, left, top, right - left, bottom - top, **frame)
        name, x, y = f"{number + 1}", 32 * (number % 10), 32 * (number // 10)
        draw.note(above, name, (left, top), (-3, 0), ha="right", color=BLUE)
        draw.write(below, x, y + 2, name, ha="left", va="top", color=BLUE)
    above.set(xticks=[], yticks=[])
    return figure, (
        f"A photo of {width} x {height} pixels, and what was found in it: "
        f"{draw.counted(len(images), 'digit')}, numbered, in the form of MNIST."
    )


@draw.picture
def to_convention(drawing, shrunk, converted, example):
    """A drawing, two ways to make it 28 x 28, and a training image.

    drawing: (height, width); shrunk, converted, example: (28, 28); larger is darker.
    """
    images = [np.asarray(one, float) for one in (drawing, shrunk, converted, example)]
    titles = "what you\ndrew", "made\nsmaller", "the way\nof MNIST", "for\ntraining"
    figure, (axes,) = draw.canvas(draw.WIDE, 2.9, 1, 4)
    frame = {"fill": False, "edgecolor": SKY, "linestyle": "--", "lw": 2}
    for panel, title, image in zip(axes, titles, images, strict=True):
        draw.show_matrix(panel, image)
        panel.set_title(title)
        if image.shape == (28, 28):  # a digit of MNIST fills a box of 20 x 20
            draw.rectangle(panel, 3.5, 3.5, 20, 20, **frame)
    ink = [(image > 0).mean() for image in images]
    return figure, (
        f"A drawing, and three images of 28 x 28. Ink covers {ink[1]:.0%} of the one "
        f"that was only made smaller, {ink[2]:.0%} of the one made the way of MNIST, "
        f"and {ink[3]:.0%} of a training image."
    )


@draw.picture
def with_and_without(accuracies):
    """Accuracy on several kinds of images, moved to the middle and not.

    accuracies: {kind: (without, with)}, numbers from 0 to 1.
    """
    figure, axes = draw.canvas(draw.WIDE, 0.4 + 0.75 * len(accuracies))
    rows, values = np.arange(len(accuracies)), np.array([*accuracies.values()])
    for column, shift, colour, name in (
        (0, -0.19, SKY, "  as they are"),
        (1, 0.19, ORANGE, "  moved to the middle"),
    ):
        drawn = axes.barh(rows + shift, values[:, column], height=0.36, color=colour)
        texts = [f"{value:.1%}" for value in values[:, column]]
        texts[0] += name
        axes.bar_label(drawn, texts, padding=4)
    draw.rows(axes, list(accuracies))
    said = [f"{kind} {a:.1%} and {b:.1%}" for kind, (a, b) in accuracies.items()]
    return figure, f"Accuracy as they are and moved to the middle: {'; '.join(said)}."
