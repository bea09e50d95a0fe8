"""The ground all figures stand on: one style, one hand, one way to be described.

A figure function draws on a matplotlib figure and returns it with its alt text; the
decorator `picture` makes a `Picture` of the two, which a notebook cell can end with:

    @picture
    def loss_curve(losses):
        figure, axes = canvas(width=6, height=3)
        axes.plot(losses, color=BLUE)
        return figure, f"loss falls from {losses[0]:.2f} to {losses[-1]:.2f}."

The alt text is made of the figure's own numbers: it reaches readers who do not see
the figure, and nbval compares it, so it tests the figure too.
"""

import base64
import functools
import io

import matplotlib
import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.path import Path
from matplotlib.text import Text
from PIL import Image

from utils.plotting.colours import BLACK, BLUE, GREY, INK, PALE, SIGNED

DPI = 144  # twice the 72 that a screen shows, so that a projector stays sharp

# A slide makes a figure of 4.3 inches' height 1.6 times as large: 14 becomes 22 pixels.
# A phone of 400 pixels makes one as wide as this 0.7 times as large: 14 becomes 10.
WIDE = 7.2  # inches

STYLE = {
    "font.size": 14,
    "axes.titlesize": "medium",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": GREY,
    "axes.labelcolor": BLACK,
    "text.color": BLACK,
    "xtick.color": GREY,
    "ytick.color": GREY,
    "xtick.labelcolor": BLACK,
    "ytick.labelcolor": BLACK,
    "lines.linewidth": 2,
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


WHITE_GROUND = {"facecolor": "white", "edgecolor": "none", "pad": 1.5}


def write(axes, x, y, text, **style):
    """Text with its middle at (x, y), unless the style says ha="left", va="top", ..."""
    axes.text(x, y, text, **{"ha": "center", "va": "center", **style})


def note(axes, text, point, offset, **style):
    """Text beside a point (x, y); offset: (right, up) in points, 1/72 inch."""
    axes.annotate(text, point, offset, textcoords="offset points", **style)


def node(axes, x, y, text, colour=BLACK, radius=None):
    """A text in a white box with a coloured rim; returned, so that arrows begin there.

    radius: of a circle instead, as a multiple of the letters' size.
    """

    def circle(left, bottom, width, height, size):
        return Path.circle((left + width / 2, bottom + height / 2), radius * size)

    rim = {"facecolor": "white", "edgecolor": colour, "lw": 2}
    rim["boxstyle"] = circle if radius else "round,pad=0.4"
    ink = GREY if colour == PALE else BLACK
    return axes.text(x, y, text, color=ink, bbox=rim, ha="center", va="center")


def arrow(axes, start, end, colour=GREY, text="", at=0.5, ink=BLACK, **style):
    """An arrow from start to end, each a point (x, y) or a node, and a text on it.

    at: where the text stands, from 0, the start, to 1, the end.
    """
    style = {"arrowstyle": "-|>", "lw": 1.5, "shrinkA": 0, "shrinkB": 0, **style}
    if isinstance(start, Text):  # a node
        style["patchA"], start = start.get_bbox_patch(), start.get_position()
    if isinstance(end, Text):
        style["patchB"], end = end.get_bbox_patch(), end.get_position()
    axes.annotate("", end, start, arrowprops={"color": colour, **style})
    x, y = np.add(start, at * np.subtract(end, start))
    write(axes, x, y, text, color=ink, bbox=WHITE_GROUND)


def rectangle(axes, x, y, width, height, text="", **style):
    """A rectangle with its lower left corner at (x, y), and a text in its middle."""
    axes.add_patch(Rectangle((x, y), width, height, **style))
    write(axes, x + width / 2, y + height / 2, text)


def blank(axes, xlim, ylim, aspect="auto"):
    """Make of axes a sheet to draw on: nothing but its limits."""
    axes.set(xlim=xlim, ylim=ylim, aspect=aspect)
    axes.axis("off")


def no_scale(axes, side):
    """Hide the scale at the "left" or "bottom": the bars carry their numbers."""
    axes.set(**{"xticks" if side == "bottom" else "yticks": []})
    axes.spines[side].set_visible(False)
    axes.tick_params(length=0)


def bars(axes, names, values, texts, colour):
    """Bars to the right, each with its name and its text, the first on top."""
    edge = {"edgecolor": colour, "lw": 1}  # so that the smallest is seen, too
    drawn = axes.barh(range(len(names)), values, color=colour, height=0.65, **edge)
    axes.bar_label(drawn, texts, padding=4)
    rows(axes, names)


def rows(axes, names):
    """Name the rows of bars, the first on top, and hide the scale below them."""
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(len(names) - 0.5, -0.5)
    no_scale(axes, "bottom")


def columns(axes, values, texts, colour=BLUE, **style):
    """Bars upwards, numbered from 0, each with its text; style: of the texts."""
    drawn = axes.bar(range(len(values)), values, color=colour, width=0.75)
    axes.bar_label(drawn, texts, padding=2, **style)
    axes.axhline(0, color=GREY, lw=1)
    axes.margins(y=0.3)
    axes.set_xticks(range(len(values)))
    axes.spines["bottom"].set_visible(False)
    no_scale(axes, "left")


def unit_line(axes, w, b, **style):
    """The line w x + b = 0 in the plane of two inputs; nothing where w is 0."""
    if np.any(w):
        point = -b * w / (w @ w)
        axes.axline(point, np.add(point, (-w[1], w[0])), **style)


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
    for (row, column), value in np.ndenumerate(values if numbers else ()):
        ink = "white" if abs(value) > 0.55 * limit else BLACK  # white on dark cells
        write(axes, column, row, f"{value:.0f}", color=ink)


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
