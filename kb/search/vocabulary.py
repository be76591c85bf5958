"""What a process remembers of a language's words and synonyms; it looks each time whether they have changed since."""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.db import connection
from rapidfuzz import process
from rapidfuzz.distance import OSA

from kb.models import SearchDocument, SearchVersion, SearchWord, Synonym
from kb.search import words

MOST_WORDS = 50_000
SHORTEST_MISSPELT, SHORTEST_TWICE_MISSPELT, SHORTEST_MEANT = 4, 7, 3

Lexemes = tuple[str, ...]
_kept: "dict[str, Vocabulary]" = {}
_reading = threading.Lock()


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Words of a language and in how many articles each is; groups of synonyms by their stems."""

    version: int
    documents: int
    counts: Mapping[str, int]
    spellings: Sequence[str]
    groups: Mapping[Lexemes, tuple[str, ...]] = field(default_factory=dict)
    # Where no spaces set words off: each synonym as it is written, the longest first, and its group.
    phrases: Sequence[tuple[str, tuple[str, ...]]] = ()
    # And words of three characters and more, of articles and synonyms.
    long_words: Sequence[str] = ()

    def is_known(self, text: str) -> bool:
        """Whether `text`, or its first or last part, is a word of its own."""
        return any(part in self.counts for part in (text, text[:2], text[-2:]))

    def nearest(self, word: str) -> str:
        """Return the known word that `word` was probably to be, or an empty text. Bounded: a few milliseconds."""
        if len(word) < SHORTEST_MISSPELT or word.isdigit():
            return ""
        most = 1 if len(word) < SHORTEST_TWICE_MISSPELT else 2
        near = process.extract(word, self.spellings, scorer=OSA.distance, score_cutoff=most, limit=20)
        best = min(near, key=lambda one: self._unlikely(word, one[0], int(one[1])), default=None)
        return str(best[0]) if best else self._in_two(word)

    def _unlikely(self, word: str, spelling: str, distance: int) -> tuple[float, int]:
        # People seldom get the first letter wrong.
        return distance + (spelling[0] != word[0]) * 0.75, -self.counts.get(spelling, 0)

    def _in_two(self, word: str) -> str:
        for cut in range(3, len(word) - 2):
            first, second = word[:cut], word[cut:]
            if first in self.counts and second in self.counts:
                return f"{first} {second}"
        return ""


def of(language: str) -> Vocabulary:
    """Return the vocabulary as it is now; one short statement when nothing has changed."""
    version = SearchVersion.objects.filter(language=language).values_list("number", flat=True).first() or 0
    kept = _kept.get(language)
    if kept is not None and kept.version == version:
        return kept
    with _reading:
        read = _read(language, version)
        _kept[language] = read
    return read


def _read(language: str, version: int) -> Vocabulary:
    known = SearchWord.objects.filter(language=language, documents__gt=0)
    counts = dict(known.order_by("-documents").values_list("word", "documents")[:MOST_WORDS])
    groups: dict[Lexemes, tuple[str, ...]] = {}
    phrases: list[tuple[str, tuple[str, ...]]] = []
    rows = [tuple(row) for row in Synonym.objects.filter(language=language).values_list("words", flat=True)]
    spoken = sorted({word for row in rows for word in row})
    stems = dict(zip(spoken, stemmed(spoken, language), strict=True))
    for row in rows:
        for word in row:
            key = stems[word]
            if key:
                groups[key] = tuple(dict.fromkeys((*groups.get(key, ()), *row)))
            phrases.append((words.folded(word), row))
    spellings = {spelling for spelling in counts if len(spelling) >= SHORTEST_MEANT and not spelling.isdigit()}
    spellings |= {part for word in spoken for part in words.words(word, language) if len(part) >= SHORTEST_MEANT}
    return Vocabulary(
        version,
        SearchDocument.objects.filter(language=language).count(),
        counts,
        sorted(spellings),
        groups,
        sorted(phrases, key=lambda one: -len(one[0])),
        _long_words(counts, phrases) if words.is_cut_by_us(language) else (),
    )


def _long_words(counts: Mapping[str, int], phrases: Sequence[tuple[str, tuple[str, ...]]]) -> list[str]:
    known = {word for word in counts if len(word) >= SHORTEST_MEANT}
    known |= {phrase for phrase, _group in phrases if len(phrase) >= SHORTEST_MEANT}
    return sorted((word for word in known if not word.isascii()), key=lambda word: (-counts.get(word, 0), word))


def stemmed(texts: Sequence[str], language: str) -> list[Lexemes]:
    """Return each text as its stems, in order; words that say nothing (`the`) are left out."""
    if not texts:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT ARRAY(SELECT stem.lexeme FROM unnest(to_tsvector(%s::regconfig, one.said)) AS stem "
            "ORDER BY stem.positions[1]) FROM unnest(%s::text[]) WITH ORDINALITY AS one(said, place) ORDER BY place",
            [words.configuration(language), [words.indexed(text, language) for text in texts]],
        )
        return [tuple(row[0]) for row in cursor.fetchall()]
