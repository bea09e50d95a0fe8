# %% [markdown]
# # 5. Cross-entropy
#
# A network gives a probability to each class. To train it, we need one number
# that says how bad these probabilities are. This number is called the
# **loss**. The usual loss for classes has given this lesson its name.
#
# **Time.** Alone about 40 minutes; in a room 61 minutes. **You make:** the
# loss of a batch and its gradient, the two functions that every classifier
# is trained with.
#
# After this lesson you can
#
# - turn a probability into a penalty, its surprise
# - compute the cross-entropy of a prediction, in nats and in bits
# - tell entropy, cross-entropy and KL divergence apart
# - say why a classifier is not trained with the squared error
# - compute the loss of a batch, from one-hot or from integer labels
# - compute the loss from large logits without overflow
# - compute the gradient of the loss with respect to the logits
#
# You need lesson 3: logits and softmax. In one place we use lesson 4's network.
# The code uses arrays: [NumPy in ten lines](01_history.ipynb#numpy-in-ten-lines)
# has all that you need.

# %%
import numpy as np

from utils import data, deck_cnn, device, plotting
from utils.exercises import lesson5 as ex
from utils.table import Table

# %% [markdown]
# ## How bad is a prediction?
#
# Three networks look at the same image. There are three classes: 0, 1 and 2.
# The image is of class 1. Each network gives a probability to each class.

# %%
predictions = {
    "network A": [0.10, 0.80, 0.10],
    "network B": [0.30, 0.60, 0.10],
    "network C": [0.90, 0.05, 0.05],
}
plotting.predictions(predictions, truth=1)

# %% [markdown]
# A and B are right, C is wrong. But "right" and "wrong" is not all: A is surer
# than B, and C is very sure of a wrong class. A good penalty sees this.

# %% [markdown]
# **Exercise 1** (1 minute, a guess). <slide>Give each network a penalty. 0 means
# perfect; there is no upper limit.</slide> Replace the `...` by a list of three
# numbers: for A, for B, for C.

# %% tags=["exercise"]
my_penalties = ...

# %% tags=["solution", "q1"]
my_penalties = [0.2, 0.5, 3.0]

# %% tags=["check"]
ex.q1.check(my_penalties)  # stuck? ex.q1.hint() or ex.q1.solution()

# %% [markdown]
# The penalty should be larger when the right class was given a smaller
# probability. But *how much* larger? Coins give the answer.

# %% [markdown]
# ## Surprise, counted in coins
#
# You toss one coin: heads. This is no great surprise. <slide>You toss four coins, and
# all show heads: this is more surprising. Let us say: each coin adds *one
# unit* of surprise.</slide>

# %%
plotting.surprise_in_coins()

# %% [markdown]
# Each coin *halves* the probability, and *adds* 1 to the surprise. So the
# surprise answers this question: how many times must I halve 1, to come to
# this probability?
#
# <define>The **logarithm** with base 2 counts halvings: 1 halved three times is 1/8, and
# the logarithm of 1/8 is -3. The logarithm of a probability is 0 or negative, so we
# put a minus sign in front.</define>

# %%
for probability in [1 / 2, 1 / 4, 1 / 8, 1 / 16]:
    print(f"{probability:.4f}  surprise {-np.log2(probability):.0f}")

# %% [markdown]
# One, two, three, four: the number of coins. Now we can also measure what is
# between two coins, for example the 0.6 of network B.

# %%
print(f"surprise of 0.6: {-np.log2(0.6):.3f} coins")

# %% [markdown]
# A little less than one coin. The **surprise** of an event with probability $q$
# is $-\log_2 q$, counted in coins. A sure event ($q = 1$) has surprise 0. When $q$ comes near 0,
# the surprise grows without limit.

# %% [markdown]
# **Exercise 2** (1 minute). Something with probability 1/1024 happens. How
# many coins that all show heads are as surprising?

# %% tags=["exercise"]
my_coins = ...

# %% tags=["solution", "q2"]
my_coins = -np.log2(1 / 1024)  # 2 * 2 * ... * 2, ten times, is 1024

# %% tags=["check"]
ex.q2.check(my_coins)  # stuck? ex.q2.hint() or ex.q2.solution()

# %% [markdown] tags=["instructor"]
# **Instructor.** Talk 6 min, exercises 2 min, must.
#
# - Begin with exercise 1, before any formula. Write some penalties of the
#   room on the board, and come back to them after the slides' example.
# - Bring a coin. Toss it until it shows tails; let the room feel the surprise.
# - Ask: "Two independent events happen. What do their probabilities do, and
#   what do their surprises do?" Expected: probabilities multiply, surprises
#   add. This is the reason for the logarithm.
# - Likely wrong answers in exercise 2: 512 (half of 1024), 6.93 (natural log).
# - Late? The single number for 0.6 can be left out.

# %% [markdown]
# ## The slides' example
#
# <define>The truth is class 1. We write it as probabilities, too: 1 for the right
# class and 0 for the others. Such a list is called **one-hot**.</define> We call the
# truth $p$ and the prediction $q$.

# %%
p = np.array([0.0, 1.0, 0.0])  # the truth
q = np.array([0.3, 0.6, 0.1])  # the prediction, network B

# %% [markdown]
# The **cross-entropy** takes the surprise of each class, and multiplies it by
# the truth of this class:
#
# $$L = -\sum_k p_k \log q_k$$
#
# The sum goes over all classes $k$. (The slide writes $y$ for $p$, $\hat{y}$ for
# $q$, and the sum as a dot: $L = -y \cdot \log(\hat{y})$. It is the same.) And
# the base of the logarithm? Let us first do it as Python does.

# %%
surprise = -np.log(q)
print("truth:   ", p)
print("surprise:", surprise.round(3))
print("product: ", (p * surprise).round(3))
print(f"loss:     {(p * surprise).sum():.3f}")

# %% [markdown]
# The truth is 0 for the wrong classes, so only one surprise is left: that of
# the right class. It is the penalty that we looked for, and the loss of this
# image: network B pays 0.511.

# %% [markdown] tags=["slide"]
# > **The slide says:** $-\log(0.6) = 0.222$.
# >
# > **In fact** this is the logarithm with base 10. Deep learning uses the
# > *natural* logarithm, with base $e = 2.718\dots$, and gets 0.511.

# %%
Table(
    [
        {"base": "10", "unit": "dit", "loss": f"{-np.log10(0.6):.3f}"},
        {"base": "e", "unit": "nat", "loss": f"{-np.log(0.6):.3f}"},
        {"base": "2", "unit": "bit", "loss": f"{-np.log2(0.6):.3f}"},
    ]
)

# %% [markdown]
# Three bases, three units, one surprise: as a length in inches, centimetres
# or metres. Our coins counted **bits**, with base 2. From here on we count in
# **nats**, with base $e$.
#
# So from here on $\log$ means the natural logarithm: at school it is called *ln*
# (and *log* there has base 10); in Python it is `np.log`. Keras says:

# %% tags=["nbval-ignore-output"]
device.setup(seed=0)

# %%
import keras

loss = keras.losses.categorical_crossentropy(p, q)
print(f"Keras: {float(loss):.3f}")

# %% [markdown]
# Keras says 0.511, not 0.222. Now the penalties of all three networks; compare
# them with your guess of exercise 1. (A's 0.22 looks like the slide's 0.222 by
# chance only.)

# %%
for name, prediction in predictions.items():
    print(f"{name}: {-(p * np.log(prediction)).sum():.2f} nats")

# %% [markdown] tags=["slide"]
# **Exercise 3** (3 minutes). Write the cross-entropy as a function, but this
# time in *bits*. It should also work when the truth is not one-hot.


# %% tags=["exercise"]
def my_cross_entropy(p, q):
    surprise = ...  # of each class, in bits
    return ...  # each surprise counts as much as p says


# %% tags=["solution", "q3"]
def my_cross_entropy(p, q):
    surprise = -np.log2(q)
    return (p * surprise).sum()


# %% tags=["check"]
ex.q3.check(my_cross_entropy)  # stuck? ex.q3.hint() or ex.q3.solution()
in_bits = ex.q3.use(my_cross_entropy)

# %% [markdown] tags=["instructor"]
# **Instructor.** Talk 6 min, exercises 3 min, must.
#
# - Show the slide and ask everybody to compute -log(0.6) with a phone. Half of
#   the phones say 0.222 (key "log"), half 0.511 (key "ln"). Nobody is wrong;
#   the unit is missing.
# - Ask: "Does the base change which network is best?" Expected: no, all
#   losses change by the same factor, 2.303.
# - Ask: "Prediction [0.79, 0.2, 0.01] or [0.4, 0.2, 0.4], right class 1: which
#   pays more?" Expected: both pay -log 0.2 = 1.609. Usual wrong answer: the
#   first, because it is surer.
# - Likely wrong answers in exercise 3: nats, no minus sign, the mean.

# %% [markdown]
# ## Entropy, cross-entropy, KL divergence
#
# Sometimes the truth itself is not sure. Ten people read a badly written
# digit. Seven read a 4, two read a 9, one reads a 7. The truth is now a
# **distribution**: probabilities that add up to 1.

# %%
p = np.array([0.7, 0.2, 0.1])

# %% [markdown]
# Even the best prediction is sometimes surprised here. <define>The best prediction is
# $p$ itself. Its mean surprise is called the **entropy** of $p$:
# $H(p) = -\sum_k p_k \log p_k$.</define> <define>Any other prediction $q$ pays more. The
# additional part is the **KL divergence**, after Kullback and Leibler.</define>
#
# $$\text{cross-entropy}(p, q) = \text{entropy}(p) + \text{KL}(p, q)$$

# %%
q = np.array([0.3, 0.6, 0.1])
entropy = -(p * np.log(p)).sum()
divergence = (p * np.log(p / q)).sum()
print(f"{entropy:.3f} + {divergence:.3f} = {entropy + divergence:.3f}")
print(f"cross-entropy: {-(p * np.log(q)).sum():.3f}")

# %% [markdown]
# The sum is the cross-entropy. In bits, by the function of exercise 3:

# %%
bits = np.round(in_bits(p, q), 3)
print(bits, "bits =", np.round(bits * np.log(2), 3), "nats")

# %% [markdown]
# Here it is for three predictions of the same truth: the first is far from it,
# the last is equal to it.

# %%
candidates = {
    "far": [0.3, 0.6, 0.1],
    "nearer": [0.6, 0.3, 0.1],
    "equal": [0.7, 0.2, 0.1],
}
plotting.entropy_parts(p, candidates)

# %% [markdown]
# The blue part comes from the truth: no network can make it smaller. The
# orange part comes from the network: training makes it smaller. With a one-hot
# truth the entropy is 0, and the whole loss comes from the network.

# %% [markdown]
# **Exercise 4** (2 minutes, a guess). Half of the people read a 1, half read a
# 7: $p = (0.5, 0.5)$. What is the *smallest* cross-entropy that any network
# can reach here, in nats? Two decimals are enough.

# %% tags=["exercise"]
my_smallest = ...

# %% tags=["solution", "q4"]
my_smallest = 0.5 * -np.log(0.5) + 0.5 * -np.log(0.5)  # q = p

# %% tags=["check"]
ex.q4.check(my_smallest)  # stuck? ex.q4.hint() or ex.q4.solution()

# %% [markdown] tags=["instructor"]
# **Instructor.** Talk 4 min, exercises 2 min, should.
#
# - Say: entropy comes from the truth, KL from the network, and cross-entropy
#   is both together.
# - Ask: "A loss does not fall to 0. Is the network bad?" Expected: not always;
#   perhaps the labels are not sure. Usual wrong answer: "train longer".
# - Likely wrong answers in exercise 4: 0 (thinks every loss can reach 0), 1
#   (bits).
# - Late? Show only the picture.

# %% [markdown]
# ## The loss as a curve
#
# Back to one-hot truths. Then the loss depends on one number: the probability
# $q$ of the right class. Here is the loss for every $q$.

# %%
plotting.loss_curve(marked=[0.9, 0.6, 0.1, 0.01])

# %% [markdown]
# On the right, from 0.6 to 0.9, the loss changes little. On the left a small step
# costs much: a ten times smaller probability, from 0.1 to 0.01, costs another 2.303
# nats, and so does every further factor of ten. To be sure and wrong is
# expensive.
#
# The loss can be read backwards, too: $q = e^{-L}$.

# %%
for loss in [2.303, 0.511, 0.05]:
    print(f"loss {loss:.3f} -> probability {np.exp(-loss):.3f}")

# %% [markdown]
# Look at the first line: 2.303 is $\log 10$. A network that knows nothing
# gives each of ten digits the probability 0.1, and so its loss is 2.303.
# Lesson 4's network has not learned anything before its training. We give its
# ten logits for 500 images to Keras:

# %% tags=["nbval-ignore-output"]
_, (images, labels) = data.load_mnist()
images, labels = data.prepare(images[:500]), labels[:500]

# %% tags=["nbval-ignore-output"]
model = deck_cnn.build()
logits = model.predict(images, verbose=0)
loss_function = keras.losses.SparseCategoricalCrossentropy(
    from_logits=True,
)
print("logits:", logits.shape)
print(f"loss:   {float(loss_function(labels, logits)):.2f}")

# %% [markdown]
# Near 2.30, as we expected. This is a useful check for your own projects: if
# the loss of a new network with $n$ classes is far from $\log n$, look for a
# mistake. We explain `Sparse` and `from_logits` soon.

# %% [markdown] tags=["instructor"]
# **Instructor.** Talk 4 min, exercises 0 min, must.
#
# - Draw the curve slowly from right to left. Stop at 0.6, the slides' point.
# - Ask: "What loss do you expect before training with 100 classes?" Expected:
#   log 100 = 4.605, the point at 0.01 in the picture.
# - BREAK: a good moment.

# %% [markdown]
# ## Two losses, side by side
#
# There is a simpler penalty: the **squared error**, $\sum_k (q_k - p_k)^2$. It
# is 0 for a perfect prediction, too. From which of the two does a network learn
# more?
#
# <define>Training moves the logits a little, in the direction in which the loss falls.
# It needs the **slope**: the change of the loss, divided by the change of a
# logit.</define> A slope far from 0, above or below, is called **steep**; a slope near
# 0 is called **flat**. Where the loss is flat, training moves nearly nothing.
#
# We measure a slope by trying: one logit goes up a little, then down a little.


# %%
def slope(loss, z, p, k, step=1e-5):
    change = np.zeros(len(z))
    change[k] = step  # only logit k moves
    return (loss(z + change, p) - loss(z - change, p)) / (2 * step)


# %% [markdown]
# Here are the two losses as functions of the logits, with lesson 3's softmax.


# %%
def softmax(z):
    powers = np.exp(z - z.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


def cross_entropy(z, p):
    return -(p * np.log(softmax(z))).sum()


def squared_error(z, p):
    return ((softmax(z) - p) ** 2).sum()


# %% [markdown]
# <slide>Now a network that is **surely wrong**: the right class is 1, and the network
# gives nearly all probability to class 0.</slide>

# %%
p = np.array([0.0, 1.0, 0.0])
z = np.array([7.0, 0.0, 0.0])
print("probabilities:", softmax(z).round(3))

# %%
from utils.touch import Softmax

Softmax(logits=z, truth=1)

# %% [markdown]
# **Exercise 5** (1 minute). The figure shows this network: logits, softmax, and the
# surprise of the true class. (It calls the network's probabilities $p$.) <slide>Lower the
# logit of class 1 by 1, and again, and again.</slide> (Drag it, or use the arrow keys;
# with *Shift* it moves by 1.) <slide>By how many nats does the surprise grow each
# time?</slide> Two decimals are enough.

# %% tags=["exercise"]
my_growth = ...

# %% tags=["solution", "q5"]
my_growth = 1.00  # 7.00, 8.00, 9.00 nats

# %% tags=["check"]
ex.q5.check(my_growth)  # stuck? ex.q5.hint() or ex.q5.solution()

# %% [markdown]
# It grows when the logit falls. So the cross-entropy has a slope of nearly -1 here. And the squared error: is it
# steeper? Guess first; then we measure both.

# %%
print(f"cross-entropy: slope {slope(cross_entropy, z, p, k=1):.4f}")
print(f"squared error: slope {slope(squared_error, z, p, k=1):.4f}")

# %% [markdown]
# Both slopes are negative: a larger logit makes the loss smaller. But the
# cross-entropy is more than 270 times steeper. Here are the slopes (not the losses) for
# many values of this logit, side by side; the other two logits stay. Where a curve is
# near 0, that loss is flat.

# %%
plotting.loss_slopes(z, right=1)

# %% [markdown]
# Where the network is surely wrong, the squared error is flat. The network
# learns nearly nothing from its worst mistakes. The cross-entropy is steepest
# there, and flat only where the network is right.

# %% [markdown] tags=["instructor"]
# **Instructor.** Talk 5 min, exercises 1 min, must.
#
# - Point at the grey area in both pictures. Say: here is where we need to
#   learn most. (On the left end, class 0 has nearly all probability.)
# - Ask: "Why is the squared error flat there?" Expected: it is never larger
#   than 2, so far from the truth it cannot go on growing. Cross-entropy has no
#   upper limit.
# - Let the room guess before the measurement. Usual wrong guess: squared error,
#   "because squares grow quickly". They do, but an error in probability is never
#   larger than 1.
# - Likely wrong answer in exercise 5: 1.44, which is in bits.

# %% [markdown]
# ## A batch is a mean
#
# A network sees many images at once, a **batch**. Its loss is the mean of the
# losses of the images. Here are three images; each row is one.

# %%
p = np.array([[0.0, 1, 0], [1, 0, 0], [0, 0, 1]])
q = np.array([[0.3, 0.6, 0.1], [0.7, 0.2, 0.1], [0.4, 0.4, 0.2]])
losses = -(p * np.log(q)).sum(axis=1)
print("losses:", losses.round(3))
print(f"mean:   {losses.mean():.3f}")

# %% [markdown]
# `axis=1` adds up along each row: over the classes, not over the images. The
# mean does not grow with the batch, so we can compare batches of any size.
#
# <define>One-hot rows are mostly zeros. It is shorter to write only the number of the
# right class, an **integer label**: 1, 0, 2.</define>

# %%
labels = np.array([1, 0, 2])
np.eye(3)[labels]  # from integer labels to one-hot rows

# %% [markdown]
# Keras has a loss for each form. The one for integer labels is called
# *sparse*: it stores only what is not zero.

# %%
one_hot = keras.losses.CategoricalCrossentropy()
integer = keras.losses.SparseCategoricalCrossentropy()
print(f"one-hot labels: {float(one_hot(p, q)):.3f}")
print(f"integer labels: {float(integer(labels, q)):.3f}")

# %% [markdown]
# The same number. MNIST comes with integer labels, so we use the sparse loss.
# A label must be a class that exists: with three classes, 3 is an error.

# %%
try:
    data.check_labels([1, 0, 3], n_classes=3)
except ValueError as error:
    print(error)

# %% [markdown]
# NumPy can pick one number from each row: it takes a list of rows and a list of
# columns.

# %%
table = np.array([[10, 11, 12], [20, 21, 22]])
table[[0, 1], [2, 0]]  # row 0, column 2; row 1, column 0

# %% [markdown]
# **Exercise 6** (4 minutes). Write the loss of a batch for integer labels.
# `q` has one row for each image. The array `rows` is 0, 1, 2, ...: use it with
# `labels` to pick one probability from each row.


# %% tags=["exercise"]
def my_batch_loss(labels, q):
    rows = np.arange(len(labels))
    picked = ...  # the probability of the right class, for each row
    return ...


# %% tags=["solution", "q6"]
def my_batch_loss(labels, q):
    rows = np.arange(len(labels))
    picked = q[rows, labels]
    return -np.log(picked).mean()


# %% tags=["check"]
ex.q6.check(my_batch_loss)  # stuck? ex.q6.hint() or ex.q6.solution()
batch_loss = ex.q6.use(my_batch_loss)

# %% [markdown] tags=["instructor"]
# **Instructor.** Talk 4 min, exercises 4 min, must.
#
# - Ask: "One image of the batch gets probability 0 for its right class. What
#   is the mean?" Expected: infinite. One such image spoils the whole batch;
#   the next section repairs it.
# - Likely wrong answers in exercise 6: the sum instead of the mean; `q[labels]`
#   (picks whole rows); the largest probability instead of the right one.
# - Late? Do exercise 6 together on the projector.

# %% [markdown]
# ## When the logits are large
#
# Training can make logits large. Let us take 1000, and a right class that is
# not the largest. First with softmax as the slide writes it:

# %%
p = np.array([0.0, 1.0, 0.0])
z = np.array([1000.0, 0.0, 0.0])
with np.errstate(all="ignore"):  # no warnings: we look at the result
    powers = np.exp(z)
    q = powers / powers.sum()
print("exponentials:", powers)
print("softmax:     ", q)

# %% [markdown]
# **NaN** means "not a number": `inf / inf` has no value. Lesson 3 has repaired
# this: subtract the largest logit first. Is that enough for the loss?

# %%
q = softmax(z)
with np.errstate(divide="ignore"):
    loss = -np.log(q[1])
print("stable softmax:", q)
print("loss of class 1:", loss)

# %% [markdown]
# > **The slide says:** softmax guarantees that "no values are zero".
# >
# > **In fact** this is true on paper only. The computer has rounded
# > $e^{-1000}$ to exactly 0. The logarithm of 0 is minus infinity, the loss is
# > infinite, and the training is lost. In `float32`, -110 is already far enough:

# %%
print("exp(-80) is above 0: ", np.exp(np.float32(-80)) > 0)
print("exp(-110) is above 0:", np.exp(np.float32(-110)) > 0)

# %% [markdown]
# So we must not compute the probability at all. The logarithm of a quotient is
# a difference, and $\log(e^z)$ is $z$. For the right class $k$:
#
# $$L = -\log \frac{e^{z_k}}{\sum_j e^{z_j}} = \log \sum_j e^{z_j} - z_k$$
#
# <define>The first part, $\log \sum_j e^{z_j}$, is called **log-sum-exp**. It can still
# overflow, so we take the largest logit $m$ out of it. Each $e^{z_j}$ is
# $e^m \times e^{z_j - m}$, and the logarithm of a product is a sum:
# $\log \sum_j e^{z_j} = m + \log \sum_j e^{z_j - m}$.</define>

# %%
m = z.max()
log_sum_exp = m + np.log(np.exp(z - m).sum())
print(f"loss of class 1: {log_sum_exp - z[1]:.2f}")

# %% [markdown]
# 1000, the right number: no logarithm of 0, no overflow. Keras does this when
# you give it the logits and say so, with `from_logits=True`.

# %%
loss_function = keras.losses.categorical_crossentropy
without = loss_function(p, q)
with_logits = loss_function(p, z, from_logits=True)
print(f"probabilities: {float(without):.2f}")
print(f"logits:        {float(with_logits):.2f}")

# %% [markdown]
# Without `from_logits=True` Keras hides the trouble: it replaces the
# probability 0 by 0.0000001, and $-\log 0.0000001 = 16.12$. No error, but a wrong
# number, and its slope is 0. So our networks end with logits, and the softmax
# is part of the loss.
#
# The opposite mistake is common, too: logits are given, but Keras is not told.

# %%
z = np.array([2.0, 5.0, 1.0])
told = loss_function(p, z, from_logits=True)
not_told = loss_function(p, z)
print(f"told:     {float(told):.3f}")
print(f"not told: {float(not_told):.3f}")

# %% [markdown]
# The second number has no meaning. Keras has taken 2, 5 and 1 for
# probabilities, and has divided them by their sum: $-\log(5/8) = 0.470$. There
# was no error message. Check this switch first when a network does not learn.

# %% [markdown]
# **Exercise 7** (4 minutes). Write the loss of one image from its logits, so
# that it also works for 1000. `shifted` is ready: its largest number is 0.


# %% tags=["exercise"]
def my_loss(z, label):
    shifted = z - z.max()
    return ...


# %% tags=["solution", "q7"]
def my_loss(z, label):
    shifted = z - z.max()
    return np.log(np.exp(shifted).sum()) - shifted[label]


# %% tags=["check"]
ex.q7.check(my_loss)  # stuck? ex.q7.hint() or ex.q7.solution()
loss_of_logits = ex.q7.use(my_loss)

# %%
z = np.array([1000.0, 0.0, 0.0])
print("loss of class 1:", np.round(loss_of_logits(z, 1), 2))

# %% [markdown] tags=["instructor"]
# **Instructor.** Talk 5 min, exercises 4 min, should.
#
# - Write the two ways on the board: logits, softmax, log (breaks) and logits,
#   log-sum-exp (does not).
# - Ask: "Why does subtracting the largest logit not change the loss?"
#   Expected: the same factor is above and below in the softmax.
# - Likely wrong answer in exercise 7: `- z[label]` after the shift, so that the
#   largest logit is missing; or `softmax` first and then `np.log`.
# - Late? Say only: "Keep the softmax inside the loss: `from_logits=True`."

# %% [markdown]
# ## The gradient is simply q - p
#
# <define>For training we need the slope of the loss for *every* logit. All these
# slopes together are called the **gradient**.</define> Three short lines are enough to
# find it. First, the loss written with log-sum-exp. Each class pays log-sum-exp
# minus its logit, $p_k$ times; and the $p_k$ add up to 1:
#
# $$L = \sum_k p_k \Big(\log \sum_j e^{z_j} - z_k\Big)
# = \log \sum_j e^{z_j} - \sum_k p_k z_k$$
#
# Second, the slopes of both parts when $z_i$ moves. For the first we need a rule
# of school: the derivative of $\log u$ is $u' / u$. Here $u$ is the sum; of all
# its terms only $e^{z_i}$ moves, and the derivative of $e^{z_i}$ is $e^{z_i}$. So
# one slope is the softmax, and the other is the truth:
#
# $$\frac{\partial}{\partial z_i} \log \sum_j e^{z_j}
# = \frac{e^{z_i}}{\sum_j e^{z_j}} = q_i
# \qquad
# \frac{\partial}{\partial z_i} \sum_k p_k z_k = p_i$$
#
# Third, their difference. The gradient is the prediction minus the truth:
#
# $$\frac{\partial L}{\partial z_i} = q_i - p_i$$
#
# ($\partial$ is read "d" and means: only this one logit moves.) Let us look at
# ten logits, such as lesson 4's network could give. <slide>The image is a 3, but it
# looks like a 5.</slide>

# %%
z = np.array([-2, -1, 0.5, 2, -3, 3, -1.5, 0, 1, -0.5])
p = np.eye(10)[3]
q = softmax(z)
plotting.gradient_bars(p, q)

# %% [markdown]
# The right class, 3, has a negative slope: its logit should grow. The wrong
# class 5 has the largest positive slope: its logit should fall most. The
# gradient sees how wrong each class is, and nothing else.
#
# Do we believe the formula? We measure the slope of each logit, as above.

# %%
measured = [slope(cross_entropy, z, p, k) for k in range(10)]
print("formula: ", (q - p)[2:6].round(4))
print("measured:", np.round(measured, 4)[2:6])
print("agree to 1e-8:", np.allclose(q - p, measured, rtol=0, atol=1e-8))

# %% [markdown]
# TensorFlow can compute gradients itself: a `GradientTape` records the
# computation, and then goes back through it. Lesson 6 shows how this works.

# %% tags=["tensorflow"]
import tensorflow as tf

logits = tf.Variable(z)
with tf.GradientTape() as tape:
    loss = tf.nn.softmax_cross_entropy_with_logits(p, logits)
gradient = tape.gradient(loss, logits).numpy()
print("agree to 1e-9:", np.allclose(gradient, q - p, rtol=0, atol=1e-9))

# %% [markdown]
# Three ways, one gradient.

# %% [markdown]
# **Exercise 8** (5 minutes, a stretch). Write the gradient of the *mean* loss
# of a batch. `z` has one row of logits for each image. The result has the
# shape of `z`.


# %% tags=["exercise"]
def my_gradient(z, labels):
    q = softmax(z)
    p = np.eye(z.shape[1])[labels]
    return ...


# %% tags=["solution", "q8"]
def my_gradient(z, labels):
    q = softmax(z)
    p = np.eye(z.shape[1])[labels]
    return (q - p) / len(z)


# %% tags=["check"]
ex.q8.check(my_gradient)  # stuck? ex.q8.hint() or ex.q8.solution()
batch_gradient = ex.q8.use(my_gradient)

# %% [markdown]
# The gradient is useful at once: move the logits *against* it, and the loss falls.
# Here are three images; their labels are 1, 0, 2. At first all logits are 0. The
# function of exercise 6 computes the loss.

# %%
moved = np.zeros((3, 3))
labels = np.array([1, 0, 2])
for step in range(4):
    loss = batch_loss(labels, softmax(moved))
    print(f"step {step}: loss", np.round(loss, 3))
    moved = moved - np.array(batch_gradient(moved, labels))

# %% [markdown]
# The first loss is $\log 3$, then it falls. In a real network the logits come
# from weights, so the weights must move instead. Lesson 6 carries the gradient
# back to every weight.

# %% [markdown] tags=["instructor"]
# **Instructor.** Talk 6 min, exercises 5 min, must (exercise 8: could).
#
# - Cover the derivation, show the picture first: prediction minus truth. Most
#   students believe it before they see a formula. Then the three lines.
# - Ask: "What do the ten numbers of the gradient add up to?" Expected: 0,
#   because q and p both add up to 1.
# - Ask: "And with the slide's logarithm, base 10?" Expected: 0.434 times
#   (q - p). This is what "the simplest slope" means.
# - Likely wrong answers in exercise 8: q - p without the division (it is a
#   mean); p - q (the sign of the step, not of the gradient).

# %% tags=["progress"]
ex.progress()

# %% [markdown]
# ## What we have seen
#
# - The penalty of a prediction is its surprise, $-\log q$.
# - The cross-entropy is $-\sum_k p_k \log q_k$. The natural logarithm gives
#   nats: 0.511 for the slides' example, not 0.222.
# - Cross-entropy is entropy plus KL divergence. Training can make only the second smaller.
# - A network that knows nothing about $n$ classes has the loss $\log n$.
# - The squared error is flat where a network is surely wrong.
# - A batch is a mean. One-hot and integer labels give the same number.
# - Give logits to the loss, and say `from_logits=True`.
# - The gradient with respect to the logits is $q - p$.
#
# Lesson 6 follows this gradient back through the network, to every weight.
