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
