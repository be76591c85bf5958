"""App configuration of the tickets floor."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TicketsConfig(AppConfig):
    """The tickets floor."""

    name = "tickets"
    verbose_name = _("Tickets")

    def ready(self) -> None:
        """Let escalation hear of promises that are about to be missed, are missed, or are kept."""
        # Models are not there before.
        from tickets.services import escalations, sla_clocks  # noqa: PLC0415 -- as said

        if escalations.heard not in sla_clocks.happened:
            sla_clocks.happened.append(escalations.heard)
