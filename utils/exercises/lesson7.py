"""Lesson 7's exercises: the three parts, the baseline, curves, noise, the drawing."""

import numpy as np

from utils.drawing import centre_of_mass as centre
from utils.exercises.behaviours import choice
from utils.exercises.core import Exercise, Lesson

q1 = Exercise(
    task="the accuracy of always answering with the most common digit",
    objective="beat a simple baseline, and tell a real improvement from luck",
    probes={
        "labels 1, 7, 1, 0, 4, 1, 9, 7, 1, 2": (
            np.array([1, 7, 1, 0, 4, 1, 9, 7, 1, 2]),
        ),
        "labels 3, 5, 5, 0, 5": (np.array([3, 5, 5, 0, 5]),),
        "labels 8, 8, 8, 8": (np.array([8, 8, 8, 8]),),
        "2,000 labels": (np.repeat(np.uint8([0, 3, 9]), [400, 1100, 500]),),
    },
    right=lambda labels: np.bincount(labels).max() / len(labels),
    hints=[
        "`np.bincount(labels)` counts how often each digit appears.",
        "The largest of these counts is how often the answer is right. Out of how "
        "many labels?",
    ],
    praise="About one in ten, without looking at a single image.",
    mistakes={
        (lambda labels: np.bincount(labels).max()): "a count instead of a share | You "
        "count the right answers. An accuracy is their share of all labels.",
        (lambda labels: np.bincount(labels).argmax()): "the digit instead of its share "
        "| This is the most common digit itself. How often is it the right answer?",
        (lambda labels: 1 / 10): "thinks that all classes are equally large | One in "
        "ten is right only if all digits are equally common.",
        (lambda labels: 1 - np.bincount(labels).max() / len(labels)): "the error "
        "instead of the accuracy | This is how often the answer is wrong.",
        (lambda labels: np.bincount(labels).max() / 10): "divides by the number of "
        "classes | Divide by the number of labels, not by the number of digits.",
        (lambda labels: 100 * np.bincount(labels).max() / len(labels)): "per cent | "
        "That is in per cent. An accuracy here is a number from 0 to 1.",
        (lambda labels: np.bincount(labels).max() / len(np.unique(labels))): "divides "
        "by the number of different digits | You divide by the number of different "
        "digits. Each label is one answer.",
        (lambda labels: np.bincount(labels) / len(labels)): "the shares of all digits "
        "| These are the shares of all digits. One of them is always the answer.",
    },
)

q2 = Exercise(
    task="which part of the data serves: weights, size of the network, the number "
    "on the page, when to stop",
    objective="split data into three parts, and know what each part is for",
    behaviour=choice("training", "validation", "test", count=4),
    right=["training", "validation", "test", "validation"],
    hints=[
        "Gradient descent computes the weights. On which images?",
        "A decision that *you* take, such as the number of filters, needs images "
        "that the weights were not made for.",
        "The number on the page must come from images that no decision has used.",
    ],
    praise="Each decision uses up the part that it looks at.",
    mistakes={
        "training, test, test, validation": "chooses the network on the test set | If "
        "you choose the size of the network on the test set, then the test set has "
        "helped to make it. Its accuracy is no longer about new images.",
        "training, validation, test, test": "stops on the test set | Training that "
        "stops when the *test* accuracy is best has chosen its weights on the test "
        "set. Which part is there for decisions?",
        "training, test, test, test": "no use for validation | Both decisions here "
        "look at the test set, and so it is used up before the end. Which part is "
        "there for decisions?",
        "training, validation, validation, validation": "reports the validation "
        "accuracy | You chose the best of several networks on the validation set: "
        "there it looks a little better than it is. What has no decision used?",
        "training, training, test, validation": "chooses the network on the training "
        "set | On the training images the largest network nearly always wins. It can "
        "learn them by heart.",
        "training, validation, test, training": "stops on the training set | The "
        "training loss falls for very long. It does not say when to stop.",
        "validation, training, test, training": "training and validation exchanged | "
        "Training and validation have changed places: weights are trained.",
        "training, test, validation, validation": "validation and test exchanged | "
        "Validation and test are exchanged: a network that was chosen on the test set "
        "has used it up.",
    },
)

# --- q3: the nearest mean image ---------------------------------------------------

RNG = np.random.default_rng(7)
MEANS = RNG.random((3, 2, 2))
NEAR = MEANS[[2, 0, 1, 1, 2]] + RNG.normal(0, 0.15, (5, 2, 2))
FAR = np.array([[[0.0, 0.0], [1.0, 1.0]], [[0.9, 0.1], [0.2, 0.1]]])
TWO_MEANS = np.array([[[0.1, 0.1], [0.9, 0.9]], [[0.5, 0.5], [0.5, 0.5]]])


def by_distances(pick):
    """What `pick` makes of the distances: a row an image, a column a mean."""
    return lambda images, means: pick(
        np.array([[((image - mean) ** 2).sum() for mean in means] for image in images])
    )


def nearest_means(images, means):
    return means[((images[:, None] - means) ** 2).sum(axis=(2, 3)).argmin(axis=1)]


q3 = Exercise(
    task="the number of the nearest mean image, for each image",
    objective="beat a simple baseline, and tell a real improvement from luck",
    probes={
        "five images and three means": (NEAR, MEANS),
        "two images and two means": (FAR, TWO_MEANS),
        "one image of 2 x 3 whole numbers": (
            np.array([[[0, 250, 3], [9, 255, 40]]], "uint8"),
            np.array([[[200.0] * 3] * 2, [[100.0] * 3] * 2, [[0, 200, 20]] * 2]),
        ),
    },
    right=by_distances(lambda distances: distances.argmin(axis=1)),
    hints=[
        "`distances` has a row for each image and a column for each mean.",
        "In each row, the smallest distance wins. NumPy's `argmin` says where it is.",
        "Without an axis it looks at the whole table. Which axis goes along a row?",
    ],
    praise="A classifier in two lines. Now the networks have something to beat.",
    mistakes={
        by_distances(lambda distances: distances.argmax(axis=1)): "argmax of the "
        "distances | You take the mean that is farthest away.",
        by_distances(lambda distances: distances.min(axis=1)): "the distance instead "
        "of the class | This is the smallest distance itself. *Where* is it?",
        by_distances(lambda distances: distances.argmin(axis=0)): "the wrong axis | "
        "You have the nearest image for each mean. Each *image* wants an answer: the "
        "other axis.",
        by_distances(lambda distances: distances.argmin()): "no axis | One answer for "
        "all images. Each row should get its own: which axis goes along a row?",
        by_distances(lambda distances: distances.argsort(axis=1)): "the whole order | "
        "You sort all means by distance. Only the first of each row is wanted.",
        nearest_means: "the mean images instead of their numbers | These are the "
        "nearest mean images. Only their numbers are wanted.",
        by_distances(lambda distances: distances): "the table of distances | This is "
        "the whole table of distances. Which of each row is the smallest?",
    },
)

q4 = Exercise(
    task="what curves A, B and C show",
    objective="see in learning curves whether a network underfits or overfits",
    behaviour=choice("underfits", "overfits", "fits", count=3),
    right=["underfits", "overfits", "fits"],
    hints=[
        "Look at the training curve first. Does the network learn its own training "
        "images well?",
        "Then look at the gap: does the validation loss rise while the training "
        "loss still falls?",
        "A is bad on both. B is perfect on one and gets worse on the other.",
    ],
    praise="First look at the training curve, then at the gap.",
    mistakes={
        "overfits, underfits, fits": "the words exchanged | The two words are "
        "exchanged. To *overfit* is to learn the training images too well, by heart.",
        "fits, overfits, underfits": "a small gap taken for a good fit | The curves of "
        "A lie close together, but both are high: this network is bad even on its own "
        "training images.",
        "underfits, fits, overfits": "looks at the training loss only | B has the "
        "lowest training loss, but look at its validation loss: it rises.",
        "overfits, overfits, fits": "every bad network overfits | A is as bad on the "
        "training images as on new ones: it did not learn them by heart.",
        "underfits, overfits, overfits": "every gap is overfitting | In C the "
        "validation loss stays low. A small gap is normal.",
        "fits, overfits, fits": "A taken for a good fit | One of the networks has a "
        "high loss even on its training images. Which?",
        "underfits, fits, fits": "B taken for a good fit | The validation loss of one "
        "of the last two rises while its training loss falls. Which?",
        "underfits, underfits, fits": "every bad network underfits | B learns its "
        "training images perfectly. That is the opposite of too little.",
    },
)

# --- q5: early stopping -----------------------------------------------------------


def stopping(is_best, forgets=True):
    """Early stopping; is_best(loss, the best so far, the one before) says what is best.

    forgets: whether the waiting starts again then.
    """

    def epochs_until_stop(losses, patience):
        best, before, waited = float("inf"), float("inf"), 0
        for epoch, loss in enumerate(losses, start=1):
            if not is_best(loss, best, before):
                waited += 1
            elif forgets:
                waited = 0
            best, before = min(best, loss), loss
            if waited == patience:
                return epoch
        return len(losses)

    return epochs_until_stop


last_epoch = stopping(lambda loss, best, before: loss < best)

q5 = Exercise(
    task="after how many epochs early stopping ends the training",
    objective="see in learning curves whether a network underfits or overfits",
    probes={
        f"losses {str(losses)[1:-1]} and patience {patience}": (losses, patience)
        for losses, patience in [
            ([0.9, 0.5, 0.6, 0.7, 0.8, 0.4, 0.45], 2),
            ([0.9, 0.8, 0.85, 0.7, 0.75, 0.6], 2),
            ([0.5, 0.3, 0.4, 0.35, 0.33, 0.2], 3),
            ([0.5, 0.5, 0.5, 0.4], 2),
            ([2000, 1500, 1600], 1),
        ]
    },
    right=last_epoch,
    hints=[
        "What happens to `waited` when the loss is a new best? And when it is not?",
        "A new best sets `waited` to 0. Any other epoch adds 1.",
        "One line can say both: `... if ... else ...`. Here `best` is still the best "
        "of the epochs before.",
    ],
    praise="This is what keras.callbacks.EarlyStopping does.",
    mistakes={
        stopping(lambda loss, best, before: loss < before): "compares with the epoch "
        "before | You compare with the epoch before. Early stopping compares with the "
        "best epoch so far.",
        stopping(lambda loss, best, before: loss <= best): "takes an equal loss for a "
        "new best | Nearly. What if the loss is *equal* to the best? It is not better, "
        "so it is no new best.",
        stopping(lambda loss, best, before: loss < best, False): "a new best does not "
        "start the waiting again | Your waiting never starts again. A new best should "
        "set it to 0.",
        (lambda losses, patience: int(np.argmin(losses)) + 1): "looks into the future "
        "| This is the epoch with the lowest loss of all. While training, the later "
        "losses are not known yet.",
        (lambda losses, patience: last_epoch(losses, patience) - patience): "the best "
        "epoch instead of the last | This is the best epoch. The training went on for "
        "a while after it.",
        (lambda losses, patience: last_epoch(losses, patience + 1)): "waits one epoch "
        "too long | One epoch too many. Stop when the waiting *reaches* `patience`.",
        (lambda losses, patience: last_epoch(losses, patience) - 1): "counts from 0 | "
        "One too few: the epochs are counted from 1.",
        (lambda losses, patience: patience): "counts every epoch | Your training ends "
        "after `patience` epochs. Does a new best set `waited` back to 0?",
        (lambda losses, patience: len(losses)): "never stops | Your training never "
        "stops early. Does `waited` grow from epoch to epoch?",
    },
)

q6 = Exercise(
    task="[images that only the old network reads, images that only the new one reads]",
    objective="beat a simple baseline, and tell a real improvement from luck",
    probes={
        "ten images": (
            np.array([1, 1, 0, 1, 0, 1, 0, 1, 0, 1], bool),
            np.array([1, 1, 1, 1, 1, 0, 1, 1, 0, 1], bool),
        ),
        "eight images": (
            np.array([0, 1, 1, 0, 0, 1, 1, 1], bool),
            np.array([1, 1, 0, 1, 1, 1, 0, 0], bool),
        ),
        "two equal networks": (np.array([1, 0, 1], bool), np.array([1, 0, 1], bool)),
        "6,000 images": (np.arange(6000) % 5 > 0, np.arange(6000) % 7 > 0),
    },
    slips={
        "truth value of an array|boolean subtract": "these are arrays of True and "
        "False. The text above says how to write *and* and *not* for them.",
    },
    right=lambda old, new: [(old & ~new).sum(), (~old & new).sum()],
    hints=[
        "For images that both read, or neither, the two networks are equal.",
        "`~new` is True where the new network is wrong; `&` means: and.",
        "Where is an image read by the old network and not by the new one? True counts "
        "as 1 in a sum.",
    ],
    praise="All other images say nothing about which network is better.",
    mistakes={
        (lambda old, new: [(~old & new).sum(), (old & ~new).sum()]): "the two numbers "
        "exchanged | The two numbers are exchanged: first the images that only the "
        "*old* network reads.",
        (lambda old, new: [old.sum(), new.sum()]): "counts what both read, too | You "
        "count all images that each network reads. Most of them are read by both: they "
        "say nothing about the difference.",
        (lambda old, new: [(~old).sum(), (~new).sum()]): "counts all mistakes | You "
        "count the mistakes of each network. Some images are read by neither.",
        (lambda old, new: [(old & new).sum(), (~old & ~new).sum()]): "counts the "
        "agreement | You count the images on which the two agree. Where do they "
        "differ?",
        (lambda old, new: [(old & ~new).mean(), (~old & new).mean()]): "shares instead "
        "of counts | These are shares. For the rule of thumb we need to count: "
        "`.sum()`.",
        (lambda old, new: [old.sum() - new.sum(), new.sum() - old.sum()]): "the "
        "difference of the counts | You compare how many each network reads. *Which* "
        "images are read by one of them only?",
        (lambda old, new: (old != new).sum()): "both kinds together | You count both "
        "kinds together. Two numbers are wanted, one for each.",
        (lambda old, new: [old & ~new, ~old & new]): "not counted | These say which "
        "images it is. How many are they?",
    },
)

# --- q7: the centre of mass -------------------------------------------------------

CORNER = np.zeros((6, 6))
CORNER[4, 1] = 3
SLOPE = np.array([[0.0, 0, 0, 0], [0, 8, 0, 0], [0, 0, 4, 4], [0, 0, 0, 16]])
ROWS, COLUMNS = np.indices((28, 28))
BLOB = np.exp(-(((ROWS - 9.0) / 3) ** 2) - ((COLUMNS - 17.0) / 2) ** 2)
BLOB[BLOB < 1e-3] = 0


def with_column(column):
    """A mistake in the column only: the row is given in the exercise."""
    return lambda image: [centre(image)[0], column(image, np.indices(image.shape)[1])]


def middle_of_the_box(image, columns):
    inked = columns[image > 0]
    return (inked.min() + inked.max()) / 2


q7 = Exercise(
    task="the centre of mass of an image: [row, column]",
    objective="bring a drawing into the form that a network was trained on",
    probes={
        "one pixel at row 4, column 1": (CORNER,),
        "a 4 x 4 image": (SLOPE,),
        "a blob in 28 x 28": (BLOB,),
        "a 2 x 3 image of whole numbers": (
            np.array([[0, 200, 90], [7, 255, 250]], "uint8"),
        ),
    },
    right=centre,
    hints=[
        "The row is already there. The column is computed in the same way.",
        "Each pixel counts with its ink: its column number is weighted. In the end, "
        "what makes a mean of the sum?",
    ],
    praise="Dark pixels pull the centre towards them.",
    mistakes={
        (lambda image: centre(image)[::-1]): "row and column exchanged | Row and "
        "column are exchanged.",
        with_column(lambda image, columns: columns[image > 0].mean()): "ink not "
        "weighted | You treat every pixel with ink alike. A dark pixel should count "
        "more than a pale one.",
        with_column(middle_of_the_box): "the middle of the box | This is the middle of "
        "the box around the ink. The ink may be heavier on one side.",
        with_column(lambda image, columns: (columns * image).sum()): "not divided by "
        "the ink | The sum is right, but it is not divided by the ink of the image.",
        with_column(lambda image, columns: (columns * image).mean()): "divided by the "
        "number of pixels | You divide by the number of pixels. What weighed each?",
        with_column(lambda image, columns: columns.mean()): "the middle of the paper | "
        "This is the middle of the paper, wherever the ink is.",
        (lambda image: [centre(image)[0]] * 2): "rows twice | Your column is the row "
        "once more.",
    },
)

lesson = Lesson("07_project.py", globals())
progress = lesson.progress
