"""The glossary: what counts as a term, what its entry quotes, what must be there."""

import re
from pathlib import Path

import pytest

from tools import glossary, notebooks
from tools.lessons import LessonError

ROOT = Path(__file__).resolve().parent.parent

LESSON = r"""# %% [markdown]
# # 3. A lesson
#
# A network is made of **layers**. More later.
#
# ## Scores, and more
#
# There are classes. <define>Each class has a unit. The sums of these units are
# called **logits**. They are scores.</define> They can be negative. Not **so**.
#
# **Padding** adds zeros. We come back to padding.

# %% [markdown]
# **1986.** <define>A second layer: the **multilayer perceptron**. It
# was new.</define> That was that.
#
# > **The slide says:** it updates "the **weights**".
# >
# > **In fact** the **optimiser** updates them (with a **step**).
#
# (<define>Keras calls it **Keras**.</define> `import keras`, [here](https://keras.io).)
#
# The **loss** adds up:
#
# $$L = a + b$$

# %% [markdown]
# **Exercise 1** (1 minute). What is a **gradient**?

# %% [markdown] tags=["instructor"]
# **Instructor.** Say: "A **kernel** is a grid."

# %%
print("a **batch**")

# %% [markdown]
# - <define>**SGD**: the plain rule. By chance.</define> So.
# - This is **back**propagation; a **layer** again.
"""


@pytest.fixture
def found(tmp_path):
    """{term: entry} of the small lesson above."""
    lesson = tmp_path / "03_lesson.py"
    lesson.write_text(LESSON, "utf-8")
    return {entry.term: entry for entry in glossary.entries([lesson])}


def test_terms_are_bold_words_of_the_lessons_prose(found):
    """No labels, exercises, slides, notes, code or half words; the singular."""
    assert list(found) == [
        "Keras",
        "layer",
        "logit",
        "loss",
        "multilayer perceptron",
        "optimiser",
        "padding",
        "SGD",
        "so",
        "step",
    ]


@pytest.mark.parametrize(
    ("term", "definition"),
    [
        ("layer", "A network is made of *layers*."),
        (
            "logit",
            "Each class has a unit. The sums of these units are called *logits*. "
            "They are scores.",
        ),
        ("padding", "*Padding* adds zeros."),
        (
            "multilayer perceptron",
            "A second layer: the *multilayer perceptron*. It was new.",
        ),
        ("optimiser", "The *optimiser* updates them (with a step)."),
        ("Keras", "Keras calls it *Keras*."),
        ("loss", "The *loss* adds up: $L = a + b$."),
        ("SGD", "*SGD*: the plain rule. By chance."),
    ],
)
def test_an_entry_quotes_what_defines_its_term(found, term, definition):
    assert found[term].definition == definition


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("A **net. Or two** nets.", "**net. Or two** is longer than its sentence"),
        ("A **net has no end.", "bold text without an end in 'A **net has no end.'"),
    ],
)
def test_bold_text_that_is_no_term_is_named(tmp_path, text, words):
    lesson = tmp_path / "03_lesson.py"
    lesson.write_text(f"{LESSON}\n# %% [markdown]\n# {text}\n", "utf-8")
    line = len(LESSON.split("\n")) + 1
    with pytest.raises(LessonError) as refused:
        glossary.entries([lesson])
    assert str(refused.value).startswith(f"lessons/03_lesson.py, line {line}: {words}")


def test_marks_are_in_no_notebook(tmp_path):
    lesson = tmp_path / "03_lesson.py"
    lesson.write_text(LESSON, "utf-8")
    sources = [cell.source for cell in notebooks.assemble(lesson).cells]
    assert "define>" not in "".join(sources)
    assert "classes. Each class has a unit." in sources[0]


def test_an_entry_leads_to_the_section(found):
    (lesson, heading), *others = found["logit"].places.items()
    assert not others
    link = glossary.link("lesson 3", lesson, heading)
    assert link == "[lesson 3](../notebooks/03_lesson.ipynb#scores-and-more)"


@pytest.fixture(scope="module")
def entries():
    """{term: the rest of its line}, as the committed page has them."""
    page = (ROOT / "guide" / "glossary.md").read_text("utf-8")
    lines = re.findall(r"^\*\*(.+?)\*\*: (.+)$", page, re.MULTILINE)
    assert len(dict(lines)) == len(lines) > 100
    return dict(lines)


@pytest.mark.every_lesson
def test_the_words_that_every_lesson_uses_are_there(entries):
    words = "logit, feature map, kernel, stride, batch, epoch, step, parameter"
    words += ", gradient, learning rate, loss"
    assert set(words.split(", ")) <= set(entries)


@pytest.mark.every_lesson
def test_entries_are_in_alphabetical_order_each_once(entries):
    """Also once in other forms: "optimizer" is "optimiser", "padded" is "padding"."""
    terms = [term.casefold() for term in entries]
    assert terms == sorted(terms)
    plain = [re.sub(r"\W", "", term).replace("z", "s") for term in terms]
    stems = [re.sub(r"(?<=....)(ing|ed)$", "", term) for term in plain]
    assert len(set(stems)) == len(terms)


@pytest.mark.every_lesson
def test_an_entry_is_more_than_its_term(entries):
    for term, text in entries.items():
        definition, _, places = text.partition(" ([lesson ")
        assert places, term
        assert len(definition.split()) >= len(term.split()) + 3, definition
        assert definition.endswith((".", '."', ".)", "?")), definition
