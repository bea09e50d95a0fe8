from decimal import Decimal
from fractions import Fraction

import numpy as np


def fires(x, w, b):
    return int((np.asarray(x) * w).sum() + b > 0)


def step_with_ifs(w, b, x, target):
    output = fires(x, w, b)
    if output == 0 and target == 1:
        return w + x, b + 1
    if output == 1 and target == 0:
        return w - x, b - 1
    return w, b


def step_in_place(w, b, x, target):
    error = target - (np.dot(w, x) + b > 0)
    w += error * x
    return [w.astype("float32"), np.array([b + error])]


def step_in_place_twice(w, b, x, target):
    error = target - fires(x, w, b)
    w += error * x
    b += error
    return w, b


def step_without_else(w, b, x, target):
    correction = target - fires(x, w, b)
    if correction > 0:
        new_w, new_b = w + x, b + 1
    if correction < 0:
        new_w, new_b = w - x, b - 1
    return new_w, new_b


def step_with_lists(w, b, x, target):
    error = target - fires(x, w, b)
    return [wi + error * xi for wi, xi in zip(w, x, strict=True)], b + error


def step_with_tensors(w, b, x, target):
    import tensorflow as tf

    error = float(target - fires(x, w, b))
    return tf.constant(w) + error * tf.constant(x), tf.constant(b + error)


def xor_by_python(x1, x2):
    return x1 != x2


def xor_by_nand(x1, x2):
    x = np.array([x1, x2])
    either = fires(x, [1, 1], -0.5)
    not_both = fires(x, [-1, -1], 1.5)
    return np.float32(fires([either, not_both], [1, 1], -1.5))


def xor_by_two_buts(x1, x2):
    first = fires([x1, x2], [2, -2], -1)
    second = fires([x1, x2], [-2, 2], -1)
    return [fires([first, second], [5, 5], -2)][0]


def value_with_ifs(tree, my_turn):
    if isinstance(tree, (int, float)):
        return tree
    best = None
    for branch in tree:
        value = value_with_ifs(branch, not my_turn)
        if best is None or (value > best if my_turn else value < best):
            best = value
    return best


def value_by_sorting(tree, my_turn):
    if not isinstance(tree, list):
        return float(tree)
    return sorted(value_by_sorting(t, not my_turn) for t in tree)[-1 if my_turn else 0]


def value_by_sign(tree, my_turn):
    """Negamax: what is good for me is bad for you."""

    def negamax(tree, sign):
        if not isinstance(tree, list):
            return sign * tree
        return max(-negamax(branch, -sign) for branch in tree)

    return (1 if my_turn else -1) * negamax(tree, 1 if my_turn else -1)


def value_in_place(tree, my_turn):
    """With its own stack of values, and a tuple of branches."""
    if not hasattr(tree, "__len__"):
        return np.float32(tree)
    values = np.array([value_in_place(t, my_turn=not my_turn) for t in tuple(tree)])
    return values.max() if my_turn else values.min()


def value_with_two_functions(tree, my_turn):
    def mine(tree):
        return max(map(theirs, tree)) if isinstance(tree, list) else tree

    def theirs(tree):
        return min(map(mine, tree)) if isinstance(tree, list) else tree

    return [mine(tree) if my_turn else theirs(tree)]


class Value:
    def __call__(self, tree, my_turn):
        if isinstance(tree, list):
            return (min, max)[my_turn](self(branch, not my_turn) for branch in tree)
        return Fraction(tree)


def step_with_dot(w, b, x, target):
    error = target - int(np.dot(w, x) + b > 0)
    return np.add(w, np.multiply(error, x)), b + error


def step_as_dictionary(w, b, x, target):
    sign = {(0, 1): 1, (1, 0): -1}.get((fires(x, w, b), target), 0)
    return tuple(w + sign * x), Fraction(float(b)) + sign


def step_with_bias_as_weight(w, b, x, target):
    """The bias as the weight of an input that is always 1."""
    w, x = np.append(w, b), np.append(x, 1)
    w = w + (target - (w @ x > 0)) * x
    return w[:-1], w[-1:]


class Step:
    def __call__(self, w, b, x, target):
        error = np.sign(target - fires(x, w, b))
        return [w + error * x, b + error]


def xor_by_counting(x1, x2):
    return int(x1 + x2 == 1)


def xor_by_bits(x1, x2):
    return x1 ^ x2


def xor_by_table(x1, x2):
    return [[0, 1], [1, 0]][x1][x2]


def xor_by_the_lesson(x1, x2):
    hidden = np.array([fires([x1, x2], [1, 1], -0.5), fires([x1, x2], [1, 1], -1.5)])
    return fires(hidden, w=[1, -2], b=-0.2)


def xor_as_array(x1, x2):
    return np.array([abs(x1 - x2)], dtype=object)


ANSWERS = {
    "q1": [
        ["B", "E", "C", "A", "F", "D"],
        "BECAFD",
        "b, e, c, a, f, d",
        ("b", "e", "c", "a", "f", "d"),
        np.array(["B", "E", "C", "A", "F", "D"]),
        np.array(["B", "E", "C", "A", "F", "D"], dtype=object),
        "B-E-C-A-F-D",
        ["BEC", "AFD"],
        "B < E < C < A < F < D",
    ],
    "q2": [
        [1, -1, -0.5],
        (2, -3, -1),
        np.array([10, -10, -9.5], "float32"),
        [Decimal("0.3"), Decimal("-0.3"), Decimal("-0.1")],
        [Fraction(1, 3), -1, Fraction(-1, 4)],
        [np.float64(1), np.int64(-1), -0.001],
        np.array([5, -100, -4.5], dtype=object),
        [1, -1, 0],
    ],
    "q3": [
        step_with_ifs,
        step_in_place,
        step_in_place_twice,
        step_with_lists,
        step_with_tensors,
        step_with_dot,
        step_as_dictionary,
        step_with_bias_as_weight,
        Step(),
    ],
    "q4": [3, 3.0, np.int64(3), [3], "three", "3", Fraction(3), "Three.", np.array(3)],
    "q5": [
        xor_by_python,
        xor_by_nand,
        xor_by_two_buts,
        xor_by_counting,
        xor_by_bits,
        xor_by_table,
        xor_by_the_lesson,
        xor_as_array,
    ],
    "q6": [
        ["learning", "rules", "search", "learning", "search"],
        ("Learning", "Rules", "Search", "Learning", "Search"),
        "learning, rules, search, learning, search",
        "learning rules search learning search",
        np.array(["learning", "rules", "search", "learning", "search"]),
        np.array(["learning", "rules", "search", "learning", "search"], dtype=object),
        ["learning ", " rules", "search.", "LEARNING", "search"],
        "Learning,Rules,Search,Learning,Search",
    ],
    "q7": [
        163.95,
        164,
        np.float32(163.9),
        72e6 * 60_000 * 12 / (0.2 * 1.581e12),
        [164.0],
        Decimal("163.9"),
        np.array([[164]]),
        Fraction(164),
    ],
    "q8": [
        value_with_ifs,
        value_by_sorting,
        value_by_sign,
        value_in_place,
        value_with_two_functions,
        Value(),
        lambda tree, my_turn: value_with_ifs(tree, my_turn),
        lambda tree, my_turn: np.array([value_by_sorting(tree, my_turn)]),
    ],
}


def no_return(*arguments):
    pass


def step_of_one_input(w, b, x, target):
    return w[0] + x[0], b


def value_without_turns(tree, my_turn):
    if not isinstance(tree, list):
        return tree
    values = [value_without_turns(branch, my_turn) for branch in tree]
    return max(values) if my_turn else min(values)


def value_of_one_level(tree, my_turn):
    if not isinstance(tree, list):
        return tree
    return max(tree) if my_turn else min(tree)


WORK, FIFTH = 72e6 * 60_000 * 12, 1.581e12 / 5
WRONG = {
    "q1": [
        ("DFACEB", "from the newest to the oldest"),
        (["E", "B", "C", "A", "F", "D"], "cannot be older than the cells"),
        ("BCEAFD", "Which of the two comes first?"),
        (["B", "E", "A", "C", "F", "D"], "eleven years older"),
        ("ABCDEF", "9 of 15 pairs are in order. Is A really older than B?"),
        (["C", "B", "E", "A", "F", "D"], "Is C really older than B?"),
        (["B", "E", "C", "A", "F"], "each of the letters A to F"),
        (["B", "B", "C", "A", "F", "D"], "exactly once"),
        ([1958, 1969, 1986, 1997, 2012, 2016], "in quotes"),
        ([2, 5, 3, 1, 6, 4], "in quotes"),
    ],
    "q2": [
        ([1, 1, -1.5], "This neuron is AND"),
        ([1, 1, -1], "This neuron is AND"),
        ([1, 1, -0.5], "This neuron is OR"),
        ([1, 0, -0.5], "weight of x2 is to stop it"),
        ([-1, 1, -0.5], "inputs are exchanged"),
        ([1, -1, 0.5], "bias is too large"),
        ([1, -1, -1], "It never fires"),
        ([1, -1], "three numbers are wanted"),
        ([0, 0, 1, 0], "three numbers are wanted"),
        ([-1, -1, 0.5], "NOR"),
        ([1, -0.4, -0.5], "also fires when both are 1"),
        ([0, 0, 1], "expected 0, you have 1"),
    ],
    "q3": [
        (step_without_else, "a neuron that is right"),
        (lambda w, b, x, target: (w + target * x, b + target), "Use the correction"),
        (
            lambda w, b, x, target: (w - (target - fires(x, w, b)) * x, b),
            "expected",
        ),
        (lambda w, b, x, target: (w + target - fires(x, w, b), b), "w1, w2, b"),
        (
            lambda w, b, x, target: (w + (target - fires(x, w, b)) * x, b),
            "the bias never changes",
        ),
        (lambda w, b, x, target: (w, b), "Nothing ever changes"),
        (no_return, "returns nothing"),
        (lambda w, b, x, target: w, "two things are wanted"),
        (lambda w, b, x, target: (b, w), "exchanged"),
        (step_of_one_input, "w should stay 2 numbers"),
        (
            lambda w, b, x, target: (
                w + 0.1 * (target - fires(x, w, b)) * x,
                b + 0.1 * (target - fires(x, w, b)),
            ),
            "w1, w2, b",
        ),
        (
            lambda w, b, x, target: (
                (target - fires(x, w, b)) * x,
                target - fires(x, w, b),
            ),
            "where is the old w",
        ),
    ],
    "q4": [
        (4, "one straight line"),
        ("four", "one straight line"),
        (2, "as good as guessing"),
        (2.0, "as good as guessing"),
        (1, "turned around"),
        (0, "already right in two rows"),
        (5, "there are four rows"),
        (-3, "there are four rows"),
        (0.75, "there are four rows"),
        ("most", "there are four rows"),
        ([3, 1], "one number is wanted"),
    ],
    "q5": [
        (lambda x1, x2: int(x1 or x2), "Your network is OR"),
        (lambda x1, x2: int(x1 and x2), "Your network is AND"),
        (lambda x1, x2: x1 == x2, "opposite of XOR"),
        (lambda x1, x2: int(not (x1 and x2)), "1 in three rows"),
        (lambda x1, x2: 0, "It never fires"),
        (lambda x1, x2: 1, "fires in every row"),
        (lambda x1, x2: x1 - x2, "An output is 0 or 1"),
        (lambda x1, x2: x1 + x2, "An output is 0 or 1"),
        (lambda x1, x2: x1, "x1 = 0, x2 = 1: expected 1, you have 0"),
        (lambda x1, x2: 1 - x1, "x1 = 0, x2 = 0: expected 0, you have 1"),
        (no_return, "returns nothing"),
        (0.5, "a function is wanted"),
    ],
    "q6": [
        (["learning", "rules", "learning", "learning", "search"], "Deep Blue beat"),
        (["learning", "rules", "rules", "learning", "search"], "Chess has rules"),
        (["learning", "rules", "search", "learning", "learning"], "has it learned?"),
        (["learning", "rules", "search", "learning", "rules"], "about good moves"),
        (["learning", "search", "search", "learning", "search"], "R1 does not try"),
        (["search", "rules", "search", "learning", "search"], "The perceptron tries"),
        (["learning", "rules", "search", "search", "search"], "LeNet-5 does not"),
        (["learning", "rules", "learning", "learning", "rules"], "3 of your 5 words"),
        (["rules", "rules", "rules", "rules", "rules"], "1 of your 5 words"),
        (["search", "learning", "rules", "rules", "rules"], "0 of your 5 words"),
        (["learning", "rule", "search", "learning", "search"], "none of the words"),
        (["learning", "rules", "search"], "5 words are wanted"),
    ],
    "q7": [
        (WORK / FIFTH / 5, "at the full peak"),
        (32.8, "at the full peak"),
        (WORK / FIFTH / 60, "These are minutes"),
        (WORK / FIFTH / 3600, "hours or days"),
        (FIFTH / WORK, "hours or days"),
        (WORK / FIFTH / 3, "the way forward only"),
        (WORK / FIFTH / 12, "one pass over the images"),
        (WORK, "This is the work"),
        (WORK * FIFTH, "multiply work and speed"),
        (WORK / (0.8 * 1.581e12), "Try ex.q7.hint()"),
        (FIFTH, "the card's speed"),
        (-164, "hours or days"),
        ("164 s", "numbers are wanted"),
        (200, "Try ex.q7.hint()"),
    ],
    "q8": [
        (value_without_turns, "expected"),
        (value_of_one_level, "numbers are wanted"),
        (lambda tree, my_turn: value_with_ifs(tree, not my_turn), "are exchanged"),
        (lambda tree, my_turn: value_with_ifs(tree, True), "expected"),
        (lambda tree, my_turn: tree, "numbers are wanted"),
        (lambda tree, my_turn: 0, "expected"),
        (no_return, "returns nothing"),
        (lambda tree, my_turn: np.max(np.ravel(tree[0])), ""),
        (lambda tree, my_turn: -value_with_ifs(tree, my_turn), "you have -5"),
    ],
}
