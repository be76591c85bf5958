"""People who take chats, and chats that wait."""

from collections.abc import Callable

import pytest

from accounts.models import Presence, Staff, Team
from livechat.models import Chat
from livechat.services import presence
from tests.factories.accounts import StaffFactory, TeamFactory
from tests.factories.livechat import ChatInboxFactory, said, started

Online = Callable[..., Staff]
Waiting = Callable[..., Chat]


@pytest.fixture
def online(_any_database: None) -> Online:
    """A function that makes a person who is online for chats, in a team if one is given."""

    def made(name: str, *, team: Team | None = None, languages: tuple[str, ...] = ("en",), capacity: int = 3) -> Staff:
        person: Staff = StaffFactory.create(email=f"{name.lower()}@cast.test", name=name, role="agent")
        if team is not None:
            team.memberships.create(staff=person)
        presence.say(person=person, state="online")
        Presence.objects.filter(staff=person).update(languages=list(languages), capacity=capacity)
        return person

    return made


@pytest.fixture
def team(_any_database: None) -> Team:
    """The team of the chat's inbox."""
    found: Team = TeamFactory.create(name="Chat", slug="chat")
    return found


@pytest.fixture
def waiting(team: Team) -> Waiting:
    """A function that lets another visitor say something for the first time."""
    inbox = ChatInboxFactory.create(team=team)

    def opened(text: str = "Where is my deposit?") -> Chat:
        return said(started(inbox)[0], text).chat

    return opened
