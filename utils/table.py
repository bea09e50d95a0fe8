"""A small table: readable as text, as HTML and by a screen reader."""

import html
from numbers import Integral, Real


class Table:
    """Rows of values, shown by a notebook.

    rows: dictionaries with the same keys, which become the column heads; None is
    shown as an empty cell, whole numbers get thousands separators.
    """

    def __init__(self, rows, caption=""):
        if not rows:
            raise ValueError("a table needs at least one row")
        self.rows, self.caption = [dict(row) for row in rows], caption

    def _cells(self):
        yield list(self.rows[0])
        for row in self.rows:
            yield [_text(row[key]) for key in self.rows[0]]

    def _numeric(self):
        """Which columns hold numbers: they stand on the right."""
        return [
            all(isinstance(row[key], (Real, type(None))) for row in self.rows)
            for key in self.rows[0]
        ]

    def __repr__(self):
        lines = list(self._cells())
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        numeric = self._numeric()
        text = [
            "  ".join(
                cell.rjust(width) if right else cell.ljust(width)
                for cell, width, right in zip(line, widths, numeric, strict=True)
            ).rstrip()
            for line in lines
        ]
        text.insert(1, "  ".join("-" * width for width in widths))
        return "\n".join([*([self.caption] if self.caption else []), *text])

    def _repr_html_(self):
        head, *body = self._cells()
        sides = ["right" if right else "left" for right in self._numeric()]

        def line(tag, cells):
            return "".join(
                f'<{tag} style="text-align: {side}">{html.escape(cell)}</{tag[:2]}>'
                for cell, side in zip(cells, sides, strict=True)
            )

        heads = line('th scope="col"', head)
        rows = "".join(f"<tr>{line('td', cells)}</tr>" for cells in body)
        caption = f"<caption>{html.escape(self.caption)}</caption>"
        return (
            f"<table>{caption if self.caption else ''}<thead><tr>{heads}</tr></thead>"
            f"<tbody>{rows}</tbody></table>"
        )


def _text(value):
    if value is None:
        return ""
    whole = isinstance(value, Integral) and not isinstance(value, bool)
    return f"{value:,}" if whole else str(value)
