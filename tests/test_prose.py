"""What the prose says: its numbers are those beside it, and its English is mended.

A number that a lesson's text names stands in the code or in an output of its section.
Only outputs count that nbval compares, so they are the same on all of MNIST, on a part
of it and on the embedded digits, and the text is true on all three. What is true on
MNIST alone says so, and is compared with the outputs that are committed.
"""

import math
import re
from pathlib import Path

import nbformat
import pytest

from tools.lessons import LESSONS, key
from utils.exercises import lesson3

ROOT = Path(__file__).resolve().parent.parent
ROOMS = "guide", "hub", "lessons", "tools", "utils"
# what is not English: what is
SLIPS = {
    r"\ban own\b": "its own, a copy of their own",
    r"\b[Ff]or own\b": "for their own",
    r"\b(twice|times) too (large|small|long|short)\b": "twice as large as it should be",
}

every_lesson = pytest.mark.parametrize("lesson", LESSONS, ids=key)
# Decimals, and whole percentages; none of code, of a link, of a version's kind.
NUMBER = re.compile(r"(?<![\w.,])(?:\d[\d,]*\.\d+(?![\w.]*\w)|\d+(?= ?%))", re.ASCII)
ANY = re.compile(r"\d[\d,]*\.?\d*(?:e[-+]?\d+)?")
# "about 97 %", "98 % or more"; and what a cell prints that says whether it is true.
PROMISE = re.compile(
    r"(?:(about|near|at least|more than) ([\d.]+)|([\d.]+)) %(?: (or more))?"
)
RANGE = re.compile(r"([\d.]+) to ([\d.]+) %")
READ = re.compile(
    r"(?:(?:test accuracy: |network, test +)([\d.]+)"
    r"|(?:validation |val_)accuracy: ([\d.]+))(%?)"
)
MNIST = re.compile("MNIST|60,000")
# What is no result: a version, a figure of a book, or a setting that one may try.
NO_RESULT = {
    "lesson1": {"100"},
    "lesson2": {"2.3", "2.4", "3.0", "0.03", "1.2", "0.00001", "0.0000003"},
    "lesson3": {"0.001"},
    "lesson4": {"0.01", "0.001", "0.015", "0.2", "91"},
    "lesson6": {"7.1", "0.01"},
    "lesson7": {"0.1", "0.5", "0.07", "0.001", "0.006"},
}
# What is not printed: it follows.
KNOWN = {
    "2.718": math.e,
    "468.75": 60_000 / 128,
    "1.4": math.sqrt(2),
    "0.05": lesson3.BAND,
    "0.0000001": 1e-7,  # keras.config.epsilon()
    "88.5": 100 * 24 * 24 * 64 * 288 / (24 * 24 * 64 * 288 + 1_375_360),
}


def said(cell):
    """What a cell prints and shows."""
    texts = []
    for output in cell.get("outputs", []):
        texts.append(output.get("text", ""))
        texts += [
            text
            for kind, text in output.get("data", {}).items()
            if kind.startswith("text/")
        ]
    return "\n".join(texts)


def sections(lesson):
    """[(its heading, its cells), ...] of a solved notebook."""
    path = ROOT / "notebooks" / "solutions" / f"{lesson.stem}.ipynb"
    found = []
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type == "markdown" and re.match("##? ", cell.source):
            found.append((cell.source.partition("\n")[0], []))
        found[-1][1].append(cell)
    return found


def prose(cell):
    """A Markdown cell without code; "" for other cells."""
    return re.sub(r"`[^`]*`", "", cell.source) if cell.cell_type == "markdown" else ""


def rounds_to(number, value):
    """Whether a value, or a share, is what the text says, to its own digits."""
    digits = len(number.partition(".")[2])
    near = 0.5001 * 10**-digits
    said = float(number.replace(",", ""))
    return abs(value - said) <= near or abs(100 * value - said) <= near


def stands_in(number, texts):
    values = [float(n.rstrip(".").replace(",", "")) for n in ANY.findall(texts)]
    return any(rounds_to(number, value) for value in values)


def seen_in_each_mode(cells):
    """The code of these cells, and their outputs that nbval compares."""
    return "\n".join(
        cell.source
        + ("\n" + said(cell))
        * ("nbval-ignore-output" not in cell.metadata.get("tags", []))
        for cell in cells
        if cell.cell_type == "code"
    )


@every_lesson
def test_a_number_of_the_text_stands_beside_it(lesson):
    """In its section; one of the summary, or with three digits, in the lesson."""
    found, missing = sections(lesson), []
    anywhere = "\n".join(seen_in_each_mode(cells) for _, cells in found)
    for heading, cells in found:
        beside = seen_in_each_mode(cells)
        for text in map(prose, cells):
            of_mnist = {m[2] or m[3] for m in PROMISE.finditer(" ".join(text.split()))}
            for number in NUMBER.findall(text):
                if number in NO_RESULT.get(key(lesson), ()):
                    continue
                if number in of_mnist and MNIST.search(text):
                    continue  # see the next test
                if number in KNOWN and rounds_to(number, KNOWN[number]):
                    continue
                long = len(number.partition(".")[2]) > 2 or "have seen" in heading
                if not stands_in(number, anywhere if long else beside):
                    missing.append(f"{heading}: {number}")
    hint = "stands in no output of its section; a setting goes into NO_RESULT, here"
    assert not missing, f"{missing}: {hint}"


def promises(lesson):
    """(sentence, at least, at most, what was read last before it), in percent."""
    tested = read = None
    for _, cells in sections(lesson):
        for cell in cells:
            for test, validation, percent in READ.findall(said(cell)):
                read = float(test or validation) * (1 if percent else 100)
                tested = read if test else tested
            for sentence in re.split(r"(?<=[.?!:])\s+", " ".join(prose(cell).split())):
                for begin, one, other, end in PROMISE.findall(sentence):
                    last = tested if "test images" in sentence else read
                    if begin or end:
                        number, near = float(one or other), begin in ("about", "near")
                        most = number + (0.6 if near else 5.1)
                        yield sentence, number - 0.6 * near, most, last
                for low, high in RANGE.findall(sentence):
                    yield sentence, float(low), float(high), last


@pytest.mark.parametrize("lesson", LESSONS[2:4] + LESSONS[5:], ids=key)
def test_what_is_promised_of_mnist_came_out(lesson):
    found = list(promises(lesson))
    assert found
    for sentence, least, most, last in found:
        assert MNIST.search(sentence), sentence
        assert least <= last <= most, (sentence, last)


def test_no_slip_comes_back():
    files = [ROOT / "README.md"]
    for room in ROOMS:
        files += [*(ROOT / room).rglob("*.md"), *(ROOT / room).rglob("*.py")]
    assert len(files) > 50
    found = [
        f"{path.relative_to(ROOT)}: {match[0]!r}; write: {better}"
        for path in files
        for slip, better in SLIPS.items()
        for match in re.finditer(slip, " ".join(path.read_text("utf-8").split()))
    ]
    assert not found, "\n".join(found)
