"""The form of a canned reply, or of a macro, at the desk."""

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from accounts.models import Staff, Team
from accounts.permissions import Permission
from tickets.action_forms import ActionFields
from tickets.models import CannedReply
from tickets.services.canned import Wording

OWN, ALL = "own", "all"


class CannedForm(ActionFields):
    """Shortcut, title, texts and actions; whose it is, is said once."""

    shortcut = forms.CharField(
        label=_("Shortcut"), max_length=40,
        validators=[RegexValidator(r"^[a-z0-9][a-z0-9-]*$", _("Small letters, digits and hyphens."))],
    )  # fmt: skip
    title = forms.CharField(label=_("Title"), max_length=80)
    scope = forms.ChoiceField(label=_("For whom"), choices=())
    text = forms.CharField(label=_("Text"), max_length=5000, widget=forms.Textarea, strip=False, required=False)
    text_zh_hans = forms.CharField(
        label=_("Text in Chinese"), max_length=5000, widget=forms.Textarea, strip=False, required=False
    )
    is_active = forms.BooleanField(label=_("In use"), required=False, initial=True)

    def __init__(self, *args: object, person: Staff, reply: CannedReply | None = None, **more: object) -> None:
        super().__init__(*args, person=person, **more)
        if reply is not None:
            del self.fields["scope"]
            return
        choices: list[tuple[str, object]] = [(OWN, _("Only for me"))]
        if person.has(Permission.CANNED_MANAGE):
            choices += [(ALL, _("Everybody"))]
            choices += [(team.slug, team.name) for team in Team.objects.visible_to(person).order_by("name")]
        self.fields["scope"] = forms.ChoiceField(label=_("For whom"), choices=choices)

    @property
    def wording(self) -> Wording:
        """What was filled in."""
        names = ("shortcut", "title", "text", "text_zh_hans", "is_active")
        return Wording(**{name: self.cleaned_data[name] for name in names}, actions=self.actions)

    @property
    def text_fields(self) -> list[forms.BoundField]:
        """The fields beside the actions, for the template."""
        return [field for field in self if field not in self.action_fields]

    @property
    def is_own(self) -> bool:
        """Whether it is for the person alone."""
        return bool(self.cleaned_data["scope"] == OWN)

    @property
    def team(self) -> Team | None:
        """Return the team that was chosen, if one was."""
        return Team.objects.filter(slug=self.cleaned_data["scope"]).first()
