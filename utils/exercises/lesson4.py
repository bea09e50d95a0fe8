"""Lesson 4's exercises: convolution, sizes, pooling, parameters."""

import numpy as np

from utils.exercises.core import (
    Exercise,
    Lesson,
    Mistake,
    Wrong,
    first_line,
    function,
    keras_model,
)

BY_HAND = "compute a convolution by hand"
SIZE = "say how large the output of a convolution is"
POOLING = "say what max pooling keeps and what it drops"
READ = "train a CNN on MNIST and read its mistakes"
COUNT = "count the parameters and the multiplications of a CNN"

# --- q1: one sum ------------------------------------------------------------------

q1 = Exercise(
    task="the sum of the window at row 2, column 0",
    objective=BY_HAND,
    right=27,
    hints=[
        "Write down the nine pixels of the window: rows 2 to 4, columns 0 to 2.",
        "The left column is multiplied by -1, the middle by 0, the right by 1.",
        "Only the right column of the window is dark. Each of its rows gives 9.",
    ],
    praise="Three dark pixels on the right, nothing on the left: a full edge.",
    mistakes=[
        Mistake(
            18,
            "18 is the sum at row 0, where only two rows of the window are dark. "
            "How many are dark at row 2?",
            "the window of row 0",
        ),
        Mistake(
            -27,
            "The size is right, the sign is not. Look again: which side of the "
            "kernel is negative, and is there ink on that side?",
            "sign turned around",
        ),
        Mistake(
            9,
            "9 is the sum of one row of the window. A window has three rows.",
            "one row only",
        ),
        Mistake(
            0,
            "The sum would be 0 if left and right were equally dark. Look at the "
            "columns 0 and 2 of the image.",
            "thinks that the sides cancel",
        ),
        Mistake(
            3,
            "You counted the dark pixels. Each of them counts with its value.",
            "counts pixels instead of adding values",
        ),
    ],
)

# --- q2: the whole convolution ----------------------------------------------------


def convolution(combine):
    """A convolution that reduces window and kernel to one number with `combine`."""

    def convolve(image, kernel):
        windows = np.lib.stride_tricks.sliding_window_view(image, np.shape(kernel))
        rows = [[combine(window, kernel) for window in row] for row in windows]
        return np.array(rows)

    return convolve


IMAGE = np.array([[1, 0, 2, 5], [0, 3, 1, 1], [4, 1, 0, 2], [2, 2, 6, 0], [1, 0, 0, 3]])
KERNEL = np.array([[1, 2, 0], [0, -1, 3], [2, 0, 1]])

q2 = Exercise(
    task="write the convolution of an image with a kernel",
    objective=BY_HAND,
    behaviour=function(
        **{
            "a 5 x 4 image and a 3 x 3 kernel": (IMAGE, KERNEL),
            "a 4 x 4 image and a 2 x 2 kernel": (IMAGE[:4], KERNEL[:2, :2]),
        }
    ),
    right=convolution(lambda window, kernel: (window * kernel).sum()),
    hints=[
        "First cut out the window: as many rows and columns as the kernel has, "
        "starting at `row` and `column`.",
        "`image[row : row + size, column : column + size]` is the window.",
        "Multiply the window by the kernel, number by number, and add all products.",
    ],
    praise="This is all that a convolution layer does, many times over.",
    mistakes=[
        Mistake(
            convolution(lambda window, kernel: (window * kernel[::-1, ::-1]).sum()),
            "Your kernel is turned around. Mathematics does that; deep learning "
            "multiplies pixel and weight at the same place.",
            "kernel flipped (the mathematician's convolution)",
        ),
        Mistake(
            convolution(lambda window, kernel: (window @ kernel).sum()),
            "`@` is the matrix product: it combines rows with columns. Here each "
            "pixel meets one weight: use `*`.",
            "matrix product instead of products number by number",
        ),
        Mistake(
            convolution(lambda window, kernel: window.sum()),
            "You add the pixels of the window, but the kernel takes no part.",
            "forgot the kernel",
        ),
        Mistake(
            convolution(lambda window, kernel: (window * kernel).mean()),
            "You take the mean of the products. Their sum is wanted.",
            "mean instead of sum",
        ),
        Mistake(
            convolution(lambda window, kernel: (window * kernel.T).sum()),
            "Rows and columns of the kernel are exchanged. Is there a `.T` too many?",
            "kernel transposed",
        ),
        Mistake(
            convolution(lambda window, kernel: (window * kernel).max()),
            "You keep the largest product. All of them are to be added.",
            "max instead of sum",
        ),
        Mistake(
            lambda image, kernel: np.full(
                np.subtract(np.shape(image), len(kernel) - 1),
                (image[: len(kernel), : len(kernel)] * kernel).sum(),
            ),
            "All your sums are the same: the window never leaves the upper left "
            "corner. Use `row` and `column` when you cut it out.",
            "the window does not slide",
        ),
    ],
)

# --- q3: the size after two layers ------------------------------------------------

q3 = Exercise(
    task="width after two 3 x 3 convolutions of a 28 x 28 image, valid, stride 1",
    objective=SIZE,
    right=24,
    hints=[
        "How many places has a window of 3 in a row of 28?",
        "Each 3 x 3 layer without padding takes one pixel away on each side.",
        "The second layer's input is the first layer's output: `output_size` twice.",
    ],
    praise="Two pixels fewer for each layer: the Conv_2 row of the deck's table.",
    mistakes=[
        Mistake(
            28,
            'The width stays 28 only with padding="same". Here padding is "valid".',
            'padding "same"',
        ),
        Mistake(
            26, "26 is the first layer's width. Go on once more.", "one layer only"
        ),
        Mistake(
            12,
            "12 is the width after the pooling layer. The question stops before it.",
            "pooling included",
        ),
        Mistake(
            22,
            "You took 3 away for each layer. A window of 3 has n - 3 + 1 places in n "
            "pixels: it starts at 0, too.",
            "forgot the + 1",
        ),
        Mistake(
            25,
            "28 - 3 = 25 is one layer, and without the + 1 of the formula.",
            "one layer, forgot the + 1",
        ),
        Mistake(
            576,
            "That is the number of places in the map, width x height. "
            "The width alone is wanted.",
            "area instead of width",
        ),
    ],
)

# --- q4: mean pooling -------------------------------------------------------------


def pooled(reduce, axis=(1, 3)):
    def pool(features):
        rows, columns = features.shape
        blocks = features.reshape(rows // 2, 2, columns // 2, 2)
        return reduce(blocks, axis=axis)

    return pool


q4 = Exercise(
    task="write mean pooling over blocks of 2 x 2",
    objective=POOLING,
    behaviour=function(
        **{
            "a 4 x 4 map": (IMAGE[:4],),
            "a 2 x 6 map": (np.arange(12.0).reshape(2, 6) ** 2,),
        }
    ),
    right=pooled(np.mean),
    hints=[
        "The cell above does the same with `max`.",
        "`blocks` has four axes: block row, row in the block, block column, column "
        "in the block. Which two are inside a block?",
        "`blocks.mean(axis=...)`, with the same two axes as for the maximum.",
    ],
    praise="The mean of the map stays the same; the strongest answers get weaker.",
    mistakes=[
        Mistake(
            pooled(np.max),
            "This is max pooling, as above. Here the mean of each block is wanted.",
            "max instead of mean",
        ),
        Mistake(
            pooled(np.sum),
            "You add up each block. The mean is a quarter of that.",
            "sum instead of mean",
        ),
        Mistake(
            pooled(np.mean, axis=None),
            "You made one number of the whole map. Without `axis`, the mean goes "
            "over all four axes; it should go over the two inside a block.",
            "forgot the axis",
        ),
        Mistake(
            pooled(np.mean, axis=(0, 2)),
            "You took the mean over the blocks, not inside them. Which two of the "
            "four axes are inside a block?",
            "the wrong two axes",
        ),
        Mistake(
            pooled(np.mean, axis=1),
            "The result still has three axes: only the rows of each block are "
            "averaged. The columns are missing.",
            "one axis instead of two",
        ),
        Mistake(
            pooled(np.median),
            "You took the median. The mean is asked for.",
            "median instead of mean",
        ),
        Mistake(
            pooled(np.min),
            "You keep the smallest number of each block. The mean is wanted.",
            "min instead of mean",
        ),
    ],
)

# --- q5: counting parameters ------------------------------------------------------

q5 = Exercise(
    task="parameters of Conv2D(filters=16, kernel_size=5) on 3 channels",
    objective=COUNT,
    right=1216,
    hints=[
        "How many weights has one kernel? It sees 5 x 5 pixels in each of 3 channels.",
        "And each kernel has one bias.",
        "(weights of one kernel + 1) * number of kernels. The image size is not in it.",
    ],
    praise="The 32 x 32 pixels play no part: the same weights serve everywhere.",
    mistakes=[
        Mistake(
            1200,
            "Those are the weights. Each of the 16 kernels has one more parameter.",
            "forgot the bias",
        ),
        Mistake(
            416,
            "This would be right for grey images. A kernel has weights for each of "
            "the 3 channels.",
            "one channel",
        ),
        Mistake(
            400,
            "Two things are missing: the 3 channels, and the biases.",
            "one channel, no bias",
        ),
        Mistake(
            76,
            "This is one kernel with its bias. The layer has 16 of them.",
            "one kernel only",
        ),
        Mistake(
            1201,
            "One bias for the whole layer? Each kernel has its own.",
            "one bias for all kernels",
        ),
        Mistake(
            1203,
            "A bias for each channel? There is one for each kernel.",
            "a bias for each channel",
        ),
        Mistake(
            1248,
            "It looks as if each kernel had a bias for each channel: "
            "the three channels are added up, and then one bias is added.",
            "a bias for each kernel and channel",
        ),
        Mistake(
            448,
            "You counted 3 x 3 kernels. These are 5 x 5.",
            "kernel size of the lesson",
        ),
        Mistake(
            (32 * 32 * 3 + 1) * 16,
            "That is a dense layer with 16 units: a weight for every pixel. A "
            "convolution uses the same few weights at every place.",
            "counts a dense layer",
        ),
        Mistake(
            32 * 32 * 1216,
            "You counted the parameters anew at each pixel. The same weights are used "
            "everywhere: that is the point of a convolution.",
            "weights counted at every pixel",
        ),
        Mistake(
            28 * 28 * 1216,
            "You counted the parameters anew at each place of the output. The same "
            "weights are used everywhere: that is the point of a convolution.",
            "weights counted at every place",
        ),
    ],
)

# --- q6: a smaller network --------------------------------------------------------

LIMIT = 400_000


def small_model(*between, after=True, flatten=True, units=10, filters=64, dense=128):
    """A function that builds the deck's network with layers put between."""

    def build():
        import keras
        from keras import layers

        made = [layer(layers) for layer in between]
        return keras.Sequential(
            [
                keras.Input((28, 28, 1)),
                layers.Conv2D(32, 3, activation="relu"),
                *made,
                layers.Conv2D(filters, 3, activation="relu"),
                *([layers.MaxPooling2D(2)] if after else []),
                *([layers.Flatten()] if flatten else []),
                layers.Dense(dense, activation="relu"),
                layers.Dense(units),
            ]
        )

    return build


def small_model_behaviour(answer):
    """Build or take the model, try it on two blank images, and look at its weights."""
    model = keras_model(answer)
    try:
        output = model(np.zeros((2, 28, 28, 1), "float32"))
    except Exception as error:
        raise Wrong(
            f"the model does not read two images of 28 x 28 x 1: "
            f"{first_line(error)[:120]}"
        ) from None
    shape = tuple(output.shape)
    if len(shape) == 4:
        raise Wrong(
            f"the output has shape {shape}, with places in it: is `Flatten` missing?"
        )
    if shape != (2, 10):
        raise Wrong(f"two images should give (2, 10) logits; you have {shape}.")
    shapes = [tuple(weight.shape) for weight in model.weights]
    kernels = {(*shape[:2], shape[-1]) for shape in shapes if len(shape) == 4}
    if (3, 3, 1, 32) not in shapes or (3, 3, 64) not in kernels:
        raise Wrong(
            "the two convolutions should stay as they are (32 and 64 kernels of "
            "3 x 3); yours are different."
        )
    if not any(shape[-1] == 128 for shape in shapes if len(shape) == 2):
        raise Wrong("the dense layer with 128 units should stay as it is.")
    count = model.count_params()
    if count > LIMIT:
        last = max(shape[0] for shape in shapes if len(shape) == 2)
        raise Wrong(
            f"the model has {count:,} parameters. Flatten still makes a row of "
            f"{last:,} numbers: where would a pooling layer shorten it?"
        )
    return "small enough"


q6 = Exercise(
    task="a second pooling layer: at most 400,000 parameters",
    objective=COUNT,
    behaviour=small_model_behaviour,
    seconds=20,  # it builds networks
    right=small_model(lambda layers: layers.MaxPooling2D(2)),
    hints=[
        "Nearly all parameters are in the first dense layer. What sets their number?",
        "Pooling halves width and height, so a quarter of the numbers is left.",
        "Put `layers.MaxPooling2D(pool_size=2)` in the place of the `...`.",
    ],
    praise="The same dense layer, with far fewer numbers to read. A smaller map before "
    "Conv_2 also makes Conv_2 faster.",
    mistakes=[
        Mistake(
            small_model(),
            "the model has 1,199,882 parameters. Flatten still makes a row of 9,216 "
            "numbers: where would a pooling layer shorten it?",
            "no pooling layer added",
        ),
        Mistake(
            small_model(lambda layers: layers.MaxPooling2D(1)),
            "the model has 1,199,882 parameters. Flatten still makes a row of 9,216 "
            "numbers: where would a pooling layer shorten it?",
            "pool_size=1, which changes nothing",
        ),
        Mistake(
            small_model(dense=32),
            "the dense layer with 128 units should stay as it is.",
            "a smaller dense layer",
        ),
        Mistake(
            small_model(lambda layers: layers.MaxPooling2D(2, strides=1)),
            "parameters. Flatten still makes a row of",
            "pooling with stride 1",
        ),
        Mistake(
            small_model(lambda layers: layers.MaxPooling2D(2), flatten=False),
            "is `Flatten` missing?",
            "no Flatten",
        ),
        Mistake(
            small_model(lambda layers: layers.MaxPooling2D(2), filters=16),
            "the two convolutions should stay as they are",
            "fewer kernels instead of pooling",
        ),
        Mistake(
            small_model(lambda layers: layers.MaxPooling2D(2), units=1),
            "two images should give (2, 10) logits",
            "one output instead of ten",
        ),
    ],
)

# --- q7: the most common mistake --------------------------------------------------


def pick(mistakes_of, find=np.argmax):
    """most_common_mistake with another idea of what the mistakes are."""

    def most_common_mistake(labels, predictions):
        counts = np.zeros((10, 10), dtype=int)
        np.add.at(counts, (labels, predictions), 1)
        return np.unravel_index(find(mistakes_of(counts)), counts.shape)

    return most_common_mistake


def without_diagonal(counts):
    return counts * (1 - np.eye(10))


# 7 read as 1 three times; 1 as 7 twice, 4 as 9 and 9 as 4 twice each; 0 always
# right, and as often as in MNIST: taking a number away does not empty the diagonal.
LABELS = np.array([0] * 1000 + [7] * 5 + [1] * 4 + [4] * 3 + [9] * 3)
READ_AS = np.array(
    [0] * 1000 + [1, 1, 1, 7, 7] + [7, 7, 1, 1] + [9, 9, 4] + [4, 4, 9], dtype=int
)

q7 = Exercise(
    task="find the most common mistake in a confusion matrix",
    objective=READ,
    behaviour=function(
        **{
            "7 read as 1, most often": (LABELS, READ_AS),
            "2 read as 5, once": (np.array([2, 3, 3]), np.array([5, 3, 3])),
        }
    ),
    right=pick(without_diagonal),
    hints=[
        "The right answers stand at (0, 0), (1, 1), ...: on the diagonal.",
        "`1 - np.eye(10)` has zeros on the diagonal and ones everywhere else.",
        "Multiply `counts` by it, number by number.",
    ],
    praise="An accuracy could not have told you that.",
    mistakes=[
        Mistake(
            pick(lambda counts: counts),
            "Your answer is no mistake: the same digit twice. The diagonal must not "
            "count. (`np.eye` has its ones *on* the diagonal.)",
            "diagonal kept",
        ),
        Mistake(
            pick(lambda counts: counts - np.eye(10)),
            "You took a number away from the right answers (`np.eye` holds ones). None "
            "of them may be left: multiply by `(1 - np.eye(10))`, with the brackets.",
            "subtracted np.eye, or forgot the brackets",
        ),
        Mistake(
            pick(lambda counts: without_diagonal(counts).T),
            "The two digits are the right ones, in the wrong order: first what it "
            "really is, then what it was read as.",
            "truth and prediction exchanged",
        ),
        Mistake(
            pick(without_diagonal, find=np.argmin),
            "You found the rarest pair. The most common one is wanted.",
            "smallest instead of largest",
        ),
        Mistake(
            pick(lambda counts: np.triu(counts, 1)),
            "You looked at one half of the matrix only: digits that were read as "
            "a larger one.",
            "upper half only",
        ),
    ],
)

lesson = Lesson("04_cnn.py", q1=q1, q2=q2, q3=q3, q4=q4, q5=q5, q6=q6, q7=q7)
progress = lesson.progress
