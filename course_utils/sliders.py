"""A figure with a slider that moves with a kernel and without one.

In a running notebook it is an ipywidgets box. Its output also carries a static version of itself: a native
range input and every frame, drawn ahead. A built page, or a notebook that is only being read, flips through
those with a few lines of script and asks no kernel and no other host for anything.
"""

from __future__ import annotations

import html
import json
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import quote

import ipywidgets
import matplotlib.pyplot as plt
from IPython.display import display
from matplotlib.figure import Figure

from course_utils import figures
from course_utils.palette import DARK, LIGHT

SCRIPT = """
(function () {
  const box = document.currentScript.closest(".u-slider");
  const data = JSON.parse(box.querySelector(".u-slider-data").textContent);
  const [image, range, output] = ["img", "input", "output"].map((name) => box.querySelector(name));
  const dark = () => document.documentElement.dataset.theme === "dark" ||
    document.body.dataset.jpThemeLight === "false";
  function show() {
    const k = Number(range.value);
    let svg = data.frames[k];
    if (dark()) for (const role in data.light) svg = svg.split(data.light[role]).join(data.dark[role]);
    image.src = "data:image/svg+xml," + encodeURIComponent(svg);
    image.alt = data.alts[k];
    output.textContent = data.labels[k];
    range.setAttribute("aria-valuetext", data.labels[k] + ". " + data.alts[k]);
  }
  range.addEventListener("input", show);
  const watch = new MutationObserver(show);
  watch.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
  watch.observe(document.body, { attributes: true, attributeFilter: ["data-jp-theme-light"] });
  range.disabled = false;
  show();
})();
"""


class Slider(ipywidgets.VBox):
    """Show ``draw(value)`` for a value that the reader chooses.

    Args:
        draw: returns a matplotlib figure for one value. Called once a value, here and now.
        values: the positions of the slider, two or more, in order.
        name: what is moved, with its symbol: ``"window N"``.
        alt: returns what the figure of one value *shows*, in a sentence, for those who cannot see it.
        label: returns how a value is written beside the slider; ``str`` by default.
        start: position (index into ``values``) shown first; the middle by default.

    Raises:
        ValueError: fewer than two values, a start outside them, or an ``alt`` that never changes.
        TypeError: ``draw`` returned something other than a figure.
    """

    def __init__(
        self,
        draw: Callable[[Any], Figure],
        values: Sequence[Any],
        name: str,
        alt: Callable[[Any], str],
        label: Callable[[Any], str] = str,
        start: int | None = None,
    ) -> None:
        values = list(values)
        if len(values) < 2:
            raise ValueError(f"a slider needs two values or more, got {len(values)}")
        start = len(values) // 2 if start is None else start
        if not 0 <= start < len(values):
            raise ValueError(f"start is a position from 0 to {len(values) - 1}, got {start}")
        self._name = name
        self._start = start
        self._alts = [alt(value) for value in values]
        if len(set(self._alts)) == 1:
            raise ValueError(f"alt is the same for every {name!r}; it must say what each frame shows")
        self._labels = [label(value) for value in values]
        self._frames = [_frame(draw, value) for value in values]
        control = ipywidgets.SelectionSlider(
            options=[(text, k) for k, text in enumerate(self._labels)],
            value=start,
            description=name,
            style={"description_width": "initial"},
            layout=ipywidgets.Layout(width="90%"),
        )
        picture = ipywidgets.HTML(self._image(start))
        control.observe(lambda change: setattr(picture, "value", self._image(change["new"])), names="value")
        super().__init__([picture, control])

    def __repr__(self) -> str:
        first, last = self._labels[0], self._labels[-1]
        return f"slider over {self._name}: {first} to {last}, {len(self._labels)} positions"

    def _ipython_display_(self, **_: Any) -> None:
        # Both ipywidgets 7 (which shows itself) and 8 (which returns a bundle) take this road; the static
        # version travels beside the live one, and a page without a kernel shows it.
        bundle = {"text/plain": repr(self), "text/html": self.static_html()}
        if self.model_id is not None:
            bundle["application/vnd.jupyter.widget-view+json"] = {
                "version_major": 2,
                "version_minor": 0,
                "model_id": self.model_id,
            }
        display(bundle, raw=True)

    def _image(self, position: int) -> str:
        source = "data:image/svg+xml," + quote(self._frames[position], safe=" =:/;,'()!*")
        alt = html.escape(self._alts[position])
        return f'<img class="u-slider-frame" src="{html.escape(source)}" alt="{alt}">'

    def static_html(self) -> str:
        """Return the slider as HTML that needs no kernel and no network."""
        data = {"frames": self._frames, "alts": self._alts, "labels": self._labels}
        data |= {"light": LIGHT, "dark": DARK}
        # "</" inside a script element would end it
        payload = json.dumps(data, ensure_ascii=False).replace("</", "<\\/")
        return (
            f'<div class="u-slider">{self._image(self._start)}'
            f'<label class="u-slider-control"><span>{html.escape(self._name)}</span> '
            f'<input type="range" min="0" max="{len(self._frames) - 1}" step="1" value="{self._start}" '
            f'aria-valuetext="{html.escape(self._labels[self._start])}" disabled> '
            f"<output>{html.escape(self._labels[self._start])}</output></label>"
            f'<script type="application/json" class="u-slider-data">{payload}</script>'
            f"<script>{SCRIPT}</script></div>"
        )


def _frame(draw: Callable[[Any], Figure], value: Any) -> str:
    figure = draw(value)
    if not isinstance(figure, Figure):
        raise TypeError(f"draw({value!r}) must return a matplotlib figure, got {type(figure).__name__}")
    text = figures.svg(figure)
    plt.close(figure)
    return text
