"""Names that want to be paths or programs, and files that want to be pages."""

import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.conf import settings as django_settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django import Settings

from accounts.models import Staff
from core import files
from core.models import StoredFile
from tests.cast import signed_in
from tests.factories.tickets import mail_ticket, requester
from tests.support.weak_files import WeakFiles
from tickets.models import Attachment, Message, Ticket
from tickets.services import replies
from tickets.services.senders import NewFile

NAMES = [
    ".htaccess",
    ".htaccess\u200b",
    ".ht\u2008access",
    ".user.ini",
    "shell.php",
    "shell.php\u200b",
    "shell.pht",
    "shell.phtml.",
    "shell.php\x00.png",
    "shell.php%00.png",
    "shell.php;.png",
    "shell.php::$DATA",
    "..\\..\\shell.php",
    "../../../../tmp/shell.php",
    "..%2f..%2fshell.php",
    "..%252f..%252fshell.php",
    "....//....//shell.php",
    "/etc/cron.d/x",
    "C:\\Windows\\win.ini",
    "CON",
    "con.png",
    "nul.",
    "invoice\u202egpj.exe",
    "a" * 400 + ".php",
    "photo.png ",
    "photo.png...",
    "\uff0e\uff0e\uff0fshell.php",
    "a\r\nSet-Cookie: x=1.png",
    'a"; filename="b.html',
    "<img src=x onerror=alert(1)>.png",
    "`id`.png",
    "$(id).png",
    "",
    ".",
    "..",
    "\u200b",
    "-rf",
    "~root",
]
SHAPE = re.compile(r"[0-9a-f]{2}/[0-9a-f]{2}/[0-9a-f]{36}")
PAGES = {
    "page.html": b"<!doctype html><html><script>alert(1)</script></html>",
    "picture.svg": b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
    "picture.png": b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
    "note.txt": b"<html><body onload=alert(1)>",
    "data.xml": b"<?xml version='1.0'?><x:script xmlns:x='http://www.w3.org/1999/xhtml'>alert(1)</x:script>",
    "paper.pdf": b"%PDF-1.4\n1 0 obj<</OpenAction<</S/JavaScript/JS(app.alert(1))>>>>endobj",
    "gif.js": b"GIF89a/*\x00*/=1;alert(1)",
    "code.js": b"alert(1)",
    "page.mht": b"MIME-Version: 1.0\nContent-Type: text/html\n\n<script>alert(1)</script>",
    "flash.swf": b"FWS\x09\x00\x00\x00\x00",
}


def sent_with(name: str, content: bytes = b"proof") -> Ticket:
    ticket = mail_ticket()
    replies.add(
        ticket=ticket,
        sender=requester(ticket.requester),
        channel="email",
        words=replies.Words(text="attached"),
        attached=[NewFile(name=name, content=content)],
    )
    return ticket


def download(client: Client, ticket: Ticket, row: Attachment, settings: Settings, *, preview: bool = False) -> object:
    query = "?preview=1" if preview else ""
    link = client.get(f"/desk/tickets/{ticket.public_id}/files/{row.public_id}/{query}")
    where = urlsplit(link["Location"])
    return Client(SERVER_NAME=urlsplit(settings.CONTENT_URL).hostname or "", raise_request_exception=False).get(
        where.path, HTTP_HOST=where.netloc
    )


@pytest.mark.attack("C1")
@pytest.mark.django_db
@pytest.mark.parametrize("door", ["mail", "upload"])
def test_store__every_bad_name__is_metadata_of_a_random_file(
    client: Client, agent: Staff, settings: Settings, tmp_path: Path, door: str
) -> None:
    settings.MEDIA_ROOT = str(tmp_path / "media")
    ticket = sent_with("proof.txt")
    signed_in(client, agent)
    for name in NAMES:
        if door == "mail":
            sent_with(name)
        elif name in {"", ".", ".."}:  # Django itself drops an upload that has no name
            continue
        else:
            kept = client.post(
                f"/desk/tickets/{ticket.public_id}/uploads/", {"file": SimpleUploadedFile(name, b"proof")}
            )
            assert kept.status_code in {201, 400, 413}
            if kept.status_code != 201:
                continue
        stored = StoredFile.objects.latest("pk")
        assert SHAPE.fullmatch(stored.storage_name)
        assert files.path(stored).is_file()
        assert stored.name
        assert not set(stored.name) & set('/\\\x00\r\n"<>|:*?`$;\u200b\u2008\u202e')
        assert not stored.name.startswith((".", "-", "~"))
        assert not stored.name.endswith((".", " "))
        assert stored.name.split(".")[0].upper() not in {"CON", "NUL", "PRN", "AUX"}
    # Nothing lies anywhere under a name of theirs, nothing lies outside, nothing can be executed.
    kept_files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(kept_files) >= len(NAMES) // 2
    assert all(SHAPE.fullmatch(str(path.relative_to(tmp_path / "media"))) for path in kept_files)
    assert all(path.stat().st_mode & 0o111 == 0 for path in kept_files)


@pytest.mark.attack("C1")
@pytest.mark.django_db
def test_download__every_bad_name__one_attachment_header(client: Client, agent: Staff, settings: Settings) -> None:
    signed_in(client, agent)
    for name in NAMES:
        ticket = sent_with(name)
        served = download(client, ticket, Attachment.objects.latest("pk"), settings)
        header = served["Content-Disposition"]  # type: ignore[index]
        assert header.startswith("attachment; filename"), name
        assert "\r" not in header
        assert "\n" not in header
        assert "Set-Cookie" not in served.headers  # type: ignore[attr-defined]
        assert served.getvalue() == b"proof"  # type: ignore[attr-defined]


@pytest.mark.attack("C1")
def test_media__lies_outside__whatever_a_web_server_serves() -> None:
    media = Path(django_settings.MEDIA_ROOT).resolve()
    served = [Path(django_settings.STATIC_ROOT), *map(Path, django_settings.STATICFILES_DIRS)]
    for folder in served:
        assert not media.is_relative_to(folder.resolve())
        assert not folder.resolve().is_relative_to(media)
    assert django_settings.MEDIA_URL in {"", "/"}


@pytest.mark.positive_control("C1")
@pytest.mark.parametrize("name", [".htaccess\u200b", "shell.php\u200b", "shell.php. ", "../../shell.php5"])
def test_weak_store__bad_name__lies_where_a_web_server_runs_it(tmp_path: Path, name: str) -> None:
    path = WeakFiles(tmp_path / "www" / "uploads").store(name, b"<?php")
    found = str(path.resolve().relative_to(tmp_path))
    assert found in {"www/uploads/.htaccess", "www/uploads/shell.php", "shell.php5"}


@pytest.mark.attack("C2")
@pytest.mark.django_db
@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("preview", [False, True])
def test_file__that_wants_to_be_a_page__is_saved_or_not_shown(
    client: Client, agent: Staff, settings: Settings, name: str, preview: bool
) -> None:
    ticket = sent_with(name, PAGES[name])
    signed_in(client, agent)
    served = download(client, ticket, Attachment.objects.get(), settings, preview=preview)
    headers = served.headers  # type: ignore[attr-defined]
    if preview:
        assert served.status_code == 404  # type: ignore[attr-defined]
    else:
        assert headers["Content-Disposition"].startswith("attachment")
        assert served.getvalue()  # type: ignore[attr-defined]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "script-src" not in headers["Content-Security-Policy"]
    assert not served.cookies  # type: ignore[attr-defined]
    assert Message.objects.filter(ticket=ticket).exists()
