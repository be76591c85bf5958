"""Files of visitors: sent piece by piece, taken by a message, shown to their sender and the desk, and to nobody else."""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings as set_up
from django.test import Client
from pytest_django import Settings

from accounts.models import Staff
from core import files as stored_files
from core import rate_limits
from core.models import AuditEntry, StoredFile
from livechat.models import Visitor, VisitorUpload, VisitorUploadPart
from livechat.selectors import files as shown
from livechat.services import uploads
from tests.factories.livechat import ORIGIN, ChatInboxFactory, said, sent, started
from tests.support.pictures import png
from tickets import content_links
from tickets.models import Attachment, Message, Ticket
from tickets.services import errors, identity_documents, replies
from tickets.services.senders import NewFile, Sender

SEED = "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about"
PART = 256 * 1024


@pytest.fixture
def visitor(db: None) -> Visitor:
    return started()[0]


def frame(token: str) -> Client:
    return Client(headers={"origin": set_up.SITE_URL, "x-chat-origin": ORIGIN, "authorization": f"Bearer {token}"})


def post(client: Client, door: str, body: Any) -> Any:
    return client.post(f"/chat/site/{door}/", json.dumps(body), content_type="application/json")


def announce(client: Client, size: int, client_id: str = "file-0001", name: str = "proof.txt") -> Any:
    return post(client, "files", {"client_id": client_id, "name": name, "size": size})


def part(client: Client, start: int, content: bytes, client_id: str = "file-0001") -> Any:
    path = f"/chat/site/files/{client_id}/?start={start}"
    return client.generic("POST", path, content, content_type="application/octet-stream")


def test_file__in_pieces_with_a_gap_between__goes_on_where_it_was_left_off_and_is_whole(db: None) -> None:
    _visitor, token = started()
    client, content = frame(token), bytes(range(256)) * 2_000
    assert announce(client, len(content)).json() == {"received": 0, "size": len(content), "part": PART}
    assert part(client, 0, content[:PART]).json() == {"received": PART}
    # The answer was lost: the browser asks, or sends again and is told.
    assert announce(client, len(content)).json()["received"] == PART
    again = part(client, 0, content[:PART])
    assert (again.status_code, again.json()) == (409, {"received": PART})
    assert part(client, PART, content[PART:]).json() == {"received": len(content)}

    told = post(client, "say", {"client_id": "say-0001", "text": "", "files": ["file-0001"]})

    assert told.status_code == 201
    assert [one["name"] for one in told.json()["message"]["files"]] == ["proof.txt"]
    row = Attachment.objects.select_related("file").get()
    assert stored_files.read(row.stored) == content
    assert (VisitorUpload.objects.count(), VisitorUploadPart.objects.count()) == (0, 0)
    assert Ticket.objects.get().subject == "proof.txt"


def test_say__again_with_its_file__is_one_message_and_keeps_nothing_waiting(visitor: Visitor) -> None:
    sent(visitor, "file-1", b"proof")
    first = said(visitor, files=["file-1"])
    sent(visitor, "file-1", b"proof")
    assert said(visitor, files=["file-1"]).message.pk == first.message.pk
    assert VisitorUpload.objects.count() == 0
    assert Attachment.objects.count() == 1


def test_say__with_a_file_that_is_not_all_here__keeps_the_rest_and_says_nothing(visitor: Visitor) -> None:
    sent(visitor, "whole-one", b"proof")
    uploads.begin(visitor=visitor, client_id="half-one", name="b.txt", size=10)
    uploads.add_part(visitor=visitor, client_id="half-one", start=0, content=b"half")
    for named in (["whole-one", "half-one"], ["whole-one", "none"], ["whole-one", "whole-one", "none"]):
        with pytest.raises(errors.FilesVanished):
            said(visitor, files=named)
    assert (Message.objects.count(), VisitorUpload.objects.count()) == (0, 2)


def test_say__another_visitors_file__is_refused(visitor: Visitor) -> None:
    sent(visitor, "file-1", b"proof")
    with pytest.raises(errors.FilesVanished):
        said(started()[0], files=["file-1"])
    with pytest.raises(errors.FilesVanished):
        uploads.add_part(visitor=started()[0], client_id="file-1", start=5, content=b"")


def test_file__secret_in_its_text_and_name__is_masked_and_rests_nowhere_in_the_clear(visitor: Visitor) -> None:
    sent(visitor, "file-1", f"My words: {SEED}".encode(), name=f"{SEED}.txt")
    upload, kept = VisitorUpload.objects.get(), VisitorUploadPart.objects.get()
    assert "abandon" not in upload.name
    assert b"abandon" not in bytes(kept.content)
    row = said(visitor, files=["file-1"]).message.attachments.select_related("file").get()
    assert b"abandon" not in stored_files.read(row.stored)
    assert "abandon" not in row.stored.name


def test_file__after_the_desk_closed_the_ticket__goes_with_the_follow_up(visitor: Visitor) -> None:
    first = said(visitor)
    Ticket.objects.filter(pk=first.chat.ticket_id).update(status="closed")
    sent(visitor, "file-1", b"proof")
    second = said(visitor, "See here", "two", files=["file-1"])
    assert second.chat.pk != first.chat.pk
    assert second.message.attachments.count() == 1


@pytest.mark.attack("C4")
@pytest.mark.parametrize(("name", "value"), [("MAX_WAITING_FILES", 3), ("MAX_WAITING_BYTES", 18)])
def test_announce__more_than_one_visitor_may_keep__is_413_in_words(
    db: None, monkeypatch: pytest.MonkeyPatch, name: str, value: int
) -> None:
    monkeypatch.setattr(uploads, name, value)
    client = frame(started()[1])
    answers = [announce(client, 5, f"file-000{number}") for number in range(5)]
    assert [one.status_code for one in answers] == [201, 201, 201, 413, 413]
    assert "wait in unsent messages" in answers[-1].json()["detail"]
    assert post(client, "files/file-0000/remove", {}).status_code == 204
    assert announce(client, 5, "file-0009").status_code == 201
    assert announce(frame(started()[1]), 5).status_code == 201, "a quota is each visitor's own"


@pytest.mark.attack("C4")
def test_file__all_at_once__is_no_more_than_the_quota(
    clone_db: str, monkeypatch: pytest.MonkeyPatch, race: Callable[..., list[object]]
) -> None:
    monkeypatch.setattr(uploads, "MAX_WAITING_FILES", 3)
    visitor = started(ChatInboxFactory.create())[0]
    numbers = iter(range(8))

    def keep() -> bool:
        try:
            uploads.begin(visitor=visitor, client_id=f"file-{next(numbers)}", name="a.txt", size=1)
        except errors.TooMuchWaiting:
            return False
        return True

    assert race(*[keep] * 8).count(True) == 3


@pytest.mark.attack("C4")
def test_part__beyond_the_size_too_large_or_of_another_form__is_refused_in_words(db: None) -> None:
    client = frame(started()[1])
    assert announce(client, set_up.MAX_UPLOAD_BYTES + 1).status_code == 413
    assert announce(client, 5).status_code == 201
    assert announce(client, 6).status_code == 409
    assert part(client, 0, b"more than five").status_code == 413
    assert part(client, 0, b"x" * (PART + 1)).status_code == 413
    form = client.post("/chat/site/files/file-0001/?start=0", {"file": "x"})
    assert (form.status_code, form.json()["title"]) == (415, "wrong type")
    assert (
        client.generic(
            "POST", "/chat/site/files/file-0001/?start=-1", b"x", content_type="application/octet-stream"
        ).status_code
        == 400
    )
    assert part(client, 0, b"x", "file-none").status_code == 409
    assert VisitorUpload.objects.get().received == 0


@pytest.mark.attack("G3")
def test_part__more_than_the_minutes_share_of_an_address__is_429(db: None) -> None:
    client = frame(started()[1])
    announce(client, 5)
    for _call in range(set_up.CHAT_CALLS_PER_MIN["part"]):
        rate_limits.spend(scope="chat:part", who="127.0.0.1", limit=600)
    answer = part(client, 0, b"proof")
    assert (answer.status_code, int(answer.headers["Retry-After"]) > 0) == (429, True)


def test_file__that_the_scanner_refuses__is_told_and_gone(db: None, settings: Settings) -> None:
    settings.MALWARE_SCANNER = "tests.integration.livechat.test_files.refuses"
    client = frame(started()[1])
    announce(client, 4)
    answer = part(client, 0, b"EVIL")
    assert (answer.status_code, answer.json()["title"]) == (422, "file infected")
    assert VisitorUpload.objects.count() == 0
    assert AuditEntry.objects.filter(action="upload.refused").exists()


def refuses(content: bytes) -> bool:
    """A scanner: what is evil is not clean."""
    return b"EVIL" not in content


def test_tidy__file_that_nobody_took_within_a_day__is_dropped(
    visitor: Visitor, move_time: Callable[[timedelta], None]
) -> None:
    sent(visitor, "file-old", b"proof")
    move_time(timedelta(hours=25))
    sent(visitor, "file-new", b"proof")
    assert uploads.tidy() == 1
    assert [one.client_id for one in VisitorUpload.objects.all()] == ["file-new"]


def opened(link: str) -> Any:
    address = urlsplit(link)
    return Client().get(address.path, headers={"host": address.netloc})


def test_picture__of_visitor_and_agent__is_shown_to_this_visitor_by_links_of_a_minute(
    db: None, agent: Staff, move_time: Callable[[timedelta], None]
) -> None:
    visitor, token = started()
    sent(visitor, "file-1", png(40, 30), name="screen.png")
    ticket = said(visitor, "See", files=["file-1"]).chat.ticket
    replies.add(
        ticket=ticket,
        sender=Sender.of_staff(agent),
        channel="chat",
        words=replies.Words(text="And this"),
        attached=[NewFile(name="answer.png", content=png(20, 20)), NewFile(name="how.txt", content=b"Like so.")],
    )
    client = frame(token)
    files = [one for message in client.get("/chat/site/messages/").json()["messages"] for one in message["files"]]
    assert [one["name"] for one in files] == ["screen.png", "answer.png", "how.txt"]
    for one in files[:2]:
        picture = opened(one["preview"])
        assert (picture.status_code, picture.headers["Content-Type"]) == (200, "image/webp")
    assert files[2]["preview"] == ""

    link = client.get(f"/chat/site/attachments/{files[2]['id']}/").json()["url"]
    assert link.startswith(set_up.CONTENT_URL)
    saved = opened(link)
    assert saved.getvalue() == b"Like so."
    assert saved.headers["Content-Disposition"].startswith("attachment")
    assert AuditEntry.objects.filter(action="attachment.downloaded").exists()
    move_time(timedelta(seconds=61))
    assert opened(link).status_code == 404
    assert opened(files[0]["preview"]).status_code == 404


def test_link__of_another_visitor_a_note_or_one_whose_token_ended__opens_nothing(db: None, agent: Staff) -> None:
    visitor, token = started()
    sent(visitor, "file-1", png(4, 4), name="screen.png")
    told = said(visitor, files=["file-1"])
    row = told.message.attachments.get()
    other, others_token = started()
    note = replies.add_note(
        ticket=told.chat.ticket, author=agent, text="Ours", attached=[NewFile(name="a.png", content=png(4, 4))]
    )
    hidden = note.attachments.get()
    assert frame(others_token).get(f"/chat/site/attachments/{row.public_id}/").status_code == 404
    assert frame(token).get(f"/chat/site/attachments/{hidden.public_id}/").status_code == 404
    for session, target in ((other, row), (visitor, hidden)):
        for kind in (shown.FILE, shown.PREVIEW):
            link = content_links.link(session_pk=session.pk, kind=kind, target=target.public_id)
            assert opened(link).status_code == 404
    link = shown.link(visitor, row)
    Visitor.objects.filter(pk=visitor.pk).update(ended_at=visitor.started_at)
    assert opened(link).status_code == 404


def test_file__infected_afterwards__is_named_and_not_opened(visitor: Visitor) -> None:
    sent(visitor, "file-1", png(4, 4), name="screen.png")
    row = said(visitor, files=["file-1"]).message.attachments.get()
    link = shown.link(visitor, row)
    StoredFile.objects.filter(pk=row.stored.pk).update(scan="infected")
    assert opened(link).status_code == 404
    assert shown.of_visitor(visitor, row.public_id) is None


@pytest.mark.attack("C7")
def test_file__taken_for_an_identity_document__is_gone_for_its_sender_too(visitor: Visitor, agent: Staff) -> None:
    sent(visitor, "file-1", png(4, 4), name="passport.png")
    message = said(visitor, files=["file-1"]).message
    row = message.attachments.get()
    links = [content_links.link(session_pk=visitor.pk, kind=kind, target=row.public_id) for kind in
             (shown.FILE, shown.PREVIEW)]  # fmt: skip
    assert [one["name"] for one in shown.shown(visitor.pk, message, None)] == ["passport.png"]
    identity_documents.mark(message=message, files=[row.public_id], by=agent)
    assert shown.shown(visitor.pk, message, None) == []
    assert [opened(link).status_code for link in links] == [404, 404]
    assert shown.of_visitor(visitor, row.public_id) is None


def test_file__bytes_on_disk__are_those_of_the_message_alone(
    visitor: Visitor, settings: Settings, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT = str(tmp_path)
    sent(visitor, "file-1", b"proof")
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
    said(visitor, files=["file-1"])
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == 1
