"""The slides: what stands on them, and in Chromium every slide of every deck."""

import base64
import io
import re
from functools import cache

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output
from PIL import Image

from tools import lessons, runsheet, slides
from utils.plotting import base
from utils.touch import SlidingKernel

every_lesson = pytest.mark.parametrize("lesson", slides.LESSONS, ids=lessons.key)

DAY, LESSON = 130, 25  # slides, at most
WORDS, LINES = 40, 8  # of a slide, at most

whole_deck = cache(slides.deck)


# --- what a lesson shows ----------------------------------------------------------


def says(text, *tags):
    return new_markdown_cell(text, metadata={"tags": list(tags)})


def runs(source, *outputs, tags=()):
    return new_code_cell(source, outputs=list(outputs), metadata={"tags": list(tags)})


def shows(**data):
    data = {kind.replace("_", "/"): value for kind, value in data.items()}
    return new_output("execute_result", data=data)


def png():
    """A PNG in base64."""
    saved = io.BytesIO()
    Image.new("L", (8, 4), 1).save(saved, "png")
    return base64.b64encode(saved.getvalue()).decode()


def draws(alt):
    """A cell that shows a picture with this alt text."""
    output = shows(image_png=png(), text_plain=alt)
    output.metadata = {"image/png": {"alt": alt}}
    return runs("plotting.figure()", output)


NOTES = "**Instructor.** Talk 5 min, exercises 3 min, {}.\n\n- Ask."
TITLE = says("# 1. One\n\nHello.")
END = says("## What we have seen\n\n- A. More.\n- B.")


@pytest.fixture
def deck(monkeypatch):
    """A function: the slides of a lesson of these cells, without title and end.

    Each closes with an instructor's cell of this level, unless it has one.
    """

    def make(*cells, level="must"):
        ours = [TITLE, *cells]
        if "instructor" not in cells[-1].metadata.tags:
            ours.append(says(NOTES.format(level), "instructor"))
        monkeypatch.setattr(slides, "cells_with_outputs", lambda lesson: [*ours, END])
        monkeypatch.setattr(slides, "votes", dict)
        return slides.deck(slides.LESSONS[0])[1:-1]

    return make


def looks(found):
    """(heading, words, alt text or HTML) of slides."""
    alt = re.compile('<img .*alt="(.*)">')
    return [(s.heading, s.words, alt.sub(r"\1", s.figure)) for s in found]


EXERCISE = [
    says("**Exercise 3** (2 minutes). Do it."),
    runs("x = ...", tags=["exercise"]),
    runs("ex.q3.check(x)", tags=["check", "after-starter"]),
    runs("x = 3", tags=["solution", "q3"]),
    runs(
        "ex.q3.check(x)",
        new_output("stream", text="From here on: your function."),
        shows(text_plain="Three is odd."),
        tags=["check"],
    ),
]


def test_a_section_is_its_first_picture_with_its_first_sentences(deck):
    found = deck(
        says("## A\n\nIt is blue. Look here."),
        runs("x = 1"),
        draws("blue"),
        says("After it."),
        draws("red"),
        says("## B\n\nSecond."),
        draws("green"),
    )
    assert looks(found) == [
        ("A", "It is blue. Look here.", "blue"),
        ("B", "Second.", "green"),
    ]
    assert "It is blue. Look here." in found[0].notes
    assert "After it." in found[0].notes


def test_what_has_nothing_to_look_at_is_said(deck):
    found = deck(says("## A\n\nWords."), says("## B\n\nSeen."), draws("b"))
    assert looks(found) == [("B", "Seen.", "b")]
    assert "Words." in found[0].notes
    (found,) = deck(says("## A\n\nSeen."), draws("a"), says("## B\n\nWords."))
    assert "Words." in found.notes


def test_an_exercise_has_the_last_picture_before_it(deck):
    section, exercise = deck(says("## A\n\nB."), draws("b"), draws("c"), *EXERCISE)
    assert looks([exercise]) == [("Exercise 3 (2 minutes)", "Do it.", "c")]
    for said in ("```python\nx = 3\n```", "Three is odd."):
        assert said in exercise.notes
        assert said not in section.notes


STARTER = "def f(x):\n    y = ...\n    return y"


def test_an_exercise_has_its_own_code_or_table(deck):
    def shown(starter, text="**Exercise 3** (2 minutes). Do it."):
        given = runs(starter, tags=["exercise"])
        cells = [draws("b"), says(text), given, *EXERCISE[2:], draws("c")]
        *_, exercise = deck(says("## A\n\nB."), *cells)
        assert exercise.words == "Do it."
        return exercise

    assert ">return</span>" in shown(STARTER).figure
    assert STARTER not in "".join(shown(STARTER).notes)
    for other in ("x = 1\nx = ...", "x = 1\n" * 8 + "x = ..."):
        assert 'alt="b"' in shown(other).figure
    listed = shown(STARTER, f"{EXERCISE[0].source}\n\n| A |\n|---|\n| z |\n\nRun it.")
    assert "<td>z</td>" in listed.figure
    assert "Run it." in listed.notes


def test_an_exercise_has_no_code_of_another(deck):
    first = says("**Exercise 2** (1 minute). First.")
    given = runs(STARTER, tags=["exercise"])
    _, exercise = deck(says("## A"), first, given, *EXERCISE)
    assert exercise.figure == ""


def test_a_picture_stands_after_the_exercise_that_it_would_give_away(deck):
    found = deck(says("## A\n\nB."), *EXERCISE, says("The answer."), draws("c"))
    assert looks(found) == [
        ("Exercise 3 (2 minutes)", "Do it.", ""),
        ("A", "The answer.", "c"),
    ]


def test_a_box_has_a_slide(deck):
    box = "> **The slide says:** 2006: it runs.\n>\n> **In fact** no."
    found = deck(says("## A\n\nB."), draws("b"), says(f"{box}\n\nAfter."))
    assert looks(found)[1] == (
        "A",
        "**The slide says:** 2006: it runs.\n\n**In fact** no.\n\nAfter.",
        "",
    )


def test_tagged_cells_are_the_slides_of_their_section(deck):
    tagged = draws("c")
    tagged.metadata.tags = ["slide"]
    found = deck(
        says("## A\n\nB."),
        draws("b"),
        *EXERCISE,
        says("### Part\n\nSo. Step one."),
        tagged,
        says("The point.", "slide"),
        runs("x = 1\nx", new_output("stream", text="<1>"), tags=["slide"]),
    )
    assert {"B.", EXERCISE[0].source} < {*found[0].notes}
    assert [(s.heading, s.words) for s in found] == [
        ("Part", "So. Step one."),
        ("Part", "The point."),
        ("Part", "The point."),
    ]
    assert looks(found)[0][2] == "c"
    assert 'class="highlight"' in found[2].figure
    assert found[2].figure.endswith("<pre>&lt;1&gt;</pre>")


def test_of_a_tagged_cell_with_a_box_the_box_is_shown(deck):
    found = deck(says("## A\n\nB.\n\n> **The slide says:** no.", "slide"))
    assert looks(found) == [("A", "**The slide says:** no.", "")]


def test_long_code_is_refused(deck):
    with pytest.raises(lessons.LessonError, match=r"'x = 1' is tagged .* at most 8 "):
        deck(says("## A"), runs("x = 1\n" * 9, tags=["slide"]))


def test_html_is_shown_as_it_is(deck):
    live = '<div class="x"></div>\n\n<script type="module">1 < 2;</script>'
    found = deck(says("## A\n\nB."), runs("f", shows(text_html=live)))
    assert looks(found) == [("A", "B.", live)]


def test_a_figure_to_touch_has_the_slide_alone_and_an_exercise_has_its_still(deck):
    data, metadata = SlidingKernel()._repr_mimebundle_()
    shown = new_output("execute_result", data=data, metadata=metadata)
    shown = nbformat.from_dict(shown)
    shown.data.pop("application/vnd.jupyter.widget-view+json")
    section, exercise = deck(says("## A\n\nB."), runs("f", shown), *EXERCISE)
    assert section.words == ""
    assert 'data-touch="kernel.js"' in section.figure
    assert exercise.figure.startswith('<img src="data:')


@pytest.mark.parametrize(
    "made", ["<table>" + "<tr></tr>" * 10, "<details>", "<div><pre>code</pre></div>"]
)
def test_long_tables_sources_and_listings_are_not_shown(made, deck):
    found = deck(says("## A\n\nB."), runs("f", shows(text_html=made)), draws("c"))
    assert looks(found) == [("A", "B.", "c")]


def test_levels_decide_what_has_a_slide(deck):
    cells = [says("## A\n\nB."), draws("b"), *EXERCISE]
    assert len(deck(*cells)) == 2
    assert not deck(*cells, level="could")
    (found,) = deck(*cells, level="should")
    assert "x = 3" in "".join(found.notes)
    optional = says(NOTES.format("must (exercise 3: could)"), "instructor")
    assert looks(deck(*cells, optional)) == [("A", "B.", "b")]
    # A tag decides more.
    tagged = says(EXERCISE[0].source, "slide")
    ((heading, *_),) = looks(deck(*cells[:2], tagged, *EXERCISE[1:], optional))
    assert heading == "Exercise 3 (2 minutes)"


def test_the_instructors_lines_go_to_the_slides_of_which_they_speak(deck):
    lines = "\n- Ask: why?\n- Wrong in exercise 3: 4.\n- Read the slide."
    first, exercise, box = deck(
        says("## A\n\nB."),
        draws("b"),
        *EXERCISE,
        says("> **The slide says:** no."),
        says(NOTES.format("must") + lines, "instructor"),
    )
    assert first.notes[0].startswith("**Instructor.** Talk 5 min")
    assert "- Ask: why?" in first.notes
    assert exercise.notes[0] == "- Wrong in exercise 3: 4."
    assert box.notes[0] == "- Read the slide."


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("One two. Three four five. Six.", "One two. Three four five."),
        ("One.\n\nIt has:\n\n- a\n- b", "One.\n\nIt has:\n\n- a\n- b"),
        ("One.\n\nIt has:\n\n- a\n- b c d", "One.\n\nIt has:"),
        ("This long sentence has seven words here. Two.", ""),
        (
            "In the table. <slide>One, two, three, four, five, six.</slide> Seven.",
            "One, two, three, four, five, six.",
        ),
        (
            "<slide>One\n\n$$x$$</slide> Two. <slide>Three.</slide>",
            "One\n\n$$x$$ Three.",
        ),
        (
            "A formula: $a + b + c + d + e$ is $f$.",
            "A formula: $a + b + c + d + e$ is $f$.",
        ),
    ],
)
def test_a_slide_has_what_is_marked_or_the_first_sentences(source, shown):
    assert slides.shorten(source, room=5) == shown


def test_the_end_is_a_question_and_as_much_of_the_summary_as_fits(monkeypatch):
    many = "\n".join(f"- {'word ' * 15}{n}. More." for n in range(4))
    cells = [TITLE, says(f"## What we have seen\n\n{many}\n\nNext.")]
    monkeypatch.setattr(slides, "cells_with_outputs", lambda lesson: cells)
    *_, vote, end = slides.deck(slides.LESSONS[0])
    assert vote.kind == "vote"
    assert vote.words.count("\n- **") == 4
    assert vote.notes[0].startswith("**Right: ")
    assert "Right" not in vote.words
    assert end.words == f"- {'word ' * 15}0.\n- {'word ' * 15}1."
    assert "Next." in end.notes[0]


@every_lesson
def test_the_wrong_options_of_a_vote_come_from_the_bank(lesson):
    """Four options, one right; the others are mistakes that the exercises know."""
    vote = slides.votes()[lessons.key(lesson)]
    assert re.findall(r"^- \*\*(.)\*\* \S", vote.words, re.MULTILINE) == [*"ABCD"]
    note = vote.notes[0].replace("\n  ", " ")
    answer, wrong, say = re.split(r"\n\n- |\n- Say: ", note)
    right = re.match(r"\*\*Right: ([A-D])\.\*\* Expected, a guess: ", answer)[1]
    shares = dict(re.findall(r"([A-D]) (\d+) %", answer))
    assert [*shares] == [*"ABCD"]
    assert sum(map(int, shares.values())) == 100
    named = dict(re.findall(r"\b([A-D]): \*([^*]+)\*", wrong))
    assert {*named, right} == {*"ABCD"}
    assert right not in named
    bank = {m.name for e in lessons.exercises(lesson).values() for m in e.mistakes}
    assert {*named.values()} <= bank
    assert say


def test_stale_notebook_is_refused(monkeypatch):
    lesson = slides.LESSONS[0]
    changed = lessons.read(lesson)
    changed[2][1].source = "new"
    monkeypatch.setattr(lessons, "read", lambda lesson: changed)
    with pytest.raises(SystemExit, match="carry the change into the lesson first"):
        slides.cells_with_outputs(lesson)


@pytest.mark.every_lesson
def test_a_day_has_few_slides():
    counts = {lessons.key(lesson): len(whole_deck(lesson)) for lesson in slides.LESSONS}
    assert sum(counts.values()) <= DAY, (
        f"{sum(counts.values())} slides in all lessons, wanted at most {DAY}. An "
        "exercise has none where the section's notes say `must (exercise 9: could)`; "
        "a section that `could` be there has none, either. A section's first figure "
        f"makes a slide: put a new one where one is, or tag that `slide`. {counts}"
    )
    assert max(counts.values()) <= LESSON, counts


# What the notebook has and the slide has not; "above 0" is a number.
LOST = re.compile(
    r"(?<!from )\b(above|below)\b(?! [\d$])|\b(next|this|the) cells?\b|:$"
    r"|\b(notebook|click|press|run (it|them|the)|figure shows)\b",
    re.IGNORECASE,
)


@every_lesson
def test_no_slide_speaks_of_what_is_not_on_it(lesson):
    """A sentence about the notebook, or one that announces what does not come."""
    for slide in whole_deck(lesson):
        lost = LOST.search(slide.words)
        assert not lost, f"{slide.heading}: {slide.words!r}; mark <slide>others</slide>"
        if slide.kind.startswith(("Exercise", "Your turn", "box")):
            assert slide.words, f"{slide.heading}: its first sentence is too long"


# --- in the browser -------------------------------------------------------------


@pytest.fixture(scope="module")
def decks(tmp_path_factory, request):
    """The folder of all decks, made anew; of one, where only its slides are tried.

    Lesson 7's has a page with a network in it, for which TensorFlow starts.
    """
    if not (slides.WEB / "node_modules").exists():
        pytest.skip("npm's packages are not installed here; `make .venv/web` does it")
    items = request.session.items  # the cells of notebooks, too, which have no fixtures
    tried = [test for test in items if "decks" in getattr(test, "fixturenames", ())]
    names = {test.name.partition("[")[2].rstrip("]") for test in tried}
    only = [lesson for lesson in slides.LESSONS if lessons.key(lesson) in names]
    folder = tmp_path_factory.mktemp("slides")
    slides.main(folder, only if len(only) == len(names) else slides.LESSONS)
    return folder


@pytest.fixture
def opened(decks, tab):
    """A function that opens a deck and waits until reveal.js and MathJax are ready."""

    def open_deck(lesson, query=""):
        tab.goto((decks / f"{lesson.stem}.html").as_uri() + query)
        tab.wait_for_function("Reveal.isReady()")
        tab.evaluate("MathJax.startup.promise")
        return tab

    return open_deck


# What the slide in view looks like. A figure's width is that of its file in pixels; it
# is enlarged to so many of the screen's.
LOOK = r"""() => {
  const slide = Reveal.getCurrentSlide();
  const seen = [...slide.querySelectorAll('*')].filter(element =>
    !element.closest('aside, mjx-assistive-mml')
    && element.getBoundingClientRect().width > 0);
  const box = element => {
    const {left, top, right, bottom} = element.getBoundingClientRect();
    return `${element.tagName} ${[left, top, right, bottom].map(Math.round)}`;
  };
  const words = slide.querySelector('.words')?.cloneNode(true);
  for (const other of words?.querySelectorAll('code, mjx-container') ?? [])
    other.replaceWith('x');
  const letters = seen.filter(element => !element.closest('mjx-container')
    && [...element.childNodes].some(node => node.nodeType == 3 && node.data.trim()));
  return {
    heading: slide.querySelector('h1, h2').innerText,
    empty: !seen.some(element => element.closest('.words, .figure')),
    outside: seen.filter(element => {
      const {left, top, right, bottom} = element.getBoundingClientRect();
      return left < 0 || top < 0 || right > 1280 || bottom > 720;
    }).map(box),
    scrolled: seen.filter(element => !element.closest('mjx-container')
      && getComputedStyle(element).display != 'inline'
      && (element.scrollWidth > element.clientWidth + 1
          || element.matches('.figure')
             && element.scrollHeight > element.clientHeight + 1)).map(box),
    tiny: letters.filter(element => (element.getScreenCTM?.().a ?? 1)
      * parseFloat(getComputedStyle(element).fontSize) < 21.99).map(box),
    raw: words?.innerText.match(/\$.{0,20}|\\\(.{0,20}|\*\*/g) ?? [],
    failed: seen.filter(element => element.matches('mjx-merror')).length,
    formulas: seen.filter(element => element.matches('mjx-container')).length,
    words: words?.innerText.match(/[\p{L}\p{N}]\S*/gu) ?? [],
    code: slide.querySelector('.figure .highlight')?.innerText.trim().split('\n') ?? [],
    images: seen.filter(element => element.matches('img')).map(image => {
      const {width, height} = image.getBoundingClientRect();
      return {alt: image.alt, width: image.naturalWidth,
        enlarged: Math.min(width / image.naturalWidth, height / image.naturalHeight)};
    }),
    evening: slide.querySelector('.evening')?.innerText == 'evening',
    notes: slide.querySelector('aside.notes').textContent,
  };
}"""


@every_lesson
def test_every_slide_of_the_deck(lesson, opened):
    """What the day leaves out says so. pytest -s prints how large letters are."""
    found, titles = runsheet.all_lessons()
    _, _, days = next(runsheet.editions(found, titles))
    taught, ours = runsheet.sections_of(days), found[str(int(lesson.name[:2]))]
    page = opened(lesson)
    assert page.evaluate("Reveal.getScale()") == 1
    page.evaluate("Reveal.configure({fragments: false})")  # all of a slide at once
    # The room for a finger around a number is no content: one does not see it.
    page.add_style_tag(content=".touch span.knob::before { content: none !important }")
    shown, more = [], True
    while more:
        shown.append(page.evaluate(LOOK))
        more = page.evaluate("!Reveal.isLastSlide() && (Reveal.next(), true)")
    assert len(shown) == page.evaluate("Reveal.getTotalSlides()") > 5
    assert shown[0]["heading"] == lessons.title(lesson)
    assert shown[-1]["heading"] == "What we have seen"
    wanted = zip(shown, whole_deck(lesson), strict=True)
    for number, (slide, made) in enumerate(wanted, start=1):
        which = f"slide {number}, {slide['heading']}"
        assert not slide["empty"], which
        assert slide["words"] or not made.words, which
        for wrong in ("outside", "scrolled", "tiny", "raw", "failed"):
            assert not slide[wrong], f"{which}: {wrong}"
        assert len(slide["words"]) <= WORDS, f"{which}: {slide['words']}"
        assert len(slide["code"]) <= LINES, which
        assert len(slide["images"]) <= 1, which
        for image in slide["images"]:
            assert len(image["alt"]) > 20, which
            letters = base.STYLE["font.size"] * base.DPI / 72  # pixels of the file
            phone = letters * 400 / image["width"]  # in a column of 400 pixels
            letters *= image["enlarged"]
            print(f"{letters:5.1f} px {phone:5.1f} px at 400  {image['alt'][:60]}")
            assert letters >= 22, f"{which}: the figure is small"
            # The engine's graph does not fit in less: a phone is held sideways.
            graph = image["alt"].startswith("A graph of 9 values")
            assert phone >= 10.5 or graph, f"{which}: too wide for a phone"
        left_out = made.part is not None and ours[made.part] not in taught
        assert slide["evening"] == left_out, which
    assert any(slide["evening"] for slide in shown) == (lesson.name[:2] != "07")
    notes = [slide["notes"] for slide in shown]
    assert len(set(notes)) == len(notes)  # each slide has its own
    cells = [
        cell for _, cell in lessons.read(lesson) if "instructor" in lessons.tags(cell)
    ]
    for cell in cells:
        head = cell.source.partition("\n")[0].replace("*", "")
        spoken = sum(head in note for note in notes)
        assert spoken or ", could" in head, head


def test_what_is_right_comes_after_what_the_slide_says(opened):
    page = opened(slides.LESSONS[5])
    page.evaluate("""Reveal.slide(Reveal.getIndices(
        document.querySelector(".slides section.box")).h)""")
    says, right = (
        page.locator(f"section.present .words p:has-text('{text}')")
        for text in ("The slide says", "In fact")
    )
    assert says.is_visible()
    assert not right.is_visible()
    page.keyboard.press("ArrowRight")
    right.wait_for()  # it fades in


def test_presenter_view_shows_the_notes(opened):
    page = opened(slides.LESSONS[0])
    with page.expect_popup() as popup:
        page.keyboard.press("s")
    notes = popup.value.locator(".speaker-controls-notes .value")
    notes.get_by_text("next and previous slide").wait_for()
    page.keyboard.press("ArrowRight")
    notes.get_by_text("next and previous slide").wait_for(state="detached")
    assert "Talk" in notes.inner_text()


def test_printed_deck_has_a_page_a_slide(opened):
    page = opened(slides.LESSONS[0], "?print-pdf")
    page.wait_for_selector(".pdf-page")
    page.emulate_media(media="print")
    cut_off = """sheet => [...sheet.querySelectorAll('section *')].some(element =>
        !element.closest('aside, mjx-assistive-mml')
        && element.getBoundingClientRect().bottom
           > sheet.getBoundingClientRect().bottom)"""
    sheets = page.locator(".pdf-page").all()
    assert len(sheets) == page.evaluate("Reveal.getTotalSlides()")
    assert not [n for n, sheet in enumerate(sheets, 1) if sheet.evaluate(cut_off)]
    # A picture is as large as on the screen.
    assert page.locator(".figure img").first.bounding_box()["height"] > 300


def test_slides_are_accessible(opened, serious):
    """axe-core on the title, and on a slide with each kind of thing."""
    for number, kinds in (
        (0, ["img", "table", ".evening", ".vote"]),
        (5, [".highlight", ".box", "mjx-container"]),
    ):
        page = opened(slides.LESSONS[number])
        assert not serious(page)
        for kind in kinds:
            page.evaluate(
                """kind => {
                    const slide = document.querySelector(`.slides section ${kind},
                      .slides section${kind.startsWith(".") ? kind : ".none"}`);
                    Reveal.slide(Reveal.getIndices(slide.closest("section")).h);
                }""",
                kind,
            )
            assert not serious(page, ".slides .present"), kind


LETTERS = """() => [...document.querySelectorAll("main *")].filter((e) =>
    e.checkVisibility()
    && [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim()))
    .map((e) => parseFloat(getComputedStyle(e).fontSize))"""


@pytest.fixture
def with_page(opened):
    """The deck of lesson 7 at the slide with the page to take home."""

    def open_slide(query=""):
        page = opened(slides.LESSONS[6], query)
        page.evaluate(
            """Reveal.slide(Reveal.getIndices(
                document.querySelector("iframe").closest("section")).h)"""
        )
        # Not a locator of the frame, which reads all of its megabytes for each step.
        return page, page.locator("iframe").element_handle().content_frame()

    return open_slide


def test_the_page_to_take_home_is_live_on_its_slide(with_page, serious):
    """Drawn on, walked through with keys; a remote control still turns the slide."""
    page, inside = with_page()
    inside.get_by_role("button", name="Example").click()
    inside.get_by_text("It reads 3.").wait_for()
    large = inside.locator("#maps .large")
    large.nth(3).press("ArrowUp")  # of the pooled maps
    assert inside.locator("#maps .small .framed").count() == 32 + 1 + 1
    frame = inside.frame_element()
    scale = frame.bounding_box()["width"] / frame.evaluate("e => e.clientWidth")
    letters = inside.evaluate(LETTERS)
    assert scale * min(letters) >= 22
    last = inside.locator(".sketch-bars li").last.bounding_box()
    assert last["y"] + last["height"] < 720  # all bars beside the maps
    assert last["x"] + last["width"] < large.first.bounding_box()["x"]
    # From disk a frame has no origin that axe could ask; test_page looks at the page.
    assert serious(page, {"exclude": [["iframe"]]}) == []
    before = page.evaluate("Reveal.getIndices().h")
    large.nth(1).press("PageDown")
    assert page.evaluate("Reveal.getIndices().h") == before + 1


def test_on_paper_the_page_is_a_still(with_page):
    page, _ = with_page("?print-pdf")
    page.wait_for_selector(".pdf-page")
    assert not page.locator("iframe").is_visible()
    assert page.locator("img:has(+ iframe)").is_visible()


def test_contents_page_leads_to_every_deck(decks, tab, serious):
    page = tab
    page.goto((decks / "index.html").as_uri())
    assert not serious(page)
    links = page.locator("a:not([href*='?'])").all()
    assert [link.inner_text() for link in links] == [
        *map(lessons.title, slides.LESSONS)
    ]
    for link, lesson in zip(links, slides.LESSONS, strict=True):
        assert link.get_attribute("href") == f"{lesson.stem}.html"
        assert (decks / f"{lesson.stem}.html").exists()
    assert slides.WORKSHOP["club"] in page.inner_text("main")
