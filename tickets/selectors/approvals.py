"""Fund-related actions as the second person and auditors see them: in words, with their state and their ticket."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from accounts.models import Staff
from security import fund_states, fund_words, standings
from security.addresses import NETWORKS, Canonical, check
from security.models import FundAction
from security.standings import Second, Stage
from tickets.models import Ticket
from tickets.selectors import trust
from tickets.selectors.people import customer_name
from tickets.selectors.trust import ActionShown

PAST, PAGE = 20, 50


@dataclass(frozen=True, slots=True)
class Listed:
    """One action in a list, whose it is, and the ticket if this person sees it."""

    action: ActionShown
    customer: str
    ticket: Ticket | None


@dataclass(frozen=True, slots=True)
class After:
    """Where an action stands that this person has approved and that is not carried out yet; times in UTC.

    `until` is when their approval ends to count, `closes_at` when the action does. `was_late` where the customer had
    proven themselves before, too long ago by then: they are asked anew.
    """

    until: datetime
    closes_at: datetime
    is_over: bool
    was_late: bool
    waits_for_customer: bool
    no_check_left: bool


def queue(person: Staff) -> dict[str, Any]:
    """Return what waits for `person`, the oldest first, and what they were drawn for before."""
    waiting = list(fund_states.with_rows(fund_states.waiting_for(person)).order_by("id"))
    past = fund_states.drawn_for(person).exclude(pk__in=[one.pk for one in waiting]).order_by("-id")[:PAST]
    return {"waiting": _listed(person, waiting), "past": _listed(person, fund_states.with_rows(past))}


def drawn(person: Staff, public_id: str) -> FundAction | None:
    """Return the action if `person` was drawn for it."""
    return fund_states.with_rows(fund_states.drawn_for(person)).filter(public_id=public_id).first()


def detail(person: Staff, action: FundAction) -> dict[str, Any]:
    """Return one action for who decides on it."""
    (listed,) = _listed(person, [action])
    checked = check(action.network, action.destination, action.tag) if action.network in NETWORKS else None
    return {
        "listed": listed,
        "title": fund_words.title(action),
        "lines": fund_words.lines(action),
        "notes": checked.notes if isinstance(checked, Canonical) else (),
        "can_decide": fund_states.waiting_for(person).filter(pk=action.pk).exists(),
        "cools": listed.action.progress.state is fund_states.State.COOLING,
        "after": _after(person, action) if listed.action.progress.is_open else None,
    }


def everything(person: Staff, before: int) -> dict[str, Any]:
    """Return a page of all actions, newest first, those with a key below `before`; 0 is the newest."""
    rows = fund_states.with_rows(FundAction.objects.order_by("-id"))
    found = list((rows.filter(pk__lt=before) if before else rows)[: PAGE + 1])
    following = found[PAGE - 1].pk if len(found) > PAGE else 0
    return {"listed": _listed(person, found[:PAGE]), "following": following}


def _after(person: Staff, action: FundAction) -> After | None:
    """Return where it stands after this person's yes; None before it, and once it is on its way."""
    if not any(one.approver_id == person.pk for one in action.approvals.all()):
        return None
    found = standings.of_action(action)
    if found.order is not None or found.second_until is None:
        return None
    return After(
        until=found.second_until,
        closes_at=found.closes_at,
        is_over=found.second is Second.STALE,
        was_late=found.answered_until is not None and found.stage is not Stage.ANSWERED,
        waits_for_customer=found.stage is Stage.OPEN,
        no_check_left=found.stage is Stage.USED_UP,
    )


def _listed(person: Staff, actions: Iterable[FundAction]) -> list[Listed]:
    actions = list(actions)
    keys = {action.ticket_id for action in actions if action.ticket_id}
    seen = {ticket.pk: ticket for ticket in Ticket.objects.visible_to(person).filter(pk__in=keys)} if keys else {}
    return [
        Listed(trust.shown(action), customer_name(action.customer), seen.get(action.ticket_id or 0))
        for action in actions
    ]
