"""Whether a message carries what was taken, or is to be taken, for an identity document."""

from django.conf import settings
from django.urls import reverse

from tickets import identity_hints
from tickets.models import Attachment, Message

# Where a customer sends documents.
PAGE = "portal:review"


def page_for(acknowledgement: Message) -> str:
    """Return the address for documents, when the message before the acknowledgement seems to carry one, else ''."""
    said = Message.objects.filter(ticket=acknowledgement.ticket_id, seq=acknowledgement.seq - 1).first()
    return settings.SITE_URL + reverse(PAGE) if said is not None and carries_some(said) else ""


def carries_some(message: Message) -> bool:
    """Whether some of its files were moved into restricted storage or look as if they had to be."""
    subject = message.ticket.subject
    rows = Attachment.objects.filter(message=message).select_related("file")
    return any(_is_one(row, subject) for row in rows)


def _is_one(row: Attachment, subject: str) -> bool:
    file = row.kept_file
    return file is None or identity_hints.looks_like_one(
        name=file.name, content_type=file.content_type, size=file.size, is_inline=row.is_inline, subject=subject
    )
