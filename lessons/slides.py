"""Make the slides: python lessons/slides.py; a deck a lesson, in build/slides.

nbconvert makes a reveal.js deck of a notebook whose cells say where a slide begins.
Here the lesson's own structure says it:

    ## heading       begins a slide; ### begins a sub-slide
    exercise         task and starter are a sub-slide, the solution is the next one
    long section     goes on on sub-slides, broken where it disturbs least
    figure, table    stands alone: the code that draws it stays in the notebook
    instructor       speaker notes of all slides since the last such cell
    left out         imports, set-up, progress bars, verdicts without a message

A cell may say otherwise: slideshow={"slide_type": "subslide"} begins a sub-slide,
"skip" leaves the cell out. Nothing is executed: the solved notebook has saved what
each cell shows.
"""

import ast
import base64
import datetime
import functools
import re
import struct
import sys
import textwrap
from dataclasses import dataclass, field

import jinja2
import nbformat
from nbconvert import SlidesExporter
from nbformat.v4 import new_code_cell, new_markdown_cell

import build
from build import LESSONS, ROOT, WORKSHOP

WEB = ROOT / "lessons" / "web"
TEMPLATE = WEB / "slides"

# A slide in pixels. The sizes of letters and margins are those of slides.css.
WIDTH, HEIGHT = 1280, 720
COLUMN = WIDTH - 2 * 60  # between the margins
ROOM = (
    HEIGHT - 32 - 82 - 36
)  # below the heading, above the slide's number
LETTER = 13.4  # mean width of a letter
SHORT = 17  # so many lines of code fit in letters of 24 pixels
LARGE = 37 / 30  # letters on a page with little text
SMALL = 320  # a wide picture is not made less high than this

KEYS = """\
**Keys.** Right and left: next and previous slide. S: this window. F: the whole
screen. B: a black screen, to write on the board. Esc: all slides. ?: all keys."""

# The presenter view copies the notes, but not the style of their formulas.
NOTES = "<style>.speaker-controls-notes mjx-assistive-mml {display: none}</style>\n\n"


@dataclass
class Part:
    """A paragraph, the code of a cell, an output: what stays in one piece.

    kind: "text", "code", "output" or "picture".
    """

    kind: str
    cell: nbformat.NotebookNode

    @functools.cached_property
    def size(self):
        """Width and height of a picture, as large as a slide can show it."""
        output = self.cell.outputs[0]
        png = base64.b64decode(output.data["image/png"])
        width, height = struct.unpack(">II", png[16:24])
        scale = min(
            COLUMN / width, ROOM / height, 1
        )  # it has 144 dots an inch
        return scale * width, scale * height

    @property
    def tall(self):
        """Whether text should stand beside this picture, not above it."""
        return (
            self.kind == "picture" and self.size[0] < 1.4 * self.size[1]
        )

    def height(self, width=COLUMN):
        """The pixels that it needs in a column of so many pixels."""
        source = self.cell.source
        if self.kind == "text":
            return text_height(source, width)
        if self.kind == "code":
            lines = source.count("\n") + 1
            return (30 if lines <= SHORT else 25) * lines + 36
        if self.kind == "picture":
            return min(self.size[1], SMALL) + 18
        return sum(map(output_height, self.cell.outputs))


@dataclass
class Stretch:
    """What stands between two forced page breaks: a heading and its parts."""

    heading: str
    slide_type: str = "subslide"
    parts: list = field(default_factory=list)
    notes: str = ""


# --- from a lesson to stretches -------------------------------------------------


def tags(cell):
    return set(cell.metadata.get("tags", []))


def solved_cells(lesson):
    """All cells of a lesson; those of the solved notebook with its outputs."""
    path = ROOT / build.EDITIONS["solved"][0] / f"{lesson.stem}.ipynb"
    saved = iter(nbformat.read(path, as_version=4).cells)
    left_out = build.EDITIONS["solved"][1]
    cells = build.assemble(lesson).cells
    for cell in cells:
        if tags(cell) & left_out:
            continue
        twin = next(saved, None)
        if twin is None or not twin.source.startswith(cell.source):
            sys.exit(
                f"{path.relative_to(ROOT)} is not what {lesson.name} says: "
                "run `make notebooks`, then `make slides` again."
            )
        cell.outputs = twin.get("outputs", [])
    return cells


def stretches(cells):
    """Cut a lesson at its headings, exercises, solutions and instructor's notes."""
    found, heading, exercise, noted = [], "", "", 0

    def begin(heading, slide_type="subslide"):
        found.append(Stretch(heading, slide_type))

    for cell in cells:
        kind = cell.metadata.get("slideshow", {}).get("slide_type")
        if kind == "skip" or tags(cell) & {"after-starter", "progress"}:
            continue
        if "instructor" in tags(cell):
            for stretch in found[noted:]:
                stretch.notes = cell.source
            noted = len(found)
            begin(heading)
        elif cell.cell_type == "markdown":
            if kind == "subslide":
                begin(heading)
            for source in re.split(r"\n\n+", cell.source):
                mark, _, title = source.partition(" ")
                task = re.match(
                    r"\*\*(Exercise[^*]*)\*\*\s*(\([^)]*\))?[.:]?\s*",
                    source,
                )
                if mark == "#":
                    heading = title
                    begin(title, "title")
                    begin(title, "slide")
                elif mark in ("##", "###"):
                    heading = title
                    begin(
                        title, "slide" if mark == "##" else "subslide"
                    )
                elif task:
                    exercise = task[1]
                    begin(" ".join(filter(None, task.groups())))
                    found[-1].parts.append(text(source[task.end() :]))
                else:
                    found[-1].parts.append(text(source))
        elif "solution" in tags(cell):
            begin(f"{exercise}: a solution")
            found[-1].parts.append(code(cell))
        elif "check" in tags(cell):
            praise = (
                cell.outputs[0].data["text/plain"].partition(": ")[2]
            )
            if praise:
                found[-1].parts.append(text(praise))
            begin(heading)
        else:
            if kind == "subslide":
                begin(heading)
            found[-1].parts += code_parts(cell)
    return [
        part
        for part in found
        if part.parts or part.slide_type == "title"
    ]


def text(source):
    return Part("text", new_markdown_cell(source))


def code(cell):
    long = cell.source.count("\n") >= SHORT
    shown = new_code_cell(
        cell.source, metadata={"tags": ["long"]} if long else {}
    )
    return Part("code", shown)


def code_parts(cell):
    """What a slide shows of a code cell: its code, its outputs, both or nothing."""
    if "live" in tags(cell):
        yield text("*In the notebook: run this cell.*")
        return
    outputs = [
        output for output in cell.outputs if not is_noise(output)
    ]
    alone = any(
        {"image/png", "text/html"} & set(output.get("data", {}))
        for output in outputs
    )
    if not (alone or is_setup(cell.source)):
        yield code(cell)
    elif not alone:
        return
    for output in outputs:
        for shown in in_columns(output) or [None]:
            if shown:
                yield text(shown)
                continue
            kind = (
                "picture"
                if "image/png" in output.get("data", {})
                else "output"
            )
            hidden = {"transient": {"remove_source": True}}
            yield Part(
                kind,
                new_code_cell("", outputs=[output], metadata=hidden),
            )


def is_noise(output):
    """Whether an output is a progress bar: shown while it runs, as plain text."""
    return output.output_type == "display_data" and list(
        output.data
    ) == ["text/plain"]


def is_setup(source):
    """Whether code only imports and sets up: nobody needs to see that."""
    if "google.colab" in source:
        return True
    return all(
        isinstance(line, (ast.Import, ast.ImportFrom))
        or ast.unparse(line).startswith("device.setup(")
        for line in ast.parse(source).body
    )


def in_columns(output):
    """Code of several frameworks, side by side: as Markdown, one after the other."""
    data = output.get("data", {})
    if not data.get("text/html", "").startswith(
        '<div style="display: flex'
    ):
        return []
    _, *pieces = re.split(
        r"(?:\A|\n\n\n)# (.+)\n\n", data["text/plain"]
    )
    return [
        f"**{name}**\n```{'python' if '(' in code else ''}\n{code}\n```"
        for name, code in zip(pieces[::2], pieces[1::2], strict=True)
    ]


# --- from stretches to pages ----------------------------------------------------


def lines(source, width):
    """How many lines a paragraph of Markdown needs in so many pixels."""
    plain = re.sub(r"\*\*|[*`$]|\\[a-z]+|\]\([^)]*\)|[{}]", "", source)
    return len(textwrap.wrap(plain, int(width / LETTER))) or 1


def text_height(source, width):
    if source.startswith("$$"):
        return 120
    if source.startswith("|"):
        rows = source.split("\n")
        return 42 * sum(lines(row, 1.1 * width) for row in rows) + 16
    if "```" in source:
        return 30 * source.count("\n") + 60
    if source.startswith(">"):
        return (
            text_height(
                re.sub(r"^> ?", "", source, flags=re.M), width - 60
            )
            + 50
        )
    if re.match(r"(-|\d+\.) ", source):
        items = re.split(r"\n(?=-|\d+\. )", source)
        return (
            sum(40.5 * lines(item, width - 34) + 6 for item in items)
            + 14
        )
    return 40.5 * lines(source.replace("\n", " "), width) + 14


def output_height(output):
    html = output.get("data", {}).get("text/html", "")
    if html.startswith("<details"):
        return 50
    if html:
        rows = re.findall(
            r"<caption>.*?</caption>|<tr.*?</tr>", html, re.S
        )
        return sum(
            30 * lines(re.sub("<[^>]+>", " ", row), 1.1 * COLUMN) + 11
            for row in rows
        )
    said = (
        output.text
        if output.output_type == "stream"
        else output.data["text/plain"]
    )
    return 28 * len(said.rstrip().split("\n")) + 22


def page_height(parts):
    """The pixels that these parts need on one slide."""
    if is_beside(parts):
        (tall,) = (part for part in parts if part.tall)
        column = COLUMN - tall.size[0] - 40
        beside = sum(
            part.height(column) for part in parts if part is not tall
        )
        return max(beside, tall.size[1])
    return sum(part.height() for part in parts)


def is_large(page):
    """Whether a page has room for larger letters: they are read from farther away."""
    if any(part.kind == "picture" for part in page):
        return False
    needed = sum(LARGE * part.height(COLUMN / LARGE) for part in page)
    code = [part.cell.source for part in page if part.kind == "code"]
    columns = max(
        (len(line) for source in code for line in source.split("\n")),
        default=0,
    )
    return needed < ROOM and columns <= 72 / LARGE


def disturbance(before, after):
    """How much a page break between two parts disturbs the reader."""
    if before.kind == "code" and after.kind in ("output", "picture"):
        return 300
    if before.kind == "text" and before.cell.source.endswith(":"):
        return 300
    if before.kind == "text" and after.kind != "text":
        return 100
    return 40 if before.kind == "text" else 20


def pages(parts):
    """Cut parts into pages that fit, as TeX breaks lines: the cheapest of all ways."""
    best = [
        (0, 0)
    ]  # for the first n parts: (cost, where their last page begins)
    for end in range(1, len(parts) + 1):
        ways = []
        for start in range(end):
            page = parts[start:end]
            height = page_height(page)
            if height > ROOM and end - start > 1:
                continue
            cost = 100 + 60 * max(0, 1 - height / ROOM) ** 2
            cost += 200 * (1 - picture_scale(page))
            if start:
                cost += disturbance(parts[start - 1], parts[start])
            ways.append((best[start][0] + cost, start))
        best.append(min(ways))
    found, end = [], len(parts)
    while end:
        start = best[end][1]
        found.insert(0, parts[start:end])
        end = start
    return found


def is_beside(page):
    """Whether the page is one tall picture with text beside it."""
    kinds = sorted(part.kind for part in page if not part.tall)
    return (
        len(page) > 1
        and len(kinds) == len(page) - 1
        and set(kinds) == {"text"}
    )


def picture_scale(page):
    """How much smaller the pictures of a page are than the largest that fits a slide."""
    pictures = [
        part.size[1] + 18 for part in page if part.kind == "picture"
    ]
    if not pictures or is_beside(page):
        return 1
    rest = sum(part.height() for part in page if part.kind != "picture")
    return min(1, (ROOM - rest) / sum(pictures))


def fit(page):
    """Give the pictures of a page the room that the rest leaves; place a tall one."""
    scale = picture_scale(page)
    for part in page:
        if part.kind == "picture":
            width, height = (round(scale * side) for side in part.size)
            shown = part.cell.outputs[0].metadata["image/png"]
            shown.update(width=width, height=height)
            if is_beside(page):
                part.cell.metadata["tags"] = ["beside"]
    return sorted(
        page, key=lambda part: "beside" not in tags(part.cell)
    )


# --- from pages to decks --------------------------------------------------------


def day():
    """The date of the workshop in words; "" if [tool.workshop] has none."""
    date = WORKSHOP.get("date", "")
    if isinstance(date, datetime.date):
        return f"{date.day} {date:%B %Y}"
    return date


def deck(lesson):
    """Return a lesson as a notebook whose cells say where each slide begins."""
    cells = []

    def show(cell, slide_type="-"):
        cell.metadata["slideshow"] = {"slide_type": slide_type}
        cells.append(cell)

    for stretch in stretches(solved_cells(lesson)):
        if stretch.slide_type == "title":
            lines = [
                f"# {stretch.heading}",
                WORKSHOP["title"],
                WORKSHOP["club"],
                day(),
            ]
            show(
                new_markdown_cell(
                    "\n\n".join(lines), metadata={"tags": ["title"]}
                ),
                "slide",
            )
            show(
                new_markdown_cell(f"{NOTES}{KEYS}\n\n{stretch.notes}"),
                "notes",
            )
            continue
        slide_type = stretch.slide_type
        for page in pages(stretch.parts):
            show(new_markdown_cell(f"## {stretch.heading}"), slide_type)
            if is_large(page):
                cells[-1].metadata["slideshow"]["data"] = {
                    "text": "large"
                }
            for part in fit(page):
                show(part.cell)
            if stretch.notes:
                show(new_markdown_cell(NOTES + stretch.notes), "notes")
            slide_type = "subslide"
    notebook = nbformat.v4.new_notebook(cells=cells)
    notebook.metadata["title"] = (
        f"{build.title(lesson)} | {WORKSHOP['title']}"
    )
    return notebook


def main(folder=ROOT / "build" / "slides"):
    """Write the decks and a page that lists them; return their paths."""
    if not (WEB / "node_modules").exists():
        sys.exit(
            "reveal.js is missing: run `npm ci --prefix lessons/web` first."
        )
    exporter = SlidesExporter(
        template_name="slides",
        extra_template_basedirs=[str(WEB)],
        extra_template_paths=[str(WEB / "node_modules")],
        exclude_input_prompt=True,
        exclude_output_prompt=True,
        exclude_anchor_links=True,
        reveal_width=str(WIDTH),
        reveal_height=str(HEIGHT),
        config={"CSSHTMLHeaderPreprocessor": {"style": "xcode"}},
    )
    folder.mkdir(parents=True, exist_ok=True)
    decks = []
    for lesson in LESSONS:
        notebook = deck(lesson)
        body, _ = exporter.from_notebook_node(notebook)
        path = folder / f"{lesson.stem}.html"
        path.write_text(body, "utf-8")
        decks.append((path, build.title(lesson)))
    page = jinja2.Template(
        (TEMPLATE / "contents.html.j2").read_text("utf-8")
    )
    contents = folder / "index.html"
    contents.write_text(
        page.render(decks=decks, day=day(), **WORKSHOP), "utf-8"
    )
    print(f"{len(decks)} decks: open {contents}")
    return [path for path, _ in decks]


if __name__ == "__main__":
    main()
