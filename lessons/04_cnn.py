# %% [markdown]
# # 4. The full CNN
#
# The dense network of lesson 3 looks at 784 separate numbers. It does not
# know which pixels are neighbours. A **convolutional neural network**, in
# short a **CNN**, looks at small parts of the image, and it uses the same
# weights in every part.
#
# After this lesson you can
#
# - compute a convolution by hand
# - say how large the output of a convolution is
# - say what max pooling keeps and what it drops
# - count the parameters and the multiplications of a CNN
# - train a CNN on MNIST and read its mistakes
#
# You need lesson 3: dense layers, softmax, parameters.

# %%
import numpy as np

from utils import data, deck_cnn, device, plotting
from utils.exercises import lesson4 as ex
from utils.table import Table

# %% [markdown]
# ## A convolution by hand
#
# Here is a very small image: a dark bar on a white ground (0 is white, as in
# lesson 1). A **kernel** is a small grid of weights. The one below has negative weights on its left and
# positive weights on its right.

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

# %%
plotting.kernel_slides(image, kernel)

# %% [markdown]
# The output is positive (orange) at the left edge of the bar, and negative
# (purple) at its right edge. The output of a kernel is called a **feature
# map**: it says where in the image the feature is.

# %% [markdown]
# **Exercise 1** (1 minute). The kernel now stands at row 2, column 0: it
# covers rows 2, 3, 4 and columns 0, 1, 2. Which sum do you expect? Compute it
# in your head, write it instead of the `...`, and run both cells.

# %% tags=["exercise"]
my_sum = ...

# %% tags=["solution", "q1"]
my_sum = 3 * 9  # three rows: -1 * 0 + 0 * 0 + 1 * 9 in each

# %% tags=["check"]
ex.q1.check(my_sum)  # stuck? ex.q1.hint() or ex.q1.solution()

# %% [markdown]
# **Exercise 2** (5 minutes). Write the convolution yourself. The two loops
# visit every window; only the line in the middle is missing.


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

# %% [markdown] tags=["instructor"]
# **Instructor.** Talk 10 min, exercises 8 min, must.
#
# - Draw the 6 x 6 image on the board. Slide a 3 x 3 paper window over it.
# - Ask: "How many windows are there?" Expected: 4 x 4 = 16. Usual wrong
#   answer: 36, one for each pixel.
# - Ask: "What does this kernel answer on a white page?" Expected: 0, because
#   its weights add up to 0.
# - Late? Leave out exercise 2; the next cells do not need it.

# %% [markdown]
# ## The same in Keras
#
# <define>Keras calls this layer `Conv2D`. It wants a batch of images with a last axis
# for the **channels**: one for grey, three for red, green and blue.</define> We give
# it our kernel and compare.

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
# A 3 x 3 window has 4 places in a row of 6 pixels, so 6 became 4. Two
# settings change this. **Padding** adds a border of zeros around the image.
# The **stride** is the number of pixels from one window to the next.

# %%
plotting.output_sizes(size=7, kernel=3)

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

# %% [markdown]
# 5, 7 and 3, as the picture shows.

# %% [markdown]
# **Exercise 3** (1 minute). The deck's network has 28 x 28 pixels, a first
# layer with 3 x 3 kernels, and a second one with 3 x 3 kernels. Both use
# padding `"valid"` and stride 1. How wide is the output of the *second* layer?

# %% tags=["exercise"]
my_width = ...

# %% tags=["solution", "q3"]
my_width = output_size(n=output_size(n=28, k=3), k=3)

# %% tags=["check"]
ex.q3.check(my_width)  # stuck? ex.q3.hint() or ex.q3.solution()

# %% [markdown] tags=["instructor"]
# **Instructor.** Talk 6 min, exercises 2 min, must.
#
# - Count dots in the picture before you show the formula.
# - Ask: "Why would one want padding?" Expected: to keep the size in deep
#   networks, and to give pixels at the border as many windows as the others.
# - Likely wrong answer in exercise 3: 28 (that is padding `"same"`).

# %% [markdown]
# ## Kernels that find edges
#
# Now a real image. Four kernels, four questions: where does ink begin from
# the left, from the right, from above, from below?

# %% tags=["nbval-ignore-output"]
train, test = data.load_mnist()
images_train, labels_train = train
images_test, labels_test = test

# %% tags=["nbval-ignore-output"]
plotting.edge_kernels(
    images_train[0] / 255,
    {
        "left edge": kernel,
        "right edge": -kernel,
        "upper edge": kernel.T,
        "lower edge": -kernel.T,
    },
)

# %% [markdown]
# Each kernel answers in orange at its own edge, and in purple at the opposite
# one. A convolution layer with 32 kernels (Keras says *filters*) asks 32
# such questions, and makes 32 feature maps: its **depth** is 32.

# %% [markdown]
# ## Max pooling
#
# A feature map says where a feature is. Often "about here" is enough.
# **Max pooling** cuts the map into blocks of 2 x 2 and keeps the largest
# number of each block.

# %%
features = np.array(
    [[1, 3, 0, 2], [5, 2, 1, 1], [0, 0, 4, 7], [2, 1, 6, 3]]
)
plotting.pooling(features)

# %% [markdown]
# Three quarters of the numbers are gone, and the strongest answers are still
# there. Pooling has no parameters. NumPy can do it in one line: cut both axes
# into pairs, and take the maximum of each block.

# %%
features.reshape(2, 2, 2, 2).max(axis=(1, 3))

# %% [markdown]
# **Exercise 4** (2 minutes). What happens to the *average* of a feature map?
# Write `mean_pool`: the mean of each 2 x 2 block instead of its maximum.


# %% tags=["exercise"]
def mean_pool(features):
    rows, columns = features.shape
    blocks = features.reshape(rows // 2, 2, columns // 2, 2)
    return ...


# %% tags=["solution", "q4"]
def mean_pool(features):
    rows, columns = features.shape
    blocks = features.reshape(rows // 2, 2, columns // 2, 2)
    return blocks.mean(axis=(1, 3))


# %% tags=["check"]
ex.q4.check(mean_pool)  # stuck? ex.q4.hint() or ex.q4.solution()

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
# The work is counted differently. A dense layer uses each weight once for an
# image. A convolution uses each weight at *every place* of its output:
# Conv_2 has few weights, and uses each of them 24 x 24 = 576 times.

# %%
plotting.parameters_and_work(
    names=deck_cnn.DECK_NAMES[1:],
    parameters=[layer.count_params() for layer in model.layers],
    multiply_adds=[
        deck_cnn.multiply_adds(layer) for layer in model.layers
    ],
)

# %% [markdown]
# Nearly all parameters sit in one dense layer, and nearly all the work is in
# one convolution. A large model is not always a slow model.

# %% [markdown]
# **Exercise 5** (3 minutes). A club wants colour images of 32 x 32 pixels.
# How many parameters has a first layer `Conv2D(filters=16, kernel_size=5)`
# on 3 channels?

# %% tags=["exercise"]
my_count = ...

# %% tags=["solution", "q5"]
my_count = (5 * 5 * 3 + 1) * 16

# %% tags=["check"]
ex.q5.check(my_count)  # stuck? ex.q5.hint() or ex.q5.solution()

# %% [markdown]
# **Exercise 6** (5 minutes, a stretch). Make the network smaller: put one more
# layer in the place of the `...`, so that at most 400,000 parameters are left.


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


# %% tags=["solution", "q6"]
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
ex.q6.check(small_model)  # stuck? ex.q6.hint() or ex.q6.solution()

# %% [markdown] tags=["instructor"]
# **Instructor.** Talk 8 min, exercises 8 min, must (exercise 6: could).
#
# - Cover the right half of the picture. Ask: "Which layer is the slowest?"
#   Most say Fully Connected, because it has the parameters. Then uncover.
# - Likely wrong answers in exercise 5: 1,200 (no bias), 416 (one channel).
# - Early finishers: what would `padding="same"` do to the 98.3 %?

# %% [markdown]
# ## Preparing the images
#
# The network wants small numbers, not pixels from 0 to 255. `data.prepare`
# brings them to 0..1 and adds the channel axis.

# %% tags=["nbval-ignore-output"]
x_all = data.prepare(images_train)
x_test = data.prepare(images_test)
x_all.shape

# %% [markdown]
# <define>We also set some training images aside. This **validation set** tells us
# during training how well the network reads images that it does not train on.</define>
# The **test set** stays closed until the very end, and is used once.

# %% tags=["nbval-ignore-output"]
train, validation = data.split_validation(x_all, labels_train, 1 / 12)
x_train, y_train = train
x_val, y_val = validation
print(f"{len(x_train):,} to train, {len(x_val):,} to validate")

# %% [markdown]
# ## Which images are worth the time?
#
# An image costs the CNN 12 million multiply-adds. The dense network of lesson
# 3 needs 0.1 million. So we let the cheap network look first, for about two
# seconds.

# %% tags=["nbval-ignore-output"]
from utils.callbacks import Progress, Watch

dense_net = keras.Sequential(
    [
        keras.Input((28, 28, 1)),
        layers.Flatten(),
        layers.Dense(units=128, activation="relu"),
        layers.Dense(units=10),
    ]
)
loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
optimizer = keras.optimizers.Adam(0.002)
dense_net.compile(optimizer=optimizer, loss=loss, metrics=["accuracy"])

# %% [markdown]
# One pass over the images is enough. `Progress` shows a bar while it runs.

# %% tags=["nbval-ignore-output"]
history = dense_net.fit(
    x_train, y_train, batch_size=128, verbose=0, callbacks=[Progress()]
)

# %% [markdown]
# Now we ask it about every training image: which probability do you give to
# the right digit? The sixth with the smallest answers are the hard ones.

# %% tags=["nbval-ignore-output"]
logits = dense_net.predict(x_train, batch_size=1000, verbose=0)
probabilities = keras.ops.convert_to_numpy(keras.ops.softmax(logits))
sure = probabilities[np.arange(len(y_train)), y_train]
from_hard_to_easy = np.argsort(sure)
hard = from_hard_to_easy[: len(sure) // 6]

# %% [markdown]
# Here are ten images from the hard sixth, and then ten from the easy ones.

# %% tags=["nbval-ignore-output"]
ten = hard[:: len(hard) // 10][:10]
plotting.digits(x_train[ten], y_train[ten])

# %% tags=["nbval-ignore-output"]
ten = from_hard_to_easy[::-1][:: len(sure) // 20][:10]
plotting.digits(x_train[ten], y_train[ten])

# %% [markdown]
# The easy ones teach little: almost any network reads them. So the CNN will
# see a sixth of all images at random, and then the hard sixth twice. All of
# them are training images; nothing is taken from the test set.

# %% [markdown]
# ## The recipe
#
# <define>How large should a step of training be? Small at the start, when the weights
# are random and gradients are wild; then large, to get ahead; then smaller
# and smaller, to settle. This is called a **one-cycle schedule** of the
# learning rate.</define> (Lesson 6 shows what the learning rate does.)

# %% tags=["nbval-ignore-output"]
rng = np.random.default_rng(seed=0)
some = rng.permutation(len(x_train))[: len(hard)]
order = np.concatenate(
    [some, rng.permutation(hard), rng.permutation(hard)]
)
passes = max(1, 20_000 // len(order))  # a small data set: several times
batch_size = 32
steps = passes * (len(order) // batch_size)
print(f"{len(order):,} images, {steps:,} steps of {batch_size} images")

# %% tags=["nbval-ignore-output"]
schedule = keras.optimizers.schedules.CosineDecay(
    initial_learning_rate=0.00025,
    warmup_target=0.0025,
    warmup_steps=steps // 5,
    decay_steps=steps - steps // 5,
)
plotting.learning_rate(schedule, steps)

# %% [markdown]
# One more ingredient. Some images are unclear, even to people. With **label
# smoothing** we do not ask for 100 % on the right digit: 91 % is enough, and
# 1 % goes to each of the others. This needs labels with ten numbers each.

# %% tags=["nbval-ignore-output"]
ten_numbers = keras.utils.to_categorical(y_train, num_classes=10)
smooth_loss = keras.losses.CategoricalCrossentropy(
    from_logits=True, label_smoothing=0.1
)
print(y_train[0], "becomes", ten_numbers[0])

# %% [markdown]
# Small batches mean many steps for the same number of images. Keras can run
# 20 of them in one go, which saves the time between them. `Watch` reads some
# validation images now and then, for the curve below.

# %% tags=["nbval-ignore-output"]
model.compile(
    optimizer=keras.optimizers.Adam(schedule),
    loss=smooth_loss,
    metrics=["accuracy"],
    steps_per_execution=device.steps_at_once(20),
)
watch = Watch(x_val[:1000], y_val[:1000], every=steps // 12)

# %% tags=["nbval-ignore-output"]
history = model.fit(
    x_train[order],
    ten_numbers[order],
    batch_size=batch_size,
    epochs=passes,
    shuffle=False,
    verbose=0,
    callbacks=[Progress(), watch],
)

# %% tags=["nbval-ignore-output"]
plotting.learning_curve(
    {"CNN": 100 * (1 - np.array(watch.accuracy))},
    x=watch.steps,
    x_label="step",
    y_label="validation error, %",
    log=True,
)

# %% [markdown]
# The error falls from 90 %, which is guessing, to about 1 %. (Each mark on
# the upright axis is ten times the one below: a **logarithmic** axis.) A network
# that remembers its training images, and gets worse on others, **overfits**.
# There is no clear sign of it here: at the end the curve stays near 1 %.

# %% [markdown] tags=["instructor"]
# **Instructor.** Talk 10 min, exercises 0 min, must.
#
# - Start the training cell *before* you explain the recipe: it takes 10 to 30
#   seconds on a laptop.
# - Ask: "Why not look at the test set during training?" Expected: we would
#   choose what suits it, and then it no longer tells us about new images.
# - Likely wrong answer: "Because it is too large."
# - On the embedded digits the accuracies are lower, about 95 %: say why (1,437
#   training images instead of 60,000).

# %% [markdown]
# ## The test, once
#
# Training is over and nothing will be changed any more. Now the test set may
# speak. On MNIST the accuracy is at least 98.7 %.

# %% tags=["nbval-ignore-output"]
logits = model.predict(x_test, batch_size=500, verbose=0)
probabilities = keras.ops.convert_to_numpy(keras.ops.softmax(logits))
predictions = probabilities.argmax(axis=1)
accuracy = (predictions == labels_test).mean()
print(f"test accuracy: {accuracy:.2%}")

# %% [markdown]
# Is that good? Compare the dense network, after four more passes over *all*
# training images.

# %% tags=["nbval-ignore-output"]
history = dense_net.fit(
    x_train,
    y_train,
    batch_size=128,
    epochs=4,
    verbose=0,
    callbacks=[Progress()],
)
dense_logits = dense_net.predict(x_test, batch_size=500, verbose=0)
dense_accuracy = (dense_logits.argmax(axis=1) == labels_test).mean()

# %% [markdown]
# The seconds were measured once for all, on the machine that the table below
# names; your machine has its own.

# %% tags=["nbval-ignore-output"]
from utils.records.measured import measured

seconds = [
    measured["recipe"][net]["seconds"] for net in ("dense", "fast")
]
plotting.network_race(
    names=["dense", "CNN"],
    measures={
        "error, %": [100 * (1 - dense_accuracy), 100 * (1 - accuracy)],
        "parameters": [dense_net.count_params(), model.count_params()],
        "seconds of training": seconds,
    },
)

# %% [markdown]
# The CNN makes less than half as many mistakes. It pays for that with more
# parameters and with more time.

# %% [markdown]
# ## Where the time goes
#
# The usual recipe for this network is older: Adam with one learning rate,
# batches of 128, **dropout** (some numbers are set to zero at random), and
# all images in every epoch. It was stopped at the first epoch after which
# it read 99 % of the test images. Both were measured in one run.

# %% tags=["nbval-ignore-output"]
from utils.records.measured import recipe_table

recipe_table()

# %% [markdown]
# The layers with weights are the same. What changed: which images it sees (a
# sixth of 60,000, three times), smaller batches, the learning rate, no dropout,
# and how sure it has to be. All of this was chosen on validation
# images. Run `make bench` to measure it on your machine.

# %% [markdown]
# ## What the network has learned
#
# Nobody told the network what an edge is. These are the 32 kernels of its
# first layer: orange weights are positive, purple ones negative.

# %% tags=["nbval-ignore-output"]
first_layer = model.layers[0]
plotting.kernels(first_layer.get_weights()[0])

# %% [markdown]
# Many have an orange and a purple side, like our edge kernels. Now we follow one
# digit through the network, and look at eight feature maps of each layer.

# %% tags=["nbval-ignore-output"]
outputs = [layer.output for layer in model.layers[:3]]
stages = keras.Model(inputs=model.inputs[0], outputs=outputs)
maps = [keras.ops.convert_to_numpy(m)[0] for m in stages(x_test[:1])]
plotting.feature_maps(
    dict(zip(["Conv_1", "Conv_2", "Max Pool"], maps, strict=True))
)

# %% [markdown]
# The first layer answers to edges. The second combines them: ends, corners,
# pieces of a stroke. Pooling keeps each picture of the row above it, with a quarter of
# the numbers.

# %% [markdown]
# ## Its mistakes
#
# An accuracy is one number. A **confusion matrix** says more: each row is a
# digit, each column says how often it was read as what. Right answers stand
# on the grey diagonal.

# %% tags=["nbval-ignore-output"]
plotting.confusion_matrix(labels_test, predictions)

# %% [markdown]
# **Exercise 7** (4 minutes). Which mistake is the most common? `counts` is the
# matrix above. Its largest numbers are right answers; take them away first.
# `np.eye(10)` has ones on the diagonal and zeros elsewhere.


# %% tags=["exercise"]
def most_common_mistake(labels, predictions):
    counts = np.zeros((10, 10), dtype=int)
    for truth, read in zip(labels, predictions, strict=True):
        counts[truth, read] += 1
    mistakes = ...  # counts, with zeros on the diagonal
    return np.unravel_index(mistakes.argmax(), mistakes.shape)


# %% tags=["solution", "q7"]
def most_common_mistake(labels, predictions):
    counts = np.zeros((10, 10), dtype=int)
    for truth, read in zip(labels, predictions, strict=True):
        counts[truth, read] += 1
    mistakes = counts * (1 - np.eye(10))
    return np.unravel_index(mistakes.argmax(), mistakes.shape)


# %% tags=["check"]
ex.q7.check(
    most_common_mistake
)  # stuck? ex.q7.hint(), ex.q7.solution()

# %% [markdown]
# And these are the images on which the network was surest, and wrong.

# %% tags=["nbval-ignore-output"]
plotting.worst_predictions(images_test, labels_test, probabilities)

# %% [markdown]
# Could you read all of them? Some of these labels are hard to believe. And
# the network is quite sure, although it is wrong: its probability is not a
# promise. (We taught it never to be surer than about 91 %.)

# %% [markdown]
# ## What happens when a digit moves?
#
# Lesson 3 moved the digits a little, and the dense network failed. The CNN
# has never seen a moved digit either.


# %% tags=["nbval-ignore-output"]
def accuracy_moved(network, pixels, count=1000):
    moved = np.roll(images_test[:count], shift=pixels, axis=2)
    x = data.prepare(moved)
    outputs = network.predict(x, batch_size=500, verbose=0)
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
# Convolution and pooling help: moved by three pixels, the CNN still reads most
# digits, the dense network only about half. But it is not free of the place: after flatten comes a dense layer.

# %% [markdown] tags=["instructor"]
# **Instructor.** Talk 10 min, exercises 4 min, should.
#
# - Let everyone find one mistake in the picture that they would make too.
# - Ask: "Which two digits are confused most, and why?" Expected: pairs with
#   similar strokes, such as 4 and 9, or 7 and 2.
# - Likely wrong answers in exercise 7: (1, 1), the largest number of all; or
#   the pair turned around, (read, truth).
# - Late? Leave out the moved digits.

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
# - It reads about 99 of 100 digits; what it gets wrong is worth a look.
#
# Next, lesson 5: what is this "loss" that training makes smaller?
