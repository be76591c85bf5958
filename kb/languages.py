"""Languages of articles: their names, how PostgreSQL stems them, and which one stands in for which."""

from typing import NamedTuple

from django.conf import settings
from django.utils.translation import get_language_info


class Language(NamedTuple):
    """A language that articles may be written in."""

    code: str
    # PostgreSQL's text search configuration; `simple` where the words are found by us.
    configuration: str
    is_rtl: bool = False


LANGUAGES: dict[str, Language] = {
    one.code: one
    for one in (
        Language("en", "english"),
        Language("zh-hans", "simple"),
        Language("zh-hant", "simple"),
        Language("de", "german"),
        Language("es", "spanish"),
        Language("fr", "french"),
        Language("ru", "russian"),
        Language("pt", "portuguese"),
        Language("tr", "turkish"),
        Language("ja", "simple"),
        Language("ko", "simple"),
        Language("vi", "simple"),
        Language("ar", "arabic", is_rtl=True),
    )
}
SOURCE = "en"
# Beside these, everybody is led to English.
STANDS_IN = {"zh-hant": ("zh-hans",), "zh-hans": ("zh-hant",)}
CHOICES = [(code, code) for code in LANGUAGES]


def chain(language: str) -> tuple[str, ...]:
    """Return the languages a reader of `language` is shown, the best first; English is always the last."""
    first = language if language in LANGUAGES else SOURCE
    return tuple(dict.fromkeys((first, *STANDS_IN.get(first, ()), SOURCE)))


def name(code: str) -> str:
    """Return what its speakers call it."""
    return str(get_language_info(code)["name_local"])


def spoken(language: str) -> str:
    """Return the first language of a reader's chain that the words around articles, and mails, are there in."""
    known = {code for code, _name in settings.LANGUAGES}
    return next((code for code in chain(language) if code in known), SOURCE)


def nearest(asked: str) -> str:
    """Return the language of ours for a tag such as `zh-TW` or `de-CH` (BCP 47); English for one we do not have."""
    tag = asked.strip().lower().replace("_", "-")
    if tag in LANGUAGES:
        return tag
    base, _dash, rest = tag.partition("-")
    if base == "zh":
        return "zh-hant" if {"tw", "hk", "mo", "hant"} & set(rest.split("-")) else "zh-hans"
    return base if base in LANGUAGES else SOURCE


def from_header(accepted: str) -> str:
    """Return the language of ours that an Accept-Language header asks for first."""
    wishes = []
    for place, part in enumerate(accepted[:500].split(",")):
        tag, _semicolon, quality = part.partition(";q=")
        try:
            weight = float(quality or 1)
        except ValueError:
            weight = 0.0
        base = tag.strip().lower().partition("-")[0]
        if base in LANGUAGES or base == "zh":
            wishes.append((-weight, place, nearest(tag)))
    return min(wishes)[2] if wishes else SOURCE
