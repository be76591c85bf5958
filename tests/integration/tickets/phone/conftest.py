"""A line with a menu, people who take calls, and callers."""

from collections.abc import Callable
from typing import Any

import pytest

from accounts.models import Staff, StaffPhone, Team
from livechat.services import presence
from tests.factories.accounts import StaffFactory, TeamFactory
from tests.support.small_twilio import ACCOUNT, OURS, TOKEN, Caller
from tickets.models import PhoneLine, Topic

OnCall = Callable[..., Staff]


@pytest.fixture
def team(_any_database: None) -> Team:
    found: Team = TeamFactory.create(name="Hotline", slug="hotline")
    return found


@pytest.fixture
def line(team: Team) -> PhoneLine:
    found = PhoneLine.objects.create(
        name="Hotline",
        number=OURS,
        account_sid=ACCOUNT,
        token=TOKEN,
        team=team,
        languages=["en", "zh-hans"],
        asks_pin=False,
    )
    heading = Topic.objects.create(name="Account", slug="account")
    deposit = Topic.objects.create(parent=heading, name="Deposit missing", slug="deposit-missing")
    theft = Topic.objects.create(parent=heading, name="Stolen account", slug="stolen-account")
    found.reasons.create(key=1, words="A deposit", words_zh_hans="充值", topic=deposit, priority="high")
    found.reasons.create(key=9, words="A stolen account", topic=theft, priority="urgent", is_theft=True)
    return found


@pytest.fixture
def caller(line: PhoneLine) -> Caller:
    return Caller(line)


@pytest.fixture
def on_call(team: Team) -> OnCall:
    """A function that makes somebody of the team who is online and takes calls on a number of their own."""

    def made(name: str = "Ada", number: str = "+442079460001", **more: Any) -> Staff:
        person: Staff = StaffFactory.create(email=f"{name.lower()}@cast.test", name=name, **more)
        StaffPhone.objects.create(staff=person, number=number)
        team.memberships.create(staff=person)
        presence.say(person=person, state="online")
        return person

    return made
