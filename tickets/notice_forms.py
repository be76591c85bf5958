"""The form in which people say how they want to be told."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _

from tickets.models.staff_notice import Digest, NoticeKind


class NoticeForm(forms.Form):
    """Which things are shown, pushed and mailed, and how often a mail comes."""

    shown = forms.MultipleChoiceField(choices=NoticeKind.choices, required=False)
    pushed = forms.MultipleChoiceField(choices=NoticeKind.choices, required=False)
    mailed = forms.MultipleChoiceField(choices=NoticeKind.choices, required=False)
    digest = forms.ChoiceField(choices=Digest.choices, required=False)

    def clean(self) -> dict[str, Any]:
        """Refuse mails without an hour to send them."""
        given = super().clean() or self.cleaned_data
        if given.get("mailed") and not given.get("digest"):
            self.add_error("digest", _("Choose how often the mail comes."))
        return given

    @property
    def rows(self) -> list[dict[str, Any]]:
        """One row for each kind: its name, and whether it is ticked in each column."""
        ticked = {name: set(self[name].value() or ()) for name in ("shown", "pushed", "mailed")}
        return [
            {"kind": str(kind), "name": kind.label, **{name: str(kind) in on for name, on in ticked.items()}}
            for kind in NoticeKind
        ]
