"""The deck's CNN as Caffe's own two files, read by OpenCV 4.

pip cannot install Caffe itself. Its files are text and binary: deck_cnn.prototxt
names the layers, and a .caffemodel holds the weights. OpenCV 4 runs them; it cannot
train, so there are no gradients here.
"""

import struct
from pathlib import Path

import cv2
import numpy as np

from utils.frameworks.weights import channels_first

VERSION = "OpenCV " + cv2.__version__
PROTOTXT = Path(__file__).with_name("deck_cnn.prototxt")
LAYERS = {"conv1": "conv_1", "conv2": "conv_2", "ip1": "dense", "ip2": "output"}


def caffemodel(weights):
    """{name: array}, channels first, as a NetParameter of caffe.proto: bytes."""
    net = field(1, b"DeckCNN")
    for name, ours in LAYERS.items():
        layer = field(1, name.encode())
        for part in ("kernel", "bias"):
            values = weights[f"{ours}/{part}"]
            shape = field(7, field(1, b"".join(map(varint, values.shape))))
            data = field(5, values.astype("<f4").tobytes())
            layer += field(7, shape + data)  # one blob
        net += field(100, layer)
    return net


def field(number, content):
    """Bytes as a field of protobuf, with their length in front (wire type 2)."""
    return varint(number << 3 | 2) + varint(len(content)) + content


def varint(n):
    """A whole number from 0 as bytes, seven bits each, the lowest first."""
    if n < 128:
        return struct.pack("B", n)
    return struct.pack("B", n & 127 | 128) + varint(n >> 7)


# --- shared by all
def build(weights):
    binary = caffemodel(channels_first(weights))
    prototxt = np.frombuffer(PROTOTXT.read_bytes(), "uint8")
    return cv2.dnn.readNetFromCaffe(prototxt, np.frombuffer(binary, "uint8"))


def predict(model, images):
    """[n, 28, 28, 1] -> probabilities [n, 10]."""
    model.setInput(np.ascontiguousarray(images.transpose(0, 3, 1, 2)))
    return model.forward().copy()
