"""One CNN, every framework that the deck names, and JAX.

Each framework has a small module, `in_pytorch.py` for example, written as its own
users would write it, with the same few functions:

    build(weights)                          a model with the shared weights
    predict(model, images)                  probabilities, (n, 10)
    get_weights(model)                      {name: array}, in the shared layout
    make_optimizer(model, learning_rate)    plain gradient descent, in its own form
    train_step(model, optimizer, images, labels)         the loss before the step
    derivative(x)                           of x^2 sin x
    tie()                                   how max pooling shares its gradient

Images are float32 [n, 28, 28, 1], from 0 to 1. Caffe cannot train here, Keras has no
derivative of its own; only PyTorch and Theano have `tie`; Keras and PyTorch have
`fit_line(x, y)`, their own training loops.
What lesson 2 shows stands below `# --- network`, `# --- training`, `# --- loop` and
`# --- derivative`, in lines short enough to be read side by side.

A framework's module is never imported into the notebook's process, except TensorFlow's
and Keras's: `utils.frameworks.runner` starts a process of its own for each.
"""

import re
from pathlib import Path
from typing import NamedTuple

FOLDER = Path(__file__).resolve().parent


class Framework(NamedTuple):
    """What the runner must know of a framework.

    key: its short name. module: its file here. package: what `import` wants; of Keras,
    the backend's. environment: the requirements file, None for the workshop's own
    environment. trains: whether it can here.
    """

    key: str
    name: str
    module: str
    package: str
    environment: str = None
    trains: bool = True

    @property
    def backend(self):
        """Keras's; None for the others."""
        return self.package if self.module == "in_keras" else None

    @property
    def fact(self):
        """Its name in utils/records/facts.toml: the first word."""
        return re.match(r"\w+", self.name)[0]


_ALL = [
    Framework("tensorflow", "TensorFlow", "in_tensorflow", "tensorflow"),
    Framework("keras", "Keras on TensorFlow", "in_keras", "tensorflow"),
    Framework("pytorch", "PyTorch", "in_pytorch", "torch", "pytorch"),
    Framework("keras-torch", "Keras on PyTorch", "in_keras", "torch", "pytorch"),
    Framework("jax", "JAX", "in_jax", "jax", "jax"),
    Framework("keras-jax", "Keras on JAX", "in_keras", "jax", "jax"),
    Framework("paddle", "PaddlePaddle", "in_paddle", "paddle", "paddle"),
    Framework("mxnet", "MXNet", "in_mxnet", "mxnet", "old"),
    Framework("theano", "Theano", "in_theano", "theano", "old"),
    Framework("caffe", "Caffe's files in OpenCV", "in_caffe", "cv2", "caffe", False),
]
FRAMEWORKS = {framework.key: framework for framework in _ALL}


def get(key):
    """The framework of this short name; ValueError with the names there are."""
    if key not in FRAMEWORKS:
        raise ValueError(f"no framework {key!r}; there are {', '.join(FRAMEWORKS)}")
    return FRAMEWORKS[key]
