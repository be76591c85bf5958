"""Subscriptions by mail: asked for by anybody, confirmed by whoever reads the address, ended by a link."""

from datetime import timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import connection, transaction
from django.db.models import F
from django.utils import translation
from django.utils.translation import gettext

from core import audit, notices
from core.clock import DatabaseNow, from_now
from kb import languages, subscription_links
from kb.models import Article, Subscription
from kb.services import errors

KIND = "kb_subscription"
# For how long a link to confirm is good; after that the row goes.
LIFE = timedelta(days=3)
MOST_ASKS = 3
# Any number that no other advisory lock of the product uses: "subs" in ASCII.
ONE_AFTER_THE_OTHER = "SELECT pg_advisory_xact_lock(1937072755)"


def ask(*, address: str, language: str, article: Article | None) -> None:
    """Ask the address by mail whether it wants this. Raises AddressRefused when it is none.

    Nothing that the asker wrote is in the mail (A7), and the answer never tells whether the address is known: whoever
    has confirmed, was asked three times, or asks while too many do, gets no mail.
    """
    plain = _plain(address)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(ONE_AFTER_THE_OTHER)
        found = Subscription.objects.filter(address=plain, article=article).first()
        is_quiet = found is not None and (found.confirmed_at is not None or found.asks >= MOST_ASKS)
        if is_quiet or _are_too_many():
            return
        if found is None:
            found = Subscription.objects.create(address=plain, article=article, language=language)
        else:
            again = {"asks": F("asks") + 1, "asked_at": DatabaseNow(), "language": language}
            Subscription.objects.filter(pk=found.pk).update(**again)
        audit.record("subscription.asked", actor=audit.ANONYMOUS, obj=("subscription", found.public_id))
        _mail(found, language)


def confirm(*, subscription: Subscription) -> bool:
    """Say yes, within three days of the asking; once more changes nothing. False when it is too late."""
    with transaction.atomic():
        waiting = Subscription.objects.filter(
            pk=subscription.pk, confirmed_at__isnull=True, asked_at__gt=from_now(-LIFE)
        )
        if waiting.update(confirmed_at=DatabaseNow()):
            audit.record("subscription.confirmed", actor=audit.ANONYMOUS, obj=("subscription", subscription.public_id))
            return True
    return Subscription.objects.confirmed().filter(pk=subscription.pk).exists()


def end(*, subscription: Subscription) -> None:
    """End it; nothing of the address is kept."""
    with transaction.atomic():
        if Subscription.objects.filter(pk=subscription.pk).delete()[0]:
            audit.record("subscription.ended", actor=audit.ANONYMOUS, obj=("subscription", subscription.public_id))


def forget_unconfirmed() -> int:
    """Delete addresses that never said yes; return how many, recorded."""
    with transaction.atomic():
        old = Subscription.objects.filter(confirmed_at__isnull=True, asked_at__lt=from_now(-LIFE))
        gone = old.delete()[0]
        if gone:
            audit.record("subscriptions.forgotten", actor=audit.SYSTEM, detail={"rows": gone})
    return int(gone)


def _plain(address: str) -> str:
    plain = address.strip().lower()
    try:
        validate_email(plain)
    except ValidationError as error:
        raise errors.AddressRefused from error
    # Mail goes to plain addresses alone (tickets.channels.email.compose), and the column holds no longer ones.
    if not plain.isascii() or len(plain) > 254:
        raise errors.AddressRefused
    return plain


def _are_too_many() -> bool:
    lately = Subscription.objects.filter(asked_at__gt=from_now(-timedelta(minutes=1))).count()
    return lately >= settings.AUTOMATIC_MAILS_PER_MIN


def _mail(row: Subscription, language: str) -> None:
    with translation.override(languages.spoken(language)):
        what = (
            gettext("Somebody asks us to tell this address when an article of our help centre changes.")
            if row.article_id
            else gettext("Somebody asks us to send our security bulletins to this address.")
        )
        wanted = gettext("If you want that, open this link within three days and press the button there:")
        unwanted = gettext("If you do not, do nothing: nothing more will be sent here.")
        never = gettext("We will never ask you for your password, a code or a recovery phrase.")
        subject = gettext("Do you want mail from our help centre?")
    body = "\n\n".join([what, wanted, subscription_links.confirming(row), unwanted, never])
    notices.send(kind=KIND, to=row.address, subject=subject, body=body, language=languages.spoken(language))
