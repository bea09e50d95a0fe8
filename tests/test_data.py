"""utils.data: what is loaded, and what happens on a bad day."""

import http.server
import io
import math
import os
import socket
import stat
import subprocess
import sys
import threading
import time
import tracemalloc
import zipfile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from utils import data


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """An empty Keras cache of our own; returns the path of its mnist.npz."""
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    return data.cache_path()


@pytest.fixture
def server(monkeypatch):
    """A local server in place of the download's address; set `server.answer`."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            server.requests += 1
            server.answer(self)

        def log_message(self, *args):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.requests = 0
    address = f"http://127.0.0.1:{server.server_port}/mnist.npz"
    monkeypatch.setattr(data, "MNIST_URL", address)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()


def send(content, length=None):
    """An answer of the server: these bytes, and what it says their length is."""

    def answer(request):
        request.send_response(200)
        request.send_header("Content-Length", str(length or len(content)))
        request.end_headers()
        request.wfile.write(content)

    return answer


@pytest.fixture
def published(monkeypatch):
    """The bytes of an mnist.npz: 600 + 100 images, taken for the published ones."""
    rng = np.random.default_rng(0)
    arrays = {
        name: rng.integers(0, 10, (size // 100, *sides), "uint8")
        for name, (size, *sides) in data.ARRAYS.items()
    }
    shapes = {name: array.shape for name, array in arrays.items()}
    monkeypatch.setattr(data, "ARRAYS", shapes)
    monkeypatch.setattr(data, "MNIST_DIGEST", data.digest(arrays.values()))
    file = io.BytesIO()
    np.savez_compressed(file, **arrays)
    return file.getvalue()


@pytest.fixture
def dead_network(monkeypatch):
    """An address at which nothing listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    monkeypatch.setattr(data, "MNIST_URL", f"http://127.0.0.1:{port}/mnist.npz")


# --- what is loaded -------------------------------------------------------------


def test_real_mnist(mnist_file, capsys):
    (images, labels), (images_test, labels_test) = data.load_mnist(mnist_file)
    assert images.shape == (60_000, 28, 28)
    assert images.dtype == np.uint8
    assert labels[:5].tolist() == [5, 0, 4, 1, 9]
    assert images_test.shape == (10_000, 28, 28)
    assert labels_test[:5].tolist() == [7, 2, 1, 0, 4]
    expected = "MNIST: 60,000 training and 10,000 test images\n"
    assert capsys.readouterr().out == expected


def test_environment_names_the_source(mnist_file, monkeypatch):
    monkeypatch.setenv("WORKSHOP_DATA", str(mnist_file))
    monkeypatch.setenv("WORKSHOP_FAST", "1")
    small, whole = data.load_mnist(), data.load_mnist(fast=False)
    assert tuple(len(images) for images, _ in small) == data.FAST_SIZES
    said = "{:,} training and {:,} test images".format(*data.FAST_SIZES)
    assert said in data.__doc__
    for (_, labels), (_, labels_all) in zip(small, whole, strict=True):
        shares, shares_all = (
            np.bincount(part) / len(part) for part in (labels, labels_all)
        )
        assert shares == pytest.approx(shares_all, abs=0.001)


def test_embedded_digits(capsys):
    (images, labels), (images_test, labels_test) = data.load_mnist("digits")
    assert (images == 0).mean() > 0.6  # paper is white, inside the 20 x 20, too
    assert images.shape == (1437, 28, 28)
    assert images_test.shape == (360, 28, 28)
    assert images.dtype == np.uint8
    assert images.max() == 255
    assert set(labels) == set(labels_test) == set(range(10))
    # As in MNIST, the digit fills 20 x 20 pixels and the border is empty.
    assert images[:, :4].max() == images[:, :, -4:].max() == 0
    assert "scikit-learn" in capsys.readouterr().out


def test_a_small_part_of_the_digits_is_all_of_them(monkeypatch, capsys):
    monkeypatch.setenv("WORKSHOP_FAST", "1")
    data.load_mnist("digits")
    out = capsys.readouterr().out
    assert "1,437 training" in out
    assert "small part" not in out


def test_embedded_digits_resemble_mnist(mnist_file):
    """A classifier that knows only MNIST reads most of them (measured: 68 %)."""
    from sklearn.neighbors import KNeighborsClassifier

    (images, labels), _ = data.load_mnist(mnist_file)
    (digits, truth), _ = data.load_mnist("digits")
    nearest = KNeighborsClassifier(3).fit(
        images[:10_000].reshape(-1, 784), labels[:10_000]
    )
    assert nearest.score(digits.reshape(-1, 784), truth) > 0.6


# --- the cache and the network --------------------------------------------------


def test_download_fills_the_cache(cache, server, published, capsys):
    server.answer = send(published)
    data.load_mnist("mnist")
    assert cache.read_bytes() == published
    data.load_mnist("mnist")
    assert server.requests == 1  # the second time the cache serves
    assert [file.name for file in cache.parent.iterdir()] == ["mnist.npz"]
    assert "\rDownloading: 0 of 0 MB\r" in capsys.readouterr().out


def test_progress_is_counted_in_megabytes(server, monkeypatch):
    """The server waits with the last byte until the others are on the screen."""
    printed = threading.Event()

    def answer(request):
        send(b"x" * 3_900_000, length=3_900_001)(request)
        printed.wait(5)
        request.wfile.write(b"x")

    def watched(text, **_):
        if text == "\rDownloading: 3 of 3 MB":
            printed.set()

    server.answer = answer
    monkeypatch.setattr(data, "print", watched, raising=False)
    assert len(data.download(data.MNIST_URL)) == 3_900_001
    assert printed.is_set()


# Bytes 6, 8 and 10 of an entry in a zip file's directory: the version of zip that it
# wants, whether it is encrypted, how it is compressed. One wrong bit is enough.
DAMAGES = [
    *("truncated", "garbage", "other arrays", "changed", "header"),
    *((6, 0x40), (8, 0x01), (10, 0x0E)),
]


@pytest.mark.parametrize("damage", DAMAGES, ids=str)
def test_damaged_cache_is_replaced(damage, cache, server, published, capsys):
    cache.parent.mkdir()
    if damage == "truncated":
        cache.write_bytes(published[:100_000])
    elif damage == "garbage":
        cache.write_bytes(b"not a zip file")
    elif damage == "other arrays":
        np.savez(cache, x=np.zeros(3))
    elif damage == "header":
        np.savez(cache, **np.load(io.BytesIO(published)))
        cache.write_bytes(cache.read_bytes().replace(b"(600,)", b"(600, "))
    elif isinstance(damage, tuple):
        place, bit = damage
        wrong = bytearray(published)
        wrong[published.index(b"PK\x01\x02") + place] |= bit
        cache.write_bytes(wrong)
    else:
        arrays = dict(np.load(io.BytesIO(published)))
        arrays["x_train"][123, 4, 5] ^= 1
        np.savez(cache, **arrays)
    server.answer = send(published)
    (images, _), _ = data.load_mnist("auto")
    assert len(images) == 600
    assert cache.read_bytes() == published
    assert "damaged" in capsys.readouterr().out


def test_damaged_cache_without_network_gives_digits(cache, dead_network, capsys):
    cache.parent.mkdir()
    cache.write_bytes(b"half a file")
    (images, _), _ = data.load_mnist("auto")
    assert len(images) == 1437
    assert "damaged" in capsys.readouterr().out


def test_pickles_are_never_loaded(cache):
    cache.parent.mkdir()
    np.savez(cache, **{n: np.array([object()], dtype=object) for n in data.ARRAYS})
    with pytest.raises(data.NotPublished):
        data.read_mnist(cache.read_bytes())


def npy(shape, length):
    """An .npy of uint8 whose header tells a shape, with so many zeros behind it."""
    file = io.BytesIO()
    header = {"descr": "|u1", "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(file, header)
    return file.getvalue() + bytes(length)


LARGE = 10**8  # bytes; a tenth of a megabyte when packed


@pytest.mark.parametrize(
    ("shape", "length", "packed"),
    [
        ((60_000, 28, 28), LARGE, zipfile.ZIP_DEFLATED),
        ((LARGE,), LARGE, zipfile.ZIP_DEFLATED),
        ((LARGE,), 10**7, zipfile.ZIP_BZIP2),
        ((10**12,), 100, zipfile.ZIP_DEFLATED),  # told in the header only
        ((2**33, 0), 0, zipfile.ZIP_DEFLATED),  # more than IDX can say
    ],
)
def test_too_large_a_file_is_refused_before_it_is_unpacked(
    cache, dead_network, capsys, shape, length, packed
):
    cache.parent.mkdir()
    with zipfile.ZipFile(cache, "w", packed) as file:
        for name in data.ARRAYS:
            with file.open(f"{name}.npy", "w", force_zip64=True) as member:
                member.write(npy(shape, 0))
                for _ in range(length // 10**7 if name == "x_train" else 0):
                    member.write(bytes(10**7))
    assert cache.stat().st_size < 10**7
    tracemalloc.start()
    (images, _), _ = data.load_mnist("auto")
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(images) == 1437
    assert "damaged" in capsys.readouterr().out
    assert most < LARGE / 2


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such pipes")
def test_a_pipe_is_not_waited_for(cache, dead_network):
    cache.parent.mkdir()
    os.mkfifo(cache)
    (images, _), _ = data.load_mnist("auto")
    assert len(images) == 1437


def test_no_network_gives_digits_and_one_line(cache, dead_network, capsys):
    (images, _), _ = data.load_mnist("auto")
    assert len(images) == 1437
    out = capsys.readouterr().out
    assert out.count("\n") == 1
    assert "MNIST cannot be had (no download: " in out
    assert "refused" in out
    assert not cache.parent.exists() or not list(cache.parent.iterdir())


def test_no_network_and_mnist_demanded(cache, dead_network):
    with pytest.raises(ValueError, match=r'MNIST cannot be loaded.*source="digits"'):
        data.load_mnist("mnist")


def test_captive_portal(cache, server, capsys):
    server.answer = send(b"<html>Please log in to the Wi-Fi</html>")
    (images, _), _ = data.load_mnist("auto")
    assert len(images) == 1437
    assert "answered with something else" in capsys.readouterr().out
    assert not cache.exists()


def test_download_that_breaks_off(cache, server, published, capsys):
    server.answer = send(published[: len(published) // 2], length=len(published))
    (images, _), _ = data.load_mnist("auto")
    assert len(images) == 1437
    assert not cache.exists()


def test_silent_server_is_given_up(server):
    server.answer = lambda request: time.sleep(3)
    started = time.monotonic()
    with pytest.raises(OSError, match=r"no answer|timed out"):
        data.download(data.MNIST_URL, stalled_after=0.5)
    assert time.monotonic() - started < 2


def test_name_server_that_never_answers(monkeypatch):
    monkeypatch.setattr(socket, "getaddrinfo", lambda *a, **k: time.sleep(5))
    started = time.monotonic()
    with pytest.raises(OSError, match="no answer"):
        data.download("http://example.invalid/mnist.npz", stalled_after=0.5)
    assert time.monotonic() - started < 2
    waiting = [t for t in threading.enumerate() if t.name.endswith("(fetch)")]
    assert [t.daemon for t in waiting] == [True]  # it keeps Python from no end


def test_slow_download_is_given_up(server):
    def drip(request):
        request.send_response(200)
        request.end_headers()
        for _ in range(30):
            request.wfile.write(b"x" * 65_536)
            time.sleep(0.1)

    server.answer = drip
    with pytest.raises(OSError, match="took more than 1 s"):
        data.download(data.MNIST_URL, stalled_after=5, limit=1)


def test_cache_folder_that_cannot_be_written(tmp_path, monkeypatch, server, published):
    # A file stands where the folder should be: no one, not even root, can write there.
    (tmp_path / "home").write_text("a file")
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "home"))
    server.answer = send(published)
    (images, _), _ = data.load_mnist("mnist")
    assert len(images) == 600


def test_full_disk_leaves_no_half_file(cache, server, published, monkeypatch, capsys):
    server.answer = send(published)

    def no_space(*args, **kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", no_space)
    (images, _), _ = data.load_mnist("mnist")
    assert len(images) == 600
    assert list(cache.parent.iterdir()) == []
    out = capsys.readouterr().out
    assert f"{cache.parent}: No space left on device\n" in out


LOAD = """
from utils import data
vars(data).update({!r})
print(len(data.load_mnist("mnist")[0][0]))"""


def test_two_processes_at_once(cache, server, published):
    both = threading.Barrier(2, timeout=60)  # none is answered before the other asks

    def answer(request):
        both.wait()
        send(published)(request)

    server.answer = answer
    changed = {n: vars(data)[n] for n in ("MNIST_URL", "MNIST_DIGEST", "ARRAYS")}
    command = [sys.executable, "-c", LOAD.format(changed)]
    processes = [subprocess.Popen(command, stdout=subprocess.PIPE) for _ in range(2)]
    for process in processes:
        said, _ = process.communicate()
        assert said.splitlines()[-1] == b"600"
    assert [file.name for file in cache.parent.iterdir()] == ["mnist.npz"]
    assert cache.read_bytes() == published


def test_other_programs_can_read_the_cache(cache, server, published):
    server.answer = send(published)
    data.load_mnist("mnist")
    assert cache.stat().st_mode & stat.S_IROTH


# --- bad input ------------------------------------------------------------------


@pytest.mark.parametrize("source", ["imagenet", "MNIST ", "mnist.csv"])
def test_unknown_source(source):
    with pytest.raises(ValueError, match=r'unknown data source .*wanted "auto"'):
        data.load_mnist(source)


def test_file_that_is_not_there(tmp_path):
    with pytest.raises(ValueError, match=r"missing\.npz cannot be used"):
        data.load_mnist(tmp_path / "missing.npz")


def test_file_that_is_not_mnist(tmp_path):
    path = tmp_path / "other.npz"
    np.savez(path, other=np.zeros(3))
    wanted = r"no item named 'x_train\.npy'.*mnist\.npz as Keras"
    with pytest.raises(ValueError, match=wanted):
        data.load_mnist(path)


@pytest.mark.parametrize(
    ("images", "complaint"),
    [
        (np.zeros((0, 28, 28)), "at least one image"),
        (np.zeros((5,)), r"shape \(5,\)"),
        (np.zeros((2, 28, 28, 3)), r"shape \(2, 28, 28, 3\)"),
        (np.full((1, 2, 2), np.nan), "from nan to nan; wanted 0 to 1"),
        (np.full((1, 2, 2), np.inf), "from inf to inf; wanted 0 to 1"),
        (np.full((1, 2, 2), 256), "from 256 to 256"),
        (np.full((1, 2, 2), -1), "from -1 to -1"),
        (np.full((1, 2, 2), 255.0), "float64 images go from 255"),
        (np.full((1, 2, 2), "a"), "dtype"),
        (np.zeros((1, 2, 2), bool), "dtype bool"),
    ],
)
def test_prepare_refuses(images, complaint):
    with pytest.raises(ValueError, match=complaint):
        data.prepare(images)


@pytest.mark.parametrize(
    ("labels", "complaint"),
    [
        ([], r"shape \(0,\)"),
        (np.eye(10), r"shape \(10, 10\); wanted .* of one-hot, labels\.argmax"),
        ([[3], [4]], r"shape \(2, 1\); wanted .* Of \(n, 1\), labels\[:, 0\]"),
        ([0, 10], "from 0 to 10"),
        ([-1, 3], "from -1 to 3"),
        ([0.5], "fractions"),
        ([np.nan], "NaN"),
        (["7"], "dtype"),
        ([True], "dtype bool"),
        ([1, 2, 3], "3 labels for 2 images"),
    ],
)
def test_check_labels_refuses(labels, complaint):
    with pytest.raises(ValueError, match=complaint):
        data.check_labels(labels, n_images=2, n_classes=10)


def test_split_of_few_images_has_each_class_on_both_sides():
    labels = np.repeat(np.arange(12), 3)
    parts = data.split_validation(np.zeros((36, 28, 28)), labels)
    assert [sorted(set(part)) for _, part in parts] == [list(range(12))] * 2
    with pytest.raises(ValueError, match="class 12 has 1 image; wanted at least 2"):
        data.split_validation(np.zeros((37, 28, 28)), [*labels, 12])


@pytest.mark.parametrize("size", [0, -1, 11])
def test_stratified_part_refuses(size):
    with pytest.raises(ValueError, match="wanted 1 to 10"):
        data.stratified_part(np.zeros((10, 2, 2)), np.arange(10), size)


def test_a_part_may_be_one_image():
    images, labels = data.stratified_part(np.zeros((10, 2, 2)), np.full(10, 7), 1)
    assert (images.shape, *labels) == ((1, 2, 2), 7)


# --- properties -----------------------------------------------------------------


@settings(deadline=None, derandomize=True, max_examples=50)
@given(hnp.arrays("uint8", hnp.array_shapes(min_dims=3, max_dims=3, max_side=6)))
def test_prepare_keeps_every_pixel(images):
    prepared = data.prepare(images)
    assert prepared.shape == (*images.shape, 1)
    assert prepared.dtype == np.float32
    assert (np.rint(prepared[..., 0] * 255) == images).all()
    assert (data.prepare(prepared) == prepared).all()  # preparing twice changes nothing


@settings(deadline=None, derandomize=True, max_examples=30)
@given(st.integers(0, 2**32 - 1), st.integers(100, 400))
def test_split_keeps_every_image_once(seed, size):
    labels = np.random.default_rng(seed).permutation(np.arange(size) % 10)
    images = np.arange(size)
    (kept, kept_labels), (aside, aside_labels) = data.split_validation(
        images, labels, seed=seed
    )
    assert sorted([*kept, *aside]) == images.tolist()
    assert len(aside) == math.ceil(size / 6)
    assert (kept_labels == labels[kept]).all()
    shares = np.bincount(aside_labels, minlength=10) / len(aside)
    assert shares == pytest.approx([0.1] * 10, abs=0.05)


@pytest.mark.parametrize(
    ("n_classes", "wanted"), [(None, "no negative ones"), (3, "0 to 2")]
)
def test_labels_that_are_none_are_said_with_what_is_wanted(n_classes, wanted):
    with pytest.raises(ValueError, match=f"go from -1 to 1; wanted {wanted}"):
        data.check_labels([1, -1], n_classes=n_classes)
