"""Brands: the legal entity a customer deals with."""

from django.core.validators import URLValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from core.ids import public_id_field


class Brand(models.Model):
    """One legal entity or brand of the exchange; mailboxes, customers and tickets belong to one."""

    public_id = public_id_field()
    name = models.CharField(_("name"), max_length=80, unique=True)
    legal_name = models.CharField(_("legal name"), max_length=160, blank=True)
    website = models.CharField(_("website"), max_length=200, blank=True, validators=[URLValidator(schemes=["https"])])

    class Meta:
        verbose_name = _("brand")
        verbose_name_plural = _("brands")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
