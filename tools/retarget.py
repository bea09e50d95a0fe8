"""Point the workshop at another repository, branch, club and date.

    make retarget REPO=owner/name BRANCH=main CLUB="Our club" DATE=2026-12-05
    python -m tools.retarget REPO=owner/name          the same, without make

REPO, BRANCH, CLUB, DATE (DATE= for none), START and TITLE go into [tool.workshop] of
pyproject.toml; what is not given stays. Then all that is made from it is written anew:
the first two cells of every notebook, the README, the run sheet. No cell runs, and
every saved output stays. With no setting at all, only this second part is done. What
is wrong is found before the first file is written.
"""

import datetime
import json
import re
import sys

from tools import guide, notebooks

PYPROJECT = notebooks.ROOT / "pyproject.toml"

# What the command calls it: (the key in [tool.workshop], a pattern, what is wanted).
TEXT = "[^<>|`]{1,100}", "1 to 100 characters in one line, none of them < > | `"
SETTINGS = {
    "REPO": (
        "repository",
        r"(?!owner/name$)[A-Za-z0-9][A-Za-z0-9-]{0,38}/(?!\.+$|.*\.git$)[\w.-]{1,100}",
        "your owner/name, the end of https://github.com/owner/name, without .git",
    ),
    "BRANCH": (
        "branch",
        r"(?!.*\.\.|.*\.$|.*\.lock$)\w[\w.-]{0,99}",
        "a branch made of letters, digits, . _ and -, without /",
    ),
    "CLUB": ("club", *TEXT),
    "DATE": ("date", r"(\d{4}-\d\d-\d\d)?", "a day as 2026-12-05, or nothing"),
    "START": ("start", r"(1?\d|2[0-3]):[0-5]\d", "a time of the day as 9:00 or 13:30"),
    "TITLE": ("title", *TEXT),
}


def is_day(text):
    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        return False


def read_settings(words):
    """Turn ["REPO=owner/name", ...] into {"repository": "owner/name", ...}.

    Raises ValueError with one sentence: what was given, what is wanted.
    """
    settings = {}
    for word in words:
        name, _, given = word.partition("=")
        if name not in SETTINGS or "=" not in word:
            known = ", ".join(f"{known}=..." for known in SETTINGS)
            raise ValueError(f"{word!r} is unknown; wanted one or more of {known}")
        key, pattern, wanted = SETTINGS[name]
        value = settings[key] = given.strip()
        good = value.isprintable() and re.fullmatch(pattern, value, re.ASCII)
        if not good or (key == "date" and value and not is_day(value)):
            raise ValueError(f"{name} is {given!r}; wanted: {wanted}")
    return settings


def with_settings(text, settings):
    """Return pyproject.toml's text with these values in [tool.workshop].

    Comments and order stay. Raises ValueError where a key has no line there.
    """
    before, head, after = text.partition("[tool.workshop]\n")
    section, gap, rest = after.partition("\n[")
    for key, value in settings.items():
        entry = f"{key} = {json.dumps(value, ensure_ascii=False)}"
        section, found = re.subn(rf"(?m)^{key} *=.*$", lambda _, e=entry: e, section)
        if found != 1:
            raise ValueError(f"pyproject.toml: [tool.workshop] needs one line {key} =")
    return before + head + section + gap + rest


def main(words):
    try:
        settings = read_settings(words)
        made = {PYPROJECT: with_settings(PYPROJECT.read_text("utf-8"), settings)}
        notebooks.WORKSHOP.update(settings)
        for lesson in notebooks.LESSONS:
            made |= notebooks.relinked(lesson)
        made |= guide.texts()
    except (ValueError, OSError) as error:
        sys.exit(f"Nothing is changed: {error}")
    for path, text in made.items():
        path.write_text(text, "utf-8")
    sys.stdout.reconfigure(errors="replace")  # an old console lacks some letters
    for key, value in notebooks.WORKSHOP.items():
        print(f"{key:11} {value or '(none)'}")
    print(f"{len(made)} files made, changed or not: see git diff; then commit, push.")


if __name__ == "__main__":
    main(sys.argv[1:])
