"""The shape of outgoing mail rows: a leased row that remembers how often nobody said whether it has arrived."""

import uuid
from datetime import timedelta
from typing import Any

from django.db import models
from django.db.models import F
from django.db.models.functions import Greatest
from django.utils.translation import gettext_lazy as _

from core.clock import from_now
from core.models.leased import Leased


class Posted(Leased):
    """Abstract: a leased row that is a mail. It may have arrived once for each time it was sent `unanswered`."""

    # Counted before the last byte leaves, so that a worker's death counts like a lost answer.
    unanswered = models.PositiveSmallIntegerField(_("sent without an answer"), default=0, db_default=0)

    class Meta:
        abstract = True

    @classmethod
    def hand_over(cls, pk: int, token: uuid.UUID, *, lease_s: int) -> bool:
        """Count one more sending and extend the lease; False means that another worker has taken over."""
        held = cls._base_manager.filter(pk=pk, lease_token=token)
        until = from_now(timedelta(seconds=lease_s))
        return held.update(unanswered=F("unanswered") + 1, lease_until=until) == 1

    @staticmethod
    def answered() -> dict[str, Any]:
        """Return what `settle` writes besides when the server has said yes or no: the last count is taken back."""
        return {"unanswered": Greatest(F("unanswered") - 1, 0)}
