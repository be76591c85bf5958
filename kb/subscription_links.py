"""Signed links of mails to subscribers: one says yes, one ends it; opening either does nothing."""

import re

from django.conf import settings
from django.core import signing
from django.urls import reverse

from core.models import Notice
from kb.models import Subscription

CONFIRMS, ENDS = "kb.subscription.confirm", "kb.subscription.end"
# Kinds of mail that name how to end them.
NEWS = "kb_news"


def confirming(row: Subscription) -> str:
    """Return the address of the page that asks for the yes."""
    return settings.SITE_URL + reverse("help:confirm", args=[signing.Signer(salt=CONFIRMS).sign(row.public_id)])


def ending(row: Subscription) -> str:
    """Return the address that ends it: by a page, or by a mail program's POST (RFC 8058)."""
    return settings.SITE_URL + reverse("help:unsubscribe", args=[signing.Signer(salt=ENDS).sign(row.public_id)])


def subscription(token: str, *, salt: str) -> Subscription | None:
    """Return what a link is about; None when it is forged, not whole, or of one that has ended."""
    try:
        public_id = signing.Signer(salt=salt).unsign(token)
    except signing.BadSignature:
        return None
    return Subscription.objects.select_related("article").filter(public_id=public_id).first()


def ending_in(notice: Notice) -> str:
    """Return the address that ends what a queued mail belongs to, as it stands in its last line; '' for other mail."""
    if notice.kind != NEWS:
        return ""
    base = re.escape(settings.SITE_URL + reverse("help:unsubscribe", args=["-"])[:-2])
    found = re.search(rf"{base}[\w:=-]+/$", (notice.body or "").rstrip())
    return found.group() if found else ""
