# %% [markdown]
# # 2. Frameworks
#
# A **framework** is a library for deep learning. It gives four things: arrays
# that can live on a graphics card (a GPU), derivatives, ready layers, and a
# loop that trains. You will meet each of the four here, in small examples.
#
# **Time.** Alone about 25 minutes, the optional end 25 more; in a room 32
# minutes. **You make:** a program that finds a line, in Keras, and you see the
# same in PyTorch.
#
# After this lesson you can
#
# - say who made each framework, and which ones are still developed
# - tell define-and-run from define-by-run
# - get the gradient of a formula from a framework
# - say what a training loop does with a model, a loss, batches and epochs
# - carry weights from one framework to another
# - read the same CNN in several frameworks, and write it in a second one
# - choose a framework for a task
#
# The last part of this notebook is for later: it compares convolutional
# networks (CNNs), and lesson 4 says what these are.
#
# You need Python and [NumPy in ten lines](01_history.ipynb#numpy-in-ten-lines).

# %%
import numpy as np

from utils import data, device, plotting
from utils.records import facts
from utils.exercises import lesson2 as ex
from utils.frameworks import parity, reference, weights
from utils.frameworks.sources import SideBySide
from utils.table import Table

# %% [markdown]
# ## Seven names, and one more
#
# The deck (the slides of a talk, from which this workshop grew) says that
# TensorFlow, Keras and PyTorch "have come out on top", and names four others:
# Theano, Caffe, MXNet and PaddlePaddle.

# %% [markdown]
# **Exercise 1** (1 minute, a guess). One of these four is still developed
# today: Theano, Caffe, MXNet or PaddlePaddle. Which one? Write its name, in
# quotes.

# %% tags=["exercise"]
my_guess = ...

# %% tags=["solution", "q1"]
my_guess = "PaddlePaddle"

# %% tags=["check"]
ex.q1.check(my_guess)  # stuck? ex.q1.hint() or ex.q1.solution()

# %% [markdown]
# Here are the seven, and JAX, which is younger than the others. The thin bars are
# relatives, up to the year in which the next one took over. <slide>An arrow means: became,
# or gave its ideas to. Blue is still developed, grey has ended.</slide>

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
# in C that most languages can call. The interface comes with the package:

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
# same. Its arrays are called **tensors**, and many names are
# NumPy's.</define>
#
# | NumPy | PyTorch |
# |---|---|
# | `np.zeros((2, 3))` | `torch.zeros(2, 3)` |
# | `a.sum(axis=0)` | `a.sum(dim=0)` |
# | `a @ b` | `a @ b` |
# | there is no GPU | `a.to("cuda")` moves it to the GPU |
# | there are no derivatives | `requires_grad=True` |
#
# This is the first of the four things: arrays that can be on a GPU. The same
# line of code computes on a processor or on a GPU.
#
# > **The slide says:** PyTorch is "a C-based tensor library".
# >
# > **In fact** its core is written in C++. It is called ATen: folder
# > `aten` in [PyTorch's repository](https://github.com/pytorch/pytorch).

# %% [markdown]
# **Keras** is an *interface*: it has layers and a training loop, and leaves
# the computing to a **backend**, another framework.

# %% tags=["slide"]
plotting.keras_backends(facts.load("backend"))

# %% [markdown]
# > **The slide says:** as of version 2.3, Keras's "sole focus was TensorFlow".
# >
# > **In fact** 2.3 still had three backends. Version 2.4 (2020) was the first
# > for TensorFlow only, and since 3.0 (2023) there are three again. (Sources: the
# > [release notes](https://github.com/keras-team/keras/releases).)

# %% [markdown] tags=["instructor"]
# **Instructor.** Talk 4 min, exercises 0 min, should.
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
# you want. This style is called **define-and-run**.</define> You will not need its
# code; read what it prints. (`with` opens something for the lines below it that are
# moved to the right, here the graph, and closes it after them.)

# %%
graph = tf.Graph()
with graph.as_default():
    x = tf.compat.v1.placeholder(tf.float32, name="x")
    y = 2 * x
y.op.type

# %% [markdown]
# `y` has no value: it is the operation "multiply", which waits for its input.

# %% [markdown]
# **Exercise 2** (1 minute, a guess). `double_or_halve(x)` asks `if x > 0`. Now its
# `x` is the placeholder, a name without a value. What happens? Write `"doubles"`,
# `"halves"` or `"error"`.

# %% tags=["exercise"]
my_guess = ...

# %% tags=["solution", "q2"]
my_guess = "error"

# %% tags=["check"]
ex.q2.check(my_guess)  # stuck? ex.q2.hint() or ex.q2.solution()

# %% [markdown]
# (`try` runs its lines. If they raise the error that `except` names, Python does not
# stop: it goes on there.)

# %%
with graph.as_default():
    try:
        double_or_halve(x)
    except TypeError as error:
        print(str(error).split(". ")[0])

# %% [markdown]
# A formula is neither true nor false, so Python's `if` cannot choose. The
# graph needs an `if` of its own, with *both* branches in it: `tf.cond`. (`lambda`
# makes a function without a name: this one takes nothing, and returns `2 * x`.)

# %%
with graph.as_default():
    y = tf.cond(x > 0, lambda: 2 * x, lambda: x / 2)
with tf.compat.v1.Session(graph=graph) as session:
    print(session.run(y, {x: 3.0}), session.run(y, {x: -3.0}))

# %% [markdown]
# It works, but it is harder to write and to debug. Why did anybody want it?
# A program that knows the whole graph before it runs can simplify it, run it
# on a phone, or send it to a GPU at once. Define-by-run has its name from
# Chainer (2015, by Preferred Networks in Tokyo), and PyTorch made it
# popular; in December 2019 Chainer's makers moved to PyTorch themselves. Today
# the two styles have met: you write plain Python, and `@tf.function`,
# `torch.compile` or `jax.jit` makes a graph of it when you want speed.

# %% [markdown] tags=["instructor"]
# **Instructor.** Talk 5 min, exercises 1 min, must.
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
# The second of the four things is derivatives. How does the result change when an
# input changes a little? <define>With several inputs there is one such number for each;
# all of them together are called the **gradient**.</define> Training needs it: there, the
# inputs that change are the weights. Here there is one input. Take $y = x^2 \sin x$.
# TensorFlow records the computation on a **tape**, and then goes back.

# %% [markdown]
# **Exercise 3** (3 minutes). Write the formula. The framework does the rest.
# TensorFlow has its own functions, with NumPy's names: `tf.exp`, `tf.sin`.


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
# **Instructor.** Talk 4 min, exercises 3 min, must.
#
# - Do not explain how gradients are computed; lesson 6 does.
# - Ask: "Which of them looks most like mathematics?" There is no right
#   answer; let two people say why.
# - Likely wrong answer in exercise 3: `np.sin` instead of `tf.sin`. NumPy's
#   sine is not recorded on the tape, so a part of the slope is missing.

# %% [markdown]
# ## Two training loops
#
# Two of the four things are left: layers, and the loop that trains. A few words
# are enough to read such a loop.
#
# - <define>A **model** is a function with numbers in it that can be changed: its
#   parameters.</define> Ours is $y = w x + b$: a weight and a bias.
# - <define>The **loss** is one number that says how wrong the model is: less
#   is better.</define> Ours: an error is the model's $y$ minus the right one. Multiply
#   each error by itself, then take the mean of them all.
# - <define>A **batch** is a few examples that are looked at together. After
#   each batch all parameters change a little: one **step**.</define> The gradient
#   says where the loss grows, so they go the other way, downhill.
# - <define>An **epoch** is one pass over all examples.</define>
#
# <slide>Here are 64 points near the line $y = 2x + 1$. The model is not told the 2
# and the 1: it has to find them.</slide>

# %%
x, y = reference.points()
print(x.shape, y.shape)
print(np.hstack([x, y])[:3].round(2))

# %% [markdown]
# In Keras one layer, `Dense(1)`, is this model. `compile` gets the rule for a
# step (`SGD`: subtract 0.3 times its gradient from each parameter) and the loss
# (`mse`, the mean from above). `fit` is the loop. Run it, and watch the loss
# fall.

# %% tags=["nbval-ignore-output"]
import keras
from keras import layers

model = keras.Sequential([layers.Dense(1)])
model.compile(keras.optimizers.SGD(0.3), loss="mse")
history = model.fit(x, y, batch_size=16, epochs=5)

# %% tags=["nbval-ignore-output"]
w, b = model.get_weights()
print(f"the line: {w.item():.2f} x + {b.item():.2f}")
plotting.points_and_line(x, y, w.item(), b.item())

# %% [markdown]
# `4/4` counts the batches: 64 points are 4 batches of 16. The line comes close
# to the 2 and the 1. (Some noise was added to the points, so they are not all
# on it.)
#
# Now change the 0.3. What will happen with 0.03, and what with 1.2? Guess first;
# then run the two cells again. (Small steps have not arrived after five epochs.
# Steps that are too large jump over the goal, farther each time.)
#
# PyTorch has layers as well, but no `fit`. You write the loop yourself. The two
# do nearly the same; `fit` also mixes the points anew in each epoch.

# %%
SideBySide("loop", "keras", "pytorch")

# %% [markdown]
# Read PyTorch's inner loop line by line: forget the old gradients (else PyTorch
# adds the new ones to them), compute the loss of one batch, go back for the
# gradients, step. `fit` does these four for you.

# %% tags=["nbval-ignore-output"]
parity.pytorch_loop()

# %% [markdown]
# The first losses differ, because each model starts with its own random
# numbers. Both find nearly the same line. With `fit` you write less;
# with a loop you can change every step.

# %% [markdown]
# **Exercise 4** (2 minutes). Now 1,000 images, in batches of 32. The last batch
# of each epoch is smaller. How many steps do the weights make in 3 epochs?

# %% tags=["exercise"]
my_steps = ...

# %% tags=["solution", "q4"]
my_steps = 3 * 32

# %% tags=["check"]
ex.q4.check(my_steps)  # stuck? ex.q4.hint() or ex.q4.solution()

# %% [markdown] tags=["instructor"]
# **Instructor.** Talk 5 min, exercises 2 min, must.
#
# - Let people find `fit`'s five arguments (the data, the answers, the batch,
#   the epochs, and how much to print) in PyTorch's loop.
# - Ask: "What would happen without `zero_grad`?" Expected: PyTorch adds the
#   new gradients to the old ones; the steps would be wrong.
# - Likely wrong answer in exercise 4: 93, without the last batch.

# %% [markdown]
# ## Which one today?
#
# This is our opinion, of 2026.
#
# | you want to ... | look at | because |
# |---|---|---|
# | learn, or solve a usual task with little code | Keras | least to write, three backends |
# | follow new research papers | PyTorch | most new models appear there |
# | write unusual mathematics, run on many accelerators | JAX | functions of functions, one compiler |
# | bring a model to phones or the browser | TensorFlow and Keras | its exports: LiteRT, TensorFlow.js |
# | work with partners who use it, often in China | PaddlePaddle | many ready models from Baidu |
# | read old code | Theano, Caffe, MXNet | the end of lesson 2 shows how |
#
# The choice matters less than it seems: the ideas are the same. This workshop
# uses Keras.

# %% [markdown]
# ## So far
#
# - Of the eight frameworks, five are still developed; Theano, Caffe and MXNet
#   have ended.
# - Define-and-run writes a graph first; define-by-run computes at once, and a
#   plain `if` works.
# - A framework gets the gradient from your formula. (Keras leaves that to the
#   framework below it.)
# - A training loop takes batch after batch: loss, gradients, step. Keras has
#   it in `fit`, in PyTorch you write it.
#
# Next, lesson 3: what a layer computes. The rest of this notebook waits
# for you until you have done lesson 4.

# %% [markdown] tags=["instructor"]
# **Instructor.** Talk 2 min, exercises 0 min, should.
#
# - Ask two people for a project of their own, and let the room choose.
# - Ask: "What if you choose wrong?" Expected: not much is lost. The ideas and
#   even the weights can be carried over: exercises 6 to 8, after lesson 4.
# - Usual wrong answer: "the fastest one in the table". The table is for one
#   small network on one computer.

# %% tags=["progress"]
ex.progress()

# %% [markdown]
# ## Come back after lesson 4
#
# This part is optional. It shows one convolutional network in eight frameworks,
# with the same weights. Lessons 3 and 4 say what its layers do; without them
# this is hard to read.
#

# %% [markdown]
# ## After lesson 4: the deck's CNN, side by side
#
# Here is the network of the deck's table: two convolutions, a max pooling,
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
# ### How to read an unfamiliar framework
#
# Five questions are enough. (Three of their words, from lessons 3 and 4: a grey
# pixel has one number, a coloured one has three, one for each *channel*.
# *Logits* are the ten numbers that the last layer gives. The *loss* says how
# wrong they are.)
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
# **Exercise 5** (6 minutes). Write this network in PyTorch. It is none of those
# above: there is a pooling after *each* convolution, and one dense layer. Keras
# finds out how many numbers come into its layers. In PyTorch you have to know:
# follow the size of the image. A pooling of an odd size drops the rest, so 7
# would become 3. Write a list of layers, as below; a class with `forward`, as
# above, is right, too. In a list, pooling is `nn.MaxPool2d(2)`, ReLU is
# `nn.ReLU()` and flatten is `nn.Flatten()`.
#
# The check gives your network and Keras's the same weights, and compares the
# logits: they must be equal. This is called *parity*. Here is Keras's:
#
# ```python
# keras.Input((28, 28, 1)),
# layers.Conv2D(32, kernel_size=3, activation="relu"),
# layers.MaxPooling2D(pool_size=2),
# layers.Conv2D(64, kernel_size=3, activation="relu"),
# layers.MaxPooling2D(pool_size=2),
# layers.Flatten(),
# layers.Dense(10),
# ```


# %% tags=["exercise"]
def my_net(nn):
    return nn.Sequential(
        nn.Conv2d(1, 32, kernel_size=3),
        nn.ReLU(),
        ...,  # your layers
    )


# %% tags=["solution", "q5"]
def my_net(nn):
    return nn.Sequential(
        nn.Conv2d(1, 32, kernel_size=3),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(32, 64, kernel_size=3),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(5 * 5 * 64, 10),
    )


# %% tags=["check"]
ex.q5.check(my_net)  # stuck? ex.q5.hint() or ex.q5.solution()

# %% [markdown] tags=["instructor"]
# **Instructor.** Talk 8 min, exercises 6 min, could.
#
# - Give each row of seats one framework; a minute later each row says where
#   the max pooling is in theirs.
# - Likely wrong answers in exercise 5: no activation (Keras hides it in the
#   layer); `nn.Linear(64, 10)` (forgets the 5 x 5); a softmax at the end.
# - BREAK: a good moment.
# - Late? Show only Keras beside PyTorch, and Caffe's text file.

# %% [markdown]
# ## After lesson 4: the same weights, in another order
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
# **Exercise 6** (2 minutes). Bring a kernel of Keras into PyTorch's order.
# `transpose` wants the numbers of the old axes, in the new order: 0 is
# height, 1 is width, 2 is channels in, 3 is channels out.


# %% tags=["exercise"]
def my_kernel(kernel):
    return kernel.transpose(...)


# %% tags=["solution", "q6"]
def my_kernel(kernel):
    return kernel.transpose(3, 2, 0, 1)


# %% tags=["check"]
ex.q6.check(my_kernel)  # stuck? ex.q6.hint() or ex.q6.solution()

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
# **Exercise 7** (2 minutes, in your head). After the pooling there are 64 maps
# of 12 x 12. At which place does PyTorch's flatten put map 2, row 1, column 3?
# All count from 0.

# %% tags=["exercise"]
my_place = ...

# %% tags=["solution", "q7"]
my_place = 2 * 144 + 1 * 12 + 3

# %% tags=["check"]
ex.q7.check(my_place)  # stuck? ex.q7.hint() or ex.q7.solution()

# %% [markdown]
# **Exercise 8** (6 minutes, a harder one). Bring the weights of the first dense
# layer into PyTorch's order. `maps` has four axes: height, width, maps,
# outputs. PyTorch wants one row for each *output*, with the inputs in its own
# flatten order.


# %% tags=["exercise"]
def my_rows(kernel, height, width, channels):
    maps = kernel.reshape(height, width, channels, -1)
    moved = maps.transpose(...)
    return moved.reshape(-1, channels * height * width)


# %% tags=["solution", "q8"]
def my_rows(kernel, height, width, channels):
    maps = kernel.reshape(height, width, channels, -1)
    moved = maps.transpose(3, 2, 0, 1)
    return moved.reshape(-1, channels * height * width)


# %% tags=["check"]
ex.q8.check(my_rows)  # stuck? ex.q8.hint() or ex.q8.solution()

# %% [markdown] tags=["instructor"]
# **Instructor.** Talk 5 min, exercises 10 min, could.
#
# - Write a00, b00, a01 ... on sticky notes, and reorder them on the wall.
# - Ask: "How would you notice a forgotten reorder?" Expected: the accuracy
#   falls to about 10 %, the shapes are fine. So compare a few predictions
#   after every conversion.
# - Likely wrong answers: exercise 6: `(3, 2, 1, 0)`; exercise 7: 962, Keras's
#   place; exercise 8: `kernel.T` only.

# %% [markdown]
# ## After lesson 4: the same answer
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
# A normal installation runs two. The other rows were recorded where all of them
# are installed.

# %% tags=["nbval-ignore-output"]
live = parity.run_here(truth)

# %% tags=["nbval-ignore-output"]
parity.table(live)

# %% [markdown]
# `3e-07` is a short way to write 0.0000003. No probability is wrong by more
# than 0.00001, and every framework reads each image as the same digit. What
# you learn about the network in one framework is true in all.
#
# `pip` cannot install Caffe itself. For its row, OpenCV 4 read Caffe's own two
# files, the text above and the weights. OpenCV cannot train them, so there are
# no gradients.

# %% [markdown]
# ### What it costs
#
# The answers are the same, the costs are not: megabytes on disk (with all that
# the framework needs), lines of code for the network and its training step,
# and speed. The speed is that of training this small network on 2 CPU cores.
# It does not say which framework is fast: some of them, as JAX, were made for
# GPUs and large networks, where the order can be another one. It changes from
# run to run, too: behind each median stand the slowest and the fastest round.

# %%
parity.cost_table()

# %% [markdown]
# ### A difference that is not a mistake
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
# ### One Keras, three backends
#
# Keras 3 runs the same program on TensorFlow, PyTorch or JAX. It can, because
# its layers are written in functions of its own, `keras.ops`, and each backend
# brings those functions. The environment variable `KERAS_BACKEND` chooses,
# *before* Keras is imported. So each backend needs a process of its own. We
# start three, with the same small program. A backend that is not installed
# answers `ModuleNotFoundError`:

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
# The same program, another kind of tensor. And the deck's CNN, in Keras, on
# each of them:

# %% tags=["nbval-ignore-output"]
for key in ["keras", "keras-torch", "keras-jax"]:
    row = live.get(key) or recorded[key]
    how = "here, now" if key in live else "recorded, not run here"
    print(f"{key:<12} difference {row['probabilities']:.0e}  ({how})")

# %% [markdown]
# The three differ in the seventh digit only. A model that is written with Keras's
# layers alone does not have to change when your team changes its framework.

# %% [markdown] tags=["instructor"]
# **Instructor.** Talk 6 min, exercises 0 min, could.
#
# - Start the cell that runs the frameworks before you begin to talk: it takes
#   about 20 seconds, longer where more of them are installed.
# - Ask: "Why is the difference not exactly 0?" Expected: float32 rounds, and
#   each framework adds in another order.
# - Ask: "Which column would decide for you?" There is no right answer.
# - `make frameworks` installs the others (3 GB); `NAME=jax` only one of them.

# %% [markdown]
# ## What we have seen
#
# - Define-and-run writes a graph first; define-by-run computes at once.
# - A framework gets the gradient from your formula. A training loop takes batch after
#   batch: loss, gradients, step.
# - One network, eight styles: five questions are enough to read a new one.
# - The same CNN with the same weights gives the same answer everywhere; only
#   the order of the axes differs, and flatten is the trap.
# - Keras 3 is one interface over TensorFlow, PyTorch and JAX.
