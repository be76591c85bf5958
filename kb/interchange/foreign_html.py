"""HTML of other help centres as Markdown: what it says stays, what it looks like goes."""

import re
from html import unescape

from core.html_tokens import TokenKind, scan

_DROPPED = frozenset({"script", "style", "iframe", "svg", "object", "noscript", "template"})
_BLOCKS = {
    "p": "\n\n",
    "div": "\n\n",
    "section": "\n\n",
    "br": "  \n",
    "tr": "\n",
    "ul": "\n",
    "ol": "\n",
    "hr": "\n\n---\n\n",
}
_AROUND = {"strong": "**", "b": "**", "em": "*", "i": "*", "code": "`"}
_SPECIAL = re.compile(r"([\\`*_\[\]<>])")
_LINK = re.compile(r"https?://[^\s()<>]+|mailto:[^\s()<>]+")


def as_markdown(html: str) -> str:
    """Return the text of `html` with its headings, lists, links and emphasis. Linear in its length."""
    writer = _Writer()
    for token in scan(html):
        if token.kind is TokenKind.TEXT:
            writer.text(unescape(html[token.start : token.end]))
        elif token.kind is TokenKind.START:
            attributes = {one.name: unescape(html[one.start : one.end]) for one in token.attributes}
            writer.start(token.name, attributes)
        elif token.kind is TokenKind.END:
            writer.end(token.name)
    return re.sub(r"\n{3,}", "\n\n", "".join(writer.pieces)).strip()


class _Writer:
    """Writes Markdown as the tags come."""

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self.lists: list[int] = []
        self.links: list[str] = []
        self.dropped = 0

    def text(self, text: str) -> None:
        if not self.dropped:
            self.pieces.append(_SPECIAL.sub(r"\\\1", re.sub(r"\s+", " ", text)))

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name in _DROPPED:
            self.dropped += 1
        elif name in {"ul", "ol"}:
            self.lists.append(0 if name == "ol" else -1)
        elif name == "li":
            self.pieces.append("\n" + "  " * max(0, len(self.lists) - 1) + self._bullet())
        elif re.fullmatch("h[1-6]", name):
            self.pieces.append(f"\n\n{'#' * max(2, int(name[1]))} ")
        elif name == "a":
            address = attributes.get("href", "")
            self.links.append(address if _LINK.fullmatch(address) else "")
            self.pieces.append("[" if self.links[-1] else "")
        else:
            self.pieces.append(_BLOCKS.get(name) or _AROUND.get(name, ""))

    def end(self, name: str) -> None:
        if name in _DROPPED:
            self.dropped = max(0, self.dropped - 1)
        elif name in {"ul", "ol"}:
            if self.lists:
                self.lists.pop()
            self.pieces.append("\n\n")
        elif name == "a" and self.links:
            address = self.links.pop()
            self.pieces.append(f"]({address})" if address else "")
        elif re.fullmatch("h[1-6]", name) or name in {"p", "div", "section"}:
            self.pieces.append("\n\n")
        else:
            self.pieces.append(_AROUND.get(name, ""))

    def _bullet(self) -> str:
        if self.lists and self.lists[-1] >= 0:
            self.lists[-1] += 1
            return f"{self.lists[-1]}. "
        return "- "
