"""The day in which a vendor takes answers: refused afterwards, also when it ends on the way; approved texts go on."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from accounts.models import Staff
from tests.cast import signed_in
from tests.integration.tickets.social.conftest import Hook, message, update
from tests.integration.tickets.social.meta_samples import (
    CALLER,
    MetaHook,
    answer,
    comment,
    messaging,
    page,
    said,
    send,
    wa_message,
    wa_said,
)
from tests.support.small_meta import SmallMeta
from tickets.channels.social.shapes import WINDOW_OVER
from tickets.models import Draft, Message, SocialAccount, SocialChat, SocialTemplate, Ticket
from tickets.selectors import cases
from tickets.services import errors, replies, social_outbox, social_templates

LONG_AGO = datetime.now(UTC) - timedelta(hours=24, minutes=1)


@pytest.fixture
def ticket(whatsapp: MetaHook, settings: Settings) -> Ticket:
    settings.UNDO_SEND_S = 0
    whatsapp.take(wa_said())
    return Ticket.objects.get()


@pytest.fixture
def template(ticket: Ticket) -> SocialTemplate:
    account = ticket.social_thread.chat.account
    return SocialTemplate.objects.create(account=account, name="late_answer", body="Hello {{1}}, about {{2}}: {{1}}?")


def over() -> None:
    SocialChat.objects.update(heard_at=LONG_AGO)


@pytest.mark.parametrize("kind", ["messenger", "whatsapp"])
def test_reply__after_the_day__is_refused_and_nothing_is_written(
    request: pytest.FixtureRequest, agent: Staff, kind: str
) -> None:
    hook: MetaHook = request.getfixturevalue(kind)
    hook.take(said() if kind == "messenger" else wa_said())
    ticket = Ticket.objects.get()
    over()
    Draft.objects.create(ticket=ticket, staff=agent, kind="reply", text="It is")
    with pytest.raises(errors.WindowOver):
        answer(ticket, agent)
    assert Message.objects.filter(kind="reply").count() == 1
    assert Draft.objects.get().text == "It is"
    replies.add_note(ticket=ticket, author=agent, text="Called instead")


def test_reply__after_the_customer_wrote_again__is_taken(whatsapp: MetaHook, ticket: Ticket, agent: Staff) -> None:
    over()
    whatsapp.take(wa_said(wa_message(wamid="wamid.2", text={"body": "Hello?"})))
    assert answer(ticket, agent).state == "queued"


def test_day__begins_when_it_was_said_not_when_it_was_heard(whatsapp: MetaHook, agent: Staff) -> None:
    late = wa_message() | {"timestamp": str(int(LONG_AGO.timestamp()))}
    whatsapp.take(wa_said(late))
    with pytest.raises(errors.WindowOver):
        answer(Ticket.objects.get(), agent)


def test_day__a_clock_that_is_ahead_or_an_older_message__move_nothing(whatsapp: MetaHook) -> None:
    ahead = datetime.now(UTC) + timedelta(days=30)
    whatsapp.take(wa_said(wa_message() | {"timestamp": str(int(ahead.timestamp()))}))
    first = SocialChat.objects.get().heard_at
    assert first is not None
    assert first < ahead - timedelta(days=29)
    whatsapp.take(wa_said(wa_message(wamid="wamid.2") | {"timestamp": str(int(LONG_AGO.timestamp()))}))
    assert SocialChat.objects.get().heard_at == first


def test_day__a_deletion_or_a_receipt__opens_nothing(messenger: MetaHook) -> None:
    messenger.take(said())
    over()
    messenger.take(said("", is_deleted=True))
    messenger.take(page(messaging(read={"watermark": 1458668856253})))
    assert SocialChat.objects.get().heard_at == LONG_AGO


def test_reply__day_ends_before_it_leaves__failed_with_a_plain_sentence(
    ticket: Ticket, agent: Staff, meta: SmallMeta
) -> None:
    post = answer(ticket, agent)
    over()
    post = send(post)
    assert (post.state, post.detail, post.unanswered) == ("failed", WINDOW_OVER, 0)
    assert meta.asked == []


def test_comment__has_no_day(messenger: MetaHook, agent: Staff) -> None:
    messenger.take(comment())
    over()
    assert answer(Ticket.objects.get(), agent).state == "queued"


def test_composer__says_until_when_and_that_it_is_over(
    client: Client, ticket: Ticket, template: SocialTemplate, agent: Staff
) -> None:
    path = reverse("desk:ticket", args=[ticket.public_id])
    shown = signed_in(client, agent).get(path).content.decode()
    assert 'data-answering="open"' in shown
    assert "late_answer" not in shown
    over()
    shown = client.get(path).content.decode()
    assert 'data-answering="over"' in shown
    assert "late_answer" in shown
    refused = client.post(reverse("desk:reply", args=[ticket.public_id]), {"body": "My long text"})
    assert refused.status_code == 422
    assert "My long text" in refused.content.decode()


def test_template__is_a_message_with_its_values_and_sent_as_what_it_is(
    client: Client, ticket: Ticket, template: SocialTemplate, agent: Staff, meta: SmallMeta
) -> None:
    over()
    given: dict[str, Any] = {"template": template.pk, "value": ["Sheena\n Nelson", "your deposit"]}
    path = reverse("desk:template", args=[ticket.public_id])
    assert signed_in(client, agent).post(path, given).status_code == 302
    written = Message.objects.get(direction="out", kind="reply")
    assert written.text == "Hello Sheena Nelson, about your deposit: Sheena Nelson?"
    post = send(written.social_post)
    assert (post.state, post.parts_sent) == ("sent", 1)
    (sent,) = meta.of("messages")
    assert (sent["to"], sent["type"]) == (CALLER, "template")
    assert sent["template"] == {
        "name": "late_answer",
        "language": {"code": "en"},
        "components": [
            {
                "type": "body",
                "parameters": [{"type": "text", "text": "Sheena Nelson"}, {"type": "text", "text": "your deposit"}],
            }
        ],
    }


@pytest.mark.parametrize("values", [[], ["one"], ["one", " "], ["one", "two", "three"]])
def test_template__places_left_empty__is_refused(
    ticket: Ticket, template: SocialTemplate, agent: Staff, values: list[str]
) -> None:
    with pytest.raises(errors.ValuesMissing):
        social_templates.send(ticket=ticket, template=template, values=values, by=agent)


def test_template__what_must_not_leave__is_held_back(ticket: Ticket, template: SocialTemplate, agent: Staff) -> None:
    with pytest.raises(errors.NotToBeSent):
        social_templates.send(
            ticket=ticket, template=template, values=["Sheena", "https://evil.example/login"], by=agent
        )


def test_template__of_another_account_or_switched_off__is_refused(
    ticket: Ticket, template: SocialTemplate, agent: Staff
) -> None:
    other = SocialAccount.objects.create(kind="whatsapp", name="Other", token="x")
    foreign = SocialTemplate.objects.create(account=other, name="hello", body="Hello")
    template.is_active = False
    for row in (foreign, template):
        with pytest.raises(errors.Refused):
            social_templates.send(ticket=ticket, template=row, values=[], by=agent)


def test_template__of_an_unfit_form__is_not_found(client: Client, ticket: Ticket, agent: Staff) -> None:
    path = reverse("desk:template", args=[ticket.public_id])
    for chosen in ("", "x", "9999999"):
        assert signed_in(client, agent).post(path, {"template": chosen}).status_code == 422


def test_template__numbers_with_a_gap__are_refused(template: SocialTemplate) -> None:
    template.body = "Hello {{2}}"
    with pytest.raises(ValidationError):
        template.full_clean()


def test_window__of_telegram__is_none(hook: Hook, agent: Staff) -> None:
    hook.take(update(message=message()))
    over()
    ticket = Ticket.objects.get()
    social_outbox.check_way(ticket, has_files=False)
    answering = cases.composer(ticket, agent)["answering"]
    assert (answering.until, answering.is_over, answering.templates) == (None, False, ())
