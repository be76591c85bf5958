"""`Idempotency-Key`: the same request twice, in turn or at once, is done once."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from accounts.models import Staff
from core import idempotency
from core.inbound_tasks import tidy
from core.models import IdempotencyKey
from tests.factories.tickets import mail_ticket
from tests.integration.tickets.api.conftest import NEW, TICKETS, Caller, Calling, problem
from tickets.models import Message, Ticket
from tickets.services import by_hand

KEY = {"Idempotency-Key": "order-66"}
PARALLEL = 6


@pytest.mark.django_db
def test_key__used_again__gets_the_first_answer_and_changes_nothing(agent: Staff, calling: Calling) -> None:
    caller = calling(agent)
    first, second = caller.post(TICKETS, NEW, **KEY), caller.post(TICKETS, NEW, **KEY)
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()
    assert "Idempotency-Replayed" not in first.headers
    assert second.headers["Idempotency-Replayed"] == "true"
    assert Ticket.objects.count() == 1


@pytest.mark.django_db
def test_key__of_a_message_used_again__adds_one_message(agent: Staff, calling: Calling) -> None:
    ticket = mail_ticket()
    path = f"{TICKETS}{ticket.public_id}/messages/"
    caller = calling(agent)
    answers = [caller.post(path, {"text": "Looking."}, **KEY) for _ in range(3)]
    assert {one.json()["seq"] for one in answers} == {answers[0].json()["seq"]}
    assert Message.objects.filter(direction="out", kind="reply").count() == 1


@pytest.mark.django_db
def test_key__with_another_body_or_path__is_422(agent: Staff, calling: Calling) -> None:
    caller = calling(agent)
    caller.post(TICKETS, NEW, **KEY)
    problem(caller.post(TICKETS, {**NEW, "subject": "Other"}, **KEY), 422, "idempotency_key_reused")
    path = f"{TICKETS}{Ticket.objects.get().public_id}/messages/"
    problem(caller.post(path, {"kind": "note", "text": "x"}, **KEY), 422, "idempotency_key_reused")
    assert Ticket.objects.count() == 1


def test_key__used_again_days_later__still_changes_nothing_and_is_forgotten_after_a_week(
    clone_db: str, move_time: Callable[[timedelta], None], agent: Staff, calling: Calling
) -> None:
    caller = calling(agent)
    first = caller.post(TICKETS, NEW, **KEY)
    move_time(timedelta(days=2))
    tidy()
    assert caller.post(TICKETS, NEW, **KEY).json() == first.json()
    assert Ticket.objects.count() == 1
    move_time(timedelta(days=7, hours=1))
    tidy()
    assert not IdempotencyKey.objects.exists()


@pytest.mark.django_db
def test_key__of_somebody_else__is_their_own(agent: Staff, lead: Staff, calling: Calling) -> None:
    for person in (agent, lead):
        assert calling(person).post(TICKETS, NEW, **KEY).status_code == 201
    assert Ticket.objects.count() == 2


@pytest.mark.django_db
def test_key__of_a_refused_request__is_free_for_a_better_one(agent: Staff, calling: Calling) -> None:
    ticket = mail_ticket()
    Ticket.objects.update(status="open")
    path = f"{TICKETS}{ticket.public_id}/messages/"
    caller = calling(agent)
    problem(caller.post(path, {"text": "x", "then_status": "closed"}, **KEY), 422, "illegal_move")
    assert not IdempotencyKey.objects.exists()
    assert caller.post(path, {"text": "x"}, **KEY).status_code == 201


@pytest.mark.django_db
@pytest.mark.parametrize("key", ["x" * 201, "tab\there"])
def test_key__too_long_or_unprintable__is_400(agent: Staff, calling: Calling, key: str) -> None:
    problem(calling(agent).post(TICKETS, NEW, **{"Idempotency-Key": key}), 400, "bad_idempotency_key")


@pytest.mark.django_db
def test_without_a_key__twice__is_two(agent: Staff, calling: Calling) -> None:
    caller = calling(agent)
    assert [caller.post(TICKETS, NEW).status_code for _ in range(2)] == [201, 201]
    assert Ticket.objects.count() == 2


def posts(caller: Caller, body: dict[str, Any]) -> Callable[[], Any]:
    # A client keeps cookies and is no place for threads to meet.
    return lambda: Caller(caller.secret, type(caller.client)()).post(TICKETS, body, **KEY)


def test_key__in_parallel__opens_one_ticket_and_answers_all_alike(
    clone_db: str, agent: Staff, calling: Calling, race: Callable[..., list[Any]]
) -> None:
    caller = calling(agent)
    answers = race(*[posts(caller, NEW) for _ in range(PARALLEL)])
    assert [one.status_code for one in answers] == [201] * PARALLEL
    assert len({one.json()["id"] for one in answers}) == 1
    assert Ticket.objects.count() == 1


def test_key__in_parallel_with_other_bodies__opens_one_and_refuses_the_rest(
    clone_db: str, agent: Staff, calling: Calling, race: Callable[..., list[Any]]
) -> None:
    caller = calling(agent)
    answers = race(*[posts(caller, {**NEW, "subject": f"Case {number}"}) for number in range(PARALLEL)])
    assert sorted(one.status_code for one in answers) == [201] + [422] * (PARALLEL - 1)
    assert Ticket.objects.count() == 1


def test_key__first_request_fails_while_the_second_waits__the_second_does_it(
    clone_db: str, agent: Staff, calling: Calling, race: Callable[..., list[Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    caller = calling(agent)
    real, calls = by_hand.open_for, []

    def fails_once(**how: Any) -> Ticket:
        calls.append(1)
        ticket = real(**how)
        if len(calls) == 1:
            raise RuntimeError("the first one dies")
        return ticket

    monkeypatch.setattr(by_hand, "open_for", fails_once)
    caller.client.raise_request_exception = False

    def post() -> Any:
        client = type(caller.client)(raise_request_exception=False)
        return Caller(caller.secret, client).post(TICKETS, NEW, **KEY)

    answers = race(post, post)
    assert sorted(one.status_code for one in answers) == [201, 500]
    assert Ticket.objects.count() == 1


@pytest.mark.django_db
def test_once__unlocked_by_design__is_kept_per_actor() -> None:
    done: list[int] = []

    def act() -> tuple[int, Any]:
        done.append(1)
        return 201, {"n": len(done)}

    assert idempotency.once(actor="a", key="k", request_body=b"x", act=act) == (201, {"n": 1}, False)
    assert idempotency.once(actor="a", key="k", request_body=b"x", act=act) == (201, {"n": 1}, True)
    with pytest.raises(idempotency.KeyReused):
        idempotency.once(actor="a", key="k", request_body=b"y", act=act)
    assert idempotency.once(actor="b", key="k", request_body=b"x", act=act) == (201, {"n": 2}, False)
