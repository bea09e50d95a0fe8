"""What lesson 7's project needs: any data set by its name, a model card, a rubric.

    train, test = project.load("digits")            # MNIST, or the small digits
    train, test = project.load("fashion")           # Fashion-MNIST, a download
    train, test = project.load("my_project/own")    # a folder of your own images

Each gives ((images, labels), (images, labels)): uint8 images, shape (n, 28, 28),
larger is more ink; labels are class numbers, shape (n,).
"""

import html
import math
import zipfile
from pathlib import Path

import numpy as np

from utils import data, drawing, photo
from utils.files import replacing
from utils.table import Table

PARAMETERS = 50_000_000  # the most that are loaded
ENDINGS = ".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp"


def load(dataset="digits"):
    """Load a data set by its name, or a folder of images; print one line about it.

    Raises ValueError for an unknown name, and where the data cannot be had.
    """
    name = str(dataset)
    if name == "digits":
        return data.load_mnist()
    if name == "fashion":
        return data.load_fashion_mnist()
    if Path(name).is_dir():
        return load_folder(name)
    raise ValueError(
        f"there is no data set {name!r} and no such folder in {Path.cwd()}; wanted "
        '"digits", "fashion" or the path of a folder of images'
    )


def load_folder(folder, convert=False, test_share=0.2):
    """Load images from a folder that has one folder for each class.

    own/cat/1.png, own/cat/2.png, own/dog/1.png ...: the names in sorted order become
    the classes 0, 1, ... Wanted: grey, 28 x 28, ink bright on black, as MNIST has it.
    convert=True brings any size and colour there: a dark pen on white paper becomes
    bright ink on black, then drawing.to_mnist scales and centres it.

    Returns ((images, labels), (images, labels)), of each class at least one image for
    the test. Raises ValueError with a line for each file that cannot be used.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise ValueError(f"there is no folder {folder} in {Path.cwd()}")
    classes = sorted(path.name for path in _seen(folder) if path.is_dir())
    if len(classes) < 2:
        raise ValueError(
            f"{folder} holds {len(classes)} folders; wanted one for each class, at "
            "least two, with the images inside"
        )
    images, labels, troubles = [], [], []
    for label, name in enumerate(classes):
        paths = sorted(
            path for path in _seen(folder / name) if path.suffix.lower() in ENDINGS
        )
        if len(paths) < 3:  # to train, to validate, to test
            troubles.append(f"{name}: {len(paths)} images; wanted at least 3")
        for path in paths:
            try:
                images.append(read_image(path, convert))
                labels.append(label)
            except ValueError as error:
                troubles.append(f"{name}/{path.name}: {error}")
    if troubles:
        shown = "\n".join(f"  {line}" for line in troubles[:10])
        more = f"\n  ... and {len(troubles) - 10} more" if len(troubles) > 10 else ""
        raise ValueError(f"{folder} cannot be used yet:\n{shown}{more}")
    images, labels = np.array(images), np.array(labels)
    train, test = data.split_validation(images, labels, share=test_share)
    print(
        f"{folder}: {len(classes)} classes ({', '.join(classes)}), "
        f"{len(train[0])} training and {len(test[0])} test images"
    )
    return train, test


def _seen(folder):
    """What a folder holds, but not Jupyter's .ipynb_checkpoints and macOS's ._1.png."""
    return [path for path in folder.iterdir() if not path.name.startswith(".")]


def read_image(path, convert=False):
    """Read one image file as uint8, shape (28, 28); see load_folder.

    Raises ValueError that says what the file is instead.
    """
    pixels = photo.read(path, "L" if convert else "RGB")
    if convert:
        ink = photo.ink_of(pixels)
        return drawing.to_mnist(np.where(ink > 0.25 * ink.max(), ink, 0))
    height, width = pixels.shape[:2]
    if (width, height) != (28, 28):
        raise ValueError(f"it is {width} x {height} pixels; wanted 28 x 28 {HOW}")
    if np.ptp(pixels.astype(int), axis=2).max() > 16:
        raise ValueError(f"it is in colour; wanted grey {HOW}")
    if pixels.min() == pixels.max():
        raise ValueError("it is blank")
    return pixels.mean(axis=2).round().astype("uint8")


HOW = "(project.load_folder(..., convert=True) converts)"


def save_model(model, path):
    """Save a Keras model as a .keras file, as model.save does, but never half of it.

    Raises OSError where the file cannot be written; a file from before is then as it
    was.
    """
    with replacing(path) as new:
        model.save(new)


def load_model(path):
    """Load a saved .keras model.

    Raises ValueError where the file is missing, damaged, too large, or no Keras model.
    """
    import keras

    add_weight, count = keras.Layer.add_weight, 0

    def add_few(layer, *args, shape=(), **settings):
        nonlocal count
        count += math.prod(shape)
        if count > PARAMETERS:
            raise ValueError(f"it has more than {PARAMETERS:,} parameters")
        return add_weight(layer, *args, shape=shape, **settings)

    path, wanted = Path(path), "wanted a .keras file, as model.save writes it"
    if not path.is_file():
        raise ValueError(f"there is no file {path} in {Path.cwd()}; {wanted}")
    if not zipfile.is_zipfile(path):
        raise ValueError(f"{path} is damaged, or no Keras model; {wanted}")
    try:
        with zipfile.ZipFile(path) as file:
            if sum(part.file_size for part in file.infolist()) > 16 * PARAMETERS:
                raise ValueError("it is too large")
        keras.Layer.add_weight = add_few  # the only moment before they are made
        return keras.models.load_model(path)
    except Exception as error:  # zip, JSON, HDF5 and Keras each have their own
        reason = str(error).strip().split("\n")[0][:200]
        raise ValueError(
            f"{path} cannot be read ({type(error).__name__}: {reason}); {wanted}"
        ) from None
    finally:
        keras.Layer.add_weight = add_weight


def standard_error(accuracy, count):
    """How far an accuracy, measured on `count` images, is off by chance.

    The standard deviation of a share: sqrt(p (1 - p) / n). In p, one image more is read
    right and one more wrong (Laplace's rule of succession): else nothing could be off
    where all images are read right, three of three, say.
    """
    p = (accuracy * count + 1) / (count + 2)
    return math.sqrt(p * (1 - p) / count)


def how_sure(accuracy, count):
    """Two sentences: how sure an accuracy on `count` images is, and another sample's.

    Both samples are off by chance: their difference is off by the root of two times as
    much as one of them.
    """
    error = standard_error(accuracy, count)
    return (
        f"Of all images of this kind it reads {accuracy:.2%}, give or take {error:.2%};"
        f" of {count:,} others {accuracy:.2%}, give or take {math.sqrt(2) * error:.2%} "
        "(standard errors: true in two of three cases)."
    )


def results_table(results, test_images):
    """The accuracies of a run, {what: accuracy}; the last with its uncertainty."""
    rows = [
        {"what": what, "accuracy": f"{value:.2%}"} for what, value in results.items()
    ]
    return Table(rows, how_sure(float(list(results.values())[-1]), test_images))


def given(text):
    """What somebody wrote, in one line; "" for None, ... and "..."."""
    text = "" if text in (None, ...) else " ".join(str(text).split())
    return text.removeprefix("...")


def sentence(text):
    """What somebody wrote, as a sentence; "" where nothing is given."""
    text = given(text)
    return text[:1].upper() + text[1:] + ("" if text[-1:] in ".!?" else ".")


class ModelCard:
    """One page about the kept network: for what, from what, how good, where it fails.

    tries: a Tries. results: {what: accuracy}, the test accuracy last. images: how many
    the weights have seen, and how many the test has. author, made_for and fails_on are
    the author's words; "..." shows as still to be written. The form is that of
    Mitchell et al., "Model Cards for Model Reporting", 2019, on one page.
    """

    TO_WRITE = "*(still to be written)*"

    def __init__(
        self, tries, results, data, images, author="...", made_for="...", fails_on="..."
    ):
        import keras

        model, (seen, tested) = tries.kept(), images
        layers = ", ".join(
            f"{layer.__class__.__name__} {tuple(layer.output.shape[1:])}"
            for layer in model.layers
        )
        parts = {
            "Made for": sentence(made_for) or self.TO_WRITE,
            "Data": f"{sentence(data)} The weights have seen {seen:,} training images; "
            f"{len(tries.y):,} validation images helped to choose; {tested:,} test "
            "images were used once.",
            "Network": f"{model.count_params():,} parameters: {layers}. It is try "
            f"{tries.now} of {len(tries.lines)}. Made with Keras {keras.__version__}.",
            "How good": "Accuracy, the share of images that are read right: "
            + "; ".join(f"{what}: {value:.2%}" for what, value in results.items())
            + f". {how_sure(float(list(results.values())[-1]), tested)}",
            "Where it fails": (sentence(fails_on) or self.TO_WRITE)
            + " It always answers with one of its classes, also for an image that "
            "belongs to none.",
        }
        head = ["# My digit reader", f"By {given(author)}." if given(author) else ""]
        body = [f"**{name}.** {text}" for name, text in parts.items()]
        self.text = "\n\n".join(filter(None, [*head, *body])) + "\n"

    def save(self, path):
        """Write the card as a Markdown file."""
        with replacing(path) as new:
            new.write_text(self.text, "utf-8")

    def __repr__(self):
        return self.text

    def _repr_markdown_(self):
        # A card inside a lesson: its title is no heading of the lesson.
        title, _, rest = self.text.partition("\n")
        return f"**{html.escape(title[2:])}**\n{html.escape(rest, quote=False)}"


def rubric(tries, results, test_images):
    """What a project should have: checked where a program can, else for the student.

    tries: a Tries; its folder has card.md and page/. results: {what: accuracy}: the
    baseline first, then the validation accuracy, the test accuracy last. Raises
    ValueError for fewer than these three.
    """
    if len(results) < 3:
        raise ValueError(
            f"results holds {list(results)}; wanted three accuracies or more: the "
            "baseline's, on validation images, on test images"
        )
    baseline, *_, validation, test = map(float, results.values())
    card, page = tries.folder / "card.md", tries.folder / "page" / "index.html"
    text = card.read_text("utf-8", "replace") if card.is_file() else ""
    complete = bool(text) and ModelCard.TO_WRITE not in text
    agree = abs(test - validation) <= 3 * standard_error(test, test_images)
    # The first try is compared with none, the second one is the lesson's example.
    own = [line for line in tries.lines if line["only"]][1:]
    single = [line for line in own if len(line["differs"]) == 1]
    better = any(line["kept"] for line in single)
    items = [
        (1, "The network is saved, and loads", _loads(tries)),
        (1, "It beats the baseline", validation > baseline),
        (1, "Test and validation accuracy agree (3 standard errors)", agree),
        (1, "The model card is complete", complete),
        (1, "The page is there", page.is_file()),
        (1, "The test set was used once, after all decisions", None),
        (1, "I looked at ten mistakes and know what they have in common", None),
        (2, "After the lesson's example I tried a change of one thing", bool(single)),
        (2, "Such a change is to the right of the grey band", better),
        (3, "I trained on other data, and wrote its card", None),
        (3, "Somebody else has drawn on my page; I know what it misread", None),
    ]
    signs = {True: "✓ yes", False: "✗ not yet", None: "☐ you decide"}
    rows = [
        {"level": level, "criterion": what, "": signs[done]}
        for level, what, done in items
    ]
    return Table(rows)


def _loads(tries):
    try:
        return bool(tries.kept())
    except ValueError:
        return False
