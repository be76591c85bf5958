"""What the pollers remember about a mailbox."""

from tickets.models import Mailbox


def remember_uid_validity(*, mailbox: Mailbox, validity: int) -> None:
    """Keep the folder's UIDVALIDITY (RFC 3501), so that a change can be noticed and logged."""
    Mailbox.objects.filter(pk=mailbox.pk).update(imap_uid_validity=validity)
