"""Which bots there are: our own one, and those that settings.CHAT_BOTS names."""

from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext_lazy as _

GREETER = "greeter"


@dataclass(frozen=True, slots=True)
class Registered:
    """One bot: its short name, its name for people, and where it is. One of others runs in a process of its own."""

    slug: str
    name: object
    path: str
    is_ours: bool = False


def all_of_them() -> dict[str, Registered]:
    """Return every bot by its short name; what is ours cannot be replaced."""
    others = {slug: Registered(slug, one["name"], one["path"]) for slug, one in settings.CHAT_BOTS.items()}
    ours = Registered(GREETER, _("Assistant"), "livechat.bots.greeter:Greeter", is_ours=True)
    return {**others, GREETER: ours}


def choices() -> list[tuple[str, object]]:
    """Return them for a form, none first."""
    return [("", _("None: people answer")), *((one.slug, one.name) for one in all_of_them().values())]


def get(slug: str) -> Registered | None:
    """Return one, if it is (still) there."""
    return all_of_them().get(slug) if slug else None
