"""Characters that a column or a mail header cannot hold never stop a message."""

import pytest

from accounts.models import Staff
from tests.factories.tickets import mail_ticket
from tickets.models import Draft
from tickets.services import drafts, properties, replies
from tickets.services.senders import Sender


@pytest.mark.django_db
def test_open_case__control_characters_in_the_subject__are_left_out() -> None:
    ticket = mail_ticket(subject="bell \x07 and\u2028line\x00 \ud800end")
    assert ticket.subject == "bell and line end"


@pytest.mark.django_db
def test_open_case__subject_of_control_characters_alone__takes_the_text() -> None:
    assert mail_ticket(subject="\x07\x1b", text="Where \x07 is it?").subject == "Where is it?"


@pytest.mark.django_db
def test_open_case__phrase_hidden_by_control_characters__is_masked() -> None:
    phrase = "legal winner thank year wave sausage worth useful legal winner thank yellow"
    assert "sausage" not in mail_ticket(subject=phrase.replace(" ", "\x07"), text="hello").subject


@pytest.mark.django_db
@pytest.mark.parametrize("dirt", ["\x00", "\ud800"])
def test_writing__nul_or_lone_surrogate__is_left_out_everywhere(agent: Staff, dirt: str) -> None:
    ticket = mail_ticket()
    words = replies.Words(
        text=f"a{dirt}b", html=f"<p>a{dirt}b</p>", quoted_text=f"a{dirt}b", client_key=f"k{dirt}", copied=("c@x.test",)
    )
    message = replies.add(ticket=ticket, sender=Sender.of_staff(agent), channel="email", words=words)
    assert (message.text, message.html, message.quoted_text) == ("ab", "<p>ab</p>", "ab")
    assert message.copied_addresses == ["c@x.test"]
    assert replies.add(ticket=ticket, sender=Sender.of_staff(agent), channel="email", words=words).pk == message.pk
    assert replies.add_note(ticket=ticket, author=agent, text=f"a{dirt}b").text == "ab"
    drafts.save(ticket=ticket, author=agent, kind="reply", text=f"a{dirt}b", version=0)
    assert Draft.objects.get().text == "ab"
    properties.set_tags(ticket=ticket, names=[f"a{dirt}b"], by=agent)
    assert [tag.name for tag in ticket.tags.all()] == ["ab"]
