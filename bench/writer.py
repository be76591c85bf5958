"""`python -m bench.writer`: one agent's program that writes replies through the service as fast or as evenly as told.

Reads one JSON object from standard input, waits for a second line, writes replies, prints what was committed
when as JSON: [[ticket, seq, seconds of the machine's monotonic clock], …]. A process of its own, because one
process cannot keep the socket server busy.
"""

import json
import sys
import time
from dataclasses import asdict, dataclass
from typing import Any

import django

# A program of its own; the bench that starts it has done this already.
django.setup()

from django.db import connection, connections, transaction  # noqa: E402 -- settings first

from accounts.models import Staff  # noqa: E402 -- settings first
from core.after_commit import after_commit  # noqa: E402 -- settings first
from tickets.models import Ticket  # noqa: E402 -- settings first
from tickets.services import replies  # noqa: E402 -- settings first
from tickets.services.senders import Sender  # noqa: E402 -- settings first

HINTS_LEAVE_S = 0.5


@dataclass(frozen=True)
class Order:
    """What to write: on these tickets in turns, `count` replies, at `per_s` a second (0: without a pause)."""

    database: str
    author: int
    tickets: list[int]
    count: int
    per_s: float
    channel: str = "email"

    def json(self) -> str:
        """One line."""
        return json.dumps(asdict(self)) + "\n"


def words_of(ticket: str, number: int) -> str:
    """Return what the writer's reply of this number says."""
    return f"It is on its way. {ticket}/{number}"


def write(order: Order) -> list[tuple[str, int, float]]:
    """Write them all; `replies.add` has audit and outbox in the same transaction."""
    author = Staff.objects.get(pk=order.author)
    tickets = list(Ticket.objects.filter(pk__in=order.tickets))
    done: list[tuple[str, int, float]] = []
    began = time.monotonic()
    for number in range(order.count):
        if order.per_s:
            time.sleep(max(0.0, began + number / order.per_s - time.monotonic()))
        ticket = tickets[number % len(tickets)]
        committed: list[float] = []
        with transaction.atomic():
            # Runs first of all that is done after the commit: before the hint is published.
            after_commit("bench", _note, committed)
            message = replies.add(
                ticket=ticket,
                sender=Sender.of_staff(author),
                channel=order.channel,
                words=replies.Words(text=words_of(ticket.public_id, number)),
            )
        done.append((ticket.public_id, message.seq, committed[0]))
    return done


def _note(committed: list[float]) -> None:
    committed.append(time.monotonic())


def main() -> None:
    """Get ready, wait for the word, write, report."""
    given: dict[str, Any] = json.loads(sys.stdin.readline())
    order = Order(**given)
    connections.settings["default"]["NAME"] = order.database
    connection.ensure_connection()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    sys.stdout.write(json.dumps(write(order)) + "\n")
    sys.stdout.flush()
    sys.stdin.readline()
    # The last hints leave through a thread that ends with this process.
    time.sleep(HINTS_LEAVE_S)


if __name__ == "__main__":
    main()
