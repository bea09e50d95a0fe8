"""A scalar autograd engine: numbers that remember how they were made.

An operation on values makes a new `Value`. It keeps its `edges`: the values it was
made from, each with the slope of the operation there. `backward` follows the edges
from the result to the inputs and applies the chain rule at each ("reverse mode",
Linnainmaa 1970). The idea of so small an engine is Andrej Karpathy's (micrograd).
"""

import math
from numbers import Real


class Value:
    """A finite number `data`; `grad` is d(result) / d(it), after result.backward()."""

    __array_ufunc__ = None  # NumPy numbers on the left leave the operation to us

    def __init__(self, data, name="", op="", edges=()):
        if isinstance(data, bool) or not isinstance(data, Real):
            raise TypeError(f"Value: given {data!r}, wanted a number")
        if not math.isfinite(data):
            raise ValueError(f"Value: given {data} ({op or name}), wanted it finite")
        self.data, self.grad = float(data), 0.0
        self.name = name  # for drawings, and yours to set
        self.op = op  # the operation that made it; "" for an input
        self.edges = edges  # a pair for each child: (child, d(self) / d(child))

    @property
    def children(self):
        return [child for child, _ in self.edges]

    def __repr__(self):
        name = f"{self.name}: " * bool(self.name)
        return f"Value({name}data={self.data:.6g}, grad={self.grad:.6g})"

    # operations with two values: z = a + b, and so on, with the slopes of z

    def __add__(self, other):
        """dz/da = 1, dz/db = 1."""
        other = as_value(other)
        return Value(self.data + other.data, "", "+", [(self, 1.0), (other, 1.0)])

    def __sub__(self, other):
        """dz/da = 1, dz/db = -1."""
        other = as_value(other)
        return Value(self.data - other.data, "", "-", [(self, 1.0), (other, -1.0)])

    def __mul__(self, other):
        """dz/da = b, dz/db = a."""
        other = as_value(other)
        edges = [(self, other.data), (other, self.data)]
        return Value(self.data * other.data, "", "*", edges)

    def __truediv__(self, other):
        """dz/da = 1 / b, dz/db = -a / b^2."""
        other = as_value(other)
        if other.data == 0:
            raise ZeroDivisionError(f"Value: {self.data:g} / 0")
        quotient = self.data / other.data
        edges = [(self, 1 / other.data), (other, -quotient / other.data)]
        return Value(quotient, "", "/", edges)

    # 2 + value comes here, because 2 does not know how to add a Value

    __radd__, __rmul__ = __add__, __mul__

    def __rsub__(self, other):
        return as_value(other) - self

    def __rtruediv__(self, other):
        return as_value(other) / self

    # operations with one value: z = -a, and so on

    def __neg__(self):
        """dz/da = -1."""
        return Value(-self.data, "", "neg", [(self, -1.0)])

    def __pow__(self, power):
        """dz/da = n a^(n - 1), n being a plain number."""
        if isinstance(power, bool) or not isinstance(power, Real):
            raise TypeError(f"Value: power {power!r}, wanted a plain number")
        x = self.data
        if x == 0 and power < 1 and power != 0:
            raise ZeroDivisionError(f"Value: 0 ** {power} or its slope is infinite")
        if x < 0 and power != int(power):
            raise ValueError(f"Value: {x:g} ** {power} is not a real number")
        try:
            out, slope = x**power, power * x ** (power - 1) if power != 0 else 0.0
        except OverflowError:
            raise ValueError(f"Value: {x:g} ** {power} is too large") from None
        return Value(out, "", f"**{power:g}", [(self, slope)])

    def exp(self):
        """dz/da = exp(a), which is z."""
        if self.data > 709:
            raise ValueError(f"Value: exp of {self.data:g} is too large for a float")
        out = math.exp(self.data)
        return Value(out, "", "exp", [(self, out)])

    def log(self):
        """dz/da = 1 / a; the natural logarithm."""
        if self.data <= 0:
            raise ValueError(f"Value: log of {self.data:g}, wanted a number above 0")
        return Value(math.log(self.data), "", "log", [(self, 1 / self.data)])

    def tanh(self):
        """dz/da = 1 - z^2."""
        out = math.tanh(self.data)
        return Value(out, "", "tanh", [(self, 1 - out**2)])

    def sigmoid(self):
        """dz/da = z (1 - z); here z is the result, 1 / (1 + exp(-a))."""
        small = math.exp(-abs(self.data))  # at most 1, cannot overflow
        out = (1 if self.data >= 0 else small) / (1 + small)
        return Value(out, "", "sigmoid", [(self, small / (1 + small) ** 2)])

    def relu(self):
        """dz/da = 1 where a > 0, else 0, at exactly 0, too."""
        return Value(max(self.data, 0.0), "", "relu", [(self, float(self.data > 0))])

    # the graph, and the way back through it

    def graph(self):
        """This value and all that it was made from; children before their parents."""
        order, done, waiting = [], set(), [self]
        while waiting:
            value = waiting[-1]
            first = [child for child in value.children if child not in done]
            waiting.extend(first)
            if not first:
                waiting.pop()
                if value not in done:
                    done.add(value)
                    order.append(value)
        return order

    def backward(self):
        """Set `grad` of every value in the graph, whatever it was before."""
        order = self.graph()
        for value in order:
            value.grad = 0.0
        self.grad = 1.0
        for value in reversed(order):
            for child, slope in value.edges:
                # dL/dchild = dz/dchild dL/dz, L the result and z the value; a child
                # with several parents adds up what each of them passes on
                child.grad += slope * value.grad


def as_value(number):
    """A plain number becomes an input of the graph; a Value stays what it is."""
    return number if isinstance(number, Value) else Value(number)
