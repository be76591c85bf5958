"""What concerns members of staff on tickets: a row for each of them, and what is owed to their devices and postboxes.

The row is written in the transaction of what it tells of; a sweep owes devices and digests the rest.
"""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection, transaction
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Staff
from core import audit, clock, notices
from core.clock import DatabaseNow
from tickets import effects
from tickets.escalation.quiet import held_until
from tickets.models import Message, NoticeSettings, StaffNotice, Ticket
from tickets.models.channel import Channel
from tickets.models.staff_notice import Digest, NoticeKind
from tickets.selectors.escalation_targets import quiet_of
from tickets.selectors.notice_words import words_of
from tickets.services import mentions, push_messages

MAIL = "digest"
# Whoever looks at the ticket within so long needs no device to tell them.
PATIENCE = timedelta(seconds=20)
BATCH = 200
MORNING = time(8)
IN_A_MAIL = 50
# What was looked at is of interest for so long, and what was not for so much longer.
SEEN_KEPT, KEPT = timedelta(days=30), timedelta(days=90)
_is_untold: ContextVar[bool] = ContextVar("notices_untold", default=False)
# Who is meant: the people given, or with none whoever follows the ticket and whoever has it.
TELL = """
    WITH people AS (
        SELECT unnest(%(people)s::bigint[]) AS id
        UNION
        SELECT staff_id FROM tickets_ticketfollower WHERE ticket_id = %(ticket)s AND %(people)s::bigint[] IS NULL
        UNION
        SELECT %(assignee)s::bigint WHERE %(people)s::bigint[] IS NULL
    ), told AS (
        INSERT INTO tickets_staffnotice (staff_id, ticket_id, seq, kind, by_id)
        SELECT person.id, %(ticket)s, %(seq)s, %(kind)s, %(by)s
          FROM people JOIN accounts_staff AS person ON person.id = people.id AND person.is_active
          LEFT JOIN tickets_noticesettings AS chosen ON chosen.staff_id = person.id
         WHERE person.id IS DISTINCT FROM %(by)s
           AND (chosen.staff_id IS NULL OR %(kind)s = ANY(chosen.shown))
        ON CONFLICT DO NOTHING
        RETURNING staff_id
    )
    SELECT staff.public_id FROM told JOIN accounts_staff AS staff ON staff.id = told.staff_id
"""


@contextmanager
def untold() -> Iterator[None]:
    """Let nobody be told of what the block does: of many tickets that are changed at once, each would be too much."""
    token = _is_untold.set(True)
    try:
        yield
    finally:
        _is_untold.reset(token)


def tell(
    *, ticket: Ticket, seq: int, kind: NoticeKind, by: Staff | None, people: Collection[int] | None = None
) -> list[str]:
    """Tell `people` (pks), or with none those who have or follow the ticket, of what stands at `seq`; never `by`.

    Inside the caller's transaction, by one statement; nobody is told within `untold`. Returns the public ids of those
    who are told now: nobody is told twice of the same, and nobody of a kind that they have turned off.
    """
    if _is_untold.get():
        return []
    keys: dict[str, Any] = {
        "people": None if people is None else list(people),
        "ticket": ticket.pk,
        "assignee": ticket.assignee_id,
        "seq": seq,
        "kind": str(kind),
        "by": by.pk if by else None,
    }
    with connection.cursor() as cursor:
        cursor.execute(TELL, keys)
        told = [public_id for (public_id,) in cursor.fetchall()]
    effects.notices_changed(told)
    return told


def heard_event(ticket: Ticket, event: Message) -> None:
    """Tell whoever was given a ticket by somebody else. A chat rings, and tells by that."""
    by_itself = event.staff is None and ticket.channel == Channel.CHAT
    if event.event == "assignee_changed" and ticket.assignee_id and not by_itself:
        tell(ticket=ticket, seq=event.seq, kind=NoticeKind.ASSIGNED, by=event.staff, people=[ticket.assignee_id])


def heard_reply(ticket: Ticket, message: Message) -> None:
    """Tell those who have or follow a ticket that its customer has answered. Of chats the console tells.

    What somebody unknown writes into it is no answer of the customer's.
    """
    is_opening = message.public_seq == 1
    is_theirs = message.direction == Message.Direction.IN and message.public_seq is not None
    if is_theirs and not (message.is_automatic or is_opening or message.channel == Channel.CHAT):
        tell(ticket=ticket, seq=message.seq, kind=NoticeKind.ANSWERED, by=None)


def heard_note(ticket: Ticket, message: Message) -> None:
    """Tell those whom a note mentions, and those who have or follow its ticket."""
    named = mentions.mentioned(message.text, ticket=ticket)
    if named:
        people = [one.pk for one in named]
        tell(ticket=ticket, seq=message.seq, kind=NoticeKind.MENTIONED, by=message.staff, people=people)
    tell(ticket=ticket, seq=message.seq, kind=NoticeKind.NOTED, by=message.staff)


def looked(*, ticket: Ticket, by: Staff) -> None:
    """Whoever has the ticket on their screen knows what they were told of it."""
    new = StaffNotice.objects.filter(staff=by, ticket=ticket, seen_at__isnull=True)
    # Read with the ticket: where there is nothing, no statement more.
    if getattr(ticket, "is_told", True) and new.update(seen_at=DatabaseNow()):
        effects.notices_changed([by.public_id])


def put_away(*, by: Staff, until: datetime) -> int:
    """Count everything up to a moment as looked at; returns how many that were."""
    count = StaffNotice.objects.filter(staff=by, seen_at__isnull=True, created_at__lte=until).update(
        seen_at=DatabaseNow()
    )
    if count:
        effects.notices_changed([by.public_id])
    return count


def choose(*, by: Staff, shown: Sequence[str], pushed: Sequence[str], mailed: Sequence[str], digest: str) -> None:
    """Choose of what one is told, and how. What is pushed or mailed is shown, too."""
    with transaction.atomic():
        row, _is_new = NoticeSettings.objects.select_for_update(no_key=True).get_or_create(staff=by)
        before = (row.shown, row.pushed, row.mailed, row.digest)
        wanted = {*shown, *pushed, *mailed}
        row.shown = [kind for kind in NoticeKind.values if kind in wanted]
        row.pushed = [kind for kind in NoticeKind.values if kind in pushed]
        row.mailed = [kind for kind in NoticeKind.values if kind in mailed]
        if digest != row.digest:
            row.next_digest_at = _next_digest(by, digest, clock.now())
        row.digest = digest
        row.save(update_fields=["shown", "pushed", "mailed", "digest", "next_digest_at"])
        if before != (row.shown, row.pushed, row.mailed, row.digest):
            audit.record("staff.notices_chosen", actor=by.actor, obj=("staff", by.public_id), fields=["notices"])


def sweep() -> int:
    """Owe devices what they show, and postboxes their digests; returns how many notices were told of."""
    return _tell_devices() + _send_digests()


def tidy() -> int:
    """Remove what is over for long; returns how many rows went."""
    now = DatabaseNow()
    seen = StaffNotice.objects.filter(seen_at__lt=now - SEEN_KEPT).delete()[0]
    return seen + StaffNotice.objects.filter(created_at__lt=now - KEPT).delete()[0]


def _tell_devices() -> int:
    """Owe each device what its person has not looked at within the patience, at the end of their quiet hours."""
    due = StaffNotice.objects.filter(told_at__isnull=True, created_at__lt=DatabaseNow() - PATIENCE)
    told = 0
    while True:
        with transaction.atomic():
            rows = due.select_related("staff__notice_settings").order_by("created_at")
            found = list(rows.select_for_update(of=("self",), no_key=True, skip_locked=True)[:BATCH])
            if found:
                now = clock.now()
                for row in found:
                    if row.seen_at is None and row.kind in _pushed(row.staff):
                        push_messages.owe_ticket(row, at=held_until(now, quiet_of(row.staff)))
                        told += 1
                StaffNotice.objects.filter(pk__in=[row.pk for row in found]).update(told_at=DatabaseNow())
        if len(found) < BATCH:
            return told


def _pushed(person: Staff) -> list[str]:
    chosen: NoticeSettings | None = getattr(person, "notice_settings", None)
    return NoticeSettings().pushed if chosen is None else chosen.pushed


def _send_digests() -> int:
    """Mail what nobody has looked at to those whose hour has come; nothing new is no mail."""
    told = 0
    for pk in NoticeSettings.objects.filter(next_digest_at__lte=DatabaseNow()).values_list("pk", flat=True)[:BATCH]:
        with transaction.atomic():
            rows = NoticeSettings.objects.select_related("staff").filter(pk=pk, next_digest_at__lte=DatabaseNow())
            row = rows.select_for_update(of=("self",), no_key=True, skip_locked=True).first()
            if row is not None:
                now = clock.now()
                quiet_until = held_until(now, quiet_of(row.staff))
                if quiet_until > now:
                    NoticeSettings.objects.filter(pk=pk).update(next_digest_at=quiet_until)
                    continue
                told += _send_digest(row)
                NoticeSettings.objects.filter(pk=pk).update(next_digest_at=_next_digest(row.staff, row.digest, now))
    return told


def _send_digest(row: NoticeSettings) -> int:
    person = row.staff
    if not person.is_active:
        return 0
    mine = StaffNotice.objects.filter(staff=person, seen_at__isnull=True, mailed_at__isnull=True, kind__in=row.mailed)
    visible = Ticket.objects.visible_to(person).values("pk")
    found = list(mine.filter(ticket__in=visible).select_related("ticket", "by").order_by("pk")[: IN_A_MAIL + 1])
    if not found:
        return 0
    with translation.override(person.locale):
        subject = ngettext("%(count)s thing on your tickets", "%(count)s things on your tickets", len(found)) % {
            "count": f"{IN_A_MAIL}+" if len(found) > IN_A_MAIL else len(found)
        }
        lines = [f"#{one.ticket.number}: {words_of(one)}" for one in found[:IN_A_MAIL]]
        more = _("All of them: %(address)s") % {"address": settings.SITE_URL + reverse("desk:notices")}
        body = "\n".join([*lines, "", more])
        audit.record(
            "staff.digest_sent", actor=audit.SYSTEM, obj=("staff", person.public_id), detail={"count": len(found)}
        )
        notices.send(kind=MAIL, to=person.email, subject=subject, body=body, language=person.locale)
    mine.filter(pk__in=[one.pk for one in found[:IN_A_MAIL]]).update(mailed_at=DatabaseNow())
    return len(found)


def _next_digest(person: Staff, digest: str, now: datetime) -> datetime | None:
    """Return when the next digest is due, outside quiet hours: in an hour, or at eight by their clock."""
    if digest == Digest.NEVER:
        return None
    at = now + timedelta(hours=1)
    if digest == Digest.DAILY:
        zone = ZoneInfo(person.time_zone)
        here = now.astimezone(zone)
        day = here.date() if here.time() < MORNING else here.date() + timedelta(days=1)
        at = datetime.combine(day, MORNING, zone)
    return held_until(at, quiet_of(person))
