// The page to take home: runs the exported network with TensorFlow.js. It comes after
// touch/touch.js and sketch.js.

const SIDE = 84; // the drawing's size, and the pen's width on it: as in utils/drawing.py
const PEN = 6.6;

const at = (id) => document.getElementById(id);
const saved = JSON.parse(at("network").textContent);
let network; // a tf.Model whose outputs are the outputs of all steps

// WebAssembly where the browser has it, else plain JavaScript. Nothing is fetched: the
// program is on this page.
async function start() {
  const program = `data:application/wasm;base64,${at("wasm").textContent}`;
  tf.env().set("WASM_HAS_MULTITHREAD_SUPPORT", false);
  tf.wasm.setWasmPaths(Object.fromEntries(["", "-simd", "-threaded-simd"].map((kind) =>
    [`tfjs-backend-wasm${kind}.wasm`, program])));
  if (!await tf.setBackend("wasm")) await tf.setBackend("cpu");
  network = build(saved);
  furnish();
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
  const pixels = tf.mul(tf.tensor(images, [images.length, 784]), 1 / 255);
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

// How much of new pixel i lies on old pixel j.
const areas = (size, old) => table(size, old, (i, j) => {
  const [left, right] = [i, i + 1].map((edge) => edge * old / size);
  return Math.max(0, Math.min(right, j + 1) - Math.max(left, j)) / (right - left);
});

// drawing: side * side numbers, 0 paper to 255 ink. Returns 784 numbers; [] if empty.
function toMnist(drawing, side) {
  const inked = drawing.flatMap((ink, i) => (ink ? [[Math.floor(i / side), i % side]] : []));
  if (!inked.length) return [];
  const [top, left] = [0, 1].map((axis) => Math.min(...inked.map((place) => place[axis])));
  const [bottom, right] = [0, 1].map((axis) => Math.max(...inked.map((place) => place[axis])));
  const sides = [bottom - top + 1, right - left + 1];
  const scale = 20 / Math.max(...sides);
  const [rows, columns] = sides.map((length) => Math.max(1, roundHalfEven(scale * length)));
  const down = areas(rows, sides[0]);
  const across = areas(columns, sides[1]);
  const small = down.map((shares) => across.map((parts) => {
    let ink = 0;
    shares.forEach((share, i) => {
      if (share) parts.forEach((part, j) => {
        if (part) ink += share * part * drawing[(top + i) * side + left + j];
      });
    });
    return ink;
  }));
  // Its centre of mass goes to pixel 14, counted from 0.
  const place = (moments, size) =>
    within(Math.floor(14 - sum(moments.flat()) / sum(small.flat()) + 0.5), 0, 28 - size);
  const y = place(small.map((line, i) => i * sum(line)), rows);
  const x = place(small.map((line) => line.map((ink, j) => j * ink)), columns);
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

let image = []; // what the network sees: 784 numbers, or none

const pad = sketch(at("pad"), {
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
  at("pad").classList.add("words"); // long: bars in one column
}

document.querySelector(".sketch-answer").after(
  element("p", { class: "always" }, "It always answers, even to a house."));

function answer() {
  pad.show(image.length && network ? probabilities([image])[0] : [], image);
  see();
}

const ready = start().then(
  () => {
    at("state").remove();
    answer();
  },
  (error) => {
    at("state").textContent =
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
const interrupt = () => { writing += 1; };
document.querySelector(".sketch-canvas").addEventListener("pointerdown", interrupt);
clear.addEventListener("click", interrupt);

async function writeDigit(digit) {
  clear.click();
  const mine = writing;
  for (const stroke of saved.strokes[digit]) {
    const points = stroke.split(" ").map((point) => point.split(",").map((n) => n / 100));
    for (let i = 1; i < points.length; i++) {
      if (!calm()) await new Promise((resume) => { setTimeout(resume, 60); });
      if (mine !== writing) return;
      pad.line(points[i - 1], points[i]);
    }
  }
}

if (saved.strokes[0]) {
  const example = button("Example", () => {
    writeDigit(next);
    next = (next + 7) % 10; // 3, 0, 7, 4, 1, 8 ...
  });
  example.className = "sketch-clear";
  clear.parentNode.append(example);
}

// --- inside the network: all numbers that it makes, and where each comes from ---------

// The layers that are shown, and what they do.
const DOES = [
  [/drawing/, "As the network sees it."],
  [/Conv/, "Each kernel slides over all maps before. Its numbers are large where its feature is."],
  [/MaxPool/, "Of each block of pixels the largest number stays. The same maps, smaller."],
  [/Pool/, "Of each block of pixels the mean stays. The same maps, smaller."],
  [/ReLU|ELU|Activation/, "The same maps, each number changed on its own."],
  [/Flatten/, "All numbers in one row, pixel after pixel: of each pixel all maps."],
  [/Dense/, "Each number is made of all numbers before it, with a weight for each."],
];
// The colours of plotting.SIGNED, the colour map of the lessons' figures.
const [BLACK, ORANGE, PURPLE] = [[0, 0, 0], [179, 88, 6], [84, 39, 136]];

let stages; // the drawing, and what each step makes: its shape is [rows, columns, maps]
let chosen; // one of them: the number at its place [row, column, map]
const placeOf = (number, [, columns, maps]) =>
  [number / maps / columns, number / maps % columns, number % maps].map(Math.floor);

// Which part of the numbers before it a step looks at, to make one part of its own. A
// part is [first, last] of the rows, of the columns, of the maps; undefined: not known.
function source({ kind, settings }, part, before, after) {
  const all = before.map((count) => [0, count - 1]);
  if (kind === "Dense") return all;
  if (kind.startsWith("Global")) return [all[0], all[1], part[1]];
  if (kind === "Reshape") { // the same number, counted through
    if (part.some(([first, last]) => first < last)) return all;
    const [[row], [column], [map]] = part;
    return placeOf((row * after[1] + column) * after[2] + map, before).map((n) => [n, n]);
  }
  const size = settings.poolSize ?? settings.kernelSize;
  if (!size) return String(before) === String(after) ? part : undefined;
  if (kind === "Conv2DTranspose") return undefined;
  const sides = [0, 1].map((axis) => {
    const stride = settings.strides[axis];
    const reach = (settings.dilationRate?.[axis] ?? 1) * (size[axis] - 1);
    const border = Math.max(0, (after[axis] - 1) * stride + reach + 1 - before[axis]) >> 1;
    return part[axis].map((n, end) => within(n * stride - border + end * reach, ...all[axis]));
  });
  const apart = settings.poolSize || kind === "DepthwiseConv2D"; // each map on its own
  const maps = part[2].map((map) => Math.floor(map * before[2] / after[2]));
  return [...sides, apart ? maps : all[2]];
}

// All stages, for another network; on the page those of which DOES says something.
function furnish() {
  stages = [{ kind: "The drawing", shape: [28, 28, 1] }];
  saved.steps.forEach((step, i) => {
    const [, ...sides] = network.outputs[i].shape;
    const shape = sides.length > 1 ? [...sides, 1].slice(0, 3) : [1, ...sides, 1];
    stages.push({ ...step, shape });
  });
  at("maps").replaceChildren(...stages.flatMap(section));
  chosen = undefined;
}

// One map large, to choose a number in, and all maps small.
function section(stage) {
  const { kind, settings, shape: [rows, columns, maps] } = stage;
  const name = settings?.targetShape?.length === 1 ? "Flatten" : kind;
  const [, text] = DOES.find(([known]) => known.test(name)) ?? [];
  if (!text) return [];
  const title = `${name}: ${stage.shape.filter((side) => side > 1).join(" × ")}`;
  const canvas = () => element("span", {}, element("canvas", { width: columns, height: rows }));
  const small = maps > 1 ? Array.from({ length: maps }, canvas) : [];
  const [large, said] = [canvas(), element("p")];
  const form = rows > 1 ? "maps" : columns > 500 ? "row long" : "row";
  const node = element("section", { class: form }, element("h3", {}, title),
    element("p", {}, text), large, element("div", { class: "small" }, ...small), said);
  Object.assign(stage, { node, large, small, said, place: [rows >> 1, columns >> 1, 0] });
  const point = ({ clientX, clientY }, one, map) => {
    const { left, top, width, height } = one.getBoundingClientRect();
    choose(stage, Math.floor(rows * (clientY - top) / height),
      Math.floor(columns * (clientX - left) / width), map);
  };
  const drag = (event) => point(event, large, stage.place[2]);
  slider(large, "large", title, [0, rows * columns - 1], { down: drag, move: drag,
    use(key, { shiftKey }) {
      const [right, up] = ARROWS[key] ?? [0, 0];
      const turn = key !== "Enter" ? 0 : shiftKey ? -1 : 1;
      const [row, column, map] = stage.place;
      if (right || up || turn) choose(stage, row - up, column + right, map + turn);
      return right || up || turn;
    } });
  small.forEach((one, map) => one.addEventListener("click", (event) => point(event, one, map)));
  return node;
}

function choose(stage, ...place) {
  chosen = stage;
  stage.place = place.map((n, axis) => within(n, 0, stage.shape[axis] - 1));
  follow();
}

// A bar is one of the last step's numbers.
const bars = [...document.querySelectorAll(".sketch-bars li")];
bars.forEach((bar, k) => bar.addEventListener("click", () => {
  if (image.length && stages.at(-1).node) choose(stages.at(-1), 0, k, 0);
}));

// All numbers anew, for another drawing.
function see() {
  at("maps").hidden = !(image.length && network);
  if (at("maps").hidden) return;
  const outputs = tf.tidy(() => run([image]).map((output) => output.dataSync()));
  const seen = image.map((ink) => ink / 255);
  [seen, ...outputs].forEach((values, i) => {
    const most = values.reduce((found, value) => Math.max(found, Math.abs(value)), 1e-9);
    const signed = values.some((value) => value < -1e-6 * most);
    Object.assign(stages[i], { values, most, signed });
    stages[i].small?.forEach((one, map) => draw(stages[i], one, map));
  });
  if (!chosen) { // the largest number of the last maps
    chosen = stages.filter(({ node, shape }) => node && shape[0] > 1).at(-1);
    const { values, most, shape } = chosen;
    chosen.place = placeOf(values.findIndex((value) => Math.abs(value) === most), shape);
  }
  follow();
}

function draw({ shape, values, most, signed }, { firstChild }, map) {
  paint(firstChild, (i) => {
    const share = values[i * shape[2] + map] / most;
    const [red, green, blue] = !signed ? BLACK : share > 0 ? ORANGE : PURPLE;
    return [red, green, blue, 255 * Math.abs(share)];
  });
}

// "row 3–5, column 4–6, map 0–31"
const words = (part, shape) => ["row", shape[0] > 1 ? "column" : "number", "map"]
  .map((name, axis) => `${name} ${[...new Set(part[axis])].join("–")}`)
  .filter((_, axis) => shape[axis] > 1).join(", ");

// Frame the chosen number, and all numbers before that it comes from.
function follow() {
  for (const stage of stages) stage.part = undefined;
  chosen.part = chosen.place.map((n) => [n, n]);
  for (const stage of [...stages].reverse()) {
    for (const earlier of stage.part && stage.before ? stage.before.map((b) => stages[b]) : []) {
      earlier.part = source(stage, stage.part, earlier.shape, stage.shape) ?? earlier.part;
    }
  }
  let before; // where it comes from, in words
  for (const stage of stages.filter(({ node }) => node)) {
    const { place, shape, large, small } = stage;
    const [[top, bottom], [left, right], [from, to]] = stage.part ?? Array(3).fill([0, -1]);
    const inset = [top / shape[0], 1 - (right + 1) / shape[1], 1 - (bottom + 1) / shape[0],
      left / shape[1]].map((side) => `${100 * side}%`);
    put(stage.node, { style: `--inset: ${inset.join(" ")}` });
    if (from === to) place[2] = from;
    draw(stage, large, place[2]);
    large.classList.toggle("framed", to >= 0);
    small.forEach((one, map) => {
      one.classList.toggle("framed", from <= map && map <= to);
      one.classList.toggle("shown", map === place[2]);
    });
    const pixel = place[0] * shape[1] + place[1];
    const value = short(stage.values[pixel * shape[2] + place[2]], 3);
    const text = `${words(place.map((n) => [n, n]), shape)}: ${value}${
      stage === chosen && before ? `, from ${before}` : ""}`;
    put(large, { "aria-valuenow": pixel, "aria-valuetext": text });
    before = stage.part ? words(stage.part, shape) : before;
    write(stage.said, stage === chosen ? text : stage.part ? before : "");
  }
  bars.forEach((bar, k) => bar.classList.toggle("framed",
    chosen === stages.at(-1) && chosen.place[1] === k));
}
