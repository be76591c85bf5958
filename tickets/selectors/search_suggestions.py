"""What the search box offers while somebody types: operators, values, names and numbers within what they may see."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from django.db.models import Q

from accounts.models import Staff, Team
from tickets.models import SearchEntry, Ticket, Topic
from tickets.models.search import AnyOf, Asked, Marked, Matches
from tickets.search.language import CLOSED, FIELD, NUMBER_DIGITS, OPERATORS, is_field
from tickets.selectors import search_fields
from tickets.selectors.people import masked_address, shown_name
from tickets.selectors.search_names import visible_tags

MOST = 8
# Of so many tickets that fit, whose newest are read, customers are named.
NEWEST = 40
LEAST_OF_A_NAME = 2
_OPERATOR: Final = r"(?:(?P<operator>[A-Za-z_]+(?:\.[A-Za-z0-9_]+)?):)?"
_LAST: Final = re.compile(rf"(?P<minus>-?){_OPERATOR}(?P<value>[^\s\":]*)$")
# Behind a quotation mark that is still open.
_LAST_QUOTED: Final = re.compile(rf'(?P<minus>-?){_OPERATOR}"(?P<value>[^"]*)$')
_CODES: Final = ("en", "zh-hans", "es", "de", "fr")


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One way to go on: the whole query with it, what to show, and a word on what it is."""

    query: str
    label: str
    hint: str = ""


def suggestions(text: str, person: Staff) -> tuple[Suggestion, ...]:
    """Return at most eight ways to go on from the end of `text`, in at most three queries."""
    is_quoted = text.count('"') % 2 == 1
    found = (_LAST_QUOTED if is_quoted else _LAST).search(text)
    if found is None:
        return ()
    before, value = text[: found.start()] + found["minus"], found["value"].lower()
    if found["operator"]:
        operator = found["operator"].lower()
        pieces = [(f"{operator}:{_quoted(name)}", hint) for name, hint in _values(operator, value, person)]
        return tuple(Suggestion(f"{before}{piece} ", piece, hint) for piece, hint in pieces[:MOST])
    if not value:
        return ()
    names = [] if is_quoted else [name for name in OPERATORS if name.startswith(value)]
    if not is_quoted and value.startswith("fi"):
        names += [f"{FIELD}{key}" for key in search_fields.offered() if f"{FIELD}{key}".startswith(value)]
    operators = [Suggestion(f"{before}{name}:", f"{name}:") for name in names]
    tickets = [] if found["minus"] else _tickets(before, value, person)
    return tuple([*operators, *tickets][:MOST])


def _values(operator: str, value: str, person: Staff) -> Iterable[tuple[str, str]]:
    if operator in CLOSED:
        return [(one, "") for one in CLOSED[operator] if one.startswith(value)]
    if operator == "language":
        return [(one, "") for one in _CODES if one.startswith(value)]
    if is_field(operator):
        return [(one, "") for one in search_fields.values(operator) if one.lower().startswith(value)]
    named = _NAMED.get(operator)
    if named is None:
        return []
    fixed = {"assignee": ("me", "none"), "team": ("mine", "none")}.get(operator, ("none",))
    return [*((one, "") for one in fixed if one.startswith(value)), *named(value, person)]


def _people(value: str, _person: Staff) -> list[tuple[str, str]]:
    people = Staff.objects.filter(Q(name__istartswith=value) | Q(name__icontains=f" {value}"), is_active=True)
    return [(name, "") for name in people.order_by("name").values_list("name", flat=True)[:MOST]]


def _teams(value: str, person: Staff) -> list[tuple[str, str]]:
    teams = Team.objects.visible_to(person).filter(Q(name__istartswith=value) | Q(slug__istartswith=value))
    return list(teams.order_by("name").values_list("slug", "name")[:MOST])


def _topics(value: str, _person: Staff) -> list[tuple[str, str]]:
    topics = Topic.objects.filter(Q(name__istartswith=value) | Q(slug__istartswith=value), is_active=True)
    return list(topics.order_by("name").values_list("slug", "name")[:MOST])


def _tags(value: str, person: Staff) -> list[tuple[str, str]]:
    tags = visible_tags(person).filter(name__istartswith=value)
    return [(name, "") for name in tags.order_by("name").values_list("name", flat=True)[:MOST]]


_NAMED: Final[dict[str, Callable[[str, Staff], list[tuple[str, str]]]]] = {
    "assignee": _people,
    "team": _teams,
    "topic": _topics,
    "tag": _tags,
}


def _tickets(before: str, word: str, person: Staff) -> list[Suggestion]:
    """Return tickets by number, and customers by name: of visible tickets, their address masked."""
    digits = word.removeprefix("#")
    if digits.isascii() and digits.isdecimal():
        return _numbered(digits, person) if len(digits) <= NUMBER_DIGITS else []
    if len(word) < LEAST_OF_A_NAME or word.startswith("#"):
        return []
    heads = SearchEntry.objects.filter(
        Matches("vector", AnyOf(Marked(word), Asked(word))),
        message__isnull=True,
        ticket__in=Ticket.objects.visible_to(person).order_by().values("pk"),
    ).order_by("-pk")
    names: dict[str, str] = {}
    for name, address in heads.values_list("ticket__requester__name", "ticket__requester_address")[:NEWEST]:
        shown = shown_name(name)
        if any(part.lower().startswith(word) for part in shown.split()) and '"' not in shown:
            names.setdefault(shown, masked_address(address))
    return [Suggestion(f"{before}{_quoted(name)} ", name, address) for name, address in list(names.items())[:MOST]]


def _numbered(digits: str, person: Staff) -> list[Suggestion]:
    tickets = Ticket.objects.visible_to(person).filter(number=int(digits))
    return [
        Suggestion(f"#{number}", f"#{number}", subject) for number, subject in tickets.values_list("number", "subject")
    ]


def _quoted(value: str) -> str:
    return f'"{value}"' if " " in value else value
