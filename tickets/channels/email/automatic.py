"""Which words an automatic mail has: its event says what it is."""

from typing import Literal

from django.conf import settings

from tickets import survey_links
from tickets.channels.email import acknowledgement, survey_mail
from tickets.models import Message
from tickets.selectors import documents

SURVEY = "survey_mailed"


def subject(message: Message) -> str:
    """Return its subject in the language of now."""
    return survey_mail.subject() if message.event == SURVEY else acknowledgement.subject()


def text(message: Message) -> str:
    """Return its words in the language of now; the same at every sending."""
    if message.event == SURVEY:
        return survey_mail.text(link=settings.SITE_URL + survey_links.path_of(str(message.event_data["survey"])))
    return acknowledgement.text(documents_page=documents.page_for(message))


def kind(message: Message) -> Literal["auto-generated", "auto-replied"]:
    """Return what Auto-Submitted says of it (RFC 3834, 5): an answer to a mail, or not."""
    return "auto-generated" if message.event == SURVEY else "auto-replied"
