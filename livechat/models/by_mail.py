"""How a chat goes on by mail: the address a visitor has given, and the way back into the conversation."""

from typing import Self

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from core.clock import DatabaseNow
from core.ids import public_id_field
from livechat.models.visitor import Visitor
from livechat.origins import MAX_LENGTH


class ChatAddressQuerySet(models.QuerySet["ChatAddress"]):
    """Adjectives of addresses."""

    def open(self) -> Self:
        """Those that can still be confirmed."""
        return self.filter(
            confirmed_at__isnull=True,
            ended_at__isnull=True,
            expires_at__gt=DatabaseNow(),
            misses__lt=ChatAddress.MOST_MISSES,
        )

    def standing(self) -> Self:
        """Those that answers go to."""
        return self.filter(confirmed_at__isnull=False, ended_at__isnull=True)


class ChatAddress(models.Model):
    """An address that an anonymous visitor gave for answers by mail: nothing goes there until it is confirmed.

    Confirmed is it by the link of a mail and the number that the chat shows: by somebody who reads both.
    """

    MOST_MISSES = 3

    public_id = public_id_field()
    # Found by `livechat_chataddress_latest`.
    visitor = models.ForeignKey(Visitor, on_delete=models.CASCADE, related_name="addresses", db_index=False)
    address = models.CharField(max_length=254)
    # Of the mailed link, whose token is kept nowhere else.
    token_digest = models.CharField(max_length=64, unique=True)
    # Four digits that stand in the chat alone.
    number = models.CharField(max_length=4)
    misses = models.PositiveSmallIntegerField(default=0)
    asked_at = models.DateTimeField(db_default=DatabaseNow())
    expires_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)
    # When the visitor wanted no more mail, or gave another address.
    ended_at = models.DateTimeField(null=True)

    objects = ChatAddressQuerySet.as_manager()

    class Meta:
        constraints = [
            # Two at once leave one.
            models.UniqueConstraint(
                fields=["visitor"], condition=Q(ended_at__isnull=True), name="livechat_chataddress_one"
            )
        ]
        indexes = [
            # the panel: a visitor's latest
            models.Index(fields=["visitor", "-id"], name="livechat_chataddress_latest"),
            # the limits: how many mails to one address
            models.Index(Lower("address"), "asked_at", name="livechat_chataddress_asked"),
            # the limits: how many mails in all
            models.Index(fields=["asked_at"], name="livechat_chataddress_at"),
        ]

    def __str__(self) -> str:
        return f"address {self.public_id}"


class VisitorKey(models.Model):
    """A second token of one visitor, for a day: for the browser in which the link of a mail was opened.

    It opens what the visitor's own token opens, and nothing once that visitor has ended.
    """

    # Found by `livechat_visitorkey_of_visitor`.
    visitor = models.ForeignKey(Visitor, on_delete=models.CASCADE, related_name="keys", db_index=False)
    # Which mail's link was used, by the public id of its event: each once.
    link = models.CharField(max_length=20, unique=True)
    token_digest = models.CharField(max_length=64, unique=True)
    # The page that shows the frame.
    origin = models.CharField(max_length=MAX_LENGTH)
    created_at = models.DateTimeField(db_default=DatabaseNow())
    expires_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["visitor"], name="livechat_visitorkey_of_visitor"),
            # tidying
            models.Index(fields=["expires_at"], name="livechat_visitorkey_over"),
        ]

    def __str__(self) -> str:
        return f"key of {self.visitor_id}"
