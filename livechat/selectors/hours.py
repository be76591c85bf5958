"""Whether a chat is staffed now, as the widget reckons on."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from core import clock
from livechat.hours import AroundTheClock, Calendar
from livechat.models import ChatHours, ChatInbox

# For a page that stays open: a week of days with a break at noon.
CHANGES_TOLD = 28


def calendar_of(inbox: ChatInbox) -> Calendar:
    """Return the calendar of an inbox; without hours of its own it is staffed around the clock."""
    found = ChatHours.objects.filter(inbox=inbox).first()
    return found.calendar() if found else AroundTheClock()


def shown(inbox: ChatInbox) -> dict[str, Any]:
    """Return whether somebody is there, and the next moments at which that turns, each into its contrary."""
    now = clock.now()
    calendar = calendar_of(inbox)
    is_open = calendar.is_open(now)
    return {
        "is_open": is_open,
        "changes": [one.astimezone(UTC).isoformat() for one in _changes(calendar, now=now, is_open=is_open)],
    }


def _changes(calendar: Calendar, *, now: datetime, is_open: bool) -> Iterator[datetime]:
    at = now
    for _number in range(CHANGES_TOLD):
        turns = calendar.next_closing(at) if is_open else calendar.next_opening(at)
        if turns is None:
            return
        yield turns
        at, is_open = turns, not is_open
