"""How long a text is as SMS: by the short alphabet, else by UCS-2; and the pieces that a provider takes."""

from typing import Final

from tickets.channels.social.cutting import pieces, utf16_units
from tickets.sms_alphabet import BASIC, EXTENDED

# A message to the provider is at most ten SMS, whatever falls on the border of two.
LONGEST_PLAIN, LONGEST_WIDE = 1500, 650
_PLAIN: Final = frozenset(BASIC + EXTENDED)


def parts(text: str) -> list[str]:
    """Cut a text into messages of at most ten SMS each.

    One character that the alphabet has not makes each SMS hold less than half.
    """
    if _PLAIN.issuperset(text):
        return pieces(text, LONGEST_PLAIN, lambda character: 2 if character in EXTENDED else 1)
    return pieces(text, LONGEST_WIDE, utf16_units)
