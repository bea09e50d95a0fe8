"""The stick: a small workshop goes through it, with the real uv, pip and start.py."""

import functools
import http.server
import importlib.metadata
import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest

import start
from tools import lessons, stick
from utils import doctor

ROOT = Path(__file__).resolve().parent.parent
NOWHERE = "http://127.0.0.1:9"  # nobody listens there
SMALL = "# As the real list, but small.\njinja2>=3\n-e .\n"


@pytest.fixture(scope="module")
def made(tmp_path_factory, packages):
    """A stick with a workshop that needs two packages instead of fifty."""
    source, to = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("a stick")
    for name in ("start.py", "pyproject.toml", "requirements-dev.txt", "LICENSE"):
        shutil.copy(ROOT / name, source)
    (source / "requirements.txt").write_text(SMALL)
    (source / "utils").mkdir()
    (source / "utils" / "__init__.py").touch()
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@b"]
    for words in (["init", "-q"], ["add", "."], ["commit", "-qm", "all"]):
        subprocess.run([*git, *words], cwd=source, check=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stick, "ROOT", source)
        patch.setenv("WORKSHOP_DATA", str(ROOT / "LICENSE"))  # no .npz: no data
        patch.setenv("KERAS_HOME", str(source / "keras"))
        stick.main([str(to), "--installers", str(source / "utils")])
    return to


def install(workshop, home, **settings):
    settings |= {"HOME": str(home), "UV_CACHE_DIR": str(home / "uv")}
    settings |= {"PIP_NO_CACHE_DIR": "1", "PIP_INDEX_URL": NOWHERE}
    return subprocess.run(
        [sys.executable, workshop / "start.py", "requirements.txt"],
        env={**os.environ, **settings, "UV_DEFAULT_INDEX": NOWHERE},
        capture_output=True,
        encoding="utf-8",
    )


def python(workshop):
    return workshop / Path(start.PYTHON).relative_to(ROOT)


def has(workshop, *modules):
    code = f"import {', '.join(modules)}"
    return not subprocess.run([python(workshop), "-c", code]).returncode


@pytest.fixture(scope="module")
def laptop(made, tmp_path_factory):
    """A copy of the stick's workshop, installed where no network is."""
    folder = tmp_path_factory.mktemp("laptop")
    workshop = shutil.copytree(made / "workshop", folder / "workshop")
    done = install(workshop, folder)
    assert done.returncode == 0, done.stderr
    assert f"from {workshop / 'wheels'}" in done.stdout
    return workshop


@pytest.fixture
def poorer(laptop):
    """The same, but without jinja2, its wheel and what installs wheels."""
    for wheel in (laptop / "wheels").glob("jinja2*"):
        wheel.unlink()
    (laptop / ".venv" / "attendee").unlink(missing_ok=True)
    remove = [*stick.UV, "uninstall", "-q", "--python", python(laptop), "jinja2", "uv"]
    subprocess.run(remove, check=True)
    assert not has(laptop, "jinja2")
    return laptop


def test_it_installs_where_no_network_is(laptop):
    assert has(laptop, "jinja2", "utils")


def test_a_room_takes_it_from_a_laptop(made, poorer, tmp_path):
    folder = functools.partial(
        http.server.SimpleHTTPRequestHandler, directory=str(made)
    )
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), folder) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        place = f"http://127.0.0.1:{server.server_port}/workshop/wheels/"
        done = install(poorer, tmp_path, WORKSHOP_WHEELS=place)
        server.shutdown()
    assert done.returncode == 0, done.stderr
    assert has(poorer, "jinja2")


def test_without_what_this_machine_needs_it_says_where_it_looked(poorer, tmp_path):
    done = install(poorer, tmp_path)
    assert done.returncode == 1
    assert f"Has {poorer / 'wheels'} what this machine needs?" in done.stderr


@pytest.mark.skipif(shutil.which("sha256sum") is None, reason="it is not here")
def test_its_checksums_are_right_and_complete(made):
    words = ["sha256sum", "--check", "--quiet", "SHA256SUMS"]
    assert subprocess.run(words, cwd=made).returncode == 0
    listed = {line[66:] for line in (made / "SHA256SUMS").read_text().splitlines()}
    files = [file for file in made.rglob("*") if file.is_file()]
    here = {file.relative_to(made).as_posix() for file in files} - {"SHA256SUMS"}
    assert listed == here
    wanted = {"READ-ME-FIRST.md", "workshop/LICENSE", "installers/__init__.py"}
    assert wanted <= here


def test_a_wheel_that_is_missing_for_another_machine_is_seen(
    packages, tmp_path, monkeypatch
):
    """colorama is needed on Windows alone; a stick without it must not be made."""
    monkeypatch.setattr(stick, "requirements", lambda platform: "tqdm\n")
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    stick.fetch(wheels, "windows", "3.12", tmp_path)
    assert {file.name.partition("-")[0] for file in wheels.iterdir()} == {
        "tqdm",
        "colorama",
    }
    run, done = stick.run, {"compile", "download"}
    monkeypatch.setattr(stick, "run", lambda *words: done & {*words} or run(*words))
    for wheel in wheels.glob("colorama*"):
        wheel.unlink()
    with pytest.raises(SystemExit, match=r"Failed: .* install .* --dry-run"):
        stick.fetch(wheels, "windows", "3.12", tmp_path)


def test_its_page_leads_to_lesson_1(made):
    page = (made / "READ-ME-FIRST.md").read_text("utf-8")
    install, after = page.split("workshop/start.py\n", 1)
    assert "cp -r /media/stick/workshop ." in install
    assert f"double-click\n`{lessons.LESSONS[0].stem}.ipynb`" in after


@pytest.mark.parametrize("platform", ["linux", "windows"])
def test_only_linux_gets_the_small_build(platform):
    small = "tensorflow-cpu>=" in stick.requirements(platform)
    assert small == (platform == "linux")
    assert "-e ." not in stick.requirements(platform)


def test_the_doctor_takes_the_small_build_for_tensorflow(monkeypatch):
    def version(name):
        if name != "tensorflow-cpu":
            raise importlib.metadata.PackageNotFoundError
        return "2.21.0"

    monkeypatch.setattr(importlib.metadata, "version", version)
    assert doctor.installed("tensorflow") == "2.21.0"
    with pytest.raises(importlib.metadata.PackageNotFoundError):
        doctor.installed("keras")
