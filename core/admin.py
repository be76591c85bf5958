"""The base of every admin page: rights from our own permissions, writes by column, everything audited."""

from collections.abc import Iterable
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, cast

from django.contrib import admin
from django.core.paginator import Paginator
from django.db.models import Model, QuerySet, URLField
from django.forms import BaseModelFormSet, ModelForm
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from core import audit
from core.audit import Actor
from core.models import AuditEntry

COUNTED_AT_MOST = 10_000
# What the stock filters append to the name of their field.
FILTER_ENDINGS = ("", "__exact", "__isnull", "__id__exact")

if TYPE_CHECKING:
    ModelAdminBase = admin.ModelAdmin[Any]
    InlineBase = admin.TabularInline[Any, Any]
else:
    ModelAdminBase = admin.ModelAdmin
    InlineBase = admin.TabularInline


class Person(Protocol):
    """What this floor needs to know of who is signed in."""

    actor: Actor

    def has(self, permission: str) -> bool:
        """Whether their role grants it."""


def person_of(request: HttpRequest) -> Person:
    """Return the signed-in person; the admin site admits nobody else."""
    return cast("Person", request.user)


class BoundedPaginator(Paginator):  # type: ignore[type-arg]
    """Counts no further than ten thousand rows: a long log must not be counted for each page."""

    @cached_property
    def count(self) -> int:
        """Number of rows, or ten thousand when there are more."""
        rows = self.object_list
        return rows[:COUNTED_AT_MOST].count() if isinstance(rows, QuerySet) else len(rows)


class Permitted:
    """Answers the admin's questions: `view_permission` to look, `manage_permission` (None: nobody) to change."""

    view_permission: ClassVar[str] = "admin.site"
    manage_permission: ClassVar[str | None] = None
    can_add: ClassVar[bool] = True
    can_delete_rows: ClassVar[bool] = False

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Whoever opens the admin site may look, unless the class asks for more."""
        return person_of(request).has(self.view_permission)

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Whether it is listed."""
        return self.has_view_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Only with the managing permission."""
        return self.manage_permission is not None and person_of(request).has(self.manage_permission)

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """As for changing, where rows are made here at all."""
        return self.can_add and self.has_change_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """As for changing, where the database lets rows go at all."""
        return self.can_delete_rows and self.has_change_permission(request)


class PharosModelAdmin(Permitted, ModelAdminBase):
    """Saves only the columns that changed (the app role has column grants) and records names, never values."""

    audit_kind: ClassVar[str] = ""
    paginator = BoundedPaginator
    show_full_result_count = False
    list_per_page = 50
    view_on_site = False
    formfield_overrides: ClassVar[dict[Any, Any]] = {URLField: {"assume_scheme": "https"}}

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """Only the filters that the page offers; anything else is a 400.

        Django's own rule allows every column of the row itself: a password hash or a masked address
        could be guessed sign by sign, by whether the row is still listed.
        """
        filters = self.list_filter if request is None else self.get_list_filter(request)
        return lookup in {f"{name}{ending}" for name in filters for ending in FILTER_ENDINGS}

    def save_model(self, request: HttpRequest, obj: Model, form: "ModelForm[Any]", change: bool) -> None:  # noqa: FBT001 -- Django's signature
        """Insert, or update the changed columns; record either."""
        fields = self.changed_fields(form)
        if not change:
            obj.save(force_insert=True)
            self.record(request, "created", obj, fields)
        elif fields:
            obj.save(update_fields=fields)
            self.record(request, "changed", obj, fields)

    def changed_fields(self, form: "ModelForm[Any]") -> list[str]:
        """Return the model fields that the form changed."""
        own = {field.name for field in self.model._meta.concrete_fields}
        return sorted(own & set(form.changed_data))

    def delete_model(self, request: HttpRequest, obj: Model) -> None:
        """Delete one row, recorded."""
        self.record(request, "deleted", obj)
        obj.delete()

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        """Delete the chosen rows, each recorded."""
        for obj in queryset:
            self.delete_model(request, obj)

    def record(self, request: HttpRequest, what: str, obj: Model, fields: Iterable[str] = ()) -> None:
        """Write `kind.what` to the audit log in this transaction."""
        kind = self.audit_kind or str(self.model._meta.model_name)
        identity = str(getattr(obj, "public_id", obj.pk))
        audit.record(f"{kind}.{what}", actor=person_of(request).actor, obj=(kind, identity), fields=list(fields))


class WithRowsAdmin(PharosModelAdmin):
    """A row with rows of its own, `rows` of it: that these changed, and how many there are, is recorded with it."""

    rows: ClassVar[str] = ""

    def save_formset(
        self,
        request: HttpRequest,
        form: "ModelForm[Any]",
        formset: "BaseModelFormSet[Any, Any]",
        change: bool,  # noqa: FBT001 -- Django's signature
    ) -> None:
        """Save them, and record it."""
        super().save_formset(request, form, formset, change)
        if formset.new_objects or formset.changed_objects or formset.deleted_objects:
            kind = str(self.model._meta.model_name)
            audit.record(
                f"{kind}.{self.rows}_changed",
                actor=person_of(request).actor,
                obj=(kind, str(getattr(form.instance, "public_id", form.instance.pk))),
                fields=[self.rows],
                detail={self.rows: getattr(form.instance, self.rows).count()},
            )


class ReadOnlyModelAdmin(PharosModelAdmin):
    """A list to look at."""

    can_add = False


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyModelAdmin):
    """The audit log, for those who may read it."""

    view_permission = "audit.view"
    list_display = ["id", "at", "action", "actor_kind", "actor_id", "object_kind", "object_id"]
    list_display_links = ["id", "action"]
    list_filter = ["actor_kind", "object_kind"]
    search_fields = ["=action", "=actor_id", "=object_id", "=request_id"]
    search_help_text = _("Whole action, actor id, object id or request id")
    ordering = ["-id"]
