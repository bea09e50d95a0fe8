# %% [markdown]
# # 6. Backpropagation
#
# The loss says how bad the predictions are. Training makes it smaller by
# moving the weights. But a network has a million weights: which way should
# each of them move, and how far? **Backpropagation** finds the answer for all
# weights at once. In this lesson you do it by hand, then a small engine does
# it, and at the end you train the whole CNN with code that you can read line
# by line.
#
# **Time.** Alone about 55 minutes, the optional end 7 more; in a room 74
# minutes. **You make:** the loop that trains a network, and with it the CNN
# of lesson 4, without any framework.
#
# After this lesson you can
#
# - follow a small change through a chain of functions
# - compute the slope of the error in one weight, in three ways
# - carry the gradient back to every weight
# - teach an autograd engine a new operation
# - update a weight, with a learning rate that fits
# - count the steps of an epoch
# - write the loop that trains a network
#
# You need lesson 3: units, weights, the sigmoid. And lesson 5: loss and slope.
# The code uses arrays: [NumPy in ten lines](01_history.ipynb#numpy-in-ten-lines)
# has most of what you need; `np.ravel?` in a cell explains `np.ravel`, and so on.

# %%
import numpy as np

from utils import data, device, plotting
from utils.exercises import lesson6 as ex
from utils.table import Table

# %% [markdown]
# ## What happens during training?
#
# The slide with this title has six points. Together they form a loop.

# %% tags=["slide"]
plotting.training_loop()

# %% [markdown]
# Once around the inner loop is one **step** of training: one batch goes
# through, and all weights move a little. When all images have gone through, one
# **epoch** is over.

# %% [markdown]
# > **The slide says:** "Use Back Propagation to update our gradients (weights)
# > via Gradient Descent".
# >
# > **In fact** there are two actions here, 4a and 4b. Backpropagation
# > *computes* gradients. What follows it *updates* the weights. A gradient is
# > computed anew in each step, used once, and forgotten; a weight stays.

# %% [markdown]
# Here is the loop in its smallest form. The network is $y = w\,x$, with one
# weight. There is one example: for $x = 2$ we want $y = 6$. (So the best weight
# is 3, but the network does not know this.) Its loss is the squared error; the
# slides say *error* for it, and so do we. As in lesson 5, we find its slope with
# a **nudge**, a very small change of the weight.


# %%
def error(w):
    y = w * 2.0  # point 2: the example goes forward
    return (y - 6.0) ** 2 / 2  # point 3: the error


w = 0.5  # point 1: a first weight
for _ in range(4):  # points 5 and 6: again and again
    slope = (error(w + 0.001) - error(w - 0.001)) / 0.002  # 4a
    print(f"w = {w:.2f}   error {error(w):5.2f}   slope {slope:6.2f}")
    w = w - 0.1 * slope  # 4b: the update

# %% [markdown]
# The slope is new in each line. The weight keeps what it has learned: it comes
# nearer to 3, and the error falls. The slope is negative, so a larger weight
# makes the error smaller, and the update makes the weight larger.

# %% [markdown] tags=["instructor"]
# **Instructor.** Talk 4 min, exercises 0 min, must.
#
# - Draw the loop on the board and leave it there for the whole lesson. Point
#   at the box you are in.
# - Ask: "Which of the boxes changes the weights?" Expected: 4b only. Usual
#   wrong answer: backpropagation. This is what the slide suggests.
# - Ask: "What would happen with `w + 0.1 * slope`?" Expected: the error grows.

# %% [markdown]
# ## A small change travels
#
# Numbers first. Take two functions in a row: $u = 3x$, then $y = u^2$. Put in
# $x = 2$, and then an $x$ that is a little larger.

# %%
for x in (2, 2.001):
    u = 3 * x
    y = u**2
    print(f"x = {x:.3f}   u = {u:.3f}   y = {y:.3f}")

# %% [markdown]
# <slide>$x$ moved by 0.001. Then $u = 3x$ moved by 0.003, three times as much. Then
# $y = u^2$ moved by 0.036, which is twelve times as much as $u$.</slide>

# %% tags=["slide"]
plotting.chain_rule(
    names=["x", "u", "y"],
    values=[2, 6, 36],
    slopes=[3, 12],
)

# %% [markdown]
# "How many times as much" is the **slope**; another word is **derivative**. <define>We
# write $\frac{du}{dx} = 3$ and $\frac{dy}{du} = 12$, and we read "d u by d x".
# From $x$ to $y$ the change is multiplied twice. This is the **chain rule** of
# the slides:</define>
#
# $$\frac{dy}{dx} = \frac{dy}{du} \times \frac{du}{dx} = 12 \times 3 = 36$$

# %% [markdown] tags=["slide"]
# **Exercise 1** (1 minute). Another chain: $\frac{du}{dx} = -0.5$ and
# $\frac{dy}{du} = 4$. Now $x$ moves by +0.01. By how much does $y$ move?

# %% tags=["exercise"]
my_change = ...

# %% tags=["solution", "q1"]
my_change = 0.01 * -0.5 * 4  # first from x to u, then from u to y

# %% tags=["check"]
ex.q1.check(my_change)  # stuck? ex.q1.hint() or ex.q1.solution()

# %% [markdown]
# The nudge must be small, because the slope of $u^2$ is not 12 everywhere.
# Other functions have other slopes. We measure two, each at one place, beside
# the formula.


# %%
def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def measure(f, x, nudge=1e-5):
    return (f(x + nudge) - f(x - nudge)) / (2 * nudge)


# %%
print(f"u^2 at u = 6: measured {measure(np.square, 6):.4f}")
print(f"   by formula, 2 u:    {2 * 6:.4f}")
s = sigmoid(0.5)
print(f"sigmoid at z = 0.5:    {measure(sigmoid, 0.5):.4f}")
print(f"   by formula, s(1-s): {s * (1 - s):.4f}")

# %% [markdown]
# These are the slopes that we need first:

# %%
Table(
    [
        {"function": "3 x", "slope": "3, everywhere"},
        {"function": "w x, when w moves", "slope": "x"},
        {"function": "u^2 / 2", "slope": "u"},
        {"function": "s = sigmoid(z)", "slope": "s (1 - s)"},
    ]
)

# %% [markdown]
# ### Two paths
#
# Sometimes $x$ reaches $y$ on two paths. Here $u = 3x$, $v = x + 1$, and $y$ is
# the product $u\,v$. At $x = 2$ we have $u = 6$, $v = 3$ and $y = 18$.

# %% tags=["slide"]
plotting.two_paths(
    names=["x", "u", "v", "y"],
    values=[2, 6, 3, 18],
    slopes=[(3, 3), (1, 6)],
)

# %% [markdown]
# When only $u$ moves, $y = u \times 3$ moves 3 times as much. When only $v$
# moves, $y = 6 \times v$ moves 6 times as much. A slope where *only one* thing
# moves is called a **partial derivative**. It is written with a round d:
# $\frac{\partial y}{\partial u} = 3$.
#
# The rule for the whole lesson: **multiply along a path, add up the paths.**
# Is it true? We measure.

# %%
print(f"measured: {measure(lambda x: (3 * x) * (x + 1), 2):.4f}")
print(f"by the rule: {3 * 3 + 1 * 6}")

# %% [markdown] tags=["instructor"]
# **Instructor.** Talk 5 min, exercises 1 min, must.
#
# - Three students in a row play x, u and y. The first takes a step, the second
#   takes three for each of his, the third twelve for each of hers.
# - Ask: "du/dx is -2, dy/du is 0. What does y do?" Expected: nothing. One flat
#   function in the chain stops the whole change.
# - Likely wrong answers in exercise 1: 0.035 (adds), 0.02 (sign lost), -2
#   (slope instead of change).
# - Nothing to skip: the rest of the lesson is this rule.

# %% [markdown]
# ## The network of the slides: 2-2-2
#
# Two inputs, two hidden units, two outputs. All four units use the sigmoid.
# The slides draw this network; its numbers come from a well-known example by
# Matt Mazur (2015).

# %%
x = np.array([0.05, 0.10])  # the inputs
t = np.array([0.01, 0.99])  # the targets: what the outputs should be
W1 = np.array([[0.15, 0.25], [0.20, 0.30]])  # rows: w1 w3; w2 w4
b1 = 0.35
W2 = np.array([[0.40, 0.50], [0.45, 0.55]])  # rows: w5 w7; w6 w8
b2 = 0.60

# %%
from utils.touch import SmallNetwork

SmallNetwork(x=x, t=t, W1=W1, W2=W2, b1=b1, b2=b2)

# %% [markdown]
# As in lesson 3, an input is a row of the matrix and a unit is a column. So
# $w_5$ is `W2[0, 0]`: from hidden unit 1 to output 1. (The slides write $W_5$.
# We keep capital letters for matrices.)
#
# The **forward pass** computes the outputs, from left to right. Press *Next* in the
# figure seven times: it does so, one number at a time. Then NumPy does it.


# %%
def forward(W1, W2):
    h = sigmoid(x @ W1 + b1)  # the hidden units
    o = sigmoid(h @ W2 + b2)  # the outputs
    return h, o


h, o = forward(W1, W2)
print("h:", h.round(6))
print("o:", o.round(6))

# %% [markdown]
# The outputs should be 0.01 and 0.99. How wrong are they? The slides take half
# of the squared difference for each output, and their sum is the **total error**:
#
# $$E_T = E_{o1} + E_{o2} \qquad E_{o1} = \tfrac{1}{2} (o_1 - t_1)^2$$
#
# (Lesson 5 has shown that classes need the cross-entropy. Here the squared
# error keeps the arithmetic short. Backpropagation works with any loss.)


# %%
def total_error(W1, W2):
    _, o = forward(W1, W2)
    return ((o - t) ** 2 / 2).sum()


E_o1, E_o2 = (o - t) ** 2 / 2
print(f"E_o1 = {E_o1:.9f}")
print(f"E_o2 = {E_o2:.9f}")
print(f"E_T  = {total_error(W1, W2):.9f}")

# %% [markdown] tags=["slide"]
# **Exercise 2** (1 minute, a guess). <slide>Output 1 is 0.751 and should be 0.01;
# output 2 is 0.773 and should be 0.99. You raise $w_5$ a little, and no other weight.
# What does the total error</slide>
# $E_T = \tfrac{1}{2} (o_1 - t_1)^2 + \tfrac{1}{2} (o_2 - t_2)^2$
# <slide>do?</slide> Write `"rises"`, `"falls"` or `"stays"`. Guess first; then drag
# $w_5$ in the figure.

# %% tags=["exercise"]
my_guess = ...

# %% tags=["solution", "q2"]
my_guess = "rises"  # o1 grows, and it is too large already

# %% tags=["check"]
ex.q2.check(my_guess)  # stuck? ex.q2.hint() or ex.q2.solution()

# %% [markdown] tags=["instructor"]
# **Instructor.** Talk 4 min, exercises 1 min, must.
#
# - Compute h1 with the room: 0.05 x 0.15 + 0.10 x 0.20 + 0.35 = 0.3775; the
#   sigmoid of it is 0.593.
# - Ask: "Which of the two outputs is more wrong?" Expected: the first. It is
#   0.751 and should be 0.01; its error is more than ten times larger.
# - Likely wrong answer in exercise 2: falls, "because more weight is better".

# %% [markdown]
# ## How much does $w_5$ change the error?
#
# <slide>The slides ask for $\frac{\partial E_T}{\partial w_5}$: how many times as much
# as $w_5$ does the total error move?</slide> First a picture. We let $w_5$ run, and
# all other weights stay.


# %% tags=["slide"]
def error_at(w5):
    changed = W2.copy()
    changed[0, 0] = w5
    return total_error(W1, changed)


measured = measure(error_at, 0.40)
plotting.slope_at(error_at, at=0.40, slope=measured, name="w_5")

# %% [markdown]
# On the left, the error is a curve. On the right we have gone near, and the
# curve is almost a straight line. The slope says how steep it is.
#
# ### One: by hand, with the chain rule
#
# There is only one path from $w_5$ to the total error: over the weighted sum
# $z_{o1}$, inside the circle of the figure, and the output $o_1$.

# %% tags=["slide"]
plotting.weight_paths(x, t, W1, W2, b1, b2, number=5)

# %% [markdown]
# <slide>So there are three slopes to multiply:
#
# $$\frac{\partial E_T}{\partial w_5} =
# \frac{\partial E_T}{\partial o_1} \times
# \frac{\partial o_1}{\partial z_{o1}} \times
# \frac{\partial z_{o1}}{\partial w_5}$$</slide>
#
# Each of them is in the table above.
#
# - $E_{o1}$ is half of the square of $o_1 - t_1$: its slope is $o_1 - t_1$. The
#   total error is $E_{o1}$ plus the other one: a slope of 1, which we leave out.
# - $o_1$ is the sigmoid of $z_{o1}$: its slope is $o_1 (1 - o_1)$.
# - $z_{o1}$ is $w_5 h_1$ and more: when $w_5$ moves, its slope is $h_1$.

# %%
factors = [o[0] - t[0], o[0] * (1 - o[0]), h[0]]
by_hand = np.prod(factors)
print(f"E_T in o1:  {factors[0]:.9f}")
print(f"o1 in z_o1: {factors[1]:.9f}")
print(f"z_o1 in w5: {factors[2]:.9f}")
print(f"product:    {by_hand:.9f}")

# %% tags=["slide"]
z_o1 = h @ W2[:, 0] + b2
plotting.chain_rule(
    names=["w_5", "z_{o1}", "o_1", "E_T"],
    values=[W2[0, 0], z_o1, o[0], total_error(W1, W2)],
    slopes=factors[::-1],
)

# %% [markdown]
# The picture reads from the weight to the error, so the three factors stand in
# the opposite order. 0.0822 is positive: a larger $w_5$ makes the error larger.
#
# ### Two: measured, with a nudge
#
# <define>`measured`, from the picture above, nudges $w_5$ up and down by 0.00001. This
# is called a **finite difference**.</define> It knows nothing of the chain rule.

# %%
print(f"by hand:  {by_hand:.9f}")
print(f"measured: {measured:.9f}")
print("agree to 1e-9:", abs(by_hand - measured) < 1e-9)

# %% [markdown]
# How small should a nudge be? Let us try some. The computer keeps about 16
# digits of each number (`float64`).

# %%
for nudge in (1e-1, 1e-3, 1e-5, 1e-12, 1e-15):
    difference = abs(measure(error_at, 0.40, nudge) - by_hand)
    print(f"{nudge:7.0e}  agrees to 1e-9: {difference < 1e-9}")

# %% [markdown]
# Over a large nudge the curve is bent, not straight. A tiny nudge moves the
# error only in its last digits, and these are rounded. 0.00001 is a good choice.
#
# ### Three: by TensorFlow
#
# A `GradientTape` writes down each operation. Then `gradient` goes back through
# this record, from the last operation to the first. We give it the same `float64` numbers.

# %% tags=["nbval-ignore-output"]
device.setup(seed=0)

# %% tags=["tensorflow"]
import tensorflow as tf

W1_tf, W2_tf = tf.Variable(W1), tf.Variable(W2)
with tf.GradientTape() as tape:
    h_tf = tf.sigmoid(tf.matmul(x[None], W1_tf) + b1)
    o_tf = tf.sigmoid(tf.matmul(h_tf, W2_tf) + b2)
    error_tf = tf.reduce_sum((o_tf - t) ** 2 / 2)
by_tape = tape.gradient(error_tf, [W1_tf, W2_tf])

# %% tags=["tensorflow"]
w5_by_tape = float(by_tape[1][0, 0])
print(f"by hand:  {by_hand:.9f}")
print(f"measured: {measured:.9f}")
print(f"by tape:  {w5_by_tape:.9f}")
three = [by_hand, measured, w5_by_tape]
agree = max(three) - min(three) < 1e-9
print("VERDICT: all three agree to 1e-9:", agree)

# %% [markdown] tags=["slide"]
# By hand, with a nudge, by TensorFlow: three ways, and one number,
# $\frac{\partial E_T}{\partial w_5} = 0.082167041$. The framework does what you did
# by hand.

# %% [markdown] tags=["slide"]
# **Exercise 3** (4 minutes). A network has many weights. All slopes together
# are called the **gradient**. Measure it: in each round of the loop, `change`
# moves only weight number `k`. `f` is any function of the weights `w`.


# %% tags=["exercise"]
def my_gradient(f, w, nudge=1e-5):
    gradient = np.zeros(len(w))
    for k in range(len(w)):
        change = np.zeros(len(w))
        change[k] = nudge
        gradient[k] = ...  # nudge to both sides
    return gradient


# %% tags=["solution", "q3"]
def my_gradient(f, w, nudge=1e-5):
    gradient = np.zeros(len(w))
    for k in range(len(w)):
        change = np.zeros(len(w))
        change[k] = nudge
        gradient[k] = (f(w + change) - f(w - change)) / (2 * nudge)
    return gradient


# %% tags=["check"]
ex.q3.check(my_gradient)  # stuck? ex.q3.hint() or ex.q3.solution()
measured_gradient = ex.q3.use(my_gradient)

# %% [markdown] tags=["instructor"]
# **Instructor.** Talk 8 min, exercises 4 min, must.
#
# - This is the heart of the lesson. Write the three fractions on the board,
#   and below each its number: 0.741, 0.187, 0.593. In the picture they stand in the
#   opposite order, from the weight to the error.
# - Ask: "Where is $w_6$ in $\partial z_{o1} / \partial w_5$?" Expected: it does
#   not move, so it adds nothing.
# - Ask: "Why not nudge by 0.000000000000001?" Expected: rounding.
# - Likely wrong answers in exercise 3: one side only (correct to five digits,
#   and the check says so), the 2 forgotten.
# - Late? Skip the cell with the five nudges.

# %% [markdown]
# ## The update
#
# The error rises with $w_5$, so $w_5$ should become smaller. By how much? We
# multiply the slope by a small number, the **learning rate** $\lambda$.

# %% [markdown] tags=["slide"]
# > **The slide says:**
# > $\text{New } W_5 = -\lambda \times \frac{dE_T}{dW_5}$
# >
# > **In fact** the old weight is missing:
# > $\text{New } w_5 = w_5 - \lambda \times \frac{\partial E_T}{\partial w_5}$.
# > The second part only says how far to move, and one must move *from* somewhere.

# %%
learning_rate = 0.5
print(f"the slide: {-learning_rate * by_hand:.8f}")
print(f"in fact:   {0.40 - learning_rate * by_hand:.8f}")

# %% [markdown]
# One update proves little. So let us do a thousand of them, and watch both.

# %%
slide = fact = 0.40
for number in range(1, 1001):
    slide = -learning_rate * measure(error_at, slide)
    fact = fact - learning_rate * measure(error_at, fact)
    if number in (1, 2, 10, 100, 1000):
        print(f"{number:4}  the slide: w5 = {slide:6.3f}", end="")
        print(f"   in fact: w5 = {fact:6.3f}")

# %%
print(f"E_T, the slide: {error_at(slide):.3f}")
print(f"E_T, in fact:   {error_at(fact):.3f}")

# %% [markdown]
# The slide's weight forgets where it was, so it is at the same place again and
# again. The right formula collects its small moves, and the error falls from
# 0.298 to 0.025. (It does not reach 0: seven other weights stand still.) This is
# **gradient descent**: again and again, a step against the slope.

# %% [markdown]
# **Exercise 4** (1 minute). Write the update as a function. It should work for
# one weight, and also for an array of weights.


# %% tags=["exercise"]
def my_update(w, gradient, learning_rate):
    return ...


# %% tags=["solution", "q4"]
def my_update(w, gradient, learning_rate):
    return w - learning_rate * gradient


# %% tags=["check"]
ex.q4.check(my_update)  # stuck? ex.q4.hint() or ex.q4.solution()
update = ex.q4.use(my_update)

# %% [markdown] tags=["instructor"]
# **Instructor.** Talk 3 min, exercises 1 min, must.
#
# - Ask the room to find what is missing before you show the second half of the
#   slide; leave it there for exercise 4. With a gradient of 0 the slide's new weight is 0: is it good?
# - Ask: "Why minus?" Expected: the gradient points to where the error grows.
# - Likely wrong answers in exercise 4: the slide's formula; plus.

# %% [markdown] tags=["slide"]
# ## All eight weights
#
# The weights $w_5$ to $w_8$ all work in the same way. <slide>The first two factors
# belong to the output.</slide> They do not depend on the weight: we compute them once
# for each output. <slide>Their product is its **error signal** $\delta$ ("delta"):
#
# $$\delta_{o1} = (o_1 - t_1) \times o_1 (1 - o_1)$$
#
# The slope in a weight is the activation at its **source**, times the signal at
# its **destination**.</slide> In $w_5$ it is $h_1 \times \delta_{o1}$.

# %%
delta_o = (o - t) * o * (1 - o)
print("error signals of the outputs:", delta_o.round(6))
print(f"slope of E_T in w5: {h[0] * delta_o[0]:.9f}")

# %% [markdown]
# And the biases? A bias is added to the weighted sum: when it moves, the sum
# moves as much. So its slope is the signal itself, times 1. Here both outputs
# have the *same* bias $b_2$. It reaches the error on two paths, so we add up.


# %%
def error_at_bias(b2):
    o = sigmoid(h @ W2 + b2)
    return ((o - t) ** 2 / 2).sum()


print(f"slope of E_T in b2: {delta_o.sum():.9f}")
print(f"          measured: {measure(error_at_bias, b2):.9f}")

# %% [markdown]
# <slide>And $w_1$? It ends at the hidden unit $h_1$, so we need a signal there. From
# $h_1$ two paths lead to the error. You know the rule: add up the paths.</slide>

# %% tags=["slide"]
plotting.weight_paths(x, t, W1, W2, b1, b2, number=1)

# %%
upper = W2[0, 0] * delta_o[0]  # over o1: weight w5
lower = W2[0, 1] * delta_o[1]  # over o2: weight w7
delta_h1 = (upper + lower) * h[0] * (1 - h[0])
print(f"over o1 {upper:.6f}, over o2 {lower:.6f}")
print(f"error signal of h1: {delta_h1:.6f}")

# %% [markdown]
# Look at what has happened: the signals of the outputs went *back* over their
# arrows, each multiplied by its weight. Then came the slope of the sigmoid.
# This is why it is called **back**propagation.

# %% [markdown]
# **Exercise 5** (5 minutes). Write the signals of *all* hidden units at once.
# `delta_o` has one signal for each output, `h` one activation for each hidden
# unit. Row $k$ of `W2` has the weights that leave hidden unit $k$. Your line must work
# for any number of hidden units and outputs.


# %% tags=["exercise"]
def my_signals(delta_o, W2, h):
    paths = ...  # for each hidden unit: add up weight times signal
    return paths * h * (1 - h)


# %% tags=["solution", "q5"]
def my_signals(delta_o, W2, h):
    paths = W2 @ delta_o
    return paths * h * (1 - h)


# %% tags=["check"]
ex.q5.check(my_signals)  # stuck? ex.q5.hint() or ex.q5.solution()
signals = ex.q5.use(my_signals)

# %% [markdown]
# Now the gradient of all weights. `np.outer` multiplies each source by each
# destination, so the result has the shape of the weights.


# %%
def backward(W1, W2):
    h, o = forward(W1, W2)
    delta_o = (o - t) * o * (1 - o)
    delta_h = signals(delta_o, W2, h)
    return np.outer(x, delta_h), np.outer(h, delta_o)


gradient_1, gradient_2 = backward(W1, W2)
print("w1 to w4:", gradient_1.T.ravel().round(6))
print("w5 to w8:", gradient_2.T.ravel().round(6))

# %% [markdown]
# Do they agree with measurements? `measured_gradient` is exercise 3; it wants all
# weights in one row, from $w_1$ to $w_8$.


# %%
def in_a_row(A, B):  # column by column: w1 w2 w3 w4, then w5 w6 w7 w8
    return np.array([*A.T.ravel(), *B.T.ravel()])


def error_of_row(w):
    return total_error(w[:4].reshape(2, 2).T, w[4:].reshape(2, 2).T)


eight = in_a_row(gradient_1, gradient_2)
by_nudging = measured_gradient(error_of_row, in_a_row(W1, W2))
same = np.allclose(eight, by_nudging, rtol=0, atol=1e-7)
print("all eight agree with measurements to 1e-7:", same)

# %% tags=["tensorflow"]
same_1 = np.allclose(by_tape[0], gradient_1, rtol=0, atol=1e-9)
same_2 = np.allclose(by_tape[1], gradient_2, rtol=0, atol=1e-9)
print("all eight agree with TensorFlow to 1e-9:", same_1 and same_2)

# %% [markdown]
# Now all eight weights learn together, with `update` of exercise 4. (The biases
# stay, as on the slides. In `utils/nn.py`, at the end, they learn, too.)

# %%
A, B = W1.copy(), W2.copy()
for number in range(1, 10_001):
    slope_A, slope_B = backward(A, B)
    A = np.array(update(A, slope_A, 0.5))
    B = np.array(update(B, slope_B, 0.5))
    if number in (1, 100, 10_000):
        print(f"{number:6,} updates: E_T = {total_error(A, B):.6f}")
print("outputs:", forward(A, B)[1].round(3), " targets:", t)

# %% [markdown]
# ## What must be kept, and why
#
# The slides show a long caption, "Figure 7.1": to compute the derivatives, we
# "need to calculate and store the activations". Here is why, with our numbers.
# <slide>Which of the eight weights has the largest slope?</slide>

# %%
net = SmallNetwork(x=x, t=t, W1=W1, W2=W2, b1=b1, b2=b2, step=7)
net

# %% [markdown]
# The forward pass is done. Press *Next*: the slopes come back, one at a time, each
# with how it is made. The largest slope is that of $w_6$. Drag a blue
# number, a weight: which slope is the largest now?
# (`net.W2` has the weights as you have set them.)
#
# The **backward pass** computes the slopes, from right to left. For $w_5$ it
# needs $h_1$, and $h_1$ comes from the forward pass. So the forward pass must
# keep it.
#
# The caption says: if the source doubles, the effect of the weight doubles. We
# see it in $w_5$ and $w_6$. They have the same destination. So their slopes differ by
# the same factor as their sources, $h_1$ and $h_2$.

# %%
print(f"slopes,  w6 / w5: {gradient_2[1, 0] / gradient_2[0, 0]:.6f}")
print(f"sources, h2 / h1: {h[1] / h[0]:.6f}")

# %% [markdown]
# How much is that for the CNN of lesson 4? We count the output of each layer.

# %%
kept = {
    "Input": 28 * 28 * 1,
    "Conv_1": 26 * 26 * 32,
    "Conv_2": 24 * 24 * 64,
    "Max Pool": 12 * 12 * 64,
    "Fully Connected": 128,
}
numbers = sum(kept.values())
print(f"{numbers:,} numbers for one image")
print(f"{4 * 128 * numbers / 1e6:.0f} MB for a batch of 128 (float32)")

# %% [markdown]
# This is why training needs more memory than using a network: all layers at once,
# for the whole batch. Without a way back, each layer can be forgotten as soon as
# the next one has read it.

# %% [markdown] tags=["instructor"]
# **Instructor.** Talk 7 min, exercises 5 min, must (exercise 5: should).
#
# - Two pens: blue for activations from left to right, orange for signals from
#   right to left. "Source times destination" is the sentence to remember.
# - Ask: "Why is the signal of h1 so much smaller than that of o1?" Expected:
#   each sigmoid multiplies by at most 0.25. With many layers almost nothing is
#   left. One reason why ReLU, with slope 1, is used today.
# - Likely wrong answers in exercise 5: `W2.T @ delta_o`; no `h * (1 - h)`.
# - BREAK: a good moment.

# %% [markdown]
# ## An engine that does it alone
#
# Nobody writes `backward` by hand for a large network. <slide>An **autograd** engine
# (automatic gradient) records every operation, and then computes all slopes by
# itself.</slide> Ours has about 150 lines; you find it in `utils/autograd.py`. Here are
# its main parts, to be read aloud.
#
# In the file you see Python's word `class`: it begins a plan for things of one
# kind, here for numbers with a memory. A function inside of the plan belongs to
# each of these things, and its first argument `self` is the thing itself: in
# `E.backward()`, `self` is `E`. Some names are special: where you write `a * b`,
# Python calls `__mul__`, and then `self` is `a` and `other` is `b`.
#
# A `Value` is a number that remembers how it was made. It has `data`, the
# number itself; `grad`, for the slope; and `edges`: from which values it was
# made, and how steep the operation was there.

# %%
import inspect
from textwrap import dedent

from utils.autograd import Value


def show(code):
    print(dedent(inspect.getsource(code)).strip())


# %%
show(Value.__mul__)

# %% [markdown]
# Read: the result is the product. It has no name yet (`""`), and its operation is
# `"*"`. There are two edges. When `self` moves, the product moves `other.data`
# times as much, and the other way round.

# %%
show(Value.sigmoid)

# %% [markdown]
# The sigmoid has one edge. (Its slope is $s (1 - s)$, written so that large
# numbers do no harm.) And this is all of backpropagation:

# %%
show(Value.backward)

# %% [markdown]
# Read: first all slopes are 0, only the result has 1, because it moves exactly
# as much as itself. `graph` lists the values, and each value comes after those
# that it was made from, its *children* (and it is their parent). We walk back through
# this list. Each value passes its slope on to its children, multiplied by the slope of
# the edge: *multiply along a path*. And `+=`: *add up the paths*.

# %%
w, x_1 = Value(2.0, "w"), Value(1.5, "x")
b, target = Value(-3.0, "b"), Value(1.0, "t")
z = w * x_1 + b
out = z.sigmoid()
E = (out - target) ** 2
z.name, out.name, E.name = "z", "o", "E"
E.backward()

# %%
plotting.value_graph(E)

# %% [markdown]
# One unit with its error, as a **graph**. Each box has `data | grad`. The
# orange number on an arrow is the slope of the operation. Check one path from
# right to left, the slope of the error in $w$:
#
# $$1 \times (-1) \times 1 \times 0.25 \times 1 \times 1.5 = -0.375$$
#
# And when a value is used more than once?

# %%
a = Value(3.0, "a")
y = a * a + a
y.name = "y"
y.backward()
plotting.value_graph(y)

# %% [markdown]
# Three arrows leave $a$: $3 + 3 + 1 = 7$. Now the engine gets the network of
# the slides.


# %%
def unit(w_a, input_a, w_b, input_b, bias):
    return (w_a * input_a + w_b * input_b + bias).sigmoid()


# w[0] is w1: Python counts from 0
w = [Value(number) for number in [*W1.T.ravel(), *W2.T.ravel()]]
h1 = unit(w[0], 0.05, w[1], 0.10, b1)
h2 = unit(w[2], 0.05, w[3], 0.10, b1)
o1 = unit(w[4], h1, w[5], h2, b2)
o2 = unit(w[6], h1, w[7], h2, b2)

# %%
E_T = ((o1 - 0.01) ** 2 + (o2 - 0.99) ** 2) / 2
E_T.backward()
by_engine = [value.grad for value in w]
print(f"E_T = {E_T.data:.9f}, slope in w5 = {w[4].grad:.9f}")
agree = np.allclose(by_engine, eight, rtol=0, atol=1e-12)
print("all eight agree to 1e-12:", agree)

# %% [markdown]
# A fourth way, and the same numbers. TensorFlow's tape does just this. But its
# values are whole arrays, so one operation on the tape can be a convolution.

# %% [markdown]
# **Exercise 6** (3 minutes). The engine should learn a new operation: the cube,
# $x^3$. The line for the result is there. Which slope belongs to the edge? (The
# number is in `value.data`. Not sure? Measure the slope at 1, 2 and 3, and find the
# rule.)


# %% tags=["exercise"]
def my_cube(value):
    slope = ...
    return Value(value.data**3, op="cube", edges=[(value, slope)])


# %% tags=["solution", "q6"]
def my_cube(value):
    slope = 3 * value.data**2
    return Value(value.data**3, op="cube", edges=[(value, slope)])


# %% tags=["check"]
ex.q6.check(my_cube)  # stuck? ex.q6.hint() or ex.q6.solution()
cube = ex.q6.use(my_cube)

# %%
x_1 = Value(2.0, "x")
y = cube(x_1) * x_1
y.backward()
print(f"x^3 x = {y.data:g}, its slope at x = 2: {x_1.grad:g}")

# %% [markdown]
# The engine has added up two paths, over the cube and beside it:
# $12 \times 2 + 8 \times 1 = 32$.

# %% [markdown] tags=["instructor"]
# **Instructor.** Talk 5 min, exercises 3 min, should.
#
# - In the notebook: let a student read `backward` aloud, line by line, and say what
#   it does to the graph. Cover the grads in the picture and fill them in together.
# - Ask: "What goes wrong with `=` instead of `+=`?" Expected: of several paths
#   only one is counted. In the last picture `a` would get 1 or 3, not 7.
# - Likely wrong answers in exercise 6: $x^2$, $3x$, $x^3$.
# - Late? Show the first graph only, and skip the network in the engine.

# %% [markdown]
# ## The learning rate
#
# Back to the smallest network: one weight, and its error from the first
# section. <slide>The best weight is 3. The error is $(2w - 6)^2 / 2$, so its slope is
# $2 \times (2w - 6) = 4 (w - 3)$. How far should one step go?</slide>


# %% tags=["slide"]
def slope_of_error(w):
    return 4 * (w - 3)


plotting.descents(
    error,
    slope_of_error,
    start=0.5,
    learning_rates={"too small": 0.02, "right": 0.2, "too large": 0.52},
)

# %% [markdown]
# Too small: eight steps, and not even half of the way. Right: it is there.
# Too large: each step jumps over the minimum and lands higher than before. The
# loss grows without limit; we say that training **diverges**.

# %%
from utils.touch import Valley

Valley(start=[-4, 0], learning_rate=0.2, steps=8)

# %% [markdown]
# Another loss, with two weights $w_a$ and $w_b$, seen from above: each line joins
# places of equal loss, and each dot is a step of the update. We start where $w_b$
# is 0 already, so only $w_a$ moves. Its slope is $w_a$ itself.

# %% [markdown] tags=["slide"]
# **Exercise 7** (1 minute). <slide>The first dot is at $w_a = -4$; the slope there is
# -4, too. The loss of $w_a$ is $w_a^2 / 2$. With which learning rate is this loss less
# than 0.01 after a *single* step?</slide>
# Drag the rate in the figure, or use the arrow keys, and look at the second dot. (The
# number there is the loss after 8 steps.)

# %% tags=["exercise"]
my_rate = ...

# %% tags=["solution", "q7"]
my_rate = 1.0  # -4 - 1.0 * (-4) = 0

# %% tags=["check"]
ex.q7.check(my_rate)  # stuck? ex.q7.hint() or ex.q7.solution()

# %% [markdown]
# The limit is 2.0 while only $w_a$ moves: from -4 the dots jump to 4, and back to -4,
# again and again. Above it each step ends further away. (In the picture of one weight
# the limit is 0.5: it is steeper.)

# %% [markdown] tags=["slide"]
# > **The slide says:** "Large learning rates train faster, but can get stuck in
# > a Global Minimum".
# >
# > **In fact** the **global minimum** is the best place of all: to be there is
# > success. A large learning rate overshoots and can diverge. A *small* one is
# > slow, and can stay in a **local minimum**: a valley that is not the lowest.

# %% [markdown]
# The next loss has two valleys. We start on the right, above the poor one.


# %%
def two_valleys(w):
    return w**4 / 4 - 2 * w**2 + 0.5 * w + 5


def slope_of_valleys(w):
    return w**3 - 4 * w + 0.5


# %%
plotting.descents(
    two_valleys,
    slope_of_valleys,
    start=3.0,
    learning_rates={"small": 0.05, "larger": 0.2, "too large": 0.4},
    steps=12,
    reach=(-3.6, 3.6),
    marks={"local minimum": 1.93, "global minimum": -2.06},
)

# %% [markdown]
# The small rate settles in the poor valley. The larger one jumps over the hill
# and finds the global minimum; that was luck, and it is not "stuck". The
# largest one leaves the picture.

# %% [markdown] tags=["instructor"]
# **Instructor.** Talk 5 min, exercises 1 min, must.
#
# - First the three panels: do one step of each with the room.
#   From 0.5 the slope is -10; times 0.2 is a move of 2; times 0.52 is 5.2.
# - Ask: "The loss of your project suddenly becomes NaN. What do you try
#   first?" Expected: a smaller learning rate.
# - Ask about the slide: "Would you like to be stuck in the global minimum?"
# - Ask: "What happens at 2.0, and above?" Let them try it in the figure.
# - Likely wrong answer in exercise 7: 0.2, "it was right above".

# %% [markdown]
# ## Backpropagation or optimisation: who does what?

# %% [markdown]
# > **The slide says:** backpropagation "is the optimization algorithm used to
# > update the weights".
# >
# > **In fact** backpropagation only computes the gradient. The **optimiser**
# > updates the weights. The optimiser does not care where the gradient comes
# > from.

# %%
by_backpropagation = 0.40 - 0.5 * gradient_2[0, 0]
by_nudging = 0.40 - 0.5 * measure(error_at, 0.40)
print(f"update with backpropagation: {by_backpropagation:.8f}")
print(f"update with a nudge:         {by_nudging:.8f}")

# %% [markdown]
# The same optimiser, two sources of the gradient, one new weight. Then why does
# everybody use backpropagation? Because it is cheap.

# %%
weights = 1_199_882  # the CNN of lesson 4
print(f"nudging: {2 * weights:,} forward passes for one gradient")
print("backpropagation: 1 forward pass and 1 backward pass")

# %% [markdown]
# And one gradient can be used in different ways. Three optimisers:
#
# - <define>**SGD**, stochastic gradient descent: the update that you know. Stochastic
#   means "by chance": the batch is chosen at random.</define>
# - <define>**Momentum**: like a heavy ball. The weight has a velocity; it keeps a part
#   of its old velocity, and the gradient gives it a new push.</define>
# - **Adam**: it keeps a part of its old velocity, too, and it divides by the usual
#   size of the gradient, for each weight separately. So steep and flat directions
#   move equally fast.
#
# Adam is a good first try: its usual learning rate fits many networks. The
# optional end lets all three race, in a valley so simple that Adam is last.

# %% [markdown] tags=["instructor"]
# **Instructor.** Talk 2 min, exercises 0 min, should.
#
# - Two students: one computes gradients (backpropagation), one moves weights
#   (optimiser). They exchange notes and nothing else.
# - Ask: "The optimiser is changed from SGD to Adam. What changes in
#   backpropagation?" Expected: nothing.

# %% [markdown]
# ## Epochs, batches, steps
#
# MNIST has 60,000 images. How often do the weights move? The images are
# shuffled and cut into batches, and each batch gives one step.

# %%
plotting.epoch_of_batches(images=60_000, batch_size=128)

# %% [markdown] tags=["slide"]
# 60,000 / 128 is 468.75: the last batch is smaller, but it is a batch.
#
# **Exercise 8** (2 minutes). You train for 3 epochs on 50,000 images, with
# batches of 64. How many steps is that?

# %% tags=["exercise"]
my_steps = ...

# %% tags=["solution", "q8"]
# each epoch: 781 full batches and a smaller one
my_steps = 3 * int(np.ceil(50_000 / 64))

# %% tags=["check"]
ex.q8.check(my_steps)  # stuck? ex.q8.hint() or ex.q8.solution()

# %% [markdown]
# Why not all images in one step? The gradient of a batch is not exactly that of
# all images. How far is it off? First the images; some are kept for validation.

# %% tags=["nbval-ignore-output"]
train, test = data.load_mnist()
(x_train, y_train), (x_val, y_val) = data.split_validation(
    *train, share=1 / 12
)
x_train, x_val = data.prepare(x_train), data.prepare(x_val)
mean, std = x_train.mean(), x_train.std()
x_train, x_val = (x_train - mean) / std, (x_val - mean) / std

# %% [markdown]
# The smallest network for digits: one layer with ten outputs and a softmax, its
# weights at random, its biases still 0. The signals of the outputs are $q - p$, says
# lesson 5: what the network says, minus 1 for the right digit and 0 for the others.
# The slope in a bias is the signal of its output. So the mean of the signals over all
# images is the gradient of the ten biases.

# %%
rng = np.random.default_rng(seed=0)
W = rng.standard_normal((784, 10), dtype="float32") / 20
z = x_train.reshape(-1, 784) @ W
powers = np.exp(z - z.max(axis=1, keepdims=True))
q = powers / powers.sum(axis=1, keepdims=True)
all_signals = q - np.eye(10)[y_train]  # one row for each image

# %% tags=["nbval-ignore-output"]
chosen = rng.permutation(len(x_train))[: 10 * 128]
ten_batches = all_signals[chosen].reshape(10, 128, 10).mean(axis=1)
plotting.batch_gradients(ten_batches, all_signals.mean(axis=0))

# %% [markdown]
# The gradient of a batch is *noisy*: each dot is off, some too high, some too
# low. But on average it is right. So most steps go nearly the right way; and in
# the time of one exact step, with all 60,000 images, one can take 469 noisy ones.

# %% [markdown] tags=["instructor"]
# **Instructor.** Talk 2 min, exercises 2 min, must.
#
# - Ask: "Batches of 1: how many steps? Batches of 60,000?" Expected: 60,000
#   and 1. Small batches: many steps with gradients that vary much.
# - Likely wrong answers in exercise 8: 2,343 (rounded down), 2,344 (rounded
#   once, at the end), 150,000 (images).
# - Ask: "Batches of 512: where are the dots?" Expected: twice as near to the
#   bars.

# %% [markdown]
# ## Your own loop
#
# Back to the first picture: now you can write the loop yourself. `utils/nn.py`
# has its parts, in NumPy, with no framework inside:
#
# - a network `net`. Its `forward` takes images and gives logits; its `backward`
#   takes the signal of the logits and carries it back to every weight;
# - a `loss`. Its `forward` takes logits and labels and gives one number; its
#   `backward` takes nothing and gives the signal of the logits, $q - p$;
# - an `optimizer`. Its `step` takes nothing and moves all weights of the network.
#
# This function cuts the images into batches. `yield` hands out one batch, and
# waits until the loop wants the next.

# %%
from utils import nn


def cut(images, labels, batch_size):
    order = rng.permutation(len(images))
    for start in range(0, len(order), batch_size):
        batch = order[start : start + batch_size]
        yield images[batch], labels[batch]


# %% [markdown]
# **Exercise 9** (5 minutes). Write the loop of the first picture: fill in 2, the
# images go forward; 3, the loss; 4a, its signal goes back through the network; 4b, one
# step of the optimiser. `batches` is what `cut` gives.


# %% tags=["exercise"]
def my_training(net, loss, optimizer, batches):
    losses = []
    for images, labels in batches:
        logits = ...  # 2: forward
        value = ...  # 3: the loss
        signal = loss.backward()  # 4a begins: q - p
        ...  # 4a goes on: the signal goes back through the network
        ...  # 4b: one step
        losses.append(value)
    return losses


# %% tags=["solution", "q9"]
def my_training(net, loss, optimizer, batches):
    losses = []
    for images, labels in batches:
        logits = net.forward(images)
        value = loss.forward(logits, labels)
        signal = loss.backward()
        net.backward(signal)
        optimizer.step()
        losses.append(value)
    return losses


# %% tags=["check"]
ex.q9.check(my_training)  # stuck? ex.q9.hint() or ex.q9.solution()
training = ex.q9.use(my_training)

# %% [markdown]
# Now it trains the dense network of lesson 3, for one epoch.

# %%
net = nn.Sequential(
    [
        nn.Flatten(),
        nn.Dense(inputs=784, outputs=128, rng=rng),
        nn.ReLU(),
        nn.Dense(inputs=128, outputs=10, rng=rng),
    ]
)
loss, optimizer = nn.CrossEntropy(), nn.SGD(net, learning_rate=0.1)

# %% tags=["nbval-ignore-output"]
losses = training(net, loss, optimizer, cut(x_train, y_train, 128))
print(f"{len(losses)} steps; first loss {losses[0]:.2f}")
print(f"last ten: {np.mean(losses[-10:]):.2f}")


# %% tags=["nbval-ignore-output"]
def accuracy(net, images, labels):
    parts = np.array_split(
        images, 1 + len(images) // 250
    )  # at most 250
    answers = [net.forward(part).argmax(axis=1) for part in parts]
    return (np.concatenate(answers) == labels).mean()


print(f"validation accuracy: {accuracy(net, x_val, y_val):.1%}")

# %% [markdown]
# With all of MNIST it reads more than 90 % of the validation images, after a few
# seconds. (Of the 60,000, 5,000 are kept for validation, so it took 430 steps, not
# 469.) Keras's `model.fit` has this loop inside.

# %% [markdown] tags=["instructor"]
# **Instructor.** Talk 3 min, exercises 5 min, must.
#
# - Left out the section before? Its cells make `rng` and `x_train`: everybody runs
#   them first. The bullets above exercise 9 say what `net` and the others do.
# - Point at the picture of the loop while they write: one line for each box.
# - Ask: "What happens if 4b comes before 4a?" Expected: there is no gradient
#   yet; the optimiser says so.
# - Likely wrong answers in exercise 9: the brackets of `step` forgotten; the
#   loss goes back instead of its signal; `return` inside of the loop.
# - Late? Write the four lines together; everybody types.

# %% [markdown]
# ## The whole CNN, with nothing hidden
#
# `utils/nn.py` has about 350 lines. This is its dense layer, again a `class`.
# Look at `_forward`, `_weight_gradients` and `_input_gradient`: you know their lines.

# %%
show(nn.Dense)

# %% [markdown]
# The gradient of `kernel`, the matrix of weights, is source times destination,
# for the whole batch: `x.T @ grad`. All images of a batch use the same bias:
# each is a path, so `grad.sum(axis=0)` adds them up. The gradient of the input
# adds up the paths, too, over all units. A convolution does the same with
# windows of the image. (`forward` of every layer keeps its input as `self.x`; `super()`
# belongs to Python's classes.) Here is the network of the slides:

# %%
net = nn.Sequential(
    [
        nn.Conv2D(channels=1, filters=32, kernel_size=3, rng=rng),
        nn.ReLU(),
        nn.Conv2D(channels=32, filters=64, kernel_size=3, rng=rng),
        nn.ReLU(),
        nn.MaxPool2D(pool_size=2),
        nn.Flatten(),
        nn.Dense(inputs=9216, outputs=128, rng=rng),
        nn.ReLU(),
        nn.Dense(inputs=128, outputs=10, rng=rng),
    ]
)

# %%
count = sum(weight.size for weight in net.weights)
print(f"{count:,} parameters")

# %% [markdown]
# <slide>Your loop trains the new network without a change. It sees 12,000 of MNIST's
# images, each once: about a fifth of an epoch.</slide> (Where fewer are loaded, the
# next cell says how many it sees.) Only the settings differ: batches of 16, so
# more steps, and momentum. The training takes about 20 seconds, on a slow or
# busy machine some minutes; the bar shows how far it is. The learning rate falls, in ten
# parts: large steps first, small ones at the end. We chose the rates by the validation images.

# %% tags=["nbval-ignore-output"]
images_seen = min(12_000, max(4_000, len(x_train)))
order = np.resize(rng.permutation(len(x_train)), images_seen)
print(f"{images_seen:,} images in batches of 16")

# %% tags=["nbval-ignore-output"]
from utils.callbacks import Bar

optimizer = nn.SGD(net, learning_rate=0.03, momentum=0.9)
losses = []
rates, parts = np.linspace(0.03, 0.001, 10), np.array_split(order, 10)
for rate, part in zip(rates, parts, strict=True):
    optimizer.learning_rate = rate
    batches = cut(x_train[part], y_train[part], batch_size=16)
    bar = Bar(batches, len(part) / 16, f"learning rate {rate:.3f}")
    losses += training(net, loss, optimizer, bar)

# %% tags=["nbval-ignore-output"]
block = max(1, len(losses) // 25)
whole = len(losses) // block * block  # leave out an unfinished block
means = np.reshape(losses[:whole], (-1, block))
plotting.learning_curve(
    {"training": means.mean(axis=1)},
    x=block * np.arange(1, 1 + len(means)),
    x_label="step",
)

# %% [markdown]
# Each dot is the mean of some steps. The loss falls fast at first, then slowly.
# Now the validation images, and then the test, once.

# %% tags=["nbval-ignore-output"]
x_test, y_test = (data.prepare(test[0]) - mean) / std, test[1]
print(f"validation accuracy: {accuracy(net, x_val, y_val):.1%}")
print(f"test accuracy: {accuracy(net, x_test, y_test):.1%}")

# %% [markdown]
# With all of MNIST that is about 98 %, after 12,000 of its images, with nothing but
# NumPy, the chain rule and your loop.

# %% [markdown]
# ### Where the time goes
#
# `nn.layer_times` takes the time of each layer, a few times, and keeps the shortest.

# %% tags=["nbval-ignore-output"]
names = ["Conv_1", "ReLU", "Conv_2", "ReLU", "Max Pool", "Flatten"]
names += ["Fully Connected", "ReLU", "Output"]
images, labels = x_train[:128], y_train[:128]
down, up = nn.layer_times(net, loss, images, labels)
plotting.time_by_layer(names, forward=down, backward=up)

# %% [markdown]
# When nothing else runs on your computer, most of the time is in Conv_2: lesson
# 4 has counted that 88.5 % of the multiplications are there. (ReLU and pooling
# multiply nothing, but they take time, too.) In Conv_2 the way back costs more than
# twice as much as the way forward: it answers two questions, how does the loss change
# with my weights, and how with my input?
#
# And Keras? Both were measured in one run, on the same cores. (The row between them:
# the same NumPy, with matrix products that were written for older processors.)

# %% tags=["nbval-ignore-output"]
from utils.records.measured import step_table

step_table()

# %% [markdown] tags=["instructor"]
# **Instructor.** Talk 3 min, exercises 0 min, should.
#
# - The training takes about 20 seconds, more on a slow machine: start it, then talk.
# - While it trains: open `utils/nn.py` on the projector and scroll once through
#   it. Stop at `Sequential.train_step`: it is the body of their own loop.
# - Ask: "What does Keras do better?" Expected: nothing in the mathematics. Its
#   convolution is written for the processor, and it runs on a GPU, too.
# - On the small digits the accuracy is lower: 1,437 images only.
# - Late? Show the saved output, and do not run this section.

# %% [markdown]
# ## Optional: three optimisers in one valley
#
# With two weights the loss is a landscape. We look at it from above: a blue line
# joins places of equal loss. This valley is steep from top to bottom, and flat
# from left to right.


# %%
def valley(w):
    return w[0] ** 2 / 2 + 10 * w[1] ** 2


def slope_of_valley(w):
    return np.array([w[0], 20 * w[1]])


# %%
Valley(start=[-4, 1.5], learning_rate=0.08)

# %% [markdown]
# Each dot is a step. The steep direction decides how large the learning rate may
# be. Which is the largest one at which SGD arrives? (Just below 0.1.) In the flat
# direction every allowed rate is slow. Then choose momentum and Adam, and look for
# a rate that is good for each.

# %% [markdown]
# Keras has all three. Thirty steps from the same start, each with a rate of its own:

# %%
import keras

start = np.array([-4.0, 1.5])


def race(optimizer, steps=30):
    w = keras.Variable(start, dtype="float32")
    path = [start]
    for _ in range(steps):
        slope = slope_of_valley(path[-1]).astype("float32")
        optimizer.apply([keras.ops.convert_to_tensor(slope)], [w])
        path.append(keras.ops.convert_to_numpy(w).copy())
    return path


# %%
optimizers = {
    "SGD": keras.optimizers.SGD(0.08),
    "momentum": keras.optimizers.SGD(0.05, momentum=0.6),
    "Adam": keras.optimizers.Adam(0.3),
}
paths = {name: race(used) for name, used in optimizers.items()}
for name, path in paths.items():
    print(f"{name:8} ends at a loss of {valley(path[-1]):.4f}")

# %% [markdown]
# Set the same in the figure, and look at the paths. SGD jumps from side to side, and
# moves slowly along the valley. Momentum swings, too, but it is faster: the pushes
# along the valley add up. Adam is equally fast in both directions, goes past the
# minimum, and is still on its way back: here it is last.

# %% [markdown]
# **Exercise 10** (4 minutes, a stretch). Write one step with momentum. The new
# velocity is `momentum` times the old velocity, plus the move of the plain update
# (which has a minus). Then the weight moves by the new velocity.


# %% tags=["exercise"]
def my_momentum(w, velocity, gradient, learning_rate, momentum):
    velocity = ...
    return w + velocity, velocity


# %% tags=["solution", "q10"]
def my_momentum(w, velocity, gradient, learning_rate, momentum):
    velocity = momentum * velocity - learning_rate * gradient
    return w + velocity, velocity


# %% tags=["check"]
ex.q10.check(my_momentum)  # stuck? ex.q10.hint() or ex.q10.solution()
momentum_step = ex.q10.use(my_momentum)

# %% [markdown]
# Is it Keras's momentum? Both go through the valley.

# %%
w, velocity = start.copy(), np.zeros(2)
for _ in range(30):
    slope = slope_of_valley(w)
    w, velocity = momentum_step(w, velocity, slope, 0.05, 0.6)
same = np.allclose(w, paths["momentum"][-1], rtol=0, atol=1e-4)
print("the same place after 30 steps:", same)

# %% [markdown] tags=["instructor"]
# **Instructor.** Talk 3 min, exercises 4 min, could.
#
# - Ask: "Which path would a heavy ball take?" Expected: that of momentum.
# - Likely wrong answers in exercise 10: plus; the old velocity forgotten.

# %% tags=["progress"]
ex.progress()

# %% [markdown]
# ## What we have seen
#
# - A small change is multiplied along a path; several paths are added up.
# - $\frac{\partial E_T}{\partial w_5} = 0.082167041$: by hand, with a nudge and by
#   TensorFlow. Our engine says the same.
# - The slope in a weight is the activation at its source times the signal at
#   its destination. So the forward pass must keep the activations.
# - New weight = *old weight* $- \lambda \times$ slope. A learning rate that is
#   too small is slow; one that is too large diverges.
# - Backpropagation computes the gradient; the optimiser updates the weights.
# - A bias has a slope, too: the signal at its unit.
# - One batch gives one step; all batches are one epoch. The gradient of a batch
#   is noisy, and right on average.
# - Training is a loop: forward, loss, backward, step. You wrote it, and it trained
#   the CNN of the slides: about 350 lines of NumPy. Nothing in it is magic.
#
# Next, lesson 7: your own project, with all of this.
