// Lesson 4: a kernel slides over an image.
import {
  begin, button, changed, dial, element, grid, knob, short, sum, table, tint, write,
} from "./touch.js";

export const outputSize = (n, k, padding, stride) =>
  Math.floor((n + 2 * padding - k) / stride) + 1;

// The image with a border of zeros.
export const padded = (image, padding) =>
  table(image.length + 2 * padding, image[0].length + 2 * padding, (i, j) =>
    image[i - padding]?.[j - padding] ?? 0);

// Each pixel of one window times its weight; (row, column): a place of the output.
export function products(image, kernel, padding, stride, row, column) {
  const all = padded(image, padding);
  return table(kernel.length, kernel.length, (i, j) =>
    all[stride * row + i][stride * column + j] * kernel[i][j]);
}

export function convolve(image, kernel, padding = 0, stride = 1) {
  const size = (n) => outputSize(n, kernel.length, padding, stride);
  return table(size(image.length), size(image[0].length), (row, column) =>
    sum(products(image, kernel, padding, stride, row, column).flat()));
}

function render({ model, el }) {
  const { state, drawn } = begin({ model, el }, draw);
  const panel = (title) => {
    const [head, body] = [element("p", { class: "head" }, title), element("div")];
    return { node: element("div", {}, head, body), head, body };
  };
  const panels = [panel(""), panel("pixel × weight"), panel("")];
  const [imagePanel, windowPanel, mapPanel] = panels;
  const said = element("p", { role: "status" });
  const formula = element("p", { class: "formula" });
  const [padding, drawPadding] = dial(state, "padding", "padding", { min: 0, max: 1 });
  const [stride, drawStride] = dial(state, "stride", "stride", { min: 1, max: 3 });
  let timer = null; // while it slides
  const slide = button("", () => (timer ? stop() : start()));
  function stop() {
    clearInterval(timer);
    timer = null;
    draw();
  }
  function next() {
    const { rows, columns } = shape();
    const [row, column] = state.place;
    const place = (row * columns + column + 1) % (rows * columns);
    state.place = [Math.floor(place / columns), place % columns];
  }
  function start() {
    if (!matchMedia("(prefers-reduced-motion: reduce)").matches) {
      timer = setInterval(next, 450);
    }
    next();
  }
  const row = element("div", { class: "row" }, ...panels.map(({ node }) => node));
  el.append(row, said,
    element("p", {}, slide, " padding ", padding, " stride ", stride), formula,
    element("p", { class: "hint" },
      "Move over the image or the output. Click on a pixel. Drag a blue number."),
  );

  const shape = () => {
    const size = (n) => outputSize(n, state.kernel.length, state.padding, state.stride);
    return { rows: size(state.image.length), columns: size(state.image[0].length) };
  };
  const move = (row, column) => {
    const { rows, columns } = shape();
    const inside = (n, end) => Math.max(0, Math.min(end - 1, n));
    const place = [inside(row, rows), inside(column, columns)];
    if (String(place) !== String(state.place)) state.place = place;
  };
  let built = "";
  let pixels, map, pairs, weights;
  // The tables, anew when their sizes change.
  function build() {
    const { image, kernel, padding: border } = state;
    const [height, width] = [image.length, image[0].length];
    const half = Math.floor(kernel.length / 2);
    pixels = grid(height + 2 * border, width + 2 * border, {
      label: "image: arrow keys move, a digit changes the pixel",
      over: (row, column) => move(...[row, column].map(
        (n) => Math.round((n - half) / state.stride))),
      press(row, column, key) {
        const place = [row - border, column - border];
        const old = state.image[place[0]]?.[place[1]];
        if (old === undefined) return; // the border stays 0
        const digit = /\d/.test(key) ? Number(key) : old ? 0 : 9;
        state.image = changed(state.image, place, digit);
      },
    });
    const { rows, columns } = shape();
    row.classList.toggle("many", width + 2 * border + columns > 14);
    map = grid(rows, columns, {
      label: "output: arrow keys move the window", over: move,
    });
    weights = [];
    pairs = table(kernel.length, kernel.length, (i, j) => {
      const [pixel, weight] = [element("span"), element("span")];
      const [product, cell] = [element("b"), element("td")];
      cell.append(pixel, " × ", weight, element("br"), product);
      weights.push(knob(weight, {
        label: `weight in row ${i}, column ${j}`, min: -9, max: 9,
        get: () => state.kernel[i][j],
        set: (value) => { state.kernel = changed(state.kernel, [i, j], value); },
      }));
      return { cell, pixel, product };
    });
    const rowsOf = pairs.map((row) =>
      element("tr", {}, ...row.map(({ cell }) => cell)));
    imagePanel.body.replaceChildren(pixels.node);
    windowPanel.body.replaceChildren(element("table", { class: "products" }, ...rowsOf));
    mapPanel.body.replaceChildren(map.node);
    map.node.classList.add("wide");
  }

  function draw() {
    const { image, kernel, padding: border, stride: step } = state;
    const size = [image.length, image[0].length, kernel.length, border, step].join();
    if (size !== built) build();
    built = size;
    const { rows, columns } = shape();
    const [row, column] = state.place.map((n, i) => Math.min(n, [rows, columns][i] - 1));
    const all = padded(image, border);
    const most = Math.max(...image.flat(), 1);
    const k = kernel.length;
    pixels.cells.forEach((line, i) => line.forEach((cell, j) => {
      write(cell, short(all[i][j]));
      const own = image[i - border]?.[j - border] !== undefined;
      cell.className = own ? "" : "border";
      cell.style.background = tint(all[i][j], most, true);
    }));
    pixels.frame(step * row, step * column, k, k);
    const output = convolve(image, kernel, border, step);
    const limit = Math.max(...output.flat().map(Math.abs)) || 1;
    map.cells.forEach((line, i) => line.forEach((cell, j) => {
      write(cell, short(output[i][j], 1));
      cell.style.background = tint(output[i][j], limit);
    }));
    map.come([row, column]);
    map.frame(row, column, 1, 1);
    const nine = products(image, kernel, border, step, row, column);
    pairs.forEach((line, i) => line.forEach(({ cell, pixel, product }, j) => {
      write(pixel, short(all[step * row + i][step * column + j]));
      write(product, short(nine[i][j]));
      cell.style.background = tint(nine[i][j], limit);
    }));
    for (const weight of [...weights, drawPadding, drawStride]) weight();
    const [n, m] = [image.length, image[0].length];
    write(imagePanel.head, `image ${n} × ${m}`);
    write(mapPanel.head, `output ${rows} × ${columns}`);
    write(slide, timer ? "Stop" : "Slide");
    const summands = nine.flat().filter((value) => value !== 0).map((value) => short(value));
    write(said, `row ${row}, column ${column}: ${summands.length > 1
      ? `${summands.join(" + ").replaceAll("+ −", "− ")} = ` : "sum "}${
      short(output[row][column])}`);
    write(formula, `rows: ⌊(${n} + 2·${border} − ${k}) / ${step}⌋ + 1 = ${rows}`);
  }
  drawn();
  return () => clearInterval(timer);
}

export default { render };
