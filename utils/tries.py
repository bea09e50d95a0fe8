"""Networks that were tried, and the one that is kept: a table on disk.

    mine = Tries("my_project", x_val, y_val)
    mine.attempt(model, note="a third convolution")
    model = mine.kept()

The folder holds tries.json, a line for each network, and model.keras, the network that
is kept now. Each is whole at every moment, and a new kernel goes on where the old one
stopped.
"""

import difflib
import json
import math
import operator
from pathlib import Path

import numpy as np

from utils import reader
from utils.data import digest
from utils.files import replacing
from utils.project import load_model, save_model
from utils.table import Table

# Of a layer or an optimizer, what no learner sets, or what follows from the rest: a
# schedule's steps are epochs times batches.
UNSEEN = {"name", "dtype", "seed", "build_config", "data_format", "decay_steps"}


def only_one_reads(old, new):
    """[images that only the old network reads, only the new one]. bool, shape (n,)."""
    return [int((old & ~new).sum()), int((~old & new).sum())]


class Tries:
    """The tries in a folder, on these validation images.

    x: as the network takes them, shape (n, 28, 28, 1); y: their labels, shape (n,).
    Tries on other images, and what was made of them, are set aside: their numbers
    cannot be compared.
    """

    def __init__(self, folder, x, y):
        self.folder, self.x, self.y = Path(folder), np.asarray(x), np.asarray(y)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.images = digest([self.x, self.y])
        self._load()
        kept = f"; try {self.now} is kept" if self.now else ""
        print(f"{self.folder}: tries so far: {len(self.lines)}{kept}.")

    def _load(self):
        """Read the table; set aside what was made with other images, or is damaged."""
        try:
            saved = json.loads((self.folder / "tries.json").read_text("utf-8"))
            fits, self.lines = saved["images"] == self.images, saved["tries"]
        except (OSError, ValueError, KeyError, TypeError):
            fits = False
        if not fits:
            self.lines = []
            self._set_aside()
            self._write()
        self.now = self._kept_line()  # its number in the table, from 1

    def kept(self):
        """Load the network that is kept now. ValueError: there is none, or no more."""
        return load_model(self.folder / "model.keras")

    def attempt(self, model, note, count=only_one_reads):
        """Compare a trained network with the kept one; say it, and write it down.

        Kept is what reads more images by more than luck: by more than twice the root
        of the images that only one of the two reads (McNemar's test). count: tells
        them, as only_one_reads does. The same weights once more get no new line.
        Raises ValueError where the model cannot read the validation images.
        """
        self._load()  # another notebook may have written, too
        new = self._reads(model)
        made = self._line(model, note, new)
        for number, line in enumerate(self.lines, 1):
            if self.now and line["weights"] == made["weights"]:
                kept = "the kept one" if number == self.now else "not kept now"
                print(
                    f"These are exactly the weights of try {number}, which is {kept}: "
                    "no new line. Something changed? Then build and train again."
                )
                return
        said = [f"Try {len(self.lines) + 1}: {new.mean():.2%} of {len(new):,} images."]
        if self.now:
            before = self.lines[self.now - 1]
            only_old, only_new = (int(n) for n in count(self._reads(self.kept()), new))
            more, luck = only_new - only_old, 2 * math.sqrt(only_old + only_new)
            made["only"], made["kept"] = [only_old, only_new], more > luck
            made["differs"] = differences(before["settings"], made["settings"])
            said += [
                _told(made["differs"]),
                f"Only try {self.now}, the kept one, reads {only_old:,} images; only "
                f"this one reads {only_new:,}: a difference of {more:+,}.",
                f"Luck reaches {luck:.1f}. {_verdict(more, luck)}",
            ]
        self.lines.append(made)
        if made["kept"]:
            self.now = len(self.lines)
            save_model(model, self.folder / "model.keras")
        self._write()
        said += [f"In {self.folder / 'model.keras'} is try {self.now}."]
        print("\n".join(said))

    def comparisons(self):
        """{"2: its note": [only the kept one reads, only this one]}, for a figure."""
        return {
            f"{number}: {line['note']}": line["only"]
            for number, line in enumerate(self.lines, 1)
            if line["only"]
        }

    def table(self):
        """The lines as a Table. Raises ValueError where there is none."""
        rows = []
        for number, line in enumerate(self.lines, 1):
            only_old, only_new = line["only"] or (None, None)
            kept = {number: "yes, now"}.get(self.now, "yes" if line["kept"] else "no")
            rows.append(
                {
                    "try": number,
                    "note": line["note"],
                    "differs in": "; ".join(line["differs"]),
                    "accuracy": f"{line['accuracy']:.2%}",
                    "only the kept one": only_old,
                    "only this one": only_new,
                    "difference": only_new - only_old if line["only"] else None,
                    "seconds": line["seconds"],
                    "kept": kept,
                }
            )
        return Table(rows, "Each line is one network: another seed is another luck")

    def __repr__(self):
        return repr(self.table()) if self.lines else "No tries yet."

    def _repr_html_(self):
        return self.table()._repr_html_() if self.lines else "No tries yet."

    def _reads(self, model):
        """Which images a model reads right: bool, shape (n,)."""
        shape, outputs = reader.shapes(model)
        if outputs <= self.y.max():
            raise ValueError(
                f"the model has {outputs} outputs for {self.y.max() + 1} classes; "
                "wanted one for each"
            )
        x = self.x.reshape(len(self.x), *shape)
        return model.predict(x, verbose=0).argmax(axis=1) == self.y

    def _line(self, model, note, right):
        """A line of the table, of a network that is compared with none."""
        seconds = getattr(model, "seconds", None)  # SaveBest leaves it there
        return {
            "note": str(note),
            "accuracy": float(right.mean()),
            "kept": True,
            "differs": [],
            "only": None,
            "seconds": seconds and round(seconds),
            "settings": settings(model),
            "weights": digest(model.get_weights()),
        }

    def _kept_line(self):
        """Which line is in model.keras; a new one where a kill came before its line."""
        if not (self.folder / "model.keras").exists():
            if any(line["kept"] for line in self.lines):
                print(
                    f"{self.folder / 'model.keras'} is gone. Have you a copy? Put it "
                    "back first: else the next network is kept, whatever it is."
                )
            return None
        try:
            model = self.kept()
        except ValueError as error:
            print(f"No network is kept now: {error}")
            return None
        weights = digest(model.get_weights())
        known = [line["weights"] for line in self.lines]
        if weights not in known:
            found = self._line(model, "found in model.keras", self._reads(model))
            self.lines.append(found)
            self._write()
            return len(self.lines)
        return len(known) - known[::-1].index(weights)  # the last one

    def _write(self):
        saved = {"images": self.images, "tries": self.lines}
        with replacing(self.folder / "tries.json") as new:
            new.write_text(json.dumps(saved, indent=1), "utf-8")

    def _set_aside(self):
        """Move what belongs to other images into a folder of its own."""
        names = "tries.json", "model.keras", "card.md", "page"
        there = [self.folder / name for name in names if (self.folder / name).exists()]
        if there:
            number = len(list(self.folder.glob("earlier-*"))) + 1
            place = self.folder / f"earlier-{number}"
            place.mkdir()
            for path in there:
                path.rename(place / path.name)
            print(f"What was made with other images is now in {place}.")


def _told(differs):
    """What differs from the kept network, as a sentence."""
    if not differs:
        return (
            "No layer and no setting differs from the kept one; the images and the "
            "seed cannot be seen from here."
        )
    if len(differs) == 1:
        return f"One thing differs from the kept one: {differs[0]}."
    return (
        f"{len(differs)} things differ from the kept one: {'; '.join(differs)}. "
        "Whatever comes out, you do not know which of them did it."
    )


def _verdict(more, luck):
    if more > luck:
        return "It is better by more than luck: it is kept."
    if -more > luck:
        return "It is worse by more than luck: not kept."
    return "That is inside: not kept."


def settings(model):
    """What a learner sets of a network and its training, in words that JSON can hold.

    {"layers": [[kind, {setting: value}], ...], "training": {setting: value}}
    """

    def words(config):
        return {key: _words(v) for key, v in config.items() if key not in UNSEEN}

    layers = [[type(one).__name__, words(one.get_config())] for one in model.layers]
    training = {}
    if optimizer := getattr(model, "optimizer", None):
        loss = model.loss
        training = {"optimizer": type(optimizer).__name__}
        training |= words(optimizer.get_config())
        training["loss"] = getattr(loss, "__name__", getattr(loss, "name", str(loss)))
    if history := getattr(model, "history", None):
        training["epochs"] = str(history.params["epochs"])
        training["batches in an epoch"] = str(history.params["steps"])
    return {"layers": layers, "training": training}


def _words(value):
    """A setting as Keras's get_config gives it, short: "3 x 3", "CosineDecay(...)"."""
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, (list, tuple)) and all(isinstance(n, int) for n in value):
        return " x ".join(map(str, value))
    if isinstance(value, dict) and "class_name" in value:
        config = value.get("config") or {}
        inner = [f"{k}={_words(v)}" for k, v in config.items() if v and k not in UNSEEN]
        return f"{value['class_name']}({', '.join(inner)})"
    return str(value)


def differences(old, new):
    """What differs between two networks' settings, a text for each thing.

    The same setting in several layers of a kind is one thing.
    """
    kinds = operator.itemgetter(0)
    ways = [_of_layers(old["layers"], new["layers"], same) for same in (str, kinds)]
    found = min(ways, key=len)  # layers may be matched in several ways
    before, after = old["training"], new["training"]
    same = before.get("optimizer") == after.get("optimizer")
    for key in before.keys() | after.keys():
        if same or key in {"optimizer", "learning_rate", "loss", "epochs"}:
            values = before.get(key, "unknown"), after.get(key, "unknown")
            _changed(found, key, *values)
    return [
        f"{what}: {', '.join(values)}" if values else what
        for what, values in sorted(found.items())
    ]


def _changed(found, what, before, after):
    if before != after:
        found.setdefault(what, []).append(f"{before[:60]} → {after[:60]}")


def _of_layers(old, new, same):
    """{what: how it changed} of two lists of layers. same: what tells who is who."""
    found = {}
    names = [[same(layer) for layer in layers] for layers in (old, new)]
    for _, a, b, c, d in difflib.SequenceMatcher(None, *names, False).get_opcodes():
        if [kind for kind, _ in old[a:b]] == [kind for kind, _ in new[c:d]]:
            for (kind, before), (_, after) in zip(old[a:b], new[c:d], strict=True):
                for key in before.keys() & after.keys():
                    _changed(found, f"{key} of {kind}", before[key], after[key])
            continue
        for kind, _ in old[a:b]:
            found[f"one layer less: {kind}"] = []
        for kind, config in new[c:d]:
            sizes = [f"{k} {config[k]}" for k in ("filters", "units") if k in config]
            found[", ".join([f"one layer more: {kind}", *sizes])] = []
    return found
