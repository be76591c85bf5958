"""HTML mail made safe to show: sanitised by nh3 at every rendering, and the frame document it stands in.

Layers, each enough alone: the allow-list here; a sandboxed frame on an origin of its own without scripts; a policy
under which that frame can load nothing but our own images.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from html import escape, unescape
from urllib.parse import urlsplit

import nh3

from core.html_tokens import TokenKind, scan
from tickets.rendering.limits import as_plain_text, is_bounded
from tickets.rendering.styles import safe_style
from tickets.rendering.text import safe_text

ImageSource = Callable[[str], str | None]

ALLOWED_TAGS = frozenset(
    [
        "a",
        "abbr",
        "acronym",
        "address",
        "article",
        "aside",
        "b",
        "bdi",
        "bdo",
        "big",
        "blockquote",
        "br",
        "caption",
        "center",
        "cite",
        "code",
        "col",
        "colgroup",
        "dd",
        "del",
        "details",
        "dfn",
        "div",
        "dl",
        "dt",
        "em",
        "figcaption",
        "figure",
        "font",
        "footer",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "i",
        "img",
        "ins",
        "kbd",
        "li",
        "main",
        "mark",
        "nav",
        "ol",
        "p",
        "pre",
        "q",
        "rp",
        "rt",
        "ruby",
        "s",
        "samp",
        "section",
        "small",
        "span",
        "strike",
        "strong",
        "sub",
        "summary",
        "sup",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "time",
        "tr",
        "tt",
        "u",
        "ul",
        "var",
        "wbr",
    ]
)
_DROPPED_WITH_CONTENT = frozenset(
    [
        "script",
        "style",
        "template",
        "noscript",
        "iframe",
        "object",
        "applet",
        "svg",
        "math",
        "title",
        "frameset",
        "noframes",
        "noembed",
        "audio",
        "video",
        "canvas",
    ]
)
_ANYWHERE = {"align", "bgcolor", "dir", "height", "lang", "style", "title", "valign", "width"}
ALLOWED_ATTRIBUTES: dict[str, frozenset[str]] = {
    "*": frozenset(_ANYWHERE),
    "a": frozenset({"href"}),
    "details": frozenset({"open"}),
    "font": frozenset({"color", "face", "size"}),
    "img": frozenset({"src", "alt", "border"}),
    "li": frozenset({"value"}),
    "ol": frozenset({"start", "type", "reversed"}),
    "ul": frozenset({"type"}),
    "table": frozenset({"border", "cellpadding", "cellspacing"}),
    "td": frozenset({"colspan", "rowspan"}),
    "th": frozenset({"colspan", "rowspan", "scope"}),
    "col": frozenset({"span"}),
    "colgroup": frozenset({"span"}),
    "time": frozenset({"datetime"}),
}
_LINK_SCHEMES = frozenset({"http", "https", "mailto", "tel"})
_REMOTE_SCHEMES = ("http:", "https:")
_URL_NOISE = re.compile("[\x00-\x20\x7f-\xa0\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]+")
_BIDI_CONTROLS = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_MAX_STYLES = 400_000  # characters of style attributes that are looked at in one message
_SHOWN_HOST = re.compile(
    r"(?:https?://|www\.|^|[\s(])((?:[^\W_](?:[\w-]{0,61}[^\W_])?\.){1,8}[^\W\d_]{2,24})(?![\w.-]*@)", re.IGNORECASE
)
_FILE_ENDINGS = frozenset(
    ["pdf", "doc", "docx", "xls", "xlsx", "csv", "txt", "zip", "png", "jpg", "jpeg", "gif", "html", "htm", "json"]
)


@dataclass(frozen=True, slots=True)
class SafeHtml:
    """Markup fit for the frame, and how many remote images were kept out of it."""

    html: str
    blocked_remote_images: int


def safe_html(html: str, *, image_source: ImageSource, allow_remote_images: bool) -> SafeHtml:
    """Sanitise a mail's HTML.

    `image_source` is given each `cid:` reference, and each http(s) address when `allow_remote_images`, and answers
    with the address on our content origin (a stored part; a proxy) or None: then the image is left out. Nothing else
    ever becomes an image address. Links whose text names another host than they lead to carry `data-other-host`.
    Source that could take long to parse is shown as its plain text.
    """
    source = _BIDI_CONTROLS.sub("", html.replace("\x00", ""))
    if not is_bounded(source):
        return SafeHtml(safe_text(as_plain_text(source)), 0)
    source, cut_off = _without_cut_tag(source)
    attributes = _AttributeFilter(image_source, allow_remote_images=allow_remote_images)
    cleaner = nh3.Cleaner(
        tags=set(ALLOWED_TAGS),
        clean_content_tags=set(_DROPPED_WITH_CONTENT),
        attributes={tag: set(names) for tag, names in ALLOWED_ATTRIBUTES.items()},
        attribute_filter=attributes,
        link_rel="noopener noreferrer nofollow",
        set_tag_attribute_values={"a": {"target": "_blank"}},
        url_schemes={*_LINK_SCHEMES, "cid"},
        url_relative="deny",
    )
    cleaned = _with_flagged_links(cleaner.clean(source))
    return SafeHtml(cleaned + safe_text(cut_off), attributes.blocked_remote_images)


def _without_cut_tag(source: str) -> tuple[str, str]:
    """Split off a last tag that never closes: a parser drops it with everything behind, a reader must not lose that."""
    for token in scan(source):
        if token.kind is TokenKind.UNFINISHED:
            return source[: token.start], source[token.start :]
    return source, ""


class _AttributeFilter:
    """Decides on every attribute value that nh3 lets by; its answers are escaped by nh3."""

    def __init__(self, image_source: ImageSource, *, allow_remote_images: bool) -> None:
        self._image_source = image_source
        self._allow_remote_images = allow_remote_images
        self._styles_left = _MAX_STYLES
        self.blocked_remote_images = 0

    def __call__(self, _tag: str, name: str, value: str) -> str | None:
        if name == "style":
            self._styles_left -= len(value)
            return (safe_style(value) or None) if self._styles_left >= 0 else None
        if name == "href":
            address = _URL_NOISE.sub("", value)
            return address if address.partition(":")[0].lower() in _LINK_SCHEMES and ":" in address else None
        if name == "src":
            return self._image_address(value)
        return value

    def _image_address(self, value: str) -> str | None:
        address = _URL_NOISE.sub("", value)
        if address.lower().startswith("cid:"):
            return self._image_source("cid:" + address[4:])
        if not address.lower().startswith(_REMOTE_SCHEMES):
            return None
        ours = self._image_source(address) if self._allow_remote_images else None
        if ours is None:
            self.blocked_remote_images += 1
        return ours


def _with_flagged_links(cleaned: str) -> str:
    """Mark links whose text names another host than their target's."""
    if "<a " not in cleaned:
        return cleaned
    reader = _LinkReader(cleaned)
    pieces: list[str] = []
    position = 0
    for behind_name, host in reader.misleading:
        pieces += (cleaned[position:behind_name], f' data-other-host="{escape(host)}"')
        position = behind_name
    pieces.append(cleaned[position:])
    return "".join(pieces)


class _LinkReader:
    """Reads the links of nh3's own, canonical output: where each start tag's name ends, and what its text says."""

    def __init__(self, cleaned: str) -> None:
        self.misleading: list[tuple[int, str]] = []
        start: int | None = None
        address, text = "", ""
        for token in scan(cleaned):
            if token.kind is TokenKind.START and token.name == "a":
                start, text = token.start + 2, ""
                address = next((cleaned[a.start : a.end] for a in token.attributes if a.name == "href"), "")
            elif token.kind is TokenKind.TEXT and start is not None and len(text) < 2_000:
                text += cleaned[token.start : token.end][:2_000]
            elif token.kind is TokenKind.END and token.name == "a" and start is not None:
                host = _host(unescape(address))
                if host and _names_other_host(unescape(text), host):
                    self.misleading.append((start, host))
                start = None


def _host(address: str) -> str:
    """The host of an http(s) address or the domain of a mail address; empty for others."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return "invalid"
    if parts.scheme == "mailto":
        return parts.path.rpartition("@")[2].lower()
    return (parts.hostname or "").lower()


def _names_other_host(text: str, host: str) -> bool:
    """Whether a host is written in the text that is neither the target's nor its parent or child."""
    for shown in _SHOWN_HOST.findall(text[:2_000]):
        name = shown.lower().removeprefix("www.")
        if name.rpartition(".")[2] in _FILE_ENDINGS:
            continue
        try:
            name = name if name.isascii() else name.encode("idna").decode("ascii")
        except UnicodeError:
            return True
        target = host.removeprefix("www.")
        if not (target == name or target.endswith("." + name)):
            return True
    return False


def content_security_policy(content_origin: str, page_origin: str) -> str:
    """The policy of the frame's response: images of `content_origin` only, framed by `page_origin` only."""
    for origin in (content_origin, page_origin):
        if not re.fullmatch(r"https?://[A-Za-z0-9.\[\]:-]+", origin):
            message = f"not an origin: {origin!r}"
            raise ValueError(message)
    return (
        f"default-src 'none'; style-src 'unsafe-inline'; img-src {content_origin}; "
        "sandbox allow-popups allow-popups-to-escape-sandbox; "
        f"frame-ancestors {page_origin}; base-uri 'none'; form-action 'none'"
    )


_BASE_STYLE = """
:root{color-scheme:light dark}
html{font:15px/1.55 system-ui,-apple-system,"Segoe UI","Noto Sans","PingFang SC","Microsoft YaHei",sans-serif}
body{margin:0;padding:2px;overflow-wrap:anywhere;color:#1b2230;background:transparent}
img{max-width:100%;height:auto}
table{max-width:100%}
pre{white-space:pre-wrap}
blockquote{margin:0 0 0 2px;padding-left:12px;border-left:3px solid #c5ccd8;color:#566074}
a{color:#1b5fd0}
a[data-other-host]{text-decoration:underline wavy #b42318}
a[data-other-host]::after{content:" \\2192 " attr(data-other-host);color:#b42318;font-size:.85em}
@media (prefers-color-scheme:dark){body{color:#e4e8ef}a{color:#8ab4ff}blockquote{border-color:#465064;color:#a7b0c0}
a[data-other-host]::after{color:#ff9b8f}}
""".strip()


def frame_document(body_html: str, *, language: str = "en", title: str = "", color_scheme: str = "light dark") -> str:
    """The whole document for the frame around `body_html`, which must come from `safe_html` or `safe_text`.

    `color_scheme` is "light dark" (follow the system), "light" or "dark" (the reader's choice).
    """
    if color_scheme not in ("light dark", "light", "dark"):
        message = f"not a colour scheme: {color_scheme!r}"
        raise ValueError(message)
    style = _BASE_STYLE.replace("color-scheme:light dark", f"color-scheme:{color_scheme}", 1)
    return (
        f'<!doctype html>\n<html lang="{escape(language)}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta name="color-scheme" content="{color_scheme}">\n'
        '<meta name="referrer" content="no-referrer">\n'
        f"<title>{escape(title)}</title>\n<style>{style}</style>\n</head>\n"
        f'<body dir="auto">\n{body_html}\n</body>\n</html>\n'
    )
