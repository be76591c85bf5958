"""The round over all open sockets: the same rights as asked one by one, constant statements, and doubt closes."""

import asyncio
from collections.abc import Callable, Collection
from dataclasses import dataclass, field

import pytest
from asgiref.sync import async_to_sync
from channels.exceptions import StopConsumer
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Staff, Team
from tests.cast import open_session
from tests.factories.accounts import StaffFactory, TeamFactory
from tests.factories.tickets import mail_ticket
from tests.support.desk_socket import DeskSocket
from tickets import consumers, socket_rounds
from tickets.models import Ticket
from tickets.selectors import sockets as reads
from tickets.selectors.sockets import Rights
from tickets.socket_rounds import Rounds, Watched


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rounds that follow each other at once."""
    monkeypatch.setattr(socket_rounds, "RECHECK_S", 0.01)


@dataclass(eq=False)
class Deaf:
    """A socket whose own messages through Redis never arrive."""

    session_pk: int
    tickets: set[str] = field(default_factory=set)
    closed: "asyncio.Future[int]" = field(default_factory=lambda: asyncio.get_running_loop().create_future())
    followed: asyncio.Event = field(default_factory=asyncio.Event)

    def has_news(self, rights: Rights | None) -> bool:
        return True

    async def follow(self, rights: Rights | None) -> None:
        self.followed.set()

    async def probe(self) -> None:
        pass

    async def close(self, code: int) -> None:
        if not self.closed.done():
            self.closed.set_result(code)


@dataclass(eq=False)
class Hearing(Deaf):
    """A socket that hears its probes, and knows how many."""

    rounds: socket_rounds.Rounds = field(default_factory=socket_rounds.Rounds)
    probes: int = 0
    heard_often: asyncio.Event = field(default_factory=asyncio.Event)

    async def probe(self) -> None:
        self.probes += 1
        self.rounds.heard(self)
        if self.probes == 3:
            self.heard_often.set()


class Stuck(Deaf):
    """A socket whose page reads nothing: whatever is sent to it waits for ever."""

    async def follow(self, rights: Rights | None) -> None:
        await asyncio.Event().wait()

    async def close(self, code: int) -> None:
        await asyncio.Event().wait()


def _tickets(*teams: Team | None) -> list[Ticket]:
    made = [mail_ticket() for _ in teams]
    for ticket, team in zip(made, teams, strict=True):
        Ticket.objects.filter(pk=ticket.pk).update(team=team)
    return made


def test_rights_now__everybody_at_once__is_what_each_is_told_alone(
    db: None,
    agent: Staff,
    lead: Staff,
    auditor: Staff,
    light_agent: Staff,
    vendor: Staff,
    outsider: Staff,
    vendor_team: Team,
) -> None:
    ids = [
        t.public_id for t in _tickets(None, vendor_team, TeamFactory.create(), TeamFactory.create(is_restricted=True))
    ]
    people = [agent, lead, auditor, light_agent, vendor, outsider]
    sessions = {open_session(person)[1].pk: person for person in people}

    found = reads.rights_now(dict.fromkeys(sessions, ids))

    assert {pk: (rights.staff, set(rights.queues), set(rights.tickets)) for pk, rights in found.items()} == {
        pk: (person, reads.queue_groups(person), {one for one in ids if reads.last_seqs(person, one)})
        for pk, person in sessions.items()
    }
    assert len({rights.tickets for rights in found.values()}) > 2


def test_rights_now__session_over_or_person_gone__has_none(db: None, agent: Staff, lead: Staff) -> None:
    pks = [open_session(person)[1].pk for person in (agent, lead)]
    Staff.objects.filter(pk=lead.pk).update(is_active=False)
    assert list(reads.rights_now(dict.fromkeys([*pks, 0], ()))) == pks[:1]


def test_rights_now__one_socket_or_twenty__takes_the_same_statements(db: None) -> None:
    ticket = mail_ticket()
    pks = [open_session(person)[1].pk for person in StaffFactory.create_batch(20, role="agent")]
    counts = []
    for wanted in (pks[:1], pks):
        with CaptureQueriesContext(connection) as captured:
            reads.rights_now({pk: [ticket.public_id] for pk in wanted})
        counts.append(len(captured))
    assert counts == [4, 4]


@pytest.mark.attack("D4")
def test_rounds__role_taken_without_a_word__closes_the_socket(clone_db: str, agent: Staff, quick: None) -> None:
    key, _row = open_session(agent)

    async def story() -> int:
        socket = DeskSocket(key)
        await socket.connect()
        await Staff.objects.filter(pk=agent.pk).aupdate(is_active=False)
        return await socket.close_code()

    assert async_to_sync(story)() == 4401


def test_rounds__probes_come_back__socket_stays(clone_db: str, agent: Staff, monkeypatch: pytest.MonkeyPatch) -> None:
    # A probe may take as long as a busy machine needs.
    monkeypatch.setattr(socket_rounds, "RECHECK_S", 1.0)
    monkeypatch.setattr(socket_rounds, "PROBE_EVERY", 1)
    heard: list[Watched] = []

    def hear(rounds: Rounds, socket: Watched, *, wrapped: Callable[[Rounds, Watched], None] = Rounds.heard) -> None:
        wrapped(rounds, socket)
        heard.append(socket)

    monkeypatch.setattr(Rounds, "heard", hear)
    key, _row = open_session(agent)

    async def story() -> bool:
        socket = DeskSocket(key)
        await socket.connect()
        rounds = socket_rounds.here()
        while len(heard) < 3:
            await (await socket.tell({"type": "ping"})).until("pong")
        was_open = len(rounds.sockets) == 1
        await socket.leave()
        return was_open and not rounds.sockets and rounds.task is None

    assert async_to_sync(story)()


def test_rounds__probe_lost__closes_every_socket_and_goes_on(clone_db: str, agent: Staff, quick: None) -> None:
    pk = open_session(agent)[1].pk

    async def story() -> tuple[list[int], bool]:
        rounds, sockets = socket_rounds.Rounds(), [Deaf(pk), Deaf(pk)]
        for socket in sockets:
            rounds.join(socket)
        codes = list(await asyncio.gather(*(socket.closed for socket in sockets)))
        for socket in sockets:
            rounds.leave(socket)
        late = Deaf(pk)
        rounds.join(late)
        await late.followed.wait()
        rounds.leave(late)
        return codes, rounds.task is None

    assert async_to_sync(story)() == ([1012, 1012], True)


def test_rounds__one_socket_takes_no_frame__others_have_their_turns(
    clone_db: str, agent: Staff, quick: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket_rounds, "TURN_S", 0.01)
    pk = open_session(agent)[1].pk

    async def story() -> bool:
        rounds = socket_rounds.Rounds()
        stuck, other = Stuck(pk), Hearing(pk, rounds=rounds)
        for socket in (stuck, other):
            rounds.join(socket)
        async with asyncio.timeout(10):
            await other.heard_often.wait()  # rounds have gone on past the stuck one
            other.followed.clear()
            await other.followed.wait()
        was_closed = other.closed.done()
        for socket in (stuck, other):
            rounds.leave(socket)
        return was_closed

    assert not async_to_sync(story)()


def test_rounds__one_of_several_hears_no_probe__is_closed_alone(clone_db: str, agent: Staff, quick: None) -> None:
    pk = open_session(agent)[1].pk

    async def story() -> tuple[int, bool]:
        rounds = socket_rounds.Rounds()
        deaf, hearing = Deaf(pk), Hearing(pk, rounds=rounds)
        for socket in (deaf, hearing):
            rounds.join(socket)
        async with asyncio.timeout(10):
            code = await deaf.closed
            await hearing.heard_often.wait()
        was_closed = hearing.closed.done()
        for socket in (deaf, hearing):
            rounds.leave(socket)
        return code, was_closed

    assert async_to_sync(story)() == (1012, False)


def test_desk_consumer__frame_not_taken__gives_the_socket_up_and_handles_nothing_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(consumers, "TAKEN_WITHIN_S", 0.01)

    async def nobody_reads(_frame: object) -> None:
        await asyncio.Event().wait()

    async def story() -> bool:
        consumer = consumers.DeskConsumer()
        consumer.base_send = nobody_reads
        with pytest.raises(StopConsumer):
            await consumer.send(text_data="{}")
        with pytest.raises(StopConsumer):
            await consumer.close(1012)
        with pytest.raises(StopConsumer):
            await consumer.dispatch({"type": "session.revoked"})
        return consumer.is_over

    assert async_to_sync(story)()


def test_rounds__every_third__say_whose_sockets_are_open(clone_db: str, agent: Staff, quick: None) -> None:
    _key, session = open_session(agent)

    async def story() -> set[int]:
        loop = asyncio.get_running_loop()
        told: asyncio.Queue[set[int]] = asyncio.Queue()

        def tell(sessions: Collection[int]) -> None:
            loop.call_soon_threadsafe(told.put_nowait, set(sessions))

        rounds = Rounds(attended=[tell])
        socket = Hearing(session.pk, rounds=rounds)
        rounds.join(socket)
        found = await asyncio.wait_for(told.get(), 10)
        rounds.leave(socket)
        return found

    assert async_to_sync(story)() == {session.pk}
