"""Admin pages of custom fields."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.permissions import Permission
from core.admin import InlineBase, Permitted, WithRowsAdmin
from tickets.fields import pattern
from tickets.models import CustomField, CustomFieldTopic, FieldKind
from tickets.models.custom_field import MOST_FIELDS

MEASURED = (FieldKind.TEXT, FieldKind.LONG_TEXT, FieldKind.NUMBER, FieldKind.DECIMAL, FieldKind.LINK)
WITH_CHOICES = (FieldKind.CHOICE, FieldKind.CHOICES)


class CustomFieldForm(forms.ModelForm):  # type: ignore[type-arg]
    """A field; what its kind does not know stays empty."""

    def clean_pattern(self) -> str:
        """Read it as values will be read by it."""
        given = str(self.cleaned_data["pattern"])
        try:
            pattern.check(given)
        except pattern.PatternRefused:
            raise forms.ValidationError(_("This is not written as patterns are.")) from None
        return given

    def clean(self) -> dict[str, Any]:
        """Keep limits and choices to the kinds that have them."""
        cleaned = super().clean() or {}
        kind = cleaned.get("kind") or self.instance.kind
        if kind not in MEASURED and (cleaned.get("least") is not None or cleaned.get("most") is not None):
            self.add_error("least", _("Only texts and numbers have a least and a most."))
        if kind != FieldKind.TEXT and cleaned.get("pattern"):
            self.add_error("pattern", _("Only a text has a pattern."))
        if kind not in WITH_CHOICES and cleaned.get("choices"):
            self.add_error("choices", _("Only a field of choices has them."))
        if len(set(cleaned.get("choices") or [])) != len(cleaned.get("choices") or []):
            self.add_error("choices", _("Each choice once."))
        if self.instance.pk is None and CustomField.objects.filter(is_retired=False).count() >= MOST_FIELDS:
            raise forms.ValidationError(_("There are as many fields as fit. Retire one first."))
        return cleaned


class CustomFieldTopicInline(Permitted, InlineBase):
    """For which topics a field is; none: for all."""

    model = CustomFieldTopic
    manage_permission = Permission.MAILBOX_MANAGE
    can_delete_rows = True
    extra = 0


@admin.register(CustomField)
class CustomFieldAdmin(WithRowsAdmin):
    """What cases may say beside their properties. Never deleted: retired."""

    rows = "topics"
    form = CustomFieldForm
    manage_permission = Permission.MAILBOX_MANAGE
    list_display = ["name", "key", "kind", "need", "position", "is_public", "is_retired"]
    list_filter = ["kind", "is_retired"]
    search_fields = ["name", "key"]
    inlines = [CustomFieldTopicInline]
    fields = [
        "key", "kind", "name", "name_zh_hans", "hint", "hint_zh_hans", "need", "least", "most", "pattern", "choices",
        "choices_zh_hans", "position", "is_public", "is_personal", "is_retired",
    ]  # fmt: skip

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        """Its key and kind are for good: values and searches go by them."""
        return [*super().get_readonly_fields(request, obj), *(["key", "kind"] if obj else [])]
