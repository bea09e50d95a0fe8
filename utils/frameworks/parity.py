"""Do all frameworks give the same answer? Compared here, recorded, shown as a table.

python -m utils.frameworks.parity    runs all and writes utils/records/frameworks.json
"""

import datetime
import json
import re
import statistics

import numpy as np

from utils.frameworks import FOLDER, FRAMEWORKS, get, reference, runner, weights
from utils.frameworks.child import LEARNING_RATE
from utils.frameworks.sources import part
from utils.records.measured import machine
from utils.table import Table

FILE = FOLDER.parent / "records" / "frameworks.json"
PROBABILITIES = 1e-5  # how far a probability may be from the reference
GRADIENTS = 5e-5  # relative to the largest entry of each gradient


class Truth:
    """The reference's answer, to compare the frameworks' with."""

    def __init__(self, images, labels):
        self.images, self.labels = np.asarray(images, "float32"), np.asarray(labels)
        model = reference.build(weights.load())
        batch = reference.without_ties(images[:64]), self.labels[:64]
        self.probabilities = reference.predict(model, images)
        self.loss, self.gradients = reference.gradients(model, *batch)
        reference.train_step(model, *batch, LEARNING_RATE)
        self.after_step = reference.predict(model, images[:100])

    def compare(self, answer):
        """How far what runner.run gave back is from the truth, as a dictionary."""
        found, truth = answer["probabilities"], self.probabilities
        row = {
            "probabilities": largest(found - truth),
            "same_classes": bool((found.argmax(1) == truth.argmax(1)).all()),
        }
        if "after_step" in answer:
            wrong = [
                largest(answer[f"gradient/{name}"] - truth) / largest(truth)
                for name, truth in self.gradients.items()
            ]
            row["gradients"] = largest(wrong)  # NaN where one of them is
            row["after_step"] = largest(answer["after_step"] - self.after_step)
        return row

    def run(self, key, timed=False, timeout=runner.TIMEOUT):
        """Run a framework here and now; return its row."""
        answer = runner.run(key, self.images, self.labels, timed, timeout)
        return {**json.loads(str(answer["about"])), **self.compare(answer)}


def run_here(truth):
    """Run what is installed here, say what is not; return {key: row of Truth.run}."""
    live, absent = {}, 0
    for key, framework in FRAMEWORKS.items():
        try:
            live[key] = truth.run(key)
            print(f"{framework.name}: ran here, now")
        except runner.NotInstalled:
            absent += 1
        except runner.FrameworkError as error:
            print(error)
    if absent:
        print(
            f"{absent} others are not installed here: the table has their rows, "
            f"recorded on {recorded()['date']}. To run them: make frameworks"
        )
    return live


def run_loop():
    """Run PyTorch's training loop here; return its version, the day, what it prints."""
    framework = get("pytorch")
    python = runner.python_of(framework)
    command = [python, "-m", "utils.frameworks.in_pytorch"]
    said = runner.call(framework, command, runner.TIMEOUT)
    version, _, printed = said.strip().partition("\n")
    today = datetime.date.today().isoformat()
    return {"version": version, "date": today, "printed": printed}


def pytorch_loop():
    """Print what PyTorch's training loop prints: run here and now, else recorded."""
    try:
        loop, how = run_loop(), "ran here, now"
    except runner.FrameworkError:
        loop = recorded()["loop"]
        how = f"recorded on {loop['date']}, not run here"
    print(f"PyTorch {loop['version']}, {how}", loop["printed"], sep="\n")


def largest(array):
    return float(np.abs(array).max())


def lines_of_code(framework):
    """Lines of the network and of the training step, without comments, blank lines."""
    names = ["network", "training"] if framework.trains else ["network"]
    text = "\n".join(part(framework.key, name) for name in names)
    return len(re.findall(r"^ *[^ #\n]", text, re.MULTILINE))


def recorded():
    """What utils/records/frameworks.json holds: date, machine, rows."""
    return json.loads(FILE.read_text("utf-8"))


def table(live):
    """All frameworks, each with the row that ran here or else the recorded one.

    live: {key: row of Truth.run}.
    """
    stored, rows = recorded(), []
    for key, framework in FRAMEWORKS.items():
        row = live.get(key) or stored["rows"][key]
        gradients = row.get("gradients")
        rows.append(
            {
                "framework": framework.name,
                "version": row["version"].partition("+")[0],
                "ran": "here, now" if key in live else "recorded, not run here",
                "same classes": "yes" if row["same_classes"] else "NO",
                "largest difference": f"{row['probabilities']:.0e}",
                "of the gradients": f"{gradients:.0e}" if gradients else "none",
            }
        )
    return Table(
        rows,
        "Largest difference to float64 NumPy, in probabilities and in gradients; "
        f"recorded on {stored['date']}, {stored['machine']}",
    )


def cost_table():
    """What each framework costs: disk, lines, speed; recorded."""
    stored = recorded()
    rows = [
        {
            "framework": get(key).name,
            "disk, MB": row["megabytes"],
            "lines: network, training": row["lines"],
            "training speed (higher is faster)": _with_spread(row["speed"]),
        }
        for key, row in stored["rows"].items()
    ]
    return Table(
        rows,
        "Training speed on 2 CPU cores, of one small network: with a GPU or a large "
        "network the order may differ. 1 is TensorFlow's in the same round; the median "
        f"of {stored['rounds']} rounds (lowest to highest). Recorded on "
        f"{stored['date']}, {stored['machine']}",
    )


def _with_spread(speeds):
    """[0.5, 0.75, 0.55] -> "0.55 (0.50 to 0.75)"; an empty list -> "none"."""
    if not speeds:
        return "none"
    median = statistics.median(speeds)
    return f"{median:.2f} ({min(speeds):.2f} to {max(speeds):.2f})"


def record(images, labels, rounds=5):
    """Run every framework, write the file. Raises FrameworkError where one cannot.

    All run once in each round, so that a slow minute of the machine meets them all. A
    row's differences are the largest of all rounds; `speed` is its images a second
    relative to TensorFlow's, a number a round.
    """
    truth, runs = Truth(images, labels), {key: [] for key in FRAMEWORKS}
    for _ in range(rounds):
        for key, rows in runs.items():
            rows.append(truth.run(key, timed=True))
            difference = rows[-1]["probabilities"]
            print(f"{get(key).name}: largest difference {difference:.0e}", flush=True)
    stored = {
        "date": datetime.date.today().isoformat(),
        "machine": machine(),
        "images": len(images),
        "rounds": rounds,
        "loop": run_loop(),
        "rows": {key: summary(key, runs) for key in FRAMEWORKS},
    }
    FILE.write_text(json.dumps(stored, indent=1) + "\n", "utf-8")


def summary(key, runs):
    """One row of a framework's runs: {key: [row of Truth.run, a round each]}."""
    rows = runs[key]
    row = {name: _short(value) for name, value in rows[-1].items()}
    for name in ("probabilities", "gradients", "after_step"):
        if name in row:
            row[name] = _short(max(one[name] for one in rows))
    row["same_classes"] = all(one["same_classes"] for one in rows)
    row["lines"], row["speed"] = lines_of_code(get(key)), []
    if row.pop("images_per_second", None):
        pairs = zip(rows, runs["tensorflow"], strict=True)
        speeds = [[one["images_per_second"] for one in pair] for pair in pairs]
        row["speed"] = [round(now / base, 3) for now, base in speeds]
    return row


def _short(value):
    return float(f"{value:.5g}") if isinstance(value, float) else value


if __name__ == "__main__":
    from utils import data

    _, (images, labels) = data.load_mnist(fast=False)
    record(data.prepare(images[:1000]), labels[:1000])
