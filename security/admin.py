"""Admin pages of staff and of what lets them in."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Staff
from accounts.permissions import Permission
from core.admin import PharosModelAdmin, ReadOnlyModelAdmin
from security.models import (
    ApiToken,
    ChannelReport,
    Invitation,
    OfficialChannel,
    TrainingCertificate,
    TrainingWithdrawal,
)
from security.services import api_tokens, invitations, official_channels, passkeys, people, sessions, trainings
from security.verifier_client import VerifierAwayError


class StaffForm(forms.ModelForm):  # type: ignore[type-arg]
    """One person: address only at creation."""

    class Meta:
        model = Staff
        fields = ["email", "name", "role", "is_active"]

    def clean_email(self) -> str:
        """Addresses are kept in lower case."""
        return str(self.cleaned_data["email"]).strip().lower()


class RefusedInWords(PharosModelAdmin):
    """Shows a refusal of the service as a message; nothing of the change was kept."""

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Go back to the form with the sentence."""
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except ValidationError as refusal:
            self.message_user(request, " ".join(refusal.messages), messages.ERROR)
            return redirect(request.get_full_path())


@admin.register(Staff)
class StaffAdmin(RefusedInWords):
    """Staff: adding one sends an invitation; a new role or a closed account ends their sessions."""

    form = StaffForm
    manage_permission = Permission.STAFF_MANAGE
    list_display = ["name", "email", "role", "is_active", "last_login"]
    list_filter = ["role", "is_active", "teams"]
    search_fields = ["name", "email", "=public_id"]
    actions = ["invite_again", "end_sessions", "end_passkeys", "deactivate"]

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> tuple[str, ...]:
        """A new person has an address, a name and a role."""
        about = ("email", "name", "role")
        return (*about, "is_active", "public_id", "created_at") if obj else about

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        """The address never changes: it is how people are known."""
        return ["email", "public_id", "created_at"] if obj else []

    def save_model(self, request: HttpRequest, obj: Model, form: "forms.ModelForm[Any]", change: bool) -> None:  # noqa: FBT001 -- Django's signature
        """Call the service of each intention."""
        by, given = _person(request), form.cleaned_data
        if not change:
            invited = invitations.add_person(
                email=given["email"], name=given["name"], role=given["role"], invited_by=by
            )
            obj.pk = invited.invitation.staff_id
            self.message_user(request, gettext("The invitation is on its way."), messages.SUCCESS)
            return
        person = Staff.objects.get(pk=obj.pk)
        if "name" in form.changed_data:
            people.rename(person=person, name=given["name"], changed_by=by)
        if "role" in form.changed_data:
            people.change_role(person=person, role=given["role"], changed_by=by)
        if "is_active" in form.changed_data:
            change_account = people.reactivate if given["is_active"] else people.deactivate
            change_account(person=person, changed_by=by)

    @admin.action(description=_("Invite again (new password, authenticator and passkeys)"), permissions=["change"])
    def invite_again(self, request: HttpRequest, queryset: QuerySet[Staff]) -> None:
        """Send fresh links to active people."""
        chosen = list(queryset.filter(is_active=True))
        for person in chosen:
            invitations.invite(person=person, invited_by=_person(request))
        self.message_user(request, gettext("Invitations sent: %(count)d.") % {"count": len(chosen)}, messages.SUCCESS)

    @admin.action(description=_("End all sessions"), permissions=["change"])
    def end_sessions(self, request: HttpRequest, queryset: QuerySet[Staff]) -> None:
        """Sign people out everywhere."""
        ended = sum(
            sessions.end_all(person=person, reason="administrator", actor=_person(request).actor) for person in queryset
        )
        self.message_user(request, gettext("Sessions ended: %(count)d.") % {"count": ended}, messages.SUCCESS)

    @admin.action(description=_("End all passkeys and sessions (lost or stolen)"), permissions=["change"])
    def end_passkeys(self, request: HttpRequest, queryset: QuerySet[Staff]) -> None:
        """Let no passkey of these people prove anything any more; new ones count for funds a day later."""
        try:
            ended = sum(passkeys.end_all(person=person, actor=_person(request).actor) for person in queryset)
        except VerifierAwayError:
            self.message_user(request, gettext("The verifier is away: try again in a minute."), messages.ERROR)
            return
        self.message_user(request, gettext("Passkeys ended: %(count)d.") % {"count": ended}, messages.SUCCESS)

    @admin.action(description=_("Close the accounts"), permissions=["change"])
    def deactivate(self, request: HttpRequest, queryset: QuerySet[Staff]) -> None:
        """Shut people out at once."""
        for person in queryset:
            try:
                people.deactivate(person=person, changed_by=_person(request))
            except ValidationError as refusal:
                self.message_user(request, f"{person}: {' '.join(refusal.messages)}", messages.ERROR)


class AddsOnly(RefusedInWords):
    """Rows that are added and looked at, and never changed."""

    manage_permission = Permission.TRAINING_RECORD

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Nobody: the database keeps them as they are."""
        return False

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Whoever may record training."""
        return super().has_change_permission(request, obj)


@admin.register(TrainingCertificate)
class TrainingCertificateAdmin(AddsOnly):
    """Training for fund-related actions: somebody else than the trainee records it, and it counts for a year."""

    list_display = ["person", "recorded_at", "valid_until", "recorded_by", "is_withdrawn"]
    list_select_related = ["person", "recorded_by", "withdrawal"]
    search_fields = ["person__name", "person__email", "=public_id"]
    autocomplete_fields = ["person"]
    ordering = ["-id"]

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> tuple[str, ...]:
        """Whose it is; the rest is the database's."""
        return ("person", "course", "recorded_by", "recorded_at", "valid_until", "public_id") if obj else ("person",)

    @admin.display(description=_("withdrawn"), boolean=True)
    def is_withdrawn(self, certificate: TrainingCertificate) -> bool:
        """Whether it stands for nothing new any more."""
        return hasattr(certificate, "withdrawal")

    def save_model(self, request: HttpRequest, obj: Model, form: "forms.ModelForm[Any]", change: bool) -> None:  # noqa: FBT001 -- Django's signature
        """Call the service."""
        obj.pk = trainings.record(person=form.cleaned_data["person"], by=_person(request)).pk


@admin.register(TrainingWithdrawal)
class TrainingWithdrawalAdmin(AddsOnly):
    """Certificates that stand for nothing new any more, and why."""

    list_display = ["certificate", "reason", "withdrawn_by", "withdrawn_at"]
    list_select_related = ["certificate__person", "withdrawn_by"]
    search_fields = ["certificate__person__name", "certificate__person__email", "=certificate__public_id"]
    autocomplete_fields = ["certificate"]
    ordering = ["-withdrawn_at"]

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> tuple[str, ...]:
        """Which, and why."""
        about = ("certificate", "reason")
        return (*about, "withdrawn_by", "withdrawn_at") if obj else about

    def save_model(self, request: HttpRequest, obj: Model, form: "forms.ModelForm[Any]", change: bool) -> None:  # noqa: FBT001 -- Django's signature
        """Call the service."""
        given = form.cleaned_data
        trainings.withdraw(certificate=given["certificate"], by=_person(request), reason=given["reason"])


@admin.register(ApiToken)
class ApiTokenAdmin(ReadOnlyModelAdmin):
    """API tokens; made by `manage.py api_token`, revoked here."""

    list_display = ["name", "staff", "scopes", "created_at", "used_at", "expires_at", "revoked_at"]
    list_select_related = ["staff"]
    search_fields = ["name", "staff__email", "=public_id"]
    readonly_fields = ("public_id", "name", "staff", "scopes", "created_at", "used_at", "expires_at", "revoked_at")
    fields = readonly_fields
    ordering = ["-id"]
    actions = ["revoke"]

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        """Whether the action is offered and obeyed."""
        return _person(request).has(Permission.STAFF_MANAGE)

    @admin.action(description=_("Revoke"), permissions=["revoke"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[ApiToken]) -> None:
        """End the chosen tokens."""
        count = sum(api_tokens.revoke(token=token, actor=_person(request).actor) for token in queryset)
        self.message_user(request, gettext("Revoked: %(count)d.") % {"count": count}, messages.SUCCESS)


@admin.register(Invitation)
class InvitationAdmin(ReadOnlyModelAdmin):
    """Invitations; sent from the page of staff, revoked here."""

    list_display = ["staff", "invited_by", "created_at", "expires_at", "used_at", "revoked_at"]
    list_select_related = ["staff", "invited_by"]
    search_fields = ["staff__email", "staff__name"]
    readonly_fields = ("staff", "invited_by", "created_at", "expires_at", "used_at", "revoked_at")
    fields = readonly_fields
    ordering = ["-id"]
    actions = ["revoke"]

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        """Whether the action is offered and obeyed."""
        return _person(request).has(Permission.STAFF_MANAGE)

    @admin.action(description=_("Revoke"), permissions=["revoke"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[Invitation]) -> None:
        """Close the chosen links."""
        chosen = queryset.select_related("staff")
        count = sum(invitations.revoke(invitation=row, revoked_by=_person(request)) for row in chosen)
        self.message_user(request, gettext("Revoked: %(count)d.") % {"count": count}, messages.SUCCESS)


class OfficialChannelForm(forms.ModelForm):  # type: ignore[type-arg]
    """One channel; refused where the text is not of its kind."""

    class Meta:
        model = OfficialChannel
        fields = ["kind", "value", "state", "note"]

    def clean(self) -> dict[str, Any]:
        """Check a new one against its kind and against what is there."""
        cleaned = super().clean() or {}
        if self.instance.pk is None and cleaned.get("kind") and cleaned.get("value"):
            canonical = official_channels.canonical_of(kind=cleaned["kind"], value=cleaned["value"])
            if OfficialChannel.objects.filter(kind=cleaned["kind"], canonical=canonical).exists():
                raise ValidationError(gettext("This channel stands in the register already."))
        return cleaned


@admin.register(OfficialChannel)
class OfficialChannelAdmin(PharosModelAdmin):
    """The register of official channels: what a row is never changes, only what it is to us."""

    form = OfficialChannelForm
    manage_permission = Permission.CHANNELS_MANAGE
    list_display = ["value", "kind", "state", "added_by", "created_at"]
    list_filter = ["state", "kind"]
    list_select_related = ["added_by"]
    search_fields = ["value"]

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> tuple[str, ...]:
        """Who added it is known later."""
        about = ("kind", "value", "state", "note")
        return (*about, "added_by", "created_at") if obj else about

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        """Kind and text stay."""
        return ["kind", "value", "added_by", "created_at"] if obj else []

    def save_model(self, request: HttpRequest, obj: Model, form: "forms.ModelForm[Any]", change: bool) -> None:  # noqa: FBT001 -- Django's signature
        """Call the service of each intention."""
        given = form.cleaned_data
        if change:
            channel = OfficialChannel.objects.get(pk=obj.pk)
            official_channels.change(channel=channel, by=_person(request), state=given["state"], note=given["note"])
            return
        obj.pk = official_channels.add(
            kind=given["kind"], value=given["value"], by=_person(request), state=given["state"], note=given["note"]
        ).pk


@admin.register(ChannelReport)
class ChannelReportAdmin(ReadOnlyModelAdmin):
    """What customers report; a confirmed one is known to everybody who asks."""

    list_display = ["value", "kind", "state", "created_at", "told"]
    list_filter = ["state", "kind"]
    search_fields = ["value"]
    readonly_fields = ("value", "kind", "told", "state", "created_at")
    fields = readonly_fields
    ordering = ["-id"]
    actions = ["confirm", "dismiss"]

    def has_settle_permission(self, request: HttpRequest) -> bool:
        """Whether the actions are offered and obeyed."""
        return _person(request).has(Permission.CHANNELS_MANAGE)

    @admin.action(description=_("Confirm: known to pose as us"), permissions=["settle"])
    def confirm(self, request: HttpRequest, queryset: QuerySet[ChannelReport]) -> None:
        """Tell everybody who asks."""
        self._settle(request, queryset, is_true=True)

    @admin.action(description=_("Dismiss"), permissions=["settle"])
    def dismiss(self, request: HttpRequest, queryset: QuerySet[ChannelReport]) -> None:
        """Tell nobody."""
        self._settle(request, queryset, is_true=False)

    def _settle(self, request: HttpRequest, queryset: QuerySet[ChannelReport], *, is_true: bool) -> None:
        by = _person(request)
        count = sum(official_channels.settle(found=row, by=by, is_true=is_true) for row in queryset)
        self.message_user(request, gettext("Settled: %(count)d.") % {"count": count}, messages.SUCCESS)


def _person(request: HttpRequest) -> Staff:
    """Return the administrator; the admin site admits nobody else."""
    if not isinstance(request.user, Staff):
        raise TypeError
    return request.user
