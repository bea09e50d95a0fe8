"""A convolutional network from scratch: NumPy, and nothing hidden.

A layer turns an input x into an output (`forward`). On the way back it is given
`grad`, the gradient of the loss with respect to its output, and answers two
questions with the chain rule (`backward`): how does the loss change with my
weights, and how with my input? The second answer is the `grad` of the layer before.
Each line of the way back has its formula beside it: L is the loss, y a layer's output,
so `grad` is dL/dy; W is a kernel, b a bias, and ^T turns a matrix on its side.

Shapes as in Keras: images [batch, height, width, channels], kernels [height, width,
channels in, channels out] or, in a dense layer, [inputs, outputs]; a gradient has the
shape of what it belongs to. A network computes in float32 or float64, never in both.
Bad input raises ValueError, `backward` before `forward` RuntimeError.

Source of the formulas: Goodfellow, Bengio & Courville, "Deep Learning" (2016),
sections 6.2.2 (softmax), 6.5 (backpropagation), 8.3 (SGD) and 9 (convolution).
"""

import time

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view


def check(who, what, array, shape=None, dtype=None):
    """Raise ValueError if `array` is not as wanted; a name in `shape` fits any size."""
    dtypes = ["float32", "float64"] if dtype is None else [dtype.name]
    kind = array.dtype if isinstance(array, np.ndarray) else type(array).__name__
    if not isinstance(array, np.ndarray) or array.dtype not in dtypes:
        wanted = f"a NumPy array of {' or '.join(dtypes)}"
        raise ValueError(f"{who}: {what} is {kind}, wanted {wanted}")
    wanted = shape or ("batch", *array.shape[1:])
    pairs = zip(wanted, array.shape, strict=False)
    fits = all(isinstance(want, str) or want == have for want, have in pairs)
    if not fits or len(wanted) != array.ndim or array.size == 0:
        raise ValueError(f"{who}: {what} has shape {array.shape}, wanted {wanted}")
    if not np.isfinite(array).all():
        raise ValueError(f"{who}: {what} of shape {array.shape} has NaN or infinity")


class Layer:
    """What all layers share: the checks, and what is kept for the way back."""

    weights = gradients = ()
    wants = out = None  # the shape that the input must have (None: any); the output

    def __init__(self, *sizes):
        self.sizes = sizes
        if not all(isinstance(n, (int, np.integer)) and n > 0 for n in sizes):
            raise ValueError(f"{self}: wanted whole numbers from 1 up")

    def __repr__(self):
        return f"{type(self).__name__}({', '.join(map(str, self.sizes))})"

    def _first_weights(self, shape, rng, dtype):
        """A random kernel (Glorot & Bengio, 2010) and zeros; rng: generator or seed."""
        if np.dtype(dtype) not in ("float32", "float64"):
            raise ValueError(f"{self}: dtype {dtype}, wanted float32 or float64")
        *area, fan_in, fan_out = shape
        limit = np.sqrt(6 / (np.prod(area) * (fan_in + fan_out)))
        kernel = np.random.default_rng(rng).uniform(-limit, limit, shape)
        return [kernel.astype(dtype), np.zeros(fan_out, dtype)]

    def forward(self, x):
        """Return the output for the input x; keep both for `backward`."""
        dtype = self.weights[0].dtype if self.weights else None
        check(self, "input", x, self.wants, dtype)
        self.x, self.out = x, self._forward(x)
        return self.out

    def backward(self, grad, input_gradient=True):
        """Set `gradients`, one for each of `weights`; return that of the input."""
        if self.out is None:
            raise RuntimeError(f"{self}: backward was called before forward")
        check(self, "gradient", grad, self.out.shape, self.out.dtype)
        self.gradients = self._weight_gradients(grad) if self.weights else ()
        return self._input_gradient(grad) if input_gradient else None


class Dense(Layer):
    """x [batch, inputs] -> x @ kernel + bias [batch, outputs]."""

    def __init__(self, inputs, outputs, rng, dtype="float32"):
        super().__init__(inputs, outputs)
        self.wants = ("batch", inputs)
        self.weights = self._first_weights((inputs, outputs), rng, dtype)

    def _forward(self, x):
        kernel, bias = self.weights
        return x @ kernel + bias

    def _weight_gradients(self, grad):
        # dL/dW = x^T dL/dy; dL/db: each row of the batch has its share, add them up
        return [self.x.T @ grad, grad.sum(axis=0)]

    def _input_gradient(self, grad):
        return grad @ self.weights[0].T  # dL/dx = dL/dy W^T


class Conv2D(Layer):
    """A small dense layer that looks at every patch of the image in turn.

    x [batch, height, width, channels] -> [batch, out height, out width, filters],
    out height = (height - kernel_size) // strides + 1 ("valid" padding). The patches
    of an image become the rows of a matrix: "im2col", Chellapilla, Puri & Simard, 2006.
    One image after the other: so few patches stay in the processor's cache.
    """

    def __init__(self, channels, filters, kernel_size, rng, strides=1, dtype="float32"):
        super().__init__(channels, filters, kernel_size, strides)
        self.wants = ("batch", "height", "width", channels)
        shape = (kernel_size, kernel_size, channels, filters)
        self.weights = self._first_weights(shape, rng, dtype)

    def _patches(self, x):
        """For each image its patches, a row each, in the order of the kernel."""
        channels, _, size, step = self.sizes
        windows = sliding_window_view(x, (size, size), axis=(1, 2))[:, ::step, ::step]
        # so far a view: [batch, out height, out width, channels, size, size]
        for image in windows.transpose(0, 1, 2, 4, 5, 3):
            yield image.reshape(-1, size * size * channels)

    def _forward(self, x):
        kernel, bias = self.weights
        _, filters, size, step = self.sizes
        if min(x.shape[1:3]) < size:
            raise ValueError(f"{self}: input {x.shape} is smaller than the kernel")
        height, width = ((length - size) // step + 1 for length in x.shape[1:3])
        out = np.empty((len(x), height * width, filters), x.dtype)
        for patches, y in zip(self._patches(x), out, strict=True):
            y[...] = patches @ kernel.reshape(-1, filters) + bias
        return out.reshape(len(x), height, width, filters)

    def _weight_gradients(self, grad):
        kernel, bias = self.weights
        rows = grad.reshape(len(grad), -1, len(bias))
        kernel_gradient = np.zeros_like(kernel).reshape(-1, len(bias))
        # as in Dense, x being the patches: dL/dW = x^T dL/dy, dL/db = sum of dL/dy
        for patches, dy in zip(self._patches(self.x), rows, strict=True):
            kernel_gradient += patches.T @ dy
        return [kernel_gradient.reshape(kernel.shape), rows.sum(axis=(0, 1))]

    def _input_gradient(self, grad):
        kernel, bias = self.weights
        _, _, size, step = self.sizes
        batch, height, width, _ = grad.shape
        rows = grad.reshape(-1, len(bias))
        dx = np.zeros_like(self.x)
        # a pixel lies in many patches, once in each place (i, j) of the kernel: add up
        # its shares, each as in Dense: dL/dx = dL/dy W^T
        for i, j in np.ndindex(size, size):
            down = slice(i, i + step * height, step)
            right = slice(j, j + step * width, step)
            shares = rows @ kernel[i, j].T
            dx[:, down, right] += shares.reshape(batch, height, width, -1)
        return dx


class MaxPool2D(Layer):
    """The largest number in each window of pool_size x pool_size pixels.

    x [batch, height, width, channels] -> [batch, height // pool_size, ..., channels],
    without the pixels left over. The whole gradient goes to the largest; of equals,
    to the first in reading order, as in TensorFlow.
    """

    wants = ("batch", "height", "width", "channels")

    def __init__(self, pool_size=2):
        super().__init__(pool_size)

    def _places(self, x):
        """For each place in the window, that pixel of every window: views."""
        (size,) = self.sizes
        height, width = (length // size * size for length in x.shape[1:3])
        return [x[:, i:height:size, j:width:size] for i, j in np.ndindex(size, size)]

    def _forward(self, x):
        out, *others = self._places(x)
        if out.size == 0:
            raise ValueError(f"{self}: input {x.shape} is smaller than the window")
        for pixels in others:
            out = np.maximum(out, pixels)
        return out

    def _input_gradient(self, grad):
        dx = np.zeros_like(self.x)
        waiting = np.ones(grad.shape, bool)  # windows whose winner was not met yet
        for pixels, place in zip(self._places(self.x), self._places(dx), strict=True):
            winner = waiting & (pixels == self.out)
            # dL/dx = dL/dy for the winner, which alone was passed on; else 0
            np.multiply(grad, winner, out=place)
            waiting ^= winner
        return dx


class ReLU(Layer):
    """max(x, 0), any shape. At exactly 0 the gradient is 0, as in TensorFlow."""

    def _forward(self, x):
        return np.maximum(x, 0)

    def _input_gradient(self, grad):
        return grad * (self.x > 0)  # dL/dx = dL/dy where x > 0, else 0


class Flatten(Layer):
    """x [batch, ...] -> [batch, all the rest in one row]."""

    def _forward(self, x):
        return x.reshape(len(x), -1)

    def _input_gradient(self, grad):
        return grad.reshape(self.x.shape)  # dL/dx = dL/dy, each number at its place


class Softmax(Layer):
    """Logits [batch, classes] -> probabilities exp(x) / sum(exp(x)) in each row."""

    wants = ("batch", "classes")

    def _forward(self, x):
        # the largest logit becomes 0: the same quotient, and exp cannot overflow
        powers = np.exp(x - x.max(axis=1, keepdims=True))
        return powers / powers.sum(axis=1, keepdims=True)

    def _input_gradient(self, grad):
        # dy_k/dx_i = y_k ((1 if i = k else 0) - y_i); times dL/dy_k, summed over k:
        # dL/dx_i = y_i (dL/dy_i - sum over k of dL/dy_k y_k)
        return self.out * (grad - (grad * self.out).sum(axis=1, keepdims=True))


class CrossEntropy:
    """The mean over the batch of -sum(p * log(q)), with q = softmax(logits).

    logits [batch, classes]; labels [batch], whole numbers from 0, or p [batch, classes]
    itself, one-hot for example. log(q) is made from the logits: finite even at q = 0.
    """

    q = None

    def forward(self, logits, labels):
        """Return the loss, a float, in natural logarithms; keep p and q."""
        check("CrossEntropy", "logits", logits, ("batch", "classes"))
        p, (batch, classes) = np.asarray(labels), logits.shape
        if p.ndim < 2:
            whole = p.dtype.kind in "iu" and p.shape == (batch,)
            if not (whole and p.min() >= 0 and p.max() < classes):
                wanted = f"{batch} whole numbers from 0 to {classes - 1}"
                raise ValueError(f"CrossEntropy: labels are {p}, wanted {wanted}")
            p = np.eye(classes)[p]
        p = p.astype(logits.dtype)
        check("CrossEntropy", "truth", p, logits.shape)
        if p.min() < 0 or not np.allclose(p.sum(axis=1), 1, atol=1e-5):
            raise ValueError(f"CrossEntropy: truth is {p}, wanted rows >= 0 of sum 1")
        shifted = logits - logits.max(axis=1, keepdims=True)
        log_q = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
        self.p, self.q = p, np.exp(log_q)
        return float(-(p * log_q).sum() / batch)

    def backward(self):
        """Return the gradient with respect to the logits."""
        if self.q is None:
            raise RuntimeError("CrossEntropy: backward was called before forward")
        return (self.q - self.p) / len(self.q)  # dL/dlogits = (q - p) / batch


class Sequential:
    """Layers one after the other: `forward` goes down the list, `backward` up."""

    def __init__(self, layers):
        self.layers = list(layers)
        self.weights = [weight for layer in self.layers for weight in layer.weights]

    def get_weights(self):
        return [weight.copy() for weight in self.weights]

    def set_weights(self, arrays):
        """Copy these into the weights; what Keras's `get_weights` returns fits."""
        shapes = [np.shape(array) for array in arrays]
        wanted = [weight.shape for weight in self.weights]
        if shapes != wanted:
            raise ValueError(f"set_weights: given shapes {shapes}, wanted {wanted}")
        for weight, array in zip(self.weights, arrays, strict=True):
            weight[...] = array

    def forward(self, x):
        for layer in self.layers:
            x = layer.forward(x)
        return x

    def backward(self, grad):
        """Set the gradients of all weights; nobody needs that of the first input."""
        for layer in reversed(self.layers):
            grad = layer.backward(grad, input_gradient=layer is not self.layers[0])

    def train_step(self, x, labels, loss, optimizer):
        """One step of training on one batch; return the loss before the step."""
        value = loss.forward(self.forward(x), labels)
        self.backward(loss.backward())
        optimizer.step()
        return value


class SGD:
    """velocity = momentum * velocity - learning_rate * gradient; weight += velocity."""

    def __init__(self, model, learning_rate, momentum=0.0):
        self.learning_rate, self.momentum = float(learning_rate), float(momentum)
        if not (0 < self.learning_rate < np.inf and 0 <= self.momentum < 1):
            given = f"learning_rate {learning_rate} and momentum {momentum}"
            raise ValueError(f"SGD: {given}, wanted > 0 and from 0 to below 1")
        self.model = model
        self.velocities = [np.zeros_like(weight) for weight in model.weights]

    def step(self):
        """Move every weight, in place, by its velocity."""
        gradients = [grad for layer in self.model.layers for grad in layer.gradients]
        if len(gradients) != len(self.velocities):
            raise RuntimeError("SGD: step was called before backward")
        trios = zip(self.model.weights, gradients, self.velocities, strict=True)
        for weight, gradient, velocity in trios:
            velocity *= self.momentum
            velocity -= self.learning_rate * gradient
            weight += velocity


def layer_times(net, loss, x, labels, rounds=6):
    """Seconds of each layer of a utils.nn network in one step: (forward, backward).

    The shortest of some rounds: what else the computer does must not count. On a slow
    one, a browser's tab say, no round begins after ten seconds.
    """

    def clock(work, *arguments):
        started = time.perf_counter()
        result = work(*arguments)
        return result, time.perf_counter() - started

    forward, backward, began = [], [], time.perf_counter()
    for number in range(rounds):
        if number and time.perf_counter() - began > 10:
            break
        down, up, signal = [], [], x
        for layer in net.layers:
            signal, seconds = clock(layer.forward, signal)
            down.append(seconds)
        loss.forward(signal, labels)
        signal = loss.backward()
        for layer in reversed(net.layers):
            # nobody needs the gradient of the images
            signal, seconds = clock(layer.backward, signal, layer is not net.layers[0])
            up.insert(0, seconds)
        forward.append(down)
        backward.append(up)
    return np.min(forward, axis=0), np.min(backward, axis=0)
