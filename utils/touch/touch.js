// What all figures share: elements, numbers that one drags, tables that one walks in.
// A figure's module is read after this file, as one text: in a notebook, on a page, on
// a slide (utils/touch/__init__.py). So are the pad and the page to take home.

const SVG = "svg g line circle ellipse rect text tspan polyline".split(" ");

export function element(name, attributes = {}, ...children) {
  const space = SVG.includes(name) ? "2000/svg" : "1999/xhtml";
  const made = document.createElementNS(`http://www.w3.org/${space}`, name);
  put(made, attributes);
  made.append(...children);
  return made;
}

export function put(node, attributes) {
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
}

// Write a text where it is another one: a screen reader reads out all that is written.
export function write(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

export const paragraph = (...children) => element("p", {}, ...children);

export const fixed = (value, digits) => value.toFixed(digits).replace("-", "−");
export const short = (value, digits = 2) =>
  String(Number(value.toFixed(digits)) + 0).replace("-", "−");
export const sum = (numbers) => numbers.reduce((a, b) => a + b, 0);
export const sigmoid = (z) => 1 / (1 + Math.exp(-z));
export const within = (value, low, high) =>
  Number(Math.min(high, Math.max(low, value)).toPrecision(12));
export const table = (rows, columns, value) =>
  Array.from({ length: rows }, (_, i) =>
    Array.from({ length: columns }, (_, j) => value(i, j)));

// A number or list in the state, where path leads: ["kernel", 1, 0] to kernel[1][0].
const read = (state, path) => path.reduce((inside, key) => inside[key], state);
export function assign(state, [name, ...path], value) {
  const changed = (old, [first, ...rest]) => (first === undefined ? value
    : old.map((inner, i) => (i === first ? changed(inner, rest) : inner)));
  state[name] = changed(state[name], path);
}

// Orange above zero, purple below, as in the still figures; ink for what has no sign.
export function tint(value, limit, ink = false) {
  const share = Math.min(1, Math.abs(value) / limit) || 0;
  const colour = ink ? "ink" : value > 0 ? "plus" : "minus";
  return `color-mix(in srgb, var(--${colour}) ${40 * share}%, transparent)`;
}

// Paint a canvas, row by row: colour(i) is [red, green, blue, opacity] of pixel i.
export function paint(canvas, colour) {
  const { width, height } = canvas;
  const pixels = new Uint8ClampedArray(4 * width * height);
  for (let i = 0; i < width * height; i++) pixels.set(colour(i), 4 * i);
  canvas.getContext("2d").putImageData(new ImageData(pixels, width), 0, 0);
}

export const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

// A figure as anywidget wants it. make(el, state, drawn) fills the element and returns
// { draw, parts, build, stop }. The state is Python's: state.kernel reads, state.kernel =
// ... sets it, and drawn() is called; so it is when Python sets it. drawn() calls build()
// if parts() is not what it was, then draw(), then show() of each control: a knob, a spot
// or a choice. stop() comes at the end.
export const figure = (make) => ({
  render({ model, el }) {
    el.classList.add("touch");
    el.addEventListener("keydown", (event) => { // JupyterLab's own run the cell, no more
      event.target.toggleAttribute("data-lm-suppress-shortcuts", event.key !== "Enter");
      if (event.key === " ") event.stopPropagation(); // for a button; no slide turns
    });
    const look = () => {
      if (!el.isConnected) return;
      const [red] = getComputedStyle(el).color.match(/\d+/g);
      el.classList.toggle("dark", red > 127); // the page writes in a light colour
    };
    el.addEventListener("transitionend", look); // it writes in another one now
    const state = new Proxy({}, {
      get: (_, name) => model.get(name),
      set(_, name, value) {
        model.set(name, value);
        model.save_changes();
        return true;
      },
    });
    let built;
    const drawn = () => {
      look();
      if (built !== parts?.()) build();
      built = parts?.();
      draw();
      for (const node of el.querySelectorAll("button, [role=slider]")) node.show?.();
    };
    const { draw, parts, build, stop } = make(el, state, drawn);
    model.on("change", drawn);
    new ResizeObserver(drawn).observe(el); // JupyterLab shows it later
    drawn();
    return stop;
  },
});

// A figure on a page, without Python.
export function mount(name, { render }, state) {
  const el = document.querySelector(`[data-touch="${name}"]`);
  el.removeAttribute("data-touch");
  const model = {
    get: (key) => state[key],
    set(key, value) { state[key] = value; },
    on(_, drawn) { model.save_changes = drawn; },
  };
  render({ model, el });
}

export function onKey(node, use) {
  node.addEventListener("keydown", (event) => {
    if (!use(event.key, event)) return;
    event.preventDefault();
    event.stopPropagation(); // a slide would turn
  });
}

// Make of a node a slider that one can hold: with the keys for which use(key) is true,
// with a mouse, and with a finger, which drags it and not the page (touch-action fails
// on SVG's shapes). down(event) comes first, then move(event, first), at last up().
function slider(node, kind, label, [min, max],
  { use, move, down = () => {}, up = () => {} }) {
  put(node, { role: "slider", tabindex: 0, class: kind, "aria-label": label,
    "aria-valuemin": min, "aria-valuemax": max });
  onKey(node, use);
  node.addEventListener("touchstart", (event) => event.preventDefault(),
    { passive: false });
  let first = null;
  node.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    first = event;
    down(event);
    node.setPointerCapture(event.pointerId);
    node.focus();
    event.preventDefault();
  });
  node.addEventListener("pointermove", (event) => { if (first) move(event, first); });
  node.addEventListener("pointerup", () => { if (first) up(); first = null; });
  node.addEventListener("pointercancel", () => { first = null; });
}

const ARROWS = {
  ArrowUp: [0, 1], ArrowDown: [0, -1], ArrowLeft: [-1, 0], ArrowRight: [1, 0],
};

// Make of a node a number of the state to drag: to the right or up it grows, a tap is
// one step; so do the arrow keys, with Shift in tens. (Page keys turn slides, also from
// afar.) A step of 0 is one in the second digit that counts: 0.08, 0.081, ... 0.1, 0.11.
// text: the node that shows it, if it is only a part.
export function knob(node, state, path,
  { label, min, max, step = 1, digits = 2, text = node }) {
  const get = () => read(state, path);
  const give = (value) => assign(state, path, within(value, min, max));
  const size = (value) => step || 10 ** Math.floor(Math.log10(value)) / 10;
  const ends = { Home: -Infinity, End: Infinity };
  let from, moved;
  slider(node, "knob", label, [min, max], {
    use(key, { shiftKey }) {
      const by = ends[key] ?? (shiftKey ? 10 : 1) * sum(ARROWS[key] ?? []);
      if (by !== 0) give(get() + size(get()) * by);
      return by !== 0;
    },
    down() { [from, moved] = [get(), false]; },
    move({ clientX, clientY }, first) {
      const steps = Math.round((clientX - first.clientX - clientY + first.clientY) / 8);
      moved ||= steps !== 0;
      if (moved) give(from + steps * size(from));
    },
    up() { if (!moved) give(get() === max ? min : get() + size(get())); },
  });
  node.show = () => {
    write(text, short(get(), digits));
    put(node, { "aria-valuenow": get() });
  };
  return node;
}

// A number of the state, to drag, after its name or other words.
export function dial(state, name, { label = name.replace("_", " "), ...settings }) {
  const number = knob(element("span"), state, [name], { label, ...settings });
  return element("span", { class: "dial" }, `${label} `, number);
}

// Where a point lies in a picture of a plane: { centre and scale in the SVG's units,
// reach: how far the plane goes from 0, both ways }.
export const onPlane = ({ centre, scale }, [a, b]) =>
  [centre[0] + scale[0] * a, centre[1] - scale[1] * b];

// Make of a group of an SVG a point of the state, to be moved over a plane: with the
// pointer, or with the arrow keys by a step. A finger may be beside what is drawn.
export function spot(node, state, path, { label, plane, step }) {
  const { centre, scale, reach } = plane;
  node.append(element("circle", { r: 13, class: "hit", "fill-opacity": 0 }));
  const get = () => read(state, path);
  const give = (point) => assign(state, path,
    point.map((value, i) => within(value, -reach[i], reach[i])));
  slider(node, "spot", label, [-reach[0], reach[0]], {
    use(key) {
      const by = ARROWS[key];
      if (by) give(get().map((value, i) => value + step * by[i]));
      return by;
    },
    move({ clientX, clientY }) {
      const { x, y } = new DOMPoint(clientX, clientY)
        .matrixTransform(node.ownerSVGElement.getScreenCTM().inverse());
      give([(x - centre[0]) / scale[0], (centre[1] - y) / scale[1]]
        .map((value) => Math.round(value / step * 2) / 2 * step));
    },
  });
  node.show = () => {
    const [x, y] = get();
    put(node, { "aria-valuenow": x, "aria-valuetext": `${short(x)}, ${short(y)}`,
      transform: `translate(${onPlane(plane, get())})` });
  };
  return node;
}

// A table of numbers with one stop for Tab; inside, arrow keys move. over(row, column)
// is called where a pointer or the keyboard comes, press(row, column, key) for a click,
// Enter, the space bar or a digit.
export function grid(rows, columns, { label, over, press }) {
  const cells = table(rows, columns, () =>
    element("td", { role: "gridcell", tabindex: -1 }));
  const window_ = element("span", { class: "window" });
  const node = element("div", { class: "grid" },
    element("table", { role: "grid", "aria-label": label },
      ...cells.map((row) => element("tr", { role: "row" }, ...row))), window_);
  const find = (target) => {
    const cell = target?.closest("td");
    return node.contains(cell) ? [cell.parentNode.rowIndex, cell.cellIndex] : null;
  };
  function come([row, column]) {
    for (const cell of cells.flat()) cell.tabIndex = -1;
    cells[row][column].tabIndex = 0;
  }
  come([0, 0]);
  for (const kind of ["pointerdown", "pointermove"]) {
    node.addEventListener(kind, ({ clientX, clientY }) => {
      const place = find(document.elementFromPoint(clientX, clientY));
      if (place) over(...place);
    });
  }
  node.addEventListener("click", ({ target }) => {
    if (press && find(target)) press(...find(target), "Enter");
  });
  node.addEventListener("focusin", ({ target }) => {
    come(find(target));
    over(...find(target));
  });
  onKey(node, (key, { target }) => {
    const [row, column] = find(target);
    const [right, up] = ARROWS[key] ?? [0, 0];
    if (key in ARROWS) cells[row - up]?.[column + right]?.focus();
    else if (press && /^([0-9 ]|Enter)$/.test(key)) press(row, column, key);
    else return false;
    return true;
  });
  // Frame so many cells, from this one on.
  const share = (n, all) => `${100 * n / all}%`;
  const frame = (row, column, height, width) => Object.assign(window_.style, {
    top: share(row, rows), left: share(column, columns),
    height: share(height, rows), width: share(width, columns),
  });
  return { node, cells, come, frame };
}

export function button(text, press) {
  const made = element("button", { type: "button" }, text);
  made.addEventListener("click", () => made.ariaDisabled !== "true" && press());
  return made;
}

// A choice of a few words for the state: buttons of which one is pressed.
export function choice(state, name, label, words, chosen = () => {}) {
  const buttons = words.map((word) => {
    const made = button(word, () => { state[name] = word; chosen(); });
    made.show = () => put(made, { "aria-pressed": word === state[name] });
    return made;
  });
  return element("span", { role: "group", "aria-label": label }, ...buttons);
}

// An optimiser as Keras has it: a function of weights and their slopes, one step later.
export function optimizer(name, learning_rate, momentum = 0) {
  let [velocity, square, step] = [[], [], 0]; // square: the usual size of the slopes
  return (weights, slopes) => {
    step += 1;
    if (name !== "Adam") {
      const kept = name === "momentum" ? momentum : 0;
      velocity = slopes.map((g, i) => kept * (velocity[i] ?? 0) - learning_rate * g);
      return weights.map((w, i) => w + velocity[i]);
    }
    velocity = slopes.map((g, i) => 0.9 * (velocity[i] ?? 0) + 0.1 * g);
    square = slopes.map((g, i) => 0.999 * (square[i] ?? 0) + 0.001 * g * g);
    const rate = learning_rate * Math.sqrt(1 - 0.999 ** step) / (1 - 0.9 ** step);
    return weights.map((w, i) => w - rate * velocity[i] / (Math.sqrt(square[i]) + 1e-7));
  };
}
