"""App configuration of the tickets floor."""

from django.apps import AppConfig


class TicketsConfig(AppConfig):
    """The tickets floor."""

    name = "tickets"
    verbose_name = "Tickets"
