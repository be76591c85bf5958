"""A mail on its way in: who says so, by which door, and what speaks against taking it for what it seems to be."""

from dataclasses import dataclass, field

from accounts.models import Customer
from tickets.channels.email.parse import ParsedMail, SenderProof, sender_proof
from tickets.channels.email.tokens import read_message_id
from tickets.mail_keys import mail_keys
from tickets.models import InboundMail, Mailbox
from tickets.selectors import mailboxes
from tickets.services import quarantine
from tickets.services.acknowledgements import Room

REPORTS = ("bounce", "delivery_delay")
MAX_COPIED = 50
# Why a readable mail waits for a person. None of these is ever thrown away by rule: anybody can write such a header.
DOUBTS = {
    "our_own_mail": "It carries the Message-ID of a mail of ours, but another sender.",
    "from_our_own_address": "It says that it is from an address of ours, but it is not a mail that we sent.",
    "loop": "It carries the mark of our automatic mails: a machine may be answering a machine.",
    "read_receipt": "A receipt that nobody asked for.",
    "report_of_unknown_mail": "A delivery report about a mail that is not ours.",
    "unverified_report": "A delivery report about a mail of ours, not proven to come from a mail server.",
}


@dataclass(frozen=True, slots=True)
class Company:
    """What was looked up at once for all mails of one transaction; whoever is not here is looked up alone."""

    # Customers by the address that they have proven.
    owners: dict[str, Customer] = field(default_factory=dict)
    # Addresses of those who have come with this transaction and not been met since.
    newcomers: set[str] = field(default_factory=set)
    # How many cases each of them has opened within the hour before this transaction.
    opened_lately: dict[int, int] = field(default_factory=dict)
    # Addresses whose mail is put aside.
    blocked: set[str] = field(default_factory=set)
    room: Room = field(default_factory=Room)


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """One mail on its way in, with what has been found out about its sender."""

    row: InboundMail
    mailbox: Mailbox
    mail: ParsedMail
    proof: SenderProof
    own_addresses: frozenset[str]
    company: Company

    @property
    def is_released(self) -> bool:
        """Whether a person has overruled the rules of suspicion."""
        return self.row.reason == quarantine.RELEASED

    @property
    def is_from_our_address(self) -> bool:
        """Whether the From header names one of our mailboxes; proves nothing."""
        return mailboxes.is_own(self.mail.sender.address, self.own_addresses)

    @property
    def has_our_message_id(self) -> bool:
        """Whether we have signed the Message-ID."""
        return bool(self.mail.message_id and read_message_id(self.mail.message_id, mail_keys()))

    @property
    def is_our_own(self) -> bool:
        """Whether this is a mail of ours that has come back."""
        return self.has_our_message_id and self.is_from_our_address

    @property
    def is_readable(self) -> bool:
        """Whether there is anything in it that a person may have meant to be read."""
        mail = self.mail
        return bool(mail.text.strip() or mail.quoted_text.strip() or mail.attachments or mail.calendar)

    @property
    def has_null_sender(self) -> bool:
        """Whether a server that we trust saw an empty envelope sender, as reports have (RFC 5321 section 4.5.5).

        IMAP shows no envelope; there the topmost Return-Path, written by the server that delivered, must say so.
        """
        # The listener writes an empty sender as it is said, "<>".
        if not self.row.is_from_trusted_mx or self.row.envelope_from not in ("", "<>"):
            return False
        if self.row.source != InboundMail.Source.IMAP:
            return True
        path = next((header.value for header in self.mail.headers if header.name == "return-path"), "")
        return "".join(path.split()) == "<>"

    @property
    def copied(self) -> tuple[str, ...]:
        """Whom else the header says it was written to, each once, our own addresses aside."""
        named: dict[str, str] = {}
        for address in (*self.mail.to, *self.mail.cc):
            if not mailboxes.is_own(address.key, self.own_addresses):
                named.setdefault(address.key, address.address)
        return tuple(named.values())[:MAX_COPIED]


def of(*, row: InboundMail, mail: ParsedMail, own_addresses: frozenset[str], company: Company) -> Arrival:
    """Return what is known of `mail`. Our own mail exchanger speaks for the sender; other doors prove nobody."""
    trusted = row.mailbox.trusted_authserv_id if row.is_from_trusted_mx else ""
    proof = sender_proof(mail.headers, trusted_authserv_id=trusted or None, from_domain=mail.sender.domain)
    return Arrival(row=row, mailbox=row.mailbox, mail=mail, proof=proof, own_addresses=own_addresses, company=company)


def doubt(arrival: Arrival) -> str:
    """Return what speaks against a mail that is neither ours nor a report, a key of DOUBTS, or nothing."""
    if arrival.has_our_message_id:
        return "our_own_mail"
    if arrival.is_from_our_address:
        return "from_our_own_address"
    looped = (header.value for header in arrival.mail.headers if header.name == "x-loop")
    if any(mailboxes.is_own(value, arrival.own_addresses) for value in looped):
        return "loop"
    return "read_receipt" if arrival.mail.kind == "read_receipt" else ""
