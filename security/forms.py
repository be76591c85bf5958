"""Forms of signing in and of one's own account."""

import zoneinfo
from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from accounts.models import Staff
from core import web_push

# Longer passwords only cost the server time.
PASSWORD_MAX = 200
# What a browser gave us is nothing to send to.
BAD_DEVICE = _("This browser gave an address that cannot be used.")
# A sentence of Django that its own Chinese catalogue lacks; ours answers for it.
DJANGO_WORDS = (
    ngettext_lazy(
        "This password is too short. It must contain at least %d character.",
        "This password is too short. It must contain at least %d characters.",
        12,
    ),
)


class SignInForm(forms.Form):
    """Address and password; what is wrong with them is said in one sentence only."""

    email = forms.CharField(max_length=254)
    password = forms.CharField(max_length=PASSWORD_MAX, strip=False)


class CodeForm(forms.Form):
    """A code of the authenticator, or a recovery code."""

    code = forms.CharField(max_length=40)


class ProofForm(forms.Form):
    """The answer of a passkey (JSON of the browser), or a code."""

    # As much as the verifier's socket takes, with room for the rest of the message.
    response = forms.CharField(max_length=20_000, required=False)
    code = forms.CharField(max_length=40, required=False)

    def clean(self) -> dict[str, Any]:
        """Refuse an empty one, which is nobody's attempt."""
        cleaned = super().clean() or {}
        if not cleaned.get("response") and not cleaned.get("code"):
            raise forms.ValidationError(_("Nothing was answered."))
        return cleaned


class PasskeyForm(forms.Form):
    """A new passkey (JSON of the browser) and the name its owner gives it."""

    response = forms.CharField(max_length=20_000)
    label = forms.CharField(max_length=60, required=False)


class EmailForm(forms.Form):
    """An address."""

    email = forms.EmailField(max_length=254)


class NewPasswordForm(forms.Form):
    """A new password, typed twice, checked against `person`."""

    password = forms.CharField(max_length=PASSWORD_MAX, strip=False)
    password_again = forms.CharField(max_length=PASSWORD_MAX, strip=False)

    def __init__(self, *args: Any, person: Staff, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person = person

    def clean_password(self) -> str:
        """Refuse weak passwords."""
        password: str = self.cleaned_data["password"]
        validate_password(password, self.person)
        return password

    def clean(self) -> dict[str, Any]:
        """Refuse two different ones."""
        cleaned = super().clean() or {}
        first, again = cleaned.get("password"), cleaned.get("password_again")
        if first and again and first != again:
            self.add_error("password_again", _("The two passwords differ."))
        return cleaned


class InvitationForm(NewPasswordForm):
    """First name and password of an invited person."""

    field_order = ["name", "password", "password_again"]
    name = forms.CharField(max_length=80)


class ChangePasswordForm(NewPasswordForm):
    """A new password, with the present one as proof; passwords.prove checks and counts that."""

    current = forms.CharField(max_length=PASSWORD_MAX, strip=False)


class PreferencesForm(forms.Form):
    """One's own settings; a partial form changes only what it sends."""

    name = forms.CharField(max_length=80, required=False)
    locale = forms.ChoiceField(choices=settings.LANGUAGES, required=False)
    theme = forms.ChoiceField(choices=Staff.Theme.choices, required=False)
    time_zone = forms.ChoiceField(required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        time_zone = self.fields["time_zone"]
        if isinstance(time_zone, forms.ChoiceField):
            time_zone.choices = [(zone, zone) for zone in time_zones()]

    @property
    def given(self) -> dict[str, str]:
        """What was sent, cleaned; an empty value changes nothing."""
        return {name: value for name, value in self.cleaned_data.items() if value}


def time_zones() -> list[str]:
    """Return the names of the world's time zones, without aliases of old."""
    return sorted(zone for zone in zoneinfo.available_timezones() if zone == "UTC" or zone.partition("/")[0] in _AREAS)


_AREAS = {
    "Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific",
}  # fmt: skip


class PushDeviceForm(forms.Form):
    """A browser's subscription, as its Push API gives it: address, public key (a point of P-256) and secret."""

    endpoint = forms.CharField(max_length=2000)
    browser_key = forms.CharField(max_length=100)
    auth = forms.CharField(max_length=40)

    def clean_endpoint(self) -> str:
        """Refuse an address that is not https, or carries a name and password."""
        url = str(self.cleaned_data["endpoint"])
        parts = urlsplit(url)
        if parts.scheme != "https" or not parts.hostname or parts.username or parts.password or not url.isascii():
            raise forms.ValidationError(BAD_DEVICE)
        return url

    def clean_browser_key(self) -> str:
        """Refuse what is no point of the curve."""
        key = str(self.cleaned_data["browser_key"])
        if not web_push.is_browser_key(key):
            raise forms.ValidationError(BAD_DEVICE)
        return key

    def clean_auth(self) -> str:
        """Refuse a secret that is not of 16 bytes."""
        auth = str(self.cleaned_data["auth"])
        if not web_push.is_auth(auth):
            raise forms.ValidationError(BAD_DEVICE)
        return auth


class SeenDeviceForm(forms.Form):
    """What a browser is known by."""

    digest = forms.RegexField(r"^[0-9a-f]{64}\Z")
