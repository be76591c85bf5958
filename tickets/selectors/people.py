"""People as the desk shows them."""

import unicodedata
import zlib
from dataclasses import dataclass

from django.conf import settings
from django.db.models import Exists, OuterRef

from accounts.masking import masked
from accounts.models import Customer, Staff
from accounts.models.staff import initials as staff_initials
from tickets.models import Ticket

HUES = 8
# Letters and digits of other scripts that pass for a Latin one, in small or in capital letters (after UTS #39).
_PASSES_FOR = {
    "a": "аα4", "b": "вβ8", "c": "сϲ", "d": "ԁ", "e": "еε3", "h": "һнηհ", "i": "іι1!|", "j": "ј", "k": "кκ", "m": "мμ",
    "n": "ոν", "o": "оοօ0", "p": "рρ", "q": "ԛ", "r": "гʀ", "s": "ѕꜱσς5$", "t": "тτ7", "u": "υս", "w": "ԝω", "x": "хχ",
    "y": "уγ", "z": "ζ",
}  # fmt: skip
_LATIN = str.maketrans({alike: letter for letter, letters in _PASSES_FOR.items() for alike in letters})


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


def known_to(person: Staff, public_id: str) -> Customer | None:
    """Return the customer if `person` may see a ticket that is proven to be theirs."""
    theirs = Ticket.objects.visible_to(person).filter(requester=OuterRef("pk"), is_requester_proven=True)
    return Customer.objects.filter(Exists(theirs), public_id=public_id).first()


def staff_shown(person: Staff | None, *, me: Staff | None = None) -> PersonShown | None:
    """Shape a staff member; None stays None."""
    if person is None:
        return None
    return staff_named(person.public_id, person.name, is_me=me is not None and me.pk == person.pk)


def staff_named(public_id: str, name: str, *, is_me: bool = False) -> PersonShown:
    """Shape a staff member of whom only id and name were read."""
    return PersonShown(public_id, name, staff_initials(name), hue(public_id), is_me)


def customer_name(customer: Customer, address: str = "") -> str:
    """Return the name to show: what they call themselves, else their masked address."""
    return name_of_customer(customer.name, customer.public_id, address)


def name_of_customer(name: str, public_id: str, address: str) -> str:
    """Return the name to show of a customer of whom only these were read."""
    return shown_name(name) or masked_address(address) or public_id[:6]


def masked_address(address: str) -> str:
    """Return the masked address or number, which stands beside every name that customers give themselves."""
    return masked("email" if "@" in address else "phone", address) if address else ""


def shown_name(name: str) -> str:
    """Return the name somebody gives themselves, or nothing when it poses as us or hides an address (attack A10)."""
    poses = "@" in unicodedata.normalize("NFKC", name) or any(
        _as_it_looks(word) in _as_it_looks(name) for word in settings.PROTECTED_NAMES
    )
    return "" if poses else name


def _as_it_looks(name: str) -> str:
    """Fold what the eye does not tell apart: case, accents, spacing, unseen characters, letters of other scripts."""
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", name).casefold())
    return "".join(letter for letter in plain.translate(_LATIN) if letter.isalnum())


def initials(name: str) -> str:
    """Return up to two letters for an avatar."""
    parts = [part for part in name.split() if part[0].isalnum()]
    return "".join(part[0] for part in (parts[:1] + parts[1:][-1:])).upper()[:2] or "?"
