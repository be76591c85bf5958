"""Staff sessions: what a cookie stands for, with its ends kept by the database's clock."""

from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from accounts.permissions import SENSITIVE_ROLES
from core.clock import DatabaseNow, from_now
from core.ids import public_id_field


class StaffSessionQuerySet(models.QuerySet["StaffSession"]):
    """Adjectives of sessions."""

    def living(self) -> Self:
        """Inside both limits, of an active person, opened under their present epoch; the role is read now."""
        idle = _ago(settings.SESSION_IDLE_MIN)
        idle_sensitive = _ago(settings.SESSION_IDLE_SENSITIVE_MIN)
        return self.filter(
            Q(seen_at__gt=idle_sensitive) | (Q(seen_at__gt=idle) & ~Q(staff__role__in=SENSITIVE_ROLES)),
            ended_at__isnull=True,
            opened_at__gt=_ago(settings.SESSION_ABSOLUTE_MIN),
            staff__is_active=True,
            epoch=F("staff__session_epoch"),
        )


def _ago(minutes: int) -> object:
    return from_now(-timedelta(minutes=minutes))


class StaffSession(models.Model):
    """One signed-in browser of one person, opened only after both factors."""

    class Method(models.TextChoices):
        """Second factor that opened it."""

        TOTP = "totp"
        RECOVERY = "recovery"
        WEBAUTHN = "webauthn"

    public_id = public_id_field()
    staff = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="sessions")
    session_digest = models.CharField(max_length=64, unique=True)
    method = models.CharField(max_length=10, choices=Method.choices)
    epoch = models.PositiveIntegerField()
    browser = models.CharField(max_length=120, blank=True)
    address = models.GenericIPAddressField(null=True)
    opened_at = models.DateTimeField(db_default=DatabaseNow())
    seen_at = models.DateTimeField(db_default=DatabaseNow())
    ended_at = models.DateTimeField(null=True)
    end_reason = models.CharField(max_length=20, blank=True)

    # The database's time at which `sessions.behind` read the row; None when it came by another way.
    read_at: datetime | None = None

    objects = StaffSessionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="security_staffsession_method_known",
                condition=models.Q(method__in=["totp", "recovery", "webauthn"]),
            )
        ]
        # a person's open sessions
        indexes = [
            models.Index(
                fields=["staff", "-seen_at"], name="security_session_open", condition=models.Q(ended_at__isnull=True)
            )
        ]

    def __str__(self) -> str:
        return f"session {self.public_id}"
