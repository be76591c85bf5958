"""The words of mails in which a chat goes on: answers that nobody has read there, and transcripts."""

from datetime import datetime, tzinfo
from zoneinfo import ZoneInfo, available_timezones

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from tickets import chat_links
from tickets.models import Message, Ticket

CONTINUED, TRANSCRIPT = "chat_mailed", "chat_transcript"
# As many characters of a conversation as one mail takes; what is older stays in the chat.
MOST_CHARS = {CONTINUED: 20_000, TRANSCRIPT: 200_000}


def is_of_chat(message: Message) -> bool:
    """Whether the mail of this message is one that this module writes."""
    return message.event in chat_links.EVENTS


def subject(message: Message, ticket: Ticket) -> str:
    """Return the subject, in the language of now."""
    if message.event == TRANSCRIPT:
        return _("Your conversation %(number)s") % {"number": ticket.number}
    return ticket.subject


def text(message: Message, ticket: Ticket) -> str:
    """Return the words, in the language of now; '' when nothing that was to be told still stands."""
    said = _said(message, ticket)
    if not said:
        return ""
    zone = _zone(message, ticket)
    blocks, left_out = _newest([_block(one, zone) for one in said], MOST_CHARS[message.event])
    lines = [_lead(message)]
    if left_out:
        lines.append(_("What was said before is in the chat: this mail would be too long."))
    lines += blocks
    lines.append(f"{_way_back(ticket)}\n{chat_links.address_for(message, ticket)}")
    lines.append(_("To answer, simply answer this mail: your words join the conversation."))
    lines.append(_("We will never ask you for your password, a code or a recovery phrase."))
    return "\n\n".join(lines)


def _said(message: Message, ticket: Ticket) -> list[Message]:
    """Return public messages between the two numbers of the event that still stand; of unread answers only ours."""
    data = message.event_data
    numbers = {"public_seq__gt": int(data.get("after", 0)), "public_seq__lte": int(data.get("upto", 0))}
    found = ticket.messages.filter(**numbers, kind=Message.Kind.REPLY, withdrawn_at__isnull=True)
    if message.event == CONTINUED:
        found = found.filter(direction=Message.Direction.OUT)
    return list(found.select_related("staff").prefetch_related("attachments__file").order_by("public_seq"))


def _lead(message: Message) -> str:
    if message.event == TRANSCRIPT:
        return _("Here is what was said in your conversation with us.")
    return _("You had left the chat when we answered. This is what you have not read yet.")


def _way_back(ticket: Ticket) -> str:
    if ticket.is_requester_proven:
        return _("The conversation, after signing in:")
    return _("Back into the conversation, once and within three days; do not pass this link on:")


def _block(message: Message, zone: tzinfo) -> str:
    name = message.sender_name if message.direction == Message.Direction.OUT else _("You")
    files = [row.kept_file.name for row in message.attachments.all() if row.kept_file is not None]
    lines = [f"{name or _('Support')} · {_when(message.created_at, zone)}", message.text]
    lines += [_("File: %(name)s (in the conversation)") % {"name": file} for file in files]
    return "\n".join(line for line in lines if line)


def _when(at: datetime, zone: tzinfo) -> str:
    there = at.astimezone(zone)
    return f"{date_format(there, 'DATETIME_FORMAT')} {there.tzname()}"


def _zone(message: Message, ticket: Ticket) -> tzinfo:
    """The time zone of the browser that asked, else the customer's, else UTC."""
    name = str(message.event_data.get("zone") or ticket.requester.time_zone)
    return ZoneInfo(name) if name in available_timezones() else ZoneInfo("UTC")


def _newest(blocks: list[str], room: int) -> tuple[list[str], bool]:
    """Return the last blocks that one mail takes, and whether some were left out; the very last is cut, if need be."""
    kept: list[str] = []
    for block in reversed(blocks):
        if kept and len(block) > room:
            return kept[::-1], True
        kept.append(block[:room])
        room -= len(block)
    return kept[::-1], False
