"""The words of the mail that asks for a rating; nothing of the conversation is in them."""

from django.utils.translation import gettext as _


def subject() -> str:
    """Return its subject in the language of now."""
    return _("How well did we help you?")


def text(*, link: str) -> str:
    """Return its words in the language of now; opening the link records nothing."""
    return _(
        "Your request is resolved. How well did we help you? Choose from 1 to 5 on this page:\n\n"
        "%(link)s\n\n"
        "If something is still open, simply answer this mail.\n\n"
        "We will never ask you for your password, a code or a recovery phrase."
    ) % {"link": link}
