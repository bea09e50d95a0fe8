"""Lesson 4's figures: how a convolution works and what a CNN makes of an image."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from utils.plotting import base as draw
from utils.plotting import colours
from utils.plotting.colours import BLACK, BLUE, GREEN, ORANGE, PALE, SIGNED, SKY, YELLOW

FRAME = {"fill": False, "edgecolor": BLUE, "lw": 3}


@draw.picture
def sliding_kernel(image, kernel, place=(0, 0), padding=0, stride=1):
    """One window of an image, its pixels times the weights, and the output.

    image: (height, width), kernel: (size, size); place: (row, column) of the output.
    """
    inner = _size(np.asarray(image))
    image, kernel = np.pad(image, padding), np.asarray(kernel)
    size = len(kernel)
    windows = sliding_window_view(image, kernel.shape)[::stride, ::stride]
    output = (windows * kernel).sum(axis=(2, 3))
    row, column = np.minimum(np.array(place, int), np.array(output.shape) - 1)
    products = windows[row, column] * kernel + 0.0  # no -0
    largest = abs(output).max() or 1
    widths = [image.shape[1], 2 * size, output.shape[1]]
    figure, (axes,) = draw.canvas(draw.WIDE, 3.6, 1, 3, width_ratios=widths)
    first, middle, last = axes
    draw.show_matrix(first, image, limit=2 * image.max(), numbers=True)
    x, y = stride * column - 0.5, stride * row - 0.5
    draw.rectangle(first, x, y, size, size, **FRAME)
    first.set_title(f"image {inner}{', and a border' * padding}")
    draw.show_matrix(middle, products, SIGNED, largest)
    for (r, c), weight in np.ndenumerate(kernel):
        text = f"{windows[row, column, r, c]:g} x {weight:g}\n= {products[r, c]:g}"
        dark = abs(products[r, c]) > 0.55 * largest
        draw.write(middle, c, r, text, color="white" if dark else BLACK)
    middle.set_title("pixel x weight")
    draw.show_matrix(last, output, SIGNED, largest, numbers=True)
    draw.rectangle(last, column - 0.5, row - 0.5, 1, 1, **FRAME)
    last.set_title(f"output {_size(output)}")
    last.set_xlabel(f"sum = {output[row, column]:g}")
    return figure, (
        f"A {_size(kernel)} kernel on an image, padding {padding}, stride {stride}: "
        f"the output is {_size(output)}. At row {row}, column {column} the sum of the "
        f"{draw.counted(kernel.size, 'product')} is {output[row, column]:g}."
    )


@draw.picture
def edge_kernels(image, named_kernels, convolution):
    """One image and what each kernel finds in it.

    image: (height, width); named_kernels: {name: (size, size) array}; convolution:
    a function of image and kernel.
    """
    columns = len(named_kernels)
    size = 1.44 * (columns + 1), 3
    figure, axes = draw.canvas(*size, 2, columns + 1, height_ratios=[1, 1.6])
    axes[0, 0].axis("off")
    draw.show_matrix(axes[1, 0], image)
    axes[1, 0].set_title("the image")
    said = []
    trios = zip(named_kernels.items(), *axes[:, 1:], strict=True)
    for (name, kernel), above, below in trios:
        output = np.asarray(convolution(image, kernel))
        draw.show_matrix(above, kernel, SIGNED, numbers=True)
        above.set_title(name)
        draw.show_matrix(below, output, SIGNED)
        row, column = np.unravel_index(output.argmax(), output.shape)
        said.append(f"{name} answers most at row {row}, column {column}")
    many = draw.counted(columns, "kernel")
    return figure, f"An image filtered by {many}: {'; '.join(said)}."


@draw.picture
def pooling(features):
    """Max pooling of a small feature map, block by block. features: (even, even)."""
    rows, columns = features.shape
    pooled = features.reshape(rows // 2, 2, columns // 2, 2).max(axis=(1, 3))
    figure, (axes,) = draw.canvas(7, 3.2, 1, 2, width_ratios=[2, 1])
    fill = [SKY, YELLOW, GREEN, colours.PINK]
    for panel, values, block in ((axes[0], features, 2), (axes[1], pooled, 1)):
        draw.show_matrix(panel, np.zeros_like(values))
        for (row, column), value in np.ndenumerate(values):
            block_row, block_column = row // block, column // block
            colour = fill[(block_row * (columns // 2) + block_column) % 4]
            largest = value == pooled[block_row, block_column]
            alpha, weight = (0.75, "bold") if largest else (0.25, "normal")
            look = {"color": colour, "alpha": alpha, "lw": 0}
            draw.rectangle(panel, column - 0.5, row - 0.5, 1, 1, **look)
            draw.write(panel, column, row, f"{value:g}", weight=weight)
        for line in range(block, len(values), block):
            panel.axhline(line - 0.5, color="white", lw=3)
            panel.axvline(line - 0.5, color="white", lw=3)
    axes[0].set_title(f"feature map, {rows} x {columns}")
    axes[1].set_title(f"largest of each\nblock, {rows // 2} x {columns // 2}")
    flat = ", ".join(f"{value:g}" for value in pooled.ravel())
    return figure, f"Max pooling keeps the largest of each 2 x 2 block: {flat}."


@draw.picture
def architecture(table):
    """The outputs of all layers as boxes, to scale.

    table: rows with "Layer", "Depth", "Width", "Height" (utils.deck_cnn.layer_table).
    """
    figure, axes = draw.canvas(draw.WIDE, 2.4)
    fill = [PALE, SKY, BLUE, GREEN, PALE, YELLOW, ORANGE]
    for number, (row, colour) in enumerate(zip(table, fill, strict=False)):
        depth, height, middle = row["Depth"], row["Height"], 40 * number
        if height > 1:  # a stack of feature maps, drawn as shifted squares
            sheets = max(1, round(depth / 12))
            for sheet in reversed(range(sheets)):
                x = middle + 1.5 * (sheet - sheets / 2) - height / 2
                y = 1.5 * sheet - height / 2
                look = {"facecolor": colour, "edgecolor": "white", "lw": 0.8}
                draw.rectangle(axes, x, y, height, height, **look)
            size = f"{row['Width']} x {height}\nx {depth}"
        else:  # a vector: length on a logarithmic scale
            length = 6 * np.log2(depth)
            draw.rectangle(axes, middle - 1, -length / 4, 3, length / 2, color=colour)
            size = f"{depth:,}"
        name = row["Layer"].replace("Fully Connected", "Fully\nConnected")
        draw.write(axes, middle, -24, f"{name}\n{size}", va="top")
    draw.blank(axes, (-20, middle + 20), (-54, 26), "equal")
    sizes = " → ".join(
        f"{row['Layer']} {row['Width']}x{row['Height']}x{row['Depth']}" for row in table
    )
    return figure, f"The network, layer by layer: {sizes}."


@draw.picture
def parameters_and_work(names, parameters, multiply_adds):
    """Where the parameters are against where the work is, layer by layer."""
    said, panels = [], {}
    for values, what, colour in (
        (parameters, "parameters", ORANGE),
        (multiply_adds, "multiply-adds for one image", BLUE),
    ):
        total, most = sum(values), int(np.argmax(values))
        texts = [f"{value:,}  ({value / total:.1%})" for value in values]
        panels[f"{total:,} {what}"] = values, texts, colour
        said.append(f"{values[most] / total:.1%} of the {what} are in {names[most]}")
    return _bar_panels(names, panels), "; ".join(said) + "."


@draw.picture
def network_race(names, measures):
    """Networks side by side, a panel for each measure; shorter bars are better.

    names: the networks; measures: {title: a number for each network}, such as
    {"error, %": [2.1, 0.9], "parameters": [101_770, 1_199_882]}.
    """
    said, panels = [], {}
    for title, values in measures.items():
        texts = [f"{v:,}" if isinstance(v, int) else f"{v:.2f}" for v in values]
        panels[title] = values, texts, [SKY, ORANGE, colours.GREY][: len(names)]
        pairs = zip(names, texts, strict=True)
        said.append(f"{title}: " + ", ".join(map(" ".join, pairs)))
    return _bar_panels(names, panels), "; ".join(said) + "."


def _bar_panels(names, panels):
    """Panels of bars, one below the other: {title: (values, texts, colour)}."""
    height = (0.45 + 0.28 * len(names)) * len(panels)
    figure, axes = draw.canvas(draw.WIDE, height, len(panels), 1)
    for panel, (title, drawn) in zip(axes.flat, panels.items(), strict=True):
        draw.bars(panel, names, *drawn)
        panel.set_title(title)
    return figure


@draw.picture
def kernels(weights, columns=16):
    """All kernels of a first layer. weights: (size, size, 1, filters)."""
    images = np.moveaxis(weights[:, :, 0], -1, 0)
    rows = -(-len(images) // columns)
    figure, axes = draw.canvas(draw.WIDE, 0.48 * rows, rows, columns)
    draw.show_images(axes, images, colours=SIGNED, limit=abs(weights).max())
    return figure, (
        f"{draw.counted(len(images), 'learned kernel')} of {_size(weights)}; weights "
        f"from {weights.min():.2f} (purple) to {weights.max():.2f} (orange)."
    )


@draw.picture
def feature_maps(stages, shown=8):
    """Some feature maps of each stage, from strong to weak, one row a stage.

    stages: {name: (height, width, depth) array}, for one image. A stage as deep as the
    one before shows the same maps, in the same columns. Silent maps are left out.
    """
    figure, axes = draw.canvas(draw.WIDE, 1.4 * len(stages), len(stages), shown)
    before, said = 0, []
    for row, (name, maps) in zip(axes, stages.items(), strict=True):
        height, width, depth = maps.shape
        if depth != before:  # their order in the layer means nothing
            strength = maps.sum(axis=(0, 1))
            count = min(shown, depth)
            heard = max(count, np.count_nonzero(strength > 0.05 * strength.max()))
            places = np.linspace(0, heard - 1, count).astype(int)
            order, before = np.argsort(-strength, kind="stable")[places], depth
        draw.show_images(row, np.moveaxis(maps, -1, 0)[order])
        for panel, number in zip(row, order, strict=False):
            panel.set_xlabel(f"map {number}")
        title, corner = f"{name}: {width} x {height} x {depth}", (-0.5, -0.5)
        draw.note(row[0], title, corner, (0, 6), in_layout=False)  # over many columns
        row[0].set_title(" ")
        numbers = ", ".join(map(str, order))
        said.append(f"{name} {width} x {height} x {depth}, maps {numbers}")
    return figure, f"Feature maps of one digit: {'; '.join(said)}."


@draw.picture
def pooled_maps(features, pooled):
    """A feature map and what several kinds of pooling make of it.

    features: (height, width), not negative; pooled: {name: (rows, columns)}.
    """
    shown = {"feature map": features, **pooled}
    figure, (axes,) = draw.canvas(draw.WIDE, 3.3, 1, len(shown))
    said = []
    for panel, (name, values) in zip(axes, shown.items(), strict=True):
        values = np.asarray(values)
        draw.show_matrix(panel, values, limit=features.max())
        panel.set_title(f"{name}, {_size(values)}")
        numbers = f"largest {values.max():.2f}, mean {values.mean():.2f}"
        panel.set_xlabel(numbers.replace(", ", "\n"))
        said.append(f"{name}: {numbers}")
    return figure, f"A feature map and its poolings. {'; '.join(said)}."


def _size(array):
    return f"{array.shape[0]} x {array.shape[1]}"
