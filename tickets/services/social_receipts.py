"""What a vendor says became of messages of ours: delivered, read, or failed after all. Never a message."""

from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet, Value
from django.db.models.functions import Coalesce, Least

from core.clock import DatabaseNow
from tickets import effects
from tickets.channels.social.shapes import STOPPED, Receipt
from tickets.models import SocialAccount, SocialPost
from tickets.services import social_consent, social_deliveries, timeline

State = SocialPost.State


class NotSettled(Exception):
    """A message of the conversation is being sent: which one the receipt is about will be known in a moment."""


def take(*, account: SocialAccount, receipt: Receipt) -> None:
    """Keep a receipt, inside the caller's transaction. They may come in any order and again: none takes anything back.

    Raises NotSettled.
    """
    posts = SocialPost.objects.filter(chat__account=account, chat__external_id=receipt.chat_id)
    unsettled = Q(state=State.QUEUED, lease_until__gt=DatabaseNow()) | Q(state=State.SENT, is_reported=False)
    if posts.filter(unsettled).exists():
        raise NotSettled
    if receipt.state == "failed":
        for post in posts.filter(external_ids__overlap=list(receipt.item_ids)).select_related(
            "message__ticket", "chat__customer"
        ):
            _fail(post, receipt)
        return
    arrived = _meant(posts.filter(state=State.SENT), receipt)
    if receipt.state == "read":
        _mark(arrived.filter(read_at__isnull=True), receipt.at, read_at=_until_now(receipt.at))
    else:
        _mark(arrived.filter(delivered_at__isnull=True), receipt.at)


def _meant(sent: QuerySet[SocialPost], receipt: Receipt) -> QuerySet[SocialPost]:
    """Return the messages whose last part it names, or that had been sent by its moment."""
    named = [
        post.pk
        for post in sent.filter(external_ids__overlap=list(receipt.item_ids))
        if post.external_ids[-1] in receipt.item_ids
    ]
    meant = Q(pk__in=named)
    if receipt.until is not None:
        meant |= Q(sent_at__lte=receipt.until) | Q(delivered_at__lte=receipt.until)
    return sent.filter(meant)


def _mark(posts: QuerySet[SocialPost], at: datetime, **also: Any) -> None:
    for post in posts.select_related("message__ticket"):
        # What is read has been delivered, whether or not that was told.
        delivered_at = Coalesce("delivered_at", _until_now(at))
        SocialPost.objects.filter(pk=post.pk, state=State.SENT).update(delivered_at=delivered_at, **also)
        if post.message is not None:
            effects.message_changed(post.message.ticket, post.message)


def _fail(post: SocialPost, receipt: Receipt) -> None:
    """Let a message have failed from the first part that did not arrive: sending it again begins there."""
    place = next(place for place, one in enumerate(post.external_ids) if one in receipt.item_ids)
    is_last = place == len(post.external_ids) - 1
    if is_last and post.delivered_at is not None:
        return
    if receipt.detail == STOPPED:
        # The conversation is locked before the ticket.
        social_consent.stop(chat=post.chat)
    if post.message is not None:
        timeline.lock(post.message.ticket)
    moved = SocialPost.objects.filter(pk=post.pk, state__in=[State.SENT, State.QUEUED]).update(
        state=State.FAILED,
        last_error=receipt.detail[:500],
        detail="",
        is_reported=False,
        parts_sent=place,
        external_ids=post.external_ids[:place],
        delivered_at=None,
        read_at=None,
    )
    if moved:
        social_deliveries.record(post_pk=post.pk)


def _until_now(at: datetime) -> Any:  # noqa: ANN401 -- an expression for a moment
    return Least(Value(at), DatabaseNow())
