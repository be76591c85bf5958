"""What somebody typed into the search box, read: words, phrases and operators, or one sentence that says what is wrong.

Nothing is guessed: an operator or a value that is not known is an error that names its place and what there is.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from django.utils.translation import gettext as _

from tickets.models.channel import Channel
from tickets.models.ticket import Priority, Status

LONGEST = 500
MOST_TERMS = 20
LEAST_OF_AN_ADDRESS = 3
NUMBER_DIGITS = 15
OPERATORS: Final = (
    "status", "priority", "assignee", "team", "topic", "tag", "channel", "from", "to", "has", "is", "language",
    "before", "after", "on", "number", "created", "updated", "waiting", "due", "sla", "domain",
)  # fmt: skip
# Values of operators that know all of theirs.
CLOSED: Final[dict[str, tuple[str, ...]]] = {
    "status": tuple(Status.values),
    "priority": tuple(Priority.values),
    "channel": tuple(Channel.values),
    "has": ("attachment", "note"),
    "is": ("open", "unassigned", "spam", "proven", "unread", "snoozed"),
    "sla": ("missed", "soon", "running", "none"),
}
_DATES: Final = frozenset({"before", "after", "on"})
_TERM = re.compile(
    r"""(?P<minus>-(?=[^\s-]))?"""
    r"""(?:(?P<operator>[A-Za-z_]+(?:\.[A-Za-z0-9_]+)?):(?!//)(?:"(?P<quoted>[^"]*)"|(?P<value>[^\s"]*))|"(?P<phrase>[^"]*)"|(?P<word>[^\s"]+))"""
)
_NUMBER = re.compile(r"#(\d+)")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8})*")
_SPANS: Final = frozenset({"created", "updated", "waiting", "due"})
_SPAN = re.compile(r"([<>]?)(\d{1,4})([mhdw])")
_UNITS: Final = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
# Custom fields: `field.` and their key.
FIELD: Final = "field."
_DOMAIN = re.compile(r"(?=.{3,253}$)[^\s@.]{1,63}(\.[^\s@.]{1,63})+")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


class QueryError(ValueError):
    """What was asked cannot be read. `sentence` is for the reader; `piece` stands at `place`, counted from 0."""

    def __init__(self, sentence: str, *, piece: str = "", place: int = 0) -> None:
        """Keep what is wrong and where."""
        super().__init__(sentence)
        self.sentence, self.piece, self.place = sentence, piece, place

    def around(self, text: str) -> tuple[str, str, str]:
        """Return what stands in `text` before the piece, the piece, and what stands behind it."""
        end = self.place + len(self.piece)
        return text[: self.place], self.piece, text[end:]


@dataclass(frozen=True, slots=True)
class Term:
    """One piece of a query. Without an operator it is a word, or a phrase; `place` is where it stands, from 0."""

    operator: str
    value: str
    is_negated: bool
    is_phrase: bool
    piece: str
    place: int

    @property
    def day(self) -> date:
        """The date of a `before:`, `after:` or `on:`. Raises ValueError for what is none."""
        if not _DATE.fullmatch(self.value):
            raise ValueError(self.value)
        return date.fromisoformat(self.value)

    @property
    def span(self) -> tuple[bool, timedelta]:
        """Whether more is asked for than a length of time, and the length. Raises ValueError for what is none."""
        found = _SPAN.fullmatch(self.value)
        if not found:
            raise ValueError(self.value)
        return found[1] == ">", timedelta(**{_UNITS[found[3]]: int(found[2])})


@dataclass(frozen=True, slots=True)
class Query:
    """What was asked, in order."""

    terms: tuple[Term, ...]

    @property
    def words(self) -> tuple[Term, ...]:
        """Words and phrases, those that must not be there among them."""
        return tuple(term for term in self.terms if not term.operator)

    def without(self, term: Term) -> str:
        """Return the query in words again, without one of its pieces."""
        return " ".join(other.piece for other in self.terms if other is not term)


def read(text: str) -> Query:
    """Read a query. Raises QueryError."""
    given = unicodedata.normalize("NFC", text).replace("\0", " ").strip()
    if len(given) > LONGEST:
        sentence = _("A search has at most %(most)s characters; this has %(count)s.")
        raise QueryError(sentence % {"most": LONGEST, "count": len(given)})
    terms: list[Term] = []
    at = 0
    while at < len(given):
        if given[at].isspace():
            at += 1
            continue
        found = _TERM.match(given, at)
        if found is None:
            raise QueryError(_("A quotation mark is opened here and not closed."), piece=given[at:], place=at)
        at = found.end()
        if (term := _term(found)) is not None:
            terms.append(term)
    if len(terms) > MOST_TERMS:
        term = terms[MOST_TERMS]
        raise _wrong(term, _("A search has at most %(most)s words and operators."), most=MOST_TERMS)
    return Query(tuple(terms))


def is_field(operator: str) -> bool:
    """Whether an operator asks for a custom field; whether there is such a field only the database knows."""
    return operator.startswith(FIELD) and len(operator) > len(FIELD)


def shown_values(operator: str) -> str:
    """Return what may stand behind an operator, for a sentence."""
    return ", ".join(CLOSED[operator])


def _term(found: re.Match[str]) -> Term | None:
    """Return the piece, checked as far as no database is needed; None for quotation marks around nothing."""
    operator = (found["operator"] or "").lower()
    value = next((found[name] for name in ("quoted", "value", "phrase", "word") if found[name] is not None), "").strip()
    is_phrase = found["phrase"] is not None
    term = Term(operator, value, bool(found["minus"]), is_phrase, found[0], found.start())
    if not operator:
        number = _NUMBER.fullmatch(value)
        if number and not is_phrase:
            return _checked(Term("number", number[1], term.is_negated, False, term.piece, term.place))
        return term if value else None
    return _checked(term)


def _checked(term: Term) -> Term:
    if term.operator not in OPERATORS and not is_field(term.operator):
        raise _wrong(
            term,
            _("There is no operator “%(name)s:”. There are: %(known)s. Quotation marks make words of it."),
            name=term.operator,
            known=", ".join([*(f"{one}:" for one in OPERATORS), f"{FIELD}…:"]),
        )
    if not term.value:
        raise _wrong(term, _("Behind “%(name)s:” a value is missing."), name=term.operator)
    if term.operator in CLOSED:
        term = Term(term.operator, term.value.lower().replace(" ", "_"), *_rest(term))
        if term.value not in CLOSED[term.operator]:
            raise _wrong(
                term,
                _("“%(name)s:” does not know “%(value)s”. It knows: %(known)s."),
                name=term.operator,
                value=term.value,
                known=shown_values(term.operator),
            )
    check = _CHECKS.get(term.operator)
    return check(term) if check else term


def _date(term: Term) -> Term:
    try:
        _day = term.day
    except ValueError:
        sentence = _("“%(name)s:” takes a date as in %(name)s:2026-11-30.")
        raise _wrong(term, sentence, name=term.operator) from None
    return term


def _span(term: Term) -> Term:
    term = Term(term.operator, term.value.lower(), *_rest(term))
    try:
        _asked = term.span
    except ValueError:
        sentence = _("“%(name)s:” takes a length of time: 30m, 4h, 7d or 2w; with > in front for more than that.")
        raise _wrong(term, sentence, name=term.operator) from None
    return term


def _domain(term: Term) -> Term:
    value = term.value.lower().removeprefix("@")
    if not _DOMAIN.fullmatch(value):
        raise _wrong(term, _("“domain:” takes what stands behind the @ of an address, as in domain:example.com."))
    return Term(term.operator, value, *_rest(term))


def _number(term: Term) -> Term:
    digits = term.value.removeprefix("#")
    if not (digits.isascii() and digits.isdecimal() and len(digits) <= NUMBER_DIGITS):
        raise _wrong(term, _("“number:” takes the number of a ticket, as in number:1042."))
    return Term(term.operator, digits, *_rest(term))


def _address(term: Term) -> Term:
    if len(term.value) < LEAST_OF_AN_ADDRESS:
        sentence = _("“%(name)s:” takes at least %(least)s characters of an address, or @ and a domain.")
        raise _wrong(term, sentence, name=term.operator, least=LEAST_OF_AN_ADDRESS)
    return Term(term.operator, term.value.lower(), *_rest(term))


def _language(term: Term) -> Term:
    value = term.value.lower()
    if not _LANGUAGE.fullmatch(value):
        raise _wrong(term, _("“language:” takes the code of a language, as in language:en or language:zh-hans."))
    return Term(term.operator, value, *_rest(term))


_CHECKS: Final[dict[str, Callable[[Term], Term]]] = {
    **dict.fromkeys(_DATES, _date),
    **dict.fromkeys(_SPANS, _span),
    "domain": _domain,
    "number": _number,
    "from": _address,
    "to": _address,
    "language": _language,
}


def _rest(term: Term) -> tuple[bool, bool, str, int]:
    return term.is_negated, term.is_phrase, term.piece, term.place


def _wrong(term: Term, sentence: str, **values: object) -> QueryError:
    return QueryError(sentence % values if values else sentence, piece=term.piece, place=term.place)


def unknown(term: Term, sentence: str) -> QueryError:
    """Return the error for a value that only the database knows not to be there."""
    return _wrong(term, sentence)
