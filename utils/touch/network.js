// Lesson 6: the 2-2-2 network, forward and backward, one number at a time.
import {
  begin, button, changed, dial, element, fixed, knob, put, short, sum, write,
} from "./touch.js";

const sigmoid = (z) => 1 / (1 + Math.exp(-z));
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

// All numbers in the order in which they are computed: where, what, and how.
function story(net, learning_rate) {
  const { x, t, W1, W2, b1, b2 } = net;
  const { h, o, E, total } = forward(net);
  const slopes = backward(net);
  const unit = (name, value, inputs, W, b) => both((k) => ({
    at: `${name}${k}`, value: fixed(value[k], 3),
    how: `${name}${"₁₂"[k]} = sigmoid(${both((i) =>
      `${short(inputs[i], 3)} × ${short(W[i][k], 3)}`).join(" + ")} + ${short(b)}) = ${
      fixed(value[k], 4)}`,
  }));
  const slope = (W, sources, name, signals) => both((k) => both((i) => {
    const number = (W === "W1" ? 0 : 4) + 2 * k + i;
    return {
      at: `w${number}`, value: fixed(slopes[W][i][k], 4),
      how: `slope in w${"₁₂₃₄₅₆₇₈"[number]} = source × signal = ${
        fixed(sources[i], 4)} × ${fixed(signals[k], 4)} = ${
        fixed(slopes[W][i][k], 6)}`,
    };
  })).flat();
  const after = forward({ ...net, ...update(net, learning_rate) }).total;
  return [
    ...unit("h", h, x, W1, b1), ...unit("o", o, h, W2, b2),
    ...both((k) => ({
      at: `E${k}`, value: fixed(E[k], 4),
      how: `E${"₁₂"[k]} = (${fixed(o[k], 4)} − ${short(t[k])})² / 2 = ${fixed(E[k], 6)}`,
    })),
    { at: "T", value: fixed(total, 4),
      how: `total error = ${fixed(E[0], 4)} + ${fixed(E[1], 4)} = ${fixed(total, 6)}` },
    ...both((k) => ({
      at: `so${k}`, value: fixed(slopes.signal_o[k], 4),
      how: `signal of o${"₁₂"[k]} = (o − t) × o (1 − o) = ${
        fixed(o[k] - t[k], 4)} × ${fixed(o[k] * (1 - o[k]), 4)} = ${
        fixed(slopes.signal_o[k], 6)}`,
    })),
    ...slope("W2", h, "o", slopes.signal_o),
    ...both((i) => ({
      at: `sh${i}`, value: fixed(slopes.signal_h[i], 4),
      how: `signal of h${"₁₂"[i]} = (${both((k) =>
        `${short(W2[i][k], 3)} × ${fixed(slopes.signal_o[k], 4)}`).join(" + ")
      }) × h (1 − h) = ${fixed(slopes.paths[i], 4)} × ${
        fixed(h[i] * (1 - h[i]), 4)} = ${fixed(slopes.signal_h[i], 6)}`,
    })),
    ...slope("W1", x, "h", slopes.signal_h),
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
  straight: () => [0, -12], crossing: 0.32, total: [660, 150],
};
const NARROW = {
  size: [340, 530], at: (layer, unit) => [72 + 196 * unit, 30 + 150 * layer],
  straight: (unit) => [unit ? 38 : -38, 0], crossing: 0.34, total: [170, 523],
};

function render({ model, el }) {
  const { state, drawn } = begin({ model, el }, draw);
  const picture = element("svg", { role: "group", "aria-label": "the network" });
  const said = element("p", { role: "status" });
  const [rate, drawRate] = dial(state, "learning_rate", "learning rate",
    { min: 0, max: 20, step: 0.1 });
  const knobs = [drawRate];
  const go = (step) => () => { state.step = Math.max(0, Math.min(ALL, step())); };
  const next = button("Next", go(() => state.step + 1));
  const take = button("Take the step", () => {
    const { W1, W2 } = update(net(), state.learning_rate);
    state.W1 = W1;
    state.W2 = W2;
    state.step = FORWARD;
  });
  el.append(picture, said, element("p", {}, next,
    button("Back", go(() => state.step - 1)),
    button("All", go(() => ALL)), "learning rate ", rate, " ", take),
    element("p", { class: "hint" }, "Drag a blue number: a weight, an input, a target."));

  const net = () => Object.fromEntries(
    ["x", "t", "W1", "W2", "b1", "b2"].map((name) => [name, state[name]]));
  let texts, weights;

  // A text in the picture, in the middle of a place.
  function say(x, y, words = "", kind = "") {
    const made = element("text", { x, y, class: kind }, words);
    picture.append(made);
    return made;
  }
  // A number to drag with its name; it is state[name], or a number in it at `place`.
  function number(x, y, name, place, label, aria) {
    const value = element("tspan");
    const read = (values) => place.reduce((inside, i) => inside[i], values);
    const node = element("g", {}, element("text", { x, y }, `${label} `, value));
    knobs.push(knob(node, {
      label: aria, min: -10, max: 10, step: 0.05, digits: 3, text: value,
      get: () => read(state[name]),
      set: (given) => {
        state[name] = place.length ? changed(state[name], place, given) : given;
      },
    }));
    picture.append(node);
    return node;
  }

  function build({ size, at, straight, crossing, total }) {
    put(picture, { viewBox: `0 0 ${size.join(" ")}` });
    picture.replaceChildren();
    knobs.length = 1;
    texts = {};
    weights = [];
    const line = (from, to) => picture.append(element("line",
      { x1: from[0], y1: from[1], x2: to[0], y2: to[1] }));
    for (const layer of [0, 1, 2]) {
      for (const k of [0, 1]) {
        const end = layer < 2 ? [0, 1] : [k];
        for (const i of end) line(at(layer, i), at(layer + 1, k));
      }
    }
    for (const layer of [0, 1, 2, 3]) {
      for (const k of [0, 1]) {
        const [x, y] = at(layer, k);
        const name = "xhoE"[layer];
        const shape = layer === 3 ? { x: x - 40, y: y - 24, width: 80, height: 48 } : {};
        picture.append(layer === 3 ? element("rect", { ...shape, rx: 6 })
          : element("circle", { cx: x, cy: y, r: 29 }));
        say(x, y - 4, `${name}${"₁₂"[k]}`, "name");
        if (layer) texts[`${name}${k}`] = say(x, y + 15);
        else number(x, y + 15, "x", [k], "", `input ${k + 1}`);
        if (layer === 1 || layer === 2) texts[`s${name}${k}`] = say(x, y + 45, "", "slope");
        if (layer === 3) number(x, y + 43, "t", [k], "target", `target ${k + 1}`);
      }
    }
    for (const layer of [0, 1]) {
      for (const k of [0, 1]) {
        for (const i of [0, 1]) {
          const [from, to] = [at(layer, i), at(layer + 1, k)];
          const aside = i === k ? straight(k) : [0, 0];
          const [x, y] = [0, 1].map((axis) =>
            from[axis] + (i === k ? 0.5 : crossing) * (to[axis] - from[axis]) + aside[axis]);
          const index = 4 * layer + 2 * k + i;
          number(x, y, `W${layer + 1}`, [i, k], `w${"₁₂₃₄₅₆₇₈"[index]}`,
            `weight ${index + 1}`);
          texts[`w${index}`] = say(x, y + 18 + (aside[1] ? 12 : 0), "", "slope");
          weights.push([`w${index}`, `W${layer + 1}`, i, k]);
        }
      }
      number(...at(layer + 1, 0.5), `b${layer + 1}`, [], `b${"₁₂"[layer]}`,
        `bias ${layer + 1}`);
    }
    texts.T = say(...total, "", "name");
  }

  let shown = null;
  function draw() {
    const layout = el.clientWidth && el.clientWidth < 560 ? NARROW : WIDE;
    if (layout !== shown) build(layout);
    shown = layout;
    const all = story(net(), state.learning_rate);
    all.forEach(({ at, value }, i) => {
      if (!texts[at]) return;
      const words = at === "T" ? `total ${value}` : value;
      write(texts[at], i < state.step ? words : "");
      texts[at].classList.toggle("now", i === state.step - 1);
    });
    if (state.step === ALL) {
      const changed = update(net(), state.learning_rate);
      for (const [at, W, i, k] of weights) write(texts[at], fixed(changed[W][i][k], 4));
    }
    for (const knob of knobs) knob();
    write(said, state.step ? all[state.step - 1].how
      : "Press Next: the inputs go forward, then the slopes come back.");
    next.disabled = state.step === ALL;
    take.disabled = state.step < ALL;
  }
  drawn();
  new ResizeObserver(draw).observe(el);
}

export default { render };
