"""What people see of security: sessions, codes and tries left, and what was signalled of a customer."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import connection
from django.db.models import Case, Value, When

from accounts.models import Customer, PushDevice, Staff
from core import clock
from core.clock import DatabaseNow
from security.models import (
    AntiPhishingPhrase,
    CustomerSession,
    ExchangeSignal,
    Freeze,
    FreezeOrder,
    FundPolicy,
    FundPolicyChange,
    RecoveryCode,
    SignalKind,
    StaffFactor,
    StaffSession,
    SupportLock,
    TotpDevice,
    TrainingCertificate,
)
from security.models.training import SOON

SIGNALS_DAYS = 30
MOST_SIGNALS = 20
SECOND_PERSON = """
SELECT core.fund_second_person(%s, proposer) FROM unnest(%s::bigint[]) WITH ORDINALITY AS each (proposer, place)
 ORDER BY place
"""


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
class TrainingShown:
    """Training for fund-related actions on the account page, when it is to be taken again."""

    until: datetime
    is_over: bool


@dataclass(frozen=True, slots=True)
class PasskeyShown:
    """One living passkey on the account page; `counts_from` while it does not count for funds yet."""

    id: str
    label: str
    is_device_bound: bool
    since: datetime
    counts_from: datetime | None


@dataclass(frozen=True, slots=True)
class FactorState:
    """A person's second factor: since when it works, wrong tries so far, until when it is locked."""

    since: datetime | None
    failures: int
    locked_until: datetime | None


def own_devices(person: Staff) -> list[PushDevice]:
    """Return the person's devices that show notifications, the newest first."""
    return list(PushDevice.objects.living().filter(staff=person).order_by("-created_at"))


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


def has_passkey(person: Staff) -> bool:
    """Whether a person has a living passkey."""
    return StaffFactor.objects.living().passkeys().filter(staff=person).exists()


def own_passkeys(person: Staff) -> list[PasskeyShown]:
    """Return a person's living passkeys, the oldest first."""
    rows = StaffFactor.objects.living().passkeys().filter(staff=person)
    counts_later = Case(When(counts_from__gt=DatabaseNow(), then="counts_from"))
    return [
        PasskeyShown(*row)
        for row in rows.values_list("public_id", "label", "is_device_bound", "enrolled_at", counts_later)
    ]


def training_ending(person: Staff) -> TrainingShown | None:
    """Return a person's latest training when it ends within 30 days or has ended; None when there is nothing to do."""
    standing = TrainingCertificate.objects.standing().filter(person=person).order_by("-valid_until")
    is_over = Case(When(valid_until__lte=DatabaseNow(), then=True), default=False)
    is_near = Case(When(valid_until__lte=DatabaseNow() + Value(SOON), then=True), default=False)
    until, over, near = standing.values_list("valid_until", is_over, is_near).first() or (None, False, False)
    return TrainingShown(until, over) if until and near else None


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
class SignalShown:
    """Something the exchange has signalled; of its ids the last four characters, and until when it raises the risk."""

    kind: str
    title: str
    asset: str
    reference: str
    occurred_at: datetime
    raised_until: datetime | None


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


def exchange_signals(customer: Customer) -> list[SignalShown]:
    """Return what the exchange has signalled of this customer in 30 days, the newest first, twenty at most."""
    found = ExchangeSignal.objects.filter(customer=customer).recent(SIGNALS_DAYS).order_by("-pk")[:MOST_SIGNALS]
    now = clock.now()
    return [
        SignalShown(
            kind=signal.kind,
            title=str(SignalKind(signal.kind).label),
            asset=signal.asset,
            reference=f"…{signal.reference[-4:]}" if signal.reference else "",
            occurred_at=signal.occurred_at,
            raised_until=signal.raised_until if signal.raised_until > now else None,
        )
        for signal in found
    ]


def risk_raised_until(customer: Customer) -> datetime | None:
    """Return until when everything asked for this customer is of high risk; None when nothing raises it."""
    raising = ExchangeSignal.objects.filter(customer=customer).raising()
    return raising.order_by("-raised_until").values_list("raised_until", flat=True).first()


def terms_for(*, kind: str, asset: str = "", amount: Decimal = Decimal(0)) -> FundPolicy | None:
    """Return the policy that an action asked for now would be under; the database decides again when it is."""
    found = FundPolicy.objects.filter(
        kind=kind, asset__in=(asset, ""), above__lte=amount, valid_from__lte=DatabaseNow()
    )
    # What an installation begins with is valid from -infinity, which Python cannot hold.
    return found.order_by("-asset", "-above", "-valid_from", "-id").defer("valid_from").first()


def may_confirm_policy(*, person: Staff, changes: Sequence[FundPolicyChange]) -> list[bool]:
    """Whether this person could be the second one of each; the database asks again when they are."""
    proposers = [change.proposer_id for change in changes]
    with connection.cursor() as cursor:
        cursor.execute(SECOND_PERSON, [person.pk, proposers])
        return [bool(can) for (can,) in cursor.fetchall()]


def freeze_of(customer: Customer) -> FreezeShown | None:
    """Return the freeze that holds for this customer."""
    found = Freeze.objects.filter(customer=customer, is_frozen=True, frozen_at__isnull=False).first()
    if found is None or found.frozen_at is None:
        return None
    order = FreezeOrder.objects.filter(customer=customer).order_by("-pk").first()
    return FreezeShown(found.frozen_at, order.state if order else "")
