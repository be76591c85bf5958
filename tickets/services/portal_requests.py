"""What customers do with their requests at the portal: open one, answer in one; by the services every channel uses."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db import transaction

from accounts.models import Customer, CustomerAddress
from core import files as stored_files
from core.clock import from_now
from tickets.models import Mailbox, Message, Ticket, Topic
from tickets.models.channel import Channel
from tickets.selectors import portal
from tickets.services import cases, errors, landing, replies
from tickets.services.senders import NewFile, Sender

PER_HOUR = 20
_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a customer asks, in which language if not their usual one; `follow_up_of` is a closed request of theirs."""

    subject: str
    text: str
    topic: Topic | None = None
    files: Sequence[NewFile] = ()
    follow_up_of: Ticket | None = None
    language: str = ""
    priority: str = "normal"


def open_request(*, customer: Customer, asked: Asked) -> Ticket:
    """Open a request; answers go to the address that the exchange has proven, and are at the portal in any case.

    Raises EmptyMessage, TooManyFiles, TooLarge, TooManyRequests.
    """
    check_size(asked.files)
    address = portal.proven_address(customer)
    with transaction.atomic(), stored_files.all_or_none():
        # One after the other for each customer, so that the limit counts.
        Customer.objects.select_for_update(no_key=True).get(pk=customer.pk)
        if Ticket.objects.filter(requester=customer, created_at__gt=from_now(-_HOUR)).count() >= PER_HOUR:
            raise errors.TooManyRequests
        mailbox = Mailbox.objects.filter(is_active=True).order_by("pk").first() if address else None
        ticket, _message = cases.open_within(
            case=cases.NewCase(
                requester=customer,
                subject=asked.subject,
                channel=Channel.WEB,
                requester_address=address,
                is_requester_proven=True,
                mailbox=mailbox,
                language=asked.language or customer.language,
                priority=asked.priority,
                follow_up_of=asked.follow_up_of,
                topic=asked.topic,
            ),
            sender=_speaker(customer, address),
            words=replies.Words(text=asked.text, language=asked.language or customer.language),
            attached=asked.files,
        )
    return ticket


def answer(
    *, ticket: Ticket, customer: Customer, text: str, attached: Sequence[NewFile], seen_public_seq: int, client_key: str
) -> Message:
    """Add the customer's words to their request, or to that of theirs into which it was merged meanwhile.

    Raises StaleReply, CaseClosed, EmptyMessage, TooManyFiles, TooLarge.
    """
    check_size(attached)
    given = replies.Words(text=text, client_key=client_key)
    speaker = _speaker(customer, ticket.requester_address)
    with stored_files.all_or_none():
        try:
            return replies.add(
                ticket=ticket,
                sender=speaker,
                channel=Channel.WEB,
                words=given,
                attached=attached,
                seen_public_seq=seen_public_seq,
            )
        except errors.CaseClosed:
            ticket.refresh_from_db(fields=["merged_into"])
            landed = landing.of(ticket)
            if landed.pk == ticket.pk or landed.requester_id != customer.pk:
                raise
            return replies.add(ticket=landed, sender=speaker, channel=Channel.WEB, words=given, attached=attached)


def _speaker(customer: Customer, address: str) -> Sender:
    return Sender(
        role=Message.SenderRole.REQUESTER,
        customer=customer,
        name=customer.name,
        address=address,
        is_proven=True,
        proof=CustomerAddress.Proof.EXCHANGE,
    )


def check_size(attached: Sequence[NewFile]) -> None:
    """Refuse files that are too large, each or together. Raises TooManyFiles, TooLarge."""
    sizes = [len(one.content) for one in attached]
    if any(size > settings.MAX_UPLOAD_BYTES for size in sizes):
        raise errors.TooManyFiles
    if sum(sizes) > settings.MAX_MESSAGE_BYTES:
        raise errors.TooLarge
