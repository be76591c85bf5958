"""Names of channel groups."""


def ticket_group(public_id: str) -> str:
    """Group of staff sockets that look at one ticket."""
    return f"ticket.{public_id}.staff"


def queue_group(team_id: int | None) -> str:
    """Group of staff sockets that may see one team's queue; 0 is the queue of no team."""
    return f"queue.{team_id or 0}"
