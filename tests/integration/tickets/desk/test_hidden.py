"""What is hidden looks as if it were not there, and the audit log keeps who asked for it."""

from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from accounts.models import Staff, Team
from core import files
from core.models import AuditEntry
from tests.cast import open_session, signed_in
from tests.factories.accounts import TeamFactory
from tests.factories.tickets import mail_ticket
from tests.integration.tickets.desk.test_case_doors import PNG, content, content_client, with_file
from tickets import content_links
from tickets.models import Attachment, Ticket
from tickets.services import properties


@pytest.fixture
def hidden(_any_database: None) -> Ticket:
    team: Team = TeamFactory.create(slug="compliance", is_restricted=True)
    return mail_ticket(team=team)


def denied(kind: str, public_id: str, person: Staff) -> int:
    found = AuditEntry.objects.filter(action="access.denied", object_kind=kind, object_id=public_id)
    return found.filter(actor_id=person.public_id).count()


@pytest.mark.parametrize("path", ["/desk/tickets/{}/", "/desk/tickets/{}/timeline/", "/api/v1/tickets/{}/"])
def test_ticket__hidden__is_404_and_recorded_with_its_id(
    client: Client, agent: Staff, hidden: Ticket, path: str
) -> None:
    assert signed_in(client, agent).get(path.format(hidden.public_id)).status_code == 404
    assert denied("ticket", hidden.public_id, agent) == 1


@pytest.mark.parametrize("path", ["/desk/tickets/{}/", "/api/v1/tickets/{}/"])
def test_ticket__unknown__is_404_and_not_recorded(client: Client, agent: Staff, path: str) -> None:
    assert signed_in(client, agent).get(path.format("a" * 20)).status_code == 404
    assert not AuditEntry.objects.filter(action="access.denied", actor_id=agent.public_id).exists()


def test_content__rights_lost_since_the_link__is_recorded_with_its_id(
    client: Client, agent: Staff, lead: Staff, settings: Settings
) -> None:
    ticket, attachment = with_file()
    signed_in(client, agent)
    file = content(client, f"/desk/tickets/{ticket.public_id}/files/{attachment.public_id}/", settings)
    frame = content(client, f"/desk/tickets/{ticket.public_id}/frame/2/", settings)
    properties.move_to_team(ticket=ticket, to=TeamFactory.create(is_restricted=True), by=lead)
    for path in (file, frame):
        assert content_client(settings).get(path).status_code == 404
    assert denied("attachment", attachment.public_id, agent) == 1
    assert denied("message", ticket.messages.get(seq=2).public_id, agent) == 1


def previews(attachment: Attachment) -> Any:
    return AuditEntry.objects.filter(action="attachment.previewed", object_id=attachment.public_id)


def test_preview__attached_picture__is_recorded(client: Client, agent: Staff, settings: Settings) -> None:
    ticket, attachment = with_file(name="passport.png", payload=PNG)
    path = f"/desk/tickets/{ticket.public_id}/files/{attachment.public_id}/?preview=1"
    served = content_client(settings).get(content(signed_in(client, agent), path, settings))
    assert served.status_code == 200
    assert [entry.actor_id for entry in previews(attachment)] == [agent.public_id]


def test_preview__picture_inside_a_mail__is_part_of_reading_it(agent: Staff, settings: Settings) -> None:
    ticket, _file = with_file()
    inline = Attachment.objects.get(message__ticket=ticket, is_inline=True)
    assert files.read(inline.stored) == PNG
    link = content_links.link(session_pk=open_session(agent)[1].pk, kind="inline", target=inline.public_id)
    assert content_client(settings).get(link.removeprefix(settings.CONTENT_URL)).status_code == 200
    assert not previews(inline).exists()


def test_preview__picture_that_cannot_be_drawn__is_not_recorded(
    client: Client, agent: Staff, settings: Settings
) -> None:
    ticket, attachment = with_file()
    path = f"/desk/tickets/{ticket.public_id}/files/{attachment.public_id}/?preview=1"
    served = content_client(settings).get(content(signed_in(client, agent), path, settings))
    assert served.status_code == 404
    assert not previews(attachment).exists()
