"""From draft to readers: submitting, reviewing by another person, publishing now or at a moment, archiving."""

from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.db.models import F
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from accounts.models import Staff
from accounts.permissions import Permission
from core import audit, clock
from core.audit import Actor
from core.clock import DatabaseNow
from core.storable_text import storable
from kb.models import Review, Revision, ScheduledPublication, State, Translation
from kb.services import errors, indexing, locks, news
from security.redaction import redact

LEASE_S = 60
SWEPT = 50
Verdict = Review.Verdict


def submit(*, translation: Translation, by: Staff) -> None:
    """Ask for a review of the newest revision. Raises Refused when it is no draft."""
    if not by.has(Permission.ARTICLE_WRITE):
        raise errors.Refused
    with transaction.atomic():
        drafts = Translation.objects.filter(pk=translation.pk, state=State.DRAFT, current__isnull=False)
        if not drafts.update(state=State.REVIEW, updated_at=DatabaseNow()):
            raise errors.Refused
        locks.release(translation=translation, by=by)
        audit.record("article.submitted", actor=by.actor, obj=("translation", translation.public_id))
    translation.refresh_from_db()


def send_back(*, translation: Translation, by: Staff, comment: str) -> None:
    """Say what is to be done before it can go out. Raises Refused, OwnWork, HoldsSecret."""
    _may_publish(by)
    if redact(comment).findings:
        raise errors.HoldsSecret
    with transaction.atomic():
        locked = _locked(translation)
        if locked.state != State.REVIEW or locked.current is None:
            raise errors.Refused
        _review(locked.current, by=by, verdict=Verdict.RETURNED, comment=comment)
        Translation.objects.filter(pk=locked.pk).update(state=State.DRAFT, updated_at=DatabaseNow())
        audit.record(
            "article.sent_back",
            actor=by.actor,
            obj=("translation", locked.public_id),
            detail={"revision": locked.current.number},
        )
    translation.refresh_from_db()


def publish(*, translation: Translation, by: Staff, seen: int, comment: str = "") -> None:
    """Approve the newest revision, number `seen`, and show it to readers. Raises Refused, OwnWork, Stale."""
    _may_publish(by)
    with transaction.atomic():
        locked = _locked(translation)
        _approve(locked, by=by, seen=seen, comment=comment)
        _show(locked, actor=by.actor)
    translation.refresh_from_db()


def schedule(*, translation: Translation, by: Staff, seen: int, at: datetime) -> ScheduledPublication:
    """Approve the newest revision, to be shown at a moment. Raises Refused, OwnWork, Stale."""
    _may_publish(by)
    if at <= clock.now():
        raise errors.Refused(_("Choose a moment that is still to come."))
    with transaction.atomic():
        locked = _locked(translation)
        revision = _approve(locked, by=by, seen=seen, comment="")
        waiting = ScheduledPublication.objects.filter(translation=locked, state=ScheduledPublication.State.PLANNED)
        waiting.update(state=ScheduledPublication.State.CANCELLED)
        planned = ScheduledPublication.objects.create(
            translation=locked, revision=revision, planned_by=by, planned_for=at, next_attempt_at=at
        )
        audit.record(
            "article.scheduled",
            actor=by.actor,
            obj=("translation", locked.public_id),
            detail={"publication": planned.public_id},
        )
    return planned


def cancel(*, translation: Translation, by: Staff) -> None:
    """Call off what was planned. Raises Refused when nothing is."""
    _may_publish(by)
    with transaction.atomic():
        planned = ScheduledPublication.objects.filter(translation=translation, state=ScheduledPublication.State.PLANNED)
        if not planned.update(state=ScheduledPublication.State.CANCELLED, lease_token=None, lease_until=None):
            raise errors.Refused
        audit.record("article.unscheduled", actor=by.actor, obj=("translation", translation.public_id))


def archive(*, translation: Translation, by: Staff) -> None:
    """Take a translation away from readers; its revisions stay, and any of them can be restored. Raises Refused."""
    _may_publish(by)
    with transaction.atomic():
        locked = _locked(translation)
        if locked.state == State.ARCHIVED:
            raise errors.Refused
        Translation.objects.filter(pk=locked.pk).update(state=State.ARCHIVED, published=None, updated_at=DatabaseNow())
        indexing.write(translation=_locked(translation))
        audit.record("article.archived", actor=by.actor, obj=("translation", locked.public_id))
    translation.refresh_from_db()


def look_again(*, translation: Translation, by: Staff, on: date | None) -> None:
    """Say by when somebody is to look whether it is still right. Raises Refused."""
    _may_publish(by)
    with transaction.atomic():
        Translation.objects.filter(pk=translation.pk).update(review_by=on)
        audit.record(
            "article.review_by_set", actor=by.actor, obj=("translation", translation.public_id), fields=["review_by"]
        )
    translation.refresh_from_db()


def vouch(*, translation: Translation) -> None:
    """Show the newest revision, which was imported: the operator of the import answers for it."""
    with transaction.atomic():
        _show(_locked(translation), actor=audit.SYSTEM)
    translation.refresh_from_db()


def publish_due() -> int:
    """Show what is due; return how many. What cannot be shown any more is marked as failed, never tried again."""
    done = 0
    for pk in ScheduledPublication.objects.due().values_list("pk", flat=True)[:SWEPT]:
        row = ScheduledPublication.claim_row(pk, lease_s=LEASE_S)
        if row is not None and row.lease_token is not None:
            done += _publish_planned(row)
    return done


def _publish_planned(row: ScheduledPublication) -> bool:
    states = ScheduledPublication.State
    with transaction.atomic():
        locked = _locked(row.translation)
        is_possible = locked.current_id == row.revision_id and locked.state != State.ARCHIVED
        state = states.DONE if is_possible else states.FAILED
        if row.lease_token is None or not ScheduledPublication.settle(row.pk, row.lease_token, state=state):
            return False
        if not is_possible:
            audit.record("article.not_published", actor=audit.SYSTEM, obj=("translation", locked.public_id))
            return False
        _show(locked, actor=audit.SYSTEM)
    return True


def _approve(locked: Translation, *, by: Staff, seen: int, comment: str) -> Revision:
    if locked.current is None or locked.state not in {State.DRAFT, State.REVIEW}:
        raise errors.Refused
    if locked.current.number != seen:
        raise errors.Stale
    if not locked.current.reviews.filter(verdict=Verdict.APPROVED).exists():
        _review(locked.current, by=by, verdict=Verdict.APPROVED, comment=comment)
    return locked.current


def _review(revision: Revision, *, by: Staff, verdict: str, comment: str) -> None:
    if revision.author_id == by.pk:
        raise errors.OwnWork
    try:
        with transaction.atomic():
            Review.objects.create(revision=revision, reviewer=by, verdict=verdict, comment=storable(comment)[:500])
    except IntegrityError as error:
        raise errors.Refused from error


def _show(locked: Translation, *, actor: Actor) -> None:
    if locked.current is None:
        raise errors.Refused
    is_first = locked.first_published_at is None
    approved = locked.current.reviews.filter(verdict=Verdict.APPROVED).first()
    Translation.objects.filter(pk=locked.pk).update(
        state=State.PUBLISHED,
        published=locked.current,
        published_at=DatabaseNow(),
        first_published_at=Coalesce(F("first_published_at"), DatabaseNow()),
        reviewed_by=approved.reviewer if approved else None,
        updated_at=DatabaseNow(),
    )
    indexing.write(translation=_locked(locked))
    if approved:
        news.owe_change(locked.current, is_first=is_first)
    audit.record(
        "article.published",
        actor=actor,
        obj=("translation", locked.public_id),
        detail={"revision": locked.current.number},
    )


def _locked(translation: Translation) -> Translation:
    rows = Translation.objects.select_related("article__section", "current", "published")
    return rows.select_for_update(no_key=True, of=("self",)).get(pk=translation.pk)


def _may_publish(by: Staff) -> None:
    if not by.has(Permission.ARTICLE_PUBLISH):
        raise errors.Refused
