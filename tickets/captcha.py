"""The place for a captcha in the public form: none by default; `CONTACT_CAPTCHA` names a class that brings one."""

from typing import Protocol

from django.conf import settings
from django.http import HttpRequest
from django.utils.module_loading import import_string
from django.utils.safestring import SafeString


class Captcha(Protocol):
    """What the class must offer; it is made anew for each request."""

    def html(self, request: HttpRequest) -> SafeString:
        """Return what stands above the button."""
        ...

    def is_passed(self, request: HttpRequest) -> bool:
        """Whether the POST carries a right answer."""
        ...


def html(request: HttpRequest) -> str:
    """Return what stands above the button, or nothing."""
    found = _found()
    return found.html(request) if found else ""


def is_passed(request: HttpRequest) -> bool:
    """Whether the message may be taken, as far as a captcha is concerned."""
    found = _found()
    return found is None or found.is_passed(request)


def _found() -> Captcha | None:
    made: Captcha | None = import_string(settings.CONTACT_CAPTCHA)() if settings.CONTACT_CAPTCHA else None
    return made
