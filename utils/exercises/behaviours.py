"""Behaviours: from a learner's answer to results that can be compared.

One reader each for numbers, words, functions and networks. A result is an array, a
word, an error, or a dictionary of them: {"what was tried": its result}.
"""

import contextlib
import copy
import functools
import numbers
import os
import re

import numpy as np

from utils import data

SHOWN = 12  # numbers of an array that a message shows; of a larger one, its shape
STILL_OPEN = "your code still has the placeholder `...`."


class Wrong(Exception):
    """What a `behaviour` raises to say what is wrong with an answer."""


class NotAttempted(Wrong):
    pass


class NotFinite(Wrong):
    pass


def number(answer):
    """One number: 26, 26.0, Fraction(26), np.float32(26), a tensor, an array of one."""
    if isinstance(answer, tuple) and len(answer) > 1:
        raise Wrong(
            "one number is wanted; a comma makes two of it. Python writes 0.5 with a "
            "point, and 1000 without a comma."
        )
    result = array(answer)
    if result.size != 1:
        raise Wrong(f"one number is wanted; yours has shape {result.shape}.")
    return result.reshape(())


def several(answer, count, wanted):
    """So many numbers as an array; Wrong says what is wanted, and what came."""
    result = array(answer)
    if result.shape != (count,):
        raise Wrong(f"{wanted}; yours has shape {result.shape}.")
    return result


def array(value):
    """Real numbers in any form (list, NumPy, TensorFlow, torch, JAX) as float64 array.

    Raises Wrong where a part is no finite number, NotAttempted where it is `...`.
    """
    try:
        result = np.asarray(_plain(value))
        if result.dtype.kind not in "biufO":  # O: Fraction, Decimal
            raise TypeError
        result = result.astype("float64")
    except Wrong:
        raise
    except Exception:
        parts = value if isinstance(value, (list, tuple)) else []
        if any(isinstance(part, np.ndarray) and part.ndim for part in parts):
            text = "a part of your list is a whole array: is a `.sum()` missing?"
            raise Wrong(text) from None
        raise Wrong(f"numbers are wanted; you have {brief(value)}.") from None
    if not np.isfinite(result).all():
        raise NotFinite("your result contains NaN or infinity.")
    return result


def _plain(value):
    """A value, or each part of a list, as NumPy reads it: torch's without gradients."""
    if isinstance(value, (list, tuple)):
        return [_plain(part) for part in value]
    if value is ...:
        raise NotAttempted(STILL_OPEN)
    if callable(value) and not hasattr(value, "shape"):
        raise Wrong("a function itself is no number: are the brackets `()` missing?")
    return value.detach().cpu() if hasattr(value, "detach") else value


def words(answer):
    """A word, or those of a list or an array, as a list; [] where a part is none."""
    if isinstance(answer, np.ndarray) and answer.dtype.kind not in "OU":
        return []  # at once, also where it is huge
    parts = np.array(answer, dtype=object).ravel().tolist()
    return parts if all(isinstance(part, str) for part in parts) else []


def choice(*options, count=1):
    """One of several words, in any case; or `count` of them: a list, or with commas."""

    def letters(word):  # without what is written in several ways: "Cross_entropy."
        return re.sub(r"[^a-z0-9]", "", word.lower())

    known = {letters(option): option for option in options}
    quoted = ", ".join(f'"{option}"' for option in options)
    quoted = " or ".join(quoted.rsplit(", ", 1))
    wanted = "one word is wanted" if count == 1 else f"{count} words are wanted"

    def behaviour(answer):
        if isinstance(answer, str) and count > 1:
            answer = answer.split("," if "," in answer else None)
        given = words(answer)
        if len(given) != count:
            raise Wrong(f"{wanted}, in quotes: {quoted}.")
        for word in given:
            if letters(word) not in known:
                raise Wrong(f"{brief(word)} is none of the words: {quoted}.")
        return ", ".join(known[letters(word)] for word in given)

    return behaviour


def function(probes, others=(), later=None, right=None):
    """A function's results on probe inputs: function({"small": (2, 3), "large": ...}).

    Each probe is a tuple of arguments; its name tells the learner which one it was.
    others: names of probes on which an error or NaN is a result: matrices that do not
    fit. later: more of them, only for an answer that agrees with `right` until then.
    """

    def behaviour(answer):
        results = {}
        for name, arguments in probes.items():
            try:  # with copies, theirs to change
                results[name] = array(call(answer, *copy.deepcopy(arguments)))
            except Exception as error:
                wrong = isinstance(error, Wrong)
                if name in others and (isinstance(error, NotFinite) or not wrong):
                    results[name] = error
                elif results and wrong:  # those before were numbers
                    raise type(error)(f"{name}: {error}") from None
                else:
                    if results:
                        error.add_note(name)
                    raise
        if later and same(results, function(probes)(right), 1e-4):
            results |= function(later, others=later)(answer)
        return results

    return behaviour


def call(answer, *arguments):
    """What the learner's function returns. Raises Wrong where it is none, or None."""
    if not callable(answer):
        raise Wrong(f"a function is wanted; you have {brief(answer)}.")
    result = answer(*arguments)
    if result is None:
        raise Wrong("your function returns nothing: is the `return` missing?")
    return result


def keras_model(answer):
    """A learner's Keras model: the answer itself, or what their function builds."""
    model = answer  # a model can be called, too
    if isinstance(answer, type) or (callable(answer) and not hasattr(answer, "layers")):
        model = call(answer)
    if not hasattr(model, "count_params"):
        raise Wrong(f"a Keras model is wanted; you have a {type(model).__name__}.")
    return model


def guess_and_network(answer):
    """(guess from 0 to 1, Keras model) of a [guess, network], or a function's."""
    if callable(answer) and not hasattr(answer, "layers"):
        answer = answer()
    if not isinstance(answer, (list, tuple)) or len(answer) != 2:
        raise Wrong("two things are wanted, your guess and your trained network.")
    guess, model = answer
    if callable(guess):
        raise Wrong("first your guess, then the network.")
    guess = float(number(guess))
    if not 0 <= guess <= 1:
        raise Wrong(
            f"your guess is {guess:g}. An accuracy is a share of all images, from 0 to "
            "1: do you mean percent?"
        )
    if model is None:
        raise Wrong(
            "your network is `None`: `compile` gives nothing back. Give the network "
            "its name first; then call `compile` and `fit` on it."
        )
    if hasattr(model, "history") and not hasattr(model, "count_params"):
        raise Wrong("this is what `fit` gives back. The network is wanted.")
    return guess, keras_model(model)


@functools.cache
def held_out(share, source, fast):
    """((images, labels) set aside of these data, how many are left to train on)."""
    with contextlib.redirect_stdout(None):
        (images, labels), _ = data.load_mnist()
    (seen, _), (held, answers) = data.split_validation(images, labels, share)
    return (data.prepare(held), answers), len(seen)


def validation(share):
    """What `held_out` says of the data that are chosen now."""
    fast = os.environ.get("WORKSHOP_FAST")
    return held_out(share, data.chosen_source(), fast)


# --- results --------------------------------------------------------------------


def same(one, other, tolerance):
    """True where two results agree: shapes exactly, numbers within the tolerance."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(
            same(one[key], other[key], tolerance) for key in one
        )
    for kind in (str, Exception):
        if isinstance(one, kind) or isinstance(other, kind):
            both = isinstance(one, kind) and isinstance(other, kind)
            return both and (kind is Exception or one == other)
    try:
        one, other = np.asarray(one, "float64"), np.asarray(other, "float64")
    except (TypeError, ValueError):
        return False
    alike = one.shape == other.shape or one.size == other.size == 1  # 3 and [3]
    return alike and np.allclose(one.ravel(), other.ravel(), tolerance, tolerance)


def first_line(error):
    """What an error says first, without Keras's heading and TensorFlow's addresses."""
    text = re.sub(r"\x1b\[\d*m|{{.*?}} ?", "", str(error))
    text = re.sub(r"^Exception encountered when calling .*\n", "", text)
    return text.strip().split("\n")[0].strip()


def brief(value):
    """A value in a few words, also when it is huge."""
    if isinstance(value, np.ndarray):
        if value.size == 1:
            return brief(value.item())
        if value.size <= SHOWN:
            return np.array2string(value, precision=4, separator=", ").replace("\n", "")
        return f"an array of shape {value.shape}"
    try:
        if isinstance(value, numbers.Real):
            whole = float(value).is_integer() and abs(value) < 1e15
            return f"{float(value):.0f}" if whole else f"{float(value):.6g}"
        if isinstance(value, Exception):
            return f"the error {first_line(value)[:80]}"
        text = repr(value)
    except Exception:
        text = f"a {type(value).__name__}"
    return text if len(text) <= 60 else f"{text[:57]}..."
