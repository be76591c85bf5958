"""A small PBX for tests: it signs what it tells as docs/channels/cti.md says."""

import json
import secrets

from django.test import Client
from django.urls import reverse

from core.clock import now
from tickets.channels.phone import cti
from tickets.models import PhoneLine

SECRET = secrets.token_hex(20)


def told(line: PhoneLine, *, stamp: str = "", signed: str | None = None, **said: object) -> tuple[int, str]:
    """Tell something of a call; returns status and answer."""
    raw = json.dumps(said).encode()
    stamp = stamp or str(int(now().timestamp()))
    headers = {cti.TIMESTAMP: stamp, cti.SIGNATURE: cti.signature(SECRET, stamp, raw) if signed is None else signed}
    path = reverse("cti", args=[line.public_id])
    answer = Client(enforce_csrf_checks=True).post(path, raw, content_type="application/json", headers=headers)
    return answer.status_code, answer.content.decode()
