"""App configuration of the tickets floor."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TicketsConfig(AppConfig):
    """The tickets floor."""

    name = "tickets"
    verbose_name = _("Tickets")
