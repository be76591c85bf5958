"""Social channels as the desk shows them."""

from tickets.models import SocialThread, Ticket
from tickets.models.channel import Channel


def answered_by(ticket: Ticket) -> str:
    """Return by which channel and account a reply of this ticket goes, or '' when it came by none."""
    if ticket.channel != Channel.SOCIAL:
        return ""
    thread = SocialThread.objects.filter(ticket=ticket).select_related("chat__account").first()
    if thread is None:
        return ""
    account = thread.chat.account
    return f"{account.get_kind_display()} · {account.name}"
