"""Admin pages of mailboxes, tags, topics and of mail on its way."""

from typing import TYPE_CHECKING, Any, ClassVar, cast

from django import forms
from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _

from accounts.masking import masked_email
from accounts.models import Staff
from accounts.permissions import Permission
from core.admin import InlineBase, Permitted, PharosModelAdmin, ReadOnlyModelAdmin, WithRowsAdmin, person_of
from tickets import (
    admin_fields,  # noqa: F401 -- registers its pages
    admin_phone,  # noqa: F401 -- registers its pages
    admin_social,  # noqa: F401 -- registers its pages
    admin_webhooks,  # noqa: F401 -- registers its pages
    escalation_admin,  # noqa: F401 -- imported for its pages
)
from tickets.calendar_forms import CalendarFeedForm
from tickets.models import (
    Alarm,
    CalendarFeed,
    CannedReply,
    GuidedForm,
    GuidedQuestion,
    InboundMail,
    Mailbox,
    OutboundMail,
    SlaCalendar,
    SlaPolicy,
    SlaPolicyVersion,
    SlaTeamCalendar,
    Tag,
    Topic,
    TopicSkill,
)
from tickets.models.guided import MOST_QUESTIONS
from tickets.selectors import sla_simulation
from tickets.services import calendar_feeds, canned, errors, sla_policies
from tickets.sla.vocabulary import Metric
from tickets.sla_forms import TARGETS, SlaPolicyVersionForm, names_of

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


@admin.register(SlaCalendar)
class SlaCalendarAdmin(PharosModelAdmin):
    """Calendars: hours of a week, holidays, dates. A change moves the deadlines of what runs within seconds."""

    manage_permission = Permission.MAILBOX_MANAGE
    list_display = ["name", "time_zone", "is_always", "country", "is_default"]
    search_fields = ["name"]
    fields = ["name", "time_zone", "is_always", "weekly", "country", "part", "dates", "is_default"]

    def save_model(self, request: HttpRequest, obj: Model, form: "forms.ModelForm[Any]", change: bool) -> None:  # noqa: FBT001 -- Django's signature
        """Save, and have what goes by other hours now reckoned anew."""
        super().save_model(request, obj, form, change)
        if change and set(form.changed_data) - {"name", "is_default"}:
            sla_policies.calendar_changed(calendar=cast("SlaCalendar", obj))


@admin.register(CalendarFeed)
class CalendarFeedAdmin(PharosModelAdmin):
    """iCal feeds of calendars: what they gave last, and what was wrong when somebody last looked."""

    manage_permission = Permission.MAILBOX_MANAGE
    can_delete_rows = True
    form = CalendarFeedForm
    list_display = ["name", "calendar", "read_at", "looked_at", "problem_shown"]
    list_select_related = ["calendar"]
    fields = ["calendar", "name", "url", "file", "looked_at", "read_at", "problem_shown", "dates"]
    readonly_fields = ("looked_at", "read_at", "problem_shown", "dates")

    @admin.display(description=_("problem"))
    def problem_shown(self, feed: CalendarFeed) -> str:
        """Why the last look has failed, in the reader's language."""
        return str(feed.get_problem_display()) or "–"

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        """Whose it is, is said once."""
        return [*self.readonly_fields, "calendar"] if obj else list(self.readonly_fields)

    def save_model(self, request: HttpRequest, obj: Model, form: "forms.ModelForm[Any]", change: bool) -> None:  # noqa: FBT001 -- Django's signature
        """Save; read a file now, and have an address that is new looked at."""
        super().save_model(request, obj, form, change)
        feed = cast("CalendarFeed", obj)
        if content := form.cleaned_data.get("file"):
            calendar_feeds.accept(feed=feed, content=content, by=person_of(request).actor)
        elif "url" in form.changed_data:
            calendar_feeds.look_anew(feed=feed)

    def delete_model(self, request: HttpRequest, obj: Model) -> None:
        """Delete it, and its dates from the calendar."""
        calendar = cast("CalendarFeed", obj).calendar
        super().delete_model(request, obj)
        calendar_feeds.gather(calendar=calendar)


@admin.register(SlaTeamCalendar)
class SlaTeamCalendarAdmin(PharosModelAdmin):
    """By which calendar each team works, for what begins from now on."""

    manage_permission = Permission.MAILBOX_MANAGE
    list_display = ["team", "calendar"]
    list_select_related = ["team", "calendar"]
    fields = ["team", "calendar"]

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        """Whose it is, is said once."""
        return ["team"] if obj else []


@admin.register(SlaPolicy)
class SlaPolicyAdmin(PharosModelAdmin):
    """Policies by name; what they promise stands in their versions."""

    manage_permission = Permission.MAILBOX_MANAGE
    list_display = ["name"]
    search_fields = ["name"]
    fields = ["name"]


@admin.register(SlaPolicyVersion)
class SlaPolicyVersionAdmin(PharosModelAdmin):
    """Drafts, which are changed and put into force; what holds or has held is only looked at."""

    manage_permission = Permission.MAILBOX_MANAGE
    form = SlaPolicyVersionForm
    list_display = ["__str__", "position", "is_active", "calendar", "applies_from", "published_by"]
    list_filter = ["policy"]
    list_select_related = ["policy", "calendar", "published_by"]
    actions = ["put_into_force", "simulate"]
    fieldsets = [
        (None, {"fields": ["policy", "position", "is_active"]}),
        (_("For which tickets"), {
            "fields": ["channels", "priorities", "languages", "teams", "tags", "is_risk_raised"],
        }),
        (_("When time counts"), {"fields": ["calendar", "pauses_in", "reopening", "warn_percent"]}),
    ]  # fmt: skip

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Only drafts: the database refuses the others."""
        return super().has_change_permission(request, obj) and getattr(obj, "applies_from", None) is None

    def get_fieldsets(self, request: HttpRequest, obj: Model | None = None) -> "_FieldsetSpec":
        """Those who only look see the targets as they are kept."""
        if not self.has_change_permission(request, obj):
            return [*self.fieldsets, (_("targets"), {"fields": ["targets", "applies_from"]})]
        hint = _("Minutes of business time, by priority; empty: nothing is promised.")
        targets = [(metric.label, {"description": hint, "fields": [names_of(metric)]}) for metric in Metric]
        return cast("_FieldsetSpec", [*self.fieldsets, *targets])

    def changed_fields(self, form: "forms.ModelForm[Any]") -> list[str]:
        """Minutes are kept together."""
        minutes = {"targets"} if set(form.changed_data) & set(TARGETS) else set()
        return sorted({*super().changed_fields(form), *minutes})

    @admin.action(description=_("Simulate on the tickets of the last 30 days"), permissions=["change"])
    def simulate(self, request: HttpRequest, queryset: QuerySet[SlaPolicyVersion]) -> HttpResponse | None:
        """Show what one version would have come to; nothing changes."""
        versions = list(queryset.select_related("policy", "calendar")[:2])
        if len(versions) != 1:
            self.message_user(request, _("Choose one version."), messages.ERROR)
            return None
        (version,) = versions
        context = self.admin_site.each_context(request) | {
            "title": _("Simulation of %s") % version,
            "simulation": sla_simulation.of(version),
            "days": sla_simulation.DAYS,
            "back": request.get_full_path(),
        }
        return TemplateResponse(request, "admin/sla_simulation.html", context)

    @admin.action(description=_("Put into force now"), permissions=["change"])
    def put_into_force(self, request: HttpRequest, queryset: QuerySet[SlaPolicyVersion]) -> None:
        """Let the chosen drafts hold from now on."""
        for version in queryset:
            try:
                sla_policies.put_into_force(version=version, by=cast("Staff", request.user))
            except errors.Refused:
                self.message_user(request, _("%s is no draft any more.") % version, messages.ERROR)


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
