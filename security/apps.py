"""App configuration of the security floor."""

from django.apps import AppConfig


class SecurityConfig(AppConfig):
    """The security floor."""

    name = "security"
    verbose_name = "Security"
