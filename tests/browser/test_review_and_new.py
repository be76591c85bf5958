"""Mail that was held back, and tickets opened by hand."""

import pytest
from playwright.sync_api import expect

from tests.browser import desk, mails
from tests.browser.conftest import Hire, OpenDesk
from tests.support.letters import letter
from tests.support.system import RunningSystem, wait_for
from tickets.models import InboundMail, Mailbox, Ticket

pytestmark = [pytest.mark.xdist_group("system"), pytest.mark.usefixtures("mailbox")]


def test_review__mail_that_could_not_be_read__is_shown_masked_and_can_be_tried_again(
    hire: Hire, open_desk: OpenDesk, running_system: RunningSystem, mailbox: Mailbox
) -> None:
    page = open_desk(hire("Lin Lead", "lead"), "/desk/views/open/")
    subject = desk.unique("Two senders")
    raw = letter(sender="A <a@example.com>", subject=subject).replace(b"To: ", b"From: B <b@example.net>\r\nTo: ", 1)
    mails.by_smtp(running_system, raw, sender="a@example.com", to=mailbox.address)
    waiting = InboundMail.objects.filter(state="quarantined", preview__contains=subject)
    wait_for(waiting.exists, "the mail in review")
    expect(page.locator('[data-count="quarantine"]')).not_to_have_text("0")
    page.keyboard.press("g")
    page.keyboard.press("q")

    page.locator(".row").filter(has_text=subject).get_by_role("link").click()
    expect(page.locator("#quarantine-item")).to_contain_text("Tried once.")
    expect(page.locator("#quarantine-item pre").first).to_contain_text(f"Subject: {subject}")
    page.get_by_role("button", name="Try again").click()
    expect(page.locator("#quarantine-item")).to_contain_text("Trying again.")

    row = InboundMail.objects.get(preview__contains=subject)
    wait_for(lambda: InboundMail.objects.exclude(state="stored").filter(pk=row.pk).exists(), "the second try")
    page.reload()
    expect(page.locator("#quarantine-item")).not_to_contain_text("Trying again.")


def test_new_ticket__of_a_caller__is_opened_with_a_claimed_address_and_can_be_answered(
    hire: Hire, open_desk: OpenDesk, running_system: RunningSystem
) -> None:
    person = hire("Cal Caller")
    page = open_desk(person)
    page.keyboard.press("c")
    desk.expect_path(page, "/desk/new/")
    address = desk.unique("caller").replace(" ", "-") + "@example.com"
    subject = desk.unique("Lost phone")
    page.get_by_label("Their email address or phone number").fill(address)
    page.get_by_label("Their name").fill("Noor Caller")
    page.get_by_label("Subject").fill(subject)
    page.get_by_label("What they said").fill("She lost her phone.")
    page.get_by_label("Priority").select_option("high")
    page.get_by_role("button", name="Open the ticket").click()

    desk.expect_path(page, "/desk/tickets/")
    expect(page.locator("#case-subject")).to_have_text(subject)
    expect(page.locator("#messages")).to_contain_text("She lost her phone.")
    expect(page.locator("#messages")).to_contain_text("Sender not proven.")
    ticket = Ticket.objects.get(subject=subject)
    assert (ticket.assignee, ticket.priority, ticket.is_requester_proven) == (person, "high", False)
    desk.write(page, "We can help with that.")
    desk.send(page)
    mail = mails.sent_to(running_system, address, saying="We can help with that.")
    assert "She lost her phone." not in mails.part(mail, "plain")


def test_new_ticket__without_a_usable_address__keeps_what_was_written(hire: Hire, open_desk: OpenDesk) -> None:
    page = open_desk(hire(), "/desk/new/")
    page.get_by_label("Their email address or phone number").fill("nobody at nowhere")
    page.get_by_label("Subject").fill("A subject")
    page.get_by_label("What they said").fill("Some words")
    page.get_by_role("button", name="Open the ticket").click()

    expect(page.locator("#f-address-error")).to_be_visible()
    expect(page.get_by_label("What they said")).to_have_value("Some words")


def test_postbox__after_a_reply__shows_the_mail_with_headers_and_html(
    hire: Hire, open_desk: OpenDesk, running_system: RunningSystem, mailbox: Mailbox
) -> None:
    subject = desk.unique("To the postbox")
    address = desk.unique("pia").replace(" ", "-") + "@example.com"
    mails.by_smtp(
        running_system,
        letter(sender=f"Pia <{address}>", subject=subject, to=mailbox.address),
        sender=address,
        to=mailbox.address,
    )
    wait_for(Ticket.objects.filter(subject=subject).exists, "the ticket")
    page = open_desk(hire(), desk.ticket_path(Ticket.objects.get(subject=subject)))
    desk.write(page, "Look into your postbox.")
    desk.send(page)
    mails.sent_to(running_system, address, saying="Look into your postbox.")

    page.goto(f"{running_system.url}/demo/postbox/")
    page.locator(".row-link").filter(has_text=f"Re: {subject}").click()

    expect(page.locator("#mail-subject")).to_have_text(f"Re: {subject}")
    expect(page.locator("pre")).to_contain_text("Look into your postbox.")
    page.get_by_text("All headers").click()
    expect(page.locator(".headers.raw")).to_contain_text("In-Reply-To")
