"""The deck's network: its table cell by cell, its parameters and its work."""

import numpy as np
import pytest

from utils import deck_cnn, device
from utils.table import Table

# Typed from the slide "Another representation".
DECK = [
    ("Input", 1, 28, 28, None, None),
    ("Conv_1", 32, 26, 26, 3, 3),
    ("Conv_2", 64, 24, 24, 3, 3),
    ("Max Pool", 64, 12, 12, 2, 2),
    ("Flatten", 9216, 1, 1, None, None),
    ("Fully Connected", 128, 1, 1, None, None),
    ("Output", 10, 1, 1, None, None),
]


@pytest.fixture(scope="module")
def model():
    device.setup(seed=0)
    return deck_cnn.build()


def test_table_is_the_decks(model):
    table = deck_cnn.layer_table(model, deck_cnn.DECK_NAMES)
    assert [tuple(row.values()) for row in table] == DECK


def test_parameters(model):
    counts = [layer.count_params() for layer in model.layers]
    assert counts == [320, 18_496, 0, 0, 1_179_776, 1_290]
    assert sum(counts) == model.count_params() == 1_199_882
    assert round(100 * counts[4] / sum(counts), 1) == 98.3


def test_multiply_adds(model):
    work = [deck_cnn.multiply_adds(layer) for layer in model.layers]
    assert work == [
        26 * 26 * 32 * 9,
        24 * 24 * 64 * 9 * 32,
        0,
        0,
        9216 * 128,
        128 * 10,
    ]
    assert round(100 * work[1] / sum(work), 1) == 88.5


def test_multiply_adds_against_counting_them_one_by_one():
    """A strided, padded layer: count the products by giving every weight a one."""
    import keras

    layer = keras.layers.Conv2D(
        3, (2, 3), strides=2, kernel_initializer="ones", use_bias=False
    )
    keras.Sequential([keras.Input((7, 9, 2)), layer])
    output = keras.ops.convert_to_numpy(layer(np.ones((1, 7, 9, 2), "float32")))
    assert deck_cnn.multiply_adds(layer) == output.sum()


def test_width_and_height_are_not_exchanged():
    """The deck's images and filters are square: no table of them would tell."""
    import keras

    layers = [keras.layers.Conv2D(3, (2, 5)), keras.layers.MaxPooling2D((1, 4))]
    wide = keras.Sequential([keras.Input((8, 20, 1)), *layers])
    assert [[*row.values()][1:] for row in deck_cnn.layer_table(wide, "abc")] == [
        [1, 20, 8, None, None],
        [3, 16, 7, 5, 2],
        [3, 4, 7, 4, 1],
    ]


def test_names_must_fit(model):
    with pytest.raises(ValueError, match=r"2 names for 7 rows"):
        deck_cnn.layer_table(model, ["Input", "Conv_1"])


def test_table_as_text_and_html():
    table = Table([{"name": "a<b", "n": 1234}, {"name": "c", "n": None}], "Caption")
    assert repr(table) == "Caption\nname      n\n----  -----\na<b   1,234\nc"
    assert "a&lt;b" in table._repr_html_()
    assert "<caption>Caption</caption>" in table._repr_html_()
    with pytest.raises(ValueError, match="at least one row"):
        Table([])
