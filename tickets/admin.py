"""Admin pages of mailboxes, tags, topics and of mail on its way."""

from typing import TYPE_CHECKING, Any, ClassVar, cast

from django import forms
from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.masking import masked_email
from accounts.permissions import Permission
from core.admin import InlineBase, Permitted, PharosModelAdmin, ReadOnlyModelAdmin, WithRowsAdmin
from tickets import (
    admin_fields,  # noqa: F401 -- registers its pages
    admin_phone,  # noqa: F401 -- registers its pages
    admin_sla,  # noqa: F401 -- registers its pages
    admin_social,  # noqa: F401 -- registers its pages
    admin_webhooks,  # noqa: F401 -- registers its pages
    escalation_admin,  # noqa: F401 -- imported for its pages
)
from tickets.models import (
    Alarm,
    CannedReply,
    GuidedForm,
    GuidedQuestion,
    InboundMail,
    Mailbox,
    OutboundMail,
    Tag,
    Topic,
    TopicSkill,
)
from tickets.models.guided import MOST_QUESTIONS
from tickets.services import canned, errors

if TYPE_CHECKING:
    from django.contrib.admin.options import _FieldsetSpec

SECRETS = ("imap_secret", "smtp_secret", "oauth_client_secret")


class MailboxForm(forms.ModelForm):  # type: ignore[type-arg]
    """Settings of a mailbox; secrets go in and never come out, an empty one keeps what is there."""

    class Meta:
        widgets: ClassVar[dict[str, forms.Widget]] = {
            name: forms.PasswordInput(attrs={"autocomplete": "new-password"}, render_value=False) for name in SECRETS
        }
        help_texts: ClassVar[dict[str, Any]] = {
            name: _("Never shown again. Leave it empty to keep what is stored.") for name in SECRETS
        }

    def clean_address(self) -> str:
        """Addresses are kept in lower case."""
        return str(self.cleaned_data["address"]).strip().lower()

    def clean(self) -> dict[str, Any]:
        """Put back the stored secrets that were not typed anew."""
        cleaned = super().clean() or {}
        for name in SECRETS:
            if not cleaned.get(name):
                cleaned[name] = self.initial.get(name, "")
        return cleaned


@admin.register(Mailbox)
class MailboxAdmin(PharosModelAdmin):
    """Mailboxes: how mail comes in and goes out."""

    form = MailboxForm
    manage_permission = Permission.MAILBOX_MANAGE
    list_display = ["address", "name", "inbound", "team", "language", "is_active"]
    list_filter = ["is_active", "inbound", "team"]
    list_select_related = ["team"]
    search_fields = ["address", "name", "slug"]
    prepopulated_fields: ClassVar[dict[str, Any]] = {}
    fieldsets = [
        (None, {"fields": ["address", "name", "slug", "is_active", "brand", "team", "language", "signature"]}),
        (_("Survey"), {"fields": ["survey_after_h", "survey_every_days"]}),
        (_("Mail in"), {
            "fields": [
                "trusted_authserv_id", "inbound", "imap_host", "imap_port", "imap_security", "imap_auth", "imap_user",
                "imap_secret", "imap_folder",
            ],
        }),
        (_("Mail out"), {
            "fields": ["smtp_host", "smtp_port", "smtp_security", "smtp_auth", "smtp_user", "smtp_secret"],
        }),
        (_("OAuth and certificates"), {
            "classes": ["collapse"],
            "fields": ["oauth_token_url", "oauth_client_id", "oauth_client_secret", "ca_certificate"],
        }),
    ]  # fmt: skip

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
        """An empty secret is no change."""
        return [name for name in super().changed_fields(form) if name not in SECRETS or form.data.get(name)]


class TopicSkillInline(Permitted, InlineBase):
    """What tickets of a topic ask for."""

    model = TopicSkill
    manage_permission = Permission.MAILBOX_MANAGE
    can_delete_rows = True
    extra = 0


@admin.register(Topic)
class TopicAdmin(WithRowsAdmin):
    """Contact reasons, in two levels, and the skills they ask for."""

    rows = "skills"
    manage_permission = Permission.MAILBOX_MANAGE
    list_display = ["name", "parent", "slug", "is_active"]
    list_filter = ["is_active", "parent"]
    list_select_related = ["parent"]
    search_fields = ["name", "slug"]
    inlines = [TopicSkillInline]


class GuidedQuestionInline(Permitted, InlineBase):
    """What a guided form asks."""

    model = GuidedQuestion
    manage_permission = Permission.MAILBOX_MANAGE
    can_delete_rows = True
    extra = 0
    max_num = MOST_QUESTIONS
    fields = [
        "position", "kind", "need", "label", "label_zh_hans", "hint", "hint_zh_hans", "choices", "choices_zh_hans",
    ]  # fmt: skip


@admin.register(GuidedForm)
class GuidedFormAdmin(WithRowsAdmin):
    """What customers are asked at the portal and in the web form, by topic. Never deleted: switched off."""

    rows = "questions"
    manage_permission = Permission.MAILBOX_MANAGE
    list_display = ["name", "topic", "position", "is_urgent", "is_active"]
    list_filter = ["is_active"]
    list_select_related = ["topic"]
    search_fields = ["name"]
    fields = [
        "topic", "name", "name_zh_hans", "lead", "lead_zh_hans", "matter", "matter_zh_hans", "outcome",
        "outcome_zh_hans", "is_urgent", "position", "is_active",
    ]  # fmt: skip
    inlines = [GuidedQuestionInline]

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        """Of which topic a form is, is for good: tickets were opened by it."""
        return [*super().get_readonly_fields(request, obj), *(["topic"] if obj else [])]


class CannedReplyForm(forms.ModelForm):  # type: ignore[type-arg]
    """Texts that may be said: what would be held back at each sending is refused here."""

    def clean(self) -> dict[str, Any]:
        """Check the placeholders, and read the texts as the outbound guard does."""
        cleaned = super().clean() or {}
        try:
            canned.check([str(cleaned.get(name) or "") for name in ("title", "text", "text_zh_hans")])
        except errors.Refused as refused:
            raise forms.ValidationError(str(refused)) from refused
        # The constraint names the owner, who is not in the form: Django would not ask it.
        same = CannedReply.objects.filter(
            shortcut=cleaned.get("shortcut"), team=cleaned.get("team"), owner__isnull=True
        )
        if same.exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError(str(canned.ShortcutTaken.message))
        return cleaned


@admin.register(CannedReply)
class CannedReplyAdmin(PharosModelAdmin):
    """Shared canned replies. Never deleted: switched off. Personal ones are their owners' alone."""

    # Leads keep them at the desk.
    manage_permission = Permission.MAILBOX_MANAGE
    form = CannedReplyForm
    list_display = ["shortcut", "title", "team", "is_active", "used", "used_at"]
    list_filter = ["is_active", "team"]
    list_select_related = ["team"]
    search_fields = ["shortcut", "title"]
    fields = ["shortcut", "title", "team", "text", "text_zh_hans", "is_active"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[CannedReply]:
        """Without those that people keep for themselves."""
        return super().get_queryset(request).filter(owner__isnull=True)


@admin.register(Tag)
class TagAdmin(PharosModelAdmin):
    """Tags; deleting one takes it off every ticket."""

    manage_permission = Permission.MAILBOX_MANAGE
    can_delete_rows = True
    list_display = ["name"]
    search_fields = ["name"]


@admin.register(InboundMail)
class InboundMailAdmin(ReadOnlyModelAdmin):
    """Mail that came in: its states, never its content."""

    list_display = ["public_id", "received_at", "mailbox", "source", "sender", "state", "reason", "attempts"]
    list_filter = ["state", "source", "mailbox"]
    list_select_related = ["mailbox"]
    search_fields = ["=public_id", "=identity"]
    search_help_text = _("Whole id or whole content hash")
    readonly_fields = (
        "public_id", "mailbox", "source", "is_from_trusted_mx", "identity", "sender", "size", "state", "reason",
        "explanation", "received_at", "handled_at", "attempts", "next_attempt_at", "last_error",
    )  # fmt: skip
    fields = readonly_fields
    ordering = ["-id"]

    @admin.display(description=_("sender"))
    def sender(self, mail: InboundMail) -> str:
        """Envelope sender, masked."""
        return masked_email(mail.envelope_from)

    def get_queryset(self, request: HttpRequest) -> QuerySet[InboundMail]:
        """Without the sealed bytes, which nobody here can open."""
        return super().get_queryset(request).defer("raw", "preview")


@admin.register(OutboundMail)
class OutboundMailAdmin(ReadOnlyModelAdmin):
    """Mail that we owe: its states, never its content."""

    list_display = ["id", "created_at", "mailbox", "recipient", "state", "attempts", "next_attempt_at", "last_error"]
    list_filter = ["state", "is_automatic", "mailbox"]
    list_select_related = ["mailbox"]
    search_fields = ["=message_id_header"]
    search_help_text = _("Whole Message-ID")
    readonly_fields = (
        "mailbox", "recipient", "message_id_header", "includes_history", "is_automatic", "state", "detail",
        "created_at", "sent_at", "attempts", "next_attempt_at", "last_error",
    )  # fmt: skip
    fields = readonly_fields
    ordering = ["-id"]

    @admin.display(description=_("recipient"))
    def recipient(self, mail: OutboundMail) -> str:
        """Masked."""
        return masked_email(mail.to_address)


@admin.register(Alarm)
class AlarmAdmin(ReadOnlyModelAdmin):
    """What was wrong with the system, and who took care of it; acknowledged on the desk."""

    list_display = ["kind", "about", "opened_at", "closed_at", "acknowledged_by"]
    list_filter = ["kind"]
    list_select_related = ["acknowledged_by"]
    readonly_fields = (
        "public_id", "kind", "about", "detail", "noticed_at", "opened_at", "told_at", "acknowledged_at",
        "acknowledged_by", "seen_at", "closed_at",
    )  # fmt: skip
    fields = readonly_fields
    ordering = ["-id"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Alarm]:
        """Without what has not lasted long enough to be one."""
        return super().get_queryset(request).filter(opened_at__isnull=False)
