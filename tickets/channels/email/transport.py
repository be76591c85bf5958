"""What sending a mail may come to; the transports (SMTP, postbox) answer with one of these."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

Fate = Literal["sent", "retry", "failed"]


@dataclass(frozen=True, slots=True)
class Envelope:
    """Who it is from and for on the wire; `sender` is the bounce address."""

    sender: str
    recipients: Sequence[str]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of it, and one sentence for staff; `refused` counts recipients that were turned down."""

    fate: Fate
    detail: str = ""
    refused: int = 0
    # The whole mail was handed over, and nobody said whether it was taken.
    is_unanswered: bool = False
    # The server could not be spoken to at all (not reached, no TLS that holds, no sign-in): nothing leaves by it.
    is_channel_down: bool = False


class Transport(Protocol):
    """Sends one mail; never raises for what a server answers."""

    def __call__(
        self, envelope: Envelope, raw: bytes, *, still_ours: Callable[[], bool], hand_over: Callable[[], bool]
    ) -> Outcome:
        """Ask `still_ours` before the mail leaves and stop, with `retry`, when another worker has taken over.

        A transport whose answer can get lost calls `hand_over` before the last byte, which counts, and stops likewise.
        """
