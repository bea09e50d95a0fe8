"""The figures of the lessons, one function each; every one returns a Picture."""

from utils.plotting.base import Picture, picture
from utils.plotting.convolution import (
    architecture,
    edge_kernels,
    feature_maps,
    kernel_slides,
    kernels,
    output_sizes,
    parameters_and_work,
    pooling,
)
from utils.plotting.dense import (
    activations,
    decision_boundaries,
    layer_drawings,
    neuron,
    shifted_digit,
    softmax_steps,
    temperatures,
    weights_as_images,
)
from utils.plotting.loss import (
    entropy_parts,
    gradient_bars,
    loss_curve,
    loss_slopes,
    predictions,
    surprise_in_coins,
)
from utils.plotting.results import (
    confusion_matrix,
    digits,
    learning_curve,
    learning_rate,
    network_race,
    worst_predictions,
)

__all__ = [
    "Picture",
    "activations",
    "architecture",
    "confusion_matrix",
    "decision_boundaries",
    "digits",
    "edge_kernels",
    "entropy_parts",
    "feature_maps",
    "gradient_bars",
    "kernel_slides",
    "kernels",
    "layer_drawings",
    "learning_curve",
    "learning_rate",
    "loss_curve",
    "loss_slopes",
    "network_race",
    "neuron",
    "output_sizes",
    "parameters_and_work",
    "picture",
    "pooling",
    "predictions",
    "shifted_digit",
    "softmax_steps",
    "surprise_in_coins",
    "temperatures",
    "weights_as_images",
    "worst_predictions",
]
