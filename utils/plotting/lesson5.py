"""Lesson 5's figures: surprise, cross-entropy, its curve, its slope, its gradient."""

import numpy as np

from utils.plotting import base as draw
from utils.plotting.colours import BLACK, BLUE, GREY, ORANGE, PALE, SKY


@draw.picture
def predictions(named, truth):
    """Predicted distributions side by side; the bar of the right class is blue.

    named: {name: probabilities}; truth: the number of the right class.
    """
    figure, (axes,) = draw.canvas(draw.WIDE, 3, 1, len(named), sharey=True)
    said = []
    for panel, (name, q) in zip(axes, named.items(), strict=True):
        q = _distribution(q, name)
        if truth not in range(len(q)):
            raise ValueError(f"truth is {truth}; wanted 0 to {len(q) - 1}")
        colours = [BLUE if k == truth else PALE for k in range(len(q))]
        draw.columns(panel, q, [f"{value:.2f}" for value in q], colours)
        names = [f"class {k}" + "\n(right)" * (k == truth) for k in range(len(q))]
        panel.set_xticks(range(len(q)), names)
        panel.set(title=name, ylim=(0, 1.15))
        said.append(f"{name} {q[truth]:.2f}")
    axes[0].set_ylabel("predicted probability")
    return figure, (
        f"Predicted probability of the right class, class {truth}: {', '.join(said)}."
    )


@draw.picture
def surprise_in_coins(most=4):
    """Coins that all show heads: the probability, and the surprise in bits."""
    figure, axes = draw.canvas(draw.WIDE, 2.3 + 0.24 * most)
    said = []
    draw.write(axes, 0, 0.85, "no coin", color=GREY)
    for coins in range(most + 1):
        x, fraction = 2.2 * coins, f"1/{2**coins}" if coins else "1"
        for coin in range(coins):
            draw.node(axes, x, 0.85 + 0.75 * coin, "H", BLUE, radius=1)
        draw.write(axes, x, 0, fraction)
        draw.write(axes, x, -0.7, coins, color=ORANGE)
        said.append(f"{fraction} is {coins}")
    names = {0.85: "all heads", 0: "probability", -0.7: "surprise (coins)"}
    for y, name in names.items():
        draw.write(axes, -1.1, y, name, ha="right", color=ORANGE if y < 0 else BLACK)
    axes.axhline(-0.36, color=PALE, lw=1)
    draw.blank(axes, (-3.9, 2.2 * most + 0.8), (-1.1, 0.6 + 0.75 * most))
    return figure, (
        f"Surprise counts coins that all show heads. In bits, the surprise of "
        f"probability {', of '.join(said)}."
    )


@draw.picture
def entropy_parts(p, named_q):
    """Cross-entropy as entropy plus KL divergence, one stacked bar a prediction.

    p: the true distribution; named_q: {name: predicted distribution}; natural log.
    """
    p = _distribution(p, "p")
    seen = p > 0
    entropy = -(p[seen] * np.log(p[seen])).sum() + 0.0  # no -0
    figure, axes = draw.canvas(draw.WIDE, 0.6 + 0.75 * len(named_q))
    said = []
    for row, (name, q) in enumerate(named_q.items()):
        q = _distribution(q, name, len(p))
        if (q[seen] == 0).any():
            raise ValueError(f"{name} is 0 where p is not: cross-entropy is infinite")
        cross = -(p[seen] * np.log(q[seen])).sum()
        kl = cross - entropy
        parts = {"left": [0, entropy], "color": [BLUE, ORANGE], "height": 0.6}
        drawn = axes.barh([row, row], [entropy, kl], **parts)
        inside = [f"entropy {entropy:.3f}", ""]
        axes.bar_label(drawn, inside, label_type="center", color="white")
        text = f"cross-entropy {cross:.3f}\n(KL {kl:.3f})"
        draw.note(axes, text, (cross, row), (8, 0), va="center")
        said.append(
            f"{name}, cross-entropy {cross:.3f} = entropy {entropy:.3f} + KL {kl:.3f}"
        )
    draw.rows(axes, [f"{name}:  $q$ = {_list(q)}" for name, q in named_q.items()])
    axes.set_title(f"the truth is $p$ = {_list(p)}; surprise in nats", loc="left")
    return figure, f"True distribution {_list(p)}: {'; '.join(said)}."


@draw.picture
def loss_curve(marked=(0.9, 0.6, 0.1, 0.01)):
    """The loss -log q over the probability q of the right class, some points marked."""
    marked = np.asarray(marked, float)
    if not ((marked > 0) & (marked <= 1)).all():
        raise ValueError(f"marked is {marked}; wanted probabilities above 0, up to 1")
    q = np.geomspace(marked.min() / 2.2, 1, 500)
    figure, axes = draw.canvas(draw.WIDE, 4.2)
    axes.plot(q, -np.log(q), color=BLUE, lw=3)
    losses = -np.log(marked)
    axes.plot(marked, losses, "o", color=ORANGE, markersize=9)
    for value, loss in zip(marked, losses, strict=True):
        text = f"$q$ = {value:g}: loss {loss:.3f}"
        draw.note(axes, text, (value, loss), (12, 6), va="bottom")
    said = [f"{loss:.3f} at {q:g}" for q, loss in zip(marked, losses, strict=True)]
    axes.set(xlabel="predicted probability $q$ of the right class")
    axes.set(ylabel="loss, $-\\log q$ (nats)", xlim=(-0.01, 1.36), ylim=(0, None))
    axes.set_xticks([0, 0.2, 0.4, 0.6, 0.8, 1])
    return figure, (
        f"The loss falls as the probability of the right class grows: "
        f"{', '.join(said)}; it is 0 at 1."
    )


@draw.picture
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
    # of sum (q_k - p_k)^2, where dq_k/dz_i = q_k ((1 if k = i else 0) - q_i)
    squared = 2 * q[:, right] * (off[:, right] - (off * q).sum(axis=1))
    figure, (axes,) = draw.canvas(draw.WIDE, 3.9, 1, 2, sharey=True)
    said = []
    for panel, colour, name, slope in (
        (axes[0], BLUE, "cross-entropy", off[:, right]),
        (axes[1], ORANGE, "squared error", squared),
    ):
        at = np.interp(here, moves, slope)
        panel.axvspan(moves[0], here + 3.5, color=PALE, alpha=0.45, lw=0)
        draw.write(panel, here + 0.75, 0.2, "surely\nwrong")
        panel.axhline(0, color=GREY, lw=1)
        panel.plot(moves, slope, color=colour, lw=3)
        panel.plot(here, at, marker="o", color=BLACK, markersize=8)
        fast = at < -0.5
        text = f"slope {at:.4f}:\n{'learns fast' if fast else 'hardly learns'}"
        offset, va = ((-28, 12), "bottom") if fast else ((-28, -110), "top")
        draw.note(panel, text, (here, at), offset, va=va)
        panel.set(title=name, xlabel=f"logit of class {right}, the right one")
        panel.set(xlim=(moves[0], moves[-1]), ylim=(-1.12, 0.4))
        said.append(f"{name} {at:.4f}")
    axes[0].set_ylabel("slope of the loss")
    return figure, (
        f"Slope of the loss where the logit of the right class is {here:g} and the "
        f"network is surely wrong: {', '.join(said)}."
    )


@draw.picture
def gradient_bars(p, q):
    """Prediction and truth, and below their difference: the gradient in the logits.

    p: the truth, q: the prediction, each (classes,).
    """
    p, q = _distribution(p, "p"), _distribution(q, "q", len(p))
    gradient = q - p
    places = np.arange(len(p))
    figure, ((above,), (below,)) = draw.canvas(draw.WIDE, 4.3, 2, 1, sharex=True)
    above.bar(places - 0.2, p, width=0.36, color=GREY)
    above.bar(places + 0.2, q, width=0.36, color=SKY)
    right = int(p.argmax())
    largest = int(gradient.argmax())
    side = "left" if largest > right else "right"
    # Written beside the bars they name; the text must not lie on another bar.
    above.text(right - 0.45, p[right] - 0.04, "truth $p$", ha="right", va="top")
    above.text(largest, q[largest] + 0.04, "prediction $q$", ha=side)
    above.set(ylabel="probability", ylim=(0, 1.12))
    colours = [BLUE if value < 0 else ORANGE for value in gradient]
    drawn = below.bar(places, gradient, width=0.6, color=colours)
    texts = [f"{value:+.2f}" if abs(value) >= 0.04 else "" for value in gradient]
    below.bar_label(drawn, texts, padding=2)
    below.axhline(0, color=GREY, lw=1)
    low, high = gradient.min(), gradient.max()
    below.set(ylabel="gradient $q - p$", xlabel="class", xticks=places)
    below.set_ylim(low - 0.35, high + 0.35)
    text = "below 0: raise this logit"
    if right < len(p) - 3:
        draw.write(below, right + 0.5, 0.8 * low, text, ha="left", color=BLUE)
    text = "above 0: lower this logit"
    x, ha = (0.5, "left") if largest < len(p) - 3 else (-0.5, "right")
    draw.write(below, largest + x, 0.8 * high, text, ha=ha, color=ORANGE)
    return figure, (
        f"Gradient q - p for {len(p)} classes: {gradient[right]:+.2f} for the right "
        f"class, {right}; the largest of the others is {high:+.2f}, for class "
        f"{largest}; all together they add up to {abs(gradient.sum()):.2f}."
    )


def _distribution(values, name, classes=None):
    """Return probabilities as an array, or raise a ValueError that says why not."""
    array = np.asarray(values, float)
    if array.ndim != 1 or array.size < 2:
        raise ValueError(f"{name} has shape {array.shape}; wanted (classes,)")
    if classes and len(array) != classes:
        raise ValueError(f"{name} has {len(array)} probabilities, p has {classes}")
    if not np.isfinite(array).all() or array.min() < 0:
        raise ValueError(f"{name} is {array}; wanted numbers from 0 to 1")
    if abs(array.sum() - 1) > 1e-3:
        raise ValueError(f"{name} adds up to {array.sum():.3f}; wanted 1")
    return array


def _list(values):
    return ", ".join(f"{value:g}" for value in values)
