"""Redaction of HTML: secrets spread over tags are found, and the markup around them stays as it was."""

from html.parser import HTMLParser

import pytest

from security.redaction import Kind, redact_html
from tests.corpus.redaction import INNOCENT, Planted, planted, words

ENGLISH = words("english", 12, "html")
CARD = ("4111", "1111", "1111", "1111")


class _Skeleton(HTMLParser):
    """The tags and attribute names of a document."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, ...]] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, *(name for name, _value in attrs)))

    def handle_endtag(self, tag: str) -> None:
        self.tags.append(("/" + tag,))


SPREAD = {
    "paragraph": f"<p>my phrase {' '.join(ENGLISH)}</p>",
    "spans": "".join(f"<span>{word}</span>" for word in ENGLISH),
    "spans and spaces": " ".join(f"<span class='w'>{word}</span>" for word in ENGLISH),
    "cells": "<table>"
    + "".join(f"<tr><td>{n}.</td><td>{word}</td></tr>" for n, word in enumerate(ENGLISH, 1))
    + "</table>",
    "one row": "<table><tr>" + "".join(f"<td>{word}</td>" for word in ENGLISH) + "</tr></table>",
    "list": "<ol>" + "".join(f"<li>{word}" for word in ENGLISH) + "</ol>",
    "breaks": "<br>".join(ENGLISH),
    "half words": " ".join(f"{word[:2]}<b>{word[2:]}</b>" for word in ENGLISH),
    "references": " ".join(f"&#{ord(word[0])};{word[1:]}" for word in ENGLISH),
    "no-break spaces": "&nbsp;".join(ENGLISH),
    "zero-width references": " ".join(f"{word[:2]}&#8203;{word[2:]}" for word in ENGLISH),
    "attribute": f'<img alt="{" ".join(ENGLISH)}" src="cid:a">',
    "unquoted attributes": "".join(f"<input class=x value={word}>" for word in ENGLISH),
    "quoted attributes": "".join(f"<input value='{word}' class=x>" for word in ENGLISH),
    "comment": f"<p>hi</p><!-- {' '.join(ENGLISH)} -->",
    "script": f"<script>var p = '{' '.join(ENGLISH)}'</script>",
    "cut-off tag": f"<p>hi</p><a {' '.join(ENGLISH)}",
    "columns": "<table>"
    + "".join(
        "<tr>" + "".join(f"<td>{n + 1}. {ENGLISH[n]}</td>" for n in range(row, 12, 4)) + "</tr>" for row in range(4)
    )
    + "</table>",
}


@pytest.mark.parametrize("html", SPREAD.values(), ids=SPREAD.keys())
def test_redact_html__phrase_spread_over_markup__is_masked_and_markup_kept(html: str) -> None:
    result = redact_html(html)
    assert Kind.SEED_PHRASE in {finding.kind for finding in result.findings}
    assert [word for word in ENGLISH if word in result.text] == []
    assert "⟦removed: seed phrase⟧" in result.text
    if "<a " not in html:
        assert _Skeleton(result.text).tags == _Skeleton(html).tags


@pytest.mark.parametrize(
    ("html", "gone", "kind"),
    [
        ("<p><b>4111</b> 1111 <i>1111</i> 1111</p>", "1111", Kind.CARD_NUMBER),
        ("<td>" + "</td><td>".join(CARD) + "</td>", "1111", Kind.CARD_NUMBER),
        ("<p>Code: <b>482913</b></p>", "482913", Kind.ONE_TIME_CODE),
        ("<p>验证码：<strong>482</strong><strong>913</strong></p>", "913", Kind.ONE_TIME_CODE),
        ('<img src="https://q.example/?c=otpauth%3A%2F%2Ftotp%2Fx%3Fsecret%3DJBSWY3DP">', "JBSWY3DP", Kind.OTPAUTH),
        ("<a href=otpauth://totp/x?secret=JBSWY3DP>x</a>", "JBSWY3DP", Kind.OTPAUTH),
        ("<p>Authorization: Bearer abc123def456ghi7</p><p>next</p>", "abc123", Kind.AUTHORIZATION_HEADER),
    ],
)
def test_redact_html__other_secrets__are_masked(html: str, gone: str, kind: Kind) -> None:
    result = redact_html(html)
    assert gone not in result.text
    assert kind in {finding.kind for finding in result.findings}
    assert _Skeleton(result.text).tags == _Skeleton(html).tags


def test_redact_html__exact_result__keeps_everything_else() -> None:
    html = "<p CLASS=x >a &amp; b<br/> OTP: <b>482</b>913 &lt;end></p><!-- c --><input value=otpauth://totp/a?b>"
    assert redact_html(html).text == (
        "<p CLASS=x >a &amp; b<br/> OTP: <b>⟦removed: one-time code⟧</b> &lt;end></p><!-- c -->"
        '<input value="⟦removed: authenticator secret⟧">'
    )


@pytest.mark.attack("C6")
@pytest.mark.parametrize("item", planted(), ids=lambda item: item.name)
def test_redact_html__planted_secret_as_text__is_masked(item: Planted) -> None:
    text = item.text.replace("&", "&amp;").replace("<", "&lt;")
    result = redact_html(f"<div><p>{text}</p></div>")
    assert [piece for piece in item.gone if piece in result.text] == []


@pytest.mark.parametrize("text", INNOCENT)
def test_redact_html__innocent_text__is_untouched(text: str) -> None:
    html = f"<p>{text.replace('<', '&lt;')}</p>"
    assert redact_html(html).text == html


def test_redact_html__its_own_result__stays_the_same() -> None:
    for html in SPREAD.values():
        once = redact_html(html).text
        assert redact_html(once).text == once


@pytest.mark.attack("B8")
@pytest.mark.timeout(120)  # quadratic work would take minutes
@pytest.mark.parametrize(
    "unit",
    [
        "<",
        "<a",
        "<a ",
        "<!--",
        "<!",
        "</",
        '<a "',
        "<a b='",
        "&",
        "&amp;",
        "<div>",
        "<b>a</b>",
        "<script>",
        "<title>",
        "<a b=c>",
        "]]>",
        "a ",
    ],
)
def test_redact_html__much_of_one_thing__takes_linear_time(unit: str) -> None:
    html = (unit * (250_000 // len(unit)))[:250_000]
    assert redact_html(html).text
