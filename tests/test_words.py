"""No word before its meaning: a term's first use is its definition, or comes after it.

A term is what stands in bold in a lesson's prose (see tools/glossary.py). The lessons
are read in their order; what lesson 2 shows under "Come back after lesson 4" is read
there. Headings and the list of objectives announce words, and explain none: they do
not count. Nor do the slides' own words, code, formulas, titles of papers, and notes
for the instructor.
"""

import re
from pathlib import Path

import jupytext
import pytest

LESSONS = sorted((Path(__file__).parents[1] / "lessons").glob("[0-9]*.py"))
LATER = "Come back after lesson 4"
BOLD = re.compile(r"\*\*([^*]+)\*\*(?!\w)")
LABEL = re.compile(r".*[.:]$|In fact$|Exercise \d+$")  # bold, and no term
OBJECTIVES = re.compile(r"^After this lesson you can\n\n(?:- .*\n(?:  .*\n)*)+", re.M)
NO_WORDS = re.compile(
    r"^#+ .*$|`[^`]*`|\$\$[^$]*\$\$|\$[^$]*\$|\]\([^)]*\)"
    r"|(?<!\*)\*[A-Z][^*]*\*(?!\*)",  # the title of a paper
    re.MULTILINE,
)

# Also ordinary English, and used so before a lesson gives them their one sense.
ORDINARY = {
    "source",  # of a date, in lesson 1; lesson 6: where an arrow begins
    "surprise",  # "this is no great surprise", said of coins
    "logarithm",  # of school; lesson 5 explains the one with base 2
    "derivative",  # of school; lesson 6 explains it again
    "tensorflow",  # names: lesson 2 presents each in its turn
    "pytorch",
}


def paragraphs(lesson):
    """(part, text) of each paragraph; part: 0, or 1 for what is read after lesson 4."""
    part = 0
    for cell in jupytext.read(lesson).cells:
        tags = cell.metadata.get("tags", [])
        if cell.cell_type != "markdown" or "instructor" in tags:
            continue
        source = re.sub(r"^> ?", "", cell.source + "\n", flags=re.MULTILINE)
        for block in re.split(r"\n\s*\n", OBJECTIVES.sub("", source)):
            if block.startswith("**The slide says"):
                continue  # the talk's own words
            if block.startswith(f"## {LATER}"):
                part = 1
            yield part, " ".join(NO_WORDS.sub(" ", block).split())


def in_order(lessons):
    """(lesson's name, text) of all paragraphs, in the order in which one reads them."""
    read = [
        ((4.5 if part else number), lesson.stem, text)
        for number, lesson in enumerate(lessons, 1)
        for part, text in paragraphs(lesson)
    ]
    return [(name, text) for _, name, text in sorted(read, key=lambda row: row[0])]


def headword(term):
    return re.sub(r"(?<=[^aisu])s$", "", term).casefold()


def too_early(read):
    """Yield (term, lesson, sentence) where a term is used before it is defined."""
    defined = {}  # {term: (number of the paragraph, place in it)}
    for number, (_, text) in enumerate(read):
        for bold in BOLD.finditer(text):
            if not LABEL.match(bold[1]) and not text.startswith("**Exercise"):
                defined.setdefault(headword(bold[1]), (number, bold.start()))
    for term, meaning in defined.items():
        word = re.compile(rf"(?<![\w-]){re.escape(term)}(e?s)?(?![\w-])", re.IGNORECASE)
        for number, (lesson, text) in enumerate(read[: meaning[0] + 1]):
            # What is in bold is no use: "an **activation function**", "activation".
            found = word.search(BOLD.sub(lambda bold: " " * len(bold[0]), text))
            if found and (number, found.start()) < meaning:
                around = text[max(0, found.start() - 50) : found.end() + 30]
                yield term, lesson, around
                break


def lesson(folder, number, text):
    path = folder / f"0{number}_lesson.py"
    path.write_text(f"# %% [markdown]\n{text}", "utf-8")
    return path


@pytest.mark.parametrize(
    "text",
    [
        *("# The kernels slide.", "# > **In fact** a Kernel is small.", "# - a kernel"),
        "# **Exercise 1** (1 minute). Count the kernel.",
        "# A kernel, then its bold: a **kernel** is a grid.",
    ],
)
def test_a_word_before_its_meaning_is_found(tmp_path, text):
    late = lesson(tmp_path, 2, "# A **kernel** is a small grid.")
    read = in_order([lesson(tmp_path, 1, text), late])
    assert [term for term, *_ in too_early(read)] == ["kernel"]


@pytest.mark.parametrize(
    "text",
    [
        *("# ## The kernel", "# `kernel` $kernel$", "# *The Kernel: a Paper*"),
        "# After this lesson you can\n#\n# - count a kernel\n#\n# And now:",
        "# A **kernel** is a grid. The kernel slides.",
        "# The cross-kernel, a **kernel size** and kernelised things.",
        '# Here.\n\n# %% [markdown] tags=["instructor"]\n# Say kernel.',
        "# ## Come back after lesson 4: all\n#\n# A kernel.",
    ],
)
def test_what_does_not_count(tmp_path, text):
    late = lesson(tmp_path, 2, "# A **kernel** is a small grid.")
    read = in_order([lesson(tmp_path, 1, text), late])
    assert not list(too_early(read))


@pytest.mark.every_lesson
def test_no_word_before_its_meaning():
    early = [
        f"{lesson}: {term!r} in {sentence!r}"
        for term, lesson, sentence in too_early(in_order(LESSONS))
        if term not in ORDINARY
    ]
    assert not early, "\n".join(early)
