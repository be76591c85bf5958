"""Admin pages of chat inboxes and of what they ask before a chat."""

from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.conf import settings
from django.contrib import admin
from django.db.models import DateTimeField, Model, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.permissions import Permission
from core.admin import InlineBase, Permitted, PharosModelAdmin, WithRowsAdmin
from livechat.bots import registry
from livechat.models import ChatHours, ChatInbox, ProactiveMessage, TopicForm, TopicQuestion
from livechat.selectors.proactive import with_counters as proactive_counters

if TYPE_CHECKING:
    ChatInboxFormBase = forms.ModelForm[ChatInbox]
    ProactiveFormBase = forms.ModelForm[ProactiveMessage]
else:
    ChatInboxFormBase = ProactiveFormBase = forms.ModelForm


class ChatInboxForm(ChatInboxFormBase):
    """The bot is one of those that are registered."""

    bot = forms.ChoiceField(
        label=_("bot"),
        choices=registry.choices,
        required=False,
        help_text=_("What answers first. People take over at a word, at any doubt, and when the bot is silent."),
    )


@admin.register(ChatInbox)
class ChatInboxAdmin(PharosModelAdmin):
    """Chat inboxes: where the widget may be embedded. Never deleted: conversations belong to them."""

    manage_permission = Permission.MAILBOX_MANAGE
    form = ChatInboxForm
    list_display = ["name", "slug", "team", "theme", "is_active"]
    list_filter = ["is_active", "team"]
    list_select_related = ["team"]
    search_fields = ["name", "slug"]
    prepopulated_fields: ClassVar[dict[str, Any]] = {"slug": ["name"]}
    fields = [
        "name", "name_zh_hans", "greeting", "greeting_zh_hans", "slug", "is_active", "allowed_origins", "theme",
        "mail_after_min", "brand", "team", "proactive_per_day",
        "bot", "shows_typing", "allows_app", "pushes_unread", "abuse_hours",
    ]  # fmt: skip

    def get_prepopulated_fields(self, request: HttpRequest, obj: Model | None = None) -> dict[str, Any]:
        """Nothing is filled in for those who only look."""
        return super().get_prepopulated_fields(request, obj) if self.has_change_permission(request) else {}


class QuestionInline(Permitted, InlineBase):
    """What a form asks."""

    model = TopicQuestion
    manage_permission = Permission.MAILBOX_MANAGE
    can_delete_rows = True
    extra = 0
    max_num = 5
    fields = ["position", "kind", "label", "label_zh_hans", "choices", "choices_zh_hans", "is_required"]


@admin.register(TopicForm)
class TopicFormAdmin(WithRowsAdmin):
    """What visitors are asked before a chat, by topic. Never deleted: switched off."""

    rows = "questions"
    manage_permission = Permission.MAILBOX_MANAGE
    list_display = ["name", "inbox", "topic", "position", "is_active"]
    list_filter = ["is_active", "inbox"]
    list_select_related = ["inbox", "topic"]
    search_fields = ["name"]
    fields = ["inbox", "topic", "name", "name_zh_hans", "position", "is_guided", "is_active"]
    inlines = [QuestionInline]


@admin.register(ChatHours)
class ChatHoursAdmin(PharosModelAdmin):
    """When a chat is staffed. Never deleted: switched off."""

    manage_permission = Permission.MAILBOX_MANAGE
    list_display = ["inbox", "time_zone", "is_active"]
    list_filter = ["is_active"]
    list_select_related = ["inbox"]
    fields = ["inbox", "time_zone", "weekly", "dates", "is_active"]


class ProactiveForm(ProactiveFormBase):
    """Languages are ticked, not typed."""

    languages = forms.MultipleChoiceField(
        label=_("languages"),
        choices=settings.LANGUAGES,
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=_("None ticked: every language."),
    )


@admin.register(ProactiveMessage)
class ProactiveMessageAdmin(PharosModelAdmin):
    """What a chat shows by itself, and what came of it. Never deleted: switched off."""

    manage_permission = Permission.MAILBOX_MANAGE
    form = ProactiveForm
    # One labelled field each: Django's own splits date and time, and labels neither.
    formfield_overrides: ClassVar[dict[Any, Any]] = {
        **PharosModelAdmin.formfield_overrides,
        DateTimeField: {
            "form_class": forms.DateTimeField,
            "widget": forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        },
    }
    list_display = ["name", "inbox", "priority", "is_active", "shown", "opened", "dismissed", "converted"]
    list_filter = ["is_active", "inbox"]
    list_select_related = ["inbox"]
    search_fields = ["name", "text"]
    fields = [
        "inbox",
        "name",
        "text",
        "text_zh_hans",
        "paths",
        "after_s",
        "who",
        "visits",
        "languages",
        "is_attended_only",
        "priority",
        "every_days",
        "starts_at",
        "ends_at",
        "is_active",
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[ProactiveMessage]:
        """Each with its counters."""
        return proactive_counters(super().get_queryset(request))

    @admin.display(description=_("shown"))
    def shown(self, obj: Any) -> int:  # noqa: ANN401 -- a message with its counters
        """How often it was shown."""
        return int(obj.shown_count)

    @admin.display(description=pgettext_lazy("proactive message", "opened"))
    def opened(self, obj: Any) -> int:  # noqa: ANN401 -- as above
        """How often somebody opened the chat on it."""
        return int(obj.opened_count)

    @admin.display(description=_("dismissed"))
    def dismissed(self, obj: Any) -> int:  # noqa: ANN401 -- as above
        """How often it was not wanted."""
        return int(obj.dismissed_count)

    @admin.display(description=_("conversations"))
    def converted(self, obj: Any) -> int:  # noqa: ANN401 -- as above
        """How many conversations began with it."""
        return int(obj.converted_count)
