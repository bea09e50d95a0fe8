"""What the lessons import. Nothing is loaded until a lesson asks for it."""


def __getattr__(name):
    """`utils.DigitPad`, imported when it is asked for: importing utils stays quick."""
    if name == "DigitPad":
        from utils.pad import DigitPad

        return DigitPad
    raise AttributeError(f"module 'utils' has no attribute {name!r}")
