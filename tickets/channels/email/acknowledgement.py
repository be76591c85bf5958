"""The words of the automatic confirmation; nothing of what anybody wrote is in them."""

from django.utils.translation import gettext as _


def subject() -> str:
    """Return its subject in the language of now."""
    return _("We have received your message")


def text() -> str:
    """Return its words in the language of now."""
    return _(
        "Thank you for writing to us. Your message has arrived and a person will read it.\n\n"
        "To add something, simply answer this mail.\n\n"
        "We will never ask you for your password, a code or a recovery phrase."
    )
