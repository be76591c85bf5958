"""Admin pages of escalation: chains with their steps, places outside, on-call schedules and who stands in."""

from typing import Any, ClassVar, cast

from django import forms
from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.models import Team
from accounts.permissions import Permission
from core.admin import InlineBase, Permitted, PharosModelAdmin, WithRowsAdmin
from tickets.models import (
    EscalationChain,
    EscalationHook,
    EscalationStep,
    OnCallOverride,
    OnCallParticipant,
    OnCallSchedule,
    SlaPolicy,
)
from tickets.models.ticket import Priority
from tickets.sla.vocabulary import Metric


def _several(label: Any, choices: Any) -> forms.MultipleChoiceField:  # noqa: ANN401 -- what Django's choices may be
    boxes = forms.CheckboxSelectMultiple
    return forms.MultipleChoiceField(label=label, choices=choices, required=False, widget=boxes)


class EscalationChainForm(forms.ModelForm):  # type: ignore[type-arg]
    """Whom a chain is for: lists of what fits, none chosen leaves nobody out."""

    teams = forms.ModelMultipleChoiceField(label=_("teams"), queryset=Team.objects.order_by("name"), required=False)
    policies = forms.ModelMultipleChoiceField(
        label=_("SLA policies"), queryset=SlaPolicy.objects.order_by("name"), required=False
    )
    metrics = _several(_("promises"), Metric.choices)
    priorities = _several(_("priorities"), Priority.choices)

    class Meta:
        model = EscalationChain
        fields: ClassVar[list[str]] = [
            "name", "is_active", "position", "teams", "policies", "metrics", "priorities", "takes_customers",
            "quiet_from", "quiet_until", "time_zone", "storm_limit",
        ]  # fmt: skip

    def clean_teams(self) -> list[int]:
        """Keep the keys."""
        return [team.pk for team in self.cleaned_data["teams"]]

    def clean_policies(self) -> list[int]:
        """Keep the keys."""
        return [policy.pk for policy in self.cleaned_data["policies"]]


class StepInline(Permitted, InlineBase):
    """What a chain does, step by step."""

    model = EscalationStep
    manage_permission = Permission.MAILBOX_MANAGE
    can_delete_rows = True
    extra = 0
    fields = (
        "position", "minutes", "after", "action", "staff", "team", "to_assignee", "schedule", "hook", "priority",
        "is_urgent",
    )  # fmt: skip


class ParticipantInline(Permitted, InlineBase):
    """Who takes turns, in order."""

    model = OnCallParticipant
    manage_permission = Permission.MAILBOX_MANAGE
    can_delete_rows = True
    extra = 0


@admin.register(EscalationChain)
class EscalationChainAdmin(WithRowsAdmin):
    """Chains and their steps. What runs keeps the steps that it began with. Never deleted: switched off."""

    manage_permission = Permission.MAILBOX_MANAGE
    form = EscalationChainForm
    rows = "steps"
    inlines = [StepInline]
    list_display = ["name", "position", "is_active", "takes_customers", "storm_limit"]
    search_fields = ["name"]
    fieldsets = [
        (None, {"fields": ["name", "is_active", "position"]}),
        (_("For which tickets"), {"fields": ["teams", "policies", "metrics", "priorities", "takes_customers"]}),
        (_("Quiet hours and storm guard"), {"fields": ["quiet_from", "quiet_until", "time_zone", "storm_limit"]}),
    ]


class EscalationHookForm(forms.ModelForm):  # type: ignore[type-arg]
    """The signing key goes in and never comes out; an empty one keeps what is there, or makes one for a new place."""

    secret = forms.CharField(
        label=_("signing key"),
        required=False,
        max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}, render_value=False),
        help_text=_("Never shown again. Leave it empty to keep what is stored."),
    )

    def clean_secret(self) -> str:
        """Keep the stored one where none was typed."""
        return str(self.cleaned_data["secret"] or self.instance.secret)


@admin.register(EscalationHook)
class EscalationHookAdmin(PharosModelAdmin):
    """Places outside that are told."""

    form = EscalationHookForm
    manage_permission = Permission.MAILBOX_MANAGE
    list_display = ["name", "format", "is_active"]
    search_fields = ["name"]
    fields = ["name", "url", "format", "secret", "is_active"]

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> list[Any]:
        """Those who only look see neither the key nor the address, which is a secret of chat channels."""
        may = self.has_change_permission(request, obj)
        return [one for one in cast("list[Any]", self.fields) if may or one not in {"secret", "url"}]

    def changed_fields(self, form: "forms.ModelForm[Any]") -> list[str]:
        """An empty key is no change."""
        return [name for name in super().changed_fields(form) if name != "secret" or form.data.get("secret")]


@admin.register(OnCallSchedule)
class OnCallScheduleAdmin(WithRowsAdmin):
    """Rotations of people on call."""

    manage_permission = Permission.MAILBOX_MANAGE
    rows = "participants"
    inlines = [ParticipantInline]
    list_display = ["name", "time_zone", "hands_over_at", "turn_days"]
    search_fields = ["name"]
    fields = ["name", "time_zone", "begins_on", "hands_over_at", "turn_days"]


@admin.register(OnCallOverride)
class OnCallOverrideAdmin(PharosModelAdmin):
    """Who stands in and swaps, to look at: agreed at the desk, where the other has a say."""

    can_add = False
    list_display = ["schedule", "staff", "starts_at", "ends_at", "state", "asked_by"]
    list_filter = ["state", "schedule"]
    list_select_related = ["schedule", "staff", "asked_by"]
    readonly_fields = ("public_id", "schedule", "staff", "starts_at", "ends_at", "state", "asked_by", "asked_at")
    fields = readonly_fields
    ordering = ["-id"]
