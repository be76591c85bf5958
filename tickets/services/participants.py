"""Who else is on a case: only people whose address is proven, and only when a proven party names them."""

from collections.abc import Iterable

from accounts.models import CustomerAddress
from core import audit, writes
from tickets.models import Participant, Ticket

MAX_PARTICIPANTS = 20


def add_copied(*, ticket: Ticket, addresses: Iterable[str]) -> int:
    """Make known, proven addresses that a proven party copied in participants; inside the caller's transaction.

    Unknown and merely claimed addresses are left out: they would get mail that they never proved
    they may read. Returns how many joined.
    """
    wanted = {address.lower() for address in addresses} - {ticket.requester_address.lower()}
    if not wanted:
        return 0
    known = (
        CustomerAddress.objects.filter(kind=CustomerAddress.Kind.EMAIL, value__in=wanted, is_bouncing=False)
        .exclude(proof=CustomerAddress.Proof.CLAIMED)
        .exclude(customer_id=ticket.requester_id)
        .order_by("pk")[:MAX_PARTICIPANTS]
    )
    if known:
        writes.write_now()  # the case itself may wait to be written with others
    present = set(ticket.participants.values_list("address", flat=True)) if known else set()
    rows = [
        Participant(
            ticket=ticket, customer_id=one.customer_id, address=one.value, role=Participant.Role.CC, is_proven=True
        )
        for one in known
        if one.value not in present
    ][: max(0, MAX_PARTICIPANTS - len(present))]
    if rows:
        Participant.objects.bulk_create(rows, ignore_conflicts=True)
        audit.record(
            "ticket.participants_added",
            actor=audit.SYSTEM,
            obj=("ticket", ticket.public_id),
            fields=["participants"],
            detail={"count": len(rows)},
        )
    return len(rows)
