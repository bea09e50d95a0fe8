# %% [markdown]
# # 1. The history of deep learning
#
# Most courses *tell* this history. Here you run it: every turning point is a
# small program. First you meet what comes out at the end of this day. Then you
# begin where it all began, in 1943.
#
# **Time.** Alone about 45 minutes, the optional parts 10 more; in a room 63
# minutes, with talks. **You make:** an artificial nerve cell that learns from
# its mistakes, and three of them that do what one cannot.
#
# After this lesson you can
#
# - put the turning points of deep learning in order
# - tell search, rules and learning apart
# - choose the weights of a neuron, by hand and by the perceptron rule
# - say what one neuron cannot do, and what a second layer changes
# - write a search that never loses a simple game (optional)
# - estimate how long a training takes on a given machine
#
# You need Python: lists, functions and loops. NumPy, the library for grids of
# numbers, is explained in ten lines below. Two parts at the end are *optional*;
# they need a little more Python, and say so.

# %% [markdown]
# ## What you build today
#
# Run the next cell (click into it, then press Shift and Enter). Then draw a
# digit from 0 to 9, with the mouse or with a finger. Watch the ten bars: they
# move while you draw.

# %% tags=["nbval-ignore-output"]
from utils.pad import DigitPad
from utils.frameworks import reference, weights

finished = reference.build(weights.load())


def read(images):
    return reference.predict(finished, images)


pad = DigitPad(read)
pad

# %% [markdown]
# <slide>Each bar says how sure the program is of this digit. Nobody told it how a 7
# looks.</slide> It is a **neural network**, in short a network: many simple parts that
# have learned together, from 60,000 handwritten digits.
#
# **Today you build this.** In lesson 4 you train such a network, and in lesson
# 7 you take yours home, as a page for any browser.
#
# A saved notebook cannot show the pad. So the next cell draws a picture: the
# network reads your drawing, or, if there is none, one that we have saved.

# %%
from utils import data, drawing, plotting

drawn = pad.drawing if pad.drawing.any() else drawing.example(4)
image = drawing.to_mnist(drawn)
plotting.read_digits([image], read(data.prepare(image)))

# %% [markdown]
# On the left is what the network sees: 28 x 28 numbers. The tallest bar is its
# answer, and the number on it says how sure it is: from 0 to 100 %. It can be
# wrong: draw a letter, or a house. It always answers.

# %% [markdown] tags=["instructor"]
# **Instructor.** Talk 3 min, exercises 0 min, must.
#
# - Let everybody draw before you say a word. Then ask for a digit that it
#   reads wrong.
# - Ask: "What does it do with a drawing that is no digit?" Expected: it still
#   gives ten numbers that add up to 1; it knows nothing else.
# - Promise: before the evening, each of you has trained such a network.

# %% [markdown]
# ## NumPy in ten lines
#
# NumPy computes with whole **arrays**: lists, or grids, of numbers. Each lesson
# of today uses what these ten lines show; what else we need is explained where
# we need it. Run them, and compare each line with its result.

# %%
import numpy as np

A = np.array([[1, 2, 3], [4, 5, 6]])  # a grid: 2 rows, 3 columns
v = np.array([10, 0, 1])
print("A.shape      ", A.shape)
print("A[0], A[:, 1]", A[0], A[:, 1])  # a row, a column
print("v * 2        ", v * 2)
print("A + v        ", (A + v).tolist())
print("A @ v        ", A @ v)
print("A.sum(axis=0)", A.sum(axis=0))
print("A > 2        ", (A > 2).tolist())
print("A[A > 2]     ", A[A > 2])

# %% [markdown]
# - The **shape** says how long an array is in each direction: rows, columns.
# - `A[0]` is the first row; `:` means "all", so `A[:, 1]` is a column.
# - `v * 2` is done for each number, without a loop. So are `+`, `-` and `>`.
# - **Broadcasting**: in `A + v`, the one row `v` is added to every row of `A`.
# - `@` is the **matrix product**: here it multiplies each row of `A` by `v`,
#   number by number, and adds up. In the first row: 1·10 + 2·0 + 3·1 = 13.
# - An **axis** is a direction. `axis=0` adds *down* the columns; `axis=1` adds
#   along the rows. Without an axis, `A.sum()` adds everything.
# - A **mask** is an array of True and False. `A[mask]` keeps the numbers where
#   it is True; `mask.sum()` counts how often it is True.

# %% [markdown] tags=["instructor"]
# **Instructor.** Talk 4 min, exercises 0 min, must.
#
# - Who knows NumPy, skips this. All others: cover the results, guess each
#   line, then look.
# - Ask: "What is `A.sum(axis=1)`?" Expected: 6 and 15, one number for each row.
# - Ask: "And `A * v`?" Expected: each row of A times v, number by number; no
#   sum. The sum is what `@` adds.

# %% [markdown]
# ## Eighty years in one picture
#
# Three ideas compete in this history. **Search** tries what could happen and
# takes the best. **Rules** are written down by people. **Learning** finds its
# numbers from examples.

# %%
from utils.exercises import lesson1 as ex
from utils.records import facts
from utils.table import Table

# %% [markdown] tags=["slide"]
# **Exercise 1** (2 minutes, a guess). Put these six events in order, from the
# oldest to the newest.
#
# | | event |
# |---|---|
# | A | the chess computer Deep Blue beats the champion Garry Kasparov |
# | B | an artificial nerve cell learns from examples |
# | C | a paper makes it popular to train many such cells together |
# | D | AlphaGo beats the Go champion Lee Sedol |
# | E | a book proves that one row of such cells cannot do everything |
# | F | AlexNet, running on two graphics cards, wins a contest in seeing |
#
# Replace each `...` and run the cell. The cell below it checks your answer. (Is there
# an error under your cell? Mend it first: until then the check sees what you had
# before.) Are you stuck? Then write one of these three into the cell of the check, and run it:
#
# - `ex.q1.hint()` gives a hint. Run it again for the next hint.
# - `ex.q1.ask()` gives a text to paste into an AI assistant. It makes the
# assistant ask you questions; it does not solve the task.
# - `ex.q1.solution()` shows a solution.

# %% tags=["exercise"]
my_order = [..., ..., ..., ..., ..., ...]  # such as "A"

# %% tags=["solution", "q1"]
my_order = ["B", "E", "C", "A", "F", "D"]

# %% tags=["check"]
ex.q1.check(my_order)  # stuck? ex.q1.hint() or ex.q1.solution()

# %% [markdown]
# Here is the whole story. Time runs downwards. Blue times were **booms**: much
# money, much hope. In the **AI winters**, the grey times, money and hope went
# away. White times were neither. Each event is a link: point at it to read where we
# know it from, click to go there.

# %%
events = facts.load("event")
plotting.timeline(events, facts.load("era"))

# %% [markdown]
# The first winter followed promises that search and single artificial nerve
# cells could not keep. An **expert system** is a program of rules that experts
# have told; such programs brought the second boom. Since 2012 nearly everything
# is learning.
#
# The same sources as a list: click on its title to open it. *Seen* means: we
# have read the source, or the text that is named after "read". *Cited* means:
# it is the usual reference.

# %%
facts.Sources(events, title="Sources of the timeline")

# %% [markdown]
# This workshop grew from the slides of a talk, the **deck**. Some slides
# simplify too much; then a box like the next one says what the slide says, and
# what is right. The first one is about this. <slide>When was there much money and
# hope, and when did both go away?</slide>
#
# > **The slide says:** the 1970s and the 1990s were AI winters.
# >
# > **In fact** the winters were shorter, and the second began earlier. Their dates are
# > not sharp: historians agree on them only roughly.

# %% tags=["slide"]
Table(
    [
        {"What": era["label"], "When": era["date"]}
        for era in facts.load("era")
    ]
)

# %% [markdown]
# > **The slide says:** "2006: University of Toronto develops Deep Learning".
# >
# > **In fact** networks that learn in many stages are older. In 2006 Hinton and
# > two colleagues showed a new way to *train* them, one stage after the other.
# > We no longer train in this way.

# %%
for event in events:
    if "learning" in event["kinds"] and 1980 <= event["year"] <= 2006:
        print(event["year"], event["claim"])

# %% [markdown]
# The networks of 1980 and 1989 already looked at small parts of the image, with
# the same numbers everywhere, as the network of lesson 4 does.

# %% [markdown] tags=["instructor"]
# **Instructor.** Talk 6 min, exercises 2 min, must.
#
# - Do exercise 1 before anybody sees the picture. Let the room vote: which is
#   older, backpropagation or Deep Blue?
# - Ask: "What ends a boom?" Expected: promises that are not kept, and money
#   that goes away. The methods themselves stayed.
# - Likely wrong answers in exercise 1: Deep Blue before backpropagation.
# - Careful: backpropagation was *made popular* in 1986. Linnainmaa described
#   its core in 1970, and Werbos proposed it for networks in 1974.
# - Late? Show the picture, skip both boxes.

# %% [markdown]
# ## 1943: a neuron
#
# *A Logical Calculus of the Ideas Immanent in Nervous Activity*
#
# In this paper McCulloch and Pitts described a nerve cell as a formula. <define>A
# **neuron** has **inputs**, each 0 or 1. Some *excite* it: they count, all
# equally.</define> If the count reaches the **threshold**, the neuron **fires**: its
# output is 1. Otherwise it is silent: its output is 0. Other inputs *inhibit*
# it: a single one of these that is 1 forbids it to fire.


# %%
def fires_1943(excite, inhibit, threshold):
    if any(inhibit):
        return 0  # a veto
    return int(sum(excite) >= threshold)


# %% [markdown]
# All pairs of two inputs, and three famous neurons:

# %%
X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
for x1, x2 in X:
    both = fires_1943([x1, x2], [], threshold=2)
    either = fires_1943([x1, x2], [], threshold=1)
    opposite = fires_1943([], [x1], threshold=0)
    print(x1, x2, " AND:", both, " OR:", either, " NOT x1:", opposite)

# %% [markdown]
# AND fires when both inputs are 1. OR fires when at least one is. NOT turns its
# input around: a count of 0 reaches the threshold 0, so it fires, unless $x_1$
# forbids it. A person chose these numbers. Nobody had a rule that changes them,
# so this neuron does not learn.

# %% [markdown]
# ## 1958: the perceptron learns
#
# *The Perceptron: A Probabilistic Model for Information Storage and Organization
# in the Brain*
#
# <define>Rosenblatt's neuron, the **perceptron**, has a number for each input $x$, its
# **weight** $w$. It multiplies each input by its weight, adds the products, and
# adds one more number, the **bias** $b$. This is the **weighted sum**.</define>
# If it is above 0, the neuron fires.


# %%
def fires(x, w, b):
    return int((x * w).sum() + b > 0)  # int: True is 1, False is 0


# %% [markdown]
# A positive weight speaks for firing, a negative one against it. The bias takes
# the place of the threshold: with the bias -1.5 the products must add up to
# *more than* 1.5. With two inputs of 0 or 1, this is the threshold 2. The same
# three, with weights:

# %%
for x in X:
    both = fires(x, w=[1, 1], b=-1.5)
    either = fires(x, w=[1, 1], b=-0.5)
    opposite = fires(x[:1], w=[-1], b=0.5)
    print(x, " AND:", both, " OR:", either, " NOT x1:", opposite)

# %% [markdown]
# NOT has one input (`x[:1]`: of `x` the first one) and a *negative* weight: without $x_1$ the sum is
# 0.5, with it -0.5.

# %% [markdown] tags=["slide"]
# **Exercise 2** (2 minutes). Find the numbers of a neuron that fires when
# $x_1$ is 1, *but not* $x_2$. So it fires for one pair only: 1, 0. (It fires
# where $x_1 w_1 + x_2 w_2 + b > 0$.)

# %% tags=["exercise"]
my_neuron = [..., ..., ...]  # w1, w2, b

# %% tags=["solution", "q2"]
my_neuron = [1, -1, -0.5]  # x2 forbids: its weight is negative

# %% tags=["check"]
ex.q2.check(my_neuron)  # stuck? ex.q2.hint() or ex.q2.solution()
w1, w2, b = ex.q2.use(my_neuron)

# %%
plotting.perceptron_lines(X, [0, 0, 1, 0], [([w1, w2], b)])

# %% [markdown] tags=["slide"]
# The axes are the two inputs; the number in each point is the output that we
# want, the **target**. The neuron fires in the blue part. So the weights and
# the bias draw *one straight line*. On the line the sum is 0, which is not
# above 0: a point there is outside.
#
# Here a person chose the numbers. Rosenblatt let the neuron find them, from
# examples. His rule, in today's form:
#
# <slide>- The answer is right: change nothing.
# - It is silent and should fire: *add* the inputs to the weights, and 1 to the
#   bias.
# - It fires and should be silent: *subtract* them.</slide>
#
# The **correction** is the target minus the output. It is 0, 1 or -1. So the
# three cases are one: add the correction times the inputs. (The bias has the input 1.)

# %% [markdown] tags=["slide"]
# **Exercise 3** (3 minutes). Write Rosenblatt's rule, for one example. `w` and `x` are
# arrays of the same length; `b` is a number.


# %% tags=["exercise"]
def my_step(w, b, x, target):
    correction = target - fires(x, w, b)
    new_w = w + ...
    new_b = b + ...
    return new_w, new_b


# %% tags=["solution", "q3"]
def my_step(w, b, x, target):
    correction = target - fires(x, w, b)
    new_w = w + correction * x
    new_b = b + correction
    return new_w, new_b


# %% tags=["check"]
ex.q3.check(my_step)  # stuck? ex.q3.hint() or ex.q3.solution()
learn = ex.q3.use(my_step)

# %% [markdown]
# <define>The next cell goes through all examples, several times. Each time is called a
# **pass**.</define> It begins with zeros (`np.zeros`), and keeps the weights
# after every change. (`zip` pairs each example with its target; a list times 3
# repeats it three times.)


# %%
def perceptron(X, targets, passes):
    w, b = np.zeros(X.shape[1]), 0.0
    steps = [(w, b)]
    for x, target in list(zip(X, targets, strict=True)) * passes:
        if fires(x, w, b) != target:
            w, b = learn(w, b, x, target)  # your rule
            steps.append((w, b))
    return steps


# %% [markdown]
# With zeros it knows nothing. We show it OR, ten times.

# %% tags=["slide"]
steps = perceptron(X, targets=[0, 1, 1, 1], passes=10)
plotting.perceptron_lines(X, [0, 1, 1, 1], steps)

# %% [markdown]
# It makes a mistake (a cross), its line moves, and after four changes no
# mistake is left. (Where you see no line, there is none yet, all weights are 0, or it
# is outside the picture.) Nobody has told it the weights.

# %% [markdown]
# ## 1969: XOR
#
# *Perceptrons*
#
# <slide>**XOR** means: either, but not both. It looks as easy as OR. How well can one
# neuron do it?</slide> Here are the weights after four changes, and after the next
# five.

# %%
xor = np.array([0, 1, 1, 0])
steps = perceptron(X, targets=xor, passes=100)
plotting.perceptron_lines(X, xor, steps[4:10], first=4)

# %% [markdown]
# There is always a cross. `step 8` is `step 4` again, and `step 9` is `step 5`.
# Perhaps it needs more time? We let it run for 100 passes, and look at the
# weights after every fourth change.

# %%
print(len(steps) - 1, "changes. The last ones:")
for w, b in steps[-13::4]:
    print("w =", w, " b =", b)

# %% [markdown]
# The same weights again and again: it goes round in a circle, for ever. Is
# this only a weak rule, or can *no* weights do it?

# %% [markdown]
# **Exercise 4** (1 minute, a guess). Somebody chooses the best weights in the
# world. How many of the four rows of XOR (0, 0 and 0, 1 and 1, 0 and 1, 1) can one
# neuron get right, at most?

# %% tags=["exercise"]
my_rows = ...

# %% tags=["solution", "q4"]
my_rows = 3  # OR, for example, is wrong in one row only

# %% tags=["check"]
ex.q4.check(my_rows)  # stuck? ex.q4.hint() or ex.q4.solution()

# %% [markdown]
# Let us try many neurons: 41 values for each of the three numbers, evenly from
# -2 to 2 (`np.linspace`).

# %%
numbers = np.linspace(-2, 2, 41)
best = 0
for w1 in numbers:
    for w2 in numbers:
        for b in numbers:
            fired = X @ [w1, w2] + b > 0
            best = max(best, (fired == xor).sum())
print(f"{41**3:,} neurons, the best has {best} of 4")

# %% [markdown]
# Trying is no proof, but the proof is short. Suppose the four rows are right.
# In the first row both inputs are 0, so the sum is only $b$. The neuron must be
# silent there: $b$ is 0 or less. All four rows, in the same way:
#
# $$b \le 0, \qquad w_2 + b > 0, \qquad w_1 + b > 0, \qquad w_1 + w_2 + b \le 0$$
#
# Add the two in the middle: $w_1 + w_2 + 2b > 0$. Add the two outer ones:
# $w_1 + w_2 + 2b \le 0$. Both cannot be true, so there is no such neuron.
#
# This is in *Perceptrons*, the book of Minsky and Papert. It is about one
# **layer**: neurons side by side, which all see the same inputs. Many readers
# gave up on all networks, and about 1974 the first winter began. But a second
# layer can read the outputs of the first.

# %% [markdown]
# **Exercise 5** (3 minutes). <slide>XOR from three neurons. Two of them are ready, and
# the third one reads their outputs. Which numbers does it need?</slide> (The check
# looks at the four answers only.)


# %% tags=["exercise"]
def my_xor(x1, x2):
    x = np.array([x1, x2])
    either = fires(x, w=[1, 1], b=-0.5)
    both = fires(x, w=[1, 1], b=-1.5)
    hidden = np.array([either, both])
    return fires(hidden, w=..., b=...)


# %% tags=["solution", "q5"]
def my_xor(x1, x2):
    x = np.array([x1, x2])
    either = fires(x, w=[1, 1], b=-0.5)
    both = fires(x, w=[1, 1], b=-1.5)
    hidden = np.array([either, both])
    return fires(hidden, w=[1, -1], b=-0.5)


# %% tags=["check"]
ex.q5.check(my_xor)  # stuck? ex.q5.hint() or ex.q5.solution()
xor_network = ex.q5.use(my_xor)

# %%
for x1, x2 in X:
    print(x1, x2, "->", xor_network(x1, x2))

# %% [markdown]
# So two layers *can* do XOR. The problem was another one: nobody had a good
# rule to *learn* the weights of the first layer.

# %% [markdown] tags=["instructor"]
# **Instructor.** Talk 13 min, exercises 9 min, must.
#
# - Draw four points on the board. Give somebody a ruler and ask for one line
#   that parts 0 from 1: first for OR, then for XOR.
# - Ask: "Why does the rule subtract the inputs?" Expected: then the same
#   inputs give a smaller sum next time.
# - Likely wrong answers: exercise 2, a positive w2 (AND); exercise 3, the bias
#   stays; exercise 4, two; exercise 5, the last neuron is OR.
# - Ask: "What did the neuron of 1943 not have?" Expected: weights, so nothing
#   that could learn.
# - Minsky and Papert did not say that networks are useless. They proved limits
#   of one layer, and doubted that more layers could be trained.
# - Late? Show the proof only on the board, in one minute.

# %% [markdown]
# ## 1986: backpropagation
#
# *Learning Representations by Back-Propagating Errors*
#
# <slide>What is the target of a neuron in the middle?</slide> The answer was found more than
# once, and became popular with Rumelhart, Hinton and Williams: such a neuron
# needs no target. <slide>Ask instead: if this neuron's output grows a little, does the
# *last* output become better or worse, and by how much?</slide>
#
# With a hard jump there is no "by how much": a little more changes nothing, or
# everything, from 0 to 1.
# <define>So the jump of the neuron becomes a soft one, the **sigmoid**: a number between
# 0 and 1.</define>


# %%
def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def forward(x, W1, b1, W2, b2):
    hidden = sigmoid(x @ W1 + b1)  # two neurons in the middle
    return hidden, sigmoid(hidden @ W2 + b2)


# %% [markdown]
# Going back, each layer hands its share of the fault to the layer before it:
# **backpropagation**. Lesson 6 explains these lines; here we only run them.


# %%
def backward(W1, b1, W2, b2, rate=2):
    hidden, output = forward(X, W1, b1, W2, b2)
    share_2 = (output - xor) * output * (1 - output)
    share_1 = np.outer(share_2, W2) * hidden * (1 - hidden)
    W1 = W1 - rate * X.T @ share_1
    b1 = b1 - rate * share_1.sum(axis=0)
    W2 = W2 - rate * hidden.T @ share_2
    b2 = b2 - rate * share_2.sum()
    return W1, b1, W2, b2


# %% [markdown]
# The weights start at random numbers. (The **seed** chooses them: with the same
# seed, everybody gets the same ones.) The changes that follow are the
# **training**. We keep the weights at four moments of it.

# %%
rng = np.random.default_rng(seed=7)
weights = rng.normal(size=(2, 2)), np.zeros(2), rng.normal(size=2), 0
stages = {}
for step in range(3001):
    if step in (0, 200, 400, 3000):
        stages[f"step {step}"] = weights
    weights = backward(*weights)

# %%
plotting.two_layers(X, xor, forward, stages)

# %% [markdown]
# The network answers 1 in the blue part. Each neuron in the middle has a line
# of its own, dashed. At first its jump is so soft that the blue part does not
# follow the lines. As the weights grow, the jump gets harder: in the end the
# blue part is the band between the two lines, and XOR is solved.

# %%
forward(X, *weights)[1].round(2)

# %% [markdown]
# Near 0, 1, 1, 0. Nobody gave a target to the neurons in the middle: they
# found something useful to do. (It does not work from every start. Change the
# seed to 5, and run the three cells again.)

# %% [markdown] tags=["instructor"]
# **Instructor.** Talk 5 min, exercises 0 min, must.
#
# - Do not explain `backward` here. Say: lesson 6 derives every line.
# - Ask: "What do the two dashed lines do that one line cannot?" Expected: they
#   leave a band between them; only the band is 1.
# - Measured: with the seeds 0 to 29, 23 of 30 starts solve XOR in 3,000 steps.
#   The others stop at a weak solution. With four neurons in the middle, 30 of
#   30.

# %% [markdown]
# ## Four networks, one task
#
# <slide>What did each idea bring? Four networks from six decades learn the same task:
# to read **MNIST**, 70,000 handwritten digits of 28 x 28 pixels.</slide> (Without an
# internet connection scikit-learn's *small digits* take its place.) They learn
# from **training images**. Then they read **test images**, which they have never
# seen. To be quick we take only a part of both.

# %% tags=["nbval-ignore-output"]
train, test = data.load_mnist()
train_size = min(5_000, len(train[0]))
test_size = min(2_000, len(test[0]))
train = data.stratified_part(*train, size=train_size)
test = data.stratified_part(*test, size=test_size)

# %% tags=["nbval-ignore-output", "slide"]
images, labels = train
plotting.digits(images[:10], labels[:10])

# %% [markdown]
# The **error rate** (short: the error) is the share of test images that a
# network reads wrong. The **parameters** of a network are all its weights and
# biases. In each cell below, `run` trains one network on the training images,
# lets it read the test images, and counts its mistakes
# (`utils/four_networks.py`). We use **Keras**, the library of this workshop. It
# takes a few seconds to start: so far we needed NumPy only.

# %% tags=["nbval-ignore-output"]
from utils import device

device.setup(seed=0)

# %% [markdown]
# **1958.** *The Perceptron: A Probabilistic Model for Information Storage and
# Organization in the Brain*. Ten perceptrons, one for each digit, read all 784
# pixels. The largest sum wins. Guessing would be wrong in 90 of 100 images.

# %% tags=["nbval-ignore-output"]
from utils import four_networks

networks = [four_networks.run(1958, train, test)]

# %% [markdown]
# **1986.** *Learning Representations by Back-Propagating Errors*. A second layer,
# and backpropagation: this is the **multilayer perceptron**. Ours has 100 neurons
# in the middle.

# %% tags=["nbval-ignore-output"]
networks += [four_networks.run(1986, train, test)]

# %% [markdown]
# So short is this network in Keras. A `Dense` layer is a row of neurons that
# all read the same inputs; `units` says how many. Lesson 3 explains each line.

# %%
import inspect

print(inspect.getsource(four_networks.two_layers))

# %% [markdown]
# **1998.** *Gradient-Based Learning Applied to Document Recognition*. LeNet-5 of
# this paper does not look at all pixels at once, but at small parts of the
# image: it is a **convolutional neural network**, in short **CNN**. Lesson 4
# builds one. (Ours leaves out some of the paper's details.)

# %% tags=["nbval-ignore-output"]
networks += [four_networks.run(1998, train, test)]

# %% [markdown]
# **2014.** *Adam: A Method for Stochastic Optimization*. The CNN of the deck,
# which read your drawing, is larger, and it has two newer ideas. **ReLU**, which
# AlexNet made famous in 2012, takes the place of the smooth curves: a negative sum
# becomes 0. **Adam** chooses how far each weight moves.

# %% tags=["nbval-ignore-output"]
networks += [four_networks.run(2014, train, test)]

# %% [markdown]
# <slide>And now the history of deep learning, measured by you.</slide> The seconds are those of
# the machine that ran the cells.

# %% tags=["nbval-ignore-output", "slide"]
plotting.error_by_year(networks)

# %% [markdown]
# On MNIST each idea makes fewer mistakes. More parameters are not the reason
# each time: LeNet-5 has fewer than the two layers before it. It knows something
# about images. (Here each network learns from 5,000 images only. With more
# images all of them read better: lesson 4 trains the deck's CNN on 15,000.)

# %% [markdown] tags=["instructor"]
# **Instructor.** Talk 7 min, exercises 0 min, must.
#
# - Start the training cells first, then talk: all of them together take less
#   than a minute.
# - Let everybody write down a guess for the four errors before the figure.
# - Ask: "Is this a fair race?" Expected: fair in the images, not in the work:
#   each network has its own number of passes and its own step size. They were
#   chosen on other training images, never on the test images.
# - On the small digits the order may differ: 1,437 images are few.
# - Ask: "Why is LeNet-5 better with fewer parameters?" Expected: it uses the
#   same weights at every place of the image.
# - Likely wrong answer: "newer networks are better because they are larger".

# %% [markdown]
# ## Two other ways: rules and search
#
# For decades most of what was called artificial intelligence learned nothing.
#
# **1982.** *R1: A Rule-Based Configurer of Computer Systems*. Learning was out
# of fashion. So people asked experts and wrote down what they said: *if this,
# then that*. McDermott's expert system R1 put together the parts of large
# computers in this way. Rules can say *why*. But somebody must write all of
# them, and thousands of rules are hard to keep in order. About 1987 the second
# winter began.
#
# **1997.** *Deep Blue* beat the chess champion Kasparov. It did not learn from
# the games: it searched. If I move here, you move there, then I ... It looked
# some moves ahead, and then used a formula, partly tuned by experts, for how
# good a position is. In Go no such formula was good enough. AlphaGo (2016)
# *learned* it, and searched.

# %% [markdown]
# **Exercise 6** (2 minutes). Search, rules or learning? Write one word for
# each:
#
# 1. the perceptron of 1958
# 2. R1 of 1982
# 3. Deep Blue of 1997
# 4. LeNet-5 of 1998
# 5. a program for noughts and crosses that looks at every possible game
#
# (In noughts and crosses, three in a row win.)

# %% tags=["exercise"]
my_kinds = [..., ..., ..., ..., ...]  # such as "rules"

# %% tags=["solution", "q6"]
my_kinds = ["learning", "rules", "search", "learning", "search"]

# %% tags=["check"]
ex.q6.check(my_kinds)  # stuck? ex.q6.hint() or ex.q6.solution()

# %% [markdown]
# You can run a program of rules and one of search, too: in the optional parts at
# the end.

# %% [markdown] tags=["instructor"]
# **Instructor.** Talk 4 min, exercises 2 min, must.
#
# - Ask: "When are rules better than learning?" Expected: when there are no
#   examples, when every decision must be explained, when the rule is the law.
# - Ask: "Is Deep Blue intelligent? Did it learn?" Expected: opinions on the
#   first; on the second, no: people tuned its formula, then it searched.
# - Likely wrong answer in exercise 6: Deep Blue "learned".
# - BREAK: a good moment.

# %% [markdown]
# ## Why now?
#
# <slide>The CNN is from the 1980s, and so is the way to train it. Why did the boom
# begin in 2012? Two things had grown: computers and data.</slide> Each mark on the
# upright axis is 100 times the one below: a **logarithmic** axis.

# %%
machines, datasets = facts.load("machine"), facts.load("dataset")
plotting.growth(machines, "flops", "operations a second")

# %%
plotting.growth(datasets, "size", "examples in a data set")

# %% [markdown]
# In 1996 ASCI Red was the first computer to do a trillion ($10^{12}$) operations
# a second. In
# 2010 a graphics card for games reached as much. (The comparison is rough: the
# card counts shorter numbers, and at its best; ASCI Red was measured.)

# %%
facts.Sources(machines + datasets, title="Sources of these numbers")

# %% [markdown]
# What changed most is the price. A billion operations a second cost, in the
# dollars of that time:

# %%
for machine in machines:
    if "dollars" in machine:
        price = machine["dollars"] / machine["flops"] * 1e9
        print(f"{machine['year']}  {price:15,.2f}  {machine['label']}")

# %% [markdown]
# What a government had paid 46 million dollars for, ASCI Red, a student could now
# buy. AlexNet
# needed two such cards for less than a week, in 2012. And graphics cards, in
# short **GPUs**, "have come a long way" since, say the slides. How long? From the
# GTX 580 of 2010 to the H100 of 2022:

# %%
gtx, last = machines[3], machines[-1]
print(f"{last['flops'] / gtx['flops']:.0f} times as fast")

# %% [markdown]
# Today nobody has to buy a GPU to begin. Clouds such as Google Colab lend one for
# some hours, free of charge: often a T4 of 2018, five times as fast as the GTX 580.
# So many people can try many ideas.
#
# What did it mean to have no such machine? LeCun's CNN of 1989 trained for three
# days. In 2022 Karpathy repeated it on a laptop, in about 90 seconds.
#
# And how long would the deck's CNN have taken in 1998? We need not guess how fast
# a computer was. The paper on LeNet-5 says: 2 to 3 days for its training, on one
# processor of a large server, with up to 20 passes over MNIST.
#
# So we only have to count. A **multiply-add** multiplies two numbers and adds
# the product to a sum: two operations. We count those for one image;
# training goes forward and back, which costs about three times as much as
# forward alone. The well-known recipe for the deck's CNN makes 12 passes.


# %%
from utils import deck_cnn


def operations(network, passes):
    forward = 2 * sum(map(deck_cnn.multiply_adds, network.layers))
    return 3 * forward * 60_000 * passes


work = operations(deck_cnn.build(), passes=12)
lenet_work = operations(four_networks.lenet5(), passes=20)
print(f"LeNet-5:        {lenet_work / 1e12:4.1f} trillion operations")
print(f"the deck's CNN: {work / 1e12:4.1f} trillion operations")

# %%
ratio = work / lenet_work
days = 2.5 * ratio
print(f"{ratio:.0f} times as much, so {days:.0f} days instead of 2.5")

# %% [markdown]
# Six weeks for one training, for small grey images. (This is an estimate: nobody
# did it.) And if you want to try another number of neurons: six more weeks. Many
# ideas were not wrong. They were early.

# %% [markdown]
# **Exercise 7** (3 minutes). A GTX 580 of 2010 has a peak of 1.581 trillion
# operations a second (`1.581e12`). Assume that it reaches a fifth of its peak.
# How many seconds does the same training take? `work` is still there.

# %% tags=["exercise"]
my_seconds = ...

# %% tags=["solution", "q7"]
my_seconds = work / (1.581e12 / 5)

# %% tags=["check"]
ex.q7.check(my_seconds)  # stuck? ex.q7.hint() or ex.q7.solution()

# %% [markdown] tags=["instructor"]
# **Instructor.** Talk 5 min, exercises 3 min, should.
#
# - Ask: "Which was more important, the cards or the data?" Expected: both. A
#   large network needs many examples, and many examples need fast machines.
# - Likely wrong answers in exercise 7: 33 seconds (the full peak); 55 seconds
#   (forward only).
# - Ask: "What do we do today that is too early?" No expected answer: let them
#   dream for one minute.

# %% [markdown]
# ## Optional: a dozen rules for two digits
#
# This part uses masks. We are experts for digits. Here are a 4 and a 9, as people
# write them.

# %% tags=["nbval-ignore-output"]
pair = np.isin(labels, [4, 9])  # a mask: True where it is a 4 or a 9
plotting.digits(images[pair][:10], labels[pair][:10])

# %% [markdown]
# What is the difference? A 9 is closed at the top, a 4 is open. We wrote twelve
# such rules, in `utils/digit_rules.py`. It is not easy: "a 4 has a long row
# across" sounds right, but it is true of nearly as many nines. More rules speak
# for a 9 than for a 4? Then it is a 9, else a 4. These speak in one image:

# %% tags=["nbval-ignore-output"]
from utils import digit_rules

one = images[pair][0]
for digit, found in zip((9, 4), digit_rules.rules(one), strict=True):
    for rule, holds in found.items():
        if holds:
            print(f"for a {digit}: {rule}")
print("so this is a", digit_rules.expert(one))

# %% [markdown]
# This is the great strength of rules: the program can say *why*. How often is
# it right, on test images? And the perceptron, the function from above? Its
# inputs are the 784 pixels (`reshape(-1, 784)` makes one row of each image),
# its target is 1 for a 9. `np.where(mask, 9, 4)` is 9 where the mask is True,
# else 4.

# %% tags=["nbval-ignore-output"]
images_test, labels_test = test
pair_test = np.isin(labels_test, [4, 9])
answers = [digit_rules.expert(one) for one in images_test[pair_test]]
by_rules = np.mean(answers == labels_test[pair_test])
print(f"by rules:    {by_rules:.1%} of {len(answers)} test images")

# %% tags=["nbval-ignore-output"]
pixels = images[pair].reshape(-1, 784) / 255
w, b = perceptron(pixels, labels[pair] == 9, passes=10)[-1]
sums = images_test[pair_test].reshape(-1, 784) / 255 @ w + b
guesses = np.where(sums > 0, 9, 4)
by_learning = np.mean(guesses == labels_test[pair_test])
print(f"by learning: {by_learning:.1%}")

# %% [markdown]
# On MNIST the two are equally good. But the perceptron took seconds to learn,
# and our rules took far longer to write. And on digits from other people? A
# second, small collection comes with the library scikit-learn. Its strokes are
# thicker. The rules and the weights stay the same.

# %% tags=["nbval-ignore-output"]
_, (images_other, labels_other) = data.load_mnist("digits")
pair_other = np.isin(labels_other, [4, 9])
truth = labels_other[pair_other]
answers = [digit_rules.expert(one) for one in images_other[pair_other]]
sums = images_other[pair_other].reshape(-1, 784) / 255 @ w + b
rules_other = np.mean(answers == truth)
print(f"by rules:    {rules_other:.1%}")
print(f"by learning: {np.mean(np.where(sums > 0, 9, 4) == truth):.1%}")

# %% [markdown]
# The rules fall behind (on 72 images only): with a thick pen, even a 4 is closed
# at the top. And what about 3 and 5? Our rules have nothing to say. The
# perceptron only needs other examples.

# %% tags=["nbval-ignore-output"]
other, other_test = (
    np.isin(each, [3, 5]) for each in (labels, labels_test)
)
pixels = images[other].reshape(-1, 784) / 255
w, b = perceptron(pixels, labels[other] == 5, passes=10)[-1]
sums = images_test[other_test].reshape(-1, 784) / 255 @ w + b
guesses = np.where(sums > 0, 5, 3)
by_learning_new = np.mean(guesses == labels_test[other_test])
print(f"3 or 5, by learning: {by_learning_new:.1%}")

# %% [markdown]
# Ten digits make 45 pairs. Large expert systems had the same trouble: each new
# case wanted new rules.

# %% [markdown] tags=["instructor"]
# **Instructor.** Talk 5 min, exercises 0 min, could.
#
# - Ask the room for a rule before you show ours: "How do you tell 4 from 9?"
#   Then show a 4 that breaks it. Let somebody read the twelve rules aloud.
# - Early finishers: add a rule, and measure on the *training* images whether it
#   helps. Why not on the test images?
# - Measured on MNIST's test images: rules 94.0 %, perceptron 94.2 %; on the
#   other digits 88.9 % and 95.8 % (72 images only).

# %% [markdown]
# ## Optional: a search that never loses
#
# This part uses **recursion**: a function that calls itself.
#
# <define>Write each end of a game as a number: 1 if I win, 0 for a draw, -1 if you win.
# I choose between moves, then you choose, and so on. This is a
# **tree**.</define> Here I have three moves, and you have two or three answers
# to each:
#
# `[[1, -1], [0, 0, 1], [-1, 1]]`
#
# <define>The other player will choose what is *smallest* for me: -1, 0 and -1. So my best
# move is the second one, and the tree is worth 0 to me. This is called
# **minimax**.</define>

# %% [markdown]
# **Exercise 8** (4 minutes, a harder one). Write minimax for any tree. A tree is a
# number (the game is over) or a list of trees. `my_turn` says who chooses now.


# %% tags=["exercise"]
def my_value(tree, my_turn):
    if not isinstance(tree, list):
        return tree
    values = [my_value(branch, not my_turn) for branch in tree]
    return ...


# %% tags=["solution", "q8"]
def my_value(tree, my_turn):
    if not isinstance(tree, list):
        return tree
    values = [my_value(branch, not my_turn) for branch in tree]
    return max(values) if my_turn else min(values)


# %% tags=["check"]
ex.q8.check(my_value)  # stuck? ex.q8.hint() or ex.q8.solution()
value = ex.q8.use(my_value)

# %% [markdown]
# Now noughts and crosses: three in a row win, X begins. The file
# `utils/noughts.py` knows which moves there are, and makes the tree of all that
# can follow. What is each move of X worth in this position? After it, O chooses.

# %%
from utils import noughts

board = "XO X O   "
worth = {
    field: value(noughts.tree(after), False)
    for field, after in noughts.moves(board).items()
}
plotting.noughts_and_crosses(board, worth)

# %% [markdown]
# It sees everything, up to the end of the game: no opening, no trick. And the
# whole game, when both play their best?

# %%
print("the empty board:", value(noughts.tree(" " * 9), True))
print(f"{noughts.tree.cache_info().currsize:,} boards can come up")

# %% [markdown]
# A draw. Does it really never lose? We do not play a few games: we let it play
# against *every* possible opponent. At its own turn the program takes its best
# move; at the other turns we try all moves.

# %%
for mark, other in ("XO", "OX"):
    count = noughts.ends(" " * 9, mark, value)
    print(f"as {mark}: {count[mark]} games won,", end=" ")
    print(f"{count['draw']} drawn, {count[other]} lost")

# %% [markdown]
# Not one lost game, with either mark. But the program has learned nothing: no
# number in it has changed, and it will play the next game exactly as this one.
# Chess has far too many positions for this.

# %% [markdown] tags=["instructor"]
# **Instructor.** Talk 4 min, exercises 4 min, could.
#
# - Play one game against somebody on the board. Say aloud: "If I go here, you
#   go there." That is the whole algorithm.
# - Likely wrong answers in exercise 8: max for both players.

# %% tags=["progress"]
ex.progress()

# %% [markdown]
# ## What we have seen
#
# - A neuron is a weighted sum, and then fires or not. The perceptron learns its
#   weights.
# - One neuron draws one line, so it cannot do XOR. Two layers can, and
#   backpropagation finds their weights.
# - Rules can explain themselves, but somebody must write all of them.
# - Search can play and never lose, and learns nothing.
# - On the same digits, each idea from 1958 to 2014 makes fewer mistakes.
# - The ideas are old. The machines and the data are new.
#
# Next, lesson 2: the libraries that make such a network a dozen lines long.
