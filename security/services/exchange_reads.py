"""What the exchange says of a customer's account, read for the desk: masked, recorded, and never waited for."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import quote, urlencode

from django.utils.dateparse import parse_datetime

from accounts.masking import masked_text
from accounts.models import Customer, ExchangeAccount, Staff
from core import audit
from security.exchange import client
from security.exchange.client import Answer, ExchangeAway

__all__ = ["AccountShown", "ExchangeAway", "MovementShown", "NoAccountError", "Reading", "own_movements", "read"]

# A page waits for it, and the exchange may be slow: less than what moves money gets.
TIMEOUT_S = 2.0
MOST_MOVEMENTS = 20
LONGEST_HASH = 128
LONGEST_WORD = 120
ACCOUNT_FIELDS = ("state", "tier", "kyc_level", "hold_reason", "frozen_at", "factors")
MOVEMENT_FIELDS = ("amount", "state", "confirmations", "hold_reason", "hash", "destination")


class NoAccountError(Exception):
    """The customer has never come from the exchange, or it does not know the account any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountShown:
    """How an account stands: state, tier, how well its owner is known, why it is held, and how many factors it has."""

    state: str
    tier: str
    kyc_level: int
    hold_reason: str
    frozen_at: datetime | None
    factors: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MovementShown:
    """One deposit or withdrawal, with its hash and destination masked; confirmations so far of those needed."""

    kind: str
    asset: str
    network: str
    # Without an exponent and without zeros at its end.
    amount: str
    hash: str
    destination: str
    confirmations: int
    needed: int
    state: str
    hold_reason: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read: the account, and its latest movements, or those of the hash that was asked for."""

    account: AccountShown
    movements: Sequence[MovementShown]


def read(*, customer: Customer, by: Staff, digest: str = "") -> Reading:
    """Ask the exchange for the account of `customer`, with the movements of hash `digest`, or the latest twenty.

    That it was read is in the audit log before it is asked for. Raises NoAccountError, ExchangeAway (also for an answer
    that makes no sense).
    """
    account = ExchangeAccount.objects.filter(customer=customer).first()
    if account is None:
        raise NoAccountError
    audit.record_now(
        "exchange.account_read", actor=by.actor, obj=("customer", customer.public_id),
        fields=[*ACCOUNT_FIELDS, *MOVEMENT_FIELDS], detail={"by_hash": bool(digest)},
    )  # fmt: skip
    shown = _good(client.get(_path(account), timeout_s=TIMEOUT_S))
    movements = _movements(account, digest)
    with _as_its_contract_says():
        return Reading(_account(shown), movements)


def own_movements(*, customer: Customer, digest: str) -> Sequence[MovementShown]:
    """Ask the exchange what `customer`, who is signed in, has by hash `digest`; nothing when it knows none.

    Raises ExchangeAway.
    """
    account = ExchangeAccount.objects.filter(customer=customer).first()
    if account is None or not digest:
        return ()
    audit.record_now(
        "exchange.own_movements_read", actor=customer.actor, obj=("customer", customer.public_id),
        fields=[*MOVEMENT_FIELDS],
    )  # fmt: skip
    try:
        return _movements(account, digest)
    except NoAccountError:
        return ()


def _path(account: ExchangeAccount) -> str:
    return f"/accounts/{quote(account.account_id, safe='')}"


def _movements(account: ExchangeAccount, digest: str) -> Sequence[MovementShown]:
    query = f"?{urlencode({'hash': digest[:LONGEST_HASH]})}" if digest else ""
    listed = _good(client.get(f"{_path(account)}/transactions{query}", timeout_s=TIMEOUT_S))
    with _as_its_contract_says():
        return tuple(_movement(one) for one in listed["results"][:MOST_MOVEMENTS])


@contextmanager
def _as_its_contract_says() -> Iterator[None]:
    try:
        yield
    except (KeyError, TypeError, ValueError, InvalidOperation, AttributeError) as error:
        raise ExchangeAway("its answer is not what its contract says") from error


def _good(answer: Answer) -> Mapping[str, Any]:
    if answer.status == 404:
        raise NoAccountError
    if not answer.is_good:
        raise ExchangeAway(f"it answered {answer.status}")
    return answer.body


def _account(said: Mapping[str, Any]) -> AccountShown:
    return AccountShown(
        state=_word(said["state"]),
        tier=_word(said["tier"]),
        kyc_level=int(said["kyc_level"]),
        hold_reason=_word(said["hold_reason"]),
        frozen_at=_moment(said["frozen_at"]) if said["frozen_at"] else None,
        factors=len(said["factors"]),
    )


def _movement(said: Mapping[str, Any]) -> MovementShown:
    return MovementShown(
        kind=_word(said["kind"]),
        asset=_word(said["asset"]),
        network=_word(said["network"]),
        amount=_amount(said["amount"]),
        hash=_short(_word(said["hash"])),
        destination=masked_text(_word(said["destination"])) if said["destination"] else "",
        confirmations=int(said["confirmations"]),
        needed=int(said["needed"]),
        state=_word(said["state"]),
        hold_reason=_word(said["hold_reason"]),
        created_at=_moment(said["created_at"]),
    )


def _amount(said: object) -> str:
    found = Decimal(str(said)).normalize()
    if not found.is_finite():
        raise ValueError
    return f"{found:f}"


def _word(said: object) -> str:
    """Return a text, cut to what a line holds; nothing for what is not there."""
    if said is None:
        return ""
    if not isinstance(said, str):
        raise TypeError
    return said[:LONGEST_WORD]


def _short(digest: str) -> str:
    """Enough of a hash to compare it with one that the customer names."""
    return f"{digest[:8]}…{digest[-6:]}" if len(digest) > 20 else digest


def _moment(said: object) -> datetime:
    found = parse_datetime(said) if isinstance(said, str) else None
    if found is None or found.tzinfo is None:
        raise ValueError
    return found
