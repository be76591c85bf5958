"""Identity documents that came into a case: hidden at once, moved into restricted storage, and destroyed here.

Marking is one commit, after which nobody sees the file any more; moving draws it anew, which takes a while, and must
happen: the marked row is what is owed (attack C7).
"""

from collections.abc import Sequence

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from accounts.models import Customer, Staff
from core import audit, doorbell, files
from core.clock import DatabaseNow
from core.models import StoredFile
from security import review_links
from security.models import ReviewDocument
from security.services import announcements, review_documents
from security.services.review_documents import Sealed
from tickets import effects, identity_hints
from tickets.models import Attachment, InboundMail, Message, OutboundMail, Ticket, Upload
from tickets.selectors import overdue
from tickets.services import errors, timeline

MOVE = "tickets.move_document"
BATCH = 50
LATE_S = 20.0


def mark(*, message: Message, files: Sequence[str], by: Staff) -> int:
    """Take the named files of a message out of everybody's sight; return how many.

    The same content in other cases of this requester goes with them. Again is nothing. Raises Refused for a message
    that was withdrawn, or whose mail has not left yet: it would leave without its files.
    """
    with transaction.atomic():
        ticket = timeline.lock(message.ticket)
        _refuse_unsent(message)
        named = list(Attachment.objects.kept().filter(message=message, public_id__in=files))
        contents = {row.file.sha256 for row in named if row.file is not None}
        same = Attachment.objects.kept().filter(
            file__sha256__in=contents, message__ticket__requester=ticket.requester_id
        )
        marked = list(
            same.select_for_update(of=("self",), no_key=True).select_related("message__ticket").order_by("pk")
        )
        Attachment.objects.filter(pk__in=[row.pk for row in marked]).update(
            restricted_at=DatabaseNow(), restricted_by=by
        )
        for row in marked:
            audit.record(
                "attachment.restricted", actor=by.actor, obj=("ticket", row.message.ticket.public_id),
                detail={"seq": row.message.seq, "attachment": row.public_id},
            )  # fmt: skip
            effects.message_changed(row.message.ticket, row.message)
        effects.documents_marked(marked)
    return len(marked)


def is_moved_by_itself(*, message: Message, file: StoredFile, is_inline: bool) -> bool:
    """Whether a file that comes in now is to be taken for a document: a picture, or a scan by its name."""
    may_be = identity_hints.may_be_one(content_type=file.content_type, size=file.size, is_inline=is_inline)
    is_picture = file.content_type.startswith(identity_hints.PICTURE)
    return (
        message.direction == Message.Direction.IN
        and may_be
        and (is_picture or identity_hints.names_one(file.name))
        and review_documents.open_review_of(_customer_of(message)) is not None
    )


def move(*, attachment_pk: int) -> bool:
    """Move a marked file into restricted storage and destroy what is here, once; False when there is nothing to move.

    A picture is drawn anew and sealed under a key of its own; anything else is sealed as it came. The raw mail, which
    nobody can open but the ingest worker, is wiped now instead of 30 days after it came. Raises StorageFull: the file
    stays hidden, and the next round tries again.
    """
    row = Attachment.objects.to_be_moved().select_related("file").filter(pk=attachment_pk).first()
    if row is None or row.file is None:
        return False
    sealed = _sealed(row.file)
    with transaction.atomic():
        is_moved = _move_locked(row, row.file, sealed)
    if sealed is not None and not is_moved:
        review_documents.discard(sealed)
    return is_moved


def ring_overdue() -> int:
    """Ring again for marked files whose bell was lost; return how many."""
    found = overdue.documents(late_s=LATE_S, limit=BATCH)
    for pk in found:
        if not doorbell.ring_now(MOVE, pk, expires_s=LATE_S):
            break
    return len(found)


def _refuse_unsent(message: Message) -> None:
    if Message.objects.filter(pk=message.pk, withdrawn_at__isnull=False).exists():
        raise errors.Refused(_("This message was taken back."))
    if OutboundMail.objects.filter(message=message, state="queued").exists():
        raise errors.Refused(_("The mail of this reply has not left yet: take it back, or wait until it has left."))


def _sealed(file: StoredFile) -> Sealed | None:
    """Seal what the file holds; None where there is nothing left of it."""
    try:
        content = files.read(file)
    except FileNotFoundError:
        return None
    return review_documents.seal(content, is_infected=file.scan == StoredFile.Scan.INFECTED)


def _move_locked(row: Attachment, file: StoredFile, sealed: Sealed | None) -> bool:
    """Do it on locked rows: every place that holds this content points to the one document."""
    same = Attachment.objects.to_be_moved().filter(
        Q(pk=row.pk) | Q(file__sha256=file.sha256, message__ticket__requester=row.message.ticket.requester_id)
    )
    rows = list(
        same.select_for_update(of=("self",), no_key=True)
        .select_related("file", "message__customer", "message__ticket__requester", "restricted_by")
        .order_by("pk")
    )
    if row.pk not in {one.pk for one in rows}:
        return False
    first = next(one for one in rows if one.pk == row.pk)
    document = _moved_in(first, sealed) if sealed is not None else None
    gone = {one.file_id for one in rows if one.file_id is not None}
    # A reply that was taken back, and the composer it came back into, may name the same file.
    Attachment.objects.filter(Q(pk__in=[one.pk for one in rows]) | Q(file_id__in=gone)).update(
        file=None,
        restricted_at=Coalesce("restricted_at", DatabaseNow()),
        document=document.public_id if document else "",
    )
    Upload.objects.filter(file_id__in=gone).delete()
    files.remove_unnamed(StoredFile.objects.filter(pk__in=gone))
    _wipe_raw([one.message_id for one in rows])
    for message in {one.message_id: one.message for one in rows}.values():
        audit.record(
            "attachment.moved", actor=timeline.actor_of(first.restricted_by), obj=("ticket", message.ticket.public_id),
            detail={"seq": message.seq, "document": document.public_id if document else ""},
        )  # fmt: skip
        effects.message_changed(message.ticket, message)
    return True


def _moved_in(row: Attachment, sealed: Sealed) -> ReviewDocument:
    message, by = row.message, row.restricted_by
    customer = _customer_of(message)
    document = review_documents.move_in(
        sealed=sealed,
        customer=customer,
        kind=ReviewDocument.Kind.IDENTITY if by else ReviewDocument.Kind.MAILED,
        is_sender_proven=message.is_sender_proven and message.sender_role == Message.SenderRole.REQUESTER,
        actor=timeline.actor_of(by),
        detail={"ticket": message.ticket.public_id, "attachment": row.public_id},
    )
    if by is None and document.review is not None and _is_first(document):
        link = review_links.path_for(document.review)
        announcements.tell(customer=customer, what=announcements.What.DOCUMENTS_MOVED, link=link)
    return document


def _is_first(document: ReviewDocument) -> bool:
    """Whether no other was moved into this review: its customer is told once."""
    moved = ReviewDocument.objects.filter(review=document.review, customer__isnull=False)
    return not moved.exclude(pk=document.pk).exists()


def _customer_of(message: Message) -> Customer:
    """Return whose document it is taken for: who is known to have written it, else the requester."""
    ticket: Ticket = message.ticket
    return message.customer or ticket.requester


def _wipe_raw(messages: Sequence[int]) -> None:
    """Wipe the mail it came in, in whichever mailboxes of ours: once it is handled, nothing reads it again."""
    identities = InboundMail.objects.filter(message_id__in=messages).values_list("identity", flat=True)
    handled = InboundMail.objects.filter(identity__in=list(identities)).exclude(raw=b"")
    wiped = handled.exclude(state=InboundMail.State.STORED).update(raw=b"", preview="")
    if wiped:
        audit.record("mail.wiped", actor=audit.SYSTEM, detail={"count": wiped})
