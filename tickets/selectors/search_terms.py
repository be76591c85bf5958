"""What the terms of a search mean for one reader: conditions on tickets and on entries, within what they may see."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import reduce
from operator import or_
from typing import Final

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Staff, Team
from tickets.models import Attachment, SearchEntry, Tag, Ticket, TicketTag, Topic
from tickets.models.search import AllOf, AnyOf, Asked, Condition, Marked, Matches
from tickets.models.ticket import ACTIVE, TicketQuerySet
from tickets.search.language import Query, Term, unknown

# As many tags or topics may carry one name as nobody gives.
MOST_NAMED = 20
_MARKS: Final = frozenset({"from", "to"})
_DAYS: Final = frozenset({"before", "after", "on"})
_EACH: Final = frozenset({"has", "is", "tag"}) | _DAYS
_IS: Final = {
    "open": Q(status__in=ACTIVE, is_spam=False),
    "unassigned": Q(status__in=ACTIVE, is_spam=False, assignee__isnull=True),
    "spam": Q(is_spam=True),
    "proven": Q(is_requester_proven=True),
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


def meaning(query: Query, person: Staff) -> Meaning:
    """Look up what the query names, within what `person` may see. Raises QueryError for what is not there."""
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
        groups = [[term] for term in wanted] if operator in _EACH else [wanted]
        for terms in groups:
            _add(found, terms, person)
        for term in query.terms:
            if term.operator == operator and term.is_negated:
                _add(found, [term], person)
    if not any(term.operator == "is" and term.value == "spam" for term in query.terms):
        found.tickets &= Q(is_spam=False)
    return found


def within(found: Meaning, person: Staff) -> TicketQuerySet:
    """Return the tickets that `person` may see and that the conditions on tickets hold for."""
    tickets = Ticket.objects.visible_to(person).filter(found.tickets)
    for condition in found.unsaid:
        entries = SearchEntry.objects.filter(ticket=OuterRef("pk")).filter(Matches("vector", condition))
        tickets = tickets.filter(~Exists(entries))
    return tickets


def _add(found: Meaning, terms: list[Term], person: Staff) -> None:
    """Add terms of one operator, any of which will do; one that is negated stands alone."""
    if not terms:
        return
    first = terms[0]
    if first.operator in _MARKS or (first.operator, first.value) == ("has", "note"):
        marked = AnyOf(*(Marked(f"{term.operator}:{term.value}") for term in terms))
        (found.unsaid if first.is_negated else found.said).append(marked)
        return
    condition = reduce(or_, (_condition(term, person) for term in terms))
    if first.is_negated:
        condition = ~condition
    if first.operator in _DAYS:
        found.days &= condition
    else:
        found.tickets &= condition


def _condition(term: Term, person: Staff) -> Q:
    if term.operator in _DAYS:
        return _days(term)
    return _CONDITIONS[term.operator](term, person)


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


def _assignee(term: Term, person: Staff) -> Q:
    value = term.value
    if value.lower() == "none":
        return Q(assignee__isnull=True)
    if value.lower() == "me":
        return Q(assignee=person)
    named = Q(name__iexact=value) | Q(email__iexact=value)
    people = list(Staff.objects.filter(named).values_list("pk", flat=True)[:MOST_NAMED])
    if not people:
        sentence = _("Nobody of ours has this name or address. “assignee:” takes me, none, a whole name or an address.")
        raise unknown(term, sentence)
    return Q(assignee__in=people)


def _team(term: Term, person: Staff) -> Q:
    if term.value.lower() == "none":
        return Q(team__isnull=True)
    named = Q(slug__iexact=term.value) | Q(name__iexact=term.value)
    teams = list(Team.objects.visible_to(person).filter(named).values_list("pk", flat=True)[:MOST_NAMED])
    if not teams:
        raise unknown(term, _("You see no team of this name. “team:” takes none, a name or a short name."))
    return Q(team__in=teams)


def _topic(term: Term, _person: Staff) -> Q:
    if term.value.lower() == "none":
        return Q(topic__isnull=True)
    named = Q(slug__iexact=term.value) | Q(name__iexact=term.value)
    topics = list(Topic.objects.filter(named).values_list("pk", flat=True)[:MOST_NAMED])
    if not topics:
        raise unknown(term, _("There is no topic of this name. “topic:” takes none, a name or a short name."))
    # A heading stands for all below it.
    return Q(topic__in=topics) | Q(topic__parent__in=topics)


def _tag(term: Term, person: Staff) -> Q:
    if term.value.lower() == "none":
        return Q(tags__isnull=True)
    tags = list(visible_tags(person).filter(name__iexact=term.value).values_list("pk", flat=True)[:MOST_NAMED])
    if not tags:
        raise unknown(term, _("No ticket that you see has this tag."))
    return Q(Exists(TicketTag.objects.filter(ticket=OuterRef("pk"), tag__in=tags)))


def visible_tags(person: Staff) -> "QuerySet[Tag]":
    """Return the tags that a ticket which `person` may see has."""
    theirs = Ticket.objects.visible_to(person).filter(tags=OuterRef("pk"))
    return Tag.objects.filter(Exists(theirs))


def _has(_term: Term, _person: Staff) -> Q:
    return Q(Exists(Attachment.objects.kept().filter(message__ticket=OuterRef("pk"), message__withdrawn_at=None)))


def _language(term: Term, _person: Staff) -> Q:
    return Q(language__iexact=term.value) | Q(language__istartswith=f"{term.value}-")


_CONDITIONS: Final[dict[str, Callable[[Term, Staff], Q]]] = {
    "status": lambda term, _person: Q(status=term.value),
    "priority": lambda term, _person: Q(priority=term.value),
    "channel": lambda term, _person: Q(channel=term.value),
    "number": lambda term, _person: Q(number=int(term.value)),
    "is": lambda term, _person: _IS[term.value],
    "assignee": _assignee,
    "team": _team,
    "topic": _topic,
    "tag": _tag,
    "has": _has,
    "language": _language,
}
