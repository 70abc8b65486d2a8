"""A real browser on the built book. It may talk to the book's server and to nobody else."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import chromium
import pytest
import serve
from playwright.sync_api import Browser, ConsoleMessage, Request, Response, Route, expect, sync_playwright
from windows import SITE, Visit

expect.set_options(timeout=30_000)  # no test is about seconds, and a busy machine may take its time


@pytest.fixture(scope="session")
def address() -> Iterator[str]:
    """Return the address of the served book."""
    try:
        with serve.served(SITE) as address:
            yield address
    except FileNotFoundError as error:
        pytest.fail(str(error), pytrace=False)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    try:
        executable = chromium.executable()
    except FileNotFoundError as error:
        pytest.fail(str(error), pytrace=False)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=chromium.FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def visit(browser: Browser, address: str) -> Iterator[Callable[..., Visit]]:
    """Return a function that opens a fresh window of some width on a light or dark system."""
    contexts = []

    def new(width: int = 1280, scheme: str = "light") -> Visit:
        context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
        context.set_default_timeout(120_000)
        contexts.append(context)
        visit = Visit(context.new_page(), address)

        def only_the_book(route: Route, request: Request) -> None:
            if request.url.startswith((address, "data:", "blob:")):
                route.continue_()
            else:
                visit.foreign.append(request.url)
                route.abort()

        def note_console(message: ConsoleMessage) -> None:
            if message.type in ("error", "warning"):
                visit.complaints.append(f"{message.type}: {message.text}")

        def note_response(response: Response) -> None:
            if response.status >= 400:
                visit.complaints.append(f"{response.status}: {response.url}")

        context.route("**/*", only_the_book)
        visit.page.on("console", note_console)
        visit.page.on("response", note_response)
        visit.page.on("pageerror", lambda error: visit.complaints.append(f"uncaught: {error}"))
        return visit

    yield new
    for context in contexts:
        context.close()
