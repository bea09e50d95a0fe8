"""The Colab path, in a simulated Colab: a bare folder, a kernel, a git remote.

Simulated are the module google.colab, the address of GitHub (git rewrites it to a copy
of the working tree) and a Python without our editable installation. Real are the set-up
cell that `make retarget` writes, IPython's "!", git, the kernel and the packages.
"""

import ast
import http.server
import os
import re
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import nbformat
import pytest
from IPython.core.inputtransformer2 import TransformerManager
from jupyter_client.manager import start_new_kernel

from tools import notebooks
from tools.notebooks import NOTEBOOKS
from utils import keep

ROOT = Path(__file__).resolve().parent.parent

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Colab runs Linux")

# Its Drive is a folder beside the kernel's, and may refuse; downloads go there, too.
BECOME_COLAB = """
import os, shutil, sys, types
from pathlib import Path

def mount(folder):
    if os.path.exists("../refuses"):
        raise ValueError("mount failed")
    os.makedirs("../of-google", exist_ok=True)
    os.makedirs(folder, exist_ok=True)
    if not os.path.exists(f"{folder}/MyDrive"):
        os.symlink(os.path.abspath("../of-google"), f"{folder}/MyDrive")

colab = types.ModuleType("google.colab")
colab.drive = types.SimpleNamespace(
    mount=mount, flush_and_unmount=lambda: shutil.rmtree("drive")
)
colab.files = types.SimpleNamespace(
    download=lambda name: shutil.move(name, "../downloaded.zip"),
    upload=lambda: {"a.zip": Path("../downloaded.zip").read_bytes()},
)
import google  # as there, a package with others in it: TensorFlow wants protobuf

google.colab = sys.modules["google.colab"] = colab
"""
NOTICE = keep.NOTICE + "\n"
# On Colab there is no repository: here the one under test has to be hidden.
FORGET_US = f"""
import sys

sys.path[:] = [entry for entry in sys.path if entry != {str(ROOT)!r}]
sys.meta_path[:] = [
    finder for finder in sys.meta_path if "__editable__" not in finder.__module__
]
"""
DISTRIBUTIONS = """
import importlib.metadata

print(*sorted(f"{d.name}=={d.version}" for d in importlib.metadata.distributions()))
"""


def code_cells(notebook):
    """The code of a committed notebook, cell by cell; the first is the set-up."""
    found = nbformat.read(notebook, as_version=4).cells
    return [cell.source for cell in found if cell.cell_type == "code"]


ADDRESS = {"repository": "a-club/workshop", "branch": "main"}


def setup_cell(repository, branch):
    """The set-up cell of a copy that was told, or not, where it lives."""
    with pytest.MonkeyPatch.context() as copy:
        copy.setitem(notebooks.WORKSHOP, "repository", repository)
        copy.setitem(notebooks.WORKSHOP, "branch", branch)
        return notebooks.setup_cell()


SETUP_CELL = setup_cell(**ADDRESS)
SETUP_UNTOLD = setup_cell("no.owner/name", "main")


class Kernel:
    """A kernel whose folder is `content`, as Colab's is /content."""

    def __init__(self, content, settings, colab=True):
        names = os.environ.keys() - {"PYTHONPATH", "WORKSHOP_FAST"}
        env = {name: os.environ[name] for name in names} | settings
        self.manager, self.client = start_new_kernel(cwd=str(content), env=env)
        self.run(FORGET_US + (BECOME_COLAB if colab else ""))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)

    def run(self, code):
        """Run a cell; return what it printed and showed. Fails where the cell does."""
        reply, text = self.attempt(code)
        assert reply["status"] == "ok", f"{text}\n{reply.get('traceback')}"
        return text

    def attempt(self, code):
        """Run a cell; return the kernel's reply and the cell's text."""
        texts = []

        def listen(message):
            content = message["content"]
            texts.append(content.get("text", ""))
            texts.append(content.get("data", {}).get("text/plain", ""))

        reply = self.client.execute_interactive(
            code, timeout=300, allow_stdin=False, output_hook=listen
        )
        return reply["content"], "".join(texts)


@pytest.fixture(scope="module")
def remote(copy_workshop, tmp_path_factory):
    """A bare repository with the working tree in it."""
    folder = tmp_path_factory.mktemp("remote")
    tree = copy_workshop(folder / "tree")
    author = ["-c", "user.name=Test", "-c", "user.email=test@example.org"]
    for command in (
        ["init", "--quiet", "--initial-branch", ADDRESS["branch"]],
        ["add", "--all"],
        [*author, "commit", "--quiet", "--no-gpg-sign", "-m", "The workshop"],
        ["clone", "--quiet", "--bare", ".", str(folder / "bare.git")],
    ):
        subprocess.run(["git", *command], cwd=tree, env=GIT, check=True)
    return folder / "bare.git"


# git without the settings of whoever runs the tests
GIT = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}


def settings(folder, remote):
    """Environment variables for a kernel in which GitHub's address means `remote`."""
    github = f"https://github.com/{ADDRESS['repository']}"
    config = folder / "gitconfig"
    config.write_text(f'[url "{remote}"]\n    insteadOf = {github}\n')
    return {
        "GIT_CONFIG_GLOBAL": str(config),
        "GIT_CONFIG_NOSYSTEM": "1",
        "HOME": str(folder),
        "IPYTHONDIR": str(folder / "ipython"),
        "WORKSHOP_DATA": "digits",
        "no_proxy": "127.0.0.1",
    }


@pytest.fixture(scope="module")
def colab(remote, tmp_path_factory):
    """A Colab before its first cell: (kernel, its folder)."""
    folder = tmp_path_factory.mktemp("colab")
    (folder / "content").mkdir()
    with Kernel(folder / "content", settings(folder, f"file://{remote}")) as kernel:
        yield kernel, folder / "content"


def snapshot(folder):
    return {p: p.stat().st_mtime_ns for p in folder.rglob("*")}


# --- a good day: the tests of this part share a kernel and follow one another ---------


def test_every_notebook_begins_with_the_same_set_up():
    assert {code_cells(notebook)[0] for notebook in NOTEBOOKS} == {
        notebooks.setup_cell()
    }
    assert len(NOTEBOOKS) == 2 * len(notebooks.LESSONS)


def test_first_cell_fetches_the_workshop_and_touches_no_package(colab):
    kernel, content = colab
    assert list(content.iterdir()) == []
    assert kernel.attempt("import utils")[0]["ename"] == "ModuleNotFoundError"
    before = kernel.run(DISTRIBUTIONS)
    assert re.search(" tensorflow([-_]cpu)?==", before)
    assert kernel.run(SETUP_CELL) == NOTICE
    assert [path.name for path in content.iterdir()] == ["workshop"]
    assert kernel.run(DISTRIBUTIONS) == before
    where = kernel.run("import utils; print(utils.__file__)").strip()
    assert where == str(content / "workshop" / "utils" / "__init__.py")


def test_second_run_does_nothing(colab):
    kernel, content = colab
    path, files = kernel.run("print(sys.path)"), snapshot(content)
    assert kernel.run(SETUP_CELL) == NOTICE
    assert kernel.run("print(sys.path)") == path
    assert snapshot(content) == files


def test_every_import_of_every_notebook_works(colab):
    """Both editions; and ours come from what was fetched, not from the repository."""
    kernel, content = colab
    python, lines = TransformerManager(), {}
    for notebook in NOTEBOOKS:
        for code in code_cells(notebook):
            for node in ast.parse(python.transform_cell(code)).body:
                if isinstance(node, ast.Import | ast.ImportFrom):
                    lines.setdefault(ast.unparse(node), notebook.name)
    assert any(line.startswith("from utils.exercises import") for line in lines)
    for line, notebook in lines.items():
        reply, text = kernel.attempt(line)
        assert reply["status"] == "ok", f"{notebook}: {line}: {reply}{text}"
    ours = kernel.run(
        "print(*{m.__file__ for n, m in sys.modules.items() "
        "if n.partition('.')[0] == 'utils' and m.__file__}, sep='\\n')"
    ).split("\n")
    for file in filter(None, ours):
        assert Path(file).is_relative_to(content / "workshop"), file


def test_an_attendee_begins(colab):
    """The attendee's lesson 4 up to its first check: figures, an open exercise."""
    kernel, _ = colab
    shown = ""
    for code in code_cells(ROOT / "notebooks" / "04_cnn.ipynb"):
        shown = kernel.run(code)
        if "ex.q1.check" in code:
            break
    assert shown.startswith("… Not attempted.")
    assert kernel.run("ex.q1.check(27)").startswith("✓ Correct.")
    assert "3 * 9" in kernel.run("ex.q1.solution()")  # from the fetched lesson
    digits = "(images, labels), _ = data.load_mnist(); print(images.shape)"
    assert "(1437, 28, 28)" in kernel.run(digits)


def test_a_restarted_kernel_finds_the_workshop(colab, tmp_path):
    """Colab keeps the files; nothing is fetched, which would fail here."""
    _, content = colab
    files = snapshot(content)
    with Kernel(content, settings(tmp_path, "file:///nowhere")) as kernel:
        assert kernel.run(SETUP_CELL) == NOTICE
        kernel.run("import utils")
    assert snapshot(content) == files


def test_what_one_made_is_kept_and_comes_back(remote, tmp_path):
    """Into Drive, and where that is refused as a download; then a new machine."""
    content, refuses = tmp_path / "content", tmp_path / "refuses"
    card, page = (content / "my_project" / n for n in ("card.md", "page/index.html"))
    github = settings(tmp_path, f"file://{remote}")
    content.mkdir()
    with Kernel(content, github) as kernel:
        assert kernel.run(SETUP_CELL) == NOTICE
        assert "0 files of yours" in kernel.run("keep.save()")
        page.parent.mkdir(parents=True)
        for file in page, card, content / "words.txt":
            file.write_text(file.stem)
        for where in "in Drive", "downloaded":
            said = kernel.run("keep.save()")
            assert f"3 files are in my_workshop.zip, {where}" in said
            refuses.touch()
    shutil.rmtree(content)
    content.mkdir()
    with Kernel(content, github) as kernel:
        assert kernel.run(SETUP_CELL) == NOTICE
        for _ in "downloaded", "in Drive":
            (content / "words.txt").unlink(missing_ok=True)
            shutil.rmtree(card.parent, ignore_errors=True)
            card.parent.mkdir()
            card.write_text("newer")
            assert "2 files are back" in kernel.run("keep.restore()")
            assert card.read_text() == "newer"
            assert page.read_text() == "index"
            assert (content / "words.txt").read_text() == "words"
            refuses.unlink(missing_ok=True)
            (tmp_path / "downloaded.zip").write_text("<html>")
        refuses.touch()
        reply, _ = kernel.attempt("keep.restore()")
    assert reply["ename"] == "ValueError"
    assert reply["evalue"] == "that is no my_workshop.zip as keep.save() makes it"


# --- a bad day ------------------------------------------------------------------------


def test_elsewhere_the_cell_does_nothing(tmp_path):
    offline = settings(tmp_path, "file:///nowhere")
    here = tmp_path / "here"
    here.mkdir()
    with Kernel(here, offline, colab=False) as kernel:
        path = kernel.run("print(sys.path)")
        for cell in SETUP_CELL, SETUP_UNTOLD:
            assert kernel.run(cell) == ""
        assert kernel.run("print(sys.path)") == path
    assert list(here.iterdir()) == []


def test_a_learners_file_that_hides_a_module_is_named(tmp_path):
    """One after the other, in one kernel: a learner gives it another name, too."""
    (tmp_path / "my_functions.py").write_text("mine = 1")
    offline = settings(tmp_path, "file:///nowhere")
    cell = f"{notebooks.setup_cell()}\nfrom utils import data"
    with Kernel(tmp_path, offline, colab=False) as kernel:
        kernel.run(f"import sys; sys.path.append({str(ROOT)!r})")
        for name, error, words in (
            ("utils", "RuntimeError", "Your utils.py hides the workshop's utils: ren"),
            ("keras", "ImportError", "keras.py beside this notebook hides a module"),
            ("numpy", "ImportError", "numpy.py beside this notebook hides a module"),
        ):
            file = tmp_path / f"{name}.py"
            file.write_text("mine = 1")
            reply, _ = kernel.attempt(cell)
            assert reply.get("ename") == error, name
            assert reply["evalue"].startswith(words)
            file.unlink()
        (tmp_path / "random.py").write_text("mine = 1")  # Python's own come first
        kernel.run(cell)


def assert_one_sentence(kernel):
    reply, text = kernel.attempt(SETUP_CELL)
    assert reply["ename"] == "RuntimeError"
    assert reply["evalue"] == "The workshop was not fetched: git says why above."
    assert text.startswith("fatal: ")
    return text


@pytest.fixture
def private():
    """The address of a GitHub that asks for a name.

    So it does where a repository is private, or is not there at all.
    """

    class Private(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(401)
            self.send_header("WWW-Authenticate", 'Basic realm="GitHub"')
            self.end_headers()

        def log_message(self, *args):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Private) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/workshop"
        server.shutdown()


def test_a_failing_cell_says_so_and_may_be_tried_again(remote, private, tmp_path):
    content = tmp_path / "content"
    content.mkdir()
    with Kernel(content, settings(tmp_path, "file:///nowhere")) as kernel:
        # A copy that was not told its address fetches nothing.
        reply, text = kernel.attempt(SETUP_UNTOLD)
        assert (reply["ename"], reply["evalue"]) == ("RuntimeError", notebooks.UNTOLD)
        assert text == ""
        assert_one_sentence(kernel)
        settings(tmp_path, private)  # it does not wait for a password
        assert "terminal prompts disabled" in assert_one_sentence(kernel)
        settings(tmp_path, f"file://{remote}")
        other = setup_cell(ADDRESS["repository"], "no-such-branch")
        reply, text = kernel.attempt(other)
        assert reply["ename"] == "RuntimeError"
        assert "no-such-branch" in text
        assert list(content.iterdir()) == []
        assert kernel.run(SETUP_CELL) == NOTICE
        kernel.run("import utils")
        assert kernel.run(SETUP_UNTOLD) == NOTICE  # where there is a workshop
