"""Surveys: one for each resolution, one answer to each, changed for a day; the rules are the database's."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from accounts.models import Staff
from core.models import AuditEntry
from tests.factories.livechat import ChatInboxFactory, resolved, said, started
from tests.factories.tickets import TopicFactory, mail_ticket
from tests.support.race import run_together
from tickets.models import Message, Survey, SurveyAnswer, Ticket
from tickets.selectors import surveys as shown
from tickets.selectors import timeline
from tickets.services import errors, properties, replies, status, surveys
from tickets.services.senders import Sender
from tickets.services.surveys import Given

Move = Callable[[timedelta], None]
SEED = "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about"


@pytest.fixture
def ticket(_any_database: None) -> Ticket:
    return said(started(ChatInboxFactory.create())[0]).chat.ticket


@pytest.mark.django_db
def test_ask__each_resolution_of_a_chat__once_bound_to_who_had_it(ticket: Ticket, agent: Staff, lead: Staff) -> None:
    first = resolved(ticket, agent)
    assert (first.assignee, first.customer, first.resolution.event) == (agent, ticket.requester, "status_changed")
    ticket.refresh_from_db()
    status.move(ticket=ticket, to="closed", by=agent)
    assert Survey.objects.count() == 1, "closing what is resolved is no other resolution"
    assert AuditEntry.objects.filter(action="survey.asked", object_id=first.public_id).count() == 1


@pytest.mark.django_db
def test_ask__resolved_again_after_a_reopening__is_another_survey(ticket: Ticket, agent: Staff, lead: Staff) -> None:
    first = resolved(ticket, agent)
    ticket.refresh_from_db()
    status.move(ticket=ticket, to="open", by=agent)
    second = resolved(Ticket.objects.get(pk=ticket.pk), lead)
    assert (first.assignee, second.assignee) == (agent, lead)
    assert first.resolution_id != second.resolution_id
    latest = shown.latest_of(ticket)
    assert latest is not None
    assert latest.survey == second


@pytest.mark.django_db
def test_ask__reply_that_resolves__asks_as_well(ticket: Ticket, agent: Staff) -> None:
    ticket = properties.set_topic(ticket=ticket, to=TopicFactory.create(), by=agent)
    words = replies.Words(text="Here it is.")
    replies.add(ticket=ticket, sender=Sender.of_staff(agent), channel="chat", words=words, then_status="resolved")
    assert Survey.objects.get().ticket == ticket


@pytest.mark.django_db
def test_ask__spam_and_mail__nobody_is_asked(ticket: Ticket, agent: Staff) -> None:
    properties.set_spam(ticket=ticket, is_spam=True, by=agent)
    status.move(ticket=Ticket.objects.get(pk=ticket.pk), to="closed", by=agent)
    mail = properties.set_topic(ticket=mail_ticket(), to=TopicFactory.create(), by=agent)
    status.move(ticket=mail, to="resolved", by=agent)
    assert not Survey.objects.exists()


@pytest.mark.django_db
def test_answer__given_again_changed_and_repeated__is_one_row_masked_and_told(ticket: Ticket, agent: Staff) -> None:
    survey = resolved(ticket, agent)
    kept = surveys.answer(survey=survey, given=Given(rating=4, comment=f"  Good, but {SEED}\x00 "))
    assert "abandon" not in kept.comment
    assert kept.redactions == ["bip39"] or kept.redactions
    surveys.answer(survey=survey, given=Given(rating=4))
    changed = surveys.answer(survey=survey, given=Given(rating=2))
    assert (changed.rating, changed.comment, SurveyAnswer.objects.count()) == (2, kept.comment, 1)
    assert changed.changed_at is not None
    events = [one.event.text for one in timeline.latest(ticket).messages if one.event and "rat" in one.event.text]
    assert events == [
        "The customer rated how we helped: 4 of 5.",
        "The customer changed their rating: 2 of 5, before 4 of 5.",
    ]
    (row,) = shown.of_ticket(ticket)
    assert (row.rating, row.assignee, row.is_changed) == (2, agent.name, True)
    entries = AuditEntry.objects.filter(object_id=survey.public_id, actor_id=ticket.requester.public_id)
    assert list(entries.order_by("pk").values_list("action", flat=True)) == ["survey.answered", "survey.changed"]
    assert "Good" not in str(list(entries.values_list("detail", flat=True))), "words are no matter of the audit log"


@pytest.mark.django_db
@pytest.mark.parametrize("rating", [0, 6, -1])
def test_answer__not_from_one_to_five__is_refused_by_service_and_database(
    ticket: Ticket, agent: Staff, rating: int
) -> None:
    survey = resolved(ticket, agent)
    with pytest.raises(errors.RatingUnknown):
        surveys.answer(survey=survey, given=Given(rating=rating))
    with pytest.raises((IntegrityError, DatabaseError)), transaction.atomic():
        SurveyAnswer.objects.create(survey=survey, rating=rating)


@pytest.mark.django_db
def test_answer__too_many_words__is_refused(ticket: Ticket, agent: Staff) -> None:
    with pytest.raises(errors.CommentTooLong):
        surveys.answer(survey=resolved(ticket, agent), given=Given(rating=3, comment="x" * 2_001))


def test_answer__too_late_or_fixed__is_refused_by_service_and_database(
    clone_db: str, ticket: Ticket, agent: Staff, move_time: Move
) -> None:
    survey = resolved(ticket, agent)
    surveys.answer(survey=survey, given=Given(rating=5))
    move_time(timedelta(hours=23, minutes=59))
    assert surveys.answer(survey=survey, given=Given(rating=4)).rating == 4
    move_time(timedelta(days=1, minutes=1))
    with pytest.raises(errors.AnswerIsFixed):
        surveys.answer(survey=survey, given=Given(rating=1))
    with pytest.raises(DatabaseError, match="changed for a day"), transaction.atomic():
        SurveyAnswer.objects.update(rating=1)
    other = resolved(said(started(ChatInboxFactory.create())[0]).chat.ticket, agent)
    move_time(timedelta(days=15, minutes=2))
    with pytest.raises(errors.SurveyIsOver):
        surveys.answer(survey=other, given=Given(rating=1))
    with pytest.raises(DatabaseError, match="time for an answer"), transaction.atomic():
        SurveyAnswer.objects.create(survey=other, rating=1)


def test_answer__twenty_at_once__are_one_row(clone_db: str, ticket: Ticket, agent: Staff) -> None:
    survey = resolved(ticket, agent)
    ratings = [1, 2, 3, 4, 5] * 4
    run_together(*(partial(surveys.answer, survey=survey, given=Given(rating=rating)) for rating in ratings))
    assert SurveyAnswer.objects.filter(survey=survey).count() == 1
    assert Message.objects.filter(ticket=ticket, event="survey_answered").count() == 1


def test_database__second_survey_of_a_resolution_or_of_no_resolution__is_refused(
    clone_db: str, ticket: Ticket, agent: Staff
) -> None:
    survey = resolved(ticket, agent)
    of_it = {"ticket": ticket, "customer": ticket.requester}
    with pytest.raises(IntegrityError), transaction.atomic():
        Survey.objects.create(resolution=survey.resolution, **of_it)
    spoken = ticket.messages.get(seq=1)
    with pytest.raises(DatabaseError, match="about that resolution"), transaction.atomic():
        Survey.objects.create(resolution=spoken, **of_it)
    other = mail_ticket()
    with pytest.raises(DatabaseError, match="about that resolution"), transaction.atomic():
        Survey.objects.create(resolution=survey.resolution, ticket=other, customer=other.requester)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE tickets_survey SET assignee_id = NULL",
        "UPDATE tickets_survey SET answer_until = answer_until + interval '1 year'",
        "UPDATE tickets_surveyanswer SET changeable_until = changeable_until + interval '1 year'",
        "DELETE FROM tickets_surveyanswer",
        "DELETE FROM tickets_survey",
    ],
)
def test_database__what_is_for_good__is_not_the_applications_to_change(
    clone_db: str, ticket: Ticket, agent: Staff, statement: str
) -> None:
    surveys.answer(survey=resolved(ticket, agent), given=Given(rating=1))
    with pytest.raises(DatabaseError, match="permission denied"), connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.django_db
def test_skip__asks_no_more_in_place_and_takes_an_answer_all_the_same(ticket: Ticket, agent: Staff) -> None:
    survey = resolved(ticket, agent)
    surveys.skip(survey=survey)
    surveys.skip(survey=survey)
    assert AuditEntry.objects.filter(action="survey.skipped").count() == 1
    assert shown.of_ticket(ticket)[0].is_skipped
    surveys.answer(survey=survey, given=Given(rating=3), is_by_link=True)
    assert (shown.of_ticket(ticket)[0].rating, shown.of_ticket(ticket)[0].is_skipped) == (3, False)


@pytest.mark.django_db
def test_summary__counts_and_shares__of_tickets_one_may_see(
    ticket: Ticket, agent: Staff, lead: Staff, vendor: Staff
) -> None:
    more = [said(started(ChatInboxFactory.create())[0]).chat.ticket for _ in range(2)]
    for one, rating, by in zip([ticket, *more], (5, 4, 1), (agent, agent, lead), strict=True):
        surveys.answer(survey=resolved(one, by), given=Given(rating=rating))
    resolved(said(started(ChatInboxFactory.create())[0]).chat.ticket, agent)
    found = shown.summary(lead)
    assert (found.asked, found.everything.answers, found.everything.satisfied_percent) == (4, 3, 67)
    assert [(one.name, one.answers, one.satisfied_percent) for one in found.agents] == [
        (agent.name, 2, 100),
        (lead.name, 1, 0),
    ]
    assert shown.summary(vendor).everything.answers == 0
