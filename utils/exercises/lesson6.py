"""Lesson 6's exercises: the chain rule, gradients, updates, an autograd engine."""

import numpy as np

from utils.exercises import behaviours
from utils.exercises.behaviours import Wrong, array, call, choice, function, number
from utils.exercises.core import Exercise, Lesson

q1 = Exercise(
    task="x moves by 0.01; the slopes are -0.5 and 4; by how much does y move?",
    objective="follow a small change through a chain of functions",
    right=-0.02,
    tolerance=1e-6,
    hints=[
        "First go from x to u: u moves -0.5 times as much as x.",
        "u moves by -0.005. And y moves 4 times as much as that.",
        "Mind the sign: u falls when x grows. Does y follow u, or go the other way?",
    ],
    praise="Slopes along a chain are multiplied, signs included.",
    mistakes={
        0.02: "lost the minus sign | The size is right. But one of the slopes is "
        "negative: when x grows, does u grow or fall?",
        0.035: "adds the slopes | You added the slopes: -0.5 + 4. Along a chain they "
        "are multiplied: the second function sees only what the first has made of the "
        "change.",
        3.5: "adds the slopes, for a move of 1 | You added the slopes. Along a chain "
        "they are multiplied. And x moves by 0.01 only.",
        -2: "gives the slope instead of the change | That is how many times as much y "
        "moves. x moves by 0.01 only.",
        -0.005: "stops at u | That is the change of u. Go on to y.",
        0.04: "leaves out the first slope | You went from u to y only. What has u made "
        "of the change of x?",
        -0.08: "divides by a slope | You divided by 0.5. When u moves -0.5 times as "
        "much as x, its change is smaller than that of x.",
    },
)

q2 = Exercise(
    task="w5 is raised a little: does the total error rise, fall or stay?",
    objective="follow a small change through a chain of functions",
    behaviour=choice("rises", "falls", "stays"),
    right="rises",
    hints=[
        "w5 is multiplied by h1, which is above 0. What happens to the sum of o1?",
        "A larger sum makes the output o1 larger. Where should it be?",
        "o1 is 0.751 and its target is 0.01. Does it come nearer, or go further?",
    ],
    praise="So w5 must become smaller: the next cells say by how much.",
    mistakes={
        "falls": "thinks that more weight is better | A larger w5 makes o1 larger. Is "
        "its target, 0.01, above or below 0.751?",
        "stays": "sees no path from the weight to the error | w5 belongs to o1, and "
        "the error of o1 is a part of the total error. Follow the arrows from w5 to "
        "the right.",
    },
)

# --- q3: the gradient by nudging every weight -------------------------------------

STEP = 1e-5


def nudging(estimate):
    """my_gradient with another estimate(f, w, d), the slope along d."""

    def my_gradient(f, w):
        w = np.asarray(w, float)
        changes = STEP * np.eye(len(w))
        return np.array([estimate(f, w, change) for change in changes])

    return my_gradient


def central(f, w, change):
    return (f(w + change) - f(w - change)) / (2 * STEP)


BY_CHANGE = (
    "the slope of one weight is one number. Do you divide by `change`, a whole array "
    "that has zeros in it? Or is an `f( )` missing?"
)

q3 = Exercise(
    task="measure the slope of f for every weight",
    objective="compute the slope of the error in one weight, in three ways",
    tolerance=1e-7,
    probes={
        f"f = {formula} at {w}": (f, np.array(w, float))
        for formula, f, w in [
            ("w0^2 + 3 w1", lambda w: w[0] ** 2 + 3 * w[1], (1, 2)),
            ("w0 w1 w2", lambda w: w[0] * w[1] * w[2], (2, -1, 0.5)),
            ("sum of exp(w)", lambda w: np.exp(w[0]) + np.exp(w[1]), (0, 1)),
        ]
    },
    # NumPy's words on a division by `change`.
    slips={
        "NaN or|setting an array element|only .*arrays can be": BY_CHANGE,
        "invalid index to scalar": "`f` wants all the weights, an array. Do you give "
        "it one of them?",
    },
    right=nudging(central),
    hints=[
        "Compute `f` twice: once with `w + change`, once with `w - change`.",
        "The slope is the difference of the two, divided by how far they are apart.",
        "Draw the two places on a line: `nudge` is the way from `w` to one of them. "
        "And mind your brackets.",
    ],
    praise="It works for any function, but it costs two calls for each weight.",
    mistakes={
        nudging(lambda f, w, d: (f(w + d) - f(w)) / STEP): "nudges to one side only | "
        "Nearly: you nudge to one side only, and the error is about 0.00001. Nudge to "
        "both sides, and divide by the whole distance.",
        nudging(lambda f, w, d: (f(w) - f(w - d)) / STEP): "nudges to one side only, "
        "downwards | Nearly: you nudge to one side only, downwards, and the error is "
        "about 0.00001. Nudge to both sides, and divide by the whole distance.",
        nudging(lambda f, w, d: (f(w + d) - f(w - d)) / 2 * STEP): "forgot the "
        "brackets in the denominator | Nearly: `/ 2 * nudge` divides by 2 and then "
        "multiplies. Put brackets around `2 * nudge`.",
        nudging(lambda f, w, d: f(w + d) - f(w - d) / (2 * STEP)): "forgot the "
        "brackets around the difference | Only the second value of `f` is divided. Put "
        "brackets around the difference.",
        nudging(lambda f, w, d: (f(w + d) - f(w)) / (2 * STEP)): "one side, divided by "
        "the distance of two | Your slopes are half as large as they should be: you "
        "nudge to one side, and divide by the distance of two.",
        nudging(lambda f, w, d: (f(w + d) - f(w - d)) / d): "divides by change | "
        f"{BY_CHANGE}",
        nudging(lambda f, w, d: (f(w + d) - f(w - d)) / STEP): "forgot the 2 in the "
        "denominator | Your slopes are twice as large as they should be. How far apart "
        "are `w + change` and `w - change`?",
        nudging(lambda f, w, d: (f(w + d) - f(w - d)) / 2): "divides by 2 only | You "
        "divide by 2 only. How far have you moved, from the one place to the other?",
        (lambda f, w: nudging(central)(f, w) * (np.arange(len(w)) == 0)): (
            "return inside of the loop | The first slope is right, the others are 0. "
            "Does `return` stand inside of the loop? Then the loop ends there."
        ),
        nudging(lambda f, w, d: f(w + d) - f(w - d)): "forgot to divide | These are "
        "the changes of `f`, very small numbers. A slope is the change divided by how "
        "far you have moved.",
        nudging(lambda f, w, d: (f(w - d) - f(w + d)) / (2 * STEP)): "sign turned "
        "around | All signs are turned around: take the value at `w + change` first.",
        nudging(lambda f, w, d: (f(w + STEP) - f(w - STEP)) / (2 * STEP)): "nudges all "
        "weights at once | All your slopes are the same: you nudge all weights at "
        "once. In `change` only weight k moves; use it.",
        nudging(lambda f, w, d: (f(w + d) + f(w - d)) / (2 * STEP)): "adds instead of "
        "subtracting | Your numbers are huge: you add the two values of `f`. Their "
        "difference is wanted.",
    },
)

q4 = Exercise(
    task="write the update of a weight",
    objective="update a weight, with a learning rate that fits",
    probes={
        "w = 0.4, gradient 0.1, learning rate 0.5": (0.4, 0.1, 0.5),
        "w = 2, gradient -3, learning rate 0.1": (2.0, -3.0, 0.1),
        "two weights at once": (np.array([1.0, -2.0]), np.array([0.5, 0.25]), 0.2),
    },
    right=lambda w, g, rate: w - rate * g,
    hints=[
        "The new weight is the old one, moved a little.",
        "Against the gradient: a positive gradient makes the weight smaller.",
        "How far? A larger learning rate, or a larger gradient, moves it further.",
    ],
    praise="Where the gradient is 0, the weight now stays: that is a minimum.",
    mistakes={
        (lambda w, g, rate: -rate * g): "the slide's formula, without the old weight | "
        "This is the slide's formula: the old weight is missing. What you have is how "
        "far to move; from where?",
        (lambda w, g, rate: rate * g): "only the move | This is how far to move. From "
        "where? And in which direction does the error fall?",
        (lambda w, g, rate: w + rate * g): "plus instead of minus | You move with the "
        "gradient, so the error grows. Which sign goes down?",
        (lambda w, g, rate: w - g): "forgot the learning rate | The learning rate "
        "takes no part: it says how far to go.",
        (lambda w, g, rate: w - g / rate): "divides by the learning rate | You divide "
        "by the learning rate. A larger one shall move the weight further: multiply.",
        (lambda w, g, rate: w - rate + g): "plus between rate and gradient | Learning "
        "rate and gradient are multiplied: together they say how far to go.",
        (lambda w, g, rate: w * (1 - rate * g)): "multiplies the weight | The change "
        "does not depend on how large the weight is: subtract it, do not multiply by "
        "it.",
        (lambda w, g, rate: rate * (w - g)): "brackets in the wrong place | The "
        "learning rate belongs to the gradient only. Look at your brackets.",
        (lambda w, g, rate: (w - rate) * g): "brackets around weight and learning rate "
        "| You subtract the learning rate from the weight, and then multiply. Look at "
        "your brackets.",
        (lambda w, g, rate: g - rate * w): "weight and gradient exchanged | Weight and "
        "gradient have changed places.",
    },
)

# --- q5: the error signals of the hidden units ------------------------------------

# Square matrices on purpose: with them a forgotten .T gives numbers, not an error.
DELTA_2, H_2 = np.array([0.2, -0.1]), np.array([0.6, 0.3])
W_2 = np.array([[0.4, 0.5], [-1.0, 2.0]])
DELTA_3, H_3 = np.array([0.5, 0.0, -1.0]), np.array([0.1, 0.5, 0.9])
W_3 = np.array([[1.0, 2.0, 3.0], [0.0, -1.0, 1.0], [4.0, 0.5, 2.0]])

SIGNALS = {
    "2 hidden units, 2 outputs": (DELTA_2, W_2, H_2),
    "3 hidden units, 3 outputs": (DELTA_3, W_3, H_3),
    "3 hidden units, 2 outputs": (DELTA_2, W_3[:, 1:], H_3),
}


def sigmoid_twice(delta_o, W2, h):
    again = 1 / (1 + np.exp(-h))
    return (W2 @ delta_o) * again * (1 - again)


q5 = Exercise(
    task="write the error signals of the hidden units",
    objective="carry the gradient back to every weight",
    behaviour=function(SIGNALS, others=["3 hidden units, 2 outputs"]),
    right=lambda delta_o, W2, h: (W2 @ delta_o) * h * (1 - h),
    hints=[
        "Look at `upper + lower` in the cell above, for one hidden unit.",
        "h1 reaches the error over each output: add up signal times weight. The "
        "weights that leave h1 are the first row of `W2`.",
        "Multiply and add up, row by row: that is a matrix times a vector. In which "
        "order? Each row of the one meets the whole other.",
    ],
    praise="The same lines would go back through a third layer, and a fourth.",
    mistakes={
        (lambda delta_o, W2, h: W2 @ delta_o): "forgot the slope of the sigmoid | This "
        "is how the error moves with h. One factor is missing: how h moves with the "
        "weighted sum before it, the slope of the sigmoid.",
        (lambda delta_o, W2, h: (W2.T @ delta_o) * h * (1 - h)): "matrix transposed | "
        "Rows and columns of W2 are exchanged. The weights that leave hidden unit 1 "
        "stand in its first row. Is there a `.T` too many, or `delta_o @ W2`?",
        (lambda delta_o, W2, h: delta_o * h * (1 - h)): "forgot the weights | The "
        "weights between the layers take no part. A signal that comes back over an "
        "arrow is multiplied by its weight.",
        (lambda delta_o, W2, h: (W2 @ delta_o) * h): "slope h instead of h (1 - h) | "
        "The slope of the sigmoid is not h: look at the table of slopes.",
        (lambda delta_o, W2, h: (W2 @ delta_o) * (1 - h)): "slope 1 - h instead of h "
        "(1 - h) | Half of the sigmoid's slope is missing: look at the table of "
        "slopes.",
        sigmoid_twice: "sigmoid applied twice | You apply the sigmoid to h once more. "
        "h has been through it already: look at the table of slopes.",
        (lambda delta_o, W2, h: W2.sum(axis=1) * h * (1 - h)): "forgot the signals of "
        "the outputs | Their signals take no part: weight times signal, then add.",
        (lambda delta_o, W2, h: (W2 @ delta_o) * h * (h - 1)): "slope with the wrong "
        "sign | All signs are turned around: is a minus sign too many? The slope of "
        "the sigmoid is never negative.",
        (lambda delta_o, W2, h: (W2 @ delta_o) * (1 - h**2)): "slope of tanh | That is "
        "the slope of tanh. These units have a sigmoid.",
        (lambda delta_o, W2, h: (W2 @ delta_o) * h * 1 - h): "forgot the brackets in "
        "the slope | You subtract h at the end. Brackets are missing in the slope.",
        (lambda delta_o, W2, h: (W2 * delta_o).sum(axis=0) * h * (1 - h)): "the wrong "
        "axis | You add up down the columns, over the hidden units. Each hidden unit "
        "adds up the paths that leave it: along its row.",
        (lambda delta_o, W2, h: (W2 * delta_o).sum() * h * (1 - h)): "one sum for all "
        "| You add up everything into one number. Each hidden unit has a sum of its "
        "own: the paths that leave it.",
        (lambda delta_o, W2, h: (W2 * delta_o) * h * (1 - h)): "* instead of a product "
        "of matrices | One number for each hidden unit is wanted, and you have a "
        "matrix: `*` multiplies, and adds nothing up.",
    },
)

# --- q6: a new operation for the engine -------------------------------------------


def cube(slope=None, result=lambda x: x**3):
    """my_cube with another slope, or another result: functions of x."""

    def my_cube(value):
        from utils.autograd import Value

        edges = [(value, slope(value.data))] if slope else []
        return Value(result(value.data), op="cube", edges=edges)

    return my_cube


def cube_behaviour(answer):
    """Results and slopes at some places, alone and inside an expression."""
    from utils.autograd import Value

    results = {}
    for x in (2.0, -1.5, 0.0):
        value = Value(x)
        out = _value(call(answer, value))
        out.backward()
        results[f"the cube of {x:g}"] = out.data
        results[f"the slope at {x:g}"] = value.grad
    value = Value(0.5)
    out = _value(call(answer, _value(call(answer, value)) * 2 + value))
    out.backward()
    results["the slope of a cube in a cube"] = value.grad
    return results


def _value(out):
    from utils.autograd import Value

    if not isinstance(out, Value):
        raise Wrong(
            f"the engine needs a Value back; you return a {type(out).__name__}. "
            "Without edges it cannot find the way back."
        )
    for edge in out.edges:
        pair = isinstance(edge, (tuple, list)) and len(edge) == 2
        if not pair or not isinstance(edge[0], Value):
            raise Wrong(
                "`edges` is a list of pairs, each of a Value and a slope: the Value "
                "itself stands there, not its number."
            )
        slope = edge[1]
        if slope is ...:
            raise behaviours.NotAttempted(behaviours.STILL_OPEN)
        try:
            float(slope)
        except (TypeError, ValueError):
            raise Wrong(
                "the slope must be a plain number; yours is of type "
                f"{type(slope).__name__}. The number is in `value.data`."
            ) from None
    return out


q6 = Exercise(
    task="teach the engine x^3: give it the slope",
    objective="teach an autograd engine a new operation",
    behaviour=cube_behaviour,
    right=cube(lambda x: 3 * x**2),
    hints=[
        "Measure it: from x = 2 to x = 2.001, x^3 goes from 8 to about 8.012.",
        "So the slope at 2 is 12. At 1 it is 3, at 10 it is 300.",
        "x^3 is x * x * x: three paths, each with the slope x^2.",
    ],
    praise="One slope, and the engine can use it inside any expression.",
    mistakes={
        cube(lambda x: x**3): "result instead of slope | That is the result once more. "
        "The slope says how many times as much the result moves as x.",
        cube(lambda x: x**2): "forgot the factor 3 | Your slope is a third of what it "
        "should be. x * x * x has three paths from x to the result.",
        cube(lambda x: 3 * x): "3 x | That is 3 x. Try x = 2: from 2 to 2.001 the cube "
        "grows by 0.012.",
        cube(lambda x: 2 * x): "slope of the square | 2 x is the slope of the square. "
        "This is the cube.",
        cube(lambda x: 1.0): "slope 1 | With the slope 1 the engine believes that the "
        "result moves as much as x.",
        cube(): "no edges, or the slope 0 | The results are right, but no gradient "
        "comes back. Is your slope always 0? (`value.grad` is still 0 here; the number "
        "is in `value.data`.) Or are the edges empty?",
        cube(lambda x: 3 * x**2, lambda x: 3 * x): "3 x instead of x cubed as the "
        "result | The slope is that of a cube, but the result is 3 x: you need x ** 3.",
    },
)

# --- q7: one step that is enough, in the figure -----------------------------------


def first_step(answer):
    """Where one step from -4 ends; at 0 where the loss is low enough."""
    w = -4 - number(answer) * -4
    return {"the end of the first step": w * (w**2 / 2 >= 0.01)}


q7 = Exercise(
    task="the learning rate with which a single step from -4 is enough",
    objective="update a weight, with a learning rate that fits",
    behaviour=first_step,
    right=1.0,
    hints=[
        "With 0.2 the first step goes from -4 to -3.2. Make it longer.",
        "The dots are the places after each step. Where should the first one be?",
        "At -4 the slope is -4, too. Which part of it takes you to 0?",
    ],
    praise="Learning rate times slope is then nearly the way to the minimum.",
    mistakes={
        0.2: "as the figure begins | This is how the figure begins: the first step "
        "goes from -4 to -3.2. A longer one is wanted.",
        0.5: "half of the way | The first step ends at -2: half of the way is left.",
        2: "as far on the other side | The first step ends at 4, on the other side, as "
        "far away as before.",
        4: "the way instead of its part | 4 is how far away the minimum is. The "
        "learning rate is multiplied by the slope, and the slope is -4.",
        0.25: "one divided by the slope | You divided by the slope. The update "
        "multiplies by it.",
        0: "no step | With 0 nothing moves.",
        -1: "the wrong direction | A learning rate below 0 climbs: from -4 to -8.",
    },
)

q8 = Exercise(
    task="steps in 3 epochs of 50,000 images, batches of 64",
    objective="count the steps of an epoch",
    right=3 * 782,
    hints=[
        "How many batches of 64 are needed, so that every image has its turn?",
        "50,000 / 64 = 781.25: after 781 full batches some images are left.",
        "They make one more, smaller batch. Then count three epochs.",
    ],
    praise="The last batch of each epoch has only 16 images, and is a step, too.",
    mistakes={
        3 * 781: "rounds down: drops the last batch | You left out the last images of "
        "each epoch: 781 x 64 = 49,984. They make a smaller batch of their own.",
        2344: "rounds at the end only | You rounded up once, after three epochs. Each "
        "epoch ends with its own smaller batch.",
        2343.75: "does not round | There is no three quarters of a step. What happens "
        "with the images that do not fill a batch?",
        782: "one epoch only | That is one epoch. Three are asked for.",
        781.25: "one epoch, not rounded | That is one epoch. There is no quarter of a "
        "step: what happens with the images that do not fill a batch?",
        781: "one epoch, rounded down | That is one epoch, and without its last, "
        "smaller batch.",
        150_000: "counts images instead of steps | That is how many images the network "
        "sees. A step takes 64 of them.",
        64 * 3: "batch size times epochs | The number of images takes no part in your "
        "answer. A step is one batch of 64 images; an epoch is all 50,000.",
    },
)

# --- q9: the training loop --------------------------------------------------------

SIZES = {  # of batches: {name: (images in each, momentum)}
    "two batches": ((4, 4), 0.0),
    "four batches, momentum 0.9, the last has one image": ((5, 5, 5, 1), 0.9),
}
SLIPS = {  # what Python or utils.nn say of a slip: what we say
    "object is not callable": "in Keras one may call a network like a function. Here "
    "each thing has names for what it does: see the list above the exercise.",
    "SGD: step was called before": "when the step is taken, no gradient has come to "
    "the weights. Does the signal go back through the network, and before the step?",
    "CrossEntropy: backward was called": "the loss looks back at what its way forward "
    "has kept. Does point 3 call it?",
    "CrossEntropy: labels are": "the labels do not belong to these logits: has the "
    "network made them?",
    "ndarray' object has no attribute 'backward'": "an array has no way back. The "
    "network and the loss have one: which of them is next?",
    "input is list_iterator": "one step takes one batch: the loop names its images.",
    "CrossEntropy: logits is": "the loss wants two things, in this order: the logits, "
    "all that the network has given, then the labels. Are brackets `()` missing?",
    "Sequential.forward.. takes 2": "the network gets the images, and no labels.",
    "missing 1 required .* 'grad'": "the network must be told what to carry back: the "
    "signal of the logits.",
    "CrossEntropy.backward.. takes 1": "the loss has kept all that it needs for its "
    "way back. It is the *network* that is given the signal.",
    "SGD.step.. takes 1": "the optimiser knows its network: nothing in the brackets.",
    "'float' object has no .*ward'": "the name `loss` belongs to the loss, which has a "
    "way back. Is there a number in it now?",
    ": gradient (is|has shape)": "what goes back through the network is not the loss: "
    "it is the signal, q - p, a number for each logit.",
}


def problem(sizes, momentum):
    """A small network, its loss and optimiser, and its batches, the same each time."""
    from utils import nn

    rng = np.random.default_rng(1)
    layers = [nn.Dense(3, 5, rng, "float64"), nn.ReLU(), nn.Dense(5, 4, rng, "float64")]
    net = nn.Sequential(layers)
    batches = [(rng.normal(size=(n, 3)), rng.integers(0, 4, n)) for n in sizes]
    return net, nn.CrossEntropy(), nn.SGD(net, 0.5, momentum), iter(batches)


def trained(answer):
    """The losses, and the weights that a loop leaves behind."""
    results = {}
    for name, (sizes, momentum) in SIZES.items():
        net, *others = problem(sizes, momentum)
        try:
            losses = call(answer, net, *others)
        except Exception:
            if ... in getattr(getattr(answer, "__code__", None), "co_consts", ()):
                raise behaviours.NotAttempted(behaviours.STILL_OPEN) from None
            raise
        losses = array(losses).ravel()
        if len(losses) != len(sizes):
            raise Wrong(
                f"{len(sizes)} batches give {len(sizes)} losses; you return "
                f"{len(losses)}. Does `return` stand after the loop, and does the list "
                "get one number in each round?"
            )
        results[f"{name}: the losses"] = losses
        weights = [weight.ravel() for weight in net.weights]
        results[f"{name}: the weights afterwards"] = np.concatenate(weights)
    return results


def looping(back=lambda signal: signal, steps=1, keep=None):
    """my_training with another signal back, number of steps, loss(value, labels)."""

    def my_training(net, loss, optimizer, batches):
        losses = []
        for images, labels in batches:
            value = loss.forward(net.forward(images), labels)
            net.backward(back(loss.backward()))
            for _ in range(steps):
                optimizer.step()
            losses.append(keep(value, labels) if keep else value)
        return losses

    return my_training


def look_again(net, loss, optimizer, batches):
    """my_training with the loss after each step."""
    losses = []
    for images, labels in batches:
        net.train_step(images, labels, loss, optimizer)
        losses.append(loss.forward(net.forward(images), labels))
    return losses


q9 = Exercise(
    task="write the loop that trains a network: forward, loss, backward, step",
    objective="write the loop that trains a network",
    behaviour=trained,
    slips=SLIPS,
    right=looping(),
    tolerance=1e-6,
    hints=[
        "Each point is one line. The list above the exercise says who does what.",
        "2 is done by the network, 3 by the loss, the rest of 4a by the network, "
        "4b by the optimiser. What does each of them take?",
        "Four functions, and three of them take something: the images, then the logits "
        "with the labels, then the signal. A function that takes nothing has empty "
        "brackets.",
    ],
    praise="This loop trains every network in this course, and all others.",
    mistakes={
        looping(steps=0): "no step, or its brackets forgotten | The weights never "
        "move: the losses are right, but every batch meets the first weights. Is a "
        "part of 4 missing, or only its brackets `()`?",
        looping(steps=2): "two steps a batch | Two steps are taken for each batch. One "
        "gradient, one step.",
        look_again: "the loss after the step | The weights are right, but these are "
        "the losses *after* the steps. Keep the value of point 3.",
        looping(lambda signal: -signal): "sign of the signal turned around | The loss "
        "grows: you turn the sign of the signal. The optimiser goes against the "
        "gradient itself.",
        looping(lambda signal: len(signal) * signal): "gradient of the sum | You "
        "multiply the signal by the number of images. The loss is a mean, and its "
        "signal is that of the mean already.",
        looping(keep=lambda value, labels: value * len(labels)): "losses times the "
        "batch size | The weights are right. Do not multiply the loss: it is a mean.",
        looping(keep=lambda value, labels: value / len(labels)): "losses divided by "
        "the batch size | The weights are right. Do not divide the loss: it is a mean.",
    },
)

# --- q10: momentum -----------------------------------------------------------------


def slope(w):
    """Of the loss w^2, in each place: what q10's steps go down."""
    return 2.0 * w


def momentum_behaviour(answer):
    """The weights of several steps in a row; any notion of velocity will do."""
    results = {}
    for name, w, momentum, rate in (
        ("no momentum", 1.0, 0.0, 0.1),
        ("momentum 0.9", 1.0, 0.9, 0.05),
        ("momentum 0.5, two weights", np.array([1.0, -2.0]), 0.5, 0.2),
    ):
        velocity, weights = 0.0 * w, []
        for _ in range(4):
            out = call(answer, w, velocity, slope(w), rate, momentum)
            try:
                w, velocity = map(array, out)
            except (TypeError, ValueError):
                text = "return two things: the new weight and the new velocity."
                raise Wrong(text) from None
            weights.append(w.copy())  # the next step may change w in place
        results[f"four steps, {name}, learning rate {rate}"] = np.array(weights)
    return results


def stepping(new_velocity):
    """my_momentum with another velocity(velocity, gradient, rate, momentum)."""

    def my_momentum(w, velocity, gradient, learning_rate, momentum):
        velocity = new_velocity(velocity, gradient, learning_rate, momentum)
        return w + velocity, velocity

    return my_momentum


q10 = Exercise(
    task="write one step of gradient descent with momentum",
    objective="update a weight, with a learning rate that fits",
    behaviour=momentum_behaviour,
    right=stepping(lambda v, g, rate, m: m * v - rate * g),
    hints=[
        "Two things add up: a part of the old velocity, and the push of the gradient.",
        "How large a part of it is kept? That is what `momentum` says.",
        "The push is what you know from the update: how far, and against what?",
    ],
    praise="With momentum 0 it is the plain update; with 0.9 it remembers.",
    mistakes={
        stepping(lambda v, g, rate, m: m * v + rate * g): "plus instead of minus | The "
        "weight goes uphill. Check the sign of the gradient; the velocity is added to "
        "the weight.",
        stepping(lambda v, g, rate, m: -rate * g): "forgot the old velocity | This is "
        "the plain update: the old velocity has no effect. Is it in your formula? And "
        "do you return the *new* velocity?",
        stepping(lambda v, g, rate, m: v - rate * g): "keeps all of the velocity | The "
        "whole old velocity is kept, so nothing ever slows down. Keep only the part "
        "that `momentum` says.",
        (lambda w, v, g, rate, m: (w + m * v + w - rate * g, m * v + w - rate * g)): (
            "adds the new weight instead of its move | Your velocity contains the "
            "weight itself. Only its *move* is added: what the update subtracts."
        ),
        stepping(lambda v, g, rate, m: m * v - g): "forgot the learning rate | The "
        "learning rate takes no part.",
        stepping(lambda v, g, rate, m: m * (v - rate * g)): "brackets in the wrong "
        "place | You also shrink the new push. Only the old velocity is multiplied by "
        "`momentum`: look at your brackets.",
        stepping(lambda v, g, rate, m: m * v - (1 - m) * rate * g): "weighs the "
        "gradient with 1 - momentum | You weigh the push with 1 - momentum. Some "
        "libraries do; here the gradient counts in full.",
        (lambda w, v, g, rate, m: (m * v - rate * g, w + m * v - rate * g)): "weight "
        "and velocity exchanged | The two results have changed places: first the new "
        "weight.",
    },
)

lesson = Lesson("06_backpropagation.py", globals())
progress = lesson.progress
