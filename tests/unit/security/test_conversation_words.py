"""Both sides see the same two words for a while, and nobody else can say them."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from core import rate_limits
from core.rate_limits import now_s
from security.services import conversation_words

START = datetime(2026, 1, 1, 12, 0, 5, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _by_the_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Count by the clock that these tests set."""
    monkeypatch.setattr(rate_limits, "now_s", now_s)


def words_at(moment: datetime, case: str = "a") -> str:
    with time_machine.travel(moment):
        return " ".join(conversation_words.current(case=case))


def holds_at(moment: datetime, given: str, case: str = "a") -> bool:
    with time_machine.travel(moment):
        return conversation_words.verify(case=case, given=given)


def test_words__same_case_and_time__are_the_same_and_of_the_list() -> None:
    said = words_at(START)
    assert said == words_at(START + timedelta(minutes=9))
    assert len(said.split()) == 2
    assert all(word.isalpha() for word in said.split())


def test_words__another_case_or_time__are_others() -> None:
    assert words_at(START, "b") != words_at(START)
    assert words_at(START + timedelta(minutes=10)) != words_at(START)
    assert len({words_at(START, str(case)) for case in range(200)}) == 200


def test_verify__as_said_now_or_just_before__holds_and_not_later() -> None:
    said = words_at(START)
    assert holds_at(START, said.upper().replace(" ", "-"))
    assert holds_at(START + timedelta(minutes=10), said)
    assert not holds_at(START + timedelta(minutes=20), said)
    assert not holds_at(START - timedelta(minutes=10), said)


def test_verify__of_another_case_or_incomplete__does_not_hold() -> None:
    said = words_at(START)
    assert not holds_at(START, said, "b")
    assert not holds_at(START, said.split()[0])
    assert not holds_at(START, "")
    assert not holds_at(START, "灯塔")
