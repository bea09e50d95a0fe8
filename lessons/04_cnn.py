# %% [markdown]
# # 4. The full CNN
#
# The dense network of lesson 3 looks at 784 separate numbers. It does not
# know which pixels are neighbours. A **convolutional neural network**, in
# short a **CNN**, looks at small parts of the image, and it uses the same
# weights in every part.
#
# **Time.** Alone about 50 minutes, the optional end 5 more; in a room 82
# minutes. **You make:** a CNN that you train, and that reads what you draw.
#
# After this lesson you can
#
# - compute a convolution by hand
# - say how large the output of a convolution is
# - say what max pooling keeps and what it drops
# - count the parameters and the multiplications of a CNN
# - train a CNN on MNIST and read its mistakes
#
# You need lesson 3 (dense layers, softmax, parameters) and
# [NumPy in ten lines](01_history.ipynb#numpy-in-ten-lines).

# %%
import numpy as np

from utils import data, deck_cnn, device, plotting
from utils.exercises import lesson4 as ex
from utils.table import Table

# %% [markdown]
# ## A convolution by hand
#
# Here is a very small image: a dark bar on a white ground (0 is white, a large
# number is dark, as in all our pictures). A **kernel** is a small grid of weights. The one below has negative
# weights on its left and positive weights on its right.

# %%
image = np.array(
    [
        [0, 0, 0, 0, 0, 0],
        [0, 0, 9, 9, 0, 0],
        [0, 0, 9, 9, 0, 0],
        [0, 0, 9, 9, 0, 0],
        [0, 0, 9, 9, 0, 0],
        [0, 0, 0, 0, 0, 0],
    ]
)
kernel = np.array([[-1, 0, 1], [-1, 0, 1], [-1, 0, 1]])

# %% [markdown]
# A **window** is a part of the image, as large as the kernel. Take the window of
# 3 x 3 pixels in the upper left corner. Multiply each pixel by the weight at the
# same place. Add the nine products.

# %%
window = image[0:3, 0:3]
print(window * kernel)
print("sum:", (window * kernel).sum())

# %% [markdown]
# The sum is large, because the window is white on its left and dark on its
# right. Now the kernel *slides*: the same nine weights meet the next
# window, and the next. Each sum becomes one number of the output.

# %% [markdown]
# **Exercise 1** (1 minute). The kernel, three rows of -1, 0, 1, has moved down. It
# covers rows 2, 3, 4 and columns 0, 1, 2 of the image, three rows of 0, 0, 9. Which
# sum do you expect?
#
# Compute it in your head, write it instead of the `...`, and run both cells.

# %% tags=["exercise"]
my_sum = ...

# %% tags=["solution", "q1"]
my_sum = 3 * 9  # three rows: -1 * 0 + 0 * 0 + 1 * 9 in each

# %% tags=["check"]
ex.q1.check(my_sum)  # stuck? ex.q1.hint() or ex.q1.solution()

# %%
from utils.touch import SlidingKernel

figure = SlidingKernel(image=image, kernel=kernel)
figure

# %% [markdown]
# Here are all windows, and all sums: yours is in row 2, the third one. Move over the
# image: with the mouse, with a finger, or with the arrow keys. A click changes a pixel;
# a blue number can be dragged. Try it: which kernel that is not 0 makes both
# *middle rows* of the output 0?

# %% [markdown]
# The output is positive (orange to brown) at the left edge of the bar, and
# negative (purple) at its right edge. A *feature* is what a kernel looks for,
# here an edge. The output of a kernel is called a **feature map**: it says
# where in the image the feature is.

# %% [markdown]
# **Exercise 2** (5 minutes). <slide>Write the convolution yourself. The two loops
# visit every window; only the line in the middle is missing.</slide> The check tries
# kernels of other sizes, too.


# %% tags=["exercise"]
def my_convolution(image, kernel):
    size = len(kernel)
    rows = image.shape[0] - size + 1
    columns = image.shape[1] - size + 1
    output = np.zeros((rows, columns))
    for row in range(rows):
        for column in range(columns):
            output[row, column] = ...  # the sum of one window
    return output


# %% tags=["solution", "q2"]
def my_convolution(image, kernel):
    size = len(kernel)
    rows = image.shape[0] - size + 1
    columns = image.shape[1] - size + 1
    output = np.zeros((rows, columns))
    for row in range(rows):
        for column in range(columns):
            window = image[row : row + size, column : column + size]
            output[row, column] = (window * kernel).sum()
    return output


# %% tags=["check"]
ex.q2.check(my_convolution)  # stuck? ex.q2.hint() or ex.q2.solution()
convolution = ex.q2.use(my_convolution)

# %% [markdown] tags=["instructor"]
# **Instructor.** Talk 9 min, exercises 8 min, must.
#
# - Draw the 6 x 6 image on the board. Slide a 3 x 3 paper window over it.
# - Ask: "How many windows are there?" Expected: 4 x 4 = 16. Usual wrong
#   answer: 36, one for each pixel.
# - Ask: "What does this kernel answer on a white page?" Expected: 0, because
#   its weights add up to 0.
# - Late? Leave out exercise 2: the picture of the edges then uses the course's
#   own convolution.

# %% [markdown]
# ## The same in Keras
#
# <define>Keras calls this layer `Conv2D`. It wants a batch of images with a last axis
# for the **channels**: one for grey, three for red, green and blue.</define> We
# give it our kernel and compare. (`reshape` gives the kernel the four axes that
# Keras wants: height, width, channels in, kernels.)

# %% tags=["nbval-ignore-output"]
device.setup(seed=0)

# %%
import keras
from keras import layers

conv = layers.Conv2D(filters=1, kernel_size=3, use_bias=False)
conv.build((None, 6, 6, 1))
conv.set_weights([kernel.reshape(3, 3, 1, 1)])
output = conv(image.reshape(1, 6, 6, 1).astype("float32"))
keras.ops.convert_to_numpy(output)[0, :, :, 0]

# %% [markdown]
# The same 4 x 4 numbers as in the picture. In a real network nobody chooses
# these weights: they are **parameters**, and training finds them.
#
# (In mathematics this operation is called *cross-correlation*; a convolution
# turns the kernel around first. Deep learning says convolution all the same.)

# %% [markdown]
# ## How large is the output?
#
# A 3 x 3 window has 4 places in a row of 6 pixels, so 6 became 4. Two settings
# change this. **Padding** adds a border of zeros around the image. The
# **stride** is the number of pixels from one window to the next. Here is a border
# of one zero on each side, so 7 x 7 pixels become 9 x 9. The framed window begins
# in the border.

# %%
sizes = SlidingKernel(image=np.eye(7), kernel=kernel, padding=1)
sizes

# %% [markdown]
# Keras has two names for padding: `"valid"` adds nothing, `"same"` adds just
# enough to keep the size at stride 1. For an image of $n$ pixels, a kernel of
# $k$, a border of $p$ on each side and a stride of $s$:
#
# $$\text{output} = \left\lfloor \frac{n + 2p - k}{s} \right\rfloor + 1$$
#
# $\lfloor\;\rfloor$ means: round down. A window that does not fit is left out.


# %%
def output_size(n, k, p=0, s=1):
    return (n + 2 * p - k) // s + 1


print("valid:   ", output_size(n=7, k=3))
print("same:    ", output_size(n=7, k=3, p=1))
print("stride 2:", output_size(n=7, k=3, s=2))
print("the deck:", output_size(n=output_size(n=28, k=3), k=3))

# %% [markdown]
# The **deck** is the slides that this workshop grew from. Its network reads 28 x 28
# pixels, and has two layers of 3 x 3 kernels, both `"valid"` with stride 1: 28
# pixels become 26, and then 24.

# %% [markdown]
# **Exercise 3** (1 minute). <slide>With a border of one zero, 7 x 7 pixels stay 7 x 7.
# With which padding and which stride do they become 4 x 4?</slide> Drag both in the
# figure, or use the formula. (`sizes.padding` and `sizes.stride` have what you have
# set.)

# %% tags=["exercise"]
my_setting = ...  # [padding, stride]

# %% tags=["solution", "q3"]
my_setting = [1, 2]  # output_size(n=7, k=3, p=1, s=2) is 4

# %% tags=["check"]
ex.q3.check(my_setting)  # stuck? ex.q3.hint() or ex.q3.solution()

# %% [markdown] tags=["instructor"]
# **Instructor.** Talk 6 min, exercises 2 min, must.
#
# - Set padding and stride in the figure; the room says the size before it shows.
# - Ask: "Why would one want padding?" Expected: to keep the size in deep
#   networks, and to give pixels at the border as many windows as the others.
# - Likely wrong answer in exercise 3: [0, 2], which makes 3 x 3.

# %% [markdown]
# ## Kernels that find edges
#
# Now a real image. <slide>Four kernels, four questions: where does ink begin from the
# left, from the right, from above, from below?</slide> The convolution is the one that
# exercise 2 left us with.

# %% tags=["nbval-ignore-output"]
train, test = data.load_mnist()
images_train, labels_train = train
images_test, labels_test = test

# %% tags=["nbval-ignore-output"]
edges = {
    "left edge": kernel,
    "right edge": -kernel,
    "upper edge": kernel.T,  # rows and columns exchanged
    "lower edge": -kernel.T,
}
digit = images_train[0] / 255
plotting.edge_kernels(digit, edges, convolution)

# %% [markdown]
# Each kernel answers in orange at its own edge, and in purple at the opposite
# one. A convolution layer with 32 kernels (Keras says *filters*) asks 32
# such questions, and makes 32 feature maps: its **depth** is 32.

# %% [markdown]
# ## Max pooling
#
# A feature map says where a feature is. Often "about here" is enough.
# <slide>**Max pooling** cuts the map into blocks of 2 x 2 and keeps the largest
# number of each block.</slide>

# %%
features = np.array(
    [[1, 3, 0, 2], [5, 2, 1, 1], [0, 0, 4, 7], [2, 1, 6, 3]]
)
plotting.pooling(features)

# %% [markdown]
# Three quarters of the numbers are gone, and the strongest answers are still
# there. Pooling has no parameters. NumPy can do it in one line: `reshape` cuts
# both axes into pairs, and makes four axes of them. Axis 0 counts the blocks
# downwards, axis 1 the rows in a block; axis 2 counts the blocks to the right,
# axis 3 the columns in a block. The maximum is taken inside the blocks:

# %%
features.reshape(2, 2, 2, 2).max(axis=(1, 3))

# %% [markdown]
# **Exercise 4** (2 minutes). There is another kind of pooling. Write
# `my_mean_pool`: the *mean* of each 2 x 2 block instead of its maximum.


# %% tags=["exercise"]
def my_mean_pool(features):
    rows, columns = features.shape
    blocks = features.reshape(rows // 2, 2, columns // 2, 2)
    return ...


# %% tags=["solution", "q4"]
def my_mean_pool(features):
    rows, columns = features.shape
    blocks = features.reshape(rows // 2, 2, columns // 2, 2)
    return blocks.mean(axis=(1, 3))


# %% tags=["check"]
ex.q4.check(my_mean_pool)  # stuck? ex.q4.hint() or ex.q4.solution()
mean_pool = ex.q4.use(my_mean_pool)

# %% [markdown]
# Both, on the left edges of the real digit. As in a network, ReLU sets negative
# numbers to 0 first.


# %% tags=["nbval-ignore-output"]
def max_pool(features):
    rows, columns = features.shape
    blocks = features.reshape(rows // 2, 2, columns // 2, 2)
    return blocks.max(axis=(1, 3))


left_edges = np.maximum(0, convolution(digit, kernel))
pooled = {"max": max_pool(left_edges), "mean": mean_pool(left_edges)}
plotting.pooled_maps(left_edges, pooled)

# %% [markdown]
# Max pooling keeps the largest number; the mean of the map grows. Mean pooling
# keeps the mean; a strong answer beside weak ones gets weaker. The deck's
# network uses max pooling: one strong answer is enough.

# %% [markdown] tags=["instructor"]
# **Instructor.** Talk 6 min, exercises 3 min, must.
#
# - Say: pooling makes the network care less about *where exactly*.
# - Ask: "What does the network lose?" Expected: the exact place. For digits
#   that is good; for measuring a length it would be bad.
# - BREAK: a good moment. The training later needs everybody fresh.

# %% [markdown]
# ## The deck's network
#
# Two convolution layers find features, pooling makes them smaller,
# **flatten** writes all of them in one long row, and two dense layers decide.
# The last layer gives ten logits, one for each digit.

# %%
model = keras.Sequential(
    [
        keras.Input((28, 28, 1)),
        layers.Conv2D(filters=32, kernel_size=3, activation="relu"),
        layers.Conv2D(filters=64, kernel_size=3, activation="relu"),
        layers.MaxPooling2D(pool_size=2),
        layers.Flatten(),
        layers.Dense(units=128, activation="relu"),
        layers.Dense(units=10),
    ]
)

# %% [markdown]
# The slides show a table of this network. We do not copy it: we ask the model.

# %%
table = deck_cnn.layer_table(model, names=deck_cnn.DECK_NAMES)
Table(table)

# %%
plotting.architecture(table)

# %% [markdown]
# 28 becomes 26, becomes 24, becomes 12: you can compute each size yourself
# now. 64 maps of 12 x 12 are the 9,216 numbers after flatten.

# %% [markdown]
# ## Where the parameters are, and where the work is
#
# One kernel of the second layer looks at all 32 maps below it, so it has
# 3 x 3 x 32 weights, and one bias. There are 64 such kernels.

# %%
conv_2 = (3 * 3 * 32 + 1) * 64
dense = (12 * 12 * 64 + 1) * 128
print(f"Conv_2: {conv_2:,}   Fully Connected: {dense:,}")
print(f"the whole network: {model.count_params():,}")

# %% [markdown]
# The work is counted differently. <slide>A dense layer uses each weight once for an
# image. A convolution uses each weight at *every place* of its output.</slide>
# Conv_2 has few weights, and uses each of them 24 x 24 = 576 times.

# %%
conv_2_work = (3 * 3 * 32) * (24 * 24) * 64
dense_work = (12 * 12 * 64) * 128
print(f"Conv_2: {conv_2_work:,}   Fully Connected: {dense_work:,}")

# %% tags=["slide"]
plotting.parameters_and_work(
    names=deck_cnn.DECK_NAMES[1:],
    parameters=[layer.count_params() for layer in model.layers],
    multiply_adds=[
        deck_cnn.multiply_adds(layer) for layer in model.layers
    ],
)

# %% [markdown]
# Nearly all parameters sit in one dense layer, and nearly all the work is in
# one convolution. A layer with many parameters need not be a slow one.

# %% [markdown] tags=["slide"]
# **Exercise 5** (2 minutes). Another network reads colour images of 32 x 32
# pixels. How many parameters has a first layer
# `Conv2D(filters=16, kernel_size=5)` on 3 channels?

# %% tags=["exercise"]
my_count = ...

# %% tags=["solution", "q5"]
my_count = (5 * 5 * 3 + 1) * 16

# %% tags=["check"]
ex.q5.check(my_count)  # stuck? ex.q5.hint() or ex.q5.solution()

# %% [markdown]
# **Exercise 6** (2 minutes). And the work of this layer? How many
# *multiplications* does it take for one image of 32 x 32 pixels, with padding
# `"valid"` and stride 1?

# %% tags=["exercise"]
my_work = ...

# %% tags=["solution", "q6"]
places = output_size(n=32, k=5) ** 2
my_work = (5 * 5 * 3) * places * 16

# %% tags=["check"]
ex.q6.check(my_work)  # stuck? ex.q6.hint() or ex.q6.solution()

# %% [markdown]
# **Exercise 7** (5 minutes, a harder one). Make the network smaller: put one
# more layer in the place of the `...`, so that at most 400,000 parameters are
# left.


# %% tags=["exercise"]
def small_model():
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(32, kernel_size=3, activation="relu"),
            ...,
            layers.Conv2D(64, kernel_size=3, activation="relu"),
            layers.MaxPooling2D(pool_size=2),
            layers.Flatten(),
            layers.Dense(units=128, activation="relu"),
            layers.Dense(units=10),
        ]
    )


# %% tags=["solution", "q7"]
def small_model():
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(32, kernel_size=3, activation="relu"),
            layers.MaxPooling2D(pool_size=2),
            layers.Conv2D(64, kernel_size=3, activation="relu"),
            layers.MaxPooling2D(pool_size=2),
            layers.Flatten(),
            layers.Dense(units=128, activation="relu"),
            layers.Dense(units=10),
        ]
    )


# %% tags=["check"]
ex.q7.check(small_model)  # stuck? ex.q7.hint() or ex.q7.solution()
build_small = ex.q7.use(small_model)

# %% [markdown] tags=["instructor"]
# **Instructor.** Talk 7 min, exercises 9 min, must (exercise 7: could).
#
# - Cover the right half of the picture. Ask: "Which layer is the slowest?"
#   Most say Fully Connected, because it has the parameters. Then uncover.
# - Likely wrong answers in exercise 5: 1,200 (no bias), 416 (one channel); in
#   exercise 6: 953,344 (biases counted), 1,228,800 (32 x 32 places).
# - Early finishers: what would `padding="same"` do to the 98.3 %?

# %% [markdown]
# ## Training
#
# First the images. As in lesson 3 some training images are set aside as validation
# images, to see how the network reads images that it does not train on. `prepare`
# turns the pixels into numbers from 0 to 1, here and wherever a network gets images.
# The **test set** stays closed until the networks are finished: it must not
# help us to choose anything.

# %% tags=["nbval-ignore-output"]
(pixels, y_train), (pixels_val, y_val) = data.split_validation(
    images_train, labels_train, 1 / 12
)
x_val = data.prepare(pixels_val)
print(f"{len(pixels):,} to train, {len(x_val):,} to validate")

# %% [markdown]
# You know these lines from lesson 3. The **loss** is what training makes
# smaller (lesson 5); the optimiser is the rule that changes the weights (lesson
# 6); a **metric** is only shown, here the share of right answers.

# %%
loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
model.compile(optimizer="adam", loss=loss, metrics=["accuracy"])

# %% [markdown]
# Now train, on 15,000 images at most: an image costs this network a hundred times the
# work of lesson 3's network. For the same reason we begin with one **epoch**: each
# image is seen once, in batches of 32. With MNIST that takes 10 to 20 seconds on a laptop.

# %% tags=["nbval-ignore-output"]
x_part, y_part = data.prepare(pixels[:15_000]), y_train[:15_000]
first = model.fit(
    x_part, y_part, epochs=1, validation_data=(x_val, y_val)
)

# %% [markdown]
# <slide>`val_accuracy` is measured at the end of the epoch, and `accuracy` is a mean
# over the whole epoch.</slide> It still contains the first batches, when the network
# knew nothing. This is why it is the smaller one here. (Later it is often the larger
# one: the network then knows its training images better than others.)
#
# `fit` goes on from the weights that are there. Once more over the same images:

# %% tags=["nbval-ignore-output"]
second = model.fit(
    x_part, y_part, epochs=1, validation_data=(x_val, y_val)
)

# %% tags=["nbval-ignore-output"]
both = [first.history, second.history]
plotting.learning_curve(
    {
        "training": [each["accuracy"][0] for each in both],
        "validation": [each["val_accuracy"][0] for each in both],
    },
    y_label="accuracy",
)

# %% [markdown]
# A network that remembers its training images, and reads others less well,
# **overfits**. Compare images that it has seen twice with images that it has
# not seen:

# %% tags=["nbval-ignore-output"]
_, seen = model.evaluate(x_part[:5000], y_part[:5000], verbose=0)
_, new = model.evaluate(x_val, y_val, verbose=0)
print(f"seen: {seen:.3f}   new: {new:.3f}")

# %% [markdown]
# Each 0.01 of difference is one image in a hundred: overfitting has begun, and does
# little harm yet. More epochs make the difference larger; more images make it
# smaller. Another help is **dropout**: in training, some numbers are set to
# zero at random. Lesson 7 uses it.

# %% [markdown] tags=["instructor"]
# **Instructor.** Talk 6 min, exercises 0 min, must.
#
# - Start the training cell *before* you explain it. Read the line aloud while
#   it moves.
# - Ask: "Why is `accuracy` lower than `val_accuracy`?" Expected: it is a mean
#   over the epoch. Likely wrong answer: "the validation images are easier".
# - Ask: "Why not look at the test set during training?" Expected: we would
#   choose what suits it, and then it no longer tells us about new images.
# - On the small digits the accuracies are lower, about 94 %: say why (1,437
#   training images instead of 60,000).

# %% [markdown]
# ## The test, once
#
# This network will not be changed any more. Now the test set may speak. With
# 15,000 images of MNIST to train on, the accuracy is at least 97 %.

# %% tags=["nbval-ignore-output"]
x_test = data.prepare(images_test)
logits = model.predict(x_test, verbose=0)
probabilities = keras.ops.convert_to_numpy(keras.ops.softmax(logits))
predictions = probabilities.argmax(axis=1)
accuracy = (predictions == labels_test).mean()
print(f"test accuracy: {accuracy:.2%}")

# %% [markdown]
# ## See it read
#
# One image goes in, ten logits come out, softmax makes ten probabilities of
# them (lesson 3), and the largest one is the answer.

# %% tags=["nbval-ignore-output"]
plotting.read_digits(
    images_test[:1], probabilities[:1], labels_test[:1], logits[:1]
)

# %% [markdown]
# Three more. The last of these is the first image of the test set that the
# network reads wrong.

# %% tags=["nbval-ignore-output"]
first_wrong = (predictions != labels_test).argmax()
three = [1, 2, first_wrong]
plotting.read_digits(
    images_test[three], probabilities[three], labels_test[three]
)

# %% [markdown]
# ## Against the dense network
#
# Is that good? Here is the dense network of lesson 3. It sees the same images as the
# CNN, and sees them in five epochs.

# %% tags=["nbval-ignore-output"]
dense_net = keras.Sequential(
    [
        keras.Input((28, 28, 1)),
        layers.Flatten(),
        layers.Dense(units=128, activation="relu"),
        layers.Dense(units=10),
    ]
)
dense_net.compile(optimizer="adam", loss=loss, metrics=["accuracy"])
history = dense_net.fit(x_part, y_part, epochs=5)

# %% tags=["nbval-ignore-output"]
dense_logits = dense_net.predict(x_test, verbose=0)
dense_accuracy = (dense_logits.argmax(axis=1) == labels_test).mean()

# %% tags=["nbval-ignore-output"]
work = sum(map(deck_cnn.multiply_adds, model.layers))
dense_work = sum(map(deck_cnn.multiply_adds, dense_net.layers))
parameters = [dense_net.count_params(), model.count_params()]
plotting.network_race(
    ["dense", "CNN"],
    {
        "error, %": [100 * (1 - dense_accuracy), 100 * (1 - accuracy)],
        "images seen in training": [5 * len(x_part), 2 * len(x_part)],
        "parameters": parameters,
        "multiply-adds, one image": [dense_work, work],
    },
)

# %% [markdown]
# With MNIST, the CNN makes fewer mistakes, although it has seen each image only twice,
# the dense network five times: the CNN knows which pixels are neighbours, and need not
# learn it. It pays with more work for each image. (With a small data set the two may be
# equally good.)

# %% [markdown] tags=["instructor"]
# **Instructor.** Talk 4 min, exercises 0 min, must.
#
# - Point at the second bar in the wrong image's row: what was its second guess?
# - Ask: "What does the CNN know that the dense network does not?" Expected:
#   which pixels are neighbours; that a feature is the same everywhere.
# - Likely wrong answer: "It has more parameters, so it is better."

# %% [markdown]
# ## Now you train
#
# **Exercise 8** (3 minutes). <slide>`build_small()` builds a smaller network, that of
# exercise 7: it has at most 400,000 parameters, a third of the large one's. *Guess
# first*: which `val_accuracy` will it have after one epoch over `x_part`?</slide> A guess
# is good if it is at most 0.1 off (0.2 with the small digits). Then build it, compile it
# and train it, as `model` above, with the name `my_network`. Any other network of this
# size may be handed over, too.

# %% tags=["exercise"]
my_guess = ...  # from 0 to 1, written before the training
my_network = ...  # build it; then two lines more:
# my_network.compile(...)
# my_network.fit(...)

# %% tags=["solution", "q8", "nbval-ignore-output"]
my_guess = 0.95
my_network = build_small()
my_network.compile(optimizer="adam", loss=loss, metrics=["accuracy"])
history = my_network.fit(
    x_part, y_part, epochs=1, validation_data=(x_val, y_val)
)

# %% tags=["check", "nbval-ignore-output"]
mine = [my_guess, my_network]
ex.q8.check(mine)  # stuck? ex.q8.hint() or ex.q8.solution()
reader = ex.q8.use(mine)[1] or model

# %% [markdown]
# With MNIST, the small network is at most 0.015 behind the large one after one
# epoch. Parameters alone do not make a network good.

# %% [markdown]
# **Exercise 9** (3 minutes). The **learning rate** says how far one step moves
# the weights (lesson 6). `"adam"` is short for
# `keras.optimizers.Adam(learning_rate=0.001)`. What happens if it is 100 times
# as large? *Guess first* which `val_accuracy` it will have, then train a new
# `build_small()` once with 0.1. (Not `my_network`: the pad below reads with it.)

# %% tags=["exercise"]
my_second_guess = ...  # from 0 to 1, before the training
my_fast_network = ...  # build, compile with 0.1, fit

# %% tags=["solution", "q9", "nbval-ignore-output"]
my_second_guess = 0.1
fast_steps = keras.optimizers.Adam(learning_rate=0.1)
my_fast_network = build_small()
my_fast_network.compile(fast_steps, loss, metrics=["accuracy"])
history = my_fast_network.fit(
    x_part, y_part, epochs=1, validation_data=(x_val, y_val)
)

# %% tags=["check", "nbval-ignore-output"]
mine = [my_second_guess, my_fast_network]
ex.q9.check(mine)  # stuck? ex.q9.hint() or ex.q9.solution()

# %% [markdown]
# With ten classes, guessing reads one image in ten. With such large steps the
# network learns nothing at all: it jumps over every good place. Lesson 6 shows
# such jumps in a picture.

# %% [markdown] tags=["instructor"]
# **Instructor.** Talk 2 min, exercises 7 min, must (exercise 9: should).
#
# - Write the guesses on the board before anyone trains. Keep them there.
# - Ask: "Who changes the learning rate to 0.01?" Expected: it often reads a
#   little worse than with 0.001, and is not lost.
# - Likely wrong guesses in exercise 9: 0.99 (faster is better), 0.9 (a bit
#   worse).
# - Early finishers: other kernels, another pooling, two epochs.

# %% [markdown]
# ## What the network has learned
#
# Nobody told the network what an edge is. These are the 32 kernels of its
# first layer: orange weights are positive, purple ones negative.

# %% tags=["nbval-ignore-output"]
first_layer = model.layers[0]
plotting.kernels(first_layer.get_weights()[0])

# %% [markdown]
# Some have an orange side and a purple side, like our edge kernels; others are
# hard to name. Now we follow one digit through the network. We look at eight
# maps of each convolution, and at what pooling makes of them. Each map has its own
# black, its largest number, so compare the shapes only.

# %% tags=["nbval-ignore-output"]
outputs = [layer.output for layer in model.layers[:3]]
stages = keras.Model(inputs=model.inputs[0], outputs=outputs)
maps = [keras.ops.convert_to_numpy(m)[0] for m in stages(x_test[:1])]
plotting.feature_maps(
    dict(zip(["Conv_1", "Conv_2", "Max Pool"], maps, strict=True))
)

# %% [markdown]
# The rows of Conv_2 and Max Pool show the same maps in the same columns: half
# as wide, half as high (they are drawn in the same size), with the same strokes. And
# not all maps are alike: with MNIST some answer to one stroke of the digit
# only, others to another one.

# %% [markdown]
# ## Its mistakes
#
# An accuracy is one number. A **confusion matrix** says more: each row is a
# digit, each column says how often it was read as what. Right answers stand
# on the grey diagonal.

# %% tags=["nbval-ignore-output"]
plotting.confusion_matrix(labels_test, predictions)

# %% [markdown]
# **Exercise 10** (3 minutes). Which mistake is the most common? Fill a matrix
# like the one above, and count the mistakes only. Then its largest number is
# the answer. (Where several share the first place, the function names the first
# of them.) To begin: compare `truth` with `read`. What is added where they are
# equal, and what where they are not? The last line is ready: `argmax` finds the
# largest number, `unravel_index` says in which row and column it stands.


# %% tags=["exercise"]
def most_common_mistake(labels, predictions):
    counts = np.zeros((10, 10), dtype=int)
    for truth, read in zip(labels, predictions, strict=True):
        counts[truth, read] += ...  # 1 for a mistake, otherwise 0
    return np.unravel_index(counts.argmax(), counts.shape)


# %% tags=["solution", "q10"]
def most_common_mistake(labels, predictions):
    counts = np.zeros((10, 10), dtype=int)
    for truth, read in zip(labels, predictions, strict=True):
        counts[truth, read] += int(truth != read)
    return np.unravel_index(counts.argmax(), counts.shape)


# %% tags=["check"]
ex.q10.check(
    most_common_mistake
)  # stuck? ex.q10.hint(), ex.q10.solution()
find_mistake = ex.q10.use(most_common_mistake)

# %% [markdown]
# Look at these images yourself. Can you see why they are read wrong?

# %% tags=["nbval-ignore-output"]
truth, read = find_mistake(labels_test, predictions)
those = (labels_test == truth) & (predictions == read)
print(f"{truth} read as {read}, {those.sum()} times")
plotting.digits(images_test[those][:10])

# %% [markdown]
# And these are the images that it read wrong, and was most sure of.

# %% tags=["nbval-ignore-output"]
plotting.worst_predictions(images_test, labels_test, probabilities)

# %% [markdown]
# Could you read all of them? Look at the percentages, too: the network can be
# very sure, and wrong. Its probability is not a promise.

# %% [markdown] tags=["instructor"]
# **Instructor.** Talk 5 min, exercises 3 min, should.
#
# - Let everyone find one mistake in the picture that they would make too.
# - Ask: "Which two digits are confused most, and why?" Expected: pairs with
#   similar strokes, such as 4 and 9, or 2 and 3.
# - Likely wrong answers in exercise 10: counting right answers, too; or the
#   pair turned around, (read, truth).

# %% [markdown]
# ## What happens when a digit moves?
#
# Lesson 3 moved the digits a little, and the dense network failed. <slide>How many
# moved digits does the CNN read? It has never seen one in training.</slide> We take the first 1,000 test images.


# %% tags=["nbval-ignore-output"]
def accuracy_moved(network, shift, count=1000):
    moved = np.roll(images_test[:count], shift=shift, axis=2)
    x = data.prepare(moved)
    outputs = network.predict(x, verbose=0)
    return (outputs.argmax(axis=1) == labels_test[:count]).mean()


shifts = np.arange(5)
cnn_moved = [accuracy_moved(model, n) for n in shifts]
dense_moved = [accuracy_moved(dense_net, n) for n in shifts]

# %% tags=["nbval-ignore-output"]
plotting.learning_curve(
    {"CNN": cnn_moved, "dense": dense_moved},
    x=shifts,
    x_label="pixels to the right",
    y_label="accuracy",
)

# %% [markdown]
# With MNIST, at three pixels the dense network reads half of the images or fewer, and
# the CNN more of them. Convolution and pooling help. But after
# flatten comes a dense layer, and it has other weights for each place: so the
# CNN fails, too, when the digit moves farther.

# %% [markdown]
# ## Your network reads your handwriting
#
# <slide>Draw a digit on the pad. Your network of exercise 8 reads it while you draw.</slide>
# (If that is not right yet: the large one, `model`.) *Clear* empties the pad.
# <slide>Try a digit that is crossed, tilted or in a corner: when does it fail?</slide>

# %% tags=["live"]
from utils.pad import DigitPad

DigitPad(reader)

# %% [markdown]
# Where the pad cannot be shown (in a saved notebook, say), here is what the
# network `model` answers to a digit that was not drawn by you:

# %% tags=["nbval-ignore-output"]
plotting.read_digits(images_test[3:4], probabilities[3:4])

# %% [markdown] tags=["instructor"]
# **Instructor.** Talk 5 min, exercises 0 min, must (the moved digits: should).
#
# - Draw on the projector first. Let the room call out what it will say.
# - Ask: "Why does it read a digit in the corner?" Expected: the pad moves each
#   drawing to the middle first, as MNIST did with its digits.
# - Likely wrong answer: "Because convolution does not care about the place."

# %% [markdown]
# ## Four tricks, fewer mistakes (optional)
#
# Four tricks give a better network, and none of them needs more images: the CNN of
# each row of the table saw 27,498, half of MNIST's 55,000 images to train on. (For the
# last row a small dense network reads all of them first.) It begins plain:
# Adam, and batches of 128. Each row has one trick more than the row above. (The
# seconds also change from run to run; read the accuracies.)

# %% tags=["nbval-ignore-output"]
from utils.records.measured import ablation_table

ablation_table()

# %% [markdown]
# You know the first trick: 32 is Keras's own batch size, and small batches make
# more steps of the same images. We build the other three.

# %% [markdown]
# <define>**One cycle.** How large should a step be? Small at the start, when the
# weights are random; then large, to learn quickly; then smaller and smaller, to come
# to rest. This is a **one-cycle schedule** of the learning rate.</define>

# %% tags=["nbval-ignore-output"]
steps = len(pixels) // 2 // 32 + 1  # half of the images
schedule = keras.optimizers.schedules.CosineDecay(
    initial_learning_rate=0.00025,
    warmup_target=0.0025,
    warmup_steps=steps // 5,
    decay_steps=steps - steps // 5,
)
plotting.learning_rate(schedule, steps)

# %% [markdown]
# **Smooth labels.** Some images are unclear, even to people. With **label
# smoothing** we do not ask for 100 % on the right digit: 0.1 of it is shared by all
# ten digits, so 91 % is enough, and 1 % goes to each of the others. This needs labels with ten numbers each.

# %% tags=["nbval-ignore-output"]
ten_numbers = keras.utils.to_categorical(y_train, num_classes=10)
smooth_loss = keras.losses.CategoricalCrossentropy(
    from_logits=True, label_smoothing=0.1
)
print(y_train[0], "becomes", ten_numbers[0])

# %% [markdown]
# **The hard sixth.** The dense network is quick. So it looks first: which
# probability does it give to the right digit? The sixth with the smallest
# answers is hard. (`argsort` gives the places of the numbers, smallest first. Ten
# parts, one after the other, need less memory.)

# %% tags=["nbval-ignore-output"]
parts = map(data.prepare, np.array_split(pixels, 10))
dense_logits = np.concatenate(
    [dense_net.predict(part, verbose=0) for part in parts]
)
sure = keras.ops.convert_to_numpy(keras.ops.softmax(dense_logits))
sure = sure[np.arange(len(y_train)), y_train]
from_hard_to_easy = np.argsort(sure)
hard = from_hard_to_easy[: len(sure) // 6]

# %% [markdown]
# Here are ten images from the hard sixth, and then ten from the easy ones.

# %% tags=["nbval-ignore-output"]
ten = hard[:: len(hard) // 10][:10]
plotting.digits(pixels[ten], y_train[ten])

# %% tags=["nbval-ignore-output"]
ten = from_hard_to_easy[::-1][:: len(sure) // 20][:10]
plotting.digits(pixels[ten], y_train[ten])

# %% [markdown]
# The easy ones teach little: almost any network reads them. So the CNN will
# see a sixth of all images at random, and then the hard sixth twice. All of
# them are training images.

# %% tags=["nbval-ignore-output"]
rng = np.random.default_rng(seed=0)
some = rng.permutation(len(pixels))[: len(hard)]
thirds = [some, hard, hard]
print(f"{sum(map(len, thirds)):,} images")

# %% [markdown]
# All together, on a new network with the same layers:

# %% tags=["nbval-ignore-output"]
quick = deck_cnn.build()
quick.compile(
    optimizer=keras.optimizers.Adam(schedule),
    loss=smooth_loss,
    metrics=["accuracy"],
)
ten_val = keras.utils.to_categorical(y_val, num_classes=10)
for third in thirds:
    x_third = data.prepare(pixels[third])
    quick.fit(
        x_third, ten_numbers[third], validation_data=(x_val, ten_val)
    )

# %% [markdown]
# In the second line `accuracy` is again far below `val_accuracy`: it counts hard
# images only. In the third the network sees the same ones once more. The losses are
# smoothed, so they never come near 0. The test
# set stays closed: you have used it. (The table's numbers are of the test set,
# read once by each network after its training.)
#
# With all 60,000 images in the data set, validation is near 99 %. A small data
# set gives few steps here, and a lower number. `python -m tools.bench ablation`
# measures the table on your machine.

# %% [markdown] tags=["instructor"]
# **Instructor.** Talk 8 min, exercises 0 min, could.
#
# - For those who finish early, or for the evening. Nothing later needs it.
# - Ask: "Which trick brings most?" Expected: see the table; let them read it.
# - Ask: "Why not keep only the hard images?" Expected: some labels among them
#   are wrong, and the network must know ordinary digits first.

# %% tags=["progress"]
ex.progress()

# %% [markdown]
# ## What we have seen
#
# - A convolution slides a small kernel over the image: the same few weights
#   at every place.
# - Its output has $\lfloor (n + 2p - k) / s \rfloor + 1$ places in each row.
# - Max pooling keeps the strongest answer of each block and drops its place.
# - The deck's CNN has 1,199,882 parameters; 98.3 % are in one dense layer,
#   and 88.5 % of the work is in Conv_2.
# - You trained it with `compile` and `fit`. What it gets wrong is worth a look.
#
# Next, lesson 5: what is this "loss" that training makes smaller?
