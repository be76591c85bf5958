"""App configuration of the ground floor."""

from django.apps import AppConfig


class CoreConfig(AppConfig):
    """The ground floor."""

    name = "core"
    verbose_name = "Core"
