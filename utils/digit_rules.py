"""A small expert system: twelve rules by hand that tell a 9 from a 4.

The round numbers come from looking at training images. ("A 4 has a long row across"
sounds right, but it is true of nearly as many nines. So it was left out.)
"""

import numpy as np
from scipy import ndimage


def cut_out(image):
    """Where the ink is, without the empty border. image: (28, 28), 0 to 255."""
    ink = image > 100
    return ink[ndimage.find_objects(ink.astype(int))[0]]


def strokes(line):
    """How often a line of pixels goes from white to ink."""
    return int(line[0]) + (line[1:] & ~line[:-1]).sum()


def has_hole(ink):
    """True where the white around the ink is in more than one piece."""
    return ndimage.label(np.pad(~ink, pad_width=1, constant_values=True))[1] > 1


def rules(image):
    """Two dictionaries {rule: does it hold?}: what speaks for a 9, what for a 4."""
    ink = cut_out(image)
    height, width = ink.shape
    widths = ink.sum(axis=1)  # how much ink is in each row
    top, waist = height // 5 + 1, height * 3 // 4 + 1
    middle = ink[:, width // 2]  # a line down the middle
    for_9 = {
        "it has a hole": has_hole(ink),
        "its top is full of ink": ink[:top].mean() > 0.4,
        "its top has a wide row": max(widths[:top]) > width / 2,
        "down the middle are two strokes": strokes(middle) > 1,
        "it is slim": height > 1.4 * width,
        "below its middle it is narrow": max(widths[height // 2 : waist]) <= width / 2,
    }
    for_4 = {
        "it has no hole": not has_hole(ink),
        "its top has little ink": ink[:top].mean() < 0.25,
        "it begins with a short row": widths[0] <= width / 4,
        "down the middle is one stroke": strokes(middle) == 1,
        "it is wide": width > 0.75 * height,
        "its top is open": not middle[: height // 4].any(),
    }
    return for_9, for_4


def expert(image):
    """9 where more rules speak for a 9 than for a 4, else 4."""
    for_9, for_4 = rules(image)
    return 9 if sum(for_9.values()) > sum(for_4.values()) else 4
