"""F23: two agents reply, assign, resolve and merge at once on the same two cases, while their customer writes.

Ten races a round. What must come of each: one state that the rule of merges allows, told the same by rows and timeline,
every text that was acknowledged is there once, and whoever was too late hears why.
"""

from collections import Counter
from collections.abc import Callable
from functools import partial

from django.db import transaction

from accounts.models import Staff
from tests.factories.accounts import StaffFactory
from tests.factories.tickets import MailboxFactory, TopicFactory, mail_ticket, requester
from tests.faults import results
from tests.faults.ground import Ground, together
from tests.faults.recorder import Recorder
from tests.faults.results import Result
from tickets.models import Mailbox, Message, Ticket, TicketMerge
from tickets.services import errors, landing, merging, properties, replies, status
from tickets.services.senders import Sender

EACH = 10
Pair = tuple[Ticket, Ticket]
Act = Callable[[Recorder, Staff, Pair], None]


def run(ground: Ground) -> Result:
    """Race on one pair of cases, put right what was merged or resolved, and race again."""
    recorder, seen = Recorder("F23"), Counter[str]()
    agents = [StaffFactory.create(role="agent", email=f"f23-{name}-{recorder.run}@cast.test") for name in ("a", "b")]
    box: Mailbox = MailboxFactory.create(slug=f"f23-{recorder.run}", address=f"f23-{recorder.run}@pharos.test")
    address, topic = f"f23-{recorder.run}@example.com", TopicFactory.create()
    keys = [mail_ticket(address=address, mailbox=box, topic=topic).pk for _case in range(2)]
    for _race in range(EACH * ground.rounds):
        pair = _pair(keys)
        chosen = [(ground.random.choice(ACTS), _shuffled(ground, pair)) for _agent in agents]
        acts = [
            partial(_try, seen, act, recorder, agent, here) for (act, here), agent in zip(chosen, agents, strict=True)
        ]
        together(*acts, partial(_write, recorder, ground.random.choice(pair)))
        _check(ground, keys)
        _put_right(keys, agents[0])
    texts = Message.objects.filter(ticket__in=keys).values_list("text", flat=True)
    tally = recorder.tally(recorder.found(texts))
    Mailbox.objects.filter(pk=box.pk).update(is_active=False)
    return results.judge(ground, recorder, tally, [", ".join(f"{n} x {what}" for what, n in sorted(seen.items()))])


def _pair(keys: list[int]) -> Pair:
    one, other = Ticket.objects.select_related("requester").filter(pk__in=keys).order_by("pk")
    return one, other


def _shuffled(ground: Ground, pair: Pair) -> Pair:
    return pair if ground.random.random() < 1 / 2 else pair[::-1]


def _try(seen: Counter[str], act: Act, recorder: Recorder, agent: Staff, pair: Pair) -> None:
    """Do what one agent does, with what is on their screen; what is refused says so by its code."""
    try:
        act(recorder, agent, pair)
        seen[f"{act.__name__} done"] += 1
    except errors.Refused as refused:
        seen[f"{act.__name__} {refused.code}"] += 1


def _reply(recorder: Recorder, agent: Staff, pair: Pair) -> None:
    number = recorder.invoke("reply")
    words = replies.Words(text=recorder.mark(number))
    seen = pair[0].last_public_seq
    try:
        replies.add(ticket=pair[0], sender=Sender.of_staff(agent), channel="email", words=words, seen_public_seq=seen)
    except errors.Refused as refused:
        recorder.fail(number, refused.code)
        raise
    recorder.ok(number)


def _assign(_recorder: Recorder, agent: Staff, pair: Pair) -> None:
    to = None if pair[0].assignee_id == agent.pk else agent
    properties.assign(ticket=pair[0], to=to, by=agent, version=pair[0].version)


def _resolve(_recorder: Recorder, agent: Staff, pair: Pair) -> None:
    status.move(ticket=pair[0], to="resolved", by=agent, version=pair[0].version)


def _merge(_recorder: Recorder, agent: Staff, pair: Pair) -> None:
    merging.merge(source=pair[0], into=pair[1], by=agent)


ACTS: tuple[Act, ...] = (_reply, _reply, _assign, _resolve, _merge, _merge)


def _write(recorder: Recorder, ticket: Ticket) -> None:
    """The customer answers: it arrives wherever the case goes on, and is never refused."""
    number = recorder.invoke("customer")
    with transaction.atomic():
        here = landing.lock(ticket)
        replies.add_locked(
            ticket=here,
            sender=requester(ticket.requester, ticket.requester_address),
            channel="email",
            words=replies.Words(text=recorder.mark(number)),
        )
    recorder.ok(number)


def _check(ground: Ground, keys: list[int]) -> None:
    """Note what must not be."""
    one, other = _pair(keys)
    live = list(TicketMerge.objects.filter(source__in=keys, undone_at__isnull=True))
    merged = [ticket for ticket in (one, other) if ticket.merged_into_id is not None]
    if len(live) > 1 or [row.source_id for row in live] != [ticket.pk for ticket in merged]:
        ground.notes.append(f"{len(live)} merges stand, {len(merged)} tickets are merged")
    for ticket in (one, other):
        told = ticket.messages.filter(event="status_changed").order_by("-seq").values_list("event_data", flat=True)
        said = told[0]["to"] if told else "new"
        if said != ticket.status:
            ground.notes.append(f"ticket {ticket.number} is {ticket.status}, its timeline says {said}")
        if ticket in merged and ticket.status != "closed":
            ground.notes.append(f"ticket {ticket.number} is merged and {ticket.status}")
        if ticket not in merged and ticket.status == "closed":
            ground.notes.append(f"ticket {ticket.number} is closed and goes on nowhere")


def _put_right(keys: list[int], agent: Staff) -> None:
    for ticket in _pair(keys):
        if ticket.merged_into_id is not None:
            merging.undo(source=ticket, by=agent)
    for ticket in _pair(keys):
        if ticket.status == "resolved":
            status.move(ticket=ticket, to="open", by=agent)
