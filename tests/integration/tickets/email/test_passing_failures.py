"""What passes by itself (locks, restarts) is never held against a mail: it is not put aside, and waits seconds only."""

from datetime import timedelta
from typing import Any

import psycopg
import pytest
from django.db import OperationalError, connection

from core import clock
from tests.integration.tickets.email.conftest import Mail
from tests.support.letters import letter
from tickets.models import InboundMail, Ticket
from tickets.selectors import backlog
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


def complain(owner: "psycopg.Connection[Any]", *, sqlstate: str, when: str) -> None:
    """Let the database complain so, `when` such an event comes to such a table."""
    owner.execute(
        "CREATE OR REPLACE FUNCTION complain() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = '{sqlstate}'; END $$"
    )
    table = when.rpartition(" ON ")[2].split()[0]
    condition = "WHEN (NEW.attempts < OLD.attempts)" if "UPDATE" in when else ""
    owner.execute(f"CREATE TRIGGER complain_{table} BEFORE {when} FOR EACH ROW {condition} EXECUTE FUNCTION complain()")


def test_accept__database_gone_before_the_claim_is_given_back__is_not_counted_when_it_is_there_again(
    clone_db: str, owner_connection: "psycopg.Connection[Any]", mail: Mail
) -> None:
    row = mail.store(letter())
    InboundMail.objects.filter(pk=row.pk).update(attempts=intake.MAX_CLAIMS - 1)
    complain(owner_connection, sqlstate="57P03", when="INSERT ON tickets_ticket")
    complain(owner_connection, sqlstate="57P03", when="UPDATE ON tickets_inboundmail")
    with pytest.raises(OperationalError):
        intake.accept(inbound_pk=row.pk)
    for table in ("tickets_ticket", "tickets_inboundmail"):
        owner_connection.execute(f"DROP TRIGGER complain_{table} ON {table}")
    InboundMail.objects.filter(pk=row.pk).update(lease_until="2020-01-01T00:00:00Z")
    intake.accept(inbound_pk=row.pk)
    row.refresh_from_db()
    assert (row.state, row.attempts) == ("stored", intake.MAX_CLAIMS - 1)  # given back at last, due in a moment
    InboundMail.objects.filter(pk=row.pk).update(next_attempt_at="2020-01-01T00:00:00Z")
    intake.accept(inbound_pk=row.pk)
    assert Ticket.objects.count() == 1


def test_accept__limit_of_the_database_that_this_mail_always_meets__is_put_aside_like_any_failure(
    clone_db: str, owner_connection: "psycopg.Connection[Any]", mail: Mail
) -> None:
    row = mail.store(letter())
    complain(owner_connection, sqlstate="54000", when="INSERT ON tickets_ticket")
    for _ in range(intake.MAX_TRIES):
        intake.accept(inbound_pk=row.pk)
        InboundMail.objects.filter(pk=row.pk).update(next_attempt_at="2020-01-01T00:00:00Z")
    row.refresh_from_db()
    assert (row.state, row.reason) == ("quarantined", "failed")


def test_oldest_waiting__mail_that_is_tried_every_few_seconds__is_as_old_as_its_arrival(
    clone_db: str, owner_connection: "psycopg.Connection[Any]", mail: Mail
) -> None:
    row = mail.store(letter())
    owner_connection.execute("UPDATE tickets_inboundmail SET received_at = core.clock() - interval '5 minutes'")
    assert backlog.oldest_waiting_s()["inbox"] >= 300
    InboundMail.objects.filter(pk=row.pk).update(reason="released")
    assert backlog.oldest_waiting_s()["inbox"] < 60
