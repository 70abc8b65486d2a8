"""What a page costs the reader: bytes on the way, compressed as a host would, and seconds at 10 Mbit/s."""

from __future__ import annotations

import functools
import gzip
import re
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

import serve
from playwright.sync_api import Browser

COMPRESSED = {".html", ".js", ".css", ".svg", ".json", ".txt", ".xml"}  # fonts and PNG are compressed already
FRAMES = re.compile(r'<script[^>]*class="u-slider-data".*?</script>', re.S)
LINE = {"offline": False, "latency": 40, "downloadThroughput": 10e6 / 8, "uploadThroughput": 10e6 / 8}
WATCH = """
window.largest = 0;
new PerformanceObserver(list => { for (const e of list.getEntries()) window.largest = e.startTime; })
    .observe({type: "largest-contentful-paint", buffered: true});
"""


@dataclass(frozen=True)
class Weight:
    """Of one page, read to its end by somebody who has not been here before.

    Attributes:
        total: bytes of everything that was loaded.
        frames: bytes of its sliders' frames among them.
        largest_paint: seconds until the largest thing in sight stood there, on a line of 10 Mbit/s.
    """

    total: int
    frames: int
    largest_paint: float


class Host(serve.QuietHandler):
    """Serves files as a host of static sites does: compressed."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        path = Path(self.translate_path(self.path))
        path = path / "index.html" if path.is_dir() else path
        if not path.is_file():
            self.send_error(404)
            return
        body = path.read_bytes()
        self.send_response(200)
        self.send_header("Content-Type", self.guess_type(path))
        if path.suffix in COMPRESSED:
            body = _squeezed(body)
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@functools.lru_cache(maxsize=500)
def _squeezed(body: bytes) -> bytes:
    return gzip.compress(body, 6)


def host(site: Path) -> AbstractContextManager[str]:
    """Serve the site compressed, for as long as a block runs; gives the address."""
    return serve.served(site, Host)


def weigh(browser: Browser, address: str, site: Path, page_name: str) -> Weight:
    """Open a page with an empty cache, scroll to its end, and count."""
    context = browser.new_context()
    page = context.new_page()
    page.set_default_timeout(120_000)  # bytes are counted here, not seconds; a busy machine may take its time
    network, sizes = context.new_cdp_session(page), []
    network.send("Network.enable")
    network.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    network.send("Network.emulateNetworkConditions", LINE)
    page.add_init_script(WATCH)
    page.goto(f"{address}{page_name}.html")
    page.wait_for_load_state("networkidle")
    paint = page.evaluate("window.largest") / 1000
    for top in range(0, page.evaluate("document.documentElement.scrollHeight"), 700):
        page.evaluate(f"window.scrollTo(0, {top})")
        page.wait_for_timeout(10)
    page.wait_for_load_state("networkidle")
    context.close()
    html = (site / f"{page_name}.html").read_text("utf-8")
    frames = len(_squeezed(html.encode())) - len(_squeezed(FRAMES.sub("", html).encode()))
    return Weight(int(sum(sizes)), frames, paint)
