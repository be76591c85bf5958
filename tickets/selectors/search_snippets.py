"""What the search shows of a message that it found: the place in it, with the words that were looked for marked."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.contrib.postgres.search import SearchHeadline
from django.db.models import F, Func, TextField, Value
from django.db.models.functions import Left

from tickets.models import SearchEntry
from tickets.models.search import Condition
from tickets.search import marks
from tickets.search.language import Term
from tickets.search.marks import BLUNT, MARKS, SHARP, START, STOP, Piece

# As much of a message is read for its snippet.
READ: Final = 20_000
WORDS: Final = 28


@dataclass(frozen=True, slots=True)
class Snippet:
    """One message as the search shows it: `kind` is note, in or out."""

    seq: int
    kind: str
    at: datetime
    pieces: tuple[Piece, ...]


def of_entries(keys: Iterable[int], *, words: Condition | None, terms: Sequence[Term]) -> dict[int, Snippet]:
    """Return the snippets of these entries, by key, in one query; none of heads."""
    text = Func(
        Left("message__text", READ), Value(SHARP + MARKS), Value(BLUNT), function="translate", output_field=TextField()
    )
    literals = marks.exact(terms)
    headline = (
        SearchHeadline(
            text, words, config="english", start_sel=START, stop_sel=STOP, max_words=WORDS, min_words=WORDS // 2
        )
        if words is not None
        else Left(text, READ // 100)
    )
    rows = SearchEntry.objects.filter(pk__in=list(keys), message__isnull=False).annotate(
        headline=headline, text=text if literals else Value(""), kind=F("message__kind"), side=F("message__direction")
    )
    return {
        pk: Snippet(
            seq, "note" if kind == "note" else side, at, marks.in_text(said, literals) or marks.in_headline(line)
        )
        for pk, seq, kind, side, at, said, line in rows.values_list(
            "pk", "message__seq", "kind", "side", "at", "text", "headline"
        )
    }
