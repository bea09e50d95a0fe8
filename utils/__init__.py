"""What the lessons import. Nothing is loaded until a lesson asks for it."""

import builtins
import os
import sys
from importlib.machinery import PathFinder


def refuse_hidden_modules():
    """Raise ImportError where a learner's keras.py, say, would be imported as Keras."""
    here = os.getcwd()
    elsewhere = [path for path in sys.path if os.path.abspath(path) != here]
    for file in os.listdir():
        module, ending = os.path.splitext(file)
        if ending == ".py" and PathFinder.find_spec(module, elsewhere):
            taken = PathFinder.find_spec(module)
            if os.path.abspath(taken.origin or "") == os.path.join(here, file):
                raise ImportError(
                    f"{file} beside this notebook hides a module of Python with this "
                    "name: give it another name, then restart the kernel."
                )


if hasattr(builtins, "__IPYTHON__"):  # in a notebook
    refuse_hidden_modules()
