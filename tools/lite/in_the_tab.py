"""In a browser's tab: a sentence in place of an error where a cell needs TensorFlow.

An IPython extension, which tools.lite.build puts into the tab's Python beside utils. A
cell that needs what no tab has ends there; what it would have set from there on is
missing, and a later cell that needs that says the same. Other errors stay errors.
"""

import ast
import dis
import errno
import linecache
import os
import symtable
import sys
import traceback

from IPython.display import Markdown, display

# Not made for browsers, or not yet: {module: what people call it}.
ABSENT = {
    "keras": "Keras",
    "tensorflow": "TensorFlow",
    "torch": "PyTorch",
    "jax": "JAX",
    "processes": "a second Python",
}
SAID = "This cell needs {}, which {} not run in a browser's tab yet. {}"
EXERCISES = "utils.exercises.lesson"
missing = set()  # the names that such cells would have set


def explain(shell, kind, error, trace, tb_offset=None):
    """IPython's handler of what such a cell raises: say what is absent here."""
    name = (getattr(error, "name", "") or "").partition(".")[0]
    if getattr(error, "errno", None) == errno.ENOTSUP:
        name = "processes"
    if name not in missing and name not in ABSENT:
        return shell.showtraceback((kind, error, trace), tb_offset=tb_offset)
    for lost in not_set(trace):
        missing.add(lost)
        shell.user_ns.pop(lost, None)  # an older value would give a wrong answer
    if name in ABSENT:
        text = SAID.format(ABSENT[name], "does", lesson_elsewhere())
    else:
        text = SAID.format(f"`{name}` of a cell", "did", lesson_elsewhere())
    display(Markdown(text))


def not_set(trace):
    """The names that the cell would have set from the statement on that has failed."""
    frame, line = next(
        (frame, line)
        for frame, line in traceback.walk_tb(trace)
        if frame.f_code.co_name == "<module>"
    )
    cell = ast.parse("".join(linecache.getlines(frame.f_code.co_filename)))
    cell.body = [part for part in cell.body if part.end_lineno >= line]
    names = symtable.symtable(ast.unparse(cell), "cell", "exec").get_symbols()
    found = {one.get_name() for one in names if one.is_assigned() or one.is_imported()}
    for node in ast.walk(cell):  # by_seed[seed] = ...: by_seed is not as it should be
        if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store):
            found.add(ast.unparse(node.value))
    return found


def forget(space):
    """A function that needs what is missing is missing, too: a check would run it."""
    for name, value in list(space.items()):
        if code := getattr(value, "__code__", None):
            loads = (i for i in dis.get_instructions(code) if i.opname == "LOAD_GLOBAL")
            if {load.argval for load in loads} & missing - space.keys():
                missing.add(name)
                del space[name]


def lesson_elsewhere():
    """Where the lesson runs that has been imported, as Markdown."""
    for name in sys.modules:
        if name.startswith(EXERCISES):
            lesson = sys.modules[name].lesson.source.removesuffix(".py")
            link = os.environ["WORKSHOP_COLAB"].format(lesson)
            return f"[Colab]({link}) runs all of the lesson."
    return ""


def load_ipython_extension(shell):
    shell.set_custom_exc((ImportError, NameError, OSError), explain)
    shell.events.register("post_run_cell", lambda _: forget(shell.user_ns))
