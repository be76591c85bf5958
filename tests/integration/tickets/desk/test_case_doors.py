"""The doors of one case: conflicts, composer, files, content origin."""

import io
import json
import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image
from pytest_django import Settings

from accounts.models import Staff
from core import files
from core.models import AuditEntry
from tests.cast import signed_in
from tests.factories.accounts import TeamFactory
from tests.factories.tickets import answer, customer, mail_ticket, requester
from tickets import content_links
from tickets.models import Attachment, Message, OutboundMail, Ticket, Upload
from tickets.services import properties, replies
from tickets.services.senders import NewFile, Sender

PARTIAL: dict[str, Any] = {"HTTP_HX_REQUEST": "true", "HTTP_HX_REQUEST_TYPE": "partial"}


def _png() -> bytes:
    made = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(made, "PNG")
    return made.getvalue()


PNG = _png()


def door(ticket: Ticket, name: str) -> str:
    return f"/desk/tickets/{ticket.public_id}/{name}/"


def content(client: Client, url: str, settings: Settings) -> str:
    """Follow one of our doors to the content origin and return the path there."""
    target = client.get(url)["Location"]
    assert target.startswith(settings.CONTENT_URL)
    return target.removeprefix(settings.CONTENT_URL)


def content_client(settings: Settings) -> Client:
    return Client(HTTP_HOST=settings.CONTENT_URL.partition("//")[2])


@pytest.mark.django_db
def test_status__stale_version__answers_409_with_the_present_head(client: Client, agent: Staff, lead: Staff) -> None:
    ticket = mail_ticket()
    seen = ticket.version
    properties.set_priority(ticket=ticket, to="urgent", by=lead)
    answer_ = signed_in(client, agent).post(door(ticket, "status"), {"status": "pending", "version": seen}, **PARTIAL)
    assert answer_.status_code == 409
    assert b"Urgent" in answer_.content
    ticket.refresh_from_db()
    assert ticket.status == "new"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("status", {"status": "deleted"}),
        ("priority", {"priority": "now"}),
        ("topic", {"topic": "no-such"}),
        ("team", {"team": "no-such"}),
        ("assign", {"assignee": "nobody"}),
        ("language", {"language": "tlh"}),
    ],
)
def test_change__unknown_choice__answers_422_and_changes_nothing(
    client: Client, agent: Staff, name: str, data: dict[str, str]
) -> None:
    ticket = mail_ticket()
    assert signed_in(client, agent).post(door(ticket, name), data, **PARTIAL).status_code == 422
    before = ticket.version
    ticket.refresh_from_db()
    assert ticket.version == before


@pytest.mark.django_db
def test_change__all_fields_of_the_model_sent__changes_only_its_own(client: Client, agent: Staff) -> None:
    ticket = Ticket.objects.get(pk=mail_ticket().pk)
    everything = {field.name: "1" for field in Ticket._meta.concrete_fields} | {"priority": "high"}
    everything["version"] = str(ticket.version)
    signed_in(client, agent).post(door(ticket, "priority"), everything, **PARTIAL)
    after = Ticket.objects.get(pk=ticket.pk)
    changed = {
        field.name
        for field in Ticket._meta.concrete_fields
        if getattr(after, field.attname) != getattr(ticket, field.attname)
    }
    assert changed <= {"priority", "version", "updated_at", "last_seq"}
    assert after.priority == "high"


@pytest.mark.django_db
def test_reply__customer_wrote_meanwhile__answers_409_with_text_kept(client: Client, agent: Staff) -> None:
    ticket = mail_ticket()
    answer(ticket, "It has just arrived, thank you")
    signed_in(client, agent)
    data = {"body": "We are looking into it.", "seen_seq": "1", "intent": "send"}
    stale = client.post(door(ticket, "reply"), data, **PARTIAL)
    assert stale.status_code == 409
    page = stale.content.decode()
    assert "It has just arrived" in page
    assert "We are looking into it." in page
    assert not OutboundMail.objects.exists()
    assert client.post(door(ticket, "reply"), {**data, "intent": "send_anyway"}, **PARTIAL).status_code == 200
    assert OutboundMail.objects.count() == 1


@pytest.mark.django_db
def test_reply__empty__answers_422(client: Client, agent: Staff) -> None:
    assert signed_in(client, agent).post(door(mail_ticket(), "reply"), {"body": "  "}, **PARTIAL).status_code == 422


@pytest.mark.django_db
def test_light_agent__may_note_but_not_reply(client: Client, light_agent: Staff) -> None:
    ticket = mail_ticket()
    signed_in(client, light_agent)
    assert client.post(door(ticket, "reply"), {"body": "x"}, **PARTIAL).status_code == 403
    assert client.post(door(ticket, "note"), {"body": "seen it before"}, **PARTIAL).status_code == 200
    assert ticket.messages.filter(kind="note").count() == 1
    assert AuditEntry.objects.filter(action="access.denied").exists() is True


@pytest.mark.django_db
def test_upload__then_reply__carries_the_file(client: Client, agent: Staff) -> None:
    ticket = mail_ticket()
    signed_in(client, agent)
    file = SimpleUploadedFile("shot.png", PNG, "image/png")
    assert client.post(door(ticket, "uploads"), {"file": file}).status_code == 201
    client.post(door(ticket, "reply"), {"body": "See the picture.", "seen_seq": "1"}, **PARTIAL)
    attachment = Attachment.objects.get(message__ticket=ticket)
    assert (attachment.stored.name, attachment.stored.content_type) == ("shot.png", "image/png")
    assert not Upload.objects.exists()


@pytest.mark.attack("C4")
@pytest.mark.django_db
def test_upload__too_large__is_refused_with_a_sentence(client: Client, agent: Staff, settings: Settings) -> None:
    settings.MAX_UPLOAD_BYTES = 10
    file = SimpleUploadedFile("big.bin", b"x" * 11)
    refused = signed_in(client, agent).post(door(mail_ticket(), "uploads"), {"file": file})
    assert refused.status_code == 413
    assert refused.json()["detail"]


@pytest.mark.django_db
def test_upload_remove__another_persons_file__is_404(client: Client, agent: Staff, lead: Staff) -> None:
    ticket = mail_ticket()
    signed_in(client, agent).post(door(ticket, "uploads"), {"file": SimpleUploadedFile("a.txt", b"a")})
    upload = Upload.objects.get()
    url = f"/desk/tickets/{ticket.public_id}/uploads/{upload.public_id}/remove/"
    assert signed_in(Client(), lead).post(url).status_code == 404


def with_file(name: str = "a.svg", payload: bytes = b"<svg onload='alert(1)'/>") -> tuple[Ticket, Attachment]:
    ticket = mail_ticket()
    replies.add(
        ticket=ticket,
        sender=requester(ticket.requester),
        channel="email",
        words=replies.Words(text="attached", html="<p>hello</p><img src='cid:one'><script>alert(1)</script>"),
        attached=[
            NewFile(name=name, content=payload),
            NewFile(name="i.png", content=PNG, content_id="one", is_inline=True),
        ],
    )
    return ticket, Attachment.objects.get(message__ticket=ticket, is_inline=False)


@pytest.mark.attack("C2")
@pytest.mark.django_db
def test_file__is_served_from_the_content_origin_only_as_a_download(
    client: Client, agent: Staff, settings: Settings
) -> None:
    ticket, attachment = with_file()
    signed_in(client, agent)
    path = content(client, f"/desk/tickets/{ticket.public_id}/files/{attachment.public_id}/", settings)
    served = content_client(settings).get(path)
    assert served.status_code == 200
    assert served.getvalue().startswith(b"<svg")
    assert served["Content-Disposition"].startswith("attachment")
    assert served["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in served["Content-Security-Policy"]
    assert AuditEntry.objects.filter(action="attachment.downloaded", object_id=attachment.public_id).count() == 1
    assert client.get(path).status_code == 404, "the site origin never serves user content"


@pytest.mark.django_db
def test_frame__html__is_sanitised_and_framed_only_by_us(client: Client, agent: Staff, settings: Settings) -> None:
    ticket, _attachment = with_file()
    signed_in(client, agent)
    path = content(client, f"/desk/tickets/{ticket.public_id}/frame/2/", settings)
    served = content_client(settings).get(path)
    page = served.content.decode()
    assert "<script" not in page
    policy = served["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline'; img-src ")
    assert f"frame-ancestors {settings.SITE_URL}" in policy
    image = re.search(r'src="([^"]+/c/[^"]+)"', page)
    assert image is not None
    picture = content_client(settings).get(image[1].removeprefix(settings.CONTENT_URL))
    assert (picture.status_code, picture["Content-Type"]) == (200, "image/webp")


@pytest.mark.attack("C3")
@pytest.mark.django_db
def test_content_link__session_ended_or_rights_lost_or_forged__is_404(
    client: Client, agent: Staff, lead: Staff, settings: Settings
) -> None:
    ticket, attachment = with_file()
    signed_in(client, agent)
    path = content(client, f"/desk/tickets/{ticket.public_id}/files/{attachment.public_id}/", settings)
    outside = content_client(settings)
    assert outside.get(path[:-3] + "abc").status_code == 404
    properties.move_to_team(ticket=ticket, to=TeamFactory.create(is_restricted=True), by=lead)
    assert outside.get(path).status_code == 404, "rights are read again at use"
    assert client.get(f"/desk/tickets/{ticket.public_id}/files/{attachment.public_id}/").status_code == 404


@pytest.mark.attack("C3")
@pytest.mark.django_db
def test_content_link__after_sign_out__is_404(client: Client, agent: Staff, settings: Settings) -> None:
    ticket, attachment = with_file()
    signed_in(client, agent)
    path = content(client, f"/desk/tickets/{ticket.public_id}/files/{attachment.public_id}/", settings)
    client.post("/sign-out/")
    assert content_client(settings).get(path).status_code == 404


@pytest.mark.attack("C3")
@pytest.mark.django_db
def test_content_link__older_than_a_minute__is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    link = content_links.link(session_pk=1, kind="file", target="abc").rpartition("/")[2]
    assert content_links.read(link).target == "abc"
    monkeypatch.setattr(content_links, "LIFE_S", -1)
    with pytest.raises(content_links.BadLinkError):
        content_links.read(link)


@pytest.mark.attack("C3")
@pytest.mark.django_db
def test_nested_ids__file_of_another_ticket__is_404(client: Client, agent: Staff) -> None:
    _ticket, attachment = with_file()
    other = mail_ticket(address="other@example.com")
    signed_in(client, agent)
    assert client.get(f"/desk/tickets/{other.public_id}/files/{attachment.public_id}/").status_code == 404


@pytest.mark.attack("B5")
@pytest.mark.django_db
def test_reply__template_syntax_in_text__stays_text(client: Client, agent: Staff) -> None:
    ticket = mail_ticket(text="{{ settings.SECRET_KEY }} {% debug %}", subject="{{ 7|add:7 }}")
    page = signed_in(client, agent).get(f"/desk/tickets/{ticket.public_id}/").content.decode()
    assert "{{ settings.SECRET_KEY }}" in page
    assert "{{ 7|add:7 }}" in page


@pytest.mark.attack("A4")
@pytest.mark.django_db
def test_timeline__third_party__is_marked_and_never_proven(client: Client, agent: Staff) -> None:
    ticket = mail_ticket()
    stranger = Sender(role="third_party", address="x@evil.example", customer=customer("x@evil.example"), name="Mina")
    answer(ticket, "please send my codes", sender=stranger)
    page = signed_in(client, agent).get(door(ticket, "timeline") + "?since=1").content.decode()
    assert "Somebody else wrote this." in page
    assert Message.objects.get(ticket=ticket, seq=2).public_seq is None


@pytest.mark.django_db
def test_spam__lead_releases_several_at_once__and_an_agent_cannot(client: Client, agent: Staff, lead: Staff) -> None:
    made = [mail_ticket(address=f"s{number}@example.com") for number in range(3)]
    for ticket in made:
        properties.set_spam(ticket=ticket, is_spam=True, by=agent)
    chosen = {"ticket": [ticket.public_id for ticket in made[:2]]}
    assert signed_in(client, agent).post("/desk/spam/release/", chosen).status_code == 403
    page = signed_in(client, lead).get("/desk/views/spam/").content.decode()
    assert page.count('name="ticket"') == 3
    assert client.post("/desk/spam/release/", chosen).status_code == 302
    assert set(Ticket.objects.filter(is_spam=True)) == {made[2]}


@pytest.mark.django_db
def test_message_language__is_corrected__and_only_to_a_known_one(client: Client, agent: Staff) -> None:
    ticket = mail_ticket()
    Message.objects.filter(ticket=ticket).update(language="en")
    url = f"/desk/tickets/{ticket.public_id}/messages/1/language/"
    assert "Deutsch" in signed_in(client, agent).get(url).content.decode()
    assert client.post(url, {"language": "tlh"}, **PARTIAL).status_code == 422
    assert client.post(url, {"language": "de"}, **PARTIAL).status_code == 200
    assert Message.objects.get(ticket=ticket, seq=1).language == "de"
    assert AuditEntry.objects.filter(action="message.language_changed").count() == 1


@pytest.mark.attack("C6")
@pytest.mark.django_db
def test_upload__har__loses_cookies_and_authorization(client: Client, agent: Staff) -> None:
    header = {"name": "Cookie", "value": "sid=topsecret"}
    har = {
        "log": {
            "version": "1.2",
            "entries": [{"request": {"method": "GET", "url": "https://x.example/", "headers": [header]}}],
        }
    }
    ticket = mail_ticket()
    file = SimpleUploadedFile("trace.har", json.dumps(har).encode())
    assert signed_in(client, agent).post(door(ticket, "uploads"), {"file": file}).status_code == 201
    assert b"topsecret" not in files.read(Upload.objects.get().file)


@pytest.mark.django_db
def test_upload__into_a_note__stays_with_the_note(client: Client, agent: Staff) -> None:
    ticket = mail_ticket()
    signed_in(client, agent)
    file = SimpleUploadedFile("internal.png", PNG, "image/png")
    assert client.post(door(ticket, "uploads"), {"file": file, "mode": "note"}).status_code == 201
    client.post(door(ticket, "reply"), {"body": "Hello", "seen_seq": "1"}, **PARTIAL)
    assert not Attachment.objects.exists()
    note = client.post(door(ticket, "note"), {"body": "Look"}, **PARTIAL)
    assert "internal.png" not in note.content.decode()
    assert Attachment.objects.get().message.kind == "note"


@pytest.mark.django_db
def test_upload__unknown_mode__is_refused(client: Client, agent: Staff) -> None:
    data = {"file": SimpleUploadedFile("a.txt", b"a"), "mode": "letter"}
    assert signed_in(client, agent).post(door(mail_ticket(), "uploads"), data).status_code == 400


@pytest.mark.django_db
def test_composer__files__stand_with_their_kind(client: Client, agent: Staff) -> None:
    ticket = mail_ticket()
    signed_in(client, agent)
    for mode in ("reply", "note"):
        client.post(door(ticket, "uploads"), {"file": SimpleUploadedFile(f"for {mode}.txt", b"a"), "mode": mode})
    page = client.get(f"/desk/tickets/{ticket.public_id}/").content.decode()
    of_reply, _list, of_note = page.partition('data-files="reply"')[2].partition('data-files="note"')
    assert "for reply.txt" in of_reply
    assert "for reply.txt" not in of_note
    assert "for note.txt" in of_note


@pytest.mark.django_db
def test_retry__clicked_twice__answers_409_with_the_message(client: Client, agent: Staff) -> None:
    ticket = mail_ticket()
    signed_in(client, agent).post(door(ticket, "reply"), {"body": "Hello", "seen_seq": "1"}, **PARTIAL)
    message = ticket.messages.get(kind="reply", direction="out")
    OutboundMail.objects.filter(message=message).update(state="failed")
    url = door(ticket, f"messages/{message.seq}/retry")
    assert client.post(url, **PARTIAL).status_code == 200
    again = client.post(url, **PARTIAL)
    assert again.status_code == 409
    assert f'id="m-{message.seq}"' in again.content.decode()


@pytest.mark.django_db
def test_timeline__people_in_copy__are_shown_masked(client: Client, agent: Staff) -> None:
    ticket = mail_ticket()
    replies.add(
        ticket=ticket,
        sender=requester(ticket.requester),
        channel="email",
        words=replies.Words(text="My lawyer reads along.", copied=("lawyer@firm.example",)),
    )
    page = signed_in(client, agent).get(door(ticket, "timeline") + "?since=1").content.decode()
    assert "l***@f***.example" in page
    assert "lawyer@firm" not in page
