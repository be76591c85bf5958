"""App configuration of the live chat floor."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LivechatConfig(AppConfig):
    """The live chat floor."""

    name = "livechat"
    verbose_name = _("Live chat")
