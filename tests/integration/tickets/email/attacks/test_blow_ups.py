"""A megabyte meant to be slow: the mail is read, kept whole, masked and shown. How fast, says `make faults FAULT=B8`."""

import pytest
from django.test import Client
from pytest_django import Settings

from accounts.models import Staff
from core import files
from tests.cast import signed_in
from tests.corpus.blow_ups import BLOW_UPS
from tests.integration.tickets.email.conftest import Mail
from tests.support.letters import letter
from tickets.models import InboundMail, Message

BEGINNING = "Where is my withdrawal?"
# One of each kind; all of them are timed.
CHOSEN = (
    "angle brackets", "nested quotes", "groups of four digits", "card numbers", "words of the phrase list", "links",
    "5,000 nested elements", "half-open tags", "split digits", "quoted blocks",
)  # fmt: skip


@pytest.mark.attack("B8")
@pytest.mark.timeout(240)
@pytest.mark.parametrize("name", CHOSEN)
def test_accept__megabyte_meant_to_be_slow__is_kept_and_shown(
    client: Client, mail: Mail, agent: Staff, settings: Settings, name: str
) -> None:
    kind, build = BLOW_UPS[name]
    start = BEGINNING if kind == "plain" else f"<p>{BEGINNING}</p>"
    row = mail.take(letter(text=f"{start}\n{build()}", content_type=f"text/{kind}; charset=utf-8"))
    assert (row.state, row.attempts) == (InboundMail.State.PROCESSED, 1)
    message = Message.objects.get(kind="reply")
    kept = message.text + message.quoted_text + message.html
    kept += "".join(files.read(one.stored).decode() for one in message.attachments.select_related("file"))
    assert BEGINNING in kept
    signed_in(client, agent)
    page = client.get(f"/desk/tickets/{message.ticket.public_id}/")
    assert page.status_code == 200
    assert BEGINNING in page.content.decode()
    if message.html:
        link = client.get(f"/desk/tickets/{message.ticket.public_id}/frame/{message.seq}/")["Location"]
        host = settings.CONTENT_URL.partition("//")[2]
        frame = Client().get(link.removeprefix(settings.CONTENT_URL), HTTP_HOST=host)
        assert BEGINNING in frame.content.decode()
