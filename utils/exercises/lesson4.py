"""Lesson 4's exercises: convolution, sizes, pooling, parameters, training."""

import numpy as np

from utils.exercises import behaviours
from utils.exercises.behaviours import Wrong, function, several, validation
from utils.exercises.core import Exercise, Lesson

q1 = Exercise(
    task="the sum of the window at row 2, column 0",
    objective="compute a convolution by hand",
    right=27,
    hints=[
        "Write down the nine pixels of the window: rows 2 to 4, columns 0 to 2.",
        "The left column is multiplied by -1, the middle by 0, the right by 1.",
        "Only the right column of the window is dark. Each of its rows gives 9.",
    ],
    praise="Three dark pixels on the right, nothing on the left: a full edge.",
    mistakes={
        18: "the window of row 0 | 18 is the sum at row 0, where only two rows of the "
        "window are dark. How many are dark at row 2?",
        -27: "sign turned around | The size is right, the sign is not. Look again: "
        "which side of the kernel is negative, and is there ink on that side?",
        9: "one row only | 9 is the sum of one row of the window. It has three.",
        0: "thinks that the sides cancel | The sum would be 0 if left and right were "
        "equally dark. Look at the columns 0 and 2 of the image.",
        3: "counts pixels instead of adding values | You counted the dark pixels. Each "
        "of them counts with its value.",
        36: "four rows, as the whole bar has | 36 would be four dark rows. How many "
        "rows has the window?",
        54: "counts both dark columns of the bar | 54 is six dark pixels. How many of "
        "the window's columns are dark?",
    },
)

# --- q2: the whole convolution ----------------------------------------------------


def convolution(combine):
    """A convolution that reduces window and kernel to one number with `combine`."""

    def convolve(image, kernel):
        windows = np.lib.stride_tricks.sliding_window_view(image, np.shape(kernel))
        rows = [[combine(window, kernel) for window in row] for row in windows]
        return np.array(rows)

    return convolve


def convolution_behaviour(answer):
    """A function's results; says where a window of another shape comes from."""
    try:
        return on_images(answer)
    except (ValueError, IndexError) as error:
        names = getattr(getattr(answer, "__code__", None), "co_names", ())
        if "broadcast" in str(error) and "window" in names:
            raise Wrong(
                "`window` is still the one from the cell above: 3 x 3 numbers that "
                "never change. Cut out a new one at each place."
            ) from None
        raise


IMAGE = np.array([[1, 0, 2, 5], [0, 3, 1, 1], [4, 1, 0, 2], [2, 2, 6, 0], [1, 0, 0, 3]])
KERNEL = np.array([[1, 2, 0], [0, -1, 3], [2, 0, 1]])

on_images = function(
    {
        "a 5 x 4 image and a 3 x 3 kernel": (IMAGE, KERNEL),
        "a 3 x 5 image and a 2 x 2 kernel": (IMAGE.T[:3], KERNEL[:2, :2]),
        "fractions": (IMAGE / 3 - 0.5, KERNEL / 7),
        "an image as small as its kernel": (IMAGE[:3, :3], KERNEL - 1),
    }
)


def never_sliding(image, kernel):
    size = len(kernel)
    corner = (image[:size, :size] * kernel).sum()
    return np.full(np.subtract(np.shape(image), size - 1), corner)


q2 = Exercise(
    task="write the convolution of an image with a kernel",
    objective="compute a convolution by hand",
    behaviour=convolution_behaviour,
    slips={
        "a sequence": "you write a whole window into one place of the output. One "
        "number is wanted there.",
        "(?s)(broadcast|out of bounds).*tried with": "no error with a kernel of 3 x 3, "
        "but with this one. Is there a 3 in your code, or `kernel[row, column]`? `row` "
        "and `column` are a place in the output.",
        "broadcast|out of bounds": "a window has another shape than the kernel. Rows "
        "come first, then columns. Where does each of them begin, and end?",
    },
    right=convolution(lambda window, kernel: (window * kernel).sum()),
    hints=[
        "First cut out the window: as many rows and columns as the kernel has, "
        "starting at `row` and `column`.",
        "A slice such as `a[2:5]` has a start and an end. Where does the window start, "
        "and where does it end: in the rows, and in the columns?",
        "Multiply the window by the kernel, number by number, and add all products.",
    ],
    praise="This is all that a convolution layer does, many times over.",
    mistakes={
        convolution(lambda w, k: (w * k[::-1, ::-1]).sum()): "kernel flipped (the "
        "mathematician's convolution) | Your kernel is turned around. Mathematics does "
        "that; deep learning multiplies pixel and weight at the same place.",
        convolution(lambda window, kernel: (window @ kernel).sum()): "matrix product "
        "instead of products number by number | `@` is the matrix product: it combines "
        "rows with columns. Here each pixel meets one weight.",
        convolution(lambda window, kernel: window.sum()): "forgot the kernel | You add "
        "the pixels of the window, but the kernel takes no part.",
        convolution(lambda window, kernel: (window * kernel).mean()): "mean instead of "
        "sum | You take the mean of the products. Their sum is wanted.",
        convolution(lambda window, kernel: (window * kernel.T).sum()): "kernel "
        "transposed | Rows and columns of the kernel are exchanged: a `.T` too many?",
        convolution(lambda window, kernel: (window * kernel).max()): "max instead of "
        "sum | You keep the largest product. All of them are to be added.",
        never_sliding: "the window does not slide | All your sums are the same: the "
        "window never leaves the upper left corner. Where does your code say at which "
        "place it is?",
        convolution(lambda window, kernel: window.sum() * kernel.sum()): "product of "
        "the sums | You multiply two sums. Each pixel meets its own weight first, and "
        "then the products are added.",
        convolution(lambda window, kernel: (window + kernel).sum()): "adds the weights "
        "| You add pixel and weight. They are to be multiplied.",
        convolution(lambda window, kernel: max(0, (window * kernel).sum())): "ReLU "
        "included | Your negative sums have become 0. That is ReLU, and comes later.",
        convolution(lambda window, kernel: abs((window * kernel).sum())): "absolute "
        "values | Your sums have lost their signs. A negative sum is an answer, too.",
    },
)

# --- q3: padding and stride, in the figure ----------------------------------------


def setting(answer):
    """What the figure makes of its 7 x 7 image: "padding 0, stride 1: 5 x 5"."""
    wanted = 'two numbers are wanted, in one list: the padding ("same": 1), the stride'
    padding, stride = several(answer, 2, wanted)
    if padding not in (0, 1) or stride not in (1, 2, 3):
        raise Wrong(
            "in the figure the padding is 0 or 1, and the stride is 1, 2 or 3. The "
            "padding comes first."
        )
    size = (7 + 2 * padding - 3) // stride + 1
    return f"padding {padding:g}, stride {stride:g}: {size:g} x {size:g}"


q3 = Exercise(
    task="padding and stride that make 4 x 4 of 7 x 7, with a 3 x 3 kernel",
    objective="say how large the output of a convolution is",
    behaviour=setting,
    right=(1, 2),
    hints=[
        "Padding makes the output larger, a larger stride makes it smaller.",
        "Without a step over pixels the output is 5 or 7 wide. So the stride is "
        "larger than that.",
        "With the border the window has 7 places in a row. Of which stride is every "
        "second place left?",
    ],
    praise="With the border 7 places, and every second one is taken: 4 are left.",
    mistakes={
        (1, 1): "as the figure begins | This is how the figure begins: 7 x 7. What "
        "makes an output smaller?",
        (0, 1): "no padding, and no step over pixels | Without a border 7 pixels "
        "become 5. What makes that smaller?",
        (0, 2): "forgot the padding | Nearly: this makes 3 x 3. What makes an output "
        "a little larger?",
        (1, 3): "the window steps too far | Now the window steps too far: 3 x 3 is "
        "left.",
        (0, 3): "the smallest output | 2 x 2 is the smallest that the figure can make. "
        "One of the two goes too far, the other not far enough.",
    },
)

# --- q4: mean pooling -------------------------------------------------------------


def pooled(reduce, axis=(1, 3)):
    def pool(features):
        rows, columns = features.shape
        blocks = features.reshape(rows // 2, 2, columns // 2, 2)
        return reduce(blocks, axis=axis)

    return pool


ONE_INSIDE = "One of your two axes is inside a block, the other is not."

q4 = Exercise(
    task="write mean pooling over blocks of 2 x 2",
    objective="say what max pooling keeps and what it drops",
    probes={
        "a 4 x 4 map": (IMAGE[:4],),
        "a 2 x 6 map": (np.arange(12.0).reshape(2, 6) ** 2,),
        "a 6 x 4 map with negative numbers": (
            np.arange(24.0).reshape(6, 4) % 7 - 3.25,
        ),
    },
    right=pooled(np.mean),
    hints=[
        "The cell above does the same with `max`.",
        "`blocks` has four axes: block row, row in the block, block column, column "
        "in the block. Which two are inside a block?",
        "Another function, and the same two axes as for the maximum.",
    ],
    praise="The mean of the map stays the same; the strongest answers get weaker.",
    mistakes={
        pooled(np.max): "max instead of mean | This is max pooling, as above. Here the "
        "mean of each block is wanted.",
        pooled(np.sum): "sum instead of mean | You add up each block. The mean is a "
        "quarter of that.",
        pooled(np.mean, axis=None): "forgot the axis | You made one number of the "
        "whole map. Without `axis`, the mean goes over all four axes; it should go "
        "over the two inside a block.",
        pooled(np.mean, axis=(0, 2)): "the wrong two axes | You took the mean over the "
        "blocks, not inside them. Which two of the four axes are inside a block?",
        pooled(np.mean, axis=(2, 3)): "one wrong axis, the last two | You took the "
        f"mean over whole rows of blocks. {ONE_INSIDE}",
        pooled(np.mean, axis=(0, 1)): "one wrong axis, the first two | You took the "
        f"mean over whole columns of blocks. {ONE_INSIDE}",
        pooled(np.mean, axis=(1, 2)): "one wrong axis, the middle two | You took the "
        f"mean over rows in a block, and over columns of blocks. {ONE_INSIDE}",
        pooled(np.mean, axis=3): "one axis instead of two, the columns | The result "
        "still has three axes: only the columns of each block are averaged. The rows "
        "are missing.",
        (lambda features: pooled(np.sum)(features) / 2): "divides by 2 | You add up "
        "each block and divide by 2. How many numbers has a block?",
        (lambda features: pooled(np.mean)(features) // 1): "integer division | Your "
        "means have lost their fractions: `//` rounds down.",
        pooled(np.mean, axis=1): "one axis instead of two | The result still has three "
        "axes: only the rows of each block are averaged. The columns are missing.",
        pooled(np.median): "median instead of mean | You took the median. The mean is "
        "asked for.",
        pooled(np.min): "min instead of mean | You keep the smallest number of each "
        "block. The mean is wanted.",
    },
)

SAME = "A convolution uses the same few weights at every place."

q5 = Exercise(
    task="parameters of Conv2D(filters=16, kernel_size=5) on 3 channels",
    objective="count the parameters and the multiplications of a CNN",
    right=1216,
    hints=[
        "How many weights has one kernel? It sees 5 x 5 pixels in each of 3 channels.",
        "And each kernel has one bias.",
        "(weights of one kernel + 1) * number of kernels. The image size is not in it.",
    ],
    praise="The 32 x 32 pixels play no part: the same weights serve everywhere.",
    mistakes={
        1200: "forgot the bias | Those are the weights. Each of the 16 kernels has one "
        "more parameter.",
        416: "one channel | This would be right for grey images. A kernel has weights "
        "for each of the 3 channels.",
        400: "one channel, no bias | Two things are missing: 3 channels, and biases.",
        76: "one kernel only | This is one kernel with its bias. The layer has 16.",
        1201: "one bias for all kernels | One bias for the whole layer? Each kernel "
        "has its own.",
        1203: "a bias for each channel | A bias for each channel? There is one for "
        "each kernel.",
        1248: "a bias for each kernel and channel | It looks as if each kernel had a "
        "bias for each channel: the three channels are added up, and then one bias is "
        "added.",
        448: "kernel size of the lesson | You counted 3 x 3 kernels. These are 5 x 5.",
        (32 * 32 * 3 + 1) * 16: "counts a dense layer | That is a dense layer with 16 "
        f"units: a weight for every pixel. {SAME}",
        49_152: f"counts a dense layer, no bias | A weight for every pixel? {SAME}",
        91: "added the kernels | Each of the 16 kernels has 5 x 5 x 3 weights.",
        256: "a kernel of one row | A kernel is 5 pixels wide *and* 5 high.",
        32 * 32 * 1216: "weights counted at every pixel | You counted the parameters "
        f"anew at each pixel. {SAME}",
        28 * 28 * 1216: "weights counted at every place | You counted the parameters "
        f"anew at each place of the output. {SAME}",
    },
)

q6 = Exercise(
    task="multiplications of Conv2D(filters=16, kernel_size=5) on 32 x 32 x 3",
    objective="count the parameters and the multiplications of a CNN",
    right=940_800,
    hints=[
        "How wide is the output? Padding is `valid`, and the stride is 1.",
        "How many numbers has one feature map? The output has 16 of them.",
        "For each of these numbers one window is multiplied by one kernel, pair by "
        "pair. How many pairs, with all three channels?",
    ],
    praise="Few weights, much work: each weight is used at every place of the output.",
    mistakes={
        1216 * 28 * 28: "biases counted | You counted the biases, too. A bias is "
        "added, never multiplied.",
        1200 * 32 * 32: "places of the input, as with padding | You let the window "
        "stand at each pixel. Without padding it has fewer places: how wide is the "
        "output?",
        1216 * 32 * 32: "places of the input, biases counted | The window has fewer "
        "places than the image has pixels. And a bias is added, not multiplied.",
        1200 * 27 * 27: "forgot the + 1 | The output is not 27 wide: a window of 5 in "
        "a row of 32 has one place more than 32 - 5.",
        1200 * 30 * 30: "the size of a 3 x 3 kernel | 30 places in a row would be "
        "right for a kernel of 3 x 3.",
        400 * 28 * 28: "one channel | This would be right for grey images. A window "
        "has three channels.",
        75 * 28 * 28: "one kernel only | This is the work for one feature map. The "
        "layer makes 16 of them.",
        25 * 28 * 28: "one kernel, one channel | This is one kernel on one channel. "
        "Count all kernels, and all channels.",
        16 * 28 * 28: "counts the output's numbers | The output has so many numbers. "
        "How many multiplications does one of them take?",
        28 * 28: "counts the places | The window stands at so many places. How many "
        "multiplications are there at one place, for all 16 kernels?",
        1200: "each weight once | The layer has 1,200 weights, each used many times.",
        1216: "counts parameters | The layer has so many parameters. Each weight is "
        "used many times.",
        1200 * 26 * 26: "the size after the first layer of 28 x 28 images | 26 places "
        "in a row are those of a 3 x 3 kernel on 28 pixels. Here it is 5 on 32.",
        2 * 940_800: "additions counted, too | You counted the additions as well.",
        1200 * 28: "one row of places | You counted the places in one row. The output "
        "has 28 rows.",
    },
)

# --- q7: a smaller network --------------------------------------------------------

LIMIT = 400_000
TOO_LARGE = (
    "the model has {:,} parameters. Flatten still makes a row of {:,} numbers: where "
    "would a pooling layer shorten it?"
)
AS_LARGE = TOO_LARGE.format(1_199_882, 9_216)


def small_model(*between, flatten=True, units=10, filters=64, dense=128):
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
                layers.MaxPooling2D(2),
                *([layers.Flatten()] if flatten else []),
                layers.Dense(dense, activation="relu"),
                layers.Dense(units),
            ]
        )

    return build


def outputs_of(network, images):
    """What a network makes of images. Raises Wrong where it does not read them."""
    try:
        return network(images)
    except Exception as error:
        reason = behaviours.first_line(error)[:120]
        text = f"the network does not read images of 28 x 28 x 1: {reason}"
        raise Wrong(text) from None


def small_model_behaviour(answer):
    """Build or take the model, try it on two blank images, and look at its weights."""
    model = behaviours.keras_model(answer)
    shape = tuple(outputs_of(model, np.zeros((2, 28, 28, 1), "float32")).shape)
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
        raise Wrong(TOO_LARGE.format(count, last))
    return "small enough"


q7 = Exercise(
    task="a second pooling layer: at most 400,000 parameters",
    objective="count the parameters and the multiplications of a CNN",
    behaviour=small_model_behaviour,
    seconds=20,  # it builds networks
    right=small_model(lambda layers: layers.MaxPooling2D(2)),
    hints=[
        "Nearly all parameters are in the first dense layer. What sets their number?",
        "Pooling halves width and height, so a quarter of the numbers is left.",
        "A pooling layer in the place of the `...` shortens the row after `Flatten`.",
    ],
    praise="The same dense layer, with far fewer numbers to read. A smaller map before "
    "Conv_2 also makes Conv_2 faster.",
    mistakes={
        small_model(): f"no pooling layer added | {AS_LARGE}",
        small_model(lambda layers: layers.MaxPooling2D(1)): "pool_size=1, which "
        f"changes nothing | {AS_LARGE}",
        small_model(lambda layers: layers.Dropout(0.5)): "dropout, which has no effect "
        f"on the size | {AS_LARGE}",
        small_model(lambda layers: layers.Conv2D(32, 3, activation="relu")): "one more "
        "convolution | parameters. Flatten still makes a row of",
        small_model(dense=32): "a smaller dense layer | the dense layer with 128 units "
        "should stay as it is.",
        small_model(lambda layers: layers.MaxPooling2D(2, strides=1)): "pooling with "
        "stride 1 | parameters. Flatten still makes a row of",
        small_model(lambda layers: layers.MaxPooling2D(2), flatten=False): "no Flatten "
        "| is `Flatten` missing?",
        small_model(lambda layers: layers.MaxPooling2D(2), filters=16): "fewer kernels "
        "instead of pooling | the two convolutions should stay as they are",
        small_model(lambda layers: layers.MaxPooling2D(2), units=1): "one output "
        "instead of ten | two images should give (2, 10) logits",
    },
)

# --- q8, q9: training -------------------------------------------------------------

COURSE = (0.95, None)  # the lesson has a trained network, we have none


def wanted():
    """The lesson's (images, labels); the share to read; how far a guess may be off.

    The fewer images there are to train on, the lower what is asked for.
    """
    held, seen = validation(1 / 12)
    share = 0.95 if seen >= 20_000 else 0.85
    return (held, share, 0.1) if seen >= 5_000 else (held, 0.6, 0.2)


def reads(model):
    """The share of the validation images that a network reads right."""
    (images, labels), *_ = wanted()
    outputs = outputs_of(lambda x: model.predict(x, batch_size=500, verbose=0), images)
    if np.shape(outputs) != (len(images), 10):
        raise Wrong(
            f"ten numbers for each image are wanted; the output of your network has "
            f"shape {np.shape(outputs)}."
        )
    return float((outputs.argmax(axis=1) == labels).mean())


def guess_and(judge):
    """A behaviour for [guess, network]; judge(network, share read) raises Wrong."""

    def behaviour(answer):
        band = wanted()[2]  # loaded before the learner's time begins
        if answer is COURSE:
            return "trained"
        guess, model = behaviours.guess_and_network(answer)
        reached = reads(model)
        judge(model, reached)
        if abs(guess - reached) > band:
            raise Wrong(
                f"the training is right. Your guess was {guess:g}, and the network "
                f"reads {reached:.3f}. The text below says why. Then write a guess "
                f"that you believe in now."
            )
        return "trained"

    return behaviour


def small_and_good(model, reached):
    count, share = model.count_params(), wanted()[1]
    if count > LIMIT:
        raise Wrong(f"the network has {count:,} parameters, more than {LIMIT:,}.")
    if reached < 0.25:
        optimizer_of(model)
        raise Wrong(
            f"the network reads {reached:.1%} of the validation images, and guessing "
            f"reads about 10%. Were its images `x_part`, and is its loss `loss`?"
        )
    if reached < share:
        raise Wrong(
            f"the network reads {reached:.1%} of the validation images; with the "
            f"images that you have, {share:.0%} are wanted. Train it once more?"
        )


def optimizer_of(model):
    """The optimizer of a network that was trained, else Wrong."""
    optimizer = getattr(model, "optimizer", None)
    if optimizer is None:
        raise Wrong("this network has no optimizer yet: it is not compiled.")
    if int(optimizer.iterations) == 0:
        raise Wrong("this network is compiled, but it has not been trained.")
    return optimizer


def hasty(model, reached):
    before = q8._checked[0]
    if isinstance(before, (list, tuple)) and any(part is model for part in before):
        raise Wrong(
            "this is the network of exercise 8, which the pad needs. Was it trained "
            "here? Then run that cell again. Here, build a new one: `build_small()`."
        )
    optimizer = optimizer_of(model)
    if type(optimizer).__name__ != "Adam":
        name = type(optimizer).__name__
        raise Wrong(f"the optimizer is {name}. Change the learning rate only.")
    rate = float(np.asarray(optimizer.learning_rate))
    if abs(rate - 0.1) > 1e-4:
        raise Wrong(
            f"the learning rate is {rate:.3g}. 100 times 0.001 is wanted, and it "
            f"stands in `compile`."
        )


q8 = Exercise(
    task="train a network of at most 400,000 parameters, and guess how well it reads",
    objective="train a CNN on MNIST and read its mistakes",
    behaviour=guess_and(small_and_good),
    right=COURSE,
    seconds=60,  # it reads the validation images
    hints=[
        "Your guess is a share, from 0 to 1. How well did the large network read?",
        "Build the network, then the two calls with which you trained the large one.",
        "`compile` wants optimizer, loss and metrics; `fit` wants images, labels, "
        "epochs, and what to validate with.",
    ],
    praise="A third of the parameters, and nearly as good. Most weights of the large "
    "network were not needed for this.",
)

q9 = Exercise(
    task="guess, then train: what does a learning rate of 0.1 do?",
    objective="train a CNN on MNIST and read its mistakes",
    behaviour=guess_and(hasty),
    right=COURSE,
    seconds=60,  # it reads the validation images
    hints=[
        "One step changes the weights 100 times as much. Is that good or bad?",
        "Write your guess first. Then the same cell as before, with another optimizer.",
        "The text above shows how to give Adam a learning rate.",
    ],
    praise="Ten digits, one in ten right: it has learned nothing. After such large "
    "steps its ReLU units give 0 to every image, or its logits are huge.",
)

# --- q10: the most common mistake -------------------------------------------------


def pick(counts_of, find=np.argmax):
    """most_common_mistake with another idea of what is counted."""

    def most_common_mistake(labels, predictions):
        counts = np.zeros((10, 10), dtype=int)
        np.add.at(counts, (labels, predictions), 1)
        return np.unravel_index(find(counts_of(counts)), counts.shape)

    return most_common_mistake


def without_diagonal(counts):
    return counts * (1 - np.eye(10))


# 7 read as 1 three times; 1 as 7 twice, 4 as 9 and 9 as 4 twice each; 0 always
# right, and as often as in MNIST: taking a number away does not empty the diagonal.
LABELS = np.array([0] * 1000 + [7] * 5 + [1] * 4 + [4] * 3 + [9] * 3)
READ_AS = np.array([0] * 1000 + [1, 1, 1, 7, 7] + [7, 7, 1, 1] + [9, 9, 4] + [4, 4, 9])

q10 = Exercise(
    task="find the most common mistake in a confusion matrix",
    objective="train a CNN on MNIST and read its mistakes",
    probes={
        "7 read as 1, most often": (LABELS, READ_AS),
        "2 read as 5, once": (np.array([2, 3, 3]), np.array([5, 3, 3])),
        "6 read as 0, twice": (np.array([8, 6, 6, 6]), np.array([9, 0, 0, 6])),
        "4 read as 3, twice": (np.array([9, 4, 4]), np.array([0, 3, 3])),
    },
    right=pick(without_diagonal),
    hints=[
        "`truth` is what the digit really is, `read` what the network said.",
        "A right answer must add 0, a mistake must add 1.",
        "A comparison gives `True` or `False`, and Python counts them as 1 and 0.",
    ],
    praise="An accuracy could not have told you that.",
    mistakes={
        pick(lambda counts: counts): "right answers counted, too | Your answer is no "
        "mistake: the same digit twice. You count right answers, too.",
        pick(lambda counts: counts * np.eye(10)): "right answers instead of mistakes | "
        "You count the right answers only. The mistakes are wanted.",
        pick(lambda counts: counts - np.eye(10)): "subtracted np.eye | You took a "
        "number away from the right answers. None of them may be left.",
        pick(lambda counts: without_diagonal(counts).T): "truth and prediction "
        "exchanged | The two digits are the right ones, in the wrong order: first what "
        "it really is, then what it was read as.",
        pick(without_diagonal, find=np.argmin): "counts nothing, or smallest instead "
        "of largest | You find 0 read as 0 each time. Are your counts all 0, or do you "
        "look for the rarest pair?",
        pick(lambda counts: np.triu(counts, 1)): "upper half only | You looked at one "
        "half of the matrix only: digits that were read as a larger one.",
        pick(lambda counts: np.tril(counts, -1)): "lower half only | You looked at one "
        "half of the matrix only: digits that were read as a smaller one.",
        pick(lambda counts: counts * np.subtract.outer(np.arange(10), np.arange(10))): (
            "difference of the digits instead of 1 | You add how far apart the two "
            "digits are. Each mistake counts once: 7 read as 1 is no larger than 4 "
            "read as 3."
        ),
    },
)

lesson = Lesson("04_cnn.py", globals())
progress = lesson.progress
