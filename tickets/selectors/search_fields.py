"""Custom fields in a search: what `field.KEY:value` means for tickets, by the kind of the field."""

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Final

from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Left, Lower
from django.utils.translation import gettext as _

from tickets.fields.values import MOST_WHOLE, NO, YES
from tickets.models import CustomField, CustomValue, FieldKind
from tickets.models.custom_field import FOUND_BY
from tickets.search.language import FIELD, Term, unknown
from tickets.selectors.search_names import Names

_TEXTS: Final = frozenset({FieldKind.TEXT, FieldKind.LONG_TEXT, FieldKind.CHOICE, FieldKind.LINK})
# Of what a case has one of, any of those asked for will do.
_ANY: Final = _TEXTS | {FieldKind.YES_NO}
_EDGE: Final = re.compile(r"([<>]?)(.+)", re.DOTALL)
_NUMBER: Final = re.compile(r"-?\d{1,19}(\.\d{1,10})?", re.ASCII)
_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_EDGES: Final = {"": "", "<": "__lt", ">": "__gt"}
MOST_KEYS = 12


def is_each(operator: str, names: Names) -> bool:
    """Whether of several values each has to hold, as the ends of a range do."""
    found = names.custom_field(operator)
    return found is not None and found[1] not in _ANY


def condition(term: Term, names: Names) -> Q:
    """Return which tickets say this. Raises QueryError for a field that is not there, and for what it cannot say."""
    found = names.custom_field(term.operator)
    if found is None:
        raise unknown(term, _no_such_field())
    pk, kind = found
    rows = CustomValue.objects.filter(ticket=OuterRef("pk"), field=pk)
    if term.value.lower() == "none":
        return ~Q(Exists(rows))
    if term.value.lower() == "any":
        return Q(Exists(rows))
    asked = _text(term) if kind in _TEXTS else _CONDITIONS[kind](term)
    said = CustomValue.objects.alias(found_by=Lower(Left("text", FOUND_BY))).filter(asked, field=pk)
    # Not by ticket: a rare value is found by its index, whatever else is asked.
    return Q(pk__in=said.values("ticket"))


def offered() -> list[str]:
    """Return the keys of fields that are offered."""
    rows = CustomField.objects.filter(is_retired=False).order_by("position", "pk")
    return list(rows.values_list("key", flat=True)[:MOST_KEYS])


def values(operator: str) -> list[str]:
    """Return what a field of choices, or of yes and no, may be asked for."""
    field = CustomField.objects.filter(key=operator.removeprefix(FIELD)).first()
    if field is None:
        return []
    said = [YES[0], NO[0]] if field.kind == FieldKind.YES_NO else list(field.choices)
    return [*said, "any", "none"]


def _no_such_field() -> str:
    known = [f"{FIELD}{key}:" for key in offered()]
    if not known:
        return _("There is no field of this key: no custom fields are there.")
    return _("There is no field of this key. There are: %(known)s.") % {"known": ", ".join(known)}


def _text(term: Term) -> Q:
    value = term.value.lower()
    # A single * at the end asks for a beginning.
    if value.endswith("*") and len(value) > 1:
        return Q(text__isnull=False, found_by__startswith=value[:-1][:FOUND_BY])
    return Q(text__isnull=False, found_by=value[:FOUND_BY])


def _edge(term: Term) -> tuple[str, str]:
    found = _EDGE.fullmatch(term.value)
    return (found[1], found[2]) if found else ("", term.value)


def _number(term: Term, column: str) -> Q:
    edge, digits = _edge(term)
    if not _NUMBER.fullmatch(digits) or abs(Decimal(digits)) > MOST_WHOLE:
        raise unknown(term, _("This field takes a number, as in 100, >100 or <100."))
    number = Decimal(digits)
    if column == "whole" and number != number.to_integral_value():
        raise unknown(term, _("This field takes whole numbers, as in 100, >100 or <100."))
    value = int(number) if column == "whole" else number
    return Q(**{f"{column}__isnull": False, f"{column}{_EDGES[edge]}": value})


def _day(term: Term) -> Q:
    edge, written = _edge(term)
    try:
        day = date.fromisoformat(written) if _DATE.fullmatch(written) else None
    except ValueError:
        day = None
    if day is None:
        raise unknown(term, _("This field takes a date, as in 2026-11-30, >2026-11-30 or <2026-11-30."))
    return Q(**{"day__isnull": False, f"day{_EDGES[edge]}": day})


def _flag(term: Term) -> Q:
    value = term.value.lower()
    if value not in (*YES, *NO):
        raise unknown(term, _("This field takes yes or no."))
    return Q(flag__isnull=False, flag=value in YES)


_CONDITIONS: Final[dict[str, Callable[[Term], Q]]] = {
    FieldKind.NUMBER: lambda term: _number(term, "whole"),
    FieldKind.DECIMAL: lambda term: _number(term, "amount"),
    FieldKind.DATE: _day,
    FieldKind.YES_NO: _flag,
    FieldKind.CHOICES: lambda term: Q(chosen__isnull=False, chosen__contains=[term.value]),
}
