"""Lesson 5's figures: surprise, cross-entropy, its curve, its slope, its gradient."""

import numpy as np

from utils.plotting.base import canvas, disc, no_scale, note, picture, write
from utils.plotting.colours import BLACK, BLUE, GREY, ORANGE, PALE, SKY


@picture
def predictions(named, truth):
    """Predicted distributions side by side; the bar of the right class is blue.

    named: {name: probabilities}; truth: the number of the right class.
    """
    figure, (axes,) = canvas(10, 3, 1, len(named), sharey=True)
    said = []
    for panel, (name, q) in zip(axes, named.items(), strict=True):
        q = _distribution(q, name)
        if truth not in range(len(q)):
            raise ValueError(f"truth is {truth}; wanted 0 to {len(q) - 1}")
        for k, value in enumerate(q):
            panel.bar(k, value, color=BLUE if k == truth else PALE, width=0.7)
            write(panel, k, value + 0.02, f"{value:.2f}", va="baseline")
        names = [f"class {k}" + "\n(right)" * (k == truth) for k in range(len(q))]
        panel.set_xticks(range(len(q)), names)
        panel.set(title=name, ylim=(0, 1.1))
        no_scale(panel, "left")
        panel.tick_params(length=0)
        said.append(f"{name} {q[truth]:.2f}")
    axes[0].set_ylabel("predicted probability")
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
            disc(axes, x, 0.85 + 0.75 * coin, 0.33, "H", BLUE, facecolor=SKY)
        if not coins:
            write(axes, x, 0.85, "no coin", color=GREY)
        fraction = "1" if not coins else f"1/{2**coins}"
        write(axes, x, 0, fraction)
        bits = np.log2(1 / probability)
        write(axes, x, -0.7, f"{bits:.0f}", color=ORANGE)
        said.append(f"{fraction} is {bits:.0f}")
    write(axes, -1.1, 0.85, "all heads", ha="right")
    write(axes, -1.1, 0, "probability", ha="right")
    write(axes, -1.1, -0.7, "surprise (bits)", ha="right", color=ORANGE)
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
            raise ValueError(f"{name} is 0 where p is not: cross-entropy is infinite")
        cross = _weighted(p, -np.log(np.where(q > 0, q, 1)))
        kl = cross - entropy
        longest = max(longest, cross)
        axes.barh(row, entropy, color=BLUE, height=0.56)
        axes.barh(row, kl, left=entropy, color=ORANGE, height=0.56)
        write(axes, entropy / 2, row, f"entropy {entropy:.3f}", color="white")
        if kl > 0.15:
            write(axes, entropy + kl / 2, row, f"KL {kl:.3f}", color="white")
        beside = "" if kl > 0.15 else f"  (KL {kl:.3f})"
        write(axes, cross, row, f"  cross-entropy {cross:.3f}{beside}", ha="left")
        said.append(
            f"{name}, cross-entropy {cross:.3f} = entropy {entropy:.3f} + KL {kl:.3f}"
        )
    labels = [f"{name}:  $q$ = {_list(q)}" for name, q in named_q.items()]
    axes.set_yticks(range(len(labels)), labels)
    axes.set(xlim=(0, 1.45 * longest), ylim=(len(labels) - 0.5, -0.5))
    no_scale(axes, "bottom")
    axes.tick_params(length=0)
    axes.set_title(f"the truth is $p$ = {_list(p)}; surprise in nats", loc="left")
    return figure, f"True distribution {_list(p)}: {'; '.join(said)}."


@picture
def loss_curve(marked=(0.9, 0.6, 0.1, 0.01)):
    """The loss -log q over the probability q of the right class, some points marked."""
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
        # The last label would leave the picture on the right.
        ha = "left" if value < 0.8 else "center"
        text = f"$q$ = {value:g}: loss {loss:.3f}"
        note(axes, text, (value, loss), (12, 6), ha=ha, va="bottom")
        said.append(f"{loss:.3f} at {value:g}")
    axes.set(xlabel="predicted probability $q$ of the right class")
    axes.set(ylabel="loss, $-\\log q$ (nats)", xlim=(-0.01, 1.05), ylim=(0, None))
    axes.set_xticks([0, 0.2, 0.4, 0.6, 0.8, 1])
    return figure, (
        f"The loss falls as the probability of the right class grows: "
        f"{', '.join(said)}; it is 0 at 1."
    )


@picture
def loss_slopes(logits, right):
    """Cross-entropy and squared error: their slope in the logit of the right class.

    logits: (classes,), those of a network that is surely wrong. right: the right
    class; its logit is marked, and moves to both sides. The others stay.
    """
    here = logits[right]
    moves = here + np.linspace(-2, 14, 401)
    z = np.tile(np.asarray(logits, float), (len(moves), 1))
    z[:, right] = moves
    q = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    off = q - np.eye(len(logits))[right]  # q - p
    slopes = {
        "cross-entropy": off[:, right],
        # of sum (q_k - p_k)^2, where dq_k/dz_i = q_k ((1 if k = i else 0) - q_i)
        "squared error": 2 * q[:, right] * (off[:, right] - (off * q).sum(axis=1)),
    }
    figure, (axes,) = canvas(10, 3.9, 1, 2, sharey=True)
    said = []
    for panel, colour, (name, slope) in zip(
        axes, (BLUE, ORANGE), slopes.items(), strict=True
    ):
        at = np.interp(here, moves, slope)
        panel.axvspan(moves[0], here + 3.5, color=PALE, alpha=0.45, lw=0)
        write(panel, here + 0.75, 0.13, "surely wrong")
        panel.axhline(0, color=GREY, lw=1)
        panel.plot(moves, slope, color=colour, lw=3)
        panel.plot(here, at, marker="o", color=BLACK, markersize=8)
        word, y, va = ("hardly learns", -0.06, "top")
        if at < -0.5:
            word, y, va = ("learns fast", 0.06, "bottom")
        text = f"slope {at:.4f}:\n{word}"
        write(panel, here - 1.5, at + y, text, ha="left", va=va)
        panel.set(title=name, xlabel=f"logit of class {right}, the right one")
        panel.set(xlim=(moves[0], moves[-1]), ylim=(-1.12, 0.24))
        said.append(f"{name} {at:.4f}")
    axes[0].set_ylabel("slope of the loss")
    return figure, (
        f"Slope of the loss where the logit of the right class is {here:g} and the "
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
    figure, ((above,), (below,)) = canvas(9, 5, 2, 1, sharex=True)
    above.bar(places - 0.2, p, width=0.36, color=GREY)
    above.bar(places + 0.2, q, width=0.36, color=SKY)
    right = int(p.argmax())
    # Written beside the bars they name; the text must not lie on another bar.
    above.text(right - 0.45, p[right] - 0.04, "truth $p$", ha="right", va="top")
    above.text(right + 0.45, q[right], "prediction $q$", va="bottom")
    above.set(ylabel="probability", ylim=(0, 1.12))
    colours = [BLUE if value < 0 else ORANGE for value in gradient]
    below.bar(places, gradient, width=0.6, color=colours)
    below.axhline(0, color=GREY, lw=1)
    for place, value in zip(places, gradient, strict=True):
        if abs(value) >= 0.005:
            y, va = value + np.copysign(0.04, value), "bottom" if value > 0 else "top"
            write(below, place, y, f"{value:+.2f}", va=va)
    low, high = gradient.min(), gradient.max()
    below.set(ylabel="gradient $q - p$", xlabel="class", xticks=places)
    below.set_ylim(low - 0.28, high + 0.28)
    text = "below 0: raise this logit"
    if right < len(p) - 3:
        write(below, right + 0.5, 0.8 * low, text, ha="left", color=BLUE)
    largest, text = int(gradient.argmax()), "above 0: lower this logit"
    x, ha = (0.5, "left") if largest < len(p) - 3 else (-0.5, "right")
    write(below, largest + x, 0.8 * high, text, ha=ha, color=ORANGE)
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


def _list(values):
    return ", ".join(f"{value:g}" for value in values)
