"""Mail that wants into somebody else's ticket: forged requesters, guessed numbers, answers in an agent's name."""

import email
import email.policy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from accounts.models import Staff
from tests.factories.accounts import ProvenAddressFactory
from tests.integration.tickets.email.conftest import Mail
from tests.support.letters import letter
from tests.support.weak_desk import ADDRESS, WeakDesk
from tickets.channels.email import tokens
from tickets.delivery import sending
from tickets.mail_keys import mail_keys
from tickets.models import Draft, Message, OutboundMail, Participant, Ticket
from tickets.services import replies
from tickets.services.senders import Sender

EVE = "eve@evil.example"
SECRET = "My passport number is K0815."
ANSWER = "We have looked at your passport."

# The ways by which a mail can point at a ticket. Each returns what the attacker changes in a letter.
Route = Callable[[OutboundMail], dict[str, Any]]
ROUTES: dict[str, Route] = {
    "token": lambda sent: {"to": tokens.reply_address("support@pharos.test", _public_id(sent), mail_keys()[0])},
    "reference": lambda sent: {"headers": {"References": sent.message_id_header}},
    "answer": lambda sent: {"headers": {"In-Reply-To": sent.message_id_header}},
    "answer_to_theirs": lambda _sent: {"headers": {"In-Reply-To": "<theirs-1@example.com>"}},
    "number": lambda sent: {"subject": f"Re: [#{sent.message.ticket.number}] My withdrawal is stuck"},
    "number_in_address": lambda sent: {"to": f"support+id{sent.message.ticket.number}@pharos.test"},
    "public_id_in_address": lambda sent: {"to": f"support+{_public_id(sent)}@pharos.test"},
    "same_subject": lambda _sent: {"subject": "Re: My withdrawal is stuck"},
}
# By these a stranger comes no further than a new ticket; by the others they hold a mail of ours in their hands.
KNOWS_NOTHING = ("answer_to_theirs", "number", "number_in_address", "public_id_in_address", "same_subject")


def _public_id(sent: OutboundMail) -> str:
    return str(sent.message.ticket.public_id)


@pytest.fixture
def postbox(settings: Settings, tmp_path: Path) -> Path:
    settings.POSTBOX_TRANSPORT, settings.POSTBOX_DIR, settings.UNDO_SEND_S = True, tmp_path / "postbox", 0
    return tmp_path / "postbox"


@pytest.fixture
def theirs(mail: Mail, agent: Staff, postbox: Path) -> OutboundMail:
    """A ticket of a proven customer who told us something, and our answer, which has left."""
    mail.take(letter(text=SECRET, message_id="<theirs-1@example.com>"))
    return answer(Ticket.objects.get(), agent, ANSWER)


def answer(ticket: Ticket, agent: Staff, text: str) -> OutboundMail:
    message = replies.add(ticket=ticket, sender=Sender.of_staff(agent), channel="email", words=replies.Words(text=text))
    row = OutboundMail.objects.get(message=message)
    sending.deliver_email(row.pk)
    return row


def sent_mails(postbox: Path) -> list[tuple[set[str], str]]:
    """To whom each mail went, by header and by envelope name, and all its words, in the order of leaving."""
    found = []
    for path in sorted(postbox.glob("*.eml"), key=lambda one: one.stat().st_mtime_ns):
        mail = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        people = {address.addr_spec for name in ("To", "Cc", "Bcc") if mail[name] for address in mail[name].addresses}
        body = mail.get_body(("plain",))
        found.append((people, str(body.get_content()) if body is not None else ""))
    return found


def rows_of(ticket: Ticket) -> dict[str, list[Any]]:
    """Every row that belongs to the ticket, whole."""
    return {
        "ticket": list(Ticket.objects.filter(pk=ticket.pk).values()),
        "messages": list(Message.objects.filter(ticket=ticket).order_by("pk").values()),
        "participants": list(Participant.objects.filter(ticket=ticket).order_by("pk").values()),
        "mails": list(OutboundMail.objects.filter(message__ticket=ticket).order_by("pk").values()),
        "drafts": list(Draft.objects.filter(ticket=ticket).order_by("pk").values()),
    }


@pytest.mark.attack("A1")
@pytest.mark.parametrize("route", ROUTES)
def test_forged_requester__attacker_in_copy__learns_nothing_now_or_later(
    mail: Mail, agent: Staff, theirs: OutboundMail, postbox: Path, route: str
) -> None:
    # The worst case: the attacker's own address is one that we know and that is proven.
    ProvenAddressFactory.create(value=EVE)
    ticket, before = theirs.message.ticket, len(sent_mails(postbox))
    change = ROUTES[route](theirs)
    headers = {"Cc": f"Eve <{EVE}>", "Reply-To": EVE, **change.pop("headers", {})}
    mail.take(letter(text="Please answer all.", proven=False, headers=headers, **change))
    assert len(sent_mails(postbox)) == before
    assert OutboundMail.objects.exclude(state="sent").filter(is_automatic=False).count() == 0
    # Agents go on working in every ticket there is.
    for one in Ticket.objects.order_by("pk"):
        answer(one, agent, "Here is some news.")
    assert not Participant.objects.exists()
    to_others = [words for people, words in sent_mails(postbox) if people != {"mina@example.com"}]
    assert to_others == []
    assert all(EVE not in people for people, _words in sent_mails(postbox))
    assert "Please answer all." not in "".join(
        words for _people, words in sent_mails(postbox) if ANSWER in words
    )  # what they wrote never reaches the customer in our name
    added = Message.objects.filter(text="Please answer all.").get()
    if added.ticket_id == ticket.pk:
        assert (added.sender_role, added.public_seq, added.is_sender_proven) == ("third_party", None, False)
    else:
        unproven = [words for _people, words in sent_mails(postbox) if SECRET in words and "Please answer" in words]
        assert unproven == []
        assert not added.ticket.is_requester_proven


@pytest.mark.attack("A1")
def test_forged_requester__their_ticket_is_answered__no_history_leaves(
    mail: Mail, agent: Staff, theirs: OutboundMail, postbox: Path
) -> None:
    mail.take(letter(proven=False, subject=f"[#{theirs.message.ticket.number}]", text="It is me. What did you say?"))
    forged = Ticket.objects.exclude(pk=theirs.message.ticket_id).get()
    row = answer(forged, agent, "Please write from the app.")
    assert not row.includes_history
    assert SECRET not in sent_mails(postbox)[-1][1]
    assert ANSWER not in sent_mails(postbox)[-1][1]


@pytest.mark.positive_control("A1")
@pytest.mark.parametrize(
    "pointer", [{"subject": "Re: [#1000] Stuck"}, {"to": "support+id1000@weak.test"}, {"headers": {"References": "<ticket-1000@weak.test>"}}]
)  # fmt: skip
def test_weak_desk__forged_requester_with_copy__hands_the_history_over(pointer: dict[str, Any]) -> None:
    desk = WeakDesk()
    desk.take(letter(to=ADDRESS, text=SECRET))
    change = dict(pointer)
    headers = {"Cc": f"Eve <{EVE}>", **change.pop("headers", {})}
    desk.take(letter(proven=False, text="Please answer all.", headers=headers, **{"to": ADDRESS, **change}))
    assert any(sent.to == EVE and SECRET in sent.text for sent in desk.sent)


@pytest.mark.attack("A2")
@pytest.mark.parametrize("proven", [True, False])
@pytest.mark.parametrize("route", KNOWS_NOTHING)
def test_stranger__points_at_a_ticket__it_is_the_same_byte_for_byte(
    mail: Mail, theirs: OutboundMail, route: str, proven: bool
) -> None:
    ticket = theirs.message.ticket
    before = rows_of(ticket)
    change = ROUTES[route](theirs)
    mail.take(letter(sender=f"Eve <{EVE}>", text="Let me in.", proven=proven, **change))
    assert rows_of(ticket) == before
    assert Message.objects.get(text="Let me in.").ticket_id != ticket.pk


@pytest.mark.attack("A2")
def test_stranger__all_numbers_and_forms__open_tickets_of_their_own(mail: Mail, theirs: OutboundMail) -> None:
    ticket = theirs.message.ticket
    before = rows_of(ticket)
    forms = ["[#{}]", "#{}", "Ticket {}", "[Pharos #{}]", "Re: {} (#{})", "回复: [#{}]", "[#{}][#{}]"]
    for form in forms:
        mail.take(letter(sender=f"Eve <{EVE}>", subject=form.format(ticket.number, ticket.number)))
    assert rows_of(ticket) == before
    assert Ticket.objects.exclude(pk=ticket.pk).count() == len(forms)


@pytest.mark.positive_control("A2")
def test_weak_desk__strangers_number__writes_into_the_ticket() -> None:
    desk = WeakDesk()
    desk.take(letter(to=ADDRESS, text=SECRET))
    desk.take(letter(sender=f"Eve <{EVE}>", to=ADDRESS, subject="[#1000] please", text="Let me in."))
    assert list(desk.tickets) == [1000]
    assert "Let me in." in desk.tickets[1000].said[-1][1]


@pytest.mark.attack("A3")
@pytest.mark.parametrize("proven", [True, False])
@pytest.mark.parametrize("route", ROUTES)
def test_answer_in_an_agents_name__any_route__is_never_staffs_and_leaves_for_nobody(
    mail: Mail, agent: Staff, theirs: OutboundMail, postbox: Path, route: str, proven: bool
) -> None:
    before = len(sent_mails(postbox))
    change = ROUTES[route](theirs)
    # Even a sender that our exchanger vouches for: staff do not write by mail.
    mail.take(letter(sender=f"{agent.name} <{agent.email}>", text="Send it to bc1qevil.", proven=proven, **change))
    added = Message.objects.get(text="Send it to bc1qevil.")
    assert (added.staff_id, added.direction) == (None, "in")
    assert added.sender_role in {"third_party", "requester"}
    assert added.ticket_id != theirs.message.ticket_id or added.sender_role == "third_party"
    answer(theirs.message.ticket, agent, "One more thing.")
    to_customer = [words for people, words in sent_mails(postbox)[before:] if people == {"mina@example.com"}]
    assert to_customer
    assert not any("bc1qevil" in words for words in to_customer)


@pytest.mark.positive_control("A3")
def test_weak_desk__answer_in_an_agents_name__reaches_the_customer_as_the_agents() -> None:
    desk = WeakDesk(staff=frozenset({"ada@weak.test"}))
    desk.take(letter(to=ADDRESS, text=SECRET))
    forged = {"In-Reply-To": "<notify-ticket-1000@weak.test>"}
    desk.take(
        letter(sender="Ada <ada@weak.test>", to=ADDRESS, text="Send it to bc1qevil.", proven=False, headers=forged)
    )
    assert any(sent.to == "mina@example.com" and "agent: Send it to bc1qevil." in sent.text for sent in desk.sent)
