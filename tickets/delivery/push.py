"""Telling a device by web push (RFC 8030): a body that only its browser opens, and no word of a customer in it.

Only lease columns, and how it went with the device, are written here.
"""

import json
from email.utils import parseaddr

import structlog
from django.conf import settings
from django.utils import translation

from accounts.models import PushDevice
from core import web_push
from core.clock import DatabaseNow
from security.delivery.freezes import pause_s
from tickets.delivery import outside
from tickets.delivery.outside import Answer, NotTold
from tickets.models import PushMessage
from tickets.selectors import push_words

LEASE_S = 30
MAX_TRIES = 12
# For how long a push service keeps what a device does not fetch.
LIFE_S = {"escalation": 60 * 60, "swap": 24 * 60 * 60, "ticket": 12 * 60 * 60, "trial": 60}
GONE = frozenset({404, 410})
TOO_LARGE = 413
# What asking again does not change.
FINAL = frozenset({400, 401, 403, 405, 415, 422})
Kind, State = PushMessage.Kind, PushMessage.State
CALM = frozenset({Kind.SWAP, Kind.TICKET})

log = structlog.get_logger(__name__)


def deliver(pk: int) -> None:
    """Send one message, if it is due, nobody else is at it and somebody still needs it."""
    row = PushMessage.claim_row(pk, lease_s=LEASE_S)
    if row is None or row.lease_token is None:
        return
    device = PushDevice.objects.living().select_related("staff").filter(pk=row.device_id).first()
    if device is None or not settings.PUSH_KEY or not push_words.is_needed(row):
        _settle(row, State.DROPPED)
        return
    try:
        answer = outside.post(device.endpoint, *_request(row, device), inside=settings.PUSH_INSIDE_HOSTS)
    except NotTold as why:
        _not_told(row, device, str(why), is_final=why.is_final)
    except ValueError:
        _not_told(row, device, "Its key is none.", is_final=True)
    else:
        _answered(row, device, answer)


def _request(row: PushMessage, device: PushDevice) -> tuple[bytes, dict[str, str]]:
    """Return body and headers. Raises ValueError for a browser's key that is none."""
    with translation.override(device.staff.locale):
        said = push_words.shown(row, device.staff)
    text = json.dumps({"title": said.title, "body": said.body, "path": said.path, "tag": said.tag}, ensure_ascii=False)
    body = web_push.sealed(text.encode(), browser_key=device.browser_key, auth=device.auth)
    contact = f"mailto:{parseaddr(settings.SYSTEM_MAIL_FROM)[1]}"
    return body, {
        "Authorization": web_push.authorization(device.endpoint, contact=contact),
        "Content-Encoding": "aes128gcm",
        "Content-Type": "application/octet-stream",
        "TTL": str(LIFE_S[row.kind]),
        # What is not fetched yet is replaced by a later one of the same.
        "Topic": said.tag,
        "Urgency": "normal" if row.kind in CALM else "high",
        "User-Agent": "Pharos",
    }


def _answered(row: PushMessage, device: PushDevice, answer: Answer) -> None:
    if answer.is_good:
        PushDevice.note_used(device.pk)
        _settle(row, State.SENT)
        return
    why = f"It answered {answer.status}."
    if answer.status in GONE:
        PushDevice.note_failed(device.pk, why, is_gone=True)
        _settle(row, State.FAILED, why)
        return
    is_final = answer.status in FINAL or (answer.status == TOO_LARGE and answer.wait_s is None)
    _not_told(row, device, why, is_final=is_final, wait_s=answer.wait_s or 0.0)


def _not_told(row: PushMessage, device: PushDevice, why: str, *, is_final: bool, wait_s: float = 0.0) -> None:
    log.warning("push_not_told", push=row.public_id, reason=why)
    PushDevice.note_failed(device.pk, why)
    if is_final or row.attempts >= MAX_TRIES:
        _settle(row, State.FAILED, why)
    elif row.lease_token is not None:
        again_s = max(pause_s(row.attempts), wait_s)
        PushMessage.settle(row.pk, row.lease_token, state=State.QUEUED, error=why, retry_in_s=again_s)


def _settle(row: PushMessage, state: str, error: str = "") -> None:
    if row.lease_token is not None:
        PushMessage.settle(row.pk, row.lease_token, state=state, error=error, settled_at=DatabaseNow())
