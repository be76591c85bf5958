"""Whether and where a conversation goes on by mail, as the chat's panel shows it."""

from dataclasses import dataclass

from accounts.masking import masked_email
from livechat.models import Chat, ChatAddress, Visitor
from livechat.selectors import chats
from tickets.models import Ticket
from tickets.selectors import portal


@dataclass(frozen=True, slots=True)
class ByMail:
    """Where answers follow the visitor (`address`, masked), or which address waits for its number."""

    has_chat: bool
    is_proven: bool
    address: str
    waiting: str
    number: str
    # Minutes after which answers follow; 0 when none do.
    after_min: int


def shown(visitor: Visitor) -> ByMail:
    """Return it."""
    chat = chats.latest(visitor)
    address = address_of(chat, chat.ticket) if chat is not None else ""
    waiting = None if address else ChatAddress.objects.open().filter(visitor=visitor).order_by("-pk").first()
    return ByMail(
        has_chat=chat is not None,
        is_proven=visitor.is_proven,
        address=masked_email(address) if address else "",
        # Typed here a moment ago, by whoever reads this.
        waiting=waiting.address if waiting else "",
        number=waiting.number if waiting else "",
        after_min=visitor.inbox.mail_after_min,
    )


def address_of(chat: Chat, ticket: Ticket) -> str:
    """Return where mail of this chat goes: what is proven of the customer, or what the visitor confirmed; or ''."""
    return portal.proven_address(ticket.requester) if ticket.is_requester_proven else confirmed(chat.visitor)


def confirmed(visitor: Visitor) -> str:
    """Return the address that an anonymous visitor has confirmed, '' for none."""
    found = ChatAddress.objects.standing().filter(visitor=visitor).order_by("-pk")
    return found.values_list("address", flat=True).first() or ""
