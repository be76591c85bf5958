"""Admin pages of service levels: calendars and their feeds, policies and their versions."""

from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _

from accounts.permissions import Permission
from core.admin import PharosModelAdmin, person_of
from tickets.calendar_forms import CalendarFeedForm
from tickets.models import CalendarFeed, SlaCalendar, SlaPolicy, SlaPolicyVersion, SlaTeamCalendar
from tickets.selectors import sla_simulation
from tickets.services import calendar_feeds, errors, sla_policies
from tickets.sla.vocabulary import Metric
from tickets.sla_forms import TARGETS, FromWhenForm, SlaPolicyVersionForm, names_of

if TYPE_CHECKING:
    from django.contrib.admin.options import _FieldsetSpec

    from accounts.models import Staff


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
    actions = ["put_into_force", "take_back", "simulate"]
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

    @admin.action(description=_("Put into force"), permissions=["change"])
    def put_into_force(self, request: HttpRequest, queryset: QuerySet[SlaPolicyVersion]) -> HttpResponse | None:
        """Ask from when, and let the chosen drafts hold from then on."""
        form = FromWhenForm(request.POST if "post" in request.POST else None)
        if not form.is_valid():
            context = self.admin_site.each_context(request) | {
                "title": _("Put into force"),
                "versions": list(queryset.select_related("policy")),
                "form": form,
                "back": request.get_full_path(),
            }
            return TemplateResponse(request, "admin/sla_put_into_force.html", context)
        by = cast("Staff", request.user)
        for version in queryset:
            try:
                sla_policies.put_into_force(version=version, by=by, at=form.cleaned_data["at"])
            except errors.Refused:
                self.message_user(request, _("%s is no draft any more.") % version, messages.ERROR)
        return None

    @admin.action(description=_("Take back before it holds"), permissions=["change"])
    def take_back(self, request: HttpRequest, queryset: QuerySet[SlaPolicyVersion]) -> None:
        """Make drafts again of the chosen versions that do not hold yet."""
        for version in queryset:
            try:
                sla_policies.take_back(version=version, by=cast("Staff", request.user))
            except errors.Refused:
                self.message_user(request, _("%s is a draft, or holds already.") % version, messages.ERROR)
