"""Every figure: a picture with alt text made of its own numbers; nothing global."""

import inspect

import matplotlib
import numpy as np
import pytest

from utils import plotting
from utils.plotting.base import Picture, canvas, picture
from utils.plotting.colours import BLACK, BLUE, GREEN, ORANGE, PINK, SKY, YELLOW
from utils.records import facts

RANDOM = np.random.default_rng(0)
DIGITS = RANDOM.integers(0, 256, (12, 28, 28), dtype="uint8")
BAR = np.array([[0, 9, 0, 0]] * 4)
EDGE = np.array([[-1, 1], [-1, 1]])


def test_alt_texts_of_lesson_4():
    shown = plotting.sliding_kernel(BAR, EDGE, place=(2, 1))
    assert shown.alt == (
        "A 2 x 2 kernel on an image, padding 0, stride 1: the output is 3 x 3. At row "
        "2, column 1 the sum of the 4 products is -18."
    )
    wide = plotting.sliding_kernel(np.eye(4, 6), EDGE, padding=1, stride=2)
    assert "the output is 3 x 4" in wide.alt
    assert wide.figure.axes[0].get_title() == "image 4 x 6, and a border"
    pooled = plotting.pooling(np.array([[1, 2, 0, 0], [3, 4, 0, 9]]))
    assert pooled.alt.endswith("block: 4, 9.")
    work = plotting.parameters_and_work(["a", "b"], [1, 3], [9, 1])
    assert work.alt == (
        "75.0% of the parameters are in b; "
        "90.0% of the multiply-adds for one image are in a."
    )


def test_kernel_finds_its_edge():
    image = np.zeros((8, 8))
    image[:, 5:] = 1

    def convolution(image, kernel):  # a learner's may give a list
        windows = np.lib.stride_tricks.sliding_window_view(image, kernel.shape)
        return (windows * kernel).sum(axis=(2, 3)).tolist()

    shown = plotting.edge_kernels(image, {"left edge": EDGE}, convolution)
    assert "left edge answers most at row 0, column 4" in shown.alt


def test_a_map_keeps_its_column_where_it_is_pooled():
    """Conv_2 and Max Pool show the same maps; each would sort them in its own way."""
    maps = np.zeros((4, 4, 3))
    maps[:2, :2, 0], maps[..., 1], maps[0, 0, 2] = 9, 1, 8
    pooled = maps.reshape(2, 2, 2, 2, 3).max(axis=(1, 3))
    shown = plotting.feature_maps({"Conv_2": maps, "Max Pool": pooled})
    labels = [
        [axes.get_xlabel() for axes in shown.figure.axes[row : row + 3]]
        for row in (0, 8)
    ]
    assert labels == [["map 0", "map 1", "map 2"]] * 2
    assert shown.alt.count("maps 0, 1, 2") == 2


def test_confusion_matrix_counts():
    shown = plotting.confusion_matrix([0, 1, 1, 2], [0, 1, 2, 2], classes=3)
    assert shown.alt == "1 mistake in 4 images; the most common: 1 read as 2, 1 time."
    two = plotting.confusion_matrix([1, 1], [2, 2])
    assert two.alt == "2 mistakes in 2 images; the most common: 1 read as 2, 2 times."
    assert plotting.confusion_matrix([0, 1], [0, 1]).alt == "0 mistakes in 2 images."


def test_worst_predictions_are_the_surest_mistakes():
    probabilities = np.array([[0.9, 0.1], [0.6, 0.4], [0.2, 0.8], [0.05, 0.95]])
    shown = plotting.worst_predictions(
        DIGITS[:4], np.array([0, 1, 0, 0]), probabilities
    )
    assert shown.alt == "The surest mistakes: 0 read as 1, 0 read as 1, 1 read as 0."
    none = plotting.worst_predictions(DIGITS[:1], np.array([0]), probabilities[:1])
    assert "none" in none.alt


def test_network_race_names_every_number():
    measures = {"error, %": [2.0, 0.9], "parameters": [10, 2000]}
    race = plotting.network_race(["dense", "CNN"], measures)
    assert (
        race.alt == "error, %: dense 2.00, CNN 0.90; parameters: dense 10, CNN 2,000."
    )


@pytest.mark.parametrize(
    "draw",
    [
        lambda: plotting.network_race(["CNN"], {"parameters": [2000]}),
        lambda: plotting.two_layers(np.zeros((1, 2)), [0], dark, {"step 0": WEIGHTS}),
        lambda: plotting.perceptron_lines(np.zeros((1, 2)), [0], [(np.zeros(2), 0)]),
        lambda: plotting.chain_rule(["x", "y"], [1, 3], [3]),
        lambda: plotting.softmax_steps([1.0, 2.0]),
        lambda: plotting.feature_maps({"Conv_1": np.ones((5, 6, 1))}, shown=1),
        lambda: plotting.kernels(np.ones((3, 3, 1, 1)), columns=1),
        lambda: plotting.parameters_and_work(["Output"], [1290], [1280]),
        lambda: plotting.time_by_layer(["Output"], [1.0], [2.0]),
        lambda: plotting.digits(DIGITS[:1], [7], columns=1),
    ],
)
def test_one_element_is_drawn_as_several_are(draw):
    assert draw().png.startswith(b"\x89PNG")


WEIGHTS = np.ones((2, 1)), np.zeros(1), np.ones(1), 0.0  # one hidden unit


def dark(inputs, W1, b1, W2, b2):
    return inputs @ W1 + b1, (inputs @ W1 + b1) @ W2 + b2


def test_canvas_gives_the_shape_that_was_asked_for():
    assert canvas(1, 1)[1].get_title() == ""
    for shape in ((1, 1), (1, 3), (2, 1)):
        assert canvas(1, 1, *shape)[1].shape == shape


def test_bars_of_two_layers_with_one_name_stay_two():
    work = plotting.parameters_and_work(["ReLU", "ReLU"], [1, 2], [3, 4])
    assert [len(panel.patches) for panel in work.figure.axes] == [2, 2]
    widths = [bar.get_y() for bar in work.figure.axes[0].patches]
    assert widths[0] != widths[1]


def test_growth_puts_labels_where_the_facts_say():
    """Whatever the label's words: two lists cannot disagree."""
    machines = [
        fact | {"label": f"machine {n}"} for n, fact in enumerate(facts.load("machine"))
    ]
    shown = plotting.growth(machines, "flops", "operations")
    sides = {"right": "left", "left": "right", "below": "left"}
    for fact, text in zip(machines, shown.figure.axes[0].texts, strict=True):
        assert text.get_text().startswith(fact["label"])
        assert text.get_ha() == sides[fact.get("side", "right")]
    assert {text.get_ha() for text in shown.figure.axes[0].texts} == set(sides.values())


def test_two_figures_of_one_name_are_refused():
    def digits():
        """Another."""

    with pytest.raises(ValueError, match="two figures digits"):
        picture(digits)


def test_read_digits_says_what_is_read_and_what_is_wrong():
    logits = np.array([[-1.0, 3.0], [2.0, 1.0]])
    p = np.array([[0.02, 0.98], [0.73, 0.27]])
    images = np.ones((2, 28, 28, 1))
    shown = plotting.read_digits(images, p, labels=[1, 1], logits=logits)
    assert shown.alt == (
        "How the network reads: a 1 is read as 1 (largest logit 3.0, probability "
        "0.980); a 1 is read as 0 (largest logit 2.0, probability 0.730)."
    )
    titles = [axes.get_title() for axes in shown.figure.axes]
    assert titles == ["label: 1", "", "reads a 1", "label: 1", "", "reads a 0: wrong"]
    heights = [bar.get_height() for bar in shown.figure.axes[2].patches]
    assert heights == p[0].tolist()
    unknown = plotting.read_digits(images[:1], p[:1])
    assert unknown.alt == (
        "How the network reads: an image is read as 1 (probability 0.980)."
    )
    with pytest.raises(ValueError, match="zip"):
        plotting.read_digits(images, p[:1])


def test_learning_rate_finds_the_top():
    shown = plotting.learning_rate(lambda step: min(step, 100 - step) / 50, steps=100)
    assert "rises from 0.00000 to 1.00000 at step 50, and falls to 0.00000" in shown.alt


def test_other_figures_describe_themselves():
    assert plotting.digits(DIGITS[:3], ["coat", "bag", "shirt"]).alt == (
        "3 images: coat bag shirt."
    )
    assert plotting.digits(DIGITS[:1]).alt == "1 image, shown without labels."
    curve = plotting.learning_curve({"training": [2, 1, 0.5]})
    assert curve.alt == "loss over epoch: training goes from 2.000 to 0.500."
    (line,) = curve.figure.axes[0].lines
    assert line.get_ydata().tolist() == [2, 1, 0.5]
    pair = plotting.with_and_without({"thick": (0.5, 0.9)}).figure.axes[0]
    texts = [text.get_text().split(maxsplit=1) for text in pair.texts]
    assert texts == [["50.0%", "as they are"], ["90.0%", "moved to the middle"]]
    six = plotting.learning_curve({f"net {n}": [2, 1] for n in range(6)})
    assert "net 5 goes from 2.000 to 1.000" in six.alt
    with pytest.raises(ValueError, match="7 curves; wanted at most six"):
        plotting.learning_curve({n: [2, 1] for n in range(7)})
    assert "from -1.00" in plotting.kernels(np.full((3, 3, 1, 5), -1.0)).alt
    maps = plotting.feature_maps({"Conv_1": np.zeros((5, 6, 3))})
    assert "Conv_1 6 x 5 x 3" in maps.alt
    pooled = plotting.pooled_maps(np.eye(4), {"mean": [[0.5, 0], [0, 0.5]]})
    assert pooled.alt.endswith(
        "feature map: largest 1.00, mean 0.25; mean: largest 0.50, mean 0.25."
    )
    table = [
        {"Layer": "Input", "Depth": 1, "Width": 28, "Height": 28},
        {"Layer": "Output", "Depth": 10, "Width": 1, "Height": 1},
    ]
    assert "Input 28x28x1 → Output 1x1x10" in plotting.architecture(table).alt


@pytest.mark.every_lesson
def test_every_figure_function_makes_a_picture():
    """`picture` has wrapped all that the package offers."""
    functions = dict(inspect.getmembers(plotting, inspect.isfunction))
    del functions["picture"]
    assert len(functions) > 40
    for name, function in functions.items():
        assert hasattr(function, "__wrapped__"), name
        assert inspect.getdoc(function), name


def test_picture_is_what_a_notebook_needs():
    shown = plotting.activations()
    data, metadata = shown._repr_mimebundle_()
    assert data["text/plain"] == metadata["image/png"]["alt"] == shown.alt
    assert shown.png.startswith(b"\x89PNG")
    assert shown.png == plotting.activations().png  # the same bytes every time


def test_style_stays_inside():
    before = dict(matplotlib.rcParams)
    assert isinstance(plotting.activations(), Picture)
    assert dict(matplotlib.rcParams) == before


@pytest.mark.parametrize("colour", [BLUE, ORANGE, GREEN])
def test_text_colours_stand_out_on_white(colour):
    """WCAG 2.1's contrast ratio, at least 3 for large text and graphics."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [
        c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels
    ]
    luminance = np.dot([0.2126, 0.7152, 0.0722], linear)
    assert 1.05 / (luminance + 0.05) >= 3


def test_main_colours_differ_in_grey():
    greys = sorted(
        np.dot([0.299, 0.587, 0.114], [int(c[i : i + 2], 16) for i in (1, 3, 5)])
        for c in (BLACK, BLUE, GREEN, ORANGE)
    )
    assert np.diff(greys).min() > 10
    assert len({BLUE, ORANGE, GREEN, SKY, YELLOW, PINK}) == 6
