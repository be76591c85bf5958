"""The console costs as many statements with twelve chats and colleagues as with one."""

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Presence, Staff, Team
from livechat.models import Chat
from livechat.services import page_visits, presence
from livechat.services.page_visits import Seen
from tests.cast import signed_in
from tests.integration.livechat.conftest import Online, Waiting
from tickets.services import properties

# Two of each are the session of the browser, and its row with the person.
BUDGET = {"console": 7, "team": 13, "panel": 16}


def test_console__one_chat_or_twelve__costs_the_same(
    client: Client, online: Online, waiting: Waiting, team: Team, lead: Staff
) -> None:
    presence.say(person=lead, state="online")
    signed_in(client, lead)
    paths: dict[str, str] = {}
    counts: list[dict[str, int]] = []
    for many in (1, 12):
        while Presence.objects.count() <= many:
            online(f"Agent{Presence.objects.count()}", team=team)
            mine, _other = waiting(), waiting()
            page_visits.note(visitor=mine.visitor, pages=[Seen("/deposit", 3)] * many)
            properties.assign(ticket=mine.ticket, to=lead, by=lead)
        first = Chat.objects.order_by("pk")[0].ticket.public_id
        paths = {
            "console": reverse("chat:console"),
            "team": reverse("chat:team"),
            "panel": reverse("chat:panel", args=[first]),
        }
        found = {}
        for name, path in paths.items():
            client.get(path)
            with CaptureQueriesContext(connection) as captured:
                assert client.get(path).status_code == 200
            found[name] = len(captured)
        counts.append(found)
    few, many_ = counts
    assert few == many_
    assert {name: count for name, count in many_.items() if count > BUDGET[name]} == {}
