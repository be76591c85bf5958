"""The hub of one process: heard once, told to all; lists in one frame, each socket of what its person may see."""

import asyncio
import json
from dataclasses import dataclass, field
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.db import OperationalError

from accounts.models import Staff, Team, TeamMembership
from tests.cast import open_session
from tests.factories.accounts import TeamFactory
from tests.support.desk_socket import DeskSocket
from tickets import consumers, realtime, socket_hub, socket_rounds
from tickets.events import MessageAdded, RowMoved
from tickets.groups import queue_group, ticket_group
from tickets.selectors import sockets as reads
from tickets.socket_hub import Frame, Hub

TOP, SIDE, THIRD = map(queue_group, (1, 2, 3))
PATIENCE_S = 10


@dataclass(eq=False)
class Ear:
    """A socket that keeps what it was handed."""

    tickets: set[str] = field(default_factory=set)
    frames: "asyncio.Queue[Frame]" = field(default_factory=asyncio.Queue)
    probes: asyncio.Event = field(default_factory=asyncio.Event)

    def hand(self, frame: Frame) -> None:
        self.frames.put_nowait(frame)

    def heard(self) -> None:
        self.probes.set()

    async def next(self) -> dict[str, Any]:
        frame = await asyncio.wait_for(self.frames.get(), PATIENCE_S)
        found: dict[str, Any] = json.loads(frame.text)
        return found

    async def until_row(self, ticket: str) -> list[dict[str, Any]]:
        found = [await self.next()]
        while ticket not in found[-1]["tickets"]:
            found.append(await self.next())
        return found


async def listening(hub: Hub, *queues: str) -> Ear:
    """Return a new socket that hears of these queues."""
    ear = Ear()
    hub.enter(ear)
    await hub.listen(ear, frozenset(queues))
    return ear


def moved(*rows: tuple[str, str]) -> None:
    for queue, ticket in rows:
        realtime.row_moved((queue,), ticket, counts=False)


def gathered(ear: Ear, hub: Hub, *rows: tuple[str, str]) -> None:
    """Let these rows come in one moment."""
    for queue, ticket in rows:
        hub.lists_of[ear].add(RowMoved(queue=queue, ticket=ticket, counts=False))


def rows(*tickets: str, counts: bool = False) -> dict[str, Any]:
    return {"type": "rows.changed", "tickets": sorted(tickets), "counts": counts}


def test_lists__many_changes__first_is_told_at_once_and_the_others_in_one_frame(clone_db: str) -> None:
    async def story() -> list[dict[str, Any]]:
        hub = Hub()
        ear = await listening(hub, TOP)
        gathered(ear, hub, (TOP, "first"), (TOP, "a"), (TOP, "b"), (TOP, "a"), (TOP, "last"))
        found = await ear.until_row("last")
        hub.leave(ear)
        return found

    assert async_to_sync(story)() == [rows("first"), rows("a", "b", "last")]


def test_lists__a_ticket_in_two_queues_and_counts__are_one_row(clone_db: str) -> None:
    async def story() -> list[dict[str, Any]]:
        hub = Hub()
        ear = await listening(hub, TOP, SIDE)
        gathered(ear, hub, (TOP, "first"), (TOP, "moved"), (SIDE, "moved"))
        hub.lists_of[ear].add(RowMoved(queue=SIDE, counts=True))
        gathered(ear, hub, (TOP, "last"))
        found = await ear.until_row("last")
        hub.leave(ear)
        return found

    assert async_to_sync(story)() == [rows("first"), rows("moved", "last", counts=True)]


@pytest.mark.attack("D4")
def test_lists__different_queues__each_hears_of_its_own(clone_db: str) -> None:
    async def story() -> list[set[str]]:
        hub = Hub()
        ears = [await listening(hub, *queues) for queues in ((TOP,), (SIDE,), (TOP, SIDE), (TOP,))]
        moved((TOP, "top"), (SIDE, "side"), (TOP, "top2"), (SIDE, "side2"), (TOP, "last"), (SIDE, "last"))
        found = [{one for frame in await ear.until_row("last") for one in frame["tickets"]} for ear in ears]
        for ear in ears:
            hub.leave(ear)
        return [one - {"last"} for one in found]

    top, side = {"top", "top2"}, {"side", "side2"}
    assert async_to_sync(story)() == [top, side, top | side, top]


@pytest.mark.attack("D4")
def test_listen__queues_taken_and_given__is_told_what_waits_in_those_it_keeps_and_nothing_else(clone_db: str) -> None:
    async def story() -> list[dict[str, Any]]:
        hub = Hub()
        ear, other = await listening(hub, TOP, SIDE), await listening(hub, TOP, SIDE)
        gathered(ear, hub, (TOP, "first"), (TOP, "kept"), (SIDE, "taken"))
        await hub.listen(ear, frozenset({TOP, THIRD}))
        moved((SIDE, "no more"), (THIRD, "given"))
        found = [*(await ear.until_row("given")), *(await other.until_row("kept"))]
        found += await other.until_row("no more") if "no more" not in found[-1]["tickets"] else []
        for one in (ear, other):
            hub.leave(one)
        return found

    found = async_to_sync(story)()
    assert found[:4] == [rows("first"), rows("kept"), rows("given"), rows("first")]
    assert {one for frame in found[4:] for one in frame["tickets"]} == {"kept", "taken", "no more"}


def test_watch__many_who_look__are_handed_the_same_frame(clone_db: str) -> None:
    async def story() -> list[Frame]:
        hub, ears = Hub(), [Ear(tickets={"t1"}) for _ in range(3)]
        for ear in ears:
            hub.enter(ear)
            await hub.watch(ear, "t1")
        hub.unwatch(ears[2], "t1")
        ears[2].tickets = set()
        realtime.publish((ticket_group("t1"),), MessageAdded(ticket="t1", seq=2, public_seq=None))
        found = [await asyncio.wait_for(ear.frames.get(), PATIENCE_S) for ear in ears[:2]]
        assert ears[2].frames.empty()
        for ear in ears:
            hub.leave(ear)
        return found

    one, two = async_to_sync(story)()
    assert one is two
    assert json.loads(one.text)["seq"] == 2


def test_hub__what_nobody_understands__is_dropped_and_the_next_is_heard(clone_db: str) -> None:
    async def story() -> list[dict[str, Any]]:
        hub, layer = Hub(), get_channel_layer()
        assert layer is not None
        ear = await listening(hub, TOP)
        for odd in (
            {"type": "desk.row", "row": {"queue": TOP, "words": "secret"}},
            {"type": "desk.event"},
            {"type": "x"},
        ):
            await layer.group_send(TOP, odd)
        moved((TOP, "last"))
        found = await ear.until_row("last")
        hub.leave(ear)
        return found

    assert async_to_sync(story)() == [rows("last")]


def test_hub__last_socket_left__listens_no_more__and_the_next_one_starts_it_again(clone_db: str) -> None:
    async def story() -> list[dict[str, Any]]:
        hub = Hub()
        ear = await listening(hub, TOP)
        hub.leave(ear)
        hub.leave(ear)
        await hub.listen(ear, frozenset({TOP}))
        await hub.watch(ear, "t1")
        assert (hub.task, hub.channel, hub.listening, hub.watching) == (None, "", {}, {})
        again = await listening(hub, TOP)
        moved((TOP, "again"))
        found = await again.until_row("again")
        await hub.probe(again)
        await asyncio.wait_for(again.probes.wait(), PATIENCE_S)
        hub.leave(again)
        return found

    assert async_to_sync(story)() == [rows("again")]


@pytest.mark.attack("D4")
def test_rights__a_team_joined_while_open__its_rows_are_heard__and_no_more_when_it_is_taken(
    clone_db: str, vendor: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket_rounds, "RECHECK_S", 0.01)
    team, kept = TeamFactory.create(), vendor.teams.get()
    key, _row = open_session(vendor)

    async def until_hears(socket: DeskSocket, *teams: Team) -> None:
        while set(socket_hub.here().listening) != {frozenset(queue_group(one.pk) for one in teams)}:
            await (await socket.tell({"type": "ping"})).until("pong")

    async def story() -> list[dict[str, Any]]:
        socket = DeskSocket(key)
        await socket.connect()
        await until_hears(socket, kept)
        membership = await TeamMembership.objects.acreate(staff=vendor, team=team)
        await until_hears(socket, kept, team)
        moved((queue_group(team.pk), "heard"))
        heard = await socket.until_row("heard")
        await membership.adelete()
        await until_hears(socket, kept)
        moved((queue_group(team.pk), "hidden"), (queue_group(kept.pk), "last"))
        found = await socket.until_row("last")
        await socket.leave()
        return heard + found

    assert async_to_sync(story)() == [rows("heard"), rows("last")]


def consumer_of(hub: Hub, send: Any) -> consumers.DeskConsumer:
    """Return a socket without a server, whose frames go to `send`."""
    consumer = consumers.DeskConsumer()
    consumer.base_send = send
    consumer.channel_layer = get_channel_layer()
    consumer.tickets = {"t1"}
    hub.enter(consumer)
    return consumer


def test_hand__a_socket_takes_no_frame__others_hear__and_its_own_loop_is_told_that_it_is_over(
    clone_db: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consumers, "TAKEN_WITHIN_S", 0.01)

    async def nobody_reads(_frame: object) -> None:
        await asyncio.Event().wait()

    async def story() -> tuple[dict[str, Any], dict[str, Any], bool]:
        hub, layer = socket_hub.here(), get_channel_layer()
        assert layer is not None
        stuck, ear = consumer_of(hub, nobody_reads), Ear(tickets={"t1"})
        stuck.channel_name = await layer.new_channel()
        hub.enter(ear)
        for one in (stuck, ear):
            await hub.watch(one, "t1")
        realtime.publish((ticket_group("t1"),), MessageAdded(ticket="t1", seq=2, public_seq=None))
        found = await ear.next()
        nudge = await asyncio.wait_for(layer.receive(stuck.channel_name), PATIENCE_S)
        is_over = stuck.is_over and stuck not in hub.sockets
        hub.leave(ear)
        return found, nudge, is_over

    found, nudge, is_over = async_to_sync(story)()
    assert (found["seq"], nudge["type"], is_over) == (2, "desk.probe", True)


@pytest.mark.attack("D4")
def test_hand__whether_a_moved_ticket_is_still_theirs_cannot_be_read__closes_and_tells_nothing(
    clone_db: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_asked: object) -> None:
        raise OperationalError

    monkeypatch.setattr(reads, "last_seqs", away)

    async def story() -> list[dict[str, Any]]:
        hub = socket_hub.here()
        sent: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        consumer = consumer_of(hub, sent.put)
        consumer.staff = Staff()
        consumer.hand(Frame("{}", "t1", is_move=True))
        consumer.hand(Frame("{}", "t1"))
        found = [await asyncio.wait_for(sent.get(), PATIENCE_S)]
        assert consumer not in hub.sockets
        assert not consumer.outbox
        assert sent.empty()
        return found

    assert [(one["type"], one.get("code")) for one in async_to_sync(story)()] == [("websocket.close", 1012)]
