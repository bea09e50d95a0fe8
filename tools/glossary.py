"""The glossary: each term that a lesson sets in bold, in the words that define it.

A term is what stands in bold inside a sentence of a lesson: "a **kernel** is a small
grid of weights". Labels are not ("**In fact**", "**1986.**"). What exercises, slides
and notes for the instructor say does not count.

An entry quotes the sentence of the term's first use, or what the author has marked
around it: <define>We choose, then you. This is a **tree**.</define> A formula that the
quotation announces comes with it.
"""

import re
from dataclasses import dataclass, field

from tools.lessons import MARK, read, refuse, tags

NO_PROSE = ("# ", "**Exercise", "**Your turn", "**The slide says")
LABEL = re.compile(r"\*\*(In fact|[^*]*[.:])\*\*\s*")
TERM = re.compile(r"\*\*([^*]+)\*\*(?!\w)")
SENTENCE = re.compile(r"\S.*?(?:[.?!][\"')]*(?=\s)|$)")
MARKED = re.compile("<define>(.+?)</define>")
FORMULA = re.compile(r":(</define>)?\s+\$\$(.+?)\$\$", re.DOTALL)


@dataclass
class Entry:
    """A term, its definition, and {lesson's path: the section's heading or None}."""

    term: str
    definition: str
    places: dict = field(default_factory=dict)


def blocks(lesson):
    """Yield (line of its cell, heading or None, text) for each paragraph or list item.

    The text is one line, without the marks of boxes and lists; a formula after ":" is
    its last sentence.
    """
    heading = None
    for line, cell in read(lesson):
        if cell.cell_type != "markdown" or "instructor" in tags(cell):
            continue
        source = re.sub("(?m)^> ?|</?slide>", "", cell.source)
        source = FORMULA.sub(r": $\2$.\1", source)
        for block in re.split(r"\n\s*\n|\n(?=- )", source):
            if block.startswith("##"):
                heading = block.lstrip("# ")
            elif not block.startswith(NO_PROSE):
                text = " ".join(block.removeprefix("- ").split())
                yield line, heading, LABEL.sub("", text)


def headword(term):
    """The singular, or a verb's plain form: "logits", "fires" -> "logit", "fire"."""
    return re.sub(r"(?<=[^aisu])s$", "", term)


def definition(term, text):
    """What is marked around `term`, in bold in `text`, or its sentence; "" for none."""
    bold = f"**{term}**"
    passages = [*MARKED.findall(text), *SENTENCE.findall(MARK.sub("", text))]
    words = next((passage for passage in passages if bold in passage), "")
    words = re.sub(r":$", ".", words)
    words = words.replace(bold, f"*{term}*").replace("**", "")
    return words[:1].upper() + words[1:]


def entries(lessons):
    """The entries of the glossary, in alphabetical order."""
    found, prose = {}, []
    for lesson in lessons:
        for line, heading, text in blocks(lesson):
            prose.append(text)
            if text.count("**") % 2:
                refuse(lesson, line, f"bold text without an end in {text[:50]!r}")
            for bold in TERM.findall(text):
                term, words = headword(bold), definition(bold, text)
                if not words:
                    refuse(lesson, line, f"**{bold}** is longer than its sentence")
                entry = found.setdefault(term.casefold(), Entry(term, words))
                entry.places.setdefault(lesson, heading)
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
    parts = ["# Glossary", "Each term in the words of the lesson that uses it first."]
    for entry in entries(lessons):
        heading = f"## {entry.term[0].upper()}"
        if heading not in parts:
            parts.append(heading)
        first, *others = entry.places.items()
        where = link(f"lesson {int(first[0].stem[:2])}", *first)
        if others:
            links = [link(int(lesson.stem[:2]), lesson, at) for lesson, at in others]
            where += f"; also {', '.join(links)}"
        parts.append(f"**{entry.term}**: {entry.definition} ({where})")
    return "\n\n".join(parts) + "\n"
