"""A trained digit reader as one page that runs in any browser, without a network.

    export_page(model, "my_project/page", title="My digit reader")

TensorFlow.js runs the network: its layers know nearly all that a student may use.
Its WebAssembly backend reads a digit in about a millisecond; where a browser has none,
the plain JavaScript one does it in tens of milliseconds. Both with the layers are
1.4 MB, against 19 MB for onnxruntime-web. tfjs/README.md says where the files are from.
"""

import base64
import contextlib
import datetime
import errno
import html
import json
from pathlib import Path

import numpy as np

from utils import drawing, reader
from utils.files import replacing
from utils.page.layers import CannotExport, describe, ending
from utils.project import given, sentence

__all__ = ["CannotExport", "assemble", "export_page", "network"]

FOLDER = Path(__file__).parent
TFJS = FOLDER / "tfjs"
RUNTIME = "tf-core", "tf-layers", "tf-backend-cpu", "tf-backend-wasm"
# By this an exported page is known: another index.html is never replaced.
OURS = '<meta name="generator" content="deep-learning-workshop">'


def export_page(
    model,
    folder,
    title="My digit reader",
    accuracy=None,
    names=None,
    author=None,
    largest=1,
    date=None,
    fails_on=None,
):
    """Write `folder`/index.html, a page that reads drawn digits; return its path.

    model: a built Keras model, Sequential or functional, on any backend. Its input is
    (n, 28, 28, 1), (n, 28, 28) or (n, 784), its output one number for each class:
    probabilities where the last activation is softmax, else logits. (With a sigmoid
    for each class, the page shows each number's share of their sum.)
    accuracy: the test accuracy, 0 to 1, for the page to show. names: what the outputs
    mean (default: numbers from 0). author: who made it, for the page to show.
    largest: the largest pixel value that the model was trained with, 1 or 255.
    date: a datetime.date for the page to show (default: today). fails_on: where the
    network fails, in the author's words. A text that is still "..." is not shown.

    Raises CannotExport (a ValueError) before anything is written, OSError where the
    page cannot be written. A page that is already there is replaced at the very end,
    or stays as it is.
    """
    if accuracy is not None and not 0 <= accuracy <= 1:
        raise ValueError(f"accuracy is {accuracy}; wanted a number from 0 to 1")
    for name, text in ("title", title), ("author", author or ""):
        if not isinstance(text, str):
            raise ValueError(f"{name} is {text!r}; wanted text in quotes")
    if largest not in (1, 255):
        raise ValueError(f"largest is {largest}; wanted 1 or 255")
    found = network(model, names)
    date = date or datetime.date.today()
    facts = {
        f"{model.count_params():,}": "parameters: numbers that training found",
        f"{date.day} {date:%B %Y}": "is the day on which this page was made",
    }
    if accuracy is not None:
        facts = {
            f"{100 * accuracy:.2f} %": "of the test images were read right",
            **facts,
        }
    network_and_more = {"largest": largest, **found}
    text = assemble(title, author, facts, network_and_more, fails_on)
    return _write(Path(folder), text)


def network(model, names=None):
    """The network for page.js: a dictionary that JSON can hold.

    names: what the outputs mean (default: numbers from 0). Raises CannotExport where
    the page cannot run the model.
    """
    try:
        shape, outputs = reader.shapes(model)
    except ValueError as error:
        raise CannotExport(str(error)) from None
    names = [str(name) for name in (range(outputs) if names is None else names)]
    if outputs != len(names):
        raise CannotExport(
            f"the model's output has shape (n, {outputs}); wanted (n, {len(names)}), "
            "one number for each name"
        )
    steps, weights = describe(model)
    numbers = b"".join(np.asarray(array, "<f4").tobytes() for array in weights)
    return {
        "names": names,
        "input": list(shape),
        "ending": ending(steps),
        "steps": steps,
        "numbers": base64.b64encode(numbers).decode(),
    }


def assemble(title, author, facts, network, fails_on=None):
    """The page's HTML, everything inside. facts: {figure: what it says}."""
    title, author = given(title) or "My digit reader", given(author)

    def read(path):
        return path.read_text("utf-8")

    def script(text):
        # Maps for debuggers lie in files that are not here.
        lines = [line for line in text.splitlines() if "//# sourceMapping" not in line]
        return "\n".join(["<script>", *lines, "</script>"])

    utils = FOLDER.parent
    wasm = (TFJS / "tfjs-backend-wasm-simd.wasm").read_bytes()
    scripts = [read(TFJS / f"{name}.es2017.min.js") for name in RUNTIME]
    scripts += [read(utils / "sketch.js"), read(FOLDER / "page.js")]
    digits = network["names"] == [str(digit) for digit in drawing.STROKES]
    known = "a digit" if digits else "one of these: " + ", ".join(network["names"])
    saved = {**network, "strokes": drawing.STROKES if digits else {}}
    parts = {
        "ours": OURS,
        "title": html.escape(title),
        "author": f'<p id="author">by {html.escape(author)}</p>' if author else "",
        "fails": f'<p id="fails"><b>Where it fails.</b> '
        f"{html.escape(sentence(fails_on))}</p>"
        if given(fails_on)
        else "",
        "known": html.escape(known),
        "facts": "\n".join(
            f"<div><dt>{html.escape(figure)}</dt><dd>{html.escape(what)}</dd></div>"
            for figure, what in facts.items()
        ),
        "styles": read(utils / "sketch.css") + read(FOLDER / "page.css"),
        # No "<" inside a script: a name could end it, or open a comment.
        "network": json.dumps(saved).replace("<", "\\u003c"),
        "wasm": base64.b64encode(wasm).decode(),
        "licences": html.escape(read(TFJS / "LICENSES.txt")),
        "scripts": "\n".join(map(script, scripts)),
    }
    page, *rest = read(FOLDER / "index.html").split("{{")
    for piece in rest:
        name, _, text = piece.partition("}}")
        page += parts[name] + text
    return page


def _write(folder, text):
    """Write folder/index.html whole or not at all; return its path."""
    path = folder / "index.html"
    new = [place for place in (folder, *folder.parents) if not place.exists()]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if path.exists() and OURS not in path.read_text("utf-8", errors="replace"):
            raise FileExistsError(errno.EEXIST, "it is a page of another program")
        with replacing(path) as beside:
            beside.write_text(text, "utf-8", newline="\n")
    except BaseException as error:
        with contextlib.suppress(OSError):
            for place in new:
                place.rmdir()
        if isinstance(error, OSError):
            raise type(error)(
                f"{path} cannot be written: {error.strerror or error}. Nothing was "
                "changed; give another folder, or make room in this one"
            ) from None
        raise
    return path
