"""Lesson 3's exercises: neurons, dense layers, parameters, softmax."""

import itertools

import numpy as np

from utils.exercises.core import (
    Exercise,
    Lesson,
    Mistake,
    Wrong,
    array,
    choice,
    first_line,
    function,
    keras_model,
)

BY_HAND = "compute the output of a neuron and of a layer"
COUNT = "count the parameters of a dense network"
ACTIVATION = "explain what an activation function is for"
SOFTMAX = "turn logits into probabilities with a stable softmax"
BUILD = "build and train a dense network in Keras"
LIMITS = "say what a dense network does not know about images"


def errors_too(sure, others):
    """Results on probe inputs, where an error on the other probes is a result.

    sure: probes on which every likely answer runs, so an error is a real one.
    others: probes of other shapes, on which wrong products of matrices fail.
    """

    def behaviour(answer):
        results = function(**sure)(answer)
        for name, arguments in others.items():
            try:
                results |= function(**{name: arguments})(answer)
            except Wrong:
                raise
            except Exception as error:
                results[name] = ShapeError(first_line(error))
        return results

    return behaviour


class ShapeError(str):
    """An error message in the place of a result; two of them count as equal."""

    def __eq__(self, other):
        return isinstance(other, ShapeError)

    __hash__ = str.__hash__

    def __repr__(self):
        return f"the error {self[:80]}"


# --- q1: one neuron ---------------------------------------------------------------

q1 = Exercise(
    task="the activation of one neuron",
    objective=BY_HAND,
    right=2.5,
    hints=[
        "Multiply each input by the weight at the same place.",
        "Add the three products. Then add the bias. It is negative.",
        "The products are 1, -1 and 3. ReLU keeps a sum that is not negative.",
    ],
    praise="The sum is positive, so ReLU leaves it as it is.",
    mistakes=[
        Mistake(
            3,
            "3 is the sum of the three products. Which number of the neuron have you "
            "not used yet?",
            "forgot the bias",
        ),
        Mistake(
            3.5,
            "You took the bias away. It is added, and here it is negative itself.",
            "subtracted the bias",
        ),
        Mistake(
            0,
            "0 would be right for a negative sum. Look at the signs again: what is "
            "-1 times -3?",
            "lost a sign, so that the sum is negative",
        ),
        Mistake(
            -3.5,
            "Two things: what is -1 times -3? And ReLU never gives a negative number.",
            "lost a sign and forgot ReLU",
        ),
        Mistake(
            1.5,
            "You added the inputs and the bias. Each input is multiplied by its "
            "weight first.",
            "did not use the weights",
        ),
        Mistake(
            float(1 / (1 + np.exp(-2.5))),
            "The sum is right, but this is its sigmoid. The neuron uses ReLU.",
            "sigmoid instead of ReLU",
        ),
    ],
)

# --- q2: a layer ------------------------------------------------------------------

SQUARE = (
    np.array([[1.0, 2.0], [-1.0, 3.0]]),
    np.array([[2.0, -1.0], [0.5, 1.0]]),
    np.array([0.5, -5.0]),
)
WIDE = (
    np.array([[1.0, 0.0, 2.0], [0.5, -1.0, 1.0]]),
    np.array([[1.0, 2.0, 0.0, -1.0], [0.0, 1.0, 3.0, 1.0], [2.0, 0.0, 1.0, 0.5]]),
    np.array([0.0, 1.0, -2.0, 0.5]),
)

q2 = Exercise(
    task="a dense layer as a function of x, W and b",
    objective=BY_HAND,
    behaviour=errors_too({"2 inputs, 2 units": SQUARE}, {"3 inputs, 4 units": WIDE}),
    right=lambda x, W, b: x @ W + b,
    hints=[
        "Look at the cell that computed the layer for the batch.",
        "The matrix product is written `@`. The inputs stand on its left.",
        "Multiply `x` by `W` with `@`, then add `b`.",
    ],
    praise="One line of code, and it is a whole layer.",
    mistakes=[
        Mistake(
            lambda x, W, b: x @ W,
            "The products are right. Something is added to each unit's sum: what?",
            "forgot the bias",
        ),
        Mistake(
            lambda x, W, b: W @ x + b,
            "You multiplied `W` by `x`. Here an example is a row of `x`, and a unit "
            "is a column of `W`. Which of the two has to stand on the left?",
            "W @ x instead of x @ W",
        ),
        Mistake(
            lambda x, W, b: (W @ x.T).T + b,
            "You used the rows of `W` as units, as books do that write W x. In this "
            "lesson and in Keras a unit is a column of `W`.",
            "W has one row a unit, as in many books",
        ),
        Mistake(
            lambda x, W, b: x * W + b,
            "`*` multiplies cell by cell. A layer adds up the products: that is the "
            "matrix product, and it has another sign.",
            "* instead of @",
        ),
        Mistake(
            lambda x, W, b: np.maximum(0, x @ W + b),
            "The sums are right, and then ReLU took the negative ones away. This "
            "exercise wants the sums, without an activation function.",
            "applied ReLU",
        ),
        Mistake(
            lambda x, W, b: (x + b) @ W,
            "You added the bias to the inputs. It belongs to the units: add it after "
            "the product.",
            "added the bias before the product",
        ),
        Mistake(
            lambda x, W, b: x[0] @ W + b,
            "Only the first example came out. `x` is a whole batch: one row of "
            "results for each example is wanted.",
            "one example only",
        ),
    ],
)

# --- q3: parameters ---------------------------------------------------------------

q3 = Exercise(
    task="the parameters of a network with 784 inputs, 64 and 10 units",
    objective=COUNT,
    right=50_890,
    tolerance=1e-9,  # a count is exact
    hints=[
        "Count each layer on its own. What are the inputs of the second layer?",
        "A layer with n inputs and m units has n * m weights and m biases.",
        "The first layer has 784 * 64 + 64. Do the same for 64 inputs and 10 units.",
    ],
    praise="Nearly all of them sit in the first layer.",
    mistakes=[
        Mistake(
            784 * 64 + 64 * 10,
            "These are all the weights. Each unit has one more parameter.",
            "forgot the biases",
        ),
        Mistake(
            784 * 64 + 64 * 10 + 2,
            "You counted one bias for each layer. Each *unit* has its own bias.",
            "one bias a layer",
        ),
        Mistake(
            784 * 64 + 64 * 10 + 784 + 64 + 10,
            "You gave the inputs a bias, too. Inputs are only numbers: they have no "
            "parameters.",
            "a bias for each input",
        ),
        Mistake(
            64 + 10,
            "You counted the units. A parameter is a weight or a bias: how many of "
            "them does one unit have?",
            "counted units instead of weights",
        ),
        Mistake(
            784 + 64 + 10,
            "You counted the circles in the drawing. The arrows are the weights: how "
            "many arrows are there?",
            "counted circles instead of arrows",
        ),
        Mistake(
            784 * 64 + 64,
            "This is the first layer, and it is right. The second layer has "
            "parameters as well.",
            "first layer only",
        ),
        Mistake(
            (784 * 64 + 64) + (784 * 10 + 10),
            "The second layer does not read the image. It reads the outputs of the "
            "first layer: how many are there?",
            "the second layer reads the 784 inputs",
        ),
        Mistake(
            784 * 64 * 10,
            "You multiplied all sizes. The layers come one after the other, so their "
            "parameters are added.",
            "multiplied the layers",
        ),
    ],
)

# --- q4: two layers without activation are one ------------------------------------

MERGE_SQUARE = (
    np.array([1.0, -2.0]),
    np.array([[2.0, 1.0], [0.5, -1.0]]),
    np.array([3.0, 0.25]),
)
MERGE_WIDE = (
    np.array([1.0, 0.5, -1.0]),
    np.array([[2.0, 1.0], [0.0, 4.0], [1.0, -3.0]]),
    np.array([0.5, -2.0]),
)

q4 = Exercise(
    task="the bias of one layer that replaces two",
    objective=ACTIVATION,
    behaviour=errors_too(
        {"2 hidden units": MERGE_SQUARE}, {"3 hidden units": MERGE_WIDE}
    ),
    right=lambda b1, W2, b2: b1 @ W2 + b2,
    hints=[
        "Multiply out: (x W1 + b1) W2 + b2 has three terms.",
        "One term contains x: that is the product of the matrices. The other two "
        "are the bias.",
        "b1 goes through the second layer, like any other input of it.",
    ],
    praise="So the biases do not help: without activation functions, two layers are "
    "one.",
    mistakes=[
        Mistake(
            lambda b1, W2, b2: b1 + b2,
            "The second layer gets `b1` as a part of its input. What does a layer do "
            "with its input?",
            "added the two biases",
        ),
        Mistake(
            lambda b1, W2, b2: b1 @ W2,
            "One term is right. The second layer also adds something of its own.",
            "forgot the second bias",
        ),
        Mistake(
            lambda b1, W2, b2: b2,
            "That is the bias of the second layer. But the first bias also reaches "
            "the output. By which way?",
            "forgot the first bias",
        ),
        Mistake(
            lambda b1, W2, b2: W2 @ b1 + b2,
            "The two factors stand in the wrong order. `b1` is a row, so it stands on "
            "the left.",
            "W2 @ b1 instead of b1 @ W2",
        ),
        Mistake(
            lambda b1, W2, b2: (b1 + b2) @ W2,
            "`b2` is added after the second matrix, so it is not multiplied by it.",
            "multiplied both biases by W2",
        ),
    ],
)

# --- q5: a stable softmax ---------------------------------------------------------

SMALL = {
    "one row": np.array([[2.0, 1.0, -2.0]]),
    "two rows, three classes": np.array([[0.5, 1.0, 3.0], [-1.0, 0.0, 2.5]]),
}
LARGE = {
    "large logits": np.array([[1000.0, 999.0, 997.0]]),
    "large and small logits in one row": np.array(
        [[-2000.0, 1000.0, 999.0], [1000.0, -2000.0, -2000.0]]
    ),
    "a small and a large row": np.array([[0.0, 1.0, 3.0], [1000.0, 1002.0, 1001.0]]),
}


def stable_softmax(z):
    powers = np.exp(z - z.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def softmax_minus(z, number):
    powers = np.exp(z - number)
    return powers / powers.sum(axis=1, keepdims=True)


def softmax_of_columns(z):
    return stable_softmax(z.T).T


def softmax_behaviour(answer):
    """Outputs for a few logits; for large ones only where the small ones are right."""
    one_row, two_rows = ({name: (z,)} for name, z in SMALL.items())
    with np.errstate(all="ignore"):
        results = errors_too(one_row, two_rows)(answer)
        for name, z in SMALL.items():
            right, result = stable_softmax(z), results[name]
            if result is ... or isinstance(result, ShapeError):
                return results
            if result.shape != right.shape or abs(result - right).max() > 1e-4:
                return results
        for name, z in LARGE.items():
            try:
                result = np.asarray(answer(z.copy()), "float64")
                finite = np.isfinite(result).all()
            except OverflowError:  # math.exp(1000)
                finite = False
            results[name] = array(result) if finite else "NaN"
    return results


def exponentials(z):
    return np.exp(z - z.max(axis=1, keepdims=True))


q5 = Exercise(
    task="a stable softmax for each row of a batch",
    objective=SOFTMAX,
    behaviour=softmax_behaviour,
    right=stable_softmax,
    hints=[
        "Two steps: exponentials, then divide. Each row is on its own.",
        "A row is along `axis=1`. With `keepdims=True` the result still fits.",
        "Subtract `z.max(axis=1, keepdims=True)` inside `np.exp(...)`, and divide by "
        "the `sum` along the same axis.",
    ],
    praise="It survives logits of 1000, as Keras's softmax does.",
    mistakes=[
        Mistake(
            lambda z: np.exp(z) / np.exp(z).sum(axis=1, keepdims=True),
            "Small logits are right. Logits of 1000 give NaN: the exponential "
            "overflows. What can you subtract first, without changing the result?",
            "did not subtract the maximum",
        ),
        Mistake(
            lambda z: exponentials(z) / exponentials(z).sum(axis=1),
            "One row works, two rows of three do not: NumPy cannot fit the shapes "
            "together. `max` and `sum` drop an axis, unless `keepdims=True` keeps it.",
            "forgot keepdims",
        ),
        Mistake(
            lambda z: (
                np.exp(z - z.max()) / np.exp(z - z.max()).sum(axis=1, keepdims=True)
            ),
            "Nearly. You subtract one maximum for the whole batch. In a row with much "
            "smaller logits all exponentials then become 0. Each row needs its own.",
            "one maximum for the whole batch",
        ),
        Mistake(
            lambda z: exponentials(z) / exponentials(z).sum(axis=0),
            "Your columns add up to 1, not your rows. An example is a row: which axis "
            "runs along it?",
            "softmax along the wrong axis",
        ),
        Mistake(
            lambda z: softmax_minus(z, z.min(axis=1, keepdims=True)),
            "Nearly. Logits near 1000 work, but one very small logit in the row makes "
            "the others overflow. Subtract the largest logit of the row: then no "
            "exponent is above 0.",
            "subtracted the minimum, the mean or one of the logits",
        ),
        Mistake(
            softmax_of_columns,
            "Your columns add up to 1, not your rows. An example is a row: which axis "
            "runs along it, for the maximum and for the sum?",
            "both axes wrong",
        ),
        Mistake(
            lambda z: softmax_minus(z, z.max(axis=0, keepdims=True)),
            "The sum is along the rows, but the maximum is not: you subtract another "
            "number in each column. Which axis runs along a row?",
            "the maximum along the wrong axis",
        ),
        Mistake(
            lambda z: np.exp(z - z.max()) / np.exp(z - z.max()).sum(),
            "All numbers of the batch together add up to 1. Each row should do so: "
            "the sum needs an axis.",
            "one softmax over the whole batch",
        ),
        Mistake(
            lambda z: exponentials(z) / exponentials(z).sum(),
            "The exponentials are fine, but you divide by one sum for the whole "
            "batch. Each row needs its own sum.",
            "one sum for the whole batch",
        ),
        Mistake(
            lambda z: 1 / (1 + np.exp(-z)),
            "This is the sigmoid. It looks at each logit alone, so a row does not add "
            "up to 1.",
            "sigmoid instead of softmax",
        ),
        Mistake(
            lambda z: np.exp(z),
            "These are the exponentials. They are not divided by their sum yet.",
            "forgot to divide",
        ),
        Mistake(
            exponentials,
            "The exponentials are safe from overflow now. They are not divided by "
            "their sum yet.",
            "subtracted the maximum, forgot to divide",
        ),
        Mistake(
            lambda z: z / z.sum(axis=1, keepdims=True),
            "You divided the logits themselves. With negative logits this gives "
            'negative "probabilities". Which function makes every number positive?',
            "forgot the exponential",
        ),
        Mistake(
            lambda z: (
                np.exp(z / z.max(axis=1, keepdims=True))
                / np.exp(z / z.max(axis=1, keepdims=True)).sum(axis=1, keepdims=True)
            ),
            "You divided by the maximum. That changes the result. Only adding or "
            "subtracting a number leaves softmax as it is.",
            "divided by the maximum instead of subtracting it",
        ),
        Mistake(
            lambda z: np.log(stable_softmax(z)),
            "These are the logarithms of the probabilities. Without the last "
            "logarithm it is right.",
            "log-softmax",
        ),
    ],
)

# --- q6: temperature --------------------------------------------------------------

q6 = Exercise(
    task="the largest of four probabilities at a very high temperature",
    objective=SOFTMAX,
    right=0.25,
    tolerance=0.005,
    hints=[
        "What do the logits look like after the division by 1000?",
        "They are nearly equal. And the probabilities add up to 1.",
        "Four equal probabilities with the sum 1: how large is each?",
    ],
    praise="At a high temperature nearly all differences disappear.",
    mistakes=[
        Mistake(
            1,
            "A probability of 1 for one class comes from a very *small* temperature. "
            "Look at the picture from left to right.",
            "mixed up high and low temperature",
        ),
        Mistake(
            0.64,
            "That is the largest probability at T = 1. Here the logits are divided "
            "by 1000 first.",
            "ignored the temperature",
        ),
        Mistake(
            0,
            "The logits become nearly 0, but not the probabilities: they still add "
            "up to 1.",
            "took logits for probabilities",
        ),
        Mistake(
            0.4,
            "You divided 4 by the sum of the logits. Softmax divides exponentials, "
            "after the division by T.",
            "divided logits by their sum",
        ),
        Mistake(
            25,
            "A probability lies between 0 and 1. Did you mean percent?",
            "percent instead of a probability",
        ),
    ],
)

# --- q7: a smaller network --------------------------------------------------------

LIMIT = 30_000
UNTRAINABLE = (
    "the network cannot be trained. Is an activation a NumPy function? Keras's "
    'own are written in quotes: activation="relu".'
)


def network(*units, activation="relu", output=10, last="softmax", linear=None):
    """A function that builds a dense network with these hidden layers.

    linear: the place of a hidden layer that has no activation function.
    """

    def build():
        import keras
        from keras import layers

        return keras.Sequential(
            [
                keras.Input((28, 28, 1)),
                layers.Flatten(),
                *(
                    layers.Dense(n, activation=None if place == linear else activation)
                    for place, n in enumerate(units)
                ),
                layers.Dense(output, activation=last),
            ]
        )

    return build


def network_behaviour(answer):
    """What is wrong with a network, judged by its outputs and weights; or "nothing"."""
    model = keras_model(answer)
    images = np.random.default_rng(0).normal(size=(2, 28, 28, 1)).astype("float32")
    images = np.concatenate([images, images.mean(axis=0, keepdims=True)])
    outputs = _try(model, images)
    if outputs.shape != (3, 10):
        raise Wrong(
            f"three images should give (3, 10) numbers; your network gives "
            f"{outputs.shape}. Ten digits need ten output units."
        )
    if outputs.min() < 0 or outputs.max() > 1:
        return "logits"
    if abs(outputs.sum(axis=1) - 1).max() > 1e-3:
        if abs(outputs.sum() - 1) < 1e-3:
            raise Wrong(
                "all outputs of the batch together add up to 1. Is it this lesson's "
                'own function? Keras\'s is written in quotes: activation="softmax".'
            )
        return "not adding up to 1"
    matrices = [w for w in model.get_weights() if w.ndim == 2]
    if matrices and len(matrices[0]) == 1:
        raise Wrong(
            "only one number of each image reaches the first Dense layer. `Flatten` "
            "keeps all 784 pixels."
        )
    if len(matrices) < 3:
        return "too few layers"
    if len(matrices) > 3:
        return "too many layers"
    shape = getattr(model, "input_shape", (None, 28, 28, 1))[1:]
    try:
        model.predict_on_batch(images.reshape(3, *shape))
    except Exception:
        raise Wrong(UNTRAINABLE) from None
    linear = _linear_layers(model, images)
    if any(linear):
        return "no activation" if all(linear) else "one activation"
    if model.count_params() > LIMIT:
        raise Wrong(
            f"your network works, but it has {model.count_params():,} parameters, "
            f"more than {LIMIT:,}. Which layer has most of them? Try fewer units there."
        )
    return "nothing"


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
    reason = first_line(error)[:120]
    if "Can't call numpy()" in reason:  # PyTorch as Keras's backend says it so early
        raise Wrong(UNTRAINABLE)
    if reason.startswith("Invalid input shape"):  # then all pixels follow
        reason = f"its input has shape {model.input_shape[1:]}."
    raise Wrong(f"the network does not read images of 28 x 28 pixels: {reason}")


def _linear_layers(model, images):
    """For each hidden layer: True where it has no activation function.

    Then its weights can be multiplied by -2 and those of the next layer divided by -2,
    and nothing changes. (With both signs of the next layer, because its ReLUs may all
    be silent for one of them.)
    """
    weights = model.get_weights()
    places = [place for place, w in enumerate(weights) if w.ndim == 2]

    def outputs(place, after, factor, factor_after):
        changed = list(weights)
        changed[place] = weights[place] * factor
        changed[after] = weights[after] * factor_after
        model.set_weights(changed)
        return _try(model, images)

    try:
        return [
            all(
                abs(outputs(*pair, 1, sign) - outputs(*pair, -2, -sign / 2)).max()
                < 1e-4
                for sign in (1, -1)
            )
            for pair in itertools.pairwise(places)
        ]
    finally:
        model.set_weights(weights)


q7 = Exercise(
    task="a network with two hidden layers and at most 30,000 parameters",
    objective=BUILD,
    behaviour=network_behaviour,
    seconds=20,  # it builds networks
    right=network(32, 16),
    hints=[
        "Start with the first hidden layer: it reads 784 numbers. How many units "
        "can it have so that 784 * units stays below 30,000?",
        'Each hidden layer is `layers.Dense(units=..., activation="relu")`.',
        "Up to 38 units fit in the first layer, but then hardly any in the second: "
        "take fewer. Which activation function makes probabilities of ten logits?",
    ],
    praise="Train it if you like: it still reads about 96 % of MNIST's digits.",
    mistakes=[
        Mistake(
            network(64, 32),
            "more than 30,000. Which layer has most of them?",
            "too many units in the first layer",
        ),
        Mistake(
            network(32, 16, last=None),
            "Your outputs are logits: some are negative or above 1. Which activation "
            "function of the last layer makes probabilities?",
            "no softmax",
        ),
        Mistake(
            network(32, 16, last="sigmoid"),
            "Your ten outputs lie between 0 and 1, but they do not add up to 1: they "
            "do not know of each other. Which function looks at all ten logits?",
            "sigmoid instead of softmax",
        ),
        Mistake(
            network(32, 16, activation=None),
            "Your hidden layers have no activation function, so all your layers "
            "together are only one layer.",
            "no activation in the hidden layers",
        ),
        Mistake(
            network(32, 16, linear=1),
            "One of your two hidden layers has no activation function. Both need one.",
            "no activation in one hidden layer",
        ),
        Mistake(
            network(32),
            "There is one hidden layer. Two are wanted, before the layer with ten "
            "units.",
            "one hidden layer",
        ),
        Mistake(
            network(32, 16, 16),
            "There are more than two hidden layers. The last layer, with ten units, "
            "is not a hidden one.",
            "three hidden layers",
        ),
        Mistake(
            network(32, 16, output=1, last="sigmoid"),
            "Ten digits need ten output units.",
            "one output unit",
        ),
    ],
)

# --- q8: mixed pixels -------------------------------------------------------------

q8 = Exercise(
    task="the accuracy when all pixels are mixed in one order",
    objective=LIMITS,
    behaviour=choice("much lower", "about the same", "much higher"),
    right="about the same",
    hints=[
        "Think of one hidden unit: a sum over all 784 pixels. Does their order "
        "matter for a sum?",
        "The order is the same for all images. Each weight still meets its own "
        "pixel, only at another place.",
        "Nothing changes for the network, if training starts again.",
    ],
    praise="For a dense layer the order of the inputs has no meaning. We lose it, "
    "the network does not.",
    mistakes=[
        Mistake(
            "much lower",
            "So it would be for you and me: our eyes need neighbours. But what does a "
            "dense unit do with its 784 inputs? Does their order matter for a sum?",
            "thinks that a dense layer sees shapes, as we do",
        ),
        Mistake(
            "much higher",
            "Mixing adds no information, so there is nothing to gain. But does the "
            "network lose anything?",
            "thinks that mixing helps, like shuffling examples",
        ),
    ],
)

lesson = Lesson(
    "03_dense_layers.py", q1=q1, q2=q2, q3=q3, q4=q4, q5=q5, q6=q6, q7=q7, q8=q8
)
progress = lesson.progress
