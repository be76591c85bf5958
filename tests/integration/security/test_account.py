"""One's own account page (attacks D2: nothing but one's own settings can be set)."""

from typing import Any

import pytest
from django.conf import settings
from django.db import IntegrityError
from django.test import Client

from accounts.models import Staff
from accounts.services import preferences
from core.models import AuditEntry, Notice
from security import selectors
from security.models import RecoveryCode
from tests.cast import PASSWORD, signed_in
from tests.factories.security import code_of, wrong_code


def save(client: Client, **values: str) -> int:
    return client.post("/account/", {"form": "preferences", **values}).status_code


def test_preferences__posted__change_row_cookies_and_pages(client: Client, agent: Staff) -> None:
    signed_in(client, agent)
    assert save(client, name="Ada A.", locale="zh-hans", theme="dark", time_zone="Asia/Shanghai") == 303
    agent.refresh_from_db()
    assert (agent.name, agent.locale, agent.theme, agent.time_zone) == ("Ada A.", "zh-hans", "dark", "Asia/Shanghai")
    assert client.cookies[settings.LANGUAGE_COOKIE_NAME].value == "zh-hans"
    assert client.cookies[settings.THEME_COOKIE_NAME].value == "dark"
    page = client.get("/account/")
    assert 'lang="zh-hans"' in page.content.decode()
    assert page.headers["Content-Language"] == "zh-hans"
    entry = AuditEntry.objects.get(action="staff.preferences_changed", actor_id=agent.public_id)
    assert entry.fields == ["locale", "name", "theme", "time_zone"]


def test_preferences__one_given__leaves_the_others(client: Client, agent: Staff) -> None:
    signed_in(client, agent)
    assert save(client, theme="dark", next="/desk/") == 303
    agent.refresh_from_db()
    assert (agent.theme, agent.locale, agent.name) == ("dark", "en", "Ada Agent")


@pytest.mark.parametrize("wrong", [{"theme": "pink"}, {"locale": "xx"}, {"time_zone": "Moon/Base"}, {"name": "n" * 81}])
def test_preferences__unknown_value__is_422_and_changes_nothing(
    client: Client, agent: Staff, wrong: dict[str, str]
) -> None:
    signed_in(client, agent)
    assert save(client, **wrong) == 422
    assert not AuditEntry.objects.filter(actor_id=agent.public_id, action="staff.preferences_changed").exists()


@pytest.mark.attack("D2")
def test_account__every_model_field_posted__only_own_settings_change(client: Client, agent: Staff) -> None:
    signed_in(client, agent)
    before: dict[str, Any] = dict(Staff.objects.filter(pk=agent.pk).values().get())
    posted = {field.name: "1" for field in Staff._meta.concrete_fields} | {
        "role": "admin", "email": "evil@cast.test", "password": "x" * 20, "session_epoch": "99", "public_id": "a" * 20,
        "name": "Renamed", "locale": "en", "theme": "dark", "time_zone": "UTC",
    }  # fmt: skip
    assert save(client, **posted) == 303
    after: dict[str, Any] = dict(Staff.objects.filter(pk=agent.pk).values().get())
    assert {name for name in after if after[name] != before[name]} == {"name", "theme"}


@pytest.mark.attack("E8")
def test_staff__unknown_role__is_refused_by_the_database(agent: Staff) -> None:
    with pytest.raises(IntegrityError, match="accounts_staff_role_known"):
        Staff.objects.filter(pk=agent.pk).update(role="superuser")


@pytest.mark.attack("D2")
def test_preferences__foreign_field__is_refused_by_the_service(agent: Staff) -> None:
    with pytest.raises(ValueError, match="role"):
        preferences.update(person=agent, role="admin")


def test_preferences__next_elsewhere__stays_here(client: Client, agent: Staff) -> None:
    signed_in(client, agent)
    response = client.post("/account/", {"form": "preferences", "theme": "dark", "next": "https://evil.test/"})
    assert response.headers["Location"] == "/account/"


def test_recovery_renew__wrong_code__makes_none(verifier: object, agent: Staff) -> None:
    client = signed_in(Client(), agent)
    client.post("/account/recovery-codes/", {"code": wrong_code(agent)})
    assert not RecoveryCode.objects.exists()


@pytest.mark.attack("E6")
def test_recovery_renew__right_code__shows_ten_once_under_a_new_key(verifier: object, agent: Staff) -> None:
    client = signed_in(Client(), agent)
    key = client.session.session_key
    page = client.post("/account/recovery-codes/", {"code": code_of(agent)}).content.decode()
    assert RecoveryCode.objects.count() == 10
    assert page.count("<li>") >= 10
    assert client.session.session_key != key
    assert client.get("/account/").status_code == 200


def test_ways_to_sign_in__password_or_codes_changed__are_told_by_mail(verifier: object, agent: Staff) -> None:
    client = signed_in(Client(), agent)
    client.post("/account/recovery-codes/", {"code": code_of(agent)})
    assert change(client, PASSWORD) == 302
    told = "\n".join(
        Notice.objects.filter(to_address=agent.email, kind="staff_security").values_list("body", flat=True)
    )
    assert "The recovery codes of your Pharos account were replaced by new ones." in told
    assert "The password of your Pharos account was changed." in told
    assert NEW not in told


def test_account__time_zone_unknown_to_us__falls_back_to_utc(client: Client, agent: Staff) -> None:
    Staff.objects.filter(pk=agent.pk).update(time_zone="Mars/Base")
    assert signed_in(client, agent).get("/account/").status_code == 200


NEW = "correct horse battery staple"


def change(client: Client, current: str, new: str = NEW) -> int:
    data = {"form": "password", "current": current, "password": new, "password_again": new}
    return client.post("/account/", data).status_code


def test_password__guessed_by_whoever_holds_the_session__locks_after_five(clone_db: str, agent: Staff) -> None:
    client = signed_in(Client(), agent)
    assert [change(client, f"guess {number}") for number in range(5)] == [422] * 5
    assert change(client, PASSWORD) == 429
    agent.refresh_from_db()
    assert agent.check_password(PASSWORD)
    failed = AuditEntry.objects.filter(action="password.change_failed", actor_id=agent.public_id)
    assert [entry.detail["is_locked"] for entry in failed.order_by("pk")] == [False] * 5 + [True]


def test_password__right_after_wrong_ones__is_changed_and_buys_no_new_tries(clone_db: str, agent: Staff) -> None:
    client = signed_in(Client(), agent)
    assert change(client, "guess") == 422
    assert change(client, PASSWORD) == 302
    assert selectors.factor_state(agent).failures == 1
    agent.refresh_from_db()
    assert agent.check_password(NEW)


def test_password__fifth_try_right__is_not_locked(clone_db: str, agent: Staff) -> None:
    client = signed_in(Client(), agent)
    for number in range(4):
        change(client, f"guess {number}")
    assert change(client, PASSWORD) == 302
    assert selectors.factor_state(agent).locked_until is None
    assert change(client, "guess") == 422


def test_password__new_one_is_weak__costs_no_try_and_tells_nothing(clone_db: str, agent: Staff) -> None:
    client = signed_in(Client(), agent)
    assert change(client, "guess", new="short") == 422
    assert selectors.factor_state(agent).failures == 0
