"""Admin pages of teams, brands and customers; staff are on the security floor, whose services they need."""

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.forms import BaseModelFormSet, ModelForm
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.masking import masked
from accounts.models import Brand, Customer, CustomerAddress, Team, TeamMembership
from accounts.permissions import Permission
from core import audit
from core.admin import InlineBase, Permitted, PharosModelAdmin, ReadOnlyModelAdmin, person_of


class MemberInline(Permitted, InlineBase):
    """Who belongs to a team."""

    model = TeamMembership
    manage_permission = Permission.STAFF_MANAGE
    can_delete_rows = True
    extra = 0
    autocomplete_fields = ["staff"]


@admin.register(Team)
class TeamAdmin(PharosModelAdmin):
    """Teams. Never deleted: the tickets of a restricted team would be everybody's."""

    manage_permission = Permission.STAFF_MANAGE
    list_display = ["name", "slug", "is_restricted", "member_count"]
    list_filter = ["is_restricted"]
    search_fields = ["name", "slug"]
    prepopulated_fields: ClassVar[dict[str, Any]] = {"slug": ["name"]}
    inlines = [MemberInline]

    @admin.display(description=_("members"))
    def member_count(self, team: Team) -> int:
        """How many belong to it."""
        return len(team.memberships.all())

    def get_queryset(self, request: HttpRequest) -> QuerySet[Team]:
        """With members, in one query."""
        return super().get_queryset(request).prefetch_related("memberships")

    def get_prepopulated_fields(self, request: HttpRequest, obj: Model | None = None) -> dict[str, Any]:
        """Nothing is filled in for those who only look."""
        return super().get_prepopulated_fields(request, obj) if self.has_change_permission(request) else {}

    def save_formset(
        self,
        request: HttpRequest,
        form: "ModelForm[Any]",
        formset: "BaseModelFormSet[Any, Any]",
        change: bool,  # noqa: FBT001 -- Django's signature
    ) -> None:
        """Save the members and record who came and went."""
        before = set(form.instance.memberships.values_list("staff__public_id", flat=True))
        super().save_formset(request, form, formset, change)
        after = set(form.instance.memberships.values_list("staff__public_id", flat=True))
        changes = [("member_added", person) for person in after - before]
        changes += [("member_removed", person) for person in before - after]
        for what, person in changes:
            audit.record(
                f"team.{what}",
                actor=person_of(request).actor,
                obj=("team", form.instance.public_id),
                fields=["members"],
                detail={"staff": person},
            )


@admin.register(Brand)
class BrandAdmin(PharosModelAdmin):
    """Brands and legal entities."""

    manage_permission = Permission.MAILBOX_MANAGE
    list_display = ["name", "legal_name", "website"]
    search_fields = ["name", "legal_name"]


class AddressInline(Permitted, InlineBase):
    """A customer's addresses, masked."""

    model = CustomerAddress
    readonly_fields = ("kind", "masked_value", "proof", "proven_at", "is_bouncing")
    fields = readonly_fields
    extra = 0

    @admin.display(description=_("address"))
    def masked_value(self, address: CustomerAddress) -> str:
        """Enough to recognise, not enough to use."""
        return masked(address.kind, address.value)


@admin.register(Customer)
class CustomerAdmin(ReadOnlyModelAdmin):
    """Customers, to look at; addresses are masked and found only by writing them out."""

    list_display = ["public_id", "brand", "locale", "address_summary", "created_at"]
    list_filter = ["brand", "locale"]
    search_fields = ["=public_id", "=addresses__value"]
    search_help_text = _("Whole id or whole address")
    readonly_fields = ("public_id", "brand", "locale", "time_zone", "created_at")
    fields = readonly_fields
    inlines = [AddressInline]
    ordering = ["-id"]

    @admin.display(description=_("addresses"))
    def address_summary(self, customer: Customer) -> str:
        """Masked, proven ones marked."""
        return ", ".join(
            masked(address.kind, address.value) + (" ✓" if address.is_proven else "")
            for address in customer.addresses.all()
        )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Customer]:
        """With addresses, in one query."""
        return super().get_queryset(request).select_related("brand").prefetch_related("addresses")
