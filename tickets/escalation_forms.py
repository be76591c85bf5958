"""Forms of escalation and of being on call, at the desk."""

from datetime import timedelta

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Staff, Team
from tickets.models.oncall import LONGEST
from tickets.models.ticket import Priority
from tickets.selectors.escalation_plan import Wish
from tickets.sla.vocabulary import Metric

LOCAL = forms.DateTimeInput(attrs={"type": "datetime-local", "class": "field"}, format="%Y-%m-%dT%H:%M")
AHEAD = timedelta(minutes=30)


class DryRunForm(forms.Form):
    """A ticket by its number, or what one would be like; when it would be warned of and missed, in one's own zone."""

    ticket = forms.IntegerField(label=_("Ticket number"), required=False, min_value=1, max_value=2**31)
    priority = forms.ChoiceField(label=_("Priority"), choices=Priority.choices, initial=Priority.NORMAL)
    team = forms.ModelChoiceField(
        label=_("Team"), queryset=Team.objects.order_by("name"), to_field_name="slug", required=False
    )
    metric = forms.ChoiceField(label=_("Promise"), choices=Metric.choices)
    warned = forms.DateTimeField(label=_("Warning"), widget=LOCAL)
    breached = forms.DateTimeField(label=_("Breach"), widget=LOCAL)

    def wish(self) -> Wish:
        """Return what was asked."""
        said = self.cleaned_data
        return Wish(
            number=said["ticket"] or 0,
            priority=said["priority"],
            team=said["team"],
            metric=said["metric"],
            warned_at=said["warned"],
            breached_at=said["breached"],
        )

    def get_initial_for_field(self, field: forms.Field, field_name: str) -> object:
        """Begin with now, and half an hour later."""
        begins = {"warned": timedelta(), "breached": AHEAD}
        if field_name in begins:
            return timezone.localtime() + begins[field_name]
        return super().get_initial_for_field(field, field_name)


class SpanForm(forms.Form):
    """From when to when, in one's own zone."""

    starts = forms.DateTimeField(label=_("From"))
    ends = forms.DateTimeField(label=_("To"))

    def clean(self) -> dict[str, object]:
        """A span ends after it begins, within a month. Raises ValidationError."""
        said = super().clean() or {}
        starts, ends = said.get("starts"), said.get("ends")
        if starts and ends and not timedelta() < ends - starts <= LONGEST:
            raise forms.ValidationError(_("It ends after it begins, and within 31 days."))
        return said


class StandInForm(SpanForm):
    """Who takes over."""

    staff = forms.ModelChoiceField(queryset=Staff.objects.filter(is_active=True), to_field_name="public_id")


class SwapForm(StandInForm):
    """With whom, and what is taken of theirs in exchange."""

    their_starts = forms.DateTimeField()
    their_ends = forms.DateTimeField()

    def clean(self) -> dict[str, object]:
        """Check the other span as well. Raises ValidationError."""
        said = super().clean()
        starts, ends = self.cleaned_data.get("their_starts"), self.cleaned_data.get("their_ends")
        if starts and ends and not timedelta() < ends - starts <= LONGEST:
            raise forms.ValidationError(_("It ends after it begins, and within 31 days."))
        return said


class QuietForm(forms.Form):
    """One's own quiet hours: both times or none."""

    quiet_from = forms.TimeField(required=False)
    quiet_until = forms.TimeField(required=False)

    def clean(self) -> dict[str, object]:
        """Both or none. Raises ValidationError."""
        said = super().clean() or {}
        if bool(said.get("quiet_from") is None) != bool(said.get("quiet_until") is None):
            raise forms.ValidationError(_("Quiet hours need both a beginning and an end."))
        return said
