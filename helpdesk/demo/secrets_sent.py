"""Secrets as customers mail them by mistake: well-formed, made from the demo's seed, worth nothing."""

from random import Random

from mnemonic import Mnemonic

_ENGLISH = Mnemonic("english")


def seed_phrase(random: Random) -> str:
    """Return twelve English words with a right BIP-39 checksum."""
    return str(_ENGLISH.to_mnemonic(random.randbytes(16)))


def card_number(random: Random) -> str:
    """Return sixteen digits with a right Luhn check digit (ISO/IEC 7812-1), from a range issued to nobody."""
    digits = [4, 0, 0, 0, 0, 0] + [random.randint(0, 9) for _ in range(9)]
    doubled = [digit * 2 - 9 * (digit > 4) if place % 2 == 0 else digit for place, digit in enumerate(digits)]
    number = "".join(map(str, [*digits, -sum(doubled) % 10]))
    return " ".join(number[start : start + 4] for start in range(0, 16, 4))
