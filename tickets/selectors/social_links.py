"""Conversations on social channels that a customer has joined to themselves, as the portal shows them."""

from dataclasses import dataclass
from datetime import datetime

from accounts.models import Customer
from tickets.models import SocialLink
from tickets.models.social_link import LINK_LIFE


@dataclass(frozen=True, slots=True)
class ConversationShown:
    """A conversation: where, with which account of ours, under which name its writer goes there, and since when."""

    id: str
    channel: str
    account: str
    name: str
    heard_at: datetime | None
    linked_at: datetime | None
    until: datetime | None


def of_customer(customer: Customer) -> tuple[ConversationShown, ...]:
    """Return what is linked to the customer now, the newest first; one query."""
    rows = SocialLink.objects.living().filter(customer=customer).select_related("chat__account", "chat__customer")
    return tuple(shown(row) for row in rows.order_by("-linked_at"))


def shown(link: SocialLink) -> ConversationShown:
    """Return one as the portal shows it, with its account and its first customer."""
    account = link.chat.account
    return ConversationShown(
        id=link.public_id,
        channel=account.get_kind_display(),
        account=account.name,
        name=link.chat.customer.name,
        heard_at=link.chat.heard_at,
        linked_at=link.linked_at,
        until=link.linked_at + LINK_LIFE if link.linked_at else None,
    )
