"""Training of staff for fund-related actions: SQL holds it (migrations/training.sql), the models read."""

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from core.clock import DatabaseNow
from core.ids import public_id_field

COURSE = "fund-actions"
# How long before the end its holder is told.
SOON = timedelta(days=30)


class TrainingQuerySet(models.QuerySet["TrainingCertificate"]):
    """Certificates by what they are good for."""

    def standing(self) -> "TrainingQuerySet":
        """Those that nobody has withdrawn, whether or not they have run out."""
        return self.filter(withdrawal__isnull=True)

    def valid(self) -> "TrainingQuerySet":
        """Those that an act can stand on now."""
        return self.standing().filter(valid_until__gt=DatabaseNow())


class TrainingCertificate(models.Model):
    """That a person took the course, as an administrator other than them recorded it; it counts for a year."""

    public_id = public_id_field()
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="trainings", verbose_name=_("person")
    )
    course = models.CharField(_("course"), max_length=20, db_default=COURSE)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("recorded by")
    )
    recorded_at = models.DateTimeField(_("recorded"), db_default=DatabaseNow())
    valid_until = models.DateTimeField(_("counts until"))

    objects = TrainingQuerySet.as_manager()

    class Meta:
        managed = False
        db_table = "security_trainingcertificate"
        verbose_name = _("training certificate")
        verbose_name_plural = _("training certificates")

    def __str__(self) -> str:
        # One that is about to be made has no end yet: the database says it.
        return str(self.person) if self._state.adding else f"{self.person} {self.valid_until:%Y-%m-%d}"


class TrainingWithdrawal(models.Model):
    """From then on a certificate stands for nothing new; acts that stand on it stay as they were."""

    certificate = models.OneToOneField(
        TrainingCertificate, primary_key=True, on_delete=models.PROTECT, related_name="withdrawal",
        verbose_name=_("training certificate"),
    )  # fmt: skip
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("withdrawn by")
    )
    reason = models.CharField(_("reason"), max_length=300)
    withdrawn_at = models.DateTimeField(_("withdrawn"), db_default=DatabaseNow())

    class Meta:
        managed = False
        db_table = "security_trainingwithdrawal"
        verbose_name = _("withdrawn training certificate")
        verbose_name_plural = _("withdrawn training certificates")

    def __str__(self) -> str:
        return f"end of {self.certificate}"
