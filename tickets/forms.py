"""Forms of the desk."""

import re
import secrets
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _

from accounts.models import Staff, Team
from security.models import Decision
from security.models.official import ChannelKind
from security.services.manual_reviews import Said
from tickets.kept_forms import offer
from tickets.models import ChecklistTemplate, Topic
from tickets.models.channel import Channel
from tickets.models.ticket import Priority

PHONE = re.compile(r"\+?[0-9][0-9 ()./-]{4,30}")
BY_HAND = (Channel.PHONE, Channel.EMAIL, Channel.SOCIAL, Channel.WEB)
CHANNEL_CHOICES = [("", _("Find out by itself")), *ChannelKind.choices]
MAX_QUESTION_BYTES = 1_000_000


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
    team = forms.ModelChoiceField(Team.objects.none(), to_field_name="slug", required=False)
    tags = forms.CharField(max_length=800, required=False)
    checklist = forms.ModelChoiceField(ChecklistTemplate.objects.none(), to_field_name="public_id", required=False)
    assign_to_me = forms.BooleanField(required=False)
    # Names this copy of the form: sent twice, it opens one ticket.
    form_key = forms.CharField(max_length=40, required=False)

    def __init__(self, *args: object, person: Staff, **more: object) -> None:
        super().__init__(*args, **more)  # type: ignore[arg-type]
        offer(self, "team", Team.objects.visible_to(person).order_by("name"))
        offer(self, "checklist", ChecklistTemplate.objects.usable_by(person).order_by("name"))

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


class ChannelQuestionForm(forms.Form):
    """An address, a site, a number or a name, and where it was met."""

    value = forms.CharField(max_length=320, label=_("Address, link, number or name"))
    kind = forms.ChoiceField(choices=CHANNEL_CHOICES, required=False, label=_("Where you met it"))


class ChannelReportForm(ChannelQuestionForm):
    """The same, with what happened."""

    told = forms.CharField(max_length=1000, required=False, label=_("What happened"))


class MessageQuestionForm(forms.Form):
    """A message, pasted or kept as a file, and the address it came to."""

    text = forms.CharField(max_length=100_000, required=False, label=_("The message"))
    file = forms.FileField(max_length=200, required=False, label=_("Or the mail as a file (.eml)"))
    address = forms.CharField(max_length=320, label=_("Your address, where it arrived"))

    def clean_file(self) -> Any:  # noqa: ANN401 -- an uploaded file, or nothing
        """Refuse what is larger than a mail without pictures."""
        file = self.cleaned_data["file"]
        if file is not None and file.size > MAX_QUESTION_BYTES:
            raise forms.ValidationError(_("The file is too large: paste the text instead."))
        return file

    def clean(self) -> dict[str, Any]:
        """One of the two is needed."""
        cleaned = super().clean() or {}
        if not cleaned.get("text") and cleaned.get("file") is None and "file" not in self.errors:
            self.add_error("text", _("Paste the message, or choose the file."))
        return cleaned


class ReviewDecisionForm(forms.Form):
    """What a reviewer finds in the documents, and what they decide."""

    decision = forms.ChoiceField(choices=Decision.choices)
    is_readable = forms.BooleanField(required=False)
    is_in_date = forms.BooleanField(required=False)
    name_matches = forms.BooleanField(required=False)
    face_matches = forms.BooleanField(required=False)
    reason = forms.CharField(max_length=1000)

    def clean(self) -> dict[str, Any]:
        """Confirming needs all four."""
        given: dict[str, Any] = super().clean() or {}
        found = ("is_readable", "is_in_date", "name_matches", "face_matches")
        if given.get("decision") == Decision.CONFIRMED and not all(given.get(name) for name in found):
            raise ValidationError(_("Confirming needs all four."))
        return given

    def said(self) -> Said:
        """Return it as the service takes it."""
        return Said(**self.cleaned_data)
