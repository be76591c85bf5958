"""The work for a public form: counted as the page counts it, for a key of ours alone, and not for ever."""

from datetime import timedelta

import pytest
from django.core import signing
from pytest_django import Settings

from tickets import contact_work


def test_is_done__right_number_for_our_key__and_nothing_else(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.CONTACT_WORK_BITS = 8
    key = contact_work.new_key()
    found = next(str(number) for number in range(100_000) if contact_work.is_done(key, str(number)))
    other = contact_work.new_key()
    assert contact_work.is_ours(key)
    assert contact_work.name_of(key) != contact_work.name_of(other)
    settings.CONTACT_WORK_BITS = 200
    assert not contact_work.is_done(key, found)
    settings.CONTACT_WORK_BITS = 8
    for forged in ("", "key", f"{key}x", signing.TimestampSigner(salt="another").sign("x")):
        assert not contact_work.is_ours(forged)
    for work in ("", "-1", "1e3", "\u0661", "1" * 30):
        assert not contact_work.is_done(key, work)
    monkeypatch.setattr(contact_work, "AGE", timedelta(seconds=-1))
    assert not contact_work.is_done(key, found)


def test_is_done__the_numbers_of_the_page__are_the_same(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contact_work, "is_ours", lambda _key: True)
    for bits, first in ((8, 1), (12, 7129)):
        settings.CONTACT_WORK_BITS = bits
        assert not any(contact_work.is_done("key", str(number)) for number in range(first))
        assert contact_work.is_done("key", str(first))
