"""Hints of the console: they reach every tab of the person whose ring it is, and nobody else's."""

from typing import Any

from asgiref.sync import async_to_sync
from channels.db import database_sync_to_async

from accounts.models import Staff, Team
from livechat.models import Offer
from livechat.services import presence, routing
from tests.cast import open_session
from tests.integration.livechat.conftest import Online, Waiting
from tests.support.desk_socket import DeskSocket


def own(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return what is about the console."""
    return [event for event in events if event["type"].startswith(("chat.", "console."))]


def test_ring__from_beginning_to_end__is_heard_in_each_own_tab_and_nowhere_else(
    clone_db: str, online: Online, waiting: Waiting, team: Team
) -> None:
    ada, ben = online("Ada", team=team), online("Ben", team=team)
    presence.say(person=ben, state="away")
    keys = [open_session(person)[0] for person in (ada, ada, ben)]

    def happens() -> str:
        waiting()
        routing.route()
        offer = Offer.objects.get()
        routing.accept(offer=offer.public_id, by=ada)
        return offer.public_id

    async def story() -> tuple[str, list[list[dict[str, Any]]]]:
        tabs = [DeskSocket(key) for key in keys]
        for tab in tabs:
            assert await tab.connect() == "websocket.accept"
            await (await tab.tell({"type": "ping"})).until("pong")
        offer = await database_sync_to_async(happens)()
        found = [own(await tab.until("chat.offer_ended")) for tab in tabs[:2]]
        # What the third has heard came before the answer to its last frame.
        await database_sync_to_async(_say_offline)(ben)
        found.append(own(await tabs[2].until("console.changed")))
        for tab in tabs:
            await tab.leave()
        return offer, found

    offer, found = async_to_sync(story)()
    rings = [{"type": "chat.offered", "offer": offer}, {"type": "chat.offer_ended", "offer": offer}]
    assert found == [rings, rings, [{"type": "console.changed"}]]


def _say_offline(person: Staff) -> None:
    presence.say(person=person, state="offline")
