"""Sending one social message: claim, hand over part by part outside any transaction, settle its own row.

At least once: a part whose answer was lost is sent once more, as a mail is; a second loss is for a person to judge.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

import structlog
from django.db import Error, connection
from django.db.utils import InterfaceError, OperationalError

from core import files, heartbeat
from core.doorbell import ring
from tickets.channels.social.registry import TEMPLATE_CHANNELS, channel
from tickets.channels.social.shapes import STOPPED, WINDOW_OVER, FilledTemplate, OutgoingFile, Sent, Threaded
from tickets.delivery.sending import MAX_TRIES, MAX_UNANSWERED, pause_s
from tickets.models import Attachment, SocialAccount, SocialPost, SocialTemplate

log = structlog.get_logger(__name__)

LEASE_S = 50
SETTLED = "tickets.post_settled"
MAY_HAVE_ARRIVED = "The service took this message twice without saying so: it may have arrived."
INACTIVE = "This account is switched off."
KEEPS_ENDING = "Sending this message has ended its process several times."
CANNOT_READ = "An attachment cannot be read."


class _LeaseLost(Exception):
    """Another worker has taken over."""


@dataclass(frozen=True, slots=True)
class _Claim:
    """One claimed row, as long as its lease is ours."""

    post: SocialPost
    token: uuid.UUID

    @property
    def account(self) -> SocialAccount:
        """By which account it goes."""
        return self.post.chat.account

    @property
    def part(self) -> str:
        """Name the part that is next: the same at each try, so that a vendor who asks takes it once."""
        return f"{self.post.pk}.{self.post.parts_sent}"

    def __call__(self) -> bool:
        """Count, before the first byte leaves, that the part may arrive without an answer."""
        return SocialPost.hand_over(self.post.pk, self.token, lease_s=LEASE_S)

    def confirm(self, external_id: str) -> None:
        """Write that one more part has arrived, before the next leaves. Raises _LeaseLost."""
        ids = [*self.post.external_ids, external_id]
        if not SocialPost.confirm(self.post.pk, self.token, external_ids=ids):
            raise _LeaseLost
        self.post.parts_sent += 1
        self.post.external_ids = ids


def deliver_post(pk: int) -> None:
    """Send what one row owes, if it is due and nobody else is at it."""
    token = SocialPost.claim(pk, lease_s=LEASE_S)
    if token is None:
        return
    post = SocialPost.objects.select_related("message", "chat__account", "template").get(pk=pk)
    claim = _Claim(post, token)
    try:
        outcome = _try(claim)
    except _LeaseLost:
        log.warning("lease_lost", post=pk)
        return
    if _settle(claim, outcome):
        ring(SETTLED, pk)
    _tell_of_account(claim.account, outcome)


def _try(claim: _Claim) -> Sent:
    """Send, and turn whatever goes wrong into an outcome: a claimed row must be settled, or it is rung for for ever."""
    if claim.post.attempts > MAX_TRIES:
        return Sent("failed", KEEPS_ENDING)
    if claim.post.unanswered >= MAX_UNANSWERED:
        return Sent("failed", MAY_HAVE_ARRIVED)
    if not claim.account.is_active:
        return Sent("retry", INACTIVE)
    try:
        return _send(claim)
    except _LeaseLost:
        raise
    except Exception as error:
        log.exception("sending_failed", kind="SocialPost", row=claim.post.pk)
        if isinstance(error, OperationalError | InterfaceError) and not connection.in_atomic_block:
            connection.close()
        return Sent("retry", f"Sending failed ({type(error).__name__}).")


def _send(claim: _Claim) -> Sent:
    """Send the parts that have not been confirmed, in order, until one is not taken."""
    if claim.post.chat.stopped_at is not None:
        return Sent("failed", STOPPED)
    if claim.post.template is not None:
        return _send_template(claim, claim.post.template)
    if not claim.post.chat.is_answerable():
        return Sent("failed", WINDOW_OVER)
    vendor = channel(claim.account.kind)
    chat_id = claim.post.chat.external_id
    texts, attached = _parts(claim.post)
    total = len(texts) + len(attached)
    for place in range(claim.post.parts_sent, total):
        if place < len(texts):
            sent = _say(claim, texts[place])
        else:
            file = _file(attached[place - len(texts)])
            if file is None:
                claim.confirm("")
                continue
            sent = vendor.send_file(claim.account, chat_id, file, hand_over=claim)
        if sent.fate != "sent":
            return sent
        claim.confirm(sent.external_id)
    return Sent("sent")


def _send_template(claim: _Claim, template: SocialTemplate) -> Sent:
    """Send an approved text, which the vendor takes at any time; it is the only part."""
    if claim.post.parts_sent:
        return Sent("sent")
    filled = FilledTemplate(template.name, template.language, tuple(claim.post.template_values))
    vendor = TEMPLATE_CHANNELS[claim.account.kind]
    sent = vendor.send_template(claim.account, claim.post.chat.external_id, filled, hand_over=claim)
    if sent.fate == "sent":
        claim.confirm(sent.external_id)
    return sent


def _say(claim: _Claim, text: str) -> Sent:
    vendor, chat = channel(claim.account.kind), claim.post.chat
    if chat.is_public and isinstance(vendor, Threaded):
        return vendor.send_below(claim.account, _below(claim.post), text, hand_over=claim)
    return vendor.send_text(claim.account, chat.external_id, text, hand_over=claim)


def _below(post: SocialPost) -> str:
    """Return what the next piece stands below: the piece before it, else what the customer wrote last."""
    sent = [one for one in post.external_ids if one]
    latest = post.chat.items.order_by("-pk").values_list("external_id", flat=True)
    return sent[-1] if sent else latest.first() or ""


def _parts(post: SocialPost) -> tuple[list[str], Sequence[Attachment]]:
    """Return the pieces of the text and the files: the same at each try, so that a place names the same part."""
    text = post.text if post.message is None else post.message.text
    attached = [] if post.message is None else list(post.message.attachments.select_related("file"))
    vendor = channel(post.chat.account.kind)
    if post.chat.is_public and isinstance(vendor, Threaded):
        return vendor.public_parts(text), attached
    return vendor.parts(text), attached


def _file(row: Attachment) -> OutgoingFile | None:
    """Return the file; None when it has been moved away since."""
    stored = row.kept_file
    if stored is None:
        return None
    return OutgoingFile(stored.name, stored.content_type, files.read(stored))


def _settle(claim: _Claim, outcome: Sent) -> bool:
    """Write the end state, or when to try again; return whether this was an end."""
    pk, token = claim.post.pk, claim.token
    attempts, unanswered = SocialPost.objects.values_list("attempts", "unanswered").get(pk=pk)
    # A no is an answer, too; what was never handed over was not counted.
    answered = SocialPost.answered() if unanswered > claim.post.unanswered and not outcome.is_unanswered else {}
    if outcome.is_unanswered and unanswered >= MAX_UNANSWERED:
        outcome = Sent("failed", f"{MAY_HAVE_ARRIVED} {outcome.detail}")
    if outcome.fate == "retry" and attempts < MAX_TRIES:
        wait_s = outcome.retry_after_s if outcome.retry_after_s is not None else pause_s(attempts)
        SocialPost.settle(pk, token, state="queued", error=outcome.detail, retry_in_s=wait_s, **answered)
        if outcome.retry_after_s is not None:
            # The vendor's limit is the account's, not a message's.
            SocialPost.rest(claim.account, wait_s=outcome.retry_after_s)
        return False
    state = "sent" if outcome.fate == "sent" else "failed"
    if not SocialPost.settle(pk, token, state=state, error=outcome.detail, **answered):
        log.warning("lease_lost", post=pk)
        return False
    return True


def _tell_of_account(account: SocialAccount, outcome: Sent) -> None:
    """Keep for the alarm that the account cannot be used, until it can; what became of the message is settled."""
    name = f"{heartbeat.RELAY}{account.name}"[:80]
    try:
        if outcome.is_channel_down:
            heartbeat.beat(name, detail=outcome.detail, is_ok=False)
        elif outcome.fate == "sent":
            heartbeat.forget(name)
    except Error as error:
        log.warning("relay_not_recorded", account=account.public_id, reason=type(error).__name__)
