"""Files of a conversation as the widget shows them: names, and links of a minute to the content origin."""

from datetime import datetime
from typing import Any

from core.models import StoredFile
from livechat.models import Visitor
from tickets import content_links
from tickets.models import Attachment, Message

FILE, PREVIEW = "visitor-file", "visitor-preview"


def of_visitor(visitor: Visitor, public_id: str) -> Attachment | None:
    """Return a file of a public message that still stands, in any of this visitor's conversations."""
    mine = Attachment.objects.kept().filter(message__ticket__chat__visitor=visitor, message__public_seq__isnull=False)
    standing = mine.filter(message__withdrawn_at__isnull=True, public_id=public_id).exclude(file__scan="infected")
    return standing.select_related("message").first()


def link(visitor: Visitor, file: Attachment) -> str:
    """Return where to save a file, for a minute."""
    return content_links.link(session_pk=visitor.pk, kind=FILE, target=file.public_id)


def shown(visitor_pk: int, message: Message, at: datetime | None) -> list[dict[str, Any]]:
    """Return the files of a message; pictures with a link to what was drawn anew from them, good from `at` on."""
    rows = [(row, row.kept_file) for row in message.attachments.all()]
    # One that was moved into restricted storage is nowhere here.
    return [_file(visitor_pk, row, file, at) for row, file in rows if file is not None]


def _file(visitor_pk: int, row: Attachment, file: StoredFile, at: datetime | None) -> dict[str, Any]:
    is_blocked = file.scan == file.Scan.INFECTED
    has_preview = file.is_previewable and not is_blocked
    link_ = content_links.link(session_pk=visitor_pk, kind=PREVIEW, target=row.public_id, at=at) if has_preview else ""
    return {
        "id": row.public_id,
        "name": file.name,
        "size": file.size,
        "preview": link_,
        "is_blocked": is_blocked,
    }
