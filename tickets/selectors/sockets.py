"""What the desk's socket reads: which groups a person may join, and how far a ticket is."""

from accounts.models import Staff, Team
from accounts.permissions import Role
from security.models import StaffSession
from tickets.groups import queue_group
from tickets.models import Ticket


def last_seqs(person: Staff, public_id: str) -> tuple[int, int] | None:
    """Return (last seq, last public seq) of a ticket `person` may see, else None."""
    found = Ticket.objects.visible_to(person).filter(public_id=public_id)
    return found.values_list("last_seq", "last_public_seq").first()


def queue_groups(person: Staff) -> set[str]:
    """Return the groups of every queue `person` may see."""
    groups = {queue_group(pk) for pk in Team.objects.visible_to(person).values_list("pk", flat=True)}
    if person.role != Role.VENDOR:
        groups.add(queue_group(None))
    return groups


def person_of(session_pk: int) -> Staff | None:
    """Return the person behind a session that is still alive, read afresh."""
    session = StaffSession.objects.living().select_related("staff").filter(pk=session_pk).first()
    return session.staff if session else None
