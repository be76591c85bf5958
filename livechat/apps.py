"""App configuration of the live chat floor."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LivechatConfig(AppConfig):
    """The live chat floor."""

    name = "livechat"
    verbose_name = _("Live chat")

    def ready(self) -> None:
        """Let the content origin show visitors the files of their own conversations."""
        from livechat.selectors import files  # noqa: PLC0415 -- once models exist
        from livechat.views import content  # noqa: PLC0415 -- once models exist
        from tickets.views.content import OTHERS_DOORS  # noqa: PLC0415 -- once models exist

        OTHERS_DOORS[files.FILE] = content.file
        OTHERS_DOORS[files.PREVIEW] = content.preview
