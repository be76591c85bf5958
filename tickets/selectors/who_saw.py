"""Who saw what of whom: read out of the audit log, for one of our people or for one customer."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import Customer, Staff
from core.models import AuditEntry
from security.models import ApiToken, ManualReview, Reveal
from tickets.models import Attachment, PhoneRecording, Ticket

REVEALED: Final = "customer.revealed"
VIEWED: Final = "ticket.viewed"
# Every entry that tells of something seen, or asked for in vain.
SEEING: Final[dict[str, Any]] = {
    VIEWED: _("Ticket opened"),
    "customer.viewed": _("Page of a customer opened"),
    REVEALED: _("Field shown in full"),
    "customer.reveal_copied": _("Shown field copied"),
    "customer.reveal_refused": _("Field asked for in vain"),
    "exchange.account_read": _("Account at the exchange read"),
    "attachment.previewed": _("Attachment looked at"),
    "attachment.downloaded": _("Attachment downloaded"),
    "manual_review.document_viewed": _("Document of a review looked at"),
    "phone.recording_heard": _("Recording heard"),
    "report.exported": _("Report exported"),
}
# Where the customer of an object is found.
OWNERS: Final[dict[str, tuple[Any, str]]] = {
    "ticket": (Ticket, "requester__public_id"),
    "attachment": (Attachment, "message__ticket__requester__public_id"),
    "manual_review": (ManualReview, "customer__public_id"),
    "phone_recording": (PhoneRecording, "call__ticket__requester__public_id"),
}
BATCH: Final = 5000


@dataclass(frozen=True, slots=True)
class Seen:
    """One thing that somebody saw: when, who (a staff id), what, of which customer and object, and why they said."""

    entry: int
    at: datetime
    staff: str
    action: str
    label: str
    customer: str
    object_kind: str
    object_id: str
    fields: tuple[str, ...]
    words: str


@dataclass(frozen=True, slots=True)
class Group:
    """All of one customer, or by one person: how many things, which fields in full, and from when to when."""

    public_id: str
    name: str
    screens: int
    fields: tuple[str, ...]
    first_at: datetime
    last_at: datetime


@dataclass(frozen=True, slots=True)
class Answer:
    """What was asked (`kind` "agent" or "customer"), and everything that was seen, the oldest first."""

    kind: str
    public_id: str
    since: datetime
    until: datetime
    seen: tuple[Seen, ...]
    groups: tuple[Group, ...]


def by_agent(agent: Staff, *, since: datetime, until: datetime) -> Answer:
    """Return what `agent` saw from `since` until before `until`, at the desk or by a token of theirs."""
    tokens = list(ApiToken.objects.filter(staff=agent).values_list("public_id", flat=True))
    theirs = Q(actor_kind="staff", actor_id=agent.public_id) | Q(actor_kind="token", actor_id__in=tokens)
    seen = _read(AuditEntry.objects.filter(theirs), since, until, staff=agent.public_id)
    names = dict(Customer.objects.filter(public_id__in={one.customer for one in seen}).values_list("public_id", "name"))
    groups = _grouped(((one.customer, one) for one in seen if one.customer), names)
    return Answer("agent", agent.public_id, since, until, seen, groups)


def of_customer(customer: Customer, *, since: datetime, until: datetime) -> Answer:
    """Return who of ours saw what of `customer` from `since` until before `until`."""
    mine = Q(object_kind="customer", object_id=customer.public_id)
    for kind, (model, path) in OWNERS.items():
        owned = model.objects.filter(**{path: customer.public_id}).values_list("public_id", flat=True)
        mine |= Q(object_kind=kind, object_id__in=list(owned))
    entries = AuditEntry.objects.filter(mine, actor_kind__in=["staff", "token"])
    seen = _read(entries, since, until, customer=customer.public_id)
    names = dict(Staff.objects.filter(public_id__in={one.staff for one in seen}).values_list("public_id", "name"))
    return Answer(
        "customer", customer.public_id, since, until, seen, _grouped(((one.staff, one) for one in seen), names)
    )


def _read(
    entries: QuerySet[AuditEntry], since: datetime, until: datetime, *, staff: str = "", customer: str = ""
) -> tuple[Seen, ...]:
    found = list(entries.filter(action__in=SEEING, at__gte=since, at__lt=until).order_by("pk"))
    owners = {} if customer else _owners(found)
    words = _words(found)
    holders = {} if staff else _holders(found)
    return tuple(
        Seen(
            entry=one.pk,
            at=one.at,
            staff=staff or holders.get(one.actor_id, one.actor_id),
            action=one.action,
            label=str(SEEING[one.action]),
            customer=customer or owners.get((one.object_kind, one.object_id), ""),
            object_kind=one.object_kind,
            object_id=one.object_id,
            fields=tuple(one.fields),
            words=words.get(str(one.detail.get("reveal", "")), ""),
        )
        for one in found
    )


def _owners(entries: Sequence[AuditEntry]) -> dict[tuple[str, str], str]:
    """Return the customer of each object that the entries name."""
    wanted: dict[str, set[str]] = defaultdict(set)
    for one in entries:
        wanted[one.object_kind].add(one.object_id)
    found = {("customer", public_id): public_id for public_id in wanted["customer"]}
    for kind, (model, path) in OWNERS.items():
        for batch in _batches(sorted(wanted[kind])):
            rows = model.objects.filter(public_id__in=batch).values_list("public_id", path)
            found |= {(kind, public_id): owner or "" for public_id, owner in rows}
    return found


def _words(entries: Sequence[AuditEntry]) -> dict[str, str]:
    """Return what was said of each reveal that the entries name."""
    named = [str(one.detail["reveal"]) for one in entries if one.action == REVEALED]
    rows = (Reveal.objects.filter(public_id__in=batch) for batch in _batches(named))
    return {one.public_id: f"{one.get_reason_display()}: {one.words}" for batch in rows for one in batch}


def _holders(entries: Sequence[AuditEntry]) -> dict[str, str]:
    """Return whose the tokens are that acted."""
    tokens = {one.actor_id for one in entries if one.actor_kind == "token"}
    return dict(ApiToken.objects.filter(public_id__in=tokens).values_list("public_id", "staff__public_id"))


def _batches(ids: Sequence[str]) -> Iterable[Sequence[str]]:
    return (ids[start : start + BATCH] for start in range(0, len(ids), BATCH))


def _grouped(seen: Iterable[tuple[str, Seen]], names: Mapping[str, str]) -> tuple[Group, ...]:
    """Put together what belongs to one, those of whom most was shown in full first."""
    by_key: dict[str, list[Seen]] = defaultdict(list)
    for key, one in seen:
        by_key[key].append(one)
    groups = [
        Group(
            public_id=key,
            name=names.get(key, ""),
            screens=len(ones),
            fields=tuple(sorted({field for one in ones if one.action == REVEALED for field in one.fields})),
            first_at=ones[0].at,
            last_at=ones[-1].at,
        )
        for key, ones in by_key.items()
    ]
    return tuple(sorted(groups, key=lambda one: (-len(one.fields), -one.screens, one.public_id)))
