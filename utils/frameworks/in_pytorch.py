"""The deck's CNN in PyTorch."""

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from utils.frameworks.weights import SHAPES, channels_first, channels_last


# --- network
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 32, kernel_size=3)
        self.conv2 = nn.Conv2d(32, 64, kernel_size=3)
        self.fc1 = nn.Linear(64 * 12 * 12, 128)
        self.fc2 = nn.Linear(128, 10)

    def forward(self, x):
        x = F.relu(self.conv1(x))
        x = F.relu(self.conv2(x))
        x = F.max_pool2d(x, 2)
        x = torch.flatten(x, 1)
        x = F.relu(self.fc1(x))
        return self.fc2(x)


# --- training
def make_optimizer(model, learning_rate):
    return torch.optim.SGD(model.parameters(), lr=learning_rate)


def train_step(model, optimizer, images, labels):
    model.train()
    optimizer.zero_grad()
    logits = model(tensor(images))
    loss = F.cross_entropy(logits, torch.as_tensor(labels))
    loss.backward()
    optimizer.step()
    return loss.item()


# --- derivative
def derivative(x):
    x = torch.tensor(x, requires_grad=True)
    y = x**2 * torch.sin(x)
    y.backward()
    return x.grad.item()


# --- loop
def fit_line(x, y):
    x, y = torch.tensor(x), torch.tensor(y)
    model = nn.Linear(1, 1)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.3)

    for epoch in range(1, 6):
        losses = []
        for xs, ys in zip(x.split(16), y.split(16)):  # noqa: B905
            optimizer.zero_grad()
            loss = F.mse_loss(model(xs), ys)
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        print(f"Epoch {epoch}: loss {np.mean(losses):.4f}")
    return model


# --- tie
def tie():
    x = torch.ones(1, 1, 2, 2, requires_grad=True)
    F.max_pool2d(x, 2).sum().backward()
    return x.grad.ravel().tolist()


# --- shared by all
def tensor(images):
    """[batch, height, width, channels] -> [batch, channels, height, width]."""
    return torch.from_numpy(np.ascontiguousarray(images.transpose(0, 3, 1, 2)))


def build(weights):
    model = Net()
    arrays = channels_first(weights).values()
    names = model.state_dict()  # conv1.weight, conv1.bias, conv2.weight, ...
    tensors = [torch.from_numpy(array) for array in arrays]
    model.load_state_dict(dict(zip(names, tensors, strict=True)))
    return model


@torch.no_grad()
def predict(model, images):
    model.eval()
    return model(tensor(images)).softmax(dim=1).numpy()


def get_weights(model):
    found = [parameter.detach().numpy() for parameter in model.parameters()]
    return channels_last(dict(zip(SHAPES, found, strict=True)))


if __name__ == "__main__":  # for lesson 2: utils.frameworks.parity.pytorch_loop
    from utils.frameworks.reference import points

    print(torch.__version__.partition("+")[0])
    torch.manual_seed(0)
    line = fit_line(*points())
    print(f"the line: {line.weight.item():.2f} x + {line.bias.item():.2f}")
