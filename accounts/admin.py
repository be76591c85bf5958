"""Admin pages of teams, brands and customers; staff are on the security floor, whose services they need."""

from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.contrib import admin
from django.db.models import Model, QuerySet
from django.forms import BaseModelFormSet, ModelForm
from django.http import HttpRequest
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from accounts.masking import masked
from accounts.models import Brand, Customer, CustomerAddress, Presence, Skill, StaffSkill, Team, TeamMembership
from accounts.models.presence import LANGUAGE_LEVEL
from accounts.models.skill import HIGHEST
from accounts.permissions import Permission
from accounts.spoken import CHOICES, SPOKEN, own_name
from core import audit
from core.admin import InlineBase, Permitted, PharosModelAdmin, ReadOnlyModelAdmin, WithRowsAdmin, person_of

if TYPE_CHECKING:
    PresenceFormBase = forms.ModelForm[Presence]
else:
    PresenceFormBase = forms.ModelForm


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
    list_display = ["name", "slug", "is_restricted", "member_count", "method", "assigns_tickets"]
    list_filter = ["is_restricted", "assigns_tickets"]
    fields = [
        "name", "slug", "is_restricted",
        "method", "is_sticky", "only_on_shift", "language_level", "assigns_tickets",
        "take_back_after_min", "gives_back", "overflow_team", "overflow_after_min",
    ]  # fmt: skip
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


class SkilledInline(Permitted, InlineBase):
    """Who has a skill."""

    model = StaffSkill
    manage_permission = Permission.STAFF_MANAGE
    can_delete_rows = True
    extra = 0
    autocomplete_fields = ["staff"]


@admin.register(Skill)
class SkillAdmin(WithRowsAdmin):
    """Skills that topics ask for. Never deleted: switched off."""

    rows = "people"
    manage_permission = Permission.STAFF_MANAGE
    list_display = ["name", "is_active"]
    list_filter = ["is_active"]
    search_fields = ["name"]
    inlines = [SkilledInline]


# Field of the form → language.
LEVELS = {f"level_{code.replace('-', '_')}": code for code in SPOKEN}


def _level(code: str) -> forms.IntegerField:
    """Return the field of how well a language is had."""
    return forms.IntegerField(
        label=format_lazy(_("level of {language}"), language=own_name(code)),
        min_value=1,
        max_value=HIGHEST,
        initial=LANGUAGE_LEVEL,
        required=False,
        help_text=_("From 1 to 5, where a team asks for a level; 3 where nothing is said."),
    )


class PresenceForm(PresenceFormBase):
    """Languages are ticked, not typed."""

    languages = forms.MultipleChoiceField(
        label=_("languages"),
        choices=CHOICES,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Chats and tickets in these languages are given to them."),
    )
    level_en = _level("en")
    level_zh_hans = _level("zh-hans")
    level_zh_hant = _level("zh-hant")
    level_es = _level("es")
    level_de = _level("de")
    level_pt = _level("pt")
    level_ru = _level("ru")
    level_tr = _level("tr")
    level_vi = _level("vi")
    level_ja = _level("ja")
    level_ko = _level("ko")
    level_ar = _level("ar")
    level_fr = _level("fr")
    level_it = _level("it")
    level_id = _level("id")

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        for name, code in LEVELS.items():
            if name in self.fields:
                self.fields[name].initial = self.instance.language_levels.get(code, LANGUAGE_LEVEL)

    def clean(self) -> dict[str, Any]:
        """Gather the levels that were said; a level of its own is what differs from the usual one."""
        cleaned = super().clean() or {}
        said = {code: cleaned.get(name) for name, code in LEVELS.items()}
        self.instance.language_levels = {code: level for code, level in said.items() if level}
        return cleaned


@admin.register(Presence)
class PresenceAdmin(PharosModelAdmin):
    """Who takes chats and tickets: languages and how much at once. Presence itself is set at the desk."""

    manage_permission = Permission.STAFF_MANAGE
    form = PresenceForm
    list_display = ["staff", "state", "capacity", "ticket_capacity", "phone_capacity", "languages"]
    list_filter = ["state"]
    list_select_related = ["staff"]
    search_fields = ["staff__name", "staff__email"]
    fieldsets = [
        (None, {"fields": ["staff", "languages", "capacity", "ticket_capacity", "phone_capacity", "weight"]}),
        (_("Levels of languages"), {"fields": [*LEVELS], "classes": ["collapse"]}),
    ]

    def changed_fields(self, form: "ModelForm[Any]") -> list[str]:
        """The levels are one column of several fields."""
        levels = ["language_levels"] if LEVELS.keys() & set(form.changed_data) else []
        return sorted([*super().changed_fields(form), *levels])

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        """Whose row it is, is for good."""
        return ["staff"] if obj is not None else []


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
