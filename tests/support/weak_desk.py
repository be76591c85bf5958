"""A help desk as they used to be: it believes From, numbers and Cc, answers everything, and quotes everything."""

import re
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.utils import getaddresses, parseaddr

ADDRESS = "support@weak.test"


@dataclass
class WeakTicket:
    """A case of the weak desk."""

    number: int
    requester: str
    people: list[str] = field(default_factory=list)
    said: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True)
class Sent:
    """A mail of the weak desk."""

    to: str
    subject: str
    text: str


@dataclass
class WeakDesk:
    """`take` a raw mail and look at `tickets` and `sent`."""

    staff: frozenset[str] = frozenset()
    tickets: dict[int, WeakTicket] = field(default_factory=dict)
    sent: list[Sent] = field(default_factory=list)

    def take(self, raw: bytes) -> WeakTicket:
        """Thread by the number in subject, recipient or reference; copy whoever is named; mail everybody everything."""
        mail = message_from_bytes(raw, policy=policy.default)
        sender = parseaddr(str(mail["From"]))[1]
        hints = " ".join(str(mail[name] or "") for name in ("Subject", "To", "In-Reply-To", "References"))
        found = re.search(r"(?:#|\+id|ticket-)(\d+)", hints)
        ticket = self.tickets.get(int(found[1])) if found else None
        if ticket is None:
            ticket = WeakTicket(1000 + len(self.tickets), sender, [sender])
            self.tickets[ticket.number] = ticket
        copied = [address for _name, address in getaddresses([str(mail["Cc"] or "")]) if address]
        ticket.people += [address for address in copied if address not in ticket.people]
        role = "agent" if sender in self.staff else "customer"
        ticket.said.append((role, str(mail.get_content())))
        history = "\n".join(f"{who}: {words}" for who, words in ticket.said)
        subject = f"Re: {mail['Subject']} [#{ticket.number}]"
        self.sent += [Sent(person, subject, history) for person in ticket.people]
        return ticket


@dataclass
class WeakResponder:
    """Another desk's machine: it confirms every mail it gets, under a new Message-ID, hiding that it is a machine.

    `strips` what would have told us: the marks of an automatic mail, our references, our reply address.
    """

    address: str
    strips: bool
    answered: int = 0

    def answer(self, raw: bytes, *, to: str) -> bytes:
        """Return its confirmation of `raw`."""
        self.answered += 1
        mail = message_from_bytes(raw, policy=policy.default)
        domain = self.address.rpartition("@")[2]
        headers = [
            f"From: Other Desk <{self.address}>",
            f"To: {to if self.strips else mail['Reply-To'] or to}",
            f"Subject: Ticket {self.answered} received: {mail['Subject']}",
            f"Message-ID: <auto-{self.answered}@{domain}>",
            "MIME-Version: 1.0",
            "Content-Type: text/plain; charset=utf-8",
        ]
        if not self.strips:
            headers += ["Auto-Submitted: auto-replied", f"In-Reply-To: {mail['Message-ID']}"]
        return "\r\n".join([*headers, "", "Thank you, we have received your message.", ""]).encode()
