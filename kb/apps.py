"""App configuration of the help centre."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class KbConfig(AppConfig):
    """The help centre's floor."""

    name = "kb"
    verbose_name = _("Help centre")
