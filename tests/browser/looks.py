"""How a page looks: wide and narrow, in both colour schemes. With PICTURES=folder a picture of each is kept."""

import os

from playwright.sync_api import Page

from tests.browser import axe

SIZES = ((1440, 900), (390, 844))


def right(page: Page, name: str) -> None:
    """Nothing is wider than the page, and axe finds nothing."""
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
        if folder := os.environ.get("PICTURES"):
            page.screenshot(path=f"{folder}/{name}-{width}.png")
    assert axe.violations(page) == []
    page.set_viewport_size({"width": 1440, "height": 900})
