"""Lesson 3's exercises: neurons, dense layers, parameters, softmax."""

import contextlib
import itertools

import numpy as np

from utils.exercises import behaviours
from utils.exercises.behaviours import Wrong, array, choice, function, validation
from utils.exercises.core import Exercise, Lesson

q1 = Exercise(
    task="the activation of one neuron",
    objective="compute the output of a neuron and of a layer",
    right=2.5,
    hints=[
        "Multiply each input by the weight at the same place.",
        "Add the three products. Then add the bias. It is negative.",
        "The products are 1, -1 and 3. ReLU keeps a sum that is not negative.",
    ],
    praise="The sum is positive, so ReLU leaves it as it is.",
    mistakes={
        3: "forgot the bias | 3 is the sum of the three products. Which number of the "
        "neuron have you not used yet?",
        3.5: "subtracted the bias | You took the bias away. It is added, and here it "
        "is negative itself.",
        0: "lost a sign, so that the sum is negative | 0 would be right for a negative "
        "sum. Look at the signs again: what is -1 times -3?",
        -3.5: "lost a sign and forgot ReLU | Two things: what is -1 times -3? And ReLU "
        "never gives a negative number.",
        1.5: "did not use the weights | You added the inputs and the bias. Each input "
        "is multiplied by its weight first.",
        float(1 / (1 + np.exp(-2.5))): "sigmoid instead of ReLU | The sum is right, "
        "but this is its sigmoid. The neuron uses ReLU.",
    },
)

# --- q2: a layer -------------------------------------------------------------------

LAYERS = {
    "2 inputs, 2 units": (
        np.array([[1.0, 2.0], [-1.0, 3.0]]),
        np.array([[2.0, -1.0], [0.5, 1.0]]),
        np.array([0.5, -5.0]),
    ),
    "3 inputs, 4 units": (
        np.array([[1.0, 0.0, 2.0], [0.5, -1.0, 1.0]]),
        np.array([[1.0, 2.0, 0.0, -1.0], [0.0, 1.0, 3.0, 1.0], [2.0, 0.0, 1.0, 0.5]]),
        np.array([0.0, 1.0, -2.0, 0.5]),
    ),
}

q2 = Exercise(
    task="a dense layer as a function of x, W and b",
    objective="compute the output of a neuron and of a layer",
    behaviour=function(LAYERS, others=["3 inputs, 4 units"]),
    right=lambda x, W, b: x @ W + b,
    hints=[
        "Look at the cell that computed the layer for the batch.",
        "The matrix product is written `@`. The inputs stand on its left.",
        "On paper, for one row: the products with each column, their sum, and one "
        "more number for each unit.",
    ],
    praise="One line of code, and it is a whole layer.",
    slips={
        "truth value of an array": "`max` compares two numbers, not arrays. And this "
        "exercise wants the sums, without an activation function.",
        "core dimension 0": "these two cannot be multiplied: `x @ W` wants as many "
        "columns in `x` as `W` has rows. Is it `W`, with a capital letter?",
    },
    mistakes={
        (lambda x, W, b: x @ W): "forgot the bias | The products are right. Something "
        "is added to each unit's sum: what?",
        (lambda x, W, b: W @ x + b): "W @ x instead of x @ W | You multiplied `W` by "
        "`x`. Here an example is a row of `x`, and a unit is a column of `W`. Which of "
        "the two has to stand on the left?",
        (lambda x, W, b: (W @ x.T).T + b): "W has one row a unit, as in many books | "
        "You used the rows of `W` as units, as books do that write W x. In this lesson "
        "and in Keras a unit is a column of `W`.",
        (lambda x, W, b: x * W + b): "* instead of @ | `*` multiplies cell by cell. A "
        "layer adds up the products: that is the matrix product, and it has another "
        "sign.",
        (lambda x, W, b: np.maximum(0, x @ W + b)): "applied ReLU | The sums are "
        "right, and then ReLU took the negative ones away. This exercise wants the "
        "sums, without an activation function.",
        (lambda x, W, b: (x + b) @ W): "added the bias before the product | You added "
        "the bias to the inputs. It belongs to the units: add it after the product.",
        (lambda x, W, b: x @ W - b): "subtracted the bias | The products are right. "
        "Has the bias the sign that it has in the formula?",
        (lambda x, W, b: x @ (W + b)): "added the bias to the weights | You added the "
        "bias to the weights, so it is multiplied by the inputs. It is added after the "
        "product.",
        (lambda x, W, b: (x @ W).sum() + b): "added up the whole batch | You added up "
        "the whole batch. The product has all the sums already: one for each example "
        "and each unit.",
        (lambda x, W, b: x @ W + b[0]): "one bias for all units | Every unit got the "
        "bias of the first one. Each unit has its own.",
        (lambda x, W, b: x[0] @ W + b): "one example only | Only the first example "
        "came out. `x` is a whole batch: one row of results for each example is "
        "wanted.",
    },
)

q3 = Exercise(
    task="the parameters of a network with 784 inputs, 64 and 10 units",
    objective="count the parameters of a dense network",
    right=50_890,
    hints=[
        "Count each layer on its own. What are the inputs of the second layer?",
        "A layer with n inputs and m units has n * m weights and m biases.",
        "The first layer has 784 * 64 + 64. Do the same for 64 inputs and 10 units.",
    ],
    praise="Nearly all of them sit in the first layer.",
    mistakes={
        784 * 64 + 64 * 10: "forgot the biases | These are all the weights. Each unit "
        "has one more parameter.",
        784 * 64 + 64 * 10 + 2: "one bias a layer | You counted one bias for each "
        "layer. Each *unit* has its own bias.",
        784 * 64 + 64 * 10 + 784 + 64 + 10: "a bias for each input | You gave the "
        "inputs a bias, too. Inputs are only numbers: they have no parameters.",
        64 + 10: "counted units instead of weights | You counted the units. A "
        "parameter is a weight or a bias: how many of them does one unit have?",
        784 + 64 + 10: "counted circles instead of arrows | You counted the circles in "
        "the drawing. The arrows are the weights: how many arrows are there?",
        784 * 64 + 64: "first layer only | This is the first layer, and it is right. "
        "The second layer has parameters as well.",
        (784 * 64 + 64) + (784 * 10 + 10): "the second layer reads the 784 inputs | "
        "The second layer does not read the image. It reads the outputs of the first "
        "layer: how many are there?",
        784 * 64 + 64 * 10 + 64: "forgot the biases of the second layer | The first "
        "layer is right. Did you count *all* parameters of the second one?",
        784 * 64 + 64 * 10 + 10: "forgot the biases of the first layer | The second "
        "layer is right. Did you count *all* parameters of the first one?",
        784 * 10 + 10: "no hidden layer | This is a network without the layer of 64 "
        "units. Count both layers.",
        50_186: "one weight a unit | Each of the 10 units has a weight for each of the "
        "64 units before it.",
        50.89: "a point between thousands | In Python a point begins the decimals. "
        "Thousands are written without it, or with `_`.",
        784 * 64: "the weights of the first layer only | These are the weights of the "
        "first layer. What else is there: in this layer, and after it?",
        784 * 64 * 10: "multiplied the layers | You multiplied all sizes. The layers "
        "come one after the other, so their parameters are added.",
    },
)

# --- q4: two layers without activation are one -------------------------------------

BIASES = {
    "2 hidden units": (
        np.array([1.0, -2.0]),
        np.array([[2.0, 1.0], [0.5, -1.0]]),
        np.array([3.0, 0.25]),
    ),
    "3 hidden units": (
        np.array([1.0, 0.5, -1.0]),
        np.array([[2.0, 1.0], [0.0, 4.0], [1.0, -3.0]]),
        np.array([0.5, -2.0]),
    ),
}

q4 = Exercise(
    task="the bias of one layer that replaces two",
    objective="explain what an activation function is for",
    behaviour=function(BIASES, others=["3 hidden units"]),
    right=lambda b1, W2, b2: b1 @ W2 + b2,
    hints=[
        "Multiply out: (x W1 + b1) W2 + b2 has three terms.",
        "One term contains x: that is the product of the matrices. The other two "
        "are the bias.",
        "b1 goes through the second layer, like any other input of it.",
    ],
    praise="So the biases do not help: without activation functions, two layers are "
    "one.",
    mistakes={
        (lambda b1, W2, b2: b1 + b2): "added the two biases | The second layer gets "
        "`b1` as a part of its input. What does a layer do with its input?",
        (lambda b1, W2, b2: b1 @ W2): "forgot the second bias | One term is right. The "
        "second layer also adds something of its own.",
        (lambda b1, W2, b2: b2): "forgot the first bias | That is the bias of the "
        "second layer. But the first bias also reaches the output. By which way?",
        (lambda b1, W2, b2: W2 @ b1 + b2): "W2 @ b1 instead of b1 @ W2 | The two "
        "factors stand in the wrong order. `b1` is a row, so it stands on the left.",
        (lambda b1, W2, b2: b1 * W2 + b2): "* instead of @ | `*` multiplies cell by "
        "cell, so you have a whole matrix. The second layer adds up the products: that "
        "is another sign.",
        (lambda b1, W2, b2: b1 @ W2 - b2): "subtracted the second bias | Both terms "
        "are there. Look at the sign between them once more.",
        (lambda b1, W2, b2: b1 @ W2 * b2): "multiplied by the second bias | Both "
        "biases are there, and you multiplied where the second layer adds.",
        (lambda b1, W2, b2: b1 @ (W2 + b2)): "added the second bias to the weights | "
        "`b2` is added after the product. In your bracket `b1` multiplies it.",
        (lambda b1, W2, b2: b1): "the first bias alone | That is the bias of the first "
        "layer. It still has to go through the second one.",
        (lambda b1, W2, b2: (b1 @ W2 + b2).sum()): "added up the units | You added up "
        "all units. The bias has one number for each of them.",
        (lambda b1, W2, b2: (b1 + b2) @ W2): "multiplied both biases by W2 | `b2` is "
        "added after the second matrix, so it is not multiplied by it.",
    },
)

# --- q5: the arguments of compile and fit ------------------------------------------

WORDS = ["optimizer", "loss", "metrics", "epochs", "batch_size", "validation_data"]
PLACES = ["epochs", "optimizer", "batch_size", "metrics", "loss", "validation_data"]


def exchanged(one, other):
    """The right words with two of them exchanged."""
    swap = {one: other, other: one}
    return [swap.get(word, word) for word in PLACES]


USUAL = {
    ("loss", "metrics"): "Two are exchanged. Of two numbers that say how good the "
    "answers are, one is only printed, and training makes the other one small.",
    ("epochs", "batch_size"): "Two are exchanged. A batch is what the network sees in "
    "one step. What is over when it has seen all images?",
    ("loss", "optimizer"): "Two are exchanged. One *measures* how bad the answers are, "
    "the other one *changes* the parameters.",
    ("metrics", "validation_data"): "Two are exchanged. One of them is a number, the "
    "other one is images and their labels.",
    ("metrics", "optimizer"): "Two are exchanged. One changes the parameters, the "
    "other one changes nothing.",
}

q5 = Exercise(
    task="what six arguments of compile and fit are for",
    objective="say what each argument of `compile` and `fit` is for",
    right=PLACES,
    behaviour=choice(*WORDS, count=6),
    hints=[
        "Three of the words stand in `compile`, three belong to `fit`. Which of the "
        "six things are about *how* it learns?",
        "Look for the bold words above the two cells: each has one sentence.",
        "Begin with those that you are sure of: each word is used once.",
    ],
    praise="These are the knobs of every training that you will meet.",
    mistakes={
        ", ".join(exchanged(*pair)): f"exchanged {pair[0]} and {pair[1]} | {message}"
        for pair, message in USUAL.items()
    },
)

# --- q6: a stable softmax ----------------------------------------------------------

SMALL = {
    "one row": (np.array([[2.0, 1.0, -2.0]]),),
    "a row of whole numbers": (np.array([[1, 0, 3, 2, -1]]),),
    "two rows, three classes": (np.array([[0.5, 1.0, 3.0], [-1.0, 0.0, 2.5]]),),
}
LARGE = {
    "large logits": (np.array([[1000.0, 999.0, 997.0]]),),
    "large and small logits in one row": (
        np.array([[-2000.0, 1000.0, 999.0], [1000.0, -2000.0, -2000.0]]),
    ),
    "a small and a large row": (np.array([[0.0, 1.0, 3.0], [1000.0, 1002.0, 1001.0]]),),
}


def shares(powers):
    return powers / powers.sum(axis=1, keepdims=True)


def exponentials(z):
    return np.exp(z - z.max(axis=1, keepdims=True))


def stable_softmax(z):
    return shares(exponentials(z))


q6 = Exercise(
    task="a stable softmax for each row of a batch",
    objective="turn logits into probabilities with a stable softmax",
    behaviour=function(SMALL, [*SMALL][1:], LARGE, stable_softmax),
    right=stable_softmax,
    hints=[
        "Two steps: exponentials, then divide. Each row is on its own.",
        "A row is along `axis=1`. With `keepdims=True` the result still fits.",
        "Which number makes the largest exponent of a row 0? It is needed inside "
        "`np.exp(...)`, and each row has its own.",
    ],
    praise="It survives logits of 1000, as Keras's softmax does.",
    mistakes={
        (lambda z: shares(np.exp(z))): "did not subtract the maximum | Small logits "
        "are right. Logits of 1000 give NaN: the exponential overflows. What can you "
        "subtract first, without changing the result?",
        (lambda z: exponentials(z) / exponentials(z).sum(axis=1)): "forgot keepdims | "
        "One row works, two rows of three do not: NumPy cannot fit the shapes "
        "together. `max` and `sum` drop an axis, unless `keepdims=True` keeps it.",
        (lambda z: shares(np.exp(z - z.max()))): "one maximum for the whole batch | "
        "Nearly. You subtract one maximum for the whole batch. In a row with much "
        "smaller logits all exponentials then become 0. Each row needs its own.",
        (lambda z: exponentials(z) / exponentials(z).sum(axis=0)): "softmax along the "
        "wrong axis | Your columns add up to 1, not your rows. An example is a row: "
        "which axis runs along it?",
        (lambda z: shares(np.exp(z - z.min(axis=1, keepdims=True)))): "subtracted the "
        "minimum, the mean or one of the logits | Nearly. Logits near 1000 work, but "
        "one very small logit in the row makes the others overflow. Subtract the "
        "largest logit of the row: then no exponent is above 0.",
        (lambda z: stable_softmax(z.T).T): "both axes wrong | Your columns add up to "
        "1, not your rows. Which axis is a row, for the maximum and for the sum?",
        (lambda z: shares(np.exp(z - z.max(axis=0, keepdims=True)))): "the maximum "
        "along the wrong axis | The sum is along the rows, but the maximum is not: you "
        "subtract another number in each column. Which axis runs along a row?",
        (lambda z: np.exp(z - z.max()) / np.exp(z - z.max()).sum()): "one softmax over "
        "the whole batch | All numbers of the batch together add up to 1. Each row "
        "should do so: the sum needs an axis.",
        (lambda z: exponentials(z) / exponentials(z).sum()): "one sum for the whole "
        "batch | The exponentials are fine, but you divide by one sum for the whole "
        "batch. Each row needs its own sum.",
        (lambda z: 1 / (1 + np.exp(-z))): "sigmoid instead of softmax | This is the "
        "sigmoid. It looks at each logit alone, so a row does not add up to 1.",
        np.exp: "forgot to divide | These are the exponentials. They are not divided "
        "by their sum yet.",
        exponentials: "subtracted the maximum, forgot to divide | The exponentials are "
        "safe from overflow now. They are not divided by their sum yet.",
        shares: "forgot the exponential | You divided the logits themselves. With "
        'negative logits this gives negative "probabilities". Which function makes '
        "every number positive?",
        (lambda z: shares(np.exp(z / z.max(axis=1, keepdims=True)))): "divided by the "
        "maximum instead of subtracting it | You divided by the maximum. That changes "
        "the result. Only adding or subtracting a number leaves softmax as it is.",
        (lambda z: shares(2 ** (z - z.max(axis=1, keepdims=True)))): "powers of 2 "
        "instead of e | Each row adds up to 1, and your powers are those of 2. The "
        "formula has the exponential: which function of NumPy is it?",
        (lambda z: stable_softmax(stable_softmax(z))): "softmax twice | You applied "
        "softmax twice: once to the logits, and once more to the probabilities.",
        (lambda z: stable_softmax(-z)): "the sign of the logits is lost | The smallest "
        "logit gets the largest probability. Look at the sign inside the exponential.",
        (lambda z: exponentials(z) / z.shape[1]): "divided by the number of classes | "
        "You divided by the number of classes. Then a row does not add up to 1: divide "
        "by what the row adds up to.",
        (lambda z: np.log(stable_softmax(z))): "log-softmax | These are the logarithms "
        "of the probabilities. Without the last logarithm it is right.",
    },
)

# --- q7: a network of one's own, trained -------------------------------------------

LIMIT = 30_000  # parameters
BAND = 0.05  # between a guess and what comes out


def network(*units, activation="relu", output=10, last=None, linear=None, loss=None):
    """A function that gives a guess and a dense network with these hidden layers.

    linear: the place of a hidden layer that has no activation function; loss: True for
    the lesson's, or its name. The network is not trained.
    """

    def build():
        import keras
        from keras import layers

        model = keras.Sequential([keras.Input((28, 28, 1)), layers.Flatten()])
        for place, n in enumerate(units):
            model.add(layers.Dense(n, None if place == linear else activation))
        model.add(layers.Dense(output, last))
        ours = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        model.compile(loss=ours if loss is True else loss)
        return 0.95, model

    return build


def trained_behaviour(answer):
    """What is usual and wrong with a guess and a trained network; or "nothing"."""
    (images, labels), _ = validation(1 / 6)  # before the learner's time begins
    if answer is q7.right:
        return "nothing"
    guess, model = behaviours.guess_and_network(answer)
    if found := structure(model):
        return found
    accuracy = float((_try(model, images).argmax(axis=1) == labels).mean())
    read = f"your network reads {accuracy:.1%} of the validation images"
    if accuracy < 0.2:
        raise Wrong(
            f"{read}, as many as by guessing. Did `fit` run on it? If it "
            "did, the learning rate is much too large or too small."
        )
    floor = 0.85 if len(labels) > 5000 else 0.8
    if accuracy < floor:
        raise Wrong(
            f"{read}; on these data at least {floor:.0%} is wanted. What else can you "
            "change: units, epochs, the learning rate, the activation function?"
        )
    if abs(guess - accuracy) > BAND:
        raise Wrong(
            f"the network is right: it reads {accuracy:.1%} of the validation images. "
            f"Your guess is more than {BAND:.0%} away from it. Change one thing in "
            "the network, guess again, and train again."
        )
    return "nothing"


def structure(model):
    """What is wrong with a network before anybody trains it; "" if nothing is."""
    images = np.random.default_rng(0).normal(0, 0.3, (2, 28, 28, 1)).astype("float32")
    images = np.concatenate([images, images.mean(axis=0, keepdims=True)])
    outputs = _try(model, images)
    if outputs.shape != (3, 10):
        raise Wrong(
            f"three images should give (3, 10) numbers; your network gives "
            f"{outputs.shape}. Ten digits need ten output units."
        )
    dense = list(_dense_layers(model))
    if dense and dense[0].kernel.shape[0] == 1:
        raise Wrong(
            "only one number of each image reaches the first Dense layer. `Flatten` "
            "keeps all 784 pixels."
        )
    if len(model.get_weights()) <= 2:
        return "no hidden layer"
    linear = _linear_layers(model, dense, images)
    if any(linear):
        return "no activation" if all(linear) else "one activation"
    if model.count_params() > LIMIT:
        raise Wrong(
            f"your network has {model.count_params():,} parameters, more than "
            f"{LIMIT:,}. Which layer has most of them? Try fewer units there."
        )
    shares = outputs.min() >= 0 and outputs.max() <= 1
    probable = bool(shares and abs(outputs.sum(axis=1) - 1).max() < 1e-3)
    if shares and not probable:
        return "sigmoid at the end"
    from_logits = _from_logits(getattr(model, "loss", None))
    if from_logits is probable:
        return "softmax twice" if probable else "logits as probabilities"
    return ""


def _from_logits(loss):
    """Whether a loss takes logits; None where it does not say."""
    if isinstance(loss, str) and "crossentropy" in loss:
        return False
    with contextlib.suppress(Exception):
        return loss.get_config()["from_logits"]


def _try(model, images):
    """The model's outputs; the images as columns, rows or one long row."""
    error = None
    for shape in ((28, 28, 1), (28, 28), (784,)):
        try:
            outputs = model(images.reshape(-1, *shape))
        except Exception as failure:
            error = error or failure
        else:
            if len(outputs.shape) == 2:
                return array(outputs)
            raise Wrong(
                f"your network gives outputs of shape {tuple(outputs.shape)} for "
                "three images: is `Flatten` missing?"
            )
    reason = behaviours.first_line(error)[:120]
    if reason.startswith("Invalid input shape"):  # then all pixels follow
        reason = f"its input has shape {model.input_shape[1:]}."
    raise Wrong(f"the network does not read images of 28 x 28 pixels: {reason}")


def _dense_layers(model):
    """Its Dense layers, also those in a network inside the network, in their order."""
    for layer in model.layers:
        if hasattr(layer, "layers"):
            yield from _dense_layers(layer)
        elif getattr(getattr(layer, "kernel", None), "ndim", 0) == 2:
            yield layer


def _linear_layers(model, dense, images):
    """For each hidden layer: True where it has no activation function.

    Then its weights and biases can be multiplied by -2 and the weights of the next
    layer divided by -2, and nothing changes. (With both signs of the next layer,
    because its ReLUs may all be silent for one of them.)
    """

    def outputs(one, two, factor, factor_after):
        kept = one.get_weights(), two.get_weights()
        try:
            one.set_weights([w * factor for w in kept[0]])
            two.set_weights([kept[1][0] * factor_after, *kept[1][1:]])
            result = _try(model, images)
        finally:
            one.set_weights(kept[0])
            two.set_weights(kept[1])
        if result.min() >= 0 and result.max() <= 1:  # probabilities: to their logits
            result = np.log(result.clip(1e-38))
        return result - result.mean(axis=1, keepdims=True)

    def same(pair, sign):
        one, two = outputs(*pair, 1, sign), outputs(*pair, -2, -sign / 2)
        return abs(one - two).max() < 1e-3 * (one.std(axis=0).max() + 1e-9)

    pairs = itertools.pairwise(dense)
    return [all(same(pair, sign) for sign in (1, -1)) for pair in pairs]


q7 = Exercise(
    task="a guess, and a network of your own that reads digits",
    objective="build and train a dense network in Keras",
    behaviour=trained_behaviour,
    slips={
        "NaN or infinity": "the outputs are NaN or infinite: training went wrong. "
        "Build it anew, and train it with a smaller learning rate."
    },
    seconds=60,  # it reads all validation images
    right=(0.95, None),  # the lesson has a trained network, we have none
    hints=[
        "Start from the network with 128 units. Which number of it makes the first "
        "layer smaller?",
        "The first layer reads 784 numbers: how many units can it have so that "
        "784 * units stays below 30,000?",
        "It is three steps, as above: build, compile, fit. Take the lesson's three "
        "cells, and change one number.",
    ],
    praise="A network of your own, and you knew how good it would be.",
    mistakes={
        network(64, 32): "too many units in the first layer | more than 30,000. Which "
        "layer has most of them?",
        network(32, 16, activation=None): "no activation in the hidden layers | Your "
        "hidden layers have no activation function, so all your layers together are "
        "only one layer.",
        network(32, 16, linear=1): "no activation in one hidden layer | One of your "
        "hidden layers has no activation function. Each one needs it.",
        network(): "no hidden layer | There is no hidden layer. At least one is "
        "wanted, before the layer with ten units.",
        network(32, output=1, last="sigmoid"): "one output unit | Ten digits need ten "
        "output units.",
        network(32, last="sigmoid"): "sigmoid in the last layer | Your ten outputs lie "
        "between 0 and 1, but they are no probabilities: they do not know of each "
        "other. The loss wants logits.",
        network(32, last="softmax", loss=True): "softmax twice | Your last layer makes "
        "probabilities, and the loss was told that it gets logits. Keras may mend this "
        "while it trains; others compute softmax twice. Change one of the two.",
        network(32, loss="sparse_categorical_crossentropy"): "logits for a loss that "
        "wants probabilities | Your last layer gives logits, and the loss takes them "
        "for probabilities. Compare the loss with the one above: what was it told?",
        network(32): "not trained | as many as by guessing. Did `fit` run on it?",
        (lambda: (95, network(32)()[1])): "a guess in percent | An accuracy is a share "
        "of all images, from 0 to 1: do you mean percent?",
    },
)

q8 = Exercise(
    task="the largest of four probabilities at a very high temperature",
    objective="turn logits into probabilities with a stable softmax",
    right=0.25,
    tolerance=0.005,
    hints=[
        "What do the logits look like after the division by 1000?",
        "They are nearly equal. And the probabilities add up to 1.",
        "Four equal probabilities with the sum 1: how large is each?",
    ],
    praise="At a high temperature nearly all differences disappear.",
    mistakes={
        1: "mixed up high and low temperature | A probability of 1 for one class comes "
        "from a very *small* temperature. Look at the picture from left to right.",
        0.33: "another temperature | That is the largest probability at T = 5, with "
        "which the figure begins. The key *End* sets 1000.",
        0.99: "a low temperature | So sure is softmax at a *small* "
        "temperature. Look at the picture from left to right.",
        0.64: "ignored the temperature | That is the largest probability at T = 1. "
        "Here the logits are divided by 1000 first.",
        0: "took logits for probabilities | The logits become nearly 0, but not the "
        "probabilities: they still add up to 1.",
        0.5: "the probability of two classes | Two classes would get this. How many "
        "classes share the probability here?",
        0.001: "divided 1 by the temperature | A temperature is no probability: the "
        "logits are divided by it, not the probabilities.",
        0.004: "the logit divided by the temperature | This is the largest logit after "
        "the division. Softmax comes next.",
        0.4: "divided logits by their sum | You divided 4 by the sum of the logits. "
        "Softmax divides exponentials, after the division by T.",
        25: "percent instead of a probability | A probability lies between 0 and 1. "
        "Did you mean percent?",
    },
)

q9 = Exercise(
    task="the accuracy when all pixels are mixed in one order",
    objective="say what a dense network does not know about images",
    behaviour=choice("much lower", "about the same", "much higher"),
    right="about the same",
    hints=[
        "Think of one hidden unit: a sum over all 784 pixels. Does their order "
        "matter for a sum?",
        "The order is the same for all images. Each weight still meets its own "
        "pixel, only at another place.",
        "And training starts again, with random weights: what does it miss?",
    ],
    praise="For a dense layer the order of the inputs has no meaning. We lose it, "
    "the network does not.",
    mistakes={
        "much lower": "thinks that a dense layer sees shapes, as we do | So it would "
        "be for you and me: our eyes need neighbours. But what does a dense unit do "
        "with its 784 inputs? Does their order matter for a sum?",
        "much higher": "thinks that mixing helps, like shuffling examples | Mixing "
        "adds no information, so there is nothing to gain. Is anything lost?",
    },
)

lesson = Lesson("03_dense_layers.py", globals())
progress = lesson.progress
