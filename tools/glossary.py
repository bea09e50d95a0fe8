"""The glossary: each term that a lesson sets in bold, in the words that define it.

A term is what stands in bold inside a sentence of a lesson: "a **kernel** is a small
grid of weights". Labels are not ("**In fact**", "**1986.**"). What exercises, slides
and notes for the instructor say does not count.

An entry quotes the sentence of the term's first use. If that points back ("This is
called ..."), what stands before it in its paragraph comes with it. If it begins or ends
with the term and the next one goes on ("... called **logits**. They are scores ..."),
that comes, too. So does a formula that the sentence announces.
"""

import re
from dataclasses import dataclass, field
from itertools import pairwise

import jupytext

NO_PROSE = ("# ", "**Exercise", "**The slide says")
LABEL = re.compile(r"\*\*(In fact|[^*]*[.:])\*\*\s*")
TERM = re.compile(r"\*\*([^*]+)\*\*(?!\w)")
SENTENCE = re.compile(r"\S.*?(?:[.?!][\"')]*(?=\s)|$)")
POINTS_BACK = re.compile(
    r"(This|These|Such|It|Its|He|They|So|Each time|All these)\b"
    r"|The (output is|result is|additional part)\b"
    r"|.*\b(of|from|between) (these|them)\b"
)
EDGE = re.compile(r"^((A|An|The) )?\*\*|\*\*\W*$")


@dataclass
class Entry:
    """A term, its definition, and {lesson's path: the section's heading or None}."""

    term: str
    definition: str
    places: dict = field(default_factory=dict)


def blocks(lesson):
    """Yield (heading or None, text) for each paragraph, list item and formula.

    The text is one line, without the marks of boxes and lists.
    """
    heading = None
    for cell in jupytext.read(lesson).cells:
        tags = cell.metadata.get("tags", [])
        if cell.cell_type != "markdown" or "instructor" in tags:
            continue
        source = re.sub(r"^> ?", "", cell.source, flags=re.MULTILINE)
        for block in re.split(r"\n\s*\n|\n(?=- )", source):
            if block.startswith("##"):
                heading = block.lstrip("# ")
            elif not block.startswith(NO_PROSE):
                text = " ".join(block.removeprefix("- ").split())
                yield heading, LABEL.sub("", text)


def headword(term):
    """The singular, or a verb's plain form: "logits", "fires" -> "logit", "fire"."""
    return re.sub(r"(?<=[^aisu])s$", "", term)


def definition(term, text, following):
    """The sentence of `text` with `term` in bold, and what it needs around it."""
    bold = f"**{term}**"
    sentences = SENTENCE.findall(text)
    at = next(n for n, words in enumerate(sentences) if bold in words)
    first = 0 if POINTS_BACK.match(sentences[at]) else at
    end = at + 1
    rest = " ".join(sentences[end:])
    goes_on = rf"(It|They|(A|An|The) {re.escape(headword(term))})\s"
    if text.startswith((f"{bold}:", f"{bold},")):  # in a list of terms
        end = len(sentences)
    elif EDGE.search(sentences[at]) and re.match(goes_on, rest):
        end += 1
    words = " ".join(sentences[first:end])
    if words.endswith(":") and following.startswith("$$"):
        words += f" ${following.strip('$')}$."
    words = re.sub(r":$", ".", words)
    if words.count("(") > words.count(")"):
        words = words.removeprefix("(")
    words = words.replace(bold, f"*{term}*").replace("**", "")
    return words[0].upper() + words[1:]


def entries(lessons):
    """The entries of the glossary, in alphabetical order."""
    found, prose = {}, []
    for lesson in lessons:
        here = [*blocks(lesson), (None, "")]
        prose += [text for _, text in here]
        for (heading, text), (_, following) in pairwise(here):
            for bold in TERM.findall(text):
                term = headword(bold)
                if term.casefold() not in found:
                    entry = Entry(term, definition(bold, text, following))
                    found[term.casefold()] = entry
                found[term.casefold()].places.setdefault(lesson, heading)
    words = re.sub(r"`[^`]*`|\]\([^)]*\)", "", " ".join(prose))
    for entry in found.values():
        # "Padding adds ...": a capital only because it begins a sentence?
        plain = entry.term[0].lower() + entry.term[1:]
        if re.search(rf"\b{re.escape(plain)}", words):
            entry.term = plain
    return [found[key] for key in sorted(found)]


def link(words, lesson, heading):
    """A link from the folder of the lessons to a section of a notebook."""
    target = f"../notebooks/{lesson.stem}.ipynb"
    if heading and "$" not in heading:  # tools differ on the anchor of a formula
        target += "#" + re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")
    return f"[{words}]({target})"


def page(lessons):
    """The glossary as Markdown, a heading for each letter."""
    lines = [
        "# Glossary",
        "",
        "Each term in the words of the lesson that uses it first.",
    ]
    for entry in entries(lessons):
        heading = f"## {entry.term[0].upper()}"
        if heading not in lines:
            lines += ["", heading]
        first, *others = entry.places.items()
        where = link(f"lesson {int(first[0].stem[:2])}", *first)
        if others:
            links = [link(int(lesson.stem[:2]), lesson, at) for lesson, at in others]
            where += f"; also {', '.join(links)}"
        lines += ["", f"**{entry.term}**: {entry.definition} ({where})"]
    return "\n".join(lines) + "\n"
