"""What passes by itself (locks, restarts) is never held against a mail: it is not put aside, and waits seconds only."""

from datetime import timedelta
from typing import Any

import psycopg
from django.db import connection

from core import clock
from tests.integration.tickets.email.conftest import Mail
from tests.support.letters import letter
from tickets.models import InboundMail, Ticket
from tickets.services import intake


def test_accept__database_jammed_again_and_again__mail_waits_a_moment_and_is_taken_in_afterwards(
    clone_db: str, owner_connection: "psycopg.Connection[Any]", mail: Mail
) -> None:
    row = mail.store(letter())
    owner_connection.autocommit = False
    owner_connection.execute("LOCK TABLE tickets_ticket IN ACCESS EXCLUSIVE MODE")
    for _ in range(intake.MAX_CLAIMS + 2):
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '10ms'")
        intake.accept(inbound_pk=row.pk)
        row.refresh_from_db()
        assert (row.state, row.last_error, row.attempts) == ("stored", "OperationalError", 0)
        assert row.next_attempt_at < clock.now() + timedelta(seconds=15)
        InboundMail.objects.filter(pk=row.pk).update(next_attempt_at="2020-01-01T00:00:00Z")
    owner_connection.rollback()
    intake.accept(inbound_pk=row.pk)
    assert Ticket.objects.count() == 1


def test_accept__mail_whose_own_statement_never_ends__is_put_aside_like_any_failure(
    clone_db: str, owner_connection: "psycopg.Connection[Any]", mail: Mail
) -> None:
    row = mail.store(letter())
    owner_connection.execute(
        "CREATE FUNCTION dawdle() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(10); RETURN new; END'"
    )
    owner_connection.execute(
        "CREATE TRIGGER dawdle BEFORE INSERT ON tickets_ticket FOR EACH ROW EXECUTE FUNCTION dawdle()"
    )
    for _ in range(intake.MAX_TRIES):
        with connection.cursor() as cursor:
            cursor.execute("SET statement_timeout = '300ms'")
        intake.accept(inbound_pk=row.pk)
        InboundMail.objects.filter(pk=row.pk).update(next_attempt_at="2020-01-01T00:00:00Z")
    row.refresh_from_db()
    assert (row.state, row.reason) == ("quarantined", "failed")
