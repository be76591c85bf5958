"""What the modules of this package answer: an address as it is written canonically, or why it is none."""

from dataclasses import dataclass, field

from django.utils.translation import gettext_lazy as _


class NotAnAddressError(Exception):
    """Not an address of this network; `sentence` says more where more is known."""

    def __init__(self, sentence: object = "") -> None:
        super().__init__(str(sentence))
        self.sentence = sentence


@dataclass(frozen=True, slots=True)
class Read:
    """One address: how it is written, and what whoever sends there should know."""

    text: str
    notes: tuple[str, ...] = field(default=())


TESTNET = _("This is an address of a test network: what is sent there is worth nothing. Use one of the real network.")
