"""GitHub's files: its CI calls only what is there, its forms are valid."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

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
    assert len(files) == {"issue-config": 1}.get(schema, 2)


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_workflow_calls_what_is_there(path):
    text = re.sub(r"https://\S+", "", path.read_text("utf-8"))
    files = re.findall(r"(?:tests|notebooks|lessons|\.ci)/[\w./-]+|\S+\.txt", text)
    made = {"tests/matrix.json", "pip-freeze.txt"}
    assert files
    assert [f for f in files if f not in made and not (ROOT / f).exists()] == []
    targets = re.findall(r"^([\w./ -]+):(?!=)", (ROOT / "Makefile").read_text(), re.M)
    known = " ".join(targets).split()
    for target in re.findall(r"make ([\w./-]+)", text):
        assert target in known
