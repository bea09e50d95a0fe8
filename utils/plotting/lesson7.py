"""The figures of lesson 7, the project."""

import textwrap

import numpy as np

from utils.plotting.base import (
    canvas,
    counted,
    no_scale,
    note,
    picture,
    rectangle,
    show_matrix,
    write,
)
from utils.plotting.colours import BLUE, GREY, ORANGE, PALE, SKY


@picture
def class_counts(labels, names=None):
    """How many images there are of each class. labels: class numbers, shape (n,)."""
    counts = np.bincount(labels, minlength=0 if names is None else len(names))
    names = [str(name) for name in (range(len(counts)) if names is None else names)]
    figure, axes = canvas(7.5, 2.6)
    axes.bar(names, counts, color=SKY)
    for place, count in enumerate(counts):
        write(axes, place, count, f"{count:,}", va="bottom", fontsize=10)
    axes.set(ylabel="images", ylim=(0, counts.max() * 1.12))
    no_scale(axes, "left")
    axes.tick_params(bottom=False)
    most, fewest = counts.argmax(), counts.argmin()
    return figure, (
        f"{counts.sum():,} images of {len(counts)} classes; most of class "
        f"{names[most]} ({counts[most]:,}), fewest of class {names[fewest]} "
        f"({counts[fewest]:,})."
    )


@picture
def fits(histories):
    """Loss curves of several networks, a panel each, all with the same axis.

    histories: {title: {"loss": [...], "val_loss": [...]}}, as Keras's History has them.
    """
    figure, (panels,) = canvas(10, 3.1, 1, len(histories), sharey=True)
    highest = max(max(h["loss"] + h["val_loss"]) for h in histories.values())
    # Room for what a network that knows nothing has (ln 10 = 2.3), and no more.
    top = min(2.6, 1.1 * highest)
    said = []
    for panel, (title, history) in zip(panels, histories.items(), strict=True):
        lines = [
            ("training", history["loss"], ORANGE),
            ("validation", history["val_loss"], BLUE),
        ]
        ends = np.clip([values[-1] for _, values, _ in lines], 0, top)
        close = abs(ends[0] - ends[1]) < 0.14 * top
        for (name, values, colour), end in zip(lines, ends, strict=True):
            epochs = np.arange(1, len(values) + 1)
            panel.plot(epochs, values, color=colour)
            below = close and end < ends.max()
            offset, va = ((0, -4), "top") if below else ((0, 4), "bottom")
            style = {"ha": "right", "va": va, "color": colour}
            note(panel, name, (epochs[-1], end), offset, **style)
        panel.set(title=title, xlabel="epoch", ylim=(0, top))
        panel.grid(axis="y", color=PALE, lw=0.8)
        said.append(
            f"{title}: training ends at {history['loss'][-1]:.2f}, validation at "
            f"{history['val_loss'][-1]:.2f} (lowest {min(history['val_loss']):.2f})"
        )
    panels[0].set_ylabel("loss")
    return figure, "Loss over epochs. " + "; ".join(said) + "."


@picture
def disagreement(pairs):
    """Images that only one of two networks reads, and how far luck reaches.

    pairs: {name: (only the old one, only the new one)}, a row each. The grey band is
    two times the root of their sum, to both sides of equal.
    """
    figure, axes = canvas(8.5, 0.9 + 0.5 * len(pairs))
    said, reach = [], 1
    for row, (name, (only_old, only_new)) in enumerate(pairs.items()):
        difference, noise = only_new - only_old, 2 * np.sqrt(only_old + only_new)
        reach = max(reach, 1.25 * noise, 1.25 * abs(difference))
        rectangle(axes, -noise, row - 0.4, 2 * noise, 0.8, color=PALE, lw=0)
        axes.plot(difference, row, "o", color=ORANGE, markersize=9)
        style = {"va": "center", "ha": "left" if difference >= 0 else "right"}
        side = 8 if difference >= 0 else -8
        note(axes, f"{difference:+,}", (difference, row), (side, 0), **style)
        verdict = "beyond" if abs(difference) > noise else "within"
        said.append(
            f"{name}: only the old one reads {only_old:,}, only the new one "
            f"{only_new:,}; {difference:+,} is {verdict} the {noise:.0f} of luck"
        )
    axes.axvline(0, color=GREY, lw=1)
    names = [textwrap.shorten(name, 36, placeholder=" ...") for name in pairs]
    axes.set_yticks(range(len(pairs)), names)
    axes.set(xlim=(-reach, reach), ylim=(len(pairs) - 0.5, -0.5))
    axes.set(xlabel="images more that the new one reads (grey: luck reaches this far)")
    axes.tick_params(left=False)
    return figure, "; ".join(said)[:560].rstrip(".; ") + "."


@picture
def found_digits(photo, boxes, images):
    """A photo with a numbered frame around each digit, and the digits in MNIST's form.

    photo: (height, width), larger is brighter; boxes: (top, bottom, left, right) of
    each; images: (n, 28, 28).
    """
    rows = -(-len(images) // 10)
    tall = min(5, 9 * photo.shape[0] / photo.shape[1])
    figure, ((above,), (below,)) = canvas(
        9, tall + 0.9 * rows, 2, 1, height_ratios=[tall, 0.9 * rows]
    )
    # In blocks, for its noise would make the notebook large.
    height, width = photo.shape
    step = -(-width // 400)
    blocks = photo[: height // step * step, : width // step * step]
    blocks = blocks.reshape(height // step, step, -1, step).mean(axis=(1, 3))
    above.imshow(
        blocks.round(-1) if step > 1 else blocks,
        cmap="gray",
        vmin=0,
        vmax=255,
        extent=(0, width, height, 0),
    )
    tiles = np.zeros((32 * rows, 320))
    for number, (box, image) in enumerate(zip(boxes, images, strict=True)):
        top, bottom, left, right = box
        frame = {"fill": False, "edgecolor": ORANGE, "lw": 2}
        rectangle(above, left, top, right - left, bottom - top, **frame)
        note(above, f"{number + 1}", (left, top), (-3, 0), ha="right", color=BLUE)
        y, x = 32 * (number // 10), 32 * (number % 10)
        tiles[y + 2 : y + 30, x + 2 : x + 30] = image
        below.text(x, y + 2, f"{number + 1}", color=BLUE, fontsize=9, va="top")
    show_matrix(below, tiles)
    above.set(xticks=[], yticks=[])
    return figure, (
        f"A photo of {width} x {height} pixels, and what was found in it: "
        f"{counted(len(images), 'digit')}, numbered, in the form of MNIST."
    )


@picture
def to_convention(drawing, shrunk, converted, example):
    """A drawing, two ways to make it 28 x 28, and a training image.

    drawing: (height, width); shrunk, converted, example: (28, 28); larger is darker.
    """
    panels = {
        "what you drew": drawing,
        "only made smaller": shrunk,
        "the way of MNIST": converted,
        "a training image": example,
    }
    figure, (axes,) = canvas(9, 2.7, 1, 4)
    low, high = 3.5, 23.5  # the box of 20 x 20 that a digit of MNIST fills
    for panel, (title, image) in zip(axes, panels.items(), strict=True):
        show_matrix(panel, np.asarray(image, float))
        panel.set_title(title)
        if np.shape(image) == (28, 28):
            x, y = [low, high, high, low, low], [low, low, high, high, low]
            panel.plot(x, y, "--", color=SKY)
    ink = [float(np.mean(np.asarray(image, float) > 0)) for image in panels.values()]
    return figure, (
        f"A drawing, and three images of 28 x 28. Ink covers {ink[1]:.0%} of the one "
        f"that was only made smaller, {ink[2]:.0%} of the one made the way of MNIST, "
        f"and {ink[3]:.0%} of a training image."
    )


@picture
def with_and_without(accuracies):
    """Accuracy on several kinds of images, moved to the middle and not.

    accuracies: {kind: (without, with)}, numbers from 0 to 1.
    """
    figure, axes = canvas(8, 0.6 + 0.75 * len(accuracies))
    ways = (-0.19, SKY, "  as they are"), (0.19, ORANGE, "  moved to the middle")
    said = []
    for row, (kind, pair) in enumerate(accuracies.items()):
        for value, (shift, colour, name) in zip(pair, ways, strict=True):
            axes.barh(row + shift, value, height=0.36, color=colour)
            text = f" {value:.1%}" + name * (row == 0)
            write(axes, value, row + shift, text, ha="left")
        said.append(f"{kind} {pair[0]:.1%} and {pair[1]:.1%}")
    axes.set_yticks(range(len(accuracies)), list(accuracies))
    axes.set(xlim=(0, 1.3))
    no_scale(axes, "bottom")
    axes.tick_params(left=False)
    axes.invert_yaxis()
    return figure, f"Accuracy as they are and moved to the middle: {'; '.join(said)}."
