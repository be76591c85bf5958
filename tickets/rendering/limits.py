"""How much HTML is parsed as HTML: beyond it, parsing takes time that grows faster than the source."""

from collections import Counter

from core.html_tokens import TokenKind, scan

_MAX_LENGTH = 3_000_000  # characters
_MAX_TAGS = 60_000
_MAX_ATTRIBUTES = 1_000  # of one tag: each is compared with those before it
_MAX_REFERENCES = 100_000
_MAX_DEPTH = 1_000  # elements; browsers stop nesting at 512
_MAX_FORMATTING_WORK = 400_000  # tags × open formatting elements: each block makes the parser open them all again

_VOID = frozenset(
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr"]
)
_MAY_STAY_OPEN = frozenset(
    [
        "p",
        "li",
        "dt",
        "dd",
        "td",
        "th",
        "tr",
        "thead",
        "tbody",
        "tfoot",
        "option",
        "optgroup",
        "colgroup",
        "body",
        "html",
        "head",
    ]
)
_FORMATTING = frozenset(
    ["a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u"]
)
_BLOCKS = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "center",
        "dd",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "li",
        "main",
        "nav",
        "ol",
        "p",
        "pre",
        "section",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "tr",
        "ul",
        "br",
    ]
)


def is_bounded(html: str) -> bool:
    """Whether parsing `html` is known to be quick; linear itself."""
    if len(html) > _MAX_LENGTH or html.count("&") > _MAX_REFERENCES:
        return False
    tags = depth = formatting = work = 0
    is_open: Counter[str] = Counter()
    for token in scan(html):
        name = token.name
        if token.kind is TokenKind.START:
            tags += 1
            work += formatting
            if len(token.attributes) > _MAX_ATTRIBUTES:
                return False
            if name not in _VOID and name not in _MAY_STAY_OPEN:
                is_open[name] += 1
                depth += 1
                formatting += name in _FORMATTING
        elif token.kind is TokenKind.END:
            tags += 1
            work += formatting
            if is_open[name] > 0:
                is_open[name] -= 1
                depth -= 1
                formatting -= name in _FORMATTING
        if tags > _MAX_TAGS or depth > _MAX_DEPTH or work > _MAX_FORMATTING_WORK:
            return False
    return True


def as_plain_text(html: str) -> str:
    """The text of HTML that is not parsed: nothing of what a reader could see is lost. Linear."""
    pieces: list[str] = []
    for token in scan(html):
        if token.kind in (TokenKind.TEXT, TokenKind.UNFINISHED):
            pieces.append(html[token.start : token.end])
        elif token.kind is TokenKind.START and token.name in _BLOCKS:
            pieces.append("\n")
    return "".join(pieces)
