"""What an answer of the provider means for a message on its way, by Twilio's list of error codes."""

from typing import Final

from tickets.channels.sms.client import Answer
from tickets.channels.social.shapes import STOPPED, Sent

BAD_TOKEN: Final = "The SMS provider refuses the account's token."  # noqa: S105 -- a sentence
BAD_SENDER: Final = "The SMS provider does not let this account send from its number."
NOT_REACHED: Final = "This number cannot be reached by SMS."
FILTERED: Final = "The network of this number has filtered the message out."
NO_COUNTRY: Final = "This account may not send to the country of this number."
LIMIT_REST_S: Final = 60.0

STOP_CODES: Final = frozenset({21610})
NOT_REACHED_CODES: Final = frozenset({21211, 21214, 21217, 21219, 21614, 21635, 30003, 30004, 30005, 30006})
FILTER_CODES: Final = frozenset({30007, 30034})
COUNTRY_CODES: Final = frozenset({21408, 21612})
SENDER_CODES: Final = frozenset({21212, 21606, 21659, 21660, 21661})
RATE_CODES: Final = frozenset({14107, 20429, 21611, 30001, 30022})
TOKEN_CODES: Final = frozenset({20003, 20005, 20404})


def outcome(answer: Answer, external_id: str) -> Sent:
    """Return what became of a part that was handed over; `external_id` is its name when it was taken."""
    if answer.is_ok:
        return Sent("sent", external_id=external_id)
    if answer.status == 429 or answer.code in RATE_CODES:
        return Sent("retry", answer.spoken, retry_after_s=answer.retry_after_s or LIMIT_REST_S)
    if answer.status == 401 or answer.code in TOKEN_CODES:
        return Sent("retry", BAD_TOKEN, is_channel_down=True)
    if answer.code in SENDER_CODES:
        return Sent("retry", BAD_SENDER, is_channel_down=True)
    if answer.status >= 500:
        return Sent("retry", answer.spoken)
    return Sent("failed", refusal(answer.code) or answer.spoken)


def refusal(code: int) -> str:
    """Return our own sentence for a no that staff meet often; empty for any other."""
    told = ((STOP_CODES, STOPPED), (NOT_REACHED_CODES, NOT_REACHED), (FILTER_CODES, FILTERED),
            (COUNTRY_CODES, NO_COUNTRY))  # fmt: skip
    return next((sentence for codes, sentence in told if code in codes), "")
