"""Answers that break a check: first those that a beginner could type.

Each is (what it is, the answer, the verdict it gets): FUNCTIONS where a function is
wanted, VALUES where a number is. An exercise of another kind may say something else,
never "Correct.".
"""

import builtins
import decimal
import fractions
import itertools
import os
import random
import sys
import tempfile
import threading
import time
import warnings

import numpy as np

from utils.exercises.core import ERROR, NOT_ATTEMPTED, NOT_FINISHED, WRONG


def endless(*_):
    while True:
        pass


def endless_with_print(*_):
    while True:
        print("still here")


def endless_with_print_on_one_line(*_):
    while True:
        print(".", end="")


def endless_with_except_exception(*_):
    while True:
        try:  # noqa: SIM105
            int("one")
        except Exception:
            pass


def endless_with_bare_except(*_):
    while True:
        try:  # noqa: SIM105
            int("one")
        except:  # noqa: E722
            pass


def endless_around_bare_except(*_):
    def helper():
        try:
            return np.sin(np.ones(100_000)).sum()
        except:  # noqa: E722
            return 0

    while True:
        helper()


def endless_in_numpy(*_):
    x = np.ones((300, 300))
    while True:
        x = np.tanh(x @ x)


def sleeps(*_):
    time.sleep(60)


def sleeps_again_and_again(*_):
    while True:
        try:  # noqa: SIM105
            time.sleep(1)
        except:  # noqa: E722
            pass


def waits_for_itself(*_):
    lock = threading.Lock()
    lock.acquire()
    lock.acquire()


def recursion(*arguments):
    return recursion(*arguments) + 1


def no_return(*arguments):
    sum(range(10))


def returns_print(*_):
    return print("the result")


def shadowed_name(*_):
    sum = 3
    return sum([1, 2])


def raises(*_):
    return 1 / 0


def a_huge_array(*_):
    return np.ones((10**7, 10**7))


def a_huge_list(*_):
    return [0] * 10**14


def leaves(*_):
    sys.exit()


def leaves_by_exit(*_):
    raise SystemExit("good bye")


def asks(*_):
    return float(input("a number: "))


def a_generator(*_):
    yield 1


async def a_coroutine(*_):
    return 1


def returns_itself(*_):
    return returns_itself


def changes_what_it_is_given(*arguments):
    for argument in arguments:
        if isinstance(argument, np.ndarray):
            argument[...] = 0
    return 0


def moves_the_state(*_):
    import matplotlib

    random.seed(1)
    np.random.seed(1)  # noqa: NPY002
    np.seterr(all="raise")
    warnings.simplefilter("error")
    os.chdir(tempfile.gettempdir())
    matplotlib.rcParams["figure.dpi"] = 7
    sys.stdout = None
    return 0


def underflows_with_raise(*_):
    np.seterr(all="raise")
    return np.exp(np.array(-1000.0))


def starts_a_thread(*_):
    threading.Thread(target=time.sleep, args=(0.05,)).start()
    return 0


class NoText(Exception):
    def __str__(self):
        raise RuntimeError("no text")


class NotOurs(BaseException):
    pass


def raises_without_text(*_):
    raise NoText


def raises_what_is_no_exception(*_):
    raise NotOurs("from above")


def stops_a_generator(*_):
    raise StopIteration


def patches_len(*_):
    builtins.len = None  # the test puts it back
    return 0


def patches_isinstance(*_):
    builtins.isinstance = lambda *_: True
    return 0


FUNCTIONS = [
    ("endless", endless, NOT_FINISHED),
    ("endless with print", endless_with_print, NOT_FINISHED),
    ("endless, on one line", endless_with_print_on_one_line, NOT_FINISHED),
    ("except Exception", endless_with_except_exception, NOT_FINISHED),
    ("bare except", endless_with_bare_except, NOT_FINISHED),
    ("around a bare except", endless_around_bare_except, NOT_FINISHED),
    ("endless in NumPy", endless_in_numpy, NOT_FINISHED),
    ("sleeps", sleeps, NOT_FINISHED),
    ("sleeps again and again", sleeps_again_and_again, NOT_FINISHED),
    ("waits for itself", waits_for_itself, NOT_FINISHED),
    ("recursion", recursion, ERROR),
    ("forgotten return", no_return, WRONG),
    ("returns print", returns_print, WRONG),
    ("shadowed name", shadowed_name, ERROR),
    ("raises", raises, ERROR),
    ("a huge array", a_huge_array, ERROR),
    ("a huge list", a_huge_list, ERROR),
    ("sys.exit", leaves, ERROR),
    ("SystemExit", leaves_by_exit, ERROR),
    ("asks", asks, ERROR),
    ("a generator", a_generator, WRONG),
    ("returns itself", returns_itself, WRONG),
    ("changes its arguments", changes_what_it_is_given, WRONG),
    ("moves the state", moves_the_state, WRONG),
    ("underflow raises", underflows_with_raise, ERROR),
    ("starts a thread", starts_a_thread, WRONG),
    ("raises without text", raises_without_text, ERROR),
    ("raises no Exception", raises_what_is_no_exception, ERROR),
    ("StopIteration", stops_a_generator, ERROR),
    ("patches len", patches_len, ERROR),
    ("patches isinstance", patches_isinstance, ERROR),
    ("print itself", print, WRONG),
    ("called with too much", lambda: 0, ERROR),
    ("a placeholder", lambda *_: ..., NOT_ATTEMPTED),
]


def hostile(**methods):
    """An object whose methods do not what they should."""
    return type("Hostile", (), methods)()


def refuses(*_):
    raise RuntimeError("not for you")


ITSELF = [1]
ITSELF.append(ITSELF)

VALUES = [
    ("a class that cannot be asked", hostile(__class__=property(refuses)), ERROR),
    ("__getattr__ raises", hostile(__getattr__=refuses), WRONG),
    ("__getattribute__ raises", hostile(__getattribute__=refuses), ERROR),
    ("__getattribute__ never returns", hostile(__getattribute__=endless), NOT_FINISHED),
    ("__array__ raises", hostile(__array__=refuses), WRONG),
    ("__array__ never returns", hostile(__array__=endless), NOT_FINISHED),
    ("__array__ is none", hostile(__array__=lambda *_, **__: "array"), WRONG),
    ("__float__ raises", hostile(__float__=refuses), WRONG),
    ("__eq__ raises", hostile(__eq__=refuses, __hash__=None), WRONG),
    ("__repr__ raises", hostile(__repr__=refuses), WRONG),
    ("__repr__ leaves", hostile(__repr__=leaves), ERROR),
    ("__repr__ never returns", hostile(__repr__=endless), NOT_FINISHED),
    ("__repr__ is long", hostile(__repr__=lambda _: "x" * 10**6), WRONG),
    ("__len__ raises", hostile(__len__=refuses, __getitem__=refuses), WRONG),
    ("a list in itself", ITSELF, WRONG),
    ("a list of everything", [1, "a", None, {}], WRONG),
    ("an endless iterator", itertools.count(), WRONG),
    ("a huge number", 10**400, WRONG),
    ("a huge fraction", fractions.Fraction(10**400, 3), WRONG),
    ("a decimal that is none", decimal.Decimal("NaN"), WRONG),
    ("NaN", float("nan"), WRONG),
    ("infinity", np.inf, WRONG),
    ("complex", 1j, WRONG),
    ("a date", np.datetime64("2026-01-01"), WRONG),
    ("records", np.zeros(2, dtype=[("a", int)]), WRONG),
    ("a huge array", np.zeros((2000, 2000)), WRONG),
    ("a wrong shape", np.zeros((3, 1, 4, 1)), WRONG),
    ("an empty list", [], WRONG),
    ("a ragged list", [[1, 2], [3]], WRONG),
    ("a dictionary", {"a": 1}, WRONG),
    ("None", None, WRONG),
    ("a long text", "x" * 10**6, WRONG),
    ("bytes", b"27", WRONG),
    ("an exception", ValueError("27"), WRONG),
    ("a module", np, WRONG),
    ("a class", dict, WRONG),
    ("a function", endless, WRONG),
]
