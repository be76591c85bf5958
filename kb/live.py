"""Ways to reach a person now, as the contact page shows them: the floors that have chats and calls fill it."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """A chat or a phone line: whether somebody is there, and the measured wait in minutes, None when it is unknown."""

    kind: str
    name: str
    # A site to open, or a number to call.
    address: str
    is_open: bool
    usual_min: int | None = None


# Each is asked with a language and returns the ways of its floor that speak it.
asked: list[Callable[[str], list[Way]]] = []


def ways(language: str) -> list[Way]:
    """Return every way, those first where somebody is there."""
    found = [way for ask in asked for way in ask(language)]
    return sorted(found, key=lambda way: not way.is_open)


def in_minutes(seconds: float | None) -> int | None:
    """Return a measured wait in whole minutes, rounded up: nobody is promised less than others have waited."""
    return None if seconds is None else max(1, -int(-seconds // 60))
