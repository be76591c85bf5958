"""The automatic "we have your message": fixed words, to proven senders only, one a day to each."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.conf import settings
from django.db import connection

from core import writes
from tickets.models import Message, OutboundMail
from tickets.models.channel import Channel
from tickets.services import timeline

SENT, WITHHELD = "acknowledged", "acknowledgement_withheld"


@dataclass(slots=True)
class Room:
    """How many automatic mails one transaction may still write: to each address asked about, and to all together."""

    by_address: dict[str, int] = field(default_factory=dict)
    for_all: int = 0

    def ask(self, addresses: Iterable[str]) -> None:
        """Find it out for addresses in lower case; waits for others that are about to write to them."""
        limits = (
            settings.AUTOMATIC_MAILS_PER_MIN,
            settings.AUTOMATIC_MAILS_PER_ADDRESS_PER_H,
            settings.AUTOMATIC_MAILS_PER_ADDRESS_PER_DAY,
        )
        with connection.cursor() as cursor:
            cursor.execute("SELECT * FROM tickets_automatic_mail_room(%s, %s, %s, %s)", [list(addresses), *limits])
            found = cursor.fetchall()
        # What this transaction has not written yet was not counted.
        waiting = Counter(row.to_address.lower() for row in writes.waiting(OutboundMail) if row.is_automatic)
        for address, room, for_all in found:
            self.by_address[address] = room - waiting[address]
            self.for_all = for_all - waiting.total()

    def is_taken(self, address: str) -> bool:
        """Take one mail to `address` if it may be written."""
        if address not in self.by_address:
            self.ask([address])
        if self.for_all <= 0 or self.by_address[address] <= 0:
            return False
        self.for_all -= 1
        self.by_address[address] -= 1
        return True


def decide(*, address: str, room: Room) -> Message:
    """Return what a new case from `address`, proven and in lower case, says of its acknowledgement, not written yet.

    The event `acknowledged` is the acknowledgement itself. Nothing of what anybody wrote is in it, so
    that it cannot carry a stranger's words to a victim. The limits per address end any loop with a
    machine that hides being one, and the one for all keeps a flood of cases from becoming a flood of
    mail; the case then says that nothing was sent, so that staff see the loop or the flood and a
    person can answer. Inside the transaction that opens the case: others wait until it has ended.
    """
    if not room.is_taken(address):
        return timeline.event_row(WITHHELD, {})
    event = timeline.event_row(SENT, {})
    event.channel = Channel.EMAIL
    event.is_automatic = True
    return event
