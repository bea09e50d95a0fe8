"""`make retarget`: the whole workshop points elsewhere, and no old link is left."""

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import nbformat
import pytest

from tools import guide, notebooks, retarget

ROOT = Path(__file__).resolve().parent.parent

# Quotes, umlauts, a dollar and a backslash: what a club may really be called.
CLUB = 'L\'Atelier "Été" $5 $(x) \\ Zürich'
SETTINGS = {
    "REPO": "data-club/deep.learning_2",
    "BRANCH": "spring-2027",
    "CLUB": CLUB,
    "DATE": "2027-03-06",
    "START": "9:15",
    "TITLE": "Deep learning in a day",
}
# An address of this workshop, whoever owns it: owner/name and, in most, the branch.
OURS = re.compile(
    r"https://colab\.research\.google\.com/github/([\w.-]+/[\w.-]+)/blob/([^/\s]+)/"
    r"|https://mybinder\.org/v2/gh/([\w.-]+/[\w.-]+)/([^?]+)\?"
    r"|https://github\.com/([\w.-]+/[\w.-]+)\.git"
    r"|--branch (?P<branch>\S+) https://github\.com/(?P<name>[\w.-]+/[\w.-]+)"
)


def addresses(text):
    """The (owner/name, branch or None) of each link to the workshop in a text."""
    for match in OURS.finditer(text):
        if match["name"]:
            yield match["name"], match["branch"]
        else:
            name, *branch = filter(None, match.groups())
            yield name, *(branch or [None])


def run(copy, *words, **settings):
    """Retarget a copy with these words; return the finished process."""
    return subprocess.run(
        [sys.executable, "-m", "tools.retarget", *words],
        cwd=copy,
        env={**os.environ, "PYTHONPATH": str(copy), "PYTHONUTF8": "1", **settings},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=300,
    )


def texts(folder):
    """{name: text} of every file that is text."""
    found = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            try:
                found[path.relative_to(folder).as_posix()] = path.read_text("utf-8")
            except UnicodeDecodeError:
                continue
    return found


@pytest.fixture(scope="module")
def copy(copy_workshop, tmp_path_factory):
    """The workshop in another folder, as it is."""
    return copy_workshop(tmp_path_factory.mktemp("retarget") / "copy")


@pytest.fixture(scope="module")
def retargeted(copy, tmp_path_factory):
    """A copy that points elsewhere; the console that was told lacks our letters."""
    folder = tmp_path_factory.mktemp("retarget") / "retargeted"
    shutil.copytree(copy, folder)
    words = [f"{name}={value}" for name, value in SETTINGS.items()]
    done = run(folder, *words, PYTHONIOENCODING="ascii")
    assert (done.returncode, done.stderr) == (0, "")
    return folder


def test_no_old_link_is_left(retargeted):
    for name, text in texts(retargeted).items():
        assert notebooks.WORKSHOP["repository"] not in text, name
        for repository, branch in addresses(text):
            assert repository == SETTINGS["REPO"], name
            assert branch in (SETTINGS["BRANCH"], None), name


def test_all_links_are_there(retargeted):
    everywhere = "\n".join(texts(retargeted).values())
    # Two editions: link, badge and set-up cell of each; one clone and one Binder.
    assert len(list(addresses(everywhere))) == 2 * 3 * len(notebooks.LESSONS) + 1 + 1


def test_there_and_back_again_changes_no_byte(copy, retargeted, tmp_path):
    """So nothing of the first move is left, and nothing else was touched by it.

    Between them the copy is told of an owner that nobody can be: it fetches nothing.
    """
    folder = shutil.copytree(retargeted, tmp_path / "back")
    pyproject = folder / "pyproject.toml"
    told = pyproject.read_text("utf-8")
    pyproject.write_text(told.replace(SETTINGS["REPO"], "no.body/nothing"), "utf-8")
    assert run(folder).returncode == 0
    for path in (folder / "notebooks").rglob("*.ipynb"):
        cell = nbformat.read(path, as_version=4).cells[1].source
        assert "make retarget REPO=owner/name" in cell
        assert "git" not in cell, path
    readme = (folder / "README.md").read_text("utf-8")
    assert notebooks.UNTOLD in readme
    for text in texts(folder).values():
        assert {name for name, _ in addresses(text)} <= {"no.body/nothing"}
    shutil.copy(copy / "pyproject.toml", folder)
    done = run(folder)
    assert done.returncode == 0, done.stderr
    original, again = texts(copy), texts(folder)
    for name in guide.GUIDES:  # these are compared by tests/test_notebooks.py
        original.pop(f"guide/{name}", None)
        again.pop(f"guide/{name}")
    assert again == original


def test_this_copy_names_a_repository_or_none():
    """What stands in pyproject.toml is an address, or could never be one."""
    if notebooks.told():
        assert retarget.read_settings([f"REPO={notebooks.WORKSHOP['repository']}"])
    else:
        with pytest.raises(ValueError, match="owner/name, the end of"):
            retarget.read_settings([f"REPO={notebooks.WORKSHOP['repository']}"])


def test_outputs_and_other_cells_stay(copy, retargeted):
    for path in (copy / "notebooks").rglob("*.ipynb"):
        before = nbformat.read(path, as_version=4)
        after = nbformat.read(retargeted / path.relative_to(copy), as_version=4)
        for number in (0, 1):
            assert before.cells[number].source != after.cells[number].source
            before.cells[number].source = after.cells[number].source
        assert before == after, path


def test_title_club_and_date_are_where_people_read_them(retargeted):
    readme = (retargeted / "README.md").read_text("utf-8")
    assert readme.startswith("# Deep learning in a day\n")
    assert f"By {CLUB}; next on 6 March 2027.\n" in readme
    sheet = (retargeted / "guide/run-sheet.md").read_text("utf-8")
    assert f"> **Deep learning in a day** by {CLUB}, 6 March 2027\n" in sheet
    assert "| 9:15 | " in sheet
    assert "| 9:00 | " not in sheet
    pyproject = tomllib.loads((retargeted / "pyproject.toml").read_text("utf-8"))
    assert pyproject["tool"]["workshop"] == {
        key: SETTINGS[name] for name, (key, *_) in retarget.SETTINGS.items()
    }


def test_the_tests_of_links_hold_there(retargeted):
    pytest_here = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider"]
    some = "link or guide or readme and not picture"
    tests = "tests/test_notebooks.py", "-k", some
    done = subprocess.run(
        [*pytest_here, "-o", "addopts=", *tests],
        cwd=retargeted,
        env={**os.environ, "PYTHONPATH": str(retargeted)},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout[-3000:]
    assert int(re.search(r"(\d+) passed", done.stdout)[1]) > 2 * len(notebooks.LESSONS)


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not here")
def test_make_hands_the_settings_on():
    """All that was given, for retarget to know or not; not what the shell has set."""
    words = ["REPO=a/b", f"CLUB={CLUB}", "DATE="]
    command = [
        "make",
        "-n",
        "--no-print-directory",
        "-o",
        ".venv/maintainer",
        "retarget",
    ]
    done = subprocess.run(
        [*command, *words, "repo=a/b", "PYTHON=python3.12"],
        cwd=ROOT,
        env={**os.environ, "BRANCH": "from-the-shell"},
        capture_output=True,
        text=True,
        check=True,
    )
    line = done.stdout.splitlines()[0]
    python = ".venv/bin/python -m tools.retarget"
    assert line.startswith(python)
    shown = f'for word in {line[len(python) :]}; do printf "%s\\n" "$word"; done'
    heard = subprocess.run(["sh", "-c", shown], capture_output=True, text=True)
    assert set(heard.stdout.splitlines()) == {*words, "repo=a/b"}


@pytest.mark.parametrize(
    "word",
    [
        "REPO=",
        "REPO=owner",
        "REPO=owner/name",  # copied from a page, as it stands
        "REPO=owner/name/more",
        "REPO=https://github.com/owner/name",
        "REPO=owner/name.git",
        "REPO=owner/..",
        "REPO=-owner/name",
        "REPO=owner.not.set/name",
        f"REPO={20 * 'o-'}o/name",
        "REPO=owner/na me",
        "REPO=owner/name;ls",
        "REPO=ówner/name",
        "BRANCH=",
        "BRANCH=-f",
        "BRANCH=feature/x",
        "BRANCH=a..b",
        "BRANCH=a.lock",
        "BRANCH=$(ls)",
        "CLUB=",
        "CLUB=   ",
        "CLUB=two\nlines",
        "CLUB=<script>",
        "TITLE=" + 101 * "x",
        "DATE=5 December",
        "DATE=2026-13-01",
        "DATE=2026-02-30",
        "DATE=20261205",
        "START=24:00",
        "START=9",
        "START=9.30",
    ],
)
def test_wrong_values_are_refused(word):
    name, _, value = word.partition("=")
    with pytest.raises(ValueError, match=rf"^{name} is .*; wanted: ") as refused:
        retarget.read_settings(["DATE=2026-12-05", word])
    assert repr(value) in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    "value",
    [
        "a/b",
        "Data-Club-2/deep.learning_2",
        "owner/.github",
        "owner/-name-",
        "old--/name",  # names that GitHub gave in its first years
        f"{39 * 'o'}/{100 * 'n'}",
    ],
)
def test_what_github_has_is_accepted(value):
    assert retarget.read_settings([f"REPO={value}"]) == {"repository": value}


@pytest.mark.parametrize("word", ["REPOSITORY=a/b", "repo=a/b", "--help", "a/b"])
def test_unknown_settings_are_refused(word):
    with pytest.raises(ValueError, match=r"is unknown; wanted one or more of REPO="):
        retarget.read_settings([word])


def test_refused_means_nothing_is_changed(monkeypatch):
    before = dict(notebooks.WORKSHOP)
    monkeypatch.setattr(notebooks, "relinked", lambda _: pytest.fail("it goes on"))
    with pytest.raises(SystemExit) as refused:
        retarget.main(["TITLE=New", "REPO=nonsense"])
    assert str(refused.value) == (
        "Nothing is changed: REPO is 'nonsense'; wanted: your owner/name, the end of "
        "https://github.com/owner/name, without .git"
    )
    assert before == notebooks.WORKSHOP


def test_a_day_that_is_not_in_the_calendar_is_told_what_is_wanted():
    with pytest.raises(ValueError, match=r"wanted: ") as refused:
        retarget.read_settings(["DATE=2027-02-30"])
    assert str(refused.value) == (
        "DATE is '2027-02-30'; wanted: a day as 2026-12-05, or nothing"
    )


BREAKS = {
    "no notebook": lambda text: text[: len(text) // 2],
    "another first cell": lambda text: text.replace('"id": "', '"id": "new-', 1),
    "one cell": lambda text: json.dumps(json.loads(text) | {"cells": []}),
    "no object": lambda text: f"[{text}]",
    "no format": lambda text: text.replace('"nbformat"', '"x"'),
    "no metadata": lambda text: json.dumps(json.loads(text) | {"metadata": 5}),
    "no cells": lambda text: json.dumps(json.loads(text) | {"cells": ["a", "b"]}),
    "no source": lambda text: text.replace('"source":', '"x":'),
    "half a letter": lambda text: text.replace('"source": [', '"source": ["\\ud800",'),
}


@pytest.mark.parametrize("kind", BREAKS)
def test_a_broken_notebook_is_named(copy, tmp_path, monkeypatch, kind):
    folder = shutil.copytree(copy / "notebooks", tmp_path / "notebooks")
    broken = folder / "solutions" / "07_project.ipynb"
    broken.write_text(BREAKS[kind](broken.read_text("utf-8")), "utf-8")
    monkeypatch.setattr(notebooks, "ROOT", tmp_path)
    with pytest.raises(ValueError, match=r"07_project\.ipynb") as refused:
        notebooks.relinked(notebooks.LESSONS[-1])
    assert "\n" not in str(refused.value)


def test_a_broken_notebook_means_nothing_is_changed(copy, tmp_path):
    """The last of them: all is read before the first is written."""
    folder = shutil.copytree(copy, tmp_path / "broken")
    (folder / "notebooks" / "solutions" / "07_project.ipynb").write_text("[", "utf-8")
    before = texts(folder)
    done = run(folder, "REPO=a/b")
    assert (done.returncode, done.stdout) == (1, "")
    assert re.fullmatch("Nothing is changed: .*07_project.ipynb: .*\n", done.stderr)
    assert texts(folder) == before


def test_a_file_without_the_key_is_named():
    text = '[tool.workshop]\ntitle = "T"\n\n[tool.other]\ndate = "2026-01-01"\n'
    with pytest.raises(ValueError, match=r"needs one line date ="):
        retarget.with_settings(text, {"date": ""})
    assert retarget.with_settings(text, {"title": "N"}) == text.replace('"T"', '"N"')
