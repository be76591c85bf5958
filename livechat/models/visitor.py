"""Visitors: browsers that chat. Whose they are is known by a signed hand-off or not at all."""

from typing import ClassVar, Self

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Func, Q

from accounts.models import Customer
from core.clock import DatabaseNow
from core.ids import public_id_field
from livechat.models.inbox import ChatInbox
from livechat.origins import MAX_LENGTH
from security.models import CustomerSession


class VisitorQuerySet(models.QuerySet["Visitor"]):
    """Adjectives of visitors."""

    def living(self) -> Self:
        """Whose token still counts: not over, the inbox open and still embedded there, their portal session alive."""
        own_origin = Func(
            F("origin"),
            template="ARRAY[%(expressions)s]::varchar[]",
            output_field=ArrayField(models.CharField(max_length=MAX_LENGTH)),
        )
        return self.filter(
            Q(session__isnull=True) | Q(session__in=CustomerSession.objects.living().values("pk")),
            Q(inbox__allowed_origins__contains=own_origin) | Q(inbox__allows_app=True, origin=settings.SITE_URL),
            ended_at__isnull=True,
            expires_at__gt=DatabaseNow(),
            inbox__is_active=True,
        )


class Visitor(models.Model):
    """One browser on one embedding site. Its token rests as a hash and counts for this inbox and this origin only.

    With a portal session it speaks for that customer, as long as the session lives. Without one it is a customer
    of its own from the first message on, unproven whatever it says.
    """

    public_id = public_id_field()
    # Found by `livechat_visitor_of_inbox`.
    inbox = models.ForeignKey(ChatInbox, on_delete=models.PROTECT, related_name="visitors", db_index=False)
    origin = models.CharField(max_length=MAX_LENGTH)
    token_digest = models.CharField(max_length=64, unique=True)
    customer = models.ForeignKey(Customer, null=True, on_delete=models.PROTECT, related_name="+")
    session = models.ForeignKey(CustomerSession, null=True, on_delete=models.PROTECT, related_name="+")
    locale = models.CharField(max_length=16, blank=True)
    started_at = models.DateTimeField(db_default=DatabaseNow())
    seen_at = models.DateTimeField(db_default=DatabaseNow())
    # When a page of theirs was last open, noted every minute or so; null for who was not there since that is noted.
    here_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    objects = VisitorQuerySet.as_manager()

    class Meta:
        constraints = [
            # Who is proven is so by a session, and a session belongs to somebody.
            models.CheckConstraint(
                name="livechat_visitor_session_has_customer",
                condition=Q(session__isnull=True) | Q(customer__isnull=False),
            )
        ]
        # admin: an inbox's visitors, newest first
        indexes = [
            models.Index(fields=["inbox", "-id"], name="livechat_visitor_of_inbox"),
            # tidying: who has never said anything
            models.Index(fields=["seen_at"], condition=Q(customer__isnull=True), name="livechat_visitor_silent"),
        ]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [
            pgtrigger.Trigger(
                name="livechat_visitor_who_spoke_stays",
                when=pgtrigger.Before,
                operation=pgtrigger.Delete,
                condition=pgtrigger.Condition("OLD.customer_id IS NOT NULL"),
                func="RAISE EXCEPTION 'a visitor who has said something, or is known, stays';",
            )
        ]

    def __str__(self) -> str:
        return f"visitor {self.public_id}"

    @property
    def is_proven(self) -> bool:
        """Whether the exchange has said who this is."""
        return self.session_id is not None
