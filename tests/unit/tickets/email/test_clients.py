"""Replies of the mail clients our customers use: the new words are shown, the history is apart, nothing is lost."""

# ruff: noqa: ISC004 -- markup keeps the lines of the clients that wrote it

import html

import pytest

from tests.corpus.clients import CLIENTS, Style
from tests.unit.tickets.email import corpus
from tickets.channels.email.parse import ParsedMail, parse

NEW = {
    "en": "Thank you, but the money is still missing.",
    "zh": "谢谢，但是还没有到账，请再查一下。",
}
OLD = {"en": "Please wait for two days.", "zh": "请等待两天。"}
WITH_MARKUP = [name for name, style in CLIENTS.items() if style.markup]


def plain_of(name: str) -> bytes:
    new, old = NEW[name[-2:]], OLD[name[-2:]]
    return CLIENTS[name].plain.replace("{new}", new).replace("{old}", old).encode()


def markup_of(name: str) -> bytes:
    style, new, old = CLIENTS[name], NEW[name[-2:]], OLD[name[-2:]]
    filled = (
        style.markup.replace("{new}", new).replace("{old}", old).replace("{signature}", html.escape(style.signature))
    )
    return filled.encode()


def in_mail(*parts: bytes) -> ParsedMail:
    subject = {"Subject": "Re: Withdrawal"}
    if len(parts) == 1:
        return parse(corpus.whole(parts[0], **subject))
    return parse(corpus.whole(corpus.multipart("alternative", *parts), **subject))


def assert_divided(mail: ParsedMail, style: Style, language: str) -> None:
    shown = [line.rstrip() for line in mail.text.splitlines() if line.strip()]
    assert shown == [NEW[language], *([style.signature] if style.signature else [])]
    assert OLD[language] in mail.quoted_text
    assert "pharos" in mail.quoted_text.lower()


@pytest.mark.parametrize("name", CLIENTS)
def test_parse__reply_in_plain_text__new_words_shown_history_apart(name: str) -> None:
    mail = in_mail(corpus.part("text/plain; charset=utf-8", plain_of(name)))
    assert_divided(mail, CLIENTS[name], name[-2:])


@pytest.mark.parametrize("name", WITH_MARKUP)
def test_parse__reply_in_html__new_words_shown_history_apart(name: str) -> None:
    mail = in_mail(corpus.part("text/html; charset=utf-8", markup_of(name)))
    assert_divided(mail, CLIENTS[name], name[-2:])
    assert mail.html is not None
    assert OLD[name[-2:]] in mail.html


@pytest.mark.parametrize("name", WITH_MARKUP)
def test_parse__reply_in_both__same_as_in_plain_text(name: str) -> None:
    plain = corpus.part("text/plain; charset=utf-8", plain_of(name))
    mail = in_mail(plain, corpus.part("text/html; charset=utf-8", markup_of(name)))
    assert_divided(mail, CLIENTS[name], name[-2:])


CITED = '<div class="moz-cite-prefix">On 23/11/2026, Pharos wrote:</div><blockquote type="cite">{}</blockquote>'


@pytest.mark.parametrize(
    ("markup", "text", "quoted"),
    [
        ("{old}<p>below</p>", ["below"], True),
        ("<p>above</p>{old}<p>below</p>", ["above", "below"], True),
        ("<p>above</p>{old}<div><br></div>", ["above"], True),
        ("<p>above</p>{nested}", ["above"], True),
        ("<p>above</p>{nested}<p>below</p>", ["above", "below"], True),
        ("<p>above</p>{old}<p>answer</p><blockquote type='cite'>older</blockquote><p>end</p>", None, False),
        ("<p>above</p><blockquote>my own indent</blockquote><p>below</p>", ["above", "my own indent", "below"], False),
        (
            '<p>above</p><div id="appendonsend"></div><div id="divRplyFwdMsg"><b>From:</b> Pharos<br><b>Sent:</b> Monday<br>'
            "<b>To:</b> Li<br><b>Subject:</b> x</div><p>old words</p><blockquote>older</blockquote><p>old end</p>",
            ["above"], True,
        ),
        (
            '<p>above</p><div class="gmail_quote"><div class="gmail_attr">On Mon, 23 Nov 2026 Pharos wrote:</div>'
            '<blockquote class="gmail_quote">old words</blockquote></div><div>sent by a list</div>',
            ["above", "sent by a list"], True,
        ),
    ],
)  # fmt: skip
def test_parse__answer_around_an_html_quote__new_words_shown(markup: str, text: list[str] | None, quoted: bool) -> None:
    nested = CITED.format("old words <blockquote type='cite'>older</blockquote> old end")
    filled = markup.replace("{old}", CITED.format("old words")).replace("{nested}", nested)
    mail = in_mail(corpus.part("text/html; charset=utf-8", filled))
    shown = [line.strip() for line in mail.text.splitlines() if line.strip()]
    assert ("old words" in mail.quoted_text) == quoted
    if text is None:
        assert [line for line in shown if line in ("above", "answer", "end")] == ["above", "answer", "end"]
        assert "older" in mail.text
    else:
        assert shown == text
    assert not any("\ue000" <= letter <= "\uf8ff" for letter in mail.text + mail.quoted_text)


@pytest.mark.parametrize("name", CLIENTS)
def test_parse__reply_with_windows_lines_and_spaces__divided_all_the_same(name: str) -> None:
    body = plain_of(name).replace(b"\n", b"  \r\n")
    assert_divided(in_mail(corpus.part("text/plain; charset=utf-8", body)), CLIENTS[name], name[-2:])


@pytest.mark.parametrize("name", CLIENTS)
def test_parse__reply__every_word_is_somewhere(name: str) -> None:
    body = plain_of(name)
    mail = in_mail(corpus.part("text/plain; charset=utf-8", body))
    kept = f"{mail.text}\n{mail.quoted_text}".split()
    assert sorted(kept) == sorted(body.decode().split())
