"""What the terms of a search mean for one reader: conditions on tickets and on entries, within what they may see."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import reduce
from operator import or_
from typing import Final

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Staff, Team
from core.clock import DatabaseNow, from_now
from tickets.models import Attachment, SearchEntry, Ticket, TicketTag
from tickets.models.search import AllOf, AnyOf, Asked, Condition, Marked, Matches
from tickets.models.ticket import ACTIVE, TicketQuerySet
from tickets.search.language import Query, Term, is_field, unknown
from tickets.selectors import search_fields
from tickets.selectors.search_names import Names

_MARKS: Final = frozenset({"from", "to"})
_DAYS: Final = frozenset({"before", "after", "on"})
_EACH: Final = frozenset({"has", "is", "tag"}) | _DAYS
_TIMES: Final = {"created": "created_at", "updated": "updated_at", "waiting": "waiting_since"}
_IS: Final = {
    "open": Q(status__in=ACTIVE, is_spam=False),
    "unassigned": Q(status__in=ACTIVE, is_spam=False, assignee__isnull=True),
    "spam": Q(is_spam=True),
    "proven": Q(is_requester_proven=True),
    "unread": Q(last_direction="in", status__in=ACTIVE),
    "snoozed": Q(is_snoozed=True),
}
_SLA: Final = {
    "missed": Q(status__in=ACTIVE, due_at__lte=DatabaseNow()),
    "soon": Q(status__in=ACTIVE, due_at__gt=DatabaseNow(), warn_at__lte=DatabaseNow()),
    "running": Q(status__in=ACTIVE, due_at__gt=DatabaseNow()),
    "none": Q(due_at__isnull=True),
}


@dataclass(slots=True)
class Meaning:
    """Conditions on tickets, on entries, and what no entry of the ticket may say."""

    tickets: Q = field(default_factory=Q)
    days: Q = field(default_factory=Q)
    said: list[Condition] = field(default_factory=list)
    unsaid: list[Condition] = field(default_factory=list)
    # Words and phrases alone, for ranks and highlights.
    words: list[Condition] = field(default_factory=list)

    @property
    def query(self) -> Condition | None:
        """What one entry has to say, or None when anything will do."""
        return together(self.said)


def together(conditions: list[Condition]) -> Condition | None:
    """Return all of these as one condition."""
    return AllOf(*conditions) if conditions else None


def meaning(query: Query, person: Staff, names: Names | None = None, *, is_spam_told: bool = False) -> Meaning:
    """Look up what the query names, within what `person` may see. Raises QueryError for what is not there.

    `names` are those that were looked up before, for several queries. Spam is left out unless it is asked for, or the
    tickets that are looked through tell.
    """
    names = names or Names(person)
    found = Meaning()
    for term in query.words:
        asked = Asked(term.value, is_phrase=term.is_phrase)
        if term.is_negated:
            found.unsaid.append(asked)
        else:
            found.said.append(asked)
            found.words.append(asked)
    for operator in dict.fromkeys(term.operator for term in query.terms if term.operator):
        wanted = [term for term in query.terms if term.operator == operator and not term.is_negated]
        # What a ticket has one of, may be any of those asked for; of the rest each has to hold.
        is_each = operator in _EACH or (is_field(operator) and search_fields.is_each(operator, names))
        groups = [[term] for term in wanted] if is_each else [wanted]
        for terms in groups:
            _add(found, terms, person, names)
        for term in query.terms:
            if term.operator == operator and term.is_negated:
                _add(found, [term], person, names)
    if not is_spam_told and not any(term.operator == "is" and term.value == "spam" for term in query.terms):
        found.tickets &= Q(is_spam=False)
    return found


def within(found: Meaning, person: Staff) -> TicketQuerySet:
    """Return the tickets that `person` may see and that the conditions on tickets hold for."""
    tickets = Ticket.objects.visible_to(person).filter(found.tickets)
    for condition in found.unsaid:
        entries = SearchEntry.objects.filter(ticket=OuterRef("pk")).filter(Matches("vector", condition))
        tickets = tickets.filter(~Exists(entries))
    return tickets


def _add(found: Meaning, terms: list[Term], person: Staff, names: Names) -> None:
    """Add terms of one operator, any of which will do; one that is negated stands alone."""
    if not terms:
        return
    first = terms[0]
    if first.operator in _MARKS or (first.operator, first.value) == ("has", "note"):
        marked = AnyOf(*(Marked(f"{term.operator}:{term.value}") for term in terms))
        (found.unsaid if first.is_negated else found.said).append(marked)
        return
    condition = reduce(or_, (_condition(term, person, names) for term in terms))
    if first.is_negated:
        condition = ~condition
    if first.operator in _DAYS:
        found.days &= condition
    else:
        found.tickets &= condition


def _condition(term: Term, person: Staff, names: Names) -> Q:
    if term.operator in _DAYS:
        return _days(term)
    if is_field(term.operator):
        return search_fields.condition(term, names)
    if term.operator in _NAMED:
        return _NAMED[term.operator](term, person, names)
    return _CONDITIONS[term.operator](term)


def _days(term: Term) -> Q:
    day = term.day
    try:
        begins, ends = _midnight(day), _midnight(day + timedelta(days=1))
    except OverflowError:
        raise unknown(term, _("Nothing is as early or as late as that.")) from None
    if term.operator == "before":
        return Q(at__lt=begins)
    return Q(at__gte=ends) if term.operator == "after" else Q(at__gte=begins, at__lt=ends)


def _midnight(day: date) -> datetime:
    """Return when a day begins for the reader."""
    return timezone.make_aware(datetime.combine(day, time.min))


def _span(term: Term) -> Q:
    """Return when it was, or how long ago: a length of time before now."""
    is_more, length = term.span
    edge = f"{_TIMES[term.operator]}__{'lt' if is_more else 'gte'}"
    return Q(**{edge: from_now(-length)})


def _due(term: Term) -> Q:
    """Return what is missed within a length of time, what was missed among it; or what has longer than that."""
    is_more, length = term.span
    return Q(**{f"due_at__{'gt' if is_more else 'lte'}": from_now(length)}, status__in=ACTIVE)


def _assignee(term: Term, person: Staff, names: Names) -> Q:
    value = term.value
    if value.lower() == "none":
        return Q(assignee__isnull=True)
    if value.lower() == "me":
        return Q(assignee=person)
    people = names.people(value)
    if not people:
        sentence = _("Nobody of ours has this name or address. “assignee:” takes me, none, a whole name or an address.")
        raise unknown(term, sentence)
    return Q(assignee__in=people)


def _team(term: Term, person: Staff, names: Names) -> Q:
    if term.value.lower() == "none":
        return Q(team__isnull=True)
    if term.value.lower() == "mine":
        return Q(team__in=Team.objects.filter(memberships__staff=person).values("pk"))
    teams = names.teams(term.value)
    if not teams:
        raise unknown(term, _("You see no team of this name. “team:” takes mine, none, a name or a short name."))
    return Q(team__in=teams)


def _topic(term: Term, _person: Staff, names: Names) -> Q:
    if term.value.lower() == "none":
        return Q(topic__isnull=True)
    topics = names.topics(term.value)
    if not topics:
        raise unknown(term, _("There is no topic of this name. “topic:” takes none, a name or a short name."))
    # A heading stands for all below it.
    return Q(topic__in=topics) | Q(topic__parent__in=topics)


def _tag(term: Term, _person: Staff, names: Names) -> Q:
    if term.value.lower() == "none":
        return ~Q(Exists(TicketTag.objects.filter(ticket=OuterRef("pk"))))
    tags = names.tags(term.value)
    if not tags:
        raise unknown(term, _("No ticket that you see has this tag."))
    return Q(Exists(TicketTag.objects.filter(ticket=OuterRef("pk"), tag__in=tags)))


def _has(_term: Term) -> Q:
    return Q(Exists(Attachment.objects.kept().filter(message__ticket=OuterRef("pk"), message__withdrawn_at=None)))


def _language(term: Term) -> Q:
    return Q(language__iexact=term.value) | Q(language__istartswith=f"{term.value}-")


_NAMED: Final[dict[str, Callable[[Term, Staff, Names], Q]]] = {
    "assignee": _assignee,
    "team": _team,
    "topic": _topic,
    "tag": _tag,
}
_CONDITIONS: Final[dict[str, Callable[[Term], Q]]] = {
    "status": lambda term: Q(status=term.value),
    "priority": lambda term: Q(priority=term.value),
    "channel": lambda term: Q(channel=term.value),
    "number": lambda term: Q(number=int(term.value)),
    "domain": lambda term: Q(requester_address__iendswith=f"@{term.value}"),
    "is": lambda term: _IS[term.value],
    "sla": lambda term: _SLA[term.value],
    "created": _span,
    "updated": _span,
    "waiting": _span,
    "due": _due,
    "has": _has,
    "language": _language,
}
