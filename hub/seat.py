"""Start the server of one attendee. JupyterHub runs it in the place of
jupyterhub-singleuser, as the attendee, with the same arguments.

Before it becomes that server it copies the notebooks, unless the attendee has them
already, and limits the memory of each process that the attendee starts.
"""

import contextlib
import os
import resource
import shutil
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
NOTEBOOKS = HERE.parent / "notebooks"


def copy_notebooks(target):
    """Give attendees their own copy; what is there already is never overwritten.

    Only the notebooks that have a source in lessons/: no copies, no projects, no data
    of the one who set up the machine.
    """
    if target.exists():
        return
    half = target.with_name(target.name + ".new")
    shutil.rmtree(half, ignore_errors=True)
    (half / "solutions").mkdir(parents=True)
    for lesson in HERE.parent.glob("lessons/[0-9]*.py"):
        for name in f"{lesson.stem}.ipynb", f"solutions/{lesson.stem}.ipynb":
            with contextlib.suppress(FileNotFoundError):  # not built yet
                shutil.copyfile(NOTEBOOKS / name, half / name)
    half.rename(target)


def limit_memory(most):
    """Too large an array then raises MemoryError instead of ending somebody's kernel.

    most: bytes of private memory, for each process. Only JupyterHub's spawners for
    systemd, Docker and Kubernetes limit an attendee's processes together.
    """
    resource.setrlimit(resource.RLIMIT_DATA, (most, most))
    # If memory runs out all the same: end a kernel, not the hub.
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("500")


def limit_processes(most):
    """No more processes and threads under this attendee's account; others go on."""
    resource.setrlimit(resource.RLIMIT_NPROC, (most, most))


if __name__ == "__main__":
    folder = Path.home() / "workshop"
    copy_notebooks(folder)
    os.environ.setdefault("JUPYTERHUB_ROOT_DIR", str(folder))
    if "MEM_LIMIT" in os.environ:
        limit_memory(int(os.environ["MEM_LIMIT"]))
    if "WORKSHOP_PROCESSES" in os.environ:
        limit_processes(int(os.environ["WORKSHOP_PROCESSES"]))
    # kernels/ here starts kernels with `nice`: hub and servers answer first.
    os.environ["JUPYTER_PATH"] = str(HERE)
    server = Path(sys.executable).with_name("jupyterhub-singleuser")
    os.execv(server, [str(server), *sys.argv[1:]])
