"""Who is writing a translation: a lock with an end, which others may take over."""

from datetime import timedelta

from django.db import transaction

from accounts.models import Staff
from core import audit
from core.clock import from_now
from kb.models import EditLock, Translation
from kb.services import errors

LASTS = timedelta(minutes=10)


def take(*, translation: Translation, by: Staff, from_another: bool = False) -> None:
    """Let `by` write for ten minutes, or longer when they have it. Raises Locked while another has it.

    `from_another` takes it over, which is recorded.
    """
    with transaction.atomic():
        Translation.objects.select_for_update(no_key=True).get(pk=translation.pk)
        held = EditLock.objects.held().filter(translation=translation).select_related("holder").first()
        if held is not None and held.holder_id != by.pk:
            if not from_another:
                raise errors.Locked(held.holder.name)
            audit.record(
                "article.lock_taken_over",
                actor=by.actor,
                obj=("translation", translation.public_id),
                detail={"from": held.holder.public_id},
            )
        EditLock.objects.update_or_create(translation=translation, defaults={"holder": by, "until": from_now(LASTS)})


def check(*, translation: Translation, by: Staff) -> None:
    """Raise Locked while somebody else is writing; inside the transaction that holds the translation's row."""
    held = EditLock.objects.held().filter(translation=translation).exclude(holder=by).select_related("holder").first()
    if held is not None:
        raise errors.Locked(held.holder.name)


def release(*, translation: Translation, by: Staff) -> None:
    """Give back one's own lock."""
    EditLock.objects.filter(translation=translation, holder=by).delete()
