// On a wide screen the drawn pictures become figures that show their values. Without this the page is complete.
(async () => {
  if (!("DecompressionStream" in window) || !matchMedia("screen and (min-width: 720px)").matches) return;
  const read = id => document.getElementById(id).textContent;
  const packed = Uint8Array.from(atob(read("plotly")), letter => letter.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  const code = document.createElement("script");
  code.textContent = await new Response(stream).text();
  document.head.append(code);

  const figures = JSON.parse(read("figures")), config = JSON.parse(read("config"));
  const put = async id => {
    const place = document.getElementById(id), figure = document.createElement("div");
    if (place.classList.contains("live")) return;
    figure.className = "live-figure";
    figure.setAttribute("role", "group");
    figure.setAttribute("aria-label", place.querySelector("svg").getAttribute("aria-label"));
    place.append(figure);
    place.classList.add("live");
    await Plotly.newPlot(figure, figures[id].data, figures[id].layout, config);
    // loose words out of a figure say nothing: the label says it whole, and the table has the values
    for (const drawing of figure.querySelectorAll(".main-svg")) drawing.setAttribute("aria-hidden", "true");
  };
  for (const id in figures) {
    const folded = document.getElementById(id).closest("details");
    if (folded) folded.addEventListener("toggle", () => folded.open && put(id));
    else await put(id);
  }
  document.documentElement.dataset.ready = "yes";
})();
