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
    "feature_maps",
    "kernel_slides",
    "kernels",
    "layer_drawings",
    "learning_curve",
    "learning_rate",
    "network_race",
    "neuron",
    "output_sizes",
    "parameters_and_work",
    "picture",
    "pooling",
    "shifted_digit",
    "softmax_steps",
    "temperatures",
    "weights_as_images",
    "worst_predictions",
]
