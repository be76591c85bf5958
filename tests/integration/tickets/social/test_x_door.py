"""X's door: its challenge, its signature, several events in one request, and each of them once."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from tests.support.small_x import US
from tests.support.x_events import THEM, XHook, deleted, direct, mentioned, post, request, signed, told
from tickets.models import Message, SocialAccount, SocialEvent, Ticket
from tickets.services import retention, social_intake


def test_challenge__of_the_documentation__is_answered(x_hook: XHook) -> None:
    answer = Client().get(x_hook.path, {"crc_token": "9b4507b3-9040-4669-9ca3-6b94edb50553", "nonce": "x"})
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.json() == {"response_token": "sha256=Cytd4Sq+NvEcV3MMrXxWJGJx5A+y/lXzzU2Maartkx8="}


@pytest.mark.attack("F2")
@pytest.mark.parametrize("token", ["", "x" * 201, '{"for_user_id":"1"}', "a b", "a\n", "ü", "a}", '"'])
def test_challenge__that_could_sign_an_event__is_not_answered(x_hook: XHook, token: str) -> None:
    assert Client().get(x_hook.path, {"crc_token": token}).status_code == 403


@pytest.mark.attack("F2")
def test_challenge__its_answer_as_a_signature__is_no_event(x_hook: XHook) -> None:
    asked = "9b4507b3-9040-4669-9ca3-6b94edb50553"
    answer = Client().get(x_hook.path, {"crc_token": asked}).json()["response_token"]
    assert answer == signed(asked.encode())
    assert x_hook.post(asked.encode(), answer) == 403
    assert not SocialEvent.objects.exists()


def test_challenge__without_a_token_or_a_secret__is_refused(x_hook: XHook) -> None:
    assert Client().get(x_hook.path).status_code == 403
    SocialAccount.objects.update(app_secret="")
    assert Client().get(x_hook.path, {"crc_token": "foo"}).status_code == 403


def test_hook__genuine_event__is_kept_sealed_and_answered(x_hook: XHook) -> None:
    assert x_hook.post(told(direct())) == 200
    row = SocialEvent.objects.get()
    assert (row.event_id, row.stream) == (f"{US}:direct_message_events:954491830116155396", f"dm:{THEM}")
    assert b"deposit" not in bytes(row.raw)


@pytest.mark.attack("F2")
@pytest.mark.parametrize(
    "signature",
    [
        None,
        "",
        "sha256=",
        "wrong",
        "sha256=ü",
        signed(told(direct()), "another secret"),
        signed(told(direct())).removeprefix("sha256="),
        signed(told(direct("Other words"))),
        signed(told(direct())).swapcase(),
    ],
)
def test_hook__wrong_or_missing_signature__nothing_is_kept(x_hook: XHook, signature: str | None) -> None:
    assert x_hook.post(told(direct()), signature) == 403
    assert not SocialEvent.objects.exists()


@pytest.mark.attack("F2")
def test_hook__account_without_the_applications_secret__takes_nothing(x_hook: XHook) -> None:
    SocialAccount.objects.update(app_secret="")
    assert x_hook.post(told(direct()), signed(told(direct()), "")) == 403
    assert not SocialEvent.objects.exists()


def test_hook__several_events__are_kept_one_by_one_and_alone_once_more(x_hook: XHook) -> None:
    first, second = direct("One", number="11"), direct("Two", number="12")
    assert x_hook.post(told(first, second)) == 200
    assert x_hook.post(told(first)) == 200
    assert [row.event_id.rpartition(":")[2] for row in SocialEvent.objects.order_by("pk")] == ["11", "12"]
    social_intake.accept_waiting()
    assert [one.text for one in Message.objects.filter(kind="reply").order_by("seq")] == ["One", "Two"]
    assert {one.sender_name for one in Message.objects.filter(kind="reply")} == {"Mina Park @minapark"}


def test_hook__direct_message_and_post_of_one_number__are_two(x_hook: XHook) -> None:
    assert x_hook.post(told(direct(number="77"))) == 200
    assert x_hook.post(mentioned(post(number="77"))) == 200
    assert x_hook.post(deleted("77")) == 200
    assert SocialEvent.objects.count() == 3


def test_hook__one_post_for_two_accounts__is_kept_for_each(x_hook: XHook) -> None:
    both = [{"id_str": US, "screen_name": "PharosHelp"}, {"id_str": "999", "screen_name": "PharosNews"}]
    body = json.loads(mentioned(post(entities={"user_mentions": both})))
    assert x_hook.post(json.dumps({**body, "for_user_id": "999"}).encode()) == 200
    assert x_hook.post(json.dumps(body).encode()) == 200
    social_intake.accept_waiting()
    assert sorted(SocialEvent.objects.values_list("state", "reason")) == [
        ("processed", ""), ("quarantined", "other_account"),
    ]  # fmt: skip


@pytest.mark.parametrize("raw", [b"{}", b'{"for_user_id": 1, "direct_message_events": {}}', b"{not json"])
def test_hook__no_event_at_all__goes_to_review(x_hook: XHook, raw: bytes) -> None:
    row = x_hook.take(raw)
    assert (row.state, row.reason) == ("quarantined", "unreadable")
    assert row.event_id.startswith("sha256:")


@pytest.mark.attack("F2")
def test_hook__ten_at_once_and_a_replay_next_day__one_effect(
    clone_db: str,
    x_hook: XHook,
    race: Callable[..., list[Any]],
    move_time: Callable[[timedelta], None],
) -> None:
    raw = mentioned(post())
    assert race(*[lambda: XHook(x_hook.account, Client()).post(raw)] * 10) == [200] * 10
    pk = SocialEvent.objects.get().pk
    race(*[lambda: social_intake.accept(event_pk=pk)] * 4)
    assert (Ticket.objects.count(), Message.objects.filter(kind="reply").count()) == (1, 1)
    move_time(timedelta(days=1))
    assert x_hook.post(raw) == 200
    social_intake.accept_waiting()
    move_time(timedelta(days=retention.RAW_MAIL_DAYS + 1))
    retention.tidy()
    assert bytes(SocialEvent.objects.get().raw) == b""
    assert x_hook.post(raw) == 200
    social_intake.accept_waiting()
    assert (SocialEvent.objects.count(), Message.objects.filter(kind="reply").count()) == (1, 1)


@pytest.mark.parametrize(
    ("what", "reason"),
    [
        ({"favorite_events": [{"id": "a7ba59eab0bfcba386f7acedac279542"}]}, "not_wanted"),
        ({"follow_events": [{"type": "follow", "created_timestamp": "1517588749178"}]}, "not_wanted"),
        (
            {"direct_message_mark_read_events": [{"created_timestamp": "1518452444662", "sender_id": THEM}]},
            "not_wanted",
        ),
        ({"direct_message_indicate_typing_events": [{"created_timestamp": "1518127183443"}]}, "not_wanted"),
    ],
)
def test_event__that_is_none_of_ours__is_left_at_that(x_hook: XHook, what: dict[str, Any], reason: str) -> None:
    row = x_hook.take(request(**what))
    assert (row.state, row.reason) == ("ignored", reason)
    assert not Ticket.objects.exists()


def test_revocation__marks_the_account(x_hook: XHook) -> None:
    revoke = {
        "date_time": "2018-05-24T09:48:12+00:00",
        "target": {"app_id": "13090192"},
        "source": {"user_id": US},
    }
    row = x_hook.take(json.dumps({"user_event": {"revoke": revoke}}).encode())
    assert (row.state, row.reason) == ("ignored", "revoked")
    assert "permission" in SocialAccount.objects.get().last_error


def test_revocation__of_another_account__marks_nothing(x_hook: XHook) -> None:
    row = x_hook.take(json.dumps({"user_event": {"revoke": {"source": {"user_id": "63046977"}}}}).encode())
    assert (row.state, row.reason) == ("quarantined", "other_account")
    assert SocialAccount.objects.get().last_error == ""
