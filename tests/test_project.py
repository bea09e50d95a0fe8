"""Lesson 7's data by name, model card and rubric; and what goes wrong with them."""

import gzip
import hashlib
import os
import re
import struct
import zipfile
from pathlib import Path

import nbformat
import numpy as np
import pytest
from nbclient import NotebookClient
from PIL import EpsImagePlugin, Image

from utils import data, drawing, project
from utils.plotting import class_counts, disagreement, fits
from utils.table import Table
from utils.tries import Tries

ROOT = Path(__file__).resolve().parent.parent
SOLVED = ROOT / "notebooks" / "solutions" / "07_project.ipynb"


def save(path, pixels):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path)


@pytest.fixture
def folder(tmp_path):
    """Two classes of five digits each, in MNIST's form."""
    for digit in (3, 8):
        image = drawing.to_mnist(drawing.example(digit))
        for number in range(5):
            save(
                tmp_path / "own" / str(digit) / f"{number}.png", np.roll(image, number)
            )
    return tmp_path / "own"


def test_a_folder_loads_as_mnist_does(folder, capsys):
    (images, labels), (images_test, labels_test) = project.load(folder)
    assert images.shape == (8, 28, 28)
    assert images.dtype == np.uint8
    assert labels.tolist().count(0) == labels.tolist().count(1) == 4
    assert sorted(labels_test) == [0, 1]
    assert capsys.readouterr().out.endswith(
        "own: 2 classes (3, 8), 8 training and 2 test images\n"
    )
    assert data.prepare(images_test).shape == (2, 28, 28, 1)


def test_each_class_is_in_training_validation_and_test(tmp_path):
    """Twelve classes, of three images and of a hundred."""
    image = drawing.to_mnist(drawing.example(3))
    for name in "abcdefghijkl":
        for number in range(100 if name == "c" else 3):
            save(tmp_path / name / f"{number}.png", image)
    (images, labels), (_, labels_test) = project.load(tmp_path)
    (_, kept), (_, aside) = data.split_validation(images, labels)
    for part in (kept, aside, labels_test):
        assert set(part) == set(range(12))
    assert (labels_test == 2).sum() == 20


def test_bad_files_are_named_all_at_once(folder):
    grey = np.zeros((28, 28), "uint8")
    (folder / "3" / "broken.png").write_bytes(b"no picture")
    save(folder / "3" / "deep.png", np.full((28, 28), 40_000, "uint16"))
    save(folder / "3" / "large.png", np.zeros((30, 40), "uint8"))
    red = np.dstack([grey, grey, grey])
    red[9:19, 9:19, 0] = 200
    save(folder / "8" / "red.png", red)
    save(folder / "8" / "white.png", grey + 255)
    (folder / "8" / "notes.txt").write_text("not an image, not looked at")
    with pytest.raises(ValueError, match="cannot be used yet") as error:
        project.load(folder)
    text = str(error.value)
    assert "3/broken.png: no readable image" in text
    assert "3/deep.png: no readable image of 8 bits a colour" in text
    assert "3/large.png: it is 40 x 30 pixels; wanted 28 x 28" in text
    assert "8/red.png: it is in colour; wanted grey" in text
    assert "8/white.png: it is blank" in text
    assert "notes" not in text


@pytest.mark.parametrize(("count", "more"), [(3, ""), (10, ""), (11, "and 1 more")])
def test_ten_bad_files_are_named_the_others_are_counted(folder, count, more):
    for number in range(count):
        (folder / "3" / f"broken{number}.png").write_bytes(b"no picture")
    with pytest.raises(ValueError, match="cannot be used yet") as error:
        project.load(folder)
    assert str(error.value).count("no readable image") == min(count, 10)
    assert str(error.value).partition("... ")[2] == more


def test_only_pictures_are_opened_whatever_the_name_says(tmp_path, monkeypatch):
    """Pillow knows 40 formats more, one of which starts another program."""
    started = []
    monkeypatch.setattr(EpsImagePlugin, "Ghostscript", lambda *_: started.append(1))
    Image.new("L", (28, 28)).save(tmp_path / "drawn.eps")
    Image.new("L", (28, 28)).save(tmp_path / "drawn.tiff")
    Image.new("1", (10_000, 7_000)).save(tmp_path / "large.png")
    for file in list(tmp_path.iterdir()):
        file = file.rename(tmp_path / f"{file.stem}.png")
        with pytest.raises(ValueError, match=r"at most 60,000,000 pixels; wanted PNG"):
            project.read_image(file, convert=True)
    assert not started


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such pipes")
def test_a_pipe_among_the_images_is_not_waited_for(folder):
    os.mkfifo(folder / "3" / "pipe.png")
    os.symlink("/dev/zero", folder / "3" / "zero.png")
    with pytest.raises(ValueError, match=r"3/pipe\.png: no(.|\n)*3/zero\.png: no"):
        project.load(folder)


def test_what_jupyter_and_macos_hide_in_a_folder_is_not_looked_at(folder):
    (folder / ".ipynb_checkpoints").mkdir()
    (folder / "3" / "._0.png").write_bytes(b"what macOS keeps beside 0.png")
    (images, labels), _ = project.load(folder)
    assert len(images) == 8
    assert set(labels) == {0, 1}


def test_more_than_256_classes(tmp_path):
    image = drawing.to_mnist(drawing.example(3))
    for label in range(300):
        for number in range(3):
            save(tmp_path / f"{label:03}" / f"{number}.png", image)
    (_, labels), _ = project.load(tmp_path)
    assert set(labels) == set(range(300))


def test_convert_brings_a_photo_into_form(folder):
    paper = np.full((168, 168, 3), 235, "uint8")
    paper[drawing.example(3, side=168) > 128] = (20, 30, 90)  # a blue pen
    save(folder / "3" / "photo.jpg", paper)
    found = project.read_image(folder / "3" / "photo.jpg", convert=True)
    expected = drawing.to_mnist(drawing.example(3, side=168))
    assert np.corrcoef(found.ravel(), expected.ravel())[0, 1] > 0.97
    assert len(project.load_folder(folder, convert=True)[0][0]) == 8


def test_convert_turns_a_photo_upright_and_gives_a_drawing_its_paper(tmp_path):
    ink = drawing.example(7, side=168)
    expected = drawing.to_mnist(ink)
    tags = Image.Exif()
    tags[0x0112] = 6  # orientation: held upright, saved lying on its side
    lying = Image.fromarray(255 - ink).transpose(Image.Transpose.ROTATE_90)
    lying.save(tmp_path / "photo.jpg", exif=tags)
    clear = np.dstack([np.zeros((168, 168, 3), "uint8"), ink])  # black on nothing
    Image.fromarray(clear).save(tmp_path / "drawn.png")
    for name in ("photo.jpg", "drawn.png"):
        found = project.read_image(tmp_path / name, convert=True)
        assert np.corrcoef(found.ravel(), expected.ravel())[0, 1] > 0.97, name


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda path: None, "no data set"),
        (lambda path: path.mkdir(), "holds 0 folders; wanted one for each class"),
        (lambda path: (path / "a").mkdir(parents=True), "holds 1 folders"),
    ],
)
def test_a_folder_that_is_none_is_said(tmp_path, make, words):
    make(tmp_path / "own")
    with pytest.raises(ValueError, match=words):
        project.load(tmp_path / "own")


def test_too_few_images_are_said(folder):
    (folder / "empty").mkdir()
    with pytest.raises(ValueError, match="empty: 0 images; wanted at least 3"):
        project.load(folder)


# --- Fashion-MNIST --------------------------------------------------------------------


def idx(array):
    head = struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape)
    return gzip.compress(head + array.tobytes())


@pytest.fixture
def fashion(monkeypatch, tmp_path):
    """Small files in the published format, instead of a network."""
    rng = np.random.default_rng(0)
    files = {}
    for name in data.FASHION_MD5:
        size = 60 if name.startswith("train") else 20
        shape = (size, 28, 28) if "images" in name else (size,)
        files[name] = idx(rng.integers(0, 10, shape, dtype="uint8"))
    sums = {name: hashlib.md5(content).hexdigest() for name, content in files.items()}
    asked = []

    def download(url):
        asked.append(url)
        return files[url.rsplit("/", 1)[1]]

    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    monkeypatch.setattr(data, "FASHION_MD5", sums)
    monkeypatch.setattr(data, "download", download)
    return files, asked


def test_fashion_is_downloaded_once_and_verified(fashion):
    files, asked = fashion
    (images, labels), (images_test, _) = project.load("fashion")
    assert images.shape == (60, 28, 28)
    assert images_test.shape == (20, 28, 28)
    assert labels.shape == (60,)
    assert images.dtype == np.uint8
    project.load("fashion")
    assert len(asked) == 4
    images[0] = 0  # as MNIST's, they may be changed
    # a damaged file in the cache is replaced
    path = data.cache_path().parent / "fashion-mnist" / "train-labels-idx1-ubyte.gz"
    path.write_bytes(b"<html>")
    project.load("fashion")
    assert len(asked) == 5
    assert path.read_bytes() == files[path.name]


def test_a_file_of_fashion_under_another_name_is_fetched_anew(fashion):
    files, asked = fashion
    project.load("fashion")
    folder = data.cache_path().parent / "fashion-mnist"
    test, train = (
        folder / f"{part}-labels-idx1-ubyte.gz" for part in ("t10k", "train")
    )
    test.write_bytes(train.read_bytes())
    asked.clear()
    project.load("fashion")
    assert asked == [data.FASHION_URL + test.name]
    assert test.read_bytes() == files[test.name]


def test_fashion_without_a_network_says_so(fashion, monkeypatch):
    def nothing(url):
        raise OSError("no download: no route to host")

    monkeypatch.setattr(data, "download", nothing)
    with pytest.raises(ValueError, match="cannot be loaded: no download: no route"):
        project.load("fashion")


def test_a_captive_portal_is_no_fashion(fashion, monkeypatch):
    monkeypatch.setattr(data, "download", lambda url: b"<html>Log in</html>")
    with pytest.raises(ValueError, match="answered with something else"):
        project.load("fashion")


# --- the lesson with other data -------------------------------------------------------


def test_the_lesson_runs_on_a_folder_of_three_classes(tmp_path):
    """As its last section says: a small folder of one's own, in place of the digits."""
    for digit in (1, 3, 7):
        image = drawing.to_mnist(drawing.example(digit))
        for number in range(5):
            save(tmp_path / f"own/{digit}/{number}.png", np.roll(image, number - 2))
    notebook = nbformat.read(SOLVED, as_version=4)
    for old, new in {
        'dataset = "digits"': f"dataset = {str(tmp_path / 'own')!r}",
        "else 30": "else 8",  # epochs: it need not learn
        "epochs=30": "epochs=2",
    }.items():
        assert any(old in cell.source for cell in notebook.cells)
        for cell in notebook.cells:
            cell.source = cell.source.replace(old, new)
    where = {"metadata": {"path": str(tmp_path)}}
    NotebookClient(notebook, timeout=300, resources=where).execute()
    page = tmp_path / "my_project" / "page" / "index.html"
    assert '"names": ["0", "1", "2"]' in page.read_text("utf-8")


# --- what a training leaves ----------------------------------------------------------


def test_save_best_keeps_the_lowest_validation_loss(keras, tmp_path):
    from utils.callbacks import SaveBest

    path = tmp_path / "model.keras"
    path.write_text("of an earlier training")
    watching, model = SaveBest(path), keras.Sequential()
    model.save = lambda path: path.write_text(str(epoch))
    watching.set_model(model)
    watching.on_train_begin()
    saved = []
    for epoch, loss in enumerate([float("nan"), 0.5, 0.5, 0.7, 0.4]):
        watching.on_epoch_end(epoch, {"val_loss": loss})
        saved.append(path.read_text())
    assert saved == ["of an earlier training", "1", "1", "1", "4"]


# --- card and rubric ------------------------------------------------------------------

RESULTS = {"baseline": 0.8, "network, validation": 0.99, "network, test": 0.988}


@pytest.fixture
def mine(keras, tmp_path):
    """Tries on 1,000 images, with one network."""
    network = keras.Sequential([keras.Input((784,)), keras.layers.Dense(10)])
    tries = Tries(tmp_path / "mine", np.zeros((1000, 784)), np.arange(1000) % 10)
    tries.attempt(network, "first")
    return tries


def card(mine, **words):
    return project.ModelCard(mine, RESULTS, "MNIST", (50_000, 10_000), **words)


def test_model_card_has_the_run_s_numbers(mine):
    words = {"author": "Ada", "made_for": "postcodes", "fails_on": "open fours."}
    text = repr(card(mine, **words))
    assert text.startswith("# My digit reader\n\nBy Ada.\n\n")
    assert "7,850 parameters: Dense (10,). It is try 1 of 1." in text
    assert "The weights have seen 50,000 training images; 1,000 validation" in text
    assert "network, test: 98.80%. Of all images" in text
    assert "it reads 98.80%, give or take 0.11%" in text  # the test, the last
    assert "**Made for.** Postcodes.\n" in text
    assert "**Where it fails.** Open fours. It always answers" in text
    assert project.ModelCard.TO_WRITE not in text
    assert card(mine)._repr_markdown_().startswith("**My digit reader**\n")


def test_a_card_without_its_author_s_words_says_so(mine):
    for nothing in ("...", "", "  ", None, ...):
        text = repr(card(mine, author=nothing, made_for=nothing, fails_on=nothing))
        assert text.count(project.ModelCard.TO_WRITE) == 2
        assert "By " not in text


def test_a_card_shows_its_author_s_words_and_runs_none(mine):
    words = '<script>alert(1)</script> and "small" digits'
    shown = card(mine, made_for=words)._repr_markdown_()
    assert '&lt;script&gt;alert(1)&lt;/script&gt; and "small" digits' in shown
    assert "<script>" not in shown


def test_rubric_marks_what_it_can(mine):
    def marks(results=RESULTS):
        table = project.rubric(mine, results, test_images=10_000)
        assert isinstance(table, Table)
        assert [row["level"] for row in table.rows] == [1] * 7 + [2] * 2 + [3] * 2
        return [row[""] for row in table.rows]

    assert marks()[:5] == ["✓ yes", "✓ yes", "✓ yes", "✗ not yet", "✗ not yet"]
    card(mine).save(mine.folder / "card.md")
    assert marks()[3] == "✗ not yet"  # its sentences are missing
    card(mine, made_for="fun", fails_on="fours").save(mine.folder / "card.md")
    (mine.folder / "page").mkdir()
    (mine.folder / "page" / "index.html").write_text("")
    assert marks()[:5] == ["✓ yes"] * 5
    assert marks({**RESULTS, "network, test": 0.9})[2] == "✗ not yet"
    (mine.folder / "model.keras").write_bytes(b"damaged")
    assert marks()[0] == "✗ not yet"
    assert marks()[5:7] == marks()[9:] == ["☐ you decide"] * 2
    for missing in RESULTS:
        two = {what: value for what, value in RESULTS.items() if what != missing}
        with pytest.raises(
            ValueError, match=r"results holds .*wanted three accuracies"
        ):
            marks(two)


@pytest.mark.parametrize("card", [b"\xff\xfe*\x00", "Größe".encode("latin-1"), None])
def test_rubric_survives_any_file(mine, tmp_path, card):
    if card is None:
        (tmp_path / "card.md").mkdir()
    else:
        (tmp_path / "card.md").write_bytes(card)
    mine.folder = tmp_path
    rows = project.rubric(mine, RESULTS, test_images=10_000).rows
    assert rows[3][""] == ("✗ not yet" if card is None else "✓ yes")


def test_what_is_no_network_is_told_apart(tmp_path):
    with zipfile.ZipFile(tmp_path / "zip.keras", "w") as archive:
        archive.writestr("config.json", '{"a": 1}')
    (tmp_path / "half.keras").write_bytes((tmp_path / "zip.keras").read_bytes()[:-30])
    for name, words in ("zip", "cannot be read"), ("half", "damaged"), ("a", "no file"):
        with pytest.raises(ValueError, match=rf"{words}.*wanted a \.keras file"):
            project.load_model(tmp_path / f"{name}.keras")


def test_a_model_that_is_too_large_is_refused_before_it_is_made(tmp_path, monkeypatch):
    """Its few bytes say: a million units."""
    import keras

    first, path, made = tmp_path / "first.keras", tmp_path / "model.keras", []
    keras.Sequential([keras.Input((784,)), keras.layers.Dense(11)]).save(first)
    with zipfile.ZipFile(first) as old, zipfile.ZipFile(path, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            new.writestr(name, content.replace(b'"units": 11', b'"units": 1000000'))
    monkeypatch.setattr(
        keras.initializers.GlorotUniform,
        "__call__",
        lambda self, shape, dtype=None: made.append(shape) or np.zeros((1, 1)),
    )
    with pytest.raises(ValueError, match="has more than 50,000,000 parameters"):
        project.load_model(path)
    assert made == []


def test_rubric_reads_the_table_of_tries(mine):
    def level_2():
        rows = project.rubric(mine, RESULTS, test_images=10_000).rows
        return [row[""][0] for row in rows if row["level"] == 2]

    def tried(things, kept):
        mine.lines.append({"only": [3, 30], "differs": ["x"] * things, "kept": kept})

    assert level_2() == ["✗", "✗"]  # the first network is compared with none
    tried(1, True)
    assert level_2() == ["✗", "✗"]  # the lesson's example
    tried(2, True)
    assert level_2() == ["✗", "✗"]  # nobody knows which of the two did it
    tried(1, False)
    assert level_2() == ["✓", "✗"]
    tried(2, True)
    assert level_2() == ["✓", "✗"]  # one slip spoils nothing
    tried(1, True)
    assert level_2() == ["✓", "✓"]
    del mine.lines[2:]
    tried(1, True)
    assert level_2() == ["✓", "✓"]  # the first after the example, too


def test_results_table_says_how_sure():
    text = repr(project.results_table(RESULTS, 10_000))
    # sqrt(0.988 * 0.012 / 10000), and the root of two times as much
    assert "it reads 98.80%, give or take 0.11%; of 10,000 others" in text
    assert "98.80%, give or take 0.15% (standard errors" in text
    # Three of three: as if four of five were right, sqrt(0.8 * 0.2 / 3).
    assert "give or take 23.09%" in repr(project.results_table({"test": 1.0}, 3))


def test_how_sure_holds_for_other_samples():
    """Two of three samples are as near as is said: to the truth, to another."""
    rng = np.random.default_rng(0)
    truth, n = 0.98, 2000
    one, other = rng.binomial(n, truth, (2, 20_000)) / n
    said = [project.how_sure(p, n) for p in one[:2000]]
    numbers = [re.findall(r"give or take ([\d.]+)%", text) for text in said]
    near, far = np.array(numbers, float).T / 100
    assert 0.6 < (abs(one[:2000] - truth) < near).mean() < 0.75
    assert 0.6 < (abs(one[:2000] - other[:2000]) < far).mean() < 0.75
    assert (abs(one[:2000] - other[:2000]) < near).mean() < 0.6  # the error of before


# --- figures --------------------------------------------------------------------------


def test_alt_texts():
    alt = disagreement({"2: more filters": [10, 30], "3: less": [10, 15]}).alt
    assert alt.startswith("2: more filters: only the old one reads 10, only the new")
    assert "one 30; +20 is beyond the 13 of luck; 3: less:" in alt
    assert alt.endswith("+5 is within the 10 of luck.")
    assert "+0 is within the 0 of luck" in disagreement({"same": [0, 0]}).alt
    assert len(disagreement({f"{n}: a try": [1, 2] for n in range(40)}).alt) < 600
    assert class_counts(np.array([0, 1])).alt == "2 images, 1 of each class."
    counts = class_counts(np.array([0, 2, 2])).alt
    assert counts.startswith(
        "3 images of 3 classes; most of class 2 (2), fewest of class 1 (0)"
    )
    curves = {"A": {"loss": [2.0, 1.0], "val_loss": [2.1, 1.5]}}
    assert "A: training ends at 1.00, validation at 1.50" in fits(curves).alt
