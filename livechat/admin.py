"""Admin pages of chat inboxes."""

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest

from accounts.permissions import Permission
from core.admin import PharosModelAdmin
from livechat.models import ChatInbox


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
