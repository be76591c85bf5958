"""The main job on the running system: a mail comes in, an agent sees it appear and answers, the customer answers back."""

import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Page, expect

from accounts.models import Staff
from tests.browser import desk, mails
from tests.browser.conftest import Hire, OpenDesk
from tests.factories.tickets import MailboxFactory
from tests.support.dovecot import Dovecot
from tests.support.letters import letter
from tests.support.system import RunningSystem, wait_for
from tickets.channels.email import imap
from tickets.models import InboundMail, Mailbox, Message, Ticket

pytestmark = [pytest.mark.xdist_group("system"), pytest.mark.timeout(600)]


@dataclass(frozen=True)
class Customer:
    """Somebody with a mail client."""

    address: str
    message_id: str

    @property
    def sender(self) -> str:
        """The From header."""
        return f"Kim Customer <{self.address}>"


@pytest.fixture
def customer() -> Customer:
    name = secrets.token_hex(4)
    return Customer(f"kim-{name}@example.com", f"<first-{name}@example.com>")


@pytest.fixture
def imap_box(system_db: str, dovecot: Dovecot, running_system: RunningSystem) -> Iterator[Mailbox]:
    """A mailbox that the mail process reads from dovecot, over TLS with dovecot's own CA."""
    box: Mailbox = MailboxFactory.create(
        slug="story",
        name="Pharos Post",
        address="story@pharos.test",
        signature="Pharos Post Office",
        inbound="imap",
        imap_host="127.0.0.1",
        imap_port=dovecot.imaps_port,
        imap_user="story@pharos.test",
        imap_secret=dovecot.password,
        ca_certificate=dovecot.ca_file.read_text(),
    )
    # The mail process looks for new mailboxes twice a minute, and once when it starts.
    running_system.stop("mail")
    running_system.start("mail")
    yield box
    Mailbox.objects.filter(pk=box.pk).update(is_active=False)


def test_mail_story__by_smtp__is_answered_and_answered_back_on_one_ticket(
    running_system: RunningSystem, mailbox: Mailbox, hire: Hire, open_desk: OpenDesk, customer: Customer
) -> None:
    agent = hire("Mara Agent")

    def deliver(raw: bytes, to: str) -> None:
        mails.by_smtp(running_system, raw, sender=customer.address, to=to)

    tell_story(open_desk(agent), running_system, customer, mailbox, agent, deliver)

    assert set(
        InboundMail.objects.filter(mailbox=mailbox, envelope_from=customer.address).values_list("state", "source")
    ) == {("processed", "smtp")}


def test_mail_story__by_imap__is_answered_and_answered_back_on_one_ticket(
    running_system: RunningSystem,
    imap_box: Mailbox,
    dovecot: Dovecot,
    hire: Hire,
    open_desk: OpenDesk,
    customer: Customer,
) -> None:
    agent = hire("Mara Agent")

    def deliver(raw: bytes, to: str) -> None:
        dovecot.deliver(imap_box.imap_user, raw, customer.address)

    tell_story(open_desk(agent), running_system, customer, imap_box, agent, deliver)

    wait_for(lambda: unseen(imap_box) == [], r"\Seen on both mails")
    assert set(InboundMail.objects.filter(mailbox=imap_box).values_list("state", "source")) == {("processed", "imap")}
    assert InboundMail.objects.filter(mailbox=imap_box).count() == 2


def tell_story(
    page: Page,
    system: RunningSystem,
    customer: Customer,
    box: Mailbox,
    agent: Staff,
    deliver: Callable[[bytes, str], None],
) -> None:
    """One story for every way a mail can come in."""
    subject = desk.unique("Deposit of 2 ETH is missing")
    page.evaluate("window.loadedOnce = true")
    deliver(
        letter(
            sender=customer.sender, to=box.address, subject=subject, message_id=customer.message_id, text="Where is it?"
        ),
        box.address,
    )

    news = page.locator("[data-news]").get_by_role("button")
    expect(news).to_have_text("1 new")
    expect(desk.row(page, subject)).to_have_count(0)
    news.click()
    desk.row(page, subject).click()
    expect(page.locator("#case-subject")).to_have_text(subject)
    expect(desk.message(page, "Where is it?")).to_contain_text("Proven")

    answer_by_hand(page)
    ticket = Ticket.objects.get(subject=subject)
    mail = mails.sent_to(system, customer.address, saying="we found it")
    reply = Message.objects.get(ticket=ticket, kind="reply", direction="out")
    assert agent.name in str(mail["From"])
    assert box.address in str(mail["From"])
    assert customer.address in str(mail["To"])
    assert mail["Subject"] == f"Re: {subject}"
    assert mail["Message-ID"] == reply.message_id_header
    assert mail["In-Reply-To"] == customer.message_id
    assert mail["References"] == customer.message_id
    assert mail["Reply-To"].startswith(f"{box.address.partition('@')[0]}+")
    assert mail["Auto-Submitted"] is None
    for kind in ("plain", "html"):
        assert "we found it" in mails.part(mail, kind)
        assert box.signature in mails.part(mail, kind)
    expect(page.locator(f'#m-{reply.seq}[data-delivery="sent"]')).to_be_visible()

    deliver(mails.answer_to(mail, sender=customer.sender, text="Thank you, it is there now."), str(mail["Reply-To"]))
    expect(desk.message(page, "Thank you, it is there now.")).to_contain_text("Proven")
    assert page.evaluate("window.loadedOnce"), "the page was loaded again"
    assert Ticket.objects.filter(requester_address=customer.address).count() == 1
    kinds = (
        Message.objects.filter(ticket=ticket, kind="reply", is_automatic=False)
        .order_by("seq")
        .values_list("direction", flat=True)
    )
    assert list(kinds) == ["in", "out", "in"]


def answer_by_hand(page: Page) -> None:
    """Write and send; the undo toast says that the mail is held for a moment."""
    desk.write(page, "Dear Kim, we found it.\n\nIt is on its way.")
    desk.send(page)
    expect(page.locator("[data-undo]")).to_contain_text("leaves in")
    expect(page.locator("#composer-text")).to_have_value("")
    expect(desk.message(page, "we found it")).to_contain_text("Leaves in a moment")


def unseen(box: Mailbox) -> list[str]:
    """Return the UIDs of mail without the flag \\Seen."""
    with imap.connected(box) as client:
        client.folder.set("INBOX")
        return client.uids("UNSEEN")
