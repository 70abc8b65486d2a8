"""A slider carries a static version of itself that needs no kernel and no network."""

import json
import re

import matplotlib as mpl
import matplotlib.pyplot as plt
import pytest

from course_utils import figures
from course_utils.sliders import Slider

WORDS = {1: "one stem", 2: "two stems", 3: "three stems"}


def draw(n):
    fig, ax = plt.subplots(figsize=(3, 1))
    figures.stems(ax, [1.0] * n)
    return fig


@pytest.fixture
def slider():
    mpl.use("agg")
    figures.use_style()
    return Slider(draw, [1, 2, 3], "stems n", alt=WORDS.get, label=lambda n: f"{n} of 3", start=1)


def test_the_static_version_holds_every_frame_with_its_description(slider):
    page = slider.static_html()
    stored = re.search(r'<script type="application/json" class="u-slider-data">(.*?)</script>', page, re.S)[1]
    content = json.loads(stored)
    assert content["alts"] == list(WORDS.values())
    assert content["labels"] == ["1 of 3", "2 of 3", "3 of 3"]
    assert len(set(content["frames"])) == 3
    assert all(frame.startswith("<svg") for frame in content["frames"])


def test_the_static_version_shows_the_start_before_any_script_runs(slider):
    page = slider.static_html()
    assert 'alt="two stems"' in page
    assert 'min="0" max="2" step="1" value="1"' in page
    assert "<output>2 of 3</output>" in page


def test_the_static_version_asks_no_other_host(slider):
    page = re.sub(r"http://www\.w3\.org/\S+", "", slider.static_html())  # names of XML vocabularies
    assert "http" not in page
    assert "import(" not in page


def test_the_static_version_is_the_same_text_every_time(slider):
    again = Slider(draw, [1, 2, 3], "stems n", alt=WORDS.get, label=lambda n: f"{n} of 3", start=1)
    assert slider.static_html() == again.static_html()


def test_moving_the_live_slider_changes_picture_and_description(slider):
    picture, control = slider.children
    before = picture.value
    control.value = 2
    assert picture.value != before
    assert 'alt="three stems"' in picture.value


def test_text_that_would_end_a_script_or_a_tag_stays_text():
    mpl.use("agg")
    risky = {1: '</script><b>"', 2: "plain & simple"}
    page = Slider(draw, [1, 2], "n", alt=risky.get).static_html()
    stored = page.split('class="u-slider-data">')[1].split("</script>")[0]
    assert json.loads(stored)["alts"] == list(risky.values())
    assert "<b>" not in page.split("<script")[0]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"values": [1]}, "two values or more"),
        ({"start": 3}, "from 0 to 2, got 3"),
        ({"alt": lambda n: "stems"}, "must say what each frame shows"),
    ],
)
def test_a_slider_that_would_mislead_is_refused(change, message):
    good = {"draw": draw, "values": [1, 2, 3], "name": "stems n", "alt": WORDS.get}
    with pytest.raises(ValueError, match=message):
        Slider(**good | change)


def test_a_draw_that_returns_no_figure_is_named():
    with pytest.raises(TypeError, match=r"draw\(1\) must return a matplotlib figure, got NoneType"):
        Slider(lambda n: None, [1, 2], "n", alt=str)
