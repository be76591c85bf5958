"""Admin pages of chat inboxes."""

from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.conf import settings
from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.permissions import Permission
from core.admin import PharosModelAdmin
from livechat.models import ChatInbox, Presence

if TYPE_CHECKING:
    PresenceFormBase = forms.ModelForm[Presence]
else:
    PresenceFormBase = forms.ModelForm


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


class PresenceForm(PresenceFormBase):
    """Languages are ticked, not typed."""

    languages = forms.MultipleChoiceField(
        label=_("languages"),
        choices=settings.LANGUAGES,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Chats in these languages ring here."),
    )


@admin.register(Presence)
class PresenceAdmin(PharosModelAdmin):
    """Chat agents: languages and how many chats at once. Presence itself is set at the desk."""

    manage_permission = Permission.STAFF_MANAGE
    form = PresenceForm
    list_display = ["staff", "state", "capacity", "languages"]
    list_filter = ["state"]
    list_select_related = ["staff"]
    search_fields = ["staff__name", "staff__email"]
    fields = ["staff", "languages", "capacity"]

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        """Whose row it is, is for good."""
        return ["staff"] if obj is not None else []
