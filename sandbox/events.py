"""What happens at the exchange and Pharos should know: signed events, sent again under the same id until taken."""

import hashlib
import http.client
import json
import secrets
import sqlite3
import time
from typing import Any

from sandbox import accounts, configuration, signing, storage, transport
from sandbox.pharos import base64url

TYPES = ("transfer.large", "device.new", "credential.changed")
AUDIENCE = "pharos-events"
TYPE = "exchange-event+jwt"
LIFE_S = 60
TAKEN = frozenset({200, 202})


def record(work: sqlite3.Connection, *, type_: str, account_id: str, data: dict[str, Any]) -> str:
    """Note that something happened; returns the event's id."""
    accounts.row(work, account_id)
    event_id = f"evt_{secrets.token_hex(12)}"
    body = {
        "id": event_id,
        "type": type_,
        "account_id": account_id,
        "occurred_at": storage.stamp(storage.now()),
        "data": data,
    }
    work.execute("INSERT INTO event (id, body) VALUES (?, ?)", (event_id, json.dumps(body, ensure_ascii=False)))
    return event_id


def waiting(work: sqlite3.Connection) -> list[str]:
    """Return the ids of events that were not taken yet, oldest first."""
    return [str(row[0]) for row in work.execute("SELECT id FROM event WHERE sent_at IS NULL ORDER BY rowid")]


def send(event_id: str) -> int:
    """Send one event and return the status of the answer, 0 when there was none."""
    with storage.reading() as work:
        row = work.execute("SELECT body FROM event WHERE id = ?", (event_id,)).fetchone()
        body = str(row["body"]).encode()
        token = _token(work, event_id, body)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    try:
        status = transport.send("POST", configuration.current().events_url, body=body, headers=headers).status
    except (OSError, http.client.HTTPException):
        return 0
    if status in TAKEN:
        with storage.work() as work:
            work.execute("UPDATE event SET sent_at = ? WHERE id = ?", (storage.stamp(storage.now()), event_id))
    return status


def _token(work: sqlite3.Connection, event_id: str, body: bytes) -> str:
    moment = int(time.time())
    claims = {
        "iss": configuration.current().issuer,
        "aud": AUDIENCE,
        "iat": moment,
        "exp": moment + LIFE_S,
        "jti": event_id,
        "bh": base64url(hashlib.sha256(body).digest()),
    }
    return signing.sign(work, claims, typ=TYPE)
