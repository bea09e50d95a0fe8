"""The ground all figures stand on: one palette, one style, one way to be described.

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
from matplotlib.figure import Figure
from PIL import Image

# Okabe & Ito's palette: told apart with any kind of colour vision; black, blue, green
# and orange in grey, too.
BLACK, GREY, PALE = "#222222", "#767676", "#D9D9D9"
BLUE, ORANGE, GREEN = "#0072B2", "#D55E00", "#009E73"
SKY, YELLOW, PINK = "#56B4E9", "#E69F00", "#CC79A7"

INK = "gray_r"  # colour map for pixels and activations: 0 is white
SIGNED = "PuOr_r"  # colour map for weights: 0 is white, orange above, purple below

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


def picture(draw):
    """Make a function that returns (figure, alt text) return a Picture."""

    @functools.wraps(draw)
    def drawn_in_style(*args, **kwargs):
        with matplotlib.rc_context(STYLE):
            return Picture(*draw(*args, **kwargs))

    return drawn_in_style


def canvas(width, height, rows=1, columns=1, **kwargs):
    """Return (figure, axes) of so many inches; 1 inch is 72 pixels in a notebook.

    The figure is not pyplot's: nothing global, nothing shown twice.
    """
    figure = Figure(figsize=(width, height), layout="constrained")
    return figure, figure.subplots(rows, columns, **kwargs)


def show_matrix(axes, values, colours=INK, limit=None, numbers=False, decimals=0):
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
        for (row, column), value in _cells(values):
            # Dark cells need white digits.
            dark = abs(value) > 0.55 * limit
            axes.text(
                column,
                row,
                f"{value:.{decimals}f}",
                ha="center",
                va="center",
                color="white" if dark else BLACK,
            )


def _cells(values):
    for row in range(values.shape[0]):
        for column in range(values.shape[1]):
            yield (row, column), values[row, column]
