"""The form of an iCal feed in the admin: an address, or a file."""

from typing import Any, ClassVar

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tickets.models import CalendarFeed
from tickets.sla import ical_dates

MAX_BYTES = 1024 * 1024


class CalendarFeedForm(forms.ModelForm):  # type: ignore[type-arg]
    """Whose dates these are, and where they come from."""

    file = forms.FileField(label=_("iCal file"), required=False, help_text=_("Read once, up to 1 MB."))

    class Meta:
        model = CalendarFeed
        fields: ClassVar[list[str]] = ["calendar", "name", "url"]

    def clean_file(self) -> bytes | None:
        """Return what the file says, if it is one that can be read."""
        given = self.cleaned_data["file"]
        if not given:
            return None
        if given.size > MAX_BYTES:
            raise forms.ValidationError(_("The file is larger than 1 MB."))
        content: bytes = given.read()
        today = timezone.now().date()
        ical_dates.closed_dates(content, today, today)
        return content

    def clean(self) -> dict[str, Any]:
        """One of both is given; a calendar that is open around the clock has no dates."""
        cleaned = super().clean() or {}
        calendar = cleaned.get("calendar") or (self.instance.calendar if self.instance.pk else None)
        if calendar is not None and calendar.is_always:
            self.add_error(None, _("A calendar that is open around the clock has no closed dates."))
        if "file" in cleaned and bool(cleaned["file"]) == bool(cleaned.get("url")) and not self._is_kept(cleaned):
            self.add_error(None, _("Give an address or a file."))
        return cleaned

    def _is_kept(self, cleaned: dict[str, Any]) -> bool:
        """Whether a file that was read before stays, and only the name changes."""
        return bool(self.instance.read_at) and not cleaned["file"] and not cleaned.get("url")
