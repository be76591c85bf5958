"""What a device shows of what its person is told: numbers, kinds and a link of ours; no word of a customer."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import Staff
from tickets.models import PushMessage
from tickets.selectors import escalation_wording
from tickets.selectors.escalation_targets import may_hear, may_see
from tickets.selectors.notice_words import words_of


@dataclass(frozen=True, slots=True)
class Shown:
    """One notification; `path` is where a click leads, `tag` what a later one of the same takes the place of."""

    title: str
    body: str
    path: str
    tag: str


def is_needed(row: PushMessage) -> bool:
    """Whether its person should still be told, and may see what it tells."""
    if row.notice is not None:
        return row.notice.is_needed() and may_hear(row.notice)
    if row.staff_notice is not None:
        told = row.staff_notice
        return told.seen_at is None and told.staff.is_active and may_see(told.staff, told.ticket)
    if row.swap is not None:
        return type(row.swap).objects.standing().filter(pk=row.swap.pk, state=row.swap.State.OFFERED).exists()
    return True


def shown(row: PushMessage, person: Staff) -> Shown:
    """Say it in the language of now."""
    if row.notice is not None:
        run, storm = row.notice.run, row.notice.storm
        subject = escalation_wording.subject(row.notice, person)
        if run is not None:
            why = escalation_wording.cause(run.cause, run.clock.metric if run.clock else "")
            return Shown(subject, why, reverse("desk:ticket", args=[run.ticket.public_id]), run.public_id)
        body = _("More tickets than usual need somebody at the same time.")
        return Shown(subject, body, reverse("desk:escalations"), storm.public_id if storm else row.public_id)
    if row.staff_notice is not None:
        ticket = row.staff_notice.ticket
        title = _("Ticket #%(number)s") % {"number": ticket.number}
        return Shown(
            title, words_of(row.staff_notice), reverse("desk:ticket", args=[ticket.public_id]), ticket.public_id
        )
    if row.swap is not None:
        body = _("A colleague offers you a shift.")
        return Shown(_("Swap of shifts"), body, reverse("desk:shifts"), row.swap.public_id)
    body = _("Notifications of Pharos reach this device.")
    return Shown(_("It works"), body, reverse("security:account") + "#devices", row.public_id)
