"""Words of the glossary in an article: the first use of each leads to its meaning, which also shows on hover."""

import re
from collections.abc import Mapping

from django.utils.html import escape

from core.html_tokens import TokenKind, scan

# Inside these nothing is marked.
_LEFT_ALONE = frozenset({"a", "code", "pre", "h1", "h2", "h3", "h4", "dfn", "iframe"})
_CJK = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


def marked(html: str, *, meanings: Mapping[str, str], address: str) -> str:
    """Return `html`, made by kb.markdown, where each term's first use is a link to `address` with its meaning."""
    pattern = _pattern(meanings)
    if pattern is None:
        return html
    by_name = {term.lower(): (term, meaning) for term, meaning in meanings.items()}
    seen: set[str] = set()
    pieces: list[str] = []
    position, closed_to = 0, 0
    for token in scan(html):
        if token.kind is TokenKind.START and token.name in _LEFT_ALONE:
            closed_to += 1
        elif token.kind is TokenKind.END and token.name in _LEFT_ALONE:
            closed_to = max(0, closed_to - 1)
        elif token.kind is TokenKind.TEXT and not closed_to:
            text = html[token.start : token.end]
            for found in pattern.finditer(text):
                name = found[0].lower()
                if name in seen or name not in by_name:
                    continue
                seen.add(name)
                term, meaning = by_name[name]
                start, end = token.start + found.start(), token.start + found.end()
                link = f'<a class="term" href="{escape(address)}#{anchor(term)}" title="{escape(meaning)}">'
                pieces += [html[position:start], f"<dfn>{link}{html[start:end]}</a></dfn>"]
                position = end
    return "".join([*pieces, html[position:]])


def anchor(term: str) -> str:
    """Return the id of a term on the page of the glossary."""
    return "t-" + re.sub(r"\W+", "-", term.lower()).strip("-")


def _pattern(meanings: Mapping[str, str]) -> re.Pattern[str] | None:
    # The text that is searched is escaped already; a term with a character that has to be is not found, which is fine.
    terms = sorted((term for term in meanings if term and escape(term) == term), key=len, reverse=True)
    if not terms:
        return None
    parts = [re.escape(term) if _CJK.search(term) else rf"(?<!\w){re.escape(term)}(?!\w)" for term in terms]
    return re.compile("|".join(parts), re.IGNORECASE)
