"""One case as the desk shows it: head, choices, composer, side panel."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import OuterRef, Q
from django.utils.translation import gettext as _

from accounts.masking import masked
from accounts.models import Staff, Team
from accounts.permissions import ROLE_PERMISSIONS, Permission
from core.clock import DatabaseNow
from tickets.models import Draft, Participant, Tag, Ticket, Topic, Upload
from tickets.models.ticket import ACTIVE, DONE, LEGAL_MOVES, Priority, Status
from tickets.selectors import (
    decisions,
    escalations,
    following,
    guided,
    hand_overs,
    reveals,
    sla_clocks,
    social,
    staff_notices,
    surveys,
)
from tickets.selectors.languages import LANGUAGES, language_name
from tickets.selectors.people import PersonShown, customer_name, hue, initials, staff_shown
from tickets.selectors.queue import Due

EARLIER = 5
RELATED = 10
# The channels on which a form may have been filled in.
GUIDED = ("web", "chat")


@dataclass(frozen=True, slots=True)
class Named:
    """A choice with a slug."""

    slug: str
    name: str


@dataclass(frozen=True, slots=True)
class TagChoice:
    """A tag and whether the ticket carries it."""

    slug: str
    name: str
    on: bool
    tone: str = ""


@dataclass(frozen=True, slots=True)
class TicketShown:
    """The head of a case."""

    public_id: str
    number: int
    subject: str
    status: str
    priority: str
    channel: str
    language: str
    language_name: str
    version: int
    created_at: datetime
    topic: Named | None
    team: Named | None
    assignee: PersonShown | None
    tags: tuple[Named, ...]
    is_spam: bool
    due: Due | None


@dataclass(frozen=True, slots=True)
class Choices:
    """What the head's controls offer; statuses are the legal moves only."""

    statuses: tuple[str, ...]
    priorities: tuple[str, ...]
    staff: tuple[PersonShown, ...]
    teams: tuple[Named, ...]
    topics: tuple[Named, ...]
    tags: tuple[TagChoice, ...]
    languages: tuple[tuple[str, str], ...]


def visible(person: Staff, public_id: str) -> Ticket | None:
    """Return the ticket if `person` may see it."""
    return (
        Ticket.objects.visible_to(person)
        .select_related("requester", "assignee", "team", "topic__parent", "mailbox", "possibly_related", "follow_up_of")
        .prefetch_related("tags")
        .annotate(
            now=DatabaseNow(),
            has_hand_over=hand_overs.standing(),
            is_escalated=escalations.exists_of(OuterRef("pk")),
            is_told=staff_notices.new_of(person, OuterRef("pk")),
            followed_by=following.followers_of(OuterRef("pk")),
        )
        .filter(public_id=public_id)
        .first()
    )


def is_hidden(person: Staff, public_id: str) -> bool:
    """Whether there is such a ticket, but not for `person` to see."""
    known = Ticket.objects.filter(public_id=public_id)
    return known.exists() and not Ticket.objects.visible_to(person).filter(public_id=public_id).exists()


def head(ticket: Ticket) -> TicketShown:
    """Shape the head."""
    return TicketShown(
        public_id=ticket.public_id,
        number=ticket.number,
        subject=ticket.subject,
        status=ticket.status,
        priority=ticket.priority,
        channel=ticket.channel,
        language=ticket.language,
        language_name=language_name(ticket.language),
        version=ticket.version,
        created_at=ticket.created_at,
        topic=_topic(ticket.topic) if ticket.topic else None,
        team=Named(ticket.team.slug, ticket.team.name) if ticket.team else None,
        assignee=staff_shown(ticket.assignee),
        tags=tuple(Named(tag.name, tag.name) for tag in ticket.tags.all()),
        is_spam=ticket.is_spam,
        due=_due(ticket),
    )


def _due(ticket: Ticket) -> Due | None:
    # Only what `visible` read carries the database's time.
    now = getattr(ticket, "now", None)
    if ticket.due_at is None or now is None or ticket.status in DONE:
        return None
    return Due(ticket.due_metric, ticket.due_at, ticket.warn_at, now)


def choices(ticket: Ticket, person: Staff) -> Choices:
    """Return what may be chosen, in four queries."""
    repliers = [role for role, rights in ROLE_PERMISSIONS.items() if Permission.TICKET_REPLY in rights]
    staff = Staff.objects.filter(is_active=True, role__in=repliers).order_by("name")
    on = {tag.name for tag in ticket.tags.all()}
    shown = (staff_shown(one, me=person) for one in staff)
    return Choices(
        statuses=tuple(status for status in Status.values if status in LEGAL_MOVES[ticket.status]),
        priorities=tuple(Priority.values),
        staff=tuple(one for one in shown if one),
        teams=tuple(Named(team.slug, team.name) for team in Team.objects.visible_to(person).order_by("name")),
        topics=topics(),
        tags=tuple(TagChoice(tag.name, tag.name, tag.name in on) for tag in Tag.objects.order_by("name")[:200]),
        languages=tuple((code, language_name(code)) for code in LANGUAGES),
    )


def topics() -> tuple[Named, ...]:
    """Return the topics that can be chosen, named with their heading."""
    rows = Topic.objects.filter(parent__isnull=False, is_active=True).select_related("parent")
    return tuple(_topic(row) for row in rows)


def _topic(row: Topic) -> Named:
    return Named(row.slug, f"{row.parent.name} › {row.name}" if row.parent else row.name)


def can(person: Staff, ticket: Ticket) -> dict[str, bool]:
    """Return what `person` may do with the case now."""
    open_case = ticket.status != Status.CLOSED
    update = person.has(Permission.TICKET_UPDATE) and open_case
    names = ("assign", "status", "priority", "tags", "topic", "team", "language")
    return {
        "reply": person.has(Permission.TICKET_REPLY) and open_case,
        "note": person.has(Permission.TICKET_NOTE),
        "hand_over": person.has(Permission.TICKET_REPLY) and open_case,
        **dict.fromkeys(names, update),
        "snooze": update and ticket.status not in DONE,
        # A closed one, too: what comes for it goes on elsewhere.
        "merge": person.has(Permission.TICKET_UPDATE)
        and person.has(Permission.TICKET_REPLY)
        and ticket.merged_into_id is None,
        # Of a closed case, too: it must not lie there.
        "documents": person.has(Permission.TICKET_UPDATE),
        "block": "@" in ticket.requester_address and person.has(Permission.SPAM_RELEASE),
        "spam": update and (not ticket.is_spam or person.has(Permission.SPAM_RELEASE)),
    }


def composer(ticket: Ticket, person: Staff, mode: str = "reply") -> dict[str, Any]:
    """Return the composer with the person's draft and waiting files."""
    drafts = {draft.kind: draft for draft in Draft.objects.filter(ticket=ticket, staff=person)}
    draft, other = drafts.get(mode), drafts.get("note" if mode == "reply" else "reply")
    copies = ticket.participants.filter(role=Participant.Role.CC, is_proven=True).values_list("address", flat=True)
    address = ticket.requester_address
    is_plain = ticket.is_requester_proven or "@" not in address
    answering = None if "@" in address else social.answering(ticket)
    warning = "" if is_plain else _("This address is not proven: the reply carries no history.")
    return {
        "mode": mode,
        "body": draft.text if draft else "",
        "cc": ", ".join(masked("email", copy) for copy in copies),
        "to": [masked("email", address)] if "@" in address else [],
        "answering": answering,
        "to_private": social.words_to_move(ticket.language) if answering and answering.is_public else "",
        "to_warning": warning,
        "next_update": sla_clocks.next_update(ticket),
        "seen_seq": ticket.last_public_seq,
        "draft_version": draft.version if draft else 0,
        "saved_at": draft.updated_at if draft else None,
        "other": {"body": other.text if other else "", "draft_version": other.version if other else 0},
        "files": _waiting(ticket, person),
        "stale": None,
        "errors": [],
        "limits": {"bytes": settings.MAX_UPLOAD_BYTES, "count": settings.MAX_FILES_PER_MESSAGE},
    }


def _waiting(ticket: Ticket, person: Staff) -> dict[str, list[dict[str, Any]]]:
    shown: dict[str, list[dict[str, Any]]] = {kind: [] for kind in Upload.Kind.values}
    for row in Upload.objects.filter(ticket=ticket, staff=person).select_related("file").order_by("pk"):
        shown[row.kind].append(upload_shown(row))
    return shown


def uploads(ticket: Ticket, person: Staff, kind: str) -> list[Upload]:
    """Return the files that wait for the person's reply or note (`kind`)."""
    return list(Upload.objects.filter(ticket=ticket, staff=person, kind=kind).select_related("file").order_by("pk"))


def upload_shown(row: Upload) -> dict[str, Any]:
    """Shape a waiting file."""
    return {
        "id": row.public_id,
        "name": row.file.name,
        "size": row.file.size,
        "content_type": row.file.content_type,
        "preview_url": "",
    }


def side(ticket: Ticket, person: Staff) -> dict[str, Any]:
    """Return customer, earlier cases, related cases and participants; contact data masked."""
    customer = ticket.requester
    name = customer_name(customer, ticket.requester_address)
    addresses = list(customer.addresses.order_by("pk")[:10])
    known = any(address.is_proven for address in addresses)
    return {
        "customer": {
            "name": name,
            "initials": initials(name),
            "hue": hue(customer.public_id),
            "is_known": known,
            "since": customer.created_at if known else None,
            "time_zone": customer.time_zone,
            "addresses": [
                {
                    "kind": address.kind,
                    "masked": masked(address.kind, address.value),
                    "proof": "proven" if address.is_proven else "claimed",
                    "is_bouncing": address.is_bouncing,
                }
                for address in addresses
                if address.kind in {"email", "phone", "handle"}
            ],
        },
        "earlier": _earlier(ticket, person, known=known),
        "related": _related(ticket, person, known=known),
        "guided": guided.of_ticket(ticket) if ticket.channel in GUIDED else None,
        "way": social.way(ticket),
        "participants": _participants(ticket),
        "ratings": surveys.of_ticket(ticket),
        "followers": following.shown(ticket, person),
        "may_call": ticket.channel == "phone" or any(address.kind == "phone" for address in addresses),
        "may_reveal": reveals.may(ticket, person),
        "may_ask_why": decisions.may_ask(ticket, person),
        "may_pass_on": ticket.assignee_id == person.pk and ticket.channel != "chat" and ticket.status != Status.CLOSED,
        "clocks": sla_clocks.of_ticket(ticket) if ticket.sla_version_id else [],
        # An annotation of `visible`: without any, no statement more.
        "escalations": escalations.of_ticket(ticket, person) if getattr(ticket, "is_escalated", True) else [],
    }


def _earlier(ticket: Ticket, person: Staff, *, known: bool) -> dict[str, Any]:
    """Earlier cases, only of a customer who has proven who they are: a claim shows no history."""
    if not known:
        return {"count": 0, "tickets": []}
    rows = list(
        Ticket.objects.visible_to(person)
        .filter(requester=ticket.requester_id, pk__lt=ticket.pk)
        .order_by("-id")[: EARLIER + 1]
    )
    return {"count": len(rows), "tickets": rows[:EARLIER]}


def _related(ticket: Ticket, person: Staff, *, known: bool) -> list[dict[str, Any]]:
    """What this case goes back to, and what its proven customer has open about the same topic."""
    wanted = {
        ticket.possibly_related_id: _("Possibly related"),
        ticket.follow_up_of_id: _("This is a follow-up of it"),
    }
    wanted.pop(None, None)
    asked = Q(pk__in=list(wanted))
    if known and ticket.topic_id is not None and ticket.is_requester_proven:
        same = Q(requester=ticket.requester_id, topic=ticket.topic_id, status__in=ACTIVE, is_requester_proven=True)
        asked |= same & ~Q(pk=ticket.pk)
    rows = Ticket.objects.visible_to(person).filter(asked).order_by("-pk")[:RELATED]
    return [
        {
            "public_id": row.public_id,
            "number": row.number,
            "subject": row.subject,
            "reason": wanted.get(row.pk) or _("Open, about the same topic"),
            "updated_at": row.updated_at,
        }
        for row in rows
    ]


def _participants(ticket: Ticket) -> list[dict[str, Any]]:
    return [
        {
            "name": row.name or masked("email", row.address),
            "masked": masked("email", row.address),
            "role": row.role,
            "proof": "proven" if row.is_proven else "claimed",
        }
        for row in ticket.participants.order_by("pk")
    ]
