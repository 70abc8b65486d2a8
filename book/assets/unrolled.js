// What scrolls sideways must be reachable by keyboard: a box gets a tab stop only while its content is wider.
(function () {
  "use strict";
  const boxes = "div.highlight pre, div.math, .pst-scrollable-table-container, .cell_output .output";

  function mark() {
    for (const box of document.querySelectorAll(boxes)) {
      if (box.scrollWidth > box.clientWidth + 1) box.tabIndex = 0;
      else box.removeAttribute("tabindex");
    }
  }

  window.addEventListener("load", mark);
  window.addEventListener("resize", mark);
  document.addEventListener("DOMContentLoaded", () => {
    mark();
    // mathematics is set after the page has loaded, and gets its width only then
    if (window.MathJax && window.MathJax.startup) window.MathJax.startup.promise.then(mark);
  });
})();
