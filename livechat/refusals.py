"""What the console refuses, in words a door can show."""

from django.utils.translation import gettext_lazy as _

from tickets.services.errors import Refused


class RingIsOver(Refused):
    """The ring was too long ago, or the chat is somebody else's by now."""

    code = "ring_is_over"
    message = _("This ring is over: somebody else has the chat, or the time was up.")


class NotReachable(Refused):
    """A chat is given to people who are there."""

    code = "not_reachable"
    message = _("This colleague is not online now. Choose somebody else, or a team.")


class SummaryNeeded(Refused):
    """Whoever takes over must know what it is about."""

    code = "summary_needed"
    message = _("Say in a sentence or two what it is about and what you have done.")


class AlreadyWarned(Refused):
    """One warning is enough."""

    code = "already_warned"
    message = _("The visitor was warned already. Hand the chat over, or end it.")


class WarningNeeded(Refused):
    """Nobody is cut off unwarned, but by a lead."""

    code = "warning_needed"
    message = _("Warn the visitor first, or hand the chat over to a lead.")


class ReasonNeeded(Refused):
    """Why a conversation was ended must be known later."""

    code = "reason_needed"
    message = _("Say in a sentence what happened. Colleagues read it, the visitor does not.")


class NotALead(Refused):
    """Abuse is handed over to people who may decide about it."""

    code = "not_a_lead"
    message = _("Because of abuse a chat is handed over to a lead who is online.")


class Blocked(Refused):
    """Who was ended for abuse begins no conversation for a time; everything of security stays open."""

    code = "blocked"
    message = _(
        "You cannot begin a conversation for now. Write to us by mail or open your requests in the portal; "
        "freezing your account and everything under Security stays open here."
    )
