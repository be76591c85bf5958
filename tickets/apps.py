"""App configuration of the tickets floor."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TicketsConfig(AppConfig):
    """The tickets floor."""

    name = "tickets"
    verbose_name = _("Tickets")

    def ready(self) -> None:
        """Let escalation hear of promises, and tickets whose caller waits be given by ringing alone."""
        # Models are not there before.
        from tickets.selectors import assignment, phone  # noqa: PLC0415 -- as said
        from tickets.services import escalations, sla_clocks  # noqa: PLC0415 -- as said

        if phone.with_waiting_call not in assignment.found_elsewhere:
            assignment.found_elsewhere.append(phone.with_waiting_call)
        if escalations.heard not in sla_clocks.happened:
            sla_clocks.happened.append(escalations.heard)
