"""How far a fund-related action is, in one word for code and one sentence for people, read from the rule's rows."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.core.exceptions import ObjectDoesNotExist
from django.db.models import DateTimeField, DurationField, ExpressionWrapper, F, QuerySet, Value
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Staff
from core import clock
from core.clock import DatabaseNow
from security.models import FundAction, FundOrder
from security.standings import ANSWER_HOLDS, APPROVAL_HOLDS, STAYS_OPEN

# What the exchange answers (docs/exchange-gateway.md), in words.
CODES: Mapping[str, object] = {
    "frozen": gettext_lazy("the account is frozen"),
    "balance": gettext_lazy("the balance is too small"),
    "limits": gettext_lazy("it is above a limit of the exchange"),
    "destination": gettext_lazy("the exchange does not accept the destination"),
    "state": gettext_lazy("what it is about is not in the state that this needs"),
    "not_fresh": gettext_lazy("the proof came too late"),
    "signature": gettext_lazy("the customer's proof was not accepted"),
    "attestation": gettext_lazy("our own proof was not accepted"),
    "hash": gettext_lazy("what was signed is something else"),
    "customer_mismatch": gettext_lazy("the account belongs to somebody else"),
    "denied": gettext_lazy("the customer says that it was not them"),
    "unknown_kind": gettext_lazy("the exchange does not know this kind of action"),
}


class State(StrEnum):
    """Where an action is."""

    COOLING = "cooling"
    WAITS_CUSTOMER = "waits_customer"
    WAITS_APPROVAL = "waits_approval"
    WAITS_BOTH = "waits_both"
    EXPIRED = "expired"
    DENIED = "denied"
    DECLINED = "declined"
    SENDING = "sending"
    EXECUTED = "executed"
    REFUSED = "refused"


# Names of tones are classes of badges; '' is the quiet one.
TONES = {
    State.COOLING: "tone-teal", State.WAITS_CUSTOMER: "tone-warn", State.WAITS_APPROVAL: "tone-warn",
    State.WAITS_BOTH: "tone-warn", State.SENDING: "tone-accent", State.EXECUTED: "tone-good", State.REFUSED: "tone-bad",
    State.DENIED: "tone-bad",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Progress:
    """How far one action is. `until` is when the waiting is over, or when the action runs out; times in UTC."""

    state: State
    sentence: str
    tone: str
    until: datetime | None = None
    detail: str = ""

    @property
    def is_open(self) -> bool:
        """Whether anything can still become of it."""
        return self.state in OPEN


OPEN = frozenset({State.COOLING, State.WAITS_CUSTOMER, State.WAITS_APPROVAL, State.WAITS_BOTH, State.SENDING})


def with_rows(actions: "QuerySet[FundAction]") -> "QuerySet[FundAction]":
    """Return the actions with the rows that `progress` reads, in four queries for any number."""
    related = ("requester", "customer", "order", "execution", "denial", "decline__staff")
    return actions.select_related(*related).prefetch_related("checks", "approvals", "draws__approver")


def progress(action: FundAction) -> Progress:
    """Return how far an action is."""
    order = _one(action, "order")
    if isinstance(order, FundOrder):
        return _of_order(order)
    if _one(action, "denial") is not None:
        return Progress(State.DENIED, _("The customer says: this was not me"), TONES[State.DENIED])
    if _one(action, "decline") is not None:
        return Progress(State.DECLINED, _("Declined by who was drawn"), "")
    now = clock.now()
    cooled_at = action.created_at + timedelta(seconds=action.cooling_off_s)
    ends_at = cooled_at + STAYS_OPEN
    if now > ends_at:
        return Progress(State.EXPIRED, _("Ran out before it was proven and approved"), "", ends_at)
    if now < cooled_at:
        return Progress(State.COOLING, _("Waiting time"), TONES[State.COOLING], cooled_at)
    return _missing(action, now, ends_at)


def reason(code: str) -> str:
    """Return what a code of the exchange's means."""
    return str(CODES.get(code, code))


def waiting_for(person: Staff) -> "QuerySet[FundAction]":
    """Return the actions that this person was drawn to approve and on which they can still decide."""
    waited = ExpressionWrapper(
        F("cooling_off_s") * Value(timedelta(seconds=1), output_field=DurationField()), output_field=DurationField()
    )
    ends_at = ExpressionWrapper(F("created_at") + waited + Value(STAYS_OPEN), output_field=DateTimeField())
    return (
        FundAction.objects.annotate(ends_at=ends_at)
        .filter(
            draws__approver=person,
            denial__isnull=True,
            decline__isnull=True,
            order__isnull=True,
            ends_at__gt=DatabaseNow(),
        )
        .exclude(approvals__approver=person)
    )


def drawn_for(person: Staff) -> "QuerySet[FundAction]":
    """Return every action that this person was ever drawn for."""
    return FundAction.objects.filter(draws__approver=person)


def _missing(action: FundAction, now: datetime, ends_at: datetime) -> Progress:
    is_proven = any(one.verified_at and one.verified_at > now - ANSWER_HOLDS for one in action.checks.all())
    is_approved = not action.needs_approval or any(
        one.approved_at > now - APPROVAL_HOLDS for one in action.approvals.all()
    )
    if is_proven:
        return Progress(State.WAITS_APPROVAL, _("Waits for the second person"), TONES[State.WAITS_APPROVAL], ends_at)
    if is_approved:
        return Progress(State.WAITS_CUSTOMER, _("Waits for the customer"), TONES[State.WAITS_CUSTOMER], ends_at)
    return Progress(
        State.WAITS_BOTH, _("Waits for the customer and the second person"), TONES[State.WAITS_BOTH], ends_at
    )


def _of_order(order: FundOrder) -> Progress:
    if order.state == FundOrder.State.EXECUTED:
        return Progress(State.EXECUTED, _("Carried out by the exchange"), TONES[State.EXECUTED], None, order.reference)
    if order.state == FundOrder.State.REFUSED:
        return Progress(State.REFUSED, _("Refused by the exchange"), TONES[State.REFUSED], None, reason(order.code))
    return Progress(State.SENDING, _("On its way to the exchange"), TONES[State.SENDING])


def _one(action: FundAction, name: str) -> object | None:
    try:
        found: object = getattr(action, name)
    except ObjectDoesNotExist:
        return None
    return found
