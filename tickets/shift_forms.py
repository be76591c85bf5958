"""Forms of shifts and absences at the desk."""

from datetime import date

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _

from accounts.models import Absence, Staff
from accounts.models.shift import NOTE_LENGTH

# Days beyond have no week before or after that a calendar could name.
FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2100, 12, 31)


class ShiftForm(forms.Form):
    """Who, on which day, from when to when: by the wall clock where they are."""

    staff = forms.ModelChoiceField(
        label=_("Person"), queryset=Staff.objects.filter(is_active=True), to_field_name="public_id"
    )
    day = forms.DateField(label=_("Day"), validators=[MinValueValidator(FIRST_DAY), MaxValueValidator(LAST_DAY)])
    starts = forms.TimeField(label=_("From"))
    ends = forms.TimeField(label=_("To"))


class NoteForm(forms.Form):
    """What the next ones should know."""

    note = forms.CharField(max_length=NOTE_LENGTH, required=False, strip=False)


class AbsenceForm(forms.Form):
    """Why, and from when to when; `staff` is somebody else, by a lead."""

    staff = forms.ModelChoiceField(
        queryset=Staff.objects.filter(is_active=True), to_field_name="public_id", required=False
    )
    kind = forms.ChoiceField(choices=Absence.Kind.choices)
    first = forms.DateField(validators=[MinValueValidator(FIRST_DAY), MaxValueValidator(LAST_DAY)])
    last = forms.DateField(validators=[MinValueValidator(FIRST_DAY), MaxValueValidator(LAST_DAY)])
    starts = forms.TimeField(required=False)
    ends = forms.TimeField(required=False)
