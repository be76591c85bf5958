"""Articles that may answer what a visitor is about to ask: a hook for the help centre, which fills it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.utils.module_loading import import_string

MOST = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked: the topic's short name, the words as masked, and the reader's language."""

    topic: str
    text: str
    language: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """One article: its title, its address on our own site, and by which id it is told that it solved the question."""

    title: str
    url: str
    id: str = ""


Provider = Callable[[Question], Sequence[Suggestion]]


def nothing(_question: Question) -> Sequence[Suggestion]:
    """Suggest nothing: there is no help centre yet."""
    return ()


def suggest(*, question: Question) -> tuple[Suggestion, ...]:
    """Return up to three articles of the provider that settings.CHAT_SUGGESTIONS names."""
    provider: Provider = import_string(settings.CHAT_SUGGESTIONS)
    return tuple(provider(question))[:MOST]
