"""Surveys by mail: off until a mailbox wants them, later, seldom, to proven requesters, and by one link."""

import email
import email.policy
import re
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from django.conf import settings as now_settings
from django.db import IntegrityError, transaction
from django.test import Client
from pytest_django import Settings

from accounts.models import Staff
from core.clock import from_now
from core.models import AuditEntry
from tests.factories.tickets import MailboxFactory, TopicFactory, mail_ticket
from tests.support.race import run_together
from tickets.delivery import sending
from tickets.models import Mailbox, OutboundMail, Survey, SurveyAnswer, Ticket
from tickets.selectors import timeline
from tickets.services import deliveries, properties, status, survey_mails, surveys
from tickets.services.surveys import Given

Move = Callable[[timedelta], None]


@pytest.fixture
def asks(clone_db: str) -> Mailbox:
    """A mailbox that asks two hours after a resolution, once in 30 days."""
    made: Mailbox = MailboxFactory.create(survey_after_h=2)
    return made


def resolved(ticket: Ticket, by: Staff) -> Ticket:
    ticket = properties.set_topic(ticket=ticket, to=TopicFactory.create(), by=by)
    return status.move(ticket=ticket, to="resolved", by=by)


def another(number: int, by: Staff) -> Ticket:
    """Return another resolved ticket of the same customer."""
    return resolved(mail_ticket(text=f"Another, {number}."), by)


def automatic() -> int:
    return OutboundMail.objects.filter(message__event="survey_mailed").count()


def test_mail__off__nobody_is_asked(clone_db: str, agent: Staff) -> None:
    resolved(mail_ticket(), agent)
    assert (survey_mails.mail_due(), Survey.objects.count()) == (0, 0)


def test_mail__after_its_hours__asks_once_by_a_link_that_records_only_a_post(
    asks: Mailbox, agent: Staff, settings: Settings, tmp_path: Path, move_time: Move
) -> None:
    settings.POSTBOX_TRANSPORT, settings.POSTBOX_DIR = True, tmp_path / "postbox"
    ticket = resolved(mail_ticket(text="My secret plan"), agent)
    assert survey_mails.mail_due() == 0
    move_time(timedelta(hours=2, minutes=1))
    assert [survey_mails.mail_due() for _ in range(2)] == [1, 0]
    row = OutboundMail.objects.get(message__event="survey_mailed")
    sending.deliver_email(row.pk)
    deliveries.record(outbound_pk=row.pk)
    (file,) = (tmp_path / "postbox").glob("*.eml")
    sent = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
    assert (sent["Auto-Submitted"], sent["Subject"]) == ("auto-generated", "How well did we help you?")
    body = sent.get_body(("plain",))
    assert body is not None
    words = body.get_content()
    assert "secret plan" not in words
    link = re.search(r"https?://\S+/portal/survey/\S+", words)
    assert link is not None
    path = link[0].removeprefix(now_settings.SITE_URL)
    assert Client().get(path).status_code == 200
    assert not SurveyAnswer.objects.exists()
    assert Client().post(path, {"rating": "5"}).status_code == 200
    assert SurveyAnswer.objects.get().survey.ticket == ticket
    told = [one.event.text for one in timeline.latest(ticket).messages if one.event]
    assert "The customer is asked by mail how we helped." in told
    assert AuditEntry.objects.filter(action="survey.mailed").count() == 1


def test_mail__several_tickets_of_a_customer__ask_once_in_the_mailboxs_days(
    asks: Mailbox, agent: Staff, move_time: Move
) -> None:
    for number in range(3):
        another(number, agent)
    move_time(timedelta(hours=3))
    survey_mails.mail_due()
    assert (Survey.objects.count(), automatic()) == (1, 1)
    move_time(timedelta(days=30, minutes=1))
    another(4, agent)
    assert Survey.objects.count() == 2


def test_mail__two_tickets_resolved_at_once__ask_by_one_mail(asks: Mailbox, agent: Staff) -> None:
    topic = TopicFactory.create()
    tickets = [properties.set_topic(ticket=mail_ticket(), to=topic, by=agent) for _ in range(4)]
    outcomes = run_together(*(partial(status.move, ticket=one, to="resolved", by=agent) for one in tickets))
    assert [one.status for one in outcomes] == ["resolved"] * 4
    assert Survey.objects.filter(mail_due_at__isnull=False).count() == 1
    other = next(one for one in tickets if not Survey.objects.filter(ticket=one).exists())
    with pytest.raises(IntegrityError), transaction.atomic():
        Survey.objects.create(
            ticket=other,
            resolution=other.messages.get(event="status_changed"),
            customer=other.requester,
            mail_due_at=from_now(timedelta(hours=1)),
        )


def test_mail__unproven_requester__is_never_asked(asks: Mailbox, agent: Staff) -> None:
    resolved(mail_ticket(is_proven=False), agent)
    assert not Survey.objects.exists()


@pytest.mark.parametrize("what", ["reopened", "spam", "rated"])
def test_mail__no_sense_any_more__asks_nobody(asks: Mailbox, agent: Staff, move_time: Move, what: str) -> None:
    ticket = resolved(mail_ticket(), agent)
    if what == "reopened":
        status.move(ticket=ticket, to="open", by=agent)
    elif what == "spam":
        properties.set_spam(ticket=ticket, is_spam=True, by=agent)
    else:
        surveys.answer(survey=Survey.objects.select_related("ticket", "customer").get(), given=Given(rating=3))
    move_time(timedelta(hours=3))
    assert (survey_mails.mail_due(), automatic()) == (0, 0)
    assert AuditEntry.objects.filter(action="survey.not_mailed").count() == 1


def test_mail__two_workers_at_once__owe_one(asks: Mailbox, agent: Staff, move_time: Move) -> None:
    resolved(mail_ticket(), agent)
    move_time(timedelta(hours=3))
    assert sorted(run_together(*[survey_mails.mail_due] * 4)) == [0, 0, 0, 1]
    assert automatic() == 1
