// The page to take home: runs the exported network with TensorFlow.js.

const SIDE = 84; // the drawing's size, and the pen's width on it: as in utils/drawing.py
const PEN = 6.6;

const read = (id) => document.getElementById(id).textContent;
const saved = JSON.parse(read("network"));
let network; // a tf.Model whose outputs are the outputs of all steps

// WebAssembly where the browser has it, else plain JavaScript. Nothing is fetched: the
// program is on this page.
async function start(wanted = "wasm") {
  if (wanted === "wasm") {
    const program = `data:application/wasm;base64,${read("wasm")}`;
    tf.env().set("WASM_HAS_MULTITHREAD_SUPPORT", false);
    tf.wasm.setWasmPaths({
      "tfjs-backend-wasm.wasm": program,
      "tfjs-backend-wasm-simd.wasm": program,
      "tfjs-backend-wasm-threaded-simd.wasm": program,
    });
  }
  if (!await tf.setBackend(wanted)) await tf.setBackend("cpu");
  const before = network;
  network = build(saved);
  before?.dispose();
  probabilities([Array(784).fill(0)]); // the first run is slow: have it done
}

// The saved steps, called one after the other: {kind, settings, before, weights}.
function build({ input, steps, numbers }) {
  const bytes = Uint8Array.from(atob(numbers), (character) => character.charCodeAt(0));
  const all = new Float32Array(bytes.buffer);
  let used = 0;
  const outputs = [tf.input({ shape: input })];
  for (const { kind, settings, before, weights } of steps) {
    const inputs = before.map((number) => outputs[number]);
    const layer = tf.layers[inTfjs(kind)](resolved(settings, inputs[0].shape));
    outputs.push(layer.apply(inputs.length > 1 ? inputs : inputs[0]));
    layer.setWeights(weights.map((shape) => {
      const size = product(shape);
      used += size;
      return tf.tensor(all.subarray(used - size, used), shape);
    }));
  }
  return tf.model({ inputs: outputs[0], outputs: outputs.slice(1) });
}

const product = (numbers) => numbers.reduce((a, b) => a * b, 1);

// In targetShape -1 stands for what is left; tf.layers.reshape wants its number.
function resolved(settings, [, ...shape]) {
  const { targetShape } = settings;
  if (!targetShape) return settings;
  const left = -product(shape) / product(targetShape);
  return { ...settings, targetShape: targetShape.map((n) => (n < 0 ? left : n)) };
}

// Conv2D is tf.layers.conv2d, but UpSampling2D is tf.layers.upSampling2d, ELU is elu.
function inTfjs(kind) {
  const same = (name) => name.toLowerCase() === kind.toLowerCase();
  return Object.keys(tf.layers).find(same);
}

// images: 784 numbers each, 0 to 255. Returns every step's output, as tensors.
function run(images) {
  const pixels = tf.mul(tf.tensor(images, [images.length, 784]), saved.largest / 255);
  const outputs = network.predict(tf.reshape(pixels, [images.length, ...saved.input]));
  return Array.isArray(outputs) ? outputs : [outputs];
}

// For each image one probability for each name.
function probabilities(images) {
  return tf.tidy(() => {
    const last = run(images).at(-1);
    if (saved.ending === "softmax") return last.arraySync();
    if (saved.ending === "logits") return tf.softmax(last).arraySync();
    // Sigmoids: their shares of their sum, which may be 0.
    return tf.div(last, tf.add(tf.sum(last, -1, true), 1e-30)).arraySync();
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

const inside = document.getElementById("inside");
let image = []; // what the network sees: 784 numbers, or none

const pad = sketch(document.getElementById("pad"), {
  side: SIDE,
  pen: PEN,
  names: saved.names,
  changed(pixels) {
    image = toMnist(pixels, SIDE);
    answer();
  },
});
pad.show([], []);
if (saved.names.length !== 10 || saved.names.some((name) => name.length > 1)) {
  document.getElementById("pad").classList.add("words"); // long: bars in one column
}

document.querySelector(".sketch-answer").after(element(
  "p", { class: "always" }, "It always answers, even to a house.",
));

function answer() {
  pad.show(image.length && network ? probabilities([image])[0] : [], image);
  showMaps();
}

const ready = start().then(
  () => {
    document.getElementById("state").remove();
    answer();
  },
  (error) => {
    document.getElementById("state").textContent =
      `This browser cannot run the network (${error.message}). Try a newer one.`;
  },
);

// A click on Clear; the key Escape does the same.
const clear = document.querySelector(".sketch-clear");
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") clear.click();
});
clear.after(element("small", {}, "or Esc"));

// For those who cannot draw, or do not dare: the page writes a digit itself.
let writing = 0; // the number of the example that is being written
let next = 3;
for (const [target, event] of [
  [document.querySelector(".sketch-canvas"), "pointerdown"],
  [clear, "click"],
]) target.addEventListener(event, () => { writing += 1; });

async function writeDigit(digit) {
  clear.click();
  const mine = writing;
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  for (const stroke of saved.strokes[digit]) {
    const points = stroke.split(" ").map((point) => point.split(",").map((n) => n / 100));
    for (let i = 1; i < points.length; i++) {
      if (!still) await new Promise((resume) => { setTimeout(resume, 60); });
      if (mine !== writing) return;
      pad.line(points[i - 1], points[i]);
    }
  }
}

if (saved.strokes[0]) {
  const button = element("button", { type: "button", class: "sketch-clear" }, "Example");
  button.addEventListener("click", () => {
    writeDigit(next);
    next = (next + 7) % 10; // 3, 0, 7, 4, 1, 8 ...
  });
  clear.parentNode.append(button);
}

// --- inside the network, one picture after the other ------------------------------------

// The layers that make pictures, and what they do.
const DOES = [
  [/Conv/, "Each kernel slides over the picture before. Its map is dark where it finds its feature."],
  [/MaxPool/, "Of each block of pixels the largest number stays. The same maps, smaller."],
  [/Pooling/, "Of each block of pixels the mean stays. The same maps, smaller."],
  [/ReLU|ELU|Activation/, "The same maps, each number changed on its own."],
];
const SHOWN = 8; // maps of a layer, from a strong one to a weak one, as in lesson 4

let at = 0; // which picture
const turn = (text, by) => {
  const button = element("button", { type: "button", class: "sketch-clear" }, text);
  button.addEventListener("click", () => { at += by; showMaps(); });
  return button;
};
const [back, forth] = [turn("Back", -1), turn("Next", 1)];
const heading = element("h2", { role: "status" });
const picture = element("div");
document.getElementById("maps").append(heading, picture, element("p", {}, back, forth));

function showMaps() {
  if (!inside.open) return;
  const drawn = image.length && network;
  const all = drawn ? stages() : [["Draw something first.", "", []]];
  at = Math.max(0, Math.min(at, all.length - 1));
  const [title, text, canvases] = all[at];
  const number = drawn ? `${at + 1} of ${all.length}. ` : "";
  if (heading.textContent !== number + title) heading.textContent = number + title;
  const shown = { class: "maps", role: "img", "aria-label": title };
  picture.replaceChildren(element("p", {}, text), element("div", shown, ...canvases));
  back.disabled = at === 0;
  forth.disabled = at === all.length - 1;
}
inside.addEventListener("toggle", showMaps);

// [title, sentence, canvases] of each picture, from the drawing to the answer.
function stages() {
  const seen = image.map((ink) => ink / 255);
  const all = [["The drawing, as the network sees it", "28 × 28 pixels, in the middle.",
    [painted(seen, 28, 28, 1, 0, 1, false)]]];
  tf.tidy(() => {
    let order = [];
    let before = 0; // how many maps the layer before has
    run([image]).forEach((output, i) => {
      const { kind, settings } = saved.steps[i];
      const [, text] = DOES.find(([name]) => name.test(kind)) ?? [];
      if (output.rank !== 4 || !text) return;
      const [, height, width, depth] = output.shape;
      const values = output.dataSync();
      if (depth !== before) order = fromStrongToWeak(values, depth);
      before = depth;
      const most = values.reduce((found, value) => Math.max(found, Math.abs(value)), 1e-9);
      const signed = values.some((value) => value < -1e-6 * most);
      const name = kind === "Activation" ? settings.activation : kind;
      all.push([
        `${name}: ${order.length} of its ${depth} maps of ${height} × ${width}`,
        text + (signed ? " Orange: above zero, purple: below." : ""),
        order.map((map) => painted(values, height, width, depth, map, most, signed)),
      ]);
    });
  });
  all.push(["The answer", "The last layers look at all these numbers at once. They end with "
    + "one number for each answer: the bars above.", []]);
  return all;
}

// Which maps are shown, as plotting.feature_maps of lesson 4 chooses them.
function fromStrongToWeak(values, depth) {
  const strength = Array(depth).fill(0);
  values.forEach((value, i) => { strength[i % depth] += value; });
  const sorted = [...strength.keys()].sort((a, b) => strength[b] - strength[a]);
  const count = Math.min(SHOWN, depth);
  const loud = strength.filter((sum) => sum > 0.05 * Math.max(...strength)).length;
  const step = (Math.max(count, loud) - 1) / Math.max(1, count - 1);
  return Array.from({ length: count }, (_, i) => sorted[Math.floor(i * step + 1e-9)]);
}

// The colours of plotting.SIGNED, the colour map of the lessons' figures.
const [BLACK, ORANGE, PURPLE] = [[0, 0, 0], [179, 88, 6], [84, 39, 136]];

// One map as a picture: 0 is white; the maps of a layer have one scale.
function painted(values, height, width, depth, map, most, signed) {
  const canvas = element("canvas", { width, height });
  const context = canvas.getContext("2d");
  const pixels = context.createImageData(width, height);
  for (let place = 0; place < height * width; place++) {
    const share = values[place * depth + map] / most;
    const ink = !signed ? BLACK : share > 0 ? ORANGE : PURPLE;
    for (let part = 0; part < 3; part++) {
      pixels.data[4 * place + part] = 255 + (ink[part] - 255) * Math.abs(share);
    }
    pixels.data[4 * place + 3] = 255;
  }
  context.putImageData(pixels, 0, 0);
  return canvas;
}
