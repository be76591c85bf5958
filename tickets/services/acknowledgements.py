"""The automatic "we have your message": fixed words, to proven senders only, one a day to each."""

from django.conf import settings
from django.db import connection

from tickets.models import Message
from tickets.models.channel import Channel
from tickets.services import timeline

SENT, WITHHELD = "acknowledged", "acknowledgement_withheld"


def decide(*, address: str, is_proven: bool, is_spam: bool) -> Message | None:
    """Return what a new case from `address` says of its acknowledgement, not written yet; None when none is due.

    The event `acknowledged` is the acknowledgement itself. Nothing of what anybody wrote is in it, so
    that it cannot carry a stranger's words to a victim. The limits per address end any loop with a
    machine that hides being one, and the one for all keeps a flood of cases from becoming a flood of
    mail; the case then says that nothing was sent, so that staff see the loop or the flood and a
    person can answer. Inside the transaction that opens the case: others wait until it has ended.
    """
    if not is_proven or is_spam or "@" not in address:
        return None
    if _is_too_much(address.lower()):
        return timeline.event_row(WITHHELD, {})
    event = timeline.event_row(SENT, {})
    event.channel = Channel.EMAIL
    event.is_automatic = True
    return event


def _is_too_much(address: str) -> bool:
    """Whether one more automatic mail would break a limit; waits for others that are about to write one."""
    limits = (
        settings.AUTOMATIC_MAILS_PER_MIN,
        settings.AUTOMATIC_MAILS_PER_ADDRESS_PER_H,
        settings.AUTOMATIC_MAILS_PER_ADDRESS_PER_DAY,
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT tickets_automatic_mail_allowed(%s, %s, %s, %s)", [address, *limits])
        row = cursor.fetchone()
    return not row[0]
