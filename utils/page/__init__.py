"""A trained digit reader as one page that runs in any browser, without a network.

    export_page(model, "my_project/page", title="My digit reader")

TensorFlow.js runs the network: its core, its layers and its plain CPU backend are
0.7 MB, against 14 MB for onnxruntime-web, and they know nearly all layers that a
student may use. The three files in tfjs/ are its published builds (npm, version
4.22.0, Apache-2.0), kept here because an attendee has neither npm nor a network.
"""

import base64
import html
import json
import os
import tempfile
from pathlib import Path

import numpy as np

FOLDER = Path(__file__).parent
TFJS = ("tf-core", "tf-layers", "tf-backend-cpu")
INPUTS = (28, 28, 1), (28, 28), (784,)

# The settings of each Keras layer that tf.layers takes over, under the same names in
# camelCase. Weights are in the same order and shape in both.
CONVOLUTION = "kernel_size strides padding dilation_rate use_bias"
POOLING = "pool_size strides padding"
LAYERS = {
    "Conv2D": f"filters {CONVOLUTION}",
    "SeparableConv2D": f"filters depth_multiplier {CONVOLUTION}",
    "DepthwiseConv2D": f"depth_multiplier {CONVOLUTION}",
    "Conv2DTranspose": "filters kernel_size strides padding use_bias",
    "Dense": "units use_bias",
    "MaxPooling2D": POOLING,
    "AveragePooling2D": POOLING,
    "GlobalMaxPooling2D": "",
    "GlobalAveragePooling2D": "",
    "Flatten": "",
    "Reshape": "target_shape",
    "Permute": "dims",
    "ZeroPadding2D": "padding",
    "UpSampling2D": "size",
    "BatchNormalization": "axis epsilon center scale",
    "LayerNormalization": "axis epsilon center scale",
    "Rescaling": "scale offset",
    "Add": "",
    "Subtract": "",
    "Multiply": "",
    "Average": "",
    "Maximum": "",
    "Concatenate": "axis",
    "LeakyReLU": "negative_slope",
    "ELU": "alpha",
    "Activation": "",
    "ReLU": "",
    "Softmax": "",
}
# Layers that do nothing once the training is over.
IDLE = {
    *("Dropout", "SpatialDropout2D", "AlphaDropout"),
    *("GaussianNoise", "GaussianDropout", "ActivityRegularization", "Identity"),
    *("RandomTranslation", "RandomRotation", "RandomZoom", "RandomFlip"),
    *("RandomContrast", "RandomBrightness", "RandomErasing", "RandomShear"),
}
# Keras's activations that tf.layers has, with its name where it is another one.
ACTIVATIONS = {
    **{name: name for name in ("linear", "relu", "relu6", "elu", "selu", "gelu")},
    **{name: name for name in ("sigmoid", "tanh", "softplus", "softsign", "mish")},
    **{"softmax": "softmax", "silu": "swish", "swish": "swish"},
}


class CannotExport(ValueError):
    """The model has something that the page cannot run; the message says what."""


def export_page(model, folder, title="My digit reader", accuracy=None, names=None):
    """Write `folder`/index.html, a page that reads drawn digits; return its path.

    model: a built Keras model, Sequential or functional, on any backend. Its input is
    (n, 28, 28, 1), (n, 28, 28) or (n, 784), from 0 to 1, its output one number for
    each name: logits, or probabilities where the last activation is softmax.
    accuracy: the test accuracy, 0 to 1, for the page to show. names: what the outputs
    mean (default: the digits 0 to 9).

    Raises CannotExport (a ValueError) before anything is written, OSError where the
    folder cannot be written. A page that is already there is replaced at the very
    end, or stays as it is.
    """
    names = [str(name) for name in names or range(10)]
    description = describe(model, n_outputs=len(names))
    if accuracy is not None and not 0 <= accuracy <= 1:
        raise ValueError(f"accuracy is {accuracy}; wanted a number from 0 to 1")
    facts = f"{model.count_params():,} parameters"
    if accuracy is not None:
        facts += f"; it read {accuracy:.2%} of the test images right"
    text = assemble(title, facts, {"names": names, **description})

    path = Path(folder) / "index.html"
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, suffix=".html")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
        os.chmod(temporary, 0o644)  # a web server may read it, too
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise
    return path


def describe(model, n_outputs=10):
    """The model for page.js: input shape, layers in order, weights in base64.

    Each layer: name, kind, settings, the names of the layers before it ([]: the
    input), and the shapes of its weights, float32 one after the other.
    """
    try:
        input_shape = tuple(model.input_shape[1:])
        output_shape = tuple(model.output_shape[1:])
    except (AttributeError, TypeError):
        raise CannotExport(
            "a built Keras model with one input and one output is wanted; you gave "
            f"{type(model).__name__}"
        ) from None
    if input_shape not in INPUTS:
        raise CannotExport(
            f"the model's input has shape {('n', *input_shape)}; wanted "
            "(n, 28, 28, 1), (n, 28, 28) or (n, 784)".replace("'", "")
        )
    if output_shape != (n_outputs,):
        raise CannotExport(
            f"the model's output has shape {('n', *output_shape)}; wanted "
            f"(n, {n_outputs}), one number for each name".replace("'", "")
        )
    layers, numbers = [], []
    for layer, before in _graph(model):
        weights = layer.get_weights()
        numbers += [np.asarray(weight, "<f4").tobytes() for weight in weights]
        layers.append(
            {
                "name": layer.name,
                "before": before,
                **_as_tfjs(layer),
                "weights": [list(weight.shape) for weight in weights],
            }
        )
    return {
        "input": list(input_shape),
        "layers": layers,
        "numbers": base64.b64encode(b"".join(numbers)).decode(),
    }


def _graph(model):
    """[(layer, names of the layers before it)], input layers left out, in order."""
    import keras

    if isinstance(model, keras.Sequential):
        chain = list(_flat(model))
        before = [[], *([layer.name] for layer in chain)]
        return list(zip(chain, before[:-1], strict=True))
    if not isinstance(model, keras.Model) or not hasattr(model, "operations"):
        raise CannotExport("only Sequential and functional models can be exported")
    inputs = {layer.name for layer in model.layers if _kind(layer) == "InputLayer"}
    found = []
    for entry in model.get_config()["layers"]:
        if entry["name"] in inputs:
            continue
        if len(entry["inbound_nodes"]) != 1:
            raise CannotExport(f"layer {entry['name']!r} is used more than once")
        try:
            layer = model.get_layer(entry["name"])
        except ValueError:
            raise CannotExport(
                f"{entry['name']!r} is an operation, not a layer; use a layer for it"
            ) from None
        before = _histories(entry["inbound_nodes"][0]["args"])
        found.append((layer, [name for name in before if name not in inputs]))
    return found


def _flat(model):
    """The layers of a Sequential model, those of Sequential models in it included."""
    import keras

    for layer in model.layers:
        if isinstance(layer, keras.Sequential):
            yield from _flat(layer)
        elif _kind(layer) != "InputLayer":
            yield layer


def _histories(value):
    """The names of the layers that a saved call takes its tensors from."""
    if isinstance(value, dict) and value.get("class_name") == "__keras_tensor__":
        return [value["config"]["keras_history"][0]]
    if isinstance(value, dict):
        return []
    if isinstance(value, (list, tuple)):
        return [name for part in value for name in _histories(part)]
    return []


def _kind(layer):
    return layer.__class__.__name__


def _as_tfjs(layer):
    """A layer's kind, settings and activation in the words of tf.layers."""
    import keras

    kind, config = _kind(layer), layer.get_config()
    if kind in IDLE:
        return {"kind": "Activation", "settings": {"activation": "linear"}}
    if kind not in LAYERS:
        raise CannotExport(
            f"layer {layer.name!r} is a {kind}, which the page cannot run; it knows "
            f"{', '.join(LAYERS)}, and layers that only act while training"
        )
    if config.get("data_format", "channels_last") != "channels_last":
        raise CannotExport(f"layer {layer.name!r} has its channels first; wanted last")
    if config.get("groups", 1) != 1:
        raise CannotExport(f"layer {layer.name!r} has groups; wanted groups=1")
    settings = {_camel(key): config[key] for key in LAYERS[kind].split()}
    if kind == "LeakyReLU":
        settings = {"alpha": settings["negativeSlope"]}
    if kind == "ReLU":
        plain = (config["negative_slope"], config["threshold"]) == (0, 0)
        if not plain or config["max_value"] not in (None, 6):
            raise CannotExport(f"layer {layer.name!r}: only plain ReLU can be exported")
        kind, settings = (
            "Activation",
            {"activation": "relu6" if config["max_value"] else "relu"},
        )
    elif kind == "Softmax":
        kind, settings = "Activation", {"activation": "softmax"}
    elif hasattr(layer, "activation") and kind != "ELU":
        name = keras.activations.serialize(layer.activation)
        if name not in ACTIVATIONS:
            raise CannotExport(
                f"layer {layer.name!r} has the activation {name!r}; the page knows "
                f"{', '.join(ACTIVATIONS)}"
            )
        settings["activation"] = ACTIVATIONS[name]
    return {"kind": kind, "settings": settings}


def _camel(name):
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def assemble(title, facts, model):
    """The page's HTML: the template with everything that it needs inside."""

    def read(path):
        return path.read_text("utf-8")

    utils = FOLDER.parent
    runtime = [read(FOLDER / "tfjs" / f"{name}.es2017.min.js") for name in TFJS]
    scripts = [*runtime, read(utils / "sketch.js"), read(FOLDER / "page.js")]
    parts = {
        "title": html.escape(title),
        "facts": html.escape(facts),
        "styles": read(utils / "sketch.css") + read(FOLDER / "page.css"),
        # No "</" inside a script: it would end there.
        "model": json.dumps(model).replace("</", "<\\/"),
        "scripts": "\n".join(
            "<script>\n{}\n</script>".format(
                # Maps for debuggers lie in files that are not here.
                "\n".join(
                    line
                    for line in script.splitlines()
                    if not line.startswith("//# sourceMappingURL=")
                )
            )
            for script in scripts
        ),
    }
    before, *rest = read(FOLDER / "index.html").split("{{")
    for piece in rest:
        name, _, text = piece.partition("}}")
        before += parts[name] + text
    return before
