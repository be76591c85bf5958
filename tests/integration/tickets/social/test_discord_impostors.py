"""Members of a server who are called like us: one alarm for each and day, none for those who are ours."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from accounts.models import Staff
from tests.support.discord_events import MEMBER, DiscordHook, mentioning
from tests.support.small_discord import SERVER
from tickets.models import Alarm, SocialAccount, SocialImpostor
from tickets.selectors import troubles
from tickets.services import alarms, social_intake

ROLE = "555"


@pytest.fixture
def guarded(discord_hook: DiscordHook) -> DiscordHook:
    SocialAccount.objects.update(official_role=ROLE)
    discord_hook.account.refresh_from_db()
    return discord_hook


def member(name: str, *, number: str = "666", nick: str | None = None, roles: tuple[str, ...] = ()) -> dict[str, Any]:
    user = {"id": number, "username": "someone", "global_name": name}
    return {**MEMBER, "guild_id": SERVER, "user": user, "nick": nick, "roles": list(roles)}


@pytest.mark.parametrize(
    ("shown", "is_one"),
    [
        (member("Pharos Support"), True),
        (member("Bob", nick="PHAR\u039fS  SUPP\u041eRT"), True),
        (member("Ph\u200baros Support"), True),
        (member("pharos_bot"), True),
        (member("Bob"), False),
        (member("Pharos Fan Support Group"), False),
        (member("Pharos Support", roles=(ROLE,)), False),
        (member("Pharos Support", number="70001"), False),
    ],
)
def test_member__called_like_us__is_an_alarm_with_their_number(
    guarded: DiscordHook, shown: dict[str, Any], is_one: bool
) -> None:
    assert guarded.hear("GUILD_MEMBER_ADD", shown) == is_one
    social_intake.accept_waiting()
    assert SocialImpostor.objects.count() == is_one
    alarms.look(judged=frozenset({"impersonator"}))
    found = list(Alarm.objects.open().values_list("kind", "about", "detail"))
    detail = f"Pharos Support: member 666, server {SERVER}"
    assert found == ([("impersonator", "666", detail)] if is_one else [])


def test_member__called_like_one_of_us__is_found_by_what_they_write(guarded: DiscordHook, agent: Staff) -> None:
    Staff.objects.filter(pk=agent.pk).update(name="Mona Reyes")
    told = mentioning("Write to me!", mentions=[], member={**MEMBER, "nick": "mona reyes"})
    assert guarded.hear("MESSAGE_CREATE", told) == 1
    social_intake.accept_waiting()
    assert SocialImpostor.objects.get().staff_id == agent.pk


def test_member__seen_again__is_one_row_a_day(guarded: DiscordHook, move_time: Callable[[timedelta], None]) -> None:
    for nick in ("Pharos Support", "PharosSupport", "Pharos Support"):
        guarded.hear("GUILD_MEMBER_UPDATE", member("Bob", nick=nick))
    social_intake.accept_waiting()
    assert SocialImpostor.objects.count() == 1
    move_time(timedelta(days=1, hours=1))
    assert list(troubles._impostors()) == []
    guarded.hear("GUILD_MEMBER_UPDATE", member("Bob", nick="Pharos Support"))
    social_intake.accept_waiting()
    assert SocialImpostor.objects.count() == 2


def test_member__without_a_role_of_our_people__cannot_be_judged(discord_hook: DiscordHook) -> None:
    assert discord_hook.hear("GUILD_MEMBER_ADD", member("Pharos Support")) == 0
