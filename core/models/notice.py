"""Notices: mail the system itself owes somebody (invitation, password reset, alarm). tickets delivers them."""

import uuid
from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from core.clock import DatabaseNow
from core.crypto import EncryptedTextField
from core.ids import public_id_field
from core.models.posted import Posted


class Notice(Posted):
    """One system mail to one address. The body is encrypted (it may carry a one-time link) and wiped once sent."""

    class State(models.TextChoices):
        """Where the notice is."""

        QUEUED = "queued"
        SENT = "sent"
        FAILED = "failed"

    WAITING: ClassVar[tuple[str, ...]] = ("queued",)

    public_id = public_id_field()
    kind = models.CharField(max_length=40)
    to_address = models.CharField(max_length=320)
    subject = models.CharField(max_length=250)
    body = EncryptedTextField(blank=True)
    language = models.CharField(max_length=16, default="en")
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    created_at = models.DateTimeField(db_default=DatabaseNow())

    class Meta:
        constraints = [
            models.CheckConstraint(name="core_notice_state_known", condition=Q(state__in=["queued", "sent", "failed"])),
            models.CheckConstraint(name="core_notice_sent_is_wiped", condition=~Q(state="sent") | Q(body="")),
        ]
        # the sweeper: what waits, oldest first
        indexes = [models.Index(fields=["next_attempt_at"], name="core_notice_waiting", condition=Q(state="queued"))]

    def __str__(self) -> str:
        return f"{self.kind} {self.public_id}"

    @classmethod
    def settle(
        cls, pk: int, token: uuid.UUID, *, state: str, error: str = "", retry_in_s: float | None = None, **also: Any
    ) -> bool:
        """Give the row back in `state`; a sent notice loses its body in the same statement."""
        if state == cls.State.SENT:
            also["body"] = ""
        return super().settle(pk, token, state=state, error=error, retry_in_s=retry_in_s, **also)
