"""The shape of inbox and outbox rows: work that must happen, claimed by conditional UPDATE with a lease."""

import uuid
from datetime import timedelta
from typing import Any, ClassVar, Self

from django.db import connection, models
from django.db.models import Q
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
    # Whether a claim has to survive a crash of the database. Where a second handling changes nothing, it need not, and
    # its commit does not wait for the disk.
    CLAIM_IS_DURABLE: ClassVar[bool] = True

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
        with connection.cursor() as cursor:
            cursor.execute(cls._claiming(), cls._claim_of(pk, token, lease_s))
            return token if cursor.rowcount == 1 else None

    @classmethod
    def claim_row(cls, pk: int, *, lease_s: int) -> Self | None:
        """Do the same and return the row as claimed; its `lease_token` is the token."""
        claiming = cls._base_manager.raw(
            f"{cls._claiming()} RETURNING {cls._columns()}", cls._claim_of(pk, uuid.uuid4(), lease_s)
        )
        return next(iter(claiming), None)

    @classmethod
    def claim_fresh(cls, *, limit: int, lease_s: int, narrowed_by: str = "true") -> list[Self]:
        """Take up to `limit` rows that nobody has tried yet, the oldest first, past those that others are taking.

        All get one token. `narrowed_by` is a further condition in SQL, without outside input.
        """
        fresh = (
            f'SELECT id FROM "{cls._meta.db_table}" WHERE state = ANY(%s) AND attempts = 0 '  # noqa: S608 -- ours
            f"AND next_attempt_at <= core.clock() AND ({narrowed_by}) "
            "ORDER BY next_attempt_at LIMIT %s FOR NO KEY UPDATE SKIP LOCKED"
        )
        given = [uuid.uuid4(), timedelta(seconds=lease_s), list(cls.WAITING), limit]
        claiming = cls._base_manager.raw(f"{cls._taking()} WHERE id IN ({fresh}) RETURNING {cls._columns()}", given)
        return sorted(claiming, key=lambda row: row.pk)

    @classmethod
    def _columns(cls) -> str:
        return ", ".join(f'"{field.column}"' for field in cls._meta.concrete_fields)

    @classmethod
    def _claiming(cls) -> str:
        """Return the claiming UPDATE: what `due` says, written out, since workers run nothing more often."""
        return (
            f"{cls._taking()} WHERE id = %s AND state = ANY(%s) AND next_attempt_at <= core.clock() "
            "AND (lease_until IS NULL OR lease_until < core.clock())"
        )

    @classmethod
    def _taking(cls) -> str:
        # Local to the transaction of this statement; within a longer one it must not loosen the rest.
        is_loose = not cls.CLAIM_IS_DURABLE and not connection.in_atomic_block
        loosening = "FROM (SELECT set_config('synchronous_commit', 'off', true)) AS loosened " if is_loose else ""
        return (
            f'UPDATE "{cls._meta.db_table}" SET lease_token = %s, lease_until = core.clock() + %s, '  # noqa: S608 -- ours
            f"attempts = attempts + 1 {loosening}"
        )

    @classmethod
    def _claim_of(cls, pk: int, token: uuid.UUID, lease_s: int) -> list[Any]:
        return [token, timedelta(seconds=lease_s), pk, list(cls.WAITING)]

    @classmethod
    def renew(cls, pk: int, token: uuid.UUID, *, lease_s: int) -> bool:
        """Extend a lease that is still ours; False means another worker has taken over and we must stop."""
        held = cls._base_manager.filter(pk=pk, lease_token=token)
        return held.update(lease_until=from_now(timedelta(seconds=lease_s))) == 1

    @classmethod
    def settle(
        cls, pk: int, token: uuid.UUID, *, state: str, error: str = "", retry_in_s: float | None = None, **also: Any
    ) -> bool:
        """Give the row back in `state`; `retry_in_s` sets when it is due again. False when the lease was lost.

        `also` names further columns of the same statement.
        """
        return (
            cls._base_manager.filter(pk=pk, lease_token=token).update(
                state=state,
                last_error=error[:500],
                lease_token=None,
                lease_until=None,
                next_attempt_at=from_now(timedelta(seconds=retry_in_s or 0)),
                **also,
            )
            == 1
        )
