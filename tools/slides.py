"""Make the slides: python -m tools.slides; a deck a lesson, in build/slides.

A slide is what the room looks at while somebody speaks: a heading, at most 40 words,
one picture. lessons/README.md says of what there is one; before the summary comes the
lesson's question from guide/votes.md. What is not shown is said: prose, solutions and
the instructor's lines are the speaker notes of the slide to which they belong. What the
first day of guide/plan.toml leaves out has "evening" in its corner.

Nothing is executed: the solved notebook has saved what each cell shows. How large
things are is left to the browser (web/slides/slides.css). This makes a PDF:

    chromium --headless --virtual-time-budget=10000 --print-to-pdf=lesson4.pdf \\
        --no-pdf-header-footer 'file:///PATH/build/slides/04_cnn.html?print-pdf'
"""

import base64
import html
import re
import sys
import tempfile
from dataclasses import dataclass, field
from itertools import pairwise, takewhile
from pathlib import Path

import jinja2
import nbformat
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from pygments.formatters import HtmlFormatter

from tools import lessons, notebooks, runsheet, site
from tools.lessons import LESSONS, MARK, ROOT, WORKSHOP, LessonError, key, tags, title
from utils import touch

WEB = ROOT / "tools" / "web"
VOTES = ROOT / "guide" / "votes.md"

WORDS, WITH_A_PICTURE, CODE_LINES, ROWS = 40, 26, 8, 9  # at most, on a slide

EXERCISE = re.compile(r"\*\*(Exercise \d+|Your turn)\*\* *(\([^)]*\))?[.:]?\s*")
KINDS = {"heading": re.compile("#"), "box": re.compile(r"> \*\*The slide says")}
KINDS |= {"exercise": EXERCISE, "figure": re.compile(r"\|")}
SENTENCE = re.compile(r"(?<=[.?!])\s+(?=[A-Z\"$*`(])|(?<=[.?!]\))\s+")
WHOLE = re.compile(r"- |\d+\. |\$\$|```")  # paragraphs that are never cut
MARKED = re.compile("<slide>(.+?)</slide>", re.DOTALL)

# Where the page to take home stands; it is made only for a deck that is written.
INSIDE = '<iframe data-touch="page"></iframe>'


@dataclass
class Piece:
    """What a lesson has to show, or to say: Markdown, HTML of a figure, or both.

    kind: "heading", "text", "box", "exercise", "starter", its code, "figure" or "said".
    """

    kind: str
    source: str = ""
    figure: str = ""
    tagged: bool = False
    still: str = ""  # of a figure to touch, which needs a slide of its own


@dataclass
class Slide:
    """heading, words and notes in Markdown, figure in HTML.

    kind: "title", "vote", that of its piece, or an exercise's name, "Exercise 3".
    part: the number of the instructor's cell that closes it.
    """

    heading: str
    words: str = ""
    figure: str = ""
    kind: str = "text"
    tagged: bool = False
    part: int | None = None
    notes: list = field(default_factory=list)


# --- from cells to pieces ---------------------------------------------------------


def cells_with_outputs(lesson):
    """All cells of a lesson; those of the solved notebook with its saved outputs."""
    path = notebooks.path_of(lesson, "solved")
    saved = nbformat.read(path, as_version=4).cells
    saved = iter([cell for cell in saved if cell.id != "set-up"])
    cells = [cell for _, cell in lessons.read(lesson)]
    for cell in cells:
        if tags(cell) & notebooks.NOT_SOLVED:
            continue
        twin = next(saved, None)
        if twin is None or not twin.source.startswith(MARK.sub("", cell.source)):
            sys.exit(notebooks.differs(lesson, path))
        cell.outputs = twin.get("outputs", [])
    return cells


def text_pieces(cell):
    """The pieces of a Markdown cell. A box has all to its end, an exercise no table."""
    pieces = [Piece("")]
    for block in re.split(r"\n\n+", cell.source):
        kinds = [name for name, begin in KINDS.items() if begin.match(block)]
        kind, last = [*kinds, "text"][0], pieces[-1]
        more = last.kind == "exercise" and kind != "figure"
        if more or last.kind == "box" or last.kind == kind == "text":
            last.source += f"\n\n{block}"
        else:
            table = markdown(block) if kind == "figure" else ""
            pieces.append(Piece(kind, block, table))
    shown = [piece for piece in pieces if piece.kind in ("box", "exercise", "figure")]
    for piece in (shown or [piece for piece in pieces if piece.kind == "text"])[:1]:
        piece.tagged = "slide" in tags(cell)
    return pieces[1:]


def code_pieces(cell):
    """What a code cell shows: its picture or table; a tagged one else its code."""
    outputs, tagged = cell.get("outputs", []), "slide" in tags(cell)
    if cell.source.startswith("Page("):
        return [Piece("figure", "", INSIDE, tagged)]
    lines = cell.source.count("\n") + 1
    if "exercise" in tags(cell):
        code = markdown(fenced(cell.source))
        return [Piece("starter", "", code)] if 2 < lines <= CODE_LINES else []
    if "solution" in tags(cell):
        return [Piece("said", fenced(cell.source))]
    if tags(cell) & {"check", "progress"}:
        data = [output.get("data", {}) for output in outputs]
        return [Piece("said", said) for d in data if (said := d.get("text/plain"))]
    for output in outputs:
        data, still = output.get("data", {}), ""
        if "image/png" in data:
            alt = html.escape(output.metadata["image/png"]["alt"])
            still = f'<img src="data:image/png;base64,{data["image/png"]}" alt="{alt}">'
        touch.enliven(output)
        found = data.get("text/html", still)
        small = found.count("<tr") <= ROWS and not re.search("<details|<pre", found)
        if found and (small or tagged):
            return [Piece("figure", "", found, tagged, still)]
    if not tagged:
        return []
    if lines > CODE_LINES:
        raise LessonError(
            f"the cell that begins {cell.source.partition(chr(10))[0]!r} is tagged "
            f"`slide`: wanted at most {CODE_LINES} lines of code."
        )
    printed = html.escape("".join(output.get("text", "") for output in outputs))
    code = markdown(fenced(cell.source)) + (f"<pre>{printed}</pre>" if printed else "")
    return [Piece("figure", "", code, tagged)]


# --- from pieces to slides --------------------------------------------------------


def shorten(source, room=WORDS):
    """What is marked in Markdown, <slide>so</slide>, or else its first sentences.

    room: how many words the sentences may have. A list or a formula is one sentence.
    """
    if marked := MARKED.findall(source):
        return " ".join(marked)
    taken = ""
    for block in re.split(r"\n\n+", source):
        whole = WHOLE.match(block)
        for unit in [block] if whole else SENTENCE.split(block.replace("\n", " ")):
            room -= words(unit)
            if room < 0:
                return taken.strip()
            taken += f"{unit} "
        taken = f"{taken.strip()}\n\n"
    return taken.strip()


def words(source):
    """How many words Markdown has; a formula and code are one each."""
    return len(re.findall(r"\w\S*", re.sub(r"\$+[^$]+\$+|`[^`]+`", "x", source)))


def section_slides(heading, pieces):
    """The slides of a section, each with the pieces up to the next one as its notes."""
    begin = [n for n, piece in enumerate(pieces) if piece.tagged]
    if pieces and not begin:
        begin = [n for n, p in enumerate(pieces) if p.kind in ("box", "exercise")]
        figures = [n for n, piece in enumerate(pieces) if piece.kind == "figure"]
        if begin and figures and begin[0] < figures[0]:
            begin.append(figures[0])  # alone, after what it would give away
        begin.append(0)
    slides = []
    for start, end in pairwise([*sorted(set(begin)), len(pieces)]):
        for piece in pieces[: start + 1]:
            if piece.kind == "heading" and (pieces[start].tagged or piece is pieces[0]):
                heading = piece.source.lstrip("# ")
        slides.append(slide(heading, pieces, start, end))
    if slides:  # what comes before the first tagged piece is said with it
        slides[0].notes[:0] = [p.source for p in pieces[: min(begin)] if p.source]
    return slides


def slide(heading, pieces, start, end):
    """The slide that begins with pieces[start]; what goes on to pieces[end] is said."""
    first, ours, kind, figure = pieces[start], pieces[start:end], "text", ""
    if first.kind == "exercise":
        kind, minutes = EXERCISE.match(first.source).groups()
        heading = f"{kind} {minutes or ''}"
        text = shorten(EXERCISE.sub("", first.source))
        # What it has before its solution, or else the last picture before it.
        near = [*takewhile(lambda piece: piece.kind != "said", ours)]
        near += [piece for piece in pieces[start::-1] if piece.kind == "figure"]
        figure = next((p.still or p.figure for p in near if p.figure), "")
    elif first.kind == "box":
        quote = re.sub("^> ?", "", first.source, flags=re.MULTILINE)
        text, kind = shorten(quote), "box"
    elif first.kind == "text" and first.tagged:
        text = shorten(first.source)
    else:  # a picture, with what is said before it
        at = next((n for n in range(start, end) if pieces[n].kind == "figure"), end)
        figure = pieces[at].figure if at < end else ""
        before = pieces[start:at] or pieces[:at]
        told = [p.source for p in before if p.kind == "text"]
        told = "\n\n".join(told if start < at else told[-1:])
        drawn = figure and "data-touch" not in figure
        text = shorten(told, WITH_A_PICTURE if drawn else 0)
    said = [piece.source for piece in ours if piece.source]
    return Slide(heading, text, figure, kind, first.tagged, notes=said)


def close(slides, group, note, part):
    """The slides, after `slides`, of what an instructor's cell closes, with its lines.

    A slide needs something to look at. What *could* be there has no slide, and what
    *should* be there has one, unless cells are tagged. The rest is said with the slide
    before it.
    """
    head, *lines = re.split(r"\n(?=- )", note)
    level = re.search("must|should|could", head)[0]
    optional = re.findall(r"exercise \d+(?=: should|: could)", head)
    if level == "could":
        return []
    kept, carried = [], [head]
    for one in group:
        idle = not (one.words or one.figure) or one.kind.lower() in optional
        if not one.tagged and (idle or (level == "should" and kept)):
            (kept[-1].notes if kept else carried).extend(one.notes)
        else:
            one.part, one.notes, carried = part, carried + one.notes, []
            kept.append(one)
    first = [*kept, *slides[-1:]][0]
    first.notes += carried
    for line in reversed(lines):
        wanted = re.search(r"[Ee]xercise \d+", line)
        named = wanted[0].capitalize() if wanted else "box" if "slide" in line else ""
        told = next((one for one in kept if one.kind == named), first)
        told.notes.insert(told is first, line)
    return kept


def summary(heading, pieces):
    """One slide of what was seen: the first sentences of its list, as many as fit."""
    shown, room = [], WORDS
    for item in re.split(r"\n(?=- )", pieces[0].source.partition("\n\n")[0]):
        sentence = re.split(r"(?<=[.?!])\s", item.replace("\n ", ""))[0]
        if words(sentence) <= room:
            shown.append(sentence)
            room -= words(sentence)
    return Slide(heading, "\n".join(shown), notes=[piece.source for piece in pieces])


def votes():
    """{lesson's key: its slide}, the questions of guide/votes.md."""
    text = VOTES.read_text("utf-8")
    _, *found = re.split(r"^## Lesson (\d+): (.+)\n", text, flags=re.MULTILINE)
    slides = {}
    for number, name, body in zip(found[::3], found[1::3], found[2::3], strict=True):
        question, answer = body.strip().split("\n\n**Right:", 1)
        said = [f"**Right:{answer}"]
        slides[f"lesson{number}"] = Slide(name, question, kind="vote", notes=said)
    return slides


def deck(lesson):
    """The slides of a lesson: its title first, its question and its summary last."""
    slides, group, heading, pieces, part = [], [], "", [], 0
    for cell in cells_with_outputs(lesson):
        if "instructor" in tags(cell):
            group += section_slides(heading, pieces)
            slides += close(slides, group, cell.source, part)
            group, pieces, part = [], [], part + 1
            continue
        found = text_pieces if cell.cell_type == "markdown" else code_pieces
        for piece in found(cell):
            if piece.kind != "heading" or piece.source.startswith("###"):
                pieces.append(piece)
                continue
            if slides:
                group += section_slides(heading, pieces)
            elif heading:
                said = [piece.source for piece in pieces]
                slides.append(Slide(heading, kind="title", notes=said))
            heading, pieces = piece.source.lstrip("# "), []
    vote = votes().get(key(lesson))
    return [*slides, *([vote] if vote else []), summary(heading, pieces)]


# --- from slides to pages ---------------------------------------------------------


def markdown(source):
    """HTML of Markdown without our marks; formulas stay as they are, for MathJax."""
    renderer = IPythonRenderer(escape=False)
    return MarkdownWithMath(renderer=renderer).render(MARK.sub("", source))


def inline(source):
    """HTML of one line, "1. The history" too."""
    source = re.sub(r"^(\d+)\.", r"\1\.", source)
    return markdown(source).strip().removeprefix("<p>").removesuffix("</p>")


def fenced(code):
    return f"```python\n{code}\n```"


def read(path, packed=False):
    """A file of tools/web as text, packed: in base64."""
    content = (WEB / path).read_bytes()
    return base64.b64encode(content).decode() if packed else content.decode("utf-8")


def inside():
    """The page to take home with the deck's network, live; on paper lesson 4's maps."""
    with tempfile.TemporaryDirectory() as folder:
        page = html.escape(site.inside(Path(folder)).read_text("utf-8"))
    pieces = [p for cell in cells_with_outputs(LESSONS[3]) for p in code_pieces(cell)]
    still = next(p.still for p in pieces if 'alt="Feature maps' in p.still)
    return f'{still}<iframe title="Inside a network" data-page="{page}"></iframe>'


def main(folder=ROOT / "build" / "slides", only=LESSONS):
    """Write the decks of all or of some lessons, and a page that lists them."""
    pages = jinja2.Environment(loader=jinja2.FileSystemLoader(WEB / "slides"))
    pages.filters |= {"markdown": markdown, "inline": inline}
    style = HtmlFormatter(style="xcode").get_style_defs(".highlight")
    day = lessons.date_in_words(WORKSHOP["date"])
    pages.globals |= dict(workshop=WORKSHOP, day=day, read=read, code_style=style)
    folder.mkdir(parents=True, exist_ok=True)
    template, decks = pages.get_template("index.html.j2"), {}
    found, titles = runsheet.all_lessons()
    taught = runsheet.sections_of(next(runsheet.editions(found, titles))[2])
    for lesson in only:
        slides, name = deck(lesson), f"{lesson.stem}.html"
        ours = found[key(lesson).removeprefix("lesson")]
        decks[name] = title(lesson)
        evening = [n for n, section in enumerate(ours) if section not in taught]
        page = template.render(slides=slides, title=title(lesson), evening=evening)
        if INSIDE in page:
            page = page.replace(INSIDE, inside())
        (folder / name).write_text(page, "utf-8")
        print(f"{name}: {len(slides)} slides")
    page = pages.get_template("contents.html.j2").render(decks=decks)
    (folder / "index.html").write_text(page, "utf-8")
    print(f"Open {folder / 'index.html'}")


if __name__ == "__main__":
    main()
