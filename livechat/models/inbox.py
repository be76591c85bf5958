"""Chat inboxes: where the widget may be embedded, and which team its conversations go to."""

from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Brand, Team
from core.ids import public_id_field
from livechat import origins


class ChatInboxQuerySet(models.QuerySet["ChatInbox"]):
    """Adjectives of chat inboxes."""

    def open(self) -> Self:
        """Those that take conversations."""
        return self.filter(is_active=True)


class ChatInbox(models.Model):
    """One chat: the sites that may embed it, its looks, and where its conversations go."""

    class Theme(models.TextChoices):
        """Colours of the widget."""

        SYSTEM = "system", _("As the device is set")
        LIGHT = "light", _("Light")
        DARK = "dark", _("Dark")

    public_id = public_id_field()
    slug = models.SlugField(_("short name"), max_length=40, unique=True, help_text=_("Part of the snippet's address."))
    name = models.CharField(_("name"), max_length=80, help_text=_("What visitors read above the conversation."))
    brand = models.ForeignKey(Brand, verbose_name=_("brand"), null=True, blank=True, on_delete=models.PROTECT)
    team = models.ForeignKey(Team, null=True, blank=True, on_delete=models.SET_NULL, verbose_name=_("first team"))
    allowed_origins = ArrayField(
        models.CharField(max_length=origins.MAX_LENGTH, validators=[origins.validate]),
        verbose_name=_("allowed origins"),
        default=list,
        blank=True,
        help_text=_("Sites that may embed the chat, such as https://exchange.example, separated by commas."),
    )
    theme = models.CharField(_("colours"), max_length=8, choices=Theme.choices, default=Theme.SYSTEM)
    bot = models.CharField(
        _("bot"),
        max_length=40,
        blank=True,
        default="",
        db_default="",
        help_text=_("What answers first. People take over at a word, at any doubt, and when the bot is silent."),
    )
    shows_typing = models.BooleanField(
        _("typing preview"),
        default=False,
        db_default=False,
        help_text=_("Agents read what visitors type before they send it. Visitors are told so in the chat."),
    )
    is_active = models.BooleanField(_("active"), default=True)

    objects = ChatInboxQuerySet.as_manager()

    class Meta:
        verbose_name = _("chat inbox")
        verbose_name_plural = _("chat inboxes")
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                name="livechat_chatinbox_theme_known", condition=Q(theme__in=["system", "light", "dark"])
            )
        ]

    def __str__(self) -> str:
        return self.name
