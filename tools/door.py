"""Draw the picture that greets readers of README.md: python -m tools.door

On the left what an attendee makes: a drawing, what the network sees of it, its ten
probabilities (those of the weights in utils/frameworks). Beside it one figure from each
of five lessons, as the notebooks have saved it.
"""

import base64
import io

import nbformat
from matplotlib.figure import Figure
from PIL import Image

from tools.notebooks import ROOT
from utils import drawing
from utils.frameworks import reference, weights
from utils.plotting.base import picture, show_matrix
from utils.plotting.colours import BLUE

FILE = ROOT / "guide" / "pictures" / "door.png"
DIGIT = 8
TITLES = "You draw", "The network sees", "It answers"
# lesson: how the alt text of its figure begins
STRIP = {
    "03_dense_layers": "Decision boundaries",
    "04_cnn": "Feature maps of one digit",
    "05_cross_entropy": "The loss falls",
    "06_backpropagation": "The 2-2-2 network; weight w1",
    "07_project": "The surest mistakes",
}


def saved_figure(lesson, begin):
    """A figure of a solved notebook, found by the first words of its alt text."""
    notebook = nbformat.read(ROOT / f"notebooks/solutions/{lesson}.ipynb", as_version=4)
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            png = output.get("data", {}).get("image/png")
            if png and output.metadata["image/png"]["alt"].startswith(begin):
                return Image.open(io.BytesIO(base64.b64decode(png))).convert("RGB")
    raise ValueError(f"no figure of {lesson} begins {begin!r}: mend STRIP")


@picture
def door():
    drawn = drawing.example(DIGIT)
    seen = drawing.to_mnist(drawn)
    network = reference.build(weights.load())
    (chances,) = reference.predict(network, seen[None, :, :, None] / 255)
    read, sure = chances.argmax(), f"{chances.max():.0%}"

    figure = Figure(figsize=(11, 2.1), layout="constrained")
    left, right = figure.subfigures(1, 2, width_ratios=[0.8, 1])
    panels = left.subplots(1, 3, width_ratios=[1, 1, 1.4])
    for panel, image in zip(panels, (drawn, seen), strict=False):
        show_matrix(panel, image)
    panels[2].bar(range(10), chances, color=BLUE)
    panels[2].text(read, chances.max() + 0.03, sure, ha="center", size=11)
    panels[2].set(xticks=range(10), yticks=[], ylim=(0, 1.2))
    panels[2].tick_params(labelsize=11, length=0)
    panels[2].spines["left"].set_visible(False)
    for panel, title in zip(panels, TITLES, strict=True):
        panel.set_title(title, size=11)
    strip = right.subplot_mosaic("aabbcc;.ddee.").values()
    for panel, (lesson, begin) in zip(strip, STRIP.items(), strict=True):
        panel.imshow(saved_figure(lesson, begin))
        panel.axis("off")
    return figure, (
        f"A drawn {DIGIT}; what the network sees of it, 28 x 28 pixels; its answer, "
        f"{read} with {sure}. Beside, a figure from each of five lessons."
    )


if __name__ == "__main__":
    FILE.write_bytes(door().png)
