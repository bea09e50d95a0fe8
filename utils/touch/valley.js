// Lesson 6: a ball rolls down a valley, steep across and flat along.
import {
  begin, choice, dial, element, put, short, spot, write,
} from "./touch.js";

export const loss = ([a, b]) => a ** 2 / 2 + 10 * b ** 2;
export const slope = ([a, b]) => [a, 20 * b];

// All places that an optimiser visits, as Keras's would; it stops beyond 1e6.
export function path({ start, optimizer, learning_rate, momentum, steps }) {
  const places = [start];
  let velocity = [0, 0];
  let square = [0, 0]; // Adam's: the usual size of the gradient
  for (let step = 1; step <= steps; step++) {
    const w = places.at(-1);
    const g = slope(w);
    const each = (value) => [0, 1].map(value);
    let move;
    if (optimizer === "Adam") {
      velocity = each((i) => velocity[i] + (1 - 0.9) * (g[i] - velocity[i]));
      square = each((i) => square[i] + (1 - 0.999) * (g[i] ** 2 - square[i]));
      const rate = learning_rate * Math.sqrt(1 - 0.999 ** step) / (1 - 0.9 ** step);
      move = each((i) => -rate * velocity[i] / (Math.sqrt(square[i]) + 1e-7));
    } else {
      const kept = optimizer === "momentum" ? momentum : 0;
      velocity = each((i) => kept * velocity[i] - learning_rate * g[i]);
      move = velocity;
    }
    places.push(each((i) => w[i] + move[i]));
    if (Math.max(...places.at(-1).map(Math.abs)) > 1e6) break;
  }
  return places;
}

const LOW = 0.01; // a loss that is low enough
const [WIDTH, HEIGHT] = [340, 200];
const x = (a) => WIDTH / 2 + 33 * a;
const y = (b) => HEIGHT / 2 - 48 * b;
const inside = ([a, b]) => Math.abs(a) <= 5 && Math.abs(b) <= 2;

function render({ model, el }) {
  const { state, drawn } = begin({ model, el }, draw);
  const line = element("polyline", { class: "path" });
  const dots = element("g", { class: "path" });
  const ball = element("circle", { r: 9 });
  const rings = [0.2, 0.8, 2.5, 6, 12, 22, 36].map((level) => element("ellipse", {
    cx: x(0), cy: y(0), rx: 33 * Math.sqrt(2 * level), ry: 48 * Math.sqrt(level / 10),
  }));
  const picture = element("svg",
    { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "group", "aria-label": "the valley" },
    ...rings, element("text", { x: x(0), y: y(0) + 5 }, "★"), line, dots, ball);
  const drawBall = spot(ball, {
    label: "start: arrow keys move it", step: 0.1, limits: [[-5, 5], [-2, 2]],
    get: () => state.start, set: (point) => { state.start = point; },
    to: (px, py) => [(px - WIDTH / 2) / 33, (HEIGHT / 2 - py) / 48],
  });
  const said = element("p", { role: "status" });
  const [optimizer, drawChoice] = choice("optimiser", ["SGD", "momentum", "Adam"],
    () => state.optimizer, (word) => { state.optimizer = word; });
  const [rate, drawRate] = dial(state, "learning_rate", "learning rate",
    { min: 0.001, max: 3, step: 0, digits: 3 });
  const [momentum, drawMomentum] = dial(state, "momentum", "momentum",
    { min: 0, max: 0.98, step: 0.02 });
  const [steps, drawSteps] = dial(state, "steps", "steps", { min: 1, max: 200 });
  const kept = element("span", {}, " momentum ", momentum);
  el.append(picture, said, element("p", {}, optimizer, "learning rate ", rate, kept,
    " steps ", steps), element("p", { class: "hint" },
    "Drag the ball to another start. Drag a blue number."));

  function draw() {
    const places = path(Object.fromEntries(
      ["start", "optimizer", "learning_rate", "momentum", "steps"]
        .map((name) => [name, state[name]])));
    const gone = places.findIndex((place) => !inside(place));
    const shown = gone < 0 ? places : places.slice(0, gone + 1);
    const points = shown.map(([a, b]) => [x(a), y(b)].map((n) => n.toFixed(1)));
    put(line, { points: points.join(" ") });
    dots.replaceChildren(...points.slice(1).map(([cx, cy]) =>
      element("circle", { cx, cy, r: 3 })));
    put(ball, { cx: points[0][0], cy: points[0][1] });
    for (const each of [drawBall, drawChoice, drawRate, drawMomentum, drawSteps]) each();
    kept.hidden = state.optimizer !== "momentum";
    const low = places.findIndex((place) => loss(place) < LOW);
    const end = loss(places.at(-1));
    const higher = end > loss(places[0]) ? ": it diverges" : "";
    write(said, low >= 0 ? `The loss is below ${LOW} after ${low} steps.`
      : gone >= 0 ? `It leaves the picture at step ${gone}${higher}.`
        : `After ${state.steps} steps the loss is ${short(end, 3)}.`);
  }
  drawn();
}

export default { render };
