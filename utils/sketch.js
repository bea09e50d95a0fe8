// A pad to draw on, the image that the network sees, and its probabilities as bars.
// Used by DigitPad in the notebook (pad.js) and by the page to take home (page.js),
// after touch/touch.js.
//
// sketch(root, { side, pen, names, changed }) fills `root` and calls changed(pixels)
// while one draws: `side` x `side` numbers, row by row, 0 paper to 255 ink.

const WIDTH = 280; // the drawing's own size; on the screen it may be smaller
const EVERY = 120; // milliseconds between two calls of `changed`

function sketch(root, { side, pen, names, changed }) {
  const canvas = element("canvas", {
    width: WIDTH, height: WIDTH, role: "img", class: "sketch-canvas",
    "aria-label": "Drawing pad: draw with the mouse or a finger",
  });
  const context = canvas.getContext("2d", { willReadFrequently: true });
  const clear = button("Clear", () => { wipe(); soon(); });
  clear.className = "sketch-clear";
  const seen = element("canvas", {
    width: 28, height: 28, role: "img", class: "sketch-seen",
    "aria-label": "The image that the network sees, 28 by 28 pixels",
  });
  const answer = element("p", { role: "status", class: "sketch-answer" });
  const bars = element("ol", { class: "sketch-bars", "aria-label": "Probabilities" });
  const rows = names.map((name) => {
    const bar = element("span", { class: "sketch-bar" });
    const text = element("span", { class: "sketch-percent" });
    const track = element("span", { class: "sketch-track", "aria-hidden": "true" }, bar);
    bars.append(element("li", {}, element("b", {}, name), track, text));
    return { bar, text };
  });
  root.classList.add("sketch");
  root.append(
    element("div", {}, canvas, clear),
    element("div", {}, element("p", {}, "The network sees"), seen, answer),
    bars,
  );

  function wipe() {
    context.fillStyle = "white";
    context.fillRect(0, 0, WIDTH, WIDTH);
  }

  function pixels() {
    const small = element("canvas", { width: side, height: side }).getContext("2d");
    small.imageSmoothingQuality = "high";
    small.drawImage(canvas, 0, 0, side, side);
    const { data } = small.getImageData(0, 0, side, side);
    return Array.from({ length: side * side }, (_, i) => 255 - data[4 * i]);
  }

  let waiting = null;
  function soon() {
    waiting ??= setTimeout(() => {
      waiting = null;
      changed(pixels());
    }, EVERY);
  }

  function line(from, to) {
    context.lineWidth = pen * WIDTH / side;
    context.lineCap = context.lineJoin = "round";
    context.strokeStyle = "black";
    context.beginPath();
    context.moveTo(...from);
    context.lineTo(to[0] + 0.01, to[1]); // of a line without length nothing is drawn
    context.stroke();
    soon();
  }

  let last = null; // where the pen is; null while it is lifted
  let finger = null; // which pointer holds it: a second finger draws nothing
  const place = ({ offsetX, offsetY }) =>
    [offsetX, offsetY].map((n) => n * WIDTH / canvas.clientWidth);
  function stroke(event) {
    const now = place(event);
    line(last, now);
    last = now;
  }
  canvas.addEventListener("pointerdown", (event) => {
    if (last || event.button !== 0) return;
    finger = event.pointerId;
    canvas.setPointerCapture(finger);
    last = place(event);
    stroke(event);
    event.preventDefault();
  });
  canvas.addEventListener("pointermove", (event) => {
    if (last && event.pointerId === finger) stroke(event);
  });
  for (const end of ["pointerup", "pointercancel"]) {
    canvas.addEventListener(end, (event) => {
      if (event.pointerId === finger) last = null;
    });
  }

  wipe();
  return {
    // chances: one number for each name, or empty; image: 784 numbers, or empty;
    // trouble: a sentence to show where there is no answer.
    show(chances, image, trouble = "") {
      rows.forEach(({ bar, text }, i) => {
        bar.style.width = `${100 * (chances[i] ?? 0)}%`;
        text.textContent = chances.length ? `${(100 * chances[i]).toFixed(1)} %` : "";
      });
      const best = chances.indexOf(Math.max(...chances));
      const sentence = chances.length ? `It reads ${names[best]}.` : trouble;
      write(answer, sentence);
      paint(seen, (i) => [0, 0, 0, image[i] ?? 0]);
    },
    // Put a drawing on the pad: side * side numbers.
    put(drawing) {
      const small = element("canvas", { width: side, height: side });
      paint(small, (i) => [0, 0, 0, drawing[i]]);
      wipe();
      context.drawImage(small, 0, 0, WIDTH, WIDTH);
    },
    // Draw with the pen: points [x, y], each from 0 to 1, y downwards.
    line: (from, to) => line(...[from, to].map((point) => point.map((n) => n * WIDTH))),
    stop: () => clearTimeout(waiting),
  };
}
