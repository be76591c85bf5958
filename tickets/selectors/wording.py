"""What processes wrote down in English, in the words of the person who reads it."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from security import fund_states, fund_words
from tickets.models.snooze import WokenBy
from tickets.sla.vocabulary import Metric

# Why a mail waits for review, by the code kept with it.
REASONS: Final = {
    "from_missing": _("No sender address"),
    "from_twice": _("More than one sender header"),
    "from_several": _("More than one sender"),
    "from_group": _("The sender is a group"),
    "from_ambiguous": _("Two addresses in one sender"),
    "from_syntax": _("The sender cannot be read"),
    "from_hidden_characters": _("Hidden characters in the sender's address"),
    "from_encoded_address": _("The sender's address is encoded"),
    "from_domain": _("The sender's domain is not a valid name"),
    "header_too_large": _("The header is too large"),
    "too_many_headers": _("Too many header fields"),
    "too_many_parts": _("Too many parts"),
    "too_deep": _("Nested too deeply"),
    "too_large": _("The mail is too large"),
    "too_large_decoded": _("Too large once unpacked"),
    "left_on_server": _("Too large: left on its server"),
    "too_slow": _("Reading took too long"),
    "out_of_memory": _("Reading needed too much memory"),
    "parser_failure": _("Reading failed"),
    "empty": _("The mail is empty"),
    "utf7": _("Written in UTF-7, which is not accepted"),
    "reader_died": _("Reading crashed or hung"),
    "worker_died": _("Handling ended its process"),
    "failed": _("Handling failed"),
    "too_many": _("Too many tickets from one address"),
    "challenge": _("Asks to prove an address, or carries a sign-in code"),
    "bulk": _("Newsletter or list mail"),
    "auto_reply": _("Automatic reply"),
    "our_own_mail": _("Another sender under a Message-ID of ours"),
    "from_our_own_address": _("Says it is from us, but it is not a mail that we sent"),
    "loop": _("Carries the mark of our automatic mails"),
    "read_receipt": _("Receipt"),
    "report_of_unknown_mail": _("Delivery report about a mail that is not ours"),
    "unverified_report": _("Delivery report that no mail server vouches for"),
}
# An explanation that says more than its reason: it names a figure or an error.
MEASURED: Final = re.compile(r"\b\d+ |\(")
# What happened to a fund-related action; what the exchange answered has more words.
FUND_STEPS: Final = {
    "requested": _("%(actor)s asked for a fund-related action: %(kind)s"),
    "drawn": _("%(approver)s was drawn to approve: %(kind)s"),
    "check_begun": _("The customer is asked to prove themselves: %(kind)s"),
    "check_passed": _("The customer has proven themselves: %(kind)s"),
    "approved": _("%(actor)s approved: %(kind)s"),
    "declined": _("%(actor)s declined: %(kind)s"),
    "denied": _("The customer says that this was not them, and is frozen: %(kind)s"),
    "executed": _("Proven and approved, sent to the exchange: %(kind)s"),
}
# How cases came to belong together; which they are stands beside, for whoever may see them.
LINK_STEPS: Final = {
    "ticket_linked": _("%(actor)s linked this ticket with another."),
    "ticket_unlinked": _("%(actor)s took the link to another ticket away."),
    "ticket_merged": _("%(actor)s merged this ticket into another."),
    "ticket_merged_in": _("%(actor)s merged another ticket into this one."),
    "ticket_unmerged": _("%(actor)s undid the merge: this ticket goes on by itself."),
    "ticket_unmerged_out": _("%(actor)s undid a merge: the other ticket goes on by itself."),
    "ticket_split": _("%(actor)s split this ticket off another."),
    "ticket_split_off": _("%(actor)s split another ticket off this one."),
}
# How sending went, by our own sentence; what a server answered is shown as it is.
OUTCOMES: Final = {
    "Kept in the demo postbox.": pgettext_lazy("delivery", "Kept in the demo postbox."),
    "This mailbox names no outgoing mail server.": pgettext_lazy(
        "delivery", "This mailbox names no outgoing mail server."
    ),
    "The outgoing mail server's name is not a host name.": pgettext_lazy(
        "delivery", "The outgoing mail server's name is not a host name."
    ),
    "Sending this mail has ended its process several times.": pgettext_lazy(
        "delivery", "Sending this mail has ended its process several times."
    ),
    "The mail server does not offer STARTTLS: nothing was sent.": pgettext_lazy(
        "delivery", "The mail server does not offer STARTTLS: nothing was sent."
    ),
    "The mail server refuses STARTTLS: nothing was sent.": pgettext_lazy(
        "delivery", "The mail server refuses STARTTLS: nothing was sent."
    ),
    "The mail server offers no sign-in that we know.": pgettext_lazy(
        "delivery", "The mail server offers no sign-in that we know."
    ),
    "The customer has blocked the bot or deleted their account.": pgettext_lazy(
        "delivery", "The customer has blocked the bot or deleted their account."
    ),
    "Telegram does not know this chat any more.": pgettext_lazy(
        "delivery", "Telegram does not know this chat any more."
    ),
    "Telegram refuses the bot's token.": pgettext_lazy("delivery", "Telegram refuses the bot's token."),
    "The time in which this customer may be answered is over.": pgettext_lazy(
        "delivery", "The time in which this customer may be answered is over."
    ),
    "This customer cannot be reached: they have left, blocked us or do not take such messages.": pgettext_lazy(
        "delivery", "This customer cannot be reached: they have left, blocked us or do not take such messages."
    ),
    "Meta refuses the account's access token.": pgettext_lazy("delivery", "Meta refuses the account's access token."),
    "The file is too large for this channel.": pgettext_lazy("delivery", "The file is too large for this channel."),
    "This account names no phone number of Meta's.": pgettext_lazy(
        "delivery", "This account names no phone number of Meta's."
    ),
    "X refuses the account's keys or tokens.": pgettext_lazy("delivery", "X refuses the account's keys or tokens."),
    "The application at X may not do this: look at its permissions.": pgettext_lazy(
        "delivery", "The application at X may not do this: look at its permissions."
    ),
    "This person takes no messages from us at X, or does not let us answer.": pgettext_lazy(
        "delivery", "This person takes no messages from us at X, or does not let us answer."
    ),
    "X says that the same words are there already: an earlier sending has arrived, or they were said before.": (
        pgettext_lazy(
            "delivery",
            "X says that the same words are there already: an earlier sending has arrived, or they were said before.",
        )
    ),
    "The post that this answers is not there any more.": pgettext_lazy(
        "delivery", "The post that this answers is not there any more."
    ),
    "X takes pictures only: JPEG, PNG, GIF or WebP of at most 5 MB.": pgettext_lazy(
        "delivery", "X takes pictures only: JPEG, PNG, GIF or WebP of at most 5 MB."
    ),
    "Files are not sent where everybody can read.": pgettext_lazy(
        "delivery", "Files are not sent where everybody can read."
    ),
    "Discord refuses the bot's token.": pgettext_lazy("delivery", "Discord refuses the bot's token."),
    "This person takes no direct messages from us at Discord, or shares no server with us any more.": pgettext_lazy(
        "delivery", "This person takes no direct messages from us at Discord, or shares no server with us any more."
    ),
    "The bot may not write in this channel at Discord: look at its permissions.": pgettext_lazy(
        "delivery", "The bot may not write in this channel at Discord: look at its permissions."
    ),
    "Discord takes no more in this conversation for the moment.": pgettext_lazy(
        "delivery", "Discord takes no more in this conversation for the moment."
    ),
    "This customer has asked to get no more messages.": pgettext_lazy(
        "delivery", "This customer has asked to get no more messages."
    ),
    "An SMS carries no files.": pgettext_lazy("delivery", "An SMS carries no files."),
    "The SMS provider refuses the account's token.": pgettext_lazy(
        "delivery", "The SMS provider refuses the account's token."
    ),
    "The SMS provider does not let this account send from its number.": pgettext_lazy(
        "delivery", "The SMS provider does not let this account send from its number."
    ),
    "This number cannot be reached by SMS.": pgettext_lazy("delivery", "This number cannot be reached by SMS."),
    "The network of this number has filtered the message out.": pgettext_lazy(
        "delivery", "The network of this number has filtered the message out."
    ),
    "This account may not send to the country of this number.": pgettext_lazy(
        "delivery", "This account may not send to the country of this number."
    ),
    "The SMS was not delivered.": pgettext_lazy("delivery", "The SMS was not delivered."),
    "This account is switched off.": pgettext_lazy("delivery", "This account is switched off."),
    "Sending this message has ended its process several times.": pgettext_lazy(
        "delivery", "Sending this message has ended its process several times."
    ),
}


# Steps of a chat on its timeline: what was done; {name} is who did it, {to} to whom it went.
CHAT_STEPS: Final = {
    "chat_ended": _("The customer ended the chat."),
    "chat_accepted": _("{name} took the chat."),
    "chat_transferred": _("{name} handed the chat over to {to}."),
    "chat_taken_over": _("{name} took the chat over."),
    "chat_wrapped_up": _("{name} ended the chat and wrapped it up."),
    "chat_mailed": _("The customer had left: what they had not read went out by mail."),
    "chat_transcript": _("The customer asked for the transcript by mail."),
    "chat_transcript_sent": _("{name} sent the customer the transcript by mail."),
    "chat_bot_handed_over": _("{name} handed the chat over to people."),
    "chat_abuse_warned": _("{name} warned the customer because of abuse."),
    "chat_abuse_handed_over": _("The chat was handed over to a lead because of abuse."),
    "chat_abuse_ended": _("{name} ended the chat because of abuse."),
    "chat_abuse_lifted": _("{name} lets the customer begin conversations again."),
    "chat_given_back": _("{to} has left: the chat rings again."),
}
# How a ticket left somebody, or a team: {name} is who did it, {to} who had it, or the team that has it now.
ASSIGNMENT_STEPS: Final = {
    "assignment_passed_on": _("{name} passed the ticket on to the next."),
    "assignment_taken_back": _("Nothing was done in time: the ticket was taken back from {to}."),
    "assignment_given_back": _("{to} has left: the ticket was given back unanswered."),
    "assignment_overflowed": _("Nobody took it in time: {to} has it now."),
}


def chat_step(event: str, *, actor: str, target: str) -> str:
    """Return what happened to a chat, in a sentence."""
    if event == "chat_transcript" and actor:
        event = "chat_transcript_sent"
    return str(CHAT_STEPS.get(event, "")).format(name=actor, to=target)


def assignment_step(event: str, *, actor: str, target: str) -> str:
    """Return how a ticket left somebody, in a sentence."""
    return str(ASSIGNMENT_STEPS[event]).format(name=actor, to=target)


def link_step(event: str, *, actor: str, target: str) -> str:
    """Say how a case came to belong to another, or no longer does; the other is named by nobody who may not see it."""
    return str(LINK_STEPS[event]) % {"actor": actor, "target": target}


def hand_over_step(event: str, *, actor: str, target: str) -> str:
    """Return that a hand-over note was written, for whom, or that somebody has taken over, in a sentence."""
    if event == "hand_over_taken":
        sentence = _("{name} took over what {to} had handed over.")
    else:
        sentence = _("{name} hands the ticket over to {to}.") if target else _("{name} hands the ticket over.")
    return str(sentence).format(name=actor, to=target)


def snooze_step(event: str, data: Mapping[str, Any], *, actor: str, target: str, reason: str) -> str:
    """Say until when a case was put to sleep, from whose queues and why; or why it is awake again."""
    if event == "woken":
        why = str(data.get("why"))
        name = WokenBy(why).label if why in WokenBy.values else why
        return gettext("The case is awake again: %(why)s.") % {"why": str(name)}
    until = timezone.localtime(datetime.fromisoformat(str(data["until"])))
    values = {"actor": actor, "owner": target, "until": date_format(until, "SHORT_DATETIME_FORMAT"), "reason": reason}
    sentence = gettext("%(actor)s put the case to sleep for %(owner)s until %(until)s.")
    return (f"{sentence} {gettext('Why: %(reason)s')}" if reason else sentence) % values


def survey_step(event: str, data: Mapping[str, Any]) -> str:
    """Say that a survey was mailed, how the customer rated a resolution, or what they changed that to."""
    if event == "survey_mailed":
        return gettext("The customer is asked by mail how we helped.")
    if "before" in data:
        sentence = gettext("The customer changed their rating: %(rating)s of 5, before %(before)s of 5.")
    else:
        sentence = gettext("The customer rated how we helped: %(rating)s of 5.")
    return sentence % data


def sla_step(event: str, metric: str) -> str:
    """Say that a promise is about to be missed, or was."""
    name = Metric(metric).label if metric in Metric.values else metric
    sentence = (
        gettext("Service level missed: %(promise)s.")
        if event == "sla_breached"
        else gettext("Service level about to be missed: %(promise)s.")
    )
    return sentence % {"promise": name}


def reason(code: str, explanation: str) -> str:
    """Name the reason in the reader's language; an unknown one by its explanation, or by its code."""
    return str(REASONS.get(code, "")) or explanation or code


def reason_detail(code: str, explanation: str) -> str:
    """Return what is worth reading below the reason, as it was written down."""
    if code not in REASONS:
        return code
    return explanation if MEASURED.search(explanation) else ""


def outcome(detail: str) -> str:
    """Return our own sentence about a delivery in the reader's language, anything else as it is."""
    return str(OUTCOMES.get(detail, detail))


def fund_step(data: Mapping[str, Any], *, actor: str, approver: str) -> str:
    """Say what happened to a fund-related action; `data` are ids and codes."""
    step, said = (
        str(data.get("step")),
        {"actor": actor, "approver": approver, "kind": fund_words.kind_name(str(data.get("kind")))},
    )
    if step == "answered":
        return _answered(data, said["kind"])
    sentence = FUND_STEPS.get(step)
    return str(sentence) % said if sentence else said["kind"]


def _answered(data: Mapping[str, Any], kind: str) -> str:
    if data.get("outcome") == "executed":
        said = {"kind": kind, "reference": data.get("reference", "")}
        return gettext("The exchange has done it: %(kind)s (reference %(reference)s)") % said
    return gettext("Not carried out: %(kind)s (%(reason)s)") % {
        "kind": kind, "reason": fund_states.reason(str(data.get("code", ""))),
    }  # fmt: skip
