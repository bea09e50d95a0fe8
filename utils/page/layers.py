"""A Keras model in the words of tf.layers, TensorFlow.js's own Keras.

    steps, weights = describe(model)

Only get_config() and get_weights() are asked, so any Keras backend will do.
"""

import numpy as np

# The settings of each Keras layer that tf.layers takes over, under the same names in
# camelCase. Weights are in the same order and shape in both.
CONVOLUTION = "kernel_size strides padding dilation_rate use_bias"
POOLING = "pool_size strides padding"
LAYERS = {
    "Conv2D": f"filters {CONVOLUTION}",
    "SeparableConv2D": f"filters depth_multiplier {CONVOLUTION}",
    "DepthwiseConv2D": f"depth_multiplier {CONVOLUTION}",
    "Conv2DTranspose": "filters kernel_size strides padding use_bias",
    "MaxPooling2D": POOLING,
    "AveragePooling2D": POOLING,
    "ZeroPadding2D": "padding",
    "Cropping2D": "cropping",
    "UpSampling2D": "size",
    "Dense": "units use_bias",
    "Reshape": "target_shape",
    "Permute": "dims",
    "BatchNormalization": "axis epsilon center scale",
    "LayerNormalization": "axis epsilon center scale",
    "Rescaling": "scale offset",
    "Concatenate": "axis",
    "ReLU": "max_value",
    "LeakyReLU": "negative_slope",
    "PReLU": "shared_axes",
    "Softmax": "axis",
    **dict.fromkeys(("Add", "Multiply", "Average", "Maximum", "Minimum"), ""),
    **dict.fromkeys(("Flatten", "GlobalMaxPooling2D", "GlobalAveragePooling2D"), ""),
    **dict.fromkeys(("Activation", "ELU"), ""),
}
# Layers that do nothing once the training is over.
IDLE = {
    *("Dropout", "SpatialDropout1D", "SpatialDropout2D", "AlphaDropout"),
    *("GaussianNoise", "GaussianDropout", "ActivityRegularization", "Identity"),
    *("RandomTranslation", "RandomRotation", "RandomZoom", "RandomFlip", "RandomShear"),
    *("RandomContrast", "RandomBrightness", "RandomErasing", "RandomPerspective"),
    *("RandomElasticTransform", "RandomGaussianBlur", "RandomSharpness"),
}
# Keras's activations, and their names in tf.layers.
ACTIVATIONS = {
    **{name: name for name in ("linear", "relu", "relu6", "elu", "selu", "gelu")},
    **{name: name for name in ("sigmoid", "tanh", "softplus", "softsign", "mish")},
    **{"silu": "swish", "softmax": "softmax", "log_softmax": "logSoftmax"},
}
# The only values of these settings that tf.layers knows: of any layer, and of some.
ONLY = {
    "data_format": "channels_last",
    "groups": 1,
    "rms_scaling": False,
    "interpolation": "nearest",
    "output_padding": None,
    "ReLU": {"negative_slope": 0, "threshold": 0},
    "ELU": {"alpha": 1},
    "Softmax": {"axis": -1},
}
SHAPES = {"Reshape", "Permute"}


def describe(model):
    """Return (steps, weights) of a model with one input and one output.

    Each step is a dictionary: kind, settings, before (the numbers of the steps whose
    outputs it takes; 0 is the input, 1 the first step), weights (their shapes). The
    last step's output is the model's. weights: float32 arrays, in the steps' order.
    Raises ValueError where the page cannot run a layer.
    """
    walk = _Walk()
    walk.model(model, [0])
    return walk.steps, walk.weights


def ending(steps):
    """What the last step gives: "softmax", "sigmoid", or "logits" (anything else)."""
    number = len(steps)
    while number and steps[number - 1]["kind"] in SHAPES:
        number = steps[number - 1]["before"][0]
    step = steps[number - 1] if number else {"kind": "", "settings": {}}
    last = step["settings"].get("activation", step["kind"].lower())
    return last if last in ("softmax", "sigmoid") else "logits"


class _Walk:
    """Follows a model's calls from its input to its output, and writes them down."""

    def __init__(self):
        self.steps, self.weights = [], []

    def model(self, model, before):
        """Write a model's steps down; return the number of the last one."""
        import keras

        if isinstance(model, keras.Sequential):
            for layer in model.layers:
                before = [self.layer(layer, before)]
            return before[0]
        try:
            config = model.get_config()
            calls = {entry["name"]: entry for entry in config["layers"]}
            inputs, outputs = _keys(config["input_layers"]), config["output_layers"]
        except (KeyError, NotImplementedError):
            raise ValueError(
                f"{model.name!r} is a {type(model).__name__}; only Sequential and "
                "functional models can be exported"
            ) from None
        done = dict(zip(inputs, before, strict=True))

        def output(key):
            if key not in done:
                name, number, _ = key
                call = calls[name]["inbound_nodes"][number]
                arguments = [output(one) for one in _keys(call)]
                done[key] = self.call(model, calls[name], arguments)
            return done[key]

        return output(*_keys(outputs))

    def call(self, model, entry, before):
        """One call in a functional model: of a layer, or an operation such as x + y."""
        name, kind = entry["name"], entry["class_name"]
        if any(layer.name == name for layer in model.layers):
            return self.layer(model.get_layer(name), before)
        if kind in ("Add", "Multiply", "Maximum", "Minimum") and len(before) == 2:
            return self.step(kind, before)
        raise ValueError(f"{name!r} is an operation ({kind}), not a layer; use a layer")

    def layer(self, layer, before):
        import keras

        kind = type(layer).__name__
        if kind in IDLE or kind == "InputLayer":
            return before[0]
        if isinstance(layer, keras.Model):
            return self.model(layer, before)
        config = _checked(layer)
        settings = {_camel(key): config[key] for key in LAYERS[kind].split()}
        if kind == "LeakyReLU":
            settings = {"alpha": config["negative_slope"]}
        if kind == "Flatten":  # that of tf.layers refuses what is flat already
            kind, settings = "Reshape", {"targetShape": [-1]}
        activation = getattr(layer, "activation", None)
        then = None  # an activation that is a step of its own
        if activation is not None and kind != "ELU":
            settings["activation"], then = self.activation(layer, activation)
        last = self.step(kind, before, settings, layer.get_weights())
        if config.get("keepdims"):
            last = self.step("Reshape", [last], {"targetShape": [1, 1, -1]})
        return then(last) if then else last

    def activation(self, layer, activation):
        """Its name in tf.layers, and None or what has to be called after the layer."""
        import keras

        if isinstance(activation, keras.Layer):
            return "linear", lambda last: self.layer(activation, [last])
        if activation is keras.activations.leaky_relu:
            return "linear", lambda last: self.step("LeakyReLU", [last], {"alpha": 0.2})
        for name, new in ACTIVATIONS.items():
            if activation is getattr(keras.activations, name):
                return new, None
        raise ValueError(
            f"layer {layer.name!r} has the activation "
            f"{getattr(activation, '__name__', activation)!r}; the page knows "
            f"{', '.join([*ACTIVATIONS, 'leaky_relu'])}"
        )

    def step(self, kind, before, settings=None, weights=()):
        weights = [np.asarray(array, "float32") for array in weights]
        self.weights += weights
        self.steps.append(
            {
                "kind": kind,
                "settings": settings or {},
                "before": before,
                "weights": [list(array.shape) for array in weights],
            }
        )
        return len(self.steps)


def _checked(layer):
    """A layer's get_config(), or ValueError where the page cannot run the layer."""
    name, kind = layer.name, type(layer).__name__
    if kind not in LAYERS:
        raise ValueError(
            f"layer {name!r} is a {kind}, which the page cannot run; it knows "
            f"{', '.join(LAYERS)}, and layers that only act while training"
        )
    config = layer.get_config()
    for key, only in (ONLY | ONLY.get(kind, {})).items():
        if config.get(key, only) != only:
            raise ValueError(
                f"layer {name!r} has {key}={config[key]!r}; the page can only run "
                f"{key}={only!r}"
            )
    if not all(np.isfinite(weight).all() for weight in layer.get_weights()):
        raise ValueError(
            f"layer {name!r} has weights that are NaN or infinite: its training went "
            "wrong; train again, with a smaller learning rate"
        )
    return config


def _keys(value):
    """The tensors in a saved call: [(name of layer, number of its call, output)]."""
    if isinstance(value, dict) and value.get("class_name") == "__keras_tensor__":
        return [tuple(value["config"]["keras_history"])]
    if isinstance(value, dict):
        value = list(value.values())
    if not isinstance(value, (list, tuple)):
        return []
    if len(value) == 3 and isinstance(value[0], str) and isinstance(value[1], int):
        return [tuple(value)]
    return [key for part in value for key in _keys(part)]


def _camel(name):
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)
