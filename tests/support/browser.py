"""The browser of the tests: the machine's Chromium, cut off from everything but this machine."""

import os
import shutil
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Playwright

FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
)  # fmt: skip
MISSING = (
    "Browser tests need Chromium: install it as root with `apt-get install --no-install-recommends chromium "
    "fonts-wqy-microhei`, without root with `.venv/bin/playwright install chromium`, or set PHAROS_CHROMIUM."
)


def executable(playwright: Playwright) -> str:
    """Return the Chromium to use; fails, never skips, when there is none."""
    named = os.environ.get("PHAROS_CHROMIUM")
    found = [named] if named else ["/usr/bin/chromium", shutil.which("chromium-browser"), shutil.which("google-chrome")]
    for candidate in (*found, *([] if named else [playwright.chromium.executable_path])):
        if candidate and Path(candidate).exists():
            return str(candidate)
    pytest.fail(MISSING, pytrace=False)


@pytest.fixture(scope="session")
def browser_type_launch_args(playwright: Playwright) -> dict[str, Any]:
    """How pytest-playwright launches the browser.

    Its sync interface keeps an event loop in this thread, which Django would take for async code.
    """
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    return {"executable_path": executable(playwright), "headless": True, "args": list(FLAGS)}


@pytest.fixture(scope="session")
def browser_context_args() -> dict[str, Any]:
    """The screen of a person at a desk, reading English, in UTC."""
    return {
        "viewport": {"width": 1440, "height": 900},
        "locale": "en",
        "timezone_id": "UTC",
        "service_workers": "block",
    }
