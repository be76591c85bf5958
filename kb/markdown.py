"""Markdown of articles made into HTML that is safe to show: no raw HTML, our own pictures, videos of named hosts."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import nh3
from django.conf import settings
from django.utils import translation
from django.utils.html import escape
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict
from mdit_py_plugins.container import container_plugin

from core.storable_text import storable

CALLOUTS = ("note", "warning", "danger")
CONTAINERS = (*CALLOUTS, "steps")
PICTURE = re.compile(r"media:([a-z0-9]{20})")
ARTICLE = re.compile(r"kb:([a-z0-9]+(?:-[a-z0-9]+)*)(#h-[^\s\"'<>]{1,120})?")
_SCHEMES = frozenset({"http", "https", "mailto", "tel"})
_BIDI_CONTROLS = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_TAGS = frozenset(
    ["a", "blockquote", "br", "code", "dd", "del", "div", "dl", "dt", "em", "figcaption", "figure", "h2", "h3", "h4",
     "hr", "iframe", "img", "li", "ol", "p", "pre", "s", "strong", "table", "tbody", "td", "th", "thead", "tr", "ul"]
)  # fmt: skip
_ATTRIBUTES = {
    "a": {"href"},
    "img": {"src", "alt", "loading"},
    "iframe": {"src", "title", "loading", "sandbox", "referrerpolicy", "allowfullscreen"},
    "ol": {"start"},
    "div": {"role", "tabindex", "aria-label"},
    **{heading: {"id"} for heading in ("h2", "h3", "h4")},
}
_CLASSES = {
    "div": {"callout", "steps", "table-wrap", *(f"callout-{one}" for one in CALLOUTS)},
    "p": {"callout-name"},
    "figure": {"kb-video"},
    **{cell: {"align-center", "align-end"} for cell in ("td", "th")},
}
_HEADING_ID = re.compile(r"h-[^\s\"'<>]{1,120}")


@dataclass(frozen=True, slots=True)
class Rendered:
    """An article's HTML, its words, and the short names of the articles that it links to."""

    html: str
    text: str
    links: tuple[str, ...]


def render(body: str, *, language: str) -> Rendered:
    """Return the safe HTML of `body`, whose callouts are named in `language`, and its plain text."""
    source = _BIDI_CONTROLS.sub("", storable(body))
    environment: dict[str, Any] = {"language": language, "links": [], "ids": {}}
    with translation.override(language):
        tokens = _READER.parse(source, environment)
        _named_headings(tokens, environment)
        raw = _READER.renderer.render(tokens, _READER.options, environment)
    return Rendered(_cleaned(raw), _words_of(tokens), tuple(dict.fromkeys(environment["links"])))


def has_video(html: str) -> bool:
    """Whether the page of this HTML needs a policy that lets videos in."""
    return "<iframe " in html


def is_video(address: str) -> bool:
    """Whether pages show a player for this address: its host is let in."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.scheme == "https" and parts.netloc in settings.KB_VIDEO_HOSTS


def video_origins() -> list[str]:
    """Return the origins of hosts that videos may come from."""
    return [f"https://{host}" for host in settings.KB_VIDEO_HOSTS]


def _cleaned(raw: str) -> str:
    return nh3.clean(
        raw,
        tags=set(_TAGS),
        clean_content_tags={"script", "style"},
        attributes={tag: set(names) for tag, names in _ATTRIBUTES.items()},
        attribute_filter=_attribute,
        allowed_classes={tag: set(names) for tag, names in _CLASSES.items()},
        link_rel="noopener nofollow",
        url_schemes=set(_SCHEMES),
        url_relative="pass_through",
    )


def _attribute(tag: str, name: str, value: str) -> str | None:
    if name == "src":
        return value if (is_video(value) if tag == "iframe" else value.startswith("/help/media/")) else None
    if name == "href":
        return _address(value)
    if name == "id":
        return value if _HEADING_ID.fullmatch(value) else None
    return value


def _address(value: str) -> str | None:
    """A link of ours, or one to a place that is named in full; nothing relative, which could mean another door."""
    if value.startswith(("/help/", "#h-")) and ".." not in value and "\\" not in value:
        return value
    scheme, colon, _rest = value.partition(":")
    return value if colon and scheme.lower() in _SCHEMES else None


def _link_open(renderer: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType) -> str:
    address = str(tokens[index].attrGet("href") or "")
    if named := ARTICLE.fullmatch(address):
        env["links"].append(named[1])
        address = f"/help/{env['language']}/a/{named[1]}/{named[2] or ''}"
    return f'<a href="{escape(address)}">'


def _image(renderer: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType) -> str:
    token = tokens[index]
    address = str(token.attrGet("src") or "")
    said = renderer.renderInlineAsText(token.children, options, env) if token.children else ""
    if picture := PICTURE.fullmatch(address):
        return f'<img src="/help/media/{picture[1]}/" alt="{escape(said)}" loading="lazy">'
    if is_video(address):
        return (
            f'<iframe src="{escape(address)}" title="{escape(said or _("Video"))}" loading="lazy" '
            'sandbox="allow-scripts allow-same-origin allow-presentation" referrerpolicy="no-referrer" '
            'allowfullscreen=""></iframe>'
        )
    return f'<a href="{escape(address)}">{escape(said or address)}</a>'


def _container(renderer: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType) -> str:
    token = tokens[index]
    if token.nesting != 1:
        return "</div>\n"
    kind = token.type.removeprefix("container_").removesuffix("_open")
    if kind == "steps":
        return '<div class="steps">\n'
    names = {
        "note": pgettext("callout", "Note"),
        "warning": pgettext("callout", "Warning"),
        "danger": pgettext("callout", "Danger"),
    }
    name = escape(names[kind])
    return f'<div class="callout callout-{kind}" role="note" aria-label="{name}">\n<p class="callout-name">{name}</p>\n'


def _table_open(renderer: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType) -> str:
    return f'<div class="table-wrap" role="group" tabindex="0" aria-label="{escape(_("Table"))}"><table>\n'


def _table_close(
    renderer: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType
) -> str:
    return "</table></div>\n"


def _cell_open(renderer: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType) -> str:
    token = tokens[index]
    place = {"text-align:center": "align-center", "text-align:right": "align-end"}.get(
        str(token.attrGet("style") or ""), ""
    )
    return f'<{token.tag} class="{place}">' if place else f"<{token.tag}>"


def _fence(renderer: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType) -> str:
    return f"<pre><code>{escape(tokens[index].content)}</code></pre>\n"


def _named_headings(tokens: Sequence[Token], env: EnvType) -> None:
    """Give headings ids of their own, and keep them below the page's one: the title."""
    for index, token in enumerate(tokens):
        if token.type == "heading_open":
            token.tag = {"h1": "h2", "h2": "h2", "h3": "h3"}.get(token.tag, "h4")
            base = f"h-{_slug(_plain(tokens[index + 1]))}"[:100]
            count = env["ids"][base] = env["ids"].get(base, 0) + 1
            token.attrs = {"id": base if count == 1 else f"{base}-{count}"}
        elif token.type == "heading_close":
            token.tag = {"h1": "h2", "h2": "h2", "h3": "h3"}.get(token.tag, "h4")


def _slug(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).lower()
    return re.sub(r"[^\w]+", "-", folded).strip("-") or "part"


def _plain(token: Token) -> str:
    return "".join(" " if child.type in {"softbreak", "hardbreak"} else child.content for child in token.children or [])


def _words_of(tokens: Sequence[Token]) -> str:
    found = [
        _plain(token) if token.type == "inline" else token.content
        for token in tokens
        if token.type in {"inline", "fence", "code_block"}
    ]
    return "\n".join(part.strip() for part in found if part.strip())


def _reader() -> MarkdownIt:
    reader = MarkdownIt("commonmark", {"html": False, "maxNesting": 20}).enable(["table", "strikethrough"])
    for kind in CONTAINERS:
        container_plugin(reader, kind)
        reader.add_render_rule(f"container_{kind}_open", _container)
        reader.add_render_rule(f"container_{kind}_close", _container)
    rules = {
        "link_open": _link_open, "image": _image, "table_open": _table_open, "table_close": _table_close,
        "th_open": _cell_open, "td_open": _cell_open, "fence": _fence, "code_block": _fence,
    }  # fmt: skip
    for name, rule in rules.items():
        reader.add_render_rule(name, rule)
    return reader


_READER = _reader()
