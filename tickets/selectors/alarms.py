"""Alarms and parts of the system as the desk shows them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from core import heartbeat
from core.heartbeat import FULL, Pulse
from tickets.alarm_kinds import KINDS, OF_PEOPLE
from tickets.models import Alarm
from tickets.selectors.troubles import MAILBOX

HISTORY = 30
PARTS: dict[str, Any] = {
    "worker": _("Worker"),
    "beat": _("Scheduler"),
    "mail": _("Mail process"),
    "sockets": _("Socket server"),
    "sweeper": _("Sweeper"),
    "audit sealer": _("Sealing of the audit log"),
    "audit anchor": _("Anchoring of the audit log"),
    "audit chain": _("Verification of the audit log"),
    "fund rule": _("Comparison of the fund rule"),
    "fund rule proof": _("Proof of the fund rule"),
    "backup": _("Backup"),
}


@dataclass(frozen=True, slots=True)
class AlarmShown:
    """One alarm: the id of its section in docs/operations.md, and everything in words."""

    id: str
    kind: str
    section: str
    title: str
    meaning: str
    about: str
    detail: str
    is_grave: bool
    opened_at: datetime
    closed_at: datetime | None
    acknowledged_at: datetime | None
    acknowledged_by: str

    @property
    def about_person(self) -> bool:
        """Whether `about` is the id of one of our people, who can be shut out."""
        return self.kind in OF_PEOPLE


@dataclass(frozen=True, slots=True)
class PartShown:
    """One process, loop or mailbox: whether it is well and how many seconds ago it last said so."""

    name: str
    about: str
    is_ok: bool
    age_s: float | None
    detail: str


def going_on() -> list[AlarmShown]:
    """Open alarms: grave ones first, then the newest."""
    rows = Alarm.objects.open().select_related("acknowledged_by").order_by("-opened_at", "-pk")
    return sorted((_shown(alarm) for alarm in rows), key=lambda alarm: not alarm.is_grave)


def history() -> list[AlarmShown]:
    """The last alarms that are over, newest first."""
    rows = Alarm.objects.filter(closed_at__isnull=False).select_related("acknowledged_by")
    return [_shown(alarm) for alarm in rows.order_by("-closed_at", "-pk")[:HISTORY]]


def one(public_id: str) -> Alarm | None:
    """The alarm of this id."""
    return Alarm.objects.filter(public_id=public_id, opened_at__isnull=False).first()


def parts() -> list[PartShown]:
    """Every part that beats, what is unwell first."""
    shown = [_part(pulse) for pulse in heartbeat.pulses() if not pulse.name.startswith(FULL)]
    return sorted(shown, key=lambda part: part.is_ok)


def _part(pulse: Pulse) -> PartShown:
    is_mailbox = pulse.name.startswith(MAILBOX)
    name = _("Mailbox") if is_mailbox else PARTS.get(pulse.name, pulse.name)
    about = pulse.name.removeprefix(MAILBOX) if is_mailbox else ""
    return PartShown(str(name), about, pulse.is_ok, pulse.age_s, pulse.detail)


def _shown(alarm: Alarm) -> AlarmShown:
    kind = KINDS[alarm.kind]
    return AlarmShown(
        id=alarm.public_id,
        kind=alarm.kind,
        section=f"docs/operations.md#{alarm.kind}",
        title=str(kind.title),
        meaning=str(kind.meaning),
        about=alarm.about,
        detail=alarm.detail,
        is_grave=kind.is_grave,
        opened_at=alarm.opened_at or alarm.noticed_at,
        closed_at=alarm.closed_at,
        acknowledged_at=alarm.acknowledged_at,
        acknowledged_by=alarm.acknowledged_by.name if alarm.acknowledged_by else "",
    )
