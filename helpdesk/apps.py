"""App configuration of the roof: commands, demo pages, and the Celery application that `ring` uses."""

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig
from django.core.checks import Tags, register

from helpdesk import exchange_settings


class HelpdeskConfig(AppConfig):
    """Composition root."""

    name = "helpdesk"
    verbose_name = "Pharos"

    def ready(self) -> None:
        """Make our Celery application the current one in every process."""
        from helpdesk.celery import app  # noqa: PLC0415 -- settings must be ready first

        app.set_default()
        register(exchange_settings.check, Tags.security, deploy=True)


class PharosAdminConfig(AdminConfig):
    """Makes PharosAdminSite the default site."""

    default_site = "helpdesk.administration.PharosAdminSite"
