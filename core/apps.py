"""App configuration of the ground floor."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from core import memory


class CoreConfig(AppConfig):
    """The ground floor."""

    name = "core"
    verbose_name = _("Core")

    def ready(self) -> None:
        """Make every process give large blocks of memory back."""
        memory.return_large_blocks()
