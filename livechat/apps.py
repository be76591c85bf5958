"""App configuration of the live chat floor."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LivechatConfig(AppConfig):
    """The live chat floor."""

    name = "livechat"
    verbose_name = _("Live chat")

    def ready(self) -> None:
        """Let the content origin show visitors their own files; hear from the desk's sockets who is there."""
        # Models are not there before.
        from kb import live  # noqa: PLC0415 -- as said
        from livechat.selectors import files, waiting, workload  # noqa: PLC0415 -- as said
        from livechat.services import bots, continuing, presence, pushes  # noqa: PLC0415 -- as said
        from livechat.views import content  # noqa: PLC0415 -- as said
        from tickets import socket_rounds  # noqa: PLC0415 -- as said
        from tickets.selectors import assignment  # noqa: PLC0415 -- as said
        from tickets.services import corrections, merging, replies  # noqa: PLC0415 -- as said
        from tickets.views.content import OTHERS_DOORS  # noqa: PLC0415 -- as said

        for owe in (continuing.owe, pushes.owe):
            if owe not in replies.chat_answered:
                replies.chat_answered.append(owe)
        if bots.corrected not in corrections.chat_corrected:
            corrections.chat_corrected.append(bots.corrected)
        if waiting.ways not in live.asked:
            live.asked.append(waiting.ways)
        if waiting.is_open_on not in merging.in_talk:
            merging.in_talk.append(waiting.is_open_on)
        OTHERS_DOORS[files.FILE] = content.file
        OTHERS_DOORS[files.PREVIEW] = content.preview
        assignment.in_hand[assignment.CHAT] = workload.in_hand
        if workload.ringing not in assignment.found_elsewhere:
            assignment.found_elsewhere.append(workload.ringing)
        if presence.heard_from not in socket_rounds.attended:
            socket_rounds.attended.append(presence.heard_from)
