# %% [markdown]
# # 2. Frameworks
#
# A **framework** is a library for deep learning: it has layers, it computes
# gradients, and it can use a graphics card (GPU). The deck names seven. Here
# they all run the same network, with the same weights.
#
# After this lesson you can
#
# - say who made each framework, and which ones are still developed
# - tell define-and-run from define-by-run
# - get the gradient of a formula from a framework
# - carry weights from one framework to another
# - read the same CNN in several frameworks, and write it in a second one
# - choose a framework for a task
#
# You need Python and NumPy. You do not need to know yet what each layer does:
# lessons 3 and 4 explain the layers. Here we compare how they are written.

# %%
import numpy as np

from utils import data, device, plotting
from utils.records import facts
from utils.exercises import lesson2 as ex
from utils.frameworks import parity, weights
from utils.frameworks.sources import SideBySide
from utils.table import Table

# %% [markdown]
# ## Seven names, and one more
#
# The deck says that TensorFlow, Keras and PyTorch "have come out on top", and
# names four others: Theano, Caffe, MXNet and PaddlePaddle.

# %% [markdown]
# **Exercise 1** (1 minute, a guess). One of these four others is still
# developed today. Which one? Write its name, in quotes.

# %% tags=["exercise"]
my_guess = ...

# %% tags=["solution", "q1"]
my_guess = "PaddlePaddle"

# %% tags=["check"]
ex.q1.check(my_guess)  # stuck? ex.q1.hint() or ex.q1.solution()

# %% [markdown]
# Here are the seven, and JAX, which is younger than the others. The thin bars are
# relatives, up to the year in which the next one came. An arrow means: became, or
# gave its ideas to.

# %%
frameworks = facts.load("framework")
relatives = facts.load("relative")
plotting.framework_lives(frameworks, relatives)

# %% [markdown]
# Three of the eight have ended: Theano, Caffe and MXNet. Their ideas have not; we
# will see them again in the frameworks of today. The table says more.

# %%
columns = ["name", "by", "date", "licence", "status"]
Table([{key: fact[key] for key in columns} for fact in frameworks])

# %%
facts.Sources(frameworks + relatives)

# %% [markdown]
# All of them are **open source**: everybody may read, use and change them. The
# licences (BSD, MIT, Apache) ask little more than to keep the author's name.

# %% [markdown] tags=["instructor"]
# **Instructor.** Talk 5 min, exercises 1 min, must.
#
# - Do exercise 1 by a show of hands before you scroll to the picture.
# - Ask: "Why did so many appear in 2015 and 2016?" Expected: in 2012 AlexNet
#   won (lesson 1); three years later each large company had a library.
# - Likely wrong answer in exercise 1: MXNet (Amazon used it for years).
# - Say "ended", not "bad": Theano invented much of what we use now.

# %% [markdown]
# ## What the deck says of three of them
#
# **TensorFlow**, the framework from Google, can be used from other languages
# than Python. This works because its core is written in C++, behind an interface
# in C that every language can call. The interface comes with the package:

# %% tags=["nbval-ignore-output"]
device.setup(seed=0)

# %%
from pathlib import Path
import tensorflow as tf

headers = Path(tf.sysconfig.get_include(), "tensorflow")
print("C++:", (headers / "core" / "public" / "session.h").exists())
print("C:  ", (headers / "c" / "c_api.h").exists())

# %% [markdown]
# > **The slide says:** wrappers exist for "C++, Go, Java, JavaScript, Swift".
# >
# > **In fact** Swift for TensorFlow was an experiment, archived in February 2021
# > ([its repository](https://github.com/tensorflow/swift) says so). The other
# > four exist ([list](https://www.tensorflow.org/api_docs)), for Go as
# > [a package](https://github.com/wamuir/graft) of its users.
#
# <define>**PyTorch** is, in the deck's words, "a replacement for NumPy using the power
# of GPUs". PyTorch's own [README](https://github.com/pytorch/pytorch) says the
# same. Its arrays are called **tensors**, and nearly all names are NumPy's.</define>
#
# | NumPy | PyTorch |
# |---|---|
# | `np.zeros((2, 3))` | `torch.zeros(2, 3)` |
# | `a.sum(axis=0)` | `a.sum(dim=0)` |
# | `a @ b` | `a @ b` |
# | there is no GPU | `a.to("cuda")` moves it to the GPU |
# | there are no gradients | `requires_grad=True` |
#
# > **The slide says:** PyTorch is "a C-based tensor library".
# >
# > **In fact** its core is written in C++. It is called ATen: folder
# > `aten` in [PyTorch's repository](https://github.com/pytorch/pytorch).
#
# **Keras** is an *interface*: it has layers and a training loop, and leaves
# the computing to a **backend**, another framework.

# %%
plotting.keras_backends(facts.load("backend"))

# %% [markdown]
# > **The slide says:** as of version 2.3, Keras's "sole focus was TensorFlow".
# >
# > **In fact** 2.3 still had three backends. Version 2.4 (2020) was the first
# > for TensorFlow only, and since 3.0 (2023) there are three again. (Sources: the
# > [release notes](https://github.com/keras-team/keras/releases).)

# %% [markdown] tags=["instructor"]
# **Instructor.** Talk 5 min, exercises 0 min, should.
#
# - Ask: "Why is the core written in C++ and not in Python?" Expected: speed;
#   Python only says what to do.
# - Point at the dashed line of 2020 in the picture, then at the one of 2023.
# - Late? Let all run the cells (later ones need `tf`), and show only the picture
#   of the backends.

# %% [markdown]
# ## First write the formula, or first compute?
#
# Here is a small function with an `if`. Which branch it takes depends on the
# number it gets.


# %%
def double_or_halve(x):
    if x > 0:
        return 2 * x
    return x / 2


# %% [markdown]
# <define>TensorFlow of today computes each line at once, as NumPy does. The `if` sees a
# number. This style is called **define-by-run**.</define>

# %%
print(double_or_halve(tf.constant(3.0)).numpy())
print(double_or_halve(tf.constant(-3.0)).numpy())

# %% [markdown]
# Theano, Caffe and the first TensorFlow worked in another way. <define>First you write
# the whole computation as a formula, the **graph**. The inputs are
# **placeholders**: names without a value. Later the graph runs, as often as
# you want. This style is called **define-and-run**.</define>

# %%
graph = tf.Graph()
with graph.as_default():
    x = tf.compat.v1.placeholder(tf.float32, name="x")
    y = 2 * x
y.op.type

# %% [markdown]
# `y` has no value: it is the operation "multiply", which waits for its input.

# %% [markdown]
# **Exercise 2** (1 minute, a guess). Now we call `double_or_halve(x)` with the
# placeholder. What happens? Write `"doubles"`, `"halves"` or `"error"`.

# %% tags=["exercise"]
my_guess = ...

# %% tags=["solution", "q2"]
my_guess = "error"

# %% tags=["check"]
ex.q2.check(my_guess)  # stuck? ex.q2.hint() or ex.q2.solution()

# %%
with graph.as_default():
    try:
        double_or_halve(x)
    except TypeError as error:
        print(str(error).split(". ")[0])

# %% [markdown]
# A formula is neither true nor false, so Python's `if` cannot choose. The
# graph needs an `if` of its own, with *both* branches in it: `tf.cond`.

# %%
with graph.as_default():
    y = tf.cond(x > 0, lambda: 2 * x, lambda: x / 2)
with tf.compat.v1.Session(graph=graph) as session:
    print(session.run(y, {x: 3.0}), session.run(y, {x: -3.0}))

# %% [markdown]
# It works, but it is harder to write and to debug. Why did anybody want it?
# A program that knows the whole graph before it runs can simplify it, run it
# on a phone, or send it to a GPU at once. PyTorch made define-by-run popular.
# Today the two styles have met: you write plain Python, and `@tf.function`,
# `torch.compile` or `jax.jit` makes a graph of it when you want speed.

# %% [markdown] tags=["instructor"]
# **Instructor.** Talk 6 min, exercises 1 min, must.
#
# - Picture for the board: a recipe (graph) and cooking (run). Define-and-run
#   writes the whole recipe first; define-by-run tastes while it cooks.
# - Ask: "Where do you see the error of a wrong shape in each style?" Expected:
#   by-run in the line itself; and-run often only when the graph runs.
# - Likely wrong answer in exercise 2: "doubles", because a Python object that
#   is not empty counts as true. TensorFlow refuses on purpose.

# %% [markdown]
# ## One derivative, six frameworks
#
# Training needs gradients: how does the result change when an input changes?
# Every framework computes them from your formula. Take $y = x^2 \sin x$.
# TensorFlow records the computation on a **tape**, and then goes back.

# %% [markdown]
# **Exercise 3** (3 minutes). Write the formula. The framework does the rest.


# %% tags=["exercise"]
def my_slope(x):
    x = tf.Variable(x)
    with tf.GradientTape() as tape:
        y = ...  # x squared times the sine of x
    return tape.gradient(y, x)


# %% tags=["solution", "q3"]
def my_slope(x):
    x = tf.Variable(x)
    with tf.GradientTape() as tape:
        y = x**2 * tf.sin(x)
    return tape.gradient(y, x)


# %% tags=["check"]
ex.q3.check(my_slope)  # stuck? ex.q3.hint() or ex.q3.solution()

# %% [markdown]
# The same in others. Look for three things in each: where is the formula, who
# is told that $x$ is interesting, and what starts the way back?

# %%
SideBySide("derivative", "pytorch", "paddle")

# %%
SideBySide("derivative", "mxnet", "theano")

# %%
SideBySide("derivative", "jax")

# %% [markdown]
# PyTorch, MXNet and PaddlePaddle record while they compute. Theano has a formula,
# and makes a second formula from it. JAX makes a new *function* from a function.
# (Keras leaves gradients to its backend. Caffe knows them for its layers only.) At
# $x = 2$ all say the same:

# %%
x = 2.0
print(f"by hand: {2 * x * np.sin(x) + x**2 * np.cos(x):.4f}")
recorded = parity.recorded()["rows"]
for key, row in recorded.items():
    if "derivative" in row:
        print(f"{key:<10} {row['derivative']:.4f}  (recorded)")

# %% [markdown]
# "Recorded" means: these lines come from a file that was made where all
# frameworks are installed. Yours may have only TensorFlow. We will always say
# which numbers were recorded, and which were computed here and now.

# %% [markdown] tags=["instructor"]
# **Instructor.** Talk 5 min, exercises 3 min, must.
#
# - Do not explain how gradients are computed; lesson 6 does.
# - Ask: "Which of them looks most like mathematics?" There is no right
#   answer; let two people say why.
# - Likely wrong answer in exercise 3: `np.sin` instead of `tf.sin`. NumPy's
#   sine is not recorded on the tape, so a part of the slope is missing.

# %% [markdown]
# ## The deck's CNN, side by side
#
# Now the network of the deck's table: two convolutions, a max pooling,
# flatten, two dense layers. First in Keras and in PyTorch.

# %%
SideBySide("network", "keras", "pytorch")

# %% [markdown]
# The layers are the same, the style is not. Keras wants a list of layers, and
# finds out itself how many numbers come in. PyTorch wants both numbers of each
# layer, and a function `forward` which you write yourself.
#
# Next, the same without ready layers. TensorFlow's own operations and JAX:

# %%
SideBySide("network", "tensorflow", "jax")

# %% [markdown]
# Here you see what a layer hides: weights and biases are arrays, and you add
# the bias yourself. Now two that have ended. Caffe's network is no program at
# all: it is a text file, and Caffe reads it. (A second file, the *solver*, said how
# to train it.)

# %%
SideBySide("network", "theano", "caffe")

# %% [markdown]
# And the last two of the eight. Do they remind you of one that you have seen?

# %%
SideBySide("network", "mxnet", "paddle")

# %% [markdown]
# MXNet's looks like Keras, Paddle's looks like PyTorch. If you know one,
# you can read the other.

# %% [markdown]
# ## How to read an unfamiliar framework
#
# Five questions are enough. (Three words in them belong to later lessons. A
# *channel*: a grey pixel has one number, a coloured one has three, one for each
# channel. *Logits*: the ten numbers that the last layer gives. The *loss* says how
# bad they are.)
#
# | question | Keras | PyTorch | JAX | Theano |
# |---|---|---|---|---|
# | Which axis of the images holds the channels? | the last | the second | you say it | the second |
# | Where are the weights? | in the layers | in the layers | in your own dictionary | in shared variables |
# | Does it compute at once? | yes | yes | yes, or compiled by `jit` | no, a graph first |
# | Does the loss want logits? | say `from_logits=True` | yes | you write it | no, probabilities |
# | Who makes the training step? | `fit` | your own loop | your own function | `updates` of a function |
#
# Read the training step of PyTorch and of Theano with these questions.

# %%
SideBySide("training", "pytorch", "theano")

# %% [markdown]
# In PyTorch you see every step: forget old gradients, compute the loss, go
# back, change the weights. In Theano one call of a compiled function does it
# all.

# %% [markdown]
# Now you. The exercise needs PyTorch's layers, `torch.nn`. In Colab they are
# there. Where they are missing, you get a stand-in: a small copy that we wrote
# with NumPy. It can predict, and nothing else. Which one is it here?

# %% tags=["nbval-ignore-output"]
print(ex.torch_nn().__name__)

# %% [markdown]
# **Exercise 4** (6 minutes). Write the deck's CNN in PyTorch. The first layers
# are there. Four are missing; a ReLU counts as a layer. Go through the Keras
# version above, line by line.
#
# The check loads the shared weights into your network, and compares its logits
# with Keras's: they must be the same. This is called *parity*.


# %% tags=["exercise"]
def my_net(nn):
    return nn.Sequential(
        nn.Conv2d(1, 32, kernel_size=3),
        nn.ReLU(),
        ...,  # the second convolution
        ...,  # its activation
        nn.MaxPool2d(2),
        nn.Flatten(),
        ...,  # the first dense layer
        ...,  # its activation
        nn.Linear(128, 10),
    )


# %% tags=["solution", "q4"]
def my_net(nn):
    return nn.Sequential(
        nn.Conv2d(1, 32, kernel_size=3),
        nn.ReLU(),
        nn.Conv2d(32, 64, kernel_size=3),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(12 * 12 * 64, 128),
        nn.ReLU(),
        nn.Linear(128, 10),
    )


# %% tags=["check"]
ex.q4.check(my_net)  # stuck? ex.q4.hint() or ex.q4.solution()

# %% [markdown] tags=["instructor"]
# **Instructor.** Talk 8 min, exercises 6 min, must.
#
# - Give each row of seats one framework; a minute later each row says where
#   the max pooling is in theirs.
# - Likely wrong answers in exercise 4: no activation (Keras hides it in the
#   layer); `nn.Linear(64, 128)` (forgets 12 x 12); a softmax at the end.
# - BREAK: a good moment.
# - Late? Show only Keras beside PyTorch, and Caffe's text file.

# %% [markdown]
# ## The same weights, in another order
#
# We have trained the network once and saved its weights in one file, which all
# frameworks read.

# %%
shared = weights.load()
for name, array in shared.items():
    print(f"{name:<14} {array.shape}")

# %% [markdown]
# This is Keras's order of axes: a kernel has height, width, channels in,
# channels out. PyTorch wants channels out, channels in, height, width. The
# numbers are the same, they only move.

# %% [markdown]
# **Exercise 5** (2 minutes). Bring a kernel of Keras into PyTorch's order.
# `transpose` wants the numbers of the old axes, in the new order: 0 is
# height, 1 is width, 2 is channels in, 3 is channels out.


# %% tags=["exercise"]
def my_kernel(kernel):
    return kernel.transpose(...)


# %% tags=["solution", "q5"]
def my_kernel(kernel):
    return kernel.transpose(3, 2, 0, 1)


# %% tags=["check"]
ex.q5.check(my_kernel)  # stuck? ex.q5.hint() or ex.q5.solution()

# %% [markdown]
# One trap is left. **Flatten** writes all maps in one row, but in which
# order? In Keras the channels are the last axis, so the maps are mixed. In
# PyTorch the channels come first, so map follows map.

# %%
plotting.flatten_orders()

# %% [markdown]
# The dense layer after flatten has one row of weights for each place. If the
# places change, its rows must change, too. If you forget this, there is *no
# error message*: the shapes fit, and the answers are wrong.

# %% [markdown]
# **Exercise 6** (2 minutes, in your head). After the pooling there are 64 maps
# of 12 x 12. At which place does PyTorch's flatten put map 2, row 1, column 3?
# All count from 0.

# %% tags=["exercise"]
my_place = ...

# %% tags=["solution", "q6"]
my_place = 2 * 144 + 1 * 12 + 3

# %% tags=["check"]
ex.q6.check(my_place)  # stuck? ex.q6.hint() or ex.q6.solution()

# %% [markdown]
# **Exercise 7** (6 minutes, a stretch). Bring the weights of the first dense
# layer into PyTorch's order. `maps` has four axes: height, width, maps,
# outputs. PyTorch wants one row for each *output*, with the inputs in its own
# flatten order.


# %% tags=["exercise"]
def my_rows(kernel, height, width, channels):
    maps = kernel.reshape(height, width, channels, -1)
    moved = maps.transpose(...)
    return moved.reshape(-1, channels * height * width)


# %% tags=["solution", "q7"]
def my_rows(kernel, height, width, channels):
    maps = kernel.reshape(height, width, channels, -1)
    moved = maps.transpose(3, 2, 0, 1)
    return moved.reshape(-1, channels * height * width)


# %% tags=["check"]
ex.q7.check(my_rows)  # stuck? ex.q7.hint() or ex.q7.solution()

# %% [markdown] tags=["instructor"]
# **Instructor.** Talk 5 min, exercises 10 min, should (exercise 7: could).
#
# - Write a00, b00, a01 ... on sticky notes, and reorder them on the wall.
# - Ask: "How would you notice a forgotten reorder?" Expected: the accuracy
#   falls to about 10 %, the shapes are fine. So compare a few predictions
#   after every conversion.
# - Likely wrong answers: exercise 5: `(3, 2, 1, 0)`; exercise 6: 962, Keras's
#   place; exercise 7: `kernel.T` only.

# %% [markdown]
# ## The same answer
#
# Now the proof. Every framework gets the same weights and the same images.
# The truth is computed with NumPy in float64, with 16 digits. float32 has 7.

# %% tags=["nbval-ignore-output"]
_, (images, labels) = data.load_mnist()
images, labels = data.prepare(images[:100]), labels[:100]
truth = parity.Truth(images, labels)
right = truth.probabilities.argmax(axis=1) == labels
print(f"right digits: {right.mean():.1%}")

# %% [markdown]
# Each framework runs in a process of its own, so that none can harm another.
# What is not installed here says so, and the recorded row takes its place.

# %% tags=["nbval-ignore-output"]
live = parity.run_here(truth)

# %% tags=["nbval-ignore-output"]
parity.table(live)

# %% [markdown]
# `3e-07` is a short way to write 0.0000003. No probability is wrong by more
# than 0.00001, and every framework reads each image as the same digit. What
# you learn about the network in one framework is true in all.
#
# `pip` cannot install Caffe itself. What runs here are its own two files, the
# text above and the weights, and OpenCV 4 reads them. OpenCV cannot train
# them, so there are no gradients.

# %% [markdown]
# ## What it costs
#
# The answers are the same, the costs are not: megabytes on disk (with all that
# the framework needs), lines of code for the network and its training step,
# and speed. The speed is that of training this small network on one CPU. It
# changes from run to run: behind each median stand the slowest and the fastest
# round. On a GPU, or with another network, the order can be another one.

# %%
parity.cost_table()

# %% [markdown]
# ## A difference that is not a mistake
#
# Max pooling passes the gradient back to the largest number of each block.
# What if *all four are equal*? TensorFlow:

# %%
block = tf.ones((1, 2, 2, 1))
with tf.GradientTape() as tape:
    tape.watch(block)
    pooled = tf.nn.max_pool2d(
        block, ksize=2, strides=2, padding="VALID"
    )
print("TensorFlow:", tape.gradient(pooled, block).numpy().ravel())

# %%
for key in ["pytorch", "theano"]:
    print(f"{key:<10} {recorded[key]['tie']}  (recorded)")

# %% [markdown]
# TensorFlow and PyTorch choose one winner; Theano gives the gradient to all
# four. Both are used, and both train well. But if you compare gradients of two
# frameworks, avoid ties. Our comparison adds a little noise to the images.

# %% [markdown]
# ## One Keras, three backends
#
# Keras 3 runs the same program on TensorFlow, PyTorch or JAX. It can, because its
# layers are written in functions of its own, `keras.ops`, and each backend brings
# those functions. The environment variable `KERAS_BACKEND` chooses, *before* Keras
# is imported. So each backend needs a process of its own. We start three, with the
# same small program:

# %% tags=["nbval-ignore-output"]
import os
import subprocess
import sys

program = "import keras; print(keras.ops.sum([1.0, 2.0, 3.0]))"
for backend in ["tensorflow", "torch", "jax"]:
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "KERAS_BACKEND": backend},
        capture_output=True,
        text=True,
    )
    lines = (done.stdout or done.stderr).strip().splitlines()
    print(f"{backend:<10}", lines[-1])

# %% [markdown]
# The same program, another kind of tensor. (Or a line that says what is missing
# here.) And the deck's CNN, in Keras, on each of them:

# %% tags=["nbval-ignore-output"]
for key in ["keras", "keras-torch", "keras-jax"]:
    row = live.get(key) or recorded[key]
    how = "here, now" if key in live else "recorded, not run here"
    print(f"{key:<12} difference {row['probabilities']:.0e}  ({how})")

# %% [markdown]
# The three differ in the seventh digit only. Your model does not have to
# change when your team changes its framework.

# %% [markdown] tags=["instructor"]
# **Instructor.** Talk 6 min, exercises 0 min, must.
#
# - Start the cell that runs the frameworks before you begin to talk: it takes
#   about 20 seconds, longer where more of them are installed.
# - Ask: "Why is the difference not exactly 0?" Expected: float32 rounds, and
#   each framework adds in another order.
# - Ask: "Which column would decide for you?" There is no right answer.
# - `make frameworks` installs the others (3 GB); `NAME=jax` only one of them.

# %% [markdown]
# ## Which one today?
#
# This is our opinion, of 2026:
#
# | you want to ... | look at | because |
# |---|---|---|
# | learn, or solve a usual task with little code | Keras | least to write, three backends |
# | follow new research papers | PyTorch | most new models appear there |
# | write unusual mathematics, run on many accelerators | JAX | functions of functions, one compiler |
# | bring a model to phones or the browser | TensorFlow and Keras | its exports: LiteRT, TensorFlow.js |
# | work with partners who use it, often in China | PaddlePaddle | many ready models from Baidu |
# | read old code | Theano, Caffe, MXNet | now you can |
#
# The choice matters less than it seems: the ideas are the same. This workshop
# uses Keras.

# %% [markdown] tags=["instructor"]
# **Instructor.** Talk 3 min, exercises 0 min, should.
#
# - Ask two people for a project of their own, and let the room choose.
# - Ask: "What if you choose wrong?" Expected: not much is lost. The ideas and
#   even the weights can be carried over, as exercises 5 to 7 did.
# - Usual wrong answer: "the fastest one in the table". The table is for one
#   small network on one computer.

# %% tags=["progress"]
ex.progress()

# %% [markdown]
# ## What we have seen
#
# - Of the eight frameworks, five are still developed; Theano, Caffe and MXNet
#   have ended.
# - Define-and-run writes a graph first; define-by-run computes at once, and a
#   plain `if` works.
# - Every framework gets the gradient from your formula.
# - The same CNN with the same weights gives the same answer everywhere; only
#   the order of the axes differs, and flatten is the trap.
# - Keras 3 is one interface over TensorFlow, PyTorch and JAX.
#
# Next, lesson 3: what a dense layer computes.
