"""Colleagues whom a note mentions: `@` with their name, or with what stands before the `@` of their address."""

import re
from collections.abc import Iterable

from accounts.models import Staff
from tickets.models import Ticket

MARK = "@"
MOST = 20


def mentioned(text: str, *, ticket: Ticket) -> list[Staff]:
    """Return those whom a note's text names and who may see the ticket, at most 20.

    Of two names that begin alike the longer one is meant; a name that two people have means both. Case does not matter.
    """
    if MARK not in text:
        return []
    people = Staff.objects.filter(is_active=True)
    named = named_in(text, people)
    return [one for one in named[:MOST] if Ticket.objects.visible_to(one).filter(pk=ticket.pk).exists()]


def named_in(text: str, people: Iterable[Staff]) -> list[Staff]:
    """Return those of `people` whom a text names."""
    handles: dict[str, list[Staff]] = {}
    for one in people:
        for handle in {" ".join(one.name.casefold().split()), one.email.partition("@")[0].casefold()}:
            handles.setdefault(handle, []).append(one)
    handles.pop("", None)
    if not handles:
        return []
    longest_first = "|".join(re.escape(handle) for handle in sorted(handles, key=len, reverse=True))
    # Not within a word, as in an address of mail; behind the name may stand what no Latin name goes on with.
    pattern = re.compile(rf"(?<![\w@.]){MARK}({longest_first})(?![.-]?[a-z0-9_\u00c0-\u024f]|@)")
    found = pattern.findall(" ".join(text.casefold().split()))
    return sorted({one.pk: one for handle in found for one in handles[handle]}.values(), key=lambda one: one.pk)
