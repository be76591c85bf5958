"""Admin pages of the phone: lines with their menu, and what the provider asked."""

from typing import TYPE_CHECKING, Any, ClassVar, cast

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.models import Staff
from accounts.permissions import Permission
from core.admin import InlineBase, Permitted, ReadOnlyModelAdmin, WithRowsAdmin
from security import official
from security.official import Verdict
from tickets.models import PhoneEvent, PhoneLine, PhoneReason
from tickets.services import errors, phone_lines

if TYPE_CHECKING:
    from django.contrib.admin.options import _FieldsetSpec


SHORTEST_SECRET = 32
SECRETS = ("token", "sdk_secret", "cti_secret")


class PhoneLineForm(forms.ModelForm):  # type: ignore[type-arg]
    """Settings of a line; its secret goes in and never comes out, an empty one keeps what is there."""

    languages = forms.MultipleChoiceField(
        label=_("languages"), choices=settings.LANGUAGES, widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        widgets: ClassVar[dict[str, forms.Widget]] = {
            name: forms.PasswordInput(attrs={"autocomplete": "new-password"}, render_value=False) for name in SECRETS
        }
        help_texts: ClassVar[dict[str, Any]] = {
            "token": _("Signs the provider's requests, and ours. Never shown again; empty keeps what is stored."),
            "sdk_key": _("Empty: calls ring at people's own numbers, and nothing of the provider's is loaded."),
            "sdk_secret": _("Never shown again. Leave it empty to keep what is stored."),
            "cti_secret": _("Signs what a PBX of our own tells. At least 32 characters; empty keeps what is stored."),
        }

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        if "token" in self.fields:
            self.fields["token"].required = False

    def clean(self) -> dict[str, Any]:
        """Put back the stored secrets that were not typed anew; without a key there is no secret of it."""
        cleaned = super().clean() or {}
        for name in SECRETS:
            if not cleaned.get(name):
                cleaned[name] = self.initial.get(name, "")
        if not (cleaned.get("account_sid") and cleaned.get("token")) and not cleaned.get("cti_secret"):
            raise forms.ValidationError(_("Give an account at a provider with its secret, or the secret of a PBX."))
        if len(cleaned.get("cti_secret") or "x" * SHORTEST_SECRET) < SHORTEST_SECRET:
            self.add_error("cti_secret", _("Take at least 32 characters."))
        if not cleaned.get("sdk_key"):
            cleaned["sdk_key"] = cleaned["sdk_secret"] = ""
        return cleaned


class PhoneReasonInline(Permitted, InlineBase):
    """The keys of a line's menu."""

    model = PhoneReason
    manage_permission = Permission.MAILBOX_MANAGE
    can_delete_rows = True
    extra = 0
    max_num = 9
    fields = ["key", "words", "words_zh_hans", "topic", "priority", "is_theft"]


@admin.register(PhoneLine)
class PhoneLineAdmin(WithRowsAdmin):
    """Numbers of ours: tried by the action of the list. Never deleted: switched off."""

    audit_kind = "phone_line"
    rows = "reasons"
    form = PhoneLineForm
    manage_permission = Permission.MAILBOX_MANAGE
    list_display = ["name", "number", "team", "is_active", "handle", "last_error", "last_error_at"]
    list_filter = ["is_active"]
    list_select_related = ["team"]
    search_fields = ["name"]
    readonly_fields = ("handle", "incoming", "ended", "told_to", "is_official", "last_error", "last_error_at")
    actions = ["test_connection"]
    inlines = [PhoneReasonInline]
    fieldsets = [
        (None, {"fields": ["name", "number", "is_active", "team", "languages", "asks_pin"]}),
        (_("Hours"), {"fields": ["calendar", "offers_callbacks"]}),
        (
            _("Recording"),
            {"fields": ["records_calls", "consent_words", "consent_words_zh_hans", "keep_recordings_days"]},
        ),
        (_("Connection"), {"fields": ["account_sid", "token"]}),
        (_("A PBX of our own"), {"fields": ["cti_secret", "told_to"]}),
        (_("Calls in the browser"), {"fields": ["sdk_key", "sdk_secret"]}),
        (_("State"), {"fields": ["handle", "incoming", "ended", "is_official", "last_error", "last_error_at"]}),
    ]

    def get_fieldsets(self, request: HttpRequest, obj: Model | None = None) -> "_FieldsetSpec":
        """Those who only look do not see the secret: Django would print it as text."""
        if self.has_change_permission(request, obj):
            return self.fieldsets
        shown = [
            (title, {**options, "fields": [name for name in options["fields"] if name not in SECRETS]})
            for title, options in self.fieldsets
        ]
        return cast("_FieldsetSpec", shown)

    def changed_fields(self, form: "forms.ModelForm[Any]") -> list[str]:
        """An empty secret is no change."""
        return [name for name in super().changed_fields(form) if name not in SECRETS or form.data.get(name)]

    @admin.display(description=_("webhook of incoming calls"))
    def incoming(self, line: PhoneLine) -> str:
        """Where the provider has to ask when a call comes in."""
        return phone_lines.hook_url(line, "call") if line.pk else "—"

    @admin.display(description=_("webhook of their end"))
    def ended(self, line: PhoneLine) -> str:
        """Where the provider has to tell that a call is over."""
        return phone_lines.hook_url(line, "status") if line.pk else "—"

    @admin.display(description=_("official"), boolean=True)
    def is_official(self, line: PhoneLine) -> bool:
        """Whether our register of official channels says that this number is ours."""
        found = official.look_up(line.number, kind="phone") if line.pk else None
        return found is not None and found.verdict == Verdict.OFFICIAL

    @admin.display(description=_("address for the PBX"))
    def told_to(self, line: PhoneLine) -> str:
        """Return where a PBX tells of its calls."""
        return phone_lines.cti_url(line) if line.pk else "—"

    @admin.action(description=_("Test the connection"), permissions=["change"])
    def test_connection(self, request: HttpRequest, queryset: QuerySet[PhoneLine]) -> None:
        """Ask the provider who we are."""
        for line in queryset:
            try:
                phone_lines.test_connection(line=line, by=cast("Staff", request.user))
            except errors.VendorSaysNo as no:
                self.message_user(request, f"{line}: {no}", messages.ERROR)
            else:
                self.message_user(request, str(_("%(account)s: connected.")) % {"account": str(line)})


@admin.register(PhoneEvent)
class PhoneEventAdmin(ReadOnlyModelAdmin):
    """What the provider asked: states, never content."""

    list_display = ["public_id", "received_at", "line", "step", "state", "attempts", "last_error"]
    list_filter = ["state", "line", "step"]
    list_select_related = ["line"]
    search_fields = ["=public_id"]
    search_help_text = _("Whole id")
    readonly_fields = ("public_id", "line", "step", "state", "received_at", "attempts", "last_error")
    fields = readonly_fields
    ordering = ["-id"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[PhoneEvent]:
        """Without the sealed bytes, which nobody here can open, and without what we answered."""
        return super().get_queryset(request).defer("raw", "answer")
