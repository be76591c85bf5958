"""Files of a conversation as the widget shows them: names, and links of a minute to the content origin."""

from datetime import datetime
from typing import Any

from livechat.models import Visitor
from tickets import content_links
from tickets.models import Attachment, Message

FILE, PREVIEW = "visitor-file", "visitor-preview"


def of_visitor(visitor: Visitor, public_id: str) -> Attachment | None:
    """Return a file of a public message that still stands, in any of this visitor's conversations."""
    mine = Attachment.objects.filter(message__ticket__chat__visitor=visitor, message__public_seq__isnull=False)
    standing = mine.filter(message__withdrawn_at__isnull=True, public_id=public_id).exclude(file__scan="infected")
    return standing.select_related("file", "message").first()


def link(visitor: Visitor, file: Attachment) -> str:
    """Return where to save a file, for a minute."""
    return content_links.link(session_pk=visitor.pk, kind=FILE, target=file.public_id)


def shown(visitor_pk: int, message: Message, at: datetime | None) -> list[dict[str, Any]]:
    """Return the files of a message; pictures with a link to what was drawn anew from them, good from `at` on."""
    return [_file(visitor_pk, row, at) for row in message.attachments.all()]


def _file(visitor_pk: int, row: Attachment, at: datetime | None) -> dict[str, Any]:
    is_blocked = row.file.scan == row.file.Scan.INFECTED
    has_preview = row.file.is_previewable and not is_blocked
    link_ = content_links.link(session_pk=visitor_pk, kind=PREVIEW, target=row.public_id, at=at) if has_preview else ""
    return {
        "id": row.public_id,
        "name": row.file.name,
        "size": row.file.size,
        "preview": link_,
        "is_blocked": is_blocked,
    }
