"""noxfile.py and tests/matrix.py: what is run, and what is kept and said of it."""

import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

import noxfile
from tests import matrix

ROOT = Path(__file__).resolve().parent.parent

REPORT = """<testsuites><testsuite>
<testcase classname="notebooks.04_cnn.ipynb" name="ipynb::Cell 0"/>
<testcase classname="notebooks.04_cnn.ipynb" name="ipynb::Cell 1"/>
<testcase classname="notebooks.solutions.04_cnn.ipynb" name="ipynb::Cell 0"/>
<testcase classname="notebooks.solutions.04_cnn.ipynb" name="ipynb::Cell 7">
<failure message="">#x1B[91mNotebook cell execution failed#x1B[0m

---------------------
NameError                     Traceback (most recent call last)
#x1B[0;31mNameError#x1B[0m: name 'keras' is not defined
</failure></testcase>
<testcase classname="notebooks.solutions.04_cnn.ipynb" name="ipynb::Cell 8">
<failure message="">Kernel died</failure></testcase>
</testsuite></testsuites>"""


def nox(*arguments):
    """Run nox; returns (status, all that it said)."""
    done = subprocess.run(
        [sys.executable, "-m", "nox", *arguments],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    return done.returncode, done.stdout


@pytest.fixture(scope="module")
def sessions():
    """The names of all sessions."""
    status, listed = nox("--list")
    assert status == 0
    return re.findall(r"^[-*] (\S+(?: \w+\))?) ->", listed, re.MULTILINE)


def test_diagonal_has_some_of_every_kind(sessions):
    assert set(noxfile.DIAGONAL) < set(sessions)
    assert len(sessions) == 19
    in_diagonal = set(re.findall(r"[\d.]+|\w+", str(noxfile.DIAGONAL))) - {"notebooks"}
    states = set(re.findall(r"\w+", str(noxfile.STATES)))
    kinds = noxfile.PYTHONS, noxfile.VERSIONS, noxfile.BACKENDS
    assert in_diagonal == states.union(*kinds)


def test_unknown_names_are_refused():
    for name in "notebooks-3.10", "notebooks-3.13(newest, theano)", "--missing":
        status, said = nox("--session", name)
        assert status != 0, name
        assert name in said
    makefile = (ROOT / "Makefile").read_text("utf-8")
    assert "$(BIN)/nox --session '$(or $(ONLY),notebooks)'" in makefile


def test_a_python_that_is_missing_is_no_quiet_skip(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("UV_PYTHON_INSTALL_DIR", str(tmp_path))
    monkeypatch.setenv("UV_PYTHON_DOWNLOADS", "never")
    here = "{}.{}".format(*sys.version_info)
    other = next(python for python in noxfile.PYTHONS if python != here)
    status, said = nox("--session", f"notebooks-{other}(newest, jax)", "--", "nothing")
    assert f"Python interpreter {other} not found" in said
    assert status != 0


def test_names_the_notebook_the_cell_and_the_error():
    notebooks = ["04_cnn", "solutions/04_cnn", "05_cross_entropy"]
    assert matrix.verdicts(ElementTree.fromstring(REPORT), notebooks) == {
        "04_cnn": "",
        "solutions/04_cnn": "cell 7: NameError: name 'keras' is not defined",
        "05_cross_entropy": "not run: pytest did not reach it",
    }


def test_names_the_package_that_changed():
    before = {"keras": "3.13.2", "numpy": "2.1.3", "absl-py": "2.0"}
    now = {"keras": "3.15.1", "numpy": "2.1.3", "jax": "0.10.2"}
    assert matrix.changed(before, now) == [
        "absl-py 2.0 -> none",
        "jax none -> 0.10.2",
        "keras 3.13.2 -> 3.15.1",
    ]


def test_table_has_what_ran():
    def ran(**red):
        return {"date": "2026-11-25", "system": "linux", "lessons": [4, 5], "red": red}

    runs = {
        "3.11-newest/jax/mnist/online": ran(),
        "3.11-newest/jax/digits/online": ran(**{"solutions/04_cnn": "cell 7: x"}),
    }
    packages = {
        "3.11-newest/jax": {"tensorflow": "2.21.0", "numpy": "2.4.6"},
        "3.12-newest/jax": {"tensorflow": "2.21.0", "numpy": "2.5.5", "jax": "0.12.0"},
    }
    text = "<!-- matrix -->\nold\n<!-- /matrix -->"
    page = matrix.page(text, {"runs": runs, "packages": packages})
    _, _, _, row, _, _, newest, _ = page.splitlines()
    assert row == ("| 3.11, newest | jax | FAIL | pass | 2 of 4 | 2026-11-25 | linux |")
    assert newest == (
        "- newest: tensorflow 2.21.0, keras not run, jax 0.12.0, torch not run, "
        "numpy 2.4.6 and 2.5.5"
    )


def test_page_has_the_table_as_measured():
    text = matrix.PAGE.read_text("utf-8")
    assert matrix.page(text, matrix.load()) == text, "tests/matrix.py: save()"


def test_every_recorded_run_is_green_and_there_to_be_run_again(sessions):
    for condition, result in matrix.load()["runs"].items():
        environment, backend, state = condition.split("/", 2)
        python, versions = environment.split("-")
        assert f"notebooks-{python}({versions}, {backend})" in sessions
        assert state in noxfile.STATES
        assert result["red"] == {}, condition


@pytest.fixture
def kept(monkeypatch, tmp_path):
    """A function: keep a run of 3.12-newest with these packages and this trouble.

    No notebook runs: it is about what is kept and said. Returns main's status.
    """
    page = tmp_path / "page.md"
    page.write_text("<!-- matrix -->\n<!-- /matrix -->")
    (tmp_path / "matrix.json").write_text('{"packages": {}, "runs": {}}')
    monkeypatch.setattr(matrix, "PAGE", page)
    monkeypatch.setattr(matrix, "RESULTS", tmp_path / "matrix.json")
    monkeypatch.setattr(matrix.ElementTree, "parse", lambda path: path)

    def run(jax, backend, *troubles):
        found = [{"04_cnn": trouble} for trouble in troubles]
        package = type("Package", (), {"name": "JAX", "version": jax})
        monkeypatch.setattr(matrix, "distributions", lambda: [package])
        monkeypatch.setattr(matrix, "verdicts", lambda *_: found.pop(0))
        states = noxfile.STATES[: len(troubles)]
        return matrix.main([f"3.12-newest/{backend}/{state}" for state in states])

    return run


def test_a_green_run_does_not_hide_what_changed_for_a_red_one(kept, capsys):
    assert kept("0.12.0", "jax", "", "") == 0
    assert kept("0.12.0", "tensorflow", "", "") == 0
    assert kept("0.13.0", "tensorflow", "") == 0
    assert "changed" not in capsys.readouterr().out
    for _ in range(2):  # a week later, too
        assert kept("0.13.0", "jax", "", "cell 7: TypeError: x") == 1
        out = capsys.readouterr().out
        assert "1 green, 1 red" in out
        assert "3.12-newest/jax/mnist/offline 04_cnn, cell 7: TypeError: x" in out
        assert "changed since all were green: jax 0.12.0 -> 0.13.0" in out
    assert len(matrix.load()["runs"]) == 4
    assert "| 3.12, newest | jax | FAIL |" in matrix.PAGE.read_text("utf-8")


def test_the_file_has_a_line_for_each_condition(kept):
    kept("0.12.0", "jax", "", "", "")
    lines = matrix.RESULTS.read_text("utf-8").splitlines()
    assert sum('"date"' in line for line in lines) == 3
    matrix.save(matrix.load())
    assert matrix.RESULTS.read_text("utf-8").splitlines() == lines
