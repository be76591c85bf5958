"""What changed about how a member of staff signs in, told to them by mail: for nobody is there a quiet way."""

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Staff
from core import notices

KIND = "staff_security"


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
        parts = [str(what.label)]
        if label:
            parts.append(_("Its name: %(name)s") % {"name": label})
        parts += [
            _("If it was you, there is nothing to do."),
            _("If it was not you, tell an administrator now, and look at who is signed in as you:\n\n%(link)s")
            % {"link": settings.SITE_URL + reverse("security:account")},
        ]
        subject = _("Signing in to Pharos has changed")
    notices.send(kind=KIND, to=person.email, subject=subject, body="\n\n".join(parts), language=person.locale)
