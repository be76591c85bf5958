"""How long a new visitor waits for the chat on a slow line: from the snippet to a composer that takes letters."""

import time

from playwright.sync_api import Browser, Request, sync_playwright

from livechat.models import ChatInbox
from tests.support import browser as machine
from tests.support.embedding_page import embedding
from tests.support.system import RunningSystem

VISITS = 15
LATENCY_MS = 200
BYTES_PER_S = 1_600_000 / 8
# One process for page and frame: the emulated line counts for one target.
ONE_PROCESS = ["--disable-site-isolation-trials", "--disable-features=IsolateOrigins,site-per-process"]


def times(running: RunningSystem, inbox: ChatInbox) -> list[float]:
    """Milliseconds of each first visit, with an empty cache each."""
    flags = [*machine.FLAGS, *ONE_PROCESS]
    with embedding(f"{running.url}/chat/{inbox.slug}/loader.js") as address:
        ChatInbox.objects.filter(pk=inbox.pk).update(allowed_origins=[*inbox.allowed_origins, address])
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=machine.executable(playwright), args=flags)
            try:
                return [_visit(browser, address) for _ in range(VISITS)]
            finally:
                browser.close()


def _visit(browser: Browser, address: str) -> float:
    context = browser.new_context()
    page = context.new_page()
    line = {
        "offline": False, "latency": LATENCY_MS, "downloadThroughput": BYTES_PER_S, "uploadThroughput": BYTES_PER_S,
    }  # fmt: skip
    context.new_cdp_session(page).send("Network.emulateNetworkConditions", line)
    asked: list[float] = []

    def note(request: Request) -> None:
        if request.url.endswith("/loader.js"):
            asked.append(time.monotonic())

    page.on("request", note)
    page.goto(address, wait_until="commit")
    frame = page.frame_locator("iframe")
    frame.get_by_role("button", name="Open the chat").click()
    frame.get_by_label("Your message").fill("Hello")
    took = (time.monotonic() - asked[0]) * 1000
    context.close()
    return took
