"""Conditions of views: the language of the search without what is only found in messages."""

from typing import Final

from django.utils.translation import gettext as _

from tickets.search.language import OPERATORS, Query, is_field, read, unknown

# What is looked up in messages, or names one case.
_NOT_FOR_VIEWS: Final = frozenset({"from", "to", "before", "after", "on", "number"})
FOR_VIEWS: Final = tuple(name for name in OPERATORS if name not in _NOT_FOR_VIEWS)


def read_conditions(text: str) -> Query:
    """Read the conditions of a view. Raises QueryError for what cannot be read, and for what views do not take."""
    query = read(text)
    for term in query.terms:
        if not term.operator:
            raise unknown(term, _("A view takes operators only, no words. The search looks for words."))
        is_known = term.operator in FOR_VIEWS or is_field(term.operator)
        if not is_known or (term.operator, term.value) == ("has", "note"):
            raise unknown(term, _("A view does not take this operator: it is looked up in messages, by the search."))
    return query


def written(operator: str, value: str, *, is_negated: bool = False) -> str:
    """Return one condition as it is typed; quotation marks cannot stand in a value and are left out."""
    value = value.replace('"', "").strip()
    shown = f'"{value}"' if any(one.isspace() for one in value) else value
    return f"{'-' if is_negated else ''}{operator}:{shown}"
