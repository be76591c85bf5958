"""Queue rows as HTML. Python and not a template: fifty rows are most of the page (docs/decisions, 0009)."""

import html
from collections.abc import Collection
from datetime import datetime, tzinfo
from typing import Final

from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.translation import gettext, pgettext

from tickets.models.saved_view import USUAL_COLUMNS, Column
from tickets.selectors.listings import ASKED_FOR, WAKES
from tickets.selectors.people import PersonShown
from tickets.selectors.queue import Due, Row

# Spaces between elements are meant: they keep words apart when a row is read aloud as one link.
ROW: Final = """\
<li class="row" id="row-{id}" data-row="{id}"{unread}>{choice}
  <a class="row-link" href="{url}" data-hx-get="{url}" data-hx-push-url="true" data-row-link{current}>
    <span class="row-unread" data-unread-dot>{unread_word}</span>
    <span class="row-who"><svg class="icon" aria-hidden="true"><use href="#i-{icon}"></use></svg>\
<span class="sr-only">{channel}: </span><span class="nm">{name}</span>{address}{proof}</span>
    <span class="row-time"><time datetime="{at}" data-time="short">{at_text}</time></span>
    <span class="row-subject">{subject}</span>
    {last}{below}
    <span class="row-foot">
      {number}
      {due} {status} {priority} {failed} {tags} {more} {assignee}
    </span>
  </a>
</li>
"""
LAST: Final = '<span class="row-last">{us}{last_line}</span>'
NUMBER: Final = '<span class="row-no data text-xs">#{number}</span>'
MORE: Final = '<span class="badge"><span class="sr-only">{label}: </span><span>{value}</span></span>'
MORE_AT: Final = (
    '<span class="badge"><span>{label}</span> <time datetime="{at}" data-time="short">{at_text}</time></span>'
)
GROUP: Final = '<li class="row-group"><h2>{name}</h2></li>\n'
CHOICE: Final = (
    '<input class="check row-check" type="checkbox" name="ticket" value="{id}" form="spam-release"'
    ' aria-label="{label}">'
)
ADDRESS: Final = '<span class="row-address data">{address}</span>'
PROOF: Final = '<svg class="icon {tone}" role="img" aria-label="{label}"><use href="#i-{icon}"></use></svg>'
STATUS: Final = '<span class="badge {tone}"><span>{label}</span></span>'
PRIORITY: Final = (
    '<span class="prio prio-{priority}" title="{label}">'
    '<svg class="icon" role="img" aria-label="{label}"><use href="#i-prio-{priority}"></use></svg></span>'
)
FAILED: Final = (
    '<span class="badge tone-bad"><svg class="icon" aria-hidden="true"><use href="#i-alert"></use></svg>'
    "<span>{label}</span></span>"
)
# The page counts on by the difference of the two moments, never by its own clock (frontend/src/shared/countdown.ts).
DUE: Final = (
    '<span class="badge due {tone}" title="{label}">'
    '<svg class="icon" aria-hidden="true"><use href="#i-clock"></use></svg>'
    '<span class="sr-only">{label}: </span>'
    '<time class="tabular" datetime="{at}" data-due data-warn="{warn}" data-now="{now}">{text}</time></span>'
)
TAG: Final = '<span class="badge"><span>{name}</span></span>'
ASSIGNEE: Final = (
    '<span class="avatar avatar-s hue-{hue}" role="img" aria-label="{label}" title="{name}">{initials}</span>'
)
CHANNEL_ICONS: Final = {"email": "mail", "phone": "phone", "chat": "chat", "social": "send"}
STATUS_TONES: Final = {
    "new": "tone-violet",
    "open": "tone-accent",
    "pending": "tone-warn",
    "on_hold": "tone-teal",
    "resolved": "tone-good",
}
NOTHING: Final = SafeString("")
# Stands for the id while the address of a ticket is asked for once instead of fifty times.
ANY_ID: Final = "any"


class RowMarkup:
    """Writes rows of one view for one reader, whose language and time zone are active; kept for one answer only.

    What every row says alike is translated once. Whatever comes from outside goes through `_filled`, which escapes.
    """

    def __init__(self, *, view: str, open_id: str, can_choose: bool, columns: Collection[str] = USUAL_COLUMNS) -> None:
        self.open_id = open_id
        self.columns = frozenset(columns)
        self.asked_for = [name for name in (*ASKED_FOR, WAKES) if name in self.columns]
        self.can_choose = can_choose
        self.zone: tzinfo = timezone.get_current_timezone()
        before, after = reverse("desk:ticket", args=[ANY_ID]).rsplit(ANY_ID, 1)
        self.url_parts = before, f"{after}?{urlencode({'view': view})}"
        self.channels = _channels()
        self.statuses = _statuses()
        self.priorities = _priorities()
        self.proofs = {
            "proven": _filled(PROOF, tone="proof-ok", label=gettext("Sender proven"), icon="shield-check"),
            "unproven": _filled(PROOF, tone="proof", label=gettext("Sender not proven"), icon="shield-alert"),
        }
        self.failed = _filled(FAILED, label=gettext("Not delivered"))
        self.unread_word = _filled('<span class="sr-only">{word}</span>', word=gettext("Unread"))
        self.due_labels = _due_labels()
        self.us = _filled("<span>{word}</span> ", word=pgettext("last line written by staff", "Us:"))
        self.choose = gettext("Choose #%(number)s")
        self.assigned = gettext("Assigned to %(name)s")
        # The same few people on many rows.
        self.assignees: dict[PersonShown, SafeString] = {}

    def __call__(self, row: Row, *, below: SafeString = NOTHING) -> SafeString:
        """Return one row, safe to put into a page; `below` is HTML that stands under its last line."""
        at = row.updated_at.astimezone(self.zone)
        requester = row.requester
        has = self.columns.__contains__
        return _filled(
            ROW,
            id=row.public_id,
            unread=DATA_UNREAD if row.is_unread else NOTHING,
            choice=self._choice(row) if self.can_choose else NOTHING,
            url=row.public_id.join(self.url_parts),
            current=CURRENT if row.public_id == self.open_id else NOTHING,
            unread_word=self.unread_word if row.is_unread else NOTHING,
            icon=CHANNEL_ICONS.get(row.channel, "web"),
            channel=self.channels.get(row.channel, row.channel),
            name=requester.name,
            address=_filled(ADDRESS, address=requester.address)
            if requester.address and requester.address != requester.name
            else NOTHING,
            proof=self.proofs[requester.proof],
            at=at.isoformat(),
            at_text=_minute(at),
            subject=row.subject,
            last=_filled(LAST, us=self.us if row.last_is_ours else NOTHING, last_line=row.last_line)
            if has("last_line")
            else NOTHING,
            below=below,
            number=_filled(NUMBER, number=str(row.number)) if has("number") else NOTHING,
            status=self.statuses[row.status] if has("status") else NOTHING,
            priority=self.priorities.get(row.priority, NOTHING) if has("priority") else NOTHING,
            failed=self.failed if row.has_failed else NOTHING,
            due=self._due(row.due) if row.due and has("due") else NOTHING,
            tags=_tags(row.tags) if row.tags and has("tags") else NOTHING,
            more=self._more(row.more) if row.more else NOTHING,
            assignee=self._assignee(row.assignee) if row.assignee and has("assignee") else NOTHING,
        )

    def _more(self, values: tuple[object, ...]) -> SafeString:
        """Return the columns that a view has chosen beside the usual ones."""
        shown = NOTHING
        for name, value in zip(self.asked_for, values, strict=False):
            label = gettext("Wakes") if name == WAKES else str(Column(name).label)
            if isinstance(value, datetime):
                at = value.astimezone(self.zone)
                shown += _filled(MORE_AT, label=label, at=at.isoformat(), at_text=_minute(at))
            elif value:
                shown += _filled(MORE, label=label, value=str(value))
        return shown

    def _choice(self, row: Row) -> SafeString:
        return _filled(CHOICE, id=row.public_id, label=self.choose % {"number": row.number})

    def _due(self, due: Due) -> SafeString:
        return _filled(
            DUE,
            tone=due.tone,
            label=self.due_labels.get(due.metric, due.metric),
            at=due.at.isoformat(),
            warn=due.warn_at.isoformat() if due.warn_at else "",
            now=due.now.isoformat(),
            text=_minute(due.at.astimezone(self.zone)),
        )

    def _assignee(self, person: PersonShown) -> SafeString:
        shown = self.assignees.get(person)
        if shown is None:
            label = self.assigned % {"name": person.name}
            shown = self.assignees[person] = _filled(
                ASSIGNEE, hue=str(person.hue), label=label, name=person.name, initials=person.initials
            )
        return shown


def group_heading(name: str) -> SafeString:
    """Return the heading of the rows that a view puts together."""
    return _filled(GROUP, name=name)


DATA_UNREAD: Final = SafeString(" data-unread")
CURRENT: Final = SafeString(' aria-current="true"')


def _filled(pattern: str, **values: str) -> SafeString:
    """Fill `pattern` with `values`, each escaped unless it is one of our own pieces.

    Django's format_html for values that are text already: it asks of each whether it is lazy, which took a
    third of a row's time.
    """
    return SafeString(
        pattern.format_map(
            {name: value if type(value) is SafeString else html.escape(value) for name, value in values.items()}
        )
    )


def _due_labels() -> dict[str, str]:
    """Return what is due, by metric."""
    return {
        "first_response": gettext("First response due"),
        "next_response": gettext("Next response due"),
        "resolution": gettext("Resolution due"),
        "update_every": gettext("Update due"),
    }


def _minute(at: datetime) -> str:
    """Return the moment for a reader without scripts; with them the page says how long ago it was."""
    return f"{at:%Y-%m-%d %H:%M}"


def _tags(names: tuple[str, ...]) -> SafeString:
    return SafeString(f'<span class="tags">{"".join(_filled(TAG, name=name) for name in names)}</span>')


def _channels() -> dict[str, str]:
    return {
        "email": gettext("Email"),
        "phone": gettext("Phone"),
        "chat": gettext("Chat"),
        "social": gettext("Social"),
        "web": gettext("Web form"),
        "api": gettext("API"),
    }


def _statuses() -> dict[str, SafeString]:
    labels = {
        "new": pgettext("ticket status", "New"),
        "open": pgettext("ticket status", "Open"),
        "pending": pgettext("ticket status", "Pending"),
        "on_hold": pgettext("ticket status", "On hold"),
        "resolved": pgettext("ticket status", "Resolved"),
        "closed": pgettext("ticket status", "Closed"),
    }
    return {one: _filled(STATUS, tone=STATUS_TONES.get(one, ""), label=label) for one, label in labels.items()}


def _priorities() -> dict[str, SafeString]:
    """Only what is above normal is marked."""
    labels = {"urgent": pgettext("priority", "Urgent"), "high": pgettext("priority", "High")}
    return {one: _filled(PRIORITY, priority=one, label=label) for one, label in labels.items()}
