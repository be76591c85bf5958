"""How long a new visitor waits for the chat on a slow line: from the snippet to a composer that takes letters."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from playwright.sync_api import Browser, Request, sync_playwright

from livechat.models import ChatInbox
from tests.support import browser as machine
from tests.support.system import RunningSystem

VISITS = 15
LATENCY_MS = 200
BYTES_PER_S = 1_600_000 / 8
# One process for page and frame: the emulated line counts for one target.
ONE_PROCESS = ["--disable-site-isolation-trials", "--disable-features=IsolateOrigins,site-per-process"]


def times(running: RunningSystem, inbox: ChatInbox) -> list[float]:
    """Milliseconds of each first visit, with an empty cache each."""
    flags = [*machine.FLAGS, *ONE_PROCESS]
    with _page(f"{running.url}/chat/{inbox.slug}/loader.js") as address:
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


@contextmanager
def _page(loader: str) -> Iterator[str]:
    """A site that embeds the chat and does nothing else; its origin."""
    body = f'<!doctype html><title>Site</title><p>Hello</p><script async src="{loader}"></script>'.encode()

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
