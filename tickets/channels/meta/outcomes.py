"""What an answer of the Graph API means for a message on its way, by Meta's lists of error codes."""

from typing import Final

from tickets.channels.meta.graph import Answer, spoken
from tickets.channels.social.shapes import WINDOW_OVER, Sent

NOT_REACHED: Final = "This customer cannot be reached: they have left, blocked us or do not take such messages."
BAD_TOKEN: Final = "Meta refuses the account's access token."  # noqa: S105 -- a sentence
LIMIT_REST_S: Final = 60.0

RATE_CODES: Final = frozenset({4, 17, 32, 613, 80007, 130429})
# Too many to one person: the others' messages go on.
PAIR_CODES: Final = frozenset({131056})
TOKEN_CODES: Final = frozenset({102, 190})
WINDOW_CODES: Final = frozenset({2018278, 131047})
NOT_REACHED_CODES: Final = frozenset({551, 1545041, 2018001, 131026, 131030})
PASSING_CODES: Final = frozenset({1, 2, 131000, 131016, 133004})
PERMISSION: Final = 10


def outcome(answer: Answer, external_id: str = "") -> Sent:
    """Return what became of a part that was handed over; `external_id` is its name when it was taken."""
    if answer.is_ok:
        return Sent("sent", external_id=external_id)
    codes = {answer.code, answer.subcode}
    if answer.status == 429 or codes & RATE_CODES:
        return Sent("retry", spoken(answer), retry_after_s=answer.retry_after_s or LIMIT_REST_S)
    if codes & PAIR_CODES:
        return Sent("retry", spoken(answer))
    if codes & TOKEN_CODES or answer.status == 401:
        return Sent("retry", BAD_TOKEN, is_channel_down=True)
    if sentence := refusal(answer.code, answer.subcode, answer.words):
        return Sent("failed", sentence)
    if answer.status >= 500 or codes & PASSING_CODES or answer.is_transient:
        return Sent("retry", spoken(answer))
    return Sent("failed", spoken(answer))


def refusal(code: int, subcode: int, words: str) -> str:
    """Return our own sentence for a no that staff meet often; empty for any other."""
    codes = {code, subcode}
    # The same code says that a permission is missing: its words tell.
    if codes & WINDOW_CODES or (code == PERMISSION and "window" in words.lower()):
        return WINDOW_OVER
    return NOT_REACHED if codes & NOT_REACHED_CODES else ""
