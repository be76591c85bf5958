"""The register of our official channels, and what customers report as posing as one."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.clock import DatabaseNow
from core.ids import public_id_field


class ChannelKind(models.TextChoices):
    """Where somebody can be met."""

    EMAIL = "email", _("Email address")
    DOMAIN = "domain", _("Website (domain)")
    LINK = "link", _("Link")
    PHONE = "phone", _("Phone number")
    TELEGRAM = "telegram", "Telegram"
    X = "x", "X"
    DISCORD = "discord", "Discord"
    FACEBOOK = "facebook", "Facebook"
    INSTAGRAM = "instagram", "Instagram"
    WECHAT = "wechat", "WeChat"
    OTHER = "other", _("Another name")


class OfficialChannel(models.Model):
    """One address, site, number or name that is ours, was ours, or is known to pose as ours."""

    class State(models.TextChoices):
        """What it is to us."""

        OFFICIAL = "official", _("Official")
        REPORTED = "reported", _("Known to pose as us")
        RETIRED = "retired", _("Ours no longer")

    public_id = public_id_field()
    kind = models.CharField(_("kind"), max_length=12, choices=ChannelKind.choices)
    value = models.CharField(_("as written"), max_length=320)
    # As it is compared: security.contact_points.
    canonical = models.CharField(max_length=400, editable=False)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.OFFICIAL)
    note = models.CharField(_("note for staff"), max_length=300, blank=True)
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("added by"),
        null=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="+",
    )
    created_at = models.DateTimeField(_("added"), db_default=DatabaseNow())

    class Meta:
        verbose_name = _("official channel")
        verbose_name_plural = _("official channels")
        constraints = [
            models.UniqueConstraint(fields=["kind", "canonical"], name="security_officialchannel_once"),
            models.CheckConstraint(
                name="security_officialchannel_state_known",
                condition=Q(state__in=["official", "reported", "retired"]),
            ),
            models.CheckConstraint(
                name="security_officialchannel_kind_known", condition=Q(kind__in=list(ChannelKind.values))
            ),
        ]

    def __str__(self) -> str:
        return self.value


class ChannelReport(models.Model):
    """Somebody says that this poses as us. It says nothing to others until staff have confirmed it."""

    class State(models.TextChoices):
        """What became of it."""

        OPEN = "open", _("Open")
        CONFIRMED = "confirmed", _("Confirmed")
        DISMISSED = "dismissed", _("Dismissed")

    public_id = public_id_field()
    kind = models.CharField(_("kind"), max_length=12, choices=ChannelKind.choices)
    value = models.CharField(_("as written"), max_length=320)
    canonical = models.CharField(max_length=400)
    told = models.CharField(_("what they tell"), max_length=1000, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.OPEN)
    created_at = models.DateTimeField(_("reported"), db_default=DatabaseNow())

    class Meta:
        verbose_name = _("reported channel")
        verbose_name_plural = _("reported channels")
        constraints = [
            models.CheckConstraint(
                name="security_channelreport_state_known",
                condition=Q(state__in=["open", "confirmed", "dismissed"]),
            ),
            models.CheckConstraint(
                name="security_channelreport_kind_known", condition=Q(kind__in=list(ChannelKind.values))
            ),
        ]
        # the same impostor reported once more while nobody has looked: no second row
        indexes = [
            models.Index(fields=["kind", "canonical"], name="security_channelreport_open", condition=Q(state="open"))
        ]

    def __str__(self) -> str:
        return self.value
