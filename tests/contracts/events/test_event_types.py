"""The socket's events are the same closed set in Python and in TypeScript."""

from pathlib import Path
from typing import get_args

import pytest
from pydantic import ValidationError

from livechat import events as chat
from tickets import events
from tools import event_types

ROOT = Path(__file__).resolve().parents[3]


def test_typescript_types__are_what_python_defines() -> None:
    assert event_types.TARGET.read_text("utf-8") == event_types.render(), "run tools/event_types.py"


def test_every_event__has_a_handler_in_the_page() -> None:
    live = (ROOT / "frontend/src/desk/live.ts").read_text("utf-8")
    for member in get_args(get_args(events.DeskEvent)[0]):
        name = member.model_fields["type"].default
        assert f'case "{name}"' in live, name


def test_every_event_of_the_chat__has_a_handler_in_the_widget() -> None:
    handlers = (ROOT / "frontend/src/widget/events.ts").read_text("utf-8")
    for member in get_args(get_args(chat.ChatEvent)[0]):
        name = member.model_fields["type"].default
        assert f'case "{name}"' in handlers, name


def test_event__with_an_undeclared_field__is_refused() -> None:
    with pytest.raises(ValidationError):
        events.DESK_EVENTS.validate_python(
            {"type": "ticket.changed", "ticket": "abc", "version": 1, "fields": [], "subject": "secret"}
        )


def test_frame__of_an_unknown_type__is_refused() -> None:
    with pytest.raises(ValidationError):
        events.DESK_FRAMES.validate_python({"type": "subscribe_all"})
