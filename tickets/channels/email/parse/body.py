"""From the MIME tree to what a person reads: text, HTML, files, invitations, forwarded and returned messages."""

import html
import re
from dataclasses import dataclass, field
from typing import Final

from tickets.channels.email.parse import (
    charsets,
    filenames,
    flowed,
    html_text,
    invites,
    structure,
    tnef,
    transfer,
    words,
)
from tickets.channels.email.parse.limits import MAX_HTML_CHARS, MAX_TEXT_CHARS, Budget
from tickets.channels.email.parse.records import Attachment, CalendarInvite

_TEXT_TYPES: Final = frozenset({"text/plain", "text/enriched", "text/richtext", "text/markdown"})
_MESSAGE_TYPES: Final = frozenset({"message/rfc822", "message/global"})
_STATUS_TYPES: Final = frozenset(
    {"message/delivery-status", "message/global-delivery-status", "message/disposition-notification",
     "message/global-disposition-notification", "message/feedback-report"}
)  # fmt: skip
_HEADER_TYPES: Final = frozenset({"text/rfc822-headers", "message/rfc822-headers", "message/global-headers"})
_CALENDAR_TYPES: Final = frozenset({"text/calendar", "application/ics"})
_META_CHARSET: Final = re.compile(rb"<meta\b[^>]{0,300}?charset\s{0,5}=\s{0,5}[\"']?([\w.:-]{1,40})", re.IGNORECASE)
_CID: Final = re.compile(r"cid:([^\"'\s<>)]{1,250})", re.IGNORECASE)
_CONTROLS: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_RICH_MARKUP: Final = re.compile(r"</?[a-zA-Z]{1,20}>")


@dataclass(slots=True)
class Segment:
    """One stretch of the letter: plain, HTML, or the same in both."""

    plain: str | None = None
    html: str | None = None


@dataclass(slots=True)
class _File:
    name: str
    type: str
    content: bytes
    content_id: str | None
    is_related: bool


@dataclass(slots=True)
class Content:
    """Everything found in a message, while it is being found."""

    segments: list[Segment] = field(default_factory=list)
    files: list[_File] = field(default_factory=list)
    invites: list[CalendarInvite] = field(default_factory=list)
    messages: list[tuple[str, structure.Part]] = field(default_factory=list)
    statuses: list[tuple[str, bytes]] = field(default_factory=list)
    returned_headers: list[bytes] = field(default_factory=list)

    def plain_text(self) -> str:
        """The letter as plain text: the sender's own where there is one, else made from the HTML."""
        texts = []
        for segment in self.segments:
            if segment.plain is not None and (segment.plain.strip() or not segment.html):
                texts.append(segment.plain.strip("\n"))
            elif segment.html:
                texts.append(html_text.to_text(segment.html))
        return "\n\n".join(text for text in texts if text.strip())[: MAX_TEXT_CHARS * 2]

    def markup(self) -> str | None:
        """The letter as HTML (not sanitised), or None when it came only as plain text."""
        if not any(segment.html for segment in self.segments):
            return None
        return "\n".join(segment.html or _as_markup(segment.plain or "") for segment in self.segments)

    def attachments(self) -> tuple[Attachment, ...]:
        """The files; inline are those that the HTML shows by cid or that belong to it as images."""
        shown = {cid.lower() for cid in _CID.findall(self.markup() or "")}
        return tuple(
            Attachment(
                filename=file.name,
                declared_type=file.type,
                content=file.content,
                content_id=file.content_id,
                is_inline=bool(
                    file.content_id
                    and (file.content_id.lower() in shown or (file.is_related and file.type.startswith("image/")))
                ),
            )
            for file in self.files
        )


def collect(root: structure.Part, budget: Budget) -> Content:
    """Gather the content of a whole message. Raises Unparsable past the budget or for UTF-7."""
    content = Content()
    _visit(root, content, budget)
    return content


def _visit(part: structure.Part, content: Content, budget: Budget, *, is_related: bool = False) -> None:
    if part.is_multipart:
        _container(part, content, budget)
    elif part.type in _MESSAGE_TYPES:
        content.messages.append((_keep(part, content, budget), part))
    elif part.type in _STATUS_TYPES:
        content.statuses.append((part.type, part.content(budget)))
    elif part.type in _HEADER_TYPES:
        content.returned_headers.append(part.content(budget))
        _keep(part, content, budget)
    elif part.type in _CALENDAR_TYPES:
        _calendar(part, content, budget)
    elif _is_letter(part) and not is_related:
        _letter(part, content, budget)
    elif part.type == "application/ms-tnef" or _claimed_name(part).lower() == "winmail.dat":
        _tnef(part, content, budget)
    else:
        if part.type in ("application/pkcs7-mime", "application/x-pkcs7-mime"):
            budget.warn("openpgp_or_smime_encrypted")
        _keep(part, content, budget, is_related=is_related)


def _container(part: structure.Part, content: Content, budget: Budget) -> None:
    if part.type == "multipart/alternative":
        _alternative(part, content, budget)
    elif part.type == "multipart/related":
        _related(part, content, budget)
    else:
        if part.type in ("multipart/encrypted", "multipart/signed"):
            # Shown as it is, without any mark of trust: a signature may cover less than what is displayed.
            budget.warn(part.type.replace("multipart/", "openpgp_or_smime_"))
        for child in part.children:
            _visit(child, content, budget)


def _is_letter(part: structure.Part) -> bool:
    """Whether a text part is part of the letter rather than a file beside it."""
    if part.type != "text/html" and part.type not in _TEXT_TYPES:
        return False
    if part.depth == 0:
        return True
    return part.disposition.value != "attachment" and not _claimed_name(part)


def _letter(part: structure.Part, content: Content, budget: Budget) -> None:
    raw = part.content(budget)
    charset: str | None = part.media.param("charset") or None
    is_html = part.type == "text/html"
    if is_html and not charset:
        meta = _META_CHARSET.search(raw[:4096])
        charset = meta[1].decode("ascii", "replace") if meta else None
    if charset and charsets.codec_for(charset) is None:
        budget.warn("unknown_charset")
    limit = MAX_HTML_CHARS if is_html else MAX_TEXT_CHARS
    text, was_right = charsets.decode(raw[: limit * 4], charset)
    if not was_right:
        budget.warn("wrong_charset")
    text = _CONTROLS.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    if len(text) > limit or len(raw) > limit * 4:
        # Too long to show: the whole goes along as a file, the beginning stays readable.
        budget.warn("body_too_long")
        _add(content, "body.html" if is_html else "body.txt", part.type, raw)
        text = html_text.to_text(text[:limit])[:MAX_TEXT_CHARS] if is_html else text[:limit]
        is_html = False
    if is_html:
        content.segments.append(Segment(html=text))
        return
    if part.type in ("text/enriched", "text/richtext"):
        text = _RICH_MARKUP.sub("", text.replace("<<", "<"))
    if part.media.param("format").lower() == "flowed":
        text = flowed.unflow(text, delete_space=part.media.param("delsp").lower() == "yes")
    text, uuencoded = transfer.uu_files(text)
    for name, data in uuencoded:
        budget.count_decoded(len(data))
        _add(content, name, "application/octet-stream", data)
    content.segments.append(Segment(plain=text))


def _alternative(part: structure.Part, content: Content, budget: Budget) -> None:
    """The richest HTML (the last) and the first plain text (RFC 2046 section 5.1.4); files of every branch stay."""
    choices: list[Segment] = []
    for child in part.children:
        branch = Content()
        _visit(child, branch, budget)
        merged = _merged(branch.segments)
        if merged is not None:
            choices.append(merged)
        content.files += branch.files
        content.invites += branch.invites
        content.messages += branch.messages
        content.statuses += branch.statuses
        content.returned_headers += branch.returned_headers
    if not choices:
        return
    plains = [choice.plain for choice in choices if choice.plain and choice.plain.strip()]
    markups = [choice.html for choice in choices if choice.html and choice.html.strip()]
    content.segments.append(Segment(plain=plains[0] if plains else None, html=markups[-1] if markups else None))


def _merged(segments: list[Segment]) -> Segment | None:
    if len(segments) <= 1:
        return segments[0] if segments else None
    if any(segment.html for segment in segments):
        has_all_plain = all(segment.plain is not None for segment in segments)
        return Segment(
            plain="\n\n".join(segment.plain or "" for segment in segments) if has_all_plain else None,
            html="\n".join(segment.html or _as_markup(segment.plain or "") for segment in segments),
        )
    return Segment(plain="\n\n".join(segment.plain or "" for segment in segments))


def _related(part: structure.Part, content: Content, budget: Budget) -> None:
    """The root (RFC 2387: ``start``, else the first) is the letter, the others belong to it."""
    start = part.media.param("start").strip("<> ")
    root = next((child for child in part.children if start and child.content_id == start), part.children[0])
    _visit(root, content, budget)
    for child in part.children:
        if child is not root:
            # Without a Content-ID nothing can refer to it: a text is then more likely a second piece of the letter.
            _visit(child, content, budget, is_related=not child.is_multipart and bool(child.content_id))


def _calendar(part: structure.Part, content: Content, budget: Budget) -> None:
    raw = part.content(budget)
    text, _ = charsets.decode(raw, part.media.param("charset") or "utf-8")
    invite = invites.read(text)
    if invite is not None:
        content.invites.append(invite)
    if not any(file.content == raw for file in content.files if file.type in _CALENDAR_TYPES):
        _add(content, _claimed_name(part) or "invite.ics", part.type, raw)


def _tnef(part: structure.Part, content: Content, budget: Budget) -> None:
    raw = part.content(budget)
    opened = tnef.open_envelope(raw, budget)
    if opened is None:
        _add(content, _claimed_name(part) or "winmail.dat", part.type, raw)
        return
    has_letter = any((segment.plain or segment.html or "").strip() for segment in content.segments)
    if not has_letter and (opened.text.strip() or opened.html.strip()):
        plain = _CONTROLS.sub("", opened.text.replace("\r\n", "\n"))[:MAX_TEXT_CHARS]
        markup = _CONTROLS.sub("", opened.html)[:MAX_HTML_CHARS]
        content.segments.append(Segment(plain=plain or None, html=markup or None))
    for name, data in opened.files:
        _add(content, name, "application/octet-stream", data)


def _keep(part: structure.Part, content: Content, budget: Budget, *, is_related: bool = False) -> str:
    """Add a part as a file; return the name it got."""
    raw = part.content(budget)
    claimed = _claimed_name(part)
    if not raw and not claimed:
        return ""
    return _add(content, claimed, part.type, raw, content_id=part.content_id, is_related=is_related)


def _add(
    content: Content, claimed: str, declared_type: str, data: bytes, *,
    content_id: str | None = None, is_related: bool = False,
) -> str:  # fmt: skip
    number = len(content.files) + 1
    name = filenames.safe_filename(claimed, declared_type=declared_type, number=number)
    content.files.append(_File(name, words.one_line(declared_type)[:120], data, content_id, is_related))
    return name


def _claimed_name(part: structure.Part) -> str:
    return filenames.claimed_filename(part.disposition.param("filename"), part.media.param("name"))


def _as_markup(plain: str) -> str:
    return f'<div style="white-space: pre-wrap">{html.escape(plain)}</div>' if plain.strip() else ""
