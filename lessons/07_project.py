# %% [markdown]
# # 7. The project: your own digit reader
#
# Everything comes together. You train a network of your own, measure it
# honestly, draw digits for it, and take it home as a page that runs in any
# browser, on your phone too. On the way *you decide*; this notebook measures.
#
# After this lesson you can
#
# - split data into three parts, and know what each part is for
# - beat a simple baseline, and tell a real improvement from luck
# - see in learning curves whether a network underfits or overfits
# - bring a drawing into the form that a network was trained on
# - save a network, describe it honestly, and give it away
#
# You need lessons 3 to 5: layers, the CNN, the loss.

# %%
import numpy as np

from utils import data, device, plotting, project
from utils.exercises import lesson7 as ex

# %% tags=["nbval-ignore-output"]
device.setup(seed=0)

# %% [markdown]
# ## The goal, and how to measure it
#
# Our goal in one sentence: *read the digit that a person draws*. The
# **metric**, the number that says how good we are, is the **accuracy**: the
# share of digits that are read right. Write down now which accuracy would
# make you proud. Later it is too easy to be content with what one gets.

# %% tags=["nbval-ignore-output"]
dataset = "digits"  # or "fashion", or the path of a folder of yours
train, test = project.load(dataset)
images, labels = train

# %% [markdown]
# Never train on images that you have not looked at.

# %% tags=["nbval-ignore-output"]
plotting.digits(images[:20], labels[:20])

# %% tags=["nbval-ignore-output"]
plotting.class_counts(labels)

# %% [markdown]
# All digits are there, each about equally often. If one of them were rare,
# the accuracy could hide that the network never reads it.

# %% [markdown]
# **Exercise 1** (2 minutes). A program that looks at no image always answers
# with the most common digit. Which accuracy does it have on these labels?


# %% tags=["exercise"]
def accuracy_without_looking(labels):
    return ...


# %% tags=["solution", "q1"]
def accuracy_without_looking(labels):
    return np.bincount(labels).max() / len(labels)


# %% tags=["check"]
ex.q1.check(
    accuracy_without_looking
)  # stuck? ex.q1.hint(), ex.q1.solution()

# %% [markdown] tags=["instructor"]
# **Instructor.** Talk 5 min, exercises 4 min, must.
#
# - Let everybody say their target aloud. Write three of them on the board, and
#   come back to them at the end.
# - Ask: "When would accuracy be the wrong metric?" Expected: when one class is
#   rare (an illness), or when one mistake costs more than another.
# - Likely wrong answer in exercise 1: 0.1; the classes are not equally large.

# %% [markdown]
# ## Three parts
#
# **Training images** make the weights. **Validation images** help us to
# decide: how large a network, when to stop. **Test images** are used once, at
# the end, for the number that we tell others. We cut the first two here.

# %% tags=["nbval-ignore-output"]
kept, aside = data.split_validation(images, labels)
x_train, y_train = data.prepare(kept[0]), data.check_labels(kept[1])
x_val, y_val = data.prepare(aside[0]), data.check_labels(aside[1])
print(f"{len(x_train):,} to train, {len(x_val):,} to validate")

# %% [markdown]
# **Exercise 2** (2 minutes). Which part serves to find: the weights; the
# number of filters; the accuracy on your poster; the moment to stop training?
# Answer with `"training"`, `"validation"` or `"test"`, in this order.

# %% tags=["exercise"]
my_parts = [..., ..., ..., ...]

# %% tags=["solution", "q2"]
my_parts = ["training", "validation", "test", "validation"]

# %% tags=["check"]
ex.q2.check(my_parts)  # stuck? ex.q2.hint() or ex.q2.solution()

# %% [markdown]
# ## A baseline
#
# A **baseline** is a simple method that every better one has to beat. Ours:
# take the mean of all training images of each digit. A new image is the digit
# whose mean is nearest.

# %% tags=["nbval-ignore-output"]
classes = range(y_train.max() + 1)
means = np.array(
    [x_train[y_train == c, :, :, 0].mean(axis=0) for c in classes]
)
plotting.digits(means, list(classes))

# %% [markdown]
# **Exercise 3** (3 minutes). Which mean is the nearest? `distances` has a row
# for each image and a column for each mean. Write the last line.


# %% tags=["exercise"]
def nearest_mean(images, means):
    distances = np.array(
        [
            [((image - mean) ** 2).sum() for mean in means]
            for image in images
        ]
    )
    return ...


# %% tags=["solution", "q3"]
def nearest_mean(images, means):
    distances = np.array(
        [
            [((image - mean) ** 2).sum() for mean in means]
            for image in images
        ]
    )
    return distances.argmin(axis=1)


# %% tags=["check"]
ex.q3.check(nearest_mean)  # stuck? ex.q3.hint() or ex.q3.solution()

# %% tags=["nbval-ignore-output"]
from sklearn.metrics import pairwise_distances_argmin

flat_means = means.reshape(len(means), -1)
nearest = pairwise_distances_argmin(
    x_val.reshape(len(x_val), -1), flat_means
)
baseline = (nearest == y_val).mean()
print(f"the nearest mean reads {baseline:.1%} of the validation images")

# %% [markdown]
# (scikit-learn finds the same nearest means, faster.) On MNIST it reads about
# four of five digits, with no training at all. The network must beat that.

# %% [markdown] tags=["instructor"]
# **Instructor.** Talk 6 min, exercises 5 min, must.
#
# - Ask: "Which digits will the means confuse?" Expected: 4, 7 and 9; their
#   means look alike.
# - Likely wrong answer in exercise 2: the number of filters on the test set.
#   Say: each decision uses up the images that it looks at.
# - Likely wrong answer in exercise 3: `argmax`, the farthest mean.
# - Late? Show the solution of exercise 3.

# %% [markdown]
# ## Your network
#
# Here are your decisions, in one place. The network is a smaller sister of
# lesson 4's: pooling after each convolution makes it four times faster.

# %%
filters = 16
units = 128
dropout = 0.25
learning_rate = 0.001

# %%
import keras
from keras import layers


def build():
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(filters, kernel_size=3, activation="relu"),
            layers.MaxPooling2D(pool_size=2),
            layers.Conv2D(
                2 * filters, kernel_size=3, activation="relu"
            ),
            layers.MaxPooling2D(pool_size=2),
            layers.Flatten(),
            layers.Dropout(dropout),
            layers.Dense(units, activation="relu"),
            layers.Dense(len(classes)),
        ]
    )


# %% [markdown]
# ## Callbacks: helpers that watch the training
#
# A **callback** is a helper that Keras calls after each epoch.
# `EarlyStopping` ends the training when the validation loss has not improved
# for a while: `patience` says how many epochs. `SaveBest` saves the best network
# so far, and never half of it: after a dead battery you still have it. (It is
# ours. Keras has `ModelCheckpoint`, which writes over the old file.)

# %%
from pathlib import Path

from utils.callbacks import Progress, SaveBest

folder = Path("my_project")
folder.mkdir(exist_ok=True)
best_model = str(folder / "model.keras")


# %%
def callbacks(path=best_model):
    return [
        Progress(),
        keras.callbacks.EarlyStopping(
            patience=2, restore_best_weights=True
        ),
        SaveBest(path),
    ]


# %% [markdown]
# (Do you know TensorBoard? Add `keras.callbacks.TensorBoard("my_project/logs")`
# to the list and run `tensorboard --logdir my_project/logs` in a terminal.)


# %%
def train_network(rate, path=best_model):
    keras.utils.set_random_seed(0)
    model = build()
    model.compile(
        optimizer=keras.optimizers.Adam(rate),
        loss=keras.losses.SparseCategoricalCrossentropy(
            from_logits=True
        ),
        metrics=["accuracy"],
        steps_per_execution=device.steps_at_once(20),
    )
    history = model.fit(
        x_train,
        y_train,
        batch_size=64,
        epochs=epochs,
        validation_data=(x_val, y_val),
        verbose=0,
        callbacks=callbacks(path),
    )
    return model, history.history


# %% tags=["nbval-ignore-output"]
epochs = 6 if len(x_train) > 20_000 else 30  # few images: more passes
model, history = train_network(learning_rate)

# %% tags=["nbval-ignore-output"]
curves = {
    "training": history["loss"],
    "validation": history["val_loss"],
}
plotting.learning_curve(curves)

# %% [markdown]
# Both curves fall. The training loss is a mean over the whole epoch, also its
# first, bad steps, and dropout makes it harder. So it can be the higher one.


# %% tags=["nbval-ignore-output"]
def read(model, x):
    outputs = model.predict(x, batch_size=500, verbose=0)
    return keras.ops.convert_to_numpy(keras.ops.softmax(outputs))


right = read(model, x_val).argmax(axis=1) == y_val
print(f"nearest mean {baseline:.2%}, network {right.mean():.2%}")

# %% [markdown]
# ## Too little, too much
#
# A network **underfits** when it is too small or trained too little: it is
# bad even on its own training images. It **overfits** when it learns them by
# heart: perfect there, and worse and worse on new ones. Three dense networks
# on 500 images show how that looks.


# %%
def dense_net(hidden, rate, drop=0.0):
    net = keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Flatten(),
            layers.Dropout(drop),
            layers.Dense(hidden, activation="relu"),
            layers.Dropout(drop),
            layers.Dense(len(classes)),
        ]
    )
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    net.compile(keras.optimizers.Adam(rate), loss)
    return net


# %% tags=["nbval-ignore-output"]
nets = {
    "A": dense_net(hidden=2, rate=0.002),
    "B": dense_net(hidden=512, rate=0.005),
    "C": dense_net(hidden=128, rate=0.001, drop=0.4),
}
few = dict(x=x_train[:500], y=y_train[:500], batch_size=100)
some = (x_val[:1000], y_val[:1000])
runs = {
    name: net.fit(**few, validation_data=some, epochs=40, verbose=0)
    for name, net in nets.items()
}

# %% tags=["nbval-ignore-output"]
plotting.fits({name: run.history for name, run in runs.items()})

# %% [markdown]
# **Exercise 4** (2 minutes). Which of A, B and C `"underfits"`, which
# `"overfits"`, and which `"fits"`?

# %% tags=["exercise"]
my_reading = [..., ..., ...]  # A, B, C

# %% tags=["solution", "q4"]
my_reading = ["underfits", "overfits", "fits"]

# %% tags=["check"]
ex.q4.check(my_reading)  # stuck? ex.q4.hint() or ex.q4.solution()

# %% [markdown]
# **Exercise 5** (4 minutes). Write early stopping. Go through the validation
# losses; stop when `patience` epochs in a row brought no new best.


# %% tags=["exercise"]
def epochs_until_stop(losses, patience):
    best, waited = float("inf"), 0
    for epoch, loss in enumerate(losses, start=1):
        waited = ...  # 0 after a new best, otherwise one more
        best = min(best, loss)
        if waited >= patience:
            return epoch
    return len(losses)


# %% tags=["solution", "q5"]
def epochs_until_stop(losses, patience):
    best, waited = float("inf"), 0
    for epoch, loss in enumerate(losses, start=1):
        waited = 0 if loss < best else waited + 1
        best = min(best, loss)
        if waited >= patience:
            return epoch
    return len(losses)


# %% tags=["check"]
ex.q5.check(epochs_until_stop)  # stuck? ex.q5.hint(), ex.q5.solution()

# %% [markdown] tags=["instructor"]
# **Instructor.** Talk 12 min, exercises 6 min, must (exercise 5: could).
#
# - Start the training cell, then explain the callbacks while it runs.
# - Ask: "The training loss is higher than the validation loss. A mistake?"
#   Expected: no. It is a mean over the epoch, and dropout is on only in training.
# - Likely wrong answers in exercise 4: A "fits", because its two curves are
#   close; B "fits", because its training loss is the lowest.
# - BREAK: a good moment. Afterwards everybody changes something of their own.

# %% [markdown]
# ## Improve one thing, and measure it
#
# Change *one* thing at a time: with two, you will not know which one
# helped. Here the learning rate begins higher, and falls to zero along a
# cosine, as in lesson 4.
# Yours may be another thing: `filters`, `dropout`, a third convolution. Each
# is compared with the network that is kept so far.

# %% tags=["nbval-ignore-output"]
steps = epochs * -(-len(x_train) // 64)
falling = keras.optimizers.schedules.CosineDecay(
    0.003, decay_steps=steps
)
new_path = str(folder / "new.keras")
new_model, new_history = train_network(falling, path=new_path)

# %% tags=["nbval-ignore-output"]
old_right = read(model, x_val).argmax(axis=1) == y_val
new_right = read(new_model, x_val).argmax(axis=1) == y_val
print(f"before {old_right.mean():.2%}, now {new_right.mean():.2%}")

# %% [markdown]
# Is that better, or was it luck? Images that both networks read, or that
# neither reads, say nothing. What counts are the others.

# %% [markdown]
# **Exercise 6** (3 minutes). `old` and `new` are True where a network is
# right. Count the images that *only the old* network reads, and those that
# *only the new* one reads.


# %% tags=["exercise"]
def disagreement(old, new):
    only_old = ...
    only_new = ...
    return [only_old, only_new]


# %% tags=["solution", "q6"]
def disagreement(old, new):
    only_old = (old & ~new).sum()
    only_new = (~old & new).sum()
    return [only_old, only_new]


# %% tags=["check"]
ex.q6.check(disagreement)  # stuck? ex.q6.hint() or ex.q6.solution()

# %% [markdown]
# If both networks were equally good, each of these images would be a coin
# toss. The numbers of heads and of tails rarely differ by more than twice the
# square root of the number of tosses (McNemar's test, 1947).

# %% tags=["nbval-ignore-output"]
only_old = int((old_right & ~new_right).sum())
only_new = int((new_right & ~old_right).sum())
plotting.disagreement(only_old, only_new)

# %% [markdown]
# To the right of the grey band: a real improvement, and the new network is kept.
# Anywhere else we keep the old one: inside the band it may be luck.

# %% tags=["nbval-ignore-output"]
if only_new - only_old > 2 * np.sqrt(only_new + only_old):
    model = new_model
project.save_model(model, best_model)
print(
    "kept:", "the new network" if model is new_model else "the old one"
)

# %% [markdown] tags=["instructor"]
# **Instructor.** Talk 6 min, exercises 13 min, must.
#
# - Ten of these minutes belong to changes of their own. Collect on the board:
#   what was changed, by how many images, inside or outside of the band?
# - Ask: "Thirty of you tried something. Will one be outside by luck?" Expected:
#   yes, about one in twenty. That is why the test set waits.
# - Likely wrong answer in exercise 6: all mistakes of each network.

# %% [markdown]
# ## Where it is wrong
#
# Look at the mistakes on the *validation* images. What do they have in common?

# %% tags=["nbval-ignore-output"]
probabilities = read(model, x_val)
predictions = probabilities.argmax(axis=1)
plotting.confusion_matrix(y_val, predictions, len(classes))

# %% tags=["nbval-ignore-output"]
plotting.worst_predictions(x_val, y_val, probabilities)

# %% [markdown]
# Write down one sentence about them. You will need it at the end.

# %% [markdown]
# ## The test, once
#
# All decisions are taken. From here on nothing is changed any more.

# %% tags=["nbval-ignore-output"]
x_test, y_test = data.prepare(test[0]), data.check_labels(test[1])
test_right = read(model, x_test).argmax(axis=1) == y_test
results = {
    "nearest mean, validation": baseline,
    "network, validation": (predictions == y_val).mean(),
    "network, test": test_right.mean(),
}
project.results_table(results, len(y_test))

# %% [markdown]
# The test accuracy can be a little lower than the validation accuracy: the
# network was chosen because it does well there. On MNIST it is at least
# 98.5 %.

# %% [markdown]
# ## Save, load, same answers
#
# A `.keras` file holds the layers and the weights. Load it again and compare:
# a network that you cannot load is a network that you do not have.

# %%
again = project.load_model(best_model)
bool(np.allclose(read(model, x_val[:100]), read(again, x_val[:100])))

# %% [markdown]
# ## Draw a digit
#
# Now your own handwriting. Draw with the mouse or with a finger; the ten bars
# move while you draw. *Clear* empties the pad.

# %% tags=["nbval-ignore-output"]
from utils import drawing
from utils.pad import DigitPad

pad = DigitPad(again)
pad

# %% [markdown]
# Where the pad cannot be shown, and when nothing is drawn, the next cells use
# a drawing that we have saved.

# %% tags=["nbval-ignore-output"]
if pad.drawing.any():
    drawn = pad.drawing
else:
    small = drawing.example(7, side=42)
    drawn = np.pad(small, ((38, 4), (4, 38)))
    print("Nothing is drawn on the pad: here is a saved drawing.")

# %% [markdown]
# Your drawing is large, and somewhere on the pad. MNIST's digits were all
# made the same way: scaled to a box of 20 x 20 pixels, in soft greys, and
# moved so that the **centre of mass** of the ink is in the middle of 28 x 28.
# The network has never seen anything else.

# %% tags=["nbval-ignore-output"]
shrunk, converted = drawing.shrink(drawn), drawing.to_mnist(drawn)
answer = read(again, data.prepare(converted)).argmax()
same_class = images[labels == answer]
plotting.to_convention(drawn, shrunk, converted, same_class[0])

# %% tags=["nbval-ignore-output"]
for name, image in {
    "smaller": shrunk,
    "MNIST's way": converted,
}.items():
    chances = read(again, data.prepare(image))[0]
    print(f"{name:12} {chances.argmax()}, {chances.max():.1%} sure")

# %% [markdown]
# **Exercise 7** (4 minutes). Find the centre of mass: the mean row and the
# mean column, where each pixel counts with its ink. The row is done.


# %% tags=["exercise"]
def centre_of_mass(image):
    rows, columns = np.indices(image.shape)
    ink = image.sum()
    return [(rows * image).sum() / ink, ...]


# %% tags=["solution", "q7"]
def centre_of_mass(image):
    rows, columns = np.indices(image.shape)
    ink = image.sum()
    return [(rows * image).sum() / ink, (columns * image).sum() / ink]


# %% tags=["check"]
ex.q7.check(centre_of_mass)  # stuck? ex.q7.hint() or ex.q7.solution()

# %% [markdown]
# How much does it matter? We move validation digits away from the middle, and
# make others thicker. Then the network reads them as they are, and the way of
# MNIST.

# %% tags=["nbval-ignore-output"]
some, some_labels = aside[0][:1000], aside[1][:1000]
kinds = {
    "as published": some,
    "moved by 4 pixels": drawing.shift(some, 4, -4),
    "thick": drawing.thicken(some),
}


# %% tags=["nbval-ignore-output"]
def accuracy(images):
    answers = read(again, data.prepare(images)).argmax(axis=1)
    return (answers == some_labels).mean()


pairs = {}
for kind, changed in kinds.items():
    mnist_way = np.array([drawing.to_mnist(image) for image in changed])
    pairs[kind] = accuracy(changed), accuracy(mnist_way)
plotting.with_and_without(pairs)

# %% [markdown]
# The same network, the same digits. Moved digits are lost without the
# conversion. Thick ones gain nothing, they even lose a little: the conversion
# moves and scales, but it does not make strokes thinner. Data must reach a
# network in the form in which it was trained.

# %% [markdown] tags=["instructor"]
# **Instructor.** Talk 8 min, exercises 9 min, must.
#
# - Let somebody draw on the projector. First a good 7, then a 7 in a corner,
#   then a very thin one: at each, ask what the network will say.
# - Ask: "Is the network stupid, or were we?" Expected: we gave it images of
#   another kind than those it was trained on.
# - Likely wrong answer in exercise 7: the middle of the box, or ink that is
#   not weighted.

# %% [markdown]
# ## A model card
#
# People who use your network want to know what it is made for, which data it has
# learned from, how good it is, and where it fails. A **model card** says it on one page (Mitchell et
# al., 2019). The numbers come from this run; the sentences are yours.

# %% tags=["nbval-ignore-output"]
card = project.ModelCard(
    again,
    title="My digit reader",
    results=results,
    test_images=len(y_test),
    data=f"{dataset}: {len(images):,} training images",
    made_for="...",  # what should people use it for?
    fails_on="...",  # what do its mistakes have in common?
)
card.save(folder / "card.md")
card

# %% [markdown]
# ## A page to take home
#
# The last step: your network in one file that opens in every browser, without
# the internet and without Python. Send it to your phone, to your family, put it
# on your club's website.

# %% tags=["nbval-ignore-output"]
from utils.page import export_page

where = export_page(
    again,
    folder / "page",
    title="My digit reader",
    accuracy=float(results["network, test"]),
)
print(where)

# %% [markdown]
# Open `index.html` in the folder `my_project/page`. (In JupyterLab: right
# click, *Download*. In Colab: the folder sign on the left, then *Download*.)

# %% [markdown]
# ## How far did you come?
#
# *Level 1*: the notebook as it is, with your model card. *Level 2*: one
# improvement of your own, outside of the grey band. *Level 3*: other data.
# The program checks what it can; the open boxes are for you.

# %% tags=["nbval-ignore-output"]
project.rubric(folder, results, test_images=len(y_test))

# %% [markdown]
# *Other data*, loaded the same way. `dataset = "fashion"` at the top loads
# Fashion-MNIST: ten kinds of clothes, the same size, more difficult (a
# download of 31 MB). Or use images of your own: a folder with one folder for
# each class, named as you like, at least three images in each. They are 28 x 28,
# grey, bright ink on black; `project.load_folder(path, convert=True)` takes photos
# and drawings of any size. Here we make a small one, and load it. (Pad and page
# take your names, too: `DigitPad(again, names=["cat", "dog"])`.)

# %% tags=["nbval-ignore-output"]
from PIL import Image

for digit in (1, 3, 7):
    place = folder / "own" / str(digit)
    place.mkdir(parents=True, exist_ok=True)
    for number in range(5):
        image = drawing.to_mnist(drawing.example(digit))
        image = drawing.shift(image[None], number % 3 - 1, 0)[0]
        Image.fromarray(image).save(place / f"{number}.png")

# %% tags=["nbval-ignore-output"]
own_train, own_test = project.load(folder / "own")
names = np.array(["1", "3", "7"])
plotting.digits(own_train[0], names[own_train[1]])

# %% [markdown] tags=["instructor"]
# **Instructor.** Talk 6 min, exercises 15 min, should.
#
# - Everybody sends the page to their own phone. That is the moment that they
#   will remember.
# - Ask: "What would you *not* use your network for?" Expected: anything that
#   is no digit; it always answers with one of ten.
# - Likely wrong answer on the card: "it fails on nothing".
# - Late? The card and the rubric can be done at home; export the page now.

# %% tags=["progress"]
ex.progress()

# %% [markdown]
# ## What we have seen
#
# - Training images make the weights, validation images help to decide, and
#   test images are used once.
# - A baseline says what is easy; a network has to beat it.
# - Two curves show underfitting and overfitting; early stopping ends in time.
# - A difference counts when it is larger than what luck can do.
# - A network reads what it was trained on: bring your data into that form.
# - A network with its card and its page can be given away.
#
# This was the last lesson. Show somebody what you made!
