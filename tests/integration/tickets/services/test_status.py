"""Moves and properties: legal moves only, stale changes refused, restricted teams."""

from collections.abc import Callable
from threading import Event

import pytest
from django.db import DatabaseError, transaction

from accounts.models import Staff
from core.models import AuditEntry
from tests.factories.accounts import TeamFactory
from tests.factories.tickets import TopicFactory, mail_ticket
from tests.support.race import wait_until_somebody_waits
from tickets.models import Ticket
from tickets.models.ticket import LEGAL_MOVES, Status
from tickets.services import errors, properties, status


@pytest.mark.django_db
@pytest.mark.parametrize("before", Status.values)
def test_database__every_illegal_move__is_refused_by_the_trigger(before: str) -> None:
    ticket = mail_ticket()
    for step in {"new": [], "resolved": ["resolved"], "closed": ["closed"]}.get(before, [before]):
        Ticket.objects.filter(pk=ticket.pk).update(status=step)
    for after in set(Status.values) - LEGAL_MOVES[before] - {before}:
        with pytest.raises(DatabaseError), transaction.atomic():
            Ticket.objects.filter(pk=ticket.pk).update(status=after)


@pytest.mark.django_db
def test_move__to_resolved_without_topic__asks_for_one(agent: Staff) -> None:
    ticket = mail_ticket()
    with pytest.raises(errors.TopicNeeded):
        status.move(ticket=ticket, to="resolved", by=agent)
    properties.set_topic(ticket=ticket, to=TopicFactory.create(), by=agent)
    assert status.move(ticket=ticket, to="resolved", by=agent).status == "resolved"


@pytest.mark.django_db
def test_set_topic__heading__is_refused(agent: Staff) -> None:
    heading = TopicFactory.create().parent
    with pytest.raises(errors.Refused):
        properties.set_topic(ticket=mail_ticket(), to=heading, by=agent)


@pytest.mark.django_db
def test_change__with_an_old_version__is_refused_and_changes_nothing(agent: Staff, lead: Staff) -> None:
    ticket = mail_ticket()
    seen = ticket.version
    properties.set_priority(ticket=ticket, to="high", by=lead, version=seen)
    with pytest.raises(errors.StaleChange):
        properties.set_priority(ticket=ticket, to="low", by=agent, version=seen)
    ticket.refresh_from_db()
    assert ticket.priority == "high"


@pytest.mark.django_db
def test_assign__to_somebody_who_cannot_see_it__is_refused(agent: Staff, lead: Staff) -> None:
    ticket = mail_ticket()
    secret = TeamFactory.create(is_restricted=True)
    properties.assign(ticket=ticket, to=agent, by=agent)
    moved = properties.move_to_team(ticket=ticket, to=secret, by=lead)
    assert moved.assignee is None
    with pytest.raises(errors.Refused):
        properties.assign(ticket=ticket, to=agent, by=lead)


@pytest.mark.django_db
def test_visible_to__restricted_team__only_members_leads_and_readers_of_restricted(
    agent: Staff, lead: Staff, auditor: Staff, vendor: Staff
) -> None:
    secret = TeamFactory.create(is_restricted=True)
    ticket = mail_ticket(team=secret)

    def seen(person: Staff) -> bool:
        return Ticket.objects.visible_to(person).filter(pk=ticket.pk).exists()

    assert [seen(one) for one in (agent, lead, auditor, vendor)] == [False, True, True, False]
    secret.members.add(agent)
    assert seen(agent)


@pytest.mark.django_db
def test_visible_to__vendor__sees_own_team_only(vendor: Staff, vendor_team: object) -> None:
    without_team, theirs = mail_ticket(), mail_ticket(team=vendor_team)
    assert list(Ticket.objects.visible_to(vendor)) == [theirs]
    assert without_team not in Ticket.objects.visible_to(vendor)


@pytest.mark.django_db
def test_set_tags__adds_and_removes__once_in_the_timeline(agent: Staff) -> None:
    ticket = mail_ticket()
    properties.set_tags(ticket=ticket, names=["VIP ", "btc"], by=agent)
    properties.set_tags(ticket=ticket, names=["btc", "vip"], by=agent)
    properties.set_tags(ticket=ticket, names=["btc"], by=agent)
    assert [tag.name for tag in ticket.tags.all()] == ["btc"]
    events = ticket.messages.filter(event="tags_changed").order_by("seq")
    assert [row.event_data for row in events] == [
        {"added": "btc,vip", "removed": ""},
        {"added": "", "removed": "vip"},
    ]
    assert AuditEntry.objects.filter(action="ticket.tags_changed").count() == 2


@pytest.mark.django_db
def test_move__to_closed_without_topic__asks_for_one_unless_spam(agent: Staff) -> None:
    ticket = mail_ticket()
    with pytest.raises(errors.TopicNeeded):
        status.move(ticket=ticket, to="closed", by=agent)
    properties.set_spam(ticket=ticket, is_spam=True, by=agent)
    assert status.move(ticket=ticket, to="closed", by=agent).status == "closed"


@pytest.mark.django_db
def test_set_spam__same_wish_twice__changes_once__and_an_old_version_is_refused(agent: Staff) -> None:
    ticket = mail_ticket()
    seen = ticket.version
    properties.set_spam(ticket=ticket, is_spam=True, by=agent, version=seen)
    properties.set_spam(ticket=ticket, is_spam=True, by=agent, version=seen)
    assert ticket.messages.filter(event="spam_changed").count() == 1
    with pytest.raises(errors.StaleChange):
        properties.set_spam(ticket=ticket, is_spam=False, by=agent, version=seen)


@pytest.mark.django_db
def test_set__object_read_before_another_change__tells_what_the_row_held(agent: Staff, lead: Staff) -> None:
    ticket = mail_ticket()
    read_earlier = Ticket.objects.get(pk=ticket.pk)
    properties.set_priority(ticket=ticket, to="high", by=lead)
    properties.set_language(ticket=ticket, to="de", by=lead)
    properties.set_priority(ticket=read_earlier, to="urgent", by=agent)
    properties.set_language(ticket=read_earlier, to="ja", by=agent)
    told = ticket.messages.filter(event__in=["priority_changed", "language_changed"]).order_by("-seq")[:2]
    assert [row.event_data["from"] for row in told] == ["de", "high"]


def test_assign__case_moving_to_a_restricted_team_meanwhile__is_refused(
    clone_db: str, agent: Staff, lead: Staff, race: Callable[..., list[object]]
) -> None:
    ticket = mail_ticket()
    secret = TeamFactory.create(is_restricted=True)
    has_begun = Event()

    def move() -> None:
        with transaction.atomic():
            properties.move_to_team(ticket=ticket, to=secret, by=lead)
            has_begun.set()
            wait_until_somebody_waits()

    def assign() -> None:
        has_begun.wait(10)
        with pytest.raises(errors.Refused):
            properties.assign(ticket=ticket, to=agent, by=agent)

    assert race(move, assign) == [None, None]
    ticket.refresh_from_db()
    assert ticket.assignee is None
