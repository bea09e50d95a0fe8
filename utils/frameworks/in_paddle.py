"""The deck's CNN in PaddlePaddle."""

import paddle
import paddle.nn.functional as F
from paddle import nn

from utils.frameworks.weights import SHAPES, channels_first, channels_last

LAYOUT = "inputs, outputs"  # of dense kernels


# --- network
class Net(nn.Layer):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2D(1, 32, kernel_size=3)
        self.conv2 = nn.Conv2D(32, 64, kernel_size=3)
        self.pool = nn.MaxPool2D(kernel_size=2)
        self.fc1 = nn.Linear(64 * 12 * 12, 128)
        self.fc2 = nn.Linear(128, 10)

    def forward(self, x):
        x = F.relu(self.conv1(x))
        x = self.pool(F.relu(self.conv2(x)))
        x = paddle.flatten(x, start_axis=1)
        x = F.relu(self.fc1(x))
        return self.fc2(x)


# --- training
def make_optimizer(model, learning_rate):
    parameters = model.parameters()
    return paddle.optimizer.SGD(learning_rate, parameters)


def train_step(model, optimizer, images, labels):
    model.train()
    logits = model(tensor(images))
    loss = F.cross_entropy(logits, paddle.to_tensor(labels))
    loss.backward()
    optimizer.step()
    optimizer.clear_grad()
    return float(loss)


# --- derivative
def derivative(x):
    x = paddle.to_tensor(x, stop_gradient=False)
    y = x**2 * paddle.sin(x)
    y.backward()
    return float(x.grad)


# --- shared by all
def tensor(images):
    """[batch, height, width, channels] -> [batch, channels, height, width]."""
    return paddle.to_tensor(images.transpose(0, 3, 1, 2))


def build(weights):
    model = Net()
    arrays = channels_first(weights, dense=LAYOUT).values()
    names = model.state_dict()  # conv1.weight, conv1.bias, conv2.weight, ...
    model.set_state_dict(dict(zip(names, arrays, strict=True)))
    return model


@paddle.no_grad()
def predict(model, images):
    model.eval()
    return F.softmax(model(tensor(images))).numpy()


def get_weights(model):
    found = [parameter.numpy() for parameter in model.parameters()]
    return channels_last(dict(zip(SHAPES, found, strict=True)), dense=LAYOUT)
