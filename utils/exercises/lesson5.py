"""Lesson 5's exercises: surprise, cross-entropy, batches, large logits, gradient."""

from itertools import combinations

import numpy as np

from utils.exercises.behaviours import Wrong, function, several
from utils.exercises.core import Exercise, Lesson
from utils.frameworks.torch_words import softmax

# --- q1: three penalties, a guess -------------------------------------------------


def ranking(answer):
    """Which network pays more than which: "A < B, A < C, B < C"."""
    wanted = "three numbers are wanted, in one list: for A, for B, for C"
    penalties = several(answer, 3, wanted)
    if (penalties < 0).any():
        raise Wrong("a penalty below 0 would be a reward. 0 is the best there is.")
    return ", ".join(
        f"{one} {'<=>'[int(np.sign(x - y)) + 1]} {other}"
        for (one, x), (other, y) in combinations(zip("ABC", penalties, strict=True), 2)
    )


q1 = Exercise(
    task="a penalty for each of three predictions",
    objective="turn a probability into a penalty, its surprise",
    behaviour=ranking,
    right=[0.2, 0.5, 3.0],
    hints=[
        "Look at the blue bars only: the probability of the right class.",
        "The smaller the blue bar, the larger the penalty. A has the largest bar.",
        "Any three numbers that grow from A to B to C will do.",
    ],
    praise="A pays least, C most. Cross-entropy says 0.22, 0.51, 3.00: see below.",
    mistakes={
        (8, 6, 0.5): "scores instead of penalties | These look like scores: the best "
        "network has the most. A penalty is the other way round, 0 is perfect.",
        (0, 0, 1): "counts right and wrong only (accuracy) | This counts only right "
        "and wrong. Is B as good as A? A is surer of the right class.",
        (1, 1, 1): "the same penalty for all | All three pay the same. Then no network "
        "has a reason to improve.",
        (1, 2, 0): "rewards being sure, right or wrong | C pays least here. It is very "
        "sure, but of class 0, and the right class is 1.",
        (0, 1, 1): "B as bad as C | B pays as much as C. But B gives the right class "
        "more than half of its probability.",
        (
            1,
            3,
            2,
        ): "B worse than C | B pays most here. But C gives the right class less "
        "than B does.",
        (2, 1, 3): "A worse than B | A pays more than B here. But A gives the right "
        "class most of all.",
        (-1, -2, -5): "negative penalties | a penalty below 0 would be a reward. 0 is "
        "the best there is.",
    },
)

q2 = Exercise(
    task="coins that are as surprising as probability 1/1024",
    objective="turn a probability into a penalty, its surprise",
    right=10.0,
    tolerance=1e-3,  # 6.93 is a natural logarithm, too
    hints=[
        "Go on from the picture: 1/16 is four coins, 1/32 is five ...",
        "How many times must you halve 1 to come to 1/1024?",
        "A logarithm counts the halvings. Which number is its base?",
    ],
    praise="Each coin halves the probability: ten halvings of 1 give 1/1024.",
    mistakes={
        512: "halved once | You halved 1024 once. How many times until 1 is left?",
        1024: "one divided by the probability | 1024 is one divided by the "
        "probability. With so many coins the probability would be far smaller: each "
        "coin halves it.",
        1 / 1024: "the probability itself | This is the probability itself. The "
        "surprise is the number of coins.",
        np.log(1024): "natural logarithm | That is the natural logarithm, `np.log`. "
        "Coins halve, so they are counted with base 2.",
        np.log10(1024): "log base 10 | That is the logarithm with base 10: it counts "
        "how often you divide by ten. A coin divides by two.",
        -np.log(1024): "natural logarithm, and the sign | That is `np.log`, and minus "
        "it. Coins halve, so they are counted with base 2.",
        -10: "forgot the minus sign | The size is right. The logarithm of a "
        "probability is negative; what does the formula of the surprise put in front?",
        9: "counted one coin too few | Nearly. Nine coins give 1/512. Did you start to "
        "count at 1/2 or at 1/4?",
        11: "counted one coin too many | Nearly. Eleven coins give 1/2048. No coin at "
        "all is probability 1.",
        32: "square root | 32 is the square root: 32 times 32. Here 2 is multiplied by "
        "itself, many times.",
    },
)

# --- q3: cross-entropy ------------------------------------------------------------

SOFT = {
    "p = (0.7, 0.2, 0.1)": (np.array([0.7, 0.2, 0.1]), np.array([0.3, 0.6, 0.1])),
    "four classes": (np.array([0.1, 0.4, 0.3, 0.2]), np.array([0.25, 0.05, 0.3, 0.4])),
}
ONE_HOT = {"the deck's example": (np.array([0.0, 1.0, 0.0]), np.array([0.3, 0.6, 0.1]))}


def cross_entropy(p, q):
    return -(p * np.log2(q)).sum()


q3 = Exercise(
    task="write the cross-entropy of p and q, in bits",
    objective="compute the cross-entropy of a prediction, in nats and in bits",
    behaviour=function(SOFT, later=ONE_HOT, right=cross_entropy),
    right=cross_entropy,
    hints=[
        "The surprise of a class is minus the logarithm of its predicted probability.",
        "Bits are counted with base 2: `np.log2`. It works on a whole array.",
        "Not every surprise counts fully: what is its weight? One number comes out.",
    ],
    praise="The slides' example gives 0.737 bits: a little less than one coin.",
    mistakes={
        (lambda p, q: -(p * np.log10(q)).sum()): "log base 10, as on the slide | Your "
        "numbers are those of the slide: base 10. Bits need base 2, as the coins.",
        (lambda p, q: -(p * np.log(q)).sum()): "nats instead of bits | These are nats, "
        "from the natural logarithm, as in the cell above. Bits are asked for: which "
        "base did the coins have?",
        (lambda p, q: -(p * np.log(q)).sum() * np.log(2)): "multiplies by log 2 | From "
        "nats to bits the number grows: a nat is 1.44 bits. Do you multiply where you "
        "should divide?",
        (lambda p, q: (p * np.log2(q)).sum()): "forgot the minus sign | The size is "
        "right, but a penalty cannot be negative: count the minus signs.",
        (lambda p, q: -(p * np.log2(q)).mean()): "mean over the classes instead of sum "
        "| You divide by the number of classes. p is already the weight: add up.",
        (lambda p, q: -np.log2(q).sum()): "forgot p | Every class counts fully here. "
        "Each surprise should count only as much as `p` says.",
        (lambda p, q: -(p * np.log2(q))): "forgot the sum | One number is wanted, and "
        "you have one for each class. Is the last step missing, the sum?",
        (lambda p, q: cross_entropy(q, p)): "p and q exchanged | p and q are "
        "exchanged. The surprise comes from the prediction `q`, the weight from the "
        "truth `p`.",
        (lambda p, q: cross_entropy(p, p)): "the entropy of p | This is the entropy of "
        "`p`: the prediction `q` takes no part in it.",
        (lambda p, q: -np.log2((p * q).sum())): "logarithm of the sum | This is the "
        "logarithm of a sum. It is right for a one-hot truth only; in general, take "
        "the logarithm first and then the sum.",
        (lambda p, q: -np.log2(q[np.argmax(p)])): "only the largest class | You use "
        "only the class with the largest p. That is enough for a one-hot truth; here "
        "the other classes count, too.",
        (lambda p, q: ((p - q) ** 2).sum()): "squared error | This is the squared "
        "error. The surprise has a logarithm in it.",
        (lambda p, q: 1 - q[np.argmax(p)]): "one minus the probability | This is what "
        "is missing to probability 1. The surprise is minus the logarithm.",
        (lambda p, q: (p * np.log2(p / q)).sum()): "KL divergence | This is the KL "
        "divergence: the entropy of p is missing. For a one-hot truth both are the "
        "same.",
    },
)

q4 = Exercise(
    task="the smallest cross-entropy for p = (0.5, 0.5), in nats",
    objective="tell entropy, cross-entropy and KL divergence apart",
    right=float(np.log(2)),
    tolerance=5e-3,
    hints=[
        "Which prediction makes the KL divergence 0? What is left then?",
        "The entropy of p is left: the mean surprise when you predict p itself.",
        "How surprising is probability 0.5, in nats? How much does each class count?",
    ],
    praise="This is the entropy of a coin: 1 bit, or 0.693 nats. No network can do "
    "better here.",
    mistakes={
        0: "thinks that every loss can reach 0 | A loss of 0 needs a network that is "
        "sure and always right. Here some people read a 1 and some a 7.",
        1: "bits instead of nats | 1 is the answer in bits: one coin. In nats it is "
        "another number; which logarithm do nats use?",
        0.301: "log base 10 | That is base 10, as on the slide. Nats have base e.",
        0.5: "the probability instead of its surprise | 0.5 is a probability. What is "
        "the surprise of an event with probability 0.5?",
        2 * np.log(2): "forgot the weights p | You added both surprises. Each of them "
        "counts only half: p is the weight.",
        np.log(2) / 2: "one class only | You counted one of the two classes. The other "
        "has the same share.",
        -np.log(2): "forgot the minus sign | The size is right, but a surprise is "
        "never negative.",
        0.25: "multiplies the probabilities | That looks like a square or a product of "
        "0.5. Take the surprise, the minus logarithm, of 0.5.",
    },
)

q5 = Exercise(
    task="nats by which the surprise grows when the true logit falls by 1",
    objective="say why a classifier is not trained with the squared error",
    right=1.0,
    tolerance=5e-3,
    hints=[
        "The line below the table says the surprise in nats. Read it, lower the logit "
        "by a whole step, and read it again.",
        "How far apart are the two numbers? Look at nats, not at bits.",
        "It is the same each time: the network is surely wrong already.",
    ],
    praise="However wrong the network is, the loss goes on to grow as fast.",
    mistakes={
        1.4427: "bits instead of nats | That is the growth in bits. Nats are asked "
        "for: the number before it in the figure.",
        0: "thinks that the loss has an upper limit | 0 would mean that the loss has "
        "come to an end. Read it before and after the step, all four decimals.",
        -1: "sign turned around | The size is right. But the event is less "
        "probable now: does its surprise grow or fall?",
        7: "the surprise itself | That is the surprise before the step. By how much "
        "does it grow?",
        8: "the new surprise | That is the surprise after the step: how much more?",
        0.1: "a small step | One press of an arrow key moves the logit by a tenth. How "
        "much is it for a whole step?",
        2.718: "the factor of the probability | The probability becomes so many times "
        "smaller. What does that add to its surprise?",
    },
)

# --- q6: the loss of a batch ------------------------------------------------------

Q = np.array([[0.3, 0.6, 0.1], [0.7, 0.2, 0.1], [0.4, 0.35, 0.25], [0.1, 0.1, 0.8]])
LABELS = np.array([1, 0, 2])


def picked(labels, q):
    return q[np.arange(len(labels)), labels]


q6 = Exercise(
    task="write the mean loss of a batch from integer labels",
    objective="compute the loss of a batch, from one-hot or from integer labels",
    probes={
        "labels 1, 0, 2": (LABELS, Q[:3]),
        "labels 2, 2, 0, 1": (np.array([2, 2, 0, 1]), Q),
        "a batch of one": (np.array([0]), Q[1:2]),
        "four images, five classes": (
            np.array([3, 0, 2, 3]),
            np.hstack([Q / 2, [[0.1, 0.4], [0.25, 0.25], [0.3, 0.2], [0.2, 0.3]]]),
        ),
    },
    right=lambda labels, q: -np.log(picked(labels, q)).mean(),
    hints=[
        "First the probabilities of the right classes: one from each row of `q`.",
        "Two lists between the brackets of `q[...]` are read in pairs: a row and a "
        "column for each number.",
        "Each of these numbers has its surprise, in nats. What makes one loss of them?",
    ],
    praise="This is what Keras's `SparseCategoricalCrossentropy` computes.",
    mistakes={
        (lambda labels, q: -np.log(picked(labels, q)).sum()): "sum instead of mean | "
        "You add up the losses. Then a larger batch has a larger loss; take the mean.",
        (lambda labels, q: np.log(picked(labels, q)).mean()): "forgot the minus sign | "
        "The size is right, the sign is not: a loss is never negative.",
        (lambda labels, q: -np.log(q[labels]).mean()): "q[labels] picks whole rows | "
        "`q[labels]` takes whole rows: the label is used as the number of an image. "
        "Two indices are needed, `rows` and `labels`.",
        (lambda labels, q: -np.log(q[:, labels]).mean()): "q[:, labels] picks too much "
        "| `q[:, labels]` takes several columns from *every* row. One number from each "
        "row is wanted.",
        (lambda labels, q: -np.log(picked(labels, q).mean())): "logarithm of the mean "
        "| One logarithm, of the mean? Each image has one: logarithm first, mean last.",
        (lambda labels, q: -np.log(picked(labels, q).sum())): "logarithm of the sum | "
        "You add up, then take one logarithm. Logarithm first, mean last.",
        (lambda labels, q: -np.log(q.max(axis=1)).mean()): "largest probability "
        "instead of the right one | You take the largest probability of each row. The "
        "right class is not always the largest; the label says which one counts.",
        (lambda labels, q: -np.log10(picked(labels, q)).mean()): "log base 10 | The "
        "picking is right, the logarithm is that of the slide (base 10).",
        (lambda labels, q: -np.log2(picked(labels, q)).mean()): "bits instead of nats "
        "| The picking is right, and this is the loss in bits. Keras counts in nats.",
        (lambda labels, q: -np.log2(picked(labels, q)).sum()): "bits, and the sum | "
        "Two things: this is in bits, and Keras counts in nats; and you add up the "
        "losses, where a mean is wanted.",
        (lambda labels, q: -np.log(picked(labels, q)).sum() / q.size): "mean over "
        "images and classes | You divide by all numbers of `q`. Divide by the number "
        "of images: one loss for each.",
        (lambda labels, q: -np.log(picked(labels, q))): "forgot the mean | These are "
        "the losses of the single images, and they are right. What is their mean?",
        (lambda labels, q: picked(labels, q).mean()): "forgot the logarithm | This is "
        "the mean probability of the right class. Where is the surprise?",
    },
)

# --- q7: the loss from large logits -----------------------------------------------

SMALL = {
    "z = (2, 1, -2), label 0": (np.array([2.0, 1.0, -2.0]), 0),
    "z = (0.5, 3, 1, 0), label 2": (np.array([0.5, 3.0, 1.0, 0.0]), 2),
    "z = (1.5, -0.5, -1), label 1": (np.array([1.5, -0.5, -1.0]), 1),
}
LARGE = {
    "z = (1000, 990, 0), label 1": (np.array([1000.0, 990.0, 0.0]), 1),
    "z = (0, 1000, 0), label 0": (np.array([0.0, 1000.0, 0.0]), 0),
    "z = (-1000, -1000), label 0": (np.array([-1000.0, -1000.0]), 0),
    "ten logits, one is 1000, label 2": (1000.0 * np.eye(10)[6], 2),
}
OVERFLOW = (
    "right for small logits, but 1000 gives NaN, infinity or an error: its exponential "
    "is too large, or a probability is rounded to 0. Do not compute a probability "
    "first: use `shifted`, and let the logarithm meet only the sum."
)
ROUNDED = (
    "right for small logits, wrong for 1000: there the probability is rounded to 0. A "
    "lower limit or a small number added hides it, and the slope there is 0. Do not "
    "compute a probability first."
)


def log_sum_exp(z, log=np.log):
    """Of the shifted logits."""
    return log(np.exp(z - z.max()).sum())


def stable_loss(z, label):
    return z.max() + log_sum_exp(z) - z[label]


def small_and_large(answer):
    """The results on small logits; on large ones it says what is wrong."""
    results = function(SMALL, later=LARGE, right=stable_loss)(answer)
    if not all(np.allclose(results[name], stable_loss(*SMALL[name])) for name in SMALL):
        return results
    large = {name: results[name] for name in LARGE if name in results}
    if any(isinstance(loss, Exception) for loss in large.values()):
        raise Wrong(OVERFLOW)
    for name, loss in large.items():
        if not np.allclose(loss, stable_loss(*LARGE[name]), 1e-4):
            raise Wrong(ROUNDED)
    return results


q7 = Exercise(
    task="write the loss of one image from its logits, without overflow",
    objective="compute the loss from large logits without overflow",
    behaviour=small_and_large,
    right=stable_loss,
    hints=[
        "The loss is log-sum-exp minus the logit of the right class.",
        "All logits are shifted by the same number, so both parts can use `shifted`.",
        "Read log-sum-exp from right to left: which of the three comes first?",
    ],
    slips={
        "NaN or infinity": "the logarithm of something below 0: first exponentials, "
        "then their sum, and its logarithm last."
    },
    praise="No probability is computed, so none can be rounded to 0.",
    mistakes={
        (lambda z, label: -np.log(np.exp(z) / np.exp(z).sum())[label]): "log of "
        f"softmax, nothing shifted | {OVERFLOW}",
        (lambda z, label: -np.log(softmax(z, dim=0))[label]): "log of a stable softmax "
        f"| {OVERFLOW}",
        (lambda z, label: log_sum_exp(z) - z[label]): "shifted only one part | The sum "
        "uses `shifted`, but then you subtract the unshifted logit. Both parts must be "
        "shifted, or none.",
        (lambda z, label: (z - z.max())[label] - log_sum_exp(z)): "sign turned around "
        "| The size is right, but a loss is never negative: turn the sign around.",
        (lambda z, label: z.max() + log_sum_exp(z) - (z - z.max())[label]): "adds the "
        "largest logit to one part only | Your result is too large by the largest "
        "logit. Both parts must be shifted, or none; then nothing is added.",
        (lambda z, label: np.log(np.exp(z - z.max())).sum() - (z - z.max())[label]): (
            "logarithm of each, then the sum | You take the logarithm of each "
            "exponential: that only undoes it. First the sum, then one logarithm."
        ),
        (lambda z, label: z.max() + log_sum_exp(z)): "forgot the right class, nothing "
        "shifted | This is the first part, log-sum-exp. The logit of the right class "
        "is missing.",
        (lambda z, label: log_sum_exp(z) - (z - z.max())): "a loss for each class | "
        "You have a loss for each class. Only that of the right class counts: which "
        "is it?",
        (lambda z, label: log_sum_exp(z)): "forgot the right class | This is the first "
        "part, log-sum-exp. The logit of the right class is missing.",
        (lambda z, label: z.max() - z[label]): "forgot the sum | This is only the "
        "distance to the largest logit. The sum over all classes is missing.",
        (lambda z, label: -np.log(softmax(z, dim=0).clip(1e-7))[label]): "cuts the "
        f"probability off at 1e-7, as Keras does without logits | {ROUNDED}",
        (lambda z, label: np.exp(z - z.max()).sum() - (z - z.max())[label]): "forgot "
        "the logarithm | The sum of the exponentials is there, not its logarithm.",
        (lambda z, label: log_sum_exp(z, np.log10) - (z - z.max())[label]): "log base "
        "10 | The form is right, the logarithm has base 10. In this formula only the "
        "natural logarithm undoes the exponential.",
        (lambda z, label: log_sum_exp(z, np.log2) - (z - z.max())[label]): "log base 2 "
        "| The form is right, the logarithm has base 2. In this formula only the "
        "natural logarithm undoes the exponential.",
    },
)

# --- q8: the gradient of a batch --------------------------------------------------

SHAPE = (
    "A gradient has the shape of `z`: a row for each image, a number for each logit. "
    "Nothing is added up."
)
Z = np.array([[2.0, 1.0, -2.0, 0.5], [0.0, 3.0, 1.0, -1.0], [1.0, 1.0, 1.0, 4.0]])

BATCHES = {
    "three images": (Z, np.array([0, 2, 3])),
    "two images, three classes": (Z[:2, :3], np.array([1, 1])),
    "one image, five classes": (np.array([[0.5, -2.0, 1.0, 0.0, 0.5]]), np.array([4])),
}


def gradients(answer):
    results = function(BATCHES)(answer)
    for name, (z, _) in BATCHES.items():
        if results[name].shape != z.shape:
            raise Wrong(f"{name}: your result has shape {results[name].shape}. {SHAPE}")
    return results


def from_parts(combine):
    """A gradient that is made from prediction, truth and logits by `combine`."""

    def gradient(z, labels):
        return combine(softmax(z), np.eye(z.shape[1])[labels], z)

    return gradient


q8 = Exercise(
    task="write the gradient of the mean loss of a batch",
    objective="compute the gradient of the loss with respect to the logits",
    behaviour=gradients,
    right=from_parts(lambda q, p, z: (q - p) / len(z)),
    hints=[
        "For one image it is prediction minus truth. What does the mean change?",
        "The mean adds up the losses and divides by the number of images. So does its "
        "gradient, for each row.",
        "Three images: divide by 3. How does Python count the images of any batch?",
    ],
    praise="Prediction minus truth, shared among the images: all of lesson 6 starts "
    "here.",
    mistakes={
        from_parts(lambda q, p, z: q - p): "forgot that the loss is a mean | This is "
        "the gradient of the *sum* of the losses. A mean divides by the number of "
        "images; so does its gradient.",
        from_parts(lambda q, p, z: (p - q) / len(z)): "p - q | Your sign is that of "
        "the step: a step goes *against* the gradient. The gradient itself is negative "
        "for the right class.",
        from_parts(lambda q, p, z: p - q): "p - q, not divided | Two things: the sign "
        "(the gradient is negative for the right class), and the loss is a mean.",
        from_parts(
            lambda q, p, z: (q - p) / 3
        ): "always divided by 3 | Not every batch "
        "has three images: divide by their number, whatever it is.",
        from_parts(lambda q, p, z: (q - p) / z.size): "divided by images times classes "
        "| You divide by all numbers of `z`. The mean goes over the images only.",
        from_parts(lambda q, p, z: (q - p) / z.shape[1]): "divided by the classes | "
        "You divide by the number of classes. The mean goes over the images.",
        from_parts(lambda q, p, z: (q - p).mean(axis=0)): f"rows averaged | {SHAPE}",
        from_parts(lambda q, p, z: (q - p) / len(z) / np.log(2)): "bits instead of "
        "nats | Each number is 1.44 times the right one: your loss is in bits.",
        from_parts(lambda q, p, z: (q - p) / len(z) / np.log(10)): "log base 10 | Each "
        "number is 0.434 times the right one: your logarithm has base 10.",
        from_parts(lambda q, p, z: (q - p) / np.log(2)): "bits, not divided | Two "
        "things: your loss is in bits, 1.44 times as large, and the loss is a mean.",
        from_parts(lambda q, p, z: q - p / len(z)): "forgot the brackets | Only the "
        "truth is divided by the number of images: look at your brackets.",
        from_parts(lambda q, p, z: (z - p) / len(z)): "logits instead of probabilities "
        "| You subtract the truth from the logits. Softmax comes first.",
        from_parts(lambda q, p, z: q / len(z)): "forgot p | The truth is missing: with "
        "this gradient all logits fall, the right one, too.",
        from_parts(lambda q, p, z: (q - p) * q * (1 - q) / len(z)): "extra factor q (1 "
        "- q) | The factor q (1 - q) belongs to the squared error. In the "
        "cross-entropy it cancels: that is why it learns from sure mistakes.",
        from_parts(lambda q, p, z: -p / q / len(z)): "gradient with respect to q | "
        "This is the slope with respect to the probabilities `q`. One step more: with "
        "respect to the logits it becomes much simpler.",
    },
)

lesson = Lesson("05_cross_entropy.py", globals())
progress = lesson.progress
