"""App configuration of the security floor."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SecurityConfig(AppConfig):
    """The security floor."""

    name = "security"
    verbose_name = _("Security")

    def ready(self) -> None:
        """Register how the API's description names our authentication."""
        from security.api import schema  # noqa: F401, PLC0415 -- imported for its registration, once models exist
