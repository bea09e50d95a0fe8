// Lesson 3: a network of a few hidden units learns to tell two classes of points apart.
import {
  button, calm, choice, element, figure, fixed, onKey, onPlane, optimizer, paint,
  paragraph, put, sigmoid, spot, sum, write,
} from "./touch.js";

// Each function, and its slope where its value is a.
const ACTIVATIONS = {
  none: [(z) => z, () => 1],
  tanh: [Math.tanh, (a) => 1 - a * a],
  ReLU: [(z) => Math.max(0, z), (a) => (a > 0 ? 1 : 0)],
  sigmoid: [sigmoid, (a) => a * (1 - a)],
};

// net: { hidden, bias, activation }; hidden has a row for each unit: its two weights,
// its bias, the weight of its activation in the output.
export function output({ hidden, bias, activation }, x, y) {
  const [act] = ACTIVATIONS[activation];
  let z = bias;
  for (const [a, b, c, v] of hidden) z += v * act(a * x + b * y + c);
  return z; // its sigmoid is the probability of class 1
}

// The mean cross-entropy over all points, and its slopes in all weights.
export function gradient(net, points, classes) {
  const [act, slopeOf] = ACTIVATIONS[net.activation];
  const hidden = net.hidden.map(() => [0, 0, 0, 0]);
  let [loss, bias] = [0, 0];
  points.forEach(([x, y], n) => {
    const z = output(net, x, y);
    loss += Math.max(z, 0) - z * classes[n] + Math.log1p(Math.exp(-Math.abs(z)));
    const signal = sigmoid(z) - classes[n];
    bias += signal;
    net.hidden.forEach(([a, b, c, v], unit) => {
      const h = act(a * x + b * y + c);
      const back = signal * v * slopeOf(h);
      const slopes = [back * x, back * y, back, signal * h];
      slopes.forEach((slope, i) => { hidden[unit][i] += slope; });
    });
  });
  const mean = (value) => value / points.length;
  return { loss: mean(loss), bias: mean(bias), hidden: hidden.map((row) => row.map(mean)) };
}

// Adam, as in lesson 6. Returns a function: a network, one step later.
export function adam(learning_rate = 0.05) {
  const step = optimizer("Adam", learning_rate);
  const flat = ({ hidden, bias }) => [...hidden.flat(), bias];
  return function after(net, points, classes) {
    const weights = step(flat(net), flat(gradient(net, points, classes)));
    return {
      activation: net.activation, bias: weights.pop(),
      hidden: net.hidden.map((_, unit) => weights.slice(4 * unit, 4 * unit + 4)),
    };
  };
}

const SIDE = 300; // of the picture
const EDGE = 1.5; // it shows the plane from -EDGE to EDGE
const PLANE = { centre: [150, 150], scale: [100, 100], reach: [EDGE, EDGE] };
const CELLS = 100; // in a row of its ground

export default figure((el, state, drawn) => {
  const canvas = element("canvas", { width: CELLS, height: CELLS, "aria-hidden": "true" });
  const lines = element("g");
  const dots = element("g");
  const overlay = element("svg", { viewBox: `0 0 ${SIDE} ${SIDE}`, role: "group",
    "aria-label": "points: arrow keys move one, Enter goes to the next" }, lines, dots);
  const said = element("p", { role: "status" });
  const train = button("Train", turn);
  const more = button("+ unit", () => restart([...state.hidden, fresh()]));
  const less = button("− unit", () => restart(state.hidden.slice(0, -1)));
  const anew = button("New weights", () => restart(state.hidden.map(fresh), 0));
  el.append(element("div", { class: "row" },
    element("div", { class: "plane" }, canvas, overlay),
    element("div", { class: "beside" }, said, paragraph(train, anew), paragraph(less, more),
      paragraph(choice(state, "activation", "activation", Object.keys(ACTIVATIONS), restart)),
      element("p", { class: "hint" },
        "Drag a point. A dashed line: there the sum of one hidden unit is 0."))));

  const normal = () => Math.sqrt(-2 * Math.log(1 - Math.random()))
    * Math.cos(2 * Math.PI * Math.random());
  const fresh = () => Array.from({ length: 4 }, normal);
  const points = () => state.points.slice(0, state.classes.length);
  let training = false;
  let net = state; // while it trains, another: Python is told at the end
  let after = adam();
  let steps = 0;
  function give(hidden, bias) {
    net = state;
    state.hidden = hidden;
    state.bias = bias;
    drawn();
  }
  function restart(hidden = state.hidden, bias = state.bias) {
    [after, steps] = [adam(), 0];
    give(hidden, bias);
  }
  function learn(count) {
    for (let i = 0; i < count; i++) net = after(net, points(), state.classes);
    steps += count;
  }
  function turn() { // Train, or Stop
    training = !training;
    if (training && !calm()) return frame();
    if (training) learn(300);
    training = false;
    return give(net.hidden, net.bias);
  }
  function frame() {
    if (!training || !el.isConnected) return;
    learn(2);
    drawn();
    requestAnimationFrame(frame);
  }

  function build() {
    dots.replaceChildren(...points().map((_, n) => {
      const one = state.classes[n];
      const node = element("g", {}, one
        ? element("rect", { x: -7, y: -7, width: 14, height: 14 })
        : element("circle", { r: 8 }));
      const label = `point ${n + 1} of ${points().length}, class ${one}`;
      spot(node, state, ["points", n], { label, step: 0.05, plane: PLANE });
      node.tabIndex = n ? -1 : 0;
      node.classList.toggle("one", one);
      return node;
    }));
  }
  onKey(dots, (key, { target: point, shiftKey }) => {
    if (key !== "Enter") return false;
    const next = shiftKey ? point.previousSibling ?? dots.lastChild
      : point.nextSibling ?? dots.firstChild;
    point.tabIndex = -1;
    next.tabIndex = 0;
    next.focus();
    return true;
  });

  // The ground: how sure the network is at each place, and a line where it is not.
  function ground() {
    const { hidden, bias, activation } = net; // read once for all cells
    const at = (cell) => EDGE * (2 * (cell + 0.5) / CELLS - 1);
    const z = Float64Array.from({ length: CELLS * CELLS }, (_, i) =>
      output({ hidden, bias, activation }, at(i % CELLS), -at(Math.floor(i / CELLS))));
    paint(canvas, (i) => {
      const value = z[i];
      const edge = value > 0 !== z[i + 1] > 0 && (i + 1) % CELLS
        || value > 0 !== z[i + CELLS] > 0 && i + CELLS < z.length;
      const sure = Math.abs(2 * sigmoid(value) - 1);
      const colour = edge ? [128, 128, 128] : value > 0 ? [230, 126, 34] : [52, 131, 200];
      return [...colour, edge ? 255 : 40 + 90 * sure];
    });
  }

  function draw() {
    ground();
    lines.replaceChildren(...net.hidden.map(([a, b, c]) => {
      const long = a * a + b * b || 1e-9;
      const [x, y] = [-a * c / long, -b * c / long]; // on the line, nearest to 0, 0
      const far = 9 / Math.sqrt(long);
      const [x1, y1] = onPlane(PLANE, [x - far * b, y + far * a]);
      const [x2, y2] = onPlane(PLANE, [x + far * b, y - far * a]);
      return element("line", { x1, y1, x2, y2 });
    }));
    const right = sum(points().map(([x, y], n) =>
      (output(net, x, y) > 0) === (state.classes[n] > 0) ? 1 : 0));
    const { loss } = gradient(net, points(), state.classes);
    said.setAttribute("aria-live", training ? "off" : "polite");
    write(said, `${net.hidden.length} hidden unit${net.hidden.length > 1 ? "s" : ""}, ${
      steps} steps: loss ${fixed(loss, 3)}, ${right} of ${points().length} right`);
    write(train, training ? "Stop" : "Train");
    put(less, { "aria-disabled": net.hidden.length === 1 });
    put(more, { "aria-disabled": net.hidden.length === 8 });
  }
  return { draw, parts: () => state.classes.join("") + points().length, build };
});
