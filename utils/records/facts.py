"""The facts of utils/records/facts.toml: history, machines, data sets, frameworks.

    from utils.records import facts
    facts.load("event")  # a list of dictionaries, in the order of the file

Each fact has at least a claim, a date, a source, and how sure we are of it.
"""

import html
import tomllib
from pathlib import Path

FILE = Path(__file__).with_name("facts.toml")
FACTS = tomllib.loads(FILE.read_text("utf-8"))  # "event", "era", "machine", "dataset"


def load(group):
    """Return the facts of one group, each a dictionary of its own."""
    if group not in FACTS:
        raise ValueError(f"no facts {group!r}; there are {', '.join(FACTS)}")
    return [dict(fact) for fact in FACTS[group]]


class Sources:
    """A list of facts with their sources, folded away until one clicks on it."""

    def __init__(self, facts, title="Sources"):
        self.facts, self.title = facts, title

    def __repr__(self):
        lines = [f"{self.title}:"]
        for fact in self.facts:
            source = " ".join(filter(None, [fact["source"], fact.get("link")]))
            lines += [f"{fact['date']}: {fact['claim']}. [{source}; {fact['sure']}]"]
        return "\n".join(lines)

    def _repr_html_(self):
        rows = "".join(
            f'<tr><td style="text-align: left">{html.escape(fact["date"])}</td>'
            f'<td style="text-align: left">{html.escape(fact["claim"])}</td>'
            f'<td style="text-align: left">{_linked(fact)}</td></tr>'
            for fact in self.facts
        )
        heads = "".join(
            f'<th scope="col" style="text-align: left">{head}</th>'
            for head in ("Date", "What", "Source")
        )
        return (
            f"<details><summary>{html.escape(self.title)} (click to open)</summary>"
            f"<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>"
            "</details>"
        )


def _linked(fact):
    text = html.escape(fact["source"])
    if fact.get("link"):
        text = f'<a href="{html.escape(fact["link"])}">{text}</a>'
    return f"{text} ({fact['sure']})"
