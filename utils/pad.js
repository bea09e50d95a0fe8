// DigitPad in the browser: the pad of sketch.js, with Python at the other end.

function render({ model, el }) {
  let sent = null;
  const pad = sketch(el, {
    side: model.get("side"),
    pen: model.get("pen"),
    names: model.get("names"),
    changed(pixels) {
      sent = pixels;
      model.set("pixels", pixels);
      model.save_changes();
    },
  });
  const show = () =>
    pad.show(model.get("chances"), model.get("seen"), model.get("trouble"));
  // A drawing that comes from Python, or from another view of the same pad.
  function drawn() {
    const pixels = model.get("pixels");
    if (pixels !== sent && pixels.length) pad.put(pixels);
  }
  drawn();
  show();
  for (const news of ["chances", "seen", "trouble"]) model.on(`change:${news}`, show);
  model.on("change:pixels", drawn);
  return pad.stop;
}

export default { render };
