"""Asking who saw what is seen itself; and the answer as one signed archive."""

import json
import tempfile
import zipfile
from dataclasses import asdict
from typing import IO, Any

from django.conf import settings

from core import audit, clock
from core.audit import Actor
from security.exchange import keys, signatures
from tickets.selectors.who_saw import Answer

FORMAT = "pharos who saw 1"
IN_MEMORY_BYTES = 4 * 1024 * 1024
README = """Who saw what of whom, out of the audit log of a support desk, as it stood at issued_at.

who-saw.json   what was asked, and every entry: its place in the audit log, when, who, what, of which customer
who-saw.jws    our signature over the bytes of who-saw.json (detached JWS, RFC 7515 and RFC 7797, Ed25519)
keys.json      the public key it is checked with; compare it with {keys}

It carries ids and names of fields, never what was in them, and the reasons that were given.
"""


def asked(answer: Answer, *, by: Actor) -> None:
    """Record that somebody asked who saw what."""
    audit.record("who_saw.asked", actor=by, obj=(_kind(answer), answer.public_id), detail=_period(answer))


def archive(answer: Answer, *, by: Actor) -> IO[bytes]:
    """Return the answer as an open archive, at its beginning, with our detached signature; recorded as an export."""
    payload = json.dumps(_told(answer), ensure_ascii=False, indent=1, sort_keys=True).encode()
    made: IO[bytes] = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY_BYTES)  # noqa: SIM115 -- the answer closes it
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as box:
        box.writestr("who-saw.json", payload)
        box.writestr("who-saw.jws", signatures.detached(payload, kind=signatures.WHO_SAW))
        box.writestr("keys.json", json.dumps(keys.published(), indent=1))
        box.writestr("README.txt", README.format(keys=f"{settings.SITE_URL}/.well-known/pharos-keys.json"))
    detail = {**_period(answer), "rows": len(answer.seen)}
    audit.record("who_saw.exported", actor=by, obj=(_kind(answer), answer.public_id), detail=detail)
    made.seek(0)
    return made


def _kind(answer: Answer) -> str:
    return "staff" if answer.kind == "agent" else "customer"


def _period(answer: Answer) -> dict[str, Any]:
    return {"since": answer.since.isoformat(), "until": answer.until.isoformat()}


def _told(answer: Answer) -> dict[str, Any]:
    count, digest = audit.head()
    groups = [
        {name: value for name, value in asdict(group).items() if name != "name"}
        | {"first_at": group.first_at.isoformat(), "last_at": group.last_at.isoformat()}
        for group in answer.groups
    ]
    return {
        "format": FORMAT,
        "issued_by": settings.SITE_URL,
        "issued_at": clock.now().isoformat(),
        "chain": {"links": count, "head": digest},
        "asked": {answer.kind: answer.public_id, **_period(answer)},
        "customers" if answer.kind == "agent" else "people": groups,
        "seen": [{**asdict(one), "at": one.at.isoformat()} for one in answer.seen],
    }
