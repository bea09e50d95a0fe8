"""The workshop in a browser's tab: python -m tools.lite.build FOLDER

JupyterLite shows the notebooks; Pyodide, Python made for browsers, runs them. Pyodide's
core and the hashes of its packages come from npm, the packages from LITE_PYODIDE: a
folder or an address with the files of Pyodide's release (default: its own server). A
file with another hash is refused. Widgets come from PyPI; `utils` is packed as it is.
"""

import hashlib
import importlib.metadata
import json
import os
import shutil
import subprocess
import sys
import tempfile
import urllib.request
import zipfile
from pathlib import Path

import nbformat

from tools.lessons import LESSONS, ROOT, WORKSHOP
from tools.notebooks import EDITIONS, colab_link

HERE = Path(__file__).parent
CORE = HERE / "node_modules" / "pyodide"
VERSION = json.loads((HERE / "package.json").read_text())["dependencies"]["pyodide"]
RELEASE = f"https://cdn.jsdelivr.net/pyodide/v{VERSION}/full"
LOCK = "pyodide-lock.json"
NOT_CORE = shutil.ignore_patterns("*.map", "*.ts", "*.html", "*.md", "package.json")

# All is loaded when the tab opens, while one reads; else lesson 5 waits in its midst.
PACKAGES = ["numpy", "scipy", "matplotlib", "scikit-learn", "pillow"]
PACKAGES += ["micropip", "ipython", "sqlite3"]
# Listed as needed, by matplotlib for PDF, by the kernel for what no lesson does.
UNNEEDED = ["fonttools", "pytz", "jedi", "ssl"]
IN_PYODIDE = """\
require("pyodide").loadPyodide().then((pyodide) => {
  pyodide.mountNodeFS("/archives", process.argv[1]);
  pyodide.runPython(require("fs").readFileSync(process.argv[2], "utf-8"));
});"""
# Not in Pyodide's release: the kernel's own wheels, and from PyPI in this environment's
# versions, which the extensions of JupyterLab that lie beside them belong to.
RUNNER = "@jupyterlite/pyodide-kernel-extension"
SHIPPED = Path(sys.prefix, "share/jupyter/labextensions", RUNNER, "static/pypi")
FROM_KERNEL = ["pyodide_kernel", "ipykernel", "piplite"]
FROM_PYPI = ["comm", "ipywidgets", "anywidget", "psygnal", "typing_extensions"]
EXTENSIONS = RUNNER, "@jupyter-widgets/jupyterlab-manager", "anywidget"
UNUSED = "tfjs", "requirements", "__pycache__"  # folders of utils

FIRST = """\
> **In this tab** nothing is installed, and you need no account. {here}
>
> Your work stays in this browser, on this machine: the button *Download*, above,
> makes a file of it. A cell does not end? *Kernel*, *Restart Kernel*. The images are
> the small digits of scikit-learn. [Colab]({colab}) has MNIST and TensorFlow, for an
> account."""
WHOLE = "A cell about TensorFlow says so; all others run."
TRAINS = """It has no TensorFlow yet: here you can read this lesson, and do
> the exercises that need only NumPy. Run the rest in Colab."""
IN_PART = {  # lesson: what one can do with it here
    "02_frameworks": TRAINS,
    "03_dense_layers": "All runs that comes before *Build it*: the training itself "
    "needs TensorFlow, which no tab has yet. Run the rest in Colab.",
    "04_cnn": TRAINS,
    "07_project": TRAINS,
}


def contents(folder):
    """Write all notebooks there, each with a first cell that says where it runs."""
    for source, *_ in EDITIONS.values():
        for lesson in LESSONS:
            path = f"{source}/{lesson.stem}.ipynb"
            notebook = nbformat.read(ROOT / path, as_version=4)
            here = IN_PART.get(lesson.stem, WHOLE)
            text = FIRST.format(here=here, colab=colab_link(path))
            first = nbformat.v4.new_markdown_cell(text, id="in-this-tab")
            notebook.cells.insert(0, first)
            notebook.metadata["kernelspec"]["name"] = "python"  # as the tab calls it
            to = folder / Path(path).relative_to("notebooks")
            to.parent.mkdir(parents=True, exist_ok=True)
            nbformat.write(notebook, to)


def pyodide(folder):
    """Write Python for the tab there: core, packages, widgets, utils, their list."""
    shutil.copytree(CORE, folder, ignore=NOT_CORE)
    lock = json.loads((folder / LOCK).read_text("utf-8"))
    known, others = lock["packages"], folder / "others"
    wanted = with_what_they_need(PACKAGES, known)
    for name in wanted:
        fetch(known[name]["file_name"], known[name]["sha256"], folder)
    lock["packages"] = {name: known[name] for name in sorted(wanted)}
    others.mkdir()
    pinned = [f"{name}=={importlib.metadata.version(name)}" for name in FROM_PYPI]
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", *pinned]
    pip += ["--disable-pip-version-check", "--only-binary=:all:", "--abi", "none"]
    pip += ["--platform", "any", "--implementation", "py", "--dest", others]
    if subprocess.run(pip).returncode:
        sys.exit("The widgets were not fetched: pip says why above.")
    for name in FROM_KERNEL:
        shutil.copy(next(SHIPPED.glob(f"{name}-*.whl")), others)
    pack(others / "utils-1-py3-none-any.whl")
    for wheel in others.iterdir():
        module, version, *_ = wheel.name.split("-")
        name = module.replace("_", "-")
        lock["packages"][name] = {
            "name": name,
            "version": version,
            "file_name": f"others/{wheel.name}",
            "imports": [module],
            "depends": [],
        }
    for name in UNNEEDED:  # who asks for it gets an empty one
        lock["packages"][name] = lock["packages"]["comm"]
    compile_ahead(folder)
    for one in lock["packages"].values():
        file = folder / one["file_name"]
        one["sha256"] = hashlib.sha256(file.read_bytes()).hexdigest()
        # Another content, another address: a browser's cache never mixes two versions.
        one["file_name"] = f"{one['sha256']}/{file.name}"
        (folder / one["sha256"]).mkdir(exist_ok=True)
        file.rename(folder / one["file_name"])
    (folder / LOCK).write_text(json.dumps(lock), "utf-8")


def with_what_they_need(names, known):
    """The names of these packages and of what they depend on, by Pyodide's list."""
    found = list(names)
    for name in found:  # it grows
        depends = [more.replace("_", "-").lower() for more in known[name]["depends"]]
        found += [more for more in depends if more not in [*found, *UNNEEDED]]
    return set(found)


def compile_ahead(folder):
    """Compile all Python there, in Pyodide: a tab then starts in half the time."""
    node = ["node", "-e", IN_PYODIDE, folder, HERE / "compile_ahead.py"]
    if subprocess.run(node, cwd=HERE).returncode:
        sys.exit("The packages were not compiled: Node says why above.")


def fetch(name, sha256, folder):
    """Copy a file of Pyodide's release there; end where it is not the one listed."""
    where = os.environ.get("LITE_PYODIDE") or RELEASE
    try:
        if where.startswith("http"):
            with urllib.request.urlopen(f"{where}/{name}", timeout=60) as answer:
                content = answer.read()
        else:
            content = Path(where, name).read_bytes()
    except OSError as error:
        sys.exit(f"{name} of Pyodide {VERSION} is not to be had: {error}")
    if hashlib.sha256(content).hexdigest() != sha256:
        sys.exit(f"{where}/{name} is not the file of Pyodide {VERSION}: another hash.")
    (folder / name).write_bytes(content)


def pack(wheel):
    """Write utils and what only the tab needs as a wheel."""
    with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED) as made:
        for path in sorted((ROOT / "utils").rglob("*")):
            if path.is_file() and not set(UNUSED) & set(path.parts):
                made.write(path, path.relative_to(ROOT))
        made.write(HERE / "in_the_tab.py", "in_the_tab.py")
        info = "utils-1.dist-info"
        made.writestr(f"{info}/METADATA", "Name: utils\nVersion: 1\n")
        made.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        made.writestr(f"{info}/RECORD", "")
        config = "c.InteractiveShellApp.extensions = ['in_the_tab']\n"
        config += "c.Completer.use_jedi = False\n"  # there is none
        made.writestr("utils-1.data/data/etc/ipython/ipython_config.py", config)


def settings():
    """What JupyterLite reads: where Python is, and that it asks no other host."""
    kernel = {
        "pyodideUrl": "./static/pyodide/pyodide.js",
        "disablePyPIFallback": True,
        "loadPyodideOptions": {
            "packages": [*PACKAGES, *UNNEEDED, *FROM_KERNEL, *FROM_PYPI, "utils"],
            "env": {
                "HOME": "/home/pyodide",
                "WORKSHOP_DATA": "digits",
                "WORKSHOP_COLAB": colab_link("notebooks/{}.ipynb"),
            },
        },
    }
    data = {
        "appName": WORKSHOP["title"],
        "exposeAppInBrowser": True,  # the tests ask it
        "enableServiceWorkerCache": "true",  # no network: what was loaded still runs
        "litePluginSettings": {f"{RUNNER}:kernel": kernel},
    }
    return {"jupyter-lite-schema-version": 0, "jupyter-config-data": data}


def only_ours(path):
    """Keep of this environment's extensions those that a tab needs."""
    made = json.loads(path.read_text("utf-8"))
    data = made["jupyter-config-data"]
    listed = data["federated_extensions"]
    data["federated_extensions"] = [one for one in listed if one["name"] in EXTENSIONS]
    path.write_text(json.dumps(made), "utf-8")


# Of JupyterLite's service worker: it forgets that it is to keep files when a browser
# stops it, after 30 seconds; and it leaves the list of lessons to the browser's cache.
MENDED = {"enableCache=!1": "enableCache=!0", '||t.pathname.includes("/api/")': ""}


def mend(worker):
    """Let the service worker keep all that a lesson needs, whatever a browser does."""
    text = worker.read_text("utf-8")
    for old, new in MENDED.items():
        if old not in text:
            sys.exit(f"{worker.name} has no {old}: is it a newer JupyterLite's?")
        text = text.replace(old, new)
    worker.write_text(text, "utf-8")


BUTTON = {"name": "download", "command": "docmanager:download", "label": "Download"}
OVERRIDES = {
    # Every ten seconds of work, not every two minutes: tabs close without a word.
    "@jupyterlab/docmanager-extension:plugin": {"autosaveInterval": 10},
    "@jupyterlab/notebook-extension:panel": {"toolbar": [BUTTON | {"rank": 11}]},
}


def main(to):
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        contents(folder / "contents")
        pyodide(folder / "static" / "pyodide")
        (folder / "jupyter-lite.json").write_text(json.dumps(settings()), "utf-8")
        (folder / "overrides.json").write_text(json.dumps(OVERRIDES), "utf-8")
        shutil.rmtree(to, ignore_errors=True)
        lite = [sys.executable, "-m", "jupyter", "lite", "build", "--no-sourcemaps"]
        lite += ["--lite-dir", folder, "--contents", folder / "contents"]
        lite += ["--output-dir", to.resolve(), "--apps", "notebooks", "--apps", "tree"]
        if subprocess.run(lite, cwd=folder).returncode:
            sys.exit("JupyterLite was not built: it says why above.")
    only_ours(to / "jupyter-lite.json")
    mend(to / "service-worker.js")
    size = sum(file.stat().st_size for file in to.rglob("*") if file.is_file())
    print(f"{to} is ready, {size / 1e6:.0f} MB: python -m http.server -d {to}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
