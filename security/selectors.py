"""What people see of their own security: sessions, codes left, tries left."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from accounts.models import Customer, Staff
from core.clock import DatabaseNow
from security.models import (
    AntiPhishingPhrase,
    CustomerSession,
    Freeze,
    FreezeOrder,
    FundPolicy,
    RecoveryCode,
    StaffSession,
    SupportLock,
    TotpDevice,
)


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


@dataclass(frozen=True, slots=True)
class FreezeShown:
    """A freeze that holds: since when with us, and how far the exchange is (a FreezeOrder.State, or nothing)."""

    since: datetime
    at_exchange: str


def portal_sessions(current: CustomerSession) -> list[SessionShown]:
    """Return the living sessions of this session's customer, the newest sign of life first."""
    living = CustomerSession.objects.living().filter(customer=current.customer_id).order_by("-seen_at")
    return [
        SessionShown(
            id=session.public_id,
            device=session.browser,
            place=session.address or "",
            created_at=session.opened_at,
            last_seen_at=session.seen_at,
            is_current=session.pk == current.pk,
        )
        for session in living
    ]


def anti_phishing_phrase(customer: Customer) -> str:
    """Return the customer's own words, or nothing."""
    row = AntiPhishingPhrase.objects.filter(customer=customer).first()
    return row.phrase if row else ""


def support_locked_until(customer: Customer) -> datetime | None:
    """Return until when support may change nothing for this customer; None when it may."""
    lock = SupportLock.objects.filter(customer=customer, until__gt=DatabaseNow()).first()
    return lock.until if lock else None


def terms_for(*, kind: str, asset: str = "", amount: Decimal = Decimal(0)) -> FundPolicy | None:
    """Return the policy that an action asked for now would be under; the database decides again when it is."""
    found = FundPolicy.objects.filter(
        kind=kind, asset__in=(asset, ""), above__lte=amount, valid_from__lte=DatabaseNow()
    )
    # What an installation begins with is valid from -infinity, which Python cannot hold.
    return found.order_by("-asset", "-above", "-valid_from", "-id").defer("valid_from").first()


def freeze_of(customer: Customer) -> FreezeShown | None:
    """Return the freeze that holds for this customer."""
    found = Freeze.objects.filter(customer=customer, is_frozen=True, frozen_at__isnull=False).first()
    if found is None or found.frozen_at is None:
        return None
    order = FreezeOrder.objects.filter(customer=customer).order_by("-pk").first()
    return FreezeShown(found.frozen_at, order.state if order else "")
