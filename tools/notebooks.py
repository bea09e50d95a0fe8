"""Build the notebooks from the lessons, then the texts: python -m tools.notebooks 4 5

lessons/README.md says how a lesson is written, and what the tags of its cells mean.
jupytext reads the lesson, the whole is executed once, nbconvert removes what an edition
does not have. Own work is only what no tool knows: the set-up cell and the links (both
from [tool.workshop] in pyproject.toml), and a second copy of each check, so that one
execution gives the verdict on the starter and the solution.
"""

import copy
import hashlib
import json
import os
import re
import sys
import tempfile
from collections import Counter
from importlib.metadata import distributions

import nbformat
from nbconvert.preprocessors import ExecutePreprocessor, TagRemovePreprocessor

from tools import glossary, runsheet
from tools.lessons import LESSONS, MARK, ROOT, WORKSHOP, choose, exercises, read
from utils import data
from utils.files import replacing

# edition: (folder, tags of cells left out, tags of outputs left out)
NOT_ATTENDEE = {"solution", "instructor", "after-solution"}
NOT_SOLVED = {"exercise", "instructor", "after-starter"}
EDITIONS = {
    "attendee": ("notebooks", NOT_ATTENDEE, {"progress", "live"}),
    "solved": ("notebooks/solutions", NOT_SOLVED, {"live"}),
}


def path_of(lesson, name):
    """The file of an edition of a lesson."""
    return ROOT / EDITIONS[name][0] / f"{lesson.stem}.ipynb"


NOTEBOOKS = [path_of(lesson, name) for name in EDITIONS for lesson in LESSONS]

SETUP = """\
# Set-up: run this cell first.{more}
import os
import sys{imports}

if os.path.exists("utils.py"):
    raise RuntimeError("Your utils.py hides the workshop's utils: rename it.")
if "google.colab" in sys.modules:
{fetch}
    from utils import keep

    print(keep.NOTICE)"""
FETCH = """\
    workshop = os.path.abspath("workshop")
    !test -d workshop || GIT_TERMINAL_PROMPT=0 git clone --quiet --depth 1 \\
        --branch {branch} https://github.com/{repository} workshop
    if not os.path.exists("workshop/utils"):
        raise RuntimeError("The workshop was not fetched: git says why above.")
    if workshop not in sys.path:
        sys.path.insert(0, workshop)"""
NO_ADDRESS = "This workshop was not told its address: "
GIVE_IT = "run `make retarget REPO=owner/name`."
UNTOLD = NO_ADDRESS + GIVE_IT
NO_FETCH = f"""\
    if not find_spec("utils"):
        raise RuntimeError(
            "{NO_ADDRESS}"
            "{GIVE_IT}"
        )"""


def told():
    """Whether `make retarget` has named a repository: no owner on GitHub has a dot."""
    return "." not in WORKSHOP["repository"].partition("/")[0]


def setup_cell():
    """The first code cell: on Colab it fetches the workshop, if it knows from where."""
    more, imports = " On Colab it also fetches the workshop.", ""
    fetch = FETCH.format(**WORKSHOP)
    if not told():
        more, imports, fetch = "", "\nfrom importlib.util import find_spec", NO_FETCH
    return SETUP.format(more=more, imports=imports, fetch=fetch)


def colab_link(path):
    """The address that opens a notebook of the repository in Colab."""
    link = "https://colab.research.google.com/github/{repository}/blob/{branch}/{path}"
    return link.format(path=path, **WORKSHOP)


def tab_link(path):
    """The address on GitHub Pages that opens a notebook in the browser's own Python."""
    owner, _, name = WORKSHOP["repository"].partition("/")
    path = path.removeprefix("notebooks/")  # tools.lite puts them at the top
    return f"https://{owner}.github.io/{name}/lite/notebooks/index.html?path={path}"


def assemble(lesson):
    """Return the lesson as one unexecuted notebook with the cells of all editions."""
    cells, seen = [], Counter()
    for _, cell in read(lesson):
        cell.source = MARK.sub("", cell.source)
        seen[cell.source] += 1  # the same text has the same id in every build
        text = f"{cell.source}{seen[cell.source]}"
        cell.id = hashlib.sha256(text.encode()).hexdigest()[:8]
        tags = cell.metadata.get("tags", [])
        cells.append(cell)
        if "exercise" in tags:
            after_starter = len(cells)
        elif "check" in tags:
            first = copy.deepcopy(cell)
            first.metadata["tags"] = [*tags, "after-starter"]
            cell.metadata["tags"] = [*tags, "after-solution"]
            cells.insert(after_starter, first)
    cells.insert(1, nbformat.v4.new_code_cell(setup_cell(), id="set-up"))
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = nbformat.v4.new_notebook(metadata={"kernelspec": kernel})
    notebook.cells = cells  # afterwards, as it would rename a check's two ids
    return notebook


def edition(notebook, name, lesson):
    """Return the cells and outputs of one edition as a notebook of its own."""
    folder, left_out, without_output = EDITIONS[name]
    remover = TagRemovePreprocessor(
        remove_cell_tags=left_out,
        remove_all_outputs_tags=without_output,
        remove_metadata_fields=[],
        enabled=True,
    )
    # A copy: the preprocessor changes the notebook it is given.
    notebook, _ = remover.preprocess(copy.deepcopy(notebook), {})
    for cell in notebook.cells:
        if cell.cell_type == "code" and not cell.outputs:
            cell.execution_count = None
    link = colab_link(f"{folder}/{lesson.stem}.ipynb")
    notebook.cells[0].source += f"\n\n[Open this notebook in Colab]({link})"
    return notebook


def quiet(text):
    """What a notebook keeps of a stream: of Keras's bar the steps and the numbers.

    "1563/1563 ━━━━━━━━━━ 5s 3ms/step - loss: 0.2" is saved as "1563/1563 - loss: 0.2".
    The bar's earlier states are gone already: the runner joins a line's rewritings.
    """
    text = re.sub(r"\x1b\[[\d;]*m", "", text)  # colours
    return re.sub(r"^(\d+/\d+) .*s/(?:step|epoch)(.*?) *$", r"\1\2", text, flags=re.M)


def code(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def what_runs(notebook):
    """A hash of all that the outputs depend on: code, utils, libraries, settings."""
    parts = [sys.version, *(cell.source for cell in code(notebook))]
    for path in sorted((ROOT / "utils").rglob("*.*")):
        parts += [] if path.suffix == ".pyc" else [path.name, path.read_bytes()]
    parts += sorted(f"{one.name} {one.version}" for one in distributions())
    parts += sorted(f"{n}={v}" for n, v in os.environ.items() if "WORKSHOP_" in n)
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]


def execute(notebook):
    """Run all cells, and keep of what they show what every run shows."""
    runner = ExecutePreprocessor(
        timeout=1200,
        record_timing=False,
        coalesce_streams=True,  # where prints are cut depends on the clock
        # Keeps what TensorFlow's C++ code writes out of the saved notebook.
        extra_arguments=["--IPKernelApp.capture_fd_output=False"],
    )
    with tempfile.TemporaryDirectory() as folder:  # not a learner's
        runner.preprocess(notebook, {"metadata": {"path": folder}})
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if output.output_type == "stream":
                output.text = quiet(output.text)
            elif "image/png" in output.get("data", {}):  # a figure's still is kept
                output.data.pop("application/vnd.jupyter.widget-view+json", None)
    # Widgets leave random names here; they need a running kernel anyway.
    notebook.metadata.pop("widgets", None)


def build(lesson):
    """Write one lesson's notebooks; return the paths. Without new code none runs."""
    notebook = assemble(lesson)
    kept = ROOT / "build" / "outputs" / f"{lesson.stem}-{what_runs(notebook)}.json"
    if kept.exists():
        print(f"{lesson.stem}: no code is new since its last build, so none runs")
        ran = nbformat.from_dict(json.loads(kept.read_text("utf-8")))
        notebook.metadata = ran.metadata
        for cell, before in zip(code(notebook), code(ran), strict=True):
            cell.outputs, cell.execution_count = before.outputs, before.execution_count
    else:
        print(f"{lesson.stem}: running its cells ...", flush=True)
        execute(notebook)
        kept.parent.mkdir(parents=True, exist_ok=True)
        for old in kept.parent.glob(f"{lesson.stem}-*"):
            old.unlink()
        with replacing(kept) as path:
            path.write_text(json.dumps(notebook), "utf-8")
    paths = []
    for name in EDITIONS:
        path = path_of(lesson, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(edition(notebook, name, lesson), path)
        print(f"  {path.relative_to(ROOT)}  {path.stat().st_size / 1e3:.0f} kB")
        paths.append(path)
    return paths


def relinked(lesson):
    """{path: text} of a lesson's notebooks, link and set-up cell made anew, none run.

    Raises ValueError for a file that does not begin as this lesson's notebook does.
    """
    notebook, texts = assemble(lesson), {}
    for name in EDITIONS:
        path = path_of(lesson, name)
        try:
            committed = nbformat.read(path, as_version=4)
            nbformat.validate(committed)  # read only warns
            nbformat.writes(committed).encode()  # half a letter cannot be written
        except Exception as error:  # any, where JSON is not as nbformat expects it
            reason = str(error).partition("\n")[0]
            raise ValueError(f"{path.relative_to(ROOT)}: {reason}") from None
        made = edition(notebook, name, lesson)
        begin = committed.cells[:2]  # the title with the link, the set-up
        if [cell.id for cell in begin] != [cell.id for cell in made.cells[:2]]:
            raise ValueError(differs(lesson, path))
        for cell, new in zip(begin, made.cells[:2], strict=True):
            cell.source = new.source
        texts[path] = nbformat.writes(committed) + "\n"
    return texts


def differs(lesson, path):
    """What to say where a notebook is not what its lesson says."""
    name = path.relative_to(ROOT).as_posix()
    return (
        f"{name} differs from lessons/{lesson.name}. If you edited the notebook, carry "
        f"the change into the lesson first; then make lesson N={int(lesson.name[:2])}"
    )


def main(words):
    # The committed outputs are those of real MNIST, all of it, and of TensorFlow alone.
    os.environ["WORKSHOP_FAST"] = "0"
    os.environ["WORKSHOP_FRAMEWORKS"] = "none"
    if data.chosen_source() in ("auto", "digits"):
        os.environ["WORKSHOP_DATA"] = "mnist"
    chosen = choose(words)
    for lesson in chosen:  # what an author has to mend is said before the minutes
        exercises(lesson)
        runsheet.sections(lesson)
        glossary.entries([lesson])
    for lesson in chosen:
        build(lesson)
    from tools import guide  # which imports this module

    guide.main()


if __name__ == "__main__":
    main(sys.argv[1:])
