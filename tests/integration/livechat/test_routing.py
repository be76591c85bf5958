"""Routing: a chat rings at one person at a time, none is lost or rung twice, whoever looks and whenever one dies."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from itertools import count
from typing import Any

import pytest
from django.db import IntegrityError, InterfaceError, connection, transaction

from accounts.models import Presence, Staff, Team
from core.clock import from_now
from core.models import AuditEntry
from livechat.models import Chat, Offer, Visitor
from livechat.refusals import RingIsOver
from livechat.services import chats, presence, routing
from tests.factories.livechat import said
from tests.integration.livechat.conftest import Online, Waiting
from tickets.models import Ticket
from tickets.services import properties


def rings() -> list[tuple[str, str]]:
    """Who hears which ring now: (name, public id of the chat)."""
    found = Offer.objects.open().order_by("pk").values_list("staff__name", "chat__public_id")
    return list(found)


def ringing(person: Staff) -> str:
    return Offer.objects.open().get(staff=person).public_id


def test_route__chat_of_a_team__rings_at_a_member_who_speaks_its_language(
    online: Online, waiting: Waiting, team: Team
) -> None:
    online("Outsider")
    online("Chinese", team=team, languages=("zh-hans",))
    online("Ada", team=team)
    chat = waiting()

    assert routing.route() == 1
    assert rings() == [("Ada", chat.public_id)]
    assert routing.route() == 0
    entry = AuditEntry.objects.get(action="chat.rung")
    assert (entry.actor_kind, entry.object_id) == ("system", chat.public_id)


def test_route__nobody_online__leaves_the_chat_in_the_queue(waiting: Waiting, agent: Staff) -> None:
    chat = waiting()
    assert routing.route() == 0
    assert Chat.objects.waiting().get() == chat
    assert chat.ticket.status == "new"


@pytest.mark.parametrize("state", ["away", "on_call", "offline"])
def test_route__person_who_is_not_online__is_not_rung(online: Online, waiting: Waiting, team: Team, state: str) -> None:
    presence.say(person=online("Ada", team=team), state=state)
    waiting()
    assert routing.route() == 0


def test_route__desk_closed_or_nobody_at_it__is_not_rung(
    online: Online, waiting: Waiting, team: Team, move_time: Any
) -> None:
    ada = online("Ada", team=team)
    waiting()
    move_time(timedelta(seconds=46))
    assert routing.route() == 0
    Presence.objects.filter(staff=ada).update(seen_at=from_now(timedelta(0)))
    assert Presence.objects.reachable().filter(staff=ada).exists()
    move_time(timedelta(minutes=10))
    Presence.objects.filter(staff=ada).update(seen_at=from_now(timedelta(0)))
    assert not Presence.objects.reachable().exists()
    presence.active(person=ada)
    assert routing.route() == 1


def test_route__oldest_chat_first_at_who_was_idle_longest(online: Online, waiting: Waiting, team: Team) -> None:
    ada, ben = online("Ada", team=team), online("Ben", team=team)
    Presence.objects.filter(staff=ben).update(idle_since=from_now(-timedelta(minutes=5)))
    first, second, third = waiting(), waiting(), waiting()

    assert routing.route() == 2
    assert rings() == [("Ben", first.public_id), ("Ada", second.public_id)]
    routing.accept(offer=ringing(ben), by=ben)
    routing.route()
    assert ("Ben", third.public_id) in rings()
    assert ada.presence.capacity == 3


def test_route__hands_full__is_not_rung_until_a_chat_is_over(online: Online, waiting: Waiting, team: Team) -> None:
    ada = online("Ada", team=team, capacity=1)
    first, second = waiting(), waiting()
    routing.route()
    routing.accept(offer=ringing(ada), by=ada)
    assert routing.route() == 0
    chats.end(chat=first)
    assert routing.route() == 1
    assert rings() == [("Ada", second.public_id)]


def test_route__many_older_ones_that_nobody_can_take__keep_no_other_waiting(
    online: Online, waiting: Waiting, team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(routing, "BATCH", 2)
    for _number in range(3):
        Visitor.objects.filter(pk=waiting().visitor_id).update(locale="zh-hans")
    online("Ada", team=team)
    chat = waiting()

    assert routing.route() == 1
    assert rings() == [("Ada", chat.public_id)]


def test_accept__in_time__gives_the_ticket_and_notes_the_wait(
    online: Online, waiting: Waiting, team: Team, move_time: Any
) -> None:
    ada = online("Ada", team=team)
    chat = waiting()
    move_time(timedelta(seconds=20))
    routing.route()
    routing.accept(offer=(offer := ringing(ada)), by=ada)

    chat.refresh_from_db()
    ticket = Ticket.objects.get(pk=chat.ticket_id)
    assert (ticket.assignee, chat.accepted_at is not None) == (ada, True)
    settled = Offer.objects.get()
    assert (settled.state, 20 <= (settled.waited_s or 0) < 30) == ("accepted", True)
    assert "chat_accepted" in ticket.messages.values_list("event", flat=True)
    # A second click is no second chat.
    assert routing.accept(offer=offer, by=ada).pk == chat.pk
    assert AuditEntry.objects.filter(action="chat.accepted").count() == 1


def test_accept__by_another_or_unknown__is_refused(online: Online, waiting: Waiting, team: Team) -> None:
    ada = online("Ada", team=team)
    waiting()
    routing.route()
    ben = online("Ben", team=team)
    for offer, person in ((ringing(ada), ben), ("0" * 20, ada)):
        with pytest.raises(RingIsOver):
            routing.accept(offer=offer, by=person)
    assert Ticket.objects.get().assignee is None


def test_decline__rings_at_the_next_and_not_again_at_once(
    online: Online, waiting: Waiting, team: Team, move_time: Any
) -> None:
    ada, ben = online("Ada", team=team), online("Ben", team=team)
    chat = waiting()
    routing.route()
    assert routing.decline(offer=ringing(ada), by=ada)
    assert not routing.decline(offer="0" * 20, by=ada)
    routing.route()
    assert rings() == [("Ben", chat.public_id)]
    routing.decline(offer=ringing(ben), by=ben)
    assert routing.route() == 0
    move_time(timedelta(seconds=44))
    for person in (ada, ben):
        presence.active(person=person)
    Presence.objects.update(seen_at=from_now(timedelta(0)))
    move_time(timedelta(seconds=20))
    assert routing.route() == 1
    assert rings() == [("Ada", chat.public_id)]


def test_sweep__unanswered_for_thirty_seconds__is_missed_and_rings_at_the_next(
    online: Online, waiting: Waiting, team: Team, move_time: Any
) -> None:
    ada, _ben = online("Ada", team=team), online("Ben", team=team)
    chat = waiting()
    routing.route()
    offer = ringing(ada)
    move_time(timedelta(seconds=29))
    assert routing.sweep() == 0
    move_time(timedelta(seconds=2))
    with pytest.raises(RingIsOver):
        routing.accept(offer=offer, by=ada)
    assert routing.sweep() == 1
    assert rings() == [("Ben", chat.public_id)]
    row = Presence.objects.get(staff=ada)
    assert (row.state, row.reason) == ("away", "missed")


@pytest.mark.parametrize("how", ["ended", "assigned", "went away"])
def test_sweep__chat_that_waits_no_more__rings_no_more(
    online: Online, waiting: Waiting, team: Team, agent: Staff, how: str
) -> None:
    ada = online("Ada", team=team)
    chat = waiting()
    routing.route()
    offer = ringing(ada)
    if how == "ended":
        chats.end(chat=chat)
    elif how == "assigned":
        properties.assign(ticket=chat.ticket, to=agent, by=agent)
    else:
        presence.say(person=ada, state="away")
    routing.sweep()
    assert Offer.objects.get().state == "withdrawn"
    with pytest.raises(RingIsOver):
        routing.accept(offer=offer, by=ada)


def test_accept__assigned_by_hand_a_moment_before__is_refused(
    online: Online, waiting: Waiting, team: Team, agent: Staff
) -> None:
    ada = online("Ada", team=team)
    chat = waiting()
    routing.route()
    properties.assign(ticket=chat.ticket, to=agent, by=agent)
    with pytest.raises(RingIsOver):
        routing.accept(offer=ringing(ada), by=ada)
    assert Ticket.objects.get().assignee == agent


def test_route__chat_older_than_an_hour__rings_no_more(
    online: Online, waiting: Waiting, team: Team, move_time: Any
) -> None:
    waiting()
    move_time(timedelta(minutes=61))
    online("Ada", team=team)
    assert routing.route() == 0


def test_say__again_in_a_chat_that_nobody_took_for_an_hour__rings_anew(
    online: Online, waiting: Waiting, team: Team, agent: Staff
) -> None:
    forgotten, taken = waiting(), waiting()
    properties.assign(ticket=taken.ticket, to=agent, by=agent)
    Chat.objects.update(queued_at=from_now(-timedelta(minutes=61)))
    online("Ada", team=team)
    assert routing.route() == 0
    for chat in (forgotten, taken):
        said(chat.visitor, "Is anybody there now?", client_id="two")

    assert routing.route() == 1
    assert rings() == [("Ada", forgotten.public_id)]
    assert AuditEntry.objects.get(action="chat.queued_again").object_id == forgotten.public_id


def test_offer__second_open_one_of_a_chat_or_a_person__is_refused_by_the_database(
    online: Online, waiting: Waiting, team: Team
) -> None:
    online("Ada", team=team)
    waiting()
    routing.route()
    one = Offer.objects.get()
    ben, other = online("Ben", team=team), waiting()
    for change, name in (({"staff": ben}, "one_per_chat"), ({"chat": other}, "one_per_person")):
        more = {"chat": one.chat, "staff": one.staff, "inbox": one.inbox, "expires_at": one.expires_at} | change
        with pytest.raises(IntegrityError, match=f"livechat_offer_{name}"), transaction.atomic():
            Offer.objects.create(**more)


def test_route__eight_workers_at_once__ring_each_chat_once_and_each_person_once(
    clone_db: str, race: Any, online: Online, waiting: Waiting, team: Team
) -> None:
    for number in range(6):
        online(f"Agent{number}", team=team)
    for _number in range(9):
        waiting()

    outcomes = race(*[routing.route] * 8)
    outcomes += [routing.route()]

    assert not [one for one in outcomes if isinstance(one, BaseException)]
    assert sum(outcomes) == Offer.objects.open().count() == 6
    for field in ("chat", "staff"):
        counted = Counter(Offer.objects.open().values_list(field, flat=True))
        assert set(counted.values()) == {1}


def test_sweep__several_sweepers_an_accept_and_a_decline_at_once__one_outcome_each(
    clone_db: str, race: Any, online: Online, waiting: Waiting, team: Team, move_time: Any
) -> None:
    people = [online(f"Agent{number}", team=team) for number in range(4)]
    for _number in range(4):
        waiting()
    routing.route()
    offers = {person.pk: ringing(person) for person in people}
    acts = [partial(routing.accept, offer=offers[person.pk], by=person) for person in people]
    noes = [partial(routing.decline, offer=offers[person.pk], by=person) for person in people]
    away = [partial(presence.say, person=person, state="away") for person in people[:2]]

    race(*acts, *noes, *away, routing.sweep, routing.sweep)

    assert not Offer.objects.open().filter(public_id__in=offers.values()).exists()
    for chat in Chat.objects.select_related("ticket"):
        accepted = chat.offers.filter(state="accepted")
        assert accepted.count() <= 1
        assert (chat.ticket.assignee_id is not None) == accepted.exists()
        assert accepted.exists() == (chat.accepted_at is not None)


def test_sweep__missed_ring_and_accept_at_the_same_moment__never_both(
    clone_db: str, race: Any, online: Online, waiting: Waiting, team: Team
) -> None:
    ada = online("Ada", team=team)
    waiting()
    routing.route()
    offer = ringing(ada)
    race(
        *[partial(routing.accept, offer=offer, by=ada)] * 3,
        *[routing.sweep] * 3,
        partial(routing.decline, offer=offer, by=ada),
    )
    states = list(Offer.objects.values_list("state", flat=True))
    assert states.count("accepted") + states.count("declined") == 1
    assert Chat.objects.get().offers.filter(state="open").count() <= 1


class DiedError(Exception):
    """The process ends here."""


def dies_after(statements: int, act: Callable[[], object]) -> bool:
    """Do it, and lose the connection behind so many statements; return whether it was done before that."""
    count = 0

    def cut(execute: Any, *given: Any) -> Any:
        nonlocal count
        count += 1
        if count > statements:
            # What the server sees of a process that is gone.
            connection.connection.close()
            raise DiedError
        return execute(*given)

    try:
        with connection.execute_wrapper(cut):
            act()
    except (DiedError, InterfaceError):
        return False
    finally:
        connection.close()
    return True


def state() -> tuple[Any, ...]:
    """Return all that routing may change."""
    tickets = Ticket.objects.order_by("pk").values_list("assignee", "version", "last_seq")
    people = Presence.objects.order_by("pk").values_list("state", "reason")
    recorded = AuditEntry.objects.filter(object_kind="chat").count()
    return (
        list(Offer.objects.order_by("pk").values_list("state", "settled_at", "waited_s")),
        list(tickets),
        list(Chat.objects.order_by("pk").values_list("accepted_at", flat=True)),
        list(people),
        recorded,
    )


@pytest.mark.parametrize("what", ["ring", "accept", "decline", "away"])
def test_crash__at_any_statement_of_one_act__changes_nothing_until_it_is_done_whole(
    clone_db: str, online: Online, waiting: Waiting, team: Team, what: str
) -> None:
    ada = online("Ada", team=team)
    waiting()
    act: Callable[[], object] = routing.route
    if what != "ring":
        routing.route()
        acts: dict[str, Callable[[], object]] = {
            "accept": partial(routing.accept, offer=ringing(ada), by=ada),
            "decline": partial(routing.decline, offer=ringing(ada), by=ada),
            "away": partial(presence.say, person=ada, state="away"),
        }
        act = acts[what]
    before = state()
    for statements in count():
        if dies_after(statements, act):
            break
        # A lost answer to a commit is the one moment at which it may be done already.
        assert state() == before, statements
    assert statements >= 5
    ends = {"ring": "open", "accept": "accepted", "decline": "declined", "away": "withdrawn"}
    assert Offer.objects.get().state == ends[what]


def test_crash__at_any_statement_of_a_sweep__neither_loses_nor_doubles_a_ring(
    clone_db: str, online: Online, waiting: Waiting, team: Team, move_time: Any
) -> None:
    online("Ada", team=team)
    chat = waiting()
    routing.route()
    online("Ben", team=team)
    move_time(timedelta(seconds=31))
    Presence.objects.update(seen_at=from_now(timedelta(0)))

    for statements in count():
        is_done = dies_after(statements, routing.sweep)
        assert Offer.objects.open().count() <= 1
        assert Chat.objects.waiting().get() == chat
        if is_done:
            break
    offers = list(Offer.objects.order_by("pk").values_list("staff__name", "state"))
    assert offers == [("Ada", "missed"), ("Ben", "open")]


def test_say__another_message_of_a_chat_that_rings__changes_nothing(
    online: Online, waiting: Waiting, team: Team
) -> None:
    online("Ada", team=team)
    chat = waiting()
    routing.route()
    said(chat.visitor, "Hello?", "two")
    routing.sweep()
    assert Offer.objects.open().count() == 1
