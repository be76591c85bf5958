"""The form of a draft of an SLA policy in the admin: conditions as lists, targets in minutes by metric and priority."""

from datetime import datetime
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Team
from core import clock
from tickets.models import SlaPolicyVersion
from tickets.models.channel import Channel
from tickets.models.sla_policy import MAX_MINUTES
from tickets.models.ticket import Priority, Status
from tickets.selectors.languages import LANGUAGES, language_name
from tickets.sla.vocabulary import Metric

# The statuses in which somebody else has to act.
PAUSING = [(status.value, status.label) for status in (Status.PENDING, Status.ON_HOLD)]
TARGETS = {f"{metric}_{priority}": (metric, priority) for metric in Metric for priority in Priority}


def names_of(metric: Metric) -> tuple[str, ...]:
    """Return the fields of a metric's targets, by priority."""
    return tuple(name for name, (of, _priority) in TARGETS.items() if of == metric)


def _several(label: Any, choices: Any) -> forms.MultipleChoiceField:  # noqa: ANN401 -- what Django's choices may be
    boxes = forms.CheckboxSelectMultiple
    return forms.MultipleChoiceField(label=label, choices=choices, required=False, widget=boxes)


def _minutes(priority: Priority) -> forms.IntegerField:
    return forms.IntegerField(label=priority.label, required=False, min_value=1, max_value=MAX_MINUTES)


class FromWhenForm(forms.Form):
    """From when versions hold."""

    at = forms.DateTimeField(
        label=_("At a moment (in your time zone), or empty for now"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )

    def clean_at(self) -> datetime | None:
        """Take no moment that is past: the database does not, either."""
        at: datetime | None = self.cleaned_data["at"]
        if at is not None and at <= clock.now():
            raise forms.ValidationError(_("This moment is past: leave it empty for now, or choose a later one."))
        return at


class SlaPolicyVersionForm(forms.ModelForm):  # type: ignore[type-arg]
    """A draft: whom it is for, what it promises, when no time counts."""

    channels = _several(_("channels"), Channel.choices)
    priorities = _several(_("priorities"), Priority.choices)
    languages = _several(_("languages"), lambda: [(code, language_name(code)) for code in LANGUAGES])
    teams = forms.ModelMultipleChoiceField(label=_("teams"), queryset=Team.objects.order_by("name"), required=False)
    pauses_in = _several(_("paused while"), PAUSING)

    class Meta:
        model = SlaPolicyVersion
        fields: ClassVar[list[str]] = [
            "policy", "position", "is_active", "channels", "priorities", "languages", "teams", "tags",
            "is_risk_raised", "calendar", "warn_percent", "pauses_in", "reopening",
        ]  # fmt: skip

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        targets = self.instance.targets
        for name, (metric, priority) in TARGETS.items():
            if name in self.fields:
                self.fields[name].initial = targets.get(metric, {}).get(priority)

    def clean_teams(self) -> list[int]:
        """Keep the keys."""
        return [team.pk for team in self.cleaned_data["teams"]]

    def clean_tags(self) -> list[str]:
        """Tags are kept in lower case."""
        return [str(tag).lower() for tag in self.cleaned_data["tags"]]

    def clean(self) -> dict[str, Any]:
        """Collect the targets; a version that promises something promises at least one. Raises ValidationError."""
        cleaned = super().clean() or {}
        targets: dict[str, dict[str, int]] = {}
        for name, (metric, priority) in TARGETS.items():
            if minutes := cleaned.get(name):
                targets.setdefault(metric.value, {})[priority.value] = minutes
        if cleaned.get("is_active") and not targets:
            raise forms.ValidationError(_("Promise something: at least one target."))
        self.instance.targets = targets
        return cleaned


for _name, (_metric, _priority) in TARGETS.items():
    SlaPolicyVersionForm.base_fields[_name] = SlaPolicyVersionForm.declared_fields[_name] = _minutes(_priority)
