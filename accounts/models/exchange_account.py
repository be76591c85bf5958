"""Accounts at the exchange: which of its accounts a customer holds, as a signed hand-off has said."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models.customer import Customer
from core.clock import DatabaseNow


class ExchangeAccount(models.Model):
    """One account at one exchange, and the one customer behind it; written once, by their first signed hand-off."""

    customer = models.OneToOneField(
        Customer, verbose_name=_("customer"), on_delete=models.PROTECT, related_name="exchange_account"
    )
    issuer = models.CharField(_("exchange"), max_length=200)
    account_id = models.CharField(_("account"), max_length=100)
    created_at = models.DateTimeField(_("created"), db_default=DatabaseNow())

    class Meta:
        verbose_name = _("account at the exchange")
        verbose_name_plural = _("accounts at the exchange")
        constraints = [models.UniqueConstraint(fields=["issuer", "account_id"], name="accounts_exchangeaccount_once")]

    def __str__(self) -> str:
        return f"exchange account of customer {self.customer_id}"
