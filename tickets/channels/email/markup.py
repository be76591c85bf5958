"""The letter itself in plain text and in HTML: the agent's words, signature and quoted history, nothing executable."""

import html
import re
from typing import Final

_URL: Final = re.compile(r"https?://[^\s<>\"'\u3000-\u303f\uff00-\uffef]{1,2000}")
_TRAILING: Final = ".,;:!?)]}'\u2026"
_PARAGRAPH_BREAK: Final = re.compile(r"\n{2,}")
_FONT: Final = "font-family:-apple-system,'Segoe UI',Roboto,'PingFang SC','Microsoft YaHei',Arial,sans-serif"
_TEXT: Final = f"{_FONT};font-size:15px;line-height:1.5;color:#1c2330"
_MUTED: Final = "color:#5b6472;font-size:13px"
_QUOTE: Final = "margin:8px 0 0 0;padding:0 0 0 12px;border-left:3px solid #d5dae2;color:#5b6472"


def plain_letter(text: str, signature: str, history: tuple[str, str] | None) -> str:
    """The text/plain part: words, ``-- `` and signature (RFC 3676 section 4.3), then history marked with ``>``."""
    pieces = [_lines(text)]
    if signature.strip():
        pieces.append(f"-- \n{_lines(signature)}")
    if history is not None:
        attribution, quoted = history
        marked = "\n".join(f"> {line}" if line else ">" for line in _lines(quoted).split("\n"))
        pieces.append(f"{_lines(attribution)}\n{marked}")
    return "\n\n".join(pieces) + "\n"


def html_letter(text: str, signature: str, history: tuple[str, str] | None, *, language: str) -> str:
    """The text/html part: everything escaped, http(s) addresses made links, inline styles only."""
    pieces = [_paragraphs(text)]
    if signature.strip():
        pieces.append(f'<div style="margin-top:20px;{_MUTED}">{_inline(_lines(signature))}</div>')
    if history is not None:
        attribution, quoted = history
        pieces.append(
            f'<div class="pharos_quote" style="margin-top:20px;{_MUTED}">{_inline(_lines(attribution))}'
            f'<blockquote type="cite" style="{_QUOTE}">{_inline(_lines(quoted))}</blockquote></div>'
        )
    return (
        f'<!DOCTYPE html>\n<html lang="{html.escape(language)}"><head><meta charset="utf-8"></head>\n'
        f'<body style="margin:0;padding:16px;background:#ffffff"><div style="max-width:640px;{_TEXT}">\n'
        + "\n".join(pieces)
        + "\n</div></body></html>\n"
    )


def _lines(text: str) -> str:
    """Uniform line ends, no control characters, no blank ends."""
    unified = text.replace("\r\n", "\n").replace("\r", "\n")
    return re.sub(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]", "", unified).rstrip().lstrip("\n")


def _paragraphs(text: str) -> str:
    return "\n".join(
        f'<p style="margin:0 0 12px 0">{_inline(paragraph)}</p>' for paragraph in _PARAGRAPH_BREAK.split(_lines(text))
    )


def _inline(text: str) -> str:
    """Escaped text with links and line breaks."""
    pieces: list[str] = []
    position = 0
    for match in _URL.finditer(text):
        address = match[0].rstrip(_TRAILING)
        # A bracket inside the address belongs to it.
        if address.count("(") > address.count(")") and match[0][len(address) :].startswith(")"):
            address += ")"
        pieces.append(_escaped(text[position : match.start()]))
        safe = html.escape(address, quote=True)
        pieces.append(f'<a href="{safe}" rel="noopener noreferrer" style="color:#1f5fd6">{safe}</a>')
        position = match.start() + len(address)
    pieces.append(_escaped(text[position:]))
    return "".join(pieces)


def _escaped(text: str) -> str:
    return html.escape(text, quote=True).replace("\n", "<br>\n")
