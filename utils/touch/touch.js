// What all figures share: elements, numbers that one drags, tables that one walks in.
// A figure's module is read after this file, as one text: in a notebook, on a page, on
// a slide (utils/touch/__init__.py).

const SVG = "svg g line circle ellipse rect text tspan polyline".split(" ");

export function element(name, attributes = {}, ...children) {
  const made = SVG.includes(name)
    ? document.createElementNS("http://www.w3.org/2000/svg", name)
    : document.createElement(name);
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

export const fixed = (value, digits) => value.toFixed(digits).replace("-", "−");
export const short = (value, digits = 2) =>
  String(Number(value.toFixed(digits)) + 0).replace("-", "−");
export const sum = (numbers) => numbers.reduce((a, b) => a + b, 0);
export const table = (rows, columns, value) =>
  Array.from({ length: rows }, (_, i) =>
    Array.from({ length: columns }, (_, j) => value(i, j)));

// A copy of nested lists with one number changed: at [1, 0], say.
export function changed(values, [first, ...rest], value) {
  return values.map((old, i) =>
    i !== first ? old : rest.length ? changed(old, rest, value) : value);
}

// Orange above zero, purple below, as in the still figures; ink for what has no sign.
export function tint(value, limit, ink = false) {
  const share = Math.min(1, Math.abs(value) / limit) || 0;
  const colour = ink ? "ink" : value > 0 ? "plus" : "minus";
  return `color-mix(in srgb, var(--${colour}) ${40 * share}%, transparent)`;
}

// The state of a figure, as Python has it: state.kernel reads, state.kernel = ... sets
// it, and then draw() is called; so it is when Python sets it.
export function begin({ model, el }, draw) {
  el.classList.add("touch");
  el.dataset.lmSuppressShortcuts = "true"; // JupyterLab's own keys rest in here
  el.addEventListener("keydown", (event) => {
    if (event.key === " ") event.stopPropagation(); // for a button; no slide turns
  });
  const look = () => {
    if (!el.isConnected) return;
    const [red] = getComputedStyle(el.parentElement).color.match(/\d+/g);
    el.classList.toggle("dark", red > 127); // the page writes in a light colour
  };
  new ResizeObserver(look).observe(el); // JupyterLab shows it later
  const drawn = () => {
    look();
    draw();
  };
  model.on("change", drawn);
  const state = new Proxy({}, {
    get: (_, name) => model.get(name),
    set(_, name, value) {
      model.set(name, value);
      model.save_changes();
      return true;
    },
  });
  return { state, drawn };
}

// A figure on a page, without Python.
export function mount(name, { render }, state) {
  const el = document.querySelector(`[data-touch="${name}"]`);
  el.removeAttribute("data-touch");
  const heard = [];
  const model = {
    get: (key) => state[key],
    set(key, value) { state[key] = value; for (const call of heard) call(); },
    on: (_, call) => heard.push(call),
    save_changes() {},
  };
  render({ model, el });
}

// A node that one can hold: with a finger, which drags it and not the page (touch-action
// fails on SVG's shapes), and with keys. use(key) says whether the key means something.
export function hold(node, use) {
  node.addEventListener("touchstart", (event) => event.preventDefault(),
    { passive: false });
  onKey(node, use);
}

export function onKey(node, use) {
  node.addEventListener("keydown", (event) => {
    if (!use(event.key, event)) return;
    event.preventDefault();
    event.stopPropagation(); // a slide would turn
  });
}

const ARROWS = {
  ArrowUp: [0, 1], ArrowDown: [0, -1], ArrowLeft: [-1, 0], ArrowRight: [1, 0],
};

// Make of a node a number to drag: to the right or up it grows, a tap is one step; so
// do the arrow keys, with Shift in tens. (Page keys turn slides, also from afar.) A step
// of 0 is one in the second digit that counts: 0.08, 0.081, ... 0.099, 0.1, 0.11.
// text: the node that shows it, if it is only a part.
export function knob(node,
  { label, get, set, min, max, step = 1, digits = 2, text = node }) {
  put(node, {
    role: "slider", tabindex: 0, "aria-label": label, class: "knob",
    "aria-valuemin": min, "aria-valuemax": max,
  });
  const give = (value) => {
    set(Number(Math.min(max, Math.max(min, value)).toPrecision(12)));
    return true;
  };
  const size = (value) => step || 10 ** Math.floor(Math.log10(value)) / 10;
  const ends = { Home: -Infinity, End: Infinity };
  hold(node, (key, { shiftKey }) => {
    const by = ends[key] ?? (shiftKey ? 10 : 1) * sum(ARROWS[key] ?? []);
    return by !== 0 && give(get() + size(get()) * by);
  });
  let from = null;
  node.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    from = { x: event.clientX, y: event.clientY, value: get(), moved: false };
    node.setPointerCapture(event.pointerId);
    node.focus();
    event.preventDefault();
  });
  node.addEventListener("pointermove", (event) => {
    if (!from) return;
    const steps = Math.round((event.clientX - from.x - event.clientY + from.y) / 8);
    from.moved ||= steps !== 0;
    if (from.moved) give(from.value + steps * size(from.value));
  });
  node.addEventListener("pointerup", () => {
    if (from && !from.moved) give(get() === max ? min : get() + size(get()));
    from = null;
  });
  node.addEventListener("pointercancel", () => { from = null; });
  return function draw() {
    write(text, short(get(), digits));
    node.setAttribute("aria-valuenow", get());
  };
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
  const find = (cell) => {
    const row = cells.findIndex((line) => line.includes(cell));
    return row < 0 ? null : [row, cells[row].indexOf(cell)];
  };
  const at = (event) => find(
    document.elementFromPoint(event.clientX, event.clientY)?.closest("td"));
  function come(place) {
    for (const cell of cells.flat()) cell.tabIndex = -1;
    cells[place[0]][place[1]].tabIndex = 0;
  }
  come([0, 0]);
  for (const kind of ["pointerdown", "pointermove"]) {
    node.addEventListener(kind, (event) => { if (at(event)) over(...at(event)); });
  }
  node.addEventListener("click", (event) => {
    if (press && find(event.target)) press(...find(event.target), "Enter");
  });
  node.addEventListener("focusin", (event) => {
    come(find(event.target));
    over(...find(event.target));
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
  function frame(row, column, height, width) {
    const share = (n, all) => `${100 * n / all}%`;
    window_.style.top = share(row, rows);
    window_.style.left = share(column, columns);
    window_.style.height = share(height, rows);
    window_.style.width = share(width, columns);
  }
  return { node, cells, come, frame };
}

export function button(text, press) {
  const made = element("button", { type: "button" }, text);
  made.addEventListener("click", press);
  return made;
}

// Let a node of an SVG be moved: with the pointer, or with the arrow keys by a step.
// to(x, y): the point that lies there in the SVG's own units; limits: [low, high] each.
export function spot(node, { label, get, set, to, limits, step }) {
  put(node, { role: "slider", tabindex: 0, "aria-label": label, class: "spot" });
  const give = (point) => {
    set(point.map((value, i) =>
      Number(Math.min(limits[i][1], Math.max(limits[i][0], value)).toPrecision(12))));
    return true;
  };
  hold(node, (key) =>
    key in ARROWS && give(get().map((value, i) => value + step * ARROWS[key][i])));
  let held = false;
  const follow = (event) => {
    if (!held) return;
    const svg = node.ownerSVGElement;
    const place = new DOMPoint(event.clientX, event.clientY)
      .matrixTransform(svg.getScreenCTM().inverse());
    give(to(place.x, place.y).map((value) => Math.round(value / step * 2) / 2 * step));
  };
  node.addEventListener("pointerdown", (event) => {
    held = event.button === 0;
    node.setPointerCapture(event.pointerId);
    node.focus();
    event.preventDefault();
  });
  node.addEventListener("pointermove", follow);
  for (const end of ["pointerup", "pointercancel"]) {
    node.addEventListener(end, () => { held = false; });
  }
  return function draw() {
    const [x, y] = get();
    put(node, { "aria-valuenow": x, "aria-valuetext": `${short(x)}, ${short(y)}`,
      "aria-valuemin": limits[0][0], "aria-valuemax": limits[0][1] });
  };
}

// A choice of a few words: buttons of which one is pressed.
export function choice(label, words, get, set) {
  const buttons = words.map((word) => button(word, () => set(word)));
  const node = element("span", { role: "group", "aria-label": label }, ...buttons);
  const draw = () => buttons.forEach((made, i) =>
    made.setAttribute("aria-pressed", words[i] === get()));
  return [node, draw];
}

// A number of the state to drag.
export function dial(state, name, label, settings) {
  const node = element("span");
  return [node, knob(node, {
    label, get: () => state[name], set: (value) => { state[name] = value; }, ...settings,
  })];
}
