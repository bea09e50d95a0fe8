"""Handwritten digits for every lesson: real MNIST, or a small set without a network.

    (images_train, labels_train), (images_test, labels_test) = load_mnist()

Images are uint8, shape (n, 28, 28), 0 = background, 255 = ink; labels are uint8,
shape (n,), 0 to 9. Two environment variables choose for a whole room:

WORKSHOP_DATA   "auto" (default), "mnist", "digits", or the path of an mnist.npz
WORKSHOP_FAST   "1": a stratified part, 6,000 training and 1,000 test images
"""

import gzip
import hashlib
import io
import math
import os
import struct
import threading
import time
import urllib.request
import zipfile
from functools import partial
from pathlib import Path

import numpy as np

from utils.files import replacing

# The address that keras.datasets.mnist downloads from.
MNIST_URL = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/mnist.npz"

ARRAYS = {
    "x_train": (60_000, 28, 28),
    "y_train": (60_000,),
    "x_test": (10_000, 28, 28),
    "y_test": (10_000,),
}
# The `digest` of these four, as LeCun, Cortes and Burges published them: the content is
# checked, not the .npz around it.
MNIST_DIGEST = "25c98f992c005963"
LARGEST = 60e6  # bytes; MNIST has 55 MB

FAST_SIZES = 6_000, 1_000  # training and test images when WORKSHOP_FAST=1


class NotPublished(OSError):
    """The bytes are not those of the data set; the message says what they are."""


def load_mnist(source=None, fast=None):
    """Load handwritten digits, and print in one line which ones.

    source: "mnist"   real MNIST, 60,000 + 10,000 images, from Keras's cache or a
                      download (11 MB, once)
            "digits"  scikit-learn's 1,797 digits, resized to 28 x 28: no network
            "auto"    MNIST, and the digits where MNIST cannot be had
            a path    an mnist.npz file, for example on a USB stick
            None      what WORKSHOP_DATA says, else "auto"
    fast:   True for a stratified part; None: what WORKSHOP_FAST says.

    Returns ((images_train, labels_train), (images_test, labels_test)).
    Raises ValueError for an unknown source, and for a named source that cannot be
    loaded; "auto" never fails.
    """
    source, name = chosen_source(source), "MNIST"
    if source == "digits":
        arrays, name = _embedded_digits(), DIGITS
    elif source in ("auto", "mnist"):
        try:
            arrays = _cached_or_downloaded(MNIST_URL, cache_path(), read_mnist)
        except OSError as error:
            if source == "mnist":
                raise ValueError(
                    f"MNIST cannot be loaded: {error}. Connect to a network, or use "
                    'source="digits", which needs none.'
                ) from None
            arrays = _embedded_digits()
            name = f"MNIST cannot be had ({error}); instead {DIGITS}"
    elif source.lower().endswith(".npz"):
        try:
            arrays = read_mnist(_bytes(Path(source)))
        except OSError as error:
            raise ValueError(
                f"{source} cannot be used: {error}. Wanted: mnist.npz as Keras "
                f"distributes it; the current folder is {Path.cwd()}."
            ) from None
    else:
        raise ValueError(
            f"unknown data source {source!r}; "
            'wanted "auto", "mnist", "digits" or the path of an mnist.npz'
        )
    return _parts(*arrays, name, fast)


def chosen_source(source=None):
    """The source as text: what was given, else what WORKSHOP_DATA says, else "auto"."""
    source = str(source or os.environ.get("WORKSHOP_DATA") or "auto")
    return source.strip(" \"'")  # Windows' prompt keeps quotes round a path


def _parts(x_train, y_train, x_test, y_test, name, fast):
    """The data set, or with `fast` (None: WORKSHOP_FAST) a part; say which."""
    train, test = (x_train, y_train), (x_test, y_test)
    if fast is None:
        fast = os.environ.get("WORKSHOP_FAST", "0") not in ("", "0")
    if fast and len(train[0]) > FAST_SIZES[0]:
        train = stratified_part(*train, size=FAST_SIZES[0])
        test = stratified_part(*test, size=FAST_SIZES[1])
        name += ", a small part (WORKSHOP_FAST)"
    print(f"{name}: {len(train[0]):,} training and {len(test[0]):,} test images")
    return train, test


def prepare(images):
    """Turn pixels into network input: (n, 28, 28) 0..255 -> (n, 28, 28, 1) 0..1.

    images: integers from 0 to 255, or floats from 0 to 1; any height and width;
    one image, shape (height, width), counts as a batch of one.
    Returns float32, shape (n, height, width, 1).
    Raises ValueError for another shape, no images, NaN, or values out of range.
    """
    images = np.asarray(images)
    if images.dtype == bool or images.dtype.kind not in "uif":
        raise ValueError(
            f"images have dtype {images.dtype}; wanted integers from 0 to 255 "
            "or floats from 0 to 1"
        )
    if images.ndim == 2:
        images = images[np.newaxis]
    if images.ndim == 4 and images.shape[-1] == 1:
        images = images[..., 0]
    if images.ndim != 3 or images.size == 0:
        raise ValueError(
            f"images have shape {images.shape}; wanted (n, height, width) with at "
            "least one image, for example (100, 28, 28)"
        )
    largest = 1 if images.dtype.kind == "f" else 255
    if not (images.min() >= 0 and images.max() <= largest):  # NaN is neither
        raise ValueError(
            f"{images.dtype} images go from {images.min():g} to {images.max():g}; "
            f"wanted 0 to {largest}"
        )
    return np.divide(images[..., np.newaxis], largest, dtype="float32")


def check_labels(labels, n_images=None, n_classes=None):
    """Return labels as int64, shape (n,), or raise a ValueError that says why not.

    labels: class numbers from 0, with n_classes up to n_classes - 1. n_images: how many
    there must be.
    """
    labels = np.asarray(labels)
    if labels.ndim != 1 or labels.size == 0:
        raise ValueError(
            f"labels have shape {labels.shape}; wanted class numbers, shape (n,). Of "
            "(n, 1), labels[:, 0] makes them; of one-hot, labels.argmax(axis=1)"
        )
    if labels.dtype == bool or labels.dtype.kind not in "uif":
        raise ValueError(f"labels have dtype {labels.dtype}; wanted whole numbers")
    if not (np.isfinite(labels).all() and (labels == labels.astype("int64")).all()):
        raise ValueError("labels contain fractions or NaN; wanted whole numbers")
    most = np.inf if n_classes is None else n_classes - 1
    if labels.min() < 0 or labels.max() > most:
        raise ValueError(
            f"labels go from {labels.min():g} to {labels.max():g}; "
            f"wanted {'no negative ones' if n_classes is None else f'0 to {most}'}"
        )
    if n_images is not None and len(labels) != n_images:
        raise ValueError(f"{len(labels)} labels for {n_images} images; wanted as many")
    return labels.astype("int64")


def stratified_part(images, labels, size, seed=0):
    """Return (images, labels) of a random part in which each class keeps its share."""
    labels_checked = check_labels(labels, n_images=len(images))
    if not 0 < size <= len(images):
        raise ValueError(f"size is {size}; wanted 1 to {len(images)}")
    if size == len(images):
        return images, labels
    chosen, _ = _split(labels_checked, seed, train_size=size)
    return images[chosen], labels[chosen]


def _split(labels, seed, **sizes):
    """(indices of one part, of the other part), in which each class has its share."""
    from sklearn.model_selection import train_test_split

    places = np.arange(len(labels))
    return train_test_split(places, stratify=labels, random_state=seed, **sizes)


def split_validation(images, labels, share=1 / 6, seed=0):
    """Set a part of the training images aside, to choose between models with.

    Returns ((images_train, labels_train), (images_val, labels_val)), stratified;
    of MNIST's 60,000 the default share keeps 50,000 and sets 10,000 aside. Each class
    is in both parts, however rare it is (of a share up to a half).
    Raises ValueError where a class has a single image.
    """
    images, labels = np.asarray(images), np.asarray(labels)
    labels_checked = check_labels(labels, n_images=len(images))
    classes, counts = np.unique(labels_checked, return_counts=True)
    if counts.min() < 2:
        raise ValueError(
            f"class {classes[counts.argmin()]} has 1 image; wanted at least 2, one for "
            "each part"
        )
    size = max(math.ceil(share * len(images)), len(classes))
    kept, aside = _split(labels_checked, seed, test_size=size)
    rare = np.setdiff1d(classes, labels_checked[aside])
    moved = [kept[labels_checked[kept] == label][0] for label in rare]
    kept, aside = kept[~np.isin(kept, moved)], np.append(aside, moved).astype(int)
    return (images[kept], labels[kept]), (images[aside], labels[aside])


# --- real MNIST -----------------------------------------------------------------


def cache_path():
    """Where Keras keeps mnist.npz (KERAS_HOME, else .keras in the home folder)."""
    home = os.environ.get("KERAS_HOME") or Path.home() / ".keras"
    return Path(home) / "datasets" / "mnist.npz"


def read_mnist(content):
    """The four ARRAYS, uint8, of an mnist.npz's bytes; NotPublished for all others."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            sizes = sum(part.file_size for part in parts.infolist())
            kinds = {part.compress_type for part in parts.infolist()}
            # LZMA and bzip2, which NumPy never writes, unpack without a limit.
            known = kinds <= {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
            if sizes > LARGEST or not known:
                raise NotPublished("it is larger than MNIST")  # and is never unpacked
            arrays = [  # the pixels are the last bytes of a .npy
                np.frombuffer(
                    bytearray(parts.read(f"{name}.npy"))[-math.prod(shape) :], "uint8"
                ).reshape(shape)
                for name, shape in ARRAYS.items()
            ]
    except OSError:
        raise
    except KeyError as error:
        raise NotPublished(error.args[0]) from None
    except Exception:  # a wrong byte can be anything: zip, zlib, no such compression
        raise NotPublished("it is truncated, or no .npz file at all") from None
    if digest(arrays) != MNIST_DIGEST:
        raise NotPublished("its arrays differ from the published MNIST")
    return arrays


def digest(arrays):
    """A text that is another one for other arrays."""
    found = hashlib.sha256()
    for array in arrays:
        found.update(str(array.shape).encode())
        found.update(np.ascontiguousarray(array))
    return found.hexdigest()[:16]


def _bytes(path):
    """A file's bytes; OSError for a pipe, which one would wait for, or a large file."""
    if path.is_fifo() or path.stat().st_size > LARGEST:
        raise NotPublished("it is a pipe, or larger than MNIST")
    return path.read_bytes()


def _cached_or_downloaded(url, path, read):
    """What `read` makes of the bytes in the cache, or of a download, which is kept."""
    try:
        return read(_bytes(path))
    except NotPublished as error:
        print(f"{path.name} in Keras's cache is damaged: {error}. Downloading again.")
    except OSError:
        pass  # not there yet, or not readable: a download serves in both cases
    content = download(url)
    try:
        found = read(content)
    except NotPublished as error:
        problem = f"the network answered with something else: {error}"
        raise NotPublished(problem) from None
    _keep(path, content)
    return found


def _keep(path, content):
    """Put a download into the cache; where that fails, say so and go on."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path) as new:
            new.write_bytes(content)
    except OSError as error:
        reason = error.strerror or error
        print(f"{path.name} is not kept for next time: {path.parent}: {reason}")


def download(url, stalled_after=6, limit=300):
    """Fetch url and return its bytes, with a line of progress.

    Gives up with an OSError when nothing has come for `stalled_after` seconds
    (no route, a name server that never answers, a dead connection), or when the
    whole takes more than `limit` seconds.
    """
    content, troubles, total, waiting = bytearray(), [], "", True

    def fetch():
        nonlocal total
        try:
            with urllib.request.urlopen(url, timeout=stalled_after) as response:
                if length := response.headers["Content-Length"]:
                    total = f" of {int(length) // 10**6}"
                while waiting and (piece := response.read1(1 << 16)):  # what has come
                    content.extend(piece)
        except Exception as error:
            troubles.append(f"no download: {getattr(error, 'reason', error)}")

    # Looking up a host's name cannot be timed out; leaving a thread behind can.
    thread = threading.Thread(target=fetch, daemon=True)
    thread.start()
    size, began = 0, time.monotonic()
    last = began  # when something came
    try:
        while thread.is_alive():
            thread.join(timeout=0.1)
            now = time.monotonic()
            if len(content) > size:
                size, last = len(content), now
                print(f"\rDownloading: {size // 10**6}{total} MB", end="\r")
            if now - last > stalled_after:
                raise TimeoutError(f"no answer from the network for {stalled_after} s")
            if now - began > limit:
                raise TimeoutError(f"the download took more than {limit} s")
    finally:
        waiting = False  # nothing more is kept of what comes late
    if troubles:
        raise OSError(troubles[0])
    return bytes(content)


# --- Fashion-MNIST --------------------------------------------------------------

# MD5 of the four files that Xiao, Rasul & Vollgraf (2017) publish, as Keras loads them.
FASHION_URL = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/"
FASHION_MD5 = {
    "train-images-idx3-ubyte.gz": "8d4fb7e6c68d591d4c3dfef9ec88bf0d",
    "train-labels-idx1-ubyte.gz": "25c81989df183df01b3e8a0aad5dffbe",
    "t10k-images-idx3-ubyte.gz": "bef4ecab320f06d8554ea6380940ec79",
    "t10k-labels-idx1-ubyte.gz": "bb300cfdad3c16e7a12a480ee83cd310",
}


def load_fashion_mnist(fast=None):
    """Load Fashion-MNIST: ten kinds of clothes, in the form of load_mnist.

    From Keras's cache, or a download (31 MB, once), verified. There is no embedded
    copy: without a network and a cache, ValueError says so.
    """
    folder = cache_path().parent / "fashion-mnist"
    try:
        arrays = [
            _cached_or_downloaded(
                FASHION_URL + name, folder / name, partial(_read_idx, md5)
            )
            for name, md5 in FASHION_MD5.items()
        ]
    except OSError as error:
        raise ValueError(
            f"Fashion-MNIST cannot be loaded: {error}. It needs a network once; "
            '"digits" needs none.'
        ) from None
    return _parts(*arrays, "Fashion-MNIST", fast)


def _read_idx(md5, content):
    """One of the four files as an array: magic number, sizes, bytes, all gzipped."""
    if hashlib.md5(content, usedforsecurity=False).hexdigest() != md5:
        raise NotPublished("it is not the published file")
    raw = bytearray(gzip.decompress(content))
    sizes = struct.unpack_from(f">{raw[3]}I", raw, 4)
    return np.frombuffer(raw, "uint8", offset=4 + 4 * raw[3]).reshape(sizes)


# --- the embedded digits --------------------------------------------------------

DIGITS = "scikit-learn's digits, resized to 28 x 28"


def _embedded_digits():
    """scikit-learn's 8 x 8 digits in MNIST's form: a 20 x 20 digit inside 28 x 28.

    Alpaydin & Kaynak, Optical Recognition of Handwritten Digits, UCI, 1998.
    1,437 training and 360 test images, stratified.
    """
    from scipy.ndimage import zoom
    from sklearn.datasets import load_digits

    digits = load_digits()
    large = zoom(digits.images, (1, 2.5, 2.5), order=3, mode="nearest")  # 0 to 16
    pixels = (large.clip(0, 16) * 255 / 16).round().astype("uint8")
    images = np.pad(pixels, ((0, 0), (4, 4), (4, 4)))
    train, test = split_validation(images, digits.target.astype("uint8"), share=0.2)
    return *train, *test
