"""Mailboxes: the addresses customers write to, and how mail comes in and goes out."""

from django.core.validators import MaxValueValidator, MinValueValidator, URLValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from accounts.models import Brand, Team
from core.crypto import EncryptedTextField
from core.ids import public_id_field

# A survey takes answers for 14 days: half of them are the customer's at least.
LONGEST_SURVEY_DELAY_H = 168


class Mailbox(models.Model):
    """One support address with its inbound and outbound settings; secrets are encrypted."""

    class Inbound(models.TextChoices):
        """How mail arrives."""

        LISTENER = "listener", _("SMTP/LMTP listener or HTTP intake only")
        IMAP = "imap", _("IMAP")

    class Security(models.TextChoices):
        """Transport security; clear text does not exist."""

        TLS = "tls", _("TLS from the first byte")
        STARTTLS = "starttls", _("STARTTLS, required")

    class Auth(models.TextChoices):
        """How we sign in to the mail server."""

        PASSWORD = "password", _("Password")
        OAUTH2 = "oauth2", _("OAuth 2 (XOAUTH2)")

    public_id = public_id_field()
    slug = models.SlugField(_("short name"), max_length=40, unique=True)
    name = models.CharField(_("sender name"), max_length=80)
    address = models.EmailField(_("address"), max_length=254, unique=True)
    brand = models.ForeignKey(Brand, verbose_name=_("brand"), null=True, blank=True, on_delete=models.PROTECT)
    team = models.ForeignKey(Team, null=True, blank=True, on_delete=models.SET_NULL, verbose_name=_("first team"))
    language = models.CharField(_("language"), max_length=16, default="en")
    signature = models.TextField(_("signature"), blank=True)
    is_active = models.BooleanField(_("active"), default=True)
    survey_after_h = models.PositiveSmallIntegerField(
        _("survey after hours"),
        null=True,
        blank=True,
        validators=[MaxValueValidator(LONGEST_SURVEY_DELAY_H)],
        help_text=_("So long after a resolution a mail asks a proven customer for a rating. Empty: nobody is asked."),
    )
    survey_every_days = models.PositiveSmallIntegerField(
        _("survey once in so many days"),
        default=30,
        db_default=30,
        validators=[MinValueValidator(1), MaxValueValidator(365)],
        help_text=_("For each customer, over all of their tickets."),
    )

    trusted_authserv_id = models.CharField(
        _("trusted authserv-id"),
        max_length=200,
        blank=True,
        help_text=_("Only Authentication-Results headers of this server count (RFC 8601). Empty: nobody is proven."),
    )
    inbound = models.CharField(_("mail comes in by"), max_length=10, choices=Inbound.choices, default=Inbound.LISTENER)
    imap_host = models.CharField(_("IMAP host"), max_length=200, blank=True)
    imap_port = models.PositiveIntegerField(_("IMAP port"), default=993)
    imap_security = models.CharField(
        _("IMAP encryption"), max_length=10, choices=Security.choices, default=Security.TLS
    )
    imap_auth = models.CharField(_("IMAP sign-in"), max_length=10, choices=Auth.choices, default=Auth.PASSWORD)
    imap_user = models.CharField(_("IMAP user"), max_length=200, blank=True)
    imap_secret = EncryptedTextField(_("IMAP password or refresh token"), blank=True)
    imap_folder = models.CharField(_("IMAP folder"), max_length=200, default="INBOX")
    imap_uid_validity = models.BigIntegerField(null=True, editable=False)
    smtp_host = models.CharField(_("SMTP host"), max_length=200, blank=True)
    smtp_port = models.PositiveIntegerField(_("SMTP port"), default=587)
    smtp_security = models.CharField(
        _("SMTP encryption"), max_length=10, choices=Security.choices, default=Security.STARTTLS
    )
    smtp_auth = models.CharField(_("SMTP sign-in"), max_length=10, choices=Auth.choices, default=Auth.PASSWORD)
    smtp_user = models.CharField(_("SMTP user"), max_length=200, blank=True)
    smtp_secret = EncryptedTextField(_("SMTP password or refresh token"), blank=True)
    oauth_token_url = models.CharField(
        _("OAuth token URL"), max_length=200, blank=True, validators=[URLValidator(schemes=["https"])]
    )
    oauth_client_id = models.CharField(_("OAuth client id"), max_length=200, blank=True)
    oauth_client_secret = EncryptedTextField(_("OAuth client secret"), blank=True)
    ca_certificate = models.TextField(
        _("extra CA certificate"), blank=True, help_text=_("PEM; for servers with a certificate of a private CA.")
    )

    class Meta:
        verbose_name = _("mailbox")
        verbose_name_plural = _("mailboxes")
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(name="tickets_mailbox_address_lower", condition=Q(address=Lower("address"))),
            models.CheckConstraint(
                name="tickets_mailbox_survey_bounded",
                condition=Q(survey_after_h__isnull=True) | Q(survey_after_h__lte=LONGEST_SURVEY_DELAY_H),
            ),
            models.CheckConstraint(
                name="tickets_mailbox_security_known",
                condition=Q(imap_security__in=["tls", "starttls"], smtp_security__in=["tls", "starttls"]),
            ),
            models.CheckConstraint(
                name="tickets_mailbox_imap_has_host", condition=~Q(inbound="imap") | ~Q(imap_host="")
            ),
        ]

    def __str__(self) -> str:
        return self.address

    @property
    def domain(self) -> str:
        """The part behind the @."""
        return self.address.rpartition("@")[2]
