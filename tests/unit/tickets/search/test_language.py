"""The search box's language: what is understood, and what is refused with its place."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tickets.search import language, marks
from tickets.search.language import QueryError, read


def said(text: str) -> list[tuple[str, str, bool, bool]]:
    return [(term.operator, term.value, term.is_negated, term.is_phrase) for term in read(text).terms]


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("withdrawal stuck", [("", "withdrawal", False, False), ("", "stuck", False, False)]),
        ('"still pending" -fee', [("", "still pending", False, True), ("", "fee", True, False)]),
        ("status:OPEN -status:closed", [("status", "open", False, False), ("status", "closed", True, False)]),
        ('status:"On hold" tag:"very important"', [("status", "on_hold", False, False), ("tag", "very important", False, False)]),
        ("#1042 number:#7", [("number", "1042", False, False), ("number", "7", False, False)]),
        ("from:Mina@Example.com", [("from", "mina@example.com", False, False)]),
        ("on:2026-02-28 12:30 https://pharos.test/x", [
            ("on", "2026-02-28", False, False), ("", "12:30", False, False), ("", "https://pharos.test/x", False, False)]),
        ('充值 - -- ""', [("", "充值", False, False), ("", "-", False, False), ("", "--", False, False)]),
    ],
)  # fmt: skip
def test_query__as_typed__is_read(text: str, terms: list[tuple[str, str, bool, bool]]) -> None:
    assert said(text) == terms


@pytest.mark.attack("D3")
@pytest.mark.parametrize(
    ("text", "piece", "names"),
    [
        ("ab colour:red", "colour:red", "status:"),
        ("team__slug:x", "team__slug:x", "status:"),
        ("status:eaten", "status:eaten", "on_hold"),
        ("is:", "is:", "is:"),
        ("on:2026-02-30", "on:2026-02-30", "2026-11-30"),
        ("before:yesterday", "before:yesterday", "2026-11-30"),
        ("number:12a", "number:12a", "1042"),
        ("from:a", "from:a", "3"),
        ("language:%", "language:%", "zh-hans"),
        ('say "never closed', '"never closed', "closed"),
    ],
)
def test_query__unknown_or_unreadable__is_one_sentence_with_its_place(text: str, piece: str, names: str) -> None:
    with pytest.raises(QueryError) as caught:
        read(text)
    assert (caught.value.piece, text[caught.value.place :]) == (piece, piece)
    assert names in caught.value.sentence


def test_query__too_long_or_too_many__is_refused() -> None:
    with pytest.raises(QueryError):
        read("x" * (language.LONGEST + 1))
    with pytest.raises(QueryError) as caught:
        read("a " * (language.MOST_TERMS + 1))
    assert caught.value.place == 2 * language.MOST_TERMS


def test_query__without_a_term__is_the_rest_as_typed() -> None:
    query = read('status:open "two words" -fee')
    assert query.without(query.terms[0]) == '"two words" -fee'
    assert read(query.without(query.terms[1])).terms[0].operator == "status"


@given(st.text(max_size=80))
def test_query__anything__is_terms_or_a_sentence_within_the_text(text: str) -> None:
    with contextlib.suppress(QueryError):
        query = read(text)
        assert all(term.value for term in query.terms)
        # What was understood is understood again.
        again = read(" ".join(term.piece for term in query.terms))
        assert [(one.operator, one.value) for one in again.terms] == [(one.operator, one.value) for one in query.terms]


def test_marks__runs_and_identifiers__stand_out_and_nothing_else() -> None:
    terms = read("没到账 0xabc123").terms
    pieces = marks.in_text("我的充值没到账 <b>0xABC123ff</b>", marks.exact(terms))
    assert pieces is not None
    assert [piece.text for piece in pieces if piece.is_hit] == ["没到账", "0xABC123"]
    assert "".join(piece.text for piece in pieces) == "我的充值没到账 <b>0xABC123ff</b>"
    assert marks.in_text("nothing", marks.exact(terms)) is None
