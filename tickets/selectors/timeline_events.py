"""What a timeline's events say: somebody did something to the case, and whom or what it names."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Staff, Team
from tickets.models import EscalationChain, EscalationHook, Message, Topic
from tickets.selectors import escalation_wording, phone_wording, wording, work_wording

# Events that name somebody or something by id → what it is.
NAMED = {
    "assignee_changed": "staff",
    "team_changed": "team",
    "topic_changed": "topic",
    "fund_action": "staff",
    "chat_given_back": "staff",
    "assignment_taken_back": "staff",
    "assignment_given_back": "staff",
    "assignment_overflowed": "team",
    "phone_rang": "staff",
    "phone_conference": "staff",
    "phone_declined": "staff",
    "phone_not_taken": "staff",
    "hand_over_written": "staff",
    "snoozed": "staff",
    "hand_over_taken": "staff",
}
EVENT_ACTIONS = {
    "status_changed": "status",
    "priority_changed": "priority",
    "team_changed": "team",
    "topic_changed": "topic",
    "tags_changed": "tags",
    "language_changed": "language",
    "spam_changed": "spam",
    "mail_bounced": "bounced",
    "follow_up_opened": "linked",
    "same_mail_elsewhere": "linked",
    "reply_withdrawn": "withdrawn",
    "fund_action": "fund",
    **dict.fromkeys(wording.LINK_STEPS, "linked_by"),
}
# Those that say the same each time.
PLAIN = {
    "acknowledged": gettext_lazy("An automatic confirmation was sent."),
    "acknowledgement_withheld": gettext_lazy(
        "No automatic confirmation was sent: this address, or the desk, has sent its share."
    ),
    "mail_failed": gettext_lazy("The mail could not be delivered."),
    "post_failed": gettext_lazy("The message could not be delivered."),
    "guided_answered": gettext_lazy("The message answers what the form had left open."),
    "messages_stopped": gettext_lazy("The customer has asked to get no more messages here."),
    "messages_resumed": gettext_lazy("The customer may be written to again here."),
    "conversation_linked": gettext_lazy(
        "The customer linked the conversation to their account, signed in at the portal."
    ),
    "conversation_unlinked": gettext_lazy("The customer ended the link of the conversation to their account."),
}

# What such events say is a sentence of its own.
TOLD = ("chat_", "survey_", "assignment_", "sla_", "hand_over_", "ticket_", "snoozed", "woken")
STEPS: Final[Mapping[str, Callable[..., str]]] = {
    "assignment_": wording.assignment_step,
    "hand_over_": wording.hand_over_step,
    "ticket_": wording.link_step,
}
CHAT_EVENTS = {
    "message_taken_back": gettext_lazy("The customer took a message back."),
    "message_corrected": gettext_lazy("The customer corrected a message, and took it back later."),
}


@dataclass(frozen=True, slots=True)
class EventShown:
    """A system event in template terms."""

    action: str
    actor: str
    value: str
    text: str
    # Another case (a public id) that it is about, and which messages of it.
    other: str = ""
    seqs: str = ""
    # Whether the other was merged in by it, or this case begins with it.
    is_merged_in: bool = False
    is_begun_here: bool = False


def names_in(messages: list[Message]) -> dict[str, str]:
    """Look up the names that events refer to by id, in one query for each kind of thing, whatever their number."""
    wanted: dict[str, set[str]] = {name: set() for name in ("staff", "team", "topic", "hook", "chain")}
    for message in messages:
        target = message.event_data.get("to")
        if target and message.event in NAMED:
            wanted[NAMED[message.event]].add(target)
        if message.event.startswith("escalation_"):
            for kind, ids in escalation_wording.ids(message.event_data).items():
                wanted[kind] |= ids
    found: dict[str, str] = {}
    fields = {str(message.event_data.get("field")) for message in messages if message.event == "field_changed"}
    if fields:
        found |= work_wording.names_of(fields)
    if wanted["staff"]:
        found |= dict(Staff.objects.filter(public_id__in=wanted["staff"]).values_list("public_id", "name"))
    if wanted["team"]:
        found |= dict(Team.objects.filter(public_id__in=wanted["team"]).values_list("public_id", "name"))
    if wanted["topic"]:
        found |= dict(Topic.objects.filter(slug__in=wanted["topic"]).values_list("slug", "name"))
    if wanted["hook"]:
        found |= dict(EscalationHook.objects.filter(public_id__in=wanted["hook"]).values_list("public_id", "name"))
    if wanted["chain"]:
        found |= dict(EscalationChain.objects.filter(public_id__in=wanted["chain"]).values_list("public_id", "name"))
    return found


def shown(message: Message, names: dict[str, str]) -> EventShown:
    """Return an event in the language of now; `names` are those that it and others name by id."""
    data = message.event_data
    actor = message.staff.name if message.staff else ""
    target = str(data.get("to") or "")
    action = EVENT_ACTIONS.get(message.event, "other")
    text = ""
    if message.event == "assignee_changed":
        action = "assigned" if target else "unassigned"
    elif message.event == "tags_changed":
        target = " ".join([*(f"+{n}" for n in _listed(data, "added")), *(f"−{n}" for n in _listed(data, "removed"))])
    elif message.event == "files_left_out":
        text = _("Some files were left out: too many or too large. The original mail is kept.")
        if data.get("names"):
            text = f"{text} ({data['names']})"
    elif message.event in PLAIN:
        text = str(PLAIN[message.event])
    elif message.event == "mail_bounced" and not data.get("permanent", 1):
        action, text = "other", _("The mail is delayed; its server keeps trying.")
    elif message.event == "follow_up_opened":
        action, text = "other", _("A follow-up was opened.")
    elif message.event == "fund_action":
        text = wording.fund_step(data, actor=actor, approver=names.get(target, ""))
    elif message.event.startswith("phone_"):
        text = phone_wording.step(message.event, actor=actor, target=names.get(target, target))
    elif message.event in CHAT_EVENTS or message.event.startswith(TOLD):
        text = _chat_event(message, actor=actor, target=names.get(target, target))
    elif message.event.startswith((*work_wording.EVENTS, "escalation_")):
        say = escalation_wording.event if message.event.startswith("escalation_") else work_wording.step
        text = say(message.event, data, message.text, actor=actor, names=names)
    told = EventShown(action, actor, names.get(target, target), text)
    return _of_another(told, message) if action == "linked_by" else told


def _of_another(told: EventShown, message: Message) -> EventShown:
    other, seqs = (str(message.event_data.get(name) or "") for name in ("ticket", "seqs"))
    event = message.event
    return replace(
        told, other=other, seqs=seqs, is_merged_in=event == "ticket_merged_in", is_begun_here=event == "ticket_split"
    )


def _chat_event(message: Message, *, actor: str, target: str) -> str:
    """Say what happened in a chat, what the customer said of it afterwards, how a ticket left somebody, a promise."""
    if message.event.startswith(("snoozed", "woken")):
        return wording.snooze_step(message.event, message.event_data, actor=actor, target=target, reason=message.text)
    for beginning, step in STEPS.items():
        if message.event.startswith(beginning):
            return step(message.event, actor=actor, target=target)
    if message.event.startswith("sla_"):
        return wording.sla_step(message.event, str(message.event_data.get("metric") or ""))
    if message.event.startswith("survey_"):
        return wording.survey_step(message.event, message.event_data)
    if message.event == "chat_proactive":
        return _("The visitor answers our message on the site: “%(words)s”") % {"words": message.text}
    if message.event not in CHAT_EVENTS:
        actor = actor or str(message.event_data.get("bot") or "")
        return wording.chat_step(message.event, actor=actor, target=target)
    if message.event == "message_corrected" and message.text:
        return _("The customer corrected a message. Before, it said: “%(words)s”") % {"words": message.text}
    return str(CHAT_EVENTS[message.event])


def _listed(data: dict[str, Any], name: str) -> list[str]:
    return [word for word in str(data.get(name) or "").split(",") if word]
