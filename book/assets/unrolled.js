// What scrolls sideways must be reachable by keyboard: a box gets a tab stop only while its content is wider.
(function () {
  "use strict";
  const boxes =
    "div.highlight pre, div.math, .pst-scrollable-table-container, .cell_output .output, .u-pair, .u-scroll";

  function mark() {
    for (const box of document.querySelectorAll(boxes)) {
      if (box.scrollWidth > box.clientWidth + 1) box.tabIndex = 0;
      else box.removeAttribute("tabindex");
    }
  }

  // A slider's picture may scroll in its own place, as a figure's does; its control below stays where it is.
  function box(image) {
    const scroll = document.createElement("div");
    scroll.className = "u-scroll";
    image.replaceWith(scroll);
    scroll.append(image);
    const measure = () => scroll.style.setProperty("--u-width", image.naturalWidth + "px");
    image.addEventListener("load", measure);
    measure();
  }

  document.addEventListener("DOMContentLoaded", () => {
    document.querySelectorAll(".u-slider > img").forEach(box);
  });
  window.addEventListener("load", mark);
  window.addEventListener("resize", mark);
  document.addEventListener("DOMContentLoaded", () => {
    mark();
    // mathematics is set after the page has loaded, and gets its width only then
    if (window.MathJax && window.MathJax.startup) window.MathJax.startup.promise.then(mark);
  });
})();
