"""How long a new visitor waits for the chat on a slow line: from the snippet to a composer that takes letters.

Both moments are read from the browser's own clock: a tool that asks every half second whether it may press already
would round to that. What counts is the first letter that arrives in the composer, by a real key.
"""

from playwright.sync_api import Browser, sync_playwright

from livechat.models import ChatInbox
from tests.support import browser as machine
from tests.support.embedding_page import embedding
from tests.support.system import RunningSystem

# The first ones find the web processes cold; they are not counted.
WARM_UP, VISITS = 4, 40
LATENCY_MS = 200
BYTES_PER_S = 1_600_000 / 8
# One process for page and frame: the emulated line counts for one target.
ONE_PROCESS = ["--disable-site-isolation-trials", "--disable-features=IsolateOrigins,site-per-process"]
IN_CORNER_PX = 44
# In every frame: says when the launcher is painted and takes a press, and notes when the first letter arrives.
WATCHED = """
if (self !== top) {
  const look = () => {
    const [launcher, field] = ["[data-launcher]", "[data-field]"].map((one) => document.querySelector(one));
    if (!launcher || !field || launcher.hidden) return requestAnimationFrame(look);
    field.addEventListener("input", () => (window.lettersAt ??= performance.timeOrigin + performance.now()));
    console.info("pressable");
  };
  requestAnimationFrame(look);
}
"""
ASKED_AT = """() => performance.timeOrigin
  + performance.getEntriesByType("resource").find((one) => one.name.endsWith("/loader.js")).startTime"""


def times(running: RunningSystem, inbox: ChatInbox) -> list[float]:
    """Milliseconds of each first visit, with an empty cache each."""
    flags = [*machine.FLAGS, *ONE_PROCESS]
    with embedding(f"{running.url}/chat/{inbox.slug}/loader.js") as address:
        ChatInbox.objects.filter(pk=inbox.pk).update(allowed_origins=[*inbox.allowed_origins, address])
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=machine.executable(playwright), args=flags)
            try:
                return [_visit(browser, address) for _ in range(WARM_UP + VISITS)][WARM_UP:]
            finally:
                browser.close()


def _visit(browser: Browser, address: str) -> float:
    context = browser.new_context()
    context.add_init_script(WATCHED)
    page = context.new_page()
    line = {
        "offline": False, "latency": LATENCY_MS, "downloadThroughput": BYTES_PER_S, "uploadThroughput": BYTES_PER_S,
    }  # fmt: skip
    context.new_cdp_session(page).send("Network.emulateNetworkConditions", line)
    with page.expect_console_message(lambda message: message.text == "pressable"):
        page.goto(address, wait_until="commit")
    _, frame = page.frames
    # Bare presses, as fast as a hand: no tool waits until nothing moves. The launcher stands in the page's corner.
    size = page.viewport_size or {"width": 0, "height": 0}
    page.mouse.click(size["width"] - IN_CORNER_PX, size["height"] - IN_CORNER_PX)
    # The composer has the focus by then, or these letters are lost.
    page.keyboard.type("Hello")
    if frame.get_by_label("Your message").input_value() != "Hello":
        raise RuntimeError("The composer did not take the letters.")
    took = float(frame.evaluate("() => lettersAt")) - float(page.evaluate(ASKED_AT))
    context.close()
    return took
