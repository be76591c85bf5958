"""A customer's record as one archive that anybody checks without asking us: JSON, files, and our detached signature."""

import json
import tempfile
import zipfile
from collections.abc import Iterable, Sequence
from typing import IO, Any

from django.conf import settings

from accounts.models import Customer
from core import audit, clock, files
from core.models import StoredFile
from security.exchange import keys, signatures
from tickets.models import Attachment, Message, Ticket
from tickets.selectors import portal

FORMAT = "pharos record 1"
IN_MEMORY_BYTES = 4 * 1024 * 1024
README = """This is your record at our support, as it stood when you took it (issued_at in record.json).

record.json   every public message of the requests, with name, size and SHA-256 of each file
record.jws    our signature over the bytes of record.json (detached JWS, RFC 7515 and RFC 7797, Ed25519)
keys.json     the public key it is checked with; compare it with {keys}
files/        the files themselves, where this archive carries them

How to check it without us is written in docs/portal.md of the product; any JWS library that knows RFC 7797 does it.
"""


def archive(*, customer: Customer, tickets: Sequence[Ticket], carries_files: bool) -> IO[bytes]:
    """Return the open archive, at its beginning, of these requests of `customer`; recorded as a download.

    Without files it names them by hash only.
    """
    record = _record(customer, tickets, carries_files=carries_files)
    payload = json.dumps(record, ensure_ascii=False, indent=1, sort_keys=True).encode()
    made: IO[bytes] = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY_BYTES)  # noqa: SIM115 -- the answer closes it
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as box:
        box.writestr("record.json", payload)
        box.writestr("record.jws", signatures.detached(payload, kind=signatures.RECORD))
        box.writestr("keys.json", json.dumps(keys.published(), indent=1))
        box.writestr("README.txt", README.format(keys=f"{settings.SITE_URL}/.well-known/pharos-keys.json"))
        for path, file in _carried(tickets) if carries_files else ():
            box.write(files.path(file), path)
    audit.record(
        "record.downloaded",
        actor=customer.actor,
        obj=("customer", customer.public_id),
        detail={"requests": len(tickets), "files": carries_files},
    )
    made.seek(0)
    return made


def _record(customer: Customer, tickets: Sequence[Ticket], *, carries_files: bool) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "issued_by": settings.SITE_URL,
        "issued_at": clock.now().isoformat(),
        "customer": {"id": customer.public_id, "name": customer.name},
        "requests": [_request(ticket, carries_files=carries_files) for ticket in tickets],
    }


def _request(ticket: Ticket, *, carries_files: bool) -> dict[str, Any]:
    messages = portal.public_messages(ticket).order_by("public_seq")
    return {
        "id": ticket.public_id,
        "number": ticket.number,
        "subject": ticket.subject,
        "status": ticket.status,
        "opened_at": ticket.created_at.isoformat(),
        "messages": [_message(ticket, message, carries_files=carries_files) for message in messages],
    }


def _message(ticket: Ticket, message: Message, *, carries_files: bool) -> dict[str, Any]:
    is_withdrawn = message.withdrawn_at is not None
    return {
        "number": message.public_seq,
        "from": "customer" if message.direction == Message.Direction.IN else "support",
        "name": message.staff.name if message.staff else message.sender_name,
        "is_automated": message.sender_role == Message.SenderRole.BOT,
        "channel": message.channel,
        "at": message.created_at.isoformat(),
        "is_withdrawn": is_withdrawn,
        "text": message.text,
        "files": []
        if is_withdrawn
        else [
            _file(ticket, row, file, carries_files=carries_files)
            for row in message.attachments.all()
            if (file := row.kept_file)
        ],
    }


def _file(ticket: Ticket, row: Attachment, file: StoredFile, *, carries_files: bool) -> dict[str, Any]:
    found: dict[str, Any] = {
        "name": file.name,
        "content_type": file.content_type,
        "size": file.size,
        "sha256": file.sha256,
    }
    if carries_files and file.scan != file.Scan.INFECTED:
        found["path"] = _path(ticket, row, file)
    return found


def _path(ticket: Ticket, row: Attachment, file: StoredFile) -> str:
    """The name is safe already; the id keeps two of the same name apart."""
    return f"files/{ticket.number}/{row.public_id}-{file.name}"


def _carried(tickets: Iterable[Ticket]) -> Iterable[tuple[str, StoredFile]]:
    for ticket in tickets:
        for message in portal.public_messages(ticket).filter(withdrawn_at__isnull=True).order_by("public_seq"):
            for row in message.attachments.all():
                file = row.kept_file
                if file is not None and file.scan != file.Scan.INFECTED:
                    yield _path(ticket, row, file), file
