"""Two things that every page made here needs: a table, and a part between two marks."""


def table(heads, rows):
    """A Markdown table, a line each; None shows as an empty cell."""
    lines = [heads, ["---"] * len(heads), *rows]
    cells = [["" if cell is None else str(cell) for cell in line] for line in lines]
    return "\n".join("| " + " | ".join(line) + " |" for line in cells)


def between(text, mark, new):
    """The text with `new` between <!-- mark --> and <!-- /mark -->.

    Raises ValueError where the text has no such marks.
    """
    begin, end = f"<!-- {mark} -->\n", f"<!-- /{mark} -->"
    before, found, rest = text.partition(begin)
    _, ended, after = rest.partition(end)
    if not (found and ended):
        raise ValueError(f"wanted {begin.strip()} ... {end} around what is made")
    return f"{before}{begin}{new}\n{end}{after}"
