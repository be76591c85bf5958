"""Answers that come later: lines that begin with the question are kept as answers, everything else is conversation."""

import pytest

from tests.factories.customers import portal_customer
from tests.factories.guided import deposit_form, ids_of
from tests.factories.tickets import MailboxFactory
from tickets.models import GuidedAnswer, Message, Ticket
from tickets.selectors import guided as forms
from tickets.selectors.guided import GuidedShown
from tickets.services import guided, replies
from tickets.services.senders import Sender

pytestmark = pytest.mark.django_db
HASH = "4a5e1e4baab89f3a32518a88c31bc87f618f76673e2cc77ab2127b7afdeda33b"
TRON = "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t"


@pytest.fixture
def ticket() -> Ticket:
    MailboxFactory.create()
    form = deposit_form()
    given = guided.Given(form=form, answers={ids_of(form)["asset"]: "USDT@tron"})
    return guided.open_for_customer(customer=portal_customer(), given=given)


def say(ticket: Ticket, text: str, role: Message.SenderRole = Message.SenderRole.REQUESTER) -> Message:
    sender = Sender(role=role, customer=ticket.requester, address="mina@example.com")
    return replies.add(ticket=ticket, sender=sender, channel="email", words=replies.Words(text=text))


def shown(ticket: Ticket) -> GuidedShown:
    found = forms.of_ticket(ticket)
    assert found is not None
    return found


def test_reply__lines_that_begin_with_the_question__update_the_panel(ticket: Ticket) -> None:
    said = say(
        ticket,
        f"Hello,\n- transaction hash: {HASH.upper()}\n* 收款地址\n  {TRON}\nWhen was it sent? 2026-01-05 09:30 UTC\nThanks",
    )
    assert [(one.kind, one.value, one.later) for one in shown(ticket).facts] == [
        ("asset", "USDT", None),
        ("tx_hash", HASH, said.seq),
        ("to_address", TRON, said.seq),
        ("time", "2026-01-05 09:30 UTC", said.seq),
    ]
    assert shown(ticket).missing == ("Amount",)
    assert ticket.messages.get(event="guided_answered").event_data == {"seq": said.seq, "count": 3}


@pytest.mark.parametrize(
    "text",
    [
        f"I sent {HASH} yesterday",
        "Transaction hash: I do not have it",
        "Address it was sent to: 0x52908400098527886E0F7030069857D2E4169EE7",
        "Amount: 1,5",
        "Amounts are wrong: 15",
        "When was it sent? This morning",
    ],
)
def test_reply__anything_else__is_conversation_alone(ticket: Ticket, text: str) -> None:
    say(ticket, text)
    assert GuidedAnswer.objects.count() == 1
    assert not ticket.messages.filter(event="guided_answered").exists()


def test_reply__of_somebody_else_or_about_what_is_answered__changes_nothing(ticket: Ticket) -> None:
    say(ticket, "Amount: 15", Message.SenderRole.THIRD_PARTY)
    say(ticket, "Asset and network: BTC (Bitcoin)")
    assert [one.value for one in shown(ticket).facts] == ["USDT"]
    say(ticket, "Amount: 15")
    say(ticket, "Amount: 16")
    assert [one.value for one in shown(ticket).facts] == ["USDT", "15"]
