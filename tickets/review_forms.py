"""The form that starts a manual review: what the customer has lost, as far as the policy takes a review for it."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts.models import Customer
from security import fund_words, selectors
from security.models import CheckMethod, CustomerFactor
from security.services.fund_actions import Asked
from tickets.fund_forms import SUBJECT

ALL, REMOVE, ADD = "all", "remove", "add"
SHOWN_OF_AN_ID = 4


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing that can be lost; `takes_id` where the id at the exchange has to be written beside it."""

    value: str
    label: str
    takes_id: bool = False


class ReviewStartForm(forms.Form):
    """What is to be done when two reviewers have confirmed who it is."""

    lost = forms.CharField(max_length=140, required=False)
    subject = forms.CharField(max_length=120, required=False)

    def __init__(self, *args: Any, customer: Customer, **named: Any) -> None:
        super().__init__(*args, **named)
        self.customer = customer
        self.choices = choices_for(customer)

    def clean(self) -> dict[str, Any]:
        """One of the choices, with an id where it needs one."""
        given: dict[str, Any] = super().clean() or {}
        chosen = next((one for one in self.choices if one.value == given.get("lost")), None)
        if chosen is None:
            raise ValidationError(_("Say what the customer has lost."))
        if chosen.takes_id and not SUBJECT.fullmatch(given.get("subject", "")):
            raise ValidationError(_("Write the id that the exchange gives the passkey or authenticator."))
        return given

    def asked(self) -> Asked:
        """Return it as the service takes it."""
        lost: str = self.cleaned_data["lost"]
        if lost == ALL:
            return Asked(kind="mfa_reset", customer=self.customer)
        operation, _space, known = lost.partition(" ")
        subject = known or self.cleaned_data["subject"]
        return Asked(kind="factor_change", customer=self.customer, operation=operation, subject=subject)


def choices_for(customer: Customer) -> list[Choice]:
    """Return what a review may be started for: by the policy that holds, and the passkeys that we know."""
    found = []
    if _takes_review("mfa_reset"):
        found.append(Choice(ALL, _("All of them: reset every passkey and authenticator")))
    if _takes_review("factor_change"):
        found += [Choice(f"{REMOVE} {one.exchange_id}", _removes(one)) for one in _known(customer)]
        found.append(Choice(REMOVE, _("Another one: remove it, by its id at the exchange"), takes_id=True))
        found.append(
            Choice(ADD, _("None that counts is left: let a new one count, by its id at the exchange"), takes_id=True)
        )
    return found


def _takes_review(kind: str) -> bool:
    terms = selectors.terms_for(kind=kind)
    return terms is not None and CheckMethod.MANUAL in terms.methods


def _known(customer: Customer) -> list[CustomerFactor]:
    """Return the living passkeys of a customer that the exchange has a name for."""
    living = CustomerFactor.objects.filter(customer=customer, end__isnull=True).exclude(exchange_id="")
    return list(living.order_by("pk"))


def _removes(factor: CustomerFactor) -> str:
    name = fund_words.seen(factor.label) or _("Passkey")
    ending = fund_words.seen(factor.exchange_id[-SHOWN_OF_AN_ID:])
    return _("Only “%(name)s” (…%(ending)s): remove it") % {"name": name, "ending": ending}
