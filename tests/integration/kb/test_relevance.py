"""Relevance: what people type, and the article they need. Beside it the same by PostgreSQL's full text alone."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from django.db import connection

from kb.interchange import folder
from kb.search import words
from kb.selectors import searching
from kb.services import importing

ENTRIES = Path(__file__).with_name("relevance.yaml")
DEMO = Path(__file__).parents[3] / "kb" / "demo"
AMONG = 3
LEAST = 0.9

pytestmark = pytest.mark.skipif(not ENTRIES.exists(), reason="there are no entries")


def plain(query: str, language: str) -> list[str]:
    """Find by all words, ranked by ts_rank: what a table with one column of text would do."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT article.slug FROM kb_searchdocument AS document JOIN kb_article AS article ON article.id = article_id, "
            "plainto_tsquery(%s::regconfig, %s) AS asked WHERE language = %s AND NOT document.is_staff_only AND "
            "to_tsvector(%s::regconfig, title || ' ' || summary || ' ' || text) @@ asked "
            "ORDER BY ts_rank(vector, asked) DESC LIMIT %s",
            [words.configuration(language), query, language, words.configuration(language), AMONG],
        )
        return [row[0] for row in cursor.fetchall()]


def ours(query: str, language: str) -> list[str]:
    return [hit.slug for hit in searching.find(query, language=language).hits[:AMONG]]


def test_recall_at_3__of_what_people_type__is_nine_in_ten(db: None) -> None:
    importing.take(library=folder.read(DEMO))
    entries: list[dict[str, Any]] = yaml.safe_load(ENTRIES.read_text("utf-8"))
    assert len(entries) >= 150
    recalls: dict[str, list[tuple[bool, bool]]] = {}
    missed = []
    for entry in entries:
        query, language, slug = str(entry["query"]), entry["language"], entry["expected"]
        hit = slug in ours(query, language)
        if not hit:
            missed.append(f"{language} {entry['kind']}: {query} → {slug}")
        for name in (language, entry["kind"], "all"):
            recalls.setdefault(name, []).append((hit, slug in plain(query, language)))
    for name, found in recalls.items():
        mine, theirs = (sum(one[which] for one in found) / len(found) for which in (0, 1))
        print(f"{name}: recall@{AMONG} {mine:.3f}, plain full text {theirs:.3f}, of {len(found)}")
    print("\n".join(missed))
    assert sum(one[0] for one in recalls["all"]) / len(entries) >= LEAST
    assert all(sum(one[0] for one in recalls[code]) / len(recalls[code]) >= LEAST for code in ("en", "zh-hans"))
