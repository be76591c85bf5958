"""What each figure means, as it stands beside the figure; docs/reports.md says the same with its formulas."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

DEFINITIONS: dict[str, Promise] = {
    "kept": _(
        "Promises that were kept in time within the period. One that was taken back, by withdrawing the "
        "answer or opening the case again, does not count."
    ),
    "missed": _(
        "Promises whose time ran out within the period, at the moment they were due. Met later, they stay missed."
    ),
    "kept_share": _("Kept, divided by kept and missed together."),
    "running": _("Promises that were open at the end of the period and whose time had not run out."),
    "overdue": _("Promises that were open at the end of the period and had been missed."),
    "opened": _("Cases opened within the period, by any channel."),
    "resolved": _(
        "How often a case was resolved or closed within the period. A case that was opened again and resolved"
        " again counts twice."
    ),
    "reopened": _("How often a resolved case was opened again within the period."),
    "backlog": _(
        "Cases that were new, open, pending or on hold at the end of the period; their age is counted from "
        "their opening."
    ),
    "answered": _(
        "Of the cases opened within the period: from the customer's first message to the first answer of a "
        "person of ours. Time of the calendar, nights included. Cases without an answer, and those that we "
        "began, are left out."
    ),
    "resolution": _(
        "From the opening of a case to each time it was resolved within the period. Time of the calendar, "
        "nights included."
    ),
    "median": _("Half of the cases took no longer than this."),
    "most": _("Nine of ten cases took no longer than this."),
    "bot": _("From the opening until a person took the case, where a bot spoke in it."),
    "queue": _("While the customer waited for us and the case was nobody's."),
    "agent": _("While the customer waited for us and the case was somebody's; on hold counts here."),
    "customer": _("While we waited for the customer: after our answer, or pending."),
    "first_contact": _(
        "Cases resolved within the period after one conversation in chat, or with one answer at most "
        "elsewhere, that were neither opened again nor followed up since."
    ),
    "first_contact_share": _("First contacts, divided by all cases that were resolved within the period."),
    "more_contacts": _("Cases resolved within the period that took more than one contact."),
    "reason": _("Cases opened within the period, by the topic they had as of the report."),
    "tagged": _(
        "Cases opened within the period, by the tags they had as of the report. One with several tags counts for each."
    ),
    "spent": _(
        "Time that people wrote down on cases, by the day they wrote it for; what was taken back does not count."
    ),
    "spent_cases": _("Cases on which time of the period was written down."),
    "split": _("Cases resolved within the period, and whose their time was from the opening to the last resolution."),
}
