"""Run every notebook in every environment that the workshop supports: make matrix.

    python tests/matrix.py                      all of it: hours
    python tests/matrix.py 3.13-colab           one environment, all its conditions
    python tests/matrix.py 3.12-newest/jax      one backend of it
    python tests/matrix.py --diagonal           a few conditions, some of every kind
    python tests/matrix.py --missing            what has no result yet
    python tests/matrix.py --table              only write tests/WHERE-IT-RUNS.md

An environment is a Python with Colab's package versions or with the newest ones, and
with all of Keras's backends; uv makes it in build/matrix. A condition is an environment
with a backend, the data (real MNIST or the embedded digits) and the network (there or
cut off). Each run writes what it found into tests/matrix.json, so that the table can
be filled piece by piece. A red notebook names its cell, and the packages that changed
since all were green; the whole traceback is in pytest's report, build/matrix/*.xml.

Real MNIST comes from WORKSHOP_DATA=/path/to/mnist.npz, else from Keras's cache or a
download. Only Linux can cut off the network; elsewhere these conditions are left out.
"""

import argparse
import datetime
import itertools
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "tests" / "matrix.json"
NOTEBOOKS = [  # not rglob: JupyterLab keeps copies in .ipynb_checkpoints
    *sorted((ROOT / "notebooks").glob("[0-9]*.ipynb")),
    *sorted((ROOT / "notebooks" / "solutions").glob("[0-9]*.ipynb")),
]

PYTHONS = ("3.11", "3.12", "3.13")
VERSIONS = ("colab", "newest")
BACKENDS = ("tensorflow", "jax", "torch")
DATA = ("mnist", "digits")
NETWORK = ("online", "offline")
ALL = [
    f"{python}-{versions}/{backend}/{data}/{network}"
    for python, versions, backend, data, network in itertools.product(
        PYTHONS, VERSIONS, BACKENDS, DATA, NETWORK
    )
]
# Every value of every axis at least once: what a hosted CI can afford each week.
DIAGONAL = [
    "3.11-newest/torch/mnist/online",
    "3.12-newest/jax/digits/offline",
    "3.13-colab/tensorflow/mnist/offline",
    "3.13-newest/tensorflow/digits/online",
]

# Runs a command in a network of its own that has only a loopback interface, which
# Jupyter's kernels need.
CUT_OFF = (
    *("unshare", "--map-root-user", "--net", "sh", "-c"),
    *('ip link set lo up && exec "$@"', "sh"),
)


def python_of(environment):
    folder = ROOT / "build" / "matrix" / environment
    return folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def make(environment):
    """Make an environment, such as "3.13-colab", anew; return {package: version}.

    Raises CalledProcessError, after uv has said why, where it cannot be installed.
    """
    version, versions = environment.split("-")
    uv = shutil.which("uv") or str(Path(sys.executable).with_name("uv"))
    python = python_of(environment)
    venv = [uv, "venv", "--clear", "--quiet", "--python", version, python.parent.parent]
    subprocess.run(venv, check=True, stderr=subprocess.STDOUT)
    pip = [uv, "pip", "install", "--quiet", "--compile-bytecode", "--python", python]
    pip += ["-r", ROOT / "requirements-dev.txt", "jax", "torch"]
    if versions == "colab":
        pip += ["-c", ROOT / "tests" / "versions-colab.txt"]
    subprocess.run(pip, check=True, stderr=subprocess.STDOUT)
    listing = [uv, "pip", "list", "--format=json", "--python", python]
    found = subprocess.run(listing, check=True, capture_output=True, text=True).stdout
    return {package["name"]: package["version"] for package in json.loads(found)}


def run(condition):
    """Run all notebooks under a condition; return {notebook: "" or what went wrong}."""
    environment, backend, data, network = condition.split("/")
    file = os.environ.get("WORKSHOP_DATA", "")
    settings = {
        **os.environ,
        "KERAS_BACKEND": backend,
        "WORKSHOP_FAST": "1",
        "WORKSHOP_DATA": file if data == "mnist" and file.endswith(".npz") else data,
    }
    report = report_of(condition)
    report.unlink(missing_ok=True)
    command = [
        *(CUT_OFF if network == "offline" else ()),
        *(python_of(environment), "-m", "pytest", "-n", "2", "--dist", "loadscope"),
        *(f"--junitxml={report}", *NOTEBOOKS),
    ]
    done = subprocess.run(
        command, cwd=ROOT, env=settings, capture_output=True, text=True
    )
    if not report.exists():
        sys.exit(f"{condition}: pytest did not start:\n{done.stdout}{done.stderr}")
    return verdicts(ElementTree.parse(report), map(name_of, NOTEBOOKS))


def report_of(condition):
    """Where pytest's own report of a run is kept: all tracebacks and durations."""
    return ROOT / "build" / "matrix" / f"{condition.replace('/', '-')}.xml"


def name_of(path):
    """ "notebooks/solutions/04_cnn.ipynb" is "solutions/04_cnn"."""
    return path.relative_to(ROOT / "notebooks").with_suffix("").as_posix()


def verdicts(report, notebooks):
    """Read pytest's JUnit report: {notebook: "" or "cell 7: NameError: ..."}."""
    found = dict.fromkeys(notebooks, "not run: pytest did not reach it")
    for case in report.iter("testcase"):
        where = re.sub(r".*\bnotebooks\.", "", case.get("classname")).split(".ipynb")[0]
        name = where.replace(".", "/")
        if name not in found:
            continue
        trouble = case.find("failure")
        if trouble is None:
            trouble = case.find("error")
        if found[name].startswith("not run"):
            found[name] = ""
        if trouble is not None and not found[name]:
            cell = case.get("name").split("::")[-1].lower()
            found[name] = f"{cell}: {reason(trouble)}"
    return found


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


def report(red, count, packages, last_green):
    """Lines about one run: how many notebooks are green, and what each red one says.

    red: {notebook: what went wrong}; count: of all notebooks that ran; packages and
    last_green: {name: version}, now and when all of them were green.
    """
    lines = [f"  {count - len(red)} green, {len(red)} red"]
    lines += [f"  {name}, {why}" for name, why in red.items()]
    if red and last_green:
        differences = ", ".join(changed(last_green, packages)) or "no package"
        lines.append(f"  changed since all were green: {differences}")
    return lines


def table(results):
    """The table: an environment and backend a row, a lesson a column."""
    runs = results["runs"]
    lessons = sorted({name for run in runs.values() for name in run["lessons"]})
    links = [f"[{int(name[:2])}](../notebooks/{name}.ipynb)" for name in lessons]
    lines = [
        f"| Python, versions | Keras backend | {' | '.join(links)} | runs |",
        "|---|---|" + "---|" * (len(lessons) + 1),
    ]
    missing = []
    for row, conditions in itertools.groupby(ALL, lambda name: name.rsplit("/", 2)[0]):
        conditions = list(conditions)
        known = [runs[condition] for condition in conditions if condition in runs]
        environment, backend = row.split("/")
        if not known:
            missing.append(f"{environment} {backend}")
            continue
        ran = {name for run in known for name in run["lessons"]}
        red = {Path(name).name for run in known for name in run["red"]}
        cells = [
            "FAIL" if name in red else "pass" if name in ran else "" for name in lessons
        ]
        count = f"{len(known)} of {len(conditions)}"
        label = environment.replace("-", ", ")
        lines.append(f"| {label} | {backend} | {' | '.join(cells)} | {count} |")
    if not runs:
        return "Nothing has been run yet."
    dates = sorted({run["date"] for run in runs.values()})
    systems = sorted({run["system"] for run in runs.values()})
    when = " to ".join(dict.fromkeys([dates[0], dates[-1]]))
    lines += ["", f"Run {when} on {' and '.join(systems)}."]
    lines += [f"{kind}: {versions_of(kind, results)}." for kind in VERSIONS]
    if missing:
        lines.append(f"Not run yet: {', '.join(missing)}.")
    return "\n".join(lines)


def versions_of(kind, results):
    """The main packages' versions in "colab" or "newest" environments, as text.

    Two versions of a package, say, are there where one Python has an older newest one.
    """
    found = [p for name, p in results["packages"].items() if name.endswith(kind)]
    texts = []
    for name in ("tensorflow", "keras", "jax", "torch", "numpy"):
        versions = sorted({packages[name] for packages in found if name in packages})
        texts.append(f"{name} {' and '.join(versions) or 'not run'}")
    return ", ".join(texts)


def with_table(page, results):
    """Return the page's text with the matrix's table made anew."""
    return re.sub(
        r"(?<=<!-- matrix -->\n).*?(?=<!-- /matrix -->)",
        lambda _: table(results) + "\n",
        page,
        flags=re.DOTALL,
    )


def load():
    """{"runs": {condition: result}, "packages": {environment: at its last green}}"""
    if not RESULTS.exists():
        return {"runs": {}, "packages": {}}
    return json.loads(RESULTS.read_text("utf-8"))


def save(results):
    RESULTS.write_text(json.dumps(results, indent=1, sort_keys=True) + "\n", "utf-8")


def record(condition, notebooks, packages):
    """Print what a run found and write it to tests/matrix.json; True if all passed."""
    results, environment = load(), condition.split("/")[0]
    red = {name: why for name, why in notebooks.items() if why}
    last_green = results["packages"].get(environment, {})
    print("\n".join(report(red, len(notebooks), packages, last_green)), flush=True)
    results["runs"][condition] = {
        "date": datetime.date.today().isoformat(),
        "system": sys.platform,
        "lessons": sorted({Path(name).name for name in notebooks}),
        "red": red,
    }
    save(results)
    return not red


def run_all(environment, conditions):
    """Make an environment and run its conditions; True if all of them are green.

    Only then its packages are kept, as those of the last time that all was green.
    """
    try:
        packages = make(environment)
    except subprocess.CalledProcessError:
        print(f"{environment} cannot be installed: see above", flush=True)
        return False
    green = True
    for condition in conditions:
        print(f"{condition} ...", flush=True)
        green &= record(condition, run(condition), packages)
    if green:
        results = load()
        results["packages"][environment] = packages
        save(results)
    return green


def wanted(patterns, diagonal=False, done=()):
    """The asked conditions that are not done; SystemExit if a pattern names none."""
    chosen = DIAGONAL if diagonal else ALL
    for pattern in patterns:
        if not any(pattern in condition for condition in chosen):
            sys.exit(f"No condition is named {pattern!r}. Names look like {ALL[0]!r}.")
    asked = [c for c in chosen if not patterns or any(p in c for p in patterns)]
    return [condition for condition in asked if condition not in done]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument(
        "patterns", nargs="*", help="parts of names, such as 3.13-colab"
    )
    parser.add_argument("--diagonal", action="store_true", help="a few, of every kind")
    parser.add_argument("--missing", action="store_true", help="without results only")
    parser.add_argument("--table", action="store_true", help="only write the table")
    options = parser.parse_args()
    done = load()["runs"] if options.missing else ()
    asked = wanted(options.patterns, options.diagonal, done)
    conditions = [] if options.table else asked
    if not (shutil.which("unshare") and shutil.which("ip")):
        print("No `unshare` and `ip` here: the network cannot be cut off.")
        conditions = [c for c in conditions if not c.endswith("/offline")]
    green = True
    for environment, group in itertools.groupby(conditions, lambda c: c.split("/")[0]):
        green &= run_all(environment, group)
    page = ROOT / "tests" / "WHERE-IT-RUNS.md"
    page.write_text(with_table(page.read_text("utf-8"), load()), "utf-8")
    return 0 if green else 1


if __name__ == "__main__":
    sys.exit(main())
