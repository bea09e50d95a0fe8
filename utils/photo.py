"""Photos of handwriting, cut into digits in MNIST's form.

    images = photo.cut("my_project/photo.jpg")

A photo has what MNIST has not: a shadow on one side, ruled lines, noise, several digits
on a sheet, and it may lie on its side.
"""

from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from utils import drawing

LONGEST = 1600  # pixels that are looked at on the longer side
FORMATS = "PNG", "JPEG", "BMP", "GIF", "WEBP"  # whatever the name says
PIXELS = 60_000_000  # the most that are decoded: more than most phones' cameras have


def read(path, mode="L"):
    """Read an image file: uint8, shape (height, width), with mode="RGB" and three more.

    It is turned as the phone was held; where a drawing is clear, its paper is white.
    Raises ValueError for what is no image of 8 bits a colour, or too large.
    """
    if not Path(path).exists():
        raise ValueError(f"there is no file {path}; the current folder is {Path.cwd()}")
    try:
        if not Path(path).is_file():  # a pipe would be waited for
            raise OSError
        with Image.open(path, formats=FORMATS) as file:
            if file.width * file.height > PIXELS:  # nothing is decoded yet
                raise OSError
            file.draft(mode, (LONGEST, LONGEST))  # of a huge JPEG only what is needed
            if file.mode.startswith(("I", "F")):  # Pillow would cut off at 255
                raise OSError
            file.thumbnail((LONGEST, LONGEST))
            picture = ImageOps.exif_transpose(file)
            if picture.has_transparency_data:
                paper = Image.new("RGBA", picture.size, "white")
                picture = Image.alpha_composite(paper, picture.convert("RGBA"))
            return np.array(picture.convert(mode))
    except Exception:  # OSError, SyntaxError, DecompressionBombError, ...
        raise ValueError(
            f"no readable image of 8 bits a colour and at most {PIXELS:,} pixels; "
            f"wanted {', '.join(FORMATS)}"
        ) from None


def cut(path):
    """Find the digits in a photo: uint8, shape (n, 28, 28), in the order of reading.

    Shows the photo with what was found, and prints what was not used, and why. Raises
    ValueError where no digit is found, or the file is no image.
    """
    from IPython.display import display

    from utils.plotting import found_digits

    try:
        pixels = read(path)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None
    images, boxes, left_out = digits(pixels)
    said = ", ".join(f"{left_out.count(why)} {why}" for why in dict.fromkeys(left_out))
    said = f" Marks that were not used: {said}." if said else ""
    if not len(images):
        raise ValueError(
            f"{path}: no digit was found.{said} Wanted: dark digits on bright paper, "
            "each at least 20 pixels high, with room around it"
        )
    print(f"{path}: digits found: {len(images)}.{said}")
    display(found_digits(pixels, boxes, images))
    return images


def ink_of(pixels):
    """How much darker than its paper each pixel is: float, 0 paper to 1 black.

    The paper has a slow slope of light, and shadows. On a blackboard, or where a
    program drew white on black, the ink is brighter, and counted the same way.
    """
    from scipy.ndimage import gaussian_filter, median_filter, zoom

    grey = gaussian_filter(pixels.astype("float64"), 0.7) + 1  # without noise, nor 0
    step = max(1, max(grey.shape) // 100)
    small = grey[::step, ::step]
    y, x = (np.linspace(-1, 1, n) for n in small.shape)
    y, x = (axis.ravel() for axis in np.meshgrid(y, x, indexing="ij"))
    terms = np.stack([x**0, x, y, x * y, x * x, y * y], axis=1)
    level, on = small.ravel(), np.ones(small.size, bool)
    for _ in range(4):  # the slope, without what is far from it: the ink
        slope = terms @ np.linalg.lstsq(terms[on], level[on], rcond=None)[0]
        slope = slope.clip(10)
        off = abs(level / slope - np.median(level / slope))
        on = off <= np.quantile(off, 0.7)
    slope = slope.reshape(small.shape)
    paper = slope * gaussian_filter(median_filter(small / slope, size=51), 2)
    scale = np.divide(grey.shape, small.shape)
    paper = zoom(paper, scale, order=1, mode="nearest", grid_mode=True)
    darker = paper - grey
    if np.percentile(darker, 99.5) < -np.percentile(darker, 0.5):
        darker, paper = -darker, 256 - paper
    return (darker / paper.clip(30)).clip(0, 1)


def _without_lines(ink):
    """Where the pen was, of ink from 0 to about 1: bool. Printed lines are no pen.

    Most are paler than half of the pen. The others are thin, and straight over half
    of the photo.
    """
    from scipy.ndimage import distance_transform_edt, grey_dilation, grey_opening

    mask, low = ink > 0.5, ink > 0.3
    thin = low & (distance_transform_edt(low) <= max(2, max(ink.shape) // 400))
    for along, across in (
        ((1, ink.shape[1] // 2), (5, 1)),  # thicker first: no photo is quite straight
        ((ink.shape[0] // 2, 1), (1, 5)),
    ):
        wide = grey_dilation(low, across, mode="constant")
        mask &= ~(grey_opening(wide, along, mode="constant") & thin)
    return mask


def digits(pixels):
    """(images, boxes, left_out) of a photo: uint8, shape (height, width).

    images: uint8, shape (n, 28, 28); boxes: (top, bottom, left, right) of each;
    left_out: for each other mark why it is none.
    """
    from scipy.ndimage import find_objects, grey_dilation, label

    ink = ink_of(pixels)
    ink /= max(np.percentile(ink, 99.95), 0.15)
    mask = _without_lines(ink)
    usual, near = 0, 2
    for _ in range(2):
        # Parts of one digit do not always touch: near is what is nearer than its size.
        square = 2 * near + 1, 2 * near + 1
        parts, _ = label(grey_dilation(mask, square, mode="constant"))
        parts *= mask
        boxes = find_objects(parts)
        sides = [max(s.stop - s.start for s in box) for box in boxes]
        usual = np.median([side for side in sides if side >= 20] or [0])
        near = max(2, int(usual / 16))
    found, left_out = [], []
    for number, (place, side) in enumerate(zip(boxes, sides, strict=True), 1):
        box = [edge for part in place for edge in (part.start, part.stop)]
        why = _no_digit(box, side, usual, mask.shape)
        if why:
            left_out += [why] * (why != "dust")
        else:
            found.append((box, parts == number))
    found = _as_read(found, usual)
    images = [_mnist(ink, own, box) for box, own in found]
    return np.array(images), [box for box, _ in found], left_out


def _no_digit(box, side, usual, shape):
    """Why a mark is no digit, "" where it may be one."""
    top, bottom, left, right = box
    height, width = bottom - top, right - left
    if side < max(12, 0.2 * usual):
        return "dust"
    if min(top, left) == 0 or bottom == shape[0] or right == shape[1]:
        return "at the edge of the photo"
    if side < max(20, 0.4 * usual):
        return "too small"
    if width > 2 * height:
        return "too wide (a line, or digits that touch)"
    if side > 2 * usual:
        return "too large"
    return ""


def _as_read(found, usual):
    """Marks in the order of reading, also where the rows are not quite level.

    From left to right, each goes to the row whose last mark is at about its height.
    """

    def height(mark):
        return (mark[0][0] + mark[0][1]) / 2

    rows = []
    for mark in sorted(found, key=lambda mark: mark[0][2]):
        row = min(rows, key=lambda row: abs(height(row[-1]) - height(mark)), default=[])
        if not row or abs(height(row[-1]) - height(mark)) > 0.75 * usual:
            row = []
            rows.append(row)
        row.append(mark)
    rows.sort(key=lambda row: sum(map(height, row)) / len(row))
    return [mark for row in rows for mark in row]


def _mnist(ink, own, box):
    """One mark in MNIST's form, with strokes as thick as there. own: its pixels."""
    from scipy.ndimage import binary_dilation, distance_transform_edt, grey_dilation

    top, bottom, left, right = box
    around = slice(top - 1, bottom + 1), slice(left - 1, right + 1)
    own = own[around]
    image = ink[around] * binary_dilation(own, np.ones((3, 3)))
    image = (image / np.percentile(image[own], 75)).clip(0, 1)  # a pale pen, too
    stroke = 2 * np.percentile(distance_transform_edt(own)[own], 90)
    missing = round(max(own.shape) * 2 / 20 - stroke)
    if missing > 0:
        size = missing + 1
        image = grey_dilation(np.pad(image, size), size=(size, size))
    return drawing.to_mnist(image)
