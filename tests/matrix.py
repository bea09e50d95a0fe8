"""Keep what noxfile.py's sessions found, for the table of WHERE-IT-RUNS.md.

    python -m tests.matrix 3.12-newest/jax/mnist/online 3.12-newest/jax/digits/offline

A session runs it in its own environment, with the conditions that it has tried. It
reads pytest's reports, build/matrix/**/*.xml, names each red notebook with its cell and
the packages that changed since the session was green, and fails where one is red.
"""

import datetime
import json
import re
import sys
from importlib.metadata import distributions
from itertools import groupby
from pathlib import Path
from xml.etree import ElementTree

from tools.markdown import between, table

ROOT = Path(__file__).resolve().parent.parent
RESULTS, PAGE = ROOT / "tests" / "matrix.json", ROOT / "tests" / "WHERE-IT-RUNS.md"
NOTEBOOKS = [
    f"{folder}{path.stem}"
    for folder in ("", "solutions/")
    for path in sorted((ROOT / "notebooks" / folder).glob("[0-9]*.ipynb"))
]


def verdicts(report, notebooks):
    """Read pytest's JUnit report: {notebook: "" or "cell 7: NameError: ..."}."""
    missing, found = "not run: pytest did not reach it", {}
    for case in report.iter("testcase"):
        where = re.sub(r".*\bnotebooks\.", "", case.get("classname")).split(".ipynb")[0]
        said = found.setdefault(where.replace(".", "/"), "")
        troubles = case.findall("failure") + case.findall("error")
        if troubles and not said:
            cell = case.get("name").split("::")[-1].lower()
            found[where.replace(".", "/")] = f"{cell}: {reason(troubles[0])}"
    return {name: found.get(name, missing) for name in notebooks}


def reason(trouble):
    """The line of a failure that tells most: the exception's own, or the first."""
    # pytest writes the escape character of a colour as "#x1B".
    said = trouble.text or trouble.get("message", "")
    text = re.sub(r"(\x1b|#x1B)\[[0-9;]*m", "", said)
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    errors = [line for line in lines if re.match(r"\w*(Error|Exception|Timeout)", line)]
    return (errors[-1:] or lines or ["no message"])[0][:300]


def changed(before, now):
    """What differs between two {name: version}: "keras 3.13.2 -> 3.15.1"."""
    return [
        f"{name} {before.get(name, 'none')} -> {now.get(name, 'none')}"
        for name in sorted({*before, *now})
        if before.get(name) != now.get(name)
    ]


def record(results, found, packages):
    """Add a session's runs to the results; return {condition and notebook: trouble}.

    found: {condition: {notebook: "" or what went wrong}}, of one environment. Its
    packages, {name: version}, are kept only where all is green: those of the last time.
    """
    all_red = {}
    for condition, notebooks in found.items():
        red = {name: why for name, why in notebooks.items() if why}
        results["runs"][condition] = {
            "date": datetime.date.today().isoformat(),
            "system": sys.platform,
            "lessons": sorted({int(Path(name).name[:2]) for name in notebooks}),
            "red": red,
        }
        all_red |= {f"{condition} {name}": why for name, why in red.items()}
    if not all_red:
        results["packages"][session_of(condition)] = packages
    return all_red


def session_of(condition):
    """ "3.12-newest/jax/mnist/online" is of the session "3.12-newest/jax"."""
    return condition.rsplit("/", 2)[0]


def page(text, results):
    """WHERE-IT-RUNS.md's text with its table made anew: a session a row."""
    runs, rows = results["runs"], []
    lessons = sorted({lesson for run in runs.values() for lesson in run["lessons"]})
    for session, conditions in groupby(sorted(runs), session_of):
        known = [runs[condition] for condition in conditions]
        ran = {lesson for run in known for lesson in run["lessons"]}
        red = {int(Path(name).name[:2]) for run in known for name in run["red"]}
        cells = ["FAIL" if n in red else "pass" if n in ran else None for n in lessons]
        dates = sorted({run["date"] for run in known})
        when = " to ".join(dict.fromkeys([dates[0], dates[-1]]))
        systems = ", ".join(sorted({run["system"] for run in known}))
        environment = session.replace("-", ", ").split("/")
        rows.append([*environment, *cells, f"{len(known)} of 4", when, systems])
    heads = ["Python, versions", "Keras backend", *lessons, "states", "date", "system"]
    lines = [table(heads, rows), ""]
    for kind in "colab", "newest":
        known = [p for name, p in results["packages"].items() if f"-{kind}/" in name]
        lines.append(f"- {kind}: {versions(known)}")
    return between(text, "matrix", "\n".join(lines))


def versions(environments):
    """The main packages' versions in some environments, as text; two where they differ.

    An older Python may have an older newest version.
    """
    texts = []
    for name in ("tensorflow", "keras", "jax", "torch", "numpy"):
        found = sorted({e[name] for e in environments if name in e})
        texts.append(f"{name} {' and '.join(found) or 'not run'}")
    return ", ".join(texts)


def load():
    """{"packages": {session: those of its last green run}, "runs": {condition: run}}"""
    return json.loads(RESULTS.read_text("utf-8"))


def save(results):
    """Write matrix.json, a line for each session and condition, and the page."""
    parts = []
    for kind, entries in results.items():
        lines = [
            f"{json.dumps(name)}: {json.dumps(entries[name], sort_keys=True)}"
            for name in sorted(entries)
        ]
        parts.append(f"{json.dumps(kind)}: {{\n" + ",\n".join(lines) + "\n}")
    RESULTS.write_text("{\n" + ",\n".join(parts) + "\n}\n", "utf-8")
    PAGE.write_text(page(PAGE.read_text("utf-8"), results), "utf-8")


def main(conditions):
    reports = ROOT / "build" / "matrix"
    found = {
        name: verdicts(ElementTree.parse(reports / f"{name}.xml"), NOTEBOOKS)
        for name in conditions
    }
    packages = {
        re.sub("[-_.]+", "-", package.name).lower(): package.version
        for package in distributions()
    }
    results = load()
    before = results["packages"].get(session_of(conditions[0]))
    red = record(results, found, packages)
    save(results)
    print(f"{sum(map(len, found.values())) - len(red)} green, {len(red)} red")
    print(*(f"  {name}, {why}" for name, why in red.items()), sep="\n")
    if red and before:
        differences = ", ".join(changed(before, packages)) or "no package"
        print(f"  changed since all were green: {differences}")
    return 1 if red else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
