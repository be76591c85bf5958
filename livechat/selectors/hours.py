"""Whether a chat is staffed now, as the widget reckons on."""

from datetime import UTC, datetime
from typing import Any

from core import clock
from livechat.hours import AroundTheClock, Calendar
from livechat.models import ChatHours, ChatInbox


def calendar_of(inbox: ChatInbox) -> Calendar:
    """Return the calendar of an inbox; without hours of its own it is staffed around the clock."""
    found = ChatHours.objects.filter(inbox=inbox).first()
    return found.calendar() if found else AroundTheClock()


def shown(inbox: ChatInbox) -> dict[str, Any]:
    """Return whether somebody is there, until when that holds, and when somebody is there (again)."""
    now = clock.now()
    calendar = calendar_of(inbox)
    is_open = calendar.is_open(now)
    back = calendar.next_opening(now)
    return {
        "is_open": is_open,
        "changes_at": _text(calendar.next_closing(now) if is_open else back),
        "back_at": "" if is_open else _text(back),
    }


def _text(at: datetime | None) -> str:
    return at.astimezone(UTC).isoformat() if at else ""
