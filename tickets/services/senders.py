"""Who speaks: the shape every door hands to replies and cases."""

from dataclasses import dataclass

from accounts.models import Customer, Staff
from core.audit import SYSTEM, Actor
from tickets.models import Message

OURS = frozenset({Message.SenderRole.STAFF, Message.SenderRole.BOT, Message.SenderRole.SYSTEM})


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """One speaker. `role` is a Message.SenderRole; `proof` a CustomerAddress.Proof when `is_proven`."""

    role: str
    staff: Staff | None = None
    customer: Customer | None = None
    name: str = ""
    address: str = ""
    reply_to: str = ""
    is_proven: bool = False
    proof: str = ""

    @classmethod
    def of_staff(cls, person: Staff) -> "Sender":
        """A staff member, known by their session or token."""
        return cls(role=Message.SenderRole.STAFF, staff=person, name=person.name, is_proven=True, proof="staff")

    @classmethod
    def of_bot(cls, name: str) -> "Sender":
        """A program that answers in our name under a name of its own: nobody, and proof of nothing."""
        return cls(role=Message.SenderRole.BOT, name=name)

    @property
    def is_customer_side(self) -> bool:
        """Whether the words come in rather than go out."""
        return self.role not in OURS

    @property
    def actor(self) -> Actor:
        """The speaker in the audit log."""
        if self.staff is not None:
            return self.staff.actor
        if self.role == Message.SenderRole.BOT:
            return SYSTEM
        return self.customer.actor if self.customer else Actor("anonymous")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewFile:
    """One file to attach; `content_id` ties an inline image to the HTML."""

    name: str
    content: bytes
    content_id: str = ""
    is_inline: bool = False
