from collections import Counter
from fractions import Fraction

import numpy as np


def share_by_counter(labels):
    return Counter(labels.tolist()).most_common(1)[0][1] / len(labels)


def share_by_unique(labels):
    _, counts = np.unique(labels, return_counts=True)
    return np.max(counts / counts.sum())


def share_as_a_fraction(labels):
    return Fraction(int(np.bincount(labels).max()), len(labels))


def share_of_shape_1(labels):
    return np.bincount(labels).max() / labels.shape


def share_by_answering(labels):
    always = np.bincount(labels).argmax()
    return (labels == always).mean()


def nearest_by_loops(images, means):
    answers = []
    for image in images:
        distances = [np.linalg.norm(image - mean) for mean in means]
        answers.append(distances.index(min(distances)))
    return answers


def nearest_by_scikit_learn(images, means):
    from sklearn.metrics import pairwise_distances_argmin

    return pairwise_distances_argmin(
        images.reshape(len(images), -1), means.reshape(len(means), -1)
    )


def nearest_by_products(images, means):
    """|x - m|^2 = |x|^2 - 2 x.m + |m|^2, and |x|^2 is the same for all means."""
    x, m = images.reshape(len(images), -1), means.reshape(len(means), -1)
    return ((m**2).sum(axis=1) - 2 * x @ m.T).argmin(axis=1)


def epochs_with_best_index(losses, patience):
    for epoch in range(1, len(losses) + 1):
        if epoch - 1 - int(np.argmin(losses[:epoch])) >= patience:
            return epoch
    return len(losses)


def epochs_with_while(losses, patience):
    epoch, best_epoch = 0, 0
    while epoch < len(losses) and epoch - best_epoch < patience:
        epoch += 1
        if epoch == 1 or losses[epoch - 1] < min(losses[: epoch - 1]):
            best_epoch = epoch
    return epoch


def epochs_with_pop(losses, patience):
    best, waited, epoch, all_epochs = float("inf"), 0, 0, len(losses)
    while losses:
        loss = losses.pop(0)  # the learner's list, to change as they like
        epoch += 1
        waited = 0 if loss < best else waited + 1
        best = min(best, loss)
        if waited >= patience:
            return epoch
    return all_epochs


def epochs_by_keras(losses, patience):
    import keras

    stopper = keras.callbacks.EarlyStopping("val_loss", patience=patience)
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    stopper.set_model(model)
    stopper.on_train_begin()
    model.stop_training = False
    for epoch, loss in enumerate(losses):
        stopper.on_epoch_end(epoch, {"val_loss": loss})
        if model.stop_training:
            return epoch + 1
    return len(losses)


def disagreements_by_loop(old, new):
    only_old = sum(1 for a, b in zip(old, new, strict=True) if a and not b)
    only_new = sum(1 for a, b in zip(old, new, strict=True) if b and not a)
    return only_old, only_new


def disagreements_by_difference(old, new):
    difference = new.astype(int) - old.astype(int)
    return np.array([(difference == -1).sum(), (difference == 1).sum()])


def disagreements_by_logic(old, new):
    differ = np.logical_xor(old, new)
    return [np.count_nonzero(differ & old), np.count_nonzero(differ & new)]


def centre_by_scipy(image):
    from scipy.ndimage import center_of_mass

    return center_of_mass(image)


def centre_by_average(image):
    rows, columns = np.indices(image.shape)
    return [np.average(rows, weights=image), np.average(columns, weights=image)]


def centre_by_sides(image):
    by_row, by_column = image.sum(axis=1), image.sum(axis=0)
    return (
        by_row @ np.arange(len(by_row)) / by_row.sum(),
        by_column @ np.arange(len(by_column)) / by_column.sum(),
    )


def squared(images, means):
    return ((images[:, None] - means) ** 2).sum(axis=(2, 3))


def early_stopping(waits):
    """The lesson's loop with another waits(waited, loss, best)."""

    def epochs(losses, patience):
        best, waited = float("inf"), 0
        for epoch, loss in enumerate(losses, start=1):
            waited = waits(waited, loss, best)
            best = min(best, loss)
            if waited >= patience:
                return epoch
        return len(losses)

    return epochs


def center(column):
    """The lesson's centre of mass with another column(columns, image, ink)."""

    def centre_of_mass(image):
        rows, columns = np.indices(image.shape)
        ink = image.sum()
        return [(rows * image).sum() / ink, column(columns, image, ink)]

    return centre_of_mass


ANSWERS = {
    "q1": [
        share_by_counter,
        share_by_unique,
        share_as_a_fraction,
        share_of_shape_1,
        share_by_answering,
        lambda labels: (
            max(list(labels).count(digit) for digit in range(10)) / labels.size
        ),
        lambda labels: np.max([(labels == digit).mean() for digit in set(labels)]),
        lambda labels: np.float32((np.bincount(labels) / len(labels)).max()),
    ],
    "q2": [
        ["training", "validation", "test", "validation"],
        ("Training", "validation ", "TEST", "validation"),
        np.array(["training", "validation", "test", "validation"]),
        "training, validation, test, validation",
        "training validation test validation",
        np.array(["training", "validation", "test", "validation"], object),
        [np.str_("training"), "validation.", "Test", "validation"],
        [["training", "validation"], ["test", "validation"]],
    ],
    "q3": [
        nearest_by_loops,
        nearest_by_scikit_learn,
        nearest_by_products,
        lambda images, means: np.argmin(squared(images, means), axis=1).tolist(),
        lambda images, means: tuple(row.argmin() for row in squared(images, means)),
        lambda images, means: np.argmax(-squared(images, means), axis=-1),
        lambda images, means: squared(images, means).argsort(axis=1)[:, 0],
        lambda images, means: np.float32(squared(images, means).T.argmin(axis=0)),
    ],
    "q4": [
        ["underfits", "overfits", "fits"],
        ("Underfits", "OVERFITS", " fits"),
        list(np.array(["underfits", "overfits", "fits"])),
        np.array(["underfits", "overfits", "fits"]),
        "underfits, overfits, fits",
        "Underfits overfits fits",
        ["underfits.", "overfits.", "fits."],
        ["under-fits", "over-fits", "fits"],
    ],
    "q5": [
        epochs_with_best_index,
        epochs_with_while,
        epochs_with_pop,
        epochs_by_keras,
        early_stopping(lambda waited, loss, best: (waited + 1) * (loss >= best)),
        early_stopping(lambda waited, loss, best: 0 if best > loss else 1 + waited),
        early_stopping(lambda waited, loss, best: [waited + 1, 0][loss < best]),
        early_stopping(lambda waited, loss, best: 0.0 if loss < best else waited + 1.0),
    ],
    "q6": [
        disagreements_by_loop,
        disagreements_by_difference,
        disagreements_by_logic,
        lambda old, new: [(old > new).sum(), (old < new).sum()],
        lambda old, new: (sum(old & ~new), sum(new & ~old)),
        lambda old, new: [old.sum() - (old & new).sum(), new.sum() - (old & new).sum()],
        lambda old, new: [len(old[old & (new == 0)]), len(new[new & (old == 0)])],
        lambda old, new: np.array([old[~new].sum(), new[~old].sum()], "float32"),
    ],
    "q7": [
        centre_by_scipy,
        centre_by_average,
        centre_by_sides,
        center(lambda columns, image, ink: (columns * image).sum() / ink),
        center(lambda columns, image, ink: (columns * (image / ink)).sum()),
        center(lambda columns, image, ink: np.vdot(columns, image) / np.sum(image)),
        center(lambda columns, image, ink: np.mean(columns * image) / image.mean()),
        lambda image: (
            np.sum(np.indices(image.shape) * image, axis=(1, 2)) / image.sum()
        ),
    ],
}

# A beginner's wrong answers, each with a part of what is said of it.
WRONG = {
    "q1": [
        (lambda labels: np.bincount(labels).max(), "count the right answers"),
        (lambda labels: np.bincount(labels).argmax(), "digit itself"),
        (lambda labels: 0.1, "equally common"),
        (lambda labels: np.bincount(labels).max() / 10, "number of digits"),
        (lambda labels: 1 - np.bincount(labels).max() / len(labels), "is wrong"),
        (lambda labels: np.bincount(labels) / len(labels), "all digits"),
        (lambda labels: np.bincount(labels).max() / labels.sum(), ""),
        (lambda labels: np.bincount(labels).max() / len(set(labels)), "different"),
        (lambda labels: np.bincount(labels).max() // len(labels), ""),
        (lambda labels: labels.max() / len(labels), ""),
        (lambda labels: (labels == 1).mean(), ""),
        (lambda labels: None, "returns nothing"),
        (np.bincount([1, 1, 2]).max() / 3, "a function is wanted"),
    ],
    "q2": [
        (["training", "test", "test", "validation"], "size of the network"),
        (["training", "validation", "test", "test"], "Training that stops"),
        (["training", "validation", "validation", "validation"], "best of several"),
        (["training", "training", "test", "validation"], "by heart"),
        (["training", "validation", "test", "training"], "when to stop"),
        (["validation", "training", "test", "training"], "changed places"),
        (["training", "test", "validation", "validation"], "used it up"),
        (["training", "test", "validation", "test"], ""),
        (["training", "validation", "test"], "4 words are wanted"),
        (["train", "validation", "test", "validation"], "none of the words"),
        ("training", "4 words are wanted"),
        ([1, 2, 3, 2], "4 words are wanted"),
    ],
    "q3": [
        (lambda images, means: squared(images, means).argmin(), "One answer for all"),
        (lambda images, means: squared(images, means).argmin(axis=0), "other axis"),
        (lambda images, means: squared(images, means).argmax(axis=1), "farthest"),
        (lambda images, means: squared(images, means).min(axis=1), "*Where*"),
        (lambda images, means: squared(images, means).argsort(axis=1), "sort all"),
        (lambda images, means: squared(images, means), "whole table"),
        (lambda images, means: squared(images, means).min(), ""),
        (
            lambda images, means: means[squared(images, means).argmin(axis=1)],
            "nearest mean images",
        ),
        (
            lambda images, means: (
                (images[:, None] - means).sum(axis=(2, 3)).argmin(axis=1)
            ),
            "",
        ),
        (lambda images, means: None, "returns nothing"),
    ],
    "q4": [
        (["overfits", "underfits", "fits"], "are exchanged"),
        (["fits", "overfits", "underfits"], "lie close together"),
        (["underfits", "fits", "overfits"], "validation loss"),
        (["overfits", "overfits", "fits"], "by heart"),
        (["underfits", "underfits", "fits"], "opposite"),
        (["fits", "fits", "fits"], ""),
        (["underfits", "fits", "fits"], "rises while"),
        (["fits", "overfits", "fits"], "Which?"),
        (["underfit", "overfit", "fit"], "none of the words"),
        (["overfits", "fits", "underfits"], ""),
        ("underfits", "3 words are wanted"),
    ],
    "q5": [
        (early_stopping(lambda waited, loss, best: waited + 1), "back to 0"),
        (early_stopping(lambda waited, loss, best: 0), "never stops"),
        (early_stopping(lambda w, loss, best: 0 if loss <= best else w + 1), "*equal*"),
        (early_stopping(lambda w, loss, best: w if loss < best else w + 1), "again"),
        (early_stopping(lambda w, loss, best: 0 if loss > best else w + 1), ""),
        (early_stopping(lambda w, loss, best: 0 if loss < best else 1), ""),
        (early_stopping(lambda w, loss, best: 0 if loss < best else w), "never stops"),
        (lambda losses, patience: epochs_with_while(losses, patience) - 1, "from 1"),
        (lambda losses, patience: epochs_with_while(losses, patience + 1), "*reaches*"),
        (lambda losses, patience: int(np.argmin(losses)) + 1, "later losses"),
        (lambda losses, patience: min(losses), ""),
        (lambda losses, patience: None, "returns nothing"),
    ],
    "q6": [
        (lambda old, new: [(~old & new).sum(), (old & ~new).sum()], "exchanged"),
        (lambda old, new: [old.sum(), new.sum()], "read by both"),
        (lambda old, new: (old != new).sum(), "both kinds"),
        (lambda old, new: [old & ~new, ~old & new], "How many"),
        (lambda old, new: [old.sum() - new.sum(), new.sum() - old.sum()], "*Which*"),
        (lambda old, new: [(~old).sum(), (~new).sum()], "mistakes"),
        (lambda old, new: [(old & ~new).mean(), (~old & new).mean()], "shares"),
        (lambda old, new: [(old & new).sum(), (~old & ~new).sum()], "agree"),
        (lambda old, new: [(old and not new).sum(), (new and not old).sum()], ""),
        (lambda old, new: [(old | ~new).sum(), (~old | new).sum()], ""),
        (lambda old, new: [(old & -new).sum(), (-old & new).sum()], ""),
    ],
    "q7": [
        (center(lambda columns, image, ink: (columns * image).sum()), "not divided"),
        (center(lambda columns, image, ink: (columns * image).mean()), "of pixels"),
        (center(lambda columns, image, ink: columns.mean()), "of the paper"),
        (center(lambda columns, image, ink: columns[image > 0].mean()), "alike"),
        (center(lambda columns, image, ink: (columns * image) / ink), "whole array"),
        (center(lambda columns, image, ink: columns.sum() / ink), ""),
        (
            center(lambda columns, image, ink: (columns * image).sum() / columns.sum()),
            "expected",
        ),
        (center(lambda columns, image, ink: columns.flat[image.argmax()]), ""),
        (lambda image: centre_by_sides(image)[::-1], "exchanged"),
        (lambda image: [x + 1 for x in centre_by_sides(image)], ""),
        (lambda image: centre_by_sides(image.T), ""),
        (lambda image: [image.shape[0] / 2, image.shape[1] / 2], ""),
    ],
}
