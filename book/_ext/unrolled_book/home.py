"""The picture on the home page: one pulse, a window that forgets it and a state that carries it on."""

from __future__ import annotations

from docutils import nodes
from matplotlib.figure import Figure
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

STEPS, WINDOW = 9, 4

# Plays once, in under five seconds, and stops for good when the reader takes hold of the slider.
PLAY = """
(function () {
  const range = document.querySelector(".u-hero input[type=range]");
  if (matchMedia("(prefers-reduced-motion: reduce)").matches) return;
  const timer = setInterval(function () {
    if (range.value === range.max) return clearInterval(timer);
    range.value = Number(range.value) + 1;
    range.dispatchEvent(new Event("input"));
  }, 500);
  const stop = () => clearInterval(timer);
  for (const kind of ["pointerdown", "keydown", "focus"]) range.addEventListener(kind, stop);
})();
"""


def draw(now: int) -> Figure:
    """Return both networks at step ``now``; the pulse came at step 0 and silence after it."""
    from course_utils.diagrams import Diagram

    picture = Diagram()
    first, seen = max(0, now - WINDOW + 1), now < WINDOW
    picture.panel(1.2 * first - 0.5, 4.0, 1.2 * now + 0.5, 5.0)
    for t in range(STEPS):
        picture.node(f"w{t}", 1.2 * t, 4.5, "input", "1" if t == 0 else "0", dim=t > 0)
    picture.node("out", 1.2 * now, 6.0, "output", dim=not seen)
    for t in range(first, now + 1):
        picture.arrow(f"w{t}", "out", role="input", dim=t > 0)
    for t in range(STEPS):
        future = t > now
        picture.node(f"x{t}", 1.2 * t, 0, "input", "1" if t == 0 else "0", dim=t > 0)
        picture.node(f"h{t}", 1.2 * t, 1.25, "hidden", dim=future)
        picture.arrow(f"x{t}", f"h{t}", role="input", dim=t > 0)
        if t:
            picture.arrow(f"h{t - 1}", f"h{t}", role="hidden", dim=future)
    picture.node("state_out", 1.2 * now, 2.5, "output").arrow(f"h{now}", "state_out", role="hidden")
    verdict = "the pulse is still inside" if seen else "forgotten, exactly"
    picture.note(-0.4, 7.0, f"A window of {WINDOW}: {verdict}", "left")
    picture.note(-0.4, 3.3, "A state: carried on, step by step" if now else "A state: written", "left")
    return picture.draw(scale=0.52)


def describe(now: int) -> str:
    """Return what the picture shows at step ``now``."""
    if now < WINDOW:
        window = "is still inside the window of four steps"
    else:
        window = "has left the window of four steps, whose output no longer knows of it"
    return f"{now} steps after a pulse: it {window}; the chain of hidden states has carried it to step {now}."


class Hero(SphinxDirective):
    """``{hero}``: the home page's slider. It plays once by itself, unless the reader prefers no motion."""

    def run(self) -> list[nodes.Node]:
        """Return the slider, drawn now."""
        from course_utils import figures
        from course_utils.sliders import Slider

        figures.use_style()
        slider = Slider(draw, range(STEPS), "time step", describe, str, start=0)
        html = f'<div class="u-hero">{slider.static_html()}</div><script>{PLAY}</script>'
        return [nodes.raw("", html, format="html")]


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the directive."""
    app.add_directive("hero", Hero)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
