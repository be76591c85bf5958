"""App configuration of the tickets floor."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TicketsConfig(AppConfig):
    """The tickets floor."""

    name = "tickets"
    verbose_name = _("Tickets")

    def ready(self) -> None:
        """Let others hear what happens: promises, calls, the contact page, later answers, colleagues, risk."""
        # Models are not there before.
        from kb import live  # noqa: PLC0415 -- as said
        from security.services import exchange_events  # noqa: PLC0415 -- as said
        from tickets.selectors import assignment, phone  # noqa: PLC0415 -- as said
        from tickets.services import (  # noqa: PLC0415 -- as said
            escalations,
            guided_later,
            replies,
            sla_clocks,
            sla_risk,
            staff_notices,
            timeline,
        )

        if phone.with_waiting_call not in assignment.found_elsewhere:
            assignment.found_elsewhere.append(phone.with_waiting_call)
        if phone.ways not in live.asked:
            live.asked.append(phone.ways)
        if guided_later.hear not in replies.replied:
            replies.replied.append(guided_later.hear)
        if staff_notices.heard_reply not in replies.replied:
            replies.replied.append(staff_notices.heard_reply)
        if staff_notices.heard_note not in replies.noted:
            replies.noted.append(staff_notices.heard_note)
        if staff_notices.heard_event not in timeline.happened:
            timeline.happened.append(staff_notices.heard_event)
        if escalations.heard not in sla_clocks.happened:
            sla_clocks.happened.append(escalations.heard)
        if sla_risk.risen not in exchange_events.risen:
            exchange_events.risen.append(sla_risk.risen)
