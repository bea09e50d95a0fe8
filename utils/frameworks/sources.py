"""Parts of the frameworks' modules, as text: for reading side by side."""

import html
import re

from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from utils.frameworks import FOLDER, get

FONT = "font-family: monospace; font-size: 12px; line-height: 1.4"
COLOURS = (
    "color: #222222; background: #FFFFFF; padding: 4px; margin: 2px 0; white-space: pre"
)
LONG = 40  # lines


def part(key, name):
    """The code below the line `# --- name` of a framework's module.

    name: "network", "training", "loop" or "derivative". Caffe's network is a file of
    its own.
    """
    framework = get(key)
    if (key, name) == ("caffe", "network"):
        return (FOLDER / "deck_cnn.prototxt").read_text("utf-8").strip()
    text = (FOLDER / f"{framework.module}.py").read_text("utf-8")
    for section in re.split(r"^ *# --- ", text, flags=re.MULTILINE)[1:]:
        head, _, body = section.partition("\n")
        if head == name:
            body = re.sub(r"  # noqa.*", "", body)
            return re.sub(r"\n{3,}", "\n\n", body).strip("\n")
    raise ValueError(f"{framework.name} has no part {name!r}")


class SideBySide:
    """The same part of several frameworks, each in a column of its own."""

    def __init__(self, name, *keys):
        self.parts = {get(key).fact: part(key, name) for key in keys}

    def __repr__(self):
        blocks = [f"# {name}\n\n{code}" for name, code in self.parts.items()]
        return "\n\n\n".join(blocks)

    def _repr_html_(self):
        columns = ""
        for name, code in self.parts.items():
            lines = code.splitlines()
            two = len(lines) > LONG  # a long list of short lines, as Caffe's
            width = max(map(len, lines)) * (2 if two else 1)  # no room: one below other
            look = f"{FONT}; {COLOURS}; {'columns: 2' if two else ''}"
            columns += (
                f'<div style="flex: 1 1 {width}ch; overflow-x: auto; {FONT}">'
                f'<b style="font-size: 14px">{html.escape(name)}</b>'
                f'<pre style="{look}">{_coloured(code)}</pre></div>'
            )
        return f'<div style="display: flex; flex-wrap: wrap; gap: 1em">{columns}</div>'


def _coloured(code):
    """Code as HTML: Python in pygments's colours, Caffe's layers unbroken."""
    if code.startswith("name:"):
        return "".join(
            f'<div style="break-inside: avoid">{html.escape(layer, quote=False)}</div>'
            for layer in re.split(r"\n(?=layer)", code)
        )
    return highlight(code, PythonLexer(), HtmlFormatter(noclasses=True, nowrap=True))
