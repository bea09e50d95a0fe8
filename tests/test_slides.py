"""The slides: cut where they should be, and in Chromium every slide of every deck."""

import re
from pathlib import Path

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output

from tools import lessons, slides

ROOT = Path(__file__).resolve().parent.parent

every_lesson = pytest.mark.parametrize("lesson", slides.LESSONS, ids=lessons.key)


# --- how a lesson is cut --------------------------------------------------------


def says(text):
    return new_markdown_cell(text)


def runs(source, *outputs, tags=(), **slideshow):
    metadata = {"tags": list(tags), "slideshow": slideshow}
    return new_code_cell(source, outputs=list(outputs), metadata=metadata)


def prints(text):
    return new_output("stream", text=text)


def shows(**data):
    data = {kind.replace("_", "/"): value for kind, value in data.items()}
    return new_output("execute_result", data=data)


def cut(*cells):
    """What is shown, as (heading, sources or printed texts)."""
    return [
        (
            stretch.heading,
            [
                part.cell.source
                or part.cell.outputs[0].get("text")
                or part.cell.outputs[0].data["text/html"]
                for part in stretch.parts
            ],
        )
        for stretch in slides.stretches(list(cells))
    ]


def test_headings_begin_slides():
    lesson = [says("# 1. One\n\nHello.\n\n## Two\n\nFirst.\n\n### Three\n\nLast.")]
    assert cut(*lesson) == [
        ("1. One", []),  # the title
        ("1. One", ["Hello."]),
        ("Two", ["First."]),
        ("Three", ["Last."]),
    ]
    kinds = [stretch.slide_type for stretch in slides.stretches(lesson)]
    assert kinds == ["title", "slide", "slide", "subslide"]


def test_exercise_then_its_solution():
    found = cut(
        says("## A\n\nBefore."),
        says("**Exercise 3** (2 minutes). Do it."),
        runs("x = ...", tags=["exercise"]),
        runs("ex.q3.check(x)", tags=["check", "after-starter"]),
        runs("x = 3", tags=["solution", "q3"]),
        runs(
            "ex.q3.check(x)",
            shows(text_plain="✓ Correct. q3: Three is odd."),
            tags=["check", "after-solution"],
        ),
        says("After."),
        runs("ex.progress()", tags=["progress"]),
    )
    assert found == [
        ("A", ["Before."]),
        ("Exercise 3 (2 minutes)", ["Do it.", "x = ..."]),
        ("Exercise 3: a solution", ["x = 3", "Three is odd."]),
        ("A", ["After."]),
    ]


def test_verdict_without_a_message_is_left_out():
    check = runs("check", shows(text_plain="✓ Correct. q1"), tags=["check"])
    assert cut(runs("x = 1", tags=["solution"]), check) == [(": a solution", ["x = 1"])]


def test_notes_belong_to_all_slides_since_the_last_ones():
    def note(text):
        return new_markdown_cell(text, metadata={"tags": ["instructor"]})

    lesson = [says("## A"), says("a"), note("of A"), says("## B\n\nb"), note("of B")]
    lesson += [says("c")]
    notes = {part.parts[0].cell.source: part.notes for part in slides.stretches(lesson)}
    assert notes == {"a": "of A", "b": "of B", "c": ""}


def test_noise_is_left_out():
    bar = new_output("display_data", data={"text/plain": "epoch 1/2"})
    found = cut(
        says("## A"),
        runs("import numpy as np"),
        runs("device.setup(seed=0)", prints("Keras 3")),
        runs("fit()", bar, prints("99 %")),
        runs("timer()", tags=["live"]),
        runs("secret()", prints("secret"), slide_type="skip"),
    )
    run_it = "*In the notebook: run this cell.*"
    assert found == [("A", ["fit()", "99 %", run_it])]


def test_set_up_that_prose_announces_is_shown():
    found = cut(says("## A"), runs("device.setup(seed=0)", prints("Keras")), says("b"))
    assert found == [("A", ["device.setup(seed=0)", "Keras", "b"])]


def test_table_stands_without_its_code():
    table = "<table><tr><td>1</td></tr></table>"
    assert cut(says("## A"), runs("Table(rows)", shows(text_html=table))) == [
        ("A", [table])
    ]


def test_subslide_breaks_a_section():
    found = cut(says("## A\n\na"), runs("b = 1", slide_type="subslide"))
    assert found == [("A", ["a"]), ("A", ["b = 1"])]


def test_long_table_is_cut_between_rows():
    row = "<tr><td>word</td></tr>"
    head = "<table><thead><tr><th>head</th></tr></thead><tbody>"
    pieces = slides.layout.cut_table(f"{head}{row * 30}</tbody></table>")
    assert [piece.count(row) for piece in pieces] == [10, 10, 10]
    for piece in pieces:
        assert piece.startswith(head)
        assert piece.endswith("</tbody></table>")
    short = f"{head}{row * 10}</tbody></table>"
    assert slides.layout.cut_table(short) == [short]


def test_long_code_is_cut_before_a_statement():
    call = "f(\n" + "    a_number_with_a_long_name_in_every_line,\n" * 10 + ")\n"
    parts = slides.code(call * 2)
    assert [part.cell.source for part in parts] == [call.strip()] * 2


def test_long_code_is_cut_at_blank_lines():
    block = "\n".join(f"a_line_that_is_too_long_for_two_columns_{n}" for n in range(12))
    parts = slides.code(f"{block}\n\n\n{block}")
    assert [part.cell.source.strip() for part in parts] == [block, block]


def test_short_lines_of_long_code_stand_in_two_columns():
    (part,) = slides.code("\n".join(["dim: 1"] * 30))
    assert part.cell.metadata["tags"] == ["columns"]
    assert part.height() < slides.layout.ROOM


def test_pages_fit_and_nothing_is_lost():
    words = "Some words that fill a line or two of a slide, and then some more. " * 3
    parts = [slides.text(words) for _ in range(17)]
    pages = slides.layout.pages(parts)
    assert [part for page in pages for part in page] == parts
    assert len(pages) > 2
    for page in pages:
        assert slides.layout.fits(page, slides.layout.letters(page))


def test_words_that_announce_stay_with_what_they_announce():
    fill, listed = slides.text("word " * 180), slides.text("- one\n" * 5)
    pages = slides.layout.pages([fill, slides.text("The list:"), listed, fill])
    assert [len(page) for page in pages] == [1, 2, 1]


def test_title_slide_names_lesson_workshop_club_and_day(monkeypatch):
    monkeypatch.setattr(slides, "DAY", "5 December 2026")
    lesson = slides.LESSONS[0]
    title = slides.deck(lesson).cells[0].source
    for words in (
        f"# {lessons.title(lesson)}",
        slides.WORKSHOP["title"],
        slides.WORKSHOP["club"],
        "5 December 2026",
    ):
        assert words in title.split("\n\n")


def test_stale_notebook_is_refused(monkeypatch):
    lesson = slides.LESSONS[0]
    changed = slides.notebooks.assemble(lesson)
    changed.cells[2].source = "new"
    monkeypatch.setattr(slides.notebooks, "assemble", lambda lesson: changed)
    with pytest.raises(SystemExit, match="carry the change into the lesson first"):
        slides.cells_with_outputs(lesson)


# --- in the browser -------------------------------------------------------------


@pytest.fixture(scope="module")
def decks(tmp_path_factory):
    """The folder of all decks, made anew."""
    if not (slides.WEB / "node_modules").exists():
        pytest.skip("npm's packages are not installed here; `make .venv/web` does it")
    folder = tmp_path_factory.mktemp("slides")
    slides.main(folder)
    return folder


@pytest.fixture
def opened(decks, page):
    """A function that opens a deck and waits until reveal.js and MathJax are ready."""
    complaints = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on(
        "console",
        lambda said: said.type in ("error", "warning") and complaints.append(said.text),
    )

    def open_deck(lesson, query=""):
        page.goto((decks / f"{lesson.stem}.html").as_uri() + query)
        page.wait_for_function("Reveal.isReady()")
        page.evaluate("MathJax.startup.promise")
        return page

    yield open_deck
    assert not complaints


# What the slide in view looks like. A figure is as large as it was drawn at 72 dots an
# inch, when its shown width is half of its own, which has 144.
LOOK = r"""() => {
  const slide = Reveal.getCurrentSlide();
  const seen = [...slide.querySelectorAll('*')].filter(element =>
    !element.closest('aside, mjx-assistive-mml, details > :not(summary)')
    && element.getBoundingClientRect().width > 0);
  const box = element => {
    const {left, top, right, bottom} = element.getBoundingClientRect();
    return `${element.tagName} ${[left, top, right, bottom].map(Math.round)}`;
  };
  const words = slide.cloneNode(true);
  for (const other of words.querySelectorAll(
    'aside, pre, code, mjx-container, script, style, noscript')) other.remove();
  const letters = seen.filter(element => !element.closest('mjx-container')
    && [...element.childNodes].some(node => node.nodeType == 3 && node.data.trim()));
  return {
    heading: (slide.querySelector('h1, h2') || {}).innerText,
    empty: seen.every(element => element.closest('h2') || element.querySelector('h2')),
    outside: seen.filter(element => { // a drawing cuts its own lines
      const {left, top, right, bottom} = element.getBoundingClientRect();
      return !element.ownerSVGElement
        && (left < 0 || top < 0 || right > 1280 || bottom > 720);
    }).map(box),
    scrolled: seen.filter(element => !element.closest('mjx-container')
      && getComputedStyle(element).display != 'inline'
      && element.scrollWidth > element.clientWidth + 1).map(box),
    tiny: letters.filter(element => parseFloat(getComputedStyle(element).fontSize)
      * (element.ownerSVGElement ? element.getScreenCTM().a : 1) < 18).map(box),
    raw: (words.innerText.match(/\$.{0,20}|\\\(.{0,20}/g) || []),
    failed: seen.filter(element => element.matches('mjx-merror')).length,
    formulas: seen.filter(element => element.matches('mjx-container')).length,
    images: [...slide.querySelectorAll('img')].map(image => ({
      alt: image.alt, scale: image.width / image.naturalWidth * 2})),
    notes: [...slide.querySelectorAll('aside.notes')].map(note => note.textContent),
  };
}"""


@every_lesson
def test_every_slide_of_the_deck(lesson, opened):
    page = opened(lesson)
    shown, more = [], True
    while more:
        shown.append(page.evaluate(LOOK))
        more = page.evaluate("!Reveal.isLastSlide() && (Reveal.next(), true)")
    assert len(shown) == page.evaluate("Reveal.getTotalSlides()") > 20
    assert shown[0]["heading"] == lessons.title(lesson)
    assert shown[-1]["heading"] == "What we have seen"
    for number, slide in enumerate(shown, start=1):
        which = f"slide {number}, {slide['heading']}"
        assert not slide["empty"], which
        for wrong in ("outside", "scrolled", "tiny", "raw", "failed"):
            assert not slide[wrong], f"{which}: {wrong}; slides.py says how to break it"
        for image in slide["images"]:
            assert len(image["alt"]) > 20, which
            assert image["scale"] >= 0.9, f"{which}: the figure is small"

    source = lesson.read_text("utf-8")
    formulas = sum(slide["formulas"] for slide in shown)
    assert formulas or "$" not in re.sub(r"`.*?`|^[^#].*", "", source, flags=re.M)
    said = " ".join(note for slide in shown for note in slide["notes"])
    spoken = source.count('"instructor"')
    assert len(set(re.findall(r"Talk \d+ min.{60}", said, re.S))) == spoken > 3


def test_presenter_view_shows_the_notes(opened):
    page = opened(slides.LESSONS[0])
    with page.expect_popup() as popup:
        page.keyboard.press("s")
    notes = popup.value.locator(".speaker-controls-notes .value")
    notes.get_by_text("next and previous slide").wait_for()
    assert "Talk" in notes.inner_text()
    page.keyboard.press("ArrowRight")
    notes.get_by_text("next and previous slide").wait_for(state="detached")
    assert "Talk" in notes.inner_text()


def test_the_key_to_the_right_leaves_no_slide_out(opened):
    page = opened(slides.LESSONS[0])
    for number in range(1, 8):
        assert page.evaluate("Reveal.getSlidePastCount()") == number - 1
        page.keyboard.press("ArrowRight")


def test_printed_deck_has_a_page_a_slide(opened):
    page = opened(slides.LESSONS[0], "?print-pdf")
    page.wait_for_selector(".pdf-page")
    page.emulate_media(media="print")
    cut_off = """sheet => [...sheet.querySelectorAll('section *')].some(element =>
        !element.closest('aside, mjx-assistive-mml, details > :not(summary)')
        && element.getBoundingClientRect().bottom
           > sheet.getBoundingClientRect().bottom)"""
    sheets = page.locator(".pdf-page").all()
    assert len(sheets) == page.evaluate("Reveal.getTotalSlides()")
    assert not [n for n, sheet in enumerate(sheets, 1) if sheet.evaluate(cut_off)]


def test_slides_are_accessible(opened, serious):
    """axe-core on the title, and on a slide with each kind of thing."""
    page = opened(slides.LESSONS[0])
    assert not serious(page)
    for kind in ("img", ".highlight", "table", "blockquote", "mjx-container"):
        page.evaluate(
            """kind => {
                const slide = document.querySelector(`.slides ${kind}`)
                  .closest("section");
                const {h, v} = Reveal.getIndices(slide);
                Reveal.slide(h, v);
            }""",
            kind,
        )
        assert not serious(page), kind


def test_contents_page_leads_to_every_deck(decks, page, serious):
    page.goto((decks / "index.html").as_uri())
    assert not serious(page)
    links = page.locator("a:not([href*='?'])").all()
    assert len(links) == len(slides.LESSONS)
    for link in links:
        assert (decks / link.get_attribute("href")).exists()
    assert slides.WORKSHOP["club"] in page.inner_text("main")
