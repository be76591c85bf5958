"""Two help desks that answer each other: ours says little, then nothing, and tells the agents."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from pytest_django import Settings

from tests.integration.tickets.email.conftest import Mail
from tests.support.letters import PROVEN, letter
from tests.support.weak_desk import WeakDesk, WeakResponder
from tickets.delivery import sending
from tickets.models import InboundMail, Message, OutboundMail, Ticket

PEER = "help@other.example"
ROUNDS = 12


@pytest.fixture(autouse=True)
def _one_answer_a_day_is_not_what_stops_it(settings: Settings, tmp_path: Path) -> None:
    settings.AUTOMATIC_MAILS_PER_ADDRESS_PER_DAY = 1_000
    settings.POSTBOX_TRANSPORT, settings.POSTBOX_DIR = True, tmp_path / "postbox"


def vouched(raw: bytes) -> bytes:
    """What our exchanger hands on: the other desk signs its mail like any serious company."""
    return f"Authentication-Results: {PROVEN.format(domain='other.example')}\r\n".encode() + raw


def answer_each_other(mail: Mail, peer: WeakResponder, postbox: Path) -> int:
    """Carry mails to and fro until nobody has anything to say, at most ROUNDS times; returns how many we sent."""
    mail.take(vouched(letter(sender=PEER, proven=False)))
    for _ in range(ROUNDS):
        waiting = list(OutboundMail.objects.filter(state="queued"))
        if not waiting:
            break
        for row in waiting:
            sending.deliver_email(row.pk)
            raw = max(postbox.glob("*.eml"), key=lambda path: path.stat().st_mtime_ns).read_bytes()
            mail.take(vouched(peer.answer(raw, to=mail.mailbox.address)))
    return len(list(postbox.glob("*.eml")))


@pytest.mark.attack("A8")
@pytest.mark.parametrize(("strips", "most"), [(False, 1), (True, 2)])
def test_other_desk__answers_every_mail__two_an_hour_then_silence(
    mail: Mail, settings: Settings, strips: bool, most: int
) -> None:
    peer = WeakResponder(PEER, strips=strips)
    assert answer_each_other(mail, peer, settings.POSTBOX_DIR) == most
    assert peer.answered == most
    assert InboundMail.objects.filter(state="stored").count() == 0


@pytest.mark.attack("A8")
def test_other_desk__the_limit_is_reached__the_ticket_says_so_to_agents(mail: Mail, settings: Settings) -> None:
    answer_each_other(mail, WeakResponder(PEER, strips=True), settings.POSTBOX_DIR)
    silent = Ticket.objects.latest("pk")
    assert Message.objects.filter(ticket=silent, event="acknowledged").count() == 0
    assert Message.objects.filter(ticket=silent, event="acknowledgement_withheld", public_seq=None).count() == 1
    assert Message.objects.filter(event="acknowledgement_withheld").count() == 1


@pytest.mark.attack("A8")
def test_other_desk__hour_after_hour__never_more_than_two(
    clone_db: str, mail: Mail, settings: Settings, move_time: Callable[[timedelta], None]
) -> None:
    peer = WeakResponder(PEER, strips=True)
    for hour in range(1, 4):
        assert answer_each_other(mail, peer, settings.POSTBOX_DIR) == 2 * hour
        move_time(timedelta(minutes=61))


@pytest.mark.attack("A8")
def test_two_mailboxes_of_ours__one_writes_to_the_other__nobody_answers(mail: Mail, settings: Settings) -> None:
    raw = letter(sender="billing@pharos.test")
    from tests.factories.tickets import MailboxFactory

    MailboxFactory.create(slug="billing", address="billing@pharos.test", trusted_authserv_id="mx.pharos.test")
    row = mail.take(raw)
    assert (row.state, row.reason) == ("quarantined", "from_our_own_address")
    assert not OutboundMail.objects.exists()


@pytest.mark.positive_control("A8")
def test_weak_desk__other_desk_answers_every_mail__they_never_end() -> None:
    ours, peer = WeakDesk(), WeakResponder(PEER, strips=True)
    ours.take(letter(sender=PEER, to="support@weak.test"))
    for _ in range(50):
        said = letter(sender="support@weak.test", to=PEER, subject=ours.sent[-1].subject, text=ours.sent[-1].text)
        ours.take(peer.answer(said, to="support@weak.test"))
    assert peer.answered == 50
    assert len(ours.sent) > 50
