"""`python -m tests.browser.screenshots`: pictures of the main pages of a demo copy, light and dark, wide and narrow.

The few that the README shows go to docs/screenshots, small enough for git; all go to VAR_DIR/screenshots.
"""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Literal
from urllib.error import URLError
from urllib.request import ProxyHandler, build_opener

from PIL import Image
from playwright.sync_api import Browser, Page, expect, sync_playwright

from helpdesk.embedded.environment import PORTS
from helpdesk.embedded.places import ROOT
from helpdesk.launcher import preflight
from tests.support import browser as machine

Scheme = Literal["light", "dark"]
SCHEMES: tuple[Scheme, ...] = ("light", "dark")
WIDTHS = {1440: 900, 390: 844}
IN_GIT = ROOT / "docs" / "screenshots"
# What the README shows: at most twelve, at most 200 kB each.
KEPT = frozenset(
    [
        "ticket-light-1440", "ticket-dark-1440", "ticket-light-390", "ticket-dark-390", "queue-light-1440",
        "queue-dark-390", "sign-in-light-1440", "review-dark-1440", "account-light-1440", "admin-dark-1440",
        "postbox-light-1440", "palette-dark-1440",
    ]
)  # fmt: skip
LIMIT_BYTES = 200_000
COLOURS = (256, 128, 64, 32)
START_PATIENCE_S = 180.0
STOP_PATIENCE_S = 20.0
PASSWORD = "lighthouse"
LEAD, ADMIN = "lead@pharos.test", "admin@pharos.test"


@dataclass(frozen=True)
class Copy:
    """A running copy with demo data."""

    url: str
    environment: dict[str, str]

    def code(self, email: str) -> str:
        """Return a second-factor code that will be accepted."""
        command = [sys.executable, "manage.py", "demo_code", email]
        done = subprocess.run(command, cwd=ROOT, env=self.environment, capture_output=True, text=True, check=True)
        return done.stdout.split()[-1]


def main() -> None:
    """Take them all."""
    var_dir = Path(os.environ.get("VAR_DIR", ROOT / "var")).resolve()
    everything = var_dir / "screenshots"
    for folder in (everything, IN_GIT):
        folder.mkdir(parents=True, exist_ok=True)
    with demo_copy(var_dir / "screenshots-copy") as copy, sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=machine.executable(playwright), headless=True, args=list(machine.FLAGS)
        )
        for email, scenes in ((LEAD, LEAD_SCENES), (ADMIN, ADMIN_SCENES)):
            state = sign_in(chromium, copy, email, everything)
            take(chromium, copy, scenes, state, everything)
        chromium.close()
    fund_story(everything)
    print(f"All of them: {everything}")


def fund_story(folder: Path) -> None:
    """Take each step of a fund-related action while a test walks through it."""
    command = [sys.executable, "-m", "pytest", "-q", "-n", "1", "--dist=loadgroup", "tests/browser/test_fund_story.py"]
    subprocess.run(command, cwd=ROOT, env=os.environ | {"PHAROS_PICTURES": str(folder)}, check=True)


@contextmanager
def demo_copy(var_dir: Path) -> Iterator[Copy]:
    """Run `make run`'s launcher on ports and a VAR_DIR of its own until the block ends."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PHAROS_", "DATABASE_"))}
    for name in ("REDIS_URL", "SECRET_KEY", "DJANGO_SETTINGS_MODULE"):
        kept.pop(name, None)
    ports = {name: str(preflight.free_port()) for name in PORTS}
    environment = kept | ports | {"VAR_DIR": str(var_dir), "PHAROS_UNDO_SEND_S": "0"}
    process = subprocess.Popen(
        [sys.executable, "-m", "helpdesk.launcher"], cwd=ROOT, env=environment, stdin=subprocess.DEVNULL,
        start_new_session=True,
    )  # fmt: skip
    copy = Copy(f"http://localhost:{ports['PORT']}", environment)
    try:
        wait_until_ready(copy, process)
        yield copy
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(STOP_PATIENCE_S)
        shutil.rmtree(var_dir, ignore_errors=True)


def wait_until_ready(copy: Copy, process: "subprocess.Popen[bytes]") -> None:
    """Return when the copy says that it is ready; exits with a sentence when it ended or takes too long."""
    give_up = time.monotonic() + START_PATIENCE_S
    opener = build_opener(ProxyHandler({}))
    while process.poll() is None and time.monotonic() < give_up:
        try:
            with opener.open(f"{copy.url}/readyz", timeout=5) as answer:
                if b'"ready"' in answer.read():
                    return
        except (URLError, OSError):
            pass
        time.sleep(0.3)
    sys.exit("The demo copy did not become ready; its own words stand above.")


def sign_in(chromium: Browser, copy: Copy, email: str, folder: Path) -> str:
    """Sign in as a person would, with pictures of the two steps; returns where the cookies are kept."""
    context = chromium.new_context(viewport={"width": 1440, "height": 900}, locale="en", timezone_id="UTC")
    page = context.new_page()
    page.goto(f"{copy.url}/sign-in/")
    if email == LEAD:
        each_way(page, "sign-in", folder)
    page.get_by_label("Work email").fill(email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Second step")
    if email == LEAD:
        each_way(page, "second-step", folder)
    page.locator("#id_code").fill(copy.code(email))
    page.wait_for_url("**/desk/**")
    kept = folder / ".state.json"
    context.storage_state(path=kept)
    context.close()
    return str(kept)


def take(chromium: Browser, copy: Copy, scenes: "dict[str, Scene]", state: str, folder: Path) -> None:
    """Open every scene in its own page and take it each way."""
    for name, scene in scenes.items():
        for width, height in WIDTHS.items():
            context = chromium.new_context(
                viewport={"width": width, "height": height}, locale="en", timezone_id="UTC", storage_state=state,
                reduced_motion="reduce",
            )  # fmt: skip
            page = context.new_page()
            scene(page, copy.url)
            each_scheme(page, f"{name}-{{scheme}}-{width}", folder)
            context.close()
    Path(state).unlink()


def each_way(page: Page, name: str, folder: Path) -> None:
    """Take the page as it stands at every width and in both schemes."""
    for width, height in WIDTHS.items():
        page.set_viewport_size({"width": width, "height": height})
        each_scheme(page, f"{name}-{{scheme}}-{width}", folder)


def each_scheme(page: Page, name: str, folder: Path) -> None:
    """Take the page as it stands, light and dark."""
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        stem = name.format(scheme=scheme)
        picture = page.screenshot(animations="disabled", caret="hide")
        (folder / f"{stem}.png").write_bytes(picture)
        if stem in KEPT:
            (IN_GIT / f"{stem}.png").write_bytes(small(picture))
            print(f"docs/screenshots/{stem}.png")


def small(picture: bytes) -> bytes:
    """Return the picture with as many colours as fit into the limit."""
    image = Image.open(BytesIO(picture)).convert("RGB")
    for colours in COLOURS:
        out = BytesIO()
        image.quantize(colours, dither=Image.Dither.NONE).save(out, "PNG", optimize=True)
        if out.tell() <= LIMIT_BYTES:
            return out.getvalue()
    message = f"a picture does not fit into {LIMIT_BYTES} bytes"
    raise ValueError(message)


Scene = Callable[[Page, str], None]


def at(path: str) -> Scene:
    """A scene that is an address."""

    def scene(page: Page, url: str) -> None:
        page.goto(f"{url}{path}")
        page.wait_for_load_state("networkidle")

    return scene


def first_of(path: str, selector: str) -> Scene:
    """A scene behind the first link of a list."""

    def scene(page: Page, url: str) -> None:
        at(path)(page, url)
        link = page.locator(selector).first
        page.goto(f"{url}{link.get_attribute('href')}")
        page.wait_for_load_state("networkidle")

    return scene


def busy_ticket(page: Page, url: str) -> None:
    """The ticket with the most to see among those whose row is in the picture: files, formatted mail, notes, events."""
    at("/desk/views/open/")(page, url)
    links = [str(link.get_attribute("href")) for link in page.locator("[data-row-link]").all()[:8]]
    best = max(links, key=lambda link: richness(page.request.get(f"{url}{link}").text()))
    page.goto(f"{url}{best}")
    page.wait_for_load_state("networkidle")


def richness(html: str) -> int:
    """Return how much there is to see on a ticket's page."""
    worth = {
        'class="file"': 4,
        "data-frame-bar": 3,
        "msg-note": 2,
        'class="msg ': 1,
        'class="event"': 1,
        "redaction": 2,
    }
    return sum(weight * min(html.count(mark), 3) for mark, weight in worth.items())


def palette(page: Page, url: str) -> None:
    """The palette over an open ticket."""
    busy_ticket(page, url)
    page.locator('[data-open-dialog="palette"]').evaluate("button => button.click()")
    expect(page.locator("#dialog-palette")).to_be_visible()


def postbox(page: Page, url: str) -> None:
    """A mail that left; the demo begins with an empty postbox, so one is sent first."""
    busy_ticket(page, url)
    if page.request.get(f"{url}/demo/postbox/").text().count("row-link") == 0:
        page.locator("#composer-text").fill(
            "Hello,\n\nwe found your deposit; it is credited within the hour.\n\nKind regards"
        )
        page.locator("#composer-text").press("Control+Enter")
        expect(page.locator('[data-delivery="sent"]').last).to_contain_text("it is credited within the hour")
    first_of("/demo/postbox/", ".split .row-link")(page, url)


LEAD_SCENES: dict[str, Scene] = {
    "queue": at("/desk/views/open/"),
    "ticket": busy_ticket,
    "palette": palette,
    "new": at("/desk/new/"),
    "review": first_of("/desk/review/", ".split .row-link"),
    "account": at("/account/"),
    "system": at("/desk/system/"),
    "postbox": postbox,
    "not-found": at("/desk/tickets/nothing/"),
}
ADMIN_SCENES: dict[str, Scene] = {
    "admin": at("/admin/"),
    "admin-list": at("/admin/tickets/mailbox/"),
    "admin-form": first_of("/admin/tickets/mailbox/", "#result_list tbody th a"),
    "api-docs": at("/api/v1/docs/"),
}

if __name__ == "__main__":
    main()
