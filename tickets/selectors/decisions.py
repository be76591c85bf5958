"""Why somebody was given a ticket: the decisions as they were made, in the reader's words."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from accounts.models import Staff, Team
from accounts.permissions import Permission
from tickets.models import Decision, Ticket

SHOWN = 20
BY_METHOD: Final = {
    Team.Method.IDLE: _("Of those who were free they had been idle the longest."),
    Team.Method.ROUND_ROBIN: _("Of those who were free they had been given something the longest ago."),
    Team.Method.LEAST_LOADED: _("Of those who were free they had the least in hand, for their room."),
    Team.Method.WEIGHTED: _("Of those who were free they were furthest below their share."),
}
BY_REASON: Final = {"sticky": _("They had this customer's last ticket."), "alone": _("Nobody else was free.")}
# What spoke against a person, by the code that was written down.
AGAINST: Final = {
    "turn": _("Free, but it was not their turn"),
    "absent": _("Absent"),
    "offline": _("Offline"),
    "away": _("Away"),
    "on_call": _("On call"),
    "not_there": _("No desk open, or nobody at it"),
    "language": _("Does not have the language"),
    "language_level": _("Does not have the language well enough"),
    "skill": _("Lacks a skill that the topic asks for"),
    "off_shift": _("Not on shift"),
    "full": _("Has no room"),
    "ringing": _("Another chat was ringing there"),
    "asked_lately": _("Declined or missed it a moment before"),
    "had_it": _("Has had it before"),
    "chosen": _("Chosen"),
}


@dataclass(frozen=True, slots=True)
class CandidateShown:
    """One person who was looked at."""

    name: str
    is_chosen: bool
    why: str
    taken: int
    room: int


@dataclass(frozen=True, slots=True)
class DecisionShown:
    """One decision; `why` is empty where nobody was chosen."""

    kind: str
    name: str
    team: str
    why: str
    decided_at: datetime
    candidates: tuple[CandidateShown, ...]


def may_ask(ticket: Ticket, person: Staff) -> bool:
    """Whether `person` may read why: who has the ticket, and leads."""
    return ticket.assignee_id == person.pk or person.has(Permission.CHAT_LEAD)


def of_ticket(ticket: Ticket) -> list[DecisionShown]:
    """Return the last decisions on a ticket, the newest first, in two queries."""
    rows = list(Decision.objects.filter(ticket=ticket).select_related("staff", "team").order_by("-pk")[:SHOWN])
    wanted = {str(one["staff"]) for row in rows for one in row.candidates}
    names = dict(Staff.objects.filter(public_id__in=wanted).values_list("public_id", "name"))
    return [_shown(row, names) for row in rows]


def _shown(row: Decision, names: dict[str, str]) -> DecisionShown:
    is_choice = row.kind in {Decision.Kind.RUNG, Decision.Kind.GIVEN}
    why = BY_REASON.get(row.reason) or BY_METHOD.get(Team.Method(row.method)) if is_choice else ""
    return DecisionShown(
        row.get_kind_display(),
        row.staff.name if row.staff else "",
        row.team.name if row.team else "",
        str(why or ""),
        row.decided_at,
        tuple(_candidate(one, names) for one in row.candidates),
    )


def _candidate(one: dict[str, Any], names: dict[str, str]) -> CandidateShown:
    why = str(one["why"])
    name = names.get(str(one["staff"]), "")
    return CandidateShown(name, why == "chosen", str(AGAINST.get(why, why)), int(one["taken"]), int(one["room"]))
