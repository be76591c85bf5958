"""Admin pages of the help centre's set-up: shelves, glossary, synonyms. Articles are written at the desk."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest

from accounts.permissions import Permission
from core.admin import InlineBase, Permitted, PharosModelAdmin, WithRowsAdmin
from kb.models import Category, CategoryText, GlossaryTerm, Section, SectionText, Synonym, Talk
from kb.services import indexing

if TYPE_CHECKING:
    from django.forms import ModelForm


class CategoryTextInline(Permitted, InlineBase):
    """What a category is called."""

    model = CategoryText
    manage_permission = Permission.MAILBOX_MANAGE
    can_delete_rows = True
    extra = 0


class SectionTextInline(Permitted, InlineBase):
    """What a section is called."""

    model = SectionText
    manage_permission = Permission.MAILBOX_MANAGE
    can_delete_rows = True
    extra = 0


@admin.register(Category)
class CategoryAdmin(WithRowsAdmin):
    """Subjects of the help centre."""

    rows = "texts"
    manage_permission = Permission.MAILBOX_MANAGE
    list_display = ["slug", "position"]
    search_fields = ["slug"]
    inlines = [CategoryTextInline]


@admin.register(Section)
class SectionAdmin(WithRowsAdmin):
    """Parts of subjects."""

    rows = "texts"
    manage_permission = Permission.MAILBOX_MANAGE
    list_display = ["slug", "category", "position"]
    list_filter = ["category"]
    list_select_related = ["category"]
    search_fields = ["slug"]
    inlines = [SectionTextInline]


@admin.register(GlossaryTerm)
class GlossaryTermAdmin(PharosModelAdmin):
    """What words mean."""

    manage_permission = Permission.MAILBOX_MANAGE
    can_delete_rows = True
    list_display = ["term", "language"]
    list_filter = ["language"]
    search_fields = ["term"]


@admin.register(Talk)
class TalkAdmin(PharosModelAdmin):
    """Recorded talks: where the video is, and what is said."""

    manage_permission = Permission.MAILBOX_MANAGE
    can_delete_rows = True
    list_display = ["title", "language", "minutes", "is_shown", "position"]
    list_filter = ["language", "is_shown"]
    search_fields = ["title", "slug"]


@admin.register(Synonym)
class SynonymAdmin(PharosModelAdmin):
    """Words that find each other; the search knows of a change at once."""

    manage_permission = Permission.MAILBOX_MANAGE
    can_delete_rows = True
    list_display = ["id", "language", "words"]
    list_filter = ["language"]

    def save_model(self, request: HttpRequest, obj: Model, form: "ModelForm[Any]", change: bool) -> None:  # noqa: FBT001 -- Django's signature
        """Save it, and let the search read it anew; also the language that it had before."""
        super().save_model(request, obj, form, change)
        for language in {str(form.initial.get("language") or ""), str(form.cleaned_data["language"])} - {""}:
            indexing.touch(language=language)

    def delete_model(self, request: HttpRequest, obj: Model) -> None:
        """Delete it, and let the search forget it."""
        language = str(getattr(obj, "language", ""))
        super().delete_model(request, obj)
        indexing.touch(language=language)
