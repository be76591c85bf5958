"""People at work, and a team that assigns its tickets."""

from collections.abc import Callable
from typing import Any

import pytest

from accounts.models import Presence, Staff, Team
from livechat.services import presence
from tests.factories.accounts import StaffFactory, TeamFactory
from tests.factories.tickets import mail_ticket
from tickets.models import Ticket

AtWork = Callable[..., Staff]
Waits = Callable[..., Ticket]


@pytest.fixture
def team(_any_database: None) -> Team:
    """A team that assigns its tickets, the longest idle first."""
    found: Team = TeamFactory.create(name="Payments", slug="payments", assigns_tickets=True)
    return found


@pytest.fixture
def at_work(team: Team) -> AtWork:
    """A function that makes a person of the team who is online."""

    def made(name: str, **settings: Any) -> Staff:
        person: Staff = StaffFactory.create(email=f"{name.lower()}@cast.test", name=name, role="agent")
        team.memberships.create(staff=person)
        presence.say(person=person, state="online")
        if settings:
            Presence.objects.filter(staff=person).update(**settings)
        return person

    return made


@pytest.fixture
def waits(team: Team) -> Waits:
    """A function that lets a customer write to the team."""
    count = 0

    def written(**case: Any) -> Ticket:
        nonlocal count
        count += 1
        address = case.pop("address", f"c{count}@example.com")
        return mail_ticket(address=address, subject=f"Case {count}", team=team, **case)

    return written
