"""Keep what one makes on Colab, which deletes all files when it disconnects.

    keep.save()        into one's Google Drive, or as a download
    keep.restore()     brings it back, another day

The set-up cell imports this module on Colab, and prints NOTICE.
"""

import io
import sys
import tempfile
import zipfile
from pathlib import Path

from utils.files import replacing

NOTICE = """\
Colab deletes all files when it disconnects. Before you stop, run keep.save(), and save
this notebook: File > Save a copy in Drive. When you come back, run keep.restore().
Do the exercises yourself: in Tools > Settings > AI Assistance, hide AI features."""

FILE = "my_workshop.zip"
NOT_MINE = FILE, "workshop", "sample_data", "drive"  # what Colab and the set-up made


def save():
    """Put my_project, and all else that was made here, into Drive, or download it."""
    tops = [
        path
        for path in Path().iterdir()
        if path.name not in NOT_MINE and not path.name.startswith(".")
    ]
    mine = [file for top in tops for file in (top, *top.rglob("*")) if file.is_file()]
    if not mine or "google.colab" not in sys.modules:
        print(f"{len(mine)} files of yours are here, on this machine: {Path.cwd()}.")
        return
    from google.colab import drive, files

    place = _drive()
    with replacing(place or FILE) as new, zipfile.ZipFile(new, "w") as file:
        for path in mine:
            file.write(path)
    if place:
        drive.flush_and_unmount()  # waits until all is in Drive
    else:
        files.download(FILE)
    print(f"{len(mine)} files are in {FILE}, {'in Drive' if place else 'downloaded'}.")


def restore():
    """Bring back what save() kept; a file that is here already stays as it is.

    Raises ValueError where the file is no ZIP.
    """
    if "google.colab" not in sys.modules:
        print(f"Your files are on this machine: {Path.cwd()}.")
        return
    from google.colab import files

    kept, count = _drive(), 0
    if not (kept and kept.exists()):
        print(f"Choose {FILE}, which keep.save() has downloaded.")
        kept = io.BytesIO(b"".join(files.upload().values()))
    try:
        with tempfile.TemporaryDirectory(dir=".") as new, zipfile.ZipFile(kept) as file:
            for name in file.namelist():
                path = Path(file.extract(name, new))  # inside, whatever the name says
                target = path.relative_to(new)
                if not target.exists():
                    target.parent.mkdir(parents=True, exist_ok=True)
                    path.rename(target)
                    count += 1
    except zipfile.BadZipFile:
        raise ValueError(f"that is no {FILE} as keep.save() makes it") from None
    print(f"{count} files are back.")


def _drive():
    """Where the ZIP is in the learner's Drive; None where Drive is refused."""
    from google.colab import drive

    try:
        drive.mount(str(Path("drive").absolute()))
    except Exception:  # Colab has no one error for "No, thanks"
        return None
    return Path("drive", "MyDrive", FILE)
