// Lessons 3 and 5: softmax, its overflow, and the surprise of the true class.
import {
  dial, element, figure, fixed, knob, paragraph, put, short, sum, write,
} from "./touch.js";

// The maximum taken away first, so that nothing overflows. Returns { powers, p }.
export function softmax(logits, temperature = 1) {
  const scaled = logits.map((z) => z / temperature);
  const powers = scaled.map((z) => Math.exp(z - Math.max(...scaled)));
  return { powers, p: powers.map((power) => power / sum(powers)) };
}

// The formula as it is written, in float32: beyond exp(88.7) it overflows.
export function plainSoftmax(logits, temperature = 1) {
  const powers = logits.map((z) => Math.fround(Math.exp(z / temperature)));
  const all = Math.fround(sum(powers));
  return { powers, p: powers.map((power) => Math.fround(power / all)) };
}

export const surprise = (p) => ({ nats: -Math.log(p), bits: -Math.log2(p) });

export default figure((el, state) => {
  const body = element("tbody");
  const total = element("td");
  const said = element("p", { role: "status" });
  const taken = element("input", { type: "checkbox" });
  taken.addEventListener("change", () => { state.stable = taken.checked; });
  const row = (...cells) => element("tr", {}, ...cells);
  const cell = (...inside) => element("td", {}, ...inside);
  const heads = ["class", "logit", "exponential", "probability"].map((head) =>
    element("th", { scope: "col" }, head));
  el.append(
    element("div", {}, element("table", { class: "plain" },
      element("thead", {}, row(...heads)), body, element("tfoot", {},
        row(element("th", { scope: "row" }, "sum"), cell(), total, cell())))),
    said, paragraph(
      dial(state, "temperature", { min: 0.1, max: 1000, step: 0.1 }),
      dial(state, "shift", { label: "added to all logits", min: -200, max: 200, step: 10 }),
      element("label", {}, taken, " take the largest away first")),
    element("p", { class: "hint" },
      "Drag a blue number. Choose the true class. Add 100 to all: what happens?"));

  const group = `true-${Math.random()}`; // of radio buttons: another for each figure
  let rows;
  function build() {
    rows = state.logits.map((_, k) => {
      const radio = element("input", { type: "radio", name: group });
      radio.addEventListener("change", () => { state.truth = k; });
      const logit = knob(element("span"), state, ["logits", k],
        { label: `logit of class ${k}`, min: -20, max: 20, step: 0.1 });
      const [power, bar, p] = [cell(), element("i"), element("span")];
      const node = row(cell(element("label", {}, radio, ` ${k}`)), cell(logit), power,
        cell(element("div", { class: "track" }, bar), p));
      return { node, radio, power, bar, p };
    });
    body.replaceChildren(...rows.map(({ node }) => node));
  }

  function draw() {
    const logits = state.logits.map((z) => z + state.shift);
    const truth = state.truth === null ? -1 : Math.min(state.truth, logits.length - 1);
    const { powers, p } =
      (state.stable ? softmax : plainSoftmax)(logits, state.temperature);
    rows.forEach((row, k) => {
      row.radio.checked = k === truth;
      write(row.power, large(powers[k]));
      write(row.p, fixed(p[k], 4));
      put(row.bar, { style: `width: ${100 * (p[k] || 0)}%`,
        class: k === truth ? "true" : "" });
    });
    write(total, large(sum(powers)));
    taken.checked = state.stable;
    const { nats, bits } = surprise(p[truth]);
    const largest = p.indexOf(Math.max(...p));
    write(said, p.some(Number.isNaN)
      ? `exp(${short(Math.max(...logits) / state.temperature)}) is too large for float32: `
        + "it becomes Infinity, and Infinity / Infinity is no number (NaN)."
      : truth < 0 ? `largest probability: ${fixed(p[largest], 4)}, of class ${largest}`
      : `surprise of class ${truth}: −ln ${p[truth].toPrecision(4)} = ${
        fixed(nats, 4)} nats = ${fixed(bits, 4)} bits`);
  }
  return { draw, parts: () => state.logits.length, build };
});

// A number that may be very large or very small.
function large(value) {
  const far = value !== 0 && Number.isFinite(value) && Math.abs(Math.log10(value)) > 4;
  return far ? value.toExponential(1).replace("-", "−") : short(value, 4);
}
