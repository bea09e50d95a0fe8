"""Files that are whole at every moment, whatever ends the save."""

import contextlib
import os
import re
from pathlib import Path


@contextlib.contextmanager
def replacing(path):
    """A new file beside `path` to write, which takes its place when the block ends.

        with replacing("model.keras") as new:
            model.save(new)

    new: a Path with the ending of `path`. After an error (a full disk), a kill or a
    dead battery the old file is as it was. What killed saves have left behind goes at
    the next save in the same folder. Two processes may save it at once: one wins.
    """
    path = Path(path)
    _remove_left_behind(path.parent)
    new = path.with_name(f".{path.name}.{os.getpid()}{path.suffix}")
    try:
        yield new
        with new.open("rb+") as file:
            os.fsync(file.fileno())  # on the disk before it gets the name
        os.replace(new, path)
    except Exception as error:
        error.add_note(f"{path} is not saved. What was there is as it was.")
        raise
    finally:
        with contextlib.suppress(OSError):  # it is gone, or this folder is
            new.unlink()


def _remove_left_behind(folder):
    """Remove the new files, such as .model.keras.123.keras, of ended processes."""
    for file in folder.glob(".*"):
        if found := re.fullmatch(r"\..+(\.\w+)\.(\d+)\1", file.name):
            import psutil  # ipykernel brings it

            if not psutil.pid_exists(int(found[2])):
                with contextlib.suppress(OSError):  # it is another account's
                    file.unlink()
