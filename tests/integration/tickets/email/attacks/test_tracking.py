"""Nothing of ours tells a stranger whether a mail was read or a ticket exists."""

import email
import email.policy
import re
from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Staff
from security.models import OfficialChannel
from tests.contracts.permissions import doors, matrix, routes
from tests.factories.tickets import mail_ticket
from tests.integration.tickets.email.conftest import Mail
from tests.support.letters import letter
from tickets.delivery import letters
from tickets.models import OutboundMail, Ticket
from tickets.services import replies
from tickets.services.senders import Sender

LOADS = re.compile(
    r"<(?:img|link|script|iframe|object|video|audio|source|style)\b|url\(|@import|\bsrc\s*=", re.IGNORECASE
)
WORDS = re.compile(r"pixel|track|beacon|seen|mark|read(?!y)|open(?!_)|click|unsubscribe", re.IGNORECASE)


def mails_of(mail: Mail, agent: Staff) -> Iterator[bytes]:
    mail.take(letter())
    # Without it the outbound guard would hold the reply back.
    for host in ("pharos.test", "x.example"):
        OfficialChannel.objects.create(kind="domain", value=host, canonical=host)
    replies.add(
        ticket=Ticket.objects.get(), sender=Sender.of_staff(agent), channel="email",
        words=replies.Words(text="See https://pharos.test/help and <img src=https://x.example/p.gif>"),
    )  # fmt: skip
    for row in OutboundMail.objects.all():
        yield letters.of_message(row).raw


@pytest.mark.attack("A16")
def test_our_mail__html__loads_nothing_and_asks_for_no_receipt(mail: Mail, agent: Staff) -> None:
    count = 0
    for raw in mails_of(mail, agent):
        sent = email.message_from_bytes(raw, policy=email.policy.default)
        body = sent.get_body(("html",))
        shown = re.sub("&lt;.*?&gt;", "", str(body.get_content())) if body is not None else ""
        assert LOADS.search(shown) is None
        assert not {"Disposition-Notification-To", "Return-Receipt-To", "X-Confirm-Reading-To"} & set(sent.keys())
        count += body is not None
    assert count == 2


@pytest.mark.attack("A16")
def test_addresses__open_to_everybody__are_for_coming_in_asking_who_we_are_and_signs_of_life_only() -> None:
    open_to_all = {
        route.name for route in matrix.ROUTES for people in route.methods.values() if people >= routes.BEFORE
    }
    assert open_to_all == {
        "root", "set_language", "healthz", "readyz", "security:sign_in", "security:forgot", "security:reset", "security:invitation",
        "security:pharos_keys", "portal:sign_in", "portal:to_exchange", "portal:hand_off", "portal:freeze_by_link",
        "portal:review_by_link", "portal:survey_by_link", "verify", "contact", "contact_form", "api:official_channel",
        # The widget, for whoever is on a page that may embed it; a token opens what a visitor has written.
        "chat:loader", "desk:push_worker", "desk:app_manifest", "chat:frame", "chat:app", "chat:start", "chat:identify",
        # A mail's links: one confirms with the number of the chat, the other leads back by a POST, once.
        "chat:confirm_mail", "chat:back", "chat:come_back",
        # The help centre's pages.
        "help:root", "help:site_map", "help:home", "help:search", "help:faq", "help:glossary", "help:contact", "help:category",
        "help:section", "help:article", "help:bulletins", "help:bulletin", "help:bulletin_feed",
        "help:quiz", "help:talks", "help:talk",
    }  # fmt: skip
    # What an agent has seen of a chat is said by their own page, with their session and by POST; the demo's player of
    # customers says by a press that they have read. Ending what one has subscribed to takes a press, too (RFC 8058).
    named = [name for name in sorted(doors.url_names()) if WORDS.search(name.partition(":")[2] or name)]
    assert named == ["chat:desk_seen", "demo:channel_read", "help:unsubscribe"]


@pytest.mark.attack("A16")
@pytest.mark.django_db
def test_ticket__there_or_not__strangers_get_the_same_answer(client: Client) -> None:
    ticket = mail_ticket()
    message = ticket.messages.get(seq=1)
    for name, found, missing in (
        ("desk:ticket", [ticket.public_id], ["a" * 20]),
        ("desk:timeline", [ticket.public_id], ["a" * 20]),
        ("desk:frame", [ticket.public_id, message.seq], ["a" * 20, 1]),
        ("desk:attachment", [ticket.public_id, "a" * 20], ["a" * 20, "a" * 20]),
        ("api:ticket", [ticket.public_id], ["a" * 20]),
        ("api:messages", [ticket.public_id], ["a" * 20]),
    ):
        one, other = client.get(reverse(name, args=found)), client.get(reverse(name, args=missing))
        said = [
            re.sub(rb"[a-z2-7]{20}|[0-9a-f]{16}", b"", answer.content + answer.headers.get("Location", "").encode())
            for answer in (one, other)
        ]
        assert one.status_code == other.status_code, name
        assert said[0] == said[1], name
