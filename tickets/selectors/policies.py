"""The policy of fund-related actions as the desk shows it: what holds, and what is on its way."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from accounts.models import Staff
from accounts.permissions import Permission
from core.clock import DatabaseNow
from security import fund_words, selectors
from security.models import FundPolicy, FundPolicyChange
from security.models.fund import Terms

PENDING = 50


@dataclass(frozen=True, slots=True)
class RowShown:
    """One row of the policy: from which amount of what, and its terms."""

    scope: str
    above: str
    terms: Terms


@dataclass(frozen=True, slots=True)
class KindShown:
    """A kind with its rows that hold now."""

    name: str
    rows: list[RowShown]


@dataclass(frozen=True, slots=True)
class ChangeShown:
    """A change that does not hold yet; `holds_from` once it is confirmed."""

    public_id: str
    kind: str
    row: RowShown
    change: FundPolicyChange
    holds_from: Any
    can_confirm: bool


def overview(person: Staff) -> dict[str, Any]:
    """Return what holds for each kind, and the pending changes, the newest first."""
    return {
        "kinds": _in_force(),
        "pending": [*_confirmed(), *_proposed(person)],
        "can_change": person.has(Permission.POLICY_CHANGE),
    }


def waiting(public_id: str) -> FundPolicyChange | None:
    """Return the change if it still waits for its second person."""
    return FundPolicyChange.objects.filter(public_id=public_id, confirmed_at__isnull=True).first()


def row_of(terms: Terms) -> RowShown:
    """Return one row in words."""
    return RowShown(terms.asset, fund_words.amount(terms.above) if terms.above else "", terms)


def _in_force() -> list[KindShown]:
    """The newest valid row for each kind, asset and amount is the one that holds."""
    key = ("kind", "asset", "above")
    # What an installation begins with is valid from -infinity, which Python cannot hold.
    found = FundPolicy.objects.filter(valid_from__lte=DatabaseNow()).order_by(*key, "-valid_from", "-id")
    rows: dict[str, list[RowShown]] = {name: [] for name in fund_words.KINDS}
    for policy in found.distinct(*key).defer("valid_from"):
        rows.setdefault(policy.kind, []).append(row_of(policy))
    return [KindShown(fund_words.kind_name(name), shown) for name, shown in rows.items()]


def _confirmed() -> Iterable[ChangeShown]:
    found = FundPolicy.objects.filter(valid_from__gt=DatabaseNow(), change__isnull=False)
    for policy in found.select_related("change__proposer", "change__confirmer").order_by("-id"):
        if policy.change is not None:
            yield _shown(policy.change, policy.valid_from, can_confirm=False)


def _proposed(person: Staff) -> Iterable[ChangeShown]:
    found = FundPolicyChange.objects.filter(confirmed_at__isnull=True).select_related("proposer").order_by("-id")
    changes = list(found[:PENDING])
    for change, can in zip(changes, selectors.may_confirm_policy(person=person, changes=changes), strict=True):
        yield _shown(change, None, can_confirm=can)


def _shown(change: FundPolicyChange, holds_from: Any, *, can_confirm: bool) -> ChangeShown:  # noqa: ANN401 -- a time or none
    kind = fund_words.kind_name(change.kind)
    return ChangeShown(change.public_id, kind, row_of(change), change, holds_from, can_confirm)
