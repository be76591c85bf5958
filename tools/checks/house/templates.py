"""Templates hold no style, script or handler of their own, and no visible word outside the translations."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser

from django.template.base import Lexer, Token, TokenType

from tools.checks.tree import Finding, Tree

# Words that are the same in every language.
NAMES = {
    "Pharos",
    "English",
    "简体中文",
    "TOTP",
    "QR",
    "API",
    "CSV",
    "PDF",
    "ID",
    "UTC",
    "IMAP",
    "SMTP",
    "HTML",
    "kB",
    "MB",
}
VISIBLE_ATTRIBUTES = {"title", "aria-label", "aria-description", "aria-roledescription", "placeholder", "alt", "label"}
VOID = {
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr",
}  # fmt: skip
ATTRIBUTES_ONLY = re.compile(
    r"\s*([\w-]+(=\"[^\"]*\")?\s*)*[\w-]+=\"[^\"]*\"\s*"
)  # a block filled inside a tag of the parent
FILLS_AN_ATTRIBUTE = re.compile(r"block \w*(class|attrs)\b(?!.*endblock)")
FORBIDDEN_TAGS = re.compile(r"\{%-?\s*autoescape\s+off|\|\s*safe\b|\|\s*safeseq\b")


def check(tree: Tree) -> Iterator[Finding]:
    """Find inline style, script and handlers, unescaped output, forms without a token, and untranslated text."""
    for path in tree.having(".html"):
        if "templates/" not in path or path.startswith(("tests/", "docs/")):
            continue
        text = tree.text(path) or ""
        for number, line in enumerate(text.splitlines(), 1):
            if FORBIDDEN_TAGS.search(line):
                yield Finding(path, number, "unescaped output: sanitise in Python and pass a SafeString from there")
        reader = TemplateReader(mail="/mail/" in path or "/email/" in path)
        reader.feed(_without_tags(text))
        reader.close()
        yield from (Finding(path, line, message) for line, message in reader.found)
        yield from _forms_without_token(path, text)


class TemplateReader(HTMLParser):
    """Reads a template whose tags were blanked out; `found` are (line, message) pairs."""

    def __init__(self, *, mail: bool) -> None:
        super().__init__(convert_charrefs=True)
        self.mail = mail
        self.found: list[tuple[int, str]] = []
        self.open: list[tuple[str, bool]] = []  # (tag, whether its text needs no translation)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Check the tag and its attributes."""
        names = dict(attrs)
        line = self.getpos()[0]
        quiet = names.get("translate") == "no" or tag in {"script", "style", "code", "kbd", "samp"}
        if not self.mail:
            self._check_inline(tag, names, line)
        for name, value in attrs:
            if name in VISIBLE_ATTRIBUTES and value and _words(value):
                self.found.append((line, f"{name}={value!r} is read by people: translate it"))
        if names.get("target") == "_blank" and "noopener" not in (names.get("rel") or ""):
            self.found.append((line, 'target="_blank" without rel="noopener"'))
        if tag not in VOID:
            self.open.append((tag, quiet or bool(self.open and self.open[-1][1])))

    def handle_endtag(self, tag: str) -> None:
        """Close the nearest open tag of this name; blocks may open and close tags elsewhere."""
        for index in range(len(self.open) - 1, -1, -1):
            if self.open[index][0] == tag:
                del self.open[index:]
                return

    def handle_data(self, data: str) -> None:
        """Check text between tags."""
        if (self.open and self.open[-1][1]) or ATTRIBUTES_ONLY.fullmatch(data):
            return
        if words := _words(data):
            offset = data[: data.index(words[0])].count("\n")
            shown = " ".join(data.split())[:60]
            self.found.append((self.getpos()[0] + offset, f"{shown!r} is not translated: {{% translate %}} it"))

    def _check_inline(self, tag: str, names: dict[str, str | None], line: int) -> None:
        if tag == "style" or "style" in names:
            self.found.append((line, "inline style: the CSP refuses it; put a class into frontend/src"))
        if tag == "script" and "src" not in names and names.get("type") not in {"application/json", "importmap"}:
            self.found.append((line, "inline script: the CSP refuses it; bind a module by a data- attribute"))
        for name, value in names.items():
            if name.startswith(("on", "hx-on", "x-on", "@")) or (value or "").strip().lower().startswith("javascript:"):
                self.found.append((line, f"handler {name!r} in markup: bind a module by a data- attribute"))


def _without_tags(text: str) -> str:
    """Blank out template tags (and whatever blocktranslate and comment enclose), keeping line numbers."""
    kept: list[str] = []
    inside = ""
    for token in Lexer(text).tokenize():
        lines = "\n" * _newlines(token)
        name = token.contents.split(" ", 1)[0].strip() if token.token_type is TokenType.BLOCK else ""
        if inside:
            inside = "" if name == f"end{inside}" else inside
            kept.append(lines)
        elif name in {"blocktranslate", "blocktrans", "comment"} or FILLS_AN_ATTRIBUTE.match(token.contents):
            inside = name
            kept.append(lines)
        else:
            kept.append(token.contents if token.token_type is TokenType.TEXT else lines)
    return "".join(kept)


def _newlines(token: Token) -> int:
    return token.contents.count("\n")


def _words(text: str) -> list[str]:
    found = re.findall(r"[^\W\d_]{2,}", text)
    return [word for word in found if word not in NAMES]


def _forms_without_token(path: str, text: str) -> Iterator[Finding]:
    for found in re.finditer(r"<form\b[^>]*>.*?</form>", text, re.DOTALL | re.IGNORECASE):
        head = found[0].split(">", 1)[0].lower()
        if 'method="post"' in head and "csrf_token" not in found[0] and "{% include" not in found[0]:
            yield Finding(path, text.count("\n", 0, found.start()) + 1, "a form that posts without {% csrf_token %}")
