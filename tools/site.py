"""Write the website's pages, for Sphinx to build: python -m tools.site FOLDER

The front page is the README. A lesson's page is made of its two notebooks, outputs and
all: the attendee's starters, and the solutions and verdicts, folded. The guides follow.
Links between these files become links between the pages; a link to any other file of
the repository leads to GitHub.
"""

import posixpath
import re
import shutil
import sys
from pathlib import Path

import nbformat

from tools.lessons import LESSONS, ROOT, WORKSHOP, tags
from tools.notebooks import EDITIONS, colab_link, tab_link
from utils import device, touch
from utils.frameworks import weights
from utils.page import export_page

GUIDES = sorted({page.name for page in ROOT.glob("guide/*.md")} - {"README.md"})
ATTENDEE, SOLVED = (folder for folder, *_ in EDITIONS.values())

# path in the repository: file in FOLDER
PAGES = {
    "README.md": "index.md",
    **{f"{ATTENDEE}/{lesson.stem}.ipynb": f"{lesson.stem}.ipynb" for lesson in LESSONS},
    "utils/touch": "gallery.md",
    "guide/README.md": "instructors.md",
    **{f"guide/{page}": page for page in GUIDES},
    "tests/WHERE-IT-RUNS.md": "where-it-runs.md",
}
PICTURES = {"guide/pictures/door.png": "door.png"}

# The gallery: each figure to touch, with what it is and a question that it answers.
GALLERY = {
    touch.SlidingKernel: (
        "A kernel slides over an image",
        "Which kernel that is not 0 makes both middle rows of the output 0?",
    ),
    touch.Playground: (
        "A network learns to tell two classes apart",
        "How many hidden units close the line around the squares?",
    ),
    touch.Softmax: (
        "Softmax, and the surprise of the true class",
        "By how much must a logit be larger for twice the probability?",
    ),
    touch.SmallNetwork: (
        "Backpropagation, one number at a time",
        "Which weight has the largest slope, and why?",
    ),
    touch.Valley: (
        "Down the valley, with three optimisers",
        "What is the largest learning rate at which SGD arrives?",
    ),
}
# The last one is a page of its own: what lesson 7 makes, with the deck's network.
INSIDE = """\
```{raw} html
<iframe src="inside/index.html" title="Inside a network" loading="lazy"
 style="width: 100%; height: 44rem; border: 0"></iframe>
<p><a href="inside/index.html">The same on a page of its own</a></p>
```"""
MAPS = f"""\
Draw a digit: from which part of it does one pixel of the last map come?
([Lesson 7]({LESSONS[6].stem}.ipynb))"""

LINKS = """\
{{.links}}
[Run in this tab]({tab}) [Run it in Colab]({colab}) [Solved, in Colab]({solved})
[On GitHub]({github})

This page is for reading: its solutions are folded. In the notebook you write your own,
and are told at once what is right about them."""

# tag: (what MyST-NB hides then, what one clicks to see it)
FOLDED = {
    "solution": ("hide-input", "A solution"),
    "check": ("hide-output", "What the check says"),
}
HERE = f"Here with lesson 4's network:\n\n{INSIDE}"
NOT_SAVED = "*This output is not saved: run the cell in the notebook.*"

CONTENTS = """
```{{toctree}}
:hidden:

{pages}
```
"""


def github_link(path):
    """The address of a file or folder of the repository on GitHub."""
    kind = "tree" if (ROOT / path).is_dir() else "blob"
    link = "https://github.com/{repository}/{kind}/{branch}/{path}"
    return link.format(kind=kind, path=path, **WORKSHOP)


def relink(text, path):
    """The Markdown `text` of the file `path` with links that fit the website."""

    def new(match):
        file, anchor = match.groups()
        target = posixpath.normpath(posixpath.join(posixpath.dirname(path), file))
        return f"]({(PAGES | PICTURES).get(target) or github_link(target)}{anchor}"

    relative = r"\]\((?![a-z]+:)([^)\s#]+)([^)\s]*\))"
    return re.sub(relative, new, text)


def lesson_page(name):
    """The notebook `name`, to be read: starters, folded solutions, alt texts."""
    attendee, solved = (nbformat.read(ROOT / f / name, 4) for f in (ATTENDEE, SOLVED))
    starters = (cell for cell in attendee.cells if "exercise" in tags(cell))
    first, _, *others = solved.cells  # without the set-up for Colab
    heading, *text, _ = first.source.split("\n\n")  # nor its link
    links = LINKS.format(
        tab=tab_link(f"{ATTENDEE}/{name}"),
        colab=colab_link(f"{ATTENDEE}/{name}"),
        solved=colab_link(f"{SOLVED}/{name}"),
        github=github_link(f"{ATTENDEE}/{name}"),
    )
    first.source = "\n\n".join([heading, links, *text])
    solved.cells = [first]
    for cell in others:
        ours, outputs = tags(cell), cell.get("outputs", [])
        if "progress" in ours:
            continue
        if "solution" in ours:
            starter = next(starters)
            starter.id = f"{cell.id}-starter"
            solved.cells.append(starter)
        for tag, (hidden, prompt) in FOLDED.items():
            if tag in ours:
                cell.metadata["tags"] = [hidden]
                cell.metadata["mystnb"] = {"code_prompt_show": prompt}
        for output in outputs:
            touch.enliven(output)
            if "image/png" in output.get("data", {}):
                image = {"alt": output.metadata["image/png"]["alt"]}
                cell.metadata.setdefault("mystnb", {})["image"] = image
        if cell.cell_type == "markdown":
            cell.source = relink(cell.source, f"{ATTENDEE}/{name}")
        solved.cells.append(cell)
        if "live" in ours and not outputs:
            note = HERE if cell.source.startswith("Page(") else NOT_SAVED
            note = nbformat.v4.new_markdown_cell(note, id=f"{cell.id}-note")
            solved.cells.append(note)
    return nbformat.writes(solved)


def gallery():
    """All figures to touch, each with its lesson's link."""
    parts = ["# Figures to touch"]
    for figure, (title, question) in GALLERY.items():
        lesson = LESSONS[figure.lesson - 1]
        link = f"[Lesson {figure.lesson}]({lesson.stem}.ipynb)"
        live = f"`````{{raw}} html\n{figure().html()}`````"
        parts += [f"## {title}", f"{question} ({link})", live]
    parts += ["## Inside a network that reads digits", MAPS, INSIDE]
    return "\n\n".join(parts)


def inside(folder):
    """Write lesson 7's page, with the deck's network; return its path."""
    with device.quiet():
        from utils.frameworks import in_keras
    network = in_keras.build(weights.load())
    return export_page(network, folder, title="Inside a network")


def front_page(readme):
    """The README with links for Colab's badges, and all pages for the sidebar."""
    badge = r"\[!\[([^]:]*)[^]]*\]\(https:[^)]*\)\]"
    _, *names = (Path(page).stem for page in PAGES.values())
    return re.sub(badge, r"[\1]", readme) + CONTENTS.format(pages="\n".join(names))


def main(folder):
    """Write all pages into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    for path, page in PAGES.items():
        if page.endswith(".ipynb"):
            text = lesson_page(page)
        elif page == "gallery.md":
            text = gallery()
        else:
            text = relink((ROOT / path).read_text("utf-8"), path)
        if page == "index.md":
            text = front_page(text)
        (folder / page).write_text(text, "utf-8")
    inside(folder / "extra" / "inside")
    for path, picture in PICTURES.items():
        shutil.copy(ROOT / path, folder / picture)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
