"""Asking the exchange to notify a customer in its own app."""

from dataclasses import dataclass
from urllib.parse import quote

from security.exchange import client
from security.exchange.client import ExchangeAway

KIND = "chat.unread"
# What asking again does not change: malformed, no such account, another content under this id, refused.
REFUSED = (400, 404, 409, 422)


@dataclass(frozen=True, slots=True)
class Call:
    """What the exchange is told: the same each time it is asked."""

    account_id: str
    push: str
    conversation: str
    unread: int


@dataclass(frozen=True, slots=True)
class Answered:
    """Whether the exchange has it, whether that is its last word, and what went wrong."""

    is_good: bool
    is_final: bool
    error: str = ""


def notify(call: Call) -> Answered:
    """Say that something is unread, how much, and where: never what (docs/exchange-gateway.md)."""
    body = {"id": call.push, "kind": KIND, "conversation": call.conversation, "count": call.unread}
    try:
        answer = client.post(f"/accounts/{quote(call.account_id, safe='')}/notifications", body)
    except ExchangeAway as away:
        return Answered(is_good=False, is_final=False, error=str(away))
    is_final = answer.is_good or answer.status in REFUSED
    return Answered(is_good=answer.is_good, is_final=is_final, error="" if answer.is_good else str(answer.status))
