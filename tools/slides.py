"""Make the slides: python -m tools.slides; a deck a lesson, in build/slides.

nbconvert makes a reveal.js deck of a notebook whose cells say where a slide begins.
Here the lesson's own structure says it:

    ## heading       begins a slide; ### begins a sub-slide
    exercise         task and starter are a sub-slide, the solution is the next one
    long section     goes on on sub-slides, broken where it disturbs least (layout.py)
    figure, table    stands alone: the code that draws it stays in the notebook; a
                     figure that one can touch has a slide of its own
    instructor       speaker notes of all slides since the last such cell
    left out         imports, set-up, progress bars, verdicts without a message

A cell may say otherwise: slideshow={"slide_type": "subslide"} begins a sub-slide,
"skip" leaves the cell out. Nothing is executed: the solved notebook has saved what
each cell shows. Without a window, this makes a PDF (with the path of the repository):

    chromium --headless --virtual-time-budget=10000 --print-to-pdf=lesson4.pdf \\
        --no-pdf-header-footer 'file:///PATH/build/slides/04_cnn.html?print-pdf'
"""

import ast
import re
import sys
from dataclasses import dataclass, field

import jinja2
import nbformat
from nbconvert import SlidesExporter
from nbformat.v4 import new_code_cell, new_markdown_cell

from tools import layout, notebooks, runsheet
from tools.layout import LARGE, SMALL, Part
from tools.lessons import LESSONS, ROOT, WORKSHOP, tags, title
from utils import touch

WEB = ROOT / "tools" / "web"
DAY = runsheet.date_in_words(WORKSHOP.get("date", ""))

LEVELS = {"#": "title", "##": "slide", "###": "subslide"}
EXERCISE = re.compile(r"\*\*(Exercise[^*]*)\*\*\s*(\([^)]*\))?[.:]?\s*")

KEYS = """\
**Keys.** Right and left: next and previous slide. S: this window. F: the whole
screen. B: a black screen, to write on the board. Esc: all slides. ?: all keys."""

# The presenter view copies the notes, but not the style of their formulas.
NOTES = "<style>.speaker-controls-notes mjx-assistive-mml {display: none}</style>\n\n"


@dataclass
class Stretch:
    """What stands between two forced page breaks: a heading and its parts."""

    heading: str
    slide_type: str = "subslide"
    parts: list = field(default_factory=list)
    notes: str = ""


# --- from a lesson to stretches -------------------------------------------------


def cells_with_outputs(lesson):
    """All cells of a lesson; those of the solved notebook with its saved outputs."""
    folder, left_out, _ = notebooks.EDITIONS["solved"]
    path = ROOT / folder / f"{lesson.stem}.ipynb"
    saved = iter(nbformat.read(path, as_version=4).cells)
    cells = notebooks.assemble(lesson).cells
    for cell in cells:
        if tags(cell) & left_out:
            continue
        twin = next(saved, None)
        if twin is None or not twin.source.startswith(cell.source):
            sys.exit(notebooks.differs(lesson, path))
        cell.outputs = twin.get("outputs", [])
    return cells


def stretches(cells):
    """Cut a lesson at its headings, exercises, solutions and instructor's notes."""
    found, section, exercise, noted = [], "", "", 0

    def begin(heading, slide_type="subslide"):
        found.append(Stretch(heading, slide_type))

    for number, cell in enumerate(cells):
        slide_type = cell.metadata.get("slideshow", {}).get("slide_type")
        if slide_type == "skip" or tags(cell) & {"after-starter", "progress"}:
            continue
        if slide_type == "subslide":
            begin(section)
        if "instructor" in tags(cell):
            for stretch in found[noted:]:
                stretch.notes = cell.source
            noted = len(found)
            begin(section)
        elif cell.cell_type == "markdown":
            for place, source in enumerate(re.split(r"\n\n+", cell.source)):
                mark, _, title = source.partition(" ")
                task = EXERCISE.match(source)
                if mark in LEVELS:
                    section = title
                    begin(section, LEVELS[mark])
                    if mark == "#":
                        begin(section, "slide")
                    continue
                if task:
                    exercise = task[1]
                    begin(" ".join(filter(None, task.groups())))
                    source = source[task.end() :]
                found[-1].parts.append(text(source, opens=place == 0))
        elif "solution" in tags(cell):
            begin(f"{exercise}: a solution")
            found[-1].parts += code(cell.source)
        elif "check" in tags(cell):
            praise = cell.outputs[0].data["text/plain"].partition(": ")[2]
            found[-1].parts += [text(praise)] if praise else []
            begin(section)
        elif "google.colab" not in cell.source:
            beside = cells[max(0, number - 1) : number + 2]
            alone = sum(other.cell_type == "code" for other in beside) == 1
            parts = code_cell_parts(cell, alone)
            if live := any(map(touch.is_live, cell.outputs)):  # it has a slide alone
                begin(section)
            found[-1].parts += parts
            if live:
                begin(section)
    return [part for part in found if part.parts or part.slide_type == "title"]


def text(source, opens=False):
    return Part("text", new_markdown_cell(source), opens)


def code(source):
    parts = []
    for piece in layout.cut_code(source):
        cell = new_code_cell(piece)
        if layout.code_columns(piece.split("\n")) > 1:
            cell.metadata["tags"] = ["columns"]
        parts.append(Part("code", cell, opens=not parts))
    return parts


def code_cell_parts(cell, alone):
    """What a slide shows of a code cell: its code, its outputs, both or nothing.

    alone: no other code cell is beside it. Otherwise it is not shown when it only
    sets up what the others need.
    """
    outputs = [output for output in cell.outputs if not is_progress(output)]
    kinds = {kind for output in outputs for kind in output.get("data", {})}
    if "live" in tags(cell) or "application/vnd.jupyter.widget-view+json" in kinds:
        return [text("*In the notebook: run this cell.*")]
    if is_setup(cell.source) and not (alone and outputs):
        return []
    speaks_for_itself = kinds & {"image/png", "text/html", "text/markdown"}
    parts = [] if speaks_for_itself else code(cell.source)
    for output in outputs:
        parts += output_parts(output)
    return parts


def is_progress(output):
    """Whether an output is a progress bar: shown while it runs, as plain text."""
    return output.output_type == "display_data" and set(output.data) == {"text/plain"}


def is_setup(source):
    """Whether code only imports, or starts Keras."""
    return all(
        isinstance(line, (ast.Import, ast.ImportFrom))
        or ast.unparse(line).startswith("device.setup(")
        for line in ast.parse(source).body
    )


def output_parts(output):
    """An output as parts: long tables are cut, code in columns comes one by one."""
    data = output.get("data", {})
    html = data.get("text/html", "")
    if "text/markdown" in data:
        return [text(source) for source in data["text/markdown"].split("\n\n")]
    if html.startswith('<div style="display: flex'):
        return [
            part
            for name, source in re.findall(
                r"(?:\A|\n\n\n)# (.+)\n\n((?s:.+?))(?=\n\n\n# |\Z)", data["text/plain"]
            )
            for piece in code(source)
            for part in (text(f"**{name}**"), piece)
        ]
    pieces = [output]
    if html.startswith("<table"):
        pieces = [
            nbformat.from_dict({**output, "data": {"text/html": piece}})
            for piece in layout.cut_table(html)
        ]
    touch.enliven(output)
    kind = "picture" if "image/png" in data else "output"
    hidden = {"transient": {"remove_source": True}}
    return [
        Part(kind, new_code_cell(outputs=[piece], metadata=hidden)) for piece in pieces
    ]


# --- from stretches to decks ----------------------------------------------------


def deck(lesson):
    """Return a lesson as a notebook whose cells say where each slide begins."""
    cells = []

    def show(cell, slide_type="-", **data):
        cell.metadata["slideshow"] = {"slide_type": slide_type, "data": data}
        cells.append(cell)

    for stretch in stretches(cells_with_outputs(lesson)):
        if stretch.slide_type == "title":
            words = [f"# {stretch.heading}", WORKSHOP["title"], WORKSHOP["club"], DAY]
            opening = new_markdown_cell("\n\n".join(words))
            opening.metadata["tags"] = ["title"]
            show(opening, "slide")
            show(new_markdown_cell(f"{NOTES}{KEYS}\n\n{stretch.notes}"), "notes")
            continue
        slide_type = stretch.slide_type
        for page in layout.pages(stretch.parts):
            size = layout.letters(page) or SMALL
            name = {LARGE: "large", SMALL: "small"}.get(size, "normal")
            show(new_markdown_cell(f"## {stretch.heading}"), slide_type, text=name)
            for part in layout.arrange(page, size):
                show(part.cell)
            if stretch.notes:
                show(new_markdown_cell(NOTES + stretch.notes), "notes")
            slide_type = "subslide"
    notebook = nbformat.v4.new_notebook(cells=cells)
    notebook.metadata["title"] = f"{title(lesson)} | {WORKSHOP['title']}"
    return notebook


def main(folder=ROOT / "build" / "slides"):
    """Write the decks, and a page that lists them."""
    if not (WEB / "node_modules").exists():
        sys.exit("reveal.js is missing: run `npm ci --prefix tools/web` first.")
    exporter = SlidesExporter(
        template_name="slides",
        extra_template_basedirs=[str(WEB)],
        extra_template_paths=[str(WEB / "node_modules")],
        exclude_input_prompt=True,
        exclude_output_prompt=True,
        exclude_anchor_links=True,
        reveal_width=str(layout.WIDTH),
        reveal_height=str(layout.HEIGHT),
        config={"CSSHTMLHeaderPreprocessor": {"style": "xcode"}},
    )
    folder.mkdir(parents=True, exist_ok=True)
    decks = {}
    for lesson in LESSONS:
        path = folder / f"{lesson.stem}.html"
        path.write_text(exporter.from_notebook_node(deck(lesson))[0], "utf-8")
        decks[path] = title(lesson)
    template = (WEB / "slides" / "contents.html.j2").read_text("utf-8")
    page = jinja2.Template(template, autoescape=True)
    contents = folder / "index.html"
    contents.write_text(page.render(WORKSHOP, decks=decks, day=DAY), "utf-8")
    print(f"{len(decks)} decks: open {contents}")


if __name__ == "__main__":
    main()
