# %% [markdown]
# # 4. The full CNN
#
# The dense network of lesson 3 looks at 784 separate numbers. It does not
# know which pixels are neighbours. A **convolutional neural network**, in
# short a **CNN**, does: it looks at small windows of the image, and it uses
# the same weights in every window.
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

from utils import cnn, data, device, plotting
from utils.exercises import lesson4 as ex
from utils.table import Table

# %% [markdown]
# ## A convolution by hand
#
# Here is a very small image: a bright bar on a dark ground. Beside it stands
# a **kernel**, a small grid of weights. This one has negative weights on its
# left and positive weights on its right.

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
# Take the **window** of 3 x 3 pixels in the upper left corner. Multiply each
# pixel by the weight at the same place. Add the nine products.

# %%
window = image[0:3, 0:3]
print(window * kernel)
print("sum:", (window * kernel).sum())

# %% [markdown]
# The sum is large, because the window is dark on its left and bright on its
# right. Now the kernel **slides**: the same nine weights meet the next
# window, and the next. Each sum becomes one number of the output.

# %%
plotting.kernel_slides(image, kernel)

# %% [markdown]
# The output is positive (orange) at the left edge of the bar, and negative
# (purple) at its right edge. The output of a kernel is called a **feature
# map**: it says where in the image the feature is.

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

# %% [markdown]
# ## The same in Keras
#
# Keras calls this layer `Conv2D`. It wants a batch of images with a last axis
# for the **channels**: one for grey, three for red, green and blue. We give
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
# The **stride** is the step from one window to the next.

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

# %% [markdown] tags=["instructor"]
# **Instructor.** Talk 6 min, exercises 2 min, must.
#
# - Count dots in the picture before you show the formula.
# - Ask: "Why would one want padding?" Expected: to keep the size in deep
#   networks, and to give pixels at the border as many windows as the others.
# - Likely wrong answer in exercise 3: 28 (that is padding `"same"`).

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
    images_test[0] / 255,
    {
        "left edge": kernel,
        "right edge": -kernel,
        "upper edge": kernel.T,
        "lower edge": -kernel.T,
    },
)

# %% [markdown]
# Each kernel answers (orange) only where its own edge is. A convolution layer
# with 32 kernels asks 32 such questions, and makes 32 feature maps: its
# **depth** is 32.

# %% [markdown]
# ## Max pooling
#
# A feature map says where a feature is. Often "about here" is enough.
# **Max pooling** cuts the map into blocks of 2 x 2 and keeps the largest
# number of each block.

# %%
features = np.array([[1, 3, 0, 2], [5, 2, 1, 1], [0, 0, 4, 7], [2, 1, 6, 3]])
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
table = cnn.layer_table(model, names=cnn.DECK_NAMES)
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
# 3 x 3 x 32 weights, and one **bias**. There are 64 such kernels.

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
    names=cnn.DECK_NAMES[1:],
    parameters=[layer.count_params() for layer in model.layers],
    multiply_adds=[cnn.multiply_adds(layer) for layer in model.layers],
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
