"""A manual review with documents in real browsers: agent, customer, two drawn reviewers; and a document moved by hand.

Staff have passkeys on devices inside Chromium of their own. With PHAROS_PICTURES set to a folder each step is kept
there as a picture, light and dark, wide and narrow; at each step axe finds nothing.
"""

import os
from dataclasses import dataclass
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import FilePayload, Page, expect

from accounts.models import Customer, Staff, TeamMembership
from core.ids import new_public_id
from security.models import ManualReview, ReviewDocument, ReviewDocumentView
from tests.browser import axe, desk
from tests.browser.conftest import Hire, OpenContext, OpenDesk, sign_in
from tests.browser.test_fund_story import with_passkey
from tests.factories.accounts import TeamFactory
from tests.factories.customers import portal_customer, portal_ticket
from tests.support.exchange_beside import SetClock, enter
from tests.support.system import RunningSystem, wait_for
from tickets.models import Attachment, Ticket

# Six browsers, and axe at every step in four ways.
pytestmark = [
    pytest.mark.xdist_group("system"),
    pytest.mark.usefixtures("mailbox"),
    pytest.mark.timeout(600),
]
PICTURES = os.environ.get("PHAROS_PICTURES", "")
SIZES = ({"width": 1440, "height": 900}, {"width": 390, "height": 844})
# The waiting time of a reset, and an hour of the day in which reviewers decide.
BEGUN_AGO = timedelta(hours=73)
FITS = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"


@dataclass
class Story:
    """An agent and a customer in their browsers; people of three other teams of whom two are drawn."""

    agent: Staff
    customer: Page
    owner: Customer
    case: Ticket
    url: str

    def start(self, page: Page) -> ManualReview:
        """The agent starts the review from the ticket, with their passkey."""
        page.goto(f"{self.url}{desk.ticket_path(self.case)}")
        page.get_by_role("link", name="Lost factor").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Start a manual review")
        look(page, "1-agent-starts")
        page.get_by_role("button", name="Start with my passkey").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Manual review")
        expect(page.get_by_text("Waiting time")).to_be_visible()
        look(page, "2-agent-sees-it-wait")
        return ManualReview.objects.get(customer=self.owner)

    def send(self, kind: str, words: str) -> None:
        """The customer sends one picture on the page for documents."""
        page = self.customer
        page.goto(f"{self.url}/portal/reviews/")
        page.get_by_label(kind).check()
        page.get_by_label("Picture", exact=True).set_input_files(photo(f"{words}.jpg", words))
        page.get_by_role("button", name="Send the picture").click()
        expect(page.get_by_text("Your picture is with us.")).to_be_visible()

    def attach(self, name: str, words: str) -> None:
        """The customer puts a picture into an answer instead."""
        page = self.customer
        page.goto(f"{self.url}/portal/requests/{self.case.public_id}/")
        page.get_by_label("Message", exact=True).fill("Here is my picture.")
        page.get_by_label("Files").set_input_files(photo(name, words))
        page.get_by_role("button", name="Send").click()
        expect(page.get_by_text("Your message is with us.")).to_be_visible()


def photo(name: str, words: str) -> FilePayload:
    """Return a picture as a camera would make one, with words on it."""
    image = Image.new("RGB", (900, 600), (208, 214, 226))
    pen = ImageDraw.Draw(image)
    pen.rectangle((60, 120, 300, 440), fill=(120, 132, 160))
    pen.text((360, 140), words, fill=(20, 24, 40), font_size=48)
    written = BytesIO()
    image.save(written, "JPEG")
    return {"name": name, "mimeType": "image/jpeg", "buffer": written.getvalue()}


def look(page: Page, name: str) -> None:
    """Look at the page in both themes, wide and narrow; keep what is to be seen when somebody wants it."""
    for size in SIZES:
        page.set_viewport_size(size)  # type: ignore[arg-type]
        assert page.evaluate(FITS), (name, size)
        assert axe.violations(page) == [], (name, size)
        for scheme in axe.SCHEMES if PICTURES else ():
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            page.screenshot(path=Path(PICTURES) / f"review-{name}-{scheme}-{size['width']}.png")
    page.emulate_media(color_scheme="light")
    page.set_viewport_size(SIZES[0])  # type: ignore[arg-type]


@pytest.fixture
def story(running_system: RunningSystem, hire: Hire, open_context: OpenContext) -> Story:
    # What is committed stays: nobody but these three can be drawn.
    TeamMembership.objects.filter(staff__role__in=["lead", "compliance"]).delete()
    for name, role in (("Lin Lead", "lead"), ("Cora Compliance", "compliance"), ("Lea Lead", "lead")):
        team = new_public_id()
        TeamFactory.create(name=f"Team {team}", slug=team).members.add(hire(name, role))
    owner = portal_customer(f"acc-{new_public_id()}", f"{new_public_id()}@example.com")
    customer = open_context().new_page()
    enter(customer.context, owner)
    return Story(hire("Ada Agent"), customer, owner, portal_ticket(owner), running_system.url)


@pytest.fixture
def begun_ago(set_clock: SetClock) -> SetClock:
    """SQL's clock as it was when the story began; to be asked for before `story`."""
    set_clock(-BEGUN_AGO)
    return set_clock


def looked_at(page: Page, name: str, nth: int) -> None:
    """Open a document in its own tab: a picture, from the content origin."""
    with page.expect_popup() as opened:
        page.get_by_role("link", name=name).nth(nth).click()
    shown = opened.value
    shown.wait_for_load_state()
    assert "/c/" in shown.url
    assert shown.evaluate("document.images[0].naturalWidth") == 900
    if PICTURES:
        shown.screenshot(path=Path(PICTURES) / f"review-5-watermark-{nth}.png")
    shown.close()


def decided(page: Page, url: str, review: ManualReview, place: int) -> None:
    """A drawn reviewer looks at everything and confirms with their passkey."""
    page.goto(f"{url}/desk/reviews/")
    page.locator(f"a[href*='{review.public_id}']").click()
    expect(page.get_by_text("Moved out of a message; its sender is proven.")).to_be_visible()
    looked_at(page, "Identity document", 0)
    looked_at(page, "Picture of you", 0)
    looked_at(page, "Picture out of a message", 0)
    for found in ("can be read", "It is valid", "The name fits", "The person on the picture"):
        page.get_by_label(found).check()
    page.get_by_label("Confirm: it is the customer").check()
    page.get_by_label("Why").fill("Document and face are those of the customer.")
    look(page, f"6-reviewer-{place}-decides")
    page.get_by_role("button", name="Decide with my passkey").click()
    expect(page.get_by_text("Document and face are those of the customer.").last).to_be_visible()
    look(page, f"7-reviewer-{place}-has-decided")


def test_review__with_documents__is_confirmed_by_two_who_looked(
    begun_ago: SetClock, story: Story, open_desk: OpenDesk
) -> None:
    page = with_passkey(open_desk, story.agent)
    review = story.start(page)
    story.send("Identity document", "PASSPORT")
    story.send("Picture of you", "TODAY")
    look(story.customer, "3-customer-has-sent")
    story.attach("holiday.jpg", "MAILED")
    expect(story.customer.get_by_text("Moved to restricted storage")).to_be_visible()
    expect(story.customer.get_by_text("holiday.jpg")).to_have_count(0)
    look(story.customer, "4-customer-sees-it-moved")
    page.goto(f"{story.url}{desk.ticket_path(story.case)}")
    expect(page.locator("#messages")).to_contain_text("moved to restricted storage by itself")
    look(page, "4-agent-sees-it-moved")
    wait_for(lambda: ReviewDocument.objects.filter(review=review).count() == 3, "the picture to be moved")

    begun_ago(timedelta())
    reviewers = [draw.reviewer for draw in review.draws.select_related("reviewer").order_by("place")]
    for place, person in enumerate(reviewers, start=1):
        decided(with_passkey(open_desk, person), story.url, review, place)

    assert list(review.decisions.values_list("decision", flat=True)) == ["confirmed", "confirmed"]
    seen = ReviewDocumentView.objects.filter(document__review=review)
    assert {(look_.viewer_id, look_.document_id) for look_ in seen} == {
        (person.pk, document.pk) for person in reviewers for document in review.documents.all()
    }
    sign_in(page.context, story.agent)
    page.goto(f"{story.url}/desk/reviews/{review.public_id}/")
    expect(page.get_by_text("Confirmed by two reviewers")).to_be_visible()
    expect(page.get_by_role("link", name="Identity document")).to_have_count(0)
    look(page, "8-agent-sees-it-confirmed")
    enter(story.customer.context, story.owner)
    story.customer.goto(f"{story.url}/portal/reviews/")
    expect(story.customer.get_by_text("Confirmed by two reviewers")).to_be_visible()
    look(story.customer, "9-customer-sees-it-confirmed")


def test_document__proposed_and_moved_by_keyboard__is_gone_in_every_open_page(
    story: Story, hire: Hire, open_desk: OpenDesk
) -> None:
    story.attach("my-passport.jpg", "PASSPORT")
    path = desk.ticket_path(story.case)
    mine, theirs = (open_desk(hire(name), path) for name in ("Ana Agent", "Bo Agent"))
    for page in (mine, theirs):
        expect(page.get_by_text("This looks like an identity document.")).to_be_visible()
        expect(page.get_by_role("link", name="my-passport.jpg")).to_be_visible()
    look(mine, "10-proposed")
    move = mine.get_by_role("group", name="Identity documents").get_by_role("button", name="Move")
    move.focus()
    mine.keyboard.press("Enter")

    for page in (mine, theirs):
        expect(page.get_by_text("moved to restricted storage by Ana Agent")).to_be_visible()
        expect(page.get_by_role("link", name="my-passport.jpg")).to_have_count(0)
        expect(page.get_by_text("This looks like an identity document.")).to_have_count(0)
    look(mine, "11-moved")
    moved = Attachment.objects.filter(message__ticket=story.case, file=None)
    wait_for(moved.exists, "the picture to be moved")
