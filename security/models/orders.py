"""What the exchange must carry out: one row for each execution, kept until the exchange has answered."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.clock import DatabaseNow
from core.ids import public_id_field
from core.models.leased import Leased
from security.models.fund import FundAction


class FundOrder(Leased):
    """One permitted action on its way to the exchange. `body` is what is sent, the same each time it is asked again."""

    class State(models.TextChoices):
        """Where the order is."""

        WAITING = "waiting", _("Waiting")
        EXECUTED = "executed", _("Carried out")
        REFUSED = "refused", _("Refused")

    WAITING: ClassVar[tuple[str, ...]] = ("waiting",)

    public_id = public_id_field()
    # One order for each action, as there is one execution.
    action = models.OneToOneField(FundAction, on_delete=models.PROTECT, related_name="order", db_constraint=False)
    account_id = models.CharField(max_length=100)
    body = models.JSONField(null=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    # Why the exchange, or a freeze, said no: a code of docs/exchange-gateway.md.
    code = models.CharField(max_length=40, blank=True)
    reference = models.CharField(max_length=120, blank=True)
    created_at = models.DateTimeField(db_default=DatabaseNow())
    answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="security_fundorder_state_known", condition=Q(state__in=["waiting", "executed", "refused"])
            ),
            models.CheckConstraint(
                name="security_fundorder_answered",
                condition=Q(state="waiting") ^ Q(answered_at__isnull=False),
            ),
        ]
        # the sweeper: what waits, oldest first
        indexes = [
            models.Index(fields=["next_attempt_at"], condition=Q(state="waiting"), name="security_fundorder_waiting")
        ]

    def keep_body(self, body: dict[str, Any]) -> dict[str, Any]:
        """Keep what is sent, once, and return it: asked again, the exchange hears the same."""
        self.body = body
        type(self).objects.filter(pk=self.pk, body__isnull=True).update(body=body)
        return body

    def __str__(self) -> str:
        return f"order for action {self.action_id}"
