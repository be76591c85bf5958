"""What a line of the log is, what is withheld from it, and that sign-ins are in the audit log with their factor."""

import io
import json
import logging
import logging.config
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import structlog
from django.test import Client

from accounts.models import Staff
from core import request_id
from core.models import AuditEntry
from helpdesk.settings.logging import PROCESSORS, logging_config
from tests.cast import PASSWORD, signed_in


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    """Where a logger of its own writes lines as production does."""
    written = io.StringIO()
    formatter: dict[str, Any] = logging_config(json=True)["formatters"]["structured"]
    options = {name: value for name, value in formatter.items() if name != "()"}
    handler = logging.StreamHandler(written)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(**options))
    logger = logging.getLogger("asvs.test")
    logger.addHandler(handler)
    logger.propagate = False
    request_id.begin("request-0123456789")
    yield written
    logger.removeHandler(handler)
    structlog.contextvars.clear_contextvars()


def log() -> Any:
    return structlog.wrap_logger(
        logging.getLogger("asvs.test"),
        processors=[*PROCESSORS, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.stdlib.BoundLogger,
    )


def test_line__of_an_event__is_one_json_object_with_time_place_and_request(stream: io.StringIO) -> None:
    log().warning("mail_put_aside", mail=7)
    [line] = stream.getvalue().splitlines()
    entry = json.loads(line)
    assert (entry["event"], entry["level"], entry["logger"], entry["mail"]) == (
        "mail_put_aside",
        "warning",
        "asvs.test",
        7,
    )
    assert entry["request_id"] == "request-0123456789"
    assert datetime.fromisoformat(entry["timestamp"]).utcoffset() == timedelta(0)


def test_line_breaks__of_strangers__forge_no_second_line(stream: io.StringIO) -> None:
    log().warning("odd", name='x\r\n{"event": "sign_in.succeeded"}\u2028\x1b[2J')
    [line] = stream.getvalue().splitlines()
    assert json.loads(line)["name"] == 'x\\x0d\\x0a{"event": "sign_in.succeeded"}\\x2028\\x1b[2J'


def test_secrets__by_their_names__are_withheld(stream: io.StringIO) -> None:
    names = ("password", "api_token", "cookie", "authorization", "code", "session_key", "email", "subject", "address")
    log().warning("signing_in", **dict.fromkeys(names, "hunter2"))
    assert "hunter2" not in stream.getvalue()
    assert stream.getvalue().count("[withheld]") == len(names)


def test_error__nobody_expected__is_written_with_its_traceback_on_one_line(stream: io.StringIO) -> None:
    try:
        int("no number")
    except ValueError:
        log().exception("task_failed")
    [line] = stream.getvalue().splitlines()
    entry = json.loads(line)
    assert entry["level"] == "error"
    assert "ValueError" in entry["exception"]


def test_logging__of_every_process__has_one_way_out() -> None:
    config = logging_config(json=True)
    assert config["handlers"] == {"stderr": {"class": "logging.StreamHandler", "formatter": "structured"}}
    assert [name for name, logger in config["loggers"].items() if logger.get("handlers")] == []


@pytest.mark.parametrize(("password", "action"), [("wrong", "sign_in.failed"), (PASSWORD, None)])
def test_sign_in__with_a_password__is_recorded_with_its_factor_when_it_fails(
    clone_db: str, agent: Staff, password: str, action: str | None
) -> None:
    before = AuditEntry.objects.filter(action="sign_in.failed").count()
    Client().post("/sign-in/", {"email": agent.email, "password": password})
    found = AuditEntry.objects.filter(action="sign_in.failed").order_by("-pk")
    assert found.count() - before == (1 if action else 0)
    if action:
        assert found[0].detail["factor"] == "password"
        assert password not in json.dumps(found[0].detail)


def test_sign_in__whole__is_recorded_with_its_factors_person_and_time(agent: Staff) -> None:
    signed_in(Client(), agent)
    entry = AuditEntry.objects.filter(action="sign_in.succeeded", actor_id=agent.public_id).latest("pk")
    assert entry.detail == {"method": "totp"}
    assert entry.object_kind == "session"
