"""Chat inboxes: where the widget may be embedded, and which team its conversations go to."""

from typing import Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator
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
    name_zh_hans = models.CharField(_("name in Chinese"), max_length=80, blank=True, default="", db_default="")
    greeting = models.CharField(
        _("greeting"),
        max_length=300,
        blank=True,
        default="",
        db_default="",
        help_text=_("What stands in the chat before anything is said; empty for our own words."),
    )
    greeting_zh_hans = models.CharField(_("greeting in Chinese"), max_length=300, blank=True, default="", db_default="")
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
    mail_after_min = models.PositiveSmallIntegerField(
        _("answers follow by mail after (minutes)"),
        default=5,
        db_default=5,
        validators=[MaxValueValidator(1_440)],
        help_text=_("Once a visitor has been gone for so long, answers they have not read go out by mail. 0: never."),
    )
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
    allows_app = models.BooleanField(
        _("in the exchange's app"),
        default=False,
        db_default=False,
        help_text=_("The chat opens as a page of its own as well, for the WebView of the exchange's app."),
    )
    pushes_unread = models.BooleanField(
        _("notify by the exchange's app"),
        default=False,
        db_default=False,
        help_text=_(
            "The exchange is asked to notify signed-in customers whom an answer has not reached. It is told no words."
        ),
    )
    abuse_hours = models.PositiveSmallIntegerField(
        _("after abuse no new conversation for (hours)"),
        default=24,
        db_default=24,
        validators=[MaxValueValidator(8_760)],
        help_text=_("Whose conversation was ended for abuse begins none for so long. Security stays open. 0: never."),
    )
    is_active = models.BooleanField(_("active"), default=True)
    proactive_per_day = models.PositiveSmallIntegerField(
        _("proactive messages a day"),
        default=2,
        db_default=2,
        help_text=_("So many for each visitor within 24 hours at most; 0 shows none."),
    )

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

    def admits(self, origin: str) -> bool:
        """Whether visitors may come from this origin: a site that embeds the chat, or our own page in an app."""
        return origin in self.allowed_origins or (self.allows_app and origin == settings.SITE_URL)
