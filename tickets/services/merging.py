"""Merging a case into another, and undoing it: words stay where they were said, what comes goes on in the other."""

from collections.abc import Callable

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import CustomerAddress, ExchangeAccount, Staff
from accounts.permissions import Permission
from core import audit
from core.clock import DatabaseNow
from security import fund_states, review_state
from security.models import FundAction, ManualReview
from tickets.models import Attachment, Message, PhoneCall, PhoneCallback, Ticket, TicketFollower, TicketMerge
from tickets.models.phone_calls import LIVE
from tickets.models.snooze import WokenBy
from tickets.models.ticket import DONE, Status
from tickets.services import custom_fields, errors, links, replies, sla_clocks, snoozes, timeline
from tickets.services.senders import Sender

PROMISED = (PhoneCallback.State.WAITING, PhoneCallback.State.CALLING)

# Whether somebody is talking on a ticket just now, in a chat as on the phone: filled by the configuration of apps.
in_talk: list[Callable[[Ticket], bool]] = []


class MergedAlready(errors.Refused):
    """It is merged, into this ticket or another."""

    code = "merged_already"
    message = _("This ticket is merged already. Undo that first.")


class NotMerged(errors.Refused):
    """There is nothing to undo."""

    code = "not_merged"
    message = _("This ticket is not merged any more.")


class TargetClosed(errors.Refused):
    """What comes for the source could not be said there."""

    code = "target_closed"
    message = _("That ticket is closed. Choose one that is open.")


class TargetIsSpam(errors.Refused):
    """Nobody would see there what somebody may have asked."""

    code = "target_is_spam"
    message = _("That ticket is spam. Release it first.")


class OtherPerson(errors.Refused):
    """Two people who have both proven who they are stay two."""

    code = "other_person"
    message = _("The customers of the two tickets have proven to be different people. Link the tickets instead.")


class ConfirmOtherRequester(errors.Refused):
    """The customers may be two people: whoever merges says that they know what it does."""

    code = "confirm_other_requester"
    message = _(
        "The tickets have different customers. From now on what the customer of the first writes is shown to staff "
        "alone, and answers go to the customer of the second. Confirm this if it is right."
    )


class InTalk(errors.Refused):
    """A chat or a call is going on."""

    code = "in_talk"
    message = _("A chat or a call is going on in this ticket. End it first.")


class CallBackPromised(errors.Refused):
    """Somebody waits for a call that belongs to this ticket."""

    code = "call_back_promised"
    message = _("A call-back is promised in this ticket. It comes first.")


class FundsUnderWay(errors.Refused):
    """Something about the customer's money or identity is under way on one of them."""

    code = "funds_under_way"
    message = _(
        "A fund-related action, a review or an identity document is under way on one of the tickets. It ends first."
    )


def merge(*, source: Ticket, into: Ticket, by: Staff, is_confirmed: bool = False) -> TicketMerge:
    """Close `source` and let what comes for it go on `into` the other; `is_confirmed` speaks for different customers.

    Who waits for an answer in `source` waits in the other from now on, and who follows it follows the other.

    Raises Refused, NoSuchTicket, MergedAlready, TargetClosed, TargetIsSpam, OtherPerson, ConfirmOtherRequester, InTalk,
    CallBackPromised, FundsUnderWay.
    """
    if not may(by):
        raise errors.Refused
    with transaction.atomic():
        here, there = links.lock_visible(ticket=source, other=into, by=by)
        _check(here, there, is_confirmed=is_confirmed)
        for ticket, why in ((here, WokenBy.DONE), (there, WokenBy.COLLEAGUE)):
            snoozes.wake_locked(ticket=ticket, why=why, by=by)
        is_asked = here.last_direction == Message.Direction.IN and here.status not in DONE and not here.is_spam
        clocks = sla_clocks.set_aside(ticket=here)
        before = here.status
        row = TicketMerge.objects.create(source=here, target=there, by=by, former_status=before, clocks=clocks)
        _move(here, Status.CLOSED, there, by)
        if is_asked:
            _ask(there)
        followers = [TicketFollower(ticket=there, staff_id=pk) for pk in here.followers.values_list("staff", flat=True)]
        TicketFollower.objects.bulk_create(followers, ignore_conflicts=True)
        custom_fields.carry(source=here, into=there, by=by)
        _tell("merged", "merged_in", here, there, by)
    return row


def undo(*, source: Ticket, by: Staff) -> None:
    """Let a merged case go on by itself, as it was; what has arrived in the other meanwhile stays there.

    Raises Refused, NoSuchTicket, NotMerged.
    """
    if not may(by):
        raise errors.Refused
    with transaction.atomic():
        row = TicketMerge.objects.filter(source=source, undone_at__isnull=True).select_related("target").first()
        if row is None:
            raise NotMerged
        here, there = links.lock_visible(ticket=source, other=row.target, by=by)
        live = TicketMerge.objects.filter(pk=row.pk, undone_at__isnull=True)
        if not live.update(undone_by=by, undone_at=DatabaseNow()):
            raise NotMerged
        _move(here, row.former_status, None, by)
        sla_clocks.take_up(ticket=here, clocks=row.clocks)
        _tell("unmerged", "unmerged_out", here, there, by)


def may(person: Staff) -> bool:
    """Whether this person merges at all: who writes to customers and changes tickets."""
    return person.has(Permission.TICKET_UPDATE) and person.has(Permission.TICKET_REPLY)


def _check(source: Ticket, target: Ticket, *, is_confirmed: bool) -> None:
    """Refuse what the rule of merges does not allow, of two locked tickets."""
    if source.pk == target.pk:
        raise links.NoSuchTicket
    if source.merged_into_id is not None:
        raise MergedAlready
    if target.status == Status.CLOSED:
        raise TargetClosed
    if target.is_spam and not source.is_spam:
        raise TargetIsSpam
    if any(_is_in_talk(ticket) for ticket in (source, target)):
        raise InTalk
    if PhoneCallback.objects.filter(ticket=source, state__in=PROMISED).exists():
        raise CallBackPromised
    if are_funds_under_way(source, target):
        raise FundsUnderWay
    if source.requester_id == target.requester_id:
        return
    if are_proven_apart(one=source, other=target):
        raise OtherPerson
    if not is_confirmed:
        raise ConfirmOtherRequester


def are_proven_apart(*, one: Ticket, other: Ticket) -> bool:
    """Whether the customers of two tickets are two, each proven: by an address, by the exchange, or on the ticket."""
    both = {one.requester_id, other.requester_id}
    addresses = CustomerAddress.objects.filter(customer__in=both).exclude(proof=CustomerAddress.Proof.CLAIMED)
    proven = set(addresses.values_list("customer", flat=True))
    proven |= set(ExchangeAccount.objects.filter(customer__in=both).values_list("customer", flat=True))
    proven |= {ticket.requester_id for ticket in (one, other) if ticket.is_requester_proven}
    return len(both) == len(both & proven) == 2


def are_funds_under_way(*tickets: Ticket) -> bool:
    """Whether a fund-related action, its review, or a document on its way into restricted storage is on any of them."""
    keys = [ticket.pk for ticket in tickets]
    actions = fund_states.with_rows(FundAction.objects.filter(ticket_id__in=keys))
    if any(fund_states.progress(action).is_open for action in actions):
        return True
    reviews = ManualReview.objects.filter(action__ticket_id__in=keys)
    if any(review_state.of(review).is_open for review in reviews):
        return True
    return Attachment.objects.to_be_moved().filter(message__ticket__in=keys).exists()


def _is_in_talk(ticket: Ticket) -> bool:
    return any(talks(ticket) for talks in in_talk) or PhoneCall.objects.filter(ticket=ticket, state__in=LIVE).exists()


def _move(ticket: Ticket, to: str, into: Ticket | None, by: Staff) -> None:
    """Move the locked ticket as no other way does: from any status to closed, and back to what it was."""
    before = ticket.status
    timeline.change(ticket, {"status": to, "merged_into_id": into.pk if into else None})
    if before != to:
        timeline.append_event(ticket, "status_changed", {"from": before, "to": to, "why": "merged"}, by=by)


def _ask(ticket: Ticket) -> None:
    """Let the customer wait for an answer in the locked `ticket`, as if they had written here."""
    replies.reopen(ticket)
    asks = Sender(role=Message.SenderRole.REQUESTER)
    waits = sla_clocks.hear(ticket=ticket, sender=asks, is_automatic=False)
    timeline.change(ticket, {**waits, "last_direction": Message.Direction.IN})


def _tell(here_says: str, there_says: str, here: Ticket, there: Ticket, by: Staff) -> None:
    for one, other, what in ((here, there, here_says), (there, here, there_says)):
        timeline.append_event(one, f"ticket_{what}", {"ticket": other.public_id}, by=by)
        detail: dict[str, audit.Detail] = {"other": other.public_id, "status": one.status}
        fields = ["status", "merged_into"] if one is here else []
        audit.record(f"ticket.{what}", actor=by.actor, obj=("ticket", one.public_id), fields=fields, detail=detail)
