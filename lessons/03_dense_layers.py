# %% [markdown]
# # 3. Fully connected layers and softmax
#
# <define>A neural network is made of **layers**. A layer takes numbers in and gives
# numbers out.</define> In this lesson you compute one layer by hand, then you stack
# layers, and at the end you train a network that reads digits.
#
# After this lesson you can
#
# - compute the output of a neuron and of a layer
# - count the parameters of a dense network
# - explain what an activation function is for
# - turn logits into probabilities with a stable softmax
# - build and train a dense network in Keras
# - say what a dense network does not know about images
#
# You need: Python lists and functions, and the matrix product.

# %%
import numpy as np

from utils import data, device, plotting
from utils.exercises import lesson3 as ex

# %% [markdown]
# ## One neuron
#
# <define>A **neuron**, also called a **unit**, has some **inputs** $x$. It has one
# **weight** $w$ for each input, and one extra number, the **bias** $b$.</define> Here
# are a few small numbers to work with.

# %%
x = np.array([1.0, 2.0, 3.0])
w = np.array([0.5, -1.0, 1.0])
b = -0.5

# %% [markdown]
# <define>The neuron multiplies each input by its weight. It adds the products and the
# bias. The result is the **weighted sum**, $z = x_1 w_1 + x_2 w_2 + x_3 w_3 + b$.</define>

# %%
print("products:", x * w)
z = (x * w).sum() + b
print("weighted sum:", z)

# %% [markdown]
# <define>Last, an **activation function** changes the sum into the output. The output
# is called the **activation** $a$.</define> The most used function is **ReLU**: a
# negative sum becomes 0, any other sum stays as it is.

# %%
a = max(0.0, z)
print("activation:", a)

# %%
plotting.neuron(x, w, b)

# %% [markdown]
# Read the picture from left to right. A neuron is no more than this: multiply,
# add, and apply one simple function.

# %% [markdown]
# **Exercise 1** (1 minute). Another neuron has the inputs 2, 1, -1, the weights
# 0.5, -1, -3 and the bias -0.5. It uses ReLU. What is its activation? Write
# the number, or the code that computes it, instead of the `...`.

# %% tags=["exercise"]
my_activation = ...

# %% tags=["solution", "q1"]
my_sum = 2 * 0.5 + 1 * -1 + -1 * -3 + -0.5
my_activation = max(0.0, my_sum)

# %% tags=["check"]
ex.q1.check(my_activation)  # stuck? ex.q1.hint() or ex.q1.solution()

# %% [markdown] tags=["instructor"]
# **Instructor.** Talk 6 min, exercises 2 min, must.
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
# has three inputs and two units: the first unit is the neuron from above.

# %%
W = np.array([[0.5, -1.0], [-1.0, 1.0], [1.0, 0.5]])
b = np.array([-0.5, -4.0])
plotting.layer_drawings(x, W, b)

# %% [markdown]
# The slides draw a layer in these two ways. Both say the same. Each arrow on the
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
# <define>Usually many inputs go through a layer at the same time. They form a **batch**:
# one row for each example.</define> The code does not change.

# %%
batch = np.array([[1.0, 2.0, 3.0], [0.0, 1.0, 0.0], [4.0, 0.0, -2.0]])
batch @ W + b

# %% [markdown]
# Three examples went in, each with three inputs. Three rows came out, each with
# two sums. The first row is the result that you know.

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
# `Dense` is the matrix product, and nothing else is hidden in it.

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
# You know ReLU. Two older activation functions are still in use. The
# **sigmoid** presses any number between 0 and 1, and **tanh** presses any number
# between -1 and 1.


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
# None of the three is one straight line. This is why they are useful, as the
# next cells show.

# %% [markdown]
# ### Without them, many layers are one
#
# Take two layers with no activation function, one after the other. To keep it
# short we leave out the biases. The product of the two matrices is again one
# matrix. Can this one matrix replace both layers?

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
# With ReLU between them, the two layers do something that this one matrix
# does not do.

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

# %% [markdown]
# ### The same, as a picture
#
# Here are 2,000 points in two rings, an inner and an outer one. A network shall
# say for each point: inner ring, yes or no? The network has a **hidden layer**,
# a layer between input and output. Its one output is a sigmoid, a number
# between 0 and 1.

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
# **Training** changes the parameters, step by step, until the answers fit. How
# it does that is the subject of lessons 5 and 6. Here we only use it.


# %%
def train(network):
    network.compile(
        optimizer=keras.optimizers.Adam(learning_rate=0.03),
        loss="binary_crossentropy",
    )
    network.fit(points, inner, epochs=15, batch_size=32, verbose=0)
    return network


# %% [markdown]
# We train two networks with 16 hidden units. The only difference: one has no
# activation function in its hidden layer, the other one has tanh.

# %%
keras.utils.set_random_seed(0)
linear_16 = train(ring_network(units=16, activation=None))
tanh_16 = train(ring_network(units=16, activation="tanh"))

# %% tags=["nbval-ignore-output"]
plotting.decision_boundaries(
    {"no activation": linear_16, "tanh": tanh_16}, points, inner
)

# %% [markdown]
# <define>On the orange ground the network says "inner ring", on the blue ground "outer
# ring". The black line between them is the **decision boundary**.</define> Without an
# activation function it is one straight line, and no straight line can separate
# rings: about half of the answers are wrong. With tanh the line closes around
# the inner ring.

# %% [markdown] tags=["instructor"]
# **Instructor.** Talk 10 min, exercises 5 min, must (exercise 4: could).
#
# - Draw two rings. Ask: "Which straight line separates them?" Let someone try.
# - Say: the product of two matrices is a matrix. So more layers alone add nothing.
# - Ask: "We add 10 more layers without activation. What changes?" Expected:
#   nothing. Likely wrong answer: "it gets a little better".
# - Likely wrong answers in exercise 4: `b1 + b2`, or $b_2$ forgotten.
# - Late? Skip exercise 4. The picture is the point.

# %% [markdown]
# ## More units, a better boundary
#
# How many hidden units do two rings need? Make a guess before you go on: 1, 2,
# 4 or 16? We train the three smaller networks.

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
# units there is more than enough.

# %% [markdown] tags=["instructor"]
# **Instructor.** Talk 5 min, exercises 0 min, should.
#
# - Collect the guesses on the board first. Then show the picture.
# - Ask: "How many straight cuts do you need to cut a piece out of the middle of
#   a cake?" Expected: three, a triangle.
# - Likely wrong guess: 16 or more. Few units go a long way.
# - Early finishers: `playground.tensorflow.org` (needs the internet) shows the same
#   while it trains.

# %% [markdown]
# ## From logits to probabilities
#
# <define>A network that chooses between several classes has one output unit for each
# class. The weighted sums of these units are called **logits**. They are
# scores: they can be negative, and they do not add up to anything special.</define>

# %%
logits = np.array([2.0, 1.0, -2.0])

# %% [markdown]
# We want probabilities: no negative number, and a sum of 1. <define>The **softmax** of the
# deck turns logits into probabilities. It takes the exponential of every logit,
# and divides by the sum of all exponentials:</define>
#
# $$\text{softmax}(z)_i = \frac{\exp(z_i)}{\sum_j \exp(z_j)}$$
#
# (The slide writes $x$; we write $z$, because the logits are weighted sums.)


# %%
def softmax(z):
    powers = np.exp(z)
    return powers / powers.sum()


p = softmax(logits)
print("probabilities:", p.round(4))
print("sum:", p.sum().round(6))

# %%
plotting.softmax_steps(logits)

# %% [markdown]
# The order stays: the largest logit gets the largest probability. And a
# difference becomes a ratio: a logit that is larger by 1 gets a probability that
# is 2.718 times as large.

# %% [markdown]
# > **The slide says:** "Softmax converts the *Logs* into Probabilities."
# >
# > **In fact** it converts the *logits*. They are not the logarithms of the
# > probabilities: these are never above 0, and our logits 2 and 1 are. The name comes from *log-odds*: the difference of
# > two logits is the logarithm of the ratio of their two probabilities.

# %%
print("difference of two logits:", logits[0] - logits[2])
print("log of the ratio:        ", np.log(p[0] / p[2]).round(6))

# %% [markdown]
# So only the *differences* between logits count. Add the same number to all of
# them, and the probabilities do not change.

# %%
print(softmax(logits).round(4))
print(softmax(logits + 10).round(4))

# %% [markdown]
# ## A softmax that does not overflow
#
# On paper the formula always works. A computer has a largest number. <define>Keras
# computes in `float32`, and there $\exp(89)$ is already too large. It
# **overflows**: the result is `inf`, infinity.</define>

# %%
with np.errstate(all="ignore"):  # no warnings: we know what comes
    print(f"exp(88): {np.exp(np.float32(88)):.1e}")
    print(f"exp(89): {np.exp(np.float32(89)):.1e}")
    print("softmax:", softmax(np.float32([100, 99, 98])))

# %% [markdown]
# `inf` divided by `inf` has no meaning, so the probabilities are **NaN**, "not a
# number". The way out is the property that you saw. The **stable softmax**
# subtracts the largest logit from all logits first. Now the largest exponent is
# 0, and $\exp(0) = 1$.

# %%
z = np.float32([100, 99, 98])
softmax(z - z.max()).round(4)

# %% [markdown]
# The same formula, the same probabilities as on paper, and no overflow. Keras
# does this inside.

# %% [markdown]
# **Exercise 5** (6 minutes). Write a stable softmax for a batch: `z` has the
# shape `(examples, classes)`, and each row becomes probabilities. Useful:
# `z.max(axis=..., keepdims=True)` keeps the shape so that it can be subtracted.


# %% tags=["exercise"]
def my_softmax(z):
    powers = ...  # exponentials that do not overflow
    probabilities = ...  # each row divided by its own sum
    return probabilities


# %% tags=["solution", "q5"]
def my_softmax(z):
    powers = np.exp(z - z.max(axis=1, keepdims=True))
    probabilities = powers / powers.sum(axis=1, keepdims=True)
    return probabilities


# %% tags=["check"]
ex.q5.check(my_softmax)  # stuck? ex.q5.hint() or ex.q5.solution()

# %% [markdown]
# > **The slide says:** softmax guarantees that "no values are zero".
# >
# > **In fact** this is true on paper only. In `float32` a very small number
# > **underflows**: it becomes exactly 0. Then its logarithm is minus infinity.

# %%
p = softmax(np.float32([0, -110]))
print("probabilities:", p)
with np.errstate(all="ignore"):
    print("logarithms:   ", np.log(p))

# %% [markdown]
# A probability of exactly 0 makes trouble in training, where we need its
# logarithm. Lesson 5 comes back to this.

# %% [markdown] tags=["instructor"]
# **Instructor.** Talk 12 min, exercises 7 min, must.
#
# - Write three logits on the board and compute softmax with the room.
# - Say: correct the slide, "Logs" is "logits". It is a slip, not a new idea.
# - Ask: "Add 10 to every logit: what happens to the probabilities?" Expected:
#   nothing. Likely wrong answer: "they all get larger".
# - Likely wrong answers in exercise 5: `axis=0`; one sum for the whole batch;
#   the maximum not subtracted; sigmoid instead of softmax.
# - Late? Skip the underflow box; lesson 5 shows it again.

# %% [markdown]
# ## Temperature
#
# <define>The **temperature** is a number $T$ by which all logits are divided before the
# softmax. It makes the network's answer more sure or less sure, and it never
# changes the order.</define>

# %%
plotting.temperatures(logits, values=[0.5, 1, 5])

# %% [markdown]
# A small $T$ gives nearly everything to the largest logit. A large $T$ makes the
# probabilities more equal. Chat programs have this setting, too.

# %% [markdown]
# **Exercise 6** (1 minute, a guess). Four classes have the logits 4, 3, 2 and 1.
# The temperature is 1000. How large is the *largest* probability, with two
# decimals? Write down your guess before you run the cell that shows the truth.

# %% tags=["exercise"]
my_guess = ...

# %% tags=["solution", "q6"]
my_guess = 0.25

# %% tags=["check"]
ex.q6.check(my_guess)  # stuck? ex.q6.hint() or ex.q6.solution()

# %%
softmax(np.array([4.0, 3.0, 2.0, 1.0]) / 1000).round(2)

# %% [markdown]
# This is the truth: divided by 1000, the four logits are nearly equal.

# %% [markdown] tags=["instructor"]
# **Instructor.** Talk 3 min, exercises 2 min, could.
#
# - Say: temperature is no parameter. Nobody trains it; a person chooses it.
# - Ask: "Which $T$ for a poem, which for a medical form?" Expected: larger for
#   the poem, smaller for the form.
# - Likely wrong answers in exercise 6: 1 (that is a small $T$), 0.64 ($T = 1$).
# - Late? Skip the whole section.

# %% [markdown]
# ## A dense network reads digits
#
# **MNIST** is a set of handwritten digits, 28 x 28 pixels each. The
# **training images** are for learning. The **test images** are kept apart, to
# see how well the network reads digits that are new to it.

# %% tags=["nbval-ignore-output"]
train_set, test_set = data.load_mnist()
images_train, labels_train = train_set
images_test, labels_test = test_set

# %% tags=["nbval-ignore-output"]
plotting.digits(images_train[:10], labels_train[:10])

# %% [markdown]
# A **label** is the right answer: the digit's name, above each image. A pixel is
# a number from 0 to 255. Networks learn better with small numbers, so
# `prepare` divides by 255. It also adds a last axis, which lesson 4 needs.

# %% tags=["nbval-ignore-output"]
x_all, x_test = data.prepare(images_train), data.prepare(images_test)
x_all.shape

# %% [markdown]
# Our network has 784 inputs, 128 hidden units with ReLU, and 10 output units,
# one for each digit. `Flatten` writes the 28 rows of an image one after the
# other, as one long row of 784 numbers. It has no parameters.

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
# $128 \cdot 10 + 10$ in the second one.
#
# The last layer has no activation function: it gives logits. The **loss** says
# how bad the answers are, and lesson 5 is about it. `from_logits=True` tells
# it to use the stable softmax on its own.
#
# <define>One sixth of the training images is set aside first. The network does not learn
# from these **validation images**. They show, during training, how it does on
# images that it has not learned.</define>

# %%
(x_train, y_train), (x_val, y_val) = data.split_validation(
    x_all,
    labels_train,
)

# %% [markdown]
# In one **step** the network sees a batch, here of 100 images, and changes its
# parameters a little. When the network has seen all training images once, one
# **epoch** is over. The **learning rate** sets how much the parameters change in
# a step. Here it falls from 0.004 to 0, so that the last steps are small.
# **Accuracy** is the share of right answers.

# %%
epochs, batch_size = 5, 100
steps = epochs * len(x_train) // batch_size


def compile_network(network):
    falling = keras.optimizers.schedules.CosineDecay(0.004, steps)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    network.compile(
        optimizer=keras.optimizers.Adam(learning_rate=falling),
        loss=loss,
        metrics=["accuracy"],
        # Hands over 20 steps in one go: faster.
        steps_per_execution=device.steps_at_once(20),
    )


# %% [markdown]
# Now training. The bar shows how far it is.

# %% tags=["nbval-ignore-output"]
from utils.callbacks import Progress

keras.utils.set_random_seed(0)
compile_network(model)
history = model.fit(
    x_train,
    y_train,
    batch_size=batch_size,
    epochs=epochs,
    validation_data=(x_val, y_val),
    verbose=0,
    callbacks=[Progress()],
)

# %% [markdown]
# The two curves of the accuracy, epoch by epoch:

# %% tags=["nbval-ignore-output"]
plotting.learning_curve(
    {
        "training": history.history["accuracy"],
        "validation": history.history["val_accuracy"],
    },
    y_label="accuracy",
)

# %% [markdown]
# Both curves rise fast and then slowly. Training is a little better than
# validation at the end: the network begins to remember its training images one
# by one. Now we use the test images, once.

# %% tags=["nbval-ignore-output"]
loss, accuracy = model.evaluate(x_test, labels_test, verbose=0)
print(f"test accuracy: {accuracy:.3f}")

# %% [markdown]
# <define>With all of MNIST the test accuracy is at least 97 %, and usually about 97.8 %.
# This is our **baseline**: the result that the CNN of lesson 4 has to beat.</define>
# (With the small embedded digits it is lower.)

# %% [markdown]
# **Exercise 7** (6 minutes, a stretch). Build a smaller network for the same
# images: two hidden layers, an activation function in each, ten
# *probabilities* at the end, and at most 30,000 parameters. You only build it;
# no training is needed.


# %% tags=["exercise"]
def my_network():
    return keras.Sequential(
        [
            keras.Input(shape=(28, 28, 1)),
            layers.Flatten(),
            ...,
            ...,
            layers.Dense(units=10, activation=...),
        ]
    )


# %% tags=["solution", "q7"]
def my_network():
    return keras.Sequential(
        [
            keras.Input(shape=(28, 28, 1)),
            layers.Flatten(),
            layers.Dense(units=32, activation="relu"),
            layers.Dense(units=16, activation="relu"),
            layers.Dense(units=10, activation="softmax"),
        ]
    )


# %% tags=["check"]
ex.q7.check(my_network)  # stuck? ex.q7.hint() or ex.q7.solution()

# %% [markdown] tags=["instructor"]
# **Instructor.** Talk 10 min, exercises 7 min, must (exercise 7: should).
#
# - Start the training cell, and talk while it runs (about 5 seconds).
# - Ask: "Ten classes. Which accuracy has a network that only guesses?"
#   Expected: 0.1. Likely wrong answer: 0.5.
# - Say: the test images are used once. Choosing with them would be cheating.
# - Likely wrong answers in exercise 7: 64 units in the first layer (too many
#   parameters), `sigmoid` at the end, no activation in a hidden layer.
# - Late? Skip exercise 7.

# %% [markdown]
# ## What the network does not know
#
# Each hidden unit has 784 weights, one for each pixel. So we can draw the
# weights of a unit as an image. Orange weights are positive: the unit likes ink
# there. Purple weights are negative.

# %% tags=["nbval-ignore-output"]
weights = model.layers[1].get_weights()[0]
plotting.weights_as_images(weights)

# %% [markdown]
# Each unit has a pattern for the whole image. No unit has a part of a digit, a
# line or a curve, that it looks for everywhere. The weights in the corners stay
# as they were at the start, random: there is never ink, so they never learn.
#
# What happens if a digit moves a little? `np.roll` shifts all columns of an
# image to the right.

# %% tags=["nbval-ignore-output"]
shifts = [0, 1, 2, 3, 4]
one_digit = [np.roll(x_test[9], shift, axis=1) for shift in shifts]
one_digit_logits = model.predict(np.array(one_digit), verbose=0)
one_digit_p = [softmax(z - z.max()) for z in one_digit_logits]
plotting.shifted_digit(images_test[9], np.array(one_digit_p), shifts)

# %% [markdown]
# You still read the same digit, and the network soon reads another one. Now all
# test images, shifted by three pixels to the right.

# %% tags=["nbval-ignore-output"]
x_shifted = np.roll(x_test, shift=3, axis=2)
loss, shifted = model.evaluate(x_shifted, labels_test, verbose=0)
print(f"as they were:   {accuracy:.3f}")
print(f"shifted by 3:   {shifted:.3f}")

# %% [markdown]
# The accuracy falls a lot: with all of MNIST, to about one half. The ink now
# meets other weights, and these have learned something else.

# %% [markdown]
# **Exercise 8** (1 minute, a guess). Mix the 784 pixels of the images: put them
# in a random order, the *same* order for all training and test images. No human
# can read them now. Then train a new dense network on them. Its test accuracy
# is `"much lower"`, `"about the same"` or `"much higher"` than before?

# %% tags=["exercise"]
my_prediction = ...

# %% tags=["solution", "q8"]
my_prediction = "about the same"

# %% tags=["check"]
ex.q8.check(my_prediction)  # stuck? ex.q8.hint() or ex.q8.solution()

# %% [markdown]
# Here is the truth. First we mix the pixels.

# %% tags=["nbval-ignore-output"]
order = np.random.default_rng(seed=0).permutation(784)
mixed_train = x_train.reshape(-1, 784)[:, order].reshape(x_train.shape)
mixed_test = x_test.reshape(-1, 784)[:, order].reshape(x_test.shape)
plotting.digits(mixed_train[:10], y_train[:10])

# %% [markdown]
# Then we train a fresh copy of the network in the same way.

# %% tags=["nbval-ignore-output"]
keras.utils.set_random_seed(0)
mixed_model = keras.models.clone_model(model)
compile_network(mixed_model)
mixed_history = mixed_model.fit(
    mixed_train,
    y_train,
    batch_size=batch_size,
    epochs=epochs,
    verbose=0,
    callbacks=[Progress()],
)

# %% tags=["nbval-ignore-output"]
loss, mixed = mixed_model.evaluate(mixed_test, labels_test, verbose=0)
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
# - Collect the guesses of exercise 8 by raised hands. Nearly all say "much
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
# - Softmax turns logits into probabilities. Subtract the largest logit first.
# - A dense network with 101,770 parameters reads MNIST
#   with an accuracy of about 98 %.
# - It does not know which pixels are neighbours, and a small shift breaks it.
#
# Lesson 4 builds a network that looks at neighbouring pixels together.
