"""What was asked for between form and step-up: kept in the session, so that a browser's second copy is nothing."""

import secrets
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from typing import Any

from django.http import HttpRequest

from accounts.models import Staff
from security.models import FundAction
from security.services.fund_actions import Asked, Begun
from tickets.models import Ticket

KEY, MOST = "fund_drafts", 5


@dataclass(slots=True)
class Draft:
    """One request that is not asked for yet; `values` are canonical, `typed` is what stood in the form."""

    ticket: str
    kind: str
    values: dict[str, str]
    typed: dict[str, str]
    notes: list[str] = field(default_factory=list)
    problem: str = ""
    # The action's public id and the step-up that was begun for it.
    begun: list[str] = field(default_factory=list)

    def asked(self, ticket: Ticket) -> Asked:
        """Return what is to be done."""
        given = dict(self.values)
        amount = Decimal(given.pop("amount", "0"))
        return Asked(kind=self.kind, customer=ticket.requester, amount=amount, **given)

    def action(self, ticket: Ticket, person: Staff) -> FundAction:
        """Return the action that it would become, for its words alone; never saved."""
        given: dict[str, Any] = dict(self.values)
        amount = Decimal(given.pop("amount", "0"))
        return FundAction(kind=self.kind, customer=ticket.requester, requester=person, amount=amount, **given)

    def step_up(self) -> Begun | None:
        """Return the step-up that was begun."""
        return Begun(self.begun[0], self.begun[1], {}) if self.begun else None


def keep(request: HttpRequest, draft: Draft, key: str = "") -> str:
    """Keep the draft, the newest few of them; return its key."""
    key = key or secrets.token_urlsafe(12)
    others = {name: kept for name, kept in request.session.get(KEY, {}).items() if name != key}
    newest = dict(list(others.items())[-(MOST - 1) :])
    request.session[KEY] = {**newest, key: asdict(draft)}
    return key


def find(request: HttpRequest, ticket: Ticket, key: str) -> Draft | None:
    """Return the draft of this ticket under `key`; none of one that is merged: it is asked for from the other."""
    kept = request.session.get(KEY, {}).get(key)
    is_here = kept is not None and kept["ticket"] == ticket.public_id and ticket.merged_into_id is None
    return Draft(**kept) if is_here else None


def drop(request: HttpRequest, key: str) -> None:
    """Forget a draft that was asked for."""
    request.session[KEY] = {name: kept for name, kept in request.session.get(KEY, {}).items() if name != key}
