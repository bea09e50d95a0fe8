"""`make size`: the lines of each room, against a release."""

import subprocess
import sys
from pathlib import Path

import pytest

from tools import size

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def repository(tmp_path_factory):
    """A folder with a git repository, and a function that runs git there."""
    folder = tmp_path_factory.mktemp("size")

    def git(*words):
        author = ["-c", "user.name=Test", "-c", "user.email=test@example.org"]
        subprocess.run(["git", *author, *words], cwd=folder, check=True)

    git("init", "--quiet")
    return folder, git


def test_lines_by_room(repository, monkeypatch):
    folder, git = repository
    for name, text in {
        "utils/a.py": "1\n2\n",
        "utils/a.js": "1\n",
        "utils/b.min.js": "1\n2\n3\n",
        "utils/c.json": "1\n",
        "tools/d.css": "1\n2\n",
        "lessons/01_e.py": "1\n2\n3\n",
        "lessons/build.py": "1\n",
        "tests/f.py": "1\n",
    }.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    git("add", ".")
    git("commit", "--quiet", "--no-gpg-sign", "-m", "One")
    git("tag", "v1")
    (folder / "utils/a.py").write_text("1\n")
    monkeypatch.setattr(size, "ROOT", folder)
    then = {"utils": 3, "tools": 3, "support": 6, "lessons": 3, "tests": 1}
    assert size.lines("v1") == then
    assert size.lines() == then | {"utils": 2, "support": 5}


def test_an_unknown_release_is_named():
    done = subprocess.run(
        [sys.executable, "-m", "tools.size", "v0"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert done.stderr == "'v0' is no tag or commit that is here.\n"
