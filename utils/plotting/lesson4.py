"""Lesson 4's figures: how a convolution works and what a CNN makes of an image."""

import numpy as np
from matplotlib.patches import Rectangle

from utils.plotting.base import (
    BLACK,
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    PALE,
    PINK,
    SIGNED,
    SKY,
    YELLOW,
    canvas,
    picture,
    show_matrix,
)


@picture
def kernel_slides(image, kernel, positions=((0, 0), (0, 1), (1, 0), (3, 3))):
    """A kernel at several positions of a small image, and the output so far.

    image: (height, width), kernel: (size, size); positions: (row, column) of the
    window's upper left corner, in reading order.
    """
    size = len(kernel)
    windows = np.lib.stride_tricks.sliding_window_view(image, kernel.shape)
    output = (windows * kernel).sum(axis=(2, 3))
    figure, axes = canvas(
        10, 4.6, 2, len(positions) + 1, height_ratios=[len(image), len(output)]
    )

    show_matrix(axes[0, 0], kernel, SIGNED, numbers=True)
    axes[0, 0].set_title("kernel")
    axes[1, 0].axis("off")
    axes[1, 0].text(
        0.5,
        0.5,
        f"multiply the {size**2} pairs,\nadd them up,\nwrite the sum here  →",
        ha="center",
        va="center",
        transform=axes[1, 0].transAxes,
    )
    for (row, column), above, below in zip(
        positions, axes[0, 1:], axes[1, 1:], strict=True
    ):
        show_matrix(above, image, limit=2 * image.max(), numbers=True)
        above.add_patch(_frame(row, column, size, ORANGE))
        above.set_title(f"row {row}, column {column}")

        reached = np.arange(output.size).reshape(output.shape)
        hidden = reached > row * output.shape[1] + column
        show_matrix(below, np.where(hidden, 0, output), SIGNED, abs(output).max())
        for (r, c), value in np.ndenumerate(output):
            if not hidden[r, c]:
                strong = abs(value) > 0.55 * abs(output).max()
                colour = "white" if strong else BLACK
                below.text(c, r, f"{value:.0f}", ha="center", va="center", color=colour)
        below.add_patch(_frame(row, column, 1, ORANGE))
        below.set_xlabel(f"sum = {output[row, column]:.0f}")
    sums = ", ".join(f"{output[row, column]:.0f}" for row, column in positions)
    return figure, (
        f"A {size} x {size} kernel slides over a {len(image)} x {len(image)} image; "
        f"at {len(positions)} positions the sums are {sums}; "
        f"the output is {output.shape[0]} x {output.shape[1]}."
    )


@picture
def output_sizes(size=7, kernel=3):
    """The first and last windows for three choices of padding and stride."""
    choices = [("valid", 1), ("same", 1), ("valid", 2)]
    figure, axes = canvas(10, 3.9, 1, 3)
    said = []
    for (padding, stride), panel in zip(choices, axes, strict=True):
        border = (kernel - 1) // 2 if padding == "same" else 0
        starts = range(-border, size + border - kernel + 1, stride)
        out = len(starts)
        _grid(panel, -border, size + 2 * border, "white", GREY, ":")
        _grid(panel, 0, size, PALE, "white", "-")
        for start in starts:
            for other in starts:
                centre = start + kernel / 2, other + kernel / 2
                panel.plot(*centre, marker="o", color=BLACK, markersize=4)
        first, last = starts[0], starts[-1]
        for place, colour in ((first, ORANGE), (last, BLUE)):
            panel.add_patch(
                Rectangle(
                    (place, place), kernel, kernel, fill=False, lw=3, edgecolor=colour
                )
            )
        panel.set(aspect="equal", xlim=(-1.3, size + 1.3), ylim=(size + 1.3, -3.2))
        panel.axis("off")
        panel.text(
            size / 2,
            -1.4,
            f'padding="{padding}", strides={stride}\n{out} x {out} windows',
            ha="center",
        )
        said.append(f"padding {padding} with stride {stride} gives {out} x {out}")
    return figure, (
        f"A {kernel} x {kernel} kernel on a {size} x {size} image, one dot for each "
        f"window: {'; '.join(said)}."
    )


@picture
def edge_kernels(image, named_kernels, convolution):
    """One image and what each kernel finds in it.

    image: (height, width); named_kernels: {name: (size, size) array}; convolution:
    a function of image and kernel.
    """
    columns = len(named_kernels)
    figure, axes = canvas(
        2.3 * (columns + 1), 4, 2, columns + 1, height_ratios=[1, 2.4]
    )
    axes[0, 0].axis("off")
    show_matrix(axes[1, 0], image)
    axes[1, 0].set_title("the image")
    said = []
    for (name, kernel), above, below in zip(
        named_kernels.items(), axes[0, 1:], axes[1, 1:], strict=True
    ):
        output = np.asarray(convolution(image, kernel))
        show_matrix(above, kernel, SIGNED, numbers=True)
        above.set_title(name)
        show_matrix(below, output, SIGNED)
        row, column = np.unravel_index(output.argmax(), output.shape)
        said.append(f"{name} answers most at row {row}, column {column}")
    return figure, f"An image filtered by {columns} kernels: {'; '.join(said)}."


@picture
def pooling(features):
    """Max pooling of a small feature map, block by block. features: (even, even)."""
    rows, columns = features.shape
    pooled = features.reshape(rows // 2, 2, columns // 2, 2).max(axis=(1, 3))
    figure, axes = canvas(7, 3.2, 1, 2, width_ratios=[2, 1])
    colours = [SKY, YELLOW, GREEN, PINK]
    for panel, values, block in ((axes[0], features, 2), (axes[1], pooled, 1)):
        show_matrix(panel, np.zeros_like(values))
        for (row, column), value in np.ndenumerate(values):
            number = row // block * (columns // 2) + column // block
            colour = colours[number % len(colours)]
            winner = value == pooled[row // block, column // block]
            panel.add_patch(
                Rectangle(
                    (column - 0.5, row - 0.5),
                    1,
                    1,
                    color=colour,
                    alpha=0.75 if winner else 0.25,
                    lw=0,
                )
            )
            panel.text(
                column,
                row,
                f"{value:g}",
                ha="center",
                va="center",
                weight="bold" if winner else "normal",
            )
        for line in range(block, len(values), block):
            panel.axhline(line - 0.5, color="white", lw=3)
            panel.axvline(line - 0.5, color="white", lw=3)
    axes[0].set_title(f"feature map, {rows} x {columns}")
    axes[1].set_title(f"largest of each block, {rows // 2} x {columns // 2}")
    flat = ", ".join(f"{value:g}" for value in pooled.ravel())
    return figure, f"Max pooling keeps the largest of each 2 x 2 block: {flat}."


@picture
def architecture(table):
    """The outputs of all layers as boxes, to scale.

    table: rows with "Layer", "Depth", "Width", "Height" (utils.deck_cnn.layer_table).
    """
    figure, axes = canvas(10, 3.3)
    left = 0.0
    colours = [PALE, SKY, BLUE, GREEN, PALE, YELLOW, ORANGE]
    for row, colour in zip(table, colours, strict=False):
        depth, height = row["Depth"], row["Height"]
        if height > 1:  # a stack of feature maps, drawn as shifted squares
            sheets = max(1, round(depth / 12))
            for sheet in reversed(range(sheets)):
                shift = 1.5 * sheet
                axes.add_patch(
                    Rectangle(
                        (left + shift, shift - height / 2),
                        height,
                        height,
                        facecolor=colour,
                        edgecolor="white",
                        lw=0.8,
                    )
                )
            width = height + 1.5 * (sheets - 1)
            size = f"{row['Width']} x {height} x {depth}"
        else:  # a vector: length on a logarithmic scale
            length = 6 * np.log2(depth)
            axes.add_patch(Rectangle((left, -length / 4), 3, length / 2, color=colour))
            width, size = 3, f"{depth:,}"
        name = row["Layer"].replace("Fully Connected", "Fully\nConnected")
        axes.text(left + width / 2, -27, f"{name}\n{size}", ha="center", va="top")
        left += width + 17
    axes.set(xlim=(-6, left), ylim=(-41, 25), aspect="equal")
    axes.axis("off")
    sizes = " → ".join(
        f"{row['Layer']} {row['Width']}x{row['Height']}x{row['Depth']}" for row in table
    )
    return figure, f"The network, layer by layer: {sizes}."


@picture
def parameters_and_work(names, parameters, multiply_adds):
    """Where the parameters are against where the work is, layer by layer."""
    figure, axes = canvas(10, 2.8, 1, 2, sharey=True)
    said = []
    for panel, values, what, colour in (
        (axes[0], parameters, "parameters", ORANGE),
        (axes[1], multiply_adds, "multiply-adds for one image", BLUE),
    ):
        total = sum(values)
        panel.barh(names, values, color=colour, height=0.65)
        for row, value in enumerate(values):
            share = f"  {value:,}  ({value / total:.1%})"
            panel.text(value, row, share, va="center")
        panel.set_title(f"{total:,} {what}")
        panel.set(xlim=(0, max(values) * 1.65), xticks=[])
        panel.spines["bottom"].set_visible(False)
        panel.tick_params(left=False)
        most = int(np.argmax(values))
        said.append(f"{values[most] / total:.1%} of the {what} are in {names[most]}")
    axes[0].invert_yaxis()
    return figure, "; ".join(said) + "."


@picture
def kernels(weights, columns=16):
    """All kernels of a first layer. weights: (size, size, 1, filters)."""
    filters = weights.shape[-1]
    rows = -(-filters // columns)
    figure, axes = canvas(10, 0.66 * rows, rows, columns)
    limit = abs(weights).max()
    for number, panel in enumerate(np.ravel(axes)):
        if number < filters:
            show_matrix(panel, weights[:, :, 0, number], SIGNED, limit)
        else:
            panel.axis("off")
    size = weights.shape[0]
    return figure, (
        f"{filters} learned kernels of {size} x {size}; weights from "
        f"{weights.min():.2f} (purple) to {weights.max():.2f} (orange)."
    )


@picture
def feature_maps(stages, shown=8):
    """Some feature maps of each stage, from strong to weak, one row a stage.

    stages: {name: (height, width, depth) array}, for one image. A stage as deep as the
    one before shows the same maps, in the same columns. Silent maps are left out.
    """
    figure, axes = canvas(10, 1.6 * len(stages), len(stages), shown, squeeze=False)
    before, said = 0, []
    for row, (name, maps) in zip(axes, stages.items(), strict=True):
        height, width, depth = maps.shape
        if depth != before:  # their order in the layer means nothing
            strength = maps.sum(axis=(0, 1))
            count = min(shown, depth)
            heard = max(count, np.count_nonzero(strength > 0.05 * strength.max()))
            places = np.linspace(0, heard - 1, count).astype(int)
            order, before = np.argsort(-strength, kind="stable")[places], depth
        for panel in row[depth:]:
            panel.axis("off")
        for panel, number in zip(row, order, strict=False):
            show_matrix(panel, maps[:, :, number])
            panel.set_xlabel(f"map {number}")
        row[0].set_title(f"{name}: {width} x {height} x {depth}", loc="left")
        numbers = ", ".join(map(str, order))
        said.append(f"{name} {width} x {height} x {depth}, maps {numbers}")
    return figure, f"Feature maps of one digit: {'; '.join(said)}."


@picture
def pooled_maps(features, pooled):
    """A feature map and what several kinds of pooling make of it.

    features: (height, width), not negative; pooled: {name: (rows, columns)}.
    """
    figure, axes = canvas(8.4, 3.2, 1, len(pooled) + 1)
    said = []
    limit = features.max()
    for panel, (name, values) in zip(
        axes, {"feature map": features, **pooled}.items(), strict=True
    ):
        values = np.asarray(values)
        show_matrix(panel, values, limit=limit)
        panel.set_title(f"{name}, {values.shape[0]} x {values.shape[1]}")
        panel.set_xlabel(f"largest {values.max():.2f}, mean {values.mean():.2f}")
        said.append(f"{name}: largest {values.max():.2f}, mean {values.mean():.2f}")
    return figure, f"A feature map and its poolings. {'; '.join(said)}."


def _frame(row, column, size, colour):
    corner = column - 0.5, row - 0.5
    return Rectangle(corner, size, size, fill=False, edgecolor=colour, lw=3)


def _grid(axes, start, size, face, edge, style):
    for row in range(start, start + size):
        for column in range(start, start + size):
            axes.add_patch(
                Rectangle(
                    (column, row), 1, 1, facecolor=face, edgecolor=edge, linestyle=style
                )
            )
