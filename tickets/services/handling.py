"""What becomes of a mail that has been read: a message, a case, a report, or a matter for people."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.db import connection

from accounts.models import Customer, CustomerAddress
from accounts.services import customers
from core import audit, writes
from security.redaction import masking_bytes, redact
from tickets.channels.email import content, language
from tickets.models import InboundMail, Message, Ticket
from tickets.models.channel import Channel
from tickets.models.ticket import Status
from tickets.selectors import mailboxes
from tickets.services import (
    acknowledgements,
    arrivals,
    cases,
    deliveries,
    landing,
    participants,
    quarantine,
    replies,
    threading,
    timeline,
)
from tickets.services.arrivals import Arrival
from tickets.services.raw_mail import End
from tickets.services.senders import NewFile, Sender

# Cases one address may open within an hour before its mail is put aside for review.
CASES_PER_H_PROVEN = 1_000
CASES_PER_H_UNPROVEN = 200
OPENED_LATELY = """
SELECT customer.id, (
    SELECT count(*) FROM (
        SELECT FROM tickets_ticket
         WHERE requester_id = customer.id AND created_at > core.clock() - interval '1 hour' LIMIT %s) AS cases)
  FROM unnest(%s::bigint[]) AS customer (id)
"""
# Masking takes about two seconds per megabyte, and a mail has to end within its lease: text files beyond this are left
# out, since nothing is shown that has not been looked through.
MASKED_BYTES_PER_MAIL = 5 * 1024 * 1024
HELD_BACK = {
    "challenge": "An automatic mail that asks to prove an address or carries a sign-in code.",
    "bulk": "A newsletter or list mail, not an answer to anything of ours.",
    "auto_reply": "An automatic mail that answers nothing of ours.",
}


@dataclass(frozen=True, slots=True)
class _Files:
    taken: tuple[NewFile, ...]
    left_out: tuple[str, ...]


def has_words(arrival: Arrival) -> bool:
    """Whether the mail is one that somebody, or their machine, wrote to be read, and nothing speaks against it."""
    if arrival.is_released:
        return True
    return arrival.mail.kind not in (*arrivals.REPORTS, "challenge") and not arrivals.doubt(arrival)


def handle(arrival: Arrival) -> End | None:
    """Decide what becomes of the mail and write it, inside the caller's transaction, which holds the raw row.

    Returns what the raw row is to say, for `raw_mail.end`; None when it has been put aside, which says so itself.
    """
    kind = arrival.mail.kind
    if arrival.is_our_own and kind not in arrivals.REPORTS:
        return _ignore(arrival, "our_own_mail")
    if has_words(arrival):
        return _handle_words(arrival)
    if kind in arrivals.REPORTS:
        return _handle_report(arrival)
    if kind == "challenge":
        # Threaded or not: a sign-in mail of another service must reach nobody but reviewers (Ticket Trick).
        return _hold_back(arrival, with_text=False)
    return _doubt(arrival, arrivals.doubt(arrival))


def _handle_report(arrival: Arrival) -> End | None:
    """Write a failure to the mail it is about, if a mail server says so; what else a report may be, people decide."""
    mail = arrival.mail
    outbound = deliveries.of_report(
        report=mail.bounce,
        envelope_to=arrival.row.envelope_to,
        recipients=tuple(recipient.address for recipient in mail.recipients),
    )
    if outbound is None or mail.bounce is None:
        return _doubt(arrival, "report_of_unknown_mail")
    if not arrival.has_null_sender:
        return _doubt(arrival, "unverified_report")
    ticket, message = deliveries.record_bounce(outbound=outbound, report=mail.bounce)
    return _end(arrival, InboundMail.State.PROCESSED, ticket=ticket, message=message)


def _doubt(arrival: Arrival, reason: str) -> End | None:
    """Leave it to a person when there is anything to read."""
    if arrival.is_readable:
        return _hold_back(arrival, reason=reason, explanation=arrivals.DOUBTS[reason])
    return _ignore(arrival, reason)


def _handle_words(arrival: Arrival) -> End | None:
    """A mail that somebody, or their machine, wrote to be read."""
    mail = arrival.mail
    known, is_new = _customer(arrival) if arrival.proof.is_proven else (None, False)
    writer = threading.Writer(address=mail.sender.key, is_proven=arrival.proof.is_proven, customer=known)
    place = threading.find(mail=mail, envelope_to=arrival.row.envelope_to, writer=writer)
    is_answer = place.ticket is not None
    if mail.kind in HELD_BACK and not is_answer and not arrival.is_released:
        return _hold_back(arrival)
    elsewhere = _same_mail_elsewhere(arrival)
    if place.ticket is not None and elsewhere is not None and _goes_on_in(place.ticket, elsewhere.ticket):
        return _ignore(arrival, "same_mail_elsewhere", place.ticket, elsewhere.message)
    ticket = landing.lock(place.ticket) if place.ticket is not None else None
    if ticket is not None:
        # It may have been merged since it was found: who was a party there need not be one here.
        place = threading.moved(place, to=ticket, writer=writer)
    is_party = place.role != Message.SenderRole.THIRD_PARTY
    files = _files(arrival)
    if ticket is not None and ticket.status != Status.CLOSED:
        customer = known or (ticket.requester if place.role == Message.SenderRole.REQUESTER else None)
        message = replies.add_locked(
            ticket=ticket,
            sender=_sender(arrival, place.role, customer),
            channel=Channel.EMAIL,
            words=_words(arrival),
            attached=files.taken,
        )
        if place.is_moved and mail.kind == "normal":
            replies.reopen(ticket)
        _after(arrival, ticket, files, is_party=is_party)
        return _end(arrival, InboundMail.State.PROCESSED, ticket=ticket, message=message)
    if place.ticket is not None and mail.kind == "auto_reply" and not arrival.is_released:
        return _hold_back(arrival, explanation="An automatic mail that answers a closed case.")
    customer, is_new = (known, is_new) if known is not None else _customer(arrival)
    if not is_new and not arrival.is_released and _opens_too_many(arrival, customer):
        explanation = "This address has opened very many cases within an hour."
        return _hold_back(arrival, reason="too_many", explanation=explanation)
    return _open(arrival, place, customer, files, elsewhere)


def _goes_on_in(ticket: Ticket, other: Ticket | None) -> bool:
    return other is not None and landing.of(other).pk == ticket.pk


def _open(
    arrival: Arrival, place: threading.Place, customer: Customer, files: _Files, elsewhere: InboundMail | None
) -> End:
    """Open a case: nothing to answer, or what it answers is closed."""
    mail = arrival.mail
    follows = place.ticket if place.role != Message.SenderRole.THIRD_PARTY else None
    related = elsewhere.ticket if elsewhere is not None else place.related
    words = _words(arrival)
    ticket, message = cases.open_within(
        case=cases.NewCase(
            requester=customer,
            subject=mail.subject,
            channel=Channel.EMAIL,
            requester_address=mail.sender.address,
            is_requester_proven=arrival.proof.is_proven,
            mailbox=arrival.mailbox,
            language=words.language,
            is_spam=_is_spam(arrival),
            possibly_related=related if follows is None else None,
            follow_up_of=follows,
        ),
        sender=_sender(arrival, Message.SenderRole.REQUESTER, customer),
        words=words,
        attached=files.taken,
        acknowledgement=_acknowledgement(arrival),
    )
    if elsewhere is not None and elsewhere.ticket is not None:
        timeline.append_event(ticket, "same_mail_elsewhere", {"ticket": elsewhere.ticket.public_id})
    _after(arrival, ticket, files, is_party=True)
    return _end(arrival, InboundMail.State.PROCESSED, ticket=ticket, message=message)


def _acknowledgement(arrival: Arrival) -> Message | None:
    if not may_be_acknowledged(arrival):
        return None
    return acknowledgements.decide(address=arrival.mail.sender.key, room=arrival.company.room)


def may_be_acknowledged(arrival: Arrival) -> bool:
    """Whether a case that this mail opens is to be confirmed, were there room for one more automatic mail."""
    mail = arrival.mail
    is_from_somebody = arrival.proof.is_proven and not _is_spam(arrival) and "@" in mail.sender.address
    return is_from_somebody and mail.kind == "normal" and mail.may_be_answered_automatically and not arrival.is_released


def _after(arrival: Arrival, ticket: Ticket, files: _Files, *, is_party: bool) -> None:
    """What follows a message on the fresh, locked `ticket`: people copied in, files left out."""
    mail = arrival.mail
    copied = [
        address.key for address in (*mail.to, *mail.cc) if not mailboxes.is_own(address.key, arrival.own_addresses)
    ]
    if copied and is_party and arrival.proof.is_proven and mail.kind == "normal":
        participants.add_copied(ticket=ticket, addresses=set(copied) - {mail.sender.key})
    if files.left_out:
        names = redact(content.names_in_words(files.left_out)).text
        timeline.append_event(ticket, "files_left_out", {"count": len(files.left_out), "names": names})


def _customer(arrival: Arrival) -> tuple[Customer, bool]:
    mail, proof = arrival.mail, arrival.proof
    owner = arrival.company.owners.get(mail.sender.key) if proof.is_proven else None
    if owner is not None:
        is_new = mail.sender.key in arrival.company.newcomers
        arrival.company.newcomers.discard(mail.sender.key)
        return owner, is_new
    return customers.resolve(
        kind=CustomerAddress.Kind.EMAIL,
        value=mail.sender.key,
        name=name_of(arrival),
        proof=proof.method if proof.is_proven else None,
    )


def name_of(arrival: Arrival) -> str:
    """Return what the sender calls themselves, with secrets masked."""
    return redact(arrival.mail.sender.name).text


def _sender(arrival: Arrival, role: str, customer: Customer | None) -> Sender:
    """The speaker. A Reply-To is shown beside the address, never instead of it."""
    mail, proof = arrival.mail, arrival.proof
    answers_to = next((address.address for address in mail.reply_to if address.key != mail.sender.key), "")
    return Sender(
        role=role,
        customer=customer,
        name=mail.sender.name,
        address=mail.sender.address,
        reply_to=answers_to,
        is_proven=proof.is_proven,
        proof=(proof.method or "") if proof.is_proven else "",
    )


def _words(arrival: Arrival) -> replies.Words:
    mail = arrival.mail
    text = content.words(mail)
    return replies.Words(
        text=text,
        html=mail.html or "",
        quoted_text=mail.quoted_text,
        language=language.guess(text),
        copied=arrival.copied,
        is_automatic=mail.kind in ("auto_reply", "read_receipt", *arrivals.REPORTS),
        message_id_header=mail.message_id or "",
        in_reply_to_header=mail.in_reply_to or "",
    )


def _files(arrival: Arrival) -> _Files:
    found = content.files_within(
        arrival.mail.attachments,
        max_files=settings.MAX_FILES_PER_MESSAGE,
        max_bytes=settings.MAX_UPLOAD_BYTES,
        work=lambda file: masking_bytes(file.content, file.filename),
        max_work=MASKED_BYTES_PER_MAIL,
    )
    taken = tuple(
        NewFile(name=file.filename, content=file.content, content_id=file.content_id or "", is_inline=file.is_inline)
        for file in found.taken
    )
    return _Files(taken, found.left_out)


def _is_spam(arrival: Arrival) -> bool:
    if arrival.is_released:
        return False
    if arrival.mail.sender.key in arrival.company.blocked:
        return True
    return arrival.row.is_from_trusted_mx and content.says_spam(arrival.mail.headers)


def _opens_too_many(arrival: Arrival, customer: Customer) -> bool:
    """Whether the customer has opened as many cases within the hour as one may."""
    limit = CASES_PER_H_PROVEN if arrival.proof.is_proven else CASES_PER_H_UNPROVEN
    if customer.pk in arrival.company.opened_lately:
        return arrival.company.opened_lately[customer.pk] >= limit
    waiting = sum(one.requester_id == customer.pk for one in writes.waiting(Ticket))
    return opened_lately([customer.pk], limit=limit)[customer.pk] + waiting >= limit


def opened_lately(customers_: Sequence[int], *, limit: int = CASES_PER_H_PROVEN) -> dict[int, int]:
    """Return how many cases each of these customers has opened within the hour, none counted beyond `limit`."""
    with connection.cursor() as cursor:
        cursor.execute(OPENED_LATELY, [limit, list(customers_)])
        return dict(cursor.fetchall())


def _same_mail_elsewhere(arrival: Arrival) -> InboundMail | None:
    """The same mail in another of our mailboxes, once it has become a case; two workers wait for each other here."""
    others = InboundMail.objects.filter(identity=arrival.row.identity).exclude(mailbox=arrival.mailbox.pk)
    if len(arrival.own_addresses) == 1 or not others.exists():
        return None
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [arrival.row.identity])
    return others.filter(ticket__isnull=False).select_related("ticket", "message").defer("raw").first()


def _hold_back(arrival: Arrival, *, reason: str = "", explanation: str = "", with_text: bool = True) -> End | None:
    """Put a readable mail aside for review, with a preview of its words unless they may be somebody's secret."""
    mail = arrival.mail
    preview = content.header_preview(mail.headers) + (f"\n\n{mail.text[:2_000]}" if with_text else "")
    quarantine.put(
        inbound=arrival.row,
        reason=reason or mail.kind,
        explanation=explanation or HELD_BACK[mail.kind],
        preview=preview,
    )
    return None


def _ignore(arrival: Arrival, reason: str, ticket: Ticket | None = None, message: Message | None = None) -> End:
    """Leave a mail at that, by rule: it is ours, known already, or empty."""
    audit.record(
        "mail.ignored",
        actor=audit.SYSTEM,
        obj=("inbound_mail", arrival.row.public_id),
        detail={"reason": reason},
    )
    return _end(arrival, InboundMail.State.IGNORED, reason, ticket, message)


def _end(
    arrival: Arrival, state: str, reason: str = "", ticket: Ticket | None = None, message: Message | None = None
) -> End:
    # What a person let through says so for good: the review screen shows where it led.
    reason = reason or (quarantine.RELEASED if arrival.is_released else "")
    return End(arrival.row.pk, state, reason, ticket, message)
