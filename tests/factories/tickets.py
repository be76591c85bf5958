"""Cases for tests, opened through the services that the product itself uses."""

from typing import Any

import factory
from factory.django import DjangoModelFactory

from accounts.models import Customer
from accounts.services import customers
from tickets.models import Mailbox, Message, Ticket, Topic
from tickets.services import cases, replies
from tickets.services.senders import Sender

CUSTOMER_ADDRESS = "mina@example.com"


class MailboxFactory(DjangoModelFactory[Mailbox]):
    class Meta:
        model = Mailbox
        django_get_or_create = ("slug",)

    slug = "support"
    name = "Pharos Support"
    address = "support@pharos.test"
    trusted_authserv_id = "mx.pharos.test"
    signature = "Pharos Support"


class TopicFactory(DjangoModelFactory[Topic]):
    class Meta:
        model = Topic
        django_get_or_create = ("slug",)

    slug = "withdrawals-pending"
    name = "Pending"
    parent = factory.LazyFunction(lambda: Topic.objects.get_or_create(slug="withdrawals", name="Withdrawals")[0])


def customer(address: str = CUSTOMER_ADDRESS, *, proof: str | None = "dkim", name: str = "Mina Customer") -> Customer:
    return customers.resolve(kind="email", value=address, name=name, proof=proof)[0]


def requester(who: Customer, address: str = CUSTOMER_ADDRESS, *, is_proven: bool = True) -> Sender:
    proof = "dkim" if is_proven else ""
    return Sender(role="requester", customer=who, name=who.name, address=address, is_proven=is_proven, proof=proof)


def mail_ticket(
    *,
    address: str = CUSTOMER_ADDRESS,
    is_proven: bool = True,
    text: str = "My withdrawal of 0.5 BTC is still pending.",
    subject: str = "Withdrawal pending",
    **case: Any,
) -> Ticket:
    who = customer(address, proof="dkim" if is_proven else None)
    ticket, _message = cases.open_case(
        case=cases.NewCase(
            requester=who,
            subject=subject,
            channel="email",
            requester_address=address,
            is_requester_proven=is_proven,
            mailbox=case.pop("mailbox", None) or MailboxFactory.create(),
            **case,
        ),
        sender=requester(who, address, is_proven=is_proven),
        words=replies.Words(text=text, message_id_header="<first@example.com>"),
    )
    return ticket


def answer(ticket: Ticket, text: str = "Any news?", *, sender: Sender | None = None) -> Message:
    return replies.add(
        ticket=ticket,
        sender=sender or requester(ticket.requester, ticket.requester_address),
        channel="email",
        words=replies.Words(text=text),
    )
