"""Sliders, where ipywidgets is installed; else one sentence and one picture."""

from IPython.display import display

try:
    from ipywidgets import interact
except ImportError:

    def interact(**ranges):
        """Stand in for ipywidgets' `interact`: show the function's result once."""

        def show(function):
            print(
                "No sliders: ipywidgets is not installed. "
                f"Change the numbers in `def {function.__name__}(...)` instead."
            )
            display(function())
            return function

        return show


__all__ = ["interact"]
