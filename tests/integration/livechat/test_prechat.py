"""Forms before a chat: answers checked and put into the first message, the topic set, secrets masked."""

import json
from typing import Any

import pytest
from django.conf import settings as set_up
from django.db import IntegrityError, transaction
from django.test import Client
from pytest_django import Settings

from livechat.models import ChatInbox, TopicForm, TopicQuestion
from livechat.selectors.prechat import forms_of
from livechat.services.suggestions import Question, Suggestion
from tests.factories.guided import deposit_form, ids_of
from tests.factories.livechat import ORIGIN, ChatInboxFactory, form_of, said, started
from tickets.models import Message, Ticket

pytestmark = pytest.mark.django_db
HASH = "0x4e3a7d9f8c1b2a0e5d6f7a8b9c0d1e2f3a4b5c6d7e8f9a0b1c2d3e4f5a6b7c8d"
SEED = "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about"


@pytest.fixture
def inbox(db: None) -> ChatInbox:
    made: ChatInbox = ChatInboxFactory.create()
    return made


def frame() -> Client:
    token = started()[1]
    return Client(headers={"origin": set_up.SITE_URL, "x-chat-origin": ORIGIN, "authorization": f"Bearer {token}"})


def post(client: Client, door: str, **body: Any) -> Any:
    return client.post(f"/chat/site/{door}/", json.dumps(body), content_type="application/json")


def say(client: Client, topic: str, answers: dict[str, str], text: str = "Where is it?", number: int = 1) -> Any:
    form = {"topic": topic, "answers": answers}
    return post(client, "say", client_id=f"say-000{number}", text=text, form=form)


def test_say__with_a_form__opens_a_ticket_of_its_topic_with_the_answers_above_the_words(inbox: ChatInbox) -> None:
    form, question = form_of(inbox)
    asset = TopicQuestion.objects.create(form=form, position=2, kind="asset", label="What did you send?")
    TopicQuestion.objects.create(form=form, position=3, kind="text", label="Anything else")
    answers = {question.public_id: f" {HASH} ", asset.public_id: "usdt@tron"}
    assert say(frame(), form.topic.slug, answers).status_code == 201
    ticket = Ticket.objects.get()
    assert ticket.topic == form.topic
    assert ticket.messages.get(seq=1).text == (
        f"Transaction hash: {HASH}\nWhat did you send? USDT (Tron)\n\nWhere is it?"
    )


def test_say__with_a_form_in_an_open_chat__adds_the_answers_and_leaves_the_topic(inbox: ChatInbox) -> None:
    form, question = form_of(inbox)
    visitor, token = started()
    said(visitor)
    client = Client(headers={"origin": set_up.SITE_URL, "x-chat-origin": ORIGIN, "authorization": f"Bearer {token}"})
    say(client, form.topic.slug, {question.public_id: HASH})
    ticket = Ticket.objects.get()
    assert ticket.topic is None
    assert HASH in ticket.messages.get(seq=2).text


@pytest.mark.parametrize(
    ("kind", "more", "answer", "words"),
    [
        ("tx_hash", {}, HASH[:-1], "not a transaction hash"), ("tx_hash", {}, "https://scan.example/tx/1", "not a transaction"),
        ("choice", {"choices": ["Card", "Bank"]}, "Cash", "Choose one"), ("asset", {}, "USDT@moon", "choose its network"),
        ("asset", {}, "<b>@tron", "short name"), ("text", {"is_required": True}, "  ", "Answer “Transaction hash”."),
    ],
)  # fmt: skip
def test_answer__that_cannot_be_taken__is_422_by_question_and_keeps_nothing(
    inbox: ChatInbox, kind: str, more: dict[str, Any], answer: str, words: str
) -> None:
    form, question = form_of(inbox, kind, **more)
    client = frame()
    checked = post(client, "form", topic=form.topic.slug, answers={question.public_id: answer})
    assert (checked.status_code, words in checked.json()["problems"][question.public_id]) == (422, True)
    assert say(client, form.topic.slug, {question.public_id: answer}).status_code == 422
    assert not Ticket.objects.exists()


def test_answer__that_holds_a_secret__is_masked(inbox: ChatInbox) -> None:
    form, question = form_of(inbox, "text")
    told = say(frame(), form.topic.slug, {question.public_id: SEED}).json()
    assert told["redactions"]
    assert "abandon" not in Message.objects.get().text
    assert "abandon" not in Ticket.objects.get().subject


def test_form__of_another_inbox_switched_off_or_unknown__is_422(inbox: ChatInbox) -> None:
    form, _question = form_of(inbox)
    elsewhere, _other = form_of(ChatInboxFactory.create(slug="other"))
    client = frame()
    for slug in (elsewhere.topic.slug, "none"):
        assert "Choose your topic again" in say(client, slug, {}).json()["detail"]
    form.is_active = False
    form.save(update_fields=["is_active"])
    assert say(client, form.topic.slug, {}).status_code == 422


def test_frame__tells_the_forms_in_the_readers_language(inbox: ChatInbox) -> None:
    form_of(inbox)
    pages = [Client().get("/chat/site/frame/", {"lang": lang}).content.decode() for lang in ("en", "zh-hans")]
    assert ["My deposit has not arrived" in page for page in pages] == [True, False]
    assert ["我的充值未到账" in page and "交易哈希" in page for page in pages] == [False, True]


def provider(question: Question) -> list[Suggestion]:
    """A help centre that answers with what it was asked."""
    return [Suggestion(title=question.text, url=f"/help/{number}/") for number in range(5)]


def test_suggestions__hook__is_asked_with_masked_words_and_empty_without_a_help_centre(
    inbox: ChatInbox, settings: Settings
) -> None:
    form, _question = form_of(inbox)
    client = frame()
    assert post(client, "form", topic=form.topic.slug, text=SEED).json() == {"suggestions": []}
    settings.CHAT_SUGGESTIONS = "tests.integration.livechat.test_prechat.provider"
    found = post(client, "form", topic=form.topic.slug, text=SEED).json()["suggestions"]
    assert len(found) == 3
    assert "abandon" not in found[0]["title"]


def test_form__sixth_question_or_choices_that_are_none__are_refused_by_the_database(inbox: ChatInbox) -> None:
    form, _question = form_of(inbox)
    for fields in (
        {"position": 6},
        {"position": 1},
        {"position": 2, "kind": "choice", "choices": ["one"]},
        {"position": 2, "kind": "choice", "choices": ["one", "two"], "choices_zh_hans": ["一"]},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            TopicQuestion.objects.create(form=form, label="More", **fields)


def test_frame__in_chinese__has_its_name_greeting_and_choices_in_chinese(inbox: ChatInbox) -> None:
    form, _question = form_of(inbox)
    TopicQuestion.objects.create(
        form=form,
        position=3,
        kind="choice",
        label="Which?",
        choices=["Card", "Bank"],
        choices_zh_hans=["银行卡", "银行转账"],
    )
    ChatInbox.objects.filter(pk=inbox.pk).update(
        name="Help", name_zh_hans="帮助", greeting="Hello there.", greeting_zh_hans="您好。"
    )
    english, chinese = (
        Client().get(f"/chat/{inbox.slug}/frame/?lang={one}", headers={"accept-language": "en"}).content.decode()
        for one in ("en", "zh-CN")
    )
    assert all(one in english for one in ("Help</h2>", "Hello there.", "[&quot;Card&quot;, &quot;Card&quot;]"))
    assert all(one in chinese for one in ("帮助</h2>", "您好。", "[&quot;Card&quot;, &quot;银行卡&quot;]"))


def test_say__form_that_asks_as_the_guided_one__keeps_the_answers_beside_the_ticket(inbox: ChatInbox) -> None:
    guided = deposit_form()
    ids = ids_of(guided)
    TopicForm.objects.create(inbox=inbox, topic=guided.topic, name="My deposit", is_guided=True)
    asked = forms_of(inbox, "zh-hans")[0]["questions"]
    assert [(one["kind"], one["label"]) for one in asked[:3]] == [
        ("asset", "资产和网络"), ("tx_hash", "数量"), ("tx_hash", "交易哈希"),
    ]  # fmt: skip
    client = frame()
    wrong = {ids["asset"]: "USDT@ethereum", ids["to_address"]: "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t"}
    refused = say(client, guided.topic.slug, wrong)
    assert "an address of Tron; you chose Ethereum" in refused.json()["problems"][ids["to_address"]]
    assert say(client, guided.topic.slug, wrong | {ids["asset"]: "USDT@tron", ids["time"]: "@UTC"}).status_code == 201
    ticket = Ticket.objects.get()
    assert ticket.subject == "USDT deposit on Tron, to TR7NHqje…gjLj6t, not credited"
    assert ticket.messages.get(seq=1).text.startswith(
        "USDT deposit on Tron, to TR7NHqje…gjLj6t, not credited.\n\nAsset"
    )
    assert ticket.messages.get(seq=1).text.endswith("\n\nWhere is it?")
    assert [one.value for one in ticket.guided_request.answers.all()] == ["USDT", wrong[ids["to_address"]]]
    guided.is_active = False
    guided.save(update_fields=["is_active"])
    assert forms_of(inbox, "en")[0]["questions"] == []
