"""Notes about customers, and senders whose mail is put aside as spam."""

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Customer, CustomerAddress, Staff
from core import audit
from core.clock import DatabaseNow
from core.storable_text import storable
from security.redaction import redact
from tickets.channels.email.parse.addresses import normalised
from tickets.models import BlockedSender, CustomerNote
from tickets.models.contact import LONGEST_ADDRESS, LONGEST_NOTE, LONGEST_REASON
from tickets.selectors import mailboxes
from tickets.services import errors

# At a domain where more of our customers live it is not one sender: a company at most, never a provider of mail.
MOST_AT_A_DOMAIN = 20


class NoteMissing(errors.Refused):
    """Nothing was written."""

    code = "note_missing"
    message = _("Write something first.")


class NotAnAddress(errors.Refused):
    """It is neither an address nor a domain."""

    code = "not_an_address"
    message = _("Write one address (name@example.com) or one domain (example.com).")


class ReasonMissing(errors.Refused):
    """Nobody would know later why."""

    code = "reason_missing"
    message = _("Say why: it stays on record.")


class OneOfOurs(errors.Refused):
    """Our own mail would be spam."""

    code = "one_of_ours"
    message = _("That is an address of ours.")


class TooManyWriteFromThere(errors.Refused):
    """The domain is a provider of mail."""

    code = "too_many_write_from_there"
    message = _("Many customers write from this domain. Block single addresses instead.")


class BlockedAlready(errors.Refused):
    """It stands."""

    code = "blocked_already"
    message = _("This sender is blocked already.")


def add_note(*, customer: Customer, text: str, by: Staff) -> CustomerNote:
    """Write a note about a customer; secrets in it are masked as everywhere. Raises NoteMissing."""
    said = redact(storable(text).strip()[:LONGEST_NOTE]).text[:LONGEST_NOTE]
    if not said:
        raise NoteMissing
    with transaction.atomic():
        note = CustomerNote.objects.create(customer=customer, text=said, written_by=by)
        audit.record(
            "customer.note_added",
            actor=by.actor,
            obj=("customer", customer.public_id),
            detail={"note": note.public_id},
        )
    return note


def remove_note(*, customer: Customer, note_id: str, by: Staff) -> bool:
    """Show a note to nobody any more; it stays on record. Returns whether there was such a note."""
    with transaction.atomic():
        kept = CustomerNote.objects.filter(customer=customer, public_id=note_id, removed_at__isnull=True)
        if not kept.update(removed_at=DatabaseNow(), removed_by=by):
            return False
        audit.record(
            "customer.note_removed", actor=by.actor, obj=("customer", customer.public_id), detail={"note": note_id}
        )
    return True


def block(*, sender: str, reason: str, by: Staff) -> BlockedSender:
    """Let mail from an address, or from everybody at a domain, open its cases as spam.

    Raises NotAnAddress, ReasonMissing, OneOfOurs, TooManyWriteFromThere, BlockedAlready.
    """
    kind, value = _read(sender)
    why = redact(storable(reason).strip()[:LONGEST_REASON]).text[:LONGEST_REASON]
    if not why:
        raise ReasonMissing
    _spare_ours(kind, value)
    if kind == BlockedSender.Kind.DOMAIN and _live_there(value) > MOST_AT_A_DOMAIN:
        raise TooManyWriteFromThere
    try:
        with transaction.atomic():
            row = BlockedSender.objects.create(kind=kind, value=value, reason=why, blocked_by=by)
            audit.record("sender.blocked", actor=by.actor, obj=("blockedsender", row.public_id), detail={"kind": kind})
    except IntegrityError as taken:
        raise BlockedAlready from taken
    return row


def lift(*, block_id: str, by: Staff) -> bool:
    """Block a sender no more; returns whether it was blocked. Cases that are spam already stay so."""
    with transaction.atomic():
        if (
            not BlockedSender.objects.standing()
            .filter(public_id=block_id)
            .update(lifted_at=DatabaseNow(), lifted_by=by)
        ):
            return False
        audit.record("sender.unblocked", actor=by.actor, obj=("blockedsender", block_id))
    return True


def _read(sender: str) -> tuple[str, str]:
    """Return kind and value in the form in which senders are known: lower case, the domain as IDNA."""
    text = storable(sender).strip().lstrip("@")
    whole = text if "@" in text else f"postmaster@{text}"
    address = normalised(whole) if len(text) <= LONGEST_ADDRESS else None
    if address is None or "." not in address.rpartition("@")[2]:
        raise NotAnAddress
    if "@" in text:
        return BlockedSender.Kind.ADDRESS, address.lower()
    return BlockedSender.Kind.DOMAIN, address.rpartition("@")[2]


def _spare_ours(kind: str, value: str) -> None:
    ours = mailboxes.own_addresses()
    if kind == BlockedSender.Kind.DOMAIN:
        # A block holds for everything below the domain, so also for ours.
        is_ours = any(f".{address.rpartition('@')[2]}".endswith(f".{value}") for address in ours)
    else:
        is_ours = mailboxes.is_own(value, ours)
    if is_ours:
        raise OneOfOurs


def _live_there(domain: str) -> int:
    within = Q(value__endswith=f"@{domain}") | Q(value__endswith=f".{domain}")
    proven = CustomerAddress.objects.filter(within, kind=CustomerAddress.Kind.EMAIL)
    return proven.exclude(proof=CustomerAddress.Proof.CLAIMED).order_by()[: MOST_AT_A_DOMAIN + 1].count()
