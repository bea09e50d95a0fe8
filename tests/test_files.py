"""Saves: whole at every moment, on a full disk and under kills."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from utils import data, project
from utils.callbacks import SaveBest
from utils.files import replacing
from utils.page import export_page
from utils.tries import Tries

ROOT = Path(__file__).resolve().parent.parent


@pytest.mark.skipif(os.name == "nt", reason="Windows has no limit on file sizes")
def test_a_full_disk_leaves_what_was_saved_before(keras, tmp_path, capsys):
    """Saves of each kind, then the same where no file may pass so many bytes."""
    import resource

    model = keras.Sequential([keras.Input((784,)), keras.layers.Dense(10)])
    model.compile("adam", "mse")
    x, y = np.ones((8, 784)), np.ones((8, 10))
    tries = Tries(tmp_path, x, np.arange(8))
    tries.attempt(model, "first")
    made = (tries, {"test": 0.9}, "MNIST", (8, 100))
    saves = {
        "checkpoint.keras": lambda path: model.fit(
            x, y, validation_data=(x, y), verbose=0, callbacks=[SaveBest(path)]
        ),
        "model.keras": lambda path: project.save_model(model, path),
        "tries.json": lambda path: tries._write(),
        "card.md": lambda path: project.ModelCard(*made).save(path),
        "index.html": lambda path: export_page(model, path.parent),
        "mnist.npz": lambda path: data._keep(path, bytes(1000)),
    }
    for name, save in saves.items():
        save(tmp_path / name)
    before = {name: (tmp_path / name).read_bytes() for name in saves}
    largest = resource.getrlimit(resource.RLIMIT_FSIZE)
    # Writing then fails as on a full disk. (capsys: what is printed goes to no file.)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    said = {}
    try:
        for name, save in saves.items():
            limit = len(before[name]) // 2
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, largest[1]))
            try:
                save(tmp_path / name)
            except OSError as error:
                said[name] = " ".join([str(error), *error.__notes__])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, largest)
        signal.signal(signal.SIGXFSZ, ignored)
    for name, content in before.items():
        assert (tmp_path / name).read_bytes() == content, name
        if name != "mnist.npz":  # a download goes on without its copy
            assert "File too large" in said[name]
            assert name in said[name]
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(saves)


# 20 processes that do nothing but save the network, each killed at some moment after
# its first save. They are forked: to start Keras 20 times would take minutes.
# TensorFlow's threads do not live on in a forked process; saving needs none.
KILLS = """
import json, os, random, signal, time
from pathlib import Path
from utils import project
import keras

path = Path({folder!r}, "model.keras")
model = keras.Sequential([keras.Input((784,)), keras.layers.Dense(300)])
model.compile("adam", "mse")
project.save_model(model, path)
draw = random.Random(0)
damaged = left_behind = 0
for kill in range(20):
    before = path.stat().st_mtime_ns
    process = os.fork()
    while process == 0:
        project.save_model(model, path)
    while path.stat().st_mtime_ns == before:
        time.sleep(0.001)
    time.sleep(draw.uniform(0, 0.05))
    os.kill(process, signal.SIGKILL)
    os.waitpid(process, 0)
    left_behind += len(list(path.parent.iterdir())) > 1
    try:
        project.load_model(path)
    except ValueError:
        damaged += 1
project.save_model(model, path)
there = [file.name for file in path.parent.iterdir()]
print(json.dumps([damaged, left_behind, there]))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only there Keras can be forked")
def test_twenty_kills_during_saves_leave_a_network_that_loads(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", KILLS.format(folder=str(tmp_path))],
        capture_output=True,
        text=True,
        timeout=240,
        cwd=ROOT,
        env={**os.environ, "KERAS_BACKEND": "tensorflow"},
    )
    assert done.returncode == 0, done.stderr
    damaged, left_behind, there = json.loads(done.stdout.splitlines()[-1])
    assert damaged == 0
    assert left_behind > 0  # the kills did come during saves
    assert there == ["model.keras"]


def test_an_error_while_writing_leaves_the_old_file(tmp_path):
    path = tmp_path / "card.md"
    path.write_text("the old one")

    def save():
        with replacing(path) as new:
            new.write_text("half of the n")
            raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space left") as error:
        save()
    assert error.value.__notes__ == [
        f"{path} is not saved. What was there is as it was."
    ]
    assert path.read_text() == "the old one"
    assert list(tmp_path.iterdir()) == [path]


def test_what_a_killed_save_left_goes_at_the_next_save(tmp_path):
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    names = {
        f".model.keras.{ended.pid}.keras": False,
        f".model.keras.{os.getppid()}.keras": True,  # somebody who is saving now
        f".other.keras.{ended.pid}.keras": False,  # perhaps never saved again
        f".card.md.{ended.pid}.md": False,
        f".model.keras.{ended.pid}.md": True,  # not from here
        f"model.keras.{ended.pid}.keras": True,
        ".model.keras.mine.keras": True,
        "model.keras": True,
    }
    for name in names:
        (tmp_path / name).write_text("")
    with replacing(tmp_path / "model.keras") as new:
        assert new.suffix == ".keras"  # Keras insists on it
        new.write_text("whole")
    assert (tmp_path / "model.keras").read_text() == "whole"
    assert {path.name for path in tmp_path.iterdir()} == {
        name for name, stays in names.items() if stays
    }
