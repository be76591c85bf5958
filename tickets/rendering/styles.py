"""Inline styles: the few properties that shape text and tables, with values that can fetch or cover nothing."""

import re
from functools import lru_cache

import tinycss2
import tinycss2.ast

_SIDES = ("top", "right", "bottom", "left")
_PROPERTIES = frozenset(
    [
        *[
            "background",
            "background-color",
            "border",
            "border-collapse",
            "border-color",
            "border-radius",
            "border-spacing",
            "border-style",
            "border-width",
            "caption-side",
            "clear",
            "color",
            "direction",
            "display",
            "empty-cells",
            "float",
            "font",
            "font-family",
            "font-size",
            "font-style",
            "font-variant",
            "font-weight",
            "height",
            "letter-spacing",
            "line-height",
            "list-style-position",
            "list-style-type",
            "margin",
            "max-height",
            "max-width",
            "min-height",
            "min-width",
            "overflow-wrap",
            "padding",
            "table-layout",
            "text-align",
            "text-decoration",
            "text-indent",
            "text-transform",
            "unicode-bidi",
            "vertical-align",
            "white-space",
            "width",
            "word-break",
            "word-spacing",
            "word-wrap",
        ],
        *(f"{box}-{side}" for box in ("margin", "padding", "border") for side in _SIDES),
        *(f"border-{side}-{part}" for side in _SIDES for part in ("color", "style", "width")),
    ]
)
_DISPLAYS = frozenset(
    [
        "block",
        "inline",
        "inline-block",
        "none",
        "table",
        "inline-table",
        "table-row",
        "table-cell",
        "table-row-group",
        "list-item",
        "contents",
    ]
)
_FUNCTIONS = frozenset({"rgb", "rgba", "hsl", "hsla"})
_MAX_STYLE = 4_000  # characters of one attribute
_MAX_NUMBER = 4_000  # px and the like: more only hides things or stretches the frame
_PLAIN_VALUE = re.compile(r"[a-zA-Z0-9#%.,()\s'\"!+/-]*")


@lru_cache(maxsize=2_048)
def safe_style(style: str) -> str:
    """The allowed declarations of an inline style, serialised again; empty when none is left."""
    if len(style) > _MAX_STYLE:
        return ""
    kept: list[str] = []
    for node in tinycss2.parse_blocks_contents(style, skip_comments=True, skip_whitespace=True):
        if not isinstance(node, tinycss2.ast.Declaration) or node.lower_name not in _PROPERTIES:
            continue
        if not _are_safe(node.value):
            continue
        value = tinycss2.serialize(node.value).strip()
        if node.lower_name == "display" and value.lower() not in _DISPLAYS:
            continue
        # A second, dumber look: no escapes, no control characters, nothing a lenient browser could read otherwise.
        if value and _PLAIN_VALUE.fullmatch(value):
            kept.append(f"{node.lower_name}:{value}")
    return ";".join(kept)


def _are_safe(nodes: list[tinycss2.ast.Node]) -> bool:
    return all(_is_safe(node) for node in nodes)


def _is_safe(node: tinycss2.ast.Node) -> bool:
    if isinstance(node, tinycss2.ast.FunctionBlock):
        return node.lower_name in _FUNCTIONS and _are_safe(node.arguments)
    if isinstance(node, tinycss2.ast.NumberToken | tinycss2.ast.PercentageToken | tinycss2.ast.DimensionToken):
        return abs(float(node.value)) <= _MAX_NUMBER
    return isinstance(
        node,
        tinycss2.ast.IdentToken
        | tinycss2.ast.HashToken
        | tinycss2.ast.StringToken
        | tinycss2.ast.WhitespaceToken
        | tinycss2.ast.Comment,
    ) or (isinstance(node, tinycss2.ast.LiteralToken) and node.value in {",", "/"})
