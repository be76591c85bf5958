"""Forms of the desk."""

import re
import secrets

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _

from tickets.models import Topic
from tickets.models.channel import Channel
from tickets.models.ticket import Priority

PHONE = re.compile(r"\+?[0-9][0-9 ()./-]{4,30}")
BY_HAND = (Channel.PHONE, Channel.EMAIL, Channel.SOCIAL, Channel.WEB)


class NewTicketForm(forms.Form):
    """A case that staff open for somebody."""

    channel = forms.ChoiceField(choices=[(channel.value, channel.label) for channel in BY_HAND])
    requester_address = forms.CharField(max_length=254)
    requester_name = forms.CharField(max_length=160, required=False)
    subject = forms.CharField(max_length=250)
    body = forms.CharField(max_length=100_000)
    priority = forms.ChoiceField(choices=Priority.choices)
    topic = forms.ModelChoiceField(
        Topic.objects.filter(parent__isnull=False, is_active=True), to_field_name="slug", required=False
    )
    assign_to_me = forms.BooleanField(required=False)
    # Names this copy of the form: sent twice, it opens one ticket.
    form_key = forms.CharField(max_length=40, required=False)

    def clean_requester_address(self) -> str:
        """Accept a mail address or a phone number."""
        given = str(self.cleaned_data["requester_address"]).strip()
        if "@" in given:
            validate_email(given)
            return given.lower()
        if PHONE.fullmatch(given):
            return given
        message = _("Enter an email address, or a phone number such as +44 20 8366 1177.")
        raise ValidationError(message)

    @staticmethod
    def new_key() -> str:
        """Return a key for one copy of the form."""
        return secrets.token_urlsafe(18)

    def shown(self) -> dict[str, dict[str, object]]:
        """Return value and errors of each field, as the template reads them."""
        return {
            name: {"value": self[name].value(), "errors": self.errors.get(name, []) if self.is_bound else []}
            for name in self.fields
        }
