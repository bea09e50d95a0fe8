"""The website, built as `make site` does and opened from disk in a browser.

No page asks another machine for anything: the fixture `tab` sees to that.
"""

import subprocess
import sys
from functools import cache
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote

import nbformat
import pytest

from tools import site as pages
from utils import touch

ROOT = Path(__file__).resolve().parent.parent

WEB = ROOT / "tools" / "web"
LESSONS = [lesson.stem for lesson in pages.LESSONS]
NAMES = [Path(page).stem for page in pages.PAGES.values()]
every_page = pytest.mark.parametrize("name", [*NAMES, "search"])
every_lesson = pytest.mark.parametrize("name", LESSONS)


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The folder of the built website; every warning of Sphinx is an error."""
    for module in ("furo", "myst_nb"):
        pytest.importorskip(module, reason="`make .venv/maintainer` installs Sphinx")
    if not (WEB / "node_modules" / "mathjax-svg").exists():
        pytest.skip("no MathJax here; `make .venv/web` fetches it with npm")
    folder = tmp_path_factory.mktemp("site")
    pages.main(folder / "pages")
    command = [sys.executable, "-m", "sphinx", "-q", "-n", "-W", "--keep-going"]
    command += ["-c", WEB, "-d", folder / "doctrees", folder / "pages", folder / "html"]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8")
    assert done.returncode == 0, done.stderr
    return folder / "html"


@pytest.fixture(scope="module")
def parsed(site):
    """{file name: the page as BeautifulSoup reads it}."""
    from bs4 import BeautifulSoup

    return {
        path.name: BeautifulSoup(path.read_text("utf-8"), "html.parser")
        for path in site.glob("*.html")
    }


@cache
def notebook(name, folder=pages.SOLVED):
    return nbformat.read(ROOT / folder / f"{name}.ipynb", as_version=4)


def tagged(notebook, tag):
    return [cell for cell in notebook.cells if tag in cell.metadata.get("tags", [])]


# --- without a browser ------------------------------------------------------------


def test_links_of_a_page():
    text = "[a](notebooks/04_cnn.ipynb#the-recipe) [b](utils) [c](#x) [d](https://e.f)"
    tree = pages.github_link("utils")
    assert tree.endswith("/tree/{branch}/utils".format(**pages.WORKSHOP))
    assert (
        pages.relink(text, "README.md")
        == f"[a](04_cnn.ipynb#the-recipe) [b]({tree}) [c](#x) [d](https://e.f)"
    )
    shown = pages.relink("![x](guide/pictures/door.png)", "README.md")
    assert shown == "![x](door.png)"
    up = pages.relink("[a](../notebooks/04_cnn.ipynb)", "guide/glossary.md")
    assert up == "[a](04_cnn.ipynb)"


def test_every_lesson_and_guide_has_a_page(parsed):
    assert set(parsed) == {f"{name}.html" for name in [*NAMES, "search"]}
    title = parsed["index.html"].find("h1").find(string=True)
    assert title == pages.WORKSHOP["title"]


def test_internal_links_and_anchors_lead_somewhere(site, parsed):
    for name, html in parsed.items():
        for tag, key in (("a", "href"), ("link", "href"), ("script", "src")):
            for link in {e[key] for e in html.find_all(tag, {key: True})}:
                if link.startswith(("https://", "http://")) and tag == "a":
                    continue
                file, _, anchor = unquote(link).partition("#")
                file = file.partition("?")[0] or name
                assert (site / file).is_file(), f"{name}: {link}"
                if anchor and file in parsed:
                    assert parsed[file].find(id=anchor), f"{name}: {link}"


def test_next_leads_through_all_pages_and_previous_back(parsed):
    for link, path in (("next", NAMES), ("prev", NAMES[::-1])):
        for here, there in pairwise(path):
            found = parsed[f"{here}.html"].find("a", class_=f"{link}-page")
            assert found["href"] == f"{there}.html"


@every_lesson
def test_a_lesson_leads_to_its_notebooks(parsed, name):
    links = [a["href"] for a in parsed[f"{name}.html"].select(".links a")]
    assert links == [
        pages.tab_link(f"notebooks/{name}.ipynb"),
        pages.colab_link(f"notebooks/{name}.ipynb"),
        pages.colab_link(f"notebooks/solutions/{name}.ipynb"),
        pages.github_link(f"notebooks/{name}.ipynb"),
    ]


@every_lesson
def test_a_lesson_shows_every_figure_with_its_alt_text(site, parsed, name):
    images = parsed[f"{name}.html"].select(".cell_output img")
    assert [image["alt"] for image in images] == [
        output.metadata["image/png"]["alt"]
        for cell in notebook(name).cells
        for output in cell.get("outputs", [])
        if "image/png" in output.get("data", {})
    ]
    for image in images:  # a live figure carries its still inside
        assert image["src"].startswith("data:") or (site / image["src"]).is_file()


@every_lesson
def test_solutions_are_folded_below_the_starters(parsed, name):
    """So that who reads can try. The verdicts are folded, too: they tell the answer."""
    html = parsed[f"{name}.html"]
    hidden = [details.extract() for details in html.select("details.hide")]
    assert not any("open" in details.attrs for details in hidden)
    shown = "\n".join(pre.get_text() for pre in html.select("pre"))
    folded = "\n".join(details.get_text() for details in hidden)
    starters = tagged(notebook(name, pages.ATTENDEE), "exercise")
    solutions = tagged(notebook(name), "solution")
    assert len(starters) == len(solutions) >= 4
    assert all(starter.source in shown for starter in starters)
    assert all(solution.source in folded for solution in solutions)
    assert not any(solution.source in shown for solution in solutions)
    assert folded.count("✓ Correct.") == len(tagged(notebook(name), "check"))
    assert "✓ Correct." not in html.get_text()


def test_gallery_leads_to_the_lessons(parsed):
    """All figures; each with a still picture where no script runs."""
    html = parsed["gallery.html"]
    live = html.select("[data-touch]")
    assert [figure["data-touch"] for figure in live] == [
        figure.module for figure in pages.GALLERY
    ]
    assert set(pages.GALLERY) == set(touch.Figure.__subclasses__())
    assert all(figure.select("noscript img[alt]") for figure in live)
    links = [a["href"].split(".")[0] for a in html.select("section section p a")]
    *others, seventh, alone = links
    assert others == [LESSONS[figure.lesson - 1] for figure in pages.GALLERY]
    assert [seventh, alone] == [LESSONS[6], "inside/index"]


# --- in a browser, from disk --------------------------------------------------------

UNFOLD = "document.querySelectorAll('details').forEach(d => d.open = true)"
# axe takes seconds for thousands of words: leave one of each kind. What is of a kind
# stands in the same elements and has the same in it, with the same attributes.
THIN_OUT = """() => {
    const seen = new Set();
    const name = e => `${e.tagName}.${e.className} `;
    const kind = e => name(e) + e.getAttributeNames() + !e.textContent.trim();
    const around = e => e ? name(e) + around(e.parentElement) : "";
    for (const e of document.querySelectorAll("p, li, tr, .highlight span")) {
        const inside = new Set([e, ...e.querySelectorAll("*")].map(kind));
        const all = [around(e.parentElement), ...inside].join();
        if (seen.has(all))
            e.matches("span") ? e.replaceWith(e.textContent) : e.remove();
        seen.add(all);
    }
}"""


@pytest.mark.parametrize("name", ["index", LESSONS[1]])
def test_page_is_accessible_on_a_laptop_and_in_the_dark(site, tab, serious, name):
    """The README and a lesson: what is around the text is the same on every page."""
    tab.goto((site / f"{name}.html").as_uri())
    tab.evaluate(UNFOLD)
    tab.evaluate(THIN_OUT)
    assert serious(tab) == []
    tab.emulate_media(color_scheme="dark")
    assert serious(tab) == []


# What ends to the right of the window and cannot be scrolled into it. (A drawing cuts
# its own lines.)
CUT_OFF = """() => {
    const scrolls = e => e && (
        ["auto", "scroll"].includes(getComputedStyle(e).overflowX)
        || scrolls(e.parentElement.closest("article *")));
    return [...document.querySelectorAll("article *")]
        .filter(e => !e.ownerSVGElement && !scrolls(e)
            && e.getBoundingClientRect().right > innerWidth + 1)
        .map(e => e.outerHTML.slice(0, 100));
}"""


@every_page
def test_page_on_a_phone_fits_with_all_its_maths_and_is_accessible(
    site, tab, serious, name
):
    """All of it, unfolded. What is wider, code and tables, scrolls inside its box."""
    tab.set_viewport_size({"width": 360, "height": 740})
    tab.goto((site / f"{name}.html").as_uri())
    tab.evaluate(UNFOLD)
    tab.evaluate("window.MathJax && MathJax.startup.promise")
    assert tab.evaluate(CUT_OFF) == []
    formulas = tab.locator(".math").count()
    assert tab.locator(".math mjx-container svg").count() == formulas
    sources = (site.parent / "pages").glob(f"{name}.*")
    assert formulas or not any("$$" in path.read_text("utf-8") for path in sources)
    assert tab.locator("mjx-merror, [data-mml-node=merror]").count() == 0
    tab.evaluate(THIN_OUT)
    # From disk a frame has no origin that axe could ask; test_page looks at the page.
    assert serious(tab, {"exclude": [["iframe"]]}) == []
    assert tab.locator("iframe:not([title])").count() == 0


def test_run_sheet_is_printed_without_the_links_of_a_screen(site, tab):
    tab.goto((site / "run-sheet.html").as_uri())
    tab.emulate_media(media="print")
    assert not tab.locator(".skip-to-content").is_visible()
    assert tab.get_by_role("heading", name="The feedback form").is_visible()


def test_gallery_is_live_on_a_phone(site, tab):
    """Each figure is live, on a phone, and answers."""
    tab.set_viewport_size({"width": 360, "height": 740})
    tab.goto((site / "gallery.html").as_uri())
    assert tab.locator(".touch").count() == len(pages.GALLERY)
    for figure in tab.locator(".touch").all():
        knob = figure.locator(".knob, .spot").first
        before = knob.get_attribute("aria-valuenow")
        knob.focus()
        tab.keyboard.press("ArrowRight")
        assert knob.get_attribute("aria-valuenow") != before
    tab.locator("iframe").scroll_into_view_if_needed()
    inside = tab.frame_locator("iframe")
    inside.get_by_role("button", name="Example").click()
    inside.get_by_text("It reads 3.").wait_for()
    assert inside.locator("#maps .small canvas").count() == 32 + 64 + 64


def test_search_finds_softmax(site, tab):
    tab.goto((site / "index.html").as_uri())
    tab.fill(".sidebar-search", "softmax")
    tab.press(".sidebar-search", "Enter")
    tab.wait_for_selector("#search-results .search-summary:has-text('finished')")
    found = tab.locator("#search-results li a")
    names = [Path(link).stem for link in found.evaluate_all("a => a.map(b => b.href)")]
    softmax = [
        n for n in LESSONS if "softmax" in (ROOT / f"lessons/{n}.py").read_text()
    ]
    assert softmax
    assert {*softmax, "glossary"} <= {name.partition(".")[0] for name in names}
    found.first.click()
    assert "softmax" in tab.locator("h1").inner_text()


def test_a_folded_solution_opens_with_the_keyboard(site, tab):
    tab.goto((site / f"{LESSONS[0]}.html").as_uri())
    solution = tab.locator("details.hide").first
    assert not solution.locator("pre").is_visible()
    solution.locator("summary").focus()
    tab.keyboard.press("Enter")
    assert solution.locator("pre").is_visible()
