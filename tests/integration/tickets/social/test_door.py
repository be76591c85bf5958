"""The webhook's door: what is kept, what is refused, and F7: the same event ten times, or a day later, is one."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from tests.integration.tickets.social.conftest import SECRET, Hook, message, update
from tickets.models import Message, SocialAccount, SocialEvent, Ticket
from tickets.services import retention, social_intake


def test_hook__genuine_event__is_kept_sealed_and_answered(hook: Hook) -> None:
    raw = update(message=message())
    assert hook.post(raw) == 200
    row = SocialEvent.objects.get()
    assert (row.event_id, row.stream, row.state, row.size) == ("10000", "1111", "stored", len(raw))
    assert b"deposit" not in bytes(row.raw)


@pytest.mark.attack("F2")
@pytest.mark.parametrize("secret", [None, "", "wrong", SECRET + "x", "ü", SECRET.upper()])
def test_hook__wrong_or_missing_secret__nothing_is_kept(hook: Hook, secret: str | None) -> None:
    assert hook.post(update(message=message()), secret=secret) == 403
    assert not SocialEvent.objects.exists()


def test_hook__account_without_a_secret__takes_nothing(hook: Hook, account: SocialAccount) -> None:
    SocialAccount.objects.filter(pk=account.pk).update(webhook_secret="")
    assert hook.post(update(message=message()), secret="") == 403
    assert not SocialEvent.objects.exists()


def test_hook__unknown_or_inactive_account__is_not_there(hook: Hook, account: SocialAccount) -> None:
    assert hook.post(update(message=message()), public_id="a" * 20) == 404
    SocialAccount.objects.filter(pk=account.pk).update(is_active=False)
    assert hook.post(update(message=message())) == 404
    assert not SocialEvent.objects.exists()


def test_hook__too_large__is_refused_unread(hook: Hook) -> None:
    assert hook.post(b" " * (settings.MAX_EVENT_BYTES + 1)) == 413
    assert not SocialEvent.objects.exists()


def test_hook__get__does_nothing(hook: Hook, account: SocialAccount) -> None:
    assert Client().get(reverse("hook", args=["telegram", account.public_id])).status_code == 403


def test_hook__no_update_at_all__goes_to_review(hook: Hook) -> None:
    row = hook.take(b"\xff not json")
    assert (row.state, row.reason) == ("quarantined", "unreadable")
    assert row.event_id.startswith("sha256:")


@pytest.mark.attack("F2")
def test_hook__ten_at_once_and_a_replay_next_day__one_effect(
    clone_db: str,
    hook: Hook,
    race: Callable[..., list[Any]],
    move_time: Callable[[timedelta], None],
) -> None:
    raw = update(message=message())
    assert race(*[lambda: Hook(hook.account, Client()).post(raw)] * 10) == [200] * 10
    pk = SocialEvent.objects.get().pk
    race(*[lambda: social_intake.accept(event_pk=pk)] * 4)
    assert (Ticket.objects.count(), Message.objects.filter(kind="reply").count()) == (1, 1)
    move_time(timedelta(days=1))
    assert hook.post(raw) == 200
    social_intake.accept_waiting()
    assert (SocialEvent.objects.count(), Message.objects.filter(kind="reply").count()) == (1, 1)
    # Wiped after its life, the event is still known.
    move_time(timedelta(days=retention.RAW_MAIL_DAYS + 1))
    retention.tidy()
    assert bytes(SocialEvent.objects.get().raw) == b""
    assert hook.post(raw) == 200
    social_intake.accept_waiting()
    assert (SocialEvent.objects.count(), Message.objects.filter(kind="reply").count()) == (1, 1)
