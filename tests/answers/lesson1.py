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


ANSWERS = {
    "q1": [
        ["B", "E", "C", "A", "F", "D"],
        "BECAFD",
        "b, e, c, a, f, d",
        ("b", "e", "c", "a", "f", "d"),
    ],
    "q2": [[1, -1, -0.5], (2, -3, -1), np.array([10, -10, -9.5], "float32")],
    "q3": [step_with_ifs, step_in_place, step_with_lists, step_with_tensors],
    "q4": [3, 3.0, np.int64(3), [3], "three", "3"],
    "q5": [xor_by_python, xor_by_nand, xor_by_two_buts],
    "q6": [value_with_ifs, value_by_sorting, value_by_sign],
    "q7": [
        ["learning", "rules", "search", "learning", "search"],
        ("Learning", "Rules", "Search", "Learning", "Search"),
        "learning, rules, search, learning, search",
    ],
    "q8": [163.95, 164, np.float32(163.9), 72e6 * 60_000 * 12 / (0.2 * 1.581e12)],
}
