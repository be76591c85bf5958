"""People as the desk shows them."""

import unicodedata
import zlib
from dataclasses import dataclass

from django.conf import settings

from accounts.masking import masked
from accounts.models import Customer, Staff

HUES = 8


@dataclass(frozen=True, slots=True)
class PersonShown:
    """A staff member with avatar: initials and a stable hue 0–7."""

    public_id: str
    name: str
    initials: str
    hue: int
    is_me: bool = False


def hue(public_id: str) -> int:
    """Return a stable colour number for an id."""
    return zlib.crc32(public_id.encode()) % HUES


def staff_shown(person: Staff | None, *, me: Staff | None = None) -> PersonShown | None:
    """Shape a staff member; None stays None."""
    if person is None:
        return None
    return PersonShown(
        person.public_id,
        person.name,
        person.initials,
        hue(person.public_id),
        is_me=me is not None and me.pk == person.pk,
    )


def customer_name(customer: Customer, address: str = "") -> str:
    """Return the name to show: what they call themselves, else their masked address."""
    if name := shown_name(customer.name):
        return name
    return masked("email" if "@" in address else "phone", address) if address else customer.public_id[:6]


def shown_name(name: str) -> str:
    """Return the name somebody gives themselves, or nothing when it poses as us or hides an address (attack A10)."""
    folded = unicodedata.normalize("NFKC", name).casefold()
    poses = "@" in folded or any(word.casefold() in folded for word in settings.PROTECTED_NAMES)
    return "" if poses else name


def initials(name: str) -> str:
    """Return up to two letters for an avatar."""
    parts = [part for part in name.split() if part[0].isalnum()]
    return "".join(part[0] for part in (parts[:1] + parts[1:][-1:])).upper()[:2] or "?"
