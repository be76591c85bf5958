"""Keys, codes, cards and cookies that customers send: masked before anybody sees them, downloads on record."""

import json
from urllib.parse import urlsplit

import pytest
from django.db import connection
from django.test import Client
from pytest_django import Settings

from accounts.models import Staff
from core import files
from core.models import AuditEntry
from tests.cast import signed_in
from tests.factories.tickets import mail_ticket, requester
from tests.integration.tickets.attacks.test_file_names import download
from tickets.models import Attachment, Ticket
from tickets.services import drafts, replies
from tickets.services.senders import NewFile

# Published test vectors; each with a part that must be found nowhere afterwards.
SECRETS = {
    "otpauth": ("otpauth://totp/Pharos:mina?secret=JBSWY3DPEHPK3PXP&issuer=Pharos", "JBSWY3DPEHPK3PXP"),
    "xprv": (
        "xprv9s21ZrQH143K3QTDL4LXw2F7HEK3wJUD2nW2nRk4stbPy6cq3jPPqjiChkVvvNKmPGJxWUtg6LnF5kejMRNNU3TGtRBeJgk33yuGBxrMPHi",
        "kejMRNNU3TGtRBeJgk33yuGBxrMPHi",
    ),
    "wif": ("5HueCGU8rMjxEXxiPuD5BDku4MkFqeZyd4dZ1jvhTVqvbTLvyTJ", "MkFqeZyd4dZ1jvhTVqvbTLvyTJ"),
    "bip39": ("legal winner thank year wave sausage worth useful legal winner thank yellow", "sausage"),
    "pan": ("4111 1111 1111 1111", "1111 1111"),
    "pan_dense": ("5555555555554444", "55555555"),
    "hex_key": (
        "private key: e9873d79c6d87dc0fb6a5778633389f4453213303da61f20bd67fc233aa33262",
        "e9873d79c6d87dc0fb6a5778633389f4",
    ),
    "bearer": ("Authorization: Bearer abcdefghij0123456789klmnop", "abcdefghij0123456789klmnop"),
}
HAR = {
    "log": {
        "version": "1.2",
        "entries": [
            {
                "request": {
                    "method": "GET",
                    "url": "https://pharos.test/?token=t0psecr3tt0psecr3t",
                    "headers": [
                        {"name": "Cookie", "value": "sid=live-session-0815"},
                        {"name": "Authorization", "value": "Bearer live-bearer-0815-abcdef"},
                        {"name": "Accept", "value": "text/html"},
                    ],
                    "cookies": [{"name": "sid", "value": "live-session-0815"}],
                },
                "response": {"headers": [{"name": "Set-Cookie", "value": "sid=next-session-0816; Secure"}]},
            }
        ],
    }
}
LIVE = ("live-session-0815", "live-bearer-0815", "next-session-0816")


def every_stored_word() -> str:
    """All text of every table of the desk, as the database holds it."""
    tables = (
        "tickets_ticket",
        "tickets_message",
        "tickets_draft",
        "accounts_customer",
        "core_storedfile",
        "core_auditentry",
    )
    words = []
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"SELECT string_agg(row_to_json(one)::text, ' ') FROM {table} one")  # noqa: S608 -- the tables above
            words.append(str(cursor.fetchone()[0]))
    return "\n".join(words)


def say(ticket: Ticket, text: str, *attached: NewFile, html: str = "") -> None:
    replies.add(
        ticket=ticket, sender=requester(ticket.requester), channel="email",
        words=replies.Words(text=text, html=html, quoted_text=f"> {text}"), attached=attached,
    )  # fmt: skip


@pytest.mark.attack("C6")
@pytest.mark.django_db
@pytest.mark.parametrize("kind", SECRETS)
def test_secret__in_every_field_and_file__rests_nowhere(client: Client, agent: Staff, kind: str) -> None:
    secret, part = SECRETS[kind]
    ticket = mail_ticket(subject=f"Help {secret}", text=f"I sent {secret} to you")
    say(ticket, secret, NewFile(name=f"{secret}.txt", content=secret.encode()), html=f"<p>{secret}</p>")
    for number, encoding in enumerate(("utf-8", "utf-16", "latin-1")):
        say(ticket, "see", NewFile(name=f"{number}.txt", content=f"kept: {secret}\n".encode(encoding)))
    drafts.save(ticket=ticket, author=agent, kind="reply", text=f"You wrote {secret}", version=0)
    replies.add_note(ticket=ticket, author=agent, text=secret)
    page = signed_in(client, agent).get(f"/desk/tickets/{ticket.public_id}/").content.decode()
    kept = every_stored_word()
    for row in Attachment.objects.select_related("file"):
        if row.position == 0 and row.stored.name[0].isdigit():
            content = files.read(row.stored)
            kept += content.decode("utf-16" if content[:2] in {b"\xff\xfe", b"\xfe\xff"} else "latin-1")
    assert part not in page
    assert part not in kept


@pytest.mark.attack("C6")
@pytest.mark.django_db
@pytest.mark.parametrize("name", ["trace.har", "trace.txt", "trace.json", "trace", "picture.png"])
@pytest.mark.parametrize("indent", [None, 2])
def test_har__under_any_name__has_no_live_session(name: str, indent: int | None) -> None:
    ticket = mail_ticket()
    say(ticket, "trace", NewFile(name=name, content=json.dumps(HAR, indent=indent).encode()))
    content = files.read(Attachment.objects.get().stored).decode()
    assert [word for word in LIVE if word in content] == []
    assert "text/html" in content


@pytest.mark.attack("C6")
@pytest.mark.django_db
def test_download__each_one__is_in_the_audit_log_by_the_files_id(
    client: Client, agent: Staff, lead: Staff, settings: Settings
) -> None:
    ticket = mail_ticket()
    say(ticket, "two", NewFile(name="a.txt", content=b"one"), NewFile(name="b.txt", content=b"two"))
    rows = list(Attachment.objects.order_by("pk"))
    for person, times in ((agent, 2), (lead, 1)):
        browser = signed_in(Client(), person)
        for row in rows * times:
            served = download(browser, ticket, row, settings)
            served.getvalue()  # type: ignore[attr-defined]
    for row in rows:
        logged = AuditEntry.objects.filter(action="attachment.downloaded", object_id=row.public_id)
        assert sorted(logged.values_list("actor_id", flat=True)) == sorted(
            [agent.public_id, agent.public_id, lead.public_id]
        )


@pytest.mark.attack("C6")
@pytest.mark.django_db
def test_download__asked_for_by_head_or_in_part__is_in_the_log_too(
    client: Client, agent: Staff, settings: Settings
) -> None:
    ticket = mail_ticket()
    say(ticket, "one", NewFile(name="a.txt", content=b"0123456789"))
    row = Attachment.objects.get()
    signed_in(client, agent)
    host = urlsplit(settings.CONTENT_URL).netloc
    path = urlsplit(client.get(f"/desk/tickets/{ticket.public_id}/files/{row.public_id}/")["Location"]).path
    for number, ask in enumerate((Client().head, Client().get), start=1):
        answer = ask(path, HTTP_HOST=host, headers={"Range": "bytes=0-3"})
        b"".join(answer)
        assert AuditEntry.objects.filter(action="attachment.downloaded", object_id=row.public_id).count() == number
