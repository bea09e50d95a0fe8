"""Ways to train the deck's CNN on MNIST, as the benchmark times them.

    python -m tools.recipes    trains the weights that all frameworks share anew

`fast` is the recipe at the end of lesson 4, with all of its tricks or some.
"""

import numpy as np
from scipy.special import log_softmax

from utils import data, deck_cnn, device
from utils.frameworks import weights


def dense_net():
    """Lesson 3's network; logits. Input (n, 28, 28, 1), 101,770 parameters."""
    import keras
    from keras import layers

    model = keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Flatten(),
            layers.Dense(128, activation="relu"),
            layers.Dense(10),
        ]
    )
    model.compile(
        keras.optimizers.Adam(0.002),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        steps_per_execution=device.steps_at_once(20),
    )
    return model


def hardest(judge, x, y, share):
    """Indices of the share of images whose right class `judge` finds least likely."""
    logits = judge.predict(x, batch_size=1000, verbose=0).astype("float64")
    sure = log_softmax(logits, axis=1)[np.arange(len(y)), y]
    return np.argsort(sure, kind="stable")[: int(share * len(x))]


# In the order in which lesson 4 adds them.
TRICKS = ("small batches", "one cycle", "smooth labels", "the hard sixth")


def fast(x, y, seed, tricks=TRICKS, share=1 / 6, small=32, peak=0.0025):
    """Train the deck's CNN on half as many images as there are; return the model.

    x: images from 0 to 1, (n, 28, 28, 1); y: labels, (n,). Without tricks: a random
    half, batches of 128, Adam at 0.001. The tricks: batches of 32; a one-cycle learning
    rate (Smith, 2018); label smoothing (Szegedy et al., 2016); and a dense network that
    finds the hard sixth of the images (Coleman et al., "Selection via proxy", 2020):
    the CNN sees a random sixth of all, then the hard sixth twice. Lesson 4's numbers;
    share, small (batches) and peak (learning rate) are others, for `bench search`.
    """
    import keras

    keras.utils.set_random_seed(seed)
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(x))[: 3 * int(share * len(x))]
    if "the hard sixth" in tricks:
        judge = dense_net()
        judge.fit(x, y, batch_size=128, verbose=0)
        hard = hardest(judge, x, y, share)
        twice = rng.permutation(hard), rng.permutation(hard)
        order = np.concatenate([order[: len(hard)], *twice])

    batch_size = small if "small batches" in tricks else 128
    cycle, smoothing = "one cycle" in tricks, 0.1 * ("smooth labels" in tricks)
    model = cnn(len(order) // batch_size, peak if cycle else None, smoothing)
    ten_numbers = keras.utils.to_categorical(y, num_classes=10)
    model.fit(
        x[order], ten_numbers[order], batch_size=batch_size, shuffle=False, verbose=0
    )
    return model


def cnn(steps, peak=None, smoothing=0.1):
    """The deck's CNN, compiled for labels of ten numbers, which the loss smooths.

    In `steps` steps Adam's learning rate rises to `peak` and falls to 0; without a peak
    it stays at 0.001.
    """
    import keras

    rate = 0.001
    if peak:
        rate = keras.optimizers.schedules.CosineDecay(
            initial_learning_rate=peak / 10,
            warmup_target=peak,
            warmup_steps=max(1, steps // 5),
            decay_steps=steps - steps // 5,
        )
    loss = keras.losses.CategoricalCrossentropy(
        from_logits=True, label_smoothing=smoothing
    )
    model = deck_cnn.build()
    model.compile(
        keras.optimizers.Adam(rate), loss, steps_per_execution=device.steps_at_once(20)
    )
    return model


def shared_weights(file=weights.FILE, seed=0):
    """Train the deck's CNN on real MNIST, the fast way, and write its weights.

    MNIST comes from utils.data.load_mnist; the embedded digits will not do. Raises
    ValueError where there is no real MNIST.
    """
    (images, labels), _ = data.load_mnist(fast=False)
    if len(images) != 60_000:
        raise ValueError("the shared weights need real MNIST: set WORKSHOP_DATA")
    model = fast(data.prepare(images), labels, seed)
    arrays = [array.astype("float16") for array in model.get_weights()]
    np.savez_compressed(file, **dict(zip(weights.SHAPES, arrays, strict=True)))


if __name__ == "__main__":
    shared_weights()
    weights.load()
    print(f"{weights.FILE.name}: {weights.FILE.stat().st_size / 1e6:.1f} MB")
