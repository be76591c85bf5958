"""Writes the demo's world into the database: historic times, gapless sequences, mails in their end states.

One transaction, once per database: an audit entry `demo.loaded` marks that it is done.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import pyotp
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import connection, transaction

from accounts.models import Brand, Customer, CustomerAddress, ExchangeAccount, Staff, Team, TeamMembership
from accounts.permissions import Permission
from core import audit, clock, sealing
from core.models import AuditEntry
from helpdesk.demo import articles, cast, chat, guided, learning, service, social
from helpdesk.demo.content import SIZE, build
from helpdesk.demo.timelines import masked, write_timelines
from helpdesk.demo.world import DemoCustomer, DemoRawMail, DemoTicket, DemoWorld
from security.models import OfficialChannel, TotpDevice, TrainingCertificate
from security.models.official import ChannelKind
from security.redaction import redact
from security.services import official_channels, trainings
from tickets.channels.email.content import without_addresses
from tickets.channels.email.identity import content_identity
from tickets.channels.email.parse import Unparsable, parse
from tickets.models import (
    InboundMail,
    Mailbox,
    Participant,
    Tag,
    Ticket,
    TicketTag,
    Topic,
)
from tickets.services import sent_fingerprints
from tickets.services.timeline import first_line

LOADED = "demo.loaded"
# Any number that no other advisory lock of the product uses: "demo" in ASCII.
_LOCK = 0x64656D6F
_PREVIEW = 600
_BATCH = 500
_TRUSTED_MX = "mx.pharos.test"

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Loaded:
    """How much was written; all zero when the demo was there already."""

    customers: int = 0
    tickets: int = 0
    messages: int = 0
    files: int = 0


@dataclass(slots=True)
class Rows:
    """Database rows by the keys of the demo's world."""

    brand: Brand
    teams: dict[str, Team]
    staff: dict[str, Staff]
    mailboxes: dict[str, Mailbox]
    topics: dict[str, Topic]
    customers: dict[str, Customer]


def is_loaded() -> bool:
    """Whether this database has the demo."""
    return AuditEntry.objects.filter(action=LOADED).exists()


def load(*, say: Say, seed: int = 7, size: int = SIZE) -> Loaded:
    """Write everything, or nothing when it is there. Two loaders at once: the second waits and finds it done."""
    if is_loaded():
        return Loaded()
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        if is_loaded():
            return Loaded()
        now = clock.now()
        world = build(now, seed, size)
        say(f"wrote {len(world.tickets)} conversations")
        rows = _write_people(world, now)
        say(f"{len(world.staff)} staff, {len(world.customers)} customers")
        tickets = _write_tickets(world, rows)
        messages, files = write_timelines(world.tickets, tickets, rows.staff, rows.customers, rows.mailboxes)
        say(f"{len(tickets)} tickets, {messages} messages, {files} files")
        service.write(tickets, staff=rows.staff, teams=rows.teams, now=now)
        say("service levels and shifts")
        say(f"{articles.write()} articles of the help centre")
        say(f"{learning.write(staff=rows.staff, now=now)} security bulletins")
        sent_fingerprints.keep_former()
        for mail in world.quarantined:
            _quarantine(mail, rows.mailboxes[mail.mailbox])
        done = Loaded(len(world.customers), len(tickets), messages, files)
        audit.record(
            LOADED, actor=audit.SYSTEM, detail={"tickets": done.tickets, "messages": done.messages, "seed": seed}
        )
    return done


def _write_people(world: DemoWorld, now: datetime) -> Rows:
    brand, _ = Brand.objects.get_or_create(
        name=cast.BRAND, defaults={"legal_name": cast.LEGAL_NAME, "website": cast.WEBSITE}
    )
    teams = {}
    for team in world.teams:
        teams[team.key], _ = Team.objects.get_or_create(
            slug=team.key, defaults={"name": team.name, "is_restricted": team.is_restricted}
        )
    _write_channels(world)
    staff = _write_staff(world, teams, now)
    _write_training(staff)
    topics = _write_topics(world)
    chat.write(brand, teams[cast.CHAT_TEAM], topics)
    guided.write(topics)
    social.write(brand, teams[cast.CHAT_TEAM])
    return Rows(
        brand=brand,
        teams=teams,
        staff=staff,
        mailboxes=_write_mailboxes(world, brand, teams),
        topics=topics,
        customers=_write_customers(world, brand),
    )


def _write_staff(world: DemoWorld, teams: dict[str, Team], now: datetime) -> dict[str, Staff]:
    """Insert who is missing, all with the demo's password and a second factor of this installation's own."""
    password = make_password(cast.PASSWORD)
    known = {person.email: person for person in Staff.objects.filter(email__in=[one.email for one in world.staff])}
    fresh = [
        Staff(
            email=one.email, name=one.name, role=one.role, password=password, locale=one.locale, time_zone=one.time_zone
        )
        for one in world.staff
        if one.email not in known
    ]
    known |= {person.email: person for person in Staff.objects.bulk_create(fresh)}
    # Enrolment ends with a code from the person's device; the demo's people have none: `demo_code` shows theirs.
    TotpDevice.objects.bulk_create(
        TotpDevice(staff=person, secret=pyotp.random_base32(), confirmed_at=now) for person in fresh
    )
    staff = {one.key: known[one.email] for one in world.staff}
    TeamMembership.objects.bulk_create(
        [TeamMembership(team=teams[team], staff=staff[one.key]) for one in world.staff for team in one.teams],
        ignore_conflicts=True,
    )
    return staff


def _write_training(staff: dict[str, Staff]) -> None:
    """Let the administrator record that who asks for, approves or reviews what concerns funds is trained, from now on."""
    trainer = staff[cast.TRAINER]
    trained = set(TrainingCertificate.objects.valid().values_list("person_id", flat=True))
    for person in staff.values():
        if (person.has(Permission.FUND_REQUEST) or person.has(Permission.FUND_APPROVE)) and person.pk not in trained:
            trainings.record(person=person, by=trainer)


def _write_mailboxes(world: DemoWorld, brand: Brand, teams: dict[str, Team]) -> dict[str, Mailbox]:
    found = {}
    for one in world.mailboxes:
        found[one.key], _ = Mailbox.objects.get_or_create(
            address=one.address,
            defaults={
                "slug": one.key,
                "name": one.name,
                "brand": brand,
                "team": teams[one.team],
                "language": one.language,
                "signature": one.signature,
                "trusted_authserv_id": _TRUSTED_MX,
            },
        )
    return found


def _write_channels(world: DemoWorld) -> None:
    """Put what the demo's company calls its own into the register, and one who is known to pose as it."""
    known = OfficialChannel.objects.count()
    addresses = [one.address for one in world.mailboxes]
    ours = [(ChannelKind.EMAIL, one) for one in addresses] + list(cast.CHANNELS)
    for kind, value in [] if known else ours:
        official_channels.add(kind=kind, value=value, by=None)
    for kind, value in [] if known else cast.IMPOSTORS:
        official_channels.add(kind=kind, value=value, by=None, state=OfficialChannel.State.REPORTED)


def _write_topics(world: DemoWorld) -> dict[str, Topic]:
    """Insert headings, then what stands under them."""
    found: dict[str, Topic] = {}
    for level in (
        [one for one in world.topics if not one.parent],
        [one for one in world.topics if one.parent],
    ):
        slugs = {one.key.replace(".", "-").replace("_", "-"): one for one in level}
        Topic.objects.bulk_create(
            [Topic(slug=slug, name=one.name, parent=found.get(one.parent)) for slug, one in slugs.items()],
            ignore_conflicts=True,
        )
        found |= {slugs[topic.slug].key: topic for topic in Topic.objects.filter(slug__in=slugs)}
    return found


def _write_customers(world: DemoWorld, brand: Brand) -> dict[str, Customer]:
    people = [
        Customer(name=one.name, brand=brand, locale=one.language, time_zone=one.time_zone, created_at=one.since)
        for one in world.customers
    ]
    Customer.objects.bulk_create(people, batch_size=_BATCH)
    bouncing = _bouncing(world)
    CustomerAddress.objects.bulk_create(
        [
            CustomerAddress(
                customer=person,
                kind=one.kind,
                value=one.address,
                proof=one.proof or CustomerAddress.Proof.CLAIMED,
                proven_at=one.since if one.proof else None,
                is_bouncing=one.key in bouncing,
                bounced_at=bouncing.get(one.key),
                created_at=one.since,
            )
            for one, person in zip(world.customers, people, strict=True)
        ],
        batch_size=_BATCH,
    )
    ExchangeAccount.objects.bulk_create(
        ExchangeAccount(
            customer=person, issuer=settings.EXCHANGE_ISSUER, account_id=cast.AT_THE_EXCHANGE[one.address],
            created_at=one.since,
        )
        for one, person in zip(world.customers, people, strict=True)
        if one.address in cast.AT_THE_EXCHANGE
    )  # fmt: skip
    return {one.key: person for one, person in zip(world.customers, people, strict=True)}


def _bouncing(world: DemoWorld) -> dict[str, datetime]:
    """Return who no longer takes mail, and since when."""
    return {
        ticket.requester: message.at
        for ticket in world.tickets
        for message in ticket.messages
        if message.delivery is not None and message.delivery.state == "bounced"
    }


def _write_tickets(world: DemoWorld, rows: Rows) -> list[Ticket]:
    people = {one.key: one for one in world.customers}
    tickets = [_ticket(one, people[one.requester], rows) for one in world.tickets]
    Ticket.objects.bulk_create(tickets, batch_size=_BATCH)
    tags = _tags(world.tags)
    TicketTag.objects.bulk_create(
        [
            TicketTag(ticket=row, tag=tags[name])
            for row, one in zip(tickets, world.tickets, strict=True)
            for name in one.tags
        ],
        batch_size=_BATCH,
    )
    Participant.objects.bulk_create(
        [
            Participant(
                ticket=row,
                address=someone.address,
                name=someone.name,
                role=someone.role,
                is_proven=someone.is_proven,
                created_at=one.created_at,
            )
            for row, one in zip(tickets, world.tickets, strict=True)
            for someone in one.participants
        ]
    )
    return tickets


def _ticket(one: DemoTicket, requester: DemoCustomer, rows: Rows) -> Ticket:
    return Ticket(
        subject=one.subject[:400],
        status=one.status,
        priority=one.priority,
        channel=one.channel,
        requester=rows.customers[one.requester],
        requester_address=requester.address,
        is_requester_proven=requester.is_proven,
        assignee=rows.staff.get(one.assignee),
        team=rows.teams[one.team],
        brand=rows.brand,
        mailbox=rows.mailboxes[one.mailbox] if one.channel in {"email", "web"} else None,
        topic=None if one.is_spam else rows.topics[one.topic],
        language=one.language,
        is_spam=one.is_spam,
        created_at=one.created_at,
        updated_at=one.updated_at,
        resolved_at=one.resolved_at,
        **_denormalised(one),
    )


def _denormalised(ticket: DemoTicket) -> dict[str, int | str]:
    """Return what the queue reads without reading messages."""
    replies = [message for message in ticket.messages if message.kind == "reply"]
    return {
        "version": 1 + sum(message.kind == "event" for message in ticket.messages),
        "last_seq": len(ticket.messages),
        "last_public_seq": sum(message.is_public for message in ticket.messages),
        "last_line": first_line(masked(replies[-1]).text),
        "last_direction": replies[-1].direction,
    }


def _tags(names: tuple[str, ...]) -> dict[str, Tag]:
    Tag.objects.bulk_create([Tag(name=name) for name in names], ignore_conflicts=True)
    return {tag.name: tag for tag in Tag.objects.filter(name__in=names)}


def _quarantine(mail: DemoRawMail, mailbox: Mailbox) -> None:
    """Keep a raw mail as the worker would leave it: with the parser's own reason, and the bytes sealed."""
    reason, sentence = mail.reason, ""
    try:
        parse(mail.raw)
    except Unparsable as verdict:
        reason, sentence = verdict.reason, verdict.sentence
    text = mail.raw.decode("utf-8", "replace").replace("\r\n", "\n")
    InboundMail.objects.create(
        mailbox=mailbox,
        source=InboundMail.Source.SMTP,
        identity=content_identity(mail.raw),
        envelope_from=mail.envelope_from,
        envelope_to=mailbox.address,
        raw=sealing.seal(mail.raw),
        size=len(mail.raw),
        state=InboundMail.State.QUARANTINED,
        attempts=1,
        reason=reason,
        explanation=sentence,
        preview=without_addresses(redact(text[:_PREVIEW]).text),
        received_at=mail.received_at,
        handled_at=mail.received_at,
        next_attempt_at=mail.received_at,
    )
