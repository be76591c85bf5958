"""What editors leave beside the text: locks, comments, planned publications, pictures."""

from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.clock import DatabaseNow
from core.ids import public_id_field
from core.models import StoredFile
from core.models.leased import Leased, LeasedQuerySet
from kb.models.article import Revision, Translation


class EditLockQuerySet(models.QuerySet["EditLock"]):
    """Adjectives of locks."""

    def held(self) -> Self:
        """Those whose time has not run out."""
        return self.filter(until__gt=DatabaseNow())


class EditLock(models.Model):
    """Who is writing a translation now; it runs out by itself, and others may take it over, which is recorded."""

    translation = models.OneToOneField(Translation, on_delete=models.CASCADE, related_name="lock")
    holder = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    until = models.DateTimeField()

    objects = EditLockQuerySet.as_manager()

    def __str__(self) -> str:
        return str(self.pk)


class Comment(models.Model):
    """What somebody of staff wrote beside a translation."""

    public_id = public_id_field()
    translation = models.ForeignKey(Translation, on_delete=models.PROTECT, related_name="comments")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    text = models.CharField(max_length=2000)
    at = models.DateTimeField(db_default=DatabaseNow())

    def __str__(self) -> str:
        return self.public_id


class ScheduledPublication(Leased):
    """An approved revision that goes out at a moment; `next_attempt_at` is that moment."""

    class State(models.TextChoices):
        """What became of it."""

        PLANNED = "planned", _("Planned")
        DONE = "done", _("Published")
        CANCELLED = "cancelled", _("Cancelled")
        FAILED = "failed", _("Not possible any more")

    WAITING: ClassVar[tuple[str, ...]] = ("planned",)

    public_id = public_id_field()
    translation = models.ForeignKey(Translation, on_delete=models.PROTECT, related_name="planned", db_index=False)
    revision = models.ForeignKey(Revision, on_delete=models.PROTECT, related_name="+", db_index=False)
    planned_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    planned_for = models.DateTimeField(_("goes out at"))
    state: "models.Field[str, str]" = models.CharField(max_length=10, choices=State.choices, default=State.PLANNED)

    objects = LeasedQuerySet.as_manager()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["translation"], condition=Q(state="planned"), name="kb_scheduledpublication_one_waits"
            ),
            models.CheckConstraint(
                name="kb_scheduledpublication_state_known",
                condition=Q(state__in=["planned", "done", "cancelled", "failed"]),
            ),
        ]
        # the sweeper: what is due
        indexes = [
            models.Index(fields=["next_attempt_at"], name="kb_scheduledpublication_due", condition=Q(state="planned"))
        ]

    def __str__(self) -> str:
        return self.public_id


class Picture(models.Model):
    """A picture that articles show as `media:` and its id."""

    public_id = public_id_field()
    file = models.OneToOneField(StoredFile, on_delete=models.PROTECT, related_name="+")
    description = models.CharField(_("description"), max_length=300)
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    created_at = models.DateTimeField(db_default=DatabaseNow())

    def __str__(self) -> str:
        return self.description
