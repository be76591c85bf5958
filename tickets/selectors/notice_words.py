"""What has happened that concerns somebody, in their words: names of ours, no word of a customer."""

from django.utils.translation import gettext as _

from tickets.models import StaffNotice
from tickets.models.staff_notice import NoticeKind


def words_of(notice: StaffNotice) -> str:
    """Say it in the language of now."""
    if notice.kind == NoticeKind.ANSWERED:
        return _("The customer has answered")
    if notice.kind == NoticeKind.ASSIGNED:
        if notice.by is None:
            return _("You were given this ticket")
        return _("%(name)s gave you this ticket") % {"name": notice.by.name}
    name = notice.by.name if notice.by else _("A bot")
    if notice.kind == NoticeKind.MENTIONED:
        return _("%(name)s mentions you in a note") % {"name": name}
    return _("%(name)s has written a note") % {"name": name}
