"""Clocks of cases: each thing that happens to a case moves them, in the transaction in which it happens."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q

from core import audit, writes
from tickets.models import Message, SlaClock, Ticket
from tickets.models.sla_clock import OPEN
from tickets.models.ticket import DONE
from tickets.selectors import sla_terms
from tickets.selectors.sla_terms import Promise
from tickets.services import tagging, timeline
from tickets.services.senders import Sender
from tickets.sla.case_clocks import CaseClocks
from tickets.sla.clock import Clock
from tickets.sla.vocabulary import Metric

# What escalation does about a clock that is "warned", "breached" or "met": called in the transaction that writes it
# down, once for each, with the ticket locked. A clock that is met late is breached first.
happened: list[Callable[[Ticket, SlaClock, str], object]] = []
CUSTOMERS = (Message.SenderRole.REQUESTER, Message.SenderRole.PARTICIPANT)
_COPIED = (
    "target", "started_at", "used", "runs_since", "warned_at", "breached_at", "met_at", "ended_at", "rounds", "undo",
)  # fmt: skip
SHOWN = ("sla_version_id", "due_at", "warn_at", "due_metric", "is_awaiting_reply")


def plan(*, ticket: Ticket, sender: Sender, is_automatic: bool) -> list[SlaClock]:
    """Return the clocks of a case that is about to be opened, for `start`; spam has none.

    What the queue shows is set on the unwritten `ticket`. One statement.
    """
    held = None if ticket.is_spam else sla_terms.fitting(ticket)
    if held is None or held.promise is None:
        return []
    case = _begun(ticket, held.now, held.promise, is_asked=sender.role in CUSTOMERS and not is_automatic)
    return [_row(ticket, held.promise, clock) for clock in case.clocks]


def start(*, clocks: Sequence[SlaClock]) -> None:
    """Write what `plan` returned, once the case is written or waits to be; one statement, none without clocks."""
    writes.insert(clocks)
    if writes.are_updates_waiting():
        # Read anew when they are asked for again.
        for clock in clocks:
            _of_held().pop(clock.ticket_id, None)


def hear(*, ticket: Ticket, sender: Sender, is_automatic: bool) -> dict[str, Any]:
    """Start the next response's clock for what a customer is about to say on the locked `ticket`.

    Returns the ticket's columns that are to be written with the message. No statement where nothing changes: the
    customer waits already, or no policy fits; else two.
    """
    is_asked = sender.role in CUSTOMERS and not is_automatic
    if ticket.sla_version_id is None or ticket.is_awaiting_reply or not is_asked:
        return {}
    now, promise = sla_terms.kept(ticket)
    # Nobody waits yet: no response has an open clock, and the others stay as they are.
    case = CaseClocks(promise.terms)
    case.asked(now, status=ticket.status)
    start(clocks=[_row(ticket, promise, clock) for clock in case.clocks])
    ticket.is_awaiting_reply = True
    new = case.next_due()
    if new is not None and new.due_at is not None and (ticket.due_at is None or new.due_at < ticket.due_at):
        _show(ticket, new)
    return _shown(ticket)


def answer(*, ticket: Ticket, message: Message) -> None:
    """An answer joined the locked `ticket`: responses are met, the next update is promised."""
    is_answer = message.direction == Message.Direction.OUT and message.sender_role == Message.SenderRole.STAFF
    if ticket.sla_version_id is None or not is_answer or message.is_automatic:
        return
    loaded = _load(ticket)
    loaded.case.answered(loaded.now, status=ticket.status, seq=message.seq)
    ticket.is_awaiting_reply = False
    _store(loaded)


def take_back(*, ticket: Ticket, seq: int) -> None:
    """The answer `seq` of the locked `ticket` was taken back before it left."""
    if ticket.sla_version_id is None:
        return
    loaded = _load(ticket, Q(undo__seq=seq))
    loaded.case.taken_back(loaded.now, status=ticket.status, seq=seq)
    ticket.is_awaiting_reply = ticket.last_direction == Message.Direction.IN and ticket.status not in DONE
    _store(loaded)


def move(*, ticket: Ticket, before: str) -> None:
    """The status of the locked `ticket` changed: time stops, goes on, or is over."""
    if ticket.sla_version_id is None:
        return
    loaded = _load(ticket)
    loaded.case.moved(loaded.now, before=before, to=ticket.status)
    ticket.is_awaiting_reply = ticket.is_awaiting_reply and ticket.status not in DONE
    _store(loaded)


def set_aside(*, ticket: Ticket) -> list[int]:
    """The locked `ticket` is merged into another: its clocks are over. Returns their keys, for `take_up`."""
    if ticket.sla_version_id is None:
        return []
    loaded = _load(ticket)
    ended = loaded.case.set_aside(loaded.now)
    ticket.is_awaiting_reply = False
    _store(loaded)
    return [clock.pk for clock in ended if clock.pk is not None]


def take_up(*, ticket: Ticket, clocks: Sequence[int]) -> None:
    """The locked `ticket` is merged no more: the clocks that were set aside go on, without the time between."""
    if ticket.sla_version_id is None:
        return
    loaded = _load(ticket, Q(pk__in=clocks))
    loaded.case.taken_up(loaded.now, clocks, status=ticket.status)
    ticket.is_awaiting_reply = loaded.case.waits()
    _store(loaded)


def reconsider(*, ticket: Ticket) -> None:
    """What policies ask about changed on the locked `ticket`: the first that fits now holds from now on."""
    held = sla_terms.fitting(ticket, tags=tagging.names(ticket))
    promise = held.promise if held is not None and not ticket.is_spam else None
    if held is None or (promise is None and ticket.sla_version_id is None):
        return
    if ticket.sla_version_id is None and promise is not None:
        is_asked = ticket.last_direction == Message.Direction.IN and not _is_answered(ticket)
        case = _begun(ticket, held.now, promise, is_asked=is_asked)
        start(clocks=[_row(ticket, promise, clock) for clock in case.clocks])
        writes.update(ticket, _shown(ticket))
        return
    loaded = _clocks(ticket, held.now, promise)
    waits_for = ""
    if ticket.is_awaiting_reply and not loaded.case.waits():
        waits_for = Metric.NEXT_RESPONSE if _is_answered(ticket) else Metric.FIRST_RESPONSE
    terms = promise.terms if promise else None
    loaded.case.retermed(held.now, terms, status=ticket.status, waits_for=waits_for)
    ticket.sla_version_id = promise.version.pk if promise else None
    ticket.is_awaiting_reply = ticket.is_awaiting_reply and promise is not None
    _store(loaded)


def reckon_anew(*, ticket: Ticket) -> None:
    """The calendar of the locked `ticket`'s clocks has changed: their moments follow it, and the log says from when."""
    if ticket.sla_version_id is not None:
        loaded = _load(ticket)
        before = {pk: row.due_at for pk, row in loaded.rows.items()}
        _store(loaded)
        were_due = {row.metric: str(before[pk]) for pk, row in loaded.rows.items() if row.due_at != before[pk]}
        if were_due:
            audit.record("ticket.sla_moved", actor=audit.SYSTEM, obj=("ticket", ticket.public_id), detail={**were_due})
    SlaClock.objects.filter(ticket=ticket, is_stale=True).update(is_stale=False)


def rows_of(*, ticket: Ticket, promise: Promise, case: CaseClocks) -> list[SlaClock]:
    """Return a case's clocks as rows to be written, and set what the queue shows on `ticket`, to be written, too."""
    ticket.sla_version_id = promise.version.pk
    _show(ticket, case.next_due())
    return [_row(ticket, promise, clock) for clock in case.clocks]


def tell(*, ticket: Ticket, row: SlaClock, what: str) -> None:
    """Write a warning or a breach on the timeline of the locked `ticket`, and let escalation know of it."""
    if what != "met":
        timeline.append_event(ticket, f"sla_{what}", {"metric": row.metric})
        audit.record(
            f"ticket.sla_{what}",
            actor=audit.SYSTEM,
            obj=("ticket", ticket.public_id),
            detail={"metric": row.metric},
        )
    for hears in happened:
        hears(ticket, row, what)


def clock_of(row: SlaClock) -> Clock:
    """Return the clock that a row keeps."""
    kept = {name: getattr(row, name) for name in _COPIED}
    return Clock(metric=row.metric, hours=row.hours(), warn_percent=row.version.warn_percent, pk=row.pk, **kept)


def news(row: SlaClock, clock: Clock) -> list[str]:
    """Return what has come about since the row was written; a breach makes its warning old news."""
    found = []
    if clock.breached_at is not None and row.breached_at is None:
        found.append("breached")
    elif clock.warned_at is not None and row.warned_at is None and clock.breached_at is None and not clock.is_over:
        found.append("warned")
    if clock.met_at is not None and row.met_at is None:
        found.append("met")
    return found


def columns(clock: Clock) -> dict[str, Any]:
    """Return what a row keeps of its clock, and when it warns, is due, and has something to write down next."""
    warn, due = clock.warn_at, clock.due_at
    is_warned = clock.warned_at is not None or warn is None
    fires = (due if is_warned else warn) if clock.breached_at is None else None
    kept: dict[str, Any] = {name: getattr(clock, name) for name in _COPIED}
    return kept | {"warn_at": warn, "due_at": due, "fires_at": fires}


@dataclass(frozen=True, slots=True)
class _Loaded:
    """A case's clocks beside their rows, and what is promised at this moment."""

    ticket: Ticket
    now: datetime
    promise: Promise | None
    case: CaseClocks
    rows: dict[int, SlaClock]


def _load(ticket: Ticket, also: Q | None = None) -> _Loaded:
    now, promise = sla_terms.kept(ticket)
    return _clocks(ticket, now, promise, also)


def _clocks(ticket: Ticket, now: datetime, promise: Promise | None, also: Q | None = None) -> _Loaded:
    rows = {row.pk: row for row in _rows(ticket, also)}
    terms = promise.terms if promise else None
    return _Loaded(ticket, now, promise, CaseClocks(terms, [clock_of(row) for row in rows.values()]), rows)


def _rows(ticket: Ticket, also: Q | None) -> Sequence[SlaClock]:
    """Return the clocks that run and the one of the whole; those of many tickets at once where many are changed."""
    if writes.are_updates_waiting() and also is None:
        held = _of_held().get(ticket.pk)
        if held is not None:
            return [row for row in held if row.metric == Metric.RESOLUTION or not (row.met_at or row.ended_at)]
    if writes.waiting(SlaClock) or writes.are_updates_waiting():
        writes.write_now()
    needed = OPEN | Q(metric=Metric.RESOLUTION)
    found = SlaClock.objects.filter(needed if also is None else needed | also, ticket=ticket)
    return list(found.select_related("calendar", "version").order_by("pk"))


def _of_held() -> dict[int, list[SlaClock]]:
    def read() -> dict[int, list[SlaClock]]:
        found: dict[int, list[SlaClock]] = {ticket.pk: [] for ticket in timeline.held()}
        rows = SlaClock.objects.filter(OPEN | Q(metric=Metric.RESOLUTION), ticket__in=list(found))
        # Clocks alike share these rows in memory.
        for row in rows.prefetch_related("calendar", "version").order_by("pk"):
            found[row.ticket_id].append(row)
        return found

    return writes.once("sla clocks of those held", read)


def _begun(ticket: Ticket, now: datetime, promise: Promise, *, is_asked: bool) -> CaseClocks:
    case = CaseClocks(promise.terms)
    case.opened(now, status=ticket.status, is_asked=is_asked)
    ticket.sla_version_id = promise.version.pk
    ticket.is_awaiting_reply = is_asked
    _show(ticket, case.next_due())
    return case


def _store(loaded: _Loaded) -> None:
    """Write the clocks that changed, the new ones and what the queue shows; tell what has come about."""
    told: list[tuple[SlaClock, str]] = []
    new: list[SlaClock] = []
    # Of a metric one is open at a time, at every statement.
    for clock in sorted(loaded.case.clocks, key=lambda one: not one.is_over):
        row = loaded.rows.get(clock.pk or 0)
        if row is not None:
            told += [(row, what) for what in news(row, clock)]
            _write(loaded, row, clock)
        elif loaded.promise is not None:
            new.append(_row(loaded.ticket, loaded.promise, clock))
    start(clocks=new)
    _show(loaded.ticket, loaded.case.next_due())
    writes.update(loaded.ticket, _shown(loaded.ticket))
    for row, what in told:
        tell(ticket=loaded.ticket, row=row, what=what)


def _write(loaded: _Loaded, row: SlaClock, clock: Clock) -> None:
    values = columns(clock)
    if loaded.promise is not None and not clock.is_over:
        values |= _under(loaded.ticket, loaded.promise)
    changed = {name: value for name, value in values.items() if getattr(row, name) != value}
    for name, value in changed.items():
        setattr(row, name, value)
    if changed:
        writes.update(row, changed)


def _row(ticket: Ticket, promise: Promise, clock: Clock) -> SlaClock:
    return SlaClock(ticket=ticket, metric=clock.metric, **_under(ticket, promise), **columns(clock))


def _under(ticket: Ticket, promise: Promise) -> dict[str, Any]:
    """Return which terms a clock goes by."""
    calendar = promise.calendar.pk if promise.calendar else None
    return {"version_id": promise.version.pk, "calendar_id": calendar, "priority": ticket.priority}


def _show(ticket: Ticket, clock: Clock | None) -> None:
    """Keep on the ticket which clock is missed next, or was."""
    ticket.due_at = clock.due_at if clock else None
    ticket.warn_at = clock.warn_at if clock else None
    ticket.due_metric = clock.metric if clock else ""


def _shown(ticket: Ticket) -> dict[str, Any]:
    return {name: getattr(ticket, name) for name in SHOWN}


def _is_answered(ticket: Ticket) -> bool:
    answers = ticket.messages.filter(kind=Message.Kind.REPLY, sender_role=Message.SenderRole.STAFF)
    return answers.filter(withdrawn_at__isnull=True).exists()
