"""What follows a commit on this floor: sockets of an ended session hear of it, the exchange is asked, files go."""

from collections.abc import Iterable
from pathlib import Path

from core import broadcast, doorbell
from core.after_commit import after_commit
from security.delivery import freezes, fund_orders


def sessions_ended(public_ids: Iterable[str]) -> None:
    """Tell every socket of these sessions to close; one that misses it re-reads its session within seconds."""
    for public_id in public_ids:
        after_commit("session ended", broadcast.publish, f"session.{public_id}", {"type": "session.revoked"})


def freeze_ordered(order_pk: int) -> None:
    """Tell the exchange at once, whatever waits for the workers; what it does not answer is asked for again."""
    after_commit("freeze ordered", freezes.deliver, order_pk)


def fund_order_made(order_pk: int) -> None:
    """Ask the exchange at once; what it does not answer is asked for again."""
    after_commit("fund order made", fund_orders.deliver, order_pk)


def fund_step_made(step_pk: int) -> None:
    """Have what happened to an action told on; what nobody hears is rung for again."""
    after_commit("fund step made", doorbell.ring_now, fund_orders.TELL_STEP, step_pk)


def review_document_removed(path: Path) -> None:
    """Delete the file, which nobody opens any more: its key is gone."""
    after_commit("review document removed", path.unlink, missing_ok=True)
