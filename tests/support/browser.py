"""The browser of the tests: the machine's Chromium, cut off from everything but this machine."""

import asyncio
import os
import shutil
from collections.abc import Iterator
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
    """How pytest-playwright launches the browser."""
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


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Playwright's sync interface leaves its event loop marked as running in this thread until the session ends.

    Tests without a browser must not see it: Django would refuse its ORM, and no loop could run. Browser tests
    use the ORM too, so for them Django is told that the thread is not async.
    """
    if "browser" in getattr(item, "fixturenames", ()):
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
        try:
            return (yield)
        finally:
            del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]
    running = asyncio._get_running_loop()
    asyncio._set_running_loop(None)
    try:
        return (yield)
    finally:
        asyncio._set_running_loop(running)
