"""Forms of what is kept to begin with: checklists."""

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Staff, Team
from accounts.permissions import Permission
from tickets.models import ChecklistTemplate
from tickets.services.checklists import Wording

OWN, ALL = "own", "all"
MOST_TEXT = 12_000


class KeptForm(forms.Form):
    """A name, and whose it is, which is said once."""

    name = forms.CharField(label=_("Name"), max_length=60)
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
