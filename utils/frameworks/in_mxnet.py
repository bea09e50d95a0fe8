"""The deck's CNN in MXNet, with Gluon, its layer interface since 2017."""

from mxnet import autograd, nd
from mxnet.gluon import Trainer, nn

from utils.frameworks.weights import SHAPES, channels_first, channels_last


# --- network
def network():
    net = nn.HybridSequential()
    net.add(
        nn.Conv2D(32, kernel_size=3, activation="relu"),
        nn.Conv2D(64, kernel_size=3, activation="relu"),
        nn.MaxPool2D(pool_size=2),
        nn.Flatten(),
        nn.Dense(128, activation="relu"),
        nn.Dense(10),
    )
    net.initialize()
    net.hybridize()
    return net


# --- training
def loss_function(logits, labels):
    # Gluon's SoftmaxCrossEntropyLoss is usual, but 9e-5 off:
    # the log_softmax in it is not exact on a CPU.
    return -nd.pick(nd.log(nd.softmax(logits)), labels)


def make_optimizer(model, learning_rate):
    parameters = model.collect_params()
    return Trainer(parameters, "sgd", {"learning_rate": learning_rate})


def train_step(model, trainer, images, labels):
    x, y = array(images), nd.array(labels)
    with autograd.record():
        losses = loss_function(model(x), y)
    losses.backward()
    trainer.step(batch_size=len(images))
    return float(losses.mean().asscalar())


# --- derivative
def derivative(x):
    x = nd.array([x])
    x.attach_grad()
    with autograd.record():
        y = x**2 * nd.sin(x)
    y.backward()
    return float(x.grad.asscalar())


# --- shared by all
def array(images):
    """[batch, height, width, channels] -> [batch, channels, height, width]."""
    return nd.array(images.transpose(0, 3, 1, 2))


def build(weights):
    model = network()
    arrays = channels_first(weights).values()
    for parameter, values in zip(model.collect_params().values(), arrays):  # noqa: B905
        parameter.set_data(nd.array(values))
    return model


def predict(model, images):
    return nd.softmax(model(array(images))).asnumpy()


def get_weights(model):
    found = [p.data().asnumpy() for p in model.collect_params().values()]
    return channels_last(dict(zip(SHAPES, found)))  # noqa: B905
