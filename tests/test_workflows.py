"""GitHub's files: its CI calls only what is there, its forms are valid."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
ASK = ROOT / ".github" / "ISSUE_TEMPLATE"
FORMS = sorted(set(ASK.glob("*.yml")) - {ASK / "config.yml"})


@pytest.mark.parametrize(
    ("schema", "files"),
    [
        ("workflows", WORKFLOWS),
        ("issue-forms", FORMS),
        ("issue-config", [ASK / "config.yml"]),
    ],
)
def test_files_follow_githubs_schema(schema, files):
    check = [sys.executable, "-m", "check_jsonschema"]
    check += ["--builtin-schema", f"vendor.github-{schema}", *files]
    done = subprocess.run(check, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(files) == {"issue-config": 1, "workflows": 4}.get(schema, 2)


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_workflow_calls_what_is_there(path):
    text = re.sub(r"https://\S+", "", path.read_text("utf-8"))
    files = re.findall(
        r"(?:tests|notebooks|lessons|tools|\.ci)/[\w./-]+|\S+\.txt", text
    )
    made = {"tests/matrix.json", "pip-freeze.txt"}
    assert files
    assert [f for f in files if f not in made and not (ROOT / f).exists()] == []
    targets = re.findall(r"^([\w./ -]+):(?!=)", (ROOT / "Makefile").read_text(), re.M)
    known = " ".join(targets).split()
    for target in re.findall(r"make ([\w./-]+)", text):
        assert target in known


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_actions_are_pinned_and_say_their_version(path):
    used = re.findall(r"uses: (.*)", path.read_text("utf-8"))
    assert used
    for action in used:
        assert re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", action)


def test_what_installs_others_has_an_upper_bound():
    texts = [path.read_text("utf-8") for path in [*WORKFLOWS, ROOT / "Makefile"]]
    installs = re.findall(r"pip install (.*)", "\n".join(texts))
    installs += re.findall(r"run\(\*pip, (.*?)\)", (ROOT / "start.py").read_text())
    words = " ".join(installs).replace('"', " ").replace(",", " ").split()
    named = [word for word in words if not re.match(r"[-$\]*]|requirements", word)]
    lines = (ROOT / "hub" / "requirements.txt").read_text().splitlines()
    named += [line for line in lines if not line.startswith("#")]
    named += re.findall("^nox.*", (ROOT / "requirements-dev.txt").read_text(), re.M)
    assert len(named) >= 8
    assert [
        name for name in named if not re.search(r"[\w-]+(>=[\d.]+,)?<\d", name)
    ] == []


# --- a copy points to itself ----------------------------------------------------------

RETARGET = ROOT / ".github" / "workflows" / "retarget.yml"
COPY = "data-club/deep-learning"
ASKED, PULL_REQUEST = "does the copy", "open a pull"  # how two of its steps begin


def git(*words, folder):
    author = ["-c", "user.name=Test", "-c", "user.email=test@example.org"]
    command = ["git", *author, *words]
    return subprocess.run(
        command, cwd=folder, check=True, capture_output=True, text=True
    )


@pytest.fixture(scope="module")
def in_copy(copy_workshop, tmp_path_factory):
    """A function: run a step in a clone of a copy; returns its lines for later steps.

    Its `bare` is the copy on GitHub; `gh` only writes down what it is asked.
    """
    if shutil.which("bash") is None or os.name == "nt":
        pytest.skip("GitHub runs these commands in Linux's bash")
    folder = tmp_path_factory.mktemp("copy")
    tree, bare, bin = (
        copy_workshop(folder / "tree"),
        folder / "bare.git",
        folder / "bin",
    )
    git("init", "--quiet", "--initial-branch=main", folder=tree)
    git("add", "--all", folder=tree)
    git("commit", "--quiet", "--no-gpg-sign", "-m", "From the template", folder=tree)
    git("clone", "--quiet", "--bare", ".", str(bare), folder=tree)
    bin.mkdir()
    (bin / "gh").write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" > {folder}/asked\n')
    (bin / "gh").chmod(0o755)
    steps = yaml.safe_load(RETARGET.read_text("utf-8"))["jobs"]["retarget"]["steps"]

    def run(name, branch="main"):
        clone, output = folder / "clone", folder / "output"
        shutil.rmtree(clone, ignore_errors=True)
        git(
            "clone", "--quiet", "--branch", branch, str(bare), str(clone), folder=folder
        )
        (clone / ".venv" / "bin").mkdir(parents=True)  # as make .venv/maintainer does
        python = f'#!/bin/sh\nPYTHONPATH= exec {sys.executable} "$@"\n'
        (clone / ".venv" / "bin" / "python").write_text(python)
        (clone / ".venv" / "bin" / "python").chmod(0o755)
        output.write_text("")
        (step,) = (step for step in steps if step.get("name", "").startswith(name))
        environment = {
            "PATH": f"{bin}{os.pathsep}{os.environ['PATH']}",
            "GITHUB_REPOSITORY": COPY,
            "GITHUB_REF_NAME": "main",
            "GITHUB_OUTPUT": str(output),
        }
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
            cwd=clone,
            env={**os.environ, **environment},
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        return output.read_text().split()

    run.bare, run.asked = bare, folder / "asked"
    return run


def test_a_copy_asks_once_that_its_links_lead_to_it(in_copy):
    assert in_copy(ASKED) == []
    in_copy(PULL_REQUEST)
    words = in_copy.asked.read_text().splitlines()
    assert words[:6] == ["pr", "create", "--head", "retarget", "--base", "main"]
    changed = git("diff", "--name-only", "main", "retarget", folder=in_copy.bare).stdout
    assert {"README.md", "pyproject.toml", "notebooks/04_cnn.ipynb"} <= set(
        changed.split()
    )
    notebook = git(
        "show", "retarget:notebooks/04_cnn.ipynb", folder=in_copy.bare
    ).stdout
    assert f"colab.research.google.com/github/{COPY}/blob/main/" in notebook
    assert in_copy(ASKED) == ["done=true"]  # a second push asks no second time
    git("branch", "--move", "retarget", "merged", folder=in_copy.bare)
    assert in_copy(ASKED, branch="merged") == ["done=true"]
    assert in_copy(ASKED) == []


def test_a_fork_gets_a_notice_and_no_pull_request():
    jobs = yaml.safe_load(RETARGET.read_text("utf-8"))["jobs"]
    assert jobs["fork"]["if"] == "github.event.repository.fork"
    assert jobs["retarget"]["if"] == "${{ !github.event.repository.fork }}"
    (step,) = jobs["fork"]["steps"]
    said = subprocess.run(step["run"], shell=True, capture_output=True, text=True)
    assert said.stdout.startswith("::notice::A fork keeps the original's links.")
