"""A Keras model as a reader of drawings: what it takes, and what it answers."""

import numpy as np


def shapes(model):
    """The shape of one image for a Keras model, and how many outputs it has.

    (28, 28, 1), (28, 28) or (784,), and at least 2 outputs. Raises ValueError where the
    model cannot read drawings.
    """
    if not getattr(model, "built", True):
        raise ValueError(
            "the model has no weights yet: begin it with keras.Input((28, 28, 1)), "
            "and train it"
        )
    try:
        shape, output = _one(model.input_shape), _one(model.output_shape)
    except (AttributeError, TypeError, ValueError):
        raise ValueError(
            "a Keras model with one input and one output is wanted; "
            f"you gave {type(model).__name__}"
        ) from None
    if shape not in [(28, 28, 1), (28, 28), (784,)]:
        raise ValueError(
            f"the model's input has shape (n, {', '.join(map(str, shape))}); wanted "
            "(n, 28, 28, 1), (n, 28, 28) or (n, 784)"
        )
    if len(output) != 1 or output[0] < 2:
        raise ValueError(
            f"the model's output has shape (n, {', '.join(map(str, output))}); "
            "wanted (n, classes), one number for each class, such as (n, 10)"
        )
    return shape, output[0]


def _one(shapes):
    """The shape of the only input or output, without the batch's length."""
    (shape,) = shapes if isinstance(shapes, list) else [shapes]
    return tuple(shape[1:])


def class_names(names, outputs):
    """The names of a network's outputs, as text; without any, numbers from 0."""
    names = [str(name) for name in (range(outputs) if names is None else names)]
    if len(names) != outputs:
        raise ValueError(f"there are {len(names)} names for {outputs} outputs")
    return names


def probabilities(model, image, shape):
    """A model's probabilities for one image, as a list.

    model: a Keras model, or any function of images. Outputs that are not negative and
    add up to 1 (within 0.01: float16 rounds) are probabilities already. Where the last
    layer ends with sigmoid, each number's share of their sum is given, as utils.page
    does; other outputs are logits, and softmax makes probabilities of them.
    Raises ValueError for NaN and infinity.
    """
    x, last = (image / 255).astype("float32").reshape(1, *shape), ""
    if hasattr(model, "layers"):
        import keras

        outputs = keras.ops.convert_to_numpy(model(x, training=False))
        last = getattr((model.layers or [None])[-1], "activation", None)
        last = getattr(last, "__name__", "")
    else:
        outputs = model(x)
    outputs = np.asarray(outputs, "float64")[0]
    if not np.isfinite(outputs).all():
        raise ValueError(
            "the network's outputs are NaN or infinite. If its loss became NaN, train "
            "it anew with a smaller learning rate."
        )
    probable = outputs.min() >= 0 and abs(outputs.sum() - 1) <= 0.01
    if not probable and last != "sigmoid":
        outputs = np.exp(outputs - outputs.max())
    if not outputs.any():
        raise ValueError("the network's outputs are all 0: it sees no class at all.")
    return (outputs / outputs.sum()).tolist()
