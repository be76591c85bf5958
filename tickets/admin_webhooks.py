"""Admin pages of webhooks: systems that are told, what each was owed, and sending it again."""

from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Team
from accounts.permissions import Permission
from core.admin import PharosModelAdmin, ReadOnlyModelAdmin, person_of
from tickets.models import WebhookDelivery, WebhookEndpoint
from tickets.services import webhooks
from tickets.webhooks import signing
from tickets.webhooks.vocabulary import CHOSEN

MOST_REPLAYED = 1_000


class WebhookEndpointForm(forms.ModelForm):  # type: ignore[type-arg]
    """The signing key goes in and never comes out; an empty one keeps what is there."""

    events = forms.MultipleChoiceField(
        label=_("events"), choices=[(str(one), one.label) for one in CHOSEN], widget=forms.CheckboxSelectMultiple
    )
    teams = forms.ModelMultipleChoiceField(
        label=_("teams"),
        queryset=Team.objects.order_by("name"),
        required=False,
        help_text=_(
            "Of none: of all that are not restricted. A restricted team's tickets are told of where it is chosen."
        ),
    )
    secret = forms.CharField(
        label=_("signing key"),
        required=False,
        max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}, render_value=False),
        help_text=_(
            "As manage.py webhook_key prints. Never shown again. Leave it empty to keep what is stored; a former key "
            "signs besides for a day."
        ),
    )

    def clean_secret(self) -> str:
        """Keep the stored one where none was typed; a new webhook needs one."""
        typed = str(self.cleaned_data["secret"] or "")
        key = typed or self.instance.secret
        signing.check_key(key)
        return key

    def clean_teams(self) -> list[int]:
        """Keep their keys."""
        return sorted(team.pk for team in self.cleaned_data["teams"])


@admin.register(WebhookEndpoint)
class WebhookEndpointAdmin(PharosModelAdmin):
    """Systems that are told. Never deleted: switched off."""

    form = WebhookEndpointForm
    manage_permission = Permission.MAILBOX_MANAGE
    can_delete = False
    list_display = ["name", "is_active", "failing_since", "rests_until"]
    search_fields = ["name"]
    fields = ["name", "url", "events", "teams", "secret", "is_active"]
    actions = ["try_out"]

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> list[Any]:
        """Those who only look see neither the key nor the address."""
        may = self.has_change_permission(request, obj)
        return [one for one in cast("list[Any]", self.fields) if may or one not in {"secret", "url"}]

    def changed_fields(self, form: "forms.ModelForm[Any]") -> list[str]:
        """An empty key is no change."""
        return [name for name in super().changed_fields(form) if name != "secret" or form.data.get("secret")]

    def save_model(self, request: HttpRequest, obj: Model, form: "forms.ModelForm[Any]", change: bool) -> None:  # noqa: FBT001 -- Django's signature
        """A key that is changed goes on signing for a day beside the new one; what is turned on again begins anew."""
        former = form.initial.get("secret", "") if change and form.data.get("secret") else ""
        super().save_model(request, obj, form, change)
        endpoint = cast("WebhookEndpoint", obj)
        if former:
            webhooks.change_key(endpoint=endpoint, former=former)
        if "is_active" in form.changed_data and endpoint.is_active:
            endpoint.note_taken()

    def has_try_permission(self, request: HttpRequest) -> bool:
        """Whether the action is offered and obeyed."""
        return person_of(request).has(self.manage_permission)

    @admin.action(description=_("Send a trial"), permissions=["try"])
    def try_out(self, request: HttpRequest, queryset: QuerySet[WebhookEndpoint]) -> None:
        """Owe each of the chosen a trial; what became of it stands among the deliveries."""
        for endpoint in queryset:
            webhooks.try_out(endpoint=endpoint, by=person_of(request).actor)
        self.message_user(request, gettext("A trial is on its way: look among the deliveries."), messages.SUCCESS)


@admin.register(WebhookDelivery)
class WebhookDeliveryAdmin(ReadOnlyModelAdmin):
    """What endpoints were owed, what became of it, and sending it again."""

    list_display = ["public_id", "event", "endpoint", "state", "attempts", "created_at", "settled_at", "last_error"]
    list_filter = ["state", "endpoint", "event"]
    list_select_related = ["endpoint"]
    search_fields = ["=public_id"]
    readonly_fields = (
        "public_id", "event", "endpoint", "seq", "body", "state", "attempts", "next_attempt_at", "last_error",
        "created_at", "settled_at",
    )  # fmt: skip
    fields = readonly_fields
    ordering = ["-id"]
    actions = ["replay"]

    def has_replay_permission(self, request: HttpRequest) -> bool:
        """Whether the action is offered and obeyed."""
        return person_of(request).has(Permission.MAILBOX_MANAGE)

    @admin.action(description=_("Send again"), permissions=["replay"])
    def replay(self, request: HttpRequest, queryset: QuerySet[WebhookDelivery]) -> None:
        """Send the chosen again, under the same ids."""
        chosen = queryset.select_related("endpoint")[:MOST_REPLAYED]
        count = webhooks.replay(deliveries=chosen, by=person_of(request).actor)
        self.message_user(request, gettext("Sent again: %(count)d.") % {"count": count}, messages.SUCCESS)
