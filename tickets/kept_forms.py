"""Forms of what is kept to begin with: checklists and ticket templates."""

from collections.abc import Mapping, Sequence

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Staff, Team
from accounts.permissions import Permission
from tickets.models import ChecklistTemplate, TicketTemplate, Topic
from tickets.models.ticket import Priority
from tickets.services import ticket_templates
from tickets.services.checklists import Wording

OWN, ALL = "own", "all"
MOST_TEXT = 12_000


class KeptForm(forms.Form):
    """A name, and whose it is, which is said once."""

    name = forms.CharField(label=pgettext_lazy("name of a template", "Name"), max_length=60)
    scope = forms.ChoiceField(label=_("For whom"), choices=())

    def __init__(self, *args: object, person: Staff, is_new: bool = True, **more: object) -> None:
        super().__init__(*args, **more)  # type: ignore[arg-type]
        if not is_new:
            del self.fields["scope"]
            return
        choices: list[tuple[str, object]] = [(OWN, _("Only for me"))]
        if person.has(Permission.CANNED_MANAGE):
            choices += [(ALL, _("Everybody"))]
            choices += [(team.slug, team.name) for team in Team.objects.visible_to(person).order_by("name")]
        self.fields["scope"] = forms.ChoiceField(label=_("For whom"), choices=choices)

    @property
    def is_shared(self) -> bool:
        """Whether it is for others, too."""
        return bool(self.cleaned_data["scope"] != OWN)

    @property
    def team(self) -> Team | None:
        """Return the team that was chosen, if one was."""
        return Team.objects.filter(slug=self.cleaned_data["scope"]).first() if self.is_shared else None


class ChecklistForm(KeptForm):
    """A checklist: one item a line."""

    items = forms.CharField(
        label=_("Items, one a line"), max_length=MOST_TEXT, widget=forms.Textarea, help_text=_("At most 50.")
    )
    name_zh_hans = forms.CharField(label=_("Name in Chinese"), max_length=60, required=False)
    items_zh_hans = forms.CharField(
        label=_("Items in Chinese, one a line"),
        max_length=MOST_TEXT,
        widget=forms.Textarea,
        required=False,
        help_text=_("In the same order, as many as above, or none."),
    )
    is_needed = forms.BooleanField(label=_("Must be done to resolve a ticket"), required=False)

    @classmethod
    def initial_of(cls, row: ChecklistTemplate) -> dict[str, object]:
        """Return what the form of this one begins with."""
        texts = {name: "\n".join(getattr(row, name)) for name in ("items", "items_zh_hans")}
        return {"name": row.name, "name_zh_hans": row.name_zh_hans, "is_needed": row.is_needed, **texts}

    def wording(self) -> Wording:
        """Return what was filled in."""
        given = self.cleaned_data
        return Wording(
            name=given["name"],
            name_zh_hans=given["name_zh_hans"],
            items=given["items"].splitlines(),
            items_zh_hans=given["items_zh_hans"].splitlines(),
            is_needed=given["is_needed"],
        )


class TemplateForm(KeptForm):
    """A ticket template; custom fields stand beside it."""

    subject = forms.CharField(label=_("Subject"), max_length=250, required=False)
    text = forms.CharField(label=_("What they said"), max_length=10_000, widget=forms.Textarea, required=False)
    topic = forms.ModelChoiceField(
        Topic.objects.filter(parent__isnull=False, is_active=True),
        label=_("Topic"),
        to_field_name="slug",
        required=False,
        empty_label=_("No topic"),
    )
    to_team = forms.ModelChoiceField(
        Team.objects.none(), label=_("Team"), to_field_name="slug", required=False, empty_label=_("No team")
    )
    priority = forms.ChoiceField(label=_("Priority"), choices=Priority.choices, initial=Priority.NORMAL)
    tags = forms.CharField(label=_("Tags"), max_length=800, required=False, help_text=_("Separated by commas."))
    checklist = forms.ModelChoiceField(
        ChecklistTemplate.objects.none(),
        label=_("Checklist"),
        to_field_name="public_id",
        required=False,
        empty_label=_("No checklist"),
    )

    def __init__(self, *args: object, person: Staff, is_new: bool = True, **more: object) -> None:
        super().__init__(*args, person=person, is_new=is_new, **more)
        offer(self, "to_team", Team.objects.visible_to(person).order_by("name"))
        offer(self, "checklist", ChecklistTemplate.objects.usable_by(person).order_by("name"))

    @classmethod
    def initial_of(cls, row: TicketTemplate) -> dict[str, object]:
        """Return what the form of this one, and that of a new ticket, begin with."""
        return {
            "name": row.name,
            "subject": row.subject,
            "text": row.text,
            "topic": row.topic.slug if row.topic else "",
            "to_team": row.to_team.slug if row.to_team else "",
            "priority": row.priority,
            "tags": ", ".join(row.tags),
            "checklist": row.checklist.public_id if row.checklist else "",
        }

    def wording(self, values: Mapping[str, Sequence[str]]) -> ticket_templates.Wording:
        """Return what was filled in, with custom fields."""
        names = ("name", "subject", "text", "topic", "to_team", "priority", "checklist")
        given = {name: self.cleaned_data[name] for name in names}
        return ticket_templates.Wording(**given, tags=self.cleaned_data["tags"].split(","), values=values)


def offer(form: forms.Form, name: str, rows: "QuerySet[Team] | QuerySet[ChecklistTemplate]") -> None:
    """Let a field of a form be chosen among these rows."""
    chosen = form.fields[name]
    if isinstance(chosen, forms.ModelChoiceField):
        chosen.queryset = rows
