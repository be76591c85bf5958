"""What stands in the chat's trust panel."""

from dataclasses import dataclass
from datetime import datetime

from livechat.models import Visitor
from livechat.selectors import chats
from security import selectors
from tickets.selectors import portal_approvals
from tickets.selectors.portal_approvals import ApprovalShown


@dataclass(frozen=True, slots=True)
class TrustShown:
    """Who the visitor is to us, their open conversation's ticket, whether all stands still, and what waits."""

    is_proven: bool
    name: str
    # Public id, '' for none.
    ticket: str
    frozen_since: datetime | None
    waiting: tuple[ApprovalShown, ...]
    past: tuple[ApprovalShown, ...]


def trust_of(visitor: Visitor) -> TrustShown:
    """Return it, in the language now active. Of an unproven visitor their own conversation is known, nothing else."""
    chat = chats.latest(visitor)
    ticket = chat.ticket.public_id if chat and chat.ended_at is None else ""
    if not visitor.is_proven or visitor.customer is None:
        return TrustShown(is_proven=False, name="", ticket=ticket, frozen_since=None, waiting=(), past=())
    found = portal_approvals.approvals_of(visitor.customer)
    frozen = selectors.freeze_of(visitor.customer)
    return TrustShown(
        is_proven=True,
        name=visitor.customer.name,
        ticket=ticket,
        frozen_since=frozen.since if frozen else None,
        waiting=found.waiting,
        past=found.past[:3],
    )
