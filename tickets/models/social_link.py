"""Whose a private conversation on a social channel is: by the word of a customer, signed in at the portal."""

from datetime import timedelta
from typing import Final, Self

import pgtrigger
from django.db import models
from django.db.models import Q

from accounts.models import Customer
from core.clock import DatabaseNow, from_now
from core.ids import public_id_field
from tickets.models.social import SocialChat

# An account at a vendor may change hands: after so long its customer says so again.
LINK_LIFE: Final = timedelta(days=90)
_PRIVATE = """
    IF EXISTS (SELECT FROM tickets_socialchat WHERE id = NEW.chat_id AND is_public) THEN
        RAISE EXCEPTION 'what everybody can read belongs to nobody alone' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
"""


class SocialLinkQuerySet(models.QuerySet["SocialLink"]):
    """Adjectives of links."""

    def living(self) -> Self:
        """Which hold now."""
        return self.filter(customer__isnull=False, linked_at__gt=from_now(-LINK_LIFE))


class SocialLink(models.Model):
    """One for each conversation that asked for a link; the newest secret alone opens it, once, until `opens_until`.

    What a profile says proves nothing; `customer` is who opened the link signed in, and said that it is theirs.
    """

    chat = models.OneToOneField(SocialChat, primary_key=True, on_delete=models.CASCADE, related_name="link")
    public_id = public_id_field()
    # SHA-256 of the secret in the address; "" once it was used.
    secret_hash = models.CharField(max_length=64, blank=True)
    opens_until = models.DateTimeField(null=True)
    customer = models.ForeignKey(Customer, null=True, on_delete=models.PROTECT, related_name="social_links")
    linked_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(db_default=DatabaseNow())

    objects = SocialLinkQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["secret_hash"], name="tickets_sociallink_secret", condition=~Q(secret_hash="")
            ),
            models.CheckConstraint(
                name="tickets_sociallink_whole",
                condition=Q(customer__isnull=True, linked_at__isnull=True)
                | Q(customer__isnull=False, linked_at__isnull=False),
            ),
            models.CheckConstraint(
                name="tickets_sociallink_opens",
                condition=Q(secret_hash="", opens_until__isnull=True)
                | ~Q(secret_hash="") & Q(opens_until__isnull=False),
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="private", when=pgtrigger.Before, operation=pgtrigger.Insert | pgtrigger.Update, func=_PRIVATE
            )
        ]

    def __str__(self) -> str:
        return f"link of conversation {self.chat_id}"
