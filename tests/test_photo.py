"""Photos of digits on paper, as a script draws them: shadow, lines, noise, turned."""

import numpy as np
import pytest
from PIL import Image

from utils import data, drawing, photo
from utils.frameworks import reference, weights

TURNED = {
    3: Image.Transpose.ROTATE_180,
    6: Image.Transpose.ROTATE_90,
    8: Image.Transpose.ROTATE_270,
}


def paper_with(digits, rng, columns=5, cell=190, side=112, pen=0.75):
    """How bright each place of a sheet is, 0 to 1: digits (n, 28, 28) in rows."""
    rows = -(-len(digits) // columns)
    sheet = np.ones((cell * rows + 50, cell * columns + 50))
    for number, digit in enumerate(digits):
        image = Image.fromarray(digit).resize((side, side), Image.Resampling.BICUBIC)
        y, x = cell * (number // columns) + 55, cell * (number % columns) + 60
        y, x = y + rng.integers(-20, 21), x + rng.integers(-25, 26)
        sheet[y : y + side, x : x + side] *= 1 - pen * np.asarray(image) / 255
    return sheet


def ruled(sheet, dark, step=40, columns=False):
    sheet[step // 2 :: step] *= 1 - dark
    sheet[step // 2 + 1 :: step] *= 1 - dark
    if columns:
        sheet[:, step // 2 :: step] *= 1 - dark
    return sheet


def take(sheet, path, rng, shadow=0.5, noise=6, tilt=0, turned=1):
    """The sheet as a phone saves it: shadow to a side, noise, JPEG, held some way."""
    y, x = np.indices(sheet.shape) / np.max(sheet.shape)
    angle = rng.uniform(0, 2 * np.pi)
    light = np.cos(angle) * x + np.sin(angle) * y
    light = 235 * (1 - shadow * (light - light.min()) / np.ptp(light))
    pixels = light * sheet + rng.normal(0, noise, sheet.shape)
    image = Image.fromarray(pixels.clip(0, 255).astype("uint8"))
    image = image.rotate(tilt, Image.Resampling.BICUBIC, fillcolor=int(light.mean()))
    tags = Image.Exif()
    tags[0x0112] = turned
    if turned in TURNED:
        image = image.transpose(TURNED[turned])
    image.convert("RGB").save(path, quality=80, exif=tags)
    return path


SHEETS = {
    "plain": ({}, {}),
    "a strong shadow": ({}, {"shadow": 0.7}),
    "noise": ({}, {"noise": 15}),
    "a pencil": ({"pen": 0.4}, {"noise": 8}),
    "ruled": ({"dark": 0.25}, {}),
    "squared": ({"dark": 0.4, "columns": True}, {}),
    "lines as dark as a pen": ({"dark": 0.7}, {}),
    "not straight": ({"dark": 0.3}, {"tilt": 3}),
    "upside down": ({}, {"turned": 3}),
    "on its side": ({"dark": 0.25}, {"turned": 6}),
    "on the other side": ({}, {"turned": 8}),
}


@pytest.fixture(scope="module")
def mnist(mnist_file):
    """MNIST's test images and their labels."""
    return data.load_mnist(mnist_file, fast=False)[1]


NETWORK = reference.build(weights.load())


def read(images):
    return reference.predict(NETWORK, data.prepare(images)).argmax(axis=1)


def sheet_of(digits, rng, pen=0.75, dark=0, columns=False):
    return ruled(paper_with(digits, rng, pen=pen), dark, columns=columns)


@pytest.mark.parametrize("name", SHEETS)
def test_real_digits_on_a_sheet_are_found_and_read(mnist, tmp_path, name):
    """Two sheets of ten: all are found, 19 of 20 are read."""
    images, labels = mnist
    paper, camera = SHEETS[name]
    rng = np.random.default_rng(sorted(SHEETS).index(name))
    right = 0
    for _ in range(2):
        chosen = rng.integers(0, len(images), 10)
        sheet = sheet_of(images[chosen], rng, **paper)
        path = take(sheet, tmp_path / "photo.jpg", rng, **camera)
        found, boxes, _ = photo.digits(photo.read(path))
        assert len(boxes) == len(found) == 10
        right += (read(found) == labels[chosen]).sum()
    assert right >= 19


def test_one_digit_may_fill_a_photo(mnist, tmp_path):
    images, labels = mnist
    rng = np.random.default_rng(5)
    right = 0
    for image, label in zip(images[:5], labels[:5], strict=True):
        sheet = paper_with([image], rng, columns=1, cell=340, side=280)
        found, *_ = photo.digits(photo.read(take(sheet, tmp_path / "a.jpg", rng)))
        assert len(found) == 1
        right += read(found)[0] == label
    assert right == 5


@pytest.mark.parametrize("pen", [1.5, 3, 6.6, 10])
def test_a_thin_pen_is_made_as_thick_as_in_mnist(tmp_path, monkeypatch, pen):
    monkeypatch.setattr(drawing, "PEN", pen)
    drawn = [drawing.example(digit, side=168) for digit in range(10)]
    rng = np.random.default_rng(0)
    path = take(paper_with(drawn, rng, side=112), tmp_path / "a.jpg", rng)
    found, *_ = photo.digits(photo.read(path))
    assert len(found) == 10
    share = (found > 60).mean(axis=(1, 2))
    assert share.min() > 0.06  # MNIST's: a tenth to a quarter of the pixels
    assert share.max() < 0.35


def test_white_on_a_blackboard(tmp_path):
    rng = np.random.default_rng(0)
    drawn = [drawing.example(digit, side=112) for digit in (3, 7)]
    pixels = 255 - 230 * paper_with(drawn, rng, columns=2)
    Image.fromarray(pixels.astype("uint8")).save(tmp_path / "board.png")
    found, *_ = photo.digits(photo.read(tmp_path / "board.png"))
    for image, one in zip(found, drawn, strict=True):
        assert np.corrcoef(image.ravel(), drawing.to_mnist(one).ravel())[0, 1] > 0.8


def test_the_order_is_that_of_reading(tmp_path):
    rng = np.random.default_rng(1)
    drawn = [drawing.example(digit, side=112) for digit in (9, 2, 5, 1, 0, 7, 3)]
    sheet = paper_with(drawn, rng, columns=3)
    path = take(sheet, tmp_path / "a.jpg", rng, noise=0)
    found, boxes, _ = photo.digits(photo.read(path))
    assert len(found) == 7
    places = [(box[0] // 190, box[2] // 190) for box in boxes]
    assert places == sorted(places)


def test_what_cannot_be_used_is_said(tmp_path, capsys):
    rng = np.random.default_rng(2)
    drawn = [drawing.example(digit, side=112) for digit in range(8)]
    sheet = paper_with(drawn, rng, columns=4)
    sheet[205:210, 10:400] = 0.3  # a line under the first row
    sheet[395:, 600:630] = 0.3  # cut off by the edge
    sheet[392:417, 300:320] = 0.3  # a blot
    images = photo.cut(take(sheet, tmp_path / "photo.jpg", rng))
    said = capsys.readouterr().out
    assert len(images) == 8
    assert f"{tmp_path / 'photo.jpg'}: digits found: 8." in said
    assert "Marks that were not used:" in said
    for why in ("1 too wide (a line", "1 at the edge of the photo", "1 too small"):
        assert why in said
    assert "the 8 digits" in said or "8 digits, numbered" in said


@pytest.mark.parametrize("dark", [0, 0.25])
def test_empty_paper_is_said_to_be_empty(tmp_path, dark):
    rng = np.random.default_rng(3)
    path = take(ruled(np.ones((600, 900)), dark), tmp_path / "empty.jpg", rng)
    with pytest.raises(ValueError, match=r"empty\.jpg: no digit was found.* Wanted: "):
        photo.cut(path)


def test_what_is_no_photo_is_named(tmp_path):
    (tmp_path / "a.jpg").write_bytes(b"no photo")
    for name, why in (("a.jpg", "no readable image"), ("b.jpg", "there is no file")):
        with pytest.raises(ValueError, match=f"{name}: {why}"):
            photo.cut(tmp_path / name)


def test_a_large_photo_is_looked_at_in_a_smaller_size(tmp_path):
    rng = np.random.default_rng(4)
    drawn = [drawing.example(digit, side=224) for digit in range(4)]
    sheet = paper_with(drawn, rng, columns=2, cell=900, side=700)
    path = take(sheet, tmp_path / "large.jpg", rng)
    assert max(photo.read(path).shape) == photo.LONGEST
    assert len(photo.digits(photo.read(path))[0]) == 4
