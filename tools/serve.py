"""Serve the built book on this machine, at a free port, and print the address."""

from __future__ import annotations

import argparse
import functools
import http.server
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SITE = Path(__file__).resolve().parents[1] / "_build" / "html"


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Print nothing for each request: the address should stay in sight."""


def server(
    site: Path, port: int = 0, handler: type[QuietHandler] = QuietHandler
) -> http.server.ThreadingHTTPServer:
    """Return a server of the folder, bound to this machine only; port 0 takes a free one.

    Raises:
        FileNotFoundError: there is no book in the folder.
    """
    if not (site / "index.html").is_file():
        raise FileNotFoundError(f"no book in {site}: run `make book` first")
    return http.server.ThreadingHTTPServer(("127.0.0.1", port), functools.partial(handler, directory=site))


@contextmanager
def served(site: Path, handler: type[QuietHandler] = QuietHandler) -> Iterator[str]:
    """Serve a folder for as long as the block runs; gives the address.

    Raises:
        FileNotFoundError: there is no book in the folder.
    """
    httpd = server(site, handler=handler)
    threading.Thread(target=httpd.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{httpd.server_port}/"
    finally:
        httpd.shutdown()
        httpd.server_close()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--port", type=int, default=8000, help="asked for first; a free one is taken when it is in use"
    )
    port = parser.parse_args().port
    try:
        httpd = server(SITE, port)
    except FileNotFoundError as error:
        print(error, file=sys.stderr)
        return 1
    except OSError:
        httpd = server(SITE)
    print(f"The book is at http://localhost:{httpd.server_port}/   (stop with Ctrl-C)", flush=True)
    try:
        httpd.serve_forever()
    except KeyboardInterrupt:
        print()
    return 0


if __name__ == "__main__":
    sys.exit(main())
