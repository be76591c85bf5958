"""The desk as a loudspeaker: strangers' words, signed with our name, to people who never wrote to us."""

import email
import email.policy
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import Settings

from core.models import Notice
from tests.integration.tickets.email.conftest import Mail
from tests.support.letters import letter
from tests.support.weak_desk import ADDRESS, WeakDesk
from tickets.delivery import letters, sending
from tickets.models import OutboundMail, Ticket
from tickets.services import sweeps

# A thousand of them: `make faults FAULT=A7`.
VICTIMS = 50
BAIT = "You won 2 BTC at evil.example"


def baits(number: int, *, proven: bool) -> Iterator[bytes]:
    """Mails in the names of victims, with words in every field that a confirmation might repeat."""
    for one in range(number):
        yield letter(
            sender=f'"{BAIT}" <victim{one}@example.com>',
            subject=BAIT,
            text=BAIT,
            proven=proven,
            headers={"Reply-To": f'"{BAIT}" <victim{one}@example.org>', "X-Priority": "1"},
        )


@pytest.mark.attack("A7")
def test_accept__tickets_in_victims_names__no_mail_at_all(mail: Mail) -> None:
    for raw in baits(VICTIMS, proven=False):
        mail.take(raw)
    assert Ticket.objects.count() == VICTIMS
    assert sweeps.outbox() == 0
    assert (OutboundMail.objects.count(), Notice.objects.count()) == (0, 0)


@pytest.mark.attack("A7")
@pytest.mark.parametrize("language", ["en", "zh-hans", "de"])
def test_confirmation__words_in_every_field__repeats_none_of_them(mail: Mail, language: str) -> None:
    type(mail.mailbox).objects.filter(pk=mail.mailbox.pk).update(language=language)
    for raw in baits(3, proven=True):
        mail.take(raw)
    owed = OutboundMail.objects.select_related("message__ticket", "mailbox")
    assert len(owed) == 3
    for row in owed:
        raw = letters.of_message(row).raw
        sent = email.message_from_bytes(raw, policy=email.policy.default)
        words = "".join(str(value) for value in sent.values()) + "".join(
            str(part.get_content()) for part in sent.walk() if part.get_content_maintype() == "text"
        )
        assert "evil.example" not in words
        # Whole words: the letters of a random Message-ID may spell it.
        assert not re.search(r"(?i)(?<![\w-])won(?![\w-])", words)
        assert sent["Auto-Submitted"] == "auto-replied"
        assert [address.display_name for address in sent["To"].addresses] == [""]


@pytest.mark.attack("A7")
def test_confirmation__flood_of_proven_senders__is_as_much_as_a_minute_allows(
    mail: Mail, settings: Settings, tmp_path: Path
) -> None:
    settings.AUTOMATIC_MAILS_PER_MIN = 5
    settings.POSTBOX_TRANSPORT, settings.POSTBOX_DIR = True, tmp_path / "postbox"
    for raw in baits(15, proven=True):
        mail.take(raw)
    for row in OutboundMail.objects.all():
        sending.deliver_email(row.pk)
    assert Ticket.objects.count() == 15
    assert len(list((tmp_path / "postbox").glob("*.eml"))) == 5


@pytest.mark.positive_control("A7")
def test_weak_desk__tickets_in_victims_names__mails_the_words_to_all() -> None:
    desk = WeakDesk()
    for raw in baits(50, proven=False):
        desk.take(raw.replace(b"support@pharos.test", ADDRESS.encode()))
    assert len({sent.to for sent in desk.sent if BAIT in sent.subject and BAIT in sent.text}) == 50
