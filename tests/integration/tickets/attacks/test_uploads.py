"""Uploads by nobody, into other people's tickets, and more than anybody needs."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponseBase
from django.test import Client
from pytest_django import Settings

from accounts.models import Staff, Team
from core.models import StoredFile
from tests.cast import half_way, signed_in
from tests.factories.tickets import mail_ticket
from tickets.models import InboundMail, Ticket, Upload
from tickets.services import drafts, errors, properties


def post(client: Client, ticket: Ticket, *, by_script: bool = False) -> HttpResponseBase:
    file = SimpleUploadedFile("proof.txt", b"proof")
    headers = {"HX-Request": "true"} if by_script else {}
    return client.post(f"/desk/tickets/{ticket.public_id}/uploads/", {"file": file}, headers=headers)


@pytest.mark.attack("C4")
@pytest.mark.django_db
def test_upload__without_a_session__is_refused_and_keeps_nothing(client: Client, password_only: Staff) -> None:
    ticket = mail_ticket()
    assert post(client, ticket).status_code == 302
    assert post(client, ticket, by_script=True).status_code == 401
    assert post(half_way(client, password_only), ticket, by_script=True).status_code == 401
    assert (Upload.objects.count(), StoredFile.objects.count()) == (0, 0)


@pytest.mark.attack("C4")
@pytest.mark.django_db
@pytest.mark.parametrize("token", ["", "Bearer ", "Bearer none", "Basic YTpi"])
def test_api__mail_or_message_without_a_token__is_401_and_keeps_nothing(client: Client, token: str) -> None:
    ticket = mail_ticket()
    headers = {"Authorization": token} if token else {}
    for path, body, kind in (
        ("/api/v1/intake/email/support/", b"From: a@b.example\r\n\r\nHi", "message/rfc822"),
        (f"/api/v1/tickets/{ticket.public_id}/messages/", b'{"text": "Hi"}', "application/json"),
    ):
        assert client.post(path, body, content_type=kind, headers=headers).status_code == 401
    assert (InboundMail.objects.count(), ticket.messages.count()) == (0, 1)


@pytest.mark.attack("C4")
@pytest.mark.django_db
def test_upload__into_another_teams_ticket__is_404_and_keeps_nothing(
    client: Client, vendor: Staff, lead: Staff, vendor_team: Team
) -> None:
    other, own = mail_ticket(), mail_ticket(address="own@example.com")
    properties.move_to_team(ticket=own, to=vendor_team, by=lead)
    signed_in(client, vendor)
    assert post(client, other).status_code == 404
    assert (Upload.objects.count(), StoredFile.objects.count()) == (0, 0)
    assert post(client, own).status_code == 201
    (mine,) = Upload.objects.all()
    assert client.post(f"/desk/tickets/{other.public_id}/uploads/{mine.public_id}/remove/").status_code == 404
    assert Upload.objects.count() == 1


@pytest.mark.attack("C4")
@pytest.mark.django_db
@pytest.mark.parametrize(("name", "value"), [("MAX_WAITING_FILES", 3), ("MAX_WAITING_BYTES", 18)])
def test_upload__more_than_one_person_may_keep__is_413_in_every_ticket(
    client: Client, agent: Staff, lead: Staff, monkeypatch: pytest.MonkeyPatch, name: str, value: int
) -> None:
    monkeypatch.setattr(drafts, name, value)
    tickets = [mail_ticket(address=f"one{number}@example.com") for number in range(5)]
    signed_in(client, agent)
    assert [post(client, ticket).status_code for ticket in tickets] == [201, 201, 201, 413, 413]
    assert StoredFile.objects.count() == 3
    assert post(signed_in(Client(), lead), tickets[0]).status_code == 201, "a quota is each person's own"


@pytest.mark.attack("C4")
def test_upload__all_at_once__is_no_more_than_the_quota(
    clone_db: str, agent: Staff, monkeypatch: pytest.MonkeyPatch, race: Callable[..., list[object]]
) -> None:
    monkeypatch.setattr(drafts, "MAX_WAITING_FILES", 3)
    ticket = mail_ticket()

    def keep() -> bool:
        try:
            drafts.upload(ticket=ticket, author=agent, name="a.txt", content=b"proof")
        except errors.TooMuchWaiting:
            return False
        return True

    assert race(*[keep] * 8).count(True) == 3
    assert Upload.objects.count() == 3


@pytest.mark.attack("C4")
def test_upload__added_and_removed_all_day__fills_no_disk(
    clone_db: str, agent: Staff, settings: Settings, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT = str(tmp_path)
    ticket = mail_ticket()
    for _ in range(5):
        row = drafts.upload(ticket=ticket, author=agent, name="a.txt", content=b"proof" * 100)
        drafts.remove_upload(upload=row)
    assert StoredFile.objects.count() == 0
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
