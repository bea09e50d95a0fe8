"""The figures of the lessons, one function each; every one returns a Picture."""

from utils.plotting.base import Picture, picture
from utils.plotting.lesson1 import (
    error_by_year,
    growth,
    noughts_and_crosses,
    perceptron_lines,
    timeline,
    two_layers,
)
from utils.plotting.lesson2 import (
    flatten_orders,
    framework_lives,
    keras_backends,
)
from utils.plotting.lesson3 import (
    activations,
    decision_boundaries,
    layer_drawings,
    neuron,
    shifted_digit,
    softmax_steps,
    temperatures,
    weights_as_images,
)
from utils.plotting.lesson4 import (
    architecture,
    edge_kernels,
    feature_maps,
    kernel_slides,
    kernels,
    output_sizes,
    parameters_and_work,
    pooled_maps,
    pooling,
)
from utils.plotting.lesson5 import (
    entropy_parts,
    gradient_bars,
    loss_curve,
    loss_slopes,
    predictions,
    surprise_in_coins,
)
from utils.plotting.lesson6 import (
    chain_rule,
    descents,
    epoch_of_batches,
    slope_at,
    small_network,
    there_and_back,
    time_by_layer,
    training_loop,
    two_paths,
    valley_paths,
    value_graph,
)
from utils.plotting.lesson7 import (
    class_counts,
    disagreement,
    fits,
    to_convention,
    with_and_without,
)
from utils.plotting.shared import (
    confusion_matrix,
    digits,
    learning_curve,
    learning_rate,
    network_race,
    read_digits,
    worst_predictions,
)
