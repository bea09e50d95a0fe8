"""Point the workshop at another repository, branch, club and date.

    make retarget REPO=owner/name BRANCH=main CLUB="Our club" DATE=2026-12-05
    python -m tools.retarget REPO=owner/name          the same, without make

REPO, BRANCH, CLUB, DATE (DATE= for none) and TITLE go into [tool.workshop] of
pyproject.toml; what is not given stays. Then all that is made from it is written anew:
the first two cells of every notebook, the README, the run sheet. No cell runs, and
every saved output stays. With no setting at all, only this second part is done.
"""

import datetime
import json
import re
import sys
import tomllib

from tools import guide, notebooks

PYPROJECT = notebooks.ROOT / "pyproject.toml"


def repository(value):
    """GitHub's owner/name. Raises ValueError with what is wanted, as all of these."""
    owner = "[A-Za-z0-9][A-Za-z0-9-]{0,38}"
    if not re.fullmatch(rf"{owner}/[\w.-]{{1,100}}", value, re.ASCII):
        raise ValueError("owner/name, the end of https://github.com/owner/name")
    if re.fullmatch(r"\.+|.*\.git", value.partition("/")[2]):
        raise ValueError("owner/name without .git at the end")
    return value


def branch(value):
    """A branch that a link and a command line can name."""
    plain = re.fullmatch(r"\w[\w.-]{0,99}", value, re.ASCII)
    if not plain or ".." in value or value.endswith((".", ".lock")):
        raise ValueError("a branch made of letters, digits, . _ and -, without /")
    return value


def line(value):
    """A club or a title: some text in one line, safe in Markdown."""
    value = value.strip()
    if (
        not 1 <= len(value) <= 100
        or not value.isprintable()
        or set(value) & set("<>|`")
    ):
        raise ValueError("1 to 100 characters in one line, none of them < > | `")
    return value


def date(value):
    """A day as 2026-12-05, or nothing."""
    if value and not re.fullmatch(r"\d{4}-\d\d-\d\d", value, re.ASCII):
        raise ValueError("year-month-day as in 2026-12-05, or nothing")
    if value:
        datetime.date.fromisoformat(value)
    return value


# What the command calls it: (the key in [tool.workshop], its check).
SETTINGS = {
    "REPO": ("repository", repository),
    "BRANCH": ("branch", branch),
    "CLUB": ("club", line),
    "DATE": ("date", date),
    "TITLE": ("title", line),
}


def read_settings(words):
    """Turn ["REPO=owner/name", ...] into {"repository": "owner/name", ...}.

    Raises ValueError with one sentence: what was given, what is wanted.
    """
    settings = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals or name not in SETTINGS:
            raise ValueError(
                f"{word!r} is not understood; wanted one or more of "
                + ", ".join(f"{known}=..." for known in SETTINGS)
            )
        key, check = SETTINGS[name]
        try:
            settings[key] = check(value)
        except ValueError as error:
            raise ValueError(f"{name} is {value!r}; wanted: {error}") from None
    return settings


def with_settings(text, settings):
    """Return pyproject.toml's text with these values in [tool.workshop].

    Comments and order stay. Raises ValueError where a key has no line there.
    """
    before, head, after = text.partition("[tool.workshop]\n")
    section, gap, rest = after.partition("\n[")
    for key, value in settings.items():
        entry = f"{key} = {json.dumps(value, ensure_ascii=False)}"
        section, found = re.subn(
            rf"^{key} *=.*$", lambda _, entry=entry: entry, section, flags=re.MULTILINE
        )
        if found != 1:
            raise ValueError(
                f"pyproject.toml: [tool.workshop] needs one line {key} = ..."
            )
    text = before + head + section + gap + rest
    written = tomllib.loads(text)["tool"]["workshop"]
    assert settings.items() <= written.items(), written
    return text


def main(words):
    try:
        settings = read_settings(words)
        text = with_settings(PYPROJECT.read_text("utf-8"), settings)
    except ValueError as error:
        sys.exit(f"Nothing is changed: {error}")
    PYPROJECT.write_text(text, "utf-8")
    notebooks.WORKSHOP.update(settings)
    for lesson in notebooks.LESSONS:
        notebooks.relink(lesson)
    guide.main()
    for key, value in notebooks.WORKSHOP.items():
        print(f"{key:11} {value or '(none)'}")


if __name__ == "__main__":
    main(sys.argv[1:])
