"""Keeping the register of official channels, and taking reports of those who pose as us."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Staff
from core import audit
from security import contact_points
from security.models import ChannelReport, OfficialChannel
from security.models.official import ChannelKind
from security.redaction import redact

State = OfficialChannel.State
MAX_OPEN_REPORTS = 1000


def add(*, kind: str, value: str, by: Staff | None, state: str = State.OFFICIAL, note: str = "") -> OfficialChannel:
    """Put a channel into the register. Raises ValidationError when the text names none or it stands there already."""
    canonical = canonical_of(kind=kind, value=value)
    with transaction.atomic():
        row, is_new = OfficialChannel.objects.get_or_create(
            kind=kind,
            canonical=canonical,
            defaults={"value": value.strip(), "state": state, "note": note, "added_by": by},
        )
        if not is_new:
            raise ValidationError(_("This channel stands in the register already."))
        _record("added", row, by, {"kind": kind, "state": state})
    return row


def change(*, channel: OfficialChannel, by: Staff, state: str, note: str) -> None:
    """Say that a channel is ours no longer, or that it poses as us; what it is never changes."""
    with transaction.atomic():
        fields = [name for name, value in (("state", state), ("note", note)) if getattr(channel, name) != value]
        if not fields:
            return
        OfficialChannel.objects.filter(pk=channel.pk).update(state=state, note=note)
        audit.record(
            "official_channel.changed",
            actor=by.actor,
            obj=("official_channel", channel.public_id),
            fields=fields,
            detail={"state": state},
        )


def report(*, value: str, told: str, kind: str = "") -> ChannelReport | None:
    """Keep what somebody says poses as us, secrets masked; None when it is known, names nothing, or too many wait."""
    found = contact_points.read(value, kind=kind)
    if found is None or ChannelReport.objects.filter(state="open")[:MAX_OPEN_REPORTS].count() >= MAX_OPEN_REPORTS:
        return None
    same = {"kind": found.kind, "canonical": found.canonical[:400]}
    with transaction.atomic():
        if ChannelReport.objects.filter(state="open", **same).exists():
            return None
        row = ChannelReport.objects.create(
            **same, value=redact(value.strip()).text[:320], told=redact(told.strip()).text[:1000]
        )
        audit.record(
            "channel_report.made",
            actor=audit.ANONYMOUS,
            obj=("channel_report", row.public_id),
            detail={"kind": found.kind},
        )
    return row


def settle(*, found: ChannelReport, by: Staff, is_true: bool) -> bool:
    """Confirm a report, so that everybody who asks is told, or dismiss it. False when somebody has done it before."""
    state = ChannelReport.State.CONFIRMED if is_true else ChannelReport.State.DISMISSED
    with transaction.atomic():
        if not ChannelReport.objects.filter(pk=found.pk, state=ChannelReport.State.OPEN).update(state=state):
            return False
        audit.record(f"channel_report.{state}", actor=by.actor, obj=("channel_report", found.public_id))
        if is_true:
            row, is_new = OfficialChannel.objects.get_or_create(
                kind=found.kind,
                canonical=found.canonical,
                defaults={"value": found.value, "state": State.REPORTED, "added_by": by},
            )
            if is_new:
                _record("added", row, by, {"kind": row.kind, "state": row.state})
    return True


def canonical_of(*, kind: str, value: str) -> str:
    """Return how a channel of the register is compared. Raises ValidationError when it is not of this kind."""
    found = contact_points.read(value, kind=kind)
    kinds = {ChannelKind.DOMAIN, ChannelKind.LINK} if kind == ChannelKind.LINK else {kind}
    if found is None or found.kind not in kinds or (kind == ChannelKind.PHONE and found.canonical[:1] != "+"):
        raise ValidationError(_("This is not of that kind. Numbers need their country's code."))
    return found.canonical


def _record(what: str, row: OfficialChannel, by: Staff | None, detail: dict[str, audit.Detail]) -> None:
    actor = by.actor if by else audit.SYSTEM
    audit.record(f"official_channel.{what}", actor=actor, obj=("official_channel", row.public_id), detail=detail)
