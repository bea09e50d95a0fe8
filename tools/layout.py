"""What fits on a slide: heights, page breaks, sizes of letters and figures.

No browser is asked: a slide has 1280 x 720 pixels, web/slides/slides.css sets the sizes
of letters and margins, and from these the height of every part is estimated, rather too
large than too small. tests/test_slides.py looks at the result in Chromium.
"""

import base64
import io
import re
import textwrap
from dataclasses import dataclass
from functools import cache, cached_property
from html import unescape

import nbformat
from PIL import Image

WIDTH, HEIGHT = 1280, 720
COLUMN = WIDTH - 2 * 60  # between the margins
ROOM = HEIGHT - 32 - 82 - 36  # below the heading, above the slide's number

# Sizes of letters. All heights below are those of normal letters, 30 pixels high.
LARGE, NORMAL, SMALL = 37 / 30, 1, 26 / 30
LETTER, CODE_LETTER, TABLE_LETTER = 13.4, 14.5, 10.5  # mean widths
CODE_LINES = 18  # fit on a slide, with some words
PER_PIXEL = 2  # dots of a figure's PNG for a pixel of the notebook


@dataclass
class Part:
    """A paragraph, a cell's code, an output: what no page break cuts.

    kind: "text", "code", "output" or "picture". opens: the first part of its cell.
    """

    kind: str
    cell: nbformat.NotebookNode
    opens: bool = False

    @cached_property
    def zoom(self):
        """How much larger than in a notebook a slide can show this picture."""
        width, height = open_png(self.cell.outputs[0]).size
        return min(COLUMN / width, ROOM / height, 1) * PER_PIXEL

    @cached_property
    def size(self):
        """Width and height of a picture, as large as a slide can show it."""
        width, height = open_png(self.cell.outputs[0]).size
        return (self.zoom / PER_PIXEL * width, self.zoom / PER_PIXEL * height)

    @property
    def tall(self):
        """Whether text should stand beside this picture, not above it."""
        return self.kind == "picture" and self.size[0] < 1.5 * self.size[1]

    def height(self, width=COLUMN):
        """The pixels that it needs in a column of so many pixels."""
        source = self.cell.source
        if self.kind == "text":
            return _text_height(source, width)
        if self.kind == "code":
            lines = source.split("\n")
            return 30 * -(-len(lines) // code_columns(lines)) + 36
        return sum(_output_height(output, width) for output in self.cell.outputs)


def open_png(output):
    """The PNG of an output as a Pillow image."""
    return Image.open(io.BytesIO(base64.b64decode(output.data["image/png"])))


# --- heights --------------------------------------------------------------------


def _lines(source, width, letter=LETTER):
    """How many lines a paragraph of Markdown needs in so many pixels."""
    plain = re.sub(r"\*\*|[*`$]|\\[a-z]+|\]\([^)]*\)|[{}]", "", source)
    return len(textwrap.wrap(plain, max(1, int(width / letter)))) or 1


@cache
def _text_height(source, width):
    if source.startswith("$$"):
        return 120
    if source.startswith("|"):
        rows = [row.strip("| ").split("|") for row in source.split("\n")]
        return _table_height([rows[0], *rows[2:]], width)
    if source.startswith(">"):
        inside = re.sub(r"^> ?", "", source, flags=re.MULTILINE)
        return _text_height(inside, width - 60) + 65
    if re.match(r"(-|\d+\.) ", source):
        items = re.split(r"\n(?=-|\d+\. )", source)
        return sum(40.5 * _lines(item, width - 34) + 6 for item in items) + 14
    return 40.5 * _lines(source.replace("\n", " "), width) + 14


def _output_height(output, width):
    html = output.get("data", {}).get("text/html", "")
    if html.startswith("<details"):
        return 55
    if html:
        found = re.findall(r"<caption>(.*?)</caption>", html)
        return _table_height(_html_rows(html), width, caption="".join(found))
    said = output.get("text") or output.data["text/plain"]
    return 28 * len(said.rstrip().split("\n")) + 22


def _html_rows(html):
    """The rows of an HTML table as lists of texts, without cells over all columns."""
    cell = re.compile(r"<t[hd](?![^>]*colspan).*?</t[hd]>")
    return [
        [unescape(re.sub("<[^>]+>", "", found)) for found in cell.findall(row)]
        for row in re.findall(r"<tr.*?</tr>", html, re.DOTALL)
    ]


def _column_widths(rows, width):
    """The widths of a table's columns, in letters, as a browser shares them out.

    Each column is as wide as its longest word, at least; it gets a part of the rest.
    """
    columns = [
        [row[number] for row in rows if number < len(row)]
        for number in range(max(map(len, rows)))
    ]
    least = [max(map(len, " ".join(column).split()), default=0) for column in columns]
    most = [max(map(len, column)) for column in columns]
    room = width / TABLE_LETTER - 2.7 * len(columns) - sum(least)
    share = min(1, room / max(1, sum(most) - sum(least)))
    return [low + share * (high - low) for low, high in zip(least, most, strict=True)]


def _row_heights(rows, widths):
    return [
        11 + 30 * max(map(_lines, row, widths, [1] * len(row)), default=1)
        for row in rows
    ]


def _table_height(rows, width, caption=""):
    widths = _column_widths(rows, width)
    above = 30 * _lines(caption, sum(widths), 1) + 8 if caption else 0
    return above + sum(_row_heights(rows, widths)) + 16


def cut_table(html):
    """Cut an HTML table into tables that fit on a slide, each with the same head."""
    body = re.findall(r"<tr.*?</tr>", html.partition("</thead>")[2] or html, re.DOTALL)
    widths = _column_widths(_html_rows(html), COLUMN / SMALL)
    heights = _row_heights(_html_rows("".join(body)), widths)
    count = -(-SMALL * sum(heights) // (ROOM - 60))  # the head needs some room, too
    if count <= 1:
        return [html]
    before, after = (html.partition(body[0])[0], html.rpartition(body[-1])[2])
    tables, room = [], 0
    for row, height in zip(body, heights, strict=True):
        begins_group = "<td" not in row  # not at the foot of a slide
        if room <= (2 * height if begins_group else 0):
            tables.append([])
            room = sum(heights) / count
        tables[-1].append(row)
        room -= height
    return [before + "".join(table) + after for table in tables]


def code_columns(lines):
    """In how many columns code is shown: two when it is long and its lines short."""
    return 2 if len(lines) > CODE_LINES and max(map(len, lines)) <= 32 else 1


def cut_code(source):
    """Cut code that is too long for a slide: near the middle, before a statement."""
    lines = re.sub(r"\n{3,}", "\n\n", source.strip("\n")).split("\n")
    if len(lines) <= CODE_LINES * code_columns(lines):
        return ["\n".join(lines)]

    def depth(number):
        words = lines[number].lstrip()
        closes = not words or words[0] in ")]}"
        return (closes, len(lines[number]) - len(words), abs(number - len(lines) / 2))

    cut = min(range(len(lines) // 3, 2 * len(lines) // 3 + 1), key=depth)
    return [
        piece
        for half in (lines[:cut], lines[cut:])
        for piece in cut_code("\n".join(half))
    ]


# --- pages ----------------------------------------------------------------------


def is_beside(page):
    """Whether a page is one tall picture, with text beside it."""
    rest = [part.kind for part in page if not part.tall]
    return len(page) > 1 and len(rest) == len(page) - 1 and set(rest) == {"text"}


def height(page, size):
    """The pixels that the parts of a page need, without its pictures."""
    column = COLUMN
    if is_beside(page):
        (column,) = (COLUMN - part.size[0] - 40 for part in page if part.tall)
    return size * sum(
        part.height(column / size) for part in page if part.kind != "picture"
    )


def picture_scale(page, size):
    """How much smaller a page's pictures are than the largest that a slide can show."""
    pictures = [part.size[1] + 18 for part in page if part.kind == "picture"]
    if not pictures or is_beside(page):
        return 1
    return min(1, (ROOM - height(page, size)) / sum(pictures))


def zooms(page, size):
    """How much larger than in a notebook each picture of a page is."""
    scale = picture_scale(page, size)
    return [scale * part.zoom for part in page if part.kind == "picture"]


def fits(page, size):
    """Whether letters of this size leave enough room, also for the pictures."""
    code = [part.cell.source.split("\n") for part in page if part.kind == "code"]
    widest = [code_columns(lines) * max(map(len, lines)) for lines in code]
    return (
        height(page, size) <= ROOM
        and size * CODE_LETTER * max(widest, default=0) <= COLUMN - 40
        and min(zooms(page, size), default=1) >= 0.9
    )


def letters(page):
    """The largest size of letters that fits on a page; None if none does."""
    pictures = any(part.kind == "picture" for part in page)
    sizes = (NORMAL, SMALL) if pictures else (LARGE, NORMAL, SMALL)
    return next((size for size in sizes if fits(page, size)), None)


def disturbance(before, after):
    """How much a page break between two parts disturbs the reader."""
    said = before.cell.source if before.kind == "text" else ""
    if before.kind == "code" and after.kind == "output" and not after.opens:
        return 300  # code and what it prints
    if said.endswith((":", "**")) or (said and after.cell.source.startswith("- ")):
        return 300  # words that announce what follows
    if said and after.kind != "text":
        return 100  # what is shown, and what was said about it
    if after.kind == "text":
        return 15 if said and after.opens else 50
    return 20


def pages(parts):
    """Cut parts into pages that fit, as TeX breaks lines: the cheapest of all ways."""
    # best[n]: the cheapest way for the first n parts, (cost, start of its last page)
    best = [(0, 0)]
    for end in range(1, len(parts) + 1):
        ways = []
        for start in range(end):
            page = parts[start:end]
            size = letters(page)
            if size is None and len(page) > 1:
                continue
            cost = best[start][0] + 100 + (80 if size == SMALL else 0)
            for zoom in zooms(page, size or SMALL):  # its words are small, too
                cost += 600 * max(0, 1.4 - zoom)
            if start:
                cost += disturbance(parts[start - 1], parts[start])
            ways.append((cost, start))
        best.append(min(ways))
    found, end = [], len(parts)
    while end:
        start = best[end][1]
        found.insert(0, parts[start:end])
        end = start
    return found


def arrange(page, size):
    """Give pictures the room that the rest leaves; a tall one comes first, beside."""
    scale = picture_scale(page, size)
    for part in page:
        if part.kind == "picture":
            width, height = (round(scale * side) for side in part.size)
            shown = part.cell.outputs[0].metadata["image/png"]
            shown.update(width=width, height=height)
    if is_beside(page):
        page = sorted(page, key=lambda part: part.kind == "text")
        page[0].cell.metadata["tags"] = ["beside"]
    return page
