"""Translation of drafts by a machine: a hook. What it makes is marked, and a person reviews it like any other draft."""

from typing import Protocol

from django.conf import settings
from django.utils.module_loading import import_string

from kb.services.writing import Wording


class Translator(Protocol):
    """What settings.KB_MACHINE_TRANSLATION names, as `module:class`."""

    def translate(self, wording: Wording, *, source: str, target: str) -> Wording:
        """Return the wording in the language `target`; Markdown stays Markdown."""
        ...


def is_there() -> bool:
    """Whether a machine is configured."""
    return bool(settings.KB_MACHINE_TRANSLATION)


def translated(wording: Wording, *, source: str, target: str) -> Wording:
    """Ask the machine; raises what it raises."""
    made: Translator = import_string(settings.KB_MACHINE_TRANSLATION.replace(":", "."))()
    return made.translate(wording, source=source, target=target)
