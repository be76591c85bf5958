"""Why something was not done, in sentences that say what to do now."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from security.services import approvals
from security.services.customer_factors import Why
from security.standings import Standing

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

ANSWER: Mapping[approvals.Why, Promise] = {
    approvals.Why.NOT_NOW: gettext_lazy("This cannot be approved now. Load the page again: it says why."),
    approvals.Why.METHOD: gettext_lazy("This cannot be approved in this way. Use a passkey that counts already."),
    approvals.Why.AWAY: gettext_lazy(
        "The part of our system that checks your answer does not answer right now. Nothing was done: try again later."
    ),
    approvals.Why.WRONG: gettext_lazy("That was not right. A code counts once, and only while the app shows it."),
    approvals.Why.COUNTS_LATER: gettext_lazy(
        "This passkey was added less than 72 hours ago and does not count yet. Use another one, or wait."
    ),
    approvals.Why.CLOSED: gettext_lazy(
        "This attempt is closed: it takes five answers and ten minutes. Nothing was done. You can begin another one."
    ),
    approvals.Why.LOCKED: gettext_lazy(
        "Five answers were wrong, so nothing is compared for 15 minutes. If it was not you who answered, say so below."
    ),
}
# What the exchange, or a freeze, answers; docs/exchange-gateway.md.
REFUSED: Mapping[str, Promise] = {
    "frozen": gettext_lazy("the account is frozen"),
    "denied": gettext_lazy("you said that it was not you"),
    "limits": gettext_lazy("it is more than may be moved in this way"),
    "balance": gettext_lazy("the account does not hold that much"),
    "destination": gettext_lazy("the destination cannot be used"),
    "state": gettext_lazy("it does not fit how the account stands now"),
    "not_fresh": gettext_lazy("it came too late after your approval"),
    "signature": gettext_lazy("the exchange does not know this passkey, or not any more"),
    "customer_mismatch": gettext_lazy("the exchange has joined this account with another support account"),
}


def not_answered(why: approvals.Why, standing: Standing) -> str:
    """Say why the customer's word was not taken, and how many tries are left."""
    words = str(ANSWER[why])
    left = standing.last_tries_left
    if why is not approvals.Why.WRONG or left is None:
        return words
    if not left:
        return str(ANSWER[approvals.Why.CLOSED])
    tries = ngettext("%(left)d try left.", "%(left)d tries left.", left) % {"left": left}
    return f"{words} {tries}"


def refused(code: str) -> str:
    """Say why the exchange did not carry something out."""
    return str(REFUSED.get(code, _("the exchange did not accept it")))


def not_enrolled(why: Why) -> str:
    """Say why no factor was added."""
    return str(ENROLMENT[why])


def too_fast() -> str:
    """Say that this was too often in a minute."""
    return _("That was too often in a minute. Wait a moment, then try again.")
