"""The search: stems, synonyms, typing errors, Chinese; what it never keeps; who may find what."""

import pytest
from django.db import DatabaseError, transaction

from kb.models import ArticleClick, Deflection, SearchDocument, SearchQueryLog, Synonym
from kb.selectors import searching
from kb.selectors.searching import Narrowed
from kb.services import indexing, reading
from tests.factories import kb

HASH = "4a5e1e4baab89f3a32518a88c31bc87f618f76673e2cc77ab2127b7afdeda33b"


@pytest.fixture
def shelf(db: None) -> None:
    kb.published(
        "withdrawals", title="Withdrawing coins", body="How to take coins out of your account. Networks differ."
    )
    kb.published("passwords", title="Forgotten password", body="Ask for a link, then choose a new password.")
    kb.published("fees", title="Fees", body="What trading costs; withdrawals cost a network fee.", tags=("btc",))
    kb.published("secret-procedure", title="Withdrawals on hold", body="For staff.", is_staff_only=True)
    article = kb.published("deposits", title="Deposits", body="Bringing coins in.").article
    kb.translated(article, "zh-hans", title="如何充值", body="把币充入您的账户，等待网络确认。")
    Synonym.objects.create(language="en", words=["withdraw", "cash out", "take out"])
    Synonym.objects.create(language="zh-hans", words=["充值", "存币", "入金"])
    for language in ("en", "zh-hans"):
        indexing.touch(language=language)


def slugs(query: str, language: str = "en", **narrowed: object) -> list[str]:
    found = searching.find(query, language=language, narrowed=Narrowed(**narrowed))  # type: ignore[arg-type]
    return [hit.slug for hit in found.hits]


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("withdrawals", "withdrawals"), ("how do I withdraw", "withdrawals"), ("witdrawing", "withdrawals"),
        ("cash out my coins", "withdrawals"), ("pasword forgoten", "passwords"), ("pass word", "passwords"), ("fee", "fees"),
    ],
)  # fmt: skip
def test_search__as_people_type__finds_it_first(shelf: None, query: str, first: str) -> None:
    assert slugs(query)[0] == first


@pytest.mark.parametrize("query", ["充值", "怎么存币", "入金没有到账", "网络确认"])
def test_search__chinese__finds_words_and_their_synonyms(shelf: None, query: str) -> None:
    assert slugs(query, "zh-hans") == ["deposits"]
    assert slugs(query, "zh-hant") == ["deposits"]


def test_search__misspelt__says_what_it_understood(shelf: None) -> None:
    assert searching.find("forgoten pasword", language="en").understood == "forgotten password"
    assert searching.find("forgotten password", language="en").understood == ""


def test_search__staff_only_category_and_tag__narrow(shelf: None) -> None:
    assert "secret-procedure" not in slugs("withdrawals hold")
    assert slugs("withdrawals on hold", with_staff_only=True)[0] == "secret-procedure"
    assert slugs("withdrawals", tag="btc") == ["fees"]
    assert slugs("withdrawals", category="none") == []


@pytest.mark.attack("B1")
def test_snippet__markup_in_title_and_text__is_escaped(db: None) -> None:
    kb.published("bad", title="<script>alert(1)</script> fees", body="fees `<img src=x onerror=alert(1)>` \x02<b>")
    hit = searching.find("fees", language="en").hits[0]
    assert "<script" not in hit.marked_title + hit.snippet
    assert "<img" not in hit.snippet
    assert "<mark>fees</mark>" in hit.marked_title


def test_index__identifiers_in_a_text__are_not_in_it(db: None) -> None:
    kb.published("tx", title="Transactions", body=f"Such as {HASH}, 0xabcdef0123 or bob@example.com, 123456789.")
    document = SearchDocument.objects.get()
    for told in (document.text, document.vector, " ".join(document.words)):
        assert not any(name in told for name in ("4a5e1e4b", "abcdef0123", "bob", "12345"))


@pytest.mark.parametrize(
    "query", ["", "  ", "!!!", "'; DROP TABLE kb_article; --", "a" * 5000, "& | ! :* <->", "\x00\ud800", HASH]
)
def test_search__anything_at_all__is_answered(shelf: None, query: str) -> None:
    assert isinstance(slugs(query), list)


def test_log__query_with_an_address__is_kept_without_it(shelf: None) -> None:
    reading.searched(query=f"Where is {HASH} of bob@example.com", language="en", found=0)
    reading.searched(query=HASH, language="en", found=0)
    reading.searched(query=" ".join(["abandon"] * 11 + ["about"]), language="en", found=0)
    row = SearchQueryLog.objects.get()
    assert (row.query, row.searches, row.found_nothing) == ("where is of", 1, 1)
    with pytest.raises(DatabaseError), transaction.atomic():
        SearchQueryLog.objects.create(day=row.day, language="en", query="mail bob@example.com")


def test_click__of_a_query_that_was_searched__is_counted(shelf: None) -> None:
    article = SearchDocument.objects.select_related("article").get(title="Fees").article
    reading.opened(query="fee", language="en", article=article)
    reading.searched(query="Fee", language="en", found=3)
    for _ in range(2):
        reading.opened(query="fee", language="en", article=article)
    assert SearchQueryLog.objects.get().clicks == ArticleClick.objects.get().clicks == 2


def test_deflection__said_twice_on_a_day__counts_once(shelf: None) -> None:
    article = SearchDocument.objects.select_related("article").get(title="Fees").article
    told = [reading.solved(article=article, language="en", door="web", reader="r1") for _ in range(2)]
    assert (told, Deflection.objects.count()) == ([True, False], 1)


def test_quality__by_votes__is_rated_anew(shelf: None) -> None:
    document = SearchDocument.objects.get(title="Fees")
    revision = document.translation.published
    assert revision is not None
    for number in range(5):
        reading.vote(revision=revision, reader=f"r{number}", opinion=reading.Opinion(is_helpful=False, reason="wrong"))
    indexing.rate()
    assert SearchDocument.objects.get(pk=document.pk).quality < SearchDocument.objects.get(title="Deposits").quality
