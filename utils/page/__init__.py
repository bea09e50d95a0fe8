"""A trained digit reader as one page that runs in any browser, without a network.

    export_page(model, "my_project/page", title="My digit reader")

TensorFlow.js runs the network: its layers know nearly all that a student may use.
Its WebAssembly backend reads a digit in about a millisecond; where a browser has none,
the plain JavaScript one does it in tens of milliseconds. Both with the layers are
1.4 MB, against 19 MB for onnxruntime-web. tfjs/README.md says where the files are from.
"""

import base64
import datetime
import html
import json
import re
from pathlib import Path

import numpy as np
import traitlets

from utils import drawing, reader
from utils.files import replacing
from utils.page.layers import describe, ending
from utils.project import given, sentence
from utils.touch import AnyWidget

FOLDER = Path(__file__).parent
TFJS = FOLDER / "tfjs"
RUNTIME = "tf-core", "tf-layers", "tf-backend-cpu", "tf-backend-wasm"
SCRIPTS = [f"tfjs/{name}.es2017.min.js" for name in RUNTIME]
SCRIPTS += ["../touch/touch.js", "../sketch.js", "page.js"]
# By this an exported page is known: another index.html is never replaced.
OURS = '<meta name="generator" content="deep-learning-workshop">'


def export_page(
    model, folder, title="", accuracy=None, names=None, author=None, fails_on=None
):
    """Write `folder`/index.html, a page that reads drawn digits; return its path.

    model: a built Keras model, Sequential or functional, on any backend. Its input is
    (n, 28, 28, 1), (n, 28, 28) or (n, 784), its output one number for each class:
    probabilities where the last activation is softmax, else logits. (With a sigmoid
    for each class, the page shows each number's share of their sum.)
    accuracy: the test accuracy, 0 to 1, for the page to show. names: what the outputs
    mean (default: numbers from 0). author: who made it, for the page to show.
    fails_on: where the network fails, in the author's words. A text that is still
    "..." is not shown.

    Raises ValueError before anything is written, OSError where the page cannot be
    written. A page that is there is replaced at the very end, or stays as it is.
    """
    if accuracy is not None and not 0 <= accuracy <= 1:
        raise ValueError(f"accuracy is {accuracy}; wanted a number from 0 to 1")
    for name, text in ("title", title), ("author", author or ""):
        if not isinstance(text, str):
            raise ValueError(f"{name} is {text!r}; wanted text in quotes")
    saved = {"strokes": {}, **network(model, names)}
    known = "one of these: " + ", ".join(saved["names"])
    if saved["names"] == [str(digit) for digit in drawing.STROKES]:
        known, saved["strokes"] = "a digit", drawing.STROKES
    facts, today = {}, datetime.date.today()
    if accuracy is not None:
        facts[f"{100 * accuracy:.2f} %"] = "of the test images were read right"
    facts[f"{model.count_params():,}"] = "parameters: numbers that training found"
    facts[f"{today.day} {today:%B %Y}"] = "is the day on which this page was made"
    title, author = given(title) or "My digit reader", given(author)
    fails = "<p id='fails'><b>Where it fails.</b> {}</p>" if given(fails_on) else ""
    wasm = (TFJS / "tfjs-backend-wasm-simd.wasm").read_bytes()
    parts = {
        "ours": OURS,
        "title": html.escape(title),
        "author": f'<p id="author">by {html.escape(author)}</p>' if author else "",
        "fails": fails.format(html.escape(sentence(fails_on))),
        "known": html.escape(known),
        "facts": "\n".join(
            f"<div><dt>{html.escape(figure)}</dt><dd>{html.escape(what)}</dd></div>"
            for figure, what in facts.items()
        ),
        "styles": _read("../sketch.css", "page.css"),
        # No "<" inside a script: a name could end it, or open a comment.
        "network": json.dumps(saved).replace("<", "\\u003c"),
        "wasm": base64.b64encode(wasm).decode(),
        "licences": html.escape(_read("tfjs/LICENSES.txt")),
        # One script, without modules. Maps for debuggers lie in files not here.
        "scripts": re.sub("(?m)^export |^//# sourceMapping.*", "", _read(*SCRIPTS)),
    }
    text = re.sub(r"{{(\w+)}}", lambda found: parts[found[1]], _read("index.html"))
    path = Path(folder) / "index.html"
    if path.exists() and OURS not in path.read_text("utf-8", errors="replace"):
        raise FileExistsError(f"{path} is of another program; give another folder")
    path.parent.mkdir(parents=True, exist_ok=True)
    with replacing(path) as beside:
        beside.write_text(text, "utf-8", newline="\n")
    return path


def _read(*files):
    return "\n".join((FOLDER / file).read_text("utf-8") for file in files)


def network(model, names=None):
    """The network for page.js: a dictionary that JSON can hold.

    names: what the outputs mean (default: numbers from 0). Raises ValueError where the
    page cannot run the model.
    """
    shape, outputs = reader.shapes(model)
    steps, weights = describe(model)
    numbers = b"".join(np.asarray(array, "<f4").tobytes() for array in weights)
    return {
        "names": reader.class_names(names, outputs),
        "input": list(shape),
        "ending": ending(steps),
        "steps": steps,
        "numbers": base64.b64encode(numbers).decode(),
    }


class Page(AnyWidget or traitlets.HasTraits):
    """A page, live in a notebook. text: its HTML."""

    _esm = """export default { render({ model, el }) {
      el.innerHTML = '<iframe title="The page" style="width: 100%; height: 44rem">';
      el.firstChild.srcdoc = model.get("text");
    } };"""
    text = traitlets.Unicode().tag(sync=True)
