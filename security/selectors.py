"""What people see of their own security: sessions, codes left, tries left."""

from dataclasses import dataclass
from datetime import datetime

from accounts.models import Staff
from security.models import RecoveryCode, StaffSession, TotpDevice


@dataclass(frozen=True, slots=True)
class SessionShown:
    """One open session on the account page."""

    id: str
    device: str
    place: str
    created_at: datetime
    last_seen_at: datetime
    is_current: bool


@dataclass(frozen=True, slots=True)
class FactorState:
    """A person's second factor: since when it works, wrong tries so far, until when it is locked."""

    since: datetime | None
    failures: int
    locked_until: datetime | None


def own_sessions(person: Staff, current: StaffSession) -> list[SessionShown]:
    """Return a person's living sessions, the newest sign of life first."""
    return [
        SessionShown(
            id=session.public_id,
            device=session.browser,
            place=session.address or "",
            created_at=session.opened_at,
            last_seen_at=session.seen_at,
            is_current=session.pk == current.pk,
        )
        for session in StaffSession.objects.living().filter(staff=person).order_by("-seen_at")
    ]


def recovery_codes_left(person: Staff) -> int:
    """Return how many unused recovery codes a person has."""
    return RecoveryCode.objects.filter(staff=person, used_at__isnull=True).count()


def factor_state(person: Staff) -> FactorState:
    """Return the state of a person's authenticator."""
    device = TotpDevice.objects.filter(staff=person).first()
    if device is None:
        return FactorState(None, 0, None)
    return FactorState(device.confirmed_at, device.failures, device.locked_until)
