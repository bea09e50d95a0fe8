"""Compile the Python in the archives below /archives, so that no tab has to.

tools.lite.build runs it in Pyodide, in Node: compiled code is for one Python alone.
Utils keeps its sources, which exercises show; of all else only what is compiled stays.
"""

import compileall
import shutil
import site
import tempfile
from pathlib import Path
from py_compile import PycInvalidationMode

for archive in [*Path("/archives").rglob("*.whl"), Path("/archives/python_stdlib.zip")]:
    ours = archive.name.startswith("utils-")
    with tempfile.TemporaryDirectory() as folder:
        shutil.unpack_archive(archive, folder, "zip")
        mode = PycInvalidationMode.UNCHECKED_HASH  # no look at the sources' dates
        where = site.getsitepackages()[0]
        compileall.compile_dir(
            folder, ddir=where, quiet=2, legacy=not ours, invalidation_mode=mode
        )
        for compiled in [] if ours else Path(folder).rglob("*.pyc"):
            compiled.with_suffix(".py").unlink()
        shutil.move(shutil.make_archive(f"{folder}-made", "zip", folder), archive)
