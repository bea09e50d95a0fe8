"""One CNN, every framework that the deck names, and JAX.

Each framework has a small module, `in_pytorch.py` for example, written as its own
users would write it, with the same few functions:

    build(weights)                          a model with the shared weights
    predict(model, images)                  probabilities, (n, 10)
    gradients(model, images, labels)        the loss, and {name: gradient}
    make_optimizer(model, learning_rate)    plain gradient descent, in its own form
    train_step(model, optimizer, images, labels)         the loss before the step
    derivative(x)                           of x^2 sin x
    tie()                                   how max pooling shares its gradient

Images are float32 [n, 28, 28, 1], from 0 to 1; a gradient has the layout of its shared
weight. Caffe has no gradients here, Keras no derivative of its own; only PyTorch and
Theano have `tie`; Keras and PyTorch have `fit_line(x, y)`, their own training loops.
What lesson 2 shows stands below `# --- network`, `# --- training`, `# --- loop` and
`# --- derivative`, in lines short enough to be read side by side.

A framework's module is never imported into the notebook's process, except TensorFlow's
and Keras's: `utils.frameworks.runner` starts a process of its own for each.
"""

from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Framework:
    """What the runner must know of a framework.

    key: its short name. module: its file here. package: what `import` wants, and
    distribution: what `pip install` wants. environment: the requirements file,
    None for the workshop's own environment. command: a program that it needs beside
    Python. backend: for Keras. gradients: whether it has any here. fact: its name in
    utils/records/facts.toml.
    """

    key: str
    name: str
    module: str
    package: str
    distribution: str
    environment: str = None
    command: str = None
    backend: str = None
    gradients: bool = True
    fact: str = None


_ALL = [
    Framework("tensorflow", "TensorFlow", "in_tensorflow", "tensorflow", "tensorflow"),
    Framework(
        "keras",
        "Keras on TensorFlow",
        "in_keras",
        "keras",
        "keras",
        backend="tensorflow",
        fact="Keras",
    ),
    Framework("pytorch", "PyTorch", "in_pytorch", "torch", "torch", "pytorch"),
    Framework(
        "keras-torch",
        "Keras on PyTorch",
        "in_keras",
        "torch",
        "keras",
        "pytorch",
        backend="torch",
        fact="Keras",
    ),
    Framework("jax", "JAX", "in_jax", "jax", "jax", "jax"),
    Framework(
        "keras-jax",
        "Keras on JAX",
        "in_keras",
        "jax",
        "keras",
        "jax",
        backend="jax",
        fact="Keras",
    ),
    Framework(
        "paddle", "PaddlePaddle", "in_paddle", "paddle", "paddlepaddle", "paddle"
    ),
    Framework("mxnet", "MXNet", "in_mxnet", "mxnet", "mxnet", "old"),
    Framework("theano", "Theano", "in_theano", "theano", "Theano", "old", "g++"),
    Framework(
        "caffe",
        "Caffe's files in OpenCV",
        "in_caffe",
        "cv2",
        "opencv-python-headless",
        "caffe",
        gradients=False,
        fact="Caffe",
    ),
]
FRAMEWORKS = {framework.key: framework for framework in _ALL}


def get(key):
    """The framework of this short name; ValueError with the names there are."""
    if key not in FRAMEWORKS:
        raise ValueError(f"no framework {key!r}; there are {', '.join(FRAMEWORKS)}")
    return FRAMEWORKS[key]
