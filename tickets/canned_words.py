"""Placeholders of canned replies: a closed list, replaced once. Nothing that people write is ever a template."""

import re
from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

PLACEHOLDERS: Mapping[str, object] = {
    "customer": _("the customer's first name"),
    "number": _("the ticket's number"),
    "subject": _("the ticket's subject"),
    "agent": _("the agent's first name"),
    "missing": _("what the guided form asked and nobody answered, one a line"),
}
_PLACE = re.compile(r"\{([A-Za-z_]{1,30})\}")


def unknown(text: str) -> list[str]:
    """Return the placeholders of a text that there are not."""
    return sorted({name for name in _PLACE.findall(text) if name not in PLACEHOLDERS})


def filled(text: str, values: Mapping[str, str]) -> str:
    """Put the values in; what a value says is not read again, and what is unknown stays as it is written."""
    return _PLACE.sub(lambda found: values.get(found[1], found[0]), text)
