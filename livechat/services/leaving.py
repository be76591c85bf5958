"""A question left while nobody is there: a ticket that is answered by mail, to an address that nobody has proven."""

from dataclasses import dataclass
from datetime import timedelta

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from core import audit
from core.clock import from_now
from core.storable_text import storable
from livechat.models import Visitor
from livechat.services.chats import stranger_of
from tickets.models import Mailbox, Message, Ticket
from tickets.models.channel import Channel
from tickets.services import cases, errors, replies
from tickets.services.senders import Sender

PER_HOUR = 5
_HOUR = timedelta(hours=1)


class NoMail(errors.Refused):
    """There is no mailbox to answer from."""

    code = "no_mail"
    message = _("We cannot answer by mail right now. Write in the chat instead.")


class BadAddress(errors.Refused):
    """Nothing that mail can be sent to."""

    code = "bad_address"
    message = _("This is not an email address. Write it as in name@example.com.")


class SignedIn(errors.Refused):
    """Whoever is signed in is known already: an address that they type would only make them somebody else."""

    code = "signed_in"
    message = _("You are signed in: write in the chat. The answer is there and among your requests.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """What was left, under the browser's own id for it, and where the answer is to go."""

    client_id: str
    text: str
    address: str


def leave(*, visitor: Visitor, left: Left) -> Ticket:
    """Open a ticket whose answers go to the address by mail; the same `client_id` again returns the first.

    The address is a claim: its customer is the visitor's own, made for them, and never one that is known. It joins no
    history, shows none, and gets no automatic mail. Raises BadAddress, SignedIn, NoMail, EmptyMessage, TooManyRequests.
    """
    address = storable(left.address).strip().lower()
    try:
        validate_email(address)
    except ValidationError as error:
        raise BadAddress from error
    with transaction.atomic():
        locked = Visitor.objects.select_for_update(of=("self",), no_key=True).get(pk=visitor.pk)
        if locked.is_proven:
            raise SignedIn
        customer = locked.customer or stranger_of(locked)
        key = f"left:{storable(left.client_id)}"
        mine = Ticket.objects.filter(requester=customer, channel=Channel.WEB)
        known = mine.filter(messages__client_key=key).first()
        if known is not None:
            return known
        if mine.filter(created_at__gt=from_now(-_HOUR)).count() >= PER_HOUR:
            raise errors.TooManyRequests
        mailbox = Mailbox.objects.filter(is_active=True).order_by("pk").first()
        if mailbox is None:
            raise NoMail
        ticket, _first = cases.open_within(
            case=cases.NewCase(
                requester=customer,
                subject="",
                channel=Channel.WEB,
                requester_address=address,
                mailbox=mailbox,
                team=locked.inbox.team,
                brand=locked.inbox.brand,
                language=locked.locale,
            ),
            sender=Sender(role=Message.SenderRole.REQUESTER, customer=customer, address=address),
            words=replies.Words(text=left.text, language=locked.locale, client_key=key),
        )
        audit.record(
            "chat.question_left",
            actor=customer.actor,
            obj=("ticket", ticket.public_id),
            detail={"visitor": locked.public_id},
        )
    return ticket
