"""HTML mail in its frame: what belongs to it is shown, nothing runs, nobody is called."""

import re
from collections.abc import Iterator
from email.message import EmailMessage
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Frame, Page, Response, expect

from tests.browser import canary as canaries
from tests.browser import desk, mails, scenes
from tests.browser.canary import Canary
from tests.browser.conftest import Hire, OpenContext, OpenDesk
from tests.browser.watching import Watch
from tests.corpus.xss import PAYLOADS
from tests.factories.tickets import mail_ticket, requester
from tests.support.letters import PROVEN
from tests.support.system import RunningSystem, wait_for
from tickets.models import Mailbox, Ticket
from tickets.services import replies

pytestmark = [pytest.mark.xdist_group("system"), pytest.mark.usefixtures("mailbox")]

# Shown through real frames: a spread over every kind of the corpus.
SHOWN = PAYLOADS[:: max(1, len(PAYLOADS) // 40)][:40]
BATCH = 20


@pytest.fixture
def canary() -> Iterator[Canary]:
    with canaries.listening() as one:
        yield one


def open_frames(page: Page) -> list[Frame]:
    """Show every message as it was sent; returns the frames once loaded."""
    buttons = page.locator("[data-frame-open]")
    for number in range(buttons.count()):
        buttons.nth(number).click()
    wanted = buttons.count()
    desk.wait_on(page, lambda: len(content_frames(page)) == wanted, f"{wanted} frames")
    for frame in content_frames(page):
        frame.wait_for_load_state()
    return content_frames(page)


def content_frames(page: Page) -> list[Frame]:
    return [frame for frame in page.frames if urlsplit(frame.url).path.startswith("/c/")]


def images_asked(answers: list[Response]) -> list[Response]:
    """Return the answers to images of frames, which come from our content origin alone."""
    return [one for one in answers if one.request.resource_type == "image" and urlsplit(one.url).path.startswith("/c/")]


@pytest.mark.attack("B2")
def test_html_mail__inline_and_remote_image__shows_the_one_and_calls_nobody_for_the_other(
    hire: Hire, open_desk: OpenDesk, running_system: RunningSystem, mailbox: Mailbox, canary: Canary, watch: Watch
) -> None:
    subject = desk.unique("Screenshot inside")
    address = desk.unique("vera").replace(" ", "-") + "@example.com"
    mail = EmailMessage()
    mail["Authentication-Results"] = PROVEN.format(domain="example.com")
    mail["From"], mail["To"], mail["Subject"] = f"Vera <{address}>", mailbox.address, subject
    mail["Message-ID"] = f"<{subject.replace(' ', '-')}@example.com>"
    mail.set_content("See the picture.")
    mail.add_alternative(
        f'<p>See the <b>picture</b>.</p><img src="cid:shot" width="40" height="40" alt="The screenshot">'
        f'<img src="{canary.url}/pixel.png" alt="A pixel"><script>fetch("{canary.url}/script")</script>',
        subtype="html",
    )
    mail.get_payload()[1].add_related(scenes.PNG, "image", "png", cid="<shot>", filename="shot.png")  # type: ignore[index, union-attr]
    mails.by_smtp(running_system, mail.as_bytes(), sender=address, to=mailbox.address)
    wait_for(Ticket.objects.filter(subject=subject).exists, "the ticket")
    page = open_desk(hire(), desk.ticket_path(Ticket.objects.get(subject=subject)))
    answers: list[Response] = []
    page.on("response", lambda answer: answers.append(answer))  # noqa: PLW0108 -- Playwright refuses bound built-ins

    (frame,) = open_frames(page)
    assert frame.url.startswith(f"{running_system.content_url}/c/")
    assert page.locator("iframe.frame").get_attribute("sandbox") == ""
    expect(frame.locator("body")).to_contain_text("See the picture.")
    expect(frame.get_by_alt_text("The screenshot")).to_be_visible()
    desk.wait_on(page, lambda: len(images_asked(answers)) > 0, "the inline image")
    images = images_asked(answers)
    assert [(one.status, one.headers["content-type"]) for one in images] == [(200, "image/webp")]
    document = next(one for one in answers if one.url == frame.url)
    assert "default-src 'none'" in document.headers["content-security-policy"]
    assert "set-cookie" not in document.headers
    ours = re.compile(f"^{re.escape(running_system.content_url)}/c/")
    expect(frame.get_by_alt_text("A pixel")).not_to_have_attribute("src", re.compile("."))

    page.get_by_role("button", name="Show remote images").click()
    # Whoever asks gets it through us; this one lives on our own machine, where nobody is led.
    expect(page.frame_locator("iframe.frame").get_by_alt_text("A pixel")).to_have_attribute("src", ours)
    desk.wait_on(page, lambda: len(images_asked(answers)) > len(images), "the remote image to be asked of us")
    assert canary.heard == []


@pytest.mark.attack("C3")
def test_html_mail__link_to_its_frame__shows_nothing_to_others(
    hire: Hire, open_desk: OpenDesk, open_context: OpenContext, running_system: RunningSystem, mailbox: Mailbox
) -> None:
    ticket = mail_ticket(mailbox=mailbox, subject=desk.unique("Leaked link"))
    say(ticket, "<p><b>Private words</b></p>")
    person = hire()
    page = open_desk(person, desk.ticket_path(ticket))
    (frame,) = open_frames(page)
    expect(frame.locator("body")).to_contain_text("Private words")
    page.locator(".user-chip").click()
    page.get_by_role("button", name="Sign out").click()
    desk.expect_path(page, "/sign-in/")

    stranger = open_context().new_page()
    stranger.goto(frame.url)
    expect(stranger.locator("body")).to_contain_text("This link has expired.")
    expect(stranger.locator("body")).not_to_contain_text("Private words")


@pytest.mark.attack("B1")
def test_html_mail__payloads_of_attackers__run_nothing_and_call_nobody(
    hire: Hire, open_desk: OpenDesk, mailbox: Mailbox, canary: Canary
) -> None:
    person = hire()
    dialogs: list[str] = []
    said_by_page: list[str] = []
    frames_seen = 0
    for start in range(0, len(SHOWN), BATCH):
        ticket = mail_ticket(mailbox=mailbox, subject=desk.unique("Payloads"))
        for payload in SHOWN[start : start + BATCH]:
            say(ticket, f"<p><b>Payload</b></p>{canary.armed(payload)}")
        page = open_desk(person, desk.ticket_path(ticket))
        page.on("dialog", lambda dialog: dialogs.append(dialog.message))
        # Chromium says so when a sandbox had to stop what the sanitiser let through.
        page.on("console", lambda said: said_by_page.append(said.text))
        for frame in open_frames(page):
            frames_seen += 1
            expect(frame.get_by_text("Payload", exact=True)).to_be_attached()
            frame.locator("body").click(force=True, position={"x": 5, "y": 5})
        assert page.title().endswith("Pharos")
        assert len(page.context.pages) == 1
        page.close()
    assert frames_seen == len(SHOWN) >= 30
    blocked = [said for said in said_by_page if "Blocked script" in said]
    assert (dialogs, blocked, canary.heard) == ([], [], [])


@pytest.mark.positive_control("B1")
def test_canary__weak_page_with_the_same_payloads__is_called(open_context: OpenContext, canary: Canary) -> None:
    page = open_context().new_page()
    for payload in SHOWN[:12]:
        page.goto(canary.weak_page(canary.armed(payload)), wait_until="load")
    desk.wait_on(page, lambda: len(canary.heard) >= 3, "the canary to be called by a page without protection")


def say(ticket: Ticket, html: str) -> None:
    """Let the requester send HTML as it is."""
    replies.add(
        ticket=ticket,
        sender=requester(ticket.requester, ticket.requester_address),
        channel="email",
        words=replies.Words(text="Look.", html=html),
    )
