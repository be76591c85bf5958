"""The form of a fund-related action: which fields a kind has, and what is right in them, before anybody is asked."""

import re
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import phonenumbers
from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _

from security import fund_words
from security.addresses import NETWORKS, check
from security.models import FundKind

# 20 digits before the point, 18 behind it: numeric(38, 18).
AMOUNT = re.compile(r"[0-9]{1,20}(\.[0-9]{1,18})?")
ASSET = re.compile(r"[A-Z0-9]{1,20}")
SUBJECT = re.compile(r"[!-~]{1,120}")
TO_PERSONS = frozenset({"email_change", "phone_change"})
OPERATIONS = {
    "allow_list_change": (("add", _("Add")), ("remove", _("Remove"))),
    "factor_change": (("add", _("Add")), ("remove", _("Remove"))),
    "balance_adjustment": (("credit", _("Credit")), ("debit", _("Debit"))),
}


@dataclass(frozen=True, slots=True)
class FieldShown:
    """One field as the template shows it."""

    name: str
    label: str
    value: str
    hint: str
    errors: list[str]
    choices: list[tuple[str, str]] = field(default_factory=list)
    is_identifier: bool = False
    is_required: bool = True


class FundRequestForm(forms.Form):
    """What one kind of action has to name; cleaned values are canonical, and `notes` are what to know of them."""

    operation = forms.ChoiceField(label=_("What is to be done"))
    subject = forms.CharField(
        max_length=120, label=_("Id at the exchange"), help_text=_("Of the withdrawal, deposit, payment or factor.")
    )
    asset = forms.CharField(max_length=20, label=_("Asset"), help_text=_("As the exchange writes it, like BTC."))
    amount = forms.CharField(max_length=45, label=_("Amount"), help_text=_("In units of the asset, with a point."))
    network = forms.ChoiceField(label=_("Network"))
    destination = forms.CharField(max_length=320, label=_("Address"))
    tag = forms.CharField(
        max_length=120, required=False, label=_("Tag or memo"),
        help_text=_("Where the network has one; exchanges mostly need it."),
    )  # fmt: skip

    def __init__(self, *args: Any, kind: FundKind, **named: Any) -> None:
        super().__init__(*args, **named)
        self.kind = kind.name
        self.notes: tuple[str, ...] = ()
        to_wallet = kind.has_destination and kind.name not in TO_PERSONS
        has = {
            "operation": kind.has_operation, "subject": kind.has_subject, "amount": kind.has_amount,
            "asset": kind.has_amount or to_wallet, "network": to_wallet, "destination": kind.has_destination,
            "tag": to_wallet,
        }  # fmt: skip
        for name, is_there in has.items():
            if not is_there:
                del self.fields[name]
        if kind.has_operation:
            self._offer("operation", list(OPERATIONS.get(kind.name, ())))
        if to_wallet:
            self._offer("network", [(name, network.name) for name, network in NETWORKS.items()])
        elif kind.has_destination:
            self.fields["destination"].label = str(fund_words.DESTINATIONS[kind.name])

    def clean_subject(self) -> str:
        """Accept what ids are made of: no space, nothing unseen."""
        given = str(self.cleaned_data["subject"])
        if not SUBJECT.fullmatch(given):
            raise ValidationError(_("An id has letters, digits and marks, and no spaces. Copy it from the exchange."))
        return given

    def clean_asset(self) -> str:
        """Write it in capitals."""
        given = str(self.cleaned_data["asset"]).upper()
        if not ASSET.fullmatch(given):
            raise ValidationError(_("Write the asset as the exchange does: capital letters and digits, like BTC."))
        return given

    def clean_amount(self) -> Decimal:
        """Accept plain digits, above zero: no exponent, no grouping, nothing to misread."""
        given = str(self.cleaned_data["amount"])
        if not AMOUNT.fullmatch(given):
            raise ValidationError(_("Write digits and at most one point, up to 18 digits behind it, like 0.25."))
        amount = Decimal(given)
        if not amount:
            raise ValidationError(_("The amount must be above zero."))
        return amount

    def clean(self) -> dict[str, Any]:
        """Check the destination by its network, or as a person's address."""
        cleaned = super().clean() or {}
        given = cleaned.get("destination")
        if not given or ("network" in self.fields and "network" not in cleaned):
            return cleaned
        if "network" in self.fields:
            found = check(cleaned["network"], given, cleaned.get("tag", ""))
            if isinstance(found, str):
                self.add_error("destination", found)
                return cleaned
            self.notes = found.notes
            return {**cleaned, "destination": found.destination, "tag": found.tag}
        try:
            return {**cleaned, "destination": _person(self.kind, given)}
        except ValidationError as error:
            self.add_error("destination", error)
            return cleaned

    def shown(self) -> list[FieldShown]:
        """Return the fields as the template shows them, with what was typed."""
        return [
            FieldShown(
                name=name,
                label=str(one.label),
                value=str(self[name].value() or ""),
                hint=str(one.help_text),
                errors=[str(error) for error in self.errors.get(name, [])] if self.is_bound else [],
                choices=[(str(key), str(text)) for key, text in getattr(one, "choices", [])],
                is_identifier=name in {"subject", "destination", "tag", "amount"},
                is_required=one.required,
            )
            for name, one in self.fields.items()
        ]

    def _offer(self, name: str, choices: list[tuple[str, Any]]) -> None:
        chosen = self.fields[name]
        if isinstance(chosen, forms.ChoiceField):
            chosen.choices = choices


def _person(kind: str, given: str) -> str:
    """Return a mail address in lower case, or a number with its country code (E.164)."""
    if kind == "email_change":
        validate_email(given)
        return given.lower()
    wrong = ValidationError(_("Write the number with its country code, like +44 20 8366 1177."))
    try:
        number = phonenumbers.parse(given)
    except phonenumbers.NumberParseException:
        raise wrong from None
    if not phonenumbers.is_possible_number(number):
        raise wrong
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
