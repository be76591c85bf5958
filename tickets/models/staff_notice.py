"""What concerns a member of staff on tickets: one row for each thing and person, and how each wants to be told."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.clock import DatabaseNow
from tickets.models.ticket import Ticket


class NoticeKind(models.TextChoices):
    """What has happened."""

    MENTIONED = "mentioned", _("Somebody mentions me in a note")
    ASSIGNED = "assigned", _("I am given a ticket")
    ANSWERED = "answered", _("A customer answers on a ticket that is mine or that I follow")
    NOTED = "noted", _("A colleague notes something on a ticket that is mine or that I follow")


class Digest(models.TextChoices):
    """How often a mail gathers what nobody has looked at."""

    NEVER = "", pgettext_lazy("digest", "Never")
    HOURLY = "hourly", pgettext_lazy("digest", "Every hour")
    DAILY = "daily", pgettext_lazy("digest", "Every morning at eight")


def every_kind() -> list[str]:
    """Return what is shown unless somebody chooses."""
    return [str(one) for one in NoticeKind]


def pushed_kinds() -> list[str]:
    """Return what devices are told unless somebody chooses."""
    return [str(NoticeKind.MENTIONED), str(NoticeKind.ASSIGNED)]


class StaffNotice(models.Model):
    """One thing on a ticket's timeline (its `seq`) that concerns one person; `by` is the colleague who did it.

    Nobody is told twice of the same: a mention in a note is no note besides.
    """

    staff = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="+", db_index=False)
    seq = models.PositiveIntegerField()
    kind = models.CharField(max_length=9, choices=NoticeKind.choices)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    created_at = models.DateTimeField(db_default=DatabaseNow())
    seen_at = models.DateTimeField(null=True)
    # When devices were owed what they show, or it was found that they need nothing.
    told_at = models.DateTimeField(null=True)
    # When a digest told of it.
    mailed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["ticket", "seq", "staff"], name="tickets_staffnotice_once"),
            models.CheckConstraint(name="tickets_staffnotice_kind_known", condition=Q(kind__in=NoticeKind.values)),
        ]
        indexes = [
            # one's own, newest first
            models.Index(fields=["staff", "-id"], name="tickets_staffnotice_own"),
            # how many are new, and what a digest gathers
            models.Index(fields=["staff", "ticket"], name="tickets_staffnotice_new", condition=Q(seen_at__isnull=True)),
            # the sweep: what devices have not been told of
            models.Index(fields=["created_at"], name="tickets_staffnotice_untold", condition=Q(told_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return f"{self.staff_id} is told of {self.ticket_id}/{self.seq}"


class NoticeSettings(models.Model):
    """Of which things one person is told, and how; whoever has no row has what is usual.

    What is pushed or mailed is shown, too.
    """

    staff = models.OneToOneField(
        settings.AUTH_USER_MODEL, primary_key=True, on_delete=models.CASCADE, related_name="notice_settings"
    )
    shown = ArrayField(models.CharField(max_length=9), default=every_kind, blank=True)
    pushed = ArrayField(models.CharField(max_length=9), default=pushed_kinds, blank=True)
    mailed = ArrayField(models.CharField(max_length=9), default=list, blank=True)
    digest = models.CharField(max_length=6, choices=Digest.choices, blank=True, default="")
    next_digest_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="tickets_noticesettings_kinds_known", condition=Q(shown__contained_by=NoticeKind.values)
            ),
            models.CheckConstraint(
                name="tickets_noticesettings_within_shown",
                condition=Q(pushed__contained_by=F("shown"), mailed__contained_by=F("shown")),
            ),
            models.CheckConstraint(name="tickets_noticesettings_digest_known", condition=Q(digest__in=Digest.values)),
            models.CheckConstraint(
                name="tickets_noticesettings_digest_has_time",
                condition=Q(digest="", next_digest_at__isnull=True) | (~Q(digest="") & Q(next_digest_at__isnull=False)),
            ),
        ]
        indexes = [
            # the sweep: whose digest is due
            models.Index(
                fields=["next_digest_at"],
                name="tickets_noticesettings_due",
                condition=Q(next_digest_at__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return f"settings of {self.staff_id}"
