"""Readable text out of an HTML body, in linear time whatever the HTML is; it sanitises nothing."""

import html
import re
from typing import Final

from inscriptis import get_text
from inscriptis.css_profiles import CSS_PROFILES
from inscriptis.model.config import ParserConfig

# Stands in the text where a mail client's markup says that the history begins; quoting.py looks for it.
QUOTE_MARK: Final = "\ue0f0\ue0f1\ue0f0"
# Around each blockquote, so that answers below and between can be told from what they answer.
BLOCK_START: Final = "\ue0f0\ue0f2\ue0f0"
BLOCK_END: Final = "\ue0f0\ue0f3\ue0f0"

_MAX_LAYOUT_CHARS: Final = 400_000
_MAX_LAYOUT_TAGS: Final = 20_000
_SCRIPTS: Final = ("script", "style", "head", "title", "template", "noscript", "svg")
_BREAKS: Final = re.compile(r"<(?:br|/p|/div|/tr|/li|/h[1-6]|/table|/blockquote|hr)\b[^<>]{0,200}>", re.IGNORECASE)
# However long; given up at the next `<`, and never gone back.
_TAG: Final = re.compile(r"<[a-zA-Z/!?][^<>]*+>")
_BLANK_LINES: Final = re.compile(r"\n[ \t\u00a0]*(?:\n[ \t\u00a0]*){2,}")
_QUOTE_START: Final = re.compile(
    r"<(?=(?:div|blockquote|hr|includetail|a)\b)(?=[^<>]{0,300}?\b(?:"
    r"gmail_quote|gmail_attr|yahoo_quoted|moz-cite-prefix|divRplyFwdMsg|appendonsend|stopSpelling|isReplyContent|"
    r"protonmail_quote|zmail_extra|type=[\"']?cite|reply-intro|ms-outlook-mobile-reference-message|OLK_SRC_BODY_SECTION|"
    r"mail-editor-reference-message-container|qm_origin_content|includetail))",
    re.IGNORECASE,
)
_BLOCK: Final = re.compile(r"<blockquote\b[^<>]{0,2000}>|</blockquote\s{0,20}>", re.IGNORECASE)
_MAX_MARKS: Final = 50
_CONFIG: Final = ParserConfig(css=CSS_PROFILES["strict"], display_links=False, display_images=False)


def to_text(markup: str) -> str:
    """The visible text of ``markup``, with QUOTE_MARK lines where quoted history starts.

    Big or tag-heavy input goes through a plain tag remover instead of the layout engine, so that the time is bounded.
    """
    own = without_marks(markup)
    marked = _QUOTE_START.sub(lambda match: f"<div>{QUOTE_MARK}</div>{match[0]}", own, count=_MAX_MARKS)
    if QUOTE_MARK in marked and marked.lower().count("blockquote") <= _MAX_MARKS * 2:
        marked = _BLOCK.sub(_with_block_mark, marked)
    if len(marked) <= _MAX_LAYOUT_CHARS and marked.count("<") <= _MAX_LAYOUT_TAGS:
        try:
            text = str(get_text(marked, _CONFIG))
        except Exception:  # noqa: BLE001 - any failure of the engine on hostile markup has the same answer
            text = ""
        # The engine stops at depths that a browser still shows; never let it swallow the letter.
        if text.strip():
            return _tidy(text)
    return _tidy(_without_tags(marked))


def without_marks(text: str) -> str:
    """The text without any mark of ours."""
    for mark in (QUOTE_MARK, BLOCK_START, BLOCK_END):
        text = text.replace(mark, "")
    return text


def _with_block_mark(match: re.Match[str]) -> str:
    is_end = match[0].startswith("</")
    return f"{match[0]}<div>{BLOCK_END}</div>" if is_end else f"<div>{BLOCK_START}</div>{match[0]}"


def _without_tags(markup: str) -> str:
    for element in _SCRIPTS:
        markup = _without_element(markup, element)
    markup = _BREAKS.sub("\n", markup)
    return html.unescape(_TAG.sub("", markup))


def _without_element(markup: str, element: str) -> str:
    """``markup`` without <element>…</element>; a never-closed one is left alone. One pass, linear."""
    opening = re.compile(rf"<{element}\b", re.IGNORECASE)
    closing = re.compile(rf"</{element}\b[^<>]{{0,200}}>", re.IGNORECASE)
    kept: list[str] = []
    position = 0
    while match := opening.search(markup, position):
        end = closing.search(markup, match.end())
        if end is None:
            break
        kept.append(markup[position : match.start()])
        position = end.end()
    kept.append(markup[position:])
    return "".join(kept)


def _tidy(text: str) -> str:
    lines = (line.replace("\u00a0", " ").rstrip() for line in text.replace("\r", "").split("\n"))
    return _BLANK_LINES.sub("\n\n", "\n".join(lines)).strip("\n")
