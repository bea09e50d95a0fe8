// Lesson 6: the 2-2-2 network, forward and backward, one number at a time.
import {
  button, dial, element, figure, fixed, knob, paragraph, put, short, sigmoid, sum, within,
  write,
} from "./touch.js";

const both = (value) => [value(0), value(1)];

// net: { x, t, W1, W2, b1, b2 }; W1[i][k] leads from input i to hidden unit k.
export function forward({ x, t, W1, W2, b1, b2 }) {
  const layer = (inputs, W, b) =>
    both((k) => sigmoid(inputs[0] * W[0][k] + inputs[1] * W[1][k] + b));
  const h = layer(x, W1, b1);
  const o = layer(h, W2, b2);
  const E = both((k) => (o[k] - t[k]) ** 2 / 2);
  return { h, o, E, total: sum(E) };
}

// The error signals of the units, and the slopes of the total error.
export function backward(net) {
  const { h, o } = forward(net);
  const signal_o = both((k) => (o[k] - net.t[k]) * o[k] * (1 - o[k]));
  const paths = both((i) => sum(both((k) => net.W2[i][k] * signal_o[k])));
  const signal_h = both((i) => paths[i] * h[i] * (1 - h[i]));
  const outer = (sources, signals) => both((i) => both((k) => sources[i] * signals[k]));
  return {
    signal_o, signal_h, paths, W1: outer(net.x, signal_h), W2: outer(h, signal_o),
    b1: sum(signal_h), b2: sum(signal_o),
  };
}

// The weights after one step of gradient descent.
export function update(net, learning_rate) {
  const slopes = backward(net);
  const [W1, W2] = ["W1", "W2"].map((W) => both((i) => both(
    (k) => net[W][i][k] - learning_rate * slopes[W][i][k])));
  return { W1, W2 };
}

// The four weights of a layer: each leads from its unit i to unit k of the next.
const index = (n) => "₁₂₃₄₅₆₇₈"[n];
const leaving = (layer) => both((k) => both((i) => {
  const n = 4 * layer + 2 * k + i;
  return { k, i, at: `w${n}`, name: `w${index(n)}`, label: `weight ${n + 1}` };
})).flat();

// All numbers in the order in which they are computed: where, what, and how.
function story({ x, t, W1, W2, b1, b2, learning_rate }) {
  const net = { x, t, W1, W2, b1, b2 };
  const { h, o, E, total } = forward(net);
  const { signal_o, signal_h, paths } = backward(net);
  const after = forward({ ...net, ...update(net, learning_rate) }).total;
  const unit = (name, value, inputs, W, b) => both((k) => ({
    at: `${name}${k}`, value: fixed(value[k], 3),
    how: `${name}${index(k)} = sigmoid(${both((i) =>
      `${short(inputs[i], 3)} × ${short(W[i][k], 3)}`).join(" + ")} + ${short(b)}) = ${
      fixed(value[k], 4)}`,
  }));
  const signal = (name, value, how) => both((k) => ({
    at: `s${name}${k}`, value: fixed(value[k], 4),
    how: `signal of ${name}${index(k)} = ${how(k)} = ${fixed(value[k], 6)}`,
  }));
  const slope = (layer, sources, signals) => leaving(layer).map(({ k, i, at, name }) => ({
    at, value: fixed(sources[i] * signals[k], 4),
    how: `slope in ${name} = source × signal = ${fixed(sources[i], 4)} × ${
      fixed(signals[k], 4)} = ${fixed(sources[i] * signals[k], 6)}`,
  }));
  return [
    ...unit("h", h, x, W1, b1), ...unit("o", o, h, W2, b2),
    ...both((k) => ({
      at: `E${k}`, value: fixed(E[k], 4),
      how: `E${index(k)} = (${fixed(o[k], 4)} − ${short(t[k])})² / 2 = ${fixed(E[k], 6)}`,
    })),
    { at: "T", value: `total ${fixed(total, 4)}`,
      how: `total error = ${fixed(E[0], 4)} + ${fixed(E[1], 4)} = ${fixed(total, 6)}` },
    ...signal("o", signal_o, (k) => `(o − t) × o (1 − o) = ${
      fixed(o[k] - t[k], 4)} × ${fixed(o[k] * (1 - o[k]), 4)}`),
    ...slope(1, h, signal_o),
    ...signal("h", signal_h, (i) => `(${both((k) =>
      `${short(W2[i][k], 3)} × ${fixed(signal_o[k], 4)}`).join(" + ")
    }) × h (1 − h) = ${fixed(paths[i], 4)} × ${fixed(h[i] * (1 - h[i]), 4)}`),
    ...slope(0, x, signal_h),
    { at: "new", value: "",
      how: `new w = w − ${short(learning_rate)} × slope, for all eight: the error goes `
        + `from ${fixed(total, 6)} to ${fixed(after, 6)}` },
  ];
}
const FORWARD = 7; // so many of them are the way forward
const ALL = 20;

// Where the units stand: from left to right, and on a phone from top to bottom.
const WIDE = {
  size: [720, 310], at: (layer, unit) => [45 + 205 * layer, 55 + 190 * unit],
  straight: () => [0, -12], crossing: [0.32, 0.32], total: [660, 150],
};
const NARROW = {
  size: [340, 540], at: (layer, unit) => [83 + 174 * unit, 30 + 150 * layer],
  straight: (unit) => [unit ? 39 : -39, 0], crossing: [0.4, 0.72], total: [170, 440],
};

export default figure((el, state) => {
  const picture = element("svg", { role: "group", "aria-label": "the network" });
  const said = element("p", { role: "status" });
  const go = (text, step) =>
    button(text, () => { state.step = within(step(), 0, ALL); });
  const next = go("Next", () => state.step + 1);
  const take = button("Take the step", () => {
    const { W1, W2 } = update(state, state.learning_rate);
    state.W1 = W1;
    state.W2 = W2;
    state.step = FORWARD;
  });
  el.append(picture, said, paragraph(
    next, go("Back", () => state.step - 1), go("All", () => ALL),
    dial(state, "learning_rate", { min: 0, max: 20, step: 0.1 }), take),
  element("p", { class: "hint" }, "Drag a blue number: a weight, an input, a target."));

  const add = (...made) => {
    picture.append(element(...made));
    return picture.lastChild;
  };
  // A text in the picture, in the middle of a place.
  const say = (x, y, kind = "", words = "") => add("text", { x, y, class: kind }, words);
  // A number of the state to drag, with its name.
  const number = (x, y, path, label, name = "") => {
    const text = element("tspan");
    const hit = element("rect",
      { x: x - 36, y: y - 20, width: 72, height: 30, class: "hit", "fill-opacity": 0 });
    knob(add("g", {}, hit, element("text", { x, y }, `${name} `, text)), state, path,
      { label, min: -10, max: 10, step: 0.05, digits: 3, text });
  };
  let texts;
  const layout = () => (el.clientWidth && el.clientWidth < 560 ? NARROW : WIDE);
  function build() {
    const { size, at, straight, crossing, total } = layout();
    put(picture, { viewBox: `0 0 ${size.join(" ")}` });
    picture.replaceChildren();
    texts = {};
    const line = ([x1, y1], [x2, y2]) => add("line", { x1, y1, x2, y2 });
    for (const layer of [0, 1]) {
      for (const { k, i } of leaving(layer)) line(at(layer, i), at(layer + 1, k));
    }
    both((k) => line(at(2, k), at(3, k)));
    [..."xhoE"].forEach((name, layer) => both((k) => {
      const [x, y] = at(layer, k);
      if (name === "E") add("rect", { x: x - 40, y: y - 24, width: 80, height: 48, rx: 6 });
      else add("circle", { cx: x, cy: y, r: 29 });
      say(x, y - 4, "name", `${name}${index(k)}`);
      if (name === "x") number(x, y + 15, ["x", k], `input ${k + 1}`);
      else texts[`${name}${k}`] = say(x, y + 15);
      if (name === "E") number(x, y + 43, ["t", k], `target ${k + 1}`, "target");
      else if (name !== "x") texts[`s${name}${k}`] = say(x, y + 45, "slope");
    }));
    for (const layer of [0, 1]) {
      for (const { k, i, at: place, name, label } of leaving(layer)) {
        const [from, to] = [at(layer, i), at(layer + 1, k)];
        const [share, aside] = i === k ? [0.5, straight(k)] : [crossing[i], [0, 0]];
        const [x, y] = both((axis) =>
          from[axis] + share * (to[axis] - from[axis]) + aside[axis]);
        number(x, y, [`W${layer + 1}`, i, k], label, name);
        texts[place] = say(x, y + 18 + (aside[1] ? 12 : 0), "slope");
      }
      number(...at(layer + 1, 0.5), [`b${layer + 1}`], `bias ${layer + 1}`,
        `b${index(layer)}`);
    }
    texts.T = say(...total, "name");
  }

  function draw() {
    const all = story(state);
    all.slice(0, -1).forEach(({ at, value }, i) => {
      write(texts[at], i < state.step ? value : "");
      texts[at].classList.toggle("now", i === state.step - 1);
    });
    if (state.step === ALL) {
      const { W1, W2 } = update(state, state.learning_rate);
      [W1, W2].forEach((W, layer) => leaving(layer).forEach(({ k, i, at }) =>
        write(texts[at], fixed(W[i][k], 4))));
    }
    write(said, state.step ? all[state.step - 1].how
      : "Press Next: the inputs go forward, then the slopes come back.");
    put(next, { "aria-disabled": state.step === ALL });
    put(take, { "aria-disabled": state.step < ALL });
  }
  return { draw, parts: layout, build };
});
