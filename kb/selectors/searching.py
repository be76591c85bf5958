"""Finding articles: candidates by index, at most a few hundred, ranked by what of the question is where in them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from kb import languages
from kb.search import question, vocabulary, words
from kb.search.question import Question, Unit

MOST = 20
# So many are ranked of those that hold all that is asked for in the title, all of it anywhere, some of it.
IN_TITLE, ALL_OF_IT, SOME_OF_IT = 150, 300, 300
# Of units that are in every fourth article, none is looked for alone while there are rarer ones.
TELLS_NOTHING = 0.5
_OPEN, _CLOSE = "\x02", "\x03"
_SNIPPET = 180


@dataclass(frozen=True, slots=True)
class Hit:
    """One article that was found: its title and the place in it, both safe HTML."""

    article: int
    translation: int
    language: str
    title: str
    marked_title: SafeString
    snippet: SafeString
    slug: str
    public_id: str
    score: float


@dataclass(frozen=True, slots=True)
class Results:
    """What was found, the best first; `understood` is the question as it was read, if that differs."""

    hits: list[Hit]
    understood: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Narrowed:
    """What the search is limited to."""

    category: str = ""
    tag: str = ""
    with_staff_only: bool = False
    most: int = MOST

    def sql(self) -> tuple[str, list[Any]]:
        """Return the conditions and their values."""
        parts, values = [] if self.with_staff_only else ["NOT document.is_staff_only"], []
        if self.category:
            parts.append("document.category_id = (SELECT id FROM kb_category WHERE slug = %s)")
            values.append(self.category)
        if self.tag:
            parts.append("document.tags @> ARRAY[%s]::varchar[]")
            values.append(self.tag)
        return "".join(f" AND {part}" for part in parts), values


EVERYTHING_PUBLIC = Narrowed()


def find(query: str, *, language: str, narrowed: Narrowed = EVERYTHING_PUBLIC) -> Results:
    """Return what answers `query` in the reader's language, or in one that stands in for it where that has nothing."""
    understood = ""
    for code in languages.chain(language):
        known = vocabulary.of(code)
        asked = question.understand(query, language=code, vocabulary=known)
        found = _found(asked, code, narrowed) if known.documents and asked.units else []
        understood = understood or (asked.understood if found else "")
        if found:
            return Results(found, understood)
    return Results([], understood)


def _found(asked: Question, language: str, narrowed: Narrowed) -> list[Hit]:
    everything, parts = _queries(asked.units, language)
    if not parts:
        return []
    pks = _candidates(everything, parts, language, narrowed)
    if not pks:
        return []
    return _ranked(pks, parts, language, narrowed.most)


def _queries(units: Sequence[Unit], language: str) -> tuple[str, list[tuple[str, float]]]:
    """Return, as PostgreSQL writes them, the query for all units and that of each with its weight."""
    reads = "plainto_tsquery" if words.is_cut_by_us(language) else "phraseto_tsquery"
    configuration = words.configuration(language)
    texts = [[words.folded(way) for way in unit.ways] for unit in units]
    if words.is_cut_by_us(language):
        texts = [[" ".join(words.words(way, language)) for way in ways] for ways in texts]
    one = f"{reads}(%s::regconfig, %s)"
    columns = [" || ".join([one] * len(ways)) for ways in texts]
    values = [value for ways in texts for way in ways for value in (configuration, way)]
    whole = " && ".join(f"({column})" for column in columns)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {whole}, {', '.join(columns)}", [*values, *values])
        row = cursor.fetchone()
    parts = [(part, unit.weight) for part, unit in zip(row[1:], units, strict=True) if part]
    return str(row[0]), parts


def _candidates(everything: str, parts: list[tuple[str, float]], language: str, narrowed: Narrowed) -> list[int]:
    conditions, values = narrowed.sql()
    one = (
        "(SELECT translation_id FROM kb_searchdocument AS document WHERE document.language = %s{more} "
        "AND document.{vector} @@ %s::tsquery LIMIT %s)"
    )
    asked = [("title_vector", everything, IN_TITLE), ("vector", everything, ALL_OF_IT)]
    found = _union(one, asked, [language, *values], conditions)
    if len(found) < narrowed.most and len(parts) > 1:
        telling = [part for part, weight in parts if weight >= TELLS_NOTHING] or [part for part, _weight in parts]
        some = " | ".join(f"({part})" for part in telling)
        in_title = ("title_vector", some, IN_TITLE)
        found += _union(one, [in_title, ("vector", some, SOME_OF_IT)], [language, *values], conditions)
        if len(found) < narrowed.most and len(telling) < len(parts):
            # What tells most may be in no article at all.
            any_of_it = " | ".join(f"({part})" for part, _weight in parts)
            found += _union(one, [("vector", any_of_it, SOME_OF_IT)], [language, *values], conditions)
    return list(dict.fromkeys(found))


def _union(one: str, asked: list[tuple[str, str, int]], values: list[Any], conditions: str) -> list[int]:
    parts = [one.format(more=conditions, vector=vector) for vector, _query, _most in asked]
    given = [value for _vector, query, most in asked for value in (*values, query, most)]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts), given)
        return [row[0] for row in cursor.fetchall()]


def _ranked(pks: list[int], parts: list[tuple[str, float]], language: str, most: int) -> list[Hit]:
    whole = sum(weight for _part, weight in parts)
    covered = " + ".join(["%s * (document.vector @@ %s::tsquery)::int"] * len(parts))
    in_title = " + ".join(["%s * (document.title_vector @@ %s::tsquery)::int"] * len(parts))
    above = " + ".join(["%s * (ts_filter(document.vector, '{a,b}') @@ %s::tsquery)::int"] * len(parts))
    weighed = [value for part, weight in parts for value in (weight / whole, part)]
    some = " | ".join(f"({part})" for part, _weight in parts)
    sql = f"""
        SELECT document.translation_id, document.article_id, document.title, document.summary, document.text,
               translation.slug, translation.public_id, scored.score
        FROM (
            SELECT translation_id, ({covered}) + 1.1 * ({in_title}) + 0.5 * ({above})
                   + 3 * ts_rank('{{0.05, 0.2, 0.5, 1.0}}', document.vector, %s::tsquery, 1)
                   - 0.02 * ln(1 + length(document.title_vector)) + 0.1 * document.quality AS score
            FROM kb_searchdocument AS document WHERE translation_id = ANY (%s)
            ORDER BY score DESC, translation_id LIMIT %s
        ) AS scored
        JOIN kb_searchdocument AS document USING (translation_id)
        JOIN kb_translation AS translation ON translation.id = document.translation_id
        ORDER BY scored.score DESC, document.translation_id
    """  # noqa: S608 -- ours; values apart
    with connection.cursor() as cursor:
        cursor.execute(sql, [*weighed, *weighed, *weighed, some, pks, most])
        rows = cursor.fetchall()
    marked = _marked([(row[2], f"{row[3]} {row[4]}") for row in rows], some, language)
    return [
        Hit(row[1], row[0], language, row[2], title, snippet, row[5], row[6], float(row[7]))
        for row, (title, snippet) in zip(rows, marked, strict=True)
    ]


def _marked(texts: list[tuple[str, str]], query: str, language: str) -> list[tuple[SafeString, SafeString]]:
    if words.is_cut_by_us(language):
        told = re.findall(r"'((?:[^']|'')+)'", query)
        return [(_safe(_marks(title, told)), _safe(_around(text, told))) for title, text in texts]
    options = f"StartSel={_OPEN}, StopSel={_CLOSE}"
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT ts_headline(%s::regconfig, one.title, %s::tsquery, %s), "
            "ts_headline(%s::regconfig, one.text, %s::tsquery, %s) "
            "FROM unnest(%s::text[], %s::text[]) WITH ORDINALITY AS one(title, text, place) ORDER BY place",
            [
                words.configuration(language), query, f"{options}, HighlightAll=true",
                words.configuration(language), query, f"{options}, MaxWords=28, MinWords=14",
                [_unmarked(title) for title, _text in texts], [_unmarked(text)[:4_000] for _title, text in texts],
            ],
        )  # fmt: skip
        return [(_safe(title), _safe(text)) for title, text in cursor.fetchall()]


def _around(text: str, told: list[str]) -> str:
    """The stretch of a text around the first word that is asked for."""
    places = [place for word in told if (place := text.lower().find(word)) >= 0]
    start = max(0, min(places, default=0) - 40)
    cut = text[start : start + _SNIPPET].replace("\n", " ")
    return ("…" if start else "") + _marks(cut, told) + ("…" if start + _SNIPPET < len(text) else "")


def _marks(text: str, told: list[str]) -> str:
    pattern = "|".join(re.escape(word) for word in sorted(told, key=len, reverse=True))
    if not pattern:
        return text
    return re.sub(pattern, lambda found: f"{_OPEN}{found[0]}{_CLOSE}", _unmarked(text), flags=re.IGNORECASE)


def _unmarked(text: str) -> str:
    return text.replace(_OPEN, "").replace(_CLOSE, "")


def _safe(text: str) -> SafeString:
    """Escape all of it, then put the marks in: nothing that an editor wrote is markup here."""
    return mark_safe(escape(text).replace(_OPEN, "<mark>").replace(_CLOSE, "</mark>"))  # noqa: S308 -- escaped
