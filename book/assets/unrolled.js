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
    // the theme's other name for what already says what it is
    document.querySelectorAll("summary[aria-label], .search-button-field").forEach((named) => named.removeAttribute("aria-label"));
  });
  window.addEventListener("load", mark);
  window.addEventListener("resize", mark);
  document.addEventListener("DOMContentLoaded", () => {
    mark();
    // mathematics is set after the page has loaded, and gets its width only then
    if (window.MathJax && window.MathJax.startup) window.MathJax.startup.promise.then(mark);
  });
})();

// Mathematics is set a few formulas at a time, those in sight first, so that a long page answers while it is set.
(function () {
  "use strict";
  const AT_ONCE = 24;
  const breath = () => new Promise((go) => setTimeout(go));

  async function set() {
    const formulas = [...document.querySelectorAll("span.math, div.math")];
    const height = window.innerHeight;
    const inSight = (formula) => {
      const { top, bottom } = formula.getBoundingClientRect();
      return bottom > -height && top < 2 * height;
    };
    const seen = formulas.map(inSight); // all are asked before the first is set and moves the others
    const order = [...formulas.filter((_, k) => seen[k]), ...formulas.filter((_, k) => !seen[k])];
    for (let k = 0; k < order.length; k += AT_ONCE) {
      await window.MathJax.typesetPromise(order.slice(k, k + AT_ONCE));
      await breath();
    }
  }

  if (window.MathJax) window.MathJax.startup = { ...window.MathJax.startup, pageReady: set };
})();
