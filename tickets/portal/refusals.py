"""Why something was not done, in sentences that say what to do now."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from security.services.customer_factors import Why

ENROLMENT: Mapping[Why, Promise] = {
    Why.NOT_FRESH: gettext_lazy(
        "For this you must have signed in at the exchange within the last ten minutes. Sign in there again; you come "
        "back to this page."
    ),
    Why.NO_MFA: gettext_lazy(
        "You signed in at the exchange with a password alone. Switch on a second factor there, then sign in with it."
    ),
    Why.FROZEN: gettext_lazy("Your account is frozen: nothing can be added until it is unfrozen."),
    Why.TOO_MANY: gettext_lazy("You have ten already. Ask support to remove one you no longer use."),
    Why.PASSKEY_FIRST: gettext_lazy(
        "Add a passkey first: with it the exchange learns that this support account is yours."
    ),
    Why.EXCHANGE_AWAY: gettext_lazy("The exchange does not answer right now. Nothing was changed: try again later."),
    Why.VERIFIER_AWAY: gettext_lazy(
        "The part of our system that keeps factors does not answer right now. Nothing was changed: try again later."
    ),
    Why.MISMATCH: gettext_lazy(
        "The exchange has joined this account with another support account. Write to support: we have to look into it."
    ),
    Why.KNOWN: gettext_lazy("This passkey is added already."),
    Why.REFUSED: gettext_lazy("The exchange did not accept this. Nothing was changed: try again, or ask support."),
    Why.WRONG_CODE: gettext_lazy(
        "The code was not right, so that picture no longer works. Remove its entry from the app and scan this new one."
    ),
    Why.LOCKED: gettext_lazy("Five answers were wrong. Wait 15 minutes, then begin again."),
    Why.EXPIRED: gettext_lazy("That took longer than ten minutes, or was used already. Begin again."),
}


def not_enrolled(why: Why) -> str:
    """Say why no factor was added."""
    return str(ENROLMENT[why])


def too_fast() -> str:
    """Say that this was too often in a minute."""
    return _("That was too often in a minute. Wait a moment, then try again.")
