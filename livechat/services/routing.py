"""Routing: which waiting chat rings at whose desk; rows keep the promises. Whose turn it is, `assignment` decides.

A ring is a row with a deadline by the database's clock. Each step is one transaction: a crash leaves an offer open,
which the sweeper settles, or a chat without one, which the next look rings for. Several workers may look and sweep at
once: what another holds is skipped, and the database allows one open offer for a chat and for a person.
"""

from datetime import timedelta

from django.db import transaction
from django.db.models import Exists, F, Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Extract

from accounts.models import Presence, Staff, Team
from core import audit
from core.audit import SYSTEM
from core.clock import DatabaseNow, from_now, seems_older
from livechat import effects
from livechat.models import Chat, Offer
from livechat.models.chat import RINGS_FOR
from livechat.refusals import RingIsOver
from livechat.services import presence
from tickets.models import Decision
from tickets.models.ticket import ACTIVE
from tickets.selectors import assignment as people
from tickets.selectors.assignment import CHAT, Wish
from tickets.services import assignment, properties, timeline

RING = timedelta(seconds=30)
# Whoever has declined or missed a chat is asked again after all others, and not at once.
AGAIN_AFTER = timedelta(seconds=60)
BATCH = 50
State = Offer.State


def route() -> int:
    """Ring for each waiting chat, the oldest first, at somebody who is free; returns how many rings began."""
    rows = unrung().filter(_served()).order_by("queued_at", "pk").values_list("pk", flat=True)
    return sum(_ring(pk) for pk in rows[:BATCH])


def sweep() -> int:
    """End rings whose time is over or whose chat waits no more, then look for the next; returns how many ended."""
    ended = 0
    for offer in Offer.objects.expired().select_related("chat", "staff").order_by("expires_at")[:BATCH]:
        ended += _miss(offer)
    overtaken = Offer.objects.ringing().exclude(chat__in=Chat.objects.waiting())
    for offer in overtaken.select_related("chat", "staff")[:BATCH]:
        with transaction.atomic():
            ended += _settle(offer, State.WITHDRAWN)
    route()
    return ended


def accept(*, offer: str, by: Staff) -> Chat:
    """Take the chat that rings at `by` (an offer's public id); its ticket is theirs. Twice is the same as once.

    Raises RingIsOver, and what assigning refuses.
    """
    with transaction.atomic():
        presence.locked(by)
        mine = Offer.objects.filter(public_id=offer, staff=by).select_related("staff", "chat__ticket", "chat__visitor")
        found = mine.select_for_update(of=("self",), no_key=True).first()
        if found is None:
            raise RingIsOver
        if found.state == State.ACCEPTED and found.chat.ticket.assignee_id == by.pk:
            return found.chat
        taken = Offer.objects.ringing().filter(pk=found.pk)
        now = {"state": State.ACCEPTED, "settled_at": DatabaseNow()}
        waited = Extract(DatabaseNow() - F("chat__queued_at"), "epoch")
        ticket = timeline.lock(found.chat.ticket)
        if ticket.assignee_id not in (None, by.pk) or ticket.status not in ACTIVE or not taken.update(**now):
            raise RingIsOver
        ticket = properties.assign(ticket=ticket, to=by, by=by)
        chat = found.chat
        waited_s = max(0, int(Offer.objects.filter(pk=found.pk).values_list(waited, flat=True).get()))
        Offer.objects.filter(pk=found.pk).update(waited_s=waited_s)
        if not Chat.objects.filter(pk=chat.pk, ended_at__isnull=True).update(accepted_at=DatabaseNow()):
            raise RingIsOver
        timeline.append_event(ticket, "chat_accepted", {"waited_s": waited_s}, by=by)
        Presence.objects.filter(staff=by).update(idle_since=DatabaseNow(), active_at=DatabaseNow())
        detail: dict[str, audit.Detail] = {"offer": found.public_id, "waited_s": waited_s}
        fields = ["accepted_at"]
        audit.record("chat.accepted", actor=by.actor, obj=("chat", chat.public_id), fields=fields, detail=detail)
        audit.record("ticket.chat_accepted", actor=by.actor, obj=("ticket", ticket.public_id))
        effects.offer_ended(found)
        left_the_queue(chat)
    return chat


def decline(*, offer: str, by: Staff) -> bool:
    """Say no to a ring of one's own; the next is asked. False when it was over."""
    with transaction.atomic():
        presence.locked(by)
        mine = Offer.objects.ringing().filter(public_id=offer, staff=by).select_related("chat", "staff").first()
        if mine is None or not _settle(mine, State.DECLINED, by=by):
            return False
        Presence.objects.filter(staff=by).update(idle_since=DatabaseNow(), active_at=DatabaseNow())
        effects.routing_due()
    return True


def left_the_queue(chat: Chat) -> None:
    """A chat waits no more: its visitor sees who answers. That the others have moved up, their sockets' rounds say."""
    effects.chat_changed(chat)


def said_again(chat: Chat) -> None:
    """Their visitor writes in a chat that nobody took while it rang: it waits anew, from now on.

    Within the caller's transaction, which holds the ticket.
    """
    # Saves the statement in a conversation that goes on; that the hour has passed is decided by the database.
    if chat.ticket.assignee_id is not None or not seems_older(chat.queued_at, RINGS_FOR):
        return
    rung_out = Chat.objects.filter(pk=chat.pk, ended_at__isnull=True, queued_at__lte=from_now(-RINGS_FOR))
    if rung_out.update(queued_at=DatabaseNow()):
        audit.record("chat.queued_again", actor=SYSTEM, obj=("chat", chat.public_id), fields=["queued_at"])
        effects.routing_due()


def unrung() -> QuerySet[Chat]:
    """Return which chats wait and ring nowhere."""
    return Chat.objects.waiting().exclude(Exists(Offer.objects.open().filter(chat=OuterRef("pk"))))


def _served() -> Q:
    """Return which chats somebody is free for: the others, however many and old, are not looked at."""
    names = (
        "ticket__team",
        "visitor__locale",
        "ticket__topic",
        "ticket__team__only_on_shift",
        "ticket__team__language_level",
    )
    kinds = list(unrung().order_by().values_list(*names).distinct())
    asked_for = people.skills_of({kind[2] for kind in kinds if kind[2]})
    found = Q(pk__in=())
    for team, language, topic, only_on_shift, level in kinds:
        wish = Wish(
            work=CHAT,
            team=team,
            language=language,
            language_level=level or 1,
            skills=asked_for.get(topic or 0, {}),
            only_on_shift=bool(only_on_shift),
            hindered=_ringing(),
        )
        if people.able(wish).exists():
            found |= Q(ticket__team=team, visitor__locale=language, ticket__topic=topic)
    return found


def _ring(pk: int) -> bool:
    """Ring for one chat at the next person; False when it waits no more or nobody is free."""
    with transaction.atomic():
        rows = Chat.objects.filter(pk=pk).select_for_update(of=("self",), no_key=True, skip_locked=True)
        # Looked at again behind the lock: another worker may have rung meanwhile.
        if rows.first() is None:
            return False
        chat = unrung().filter(pk=pk).select_related("ticket__team", "visitor").first()
        wish = _wish(chat) if chat is not None else None
        person = assignment.choose(wish) if wish is not None else None
        if chat is None or wish is None or person is None:
            return False
        assignment.record(ticket=chat.ticket, kind=Decision.Kind.RUNG, wish=wish, person=person)
        offer = Offer.objects.create(
            chat=chat,
            staff=person.staff,
            inbox_id=chat.visitor.inbox_id,
            language=chat.visitor.locale,
            expires_at=from_now(RING),
        )
        audit.record(
            "chat.rung",
            actor=SYSTEM,
            obj=("chat", chat.public_id),
            detail={"offer": offer.public_id, "staff": person.public_id},
        )
        effects.offer_opened(offer)
    return True


def _ringing() -> dict[str, Exists]:
    return {"ringing": Exists(Offer.objects.open().filter(staff=OuterRef("staff")))}


def _wish(chat: Chat) -> Wish:
    """Return who is looked for: who was not asked for this chat before, then whose turn it is in the team."""
    ticket, team = chat.ticket, chat.ticket.team
    offers = Offer.objects.filter(chat=chat, staff=OuterRef("staff"))
    recently = offers.filter(state__in=[State.DECLINED, State.MISSED], settled_at__gt=from_now(-AGAIN_AFTER))
    skills = people.skills_of({ticket.topic_id} if ticket.topic_id else set())
    return Wish(
        work=CHAT,
        team=ticket.team_id,
        language=chat.visitor.locale,
        language_level=team.language_level if team else 1,
        skills=skills.get(ticket.topic_id or 0, {}),
        method=team.method if team else Team.Method.IDLE,
        only_on_shift=team is not None and team.only_on_shift,
        sticky_to=people.last_agent(ticket) if team and team.is_sticky else None,
        hindered={**_ringing(), "asked_lately": Exists(recently)},
        asked=Subquery(offers.order_by().values("staff").annotate(last=Max("rung_at")).values("last")),
    )


def _miss(offer: Offer) -> bool:
    """End a ring that nobody answered; who was rung is away from now on, until they say otherwise."""
    with transaction.atomic():
        row = presence.locked(offer.staff, only=Presence.objects.all())
        if row is None or not _settle(offer, State.MISSED, only=Offer.objects.expired()):
            return False
        if row.state == Presence.State.ONLINE:
            presence.change(row=row, state=Presence.State.AWAY, reason=Presence.Reason.MISSED, actor=SYSTEM)
    return True


def _settle(offer: Offer, state: str, *, by: Staff | None = None, only: QuerySet[Offer] | None = None) -> bool:
    """End an open ring within the caller's transaction; False when another was first."""
    rows = Offer.objects.open() if only is None else only
    if not rows.filter(pk=offer.pk).update(state=state, settled_at=DatabaseNow()):
        return False
    actor = by.actor if by else SYSTEM
    audit.record(f"chat.ring_{state}", actor=actor, obj=("chat", offer.chat.public_id), fields=["state"])
    effects.offer_ended(offer)
    return True
