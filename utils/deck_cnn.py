"""The deck's network: its table, its parameters, its work, counted from the model."""

import math


def build():
    """Build the deck's CNN in Keras, as lesson 4 does; its outputs are logits.

    Input (n, 28, 28, 1), output (n, 10); 1,199,882 parameters.
    """
    from utils.frameworks import in_keras

    return in_keras.network()


# The deck's names for the layers, in order.
DECK_NAMES = ["Input", "Conv_1", "Conv_2", "Max Pool", "Flatten"]
DECK_NAMES += ["Fully Connected", "Output"]
HEADS = "Layer", "Depth", "Width", "Height", "Filter (w)", "Filter (h)"


def layer_table(model, names):
    """The deck's table of a built Sequential model, one dictionary a row.

    Keys: Layer, Depth, Width, Height, Filter (w), Filter (h); the last two are None
    where a layer has no filter. A vector has width and height 1, as in the deck.
    """
    shapes = [model.input_shape, *(layer.output.shape for layer in model.layers)]
    if len(names) != len(shapes):
        raise ValueError(f"{len(names)} names for {len(shapes)} rows (input, layers)")
    rows = []
    for name, shape, layer in zip(names, shapes, [None, *model.layers], strict=True):
        height, width, depth = shape[1:] if len(shape) == 4 else (1, 1, shape[-1])
        size = getattr(layer, "kernel_size", getattr(layer, "pool_size", None))
        filter_height, filter_width = size or (None, None)
        row = name, depth, width, height, filter_width, filter_height
        rows.append(dict(zip(HEADS, row, strict=True)))
    return rows


def multiply_adds(layer):
    """How many multiply-adds a layer's forward pass takes for one image.

    A layer's weight is used once at every place of its output; pooling and
    flattening multiply nothing.
    """
    if not layer.weights:
        return 0
    kernel = math.prod(layer.weights[0].shape)
    return kernel * math.prod(layer.output.shape[1:-1])
