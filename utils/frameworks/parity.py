"""Do all frameworks give the same answer? Compared here, recorded, shown as a table.

python -m utils.frameworks.parity    runs all and writes utils/records/frameworks.json
"""

import datetime
import json
import statistics
import sys

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
        """How far an Answer is from the truth, as a dictionary."""
        row = {
            "probabilities": largest(answer.probabilities - self.probabilities),
            "same_classes": bool(
                (answer.probabilities.argmax(1) == self.probabilities.argmax(1)).all()
            ),
        }
        if answer.gradients:
            wrong = [
                largest(answer.gradients[name] - truth) / largest(truth)
                for name, truth in self.gradients.items()
            ]
            row["gradients"] = largest(wrong)  # NaN where one of them is
            row["after_step"] = largest(answer.after_step - self.after_step)
        return row

    def run(self, key, seconds=0, timeout=runner.TIMEOUT):
        """Run a framework here and now; return its row."""
        answer = runner.run(key, self.images, self.labels, seconds, timeout)
        return {**answer.about, **self.compare(answer)}


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
    version, _, printed = runner.call(framework, command, runner.TIMEOUT).partition(
        "\n"
    )
    today = datetime.date.today().isoformat()
    return {"version": version, "date": today, "printed": printed.strip()}


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
    names = ["network", "training"] if framework.gradients else ["network"]
    text = "\n".join(part(framework.key, name) for name in names)
    lines = [line.strip() for line in text.splitlines()]
    return len([line for line in lines if line and not line.startswith("#")])


def recorded():
    """What utils/records/frameworks.json holds: date, machine, rows."""
    return json.loads(FILE.read_text("utf-8"))


def table(live):
    """All frameworks, each with the row that ran here or else the recorded one.

    live: {key: row of Truth.run}.
    """
    stored = recorded()
    rows = []
    for key, framework in FRAMEWORKS.items():
        row = live.get(key) or stored["rows"].get(key)
        if row is None:
            continue
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
    rows = []
    for key, row in stored["rows"].items():
        rows.append(
            {
                "framework": get(key).name,
                "disk, MB": row["megabytes"],
                "lines: network, training": row["lines"],
                "training speed (higher is faster)": _with_spread(row["speed"]),
            }
        )
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


def record(images, labels, rounds=5, seconds=3.0):
    """Run every framework, write the file; return {key: what went wrong}.

    All run once in each round, so that a slow minute of the machine meets them all. A
    row's differences are the largest of all rounds; `speed` is its images a second
    relative to TensorFlow's, a number a round.
    """
    truth, problems, runs = Truth(images, labels), {}, {}
    for _ in range(rounds):
        for key in FRAMEWORKS:
            if key in problems:
                continue
            try:
                row = truth.run(key, seconds)
            except runner.FrameworkError as error:
                problems[key] = str(error)
                print(error, flush=True)
                continue
            runs.setdefault(key, []).append(row)
            speed = row.get("images_per_second")
            print(
                f"{get(key).name}: largest difference {row['probabilities']:.0e}",
                f"trains {speed:,.0f} images/s" if speed else "does not train",
                sep=", ",
                flush=True,
            )
    if not problems:
        stored = {
            "date": datetime.date.today().isoformat(),
            "machine": machine(),
            "images": len(images),
            "rounds": rounds,
            "loop": run_loop(),
            "rows": {key: summary(key, runs) for key in FRAMEWORKS},
        }
        FILE.write_text(json.dumps(stored, indent=1) + "\n", "utf-8")
    return problems


def summary(key, runs):
    """One row of a framework's runs: {key: [row of Truth.run, a round each]}."""
    rows = runs[key]
    row = {name: _short(value) for name, value in rows[-1].items()}
    for name in ("probabilities", "gradients", "after_step"):
        if name in row:
            row[name] = _short(max(one[name] for one in rows))
    row["same_classes"] = all(one["same_classes"] for one in rows)
    row["lines"] = lines_of_code(get(key))
    speed = row.pop("images_per_second", None)
    base = [one["images_per_second"] for one in runs["tensorflow"]]
    row["speed"] = [
        round(one["images_per_second"] / per_second, 3)
        for one, per_second in zip(rows, base, strict=True)
        if speed
    ]
    return row


def _short(value):
    return float(f"{value:.5g}") if isinstance(value, float) else value


def main():
    from utils import data

    _, (images, labels) = data.load_mnist(fast=False)
    sys.exit(1 if record(data.prepare(images[:1000]), labels[:1000]) else 0)


if __name__ == "__main__":
    main()
