"""Lines of the phone: trying the connection, and where the provider has to ask."""

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from accounts.models import Staff
from core import audit
from core.clock import DatabaseNow
from tickets.channels.phone import client
from tickets.channels.social.shapes import VendorAway, VendorRefused
from tickets.models import PhoneLine
from tickets.services import errors

MAX_ERROR = 300


def hook_url(line: PhoneLine, step: str) -> str:
    """Return where the provider has to ask: "call" for what comes in, "status" for its end."""
    return settings.SITE_URL + reverse("phone", args=[line.public_id, step])


def cti_url(line: PhoneLine) -> str:
    """Return where a PBX tells of its calls."""
    return settings.SITE_URL + reverse("cti", args=[line.public_id])


def test_connection(*, line: PhoneLine, by: Staff) -> str:
    """Ask the provider who we are, keep and return it. Raises VendorSaysNo with its words, which are kept as well."""
    try:
        handle = client.who_are_we(line)
    except (VendorAway, VendorRefused) as error:
        kept = {"last_error": str(error)[:MAX_ERROR], "last_error_at": DatabaseNow()}
        PhoneLine.objects.filter(pk=line.pk).update(**kept)
        raise errors.VendorSaysNo(str(error)) from error
    with transaction.atomic():
        PhoneLine.objects.filter(pk=line.pk).update(handle=handle, last_error="", last_error_at=None)
        audit.record("phone_line.tested", actor=by.actor, obj=("phone_line", line.public_id))
    return handle
