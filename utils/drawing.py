"""Drawings brought into MNIST's form, and drawings to try it with.

MNIST's digits were scaled to fit a box of 20 x 20 pixels, with soft edges, and put
into 28 x 28 with their centre of mass in the middle (LeCun, Cortes & Burges). A
network that has seen only such images reads a drawing only after the same treatment.

A drawing is an array of shape (height, width): 0 is paper, the largest value is ink;
integers from 0 to 255, or floats from 0 to 1.
"""

import numpy as np
from PIL import Image, ImageDraw

from utils.data import prepare

BOX, SIDE = 20, 28
# Where the published images have their centre of mass, counted from 0 (measured on the
# 60,000 training images: 13.996 and 14.007).
CENTRE = 14
PAD = 84  # the side of DigitPad's drawings, in pixels
PEN = 6.6  # the width of its pen: 2 to 3 pixels of MNIST, as most of its strokes


def to_mnist(drawing):
    """Bring a drawing into MNIST's form. Returns uint8, shape (28, 28).

    Raises ValueError for an empty drawing, another shape, NaN, or values out of range.
    """
    ink = check(drawing)
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    if not len(rows):
        raise ValueError("the drawing is empty; draw a digit first")
    ink = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    scale = BOX / max(ink.shape)
    small = resize(ink, *(max(1, round(scale * side)) for side in ink.shape))

    image = np.zeros((SIDE, SIDE))
    top, left = (
        int(np.clip(np.floor(CENTRE - centre + 0.5), 0, SIDE - side))
        for centre, side in zip(centre_of_mass(small), small.shape, strict=True)
    )
    image[top : top + small.shape[0], left : left + small.shape[1]] = small
    return image.round().astype("uint8")


def shrink(drawing):
    """Only make a drawing smaller: uint8, shape (28, 28). Raises as to_mnist does."""
    return resize(check(drawing), SIDE, SIDE).round().astype("uint8")


def resize(image, height, width):
    """Resize a (rows, columns) array by area: each new pixel is the mean of what it
    covers, pixels at its border counted by the part that is covered."""
    return _areas(height, len(image)) @ image @ _areas(width, image.shape[1]).T


def _areas(new, old):
    """(new, old): the share of new pixel i that lies on old pixel j."""
    edges = np.linspace(0, old, new + 1)
    left, right = edges[:-1, None], edges[1:, None]
    pixel = np.arange(old)
    overlap = np.minimum(right, pixel + 1) - np.maximum(left, pixel)
    return overlap.clip(min=0) / (right - left)


def centre_of_mass(image):
    """(row, column) of the ink's mean place. image: (rows, columns), not all 0."""
    rows, columns = np.indices(image.shape)
    return (rows * image).sum() / image.sum(), (columns * image).sum() / image.sum()


def check(drawing):
    """The drawing as float64 from 0 to 255, or a ValueError that says why not."""
    shape = np.shape(drawing)
    if len(shape) != 2:
        raise ValueError(f"a drawing has shape {shape}; wanted (height, width)")
    return 255 * prepare(drawing)[0, :, :, 0].astype("float64")


# --- images that are no longer in MNIST's form ------------------------------------


def shift(images, rows, columns):
    """Move images down and to the right (negative: up, left); what leaves is lost.

    images: (n, height, width). rows, columns: whole numbers, or one for each image,
    shape (n,). Returns an array of the same shape and dtype.
    """
    n, height, width = images.shape
    down, right = (np.broadcast_to(steps, n)[:, None] for steps in (rows, columns))
    y, x = np.arange(height) - down, np.arange(width) - right  # where pixels come from
    inside = ((y >= 0) & (y < height))[:, :, None] & ((x >= 0) & (x < width))[:, None]
    image = np.arange(n)[:, None, None]
    return images[image, y[:, :, None] % height, x[:, None] % width] * inside


def thicken(images):
    """Make strokes thicker by a pixel on every side. images: (n, height, width)."""
    from scipy.ndimage import maximum_filter

    return maximum_filter(images, size=(1, 3, 3))


# --- saved drawings ---------------------------------------------------------------

# Strokes written for this workshop: points (x, y) from 0 to 100, y downwards.
STROKES = {
    0: [
        "50,18 38,22 30,34 27,50 30,66 38,78 50,82 62,78 70,66 73,50 70,34 62,22 50,18"
    ],
    1: ["38,32 46,27 53,18 53,82"],
    2: ["31,34 35,24 46,18 58,19 67,26 68,37 62,48 50,60 38,70 30,81 71,81"],
    3: [
        "32,25 42,18 55,18 65,24 67,34 61,43 48,48",
        "48,48 62,52 70,62 67,74 56,82 42,82 31,75",
    ],
    4: ["55,18 43,38 30,60 72,60", "60,42 60,83"],
    5: ["67,19 39,19 36,47 48,43 60,46 68,56 67,69 58,80 45,82 33,77"],
    6: ["62,18 49,26 38,41 32,58 35,73 45,82 58,81 67,72 67,60 59,51 47,52 36,62"],
    7: ["29,20 70,20 62,38 53,56 46,82"],
    8: [
        "50,48 38,42 34,32 40,21 51,18 62,22 66,32 61,42 50,48",
        "50,48 37,54 31,66 37,78 50,83 63,78 69,66 63,54 50,48",
    ],
    9: ["66,32 60,21 48,18 37,24 33,36 39,48 51,50 62,44 66,32 65,50 61,67 54,82"],
}


def example(digit, side=PAD):
    """A digit from 0 to 9, drawn with DigitPad's pen: uint8, shape (side, side)."""
    if digit not in STROKES:
        raise ValueError(f"there is no saved drawing of {digit!r}; wanted 0 to 9")
    fine = 4  # drawn larger, then averaged: soft edges
    paper = Image.new("L", (fine * side, fine * side))
    pen = ImageDraw.Draw(paper)
    radius = fine * PEN * side / PAD / 2
    for stroke in STROKES[digit]:
        points = np.array([point.split(",") for point in stroke.split()], float) / 100
        points = [tuple(point) for point in fine * side * points]
        pen.line(points, fill=255, width=round(2 * radius))
        for x, y in points:  # round ends and corners
            pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=255)
    return resize(np.asarray(paper, float), side, side).round().astype("uint8")
