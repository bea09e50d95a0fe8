"""A stick for a room without a network: make stick TO=/media/stick

Puts the workshop there as it is committed, MNIST, the slides and the website where they
are built, and wheels of all that requirements.txt asks, for the named machines. On an
attendee's machine start.py installs from there: no network is asked.

    PLATFORMS="linux windows macos"    default: this machine's
    PYTHONS="3.11 3.12 3.13"           default: this Python's
    INSTALLERS=folder                  also copy these, installers of Python say

uv finds out which packages a machine needs, pip fetches their wheels; on Linux it is
TensorFlow's build without GPU. Then uv installs them for each machine as its user will,
from these files alone, but dry.
"""

import argparse
import hashlib
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import start
from tools.lessons import ROOT
from utils import data
from utils.files import replacing

MANYLINUX = ["1", "2010", "2014", *(f"_2_{glibc}" for glibc in range(5, 29))]
PLATFORMS = {  # name: (uv's name, pip's names of what runs there)
    "linux": ("x86_64-manylinux_2_28", [f"manylinux{n}_x86_64" for n in MANYLINUX]),
    "windows": ("x86_64-pc-windows-msvc", ["win_amd64"]),
    "macos": ("aarch64-apple-darwin", ["macosx_12_0_arm64", "macosx_12_0_universal2"]),
}
HERE = {"linux": "linux", "win32": "windows", "darwin": "macos"}[sys.platform]
PAGE = Path(__file__).with_name("stick.md")
UV = [sys.executable, "-m", "uv", "pip"]


def run(*words):
    """Run a command; end with its words where it fails."""
    words = [str(word) for word in words]
    if subprocess.run(words).returncode:
        sys.exit(f"Failed: {' '.join(words)}")


def requirements(platform):
    """What start.py installs on such a machine, and what builds `utils` there."""
    text = (ROOT / "requirements.txt").read_text("utf-8")
    text = text.replace("-e .", "setuptools>=77\nuv")
    return start.without_gpu(text) if platform == "linux" else text


def fetch(wheels, platform, python, folder):
    """Put the wheels for one kind of machine and one Python into a folder."""
    uv_name, pip_names = PLATFORMS[platform]
    machine = ["--python-platform", uv_name, "--python-version", python]
    asked, pinned = folder / "asked.txt", folder / f"{platform}-{python}.txt"
    asked.write_text(requirements(platform), "utf-8")
    run(*UV, "compile", "--quiet", "--no-header", *machine, asked, "-o", pinned)
    names = [word for name in pip_names for word in ("--platform", name)]
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
    pip += ["--disable-pip-version-check", "--only-binary=:all:", "-d", wheels]
    run(*pip, *names, "--python-version", python, "-r", pinned)
    # As an attendee's machine will: with the names only, from these files alone.
    offline = ["--offline", "--no-index", "--find-links", wheels, "--dry-run"]
    offline += ["--quiet", "--target", folder / "dry"]
    run(*UV, "install", *offline, *machine, "-r", asked)


def copy_workshop(to):
    """The workshop as it is committed, in a folder of that name."""
    shutil.rmtree(to, ignore_errors=True)
    with tempfile.TemporaryDirectory() as folder:
        archive = Path(folder, "workshop.tar")
        run("git", "-C", ROOT, "archive", "-o", archive, "HEAD")
        shutil.unpack_archive(archive, to, filter="data")


def main(words=None):
    parser = argparse.ArgumentParser("make stick", description="See tools/stick.py.")
    parser.add_argument("to", type=Path)
    parser.add_argument("--platforms", nargs="+", choices=PLATFORMS, default=[HERE])
    this = f"{sys.version_info.major}.{sys.version_info.minor}"
    parser.add_argument("--pythons", nargs="+", default=[this])
    parser.add_argument("--installers", type=Path)
    given = parser.parse_args(words)
    workshop = given.to / "workshop"
    copy_workshop(workshop)
    wheels = workshop / start.WHEELS
    wheels.mkdir()
    with tempfile.TemporaryDirectory() as folder:
        for platform in given.platforms:
            for python in given.pythons:
                print(f"Wheels for {platform}, Python {python} ...", flush=True)
                fetch(wheels, platform, python, Path(folder))
    source = data.chosen_source()
    mnist = Path(source) if source.endswith(".npz") else data.cache_path()
    if mnist.exists():
        shutil.copy(mnist, workshop / start.MNIST)
    else:
        print("MNIST is not here: the stick has only the small digits: make doctor.")
    for name in ("slides", "site"):
        built = ROOT / "build" / name
        if built.exists():
            shutil.copytree(built, given.to / name, dirs_exist_ok=True)
        else:
            print(f"{name} are not built: run make {name} first to have them there.")
    if given.installers:
        shutil.copytree(given.installers, given.to / "installers", dirs_exist_ok=True)
    shutil.copy(PAGE, given.to / "READ-ME-FIRST.md")
    sums = ""
    for file in sorted(given.to.rglob("*")):
        if file.is_file() and file.name != "SHA256SUMS":
            with file.open("rb") as content:
                digest = hashlib.file_digest(content, "sha256").hexdigest()
            sums += f"{digest}  {file.relative_to(given.to).as_posix()}\n"
    with replacing(given.to / "SHA256SUMS") as new:
        new.write_text(sums, "utf-8")
    size = sum(file.stat().st_size for file in wheels.iterdir())
    print(f"{given.to} is ready; its wheels have {size / 1e6:.0f} MB.")


if __name__ == "__main__":
    main()
