# %% [markdown]
# # 3. Fully connected layers and softmax
#
# <define>A neural network is made of **layers**. A layer takes numbers in and gives
# numbers out.</define> In this lesson you compute one layer by hand. Then you
# train a network that reads digits, watch it read, and give it your own
# handwriting.
#
# **Time.** Alone about 55 minutes; in a room 93 minutes. **You make:** a
# network of your own that reads digits which you draw.
#
# After this lesson you can
#
# - compute the output of a neuron and of a layer
# - count the parameters of a dense network
# - explain what an activation function is for
# - say what each argument of `compile` and `fit` is for
# - turn logits into probabilities with a stable softmax
# - build and train a dense network in Keras
# - say what a dense network does not know about images
#
# You need: Python lists and functions, and
# [NumPy in ten lines](01_history.ipynb#numpy-in-ten-lines).

# %%
import numpy as np

from utils import data, device, plotting
from utils.exercises import lesson3 as ex

# %% [markdown]
# ## One neuron
#
# <slide><define>A **neuron**, also called a **unit**, has some **inputs** $x$. It has one
# **weight** $w$ for each input, and one extra number, the **bias**
# $b$.</define></slide> Lesson 1 had the same unit, in its function `fires`. Here are a
# few small numbers to work with.

# %%
x = np.array([1.0, 2.0, 3.0])
w = np.array([0.5, -1.0, 1.0])
b = -0.5

# %% [markdown]
# <define>The neuron multiplies each input by its weight. It adds the products and the
# bias. The result is the **weighted sum**,
# $z = x_1 w_1 + x_2 w_2 + x_3 w_3 + b$.</define>

# %%
print("products:", x * w)
z = (x * w).sum() + b
print("weighted sum:", z)

# %% [markdown]
# <define>Last, an **activation function** changes the sum into the output. The output
# is called the **activation** $a$.</define> In lesson 1 it was a step: 1 if the
# sum is above 0, else 0. Today the most used function is **ReLU**: a negative
# sum becomes 0, any other sum stays as it is.

# %%
a = max(0.0, z)
print("activation:", a)

# %% [markdown]
# Here the sum stays as it is. Other inputs can give another sum:

# %%
other_z = (np.array([1.0, 3.0, 1.0]) * w).sum() + b
print("weighted sum:", other_z)
print("activation:", max(0.0, other_z))

# %%
plotting.neuron(x, w, b)

# %% [markdown]
# Here is the first one again. Read the picture from left to right. A neuron is
# no more than this: multiply, add, and apply one simple function.

# %% [markdown]
# **Exercise 1** (1 minute). <slide>Another neuron has the inputs 2, 1, -1, the weights
# 0.5, -1, -3 and the bias -0.5. It uses ReLU. What is its activation?</slide> Write
# the number, or the code that computes it, instead of the `...`.

# %% tags=["exercise"]
my_activation = ...

# %% tags=["solution", "q1"]
my_sum = 2 * 0.5 + 1 * -1 + -1 * -3 + -0.5
my_activation = max(0.0, my_sum)

# %% tags=["check"]
ex.q1.check(my_activation)  # stuck? ex.q1.hint() or ex.q1.solution()

# %% [markdown] tags=["instructor"]
# **Instructor.** Talk 6 min, exercises 1 min, must.
#
# - Say: "Forget the brain. A neuron is a sum and one simple function."
# - Draw the neuron of the picture. Let the room call out the three products.
# - Ask: "What is the activation if the bias is -5?" Expected: the sum is -3.5,
#   so ReLU gives 0. A neuron that gives 0 is called silent.
# - Likely wrong answers in exercise 1: 3 (no bias), 0 (a sign is lost).
# - Late? Skip the two print cells and use the picture only.

# %% [markdown]
# ## One layer, drawn in two ways
#
# Several neurons that read the same inputs form a layer. Each input goes to
# each unit, so the layer is called **fully connected**, or **dense**. Our layer
# has three inputs and two units. The first unit is the neuron from above,
# without its ReLU: we look at the sums only.

# %%
W = np.array([[0.5, -1.0], [-1.0, 1.0], [1.0, 0.5]])
b = np.array([-0.5, -4.0])
plotting.layer_drawings(x, W, b)

# %% [markdown]
# A layer is drawn in these two ways. Both say the same. Each arrow on the
# left is one number in the matrix $W$ on the right. An input is a row of $W$, a
# unit is a column.
#
# So the whole layer is one **matrix product**, written `@` in Python:
# $z = x\,W + b$.

# %%
z = x @ W + b
z

# %% [markdown]
# These are the two sums of the picture.
#
# <define>Usually many examples go through a layer at the same time. They form a **batch**:
# one row for each example.</define> The code does not change.

# %%
batch = np.array([[1.0, 2.0, 3.0], [0.0, 1.0, 0.0], [4.0, 0.0, -2.0]])
batch @ W + b

# %% [markdown]
# Three examples went in, three rows came out, each with two sums. You know the
# first row.

# %% [markdown]
# ## The same layer in Keras
#
# Keras calls this layer `Dense`. First we start Keras and set the **seed**, the
# number from which all random numbers are made. The line below says which
# versions you have, and whether there is a GPU.

# %% tags=["nbval-ignore-output"]
device.setup(seed=0)

# %% [markdown]
# We give the Keras layer our own $W$ and $b$. Then we compare its output with
# the matrix product by hand.

# %%
import keras
from keras import layers

dense = layers.Dense(units=2)
dense.build((None, 3))
dense.set_weights([W, b])
by_keras = keras.ops.convert_to_numpy(dense(batch))
by_hand = batch @ W + b
print("equal to 1e-6:", abs(by_keras - by_hand).max() < 1e-6)

# %% [markdown]
# `Dense` is the matrix product and the bias, and nothing else is hidden in it.
# (An activation function only if you want one: `activation="relu"`.)

# %% [markdown]
# **Exercise 2** (3 minutes). Write the layer as a function. `x` is a batch of
# shape `(examples, inputs)`. No activation function here. The check tries your
# function with other shapes, too.


# %% tags=["exercise"]
def my_dense(x, W, b):
    z = ...  # use x, W and b
    return z


# %% tags=["solution", "q2"]
def my_dense(x, W, b):
    z = x @ W + b
    return z


# %% tags=["check"]
ex.q2.check(my_dense)  # stuck? ex.q2.hint() or ex.q2.solution()

# %% [markdown] tags=["instructor"]
# **Instructor.** Talk 8 min, exercises 4 min, must.
#
# - Draw both forms of the layer. Point at one arrow, ask: "Which cell is it?"
# - Ask: "The layer has 3 inputs and 2 units. Is $W$ 3 x 2 or 2 x 3?" Expected:
#   3 x 2 here, as in Keras. Many books write $W x$ and have 2 x 3. Both are
#   right; one must stay with one of them.
# - Likely wrong answers in exercise 2: `W @ x`, `x * W`, no bias.
# - Late? Run the cell with the batch without explaining it (later ones use it);
#   say what a batch is.

# %% [markdown]
# ## Counting parameters
#
# Weights and biases are the **parameters** of a layer: the numbers that training
# changes. A layer with $n$ inputs and $m$ units has one weight for each arrow,
# and one bias for each unit: $n m + m$ parameters.

# %%
print("by the formula:", 3 * 2 + 2)
print("by Keras:", dense.count_params())

# %% [markdown]
# Now a layer of the size that we need later. An image of 28 x 28 pixels has 784
# numbers. Let 128 units read them.

# %%
first_layer = 784 * 128 + 128
print(f"{first_layer:,} parameters")

# %% [markdown]
# One single layer, and already more than 100,000 parameters. Dense layers
# are large, because each unit looks at each pixel.

# %% [markdown]
# **Exercise 3** (2 minutes). A network has 784 inputs, a first layer with 64
# units, and a second layer with 10 units. How many parameters does it have?

# %% tags=["exercise"]
my_count = ...

# %% tags=["solution", "q3"]
my_count = (784 * 64 + 64) + (64 * 10 + 10)

# %% tags=["check"]
ex.q3.check(my_count)  # stuck? ex.q3.hint() or ex.q3.solution()

# %% [markdown] tags=["instructor"]
# **Instructor.** Talk 3 min, exercises 3 min, must.
#
# - Ask before the cell: "More or less than 10,000?" Let people raise hands.
# - Ask: "Where do most parameters sit?" Expected: in the first layer, because
#   784 is the largest number.
# - Likely wrong answers in exercise 3: 50,816 (no biases), 74 (units, not
#   weights), 50,240 (first layer only).
# - Nothing to skip: lesson 4 counts again.

# %% [markdown]
# ## Activation functions
#
# You know ReLU. Two older functions are still in use. <slide>The **sigmoid** makes of
# any number one between 0 and 1; **tanh** makes one between -1 and 1.</slide> (`np.exp`
# is the **exponential**, $\exp(z)$: 2.718 to the power of $z$. It is always
# above 0.)


# %%
def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def relu(z):
    return np.maximum(0, z)


z = np.array([-2.0, 0.0, 2.0])
print("sigmoid:", sigmoid(z).round(3))
print("tanh:   ", np.tanh(z).round(3))
print("ReLU:   ", relu(z))

# %%
plotting.activations()

# %% [markdown]
# None of them is one straight line: this is why they are useful.

# %% [markdown]
# ### Without them, many layers are one
#
# Take two layers with no activation function, one after the other. To keep it
# short we leave out the biases, and take random weights (`normal`). The product
# of the two matrices is again one matrix. Can this one matrix replace both
# layers?

# %%
random = np.random.default_rng(seed=0)
W1 = random.normal(size=(3, 4))
W2 = random.normal(size=(4, 2))
two_layers = (batch @ W1) @ W2
one_layer = batch @ (W1 @ W2)
print("equal to 1e-6:", abs(two_layers - one_layer).max() < 1e-6)

# %% [markdown]
# Yes. Two layers without an activation function are one layer, and so are ten
# or a hundred. Now put ReLU between them.

# %%
with_relu = relu(batch @ W1) @ W2
print("equal to 1e-6:", abs(with_relu - one_layer).max() < 1e-6)

# %% [markdown]
# With ReLU between them, the two layers do something else than this one matrix.

# %% [markdown]
# **Exercise 4** (5 minutes). Does it also work with biases? Two layers
# compute $(x W_1 + b_1) W_2 + b_2$. One layer with $W = W_1 W_2$ shall do the
# same. Which bias does it need? Hint: multiply out the bracket.


# %% tags=["exercise"]
def my_merged_bias(b1, W2, b2):
    b = ...  # the bias of the one layer
    return b


# %% tags=["solution", "q4"]
def my_merged_bias(b1, W2, b2):
    b = b1 @ W2 + b2
    return b


# %% tags=["check"]
ex.q4.check(my_merged_bias)  # stuck? ex.q4.hint() or ex.q4.solution()

# %% [markdown] tags=["instructor"]
# **Instructor.** Talk 4 min, exercises 5 min, must (exercise 4: could).
#
# - Say: the product of two matrices is a matrix. So more layers alone add nothing.
# - Ask: "We add 10 more layers without activation. What changes?" Expected:
#   nothing. Likely wrong answer: "it gets a little better".
# - Likely wrong answers in exercise 4: `b1 + b2`, or $b_2$ forgotten.
# - Late? Skip exercise 4.

# %% [markdown]
# ## A dense network reads digits
#
# <slide>**MNIST** is a set of handwritten digits, 28 x 28 pixels each. The
# **training images** are for learning. The **test images** are kept apart, to
# see how well the network reads digits that are new to it.</slide>

# %% tags=["nbval-ignore-output"]
train_set, test_set = data.load_mnist()
images_train, labels_train = train_set
images_test, labels_test = test_set

# %% tags=["nbval-ignore-output"]
plotting.digits(images_train[:10], labels_train[:10])

# %% [markdown]
# A **label** is the right answer: the digit's name, above each image.
#
# One sixth of the training images is set aside. The network does not learn from
# these **validation images**. They show, during training, how well it reads
# images that it has not learned. Of the others it learns from 20,000 at most: that
# is quick, and needs little memory.

# %% tags=["nbval-ignore-output"]
(x_train, y_train), (x_val, y_val) = data.split_validation(
    images_train,
    labels_train,
)
x_train, y_train = x_train[:20_000], y_train[:20_000]
print(f"{len(x_train):,} to learn from, {len(x_val):,} to validate")

# %% [markdown]
# A pixel is a number from 0 to 255. Networks learn better with small numbers,
# so `prepare` divides by 255. It also adds a last axis, which lesson 4 needs.

# %% tags=["nbval-ignore-output"]
x_train, x_val = data.prepare(x_train), data.prepare(x_val)
x_test = data.prepare(images_test)
x_train.shape

# %% [markdown]
# ### Build it
#
# Our network has 784 inputs, a **hidden layer** (a layer between input and
# output) of 128 units with ReLU, and 10 output units, one for each digit.
# `Flatten` writes the 28 rows of an image one after the other, as one long row
# of 784 numbers. It has no parameters. The last layer has no activation
# function: its ten sums are scores, and the largest one is the network's
# answer.

# %%
model = keras.Sequential(
    [
        keras.Input(shape=(28, 28, 1)),
        layers.Flatten(),
        layers.Dense(units=128, activation="relu"),
        layers.Dense(units=10),
    ]
)
print(f"{model.count_params():,} parameters")

# %% [markdown]
# You can compute this number: $784 \cdot 128 + 128$ in the first layer, and
# $128 \cdot 10 + 10$ in the second one. Until now all weights are random.

# %% [markdown]
# ### Say how it learns
#
# **Training** changes the parameters, step by step, until the answers fit.
# `compile` gets three things for it:
#
# - The **loss** is a number that says how bad the answers are. Lesson 5 explains
# it, and its long name. `from_logits=True` says that the last layer gives plain
# sums; why this matters, you see below.
# - The **optimiser** (in code `optimizer`) is the rule that changes the parameters
# so that the loss falls. Its **learning rate** sets by how much they change in
# a step. `"adam"` is a good first choice. Lesson 6 explains it.
# - A **metric** is a number for us to read; it changes nothing. **Accuracy** is
#   the share of right answers.

# %%
loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
model.compile(optimizer="adam", loss=loss, metrics=["accuracy"])

# %% [markdown]
# ### Train it
#
# `fit` gets the images and their labels. In one **step** the network sees a
# **batch** of 64 images, and changes its parameters a little. (Without
# `batch_size` it is 32.) When it has seen all training images once, one
# **epoch** is over. After each epoch the network reads the `validation_data`,
# without learning from them. Before each epoch `fit` **shuffles** the training
# images: it puts them into a new random order.

# %% tags=["nbval-ignore-output"]
history = model.fit(
    x_train,
    y_train,
    epochs=5,
    batch_size=64,
    validation_data=(x_val, y_val),
)

# %% [markdown]
# **What a line says.** First the steps of one epoch: the number of training
# images, divided by 64 and rounded up, since the last batch may be smaller. While
# it runs you also see a bar and the time. Then the accuracy and the loss on the
# training images, counted while the network was still learning, and the same
# two numbers, `val_`, for the validation images. In the first line validation
# is often the better one: the training numbers are means over the epoch, and at
# its start the network knew nothing.
#
# Compare the two accuracies of the last line. Training is better than validation:
# the network begins to fit its training images more closely than others. This is
# called **overfitting**. More epochs would make the gap larger.

# %% tags=["nbval-ignore-output"]
plotting.learning_curve(
    {
        "training": history.history["accuracy"],
        "validation": history.history["val_accuracy"],
    },
    y_label="accuracy",
)

# %% [markdown]
# Now the test images: the network has not learned from them, and we have chosen
# nothing by them. (`verbose=0` hides the bar.)

# %% tags=["nbval-ignore-output"]
_, accuracy = model.evaluate(x_test, labels_test, verbose=0)
print(f"test accuracy: {accuracy:.3f}")

# %% [markdown]
# <define>With MNIST this is 95 to 96 %. It is our **baseline**: the result that the
# CNN of lesson 4 has to beat.</define> (With a small part of MNIST, or with
# scikit-learn's small digits, which need no internet, it is lower.)

# %% [markdown]
# **Exercise 5** (2 minutes). Six things that one may want, and six arguments:
# `optimizer`, `loss`, `metrics`, `epochs`, `batch_size` and `validation_data`.
# Which argument is it? Each is used once. Write it in quotes, such as `"loss"`.

# %% tags=["exercise"]
my_words = [
    ...,  # see all training images more often
    ...,  # another rule that changes the parameters
    ...,  # see more images in one step
    ...,  # print another number for us to read
    ...,  # another number that training makes small
    ...,  # after each epoch, read images that are not learned
]

# %% tags=["solution", "q5"]
my_words = [
    "epochs",  # see all training images more often
    "optimizer",  # another rule that changes the parameters
    "batch_size",  # see more images in one step
    "metrics",  # print another number for us to read
    "loss",  # another number that training makes small
    "validation_data",  # after each epoch, read images not learned
]

# %% tags=["check"]
ex.q5.check(my_words)  # stuck? ex.q5.hint() or ex.q5.solution()

# %% [markdown] tags=["instructor"]
# **Instructor.** Talk 9 min, exercises 2 min, must.
#
# - Start the training cell, and talk while it runs (about 10 seconds): read one
#   line of it aloud, number by number.
# - Ask: "Ten classes. Which accuracy has a network that only guesses?"
#   Expected: 0.1. Likely wrong answer: 0.5.
# - Ask: "20,000 training images in batches of 64: how many steps?" Expected: 313;
#   the last batch has only 32 images. Likely wrong answers: 312.5; 64.
# - Say: nothing is chosen by the test images. That would be cheating.
# - Likely wrong answers in exercise 5: `loss` and `metrics` exchanged.
# - Late? Skip the picture of the two curves.

# %% [markdown]
# ## From logits to probabilities
#
# What did the network say about one image? `predict` gives its ten outputs.

# %% tags=["nbval-ignore-output"]
one_logits = model.predict(x_test[:1], verbose=0)
print(one_logits.round(1))
print("label:", labels_test[0])

# %% [markdown]
# <define>These weighted sums of the output units, one for each class, are called
# **logits**. They are scores: they can be negative, and they do not add up to
# anything special.</define> The largest one is the network's answer. To see
# what happens to them we take three small logits.

# %%
logits = np.array([2.0, 1.0, -2.0])

# %% [markdown]
# We want probabilities: no negative number, and a sum of 1. <define><slide>**Softmax** turns
# logits into probabilities. It takes the exponential of every logit, and divides
# each exponential by the sum of all exponentials.</slide> As a formula:</define>
#
# $$\text{softmax}(z)_i = \frac{\exp(z_i)}{\sum_j \exp(z_j)}$$


# %%
def first_softmax(z):
    powers = np.exp(z)
    return powers / powers.sum()


p = first_softmax(logits)
print("probabilities:", p.round(4))
print("sum:", p.sum().round(6))

# %%
from utils.touch import Softmax

Softmax(logits=logits)

# %% [markdown]
# A blue number can be dragged, or changed with the arrow keys. Try it: by how much
# must one logit be larger than another one, so that its probability is twice as
# large?

# %% [markdown]
# The order stays: the largest logit gets the largest probability. And a
# difference becomes a ratio: a logit that is larger by 1 gets a probability that
# is 2.718 times as large.

# %% [markdown]
# > **The slide says:** (in the talk that this workshop grew from) "Softmax converts the *Logs* into Probabilities."
# >
# > **In fact** it converts the *logits*. A logit is not the logarithm of its
# > probability. The logarithm of a probability is 0 or negative, and two of our
# > three logits are positive. The name comes from *log-odds*: divide the
# > probabilities of two classes, and take the logarithm. You get the difference of
# > their two logits.

# %%
print("difference of two logits:", logits[0] - logits[2])
print("log(p[0] / p[2]):        ", np.log(p[0] / p[2]).round(6))

# %% [markdown]
# So only the *differences* between logits count. Add the same number to all of
# them, and the probabilities do not change.

# %%
print(first_softmax(logits).round(4))
print(first_softmax(logits + 10).round(4))

# %% [markdown]
# ### A softmax that does not overflow
#
# On paper the formula always works. A computer has a largest number. Keras
# computes in `float32`, and there $\exp(89)$ is already too large. It
# **overflows**: the result is `inf`, infinity.

# %%
with np.errstate(all="ignore"):  # no warnings: we know what comes
    print(f"exp(88): {np.exp(np.float32(88)):.1e}")
    print(f"exp(89): {np.exp(np.float32(89)):.1e}")
    print("softmax:", first_softmax(np.float32([100, 99, 98])))

# %% [markdown]
# `inf` divided by `inf` has no meaning, so the probabilities are **NaN**, "not a
# number". The way out is the property that you saw. The **stable softmax**
# subtracts the largest logit from all logits first. Now the largest exponent is
# 0, and $\exp(0) = 1$.

# %%
z = np.float32([100, 99, 98])
first_softmax(z - z.max()).round(4)

# %% [markdown]
# The same formula, the same probabilities as on paper, and no overflow. This is
# what `from_logits=True` is for: the last layer gives logits, and Keras's loss
# uses the stable softmax on its own.

# %% [markdown]
# **Exercise 6** (6 minutes). <slide>Write a stable softmax for a batch: `z` has the
# shape `(examples, classes)`, and each row becomes probabilities.</slide> Which `axis`
# runs along a row ([NumPy in ten lines](01_history.ipynb#numpy-in-ten-lines))?
# With `z.max(axis=..., keepdims=True)` each maximum stays beside its row, and
# can be subtracted from it.


# %% tags=["exercise"]
def my_softmax(z):
    powers = ...  # exponentials that do not overflow
    probabilities = ...  # each row divided by its own sum
    return probabilities


# %% tags=["solution", "q6"]
def my_softmax(z):
    powers = np.exp(z - z.max(axis=1, keepdims=True))
    probabilities = powers / powers.sum(axis=1, keepdims=True)
    return probabilities


# %% tags=["check"]
ex.q6.check(my_softmax)  # stuck? ex.q6.hint() or ex.q6.solution()
softmax = ex.q6.use(my_softmax)

# %% [markdown]
# ## See it read
#
# Here is the first test image again. <slide>The left bars are its ten logits, the
# right bars its ten probabilities.</slide> Your softmax of exercise 6 makes them, or
# ours until yours is right.

# %% tags=["nbval-ignore-output", "slide"]
plotting.read_digits(
    images_test[:1],
    softmax(one_logits),
    labels=labels_test[:1],
    logits=one_logits,
)

# %% [markdown]
# The highest bar is the answer. Most digits are read like this one, with one
# high bar. Now three more: the next two images, and the first one that the
# network reads wrongly.

# %% tags=["nbval-ignore-output"]
test_logits = model.predict(x_test, verbose=0)
wrong = test_logits.argmax(axis=1) != labels_test
three = [1, 2, wrong.argmax()]
plotting.read_digits(
    images_test[three],
    softmax(test_logits[three]),
    labels=labels_test[three],
    logits=test_logits[three],
)

# %% [markdown]
# The orange bar is the wrong answer. Look at the bar of the right digit, too:
# is it the second highest? And would you have read this image?

# %% [markdown]
# ### A probability of exactly 0
#
# > **The slide says:** softmax guarantees that "no values are zero".
# >
# > **In fact** this is true on paper only. In `float32` a very small number
# > **underflows**: it becomes exactly 0. Then its logarithm is minus infinity.

# %%
p = first_softmax(np.float32([0, -110]))
print("probabilities:", p)
with np.errstate(all="ignore"):
    print("logarithms:   ", np.log(p))

# %% [markdown]
# A probability of exactly 0 makes trouble in training, where we need its
# logarithm. Lesson 5 comes back to this.

# %% [markdown] tags=["instructor"]
# **Instructor.** Talk 10 min, exercises 7 min, must.
#
# - Write three logits on the board and compute softmax with the room.
# - Say: correct the slide, "Logs" is "logits". It is a slip, not a new idea.
# - Ask: "Add 10 to every logit: what happens to the probabilities?" Expected:
#   nothing. Likely wrong answer: "they all get larger".
# - Likely wrong answers in exercise 6: `axis=0`; one sum for the whole batch;
#   the maximum not subtracted; sigmoid instead of softmax.
# - At the wrong digit, ask the room what *they* read before you show the label.
# - Late? Skip the underflow box; lesson 5 shows it again.

# %% [markdown]
# ## Your own network
#
# **Exercise 7** (8 minutes). <slide>Now you train a smaller one: at most 30,000
# parameters, a hidden layer or two, each with an activation function.</slide> Copy
# `Sequential`, `compile` and `fit` from above, call the network `my_model` in all
# three (`model` stays the large one), and change what you like: the units, `"relu"` or
# `"tanh"`, the epochs, the learning rate
# (`optimizer=keras.optimizers.Adam(learning_rate=0.002)`; with `"adam"` it is 0.001).
#
# *First* write your guess: which validation accuracy will it reach? Then train.
# A guess is good if it is at most 0.05 away.

# %% tags=["exercise", "nbval-ignore-output"]
my_guess = ...  # the validation accuracy, a number from 0 to 1
my_model = ...  # build it, as above; then two lines more:
# my_model.compile(...)
# my_model.fit(...)

# %% tags=["solution", "q7", "nbval-ignore-output"]
my_guess = 0.95
my_model = keras.Sequential(
    [
        keras.Input(shape=(28, 28, 1)),
        layers.Flatten(),
        layers.Dense(units=32, activation="relu"),
        layers.Dense(units=10),
    ]
)
my_model.compile(
    optimizer=keras.optimizers.Adam(learning_rate=0.002),
    loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    metrics=["accuracy"],
)
my_history = my_model.fit(
    x_train, y_train, epochs=3, validation_data=(x_val, y_val)
)

# %% tags=["check", "nbval-ignore-output"]
mine = [my_guess, my_model]
ex.q7.check(mine)  # stuck? ex.q7.hint() or ex.q7.solution()
reader = ex.q7.use(mine)[1] or model

# %% [markdown]
# How near was your guess? Change one thing, guess again, and train again: this
# is how people find out what helps.

# %% [markdown] tags=["instructor"]
# **Instructor.** Talk 2 min, exercises 8 min, must.
#
# - This is the heart of the lesson: everybody trains a network alone. Walk around.
# - Collect guesses before anybody runs `fit`. Who is nearest?
# - Ask: "A quarter of the units: a quarter of the right answers?" Expected: no,
#   8 units still read about 90 % of MNIST. Likely wrong answer: yes.
# - Likely wrong answers in exercise 7: 64 units in the first layer (too many
#   parameters), no activation function, softmax at the end *and*
#   `from_logits=True`.
# - Late? Take the solution, and let the room change one number in it.

# %% [markdown]
# ### Draw a digit for it
#
# <slide>Now your handwriting. Draw with the mouse or with a finger; the ten bars move
# while you draw.</slide> *Clear* empties the pad.

# %% tags=["nbval-ignore-output"]
from utils import drawing
from utils.pad import DigitPad

pad = DigitPad(reader)
pad

# %% [markdown]
# Where the pad cannot be shown, or when nothing is drawn, the next cell reads a
# drawing that we have saved. The image is what the network sees: your drawing,
# made small and moved to the middle.

# %% tags=["nbval-ignore-output"]
if not pad.drawing.any():
    print("Nothing is drawn on the pad: here is a saved drawing.")
    pad.draw(drawing.example(3))
plotting.read_digits([pad.image], [pad.probabilities])

# %% [markdown]
# Try a small 7, a 1 with a line under it, a digit in a corner, a letter. The
# network always answers with a digit: it knows nothing else.

# %% [markdown] tags=["instructor"]
# **Instructor.** Talk 2 min, exercises 0 min, must.
#
# - Let everybody draw. This is the moment that they tell their friends about.
# - Ask: "What does it say to a letter?" Expected: some digit, often surely.
# - Likely wrong answer: "it says that it does not know".
# - No pad on some machine? The cell below it reads a saved drawing.

# %% [markdown]
# ## Why the activation function is needed, as a picture
#
# Exercise 4 has shown: without activation functions, two layers are one. What
# does that cost? Here are 2,000 points in two rings, an inner and an outer one
# (the pictures show 200 of them). A network shall say for each point: inner
# ring, yes or no? Its one output is a sigmoid, a number between 0 and 1.

# %%
from sklearn.datasets import make_circles

points, inner = make_circles(
    n_samples=2000,
    noise=0.08,
    factor=0.5,  # the size of the inner ring
    random_state=0,
)


# %%
def ring_network(units, activation):
    return keras.Sequential(
        [
            keras.Input(shape=(2,)),
            layers.Dense(units, activation=activation),
            layers.Dense(units=1, activation="sigmoid"),
        ]
    )


# %% [markdown]
# `compile` and `fit` again, as a function, because we need them five times. The
# loss is the one for a yes-or-no question. With a larger learning rate, these small
# networks learn in fewer steps.


# %%
def train(network):
    network.compile(
        optimizer=keras.optimizers.Adam(learning_rate=0.05),
        loss="binary_crossentropy",
    )
    network.fit(points, inner, batch_size=100, epochs=15, verbose=0)
    return network


# %% [markdown]
# We train two networks with 16 hidden units. The only difference: one has no
# activation function in its hidden layer, the other one has tanh.

# %%
keras.utils.set_random_seed(0)
linear_16 = train(ring_network(units=16, activation=None))
tanh_16 = train(ring_network(units=16, activation="tanh"))

# %% [markdown]
# Without an activation function all layers are one, so the first network can
# only draw one straight line. Which one is the best? All directions are alike
# here, so we try 300 vertical lines, evenly from -1.5 to 1.5 (`np.linspace`).
# "Inner" is what is left of the line. (The mean of a mask is its share of
# True.)


# %%
def left_of(line, points):
    return points[:, 0] < line


best, most = 0, 0
for line in np.linspace(-1.5, 1.5, 300):
    right = (left_of(line, points) == inner).mean()
    if right > most:
        best, most = line, right
print(f"best line: {most:.0%} right")

# %% tags=["nbval-ignore-output"]
plotting.decision_boundaries(
    {
        "no activation": linear_16,
        "the best line": lambda points: left_of(best, points),
        "tanh": tanh_16,
    },
    points,
    inner,
)

# %% [markdown]
# <define>On the orange ground the network says "inner ring", on the blue ground "outer
# ring". The black line between them is the **decision boundary**.</define> Training
# without an activation function gave up: about half of the answers are right,
# as by guessing. Even the best straight line reaches only 64 %. With tanh
# the line closes around the inner ring.

# %% [markdown] tags=["instructor"]
# **Instructor.** Talk 5 min, exercises 0 min, should.
#
# - Draw two rings. Ask: "Which straight line separates them?" Expected: none.
#   Let someone try at the board.
# - Say: the left network *could* have found the line in the middle. Its loss is
#   a little lower where it says "one half" to everything.
# - Likely wrong answer: "more layers without activation would do it".
# - Late? Show the picture only.

# %% [markdown]
# ### More units, a better boundary
#
# <slide>How many hidden units do two rings need? Make a guess before you go on: 1, 2,
# 4 or 16?</slide> We train the three smaller networks.

# %%
keras.utils.set_random_seed(0)
networks = {
    "1 hidden unit": train(ring_network(1, "tanh")),
    "2 hidden units": train(ring_network(2, "tanh")),
    "4 hidden units": train(ring_network(4, "tanh")),
    "16 hidden units": tanh_16,
}

# %% tags=["nbval-ignore-output"]
plotting.decision_boundaries(networks, points, inner)

# %% [markdown]
# A dashed line shows where the sum of one hidden unit is 0 (not drawn for 16
# units). Each unit adds one straight line. One line cuts the plane, two lines
# make a band, and with four units the boundary closes around the ring. With 16
# units there is more than enough. (The last layer adds the units and its own
# bias. So the black boundary can lie beside a dashed line, and a line can lie
# outside of the picture.)
#
# Why does one unit with tanh draw a better line than sixteen without activation? A bare
# sum grows with the distance from the line. So the points that are farthest from it
# would get the surest answers, and many of these are wrong. tanh is never above 1.

# %% [markdown]
# Now train one yourself, here in the picture. A point can be dragged; a unit can be
# added or taken away. What is the smallest number of units with which *Train* gets
# all 24 points right? And with the activation `none`?

# %%
from utils.touch import Playground

Playground()

# %% [markdown]
# With tanh three units are enough, from most starts. With `none` no number of units
# is: many layers are one.

# %% [markdown] tags=["instructor"]
# **Instructor.** Talk 5 min, exercises 0 min, should.
#
# - Collect the guesses on the board first. Then show the picture.
# - Ask: "How many straight cuts do you need to cut a piece out of the middle of
#   a cake?" Expected: three, a triangle.
# - Likely wrong guess: 16 or more. Few units go a long way.
# - Early finishers: drag points to where three units fail, and four do not.

# %% [markdown]
# ## Temperature (optional)
#
# <define>The **temperature** is a number $T$ by which all logits are divided before the
# softmax. It makes the network's answer more sure or less sure, and it never
# changes the order.</define>

# %%
Softmax(logits=[4, 3, 2, 1], temperature=5)

# %% [markdown]
# Drag the temperature. A small $T$ gives nearly everything to the largest logit. A
# large $T$ makes the probabilities more equal. Chat programs have this setting, too.

# %% [markdown]
# **Exercise 8** (1 minute, a guess). Four classes have the logits 4, 3, 2 and 1.
# The temperature is 1000. How large is the *largest* probability, with two
# decimals? Guess first; then see it in the figure (the key *End* sets 1000).

# %% tags=["exercise"]
my_probability = ...

# %% tags=["solution", "q8"]
my_probability = 0.25

# %% tags=["check"]
ex.q8.check(my_probability)  # stuck? ex.q8.hint() or ex.q8.solution()

# %%
first_softmax(np.array([4.0, 3.0, 2.0, 1.0]) / 1000).round(2)

# %% [markdown]
# This is the truth: divided by 1000, the four logits are nearly equal.

# %% [markdown] tags=["instructor"]
# **Instructor.** Talk 3 min, exercises 2 min, could.
#
# - Say: temperature is no parameter. Nobody trains it; a person chooses it.
# - Ask: "Which $T$ for a poem, which for a medical form?" Expected: larger for
#   the poem, smaller for the form.
# - Likely wrong answers in exercise 8: 1 (that is a small $T$), 0.64 ($T = 1$).
# - Late? Skip the whole section.

# %% [markdown]
# ## What the network does not know
#
# Back to the network with 128 units, `model`. <slide>Each hidden unit has 784 weights,
# one for each pixel. So we can draw the weights of a unit as an image. Orange
# weights are positive: the unit likes ink there. Purple weights are negative.</slide>

# %% tags=["nbval-ignore-output"]
weights = model.layers[1].get_weights()[0]
plotting.weights_as_images(weights)

# %% [markdown]
# Each unit has a pattern for the whole image. No unit looks for a line or a
# curve at every place. The weights in the corners stay as they were at the
# start, random: there is never ink, so they never learn.
#
# What happens if a digit moves a little? `np.roll` shifts all columns of an
# image to the right; they are its axis 1. (What leaves on the right comes back on
# the left; here, it is empty.)

# %% tags=["nbval-ignore-output"]
shifts = [0, 1, 2, 3, 4]
one_digit = [np.roll(x_test[9], shift, axis=1) for shift in shifts]
one_digit_logits = model.predict(np.array(one_digit), verbose=0)
one_digit_p = np.array(softmax(one_digit_logits))
plotting.shifted_digit(images_test[9], one_digit_p, shifts)

# %% [markdown]
# You still read the same digit, and the network soon reads another one. Now all
# test images, shifted by three pixels to the right. (In a batch axis 0 counts the
# images, so the columns are axis 2.)

# %% tags=["nbval-ignore-output"]
_, shifted = model.evaluate(
    np.roll(x_test, shift=3, axis=2), labels_test, verbose=0
)
print(f"as they were:   {accuracy:.3f}")
print(f"shifted by 3:   {shifted:.3f}")

# %% [markdown]
# The accuracy falls a lot: with MNIST, to about one half. The ink now
# meets other weights, and these have learned something else.

# %% [markdown]
# **Exercise 9** (1 minute, a guess). <slide>Mix the 784 pixels of all images, training
# and test: the *same* random order for all.</slide> No human can read such an image.
# <slide>Then train a new dense network on them. Is its test accuracy `"much lower"`,
# `"about the same"` or `"much higher"` than before?</slide>

# %% tags=["exercise"]
my_prediction = ...

# %% tags=["solution", "q9"]
my_prediction = "about the same"

# %% tags=["check"]
ex.q9.check(my_prediction)  # stuck? ex.q9.hint() or ex.q9.solution()

# %% [markdown]
# Here is the truth. First we mix the pixels.

# %% tags=["nbval-ignore-output"]
order = np.random.default_rng(seed=0).permutation(784)
mixed_train = x_train.reshape(-1, 784)[:, order].reshape(x_train.shape)
plotting.digits(mixed_train[:10], y_train[:10])

# %% [markdown]
# Then we train a fresh copy of the network in the same way.

# %% tags=["nbval-ignore-output"]
keras.utils.set_random_seed(0)
mixed_model = keras.models.clone_model(model)
mixed_model.compile(optimizer="adam", loss=loss, metrics=["accuracy"])
mixed_history = mixed_model.fit(
    mixed_train, y_train, epochs=5, batch_size=64
)

# %% tags=["nbval-ignore-output"]
mixed_test = x_test.reshape(-1, 784)[:, order].reshape(x_test.shape)
_, mixed = mixed_model.evaluate(mixed_test, labels_test, verbose=0)
print(f"as they were:  {accuracy:.3f}")
print(f"pixels mixed:  {mixed:.3f}")

# %% [markdown]
# The dense network reads mixed images as well as real ones. It never knew which
# pixels are neighbours. A network that knows this should do better.

# %% [markdown] tags=["instructor"]
# **Instructor.** Talk 7 min, exercises 2 min, must.
#
# - Show the shifted digit. Ask: "Why does it fail?" Expected: the ink meets
#   other weights. Likely wrong answer: "it needs more training".
# - Collect the guesses of exercise 9 by raised hands. Nearly all say "much
#   lower". This surprise carries lesson 4, so leave time for it.
# - Ask: "What do we want from a better network?" Expected: the same pattern
#   should count wherever it stands.
# - Late? Skip the picture of the weights.

# %% tags=["progress"]
ex.progress()

# %% [markdown]
# ## What we have seen
#
# - A neuron multiplies, adds, and applies an activation function.
# - A dense layer is a matrix product: $z = x\,W + b$, with $n m + m$ parameters.
# - Without activation functions, many layers are only one layer.
# - `compile` gets the optimiser, the loss and the metrics; `fit` gets the data,
# the epochs, the size of a batch and the validation data.
# - Softmax turns logits into probabilities. Subtract the largest logit first.
# - Trained on 20,000 images of MNIST, a dense network with 101,770 parameters reads
#   95 to 96 % of the test images, and more of its training images: overfitting
#   begins.
# - It does not know which pixels are neighbours: after a shift by three pixels it
#   reads far fewer.
#
# Lesson 4 builds a network that looks at neighbouring pixels together.
