"""A drawing in MNIST's form: unchanged digits, any place and size, clear errors."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from utils import drawing


def test_published_images_stay_as_they_are(mnist_file):
    with np.load(mnist_file) as file:
        images = file["x_train"][:3000]
    same = [np.array_equal(drawing.to_mnist(image), image) for image in images]
    assert np.mean(same) > 0.995


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 9), st.integers(-8, 8), st.integers(-8, 8))
def test_place_does_not_matter(digit, down, right):
    picture = drawing.example(digit)
    moved = drawing.shift(picture[None], down, right)[0]
    assert np.array_equal(drawing.to_mnist(moved), drawing.to_mnist(picture))


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 9), st.integers(2, 4))
def test_whole_enlargement_does_not_matter(digit, times):
    picture = drawing.example(digit)
    large = picture.repeat(times, axis=0).repeat(times, axis=1)
    assert np.array_equal(drawing.to_mnist(large), drawing.to_mnist(picture))


@settings(deadline=None, max_examples=50)
@given(
    st.integers(1, 60),
    st.integers(1, 60),
    st.floats(0.01, 1),
    st.integers(0, 2**32 - 1),
)
def test_every_drawing_fits(rows, columns, share, seed):
    rng = np.random.default_rng(seed)
    ink = rng.integers(0, 256, (rows, columns)) * (rng.random((rows, columns)) < share)
    if not ink.any():
        ink[0, 0] = 255
    image = drawing.to_mnist(ink.astype("uint8"))
    assert image.shape == (28, 28)
    assert image.dtype == np.uint8


@pytest.mark.parametrize("digit", range(10))
def test_ends_and_corners_are_round(digit):
    picture = drawing.example(digit, side=280)
    angles = np.linspace(0, 2 * np.pi, 16, endpoint=False)
    inside = 0.8 * drawing.PEN * 280 / drawing.PAD / 2
    for point in " ".join(drawing.STROKES[digit]).split():
        x, y = np.array(point.split(","), float) * 2.8
        rows = (y + inside * np.sin(angles)).round().astype(int)
        columns = (x + inside * np.cos(angles)).round().astype(int)
        assert (picture[rows, columns] > 127).all(), f"no round end at {point}"


@pytest.mark.parametrize("digit", range(10))
def test_box_and_centre(digit):
    image = drawing.to_mnist(drawing.example(digit))
    rows, columns = (np.flatnonzero(image.any(axis=axis)) for axis in (1, 0))
    assert max(np.ptp(rows), np.ptp(columns)) + 1 == 20
    assert np.abs(np.subtract(drawing.centre_of_mass(image), 14)).max() <= 0.51


def test_the_thinnest_line_is_one_pixel_wide():
    image = drawing.to_mnist(np.full((84, 1), 255, "uint8"))
    assert image.any(axis=0).sum() == 1
    assert image.any(axis=1).sum() == 20


def test_resize_keeps_the_mean():
    image = np.random.default_rng(0).random((30, 17))
    assert drawing.resize(image, 7, 28).mean() == pytest.approx(image.mean())
    assert np.allclose(drawing.resize(image, 30, 17), image)
    blocks = drawing.resize(image[:28, :16], 14, 4)
    assert np.allclose(blocks, image[:28, :16].reshape(14, 2, 4, 4).mean(axis=(1, 3)))


def test_floats_and_integers_agree():
    picture = drawing.example(5)
    assert np.array_equal(drawing.to_mnist(picture / 255), drawing.to_mnist(picture))
    assert drawing.shrink(picture).shape == (28, 28)


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        (np.zeros((84, 84)), "the drawing is empty; draw a digit first"),
        (np.zeros((28, 28, 3)), r"shape \(28, 28, 3\); wanted \(height, width\)"),
        (np.full((9, 9), np.nan), "from nan to nan; wanted 0 to 1"),
        (np.full((9, 9), 300), "wanted 0 to 255"),
        (np.full((9, 9), "a"), "wanted integers"),
        (5, r"shape \(\)"),
    ],
)
def test_bad_drawings_are_named(bad, words):
    with pytest.raises(ValueError, match=words):
        drawing.to_mnist(bad)


def test_shift_and_thicken():
    image = np.zeros((1, 5, 5), "uint8")
    image[0, 2, 2] = 9
    assert drawing.shift(image, 1, -2)[0, 3, 0] == 9
    assert drawing.shift(image, 3, 0).sum() == 0
    assert drawing.shift(image, 99, -99).sum() == 0
    full = drawing.shift(image + 9, 1, -1)[0]  # nothing comes back at the other side
    assert (full[0] == 0).all()
    assert (full[:, -1] == 0).all()
    assert full[1:, :-1].all()
    two = drawing.shift(np.repeat(image, 2, axis=0), [1, 0], [0, -1])  # each its own
    assert [two[0, 3, 2], two[1, 2, 1], two.sum()] == [9, 9, 18]
    assert two.dtype == np.uint8
    assert (drawing.thicken(image)[0, 1:4, 1:4] == 9).all()
    assert drawing.thicken(image).sum() == 81
    assert not drawing.thicken(np.concatenate([image, 0 * image]))[1].any()


def test_there_are_ten_drawings():
    assert len({drawing.example(digit).tobytes() for digit in range(10)}) == 10
    with pytest.raises(ValueError, match="wanted 0 to 9"):
        drawing.example(10)
