"""The hosted CI's workflow files: valid, and calling only what is there."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


def test_workflows_follow_githubs_schema():
    check = [sys.executable, "-m", "check_jsonschema"]
    check += ["--builtin-schema", "vendor.github-workflows", *WORKFLOWS]
    done = subprocess.run(check, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(WORKFLOWS) == 2


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
