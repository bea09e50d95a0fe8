"""Lesson 5's figures: surprise, cross-entropy, its curve, its slope, its gradient."""

import numpy as np
from matplotlib.patches import Circle

from utils.plotting.base import (
    BLACK,
    BLUE,
    GREY,
    ORANGE,
    PALE,
    SKY,
    canvas,
    picture,
)


@picture
def predictions(named, truth):
    """Predicted distributions side by side; the bar of the right class is blue.

    named: {name: probabilities}; truth: the number of the right class.
    """
    figure, axes = canvas(10, 3, 1, len(named), sharey=True, squeeze=False)
    said = []
    for panel, (name, q) in zip(axes[0], named.items(), strict=True):
        q = _distribution(q, name)
        if truth not in range(len(q)):
            raise ValueError(f"truth is {truth}; wanted 0 to {len(q) - 1}")
        colours = [BLUE if k == truth else PALE for k in range(len(q))]
        panel.bar(range(len(q)), q, color=colours, width=0.7)
        for k, value in enumerate(q):
            panel.text(k, value + 0.02, f"{value:.2f}", ha="center")
        panel.set_title(name)
        panel.set(xticks=range(len(q)), yticks=[], ylim=(0, 1.1))
        panel.set_xticklabels(
            [
                f"class {k}\n(right)" if k == truth else f"class {k}"
                for k in range(len(q))
            ]
        )
        panel.spines["left"].set_visible(False)
        panel.tick_params(length=0)
        said.append(f"{name} {q[truth]:.2f}")
    axes[0, 0].set_ylabel("predicted probability")
    return figure, (
        f"Predicted probability of the right class, class {truth}: {', '.join(said)}."
    )


@picture
def surprise_in_coins(most=4):
    """Coins that all show heads: the probability, and the surprise in bits."""
    figure, axes = canvas(10, 2.3 + 0.24 * most)
    said = []
    for coins in range(most + 1):
        x, probability = 2.2 * coins, 0.5**coins
        for coin in range(coins):
            y = 0.85 + 0.75 * coin
            axes.add_patch(Circle((x, y), 0.33, facecolor=SKY, edgecolor=BLUE, lw=2))
            axes.text(x, y, "H", ha="center", va="center")
        if not coins:
            axes.text(x, 0.85, "no coin", ha="center", va="center", color=GREY)
        fraction = "1" if not coins else f"1/{2**coins}"
        axes.text(x, 0, fraction, ha="center", va="center", color=BLACK)
        bits = np.log2(1 / probability)
        axes.text(x, -0.7, f"{bits:.0f}", ha="center", va="center", color=ORANGE)
        said.append(f"{fraction} is {bits:.0f}")
    for y, text, colour in (
        (0.85, "all heads", BLACK),
        (0, "probability", BLACK),
        (-0.7, "surprise (bits)", ORANGE),
    ):
        axes.text(-1.1, y, text, ha="right", va="center", color=colour)
    axes.axhline(-0.36, color=PALE, lw=1)
    axes.set(xlim=(-3.6, 2.2 * most + 0.8), ylim=(-1.1, 0.6 + 0.75 * most))
    axes.set_aspect("equal")
    axes.axis("off")
    return figure, (
        f"Surprise counts coins that all show heads. In bits, the surprise of "
        f"probability {', of '.join(said)}."
    )


@picture
def entropy_parts(p, named_q):
    """Cross-entropy as entropy plus KL divergence, one stacked bar a prediction.

    p: the true distribution; named_q: {name: predicted distribution}; natural log.
    """
    p = _distribution(p, "p")
    entropy = _weighted(p, -np.log(np.where(p > 0, p, 1)))
    figure, axes = canvas(10, 1 + 0.95 * len(named_q))
    said, longest = [], entropy
    for row, (name, q) in enumerate(named_q.items()):
        q = _distribution(q, name)
        if len(q) != len(p):
            raise ValueError(f"{name} has {len(q)} probabilities, p has {len(p)}")
        if (q[p > 0] == 0).any():
            raise ValueError(
                f"{name} is 0 where p is not: its cross-entropy is infinite"
            )
        cross = _weighted(p, -np.log(np.where(q > 0, q, 1)))
        kl = cross - entropy
        longest = max(longest, cross)
        axes.barh(row, entropy, color=BLUE, height=0.56)
        axes.barh(row, kl, left=entropy, color=ORANGE, height=0.56)
        axes.text(
            entropy / 2,
            row,
            f"entropy {entropy:.3f}",
            ha="center",
            va="center",
            color="white",
        )
        if kl > 0.15:
            axes.text(
                entropy + kl / 2, row, f"KL {kl:.3f}", ha="center", va="center",
                color="white",
            )  # fmt: skip
            total = f"  cross-entropy {cross:.3f}"
        else:
            total = f"  cross-entropy {cross:.3f}  (KL {kl:.3f})"
        axes.text(cross, row, total, va="center")
        said.append(
            f"{name}, cross-entropy {cross:.3f} = entropy {entropy:.3f} + KL {kl:.3f}"
        )
    labels = [f"{name}:  $q$ = {_list(q)}" for name, q in named_q.items()]
    axes.set_yticks(range(len(labels)), labels)
    axes.set(xlim=(0, 1.45 * longest), ylim=(len(labels) - 0.5, -0.5))
    axes.set_xticks([])
    axes.spines["bottom"].set_visible(False)
    axes.tick_params(length=0)
    axes.set_title(f"the truth is $p$ = {_list(p)}; surprise in nats", loc="left")
    return figure, f"True distribution {_list(p)}: {'; '.join(said)}."


@picture
def loss_curve(marked=(0.9, 0.6, 0.1, 0.01)):
    """The loss -ln q over the probability q of the right class, some points marked."""
    marked = np.asarray(marked, float)
    if not ((marked > 0) & (marked <= 1)).all():
        raise ValueError(f"marked is {marked}; wanted probabilities above 0, up to 1")
    q = np.geomspace(marked.min() / 2.2, 1, 500)
    figure, axes = canvas(8.6, 4.2)
    axes.plot(q, -np.log(q), color=BLUE, lw=3)
    said = []
    for value in marked:
        loss = -np.log(value)
        axes.plot(value, loss, marker="o", color=ORANGE, markersize=9)
        axes.annotate(
            f"$q$ = {value:g}: loss {loss:.3f}",
            (value, loss),
            xytext=(12, 6),
            textcoords="offset points",
            # The last label would leave the picture on the right.
            ha="left" if value < 0.8 else "center",
            va="bottom",
        )
        said.append(f"{loss:.3f} at {value:g}")
    axes.set(
        xlabel="predicted probability $q$ of the right class",
        ylabel="loss, $-\\ln q$",
        xlim=(-0.01, 1.05),
        ylim=(0, None),
    )
    axes.set_xticks([0, 0.2, 0.4, 0.6, 0.8, 1])
    return figure, (
        f"The loss falls as the probability of the right class grows: "
        f"{', '.join(said)}; it is 0 at 1."
    )


@picture
def loss_slopes(marked=-6, classes=3):
    """Cross-entropy and squared error: their slope in the logit of the right class.

    The other logits are 0. marked: a logit at which the network is surely wrong.
    """
    z = np.linspace(-8, 8, 401)
    figure, axes = canvas(10, 3.9, 1, 2, sharey=True)
    said = []
    for panel, name, colour, slope in (
        (axes[0], "cross-entropy", BLUE, lambda q: q - 1),
        (axes[1], "squared error", ORANGE, lambda q: _squared_slope(q, classes)),
    ):
        at = float(slope(_right_probability(marked, classes)))
        panel.axvspan(z[0], -3, color=PALE, alpha=0.45, lw=0)
        panel.text(-5.5, 0.13, "surely wrong", ha="center", va="center")
        panel.axhline(0, color=GREY, lw=1)
        panel.plot(z, slope(_right_probability(z, classes)), color=colour, lw=3)
        panel.plot(marked, at, marker="o", color=BLACK, markersize=8)
        panel.text(
            -5.5,
            at - 0.06 if at > -0.5 else at + 0.06,
            f"slope {at:.4f}:\n{'hardly learns' if at > -0.5 else 'learns fast'}",
            ha="center",
            va="top" if at > -0.5 else "bottom",
        )
        panel.set_title(name)
        panel.set(xlabel="logit of the right class", xlim=(z[0], z[-1]))
        panel.set(ylim=(-1.12, 0.24))
        said.append(f"{name} {at:.4f}")
    axes[0].set_ylabel("slope of the loss")
    return figure, (
        f"Slope of the loss where the logit of the right class is {marked:g} and the "
        f"network is surely wrong: {', '.join(said)}."
    )


@picture
def gradient_bars(p, q):
    """Prediction and truth, and below their difference: the gradient in the logits.

    p: the truth, q: the prediction, each (classes,).
    """
    p, q = _distribution(p, "p"), _distribution(q, "q")
    if len(p) != len(q):
        raise ValueError(f"q has {len(q)} probabilities, p has {len(p)}")
    gradient = q - p
    places = np.arange(len(p))
    figure, (above, below) = canvas(9, 5, 2, 1, sharex=True)
    above.bar(places - 0.2, p, width=0.36, color=GREY)
    above.bar(places + 0.2, q, width=0.36, color=SKY)
    right = int(p.argmax())
    # Written beside the bars they name; the text must not lie on another bar.
    above.text(right - 0.45, p[right] - 0.04, "truth $p$", ha="right", va="top")
    above.text(right + 0.45, q[right], "prediction $q$", va="bottom")
    above.set(ylabel="probability", ylim=(0, 1.12))
    below.bar(
        places, gradient, width=0.6, color=[BLUE if g < 0 else ORANGE for g in gradient]
    )
    below.axhline(0, color=GREY, lw=1)
    for place, value in zip(places, gradient, strict=True):
        if abs(value) >= 0.005:
            below.text(
                place,
                value + np.copysign(0.04, value),
                f"{value:+.2f}",
                ha="center",
                va="bottom" if value > 0 else "top",
            )
    low, high = gradient.min(), gradient.max()
    below.set(ylabel="gradient $q - p$", xlabel="class", xticks=places)
    below.set_ylim(low - 0.28, high + 0.28)
    if right < len(p) - 3:
        below.text(
            right + 0.5, 0.8 * low, "below 0: raise this logit", va="center", color=BLUE
        )
    largest = int(gradient.argmax())
    below.text(
        largest + 0.5 if largest < len(p) - 3 else largest - 0.5,
        0.8 * high,
        "above 0: lower this logit",
        va="center",
        ha="left" if largest < len(p) - 3 else "right",
        color=ORANGE,
    )
    return figure, (
        f"Gradient q - p for {len(p)} classes: {gradient[right]:+.2f} for the right "
        f"class, {right}; the largest of the others is {high:+.2f}, for class "
        f"{largest}; all together they add up to {abs(gradient.sum()):.2f}."
    )


# --- helpers --------------------------------------------------------------------


def _distribution(values, name):
    """Return probabilities as an array, or raise a ValueError that says why not."""
    array = np.asarray(values, float)
    if array.ndim != 1 or array.size < 2:
        raise ValueError(f"{name} has shape {array.shape}; wanted (classes,)")
    if not np.isfinite(array).all() or array.min() < 0:
        raise ValueError(f"{name} is {array}; wanted numbers from 0 to 1")
    if abs(array.sum() - 1) > 1e-3:
        raise ValueError(f"{name} adds up to {array.sum():.3f}; wanted 1")
    return array


def _weighted(weights, values):
    """The mean of values; what has weight 0 counts nothing."""
    return float((weights * values).sum())


def _right_probability(z, classes):
    """Softmax of the right class, where all other logits are 0."""
    return 1 / (1 + (classes - 1) * np.exp(-z))


def _squared_slope(q, classes):
    """Slope of sum (q_k - p_k)^2 in the right logit; the others share 1 - q."""
    # The loss is (1 - q)^2 (1 + 1 / (classes - 1)), and dq/dz = q (1 - q).
    return -2 * (1 + 1 / (classes - 1)) * (1 - q) ** 2 * q


def _list(values):
    return ", ".join(f"{value:g}" for value in values)
