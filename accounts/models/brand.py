"""Brands: the legal entity a customer deals with."""

from django.core.validators import URLValidator
from django.db import models

from core.ids import public_id_field


class Brand(models.Model):
    """One legal entity or brand of the exchange; mailboxes, customers and tickets belong to one."""

    public_id = public_id_field()
    name = models.CharField(max_length=80, unique=True)
    legal_name = models.CharField(max_length=160, blank=True)
    website = models.CharField(max_length=200, blank=True, validators=[URLValidator(schemes=["https"])])

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
