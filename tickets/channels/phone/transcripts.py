"""Writing down what was said, by a machine: a hook. None is configured by default; what it writes is a note for us."""

from typing import Final, Protocol

from django.conf import settings
from django.utils.module_loading import import_string

# Whose note it is.
NAME: Final = "Transcript"
MOST_CHARS: Final = 20_000


class Transcriber(Protocol):
    """What settings.PHONE_TRANSCRIPTION names, as `module:class`."""

    def transcribe(self, content: bytes, *, language: str) -> str:
        """Return the words of an MP3; `language` is a code of ours, or empty. Whatever it raises is tried again."""
        ...


def is_there() -> bool:
    """Whether a machine is configured."""
    return bool(settings.PHONE_TRANSCRIPTION)


def of(content: bytes, *, language: str) -> str:
    """Ask the machine; raises what it raises. Without one there are no words."""
    if not is_there():
        return ""
    made: Transcriber = import_string(settings.PHONE_TRANSCRIPTION.replace(":", "."))()
    return made.transcribe(content, language=language).strip()[:MOST_CHARS]
