"""One request of the provider, the addresses of the next, and how a call moves: what all steps of a call share."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from django.conf import settings
from django.urls import reverse

from core import audit
from tickets.channels.phone.client import SID
from tickets.models import PhoneCall, PhoneLine


@dataclass(frozen=True, slots=True)
class Asked:
    """One request of the provider: its form, and the query of its address, which is ours and signed."""

    line: PhoneLine
    step: str
    form: Mapping[str, str]
    query: Mapping[str, object]

    @property
    def sid(self) -> str:
        """The call; '' when there is no such id."""
        found = self.form.get("CallSid", "")
        return found if SID.match(found) else ""

    @property
    def key(self) -> str:
        """The key that was pressed."""
        return self.form.get("Digits", "")[:1]


def url_of(line: PhoneLine, step: str, **query: object) -> str:
    """Return the public address of a step."""
    path = reverse("phone", args=[line.public_id, step])
    return f"{settings.SITE_URL}{path}{'?' + urlencode(query) if query else ''}"


def next_url(call: PhoneCall, step: str, **more: object) -> str:
    """Return the address of a step that belongs to this turn of the call alone."""
    return url_of(call.line, step, n=call.turn, **more)


def record(action: str, call: PhoneCall) -> None:
    """Record what happened to a call."""
    audit.record(action, actor=audit.SYSTEM, obj=("phone_call", call.public_id))


def move(call: PhoneCall, to: str, **fields: object) -> None:
    """Move a call, whose row the caller holds; the database refuses what may not follow."""
    call.state = to
    for name, value in fields.items():
        setattr(call, name, value)
    PhoneCall.objects.filter(pk=call.pk).update(state=to, **fields)
    audit.record("phone.call_moved", actor=audit.SYSTEM, obj=("phone_call", call.public_id), detail={"to": to})
