# %% [markdown]
# # 1. The history of deep learning
#
# Most courses *tell* this history. Here you run it: every turning point is a
# small program. At the end, four networks from six decades read the same
# handwritten digits, and you see how far each of them comes.
#
# After this lesson you can
#
# - put the turning points of deep learning in order
# - tell search, rules and learning apart
# - choose the weights of a neuron, by hand and by the perceptron rule
# - say what one neuron cannot do, and what a second layer changes
# - write a search that never loses a simple game
# - estimate how long a training takes on a given machine
#
# You need a little Python: lists, functions, loops. Nothing else.

# %%
from collections import Counter
from functools import cache
from time import perf_counter

import numpy as np
from scipy import ndimage

from utils import data, plotting
from utils.records import facts
from utils.exercises import lesson1 as ex
from utils.table import Table

# %% [markdown]
# ## Eighty years in one picture
#
# Three ideas compete in this history. **Search** tries what could happen and
# takes the best. **Rules** are written down by people. **Learning** finds its
# numbers from examples. You will write a program of each kind.

# %% [markdown]
# **Exercise 1** (2 minutes, a guess). Before you scroll down: put these six
# events in order, from the oldest to the newest.
#
# - A: the chess computer Deep Blue beats the champion Garry Kasparov
# - B: the perceptron, a neuron that learns from examples
# - C: the paper that makes backpropagation popular
# - D: AlphaGo beats the Go champion Lee Sedol
# - E: a book proves that one layer of neurons cannot do everything (XOR)
# - F: AlexNet, a network on two graphics cards, wins the ImageNet contest

# %% tags=["exercise"]
my_order = [..., ..., ..., ..., ..., ...]  # such as "A"

# %% tags=["solution", "q1"]
my_order = ["B", "E", "C", "A", "F", "D"]

# %% tags=["check"]
ex.q1.check(my_order)  # stuck? ex.q1.hint() or ex.q1.solution()

# %% [markdown]
# Here is the whole story. Time runs downwards. Blue times were **booms**: much
# money, much hope. In the **AI winters**, the grey times, money and hope went
# away. Each event is a link: point at it to read where we know it from, click to
# go there.

# %%
events = facts.load("event")
plotting.timeline(events, facts.load("era"))

# %% [markdown]
# The first winter followed promises that search and single neurons could not
# keep. Expert systems brought the second boom, by rules. Since 2012 nearly
# everything is learning.
#
# The same sources as a list. *Seen* means: we have read the source, or the text
# that is named after "read". *Cited* means: it is the usual reference.

# %%
facts.Sources(events, title="Sources of the timeline")

# %% [markdown]
# > **The slide says:** the 1970s and the 1990s were AI winters.
# >
# > **In fact** the winters were shorter. Their dates are not sharp: historians
# > agree on them only roughly.

# %%
Table(
    [
        {"What": era["label"], "When": era["date"]}
        for era in facts.load("era")
    ]
)

# %% [markdown]
# > **The slide says:** "2006: University of Toronto develops Deep Learning".
# >
# > **In fact** networks with many learned layers are older. In 2006 three
# > people in Toronto showed a new way to *train* them, layer by layer. We no
# > longer train in this way.

# %%
for event in events:
    if "learning" in event["kinds"] and 1980 <= event["year"] <= 2006:
        print(event["year"], event["claim"])

# %% [markdown]
# The networks of 1980 and 1989 already looked at small windows, with the same
# weights everywhere, as the network of lesson 4 does.

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
# **neuron** has **inputs** $x$, and a **weight** $w$ for each of them. It multiplies each
# input by its weight, adds the products, and adds one more number, the
# **bias** $b$.</define> If the sum is above 0, the neuron **fires**: its output is 1.
# Otherwise it is silent: its output is 0.


# %%
def fires(x, w, b):
    return int((x * w).sum() + b > 0)


# %% [markdown]
# (<define>Their neuron compared the sum with a **threshold**.</define> Our bias is minus the
# threshold: it is the same.) All pairs of inputs, and three famous neurons:

# %%
X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
for x in X:
    both = fires(x, w=[1, 1], b=-1.5)
    either = fires(x, w=[1, 1], b=-0.5)
    opposite = fires(x[:1], w=[-1], b=0.5)
    print(x, " AND:", both, " OR:", either, " NOT x1:", opposite)

# %% [markdown]
# AND fires when both inputs are 1. OR fires when at least one is. NOT turns
# its input around: its weight is negative. Each needs two or three numbers.

# %% [markdown]
# **Exercise 2** (2 minutes). Find the numbers of a neuron that fires when
# $x_1$ is 1, *but not* $x_2$. So it fires for one pair only: 1, 0.

# %% tags=["exercise"]
my_neuron = [..., ..., ...]  # w1, w2, b

# %% tags=["solution", "q2"]
my_neuron = [1, -1, -0.5]  # x2 forbids: its weight is negative

# %% tags=["check"]
ex.q2.check(my_neuron)  # stuck? ex.q2.hint() or ex.q2.solution()

# %% [markdown]
# ## 1958: the perceptron learns
#
# *The Perceptron: A Probabilistic Model for Information Storage and Organization
# in the Brain*
#
# McCulloch and Pitts chose the numbers themselves. <define>Rosenblatt let the neuron
# find them, from examples. He called it the **perceptron**.</define> Its rule,
# in today's form:
#
# - The answer is right: change nothing.
# - It is silent and should fire: *add* the inputs to the weights, and 1 to the
#   bias.
# - It fires and should be silent: *subtract* them.
#
# The **correction** is the wanted output, the **target**, minus the output. It
# is 0, 1 or -1. So the three cases are one: add the correction times the
# inputs.

# %% [markdown]
# **Exercise 3** (3 minutes). Write one step of this rule. `w` and `x` are
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

# %% [markdown]
# <define>Our version goes through all examples, several times. Each time is called a
# **pass**.</define> It keeps the weights after every change.


# %%
def perceptron(X, targets, passes):
    w, b = np.zeros(X.shape[1]), 0
    steps = [(w, b)]
    for x, target in list(zip(X, targets, strict=True)) * passes:
        correction = target - fires(x, w, b)
        if correction:
            w, b = w + correction * x, b + correction
            steps.append((w, b))
    return steps


# %% [markdown]
# It starts with zeros and knows nothing. We show it OR, ten times.

# %%
steps = perceptron(X, targets=[0, 1, 1, 1], passes=10)
plotting.perceptron_lines(X, [0, 1, 1, 1], steps, columns=5)

# %% [markdown]
# The axes are the two inputs; the number in each point is its target. The
# neuron fires in the blue part. It makes a mistake, its line moves, and after
# four changes no mistake is left. Nobody has told it the weights.

# %% [markdown]
# ## 1969: XOR
#
# *Perceptrons*
#
# **XOR** means: either, but not both. It looks as easy as OR. How well can one
# neuron do it?

# %%
xor = np.array([0, 1, 1, 0])
steps = perceptron(X, targets=xor, passes=100)
plotting.perceptron_lines(X, xor, steps[:10], columns=5)

# %% [markdown]
# There is always a cross. Perhaps it needs more time? We let it run for 100
# passes, and look at the weights after every fourth change.

# %%
print(len(steps) - 1, "changes. The last ones:")
for w, b in steps[-13::4]:
    print("w =", w, " b =", b)

# %% [markdown]
# The same weights again and again: it goes round in a circle, for ever. Is
# this only a weak rule, or can *no* weights do it?

# %% [markdown]
# **Exercise 4** (1 minute, a guess). Somebody chooses the best weights in the
# world. How many of the four rows of XOR can one neuron get right, at most?

# %% tags=["exercise"]
my_rows = ...

# %% tags=["solution", "q4"]
my_rows = 3  # OR, for example, is wrong in one row only

# %% tags=["check"]
ex.q4.check(my_rows)  # stuck? ex.q4.hint() or ex.q4.solution()

# %% [markdown]
# Let us try many neurons at once: 41 values for each of the three numbers.

# %%
numbers = np.linspace(-2, 2, 41)
w1, w2, b = np.meshgrid(numbers, numbers, numbers)
right = np.zeros(w1.shape, dtype=int)
for x, target in zip(X, xor, strict=True):
    right += (x[0] * w1 + x[1] * w2 + b > 0) == target
print(f"{right.size:,} neurons, the best has {right.max()} of 4")

# %% [markdown]
# Trying is no proof, but the proof is short. Suppose the four rows are right:
#
# $$b \le 0, \qquad w_2 + b > 0, \qquad w_1 + b > 0, \qquad w_1 + w_2 + b \le 0$$
#
# Add the two in the middle: $w_1 + w_2 + 2b > 0$. Add the two outer ones:
# $w_1 + w_2 + 2b \le 0$. Both cannot be true, so there is no such neuron.
#
# This is in *Perceptrons*, the book of Minsky and Papert. It is about *one* layer. Many
# readers gave up on all networks, and about 1974 the first winter began. But
# neurons can be connected.

# %% [markdown]
# **Exercise 5** (3 minutes). XOR from three neurons. Two of them are ready, and
# the third one reads their outputs. Which numbers does it need?


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

# %% [markdown]
# So two layers *can* do XOR. The problem was another one: nobody had a good
# rule to *learn* the weights of the first layer. For a neuron in the middle,
# what is the target?

# %% [markdown] tags=["instructor"]
# **Instructor.** Talk 12 min, exercises 9 min, must.
#
# - Draw four points on the board. Give somebody a ruler and ask for one line
#   that parts 0 from 1: first for OR, then for XOR.
# - Ask: "Why does the rule subtract the inputs?" Expected: then the same
#   inputs give a smaller sum next time.
# - Likely wrong answers: exercise 2, a positive w2 (AND); exercise 3, the bias
#   stays; exercise 4, two; exercise 5, the last neuron is OR.
# - Minsky and Papert did not say that networks are useless. They proved limits
#   of one layer, and doubted that more layers could be trained.
# - Late? Show the proof only on the board, in one minute.

# %% [markdown]
# ## 1982: rules
#
# *R1: A Rule-Based Configurer of Computer Systems*
#
# <define>Learning was out of fashion, so people asked experts and wrote down what they
# said: *if this, then that*. Such a program is an **expert system**.</define> McDermott's
# R1 put together the parts of large computers in this way.
#
# We are experts for digits. Here are a 4 and a 9, as people write them.

# %% tags=["nbval-ignore-output"]
train, test = data.load_mnist()
train_size = min(5_000, len(train[0]))
test_size = min(2_000, len(test[0]))
train = data.stratified_part(*train, size=train_size)
test = data.stratified_part(*test, size=test_size)

# %% tags=["nbval-ignore-output"]
images, labels = train
pair = np.isin(labels, [4, 9])
plotting.digits(images[pair][:10], labels[pair][:10])

# %% [markdown]
# What is the difference? A 9 is closed at the top, a 4 is open. That is one
# rule; we want a dozen. First we teach the computer to look: to cut away the
# empty border, to count the strokes that a line crosses, to see a hole.


# %%
def cut_out(image):
    ink = image > 100  # pixels go from 0, white, to 255, black
    rows = np.flatnonzero(ink.any(axis=1))
    columns = np.flatnonzero(ink.any(axis=0))
    return ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def strokes(line):  # how often a line of pixels goes from white to ink
    return int(line[0]) + (line[1:] & ~line[:-1]).sum()


def has_hole(ink):
    paper = np.pad(~ink, pad_width=1, constant_values=True)
    return ndimage.label(paper)[1] > 1  # white in more than one piece


# %% [markdown]
# Now the rules, each a sentence and a test. Read them aloud: "If it has a hole,
# this speaks for a 9."


# %%
def rules(image):
    ink = cut_out(image)
    height, width = ink.shape
    widths = ink.sum(axis=1)  # how much ink is in each row
    top, waist = height // 5 + 1, height * 3 // 4 + 1
    middle = ink[:, width // 2]  # a line down the middle
    for_9 = {
        "it has a hole": has_hole(ink),
        "its top is full of ink": ink[:top].mean() > 0.4,
        "its top has a wide row": max(widths[:top]) > width / 2,
        "down the middle are two strokes": strokes(middle) > 1,
        "it is slim": height > 1.4 * width,
        "below its middle it is narrow": (
            max(widths[height // 2 : waist]) <= width / 2
        ),
    }
    for_4 = {
        "it has no hole": not has_hole(ink),
        "its top has little ink": ink[:top].mean() < 0.25,
        "it begins with a short row": widths[0] <= width / 4,
        "down the middle is one stroke": strokes(middle) == 1,
        "it is wide": width > 0.75 * height,
        "its top is open": not middle[: height // 4].any(),
    }
    return for_9, for_4


# %% [markdown]
# The round numbers come from looking at training images. (We had more ideas. "A
# 4 has a long row across" sounds right, but it is true of nearly as many nines.
# So we left it out.)
#
# Do more rules speak for a 9 than for a 4? Then it is a 9.


# %% tags=["nbval-ignore-output"]
def expert(image):
    for_9, for_4 = rules(image)
    return 9 if sum(for_9.values()) > sum(for_4.values()) else 4


one = images[pair][0]
for digit, found in zip((9, 4), rules(one), strict=True):
    for rule, holds in found.items():
        if holds:
            print(f"for a {digit}: {rule}")
print("so this is a", expert(one))

# %% [markdown]
# This is the great strength of rules: the program can say *why*. How often is
# it right? We count on **test images**: nobody looked at them when the rules
# were written.

# %% tags=["nbval-ignore-output"]
images_test, labels_test = test
pair_test = np.isin(labels_test, [4, 9])
answers = [expert(image) for image in images_test[pair_test]]
by_rules = np.mean(answers == labels_test[pair_test])
print(f"by rules: {by_rules:.1%} of {len(answers)} test images")

# %% [markdown]
# Not bad for twelve sentences. Now the perceptron of 1958 gets the same task.
# Its inputs are the 784 pixels, its target is 1 for a 9. It is the function from
# above.


# %% tags=["nbval-ignore-output"]
def learn(pair, digit):
    targets = labels[pair] == digit
    return perceptron(pixels[pair], targets, passes=10)[-1]


pixels = images.reshape(-1, 784) / 255
pixels_test = images_test.reshape(-1, 784) / 255
w, b = learn(pair, digit=9)
guesses = np.where(pixels_test[pair_test] @ w + b > 0, 9, 4)
by_learning = np.mean(guesses == labels_test[pair_test])
print(f"by rules:    {by_rules:.1%}")
print(f"by learning: {by_learning:.1%}")

# %% [markdown]
# On MNIST the two are equally good. But the perceptron took seconds to learn,
# and our rules took far longer to write. And on digits from other people? A
# second, small collection comes with the library scikit-learn. Its strokes are
# thicker. Nothing is changed: the same twelve rules, the same weights.

# %% tags=["nbval-ignore-output"]
_, (images_other, labels_other) = data.load_mnist("digits")
pair_other = np.isin(labels_other, [4, 9])
truth = labels_other[pair_other]
answers = [expert(image) for image in images_other[pair_other]]
sums = images_other[pair_other].reshape(-1, 784) / 255 @ w + b
rules_other = np.mean(answers == truth)
print(f"by rules:    {rules_other:.1%}")
print(f"by learning: {np.mean(np.where(sums > 0, 9, 4) == truth):.1%}")

# %% [markdown]
# The rules fall behind (on 72 images only): with a thick pen, even a 4 is closed
# at the top. And what about 3 and 5? Our twelve rules have nothing to say. The
# perceptron only needs other examples.

# %% tags=["nbval-ignore-output"]
w, b = learn(np.isin(labels, [3, 5]), digit=5)
pair_new = np.isin(labels_test, [3, 5])
guesses = np.where(pixels_test[pair_new] @ w + b > 0, 5, 3)
by_learning_new = np.mean(guesses == labels_test[pair_new])
print(f"3 or 5, by learning: {by_learning_new:.1%}")

# %% [markdown]
# Ten digits make 45 pairs. Large expert systems had the same trouble: each new
# case wanted new rules, and thousands of rules are hard to keep in order. About
# 1987 the second winter began.

# %% [markdown] tags=["instructor"]
# **Instructor.** Talk 6 min, exercises 0 min, should.
#
# - Ask the room for a rule before you show ours: "How do you tell 4 from 9?"
#   Then show a 4 that breaks it. Let somebody read the twelve rules aloud.
# - Ask: "When are rules better than learning?" Expected: when there are no
#   examples, when every decision must be explained, when the rule is the law.
# - Early finishers: add a rule, and measure on the *training* images whether it
#   helps. Why not on the test images?
# - Measured on MNIST's test images: rules 94.0 %, perceptron 94.2 %; on the
#   other digits 88.9 % and 95.8 % (72 images only).
# - Late? Run the cells, show only the numbers.

# %% [markdown]
# ## 1986: backpropagation
#
# *Learning Representations by Back-Propagating Errors*
#
# What is the target of a neuron in the middle? The answer was found more than
# once, and became popular with Rumelhart, Hinton and Williams: it
# needs no target. Ask how much the *last* output improves when this neuron
# changes.
#
# <define>For that, "how much" must be a smooth question. So the hard step of the
# neuron becomes a soft one, the **sigmoid**: a number between 0 and 1.</define>


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
# The weights start at random. We keep them at four moments of the training.

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
# of its own, dashed. Together the two lines cut out a band, and XOR is solved.

# %%
forward(X, *weights)[1].round(2)

# %% [markdown]
# Near 0, 1, 1, 0. Nobody gave a target to the neurons in the middle: they
# found something useful to do. (It does not work from every start. Change the
# seed, and run the three cells again.)

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
# ## 1997: Deep Blue, or search is not learning
#
# In May 1997 Deep Blue beat the chess champion Kasparov. It did not learn from
# the games: it *searched*. If I move here, you move there, then I ... The
# best way to see this is a small game.
#
# <define>Write each end of a game as a number: 1 if I win, 0 for a draw, -1 if you win.
# I choose between moves, then you choose, and so on. This is a **tree**.</define> Here
# I have three moves, and you have two or three answers to each:
#
# `[[1, -1], [0, 0, 1], [-1, 1]]`
#
# <define>You will choose what is *smallest*: -1, 0 and -1. So my best move is the
# second one, and the tree is worth 0 to me. This is called **minimax**.</define>

# %% [markdown]
# **Exercise 6** (4 minutes, a stretch). Write minimax for any tree. A tree is a
# number (the game is over) or a list of trees. `my_turn` says who chooses now.


# %% tags=["exercise"]
def my_value(tree, my_turn):
    if not isinstance(tree, list):
        return tree
    values = [my_value(branch, not my_turn) for branch in tree]
    return ...


# %% tags=["solution", "q6"]
def my_value(tree, my_turn):
    if not isinstance(tree, list):
        return tree
    values = [my_value(branch, not my_turn) for branch in tree]
    return max(values) if my_turn else min(values)


# %% tags=["check"]
ex.q6.check(my_value)  # stuck? ex.q6.hint() or ex.q6.solution()

# %% [markdown]
# Now noughts and crosses. A board is a text of nine characters. X begins.
# Three in a row win.

# %%
ROWS = ["012", "345", "678", "036", "147", "258", "048", "246"]


def winner(board):
    for row in ROWS:
        marks = {board[int(field)] for field in row}
        if len(marks) == 1 and marks != {" "}:
            return marks.pop()


# %% [markdown]
# The moves: each free field, and the board after it.


# %%
def x_is_next(board):
    return board.count("X") == board.count("O")


def moves(board):
    mark = "X" if x_is_next(board) else "O"
    free = [field for field in range(9) if board[field] == " "]
    return {f: board[:f] + mark + board[f + 1 :] for f in free}


# %% [markdown]
# And minimax. It knows who has won, and nothing else: no opening, no trick.


# %%
@cache  # remember each board, do not compute it twice
def value(board):
    if winner(board):
        return 1 if winner(board) == "X" else -1
    values = [value(after) for after in moves(board).values()]
    if not values:
        return 0  # the board is full: a draw
    return max(values) if x_is_next(board) else min(values)


# %% [markdown]
# What is each move of X worth in this position?

# %%
board = "XO X O   "
worth = {field: value(after) for field, after in moves(board).items()}
plotting.noughts_and_crosses(board, worth)

# %% [markdown]
# It sees everything, up to the end of the game. What is the whole game worth,
# when both play their best?

# %%
print("the empty board is worth", value(" " * 9))
print(f"{value.cache_info().currsize:,} boards were looked at")

# %% [markdown]
# A draw. Does it really never lose? We do not play a few games: we let it play
# against *every* possible opponent. At its own turn the program takes its best
# move; at the other turns we try all moves.


# %%
def ends(board, program):
    if winner(board) or " " not in board:
        return Counter([winner(board) or "draw"])
    after = moves(board).values()
    if x_is_next(board) == (program == "X"):
        best = max if program == "X" else min
        after = [best(after, key=value)]
    return sum((ends(board, program) for board in after), Counter())


# %%
for mark, other in ("XO", "OX"):
    count = ends(" " * 9, program=mark)
    print(f"as {mark}: {count[mark]} games won,", end=" ")
    print(f"{count['draw']} drawn, {count[other]} lost")

# %% [markdown]
# Not one lost game, with either mark. But the program has learned nothing: no
# number in it has changed, and it will play the next game exactly as this one.
#
# Chess has far too many boards for this. Deep Blue looked some moves ahead and
# then used a formula, partly tuned by experts, for how good a board is. In Go
# no such formula was good enough. AlphaGo (2016) *learned* it, and searched.

# %% [markdown]
# **Exercise 7** (2 minutes). Search, rules or learning? Write one word for
# each: the perceptron of 1958; R1 of 1982; Deep Blue of 1997; LeNet-5 of 1998,
# a network that reads digits; our program for noughts and crosses.

# %% tags=["exercise"]
my_kinds = [..., ..., ..., ..., ...]  # such as "rules"

# %% tags=["solution", "q7"]
my_kinds = ["learning", "rules", "search", "learning", "search"]

# %% tags=["check"]
ex.q7.check(my_kinds)  # stuck? ex.q7.hint() or ex.q7.solution()

# %% [markdown] tags=["instructor"]
# **Instructor.** Talk 6 min, exercises 6 min, should.
#
# - Play one game against somebody on the board. Say aloud: "If I go here, you
#   go there." That is the whole algorithm.
# - Ask: "Is Deep Blue intelligent? Did it learn?" Expected: opinions on the
#   first; on the second, no: people tuned its formula, then it searched.
# - Likely wrong answers in exercise 6: max for both players. In exercise 7:
#   Deep Blue "learned".
# - BREAK: a good moment, before the networks train.

# %% [markdown]
# ## Four networks, one task
#
# Back to learning. Now all ten digits: the same images, split in the same way,
# for four networks from six decades. We begin in 1958, with ten perceptrons,
# one for each digit. The largest sum wins. After a mistake, the right one adds
# the pixels to its weights, and the winner subtracts them.


# %%
def ten_perceptrons(pixels, labels, passes):
    W, b = np.zeros((784, 10)), np.zeros(10)
    for x, label in list(zip(pixels, labels, strict=True)) * passes:
        read = (x @ W + b).argmax()
        if read != label:
            W[:, label] += x
            b[label] += 1
            W[:, read] -= x
            b[read] -= 1
    return W, b


# %% [markdown]
# The **error rate** (short: the error) of a network is the share of test images
# that it reads wrong. The **parameters** of a network are all its weights and
# biases. We keep the error, the number of parameters, and the time of the training.

# %%
networks = []


def keep(year, name, read, parameters, seconds):
    error = 100 * float(np.mean(read != labels_test))
    networks.append({"year": year, "name": name, "error": error})
    networks[-1] |= {"parameters": parameters, "seconds": seconds}
    print(f"{error:.1f} % of {len(read):,} test images are wrong")


# %% [markdown]
# A small data set is read more often, so that all networks learn enough.

# %% tags=["nbval-ignore-output"]
more = 5_000 // len(images)
started = perf_counter()
W, b = ten_perceptrons(pixels, labels, passes=5 * more)
seconds = perf_counter() - started
read = (pixels_test @ W + b).argmax(axis=1)
keep(1958, "perceptrons", read, W.size + b.size, seconds)

# %% [markdown]
# Guessing would be wrong in 90 of 100 images. For the other networks we use
# Keras, the library of this workshop. (It takes a few seconds to start. So far
# we needed NumPy only.)

# %% tags=["nbval-ignore-output"]
from utils import device

device.setup(seed=0)

# %%
import keras
from keras import layers

from utils import deck_cnn
from utils.callbacks import Progress

x_train, x_test = data.prepare(images), data.prepare(images_test)

# %% [markdown]
# Two functions train a network, test it, and keep the result. The words in
# them are for later lessons; today only the networks matter. In the last pass
# the steps are ten times smaller, so that the network settles.


# %%
def train_network(network, passes, targets):
    last = passes * more - 1
    slower = keras.callbacks.LearningRateScheduler(
        lambda epoch, rate: rate / 10 if epoch == last else rate
    )
    network.fit(
        x_train,
        targets,
        batch_size=20,
        epochs=passes * more,
        verbose=0,
        callbacks=[Progress(), slower],
    )


# %%
def run(year, name, network, passes, optimizer, loss, targets):
    network.compile(optimizer=optimizer, loss=loss)
    started = perf_counter()
    train_network(network, passes, targets)
    seconds = perf_counter() - started
    read = network.predict(x_test, verbose=0).argmax(axis=1)
    keep(year, name, read, network.count_params(), seconds)


# %% [markdown]
# **1986.** *Learning Representations by Back-Propagating Errors*. A second layer,
# and backpropagation: this is the **multilayer perceptron**.
# 100 neurons in the middle, all with a sigmoid. As in the paper, a mistake
# costs the square of its size. `SGD` is the plain rule: many small steps.

# %% tags=["nbval-ignore-output"]
multilayer = keras.Sequential(
    [
        keras.Input((28, 28, 1)),
        layers.Flatten(),
        layers.Dense(units=100, activation="sigmoid"),
        layers.Dense(units=10, activation="sigmoid"),
    ]
)
sgd = keras.optimizers.SGD(learning_rate=5.0)
ones = np.eye(10)[labels]  # ten targets for each image
run(1986, "two layers", multilayer, 10, sgd, "mean_squared_error", ones)

# %% [markdown]
# **1998.** *Gradient-Based Learning Applied to Document Recognition*. LeNet-5 of
# this paper does not look at single pixels, but at small windows of the image: it
# is a **convolutional neural network**, in short **CNN**. Lesson 4 builds one.
# The paper's network has 28 pixels of width padded to 32, `tanh` instead of
# the sigmoid, and averages. (Ours leaves out some of its details.)

# %% tags=["nbval-ignore-output"]
lenet = keras.Sequential(
    [
        keras.Input((28, 28, 1)),
        layers.ZeroPadding2D(padding=2),
        layers.Conv2D(filters=6, kernel_size=5, activation="tanh"),
        layers.AveragePooling2D(pool_size=2),
        layers.Conv2D(filters=16, kernel_size=5, activation="tanh"),
        layers.AveragePooling2D(pool_size=2),
        layers.Flatten(),
        layers.Dense(units=120, activation="tanh"),
        layers.Dense(units=84, activation="tanh"),
        layers.Dense(units=10),
    ]
)

# %% tags=["nbval-ignore-output"]
sgd = keras.optimizers.SGD(learning_rate=0.1)
loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
run(1998, "LeNet-5 style", lenet, 5, sgd, loss, labels)

# %% [markdown]
# **2014.** *Adam: A Method for Stochastic Optimization*. The network of our slides
# (the *deck*) is a CNN, too. It is larger, and it has two newer ideas: ReLU, which
# AlexNet made famous in 2012, and the optimiser Adam. The year in our figure is that of its
# newest idea.

# %% tags=["nbval-ignore-output"]
deck = deck_cnn.build()
adam = keras.optimizers.Adam(learning_rate=0.001)
run(2014, "the deck's CNN", deck, 3, adam, loss, labels)

# %% [markdown]
# And now the history of deep learning, measured by you. The seconds are those of
# the machine that ran the cells.

# %% tags=["nbval-ignore-output"]
plotting.error_by_year(networks)

# %% [markdown]
# On MNIST each idea makes fewer mistakes. More parameters are not the reason
# each time: LeNet-5 has fewer than the two layers before it. It knows something
# about images. (Here each network learns from 5,000 images only. In lesson 4,
# with 55,000 to choose from, the deck's CNN comes to about 1 %.)

# %% [markdown] tags=["instructor"]
# **Instructor.** Talk 8 min, exercises 0 min, must.
#
# - Start the training cells first, then talk: all of them together take less
#   than a minute.
# - Let everybody write down a guess for the four errors before the figure.
# - Ask: "Is this a fair race?" Expected: fair in the images, not in the work:
#   each network has its own number of passes and its own step size. They were
#   chosen on other training images, never on the test images.
# - On the embedded digits the order may differ: 1,437 images are few.
# - Ask: "Why is LeNet-5 better with fewer parameters?" Expected: it uses the
#   same weights at every place of the image.
# - Likely wrong answer: "newer networks are better because they are larger".

# %% [markdown]
# ## Why now?
#
# The CNN is from the 1980s, and so is the way to train it. Why did the boom
# begin in 2012? Two things had grown: computers and data. Each mark on the
# upright axis is 100 times the one below: a **logarithmic** axis.

# %%
machines, datasets = facts.load("machine"), facts.load("dataset")
plotting.growth(machines, datasets)

# %% [markdown]
# In 1996 ASCI Red was the first computer to do a trillion operations a second. In
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
# A student could buy what a government had paid 46 million dollars for. AlexNet
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
# So we only have to count. A multiply-add is two operations, and training goes
# forward and back, which costs about three times as much as forward alone. The
# well-known recipe for the deck's CNN makes 12 passes.


# %%
def operations(network, passes):
    forward = 2 * sum(map(deck_cnn.multiply_adds, network.layers))
    return 3 * forward * 60_000 * passes


work = operations(deck, passes=12)
lenet_work = operations(lenet, passes=20)
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
# **Exercise 8** (3 minutes). A GTX 580 of 2010 has a peak of 1.581 trillion
# operations a second (`1.581e12`). Assume that it reaches a fifth of its peak.
# How many seconds does the same training take? `work` is still there.

# %% tags=["exercise"]
my_seconds = ...

# %% tags=["solution", "q8"]
my_seconds = work / (1.581e12 / 5)

# %% tags=["check"]
ex.q8.check(my_seconds)  # stuck? ex.q8.hint() or ex.q8.solution()

# %% [markdown] tags=["instructor"]
# **Instructor.** Talk 5 min, exercises 3 min, should.
#
# - Ask: "Which was more important, the cards or the data?" Expected: both. A
#   large network needs many examples, and many examples need fast machines.
# - Likely wrong answers in exercise 8: 33 seconds (the full peak); 55 seconds
#   (forward only).
# - Ask: "What do we do today that is too early?" No expected answer: let them
#   dream for one minute.

# %% tags=["progress"]
ex.progress()

# %% [markdown]
# ## What we have seen
#
# - A neuron is a weighted sum and a step. The perceptron learns its weights.
# - One neuron draws one line, so it cannot do XOR. Two layers can, and
#   backpropagation finds their weights.
# - Rules can explain themselves, but somebody must write all of them.
# - Search can play without a loss, and learns nothing.
# - On the same digits, each idea from 1958 to 2014 makes fewer mistakes.
# - The ideas are old. The machines and the data are new.
#
# Next, lesson 2: the libraries that make such a network a dozen lines long.
