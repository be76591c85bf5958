"""Signed links to a survey, for mails: one opens a page that asks; opening it records nothing."""

from django.core import signing
from django.urls import reverse

from tickets.models import Survey

SALT = "pharos.survey"
ROUTE = "portal:survey_by_link"


def path_for(survey: Survey) -> str:
    """Return the path of the link to this survey; how long it is answered is the survey's own time."""
    return path_of(survey.public_id)


def path_of(public_id: str) -> str:
    """Return the same of a survey by its public id: always the same, so that a mail is sent twice as it was."""
    return reverse(ROUTE, args=[signing.Signer(salt=SALT).sign(public_id)])


def survey_of(token: str) -> Survey | None:
    """Return the survey behind a link, None when the link is forged or not whole."""
    try:
        public_id = signing.Signer(salt=SALT).unsign(token)
    except signing.BadSignature:
        return None
    return Survey.objects.select_related("ticket", "customer").filter(public_id=public_id).first()
