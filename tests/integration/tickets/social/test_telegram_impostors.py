"""Members of Telegram groups who are called like us: one alarm for each and day, none for administrators."""

import json
from typing import Any

import pytest

from accounts.models import Staff
from tests.integration.tickets.social.conftest import Hook, message, update
from tests.integration.tickets.social.test_telegram_groups import BOT, GROUP
from tests.support.small_telegram import SmallTelegram
from tickets.models import Alarm, SocialAccount, SocialEvent, SocialImpostor, Ticket
from tickets.services import alarms, social_intake


@pytest.fixture
def group(hook: Hook) -> Hook:
    SocialAccount.objects.update(handle="@pharos_bot")
    return hook


def member(first: str, last: str = "", **more: Any) -> dict[str, Any]:
    return {"id": 666, "is_bot": False, "first_name": first, **({"last_name": last} if last else {}), **more}


def written(who: dict[str, Any], number: int = 7, **more: Any) -> bytes:
    said = message("Write to me, I help you", number=number, chat=GROUP, **more)
    return update(50_000 + number, message=said | {"from": who})


@pytest.mark.parametrize(
    ("who", "is_one"),
    [
        (member("Pharos", "Support"), True),
        (member("PHAR\u039fS", "SUPP\u041eRT"), True),
        (member("Bob", username="Pharos_Bot"), True),
        (member("Pharos Support", is_bot=True), True),
        (member("Bob"), False),
        (member("Pharos", "Fan"), False),
        (BOT | {"first_name": "Pharos Support"}, False),
    ],
)
def test_member__called_like_us__is_an_alarm_with_their_number(
    group: Hook, telegram: SmallTelegram, who: dict[str, Any], is_one: bool
) -> None:
    telegram.plan("getChatMember", (200, {"ok": True, "result": {"status": "member"}}))
    row = group.take(written(who))
    assert (row.state, SocialImpostor.objects.count()) == ("ignored", is_one)
    assert [said["chat_id"] for said in telegram.of("getChatMember")] == [GROUP["id"]] * is_one
    alarms.look(judged=frozenset({"impersonator"}))
    found = list(Alarm.objects.open().values_list("kind", "about", "detail"))
    detail = "Pharos Support: member 666, server -1001234"
    assert found == ([("impersonator", "666", detail)] if is_one else [])


def test_member__who_comes_in_under_the_name_of_one_of_us__is_found_once_a_day(
    group: Hook, telegram: SmallTelegram, agent: Staff
) -> None:
    Staff.objects.filter(pk=agent.pk).update(name="Mona Reyes")
    telegram.plan("getChatMember", (200, {"ok": True, "result": {"status": "restricted"}}))
    for number in (7, 8):
        came = message("", number=number, chat=GROUP, new_chat_members=[member("mona", "reyes")])
        group.take(update(50_000 + number, message=came))
    assert SocialImpostor.objects.get().staff_id == agent.pk
    assert len(telegram.of("getChatMember")) == 1


@pytest.mark.parametrize("status", ["creator", "administrator"])
def test_member__who_is_an_administrator__is_ours(group: Hook, telegram: SmallTelegram, status: str) -> None:
    telegram.plan("getChatMember", (200, {"ok": True, "result": {"status": status}}))
    group.take(written(member("Pharos", "Support")))
    assert not SocialImpostor.objects.exists()


def test_member__telegram_is_away__is_judged_later_and_the_message_is_not_lost(
    group: Hook, telegram: SmallTelegram
) -> None:
    telegram.refuse("getChatMember", 500)
    raw = json.loads(written(member("Pharos", "Support")))
    raw["message"]["text"] = "/support Where is it?"
    row = group.take(json.dumps(raw).encode())
    assert (row.state, row.last_error) == ("stored", "VendorAway")
    SocialEvent.objects.update(next_attempt_at="2020-01-01T00:00:00Z")
    social_intake.accept(event_pk=row.pk)
    assert (SocialImpostor.objects.count(), Ticket.objects.count()) == (1, 1)


def test_member__whom_telegram_does_not_tell_us_of__is_not_judged(group: Hook, telegram: SmallTelegram) -> None:
    telegram.refuse("getChatMember", 400, "Bad Request: member not found")
    group.take(written(member("Pharos", "Support")))
    assert not SocialImpostor.objects.exists()
