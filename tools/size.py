"""Lines of Python, JavaScript and CSS by room, and how many more than in a release.

make size REF=v1    a git tag or commit; without: the newest tag, else the first edition
"""

import re
import subprocess
import sys
from collections import Counter

from tools.lessons import ROOT

FIRST = "20d57b0"  # the first edition, which has no tag
SUPPORT = "utils", "tools", "hub"  # together they may not grow
SOURCES = "*.py", "*.js", "*.css", ":!*.min.js"  # minified: the work of others


def git(*words):
    done = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True)
    return done.stdout.splitlines()


def lines(*revision):
    """{room: lines}, in the working tree or in a revision."""
    counts = Counter()
    for found in git("grep", "-c", "", *revision, "--", *SOURCES):
        *_, path, count = found.split(":")
        if re.match("lessons/[^0-9]", path):
            path = "tools/"  # in the first edition these lay among the lessons
        counts[path.partition("/")[0]] += int(count)
    return counts + Counter(support=sum(counts[room] for room in SUPPORT))


if __name__ == "__main__":
    (ref, *_) = sys.argv[1:] or git("describe", "--tags", "--abbrev=0") or [FIRST]
    now, then = lines(), lines(ref)
    if not then["support"]:
        sys.exit(f"{ref!r} is no tag or commit that is here.")
    for room in (*SUPPORT, "support", "lessons", "tests"):
        print(f"{room:8}{now[room]:7,}{now[room] - then[room]:+8,} since {ref}")
