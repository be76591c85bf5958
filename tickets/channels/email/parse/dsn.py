"""Bounces and delays read: RFC 3464 reports, and the free text of providers that send none."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal, cast

from tickets.channels.email.parse import addresses, fields, identifiers, words
from tickets.channels.email.parse.limits import Unparsable
from tickets.channels.email.parse.records import DsnReport

Action = Literal["failed", "delayed", "delivered", "relayed", "expanded"]

_ACTIONS: Final = frozenset({"failed", "delayed", "delivered", "relayed", "expanded"})
_STATUS: Final = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")
_REPLY_CODE: Final = re.compile(r"\b([45])\d\d[ -]")
_MAX_TEXT: Final = 20_000
_MAX_STATUS_BYTES: Final = 1024 * 1024
_MAX_GROUPS: Final = 200
_BLANK_LINES: Final = re.compile(rb"\n(?:[ \t]*\r?\n)+")
_NO_FIELD: Final = re.compile(rb"^(?![ \t]|[!-9;-~]+[ \t]*:)[^\n]*\n?", re.MULTILINE)
# Chinese sentences put no blank between their own punctuation and an address.
_ADDRESS: Final = r"<?([^\s<>()\[\]\"',;:\u3000-\u303f\uff00-\uffef]{1,64}@[A-Za-z0-9.-]{1,250}[A-Za-z0-9])>?"
_ANY_ADDRESS: Final = re.compile(_ADDRESS)
_MESSAGE_ID: Final = re.compile(r"^[> \t]{0,4}Message-ID:\s{0,5}(<[^<>\s]{3,900}>)", re.IGNORECASE | re.MULTILINE)

# Sentences of providers around the address that could not be reached: Gmail, Exchange, Postfix, qmail, Yahoo, QQ/163.
_FAILED_TEXTS: Final = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"your message wasn'?t delivered to\s{1,5}" + _ADDRESS,
        r"temporary problem delivering your message to\s{1,5}" + _ADDRESS,
        r"(?:以下收件人或组|下列收件者或群組)[:\uff1a]?\s{1,20}[^\n@<]{0,80}?" + _ADDRESS,
        r"message (?:to|for)\s{1,5}" + _ADDRESS + r"\s{1,5}(?:couldn'?t|could not|cannot) be delivered",
        r"delivery (?:has failed )?to (?:these recipients or groups|the following recipients?)(?: has)?(?: failed)?"
        r"(?: permanently)?(?: or groups)?:?\s{1,20}[^\n@<]{0,80}?" + _ADDRESS,
        r"could not\s{1,3}be delivered to (?:one or more recipients|[^\n]{0,60})[\s\S]{0,900}?\n\s{0,8}"
        + _ADDRESS + r":\s",
        r"wasn'?t able to deliver your message to the following addresses[\s\S]{0,300}?\n\s{0,8}" + _ADDRESS + r":\s",
        r"sorry,? we were unable to deliver your message to the following address[\s\S]{0,60}?\n\s{0,8}" + _ADDRESS,
        r"the following address(?:es)?(?:\(es\))? (?:failed|had permanent fatal errors)[^\n]{0,60}\s{1,8}[^\n@]{0,60}?"
        + _ADDRESS,
        r"(?:无法发送到|无法投递到|未能投递到|无法送达|投递失败|退信|收件人)[^@\n]{0,60}?" + _ADDRESS,
        r"(?:user unknown|does not exist|no such user|mailbox (?:unavailable|full|is full)|over quota)[^@\n]{0,100}?"
        + _ADDRESS,
        _ADDRESS + r"[^\n]{0,100}?(?:user unknown|does not exist|no such user|mailbox unavailable|不存在|被拒收)",
    )
)  # fmt: skip
_FAILED_SUBJECT: Final = re.compile(
    r"undeliver|delivery (?:status notification|failure|has failed)|failure notice|returned mail|"
    r"mail delivery (?:failed|system)|"
    r"non remis|unzustellbar|не доставлено|message not delivered|"
    r"退信|系统退信|投递失败|邮件被退回|無法傳遞|无法投递|未传递",
    re.IGNORECASE,
)
_DELAYED: Final = re.compile(
    r"delay|will (?:be )?retr(?:y|ied)|not yet (?:been )?delivered|still being retried|延迟|延遲|稍后重试",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Returned:
    """The parts of a bounce that its report is made of, as the body walk found them."""

    statuses: Sequence[bytes]
    header_blocks: Sequence[bytes]
    text: str


def structured(returned: Returned, header: fields.HeaderBlock) -> DsnReport | None:
    """The report of a message/delivery-status part (RFC 3464), or None when it names no action."""
    groups = [group for status in returned.statuses for group in _groups(status)]
    recipients = [group for group in groups if group.first("action")]
    if not recipients:
        return None
    actions = [group.first("action").split("(")[0].split(";")[0].strip().lower() for group in recipients]
    action: str | None = next((known for known in ("failed", "delayed") if known in actions), None)
    if action is None:
        action = actions[0] if actions[0] in _ACTIONS else "failed"
    chosen = [group for group, its in zip(recipients, actions, strict=True) if its == action] or recipients
    codes = [code for group in chosen for code in _STATUS.findall(group.first("status"))]
    reached = [_typed_address(group.first("final-recipient") or group.first("original-recipient")) for group in chosen]
    final = tuple(dict.fromkeys(address for address in reached if address))
    diagnostic = " ".join(group.first("diagnostic-code") for group in chosen[:3])
    return DsnReport(
        action=cast("Action", action),
        status_codes=tuple(dict.fromkeys(codes)),
        diagnostic=words.decode_header(diagnostic, limit=500),
        final_recipient=final[0] if final else None,
        final_recipients=final,
        original_message_id=_original_message_id(returned, header, groups),
        is_structured=True,
    )


def free_text(returned: Returned, header: fields.HeaderBlock, subject: str) -> DsnReport | None:
    """What a bounce without a report says, or None when it does not read like a bounce.

    The caller must first have seen in the header that a machine wrote the mail; words alone prove nothing.
    """
    text = returned.text[:_MAX_TEXT]
    claimed = addresses.normalised(header.first("x-failed-recipients").split(",")[0].strip())
    found = claimed or _first_recipient(text)
    is_bounce_subject = bool(_FAILED_SUBJECT.search(subject))
    is_delay = bool(_DELAYED.search(subject))
    codes = tuple(dict.fromkeys(_STATUS.findall(text)))[:5]
    hints = (is_bounce_subject, bool(found), bool(codes))
    if not (claimed or is_delay or sum(hints) >= 2):
        return None
    if is_delay and not any(code.startswith("5") for code in codes):
        action: Action = "delayed"
    else:
        action = "failed"
    return DsnReport(
        action=action,
        status_codes=codes,
        diagnostic=words.one_line(_diagnostic_line(text))[:500],
        final_recipient=found,
        final_recipients=(found,) if found else (),
        original_message_id=_original_message_id(returned, header, []),
        is_structured=False,
    )


def _groups(status: bytes) -> Iterator[fields.HeaderBlock]:
    """The field groups of a delivery-status body, separated by blank lines; lines that are no fields are passed over.

    The library would read them as messages, and stop at such a line.
    """
    for group in _BLANK_LINES.split(status[:_MAX_STATUS_BYTES].lstrip(), maxsplit=_MAX_GROUPS)[:_MAX_GROUPS]:
        try:
            block = fields.read_block(_NO_FIELD.sub(b"", group))
        except Unparsable:
            return
        if block.fields:
            yield block


def _typed_address(value: str) -> str | None:
    """The mailbox of an ``rfc822; user@host`` field (RFC 3464 section 2.3.1)."""
    plain = value.partition(";")[2] or value
    match = _ANY_ADDRESS.search(plain[:2_000])
    return addresses.normalised(match[1]) if match else None


def _first_recipient(text: str) -> str | None:
    for pattern in _FAILED_TEXTS:
        match = pattern.search(text)
        if match:
            return addresses.normalised(match[1])
    return None


def _diagnostic_line(text: str) -> str:
    lines = text.split("\n")
    coded = next((line for line in lines if _STATUS.search(line)), None)
    return coded or next((line for line in lines if _REPLY_CODE.search(line)), "") or ""


def _original_message_id(
    returned: Returned, header: fields.HeaderBlock, groups: Sequence[fields.HeaderBlock]
) -> str | None:
    for block in returned.header_blocks:
        try:
            original = fields.read_block(block)
        except Unparsable:
            continue
        found = identifiers.first(original.first("message-id"))
        if found:
            return found
    for group in groups:
        found = identifiers.first(group.first("original-message-id") or group.first("x-original-message-id"))
        if found:
            return found
    match = _MESSAGE_ID.search(returned.text[-_MAX_TEXT:])
    if match:
        return match[1]
    named = identifiers.every(
        (header.first("x-original-message-id"), header.first("in-reply-to"), *reversed(header.all("references")))
    )
    return named[-1] if named else None
