"""What of a case's customer can be revealed to whom, and what it looks like for a minute."""

from dataclasses import dataclass

from accounts.masking import masked
from accounts.models import ExchangeAccount, Staff
from accounts.permissions import Permission
from core import clock
from security.models import Reveal
from security.models.reveals import DAY, HOUR, PER_DAY, PER_HOUR
from tickets.models import Ticket
from tickets.models.ticket import ACTIVE

ACCOUNT = "account"
ADDRESSES = 10
# Digits of a key that the database can hold.
LONGEST_KEY = 18


@dataclass(frozen=True, slots=True)
class Choice:
    """One field as the form names it: its key, and its value masked."""

    key: str
    kind: str
    masked: str


@dataclass(frozen=True, slots=True)
class Offered:
    """What the form offers, and what is left of the budget."""

    fields: tuple[Choice, ...]
    reasons: tuple[tuple[str, str], ...]
    left_hour: int
    left_day: int


def may(ticket: Ticket, person: Staff) -> bool:
    """Whether the form is shown; the database decides what it comes to."""
    is_theirs = ticket.assignee_id == person.pk and ticket.status in ACTIVE and not ticket.is_spam
    return is_theirs and person.has(Permission.CUSTOMER_REVEAL)


def offered(ticket: Ticket, person: Staff) -> Offered:
    """Return the fields of a case's customer, and the person's budget."""
    names = dict(Reveal.Field.choices)
    fields = [
        Choice(str(one.pk), str(names[one.kind]), masked(one.kind, one.value))
        for one in ticket.requester.addresses.order_by("pk")[:ADDRESSES]
    ]
    account = ExchangeAccount.objects.filter(customer=ticket.requester_id).first()
    if account is not None:
        fields.append(Choice(ACCOUNT, str(names[ACCOUNT]), f"…{account.account_id[-4:]}"))
    day = clock.from_now(-DAY)
    times = list(Reveal.objects.filter(staff=person, revealed_at__gt=day).values_list("revealed_at", flat=True))
    lately = clock.now() - HOUR
    return Offered(
        fields=tuple(fields),
        reasons=tuple((value, str(label)) for value, label in Reveal.Reason.choices),
        left_hour=max(PER_HOUR - sum(at > lately for at in times), 0),
        left_day=max(PER_DAY - len(times), 0),
    )
