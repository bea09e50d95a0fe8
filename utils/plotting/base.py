"""The ground all figures stand on: one style, one hand, one way to be described.

A figure function draws on a matplotlib figure and returns it with its alt text; the
decorator `picture` makes a `Picture` of the two, which a notebook cell can end with:

    @picture
    def loss_curve(losses):
        figure, axes = canvas(width=6, height=3)
        axes.plot(losses, color=BLUE)
        return figure, f"loss falls from {losses[0]:.2f} to {losses[-1]:.2f}"

The alt text is made of the figure's own numbers: it reaches readers who do not see
the figure, and nbval compares it, so it tests the figure too.
"""

import base64
import functools
import io

import matplotlib
import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Circle, Rectangle
from PIL import Image

from utils.plotting.colours import BLACK, GREY, INK, PALE, SIGNED

DPI = 144  # twice the 72 that a screen shows, so that a projector stays sharp

STYLE = {
    "font.size": 11,
    "axes.titlesize": 11,
    "axes.labelsize": 11,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": GREY,
    "axes.labelcolor": BLACK,
    "axes.titlecolor": BLACK,
    "text.color": BLACK,
    "xtick.color": GREY,
    "ytick.color": GREY,
    "xtick.labelcolor": BLACK,
    "ytick.labelcolor": BLACK,
    "lines.linewidth": 2,
    "legend.frameon": False,
    "figure.facecolor": "white",
    "savefig.facecolor": "white",
}


class Picture:
    """A drawn figure and its alt text, as a notebook shows it.

    alt: what the figure says, in words. png: the figure, as bytes. figure: the
    matplotlib figure, for who wants to change it.
    """

    def __init__(self, figure, alt):
        self.figure, self.alt = figure, alt
        drawn, small = io.BytesIO(), io.BytesIO()
        # No metadata: the same figure gives the same bytes on every day.
        figure.savefig(drawn, format="png", dpi=DPI, metadata={"Software": None})
        # 256 colours are enough for a figure, and a third of the bytes.
        with Image.open(drawn) as image:
            image.convert("RGB").quantize(256, dither=0).save(small, format="png")
        self.png = small.getvalue()

    def save(self, path):
        """Write the figure to a file; the ending (.png, .svg, .pdf) says how."""
        self.figure.savefig(path, dpi=DPI)

    def __repr__(self):
        return self.alt

    def _repr_mimebundle_(self, include=None, exclude=None):
        width = round(self.figure.get_figwidth() * DPI / 2)
        data = {
            "image/png": base64.b64encode(self.png).decode(),
            "text/plain": self.alt,
        }
        return data, {"image/png": {"alt": self.alt, "width": width}}


FIGURES = {}  # {name: function}, of all lessons: what `plotting` offers


def picture(draw):
    """Make a figure of a function that returns (figure, alt text): it gives a Picture.

    Raises ValueError for a second figure of the same name.
    """

    @functools.wraps(draw)
    def drawn_in_style(*args, **kwargs):
        with matplotlib.rc_context(STYLE):
            return Picture(*draw(*args, **kwargs))

    if draw.__name__ in FIGURES:
        raise ValueError(f"there are two figures {draw.__name__}")
    FIGURES[draw.__name__] = drawn_in_style
    return drawn_in_style


def canvas(width, height, rows=None, columns=None, **kwargs):
    """Return (figure, axes), width x height inches of 72 pixels in a notebook.

    axes: one, or with rows and columns an array of that shape, (1, 1) too. The figure
    is not pyplot's: nothing global, nothing shown twice.
    """
    figure = Figure(figsize=(width, height), layout="constrained")
    if rows is None:
        return figure, figure.subplots()
    return figure, figure.subplots(rows, columns, squeeze=False, **kwargs)


# --- one hand: what all figures draw alike ----------------------------------------


WHITE_GROUND = {"facecolor": "white", "edgecolor": "none", "pad": 1.5}


def write(axes, x, y, text, **style):
    """Text with its middle at (x, y), unless the style says ha="left", va="top", ..."""
    axes.text(x, y, text, **{"ha": "center", "va": "center", **style})


def note(axes, text, point, offset, **style):
    """Text beside a point (x, y); offset: (right, up) in points, 1/72 inch."""
    axes.annotate(text, point, offset, textcoords="offset points", **style)


def arrow(axes, start, end, colour=GREY, **style):
    """An arrow from start to end, each (x, y)."""
    style = {"arrowstyle": "-|>", "lw": 1.5, "shrinkA": 0, "shrinkB": 0, **style}
    axes.annotate("", end, start, arrowprops={"color": colour, **style})


def rectangle(axes, x, y, width, height, **style):
    """A rectangle with its lower left corner at (x, y)."""
    axes.add_patch(Rectangle((x, y), width, height, **style))


def disc(axes, x, y, radius, text, colour, **style):
    """A white disc with a coloured rim and a text in it."""
    rim = {"facecolor": "white", "edgecolor": colour, "lw": 2, "zorder": 2, **style}
    axes.add_patch(Circle((x, y), radius, **rim))
    write(axes, x, y, text, color=GREY if colour == PALE else BLACK)


def no_scale(axes, side):
    """Hide the scale at the "left" or "bottom": the bars carry their numbers."""
    axes.set(**{"xticks" if side == "bottom" else "yticks": []})
    axes.spines[side].set_visible(False)


def bars(axes, names, values, texts, room, colour, height):
    """Bars to the right, each with its name and its text, the first at the bottom.

    room: the length of the axis, as a multiple of the longest bar.
    """
    edge = {"edgecolor": colour, "lw": 1}  # so that the smallest is seen, too
    axes.barh(range(len(names)), values, color=colour, height=height, **edge)
    axes.set_yticks(range(len(names)), names)
    for row, (value, text) in enumerate(zip(values, texts, strict=True)):
        write(axes, value, row, text, ha="left")
    axes.set(xlim=(0, room * max(values)))
    no_scale(axes, "bottom")
    axes.tick_params(left=False)


def show_matrix(axes, values, colours=INK, limit=None, numbers=False):
    """Draw a 2-D array as cells; with numbers=True each cell shows its value.

    colours: INK (0 to limit) or SIGNED (-limit to limit). limit: None for the
    largest absolute value.
    """
    limit = limit or abs(values).max() or 1
    low = -limit if colours == SIGNED else 0
    axes.imshow(values, cmap=colours, vmin=low, vmax=limit)
    axes.set(xticks=[], yticks=[])
    axes.spines[:].set_visible(True)
    if numbers:
        for (row, column), value in np.ndenumerate(values):
            write_number(axes, row, column, value, limit)


def write_number(axes, row, column, value, limit):
    """Write a value into its cell of a shown matrix: white on dark cells."""
    dark = abs(value) > 0.55 * limit
    write(axes, column, row, f"{value:.0f}", color="white" if dark else BLACK)


def frame_cells(axes, row, column, size, colour):
    """Frame size x size cells of a shown matrix; (row, column): the upper left one."""
    style = {"fill": False, "edgecolor": colour, "lw": 3}
    rectangle(axes, column - 0.5, row - 0.5, size, size, **style)


def show_images(axes, images, titles=None, colours=INK, limit=None):
    """Draw images on an array of axes, row by row; what is left over stays empty."""
    for panel in axes.ravel():
        panel.axis("off")
    for number, (panel, image) in enumerate(zip(axes.ravel(), images, strict=False)):
        panel.axis("on")
        show_matrix(panel, image, colours, limit)
        if titles is not None:
            panel.set_title(titles[number])


def counted(number, noun):
    """A number with its noun: "1 mistake", "1,200 mistakes"."""
    return f"{number:,} {noun if number == 1 else noun + 's'}"
