// Lesson 6: a ball rolls down a valley, steep across and flat along.
import {
  choice, dial, element, figure, onPlane, optimizer, paragraph, put, short, spot, write,
} from "./touch.js";

export const loss = ([a, b]) => a ** 2 / 2 + 10 * b ** 2;
export const slope = ([a, b]) => [a, 20 * b];

// All places that an optimiser visits; it stops beyond 1e6.
export function path({ start, optimizer: name, learning_rate, momentum, steps }) {
  const places = [start];
  const after = optimizer(name, learning_rate, momentum);
  while (places.length <= steps && Math.max(...places.at(-1).map(Math.abs)) <= 1e6) {
    places.push(after(places.at(-1), slope(places.at(-1))));
  }
  return places;
}

const LOW = 0.01; // a loss that is low enough
const PLANE = { centre: [170, 100], scale: [33, 48], reach: [5, 2] };
const LEVELS = [0.2, 0.8, 2.5, 6, 12, 22, 36];

export default figure((el, state) => {
  const [[cx, cy], [x, y]] = [PLANE.centre, PLANE.scale];
  const line = element("polyline", { class: "path" });
  const dots = element("g", { class: "path" });
  const picture = element("svg",
    { viewBox: `0 0 ${2 * cx} ${2 * cy}`, role: "group", "aria-label": "the valley" },
    ...LEVELS.map((level) => element("ellipse",
      { cx, cy, rx: x * Math.sqrt(2 * level), ry: y * Math.sqrt(level / 10) })),
    element("text", { x: cx, y: cy + 5 }, "★"), line, dots,
    spot(element("g", {}, element("circle", { r: 9 })), state, ["start"],
      { label: "start: arrow keys move it", step: 0.1, plane: PLANE }));
  const said = element("p", { role: "status" });
  const kept = dial(state, "momentum", { min: 0, max: 0.98, step: 0.02 });
  el.append(picture, said, paragraph(
    choice(state, "optimizer", "optimiser", ["SGD", "momentum", "Adam"]),
    dial(state, "learning_rate", { min: 0.001, max: 3, step: 0, digits: 3 }), kept,
    dial(state, "steps", { min: 1, max: 200 })),
  element("p", { class: "hint" }, "Drag the ball to another start. Drag a blue number."));

  function draw() {
    const places = path(state);
    const gone = places.findIndex((place) =>
      place.some((w, i) => Math.abs(w) > PLANE.reach[i]));
    const shown = gone < 0 ? places : places.slice(0, gone + 1);
    const points = shown.map((place) => onPlane(PLANE, place).map((n) => n.toFixed(1)));
    put(line, { points: points.join(" ") });
    dots.replaceChildren(...points.slice(1).map(([cx, cy]) =>
      element("circle", { cx, cy, r: 3 })));
    kept.hidden = state.optimizer !== "momentum";
    const low = places.findIndex((place) => loss(place) < LOW);
    const end = loss(places.at(-1));
    const higher = end > loss(places[0]) ? ": it diverges" : "";
    write(said, low >= 0 ? `The loss is below ${LOW} after ${low} steps.`
      : gone >= 0 ? `It leaves the picture at step ${gone}${higher}.`
        : `After ${state.steps} steps the loss is ${short(end, 3)}.`);
  }
  return { draw };
});
