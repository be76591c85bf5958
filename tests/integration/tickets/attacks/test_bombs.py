"""Small files that become large when they are opened: nothing here opens them."""

import io
import struct
import tracemalloc
import zipfile
import zlib
from collections.abc import Callable

import pytest
from django.test import Client
from pytest_django import Settings

from accounts.models import Staff
from core.models import StoredFile
from tests.cast import signed_in
from tests.factories.tickets import mail_ticket, requester
from tickets.models import Attachment
from tickets.services import replies
from tickets.services.senders import NewFile

MEGABYTE = 1024 * 1024
# What the desk may need beyond the file itself, whatever the file says that it holds.
ROOM = 48 * MEGABYTE
XXE = (
    b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">'
    b'<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;"><!ENTITY d SYSTEM "file:///etc/passwd">]><x>&c;&d;</x>'
)


def zipped(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as bundle:
        for name, content in members.items():
            bundle.writestr(name, content)
    return out.getvalue()


def nested_zip() -> bytes:
    """As 42.zip: each level holds the one below many times."""
    inner = zipped({"0.dat": bytes(8 * MEGABYTE)})
    for _ in range(4):
        inner = zipped({f"{number}.zip": inner for number in range(16)})
    return inner


def slipping_zip() -> bytes:
    return zipped({"../../../../etc/cron.d/x": b"* * * * * root id", "/etc/passwd": b"x", "..\\..\\win.ini": b"x"})


def sparse_zip() -> bytes:
    """A zip that says that it holds ten gigabytes."""
    raw = bytearray(zipped({"a.dat": b"x"}))
    at = raw.index(b"PK\x01\x02")
    struct.pack_into("<I", raw, at + 24, 0xFFFFFFF0)
    return bytes(raw)


def document(body: bytes) -> bytes:
    return zipped({"[Content_Types].xml": XXE, "word/document.xml": body, "_rels/.rels": XXE})


def flood(width: int, height: int) -> bytes:
    """A PNG that says it is huge, with nothing in it."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(64))) + chunk(b"IEND", b"")
    )


BOMBS: dict[str, Callable[[], bytes]] = {
    "42.zip": nested_zip,
    "slip.zip": slipping_zip,
    "sparse.zip": sparse_zip,
    "flat.docx": lambda: document(bytes(64 * MEGABYTE)),
    "xxe.docx": lambda: document(XXE),
    "laughs.xml": lambda: XXE,
    "laughs.svg": lambda: XXE.replace(b"<x>", b"<svg xmlns='http://www.w3.org/2000/svg'>").replace(b"</x>", b"</svg>"),
    "flood.png": lambda: flood(50_000, 50_000),
    "wide.png": lambda: flood(2_000_000, 1),
    "many.zip": lambda: zipped({f"{number}": b"" for number in range(5_000)}),
    "stream.gz": lambda: zlib.compress(bytes(64 * MEGABYTE), 9),
}


@pytest.mark.attack("C5")
@pytest.mark.django_db
@pytest.mark.timeout(240)
@pytest.mark.parametrize("name", BOMBS)
def test_store__bomb__is_kept_as_it_came_in_little_memory(name: str) -> None:
    content, ticket = BOMBS[name](), mail_ticket()
    tracemalloc.start()
    try:
        replies.add(
            ticket=ticket, sender=requester(ticket.requester), channel="email",
            words=replies.Words(text="attached"), attached=[NewFile(name=name, content=content)],
        )  # fmt: skip
        assert tracemalloc.get_traced_memory()[1] < ROOM
    finally:
        tracemalloc.stop()
    stored = StoredFile.objects.get()
    assert stored.size == len(content)


@pytest.mark.attack("C5")
@pytest.mark.django_db
@pytest.mark.timeout(240)
@pytest.mark.parametrize("name", BOMBS)
def test_preview__bomb__is_404_in_little_memory(client: Client, agent: Staff, settings: Settings, name: str) -> None:
    content, ticket = BOMBS[name](), mail_ticket()
    replies.add(
        ticket=ticket, sender=requester(ticket.requester), channel="email",
        words=replies.Words(text="attached"), attached=[NewFile(name=name, content=content)],
    )  # fmt: skip
    row = Attachment.objects.get()
    signed_in(client, agent)
    page = client.get(f"/desk/tickets/{ticket.public_id}/")
    assert page.status_code == 200
    link = client.get(f"/desk/tickets/{ticket.public_id}/files/{row.public_id}/?preview=1")["Location"]
    tracemalloc.start()
    try:
        host = settings.CONTENT_URL.partition("//")[2]
        answer = Client().get(link.removeprefix(settings.CONTENT_URL), HTTP_HOST=host)
        assert tracemalloc.get_traced_memory()[1] < ROOM
    finally:
        tracemalloc.stop()
    assert answer.status_code == 404
    assert b"root:" not in answer.content
