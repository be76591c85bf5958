"""What concerns how a member of staff signs in, told to them by mail: for nobody is there a quiet way."""

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Staff
from core import notices
from core.clock import from_now
from core.models import Notice

KIND = "staff_security"
ATTEMPTS_KIND = "staff_attempts"
SAID_AGAIN_AFTER = timedelta(hours=1)


class What(models.TextChoices):
    """What is told; the words begin the mail."""

    AUTHENTICATOR_SET_UP = "authenticator_set_up", gettext_lazy("An authenticator was set up for your Pharos account.")
    PASSWORD_CHANGED = "password_changed", gettext_lazy("The password of your Pharos account was changed.")
    CODES_RENEWED = (
        "codes_renewed",
        gettext_lazy("The recovery codes of your Pharos account were replaced by new ones."),
    )
    PASSKEY_ADDED = "passkey_added", gettext_lazy("A passkey was added to your Pharos account.")
    PASSKEY_ENDED = (
        "passkey_ended",
        gettext_lazy("A passkey of your Pharos account was ended, and every other session with it."),
    )
    PASSKEYS_ENDED = (
        "passkeys_ended",
        gettext_lazy("Every passkey of your Pharos account was ended, and every session with them."),
    )
    FACTORS_ENDED = (
        "factors_ended",
        gettext_lazy(
            "The authenticator and passkeys of your Pharos account were ended, for a new start by invitation."
        ),
    )


def tell(*, person: Staff, what: What, label: str = "") -> None:
    """Owe the person a mail, inside the caller's transaction; `label` is the passkey's name as they chose it."""
    with translation.override(person.locale):
        parts = [str(what.label), *([_("Its name: %(name)s") % {"name": label}] if label else [])]
        _send(KIND, person, _("Signing in to Pharos has changed"), parts)


def tell_of_attempts(*, person: Staff) -> None:
    """Tell who is locked out that their password was right and the second factor was not (ASVS 6.3.5), once an hour."""
    since = from_now(-SAID_AGAIN_AFTER)
    if Notice.objects.filter(kind=ATTEMPTS_KIND, to_address=person.email, created_at__gt=since).exists():
        return
    with translation.override(person.locale):
        words = _(
            "Your password for Pharos was entered, and then wrong answers of the second factor, until signing in was "
            "locked for a quarter of an hour. Whoever did it knows the password: if it was not you, change it."
        )
        _send(ATTEMPTS_KIND, person, _("Somebody tried to sign in to Pharos as you"), [words])


def _send(kind: str, person: Staff, subject: str, parts: list[str]) -> None:
    whole = [
        *parts,
        _("If it was you, there is nothing to do."),
        _("If it was not you, tell an administrator now, and look at who is signed in as you:\n\n%(link)s")
        % {"link": settings.SITE_URL + reverse("security:account")},
    ]
    notices.send(kind=kind, to=person.email, subject=subject, body="\n\n".join(whole), language=person.locale)
