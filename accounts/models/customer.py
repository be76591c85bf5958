"""Customers, and the addresses they are reached at: proven ones and merely claimed ones, kept apart."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import get_supported_language_variant
from django.utils.translation import gettext_lazy as _

from accounts.models.brand import Brand
from core.audit import Actor
from core.clock import DatabaseNow
from core.ids import public_id_field


class Customer(models.Model):
    """One person who writes to us. Without a proven address it is only a name somebody used."""

    public_id = public_id_field()
    name = models.CharField(_("name"), max_length=160, blank=True)
    brand = models.ForeignKey(Brand, verbose_name=_("brand"), null=True, blank=True, on_delete=models.PROTECT)
    locale = models.CharField(_("language"), max_length=16, blank=True)
    time_zone = models.CharField(_("time zone"), max_length=64, blank=True)
    created_at = models.DateTimeField(_("created"), db_default=DatabaseNow())

    class Meta:
        verbose_name = _("customer")
        verbose_name_plural = _("customers")

    def __str__(self) -> str:
        return f"customer {self.public_id}"

    @property
    def actor(self) -> Actor:
        """The customer in the audit log."""
        return Actor("customer", self.public_id)

    @property
    def language(self) -> str:
        """The language of ours that is nearest to theirs."""
        try:
            return get_supported_language_variant(self.locale)
        except LookupError:
            return settings.LANGUAGE_CODE


class CustomerAddress(models.Model):
    """One address of one customer. A proven address belongs to one customer only; a claim proves nothing."""

    class Kind(models.TextChoices):
        """What sort of address."""

        EMAIL = "email", _("Email")
        PHONE = "phone", _("Phone")
        HANDLE = "handle", _("Social")

    class Proof(models.TextChoices):
        """How we know that it is theirs."""

        CLAIMED = "claimed", _("Not proven")
        DKIM = "dkim", "DKIM"
        SPF = "spf", "SPF"
        DMARC = "dmarc", "DMARC"
        EXCHANGE = "exchange", _("The exchange")

    customer = models.ForeignKey(
        Customer, verbose_name=_("customer"), on_delete=models.CASCADE, related_name="addresses"
    )
    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices, default=Kind.EMAIL)
    value = models.CharField(_("address"), max_length=320)
    proof = models.CharField(_("proof"), max_length=10, choices=Proof.choices, default=Proof.CLAIMED)
    proven_at = models.DateTimeField(_("proven"), null=True, blank=True)
    is_bouncing = models.BooleanField(_("mail comes back"), default=False)
    bounced_at = models.DateTimeField(_("last came back"), null=True, blank=True)
    created_at = models.DateTimeField(_("created"), db_default=DatabaseNow())

    class Meta:
        verbose_name = _("customer address")
        verbose_name_plural = _("customer addresses")
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "value"], condition=~Q(proof="claimed"), name="accounts_address_proven_by_one"
            ),
            models.UniqueConstraint(fields=["customer", "kind", "value"], name="accounts_address_once"),
            models.CheckConstraint(
                name="accounts_address_proof_has_time", condition=Q(proof="claimed") ^ Q(proven_at__isnull=False)
            ),
            models.CheckConstraint(
                name="accounts_address_proof_known",
                condition=Q(proof__in=["claimed", "dkim", "spf", "dmarc", "exchange"]),
            ),
            models.CheckConstraint(
                name="accounts_address_kind_known", condition=Q(kind__in=["email", "phone", "handle"])
            ),
        ]
        # who claims this address
        indexes = [models.Index(fields=["kind", "value"], name="accounts_address_value")]

    def __str__(self) -> str:
        return f"{self.kind} of {self.customer_id}"

    @property
    def is_proven(self) -> bool:
        """Whether anything but a claim ties this address to the customer."""
        return self.proof != self.Proof.CLAIMED
