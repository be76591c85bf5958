"""Every event about a ticket reaches those who see the ticket or its queue, whoever acted, and nobody else."""

from typing import Any

import pytest
from asgiref.sync import async_to_sync
from channels.db import database_sync_to_async
from django.conf import settings

from tests.contracts.permissions import routes, world
from tests.contracts.permissions.world import World
from tests.support.desk_socket import DeskSocket
from tickets import groups, realtime
from tickets.events import MessageAdded
from tickets.models import Ticket
from tickets.models.ticket import TicketQuerySet
from tickets.services import cases, properties, replies
from tickets.services.senders import Sender

LAST_SEQ, LAST_ROW = 1_000_000, "last"


@pytest.fixture
def where(clone_db: str) -> World:
    return world.build()


def act_on_everything(where: World) -> dict[str, str]:
    """Answer, change and open a case of every kind; return the kind of each ticket by its id."""
    kinds: dict[str, str] = {}
    sender = Sender.of_staff(where.people["admin"])
    for kind, ticket in where.tickets.items():
        replies.add(ticket=ticket, sender=sender, channel="api", words=replies.Words(text="We are looking into it."))
        ticket.refresh_from_db()
        properties.set_priority(ticket=ticket, to="urgent", by=where.people["admin"], version=ticket.version)
        case = cases.NewCase(requester=ticket.requester, subject="Another", channel="api", team=ticket.team)
        fresh, _message = cases.open_case(case=case, sender=sender, words=replies.Words(text="Another matter."))
        kinds |= {ticket.public_id: kind, fresh.public_id: kind}
    return kinds


async def _heard(where: World, socket: DeskSocket, mine: Ticket) -> tuple[dict[str, str], list[dict[str, Any]]]:
    """Look at every ticket, let everything happen, and return what came until a last event that must come."""
    assert await socket.connect() == "websocket.accept"
    for ticket in where.tickets.values():
        await socket.tell({"type": "subscribe", "ticket": ticket.public_id, "since": LAST_SEQ})
    await (await socket.tell({"type": "ping"})).until("pong")
    kinds = await database_sync_to_async(act_on_everything)(where)
    last = MessageAdded(ticket=mine.public_id, seq=LAST_SEQ, public_seq=None)
    realtime.publish((groups.ticket_group(mine.public_id),), last)
    # What lists are told is gathered, and keeps its order: what came before is in the same frame at the latest.
    realtime.row_moved((groups.queue_group(mine.team_id),), LAST_ROW, counts=False)
    found: list[dict[str, Any]] = []
    while not (found and _says(found, "message.added") and _says(found, "rows.changed")):
        found.append(await socket.answer())
    await socket.leave()
    return kinds, found


def told_of(where: World, who: str) -> dict[str, set[str]]:
    """Return by type of event the kinds of ticket that this person's socket was told of."""
    mine = next(where.tickets[kind] for kind, people in sorted(routes.SEES.items()) if who in people)
    key = world.browser(where, who).cookies[settings.SESSION_COOKIE_NAME].value
    kinds, found = async_to_sync(_heard)(where, DeskSocket(key), mine)
    told: dict[str, set[str]] = {}
    for event in found:
        for ticket in event.get("tickets", [event.get("ticket", LAST_ROW)]):
            if ticket != LAST_ROW:
                told.setdefault(event["type"], set()).add(kinds[ticket])
    return told


def _says(found: list[dict[str, Any]], kind: str) -> bool:
    """Whether the last thing of this kind has been said."""
    return any(
        event["type"] == kind and (event.get("seq") == LAST_SEQ or LAST_ROW in event.get("tickets", ()))
        for event in found
    )


@pytest.mark.attack("D1")
@pytest.mark.parametrize("who", sorted(routes.STAFF))
def test_events__of_every_kind_of_ticket__reach_whom_the_matrix_says(where: World, who: str) -> None:
    seen = {kind for kind, people in routes.SEES.items() if who in people}
    assert told_of(where, who) == {"message.added": seen, "ticket.changed": seen, "rows.changed": seen}


@pytest.mark.positive_control("D1")
def test_events__of_tickets_no_longer_hidden__are_found(where: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(TicketQuerySet, "visible_to", lambda self, _person, _teams=None: self)
    assert "restricted" in told_of(where, "agent")["message.added"]
