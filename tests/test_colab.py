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


@pytest.mark.parametrize("drive", [True, False])
def test_what_one_made_is_kept_and_comes_back(remote, tmp_path, drive):
    """Into Drive, or where that is refused, as a download; then a new machine."""
    if not drive:
        (tmp_path / "refuses").touch()
    for day in 1, 2:
        content = tmp_path / "content"
        content.mkdir()
        with Kernel(content, settings(tmp_path, f"file://{remote}")) as kernel:
            assert kernel.run(SETUP_CELL) == NOTICE
            if day == 1:
                assert "0 files of yours" in kernel.run("keep.save()")
                (content / "my_project" / "page").mkdir(parents=True)
                (content / "my_project" / "page" / "index.html").write_text("page")
                (content / "my_project" / "card.md").write_text("card")
                (content / "words.txt").write_text("words")
                assert "3 files are in my_workshop.zip" in kernel.run("keep.save()")
                shutil.rmtree(content)
            else:
                (content / "my_project").mkdir()
                (content / "my_project" / "card.md").write_text("newer")
                assert "2 files are back" in kernel.run("keep.restore()")
    assert (tmp_path / "of-google" / "my_workshop.zip").exists() == drive
    assert (content / "my_project" / "page" / "index.html").read_text() == "page"
    assert (content / "my_project" / "card.md").read_text() == "newer"
    assert (content / "words.txt").read_text() == "words"


def test_a_download_that_is_none_is_said(remote, tmp_path):
    (tmp_path / "content").mkdir()
    (tmp_path / "refuses").touch()
    (tmp_path / "downloaded.zip").write_text("<html>")
    config = settings(tmp_path, f"file://{remote}")
    with Kernel(tmp_path / "content", config) as kernel:
        kernel.run(SETUP_CELL)
        reply, _ = kernel.attempt("keep.restore()")
    assert reply["ename"] == "ValueError"
    assert reply["evalue"] == "that is no my_workshop.zip as keep.save() makes it"


# --- a bad day ------------------------------------------------------------------------


def test_elsewhere_the_cell_does_nothing(remote, tmp_path):
    (tmp_path / "here").mkdir()
    offline = settings(tmp_path, "file:///nowhere")
    with Kernel(tmp_path / "here", offline, colab=False) as kernel:
        path = kernel.run("print(sys.path)")
        assert kernel.run(SETUP_CELL) == ""
        assert kernel.run("print(sys.path)") == path
    assert list((tmp_path / "here").iterdir()) == []


@pytest.mark.parametrize(
    ("module", "error", "words"),
    [
        ("utils", "RuntimeError", "Your utils.py hides the workshop's utils: rename"),
        ("keras", "ImportError", "keras.py beside this notebook hides a module"),
        ("random", None, None),  # Python's own come first
        ("numpy", "ImportError", "numpy.py beside this notebook hides a module"),
    ],
)
def test_a_learners_file_that_hides_a_module_is_named(tmp_path, module, error, words):
    (tmp_path / f"{module}.py").write_text("mine = 1")
    (tmp_path / "my_functions.py").write_text("mine = 1")
    offline = settings(tmp_path, "file:///nowhere")
    with Kernel(tmp_path, offline, colab=False) as kernel:
        kernel.run(f"import sys; sys.path.append({str(ROOT)!r})")
        reply, _ = kernel.attempt(f"{notebooks.setup_cell()}\nfrom utils import data")
    assert reply.get("ename") == error
    assert reply.get("evalue", "").startswith(words or "")


def assert_one_sentence(kernel):
    reply, text = kernel.attempt(SETUP_CELL)
    assert reply["ename"] == "RuntimeError"
    assert reply["evalue"] == "The workshop was not fetched: git says why above."
    assert text.startswith("fatal: ")
    return text


def test_a_failing_clone_says_so_and_may_be_tried_again(remote, tmp_path):
    content = tmp_path / "content"
    content.mkdir()
    with Kernel(content, settings(tmp_path, "file:///nowhere")) as kernel:
        assert_one_sentence(kernel)
        assert list(content.iterdir()) == []
        settings(tmp_path, f"file://{remote}")  # the network is back
        assert kernel.run(SETUP_CELL) == NOTICE
        kernel.run("import utils")


def test_a_missing_branch_is_named(remote, tmp_path):
    (tmp_path / "content").mkdir()
    other = setup_cell(ADDRESS["repository"], "no-such-branch")
    with Kernel(tmp_path / "content", settings(tmp_path, f"file://{remote}")) as kernel:
        reply, text = kernel.attempt(other)
    assert reply["ename"] == "RuntimeError"
    assert "no-such-branch" in text


def test_a_copy_that_was_not_told_its_address_fetches_nothing(tmp_path):
    """One sentence says what to do, and only where there is no workshop."""
    (tmp_path / "content").mkdir()
    with Kernel(tmp_path / "content", settings(tmp_path, "file:///nowhere")) as kernel:
        reply, text = kernel.attempt(SETUP_UNTOLD)
        assert (reply["ename"], reply["evalue"]) == ("RuntimeError", notebooks.UNTOLD)
        assert text == ""
        assert list((tmp_path / "content").iterdir()) == []
        kernel.run(f"sys.path.append({str(ROOT)!r})")
        assert kernel.run(SETUP_UNTOLD) == NOTICE
    (tmp_path / "here").mkdir()
    offline = settings(tmp_path, "file:///nowhere")
    with Kernel(tmp_path / "here", offline, colab=False) as kernel:
        assert kernel.run(SETUP_UNTOLD) == ""


def test_a_private_repository_does_not_wait_for_a_password(tmp_path):
    """GitHub asks for a name where a repository is private, or is not there at all."""

    class Private(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(401)
            self.send_header("WWW-Authenticate", 'Basic realm="GitHub"')
            self.end_headers()

        def log_message(self, *args):
            pass

    (tmp_path / "content").mkdir()
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Private) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}/workshop"
        with Kernel(tmp_path / "content", settings(tmp_path, address)) as kernel:
            text = assert_one_sentence(kernel)
        server.shutdown()
    assert "terminal prompts disabled" in text
