"""Values of custom fields: read from what was typed, checked by the field's rules, and written for people."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final
from urllib.parse import urlsplit

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from core.storable_text import storable
from security.redaction import redact
from tickets.fields import pattern
from tickets.models.custom_field import CustomField, CustomValue, FieldKind

Typed = str | int | Decimal | date | bool | list[str]
MOST_TEXT, MOST_LONG_TEXT = 300, 5_000
# What a column of whole numbers holds, and one of decimals.
MOST_WHOLE = 2**63 - 1
_WHOLE: Final = re.compile(r"-?\d{1,19}", re.ASCII)
_DECIMAL: Final = re.compile(r"-?\d{1,20}(\.\d{1,10})?", re.ASCII)
_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
YES, NO = ("yes", "1", "true"), ("no", "0", "false")


class ValueRefused(ValueError):
    """It cannot be taken; the sentence says why, and never repeats what was typed."""


@dataclass(frozen=True, slots=True)
class Taken:
    """One value as the database keeps it; `is_redacted` says that something secret was taken out."""

    value: Typed
    is_redacted: bool = False


def read(field: CustomField, given: Sequence[str]) -> Taken | None:
    """Return what was typed, or None where nothing was. Raises ValueRefused."""
    texts = [storable(one).replace("\r\n", "\n").strip() for one in given]
    texts = [one for one in texts if one]
    if not texts:
        return None
    if field.kind == FieldKind.CHOICES:
        return Taken(_chosen(field, texts))
    return _READERS[FieldKind(field.kind)](field, texts[0])


def _text(field: CustomField, text: str) -> Taken:
    if field.kind == FieldKind.TEXT:
        text = " ".join(text.split())
    redacted = redact(text)
    text = redacted.text
    most = MOST_TEXT if field.kind == FieldKind.TEXT else MOST_LONG_TEXT
    if field.most is not None:
        most = min(most, int(field.most))
    if len(text) > most:
        raise ValueRefused(_("At most %(most)s characters.") % {"most": most})
    if field.least is not None and len(text) < int(field.least):
        raise ValueRefused(_("At least %(least)s characters.") % {"least": int(field.least)})
    if field.pattern and not redacted.findings and not pattern.fits(field.pattern, text):
        raise ValueRefused(field.hint or _("This is not written as it has to be."))
    return Taken(text, bool(redacted.findings))


def _whole(field: CustomField, text: str) -> Taken:
    if not _WHOLE.fullmatch(text) or not -MOST_WHOLE <= int(text) <= MOST_WHOLE:
        raise ValueRefused(_("Write a whole number in digits."))
    _in_range(field, Decimal(text))
    return Taken(int(text))


def _decimal(field: CustomField, text: str) -> Taken:
    if not _DECIMAL.fullmatch(text):
        raise ValueRefused(_("Write a number in digits, with a point before decimals: 1250.5."))
    _in_range(field, Decimal(text))
    return Taken(Decimal(text))


def _in_range(field: CustomField, number: Decimal) -> None:
    if field.least is not None and number < field.least:
        raise ValueRefused(_("At least %(least)s.") % {"least": plain(field.least)})
    if field.most is not None and number > field.most:
        raise ValueRefused(_("At most %(most)s.") % {"most": plain(field.most)})


def _date(_field: CustomField, text: str) -> Taken:
    try:
        if _DATE.fullmatch(text):
            return Taken(date.fromisoformat(text))
    except ValueError:
        pass
    raise ValueRefused(_("Write a date as in 2026-11-30."))


def _yes_no(_field: CustomField, text: str) -> Taken:
    if text.lower() not in (*YES, *NO):
        raise ValueRefused(_("Choose yes or no."))
    return Taken(text.lower() in YES)


def _choice(field: CustomField, text: str) -> Taken:
    if text not in field.choices:
        raise ValueRefused(_("That choice does not exist any more."))
    return Taken(text)


def _chosen(field: CustomField, texts: Sequence[str]) -> list[str]:
    if not set(texts) <= set(field.choices):
        raise ValueRefused(_("That choice does not exist any more."))
    return [one for one in field.choices if one in texts]


def _link(field: CustomField, text: str) -> Taken:
    taken = _text(field, text)
    try:
        parts = urlsplit(text)
        is_link = parts.scheme in {"http", "https"} and bool(parts.hostname) and "@" not in parts.netloc
    except ValueError:
        is_link = False
    if not is_link or re.search(r"\s", text):
        raise ValueRefused(_("Write a whole link, beginning with https://."))
    return taken


_READERS: Final = {
    FieldKind.TEXT: _text,
    FieldKind.LONG_TEXT: _text,
    FieldKind.NUMBER: _whole,
    FieldKind.DECIMAL: _decimal,
    FieldKind.DATE: _date,
    FieldKind.YES_NO: _yes_no,
    FieldKind.CHOICE: _choice,
    FieldKind.LINK: _link,
}


def of(row: CustomValue, field: CustomField) -> Typed:
    """Return what a row says."""
    value: Typed = getattr(row, field.column)
    return value


def typed(value: Typed) -> str:
    """Return a value as it is typed; several choices with commas."""
    if isinstance(value, bool):
        return YES[0] if value else NO[0]
    if isinstance(value, list):
        return ",".join(value)
    return plain(value) if isinstance(value, Decimal) else str(value)


def plain(number: Decimal) -> str:
    """Return a decimal number without zeros behind it."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def told(field: CustomField, text: str, language: str) -> str:
    """Return a value, as it is typed, in the words of a language."""
    if field.kind == FieldKind.YES_NO and text:
        return _("Yes") if text == YES[0] else _("No")
    if field.kind in (FieldKind.CHOICE, FieldKind.CHOICES):
        names = dict(choices(field, language))
        pieces = text.split(",") if field.kind == FieldKind.CHOICES else [text]
        return ", ".join(names.get(piece, piece) for piece in pieces)
    if field.kind == FieldKind.DATE and _DATE.fullmatch(text):
        return date_format(date.fromisoformat(text), "SHORT_DATE_FORMAT")
    return text


def choices(field: CustomField, language: str) -> list[tuple[str, str]]:
    """Return the choices of a field as they are kept, and in the words of a language."""
    shown = (field.choices_zh_hans if language == "zh-hans" else []) or field.choices
    return list(zip(field.choices, shown, strict=True))


def named(field: CustomField, language: str) -> tuple[str, str]:
    """Return the name and the hint of a field in a language."""
    if language == "zh-hans":
        return field.name_zh_hans or field.name, field.hint_zh_hans or field.hint
    return field.name, field.hint
