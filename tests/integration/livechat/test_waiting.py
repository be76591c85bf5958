"""What a visitor is told while they wait: their place, what others waited, and no number where there is none."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.models import Presence, Staff, Team
from core.clock import from_now
from livechat.models import Chat, Offer
from livechat.selectors import chats as shown
from livechat.selectors import waiting as places
from livechat.services import chats, routing
from tests.integration.livechat.conftest import Online, Waiting
from tickets.models import PhoneLine
from tickets.services import properties


def told(chat: Chat) -> dict[str, Any]:
    return shown.shown_to_visitor(shown.latest(chat.visitor), known="", since=0)


def waited(chat: Chat, agent: Staff, *waits: int, ago: timedelta = timedelta(minutes=5)) -> None:
    for wait in waits:
        Offer.objects.create(
            chat=chat, staff=agent, inbox=chat.visitor.inbox, language="en", state="accepted",
            expires_at=from_now(-ago), settled_at=from_now(-ago), waited_s=wait,
        )  # fmt: skip


def test_place__of_three__moves_up_as_others_are_taken_or_leave(online: Online, waiting: Waiting, team: Team) -> None:
    first, second, third = waiting(), waiting(), waiting()
    assert [told(chat)["queue"]["position"] for chat in (first, second, third)] == [1, 2, 3]
    assert told(third)["queue"]["is_attended"] is False

    ada = online("Ada", team=team)
    routing.route()
    assert told(third)["queue"]["is_attended"] is True
    routing.accept(offer=Offer.objects.open().get().public_id, by=ada)
    chats.end(chat=second)
    assert told(third)["queue"]["position"] == 1
    assert (told(first)["queue"], told(first)["agent"]) == (None, "Ada")
    assert (told(second)["queue"], told(second)["agent"]) == (None, "")


def test_attended__by_somebody_whose_language_is_below_what_the_team_asks__is_not_said(
    online: Online, waiting: Waiting, team: Team
) -> None:
    chat = waiting()
    Team.objects.filter(pk=team.pk).update(language_level=4)
    online("Ada", team=team)
    assert told(chat)["queue"]["is_attended"] is False
    Presence.objects.update(language_levels={"en": 4})
    assert told(chat)["queue"]["is_attended"] is True


def test_place__far_back__is_counted_no_further(waiting: Waiting, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "MOST_COUNTED", 2)
    made = [waiting() for _number in range(4)]
    assert [told(chat)["queue"]["position"] for chat in made] == [1, 2, 2, 2]


def test_place__of_whoever_was_assigned_by_hand__is_none(waiting: Waiting, agent: Staff) -> None:
    chat = waiting()
    properties.assign(ticket=chat.ticket, to=agent, by=agent)
    assert (told(chat)["queue"], told(chat)["agent"]) == (None, "")


def test_usual_wait__is_the_median_of_the_last_twenty_of_a_day_and_none_below_five(
    waiting: Waiting, agent: Staff
) -> None:
    chat = waiting()
    inbox = chat.visitor.inbox_id
    waited(chat, agent, 10, 20, 30, 4_000)
    assert places.usual_wait_s(inbox, "en") is None
    assert told(chat)["queue"]["usual_s"] is None
    waited(chat, agent, 40)
    assert places.usual_wait_s(inbox, "en") == 30
    assert places.usual_wait_s(inbox, "zh-hans") is None
    waited(chat, agent, *[9_000] * 20, ago=timedelta(hours=25))
    assert places.usual_wait_s(inbox, "en") == 30
    waited(chat, agent, *[60] * 20, ago=timedelta(0))
    assert places.usual_wait_s(inbox, "en") == 60


def test_contact_page__of_help_centre__promises_no_more_than_was_measured(
    client: Client, online: Online, waiting: Waiting, team: Team, agent: Staff
) -> None:
    chat = waiting()
    inbox = chat.visitor.inbox
    PhoneLine.objects.create(
        name="Hotline", number="+442079460000", account_sid="AC1", token="none", team=team, languages=["zh-hans"]
    )

    def page(language: str = "en") -> str:
        return client.get(f"/help/{language}/contact/").content.decode()

    assert page().count("Nobody is there right now.") == 1
    assert inbox.allowed_origins[0] in page()
    online("Ada", team=team)
    assert "How long it takes we cannot say now." in page()
    waited(chat, agent, 61, 90, 100, 110, 4_000)
    assert "Lately people waited about 2 minutes." in page()
    assert "+442079460000" not in page()
    assert "tel:+442079460000" in page("zh-hans")
