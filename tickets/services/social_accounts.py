"""Connected accounts: trying the connection, and where the vendor sends its events."""

from django.conf import settings
from django.db import transaction

from accounts.models import Staff
from core import audit
from core.clock import DatabaseNow
from tickets.channels.social.registry import channel
from tickets.channels.social.shapes import VendorAway, VendorRefused
from tickets.models import SocialAccount
from tickets.services import errors

MAX_ERROR = 300


def hook_url(account: SocialAccount) -> str:
    """Return where the vendor has to send events of `account`."""
    return f"{settings.SITE_URL}/hooks/{account.kind}/{account.public_id}/"


def test_connection(*, account: SocialAccount, by: Staff) -> str:
    """Ask the vendor who we are, keep and return it. Raises VendorSaysNo with its words, which are kept as well."""
    try:
        handle = channel(account.kind).who_are_we(account)
    except (VendorAway, VendorRefused) as error:
        note_error(account=account, error=str(error))
        raise errors.VendorSaysNo(str(error)) from error
    with transaction.atomic():
        SocialAccount.objects.filter(pk=account.pk).update(handle=handle, last_error="", last_error_at=None)
        _record("social_account.tested", account, by)
    return handle


def set_webhook(*, account: SocialAccount, by: Staff) -> None:
    """Have the vendor send events to us. Raises VendorSaysNo."""
    try:
        channel(account.kind).set_webhook(account, hook_url(account))
    except (VendorAway, VendorRefused) as error:
        note_error(account=account, error=str(error))
        raise errors.VendorSaysNo(str(error)) from error
    _move(account, SocialAccount.Inbound.WEBHOOK, "social_account.webhook_set", by)


def delete_webhook(*, account: SocialAccount, by: Staff) -> None:
    """Have the vendor keep events, which are polled from then on. Raises VendorSaysNo."""
    try:
        channel(account.kind).delete_webhook(account)
    except (VendorAway, VendorRefused) as error:
        note_error(account=account, error=str(error))
        raise errors.VendorSaysNo(str(error)) from error
    _move(account, SocialAccount.Inbound.POLLING, "social_account.webhook_deleted", by)


def note_error(*, account: SocialAccount, error: str) -> None:
    """Keep what went wrong with the account, for its page."""
    SocialAccount.objects.filter(pk=account.pk).update(last_error=error[:MAX_ERROR], last_error_at=DatabaseNow())


def note_listening(*, account: SocialAccount, session: str, sequence: int) -> None:
    """Keep what a connection to the vendor's gateway goes on with, and how far it has heard."""
    SocialAccount.objects.filter(pk=account.pk).update(gateway_session=session, poll_offset=sequence)


def note_connected(*, account: SocialAccount) -> None:
    """Keep that there is no error any more."""
    SocialAccount.objects.filter(pk=account.pk).exclude(last_error="").update(last_error="", last_error_at=None)


def _move(account: SocialAccount, inbound: str, action: str, by: Staff) -> None:
    with transaction.atomic():
        SocialAccount.objects.filter(pk=account.pk).update(inbound=inbound, last_error="", last_error_at=None)
        _record(action, account, by)


def _record(action: str, account: SocialAccount, by: Staff) -> None:
    audit.record(action, actor=by.actor, obj=("social_account", account.public_id))
