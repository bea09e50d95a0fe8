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


ANSWERS = {
    "q1": [
        share_by_counter,
        share_by_unique,
        share_as_a_fraction,
        share_of_shape_1,
        share_by_answering,
    ],
    "q2": [
        ["training", "validation", "test", "validation"],
        ("Training", "validation ", "TEST", "validation"),
        np.array(["training", "validation", "test", "validation"]),
    ],
    "q3": [nearest_by_loops, nearest_by_scikit_learn, nearest_by_products],
    "q4": [
        ["underfits", "overfits", "fits"],
        ("Underfits", "OVERFITS", " fits"),
        list(np.array(["underfits", "overfits", "fits"])),
    ],
    "q5": [
        epochs_with_best_index,
        epochs_with_while,
        epochs_with_pop,
        epochs_by_keras,
    ],
    "q6": [disagreements_by_loop, disagreements_by_difference, disagreements_by_logic],
    "q7": [centre_by_scipy, centre_by_average, centre_by_sides],
}
