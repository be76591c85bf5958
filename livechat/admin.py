"""Admin pages of chat inboxes and of what they ask before a chat."""

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Model
from django.forms import BaseModelFormSet, ModelForm
from django.http import HttpRequest

from accounts.permissions import Permission
from core import audit
from core.admin import InlineBase, Permitted, PharosModelAdmin, person_of
from livechat.models import ChatHours, ChatInbox, TopicForm, TopicQuestion


@admin.register(ChatInbox)
class ChatInboxAdmin(PharosModelAdmin):
    """Chat inboxes: where the widget may be embedded. Never deleted: conversations belong to them."""

    manage_permission = Permission.MAILBOX_MANAGE
    list_display = ["name", "slug", "team", "theme", "is_active"]
    list_filter = ["is_active", "team"]
    list_select_related = ["team"]
    search_fields = ["name", "slug"]
    prepopulated_fields: ClassVar[dict[str, Any]] = {"slug": ["name"]}
    fields = ["name", "slug", "is_active", "allowed_origins", "theme", "brand", "team"]

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
    fields = ["position", "kind", "label", "label_zh_hans", "choices", "is_required"]


@admin.register(TopicForm)
class TopicFormAdmin(PharosModelAdmin):
    """What visitors are asked before a chat, by topic. Never deleted: switched off."""

    manage_permission = Permission.MAILBOX_MANAGE
    list_display = ["name", "inbox", "topic", "position", "is_active"]
    list_filter = ["is_active", "inbox"]
    list_select_related = ["inbox", "topic"]
    search_fields = ["name"]
    fields = ["inbox", "topic", "name", "name_zh_hans", "position", "is_active"]
    inlines = [QuestionInline]

    def save_formset(
        self,
        request: HttpRequest,
        form: "ModelForm[Any]",
        formset: "BaseModelFormSet[Any, Any]",
        change: bool,  # noqa: FBT001 -- Django's signature
    ) -> None:
        """Save the questions and record that they changed, and how many there are."""
        super().save_formset(request, form, formset, change)
        if formset.new_objects or formset.changed_objects or formset.deleted_objects:
            audit.record(
                "topicform.questions_changed",
                actor=person_of(request).actor,
                obj=("topicform", form.instance.public_id),
                fields=["questions"],
                detail={"questions": form.instance.questions.count()},
            )


@admin.register(ChatHours)
class ChatHoursAdmin(PharosModelAdmin):
    """When a chat is staffed. Never deleted: switched off."""

    manage_permission = Permission.MAILBOX_MANAGE
    list_display = ["inbox", "time_zone", "is_active"]
    list_filter = ["is_active"]
    list_select_related = ["inbox"]
    fields = ["inbox", "time_zone", "weekly", "dates", "is_active"]
