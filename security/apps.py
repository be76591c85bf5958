"""App configuration of the security floor."""

from django.apps import AppConfig


class SecurityConfig(AppConfig):
    """The security floor."""

    name = "security"
    verbose_name = "Security"

    def ready(self) -> None:
        """Register how the API's description names our authentication."""
        from security.api import schema  # noqa: F401, PLC0415 -- imported for its registration, once models exist
