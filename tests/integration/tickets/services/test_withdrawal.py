"""Taking a reply back: nothing typed since is lost, the queue and the thread forget it, colleagues are told."""

import pytest

from accounts.models import Staff
from tests.factories.tickets import answer, mail_ticket
from tickets.models import Draft, Message, OutboundMail, Ticket, Upload
from tickets.services import drafts, errors, replies
from tickets.services.senders import Sender


def reply(ticket: Ticket, person: Staff, text: str = "It left at noon.") -> Message:
    sender = Sender.of_staff(person)
    return replies.add(ticket=ticket, sender=sender, channel="email", words=replies.Words(text=text))


@pytest.mark.django_db
def test_withdraw__next_reply_already_begun__keeps_both_texts(agent: Staff) -> None:
    ticket = mail_ticket()
    message = reply(ticket, agent, "Too fast")
    version = drafts.save(ticket=ticket, author=agent, kind="reply", text="By the way", version=0)
    replies.withdraw(message=message, by=agent)
    draft = Draft.objects.get(ticket=ticket, staff=agent)
    assert draft.text == "Too fast\n\nBy the way"
    assert draft.version == version + 1
    with pytest.raises(errors.StaleChange):
        drafts.save(ticket=ticket, author=agent, kind="reply", text="By the way, too", version=version)


@pytest.mark.django_db
def test_withdraw__tab_that_knew_the_draft_before_the_sending__cannot_overwrite(agent: Staff) -> None:
    ticket = mail_ticket()
    version = drafts.save(ticket=ticket, author=agent, kind="reply", text="Too f", version=0)
    replies.withdraw(message=reply(ticket, agent, "Too fast"), by=agent)
    with pytest.raises(errors.StaleChange):
        drafts.save(ticket=ticket, author=agent, kind="reply", text="Too f, says the old tab", version=version)
    assert Draft.objects.get(ticket=ticket, staff=agent).text == "Too fast"


@pytest.mark.django_db
def test_withdraw__next_mail__answers_the_last_that_arrived(agent: Staff) -> None:
    ticket = mail_ticket()
    replies.withdraw(message=reply(ticket, agent), by=agent)
    owed = OutboundMail.objects.get(message=reply(ticket, agent))
    assert (owed.in_reply_to_header, owed.references_header) == ("<first@example.com>", "<first@example.com>")


@pytest.mark.django_db
@pytest.mark.parametrize(("state", "is_answered"), [("failed", False), ("sent", True), ("bounced", True)])
def test_add__earlier_mail_that_never_left__is_not_answered(agent: Staff, state: str, is_answered: bool) -> None:
    ticket = mail_ticket()
    earlier = reply(ticket, agent)
    OutboundMail.objects.filter(message=earlier).update(state=state)
    owed = OutboundMail.objects.get(message=reply(ticket, agent))
    assert (owed.in_reply_to_header == earlier.message_id_header) is is_answered


@pytest.mark.django_db
def test_withdraw__queue__shows_the_last_reply_that_stands(agent: Staff) -> None:
    ticket = mail_ticket(text="Where is it?")
    message = reply(ticket, agent, "My password is swordfish")
    replies.withdraw(message=message, by=agent)
    ticket.refresh_from_db()
    assert (ticket.last_line, ticket.last_direction) == ("Where is it?", "in")
    event = ticket.messages.get(event="reply_withdrawn")
    assert (event.staff, event.event_data) == (agent, {"seq": message.seq})


@pytest.mark.django_db
def test_withdraw__customer_wrote_since__their_words_stay_in_the_queue(agent: Staff) -> None:
    ticket = mail_ticket()
    message = reply(ticket, agent)
    answer(ticket, "It arrived!")
    replies.withdraw(message=message, by=agent)
    ticket.refresh_from_db()
    assert (ticket.last_line, ticket.last_direction) == ("It arrived!", "in")


@pytest.mark.django_db
def test_withdraw__files__wait_for_a_reply_again(agent: Staff) -> None:
    ticket = mail_ticket()
    waiting = drafts.upload(ticket=ticket, author=agent, name="a.txt", content=b"a")
    sender = Sender.of_staff(agent)
    words = replies.Words(text="See file")
    message = replies.add(ticket=ticket, sender=sender, channel="email", words=words, attached=[waiting])
    replies.withdraw(message=message, by=agent)
    assert Upload.objects.get().kind == "reply"
