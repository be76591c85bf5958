"""Template code in every field that people write: it is shown and sent as it was written."""

import email
import email.policy
from dataclasses import replace
from html import escape

import pytest
from django.conf import settings as django_settings
from django.test import Client
from django.urls import reverse

from accounts.models import Brand, Staff, Team
from tests.cast import signed_in
from tests.factories.tickets import MailboxFactory, mail_ticket, requester
from tests.integration.tickets.email.conftest import Mail
from tests.support.letters import letter
from tickets.delivery import letters
from tickets.models import Mailbox, OutboundMail, Tag, Ticket, Topic
from tickets.services import drafts, properties, replies
from tickets.services.senders import NewFile, Sender

CODES = [
    "{{ settings.SECRET_KEY }}",
    "{% debug %}",
    "{{ ticket.mailbox.smtp_password }}",
    "{{ request.user.password }}",
    "{% include 'desk/base.html' %}",
    "{% load i18n %}{{ 40|add:2 }}",
    "{{ 40|add:2 }}",
    "{# gone #}",
    "%(subject)s %s %d",
    "{0.__class__.__mro__} {ticket.mailbox}",
    "${40+2} #{40+2} <%= 40+2 %> [[40+2]]",
    "{{ self.__init__.__globals__ }}",
    "{% raw %}{{ 1 }}{% endraw %}",
]
ALL = " ".join(CODES)


def hidden_words() -> list[str]:
    return [django_settings.SECRET_KEY, "pbkdf2_sha256$", "argon2$argon2id", "&lt;class &#x27;"]


@pytest.fixture
def box(db: None) -> Mailbox:
    made: Mailbox = MailboxFactory.create(slug="support", name="{{ 40|add:2 }} desk", signature=ALL)
    return made


@pytest.fixture
def ticket(box: Mailbox, lead: Staff) -> Ticket:
    made = mail_ticket(subject=ALL[:390], text=ALL, mailbox=box)
    replies.add(
        ticket=made, sender=replace(requester(made.requester), name=CODES[0]), channel="email",
        words=replies.Words(text=ALL, html=f"<p>{escape(ALL)}</p>", quoted_text=ALL),
        attached=[NewFile(name="{{ 40|add:2 }}.txt", content=ALL.encode())],
    )  # fmt: skip
    type(made.requester).objects.filter(pk=made.requester_id).update(name=CODES[0])
    replies.add_note(ticket=made, author=lead, text=ALL)
    drafts.save(ticket=made, author=lead, kind="reply", text=ALL, version=0)
    tag = Tag.objects.create(name="{% debug %}")
    properties.set_tags(ticket=made, names=[tag.name], by=lead)
    topic = Topic.objects.create(slug="bait", name=CODES[6])
    properties.set_topic(ticket=made, to=Topic.objects.create(slug="bait-two", name=CODES[6], parent=topic), by=lead)
    properties.move_to_team(ticket=made, to=Team.objects.create(name=CODES[6], slug="bait"), by=lead)
    Brand.objects.get_or_create(name=CODES[6])
    return made


@pytest.mark.attack("B5")
@pytest.mark.django_db
def test_pages__template_code_in_every_field__is_shown_as_it_was_written(
    client: Client, lead: Staff, ticket: Ticket
) -> None:
    Staff.objects.filter(pk=lead.pk).update(name=CODES[0])
    signed_in(client, lead)
    ticket_path = reverse("desk:ticket", args=[ticket.public_id])
    shown = client.get(ticket_path).content.decode()
    for code in CODES:
        assert escape(code) in shown or code in shown, code
    for path in (
        ticket_path,
        reverse("desk:timeline", args=[ticket.public_id]),
        reverse("desk:view", args=["open"]),
        reverse("desk:view", args=["all"]),
        reverse("desk:new"),
        reverse("desk:quarantine"),
        reverse("security:account"),
    ):
        page = client.get(path, follow=True)
        body = page.content.decode()
        assert [word for word in hidden_words() if word in body] == [], path
    listed = client.get(f"/api/v1/tickets/{ticket.public_id}/messages/").json()
    assert any(one["text"] == ALL for one in listed["results"])


@pytest.mark.attack("B5")
@pytest.mark.django_db
def test_administration__template_code_in_labels__is_shown_as_it_was_written(
    client: Client, admin: Staff, ticket: Ticket
) -> None:
    signed_in(client, admin)
    for model in ("tickets_tag", "tickets_topic", "accounts_team", "tickets_mailbox"):
        page = client.get(reverse(f"admin:{model}_changelist")).content.decode()
        assert [word for word in hidden_words() if word in page] == [], model
    assert escape("{% debug %}") in client.get(reverse("admin:tickets_tag_changelist")).content.decode()


@pytest.mark.attack("B5")
@pytest.mark.django_db
def test_mail__template_code_in_every_field__is_sent_as_it_was_written(agent: Staff, ticket: Ticket) -> None:
    Staff.objects.filter(pk=agent.pk).update(name=CODES[6])
    agent.refresh_from_db()
    message = replies.add(
        ticket=ticket, sender=Sender.of_staff(agent), channel="email", words=replies.Words(text=f"You wrote: {ALL}")
    )
    raw = letters.of_message(OutboundMail.objects.get(message=message)).raw
    sent = email.message_from_bytes(raw, policy=email.policy.default)
    text = " ".join(str(sent.get_body(("plain",)).get_content()).split())  # type: ignore[union-attr]
    assert text.count(" ".join(ALL.split())) >= 2, "in the words and in the signature"
    assert sent["Subject"] == f"Re: {' '.join(ALL[:390].split())}"
    assert sent["From"].addresses[0].display_name == "{{ 40|add:2 }} ({{ 40|add:2 }} desk)"
    html = str(sent.get_body(("html",)).get_content())  # type: ignore[union-attr]
    assert escape(CODES[0]) in html
    assert [word for word in hidden_words() if word in html + text] == []


@pytest.mark.attack("B5")
@pytest.mark.django_db
def test_review__template_code_in_a_held_back_mail__is_shown_as_it_was_written(
    client: Client, lead: Staff, box: Mailbox
) -> None:
    row = Mail(box).take(letter(subject=CODES[0], text=ALL, headers={"Auto-Submitted": "auto-replied"}))
    assert row.state == "quarantined"
    page = signed_in(client, lead).get(reverse("desk:quarantine_item", args=[row.public_id])).content.decode()
    assert escape(CODES[0]) in page
    assert [word for word in hidden_words() if word in page] == []
