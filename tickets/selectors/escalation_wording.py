"""What escalation says, in the reader's words."""

from collections.abc import Mapping
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import Staff
from tickets.escalation.vocabulary import Action, After, Cause, Outcome
from tickets.models import EscalationNotice, Ticket
from tickets.models.ticket import Priority
from tickets.sla.vocabulary import Metric

# {name} is whom or what the step names.
STEPS: Final = {
    Action.PAGE: gettext_lazy("Escalation paged {name}."),
    Action.MAIL: gettext_lazy("Escalation mailed {name}."),
    Action.PUSH: gettext_lazy("Escalation notified the devices of {name}."),
    Action.HOOK: gettext_lazy("Escalation told {name}."),
    Action.ON_CALL: gettext_lazy("Escalation called who is on call: {name}."),
    Action.PRIORITY: gettext_lazy("Escalation raised the priority: {name}."),
    Action.REASSIGN: gettext_lazy("Escalation gave the ticket to {name}."),
    Action.FOLLOW: gettext_lazy("Escalation made {name} follow the ticket."),
}
# What a step would do, for the dry run.
PLANS: Final = {
    Action.PAGE: gettext_lazy("Page {name}"),
    Action.MAIL: gettext_lazy("Mail {name}"),
    Action.PUSH: gettext_lazy("Notify the devices of {name}"),
    Action.HOOK: gettext_lazy("Tell {name}"),
    Action.ON_CALL: gettext_lazy("Call who is on call: {name}"),
    Action.PRIORITY: gettext_lazy("Raise the priority: {name}"),
    Action.REASSIGN: gettext_lazy("Reassign to {name}"),
    Action.FOLLOW: gettext_lazy("Add {name} as a follower"),
}
MORE: Final = {
    Outcome.HELD: gettext_lazy("Held until the quiet hours are over."),
    Outcome.GATHERED: gettext_lazy("Many tickets at once: gathered in one summary."),
}
AFTER: Final = {
    After.WARNED: gettext_lazy("after the warning"),
    After.BREACHED: gettext_lazy("after the breach"),
    After.PREVIOUS: gettext_lazy("after the step before, if nobody acknowledges"),
}


def step(data: Mapping[str, Any], names: Mapping[str, str]) -> str:
    """Say what a step of a timeline did; `names` are those of ids."""
    outcome, action = str(data.get("outcome")), Action(str(data.get("action")))
    named = _named(data, names)
    if outcome == Outcome.SKIPPED:
        return _("Escalation, step %(number)s (%(what)s): there was nothing to do, or nobody to tell.") % {
            "number": data.get("step"), "what": action.label,
        }  # fmt: skip
    if outcome == Outcome.FAILED:
        return _("Escalation, step %(number)s (%(what)s) failed; the next goes on.") % {
            "number": data.get("step"), "what": action.label,
        }  # fmt: skip
    said = str(STEPS[action]).format(name=named)
    more = MORE.get(Outcome(outcome))
    return f"{said} {more}" if more else said


def plan(action: str, name: str) -> str:
    """Say what a step would do."""
    return str(PLANS[Action(action)]).format(name=name or "–")


def cause(code: str, metric: str) -> str:
    """Say why a run began."""
    name = str(Metric(metric).label) if metric in Metric.values else metric
    if code == Cause.CUSTOMER:
        return _("The customer escalated.")
    if code == Cause.BREACHED:
        return _("Service level missed: %(promise)s.") % {"promise": name}
    return _("Service level about to be missed: %(promise)s.") % {"promise": name}


def subject(notice: EscalationNotice, person: Staff | None) -> str:
    """Say what a notice is about: a ticket by its number, or how many of those that `person` sees."""
    if notice.run is not None:
        return _("Escalation: ticket #%(number)s") % {"number": notice.run.ticket.number}
    seen = Ticket.objects.visible_to(person) if person else Ticket.objects.none()
    count = notice.storm.runs.filter(ticket__in=seen.values("pk")).count() if notice.storm else 0
    return ngettext("Escalation: %(count)d ticket", "Escalation: %(count)d tickets", count) % {"count": count}


def event(name: str, data: Mapping[str, Any], text: str, *, actor: str, names: Mapping[str, str]) -> str:
    """Say what an event of the timeline tells of escalation."""
    chain = names.get(str(data.get("chain")), "")
    if name == "escalation_step":
        return step(data, names)
    if name == "escalation_asked":
        return _("The customer escalated: “%(words)s”") % {"words": text}
    if name == "escalation_acknowledged":
        return _("%(name)s takes care of it: escalation stopped (%(chain)s).") % {"name": actor, "chain": chain}
    if name == "escalation_ended":
        return _("Escalation is not needed any more (%(chain)s).") % {"chain": chain}
    return _("Escalation began (%(chain)s).") % {"chain": chain}


def ids(data: Mapping[str, Any]) -> dict[str, set[str]]:
    """Return the ids that an event of escalation names, by what they are."""
    found = {name: {str(data[name])} for name in ("team", "hook", "chain") if data.get(name)}
    people = {one for one in str(data.get("people") or "").split(",") if one}
    return found | ({"staff": people} if people else {})


def _named(data: Mapping[str, Any], names: Mapping[str, str]) -> str:
    if priority := data.get("priority"):
        return str(Priority(priority).label) if priority in Priority.values else str(priority)
    wanted = [*str(data.get("people") or "").split(","), str(data.get("team") or ""), str(data.get("hook") or "")]
    return ", ".join(names.get(one, one) for one in wanted if one)
