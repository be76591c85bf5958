"""Actions on a ticket as fields of a form: one field for each kind, an empty one does nothing."""

from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Staff, Team
from accounts.permissions import ROLE_PERMISSIONS, Permission
from tickets.actions import LONGEST, ME, NO, NOBODY, YES, Action, Kind
from tickets.models.ticket import Priority, Status
from tickets.selectors import cases, snoozes

BEGIN: Final = "do_"
NOTHING: Final = ("", _("No change"))


class ActionFields(forms.Form):
    """What is to be done; `person` is who chooses."""

    do_status = forms.ChoiceField(label=Kind.STATUS.label, required=False)
    do_assignee = forms.ChoiceField(label=Kind.ASSIGNEE.label, required=False)
    do_team = forms.ChoiceField(label=Kind.TEAM.label, required=False)
    do_topic = forms.ChoiceField(label=Kind.TOPIC.label, required=False)
    do_priority = forms.ChoiceField(label=Kind.PRIORITY.label, required=False)
    do_add_tags = forms.CharField(label=Kind.ADD_TAGS.label, required=False, max_length=400)
    do_remove_tags = forms.CharField(label=Kind.REMOVE_TAGS.label, required=False, max_length=400)
    do_snooze = forms.ChoiceField(label=Kind.SNOOZE.label, required=False)
    do_spam = forms.ChoiceField(label=Kind.SPAM.label, required=False)
    do_follow = forms.ChoiceField(label=Kind.FOLLOW.label, required=False)
    do_note = forms.CharField(
        label=Kind.NOTE.label, required=False, max_length=LONGEST, widget=forms.Textarea, strip=False
    )

    def __init__(self, *args: object, person: Staff, **more: object) -> None:
        super().__init__(*args, **more)  # type: ignore[arg-type]
        spam = [(YES, _("Put aside as spam"))]
        if person.has(Permission.SPAM_RELEASE):
            spam.append((NO, _("Not spam")))
        known: dict[str, list[tuple[str, Any]]] = {
            Kind.STATUS: [one for one in Status.choices if one[0] != Status.NEW],
            Kind.ASSIGNEE: [(ME, _("Me")), (NOBODY, _("Nobody")), *_people()],
            Kind.TEAM: [(NOBODY, _("No team")), *_teams(person)],
            Kind.TOPIC: [(NOBODY, _("No topic")), *((one.slug, one.name) for one in cases.topics())],
            Kind.PRIORITY: list(Priority.choices),
            Kind.SNOOZE: [(one.code, one.label) for one in snoozes.presets()],
            Kind.SPAM: spam,
            Kind.FOLLOW: [(YES, pgettext_lazy("action on a ticket", "Follow it"))],
        }
        for kind, choices in known.items():
            label = self.fields[BEGIN + kind].label
            self.fields[BEGIN + kind] = forms.ChoiceField(label=label, choices=[NOTHING, *choices], required=False)

    @property
    def action_fields(self) -> list[forms.BoundField]:
        """The fields of actions, for the template."""
        return [field for field in self if field.name.startswith(BEGIN)]

    @property
    def actions(self) -> tuple[Action, ...]:
        """What was chosen."""
        given = {kind: str(self.cleaned_data.get(BEGIN + kind) or "").strip() for kind in Kind.values}
        return tuple(Action(kind, value) for kind, value in given.items() if value)


def initial_of(actions: tuple[Action, ...]) -> dict[str, str]:
    """Return actions as the form begins with them."""
    return {BEGIN + action.kind: action.value for action in actions}


def _people() -> list[tuple[str, str]]:
    repliers = [role for role, rights in ROLE_PERMISSIONS.items() if Permission.TICKET_REPLY in rights]
    staff = Staff.objects.filter(is_active=True, role__in=repliers).order_by("name")
    return list(staff.values_list("public_id", "name"))


def _teams(person: Staff) -> list[tuple[str, str]]:
    return list(Team.objects.visible_to(person).order_by("name").values_list("slug", "name"))
