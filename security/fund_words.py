"""Fund-related actions in words: one place for the portal, the desk and mails. Everything in the language now active.

Whoever approves must read what is signed: nothing is shortened, and what cannot be seen is written out.
"""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from security.models import FundAction

GROUP = 4
UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
# What each kind is called in lists and choices.
KINDS: Mapping[str, Promise] = {
    "withdrawal_release": gettext_lazy("Release a withdrawal"),
    "deposit_recovery": gettext_lazy("Recover a deposit"),
    "refund": gettext_lazy("Refund"),
    "balance_adjustment": gettext_lazy("Adjust a balance"),
    "limit_raise": gettext_lazy("Raise a limit"),
    "address_change": gettext_lazy("Change the payout address"),
    "allow_list_change": gettext_lazy("Change the allow-list"),
    "email_change": gettext_lazy("Change the email address"),
    "phone_change": gettext_lazy("Change the phone number"),
    "mfa_reset": gettext_lazy("Reset all passkeys and authenticators"),
    "factor_change": gettext_lazy("Change a passkey or authenticator"),
    "unfreeze": gettext_lazy("Unfreeze the account"),
}
# With the amount; by operation where a kind has two.
SENTENCES: Mapping[tuple[str, str], Promise] = {
    ("withdrawal_release", ""): gettext_lazy("Release a withdrawal of %(amount)s"),
    ("deposit_recovery", ""): gettext_lazy("Recover a deposit of %(amount)s"),
    ("refund", ""): gettext_lazy("Refund %(amount)s"),
    ("balance_adjustment", "credit"): gettext_lazy("Add %(amount)s to the balance"),
    ("balance_adjustment", "debit"): gettext_lazy("Take %(amount)s from the balance"),
    ("limit_raise", ""): gettext_lazy("Raise the limit to %(amount)s"),
    ("allow_list_change", "add"): gettext_lazy("Add an address to the allow-list"),
    ("allow_list_change", "remove"): gettext_lazy("Remove an address from the allow-list"),
    ("factor_change", "add"): gettext_lazy("Add a passkey or authenticator"),
    ("factor_change", "remove"): gettext_lazy("Remove a passkey or authenticator"),
}
NETWORKS = {
    "bitcoin": "Bitcoin", "lightning": "Lightning", "ethereum": "Ethereum (ERC-20)", "tron": "Tron (TRC-20)",
    "solana": "Solana", "polygon": "Polygon", "bsc": "BNB Smart Chain (BEP-20)", "arbitrum": "Arbitrum One",
    "ripple": "XRP Ledger",
}  # fmt: skip
# Where the destination is a person's address, not a wallet's.
DESTINATIONS: Mapping[str, Promise] = {
    "email_change": gettext_lazy("New email address"),
    "phone_change": gettext_lazy("New phone number"),
}
SUBJECTS: Mapping[str, Promise] = {
    "withdrawal_release": gettext_lazy("Withdrawal at the exchange"),
    "deposit_recovery": gettext_lazy("Deposit at the exchange"),
    "refund": gettext_lazy("Payment at the exchange"),
    "factor_change": gettext_lazy("Passkey or authenticator at the exchange"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that an action names; an identifier is shown whole, in groups of four, in a fixed-width face."""

    label: str
    value: str
    is_identifier: bool

    @property
    def shown(self) -> str:
        """The value as people compare it."""
        return grouped(self.value) if self.is_identifier else seen(self.value)


def title(action: FundAction) -> str:
    """Return one sentence without a full stop that says what will be done, with the amount."""
    sentence = SENTENCES.get((action.kind, action.operation))
    if sentence is None:
        return kind_name(action.kind)
    return str(sentence) % {"amount": _sum(action)}


def kind_name(kind: str) -> str:
    """Return what a kind of action is called."""
    return str(KINDS.get(kind, kind))


def lines(action: FundAction) -> list[Line]:
    """Return everything that the action names, in the order in which it is read."""
    found = [
        (_("Amount"), _sum(action), False) if action.amount else None,
        (str(DESTINATIONS.get(action.kind, _("To"))), action.destination, action.kind not in DESTINATIONS),
        (_("Tag or memo"), action.tag, True),
        (_("Network"), network(action.network), False),
        (_("Asset"), "" if action.amount else action.asset, False),
        (str(SUBJECTS.get(action.kind, _("At the exchange"))), action.subject, True),
    ]
    return [Line(*one) for one in found if one is not None and one[1]]


def network(name: str) -> str:
    """Return a network in words."""
    return NETWORKS.get(name.lower(), name)


def amount(number: Decimal) -> str:
    """Return an amount in digits, with no zeros that say nothing and no exponent."""
    plain = f"{number:f}"
    return plain.rstrip("0").rstrip(".") if "." in plain else plain


def grouped(text: str) -> str:
    """Return `text` in groups of four characters."""
    groups = [text[at : at + GROUP] for at in range(0, len(text), GROUP)]
    return " ".join(seen(group) for group in groups)


def seen(text: str) -> str:
    """Return `text` with what cannot be seen written out, so that nothing hides or turns the rest around."""
    return "".join(f"‹U+{ord(one):04X}›" if unicodedata.category(one) in UNSEEN else one for one in text)


def _sum(action: FundAction) -> str:
    return f"{amount(action.amount)} {action.asset}".strip()
