// Lesson 3: a network of a few hidden units learns to tell two classes of points apart.
import {
  begin, button, changed, choice, element, fixed, onKey, put, spot, sum, write,
} from "./touch.js";

const sigmoid = (z) => 1 / (1 + Math.exp(-z));
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
  let [velocity, square, step] = [[], [], 0];
  return function after(net, points, classes) {
    const slopes = gradient(net, points, classes);
    const all = [...slopes.hidden.flat(), slopes.bias];
    step += 1;
    velocity = all.map((g, i) => 0.9 * (velocity[i] ?? 0) + 0.1 * g);
    square = all.map((g, i) => 0.999 * (square[i] ?? 0) + 0.001 * g * g);
    const rate = learning_rate * Math.sqrt(1 - 0.999 ** step) / (1 - 0.9 ** step);
    const moves = all.map((_, i) => -rate * velocity[i] / (Math.sqrt(square[i]) + 1e-7));
    return {
      ...net, bias: net.bias + moves.at(-1),
      hidden: net.hidden.map((row, u) => row.map((w, i) => w + moves[4 * u + i])),
    };
  };
}

const SIDE = 300; // of the picture; it shows the plane from -EDGE to EDGE
const EDGE = 1.5;
const CELLS = 100; // in a row of its ground
const place = ([x, y]) => [SIDE / 2 * (1 + x / EDGE), SIDE / 2 * (1 - y / EDGE)];

function render({ model, el }) {
  const { state, drawn } = begin({ model, el }, draw);
  const canvas = element("canvas", { width: CELLS, height: CELLS, "aria-hidden": "true" });
  const lines = element("g");
  const dots = element("g");
  const overlay = element("svg", { viewBox: `0 0 ${SIDE} ${SIDE}`, role: "group",
    "aria-label": "points: arrow keys move one, Enter goes to the next" },
  lines, dots);
  const said = element("p", { role: "status" });
  const [activation, drawChoice] = choice("activation", Object.keys(ACTIVATIONS),
    () => state.activation, (word) => { state.activation = word; restart(); });
  const train = button("Train", () => (running ? stop() : start()));
  const more = button("+ unit", () => { state.hidden = [...state.hidden, fresh()]; restart(); });
  const less = button("− unit", () => { state.hidden = state.hidden.slice(0, -1); restart(); });
  const anew = button("New weights", () => {
    state.hidden = state.hidden.map(fresh);
    state.bias = 0;
    restart();
  });
  el.append(element("div", { class: "row" },
    element("div", { class: "plane" }, canvas, overlay),
    element("div", { class: "beside" }, said, element("p", {}, train, anew),
      element("p", {}, less, more), element("p", {}, activation),
      element("p", { class: "hint" },
        "Drag a point. A dashed line: there the sum of one hidden unit is 0."))));

  const normal = () => Math.sqrt(-2 * Math.log(1 - Math.random()))
    * Math.cos(2 * Math.PI * Math.random());
  const fresh = () => Array.from({ length: 4 }, normal);
  let running = null; // the network while it trains: Python is told at the end
  let after = adam();
  let steps = 0;
  const net = () => running ?? {
    hidden: state.hidden, bias: state.bias, activation: state.activation,
  };
  const points = () => state.points.slice(0, state.classes.length);
  function restart() {
    after = adam();
    steps = 0;
    if (running) running = { ...net(), hidden: state.hidden, bias: state.bias,
      activation: state.activation };
    draw();
  }
  function frame() {
    if (!running || !el.isConnected) return;
    for (let i = 0; i < 2; i++) running = after(running, points(), state.classes);
    steps += 2;
    draw();
    requestAnimationFrame(frame);
  }
  function start() {
    running = net();
    if (!matchMedia("(prefers-reduced-motion: reduce)").matches) return frame();
    for (let i = 0; i < 300; i++) running = after(running, points(), state.classes);
    steps += 300;
    return stop();
  }
  function stop() {
    const { hidden, bias } = running;
    running = null;
    state.hidden = hidden;
    state.bias = bias;
    draw();
  }

  let moved = []; // what draws each point
  function build() {
    dots.replaceChildren();
    moved = points().map((_, n) => {
      const shape = state.classes[n] ? element("rect", { x: -7, y: -7, width: 14, height: 14 })
        : element("circle", { r: 8 });
      const node = element("g", {}, shape);
      const number = `point ${n + 1} of ${points().length}, class ${state.classes[n]}`;
      const drawSpot = spot(node, {
        label: number, step: 0.05, limits: [[-EDGE, EDGE], [-EDGE, EDGE]],
        get: () => state.points[n],
        set: (point) => { state.points = changed(state.points, [n], point); },
        to: (x, y) => [EDGE * (2 * x / SIDE - 1), EDGE * (1 - 2 * y / SIDE)],
      });
      node.tabIndex = n ? -1 : 0;
      node.classList.add(state.classes[n] ? "one" : "zero");
      dots.append(node);
      return () => {
        drawSpot();
        put(node, { transform: `translate(${place(state.points[n])})` });
      };
    });
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
  function paint(now) {
    const context = canvas.getContext("2d");
    const image = context.createImageData(CELLS, CELLS);
    const at = (cell) => EDGE * (2 * (cell + 0.5) / CELLS - 1);
    const z = new Float64Array(CELLS * CELLS);
    z.forEach((_, i) => {
      z[i] = output(now, at(i % CELLS), -at(Math.floor(i / CELLS)));
    });
    z.forEach((value, i) => {
      const edge = value > 0 !== z[i + 1] > 0 && (i + 1) % CELLS
        || value > 0 !== z[i + CELLS] > 0 && i + CELLS < z.length;
      const sure = Math.abs(2 * sigmoid(value) - 1);
      const colour = edge ? [128, 128, 128] : value > 0 ? [230, 126, 34] : [52, 131, 200];
      image.data.set([...colour, edge ? 255 : 40 + 90 * sure], 4 * i);
    });
    context.putImageData(image, 0, 0);
  }

  let built = "";
  function draw() {
    const size = state.classes.join("") + points().length;
    if (size !== built) build();
    built = size;
    for (const move of moved) move();
    const now = net();
    paint(now);
    lines.replaceChildren(...now.hidden.map(([a, b, c]) => {
      const long = a * a + b * b || 1e-9;
      const [x, y] = [-a * c / long, -b * c / long]; // on the line, nearest to 0, 0
      const far = 9 / Math.sqrt(long);
      const [x1, y1] = place([x - far * b, y + far * a]);
      const [x2, y2] = place([x + far * b, y - far * a]);
      return element("line", { x1, y1, x2, y2 });
    }));
    const right = sum(points().map(([x, y], n) =>
      (output(now, x, y) > 0) === (state.classes[n] > 0) ? 1 : 0));
    const { loss } = gradient(now, points(), state.classes);
    said.setAttribute("aria-live", running ? "off" : "polite");
    write(said, `${now.hidden.length} hidden unit${now.hidden.length > 1 ? "s" : ""}, ${
      steps} steps: loss ${fixed(loss, 3)}, ${right} of ${points().length} right`);
    drawChoice();
    write(train, running ? "Stop" : "Train");
    less.disabled = now.hidden.length === 1;
    more.disabled = now.hidden.length === 8;
  }
  drawn();
  return () => { running = null; };
}

export default { render };
