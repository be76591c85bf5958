"""Garbage in cycles of a process with many sockets: set aside, and found in its turn."""

import gc
from collections.abc import Iterator

import pytest

from helpdesk import garbage


class Knot:
    """Refers to itself: only a collection finds it."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    yield
    gc.unfreeze()


def test_look__most_turns__sets_aside_and_walks_nothing() -> None:
    garbage.look(1)
    assert gc.get_freeze_count() > 0


def test_look__every_ten_minutes__finds_what_was_set_aside() -> None:
    knot = Knot()
    garbage.look(1)
    del knot
    assert gc.collect() == 0
    assert garbage.look(garbage.LOOKED_THROUGH_EVERY) >= 1
