"""English that was wrong here once does not come back."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ROOMS = "guide", "hub", "lessons", "tools", "utils"
# what is not English: what is
SLIPS = {
    r"\ban own\b": "its own, a copy of their own",
    r"\b[Ff]or own\b": "for their own",
    r"\b(twice|times) too (large|small|long|short)\b": "twice as large as it should be",
}


def test_no_slip_comes_back():
    files = [ROOT / "README.md"]
    for room in ROOMS:
        files += [*(ROOT / room).rglob("*.md"), *(ROOT / room).rglob("*.py")]
    assert len(files) > 50
    found = [
        f"{path.relative_to(ROOT)}: {match[0]!r}; write: {better}"
        for path in files
        for slip, better in SLIPS.items()
        for match in re.finditer(slip, " ".join(path.read_text("utf-8").split()))
    ]
    assert not found, "\n".join(found)
