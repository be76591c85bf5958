"""The portal in a real browser: axe in both themes, 390 px, Chinese, and a customer's way through it."""

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import BrowserContext, Page, expect

from accounts.models import Customer
from core.clock import DatabaseNow
from core.ids import new_public_id
from security import freeze_links
from tests.browser import axe
from tests.browser.conftest import OpenContext
from tests.factories.customers import open_portal, portal_customer, portal_ticket
from tests.support.system import RunningSystem
from tickets.models import Mailbox, SocialAccount, SocialChat, SocialLink, Ticket
from tickets.services import social_links

pytestmark = [pytest.mark.xdist_group("system"), pytest.mark.usefixtures("mailbox")]
PHRASE = "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about"
NARROW = {"width": 390, "height": 844}


def enter(context: BrowserContext, locale: str = "en") -> Ticket:
    """Sign a new customer in; return a request of theirs."""
    name = new_public_id()
    customer = portal_customer(f"acc-{name}", f"{name}@example.com", locale=locale)
    client = Client()
    open_portal(client, customer)
    token = client.cookies[settings.PORTAL_COOKIE_NAME].value
    context.add_cookies(
        [{"name": settings.PORTAL_COOKIE_NAME, "value": token, "domain": "localhost", "path": "/", "httpOnly": True}]
    )
    return portal_ticket(customer, text=f"My words are {PHRASE} and my deposit is missing.")


def telegram_chat() -> SocialChat:
    """Return a private conversation of somebody who is called Mina there."""
    account = SocialAccount.objects.create(kind="telegram", name="Pharos Support", token="1:a", is_active=False)
    return SocialChat.objects.create(account=account, external_id="1", customer=Customer.objects.create(name="Mina"))


def fits(page: Page) -> bool:
    """Whether nothing sticks out at the side."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"))


@pytest.mark.parametrize("locale", ["en", "zh-hans"])
def test_portal__every_page__has_no_violation_and_fits_a_phone(
    running_system: RunningSystem, open_context: OpenContext, mailbox: Mailbox, locale: str
) -> None:
    context = open_context(locale=locale)
    page = context.new_page()
    page.goto(f"{running_system.url}/portal/")
    expect(page.get_by_role("heading", level=1)).to_have_text({"en": "Support portal", "zh-hans": "客服门户"}[locale])
    assert axe.violations(page) == []
    ticket = enter(context, locale)
    link = freeze_links.path_for(ticket.requester)
    paths = ["/portal/", f"/portal/requests/{ticket.public_id}/", "/portal/requests/new/", "/portal/approvals/"]
    chat = telegram_chat()
    secret = social_links.issue(chat=chat).partition("/portal")[2]
    SocialLink.objects.create(chat=telegram_chat(), customer=ticket.requester, linked_at=DatabaseNow())
    paths += ["/portal/conversations/", f"/portal{secret}"]
    for path in [*paths, "/portal/security/", "/portal/security/freeze/", "/portal/reviews/", link]:
        page.goto(f"{running_system.url}{path}")
        expect(page.locator("html")).to_have_attribute("lang", locale)
        assert axe.violations(page) == [], path
        page.set_viewport_size(NARROW)  # type: ignore[arg-type]
        assert fits(page), path
        assert axe.violations(page) == [], path
        page.set_viewport_size({"width": 1440, "height": 900})


def test_portal__a_customers_way__answers_locks_and_freezes(
    running_system: RunningSystem, open_context: OpenContext
) -> None:
    context = open_context(viewport=NARROW)
    ticket = enter(context)
    page = context.new_page()
    page.goto(f"{running_system.url}/portal/")
    page.get_by_role("link", name=ticket.subject).click()
    expect(page.get_by_text("Seed phrase masked")).to_be_visible()
    page.get_by_label("Message", exact=True).fill("Any news?")
    page.get_by_label("Files").set_input_files({"name": "slip.txt", "mimeType": "text/plain", "buffer": b"slip"})
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_text("Your message is with us.")).to_be_visible()
    expect(page.get_by_role("link", name="slip.txt")).to_be_visible()
    assert axe.violations(page) == []
    page.get_by_role("link", name="Security", exact=True).click()
    page.get_by_label("New phrase").fill("see https://evil.example")
    page.get_by_role("button", name="Save the phrase").click()
    expect(page.get_by_text("cannot hold a link")).to_be_visible()
    assert axe.violations(page) == []
    page.get_by_label("New phrase").fill("green herons 7")
    page.get_by_role("button", name="Save the phrase").click()
    expect(page.get_by_text("green herons 7")).to_be_visible()
    page.get_by_role("button", name="Lock support out").click()
    expect(page.get_by_text("Locked until")).to_be_visible()
    page.get_by_role("navigation").get_by_role("link", name="Freeze my account").click()
    page.get_by_role("button", name="Freeze now").click()
    expect(page.get_by_text("Your account is frozen.")).to_be_visible()
    assert axe.violations(page) == []
    assert fits(page)
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Support portal")
