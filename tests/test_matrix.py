"""tests/matrix.py: what it asks for, and what it says of a run."""

import re
import subprocess
from pathlib import Path
from xml.etree import ElementTree

import matrix
import pytest

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
    lines = matrix.report({"04_cnn": "cell 7: NameError: x"}, 12, now, before)
    assert lines[0] == "  11 green, 1 red"
    assert "04_cnn, cell 7: NameError: x" in lines[1]
    assert "keras 3.13.2 -> 3.15.1" in lines[2]


def test_diagonal_has_some_of_every_kind():
    assert set(matrix.DIAGONAL) <= set(matrix.ALL)
    in_all, in_diagonal = (
        {part for name in names for part in re.split("[-/]", name)}
        for names in (matrix.ALL, matrix.DIAGONAL)
    )
    assert in_diagonal == in_all


def test_wanted_conditions():
    assert len(matrix.wanted([])) == 72
    assert len(matrix.wanted(["3.12-newest/jax"])) == 4
    assert matrix.wanted([], diagonal=True) == matrix.DIAGONAL
    rest = matrix.wanted(["3.12-newest/jax"], done=["3.12-newest/jax/mnist/online"])
    assert len(rest) == 3
    with pytest.raises(SystemExit, match=r"No condition is named '3.10'.*look like"):
        matrix.wanted(["3.10"])
    with pytest.raises(SystemExit, match=r"No condition is named '3.11-colab'"):
        matrix.wanted(["3.11-colab"], diagonal=True)


def test_table_has_what_ran_and_one_line_of_what_did_not():
    def ran(**red):
        return {
            "date": "2026-11-25",
            "system": "linux",
            "lessons": ["04_cnn", "05_loss"],
            "red": red,
        }

    runs = {
        "3.11-newest/jax/mnist/online": ran(),
        "3.11-newest/jax/digits/online": ran(**{"04_cnn": "cell 7: NameError: x"}),
    }
    packages = {
        "3.11-newest": {"tensorflow": "2.21.0", "numpy": "2.4.6"},
        "3.12-newest": {"tensorflow": "2.21.0", "numpy": "2.5.5", "jax": "0.12.0"},
    }
    lines = matrix.table({"runs": runs, "packages": packages}).splitlines()
    _, _, row, _, when, _, newest, missing = lines
    assert row == "| 3.11, newest | jax | FAIL | pass | 2 of 4 |"
    assert when == "Run 2026-11-25 on linux."
    assert newest == (
        "newest: tensorflow 2.21.0, keras not run, jax 0.12.0, torch not run, "
        "numpy 2.4.6 and 2.5.5."
    )
    assert missing.startswith("Not run yet: 3.11-colab tensorflow, 3.11-colab jax")
    assert matrix.table({"runs": {}, "packages": {}}) == "Nothing has been run yet."


def test_the_page_has_the_table_as_measured():
    page = (ROOT / "tests" / "WHERE-IT-RUNS.md").read_text("utf-8")
    assert matrix.with_table(page, matrix.load()) == page, "matrix.py --table"


def test_every_recorded_run_is_green():
    for condition, result in matrix.load()["runs"].items():
        assert condition in matrix.ALL
        assert result["red"] == {}, condition


@pytest.fixture
def runs(monkeypatch, tmp_path):
    """A function: run two conditions of 3.12-newest, with these packages and reds.

    No notebook runs: it is about what is kept and said of them.
    """
    monkeypatch.setattr(matrix, "RESULTS", tmp_path / "matrix.json")

    def run_two(packages, *reds):
        found = [{"04_cnn": red} for red in reds]
        monkeypatch.setattr(matrix, "make", lambda environment: packages)
        monkeypatch.setattr(matrix, "run", lambda condition: found.pop(0))
        names = [f"3.12-newest/{b}/mnist/online" for b in ("tensorflow", "jax")]
        return matrix.run_all("3.12-newest", names)

    return run_two


def test_a_green_backend_does_not_hide_what_changed_for_a_red_one(runs, capsys):
    assert runs({"jax": "0.12.0"}, "", "")
    assert not runs({"jax": "0.13.0"}, "", "cell 7: TypeError: x")
    out = capsys.readouterr().out
    assert "04_cnn, cell 7: TypeError: x" in out
    assert "changed since all were green: jax 0.12.0 -> 0.13.0" in out
    assert not runs({"jax": "0.13.0"}, "", "cell 7: TypeError: x")
    assert "jax 0.12.0 -> 0.13.0" in capsys.readouterr().out  # a week later, too
    assert len(matrix.load()["runs"]) == 2


def test_what_cannot_be_installed_is_red_and_the_rest_goes_on(monkeypatch, capsys):
    def broken(environment):
        raise subprocess.CalledProcessError(1, "uv")

    monkeypatch.setattr(matrix, "make", broken)
    assert not matrix.run_all("3.12-newest", [])
    assert "3.12-newest cannot be installed" in capsys.readouterr().out
