"""The form that proposes a change of policy: what is right in itself. What no policy gives away, the database says."""

from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from security import fund_words
from security.models import FundKind
from security.services.fund_policies import Proposed
from tickets.fund_forms import AMOUNT, ASSET, TO_PERSONS, FieldShown

MOST_HOURS, HOUR_S = 720, 3600
# In the order in which they are signed.
METHODS = {
    "webauthn": _("Passkey"),
    "totp,webauthn": _("Passkey, or a code"),
    "webauthn,manual": _("Passkey, or a review"),
    "totp,webauthn,manual": _("Passkey, code, or a review"),
}


class PolicyForm(forms.Form):
    """One row of the policy, as it is to be."""

    kind = forms.ChoiceField(label=_("Kind of action"), choices=list(fund_words.KINDS.items()))
    asset = forms.CharField(
        max_length=20, required=False, label=_("Asset"),
        help_text=_("As the exchange writes it, like BTC. Nothing is every asset without rows of its own."),
    )  # fmt: skip
    above = forms.CharField(
        max_length=45, initial="0", label=_("From which amount"),
        help_text=_("In units of the asset, with a point. 0 is every amount."),
    )  # fmt: skip
    risk = forms.ChoiceField(label=_("Risk"), choices=[("high", _("High risk")), ("normal", _("Normal risk"))])
    methods = forms.ChoiceField(label=_("Proof"), choices=list(METHODS.items()))
    approval = forms.ChoiceField(label=_("Second person"), choices=[("yes", _("Needed")), ("no", _("Not needed"))])
    hours = forms.CharField(
        max_length=3, initial="24", label=_("Hours of waiting"),
        help_text=_("Before anybody can prove or approve. At most 720."),
    )  # fmt: skip

    def clean_asset(self) -> str:
        """Write it in capitals; nothing is every asset."""
        given = str(self.cleaned_data["asset"]).upper()
        if given and not ASSET.fullmatch(given):
            raise ValidationError(_("Write the asset as the exchange does: capital letters and digits, like BTC."))
        return given

    def clean_above(self) -> Decimal:
        """Accept plain digits: no exponent, no grouping, nothing to misread."""
        given = str(self.cleaned_data["above"])
        if not AMOUNT.fullmatch(given):
            raise ValidationError(_("Write digits and at most one point, up to 18 digits behind it, like 0.25."))
        return Decimal(given)

    def clean_hours(self) -> int:
        """Accept whole hours, thirty days of them at most."""
        given = str(self.cleaned_data["hours"])
        if not (given.isascii() and given.isdecimal() and int(given) <= MOST_HOURS):
            raise ValidationError(_("Write whole hours, from 0 to 720."))
        return int(given)

    def clean(self) -> dict[str, Any]:
        """Refuse an amount or asset that no action of this kind names: such a row would never hold."""
        cleaned = super().clean() or {}
        kind = FundKind.objects.filter(name=cleaned.get("kind", "")).first()
        if kind is None:
            return cleaned
        if cleaned.get("above") and not kind.has_amount:
            self.add_error("above", _("Actions of this kind have no amount: write 0."))
        has_asset = kind.has_amount or (kind.has_destination and kind.name not in TO_PERSONS)
        if cleaned.get("asset") and not has_asset:
            self.add_error("asset", _("Actions of this kind name no asset: leave it empty."))
        return cleaned

    def proposed(self) -> Proposed:
        """Return what is to hold, canonical."""
        given = self.cleaned_data
        return Proposed(
            kind=given["kind"], asset=given["asset"], above=given["above"], risk=given["risk"],
            methods=given["methods"].split(","), needs_approval=given["approval"] == "yes",
            cooling_off_s=given["hours"] * HOUR_S,
        )  # fmt: skip

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
                is_identifier=name in {"asset", "above"},
                is_required=one.required,
            )
            for name, one in self.fields.items()
        ]
