"""Guided requests: opened by customers and strangers, kept as rows, shown to the desk, and asked for what is missing."""

from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.utils import ProgrammingError
from django.test import Client
from django.urls import reverse

from accounts.models import Staff
from tests.cast import signed_in
from tests.factories.customers import open_portal, portal_customer
from tests.factories.guided import deposit_form, ids_of
from tests.factories.tickets import MailboxFactory, mail_ticket
from tests.support.small_exchange import SmallExchange
from tickets import contact_work
from tickets.models import CannedReply, GuidedAnswer, GuidedForm, GuidedQuestion, OutboundMail, Ticket
from tickets.selectors import canned
from tickets.selectors import guided as forms
from tickets.services import guided

pytestmark = pytest.mark.django_db
HASH = "4a5e1e4baab89f3a32518a88c31bc87f618f76673e2cc77ab2127b7afdeda33b"
TRON = "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t"
PHRASE = "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about"


@pytest.fixture
def form() -> GuidedForm:
    MailboxFactory.create()
    return deposit_form()


def sent(form: GuidedForm, **answers: str) -> dict[str, str]:
    """Return what a browser sends; `asset_beside` and `time_beside` are the lists beside their fields."""
    ids = ids_of(form)
    beside = {f"b-{ids[name.removesuffix('_beside')]}": text for name, text in answers.items() if "_beside" in name}
    return {**beside, **{f"q-{ids[name]}": text for name, text in answers.items() if "_beside" not in name}}


def as_the_app(statement: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def path(form: GuidedForm) -> str:
    return reverse("portal:guided", args=[form.topic.slug])


def test_portal__answers_in_order__open_one_ticket_with_one_sentence(
    client: Client, agent: Staff, form: GuidedForm
) -> None:
    mina = portal_customer()
    open_portal(client, mina)
    data = sent(
        form, asset="usdt", asset_beside="tron", amount="25.50", tx_hash=HASH.upper(), time="2026-01-05T09:30",
        time_beside="Asia/Shanghai", choice="My wallet", text=f"It says {PHRASE}",
    ) | {"form_key": contact_work.new_key()}  # fmt: skip
    first = client.post(path(form), data)
    again = client.post(path(form), data)
    ticket = Ticket.objects.get()
    assert first["Location"] == again["Location"] == reverse("portal:request", args=[ticket.public_id])
    assert ticket.subject.startswith(
        "25.5 USDT deposit on Tron, My wallet, transaction 4a5e1e4b…eda33b, sent 2026-01-05 01:30 UTC, not credited after"
    )
    assert (ticket.is_requester_proven, ticket.topic, ticket.channel) == (True, form.topic, "web")
    text = ticket.messages.get(seq=1).text
    assert text.startswith(ticket.subject + ".\n\nAsset and network: USDT (Tron)\nAmount: 25.5\n")
    assert f"Transaction hash: {HASH}\n" in text
    assert "abandon" not in text + " ".join(GuidedAnswer.objects.values_list("value", flat=True))
    shown = forms.of_ticket(ticket)
    assert shown is not None
    assert [(fact.value, fact.network) for fact in shown.facts[:3]] == [("USDT", "Tron"), ("25.5", ""), (HASH, "Tron")]
    assert shown.missing == ("Address it was sent to",)
    page = signed_in(Client(), agent).get(reverse("desk:ticket", args=[ticket.public_id]), {"part": "side"})
    assert f'data-copy="{HASH}"' in page.content.decode()
    assert "Address it was sent to" in page.content.decode()


MOVEMENT = {
    "id": "dp_1", "kind": "deposit", "asset": "BTC", "network": "bitcoin", "amount": "0.500000000000000000",
    "hash": HASH, "confirmations": 2, "needed": 3, "state": "pending", "hold_reason": None, "destination": None,
    "created_at": "2026-01-01T00:00:00+00:00",
}  # fmt: skip


def test_portal__hash_that_the_exchange_knows__is_told_before_a_request_is_opened(
    client: Client, form: GuidedForm, exchange: SmallExchange
) -> None:
    open_portal(client, portal_customer())
    exchange.answers = {"/accounts/acc-1/transactions": (200, {"results": [MOVEMENT]})}
    data = sent(form, asset="btc", asset_beside="bitcoin", tx_hash=HASH.upper()) | {"form_key": contact_work.new_key()}
    told = client.post(path(form), data)
    page = told.content.decode()
    assert (told.status_code, "2 of 3 confirmations" in page, HASH.upper() in page) == (200, True, True)
    assert exchange.asked[-1][1] == f"/accounts/acc-1/transactions?hash={HASH}"
    assert not Ticket.objects.exists()
    assert client.post(path(form), data | {"seen": HASH}).status_code == 302
    assert Ticket.objects.count() == 1


@pytest.mark.parametrize("said", [(200, {"results": []}), (500, {}), (200, {"results": [{}]})])
def test_portal__hash_that_it_does_not_know_or_nobody_answers__opens_the_request_at_once(
    client: Client, form: GuidedForm, exchange: SmallExchange, said: tuple[int, Any]
) -> None:
    open_portal(client, portal_customer())
    exchange.answers = {"/accounts/acc-1/transactions": said}
    data = sent(form, asset="btc", asset_beside="bitcoin", tx_hash=HASH) | {"form_key": contact_work.new_key()}
    assert client.post(path(form), data).status_code == 302
    assert Ticket.objects.count() == 1


def test_portal__answers_that_cannot_be_taken__stay_in_the_form_with_a_sentence_each(
    client: Client, form: GuidedForm
) -> None:
    open_portal(client, portal_customer())
    page = client.post(
        path(form), sent(form, asset="USDT", asset_beside="ethereum", to_address=TRON, tx_hash=PHRASE, amount="1,5")
    )
    shown = page.content.decode()
    assert page.status_code == 422
    assert "This is an address of Tron; you chose Ethereum." in shown
    assert f'value="{TRON}"' in shown
    assert 'value="1,5"' in shown
    assert "not a transaction hash. It is not kept here" in shown
    assert "abandon" not in shown
    assert not Ticket.objects.exists()
    assert "Answer “Asset and network”." in client.post(path(form), {}).content.decode()
    form.is_active = False
    form.save(update_fields=["is_active"])
    assert client.get(path(form)).status_code == 404


def test_missing__canned_reply__asks_for_exactly_that_in_the_customers_language(agent: Staff, form: GuidedForm) -> None:
    ids = ids_of(form)
    given = guided.Given(form=form, answers={ids["asset"]: "BTC@bitcoin", ids["amount"]: "1.25"}, language="zh-hans")
    ticket = guided.open_for_customer(customer=portal_customer(), given=given)
    assert ticket.subject == "Bitcoin 网络 1.25 BTC 充值，仍未到账"
    CannedReply.objects.create(shortcut="ask", title="Ask", text="Send:\n{missing}", text_zh_hans="请发送：\n{missing}")
    assert canned.for_composer(ticket, agent)[0]["text"] == "请发送：\n- 交易哈希\n- 收款地址\n- 何时发送？"
    assert canned.for_composer(mail_ticket(), agent)[0]["text"] == "Send:\n"


def test_answers__the_app__can_neither_change_nor_delete_them(form: GuidedForm) -> None:
    ids = ids_of(form)
    given = guided.Given(form=form, answers={ids["asset"]: "BTC@bitcoin"})
    guided.open_for_customer(customer=portal_customer(), given=given)
    for statement in (
        "UPDATE tickets_guidedanswer SET value = 'ETH'",
        "DELETE FROM tickets_guidedanswer",
        "UPDATE tickets_guidedrequest SET form_id = form_id",
    ):
        with pytest.raises(ProgrammingError):
            as_the_app(statement)
    # A question may go; what was answered stays.
    GuidedQuestion.objects.filter(form=form).delete()
    assert [(one.label, one.value) for one in GuidedAnswer.objects.all()] == [("Asset and network", "BTC")]
    faults: list[dict[str, Any]] = [
        {"position": 13, "kind": "text"}, {"position": 1, "kind": "colour"}, {"position": 1, "kind": "choice"},
    ]  # fmt: skip
    for fault in faults:
        with pytest.raises(IntegrityError), transaction.atomic():
            GuidedQuestion.objects.create(form=form, label="?", **fault)
    GuidedQuestion.objects.create(form=form, label="?", kind="amount", position=1)
    with pytest.raises(IntegrityError), transaction.atomic():
        GuidedQuestion.objects.create(form=form, label="?", kind="amount", position=2)


@pytest.mark.attack("A7")
def test_stranger__whatever_is_written__only_fixed_words_go_to_the_address(form: GuidedForm) -> None:
    ids = ids_of(form)
    given = guided.Given(
        form=form, answers={ids["asset"]: "SCAM@bitcoin", ids["text"]: "Visit evil.example"}, text="Visit evil.example"
    )
    guided.open_for_stranger(address="victim@example.com", given=given, is_confirmed=True)
    ticket = guided.open_for_stranger(address="Victim@Example.com", given=given, is_confirmed=True)
    guided.open_for_stranger(address="other@example.com", given=given, is_confirmed=False)
    assert (ticket.requester_address, ticket.is_requester_proven) == ("victim@example.com", False)
    assert ticket.requester.addresses.get().proof == "claimed"
    mail = OutboundMail.objects.get()
    assert (mail.to_address, mail.is_automatic) == ("victim@example.com", True)
