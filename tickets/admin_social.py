"""Admin pages of social channels: accounts with their connection, events that need review, messages on their way."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar, cast

from django import forms
from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.crypto import get_random_string
from django.utils.translation import gettext_lazy as _

from accounts.masking import masked
from accounts.models import Staff
from accounts.permissions import Permission
from core.admin import PharosModelAdmin, ReadOnlyModelAdmin, person_of
from tickets.channels.social.registry import CHANNELS, TEMPLATE_CHANNELS
from tickets.models import (
    SocialAccount,
    SocialEvent,
    SocialImpostor,
    SocialKind,
    SocialPost,
    SocialRoute,
    SocialTemplate,
)
from tickets.services import errors, social_accounts, social_review

if TYPE_CHECKING:
    from django.contrib.admin.options import _FieldsetSpec
    from django_stubs_ext import StrOrPromise

SECRETS = ("token", "webhook_secret", "app_secret", "token_secret")
SECRET_CHARS = 43


class SocialAccountForm(forms.ModelForm):  # type: ignore[type-arg]
    """Settings of an account; secrets go in and never come out, an empty one keeps what is there."""

    class Meta:
        widgets: ClassVar[dict[str, forms.Widget]] = {
            name: forms.PasswordInput(attrs={"autocomplete": "new-password"}, render_value=False) for name in SECRETS
        }
        help_texts: ClassVar[dict[str, Any]] = {
            "token": _("Never shown again. Leave it empty to keep what is stored."),
            "webhook_secret": _(
                "Leave it empty: one is made by itself, and the vendor is told with the webhook. For Messenger and "
                "WhatsApp it is the verify token."
            ),
            "external_id": _(
                "Messenger: the page's number. WhatsApp: the phone number's. X: the user's. "
                "Discord: the application's. SMS: our number, as +442079460018. Else empty."
            ),
            "app_key": _(
                "Messenger and WhatsApp: the number of the application; it tells Meta the webhook by itself. "
                "X: the consumer key. Discord: the public key of the application, without which no command is taken. "
                "SMS: the account at the provider, whose token signs what comes."
            ),
            "app_secret": _("Signs the events of Messenger, WhatsApp and X: without it nothing is taken."),
            "token_secret": _("X alone."),
            "official_role": _(
                "Discord alone: the number of the role that our people have on the server. With it, members who are "
                "called like us and have it not are reported; the application needs the intent for members then."
            ),
        }

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        if "token" in self.fields:
            self.fields["token"].required = not self.instance.pk
        if "kind" in self.fields:
            offered = [(value, label) for value, label in SocialKind.choices if value in CHANNELS]
            cast("forms.ChoiceField", self.fields["kind"]).choices = offered

    def clean(self) -> dict[str, Any]:
        """Put back the stored secrets that were not typed anew; make a webhook secret where there is none."""
        cleaned = super().clean() or {}
        for name in SECRETS:
            if not cleaned.get(name):
                cleaned[name] = self.initial.get(name, "")
        cleaned["webhook_secret"] = cleaned["webhook_secret"] or get_random_string(SECRET_CHARS)
        return cleaned


@admin.register(SocialAccount)
class SocialAccountAdmin(PharosModelAdmin):
    """Connected accounts: tried, and told where to send events, by the actions of the list."""

    audit_kind = "social_account"
    form = SocialAccountForm
    manage_permission = Permission.MAILBOX_MANAGE
    list_display = ["name", "kind", "handle", "inbound", "is_active", "last_event", "last_error", "last_error_at"]
    list_filter = ["kind", "is_active", "inbound"]
    search_fields = ["name"]
    readonly_fields = ("handle", "webhook", "last_event", "last_error", "last_error_at")
    actions = ["test_connection", "set_webhook", "delete_webhook"]
    fieldsets = [
        (None, {"fields": ["kind", "name", "is_active", "brand", "team", "language"]}),
        (_("Connection"), {"fields": ["inbound", "external_id", "token", "token_secret", "webhook_secret"]}),
        (_("Application at the vendor"), {"fields": ["app_key", "app_secret"]}),
        (_("On its servers"), {"fields": ["official_role"]}),
        (_("State"), {"fields": ["handle", "webhook", "last_event", "last_error", "last_error_at"]}),
    ]

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        """Which vendor's it is, is said once."""
        return [*self.readonly_fields, *(["kind"] if obj else [])]

    def get_fieldsets(self, request: HttpRequest, obj: Model | None = None) -> "_FieldsetSpec":
        """Those who only look do not see secrets: Django would print them as text."""
        if self.has_change_permission(request, obj):
            return self.fieldsets
        shown = [
            (title, {**options, "fields": [name for name in options["fields"] if name not in SECRETS]})
            for title, options in self.fieldsets
        ]
        return cast("_FieldsetSpec", shown)

    def changed_fields(self, form: "forms.ModelForm[Any]") -> list[str]:
        """An empty secret is no change; the one that was made by itself belongs to a new row."""
        return [name for name in super().changed_fields(form) if name not in SECRETS or form.data.get(name)]

    @admin.display(description=_("webhook"))
    def webhook(self, account: SocialAccount) -> str:
        """Where the vendor has to send events."""
        return social_accounts.hook_url(account) if account.pk else "—"

    @admin.display(description=_("last event"))
    def last_event(self, account: SocialAccount) -> Any:  # noqa: ANN401 -- a moment, which the admin formats
        """When it was last heard of."""
        latest = account.events.order_by("-received_at").values_list("received_at", flat=True).first()
        return latest if account.pk else None

    @admin.action(description=_("Test the connection"), permissions=["change"])
    def test_connection(self, request: HttpRequest, queryset: QuerySet[SocialAccount]) -> None:
        """Ask the vendor who we are."""
        self._each(request, queryset, social_accounts.test_connection, _("%(account)s: connected."))

    @admin.action(description=_("Set up: the vendor calls us (Discord: with commands)"), permissions=["change"])
    def set_webhook(self, request: HttpRequest, queryset: QuerySet[SocialAccount]) -> None:
        """Have events sent to us; of Discord, register the commands and have them sent."""
        self._each(request, queryset, social_accounts.set_webhook, _("%(account)s: the webhook is set."))

    @admin.action(description=_("Delete the webhook: we ask the vendor"), permissions=["change"])
    def delete_webhook(self, request: HttpRequest, queryset: QuerySet[SocialAccount]) -> None:
        """Have events kept, which we poll."""
        self._each(request, queryset, social_accounts.delete_webhook, _("%(account)s: polled from now on."))

    def _each(
        self, request: HttpRequest, queryset: QuerySet[SocialAccount], act: Callable[..., object], done: "StrOrPromise"
    ) -> None:
        for account in queryset:
            said = {"account": str(account)}
            try:
                act(account=account, by=cast("Staff", request.user))
            except errors.VendorSaysNo as no:
                self.message_user(request, f"{account}: {no}", messages.ERROR)
            else:
                self.message_user(request, str(done) % said)


@admin.register(SocialRoute)
class SocialRouteAdmin(PharosModelAdmin):
    """Channels of servers and the teams whose their tickets are. They are switched off, never deleted."""

    audit_kind = "social_route"
    manage_permission = Permission.MAILBOX_MANAGE
    list_display = ["channel_id", "account", "team", "is_watched_forum", "is_active"]
    list_filter = ["account", "is_watched_forum", "is_active"]
    list_select_related = ["account", "team"]
    search_fields = ["=channel_id"]
    fields = ["account", "channel_id", "team", "is_watched_forum", "is_active"]

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        """Which channel it is, is said once."""
        return [*self.readonly_fields, *(["account", "channel_id"] if obj else [])]

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **named: Any) -> Any:  # noqa: ANN401 -- as Django's
        """Offer accounts that have servers."""
        if db_field.name == "account":
            named["queryset"] = SocialAccount.objects.filter(kind=SocialKind.DISCORD)
        return super().formfield_for_foreignkey(db_field, request, **named)


@admin.register(SocialImpostor)
class SocialImpostorAdmin(ReadOnlyModelAdmin):
    """Members of servers who are called like us and are not: their numbers, never their names."""

    list_display = ["member_id", "server_id", "account", "staff", "day", "seen_at"]
    list_filter = ["account"]
    list_select_related = ["account", "staff"]
    search_fields = ["=member_id"]
    readonly_fields = ("account", "server_id", "member_id", "staff", "day", "seen_at")
    fields = readonly_fields
    ordering = ["-id"]


@admin.register(SocialTemplate)
class SocialTemplateAdmin(PharosModelAdmin):
    """Texts that a vendor has approved. They are switched off, never deleted."""

    audit_kind = "social_template"
    manage_permission = Permission.MAILBOX_MANAGE
    list_display = ["name", "language", "account", "is_active"]
    list_filter = ["account", "is_active"]
    list_select_related = ["account"]
    search_fields = ["name"]
    fields = ["account", "name", "language", "body", "is_active"]

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        """Whose it is, is said once."""
        return [*self.readonly_fields, *(["account"] if obj else [])]

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **named: Any) -> Any:  # noqa: ANN401 -- as Django's
        """Offer accounts whose vendor takes such texts."""
        if db_field.name == "account":
            named["queryset"] = SocialAccount.objects.filter(kind__in=TEMPLATE_CHANNELS)
        return super().formfield_for_foreignkey(db_field, request, **named)


@admin.register(SocialEvent)
class SocialEventAdmin(ReadOnlyModelAdmin):
    """Events as they came: their states, never their content. What could not be read is tried again here."""

    list_display = ["public_id", "received_at", "account", "state", "reason", "explanation", "attempts"]
    list_filter = ["state", "account"]
    list_select_related = ["account"]
    search_fields = ["=public_id", "=event_id"]
    search_help_text = _("Whole id, or the vendor's id")
    readonly_fields = (
        "public_id", "account", "event_id", "size", "state", "reason", "explanation", "received_at", "handled_at",
        "attempts", "next_attempt_at", "last_error",
    )  # fmt: skip
    fields = readonly_fields
    ordering = ["-id"]
    actions = ["try_again", "set_aside"]

    def has_release_permission(self, request: HttpRequest) -> bool:
        """Whoever decides about held-back mail decides here, too."""
        return person_of(request).has(Permission.QUARANTINE_RELEASE)

    def get_queryset(self, request: HttpRequest) -> QuerySet[SocialEvent]:
        """Without the sealed bytes, which nobody here can open."""
        return super().get_queryset(request).defer("raw")

    @admin.action(description=_("Read again"), permissions=["release"])
    def try_again(self, request: HttpRequest, queryset: QuerySet[SocialEvent]) -> None:
        """Read what needs review once more."""
        self._each(request, queryset, social_review.retry)

    @admin.action(description=_("Set aside for good"), permissions=["release"])
    def set_aside(self, request: HttpRequest, queryset: QuerySet[SocialEvent]) -> None:
        """Leave it at that."""
        self._each(request, queryset, social_review.ignore)

    def _each(self, request: HttpRequest, queryset: QuerySet[SocialEvent], act: Callable[..., object]) -> None:
        for event in queryset:
            try:
                act(event=event, by=cast("Staff", request.user))
            except errors.Refused:
                self.message_user(request, _("%s does not need review.") % event.public_id, messages.ERROR)


@admin.register(SocialPost)
class SocialPostAdmin(ReadOnlyModelAdmin):
    """Messages that we owe: their states, never their content."""

    list_display = ["id", "created_at", "account", "recipient", "state", "attempts", "next_attempt_at", "last_error"]
    list_filter = ["state"]
    list_select_related = ["chat__account"]
    readonly_fields = (
        "account", "recipient", "state", "detail", "parts_sent", "created_at", "sent_at", "delivered_at", "read_at",
        "attempts", "unanswered", "next_attempt_at", "last_error",
    )  # fmt: skip
    fields = readonly_fields
    ordering = ["-id"]

    @admin.display(description=_("social account"))
    def account(self, post: SocialPost) -> str:
        """By which account it goes."""
        return str(post.chat.account)

    @admin.display(description=_("recipient"))
    def recipient(self, post: SocialPost) -> str:
        """Masked."""
        return masked("handle", post.chat.external_id)
