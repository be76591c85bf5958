"""Visitors who never said anything are removed in time, with the pages they were on; nobody else is."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.db.utils import ProgrammingError
from django.test import Client
from pytest_django import Settings

from core.models import AuditEntry
from livechat.models import PageVisit, Visitor
from livechat.services import page_visits, silent_visitors, uploads
from livechat.services.page_visits import Seen
from tests.factories.customers import open_portal, portal_customer
from tests.factories.livechat import said, sent, started
from tickets.models import Ticket

Move = Callable[[timedelta], None]


@pytest.mark.django_db
def test_sweep__thirty_days_after_the_last_visit__removes_who_never_spoke_with_pages_and_files(move_time: Move) -> None:
    silent, _token = started()
    page_visits.note(visitor=silent, pages=[Seen("/deposit", 0), Seen("/help", 0)])
    sent(silent, "a-file", b"never sent with a message")
    move_time(timedelta(days=29))
    assert silent_visitors.sweep() == 0
    move_time(timedelta(days=2))
    assert silent_visitors.sweep() == 1
    assert not Visitor.objects.exists()
    assert not PageVisit.objects.exists()
    entry = AuditEntry.objects.get(action="visitors.deleted")
    assert entry.detail == {"visitors": 1, "page_visits": 2}
    assert uploads.tidy() == 0


@pytest.mark.django_db
def test_sweep__who_spoke_is_known_or_was_here_lately__stays(move_time: Move) -> None:
    speaker, _token = started()
    said(speaker)
    page_visits.note(visitor=speaker, pages=[Seen("/deposit", 0)])
    known, _token = started(session=open_portal(Client(), portal_customer()))
    move_time(timedelta(days=400))
    lately, _token = started()
    assert silent_visitors.sweep() == 0
    assert set(Visitor.objects.all()) == {speaker, known, lately}
    assert Ticket.objects.get().chat.visitor == speaker
    assert PageVisit.objects.count() == 1


@pytest.mark.django_db
def test_sweep__more_than_a_batch__goes_on_until_nobody_is_left(
    settings: Settings, move_time: Move, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.CHAT_SILENT_VISITORS_DAYS = 3
    monkeypatch.setattr(silent_visitors, "BATCH", 2)
    for _number in range(5):
        started()
    move_time(timedelta(days=4))
    assert silent_visitors.sweep() == 5
    assert AuditEntry.objects.filter(action="visitors.deleted").count() == 3


@pytest.mark.django_db
def test_delete__of_who_has_spoken__is_refused_by_the_database() -> None:
    known, _token = started(session=open_portal(Client(), portal_customer()))
    with pytest.raises(ProgrammingError, match="stays"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM livechat_visitor WHERE id = %s", [known.pk])
