"""Forms of the portal."""

import re
import unicodedata
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile as File
from django.utils.translation import gettext_lazy as _

from security.models import ReviewDocument
from security.redaction import redact
from security.services.safety import MAX_LOCK_DAYS
from tickets.models import Topic
from tickets.services.senders import NewFile

MAX_TEXT = 20_000
PHRASE_MIN, PHRASE_MAX = 4, 60
# What makes a link or an address out of a phrase, in a mail that is to be trusted.
LINKLIKE = re.compile(r"https?:|www\.|://|@|\w\.\w", re.IGNORECASE)
UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


class ManyFilesInput(forms.ClearableFileInput):
    """A field that takes several files."""

    allow_multiple_selected = True


class ManyFilesField(forms.FileField):
    """Any number of files, as they were given."""

    widget = ManyFilesInput

    def clean(self, data: Any, initial: Any = None) -> list["File[Any]"]:  # noqa: ANN401 -- as Django declares it
        """Clean each."""
        given = data if isinstance(data, list | tuple) else [data] if data else []
        return [super(ManyFilesField, self).clean(one, initial) for one in given]


class NewRequestForm(forms.Form):
    """What a customer asks."""

    topic = forms.ModelChoiceField(
        Topic.objects.filter(parent__isnull=False, is_active=True), to_field_name="slug", required=False
    )
    subject = forms.CharField(max_length=200)
    text = forms.CharField(max_length=MAX_TEXT)
    attached = ManyFilesField(required=False, allow_empty_file=True)
    # A closed request that this one continues; one's own only, which the door makes sure of.
    follows = forms.SlugField(max_length=20, required=False)
    # Names this copy of the form: sent twice, it opens one request.
    form_key = forms.CharField(max_length=40, required=False)


class AnswerForm(forms.Form):
    """What a customer adds."""

    text = forms.CharField(max_length=MAX_TEXT, required=False)
    attached = ManyFilesField(required=False, allow_empty_file=True)
    seen = forms.IntegerField(min_value=0)
    client_key = forms.CharField(max_length=40, required=False)


class PhraseForm(forms.Form):
    """Words that are to be in every mail of ours."""

    phrase = forms.CharField(max_length=PHRASE_MAX)

    def clean_phrase(self) -> str:
        """Refuse what cannot be recognised, what can be clicked, and what is a secret itself."""
        words = " ".join(str(self.cleaned_data["phrase"]).split())
        if sum(letter.isalnum() for letter in words) < PHRASE_MIN:
            raise ValidationError(_("Use at least four letters or digits."))
        if any(unicodedata.category(letter) in UNSEEN for letter in words):
            raise ValidationError(_("Use only characters that can be seen."))
        if LINKLIKE.search(words):
            raise ValidationError(_("A phrase cannot hold a link or an address."))
        if redact(words).findings:
            raise ValidationError(_("This looks like a recovery phrase, a code or a card number. Never use one here."))
        return words


class LockForm(forms.Form):
    """For how many days support may change nothing."""

    days = forms.IntegerField(min_value=1, max_value=MAX_LOCK_DAYS)


class PasskeyForm(forms.Form):
    """What the browser made for a new passkey, and how its owner calls it."""

    label = forms.CharField(max_length=60, required=False)
    registration = forms.CharField(max_length=120)
    response = forms.CharField(max_length=32_768)


class CodeForm(forms.Form):
    """The first code of a new authenticator, and the sealed name of what was begun."""

    ceremony = forms.CharField(max_length=400, widget=forms.HiddenInput)
    code = forms.CharField(max_length=20)


class AnswerByPasskeyForm(forms.Form):
    """A passkey's answer, and the check that it answers."""

    check = forms.SlugField(max_length=20)
    response = forms.CharField(max_length=32_768)


class AnswerByCodeForm(forms.Form):
    """A code of the customer's authenticator."""

    code = forms.CharField(max_length=20)


class ReviewPictureForm(forms.Form):
    """One picture for a manual review."""

    kind = forms.ChoiceField(
        choices=[(kind.value, kind.label) for kind in (ReviewDocument.Kind.IDENTITY, ReviewDocument.Kind.FACE)]
    )
    picture = forms.FileField()


def new_files(given: list["File[Any]"]) -> list[NewFile]:
    """Read what was uploaded; its size was bounded by the server before."""
    return [NewFile(name=one.name or "file", content=one.read()) for one in given]
