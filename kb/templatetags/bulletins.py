"""`{% running_bulletins as bulletins %}`: what stands above every page of customers now, in the page's language."""

import time

from django import template
from django.conf import settings
from django.utils.translation import get_language

from kb import languages
from kb.selectors import bulletins
from kb.selectors.bulletins import Shown

register = template.Library()
# By language: until when it is kept in this process, by its own clock, and what was found.
_kept: dict[str, tuple[float, list[Shown]]] = {}


@register.simple_tag
def running_bulletins(language: str = "") -> list[Shown]:
    """Return at most three, the worst first, seconds old; `language` where the page is not in that of its words."""
    code = languages.nearest(language or get_language() or languages.SOURCE)
    until, found = _kept.get(code, (0.0, []))
    if time.monotonic() >= until:
        found = bulletins.running(code)
        _kept[code] = (time.monotonic() + settings.KB_BULLETINS_KEPT_S, found)
    return found
