// Lesson 4: a kernel slides over an image.
import {
  assign, button, calm, dial, element, figure, grid, knob, paragraph, short, sum,
  table, tint, within, write,
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

export default figure((el, state, drawn) => {
  const row = element("div", { class: "row" });
  const heads = ["", "pixel × weight", ""].map((title) =>
    element("p", { class: "head" }, title));
  const said = element("p", { role: "status" });
  const formula = element("p");
  let timer; // while it slides
  const slide = button("", () => {
    if (timer) timer = clearInterval(timer);
    else {
      if (!calm()) timer = setInterval(next, 450);
      next();
    }
    drawn();
  });
  el.append(row, said, paragraph(
    slide, dial(state, "padding", { min: 0, max: 1 }),
    dial(state, "stride", { min: 1, max: 3 })), formula,
  element("p", { class: "hint" },
    "Move over the image or the output. Click on a pixel. Drag a blue number."));

  const shape = () => [state.image.length, state.image[0].length].map((n) =>
    outputSize(n, state.kernel.length, state.padding, state.stride));
  const inside = (place) => place.map((n, i) => within(n, 0, shape()[i] - 1));
  const move = (...place) => {
    if (String(inside(place)) !== String(state.place)) state.place = inside(place);
  };
  function next() {
    const [rows, columns] = shape();
    const place = (state.place[0] * columns + state.place[1] + 1) % (rows * columns);
    state.place = [Math.floor(place / columns), place % columns];
  }

  let pixels, map, pairs;
  // The tables, anew when their sizes change.
  function build() {
    const { image, kernel, padding } = state;
    const [height, width] = [image, image[0]].map(({ length }) => length + 2 * padding);
    const half = Math.floor(kernel.length / 2);
    pixels = grid(height, width, {
      label: "image: arrow keys move, a digit changes the pixel",
      over: (...place) => move(...place.map((n) => Math.round((n - half) / state.stride))),
      press(i, j, key) {
        const old = state.image[i - padding]?.[j - padding];
        if (old === undefined) return; // the border stays 0
        const digit = /\d/.test(key) ? Number(key) : old ? 0 : 9;
        assign(state, ["image", i - padding, j - padding], digit);
      },
    });
    map = grid(...shape(), { label: "output: arrow keys move the window", over: move });
    map.node.classList.add("wide");
    row.classList.toggle("many", width + shape()[1] > 14);
    pairs = table(kernel.length, kernel.length, (i, j) => {
      const [pixel, product] = [element("span"), element("b")];
      const weight = knob(element("span"), state, ["kernel", i, j],
        { label: `weight in row ${i}, column ${j}`, min: -9, max: 9 });
      const cell = element("td", {}, pixel, " × ", weight, element("br"), product);
      return { cell, pixel, product };
    });
    const middle = element("table", { class: "products" }, ...pairs.map((line) =>
      element("tr", {}, ...line.map(({ cell }) => cell))));
    row.replaceChildren(...[pixels.node, middle, map.node].map((node, i) =>
      element("div", {}, heads[i], node)));
  }

  function draw() {
    const { image, kernel, padding, stride } = state;
    const [n, m, k] = [image, image[0], kernel].map(({ length }) => length);
    const [row, column] = inside(state.place);
    const all = padded(image, padding);
    const output = convolve(image, kernel, padding, stride);
    const pieces = products(image, kernel, padding, stride, row, column);
    const most = Math.max(...image.flat(), 1);
    const limit = Math.max(...output.flat().map(Math.abs)) || 1;
    pixels.cells.forEach((line, i) => line.forEach((cell, j) => {
      write(cell, short(all[i][j]));
      cell.className = image[i - padding]?.[j - padding] === undefined ? "border" : "";
      cell.style.background = tint(all[i][j], most, true);
    }));
    pixels.frame(stride * row, stride * column, k, k);
    map.cells.forEach((line, i) => line.forEach((cell, j) => {
      write(cell, short(output[i][j], 1));
      cell.style.background = tint(output[i][j], limit);
    }));
    map.come([row, column]);
    map.frame(row, column, 1, 1);
    pairs.forEach((line, i) => line.forEach(({ cell, pixel, product }, j) => {
      write(pixel, short(all[stride * row + i][stride * column + j]));
      write(product, short(pieces[i][j]));
      cell.style.background = tint(pieces[i][j], limit);
    }));
    const [rows, columns] = shape();
    write(heads[0], `image ${n} × ${m}${padding ? ", and a border" : ""}`);
    write(heads[2], `output ${rows} × ${columns}`);
    write(slide, timer ? "Stop" : "Slide");
    const terms = pieces.flat().filter((value) => value !== 0).map((value) => short(value));
    write(said, `row ${row}, column ${column}: ${terms.length > 1
      ? `${terms.join(" + ").replaceAll("+ −", "− ")} =` : "sum"} ${
      short(output[row][column])}`);
    write(formula, `rows: ⌊(${n} + 2·${padding} − ${k}) / ${stride}⌋ + 1 = ${rows}`);
  }
  const parts = () => [state.image, state.image[0], state.kernel]
    .map(({ length }) => length).concat(state.padding, state.stride).join();
  return { draw, parts, build, stop: () => clearInterval(timer) };
});
