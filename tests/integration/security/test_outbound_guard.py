"""What must not leave in our name, whoever wrote it, and ordinary answers that must."""

from typing import Any

import pytest
from django.test import Client

from accounts.models import Staff
from core.models import AuditEntry
from security import outbound_guard
from security.models import OfficialChannel
from tests.cast import signed_in
from tests.factories.tickets import mail_ticket
from tickets.models import Message
from tickets.services import errors, replies
from tickets.services.senders import Sender

ETH = "0x52908400098527886E0F7030069857D2E4169EE7"
BTC = "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"

HELD = [
    ("secret", "Please send me your password."),
    ("secret", "Tell us the six-digit verification code we have just sent"),
    ("secret", "To restore it we need your seed phrase"),
    ("secret", "Never mind, just give me your private key"),
    ("secret", "What is your 2FA code?"),
    ("secret", "Ｓｅｎｄ ｙｏｕｒ ｐａｓｓｗｏｒｄ"),
    ("secret", "send your pass\u200bword"),
    ("secret", "请把您的验证码发给我"),
    ("secret", "请提供助记词"),
    ("remote_access", "Install AnyDesk, then I can help."),
    ("remote_access", "我们需要远程控制您的电脑"),
    ("link", "Look at https://evil.example/login"),
    ("link", "Look at http://evil.example"),
    ("link", "See evil.com/claim for more"),
    ("link", "See www.evil.com"),
    ("link", "It is on pharos-refund.com."),
    ("link", "https://pharos.test@evil.example/help"),
    ("link", "javascript://pharos.test/%0aalert(1)"),
    ("link", "https://ev\u200bil.example/x"),
    ("wallet", f"Send it back to {ETH}."),
    ("wallet", f"send it to:{BTC}"),
    ("wallet", "T9yD14Nj9j7xAB4dbGeiX9h8unkKHxuWwb"),
    ("wallet", "Use EQDKbjIcfM6ezt8KjKJJLshZJJSqX7XOA4ff-W72r5gqPrHF, please"),
    ("wallet", "to 9rXbkMyi1S6thykRoXAZcY8fwUKYsy6cXE"),
]  # fmt: skip
FREE = [
    "We will never ask you for a password, a code or a recovery phrase.",
    "Do not share your seed phrase with anybody!",
    "Nobody of us needs your verification code.",
    "请勿将验证码告诉任何人",
    "我们不会向您索要密码",
    "We never use AnyDesk.",
    "Your password was changed yesterday.",
    "Your withdrawal has 12 of 30 confirmations. I have sent it on to the team.",
    "The address 0x5290…9EE7 is on your allow-list.",
    f"The transaction is 0x{'ab' * 32}.",
    "Version 2.10.1 is out, e.g. for iOS. Thanks.Regards",
    "See the file statement.pdf, page 3.",
    "Help is at https://pharos.test/help and on www.pharos.test.",
    "{{ settings.SECRET_KEY }} %(subject)s",
]


@pytest.fixture
def ours(db: None) -> None:
    OfficialChannel.objects.create(kind="domain", value="pharos.test", canonical="pharos.test")


@pytest.mark.attack("I2")
@pytest.mark.usefixtures("ours")
@pytest.mark.parametrize(("danger", "text"), HELD)
def test_dangers__are_found(danger: str, text: str) -> None:
    assert outbound_guard.dangers(text) == {danger}


@pytest.mark.usefixtures("ours")
@pytest.mark.parametrize("text", FREE)
def test_ordinary_words__are_free(text: str) -> None:
    assert outbound_guard.dangers(text) == frozenset()


def test_our_own_address__is_ours(db: None, settings: Any) -> None:
    assert outbound_guard.dangers(f"See {settings.SITE_URL}/portal/ and {settings.SITE_URL}.") == frozenset()


def test_large_text__is_read_at_once(db: None) -> None:
    assert outbound_guard.dangers("a.b" * 100_000 + " http" * 50_000) is not None


@pytest.mark.attack("I2")
def test_agents_reply__is_held_back_recorded_and_stays_in_the_composer(client: Client, agent: Staff) -> None:
    ticket = mail_ticket()
    text = "Please send me your password."
    answer = signed_in(client, agent).post(f"/desk/tickets/{ticket.public_id}/reply/", {"body": text})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "We never do" in page
    assert text in page
    assert not Message.objects.filter(ticket=ticket, direction="out").exists()


@pytest.mark.attack("I2")
def test_held_back_reply__is_in_the_audit_log_though_nothing_was_stored(clone_db: str, agent: Staff) -> None:
    ticket = mail_ticket()
    with pytest.raises(errors.NotToBeSent):
        replies.add(
            ticket=ticket, sender=Sender.of_staff(agent), channel="email", words=replies.Words(text=f"Pay to {ETH}")
        )
    entry = AuditEntry.objects.get(action="message.held_back")
    assert (entry.object_id, entry.actor_id, entry.detail["dangers"]) == (ticket.public_id, agent.public_id, "wallet")


def test_customers_words_and_notes__are_not_held_back(agent: Staff) -> None:
    ticket = mail_ticket(text="They said: send me your password, to https://evil.example")
    assert replies.add_note(ticket=ticket, author=agent, text="The link was https://evil.example/x").pk
