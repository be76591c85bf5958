"""Mailboxes, and the way of one mail from its door to its ticket."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from tests.factories.tickets import MailboxFactory
from tickets.models import InboundMail, Mailbox
from tickets.services import intake, raw_mail


@pytest.fixture
def mailbox(_any_database: None) -> Mailbox:
    box: Mailbox = MailboxFactory.create(
        slug="support",
        address="support@pharos.test",
        name="Pharos Support",
        language="en",
        trusted_authserv_id="mx.pharos.test",
    )
    return box


@dataclass
class Mail:
    """Stores and handles raw mails as the doors and the worker do."""

    mailbox: Mailbox

    def store(
        self,
        raw: bytes,
        *,
        to: str = "",
        source: str = "smtp",
        trusted: bool = True,
        mailbox: Mailbox | None = None,
        envelope_from: str = "",
    ) -> InboundMail:
        box = mailbox or self.mailbox
        row, _created = raw_mail.store(
            mailbox=box,
            raw=raw,
            source=source,
            envelope_from=envelope_from,
            envelope_to=to or box.address,
            peer_is_trusted=trusted,
        )
        return row

    def take(self, raw: bytes, **how: object) -> InboundMail:
        row = self.store(raw, **how)  # type: ignore[arg-type]  # the same keywords
        intake.accept(inbound_pk=row.pk)
        row.refresh_from_db()
        return row


@pytest.fixture
def mail(mailbox: Mailbox) -> Mail:
    return Mail(mailbox)


@pytest.fixture
def taken(mail: Mail) -> Callable[..., InboundMail]:
    return mail.take
