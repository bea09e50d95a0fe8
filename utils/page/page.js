// The page to take home: runs the exported network with TensorFlow.js.

const SIDE = 84; // the drawing's size, and the pen's width on it: as in utils/drawing.py
const PEN = 6.6;

// The saved description of a network, as a tf.Model with all layers' outputs.
function build({ input, layers, numbers }) {
  const bytes = Uint8Array.from(atob(numbers), (character) => character.charCodeAt(0));
  const weights = new Float32Array(bytes.buffer);
  let used = 0;
  const image = tf.input({ shape: input });
  const outputs = new Map();
  for (const { name, kind, settings, before, weights: shapes } of layers) {
    const make = kind[0].toLowerCase() + kind.slice(1);
    const layer = makers[make] ? makers[make](settings) : tf.layers[make](settings);
    const inputs = before.length ? before.map((other) => outputs.get(other)) : [image];
    outputs.set(name, layer.apply(inputs.length > 1 ? inputs : inputs[0]));
    layer.setWeights(shapes.map((shape) => {
      const size = shape.reduce((a, b) => a * b, 1);
      used += size;
      return tf.tensor(weights.subarray(used - size, used), shape);
    }));
  }
  return {
    names: [...outputs.keys()],
    model: tf.model({ inputs: image, outputs: [...outputs.values()] }),
  };
}

// Where tf.layers has another name than Keras.
const makers = {
  conv2D: (settings) => tf.layers.conv2d(settings),
  conv2DTranspose: (settings) => tf.layers.conv2dTranspose(settings),
  separableConv2D: (settings) => tf.layers.separableConv2d(settings),
  depthwiseConv2D: (settings) => tf.layers.depthwiseConv2d(settings),
  maxPooling2D: (settings) => tf.layers.maxPooling2d(settings),
  averagePooling2D: (settings) => tf.layers.averagePooling2d(settings),
  globalMaxPooling2D: (settings) => tf.layers.globalMaxPooling2d(settings),
  globalAveragePooling2D: (settings) => tf.layers.globalAveragePooling2d(settings),
  zeroPadding2D: (settings) => tf.layers.zeroPadding2d(settings),
  upSampling2D: (settings) => tf.layers.upSampling2d(settings),
  eLU: (settings) => tf.layers.elu(settings),
  leakyReLU: (settings) => tf.layers.leakyReLU(settings),
};

// images: 784 numbers each, 0 to 255. Returns every layer's output, as tensors.
function run(images) {
  const { input } = saved;
  const pixels = tf.tensor(images, [images.length, 784]);
  const x = tf.reshape(tf.div(pixels, 255), [images.length, ...input]);
  const outputs = network.model.predict(x);
  return Array.isArray(outputs) ? outputs : [outputs];
}

// Ten probabilities for each image: softmax, unless the network ends with it.
function probabilities(images) {
  return tf.tidy(() => {
    const last = run(images).at(-1);
    const { settings } = saved.layers.at(-1);
    return (settings.activation === "softmax" ? last : tf.softmax(last)).arraySync();
  });
}

// --- MNIST's form, as utils/drawing.py has it ---------------------------------------

// How much of new pixel i lies on each old pixel.
function areas(size, old) {
  return Array.from({ length: size }, (_, i) => {
    const left = i * old / size;
    const right = (i + 1) * old / size;
    return Array.from({ length: old }, (_, j) =>
      Math.max(0, Math.min(right, j + 1) - Math.max(left, j)) / (right - left));
  });
}

// drawing: side * side numbers, 0 paper to 255 ink. Returns 784 numbers; [] if empty.
function toMnist(drawing, side) {
  const inked = [];
  drawing.forEach((ink, i) => { if (ink) inked.push([Math.floor(i / side), i % side]); });
  if (!inked.length) return [];
  const [top, left] = [0, 1].map((axis) => Math.min(...inked.map((place) => place[axis])));
  const [bottom, right] = [0, 1].map((axis) => Math.max(...inked.map((place) => place[axis])));
  const sides = [bottom - top + 1, right - left + 1];
  const scale = 20 / Math.max(...sides);
  const [rows, columns] = sides.map((length) => Math.max(1, roundHalfEven(scale * length)));
  const down = areas(rows, sides[0]);
  const across = areas(columns, sides[1]);
  const small = down.map((shares) => across.map((parts) => {
    let sum = 0;
    shares.forEach((share, i) => {
      if (share) parts.forEach((part, j) => {
        if (part) sum += share * part * drawing[(top + i) * side + left + j];
      });
    });
    return sum;
  }));
  // Its centre of mass goes to pixel 14, counted from 0.
  let mass = 0, row = 0, column = 0;
  small.forEach((line, i) => line.forEach((ink, j) => {
    mass += ink; row += i * ink; column += j * ink;
  }));
  const place = (centre, size) =>
    Math.max(0, Math.min(28 - size, Math.floor(14 - centre + 0.5)));
  const y = place(row / mass, rows);
  const x = place(column / mass, columns);
  const image = Array(784).fill(0);
  small.forEach((line, i) => line.forEach((ink, j) => {
    image[(y + i) * 28 + x + j] = roundHalfEven(ink);
  }));
  return image;
}

// As Python and NumPy round.
function roundHalfEven(number) {
  const rounded = Math.round(number);
  return rounded - number === 0.5 && rounded % 2 ? rounded - 1 : rounded;
}

// --- the page ------------------------------------------------------------------------

const saved = JSON.parse(document.getElementById("model").textContent);
const network = build(saved);
const inside = document.getElementById("inside");
let image = [];

const pad = sketch(document.getElementById("pad"), {
  side: SIDE,
  pen: PEN,
  names: saved.names,
  changed(pixels) {
    image = toMnist(pixels, SIDE);
    pad.show(image.length ? probabilities([image])[0] : [], image);
    showMaps();
  },
});
pad.show([], []);
inside.addEventListener("toggle", showMaps);

// The pictures of every layer that makes pictures; each layer has its own scale.
function showMaps() {
  if (!inside.open) return;
  const maps = document.getElementById("maps");
  maps.replaceChildren();
  if (!image.length) {
    maps.append("Draw a digit first.");
    return;
  }
  tf.tidy(() => {
    run([image]).forEach((output, i) => {
      const { kind, settings } = saved.layers[i];
      if (output.rank !== 4 || settings.activation === "linear" && kind === "Activation") return;
      const [, height, width, depth] = output.shape;
      const values = output.dataSync();
      const most = Math.max(1e-9, ...values);
      const row = element("div", {
        class: "maps", role: "img",
        "aria-label": `${depth} feature maps of ${height} by ${width}`,
      });
      for (let map = 0; map < depth; map++) {
        const canvas = element("canvas");
        const pixels = Array.from({ length: height * width }, (_, place) =>
          Math.max(0, 255 * values[place * depth + map] / most));
        paint(canvas, pixels, width);
        row.append(canvas);
      }
      maps.append(element("h2", {}, `${kind}: ${depth} maps of ${height} x ${width}`), row);
    });
  });
}
