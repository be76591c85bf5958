"""The words of the automatic confirmation; nothing of what anybody wrote is in them."""

from django.utils.translation import gettext as _


def subject() -> str:
    """Return its subject in the language of now."""
    return _("We have received your message")


def text(*, documents_page: str = "") -> str:
    """Return its words in the language of now; with the address for documents when the message seems to carry one."""
    words = _(
        "Thank you for writing to us. Your message has arrived and a person will read it.\n\n"
        "To add something, simply answer this mail.\n\n"
        "We will never ask you for your password, a code or a recovery phrase."
    )
    if not documents_page:
        return words
    safely = _(
        "Your message seems to carry an identity document. Please do not mail one: what we recognise is moved to "
        "restricted storage and destroyed after 30 days unless it is needed. Documents that we ask for are sent by the "
        "link in our mail about it, or on this page after signing in:\n\n%(link)s"
    ) % {"link": documents_page}
    return f"{words}\n\n{safely}"
