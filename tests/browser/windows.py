"""A window of the browser, and where to find a browser and the book."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Page

SITE = Path(__file__).resolve().parents[2] / "_build" / "html"


@dataclass
class Visit:
    """A page that is open in the browser, and all that went wrong on it."""

    page: Page
    address: str
    foreign: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def open(self, path: str) -> Page:
        """Open a page of the book and wait until its mathematics is set."""
        self.page.goto(self.address + path)
        self.page.evaluate("window.MathJax?.startup?.promise")
        return self.page
