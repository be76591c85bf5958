"""Pictures of articles, and readers' words that editors have dealt with."""

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Staff
from accounts.permissions import Permission
from core import audit, files
from core.clock import DatabaseNow
from core.storable_text import storable
from kb.models import Feedback, Picture
from kb.services import errors


def add(*, by: Staff, content: bytes, name: str, description: str) -> Picture:
    """Keep a picture for articles. Raises Refused for what browsers do not show safely, StorageFull."""
    if not by.has(Permission.ARTICLE_WRITE):
        raise errors.Refused
    with files.all_or_none(), transaction.atomic():
        stored = files.store(content, name=name)
        if not stored.is_previewable or stored.is_dangerous:
            raise errors.Refused(_("This is no picture that browsers show: PNG, JPEG, GIF or WebP."))
        made = Picture.objects.create(file=stored, description=storable(description), added_by=by)
        audit.record("article.picture_added", actor=by.actor, obj=("picture", made.public_id))
    return made


def handled(*, public_id: str, by: Staff) -> bool:
    """Say that a reader's words have been dealt with. False when somebody has before, or there are none."""
    if not by.has(Permission.ARTICLE_WRITE):
        raise errors.Refused
    with transaction.atomic():
        rows = Feedback.objects.filter(public_id=public_id, handled_at__isnull=True)
        if not rows.update(handled_at=DatabaseNow(), handled_by=by):
            return False
        audit.record("article.feedback_handled", actor=by.actor, obj=("feedback", public_id))
    return True
