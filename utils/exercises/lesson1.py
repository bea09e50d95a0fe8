"""Lesson 1's exercises: events, neurons by hand, XOR, search, old machines."""

import numpy as np

from utils.exercises import behaviours
from utils.exercises.behaviours import Wrong, array, call, choice, number, several
from utils.exercises.core import Exercise, Lesson

# --- q1: the order of the events --------------------------------------------------

ORDER_OF_EVENTS = "BECAFD"


def letters(answer):
    """An order as one word: "BEC...", ["B", "E", "C", ...], "b, e, c, ..."."""
    if not (parts := behaviours.words(answer)):
        raise Wrong('the letters are wanted in quotes, such as ["A", "B", "C"].')
    order = "".join(letter for letter in "".join(parts).upper() if letter.isalpha())
    if sorted(order) != sorted(ORDER_OF_EVENTS):
        raise Wrong("each of the letters A to F is wanted, exactly once.")
    places = [ORDER_OF_EVENTS.index(letter) for letter in order]
    pairs = [(a, b) for n, a in enumerate(places) for b in places[n + 1 :]]
    if 1 < sum(a > b for a, b in pairs) < len(pairs):  # else the bank knows it
        first = next(n for n in range(5) if places[n] > places[n + 1])
        raise Wrong(
            f"{sum(a < b for a, b in pairs)} of {len(pairs)} pairs are in order. "
            f"Is {order[first]} really older than {order[first + 1]}?"
        )
    return order


q1 = Exercise(
    task="six events in order, from the oldest to the newest",
    objective="put the turning points of deep learning in order",
    behaviour=letters,
    right=ORDER_OF_EVENTS,
    hints=[
        "The oldest and the newest are easier than the middle. Begin with them.",
        "A limit can only be proved of something that exists. And a rescue comes "
        "after the trouble.",
        "Three of them are games or contests. Chess is the oldest of these.",
    ],
    praise="The picture below has all of them, with fourteen more.",
    mistakes={
        "DFACEB": "newest first | The order is complete, but it runs from the newest "
        "to the oldest.",
        "EBCAFD": "XOR before the perceptron | The book about the limits of such cells "
        "cannot be older than the cells.",
        "BCEAFD": "backpropagation before XOR | The paper is the answer to the trouble "
        "that the book names. Which of the two comes first?",
        "BEACFD": "Deep Blue before backpropagation | Deep Blue feels old, but the "
        "paper on training many cells is eleven years older.",
        "BECADF": "AlphaGo before AlexNet | AlphaGo used deep convolutional networks. "
        "Would it exist before the network that made them famous?",
        "BECFAD": "AlexNet before Deep Blue | Chess fell to computers in the last "
        "century, image recognition in this one.",
    },
)

# --- q2: a neuron by hand ---------------------------------------------------------

ROWS = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])


def four_answers(answer):
    """[w1, w2, b] to the neuron's answers on the four pairs of inputs."""
    weights = several(answer, 3, "three numbers are wanted, [w1, w2, b]")
    sums = ROWS @ weights[:2] + weights[2]
    return {
        f"x1 = {x1}, x2 = {x2}": float(total > 0)
        for (x1, x2), total in zip(ROWS, sums, strict=True)
    }


q2 = Exercise(
    task='a neuron for "x1, but not x2"',
    objective="choose the weights of a neuron, by hand and by the perceptron rule",
    behaviour=four_answers,
    right=[1, -1, -0.5],
    hints=[
        "The neuron should fire for one of the four rows only: x1 = 1, x2 = 0.",
        "x1 speaks for firing, so w1 is positive. x2 speaks against it.",
        "Take a weight of 1, and one of -1. What are the four sums, without b? Choose "
        "b so that only the largest of them stays above 0.",
    ],
    praise="A negative weight forbids. Many other numbers do the same.",
    mistakes={
        (1, 1, -1.5): "AND | This neuron is AND: it fires only when both are 1. Which "
        "sign should the weight of x2 have?",
        (1, 1, -0.5): "OR | This neuron is OR. An x2 of 1 should stop it, not help it.",
        (1, 0, -0.5): "x2 has no weight | It also fires when both are 1. The "
        "weight of x2 is to stop it then: how far below 0 must it be?",
        (-1, 1, -0.5): 'inputs exchanged | The two inputs are exchanged: this is "x2, '
        'but not x1".',
        (1, -1, 0.5): "sign of the bias | It also fires when both inputs are equal. "
        "The bias is too large: what is the sum when both are 0?",
        (1, -1, -1.5): "bias too low | It never fires. In the row x1 = 1, x2 = 0, what "
        "is the sum?",
        (-1, -1, 1.5): "NAND | This is NAND, the opposite of AND: it fires in three "
        "rows of four.",
        (-1, -1, 0.5): "NOR | This neuron is NOR: it fires only when both are 0. Which "
        "of the two inputs speaks for firing?",
    },
)

# --- q3: the perceptron rule ------------------------------------------------------


def fires(x, w, b):
    return int((x * w).sum() + b > 0)


def rule(change):
    """A perceptron step with the given (change of w, change of b)."""

    def step(w, b, x, target):
        by, bias = change(target - fires(x, w, b), x, target)
        return w + by, b + bias

    return step


STEPS = {  # w, b, x, target
    "the neuron is silent and should fire": ([0.5, -1.0], -1.0, [1.0, 2.0], 1),
    "the neuron fires and should be silent": ([2.0, 1.0], 0.5, [3.0, 1.0], 0),
    "the neuron is right": ([1.0, 1.0], 0.0, [1.0, 3.0], 1),
    "the neuron is silent and should be silent": ([-1.0, 0.5], 0.0, [2.0, 1.0], 0),
    "three inputs, not whole": ([0.5, -2.0, 1.0], 0.25, [-0.5, 0.75, 1.5], 1),
}


def new_weights(answer):
    """The new weights and bias, in one row, for each of the cases."""
    results = {}
    for name, (w, b, x, target) in STEPS.items():
        result = call(answer, np.array(w), b, np.array(x), target)
        if not isinstance(result, (tuple, list)) or len(result) != 2:
            raise Wrong("two things are wanted: the new w and the new b.")
        new_w, new_b = array(result[0]), array(result[1])
        if new_w.size == 1 and new_b.size == len(w):
            raise Wrong("w and b are exchanged: the new w is wanted first.")
        if new_w.shape != (len(w),) or new_b.size != 1:
            raise Wrong(
                f"w should stay {len(w)} numbers and b one; you return the shapes "
                f"{new_w.shape} and {new_b.shape}."
            )
        names = ", ".join(f"w{n + 1}" for n in range(len(w)))
        results[f"{name} ({names}, b)"] = np.append(new_w, new_b)
    return results


class Step(Exercise):
    def use(self, answer=...):
        """The step, for any form of a right one: in place, with lists, [3] for 3."""
        step = super().use(answer)
        return lambda w, b, *rest: tuple(map(np.squeeze, step(np.array(w), +b, *rest)))


def changes_alone(w, b, x, target):
    error = target - fires(x, w, b)
    return error * x, error


q3 = Step(
    task="write one step of the perceptron rule",
    objective="choose the weights of a neuron, by hand and by the perceptron rule",
    behaviour=new_weights,
    right=rule(lambda error, x, target: (error * x, error)),
    hints=[
        "What should be added when the correction is 1? And when it is -1?",
        "Both are said in one product: the correction times the inputs.",
        "The bias is like a weight whose input is always 1.",
    ],
    slips={
        "local variable": "no `if` of yours is for a neuron that is right: then w and "
        "b stay as they are."
    },
    praise="One line. Every network in this workshop learns by a rule like it.",
    mistakes={
        rule(lambda error, x, target: (-error * x, -error)): "sign turned around | "
        "Your neuron learns the opposite: a silent neuron that should fire gets an "
        "even smaller sum. Check the sign.",
        rule(lambda error, x, target: (error, error)): "x is missing | All weights "
        "change by the same amount. Only the weights of inputs that took part should "
        "change: where does x come in?",
        rule(lambda error, x, target: (error * x, 0)): "bias stays | The weights are "
        "right, but the bias never changes.",
        rule(lambda error, x, target: (target * x, target)): "target instead of "
        "correction | Your rule changes the weights also when the answer was right, "
        "and never when the target is 0. Use the correction.",
        rule(lambda error, x, target: (x, 1)): "always adds | Your rule always adds "
        "the inputs. When the neuron fires and should be silent, they must be taken "
        "away.",
        rule(lambda error, x, target: (error * x, error * x.sum())): "bias times the "
        "inputs | The weights are right. The bias has no input of its own: it changes "
        "by the correction alone.",
        rule(lambda error, x, target: (abs(error) * x, abs(error))): "sign of the "
        "correction lost | You lose the sign of the correction: too much and too "
        "little are changed in the same direction.",
        rule(lambda error, x, target: (0 * x, error)): "weights stay | The bias is "
        "right, but the weights never change.",
        changes_alone: "forgets the old numbers | These are the changes only: where is "
        "the old w, the old b?",
        rule(lambda error, x, target: (0 * x, 0)): "nothing changes | Nothing ever "
        "changes: w and b come back as they went in.",
    },
)

# --- q4: how much of XOR ----------------------------------------------------------

COUNTS = ("none", "one", "two", "three", "four")


def rows(answer):
    """A number of rows as a word: 3, 3.0 or "3" is "three"."""
    if not isinstance(answer, str):
        answer = f"{float(number(answer)):g}"
    word = answer.strip().strip(".").lower()
    word = COUNTS[int(word)] if word in ("0", "1", "2", "3", "4") else word
    if word not in COUNTS:
        raise Wrong("there are four rows: a whole number from 0 to 4 is wanted.")
    return word


q4 = Exercise(
    task="how many of the four XOR rows one neuron can answer, at most",
    objective="say what one neuron cannot do, and what a second layer changes",
    behaviour=rows,
    right="three",
    hints=[
        "The neuron draws a straight line: it fires on one side of it.",
        "Put a pencil on the picture. Can two opposite corners be alone on one side?",
        "In which rows does OR say the same as XOR?",
    ],
    praise="OR, for example, is wrong in one row only. But no neuron gets all of them.",
    mistakes={
        4: "all of them | Then one straight line would separate the two black points "
        "from the two white ones. Try to draw it.",
        2: "as good as guessing | Two is as good as guessing. Take the neuron for OR: "
        "in how many rows do OR and XOR agree?",
        1: "one row | A neuron that is right in one row only could be turned around, "
        "and would do better. Take the neuron for OR.",
        0: "none | A neuron that never fires is already right in two rows.",
    },
)

# --- q5: XOR from three neurons ---------------------------------------------------


def gates(first, second, together):
    """XOR's network with other neurons: two hidden ones, and one that reads them."""

    def network(x1, x2):
        x = np.array([x1, x2])
        hidden = np.array([fires(x, *first), fires(x, *second)])
        return fires(hidden, *together)

    return network


OR, AND, NAND = ([1, 1], -0.5), ([1, 1], -1.5), ([-1, -1], 1.5)
NOT_SECOND = ([1, -1], -0.5)

q5 = Exercise(
    task="XOR from three neurons",
    objective="say what one neuron cannot do, and what a second layer changes",
    probes={f"x1 = {x1}, x2 = {x2}": (x1, x2) for x1, x2 in ROWS.tolist()},
    right=gates(OR, AND, NOT_SECOND),
    hints=[
        "Say it in words: one of the two, but not both.",
        '"Either, but not both": you have built such a neuron in exercise 2.',
        "Which of `either` and `both` speaks for firing? Which one forbids it?",
    ],
    praise="Two neurons look at the inputs, and the third one looks at the two.",
    mistakes={
        gates(OR, AND, OR): "last neuron is OR | Your network is OR: it also fires "
        "when both are 1. Is the weight of `both` far enough below 0?",
        gates(OR, AND, AND): "last neuron is AND | Your network is AND: it fires when "
        "both inputs are 1, and only then.",
        gates(OR, AND, NAND): "last neuron is NAND | Your network fires when it should "
        "be silent: it is 1 in three rows. `either` should speak for firing.",
        gates(OR, AND, ([-1, 1], 0.5)): "opposite of XOR | Every answer is turned "
        "around: this is XNOR, the opposite of XOR. Look at the signs.",
        gates(OR, AND, ([1, -1], -1.5)): "bias too low | It never fires. With `either` "
        "= 1 and `both` = 0, what is the sum?",
        gates(OR, AND, ([1, -1], 0.5)): "bias too high | It fires in every row. What "
        "is the sum when `either` and `both` are 0?",
        (lambda x1, x2: x1 - x2): "difference | It gives -1 once. An output is 0 or 1.",
        (lambda x1, x2: x1 + x2): "sum | It gives 2 once. An output is 0 or 1.",
    },
)

q6 = Exercise(
    task="search, rules or learning, for five programs",
    objective="tell search, rules and learning apart",
    behaviour=choice("search", "rules", "learning", count=5),
    right=["learning", "rules", "search", "learning", "search"],
    hints=[
        "Ask of each: does it change when it sees examples? That is learning.",
        "If it does not change: did people write down what to conclude (rules), or "
        "does it try possible futures (search)?",
        "One of the three words stands for one program only.",
    ],
    praise="AlphaGo is left out on purpose: its networks learn, and guide a search.",
    mistakes={
        "learning, rules, learning, learning, search": "Deep Blue learns | Deep Blue "
        "beat a champion without learning from games during the match. What does a "
        "chess program do with millions of positions a second?",
        "learning, rules, rules, learning, search": "Deep Blue follows rules | Chess "
        "has rules, but nobody could write a rule for the best move. How does Deep "
        "Blue find it?",
        "rules, rules, search, learning, search": "the perceptron follows rules | Who "
        "wrote the perceptron's weights? Look at the section on OR again.",
        "search, rules, search, learning, search": "the perceptron searches | The "
        "perceptron tries no possible futures: it changes its weights after each "
        "mistake.",
        "learning, rules, search, rules, search": "LeNet-5 follows rules | LeNet-5 has "
        "60,000 weights. Nobody wrote them by hand.",
        "learning, rules, search, search, search": "LeNet-5 searches | LeNet-5 does "
        "not try what could happen: it has found its weights from examples.",
        "learning, learning, search, learning, search": "R1 learns | R1 is an expert "
        "system: people asked experts, and wrote down what they said.",
        "learning, search, search, learning, search": "R1 searches | R1 does not try "
        "possible futures: experts had said what to do.",
        "learning, rules, search, learning, rules": "noughts and crosses by rules | "
        "That program knows who has won, and nothing about good moves. How does it "
        "find them?",
        "learning, rules, search, learning, learning": "noughts and crosses learns | "
        "After ten thousand games, that program would play as before: has it learned?",
    },
)

# --- q7: an old machine -----------------------------------------------------------

WORK = 72e6 * 60_000 * 12
LENET_WORK = 2.5e6 * 60_000 * 20  # of LeNet-5's training: 2.5 days in 1998
PEAK = 1.581e12

TOO_SHORT = (
    "Less than one second? Perhaps you divided speed by work, it is in hours or days, "
    "or the work has lost its trillion: use `work`."
)


def seconds(answer):
    value = number(answer)
    if value < 1:
        raise Wrong(TOO_SHORT)
    return value


q7 = Exercise(
    task="seconds on a GTX 580 that reaches a fifth of its peak",
    objective="estimate how long a training takes on a given machine",
    behaviour=seconds,
    right=WORK / (PEAK / 5),
    tolerance=0.02,
    hints=[
        "Time is work divided by speed. The work is the same as above: `work`.",
        "The speed is not the peak: the card reaches a fifth of it.",
        "First the speed that it reaches, in operations a second. Then divide.",
    ],
    praise="Less than three minutes, instead of six weeks.",
    mistakes={
        WORK / PEAK: "forgot the fifth | This is the time at the full peak. The card "
        "reaches only a fifth of it.",
        WORK / (PEAK * 5): "five times faster | You made the card five times faster "
        "than its peak. It is five times slower.",
        PEAK / 5 / WORK: f"upside down | {TOO_SHORT}",
        WORK / (PEAK / 5) / 60: "minutes | These are minutes. Seconds are asked for.",
        WORK / (PEAK / 5) / 12: "one pass | This is one pass over the images. There "
        "are twelve.",
        2.5 * 86_400 * WORK / LENET_WORK: "the old machine | This is the server of "
        "1998 again, in seconds.",
        WORK / 3 / (PEAK / 5): "forward only | You counted the way forward only. "
        "Training also goes backward: it costs three times as much.",
        LENET_WORK / (PEAK / 5): "LeNet-5's work | This is LeNet-5's training. The "
        "larger network is asked for: `work`.",
        WORK / (PEAK / 5) / 3600: f"hours | {TOO_SHORT}",
        WORK: "the work itself | This is the work, in operations. How many of them "
        "does the card do in a second?",
        PEAK / 5: "the speed itself | This is the card's speed, in operations a "
        "second. What divides what?",
        WORK * PEAK / 5: "multiplied | You multiply work and speed. A faster card "
        "needs less time.",
    },
)

# --- q8: minimax ------------------------------------------------------------------


def minimax(mine, theirs):
    """The value of a tree, for other ideas of what each player chooses."""

    def value(tree, my_turn):
        if not isinstance(tree, (list, tuple)):
            return tree
        values = [value(branch, not my_turn) for branch in tree]
        return mine(values) if my_turn else theirs(values)

    return value


TREE = [[1, -1], [0, 0, 1], [-1, 1]]
DEEP = [[[2, 7], [9, 1]], [[5, 3, 6], [8, 4]]]

q8 = Exercise(
    task="the value of a game tree when both play their best",
    objective="write a search that never loses a simple game (optional)",
    probes={
        "a game that is over": (5, True),
        "one choice, yours": ([3, -2, 8], True),
        "one choice, the other player's": ([3, -2, 8], False),
        "the tree of the text": (TREE, True),
        "a deeper tree": (DEEP, True),
        "a deeper tree, the other player begins": (DEEP, False),
        "branches of different depth": ([0.5, [[3, -2], -7], [[[4]]]], True),
    },
    right=minimax(max, min),
    hints=[
        "`values` holds what each choice is worth to you. Whose choice is it?",
        "You take the largest value. The other player leaves you the smallest.",
        "Python can choose in one line: `this if condition else that`.",
    ],
    praise="Search in one line: max at your turn, min at theirs, to the end.",
    mistakes={
        minimax(max, max): "max for both | Your opponent is too kind: at their turn, "
        "they also choose what is best for you.",
        minimax(min, min): "min for both | Both players play against you, even you "
        "yourself. What do you choose at your own turn?",
        minimax(min, max): "min and max exchanged | The two players are exchanged.",
        minimax(max, np.mean): "opponent moves at random | This would be right against "
        "a player who moves at random. A good player chooses.",
        minimax(np.mean, np.mean): "mean of all games | You take the mean of all "
        "games. The players do not roll dice: they choose.",
        minimax(sum, sum): "sum | You add up all ends of the game. Only one of them "
        "will happen.",
        minimax(lambda values: values[0], lambda values: values[0]): "first choice | "
        "Your players always take the first choice.",
        minimax(lambda values: values[-1], lambda values: values[-1]): "last choice | "
        "Your players always take the last choice.",
        minimax(max, lambda values: -max(values)): "sign turned around | At the other "
        "player's turn you turn the sign around. But all numbers are worth what they "
        "are worth to *you*.",
    },
)

lesson = Lesson("01_history.py", globals())
progress = lesson.progress
