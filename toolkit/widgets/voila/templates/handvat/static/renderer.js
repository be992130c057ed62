// Draws each picture once, and loads its renderer early: plotly drew one up to five times, for seconds on a school laptop.
// Voilà, which loads the renderer later, gets this one. Left to itself that draws a picture before it has a place, as it
// is, again each time its page comes into sight, and as an image that nothing uses. Another width is drawn again.
(() => {
  const { renderer: address } = document.currentScript.dataset;
  const name = "jupyterlab-plotly", extensions = window._JUPYTERLAB = {}, script = document.createElement("script");
  let renderer = null;
  Object.defineProperty(extensions, name, { get: () => renderer, set: made => { renderer = renderer || made; } });
  const placed = figure => new Promise(done => new ResizeObserver((_, observer) => {
    if (!figure.clientWidth) return;
    observer.disconnect();
    done();
  }).observe(figure));
  const fits = figure => !figure.clientWidth || Math.abs(figure.clientWidth - figure._fullLayout?.width) < 1;
  const resize = full => figure => (fits(figure) ? Promise.resolve() : full.Plots.resize(figure));
  const drawOnce = full => Object.create(full, {
    react: { value: (figure, ...parts) =>
      (figure.clientWidth ? Promise.resolve() : placed(figure)).then(() => full.react(figure, ...parts)) },
    redraw: { value: figure => Promise.resolve(figure) },
    toImage: { value: () => new Promise(() => {}) },
    Plots: { value: Object.create(full.Plots, { resize: { value: resize(full) } }) },
  });
  script.onload = () => renderer.get("./mimeExtension").then(make => {
    const { RenderedPlotly, rendererFactory, MIME_TYPE } = make();
    let plotly = null;
    Object.defineProperty(RenderedPlotly, "Plotly", { get: () => plotly, set: full => { plotly = drawOnce(full); } });
    // its first picture is slow: an empty one, out of sight
    const empty = { data: { [MIME_TYPE]: { data: [], layout: {} } } }, first = rendererFactory.createRenderer({ mimeType: MIME_TYPE });
    Object.defineProperty(first.node, "clientWidth", { value: 1 });
    first.renderModel(empty);
  });
  script.src = address;
  document.head.append(script);
})();
