"""The shape of inbox and outbox rows: work that must happen, claimed by conditional UPDATE with a lease."""

import uuid
from datetime import timedelta
from typing import ClassVar, Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from core.clock import DatabaseNow, from_now


class LeasedQuerySet(models.QuerySet["Leased"]):
    """Adjectives of leased rows."""

    def due(self) -> Self:
        """Rows that wait, whose time has come, and which nobody holds."""
        return self.filter(
            Q(lease_until__isnull=True) | Q(lease_until__lt=DatabaseNow()),
            state__in=self.model.WAITING,
            next_attempt_at__lte=DatabaseNow(),
        )


class Leased(models.Model):
    """Abstract: a row with a state, attempts and a lease. `WAITING` names the states a worker may claim."""

    WAITING: ClassVar[tuple[str, ...]] = ()

    # Each kind of row narrows it to its own vocabulary.
    state: "models.Field[str, str]" = models.CharField(max_length=12)

    attempts = models.PositiveIntegerField(_("attempts"), default=0)
    next_attempt_at = models.DateTimeField(_("next attempt"), db_default=DatabaseNow())
    lease_token = models.UUIDField(null=True, editable=False)
    lease_until = models.DateTimeField(null=True, editable=False)
    last_error = models.CharField(_("last error"), max_length=500, blank=True)

    class Meta:
        abstract = True

    @classmethod
    def claim(cls, pk: int, *, lease_s: int) -> uuid.UUID | None:
        """Take the row for `lease_s` seconds; return the token, or None when it is not due or held by another."""
        token = uuid.uuid4()
        taken = (
            LeasedQuerySet(cls)
            .due()
            .filter(pk=pk)
            .update(lease_token=token, lease_until=from_now(timedelta(seconds=lease_s)), attempts=F("attempts") + 1)
        )
        return token if taken == 1 else None

    @classmethod
    def renew(cls, pk: int, token: uuid.UUID, *, lease_s: int) -> bool:
        """Extend a lease that is still ours; False means another worker has taken over and we must stop."""
        held = cls._base_manager.filter(pk=pk, lease_token=token)
        return held.update(lease_until=from_now(timedelta(seconds=lease_s))) == 1

    @classmethod
    def settle(cls, pk: int, token: uuid.UUID, *, state: str, error: str = "", retry_in_s: float | None = None) -> bool:
        """Give the row back in `state`; `retry_in_s` sets when it is due again. False when the lease was lost."""
        return (
            cls._base_manager.filter(pk=pk, lease_token=token).update(
                state=state,
                last_error=error[:500],
                lease_token=None,
                lease_until=None,
                next_attempt_at=from_now(timedelta(seconds=retry_in_s or 0)),
            )
            == 1
        )
