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
from utils.plotting.results import (
    confusion_matrix,
    digits,
    learning_curve,
    network_race,
    worst_predictions,
)

__all__ = [
    "Picture",
    "architecture",
    "confusion_matrix",
    "digits",
    "edge_kernels",
    "feature_maps",
    "kernel_slides",
    "kernels",
    "learning_curve",
    "network_race",
    "output_sizes",
    "parameters_and_work",
    "picture",
    "pooling",
    "worst_predictions",
]
