"""The door for Meta: its challenge and its signature; each event once, however often and however late."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from tests.integration.tickets.social.meta_samples import (
    VERIFY,
    MetaHook,
    messaging,
    page,
    said,
    wa_message,
    wa_said,
    wa_status,
)
from tickets.channels.social.registry import REQUEST_BYTES
from tickets.models import Message, SocialAccount, SocialEvent, Ticket
from tickets.services import retention, social_intake

ASKED = {"hub.mode": "subscribe", "hub.verify_token": VERIFY, "hub.challenge": "1158201444"}


def test_challenge__right_token__is_echoed_as_plain_text(messenger: MetaHook) -> None:
    answer = Client().get(messenger.url(), ASKED)
    assert (answer.status_code, answer.content, answer.headers["Content-Type"]) == (200, b"1158201444", "text/plain")


@pytest.mark.parametrize(
    "wrong",
    [
        {"hub.verify_token": "another"},
        {"hub.verify_token": ""},
        {"hub.mode": "unsubscribe"},
        {"hub.challenge": "<script>alert(1)</script>"},
        {"hub.challenge": ""},
        {"hub.challenge": "1" * 129},
    ],
)
def test_challenge__anything_else__is_refused(whatsapp: MetaHook, wrong: dict[str, str]) -> None:
    assert Client().get(whatsapp.url(), ASKED | wrong).status_code == 403


def test_challenge__account_without_a_token__is_refused(messenger: MetaHook) -> None:
    SocialAccount.objects.update(webhook_secret="")
    assert Client().get(messenger.url(), ASKED | {"hub.verify_token": ""}).status_code == 403


@pytest.mark.attack("F2")
@pytest.mark.parametrize("signature", [None, "sha256=", "sha256=" + "0" * 64, "sha1=abc", "ü"])
def test_hook__wrong_or_missing_signature__nothing_is_kept(messenger: MetaHook, signature: str | None) -> None:
    assert messenger.post(said(), signature) == 403
    assert not SocialEvent.objects.exists()


@pytest.mark.attack("F2")
def test_hook__bytes_changed_after_signing__nothing_is_kept(whatsapp: MetaHook) -> None:
    raw = wa_said()
    assert whatsapp.post(raw + b" ", whatsapp.sign(raw)) == 403
    assert not SocialEvent.objects.exists()


def test_hook__account_without_an_application_secret__takes_nothing(messenger: MetaHook) -> None:
    SocialAccount.objects.update(app_secret="")
    assert messenger.post(said()) == 403


@pytest.mark.attack("F2")
@pytest.mark.parametrize(("kind", "raw"), [("messenger", said()), ("whatsapp", wa_said())])
def test_hook__ten_at_once_and_a_replay_next_day__one_effect(
    clone_db: str,
    request: pytest.FixtureRequest,
    race: Callable[..., list[Any]],
    move_time: Callable[[timedelta], None],
    kind: str,
    raw: bytes,
) -> None:
    hook: MetaHook = request.getfixturevalue(kind)
    assert race(*[lambda: hook.post(raw)] * 10) == [200] * 10
    pk = SocialEvent.objects.get().pk
    race(*[lambda: social_intake.accept(event_pk=pk)] * 4)
    move_time(timedelta(days=1))
    assert hook.post(raw) == 200
    move_time(timedelta(days=retention.RAW_MAIL_DAYS + 1))
    retention.tidy()
    assert hook.post(raw) == 200
    social_intake.accept_waiting()
    assert (SocialEvent.objects.count(), Ticket.objects.count()) == (1, 1)
    assert Message.objects.filter(kind="reply").count() == 1


def test_request__with_several_events__each_is_kept_by_itself(messenger: MetaHook) -> None:
    raw = page(
        messaging(message={"mid": "m_1", "text": "One"}),
        messaging(message={"mid": "m_2", "text": "Two"}),
        messaging("6002", message={"mid": "m_3", "text": "Three"}),
        messaging(read={"watermark": 1458668856253}),
    )
    messenger.take(raw)
    assert [row.event_id for row in SocialEvent.objects.order_by("pk")][:3] == ["m_1", "m_2", "m_3"]
    assert {row.state for row in SocialEvent.objects.all()} == {"processed"}
    assert [list(one.messages.filter(kind="reply").values_list("text", flat=True)) for one in Ticket.objects.all()] == [
        ["One", "Two"],
        ["Three"],
    ]


def test_request__partly_known__only_the_new_is_kept(whatsapp: MetaHook) -> None:
    first = wa_message(wamid="wamid.1")
    whatsapp.take(wa_said(first))
    whatsapp.take(wa_said(first, wa_message(wamid="wamid.2", text={"body": "And?"})))
    assert SocialEvent.objects.count() == 2
    assert Message.objects.filter(kind="reply").count() == 2


@pytest.mark.parametrize("raw", [b"\xff not json", b"{}", b'{"object": "page", "entry": 7}', b"[" * 30_000])
def test_hook__bytes_that_hold_no_event__go_to_review(messenger: MetaHook, raw: bytes) -> None:
    row = messenger.take(raw)
    assert (row.state, row.reason, row.event_id[:7]) == ("quarantined", "unreadable", "sha256:")


def test_hook__many_events_together__are_more_than_one_may_be(messenger: MetaHook) -> None:
    many = [messaging(str(7000 + place), message={"mid": f"m_{place}", "text": "x" * 900}) for place in range(80)]
    assert messenger.post(page(*many)) == 200
    assert SocialEvent.objects.count() == 80
    assert messenger.post(b" " * (REQUEST_BYTES["messenger"] + 1)) == 413


def test_event__for_another_number__goes_to_review_and_is_not_lost(whatsapp: MetaHook) -> None:
    SocialAccount.objects.update(external_id="999")
    row = whatsapp.take(wa_said())
    assert (row.state, row.reason) == ("quarantined", "other_account")
    assert not Ticket.objects.exists()


def test_status__each_state__is_an_event_of_its_own(whatsapp: MetaHook) -> None:
    for state in ("sent", "delivered", "read", "read"):
        whatsapp.take(wa_status("wamid.unknown", state))
    assert SocialEvent.objects.count() == 3
    assert not Message.objects.exists()
